#include "models.h"
#include "metrics.h"
#include "register.h"
#include "base/json.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY SPAN_S(60)
#define LAST       500 /* judged decisions that count for the warning */
#define TOTALS_MAX 8

/* A count of a report that is absent is 0, and a promise of 0 cases is none. */
const struct db_stmt stmt_models_watch = {
    "models_watch",
    "select model, auto_judged, auto_wrong, hand_judged, hand_wrong, coalesce((promised->'auto'->>'all')::bigint, 0), "
    "coalesce((promised->'auto'->>'right')::bigint, 0), coalesce((promised->'hand'->>'all')::bigint, 0), "
    "coalesce((promised->'hand'->>'right')::bigint, 0) from route_watch($1)",
    1,
    {DB_INT4}};
const struct db_stmt stmt_models_totals = {
    "models_totals", "select what, n from route_totals order by what", 0, {0}};

const struct db_stmt stmt_models_gone = {
    "models_gone",
    "select coalesce((select g.erased + g.confidential + g.split + g.other from route_models m, route_model_gone(m.version) g "
    "where m.state = 'live'), 0)",
    0,
    {0}};

struct models {
    struct gateway *g;
    struct timer timer;
    bool asking, again, known;
    struct models_watch watch;
    i64 gone; /* of what the model in force learnt from */
    struct {
        char what[16];
        i64 n;
    } totals[TOTALS_MAX];
    size_t n_totals;
};

void models_watch_read(const struct db_result *r, int row, struct models_watch *w_r)
{
    *w_r = (struct models_watch){
        .model = (int)db_get_i64(r, row, 0),
        .alone = {db_get_i64(r, row, 1), db_get_i64(r, row, 2)},
        .hand = {db_get_i64(r, row, 3), db_get_i64(r, row, 4)},
        .alone_promised = {db_get_i64(r, row, 5), db_get_i64(r, row, 5) - db_get_i64(r, row, 6)},
        .hand_promised = {db_get_i64(r, row, 7), db_get_i64(r, row, 7) - db_get_i64(r, row, 8)}};
}

void models_watch_put(struct drift_count judged, struct drift_count promised, struct text *t)
{
    text_addf(t, "{\"judged\":%lld,\"wrong\":%lld,\"promised\":%lld,\"promised_wrong\":%lld,\"worse\":%s}",
              (long long)judged.all, (long long)judged.wrong, (long long)promised.all,
              (long long)promised.wrong, drift_worse(judged, promised) ? "true" : "false");
}

static bool worse(const struct models_watch *w)
{
    return drift_worse(w->alone, w->alone_promised) || drift_worse(w->hand, w->hand_promised);
}

static void look(struct models *m);
static void timer_fires(struct timer *t) { look(t->arg); }

static void have_figures(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct gateway *g = arg;
    struct models *m = g->models;
    struct models_watch now;
    (void)n;
    if (!m) return;
    m->asking = false;
    timer_set(g->loop, &m->timer, m->again ? SPAN_MS(20) : LOOK_EVERY);
    if (end != DB_OK) {
        log_line(LOG_WARNING, LOG_ROUTE, "corrections not read", "sqlstate=%s", error ? error->sqlstate : "");
        return;
    }
    if (db_rows(results[0])) {
        models_watch_read(results[0], 0, &now);
        if (worse(&now) && !(m->known && worse(&m->watch)))
            log_line(LOG_WARNING, LOG_ROUTE, "decisions are corrected more often than the model promised",
                     "model=%d alone=%lld/%lld by_hand=%lld/%lld", now.model, (long long)now.alone.wrong,
                     (long long)now.alone.all, (long long)now.hand.wrong, (long long)now.hand.all);
        m->watch = now;
        m->known = true;
    }
    m->gone = db_get_i64(results[2], 0, 0);
    m->n_totals = 0;
    for (int i = 0; i < db_rows(results[1]) && m->n_totals < TOTALS_MAX; i++) {
        struct str what = db_get_text(results[1], i, 0);
        if (what.n >= sizeof m->totals[0].what) continue;
        memcpy(m->totals[m->n_totals].what, what.p, what.n);
        m->totals[m->n_totals].what[what.n] = '\0';
        m->totals[m->n_totals++].n = db_get_i64(results[1], i, 1);
    }
}

static void look(struct models *m)
{
    m->again = m->asking;
    if (m->asking) return;
    struct db_call *c = db_call_new(have_figures, m->g);
    struct db_params *p = db_params_new(&stmt_models_watch);
    db_put_i32(p, LAST);
    db_call_add(c, &stmt_models_watch, p);
    db_call_add(c, &stmt_models_totals, db_params_new(&stmt_models_totals));
    db_call_add(c, &stmt_models_gone, db_params_new(&stmt_models_gone));
    m->asking = db_call_send(m->g->lane_public, c);
    if (!m->asking) timer_set(m->g->loop, &m->timer, SPAN_S(1));
}

void models_look(struct gateway *g)
{
    if (g->models) look(g->models);
}

struct models *models_new(struct gateway *g)
{
    struct models *m = MEM_NEW(struct models);
    m->g = g;
    m->timer = (struct timer){.fire = timer_fires, .arg = m};
    timer_set(g->loop, &m->timer, SPAN_MS(500)); /* the lane is being opened */
    return m;
}

void models_free(struct models **m)
{
    if (!*m) return;
    timer_stop(&(*m)->timer);
    free(*m);
    *m = NULL;
}

void models_metrics(const struct gateway *g, struct text *out)
{
    const struct models *m = g->models;
    metrics_gauge(out, "route_model", "The version of the learned model that decides; 0: the rules alone.",
                  register_model(g));
    metrics_gauge(out, "route_model_unreadable", "1 while the model in force could not be read.",
                  register_model_fault(g) ? 1 : 0);
    if (!m || !m->known) return;
    metrics_gauge(out, "route_worse", "1 while decisions are corrected more often than the model promised.",
                  worse(&m->watch) ? 1 : 0);
    metrics_gauge(
        out, "route_model_gone",
        "Examples that the model in force learnt from and that are erased, confidential or split since.",
        (double)m->gone);
    text_addz(
        out,
        "# HELP mashangdu_route_corrections_total What people changed of what the router had said; of the whole site, the "
        "same at every gateway.\n# TYPE mashangdu_route_corrections_total counter\n");
    for (size_t i = 0; i < m->n_totals; i++)
        text_addf(out, "mashangdu_route_corrections_total{what=\"%s\"} %lld\n", m->totals[i].what,
                  (long long)m->totals[i].n);
}
