/* Mails as bytes: headers that nothing can be injected into, words that come out as they went in, addresses, and what each answer of a
 * server means. */
#include "adapters/adapter.h"
#include "adapters/notice/mail.h"
#include "base/code.h"
#include "base/utf8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static const struct adapter *mail;

static const struct channel_setting settings[] = {{STR("server"), STR("smtp://mail.example.org:587")},
                                                  {STR("username"), STR("office")},
                                                  {STR("password"), STR("s3cret")},
                                                  {STR("from"), STR("notice@example.org")},
                                                  {STR("from_name"), STR("示例区优化营商环境办公室")},
                                                  {STR("to"), STR("duty@example.org")}};

static struct message message(const char *title, const char *text)
{
    return (struct message){.title = str_of(title),
                            .text = str_of(text),
                            .client_ref = STR("4294967297"),
                            .event_at = {1773799200LL * 1000000},
                            .now = {1773799260LL * 1000000}};
}

static bool compose(const struct message *m, const char *name, const char *value, struct http_out *out,
                    const char **why)
{
    struct channel_setting set[ARRAY_LEN(settings) + 1];
    size_t n = ARRAY_LEN(settings);
    memcpy(set, settings, sizeof settings);
    for (size_t i = 0; name && i < n; i++)
        if (str_eq(set[i].name, str_of(name))) set[i].value = str_of(value), name = NULL;
    if (name) set[n++] = (struct channel_setting){str_of(name), str_of(value)};
    const struct channel ch = {STR("mail"), set, n};
    return mail->compose(&ch, m, &arena, out, why);
}

static void whole_message(void **state)
{
    (void)state;
    struct http_out out;
    const char *why = NULL;
    const struct message m = message("新交办：办件 65537", "第一行\n第二行\r\n.\r\n");
    assert_true(compose(&m, NULL, NULL, &out, &why));
    static const char want[] = "Date: Wed, 18 Mar 2026 10:00:00 +0800\r\n"
                               "From: =?UTF-8?B?56S65L6L5Yy65LyY5YyW6JCl5ZWG546v5aKD5Yqe5YWs5a6k?=\r\n"
                               " <notice@example.org>\r\n"
                               "To: <duty@example.org>\r\n"
                               "Subject: =?UTF-8?B?5paw5Lqk5Yqe77ya5Yqe5Lu2IDY1NTM3?=\r\n"
                               "Message-ID: <msg_4294967297@example.org>\r\n"
                               "Auto-Submitted: auto-generated\r\n"
                               "MIME-Version: 1.0\r\n"
                               "Content-Type: text/plain; charset=utf-8\r\n"
                               "Content-Transfer-Encoding: base64\r\n"
                               "\r\n"
                               "56ys5LiA6KGMDQrnrKzkuozooYwNCi4NCg==\r\n";
    if (!str_eq(out.body, STR(want))) fail_msg("got\n%.*s", STR_ARG(out.body));
    assert_true(str_eq(out.url, STR("smtp://mail.example.org:587")) &&
                str_eq(out.mail.from, STR("notice@example.org")));
    assert_true(str_eq(out.mail.to, STR("duty@example.org")) && str_eq(out.mail.user, STR("office")));
    assert_true(str_eq(out.mail.password, STR("s3cret")) && out.mail.tls && !out.public_only);
    assert_true(compose(&m, "tls", "optional", &out, &why) && !out.mail.tls);
    /* Without a user name the password stays at home. */
    assert_true(compose(&m, "username", "", &out, &why) && out.mail.password.n == 0);
}

/* Every line of the head: short, seven bits, ended by CR LF, begun by a name we know or by a blank. */
static void head_check(struct str body)
{
    static const char *const names[] = {"Date: ",
                                        "From: ",
                                        "To: ",
                                        "Subject: ",
                                        "Message-ID: ",
                                        "Auto-Submitted: ",
                                        "MIME-Version",
                                        "Content-Type: ",
                                        "Content-Transfer-Encoding: ",
                                        " "};
    size_t end = str_find(body, STR("\r\n\r\n")), seen = 0;
    assert_true(end != SIZE_MAX);
    struct str rest = {body.p, end + 2}, line;
    while (rest.n) {
        size_t n = str_find(rest, STR("\r\n"));
        bool known = false;
        assert_true(n != SIZE_MAX && n <= 76);
        line = (struct str){rest.p, n};
        rest.p += n + 2, rest.n -= n + 2;
        for (size_t i = 0; i < n; i++) assert_true((u8)line.p[i] >= 0x20 && (u8)line.p[i] < 0x7f);
        for (size_t i = 0; i < ARRAY_LEN(names); i++) known = known || str_starts(line, str_of(names[i]));
        assert_true(known);
        seen += line.p[0] != ' ';
    }
    assert_int_equal(seen, 9);
}

static void nothing_injected(void **state)
{
    (void)state;
    static const char *const titles[] = {
        "a\r\nBcc: x@example.org",
        "a\nb",
        "\r\n\r\nbody",
        "=?UTF-8?B?evil?=",
        "很长的标题很长的标题很长的标题很长的标题很长的标题很长的标题很长的标题很长的标题",
        "😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡",
        "\x01\x7f",
        "\xff\xfe bad",
        ""};
    for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
        struct http_out out;
        const char *why;
        const struct message m = message(titles[i], "字");
        assert_true(compose(&m, "from_name", titles[i], &out, &why));
        head_check(out.body);
        assert_true(str_find(out.body, STR("Bcc")) == SIZE_MAX);
    }
    static const struct {
        const char *name, *value;
    } bad[] = {{"from", "notice@example.org>\r\nBcc: <x@example.org"},
               {"to", "duty@example.org, x@example.org"},
               {"to", "duty"},
               {"server", "http://mail.example.org"},
               {"server", ""},
               {"tls", "no"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct http_out out;
        const char *why = NULL;
        const struct message m = message("t", "w");
        if (compose(&m, bad[i].name, bad[i].value, &out, &why) || !why)
            fail_msg("%s=%s", bad[i].name, bad[i].value);
    }
}

/* Decoding the encoded words gives the text back, and each is whole characters. */
static void encoded_words(void **state)
{
    (void)state;
    static const char *const texts[] = {"a", "督办函（红）", "路灯不亮😡路灯不亮😡路灯不亮😡路灯不亮😡路灯不亮😡",
                                        "aé漢😡aé漢😡aé漢😡aé漢😡aé漢😡aé漢😡aé漢😡"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        for (size_t used = 0; used < 90; used += 3) {
            struct text t, back;
            text_init(&t, 4000);
            text_init(&back, 4000);
            mail_encode_header(str_of(texts[i]), used, &t);
            struct str rest = text_str(&t), word;
            while (rest.n) {
                while (rest.n && (*rest.p == ' ' || *rest.p == '\r' || *rest.p == '\n')) rest.p++, rest.n--;
                size_t end = str_find(rest, STR("?="));
                end = str_starts(rest, STR("=?UTF-8?B?"))
                          ? 10 + str_find((struct str){rest.p + 10, rest.n - 10}, STR("?="))
                          : end;
                assert_true(str_starts(rest, STR("=?UTF-8?B?")) && end != SIZE_MAX && end + 2 <= 75);
                word = (struct str){rest.p + 10, end - 10};
                size_t before = back.n;
                assert_true(b64_get(&back, word));
                assert_true(utf8_valid((struct str){back.p + before, back.n - before}));
                rest.p += end + 2, rest.n -= end + 2;
            }
            assert_true(str_eq(text_str(&back), str_of(texts[i])));
            text_free(&t);
            text_free(&back);
        }
    }
}

static void addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b", "first.last@example.org", "x+y_z@sub.example.org",
                                       "o'neil@example.org"};
    static const char *const bad[] = {
        "",      "a",     "@b",    "a@",    ".a@b",    "a.@b",    "a..b@c",  "a@b..c",      "a@.b", "a@b.",
        "a b@c", "a@b c", "a@b@c", "<a@b>", "a@b\r\n", "\"a\"@b", "群@b.cn", "a@[1.2.3.4]", "a,b@c"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (!mail_address_valid(str_of(good[i]))) fail_msg("refused %s", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (mail_address_valid(str_of(bad[i]))) fail_msg("took %s", bad[i]);
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        int status;
        bool sent;
        enum sent want;
        enum sent_cause cause;
    } rows[] = {{250, true, SENT_OK, CAUSE_NONE},          {421, true, SENT_RETRY, CAUSE_NONE},
                {450, true, SENT_RETRY, CAUSE_NONE},       {451, true, SENT_RETRY, CAUSE_NONE},
                {452, true, SENT_RETRY, CAUSE_NONE},       {454, true, SENT_RETRY, CAUSE_NONE},
                {530, true, SENT_REFUSED, CAUSE_SETTINGS}, {535, true, SENT_REFUSED, CAUSE_SETTINGS},
                {550, true, SENT_REFUSED, CAUSE_SETTINGS}, {553, true, SENT_REFUSED, CAUSE_SETTINGS},
                {552, true, SENT_REFUSED, CAUSE_NONE},     {554, true, SENT_REFUSED, CAUSE_NONE},
                {0, true, SENT_UNKNOWN, CAUSE_NONE},       {0, false, SENT_RETRY, CAUSE_NONE}};
    assert_false(mail->repeatable);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct http_reply reply = {.status = rows[i].status, .sent = rows[i].sent};
        struct sent_outcome got;
        mail->judge(NULL, &reply, &arena, &got);
        if (got.sent != rows[i].want || got.cause != rows[i].cause)
            fail_msg("%d: %d %d", rows[i].status, got.sent, got.cause);
        assert_non_null(got.for_operator);
    }
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    mail = adapter_find(STR("mail"));
    return mail ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_message, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_injected, setup, teardown),
        cmocka_unit_test(encoded_words),
        cmocka_unit_test(addresses),
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
