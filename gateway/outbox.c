#include "outbox_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define CLAIM_MARGIN  SPAN_S(10)   /* a claim lives this much longer than one sending may take */
#define LOOK_EVERY    SPAN_S(5)    /* when nothing wakes it: other gateways' rows, and what falls due */
#define LOOK_SOON     SPAN_MS(200) /* something is due, but not for us: other gateways use the channel's room */
#define GATHER        SPAN_MS(20)
#define LOOK_NEXT_MIN SPAN_MS(5)
#define SWEEP_EVERY   SPAN_S(2)
#define FIGURES       3    /* sweeps from one look at the figures to the next */
#define SELDOM        30   /* sweeps from one of the slow kind to the next */
#define OUT_MAX       192u /* sendings of this gateway; beyond it a channel may have one */

struct outbox_lane *outbox_lane(struct outbox *o, struct str name)
{
    LIST_EACH(&o->lanes, node)
    {
        struct outbox_lane *l = LIST_OF(node, struct outbox_lane, node);
        if (str_eq(str_of(l->name), name)) return l;
    }
    struct outbox_lane *l = MEM_NEW(struct outbox_lane);
    size_t n = MIN(name.n, sizeof l->name - 1);
    memcpy(l->name, name.p, n);
    list_push(&o->lanes, &l->node);
    return l;
}

/* --- what may be claimed --- */

/* The channels of one claim; their names live in the register's snapshot, or as long as the outbox. */
struct round {
    struct {
        struct outbox_lane *lane;
        const struct channel_row *row;
        struct outbox_limits limits;
        int room;
        double quiet; /* seconds */
    } * all;
    size_t n, moves;
};

static void round_make(struct outbox *o, struct round *rd)
{
    struct gateway *g = o->g;
    const struct channel_row *rows;
    const size_t n = register_channels(g, &rows);
    const instant now = clock_now();
    *rd = (struct round){.all = mem_alloc((n + 1) * sizeof *rd->all)};
    for (size_t i = 0; i < n; i++) {
        struct outbox_limits l;
        if (!outbox_sends(&rows[i])) continue;
        (void)!outbox_limits(g, &rows[i].ch, &l); /* said when it sends */
        struct outbox_lane *lane = outbox_lane(o, rows[i].ch.name);
        int room = l.parallel - (int)lane->out;
        /* A full gateway still has room for one of each channel, so that those which are slow leave some to the others. */
        if (o->out >= OUT_MAX) room = MIN(room, lane->out == 0 ? 1 : 0);
        if (room <= 0) continue;
        rd->all[rd->n].lane = lane;
        rd->all[rd->n].row = &rows[i];
        rd->all[rd->n].limits = l;
        rd->all[rd->n].room = room;
        rd->all[rd->n++].quiet = (double)quiet_left(l.quiet, now).us / 1e6;
    }
}

static void add_claim(struct outbox *o, struct db_call *c, const struct round *rd)
{
    const struct gateway *g = o->g;
    struct db_params *p = db_params_new(&stmt_outbox_claim);
    db_put_i64(p, (i64)o->claim);
    db_put_f64(p, (double)g->cfg.outbox_deadline.us / 1e6);
    db_put_f64(p, (double)CLAIM_MARGIN.us / 1e6);
    db_put_i32(p, g->cfg.outbox_errors);
#define COLUMN(type, put)                                                                                    \
    db_array_begin(p, type, rd->n);                                                                          \
    for (size_t i = 0; i < rd->n; i++) put;                                                                  \
    db_array_end(p)
    COLUMN(DB_TEXT, db_put_text(p, rd->all[i].row->ch.name));
    COLUMN(DB_FLOAT8, db_put_f64(p, rd->all[i].limits.rate));
    COLUMN(DB_INT4, db_put_i32(p, rd->all[i].limits.parallel));
    COLUMN(DB_INT4, db_put_i32(p, rd->all[i].room));
    COLUMN(DB_FLOAT8, db_put_f64(p, rd->all[i].quiet));
    COLUMN(DB_BOOL, db_put_bool(p, outbox_spare(g, rd->all[i].row) != NULL));
    db_call_add(c, &stmt_outbox_claim, p);
    p = db_params_new(&stmt_outbox_look);
    COLUMN(DB_TEXT, db_put_text(p, rd->all[i].row->ch.name));
    COLUMN(DB_FLOAT8, db_put_f64(p, rd->all[i].limits.rate));
    db_call_add(c, &stmt_outbox_look, p);
#undef COLUMN
}

/* Channels that cannot send, or may be ill, and have another beside them. */
static bool needs_spare(struct outbox *o, const struct channel_row *row, bool *forced_r)
{
    const unsigned bad = 1u << ALARM_SETTINGS | 1u << ALARM_MONEY;
    *forced_r = !outbox_sends(row);
    if (!outbox_spare(o->g, row)) return false;
    const struct outbox_lane *l = outbox_lane(o, row->ch.name);
    return *forced_r || l->failures >= o->g->cfg.outbox_errors || l->alarms & bad;
}

static bool add_moves(struct outbox *o, struct db_call *c)
{
    const struct channel_row *rows;
    const size_t all = register_channels(o->g, &rows);
    size_t n = 0;
    bool forced;
    for (size_t i = 0; i < all; i++) n += needs_spare(o, &rows[i], &forced);
    if (n == 0) return false;
    struct db_params *p = db_params_new(&stmt_outbox_move);
    db_put_i32(p, o->g->cfg.outbox_errors);
#define COLUMN(type, put)                                                                                    \
    db_array_begin(p, type, n);                                                                              \
    for (size_t i = 0; i < all; i++)                                                                         \
        if (needs_spare(o, &rows[i], &forced)) put;                                                          \
    db_array_end(p)
    COLUMN(DB_TEXT, db_put_text(p, rows[i].ch.name));
    COLUMN(DB_TEXT, db_put_text(p, outbox_spare(o->g, &rows[i])->ch.name));
    COLUMN(DB_BOOL, db_put_bool(p, forced));
#undef COLUMN
    db_call_add(c, &stmt_outbox_move, p);
    return true;
}

/* --- claiming --- */

enum { A_CLAIM, A_LOOK, A_MOVE };

/* How the channels fare, and when to look again: zero when at once. */
static span take_look(struct outbox *o, const struct db_result *r, bool claimed_some)
{
    span next = LOOK_EVERY;
    for (int i = 0; i < db_rows(r); i++) {
        struct outbox_lane *l = outbox_lane(o, db_get_text(r, i, 0));
        struct str rest = db_get_text(r, i, 3), word;
        enum outbox_alarm a;
        l->failures = (int)db_get_i64(r, i, 1);
        l->slowed = (int)db_get_i64(r, i, 2);
        l->alarms = 0;
        while (rest.n) {
            str_cut(rest, ',', &word, &rest);
            if (outbox_alarm_parse(word, &a)) l->alarms |= 1u << a;
        }
        if (db_is_null(r, i, 4)) continue;
        i64 wait = (i64)(db_get_f64(r, i, 4) * 1e6);
        if (wait <= 0) wait = claimed_some ? 0 : LOOK_SOON.us;
        next = SPAN_US(MIN(next.us, wait));
    }
    return next;
}

static void claimed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct outbox *o = arg;
    struct gateway *g = o->g;
    const span took = instant_sub(clock_monotonic(), o->claim_at);
    o->claiming = false;
    if (o->joined) outbox_settle_joined(o, end == DB_OK, error);
    o->joined = false;
    if (end == DB_LOST)
        o->lost_claim = o->claim; /* what it claimed, if it did, is given back by the next one */
    if (end != DB_OK) {
        timer_set(o->g->loop, &o->look, LOOK_EVERY);
        outbox_drain_look(o);
        return;
    }
    const int first = n - (o->moving ? 3 : 2);
    if (o->releasing) o->lost_claim = 0;
    const struct db_result *rows = results[first + A_CLAIM];
    const bool late = took.us > CLAIM_MARGIN.us / 2;
    span next = take_look(o, results[first + A_LOOK], db_rows(rows) > 0);
    if (o->moving && db_rows(results[first + A_MOVE]) && db_get_i64(results[first + A_MOVE], 0, 0) > 0) {
        log_line(LOG_WARNING, LOG_OUTBOX, "messages moved to the channel that takes over", "messages=%lld",
                 (long long)db_get_i64(results[first + A_MOVE], 0, 0));
        count_add(COUNT_OUTBOX_MOVED, (u64)db_get_i64(results[first + A_MOVE], 0, 0));
        next = SPAN_S(0);
    }
    for (int i = 0; i < db_rows(rows); i++) outbox_send(o, rows, i, o->claim, late);
    if (g->draining) outbox_settle_flush(o);
    const bool waits = !list_empty(&o->results) && !o->settle_out && !timer_active(&o->settle_again);
    if (o->again || next.us <= 0 || waits)
        outbox_claim(o);
    else
        timer_set(o->g->loop, &o->look, SPAN_US(MAX(next.us, LOOK_NEXT_MIN.us)));
    outbox_drain_look(o);
}

void outbox_claim(struct outbox *o)
{
    struct gateway *g = o->g;
    struct round rd;
    o->gathering = false;
    if (o->claiming) o->again = true;
    if (o->claiming || g->draining || !register_ready(g)) return;
    o->again = false;
    if (outbox_settle_news(o)) outbox_settle_flush(o);
    round_make(o, &rd);
    struct db_call *c = db_call_new(claimed, o);
    o->joined = outbox_settle_join(o, c);
    o->releasing = o->lost_claim != 0;
    if (o->releasing) {
        struct db_params *p = db_params_new(&stmt_outbox_release);
        db_put_i64(p, (i64)o->lost_claim);
        db_call_add(c, &stmt_outbox_release, p);
    }
    crypto_random(&o->claim, sizeof o->claim);
    o->claim >>= 2; /* a positive bigint, far from 0 */
    o->claim |= 1;
    o->claim_at = clock_monotonic();
    add_claim(o, c, &rd);
    o->moving = add_moves(o, c);
    o->claiming = db_call_send(g->lane_outbox, c);
    if (!o->claiming) {
        if (o->joined) outbox_settle_joined(o, false, NULL);
        o->joined = false;
        timer_set(g->loop, &o->look, SPAN_S(1));
    }
    free(rd.all);
}

void outbox_room(struct outbox *o, unsigned out, unsigned parallel)
{
    if (o->g->draining) {
        outbox_settle_flush(o);
    } else if (out <= parallel / 2) {
        outbox_claim(o);
    } else if (!o->claiming && !o->gathering) {
        o->gathering = true;
        timer_set(o->g->loop, &o->look, GATHER);
    }
}

static void look_fires(struct timer *t)
{
    struct outbox *o = t->arg;
    timer_set(o->g->loop, t, LOOK_EVERY);
    outbox_claim(o);
}

void outbox_wake(struct gateway *g)
{
    if (g->outbox) outbox_claim(g->outbox);
}

/* --- now and then --- */

enum { S_EXPIRE, S_EARLY, S_DECIDE, S_FIGURES };

static void swept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct outbox *o = arg;
    (void)n;
    o->sweeping = false;
    outbox_drain_look(o);
    if (end != DB_OK) {
        if (end == DB_FAILED)
            log_line(LOG_WARNING, LOG_OUTBOX, "not looked after", "sqlstate=%s statement=%d", error->sqlstate,
                     error->statement);
        return;
    }
    int unknown = 0;
    for (int i = 0; i < db_rows(results[S_EXPIRE]); i++)
        unknown += str_eq(db_get_text(results[S_EXPIRE], i, 0), STR("unknown"));
    if (unknown) {
        count_add(COUNT_OUTBOX_UNKNOWN, (u64)unknown);
        log_line(LOG_WARNING, LOG_OUTBOX, "claims ran out; nobody knows whether these messages left",
                 "messages=%d", unknown);
    }
    if (db_rows(results[S_EXPIRE]) > unknown) outbox_claim(o);
    if (o->figures) outbox_figures_take(o, results[S_FIGURES]);
    outbox_alarms_told(o, results[S_DECIDE]);
    outbox_balances(o);
}

static void put_channels(struct outbox *o, struct db_params *p,
                         bool (*fits)(const struct gateway *, const struct channel_row *))
{
    const struct channel_row *rows;
    size_t all = register_channels(o->g, &rows), n = 0;
    for (size_t i = 0; i < all; i++) n += fits(o->g, &rows[i]);
    db_array_begin(p, DB_TEXT, n);
    for (size_t i = 0; i < all; i++)
        if (fits(o->g, &rows[i])) db_put_text(p, rows[i].ch.name);
    db_array_end(p);
}

static bool repeatable(const struct gateway *g, const struct channel_row *row)
{
    (void)g;
    return row->adapter->repeatable;
}
static bool sends(const struct gateway *g, const struct channel_row *row)
{
    (void)g;
    return outbox_sends(row);
}
static bool has_spare(const struct gateway *g, const struct channel_row *row)
{
    return outbox_spare(g, row) != NULL;
}

static void sweep_fires(struct timer *t)
{
    struct outbox *o = t->arg;
    struct gateway *g = o->g;
    timer_set(g->loop, t, SWEEP_EVERY);
    if (o->sweeping || g->draining || !register_ready(g)) return;
    struct db_call *c = db_call_new(swept, o);
    struct db_params *p = db_params_new(&stmt_outbox_expire);
    put_channels(o, p, repeatable);
    db_call_add(c, &stmt_outbox_expire, p);
    db_call_add(c, &stmt_outbox_early, db_params_new(&stmt_outbox_early));
    p = db_params_new(&stmt_outbox_decide);
    db_put_f64(p, (double)g->cfg.outbox_patience.us / 1e6);
    db_call_add(c, &stmt_outbox_decide, p);
    o->figures = o->sweeps % FIGURES == 0;
    if (o->figures) db_call_add(c, &stmt_outbox_figures, db_params_new(&stmt_outbox_figures));
    if (o->sweeps++ % SELDOM == 0) {
        p = db_params_new(&stmt_outbox_strand);
        put_channels(o, p, sends);
        db_put_f64(p, (double)g->cfg.outbox_patience.us / 1e6);
        put_channels(o, p, has_spare);
        db_call_add(c, &stmt_outbox_strand, p);
        p = db_params_new(&stmt_outbox_empty);
        db_put_f64(p, (double)g->cfg.outbox_keep.us / 1e6);
        db_call_add(c, &stmt_outbox_empty, p);
        db_call_add(c, &stmt_outbox_forget, db_params_new(&stmt_outbox_forget));
    }
    o->sweeping = db_call_send(g->lane_outbox, c);
}

/* --- life --- */

struct outbox *outbox_new(struct gateway *g)
{
    struct outbox *o = MEM_NEW(struct outbox);
    o->g = g;
    list_init(&o->lanes);
    list_init(&o->results);
    list_init(&o->settling);
    list_init(&o->notices);
    o->look = (struct timer){.fire = look_fires, .arg = o};
    o->sweep = (struct timer){.fire = sweep_fires, .arg = o};
    o->settle_again = (struct timer){.fire = outbox_settle_again, .arg = o};
    timer_set(g->loop, &o->look, SPAN_S(1));
    timer_set(g->loop, &o->sweep, SPAN_S(2));
    return o;
}

bool outbox_idle(const struct outbox *o)
{
    return o->out == 0 && !o->claiming && !o->settle_out && !o->sweeping && o->balances == 0;
}

static void drain_told(struct outbox *o)
{
    void (*done)(void *) = o->drained;
    if (!done) return;
    o->drained = NULL;
    timer_stop(&o->drain);
    done(o->drained_arg);
}

static void drain_limit_came(struct timer *t) { drain_told(t->arg); }

void outbox_drain_look(struct outbox *o)
{
    if (o->g->draining && outbox_idle(o) && list_empty(&o->results) && list_empty(&o->notices)) drain_told(o);
}

void outbox_drain(struct outbox *o, span limit, void (*done)(void *arg), void *arg)
{
    ASSERT(!o->drained);
    o->drained = done;
    o->drained_arg = arg;
    o->drain = (struct timer){.fire = drain_limit_came, .arg = o};
    timer_set(o->g->loop, &o->drain, limit);
    outbox_settle_flush(o);
    outbox_drain_look(o);
}

void outbox_free(struct outbox **op)
{
    struct outbox *o = *op;
    if (!o) return;
    ASSERT(outbox_idle(o)); /* httpc_free and db_free have ended every call before */
    timer_stop(&o->look);
    timer_stop(&o->sweep);
    timer_stop(&o->drain);
    timer_stop(&o->settle_again);
    outbox_settle_free(o);
    while (!list_empty(&o->lanes)) free(LIST_OF(list_pop(&o->lanes), struct outbox_lane, node));
    free(o);
    *op = NULL;
}
