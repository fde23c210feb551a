/* Aliyun by rows: what it pushes, what it wants, what it answers. The samples folder is run through `channel check` as an operator
 * would. */
#include "cmd_channel_check.h"
#include "rows.h"

#define MO(fields)                                                                                           \
    "[{\"phone_number\":\"15400001234\",\"content\":\"路灯\",\"send_time\":\"2026-03-18 09:50:00\"" fields   \
    "}]"
#define DLR(fields)                                                                                          \
    "[{\"phone_number\":\"15400001234\",\"biz_id\":\"9^0\",\"report_time\":\"2026-03-18 09:50:00\"" fields   \
    "}]"
#define INTL(fields)                                                                                          \
    "[{\"To\":\"85200001234\",\"MessageId\":\"7\",\"ReceiveDate\":\"Wed, 18 Mar 2026 09:50:00 +0800\"" fields \
    "}]"
#define SENT_S 1773798600
#define WORDS(body_, ...)                                                                                    \
    .body = (body_), .sender = "+8615400001234", .text = "路灯", .sent_s = SENT_S, __VA_ARGS__
#define REPORT(body_, ...)                                                                                   \
    .hook = HOOK_DLR, .body = (body_), .to = "+8615400001234", .id = "9^0", .sent_s = SENT_S, __VA_ARGS__
#define BAD(body_) .body = (body_), .result = PARSE_MALFORMED

static const struct row rows[] = {
    {"an id as text", WORDS(MO(",\"sequence_id\":\"42\""), .id = "42")},
    {"an id of 20 digits as a number stays exact",
     WORDS(MO(",\"sequence_id\":18446744073709551615"), .id = "18446744073709551615")},
    {"the first number that a double rounds",
     WORDS(MO(",\"sequence_id\":9007199254740993"), .id = "9007199254740993")},
    {"an extension number may be a number",
     WORDS(MO(",\"sequence_id\":1,\"dest_code\":1234"), .id = "1", .to = "1234")},
    {"no id: the key is made of number, second and words", WORDS(MO(""))},
    {"an id that would forge log lines is none", WORDS(MO(",\"sequence_id\":\"4\\n2\""))},
    {"new fields are ignored", WORDS(MO(",\"sequence_id\":\"42\",\"new\":{\"a\":[1]}"), .id = "42")},
    {"an id and no time",
     .body = "[{\"phone_number\":\"15400001234\",\"content\":\"路灯\",\"sequence_id\":\"3\"}]",
     .sender = "+8615400001234", .text = "路灯", .id = "3"},
    {"a lone surrogate costs one character, not the message",
     .body = "[{\"phone_number\":\"15400001234\",\"content\":\"\\ud83d路灯\\ude00\",\"sequence_id\":\"3\"}]",
     .sender = "+8615400001234", .text = "\xef\xbf\xbd路灯\xef\xbf\xbd", .id = "3"},
    {"an escaped pair is a character",
     .body = "[{\"phone_number\":\"15400001234\",\"content\":\"\\ud83d\\ude31\",\"sequence_id\":\"3\"}]",
     .sender = "+8615400001234", .text = "😱", .id = "3"},
    {"U+0000, which no database keeps",
     .body = "[{\"phone_number\":\"15400001234\",\"content\":\"a\\u0000b\",\"sequence_id\":\"3\"}]",
     .sender = "+8615400001234", .text = "a\xef\xbf\xbd\x62", .id = "3"},
    {"blanks and line ends are the citizen's",
     .body = "[{\"phone_number\":\"15400001234\",\"content\":\" a\\r\\n \",\"sequence_id\":\"3\"}]",
     .sender = "+8615400001234", .text = " a\r\n ", .id = "3"},
    {"words without anything in them are read; the limits refuse them",
     .body = "[{\"phone_number\":\"15400001234\",\"content\":\"\",\"sequence_id\":\"3\"}]",
     .sender = "+8615400001234", .text = "", .id = "3"},
    {"a sender that is no telephone: its words count",
     .body = "[{\"phone_number\":\"95588\",\"content\":\"a\",\"sequence_id\":\"3\"}]", .text = "a",
     .id = "3"},
    {"a sender abroad",
     .body = "[{\"phone_number\":\"0085260001234\",\"content\":\"a\",\"sequence_id\":\"3\"}]",
     .sender = "+85260001234", .text = "a", .id = "3"},

    {"an object where an array is due", BAD("{\"phone_number\":\"15400001234\"}")},
    {"text where an array is due", BAD("\"x\"")},
    {"an element that is no object", BAD("[1]")},
    {"an element that is null", BAD("[null]")},
    {"cut off", BAD("[{\"phone_number\":\"1540000")},
    {"something behind the array", BAD("[] []")},
    {"nothing at all", BAD("")},
    {"a form", BAD("phone_number=15400001234&content=a")},
    {"the same field twice",
     BAD("[{\"content\":\"a\",\"content\":\"b\",\"phone_number\":\"15400001234\",\"sequence_id\":\"3\"}]")},
    {"GBK",
     BAD("[{\"phone_number\":\"15400001234\",\"content\":\"\xc2\xb7\xb5\xc6\",\"sequence_id\":\"3\"}]")},
    {"a surrogate in UTF-8",
     BAD("[{\"phone_number\":\"15400001234\",\"content\":\"\xed\xa0\xbd\",\"sequence_id\":\"3\"}]")},
    {"no words", BAD("[{\"phone_number\":\"15400001234\",\"sequence_id\":\"3\"}]")},
    {"words that are a number",
     BAD("[{\"phone_number\":\"15400001234\",\"content\":5,\"sequence_id\":\"3\"}]")},
    {"words that are an object",
     BAD("[{\"phone_number\":\"15400001234\",\"content\":{},\"sequence_id\":\"3\"}]")},
    {"no sender", BAD("[{\"content\":\"a\",\"sequence_id\":\"3\"}]")},
    {"a sender that is a list",
     BAD("[{\"phone_number\":[\"15400001234\"],\"content\":\"a\",\"sequence_id\":\"3\"}]")},
    {"neither id nor time: two messages could not be told apart",
     BAD("[{\"phone_number\":\"15400001234\",\"content\":\"a\"}]")},
    {"a time that is none, and no id",
     BAD("[{\"phone_number\":\"15400001234\",\"content\":\"a\",\"send_time\":\"2026-03-18 25:00:00\"}]")},
    {"one element of two is wrong: the other is taken",
     .body =
         "[{\"phone_number\":\"15400001234\",\"content\":\"a\",\"sequence_id\":\"3\"},{\"content\":\"b\"}]",
     .sender = "+8615400001234", .text = "a", .id = "3", .unreadable = 1},
    {"it may be the first, and several",
     .body =
         "[null,{\"content\":\"b\"},{\"phone_number\":\"15400001234\",\"content\":\"a\",\"sequence_id\":\"3\"},7]",
     .sender = "+8615400001234", .text = "a", .id = "3", .unreadable = 3},
    {"all elements are wrong", BAD("[{\"content\":\"a\"},{\"content\":\"b\"}]")},

    {"delivered", REPORT(DLR(",\"success\":true,\"err_code\":\"DELIVERED\",\"out_id\":\"17\""),
                         .status = "delivered", .ref = "17")},
    {"failed",
     REPORT(DLR(",\"success\":false,\"err_code\":\"MK:0001\""), .status = "failed", .code = "MK:0001")},
    {"the truth value as text",
     REPORT(DLR(",\"success\":\"true\",\"err_code\":\"DELIVERED\""), .status = "delivered")},
    {"a code that is a number",
     REPORT(DLR(",\"success\":false,\"err_code\":660"), .status = "failed", .code = "660")},
    {"a code with a line end is none",
     REPORT(DLR(",\"success\":false,\"err_code\":\"a\\nb\""), .status = "failed")},
    {"a receipt that does not say whether", BAD(DLR("")), .hook = HOOK_DLR},
    {"a number is no truth value", BAD(DLR(",\"success\":1")), .hook = HOOK_DLR},
    {"a receipt of nothing", BAD("[{\"success\":true}]"), .hook = HOOK_DLR},
    {"a receipt of nothing beside one of something",
     REPORT(
         "[{\"success\":true},{\"phone_number\":\"15400001234\",\"biz_id\":\"9^0\",\"report_time\":\"2026-03-18 09:50:00\","
         "\"success\":true,\"err_code\":\"DELIVERED\"}]",
         .status = "delivered", .unreadable = 1)},
    {"a citizen's words at the address for receipts", BAD(MO(",\"sequence_id\":\"42\"")), .hook = HOOK_DLR},

    {"abroad: delivered", .hook = HOOK_DLR, .body = INTL(",\"Status\":\"1\",\"ErrorCode\":\"success\""),
     .to = "+85200001234", .id = "7", .sent_s = SENT_S, .status = "delivered"},
    {"abroad: failed, the status a number", .hook = HOOK_DLR,
     .body = INTL(",\"Status\":2,\"ErrorCode\":\"X\""), .to = "+85200001234", .id = "7", .sent_s = SENT_S,
     .status = "failed", .code = "X"},
    {"abroad: a status of tomorrow settles nothing", .hook = HOOK_DLR, .body = INTL(",\"Status\":\"9\""),
     .to = "+85200001234", .id = "7", .sent_s = SENT_S, .status = "sent"},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("aliyun", &rows[i]);
}

/* Dates of the international product: right ones, and those that must only be no date. */
static void mail_dates(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        i64 at;
    } dates[] = {
        {"Wed, 18 Mar 2026 09:50:00 +0800", SENT_S},
        {"Wed, 18 Mar 2026 01:50:00 +0000", SENT_S},
        {"Sun, 1 Mar 2026 00:00:00 +0800", 1772294400},
        {"18 Mar 2026 09:50:00 +0800", 0},
        {"Wed, 18 Foo 2026 09:50:00 +0800", 0},
        {"Wed, 18 arA 2026 09:50:00 +0800", 0},
        {"Wed, 32 Mar 2026 09:50:00 +0800", 0},
        {"Wed, 18 Mar 20260 9:50:00 +0800", 0},
        {"Wed, 18 Mar 2026 09:50:00", 0},
        {"Wed, 18 Mar 2026 09:50:00 +08000000000", 0},
        {"", 0},
        {",", 0},
        {", , , , ", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        char body[200];
        snprintf(body, sizeof body,
                 "[{\"To\":\"+85200001234\",\"MessageId\":\"7\",\"Status\":\"1\",\"ReceiveDate\":\"%s\"}]",
                 dates[i].date);
        row_check("aliyun", &(struct row){dates[i].date, HOOK_DLR, .body = body, .to = "+85200001234",
                                          .id = "7", .sent_s = dates[i].at, .status = "delivered"});
    }
}

static void batches(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        enum parse_result result;
    } sizes[] = {{1000, PARSE_OK}, {1001, PARSE_TOO_MANY}, {5000, PARSE_TOO_MANY}};
    const struct channel ch = {STR("sms"), NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *z = row_batch(
            "[", "{\"phone_number\":\"15400001234\",\"content\":\"路灯不亮\",\"sequence_id\":\"3\"}",
            sizes[i].n, "]");
        const struct http_in in = {.method = STR("POST"), .body = s(z)};
        struct inbox *inbox = MEM_NEW(struct inbox);
        struct arena arena;
        const char *reason = NULL;
        arena_init(&arena, 4u << 20); /* as hooks.c has it */
        assert_int_equal(adapter_aliyun.parse(&ch, HOOK_MO, &in, &arena, inbox, &reason), sizes[i].result);
        assert_int_equal(inbox->n_items, sizes[i].result == PARSE_OK ? sizes[i].n : 0);
        arena_free(&arena);
        free(inbox);
        free(z);
    }
}

static void the_answer_is_what_aliyun_documents(void **state)
{
    (void)state;
    const struct channel ch = {STR("sms"), NULL, 0};
    const struct http_in in = {.method = STR("POST"), .body = STR("[]")};
    struct inbox *inbox = MEM_NEW(struct inbox);
    struct arena arena;
    const char *reason;
    arena_init(&arena, 1 << 16);
    assert_int_equal(adapter_aliyun.parse(&ch, HOOK_MO, &in, &arena, inbox, &reason), PARSE_OK);
    const struct hook_answer a = adapter_answer(VERIFY_OK, PARSE_OK, inbox);
    assert_int_equal(a.status, 200);
    assert_str("type", a.type, "application/json; charset=utf-8");
    assert_str("body", a.body, "{\"code\":0,\"msg\":\"接收成功\"}");
    arena_free(&arena);
    free(inbox);
}

/* -- sending ------------------------------------------------------------------------------------------------- */

static const u8 nonce[16] = {0x31, 0x56, 0x85, 0x32, 0x99, 0xf3, 0x13, 0xe2,
                             0x3d, 0x16, 0x73, 0xdc, 0x12, 0xe1, 0x70, 0x3d};
static const struct message_param params[] = {{STR("code"), STR("MSD-0318")},
                                              {STR("unit"), STR("幸福路街道办 (东)*~!'")}};
static struct channel_setting sending[] = {{STR("access_key_id"), STR("FICTITIOUSAliAK0001")},
                                           {STR("access_key_secret"), STR("FICTITIOUSAliSecret0001")},
                                           {STR("template_received"), STR("SMS_000000001")},
                                           {STR("request"), STR("form")},
                                           {STR("signature_version"), STR("")},
                                           {STR("params_received"), STR("")}};
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
                            .random = nonce,
                            .try = 1};
}

static bool compose(const struct message *m, struct arena *arena, struct http_out *out, const char **reason)
{
    *reason = NULL;
    return adapter_aliyun.compose(&ch_send, m, arena, out, reason);
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
    assert_request("03-aliyun-acs3-form", &out);
    compose_in_little_room("aliyun", &ch_send, &m);

    sending[3].value = STR("query");
    assert_true(compose(&m, &arena, &out, &reason));
    assert_int_equal(out.body.n, 0);
    assert_true(str_starts(
        out.url,
        STR("https://dysmsapi.aliyuncs.com/?OutId=MSD-20260318-0001&PhoneNumbers=13800001234&SignName=")));
    assert_true(str_ends(out.headers[6].value,
                         STR("Signature=eb0e1581e43c69f53d783f1893d33b19d9ed9c94bea39500e3b82437585a5373")));

    /* The old way: everything in the body, sorted, and the signature at its end, over what stands before it. */
    sending[4].value = STR("1.0");
    assert_true(compose(&m, &arena, &out, &reason));
    const size_t at = str_find(out.body, STR("&Signature="));
    struct text mac, given, string;
    u8 raw[DIGEST_MAX];
    assert_true(at != SIZE_MAX &&
                str_starts(out.body, STR("AccessKeyId=FICTITIOUSAliAK0001&Action=SendSms&Format=JSON&")));
    text_init(&mac, 64);
    text_init(&given, 64);
    text_init(&string, 4096);
    text_addz(&string, "POST&%2F&");
    percent_put(&string, (struct str){out.body.p, at});
    digest_hmac(DIGEST_SHA1, STR("FICTITIOUSAliSecret0001&"), text_str(&string), raw);
    b64_put(&mac, raw, 20);
    assert_true(http_field(out.body, STR("Signature"), &given));
    assert_str("signature 1.0", text_str(&given), text_z(&mac));
    text_free(&mac);
    text_free(&given);
    text_free(&string);
    sending[3].value = STR("form"), sending[4].value = STR("");
    arena_free(&arena);
}

static void what_cannot_be_sent_is_refused(void **state)
{
    (void)state;
    struct message m = sample_message();
    struct http_out out;
    struct arena arena;
    const char *reason;
    arena_init(&arena, 1 << 20);
    m.event = STR("answered"); /* has no template */
    assert_false(compose(&m, &arena, &out, &reason));
    assert_string_equal(reason, "no template_<event> for this event");
    m = sample_message();
    m.sign = STR_NONE;
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    m = sample_message();
    m.to = STR_NONE;
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    m = sample_message();
    sending[5].value = STR("unit,nobody");
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    sending[5].value = STR(" unit , code "); /* another order and fewer of them are right */
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_find(out.body, STR("TemplateParam=%7B%22unit%22%3A%22")) != SIZE_MAX);
    sending[5].value = STR("");
    m.n_params = 0;
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_find(out.body, STR("TemplateParam")) == SIZE_MAX);
    m.to = STR("+85260001234");
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_starts(out.body, STR("PhoneNumbers=85260001234&")));
    sending[3].value = STR("post");
    assert_false(compose(&m, &arena, &out, &reason));
    sending[3].value = STR("form");
    sending[1].value = STR("");
    assert_false(compose(&m, &arena, &out, &reason));
    sending[1].value = STR("FICTITIOUSAliSecret0001");
    arena_free(&arena);
}

#define CODE(code_) "{\"Message\":\"x\",\"RequestId\":\"0\",\"Code\":\"" code_ "\"}"
static const struct answer_row answers[] = {
    {200, true, "{\"Code\":\"OK\",\"BizId\":\"9^0\"}", "", SENT_OK, CAUSE_NONE, 0, "9^0", NULL},
    {200, true, CODE("isv.AMOUNT_NOT_ENOUGH"), "", SENT_REFUSED, CAUSE_MONEY, 0, NULL,
     "isv.AMOUNT_NOT_ENOUGH"},
    {200, true, CODE("isv.MOBILE_NUMBER_ILLEGAL"), "", SENT_REFUSED, CAUSE_RECIPIENT, 0, NULL,
     "isv.MOBILE_NUMBER_ILLEGAL"},
    {200, true, CODE("isv.SMS_SIGNATURE_ILLEGAL"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL,
     "isv.SMS_SIGNATURE_ILLEGAL"},
    {200, true, CODE("isv.SMS_TEMPLATE_ILLEGAL"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL,
     "isv.SMS_TEMPLATE_ILLEGAL"},
    {200, true, CODE("isv.TEMPLATE_MISSING_PARAMETERS"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL,
     "isv.TEMPLATE_MISSING_PARAMETERS"},
    {200, true, CODE("isv.SOMETHING_NEW"), "", SENT_REFUSED, CAUSE_NONE, 0, NULL, "isv.SOMETHING_NEW"},
    {400, true, CODE("Throttling.User"), "7", SENT_RETRY, CAUSE_RATE, 7, NULL, "Throttling.User"},
    {400, true, CODE("InvalidTimeStamp.Expired"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL,
     "InvalidTimeStamp.Expired"},
    {404, true, CODE("InvalidAccessKeyId.NotFound"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL,
     "InvalidAccessKeyId.NotFound"},
    {400, true, CODE("SignatureNonceUsed"), "", SENT_RETRY, CAUSE_NONE, 0, NULL, "SignatureNonceUsed"},
    {500, true, CODE("InternalError"), "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, "InternalError"},
    {503, true, "", "30", SENT_RETRY, CAUSE_NONE, 30, NULL, NULL},
    {504, true, "<html>", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, NULL},
    {200, true, "<html>", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, "{\"Code\":1}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, "[]", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, "{\"Code\":\"a\\nb\"}", "", SENT_REFUSED, CAUSE_NONE, 0, NULL, NULL},
    {500, true, "{\"Code\":\"OK\",\"BizId\":\"9^0\"}", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, "OK"},
    {302, true, "", "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL, NULL},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, NULL, NULL},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL,
     NULL}, /* SendSms is not idempotent: never again blindly */
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("aliyun", i, &answers[i]);
    answers_of_sample("aliyun", "02-aliyun-acs3-query");
    answers_of_sample("aliyun", "03-aliyun-acs3-form");
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/aliyun"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushes_are_read),
        cmocka_unit_test(mail_dates),
        cmocka_unit_test(batches),
        cmocka_unit_test(the_answer_is_what_aliyun_documents),
        cmocka_unit_test(sending_byte_for_byte),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
