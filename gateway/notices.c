#include "notices.h"
#include "ids.h"
#include "metrics.h"
#include "outbox.h"
#include "register.h"
#include "base/log.h"
#include <stdlib.h>

#define CLAIM_S 30.0 /* one step is one call: far less than this */
#define EVENTS_MAX                                                                                           \
    100 /* of one step; two messages each at the most, and a call has room for DB_STATEMENTS_MAX */
#define OWED_MAX   (DB_STATEMENTS_MAX - 1 - NOTICE_KINDS_MAX)
#define LOOK_EVERY SPAN_S(5) /* when nothing wakes it: claims of a gateway that has gone */

const struct db_stmt stmt_notices_claim = {
    "notices_claim",
    "select run, channel, last, upto, seq, at, kind, unit_id, tellable, data, serial, letter_kind, letter_rung "
    "from notices_claim($1, $2, $3)",
    3,
    {DB_TEXTS, DB_FLOAT8, DB_INT4}};
const struct db_stmt stmt_notices_step = {
    "notices_step", "select notices_step($1, $2, $3, $4)", 4, {DB_INT8, DB_INT8, DB_INT8, DB_INT4}};
enum { RUN, CHANNEL, LAST, UPTO, SEQ, AT, KIND, UNIT, TELLABLE, DATA, SERIAL, LETTER, LETTER_RUNG };

struct notices {
    struct gateway *g;
    bool busy, again;
    struct timer look;
    int owed; /* by the step that is out */
};

static void claim(struct notices *n);

static bool hears(const struct channel_row *row)
{
    return row->active && row->adapter->use != USE_SMS && channel_sends(row->adapter, &row->ch);
}

static bool can_work(struct gateway *g)
{
    return g->key_right && !g->draining && register_ready(g) && ids_ready(g);
}

/* --- a step --- */

static void stepped(void *arg, enum db_end end, const struct db_result *const *results, int n_results,
                    const struct db_error *error)
{
    struct notices *n = arg;
    (void)results, (void)n_results;
    n->busy = false;
    if (end == DB_OK) {
        count_add(COUNT_NOTICES_OWED, (u64)n->owed);
        if (n->owed) outbox_wake(n->g);
        claim(n);
        return;
    }
    /* Not stored, or nobody knows: the claim expires, and whoever is next sees how far it has come. */
    COUNT(NOTICES_FAILED);
    log_line(LOG_WARNING, LOG_OUTBOX, "events were not told; looked at again when the claim has expired",
             "sqlstate=%s", error ? error->sqlstate : "");
}

static void event_read(const struct db_result *r, int i, struct notice_event *e)
{
    *e = (struct notice_event){.seq = (u64)db_get_i64(r, i, SEQ),
                               .run = db_is_null(r, i, UPTO) ? 0 : (u64)db_get_i64(r, i, RUN),
                               .at = db_get_instant(r, i, AT),
                               .unit_id = (int)db_get_i64(r, i, UNIT),
                               .kind = db_get_text(r, i, KIND),
                               .data = db_get_text(r, i, DATA),
                               .serial = db_get_text(r, i, SERIAL),
                               .letter = db_get_text(r, i, LETTER),
                               .letter_rung = (int)db_get_i64(r, i, LETTER_RUNG),
                               .tellable = !db_is_null(r, i, TELLABLE) && db_get_bool(r, i, TELLABLE),
                               .wordless = db_is_null(r, i, TELLABLE)};
}

/* What the claimed run owes, and where it has come to then. False: it cannot be written now. */
static bool step_fill(struct notices *n, struct db_call *c, const struct channel_row *row,
                      const struct db_result *r)
{
    i64 from = db_get_i64(r, 0, LAST), to = from;
    int i;
    n->owed = 0;
    for (i = 0; i < db_rows(r) && !db_is_null(r, i, SEQ) && n->owed < OWED_MAX; i++) {
        struct notice_event e;
        event_read(r, i, &e);
        if (!notices_event_owe(n->g, c, row, &e, &n->owed)) return false;
        to = (i64)e.seq;
    }
    /* Events have no gaps: a replay that finds less than it could has reached its end. */
    if (i == db_rows(r) && i < EVENTS_MAX && !db_is_null(r, 0, UPTO)) to = db_get_i64(r, 0, UPTO);
    struct db_params *p = db_params_new(&stmt_notices_step);
    db_put_i64(p, db_get_i64(r, 0, RUN));
    db_put_i64(p, from);
    db_put_i64(p, to);
    db_put_i32(p, n->owed);
    db_call_add(c, &stmt_notices_step, p);
    return true;
}

static void claimed(void *arg, enum db_end end, const struct db_result *const *results, int n_results,
                    const struct db_error *error)
{
    struct notices *n = arg;
    struct gateway *g = n->g;
    (void)n_results;
    n->busy = false;
    if (end != DB_OK) {
        log_line(LOG_WARNING, LOG_OUTBOX, "events to be told were not read", "sqlstate=%s",
                 error ? error->sqlstate : "");
        return; /* the timer asks again */
    }
    if (db_rows(results[0]) == 0) {
        if (n->again) claim(n);
        return;
    }
    const struct channel_row *row =
        can_work(g) ? register_channel(g, db_get_text(results[0], 0, CHANNEL)) : NULL;
    if (!row || !hears(row)) return; /* the register has changed meanwhile */
    struct db_call *c = db_call_new(stepped, n);
    if (!step_fill(n, c, row, results[0])) {
        db_call_drop(&c);
        COUNT(NOTICES_FAILED);
        return;
    }
    n->busy = db_call_send(g->lane_public, c);
}

static void claim(struct notices *n)
{
    struct gateway *g = n->g;
    const struct channel_row *all;
    size_t n_all, n_hear = 0;
    if (n->busy) n->again = true;
    if (n->busy || !can_work(g)) return;
    n->again = false;
    n_all = register_channels(g, &all);
    for (size_t i = 0; i < n_all; i++) n_hear += hears(&all[i]);
    if (n_hear == 0) return;
    struct db_call *c = db_call_new(claimed, n);
    struct db_params *p = db_params_new(&stmt_notices_claim);
    db_array_begin(p, DB_TEXT, n_hear);
    for (size_t i = 0; i < n_all; i++)
        if (hears(&all[i])) db_put_text(p, all[i].ch.name);
    db_array_end(p);
    db_put_f64(p, CLAIM_S);
    db_put_i32(p, EVENTS_MAX);
    db_call_add(c, &stmt_notices_claim, p);
    n->busy = db_call_send(g->lane_public, c);
}

/* --- life --- */

bool notices_replayable(const struct adapter *a) { return a->use == USE_WEBHOOK; }

void notices_wake(struct gateway *g)
{
    if (g->notices) claim(g->notices);
}

static void look_fires(struct timer *t)
{
    struct notices *n = t->arg;
    timer_set(n->g->loop, t, LOOK_EVERY);
    claim(n);
}

struct notices *notices_new(struct gateway *g)
{
    struct notices *n = MEM_NEW(struct notices);
    n->g = g;
    n->look = (struct timer){.fire = look_fires, .arg = n};
    timer_set(g->loop, &n->look, SPAN_S(1));
    return n;
}

void notices_free(struct notices **np)
{
    struct notices *n = *np;
    if (!n) return;
    timer_stop(&n->look);
    free(n);
    *np = NULL;
}
