/* Plivo by rows: what it signs, what it pushes, what it wants and what it answers. The samples folder is run through `channel
 * check` as an operator would. */
#include "cmd_channel_check.h"
#include "rows.h"

#define TOKEN "FICTITIOUSplivoAuthToken000000000000001"
#define MO    "MessageUUID=u1&From=8615400001234&To=12025550123&Type=sms&Text="

/* -- signatures ------------------------------------------------------------------------------------------------- */

#define HOOK "https://mashangdu.example.com/hooks/sms/key/mo"
struct seal {
    const char *lesson, *method, *query, *body, *said, *url, *token;
    const char *before, *after; /* around our signature in its header */
    bool good;
};
static const struct seal seals[] = {
    {"a form", "POST", "", "b=2&a=1", HOOK "?a1b2.777", NULL, TOKEN, "", "", true},
    {"a query and a form", "POST", "z=1&y=2", "b=2&a=1", HOOK "?y=2&z=1.a1b2.777", NULL, TOKEN, "", "", true},
    {"a query alone", "POST", "z=1&y=2", "", HOOK "?y=2&z=1.777", NULL, TOKEN, "", "", true},
    {"neither", "POST", "", "", HOOK ".777", NULL, TOKEN, "", "", true},
    {"GET", "GET", "z=1&y=2", "", HOOK "?y=2&z=1.777", NULL, TOKEN, "", "", true},
    {"GET with a body: the body is not looked at", "GET", "z=1", "a=1", HOOK "?z=1.777", NULL, TOKEN, "", "",
     true},
    {"decoded on both sides", "POST", "q=%E4%BA%AE+%2B", "a=%26%3D", HOOK "?q=亮 +.a&=.777", NULL, TOKEN, "",
     "", true},
    {"a name twice: both values in order, the same one too", "POST", "", "a=2&a=1&a=1", HOOK "?a1a1a2.777",
     NULL, TOKEN, "", "", true},
    {"port as it is entered", "POST", "", "a=1", "https://m.example:8443/hooks/sms/key/mo?a1.777",
     "https://m.example:8443/hooks", TOKEN, "", "", true},
    {"second of two signatures", "POST", "", "a=1", HOOK "?a1.777", NULL, TOKEN, "AAAA, ", "", true},
    {"first of two signatures", "POST", "", "a=1", HOOK "?a1.777", NULL, TOKEN, "", ",,AAAA", true},
    {"the old token while it is good", "POST", "", "a=1", HOOK "?a1.777", NULL, "old-token", "", "", true},
    {"another token", "POST", "", "a=1", HOOK "?a1.777", NULL, "no-token", "", "", false},
    {"another nonce", "POST", "", "a=1", HOOK "?a1.778", NULL, TOKEN, "", "", false},
    {"another form", "POST", "", "a=1", HOOK "?a2.777", NULL, TOKEN, "", "", false},
    {"another scheme", "POST", "", "a=1", "http://mashangdu.example.com/hooks/sms/key/mo?a1.777", NULL, TOKEN,
     "", "", false},
    {"a signature inside a longer one", "POST", "", "a=1", HOOK "?a1.777", NULL, TOKEN, "A", "", false},
    {"a broken escape", "POST", "", "a=%", HOOK "?a%.777", NULL, TOKEN, "", "", false},
};

static void seal_check(const struct seal *row)
{
    u8 mac[DIGEST_MAX];
    struct text header;
    const char *reason = NULL;
    struct channel_setting set[] = {{STR("auth_token"), STR(TOKEN)},
                                    {STR("auth_token_old"), STR("old-token")},
                                    {STR("old_until"), STR("1773799300")},
                                    {STR("hook_base"), s(row->url)}};
    const struct channel ch = {STR("sms"), set, row->url ? 4 : 3};
    text_init(&header, 200);
    text_addz(&header, row->before);
    digest_hmac(DIGEST_SHA256, s(row->token), s(row->said), mac);
    b64_put(&header, mac, 32);
    text_addz(&header, row->after);
    const struct http_header headers[] = {{STR("x-plivo-signature-v3"), text_str(&header)},
                                          {STR("x-plivo-signature-v3-nonce"), STR("777")}};
    struct http_in in = {.method = s(row->method),
                         .path = STR("/hooks/sms/key/mo"),
                         .query = s(row->query),
                         .host = STR("mashangdu.example.com"),
                         .body = s(row->body),
                         .headers = headers,
                         .n_headers = 2,
                         .peer = STR("192.0.2.1"),
                         .tls = true,
                         .at = {(i64)ROW_NOW_S * 1000000}};
    const struct adapter *plivo = adapter_find(STR("plivo"));
    if (plivo->verify(&ch, HOOK_MO, &in, &reason) != (row->good ? VERIFY_OK : VERIFY_REFUSED))
        fail_msg("%s: %s", row->lesson, reason ? reason : "let in");
    in.n_headers = 1; /* the nonce is missing */
    assert_int_equal(plivo->verify(&ch, HOOK_MO, &in, &reason), VERIFY_REFUSED);
    in.headers++;
    assert_int_equal(plivo->verify(&ch, HOOK_MO, &in, &reason), VERIFY_REFUSED);
    in.headers = headers, in.n_headers = 2, in.at.us = 1773799300000000; /* the old token has ended */
    if (str_eq(s(row->token), STR("old-token")))
        assert_int_equal(plivo->verify(&ch, HOOK_MO, &in, &reason), VERIFY_REFUSED);
    text_free(&header);
}

static void signatures_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(seals); i++) seal_check(&seals[i]);
    const struct http_header headers[] = {{STR("x-plivo-signature-v3"), STR("x")},
                                          {STR("x-plivo-signature-v3-nonce"), STR("777")}};
    struct http_in in = {.method = STR("POST"), .headers = headers, .n_headers = 2, .peer = STR("192.0.2.1")};
    struct channel_setting set[] = {{STR("allow_ip"), STR("198.51.100.0/24")}};
    const char *reason = NULL;
    assert_int_equal(
        adapter_find(STR("plivo"))->verify(&(struct channel){STR("sms"), set, 1}, HOOK_MO, &in, &reason),
        VERIFY_REFUSED);
    assert_str("foreign address", s(reason), "peer is not in allow_ip");
}

/* The strings that the samples say are signed give the signatures that they carry, and these are let in. */
static void signed_text_is_the_samples(void **state)
{
    (void)state;
    static const char *const names[] = {"01-mo-ascii", "03-mo-query", "04-mo-two-signatures", "20-dlr"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct json *doc = file_case("plivo", names[i]);
        const struct json *headers = json_get(json_get(doc, "request"), "headers");
        struct str said = json_str(json_get(json_get(doc, "signing"), "string_to_sign")), given = STR_NONE;
        u8 mac[DIGEST_MAX];
        struct text made;
        text_init(&made, 64);
        assert_true(said.n > 0);
        digest_hmac(DIGEST_SHA256, STR(TOKEN), said, mac);
        b64_put(&made, mac, 32);
        for (size_t k = 0; k < json_count(headers); k++)
            if (str_eq(json_str(json_at(json_at(headers, k), 0)), STR("X-Plivo-Signature-V3")))
                given = json_str(json_at(json_at(headers, k), 1));
        assert_true(str_ends(given, text_str(&made)));
        text_free(&made);
        json_free(&doc);
    }
}

/* -- pushes ------------------------------------------------------------------------------------------------------- */

static const struct row rows[] = {
    {.lesson = "words as they are",
     .body = MO "+%E4%BA%AE+&Units=2",
     .sender = "+8615400001234",
     .text = " 亮 ",
     .id = "u1",
     .to = "+12025550123",
     .segments = 2},
    {.lesson = "a number of +1 is no mainland mobile",
     .body = "MessageUUID=u1&From=13055550123&Text=x",
     .sender = "+13055550123",
     .text = "x",
     .id = "u1"},
    {.lesson = "with a plus",
     .body = "MessageUUID=u1&From=%2B8615400001234&Text=x",
     .sender = "+8615400001234",
     .text = "x",
     .id = "u1"},
    {.lesson = "a query", .query = MO "x", .sender = "+8615400001234", .text = "x", .id = "u1"},
    {.lesson = "pictures without words",
     .body =
         "MessageUUID=u1&From=8615400001234&Type=mms&Media0=https%3A%2F%2Fm.example%2F0&Media1=https%3A%2F%2Fm.example%2F1&Media3=x",
     .sender = "+8615400001234",
     .text = "",
     .id = "u1",
     .media = 2},
    {.lesson = "the first of two fields of one name",
     .body = MO "x&Text=y",
     .sender = "+8615400001234",
     .text = "x",
     .id = "u1"},
    {.lesson = "names have their case", .body = "messageuuid=u1&from=1&text=x", .result = PARSE_MALFORMED},
    {.lesson = "no id", .body = "From=8615400001234&Text=x", .result = PARSE_MALFORMED},
    {.lesson = "no words field", .body = "MessageUUID=u1&From=8615400001234", .result = PARSE_MALFORMED},
    {.lesson = "no UTF-8", .body = MO "%ff", .result = PARSE_MALFORMED},
    {.lesson = "half an emoji", .body = MO "%ed%a0%bd", .result = PARSE_MALFORMED},
    {.lesson = "a broken escape", .body = MO "%e", .result = PARSE_MALFORMED},
    {.lesson = "JSON is no form",
     .type = "application/json",
     .body = "{\"MessageUUID\":\"u1\"}",
     .result = PARSE_MALFORMED},
    {.lesson = "delivered",
     .hook = HOOK_DLR,
     .body = "Status=delivered&MessageUUID=u1&To=8615400001234&ErrorCode=000",
     .id = "u1",
     .to = "+8615400001234",
     .status = "delivered"},
    {.lesson = "our reference comes back in the address",
     .hook = HOOK_DLR,
     .query = "ref=17",
     .body = "Status=sent&MessageUUID=u1",
     .id = "u1",
     .status = "sent",
     .ref = "17"},
    {.lesson = "undelivered has its code",
     .hook = HOOK_DLR,
     .body = "Status=undelivered&MessageUUID=u1&ErrorCode=30",
     .id = "u1",
     .status = "failed",
     .code = "30"},
    {.lesson = "its time ran out",
     .hook = HOOK_DLR,
     .body = "Status=failed&MessageUUID=u1&ErrorCode=420",
     .id = "u1",
     .status = "expired",
     .code = "420"},
    {.lesson = "rejected",
     .hook = HOOK_DLR,
     .body = "Status=Rejected&MessageUUID=u1",
     .id = "u1",
     .status = "failed"},
    {.lesson = "queued is on its way",
     .hook = HOOK_DLR,
     .query = "Status=queued&MessageUUID=u1",
     .id = "u1",
     .status = "sent"},
    {.lesson = "a report that says nothing",
     .hook = HOOK_DLR,
     .body = "MessageUUID=u1",
     .result = PARSE_MALFORMED},
    {.lesson = "a report about nothing", .hook = HOOK_DLR, .body = "Status=sent", .result = PARSE_MALFORMED},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("plivo", &rows[i]);
    char *words = mem_alloc(30000);
    snprintf(words, 30000, MO "%020001d", 1);
    row_check(
        "plivo",
        &(struct row){.lesson = "more words than a message has", .body = words, .result = PARSE_TOO_MANY});
    free(words);
}

/* -- sending ------------------------------------------------------------------------------------------------------ */

static struct channel_setting sending[] = {{STR("auth_id"), STR("FICTITIOUSAUTHID000001")},
                                           {STR("auth_token"), STR(TOKEN)},
                                           {STR("from"), STR("+12025550123")},
                                           {STR("api_url"), STR("http://127.0.0.1:9")}};
static const struct channel sender = {STR("sms"), sending, 3};

static void requests_are_written(void **state)
{
    (void)state;
    const struct adapter *plivo = adapter_find(STR("plivo"));
    struct message m = {.to = STR("+8613800001234"),
                        .text = STR("【码上督】已受理"),
                        .dlr_url = STR("https://mashangdu.example.com/hooks/plivo/dlr")};
    struct http_out out;
    struct arena arena;
    const char *reason = NULL;
    arena_init(&arena, 1 << 17);
    assert_true(plivo->compose(&sender, &m, &arena, &out, &reason));
    assert_request("11-plivo", &out);
    m.client_ref = STR("17"), m.text = STR("\"x\"");
    assert_true(plivo->compose(&(struct channel){STR("sms"), sending, 4}, &m, &arena, &out, &reason));
    assert_str("url", out.url, "http://127.0.0.1:9/v1/Account/FICTITIOUSAUTHID000001/Message/");
    assert_str(
        "body", out.body,
        "{\"src\":\"12025550123\",\"dst\":\"8613800001234\",\"text\":\"\\\"x\\\"\",\"url\":\"https://mashangdu.example.com/hooks/plivo/dlr?ref=17\",\"method\":\"POST\"}");
    compose_in_little_room("plivo", &sender, &m);
    m.dlr_url = STR_NONE;
    assert_true(plivo->compose(&sender, &m, &arena, &out, &reason));
    assert_str("body", out.body,
               "{\"src\":\"12025550123\",\"dst\":\"8613800001234\",\"text\":\"\\\"x\\\"\"}");
    assert_false(plivo->compose(&(struct channel){STR("sms"), sending, 2}, &m, &arena, &out, &reason));
    m.to = STR("");
    assert_false(plivo->compose(&sender, &m, &arena, &out, &reason));
    arena_free(&arena);
}

static const struct answer_row answers[] = {
    {202, true, "{\"message_uuid\":[\"u1\"]}", "", SENT_OK, CAUSE_NONE, 0, "u1", ""},
    {202, true, "{\"message_uuid\":[],\"invalid_number\":[\"1\"]}", "", SENT_REFUSED, CAUSE_RECIPIENT, 0, "",
     ""},
    {202, true, "{\"message_uuid\":\"u1\"}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {202, true, "{\"message_uuid\":[\"u1\"", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "<html>", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {400, true, "{\"error\":\"no\"}", "", SENT_REFUSED, CAUSE_NONE, 0, "", ""},
    {401, true, "", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", ""},
    {402, true, "", "", SENT_REFUSED, CAUSE_MONEY, 0, "", ""},
    {404, true, "", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", ""},
    {429, true, "", "2", SENT_RETRY, CAUSE_RATE, 2, "", ""},
    {500, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, "", ""},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("plivo", i, &answers[i]);
    answers_of_sample("plivo", "11-plivo");
    assert_balance(
        "plivo", &sender, "https://api.plivo.com/v1/Account/FICTITIOUSAUTHID000001/",
        "Basic RklDVElUSU9VU0FVVEhJRDAwMDAwMTpGSUNUSVRJT1VTcGxpdm9BdXRoVG9rZW4wMDAwMDAwMDAwMDAwMDE=",
        "{\"cash_credits\":\"97.5\"}", 97.5);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/plivo"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_checked), cmocka_unit_test(signed_text_is_the_samples),
        cmocka_unit_test(pushes_are_read),        cmocka_unit_test(requests_are_written),
        cmocka_unit_test(answers_are_judged),     cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
