/* Working days in China: Monday to Friday, minus the published days off, plus the published make-up days.
 * For core/deadline and whoever counts days. A calendar is built once from rows (date, kind) and read-only
 * afterwards. A year that is not loaded is an error that names the year: nothing here ever guesses.
 *
 * Sources: 全国年节及纪念日放假办法 (11 statutory days off, 13 from 2025) and the yearly arrangement for the rows;
 * 行政许可法 82 (limits are working days); 民法典 200-203 (the first day is not counted; a last day that is a day
 * off moves to the day after the break; the last day ends at 24:00 or at the close of business). */
#pragma once
#include "base/clock.h"
#include "base/str.h"

#define WORKDAYS_YEARS_MAX 40
/* Rows of a year must name at least so many days off before it counts as loaded: one stray 1 January in the
 * arrangement of the year before must not make a whole year look known. */
#define WORKDAYS_MIN_DAYS_OFF 11

struct workday_row {
    struct civil date;
    bool works; /* true: a weekend day made a working day (调休上班); false: a published day off */
};

enum day_kind { DAY_UNKNOWN, DAY_WORK, DAY_MAKEUP, DAY_WEEKEND, DAY_HOLIDAY };

struct workdays {
    int first_year, n_years;
    u8 loaded[WORKDAYS_YEARS_MAX];
    int version[WORKDAYS_YEARS_MAX];  /* as workdays_set_version said; 0: not told */
    u8 kind[WORKDAYS_YEARS_MAX][366]; /* enum day_kind by day of the year */
};

/* Hours of business in minutes after midnight, China time; settings of the district. */
struct work_hours {
    int noon;    /* where a working day is cut in two */
    int close;   /* end of business: end of a limit of half a working day */
    int day_end; /* end of the last day of a limit in days: 1440 = 24:00, or the close */
};
#define WORK_HOURS_DEFAULT ((struct work_hours){.noon = 12 * 60, .close = 17 * 60 + 30, .day_end = 24 * 60})

/* Fills *cal_r (owned by the caller, no memory behind it) from rows in any order. False when a row is no date,
 * contradicts another, makes a Monday-Friday a make-up day or the years span more than WORKDAYS_YEARS_MAX;
 * then *bad_r is its index. Equal rows twice are harmless. */
bool workdays_build(const struct workday_row *rows, size_t n, struct workdays *cal_r,
                    size_t *bad_r) MUST_CHECK;

i64 china_day(instant t);    /* days since 1970-01-01 of the civil day in China */
int china_minute(instant t); /* 0..1439 of that day */
/* `minute` (0..1440) of the civil day `day` in China. */
instant china_instant(i64 day, int minute);

bool workdays_loaded(const struct workdays *cal, int year);
/* Which version of the year's arrangement these rows are, for the explanation of deadlines. No-op for a year that the
 * calendar does not hold; 0 for one that was told no version. */
void workdays_set_version(struct workdays *cal, int year, int version);
int workdays_version(const struct workdays *cal, int year);
enum day_kind workdays_kind(const struct workdays *cal, i64 day); /* DAY_UNKNOWN: its year is not loaded */
const char *day_kind_chinese(enum day_kind k);

/* Is `day` worked? False when its year is not loaded: then *year_r names it and *works_r is untouched. */
bool workdays_is_working(const struct workdays *cal, i64 day, bool *works_r, int *year_r) MUST_CHECK;
/* Working days of a loaded year; -1 when it is not loaded. */
int workdays_in_year(const struct workdays *cal, int year);
/* Working days in (from, to]: how many a stop between the two really took. False as above. */
bool workdays_between(const struct workdays *cal, i64 from, i64 to, int *n_r, int *year_r) MUST_CHECK;

/* The four ways a limit runs. Each writes the instant after which it is overdue to *due_r and, when `why` is
 * not NULL, one Chinese line per step; false when a day of a year that is not loaded is met, with the year in
 * *year_r. What a walk writes is what it counted: the explanation cannot differ from the result. */

/* n >= 1 working days: begins on the next working day after the act, ends at hours->day_end of the n-th. */
bool workdays_add(const struct workdays *cal, const struct work_hours *hours, instant act, int n,
                  instant *due_r, int *year_r, struct text *why) MUST_CHECK;
/* Half a working day. The law does not define it; the rule here is short enough to be known by heart: what
 * comes on a working day before noon is due at the close of that day, what comes between noon and the close
 * at noon of the next working day. What comes after the close or on a day off counts as come at the opening
 * of the next working day, so it is due at the close of that one. */
bool workdays_half(const struct workdays *cal, const struct work_hours *hours, instant act, instant *due_r,
                   int *year_r, struct text *why) MUST_CHECK;
/* n >= 1 natural days (日): 民法典 201, 203. The day of the act is not counted. */
bool workdays_civil(const struct workdays *cal, const struct work_hours *hours, instant act, int n,
                    instant *due_r, int *year_r, struct text *why) MUST_CHECK;
/* Hours run on the clock, day and night, days off or not: no calendar is needed. */
instant workdays_hours(instant act, span allowed, struct text *why);

/* The instant from which `working` of working time leads to `due`; a working day counts from 0:00 to hours->day_end, what
 * of `due` lies behind that is not counted. False as above. */
bool workdays_back(const struct workdays *cal, const struct work_hours *hours, instant due, span working,
                   instant *at_r, int *year_r) MUST_CHECK;

/* "2026-03-12 24:00": as instant_text_china, but the end of a day is written as its own 24:00. */
const char *due_text(instant due, char dst[INSTANT_TEXT_MAX]);
/* cal with one year as `rows` have it instead of what it held: for looking at a calendar before it is in force. rows lie in that year.
 * False as workdays_build, *bad_r among rows. The year has no version then; the others keep theirs. */
bool workdays_with_year(const struct workdays *cal, int year, const struct workday_row *rows, size_t n,
                        struct workdays *cal_r, size_t *bad_r) MUST_CHECK;
