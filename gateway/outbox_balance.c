#include "outbox_part.h"
#include "base/log.h"
#include <stdlib.h>

/* One question after what is left in a provider's account. */
struct asking {
    struct outbox *o;
    struct outbox_lane *lane;
    const struct adapter *adapter;
    struct outbox_limits limits;
    struct channel_entry *entry;
    double left;
};

static void asking_free(struct asking *a)
{
    struct outbox *o = a->o;
    a->lane->asking = false;
    o->balances--;
    free(a);
    outbox_drain_look(o);
}

static void kept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct asking *a = arg;
    struct outbox *o = a->o;
    (void)results, (void)n, (void)error;
    if (end == DB_OK && a->limits.low_set) {
        outbox_alarm(o, a->lane, ALARM_BALANCE, a->left < a->limits.low, STR_NONE,
                     "less is left in the account than balance_low");
        if (a->left < a->limits.low || a->lane->alarms & 1u << ALARM_BALANCE) outbox_settle_flush(o);
    }
    asking_free(a);
}

static void answered(void *arg, const struct http_reply *reply)
{
    struct asking *a = arg;
    const bool read = a->adapter->balance_read(reply, &a->left);
    channel_log_end(a->o->g, a->entry, read ? CHANNEL_OK : CHANNEL_REFUSED, reply->status,
                    read ? NULL : "no balance in the answer", reply->body, 0);
    if (!read) {
        log_line(LOG_WARNING, LOG_OUTBOX, "the provider told no balance", "channel=%s status=%d",
                 a->lane->name, reply->status);
        asking_free(a);
        return;
    }
    struct db_call *c = db_call_new(kept, a);
    struct db_params *p = db_params_new(&stmt_outbox_balance);
    db_put_text(p, str_of(a->lane->name));
    db_put_f64(p, a->left);
    db_call_add(c, &stmt_outbox_balance, p);
    if (!db_call_send(a->o->g->lane_outbox, c)) asking_free(a);
}

/* It is our turn: the question goes out, with the channel's settings as they are now. */
static void turn(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct asking *a = arg;
    struct gateway *g = a->o->g;
    const struct channel_row *row = end == DB_OK && db_rows(results[0]) && !g->draining
                                        ? register_channel(g, str_of(a->lane->name))
                                        : NULL;
    struct arena arena;
    struct http_out out = {0};
    u8 random[16];
    (void)n, (void)error;
    arena_init(&arena, 64 * 1024);
    crypto_random(random, sizeof random);
    bool asked = row && row->adapter == a->adapter &&
                 a->adapter->balance_ask(&row->ch, clock_now(), random, &arena, &out);
    if (asked) {
        a->entry = channel_log_call(g, &row->ch, a->adapter, 0, &out);
        asked = httpc_start(g->httpc, &out, g->cfg.outbox_deadline, answered, a);
        if (!asked) channel_log_end(g, a->entry, CHANNEL_RETRY, 0, "too many calls out", STR_NONE, 0);
    }
    arena_free(&arena);
    if (!asked) asking_free(a);
}

void outbox_balances(struct outbox *o)
{
    struct gateway *g = o->g;
    const struct channel_row *rows;
    const size_t n = g->draining || !register_ready(g) ? 0 : register_channels(g, &rows);
    const instant now = clock_monotonic();
    for (size_t i = 0; i < n; i++) {
        const struct adapter *ad = rows[i].adapter;
        if (!outbox_sends(&rows[i]) || !ad->balance_ask || !ad->balance_read) continue;
        struct outbox_lane *lane = outbox_lane(o, rows[i].ch.name);
        if (lane->asking || instant_before(now, lane->balance_next)) continue;
        /* Other gateways may have asked meanwhile: the database says whose turn it is, so looking often costs little. */
        lane->balance_next = instant_add(now, SPAN_US(g->cfg.outbox_balance_every.us / 4));
        lane->asking = true;
        o->balances++;
        struct asking *a = MEM_NEW(struct asking);
        *a = (struct asking){.o = o, .lane = lane, .adapter = ad};
        (void)!outbox_limits(g, &rows[i].ch, &a->limits); /* said when it sends */
        struct db_call *c = db_call_new(turn, a);
        struct db_params *p = db_params_new(&stmt_outbox_balance_turn);
        db_put_text(p, rows[i].ch.name);
        db_put_f64(p, (double)g->cfg.outbox_balance_every.us / 1e6);
        db_call_add(c, &stmt_outbox_balance_turn, p);
        if (!db_call_send(g->lane_outbox, c)) asking_free(a);
    }
}
