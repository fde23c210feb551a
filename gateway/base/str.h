/* Two shapes of text. `struct str` is a view: pointer and length, not terminated, owns nothing.
 * `struct text` is a growing buffer with a ceiling: what would pass the ceiling is left out and
 * `overflow` is set, so a caller checks once at the end and nothing grows without a bound. */
#pragma once
#include "base/base.h"
#include <stdarg.h>

struct str {
    const char *p;
    size_t n;
};
#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).n, (s).p

struct str str_of(const char *z); /* NULL gives STR_NONE */
bool str_eq(struct str a, struct str b);
bool str_eq_case(struct str a, struct str b); /* ASCII letters compare without case */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
int str_cmp(struct str a, struct str b); /* by bytes */
struct str str_trim(struct str s);       /* ASCII white space off both ends */
/* Cuts s at the first `sep`: *head before it, *tail after it. False (head = s, tail empty) when absent. */
bool str_cut(struct str s, char sep, struct str *head, struct str *tail);
/* Position of needle in s, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
/* Plain decimal digits only, no sign, no blanks; false when anything else or over `max`. */
bool str_u64(struct str s, u64 max, u64 *out_r) MUST_CHECK;

struct text {
    char *p;
    size_t n, cap, max;
    bool overflow;
};
void text_init(struct text *t, size_t max); /* nothing allocated yet */
void text_free(struct text *t);             /* empty again, same max */
void text_clear(struct text *t);            /* keeps the memory */
void text_add(struct text *t, struct str s);
void text_addz(struct text *t, const char *z);
void text_addc(struct text *t, char c);
void text_addf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_addfv(struct text *t, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
struct str text_str(const struct text *t);
const char *text_z(struct text *t); /* NUL-terminated; the NUL is not part of n */
