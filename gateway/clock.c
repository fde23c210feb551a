#include "clock_part.h"
#include "letters.h"
#include "metrics.h"
#include "outbox.h"
#include "register.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY   SPAN_S(5)    /* when nothing wakes it: other gateways' acts and expired claims */
#define LOOK_SOON    SPAN_MS(250) /* after a wake: what was stored meanwhile is seen in one look */
#define CLAIM_MARGIN SPAN_S(5)    /* a claim lives this much longer than a call may take */
#define PARK         SPAN_S(300)  /* a case that the database refuses alone */
#define RETRY        SPAN_S(1)    /* one that was only in somebody's way */
#define COUNT_MAX    "100000"     /* of what waits, for the gauge */
#define MARK_MOST    200          /* cases that are marked in one transaction */
#define BATCH_ARENA  (8u << 20)

/* Whose clock says what is due: the gateway's, which also stands in the acts. Whose says how long a claim lives: the
 * database's, because claims are between gateways. */
static const struct db_stmt stmt_clock_claim = {
    "clock_claim",
    "with due as (update cases c set claimed_until = now() + make_interval(secs => $3) "
    "  where c.id in (select id from cases where next_at <= $1 and (claimed_until is null or claimed_until < now()) "
    "    order by next_at limit $2 for update skip locked) returning " CASEWORK_COLUMNS ") "
    "select * from due order by next_at, id",
    3,
    {DB_TIMESTAMPTZ, DB_INT4, DB_FLOAT8}};
/* All rows of a batch before the first number of an event is taken: whoever holds event_head waits for no row. */
static const struct db_stmt stmt_clock_lock = {
    "clock_lock", "select id from cases where id = any ($1) order by id for no key update", 1, {DB_INT8S}};
static const struct db_stmt stmt_clock_release = {
    "clock_release",
    "update cases set claimed_until = case when $2 > 0 then now() + make_interval(secs => $2) end where id = any ($1)",
    2,
    {DB_INT8S, DB_FLOAT8}};
static const struct db_stmt stmt_clock_look = {
    "clock_look",
    "select (select min(next_at) from cases where next_at > $1), "
    "(select min(next_at) from cases where next_at <= $1 and next_act <> 'settle'), "
    "(select count(*) from (select from cases where next_at <= $1 limit " COUNT_MAX ") t)",
    1,
    {DB_TIMESTAMPTZ}};
/* Cases that wait for a calendar: without a deadline that should run, or without a next step. Some at a time, in the order of
 * their numbers: whoever works on one of them waits for this. */
static const struct db_stmt stmt_clock_mark = {
    "clock_mark",
    "with u as (update cases set next_at = $1, next_act = 'settle', next_rung = 0, claimed_until = null where id in "
    "(select id from cases where id > $2 and state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') "
    "and (next_at is null or (handling_due is null and state in ('assigned', 'handling', 'replied'))) "
    "order by id limit $3 for no key update) returning id) select count(*), max(id) from u",
    3,
    {DB_TIMESTAMPTZ, DB_INT8, DB_INT4}};

const struct db_stmt *const clock_statements[] = {&stmt_clock_claim, &stmt_clock_lock, &stmt_clock_release,
                                                  &stmt_clock_look,  &stmt_clock_mark, &stmt_clock_acts,
                                                  &stmt_clock_settle};
const size_t n_clock_statements = ARRAY_LEN(clock_statements);

struct clock {
    struct gateway *g;
    struct timer timer;
    unsigned out;  /* calls out */
    bool claiming; /* one of them is a claim, or what was claimed is not sent to be written yet */
    bool want;     /* there may be something to claim */
    bool woken;    /* since the timer fired last */
    bool unmarked; /* the calendar changed, and the cases that wait for it are not marked yet */
    i64 marked_to; /* the last case of this marking, 0 before its first */
    i64 n_marked;  /* by this marking */
    int alone;     /* so many cases go by themselves, because a batch of them failed */
    double late, waiting;
};

static void run(struct clock *k);

static void sleep_for(struct clock *k, span s) { timer_set(k->g->loop, &k->timer, s); }

/* --- batches --- */

static void batch_free(struct clock_batch *b)
{
    free(b->jobs);
    arena_free(&b->arena);
    free(b);
}

static void put_ids(struct db_params *p, const struct clock_batch *b)
{
    db_array_begin(p, DB_INT8, b->n);
    for (size_t i = 0; i < b->n; i++) db_put_i64(p, b->jobs[i].step.before.view.id);
    db_array_end(p);
}

/* One call of the clock less is out. A broken connection is not asked again at once. */
static void ended(struct clock *k, enum db_end end)
{
    k->out--;
    if (end != DB_LOST)
        run(k);
    else if (k->out == 0)
        sleep_for(k, LOOK_EVERY);
}

static void released(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct clock *k = arg;
    (void)results, (void)n, (void)error; /* not released: the claims expire */
    k->want = true;
    ended(k, end);
}

static void release(struct clock_batch *b, span park)
{
    struct clock *k = b->clock;
    struct db_call *c = db_call_new(released, k);
    struct db_params *p = db_params_new(&stmt_clock_release);
    put_ids(p, b);
    db_put_f64(p, (double)park.us / 1e6);
    db_call_add(c, &stmt_clock_release, p);
    if (db_call_send(k->g->lane_clock, c)) k->out++;
}

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct clock_batch *b = arg;
    struct clock *k = b->clock;
    (void)n;
    if (end == DB_OK) {
        if (b->told) outbox_wake(k->g);
        for (size_t i = 0; i < b->n; i++) {
            const struct clock_job *job = &b->jobs[i];
            if (job->write < 0) continue;
            if (db_rows(results[job->write]))
                clock_job_count(job);
            else
                COUNT(CLOCK_CONFLICTS);
        }
    } else if (end == DB_FAILED && b->n > 1) {
        log_line(LOG_WARNING, LOG_CLOCK, "a batch is refused; its cases go one by one", "n=%zu sqlstate=%s",
                 b->n, error->sqlstate);
        k->alone += (int)b->n;
        release(b, SPAN_S(0));
    } else if (end == DB_FAILED) {
        COUNT(CLOCK_FAILED);
        log_line(LOG_ERROR, LOG_CLOCK, "a step is refused by the database; tried again later",
                 "case=%lld sqlstate=%s constraint=%s text=\"%s\"", (long long)b->jobs[0].step.before.view.id,
                 error->sqlstate, error->constraint, error->message);
        release(b, db_passing(error) ? RETRY : PARK);
    } /* lost: stored or not, the version check makes it once; the claims expire */
    batch_free(b);
    ended(k, end);
}

/* reads: as for write_batch. */
static bool add_jobs(struct clock_batch *b, struct db_call *c, const struct db_result *const *reads)
{
    int statement = 1;
    struct db_params *p = db_params_new(&stmt_clock_lock);
    put_ids(p, b);
    db_call_add(c, &stmt_clock_lock, p);
    for (size_t i = 0; i < b->n; i++) {
        struct clock_job *job = &b->jobs[i];
        if (job->write < 0) continue;
        if (!clock_job_add(b->g, c, job)) return false;
        job->write = statement++;
    }
    for (size_t i = 0; i < b->n; i++)
        if (b->jobs[i].write >= 0 && b->jobs[i].acts) letters_add_draft(b->g, c, &b->jobs[i].step);
    for (size_t i = 0; i < b->n; i++) {
        const struct clock_job *job = &b->jobs[i];
        if (job->write < 0 || !job->acts || !job->tells || !reads) continue;
        const struct callback_news news = casework_news(&job->step);
        b->told += callbacks_add_tell(b->g, c, reads[job->read], &news);
    }
    return true;
}

/* reads: acts of jobs that lack a deadline and reporters of those that are told of, or NULL. */
static void write_batch(struct clock_batch *b, const struct db_result *const *reads)
{
    struct clock *k = b->clock;
    const instant now = clock_now();
    struct db_call *c = db_call_new(written, b);
    for (size_t i = 0; i < b->n; i++) {
        struct clock_job *job = &b->jobs[i];
        bool judged = clock_job_judge(b, job, now, reads && job->lacks ? reads[job->read] : NULL);
        job->write = judged ? 0 : -1; /* not judged: numbers ran out, its claim expires */
    }
    k->claiming = false;
    if (!add_jobs(b, c, reads)) {
        log_line(LOG_ERROR, LOG_CLOCK, "a batch cannot be written", "n=%zu", b->n);
        db_call_drop(&c);
        batch_free(b);
    } else if (db_call_send(k->g->lane_clock, c)) {
        k->out++;
    } else {
        batch_free(b);
    }
}

static void have_reads(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct clock_batch *b = arg;
    struct clock *k = b->clock;
    (void)n, (void)error;
    if (end == DB_OK && !k->g->draining && register_ready(k->g)) {
        write_batch(b, results);
    } else {
        k->claiming = false;
        batch_free(b);
    }
    ended(k, end);
}

static void read_first(struct clock_batch *b)
{
    struct clock *k = b->clock;
    struct db_call *c = db_call_new(have_reads, b);
    int statement = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct clock_job *job = &b->jobs[i];
        if (!job->lacks && !job->tells) continue;
        const struct db_stmt *stmt = job->lacks ? &stmt_clock_acts : &stmt_callbacks_told;
        struct db_params *p = db_params_new(stmt);
        db_put_i64(p, job->step.before.view.id);
        db_call_add(c, stmt, p);
        job->read = statement++;
    }
    if (db_call_send(k->g->lane_clock, c)) {
        k->out++;
    } else {
        k->claiming = false;
        batch_free(b);
    }
}

static void batch_take(struct clock *k, const struct db_result *r)
{
    struct clock_batch *b = MEM_NEW(struct clock_batch);
    bool reads = false;
    b->clock = k;
    b->g = k->g;
    b->n = (size_t)db_rows(r); /* at most the limit of the claim */
    b->jobs = mem_alloc(b->n * sizeof *b->jobs);
    arena_init(&b->arena, BATCH_ARENA);
    for (size_t i = 0; i < b->n; i++) {
        struct clock_job *job = &b->jobs[i];
        struct case_row *row = &job->step.before;
        casework_row(r, (int)i, row);
        struct str *texts[] = {&row->category, &row->urgency, &row->channel, &row->higher};
        for (size_t t = 0; t < ARRAY_LEN(texts); t++)
            if (texts[t]->n) *texts[t] = arena_str(&b->arena, *texts[t]);
        job->read = job->write = -1;
        job->lacks = row->clocks.settle && clocks_lack(&row->view, &row->clocks);
        job->tells = !row->clocks.settle && callbacks_tell(row->clocks.next_act);
        reads |= job->lacks || job->tells;
    }
    if (reads)
        read_first(b);
    else
        write_batch(b, NULL);
}

/* --- claiming and waiting --- */

static void claimed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct clock *k = arg;
    const int rows = end == DB_OK ? db_rows(results[0]) : 0;
    (void)n;
    if (end != DB_OK) /* what was claimed all the same expires */
        log_line(LOG_WARNING, LOG_CLOCK, "nothing claimed", "sqlstate=%s", error->sqlstate);
    k->want = rows > 0; /* a step may make the next one of its case due */
    if (rows == 0 || k->g->draining || !register_ready(k->g))
        k->claiming = false;
    else
        batch_take(k, results[0]);
    ended(k, end);
}

static bool claim(struct clock *k)
{
    const struct config *cfg = &k->g->cfg;
    struct db_call *c = db_call_new(claimed, k);
    struct db_params *p = db_params_new(&stmt_clock_claim);
    db_put_instant(p, clock_now());
    db_put_i32(p, k->alone ? 1 : cfg->clock_batch);
    db_put_f64(p, (double)(cfg->db_statement_deadline.us + CLAIM_MARGIN.us) / 1e6);
    db_call_add(c, &stmt_clock_claim, p);
    if (!db_call_send(k->g->lane_clock, c)) return false;
    if (k->alone) k->alone--;
    k->out++;
    k->claiming = true;
    return true;
}

static void looked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct clock *k = arg;
    const instant now = clock_now();
    span wait = LOOK_EVERY;
    (void)n, (void)error;
    k->out--;
    if (end == DB_OK) {
        const struct db_result *r = results[0];
        const instant next = db_get_instant(r, 0, 0), oldest = db_get_instant(r, 0, 1);
        k->late = oldest.us ? (double)instant_sub(now, oldest).us / 1e6 : 0;
        k->waiting = (double)db_get_i64(r, 0, 2);
        if (next.us) wait.us = MIN(wait.us, MAX(instant_sub(next, now).us, SPAN_MS(1).us));
    }
    if (k->woken) wait.us = MIN(wait.us, LOOK_SOON.us);
    sleep_for(k, wait);
}

static bool look(struct clock *k)
{
    struct db_call *c = db_call_new(looked, k);
    struct db_params *p = db_params_new(&stmt_clock_look);
    db_put_instant(p, clock_now());
    db_call_add(c, &stmt_clock_look, p);
    if (!db_call_send(k->g->lane_clock, c)) return false;
    k->out++;
    return true;
}

static void count_marked(struct clock *k, i64 n, i64 last)
{
    k->n_marked += n;
    if (k->unmarked) return; /* another calendar came meanwhile: from the first case again */
    if (n == MARK_MOST) {
        k->marked_to = last;
        k->unmarked = k->want = true;
        return;
    }
    if (k->n_marked)
        log_line(LOG_INFO, LOG_CLOCK, "cases are computed again over the calendar", "n=%lld",
                 (long long)k->n_marked);
    k->marked_to = k->n_marked = 0;
}

static void marked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct clock *k = arg;
    (void)n;
    if (end != DB_OK) {
        k->unmarked = true;
        k->want = false; /* not again before the next look */
        log_line(LOG_WARNING, LOG_CLOCK, "cases that wait for a calendar are not marked; tried again",
                 "sqlstate=%s", error->sqlstate);
    } else {
        count_marked(k, db_get_i64(results[0], 0, 0), db_get_i64(results[0], 0, 1));
    }
    ended(k, end);
}

static bool mark(struct clock *k)
{
    struct db_call *c = db_call_new(marked, k);
    struct db_params *p = db_params_new(&stmt_clock_mark);
    db_put_instant(p, clock_now());
    db_put_i64(p, k->marked_to);
    db_put_i32(p, MARK_MOST);
    db_call_add(c, &stmt_clock_mark, p);
    if (!db_call_send(k->g->lane_clock, c)) return false;
    k->out++;
    k->unmarked = false;
    return true;
}

/* Claims while there is something; the next claim is on its way while a batch is being written, behind it on the same
 * connection, so it sees what the batch made due. When all has ended, looks when to come back. */
static void run(struct clock *k)
{
    struct gateway *g = k->g;
    if (k->claiming || g->draining) return;
    bool sent = k->out > 0;
    if (g->key_right && register_ready(g)) {
        if (k->want && k->unmarked) sent |= mark(k);
        if (k->want)
            sent |= claim(k);
        else if (k->out == 0)
            sent = look(k);
    }
    if (!sent) sleep_for(k, LOOK_SOON);
}

static void timer_fires(struct timer *t)
{
    struct clock *k = t->arg;
    k->woken = false;
    k->want = true;
    run(k);
}

void clock_wake(struct gateway *g)
{
    struct clock *k = g->clock;
    if (!k || k->woken) return; /* the look that follows sees this one too */
    k->woken = true;
    if (k->out == 0) sleep_for(k, LOOK_SOON);
}

void clock_calendar_changed(struct gateway *g)
{
    if (!g->clock) return; /* it begins with a mark */
    g->clock->unmarked = true;
    g->clock->marked_to = 0; /* what was marked over the calendar before is marked again */
    clock_wake(g);
}

double clock_late_seconds(const struct clock *k) { return k->late; }
double clock_waiting(const struct clock *k) { return k->waiting; }

struct clock *clock_new(struct gateway *g)
{
    struct clock *k = MEM_NEW(struct clock);
    k->g = g;
    k->unmarked = true;
    k->timer = (struct timer){.fire = timer_fires, .arg = k};
    sleep_for(k, LOOK_SOON);
    return k;
}

void clock_free(struct clock **kp)
{
    struct clock *k = *kp;
    if (!k) return;
    ASSERT(k->out == 0); /* db_free has ended every call before */
    timer_stop(&k->timer);
    free(k);
    *kp = NULL;
}
