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
#define SECRETS_MAX 64
#define NAMES_MAX   16

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
    struct text secret_bytes; /* the channel's secrets, and names, until the answer has been shaped */
    struct str secrets[SECRETS_MAX], names[NAMES_MAX];
    size_t n_secrets, n_names;
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

/* Places of views into secret_bytes, which moves while it grows. */
struct places {
    size_t at[SECRETS_MAX], n[SECRETS_MAX], count;
};

static bool place_add(struct text *bytes, struct places *p, size_t most, struct str value)
{
    if (p->count == most) return false;
    p->at[p->count] = bytes->n, p->n[p->count++] = value.n;
    text_add(bytes, value);
    return !bytes->overflow;
}

static size_t places_view(const struct text *bytes, const struct places *p, struct str *views)
{
    for (size_t i = 0; i < p->count; i++) views[i] = (struct str){bytes->p + p->at[i], p->n[i]};
    return p->count;
}

/* Where a generic channel's words and numbers stand is a setting: the last name of each path. */
static bool names_add(struct text *bytes, struct places *p, struct str name, struct str value)
{
    static const char *const of_people[] = {"in_text",  "in_from", "in_to",    "in_sign",
                                            "in_field", "dlr_to",  "dlr_field"};
    bool concerns = false, good = true;
    for (size_t i = 0; i < ARRAY_LEN(of_people); i++)
        concerns = concerns || str_eq(name, str_of(of_people[i]));
    while (concerns && value.n && good) {
        struct str path, piece, last = STR_NONE;
        str_cut(value, '+', &path, &value);
        for (path = str_trim(path); path.n;) {
            str_cut(path, '.', &piece, &path);
            last = piece;
        }
        if (last.n) good = place_add(bytes, p, NAMES_MAX, last);
    }
    return good;
}

static struct channel_entry *entry_new(struct gateway *g, const struct channel *ch, const struct adapter *a,
                                       const char *what)
{
    struct places secrets = {.count = 0}, names = {.count = 0};
    bool good = true;
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
    for (size_t i = 0; i < ch->n_settings && good; i++) {
        struct str name = ch->settings[i].name, value = ch->settings[i].value;
        good = names_add(&e->secret_bytes, &names, name, value);
        /* Short values are no secrets, and "1" would hide half of everything. */
        if (value.n < 4 || (channel_setting_known(a, name) == 1 && !str_ends(name, STR("_old")))) continue;
        good = good && place_add(&e->secret_bytes, &secrets, SECRETS_MAX, value);
    }
    if (!good) { /* what cannot be hidden whole is not logged */
        COUNT(CHANNEL_LOG_DROPPED);
        entry_free(e);
        return NULL;
    }
    e->n_secrets = places_view(&e->secret_bytes, &secrets, e->secrets);
    e->n_names = places_view(&e->secret_bytes, &names, e->names);
    return e;
}

static struct shape_secrets entry_secrets(const struct channel_entry *e)
{
    return (struct shape_secrets){e->secrets, e->n_secrets, e->names, e->n_names};
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
    e->n_secrets = e->n_names = 0;
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
