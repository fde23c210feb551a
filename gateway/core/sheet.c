#include "core/sheet.h"
#include "core/workdays.h"

static const struct {
    const char *word, *zh;
} changes[] = {
#define X(id, word, zh) {word, zh},
    SHEET_CHANGES(X)
#undef X
};

const char *sheet_change_word(enum sheet_change c) { return changes[c].word; }
const char *sheet_change_chinese(enum sheet_change c) { return changes[c].zh; }

bool sheet_week_of(i64 day, instant now, struct sheet_week *week_r)
{
    const i64 today = china_day(now);
    if (day > today) return false;
    const i64 monday = day - ((day + 3) % 7 + 7) % 7; /* day 0 was a Thursday */
    *week_r = (struct sheet_week){.as_of = day == today ? now : china_instant(day + 1, 0),
                                  .monday = china_instant(monday, 0),
                                  .end = china_instant(monday + 7, 0),
                                  .past = day < today};
    week_r->before = (instant){week_r->as_of.us - 7 * SPAN_H(24).us};
    return true;
}

enum sheet_change sheet_change(enum case_state then, enum case_state now)
{
    const bool was_open = case_state_open(then), is_open = case_state_open(now);
    if (is_open) {
        if (then == CASE_NEW) return SHEET_NEW;
        if (!was_open) return SHEET_REOPENED;
        return now == then ? SHEET_SAME : now > then ? SHEET_MOVED : SHEET_BACK;
    }
    if (now == CASE_NEW) return SHEET_NONE;
    /* What came and went between two sheets is told once, as done. */
    if (was_open || then == CASE_NEW) return now == CASE_CLOSED ? SHEET_CLOSED : SHEET_LEFT;
    return SHEET_NONE;
}

bool sheet_overdue(const struct sheet_week *week, const struct sheet_item *item)
{
    return case_state_open(item->now) && item->due.us && !instant_before(week->as_of, item->due);
}

bool sheet_due_this_week(const struct sheet_week *week, const struct sheet_item *item)
{
    return case_state_open(item->now) && instant_before(week->as_of, item->due) &&
           !instant_before(week->end, item->due);
}

static void add(const struct sheet_week *week, const struct sheet_item *item, struct sheet_sum *s)
{
    const enum sheet_change change = sheet_change(item->then, item->now);
    const bool is_open = case_state_open(item->now);
    s->open_before += case_state_open(item->then);
    s->fresh += item->then == CASE_NEW;
    s->reopened += change == SHEET_REOPENED;
    s->closed += change == SHEET_CLOSED;
    s->left += change == SHEET_LEFT;
    s->open += is_open;
    s->due_this_week += sheet_due_this_week(week, item);
    s->overdue += sheet_overdue(week, item);
    s->higher += is_open && item->higher;
}

size_t sheet_sums(const struct sheet_week *week, const struct sheet_item *items, size_t n,
                  struct sheet_sum *sums, struct sheet_sum *total_r)
{
    size_t units = 0;
    *total_r = (struct sheet_sum){.unit = 0};
    for (size_t i = 0; i < n; i++) {
        if (sheet_change(items[i].then, items[i].now) == SHEET_NONE) continue;
        size_t at = 0;
        while (at < units && sums[at].unit != items[i].unit) at++;
        if (at == units) sums[units++] = (struct sheet_sum){.unit = items[i].unit};
        add(week, &items[i], &sums[at]);
        add(week, &items[i], total_r);
    }
    return units;
}
