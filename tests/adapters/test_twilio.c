/* Twilio by rows: what it signs, what it pushes, what it wants and what it answers. The samples folder is run through `channel
 * check` as an operator would. */
#include "cmd_channel_check.h"
#include "rows.h"

#define TOKEN "FICTITIOUS0twilio0auth0token0001"
#define MO    "MessageSid=SM1&From=%2B8615400001234&To=%2B12025550123&Body="

/* -- signatures ---------------------------------------------------------------------------------------------- */

struct seal {
    const char *lesson, *method, *query, *body;
    const char *said; /* what the provider signed; NULL: no header */
    const char *url;  /* setting public_url */
    const char *old;  /* the token it signed with, when it is not the current one */
    bool good;
};
#define HOOK "https://mashangdu.example.com/hooks/sms/key/mo"
#define BASE "https://mashangdu.example.com"

static const struct seal seals[] = {
    {"fields in the order of their names", "POST", "", "b=2&a=1", HOOK "a1b2", BASE, NULL, true},
    {"the whole address may be entered, only scheme and authority count", "POST", "", "a=1", HOOK "a1", HOOK,
     NULL, true},
    {"a fragment is neither sent nor signed", "POST", "", "a=1", HOOK "a1", BASE "#rc=3&rp=5xx,ct,rt", NULL,
     true},
    {"without a setting: Host, and TLS at the proxy", "POST", "", "a=1", HOOK "a1", NULL, NULL, true},
    {"values are signed decoded", "POST", "", "a=%e7%81%af+%2B", HOOK "a\xe7\x81\xaf +", BASE, NULL, true},
    {"a name sent twice: both values, in order", "POST", "", "a=2&a=1", HOOK "a1a2", BASE, NULL, true},
    {"a value sent twice counts once", "POST", "", "a=1&a=1", HOOK "a1", BASE, NULL, true},
    {"empty pieces of a form are nothing", "POST", "", "&a=1&&", HOOK "a1", BASE, NULL, true},
    {"capitals sort before small letters", "POST", "", "a=1&B=2", HOOK "B2a1", BASE, NULL, true},
    {"port added by the signer", "POST", "", "a=1", "https://mashangdu.example.com:443/hooks/sms/key/moa1",
     BASE, NULL, true},
    {"port added to http", "POST", "", "a=1", "http://m.example:80/hooks/sms/key/moa1", "http://m.example",
     NULL, true},
    {"port entered and signed", "POST", "", "a=1", "https://m.example:8443/hooks/sms/key/moa1",
     "https://m.example:8443/x", NULL, true},
    {"port entered and left out by the signer", "POST", "", "a=1", "https://m.example/hooks/sms/key/moa1",
     "https://m.example:8443", NULL, true},
    {"the colons of an IPv6 address are no port", "POST", "", "a=1",
     "https://[2001:db8::1]/hooks/sms/key/moa1", "https://[2001:db8::1]:8443", NULL, true},
    {"a name and password in front", "POST", "", "a=1", "https://u:p@m.example/hooks/sms/key/moa1",
     "https://u:p@m.example", NULL, true},
    {"the query as it was sent", "POST", "x=%20%e7&y=it%27s", "a=1", HOOK "?x=%20%e7&y=it%27sa1", BASE, NULL,
     true},
    {"a query that is only a question mark", "POST", "", "a=1", HOOK "?a1", BASE, NULL, false},
    {"GET: the address alone", "GET", "a=1", "", HOOK "?a=1", BASE, NULL, true},
    {"GET with a body: the body is not looked at", "GET", "a=1", "a=2", HOOK "?a=1", BASE, NULL, true},
    {"another scheme", "POST", "", "a=1", "http://mashangdu.example.com/hooks/sms/key/moa1", BASE, NULL,
     false},
    {"another host", "POST", "", "a=1", "https://other.example/hooks/sms/key/moa1", BASE, NULL, false},
    {"another path", "POST", "", "a=1", BASE "/hooks/sms/key/dlra1", BASE, NULL, false},
    {"a field more", "POST", "", "a=1&c=3", HOOK "a1", BASE, NULL, false},
    {"a field less", "POST", "", "a=1", HOOK "a1c3", BASE, NULL, false},
    {"an old token while it is good", "POST", "", "a=1", HOOK "a1", BASE, "old-token", true},
    {"a token that never was", "POST", "", "a=1", HOOK "a1", BASE, "no-token", false},
    {"no header", "POST", "", "a=1", NULL, BASE, NULL, false},
    {"a broken escape in the form", "POST", "", "a=%zz", HOOK "a%zz", BASE, NULL, false},
    {"a broken escape in the query", "POST", "a=%zz", "", HOOK "?a=%zz", BASE, NULL, false},
    {"a body under its hash", "POST",
     "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "{}",
     HOOK "?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", BASE, NULL, true},
    {"the hash in capitals", "POST",
     "bodySHA256=44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A", "{}",
     HOOK "?bodySHA256=44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A", BASE, NULL, true},
    {"another body under the hash", "POST",
     "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "[]",
     HOOK "?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", BASE, NULL, false},
    {"an empty hash", "POST", "bodySHA256=", "{}", HOOK "?bodySHA256=", BASE, NULL, false},
    {"JSON without its hash is not covered", "POST", "", "{}", HOOK, BASE, NULL, false},
};

static void seal_check(const struct seal *row)
{
    u8 mac[DIGEST_MAX];
    struct text header;
    const char *reason = NULL;
    struct channel_setting set[] = {{STR("auth_token"), STR(TOKEN)},
                                    {STR("auth_token_old"), STR("old-token")},
                                    {STR("old_until"), STR("1773799300")},
                                    {STR("public_url"), s(row->url)}};
    const struct channel ch = {STR("sms"), set, row->url ? 4 : 3};
    text_init(&header, 64);
    if (row->said) {
        digest_hmac(DIGEST_SHA1, s(row->old ? row->old : TOKEN), s(row->said), mac);
        b64_put(&header, mac, 20);
    }
    const struct http_header headers[] = {{STR("x-twilio-signature"), text_str(&header)}};
    struct http_in in = {.method = s(row->method),
                         .path = STR("/hooks/sms/key/mo"),
                         .query = s(row->query),
                         .host = STR("mashangdu.example.com"),
                         .body = s(row->body),
                         .headers = headers,
                         .n_headers = row->said ? 1 : 0,
                         .peer = STR("192.0.2.1"),
                         .tls = true,
                         .at = {(i64)ROW_NOW_S * 1000000}};
    const enum verdict_in got = adapter_find(STR("twilio"))->verify(&ch, HOOK_MO, &in, &reason);
    if (got != (row->good ? VERIFY_OK : VERIFY_REFUSED)) fail_msg("%s: %d", row->lesson, (int)got);
    if (!row->good) assert_non_null(reason);
    text_free(&header);
}

static void signatures_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(seals); i++) seal_check(&seals[i]);
}

static void a_stranger_has_no_way_in(void **state)
{
    (void)state;
    const char *reason = NULL;
    u8 mac[DIGEST_MAX];
    struct text header;
    text_init(&header, 64);
    digest_hmac(DIGEST_SHA1, STR(""), STR(HOOK), mac); /* no token is set: the empty one must not be it */
    b64_put(&header, mac, 20);
    const struct http_header headers[] = {{STR("x-twilio-signature"), text_str(&header)}};
    struct http_in in = {.method = STR("POST"),
                         .path = STR("/hooks/sms/key/mo"),
                         .host = STR("mashangdu.example.com"),
                         .headers = headers,
                         .n_headers = 1,
                         .peer = STR("192.0.2.1"),
                         .tls = true,
                         .at = {(i64)ROW_NOW_S * 1000000}};
    struct channel_setting set[] = {{STR("auth_token"), STR("")}, {STR("allow_ip"), STR("192.0.2.0/28")}};
    const struct channel ch = {STR("sms"), set, 2};
    const struct adapter *twilio = adapter_find(STR("twilio"));
    assert_int_equal(twilio->verify(&ch, HOOK_MO, &in, &reason), VERIFY_REFUSED);
    assert_str("no token", s(reason), "signature mismatch");
    in.peer = STR("192.0.2.99");
    assert_int_equal(twilio->verify(&ch, HOOK_MO, &in, &reason), VERIFY_REFUSED);
    assert_str("foreign address", s(reason), "peer is not in allow_ip");
    text_free(&header);

    /* So many fields are no push but work for the sorting. */
    char *many = mem_alloc(4003);
    for (size_t i = 0; i < 4002; i += 2) many[i] = 'a', many[i + 1] = '&';
    in.peer = STR("192.0.2.1"), in.body = (struct str){many, 4002};
    assert_int_equal(twilio->verify(&ch, HOOK_MO, &in, &reason), VERIFY_REFUSED);
    assert_str("many fields", s(reason), "the form cannot be read");
    free(many);
}

/* -- pushes --------------------------------------------------------------------------------------------------- */

static const struct row rows[] = {
    {.lesson = "blanks around the words are the citizen's",
     .body = MO "+%E4%BA%AE++&NumSegments=2",
     .sender = "+8615400001234",
     .text = " 亮  ",
     .id = "SM1",
     .to = "+12025550123",
     .segments = 2},
    {.lesson = "WhatsApp: the number behind the scheme",
     .body = "MessageSid=SM1&From=whatsapp%3A%2B8615400001234&To=whatsapp%3A%2B12025550123&Body=x",
     .sender = "+8615400001234",
     .text = "x",
     .id = "SM1",
     .to = "+12025550123"},
    {.lesson = "a short code cannot be answered, its words count",
     .body = "MessageSid=SM1&From=12345&To=x&Body=x",
     .text = "x",
     .id = "SM1",
     .to = "x"},
    {.lesson = "pictures are counted",
     .body = MO "&NumMedia=3",
     .sender = "+8615400001234",
     .text = "",
     .id = "SM1",
     .media = 3},
    {.lesson = "a count that is none",
     .body = MO "x&NumMedia=-1&NumSegments=99999999999999999999",
     .sender = "+8615400001234",
     .text = "x",
     .id = "SM1"},
    {.lesson = "STOP in any case is opting out",
     .body = MO "x&OptOutType=stop",
     .sender = "+8615400001234",
     .text = "x",
     .id = "SM1",
     .opt_out = true},
    {.lesson = "START and HELP are not",
     .body = MO "x&OptOutType=START",
     .sender = "+8615400001234",
     .text = "x",
     .id = "SM1"},
    {.lesson = "the id by its old name",
     .body = "SmsSid=SM2&From=%2B8615400001234&Body=x",
     .sender = "+8615400001234",
     .text = "x",
     .id = "SM2"},
    {.lesson = "the first of two fields of one name",
     .body = MO "x&Body=y&MessageSid=SM3",
     .sender = "+8615400001234",
     .text = "x",
     .id = "SM1"},
    {.lesson = "names have their case",
     .body = "messagesid=SM1&From=%2B8615400001234&body=x&MessageSid=SM2&Body=y",
     .sender = "+8615400001234",
     .text = "y",
     .id = "SM2"},
    {.lesson = "GET has its fields in the query",
     .query = MO "x",
     .sender = "+8615400001234",
     .text = "x",
     .id = "SM1"},
    {.lesson = "no id", .body = "From=%2B8615400001234&Body=x", .result = PARSE_MALFORMED},
    {.lesson = "an id that would forge log lines",
     .body = "MessageSid=SM%0A1&From=%2B8615400001234&Body=x",
     .result = PARSE_MALFORMED},
    {.lesson = "no words field", .body = "MessageSid=SM1&From=%2B8615400001234", .result = PARSE_MALFORMED},
    {.lesson = "words that are no UTF-8", .body = MO "%ff", .result = PARSE_MALFORMED},
    {.lesson = "half an emoji is no UTF-8", .body = MO "%ed%a0%bd", .result = PARSE_MALFORMED},
    {.lesson = "U+0000 cannot be stored", .body = MO "a%00b", .result = PARSE_MALFORMED},
    {.lesson = "a broken escape", .body = MO "%E4%B", .result = PARSE_MALFORMED},
    {.lesson = "nothing at all", .body = "", .result = PARSE_MALFORMED},
    {.lesson = "JSON tells of other things", .type = "application/json; charset=utf-8", .body = "{\"a\":1}"},
    {.lesson = "broken JSON", .type = "Application/JSON", .body = "{\"a\":", .result = PARSE_MALFORMED},
    {.lesson = "deep JSON",
     .type = "application/json",
     .body = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
     .result = PARSE_MALFORMED},
    {.lesson = "delivered",
     .hook = HOOK_DLR,
     .body = "MessageSid=SM1&MessageStatus=delivered&To=%2B8615400001234&RawDlrDoneDate=2603180203",
     .id = "SM1",
     .to = "+8615400001234",
     .status = "delivered"},
    {.lesson = "read is delivered",
     .hook = HOOK_DLR,
     .body = "MessageSid=SM1&MessageStatus=read",
     .id = "SM1",
     .status = "delivered"},
    {.lesson = "our reference comes back in the address",
     .hook = HOOK_DLR,
     .query = "ref=17",
     .body = "MessageSid=SM1&MessageStatus=sent",
     .id = "SM1",
     .status = "sent",
     .ref = "17"},
    {.lesson = "undelivered has its code",
     .hook = HOOK_DLR,
     .body = "MessageSid=SM1&SmsStatus=UNDELIVERED&ErrorCode=30003",
     .id = "SM1",
     .status = "failed",
     .code = "30003"},
    {.lesson = "canceled has failed",
     .hook = HOOK_DLR,
     .body = "MessageSid=SM1&MessageStatus=canceled",
     .id = "SM1",
     .status = "failed"},
    {.lesson = "code 0 is no error",
     .hook = HOOK_DLR,
     .body = "MessageSid=SM1&MessageStatus=delivered&ErrorCode=0",
     .id = "SM1",
     .status = "delivered"},
    {.lesson = "a new word settles nothing",
     .hook = HOOK_DLR,
     .body = "MessageSid=SM1&MessageStatus=partially_delivered",
     .id = "SM1",
     .status = "sent"},
    {.lesson = "no status", .hook = HOOK_DLR, .body = "MessageSid=SM1", .result = PARSE_MALFORMED},
    {.lesson = "a report about nothing",
     .hook = HOOK_DLR,
     .query = "ref=17",
     .body = "MessageStatus=sent",
     .result = PARSE_MALFORMED},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("twilio", &rows[i]);
    char *words = mem_alloc(30000);
    memcpy(words, MO, strlen(MO));
    memset(words + strlen(MO), 'x', 20001);
    row_check(
        "twilio",
        &(struct row){.lesson = "more words than a message has", .body = words, .result = PARSE_TOO_MANY});
    free(words);
}

static void messages_are_answered_with_nothing_to_send(void **state)
{
    (void)state;
    const struct row row = {.body = MO "x"}, dlr = {.body = "MessageSid=SM1&MessageStatus=sent"};
    const struct channel ch = {STR("sms"), NULL, 0};
    struct http_header headers[1];
    struct http_in in = row_request(&row, headers);
    struct inbox *inbox = MEM_NEW(struct inbox);
    struct arena arena;
    const char *reason;
    arena_init(&arena, 1 << 16);
    const struct adapter *twilio = adapter_find(STR("twilio"));
    assert_int_equal(twilio->parse(&ch, HOOK_MO, &in, &arena, inbox, &reason), PARSE_OK);
    struct hook_answer a = adapter_answer(VERIFY_OK, PARSE_OK, inbox);
    assert_int_equal(a.status, 200);
    assert_str("type", a.type, "text/xml; charset=utf-8");
    assert_str("body", a.body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>");
    in = row_request(&dlr, headers);
    assert_int_equal(twilio->parse(&ch, HOOK_DLR, &in, &arena, inbox, &reason), PARSE_OK);
    a = adapter_answer(VERIFY_OK, PARSE_OK, inbox);
    assert_int_equal(a.status, 204);
    assert_int_equal(a.type.n + a.body.n, 0);
    in.method = STR("PUT");
    assert_int_equal(twilio->parse(&ch, HOOK_MO, &in, &arena, inbox, &reason), PARSE_MALFORMED);
    arena_free(&arena);
    free(inbox);
}

/* -- sending -------------------------------------------------------------------------------------------------- */

static struct channel_setting sending[] = {{STR("account_sid"), STR("AC00000000000000000000000000000001")},
                                           {STR("auth_token"), STR(TOKEN)},
                                           {STR("from"), STR("+12025550123")},
                                           {STR(""), STR("")},
                                           {STR(""), STR("")}};
static const struct channel sender = {STR("sms"), sending, 5};
static const struct message message = {.to = STR("+8613800001234"),
                                       .text = STR("【码上督】您的投诉 MSD-0318 已受理。😀"),
                                       .dlr_url = STR("https://mashangdu.example.com/hooks/twilio/status")};

static void requests_are_written(void **state)
{
    (void)state;
    const struct adapter *twilio = adapter_find(STR("twilio"));
    struct http_out out;
    struct arena arena;
    const char *reason = NULL;
    arena_init(&arena, 1 << 17);
    assert_true(twilio->compose(&sender, &message, &arena, &out, &reason));
    assert_request("01-twilio-send", &out);

    struct message m = {.to = STR("+8615400001234"),
                        .text = STR("a b&c=%"),
                        .client_ref = STR("17"),
                        .dlr_url = STR("https://m.example/d")};
    sending[3] = (struct channel_setting){STR("messaging_service_sid"), STR("MG1")};
    sending[4] = (struct channel_setting){STR("api_url"), STR("http://127.0.0.1:9/")};
    assert_true(twilio->compose(&sender, &m, &arena, &out, &reason));
    assert_str("url", out.url,
               "http://127.0.0.1:9/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json");
    assert_str(
        "body", out.body,
        "To=%2B8615400001234&MessagingServiceSid=MG1&Body=a+b%26c%3D%25&StatusCallback=https%3A%2F%2Fm.example%2Fd%3Fref%3D17");
    m.dlr_url = STR("https://m.example/d?k=1");
    assert_true(twilio->compose(&sender, &m, &arena, &out, &reason));
    assert_str(
        "body", out.body,
        "To=%2B8615400001234&MessagingServiceSid=MG1&Body=a+b%26c%3D%25&StatusCallback=https%3A%2F%2Fm.example%2Fd%3Fk%3D1%26ref%3D17");
    sending[3] = (struct channel_setting){STR("api_key"), STR("SK1")};
    sending[4] = (struct channel_setting){STR("api_secret"), STR("key")};
    assert_true(twilio->compose(&sender, &m, &arena, &out, &reason));
    assert_str("a key of its own", out.headers[1].value, "Basic U0sxOmtleQ==");
    sending[3] = sending[4] = (struct channel_setting){STR(""), STR("")};
    compose_in_little_room("twilio", &sender, &m);

    struct channel_setting odd[] = {{STR("account_sid"), STR("AC/../x?")}, {STR("from"), STR("1")}};
    assert_true(twilio->compose(&(struct channel){STR("sms"), odd, 2}, &m, &arena, &out, &reason));
    assert_str("an account cannot leave its path", out.url,
               "https://api.twilio.com/2010-04-01/Accounts/AC%2F..%2Fx%3F/Messages.json");

    assert_false(twilio->compose(&(struct channel){STR("sms"), odd, 1}, &m, &arena, &out, &reason));
    assert_false(twilio->compose(&(struct channel){STR("sms"), odd + 1, 1}, &m, &arena, &out, &reason));
    m.text = STR("\xff");
    assert_false(twilio->compose(&sender, &m, &arena, &out, &reason));
    m.text = STR("x"), m.to = STR("");
    assert_false(twilio->compose(&sender, &m, &arena, &out, &reason));
    assert_true(channel_sends(twilio, &sender));
    assert_false(channel_sends(twilio, &(struct channel){STR("sms"), odd + 1, 1}));
    arena_free(&arena);
}

static const struct answer_row answers[] = {
    {201, true, "{\"sid\":\"SM1\",\"status\":\"queued\"}", "", SENT_OK, CAUSE_NONE, 0, "SM1", ""},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, "", ""},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""}, /* never sent twice blindly */
    {0, true, "{\"code\":21611}", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", "21611"}, /* half an answer is none */
    {201, true, "{\"sid\":", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "<html>welcome</html>", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {201, true, "{\"sid\":[\"SM1\"]}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {302, true, "", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", ""},
    {400, true, "{\"code\":21610}", "", SENT_REFUSED, CAUSE_RECIPIENT, 0, "", "21610"},
    {400, true, "{\"code\":21211}", "", SENT_REFUSED, CAUSE_RECIPIENT, 0, "", "21211"},
    {400, true, "{\"code\":21606}", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", "21606"},
    {400, true, "{\"code\":99999}", "", SENT_REFUSED, CAUSE_NONE, 0, "", "99999"},
    {400, true, "{\"code\":\"a b\"}", "", SENT_REFUSED, CAUSE_NONE, 0, "", ""},
    {401, true, "{\"code\":20003}", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", "20003"},
    {402, true, "", "", SENT_REFUSED, CAUSE_MONEY, 0, "", ""},
    {404, true, "", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", ""},
    {429, true, "{\"code\":20429}", "30", SENT_RETRY, CAUSE_RATE, 30, "", "20429"},
    {429, true, "", "Wed, 18 Mar 2026 02:00:00 GMT", SENT_RETRY, CAUSE_RATE, 0, "", ""},
    {429, true, "", "99999999", SENT_RETRY, CAUSE_RATE, 0, "", ""},
    {400, true, "{\"code\":21611}", "", SENT_RETRY, CAUSE_RATE, 0, "", "21611"},
    {500, true, "", "30", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
    {502, true, "<html>", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
    {503, true, "", "5", SENT_RETRY, CAUSE_NONE, 5, "", ""},
    {504, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("twilio", i, &answers[i]);
    answers_of_sample("twilio", "01-twilio-send");
    assert_balance(
        "twilio", &sender,
        "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Balance.json",
        "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpGSUNUSVRJT1VTMHR3aWxpbzBhdXRoMHRva2VuMDAwMQ==",
        "{\"currency\":\"USD\",\"balance\":\"-12.345\"}", -12.345);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/twilio"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_checked),
        cmocka_unit_test(a_stranger_has_no_way_in),
        cmocka_unit_test(pushes_are_read),
        cmocka_unit_test(messages_are_answered_with_nothing_to_send),
        cmocka_unit_test(requests_are_written),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
