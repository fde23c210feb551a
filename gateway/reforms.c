#include "reforms.h"
#include "casework.h"
#include "metrics.h"
#include "register.h"
#include "base/log.h"
#include "core/workdays.h"
#include <stdlib.h>

#define LOOK_EVERY                                                                                           \
    SPAN_S(20) /* a day begins, a plan was confirmed through another gateway, a case was reopened */
#define LOOK_SOON  SPAN_MS(200)
#define CASES_MOST 50 /* of one look; all their acts end before the next one */

static const struct db_stmt stmt_reforms_due = {
    "reforms_due", "select unit_change_due(date '1970-01-01' + $1)", 1, {DB_INT4}};
static const struct db_stmt stmt_reforms_follow = {
    "reforms_follow",
    "select case_id, act = 'follow', unit_id, reason from cases_to_follow(date '1970-01-01' + $1, $2)",
    2,
    {DB_INT4, DB_INT4}};
const struct db_stmt *const reforms_statements[] = {&stmt_reforms_due, &stmt_reforms_follow};
const size_t n_reforms_statements = ARRAY_LEN(reforms_statements);

struct reforms {
    struct gateway *g;
    struct timer timer;
    bool looking; /* a call is out */
    int out;      /* acts */
    bool moved;   /* one of them was stored: there may be more */
    i64 day;      /* of the last look */
};

static void look(struct timer *t);

static void rest(struct reforms *r, span s) { timer_set(r->g->loop, &r->timer, s); }

static void act_ended(void *arg, const struct casework_result *result)
{
    struct reforms *r = arg;
    r->out--;
    if (result->refusal == REFUSE_NONE) {
        COUNT(CASES_FOLLOWED);
        r->moved = true;
    } else if (result->refusal != REFUSE_CASE_CHANGED && result->refusal != REFUSE_UNAVAILABLE) {
        log_line(LOG_WARNING, LOG_CLOCK, "a case does not follow its unit; tried again", "case=%llu code=%s",
                 (unsigned long long)result->case_id, refusal_facts(result->refusal)->code);
    }
    if (r->out == 0) rest(r, r->moved ? LOOK_SOON : LOOK_EVERY);
}

static void have_cases(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct reforms *r = arg;
    (void)n;
    r->looking = false;
    r->moved = false;
    if (end != DB_OK)
        log_line(LOG_WARNING, LOG_CLOCK, "cases of units that are gone not read", "sqlstate=%s",
                 error ? error->sqlstate : "");
    const int rows = end == DB_OK && !r->g->draining ? db_rows(results[0]) : 0;
    rest(r, LOOK_EVERY);
    r->out = rows; /* all of it before the first act, which may end at once */
    for (int i = 0; i < rows; i++) {
        const struct act_request req = {.act = db_get_bool(results[0], i, 1) ? ACT_FOLLOW : ACT_CO_ASSIGN,
                                        .actor = {.kind = ACTOR_CLOCK},
                                        .now = clock_now(),
                                        .expected_version = CASE_VERSION_ANY,
                                        .unit = db_get_i64(results[0], i, 2),
                                        .reason = db_get_text(results[0], i, 3)};
        casework_act(r->g, NULL, (u64)db_get_i64(results[0], i, 0), &req, STR_NONE, act_ended, r);
    }
}

static bool send(struct reforms *r, const struct db_stmt *s, db_done *done)
{
    struct db_call *c = db_call_new(done, r);
    struct db_params *p = db_params_new(s);
    db_put_i32(p, (int)r->day);
    if (s == &stmt_reforms_follow) db_put_i32(p, CASES_MOST);
    db_call_add(c, s, p);
    r->looking = db_call_send(r->g->lane_public, c);
    return r->looking;
}

static void have_due(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct reforms *r = arg;
    (void)n;
    r->looking = false;
    if (r->g->draining) return;
    if (end == DB_OK && db_get_bool(results[0], 0, 0)) {
        COUNT(REFORMS);
        log_line(LOG_INFO, LOG_CLOCK, "a change of units was taken up on its day", "day=%lld",
                 (long long)r->day);
        rest(r, LOOK_SOON); /* another one may be due, and the register brings the successors */
        return;
    }
    if (end != DB_OK)
        log_line(LOG_WARNING, LOG_CLOCK, "changes of units not looked at", "sqlstate=%s",
                 error ? error->sqlstate : "");
    if (end != DB_OK || !send(r, &stmt_reforms_follow, have_cases)) rest(r, LOOK_EVERY);
}

static void look(struct timer *t)
{
    struct reforms *r = t->arg;
    struct gateway *g = r->g;
    rest(r, LOOK_EVERY);
    if (r->looking || r->out || g->draining || !g->key_right || !register_ready(g)) return;
    const i64 day = china_day(clock_now());
    /* A unit that an import retires tomorrow has no other moment in which the register changes. */
    if (r->day && day != r->day) register_reload(g);
    r->day = day;
    (void)send(r, &stmt_reforms_due, have_due);
}

void reforms_wake(struct gateway *g)
{
    if (g->reforms && !g->draining) rest(g->reforms, LOOK_SOON);
}

struct reforms *reforms_new(struct gateway *g)
{
    struct reforms *r = MEM_NEW(struct reforms);
    r->g = g;
    r->timer = (struct timer){.fire = look, .arg = r};
    rest(r, LOOK_SOON);
    return r;
}

void reforms_free(struct reforms **rp)
{
    if (!*rp) return;
    timer_stop(&(*rp)->timer);
    free(*rp);
    *rp = NULL;
}
