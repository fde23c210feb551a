/* The parameters of a query as a handler of the staff's door reads them: decoded, bounded, judged, and refused with their name.
 * Called by gateway/staff*.c; what lists are narrowed by together is staff_filters.h. */
#pragma once
#include "staff_part.h"
#include "core/choice.h"
#include "core/choice.h"

/* One parameter, decoded; false when it is absent or empty. *bad_r: it is too long or no UTF-8. */
bool query_param(const struct http_in *in, const char *name, struct text *into, bool *bad_r) MUST_CHECK;
/* A value of the filter `which` that is none. */
void query_refuse(const struct staff_ask *a, const char *which);
/* A number of at most max; absent: *n_r stays as it is. False: refused. */
bool query_number(const struct staff_ask *a, const struct http_in *in, const char *name, u64 max,
                  u64 *n_r) MUST_CHECK;
/* The parameter "unit"; absent: 0. False: refused. */
bool query_unit(const struct staff_ask *a, const struct http_in *in, i64 *unit_r) MUST_CHECK;
/* The parameter "reason": why something confidential is looked at, at most 200 characters. It lives in `into`, which the caller frees
 * in any case; STR_NONE when it is absent or too short to be one. False: refused. */
bool query_look(const struct staff_ask *a, const struct http_in *in, struct text *into,
                struct str *look_r) MUST_CHECK;
/* A day "2026-03-18", days since 1970; false (and refused) when it is none. Absent: `otherwise`. */
bool query_day(const struct staff_ask *a, const struct http_in *in, const char *name, i64 otherwise,
               i64 *day_r) MUST_CHECK;
/* Index of a word of the table; -1: absent. False: refused. */
bool query_choice(const struct staff_ask *a, const struct http_in *in, const char *name,
                  const struct choice *words, size_t n, int *at_r) MUST_CHECK;
/* from and to (both inclusive days) as instants in China; defaults are wide open. False: refused. */
bool query_range(const struct staff_ask *a, const struct http_in *in, instant *from_r,
                 instant *to_r) MUST_CHECK;
