/* Pieces of a long message become one text. */
#include "core/parts.h"
#include "base/utf8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void rows(void **state)
{
    (void)state;
    static const struct {
        struct part_text parts[4];
        size_t n;
        unsigned total, missing;
        const char *joined;
    } all[] = {
        {{{1, STR("路灯")}, {2, STR("不亮")}}, 2, 2, 0, "路灯不亮"},
        {{{1, STR("a ")}, {2, STR("b")}, {3, STR(" c")}}, 3, 3, 0, "a b c"},
        {{{1, STR("甲")}, {3, STR("丙")}}, 2, 3, 1, "甲〔缺第2段，共3段〕丙"},
        {{{3, STR("丙")}}, 1, 3, 2, "〔缺第1段，共3段〕〔缺第2段，共3段〕丙"},
        {{{1, STR("甲")}}, 1, 3, 2, "甲〔缺第2段，共3段〕〔缺第3段，共3段〕"},
        {{{1, STR("")}, {2, STR("乙")}}, 2, 2, 0, "乙"},
    };
    struct text out;
    text_init(&out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        text_clear(&out);
        assert_int_equal(parts_join(all[i].parts, all[i].n, all[i].total, 5000, &out), all[i].missing);
        assert_string_equal(text_z(&out), all[i].joined);
    }
    text_clear(&out);
    const struct part_text late[] = {{2, STR("乙")}, {4, STR("丁")}};
    parts_join_late(late, 2, 5, 5000, &out);
    assert_string_equal(text_z(&out), "〔迟到的第2段，共5段〕乙〔迟到的第4段，共5段〕丁");
    text_free(&out);
}

static void what_is_too_long_says_so(void **state)
{
    (void)state;
    struct text words, out;
    text_init(&words, 100000);
    text_init(&out, 100000);
    for (int i = 0; i < 3000; i++) text_addz(&words, "字");
    const struct part_text parts[] = {{1, text_str(&words)}, {2, text_str(&words)}};
    assert_int_equal(parts_join(parts, 2, 2, 5000, &out), 0);
    assert_int_equal(utf8_count(text_str(&out)), 5000);
    assert_true(utf8_valid(text_str(&out)));
    assert_true(str_ends(text_str(&out), STR("〔内容过长，其余从略〕")));
    text_free(&words);
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(what_is_too_long_says_so)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
