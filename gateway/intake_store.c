#include "intake_part.h"

/* The feedback, its case, the acts that opened it and the acknowledgement owed: one statement, so a repeat (same channel,
 * provider and key) leaves no trace in any of them, no event either. Rows go in by key order: two gateways with the same
 * keys in different orders would wait for each other. All of f is stored before event_head is locked: whoever holds that
 * lock waits for nobody. Columns of $-arrays are in the order of store_params. */
const struct db_stmt stmt_intake_store = {
    "intake_store",
    "with i as (select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $45, $41, $42, $43, $44) as t "
    "  (id, received_at, channel, provider, external_id, dedupe_key, dedupe_body, receipt_hash, plaque, nature_said, rating, words, "
    "   clean, masked, contact, sent_at, case_id, decision, salt, event_unit, event_hidden, event_confidential, event_data)), "
    "k as (select * from unnest($19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57) as t (feedback_id, "
    "   act_id, handling_due, due_at, due_clock, flags, assigned, nature, category, level, urgency, unit_id, about_unit_id, "
    "   plaque_unit_id, limit_amount, held, reason, data, salt, words_hash, hash, salt2, words_hash2, hash2, warn_at, next_at, next_act, next_rung, first_unit_id)), "
    "f as (insert into feedback (id, received_at, channel, provider, external_id, dedupe_key, dedupe_body, receipt_hash, plaque, "
    "   nature_said, rating, words, clean, masked, contact, sent_at, case_id, decision, salt) "
    "  select id, received_at, channel, provider, external_id, dedupe_key, dedupe_body, receipt_hash, plaque, nature_said, rating, "
    "   words, clean, masked, contact, sent_at, case_id, decision, salt "
    "  from i order by channel, provider, dedupe_key on conflict (channel, provider, dedupe_key) do nothing "
    "  returning id, case_id, received_at, channel), "
    "c as (insert into cases (id, version, state, nature, category, level, urgency, unit_id, about_unit_id, plaque_unit_id, channel, "
    "   limit_amount, flags, held, triage, opened_at, assigned_at, handling_due, due_at, due_clock, chain, warn_at, next_at, next_act, next_rung, "
    "   first_unit_id) "
    "  select f.case_id, case when k.assigned then 2 else 1 end, case when k.assigned then 'assigned' else 'discovered' end, "
    "   k.nature, k.category, k.level, k.urgency, k.unit_id, k.about_unit_id, k.plaque_unit_id, f.channel, k.limit_amount, "
    "   string_to_array(k.flags, ','), k.held, not k.assigned, f.received_at, "
    "   case when k.assigned then f.received_at end, k.handling_due, k.due_at, k.due_clock, "
    "   case when k.assigned then k.hash2 else k.hash end, k.warn_at, k.next_at, k.next_act, k.next_rung, k.first_unit_id "
    "  from k join f on f.id = k.feedback_id returning id), "
    "a as (insert into acts (id, case_id, version, at, act, actor, from_state, to_state, unit_id, reason, public, data, salt, "
    "   words_commitment, hash) "
    "  select k.act_id, f.case_id, 1, f.received_at, 'receive', 'gateway', 'new', 'discovered', null::integer, null::text, true, "
    "   k.data, k.salt, k.words_hash, k.hash "
    "  from k join f on f.id = k.feedback_id union all "
    "  select k.act_id + 1, f.case_id, 2, f.received_at, 'assign', 'router', 'discovered', 'assigned', "
    "   k.unit_id, k.reason, true, '{}'::jsonb, k.salt2, k.words_hash2, k.hash2 "
    "  from k join f on f.id = k.feedback_id where k.assigned returning id), "
    "o as (insert into outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, feedback_id, due_at, "
    "   purpose, event, urgent, recipient_hash) "
    "  select t.id, f.received_at, t.channel, t.recipient, t.body, 1, 'receipt:' || f.id, f.id, f.received_at, "
    "   'answer', t.event, t.urgent, t.recipient_hash "
    "  from unnest($36, $37, $38, $39, $40, $58, $59, $60) as t (id, feedback_id, channel, recipient, body, event, urgent, recipient_hash) "
    "  join f on f.id = t.feedback_id returning id), "
    "ev as materialized (select events_append(array_agg(s.kind), array_agg(s.case_id), array_agg(s.event_unit), "
    "   array_agg(s.event_hidden), array_agg(s.event_confidential), array_agg(s.event_data)) as head from "
    "  (select case when i.case_id is null then 'feedback.rated' else 'case.opened' end as kind, i.case_id, i.event_unit, "
    "    i.event_hidden, i.event_confidential, i.event_data from i join f using (id), (select count(*) from c) as nc, (select count(*) from a) as na, "
    "    (select count(*) from o) as no order by i.id) s) "
    "select f.id from f cross join ev",
    60,
    {DB_INT8S,  DB_TIMESTAMPTZS, DB_TEXTS,        DB_TEXTS,        DB_TEXTS,        DB_TEXTS,
     DB_BYTEAS, DB_BYTEAS,       DB_TEXTS,        DB_TEXTS,        DB_INT4S,        DB_TEXTS,
     DB_TEXTS,  DB_TEXTS,        DB_BYTEAS,       DB_TIMESTAMPTZS, DB_INT8S,        DB_JSONBS,
     DB_INT8S,  DB_INT8S,        DB_TIMESTAMPTZS, DB_TIMESTAMPTZS, DB_TEXTS,        DB_TEXTS,
     DB_BOOLS,  DB_TEXTS,        DB_TEXTS,        DB_INT4S,        DB_TEXTS,        DB_INT4S,
     DB_INT4S,  DB_INT4S,        DB_INT4S,        DB_BOOLS,        DB_TEXTS,        DB_INT8S,
     DB_INT8S,  DB_TEXTS,        DB_BYTEAS,       DB_BYTEAS,       DB_INT4S,        DB_INT4S,
     DB_BOOLS,  DB_JSONBS,       DB_BYTEAS,       DB_JSONBS,       DB_BYTEAS,       DB_BYTEAS,
     DB_BYTEAS, DB_BYTEAS,       DB_BYTEAS,       DB_BYTEAS,       DB_TIMESTAMPTZS, DB_TIMESTAMPTZS,
     DB_TEXTS,  DB_INT4S,        DB_INT4S,        DB_TEXTS,        DB_BOOLS,        DB_BYTEAS}};
const struct db_stmt stmt_intake_repeats = {
    "intake_repeats",
    "select t.ord, f.id, f.case_id, f.dedupe_body from unnest($1, $2, $3, $4) as t (ord, channel, provider, dedupe_key) "
    "join feedback f on f.channel = t.channel and f.provider = t.provider and f.dedupe_key = t.dedupe_key",
    4,
    {DB_INT4S, DB_TEXTS, DB_TEXTS, DB_TEXTS}};

static void put_or_null(struct db_params *p, struct str s) { db_put_text(p, s.n ? s : STR_NONE); }

static void put_id(struct db_params *p, int id)
{
    if (id)
        db_put_i32(p, id);
    else
        db_put_null(p);
}

static struct str hash_str(const u8 hash[HASH_BYTES]) { return (struct str){(const char *)hash, HASH_BYTES}; }

#define EACH_ITEM(b, it)                                                                                     \
    LIST_EACH(&(b)->items, node_##it)                                                                        \
    for (struct item *it = LIST_OF(node_##it, struct item, node); it; it = NULL)
#define COLUMN(p, type, n, b, it, put)                                                                       \
    do {                                                                                                     \
        db_array_begin((p), (type), (n));                                                                    \
        EACH_ITEM(b, it) { put; }                                                                            \
        db_array_end(p);                                                                                     \
    } while (0)

struct db_params *store_params(const struct batch *b)
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
    CASE_COLUMN(DB_TIMESTAMPTZ, db_put_instant(p, it->opening.clocks.handling_due));
    CASE_COLUMN(DB_TIMESTAMPTZ, db_put_instant(p, it->opening.clocks.due));
    CASE_COLUMN(DB_TEXT, db_put_text(p, it->opening.clocks.due.us
                                            ? str_of(case_clock_word(it->opening.clocks.due_clock))
                                            : STR_NONE));
    CASE_COLUMN(DB_TEXT, db_put_text(p, it->opening.flags));
    CASE_COLUMN(DB_BOOL, db_put_bool(p, it->opening.assigned));
    CASE_COLUMN(DB_TEXT, db_put_text(p, str_of(nature_word(it->opening.nature))));
    CASE_COLUMN(DB_TEXT, db_put_text(p, it->opening.category));
    CASE_COLUMN(DB_INT4, db_put_i32(p, it->opening.level));
    CASE_COLUMN(DB_TEXT, db_put_text(p, str_of(it->opening.urgency)));
    CASE_COLUMN(DB_INT4, db_put_i32(p, it->opening.unit));
    CASE_COLUMN(DB_INT4, put_id(p, it->opening.about_unit));
    CASE_COLUMN(DB_INT4, put_id(p, it->opening.plaque_unit));
    CASE_COLUMN(DB_INT4, db_put_i32(p, it->opening.limit));
    CASE_COLUMN(DB_BOOL, db_put_bool(p, it->opening.held));
    CASE_COLUMN(DB_TEXT, put_or_null(p, it->opening.reason));

#define OUTBOX_COLUMN(type, put) COLUMN(p, type, n_outbox, b, it, if (it->outbox_id) put)
    OUTBOX_COLUMN(DB_INT8, db_put_i64(p, (i64)it->outbox_id));
    OUTBOX_COLUMN(DB_INT8, db_put_i64(p, (i64)it->id));
    OUTBOX_COLUMN(DB_TEXT, db_put_text(p, it->s.provider));
    OUTBOX_COLUMN(DB_BYTEA, db_put_bytes(p, it->owed.recipient));
    OUTBOX_COLUMN(DB_BYTEA, db_put_bytes(p, it->owed.body));

    COLUMN(p, DB_INT4, n, b, it, put_id(p, it->unit));
    COLUMN(p, DB_INT4, n, b, it, put_id(p, it->hidden));
    COLUMN(p, DB_BOOL, n, b, it, db_put_bool(p, it->confidential));
    COLUMN(p, DB_JSONB, n, b, it, db_put_json(p, it->event));

    COLUMN(p, DB_BYTEA, n, b, it, db_put_bytes(p, (struct str){(const char *)it->salt, sizeof it->salt}));
    CASE_COLUMN(DB_JSONB, db_put_json(p, str_of(it->receive_data)));
    CASE_COLUMN(DB_BYTEA, db_put_bytes(p, hash_str(it->receive.salt)));
    CASE_COLUMN(DB_BYTEA, db_put_bytes(p, hash_str(it->receive.words)));
    CASE_COLUMN(DB_BYTEA, db_put_bytes(p, hash_str(it->receive.hash)));
    CASE_COLUMN(DB_BYTEA, db_put_bytes(p, it->opening.assigned ? hash_str(it->assign.salt) : STR_NONE));
    CASE_COLUMN(DB_BYTEA, db_put_bytes(p, it->opening.assigned ? hash_str(it->assign.words) : STR_NONE));
    CASE_COLUMN(DB_BYTEA, db_put_bytes(p, it->opening.assigned ? hash_str(it->assign.hash) : STR_NONE));
    CASE_COLUMN(DB_TIMESTAMPTZ, db_put_instant(p, it->opening.clocks.warn));
    CASE_COLUMN(DB_TIMESTAMPTZ, db_put_instant(p, it->opening.clocks.next));
    CASE_COLUMN(DB_TEXT,
                db_put_text(p, it->opening.clocks.next.us ? str_of(case_act_word(it->opening.clocks.next_act))
                                                          : STR_NONE));
    CASE_COLUMN(DB_INT4, db_put_i32(p, it->opening.clocks.next_rung));
    CASE_COLUMN(DB_INT4, put_id(p, it->opening.first_unit));

    OUTBOX_COLUMN(DB_TEXT, db_put_text(p, it->owed.event));
    OUTBOX_COLUMN(DB_BOOL, db_put_bool(p, it->owed.urgent));
    OUTBOX_COLUMN(DB_BYTEA, db_put_bytes(p, it->owed.recipient_hash));
    return p;
}

struct db_params *store_repeat_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_repeats);
    int ord = 0;
    COLUMN(p, DB_INT4, b->n, b, it, ((void)it, db_put_i32(p, ord++)));
    COLUMN(p, DB_TEXT, b->n, b, it, db_put_text(p, str_of(door_word(it->s.door))));
    COLUMN(p, DB_TEXT, b->n, b, it, db_put_text(p, it->s.provider));
    COLUMN(p, DB_TEXT, b->n, b, it, db_put_text(p, it->s.dedupe_key));
    return p;
}
