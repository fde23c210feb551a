/* The keys that reports are sealed to, in memory: read at start, when a key is made (NOTIFY) and now and then. */
#include "sealed_part.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_SOON  SPAN_MS(100)
#define LOOK_LATER SPAN_S(60) /* a notice that was missed is made good by then */

struct sealed {
    struct gateway *g;
    struct timer look;
    bool known, asked;
    bool again; /* told of a key while asking */
    struct seal_reader readers[SEALED_READERS];
    size_t n;
};

/* The setting goes beside the rows that follow it. */
const struct db_stmt stmt_sealed_rule = {
    "sealed_rule", "update seal_rules set unit = $1 where unit <> $1", 1, {DB_TEXT}};
const struct db_stmt stmt_sealed_keys = {
    "sealed_keys",
    "select distinct on (owner) id, public_key from seal_keys order by owner, version desc",
    0,
    {0}};

static void looked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct sealed *s = arg;
    (void)n;
    s->asked = false;
    if (end != DB_OK) {
        log_line(LOG_WARNING, LOG_INTAKE, "the keys of sealed reports were not read", "sqlstate=%s",
                 error ? error->sqlstate : "");
        timer_set(s->g->loop, &s->look, LOOK_SOON);
        return;
    }
    const struct db_result *r = results[1];
    s->n = 0;
    for (int i = 0; i < db_rows(r) && s->n < SEALED_READERS; i++) {
        const struct str key = db_get_text(r, i, 1);
        ASSERT(key.n == BOX_KEY);
        s->readers[s->n].key_id = (int)db_get_i64(r, i, 0);
        memcpy(s->readers[s->n++].public_key, key.p, BOX_KEY);
    }
    s->known = true;
    timer_set(s->g->loop, &s->look, LOOK_LATER);
    if (s->again) sealed_reload(s->g);
}

void sealed_reload(struct gateway *g)
{
    struct sealed *s = g->sealed;
    if (!s || g->draining) return;
    if (s->asked) { /* what is under way may have read before the key that is told of now */
        s->again = true;
        return;
    }
    s->again = false;
    struct db_call *c = db_call_new(looked, s);
    struct db_params *p = db_params_new(&stmt_sealed_rule);
    db_put_text(p, str_of(g->cfg.discipline_unit));
    db_call_add(c, &stmt_sealed_rule, p);
    db_call_add(c, &stmt_sealed_keys, db_params_new(&stmt_sealed_keys));
    s->asked = db_call_send(g->lane_public, c);
    if (!s->asked) timer_set(g->loop, &s->look, LOOK_SOON);
}

static void look_fires(struct timer *t)
{
    struct sealed *s = t->arg;
    timer_set(s->g->loop, t, s->known ? LOOK_LATER : LOOK_SOON);
    sealed_reload(s->g);
}

void sealed_start(struct gateway *g)
{
    struct sealed *s = MEM_NEW(struct sealed);
    s->g = g;
    s->look = (struct timer){.fire = look_fires, .arg = s};
    g->sealed = s;
    timer_set(g->loop, &s->look, SPAN_MS(50));
}

void sealed_stop(struct gateway *g)
{
    if (!g->sealed) return;
    timer_stop(&g->sealed->look);
    free(g->sealed);
    g->sealed = NULL;
}

bool sealed_known(const struct gateway *g) { return g->sealed && g->sealed->known; }
bool sealed_ready(const struct gateway *g) { return g->sealed && g->sealed->n > 0; }

size_t sealed_readers(const struct gateway *g, struct seal_reader out[SEALED_READERS])
{
    memcpy(out, g->sealed->readers, sizeof g->sealed->readers);
    return g->sealed->n;
}
