/* GET /figures: the figures of a period, of the whole district for the office and the leader, of its own cases for a unit.
 * Every rate comes with its n and its formula. Confidential cases count for 追责问责组 alone (promise P4): not even their number
 * is to be learnt from a difference. */
#include "staff_figures.h"
#include "staff_query.h"
#include "casework.h"
#include "register.h"
#include "base/code.h"
#include "core/figures.h"
#include <stdlib.h>

#define BODY_MAX (1u << 20)
/* What came in the period and what became of it. */
const struct db_stmt stmt_staff_figures_cases = {
    "staff_figures_cases",
    "select count(*), count(*) filter (where c.state = 'closed'), count(*) filter (where c.state = 'declined'), "
    "count(*) filter (where c.state = 'merged'), count(*) filter (where c.state not in ('closed', 'declined', 'merged')), "
    "count(*) filter (where c.state not in ('closed', 'declined', 'merged') and c.due_at < $4) "
    "from cases c where c.opened_at >= $1 and c.opened_at < $2 and " FIGURES_COUNTED,
    4,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4, DB_TIMESTAMPTZ}};
/* What fell due in the period and has not been done. */
const struct db_stmt stmt_staff_figures_late = {
    "staff_figures_late",
    "select count(*) filter (where c.held_since is null and c.handling_due >= $1 and c.handling_due < least($2, $4)), "
    "count(*) filter (where c.state = 'assigned' and c.due_clock = 'sign' and c.due_at >= $1 and c.due_at < least($2, $4)) "
    "from cases c where c.state in ('assigned', 'handling', 'replied') and " FIGURES_COUNTED,
    4,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4, DB_TIMESTAMPTZ}};
/* What was done in the period. An approved answer was in time when the unit's leader signed it in time; the deadline is the
 * one on record in that act, as it was then. */
const struct db_stmt stmt_staff_figures_acts = {
    "staff_figures_acts",
    "select a.act, count(*), count(*) filter (where a.to_state = 'handling'), "
    "count(coalesce(e.due, a.data->>'due')), count(*) filter (where coalesce(e.at, a.at) <= coalesce(e.due, a.data->>'due')::timestamptz) "
    "from acts a join cases c on c.id = a.case_id left join lateral (select x.at, x.data->>'due' as due from acts x "
    "  where a.act = 'approve' and x.case_id = a.case_id and x.act = 'endorse' and x.version < a.version order by x.version desc limit 1) e on true "
    "where a.at >= $1 and a.at < $2 and a.act in ('return_grant', 'return_refuse', 'extend_ask', 'extend_grant', 'extend_refuse', "
    "  'pause_ask', 'pause_grant', 'pause_refuse', 'callback_unsolved', 'confirm_unsolved', 'confirm_partly', 'reopen', 'sign', 'approve') and " FIGURES_COUNTED
    "group by a.act",
    3,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4}};
/* Whose time a disputed dispatch has cost. */
const struct db_stmt stmt_staff_figures_charged = {
    "staff_figures_charged",
    "select (a.data->>'charged_unit')::integer as unit, count(*), sum((a.data->>'charged_minutes')::bigint)::bigint "
    "from acts a join cases c on c.id = a.case_id where a.at >= $1 and a.at < $2 and a.act in ('return_grant', 'return_refuse') "
    "and a.data ? 'charged_unit' and " FIGURES_COUNTED "group by 1 order by 1",
    3,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4}};
const struct db_stmt stmt_staff_figures_callbacks = {
    "staff_figures_callbacks",
    "select k.state, count(*), count(*) filter (where k.rating = 1), count(*) filter (where k.rating = 2), "
    "count(*) filter (where k.rating = 3), count(*) filter (where k.rating = 4), count(*) filter (where k.rating = 5) "
    "from callbacks k join cases c on c.id = k.case_id where k.made_at >= $1 and k.made_at < $2 and " FIGURES_COUNTED
    "group by k.state",
    3,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4}};
enum { Q_CASES = CASEWORK_FIRST, Q_LATE, Q_ACTS, Q_CHARGED, Q_CALLBACKS };

struct reading {
    struct staff_ask ask;
    i64 from, to; /* days in China, both included */
    i64 unit;     /* 0: all that the person may have */
};

struct done { /* acts of one kind */
    i64 n, to_handling, dated, in_time;
};

static void acts_read(const struct db_result *r, struct done of[ACTS_N])
{
    for (int i = 0; i < db_rows(r); i++) {
        enum case_act act;
        if (!case_act_parse(db_get_text(r, i, 0), &act)) continue;
        of[act] =
            (struct done){db_get_i64(r, i, 1), db_get_i64(r, i, 2), db_get_i64(r, i, 3), db_get_i64(r, i, 4)};
    }
}

static struct figure_callbacks callbacks_read(const struct db_result *r)
{
    struct figure_callbacks k = {0};
    i64 *const of[CALLBACK_STATES_N] = {
        [CALLBACK_DUE] = &k.due,         [CALLBACK_SOLVED] = &k.solved,   [CALLBACK_UNSOLVED] = &k.unsolved,
        [CALLBACK_REFUSED] = &k.refused, [CALLBACK_SILENCE] = &k.silence, [CALLBACK_OVERTAKEN] = &k.overtaken,
        [CALLBACK_PARTLY] = &k.partly};
    for (int i = 0; i < db_rows(r); i++) {
        enum callback_state s;
        if (!callback_state_parse(db_get_text(r, i, 0), &s)) continue;
        *of[s] = db_get_i64(r, i, 1);
        for (int level = 1; level <= 5; level++) k.rated[level] += db_get_i64(r, i, 1 + level);
    }
    return k;
}

bool figures_whose(const struct staff_ask *a, const struct staff_who *who, i64 asked, i64 *unit_r)
{
    const bool office = (who->actor.roles & FIGURES_OFFICE) != 0,
               unit = (who->actor.roles & FIGURES_UNITS) != 0;
    if (!office && (!unit || (asked && asked != who->actor.unit))) {
        staff_refuse(a, REFUSE_FORBIDDEN, "单位只能查看本单位的统计。",
                     "A unit may read its own figures only.");
        return false;
    }
    *unit_r = office ? asked : who->actor.unit;
    return true;
}

void figures_put_rate(enum figure_rate rate, struct share s, bool more, struct text *t)
{
    int permille;
    const struct rate_facts *f = rate_facts(rate);
    text_addf(t, "%s{\"rate\":\"%s\",\"label\":\"%s\",\"numerator\":%lld,\"n\":%lld,\"text\":\"",
              more ? "," : "", f->word, f->zh, (long long)s.num, (long long)s.den);
    share_text(s, t);
    text_addz(t, "\",\"percent\":");
    if (share_permille(s, &permille))
        text_addf(t, "%d.%d", permille / 10, permille % 10);
    else
        text_addz(t, "null");
    text_addf(t, ",\"formula\":\"%s\"}", f->formula);
}

static void put_unit(struct gateway *g, const char *name, i64 id, struct text *t)
{
    text_addf(t, "\"%s\":", name);
    register_unit_json(g, id, t);
}

static void put_day(const char *name, i64 day, struct text *t)
{
    struct civil c = civil_from_days(day);
    text_addf(t, "\"%s\":\"%04d-%02d-%02d\",", name, c.year, c.month, c.day);
}

static void put_returns(struct gateway *g, const struct done of[ACTS_N], const struct db_result *r,
                        struct text *t)
{
    text_addf(t, ",\"returns\":{\"granted\":%lld,\"refused\":%lld,\"charged\":[",
              (long long)of[ACT_RETURN_GRANT].n, (long long)of[ACT_RETURN_REFUSE].n);
    for (int i = 0; i < db_rows(r); i++) {
        text_addz(t, i ? ",{" : "{");
        put_unit(g, "unit", db_get_i64(r, i, 0), t);
        text_addf(t, ",\"rulings\":%lld,\"minutes\":%lld}", (long long)db_get_i64(r, i, 1),
                  (long long)db_get_i64(r, i, 2));
    }
    text_addz(t, "]}");
}

static void put_asked(const char *name, i64 asked, i64 granted, i64 refused, struct text *t)
{
    text_addf(t, ",\"%s\":{\"asked\":%lld,\"granted\":%lld,\"refused\":%lld}", name, (long long)asked,
              (long long)granted, (long long)refused);
}

static void put_callbacks(const struct figure_callbacks *k, struct text *t)
{
    const struct share satisfied = figure_satisfied(k);
    text_addf(
        t,
        ",\"callbacks\":{\"due\":%lld,\"reached\":%lld,\"solved\":%lld,\"partly\":%lld,\"unsolved\":%lld,\"refused\":%lld,"
        "\"silence\":%lld,\"overtaken\":%lld,\"satisfied\":%lld,\"rated\":%lld,\"ratings\":[",
        (long long)k->due, (long long)figure_reached(k), (long long)k->solved, (long long)k->partly,
        (long long)k->unsolved, (long long)k->refused, (long long)k->silence, (long long)k->overtaken,
        (long long)satisfied.num, (long long)satisfied.den);
    for (int level = 1; level <= 5; level++)
        text_addf(t, "%s%lld", level > 1 ? "," : "", (long long)k->rated[level]);
    text_addz(t, "]}");
}

static void put_figures(const struct reading *q, i64 unit, const struct db_result *const *results,
                        struct text *t)
{
    struct done of[ACTS_N] = {{0}};
    const struct db_result *r = results[Q_CASES], *late = results[Q_LATE];
    const struct figure_cases cases = {db_get_i64(r, 0, 0), db_get_i64(r, 0, 1), db_get_i64(r, 0, 2),
                                       db_get_i64(r, 0, 3), db_get_i64(r, 0, 4)};
    const struct figure_callbacks k = callbacks_read(results[Q_CALLBACKS]);
    ASSERT(figure_cases_whole(&cases)); /* the states are counted in one look */
    acts_read(results[Q_ACTS], of);
    text_addc(t, '{');
    put_day("from", q->from, t);
    put_day("to", q->to, t);
    put_unit(q->ask.g, "unit", unit, t);
    text_addf(
        t,
        ",\"cases\":{\"received\":%lld,\"closed\":%lld,\"declined\":%lld,\"merged\":%lld,\"open\":%lld,\"overdue\":%lld}",
        (long long)cases.received, (long long)cases.closed, (long long)cases.declined,
        (long long)cases.merged, (long long)cases.open, (long long)db_get_i64(r, 0, 5));
    put_returns(q->ask.g, of, results[Q_CHARGED], t);
    put_asked("extensions", of[ACT_EXTEND_ASK].n, of[ACT_EXTEND_GRANT].n, of[ACT_EXTEND_REFUSE].n, t);
    put_asked("pauses", of[ACT_PAUSE_ASK].n, of[ACT_PAUSE_GRANT].n, of[ACT_PAUSE_REFUSE].n, t);
    const i64 reworked = of[ACT_CALLBACK_UNSOLVED].to_handling + of[ACT_CONFIRM_UNSOLVED].to_handling +
                         of[ACT_CONFIRM_PARTLY].to_handling + of[ACT_REOPEN].to_handling;
    text_addf(t, ",\"reworked\":%lld", (long long)reworked);
    put_callbacks(&k, t);
    text_addz(t, ",\"rates\":[");
    figures_put_rate(RATE_ON_TIME,
                     (struct share){of[ACT_APPROVE].in_time, of[ACT_APPROVE].dated + db_get_i64(late, 0, 0)},
                     false, t);
    figures_put_rate(RATE_RESPONSE,
                     (struct share){of[ACT_SIGN].in_time, of[ACT_SIGN].dated + db_get_i64(late, 0, 1)}, true,
                     t);
    figures_put_rate(RATE_SOLVED, figure_solved(&k), true, t);
    figures_put_rate(RATE_SATISFIED, figure_satisfied(&k), true, t);
    text_addf(t, "],\"sample_min\":%d}", FIGURES_SAMPLE_MIN);
}

static void have_figures(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct reading *q = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (!staff_entered(&q->ask, end, results, error, false, &who)) goto over;
    i64 unit;
    if (!figures_whose(&q->ask, &who, q->unit, &unit)) goto over;
    text_init(&body, BODY_MAX);
    put_figures(q, unit, results, &body);
    staff_answer(&q->ask, &body);
over:
    free(q);
}

/* --- the question --- */

/* A day of the query; false when it is given and no date. */
static bool param_day(const struct http_in *in, const char *name, i64 *day)
{
    struct text t;
    bool bad = false;
    text_init(&t, 100);
    if (query_param(in, name, &t, &bad) && !bad) bad = !staff_day_parse(text_str(&t), day);
    text_free(&t);
    return !bad;
}

static bool param_unit(const struct http_in *in, i64 *unit)
{
    struct text t;
    u64 v = 0;
    bool bad = false;
    text_init(&t, 100);
    if (query_param(in, "unit", &t, &bad)) bad |= !str_u64(text_str(&t), INT32_MAX, &v) || v == 0;
    *unit = (i64)v;
    text_free(&t);
    return !bad;
}

static void put_period(struct db_params *p, const struct reading *q)
{
    db_put_instant(p, china_instant(q->from, 0));
    db_put_instant(p, china_instant(q->to + 1, 0));
    if (q->unit)
        db_put_i32(p, (int)q->unit);
    else
        db_put_null(p);
}

void staff_figures(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const struct db_stmt *const all[] = {&stmt_staff_figures_cases, &stmt_staff_figures_late,
                                                &stmt_staff_figures_acts, &stmt_staff_figures_charged,
                                                &stmt_staff_figures_callbacks};
    const instant now = clock_now();
    struct reading q = {.ask = *a, .to = china_day(now)};
    struct civil first = civil_from_days(q.to);
    (void)id;
    first.day = 1;
    q.from = civil_to_days(first);
    if (!param_day(in, "from", &q.from) || !param_day(in, "to", &q.to) || !param_unit(in, &q.unit) ||
        q.to < q.from) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请用 from=年-月-日、to=年-月-日（含当日）和单位编号 unit。",
                     "from and to are days YYYY-MM-DD, both included; unit is a unit's number.");
        return;
    }
    struct reading *kept = MEM_NEW(struct reading);
    *kept = q;
    struct db_call *c = staff_call(a, have_figures, kept);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct db_params *p = db_params_new(all[i]);
        put_period(p, &q);
        if (all[i]->n_types == 4) db_put_instant(p, now);
        db_call_add(c, all[i], p);
    }
    if (!staff_go(a, c)) free(kept);
}
