/* The one event loop of the process, over libuv. io/web runs libwebsockets on it as a foreign loop;
 * database and outbound sockets join through `watch`. Everything runs on the thread that calls loop_run,
 * but the `work` of loop_offload. */
#pragma once
#include "base/clock.h"

struct loop;
struct loop *loop_new(void);
void loop_free(struct loop **l); /* all watches, timers and signals must be gone; runs closing handles out */
void loop_run(struct loop *l);   /* until loop_stop */
void loop_stop(struct loop *l);
void *loop_uv(struct loop *l); /* the uv_loop_t, for io/web alone */
/* One turn that does not wait, for tearing a library down outside loop_run. True while handles are still
 * being let go. */
bool loop_turn(struct loop *l);

/* --- sockets of foreign libraries --- */
enum { WATCH_READ = 1, WATCH_WRITE = 2 };
struct watch {
    int fd;
    unsigned want;
    void (*ready)(struct watch *, unsigned got); /* got: WATCH_READ | WATCH_WRITE; on an error both */
    void *arg;
    void *impl; /* owned by the loop; zero before the first use */
};
/* Watches fd for `want`. want 0 stops: call it before the library closes fd. The struct may be freed right
 * after stopping. The number of fd may change between calls. */
void watch_set(struct loop *l, struct watch *w, int fd, unsigned want);

/* --- timers --- */
struct timer {
    void (*fire)(struct timer *);
    void *arg;
    void *impl;
};
/* Fires once, `in` from now (0: at the next turn). A second call moves it. The struct may be freed after
 * timer_stop. */
void timer_set(struct loop *l, struct timer *t, span in);
void timer_stop(struct timer *t);
bool timer_active(const struct timer *t);

/* --- once per turn --- */
/* fn runs at the end of every turn, before the loop sleeps. Up to 8 functions. */
void loop_on_turn_end(struct loop *l, void (*fn)(void *arg), void *arg);
void loop_off_turn_end(struct loop *l, void (*fn)(void *arg), void *arg); /* harmless when it is not there */
void loop_wake(struct loop *l); /* makes sure that another turn comes soon; any thread */

/* --- slow or heavy work --- */
/* Runs work(arg) on the thread pool, then done(arg) on the loop thread. False when over the bound of queued
 * work (256): nothing is called then. */
/* Is this the thread of the loop? For work that must never run there. */
bool loop_here(const struct loop *l);
bool loop_offload(struct loop *l, void (*work)(void *), void (*done)(void *), void *arg) MUST_CHECK;

/* --- signals --- */
void loop_on_signal(struct loop *l, int signum, void (*fn)(void *arg, int signum), void *arg);
void loop_signals_off(struct loop *l);

/* How long the longest turn since the last call took; the gauge mashangdu_loop_stall_seconds. */
span loop_longest_turn(struct loop *l);
