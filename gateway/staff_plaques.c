#include "staff_plaques.h"
#include "casework.h"
#include "staff_query.h"
#include "plaques.h"
#include "register.h"
#include "base/code.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX  200
#define ACTS_MAX  200
#define DAYS_MAX  90
#define ALARM_MAX 200

/* The inner join is the guard: a unit sees the walls of its own plaques alone. */
#define PLAQUE_COLUMNS                                                                                                                 \
    "p.number, p.unit_id, p.window_name, p.state, p.key_version::int4, p.successor, p.issued_at, p.state_at, w.place, w.lat, w.lon, "  \
    "w.photo, w.hung_at, w.result, w.inspected_at, w.reported, w.reported_at, w.reprint_since, "                                       \
    "case when p.state in ('issued', 'active') then coalesce(w.inspected_at, w.hung_at, p.state_at) + make_interval(secs => $1) end, " \
    "(select max(d.day)::text from plaque_days d where d.number = p.number and d.scans + d.typed > 0), "                               \
    "(select count(*) from plaque_alarms a where a.number = p.number and a.settled_at is null)"
enum {
    P_NUMBER,
    P_UNIT,
    P_WINDOW,
    P_STATE,
    P_KEY,
    P_SUCCESSOR,
    P_ISSUED,
    P_STATE_AT,
    P_PLACE,
    P_LAT,
    P_LON,
    P_PHOTO,
    P_HUNG,
    P_RESULT,
    P_INSPECTED,
    P_REPORTED,
    P_REPORTED_AT,
    P_REPRINT,
    P_DUE,
    P_LAST_SCAN,
    P_ALARMS
};
#define PLAQUE_FROM "from plaques p join plaque_walls w on w.number = p.number "

static const struct db_stmt stmt_plaque_list = {
    "plaque_list",
    "select * from (select " PLAQUE_COLUMNS " as alarms, u.parent_id as parent, "
    "coalesce(w.inspected_at, w.hung_at, p.state_at) + make_interval(secs => $1) <= now() and p.state in ('issued', 'active') as due_now, "
    "w.reported is not null or w.reprint_since is not null or coalesce(w.result, 'present') <> 'present' as trouble " PLAQUE_FROM
    "join units u on u.id = p.unit_id) x where ($2::int4 is null or x.unit_id = $2 or x.parent = $2) and ($3::text is null or x.state = $3) "
    "and case $4 when 'never' then x.state in ('issued', 'active') and x.max is null when 'due' then x.due_now "
    "when 'trouble' then x.trouble when 'alarm' then x.alarms > 0 else true end "
    "and x.number collate \"C\" > $5 order by x.number collate \"C\" limit $6",
    6,
    {DB_FLOAT8, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT4}};
static const struct db_stmt stmt_plaque_one = {
    "plaque_one", "select " PLAQUE_COLUMNS " " PLAQUE_FROM "where p.number = $2", 2, {DB_FLOAT8, DB_TEXT}};
static const struct db_stmt stmt_plaque_acts = {
    "plaque_acts",
    "select a.act, a.at, a.state, case when (select plaque_reader()) then s.name end, a.why, a.result, a.place, a.photo, a.successor, "
    "a.staff_id is null from plaque_acts a left join staff s on s.id = a.staff_id where a.number = $1 order by a.id desc limit $2",
    2,
    {DB_TEXT, DB_INT4}};
static const struct db_stmt stmt_plaque_days_read = {
    "plaque_days_read",
    "select d.day::text, d.scans, d.typed, d.entries, d.rates, d.supervises, d.asks, d.forged, d.revoked, d.void, d.retired, d.far "
    "from plaque_days d where d.number = $1 order by d.day desc limit $2",
    2,
    {DB_TEXT, DB_INT4}};
static const struct db_stmt stmt_plaque_weeks = {
    "plaque_weeks",
    "select week::text, scans, coalesce(entries, -1), coalesce(sent, -1) from plaque_weeks($1)",
    1,
    {DB_TEXT}};
static const struct db_stmt stmt_plaque_alarms = {
    "plaque_alarms",
    "select a.id, a.number, a.kind, a.since, a.seen_at, a.count, a.settled_at, s.name, a.note from plaque_alarms a "
    "left join staff s on s.id = a.settled_by where ($1 or a.settled_at is null) and ($2::text is null or a.number = $2) "
    "order by a.settled_at is not null, a.seen_at desc, a.id desc limit $3",
    3,
    {DB_BOOL, DB_TEXT, DB_INT4}};
static const struct db_stmt stmt_plaque_keys = {
    "plaque_keys",
    "select k.version::int4, k.since, k.withdrawn_at, k.why, "
    "(select count(*) from plaques p where p.key_version = k.version and p.state in ('issued', 'active')) "
    "from plaque_keys k order by k.version desc",
    0,
    {0}};
/* Funnel over the whole district, the last 30 days. */
static const struct db_stmt stmt_plaque_funnel = {
    "plaque_funnel",
    "select coalesce(sum(d.scans + d.typed), 0)::int8, coalesce(sum(d.entries), 0)::int8, coalesce(sum(d.rates), 0)::int8, "
    "coalesce(sum(d.supervises), 0)::int8, coalesce(sum(d.asks), 0)::int8 from plaque_days d where d.number <> '' "
    "and d.day > (now() at time zone 'Asia/Shanghai')::date - 30",
    0,
    {0}};
const struct db_stmt *const staff_plaque_statements[] = {
    &stmt_plaque_list,      &stmt_plaque_one,       &stmt_plaque_acts,   &stmt_plaque_days_read,
    &stmt_plaque_weeks,     &stmt_plaque_alarms,    &stmt_plaque_keys,   &stmt_plaque_funnel,
    &stmt_plaque_issue,     &stmt_plaque_step,      &stmt_plaque_settle, &stmt_plaque_sheet,
    &stmt_plaque_photo_may, &stmt_plaque_photo_add, &stmt_plaque_photo};
const size_t n_staff_plaque_statements = ARRAY_LEN(staff_plaque_statements);

/* --- refusals --- */

void plaque_refuse_unknown(const struct staff_ask *a)
{
    staff_refuse(a, REFUSE_NOT_FOUND, "没有这块监督牌，或您无权查看。",
                 "There is no such plaque, or you may not see it.");
}

bool plaque_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who_r)
{
    static const struct {
        const char *state;
        enum refusal refusal;
        const char *zh, *en;
    } rows[] = {
        {"MSDP1", REFUSE_FORBIDDEN, "监督牌由综合办公室管理，您的岗位不能办理。",
         "Plaques are kept by the registry; your post may not do this."},
        {"MSDP3", REFUSE_CASE_CHANGED, "这块牌现在的状态不能这样办理，请刷新后再看。",
         "The plaque's state does not allow this now; reload and look again."},
        {"MSDP4", REFUSE_CASE_CHANGED, "请先由管理员更换编码密钥（plaque rotate-key），再作废这块牌的旧码。",
         "The key must be changed first (plaque rotate-key)."},
        {"23514", REFUSE_UNKNOWN_FIELD, "有一项内容的取值无法识别。",
         "The value of a member is not understood."},
    };
    if (end == DB_FAILED && error && strcmp(error->sqlstate, "MSDP2") == 0) {
        plaque_refuse_unknown(a);
        return false;
    }
    for (size_t i = 0; end == DB_FAILED && error && i < ARRAY_LEN(rows); i++) {
        if (strcmp(error->sqlstate, rows[i].state) != 0) continue;
        staff_refuse(a, rows[i].refusal, rows[i].zh, rows[i].en);
        return false;
    }
    return staff_granted(a, end, results, error, who_r);
}

/* --- JSON --- */

static void put_plaque(struct gateway *g, const struct db_result *r, int row, struct text *t)
{
    text_addz(t, "{\"number\":");
    json_put(t, db_get_text(r, row, P_NUMBER));
    text_addz(t, ",\"unit\":");
    register_unit_json(g, db_get_i64(r, row, P_UNIT), t);
    json_put_text(t, "window", db_get_text(r, row, P_WINDOW));
    json_put_text(t, "state", db_get_text(r, row, P_STATE));
    text_addf(t, ",\"key_version\":%lld", (long long)db_get_i64(r, row, P_KEY));
    json_put_text(t, "successor", db_get_text(r, row, P_SUCCESSOR));
    json_put_instant(t, "issued_at", db_get_instant(r, row, P_ISSUED));
    json_put_instant(t, "state_at", db_get_instant(r, row, P_STATE_AT));
    json_put_text(t, "place", db_get_text(r, row, P_PLACE));
    if (db_is_null(r, row, P_LAT))
        text_addz(t, ",\"lat\":null,\"lon\":null");
    else
        text_addf(t, ",\"lat\":%.6f,\"lon\":%.6f", db_get_f64(r, row, P_LAT), db_get_f64(r, row, P_LON));
    if (db_is_null(r, row, P_PHOTO))
        text_addz(t, ",\"photo\":null");
    else
        text_addf(t, ",\"photo\":%lld", (long long)db_get_i64(r, row, P_PHOTO));
    json_put_instant(t, "hung_at", db_get_instant(r, row, P_HUNG));
    json_put_text(t, "result", db_get_text(r, row, P_RESULT));
    json_put_instant(t, "inspected_at", db_get_instant(r, row, P_INSPECTED));
    json_put_text(t, "reported", db_get_text(r, row, P_REPORTED));
    json_put_instant(t, "reported_at", db_get_instant(r, row, P_REPORTED_AT));
    json_put_instant(t, "reprint_since", db_get_instant(r, row, P_REPRINT));
    json_put_instant(t, "inspect_due", db_get_instant(r, row, P_DUE));
    json_put_text(t, "last_scan", db_get_text(r, row, P_LAST_SCAN));
    text_addf(t, ",\"alarms\":%lld}", (long long)db_get_i64(r, row, P_ALARMS));
}

static void put_acts(const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"acts\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addz(t, i ? ",{\"act\":" : "{\"act\":");
        json_put(t, db_get_text(r, i, 0));
        json_put_instant(t, "at", db_get_instant(r, i, 1));
        json_put_text(t, "state", db_get_text(r, i, 2));
        json_put_text(t, "by", db_get_text(r, i, 3));
        json_put_text(t, "why", db_get_text(r, i, 4));
        json_put_text(t, "result", db_get_text(r, i, 5));
        json_put_text(t, "place", db_get_text(r, i, 6));
        if (db_is_null(r, i, 7))
            text_addz(t, ",\"photo\":null");
        else
            text_addf(t, ",\"photo\":%lld", (long long)db_get_i64(r, i, 7));
        json_put_text(t, "successor", db_get_text(r, i, 8));
        text_addf(t, ",\"console\":%s}", db_get_bool(r, i, 9) ? "true" : "false");
    }
    text_addc(t, ']');
}

static void put_days(const struct db_result *r, struct text *t)
{
    static const char *const names[] = {"scans",  "typed",   "entries", "rates",   "supervises", "asks",
                                        "forged", "revoked", "void",    "retired", "far"};
    text_addz(t, ",\"days\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addz(t, i ? ",{\"day\":" : "{\"day\":");
        json_put(t, db_get_text(r, i, 0));
        for (int k = 0; k < (int)ARRAY_LEN(names); k++)
            text_addf(t, ",\"%s\":%lld", names[k], (long long)db_get_i64(r, i, k + 1));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_few(struct text *t, const char *name, i64 n)
{
    if (n < 0)
        text_addf(t, ",\"%s\":null", name);
    else
        text_addf(t, ",\"%s\":%lld", name, (long long)n);
}

static void put_weeks(const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"weeks\":[");
    for (int i = 0; i < db_rows(r); i++) {
        text_addz(t, i ? ",{\"week\":" : "{\"week\":");
        json_put(t, db_get_text(r, i, 0));
        put_few(t, "scans", db_get_i64(r, i, 1));
        put_few(t, "entries", db_get_i64(r, i, 2));
        put_few(t, "sent", db_get_i64(r, i, 3));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_alarms(struct gateway *g, const struct db_result *r, struct text *t)
{
    text_addz(t, "\"alarms\":[");
    for (int i = 0; i < MIN(db_rows(r), ALARM_MAX); i++) {
        struct str number = db_get_text(r, i, 1);
        const struct plaque_row *p = number.n ? register_plaque(g, number) : NULL;
        text_addf(t, "%s{\"id\":%lld", i ? "," : "", (long long)db_get_i64(r, i, 0));
        json_put_text(t, "number", number.n ? number : STR_NONE);
        text_addz(t, ",\"unit\":");
        register_unit_json(g, p ? p->unit_id : 0, t);
        json_put_text(t, "kind", db_get_text(r, i, 2));
        json_put_instant(t, "since", db_get_instant(r, i, 3));
        json_put_instant(t, "seen_at", db_get_instant(r, i, 4));
        text_addf(t, ",\"count\":%lld", (long long)db_get_i64(r, i, 5));
        json_put_instant(t, "settled_at", db_get_instant(r, i, 6));
        json_put_text(t, "settled_by", db_get_text(r, i, 7));
        json_put_text(t, "note", db_get_text(r, i, 8));
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

/* --- one --- */

enum { Q_ONE = CASEWORK_FIRST, Q_ACTS, Q_DAYS, Q_WEEKS, Q_ALARMS };
static void have_one(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (!plaque_entered(a, end, results, error, &who)) goto over;
    if (db_rows(results[Q_ONE]) == 0) {
        plaque_refuse_unknown(a);
        goto over;
    }
    text_init(&body, 1u << 20);
    text_addz(&body, "{\"plaque\":");
    put_plaque(a->g, results[Q_ONE], 0, &body);
    put_acts(results[Q_ACTS], &body);
    put_days(results[Q_DAYS], &body);
    put_weeks(results[Q_WEEKS], &body);
    text_addc(&body, ',');
    put_alarms(a->g, results[Q_ALARMS], &body);
    text_addc(&body, '}');
    staff_answer(a, &body);
over:
    free(a);
}

static void put_every(struct db_params *p, const struct staff_ask *a)
{
    db_put_f64(p, (double)a->g->cfg.plaque_inspect_every.us / 1e6);
}

static void add_limited(struct db_call *c, const struct db_stmt *s, struct str number, int most)
{
    struct db_params *p = db_params_new(s);
    db_put_text(p, number);
    db_put_i32(p, most);
    db_call_add(c, s, p);
}

void plaque_send(const struct staff_ask *a, struct str number)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_one, kept);
    struct db_params *p = db_params_new(&stmt_plaque_one);
    put_every(p, a);
    db_put_text(p, number);
    db_call_add(c, &stmt_plaque_one, p);
    add_limited(c, &stmt_plaque_acts, number, ACTS_MAX);
    add_limited(c, &stmt_plaque_days_read, number, DAYS_MAX);
    p = db_params_new(&stmt_plaque_weeks);
    db_put_text(p, number);
    db_call_add(c, &stmt_plaque_weeks, p);
    p = db_params_new(&stmt_plaque_alarms);
    db_put_bool(p, true);
    db_put_text(p, number);
    db_put_i32(p, ALARM_MAX);
    db_call_add(c, &stmt_plaque_alarms, p);
    if (!staff_go(a, c)) free(kept);
}

void plaque_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    char number[24];
    (void)in;
    snprintf(number, sizeof number, "%llu", (unsigned long long)id);
    plaque_send(a, str_of(number));
}

/* --- list --- */

static void have_list(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (plaque_entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&body, 1u << 20);
        text_addz(&body, "{\"plaques\":[");
        for (int i = 0; i < MIN(db_rows(r), LIST_MAX); i++) {
            if (i) text_addc(&body, ',');
            put_plaque(a->g, r, i, &body);
        }
        text_addf(&body, "],\"more\":%s}", db_rows(r) > LIST_MAX ? "true" : "false");
        staff_answer(a, &body);
    }
    free(a);
}

void plaque_list(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const struct choice states[] = {
        {"issued", "制发"}, {"active", "在用"}, {"retired", "停用"}, {"void", "作废"}};
    static const struct choice shows[] = {
        {"never", "从未扫码"}, {"due", "到期巡检"}, {"trouble", "有问题"}, {"alarm", "有告警"}};
    struct text unit, after;
    u64 unit_id = 0;
    int state = -1, show = -1;
    bool bad = false;
    (void)id;
    text_init(&unit, 24);
    text_init(&after, 24);
    const bool has_unit = query_param(in, "unit", &unit, &bad),
               pages = query_param(in, "after", &after, &bad);
    if (bad || (has_unit && !str_u64(text_str(&unit), INT32_MAX, &unit_id)))
        query_refuse(a, "unit");
    else if (query_choice(a, in, "state", states, ARRAY_LEN(states), &state) &&
             query_choice(a, in, "show", shows, ARRAY_LEN(shows), &show)) {
        struct staff_ask *kept = staff_keep(a);
        struct db_call *c = staff_call(a, have_list, kept);
        struct db_params *p = db_params_new(&stmt_plaque_list);
        put_every(p, a);
        if (has_unit)
            db_put_i32(p, (int)unit_id);
        else
            db_put_null(p);
        db_put_text(p, state < 0 ? STR_NONE : str_of(states[state].word));
        db_put_text(p, show < 0 ? STR("") : str_of(shows[show].word));
        db_put_text(p, pages ? text_str(&after) : STR(""));
        db_put_i32(p, LIST_MAX + 1);
        db_call_add(c, &stmt_plaque_list, p);
        if (!staff_go(a, c)) free(kept);
    }
    text_free(&unit);
    text_free(&after);
}

/* --- alarms, keys and coverage --- */

static void have_alarms(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (plaque_entered(a, end, results, error, &who)) {
        text_init(&body, 1u << 20);
        text_addc(&body, '{');
        put_alarms(a->g, results[CASEWORK_FIRST], &body);
        text_addc(&body, '}');
        staff_answer(a, &body);
    }
    free(a);
}

void plaque_alarms(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text all;
    bool bad = false;
    (void)id;
    text_init(&all, 8);
    const bool settled = query_param(in, "all", &all, &bad) && str_eq(text_str(&all), STR("1"));
    struct db_params *p = db_params_new(&stmt_plaque_alarms);
    db_put_bool(p, settled);
    db_put_null(p);
    db_put_i32(p, ALARM_MAX);
    staff_send(a, &stmt_plaque_alarms, p, have_alarms);
    text_free(&all);
}

static void have_coverage(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (plaque_entered(a, end, results, error, &who)) {
        const struct db_result *keys = results[CASEWORK_FIRST], *f = results[CASEWORK_FIRST + 1];
        text_init(&body, 1u << 20);
        text_addz(&body, "{\"coverage\":");
        plaque_coverage_json(a->g, &body);
        text_addf(
            &body,
            ",\"funnel\":{\"scans\":%lld,\"entries\":%lld,\"rates\":%lld,\"supervises\":%lld,\"asks\":%lld},\"keys\":[",
            (long long)db_get_i64(f, 0, 0), (long long)db_get_i64(f, 0, 1), (long long)db_get_i64(f, 0, 2),
            (long long)db_get_i64(f, 0, 3), (long long)db_get_i64(f, 0, 4));
        for (int i = 0; i < db_rows(keys); i++) {
            text_addf(&body, "%s{\"version\":%lld,\"plaques\":%lld", i ? "," : "",
                      (long long)db_get_i64(keys, i, 0), (long long)db_get_i64(keys, i, 4));
            json_put_instant(&body, "since", db_get_instant(keys, i, 1));
            json_put_instant(&body, "withdrawn_at", db_get_instant(keys, i, 2));
            json_put_text(&body, "why", db_get_text(keys, i, 3));
            text_addc(&body, '}');
        }
        text_addz(&body, "]}");
        staff_answer(a, &body);
    }
    free(a);
}

void plaque_coverage(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_coverage, kept);
    db_call_add(c, &stmt_plaque_keys, db_params_new(&stmt_plaque_keys));
    db_call_add(c, &stmt_plaque_funnel, db_params_new(&stmt_plaque_funnel));
    if (!staff_go(a, c)) free(kept);
}
