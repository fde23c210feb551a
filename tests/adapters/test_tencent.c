/* Tencent by rows: what it pushes, what it wants, what it answers. The samples folder is run through `channel check` as an
 * operator would. */
#include "cmd_channel_check.h"
#include "rows.h"

#define REPLY(fields)                                                                                        \
    "{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"路灯\",\"time\":1773798600" fields "}"
#define DLR(fields)                                                                                                              \
    "[{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"sid\":\"2019:7\",\"user_receive_time\":\"2026-03-18 09:50:00\"" fields \
    "}]"
#define SENT_S 1773798600
#define WORDS(body_, ...)                                                                                    \
    .body = (body_), .sender = "+8615400001234", .text = "路灯", .sent_s = SENT_S, __VA_ARGS__
#define REPORT(body_, ...)                                                                                   \
    .hook = HOOK_DLR, .body = (body_), .to = "+8615400001234", .id = "2019:7", .sent_s = SENT_S, __VA_ARGS__
#define BAD(body_) .body = (body_), .result = PARSE_MALFORMED

static const struct row rows[] = {
    {"a reply; the extension is where it was sent to",
     WORDS(REPLY(",\"extend\":\"01\",\"sign\":\"码上督\""), .to = "01")},
    {"time and country as text",
     .body = "{\"mobile\":15400001234,\"nationcode\":86,\"text\":\"a\",\"time\":\"1773798600\"}",
     .sender = "+8615400001234", .text = "a", .sent_s = SENT_S},
    {"another country",
     .body = "{\"mobile\":\"60001234\",\"nationcode\":\"852\",\"text\":\"a\",\"time\":1773798600}",
     .sender = "+85260001234", .text = "a", .sent_s = SENT_S},
    {"a number that has its country already",
     .body = "{\"mobile\":\"+8615400001234\",\"nationcode\":\"86\",\"text\":\"a\",\"time\":1773798600}",
     .sender = "+8615400001234", .text = "a", .sent_s = SENT_S},
    {"no country: a mainland number",
     .body = "{\"mobile\":\"15400001234\",\"text\":\"a\",\"time\":1773798600}", .sender = "+8615400001234",
     .text = "a", .sent_s = SENT_S},
    {"a reply comes to the address of receipts: the shape decides", WORDS(REPLY(""), .hook = HOOK_DLR)},
    {"blanks in front of the JSON", WORDS(" \r\n" REPLY(""))},
    {"a lone surrogate costs one character",
     .body = "{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"\\ude31a\",\"time\":1773798600}",
     .sender = "+8615400001234", .text = "\xef\xbf\xbd\x61", .sent_s = SENT_S},

    {"no number", BAD("{\"nationcode\":\"86\",\"text\":\"a\",\"time\":1773798600}")},
    {"no words", BAD("{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"time\":1773798600}")},
    {"words that are a list",
     BAD("{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":[\"a\"],\"time\":1773798600}")},
    {"no time: the second 谢谢 of a citizen would be a repeat of the first",
     BAD("{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"a\"}")},
    {"a time before time",
     BAD("{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"a\",\"time\":-5}")},
    {"a time with a fraction",
     BAD("{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"a\",\"time\":1.5}")},
    {"a time of 20 digits",
     BAD("{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"a\",\"time\":18446744073709551615}")},
    {"nothing", BAD("")},
    {"null", BAD("null")},
    {"cut off", BAD("{\"mobile\":\"154")},
    {"GBK", BAD("{\"mobile\":\"15400001234\",\"text\":\"\xc2\xb7\xb5\xc6\",\"time\":1773798600}")},

    {"delivered", REPORT(DLR(",\"report_status\":\"SUCCESS\",\"errmsg\":\"DELIVRD\",\"ext\":\"17\""),
                         .status = "delivered", .ref = "17")},
    {"failed", REPORT(DLR(",\"report_status\":\"FAIL\",\"errmsg\":\"MK:0001\""), .status = "failed",
                      .code = "MK:0001")},
    {"ran out of time", REPORT(DLR(",\"report_status\":\"FAIL\",\"errmsg\":\"EXPIRED\""), .status = "expired",
                               .code = "EXPIRED")},
    {"a status of tomorrow settles nothing", REPORT(DLR(",\"report_status\":\"WAIT\""), .status = "sent")},
    {"a status that is no text settles nothing", REPORT(DLR(",\"report_status\":true"), .status = "sent")},
    {"receipts at the address of replies", .body = DLR(",\"report_status\":\"SUCCESS\""),
     .to = "+8615400001234", .id = "2019:7", .sent_s = SENT_S, .status = "delivered"},
    {"a receipt without an id", BAD("[{\"mobile\":\"15400001234\",\"report_status\":\"SUCCESS\"}]"),
     .hook = HOOK_DLR},
    {"elements that are no objects", BAD("[1,2]"), .hook = HOOK_DLR},
    {"a receipt without an id beside one with it",
     .body =
         "[{\"mobile\":\"15400001234\",\"report_status\":\"SUCCESS\"},{\"sid\":\"2019:7\",\"mobile\":\"15400001234\","
         "\"nationcode\":\"86\",\"report_status\":\"SUCCESS\"}]",
     .hook = HOOK_DLR, .to = "+8615400001234", .id = "2019:7", .status = "delivered", .unreadable = 1},
    {"no receipts at all", .hook = HOOK_DLR, .body = "[]"},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("tencent", &rows[i]);
}

/* What hooks.c would answer. A reply that lacks something is refused in Tencent's own form, what is no JSON by 400. */
static void answers_to_pushes(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int status;
        const char *answer;
    } pushes[] = {
        {REPLY(""), 200, "{\"result\":0,\"errmsg\":\"OK\"}"},
        {"[]", 200, "{\"result\":0,\"errmsg\":\"OK\"}"},
        {"{\"text\":\"a\",\"time\":1773798600}", 200, "{\"result\":1,\"errmsg\":\"missing mobile\"}"},
        {"{\"mobile\":\"15400001234\",\"time\":1773798600}", 200,
         "{\"result\":1,\"errmsg\":\"missing text\"}"},
        {"{\"mobile\":\"15400001234\",\"text\":\"a\"}", 200, "{\"result\":1,\"errmsg\":\"missing time\"}"},
        {"[{\"mobile\":\"15400001234\"}]", 200, "{\"result\":1,\"errmsg\":\"missing sid\"}"},
        {"{", 400, ""},
    };
    const struct channel ch = {STR("sms"), NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(pushes); i++) {
        const struct http_in in = {.method = STR("POST"), .body = s(pushes[i].body)};
        struct inbox *inbox = MEM_NEW(struct inbox);
        struct arena arena;
        const char *reason;
        arena_init(&arena, 1 << 18);
        const enum parse_result result = adapter_tencent.parse(&ch, HOOK_MO, &in, &arena, inbox, &reason);
        const struct hook_answer a = adapter_answer(VERIFY_OK, result, inbox);
        assert_int_equal(result == PARSE_OK, i < 2);
        assert_int_equal(a.status, pushes[i].status);
        assert_str(pushes[i].body, a.body, pushes[i].answer);
        if (a.body.n) assert_str("type", a.type, "application/json; charset=utf-8");
        arena_free(&arena);
        free(inbox);
    }
}

/* There is no id: the same push twice is one message, everything else is another one. */
static void keys_tell_replies_apart(void **state)
{
    (void)state;
    static const char *const pushes[] = {
        REPLY(""), "{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"路灯\",\"time\":1773798601}",
        "{\"mobile\":\"15400001235\",\"nationcode\":\"86\",\"text\":\"路灯\",\"time\":1773798600}",
        "{\"mobile\":\"15400001234\",\"nationcode\":\"86\",\"text\":\"路灯 \",\"time\":1773798600}"};
    const struct channel ch = {STR("sms"), NULL, 0};
    struct str keys[ARRAY_LEN(pushes)];
    struct inbox *inbox = MEM_NEW(struct inbox);
    struct arena arena;
    const char *reason;
    arena_init(&arena, 1 << 18);
    for (size_t i = 0; i <= ARRAY_LEN(pushes); i++) {
        const struct http_in in = {.method = STR("POST"), .body = s(pushes[i % ARRAY_LEN(pushes)])};
        assert_int_equal(adapter_tencent.parse(&ch, HOOK_MO, &in, &arena, inbox, &reason), PARSE_OK);
        const struct str key = inbox->items[0].s.dedupe_key;
        assert_true(str_find(key, STR("15400001234")) == SIZE_MAX); /* no number in a key that may be shown */
        if (i == ARRAY_LEN(pushes)) {
            assert_true(str_eq(key, keys[0]));
            break;
        }
        for (size_t k = 0; k < i; k++) assert_false(str_eq(key, keys[k]));
        keys[i] = key;
    }
    arena_free(&arena);
    free(inbox);
}

static void another_application_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *ours, *query;
        enum verdict_in verdict;
    } gates[] = {{"", "", VERIFY_OK},
                 {"", "sdkappid=1400000002", VERIFY_OK},
                 {"1400000001", "", VERIFY_OK},
                 {"1400000001", "sdkappid=1400000001", VERIFY_OK},
                 {"1400000001", "x=1&sdkappid=1400000002", VERIFY_REFUSED}};
    for (size_t i = 0; i < ARRAY_LEN(gates); i++) {
        const struct channel_setting set[] = {{STR("sdk_app_id"), s(gates[i].ours)}};
        const struct channel ch = {STR("sms"), set, 1};
        const struct http_in in = {.method = STR("POST"), .query = s(gates[i].query)};
        const char *reason = NULL;
        assert_int_equal(adapter_tencent.verify(&ch, HOOK_MO, &in, &reason), gates[i].verdict);
    }
}

/* -- sending ------------------------------------------------------------------------------------------------- */

static const u8 random16[16];
static const struct message_param params[] = {{STR("receipt"), STR("MSD-0318")},
                                              {STR("unit"), STR("幸福路街道办")}};
static struct channel_setting sending[] = {{STR("secret_id"), STR("AKIDFICTITIOUS0001")},
                                           {STR("secret_key"), STR("FICTITIOUSTencentSecret0001")},
                                           {STR("sdk_app_id"), STR("1400000001")},
                                           {STR("template_received"), STR("1000001")},
                                           {STR("params_received"), STR("")},
                                           {STR("api_url"), STR("")}};
static const struct channel ch_send = {STR("sms"), sending, ARRAY_LEN(sending)};

static struct message sample_message(void)
{
    return (struct message){.to = STR("+8613800001234"),
                            .text = STR("【码上督】已受理"),
                            .sign = STR("码上督"),
                            .client_ref = STR("MSD-20260318-0001"),
                            .event = STR("received"),
                            .params = params,
                            .n_params = ARRAY_LEN(params),
                            .now = {(i64)ROW_NOW_S * 1000000},
                            .random = random16,
                            .try = 1};
}

static bool compose(const struct message *m, struct arena *arena, struct http_out *out, const char **reason)
{
    *reason = NULL;
    return adapter_tencent.compose(&ch_send, m, arena, out, reason);
}

static void sending_byte_for_byte(void **state)
{
    (void)state;
    struct message m = sample_message();
    struct http_out out;
    struct arena arena;
    const char *reason;
    arena_init(&arena, 1 << 18);
    assert_true(compose(&m, &arena, &out, &reason));
    assert_request("05-tencent-tc3", &out);
    compose_in_little_room("tencent", &ch_send, &m);
    sending[4].value = STR("unit,receipt"); /* the order of the template's {1} and {2} */
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_find(out.body, STR("\"TemplateParamSet\":[\"幸福路街道办\",\"MSD-0318\"]")) != SIZE_MAX);
    sending[4].value = STR("");
    m.params = &(const struct message_param){STR("receipt"), STR("a\"b\\")}, m.n_params = 1;
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_find(out.body, STR("[\"a\\\"b\\\\\"]")) != SIZE_MAX);
    sending[5].value = STR("http://127.0.0.1:8081/");
    assert_true(compose(&m, &arena, &out, &reason));
    assert_str("url", out.url, "http://127.0.0.1:8081/");
    assert_str("host", out.headers[0].value, "127.0.0.1:8081");
    sending[5].value = STR("");
    arena_free(&arena);
}

static void what_cannot_be_sent_is_refused(void **state)
{
    (void)state;
    struct http_out out;
    struct arena arena;
    const char *reason;
    arena_init(&arena, 1 << 18);
    struct message m = sample_message();
    m.event = STR("answered");
    assert_false(compose(&m, &arena, &out, &reason));
    assert_string_equal(reason, "no template_<event> for this event");
    m = sample_message(), m.sign = STR_NONE;
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    m = sample_message(), m.to = STR_NONE;
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    m = sample_message();
    for (size_t i = 0; i < 3; i++) { /* id, key and application are needed */
        const struct str was = sending[i].value;
        sending[i].value = STR("");
        assert_false(compose(&m, &arena, &out, &reason));
        assert_non_null(reason);
        sending[i].value = was;
    }
    arena_free(&arena);
}

#define ERROR(code_)                                                                                         \
    "{\"Response\":{\"Error\":{\"Code\":\"" code_ "\",\"Message\":\"x\"},\"RequestId\":\"0\"}}"
#define ONE(code_) "{\"SerialNo\":\"2019:7\",\"Code\":\"" code_ "\"}"
#define SET(list)  "{\"Response\":{\"SendStatusSet\":[" list "],\"RequestId\":\"0\"}}"
static const struct answer_row answers[] = {
    {200, true, SET(ONE("Ok")), "", SENT_OK, CAUSE_NONE, 0, "2019:7", NULL},
    {200, true, SET(ONE("FailedOperation.PhoneNumberInBlacklist")), "", SENT_REFUSED, CAUSE_RECIPIENT, 0,
     NULL, "FailedOperation.PhoneNumberInBlacklist"},
    {200, true, SET(ONE("LimitExceeded.PhoneNumberDailyLimit") "," ONE("Ok")), "", SENT_OK, CAUSE_NONE, 0,
     "2019:7", NULL},
    {200, true, SET(ONE("Ok") "," ONE("LimitExceeded.PhoneNumberDailyLimit")), "", SENT_OK, CAUSE_NONE, 0,
     "2019:7", NULL},
    {200, true, SET(""), "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, SET("1,null,{}"), "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, ERROR("FailedOperation.InsufficientBalanceInSmsPackage"), "", SENT_REFUSED, CAUSE_MONEY, 0,
     NULL, "FailedOperation.InsufficientBalanceInSmsPackage"},
    {200, true, ERROR("InvalidParameterValue.IncorrectPhoneNumber"), "", SENT_REFUSED, CAUSE_RECIPIENT, 0,
     NULL, "InvalidParameterValue.IncorrectPhoneNumber"},
    {200, true, ERROR("FailedOperation.SignatureIncorrectOrUnapproved"), "", SENT_REFUSED, CAUSE_SETTINGS, 0,
     NULL, "FailedOperation.SignatureIncorrectOrUnapproved"},
    {200, true, ERROR("FailedOperation.TemplateIncorrectOrUnapproved"), "", SENT_REFUSED, CAUSE_SETTINGS, 0,
     NULL, "FailedOperation.TemplateIncorrectOrUnapproved"},
    {200, true, ERROR("AuthFailure.SignatureExpire"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL,
     "AuthFailure.SignatureExpire"},
    {200, true, ERROR("RequestLimitExceeded.UinLimitExceeded"), "3", SENT_RETRY, CAUSE_RATE, 3, NULL,
     "RequestLimitExceeded.UinLimitExceeded"},
    {200, true, ERROR("InternalError.Timeout"), "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL,
     "InternalError.Timeout"},
    {200, true, ERROR("Something.New"), "", SENT_REFUSED, CAUSE_NONE, 0, NULL, "Something.New"},
    {200, true, "<html>", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {502, true, "<html>", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, NULL},
    {502, true, SET(ONE("Ok")), "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, NULL},
    {429, true, "", "5", SENT_RETRY, CAUSE_RATE, 5, NULL, NULL},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, NULL, NULL},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, NULL},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("tencent", i, &answers[i]);
    answers_of_sample("tencent", "05-tencent-tc3");
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/tencent"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushes_are_read),         cmocka_unit_test(answers_to_pushes),
        cmocka_unit_test(keys_tell_replies_apart), cmocka_unit_test(another_application_is_refused),
        cmocka_unit_test(sending_byte_for_byte),   cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(answers_are_judged),      cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
