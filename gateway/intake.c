#include "intake.h"
#include "casework.h"
#include "ids.h"
#include "metrics.h"
#include "outbox.h"
#include "register.h"
#include "base/arena.h"
#include "base/code.h"
#include "base/list.h"
#include "base/log.h"
#include "core/normalise.h"
#include "core/receipt.h"
#include "core/redact.h"
#include "core/route.h"
#include "io/nfkc.h"
#include "qr/plaque.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SINGLE_TRIES 4         /* of one item alone, before it is refused as an error of ours */
#define WAIT_FOR_DB  SPAN_S(2) /* unsent items wait this long for a lost database to come back */
#define SWEEP_EVERY  SPAN_MS(250)

/* The feedback, its case, the acts that opened it and the acknowledgement owed: one statement, so a repeat (same channel,
 * provider and key) leaves no trace in any of them. Rows go in by key order: two gateways with the same keys in
 * different orders would wait for each other. Columns of $-arrays are in the order of put_batch. */
const struct db_stmt stmt_intake_store = {
    "intake_store",
    "with i as (select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) as t "
    "  (id, received_at, channel, provider, external_id, dedupe_key, dedupe_body, receipt_hash, plaque, nature_said, rating, words, "
    "   clean, masked, contact, sent_at, case_id, decision)), "
    "k as (select * from unnest($19, $20, $21, $22, $23, $24, $25, $26) as t (feedback_id, act_id, handling_due, due_at, due_clock, "
    "   flags, facts, assigned)), "
    "f as (insert into feedback (id, received_at, channel, provider, external_id, dedupe_key, dedupe_body, receipt_hash, plaque, "
    "   nature_said, rating, words, clean, masked, contact, sent_at, case_id, decision) "
    "  select * from i order by channel, provider, dedupe_key on conflict (channel, provider, dedupe_key) do nothing "
    "  returning id, case_id, received_at, channel), "
    "c as (insert into cases (id, version, state, nature, category, level, urgency, unit_id, about_unit_id, plaque_unit_id, channel, "
    "   limit_amount, flags, held, triage, opened_at, assigned_at, handling_due, due_at, due_clock) "
    "  select f.case_id, case when k.assigned then 2 else 1 end, case when k.assigned then 'assigned' else 'discovered' end, "
    "   k.facts->>'nature', k.facts->>'category', (k.facts->>'level')::smallint, k.facts->>'urgency', (k.facts->>'unit')::integer, "
    "   nullif(k.facts->>'about', '0')::integer, nullif(k.facts->>'plaque_unit', '0')::integer, f.channel, "
    "   (k.facts->>'limit')::integer, case when k.flags = '' then '{}' else string_to_array(k.flags, ',') end, "
    "   (k.facts->>'held')::boolean, (k.facts->>'triage')::boolean, f.received_at, "
    "   case when k.assigned then f.received_at end, k.handling_due, k.due_at, k.due_clock "
    "  from k join f on f.id = k.feedback_id returning id), "
    "a as (insert into acts (id, case_id, version, at, act, actor, from_state, to_state, unit_id, reason, public) "
    "  select k.act_id, f.case_id, 1, f.received_at, 'receive', 'gateway', 'new', 'discovered', null::integer, null::text, true "
    "  from k join f on f.id = k.feedback_id union all "
    "  select k.act_id + 1, f.case_id, 2, f.received_at, 'assign', 'router', 'discovered', 'assigned', "
    "   (k.facts->>'unit')::integer, k.facts->>'reason', true "
    "  from k join f on f.id = k.feedback_id where k.assigned returning id), "
    "o as (insert into outbox (id, created_at, channel, recipient, body, dedupe_key, feedback_id, due_at) "
    "  select t.id, f.received_at, t.channel, t.recipient, t.body, 'receipt:' || f.id, f.id, f.received_at "
    "  from unnest($27, $28, $29, $30, $31) as t (id, feedback_id, channel, recipient, body) join f on f.id = t.feedback_id returning id) "
    "select f.id from f",
    31,
    {DB_INT8S,        DB_TIMESTAMPTZS, DB_TEXTS, DB_TEXTS,  DB_TEXTS, DB_TEXTS, DB_BYTEAS,
     DB_BYTEAS,       DB_TEXTS,        DB_TEXTS, DB_INT4S,  DB_TEXTS, DB_TEXTS, DB_TEXTS,
     DB_BYTEAS,       DB_TIMESTAMPTZS, DB_INT8S, DB_JSONBS, DB_INT8S, DB_INT8S, DB_TIMESTAMPTZS,
     DB_TIMESTAMPTZS, DB_TEXTS,        DB_TEXTS, DB_JSONBS, DB_BOOLS, DB_INT8S, DB_INT8S,
     DB_TEXTS,        DB_BYTEAS,       DB_BYTEAS}};
const struct db_stmt stmt_intake_events = {
    "intake_events",
    "select events_append($1, $2, $3, $4, $5, $6, $7)",
    7,
    {DB_TEXTS, DB_INT8S, DB_INT4S, DB_INT4S, DB_BOOLS, DB_JSONBS, DB_INT8S}};
const struct db_stmt stmt_intake_repeats = {
    "intake_repeats",
    "select t.ord, f.id, f.case_id, f.dedupe_body from unnest($1, $2, $3, $4) as t (ord, channel, provider, dedupe_key) "
    "join feedback f on f.channel = t.channel and f.provider = t.provider and f.dedupe_key = t.dedupe_key",
    4,
    {DB_INT4S, DB_TEXTS, DB_TEXTS, DB_TEXTS}};

/* One submission on its way. Everything it points to is in its arena. */
struct item {
    struct list node;
    struct arena arena;
    struct submission s;
    u64 id, case_id, act_id, outbox_id;
    instant arrived, waiting_since; /* wall clock; monotonic */
    char receipt[17];
    u8 receipt_hash[32], body_digest[32];
    struct str clean, masked, contact, decision, facts, event, flags, outbox_to, outbox_body;
    int unit, hidden; /* who may see its event */
    bool confidential, opens_case, assigned;
    instant handling_due, due;
    enum case_clock due_clock;
    unsigned tries;
    bool alone; /* its batch failed: it goes by itself */
    intake_done *done;
    void *arg;
};

struct batch {
    struct intake *in;
    struct list items;
    size_t n;
};

struct intake {
    struct gateway *g;
    struct list queue;
    size_t n_queue;
    struct batch *out; /* in flight; NULL: none */
    struct timer sweep;
    bool closing;
};

static void flush(void *arg);

/* --- receipts --- */

void receipt_of_feedback(const struct gateway *g, u64 feedback_id, char out[17])
{
    u8 mac[32], id[8];
    struct str part = {(const char *)id, sizeof id};
    for (int i = 0; i < 8; i++) id[i] = (u8)(feedback_id >> (56 - 8 * i));
    crypto_mac(g->keys, KEY_RECEIPT_MAKE, &part, 1, mac);
    receipt_from_bytes(mac, out);
    crypto_wipe(mac, sizeof mac);
}

void receipt_hash(const struct gateway *g, const char receipt[17], u8 out[32])
{
    struct str part = {receipt, RECEIPT_DIGITS};
    crypto_mac(g->keys, KEY_RECEIPT_HASH, &part, 1, out);
}

/* --- one item: checked, cleaned, masked, routed --- */

static bool tool_nfkc(void *arg, struct str in, struct text *out)
{
    (void)arg;
    return nfkc_put(in, out);
}
static bool tool_simplify(void *arg, struct str in, struct text *out) { return simplify_run(arg, in, out); }

static void tell(struct item *it, enum refusal r, bool repeated)
{
    struct intake_result result = {.refusal = r,
                                   .repeated = repeated,
                                   .feedback_id = it->id,
                                   .case_id = it->opens_case ? it->case_id : 0};
    if (r == REFUSE_NONE) memcpy(result.receipt, it->receipt, sizeof result.receipt);
    if (r == REFUSE_UNAVAILABLE) result.retry = SPAN_S(5);
    it->done(it->arg, &result);
}

static void item_free(struct item *it)
{
    arena_free(&it->arena);
    free(it);
}

static void refuse(struct item *it, enum refusal r)
{
    tell(it, r, false);
    item_free(it);
}

/* New ids, and with them a new receipt. */
static void item_number(struct gateway *g, struct item *it)
{
    it->id = ids_next(g);
    it->case_id = ids_next(g);
    it->act_id = ids_next(g);
    if (ids_next(g) !=
        it->act_id + 1) { /* the assigning act takes the number behind it: both from one block */
        it->act_id = ids_next(g);
        (void)ids_next(g);
    }
    receipt_of_feedback(g, it->id, it->receipt);
    receipt_hash(g, it->receipt, it->receipt_hash);
}

static struct str sealed(struct gateway *g, struct item *it, enum key_purpose purpose, u64 id,
                         const char *what, struct str plain)
{
    char context[48];
    struct text t;
    snprintf(context, sizeof context, "%s %llu", what, (unsigned long long)id);
    text_init(&t, plain.n + 256);
    crypto_seal(g->keys, purpose, str_of(context), plain, &t);
    struct str kept = arena_str(&it->arena, text_str(&t));
    text_free(&t);
    return kept;
}

/* The acknowledgement by SMS: one receipt, no word of what was said (P11). */
static void item_acknowledge(struct gateway *g, struct item *it)
{
    const struct channel_row *ch = register_channel(g, it->s.provider);
    char grouped[20];
    struct text t;
    if (!ch || !ch->adapter->compose || it->s.sender.n == 0) return;
    receipt_group(it->receipt, grouped);
    it->outbox_id = ids_next(g);
    text_init(&t, 1000);
    text_addf(&t, "【%s】已收到您的反馈，回执码 %s，请妥善保管。回复“CX 回执码”可查询办理进度。",
              g->cfg.district_name, grouped);
    it->outbox_to = sealed(g, it, KEY_OUTBOX, it->outbox_id, OUTBOX_TO, it->s.sender);
    it->outbox_body = sealed(g, it, KEY_OUTBOX, it->outbox_id, OUTBOX_BODY, text_str(&t));
    text_free(&t);
}

static void digest_body(const struct gateway *g, struct item *it)
{
    char facts[2] = {(char)('0' + it->s.rating), (char)('a' + (int)it->s.nature)};
    const struct str parts[] = {it->s.text, it->s.plaque, it->s.contact, {facts, 2}};
    crypto_mac(g->keys, KEY_DEDUPE, parts, ARRAY_LEN(parts), it->body_digest);
}

static void put_units(struct gateway *g, int id, struct text *t)
{
    const struct unit *u = id ? register_unit(g, id) : NULL;
    if (!u) {
        text_addz(t, "null");
        return;
    }
    text_addf(t, "{\"id\":%d,\"code\":", u->id);
    json_put(t, u->code);
    text_addz(t, ",\"name\":");
    json_put(t, u->name);
    text_addc(t, '}');
}

static void put_category(struct gateway *g, struct str code, struct text *t)
{
    const struct category *c = register_category(g, code);
    text_addz(t, "{\"code\":");
    json_put(t, code);
    text_addz(t, ",\"name\":");
    json_put(t, c ? c->name : code);
    text_addc(t, '}');
}

/* What the clerk sees of the decision, and what the evaluation reads. */
static struct str decision_json(struct gateway *g, struct item *it, const struct decision *d)
{
    struct text t;
    text_init(&t, 64 * 1024);
    text_addz(&t, "{\"unit\":");
    put_units(g, d->unit_id, &t);
    text_addz(&t, ",\"about_unit\":");
    put_units(g, d->about_unit_id, &t);
    text_addz(&t, ",\"category\":");
    put_category(g, d->category, &t);
    text_addf(
        &t,
        ",\"nature\":\"%s\",\"level\":%d,\"urgency\":\"%s\",\"confidence\":%.3f,\"triage\":%s,\"held\":%s,\"confidential\":%s",
        nature_word(d->nature), d->level, urgency_chinese(d->urgency), d->confidence,
        d->triage ? "true" : "false", d->held ? "true" : "false", it->confidential ? "true" : "false");
    if (d->lawful_way.n) {
        text_addz(&t, ",\"lawful_way\":");
        json_put(&t, d->lawful_way);
    }
    text_addz(&t, ",\"because\":[");
    for (size_t i = 0; i < d->n_because; i++) {
        if (i) text_addc(&t, ',');
        json_put(&t, d->because[i]);
    }
    text_addz(&t, "],\"candidates\":[");
    for (size_t i = 0; i < d->n_guesses; i++) {
        text_addz(&t, i ? ",{\"unit\":" : "{\"unit\":");
        put_units(g, d->guesses[i].unit_id, &t);
        text_addz(&t, ",\"category\":");
        put_category(g, d->guesses[i].category, &t);
        text_addf(&t, ",\"confidence\":%.3f}", d->guesses[i].confidence);
    }
    text_addz(&t, "]}");
    struct str kept = arena_str(&it->arena, text_str(&t));
    text_free(&t);
    return kept;
}

/* The case as caseflow makes it: received by the gateway and, when the router is sure, assigned by the router. */
static void item_open(struct gateway *g, struct item *it, const struct decision *d)
{
    const struct category *cat = register_category(g, d->category);
    const struct unit *plaque_unit = NULL;
    struct deadline_rules rules = deadline_defaults();
    struct case_row row = {.category = d->category,
                           .urgency = str_of(urgency_chinese(d->urgency)),
                           .channel = str_of(door_word(it->s.door)),
                           .held = d->held,
                           .triage = d->triage};
    struct act_request req = {.act = ACT_RECEIVE,
                              .actor = {.kind = ACTOR_GATEWAY},
                              .now = it->arrived,
                              .expected_version = CASE_VERSION_ANY};
    struct outcome o;
    struct text t;
    instant due = {0};
    int year;
    enum nature nature = d->nature == NATURE_UNKNOWN ? NATURE_APPEAL : d->nature;

    row.view = case_view_new((i64)it->case_id, nature, d->level, d->about_unit_id, it->confidential);
    row.view.limit_amount = cat ? cat->limit_amount : 5;
    row.view.unit = d->unit_id;
    enum refusal r = caseflow_apply(&row.view, &req, &o);
    ASSERT(r == REFUSE_NONE);
    row.view = o.view;
    row.view.unit = d->unit_id;
    if (deadline_due(&rules, register_workdays(g), CLOCK_ACCEPT, row.view.level, 1, it->arrived, &due, &year,
                     NULL))
        it->due = due;
    it->due_clock = CLOCK_ACCEPT;

    /* 追责问责组 looks at a confidential case first, but what the discipline unit alone may handle can go there at once. */
    bool sure = !d->triage && !d->held && !it->confidential &&
                d->confidence * 100 >= (double)g->cfg.auto_assign_percent;
    if (sure) {
        req = (struct act_request){.act = ACT_ASSIGN,
                                   .actor = {.kind = ACTOR_ROUTER},
                                   .now = it->arrived,
                                   .expected_version = CASE_VERSION_ANY,
                                   .unit = d->unit_id,
                                   .reason = d->n_because ? d->because[0] : STR("按监督牌和正文自动分派")};
        if (caseflow_apply(&row.view, &req, &o) == REFUSE_NONE) {
            it->assigned = true;
            row.view = o.view;
            if (deadline_due(&rules, register_workdays(g), CLOCK_HANDLING, row.view.level, 1, it->arrived,
                             &due, &year, NULL))
                it->handling_due = due;
            it->due.us = 0;
            if (deadline_due(&rules, register_workdays(g), CLOCK_SIGN, row.view.level, 1, it->arrived, &due,
                             &year, NULL))
                it->due = due;
            it->due_clock = CLOCK_SIGN;
        }
    }
    row.due = it->due;
    row.due_clock = it->due_clock;
    it->unit = it->assigned && !d->held ? (int)row.view.unit : 0;
    it->hidden = nature == NATURE_REPORT ? d->about_unit_id : 0;
    if (it->s.plaque.n) {
        const struct plaque_row *p = register_plaque(g, it->s.plaque);
        plaque_unit = p ? register_unit(g, p->unit_id) : NULL;
    }

    text_init(&t, 1024);
    for (unsigned b = 0; b < CASE_FLAGS_N; b++)
        if (row.view.flags >> b & 1) text_addf(&t, "%s%s", t.n ? "," : "", case_flag_word(b));
    it->flags = arena_str(&it->arena, text_str(&t));
    text_free(&t);

    text_init(&t, 8192);
    text_addf(
        &t,
        "{\"nature\":\"%s\",\"category\":\"%.*s\",\"level\":%d,\"urgency\":\"%s\",\"unit\":%lld,\"about\":\"%d\",\"plaque_unit\":\"%d\",\"limit\":%d,"
        "\"held\":%s,\"triage\":%s,\"reason\":",
        nature_word(nature), STR_ARG(d->category), row.view.level, urgency_chinese(d->urgency),
        (long long)row.view.unit, d->about_unit_id, plaque_unit ? plaque_unit->id : 0, row.view.limit_amount,
        d->held ? "true" : "false", it->assigned ? "false" : "true");
    json_put(&t, req.reason);
    text_addc(&t, '}');
    it->facts = arena_str(&it->arena, text_str(&t));
    text_clear(&t);
    row.triage = !it->assigned;
    casework_json(g, &row, &t);
    it->event = arena_str(&it->arena, text_str(&t));
    text_free(&t);
    if (it->assigned)
        COUNT(ROUTE_ASSIGNED);
    else
        COUNT(ROUTE_TRIAGE);
    if (d->held) COUNT(ROUTE_HELD);
}

static void item_rated(struct item *it, const struct decision *d)
{
    struct text t;
    text_init(&t, 256);
    text_addf(&t, "{\"rating\":%d,\"unit\":%d}", it->s.rating, d->unit_id);
    it->event = arena_str(&it->arena, text_str(&t));
    it->unit = d->unit_id;
    text_free(&t);
}

/* False when the words could not be brought into shape within their bounds. */
static bool item_route(struct gateway *g, struct item *it)
{
    struct normalise_tools tools = {tool_nfkc, tool_simplify, g->simplify};
    struct text t;
    struct decision d;
    const struct plaque_row *plaque = it->s.plaque.n ? register_plaque(g, it->s.plaque) : NULL;

    text_init(&t, it->s.text.n * NORMALISE_GROWTH + 64);
    bool good = normalise_clean(&tools, it->s.text, &t);
    if (good) it->clean = arena_str(&it->arena, text_str(&t));
    text_clear(&t);
    redact_mask(it->s.text, &t);
    it->masked = arena_str(&it->arena, text_str(&t));
    good = good && !t.overflow;
    text_free(&t);
    if (!good) return false;

    struct route_input in = {.text = it->clean,
                             .nature = it->s.nature,
                             .rating = it->s.rating,
                             .unit_id = plaque ? plaque->unit_id : 0,
                             .door = it->s.door};
    route_decide(register_routing(g), &in, &it->arena, &d);
    /* Whoever pressed 举报 was promised that only 追责问责组 and the discipline unit look, whatever the words say. */
    it->confidential = d.confidential || it->s.nature == NATURE_REPORT ||
                       (d.nature == NATURE_REPORT && d.about_unit_id != 0);
    it->opens_case = d.opens_case;
    it->decision = decision_json(g, it, &d);
    if (d.opens_case)
        item_open(g, it, &d);
    else
        item_rated(it, &d);
    return it->decision.p != NULL && it->event.p != NULL;
}

/* The texts of a submission, copied; the plaque number in its plain form. */
static bool item_copy(struct item *it, const struct submission *s)
{
    char plaque[PLAQUE_NUMBER_MAX], phone[PHONE_MAX];
    struct str *texts[] = {&it->s.provider, &it->s.external_id, &it->s.dedupe_key, &it->s.sender,
                           &it->s.text};
    it->s = *s;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = texts[i]->n ? arena_str(&it->arena, *texts[i]) : STR("");
        if (!texts[i]->p) return false;
    }
    it->s.contact =
        s->contact.n && phone_normalise(s->contact, phone) ? arena_str(&it->arena, str_of(phone)) : STR("");
    it->s.plaque = s->plaque.n && plaque_number_parse(s->plaque, plaque)
                       ? arena_str(&it->arena, str_of(plaque))
                       : STR("");
    return true;
}

void intake_submit(struct gateway *g, const struct submission *s, bool acknowledge, intake_done *done,
                   void *arg)
{
    struct intake *in = g->intake;
    struct item *it = MEM_NEW(struct item);
    it->done = done;
    it->arg = arg;
    arena_init(&it->arena, 4u << 20);
    enum refusal r = submission_check(s);
    if (r != REFUSE_NONE) {
        refuse(it, r);
        return;
    }
    if (in->closing || !register_ready(g) || !ids_ready(g) || !db_lane_up(g->lane_intake) ||
        in->n_queue >= (size_t)g->cfg.intake_queue) {
        refuse(it, REFUSE_UNAVAILABLE);
        return;
    }
    if (!item_copy(it, s)) {
        refuse(it, REFUSE_TEXT_TOO_LONG);
        return;
    }
    if (s->plaque.n && (it->s.plaque.n == 0 || !register_plaque(g, it->s.plaque))) {
        refuse(it, REFUSE_PLAQUE_UNKNOWN);
        return;
    }
    it->arrived = clock_now();
    it->waiting_since = clock_monotonic();
    item_number(g, it);
    digest_body(g, it);
    if (!item_route(g, it)) {
        refuse(it, REFUSE_TEXT_TOO_LONG);
        return;
    }
    struct str from = it->s.contact.n ? it->s.contact : it->s.sender;
    if (from.n) it->contact = sealed(g, it, KEY_CONTACT, it->id, "feedback", from);
    if (acknowledge) item_acknowledge(g, it);
    list_push(&in->queue, &it->node);
    in->n_queue++;
    loop_wake(g->loop); /* the end of this turn sends it */
}

/* --- the batch --- */

static void put_or_null(struct db_params *p, struct str s) { db_put_text(p, s.n ? s : STR_NONE); }

#define EACH_ITEM(b, it)                                                                                     \
    LIST_EACH(&(b)->items, node_##it)                                                                        \
    for (struct item *it = LIST_OF(node_##it, struct item, node); it; it = NULL)
#define COLUMN(p, type, n, b, it, put)                                                                       \
    do {                                                                                                     \
        db_array_begin((p), (type), (n));                                                                    \
        EACH_ITEM(b, it) { put; }                                                                            \
        db_array_end(p);                                                                                     \
    } while (0)

static struct db_params *put_batch(struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_store);
    size_t n = b->n, n_cases = 0, n_outbox = 0;
    EACH_ITEM(b, it)
    {
        n_cases += it->opens_case;
        n_outbox += it->outbox_id != 0;
    }
    COLUMN(p, DB_INT8, n, b, it, db_put_i64(p, (i64)it->id));
    COLUMN(p, DB_TIMESTAMPTZ, n, b, it, db_put_instant(p, it->arrived));
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, str_of(door_word(it->s.door))));
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, it->s.provider));
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, it->s.external_id));
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, it->s.dedupe_key));
    COLUMN(p, DB_BYTEA, n, b, it, db_put_bytes(p, (struct str){(const char *)it->body_digest, 32}));
    COLUMN(p, DB_BYTEA, n, b, it, db_put_bytes(p, (struct str){(const char *)it->receipt_hash, 32}));
    COLUMN(p, DB_TEXT, n, b, it, put_or_null(p, it->s.plaque));
    COLUMN(p, DB_TEXT, n, b, it,
           db_put_text(p, it->s.nature == NATURE_UNKNOWN ? STR_NONE : str_of(nature_word(it->s.nature))));
    COLUMN(p, DB_INT4, n, b, it, it->s.rating ? db_put_i32(p, it->s.rating) : db_put_null(p));
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, it->s.text));
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, it->clean.p ? it->clean : STR("")));
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, it->masked.p ? it->masked : STR("")));
    COLUMN(p, DB_BYTEA, n, b, it, it->contact.n ? db_put_bytes(p, it->contact) : db_put_null(p));
    COLUMN(p, DB_TIMESTAMPTZ, n, b, it, db_put_instant(p, it->s.sent_at));
    COLUMN(p, DB_INT8, n, b, it, it->opens_case ? db_put_i64(p, (i64)it->case_id) : db_put_null(p));
    COLUMN(p, DB_JSONB, n, b, it, db_put_json(p, it->decision));

#define CASE_COLUMN(type, put) COLUMN(p, type, n_cases, b, it, if (it->opens_case) put)
    CASE_COLUMN(DB_INT8, db_put_i64(p, (i64)it->id));
    CASE_COLUMN(DB_INT8, db_put_i64(p, (i64)it->act_id));
    CASE_COLUMN(DB_TIMESTAMPTZ, db_put_instant(p, it->handling_due));
    CASE_COLUMN(DB_TIMESTAMPTZ, db_put_instant(p, it->due));
    CASE_COLUMN(DB_TEXT, db_put_text(p, it->due.us ? str_of(case_clock_word(it->due_clock)) : STR_NONE));
    CASE_COLUMN(DB_TEXT, db_put_text(p, it->flags.p ? it->flags : STR("")));
    CASE_COLUMN(DB_JSONB, db_put_json(p, it->facts));
    CASE_COLUMN(DB_BOOL, db_put_bool(p, it->assigned));

#define OUTBOX_COLUMN(type, put) COLUMN(p, type, n_outbox, b, it, if (it->outbox_id) put)
    OUTBOX_COLUMN(DB_INT8, db_put_i64(p, (i64)it->outbox_id));
    OUTBOX_COLUMN(DB_INT8, db_put_i64(p, (i64)it->id));
    OUTBOX_COLUMN(DB_TEXT, db_put_text(p, it->s.provider));
    OUTBOX_COLUMN(DB_BYTEA, db_put_bytes(p, it->outbox_to));
    OUTBOX_COLUMN(DB_BYTEA, db_put_bytes(p, it->outbox_body));
    return p;
}

static struct db_params *put_events(struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_events);
    size_t n = b->n;
    COLUMN(p, DB_TEXT, n, b, it, db_put_text(p, it->opens_case ? STR("case.opened") : STR("feedback.rated")));
    COLUMN(p, DB_INT8, n, b, it, it->opens_case ? db_put_i64(p, (i64)it->case_id) : db_put_null(p));
    COLUMN(p, DB_INT4, n, b, it, it->unit ? db_put_i32(p, it->unit) : db_put_null(p));
    COLUMN(p, DB_INT4, n, b, it, it->hidden ? db_put_i32(p, it->hidden) : db_put_null(p));
    COLUMN(p, DB_BOOL, n, b, it, db_put_bool(p, it->confidential));
    COLUMN(p, DB_JSONB, n, b, it, db_put_json(p, it->event));
    COLUMN(p, DB_INT8, n, b, it, db_put_i64(p, (i64)it->id));
    return p;
}

static void stored(struct intake *in, struct item *it, bool repeated)
{
    struct gateway *g = in->g;
    count_latency(instant_sub(clock_monotonic(), it->waiting_since));
    if (repeated)
        COUNT(INTAKE_REPEATS);
    else
        count_stored(it->s.door, it->s.nature);
    if (it->outbox_id && !repeated) outbox_wake(g);
    tell(it, REFUSE_NONE, repeated);
    item_free(it);
}

/* Items that turned out to be repeats get the answer of the first. */
static void have_repeats(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct batch *b = arg;
    struct intake *in = b->in;
    struct gateway *g = in->g;
    (void)n, (void)error;
    int at = 0;
    for (struct list *node; (node = list_pop(&b->items)) != NULL; at++) {
        struct item *it = LIST_OF(node, struct item, node);
        int row = -1;
        for (int i = 0; end == DB_OK && i < db_rows(results[0]); i++)
            if (db_get_i64(results[0], i, 0) == at) row = i;
        if (row < 0) {
            refuse(it, REFUSE_UNAVAILABLE);
            continue;
        }
        u64 first = (u64)db_get_i64(results[0], row, 1);
        struct str body = db_get_text(results[0], row, 3);
        if (first != it->id && (body.n != 32 || !crypto_same(body.p, it->body_digest, 32))) {
            refuse(it, REFUSE_KEY_REUSED);
            continue;
        }
        bool repeated =
            first != it->id; /* its own row: the commit had gone through before the connection broke */
        it->id = first;
        it->case_id = (u64)db_get_i64(results[0], row, 2);
        it->opens_case = it->case_id != 0;
        receipt_of_feedback(g, first, it->receipt);
        stored(in, it, repeated);
    }
    free(b);
}

static void ask_repeats(struct intake *in, struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_repeats);
    struct db_call *c = db_call_new(have_repeats, b);
    int ord = 0;
    COLUMN(p, DB_INT4, b->n, b, it, ((void)it, db_put_i32(p, ord++)));
    COLUMN(p, DB_TEXT, b->n, b, it, db_put_text(p, str_of(door_word(it->s.door))));
    COLUMN(p, DB_TEXT, b->n, b, it, db_put_text(p, it->s.provider));
    COLUMN(p, DB_TEXT, b->n, b, it, db_put_text(p, it->s.dedupe_key));
    db_call_add(c, &stmt_intake_repeats, p);
    if (db_call_send(in->g->lane_public, c)) return;
    for (struct list *node; (node = list_pop(&b->items)) != NULL;)
        refuse(LIST_OF(node, struct item, node), REFUSE_UNAVAILABLE);
    free(b);
}

/* Back to the head of the queue, in their order. */
static void requeue(struct intake *in, struct batch *b, bool alone)
{
    while (!list_empty(&b->items)) {
        struct list *node = b->items.prev;
        struct item *it = LIST_OF(node, struct item, node);
        list_remove(node);
        it->alone |= alone;
        node->next = in->queue.next; /* push in front */
        node->prev = &in->queue;
        in->queue.next->prev = node;
        in->queue.next = node;
        in->n_queue++;
    }
    free(b);
}

static bool worth_repeating(const struct db_error *e)
{
    static const char *const passing[] = {"40", "53", "55", "57", "58", "MSDQ", "08"};
    for (size_t i = 0; i < ARRAY_LEN(passing); i++)
        if (strncmp(e->sqlstate, passing[i], strlen(passing[i])) == 0) return true;
    return false;
}

static void batch_failed(struct intake *in, struct batch *b, const struct db_error *e)
{
    struct item *it = LIST_OF(b->items.next, struct item, node);
    if (b->n > 1) {
        log_line(LOG_WARNING, LOG_INTAKE, "batch failed, its items go one by one",
                 "items=%zu sqlstate=%s constraint=%s", b->n, e->sqlstate, e->constraint);
        count_add(COUNT_INTAKE_RETRIED_SINGLY, b->n);
        requeue(in, b, true);
        return;
    }
    it->tries++;
    if (strcmp(e->constraint, "feedback_receipt_hash_key") == 0 && it->tries < SINGLE_TRIES) {
        item_number(in->g, it); /* another receipt: this one is taken */
        requeue(in, b, true);
    } else if (worth_repeating(e) && it->tries < SINGLE_TRIES) {
        requeue(in, b, true);
    } else {
        log_line(LOG_ERROR, LOG_INTAKE, "submission not stored", "sqlstate=%s constraint=%s text=\"%s\"",
                 e->sqlstate, e->constraint, e->message);
        list_remove(&it->node);
        refuse(it, worth_repeating(e) ? REFUSE_UNAVAILABLE : REFUSE_INTERNAL);
        free(b);
    }
}

static void batch_stored(struct intake *in, struct batch *b, const struct db_result *fresh)
{
    struct batch *repeats = NULL;
    int rows = db_rows(fresh);
    COUNT(INTAKE_BATCHES);
    count_add(COUNT_INTAKE_BATCH_ITEMS, (u64)rows);
    for (struct list *node; (node = list_pop(&b->items)) != NULL;) {
        struct item *it = LIST_OF(node, struct item, node);
        bool is_fresh = rows == (int)b->n;
        for (int i = 0; !is_fresh && i < rows; i++) is_fresh = (u64)db_get_i64(fresh, i, 0) == it->id;
        if (is_fresh) {
            stored(in, it, false);
            continue;
        }
        if (!repeats) {
            repeats = MEM_NEW(struct batch);
            repeats->in = in;
            list_init(&repeats->items);
        }
        list_push(&repeats->items, &it->node);
        repeats->n++;
    }
    free(b);
    if (repeats) ask_repeats(in, repeats);
}

static void batch_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct batch *b = arg;
    struct intake *in = b->in;
    (void)n;
    in->out = NULL;
    if (end == DB_OK) {
        /* The next batch goes out before this one is answered: the database works while we write. */
        flush(in);
        batch_stored(in, b, results[0]);
    } else if (end == DB_LOST) {
        log_line(LOG_WARNING, LOG_INTAKE, "connection lost with a batch out; it is sent again", "items=%zu",
                 b->n);
        count_add(COUNT_INTAKE_UNKNOWN, b->n);
        requeue(in, b, false);
    } else {
        batch_failed(in, b, error);
    }
}

static void flush(void *arg)
{
    struct intake *in = arg;
    if (in->out || in->n_queue == 0 || !db_lane_up(in->g->lane_intake)) return;
    struct batch *b = MEM_NEW(struct batch);
    b->in = in;
    list_init(&b->items);
    while (!list_empty(&in->queue) && b->n < (size_t)in->g->cfg.intake_batch) {
        struct item *it = LIST_OF(in->queue.next, struct item, node);
        if (it->alone && b->n > 0) break;
        list_remove(&it->node);
        list_push(&b->items, &it->node);
        in->n_queue--;
        b->n++;
        if (it->alone) break;
    }
    struct db_call *c = db_call_new(batch_done, b);
    db_call_add(c, &stmt_intake_store, put_batch(b));
    db_call_add(c, &stmt_intake_events, put_events(b));
    TRACE(INTAKE, "batch out", "items=%zu waiting=%zu", b->n, in->n_queue);
    in->out = b;
    if (!db_call_send(in->g->lane_intake, c)) {
        in->out = NULL;
        requeue(in, b, false);
    }
}

/* Items that were never sent while the database is away are refused: nothing of them is stored, so "not submitted" is true.
 * Items whose outcome is unknown stay; their peer is told 503 by the web part and may ask again with the same key. */
static void sweep_fires(struct timer *t)
{
    struct intake *in = t->arg;
    instant now = clock_monotonic();
    timer_set(in->g->loop, t, SWEEP_EVERY);
    (void)ids_ready(in->g); /* asks for the first block once the database is up: nobody's submission has to */
    flush(in);
    if (db_lane_up(in->g->lane_intake)) return;
    LIST_EACH(&in->queue, node)
    {
        struct item *it = LIST_OF(node, struct item, node);
        if (now.us - it->waiting_since.us < WAIT_FOR_DB.us) continue;
        list_remove(&it->node);
        in->n_queue--;
        refuse(it, REFUSE_UNAVAILABLE);
    }
}

struct intake *intake_new(struct gateway *g)
{
    struct intake *in = MEM_NEW(struct intake);
    in->g = g;
    list_init(&in->queue);
    in->sweep = (struct timer){.fire = sweep_fires, .arg = in};
    timer_set(g->loop, &in->sweep, SWEEP_EVERY);
    loop_on_turn_end(g->loop, flush, in);
    return in;
}

void intake_free(struct intake **inp)
{
    struct intake *in = *inp;
    if (!in) return;
    in->closing = true;
    ASSERT(!in->out); /* db_free has ended every call before */
    timer_stop(&in->sweep);
    for (struct list *node; (node = list_pop(&in->queue)) != NULL;)
        refuse(LIST_OF(node, struct item, node), REFUSE_UNAVAILABLE);
    free(in);
    *inp = NULL;
}

bool intake_idle(const struct intake *in) { return !in->out && in->n_queue == 0; }
size_t intake_waiting(const struct intake *in) { return in->n_queue + (in->out ? in->out->n : 0); }
