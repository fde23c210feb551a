/* What an SMS means. Plaque numbers and receipts in the rows are made here, so they check. */
#include "core/checkdigit.h"
#include "core/sms_text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* %P: the plaque number 12345 and its check digit, %Q: the same full-width, %W: with a wrong check digit,
 * %G: the same as 123 45x, %H: as 12-34-5x, %R: a receipt, %S: the receipt with a wrong last digit. */
static void fill(const char *pattern, struct text *out)
{
    char plaque[7] = "12345", receipt[17] = "123456789012345";
    plaque[5] = check_digit_mod11_10(plaque, 5);
    receipt[15] = check_digit_mod11_10(receipt, 15);
    text_clear(out);
    for (const char *p = pattern; *p; p++) {
        if (p[0] != '%') {
            text_addc(out, *p);
            continue;
        }
        switch (*++p) {
        case 'P':
            text_addz(out, plaque);
            break;
        case 'Q':
            for (size_t i = 0; i < 6; i++) text_addf(out, "\xef\xbc%c", 0x90 + (plaque[i] - '0'));
            break;
        case 'G':
            text_addf(out, "%.3s %s", plaque, plaque + 3);
            break;
        case 'H':
            text_addf(out, "%.2s-%.2s-%s", plaque, plaque + 2, plaque + 4);
            break;
        case 'W':
            text_addf(out, "12345%d", (plaque[5] - '0' + 1) % 10);
            break;
        case 'R':
            text_addz(out, receipt);
            break;
        case 'S':
            text_addf(out, "123456789012345%d", (receipt[15] - '0' + 1) % 10);
            break;
        }
    }
}

static const struct sms_rules six = {6, 6, STR("T TD R 退订 退訂 取消订阅 0000 QX STOP N"),
                                     STR("恢复,订阅 START")},
                              nine = {6, 9, STR(""), STR("")};

static void every_row_has_its_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *sms;
        enum sms_kind kind;
        int rating;
        bool receipt;
        const char *rest;
    } rows[] = {
        {"%P 窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {"%P窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {"%P，窗口没人。", SMS_PLAQUE, 0, false, "窗口没人。"},
        {"%P#窗口没人#", SMS_PLAQUE, 0, false, "窗口没人#"},
        {"#%P#窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {"＃%Q　窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {" %P\n窗口\n没人 ", SMS_PLAQUE, 0, false, "窗口\n没人"},
        {"编号%P 窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {"牌号：%P：窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {"监督牌编号 %P 窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {"NO.%P hello", SMS_PLAQUE, 0, false, "hello"},
        {"【%P】窗口没人", SMS_PLAQUE, 0, false, "窗口没人"},
        {"%P", SMS_PLAQUE, 0, false, ""},
        {"%P 5", SMS_PLAQUE, 5, false, "5"},
        {"%P 0", SMS_PLAQUE, 0, false, "0"},
        {"%P#４分。", SMS_PLAQUE, 4, false, "４分。"},
        {"%P 5号窗口", SMS_PLAQUE, 0, false, "5号窗口"},
        {"%W 窗口没人", SMS_WORDS, 0, false, "%W 窗口没人"},
        {"12345 没人接", SMS_WORDS, 0, false, "12345 没人接"},
        {"%P元被骗了", SMS_WORDS, 0, false, "%P元被骗了"},
        {"%P.50被扣", SMS_WORDS, 0, false, "%P.50被扣"},
        {"1%P7890 x", SMS_WORDS, 0, false, "1%P7890 x"},
        {"我在%P窗口", SMS_WORDS, 0, false, "我在%P窗口"},
        /* Groups, as on a card. */
        {"%G 路灯坏了", SMS_PLAQUE, 0, false, "路灯坏了"},
        {"%G路灯坏了", SMS_PLAQUE, 0, false, "路灯坏了"},
        {"编号 %G，路灯坏了", SMS_PLAQUE, 0, false, "路灯坏了"},
        {"%H 路灯坏了", SMS_PLAQUE, 0, false, "路灯坏了"},
        {"%G", SMS_PLAQUE, 0, false, ""},
        {"%G 5", SMS_PLAQUE, 5, false, "5"},
        {"%G 5号窗口", SMS_PLAQUE, 0, false, "5号窗口"},
        {"%G元", SMS_WORDS, 0, false, "%G元"},
        {"%G.5 米", SMS_WORDS, 0, false, "%G.5 米"},
        {"%H-5", SMS_WORDS, 0, false, "%H-5"},
        {"%W 5", SMS_WORDS, 0, false, "%W 5"},
        {"12 3元", SMS_WORDS, 0, false, "12 3元"},
        {"123  45", SMS_WORDS, 0, false, "123  45"},
        {"CX %R", SMS_STATUS, 0, true, ""},
        {"cx%R", SMS_STATUS, 0, true, ""},
        /* What the answers quote is copied with its signs. */
        {"CX%R。", SMS_STATUS, 0, true, ""},
        {"“CX %R”", SMS_STATUS, 0, true, ""},
        {"【CX　%R】！", SMS_STATUS, 0, true, ""},
        {"cx+%R", SMS_STATUS, 0, true, ""},
        {"CX加回执码%R？", SMS_STATUS, 0, true, ""},
        {"%R。", SMS_STATUS, 0, true, ""},
        {"CX %R 二楼的窗口", SMS_WORDS, 0, false, "CX %R 二楼的窗口"},
        {"“已解决 %R”。", SMS_SOLVED, 0, true, ""},
        {"未解决%R！", SMS_UNSOLVED, 0, true, ""},
        {"Solved %R", SMS_SOLVED, 0, true, ""},
        {"UNSOLVED %R.", SMS_UNSOLVED, 0, true, ""},
        {"not solved: %R", SMS_UNSOLVED, 0, true, ""},
        {"solved at last", SMS_WORDS, 0, false, "solved at last"},
        {"ＣＸ　%R", SMS_STATUS, 0, true, ""},
        {"查询 1234 5678-9012 %R", SMS_STATUS, 0, false, ""},
        {"查询：%R。", SMS_STATUS, 0, true, ""},
        {"查询回执码：%R", SMS_STATUS, 0, true, ""},
        {"查詢 %R", SMS_STATUS, 0, true, ""},
        {"%R", SMS_STATUS, 0, true, ""},
        {"CX %S", SMS_STATUS, 0, false, ""},
        {"CX", SMS_STATUS, 0, false, ""},
        {"查询社保怎么办", SMS_WORDS, 0, false, "查询社保怎么办"},
        {"%S", SMS_WORDS, 0, false, "%S"},
        {"已解决 %R", SMS_SOLVED, 0, true, ""},
        {"已解决，回执码：%R", SMS_SOLVED, 0, true, ""},
        {"未解决%R", SMS_UNSOLVED, 0, true, ""},
        {"没有解决 %R", SMS_UNSOLVED, 0, true, ""},
        {"已解决", SMS_WORDS, 0, false, "已解决"},
        {"已解决 %S", SMS_WORDS, 0, false, "已解决 %S"},
        {"未解决的问题很多", SMS_WORDS, 0, false, "未解决的问题很多"},
        {"5", SMS_RATING, 5, false, ""},
        {" ４ ", SMS_RATING, 4, false, ""},
        {"1。", SMS_RATING, 1, false, ""},
        {"3分", SMS_RATING, 3, false, ""},
        {"0", SMS_RATING, 0, false, ""},
        {"０", SMS_RATING, 0, false, ""},
        {"0000", SMS_STOP, 0, false, ""},
        {"00", SMS_WORDS, 0, false, "00"},
        {"N", SMS_STOP, 0, false, ""},
        {"No", SMS_WORDS, 0, false, "No"},
        {"R", SMS_STOP, 0, false, ""},
        {"qx", SMS_STOP, 0, false, ""},
        {"ＱＸ。", SMS_STOP, 0, false, ""},
        {"T 恤被没收", SMS_WORDS, 0, false, "T 恤被没收"},
        {"Stop!", SMS_STOP, 0, false, ""},
        {"stop it", SMS_WORDS, 0, false, "stop it"},
        {"START", SMS_START, 0, false, ""},
        {"6", SMS_WORDS, 0, false, "6"},
        {"55", SMS_WORDS, 0, false, "55"},
        {"5号楼没水", SMS_WORDS, 0, false, "5号楼没水"},
        {"帮助", SMS_HELP, 0, false, ""},
        {"Help!", SMS_HELP, 0, false, ""},
        {"？", SMS_HELP, 0, false, ""},
        {"帮助我", SMS_WORDS, 0, false, "帮助我"},
        {"退订", SMS_STOP, 0, false, ""},
        {"TD", SMS_STOP, 0, false, ""},
        {"ｔ", SMS_STOP, 0, false, ""},
        {"退订。", SMS_STOP, 0, false, ""},
        /* Polite forms of the list's words, the whole text. */
        {"请退订", SMS_STOP, 0, false, ""},
        {"請退訂。", SMS_STOP, 0, false, ""},
        {"我要退订", SMS_STOP, 0, false, ""},
        {"我要求退订！", SMS_STOP, 0, false, ""},
        {"麻烦帮我退订一下", SMS_WORDS, 0, false, "麻烦帮我退订一下"},
        {"麻烦帮我退订，谢谢", SMS_STOP, 0, false, ""},
        {"退订短信", SMS_STOP, 0, false, ""},
        {"退订回T", SMS_STOP, 0, false, ""},
        {"退订回复 ＴＤ。", SMS_STOP, 0, false, ""},
        {"TD退订", SMS_STOP, 0, false, ""},
        {"请退订回N", SMS_STOP, 0, false, ""},
        {"退订回X", SMS_WORDS, 0, false, "退订回X"},
        {"请取消订阅", SMS_STOP, 0, false, ""},
        {"我要T", SMS_WORDS, 0, false, "我要T"},
        {"请N", SMS_WORDS, 0, false, "请N"},
        {"我要退订金", SMS_WORDS, 0, false, "我要退订金"},
        {"请退订费", SMS_WORDS, 0, false, "请退订费"},
        {"请不要退订", SMS_WORDS, 0, false, "请不要退订"},
        {"请恢复", SMS_START, 0, false, ""},
        {"我要订阅", SMS_START, 0, false, ""},
        {"请恢复供水", SMS_WORDS, 0, false, "请恢复供水"},
        {"恢复了", SMS_WORDS, 0, false, "恢复了"},
        {"退订费用太高", SMS_WORDS, 0, false, "退订费用太高"},
        {"恢复", SMS_START, 0, false, ""},
        {"订阅", SMS_START, 0, false, ""},
        {"恢复供水", SMS_WORDS, 0, false, "恢复供水"},
        {"", SMS_WORDS, 0, false, ""},
        {"  ", SMS_WORDS, 0, false, "  "},
        {"路灯不亮", SMS_WORDS, 0, false, "路灯不亮"},
    };
    struct text sms, rest;
    text_init(&sms, 1000);
    text_init(&rest, 1000);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sms_text m;
        fill(rows[i].sms, &sms);
        fill(rows[i].rest, &rest);
        sms_text_read(text_str(&sms), &six, &m);
        bool right = m.kind == rows[i].kind && m.rating == rows[i].rating &&
                     (m.receipt[0] != '\0') == rows[i].receipt && str_eq(m.rest, text_str(&rest)) &&
                     (m.plaque[0] != '\0') == (rows[i].kind == SMS_PLAQUE);
        if (!right) fail_msg("%s: kind %d rest \"%.*s\"", text_z(&sms), (int)m.kind, STR_ARG(m.rest));
    }
    text_free(&sms);
    text_free(&rest);
}

static void longer_plaque_numbers_are_a_setting(void **state)
{
    (void)state;
    char sms[20] = "12345678";
    struct sms_text m;
    sms[8] = check_digit_mod11_10(sms, 8);
    sms_text_read(str_of(sms), &six, &m);
    assert_int_equal(m.kind, SMS_WORDS);
    sms_text_read(str_of(sms), &nine, &m);
    assert_int_equal(m.kind, SMS_PLAQUE);
    assert_string_equal(m.plaque, sms);
}

static void groups_are_taken_up_to_the_first_that_check(void **state)
{
    (void)state;
    char digits[10] = "12345678", sms[64];
    struct sms_text m;
    digits[8] = check_digit_mod11_10(digits, 8);
    assert_false(check_digit_ok(digits, 6)); /* else the shorter one would be the number */
    snprintf(sms, sizeof sms, "%.3s %.3s %s 路灯坏了", digits, digits + 3, digits + 6);
    sms_text_read(str_of(sms), &nine, &m);
    assert_int_equal(m.kind, SMS_PLAQUE);
    assert_string_equal(m.plaque, digits);
    assert_true(str_eq(m.rest, STR("路灯坏了")));
    snprintf(sms, sizeof sms, "%.6s-%s 路灯坏了", digits, digits + 6);
    sms_text_read(str_of(sms), &nine, &m);
    assert_string_equal(m.plaque, digits);
    snprintf(sms, sizeof sms, "%.3s\n%.3s%s", digits, digits + 3, digits + 6); /* two lines are two things */
    sms_text_read(str_of(sms), &nine, &m);
    assert_int_equal(m.kind, SMS_WORDS);
    /* Six that check: the next number, which would make nine, belongs to the words. */
    digits[5] = check_digit_mod11_10(digits, 5);
    snprintf(sms, sizeof sms, "%.3s %.3s 302 室没水", digits, digits + 3);
    sms_text_read(str_of(sms), &nine, &m);
    digits[6] = '\0';
    assert_string_equal(m.plaque, digits);
    assert_true(str_eq(m.rest, STR("302 室没水")));
}

static void courtesy_is_told_from_a_matter(void **state)
{
    (void)state;
    static const char *const thanks[] = {"谢谢",         "多谢",      "感谢",         "谢谢您",
                                         "好的",         "收到",      "知道了",       "明白",
                                         "OK",           "ok.",       "ＯＫ",         "Thanks!",
                                         "thank you",    "謝謝",      "明白了",       "收到了",
                                         "好的，谢谢！", "OK thanks", "您好，谢谢。", "非常感谢～ 收到"},
                             *const greetings[] = {"你好",        "您好！", "在吗", "在吗？",
                                                   "你好，在吗?", "Hello",  "hi"},
                             *const matters[] = {
                                 "谢谢路灯修好了", "好的路灯还是不亮", "好",           "收到？", "知道了吗",
                                 "你好，路灯坏了", "hi there",         "在吗路灯坏了", "",       "。",
                                 "感谢信箱满了",   "hillside"};
    struct sms_text m;
    for (size_t i = 0; i < ARRAY_LEN(thanks); i++) {
        sms_text_read(str_of(thanks[i]), &six, &m);
        if (m.kind != SMS_WORDS || m.courtesy != SMS_THANKS) fail_msg("%s", thanks[i]);
        assert_true(str_eq(m.rest, str_of(thanks[i]))); /* a unit's question may be answered with it */
    }
    for (size_t i = 0; i < ARRAY_LEN(greetings); i++) {
        sms_text_read(str_of(greetings[i]), &six, &m);
        if (m.kind != SMS_WORDS || m.courtesy != SMS_GREETING) fail_msg("%s", greetings[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(matters); i++) {
        sms_text_read(str_of(matters[i]), &six, &m);
        if (m.kind != SMS_WORDS || m.courtesy != SMS_MATTER) fail_msg("%s", matters[i]);
    }
}

static void a_receipt_that_is_missing_is_told_from_a_wrong_one(void **state)
{
    (void)state;
    struct sms_text m;
    sms_text_read(STR("CX"), &six, &m);
    assert_int_equal(m.kind, SMS_STATUS);
    assert_false(m.digits);
    sms_text_read(STR("查询 123"), &six, &m);
    assert_int_equal(m.kind, SMS_STATUS);
    assert_true(m.digits);
}

static void the_lists_are_settings_and_n_is_told_apart(void **state)
{
    (void)state;
    struct sms_text m;
    sms_text_read(STR("n"), &six, &m);
    assert_int_equal(m.kind, SMS_STOP);
    assert_true(m.weak);
    sms_text_read(STR("td"), &six, &m);
    assert_false(m.weak);
    sms_text_read(STR("td"), &nine, &m); /* an empty list takes nothing */
    assert_int_equal(m.kind, SMS_WORDS);
    const struct sms_rules digits = {6, 6, STR("0 1 0000"), STR("")};
    sms_text_read(STR("1"), &digits, &m); /* a score stays a score */
    assert_int_equal(m.kind, SMS_RATING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_its_meaning),
        cmocka_unit_test(longer_plaque_numbers_are_a_setting),
        cmocka_unit_test(groups_are_taken_up_to_the_first_that_check),
        cmocka_unit_test(courtesy_is_told_from_a_matter),
        cmocka_unit_test(a_receipt_that_is_missing_is_told_from_a_wrong_one),
        cmocka_unit_test(the_lists_are_settings_and_n_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
