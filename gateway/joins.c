#include "joins.h"
#include "casework.h"
#include "metrics.h"
#include "base/log.h"
#include <stdlib.h>

#define LOOK_EVERY SPAN_S(20) /* for wishes that a process left behind */
#define LOOK_FIRST SPAN_S(1)
#define JOIN_TRIES 5 /* of an act that met another one */

static const struct db_stmt stmt_join_left = {
    "join_left",
    "select j.feedback_id, f.case_id, j.case_id, exists (select from feedback_entries e where e.feedback_id = j.feedback_id) "
    "from feedback_joins j join feedback f on f.id = j.feedback_id where j.state = 'wanted' and j.wanted_at < now() - interval '20 seconds' order by j.wanted_at limit 20",
    0,
    {0}};
/* joined goes with the citizen's act. */
static const struct db_stmt stmt_join_joined = {
    "join_joined",
    "update feedback_joins set state = 'joined', settled_at = now() where feedback_id = $1 and state = 'wanted'",
    1,
    {DB_INT8}};
/* After an act of the staff, whose role does not reach this table, or after none: what the case itself says. Never over what is settled:
 * another gateway may have been faster. The row: whether it joined, and whether this settled it. */
static const struct db_stmt stmt_join_settle = {
    "join_settle",
    "with s as (update feedback_joins j set state = case when c.merged_into is null then 'apart' else 'joined' end, settled_at = now() "
    "from feedback f join cases c on c.id = f.case_id where j.feedback_id = $1 and j.state = 'wanted' and f.id = $1 returning j.state) "
    "select coalesce((select state from s), j.state, '') = 'joined', exists (select from s) "
    "from (select) one left join feedback_joins j on j.feedback_id = $1",
    1,
    {DB_INT8}};
static const struct db_stmt stmt_join_version = {
    "join_version", "select version from cases where id = $1", 1, {DB_INT8}};
/* Whoever looks at the open case learns that one more has reported it: a number, no word. */
static const struct db_stmt stmt_join_tell = {
    "join_tell",
    "select events_append(array['feedback.joined'], array[c.id], "
    "array[case when c.held or c.state = 'discovered' then null else c.unit_id end], array[null::integer], "
    "array[c.confidential], array[jsonb_build_object('id', c.id, 'reporters', (select count(*) from "
    "case_reporters(c.id)))]) from cases c where c.id = $1",
    1,
    {DB_INT8}};
const struct db_stmt *const joins_statements[] = {&stmt_join_left, &stmt_join_joined, &stmt_join_settle,
                                                  &stmt_join_version, &stmt_join_tell};
const size_t n_joins_statements = ARRAY_LEN(joins_statements);

struct joins {
    struct gateway *g;
    struct timer look;
    bool looking;
};

/* One wish on its way. */
struct joining {
    struct gateway *g;
    struct session session; /* of whoever merges by an act of their own */
    bool by_staff, entered; /* entered: written down by the office for the citizen */
    u64 feedback, own, target;
    unsigned tries;
    join_done *done;
    void *arg;
};

static void try_merge(struct joining *j);

static void end_with(struct joining *j, enum join_end end)
{
    if (j->done) j->done(j->arg, end);
    free(j);
}

static struct db_params *one_id(const struct db_stmt *s, u64 id)
{
    struct db_params *p = db_params_new(s);
    db_put_i64(p, (i64)id);
    return p;
}

static void told(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    struct joining *j = arg;
    (void)results, (void)n;
    if (end != DB_OK) /* a screen is not told at once; the record has it */
        log_line(LOG_WARNING, LOG_INTAKE, "a joined report was not told", "sqlstate=%s",
                 error ? error->sqlstate : "");
    end_with(j, JOIN_DONE);
}

static void settled(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct joining *j = arg;
    (void)n, (void)error;
    if (end != DB_OK) {
        end_with(j, JOIN_LATER);
        return;
    }
    const bool is_joined = db_get_bool(results[0], 0, 0);
    if (!is_joined && db_get_bool(results[0], 0, 1)) COUNT(JOINS_APART);
    end_with(j, is_joined ? JOIN_DONE : JOIN_APART);
}

static void send_last(struct joining *j, const struct db_stmt *s, u64 id, db_done *then,
                      enum join_end else_end)
{
    struct db_call *c = db_call_new(then, j);
    db_call_add(c, s, one_id(s, id));
    if (!db_call_send(j->g->lane_public, c)) end_with(j, else_end);
}

/* The mark of a merge by the staff comes behind it; lost, it is made up for by whoever looks for what is left. */
static void tell(struct joining *j)
{
    struct db_call *c = db_call_new(told, j);
    db_call_add(c, &stmt_join_tell, one_id(&stmt_join_tell, j->target));
    if (j->by_staff) db_call_add(c, &stmt_join_settle, one_id(&stmt_join_settle, j->feedback));
    if (!db_call_send(j->g->lane_public, c)) end_with(j, JOIN_DONE);
}

static void merged(void *arg, const struct casework_result *r)
{
    struct joining *j = arg;
    if (r->refusal == REFUSE_NONE) {
        COUNT(JOINS);
        tell(j);
    } else if (r->refusal == REFUSE_CASE_CHANGED && ++j->tries < JOIN_TRIES) {
        try_merge(j);
    } else if (r->refusal == REFUSE_UNAVAILABLE || r->refusal == REFUSE_CASE_CHANGED) {
        end_with(j, JOIN_LATER);
    } else {
        send_last(j, &stmt_join_settle, j->feedback, settled, JOIN_LATER);
    }
}

static int beside(void *arg, struct db_call *c)
{
    const struct joining *j = arg;
    db_call_add(c, &stmt_join_joined, one_id(&stmt_join_joined, j->feedback));
    return 1;
}

static void merge(struct joining *j, i64 version)
{
    const struct act_request req = {.act = ACT_MERGE,
                                    .actor = {.kind = j->by_staff ? ACTOR_STAFF : ACTOR_CITIZEN},
                                    .now = clock_now(),
                                    .expected_version = version,
                                    .reason = j->by_staff ? STR("登记时核对，与主办件反映的是同一事项")
                                              : j->entered
                                                  ? STR("登记时反映人同意，与同一事项一并办理")
                                                  : STR("反映人选择“我也遇到了”，与同一事项一并办理"),
                                    .target = (i64)j->target};
    if (j->by_staff)
        casework_act(j->g, &j->session, j->own, &req, STR_NONE, merged, j);
    else
        casework_act_beside(j->g, NULL, j->own, &req, STR_NONE, beside, merged, j);
}

static void have_version(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct joining *j = arg;
    (void)n, (void)error;
    if (end == DB_OK && db_rows(results[0]))
        merge(j, db_get_i64(results[0], 0, 0));
    else
        end_with(j, JOIN_LATER);
}

/* A person acts on what was seen: here the case that the same request has just opened, whatever the router did with it since. */
static void try_merge(struct joining *j)
{
    if (j->by_staff)
        send_last(j, &stmt_join_version, j->own, have_version, JOIN_LATER);
    else
        merge(j, CASE_VERSION_ANY);
}

void joins_settle(struct gateway *g, u64 feedback, u64 own, u64 target, join_done *done, void *arg)
{
    struct joining *j = MEM_NEW(struct joining);
    *j = (struct joining){
        .g = g, .feedback = feedback, .own = own, .target = target, .done = done, .arg = arg};
    try_merge(j);
}

void joins_settle_entered(struct gateway *g, const struct session *session, u64 feedback, u64 own, u64 target,
                          join_done *done, void *arg)
{
    struct joining *j = MEM_NEW(struct joining);
    *j = (struct joining){.g = g,
                          .by_staff = session != NULL,
                          .entered = true,
                          .feedback = feedback,
                          .own = own,
                          .target = target,
                          .done = done,
                          .arg = arg};
    if (session) j->session = *session;
    try_merge(j);
}

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct joins *j = arg;
    (void)n, (void)error;
    j->looking = false;
    for (int i = 0; end == DB_OK && i < db_rows(results[0]); i++) {
        const u64 feedback = (u64)db_get_i64(results[0], i, 0), own = (u64)db_get_i64(results[0], i, 1),
                  target = (u64)db_get_i64(results[0], i, 2);
        if (db_get_bool(results[0], i, 3))
            joins_settle_entered(j->g, NULL, feedback, own, target, NULL, NULL);
        else
            joins_settle(j->g, feedback, own, target, NULL, NULL);
    }
}

static void look(struct timer *t)
{
    struct joins *j = t->arg;
    timer_set(j->g->loop, t, LOOK_EVERY);
    if (j->looking || !j->g->key_right) return;
    struct db_call *c = db_call_new(found, j);
    db_call_add(c, &stmt_join_left, db_params_new(&stmt_join_left));
    j->looking = db_call_send(j->g->lane_public, c);
}

struct joins *joins_new(struct gateway *g)
{
    struct joins *j = MEM_NEW(struct joins);
    j->g = g;
    j->look = (struct timer){.fire = look, .arg = j};
    timer_set(g->loop, &j->look, LOOK_FIRST);
    return j;
}

void joins_free(struct joins **jp)
{
    if (!*jp) return;
    timer_stop(&(*jp)->look);
    free(*jp);
    *jp = NULL;
}
