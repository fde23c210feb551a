#include "core/clocks.h"
#include "core/ladder.h"

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
        c->due = good ? due : (instant){0};
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
    int later = 0; /* the year of a step that cannot be known yet */
    if (!clocks_next(rules, cal, v, c, &later) && good) *year_r = later;
    /* "At once" is when the round began. */
    if ((o->clocks_start & BIT(CLOCK_HANDLING)) && c->next.us && instant_before(c->next, now)) c->next = now;
    return good;
}

bool clocks_running(const struct case_view *view, enum case_clock *clock_r)
{
    switch (view->state) {
    case CASE_DISCOVERED:
        *clock_r = CLOCK_ACCEPT;
        return true;
    case CASE_ASSIGNED:
        *clock_r = CLOCK_SIGN;
        return true;
    case CASE_HANDLING:
        *clock_r = CLOCK_HANDLING;
        return true;
    case CASE_REPLIED:
        *clock_r = view->flags & CASE_FLAG_ENDORSED ? CLOCK_REVIEW : CLOCK_HANDLING;
        return true;
    case CASE_VERIFYING:
        *clock_r = CLOCK_CALLBACK;
        return true;
    case CASE_CLOSED:
    case CASE_DECLINED:
        *clock_r = CLOCK_REVIEW; /* of an objection */
        return (view->flags & CASE_FLAG_OBJECTED) != 0;
    default:
        return false;
    }
}

static bool handling_state(enum case_state s)
{
    return s == CASE_ASSIGNED || s == CASE_HANDLING || s == CASE_REPLIED;
}

bool clocks_lack(const struct case_view *view, const struct case_clocks *clocks)
{
    enum case_clock clock;
    if (!clocks_running(view, &clock)) return false;
    if (handling_state(view->state) && clocks->handling_due.us == 0) return true;
    return clock != CLOCK_HANDLING && clocks->due.us == 0;
}

static void offer(struct case_clocks *c, instant at, enum case_act act, int rung)
{
    if (at.us == 0 || (c->next.us && !instant_before(at, c->next))) return;
    c->next = at;
    c->next_act = act;
    c->next_rung = rung;
}

bool clocks_next(const struct deadline_rules *rules, const struct workdays *cal, const struct case_view *view,
                 struct case_clocks *clocks, int *year_r)
{
    const struct case_view *v = view;
    struct case_clocks *c = clocks;
    const bool beside = c->due.us && c->due_clock != CLOCK_HANDLING;
    const bool climbs = c->handling_due.us && c->held_since.us == 0 && handling_state(v->state);
    bool good = true;
    if (!beside) {
        c->due.us = climbs ? c->handling_due.us : 0;
        c->due_clock = CLOCK_HANDLING;
    }
    c->warn.us = c->next.us = 0;
    c->next_act = ACT_RECEIVE;
    c->next_rung = RUNG_NONE;
    c->settle = false;
    if (!case_state_open(v->state) && !(v->flags & CASE_FLAG_OBJECTED)) return true;

    if (c->due.us && !deadline_point(rules, cal, c->due_clock, v->level, v->round, beside ? 0 : v->extended,
                                     c->due, CLOCKS_WARN_PERCENT, &c->warn, year_r)) {
        c->warn.us = 0;
        good = false;
    }
    if (v->flags & CASE_FLAG_PAUSED) {
        offer(c, v->pause_until, ACT_RESUME, RUNG_NONE);
        return good;
    }
    if (climbs) {
        const struct ladder_step *step;
        instant at;
        if (!ladder_next(rules, cal, v, c->handling_due, &step, &at, year_r))
            good = false;
        else if (step)
            offer(c, at, ladder_by_clock(step->rung) ? ACT_SUPERVISE : ACT_PROPOSE, step->rung);
    }
    if (beside && !(v->flags & CASE_FLAG_LATE)) offer(c, c->due, ACT_OVERDUE, RUNG_NONE);
    return good;
}
