/* What adapters say reaches the desk in the reader's language; tests/check-sentences sees to it that every sentence has its line. */
#include "adapters/sentences.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void same(struct str english, const char *want)
{
    const struct str got = sentence_chinese(english);
    assert_int_equal(str_cmp(got, str_of(want)), 0);
}

static void known_and_unknown(void **state)
{
    (void)state;
    same(STR("Authorization missing"), "推送没有带 Authorization"); /* near the ends and in the middle */
    same(STR("wrong user or password"), "推送的用户名或密码不对");
    same(STR("the account is empty"), "账户余额已用完，请充值");
    same(STR("the account is emptied"), "the account is emptied");
    same(STR("the account"), "the account");
    same(STR(""), "");
    same(STR("内容"), "内容");
}

static void put(const char *english, const char *want)
{
    struct text t;
    text_init(&t, 1000);
    sentence_put(str_of(english), &t);
    assert_string_equal(text_z(&t), want);
    text_free(&t);
}

static void part_left_out(void **state)
{
    char said[300];
    (void)state;
    snprintf(said, sizeof said, SENTENCE_PARTLY, (size_t)2, (size_t)17, "a receipt without an id");
    put(said, "17 条中有 2 条无法读取，已略过：回执没有编号");
    snprintf(said, sizeof said, SENTENCE_PARTLY, (size_t)1, (size_t)1, "nobody says this");
    put(said, "1 条中有 1 条无法读取，已略过：nobody says this");
    put("two of 17 elements could not be read and were left out: x",
        "two of 17 elements could not be read and were left out: x");
    put(" of  elements could not be read and were left out: ",
        " of  elements could not be read and were left out: ");
    put("signature mismatch", "签名不符");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_and_unknown), cmocka_unit_test(part_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
