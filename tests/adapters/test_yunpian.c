/* Yunpian by rows: what it pushes and signs, what it wants, what it answers. The samples folder is run through `channel check` as an
 * operator would. */
#include "cmd_channel_check.h"
#include "rows.h"

#define APIKEY "FICTITIOUS0yunpian0apikey0000001"
#define SENT_S 1773798600

/* The JSON of a row stands in it as it is; encoded it becomes the form's field. */
struct push_row {
    const char *field, *json;
    unsigned encoded; /* how many times */
    struct row row;
};
#define REPLY(fields)                                                                                        \
    "{\"id\":\"a1\",\"mobile\":\"15400001234\",\"reply_time\":\"2026-03-18 09:50:00\"" fields "}"
#define DLR(fields) "[{\"mobile\":\"15400001234\",\"user_receive_time\":\"2026-03-18 09:50:00\"" fields "}]"
#define WORDS       .sender = "+8615400001234", .id = "a1", .sent_s = SENT_S
#define REPORT      .to = "+8615400001234", .id = "9527000000001", .sent_s = SENT_S

static const struct push_row rows[] = {
    {"sms_reply",
     REPLY(",\"text\":\"路灯\",\"base_extend\":\"8888\",\"extend\":\"01\""),
     1,
     {"a reply; where it was sent to is both numbers", WORDS, .text = "路灯", .to = "888801"}},
    {"sms_reply", REPLY(",\"text\":\"路灯 100% +1\""), 2, {"encoded twice", WORDS, .text = "路灯 100% +1"}},
    {"sms_reply",
     REPLY(",\"text\":\"a\",\"base_extend\":null,\"extend\":null"),
     1,
     {"no numbers", WORDS, .text = "a"}},
    {"sms_reply",
     REPLY(",\"text\":\"\\ud83da\""),
     1,
     {"a lone surrogate", WORDS, .text = "\xef\xbf\xbd\x61"}},
    {"sms_reply", " " REPLY(",\"text\":\"a\"") "\r\n", 1, {"blanks around the JSON", WORDS, .text = "a"}},
    {"sms_reply", REPLY(""), 1, {"no words", .result = PARSE_MALFORMED}},
    {"sms_reply", REPLY(",\"text\":7"), 1, {"words that are a number", .result = PARSE_MALFORMED}},
    {"sms_reply",
     "[" REPLY(",\"text\":\"a\"") "]",
     1,
     {"a list of replies is documented nowhere", .result = PARSE_MALFORMED}},
    {"sms_reply", REPLY(",\"text\":\"a\""), 3, {"encoded three times", .result = PARSE_MALFORMED}},
    {"sms_reply", REPLY(",\"text\":\"\xc2\xb7\xb5\xc6\""), 1, {"GBK", .result = PARSE_MALFORMED}},
    {"sms_reply", "", 1, {"empty", .result = PARSE_MALFORMED}},
    {"sms_reply", "{\"id\":", 1, {"cut off", .result = PARSE_MALFORMED}},
    {"sms_other", REPLY(",\"text\":\"a\""), 1, {"another field", .result = PARSE_MALFORMED}},
    {"sms_status",
     DLR(",\"sid\":9527000000001,\"uid\":\"17\",\"report_status\":\"SUCCESS\",\"error_msg\":\"DELIVRD\""),
     1,
     {"delivered", REPORT, .status = "delivered", .ref = "17"}},
    {"sms_status",
     DLR(",\"sid\":\"9527000000001\",\"uid\":17,\"report_status\":\"FAIL\",\"error_msg\":\"MK:0001\""),
     1,
     {"failed; the id as text, our number as a number", REPORT, .status = "failed", .code = "MK:0001",
      .ref = "17"}},
    {"sms_status",
     DLR(",\"sid\":18446744073709551615,\"report_status\":\"SUCCESS\""),
     1,
     {"an id of 20 digits stays exact", .to = "+8615400001234", .id = "18446744073709551615",
      .sent_s = SENT_S, .status = "delivered"}},
    {"sms_status",
     DLR(",\"sid\":9527000000001,\"report_status\":\"FAIL\",\"error_msg\":\"EXPIRED\""),
     1,
     {"ran out of time", REPORT, .status = "expired", .code = "EXPIRED"}},
    {"sms_status",
     DLR(",\"sid\":9527000000001,\"report_status\":\"MAYBE\""),
     1,
     {"a status of tomorrow settles nothing", REPORT, .status = "sent"}},
    {"sms_status",
     DLR(",\"report_status\":\"SUCCESS\""),
     1,
     {"a receipt of nothing", .result = PARSE_MALFORMED}},
    {"sms_status", "{\"sid\":1}", 1, {"an object where a list is due", .result = PARSE_MALFORMED}},
    {"sms_status", "[null]", 1, {"an element that is null", .result = PARSE_MALFORMED}},
    {"sms_status",
     "[null,{\"sid\":9527000000001,\"mobile\":\"15400001234\",\"report_status\":\"SUCCESS\"},{\"report_status\":\"SUCCESS\"}]",
     1,
     {"others beside it are taken", .hook = HOOK_DLR, .to = "+8615400001234", .id = "9527000000001",
      .status = "delivered", .unreadable = 2}},
    {"sms_status", "[]", 1, {"no receipts", .result = PARSE_OK}},
};

/* field=JSON encoded so many times. Free with free(). */
static char *form_of(const char *field, const char *json, unsigned encoded)
{
    struct text value, next, form;
    text_init(&value, 1 << 20);
    text_init(&next, 1 << 20);
    text_init(&form, 1 << 20);
    text_addz(&value, json);
    for (unsigned i = 0; i < encoded; i++) {
        text_clear(&next);
        percent_put(&next, text_str(&value));
        text_clear(&value);
        text_add(&value, text_str(&next));
    }
    text_addf(&form, "x=1&%s=", field);
    text_add(&form, text_str(&value));
    char *z = mem_copy(form.p, form.n);
    text_free(&value);
    text_free(&next);
    text_free(&form);
    return z;
}

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct row row = rows[i].row;
        char *body = form_of(rows[i].field, rows[i].json, rows[i].encoded);
        row.body = body;
        row_check("yunpian", &row);
        free(body);
    }
    row_check("yunpian",
              &(struct row){"a broken escape", .body = "sms_reply=%7B%zz", .result = PARSE_MALFORMED});
    row_check("yunpian", &(struct row){"a form without fields", .body = "", .result = PARSE_MALFORMED});
    row_check("yunpian",
              &(struct row){"JSON where a form is due", .body = "{\"id\":1}", .result = PARSE_MALFORMED});
}

/* -- signatures ---------------------------------------------------------------------------------------------- */

struct seal {
    const char *lesson, *json; /* without _sign; the closing brace is added */
    const char *signed_text;   /* what stands before the apikey; NULL: no _sign at all */
    const char *apikey;        /* signed with; NULL: the channel's */
    const char *path;          /* extra form in front */
    bool good;
};
#define SIX                                                                                                  \
    "{\"base_extend\":\"8888\",\"extend\":\"01\",\"id\":\"a1\",\"mobile\":\"15400001234\",\"reply_time\":\"2026-03-18 09:50:00\""
#define SIX_OUT "8888,01,a1,15400001234,2026-03-18 09:50:00,"

static const struct seal seals[] = {
    {"six fields", SIX ",\"text\":\"路灯\"", SIX_OUT "路灯,", .good = true},
    {"in another order",
     "{\"text\":\"a\",\"mobile\":\"15400001234\",\"id\":\"a1\",\"reply_time\":\"2026-03-18 09:50:00\"",
     "a1,15400001234,2026-03-18 09:50:00,a,", .good = true},
    {"words with commas", SIX ",\"text\":\"a,b,,c\"", SIX_OUT "a,b,,c,", .good = true},
    {"a new field is signed too", SIX ",\"text\":\"a\",\"uid\":7", SIX_OUT "a,7,", .good = true},
    {"a null as nothing", SIX ",\"text\":\"a\",\"uid\":null", SIX_OUT "a,,", .good = true},
    {"a null as null", SIX ",\"text\":\"a\",\"uid\":null", SIX_OUT "a,null,", .good = true},
    {"the key before, in rotation", SIX ",\"text\":\"a\"", SIX_OUT "a,", .apikey = "old-key", .good = true},
    {"another key", SIX ",\"text\":\"a\"", SIX_OUT "a,", .apikey = "no-key"},
    {"other words", SIX ",\"text\":\"b\"", SIX_OUT "a,", .good = false},
    {"a field that was not signed", SIX ",\"text\":\"a\",\"uid\":7", SIX_OUT "a,", .good = false},
    {"no signature", SIX ",\"text\":\"a\"", NULL, .good = false},
    {"the same text, cut elsewhere: the time has moved into the number",
     "{\"base_extend\":\"8888\",\"extend\":\"01\",\"id\":\"a1\",\"mobile\":\"15400001234,2026-03-18 09:50:00\",\"reply_time\":\"路灯\",\"text\":\"x\"",
     SIX_OUT "路灯,x,", .good = false},
    {"the same text, cut elsewhere: words have moved into the time",
     "{\"base_extend\":\"8888\",\"extend\":\"01\",\"id\":\"a1\",\"mobile\":\"15400001234\",\"reply_time\":\"2026-03-18 09:50:00,5\",\"text\":\"b\"",
     SIX_OUT "5,b,", .good = false},
    {"the same text, cut elsewhere: the id has swallowed an extension",
     "{\"base_extend\":\"8888\",\"id\":\"01,a1\",\"mobile\":\"15400001234\",\"reply_time\":\"2026-03-18 09:50:00\",\"text\":\"a\"",
     SIX_OUT "a,", .good = false},
    {"an extension with letters",
     "{\"extend\":\"x\",\"id\":\"a1\",\"mobile\":\"15400001234\",\"reply_time\":\"2026-03-18 09:50:00\",\"text\":\"a\"",
     "x,a1,15400001234,2026-03-18 09:50:00,a,", .good = false},
    {"no id", "{\"mobile\":\"15400001234\",\"reply_time\":\"2026-03-18 09:50:00\",\"text\":\"a\"",
     "15400001234,2026-03-18 09:50:00,a,", .good = false},
    {"a value that is a list", SIX ",\"text\":\"a\",\"uid\":[]", SIX_OUT "a,,", .good = false},
    {"a value that is a fraction", SIX ",\"text\":\"a\",\"uid\":1.5", SIX_OUT "a,1.5,", .good = false},
    {"unsigned receipts beside: it is a reply all the same", SIX ",\"text\":\"a\"", NULL,
     .path = "sms_status=%5B%5D&"},
};

static enum verdict_in seal_verify(const char *form, const char *apikey, const char **reason)
{
    const struct channel_setting set[] = {{STR("apikey"), s(apikey)},
                                          {STR("apikey_old"), STR("old-key")},
                                          {STR("old_until"), STR("1773799300")}};
    const struct channel ch = {STR("sms"), set, ARRAY_LEN(set)};
    const struct http_in in = {.method = STR("POST"), .body = s(form), .at = {(i64)ROW_NOW_S * 1000000}};
    *reason = NULL;
    return adapter_yunpian.verify(&ch, HOOK_MO, &in, reason);
}

static void seal_check(const struct seal *row)
{
    struct text string, json, whole;
    const char *reason;
    text_init(&string, 1024);
    text_init(&json, 2048);
    text_init(&whole, 8192);
    text_addz(&json, row->json);
    if (row->signed_text) {
        text_addf(&string, "%s%s", row->signed_text, row->apikey ? row->apikey : APIKEY);
        text_addz(&json, ",\"_sign\":\"");
        digest_hex(DIGEST_MD5, text_str(&string), &json);
        text_addc(&json, '"');
    }
    text_addc(&json, '}');
    char *form = form_of("sms_reply", text_z(&json), 1);
    text_addf(&whole, "%s%s", row->path ? row->path : "", form);
    const enum verdict_in got = seal_verify(text_z(&whole), APIKEY, &reason);
    if (got != (row->good ? VERIFY_OK : VERIFY_REFUSED))
        fail_msg("%s: %s", row->lesson, reason ? reason : "taken");
    if (!row->good) assert_non_null(reason);
    free(form);
    text_free(&string);
    text_free(&json);
    text_free(&whole);
}

static void signatures_are_checked(void **state)
{
    (void)state;
    const char *reason;
    for (size_t i = 0; i < ARRAY_LEN(seals); i++) seal_check(&seals[i]);
    /* No apikey is set: MD5 of an empty key must not open the door. */
    char *form = form_of("sms_reply", "{\"_sign\":\"d41d8cd98f00b204e9800998ecf8427e\"}", 1);
    assert_int_equal(seal_verify(form, "", &reason), VERIFY_REFUSED);
    free(form);
    assert_int_equal(seal_verify("sms_reply=%7B", APIKEY, &reason), VERIFY_REFUSED);
    assert_non_null(reason);
    assert_int_equal(seal_verify("sms_status=%5B%5D", APIKEY, &reason),
                     VERIFY_OK); /* receipts are not signed */
}

/* The example that the vendor publishes, with its full-width comma and exclamation mark. */
static void the_vendors_example(void **state)
{
    (void)state;
    struct json *doc = file_case("known-answers", "vectors");
    const struct json *all = json_get(doc, "vectors"), *v = NULL;
    const char *reason;
    struct text json;
    for (size_t i = 0; i < json_count(all); i++)
        if (str_eq(json_str(json_get(json_at(all, i), "name")), STR("yunpian-sign"))) v = json_at(all, i);
    assert_non_null(v);
    text_init(&json, 1024);
    json_write(json_get(v, "fields"), &json);
    json.n--; /* the brace */
    text_addz(&json, ",\"_sign\":");
    json_put(&json, json_str(json_get(v, "_sign")));
    text_addc(&json, '}');
    char *form = form_of("sms_reply", text_z(&json), 1);
    assert_int_equal(seal_verify(form, "0000", &reason), VERIFY_OK);
    free(form);
    text_free(&json);
    json_free(&doc);
}

static void batches(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        enum parse_result result;
    } sizes[] = {{100, PARSE_OK}, {1000, PARSE_OK}, {1001, PARSE_TOO_MANY}};
    const struct channel ch = {STR("sms"), NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *z = row_batch("[", "{\"sid\":9527000000001,\"report_status\":\"SUCCESS\"}", sizes[i].n, "]");
        char *form = form_of("sms_status", z, 1);
        const struct http_in in = {.method = STR("POST"), .body = s(form)};
        struct inbox *inbox = MEM_NEW(struct inbox);
        struct arena arena;
        const char *reason = NULL;
        arena_init(&arena, 4u << 20);
        assert_int_equal(adapter_yunpian.parse(&ch, HOOK_DLR, &in, &arena, inbox, &reason), sizes[i].result);
        assert_int_equal(inbox->n_receipts, sizes[i].result == PARSE_OK ? sizes[i].n : 0);
        arena_free(&arena);
        free(inbox);
        free(form);
        free(z);
    }
}

/* -- sending ------------------------------------------------------------------------------------------------- */

static struct channel_setting sending[] = {{STR("apikey"), STR(APIKEY)}, {STR("api_url"), STR("")}};
static const struct channel ch_send = {STR("sms"), sending, ARRAY_LEN(sending)};

static struct message sample_message(void)
{
    return (struct message){.to = STR("+8613800001234"),
                            .text = STR("【码上督】您的投诉MSD-0318已受理，由幸福路街道办办理。"),
                            .sign = STR("码上督"),
                            .client_ref = STR("MSD-20260318-0001"),
                            .dlr_url = STR("https://mashangdu.example.com/hooks/yunpian/status"),
                            .event = STR("received"),
                            .now = {(i64)ROW_NOW_S * 1000000},
                            .try = 1};
}

static bool compose(const struct message *m, struct arena *arena, struct http_out *out, const char **reason)
{
    *reason = NULL;
    return adapter_yunpian.compose(&ch_send, m, arena, out, reason);
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
    assert_request("12-yunpian", &out);
    compose_in_little_room("yunpian", &ch_send, &m);
    m.text = STR("您的投诉MSD-0318已受理，由幸福路街道办办理。"); /* the signature is put in front */
    assert_true(compose(&m, &arena, &out, &reason));
    assert_request("12-yunpian", &out);
    m.to = STR("+85260001234");
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_find(out.body, STR("&mobile=%2B85260001234&")) != SIZE_MAX);
    m.sign = STR_NONE;
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    m = sample_message(), m.to = STR_NONE;
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    m = sample_message();
    sending[0].value = STR("");
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    sending[0].value = STR(APIKEY);
    arena_free(&arena);
}

static void balance_is_asked_and_read(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        double left; /* negative: unreadable */
    } answers[] = {{200, "{\"nick\":\"a\",\"balance\":12.5,\"alarm_balance\":10}", 12.5},
                   {200, "{\"balance\":0}", 0},
                   {200, "{\"balance\":\"7.25\"}", 7.25},
                   {200, "{\"balance\":null}", -1},
                   {200, "<html>", -1},
                   {400, "{\"code\":-1,\"balance\":5}", -1},
                   {0, "", -1}};
    static const u8 random16[16];
    struct http_out out;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    sending[1].value = STR("http://127.0.0.1:8081");
    assert_true(adapter_yunpian.balance_ask(&ch_send, (instant){0}, random16, &arena, &out));
    assert_str("method", out.method, "POST");
    assert_str("url", out.url, "http://127.0.0.1:8081/v2/user/get.json");
    assert_str("body", out.body, "apikey=" APIKEY);
    sending[1].value = STR("");
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct http_reply reply = {
            .status = answers[i].status, .sent = true, .body = s(answers[i].body)};
        double left = -1;
        const bool good = adapter_yunpian.balance_read(&reply, &left);
        assert_int_equal(good, answers[i].left >= 0);
        if (good) assert_true(left > answers[i].left - 0.001 && left < answers[i].left + 0.001);
    }
    arena_free(&arena);
}

#define CODE(code_) "{\"http_status_code\":400,\"code\":" code_ ",\"msg\":\"x\",\"detail\":\"\"}"
static const struct answer_row answers[] = {
    {200, true, "{\"code\":0,\"msg\":\"ok\",\"sid\":9527000000001}", "", SENT_OK, CAUSE_NONE, 0,
     "9527000000001", NULL},
    {200, true, "{\"code\":0,\"sid\":18446744073709551615}", "", SENT_OK, CAUSE_NONE, 0,
     "18446744073709551615", NULL},
    {400, true, CODE("3"), "", SENT_REFUSED, CAUSE_MONEY, 0, NULL, "3"},
    {400, true, CODE("5"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL, "5"},
    {400, true, CODE("10"), "", SENT_REFUSED, CAUSE_RECIPIENT, 0, NULL, "10"},
    {400, true, CODE("22"), "", SENT_REFUSED, CAUSE_NONE, 0, NULL, "22"},
    {400, true, CODE("33"), "", SENT_RETRY, CAUSE_RATE, 0, NULL, "33"},
    {400, true, CODE("-1"), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL, "-1"},
    {400, true, CODE("-51"), "", SENT_RETRY, CAUSE_NONE, 0, NULL, "-51"},
    {500, true, CODE("-50"), "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, "-50"},
    {200, true, CODE("999"), "", SENT_REFUSED, CAUSE_NONE, 0, NULL, "999"},
    {200, true, "{\"code\":null}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, "<html>", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {502, true, "{\"code\":0,\"sid\":1}", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, "0"},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, NULL, NULL},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, NULL},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("yunpian", i, &answers[i]);
    answers_of_sample("yunpian", "12-yunpian");
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/yunpian"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushes_are_read),       cmocka_unit_test(signatures_are_checked),
        cmocka_unit_test(the_vendors_example),   cmocka_unit_test(batches),
        cmocka_unit_test(sending_byte_for_byte), cmocka_unit_test(balance_is_asked_and_read),
        cmocka_unit_test(answers_are_judged),    cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
