#include "core/clocks.h"

#define BIT(clock) (1u << (unsigned)(clock))

/* Stops come before holds, holds before resumes, and those before what starts anew. */
static bool settle_handling(const struct deadline_rules *rules, const struct workdays *cal,
                            const struct outcome *o, instant now, struct case_clocks *c, int *year_r)
{
    const int level = o->view.level;
    instant due;
    bool good = true;
    if ((o->clocks_resume & BIT(CLOCK_HANDLING)) && c->held_since.us) {
        if (c->handling_due.us) {
            good = deadline_resume(rules, cal, CLOCK_HANDLING, level, c->handling_due, c->held_since, now,
                                   &due, year_r, NULL);
            c->handling_due = good ? due : (instant){0};
        }
        c->held_since.us = 0;
    }
    if (o->clocks_stop & BIT(CLOCK_HANDLING)) c->handling_due.us = c->held_since.us = 0;
    if (o->extend_by && c->handling_due.us) {
        bool extended = deadline_extend(rules, cal, level, c->handling_due, o->extend_by, &due, year_r, NULL);
        if (extended) c->handling_due = due;
        good = good && extended;
    }
    return good;
}

bool clocks_after(const struct deadline_rules *rules, const struct workdays *cal,
                  const struct outcome *outcome, instant now, struct case_clocks *clocks, int *year_r)
{
    const struct outcome *o = outcome;
    const struct case_view *v = &o->view;
    struct case_clocks *c = clocks;
    instant due;
    bool good = true;

    if (c->due.us && (o->clocks_stop & BIT(c->due_clock))) c->due.us = 0;
    const u32 held = BIT(CLOCK_HANDLING) | (c->due.us ? BIT(c->due_clock) : 0);
    if ((o->clocks_hold & held) && c->held_since.us == 0) c->held_since = now;
    if (c->due.us && c->held_since.us && (o->clocks_resume & BIT(c->due_clock)) &&
        c->due_clock != CLOCK_HANDLING) {
        good = deadline_resume(rules, cal, c->due_clock, v->level, c->due, c->held_since, now, &due, year_r,
                               NULL);
        if (good) c->due = due;
    }
    good = settle_handling(rules, cal, o, now, c, year_r) && good;
    for (int clock = 0; clock < CLOCKS_N; clock++) {
        if (!(o->clocks_start & BIT(clock))) continue;
        if (!deadline_due(rules, cal, (enum case_clock)clock, v->level, v->round, now, &due, year_r, NULL)) {
            good = false;
            due.us = 0;
        }
        if (clock == CLOCK_HANDLING)
            c->handling_due = due, c->held_since.us = 0;
        else
            c->due = due, c->due_clock = (enum case_clock)clock;
    }
    bool beside = c->due.us && c->due_clock != CLOCK_HANDLING;
    if (!beside) {
        bool runs = c->handling_due.us && c->held_since.us == 0 &&
                    (v->state == CASE_ASSIGNED || v->state == CASE_HANDLING || v->state == CASE_REPLIED);
        c->due.us = runs ? c->handling_due.us : 0;
        c->due_clock = CLOCK_HANDLING;
    }
    return clocks_next(rules, cal, v, c, year_r) && good;
}

bool clocks_next(const struct deadline_rules *rules, const struct workdays *cal, const struct case_view *view,
                 struct case_clocks *clocks, int *year_r)
{
    (void)rules, (void)cal, (void)view, (void)year_r;
    clocks->warn.us = clocks->next.us = 0;
    return true;
}
