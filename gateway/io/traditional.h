/* Simplified -> traditional characters by OpenCC (s2tw: the characters that readers in Taiwan and Hong Kong both know, never
 * other words, for names of units and offices stay names). The citizen pages write their sentences with it once at start, and names of the register
 * when they are shown; what a citizen typed is never changed. Not for two threads at once. */
#pragma once
#include "base/str.h"

struct traditional;
/* NULL when the dictionaries are missing; *error_r then says why (static text). */
struct traditional *traditional_open(const char **error_r) MUST_CHECK;
/* Appends s in traditional characters; s as it is when OpenCC refuses it. */
void traditional_run(struct traditional *t, struct str s, struct text *out);
void traditional_close(struct traditional **t); /* NULL inside is fine */
