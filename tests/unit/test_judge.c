/* What tells how sure a decision is: weights that follow what was right, and the least that chance leaves of a share. */
#include "core/judge.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#define N 400
static struct judge_case cases[N];

/* Where the plaque agrees nine of ten are right, elsewhere one of two; the length of a text says nothing. */
static void prepare(void)
{
    memset(cases, 0, sizeof cases);
    for (size_t i = 0; i < N; i++) {
        const bool plaque = i % 2 == 0;
        cases[i].sign[SIGN_ONE] = 1;
        cases[i].sign[SIGN_PLAQUE] = plaque;
        cases[i].sign[SIGN_LENGTH] = (float)(i % 3);
        cases[i].right = plaque ? i % 20 != 0 : i % 4 == 1;
        cases[i].weight = 1;
    }
}

static double sure_of(const struct judge *j, float plaque)
{
    const float sign[JUDGE_SIGNS_N] = {[SIGN_ONE] = 1, [SIGN_PLAQUE] = plaque, [SIGN_LENGTH] = 1};
    return judge_sure(j, sign);
}

static void says_how_often_it_was_right(void **state)
{
    (void)state;
    struct judge j, again;
    prepare();
    judge_fit(cases, N, &j);
    assert_true(j.known);
    assert_true(fabs(sure_of(&j, 1) - 0.9) < 0.03 && fabs(sure_of(&j, 0) - 0.5) < 0.03);
    assert_true(fabsf(j.weight[SIGN_LENGTH]) < 0.2F);
    assert_true(fabsf(j.weight[SIGN_NAMED]) < 1e-6F); /* never met: it says nothing */
    judge_fit(cases, N, &again);
    assert_memory_equal(j.weight, again.weight, sizeof j.weight);
}

static void what_weighs_nothing_is_not_there(void **state)
{
    (void)state;
    struct judge without, few;
    prepare();
    for (size_t i = N / 2; i < N; i++) {
        cases[i].right = !cases[i].right;
        cases[i].weight = 0;
    }
    judge_fit(cases, N, &without);
    judge_fit(cases, N / 2, &few);
    assert_memory_equal(without.weight, few.weight, sizeof few.weight);
    /* Where all were right nothing parts them: no judge, rather than one that is sure of everything. */
    for (size_t i = 0; i < N; i++) cases[i].right = true;
    judge_fit(cases, N, &without);
    assert_false(without.known);
    judge_fit(cases, 0, &without);
    assert_false(without.known);
}

static void chance_is_taken_from_a_share(void **state)
{
    (void)state;
    assert_true(judge_least(0, 0) <= 0);
    assert_true(judge_least(10, 10) < 0.95); /* ten of ten say little */
    assert_true(judge_least(100, 100) > 0.95);
    for (size_t n = 20; n < 2000; n *= 2) {
        assert_true(judge_least(n - n / 20, n) < 0.95); /* 19 of 20 were right: less may be in truth */
        assert_true(judge_least(n - n / 20, n) < judge_least(n * 2 - n / 10, n * 2));
    }
    assert_true(judge_odds(0.5) < 1e-6F && judge_odds(0.5) > -1e-6F);
    assert_true(isfinite(judge_odds(0)) && isfinite(judge_odds(1)) && judge_odds(0) < judge_odds(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_how_often_it_was_right),
                                       cmocka_unit_test(what_weighs_nothing_is_not_there),
                                       cmocka_unit_test(chance_is_taken_from_a_share)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
