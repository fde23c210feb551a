/* 共性问题: proposals to put right what cases keep coming about (由案到因), their steps, and whether it helped. */
#include "staff_causes_part.h"
#include "staff_body.h"
#include "staff_query.h"
#include "casework.h"
#include "metrics.h"
#include "register.h"
#include "twinfinder.h"
#include "base/code.h"
#include "core/workdays.h"
#include <stdlib.h>
#include <string.h>

#define LIST_MAX    200
#define WORDS_MAX   2000
#define CHECK_AFTER 3 /* months between what was put right and its check */

#define CAUSE                                                                                                                                         \
    "select k.id, k.version, k.kind, k.unit_id, k.plaque, p.window_name, k.category, g.name, k.found_at, k.from_at, "                                 \
    "(select count(*) from cause_cases x where x.cause_id = k.id), k.state, k.due_at, k.check_at, k.round, k.changed_at, "                            \
    "exists (select from cause_acts a where a.cause_id = k.id and a.act in ('accept', 'finish') and a.staff_id = (select staff_now())), "             \
    "unit_heirs(k.unit_id) && (select my_ties())::integer[], (select my_unit()) = any (unit_heirs(k.unit_id)), coalesce(k.check_at <= now(), false) " \
    "from causes k left join plaques p on p.number = k.plaque join categories g on g.code = k.category "
enum {
    C_ID,
    C_VERSION,
    C_KIND,
    C_UNIT,
    C_PLAQUE,
    C_WINDOW,
    C_CATEGORY,
    C_CATEGORY_NAME,
    C_FOUND,
    C_FROM,
    C_CASES,
    C_STATE,
    C_DUE,
    C_CHECK,
    C_ROUND,
    C_CHANGED,
    C_MINE,
    C_TIED,
    C_OWN,
    C_RIPE
};
static const struct db_stmt stmt_causes = {
    "staff_causes",
    CAUSE
    "where ($1::text is null or k.state = $1 or ($1 = 'open' and k.state not in ('closed', 'refused'))) and ($2::integer is null or k.unit_id = $2) "
    "order by k.state in ('closed', 'refused'), k.due_at nulls last, k.id desc limit $3",
    3,
    {DB_TEXT, DB_INT4, DB_INT4}};
static const struct db_stmt stmt_cause = {"staff_cause", CAUSE "where k.id = $1", 1, {DB_INT8}};
/* The cases that this person sees, by groups of what was found to be one matter. */
static const struct db_stmt stmt_cause_cases = {
    "staff_cause_cases",
    "with recursive ids as materialized (select x.case_id as id from cause_cases x where x.cause_id = $1 order by x.case_id desc limit 300), "
    "edges as materialized (select t.case_id as a, t.other_id as b from twin_pairs t where t.apart_at is null and t.sure and t.case_id in (select id from ids) "
    "    and t.other_id in (select id from ids) "
    "  union select c.id, c.merged_into from cases c where c.id in (select id from ids) and c.merged_into in (select id from ids)), "
    "ways as materialized (select a, b from edges union select b, a from edges), "
    "walk (id, root) as (select id, id from ids union select w.b, walk.root from walk join ways w on w.a = walk.id), "
    "roots as (select id, min(root) as root from walk group by id) "
    "select " CASEWORK_COLUMNS
    ", left(coalesce(case_extract(c.id), (select s.masked from feedback s where s.case_id = c.id order by s.received_at, s.id "
    "limit 1), ''), 120), (select count(*) from case_reporters(c.id)), r.root, count(*) over (partition by r.root) "
    "from roots r join cases c on c.id = r.id order by count(*) over (partition by r.root) desc, r.root, c.opened_at desc, c.id",
    1,
    {DB_INT8}};
static const struct db_stmt stmt_cause_acts = {
    "staff_cause_acts",
    "select a.at, a.act, s.name, a.words, a.evidence from cause_acts a left join staff s on s.id = a.staff_id where a.cause_id = $1 order by a.id limit 500",
    1,
    {DB_INT8}};
static const struct db_stmt stmt_cause_since = {
    "staff_cause_since",
    "select cause_since(k), exists (select from cause_acts a where a.cause_id = k.id and a.act = 'finish') from causes k where k.id = $1",
    1,
    {DB_INT8}};
static const struct db_stmt stmt_cause_step = {
    "staff_cause_step",
    "select cause_step($1, $2, $3, $4, $5, $6, $7)",
    7,
    {DB_INT8, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ}};
const struct db_stmt *const staff_cause_statements[] = {
    &stmt_staff_bursts, &stmt_burst_seen, &stmt_staff_burst, &stmt_causes,    &stmt_cause,
    &stmt_cause_cases,  &stmt_cause_acts, &stmt_cause_since, &stmt_cause_step};
const size_t n_staff_cause_statements = ARRAY_LEN(staff_cause_statements);

struct cause_ask *cause_keep(const struct staff_ask *a, u64 id)
{
    struct cause_ask *q = MEM_NEW(struct cause_ask);
    *q = (struct cause_ask){.ask = *a, .id = id};
    return q;
}

bool cause_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, struct staff_who *who_r)
{
    static const struct {
        const char *state;
        enum refusal refusal;
    } refusals[] = {{"MSDU2", REFUSE_CAUSE_CHANGED},
                    {"MSDU3", REFUSE_CAUSE_STEP},
                    {"MSDU4", REFUSE_SECOND_PERSON},
                    {"MSDU5", REFUSE_CAUSE_EARLY}};
    if (end == DB_FAILED && error) {
        for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
            if (strcmp(error->sqlstate, refusals[i].state) != 0) continue;
            staff_refuse(a, refusals[i].refusal, NULL, NULL);
            return false;
        }
        if (strcmp(error->sqlstate, "MSDU1") == 0) {
            staff_refuse(a, REFUSE_NOT_FOUND, "没有这条记录，或您无权查看。",
                         "There is no such record, or you may not see it.");
            return false;
        }
        if (strcmp(error->sqlstate, "MSDU6") == 0) {
            body_refuse(a, "evidence");
            return false;
        }
    }
    return staff_entered(a, end, results, error, false, who_r);
}

void cause_put_what(struct gateway *g, const struct db_result *r, int row, int unit, int plaque,
                    struct text *t)
{
    enum { WINDOW = 1, CATEGORY, CATEGORY_NAME }; /* behind the plaque */
    text_addz(t, ",\"unit\":");
    register_unit_json(g, db_get_i64(r, row, unit), t);
    text_addz(t, ",\"window\":");
    if (db_is_null(r, row, plaque)) {
        text_addz(t, "null");
    } else {
        text_addz(t, "{\"plaque\":");
        json_put(t, db_get_text(r, row, plaque));
        json_put_text(t, "name", db_get_text(r, row, plaque + WINDOW));
        text_addc(t, '}');
    }
    text_addz(t, ",\"category\":");
    if (db_is_null(r, row, plaque + CATEGORY)) {
        text_addz(t, "null");
    } else {
        text_addz(t, "{\"code\":");
        json_put(t, db_get_text(r, row, plaque + CATEGORY));
        json_put_text(t, "name", db_get_text(r, row, plaque + CATEGORY_NAME));
        text_addc(t, '}');
    }
}

/* What this person may do next; the same questions that cause_step asks. */
static void put_steps(const struct db_result *r, int row, const struct staff_who *who, struct text *t)
{
    const struct str state = db_get_text(r, row, C_STATE);
    const u32 roles = who->actor.roles;
    const bool office = roles & ROLE_BIT(ROLE_COORDINATOR), own = db_get_bool(r, row, C_OWN);
    const bool leads = own && roles & ROLE_BIT(ROLE_UNIT_LEADER),
               works = leads || (own && roles & ROLE_BIT(ROLE_HANDLER));
    const bool checks = roles & (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR)) &&
                        str_eq(state, STR("rectified")) && !db_get_bool(r, row, C_MINE) &&
                        !db_get_bool(r, row, C_TIED);
    const bool proposed = str_eq(state, STR("proposed"));
    const struct staff_offer steps[] = {{"accept", proposed && office},
                                        {"refuse", proposed && office},
                                        {"begin", str_eq(state, STR("accepted")) && works},
                                        {"finish", str_eq(state, STR("rectifying")) && leads},
                                        {"close", checks && db_get_bool(r, row, C_RIPE)},
                                        {"reopen", checks}};
    staff_put_steps(steps, ARRAY_LEN(steps), t);
}

static void put_cause(struct gateway *g, const struct db_result *r, int row, const struct staff_who *who,
                      struct text *t)
{
    const struct str state = db_get_text(r, row, C_STATE);
    const instant due = db_get_instant(r, row, C_DUE);
    const bool runs = str_eq(state, STR("accepted")) || str_eq(state, STR("rectifying"));
    text_addf(t, "{\"id\":%lld,\"version\":%lld", (long long)db_get_i64(r, row, C_ID),
              (long long)db_get_i64(r, row, C_VERSION));
    json_put_text(t, "kind", db_get_text(r, row, C_KIND));
    cause_put_what(g, r, row, C_UNIT, C_PLAQUE, t);
    json_put_instant(t, "found_at", db_get_instant(r, row, C_FOUND));
    json_put_instant(t, "from", db_get_instant(r, row, C_FROM));
    text_addf(t, ",\"cases\":%lld", (long long)db_get_i64(r, row, C_CASES));
    json_put_text(t, "state", state);
    json_put_instant(t, "due_at", due);
    text_addf(t, ",\"late\":%s", runs && due.us && instant_before(due, clock_now()) ? "true" : "false");
    json_put_instant(t, "check_at", db_get_instant(r, row, C_CHECK));
    text_addf(t, ",\"round\":%lld", (long long)db_get_i64(r, row, C_ROUND));
    json_put_instant(t, "changed_at", db_get_instant(r, row, C_CHANGED));
    put_steps(r, row, who, t);
    text_addc(t, '}');
}

static void have_causes(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct cause_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (cause_entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int rows = MIN(db_rows(r), LIST_MAX);
        struct text t;
        text_init(&t, CAUSE_ANSWER_MAX);
        text_addf(&t, "{\"more\":%s,\"causes\":[", db_rows(r) > rows ? "true" : "false");
        for (int i = 0; i < rows; i++) {
            if (i) text_addc(&t, ',');
            put_cause(q->ask.g, r, i, &who, &t);
        }
        text_addz(&t, "]}");
        staff_answer(&q->ask, &t);
    }
    free(q);
}

void staff_causes(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const states[] = {"open",       "proposed",  "refused", "accepted",
                                         "rectifying", "rectified", "closed"};
    struct text state, unit;
    bool bad = false, known = true;
    u64 of_unit = 0;
    text_init(&state, 20);
    text_init(&unit, 24);
    if (query_param(in, "state", &state, &bad)) {
        known = false;
        for (size_t i = 0; i < ARRAY_LEN(states); i++) known |= str_eq(text_str(&state), str_of(states[i]));
    }
    if (bad || !known) {
        query_refuse(a, "state");
    } else if (query_param(in, "unit", &unit, &bad) &&
               (bad || !str_u64(text_str(&unit), INT32_MAX, &of_unit))) {
        query_refuse(a, "unit");
    } else {
        struct cause_ask *q = cause_keep(a, id);
        struct db_call *c = staff_call(a, have_causes, q);
        struct db_params *p = db_params_new(&stmt_causes);
        db_put_text(p, state.n ? text_str(&state) : STR_NONE);
        if (of_unit)
            db_put_i32(p, (int)of_unit);
        else
            db_put_null(p);
        db_put_i32(p, LIST_MAX + 1);
        db_call_add(c, &stmt_causes, p);
        if (!staff_go(a, c)) free(q);
    }
    text_free(&state);
    text_free(&unit);
}

static void put_cases(struct gateway *g, const struct db_result *r, struct text *t)
{
    enum { WORDS = CASEWORK_COLUMNS_N, REPORTERS, GROUP, OF_GROUP };
    struct case_row row;
    text_addz(t, ",\"rows\":[");
    for (int i = 0; i < db_rows(r); i++) {
        casework_row(r, i, &row);
        text_addf(t, "%s{\"group\":%lld,\"of_group\":%lld,\"case\":", i ? "," : "",
                  (long long)db_get_i64(r, i, GROUP), (long long)db_get_i64(r, i, OF_GROUP));
        staff_row_json(g, &row, db_get_text(r, i, WORDS), db_get_i64(r, i, REPORTERS), t);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_acts(const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"acts\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addz(t, i ? ",{\"act\":" : "{\"act\":");
        json_put(t, db_get_text(r, i, 1));
        json_put_instant(t, "at", db_get_instant(r, i, 0));
        json_put_text(t, "by", db_get_text(r, i, 2));
        json_put_text(t, "words", db_get_text(r, i, 3));
        json_put_text(t, "evidence", db_get_text(r, i, 4));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void have_cause(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    enum { HEAD = CASEWORK_FIRST, CASES, ACTS, SINCE };
    struct cause_ask *q = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (!cause_entered(&q->ask, end, results, error, &who)) goto over;
    if (db_rows(results[HEAD]) == 0) {
        staff_refuse(&q->ask, REFUSE_NOT_FOUND, "没有这条整改建议，或您无权查看。",
                     "There is no such proposal, or you may not see it.");
        goto over;
    }
    text_init(&t, CAUSE_ANSWER_MAX);
    text_addz(&t, "{\"cause\":");
    put_cause(q->ask.g, results[HEAD], 0, &who, &t);
    put_cases(q->ask.g, results[CASES], &t);
    put_acts(results[ACTS], &t);
    if (db_get_bool(results[SINCE], 0, 1))
        text_addf(&t, ",\"since\":%lld}", (long long)db_get_i64(results[SINCE], 0, 0));
    else
        text_addz(&t, ",\"since\":null}");
    staff_answer(&q->ask, &t);
over:
    free(q);
}

static void send_cause(const struct staff_ask *a, u64 id)
{
    struct cause_ask *q = cause_keep(a, id);
    struct db_call *c = staff_call(a, have_cause, q);
    staff_add_by_id(c, &stmt_cause, id);
    staff_add_by_id(c, &stmt_cause_cases, id);
    staff_add_by_id(c, &stmt_cause_acts, id);
    staff_add_by_id(c, &stmt_cause_since, id);
    if (!staff_go(a, c)) free(q);
}

void staff_cause(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    send_cause(a, id);
}

static void have_step(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct cause_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (cause_entered(&q->ask, end, results, error, &who)) {
        COUNT(CAUSE_STEPS);
        send_cause(&q->ask, q->id);
    }
    free(q);
}

/* The same day three months on, or the last of that month. */
static instant check_day(instant now)
{
    struct civil c = civil_from_days(china_day(now));
    c.month += CHECK_AFTER;
    if (c.month > 12) c.month -= 12, c.year++;
    i64 first = civil_to_days((struct civil){c.year, c.month, 1});
    i64 next = civil_to_days(c.month == 12 ? (struct civil){c.year + 1, 1, 1}
                                           : (struct civil){c.year, c.month + 1, 1});
    return china_instant(MIN(first + c.day - 1, next - 1), 0);
}

void staff_cause_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"version", "step", "words", "evidence", NULL};
    static const struct choice steps[] = {{"accept", "采纳"},    {"refuse", "不采纳"},
                                          {"begin", "开始整改"}, {"finish", "整改完成"},
                                          {"close", "复查通过"}, {"reopen", "退回重改"}};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    const i64 version = body_number(&b, "version", true, INT32_MAX);
    const int step = body_choice(&b, "step", steps, ARRAY_LEN(steps));
    const struct str words = body_text(&b, "words", 2, WORDS_MAX),
                     evidence = body_text(&b, "evidence", 0, WORDS_MAX);
    if (!body_good(a, &b)) return;
    struct cause_ask *q = cause_keep(a, id);
    struct db_call *c = staff_call(a, have_step, q);
    struct db_params *p = db_params_new(&stmt_cause_step);
    db_put_i64(p, (i64)id);
    db_put_i32(p, (int)version);
    db_put_text(p, str_of(steps[step].word));
    db_put_text(p, words);
    db_put_text(p, evidence);
    db_put_instant(p, twinfinder_due(a->g));
    db_put_instant(p, check_day(clock_now()));
    db_call_add(c, &stmt_cause_step, p);
    if (!staff_go(a, c)) free(q);
    body_close(&b);
}
