/* The deadlines of a case in the order of its acts: which clock an act started, moved or stopped, until when it then ran, and
 * why, counted as core/clocks counts it over the calendar that was in force. */
#include "story_part.h"
#include "core/clockrun.h"
#include <stdlib.h>

static instant at_of(const struct json *act)
{
    i64 us = 0;
    return json_int(json_get(act, "at"), &us) ? (instant){us} : (instant){0};
}

static int amount_of(const struct json *act)
{
    const char *why;
    i64 amount = 0;
    struct json *data = json_parse(json_str(json_get(act, "data")), 65536, &why);
    if (!json_int(json_get(data, "amount"), &amount) || amount < 0 || amount > DEADLINE_LIMIT_MAX) amount = 0;
    json_free(&data);
    return (int)amount;
}

/* The rule that the act followed, found again from what it left on record; NULL when the table has no such rule any more. */
static const struct caseflow_row *row_of(const struct json *act)
{
    enum case_act word;
    enum case_state from, to;
    enum staff_role role;
    size_t n;
    u32 who = 0;
    const struct caseflow_row *rows = caseflow_acts(&n);
    if (!case_act_parse(json_str(json_get(act, "act")), &word) ||
        !case_state_parse(json_str(json_get(act, "from")), &from) ||
        !case_state_parse(json_str(json_get(act, "to")), &to))
        return NULL;
    if (staff_role_parse(json_str(json_get(act, "role")), &role)) who = ROLE_BIT(role);
    for (int strict = 1; strict >= 0; strict--) /* 追责问责组 may have stood in for another group */
        for (size_t i = 0; i < n; i++) {
            const struct caseflow_row *r = &rows[i];
            if (r->act != word || (r->from & (1u << from)) == 0) continue;
            if (r->to >= 0 ? r->to != (int)to : r->to == CASE_TO_SAME && to != from) continue;
            if (strict && who != 0 && (r->who & who) == 0) continue;
            return r;
        }
    return NULL;
}

struct clocks_seen {
    u32 running, held;
    int round;
};

static struct str kept(struct arena *a, struct text *t)
{
    struct str s = arena_str(a, text_str(t));
    text_clear(t);
    return s.p ? s : STR("");
}

static struct paper_event event_of(struct arena *a, instant at, struct str who, struct text *what,
                                   struct text *why)
{
    char when[INSTANT_TEXT_MAX];
    return (struct paper_event){.when = arena_str(a, str_of(instant_text_china(at, when))),
                                .who = who,
                                .what = kept(a, what),
                                .text = kept(a, why)};
}

size_t story_times(struct arena *a, const struct story_calendar *cal, const struct json *acts, int level,
                   struct paper_event *events, size_t n)
{
    const size_t n_acts = json_count(acts);
    struct clock_step *steps = mem_alloc((n_acts + 1) * sizeof *steps);
    struct clocks_seen seen = {.round = 1};
    size_t n_steps = 0;
    struct text what, why;
    text_init(&what, 1000);
    text_init(&why, 64 * 1024);
    for (size_t i = 0; i < n_acts; i++) {
        const struct json *act = json_at(acts, i);
        const struct caseflow_row *r = row_of(act);
        const instant at = at_of(act);
        const struct workdays *days = cal->at(cal->arg, at);
        size_t told = 0;
        if (!r || !days) continue;
        steps[n_steps++] = (struct clock_step){
            .act = r->act, .at = at, .amount = r->act == ACT_EXTEND_ASK ? amount_of(act) : 0, .cal = days};
        const struct str by = str_of(case_act_chinese(r->act));
        if (r->new_round) seen.round++;
        for (unsigned c = 0; c < CLOCKS_N && told < STORY_TIMES_MAX; c++) {
            const u32 bit = 1u << c;
            const enum case_clock clock = (enum case_clock)c;
            const char *name = case_clock_chinese(clock);
            char due[INSTANT_TEXT_MAX];
            struct clock_run run;
            int year = 0;
            const bool moved =
                (r->resume & bit & seen.held) || (r->act == ACT_EXTEND_GRANT && clock == CLOCK_HANDLING);
            if ((r->start & bit) || moved) {
                bool known = clockrun_replay(&cal->rules, days, at, steps, n_steps, level, seen.round, clock,
                                             &run, &year, &why);
                text_addf(&what, "%s时限%s", name,
                          (r->start & bit)             ? "起算"
                          : r->act == ACT_EXTEND_GRANT ? "延长"
                                                       : "续计");
                if (known) text_addf(&what, "，%s 到期", due_text(run.due, due));
                seen.running |= bit;
                seen.held &= ~bit;
            } else if ((r->stop & bit & seen.running) != 0) {
                text_addf(&what, "%s时限停止", name);
                seen.running &= ~bit, seen.held &= ~bit;
            } else if ((r->hold & bit & seen.running & ~seen.held) != 0) {
                text_addf(&what, "%s时限暂停计时", name);
                seen.held |= bit;
            } else {
                continue;
            }
            events[n++] = event_of(a, at, by, &what, &why);
            told++;
        }
    }
    text_free(&what);
    text_free(&why);
    free(steps);
    return n;
}
