/* What the clock does on one case: the act that is due, or its clocks computed again. */
#include "clock_part.h"
#include "metrics.h"
#include "register.h"
#include "rules.h"
#include "base/log.h"
#include "core/clockrun.h"
#include "core/ladder.h"
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 300

const struct db_stmt stmt_clock_acts = {
    "clock_acts",
    "select act, at, coalesce((data->>'amount')::integer, 0) from acts where case_id = $1 order by version",
    1,
    {DB_INT8}};
/* No act, no new version: nobody did anything. Who looks on is told when the instants moved. */
const struct db_stmt stmt_clock_settle = {
    "clock_settle",
    "with u as (update cases set handling_due = $3, due_at = $4, due_clock = $5, warn_at = $6, next_at = $7, next_act = $8, "
    "  next_rung = $9, claimed_until = null where id = $1 and version = $2 returning id) "
    "select id, case when $10 then events_append(array['case.changed'], array[id], array[$11], array[$12], array[$13], array[$14]) end "
    "from u",
    14,
    {DB_INT8, DB_INT4, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TEXT,
     DB_INT4, DB_BOOL, DB_INT4, DB_INT4, DB_BOOL, DB_JSONB}};

/* --- settling --- */

static void settle(struct clock_batch *b, struct clock_job *job, const struct db_result *acts)
{
    struct gateway *g = b->g;
    const struct case_row *before = &job->step.before;
    const struct deadline_rules rules = rules_deadline(g);
    struct case_row *after = &job->step.after;
    int year = 0;
    bool known;
    *after = *before;
    job->acts = false;
    if (acts) {
        const size_t rows = (size_t)db_rows(acts);
        struct clock_step *steps = mem_alloc((rows + 1) * sizeof *steps); /* the acts of one case */
        size_t n = 0;
        for (int i = 0; i < (int)rows; i++) {
            struct clock_step s = {.at = db_get_instant(acts, i, 1), .amount = (int)db_get_i64(acts, i, 2)};
            if (!case_act_parse(db_get_text(acts, i, 0), &s.act)) continue;
            s.cal = register_workdays_at(g, s.at);
            steps[n++] = s;
        }
        known = clockrun_restore(&rules, register_workdays(g), &after->view, steps, n, &after->clocks, &year);
        free(steps);
    } else {
        known = clocks_next(&rules, register_workdays(g), &after->view, &after->clocks, &year);
    }
    after->view.due = after->clocks.handling_due;
    if (!known)
        log_line(LOG_WARNING, LOG_CLOCK, "a case waits for a calendar", "case=%lld year=%d",
                 (long long)before->view.id, year);
}

/* --- acting --- */

/* Why, in the words that stand in the history of the case. */
static void put_reason(const struct case_row *row, struct text *t)
{
    const struct case_clocks *c = &row->clocks;
    char due[INSTANT_TEXT_MAX];
    switch (c->next_act) {
    case ACT_RESUME:
        text_addf(t, "挂起期限 %s 已满", due_text(row->view.pause_until, due));
        return;
    case ACT_OVERDUE:
        text_addf(t, "%s时限 %s 已过", case_clock_chinese(c->due_clock), due_text(c->due, due));
        return;
    default:
        break;
    }
    const struct ladder_step *steps = ladder_steps(row->view.level), *s = &steps[0];
    for (size_t i = 0; i < LADDER_STEPS_N; i++)
        if ((int)steps[i].rung == c->next_rung) s = &steps[i];
    due_text(c->handling_due, due);
    if (s->round && row->view.round >= s->round)
        text_addf(t, "第%d轮办理，办理时限 %s", row->view.round, due);
    else if (s->percent == 100)
        text_addf(t, "办理时限 %s 已到", due);
    else if (s->percent)
        text_addf(t, "办理时限 %s 已用去百分之%d", due, s->percent);
    else
        text_addf(t, "超过办理时限 %s 已%d个工作日", due, s->after);
}

static bool same_step(const struct case_clocks *a, const struct case_clocks *b)
{
    return a->next_act == b->next_act && a->next_rung == b->next_rung;
}

bool clock_job_judge(struct clock_batch *b, struct clock_job *job, instant now, const struct db_result *acts)
{
    struct casework_step *s = &job->step;
    const struct case_clocks *c = &s->before.clocks;
    struct text reason;
    if (c->settle) {
        settle(b, job, acts);
        return true;
    }
    text_init(&reason, REASON_MAX);
    put_reason(&s->before, &reason);
    s->req = (struct act_request){.act = c->next_act,
                                  .actor = {.kind = ACTOR_CLOCK},
                                  .now = now,
                                  .expected_version = CASE_VERSION_ANY,
                                  .reason = arena_str(&b->arena, text_str(&reason)),
                                  .rung = c->next_rung,
                                  .clock = c->due_clock};
    text_free(&reason);
    enum refusal r = casework_prepare(b->g, s);
    if (r == REFUSE_UNAVAILABLE) return false;
    job->acts = r == REFUSE_NONE;
    if (job->acts) return true;

    /* The row says what the rules do not allow: a bug or another release's row. It is computed again, and left alone when
     * that says the same. */
    COUNT(CLOCK_REFUSED);
    log_line(LOG_ERROR, LOG_CLOCK, "the rules refuse a step of the clock", "case=%lld act=%s rung=%d code=%s",
             (long long)s->before.view.id, case_act_word(c->next_act), c->next_rung, refusal_facts(r)->code);
    settle(b, job, NULL);
    struct case_clocks *after = &s->after.clocks;
    if (after->next.us && !instant_before(now, after->next) && same_step(after, c)) after->next.us = 0;
    return true;
}

/* --- writing --- */

static void put_unit(struct db_params *p, i64 unit)
{
    if (unit)
        db_put_i32(p, (int)unit);
    else
        db_put_null(p);
}

static void add_settle(struct gateway *g, struct db_call *call, const struct clock_job *job)
{
    const struct case_row *before = &job->step.before, *after = &job->step.after;
    const struct case_view *v = &after->view;
    const struct case_clocks *c = &after->clocks;
    const bool seen = !after->held && v->state != CASE_DISCOVERED; /* by the unit */
    struct db_params *p = db_params_new(&stmt_clock_settle);
    struct text json;
    db_put_i64(p, v->id);
    db_put_i32(p, (int)v->version);
    db_put_instant(p, c->handling_due);
    db_put_instant(p, c->due);
    db_put_text(p, c->due.us ? str_of(case_clock_word(c->due_clock)) : STR_NONE);
    db_put_instant(p, c->warn);
    db_put_instant(p, c->next);
    db_put_text(p, c->next.us ? str_of(case_act_word(c->next_act)) : STR_NONE);
    db_put_i32(p, c->next.us ? c->next_rung : 0);
    db_put_bool(p, c->due.us != before->clocks.due.us || c->warn.us != before->clocks.warn.us);
    put_unit(p, seen ? v->unit : 0);
    put_unit(p, v->nature == NATURE_REPORT ? v->about_unit : 0);
    db_put_bool(p, (v->flags & CASE_FLAG_CONFIDENTIAL) != 0);
    text_init(&json, 8192);
    casework_json(g, after, &json);
    db_put_json(p, json.overflow ? STR("{}") : text_str(&json));
    text_free(&json);
    db_call_add(call, &stmt_clock_settle, p);
}

bool clock_job_add(struct gateway *g, struct db_call *c, const struct clock_job *job)
{
    if (job->acts) return casework_add(g, c, &job->step);
    add_settle(g, c, job);
    return true;
}

void clock_job_count(const struct clock_job *job)
{
    if (!job->acts) {
        COUNT(CLOCK_SETTLED);
        return;
    }
    switch (job->step.req.act) {
    case ACT_SUPERVISE:
        if (job->step.req.rung == RUNG_REMIND)
            COUNT(CLOCK_REMINDED);
        else
            COUNT(CLOCK_URGED);
        break;
    case ACT_PROPOSE:
        COUNT(CLOCK_PROPOSED);
        break;
    case ACT_OVERDUE:
        COUNT(CLOCK_OVERDUE);
        break;
    default:
        COUNT(CLOCK_RESUMED);
        break;
    }
}
