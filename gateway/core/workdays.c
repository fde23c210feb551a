#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US ((i64)86400 * 1000000)
/* No run of days off is near this long; a walk past it means a calendar full of nonsense. */
#define WALK_MAX 4000

i64 china_day(instant t)
{
    i64 us = instant_add(t, CHINA_OFFSET).us;
    return us / DAY_US - (us % DAY_US < 0);
}

int china_minute(instant t)
{
    i64 us = instant_add(t, CHINA_OFFSET).us - china_day(t) * DAY_US;
    return (int)(us / SPAN_MIN(1).us);
}

instant china_instant(i64 day, int minute)
{
    return (instant){day * DAY_US + SPAN_MIN(minute).us - CHINA_OFFSET.us};
}

const char *due_text(instant due, char dst[INSTANT_TEXT_MAX])
{
    instant before = {due.us - 1};
    if (due.us != china_instant(china_day(due), 0).us) return instant_text_china(due, dst);
    struct civil c = civil_from_days(china_day(before));
    snprintf(dst, INSTANT_TEXT_MAX, "%04d-%02d-%02d 24:00", c.year, c.month, c.day);
    return dst;
}

/* 1970-01-01 was a Thursday. 0 = Sunday. */
static int weekday(i64 day) { return (int)(((day + 4) % 7 + 7) % 7); }

static i64 year_start(int year) { return civil_to_days((struct civil){year, 1, 1}); }

static bool row_valid(const struct workday_row *r)
{
    struct civil c = r->date, back;
    if (c.year < 1949 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
        return false;
    back = civil_from_days(civil_to_days(c));
    if (back.month != c.month || back.day != c.day) return false;
    int w = weekday(civil_to_days(c));
    return !r->works || w == 0 || w == 6;
}

bool workdays_build(const struct workday_row *rows, size_t n, struct workdays *cal_r, size_t *bad_r)
{
    int first = 0, days_off[WORKDAYS_YEARS_MAX] = {0};
    memset(cal_r, 0, sizeof *cal_r);
    for (size_t i = 0; i < n; i++) {
        *bad_r = i;
        if (!row_valid(&rows[i])) return false;
        if (i == 0 || rows[i].date.year < first) first = rows[i].date.year;
    }
    cal_r->first_year = first;
    for (int y = 0; y < WORKDAYS_YEARS_MAX; y++) {
        i64 start = year_start(first + y), end = year_start(first + y + 1);
        for (i64 d = start; d < end; d++) {
            int w = weekday(d);
            cal_r->kind[y][d - start] = w == 0 || w == 6 ? DAY_WEEKEND : DAY_WORK;
        }
    }
    for (size_t i = 0; i < n; i++) {
        *bad_r = i;
        int y = rows[i].date.year - first;
        if (y >= WORKDAYS_YEARS_MAX) return false;
        u8 *kind = &cal_r->kind[y][civil_to_days(rows[i].date) - year_start(rows[i].date.year)];
        u8 want = rows[i].works ? DAY_MAKEUP : DAY_HOLIDAY;
        if (*kind == want) continue;
        if (*kind == DAY_MAKEUP || *kind == DAY_HOLIDAY) return false;
        *kind = want;
        days_off[y] += !rows[i].works;
        cal_r->n_years = MAX(cal_r->n_years, y + 1);
    }
    for (int y = 0; y < cal_r->n_years; y++) cal_r->loaded[y] = days_off[y] >= WORKDAYS_MIN_DAYS_OFF;
    return true;
}

bool workdays_with_year(const struct workdays *cal, int year, const struct workday_row *rows, size_t n,
                        struct workdays *cal_r, size_t *bad_r)
{
    struct workday_row *all = mem_alloc((n + WORKDAYS_YEARS_MAX * 366) * sizeof *all);
    size_t k = n;
    if (n) memcpy(all, rows, n * sizeof *all); /* first, so that a bad one has its own index */
    for (int y = 0; y < cal->n_years; y++) {
        const i64 start = year_start(cal->first_year + y), end = year_start(cal->first_year + y + 1);
        for (i64 d = start; d < end && cal->first_year + y != year; d++) {
            const u8 kind = cal->kind[y][d - start];
            if (kind == DAY_HOLIDAY || kind == DAY_MAKEUP)
                all[k++] = (struct workday_row){civil_from_days(d), kind == DAY_MAKEUP};
        }
    }
    const bool good = workdays_build(all, k, cal_r, bad_r);
    free(all);
    if (!good && n && *bad_r >= n) *bad_r = n - 1; /* the years span too far: by this one */
    for (int y = 0; good && y < cal->n_years; y++)
        if (cal->first_year + y != year) workdays_set_version(cal_r, cal->first_year + y, cal->version[y]);
    return good;
}

bool workdays_loaded(const struct workdays *cal, int year)
{
    int y = year - cal->first_year;
    return y >= 0 && y < cal->n_years && cal->loaded[y];
}

void workdays_set_version(struct workdays *cal, int year, int version)
{
    int y = year - cal->first_year;
    if (y >= 0 && y < WORKDAYS_YEARS_MAX) cal->version[y] = version;
}

int workdays_version(const struct workdays *cal, int year)
{
    int y = year - cal->first_year;
    return y >= 0 && y < WORKDAYS_YEARS_MAX ? cal->version[y] : 0;
}

enum day_kind workdays_kind(const struct workdays *cal, i64 day)
{
    int year = civil_from_days(day).year;
    if (!workdays_loaded(cal, year)) return DAY_UNKNOWN;
    return (enum day_kind)cal->kind[year - cal->first_year][day - year_start(year)];
}

const char *day_kind_chinese(enum day_kind k)
{
    static const char *const words[] = {"未载入", "工作日", "调休上班", "周末休息", "法定节假日放假"};
    ASSERT((unsigned)k < ARRAY_LEN(words));
    return words[k];
}

bool workdays_is_working(const struct workdays *cal, i64 day, bool *works_r, int *year_r)
{
    enum day_kind k = workdays_kind(cal, day);
    if (k == DAY_UNKNOWN) {
        *year_r = civil_from_days(day).year;
        return false;
    }
    *works_r = k == DAY_WORK || k == DAY_MAKEUP;
    return true;
}

int workdays_in_year(const struct workdays *cal, int year)
{
    int n = 0, unused;
    if (!workdays_loaded(cal, year)) return -1;
    if (!workdays_between(cal, year_start(year) - 1, year_start(year + 1) - 1, &n, &unused)) return -1;
    return n;
}

bool workdays_between(const struct workdays *cal, i64 from, i64 to, int *n_r, int *year_r)
{
    int n = 0;
    for (i64 d = from + 1; d <= to; d++) {
        bool works;
        if (!workdays_is_working(cal, d, &works, year_r)) return false;
        n += works;
    }
    *n_r = n;
    return true;
}

static void say_day(struct text *why, const char *lead, i64 day, const char *tail)
{
    static const char *const names[] = {"周日", "周一", "周二", "周三", "周四", "周五", "周六"};
    struct civil c = civil_from_days(day);
    if (why != NULL)
        text_addf(why, "%s%04d-%02d-%02d（%s）%s\n", lead, c.year, c.month, c.day, names[weekday(day)], tail);
}

static void say_instant(struct text *why, const char *lead, instant t, const char *tail)
{
    char buf[INSTANT_TEXT_MAX];
    if ((t.us + 1) % SPAN_MIN(1).us == 0) t.us++; /* the last moment of a deadline that is counted on from */
    if (why != NULL) text_addf(why, "%s%s%s\n", lead, due_text(t, buf), tail);
}

static void say_unknown(struct text *why, int year)
{
    if (why != NULL) text_addf(why, "无法计算：%d年的工作日历尚未载入\n", year);
}

/* The first working day on or after `day`; each day passed over is written down. */
static bool first_working(const struct workdays *cal, i64 day, i64 *day_r, int *year_r, struct text *why)
{
    for (int guard = 0; guard < WALK_MAX; guard++, day++) {
        bool works;
        if (!workdays_is_working(cal, day, &works, year_r)) {
            say_unknown(why, *year_r);
            return false;
        }
        if (works) {
            *day_r = day;
            return true;
        }
        say_day(why, "跳过 ", day, day_kind_chinese(workdays_kind(cal, day)));
    }
    *year_r = civil_from_days(day).year;
    return false;
}

bool workdays_add(const struct workdays *cal, const struct work_hours *hours, instant act, int n,
                  instant *due_r, int *year_r, struct text *why)
{
    ASSERT(n >= 1);
    i64 day = china_day(act);
    say_instant(why, "起算：", act, "，当日不计，从下一个工作日起算");
    for (int i = 1; i <= n; i++) {
        char lead[64];
        if (!first_working(cal, day + 1, &day, year_r, why)) return false;
        snprintf(lead, sizeof lead, "第%d个工作日 ", i);
        say_day(why, lead, day, workdays_kind(cal, day) == DAY_MAKEUP ? day_kind_chinese(DAY_MAKEUP) : "");
    }
    *due_r = china_instant(day, hours->day_end);
    say_instant(why, "到期：", *due_r, "");
    return true;
}

bool workdays_half(const struct workdays *cal, const struct work_hours *hours, instant act, instant *due_r,
                   int *year_r, struct text *why)
{
    i64 day = china_day(act), due_day;
    int minute = china_minute(act), at = hours->close;
    bool works;
    if (!workdays_is_working(cal, day, &works, year_r)) {
        say_unknown(why, *year_r);
        return false;
    }
    if (works && minute < hours->noon) {
        say_instant(why, "起算：", act, "，工作日上午，当日下班前到期");
        due_day = day;
    } else {
        bool afternoon = works && minute < hours->close;
        say_instant(why, "起算：", act,
                    afternoon ? "，工作日下午，下一个工作日中午到期"
                              : "，非工作时间，视同下一个工作日上班时，当日下班前到期");
        if (works) day++; /* an evening belongs to the next working day, a day off looks from itself */
        if (!first_working(cal, day, &due_day, year_r, why)) return false;
        if (afternoon) at = hours->noon;
    }
    *due_r = china_instant(due_day, at);
    say_instant(why, "到期：", *due_r, "");
    return true;
}

bool workdays_civil(const struct workdays *cal, const struct work_hours *hours, instant act, int n,
                    instant *due_r, int *year_r, struct text *why)
{
    ASSERT(n >= 1);
    i64 day;
    say_instant(why, "起算：", act, "，当日不计，从次日起算（民法典第二百零一条）");
    say_day(why, "期间最后一日 ", china_day(act) + n, "");
    if (!first_working(cal, china_day(act) + n, &day, year_r, why)) return false;
    *due_r = china_instant(day, hours->day_end);
    say_instant(why, "到期：", *due_r, day == china_day(act) + n ? "" : "，休假日顺延（民法典第二百零三条）");
    return true;
}

instant workdays_hours(instant act, span allowed, struct text *why)
{
    instant due = instant_add(act, allowed);
    say_instant(why, "起算：", act, "，按钟点连续计算，夜间和休息日不停");
    say_instant(why, "到期：", due, "");
    return due;
}

bool workdays_back(const struct workdays *cal, const struct work_hours *hours, instant due, span working,
                   instant *at_r, int *year_r)
{
    ASSERT(working.us >= 0);
    i64 day = china_day((instant){due.us - 1}), left = working.us;
    i64 gone = MIN(due.us - china_instant(day, 0).us, SPAN_MIN(hours->day_end).us);
    while (left > gone) { /* ends before the first year that is loaded at the latest */
        bool works = false;
        left -= gone;
        while (!works)
            if (!workdays_is_working(cal, --day, &works, year_r)) return false;
        gone = SPAN_MIN(hours->day_end).us;
    }
    *at_r = (instant){china_instant(day, 0).us + gone - left};
    return true;
}
