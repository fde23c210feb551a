#include "base/clock.h"
#include <stdio.h>
#include <time.h>

static instant read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (instant){(i64)ts.tv_sec * 1000000 + ts.tv_nsec / 1000};
}

instant clock_now(void) { return read_clock(CLOCK_REALTIME); }
instant clock_monotonic(void) { return read_clock(CLOCK_MONOTONIC); }

/* Eras of 400 years starting on 1 March, so that the leap day is the last day of its year. */
i64 civil_to_days(struct civil c)
{
    i64 y = c.month <= 2 ? c.year - 1 : c.year;
    i64 era = (y >= 0 ? y : y - 399) / 400;
    i64 yoe = y - era * 400;
    i64 doy = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    i64 doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

struct civil civil_from_days(i64 days)
{
    days += 719468;
    i64 era = (days >= 0 ? days : days - 146096) / 146097;
    i64 doe = days - era * 146097;
    i64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    i64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    i64 mp = (5 * doy + 2) / 153;
    i64 month = mp + (mp < 10 ? 3 : -9);
    return (struct civil){(int)(yoe + era * 400 + (month <= 2)), (int)month,
                          (int)(doy - (153 * mp + 2) / 5 + 1)};
}

static i64 floor_div(i64 a, i64 b) { return a / b - (a % b < 0); }

static void split(i64 us, struct civil *day, int *second, int *milli)
{
    i64 s = floor_div(us, 1000000);
    i64 days = floor_div(s, 86400);
    *day = civil_from_days(days);
    *second = (int)(s - days * 86400);
    *milli = (int)((us - s * 1000000) / 1000);
}

const char *instant_text(instant t, char *dst)
{
    struct civil d;
    int s, ms;
    split(t.us, &d, &s, &ms);
    snprintf(dst, INSTANT_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", d.year, d.month, d.day, s / 3600,
             s / 60 % 60, s % 60, ms);
    return dst;
}

const char *instant_text_china(instant t, char *dst)
{
    struct civil d;
    int s, ms;
    split(t.us + CHINA_OFFSET.us, &d, &s, &ms);
    snprintf(dst, INSTANT_TEXT_MAX, "%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day, s / 3600,
             s / 60 % 60);
    return dst;
}
