/* The explanation of a deadline: the acts are replayed over the calendar exactly as casework counted them. */
#include "staff_part.h"
#include <string.h>

/* Does any rule of the act start, stop, hold or resume the clock? An act's rules agree on this for the states in which
 * the clock runs, so the state at the time need not be known. */
static bool moves(enum case_act act, u32 clock, bool (*pick)(const struct caseflow_row *, u32))
{
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].act == act && pick(&rows[i], clock)) return true;
    return false;
}
static bool starts(const struct caseflow_row *r, u32 clock) { return (r->start & clock) != 0; }
static bool holds(const struct caseflow_row *r, u32 clock) { return (r->hold & clock) != 0; }
static bool resumes(const struct caseflow_row *r, u32 clock) { return (r->resume & clock) != 0; }

void staff_deadline_lines(const struct workdays *cal, int level, int round, enum case_clock clock,
                          instant opened, instant due, const struct staff_step *steps, size_t n,
                          struct text *lines)
{
    const struct deadline_rules rules = deadline_defaults();
    const u32 bit = 1u << clock;
    instant begun = opened, now, held = {0};
    size_t first = 0;
    int year = 0, asked = 0;
    char at[INSTANT_TEXT_MAX], to[INSTANT_TEXT_MAX];
    const char *by = NULL;

    for (size_t i = 0; i < n; i++)
        if (moves(steps[i].act, bit, starts))
            begun = steps[i].at, first = i + 1, by = case_act_chinese(steps[i].act);
    text_addf(lines, "计时自 %s %s 起\n", instant_text_china(begun, at), by ? by : "登记");
    if (!deadline_due(&rules, cal, clock, level, round, begun, &now, &year, lines)) return;
    for (size_t i = first; i < n; i++) {
        const struct staff_step *s = &steps[i];
        if (s->act == ACT_EXTEND_ASK) asked = s->amount;
        if (clock != CLOCK_HANDLING) continue;
        if (moves(s->act, bit, holds) && held.us == 0) held = s->at;
        if (moves(s->act, bit, resumes) && held.us) {
            if (!deadline_resume(&rules, cal, clock, level, now, held, s->at, &now, &year, lines)) return;
            held.us = 0;
        }
        if (s->act == ACT_EXTEND_GRANT && asked > 0 && asked <= DEADLINE_LIMIT_MAX &&
            !deadline_extend(&rules, cal, level, now, asked, &now, &year, lines))
            return;
    }
    if (held.us) text_addf(lines, "停计：自 %s 起暂停计时\n", instant_text_china(held, at));
    if (now.us != due.us)
        text_addf(lines, "登记在案的到期时间为 %s（按当时的工作日历计算；现行日历推算为 %s）\n",
                  due_text(due, at), due_text(now, to));
}
