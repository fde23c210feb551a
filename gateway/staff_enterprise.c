/* Visits to enterprises (企业码, M41) as the staff see them: who comes, why and by what law; the code scanned on the spot; what came
 * of it and the number by which the enterprise rates it once; and how many visits of the month, over all units, each enterprise
 * had. schema/0024_enterprise.sql asks once more who may take which step. */
#include "casework.h"
#include "staff_body.h"
#include "staff_query.h"
#include "ids.h"
#include "metrics.h"
#include "ratings.h"
#include "register.h"
#include "base/code.h"
#include "core/workdays.h"
#include "qr/plaque.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)4 << 20)
#define LIST_MAX   500
#define UNIT_ROLES (ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER))
#define MAY_SEE                                                                                              \
    (UNIT_ROLES | ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_ACCOUNTABILITY) |   \
     ROLE_BIT(ROLE_REGISTRY) | ROLE_BIT(ROLE_LEADER))

static const struct choice kinds[] = {{"inspection", "入企检查"}, {"service", "上门服务"}};
static const struct choice steps[] = {
    {"planned", "约定日期"}, {"arrived", "到场扫码"}, {"done", "登记结果"}, {"cancelled", "取消"}};
enum { STEP_PLAN, STEP_ARRIVE, STEP_FINISH, STEP_CANCEL };

const struct db_stmt stmt_enterprises = {
    "enterprises",
    "select u.id, u.uscc, p.number, f.inspections, f.services, f.units, f.planned from units u "
    "left join lateral (select number from plaques where unit_id = u.id and state in ('issued', 'active') order by number limit 1) p on true "
    "left join visit_figures($1::text::date) f on f.enterprise_id = u.id "
    "where u.kind = 'enterprise' and u.retired_on is null order by coalesce(f.inspections, 0) desc, u.code collate \"C\" limit $2",
    2,
    {DB_TEXT, DB_INT4}};
const struct db_stmt stmt_visits = {
    "visits",
    "select v.id, v.enterprise_id, coalesce(v.unit_id, visit_case_unit(v.feedback_id)), v.kind, v.subject, v.basis, v.planned_for::text, v.state, "
    "(select f.case_id from feedback f where f.id = v.feedback_id), v.entered_at, v.arrived_at, v.done_at, v.result, v.service_id, v.reason, "
    "(select r.level from ratings r where r.service_id = v.service_id) "
    "from visits v where ($1 = 0 or v.enterprise_id = $1) and ($2 = '' or v.state = $2) "
    "order by (v.state in ('asked', 'planned', 'arrived')) desc, v.entered_at desc, v.id desc limit $3",
    3,
    {DB_INT4, DB_TEXT, DB_INT4}};
const struct db_stmt stmt_visit_add = {
    "visit_add",
    "insert into visits (enterprise_id, kind, subject, basis, planned_for) select u.id, $2, $3, $4, $5::text::date from units u "
    "where u.id = $1 and u.kind = 'enterprise' and u.retired_on is null returning id, state, null::bigint, null::text",
    5,
    {DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_visit_step = {
    "visit_step",
    "update visits set state = $2, planned_for = coalesce($3::text::date, planned_for), arrived_plaque = coalesce($4, arrived_plaque), "
    "reason = $5 where id = $1 returning id, state, null::bigint, null::text",
    5,
    {DB_INT8, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT}};
/* The result, and the one rating of it at the unit's own window. */
const struct db_stmt stmt_visit_finish = {
    "visit_finish",
    "with w as (select p.number from plaques p where p.state in ('issued', 'active') and p.unit_id in "
    "  (select u.id from units u where u.id = my_unit() or u.parent_id = my_unit()) order by (p.window_name is not null), p.number limit 1), "
    "s as (select x.id, x.plaque from visits v, w, lateral service_finish($3, w.number, $4, $5, 'visit-' || lpad(v.id::text, 12, '0'), false) x "
    "  where v.id = $1 and v.state = 'arrived') "
    "update visits set state = 'done', result = $2, service_id = (select s.id from s) where id = $1 "
    "returning id, state, service_id, (select s.plaque from s)",
    5,
    {DB_INT8, DB_TEXT, DB_INT8, DB_BYTEA, DB_BYTEA}};

struct visiting {
    struct staff_ask ask;
    char number[RATING_SERVICE_MAX]; /* by which the visit is rated */
    bool added;
};

static bool entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who)
{
    const char *state = end == DB_FAILED ? error->sqlstate : "";
    if (strcmp(state, "MSD98") == 0 || strcmp(state, "42501") == 0)
        staff_refuse(a, REFUSE_FORBIDDEN, "只有上门的单位自己可以登记这一步。",
                     "Only the visiting unit takes this step.");
    else if (strcmp(state, "MSD99") == 0 || strcmp(state, "23514") == 0)
        staff_refuse(a, REFUSE_VISIT_STEP, NULL, NULL);
    else if (strcmp(state, "MSD9A") == 0)
        staff_refuse(a, REFUSE_VISIT_CODE, NULL, NULL);
    else if (staff_entered(a, end, results, error, false, who)) {
        if (who->actor.roles & MAY_SEE) return true;
        staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    }
    return false;
}

/* 0 where nothing was counted. */
static void put_count(const char *name, const struct db_result *r, int row, int col, struct text *t)
{
    text_addf(t, ",\"%s\":%lld", name, (long long)db_get_i64(r, row, col));
}

/* --- enterprises and their month --- */

static void have_enterprises(void *arg, enum db_end end, const struct db_result *const *results, int n,
                             const struct db_error *error)
{
    struct visiting *q = arg;
    struct staff_who who;
    (void)n;
    if (entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int rows = MIN(db_rows(r), LIST_MAX);
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addf(&body, "{\"may_enter\":%s,\"more\":%s,\"enterprises\":[",
                  who.actor.roles & UNIT_ROLES ? "true" : "false", db_rows(r) > rows ? "true" : "false");
        for (int i = 0; i < rows; i++) {
            const struct unit *u = register_unit(q->ask.g, (int)db_get_i64(r, i, 0));
            text_addz(&body, i ? ",{\"enterprise\":" : "{\"enterprise\":");
            register_unit_json(q->ask.g, db_get_i64(r, i, 0), &body);
            json_put_text(&body, "class", u ? u->class : STR_NONE);
            json_put_text(&body, "uscc", db_get_text(r, i, 1));
            json_put_text(&body, "plaque", db_get_text(r, i, 2));
            put_count("inspections", r, i, 3, &body);
            put_count("services", r, i, 4, &body);
            put_count("units", r, i, 5, &body);
            put_count("planned", r, i, 6, &body);
            text_addc(&body, '}');
        }
        text_addz(&body, "]}");
        staff_answer(&q->ask, &body);
    }
    free(q);
}

void staff_enterprises(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    i64 day;
    char text[16];
    (void)id;
    if (!query_day(a, in, "month", china_day(clock_now()), &day)) return;
    const struct civil c = civil_from_days(day);
    snprintf(text, sizeof text, "%04d-%02d-01", c.year, c.month);
    struct visiting *q = MEM_NEW(struct visiting);
    q->ask = *a;
    struct db_call *call = staff_call(a, have_enterprises, q);
    struct db_params *p = db_params_new(&stmt_enterprises);
    db_put_text(p, str_of(text));
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(call, &stmt_enterprises, p);
    if (!staff_go(a, call)) free(q);
}

/* --- visits --- */

enum {
    COL_ID,
    COL_ENTERPRISE,
    COL_UNIT,
    COL_KIND,
    COL_SUBJECT,
    COL_BASIS,
    COL_PLANNED,
    COL_STATE,
    COL_CASE,
    COL_ENTERED,
    COL_ARRIVED,
    COL_DONE,
    COL_RESULT,
    COL_SERVICE,
    COL_REASON,
    COL_LEVEL
};

/* What this person may do next; the same questions that the table's trigger asks. */
static void put_steps(const struct db_result *r, int row, const struct staff_who *who, struct text *t)
{
    const struct str state = db_get_text(r, row, COL_STATE);
    const bool own = (who->actor.roles & UNIT_ROLES) && !db_is_null(r, row, COL_UNIT) &&
                     db_get_i64(r, row, COL_UNIT) == who->actor.unit,
               asked = str_eq(state, STR("asked")), planned = str_eq(state, STR("planned"));
    const struct staff_offer all[] = {
        {steps[STEP_PLAN].word, own && asked},
        {steps[STEP_ARRIVE].word, own && planned},
        {steps[STEP_FINISH].word, own && str_eq(state, STR("arrived"))},
        {steps[STEP_CANCEL].word,
         (own || (who->actor.roles & ROLE_BIT(ROLE_COORDINATOR))) && (asked || planned)}};
    staff_put_steps(all, ARRAY_LEN(all), t);
    text_addc(t, '}');
}

static void put_visit(struct gateway *g, const struct db_result *r, int row, const struct staff_who *who,
                      struct text *t)
{
    text_addf(t, "{\"id\":%lld,\"enterprise\":", (long long)db_get_i64(r, row, COL_ID));
    register_unit_json(g, db_get_i64(r, row, COL_ENTERPRISE), t);
    text_addz(t, ",\"unit\":");
    register_unit_json(g, db_is_null(r, row, COL_UNIT) ? 0 : db_get_i64(r, row, COL_UNIT), t);
    json_put_text(t, "kind", db_get_text(r, row, COL_KIND));
    json_put_text(t, "subject", db_get_text(r, row, COL_SUBJECT));
    json_put_text(t, "basis", db_get_text(r, row, COL_BASIS));
    json_put_text(t, "planned_for", db_get_text(r, row, COL_PLANNED));
    json_put_text(t, "state", db_get_text(r, row, COL_STATE));
    if (db_is_null(r, row, COL_CASE))
        text_addz(t, ",\"case\":null");
    else
        text_addf(t, ",\"case\":%lld", (long long)db_get_i64(r, row, COL_CASE));
    json_put_instant(t, "entered_at", db_get_instant(r, row, COL_ENTERED));
    json_put_instant(t, "arrived_at", db_get_instant(r, row, COL_ARRIVED));
    json_put_instant(t, "done_at", db_get_instant(r, row, COL_DONE));
    json_put_text(t, "result", db_get_text(r, row, COL_RESULT));
    json_put_text(t, "reason", db_get_text(r, row, COL_REASON));
    text_addf(t, ",\"ratable\":%s,\"level\":", db_is_null(r, row, COL_SERVICE) ? "false" : "true");
    if (db_is_null(r, row, COL_LEVEL))
        text_addz(t, "null");
    else
        text_addf(t, "%lld", (long long)db_get_i64(r, row, COL_LEVEL));
    put_steps(r, row, who, t);
}

static void have_visits(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct visiting *q = arg;
    struct staff_who who;
    (void)n;
    if (entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        const int rows = MIN(db_rows(r), LIST_MAX);
        struct text body;
        text_init(&body, ANSWER_MAX);
        text_addf(&body, "{\"more\":%s,\"visits\":[", db_rows(r) > rows ? "true" : "false");
        for (int i = 0; i < rows; i++) {
            if (i) text_addc(&body, ',');
            put_visit(q->ask.g, r, i, &who, &body);
        }
        text_addz(&body, "]}");
        staff_answer(&q->ask, &body);
    }
    free(q);
}

void staff_visits(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const struct choice states[] = {{"asked", "已申请"},
                                           {"planned", "已约定"},
                                           {"arrived", "已到场"},
                                           {"done", "已完成"},
                                           {"cancelled", "已取消"}};
    u64 of = 0;
    int state;
    (void)id;
    if (!query_choice(a, in, "state", states, ARRAY_LEN(states), &state) ||
        !query_number(a, in, "enterprise", INT32_MAX, &of))
        return;
    struct visiting *q = MEM_NEW(struct visiting);
    q->ask = *a;
    struct db_call *c = staff_call(a, have_visits, q);
    struct db_params *p = db_params_new(&stmt_visits);
    db_put_i32(p, (int)of);
    db_put_text(p, state < 0 ? STR("") : str_of(states[state].word));
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(c, &stmt_visits, p);
    if (!staff_go(a, c)) free(q);
}

static void have_step(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct visiting *q = arg;
    struct gateway *g = q->ask.g;
    struct staff_who who;
    (void)n;
    if (entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0) {
            staff_refuse(&q->ask, REFUSE_NOT_FOUND, NULL, NULL);
        } else {
            struct text body;
            COUNT(VISIT_STEPS);
            text_init(&body, 2000);
            text_addf(&body, "{\"id\":%lld", (long long)db_get_i64(r, 0, 0));
            json_put_text(&body, "state", db_get_text(r, 0, 1));
            if (!db_is_null(r, 0, 2)) {
                char token[RATING_SERVICE_MAX];
                struct text link;
                text_init(&link, 1000);
                rating_token_of(g, (u64)db_get_i64(r, 0, 2), token);
                rating_link(g, db_get_text(r, 0, 3), token, &link);
                json_put_text(&body, "number", str_of(q->number));
                json_put_text(&body, "link", text_str(&link));
                text_free(&link);
            }
            text_addc(&body, '}');
            staff_answer_status(&q->ask, q->added ? 201 : 200, &body);
        }
    }
    free(q);
}

static struct visiting *visiting_new(const struct staff_ask *a)
{
    struct visiting *q = MEM_NEW(struct visiting);
    q->ask = *a;
    return q;
}

void staff_visit_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"enterprise", "kind", "subject", "basis", "planned_for", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const i64 enterprise = body_number(&b, "enterprise", true, INT32_MAX);
    const int kind = body_choice(&b, "kind", kinds, ARRAY_LEN(kinds));
    const struct str subject = body_text(&b, "subject", 1, 300),
                     basis = body_text(&b, "basis", kind == 0 ? 2 : 0, 300),
                     day = body_date(&b, "planned_for", false);
    if (!body_good(a, &b)) return;
    struct visiting *q = visiting_new(a);
    q->added = true;
    struct db_call *c = staff_call(a, have_step, q);
    struct db_params *p = db_params_new(&stmt_visit_add);
    db_put_i32(p, (int)enterprise);
    db_put_text(p, str_of(kinds[kind].word));
    db_put_text(p, subject);
    db_put_text(p, basis.n ? basis : STR_NONE);
    db_put_text(p, day.n ? day : STR_NONE);
    db_call_add(c, &stmt_visit_add, p);
    body_close(&b);
    if (!staff_go(a, c)) free(q);
}

/* The number is for the enterprise: random, said once, stored as a hash alone. */
static void finish_params(struct visiting *q, u64 visit, struct str result, struct db_params *p)
{
    struct gateway *g = q->ask.g;
    const u64 service = ids_next(g);
    char token[RATING_SERVICE_MAX];
    u8 token_hash[32], number_hash[32], random[8];
    u64 digits = 0;
    crypto_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) digits = digits << 8 | random[i];
    snprintf(q->number, sizeof q->number, "RQ%llu%010llu", (unsigned long long)visit,
             (unsigned long long)(digits % 10000000000u));
    rating_token_of(g, service, token);
    rating_hash(g, str_of(token), token_hash);
    rating_hash(g, str_of(q->number), number_hash);
    db_put_i64(p, (i64)visit);
    db_put_text(p, result);
    db_put_i64(p, (i64)service);
    db_put_bytes(p, (struct str){(const char *)token_hash, sizeof token_hash});
    db_put_bytes(p, (struct str){(const char *)number_hash, sizeof number_hash});
}

void staff_visit_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"step", "planned_for", "plaque", "result", "reason", NULL};
    struct body b;
    char number[PLAQUE_NUMBER_MAX] = "";
    if (!body_open(a, in, known, &b)) return;
    const int step = body_choice(&b, "step", steps, ARRAY_LEN(steps));
    const struct str day = body_date(&b, "planned_for", step == STEP_PLAN),
                     plaque = body_text(&b, "plaque", step == STEP_ARRIVE ? 6 : 0, 40),
                     result = body_text(&b, "result", step == STEP_FINISH ? 1 : 0, 1000),
                     reason = body_text(&b, "reason", step == STEP_CANCEL ? 2 : 0, 300);
    if (!body_good(a, &b)) return;
    if (plaque.n && !plaque_number_parse(plaque, number)) {
        body_close(&b);
        staff_refuse(a, REFUSE_VISIT_CODE, NULL, NULL);
        return;
    }
    if (step == STEP_FINISH && !ids_ready(a->g)) {
        body_close(&b);
        staff_refuse(a, REFUSE_UNAVAILABLE, NULL, NULL);
        return;
    }
    struct visiting *q = visiting_new(a);
    const struct db_stmt *stmt = step == STEP_FINISH ? &stmt_visit_finish : &stmt_visit_step;
    struct db_call *c = staff_call(a, have_step, q);
    struct db_params *p = db_params_new(stmt);
    if (step == STEP_FINISH) {
        finish_params(q, id, result, p);
    } else {
        db_put_i64(p, (i64)id);
        db_put_text(p, str_of(steps[step].word));
        db_put_text(p, day.n ? day : STR_NONE);
        db_put_text(p, number[0] ? str_of(number) : STR_NONE);
        db_put_text(p, step == STEP_CANCEL ? reason : STR_NONE);
    }
    db_call_add(c, stmt, p);
    body_close(&b);
    if (!staff_go(a, c)) free(q);
}
