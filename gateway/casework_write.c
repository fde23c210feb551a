/* One judged act and everything that follows from it, as one statement: row, act, events, shares. */
#include "casework.h"
#include "ids.h"
#include "base/code.h"
#include "core/proof.h"
#include <stdio.h>
#include <string.h>

/* One statement: nothing happens unless the version is still the one that was judged. Events come last. */
const struct db_stmt stmt_casework_write = {
    "casework_write",
    "with u as (update cases set version = version + 1, state = $3, category = $4, level = $5, unit_id = $6, limit_amount = $7, "
    "  flags = $8, held = $9, triage = $10, round = $11, rung = $12, ending = $13, handler_id = $14, asker_id = $15, "
    "  asked_amount = $16, pause_cause = $17, pause_until = $18, held_since = $19, callback_tries = $20, callback_day = $21, "
    "  merged_from = $22, merged_into = $23, assigned_at = $24, signed_at = $25, replied_at = $26, closed_at = $27, "
    "  handling_due = $28, due_at = $29, due_clock = $30, warn_at = $40, next_at = $41, next_act = $42, next_rung = $43, "
    "  proposed = $44, extended = $45, asked_at = $46, first_unit_id = $47, higher = $48, chain = $51, urgency = $52, claimed_until = null "
    "  where id = $1 and version = $2 returning id, version), "
    "a as (insert into acts (id, case_id, version, at, act, actor, staff_id, role, from_state, to_state, unit_id, reason, words, "
    "  public, data, salt, words_commitment, hash) select $31, u.id, u.version, $32, $33->>'act', $33->>'actor', "
    "  nullif($33->>'staff', '0')::integer, $33->>'role', $33->>'from', $33->>'to', nullif($33->>'unit', '0')::integer, "
    "  $33->>'reason', $33->>'words', ($33->>'public')::boolean, $33->'data', $49, $50, $51 from u), "
    "cu as (insert into case_units select u.id, ($33->>'co_unit')::integer from u where $33->>'co_unit' <> '0' on conflict do nothing), "
    "cs as (insert into case_shares select u.id, ($33->>'share')::integer from u where $33->>'share' <> '0' on conflict do nothing), "
    /* Who is asked: everybody who reported it. What was answered: that task, and on the way back the others are overtaken. */
    "kn as (insert into callbacks (case_id, feedback_id, round, made_at) select u.id, r, $11, $32 from u, lateral case_reporters(u.id) r "
    "  where $33->>'act' = 'approve' on conflict do nothing returning 1), "
    "ku as (update callbacks k set state = case when t.mine then t.state else 'overtaken' end, "
    "  tries = case when t.mine then t.tries else k.tries end, last_day = case when t.mine then t.day else k.last_day end, "
    "  rating = case when t.mine then t.rating end, by = case when t.mine then $33->>'actor' else k.by end, "
    "  staff_id = case when t.mine then nullif($33->>'staff', '0')::integer else k.staff_id end, "
    "  at = case when t.mine and t.state <> 'due' then $32 end "
    "  from u, lateral (select o.feedback_id = ($33->>'task')::bigint as mine, $33->>'task_state' as state, ($33->>'task_tries')::smallint as tries, "
    "    ($33->>'task_day')::bigint as day, nullif($33->>'task_rating', '0')::smallint as rating, o.feedback_id from callbacks o "
    "    where o.case_id = u.id and o.round = ($33->>'task_round')::smallint and o.state = 'due') t "
    "  where k.case_id = u.id and k.round = ($33->>'task_round')::smallint and k.state = 'due' and k.feedback_id = t.feedback_id "
    "  and (t.mine or ($33->>'overtake')::boolean) returning t.mine), "
    "kk as materialized (select callback_stored($33->>'task' <> '0', (select count(*) from ku where mine)) as yes, (select count(*) from kn)) "
    "select u.version, events_append($34, $35, $36, $37, $38, $39) from u, kk",
    52,
    {DB_INT8,        DB_INT4,  DB_TEXT,        DB_TEXT,        DB_INT4,        DB_INT4,        DB_INT4,
     DB_TEXTS,       DB_BOOL,  DB_BOOL,        DB_INT4,        DB_INT4,        DB_TEXT,        DB_INT4,
     DB_INT4,        DB_INT4,  DB_TEXT,        DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4,        DB_INT8,
     DB_TEXT,        DB_INT8,  DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ,
     DB_TIMESTAMPTZ, DB_TEXT,  DB_INT8,        DB_TIMESTAMPTZ, DB_JSONB,       DB_TEXTS,       DB_INT8S,
     DB_INT4S,       DB_INT4S, DB_BOOLS,       DB_JSONBS,      DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_TEXT,
     DB_INT4,        DB_INT4,  DB_INT4,        DB_TIMESTAMPTZ, DB_INT4,        DB_TEXT,        DB_BYTEA,
     DB_BYTEA,       DB_BYTEA, DB_TEXT}};
const struct db_stmt stmt_casework_writing = {
    "casework_writing", "select set_config('msd.writing', $1, true)", 1, {DB_TEXT}};
const struct db_stmt stmt_casework_required = {
    "casework_required", "select acts_required($1)", 1, {DB_INT8S}};

static const char *yes(bool b) { return b ? "true" : "false"; }

/* Who of a unit may see the case: nobody before it is assigned or while it is held. */
static int visible_unit(const struct case_row *row)
{
    return row->held || row->view.state == CASE_DISCOVERED ? 0 : (int)row->view.unit;
}

/* Whose people must never know of it. */
static int walled_unit(const struct case_view *v)
{
    return v->nature == NATURE_REPORT || (v->flags & CASE_FLAG_CONFIDENTIAL) ? (int)v->about_unit : 0;
}

static void put_nullable_i32(struct db_params *p, i64 v)
{
    if (v)
        db_put_i32(p, (int)v);
    else
        db_put_null(p);
}

/* The post that the act was done in, as the database's act_rules know it: a unit's posts count in the unit that has the case,
 * and on a confidential case 追责问责组 stands in for the office's other groups. */
static const char *acting_role(const struct casework_step *s)
{
    const struct actor *a = &s->req.actor;
    if (a->kind != ACTOR_STAFF || !s->outcome.row) return NULL;
    u32 fit = a->roles & s->outcome.row->who;
    if (!a->co_unit && a->unit != s->before.view.unit)
        fit &= ~(ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER));
    if (fit == 0 && (s->outcome.view.flags & CASE_FLAG_CONFIDENTIAL))
        fit = a->roles & ROLE_BIT(ROLE_ACCOUNTABILITY);
    for (int r = 0; r < ROLES_N; r++)
        if (fit & ROLE_BIT(r)) return staff_role_word((enum staff_role)r);
    return NULL;
}

/* --- the act --- */

static void data_text(struct proof_data *d, struct text *store, const char *name, struct str value)
{
    if (value.n == 0) return;
    size_t from = store->n;
    proof_data_string(store, value);
    proof_data_add(d, name, (struct str){store->p + from, store->n - from});
}

static void data_number(struct proof_data *d, struct text *store, const char *name, i64 value)
{
    if (value == 0) return;
    size_t from = store->n;
    text_addf(store, "%lld", (long long)value);
    proof_data_add(d, name, (struct str){store->p + from, store->n - from});
}

/* Named like no other member of the data: "done" and "solved" are said of other things too. */
static void data_answers(struct proof_data *d, struct text *store, const struct call_answers *a)
{
    static const char *const names[CALL_QUESTIONS_N] = {
#define X(id, word, zh, answers) "call_" word,
        CALL_QUESTIONS(X)
#undef X
    };
    for (int q = 0; q < CALL_QUESTIONS_N; q++)
        data_text(d, store, names[q], call_answer_of(a, (enum call_question)q));
}

/* The deadline that the act met or moved: whether it was kept is then a matter of record, not of today's calendar. */
static void data_due(struct proof_data *d, struct text *store, const struct casework_step *s)
{
    char text[INSTANT_TEXT_MAX];
    const struct case_clocks *was = &s->before.clocks;
    instant due = {0};
    switch (s->req.act) {
    case ACT_SIGN:
        if (was->due_clock == CLOCK_SIGN) due = was->due;
        break;
    case ACT_ENDORSE:
        due = was->handling_due;
        break;
    case ACT_EXTEND_GRANT:
    case ACT_RESUME:
        due = s->after.clocks.handling_due;
        break;
    default:
        break;
    }
    if (due.us) data_text(d, store, "due", str_of(instant_text(due, text)));
}

#define ACT_TEXTS_MAX ((size_t)256 * 1024)

/* What the act brought beside reason and words, in the form that is hashed. */
static bool put_data(const struct casework_step *s, struct text *out)
{
    const struct act_request *q = &s->req;
    struct proof_data d = {.n = 0};
    struct text store;
    char until[INSTANT_TEXT_MAX];
    text_init(&store, ACT_TEXTS_MAX);
    /* Views into `store` must not move: it gets its whole room at once. */
    size_t room =
        64 * PROOF_DATA_MAX + 6 * (q->ground.n + q->way.n + q->receiver.n + q->higher.n + s->category.n);
    bool fits = room < ACT_TEXTS_MAX;
    for (size_t i = 0; fits && i < room; i++) text_addc(&store, ' ');
    text_clear(&store);
    if (fits) {
        data_text(&d, &store, "ground", q->ground);
        data_text(&d, &store, "way", q->way);
        data_text(&d, &store, "receiver", q->receiver);
        data_text(&d, &store, "higher", q->act == ACT_ASSIGN ? q->higher : STR_NONE);
        if (!str_eq(s->after.category, s->before.category)) data_text(&d, &store, "category", s->category);
        if (q->act == ACT_ASSIGN && q->part_nature != NATURE_UNKNOWN &&
            q->part_nature != s->before.view.nature)
            data_text(&d, &store, "nature", str_of(nature_word(q->part_nature)));
        if (!str_eq(s->after.urgency, s->before.urgency)) data_text(&d, &store, "urgency", s->after.urgency);
        data_number(&d, &store, "post", q->actor.post);
        data_number(&d, &store, "target", q->target);
        data_text(&d, &store, "parts", q->part_seal);
        data_number(&d, &store, "amount", q->amount);
        data_number(&d, &store, "evidence", q->evidence);
        data_number(&d, &store, "rung", q->rung);
        data_number(&d, &store, "letter", q->letter);
        data_number(&d, &store, "feedback", q->feedback);
        data_number(&d, &store, "rating", q->rating);
        data_answers(&d, &store, &q->answers);
        data_number(&d, &store, "extended", s->outcome.extend_by);
        data_number(&d, &store, "charged_unit", s->charged_unit);
        data_number(&d, &store, "charged_minutes", s->charged_minutes);
        if (q->act == ACT_OVERDUE) data_text(&d, &store, "clock", str_of(case_clock_word(q->clock)));
        data_due(&d, &store, s);
        if (q->until.us) data_text(&d, &store, "until", str_of(instant_text(q->until, until)));
        if (q->pause_cause) data_text(&d, &store, "pause_cause", str_of(pause_cause_word(q->pause_cause)));
        proof_data_write(&d, out);
    }
    text_free(&store);
    return fits && !out->overflow;
}

static void put_member(struct text *t, const char *name, struct str value)
{
    if (value.n == 0) return;
    text_addf(t, ",\"%s\":", name);
    json_put(t, value);
}

/* The act as one JSON parameter: its fields vary, its row does not. */
static void put_act(const struct casework_step *s, struct str data, struct text *t)
{
    const struct act_request *q = &s->req;
    text_addf(
        t,
        "{\"act\":\"%s\",\"actor\":\"%s\",\"staff\":\"%lld\",\"from\":\"%s\",\"to\":\"%s\",\"unit\":\"%lld\","
        "\"public\":%s,\"co_unit\":\"%lld\",\"share\":\"%lld\"",
        case_act_word(q->act), actor_kind_word(q->actor.kind), (long long)q->actor.staff,
        case_state_word(s->before.view.state), case_state_word(s->after.view.state), (long long)q->unit,
        yes(s->outcome.row->citizen != NULL), (long long)s->co_unit, (long long)s->share);
    callbacks_put(&s->task, q, s->before.view.round, t);
    put_member(t, "role", str_of(acting_role(s)));
    put_member(t, "reason", q->reason);
    put_member(t, "words", q->text);
    text_addz(t, ",\"data\":");
    text_add(t, data);
    text_addc(t, '}');
}

/* Salt, commitment and hash of the act behind the one before it (promise P6). */
static void chain_act(const struct casework_step *s, struct str data, struct proof_act *a,
                      u8 words[HASH_BYTES], u8 hash[HASH_BYTES])
{
    const struct act_request *q = &s->req;
    u8 who[HASH_BYTES];
    *a = (struct proof_act){.id = (i64)s->act_id,
                            .case_id = s->before.view.id,
                            .version = s->after.view.version,
                            .at = q->now,
                            .act = str_of(case_act_word(q->act)),
                            .actor = str_of(actor_kind_word(q->actor.kind)),
                            .from = str_of(case_state_word(s->before.view.state)),
                            .to = str_of(case_state_word(s->after.view.state)),
                            .staff = q->actor.staff,
                            .unit = q->unit,
                            .role = str_of(acting_role(s)),
                            .public_words = s->outcome.row->citizen != NULL,
                            .reason = q->reason.n ? q->reason : STR_NONE,
                            .words = q->text.n ? q->text : STR_NONE,
                            .data = data};
    crypto_random(a->salt, sizeof a->salt);
    proof_words(crypto_sha256, a, words);
    proof_who(crypto_sha256, a, who);
    proof_act(crypto_sha256, s->before.view.version ? s->before.chain : NULL, a, who, words, hash);
}

/* --- the statement --- */

/* What left one unit is told to it; what others with a wide view can see no more, because it is confidential now or speaks of their own
 * unit, is told to all of those (hub.c) before the change is told to whoever still may see it. */
static void put_events(struct gateway *g, struct db_params *p, const struct casework_step *s,
                       struct text *data)
{
    const struct case_view *before = &s->before.view, *v = &s->after.view;
    const int old_unit = visible_unit(&s->before), new_unit = visible_unit(&s->after);
    const bool was_confidential = before->flags & CASE_FLAG_CONFIDENTIAL,
               confidential = v->flags & CASE_FLAG_CONFIDENTIAL;
    struct told {
        bool leaves;
        int unit, hidden;
        bool confidential;
    } told[3];
    size_t n = 0;
    if (old_unit && old_unit != new_unit)
        told[n++] = (struct told){true, old_unit, walled_unit(before), confidential};
    if ((confidential && !was_confidential) || (walled_unit(v) && walled_unit(v) != walled_unit(before)))
        told[n++] = (struct told){true, 0, walled_unit(before), was_confidential};
    told[n++] = (struct told){false, new_unit, walled_unit(v), confidential};

    struct text left;
    text_init(&left, 64);
    text_addf(&left, "{\"id\":%lld}", (long long)v->id);
    casework_json(g, &s->after, data);
    if (!data->overflow) { /* what was done: whoever is told of events sorts them by it (core/notice.h) */
        data->n--;
        text_addf(data, ",\"act\":\"%s\"%s}", case_act_word(s->req.act),
                  before->level != 1 && v->level == 1 ? ",\"raised\":true" : "");
    }
#define TOLD(type, put)                                                                                      \
    do {                                                                                                     \
        db_array_begin(p, type, n);                                                                          \
        for (size_t i = 0; i < n; i++) put;                                                                  \
        db_array_end(p);                                                                                     \
    } while (0)
    TOLD(DB_TEXT, db_put_text(p, told[i].leaves ? STR("case.left") : STR("case.changed")));
    TOLD(DB_INT8, db_put_i64(p, v->id));
    TOLD(DB_INT4, put_nullable_i32(p, told[i].unit));
    TOLD(DB_INT4, put_nullable_i32(p, told[i].hidden));
    TOLD(DB_BOOL, db_put_bool(p, told[i].confidential));
    TOLD(DB_JSONB, db_put_json(p, text_str(told[i].leaves ? &left : data)));
#undef TOLD
    text_free(&left);
}

static void put_row(struct db_params *p, const struct casework_step *s)
{
    const struct case_row *after = &s->after;
    const struct case_view *v = &after->view;
    const struct case_clocks *c = &after->clocks;
    size_t n_flags = 0;
    db_put_i64(p, v->id);
    db_put_i32(p, (int)s->before.view.version);
    db_put_text(p, str_of(case_state_word(v->state)));
    db_put_text(p, after->category);
    db_put_i32(p, v->level);
    db_put_i32(p, (int)v->unit);
    db_put_i32(p, v->limit_amount);
    for (unsigned b = 0; b < CASE_FLAGS_N; b++) n_flags += v->flags >> b & 1;
    db_array_begin(p, DB_TEXT, n_flags);
    for (unsigned b = 0; b < CASE_FLAGS_N; b++)
        if (v->flags >> b & 1) db_put_text(p, str_of(case_flag_word(b)));
    db_array_end(p);
    db_put_bool(p, after->held);
    db_put_bool(p, after->triage);
    db_put_i32(p, v->round);
    db_put_i32(p, v->rung);
    db_put_text(p, str_of(case_ending_word(v->ending)));
    put_nullable_i32(p, v->handler);
    put_nullable_i32(p, v->asker);
    db_put_i32(p, v->asked_amount);
    db_put_text(p, str_of(pause_cause_word(v->pause_cause)));
    db_put_instant(p, v->pause_until);
    db_put_instant(p, c->held_since);
    db_put_i32(p, v->callback_tries);
    db_put_i64(p, v->callback_day);
    db_put_text(p, v->state == CASE_MERGED ? str_of(case_state_word(v->merged_from)) : STR_NONE);
    if (after->merged_into)
        db_put_i64(p, after->merged_into);
    else
        db_put_null(p);
    db_put_instant(p, v->assigned);
    db_put_instant(p, v->signed_at);
    db_put_instant(p, v->replied);
    db_put_instant(p, v->closed);
    db_put_instant(p, c->handling_due);
    db_put_instant(p, c->due);
    db_put_text(p, c->due.us ? str_of(case_clock_word(c->due_clock)) : STR_NONE);
}

/* The columns that stand behind the events in the statement. */
static void put_rest(struct db_params *p, const struct casework_step *s)
{
    const struct case_row *after = &s->after;
    const struct case_view *v = &after->view;
    const struct case_clocks *c = &after->clocks;
    db_put_instant(p, c->warn);
    db_put_instant(p, c->next);
    db_put_text(p, c->next.us ? str_of(case_act_word(c->next_act)) : STR_NONE);
    db_put_i32(p, c->next.us ? c->next_rung : 0);
    db_put_i32(p, v->proposed);
    db_put_i32(p, v->extended);
    db_put_instant(p, v->asked);
    put_nullable_i32(p, v->first_unit);
    db_put_text(p, after->higher.n ? after->higher : STR_NONE);
}

bool casework_add(struct gateway *g, struct db_call *call, const struct casework_step *s)
{
    struct text data, act, event;
    struct proof_act chained;
    u8 words[HASH_BYTES], hash[HASH_BYTES];
    text_init(&data, ACT_TEXTS_MAX);
    text_init(&act, 2 * ACT_TEXTS_MAX);
    text_init(&event, 8192);
    bool whole = put_data(s, &data);
    struct db_params *p = db_params_new(&stmt_casework_write);
    chain_act(s, text_str(&data), &chained, words, hash);
    put_act(s, text_str(&data), &act);
    put_row(p, s);
    db_put_i64(p, (i64)s->act_id);
    db_put_instant(p, s->req.now);
    db_put_json(p, text_str(&act));
    put_events(g, p, s, &event);
    put_rest(p, s);
    db_put_bytes(p, (struct str){(const char *)chained.salt, sizeof chained.salt});
    db_put_bytes(p, (struct str){(const char *)words, sizeof words});
    db_put_bytes(p, (struct str){(const char *)hash, sizeof hash});
    db_put_text(p, s->after.urgency);
    whole = whole && !act.overflow && !event.overflow;
    text_free(&data);
    text_free(&act);
    text_free(&event);
    db_call_add(call, &stmt_casework_write, p);
    return whole;
}

void casework_add_writing(struct db_call *c, u64 case_id)
{
    char id[24];
    struct db_params *p = db_params_new(&stmt_casework_writing);
    snprintf(id, sizeof id, "%llu", (unsigned long long)case_id);
    db_put_text(p, str_of(id));
    db_call_add(c, &stmt_casework_writing, p);
}

void casework_add_required(struct db_call *c, const u64 *act_ids, size_t n)
{
    struct db_params *p = db_params_new(&stmt_casework_required);
    db_array_begin(p, DB_INT8, n);
    for (size_t i = 0; i < n; i++) db_put_i64(p, (i64)act_ids[i]);
    db_array_end(p);
    db_call_add(c, &stmt_casework_required, p);
}
