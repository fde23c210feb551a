#include "core/ladder.h"

/* The same for every level today. A table for each, so that a district that treats emergencies otherwise changes data. */
/* clang-format off */
#define LADDER { \
    {.rung = RUNG_REMIND,    .percent = 75}, \
    {.rung = RUNG_URGE,      .percent = 100}, \
    {.rung = RUNG_YELLOW,    .after = 1}, \
    {.rung = RUNG_RED,       .after = 5, .round = 3}, /* the second 重办 is the third round */ \
    {.rung = RUNG_ANNOUNCE,  .after = 10}, \
    {.rung = RUNG_TALK,      .after = 15}, \
    {.rung = RUNG_HAND_OVER, .after = 20}, \
}
static const struct ladder_step ladders[CASE_LEVELS_N][LADDER_STEPS_N] = {LADDER, LADDER, LADDER, LADDER, LADDER};
/* clang-format on */

const struct ladder_step *ladder_steps(int level)
{
    ASSERT(level >= 0 && level < CASE_LEVELS_N);
    return ladders[level];
}

bool ladder_by_clock(int rung) { return rung == RUNG_REMIND || rung == RUNG_URGE; }

const char *ladder_issuer_chinese(int rung)
{
    if (ladder_by_clock(rung)) return "时钟";
    return staff_role_chinese(rung <= RUNG_ANNOUNCE ? ROLE_SUPERVISOR : ROLE_ACCOUNTABILITY);
}

bool ladder_at(const struct deadline_rules *rules, const struct workdays *cal, const struct case_view *view,
               const struct ladder_step *step, instant due, instant *at_r, int *year_r)
{
    if (step->round && view->round >= step->round) {
        /* At once. The round began after the answer that did not satisfy; any instant before now will do. */
        *at_r = view->replied.us ? view->replied : view->assigned;
        return true;
    }
    if (step->percent)
        return deadline_point(rules, cal, CLOCK_HANDLING, view->level, view->round, view->extended, due,
                              step->percent, at_r, year_r);
    return deadline_later(rules, cal, due, step->after, at_r, year_r);
}

bool ladder_next(const struct deadline_rules *rules, const struct workdays *cal, const struct case_view *view,
                 instant due, const struct ladder_step **step_r, instant *at_r, int *year_r)
{
    const struct ladder_step *steps = ladder_steps(view->level);
    bool missing = false;
    *step_r = NULL;
    for (size_t i = 0; i < LADDER_STEPS_N; i++) {
        const struct ladder_step *s = &steps[i];
        const int climbed = ladder_by_clock(s->rung) ? view->rung : MAX(view->rung, view->proposed);
        instant at;
        if ((int)s->rung <= climbed) continue;
        if (!ladder_at(rules, cal, view, s, due, &at, year_r)) {
            missing = true; /* those before it in time are still known */
            continue;
        }
        if (*step_r == NULL || instant_before(at, *at_r)) *step_r = s, *at_r = at;
    }
    return *step_r != NULL || !missing;
}
