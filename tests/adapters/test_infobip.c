/* Infobip by rows: who may push, what it pushes, what it wants and what it answers. The samples folder is run through `channel
 * check` as an operator would. */
#include "cmd_channel_check.h"
#include "rows.h"

/* -- who may push --------------------------------------------------------------------------------------------- */

static void credentials_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *authorization, *query;
        enum verdict_in verdict;
    } knocks[] = {
        {"Basic cHVzaDpwYTpzcw==", "k=secret-1", VERIFY_OK}, /* push:pa:ss, a password with a colon */
        {"basic cHVzaDpwYTpzcw==", "k=secret-1", VERIFY_OK},
        {"Basic  cHVzaDpwYTpzcw== ", "k=secret-1", VERIFY_OK},
        {"Basic cHVzaDpwYTpzcw", "k=secret-1", VERIFY_OK},
        {"Basic cHVzaDpvbGQ=", "k=secret-1", VERIFY_OK}, /* push:old, while it is good */
        {"Basic cHVzaDpwYTpzcw==", "k=secret-2", VERIFY_REFUSED},
        {"Basic cHVzaDpwYTpzcw==", "", VERIFY_REFUSED},
        {"Basic cHVzaDpwYTpzc3M=", "k=secret-1", VERIFY_UNAUTHORIZED},
        {"Basic cHVzaDo=", "k=secret-1", VERIFY_UNAUTHORIZED},     /* push: */
        {"Basic OnBhOnNz", "k=secret-1", VERIFY_UNAUTHORIZED},     /* :pa:ss */
        {"Basic cHVzaHBhOnNz", "k=secret-1", VERIFY_UNAUTHORIZED}, /* pushpa:ss */
        {"Basic cHVzaA==", "k=secret-1", VERIFY_UNAUTHORIZED},     /* push */
        {"Basic ***", "k=secret-1", VERIFY_UNAUTHORIZED},
        {"Basic", "k=secret-1", VERIFY_UNAUTHORIZED},
        {"App cHVzaDpwYTpzcw==", "k=secret-1", VERIFY_UNAUTHORIZED},
        {"", "k=secret-1", VERIFY_UNAUTHORIZED},
        {NULL, "k=secret-1", VERIFY_UNAUTHORIZED},
    };
    struct channel_setting set[] = {{STR("basic_user"), STR("push")},
                                    {STR("basic_password"), STR("pa:ss")},
                                    {STR("basic_password_old"), STR("old")},
                                    {STR("old_until"), STR("1773799300")},
                                    {STR("url_token"), STR("secret-1")}};
    struct channel ch = {STR("sms"), set, 5};
    const struct adapter *infobip = adapter_find(STR("infobip"));
    const char *reason = NULL;
    for (size_t i = 0; i < ARRAY_LEN(knocks); i++) {
        const struct http_header headers[] = {{STR("authorization"), s(knocks[i].authorization)}};
        struct http_in in = {.method = STR("POST"),
                             .query = s(knocks[i].query),
                             .headers = headers,
                             .n_headers = knocks[i].authorization ? 1 : 0,
                             .peer = STR("192.0.2.1"),
                             .at = {(i64)ROW_NOW_S * 1000000}};
        reason = NULL;
        if (infobip->verify(&ch, HOOK_MO, &in, &reason) != knocks[i].verdict)
            fail_msg("knock %zu: %s", i, reason);
        if (knocks[i].verdict != VERIFY_OK) assert_non_null(reason);
    }
    /* A password without a name lets nobody in, and neither does a name alone. */
    const struct http_header headers[] = {{STR("authorization"), STR("Basic OnBhOnNz")}};
    struct http_in in = {.method = STR("POST"), .headers = headers, .n_headers = 1, .peer = STR("192.0.2.1")};
    struct channel_setting half[] = {{STR("basic_password"), STR("pa:ss")}, {STR("basic_user"), STR("push")}};
    assert_int_equal(infobip->verify(&(struct channel){STR("sms"), half, 1}, HOOK_MO, &in, &reason),
                     VERIFY_UNAUTHORIZED);
    assert_int_equal(infobip->verify(&(struct channel){STR("sms"), half + 1, 1}, HOOK_MO, &in, &reason),
                     VERIFY_UNAUTHORIZED);
    /* Without credentials the secret path, url_token and allow_ip protect the door. */
    in.n_headers = 0;
    assert_int_equal(infobip->verify(&(struct channel){STR("sms"), NULL, 0}, HOOK_MO, &in, &reason),
                     VERIFY_OK);
    struct channel_setting walled[] = {{STR("allow_ip"), STR("198.51.100.7")}};
    assert_int_equal(infobip->verify(&(struct channel){STR("sms"), walled, 1}, HOOK_MO, &in, &reason),
                     VERIFY_REFUSED);
    struct inbox inbox = {0};
    assert_int_equal(adapter_answer(VERIFY_UNAUTHORIZED, PARSE_OK, &inbox).status, 401);
}

/* -- pushes ----------------------------------------------------------------------------------------------------- */

#define HEAD      "{\"messageId\":\"m1\",\"from\":\"8615400001234\",\"to\":\"447700900123\""
#define ONE(rest) "{\"results\":[" HEAD rest "}],\"messageCount\":1,\"pendingMessageCount\":0}"
#define DLR(status, rest)                                                                                    \
    "{\"results\":[{\"messageId\":\"17\",\"to\":\"8615400001234\",\"status\":" status rest "}]}"
static const struct row rows[] = {
    {.lesson = "text counts, cleanText does not",
     .body = ONE(
         ",\"text\":\" KW \\u4eae \",\"cleanText\":\"\\u4eae\",\"receivedAt\":\"2026-03-18T01:59:51.000+0000\",\"smsCount\":2"),
     .sender = "+8615400001234",
     .text = " KW 亮 ",
     .id = "m1",
     .to = "+447700900123",
     .sent_s = 1773799191,
     .segments = 2},
    {.lesson = "time with Z",
     .body = ONE(",\"text\":\"x\",\"receivedAt\":\"2026-03-18T01:59:51Z\""),
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1",
     .sent_s = 1773799191},
    {.lesson = "time with a zone",
     .body = ONE(",\"text\":\"x\",\"receivedAt\":\"2026-03-18T09:59:51.123+08:00\""),
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1",
     .sent_s = 1773799191},
    {.lesson = "a time that is none",
     .body = ONE(",\"text\":\"x\",\"receivedAt\":\"yesterday\""),
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1"},
    {.lesson = "half an emoji",
     .body = ONE(",\"text\":\"\\ude00\""),
     .sender = "+8615400001234",
     .text = "\xef\xbf\xbd",
     .id = "m1"},
    {.lesson = "an id over 53 bits keeps its digits",
     .body = "{\"results\":[{\"messageId\":12345678901234567890,\"from\":8615400001234,\"text\":\"x\"}]}",
     .sender = "+8615400001234",
     .text = "x",
     .id = "12345678901234567890"},
    {.lesson = "no id: a key of our own",
     .body = "{\"results\":[{\"from\":\"8615400001234\",\"text\":\"x\"}]}",
     .sender = "+8615400001234",
     .text = "x"},
    {.lesson = "a sender with a name",
     .body = "{\"results\":[{\"messageId\":\"m1\",\"from\":\"Bank\",\"text\":\"x\"}]}",
     .text = "x",
     .id = "m1"},
    {.lesson = "an odd count of segments",
     .body = ONE(",\"text\":\"x\",\"smsCount\":-3"),
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1"},
    {.lesson = "no results in the list", .body = "{\"results\":[]}"},
    {.lesson = "no list", .body = "{\"results\":{}}", .result = PARSE_MALFORMED},
    {.lesson = "nothing of it", .body = "{}", .result = PARSE_MALFORMED},
    {.lesson = "another document", .body = "[]", .result = PARSE_MALFORMED},
    {.lesson = "no document", .body = "", .result = PARSE_MALFORMED},
    {.lesson = "GET", .query = "a=1", .result = PARSE_MALFORMED},
    {.lesson = "an element that is a number", .body = "{\"results\":[1]}", .result = PARSE_MALFORMED},
    {.lesson = "no text", .body = ONE(""), .result = PARSE_MALFORMED},
    {.lesson = "a text that is a number", .body = ONE(",\"text\":5"), .result = PARSE_MALFORMED},
    {.lesson = "neither id nor sender",
     .body = "{\"results\":[{\"text\":\"x\"}]}",
     .result = PARSE_MALFORMED},
    {.lesson = "a bad element before and one behind: the one between them is taken",
     .body = "{\"results\":[5," HEAD ",\"text\":\"x\"},{\"messageId\":\"m2\"}]}",
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1",
     .to = "+447700900123",
     .unreadable = 2},
    {.lesson = "a report without a status beside a whole one",
     .hook = HOOK_DLR,
     .body =
         "{\"results\":[{\"messageId\":\"16\"},{\"messageId\":\"17\",\"to\":\"8615400001234\",\"status\":{\"groupId\":3}}]}",
     .id = "17",
     .ref = "17",
     .to = "+8615400001234",
     .status = "delivered",
     .unreadable = 1},
    {.lesson = "nothing but bad elements",
     .body = "{\"results\":[{\"messageId\":\"m2\"},2]}",
     .result = PARSE_MALFORMED},
    {.lesson = "the same field twice",
     .body = ONE(",\"text\":\"x\",\"text\":\"y\""),
     .result = PARSE_MALFORMED},
    {.lesson = "names have their case",
     .body = "{\"Results\":[" HEAD ",\"text\":\"x\"}]}",
     .result = PARSE_MALFORMED},
    {.lesson = "no UTF-8", .body = ONE(",\"text\":\"\xff\""), .result = PARSE_MALFORMED},
    {.lesson = "too deep",
     .body = "{\"results\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
     .result = PARSE_MALFORMED},
    {.lesson = "pending is on its way",
     .hook = HOOK_DLR,
     .body = DLR("{\"groupId\":1,\"name\":\"PENDING_ENROUTE\"}", ""),
     .id = "17",
     .ref = "17",
     .to = "+8615400001234",
     .status = "sent"},
    {.lesson = "delivered",
     .hook = HOOK_DLR,
     .body =
         DLR("{\"groupId\":3,\"name\":\"DELIVERED_TO_HANDSET\"}",
             ",\"doneAt\":\"2026-03-18T01:59:40.000+0000\",\"error\":{\"groupId\":0,\"name\":\"NO_ERROR\"}"),
     .id = "17",
     .ref = "17",
     .to = "+8615400001234",
     .status = "delivered",
     .sent_s = 1773799180},
    {.lesson = "expired",
     .hook = HOOK_DLR,
     .body = DLR("{\"groupId\":4,\"name\":\"EXPIRED_EXPIRED\"}",
                 ",\"error\":{\"groupId\":1,\"name\":\"EC_ABSENT\"}"),
     .id = "17",
     .ref = "17",
     .to = "+8615400001234",
     .status = "expired",
     .code = "EC_ABSENT"},
    {.lesson = "rejected",
     .hook = HOOK_DLR,
     .body = DLR("{\"groupId\":5,\"name\":\"REJECTED_DND\"}", ""),
     .id = "17",
     .ref = "17",
     .to = "+8615400001234",
     .status = "failed"},
    {.lesson = "a new group settles nothing",
     .hook = HOOK_DLR,
     .body = DLR("{\"groupId\":9}", ""),
     .id = "17",
     .ref = "17",
     .to = "+8615400001234",
     .status = "sent"},
    {.lesson = "our reference as callback data",
     .hook = HOOK_DLR,
     .body = DLR("{\"groupId\":3}", ",\"callbackData\":\"18\""),
     .id = "17",
     .ref = "18",
     .to = "+8615400001234",
     .status = "delivered"},
    {.lesson = "a status that is a text",
     .hook = HOOK_DLR,
     .body = DLR("\"DELIVERED\"", ""),
     .result = PARSE_MALFORMED},
    {.lesson = "a message at the receipts' door",
     .hook = HOOK_DLR,
     .body = ONE(",\"text\":\"x\""),
     .result = PARSE_MALFORMED},
    {.lesson = "a report about nothing",
     .hook = HOOK_DLR,
     .body = "{\"results\":[{\"status\":{\"groupId\":3}}]}",
     .result = PARSE_MALFORMED},
};

static void batch_check(enum hook hook, const char *element, size_t n, enum parse_result result)
{
    char *body = row_batch("{\"results\":[", element, n, "]}");
    const struct channel ch = {STR("sms"), NULL, 0};
    struct http_header headers[1];
    const struct row row = {.body = body};
    const struct http_in in = row_request(&row, headers);
    struct inbox *inbox = MEM_NEW(struct inbox);
    struct arena arena;
    const char *reason = NULL;
    arena_init(&arena, 4u << 20);
    assert_int_equal(adapter_find(STR("infobip"))->parse(&ch, hook, &in, &arena, inbox, &reason), result);
    assert_int_equal(inbox->n_items, result == PARSE_OK && hook == HOOK_MO ? n : 0);
    assert_int_equal(inbox->n_receipts, result == PARSE_OK && hook == HOOK_DLR ? n : 0);
    arena_free(&arena);
    free(inbox);
    free(body);
}

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("infobip", &rows[i]);
    batch_check(HOOK_MO, HEAD ",\"text\":\"x\"}", INBOX_MAX, PARSE_OK);
    batch_check(HOOK_MO, HEAD ",\"text\":\"x\"}", INBOX_MAX + 1, PARSE_TOO_MANY);
    batch_check(HOOK_DLR, "{\"messageId\":\"1\",\"status\":{\"groupId\":3}}", INBOX_MAX, PARSE_OK);
    batch_check(HOOK_DLR, "{\"messageId\":\"1\",\"status\":{\"groupId\":3}}", INBOX_MAX + 1, PARSE_TOO_MANY);
    char *words = mem_alloc(30000);
    snprintf(words, 30000,
             "{\"results\":[{\"messageId\":\"1\",\"from\":\"8615400001234\",\"text\":\"%020001d\"}]}", 1);
    row_check(
        "infobip",
        &(struct row){.lesson = "more words than a message has", .body = words, .result = PARSE_MALFORMED});
    free(words);
}

/* -- sending ------------------------------------------------------------------------------------------------------ */

static struct channel_setting sending[] = {{STR("api_key"), STR("FICTITIOUSinfobipApiKey01")},
                                           {STR("from"), STR("MSD")},
                                           {STR("api_url"), STR("https://fict01.api.infobip.com")}};
static const struct channel sender = {STR("sms"), sending, 3};

static void requests_are_written(void **state)
{
    (void)state;
    const struct adapter *infobip = adapter_find(STR("infobip"));
    struct message m = {.to = STR("+8613800001234"),
                        .text = STR("【码上督】已受理😀"),
                        .client_ref = STR("MSD-20260318-0001"),
                        .dlr_url = STR("https://mashangdu.example.com/hooks/infobip/dlr")};
    struct http_out out;
    struct arena arena;
    const char *reason = NULL;
    arena_init(&arena, 1 << 17);
    assert_true(infobip->compose(&sender, &m, &arena, &out, &reason));
    assert_request("10-infobip", &out);
    m.text = STR("\"a\\b\"\n/"), m.dlr_url = STR_NONE, m.client_ref = STR("17");
    assert_true(infobip->compose(&(struct channel){STR("sms"), sending, 2}, &m, &arena, &out, &reason));
    assert_str("url", out.url, "https://api.infobip.com/sms/3/messages");
    assert_str(
        "body", out.body,
        "{\"messages\":[{\"sender\":\"MSD\",\"destinations\":[{\"to\":\"8613800001234\",\"messageId\":\"17\"}],\"content\":{\"text\":\"\\\"a\\\\b\\\"\\n/\"}}]}");
    compose_in_little_room("infobip", &sender, &m);
    assert_false(infobip->compose(&(struct channel){STR("sms"), sending, 1}, &m, &arena, &out, &reason));
    assert_false(infobip->compose(&(struct channel){STR("sms"), sending + 1, 2}, &m, &arena, &out, &reason));
    m.text = STR("\xff");
    assert_false(infobip->compose(&sender, &m, &arena, &out, &reason));
    arena_free(&arena);
}

#define ANSWER(group, name)                                                                                  \
    "{\"messages\":[{\"messageId\":\"17\",\"status\":{\"groupId\":" group ",\"name\":\"" name "\"}}]}"
static const struct answer_row answers[] = {
    {200, true, ANSWER("1", "PENDING_ACCEPTED"), "", SENT_OK, CAUSE_NONE, 0, "17", ""},
    {200, true, ANSWER("3", "DELIVERED_TO_HANDSET"), "", SENT_OK, CAUSE_NONE, 0, "17", ""},
    {200, true, ANSWER("5", "REJECTED_NOT_ENOUGH_CREDITS"), "", SENT_REFUSED, CAUSE_MONEY, 0, "",
     "REJECTED_NOT_ENOUGH_CREDITS"},
    {200, true, ANSWER("5", "REJECTED_DESTINATION"), "", SENT_REFUSED, CAUSE_RECIPIENT, 0, "",
     "REJECTED_DESTINATION"},
    {200, true, ANSWER("5", "REJECTED_SENDER"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", "REJECTED_SENDER"},
    {200, true, ANSWER("5", "REJECTED_SOMETHING_NEW"), "", SENT_REFUSED, CAUSE_NONE, 0, "",
     "REJECTED_SOMETHING_NEW"},
    {200, true, ANSWER("5", "REJECTED_SYSTEM_ERROR"), "", SENT_RETRY, CAUSE_NONE, 0, "",
     "REJECTED_SYSTEM_ERROR"},
    {200, true, ANSWER("5", "REJECTED_DUPLICATE_MESSAGE_ID"), "", SENT_UNKNOWN, CAUSE_NONE, 0, "",
     "REJECTED_DUPLICATE_MESSAGE_ID"},
    {200, true, ANSWER("2", "UNDELIVERABLE_NOT_DELIVERED"), "", SENT_REFUSED, CAUSE_NONE, 0, "",
     "UNDELIVERABLE_NOT_DELIVERED"},
    {200, true, "{\"messages\":[]}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "{\"messages\":[{\"status\":\"OK\"}]}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "{\"messages\":", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {401, true, "{\"errorCode\":\"E401\"}", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", "E401"},
    {400, true, "{\"requestError\":{\"serviceException\":{\"messageId\":\"BAD_REQUEST\"}}}", "", SENT_REFUSED,
     CAUSE_NONE, 0, "", "BAD_REQUEST"},
    {429, true, "{\"requestError\":{\"serviceException\":{\"messageId\":\"TOO_MANY_REQUESTS\"}}}", "3",
     SENT_RETRY, CAUSE_RATE, 3, "", "TOO_MANY_REQUESTS"},
    {500, true, "{\"requestError\":{\"serviceException\":{\"messageId\":\"GENERAL_ERROR\"}}}", "",
     SENT_UNKNOWN, CAUSE_NONE, 0, "", "GENERAL_ERROR"},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, "", ""},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("infobip", i, &answers[i]);
    answers_of_sample("infobip", "10-infobip");
    assert_balance("infobip", &sender, "https://fict01.api.infobip.com/account/1/balance",
                   "App FICTITIOUSinfobipApiKey01", "{\"balance\":47.79134,\"currency\":\"EUR\"}", 47.79134);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/infobip"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_are_checked),
        cmocka_unit_test(pushes_are_read),
        cmocka_unit_test(requests_are_written),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
