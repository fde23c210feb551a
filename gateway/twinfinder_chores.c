/* What is looked for once for all gateways beside the pairs: bursts, causes with the instant by which they are to be put right, and texts that
 * are too old to be compared. */
#include "twinfinder_part.h"
#include "metrics.h"
#include "register.h"
#include "rules.h"
#include "core/workdays.h"

#define PRUNE_EVERY SPAN_S(600)

const struct db_stmt stmt_bursts_look = {
    "bursts_look",
    "select bursts_look(make_interval(secs => $1), $2, $3, $4), causes_turn(make_interval(secs => $5)), causes_late()",
    5,
    {DB_FLOAT8, DB_INT4, DB_INT4, DB_FLOAT8, DB_FLOAT8}};
const struct db_stmt stmt_causes_find = {
    "causes_find", "select causes_find($1, $2, $3)", 3, {DB_INT4, DB_INT4, DB_TIMESTAMPTZ}};

static void after(struct twinfinder *t)
{
    if (t->placed)
        twinfinder_read(t);
    else
        twinfinder_places(t);
}

static void have_causes(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)n;
    if (end != DB_OK) {
        twinfinder_failed(t, "causes were not looked for", error);
        return;
    }
    count_add(COUNT_CAUSES_PROPOSED, (u64)db_get_i64(results[0], 0, 0));
    after(t);
}

static void find_causes(struct twinfinder *t)
{
    const struct config *cfg = &t->g->cfg;
    struct db_call *c = db_call_new(have_causes, t);
    struct db_params *p = db_params_new(&stmt_causes_find);
    db_put_i32(p, cfg->cause_days);
    db_put_i32(p, cfg->cause_cases);
    db_put_instant(p, twinfinder_due(t->g));
    db_call_add(c, &stmt_causes_find, p);
    twinfinder_send(t, c);
}

static void did_chores(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct twinfinder *t = arg;
    if (end != DB_OK) {
        twinfinder_failed(t, "bursts were not looked for", error);
        return;
    }
    if (db_get_i64(results[0], 0, 0) > 0) count_add(COUNT_BURST_EVENTS, (u64)db_get_i64(results[0], 0, 0));
    if (n > 1 && db_get_i64(results[1], 0, 0) == TWINFINDER_PRUNE_MOST) t->prune_at = clock_now();
    if (db_get_bool(results[0], 0, 1))
        find_causes(t);
    else
        after(t);
}

static double seconds(span s) { return (double)s.us / 1e6; }

void twinfinder_chores(struct twinfinder *t)
{
    const struct config *cfg = &t->g->cfg;
    struct db_call *c = db_call_new(did_chores, t);
    struct db_params *p = db_params_new(&stmt_bursts_look);
    db_put_f64(p, seconds(cfg->burst_every));
    db_put_i32(p, cfg->burst_hours);
    db_put_i32(p, cfg->burst_cases);
    db_put_f64(p, cfg->burst_times);
    db_put_f64(p, seconds(cfg->cause_every));
    db_call_add(c, &stmt_bursts_look, p);
    if (!instant_before(clock_now(), t->prune_at)) {
        t->prune_at = instant_add(clock_now(), PRUNE_EVERY);
        p = db_params_new(&stmt_twins_prune);
        db_put_i32(p, cfg->twin_days);
        db_put_i32(p, TWINFINDER_PRUNE_MOST);
        db_call_add(c, &stmt_twins_prune, p);
    }
    twinfinder_send(t, c);
}

instant twinfinder_due(const struct gateway *g)
{
    const struct work_hours hours = {
        .noon = g->cfg.noon, .close = g->cfg.office_close, .day_end = g->cfg.day_end};
    instant due = {0};
    int year;
    if (!register_ready(g) ||
        !workdays_add(register_workdays(g), &hours, clock_now(), g->cfg.cause_workdays, &due, &year, NULL))
        due.us = 0;
    return due;
}
