/* The ladder of supervision (督办阶梯): which rung is due when, as a table for each level. core/clocks asks it for the next
 * step of a handling clock that runs; the explanation of a deadline names the step. It only rises: what was climbed, or
 * prepared for a signature, is not offered again before a new handling clock starts a new ladder (core/caseflow).
 *
 * Where the times come from: reminding before the deadline, 催办 the day it has passed and 通报 after further five working
 * days are a bureau's published practice, 督办函 and 约谈 are the forms of 潍坊市12345条例 26 and 信访工作条例 39. One working
 * day to the yellow letter and five to the red one are the district's; ten, fifteen and twenty for 通报, 约谈 and 移送 are
 * ours, because no rule names a time: enough for an answer to the letter before. */
#pragma once
#include "core/caseflow.h"

struct ladder_step {
    int rung;    /* enum supervise_rung */
    int percent; /* of the time gone; 100: at the deadline; 0: look at `after` */
    int after;   /* working days behind the deadline, at the deadline's time of day */
    int round;   /* from this round of handling on at once; 0: never */
};
#define LADDER_STEPS_N (RUNGS_N - 1)

/* The LADDER_STEPS_N steps of a level 0..CASE_LEVELS_N - 1, lowest first; static. */
const struct ladder_step *ladder_steps(int level);
/* 提醒 and 催办 are done by the clock; from the yellow letter on it prepares, and a person issues. */
bool ladder_by_clock(int rung);
/* "时钟", "督查督办组" or "追责问责组": who does it, or signs what the clock has prepared. */
const char *ladder_issuer_chinese(int rung);

/* When `step` is due on the handling clock of this view that runs out at `due`. False: the year *year_r is not loaded. */
bool ladder_at(const struct deadline_rules *rules, const struct workdays *cal, const struct case_view *view,
               const struct ladder_step *step, instant due, instant *at_r, int *year_r) MUST_CHECK;
/* The earliest step that is neither climbed nor prepared; of several at one instant the lowest. *step_r is NULL when none
 * is left. False when only steps are left that fall into a year that is not loaded. */
bool ladder_next(const struct deadline_rules *rules, const struct workdays *cal, const struct case_view *view,
                 instant due, const struct ladder_step **step_r, instant *at_r, int *year_r) MUST_CHECK;
