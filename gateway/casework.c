#include "casework.h"
#include "metrics.h"
#include "base/arena.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct db_stmt stmt_casework_enter = {
    "casework_enter",
    "select staff_id, login, name, unit_id, unit_name, home_unit_id, array_to_string(roles, ','), must_change, my_unit(), my_home() "
    "from staff_enter($1)",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_casework_role = {
    "casework_role",
    "select set_config('role', 'mashangdu_staff', true), set_config('msd.writing', $1, true)",
    1,
    {DB_TEXT}};
const struct db_stmt stmt_casework_read = {
    "casework_read",
    "select " CASEWORK_COLUMNS ", "
    "exists (select from case_units cu where cu.case_id = c.id and cu.unit_id = my_unit()), "
    "exists (select from case_shares cs where cs.case_id = c.id and cs.staff_id = staff_now()) "
    "from cases c where c.id = $1",
    1,
    {DB_INT8}};

void casework_enter(struct db_call *c, const u8 session[32], u64 writing)
{
    struct db_params *who = db_params_new(&stmt_casework_enter), *role = db_params_new(&stmt_casework_role);
    char id[24];
    db_put_bytes(who, (struct str){(const char *)session, 32});
    snprintf(id, sizeof id, "%llu", (unsigned long long)writing);
    db_put_text(role, str_of(id));
    db_call_add(c, &stmt_casework_enter, who);
    db_call_add(c, &stmt_casework_role, role);
}

/* --- one act: read, judge, write --- */

struct doing {
    struct gateway *g;
    struct arena arena;
    u8 session[32];
    bool staff;
    u64 case_id;
    struct casework_step step;
    casework_done *done;
    void *arg;
};

static void finish(struct doing *d, enum refusal r, const char *detail, i64 version)
{
    struct casework_result result = {r, detail ? detail : "", d->case_id, version};
    if (r == REFUSE_NONE) COUNT(ACTS);
    if (r == REFUSE_CASE_CHANGED) COUNT(ACT_CONFLICTS);
    d->done(d->arg, &result);
    arena_free(&d->arena);
    free(d);
}

static void log_failure(const char *what, enum db_end end, const struct db_error *e)
{
    log_line(LOG_ERROR, LOG_STAFF, what, "end=%s sqlstate=%s constraint=%s text=\"%s\"",
             end == DB_LOST ? "lost" : "failed", e ? e->sqlstate : "", e ? e->constraint : "",
             e ? e->message : "");
}

static enum refusal refusal_of(enum db_end end, const struct db_error *e)
{
    if (end == DB_LOST || !e || strncmp(e->sqlstate, "MSDQ", 4) == 0 || strncmp(e->sqlstate, "57", 2) == 0)
        return REFUSE_UNAVAILABLE;
    /* The guards of the database (schema/0008_guards.sql) say what core/caseflow says, should it ever have missed it. */
    if (strcmp(e->sqlstate, "42501") == 0 || strcmp(e->sqlstate, "MSD30") == 0) return REFUSE_FORBIDDEN;
    if (strcmp(e->sqlstate, "MSD31") == 0) return REFUSE_SECOND_PERSON;
    if (strcmp(e->sqlstate, "MSD32") == 0) return REFUSE_RECUSED;
    if (strcmp(e->sqlstate, "MSD34") == 0) return REFUSE_ACT_ILLEGAL;
    if (strcmp(e->constraint, "cases_never_reported_unit") == 0) return REFUSE_RECUSED;
    if (strncmp(e->sqlstate, "23", 2) == 0) return REFUSE_ACT_ILLEGAL;
    return REFUSE_INTERNAL;
}

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct doing *d = arg;
    if (end != DB_OK) {
        log_failure("act not stored", end, error);
        finish(d, refusal_of(end, error), NULL, 0);
        return;
    }
    const struct db_result *r = results[n - 1];
    if (db_rows(r) == 0)
        finish(d, REFUSE_CASE_CHANGED, NULL, 0);
    else
        finish(d, REFUSE_NONE, NULL, db_get_i64(r, 0, 0));
}

static void judge(struct doing *d)
{
    enum refusal r = casework_prepare(d->g, &d->step);
    if (r != REFUSE_NONE) {
        finish(d, r, d->step.outcome.detail, 0);
        return;
    }
    struct db_call *c = db_call_new(written, d);
    if (d->staff) casework_enter(c, d->session, d->case_id);
    if (!casework_add(d->g, c, &d->step)) {
        db_call_drop(&c);
        finish(d, REFUSE_TEXT_TOO_LONG, NULL, 0);
    } else if (!db_call_send(d->staff ? d->g->lane_staff : d->g->lane_public, c)) {
        finish(d, REFUSE_UNAVAILABLE, NULL, 0);
    }
}

static void read_case(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct doing *d = arg;
    if (end != DB_OK) {
        log_failure("case not read", end, error);
        finish(d, refusal_of(end, error), NULL, 0);
        return;
    }
    const struct db_result *row = d->staff ? results[CASEWORK_FIRST] : results[0];
    (void)n;
    if (d->staff) {
        const struct db_result *who = results[CASEWORK_WHO];
        if (db_rows(who) == 0) {
            finish(d, REFUSE_SESSION_NEEDED, NULL, 0);
            return;
        }
        if (db_get_bool(who, 0, 7)) {
            finish(d, REFUSE_FORBIDDEN, "请先修改初始密码。", 0);
            return;
        }
        d->step.req.actor = (struct actor){.kind = ACTOR_STAFF,
                                           .staff = db_get_i64(who, 0, 0),
                                           .roles = casework_roles(db_get_text(who, 0, 6)),
                                           .unit = db_get_i64(who, 0, 8),
                                           .home_unit = db_get_i64(who, 0, 9)};
    }
    if (db_rows(row) == 0) {
        finish(d, REFUSE_CASE_UNKNOWN, NULL, 0);
        return;
    }
    struct case_row *before = &d->step.before;
    casework_row(row, 0, before);
    struct str *texts[] = {&before->category, &before->urgency, &before->channel, &before->higher};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->n) *texts[i] = arena_str(&d->arena, *texts[i]);
    if (d->staff) {
        d->step.req.actor.co_unit = db_get_bool(row, 0, CASEWORK_COLUMNS_N);
        d->step.req.actor.shared = db_get_bool(row, 0, CASEWORK_COLUMNS_N + 1);
    }
    judge(d);
}

void casework_act(struct gateway *g, const u8 session[32], u64 case_id, const struct act_request *req,
                  struct str category, casework_done *done, void *arg)
{
    struct doing *d = MEM_NEW(struct doing);
    d->g = g;
    d->case_id = case_id;
    d->done = done;
    d->arg = arg;
    d->step.req = *req;
    d->staff = session != NULL;
    arena_init(&d->arena, 256 * 1024);
    if (session) memcpy(d->session, session, 32);
    struct act_request *q = &d->step.req;
    struct str *texts[] = {&q->reason, &q->text, &q->ground, &q->way, &q->receiver, &q->higher};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i]->n) *texts[i] = arena_str(&d->arena, *texts[i]);
    if (category.n) d->step.category = arena_str(&d->arena, category);

    struct db_call *c = db_call_new(read_case, d);
    struct db_params *id = db_params_new(&stmt_casework_read);
    db_put_i64(id, (i64)case_id);
    if (session) casework_enter(c, session, 0);
    db_call_add(c, &stmt_casework_read, id);
    if (!db_call_send(session ? g->lane_staff : g->lane_public, c)) finish(d, REFUSE_UNAVAILABLE, NULL, 0);
}
