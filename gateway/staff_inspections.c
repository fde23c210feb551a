/* 督查行动 (M16) and 驻点、暗访 (M39): an inspection, what it found, and what came of it in 人次.
 *
 * A finding comes in through the door `monitor`, provider "inspection": of the doors it is the one for what a person finds
 * who is sent to look. Nobody spoke at a window or on the telephone, and no citizen waits; the inspecting post holds
 * the receipt and is the one who is asked whether it is mended. */
#include "finders.h"
#include "staff_query.h"
#include "staff_body.h"
#include "register.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 500

/* clang-format off */
static const struct choice kinds[] = {{"inspect", "督查"}, {"stationed", "驻点"}, {"covert", "暗访"}, {"joint", "联合"}};
static const struct choice outcomes[] = {{"announce", "通报批评"}, {"hand_over", "移送"}, {"talk", "约谈"}};
/* clang-format on */
enum { KIND_JOINT = 3 };

const struct db_stmt stmt_inspection_add = {
    "inspection_add",
    "with i as (insert into inspections (kind, unit_id, place, held_at, steps, basis, joint_with, staff_id) "
    "values ($1, $2, $3, $4, $5, $6, $7, staff_now()) on conflict on constraint inspections_once do nothing returning id) "
    "select id, true from i union all select n.id, false from inspections n where n.kind = $1 and n.unit_id = $2 "
    "and n.place = $3 and n.held_at = $4",
    7,
    {DB_TEXT, DB_INT4, DB_TEXT, DB_TIMESTAMPTZ, DB_TEXT, DB_TEXT, DB_TEXT}};
#define HEAD "n.id, n.kind, n.unit_id, n.place, n.held_at, n.joint_with"
const struct db_stmt stmt_inspections = {
    "inspections",
    "select " HEAD
    ", (select count(*) from findings f join cases c on c.id = f.case_id where f.inspection_id = n.id), "
    "coalesce((select sum(o.persons) from inspection_outcomes o where o.inspection_id = n.id), 0)::bigint "
    "from inspections n where ($1::text is null or n.kind = $1) and n.held_at >= $2 and n.held_at < $3 "
    "order by n.held_at desc, n.id desc limit $4",
    4,
    {DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4}};
const struct db_stmt stmt_inspection = {
    "inspection",
    "select " HEAD ", case when (select i_am('{coordinator,supervisor,accountability,registry,leader}')) "
    "and n.unit_id <> all ((select my_ties())::integer[]) then n.steps end, n.basis from inspections n where n.id = $1",
    1,
    {DB_INT8}};
const struct db_stmt stmt_inspection_problems = {
    "inspection_problems",
    "select " CASEWORK_COLUMNS
    ", f.ordinal, case when c.confidential then '' else left(s.masked, 80) end, " FINDER_FEEDBACKS " "
    "from findings f join cases c on c.id = f.case_id left join feedback s on s.id = f.feedback_id "
    "where f.inspection_id = $1 order by f.ordinal limit 500",
    1,
    {DB_INT8}};
const struct db_stmt stmt_inspection_outcomes = {
    "inspection_outcomes",
    "select o.kind, o.persons, o.decided_on::text, o.document, f.ordinal from inspection_outcomes o "
    "left join findings f on f.feedback_id = o.feedback_id where o.inspection_id = $1 order by o.id limit 500",
    1,
    {DB_INT8}};
/* Of the whole inspection, or of one of its problems: that problem must be one the person sees. */
const struct db_stmt stmt_inspection_outcome = {
    "inspection_outcome",
    "with t as (select n.id, f.feedback_id from inspections n left join findings f on f.inspection_id = n.id and f.ordinal = $2 "
    "  where n.id = $1 and ($2 is null or f.feedback_id is not null)), "
    "o as (insert into inspection_outcomes (inspection_id, feedback_id, kind, persons, decided_on, document, key, staff_id) "
    "  select t.id, t.feedback_id, $3, $4, $5::text::date, $6, $7, staff_now() from t "
    "  on conflict on constraint inspection_outcomes_once do nothing) "
    "select count(*) from t",
    7,
    {DB_INT8, DB_INT4, DB_TEXT, DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_inspection_totals = {
    "inspection_totals",
    "with n as (select n.id, n.kind from inspections n where n.held_at >= $1 and n.held_at < $2), "
    "o as (select o.kind, sum(o.persons)::bigint as persons from inspection_outcomes o join n on n.id = o.inspection_id group by o.kind) "
    "select (select count(*) from n), (select count(*) from findings f join cases c on c.id = f.case_id join n on n.id = f.inspection_id), "
    "(select count(*) from findings f join n on n.id = f.inspection_id join cases c on c.id = f.case_id " FINDER_MAIN
    "  where " FINDER_SOLVED "), "
    "coalesce((select persons from o where kind = 'announce'), 0), coalesce((select persons from o where kind = 'hand_over'), 0), "
    "coalesce((select persons from o where kind = 'talk'), 0)",
    2,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ}};

/* --- JSON --- */

static void put_head(struct gateway *g, const struct db_result *r, int row, struct text *t)
{
    struct str kind = db_get_text(r, row, 1);
    text_addf(t, "{\"id\":%lld,\"kind\":", (long long)db_get_i64(r, row, 0));
    json_put(t, kind);
    text_addf(t, ",\"label\":\"%s\",\"unit\":", choice_chinese(kinds, ARRAY_LEN(kinds), kind));
    register_unit_json(g, db_get_i64(r, row, 2), t);
    text_addz(t, ",\"place\":"), json_put(t, db_get_text(r, row, 3));
    json_put_instant(t, "held_at", db_get_instant(r, row, 4));
    json_put_text(t, "joint_with", db_get_text(r, row, 5));
}

static void put_problems(struct gateway *g, const struct db_result *r, struct text *t)
{
    struct case_row c;
    text_addz(t, ",\"problems\":[");
    for (int i = 0; i < db_rows(r); i++) {
        casework_row(r, i, &c);
        text_addf(t, "%s{\"ordinal\":%lld,\"case\":", i ? "," : "",
                  (long long)db_get_i64(r, i, CASEWORK_COLUMNS_N));
        staff_row_json(g, &c, db_get_text(r, i, CASEWORK_COLUMNS_N + 1),
                       db_get_i64(r, i, CASEWORK_COLUMNS_N + 2), t);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_outcomes(const struct db_result *r, struct text *t)
{
    text_addz(t, ",\"outcomes\":[");
    for (int i = 0; i < db_rows(r); i++) {
        struct str kind = db_get_text(r, i, 0);
        text_addz(t, i ? ",{\"kind\":" : "{\"kind\":"), json_put(t, kind);
        text_addf(t, ",\"label\":\"%s\",\"persons\":%lld,\"decided_on\":",
                  choice_chinese(outcomes, ARRAY_LEN(outcomes), kind), (long long)db_get_i64(r, i, 1));
        json_put(t, db_get_text(r, i, 2));
        json_put_text(t, "document", db_get_text(r, i, 3));
        if (db_is_null(r, i, 4))
            text_addz(t, ",\"problem\":null}");
        else
            text_addf(t, ",\"problem\":%lld}", (long long)db_get_i64(r, i, 4));
    }
    text_addc(t, ']');
}

/* --- one inspection --- */

struct inspection_ask {
    struct staff_ask ask;
    u64 id;
    int status;
};
enum { Q_HEAD = CASEWORK_FIRST, Q_PROBLEMS, Q_OUTCOMES };

static void refuse_unknown(const struct staff_ask *a)
{
    staff_refuse(a, REFUSE_NOT_FOUND, "没有这次督查或这个问题，或您无权查看。",
                 "There is no such inspection or problem, or you may not see it.");
}

static void have_inspection(void *arg, enum db_end end, const struct db_result *const *results, int n,
                            const struct db_error *error)
{
    struct inspection_ask *q = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (!staff_granted(&q->ask, end, results, error, &who)) goto over;
    const struct db_result *h = results[Q_HEAD];
    if (db_rows(h) == 0) {
        refuse_unknown(&q->ask);
        goto over;
    }
    text_init(&body, 4u << 20);
    text_addz(&body, "{\"inspection\":");
    put_head(q->ask.g, h, 0, &body);
    json_put_text(&body, "steps", db_get_text(h, 0, 6));
    json_put_text(&body, "basis", db_get_text(h, 0, 7));
    text_addc(&body, '}');
    put_problems(q->ask.g, results[Q_PROBLEMS], &body);
    put_outcomes(results[Q_OUTCOMES], &body);
    text_addc(&body, '}');
    staff_answer_status(&q->ask, q->status, &body);
over:
    free(q);
}

static struct inspection_ask *keep(const struct staff_ask *a, u64 id, int status)
{
    struct inspection_ask *q = MEM_NEW(struct inspection_ask);
    *q = (struct inspection_ask){*a, id, status};
    return q;
}

static void inspection_send(const struct staff_ask *a, u64 id, int status)
{
    struct inspection_ask *q = keep(a, id, status);
    struct db_call *c = staff_call_by_key(a, have_inspection, q);
    staff_add_by_id(c, &stmt_inspection, id);
    staff_add_by_id(c, &stmt_inspection_problems, id);
    staff_add_by_id(c, &stmt_inspection_outcomes, id);
    if (!staff_go(a, c)) free(q);
}

void inspection_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    inspection_send(a, id, 200);
}

static void added(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct inspection_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (staff_granted(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0)
            staff_refuse(&q->ask, REFUSE_UNAVAILABLE, NULL, NULL);
        else
            inspection_send(&q->ask, (u64)db_get_i64(r, 0, 0), db_get_bool(r, 0, 1) ? 201 : 200);
    }
    free(q);
}

void inspection_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"kind",  "unit",  "place",      "held_at",
                                        "steps", "basis", "joint_with", NULL};
    struct body b;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    int kind = body_choice(&b, "kind", kinds, ARRAY_LEN(kinds));
    i64 unit = body_unit(a->g, &b, "unit", true);
    struct str place = body_text(&b, "place", 1, 200), steps = body_text(&b, "steps", 1, 5000),
               basis = body_text(&b, "basis", 1, 500),
               with = body_text(&b, "joint_with", kind == KIND_JOINT, 200);
    instant at = body_instant(&b, "held_at");
    if (!body_good(a, &b)) return;
    struct inspection_ask *q = keep(a, 0, 0);
    struct db_call *c = staff_call(a, added, q);
    struct db_params *p = db_params_new(&stmt_inspection_add);
    db_put_text(p, str_of(kinds[kind].word));
    db_put_i32(p, (int)unit);
    db_put_text(p, place);
    db_put_instant(p, at);
    db_put_text(p, steps);
    db_put_text(p, basis);
    db_put_text(p, with);
    db_call_add(c, &stmt_inspection_add, p);
    if (!staff_go(a, c)) free(q);
    body_close(&b);
}

/* --- a finding --- */

struct raising {
    struct staff_ask ask;
    char key[129];
    struct body body;
    struct finding f;
};

static void raising_free(struct raising *w)
{
    body_close(&w->body);
    free(w);
}

static void raised(void *arg, const struct finding_result *r)
{
    struct raising *w = arg;
    struct text body;
    if (!r->answered) {
        text_init(&body, 64 * 1024);
        text_addf(&body, "{\"inspection\":%lld,", (long long)w->f.source_id);
        finding_answer(&w->ask, r, &body);
    }
    raising_free(w);
}

static void may_raise(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct raising *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_granted(&w->ask, end, results, error, &who)) {
        raising_free(w);
    } else if (!(who.actor.roles &
                 (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_ACCOUNTABILITY)))) {
        staff_refuse(&w->ask, REFUSE_FORBIDDEN, NULL, NULL);
        raising_free(w);
    } else if (db_rows(results[CASEWORK_FIRST]) == 0) {
        refuse_unknown(&w->ask);
        raising_free(w);
    } else {
        finding_bring(&w->ask, &w->f, raised, w);
    }
}

void inspection_finding(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"text", "nature", NULL};
    struct body b;
    enum nature nature = NATURE_SUPERVISE;
    if (!body_open(a, in, known, &b)) return;
    struct finding f = {.source = "inspection",
                        .source_id = (i64)id,
                        /* What was found at one unit must not go to another because of a word in it. */
                        .by_hand = true,
                        .door = DOOR_MONITOR,
                        .text = body_text(&b, "text", 1, SUBMISSION_TEXT_POINTS)};
    struct str said = body_text(&b, "nature", 0, 20);
    if (said.n && !b.wrong && (!nature_parse(said, &nature) || nature == NATURE_RATE)) b.wrong = "nature";
    f.nature = nature;
    if (!body_good(a, &b)) return;
    struct raising *w = MEM_NEW(struct raising);
    *w = (struct raising){.ask = *a, .body = b, .f = f};
    if (!body_key(a, in, w->key)) {
        raising_free(w);
        return;
    }
    w->f.key = str_of(w->key);
    struct db_call *c = staff_call(a, may_raise, w);
    staff_add_by_id(c, &stmt_inspection, id);
    if (!staff_go(a, c)) raising_free(w);
}

/* --- an outcome --- */

static void decided(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct inspection_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (staff_granted(&q->ask, end, results, error, &who)) {
        if (db_get_i64(results[CASEWORK_FIRST], 0, 0) == 0)
            refuse_unknown(&q->ask);
        else
            inspection_send(&q->ask, q->id, 200);
    }
    free(q);
}

void inspection_outcome(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"problem", "kind", "persons", "decided_on", "document", NULL};
    struct body b;
    char key[129];
    if (!body_open(a, in, known, &b)) return;
    i64 problem = body_number(&b, "problem", false, INT32_MAX),
        persons = body_number(&b, "persons", true, 1000);
    int kind = body_choice(&b, "kind", outcomes, ARRAY_LEN(outcomes));
    struct str on = body_date(&b, "decided_on", true), document = body_text(&b, "document", 0, 60);
    if (!body_good(a, &b)) return;
    if (body_key(a, in, key)) {
        struct inspection_ask *q = keep(a, id, 200);
        struct db_call *c = staff_call(a, decided, q);
        struct db_params *p = db_params_new(&stmt_inspection_outcome);
        db_put_i64(p, (i64)id);
        if (problem)
            db_put_i32(p, (int)problem);
        else
            db_put_null(p);
        db_put_text(p, str_of(outcomes[kind].word));
        db_put_i32(p, (int)persons);
        db_put_text(p, on);
        db_put_text(p, document);
        db_put_text(p, str_of(key));
        db_call_add(c, &stmt_inspection_outcome, p);
        if (!staff_go(a, c)) free(q);
    }
    body_close(&b);
}

/* --- list and totals --- */

static void have_list(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&body, 2u << 20);
        text_addz(&body, "{\"inspections\":[");
        for (int i = 0; i < MIN(db_rows(r), LIST_MAX); i++) {
            if (i) text_addc(&body, ',');
            put_head(a->g, r, i, &body);
            text_addf(&body, ",\"problems\":%lld,\"persons\":%lld}", (long long)db_get_i64(r, i, 6),
                      (long long)db_get_i64(r, i, 7));
        }
        text_addf(&body, "],\"more\":%s}", db_rows(r) > LIST_MAX ? "true" : "false");
        staff_answer(a, &body);
    }
    free(a);
}

void inspection_list(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    instant from, to;
    int kind;
    (void)id;
    if (!query_range(a, in, &from, &to) || !query_choice(a, in, "kind", kinds, ARRAY_LEN(kinds), &kind))
        return;
    struct db_params *p = db_params_new(&stmt_inspections);
    db_put_text(p, kind < 0 ? STR_NONE : str_of(kinds[kind].word));
    db_put_instant(p, from);
    db_put_instant(p, to);
    db_put_i32(p, LIST_MAX + 1);
    staff_send(a, &stmt_inspections, p, have_list);
}

static void have_totals(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        i64 v[6];
        for (int i = 0; i < 6; i++) v[i] = db_get_i64(r, 0, i);
        const i64 persons = v[3] + v[4] + v[5];
        text_init(&body, 1000);
        text_addf(&body,
                  "{\"inspections\":%lld,\"problems\":%lld,\"solved\":%lld,\"outcomes\":{\"announce\":%lld,"
                  "\"hand_over\":%lld,\"talk\":%lld},\"persons\":%lld}",
                  (long long)v[0], (long long)v[1], (long long)v[2], (long long)v[3], (long long)v[4],
                  (long long)v[5], (long long)persons);
        staff_answer(a, &body);
    }
    free(a);
}

void inspection_totals(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    instant from, to;
    (void)id;
    if (!query_range(a, in, &from, &to)) return;
    struct db_params *p = db_params_new(&stmt_inspection_totals);
    db_put_instant(p, from);
    db_put_instant(p, to);
    staff_send(a, &stmt_inspection_totals, p, have_totals);
}
