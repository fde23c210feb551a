#include "ledger_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdlib.h>

#define RETRY_AFTER SPAN_S(1)   /* the database is away or was not asked */
#define SKEW        SPAN_MIN(1) /* by so much clocks of two gateways may differ without anybody hearing of it */
#define MARK_AFTER  SPAN_MS(200) /* until it is known whether the database is ours (keymark) */

static void run(struct ledger *l);

static void look_fires(struct timer *t) { run(t->arg); }

static void wait(struct ledger *l, span in)
{
    l->next = instant_add(clock_now(), in);
    timer_set(l->g->loop, &l->look, in);
}

/* Until the next look: log_every, or what is left of the day in China, whose first head is the daily one. */
static span pause_of(const struct ledger *l)
{
    const i64 day = SPAN_H(24).us;
    const i64 left =
        day - (clock_now().us + CHINA_OFFSET.us) % day + SPAN_MS(20).us; /* not a moment before */
    return SPAN_US(MIN(left, l->g->cfg.log_every.us));
}

static void settled(struct ledger *l, bool covered)
{
    if (covered) l->covered = clock_monotonic();
    wait(l, pause_of(l));
}

static void failed(struct ledger *l, const char *what, const struct db_error *error)
{
    log_line(LOG_WARNING, LOG_LEDGER, what, "sqlstate=%s constraint=%s", error ? error->sqlstate : "",
             error ? error->constraint : "");
    wait(l, RETRY_AFTER);
}

/* What was sent with the write; freed when it has ended. */
struct writing {
    struct ledger *l;
    u64 leaves, size;
    bool complete, signs;
};

static void have_written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct writing w = *(struct writing *)arg;
    struct ledger *l = w.l;
    (void)n;
    free(arg);
    l->busy = false;
    if (end != DB_OK) {
        /* 23505: another gateway appended in between. Lost: it may be stored; the next look tells. */
        failed(l, "the public log was not written; looking again", error);
        return;
    }
    if (db_rows(results[0]) == 1) {
        count_add(COUNT_LOG_LEAVES, w.leaves);
        count_add(COUNT_LOG_HEADS, (u64)db_get_i64(results[0], 0, 0));
        TRACE(LEDGER, "appended", "leaves=%llu size=%llu head=%lld", (unsigned long long)w.leaves,
              (unsigned long long)w.size, (long long)db_get_i64(results[0], 0, 0));
        if (w.complete) {
            settled(l, w.signs);
            return;
        }
    } else {
        TRACE(LEDGER, "another gateway was faster", "size=%llu", (unsigned long long)w.size);
    }
    run(l);
}

/* Sends a call of ours; when it cannot be sent, what it would have freed is freed. */
static bool send(struct ledger *l, struct db_call *c, void *arg)
{
    l->busy = db_call_send(l->g->lane_ledger, c);
    if (l->busy) return true;
    free(arg);
    wait(l, RETRY_AFTER);
    return false;
}

static void key_entered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct ledger *l = arg;
    (void)results, (void)n;
    l->busy = false;
    if (end == DB_OK)
        run(l); /* whose key it is now, this one's or a faster gateway's, the next look tells */
    else
        failed(l, "the key of the public log was not entered; looking again", error);
}

/* A new log gets its key before its first leaf. */
static void begin_log(struct ledger *l)
{
    struct db_call *c = db_call_new(key_entered, l);
    enum ledger_hindrance h = key_found(l, c);
    key_tell(l, h);
    if (h == SIGN_FREE) {
        (void)send(l, c, NULL);
    } else {
        db_call_drop(&c);
        COUNT(LOG_REFUSED);
        wait(l, pause_of(l));
    }
}

static void have_read(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct ledger *l = arg;
    struct ledger_state s;
    (void)n;
    l->busy = false;
    if (end != DB_OK) {
        failed(l, "the public log was not read", error);
        return;
    }
    if (!append_state(results[0], &s)) {
        COUNT(LOG_REFUSED);
        wait(l, pause_of(l));
        return;
    }
    if (!s.has_key && s.head_size == 0) {
        begin_log(l);
        return;
    }
    const instant now = clock_now();
    const u64 leaves = (u64)db_rows(results[1]);
    const bool complete = append_complete(&s, results[1]),
               due = complete && s.edge.size + leaves > s.head_size;
    enum ledger_hindrance h = key_settle(l, &s);
    const bool early = !instant_before(s.head_at, now); /* heads follow each other in time, too */
    if (h == SIGN_FREE && due && instant_sub(s.head_at, now).us > SKEW.us) h = SIGN_CLOCK;
    if (due || h != SIGN_FREE) key_tell(l, h);
    if (due && h != SIGN_FREE) COUNT(LOG_REFUSED);
    const bool signs = due && h == SIGN_FREE && !early;
    if (leaves == 0 && !signs && s.mark == s.events) {
        TRACE(LEDGER, "nothing to append", "size=%llu", (unsigned long long)s.edge.size);
        settled(l, !due);
        return;
    }
    struct writing *w = MEM_NEW(struct writing);
    struct db_call *c = db_call_new(have_written, w);
    *w = (struct writing){
        .l = l, .leaves = leaves, .size = s.edge.size + leaves, .complete = complete, .signs = signs || !due};
    append_write(c, &s, results[1], signs ? l->key : NULL, now);
    (void)send(l, c, w);
}

static void run(struct ledger *l)
{
    if (l->busy || l->g->draining) return;
    if (!l->g->key_right) {
        wait(l, MARK_AFTER);
        return;
    }
    struct db_call *c = db_call_new(have_read, l);
    append_ask(c);
    (void)send(l, c, NULL);
}

struct ledger *ledger_new(struct gateway *g)
{
    struct ledger *l = MEM_NEW(struct ledger);
    l->g = g;
    l->look = (struct timer){.fire = look_fires, .arg = l};
    l->covered = clock_monotonic();
    wait(l, SPAN_US(0));
    return l;
}

void ledger_free(struct ledger **l)
{
    if (!*l) return;
    timer_stop(&(*l)->look);
    signing_free(&(*l)->key);
    free(*l);
    *l = NULL;
}

void ledger_look(struct ledger *l) { run(l); }
span ledger_lag(const struct ledger *l) { return instant_sub(clock_monotonic(), l->covered); }
instant ledger_next(const struct ledger *l) { return l->next; }
