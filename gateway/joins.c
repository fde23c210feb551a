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
    "select j.feedback_id, f.case_id, j.case_id from feedback_joins j join feedback f on f.id = j.feedback_id "
    "where j.state = 'wanted' and j.wanted_at < now() - interval '20 seconds' order by j.wanted_at limit 20",
    0,
    {0}};
/* joined goes with the act; apart comes alone, and never over a joined one: another gateway may have been faster. */
static const struct db_stmt stmt_join_joined = {
    "join_joined",
    "update feedback_joins set state = 'joined', settled_at = now() where feedback_id = $1 and state = 'wanted'",
    1,
    {DB_INT8}};
static const struct db_stmt stmt_join_apart = {
    "join_apart",
    "update feedback_joins set state = 'apart', settled_at = now() where feedback_id = $1 and state = 'wanted' "
    "returning true",
    1,
    {DB_INT8}};
/* Whoever looks at the open case learns that one more has reported it: a number, no word. */
static const struct db_stmt stmt_join_tell = {
    "join_tell",
    "select events_append(array['feedback.joined'], array[c.id], "
    "array[case when c.held or c.state = 'discovered' then null else c.unit_id end], array[null::integer], "
    "array[c.confidential], array[jsonb_build_object('id', c.id, 'reporters', (select count(*) from "
    "case_reporters(c.id)))]) from cases c where c.id = $1",
    1,
    {DB_INT8}};
const struct db_stmt *const joins_statements[] = {&stmt_join_left, &stmt_join_joined, &stmt_join_apart,
                                                  &stmt_join_tell};
const size_t n_joins_statements = ARRAY_LEN(joins_statements);

struct joins {
    struct gateway *g;
    struct timer look;
    bool looking;
};

/* One wish on its way. */
struct joining {
    struct gateway *g;
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

static void apart(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct joining *j = arg;
    (void)n, (void)error;
    if (end != DB_OK) {
        end_with(j, JOIN_LATER);
        return;
    }
    bool ours = db_rows(results[0]) > 0;
    if (ours) COUNT(JOINS_APART);
    end_with(j, ours ? JOIN_APART : JOIN_DONE);
}

static void send_last(struct joining *j, const struct db_stmt *s, u64 id, db_done *then,
                      enum join_end else_end)
{
    struct db_call *c = db_call_new(then, j);
    db_call_add(c, s, one_id(s, id));
    if (!db_call_send(j->g->lane_public, c)) end_with(j, else_end);
}

static void merged(void *arg, const struct casework_result *r)
{
    struct joining *j = arg;
    if (r->refusal == REFUSE_NONE) {
        COUNT(JOINS);
        send_last(j, &stmt_join_tell, j->target, told, JOIN_DONE);
    } else if (r->refusal == REFUSE_CASE_CHANGED && ++j->tries < JOIN_TRIES) {
        try_merge(j);
    } else if (r->refusal == REFUSE_UNAVAILABLE || r->refusal == REFUSE_CASE_CHANGED) {
        end_with(j, JOIN_LATER);
    } else {
        send_last(j, &stmt_join_apart, j->feedback, apart, JOIN_LATER);
    }
}

static int beside(void *arg, struct db_call *c)
{
    const struct joining *j = arg;
    db_call_add(c, &stmt_join_joined, one_id(&stmt_join_joined, j->feedback));
    return 1;
}

static void try_merge(struct joining *j)
{
    const struct act_request req = {.act = ACT_MERGE,
                                    .actor = {.kind = ACTOR_CITIZEN},
                                    .now = clock_now(),
                                    .expected_version = CASE_VERSION_ANY,
                                    .reason = STR("反映人选择“我也遇到了”，与同一事项一并办理"),
                                    .target = (i64)j->target};
    casework_act_beside(j->g, NULL, j->own, &req, STR_NONE, beside, merged, j);
}

void joins_settle(struct gateway *g, u64 feedback, u64 own, u64 target, join_done *done, void *arg)
{
    struct joining *j = MEM_NEW(struct joining);
    *j = (struct joining){
        .g = g, .feedback = feedback, .own = own, .target = target, .done = done, .arg = arg};
    try_merge(j);
}

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct joins *j = arg;
    (void)n, (void)error;
    j->looking = false;
    for (int i = 0; end == DB_OK && i < db_rows(results[0]); i++)
        joins_settle(j->g, (u64)db_get_i64(results[0], i, 0), (u64)db_get_i64(results[0], i, 1),
                     (u64)db_get_i64(results[0], i, 2), NULL, NULL);
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
