/* The adapter that settings describe, by rows: what is read, who may push, what is sent. That real providers fit into it is shown by
 * the folder samples/generic: their own samples, passed by settings alone. */
#include "cmd_channel_check.h"
#include "rows.h"

#define SET_MAX 16
struct channel_text {
    const char *name, *value;
};
static size_t set_fill(const struct channel_text *from, struct channel_setting to[SET_MAX])
{
    size_t n = 0;
    for (; n < SET_MAX && from[n].name; n++)
        to[n] = (struct channel_setting){s(from[n].name), s(from[n].value)};
    return n;
}

/* -- what is read ------------------------------------------------------------------------------------------------- */

struct reading_row {
    const char *lesson;
    struct channel_text set[SET_MAX];
    enum hook hook;
    const char *query, *body;
    enum parse_result result;
    const char *sender, *text, *id, *to; /* of the last message; text NULL: none */
    i64 sent_s;
    unsigned part_total;
    size_t n, unreadable;
    const char *status, *code;
};
#define FORM                                                                                                 \
    {"in_id", "id"}, {"in_from", "f"}, {"in_text", "t"}, { "in_time", "at" }
#define JSON {"in_format", "json"}, FORM
static const struct reading_row readings[] = {
    {.lesson = "a form",
     .set = {FORM},
     .body = "id=1&f=154+0000+0001&t=+a%26b+&at=2026-03-18+10:00:00",
     .sender = "+8615400000001",
     .text = " a&b ",
     .id = "1",
     .sent_s = ROW_NOW_S,
     .n = 1},
    {.lesson = "a query",
     .set = {FORM},
     .query = "id=1&f=15400000001&t=x&at=1773799200000",
     .sender = "+8615400000001",
     .text = "x",
     .id = "1",
     .sent_s = ROW_NOW_S,
     .n = 1},
    {.lesson = "a query of a POST",
     .set = {FORM, {"in_format", "query"}},
     .query = "id=1&f=15400000001&t=x",
     .body = "t=y",
     .sender = "+8615400000001",
     .text = "x",
     .id = "1",
     .n = 1},
    {.lesson = "UTC when the provider writes UTC",
     .set = {FORM, {"zone", "utc"}},
     .body = "id=1&f=15400000001&t=x&at=2026-03-18+02:00:00",
     .sender = "+8615400000001",
     .text = "x",
     .id = "1",
     .sent_s = ROW_NOW_S,
     .n = 1},
    {.lesson = "14 digits are a date, never a number of milliseconds",
     .set = {FORM},
     .body = "id=1&f=15400000001&t=x&at=20260318100000",
     .sender = "+8615400000001",
     .text = "x",
     .id = "1",
     .sent_s = ROW_NOW_S,
     .n = 1},
    {.lesson = "numbers with their country code",
     .set = {FORM, {"numbers", "international"}},
     .body = "id=1&f=13055550123&t=x",
     .sender = "+13055550123",
     .text = "x",
     .id = "1",
     .n = 1},
    {.lesson = "paths into JSON",
     .set = {{"in_format", "json"},
             {"in_list", "data.items"},
             {"in_id", "m.id"},
             {"in_from", "m.who.0"},
             {"in_text", "t"},
             {"in_to", "a+b"}},
     .body =
         "{\"data\":{\"items\":[{\"m\":{\"id\":9007199254740993,\"who\":[\"15400000001\"]},\"t\":\"\\u4eae\",\"a\":\"1069\",\"b\":1}]}}",
     .sender = "+8615400000001",
     .text = "亮",
     .id = "9007199254740993",
     .to = "10691",
     .n = 1},
    {.lesson = "a list without a name",
     .set = {JSON},
     .body = "[{\"id\":1,\"f\":\"15400000001\",\"t\":\"a\"},{\"id\":2,\"f\":\"15400000001\",\"t\":\"b\"}]",
     .sender = "+8615400000001",
     .text = "b",
     .id = "2",
     .n = 2},
    {.lesson = "an empty list is a push with nothing in it", .set = {JSON}, .body = "[]", .n = 0},
    {.lesson = "one bad element: the others are taken",
     .set = {JSON},
     .body =
         "[{\"id\":1,\"f\":\"15400000001\",\"t\":\"a\"},{\"id\":2},{\"id\":3,\"f\":\"15400000001\",\"t\":\"b\"}]",
     .sender = "+8615400000001",
     .text = "b",
     .id = "3",
     .n = 2,
     .unreadable = 1},
    {.lesson = "nothing but bad elements",
     .set = {JSON},
     .body = "[{\"id\":1},{\"id\":2}]",
     .result = PARSE_MALFORMED},
    {.lesson = "a list where an object is due",
     .set = {JSON, {"in_list", "x"}},
     .body = "{\"y\":[]}",
     .result = PARSE_MALFORMED},
    {.lesson = "JSON inside a form",
     .set = {JSON, {"in_field", "p"}},
     .body = "p=%7B%22id%22%3A%221%22%2C%22f%22%3A%2215400000001%22%2C%22t%22%3A%22x%22%7D",
     .sender = "+8615400000001",
     .text = "x",
     .id = "1",
     .n = 1},
    {.lesson = "the form without that field",
     .set = {JSON, {"in_field", "p"}},
     .body = "q=1",
     .result = PARSE_MALFORMED},
    {.lesson = "XML",
     .set = {{"in_format", "xml"}, {"in_id", "id"}, {"in_from", "oa.number"}, {"in_text", "ud"}},
     .body =
         "<?xml version=\"1.0\"?><m><id>1</id><oa><number>15400000001</number></oa><ud><![CDATA[a<b]]></ud></m>",
     .sender = "+8615400000001",
     .text = "a<b",
     .id = "1",
     .n = 1},
    {.lesson = "a piece of a long message",
     .set = {FORM, {"in_part_ref", "r"}, {"in_part_total", "n"}, {"in_part_index", "i"}},
     .body = "id=1&f=15400000001&t=x&r=7&n=3&i=2",
     .sender = "+8615400000001",
     .text = "x",
     .id = "1",
     .part_total = 3,
     .n = 1},
    {.lesson = "a piece that does not add up is whole",
     .set = {FORM, {"in_part_ref", "r"}, {"in_part_total", "n"}, {"in_part_index", "i"}},
     .body = "id=1&f=15400000001&t=x&r=7&n=3&i=4",
     .sender = "+8615400000001",
     .text = "x",
     .id = "1",
     .n = 1},
    {.lesson = "neither id nor time", .set = {FORM}, .body = "f=15400000001&t=x", .result = PARSE_MALFORMED},
    {.lesson = "no words", .set = {FORM}, .body = "id=1&f=15400000001", .result = PARSE_MALFORMED},
    {.lesson = "not UTF-8", .set = {FORM}, .body = "id=1&f=15400000001&t=%ff", .result = PARSE_MALFORMED},
    {.lesson = "no settings at all", .body = "id=1&f=15400000001&t=x", .result = PARSE_MALFORMED},
    {.lesson = "a format that is none",
     .set = {FORM, {"in_format", "yaml"}},
     .body = "x",
     .result = PARSE_MALFORMED},
    {.lesson = "an answer that is a refusal",
     .set = {FORM, {"answer_status", "500"}},
     .body = "id=1&f=15400000001&t=x",
     .result = PARSE_MALFORMED},
    {.lesson = "delivered by a word with a star",
     .hook = HOOK_DLR,
     .set = {{"dlr_id", "i"}, {"dlr_status", "s"}, {"delivered", "OK, DELIV*"}, {"failed", "*"}},
     .body = "i=1&s=DELIVRD",
     .id = "1",
     .status = "delivered",
     .code = ""},
    {.lesson = "failed, with its code",
     .hook = HOOK_DLR,
     .set = {{"dlr_id", "i"}, {"dlr_status", "s"}, {"dlr_code", "c"}, {"failed", "FAIL"}},
     .body = "i=1&s=FAIL&c=MK:0001",
     .id = "1",
     .status = "failed",
     .code = "MK:0001"},
    {.lesson = "a word in no list says nothing final",
     .hook = HOOK_DLR,
     .set = {{"dlr_id", "i"}, {"dlr_status", "s"}, {"failed", "FAIL"}},
     .body = "i=1&s=ACCEPTD",
     .id = "1",
     .status = "sent",
     .code = ""},
    {.lesson = "a receipt for nothing",
     .hook = HOOK_DLR,
     .set = {{"dlr_status", "s"}},
     .body = "s=OK",
     .result = PARSE_MALFORMED},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(readings); i++) {
        const struct reading_row *row = &readings[i];
        struct channel_setting set[SET_MAX];
        const struct channel ch = {STR("sms"), set, set_fill(row->set, set)};
        const struct http_in in = {
            .method = row->body ? STR("POST") : STR("GET"), .query = s(row->query), .body = s(row->body)};
        struct arena arena;
        struct inbox inbox = {0};
        const char *reason = NULL;
        arena_init(&arena, 1 << 20);
        const enum parse_result got =
            adapter_find(s("generic"))->parse(&ch, row->hook, &in, &arena, &inbox, &reason);
        if (got != row->result) fail_msg("%s: %d (%s)", row->lesson, (int)got, reason ? reason : "no reason");
        if (got != PARSE_OK) assert_non_null(reason);
        if (inbox.n_items != row->n) fail_msg("%s: %zu messages", row->lesson, inbox.n_items);
        if (inbox.n_unreadable != (got == PARSE_OK ? row->unreadable : inbox.n_unreadable))
            fail_msg("%s: %zu elements not readable", row->lesson, inbox.n_unreadable);
        if (row->text) {
            const struct inbox_item *item = &inbox.items[inbox.n_items - 1];
            assert_str(row->lesson, item->s.text, row->text);
            assert_str(row->lesson, item->s.sender, row->sender);
            assert_str(row->lesson, item->s.external_id, row->id);
            if (row->to) assert_str(row->lesson, item->to, row->to);
            if (item->s.sent_at.us != row->sent_s * 1000000 || item->part.total != row->part_total)
                fail_msg("%s: time or part", row->lesson);
        }
        if (row->status) {
            static const char *const words[] = {"sent", "delivered", "failed", "expired"};
            assert_int_equal(inbox.n_receipts, 1);
            assert_str(row->lesson, s(words[inbox.receipts[0].status]), row->status);
            assert_str(row->lesson, inbox.receipts[0].provider_id, row->id);
            assert_str(row->lesson, inbox.receipts[0].error_code, row->code);
        }
        arena_free(&arena);
    }
}

/* -- who may push --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *lesson;
    struct channel_text set[SET_MAX];
    const char *query, *body, *header, *value;
    enum verdict_in verdict;
} checks[] = {
    {"no check", {FORM}, "", "t=x", NULL, NULL, VERIFY_OK},
    {"a check nobody knows", {{"check", "crc32"}, {"secret", "k"}}, "", "t=x", NULL, NULL, VERIFY_REFUSED},
    {"a token in the query",
     {{"check", "token"}, {"secret", "k"}, {"check_in", "query:a"}},
     "a=k",
     "t=x",
     NULL,
     NULL,
     VERIFY_OK},
    {"a token in a field",
     {{"check", "token"}, {"secret", "k"}, {"check_in", "a"}},
     "",
     "a=k",
     NULL,
     NULL,
     VERIFY_OK},
    {"a token in a header",
     {{"check", "token"}, {"secret", "k"}, {"check_in", "header:X-Token"}},
     "",
     "t=x",
     "x-token",
     "k",
     VERIFY_OK},
    {"another token",
     {{"check", "token"}, {"secret", "k"}, {"check_in", "query:a"}},
     "a=kk",
     "t=x",
     NULL,
     NULL,
     VERIFY_REFUSED},
    {"no token",
     {{"check", "token"}, {"secret", "k"}, {"check_in", "query:a"}},
     "",
     "t=x",
     NULL,
     NULL,
     VERIFY_REFUSED},
    {"an empty secret lets nobody in",
     {{"check", "token"}, {"secret", ""}, {"check_in", "query:a"}},
     "a=",
     "t=x",
     NULL,
     NULL,
     VERIFY_REFUSED},
    {"user and password",
     {{"check", "basic"}, {"user", "u"}, {"password", "p:p"}},
     "",
     "t=x",
     "authorization",
     "Basic dTpwOnA=",
     VERIFY_OK},
    {"another password",
     {{"check", "basic"}, {"user", "u"}, {"password", "p"}},
     "",
     "t=x",
     "authorization",
     "Basic dTpwOnA=",
     VERIFY_UNAUTHORIZED},
    {"no Basic at all",
     {{"check", "basic"}, {"user", "u"}, {"password", "p"}},
     "",
     "t=x",
     NULL,
     NULL,
     VERIFY_UNAUTHORIZED},
    /* HMAC-SHA256 "key" over "what do ya want for nothing?" and the like: RFC 2202 and 4231, test case 2, key Jefe */
    {"HMAC-SHA256 of the body",
     {{"check", "hmac-sha256"},
      {"secret", "Jefe"},
      {"check_in", "header:x-sig"},
      {"check_prefix", "sha256="}},
     "",
     "what do ya want for nothing?",
     "x-sig",
     "sha256=5BDCC146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     VERIFY_OK},
    {"the same without its prefix",
     {{"check", "hmac-sha256"},
      {"secret", "Jefe"},
      {"check_in", "header:x-sig"},
      {"check_prefix", "sha256="}},
     "",
     "what do ya want for nothing?",
     "x-sig",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     VERIFY_REFUSED},
    {"HMAC-SHA1 as Base64",
     {{"check", "hmac-sha1"}, {"secret", "Jefe"}, {"check_in", "header:x-sig"}, {"check_encoding", "base64"}},
     "",
     "what do ya want for nothing?",
     "x-sig",
     "7/zfauXrL6LSdBbV8YTfnCWafHk=",
     VERIFY_OK},
    {"another body",
     {{"check", "hmac-sha1"}, {"secret", "Jefe"}, {"check_in", "header:x-sig"}, {"check_encoding", "base64"}},
     "",
     "what do ya want for nothing!",
     "x-sig",
     "7/zfauXrL6LSdBbV8YTfnCWafHk=",
     VERIFY_REFUSED},
    {"a digest without a secret in it proves nothing",
     {{"check", "md5"}, {"secret", "k"}, {"check_in", "query:s"}, {"check_over", "{body}"}},
     "s=9dd4e461268c8034f5c8564e155c67a6",
     "x",
     NULL,
     NULL,
     VERIFY_REFUSED},
    /* md5("a=1&b=2k") */
    {"sorted fields and the secret",
     {{"check", "md5"},
      {"secret", "k"},
      {"check_in", "s"},
      {"check_over", "{fields}{secret}"},
      {"check_join", "&"}},
     "",
     "b=2&s=af97cb1e07cd9f9f1279e0bae215015d&a=1",
     NULL,
     NULL,
     VERIFY_OK},
    {"a field more than was signed",
     {{"check", "md5"},
      {"secret", "k"},
      {"check_in", "s"},
      {"check_over", "{fields}{secret}"},
      {"check_join", "&"}},
     "",
     "b=2&s=af97cb1e07cd9f9f1279e0bae215015d&a=1&c=3",
     NULL,
     NULL,
     VERIFY_REFUSED},
    {"a template with a placeholder that is none",
     {{"check", "md5"}, {"secret", "k"}, {"check_in", "s"}, {"check_over", "{nothing}{secret}"}},
     "",
     "s=1",
     NULL,
     NULL,
     VERIFY_REFUSED},
};

static void only_the_provider_is_let_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        struct channel_setting set[SET_MAX];
        const struct channel ch = {STR("sms"), set, set_fill(checks[i].set, set)};
        const struct http_header headers[] = {{s(checks[i].header), s(checks[i].value)}};
        const struct http_in in = {.method = STR("POST"),
                                   .query = s(checks[i].query),
                                   .body = s(checks[i].body),
                                   .headers = headers,
                                   .n_headers = checks[i].header ? 1 : 0,
                                   .peer = STR("192.0.2.1"),
                                   .at = {(i64)ROW_NOW_S * 1000000}};
        const char *reason = NULL;
        const enum verdict_in got = adapter_find(s("generic"))->verify(&ch, HOOK_MO, &in, &reason);
        if (got != checks[i].verdict)
            fail_msg("%s: %d (%s)", checks[i].lesson, (int)got, reason ? reason : "no reason");
        if (got != VERIFY_OK) assert_non_null(reason);
    }
}

/* The signed second must be near: whoever kept an old push cannot play it again for ever. */
static void old_pushes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *at, *skew;
        enum verdict_in verdict;
    } all[] = {{"1773799200", NULL, VERIFY_OK},
               {"1773798300", NULL, VERIFY_OK},
               {"1773798299", NULL, VERIFY_REFUSED},
               {"1773800101", NULL, VERIFY_REFUSED},
               {"1773799200123", NULL, VERIFY_OK},
               {"1773799140", "60", VERIFY_OK},
               {"1773799139", "60", VERIFY_REFUSED},
               {"x", NULL, VERIFY_REFUSED},
               {"", NULL, VERIFY_REFUSED}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const struct channel_setting set[] = {
            {STR("check"), STR("hmac-sha256")},   {STR("secret"), STR("k")},
            {STR("check_in"), STR("s")},          {STR("check_over"), STR("{field:at}.{body}")},
            {STR("in_format"), STR("query")},     {STR("check_time"), STR("field:at")},
            {STR("check_skew_s"), s(all[i].skew)}};
        const struct channel ch = {STR("sms"), set, ARRAY_LEN(set)};
        struct text said, query;
        const char *reason = NULL;
        text_init(&said, 100);
        text_init(&query, 200);
        text_addf(&said, "%s.t=x", all[i].at);
        text_addf(&query, "at=%s&s=", all[i].at);
        digest_hmac_hex(DIGEST_SHA256, STR("k"), text_str(&said), &query);
        const struct http_in in = {.method = STR("POST"),
                                   .query = text_str(&query),
                                   .body = STR("t=x"),
                                   .at = {(i64)ROW_NOW_S * 1000000}};
        if (adapter_find(s("generic"))->verify(&ch, HOOK_MO, &in, &reason) != all[i].verdict)
            fail_msg("%s: %s", all[i].at, reason);
        text_free(&said);
        text_free(&query);
    }
}

/* -- sending ----------------------------------------------------------------------------------------------------------- */

static const struct message_param params[] = {{{"receipt", 7}, {"1234 \"5\"", 8}},
                                              {{"unit", 4}, {"幸福路", 9}}};
static struct message message_of(void)
{
    static const u8 random[16] = {0x31, 0x56};
    return (struct message){.to = STR("+8615400000001"),
                            .text = STR("【码上督】已受理 \"a\\b\" & 😀\n"),
                            .sign = STR("码上督"),
                            .client_ref = STR("17"),
                            .dlr_url = STR("https://m.example/dlr?x=1"),
                            .event = STR("received"),
                            .params = params,
                            .n_params = 2,
                            .now = {(i64)ROW_NOW_S * 1000000},
                            .random = random,
                            .try = 1};
}

static const struct {
    const char *lesson;
    struct channel_text set[SET_MAX];
    const char *url, *body, *header; /* the first header's value; url NULL: not composed */
} sendings[] = {
    {"JSON: whatever the words are, they stay words",
     {{"send_url", "https://api.example/v1/{user}/send"},
      {"user", "a/b"},
      {"send_format", "json"},
      {"send_body",
       "{\"to\":\"{to}\",\"text\":\"{text}\",\"at\":{now},\"params\":{params},\"list\":{params_list}}"}},
     "https://api.example/v1/a%2Fb/send",
     "{\"to\":\"+8615400000001\",\"text\":\"【码上督】已受理 \\\"a\\\\b\\\" & 😀\\n\",\"at\":1773799200,"
     "\"params\":{\"receipt\":\"1234 \\\"5\\\"\",\"unit\":\"幸福路\"},\"list\":[\"1234 \\\"5\\\"\",\"幸福路\"]}",
     "application/json; charset=utf-8"},
    {"a form",
     {{"send_url", "https://api.example/"},
      {"send_format", "form"},
      {"send_body", "m={to_national}&t={param:unit}&u={dlr_url}&r={ref}"}},
     "https://api.example/",
     "m=15400000001&t=%E5%B9%B8%E7%A6%8F%E8%B7%AF&u=https%3A%2F%2Fm.example%2Fdlr%3Fx%3D1&r=17",
     "application/x-www-form-urlencoded"},
    {"XML",
     {{"send_url", "https://api.example/"},
      {"send_format", "xml"},
      {"send_type", "application/xml"},
      {"send_body", "<t>{param:receipt}</t>"}},
     "https://api.example/",
     "<t>1234 &quot;5&quot;</t>",
     "application/xml"},
    {"everything in the address, a GET",
     {{"send_method", "GET"},
      {"send_url", "http://10.0.0.1/s?to={to_plain}&n={nonce}&at={now_iso}"},
      {"send_header1", "Authorization: Basic {basic}"},
      {"user", "u"},
      {"password", "p"}},
     "http://10.0.0.1/s?to=8615400000001&n=31560000000000000000000000000000&at=2026-03-18T02%3A00%3A00Z",
     "",
     "Basic dTpw"},
    {"signed over the body",
     {{"send_url", "https://api.example/"},
      {"send_format", "text"},
      {"send_body", "what do ya want for nothing?"},
      {"send_type", "text/plain"},
      {"secret", "Jefe"},
      {"send_sign", "hmac-md5"},
      {"send_over", "{body}"},
      {"send_url", "https://api.example/"},
      {"send_header1", "X-Sign: {signature}"}},
     "https://api.example/",
     "what do ya want for nothing?",
     "text/plain"},
    {"a placeholder that is none", {{"send_url", "https://api.example/{nobody}"}}, NULL, NULL, NULL},
    {"a parameter that the event does not have",
     {{"send_url", "https://api.example/"}, {"send_format", "form"}, {"send_body", "x={param:link}"}},
     NULL,
     NULL,
     NULL},
    {"a body without a format", {{"send_url", "https://api.example/"}, {"send_body", "x"}}, NULL, NULL, NULL},
    {"no address", {{"send_url", "file:///etc/passwd"}}, NULL, NULL, NULL},
    {"a header that would be two",
     {{"send_url", "https://api.example/"}, {"send_header1", "X: {text}"}},
     NULL,
     NULL,
     NULL},
    {"a header without a name",
     {{"send_url", "https://api.example/"}, {"send_header1", "X"}},
     NULL,
     NULL,
     NULL},
};

static void messages_are_composed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sendings); i++) {
        struct channel_setting set[SET_MAX];
        const struct channel ch = {STR("sms"), set, set_fill(sendings[i].set, set)};
        const struct message m = message_of();
        struct arena arena;
        struct http_out out;
        const char *reason = NULL;
        arena_init(&arena, 1 << 18);
        const bool good = adapter_find(s("generic"))->compose(&ch, &m, &arena, &out, &reason);
        if (good != (sendings[i].url != NULL))
            fail_msg("%s: %s", sendings[i].lesson, reason ? reason : "composed");
        if (!good) assert_non_null(reason);
        if (good) {
            assert_str(sendings[i].lesson, out.url, sendings[i].url);
            assert_str(sendings[i].lesson, out.body, sendings[i].body);
            assert_str(sendings[i].lesson, out.headers[0].value, sendings[i].header);
        }
        if (good && out.n_headers == 2)
            assert_str("RFC 2202, case 2", out.headers[1].value, "750c783e6ab0b503eaa86e310a5db738");
        arena_free(&arena);
    }
}

static const struct {
    int status;
    bool left;
    const char *body;
    enum sent sent;
    enum sent_cause cause;
    const char *id, *code;
} answers[] = {
    {200, true, "{\"code\":0,\"data\":{\"sid\":9527000000001}}", SENT_OK, CAUSE_NONE, "9527000000001", ""},
    {200, true, "{\"code\":\"ok\"}", SENT_OK, CAUSE_NONE, "", ""},
    {200, true, "{\"code\":22}", SENT_REFUSED, CAUSE_NONE, "", "22"},
    {200, true, "{\"code\":3}", SENT_REFUSED, CAUSE_MONEY, "", "3"},
    {200, true, "{\"code\":\"isv.SIGN_BAD\"}", SENT_REFUSED, CAUSE_SETTINGS, "", "isv.SIGN_BAD"},
    {200, true, "{\"code\":901}", SENT_RETRY, CAUSE_RATE, "", "901"},
    {400, true, "{\"code\":902}", SENT_RETRY, CAUSE_NONE, "", "902"},
    {200, true, "<html>", SENT_UNKNOWN, CAUSE_SETTINGS, "", ""},
    {200, true, "{}", SENT_UNKNOWN, CAUSE_SETTINGS, "", ""},
    {503, true, "", SENT_RETRY, CAUSE_NONE, "", ""},
    {401, true, "{\"code\":7}", SENT_REFUSED, CAUSE_SETTINGS, "", "7"},
    {500, true, "", SENT_UNKNOWN, CAUSE_NONE, "", ""},
    {0, true, "", SENT_UNKNOWN, CAUSE_NONE, "", ""}, /* never sent twice blindly */
    {0, false, "", SENT_RETRY, CAUSE_NONE, "", ""},
};

static void answers_are_judged(void **state)
{
    (void)state;
    const struct channel_setting set[] = {
        {STR("ok_path"), STR("code")},     {STR("ok_value"), STR("0, ok")},
        {STR("id_path"), STR("data.sid")}, {STR("code_path"), STR("code")},
        {STR("codes_money"), STR("3")},    {STR("codes_settings"), STR("isv.*")},
        {STR("codes_rate"), STR("901")},   {STR("codes_retry"), STR("902")}};
    const struct channel ch = {STR("sms"), set, ARRAY_LEN(set)};
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct http_reply reply = {
            .status = answers[i].status, .sent = answers[i].left, .body = s(answers[i].body)};
        struct sent_outcome got;
        struct arena arena;
        arena_init(&arena, 4096);
        adapter_find(s("generic"))->judge(&ch, &reply, &arena, &got);
        if (got.sent != answers[i].sent || got.cause != answers[i].cause)
            fail_msg("answer %zu: %d, %d", i, (int)got.sent, (int)got.cause);
        assert_str("id", got.provider_id, answers[i].id);
        assert_str("code", got.error_code, answers[i].code);
        assert_non_null(got.for_operator);
        arena_free(&arena);
    }
}

static void little_room_is_told(void **state)
{
    (void)state;
    struct channel_setting set[SET_MAX];
    const struct channel ch = {STR("sms"), set, set_fill(sendings[0].set, set)};
    const struct message m = message_of();
    compose_in_little_room("generic", &ch, &m);
}

static void samples_of_others_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/generic"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushes_are_read),        cmocka_unit_test(only_the_provider_is_let_in),
        cmocka_unit_test(old_pushes_are_refused), cmocka_unit_test(messages_are_composed),
        cmocka_unit_test(answers_are_judged),     cmocka_unit_test(little_room_is_told),
        cmocka_unit_test(samples_of_others_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
