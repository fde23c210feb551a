/* UTF-8 as RFC 3629 has it: no surrogates, nothing over U+10FFFF, shortest form only. */
#pragma once
#include "base/str.h"

bool utf8_valid(struct str s);   /* also false when it holds U+0000, which PostgreSQL text cannot */
size_t utf8_count(struct str s); /* code points of a valid text */
/* Decodes the code point at *at and moves *at behind it; -1 at the end or on a bad byte (moved by one). */
i64 utf8_next(struct str s, size_t *at);
void utf8_put(struct text *t, u32 code_point);
/* Bytes of the longest prefix with at most `points` code points. */
size_t utf8_prefix(struct str s, size_t points);
