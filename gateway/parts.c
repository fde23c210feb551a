#include "parts.h"
#include "casework.h"
#include "conversation.h"
#include "intake.h"
#include "messages.h"
#include "metrics.h"
#include "register.h"
#include "base/arena.h"
#include "base/log.h"
#include "core/parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY  SPAN_S(5)  /* sets whose time is over, and what another gateway left behind */
#define LEASE       SPAN_S(60) /* a set that somebody stores is left alone for so long */
#define SWEEP_EVERY SPAN_MIN(10)
#define CLAIM_MAX   32
#define REF_MAX     200
#define SEALED_AS   "message-part" /* what sealed words and numbers are bound to */

static const struct db_stmt stmt_part_take = {
    "message_part_take",
    "select message_part_take($1, $2, $3, $4::smallint, $5::smallint, $6, $7, $8, $9, $10, $11, $12)",
    12,
    {DB_TEXT, DB_BYTEA, DB_TEXT, DB_INT4, DB_INT4, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_BYTEA, DB_TIMESTAMPTZ,
     DB_FLOAT8, DB_FLOAT8}};
/* Whose words are settled from now on, or whose late pieces are to be added. */
static const struct db_stmt stmt_sets_claim = {
    "message_sets_claim",
    "with c as (update message_sets s set state = case when s.state = 'open' then 'filing' else s.state end, "
    "  due_at = now() + make_interval(secs => $2) "
    "  where s.id in (select id from message_sets where due_at <= now() order by due_at limit $1 for update skip locked) returning s.*) "
    "select c.id, c.channel, c.sender, c.total, c.sent_at, c.state = 'filed', c.case_id, p.index, p.words, "
    "coalesce((select o.dialogue_feedback from message_people o where o.person = c.person and o.dialogue_case = c.case_id), 0) "
    "from c join message_parts p on p.set_id = c.id and p.words is not null and p.late = (c.state = 'filed') order by c.id, p.index",
    2,
    {DB_INT4, DB_FLOAT8}};
enum {
    COL_SET,
    COL_CHANNEL,
    COL_SENDER,
    COL_TOTAL,
    COL_SENT,
    COL_FILED,
    COL_CASE,
    COL_INDEX,
    COL_WORDS,
    COL_FEEDBACK
};
static const struct db_stmt stmt_set_filed = {
    "message_set_filed", "select message_set_filed($1, $2, $3::smallint[])", 3, {DB_INT8, DB_INT8, DB_INT4S}};
/* What no repeat of a provider comes back to, and senders of whom nothing is remembered. */
static const struct db_stmt stmt_messages_sweep = {
    "messages_sweep",
    "with s as (delete from message_seen where (channel, key) in (select channel, key from message_seen "
    "    where at < now() - interval '90 days' order by at limit 5000)), "
    "m as (delete from message_sets where id in (select id from message_sets where first_at < now() - interval '3 days' "
    "    and due_at is null order by first_at limit 1000)) "
    "delete from message_people where person in (select person from message_people where opted_out_at is null and opted_in_at is null "
    "  and coalesce(place_until, '-infinity') < now() and coalesce(survey_until, '-infinity') < now() "
    "  and coalesce(dialogue_until, '-infinity') < now() limit 1000)",
    0,
    {0}};

const struct db_stmt *const parts_statements[] = {&stmt_part_take, &stmt_sets_claim, &stmt_set_filed,
                                                  &stmt_messages_sweep};
const size_t n_parts_statements = ARRAY_LEN(parts_statements);

struct parts {
    struct gateway *g;
    struct timer look, sweep;
    unsigned out; /* calls and sets on their way */
    bool claiming, again;
};

static void claim(struct parts *ps);

/* --- keeping --- */

struct keeping {
    struct parts *ps;
    void (*done)(void *arg, bool stored);
    void *arg;
};

bool parts_concern(const struct inbox_item *item)
{
    const struct part_info *p = &item->part;
    return item->kind == ITEM_WORDS && p->total >= 2 && p->total <= PARTS_MAX && p->index >= 1 &&
           p->index <= p->total && p->ref.n <= REF_MAX && item->s.sender.n > 0;
}

static void kept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct keeping *k = arg;
    struct parts *ps = k->ps;
    (void)n;
    ps->out--;
    if (end == DB_OK) {
        struct str verdict = db_get_text(results[0], 0, 0);
        if (str_eq(verdict, STR("repeat")))
            COUNT(MESSAGE_REPEATS);
        else
            COUNT(MESSAGE_PARTS);
        if (str_eq(verdict, STR("whole")) || str_eq(verdict, STR("late"))) claim(ps);
    } else {
        log_line(LOG_ERROR, LOG_HOOKS, "piece not kept", "sqlstate=%s text=\"%s\"",
                 error ? error->sqlstate : "", error ? error->message : "");
    }
    k->done(k->arg, end == DB_OK);
    free(k);
}

static void put_sealed(const struct gateway *g, struct db_params *p, struct str plain)
{
    struct text t;
    text_init(&t, plain.n + 256);
    crypto_seal(g->keys, KEY_OUTBOX, STR(SEALED_AS), plain, &t);
    db_put_bytes(p, text_str(&t));
    text_free(&t);
}

void parts_take(struct gateway *g, const struct inbox_item *item, void (*done)(void *arg, bool stored),
                void *arg)
{
    struct parts *ps = g->parts;
    const struct submission *s = &item->s;
    struct keeping *k = MEM_NEW(struct keeping);
    struct db_call *c = db_call_new(kept, k);
    struct db_params *p = db_params_new(&stmt_part_take);
    u8 person[32], digest[32];
    *k = (struct keeping){ps, done, arg};
    messages_person(g, s->sender, person);
    crypto_mac(g->keys, KEY_DEDUPE, &s->text, 1, digest);
    db_put_text(p, s->provider);
    db_put_bytes(p, (struct str){(const char *)person, 32});
    db_put_text(p, item->part.ref.n ? item->part.ref : STR(""));
    db_put_i32(p, (int)item->part.total);
    db_put_i32(p, (int)item->part.index);
    db_put_text(p, s->dedupe_key);
    db_put_bytes(p, (struct str){(const char *)digest, 32});
    put_sealed(g, p, s->text);
    put_sealed(g, p, s->sender);
    db_put_instant(p, s->sent_at);
    db_put_f64(p, (double)g->cfg.sms_parts_wait.us / 1e6);
    db_put_f64(p, (double)g->cfg.sms_parts_late.us / 1e6);
    db_call_add(c, &stmt_part_take, p);
    if (db_call_send(g->lane_public, c)) {
        ps->out++;
        return;
    }
    free(k);
    done(arg, false);
}

/* --- storing what is complete or has had its time --- */

struct whole {
    struct parts *ps;
    struct arena arena;
    i64 set, feedback; /* feedback: whose words, when they answered a question; others may share the case */
    u64 case_id;
    unsigned total, missing;
    bool late;
    struct part_text parts[PARTS_MAX];
    size_t n;
    struct str channel, sender;
    instant sent_at;
    struct text words;
    struct submission s;
    struct act_request req;
    char key[48];
    unsigned tries;
};

static void whole_free(struct whole *w)
{
    struct parts *ps = w->ps;
    arena_free(&w->arena);
    text_free(&w->words);
    free(w);
    ps->out--;
    if (ps->again && !ps->claiming) claim(ps);
}

static struct db_params *filed_params(const struct whole *w)
{
    struct db_params *p = db_params_new(&stmt_set_filed);
    db_put_i64(p, w->set);
    if (w->case_id)
        db_put_i64(p, (i64)w->case_id);
    else
        db_put_null(p);
    db_array_begin(p, DB_INT4, w->n);
    for (size_t i = 0; i < w->n; i++) db_put_i32(p, (int)w->parts[i].index);
    db_array_end(p);
    return p;
}

static void filed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    (void)results, (void)n;
    if (end != DB_OK) /* the lease ends, the next look finds the feedback stored and marks it then */
        log_line(LOG_WARNING, LOG_HOOKS, "joined message not marked", "sqlstate=%s",
                 error ? error->sqlstate : "");
    whole_free(arg);
}

static void mark(struct whole *w)
{
    if (w->late)
        count_add(COUNT_PARTS_LATE, w->n);
    else if (w->missing)
        COUNT(PARTS_MISSING);
    else
        COUNT(PARTS_JOINED);
    struct db_call *c = db_call_new(filed, w);
    db_call_add(c, &stmt_set_filed, filed_params(w));
    if (!db_call_send(w->ps->g->lane_public, c)) whole_free(w);
}

static void stored(struct whole *w, enum refusal r, u64 case_id)
{
    if (r == REFUSE_UNAVAILABLE || r == REFUSE_INTERNAL) {
        whole_free(w); /* again when the lease has ended */
        return;
    }
    if (r != REFUSE_NONE) {
        count_refusal(r);
        log_line(LOG_WARNING, LOG_HOOKS, "message dropped", "code=%s", refusal_facts(r)->code);
    }
    w->case_id = case_id;
    mark(w);
}

static void talked(void *arg, const struct conversation_result *r) { stored(arg, r->refusal, r->case_id); }
static void took_in(void *arg, const struct intake_result *r) { stored(arg, r->refusal, r->case_id); }

static int beside_late(void *arg, struct db_call *c)
{
    db_call_add(c, &stmt_set_filed, filed_params(arg));
    return 1;
}

static void add_late(struct whole *w);

static void late_added(void *arg, const struct casework_result *r)
{
    struct whole *w = arg;
    if (r->refusal == REFUSE_CASE_CHANGED && ++w->tries < 8) {
        add_late(w);
        return;
    }
    if (r->refusal != REFUSE_NONE && r->refusal != REFUSE_CASE_CHANGED && r->refusal != REFUSE_UNAVAILABLE &&
        r->refusal != REFUSE_INTERNAL) {
        /* The case takes no more words, now or later: what came late stands for itself. */
        intake_submit(w->ps->g, &w->s, false, took_in, w);
        return;
    }
    if (r->refusal == REFUSE_NONE) count_add(COUNT_PARTS_LATE, w->n);
    whole_free(w);
}

static void add_late(struct whole *w)
{
    w->req = (struct act_request){.act = ACT_SAY,
                                  .actor = {.kind = ACTOR_CITIZEN},
                                  .now = clock_now(),
                                  .expected_version = CASE_VERSION_ANY,
                                  .feedback = w->feedback,
                                  .text = text_str(&w->words)};
    casework_act_beside(w->ps->g, NULL, w->case_id, &w->req, STR_NONE, beside_late, late_added, w);
}

/* The words are settled: the key depends on the set and the pieces alone, so that whoever stores them twice stores them once. */
static void store(struct whole *w)
{
    struct gateway *g = w->ps->g;
    text_init(&w->words, (size_t)PARTS_MAX * 2048);
    if (w->late) {
        parts_join_late(w->parts, w->n, w->total, SUBMISSION_TEXT_POINTS, &w->words);
        snprintf(w->key, sizeof w->key, "parts:%lld:late%u", (long long)w->set, w->parts[0].index);
    } else {
        w->missing = parts_join(w->parts, w->n, w->total, SUBMISSION_TEXT_POINTS, &w->words);
        snprintf(w->key, sizeof w->key, "parts:%lld", (long long)w->set);
    }
    w->s = (struct submission){.door = DOOR_SMS,
                               .provider = w->channel,
                               .external_id = STR(""),
                               .dedupe_key = str_of(w->key),
                               .sender = w->sender,
                               .text = text_str(&w->words),
                               .sent_at = w->sent_at};
    if (w->late && w->case_id) {
        add_late(w);
    } else if (w->late) { /* what came before opened no case */
        intake_submit(g, &w->s, false, took_in, w);
    } else {
        const struct inbox_item item = {.s = w->s, .kind = ITEM_WORDS};
        conversation_take(g, &item, false, talked, w);
    }
}

static bool unseal(const struct gateway *g, struct arena *arena, struct str sealed, struct str *plain_r)
{
    struct text t;
    text_init(&t, sealed.n + 1);
    bool good = crypto_open(g->keys, KEY_OUTBOX, STR(SEALED_AS), sealed, &t);
    *plain_r = t.n ? arena_str(arena, text_str(&t)) : STR("");
    text_free(&t);
    return good && plain_r->p;
}

/* Rows of one set, from `row` on; returns the row behind them. */
static int read_set(struct parts *ps, const struct db_result *r, int row)
{
    struct whole *w = MEM_NEW(struct whole);
    const i64 set = db_get_i64(r, row, COL_SET);
    bool good = true;
    *w = (struct whole){.ps = ps,
                        .set = set,
                        .feedback = db_get_i64(r, row, COL_FEEDBACK),
                        .case_id = (u64)db_get_i64(r, row, COL_CASE),
                        .total = (unsigned)db_get_i64(r, row, COL_TOTAL),
                        .late = db_get_bool(r, row, COL_FILED),
                        .sent_at = db_get_instant(r, row, COL_SENT)};
    arena_init(&w->arena, 4u << 20);
    w->channel = arena_str(&w->arena, db_get_text(r, row, COL_CHANNEL));
    good = unseal(ps->g, &w->arena, db_get_text(r, row, COL_SENDER), &w->sender);
    for (; row < db_rows(r) && db_get_i64(r, row, COL_SET) == set; row++) {
        struct part_text *p = &w->parts[MIN(w->n, (size_t)PARTS_MAX - 1)];
        p->index = (unsigned)db_get_i64(r, row, COL_INDEX);
        good = good && unseal(ps->g, &w->arena, db_get_text(r, row, COL_WORDS), &p->words);
        w->n++;
    }
    ps->out++;
    if (good) {
        store(w);
    } else {
        log_line(LOG_ERROR, LOG_HOOKS, "pieces sealed with another key", "set=%lld", (long long)set);
        whole_free(w);
    }
    return row;
}

static void claimed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct parts *ps = arg;
    (void)n;
    ps->out--;
    ps->claiming = false;
    if (end != DB_OK)
        log_line(LOG_WARNING, LOG_HOOKS, "long messages not read", "sqlstate=%s",
                 error ? error->sqlstate : "");
    if (end != DB_OK || ps->g->draining) return;
    for (int row = 0; row < db_rows(results[0]);) row = read_set(ps, results[0], row);
    if (ps->again) claim(ps);
}

static void claim(struct parts *ps)
{
    struct gateway *g = ps->g;
    if (ps->claiming) ps->again = true;
    if (ps->claiming || g->draining || !g->key_right || !register_ready(g)) return;
    ps->again = false;
    struct db_call *c = db_call_new(claimed, ps);
    struct db_params *p = db_params_new(&stmt_sets_claim);
    db_put_i32(p, CLAIM_MAX);
    db_put_f64(p, (double)LEASE.us / 1e6);
    db_call_add(c, &stmt_sets_claim, p);
    ps->claiming = db_call_send(g->lane_public, c);
    ps->out += ps->claiming;
}

static void look_fires(struct timer *t)
{
    struct parts *ps = t->arg;
    timer_set(ps->g->loop, t, LOOK_EVERY);
    claim(ps);
}

/* --- sweeping --- */

static void swept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct parts *ps = arg;
    (void)results, (void)n;
    ps->out--;
    if (end == DB_FAILED)
        log_line(LOG_WARNING, LOG_HOOKS, "old messages not swept", "sqlstate=%s text=\"%s\"", error->sqlstate,
                 error->message);
}

static void sweep_fires(struct timer *t)
{
    struct parts *ps = t->arg;
    timer_set(ps->g->loop, t, SWEEP_EVERY);
    if (!ps->g->key_right) return;
    struct db_call *c = db_call_new(swept, ps);
    db_call_add(c, &stmt_messages_sweep, db_params_new(&stmt_messages_sweep));
    ps->out += db_call_send(ps->g->lane_public, c);
}

struct parts *parts_new(struct gateway *g)
{
    struct parts *ps = MEM_NEW(struct parts);
    ps->g = g;
    ps->look = (struct timer){.fire = look_fires, .arg = ps};
    ps->sweep = (struct timer){.fire = sweep_fires, .arg = ps};
    timer_set(g->loop, &ps->look, SPAN_S(1));
    timer_set(g->loop, &ps->sweep, SPAN_MIN(1));
    return ps;
}

void parts_free(struct parts **psp)
{
    struct parts *ps = *psp;
    if (!ps) return;
    timer_stop(&ps->look);
    timer_stop(&ps->sweep);
    free(ps);
    *psp = NULL;
}
