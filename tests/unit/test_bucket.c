/* Token buckets: what is allowed, how long to wait, and that a full table forgets the right one. */
#include "core/bucket.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct bucket_rate per_second_burst_3 = {SPAN_S(1), 3};

static void rows_of_one_bucket(void **state)
{
    (void)state;
    static const struct {
        i64 at_ms, wait_ms;
    } rows[] = {
        {0, 0},      {0, 0},      {0, 0},       {0, 1000},
        {0, 1000}, /* burst, then refused; refusals cost nothing */
        {999, 1},    {1000, 0},   {1000, 1000}, {2500, 0},
        {2500, 500},                                            /* one token a second */
        {100000, 0}, {100000, 0}, {100000, 0},  {100000, 1000}, /* never more than the burst saved up */
    };
    struct bucket b = {{0}};
    i64 start = SPAN_H(500000).us;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        span wait = bucket_take(&b, (instant){start + rows[i].at_ms * 1000}, per_second_burst_3);
        assert_int_equal(wait.us, rows[i].wait_ms * 1000);
    }
}

static void a_clock_set_back_does_not_lock_out(void **state)
{
    (void)state;
    struct bucket b = {{0}};
    instant late = {SPAN_H(10).us}, early = {SPAN_H(1).us};
    assert_int_equal(bucket_take(&b, late, per_second_burst_3).us, 0);
    span wait = bucket_take(&b, early, per_second_burst_3);
    assert_true(wait.us <= SPAN_S(1).us);
    assert_int_equal(bucket_take(&b, instant_add(early, wait), per_second_burst_3).us, 0);
}

static void addresses_do_not_share(void **state)
{
    (void)state;
    struct bucket_table t;
    instant now = {SPAN_H(1).us};
    bucket_table_init(&t, 1024);
    for (u64 key = 0; key < 500; key++) {
        u64 hash = key * 0x9e3779b97f4a7c15u;
        for (int i = 0; i < 3; i++)
            assert_int_equal(bucket_table_take(&t, hash, now, per_second_burst_3).us, 0);
    }
    assert_true(bucket_table_take(&t, 0, now, per_second_burst_3).us > 0);
    bucket_table_free(&t);
}

static void a_full_table_keeps_the_busy_and_forgets_the_calm(void **state)
{
    (void)state;
    struct bucket_table t;
    instant now = {SPAN_H(1).us};
    bucket_table_init(&t, 1); /* one set of eight */
    for (int i = 0; i < 3; i++) (void)bucket_table_take(&t, 1000, now, per_second_burst_3);
    for (u64 key = 1; key <= 500; key++) {
        assert_int_equal(bucket_table_take(&t, key, now, per_second_burst_3).us, 0);
        assert_true(bucket_table_take(&t, 1000, now, per_second_burst_3).us > 0); /* still remembered */
    }
    bucket_table_free(&t);
    assert_null(t.slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_one_bucket),
        cmocka_unit_test(a_clock_set_back_does_not_lock_out),
        cmocka_unit_test(addresses_do_not_share),
        cmocka_unit_test(a_full_table_keeps_the_busy_and_forgets_the_calm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
