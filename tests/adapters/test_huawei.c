/* Huawei by rows: what it pushes and signs, what it wants, what it answers. The samples folder is run through `channel check` as an
 * operator would. */
#include "adapters/sms/signing.h"
#include "cmd_channel_check.h"
#include "rows.h"

#define SENT_S 1773798600
#define FROM   "from=%2B8615400001234&to=106900001234"
#define AT     "&createTime=2026-03-18T01%3A50%3A00Z"
#define WORDS  .sender = "+8615400001234", .text = "路灯", .to = "106900001234"
#define DLR    "smsMsgId=m1&to=%2B8615400001234&extend=17&updateTime=2026-03-18T01%3A50%3A00Z"
#define REPORT .hook = HOOK_DLR, .to = "+8615400001234", .id = "m1", .ref = "17", .sent_s = SENT_S
#define BAD    .result = PARSE_MALFORMED

static const struct row rows[] = {
    {"no time: the arrival counts", .body = FROM "&body=%E8%B7%AF%E7%81%AF&smsMsgId=m1", WORDS, .id = "m1"},
    {"with a time, in UTC", .body = FROM "&body=%E8%B7%AF%E7%81%AF&smsMsgId=m1" AT, WORDS, .id = "m1",
     .sent_s = SENT_S},
    {"unescaped UTF-8", .body = FROM "&body=路灯&smsMsgId=m1", WORDS, .id = "m1"},
    {"no id, but a time", .body = FROM "&body=%E8%B7%AF%E7%81%AF" AT, WORDS, .sent_s = SENT_S},
    {"a plus sign is a blank, %2B is a plus", .body = FROM "&body=a+b%2Bc&smsMsgId=m1",
     .sender = "+8615400001234", .text = "a b+c", .id = "m1"},
    {"a second field of the same name changes nothing", .body = FROM "&body=a&body=b&smsMsgId=m1&smsMsgId=m2",
     .sender = "+8615400001234", .text = "a", .id = "m1"},
    {"a sender that is no telephone: its words count", .body = "from=95588&body=a&smsMsgId=m1", .text = "a",
     .id = "m1"},
    {"no words", .body = FROM "&smsMsgId=m1", BAD},
    {"no sender", .body = "body=a&smsMsgId=m1", BAD},
    {"neither id nor time", .body = FROM "&body=a", BAD},
    {"a broken escape", .body = FROM "&body=%E8%B&smsMsgId=m1", BAD},
    {"a broken escape in a field nobody reads", .body = FROM "&body=a&smsMsgId=m1&x=%zz", BAD},
    {"GBK", .body = FROM "&body=%C2%B7%B5%C6&smsMsgId=m1", BAD},
    {"half a character", .body = FROM "&body=%E8%B7&smsMsgId=m1", BAD},
    {"a surrogate in UTF-8", .body = FROM "&body=%ED%A0%BD&smsMsgId=m1", BAD},
    {"U+0000", .body = FROM "&body=a%00b&smsMsgId=m1", BAD},
    {"nothing", .body = "", BAD},
    {"JSON where a form is due", .body = "{\"from\":\"a\"}", BAD},

    {"the whole message arrived", .body = DLR "&status=DELIVRD&total=1&sequence=1", REPORT,
     .status = "delivered"},
    {"no parts named", .body = DLR "&status=DELIVRD", REPORT, .status = "delivered"},
    {"ran out of time", .body = DLR "&status=EXPIRED", REPORT, .status = "expired", .code = "EXPIRED"},
    {"on its way", .body = DLR "&status=ACCEPTD", REPORT, .status = "sent"},
    {"a code of the operator", .body = DLR "&status=E200026&source=1", REPORT, .status = "failed",
     .code = "E200026"},
    {"parts that make no sense", .body = DLR "&status=DELIVRD&total=x&sequence=9", REPORT,
     .status = "delivered"},
    {"without status", .body = DLR, BAD, .hook = HOOK_DLR},
    {"without id and reference", .body = "status=DELIVRD", BAD, .hook = HOOK_DLR},
    {"a list of them",
     .body =
         "{\"statusReportList\":[{\"smsMsgId\":\"m1\",\"to\":\"+8615400001234\",\"extend\":\"17\",\"status\":\"DELIVRD\","
         "\"updateTime\":\"2026-03-18T01:50:00Z\",\"total\":1,\"sequence\":\"1\"}]}",
     REPORT, .status = "delivered"},
    {"an empty list", .hook = HOOK_DLR, .body = "{\"statusReportList\":[]}"},
    {"a list that is none", .hook = HOOK_DLR, .body = "{\"statusReportList\":{}}", BAD},
    {"no list", .hook = HOOK_DLR, .body = "{}", BAD},
    {"elements that are no objects", .hook = HOOK_DLR, .body = "{\"statusReportList\":[1]}", BAD},
    {"elements without status or id beside a whole one", .hook = HOOK_DLR,
     .body =
         "{\"statusReportList\":[1,{\"smsMsgId\":\"m1\",\"status\":\"DELIVRD\"},{\"smsMsgId\":\"m2\"},{\"status\":\"DELIVRD\"}]}",
     .id = "m1", .status = "delivered", .unreadable = 3},
    {"cut off", .hook = HOOK_DLR, .body = "{\"statusReportList\":[", BAD},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("huawei", &rows[i]);
}

/* A long message is delivered when its last part is, not before; a failed part fails it at once. */
static void parts_settle_the_message_together(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        unsigned total, index;
        enum delivery message;
    } parts[] = {
        {DLR "&status=DELIVRD&total=3&sequence=1", 3, 1, DELIVERY_SENT},
        {DLR "&status=DELIVRD&total=3&sequence=2", 3, 2, DELIVERY_SENT},
        {DLR "&status=DELIVRD&total=3&sequence=3", 3, 3, DELIVERY_DELIVERED},
        {DLR "&status=E200026&total=3&sequence=1", 3, 1, DELIVERY_FAILED},
        {DLR "&status=DELIVRD&total=1&sequence=1", 1, 1, DELIVERY_DELIVERED},
        {DLR "&status=DELIVRD&total=2&sequence=3", 0, 0, DELIVERY_DELIVERED},
        {DLR "&status=DELIVRD&total=2&sequence=0", 0, 0, DELIVERY_DELIVERED},
    };
    const struct channel ch = {STR("sms"), NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const struct http_in in = {.method = STR("POST"), .body = s(parts[i].body)};
        struct inbox *inbox = MEM_NEW(struct inbox);
        struct arena arena;
        const char *reason;
        arena_init(&arena, 1 << 18);
        assert_int_equal(adapter_huawei.parse(&ch, HOOK_DLR, &in, &arena, inbox, &reason), PARSE_OK);
        assert_int_equal(inbox->receipts[0].part_total, parts[i].total);
        assert_int_equal(inbox->receipts[0].part_index, parts[i].index);
        assert_int_equal(receipt_delivery(&inbox->receipts[0]), parts[i].message);
        arena_free(&arena);
        free(inbox);
    }
}

static void batches(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        enum parse_result result;
    } sizes[] = {{50, PARSE_OK}, {1000, PARSE_OK}, {1001, PARSE_TOO_MANY}};
    const struct channel ch = {STR("sms"), NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *z = row_batch("{\"statusReportList\":[", "{\"smsMsgId\":\"m1\",\"status\":\"DELIVRD\"}",
                            sizes[i].n, "]}");
        const struct http_in in = {.method = STR("POST"), .body = s(z)};
        struct inbox *inbox = MEM_NEW(struct inbox);
        struct arena arena;
        const char *reason = NULL;
        arena_init(&arena, 4u << 20);
        assert_int_equal(adapter_huawei.parse(&ch, HOOK_DLR, &in, &arena, inbox, &reason), sizes[i].result);
        assert_int_equal(inbox->n_receipts, sizes[i].result == PARSE_OK ? sizes[i].n : 0);
        arena_free(&arena);
        free(inbox);
        free(z);
    }
}

/* -- signed pushes ------------------------------------------------------------------------------------------- */

#define BODY "from=95588&body=a&smsMsgId=m1"
#define KEYS "{\"AK1\":\"secret+/=1\",\"AK2\":\"secret-2\"}"

struct seal {
    const char *lesson;
    const char *access, *secret, *names, *date, *query, *signed_body, *format; /* NULL: as usual */
    const char *keys, *old, *required, *skew;
    enum verdict_in verdict;
    const char *why; /* part of the reason, for the log */
};

static const struct seal seals[] = {
    {"signed as the vendor's helper does it", .verdict = VERIFY_OK},
    {"the second key, while both are good", .access = "AK2", .secret = "secret-2", .verdict = VERIFY_OK},
    {"a key of the table before, in rotation", .access = "AK0", .secret = "secret-0",
     .old = "{\"AK0\":\"secret-0\"}", .verdict = VERIFY_OK},
    {"a query is signed sorted", .query = "b=%7e&a=1", .verdict = VERIFY_OK},
    {"blanks after the commas may be missing",
     .format = "SDK-HMAC-SHA256 Access=%s,SignedHeaders=%s,Signature=%s", .verdict = VERIFY_OK},
    {"14 minutes late", .date = "20260318T014600Z", .verdict = VERIFY_OK},
    {"16 minutes late", .date = "20260318T014400Z", .verdict = VERIFY_UNAUTHORIZED, .why = "outside window"},
    {"16 minutes early", .date = "20260318T021600Z", .verdict = VERIFY_UNAUTHORIZED, .why = "outside window"},
    {"a window of a minute", .date = "20260318T015800Z", .skew = "60", .verdict = VERIFY_UNAUTHORIZED,
     .why = "outside window"},
    {"a date that is none, though signed", .date = "today", .verdict = VERIFY_UNAUTHORIZED,
     .why = "outside window"},
    {"keys are set, required is not: they are used", .required = "", .verdict = VERIFY_OK},
    {"another body under the signature", .signed_body = "from=95588&body=b&smsMsgId=m1",
     .verdict = VERIFY_UNAUTHORIZED, .why = "mismatch"},
    {"another secret", .secret = "secret-2", .verdict = VERIFY_UNAUTHORIZED, .why = "mismatch"},
    {"an unknown key", .access = "AK9", .verdict = VERIFY_UNAUTHORIZED, .why = "unknown Access"},
    {"the host is not signed: it could have been sent elsewhere", .names = "content-type;x-sdk-date",
     .verdict = VERIFY_UNAUTHORIZED, .why = "not signed"},
    {"the date is not signed: it could be of any time", .names = "content-type;host",
     .verdict = VERIFY_UNAUTHORIZED, .why = "not signed"},
    {"empty names", .names = "host;;x-sdk-date", .verdict = VERIFY_UNAUTHORIZED, .why = "not signed"},
    {"another scheme of the header", .format = "Basic %s%s%s", .verdict = VERIFY_UNAUTHORIZED,
     .why = "Authorization is no"},
    {"a piece more", .format = "SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%s, x=1",
     .verdict = VERIFY_UNAUTHORIZED, .why = "Authorization is no"},
    {"pieces in another order", .format = "SDK-HMAC-SHA256 Access=%s, Signature=%s, SignedHeaders=%s",
     .verdict = VERIFY_UNAUTHORIZED, .why = "Authorization is no"},
    {"no header", .format = "", .verdict = VERIFY_UNAUTHORIZED, .why = "Authorization missing"},
    {"required, and no keys are set", .keys = "", .verdict = VERIFY_UNAUTHORIZED, .why = "unknown Access"},
    {"keys that are no JSON", .keys = "AK1:secret+/=1", .verdict = VERIFY_UNAUTHORIZED,
     .why = "unknown Access"},
    {"an empty secret is none", .secret = "", .keys = "{\"AK1\":\"\"}", .verdict = VERIFY_UNAUTHORIZED,
     .why = "unknown Access"},
    {"not required: what the header says is nobody's business", .format = "Basic %s%s%s", .required = "false",
     .verdict = VERIFY_OK},
};

static const char *or_else(const char *z, const char *otherwise) { return z ? z : otherwise; }

static void seal_check(const struct seal *row)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct reading r = {NULL, &arena, false};
    const char *names = or_else(row->names, "content-type;host;x-sdk-date"),
               *date = or_else(row->date, "20260318T020000Z");
    struct http_header all[] = {{STR("content-type"), STR("application/x-www-form-urlencoded")},
                                {STR("host"), STR("mashangdu.example.com")},
                                {STR("x-sdk-date"), s(date)},
                                {STR("authorization"), STR("")}};
    struct http_header picked[4];
    struct text canonical, string, hex, value;
    struct str query, rest = s(names), name;
    size_t n = 0;
    while (rest.n) {
        str_cut(rest, ';', &name, &rest);
        for (size_t i = 0; i < 3; i++)
            if (str_eq(all[i].name, name)) picked[n++] = all[i];
    }
    text_init(&canonical, 4096);
    text_init(&string, 512);
    text_init(&hex, 64);
    text_init(&value, 512);
    assert_true(signing_query(&r, s(or_else(row->query, "")), &query));
    signing_canonical(&(struct signed_request){STR("POST"), STR("/hooks/h/k/mo/"), query, picked, n,
                                               s(or_else(row->signed_body, BODY))},
                      &canonical);
    signing_string(STR("SDK-HMAC-SHA256"), s(date), text_str(&canonical), &string);
    digest_hmac_hex(DIGEST_SHA256, s(or_else(row->secret, "secret+/=1")), text_str(&string), &hex);
    if (row->format == NULL)
        text_addf(&value, "SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%s",
                  or_else(row->access, "AK1"), names, text_z(&hex));
    else { /* %s three times */
        const char *const three[] = {or_else(row->access, "AK1"), names, text_z(&hex)};
        size_t k = 0;
        for (const char *z = row->format; *z; z++) {
            if (z[0] == '%' && z[1] == 's')
                text_addz(&value, three[k++]), z++;
            else
                text_addc(&value, *z);
        }
    }
    all[3].value = text_str(&value);
    const struct channel_setting set[] = {{STR("push_keys"), s(or_else(row->keys, KEYS))},
                                          {STR("push_keys_old"), s(row->old)},
                                          {STR("old_until"), STR("1773799300")},
                                          {STR("require_signature"), s(or_else(row->required, "true"))},
                                          {STR("max_skew_s"), s(or_else(row->skew, "900"))}};
    const struct channel ch = {STR("sms"), set, ARRAY_LEN(set)};
    const struct http_in in = {.method = STR("POST"),
                               .path = STR("/hooks/h/k/mo"),
                               .query = s(row->query),
                               .host = STR("mashangdu.example.com"),
                               .body = STR(BODY),
                               .headers = all,
                               .n_headers = value.n ? 4 : 3,
                               .at = {(i64)ROW_NOW_S * 1000000}};
    const char *reason = NULL;
    const enum verdict_in got = adapter_huawei.verify(&ch, HOOK_MO, &in, &reason);
    if (got != row->verdict) fail_msg("%s: %d (%s)", row->lesson, (int)got, reason ? reason : "-");
    if (row->why && (!reason || !strstr(reason, row->why)))
        fail_msg("%s: %s", row->lesson, reason ? reason : "-");
    text_free(&canonical);
    text_free(&string);
    text_free(&hex);
    text_free(&value);
    arena_free(&arena);
}

static void signatures_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(seals); i++) seal_check(&seals[i]);
}

/* -- sending ------------------------------------------------------------------------------------------------- */

static const u8 nonce[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                             0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
static const struct message_param params[] = {{STR("receipt"), STR("MSD-0318")},
                                              {STR("unit"), STR("幸福路街道办")}};
static struct channel_setting sending[] = {
    {STR("app_key"), STR("FICTITIOUSHwAppKey0000000001")},
    {STR("app_secret"), STR("FICTITIOUSHwAppSecret0001")},
    {STR("from"), STR("8823000000001")},
    {STR("template_received"), STR("00000000000000000000000000000001")},
    {STR("auth"), STR("wsse")}};
static const struct channel ch_send = {STR("sms"), sending, ARRAY_LEN(sending)};

static struct message sample_message(void)
{
    return (struct message){
        .to = STR("+8613800001234,+8613800005678"),
        .client_ref = STR("MSD-20260318-0001"),
        .dlr_url = STR("https://mashangdu.example.com/hooks/huawei/FICTITIOUS-url-token-a0d311/status"),
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
    return adapter_huawei.compose(&ch_send, m, arena, out, reason);
}

static void sending_byte_for_byte(void **state)
{
    (void)state;
    struct message m = sample_message();
    struct http_out out;
    struct arena arena;
    const char *reason;
    struct json *doc = file_case("outbound", "06-huawei-wsse");
    arena_init(&arena, 1 << 18);
    assert_true(compose(&m, &arena, &out, &reason));
    assert_request("06-huawei-wsse", &out);
    compose_in_little_room("huawei", &ch_send, &m);

    sending[4].value = STR("wsse_hex");
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_find(out.headers[2].value,
                         json_str(json_get(json_get(doc, "config"), "password_digest_hex_variant"))) !=
                SIZE_MAX);

    m.sign = STR("码上督"); /* for universal templates */
    assert_true(compose(&m, &arena, &out, &reason));
    assert_true(str_ends(out.body, STR("&signature=%E7%A0%81%E4%B8%8A%E7%9D%A3")));
    sending[4].value = STR("wsse");
    json_free(&doc);
    arena_free(&arena);
}

/* What we sign by SDK-HMAC we would accept ourselves: the sending turned round as a push. */
static void sdk_signature_is_what_a_receiver_computes(void **state)
{
    (void)state;
    const struct message m = sample_message();
    struct http_out out;
    struct http_header headers[4];
    struct arena arena;
    const char *reason;
    const struct channel_setting set[] = {
        {STR("push_keys"), STR("{\"FICTITIOUSHwAppKey0000000001\":\"FICTITIOUSHwAppSecret0001\"}")}};
    const struct channel ch = {STR("sms"), set, 1};
    sending[4].value = STR("sdk");
    arena_init(&arena, 1 << 18);
    assert_true(compose(&m, &arena, &out, &reason));
    assert_int_equal(out.n_headers, 4);
    for (size_t i = 0; i < 4; i++) headers[i] = out.headers[i];
    assert_str("host", headers[0].value, "smsapi.cn-north-4.myhuaweicloud.com");
    const struct http_in in = {.method = out.method,
                               .path = STR("/sms/batchSendSms/v1"),
                               .body = out.body,
                               .headers = headers,
                               .n_headers = 4,
                               .at = m.now};
    assert_int_equal(adapter_huawei.verify(&ch, HOOK_MO, &in, &reason), VERIFY_OK);
    sending[4].value = STR("wsse");
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
    m = sample_message(), m.to = STR_NONE;
    assert_false(compose(&m, &arena, &out, &reason));
    assert_non_null(reason);
    m = sample_message();
    for (size_t i = 0; i < 3; i++) { /* key, secret and channel number are needed */
        const struct str was = sending[i].value;
        sending[i].value = STR("");
        assert_false(compose(&m, &arena, &out, &reason));
        assert_non_null(reason);
        sending[i].value = was;
    }
    sending[4].value = STR("basic");
    assert_false(compose(&m, &arena, &out, &reason));
    sending[4].value = STR("wsse");
    arena_free(&arena);
}

#define RESULT(status_) "{\"originTo\":\"+8613800001234\",\"smsMsgId\":\"m1\",\"status\":\"" status_ "\"}"
#define ANSWER(list)    "{\"result\":[" list "],\"code\":\"000000\",\"description\":\"Success\"}"
static const struct answer_row answers[] = {
    {200, true, ANSWER(RESULT("000000")), "", SENT_OK, CAUSE_NONE, 0, "m1", NULL},
    {200, true, ANSWER(RESULT("E200026")), "", SENT_REFUSED, CAUSE_RECIPIENT, 0, NULL, "E200026"},
    {200, true, ANSWER(RESULT("E200028")), "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL, "E200028"},
    {200, true, ANSWER(RESULT("E299999")), "", SENT_REFUSED, CAUSE_NONE, 0, NULL, "E299999"},
    {200, true, ANSWER(RESULT("E200037") "," RESULT("000000")), "", SENT_OK, CAUSE_NONE, 0, "m1", NULL},
    {200, true, ANSWER(""), "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, "{\"code\":\"E000510\",\"result\":[" RESULT("E200026") "]}", "", SENT_REFUSED,
     CAUSE_RECIPIENT, 0, NULL, "E200026"},
    {200, true, "{\"code\":\"E000503\"}", "2", SENT_RETRY, CAUSE_RATE, 2, NULL, "E000503"},
    {200, true, "{\"code\":\"E000000\"}", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, "E000000"},
    {401, true, "{\"code\":\"E000102\"}", "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL, "E000102"},
    {403, true, "", "", SENT_REFUSED, CAUSE_SETTINGS, 0, NULL, NULL},
    {200, true, "{\"code\":7,\"result\":\"x\"}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, NULL, NULL},
    {500, true, "<html>", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, NULL},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, NULL, NULL},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, NULL, NULL},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("huawei", i, &answers[i]);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/huawei"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushes_are_read),
        cmocka_unit_test(parts_settle_the_message_together),
        cmocka_unit_test(batches),
        cmocka_unit_test(signatures_are_checked),
        cmocka_unit_test(sending_byte_for_byte),
        cmocka_unit_test(sdk_signature_is_what_a_receiver_computes),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
