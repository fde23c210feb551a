/* When decisions count as worse than promised, which examples a comparison holds back, and how it counts. */
#include "core/drift.h"
#include "train_compare.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static bool worse(i64 all, i64 wrong, i64 promised, i64 promised_wrong)
{
    return drift_worse((struct drift_count){all, wrong}, (struct drift_count){promised, promised_wrong});
}

static void drifting(void **state)
{
    (void)state;
    assert_false(worse(0, 0, 0, 0));
    assert_false(worse(500, 400, 0, 0));    /* nothing was promised */
    assert_false(worse(29, 29, 1000, 0));   /* too few to say */
    assert_false(worse(500, 500, 19, 0));   /* the promise was too small a measurement */
    assert_false(worse(500, 25, 1000, 50)); /* as promised */
    assert_false(worse(500, 10, 1000, 50)); /* better */
    assert_false(worse(100, 8, 1000, 50));  /* a little worse, as chance has it */
    assert_true(worse(100, 20, 1000, 50));
    assert_true(worse(500, 50, 1000, 50));
    assert_false(worse(500, 0, 1000, 0));
    assert_true(worse(500, 500, 1000, 0));
    assert_false(worse(500, 500, 1000, 1000));
    /* A small promise is believed less. */
    assert_false(worse(60, 8, 20, 1));
    assert_true(worse(60, 8, 2000, 60));
}

#define N 400
static struct train_case cases[N];
static bool held[N];

static void prepare(size_t unseen)
{
    for (size_t i = 0; i < N; i++)
        cases[i] = (struct train_case){.e = {.category = STR("0101"), .group = (u32)(i / 2 + 1)},
                                       .unseen = i < unseen};
}

/* Both of a group stand on one side, and the same call holds back the same. */
static void check_groups(bool live)
{
    static bool again[N];
    bool fresh;
    size_t matters;
    const size_t n = train_hold_back(cases, N, live, again, &fresh, &matters);
    size_t count = 0;
    for (size_t i = 0; i < N; i += 2) assert_int_equal(held[i], held[i + 1]);
    for (size_t i = 0; i < N; i++) count += held[i];
    assert_int_equal(count, n);
    assert_int_equal(matters, n / 2);
    assert_memory_equal(held, again, sizeof held);
}

static void holding_back(void **state)
{
    bool fresh;
    size_t matters;
    (void)state;
    prepare(N);
    size_t n = train_hold_back(cases, N, false, held, &fresh, &matters);
    assert_true(fresh && n > N / 10 && n < N / 3); /* about a fifth */
    check_groups(false);
    /* Against a model in force only what it cannot have seen. */
    prepare(100);
    n = train_hold_back(cases, N, true, held, &fresh, &matters);
    assert_true(fresh && n >= TRAIN_HELD_MIN && n < 80);
    for (size_t i = 100; i < N; i++) assert_false(held[i]);
    check_groups(true);
    /* Too few of those: all are taken, and it is said. */
    prepare(10);
    n = train_hold_back(cases, N, true, held, &fresh, &matters);
    assert_true(!fresh && n >= TRAIN_HELD_MIN);
    check_groups(true);
    /* What has no matter cannot be compared. */
    for (size_t i = 0; i < N; i++) cases[i].e.category = STR("");
    assert_int_equal(train_hold_back(cases, N, false, held, &fresh, &matters), 0);
    assert_int_equal(matters, 0);
}

static const struct routing_unit units[] = {
    {.id = 1, .code = {"U000", 4}, .kind = {"office", 6}, .name = {"优化办", 9}, .short_name = {"优化办", 9}},
    {.id = 2, .code = {"U001", 4}, .kind = {"unit", 4}, .name = {"住建局", 9}, .short_name = {"住建局", 9}}};
static const struct routing_category categories[] = {{.code = {"01", 2}, .name = {"市政", 6}, .unit_id = 2},
                                                     {.code = {"0101", 4},
                                                      .parent = {"01", 2},
                                                      .name = {"路灯", 6},
                                                      .nature = NATURE_APPEAL,
                                                      .unit_id = 2,
                                                      .level = 3}};
static const struct routing_word words[] = {
    {.kind = {"desk", 4}, .word = {"triage", 6}, .value = {"U000", 4}, .weight = 1},
    {.kind = {"category", 8}, .word = {"路灯", 6}, .value = {"0101", 4}, .weight = 30}};

/* Unknown labels are not counted, and what is left to a person counts by its first guess, not by the desk it waits at. */
static void counting(void **state)
{
    const struct routing_rows rows = {.units = units,
                                      .n_units = ARRAY_LEN(units),
                                      .categories = categories,
                                      .n_categories = ARRAY_LEN(categories),
                                      .words = words,
                                      .n_words = ARRAY_LEN(words)};
    struct text error, t;
    struct train_score s;
    (void)state;
    text_init(&error, 1000);
    text_init(&t, 4000);
    struct routing *r = routing_build(&rows, &error);
    assert_non_null(r);
    const struct str text = STR("路灯坏了");
    const struct train_case two[] = {
        {.e = {.text = text, .category = STR("0101"), .unit = STR("U001"), .nature = STR("诉求")},
         .in = {.text = text}},
        {.e = {.text = text, .category = STR("0101"), .unit = STR(""), .urgency = STR("特急")},
         .in = {.text = text}}};
    const bool both[] = {true, true};
    train_score(two, 2, both, r, &rows, 101, &s);
    assert_int_equal(s.category.all, 2);
    assert_int_equal(s.category.right, 2);
    assert_int_equal(s.unit.all, 1);
    assert_int_equal(s.unit.right, 1);
    assert_int_equal(s.both.all, 1);
    assert_int_equal(s.nature.all, 1);
    assert_int_equal(s.urgency.all, 1);
    assert_int_equal(s.urgency.right, 0);
    assert_int_equal(s.alone.all, 0); /* 101 per cent: nothing goes out alone */
    assert_int_equal(s.hand.all, 2);
    train_score_json(&s, &t);
    assert_non_null(strstr(text_z(&t), "\"unit\":{\"right\":1,\"all\":1}"));
    routing_free(&r);
    text_free(&t);
    text_free(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(drifting), cmocka_unit_test(holding_back),
                                       cmocka_unit_test(counting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
