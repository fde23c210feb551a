#include "core/clockrun.h"

/* Does any rule of the act start, stop, hold or resume the clock? An act's rules agree on this for the states in which
 * the clock runs, so the state at the time need not be known. */
static bool moves(enum case_act act, enum case_clock clock, bool (*pick)(const struct caseflow_row *, u32))
{
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].act == act && pick(&rows[i], 1u << clock)) return true;
    return false;
}
static bool starts(const struct caseflow_row *r, u32 clock) { return (r->start & clock) != 0; }
static bool holds(const struct caseflow_row *r, u32 clock) { return (r->hold & clock) != 0; }
static bool resumes(const struct caseflow_row *r, u32 clock) { return (r->resume & clock) != 0; }

bool clockrun_replay(const struct deadline_rules *rules, const struct workdays *cal, instant opened,
                     const struct clock_step *steps, size_t n, int level, int round, enum case_clock clock,
                     struct clock_run *run_r, int *year_r, struct text *why)
{
    struct clock_run run = {.begun = opened, .by = ACT_RECEIVE};
    size_t first = 0;
    int asked = 0;
    char at[INSTANT_TEXT_MAX];
    instant due;

    for (size_t i = 0; i < n; i++)
        if (moves(steps[i].act, clock, starts)) {
            run.begun = steps[i].at, run.by = steps[i].act;
            cal = steps[i].cal;
            first = i + 1;
        }
    if (why) text_addf(why, "计时自 %s %s 起\n", instant_text_china(run.begun, at), case_act_chinese(run.by));
    *run_r = run;
    if (!deadline_due(rules, cal, clock, level, round, run.begun, &due, year_r, why)) return false;
    for (size_t i = first; i < n; i++) {
        const struct clock_step *s = &steps[i];
        bool good = true;
        if (s->act == ACT_EXTEND_ASK) asked = s->amount;
        if (moves(s->act, clock, holds) && run.held.us == 0) run.held = s->at;
        if (moves(s->act, clock, resumes) && run.held.us) {
            good = deadline_resume(rules, s->cal, clock, level, due, run.held, s->at, &due, year_r, why);
            run.held.us = 0;
        }
        if (good && clock == CLOCK_HANDLING && s->act == ACT_EXTEND_GRANT && asked > 0 &&
            asked <= DEADLINE_LIMIT_MAX)
            good = deadline_extend(rules, s->cal, level, due, asked, &due, year_r, why);
        run_r->held = run.held;
        if (!good) return false;
    }
    run_r->due = due;
    if (why && run.held.us) text_addf(why, "停计：自 %s 起暂停计时\n", instant_text_china(run.held, at));
    return true;
}

bool clockrun_restore(const struct deadline_rules *rules, const struct workdays *cal,
                      const struct case_view *view, const struct clock_step *steps, size_t n,
                      struct case_clocks *clocks, int *year_r)
{
    enum case_clock clock;
    struct clock_run run;
    bool good = true;
    if (clocks_running(view, &clock)) {
        const bool handled =
            case_state_open(view->state) && view->state != CASE_DISCOVERED && view->state != CASE_VERIFYING;
        if (handled && clocks->handling_due.us == 0) {
            good = clockrun_replay(rules, cal, view->opened, steps, n, view->level, view->round,
                                   CLOCK_HANDLING, &run, year_r, NULL);
            clocks->handling_due = run.due;
        }
        if (clock != CLOCK_HANDLING && clocks->due.us == 0) {
            good = clockrun_replay(rules, cal, view->opened, steps, n, view->level, view->round, clock, &run,
                                   year_r, NULL) &&
                   good;
            clocks->due = run.due;
            clocks->due_clock = clock;
        }
    }
    int later = 0; /* a step of the ladder that cannot be known yet is no deadline that lacks */
    if (!clocks_next(rules, cal, view, clocks, &later) && good) *year_r = later;
    return good;
}
