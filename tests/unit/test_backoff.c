/* Pauses between tries and quiet hours: pure rules of the outbox. */
#include "core/backoff.h"
#include "core/quiet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void pauses_double_up_to_the_ceiling(void **state)
{
    (void)state;
    static const struct {
        i64 first_s, most_s;
        unsigned failures;
        i64 pause_s;
    } rows[] = {
        {5, 3600, 1, 5},
        {5, 3600, 2, 10},
        {5, 3600, 3, 20},
        {5, 3600, 10, 2560},
        {5, 3600, 11, 3600},
        {5, 3600, 4000000000u, 3600},
        {5, 3600, 0, 5},
        {60, 30, 1, 30}, /* the ceiling holds */
        {86400, 86400000, 64, 86400000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct backoff b = {SPAN_S(rows[i].first_s), SPAN_S(rows[i].most_s)};
        i64 whole = backoff_pause(b, rows[i].failures, 0).us;
        assert_int_equal(whole, rows[i].pause_s * 1000000);
        for (u32 r = 0; r < 5000; r += 7) { /* spread over the last quarter, never over the ceiling */
            i64 p = backoff_pause(b, rows[i].failures, r).us;
            assert_true(p <= whole && p >= whole * 3 / 4);
        }
        assert_true(backoff_pause(b, rows[i].failures, 999).us < whole);
    }
    assert_int_equal(backoff_pause((struct backoff){SPAN_S(0), SPAN_S(0)}, 1, 0).us,
                     1000); /* never a busy loop */
}

static void a_wish_is_honoured_within_reason(void **state)
{
    (void)state;
    const struct backoff b = {SPAN_S(5), SPAN_S(60)}, slow = {SPAN_S(5), SPAN_H(48)};
    assert_int_equal(backoff_asked(b, SPAN_S(0), 1, 0).us, SPAN_S(5).us);
    assert_int_equal(backoff_asked(b, SPAN_S(2), 9, 0).us, SPAN_S(2).us);
    assert_int_equal(backoff_asked(b, SPAN_S(3600), 1, 0).us,
                     SPAN_S(3600).us); /* over our own ceiling: theirs counts */
    assert_int_equal(backoff_asked(b, SPAN_H(1000000), 1, 0).us, SPAN_H(24).us);
    assert_int_equal(backoff_asked(slow, SPAN_H(1000000), 1, 0).us, SPAN_H(48).us);
}

/* 2026-03-18 at hour:minute in China. */
static instant at(int hour, int minute)
{
    return (instant){1773763200000000 + SPAN_H(hour).us + SPAN_MIN(minute).us};
}

static void quiet_hours_are_read(void **state)
{
    (void)state;
    struct quiet q;
    assert_true(quiet_parse(STR("21:00-08:00"), &q));
    assert_int_equal(q.from, 1260);
    assert_int_equal(q.to, 480);
    assert_true(quiet_parse(STR(" 9:30 - 24:00 "), &q));
    assert_int_equal(q.from, 570);
    assert_int_equal(q.to, 0);
    assert_true(quiet_parse(STR("none"), &q));
    assert_int_equal(q.from, q.to);
    static const struct str wrong[] = {STR(""),
                                       STR("21-8"),
                                       STR("21:00"),
                                       STR("25:00-08:00"),
                                       STR("21:60-8:00"),
                                       STR("21:00-24:01"),
                                       STR("21:0-08:00"),
                                       STR("-"),
                                       STR("abends"),
                                       STR("021:00-8:00"),
                                       STR("21:00-08:00-09:00")};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) assert_false(quiet_parse(wrong[i], &q));
}

static void quiet_ends_when_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *hours;
        int hour, minute, left; /* minutes */
    } rows[] = {
        {"21:00-08:00", 20, 59, 0}, {"21:00-08:00", 21, 0, 660}, {"21:00-08:00", 23, 59, 481},
        {"21:00-08:00", 0, 0, 480}, {"21:00-08:00", 7, 59, 1},   {"21:00-08:00", 8, 0, 0},
        {"21:00-08:00", 12, 0, 0},  {"12:00-14:00", 11, 59, 0},  {"12:00-14:00", 12, 0, 120},
        {"12:00-14:00", 13, 59, 1}, {"12:00-14:00", 14, 0, 0},   {"20:00-24:00", 23, 0, 60},
        {"20:00-24:00", 0, 0, 0},   {"00:00-06:00", 5, 30, 30},  {"none", 3, 0, 0},
        {"08:00-08:00", 9, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct quiet q;
        assert_true(quiet_parse(str_of(rows[i].hours), &q));
        assert_int_equal(quiet_left(q, at(rows[i].hour, rows[i].minute)).us, SPAN_MIN(rows[i].left).us);
    }
    struct quiet q = {1260, 480};
    assert_int_equal(quiet_left(q, (instant){-SPAN_H(10).us}).us, SPAN_H(10).us); /* before 1970 as well */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_double_up_to_the_ceiling),
        cmocka_unit_test(a_wish_is_honoured_within_reason),
        cmocka_unit_test(quiet_hours_are_read),
        cmocka_unit_test(quiet_ends_when_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
