/* Shares and sums as they are printed: never without what they were made of. */
#include "core/figures.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void a_share_is_printed_as_it_is(void **state)
{
    (void)state;
    static const struct {
        i64 num, den;
        const char *text;
    } rows[] = {
        {992, 1000, "99.2%"}, /* the source's satisfaction, with its n */
        {1984, 2000, "99.2%"},  {10, 10, "100.0%"}, {0, 10, "0.0%"},
        {9999, 10000, "99.9%"}, /* one was dissatisfied: not all */
        {1, 100000, "0.1%"},    /* one was satisfied: not none */
        {1, 16, "6.3%"},        /* 6.25 up */
        {50, 53, "94.3%"},      {9, 9, "样本不足"}, {1, 9, "样本不足"},
        {5, 10, "50.0%"},       {0, 0, "无数据"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text t;
        text_init(&t, 100);
        share_text((struct share){rows[i].num, rows[i].den}, &t);
        assert_string_equal(text_z(&t), rows[i].text);
        text_free(&t);
    }
    int permille = 7;
    assert_false(share_permille((struct share){9, 9}, &permille));
    assert_int_equal(permille, 7);
    assert_true(share_permille((struct share){992, 1000}, &permille));
    assert_int_equal(permille, 992);
}

/* The source's period: 53 received and reported, 50 done, 3 open. */
static void what_came_in_is_what_became_of_it(void **state)
{
    (void)state;
    struct figure_cases c = {.received = 53, .closed = 50, .open = 3};
    assert_true(figure_cases_whole(&c));
    c.open = 2;
    assert_false(figure_cases_whole(&c));
    c.merged = 1;
    assert_true(figure_cases_whole(&c));
    c.declined = 1;
    assert_false(figure_cases_whole(&c));
}

/* Refusals and silence stand apart: they change no rate, in neither direction. */
static void refusals_and_silence_are_no_answers(void **state)
{
    (void)state;
    struct figure_callbacks c = {.solved = 992, .unsolved = 8, .rated = {0, 3, 5, 92, 400, 500}};
    struct share before = figure_satisfied(&c), solved = figure_solved(&c);
    assert_int_equal(before.num, 992);
    assert_int_equal(before.den, 1000);
    assert_int_equal(figure_reached(&c), 1000);
    c.refused = 40;
    c.silence = 60;
    c.due = 5;
    c.overtaken = 2;
    struct share after = figure_satisfied(&c);
    assert_memory_equal(&before, &after, sizeof before);
    after = figure_solved(&c);
    assert_memory_equal(&solved, &after, sizeof solved);
    assert_int_equal(figure_reached(&c), 1000);
}

static void every_rate_has_its_formula(void **state)
{
    (void)state;
    for (int r = 0; r < RATES_N; r++) {
        const struct rate_facts *f = rate_facts((enum figure_rate)r);
        assert_non_null(strstr(f->formula, "÷"));
        for (int other = 0; other < r; other++)
            assert_string_not_equal(f->word, rate_facts((enum figure_rate)other)->word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_is_printed_as_it_is),
        cmocka_unit_test(what_came_in_is_what_became_of_it),
        cmocka_unit_test(refusals_and_silence_are_no_answers),
        cmocka_unit_test(every_rate_has_its_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
