#include "core/deadline.h"

static const struct {
    const char *word, *zh;
} clocks[] = {
#define X(id, word, zh) {word, zh},
    CASE_CLOCKS(X)
#undef X
};

const char *case_clock_word(enum case_clock c)
{
    ASSERT((unsigned)c < CLOCKS_N);
    return clocks[c].word;
}

const char *case_clock_chinese(enum case_clock c)
{
    ASSERT((unsigned)c < CLOCKS_N);
    return clocks[c].zh;
}

bool case_clock_parse(struct str word, enum case_clock *clock_r)
{
    for (size_t i = 0; i < CLOCKS_N; i++)
        if (str_eq(word, str_of(clocks[i].word))) {
            *clock_r = (enum case_clock)i;
            return true;
        }
    return false;
}

struct deadline_rules deadline_defaults(void)
{
    const struct limit m15 = {LIMIT_MINUTES, 15}, h2 = {LIMIT_MINUTES, 120}, half = {LIMIT_HALF_DAY, 0};
    const struct limit d3 = {LIMIT_WORKDAYS, 3};
    return (struct deadline_rules){
        .limit =
            {
                [CLOCK_ACCEPT] = {half, m15, half, half, half},
                [CLOCK_SIGN] = {half, m15, h2, half, half},
                [CLOCK_HANDLING] = {{LIMIT_WORKDAYS, 2},
                                    h2,
                                    {LIMIT_MINUTES, 24 * 60},
                                    {LIMIT_WORKDAYS, 5},
                                    {LIMIT_WORKDAYS, 15}},
                [CLOCK_REVIEW] = {half, half, half, half, half},
                [CLOCK_CALLBACK] = {d3, d3, d3, d3, d3},
            },
        .hours = WORK_HOURS_DEFAULT,
    };
}

struct limit deadline_limit(const struct deadline_rules *rules, enum case_clock clock, int level, int round)
{
    ASSERT((unsigned)clock < CLOCKS_N && level >= 0 && level < CASE_LEVELS_N && round >= 1);
    struct limit l = rules->limit[clock][level];
    ASSERT(l.unit == LIMIT_HALF_DAY || (l.n > 0 && l.n <= DEADLINE_LIMIT_MAX));
    if (clock == CLOCK_HANDLING && round > 1) l.n = (l.n + 1) / 2;
    return l;
}

void limit_chinese(struct limit l, struct text *into)
{
    switch (l.unit) {
    case LIMIT_MINUTES:
        if (l.n % 60 == 0)
            text_addf(into, "%d小时", l.n / 60);
        else
            text_addf(into, "%d分钟", l.n);
        break;
    case LIMIT_HALF_DAY:
        text_addz(into, "半个工作日");
        break;
    case LIMIT_WORKDAYS:
        text_addf(into, "%d个工作日", l.n);
        break;
    case LIMIT_DAYS:
        text_addf(into, "%d日", l.n);
        break;
    }
}

/* Which version of the calendar was counted on: a later one may be mended, the deadline stays. */
static void say_calendar(const struct workdays *cal, instant from, instant to, struct text *why)
{
    const int first = civil_from_days(china_day(from)).year,
              last = civil_from_days(china_day((instant){to.us - 1})).year;
    bool said = false;
    for (int year = first; why != NULL && year <= last; year++) {
        const int version = workdays_version(cal, year);
        if (version == 0) continue;
        text_addf(why, "%s%d年工作日历第%d版", said ? "、" : "按", year, version);
        said = true;
    }
    if (said) text_addc(why, '\n');
}

bool deadline_due(const struct deadline_rules *rules, const struct workdays *cal, enum case_clock clock,
                  int level, int round, instant act, instant *due_r, int *year_r, struct text *why)
{
    bool good = false;
    struct limit l = deadline_limit(rules, clock, level, round);
    if (why != NULL) {
        text_addf(why, "规则：L%d级，%s时限", level, case_clock_chinese(clock));
        limit_chinese(l, why);
        if (clock == CLOCK_HANDLING && round > 1) text_addf(why, "（第%d轮办理，时限减半）", round);
        text_addc(why, '\n');
    }
    switch (l.unit) {
    case LIMIT_MINUTES:
        *due_r = workdays_hours(act, SPAN_MIN(l.n), why);
        return true;
    case LIMIT_HALF_DAY:
        good = workdays_half(cal, &rules->hours, act, due_r, year_r, why);
        break;
    case LIMIT_WORKDAYS:
        good = workdays_add(cal, &rules->hours, act, l.n, due_r, year_r, why);
        break;
    case LIMIT_DAYS:
        good = workdays_civil(cal, &rules->hours, act, l.n, due_r, year_r, why);
        break;
    }
    if (good) say_calendar(cal, act, *due_r, why);
    return good;
}

/* `due` may be the 24:00 of its day, which as an instant is already the next one. */
static instant last_moment(instant due) { return (instant){due.us - 1}; }

/* `due` moved by whole working days, keeping its time of day. */
static bool move_days(const struct deadline_rules *rules, const struct workdays *cal, instant due, int n,
                      instant *due_r, int *year_r, struct text *why)
{
    struct work_hours hours = rules->hours;
    instant last = last_moment(due);
    if (n == 0) {
        *due_r = due;
        return true;
    }
    hours.day_end = (int)((due.us - china_instant(china_day(last), 0).us) / SPAN_MIN(1).us);
    return workdays_add(cal, &hours, last, n, due_r, year_r, why);
}

bool deadline_extend(const struct deadline_rules *rules, const struct workdays *cal, int level, instant due,
                     int amount, instant *due_r, int *year_r, struct text *why)
{
    struct limit l = deadline_limit(rules, CLOCK_HANDLING, level, 1);
    ASSERT(amount > 0 && amount <= DEADLINE_LIMIT_MAX);
    if (why != NULL) {
        char buf[INSTANT_TEXT_MAX];
        text_addf(why, "延期：原到期 %s，延长", due_text(due, buf));
        limit_chinese((struct limit){l.unit, amount}, why);
        text_addc(why, '\n');
    }
    if (l.unit == LIMIT_MINUTES) {
        *due_r = workdays_hours(due, SPAN_MIN(amount), why);
        return true;
    }
    bool good = l.unit == LIMIT_DAYS
                    ? workdays_civil(cal, &rules->hours, last_moment(due), amount, due_r, year_r, why)
                    : move_days(rules, cal, due, amount, due_r, year_r, why);
    if (good) say_calendar(cal, due, *due_r, why);
    return good;
}

bool deadline_later(const struct deadline_rules *rules, const struct workdays *cal, instant due, int n,
                    instant *later_r, int *year_r)
{
    return move_days(rules, cal, due, n, later_r, year_r, NULL);
}

bool deadline_point(const struct deadline_rules *rules, const struct workdays *cal, enum case_clock clock,
                    int level, int round, int extended, instant due, int percent, instant *at_r, int *year_r)
{
    const struct limit l = deadline_limit(rules, clock, level, round);
    const struct work_hours *h = &rules->hours;
    ASSERT(extended >= 0 && extended <= DEADLINE_LIMIT_MAX && percent >= 0 && percent <= 100);
    i64 minutes = 0;
    switch (l.unit) {
    case LIMIT_MINUTES:
        minutes = l.n + extended;
        break;
    case LIMIT_HALF_DAY:
        minutes = h->close - h->noon;
        break;
    case LIMIT_DAYS:
        minutes = (i64)(l.n + extended) * 24 * 60;
        break;
    case LIMIT_WORKDAYS:
        minutes = (i64)(l.n + extended) * h->day_end;
        break;
    }
    const span left = {minutes * SPAN_MIN(1).us / 100 * (100 - percent)};
    if (l.unit == LIMIT_WORKDAYS) return workdays_back(cal, h, due, left, at_r, year_r);
    *at_r = (instant){due.us - left.us};
    return true;
}

bool deadline_resume(const struct deadline_rules *rules, const struct workdays *cal, enum case_clock clock,
                     int level, instant due, instant held, instant resumed, instant *due_r, int *year_r,
                     struct text *why)
{
    struct limit l = deadline_limit(rules, clock, level, 1);
    char from[INSTANT_TEXT_MAX], to[INSTANT_TEXT_MAX];
    if (why != NULL)
        text_addf(why, "停计：%s 至 %s，此期间不计入时限\n", instant_text_china(held, from),
                  instant_text_china(resumed, to));
    if (l.unit == LIMIT_MINUTES) {
        *due_r = workdays_hours(due, instant_sub(resumed, held), why);
        return true;
    }
    int n;
    if (!workdays_between(cal, china_day(held), china_day(resumed), &n, year_r)) {
        if (why != NULL) text_addf(why, "无法计算：%d年的工作日历尚未载入\n", *year_r);
        return false;
    }
    if (why != NULL) text_addf(why, "停计期间共%d个工作日\n", n);
    if (!move_days(rules, cal, due, n, due_r, year_r, why)) return false;
    say_calendar(cal, held, *due_r, why);
    return true;
}
