/* How people write the same character in many ways: full-width forms, odd blanks and dashes, characters
 * that cannot be seen. Telephone numbers, receipts, plaque numbers and the finder of personal data read
 * through this part, so they forgive the same things. It never changes a stored text. */
#pragma once
#include "base/str.h"

/* Full-width ASCII (U+FF01..U+FF5E) and the ideographic blank as plain ASCII; all else as it is. */
u32 glyph_fold(u32 c);
/* 0..9 for ASCII, full-width and mathematical digits, -1 for anything else. */
int glyph_digit(u32 c);
/* Takes no place on paper: zero-width, direction marks, variation selectors, keycap ring, soft hyphen, tags. */
bool glyph_invisible(u32 c);
bool glyph_blank(u32 c); /* any white space, line ends included */
bool glyph_dash(u32 c);  /* hyphens, dashes and the minus, of any width */
bool glyph_han(u32 c);   /* a Chinese character */

/* The next visible code point at *at, folded; *at moves behind it. -1 at the end. A bad byte counts as U+FFFD. */
i64 glyph_next(struct str s, size_t *at);
/* s without invisible characters and blanks at both ends. */
struct str glyph_trim(struct str s);
