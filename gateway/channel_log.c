#include "channel_log.h"
#include "metrics.h"
#include "base/list.h"
#include "base/log.h"
#include "core/shape.h"
#include <stdio.h>
#include <stdlib.h>

#define REQUEST_MAX 3800 /* bytes; the table counts characters */
#define REPLY_MAX   1900
#define WAITING_MAX 2000
#define BATCH_MAX   200
#define WRITE_EVERY SPAN_MS(500)
#define SWEEP_EVERY SPAN_MIN(10)
#define SWEEP_ROWS  5000
#define SECRETS_MAX 32

const struct db_stmt stmt_channel_log = {
    "channel_log",
    "insert into channel_log (at, channel, what, outcome, status, took_ms, items, outbox_id, reason, request, reply) "
    "select at, channel, what, outcome, status, took_ms, items, nullif(outbox_id, 0), nullif(reason, ''), request, reply "
    "from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as t (at, channel, what, outcome, status, took_ms, items, outbox_id, "
    "reason, request, reply)",
    11,
    {DB_TIMESTAMPTZS, DB_TEXTS, DB_TEXTS, DB_TEXTS, DB_INT4S, DB_INT4S, DB_INT4S, DB_INT8S, DB_TEXTS,
     DB_TEXTS, DB_TEXTS}};
const struct db_stmt stmt_channel_log_sweep = {
    "channel_log_sweep",
    "delete from channel_log where id in (select id from channel_log where at < $1 order by at limit $2)",
    2,
    {DB_TIMESTAMPTZ, DB_INT4}};

struct channel_entry {
    struct list node;
    instant at, began; /* wall clock; monotonic */
    char channel[48];
    const char *what, *outcome;
    int status, took_ms;
    size_t items;
    u64 outbox_id;
    struct text reason, request, reply;
    struct text secret_bytes; /* the channel's secrets until the answer has been shaped */
    struct str secrets[SECRETS_MAX];
    size_t n_secrets;
};

struct channel_log {
    struct gateway *g;
    struct list waiting;
    size_t n_waiting;
    bool writing;
    struct timer write, sweep;
};

static const char *const outcomes[] = {
    [CHANNEL_OK] = "ok",           [CHANNEL_REFUSED] = "refused",         [CHANNEL_MALFORMED] = "malformed",
    [CHANNEL_TOO_BIG] = "too_big", [CHANNEL_UNAVAILABLE] = "unavailable", [CHANNEL_RETRY] = "retry",
    [CHANNEL_UNKNOWN] = "unknown"};

static void entry_free(struct channel_entry *e)
{
    if (e->secret_bytes.p) crypto_wipe(e->secret_bytes.p, e->secret_bytes.n);
    text_free(&e->secret_bytes);
    text_free(&e->reason);
    text_free(&e->request);
    text_free(&e->reply);
    free(e);
}

/* -- one exchange ------------------------------------------------------------------------------------------ */

static struct channel_entry *entry_new(struct gateway *g, const struct channel *ch, const struct adapter *a,
                                       const char *what)
{
    size_t at[SECRETS_MAX], n[SECRETS_MAX];
    if (!g->channel_log || !g->cfg.channel_log) return NULL;
    struct channel_entry *e = MEM_NEW(struct channel_entry);
    e->at = clock_now();
    e->began = clock_monotonic();
    e->what = what;
    snprintf(e->channel, sizeof e->channel, "%.*s", (int)MIN(ch->name.n, (size_t)40), ch->name.p);
    text_init(&e->reason, 300);
    text_init(&e->request, REQUEST_MAX);
    text_init(&e->reply, REPLY_MAX);
    text_init(&e->secret_bytes, 64 << 10);
    for (size_t i = 0; i < ch->n_settings && e->n_secrets < SECRETS_MAX; i++) {
        struct str name = ch->settings[i].name, value = ch->settings[i].value;
        /* Short values are no secrets, and "1" would hide half of everything. */
        if (value.n < 4 || (channel_setting_known(a, name) == 1 && !str_ends(name, STR("_old")))) continue;
        at[e->n_secrets] = e->secret_bytes.n, n[e->n_secrets++] = value.n;
        text_add(&e->secret_bytes, value);
    }
    for (size_t i = 0; i < e->n_secrets; i++) e->secrets[i] = (struct str){e->secret_bytes.p + at[i], n[i]};
    if (!e->secret_bytes.overflow) return e;
    entry_free(e); /* what cannot be hidden whole is not logged */
    return NULL;
}

static struct shape_secrets entry_secrets(const struct channel_entry *e)
{
    return (struct shape_secrets){e->secrets, e->n_secrets};
}

struct channel_entry *channel_log_push(struct gateway *g, const struct channel *ch, const struct adapter *a,
                                       enum hook hook, const struct http_in *in)
{
    struct channel_entry *e = entry_new(g, ch, a, hook == HOOK_MO ? "mo" : "dlr");
    if (!e) return NULL;
    const struct shape_secrets secrets = entry_secrets(e);
    shape_request_in(in, &secrets, &e->request);
    return e;
}

struct channel_entry *channel_log_call(struct gateway *g, const struct channel *ch, const struct adapter *a,
                                       u64 outbox_id, const struct http_out *call)
{
    struct channel_entry *e = entry_new(g, ch, a, outbox_id ? "send" : "balance");
    if (!e) return NULL;
    const struct shape_secrets secrets = entry_secrets(e);
    e->outbox_id = outbox_id;
    shape_request_out(call, &secrets, &e->request);
    return e;
}

void channel_log_end(struct gateway *g, struct channel_entry *e, enum channel_outcome outcome, int status,
                     const char *reason, struct str reply, size_t items)
{
    struct channel_log *l = g->channel_log;
    if (!e) return;
    if (!l || l->n_waiting >= WAITING_MAX) {
        COUNT(CHANNEL_LOG_DROPPED);
        entry_free(e);
        return;
    }
    const struct shape_secrets secrets = entry_secrets(e);
    e->outcome = outcomes[outcome];
    e->status = status;
    e->items = items;
    e->took_ms = (int)MIN(MAX(instant_sub(clock_monotonic(), e->began).us / 1000, 0), (i64)3600000);
    shape_body(reply, &secrets, &e->reply);
    if (reason) text_addz(&e->reason, reason);
    if (e->secret_bytes.p) crypto_wipe(e->secret_bytes.p, e->secret_bytes.n);
    text_free(&e->secret_bytes);
    e->n_secrets = 0;
    list_push(&l->waiting, &e->node);
    l->n_waiting++;
}

/* -- writing and sweeping ---------------------------------------------------------------------------------- */

struct writing {
    struct channel_log *l;
    size_t n;
};

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct writing *w = arg;
    (void)results, (void)n;
    w->l->writing = false;
    if (end != DB_OK) {
        count_add(COUNT_CHANNEL_LOG_DROPPED, w->n);
        log_line(LOG_WARNING, LOG_HOOKS, "lines of the channel log were lost", "lines=%zu sqlstate=%s", w->n,
                 error ? error->sqlstate : "");
    }
    free(w);
}

/* Nothing is an empty text here, not NULL. */
static struct str written_as(const struct text *t) { return t->n ? text_str(t) : STR(""); }

#define COLUMN(type, put)                                                                                    \
    do {                                                                                                     \
        db_array_begin(p, (type), n);                                                                        \
        for (size_t i = 0; i < n; i++) put;                                                                  \
        db_array_end(p);                                                                                     \
    } while (0)

static void write_batch(struct channel_log *l)
{
    struct gateway *g = l->g;
    struct channel_entry *all[BATCH_MAX];
    size_t n = 0;
    if (l->writing || l->n_waiting == 0 || !db_lane_up(g->lane_public)) return;
    for (struct list *node; n < BATCH_MAX && (node = list_pop(&l->waiting)) != NULL; n++)
        all[n] = LIST_OF(node, struct channel_entry, node);
    l->n_waiting -= n;
    struct writing *w = MEM_NEW(struct writing);
    struct db_call *c = db_call_new(written, w);
    struct db_params *p = db_params_new(&stmt_channel_log);
    *w = (struct writing){l, n};
    COLUMN(DB_TIMESTAMPTZ, db_put_instant(p, all[i]->at));
    COLUMN(DB_TEXT, db_put_text(p, str_of(all[i]->channel)));
    COLUMN(DB_TEXT, db_put_text(p, str_of(all[i]->what)));
    COLUMN(DB_TEXT, db_put_text(p, str_of(all[i]->outcome)));
    COLUMN(DB_INT4, db_put_i32(p, all[i]->status));
    COLUMN(DB_INT4, db_put_i32(p, all[i]->took_ms));
    COLUMN(DB_INT4, db_put_i32(p, (int)all[i]->items));
    COLUMN(DB_INT8, db_put_i64(p, (i64)all[i]->outbox_id));
    COLUMN(DB_TEXT, db_put_text(p, written_as(&all[i]->reason)));
    COLUMN(DB_TEXT, db_put_text(p, written_as(&all[i]->request)));
    COLUMN(DB_TEXT, db_put_text(p, written_as(&all[i]->reply)));
    db_call_add(c, &stmt_channel_log, p);
    for (size_t i = 0; i < n; i++) entry_free(all[i]);
    l->writing = db_call_send(g->lane_public, c);
    if (l->writing) return;
    count_add(COUNT_CHANNEL_LOG_DROPPED, n);
    free(w);
}

static void write_fires(struct timer *t)
{
    struct channel_log *l = t->arg;
    timer_set(l->g->loop, t, l->n_waiting > BATCH_MAX ? SPAN_MS(20) : WRITE_EVERY);
    write_batch(l);
}

static void swept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    (void)arg, (void)results, (void)n;
    if (end != DB_OK)
        log_line(LOG_WARNING, LOG_HOOKS, "channel log not swept", "sqlstate=%s",
                 error ? error->sqlstate : "");
}

static void sweep_fires(struct timer *t)
{
    struct channel_log *l = t->arg;
    struct gateway *g = l->g;
    timer_set(g->loop, t, SWEEP_EVERY);
    struct db_call *c = db_call_new(swept, NULL);
    struct db_params *p = db_params_new(&stmt_channel_log_sweep);
    db_put_instant(p, (instant){clock_now().us - g->cfg.channel_log_keep.us});
    db_put_i32(p, SWEEP_ROWS);
    db_call_add(c, &stmt_channel_log_sweep, p);
    (void)!db_call_send(g->lane_public, c); /* the next sweep does it */
}

void channel_log_start(struct gateway *g)
{
    struct channel_log *l = g->channel_log = MEM_NEW(struct channel_log);
    l->g = g;
    list_init(&l->waiting);
    l->write = (struct timer){.fire = write_fires, .arg = l};
    l->sweep = (struct timer){.fire = sweep_fires, .arg = l};
    timer_set(g->loop, &l->write, WRITE_EVERY);
    timer_set(g->loop, &l->sweep, SPAN_MIN(1));
}

void channel_log_stop(struct gateway *g)
{
    struct channel_log *l = g->channel_log;
    if (!l) return;
    ASSERT(!l->writing); /* db_free has ended every call before */
    timer_stop(&l->write);
    timer_stop(&l->sweep);
    for (struct list *node; (node = list_pop(&l->waiting)) != NULL;)
        entry_free(LIST_OF(node, struct channel_entry, node));
    free(l);
    g->channel_log = NULL;
}
