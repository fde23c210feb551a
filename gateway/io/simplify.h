/* Traditional -> simplified Chinese by OpenCC (t2s, phrases before characters). One object per process; not for
 * two threads at once. The gateway hands it to core/normalise. */
#pragma once
#include "base/str.h"

struct simplify;
/* NULL when the dictionaries are missing; *error_r then says why (static text). */
struct simplify *simplify_open(const char **error_r) MUST_CHECK;
/* Appends the simplified text. False, with out as it was, when OpenCC refuses s or out is full. */
bool simplify_run(struct simplify *s, struct str in, struct text *out) MUST_CHECK;
void simplify_close(struct simplify **s); /* NULL inside is fine */
