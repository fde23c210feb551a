/* Instants and lengths of time are different types, so they cannot be mixed by mistake.
 * Only clock_now() and clock_monotonic() look at a clock; rules in core/ take `now` as a parameter. */
#pragma once
#include "base/base.h"

typedef struct {
    i64 us;
} instant; /* microseconds since 1970-01-01 00:00:00 UTC */
typedef struct {
    i64 us;
} span; /* microseconds */

#define SPAN_US(n)  ((span){(i64)(n)})
#define SPAN_MS(n)  ((span){(i64)(n)*1000})
#define SPAN_S(n)   ((span){(i64)(n)*1000000})
#define SPAN_MIN(n) SPAN_S((i64)(n)*60)
#define SPAN_H(n)   SPAN_S((i64)(n)*3600)

instant clock_now(void);       /* wall clock */
instant clock_monotonic(void); /* never goes back; only differences mean something */

static inline instant instant_add(instant t, span d) { return (instant){t.us + d.us}; }
static inline span instant_sub(instant a, instant b) { return (span){a.us - b.us}; }
static inline bool instant_before(instant a, instant b) { return a.us < b.us; }

/* A day of the proleptic Gregorian calendar. month 1..12, day 1..31. */
struct civil {
    int year, month, day;
};
i64 civil_to_days(struct civil c); /* days since 1970-01-01 */
struct civil civil_from_days(i64 days);

/* Civil time in China has no daylight saving since 1992: always UTC+8. */
#define CHINA_OFFSET     SPAN_H(8)

#define INSTANT_TEXT_MAX 40
/* "2026-03-18T01:59:57.123Z"; dst holds INSTANT_TEXT_MAX bytes. Returns dst. */
const char *instant_text(instant t, char *dst);
/* "2026-03-18 09:59" in China time, for people. */
const char *instant_text_china(instant t, char *dst);
