/* The one set of limits for every door, and telephone numbers as people write them. */
#include "core/submission.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct submission good(void)
{
    return (struct submission){
        .door = DOOR_WEB, .dedupe_key = STR("k-12345678"), .nature = NATURE_APPEAL, .text = STR("路灯不亮")};
}

static void items_are_taken_or_refused(void **state)
{
    (void)state;
    char key[SUBMISSION_KEY_MAX + 1];
    memset(key, 'k', sizeof key);
    struct {
        const char *what;
        struct submission s;
        enum refusal want;
    } rows[32];
    size_t n = 0;
#define ROW(words, change, refusal)                                                                          \
    do {                                                                                                     \
        struct submission s = good();                                                                        \
        change;                                                                                              \
        rows[n].what = (words), rows[n].s = s, rows[n++].want = (refusal);                                   \
    } while (0)
    ROW("plain", (void)0, REFUSE_NONE);
    ROW("no words", s.text = STR_NONE, REFUSE_TEXT_MISSING);
    ROW("only blanks", s.text = STR(" \t\r\n　 "), REFUSE_TEXT_MISSING);
    ROW("only invisible", s.text = STR("\u200b\ufeff"), REFUSE_TEXT_MISSING);
    ROW("one emoji is words", s.text = STR("😡"), REFUSE_NONE);
    ROW("U+0000", s.text = STR("a\0b"), REFUSE_BAD_ENCODING);
    ROW("overlong", s.text = STR("a\xc0\x80"), REFUSE_BAD_ENCODING);
    ROW("surrogate", s.text = STR("\xed\xa0\x80"), REFUSE_BAD_ENCODING);
    ROW("cut character", s.text = STR("中\xe4\xb8"), REFUSE_BAD_ENCODING);
    ROW("bad contact bytes", s.contact = STR("\xff"), REFUSE_BAD_ENCODING);
    ROW("bad id bytes", s.external_id = STR("\xff"), REFUSE_BAD_ENCODING);
    ROW("bad key bytes", s.dedupe_key = STR("12345678\xff"), REFUSE_BAD_ENCODING);
    ROW("no key", s.dedupe_key = STR_NONE, REFUSE_KEY_BAD);
    ROW("longest key", s.dedupe_key = ((struct str){key, SUBMISSION_KEY_MAX}), REFUSE_NONE);
    ROW("key too long", s.dedupe_key = ((struct str){key, SUBMISSION_KEY_MAX + 1}), REFUSE_KEY_BAD);
    ROW("rating without level", (s.nature = NATURE_RATE, s.text = STR_NONE), REFUSE_RATING_MISSING);
    ROW("rating without words", (s.nature = NATURE_RATE, s.rating = 5, s.text = STR_NONE), REFUSE_NONE);
    ROW("rating, nature open", (s.nature = NATURE_UNKNOWN, s.rating = 1, s.text = STR_NONE), REFUSE_NONE);
    ROW("level 6", s.rating = 6, REFUSE_RATING_RANGE);
    ROW("level -1", s.rating = -1, REFUSE_RATING_RANGE);
    ROW("complaint with level needs words", (s.nature = NATURE_COMPLAIN, s.rating = 1, s.text = STR_NONE),
        REFUSE_TEXT_MISSING);
    ROW("contact", s.contact = STR("154 1234 5678"), REFUSE_NONE);
    ROW("blank contact is none", s.contact = STR("  "), REFUSE_NONE);
    ROW("contact is words", s.contact = STR("打我电话"), REFUSE_CONTACT_BAD);
    ROW("contact too short", s.contact = STR("12345"), REFUSE_CONTACT_BAD);
    ROW("plaque too long", s.plaque = ((struct str){key, SUBMISSION_NAME_MAX + 1}), REFUSE_TOO_BIG);
    ROW("no such door", s.door = DOORS_N, REFUSE_UNKNOWN_FIELD);
    ROW("no such nature", s.nature = NATURES_N, REFUSE_UNKNOWN_FIELD);
#undef ROW
    for (size_t i = 0; i < n; i++)
        if (submission_check(&rows[i].s) != rows[i].want) fail_msg("%s", rows[i].what);
}

static void five_thousand_characters_fit_and_no_more(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 100000);
    for (int i = 0; i < SUBMISSION_TEXT_POINTS; i++) text_addz(&t, i % 2 ? "😀" : "中");
    struct submission s = good();
    s.text = text_str(&t);
    assert_int_equal(submission_check(&s), REFUSE_NONE);
    text_addz(&t, "a");
    s.text = text_str(&t);
    assert_int_equal(submission_check(&s), REFUSE_TEXT_TOO_LONG);
    text_free(&t);
}

static void words_go_both_ways(void **state)
{
    (void)state;
    enum nature n;
    enum door d;
    for (unsigned i = 1; i < NATURES_N; i++) {
        assert_true(nature_parse(str_of(nature_word((enum nature)i)), &n) && n == i);
        assert_true(nature_parse(str_of(nature_chinese((enum nature)i)), &n) && n == i);
    }
    for (unsigned i = 0; i < DOORS_N; i++)
        assert_true(door_parse(str_of(door_word((enum door)i)), &d) && d == i);
    assert_string_equal(nature_word(NATURE_UNKNOWN), "unknown");
    assert_string_equal(nature_chinese(NATURE_UNKNOWN), "未定");
    assert_false(nature_parse(STR("unknown"), &n)); /* a door leaves it out, it does not say "unknown" */
    assert_false(nature_parse(STR("Report"), &n));
    assert_false(nature_parse(STR_NONE, &n));
    assert_false(door_parse(STR("fax"), &d));
}

static void telephone_numbers_become_e164(void **state)
{
    (void)state;
    static const struct {
        const char *written, *e164;
    } rows[] = {
        {"15412345678", "+8615412345678"},
        {"154 1234 5678", "+8615412345678"},
        {"154-1234-5678", "+8615412345678"},
        {" １５４１２３４５６７８ ", "+8615412345678"},
        {"154\u200b12345678", "+8615412345678"},
        {"+8615412345678", "+8615412345678"},
        {"＋８６ 154 1234 5678", "+8615412345678"},
        {"(+86)15412345678", "+8615412345678"},
        {"8615412345678", "+8615412345678"},
        {"0086-154-1234-5678", "+8615412345678"},
        {"0700-2438612", "+867002438612"},
        {"（0700）2438612", "+867002438612"},
        {"010 62438612", "+861062438612"},
        {"+86 0700 2438612", "+867002438612"},
        {"+86 10 62438612", "+861062438612"},
        {"+85291234567", "+85291234567"},
        {"0044 20 7946 0000", "+442079460000"},
        {"12345", NULL},
        {"110", NULL},
        {"1541234567", NULL},
        {"154123456789", NULL},
        {"12412345678", NULL},
        {"+8612412345678", NULL},
        {"+0015412345678", NULL},
        {"+8600112311234", NULL},
        {"+1234567890123456", NULL},
        {"154a2345678", NULL},
        {"15412345678+", NULL},
        {"++15412345678", NULL},
        {"一五四", NULL},
        {"", NULL},
        {"+", NULL},
        {"154123456781541234567815412345678", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char dst[PHONE_MAX];
        bool ok = phone_normalise(str_of(rows[i].written), dst);
        if (ok != (rows[i].e164 != NULL) || (ok && strcmp(dst, rows[i].e164) != 0))
            fail_msg("%s -> %s", rows[i].written, ok ? dst : "refused");
    }
}

static void places_are_on_earth_or_left_out(void **state)
{
    static char words[SUBMISSION_PLACE_POINTS * 3 + 4];
    const struct {
        struct position at;
        enum refusal want;
    } rows[] = {
        {{.point = false}, REFUSE_NONE},
        {{.lat = 900, .point = false}, REFUSE_NONE}, /* not said: not looked at */
        {{.point = true, .lat = 30.25, .lon = 120.16, .accuracy = 20}, REFUSE_NONE},
        {{.point = true, .lat = -90, .lon = 180}, REFUSE_NONE},
        {{.point = true, .lat = 90.001, .lon = 0}, REFUSE_POSITION_BAD},
        {{.point = true, .lat = 0, .lon = -180.5}, REFUSE_POSITION_BAD},
        {{.point = true, .lat = (double)NAN, .lon = 0}, REFUSE_POSITION_BAD},
        {{.point = true, .accuracy = -1}, REFUSE_POSITION_BAD},
        {{.point = true, .accuracy = SUBMISSION_ACCURACY_MAX + 1}, REFUSE_POSITION_BAD},
        {{.words = STR("东风路\xff")}, REFUSE_BAD_ENCODING},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct submission s = good();
        s.position = rows[i].at;
        assert_int_equal(submission_check(&s), rows[i].want);
    }
    struct submission s = good();
    for (int i = 0; i <= SUBMISSION_PLACE_POINTS; i++) memcpy(words + 3 * i, "\xe8\xb7\xaf", 3);
    s.position.words = (struct str){words, 3 * SUBMISSION_PLACE_POINTS};
    assert_int_equal(submission_check(&s), REFUSE_NONE);
    s.position.words.n += 3;
    assert_int_equal(submission_check(&s), REFUSE_POSITION_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_taken_or_refused),
        cmocka_unit_test(five_thousand_characters_fit_and_no_more),
        cmocka_unit_test(words_go_both_ways),
        cmocka_unit_test(telephone_numbers_become_e164),
        cmocka_unit_test(places_are_on_earth_or_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
