/* Which deadlines a year of the calendar concerns, before it is in force: every open case that this person sees and whose time is not up
 * before the first changed day is counted twice from its acts, over the calendar as it is and as it would be. */
#include "staff_calendar.h"
#include "casework.h"
#include "staff_body.h"
#include "register.h"
#include "rules.h"
#include "staff_rules.h"
#include "base/code.h"
#include "core/clockrun.h"
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX  ((size_t)1 << 20)
#define WISH_BYTES  ((size_t)1 << 20)
#define CASES_MAX   2000
#define LISTED_MAX  50
#define STEPS_BYTES ((size_t)16 << 20)

#define RUNNING                                                                                              \
    "cases c where c.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and "           \
    "(c.due_at is null or c.due_at >= $1 or c.handling_due >= $1) "
const struct db_stmt stmt_calendar_running = {"calendar_running",
                                              "select " CASEWORK_COLUMNS " from " RUNNING
                                              "order by c.due_at nulls first, c.id limit $2",
                                              2,
                                              {DB_TIMESTAMPTZ, DB_INT4}};
const struct db_stmt stmt_calendar_acts = {
    "calendar_acts",
    "select a.case_id, a.act, a.at, coalesce((a.data->>'amount')::integer, 0) from acts a where a.case_id in (select c.id from " RUNNING
    "order by c.due_at nulls first, c.id limit $2) order by a.case_id, a.version",
    2,
    {DB_TIMESTAMPTZ, DB_INT4}};

struct running {
    i64 id;
    struct case_view view;
    struct case_clocks clocks;
    struct clock_step *steps;
    size_t n;
    instant would; /* what the wished calendar gives; 0: the same as now, or none */
    bool moves;    /* it has no deadline and gets one */
};
struct previewing {
    struct staff_ask ask;
    struct arena arena;
    struct calendar_wish wish;
    struct deadline_rules rules;
    struct running *all;
    size_t n, gets, stays;
    bool whole; /* all that could be concerned were looked at */
};

static void previewing_free(struct previewing *v)
{
    arena_free(&v->arena);
    free(v);
}

/* --- on the pool --- */

static instant due_over(const struct previewing *v, struct running *one, const struct workdays *cal,
                        enum case_clock clock)
{
    struct clock_run run;
    int year;
    for (size_t i = 0; i < one->n; i++) one->steps[i].cal = cal;
    return clockrun_replay(&v->rules, cal, one->view.opened, one->steps, one->n, one->view.level,
                           one->view.round, clock, &run, &year, NULL)
               ? run.due
               : (instant){0};
}

static void count(void *arg)
{
    struct previewing *v = arg;
    for (size_t i = 0; i < v->n; i++) {
        struct running *one = &v->all[i];
        enum case_clock clock;
        if (!clocks_running(&one->view, &clock)) continue;
        if (one->clocks.due.us) clock = one->clocks.due_clock;
        const instant is = due_over(v, one, &v->wish.before, clock),
                      would = due_over(v, one, &v->wish.after, clock);
        if (would.us == 0 || would.us == is.us) continue;
        one->would = would;
        one->moves = clocks_lack(&one->view, &one->clocks);
        v->gets += one->moves;
        v->stays += !one->moves;
    }
}

/* --- the answer --- */

static void put_cases(const struct previewing *v, bool moves, size_t *listed, struct text *t)
{
    for (size_t i = 0; i < v->n && *listed < LISTED_MAX; i++) {
        const struct running *one = &v->all[i];
        if (one->would.us == 0 || one->moves != moves) continue;
        text_addf(t, "%s{\"case\":%lld", (*listed)++ ? "," : "", (long long)one->id);
        json_put_instant(t, "due_at", one->clocks.due.us ? one->clocks.due : one->clocks.handling_due);
        json_put_instant(t, "would_be", one->would);
        text_addf(t, ",\"moves\":%s}", moves ? "true" : "false");
    }
}

static void counted(void *arg)
{
    struct previewing *v = arg;
    const struct calendar_wish *w = &v->wish;
    const int before = workdays_in_year(&w->before, w->year);
    struct text t;
    size_t listed = 0;
    text_init(&t, ANSWER_MAX);
    text_addf(&t, "{\"year\":%d,\"base\":%d,\"working_days\":%d,\"working_days_now\":", w->year,
              workdays_version(&w->before, w->year), workdays_in_year(&w->after, w->year));
    if (before < 0)
        text_addz(&t, "null");
    else
        text_addf(&t, "%d", before);
    text_addf(&t, ",\"differs\":%s,\"looked\":%zu,\"whole\":%s,\"gets\":%zu,\"stays\":%zu,\"cases\":[",
              w->first <= w->last ? "true" : "false", v->n, v->whole ? "true" : "false", v->gets, v->stays);
    put_cases(v, true, &listed, &t);
    put_cases(v, false, &listed, &t);
    text_addz(&t, "]}");
    staff_answer(&v->ask, &t);
    previewing_free(v);
}

/* --- what is counted --- */

/* Both lists are in their own order; acts of one case lie together. */
static bool take_acts(struct previewing *v, const struct db_result *acts)
{
    const int n = db_rows(acts);
    for (int i = 0; i < n;) {
        const i64 id = db_get_i64(acts, i, 0);
        int end = i;
        struct running *one = NULL;
        while (end < n && db_get_i64(acts, end, 0) == id) end++;
        for (size_t k = 0; k < v->n && !one; k++)
            if (v->all[k].id == id) one = &v->all[k];
        if (one && !(one->steps = arena_alloc(&v->arena, (size_t)(end - i) * sizeof *one->steps)))
            return false;
        for (; i < end; i++) {
            if (!one) continue;
            struct clock_step s = {.at = db_get_instant(acts, i, 2), .amount = (int)db_get_i64(acts, i, 3)};
            if (case_act_parse(db_get_text(acts, i, 1), &s.act)) one->steps[one->n++] = s;
        }
    }
    return true;
}

static void have_running(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct previewing *v = arg;
    struct staff_who who;
    (void)n;
    if (!draft_entered(&v->ask, end, results, error, CALENDAR_CONFIRMERS, &who)) {
        previewing_free(v);
        return;
    }
    const struct db_result *cases = results[CASEWORK_FIRST];
    v->whole = db_rows(cases) < CASES_MAX;
    v->all = arena_alloc(&v->arena, ((size_t)db_rows(cases) + 1) * sizeof *v->all);
    for (int i = 0; v->all && i < db_rows(cases); i++) {
        struct case_row row;
        casework_row(cases, i, &row);
        v->all[v->n++] = (struct running){.id = row.view.id, .view = row.view, .clocks = row.clocks};
    }
    if (!v->all || !take_acts(v, results[CASEWORK_FIRST + 1]) ||
        !loop_offload(v->ask.g->loop, count, counted, v)) {
        rules_refuse_busy(&v->ask);
        previewing_free(v);
    }
}

void calendar_preview(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"year", "days", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    struct previewing *v = MEM_NEW(struct previewing);
    v->ask = *a;
    v->rules = rules_deadline(a->g);
    arena_init(&v->arena, WISH_BYTES + STEPS_BYTES);
    if (!register_ready(a->g)) {
        rules_refuse_busy(a);
        previewing_free(v);
    } else if (!calendar_wish_read(a, b.doc, &v->arena, &v->wish)) {
        previewing_free(v);
    } else {
        struct db_call *c = staff_call(a, have_running, v);
        const struct db_stmt *const both[] = {&stmt_calendar_running, &stmt_calendar_acts};
        for (size_t i = 0; i < ARRAY_LEN(both); i++) {
            struct db_params *p = db_params_new(both[i]);
            db_put_instant(p, china_instant(v->wish.first, 0));
            db_put_i32(p, CASES_MAX);
            db_call_add(c, both[i], p);
        }
        if (!staff_go(a, c)) previewing_free(v);
    }
    body_close(&b);
}
