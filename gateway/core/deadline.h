/* From an act to the instant by which the next one is owed: which rule applies to which clock of which level,
 * and the explanation line by line (promise P7). Casework calls it for every clock that caseflow starts, and
 * again to show the reason. Deadlines are derived, never typed in: nothing here stores or reads one.
 *
 * Levels: L0 2 working days, L1 2 h, L2 24 h, L3 5 working days, L4 15 working days. Sign-in: L1 15 min, L2 2 h,
 * else half a working day. Accept: L1 15 min, else half a working day. Review: half a working day. Callback:
 * 3 working days. A repeated handling (重办) gets half the time. The hours of business are settings, the limits are not:
 * the import refuses a category whose deadline is another one than its level's. */
#pragma once
#include "core/workdays.h"

#define CASE_LEVELS_N 5 /* L0..L4 */

#define CASE_CLOCKS(X)                                                                                       \
    X(ACCEPT, "accept", "受理")                                                                              \
    X(SIGN, "sign", "签收")                                                                                  \
    X(HANDLING, "handling", "办理") X(REVIEW, "review", "审核") X(CALLBACK, "callback", "回访")
enum case_clock {
#define X(id, word, zh) CLOCK_##id,
    CASE_CLOCKS(X)
#undef X
        CLOCKS_N
};

const char *case_clock_word(enum case_clock c);
const char *case_clock_chinese(enum case_clock c);
bool case_clock_parse(struct str word, enum case_clock *clock_r) MUST_CHECK;

enum limit_unit { LIMIT_MINUTES, LIMIT_HALF_DAY, LIMIT_WORKDAYS, LIMIT_DAYS };
struct limit {
    enum limit_unit unit;
    int n; /* ignored for LIMIT_HALF_DAY; 0 < n <= DEADLINE_LIMIT_MAX otherwise */
};
#define DEADLINE_LIMIT_MAX 100000

struct deadline_rules {
    struct limit limit[CLOCKS_N][CASE_LEVELS_N];
    struct work_hours hours;
};
/* The defaults named above. */
struct deadline_rules deadline_defaults(void);

/* The limit of one clock. From the second round on, handling has half the time: minutes halved, days halved
 * and rounded up, because a day that has begun is given whole (5 -> 3, 15 -> 8). Half of the first limit in
 * every later round, not half of a half. round >= 1. */
struct limit deadline_limit(const struct deadline_rules *rules, enum case_clock clock, int level, int round);
/* "5个工作日", "2小时", "15分钟", "半个工作日", "7日". */
void limit_chinese(struct limit l, struct text *into);

/* When the clock that `act` started runs out. False when a year that is not loaded is met (*year_r); *due_r
 * is then untouched and the case must be shown as having no deadline yet, not as having a wrong one.
 * why may be NULL; it is bounded by its own maximum (15 working days over a long holiday need about 2 KiB). */
bool deadline_due(const struct deadline_rules *rules, const struct workdays *cal, enum case_clock clock,
                  int level, int round, instant act, instant *due_r, int *year_r,
                  struct text *why) MUST_CHECK;
/* A granted extension: `amount` in the unit of the handling limit (minutes or working days), counted on from
 * `due`. Working days are counted from the old last day. */
bool deadline_extend(const struct deadline_rules *rules, const struct workdays *cal, int level, instant due,
                     int amount, instant *due_r, int *year_r, struct text *why) MUST_CHECK;
/* The instant at which `percent` of the time of a running clock has gone, counted back from `due` over the whole limit of
 * the round and what was granted beside it (`extended`, in the limit's unit), so that a pause, which moves `due`, moves
 * it along. Limits in minutes and in natural days: on the clock. Working days: in working time, a working day counting
 * from 0:00 to hours.day_end. Half a working day: on the clock, taken as what the rule gives at least, noon to close. */
bool deadline_point(const struct deadline_rules *rules, const struct workdays *cal, enum case_clock clock,
                    int level, int round, int extended, instant due, int percent, instant *at_r,
                    int *year_r) MUST_CHECK;
/* n working days behind `due`, at its time of day. */
bool deadline_later(const struct deadline_rules *rules, const struct workdays *cal, instant due, int n,
                    instant *later_r, int *year_r) MUST_CHECK;
/* The clock stood still from `held` to `resumed` (挂起, or while the answer was under review): limits in
 * minutes move by exactly that span, limits in days by the working days in (held's day, resumed's day], so a
 * stop inside one day gives nothing and a stop over a weekend gives no weekend. */
bool deadline_resume(const struct deadline_rules *rules, const struct workdays *cal, enum case_clock clock,
                     int level, instant due, instant held, instant resumed, instant *due_r, int *year_r,
                     struct text *why) MUST_CHECK;
