/* The learned layer: a model out of examples, its lasting form, what it keeps and what it must not keep, and its place among the rules. */
#include "cleaning.h"
#include "core/learned.h"
#include "base/digest.h"
#include "evaluate_part.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DISTRICT TREE "/deploy/sample-district/"
#define FEW      6 /* matters whose examples are learned here */

static const struct evaluate_paths paths = {
    .units = DISTRICT "units.csv", .categories = DISTRICT "categories.csv", .words = DISTRICT "words.csv"};
static struct arena tables;
static struct routing_rows rows;
static struct routing *routing;
static struct evaluate_base base;
static struct train_example *few;
static size_t n_few;
static struct text model;

static void train(const struct train_example *examples, size_t n, struct text *out)
{
    struct train_report report;
    struct text error;
    text_init(&error, 400);
    text_init(out, LEARNED_BYTES_MAX);
    bool ok = train_model(examples, n, routing, &(struct train_options){.folds = 3}, out, &report, &error);
    if (!ok) print_message("%s\n", text_z(&error));
    assert_true(ok);
    assert_int_equal(report.used, n);
    assert_true(report.category.all > 0 && report.category.right * 10 > report.category.all * 6);
    train_report_free(&report);
    text_free(&error);
}

static int start(void **state)
{
    (void)state;
    static const char *const matters[FEW] = {"0607", "0804", "1001", "1203", "0801", "0701"};
    struct text error;
    const char *why = NULL;
    arena_init(&tables, (size_t)256 << 20);
    text_init(&error, 400);
    text_init(&model, 0);
    struct simplify *simplify = simplify_open(&why);
    assert_non_null(simplify);
    const struct normalise_tools tools = cleaning_tools(simplify);
    assert_true(evaluate_rows(&paths, &tables, &rows, &error));
    routing = routing_build(&rows, &error);
    assert_non_null(routing);
    assert_true(evaluate_base_read(&base, DISTRICT "examples.csv", &tools, &rows, NULL, 0, &tables, &error));
    few = calloc(base.n + 10, sizeof *few);
    assert_non_null(few);
    for (size_t i = 0; i < base.n; i++)
        for (int k = 0; k < FEW; k++)
            if (str_eq(base.examples[i].category, str_of(matters[k]))) {
                few[n_few] = base.examples[i];
                few[n_few++].unit = STR_NONE; /* what nobody said cannot be learned */
            }
    assert_true(n_few >= 100);
    train(few, n_few, &model);
    simplify_close(&simplify);
    text_free(&error);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    text_free(&model);
    free(few);
    evaluate_base_free(&base);
    routing_free(&routing);
    arena_free(&tables);
    return 0;
}

static void a_model_is_read_back_and_the_same_examples_give_the_same_bytes(void **state)
{
    (void)state;
    struct text again;
    const char *why = NULL;
    struct learned *m = learned_read(text_str(&model), &why);
    assert_non_null(m);
    assert_int_equal(learned_classes(m, LEARNED_CATEGORY), FEW);
    assert_int_equal(learned_classes(m, LEARNED_UNIT), 0); /* the examples know none */
    assert_true(learned_alone(m) > 1);                     /* so nobody vouches for one */
    learned_free(&m);
    assert_null(m);
    train(few, n_few, &again);
    assert_true(str_eq(text_str(&model), text_str(&again)));
    text_free(&again);
}

static void damaged_bytes_are_refused_with_a_sentence(void **state)
{
    (void)state;
    const char *why = NULL;
    char *copy = mem_copy(model.p, model.n);
    for (size_t at = 0; at < model.n; at += model.n / 60) {
        copy[at] ^= 0x10;
        assert_null(learned_read((struct str){copy, model.n}, &why));
        assert_non_null(why);
        copy[at] ^= 0x10;
        assert_null(learned_read((struct str){copy, at}, &why));
        assert_non_null(why);
    }
    free(copy);
}

/* What speaks for a matter is looked up among the weights of a run, so they must stand by class. */
static void weights_out_of_order_are_refused(void **state)
{
    (void)state;
    const struct str codes[] = {STR("0101"), STR("0102")};
    const float bias[] = {0, 0};
    const char *why = NULL;
    for (int turned = 0; turned < 2; turned++) {
        const struct learned_weight weights[] = {{(uint16_t)turned, 5}, {(uint16_t)!turned, -5}};
        const struct learned_feature run = {.name = STR("路灯"), .idf = 1, .scale = 1, .n = 2};
        struct learned_made made = {.features = &run, .n_features = 1, .weights = weights, .n_weights = 2};
        for (int h = 0; h < LEARNED_HEADS; h++) made.head[h].heat = made.head[h].mix.heat = 1;
        made.head[LEARNED_CATEGORY].codes = codes;
        made.head[LEARNED_CATEGORY].bias = bias;
        made.head[LEARNED_CATEGORY].n = 2;
        struct text bytes;
        text_init(&bytes, 10000);
        assert_true(learned_write(&made, &bytes));
        struct learned *m = learned_read(text_str(&bytes), &why);
        assert_int_equal(m != NULL, !turned);
        learned_free(&m);
        text_free(&bytes);
    }
    assert_non_null(why);
}

static void put(struct text *out, u32 n, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) text_addc(out, (char)(u8)(n >> (8 * i)));
}
static void put_real(struct text *out, float f)
{
    u32 bits;
    memcpy(&bits, &f, sizeof bits);
    put(out, bits, 4);
}
static void put_name(struct text *out, struct str s)
{
    put(out, (u32)s.n, 1);
    text_add(out, s);
}

/* Version 1 had no judges and one head more, which no decision read. */
static void a_model_of_the_first_version_is_read(void **state)
{
    (void)state;
    static const struct str codes[2][2] = {{STR("0101"), STR("0102")}, {STR("0"), STR("1")}};
    struct text bytes;
    struct learned_scores s;
    struct learned_tokens t;
    struct arena a;
    const struct learned_facts none = {.n = 0};
    const char *why = NULL;
    text_init(&bytes, 10000);
    text_addz(&bytes, "MSDMODEL");
    put(&bytes, 1, 4), put(&bytes, 1, 4), put(&bytes, 3, 4);
    for (int h = 0; h < 5; h++) {
        const bool full = h == 0 || h == 4;
        put(&bytes, full ? 2 : 0, 2);
        for (int i = 0; i < 3; i++) put_real(&bytes, 1);
        for (int k = 0; full && k < 2; k++) put_name(&bytes, codes[h == 4][k]), put_real(&bytes, 0);
    }
    put(&bytes, 0, CERTAIN_N); /* no calibration has points */
    put_real(&bytes, 0.75F);
    put_name(&bytes, STR("路灯")), put_real(&bytes, 1), put_real(&bytes, 1), put(&bytes, 3, 2);
    put(&bytes, 0, 2), put(&bytes, 1, 1), put(&bytes, 1, 2), put(&bytes, 3, 1), put(&bytes, 3, 2),
        put(&bytes, 100, 1);
    u8 digest[DIGEST_MAX];
    digest_run(DIGEST_SHA256, text_str(&bytes), digest);
    text_add(&bytes, (struct str){(const char *)digest, 32});
    struct learned *m = learned_read(text_str(&bytes), &why);
    assert_non_null(m);
    assert_null(learned_judge(m, CERTAIN_UNIT));
    assert_true(learned_alone(m) > 0.74F && learned_alone(m) < 0.76F);
    arena_init(&a, 100000);
    assert_true(learned_tokens(STR("路灯"), &a, &t) && learned_score(m, &t, &none, &a, &s));
    const float *p = s.log_p[LEARNED_CATEGORY];
    assert_true(p[1] - p[0] > 1.99F && p[1] - p[0] < 2.01F);
    assert_null(s.log_p[LEARNED_UNIT]);
    arena_free(&a);
    learned_free(&m);
    text_free(&bytes);
}

/* What one citizen wrote alone, numbers and masked places are in no model; what several wrote may be. */
static void nothing_of_one_citizen_stands_in_a_model(void **state)
{
    (void)state;
    struct text bytes;
    few[n_few] = few[0];
    few[n_few].text = STR("夜里打桩太吵，我家就在泽兰鹭洲苑东北角，电话15412345678");
    few[n_few + 1] = few[n_few]; /* told twice by the same person: still one matter */
    few[n_few].group = few[n_few + 1].group = 7;
    train(few, n_few + 2, &bytes);
    assert_int_equal(str_find(text_str(&bytes), STR("泽兰")), SIZE_MAX);
    assert_int_equal(str_find(text_str(&bytes), STR("鹭洲")), SIZE_MAX);
    assert_int_equal(str_find(text_str(&bytes), STR("1541234")), SIZE_MAX);
    assert_int_not_equal(str_find(text_str(&bytes), STR("夜里")), SIZE_MAX);
    text_free(&bytes);
}

static void runs_end_at_punctuation_and_digits_are_one_sign(void **state)
{
    (void)state;
    struct arena a;
    struct learned_tokens t;
    arena_init(&a, 10000);
    assert_true(learned_tokens(STR("停电3天了,wifi也没有吗?急"), &a, &t));
    static const char *const tokens[] = {"停", "电", "#",  "天", "了", "wifi",
                                         "也", "没", "有", "吗", "?",  "急"};
    static const int runs[] = {5, 4, 3, 2, 1, 6, 5, 4, 3, 2, 1, 1};
    assert_int_equal(t.n, ARRAY_LEN(tokens));
    for (size_t i = 0; i < t.n; i++) {
        struct str token = {t.bytes + t.start[i], t.start[i + 1] - t.start[i]};
        assert_true(str_eq(token, str_of(tokens[i])));
        assert_int_equal(t.run[i], runs[i]);
    }
    arena_free(&a);
}

static bool tells_of_model(const struct decision *d)
{
    bool any = false;
    for (size_t i = 0; i < d->n_because; i++) any |= str_starts(d->because[i], STR("学得的模型从“"));
    return any;
}

static void a_snapshot_with_a_model_decides_and_says_from_what(void **state)
{
    (void)state;
    const char *why = NULL;
    struct text error;
    struct routing_rows with = rows;
    struct decision d;
    struct arena a;
    text_init(&error, 400);
    struct learned *m = learned_read(text_str(&model), &why);
    with.learned = m;
    struct routing *r = routing_build(&with, &error);
    assert_non_null(r);
    struct route_input in = {.text = STR("工地半夜还在打桩,吵得全家睡不着")};
    arena_init(&a, (size_t)4 << 20);
    route_decide(r, &in, &a, &d);
    assert_true(str_eq(d.category, STR("0607")));
    assert_true(tells_of_model(&d));
    assert_true(d.confidence >= 0 && d.confidence <= 1 && d.unit_confidence >= 0 && d.unit_confidence <= 1);
    route_decide(routing, &in, &a, &d);
    assert_false(tells_of_model(&d));
    arena_free(&a);
    routing_free(&r);
    learned_free(&m);
    text_free(&error);
}

static void a_calibration_never_falls(void **state)
{
    (void)state;
    const struct calibration c = {.n = 3, .raw = {0.2F, 0.5F, 0.9F}, .right = {0.1F, 0.6F, 0.95F}};
    double before = 0;
    for (int i = 0; i <= 100; i++) {
        double now = calibration_right(&c, i / 100.0);
        assert_true(now >= before && now <= 0.951);
        before = now;
    }
    assert_true(calibration_right(&c, 0.35) > 0.34 && calibration_right(&c, 0.35) < 0.36);
}

static void too_little_is_told(void **state)
{
    (void)state;
    struct train_report report;
    struct text out, error;
    text_init(&out, LEARNED_BYTES_MAX);
    text_init(&error, 400);
    assert_false(train_model(few, 20, routing, &(struct train_options){.folds = 3}, &out, &report, &error));
    assert_true(error.n > 0);
    assert_int_equal(out.n, 0);
    text_free(&error);
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_of_the_first_version_is_read),
        cmocka_unit_test(a_model_is_read_back_and_the_same_examples_give_the_same_bytes),
        cmocka_unit_test(damaged_bytes_are_refused_with_a_sentence),
        cmocka_unit_test(weights_out_of_order_are_refused),
        cmocka_unit_test(nothing_of_one_citizen_stands_in_a_model),
        cmocka_unit_test(runs_end_at_punctuation_and_digits_are_one_sign),
        cmocka_unit_test(a_snapshot_with_a_model_decides_and_says_from_what),
        cmocka_unit_test(a_calibration_never_falls),
        cmocka_unit_test(too_little_is_told),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
