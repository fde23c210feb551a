#include "outbox_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX       500       /* outcomes of one transaction */
#define FAILURES_MAX    5         /* refusals of one batch by the database before it is left to its claims */
#define CODE_DIGITS_MAX 9         /* more are rather the telephone number that a provider repeats */
#define AGAIN_AFTER     SPAN_S(1) /* the database is away or refuses */

static const char *const ends[] = {[END_SENT] = "sent",
                                   [END_UNKNOWN] = "unknown",
                                   [END_DEAD] = "dead",
                                   [END_DUE] = "due",
                                   [END_MOVED] = "moved"};

char *outbox_visible(struct str s, size_t most)
{
    if (s.n == 0 || s.n > most) return mem_copy("", 0);
    char *copy = mem_copy(s.p, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (copy[i] <= ' ' || copy[i] > '~') copy[i] = '?';
    return copy;
}

char *outbox_code(struct str s)
{
    char *code = outbox_visible((struct str){s.p, MIN(s.n, (size_t)OUTBOX_CODE_MAX)}, OUTBOX_CODE_MAX);
    size_t digits = 0;
    for (const char *c = code; *c; c++) digits += *c >= '0' && *c <= '9';
    for (char *c = code; *c && digits > CODE_DIGITS_MAX; c++)
        if (*c >= '0' && *c <= '9') *c = '#';
    return code;
}

static void result_free(struct outbox_result *r)
{
    free(r->provider_id);
    free(r->code);
    free(r);
}

static void results_free(struct list *l)
{
    while (!list_empty(l)) result_free(LIST_OF(list_pop(l), struct outbox_result, node));
}

void outbox_settled(struct outbox *o, struct outbox_result *r) { list_push(&o->results, &r->node); }

static struct str text_or_null(const char *z) { return z && z[0] ? str_of(z) : STR_NONE; }

static struct db_params *results_params(const struct outbox *o, size_t n)
{
    struct db_params *p = db_params_new(&stmt_outbox_settle);
#define COLUMN(type, put)                                                                                    \
    db_array_begin(p, type, n);                                                                              \
    LIST_EACH(&o->settling, node)                                                                            \
    {                                                                                                        \
        const struct outbox_result *it = LIST_OF(node, struct outbox_result, node);                          \
        put;                                                                                                 \
    }                                                                                                        \
    db_array_end(p)
    COLUMN(DB_INT8, db_put_i64(p, (i64)it->id));
    COLUMN(DB_INT8, db_put_i64(p, (i64)it->claim));
    COLUMN(DB_TEXT, db_put_text(p, str_of(ends[it->end])));
    COLUMN(DB_FLOAT8, db_put_f64(p, (double)it->wait.us / 1e6));
    COLUMN(DB_TEXT, db_put_text(p, text_or_null(it->spare)));
    COLUMN(DB_TEXT, db_put_text(p, text_or_null(it->provider_id)));
    COLUMN(DB_TEXT, db_put_text(p, str_of(it->cause)));
    COLUMN(DB_TEXT, db_put_text(p, text_or_null(it->error)));
    COLUMN(DB_TEXT, db_put_text(p, text_or_null(it->code)));
#undef COLUMN
    return p;
}

/* How the channels fared, of those that have news. True when it was added. */
static bool health_add(struct outbox *o, struct db_call *c)
{
    size_t n = 0;
    LIST_EACH(&o->lanes, node) n += LIST_OF(node, struct outbox_lane, node)->news;
    if (n == 0) return false;
    struct db_params *p = db_params_new(&stmt_outbox_health);
#define COLUMN(type, put)                                                                                    \
    db_array_begin(p, type, n);                                                                              \
    LIST_EACH(&o->lanes, node)                                                                               \
    {                                                                                                        \
        const struct outbox_lane *l = LIST_OF(node, struct outbox_lane, node);                               \
        if (l->news) put;                                                                                    \
    }                                                                                                        \
    db_array_end(p)
    COLUMN(DB_TEXT, db_put_text(p, str_of(l->name)));
    COLUMN(DB_BOOL, db_put_bool(p, l->well));
    COLUMN(DB_INT4, db_put_i32(p, l->failed));
    COLUMN(DB_INT4, db_put_i32(p, l->rated));
    COLUMN(DB_FLOAT8, db_put_f64(p, (double)l->close.us / 1e6));
#undef COLUMN
    db_call_add(c, &stmt_outbox_health, p);
    LIST_EACH(&o->lanes, node)
    {
        struct outbox_lane *l = LIST_OF(node, struct outbox_lane, node);
        if (!l->news) continue;
        /* Good enough until the database tells what all gateways together have seen. */
        l->failures = (l->well ? 0 : l->failures) + l->failed;
        l->slowed = (l->well ? 0 : l->slowed) + l->rated;
        l->news = l->well = false;
        l->failed = l->rated = 0;
        l->close = SPAN_S(0);
    }
    return true;
}

/* The claims live on: the outcomes are stored with the next call. A batch that the database refuses again and again is a bug of
 * ours; its claims expire and the messages are unknown, which somebody sees. */
static void not_stored(struct outbox *o, const struct db_error *error)
{
    const bool passing = !error || strncmp(error->sqlstate, "22", 2) != 0;
    log_line(LOG_ERROR, LOG_OUTBOX, "outcomes not stored; tried again", "sqlstate=%s statement=%d",
             error ? error->sqlstate : "", error ? error->statement : -1);
    if (!passing && ++o->settle_failures >= FAILURES_MAX) {
        log_line(LOG_ERROR, LOG_OUTBOX, "outcomes given up; their claims expire", NULL);
        results_free(&o->settling);
        o->settle_failures = 0;
    }
    while (!list_empty(&o->settling)) { /* to the front, in their order */
        struct list *last = o->settling.prev;
        list_remove(last);
        list_push(o->results.next, last); /* before the first */
    }
}

/* Something goes again: the next look must know when. */
static bool settled_due(const struct outbox *o)
{
    LIST_EACH(&o->settling, node)
    {
        const struct outbox_result *r = LIST_OF(node, struct outbox_result, node);
        if (r->end == END_DUE || r->end == END_MOVED) return true;
    }
    return false;
}

static void stored(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct outbox *o = arg;
    o->settle_out = false;
    if (end == DB_OK) {
        const bool again = settled_due(o);
        o->settle_failures = 0;
        results_free(&o->settling);
        if (o->settle_alarms) outbox_alarms_told(o, results[n - 1]);
        outbox_settle_flush(o);
        if (again) outbox_claim(o);
    } else {
        not_stored(o, error);
        timer_set(o->g->loop, &o->settle_again, AGAIN_AFTER);
    }
    outbox_drain_look(o);
}

/* Takes outcomes into the call; how many. */
static size_t results_add(struct outbox *o, struct db_call *c)
{
    size_t n = 0;
    while (n < BATCH_MAX && !list_empty(&o->results)) {
        list_push(&o->settling, list_pop(&o->results));
        n++;
    }
    if (n) {
        db_call_add(c, &stmt_outbox_settle, results_params(o, n));
        db_call_add(c, &stmt_outbox_early, db_params_new(&stmt_outbox_early));
    }
    return n;
}

bool outbox_settle_news(const struct outbox *o)
{
    if (!list_empty(&o->notices)) return true;
    LIST_EACH(&o->lanes, node)
    if (LIST_OF(node, struct outbox_lane, node)->news) return true;
    return false;
}

bool outbox_settle_join(struct outbox *o, struct db_call *c)
{
    if (o->settle_out || timer_active(&o->settle_again) || outbox_settle_news(o) || results_add(o, c) == 0)
        return false;
    o->settle_out = true;
    return true;
}

void outbox_settle_joined(struct outbox *o, bool good, const struct db_error *error)
{
    o->settle_out = false;
    if (good) {
        o->settle_failures = 0;
        results_free(&o->settling);
        return;
    }
    not_stored(o, error);
    timer_set(o->g->loop, &o->settle_again, AGAIN_AFTER);
}

void outbox_settle_flush(struct outbox *o)
{
    if (o->settle_out || timer_active(&o->settle_again)) return;
    struct db_call *c = db_call_new(stored, o);
    bool some = results_add(o, c) > 0;
    some = health_add(o, c) || some;
    LIST_EACH(&o->notices, node)
    {
        const struct outbox_notice *it = LIST_OF(node, struct outbox_notice, node);
        if (it->alarm != ALARM_GONE || !it->up) continue;
        struct db_params *p = db_params_new(&stmt_outbox_off);
        db_put_text(p, str_of(it->channel));
        db_put_text(p, str_of(it->why));
        db_call_add(c, &stmt_outbox_off, p);
        some = true;
    }
    o->settle_alarms = outbox_alarms_add(o, c); /* last: it numbers events */
    if (!some && !o->settle_alarms) {
        db_call_drop(&c);
        return;
    }
    o->settle_out = db_call_send(o->g->lane_outbox, c);
    if (o->settle_out) return;
    not_stored(o, NULL);
    timer_set(o->g->loop, &o->settle_again, AGAIN_AFTER);
}

void outbox_settle_again(struct timer *t) { outbox_settle_flush(t->arg); }

void outbox_settle_free(struct outbox *o)
{
    results_free(&o->results);
    results_free(&o->settling);
    while (!list_empty(&o->notices)) free(LIST_OF(list_pop(&o->notices), struct outbox_notice, node));
}
