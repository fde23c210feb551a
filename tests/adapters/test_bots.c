/* Robots of work groups: lengths, mentions, signatures that stand or are left out, and what their codes ask of the operator. The exact
 * requests are in samples/bots. */
#include "cmd_channel_check.h"
#include "rows.h"

static const char *const robots[] = {"dingtalk", "feishu", "wecom"};

static struct message notice(const char *title, const char *text)
{
    return (struct message){.title = s(title), .text = s(text), .now = {(i64)ROW_NOW_S * 1000000}, .try = 1};
}

static bool compose(const char *robot, const struct channel *ch, const struct message *m, struct arena *arena,
                    struct http_out *out)
{
    const char *reason = NULL;
    const bool good = adapter_find(s(robot))->compose(ch, m, arena, out, &reason);
    if (!good) assert_non_null(reason);
    return good;
}

static void plain_words_with_a_headline(void **state)
{
    (void)state;
    static const struct {
        const char *robot, *mention, *body;
    } all[] = {
        {"dingtalk", "", "{\"msgtype\":\"text\",\"text\":{\"content\":\"新件\\n# 办件 12 \\\"三天\\\"\"}}"},
        {"dingtalk", "15400000001, 15400000002,",
         "{\"msgtype\":\"text\",\"text\":{\"content\":\"新件\\n# 办件 12 \\\"三天\\\"\"},\"at\":{\"atMobiles\":[\"15400000001\",\"15400000002\"],\"isAtAll\":false}}"},
        {"dingtalk", "all",
         "{\"msgtype\":\"text\",\"text\":{\"content\":\"新件\\n# 办件 12 \\\"三天\\\"\"},\"at\":{\"atMobiles\":[],\"isAtAll\":true}}"},
        {"feishu", "", "{\"msg_type\":\"text\",\"content\":{\"text\":\"新件\\n# 办件 12 \\\"三天\\\"\"}}"},
        {"feishu", "all",
         "{\"msg_type\":\"text\",\"content\":{\"text\":\"<at user_id=\\\"all\\\">所有人</at> 新件\\n# 办件 12 \\\"三天\\\"\"}}"},
        {"wecom", "", "{\"msgtype\":\"text\",\"text\":{\"content\":\"新件\\n# 办件 12 \\\"三天\\\"\"}}"},
        {"wecom", "15400000001",
         "{\"msgtype\":\"text\",\"text\":{\"content\":\"新件\\n# 办件 12 \\\"三天\\\"\",\"mentioned_mobile_list\":[\"15400000001\"]}}"},
        {"wecom", "all",
         "{\"msgtype\":\"text\",\"text\":{\"content\":\"新件\\n# 办件 12 \\\"三天\\\"\",\"mentioned_mobile_list\":[\"@all\"]}}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const struct channel_setting set[] = {{STR("url"), STR("https://robot.example/send?key=k")},
                                              {STR("mention"), s(all[i].mention)}};
        const struct channel ch = {STR("group"), set, 2};
        const struct message m = notice("新件", "# 办件 12 \"三天\"");
        struct http_out out;
        struct arena arena;
        arena_init(&arena, 1 << 17);
        assert_true(compose(all[i].robot, &ch, &m, &arena, &out));
        assert_str(all[i].robot, out.body, all[i].body);
        assert_str(all[i].robot, out.url,
                   "https://robot.example/send?key=k"); /* nothing is signed without a secret */
        arena_free(&arena);
    }
}

static void what_cannot_be_sent_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(robots); i++) {
        const struct channel_setting good[] = {{STR("url"), STR("https://robot.example/")}},
                                     plain[] = {{STR("url"), STR("http://robot.example/")}},
                                     near[] = {{STR("url"), STR("http://127.0.0.1:8080/")}};
        const struct channel ch = {STR("group"), good, 1}, open = {STR("group"), plain, 1},
                             own = {STR("group"), near, 1}, none = {STR("group"), NULL, 0};
        struct message m = notice("", "x");
        struct http_out out;
        struct arena arena;
        arena_init(&arena, 1 << 17);
        assert_true(compose(robots[i], &ch, &m, &arena, &out));
        assert_true(compose(robots[i], &own, &m, &arena, &out));
        assert_false(compose(robots[i], &open, &m, &arena, &out)); /* the address is the secret */
        assert_false(compose(robots[i], &none, &m, &arena, &out));
        m.text = STR("");
        assert_false(compose(robots[i], &ch, &m, &arena, &out));
        m.text = STR("\xff");
        assert_false(compose(robots[i], &ch, &m, &arena, &out));
        arena_free(&arena);
        m.text = STR("x");
        compose_in_little_room(robots[i], &ch, &m);
        assert_int_equal(adapter_find(s(robots[i]))->use, USE_NOTICE);
    }
}

static void nothing_comes_in_through_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(robots); i++) {
        const struct adapter *a = adapter_find(s(robots[i]));
        const struct channel ch = {.name = STR("group")};
        const struct http_in in = {.method = STR("POST"), .body = STR("{}")};
        struct inbox inbox = {0};
        struct arena arena;
        const char *reason = NULL;
        arena_init(&arena, 1024);
        assert_int_not_equal(a->verify(&ch, HOOK_MO, &in, &reason), VERIFY_OK);
        assert_int_not_equal(a->parse(&ch, HOOK_MO, &in, &arena, &inbox, &reason), PARSE_OK);
        arena_free(&arena);
    }
}

/* The longest that each takes, cut at a character, with a mark that something is missing. */
static void long_notices_are_cut(void **state)
{
    (void)state;
    static const struct {
        const char *robot, *format;
        size_t max;
    } all[] = {{"dingtalk", "text", 16000},
               {"dingtalk", "markdown", 16000},
               {"feishu", "", 16000},
               {"wecom", "text", 2048},
               {"wecom", "markdown", 4096}};
    struct text words;
    text_init(&words, 60000);
    for (int i = 0; i < 10000; i++) text_addz(&words, "亮");
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const struct channel_setting set[] = {{STR("url"), STR("https://robot.example/")},
                                              {STR("format"), s(all[i].format)}};
        const struct channel ch = {STR("group"), set, 2};
        const struct message m = notice("题", text_z(&words));
        const char *why = "";
        struct http_out out;
        struct arena arena;
        arena_init(&arena, 1 << 17);
        assert_true(compose(all[i].robot, &ch, &m, &arena, &out));
        struct json *doc = json_parse(out.body, 1 << 17, &why);
        assert_non_null(doc);
        const struct json *inner =
            json_get(doc, strcmp(all[i].robot, "feishu") == 0 ? "content" : all[i].format);
        struct str kept = json_str(json_get(inner, "text"));
        if (!kept.p) kept = json_str(json_get(inner, "content"));
        if (kept.n > all[i].max || kept.n + 6 < all[i].max)
            fail_msg("%s %s: %zu octets", all[i].robot, all[i].format, kept.n);
        assert_true(str_ends(kept, STR("亮…")));
        json_free(&doc);
        arena_free(&arena);
    }
    text_free(&words);
}

static const struct {
    const char *robot;
    struct answer_row row;
} answers[] = {
    {"dingtalk", {200, true, "{\"errcode\":0,\"errmsg\":\"ok\"}", "", SENT_OK, CAUSE_NONE, 0, "", ""}},
    {"dingtalk", {200, true, "{\"errcode\":130101}", "", SENT_RETRY, CAUSE_RATE, 0, "", "130101"}},
    {"dingtalk",
     {200, true, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", "", SENT_REFUSED, CAUSE_SETTINGS, 0,
      "", "310000"}},
    {"dingtalk", {200, true, "{\"errcode\":77}", "", SENT_REFUSED, CAUSE_NONE, 0, "", "77"}},
    {"dingtalk", {502, true, "<html>", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""}},
    {"feishu", {200, true, "{\"code\":0,\"msg\":\"success\"}", "", SENT_OK, CAUSE_NONE, 0, "", ""}},
    {"feishu",
     {200, true, "{\"StatusCode\":0,\"StatusMessage\":\"success\"}", "", SENT_OK, CAUSE_NONE, 0, "", ""}},
    {"feishu", {200, true, "{\"code\":19021}", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", "19021"}},
    {"feishu", {400, true, "{\"code\":9499}", "", SENT_RETRY, CAUSE_RATE, 0, "", "9499"}},
    {"feishu", {200, true, "{}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""}},
    {"wecom", {200, true, "{\"errcode\":0}", "", SENT_OK, CAUSE_NONE, 0, "", ""}},
    {"wecom", {200, true, "{\"errcode\":45009}", "", SENT_RETRY, CAUSE_RATE, 0, "", "45009"}},
    {"wecom", {200, true, "{\"errcode\":93000}", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", "93000"}},
    {"wecom", {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, "", ""}},
    {"wecom", {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""}},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check(answers[i].robot, i, &answers[i].row);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/bots"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_words_with_a_headline),
        cmocka_unit_test(what_cannot_be_sent_is_said),
        cmocka_unit_test(nothing_comes_in_through_them),
        cmocka_unit_test(long_notices_are_cut),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
