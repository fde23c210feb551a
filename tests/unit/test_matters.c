/* Which texts tell of one matter: copies and retellings join the first, another matter about the same thing does not, and no chain joins all. */
#include "core/matters.h"
#include "base/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static const struct {
    const char *text;
    size_t first; /* the row that began its matter */
} rows[] = {
    {"惠民路南段三盏路灯坏了半个月，晚上老人小孩出门看不见路，请尽快派人修一下。", 0},
    {"惠民路南段三盏路灯坏了半个月，晚上老人小孩出门看不见路，请尽快派人修一下。", 0},
    {"惠民路南段有三盏路灯坏了快半个月，老人小孩晚上出门根本看不见路，麻烦派人来修。", 0},
    {"示例小区物业乱收停车费，业主要求公示收支账目，物业一直不理会。", 3},
    {"惠民路南段人行道的地砖翘起来很久了，下雨踩一脚泥水。", 4},
    {"物业乱收停车费，示例小区业主要求公示账目，一直不理会。", 3},
    {"非常满意", 6},
    {"态度很好，非常满意", 7},
    {"", 8},
    {"", 9},
};

static void joined(void **state)
{
    (void)state;
    struct matters *m = matters_new(ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const size_t first = matters_add(m, str_of(rows[i].text));
        if (first != rows[i].first) print_error("%s: began with row %zu\n", rows[i].text, first);
        assert_int_equal(first, rows[i].first);
    }
    matters_free(&m);
    assert_null(m);
}

/* Each text shares four of five parts with the one before it, the last none with the first: the second is one matter with the first, the last is not. */
static void no_chain(void **state)
{
    enum { N = 6, PARTS = 5 };
    static const char *const words[N + PARTS] = {"河堤护栏",   "广场舞音响", "公交站牌", "菜市场污水",
                                                 "学校门口",   "夜市烧烤",   "消防通道", "电梯故障",
                                                 "自来水发黄", "天然气报装", "垃圾清运"};
    size_t first[N];
    (void)state;
    struct matters *m = matters_new(N);
    for (size_t i = 0; i < N; i++) {
        char text[400];
        size_t n = 0;
        for (size_t k = i; k < i + PARTS; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s，", words[k]);
        first[i] = matters_add(m, (struct str){text, n});
    }
    matters_free(&m);
    assert_int_equal(first[1], 0);
    assert_int_not_equal(first[N - 1], 0);
}

/* However many say the same, each is compared with a few. */
static void many_alike(void **state)
{
    enum { N = 20000 };
    (void)state;
    struct matters *m = matters_new(N);
    for (size_t i = 0; i < N; i++) {
        char text[200];
        const int n = snprintf(text, sizeof text, "第%zu号井盖松动%zu天了，%zu车过就响，请修。", i * 7919 % N,
                               i % 97, i % 13);
        assert_true(matters_add(m, (struct str){text, (size_t)n}) <= i);
    }
    matters_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(joined), cmocka_unit_test(no_chain),
                                       cmocka_unit_test(many_alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
