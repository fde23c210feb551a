#include "outbox.h"
#include "metrics.h"
#include "register.h"
#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM_MARGIN SPAN_S(30) /* a claim lives this much longer than one sending may take */
#define LOOK_EVERY                                                                                           \
    SPAN_S(5) /* when nothing wakes it: other gateways' expired claims, retries that fall due */
#define RETRY_BASE_S   5
#define RETRY_MAX_S    3600
#define UNKNOWN_REASON "no answer after the request had left; waits for its delivery receipt"

const struct db_stmt stmt_outbox_claim = {
    "outbox_claim",
    "update outbox set state = 'claimed', claimed_until = now() + make_interval(secs => $2), tries = tries + 1, changed_at = now() "
    "where id in (select id from outbox where (state = 'due' and due_at <= now()) or (state = 'claimed' and claimed_until < now()) "
    "  order by due_at limit $1 for update skip locked) "
    "returning id, channel, recipient, body, tries",
    2,
    {DB_INT4, DB_FLOAT8}};
/* A receipt may have been faster than this: only a claimed row takes an outcome. */
const struct db_stmt stmt_outbox_outcome = {
    "outbox_outcome",
    "update outbox set state = $2, due_at = coalesce($3, due_at), provider_id = coalesce($4, provider_id), last_error = $5, "
    "body = case when $2 = 'sent' then null else body end, changed_at = now() where id = $1 and state = 'claimed'",
    5,
    {DB_INT8, DB_TEXT, DB_TIMESTAMPTZ, DB_TEXT, DB_TEXT}};
/* Receipts come in any order and more than once: a state only moves forward, and never from a final one. */
const struct db_stmt stmt_outbox_receipt = {
    "outbox_receipt",
    "update outbox o set state = t.state, provider_id = coalesce(o.provider_id, nullif(t.provider_id, '')), "
    "body = case when t.state = 'failed' then o.body end, last_error = nullif(t.error, ''), changed_at = now() "
    "from unnest($2, $3, $4, $5) as t (ref, provider_id, state, error) "
    "where o.channel = $1 and (o.id = t.ref or (t.ref = 0 and o.provider_id = t.provider_id)) "
    "and (o.state in ('claimed', 'unknown') or (o.state = 'sent' and t.state in ('delivered', 'failed')))",
    5,
    {DB_TEXT, DB_INT8S, DB_TEXTS, DB_TEXTS, DB_TEXTS}};

struct sending {
    struct outbox *o;
    u64 id;
    int tries;
    struct arena arena;
    struct channel ch; /* settings are copied: the register may change meanwhile */
    const struct adapter *adapter;
};

struct outbox {
    struct gateway *g;
    bool claiming, again, closing;
    unsigned out;
    struct timer look;
};

static void claim(struct outbox *o);

static void look_fires(struct timer *t)
{
    struct outbox *o = t->arg;
    timer_set(o->g->loop, t, LOOK_EVERY);
    claim(o);
}

void outbox_wake(struct gateway *g)
{
    if (g->outbox) claim(g->outbox);
}

/* Doubling pauses with a ceiling, spread by up to a quarter so that a provider's return is not met by everybody at once. */
static span backoff(int tries, u32 random)
{
    i64 s = RETRY_BASE_S;
    for (int i = 1; i < tries && s < RETRY_MAX_S; i++) s *= 2;
    s = MIN(s, (i64)RETRY_MAX_S);
    return SPAN_MS(s * 1000 + (i64)(random % (u32)(s * 250)));
}

static void ignore(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    (void)results, (void)n;
    if (end != DB_OK)
        log_line(LOG_ERROR, LOG_OUTBOX,
                 "outcome not stored; the claim expires and the message is looked at again",
                 "id=%" PRIuPTR " sqlstate=%s", (uintptr_t)arg, error ? error->sqlstate : "");
}

static void store_outcome(struct gateway *g, u64 id, const char *state, instant due, struct str provider_id,
                          const char *why)
{
    struct db_call *c = db_call_new(ignore, (void *)(uintptr_t)id);
    struct db_params *p = db_params_new(&stmt_outbox_outcome);
    db_put_i64(p, (i64)id);
    db_put_text(p, str_of(state));
    db_put_instant(p, due);
    db_put_text(p, provider_id.n ? provider_id : STR_NONE);
    db_put_text(p, why ? str_of(why) : STR_NONE);
    db_call_add(c, &stmt_outbox_outcome, p);
    if (!db_call_send(g->lane_public, c))
        log_line(LOG_WARNING, LOG_OUTBOX, "outcome not stored: database away", "id=%llu",
                 (unsigned long long)id);
}

static void settle(struct sending *s, const struct sent_outcome *r)
{
    struct outbox *o = s->o;
    struct gateway *g = o->g;
    u32 random;
    crypto_random(&random, sizeof random);
    switch (r->sent) {
    case SENT_OK:
        COUNT(OUTBOX_SENT);
        store_outcome(g, s->id, "sent", (instant){0}, r->provider_id, NULL);
        break;
    case SENT_UNKNOWN:
        COUNT(OUTBOX_UNKNOWN);
        store_outcome(g, s->id, "unknown", (instant){0}, r->provider_id, UNKNOWN_REASON);
        break;
    case SENT_RETRY:
        if (s->tries < g->cfg.outbox_tries) {
            COUNT(OUTBOX_RETRIED);
            span wait = r->retry_after.us > 0 ? r->retry_after : backoff(s->tries, random);
            store_outcome(g, s->id, "due", instant_add(clock_now(), wait), STR_NONE, r->for_operator);
            break;
        } /* fall through: no more tries */
        __attribute__((fallthrough));
    case SENT_REFUSED:
        COUNT(OUTBOX_DEAD);
        store_outcome(g, s->id, "dead", (instant){0}, STR_NONE, r->for_operator);
        break;
    }
    if (r->cause == CAUSE_SETTINGS || r->cause == CAUSE_MONEY)
        log_line(LOG_ERROR, LOG_OUTBOX, "a provider refuses our settings", "channel=%.*s why=\"%s\"",
                 STR_ARG(s->ch.name), r->for_operator);
}

static void sending_free(struct sending *s)
{
    s->o->out--;
    arena_free(&s->arena);
    free(s);
}

static void answered(void *arg, const struct http_reply *reply)
{
    struct sending *s = arg;
    struct outbox *o = s->o;
    struct sent_outcome r = {.sent = SENT_UNKNOWN, .for_operator = UNKNOWN_REASON};
    if (!o->closing) {
        s->adapter->judge(&s->ch, reply, &s->arena, &r);
        settle(s, &r);
    }
    sending_free(s);
    if (!o->closing) claim(o);
}

static bool copy_channel(struct sending *s, const struct channel_row *row)
{
    struct channel_setting *set = arena_alloc(&s->arena, (row->ch.n_settings + 1) * sizeof *set);
    if (!set) return false;
    for (size_t i = 0; i < row->ch.n_settings; i++)
        set[i] = (struct channel_setting){arena_str(&s->arena, row->ch.settings[i].name),
                                          arena_str(&s->arena, row->ch.settings[i].value)};
    s->ch = (struct channel){arena_str(&s->arena, row->ch.name), set, row->ch.n_settings};
    s->adapter = row->adapter;
    return true;
}

/* Where the provider sends delivery receipts: the channel's own hook, on the base the provider can reach. */
static struct str dlr_url(struct gateway *g, struct sending *s)
{
    struct str key = channel_setting(&s->ch, STR("hook_key")),
               base = channel_setting(&s->ch, STR("hook_base"));
    struct text t;
    if (key.n == 0) return STR_NONE;
    text_init(&t, 1000);
    text_add(&t, base.n ? base : str_of(g->cfg.public_url));
    while (t.n && t.p[t.n - 1] == '/') t.n--;
    text_addf(&t, "/hooks/%.*s/%.*s/dlr", STR_ARG(s->ch.name), STR_ARG(key));
    struct str kept = arena_str(&s->arena, text_str(&t));
    text_free(&t);
    return kept;
}

static bool unseal(struct gateway *g, struct sending *s, const char *what, struct str sealed,
                   struct str *plain_r)
{
    char context[48];
    struct text t;
    snprintf(context, sizeof context, "%s %llu", what, (unsigned long long)s->id);
    text_init(&t, 64 * 1024);
    bool good = sealed.n && crypto_open(g->keys, KEY_OUTBOX, str_of(context), sealed, &t);
    if (good) *plain_r = arena_str(&s->arena, text_str(&t));
    text_free(&t);
    return good;
}

static void send_one(struct outbox *o, const struct db_result *r, int row)
{
    struct gateway *g = o->g;
    const struct channel_row *ch = register_ready(g) ? register_channel(g, db_get_text(r, row, 1)) : NULL;
    struct sending *s = MEM_NEW(struct sending);
    struct message m = {0};
    struct http_out out = {0};
    const char *why = "the channel is not configured or cannot send";
    char ref[24];
    s->o = o;
    s->id = (u64)db_get_i64(r, row, 0);
    s->tries = (int)db_get_i64(r, row, 4);
    arena_init(&s->arena, 512 * 1024);
    o->out++;
    snprintf(ref, sizeof ref, "%llu", (unsigned long long)s->id);
    u8 random[16];
    crypto_random(random, sizeof random);
    m.client_ref = str_of(ref);
    m.now = clock_now();
    m.random = random;
    m.try = (unsigned)s->tries;
    struct sent_outcome bad = {.sent = SENT_REFUSED, .for_operator = why};
    if (!ch || !ch->adapter->compose || !copy_channel(s, ch)) {
        bad.sent = SENT_RETRY;
    } else if (!unseal(g, s, OUTBOX_TO, db_get_text(r, row, 2), &m.to) ||
               !unseal(g, s, OUTBOX_BODY, db_get_text(r, row, 3), &m.text)) {
        bad.for_operator = "sealed with another key";
    } else {
        m.dlr_url = dlr_url(g, s);
        if (s->adapter->compose(&s->ch, &m, &s->arena, &out, &why)) {
            if (httpc_start(g->httpc, &out, g->cfg.outbox_deadline, answered, s)) return;
            bad = (struct sent_outcome){
                .sent = SENT_RETRY, .for_operator = "too many calls out, or the address is no http address"};
        } else {
            bad.for_operator = why;
        }
    }
    settle(s, &bad);
    sending_free(s);
}

static void claimed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct outbox *o = arg;
    (void)n, (void)error;
    o->claiming = false;
    if (o->closing || end != DB_OK) return; /* an unknown claim expires by itself */
    for (int i = 0; i < db_rows(results[0]); i++) send_one(o, results[0], i);
    if (o->again) claim(o);
}

static void claim(struct outbox *o)
{
    struct gateway *g = o->g;
    if (o->claiming) o->again = true;
    if (o->claiming || o->closing || g->draining || o->out >= (unsigned)g->cfg.outbox_parallel) return;
    o->again = false;
    struct db_call *c = db_call_new(claimed, o);
    struct db_params *p = db_params_new(&stmt_outbox_claim);
    db_put_i32(p, g->cfg.outbox_parallel - (int)o->out);
    db_put_f64(p, (double)(g->cfg.outbox_deadline.us + CLAIM_MARGIN.us) / 1e6);
    db_call_add(c, &stmt_outbox_claim, p);
    o->claiming = db_call_send(g->lane_public, c);
}

struct outbox *outbox_new(struct gateway *g)
{
    struct outbox *o = MEM_NEW(struct outbox);
    o->g = g;
    o->look = (struct timer){.fire = look_fires, .arg = o};
    timer_set(g->loop, &o->look, SPAN_S(1));
    return o;
}

bool outbox_idle(const struct outbox *o) { return o->out == 0 && !o->claiming; }

void outbox_free(struct outbox **op)
{
    struct outbox *o = *op;
    if (!o) return;
    ASSERT(outbox_idle(o)); /* httpc_free and db_free have ended every call before */
    timer_stop(&o->look);
    free(o);
    *op = NULL;
}

/* --- delivery receipts --- */

struct receipts {
    void (*done)(void *arg, bool stored);
    void *arg;
};

static void receipts_stored(void *arg, enum db_end end, const struct db_result *const *results, int n,
                            const struct db_error *error)
{
    struct receipts *r = arg;
    (void)results, (void)n, (void)error;
    r->done(r->arg, end == DB_OK);
    free(r);
}

static const char *delivery_state(enum delivery d)
{
    switch (d) {
    case DELIVERY_SENT:
        return "sent";
    case DELIVERY_DELIVERED:
        return "delivered";
    case DELIVERY_FAILED:
    case DELIVERY_EXPIRED:
        break;
    }
    return "failed";
}

void outbox_receipts(struct gateway *g, struct str channel, const struct receipt_report *r, size_t n,
                     void (*done)(void *arg, bool stored), void *arg)
{
    struct receipts *job = MEM_NEW(struct receipts);
    struct db_call *c = db_call_new(receipts_stored, job);
    struct db_params *p = db_params_new(&stmt_outbox_receipt);
    *job = (struct receipts){done, arg};
    db_put_text(p, channel);
    db_array_begin(p, DB_INT8, n);
    for (size_t i = 0; i < n; i++) {
        u64 ref;
        db_put_i64(p, str_u64(r[i].client_ref, INT64_MAX, &ref) ? (i64)ref : 0);
    }
    db_array_end(p);
    db_array_begin(p, DB_TEXT, n);
    for (size_t i = 0; i < n; i++) db_put_text(p, r[i].provider_id.n ? r[i].provider_id : STR(""));
    db_array_end(p);
    db_array_begin(p, DB_TEXT, n);
    for (size_t i = 0; i < n; i++) db_put_text(p, str_of(delivery_state(receipt_delivery(&r[i]))));
    db_array_end(p);
    db_array_begin(p, DB_TEXT, n);
    for (size_t i = 0; i < n; i++) db_put_text(p, r[i].error_code.n ? r[i].error_code : STR(""));
    db_array_end(p);
    db_call_add(c, &stmt_outbox_receipt, p);
    if (db_call_send(g->lane_public, c)) return;
    free(job);
    done(arg, false);
}
