/* Files that belong to nothing go after media_keep, and the bytes of rows that are gone are deleted from the store, in small steps. */
#include "media_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define STEP 64 /* rows, and hashes, of one step */

const struct db_stmt stmt_media_sweep = {
    "media_sweep", "select files_sweep($1 * interval '1 microsecond', $2)", 2, {DB_INT8, DB_INT4}};
const struct db_stmt stmt_store_claim = {"store_claim", "select stored_claim($1)", 1, {DB_INT4}};
const struct db_stmt stmt_store_gone = {
    "store_gone", "delete from stored_gone where hash = any ($1) and claimed_at is not null", 1, {DB_BYTEAS}};

struct sweep {
    struct gateway *g;
    struct timer timer;
    u8 hashes[STEP][STORE_HASH], gone[STEP][STORE_HASH];
    size_t n, out, n_gone;
    bool more, busy, dead; /* dead: the gateway ends; the step in hand lets go of it */
};

static void again(struct sweep *s)
{
    s->busy = false;
    if (s->dead)
        free(s);
    else if (!s->g->draining)
        timer_set(s->g->loop, &s->timer, s->more ? SPAN_S(1) : s->g->cfg.media_sweep_every);
}

static void told(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    (void)end, (void)results, (void)n,
        (void)error; /* what is not told is claimed again: deleting twice does no harm */
    again(arg);
}

static void tell(struct sweep *s)
{
    if (s->n_gone == 0 || s->g->draining) {
        again(s);
        return;
    }
    struct db_call *c = db_call_new(told, s);
    struct db_params *p = db_params_new(&stmt_store_gone);
    db_array_begin(p, DB_BYTEA, s->n_gone);
    for (size_t i = 0; i < s->n_gone; i++)
        db_put_bytes(p, (struct str){(const char *)s->gone[i], STORE_HASH});
    db_array_end(p);
    db_call_add(c, &stmt_store_gone, p);
    if (!db_call_send(s->g->lane_clock, c)) again(s);
}

struct dropping {
    struct sweep *s;
    u8 hash[STORE_HASH];
};

static void dropped(void *arg, bool gone)
{
    struct dropping *d = arg;
    struct sweep *s = d->s;
    if (gone) {
        COUNT(STORE_DELETED);
        memcpy(s->gone[s->n_gone++], d->hash, STORE_HASH);
    }
    free(d);
    if (--s->out == 0) tell(s);
}

static void claimed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct sweep *s = arg;
    (void)n, (void)error;
    s->n = s->n_gone = 0;
    for (int i = 0; end == DB_OK && i < db_rows(results[0]) && s->n < STEP; i++) {
        struct str hash = db_get_text(results[0], i, 0);
        if (hash.n == STORE_HASH) memcpy(s->hashes[s->n++], hash.p, STORE_HASH);
    }
    if (s->n == 0 || s->g->draining) {
        again(s);
        return;
    }
    s->more = s->more || s->n == STEP;
    s->out = s->n;
    for (size_t i = 0; i < s->n; i++) {
        struct dropping *d = MEM_NEW(struct dropping);
        d->s = s;
        memcpy(d->hash, s->hashes[i], STORE_HASH);
        store_drop(s->g, d->hash, dropped, d);
    }
}

static void swept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct sweep *s = arg;
    (void)n;
    if (end == DB_OK) {
        i64 rows = db_get_i64(results[0], 0, 0);
        count_add(COUNT_FILES_SWEPT, (u64)rows);
        s->more = rows == STEP;
    } else {
        log_line(LOG_WARNING, LOG_MAIN, "the sweep of files waits", "sqlstate=%s", error->sqlstate);
    }
    if (s->g->draining) {
        again(s);
        return;
    }
    struct db_call *c = db_call_new(claimed, s);
    struct db_params *p = db_params_new(&stmt_store_claim);
    db_put_i32(p, STEP);
    db_call_add(c, &stmt_store_claim, p);
    if (!db_call_send(s->g->lane_clock, c)) again(s);
}

static void fire(struct timer *t)
{
    struct sweep *s = t->arg;
    if (s->g->draining || s->busy) return;
    s->busy = true;
    s->more = false;
    struct db_call *c = db_call_new(swept, s);
    struct db_params *p = db_params_new(&stmt_media_sweep);
    db_put_i64(p, s->g->cfg.media_keep.us);
    db_put_i32(p, STEP);
    db_call_add(c, &stmt_media_sweep, p);
    if (!db_call_send(s->g->lane_clock, c)) again(s);
}

struct sweep *sweep_new(struct gateway *g)
{
    struct sweep *s = MEM_NEW(struct sweep);
    s->g = g;
    s->timer = (struct timer){.fire = fire, .arg = s};
    timer_set(g->loop, &s->timer, g->cfg.media_sweep_every);
    return s;
}

void sweep_free(struct sweep **s)
{
    if (!*s) return;
    timer_stop(&(*s)->timer);
    if ((*s)->busy)
        (*s)->dead = true;
    else
        free(*s);
    *s = NULL;
}
