/* What is said to citizens: every wording that the schema delivers, what rendering refuses, and each fault of a wording. */
#include "base/utf8.h"
#include "core/message.h"
#include "core/segments.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SIGN "【示例市示例区】" /* as long as the manual advises */

static char delivered[MESSAGE_EVENTS_N][2][1024];

/* The rows ('event', 'lang', 1, 'text') of a migration. */
static int wordings_of(const char *path)
{
    char line[2048], event[64], lang[8], text[1024];
    FILE *f = fopen(path, "r");
    if (!f) return -1;
    while (fgets(line, sizeof line, f)) {
        enum message_event e;
        if (sscanf(line, "  ('%63[a-z_]', '%7[a-z]', 1, '%1023[^']')", event, lang, text) != 3) continue;
        if (!message_event_parse(str_of(event), &e)) return -1;
        snprintf(delivered[e][strcmp(lang, "en") == 0], sizeof delivered[e][0], "%s", text);
    }
    fclose(f);
    return 0;
}

static int wordings_read(void **state)
{
    (void)state;
    return wordings_of(TREE "/schema/0014_templates.sql") || wordings_of(TREE "/schema/0023_status.sql") ||
                   wordings_of(TREE "/schema/0054_callscript.sql")
               ? -1
               : 0;
}

static unsigned parts_of(const char *wording, bool english, char *shown, size_t room)
{
    struct text t;
    text_init(&t, 4096);
    text_addz(&t, SIGN);
    assert_true(message_render_example(str_of(wording), english, &t));
    snprintf(shown, room, "%s", text_z(&t));
    const unsigned parts = segments_count(SEGMENTS_DOMESTIC, text_str(&t)).parts;
    text_free(&t);
    return parts;
}

static void every_event_has_a_wording_without_fault(void **state)
{
    (void)state;
    for (int e = 0; e < MESSAGE_EVENTS_N; e++)
        for (int english = 0; english < 2; english++) {
            const char *wording = delivered[e][english], *word = message_event_word((enum message_event)e);
            char shown[4096];
            const char *fault = message_template_fault((enum message_event)e, str_of(wording));
            if (fault) fail_msg("%s %s: %s", word, english ? "en" : "zh", fault);
            if (message_event_purpose((enum message_event)e) == PURPOSE_CALL) continue; /* never sent */
            const unsigned parts = parts_of(wording, english, shown, sizeof shown);
            const bool linked = strstr(wording, "{link}") != NULL;
            if (!english && parts > (linked ? 2u : 1u)) fail_msg("%s: %u SMS: %s", word, parts, shown);
            if (english && parts > 3) fail_msg("%s: %u SMS: %s", word, parts, shown);
        }
}

/* What goes out today goes on meaning the same: the number to keep, the words to send back. */
static void the_words_say_what_to_do(void **state)
{
    (void)state;
    const struct {
        enum message_event e;
        const char *says;
    } rows[] = {{MESSAGE_RECEIVED, "回复“CX 回执码”"},
                {MESSAGE_RECEIVED_NOWHERE, "监督牌编号"},
                {MESSAGE_RECEIVED_REPORT, "短信不保密"},
                {MESSAGE_ANSWERED, "已有答复。回复“CX 回执码”"},
                {MESSAGE_EXTENDED, "经批准延长办理时限"},
                {MESSAGE_PAUSED, "暂停计时"},
                {MESSAGE_SURVEY, "退订"},
                {MESSAGE_RECEIPT_MISSING, "“CX”"},
                {MESSAGE_STATUS_ANSWERED, "答复请在网页输入回执码"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strstr(delivered[rows[i].e][0], rows[i].says))
            fail_msg("%s no longer says %s", message_event_word(rows[i].e), rows[i].says);
    assert_null(strstr(delivered[MESSAGE_RECEIVED_REPORT][0], "举报")); /* an SMS is read over shoulders */
}

static void words_of_the_tables_are_read_back(void **state)
{
    enum message_event e;
    (void)state;
    for (int i = 0; i < MESSAGE_EVENTS_N; i++) {
        const char *params = message_event_params((enum message_event)i);
        assert_true(message_event_parse(str_of(message_event_word((enum message_event)i)), &e));
        assert_int_equal(e, i);
        for (struct str rest = str_of(params), one; rest.n;) {
            str_cut(rest, ',', &one, &rest);
            if (!message_param_title(one))
                fail_msg("%s of %s is no parameter", params, message_event_word(e));
        }
    }
    assert_false(message_event_parse(STR("nothing"), &e));
}

static void rendering(void **state)
{
    (void)state;
    const struct message_value values[] = {
        {"receipt", STR("1234 5678 9012 3450")}, {"unit", STR("a{receipt}\tb\x7f{c")}, {"stage", STR_NONE}};
    const struct {
        const char *wording, *want; /* NULL: refused */
    } rows[] = {
        {"", ""},
        {"code {receipt}.", "code 1234 5678 9012 3450."},
        {"{receipt}{receipt}", "1234 5678 9012 34501234 5678 9012 3450"},
        {"{{receipt}} {{", "{receipt} {"},
        {"}}{{", "}{"},
        {"<{stage}>", "<>"},
        {"{unit}", "a{receipt}b{c"}, /* a value is no template, and no control character gets out */
        {"{due}", NULL},             /* known, but not among the values */
        {"ok {nobody}", NULL},
        {"{", NULL},
        {"}", NULL},
        {"{}", NULL},
        {"{receipt", NULL},
        {"{re ceipt}", NULL},
        {"{receipt}}", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text t;
        text_init(&t, 200);
        text_addz(&t, "|");
        const bool good = message_render(str_of(rows[i].wording), values, ARRAY_LEN(values), &t);
        if (good != (rows[i].want != NULL) || strcmp(text_z(&t) + 1, good ? rows[i].want : "") != 0)
            fail_msg("%s gave %s", rows[i].wording, good ? text_z(&t) : "a refusal");
        text_free(&t);
    }
    struct text small;
    text_init(&small, 10);
    assert_false(message_render(STR("{receipt}"), values, 1, &small)); /* nothing half-filled */
    assert_int_equal(small.n, 0);
    text_free(&small);
}

static void each_fault_has_its_sentence(void **state)
{
    (void)state;
    const struct {
        const char *wording, *says; /* NULL: it can be taken */
    } rows[] = {
        {"回执码 {receipt}，请妥善保管。", NULL},
        {"{receipt}{receipt} {{例}} 12345 热线 0512-12345678，网址见监督牌。", NULL},
        {"", "不能为空"},
        {"  ", "不能为空"},
        {"请妥善保管。", "缺少 {receipt}（回执码）"},
        {"{receipt} {unit}", "没有的参数"},
        {"{receipt} {name}", "没有的参数"},
        {"{receipt} {", "花括号"},
        {"{receipt} {}", "花括号"},
        {"{receipt}}", "花括号"},
        {"{receipt}\n第二行", "不能换行"},
        {"{receipt}\xc2\x85", "控制字符"},
        {"【示例区】{receipt}", "不要写签名"},
        {"{receipt}】", "不要写签名"},
        {"{receipt} https://example.org/a", "网址"},
        {"{receipt} www.example.org", "网址"},
        {"{receipt} s.cn/Ab1", "网址"},
        {"{receipt}，联系 15400000000", "手机号码"},
        {"{receipt}，联系 8615400000000", "手机号码"},
        {"{receipt}，证号 110101199001010000", "证件号码"},
        {"{receipt}，证号 11010119900101000X", "证件号码"},
        {"{receipt}\xff", "有效的文字"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *fault = message_template_fault(MESSAGE_RECEIVED, str_of(rows[i].wording));
        if (!fault != !rows[i].says || (fault && !strstr(fault, rows[i].says)))
            fail_msg("\"%s\": %s", rows[i].wording, fault ? fault : "no fault");
    }
    assert_non_null(message_template_fault(MESSAGE_PLAQUE_ONLY, STR("{unit}")));
    assert_null(message_template_fault(MESSAGE_PLAQUE_ONLY, STR("{unit}{plaque}")));
    assert_null(message_template_fault(MESSAGE_HELP, STR("帮助")));
    /* What is read aloud may have its parameters and needs none; it carries no more about a person than what is sent. */
    assert_null(message_template_fault(MESSAGE_CALL_MATTER, STR("编号 {case}，请讲。")));
    assert_null(message_template_fault(MESSAGE_CALL_SUITS, STR("方便吗？")));
    assert_non_null(message_template_fault(MESSAGE_CALL_MATTER, STR("回执码 {receipt}")));
    assert_non_null(message_template_fault(MESSAGE_CALL_MATTER, STR("请打 15400001234")));
}

/* 500 characters with the signature and what is filled in, and not one more. */
static void the_longest_wording(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 4096);
    for (int i = 0; i < MESSAGE_TEMPLATE_MAX - MESSAGE_SIGN_MAX - 19; i++) text_addz(&t, "办");
    text_addz(&t, "{receipt}");
    assert_null(message_template_fault(MESSAGE_RECEIVED, text_str(&t)));
    text_addz(&t, "办");
    assert_non_null(strstr(message_template_fault(MESSAGE_RECEIVED, text_str(&t)), "太长"));
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_has_a_wording_without_fault),
        cmocka_unit_test(the_words_say_what_to_do),
        cmocka_unit_test(words_of_the_tables_are_read_back),
        cmocka_unit_test(rendering),
        cmocka_unit_test(each_fault_has_its_sentence),
        cmocka_unit_test(the_longest_wording),
    };
    return cmocka_run_group_tests(tests, wordings_read, NULL);
}
