#include "trainings.h"
#include "metrics.h"
#include "base/log.h"
#include "io/child.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEAT_EVERY SPAN_S(5) /* lost after thirty seconds (route_trainings_lost) */
#define LOST_EVERY SPAN_S(60)
#define LINES_MAX  ((size_t)16 << 10)
#define ANSWER_MAX 4096 /* it says nothing; what it did stands in the database */

static const struct db_stmt stmt_training_lost = {"training_lost", "select route_trainings_lost()", 0, {0}};
static const struct db_stmt stmt_training_beat = {
    "training_beat", "select route_training_beat($1)", 1, {DB_INT8}};
static const struct db_stmt stmt_training_fail = {
    "training_fail", "select route_training_fail($1, $2, null)", 2, {DB_INT8, DB_TEXT}};
const struct db_stmt *const training_statements[] = {&stmt_training_lost, &stmt_training_beat,
                                                     &stmt_training_fail};
const size_t n_training_statements = ARRAY_LEN(training_statements);

struct trainings {
    struct gateway *g;
    struct children *children;
    struct child *worker; /* of the training `id`; NULL: none works here */
    u64 id;
    bool asking;
    struct timer beat, lost;
};

static void nothing_more(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    (void)arg, (void)results, (void)n;
    if (end != DB_OK)
        log_line(LOG_WARNING, LOG_ROUTE, "training not written down", "sqlstate=%s",
                 error ? error->sqlstate : "");
}

/* Not sent, or not stored: its beats have stopped, and it is told as lost. */
static void fail(struct trainings *t, u64 id, const char *fault)
{
    struct db_call *c = db_call_new(nothing_more, t->g);
    struct db_params *p = db_params_new(&stmt_training_fail);
    db_put_i64(p, (i64)id);
    db_put_text(p, str_of(fault));
    db_call_add(c, &stmt_training_fail, p);
    log_line(LOG_WARNING, LOG_ROUTE, "training failed", "training=%llu fault=%s", (unsigned long long)id,
             fault);
    COUNT(TRAININGS_FAILED);
    if (!db_call_send(t->g->lane_public, c)) TRACE(ROUTE, "no lane", "training=%llu", (unsigned long long)id);
}

static void worker_ended(void *arg, enum child_end end, struct str answer)
{
    struct trainings *t = arg;
    (void)answer;
    t->worker = NULL;
    timer_stop(&t->beat);
    if (end != CHILD_ANSWERED) fail(t, t->id, end == CHILD_LATE ? "late" : "died");
}

static void end_worker(struct trainings *t)
{
    timer_stop(&t->beat);
    child_drop(&t->worker);
}

static void beaten(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct gateway *g = arg;
    struct trainings *t = g->trainings;
    (void)n, (void)error;
    if (!t) return;
    t->asking = false;
    if (end == DB_OK && t->worker && !db_get_bool(results[0], 0, 0)) end_worker(t);
}

static void beat_fires(struct timer *timer)
{
    struct trainings *t = timer->arg;
    if (!t->worker) return;
    timer_set(t->g->loop, timer, BEAT_EVERY);
    if (t->asking) return;
    struct db_call *c = db_call_new(beaten, t->g);
    struct db_params *p = db_params_new(&stmt_training_beat);
    db_put_i64(p, (i64)t->id);
    db_call_add(c, &stmt_training_beat, p);
    t->asking = db_call_send(t->g->lane_public, c);
}

static void lost_fires(struct timer *timer)
{
    struct trainings *t = timer->arg;
    timer_set(t->g->loop, timer, LOST_EVERY);
    struct db_call *c = db_call_new(nothing_more, t->g);
    db_call_add(c, &stmt_training_lost, db_params_new(&stmt_training_lost));
    if (!db_call_send(t->g->lane_public, c)) TRACE(ROUTE, "no lane", "trainings");
}

/* --- what the worker is told --- */

static bool line_put(struct text *t, const char *name, const char *value)
{
    text_addf(t, "%s %s\n", name, value);
    return strchr(value, '\n') == NULL;
}

/* How libpq finds the database beside the string itself: the worker has no environment. */
static bool environment_put(struct text *t)
{
    static const char *const names[] = {"HOME",       "PGHOST",        "PGHOSTADDR", "PGPORT",
                                        "PGDATABASE", "PGUSER",        "PGPASSWORD", "PGPASSFILE",
                                        "PGSERVICE",  "PGSERVICEFILE", "PGSSLMODE",  "PGSSLCERT",
                                        "PGSSLKEY",   "PGSSLROOTCERT", "PGOPTIONS"};
    bool good = true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value) good &= line_put(t, names[i], value);
    }
    return good;
}

static bool lines_put(const struct gateway *g, u64 id, struct text *t)
{
    char number[32];
    const long long most =
        g->cfg.training_deadline.us / 1000000 + 1; /* of computing; of the clock is the child's deadline */
    bool good = line_put(t, "database", g->cfg.database);
    good &= line_put(t, "examples", g->cfg.training_examples);
    snprintf(number, sizeof number, "%llu", (unsigned long long)id);
    good &= line_put(t, "run", number);
    snprintf(number, sizeof number, "%d", g->cfg.auto_assign_percent);
    good &= line_put(t, "percent", number);
    snprintf(number, sizeof number, "%zu", g->cfg.training_memory);
    good &= line_put(t, "memory", number);
    snprintf(number, sizeof number, "%lld", most);
    good &= line_put(t, "seconds", number);
    good &= environment_put(t);
    text_addc(t, '\n');
    return good && !t->overflow;
}

static struct child *worker_start(struct trainings *t)
{
    char program[4096];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0) return NULL;
    program[n] = '\0';
    const char *const argv[] = {program, "train", "--worker", NULL};
    return child_start(t->children, argv);
}

void trainings_start(struct gateway *g, u64 id)
{
    struct trainings *t = g->trainings;
    struct text lines;
    text_init(&lines, LINES_MAX);
    /* One that ran here before has ended, or this one would not have been written down. */
    if (t->worker) end_worker(t);
    const bool good = lines_put(g, id, &lines);
    t->id = id;
    t->worker = good ? worker_start(t) : NULL;
    if (t->worker) {
        COUNT(TRAININGS);
        log_line(LOG_INFO, LOG_ROUTE, "training", "training=%llu", (unsigned long long)id);
        child_work(t->worker, text_str(&lines), STR(""), ANSWER_MAX, g->cfg.training_deadline, worker_ended,
                   t);
        timer_set(g->loop, &t->beat, BEAT_EVERY);
    } else {
        log_line(LOG_ERROR, LOG_ROUTE, "no worker for a training", "error=%d", good ? errno : 0);
        fail(t, id, "not_started");
    }
    text_free(&lines);
}

void trainings_stopped(struct gateway *g, u64 id)
{
    struct trainings *t = g->trainings;
    if (t->worker && t->id == id) end_worker(t);
}

struct trainings *trainings_new(struct gateway *g)
{
    struct trainings *t = MEM_NEW(struct trainings);
    *t = (struct trainings){.g = g, .children = children_new(g->loop)};
    t->beat = (struct timer){.fire = beat_fires, .arg = t};
    t->lost = (struct timer){.fire = lost_fires, .arg = t};
    timer_set(g->loop, &t->lost, SPAN_S(1)); /* the lane is being opened */
    return t;
}

void trainings_free(struct trainings **tp)
{
    struct trainings *t = *tp;
    if (!t) return;
    timer_stop(&t->beat);
    timer_stop(&t->lost);
    children_free(&t->children);
    free(t);
    *tp = NULL;
}
