/* io/loop: what callers rely on when they free their structs and close their descriptors. */
#include "io/loop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct rig {
    struct loop *loop;
    int a, b; /* a socket pair */
    struct watch *watch;
    unsigned got, calls;
    struct timer *timer;
    char order[64];
};

static struct rig rig_new(void)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    return (struct rig){.loop = loop_new(), .a = pair[0], .b = pair[1]};
}

static void rig_free(struct rig *r)
{
    loop_free(&r->loop);
    assert_null(r->loop);
    if (r->a >= 0) close(r->a);
    if (r->b >= 0) close(r->b);
}

static void note(struct rig *r, char c)
{
    size_t n = strlen(r->order);
    if (n + 1 < sizeof r->order) r->order[n] = c;
}

/* --- watches --- */

static void read_once_and_drop(struct watch *w, unsigned got)
{
    struct rig *r = w->arg;
    char byte;
    r->got = got;
    r->calls++;
    assert_int_equal(read(w->fd, &byte, 1), 1);
    watch_set(r->loop, w, w->fd, 0);
    close(r->a); /* at once, as libpq and curl do */
    r->a = -1;
    free(w);
    r->watch = NULL;
    loop_stop(r->loop);
}

static void test_watch_freed_and_fd_closed_in_its_own_callback(void **state)
{
    (void)state;
    struct rig r = rig_new();
    r.watch = MEM_NEW(struct watch);
    *r.watch = (struct watch){.ready = read_once_and_drop, .arg = &r};
    watch_set(r.loop, r.watch, r.a, WATCH_READ);
    assert_int_equal(write(r.b, "x", 1), 1);
    loop_run(r.loop);
    assert_int_equal(r.calls, 1);
    assert_int_equal(r.got, WATCH_READ);
    rig_free(&r);
}

static void count_and_stop(struct watch *w, unsigned got)
{
    struct rig *r = w->arg;
    r->got |= got;
    if (++r->calls == 2) loop_stop(r->loop);
}

static void test_watch_stays_in_force_and_changes_its_wish(void **state)
{
    (void)state;
    struct rig r = rig_new();
    struct watch w = {.ready = count_and_stop, .arg = &r};
    watch_set(r.loop, &w, r.a, WATCH_WRITE);
    loop_run(r.loop); /* level-triggered: comes again */
    assert_int_equal(r.got, WATCH_WRITE);
    r.calls = r.got = 0;
    assert_int_equal(write(r.b, "x", 1), 1);
    watch_set(r.loop, &w, r.a, WATCH_READ);
    loop_run(r.loop);
    assert_int_equal(r.got, WATCH_READ);
    watch_set(r.loop, &w, r.a, 0);
    rig_free(&r);
}

static void test_watch_moves_to_another_fd_of_the_same_number(void **state)
{
    (void)state;
    struct rig r = rig_new();
    struct watch w = {.ready = count_and_stop, .arg = &r};
    watch_set(r.loop, &w, r.a, WATCH_READ);
    loop_turn(r.loop);
    watch_set(r.loop, &w, r.a, 0);
    int other = dup(r.b);
    assert_int_equal(dup2(other, r.a), r.a); /* the number lives on as another socket, at once */
    close(other);
    watch_set(r.loop, &w, r.a, WATCH_WRITE);
    loop_run(r.loop);
    assert_int_equal(r.got, WATCH_WRITE);
    watch_set(r.loop, &w, r.a, 0);
    rig_free(&r);
}

static void error_seen(struct watch *w, unsigned got)
{
    struct rig *r = w->arg;
    r->got = got;
    watch_set(r->loop, w, w->fd, 0);
    loop_stop(r->loop);
}

static void test_hang_up_is_told_as_ready(void **state)
{
    (void)state;
    struct rig r = rig_new();
    struct watch w = {.ready = error_seen, .arg = &r};
    watch_set(r.loop, &w, r.a, WATCH_READ);
    close(r.b);
    r.b = -1;
    loop_run(r.loop);
    assert_true(r.got & WATCH_READ);
    rig_free(&r);
}

/* --- timers --- */

static void fire_a(struct timer *t)
{
    struct rig *r = t->arg;
    note(r, 'a');
    assert_false(timer_active(t));
}

static void fire_b_and_stop(struct timer *t)
{
    struct rig *r = t->arg;
    note(r, 'b');
    free(t);
    loop_stop(r->loop);
}

static void test_timers_fire_once_in_order_and_never_early(void **state)
{
    (void)state;
    struct rig r = rig_new();
    struct timer a = {.fire = fire_a, .arg = &r}, never = {.fire = fire_a, .arg = &r};
    struct timer *b = MEM_NEW(struct timer);
    *b = (struct timer){.fire = fire_b_and_stop, .arg = &r};
    instant begin = clock_monotonic();
    timer_set(r.loop, &a, SPAN_MS(1000));
    timer_set(r.loop, &a, SPAN_MS(10)); /* moved */
    timer_set(r.loop, b, SPAN_MS(30));
    timer_set(r.loop, &never, SPAN_MS(5));
    assert_true(timer_active(&never));
    timer_stop(&never);
    timer_stop(&never); /* harmless */
    assert_false(timer_active(&never));
    loop_run(r.loop);
    assert_string_equal(r.order, "ab");
    assert_true(instant_sub(clock_monotonic(), begin).us >= 30000 - 1000); /* libuv counts in milliseconds */
    rig_free(&r);
}

static void set_again(struct timer *t)
{
    struct rig *r = t->arg;
    if (++r->calls < 5) {
        timer_set(r->loop, t, SPAN_US(0));
    } else {
        loop_stop(r->loop);
    }
}

static void test_timer_may_be_set_from_its_own_callback(void **state)
{
    (void)state;
    struct rig r = rig_new();
    struct timer t = {.fire = set_again, .arg = &r};
    timer_set(r.loop, &t, SPAN_US(0));
    loop_run(r.loop);
    assert_int_equal(r.calls, 5);
    rig_free(&r);
}

/* --- turns --- */

static void at_turn_end(void *arg)
{
    struct rig *r = arg;
    note(r, 'e');
    if (++r->calls == 1) loop_wake(r->loop);
    if (r->calls >= 2) loop_stop(r->loop);
}

static void test_turn_end_runs_each_turn_and_a_wake_makes_a_turn(void **state)
{
    (void)state;
    struct rig r = rig_new();
    loop_on_turn_end(r.loop, at_turn_end, &r);
    loop_run(r.loop); /* would sleep for ever without the wake */
    assert_true(r.calls >= 2);
    loop_off_turn_end(r.loop, at_turn_end, &r);
    loop_off_turn_end(r.loop, at_turn_end, &r);
    unsigned before = r.calls;
    loop_turn(r.loop);
    assert_int_equal(r.calls, before);
    rig_free(&r);
}

static void busy(struct timer *t)
{
    struct rig *r = t->arg;
    instant end = instant_add(clock_monotonic(), SPAN_MS(40));
    while (instant_before(clock_monotonic(), end)) continue;
    r->calls++;
    timer_set(r->loop, r->timer, SPAN_S(3)); /* a long sleep must not count */
}

static void end_run(struct timer *t) { loop_stop(((struct rig *)t->arg)->loop); }

static void test_the_longest_turn_counts_work_not_sleep(void **state)
{
    (void)state;
    struct rig r = rig_new();
    struct timer work = {.fire = busy, .arg = &r}, end = {.fire = end_run, .arg = &r};
    r.timer = &end;
    timer_set(r.loop, &work, SPAN_MS(1));
    loop_run(r.loop);
    i64 us = loop_longest_turn(r.loop).us;
    assert_in_range((unsigned long)us, 40000,
                    2900000); /* the work, however slow the machine, and not the sleep */
    assert_int_equal(loop_longest_turn(r.loop).us, 0);
    rig_free(&r);
}

/* --- the pool --- */

struct job {
    struct rig *rig;
    pthread_t ran_on;
    int result;
};

static void work(void *arg)
{
    struct job *j = arg;
    j->ran_on = pthread_self();
    j->result = 42;
}

static void done(void *arg)
{
    struct job *j = arg;
    assert_false(pthread_equal(j->ran_on, pthread_self()));
    assert_int_equal(j->result, 42);
    if (++j->rig->calls == 256) loop_stop(j->rig->loop);
}

static void test_offload_runs_elsewhere_ends_here_and_is_bounded(void **state)
{
    (void)state;
    struct rig r = rig_new();
    static struct job jobs[257];
    for (int i = 0; i < 256; i++) {
        jobs[i] = (struct job){.rig = &r};
        assert_true(loop_offload(r.loop, work, done, &jobs[i]));
    }
    assert_false(loop_offload(r.loop, work, done, &jobs[256]));
    loop_run(r.loop);
    assert_int_equal(r.calls, 256);
    assert_true(loop_offload(r.loop, work, done, &jobs[0])); /* its end is awaited by loop_free */
    rig_free(&r);
    assert_int_equal(r.calls, 257);
}

/* --- signals --- */

static void caught(void *arg, int signum)
{
    struct rig *r = arg;
    r->got = (unsigned)signum;
    loop_stop(r->loop);
}

static void test_signals_reach_the_loop(void **state)
{
    (void)state;
    struct rig r = rig_new();
    loop_on_signal(r.loop, SIGUSR1, caught, &r);
    loop_on_signal(r.loop, SIGUSR2, caught, &r);
    kill(getpid(), SIGUSR2);
    loop_run(r.loop);
    assert_int_equal(r.got, SIGUSR2);
    loop_signals_off(r.loop);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watch_freed_and_fd_closed_in_its_own_callback),
        cmocka_unit_test(test_watch_stays_in_force_and_changes_its_wish),
        cmocka_unit_test(test_watch_moves_to_another_fd_of_the_same_number),
        cmocka_unit_test(test_hang_up_is_told_as_ready),
        cmocka_unit_test(test_timers_fire_once_in_order_and_never_early),
        cmocka_unit_test(test_timer_may_be_set_from_its_own_callback),
        cmocka_unit_test(test_turn_end_runs_each_turn_and_a_wake_makes_a_turn),
        cmocka_unit_test(test_the_longest_turn_counts_work_not_sleep),
        cmocka_unit_test(test_offload_runs_elsewhere_ends_here_and_is_bounded),
        cmocka_unit_test(test_signals_reach_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
