/* Which texts count as alike, and what of another's words may be shown: only what the reader has written too. */
#include "core/likeness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static int percent(const char *a, const char *b)
{
    static struct likeness x, y;
    likeness_of(str_of(a), &x);
    likeness_of(str_of(b), &y);
    assert_int_equal(likeness_percent(&x, &y), likeness_percent(&y, &x));
    return likeness_percent(&x, &y);
}

static void alike(void **state)
{
    (void)state;
    assert_int_equal(percent("人民路路灯不亮", "人民路路灯不亮"), 100);
    assert_int_equal(percent("人民路，路灯 不亮。", "人民路；路灯、不亮"), 100); /* marks say nothing */
    assert_int_equal(percent("Ｌａｍｐ ２０", "lamp 20"), 100);
    assert_true(percent("阳光小区晚上施工噪音很大", "阳光小区工地夜里施工噪声扰民") >= 30);
    assert_true(percent("人民路路灯不亮三天了", "营业执照办理窗口没有人") < 10);
    assert_int_equal(percent("", "路灯"), 0);
    assert_int_equal(percent("灯", "灯"), 0);
    assert_int_equal(percent("\xff\xfe", "路灯"), 0);
}

static void long_texts(void **state)
{
    (void)state;
    static char a[40000], b[40000];
    struct likeness l;
    for (size_t i = 0; i + 3 < sizeof a; i += 3) {
        memcpy(a + i, "\xe8\xb7\xaf", 3);
        memcpy(b + i, (const char *[]){"\xe8\xb7\xaf", "\xe7\x81\xaf"}[i / 3 % 2], 3);
    }
    likeness_of(str_of(a), &l);
    assert_int_equal(l.n, 1);
    assert_int_equal(percent(a, b), 0);
    assert_int_equal(likeness_shared(str_of(a), str_of(a), 1, 1000).n, 3 * LIKENESS_POINTS);
}

static void shared(void **state)
{
    static const struct {
        const char *mine, *other, *is;
    } rows[] = {
        {"阳光小区晚上很吵", "住在阳光小区三年了", "阳光小区"},
        {"阳光小区", "月光小区", NULL}, /* 光小区 is three */
        {"找王某某，电话154****5678", "王某某 154****5678", NULL},
        {"门牌1234567号", "编号1234567", NULL},      /* no digits */
        {"Sunny Road 12", "sunny road 12", "Sunny"}, /* a blank ends it */
        {"完全不同", "别的事情", NULL},
        {"", "阳光小区", NULL},
        {"人民路与建设路交叉口的井盖破了很久", "人民路与建设路交叉口的井盖破了很久",
         "人民路与建设路交叉口的井"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str s = likeness_shared(str_of(rows[i].mine), str_of(rows[i].other), 4, 12);
        if (!rows[i].is)
            assert_null(s.p);
        else
            assert_true(str_eq(s, str_of(rows[i].is)));
        if (s.p) assert_true(s.p >= rows[i].mine && s.p + s.n <= rows[i].mine + strlen(rows[i].mine));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(alike), cmocka_unit_test(long_texts),
                                       cmocka_unit_test(shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
