/* Lanes and calls. A call's way: queue of the lane -> `out` list of one connection, in the order sent -> done.
 * libpq in pipeline mode gives, for each statement, its result and a NULL, and for each Sync one
 * PGRES_PIPELINE_SYNC without a NULL. An error at COMMIT comes as a result behind the last statement. */
#include "base/log.h"
#include "io/db_conn.h"
#include "io/db_listen.h"
#include "io/db_params.h"
#include "io/db_result.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_BYTES_MAX ((size_t)64 << 20)

struct db_call {
    struct list node;
    db_done *done;
    void *arg;
    instant since; /* queued */
    int n;
    struct {
        const struct db_stmt *stmt;
        struct db_params *params;
    } part[DB_STATEMENTS_MAX];
    PGresult *results[DB_STATEMENTS_MAX];
    bool keeps; /* the results are the caller's once they are there */
    bool failed;
    struct db_error error; /* the first failure; what follows is only "aborted" */
};

struct lane_conn {
    struct db_conn conn;
    struct db_lane *lane;
    bool ready;   /* everything is prepared */
    bool recycle; /* its prepared statements or its server are of no use any more: close when idle */
    bool prepare_failed;
    bool in_result; /* a result came and its closing NULL did not yet */
    int statement;  /* whose results come next: of the head call, or while preparing */
    struct list out;
    int n_out;
    instant progress; /* when the head call began to be the one the server owes us */
};

struct db_lane {
    struct list node;
    struct db *db;
    const char *name;
    const struct db_stmt *const *statements;
    size_t n_statements;
    struct lane_conn *conns;
    int n_conns, depth, queue_max;
    struct list queue;
    int n_queue;
    size_t queue_bytes;
    struct timer queue_timer;
    bool closing;
    struct db_lane_counters counters;
};

static void pump(struct db_lane *l);
static void call_end(struct db_lane *l, struct db_call *c, enum db_end end);
static size_t call_bytes(const struct db_call *c);

/* --- calls --- */

struct db_call *db_call_new(db_done *done, void *arg)
{
    struct db_call *c = MEM_NEW(struct db_call);
    list_init(&c->node);
    c->done = done;
    c->arg = arg;
    return c;
}

void db_call_add(struct db_call *c, const struct db_stmt *s, struct db_params *p)
{
    ASSERT(c->n < DB_STATEMENTS_MAX);
    ASSERT(p ? p->stmt == s && p->n == s->n_types && !p->in_array : s->n_types == 0);
    c->part[c->n].stmt = s;
    c->part[c->n].params = p;
    c->n++;
}

static void params_drop(struct db_call *c)
{
    for (int i = 0; i < c->n; i++) db_params_free(&c->part[i].params);
}

static void call_free(struct db_call *c)
{
    params_drop(c);
    for (int i = 0; i < c->n; i++) PQclear(c->results[i]);
    free(c);
}

void db_call_keep(struct db_call *c) { c->keeps = true; }

void db_call_drop(struct db_call **c)
{
    if (*c) call_free(*c);
    *c = NULL;
}

static size_t call_bytes(const struct db_call *c)
{
    size_t n = 0;
    for (int i = 0; i < c->n; i++) {
        const struct db_params *p = c->part[i].params;
        if (p) n += p->bytes.overflow ? DB_PARAMS_BYTES_MAX + 1 : p->bytes.n;
    }
    return n;
}

bool db_passing(const struct db_error *e)
{
    static const char *const passing[] = {"40", "53", "55", "57", "58", "08", DB_NEVER_SENT};
    for (size_t i = 0; e && i < ARRAY_LEN(passing); i++)
        if (strncmp(e->sqlstate, passing[i], strlen(passing[i])) == 0) return true;
    return !e;
}

static void error_set(struct db_call *c, const char *sqlstate, const char *message)
{
    c->failed = true;
    snprintf(c->error.sqlstate, sizeof c->error.sqlstate, "%s", sqlstate);
    snprintf(c->error.message, sizeof c->error.message, "%s", message);
}

/* The call is in no list any more. */
static void call_end(struct db_lane *l, struct db_call *c, enum db_end end)
{
    const struct db_result *results[DB_STATEMENTS_MAX] = {NULL};
    for (int i = 0; i < c->n && end != DB_LOST; i++) results[i] = result_outer(c->results[i]);
    if (end == DB_LOST) error_set(c, "08006", "the connection broke while the call was out");
    l->counters.calls++;
    l->counters.failed += end == DB_FAILED;
    l->counters.lost += end == DB_LOST;
    for (int i = 0; i < c->n && c->keeps && end == DB_OK; i++) c->results[i] = NULL;
    c->done(c->arg, end, results, c->n, end == DB_OK ? NULL : &c->error);
    call_free(c);
}

/* --- one connection: sending --- */

static bool send_call(struct lane_conn *lc, struct db_call *c)
{
    for (int i = 0; i < c->n; i++) {
        const struct db_params *p = c->part[i].params;
        const char *values[DB_PARAMS_MAX];
        int formats[DB_PARAMS_MAX], n = p ? p->n : 0;
        for (int k = 0; k < n; k++) {
            values[k] = p->length[k] < 0 ? NULL : p->bytes.p ? p->bytes.p + p->start[k] : "";
            formats[k] = 1;
        }
        if (!PQsendQueryPrepared(lc->conn.pg, c->part[i].stmt->name, n, values, p ? p->length : NULL, formats,
                                 1))
            return false;
    }
    return PQpipelineSync(lc->conn.pg) == 1;
}

static void take_out(struct lane_conn *lc, struct db_call *c)
{
    instant now = clock_monotonic();
    if (lc->n_out == 0) {
        lc->progress = now;
        if (!timer_active(&lc->conn.timer)) conn_deadline(&lc->conn, lc->conn.db->statement_deadline);
    }
    list_push(&lc->out, &c->node);
    lc->n_out++;
    /* Callers of ours may be below us on the stack: what breaks now is told at the next turn. */
    if (send_call(lc, c))
        conn_flush(&lc->conn);
    else
        conn_break(&lc->conn, "a call cannot be sent");
    params_drop(c); /* libpq has its own copy */
}

static struct lane_conn *pick(struct db_lane *l)
{
    struct lane_conn *best = NULL;
    for (int i = 0; i < l->n_conns; i++) {
        struct lane_conn *lc = &l->conns[i];
        if (!lc->ready || lc->recycle || lc->conn.broken || lc->n_out >= l->depth) continue;
        if (!best || lc->n_out < best->n_out) best = lc;
    }
    return best;
}

static void queue_timer_set(struct db_lane *l)
{
    if (list_empty(&l->queue)) {
        timer_stop(&l->queue_timer);
    } else if (!timer_active(&l->queue_timer)) {
        struct db_call *head = LIST_OF(l->queue.next, struct db_call, node);
        span waited = instant_sub(clock_monotonic(), head->since);
        timer_set(l->db->loop, &l->queue_timer, SPAN_US(MAX(l->db->statement_deadline.us - waited.us, 0)));
    }
}

static struct db_call *queue_pop(struct db_lane *l)
{
    struct db_call *c = LIST_OF(list_pop(&l->queue), struct db_call, node);
    l->n_queue--;
    l->queue_bytes -= call_bytes(c);
    return c;
}

static void pump(struct db_lane *l)
{
    struct lane_conn *lc;
    while (!list_empty(&l->queue) && (lc = pick(l))) take_out(lc, queue_pop(l));
    queue_timer_set(l);
}

static void on_queue_timer(struct timer *t)
{
    struct db_lane *l = t->arg;
    struct list late;
    instant now = clock_monotonic();
    list_init(&late);
    while (!list_empty(&l->queue)) {
        struct db_call *head = LIST_OF(l->queue.next, struct db_call, node);
        if (instant_sub(now, head->since).us < l->db->statement_deadline.us) break;
        list_push(&late, &queue_pop(l)->node);
    }
    queue_timer_set(l);
    for (struct list *node; (node = list_pop(&late));) {
        struct db_call *c = LIST_OF(node, struct db_call, node);
        error_set(c, DB_NEVER_SENT, "the call waited too long for a connection and was never sent");
        call_end(l, c, DB_FAILED);
    }
}

bool db_call_send(struct db_lane *l, struct db_call *c)
{
    size_t bytes = call_bytes(c);
    ASSERT(c->n > 0);
    bool direct = list_empty(&l->queue) && pick(l) != NULL;
    bool fits = bytes <= DB_PARAMS_BYTES_MAX &&
                (direct || (l->n_queue < l->queue_max && l->queue_bytes + bytes <= QUEUE_BYTES_MAX));
    if (l->closing || !db_lane_up(l) || !fits) {
        l->counters.refused++;
        call_free(c);
        return false;
    }
    c->since = clock_monotonic();
    list_push(&l->queue, &c->node);
    l->n_queue++;
    l->queue_bytes += bytes;
    pump(l);
    return true;
}

/* --- one connection: receiving --- */

static void error_take(struct lane_conn *lc, struct db_call *c, const PGresult *r)
{
    if (c->failed) return;
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
    error_set(c, state ? state : "08006", message ? message : "");
    snprintf(c->error.constraint, sizeof c->error.constraint, "%s", constraint ? constraint : "");
    c->error.statement = MIN(lc->statement, c->n);
    /* The table changed under a prepared plan, a pooler dropped the plans, or this server became a standby: a
     * new connection is the cure for all three. */
    static const char *const cured_by_reconnect[] = {"0A000", "26000", "25006"};
    for (size_t i = 0; i < ARRAY_LEN(cured_by_reconnect); i++)
        if (strcmp(c->error.sqlstate, cured_by_reconnect[i]) == 0) lc->recycle = true;
}

/* The answer to the Sync of the head call: only now is it decided. */
static void head_decided(struct lane_conn *lc)
{
    struct db_lane *l = lc->lane;
    struct db_call *c = LIST_OF(list_pop(&lc->out), struct db_call, node);
    /* Every statement must have had its result; anything else is no proof. */
    for (int i = 0; i < c->n && !c->failed; i++)
        if (!c->results[i]) error_set(c, "XX000", "a statement had no result");
    lc->n_out--;
    lc->statement = 0;
    lc->progress = clock_monotonic();
    if (lc->recycle && lc->n_out == 0) conn_break(&lc->conn, "the connection is renewed after a refusal");
    pump(l); /* the next batch is on its way before this one is answered */
    call_end(l, c, c->failed ? DB_FAILED : DB_OK);
}

static void result_take(struct lane_conn *lc, PGresult *r)
{
    struct db_call *c = list_empty(&lc->out) ? NULL : LIST_OF(lc->out.next, struct db_call, node);
    ExecStatusType status = PQresultStatus(r);
    if (!c) { /* an error outside any call: the end of the stream follows */
        PQclear(r);
        return;
    }
    if (status == PGRES_PIPELINE_SYNC) {
        PQclear(r);
        head_decided(lc);
        return;
    }
    bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (good && lc->statement < c->n && !c->results[lc->statement]) {
        c->results[lc->statement] = r;
        return;
    }
    error_take(lc, c, r);
    PQclear(r);
}

static void prepared_take(struct lane_conn *lc, PGresult *r)
{
    struct db_lane *l = lc->lane;
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_PIPELINE_SYNC && !lc->prepare_failed) {
        lc->ready = true;
        lc->statement = 0;
        l->counters.up++;
        l->counters.connects++;
        conn_settled(&lc->conn);
        conn_deadline_off(&lc->conn);
        log_line(LOG_INFO, LOG_DB, "connected", "purpose=%s host=%zu", l->name, lc->conn.host);
    } else if (status == PGRES_PIPELINE_SYNC) {
        conn_break(&lc->conn, "the statements do not prepare");
    } else if (status == PGRES_FATAL_ERROR && !lc->prepare_failed) {
        size_t at = (size_t)lc->statement; /* 0 is the settings */
        const char *what = at >= 1 && at <= l->n_statements ? l->statements[at - 1]->name : "(settings)";
        const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
        lc->prepare_failed = true;
        log_line(LOG_ERROR, LOG_DB, "a statement does not prepare", "purpose=%s statement=%s text=\"%s\"",
                 l->name, what, text ? text : "");
    }
    PQclear(r);
}

static void lane_input(struct db_conn *conn)
{
    struct lane_conn *lc = CONTAINER_OF(conn, struct lane_conn, conn);
    while (!conn->broken && !PQisBusy(conn->pg)) {
        PGresult *r = PQgetResult(conn->pg);
        if (!r) {
            if (!lc->in_result) break; /* nothing more is there */
            lc->in_result = false;
            lc->statement++;
            continue;
        }
        lc->in_result = PQresultStatus(r) != PGRES_PIPELINE_SYNC;
        if (lc->ready)
            result_take(lc, r);
        else
            prepared_take(lc, r);
        if (PQstatus(conn->pg) != CONNECTION_OK) break;
    }
    if (lc->ready) pump(lc->lane);
}

static void lane_opened(struct db_conn *conn)
{
    struct lane_conn *lc = CONTAINER_OF(conn, struct lane_conn, conn);
    const struct db_lane *l = lc->lane;
    lc->prepare_failed = lc->in_result = lc->recycle = false;
    lc->statement = 0;
    bool ok = PQenterPipelineMode(conn->pg) == 1 && conn_send_settings(conn);
    for (size_t i = 0; i < l->n_statements && ok; i++) {
        const struct db_stmt *s = l->statements[i];
        ok = PQsendPrepare(conn->pg, s->name, s->sql, s->n_types, s->types) == 1;
    }
    ok = ok && PQpipelineSync(conn->pg) == 1;
    if (!ok) {
        conn_break(conn, "the statements cannot be sent");
        return;
    }
    conn_deadline(conn, conn->db->connect_deadline);
    conn_flush(conn);
}

/* The deadline is checked against real progress, after reading what a busy loop has not read yet. */
static void lane_overdue(struct db_conn *conn)
{
    struct lane_conn *lc = CONTAINER_OF(conn, struct lane_conn, conn);
    bool was_ready = lc->ready;
    if (!conn_read(conn) || conn->broken) return;
    if (!lc->ready) {
        conn_fail(conn, "the statements were not prepared within the connect deadline");
        return;
    }
    if (!was_ready || lc->n_out == 0) return;
    span without = instant_sub(clock_monotonic(), lc->progress);
    if (without.us >= conn->db->statement_deadline.us)
        conn_fail(conn, "no answer within the statement deadline");
    else
        conn_deadline(conn, SPAN_US(conn->db->statement_deadline.us - without.us));
}

static void lane_closed(struct db_conn *conn)
{
    struct lane_conn *lc = CONTAINER_OF(conn, struct lane_conn, conn);
    struct db_lane *l = lc->lane;
    struct list lost;
    if (lc->ready) l->counters.up--;
    lc->ready = false;
    list_init(&lost);
    for (struct list *node; (node = list_pop(&lc->out));) list_push(&lost, node);
    lc->n_out = 0;
    for (struct list *node; (node = list_pop(&lost));)
        call_end(l, LIST_OF(node, struct db_call, node), DB_LOST);
}

static const struct db_conn_events lane_events = {
    .opened = lane_opened, .input = lane_input, .overdue = lane_overdue, .closed = lane_closed};

/* --- lanes --- */

struct db_lane *db_lane_open(struct db *db, const char *name, int n, int depth, int queue,
                             const struct db_stmt *const *statements, size_t n_statements)
{
    ASSERT(n > 0 && depth > 0 && queue >= 0);
    struct db_lane *l = MEM_NEW(struct db_lane);
    *l = (struct db_lane){.db = db,
                          .name = name,
                          .statements = statements,
                          .n_statements = n_statements,
                          .n_conns = n,
                          .depth = depth,
                          .queue_max = queue};
    l->queue_timer = (struct timer){.fire = on_queue_timer, .arg = l};
    l->conns = mem_alloc((size_t)n * sizeof *l->conns);
    list_init(&l->queue);
    list_push(&db->lanes, &l->node);
    for (int i = 0; i < n; i++) {
        l->conns[i].lane = l;
        list_init(&l->conns[i].out);
        conn_start(&l->conns[i].conn, db, &lane_events, name);
    }
    return l;
}

bool db_lane_up(const struct db_lane *l) { return l->counters.up > 0; }

bool db_lane_idle(const struct db_lane *l)
{
    for (int i = 0; i < l->n_conns; i++)
        if (l->conns[i].n_out) return false;
    return l->n_queue == 0;
}

void db_lane_counters(const struct db_lane *l, struct db_lane_counters *out)
{
    *out = l->counters;
    out->queued_now = (u64)l->n_queue;
    out->out_now = 0;
    for (int i = 0; i < l->n_conns; i++) out->out_now += (u64)l->conns[i].n_out;
}

/* Ends everything that waits; callbacks may still ask any lane, which refuses. */
static void lane_close(struct db_lane *l)
{
    for (int i = 0; i < l->n_conns; i++) {
        conn_close(&l->conns[i].conn);
        lane_closed(&l->conns[i].conn);
    }
    while (!list_empty(&l->queue)) call_end(l, queue_pop(l), DB_LOST);
    timer_stop(&l->queue_timer);
}

/* --- the whole --- */

struct db *db_new(struct loop *loop, const struct db_config *cfg)
{
    ASSERT(cfg->n_hosts > 0 && cfg->connect_deadline.us > 0 && cfg->statement_deadline.us > 0);
    struct db *db = MEM_NEW(struct db);
    db->loop = loop;
    db->n_hosts = cfg->n_hosts;
    db->hosts = mem_alloc(cfg->n_hosts * sizeof *db->hosts);
    for (size_t i = 0; i < cfg->n_hosts; i++) db->hosts[i] = mem_copy(cfg->hosts[i], strlen(cfg->hosts[i]));
    db->application = mem_copy(cfg->application, strlen(cfg->application));
    db->connect_deadline = cfg->connect_deadline;
    db->statement_deadline = cfg->statement_deadline;
    list_init(&db->lanes);
    list_init(&db->listeners);
    return db;
}

void db_free(struct db **db)
{
    struct db *d = *db;
    if (!d) return;
    LIST_EACH(&d->listeners, it) listen_free(LIST_OF(it, struct db_listen, node));
    LIST_EACH(&d->lanes, it) LIST_OF(it, struct db_lane, node)->closing = true;
    LIST_EACH(&d->lanes, it) lane_close(LIST_OF(it, struct db_lane, node));
    LIST_EACH(&d->lanes, it)
    {
        struct db_lane *l = LIST_OF(it, struct db_lane, node);
        free(l->conns);
        free(l);
    }
    for (size_t i = 0; i < d->n_hosts; i++) free(d->hosts[i]);
    free(d->hosts);
    free(d->application);
    free(d);
    *db = NULL;
}
