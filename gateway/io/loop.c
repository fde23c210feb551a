#include "io/loop.h"
#include "base/list.h"
#include <stdlib.h>
#include <uv.h>

/* libuv closes handles one turn later and reads them until then. So no handle ever sits in a caller's
 * struct: each lives in a node of its own, freed in its close callback, and the caller's struct and the
 * node only point at each other while the watch, timer or signal is in force. */

#define TURN_END_MAX 8
#define OFFLOAD_MAX  256

struct turn_end {
    void (*fn)(void *arg);
    void *arg;
};

struct loop {
    uv_loop_t uv;
    uv_prepare_t prepare;
    uv_async_t async;
    struct list spare_timers; /* stopped uv_timer_t nodes, used again */
    struct list signals;
    struct turn_end turn_end[TURN_END_MAX];
    size_t n_turn_end;
    unsigned offloaded;
    uv_thread_t thread; /* that made it and runs it */
    bool stop;
    instant turn_began; /* end of the turn before */
    u64 idle_ns;        /* uv_metrics_idle_time then */
    span longest;
};

struct watch_node {
    uv_poll_t poll;
    struct watch *owner;
    int fd;
    unsigned want;
};
struct timer_node {
    uv_timer_t uv;
    struct loop *loop;
    struct timer *owner;
    struct list node;
};
struct signal_node {
    uv_signal_t uv;
    struct list node;
    void (*fn)(void *, int);
    void *arg;
};
struct offload {
    uv_work_t req;
    struct loop *loop;
    void (*work)(void *), (*done)(void *);
    void *arg;
};

static void free_handle(uv_handle_t *h) { free(h->data); }

/* --- life --- */

static void measure_turn(struct loop *l)
{
    instant now = clock_monotonic();
    u64 idle = uv_metrics_idle_time(&l->uv);
    i64 busy = instant_sub(now, l->turn_began).us - (i64)((idle - l->idle_ns) / 1000);
    if (busy > l->longest.us) l->longest.us = busy;
    l->turn_began = now;
    l->idle_ns = idle;
}

static void turn_ended(uv_prepare_t *h)
{
    struct loop *l = h->data;
    for (size_t i = 0; i < l->n_turn_end; i++) l->turn_end[i].fn(l->turn_end[i].arg);
    measure_turn(l);
}

static void woken(uv_async_t *h) { (void)h; } /* the turn itself is what was asked for */

struct loop *loop_new(void)
{
    struct loop *l = MEM_NEW(struct loop);
    list_init(&l->spare_timers);
    list_init(&l->signals);
    ASSERT(uv_loop_init(&l->uv) == 0);
    ASSERT(uv_loop_configure(&l->uv, UV_METRICS_IDLE_TIME) == 0);
    ASSERT(uv_prepare_init(&l->uv, &l->prepare) == 0);
    ASSERT(uv_async_init(&l->uv, &l->async, woken) == 0);
    l->prepare.data = l;
    l->thread = uv_thread_self();
    ASSERT(uv_prepare_start(&l->prepare, turn_ended) == 0);
    l->turn_began = clock_monotonic();
    return l;
}

static void must_be_closing(uv_handle_t *h, void *arg)
{
    (void)arg;
    ASSERT(uv_is_closing(h)); /* else somebody kept a watch, a timer or a listener */
}

void loop_free(struct loop **lp)
{
    struct loop *l = *lp;
    if (!l) return;
    loop_signals_off(l);
    LIST_EACH(&l->spare_timers, it)
    uv_close((uv_handle_t *)&LIST_OF(it, struct timer_node, node)->uv, free_handle);
    uv_prepare_stop(&l->prepare);
    uv_close((uv_handle_t *)&l->prepare, NULL);
    uv_close((uv_handle_t *)&l->async, NULL);
    uv_walk(&l->uv, must_be_closing, NULL);
    uv_run(&l->uv, UV_RUN_DEFAULT); /* closing handles and work on the pool */
    ASSERT(uv_loop_close(&l->uv) == 0);
    free(l);
    *lp = NULL;
}

void loop_run(struct loop *l)
{
    l->turn_began = clock_monotonic();
    l->idle_ns = uv_metrics_idle_time(&l->uv);
    while (!l->stop) uv_run(&l->uv, UV_RUN_DEFAULT);
    l->stop = false;
}

void loop_stop(struct loop *l)
{
    l->stop = true;
    uv_stop(&l->uv);
}

void *loop_uv(struct loop *l) { return &l->uv; }

static void see_closing(uv_handle_t *h, void *arg)
{
    if (uv_is_closing(h)) *(bool *)arg = true;
}

bool loop_turn(struct loop *l)
{
    bool closing = false;
    uv_run(&l->uv, UV_RUN_NOWAIT);
    uv_walk(&l->uv, see_closing, &closing);
    return closing;
}

/* --- sockets --- */

static void poll_event(uv_poll_t *h, int status, int events);

static void start_poll(struct watch_node *n, unsigned want)
{
    int events = (want & WATCH_READ ? UV_READABLE : 0) | (want & WATCH_WRITE ? UV_WRITABLE : 0);
    n->want = want;
    ASSERT(uv_poll_start(&n->poll, events, poll_event) == 0);
}

static void poll_event(uv_poll_t *h, int status, int events)
{
    struct watch_node *n = h->data;
    struct watch *w = n->owner;
    if (!w) return;
    unsigned got = (events & UV_READABLE ? WATCH_READ : 0) | (events & UV_WRITABLE ? WATCH_WRITE : 0);
    if (status < 0) {
        /* libuv has stopped the handle. The owner learns the reason by reading or writing; a watch that it
         * keeps stays in force, as after any other event. */
        start_poll(n, n->want);
        got = WATCH_READ | WATCH_WRITE;
    }
    w->ready(w, got);
}

static void drop_watch(struct watch *w)
{
    struct watch_node *n = w->impl;
    if (!n) return;
    n->owner = NULL;
    w->impl = NULL;
    uv_poll_stop(&n->poll); /* off the epoll set now: the fd may be closed as soon as we return */
    uv_close((uv_handle_t *)&n->poll, free_handle);
}

void watch_set(struct loop *l, struct watch *w, int fd, unsigned want)
{
    struct watch_node *n = w->impl;
    if (n && (n->fd != fd || want == 0)) {
        drop_watch(w);
        n = NULL;
    }
    w->fd = fd;
    w->want = want;
    if (want == 0) return;
    if (!n) {
        n = MEM_NEW(struct watch_node);
        n->owner = w;
        n->fd = fd;
        ASSERT(uv_poll_init(&l->uv, &n->poll, fd) == 0);
        n->poll.data = n;
        w->impl = n;
    } else if (n->want == want) {
        return; /* each uv_poll_start costs two system calls */
    }
    start_poll(n, want);
}

/* --- timers --- */

static void timer_fired(uv_timer_t *h)
{
    struct timer_node *n = h->data;
    struct timer *t = n->owner;
    timer_stop(t);
    t->fire(t);
}

void timer_set(struct loop *l, struct timer *t, span in)
{
    struct timer_node *n = t->impl;
    if (!n) {
        struct list *spare = list_pop(&l->spare_timers);
        if (spare) {
            n = LIST_OF(spare, struct timer_node, node);
        } else {
            n = MEM_NEW(struct timer_node);
            list_init(&n->node);
            n->loop = l;
            ASSERT(uv_timer_init(&l->uv, &n->uv) == 0);
            n->uv.data = n;
        }
        n->owner = t;
        t->impl = n;
    }
    uv_update_time(&l->uv); /* else a long turn would make the timer fire early */
    u64 ms = in.us <= 0 ? 0 : ((u64)in.us + 999) / 1000;
    ASSERT(uv_timer_start(&n->uv, timer_fired, ms, 0) == 0);
}

void timer_stop(struct timer *t)
{
    struct timer_node *n = t->impl;
    if (!n) return;
    uv_timer_stop(&n->uv);
    t->impl = NULL;
    n->owner = NULL;
    list_push(&n->loop->spare_timers, &n->node);
}

bool timer_active(const struct timer *t) { return t->impl != NULL; }

/* --- turns --- */

void loop_on_turn_end(struct loop *l, void (*fn)(void *arg), void *arg)
{
    ASSERT(l->n_turn_end < TURN_END_MAX);
    l->turn_end[l->n_turn_end++] = (struct turn_end){fn, arg};
}

void loop_off_turn_end(struct loop *l, void (*fn)(void *arg), void *arg)
{
    for (size_t i = 0; i < l->n_turn_end; i++) {
        if (l->turn_end[i].fn != fn || l->turn_end[i].arg != arg) continue;
        for (size_t k = i + 1; k < l->n_turn_end; k++) l->turn_end[k - 1] = l->turn_end[k];
        l->n_turn_end--;
        return;
    }
}

void loop_wake(struct loop *l) { ASSERT(uv_async_send(&l->async) == 0); }

span loop_longest_turn(struct loop *l)
{
    span longest = l->longest;
    l->longest = SPAN_US(0);
    return longest;
}

/* --- the thread pool --- */

static void run_offloaded(uv_work_t *req)
{
    struct offload *o = req->data;
    o->work(o->arg);
}

static void end_offloaded(uv_work_t *req, int status)
{
    struct offload *o = req->data;
    ASSERT(status == 0); /* nothing here cancels work */
    o->loop->offloaded--;
    o->done(o->arg);
    free(o);
}

bool loop_here(const struct loop *l)
{
    const uv_thread_t self = uv_thread_self();
    return uv_thread_equal(&self, &l->thread) != 0;
}

bool loop_offload(struct loop *l, void (*work)(void *), void (*done)(void *), void *arg)
{
    if (l->offloaded >= OFFLOAD_MAX) return false;
    struct offload *o = MEM_NEW(struct offload);
    *o = (struct offload){.loop = l, .work = work, .done = done, .arg = arg};
    o->req.data = o;
    ASSERT(uv_queue_work(&l->uv, &o->req, run_offloaded, end_offloaded) == 0);
    l->offloaded++;
    return true;
}

/* --- signals --- */

static void signal_came(uv_signal_t *h, int signum)
{
    struct signal_node *n = h->data;
    n->fn(n->arg, signum);
}

void loop_on_signal(struct loop *l, int signum, void (*fn)(void *arg, int signum), void *arg)
{
    struct signal_node *n = MEM_NEW(struct signal_node);
    n->fn = fn;
    n->arg = arg;
    ASSERT(uv_signal_init(&l->uv, &n->uv) == 0);
    n->uv.data = n;
    ASSERT(uv_signal_start(&n->uv, signal_came, signum) == 0);
    list_push(&l->signals, &n->node);
}

void loop_signals_off(struct loop *l)
{
    for (struct list *it = list_pop(&l->signals); it; it = list_pop(&l->signals))
        uv_close((uv_handle_t *)&LIST_OF(it, struct signal_node, node)->uv, free_handle);
}
