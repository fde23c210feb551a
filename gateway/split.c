#include "split.h"
#include "ids.h"
#include "intake.h"
#include "metrics.h"
#include "register.h"
#include "rules.h"
#include "base/code.h"
#include "base/log.h"
#include "core/normalise.h"
#include "core/proof.h"
#include "core/redact.h"
#include "core/route.h"
#include <stdio.h>
#include <stdlib.h>

#define TEXTS_MAX ((size_t)128 * 1024)

static const struct db_stmt stmt_split_from = {
    "split_from",
    "select c.opened_at, c.channel, coalesce(c.plaque_unit_id, 0), encode(a.hash, 'hex') from cases c "
    "join acts a on a.case_id = c.id and a.version = 1 where c.id = $1",
    1,
    {DB_INT8}};
static const struct db_stmt stmt_split_open = {
    "split_open",
    "select case_part_open($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    10,
    {DB_INT8, DB_INT4, DB_INT8, DB_INT8, DB_TIMESTAMPTZ, DB_JSONB, DB_BYTEA, DB_BYTEA, DB_BYTEA, DB_BYTEA}};
static const struct db_stmt stmt_split_told = {
    "split_told",
    "select events_append(array['case.opened'], array[$1], array[null::integer], array[nullif($2, 0)], array[$3], array[$4])",
    4,
    {DB_INT8, DB_INT4, DB_BOOL, DB_JSONB}};
const struct db_stmt *const split_statements[] = {&stmt_split_from, &stmt_split_open, &stmt_split_told};
const size_t n_split_statements = ARRAY_LEN(split_statements);

struct splitting {
    struct gateway *g;
    struct arena arena;
    struct session session;
    u64 case_id, act_id;
    struct act_request req;
    struct str category, opening, rest_opening, event;
    struct case_row row; /* of the new case */
    struct proof_part part;
    struct proof_act first;
    u8 words[HASH_BYTES], hash[HASH_BYTES];
    casework_done *done;
    void *arg;
};

static void end_with(struct splitting *s, const struct casework_result *r)
{
    s->done(s->arg, r);
    arena_free(&s->arena);
    free(s);
}

static void refuse(struct splitting *s, enum refusal r, const char *detail)
{
    const struct casework_result result = {.refusal = r, .detail = detail, .case_id = s->case_id};
    end_with(s, &result);
}

/* --- what the new case is --- */

/* The clerk writes for the unit: numbers and names that slipped in are masked like the citizen's (P11). */
static struct str masked(struct arena *a, struct str words)
{
    struct text t;
    text_init(&t, words.n + 1);
    redact_mask(words, &t);
    struct str kept = arena_str(a, text_str(&t));
    text_free(&t);
    return kept;
}

/* The whole unit that the clerk named; 0 for none. False: there is none of that number. */
static bool settle_about(struct splitting *s)
{
    const struct unit *u = s->req.about ? register_unit(s->g, (int)s->req.about) : NULL;
    if (u && str_eq(u->kind, STR("station"))) u = register_unit(s->g, u->parent_id);
    if (s->req.about && !u) return false;
    s->req.about = u ? u->id : 0;
    return true;
}

/* Where it waits until somebody gives it to a unit: never with the unit that it reports. */
static int waiting_unit(const struct gateway *g, const struct decision *d, bool confidential)
{
    const struct unit *u = register_unit_code(g, str_of(g->cfg.discipline_unit));
    if (!confidential) return d->unit_id;
    return u && !u->retired && u->id != d->about_unit_id ? u->id : register_triage_unit(g);
}

/* What the router says of this part alone, under what the clerk has decided. */
static enum refusal decide(struct splitting *s, enum door door, int plaque_unit)
{
    const struct category *cat = s->category.n ? register_category(s->g, s->category) : NULL;
    struct decision d;
    struct outcome o;
    struct case_row *row = &s->row;
    if (!settle_about(s) || (s->category.n && !cat)) return REFUSE_UNKNOWN_FIELD;
    const struct route_input in = {.text = intake_cleaned(s->g, s->req.text, &s->arena),
                                   .nature = s->req.part_nature,
                                   .unit_id = plaque_unit,
                                   .door = door};
    if (!in.text.p) return REFUSE_TEXT_TOO_LONG;
    route_decide(register_routing(s->g), &in, &s->arena, &d);
    d.nature = s->req.part_nature;
    if (s->req.about) d.about_unit_id = (int)s->req.about;
    if (cat) {
        d.category = cat->code;
        if (d.urgency != URGENCY_CRITICAL)
            d.level = cat->level; /* a danger in the words outlasts the choice */
    }
    if (!cat) cat = register_category(s->g, d.category);
    const bool confidential =
        d.confidential || d.nature == NATURE_REPORT || (cat != NULL && cat->confidential);
    d.triage = true; /* a person gives it out */
    d.unit_id = waiting_unit(s->g, &d, confidential);

    *row = (struct case_row){.category = arena_str(&s->arena, d.category),
                             .urgency = str_of(urgency_chinese(d.urgency)),
                             .channel = str_of(door_word(door)),
                             .held = d.held && !confidential,
                             .triage = true,
                             .plaque_unit = plaque_unit};
    row->view = case_view_new((i64)ids_next(s->g), d.nature, d.level, d.about_unit_id, confidential);
    row->view.limit_amount = cat ? cat->limit_amount : 5;
    const struct act_request received = {.act = ACT_RECEIVE,
                                         .actor = {.kind = ACTOR_GATEWAY},
                                         .now = s->first.at,
                                         .expected_version = CASE_VERSION_ANY};
    const struct deadline_rules rules = rules_deadline(s->g);
    int year = 0;
    if (caseflow_apply(&row->view, &received, &o) != REFUSE_NONE) return REFUSE_INTERNAL;
    if (!clocks_after(&rules, register_workdays_at(s->g, s->first.at), &o, s->first.at, &row->clocks, &year))
        return REFUSE_CALENDAR_MISSING;
    row->view = o.view;
    row->view.flags |= CASE_FLAG_PART;
    row->view.unit = d.unit_id;
    s->opening = intake_decision(s->g, &s->arena, &d, NULL, confidential, false, s->category.n != 0);
    return s->opening.p && row->category.p ? REFUSE_NONE : REFUSE_TEXT_TOO_LONG;
}

/* What stays gets a decision of its own too: the one that was made of the whole words may speak of the other part. */
static bool decide_rest(struct splitting *s, enum door door, int plaque_unit)
{
    struct decision d;
    const struct route_input in = {
        .text = intake_cleaned(s->g, s->req.rest, &s->arena), .unit_id = plaque_unit, .door = door};
    if (!in.text.p) return false;
    route_decide(register_routing(s->g), &in, &s->arena, &d);
    s->rest_opening = intake_decision(s->g, &s->arena, &d, NULL, d.confidential, false, false);
    return s->rest_opening.p != NULL;
}

/* --- how it is stored --- */

static void put_flags(u32 flags, struct text *t)
{
    text_addz(t, ",\"flags\":[");
    for (unsigned b = 0, n = 0; b < CASE_FLAGS_N; b++)
        if (flags >> b & 1) text_addf(t, "%s\"%s\"", n++ ? "," : "", case_flag_word(b));
    text_addc(t, ']');
}

static void put_text(const char *name, struct str v, struct text *t)
{
    text_addf(t, ",\"%s\":", name);
    json_put(t, v);
}

/* What case_part_open reads; the decision was made before. */
static bool put_opening(struct splitting *s)
{
    const struct case_row *row = &s->row;
    const struct case_clocks *c = &row->clocks;
    struct text t, event;
    text_init(&t, TEXTS_MAX);
    text_addf(
        &t,
        "{\"nature\":\"%s\",\"level\":%d,\"unit\":%lld,\"about\":\"%lld\",\"limit\":%d,\"held\":%s,\"next_rung\":%d",
        nature_word(row->view.nature), row->view.level, (long long)row->view.unit,
        (long long)row->view.about_unit, row->view.limit_amount, row->held ? "true" : "false",
        c->next.us ? c->next_rung : 0);
    put_flags(row->view.flags, &t);
    put_text("category", row->category, &t);
    put_text("urgency", row->urgency, &t);
    if (c->due.us) put_text("clock", str_of(case_clock_word(c->due_clock)), &t);
    if (c->next.us) put_text("next_act", str_of(case_act_word(c->next_act)), &t);
    json_put_instant(&t, "due", c->due);
    json_put_instant(&t, "warn", c->warn);
    json_put_instant(&t, "next", c->next);
    put_text("piece", s->part.extract, &t);
    put_text("rest", s->part.rest, &t);
    put_text("reason", s->part.reason, &t);
    text_addz(&t, ",\"data\":");
    text_add(&t, s->first.data);
    text_addz(&t, ",\"decision\":");
    text_add(&t, s->opening);
    text_addz(&t, ",\"rest_decision\":");
    text_add(&t, s->rest_opening);
    text_addc(&t, '}');
    text_init(&event, 8192);
    casework_json(s->g, row, &event);
    s->opening = t.overflow ? STR_NONE : arena_str(&s->arena, text_str(&t));
    s->event = event.overflow ? STR_NONE : arena_str(&s->arena, text_str(&event));
    text_free(&t);
    text_free(&event);
    return s->opening.p && s->event.p;
}

static void prove(struct splitting *s)
{
    u8 seal[HASH_BYTES], who[HASH_BYTES];
    struct text hex;
    crypto_random(s->part.salt, sizeof s->part.salt);
    proof_part(crypto_sha256, &s->part, seal);
    text_init(&hex, 2 * HASH_BYTES);
    hex_put(&hex, seal, sizeof seal);
    s->req.part_seal = arena_str(&s->arena, text_str(&hex));
    text_free(&hex);

    s->first.id = (i64)s->act_id;
    s->first.case_id = s->row.view.id;
    s->first.version = 1;
    s->first.act = STR("receive");
    s->first.actor = STR("gateway");
    s->first.from = STR("new");
    s->first.to = STR("discovered");
    s->first.public_words = true;
    crypto_random(s->first.salt, sizeof s->first.salt);
    proof_words(crypto_sha256, &s->first, s->words);
    proof_who(crypto_sha256, &s->first, who);
    proof_act(crypto_sha256, NULL, &s->first, who, s->words, s->hash);
}

static struct str bytes(const u8 *p, size_t n) { return (struct str){(const char *)p, n}; }

static int beside(void *arg, struct db_call *c)
{
    const struct splitting *s = arg;
    struct db_params *p = db_params_new(&stmt_split_open);
    db_put_i64(p, (i64)s->case_id);
    db_put_i32(p, (int)s->req.expected_version);
    db_put_i64(p, s->row.view.id);
    db_put_i64(p, (i64)s->act_id);
    db_put_instant(p, s->first.at);
    db_put_json(p, s->opening);
    db_put_bytes(p, bytes(s->first.salt, sizeof s->first.salt));
    db_put_bytes(p, bytes(s->words, sizeof s->words));
    db_put_bytes(p, bytes(s->hash, sizeof s->hash));
    db_put_bytes(p, bytes(s->part.salt, sizeof s->part.salt));
    db_call_add(c, &stmt_split_open, p);
    return 1;
}

/* Nobody's unit has it yet, and nobody of the unit that a report names is told of it. */
static int behind(void *arg, struct db_call *c)
{
    const struct splitting *s = arg;
    const struct case_view *v = &s->row.view;
    const bool confidential = (v->flags & CASE_FLAG_CONFIDENTIAL) != 0;
    struct db_params *p = db_params_new(&stmt_split_told);
    db_put_i64(p, v->id);
    db_put_i32(p, confidential ? (int)v->about_unit : 0);
    db_put_bool(p, confidential);
    db_put_json(p, s->event);
    db_call_add(c, &stmt_split_told, p);
    return 1;
}

static void acted(void *arg, const struct casework_result *r)
{
    if (r->refusal == REFUSE_NONE) COUNT(SPLITS);
    end_with(arg, r);
}

static void have_first(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct splitting *s = arg;
    enum door door = DOOR_WEB;
    (void)n;
    if (end != DB_OK) {
        log_line(LOG_ERROR, LOG_STAFF, "case to split not read", "sqlstate=%s", error ? error->sqlstate : "");
        refuse(s, REFUSE_UNAVAILABLE, "");
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    if (db_rows(results[CASEWORK_WHO]) == 0 || db_rows(r) == 0) {
        refuse(s, db_rows(results[CASEWORK_WHO]) ? REFUSE_CASE_UNKNOWN : REFUSE_SESSION_NEEDED, "");
        return;
    }
    char data[2 * HASH_BYTES + 16];
    snprintf(data, sizeof data, "{\"of\": \"%.*s\"}", STR_ARG(db_get_text(r, 0, 3)));
    s->first.at = db_get_instant(r, 0, 0);
    s->first.data = arena_str(&s->arena, str_of(data));
    if (!door_parse(db_get_text(r, 0, 1), &door)) door = DOOR_WEB;
    enum refusal why = decide(s, door, (int)db_get_i64(r, 0, 2));
    if (why == REFUSE_NONE && !decide_rest(s, door, (int)db_get_i64(r, 0, 2))) why = REFUSE_TEXT_TOO_LONG;
    s->act_id = ids_next(s->g);
    if (why != REFUSE_NONE) {
        refuse(s, why, "");
        return;
    }
    if (s->row.view.id == 0 || s->act_id == 0) {
        refuse(s, REFUSE_UNAVAILABLE, "");
        return;
    }
    s->part.case_id = s->row.view.id;
    s->part.extract = s->req.text;
    s->part.rest = s->req.rest;
    s->part.reason = s->req.reason;
    if (!put_opening(s)) {
        refuse(s, REFUSE_TEXT_TOO_LONG, "");
        return;
    }
    prove(s);
    casework_act_around(s->g, &s->session, s->case_id, &s->req, STR_NONE, beside, behind, acted, s);
}

void split_act(struct gateway *g, const struct session *session, u64 case_id, const struct act_request *req,
               struct str category, casework_done *done, void *arg)
{
    /* Nothing to split, or not into what: the table says so in its own words, and writes nothing. */
    if (!register_ready(g) || str_trim(req->text).n == 0 || str_trim(req->rest).n == 0 ||
        str_trim(req->reason).n == 0 || req->part_nature == NATURE_UNKNOWN ||
        req->part_nature == NATURE_RATE) {
        casework_act(g, session, case_id, req, STR_NONE, done, arg);
        return;
    }
    struct splitting *s = MEM_NEW(struct splitting);
    *s = (struct splitting){.g = g, .case_id = case_id, .req = *req, .done = done, .arg = arg};
    s->session = *session;
    arena_init(&s->arena, 4 * 1024 * 1024);
    s->req.text = masked(&s->arena, str_trim(req->text));
    s->req.rest = masked(&s->arena, str_trim(req->rest));
    s->req.reason = arena_str(&s->arena, str_trim(req->reason));
    if (category.n) s->category = arena_str(&s->arena, category);
    struct db_call *c = db_call_new(have_first, s);
    struct db_params *p = db_params_new(&stmt_split_from);
    casework_enter_by_key(c, session, 0);
    db_put_i64(p, (i64)case_id);
    db_call_add(c, &stmt_split_from, p);
    if (!db_call_send(g->lane_staff, c)) refuse(s, REFUSE_UNAVAILABLE, "");
}
