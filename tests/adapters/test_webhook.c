/* Webhooks: the samples of Standard Webhooks composed and verified byte for byte, two signatures while a key is rotated, what may
 * not be composed, and what each answer of a receiver means. */
#include "adapters/notice/webhook.h"
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SAMPLES TREE "/tests/adapters/samples/standard-webhooks/"
#define NOW     ((instant){1773799200LL * 1000000})
#define KEY_1   "whsec_RklDVElUSU9VUy1zdGQtd2ViaG9vay1rZXktMDAwMSE="
#define KEY_2   "whsec_RklDVElUSU9VUy1zdGQtd2ViaG9vay1rZXktMDAwMiE="

static struct arena arena;
static const struct adapter *webhook;

static struct str file_read(const char *name)
{
    char path[300];
    static char bytes[65536];
    snprintf(path, sizeof path, SAMPLES "%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    struct str kept = arena_str(&arena, (struct str){bytes, n});
    assert_non_null(kept.p);
    return kept;
}

static struct str header(const struct http_out *out, const char *name)
{
    for (size_t i = 0; i < out->n_headers; i++)
        if (str_eq(out->headers[i].name, str_of(name))) return out->headers[i].value;
    return STR_NONE;
}

static void same(struct str got, const char *want)
{
    if (!str_eq(got, str_of(want))) fail_msg("got %.*s, not %s", STR_ARG(got), want);
}

/* --- as a receiver --- */

static struct str sample_header(const struct json *doc, const char *name)
{
    const struct json *all = json_get(json_get(doc, "request"), "headers");
    for (size_t i = 0; i < json_count(all); i++)
        if (str_eq_case(json_str(json_at(json_at(all, i), 0)), str_of(name)))
            return json_str(json_at(json_at(all, i), 1));
    return STR_NONE;
}

static void samples_verify(void **state)
{
    (void)state;
    static const char *const names[] = {"01-single",
                                        "03-pretty",
                                        "04-unknown-version",
                                        "10-cloudevents-structured",
                                        "11-cloudevents-binary",
                                        "12-cloudevents-batch",
                                        "90-bad-body",
                                        "91-bad-old",
                                        "93-bad-key",
                                        "94-bad-no-version"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char name[80];
        const char *why = NULL;
        snprintf(name, sizeof name, "%s.json", names[i]);
        struct json *doc = json_parse(file_read(name), 65536, &why);
        assert_non_null(doc);
        snprintf(name, sizeof name, "%s.body", names[i]);
        struct str body = file_read(name);
        const struct json *expect = json_get(doc, "expect");
        why = NULL;
        bool good = webhook_verify(json_str(json_get(json_get(doc, "config"), "verify_secret")),
                                   sample_header(doc, "webhook-id"), sample_header(doc, "webhook-timestamp"),
                                   sample_header(doc, "webhook-signature"), body, NOW, &why);
        if (good != json_bool(json_get(expect, "authentic")))
            fail_msg("%s: %s", names[i], why ? why : "taken");
        if (!good) same(json_str(json_get(expect, "reject_reason")), why);
        json_free(&doc);
    }
}

static void verify_edges(void **state)
{
    (void)state;
    struct text s;
    const char *why;
    text_init(&s, 200);
    assert_true(webhook_sign(STR(KEY_1), STR("msg_1"), STR("1773799200"), STR("{}"), &s));
    struct str sig = text_str(&s);
    assert_true(webhook_verify(STR(KEY_1), STR("msg_1"), STR("1773799200"), sig, STR("{}"), NOW, &why));
    assert_true(webhook_verify(STR(KEY_1), STR("msg_1"), STR("1773799200"), sig, STR("{}"),
                               instant_add(NOW, SPAN_S(300)), &why));
    assert_true(webhook_verify(STR(KEY_1), STR("msg_1"), STR("1773799200"), sig, STR("{}"),
                               instant_add(NOW, SPAN_S(-300)), &why));
    assert_false(webhook_verify(STR(KEY_1), STR("msg_1"), STR("1773799200"), sig, STR("{}"),
                                instant_add(NOW, SPAN_S(-301)), &why));
    same(str_of(why), "timestamp in the future");
    assert_false(webhook_verify(STR(KEY_1), STR("msg_2"), STR("1773799200"), sig, STR("{}"), NOW, &why));
    assert_false(webhook_verify(STR(KEY_1), STR("msg_1"), STR("1773799201"), sig, STR("{}"), NOW, &why));
    assert_false(webhook_verify(STR(KEY_1), STR(""), STR("1773799200"), sig, STR("{}"), NOW, &why));
    assert_false(webhook_verify(STR(KEY_1), STR("msg_1"), STR("-1"), sig, STR("{}"), NOW, &why));
    assert_false(webhook_verify(STR(KEY_1), STR("msg_1"), STR("1773799200"), STR(""), STR("{}"), NOW, &why));
    same(str_of(why), "no v1 signature");
    text_free(&s);
    /* No secret at all never verifies anything. */
    static const char *const none[] = {"", "whsec_", "whsec_!!!!",
                                       "whsec_c2hvcnQ=", "whsec_RklDVElUSU9VUy1zdGQtd2ViaG9vay1r ZXk="};
    text_init(&s, 200);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_false(webhook_sign(str_of(none[i]), STR("msg_1"), STR("1"), STR(""), &s));
        assert_int_equal(s.n, 0);
    }
    text_free(&s);
}

/* --- as the sender --- */

static const char event[] =
    "{\"ref\":\"FICT0000000000000001\",\"source\":\"https://mashangdu.example.com/units/xflj\","
    "\"subject\":\"%s\",%s\"data\":{\"id\":\"MSD-20260318-0001\",\"channel\":\"qr\",\"unit\":\"幸福路街道办\","
    "\"text\":\"路灯不亮😡\"}}";

static bool compose(const char *subject, const char *schema, struct channel_setting *more, size_t n,
                    struct http_out *out, const char **why)
{
    struct channel_setting set[8] = {{STR("url"), STR("https://receiver.example.org/msd-events")},
                                     {STR("secret"), STR(KEY_1)},
                                     {STR("type_prefix"), STR("gov.msd.")}};
    static char data[2000];
    size_t at = 3;
    for (size_t i = 0; i < n; i++) set[at++] = more[i];
    struct channel ch = {STR("hook"), set, at};
    /* A later setting of the same name stands for the first one. */
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 3; j < at; j++)
            if (str_eq(set[i].name, set[j].name)) set[i].value = set[j].value;
    snprintf(data, sizeof data, event, subject, schema);
    const struct message m = {.event = STR("complaint.created.v1"),
                              .data = str_of(data),
                              .client_ref = STR("77"),
                              .event_at = NOW,
                              .now = NOW,
                              .try = 1};
    return webhook->compose(&ch, &m, &arena, out, why);
}

static void samples_composed(void **state)
{
    (void)state;
    struct http_out out;
    const char *why = "";
    assert_true(compose("MSD-20260318-0001",
                        "\"schema\":\"https://mashangdu.example.com/schema/complaint-1.json\",", NULL, 0,
                        &out, &why));
    same(out.method, "POST");
    same(out.url, "https://receiver.example.org/msd-events");
    assert_true(out.public_only);
    assert_true(str_eq(out.body, file_read("10-cloudevents-structured.body")));
    same(header(&out, "content-type"), "application/cloudevents+json; charset=utf-8");
    same(header(&out, "webhook-id"), "msg_FICT0000000000000001");
    same(header(&out, "webhook-timestamp"), "1773799200");
    same(header(&out, "webhook-signature"), "v1,aYQUormQgJQTY5w5R+WOg2oWPEG35+9eKPOE1gOF2/0=");

    struct channel_setting binary = {STR("mode"), STR("binary")};
    assert_true(compose("投诉 MSD-0318", "", &binary, 1, &out, &why));
    assert_true(str_eq(out.body, file_read("11-cloudevents-binary.body")));
    same(header(&out, "content-type"), "application/json; charset=utf-8");
    same(header(&out, "webhook-signature"), "v1,kLq8HZywaa2zd/FebF8I5rv8JnQI8cRPym3CjIJYgPA=");
    same(header(&out, "ce-specversion"), "1.0");
    same(header(&out, "ce-id"), "msg_FICT0000000000000001");
    same(header(&out, "ce-source"), "https://mashangdu.example.com/units/xflj");
    same(header(&out, "ce-type"), "gov.msd.complaint.created.v1");
    same(header(&out, "ce-subject"), "%E6%8A%95%E8%AF%89%20MSD-0318");
    same(header(&out, "ce-time"), "2026-03-18T02:00:00Z");
}

static void rotation(void **state)
{
    (void)state;
    struct http_out out;
    const char *why;
    struct str one, two;
    struct channel_setting old[] = {{STR("secret_old"), STR(KEY_2)}, {STR("old_until"), STR("1773799201")}};
    assert_true(compose("x", "", old, 2, &out, &why));
    struct str both = header(&out, "webhook-signature");
    assert_true(str_cut(both, ' ', &one, &two) && one.n == 47 && two.n == 47 && !str_eq(one, two));
    const char *const keys[] = {KEY_1, KEY_2};
    for (size_t i = 0; i < 2; i++)
        assert_true(webhook_verify(str_of(keys[i]), header(&out, "webhook-id"),
                                   header(&out, "webhook-timestamp"), both, out.body, NOW, &why));
    old[1].value = STR("1773799200"); /* over */
    assert_true(compose("x", "", old, 2, &out, &why));
    assert_int_equal(header(&out, "webhook-signature").n, 47);
}

static void not_composed(void **state)
{
    (void)state;
    struct http_out out;
    static const struct {
        const char *name, *value;
    } rows[] = {{"url", "http://receiver.example.org/x"},
                {"url", ""},
                {"url", "ftp://receiver.example.org"},
                {"secret", ""},
                {"secret", "abc"},
                {"mode", "batch"},
                {"type_prefix", "a\r\nx: y"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct channel_setting s = {str_of(rows[i].name), str_of(rows[i].value)};
        const char *why = NULL;
        if (compose("x", "", &s, 1, &out, &why) || !why)
            fail_msg("%s=%s was composed", rows[i].name, rows[i].value);
    }
    const char *why = NULL;
    assert_false(compose("x\\r\\nce-evil: 1", "", NULL, 0, &out, &why)); /* a line end in JSON's clothes */
    struct channel_setting plain[] = {{STR("url"), STR("http://127.0.0.1:1/")},
                                      {STR("plain_http"), STR("yes")}};
    assert_true(compose("x", "", plain, 2, &out, &why));
    assert_true(out.public_only);
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        int status;
        bool sent, walled;
        const char *after;
        enum sent want;
        enum sent_cause cause;
        i64 wait_s;
    } rows[] = {{200, true, false, "", SENT_OK, CAUSE_NONE, 0},
                {202, true, false, "", SENT_OK, CAUSE_NONE, 0},
                {204, true, false, "", SENT_OK, CAUSE_NONE, 0},
                {301, true, false, "", SENT_REFUSED, CAUSE_SETTINGS, 0},
                {307, true, false, "", SENT_REFUSED, CAUSE_SETTINGS, 0},
                {400, true, false, "", SENT_REFUSED, CAUSE_NONE, 0},
                {401, true, false, "", SENT_REFUSED, CAUSE_SETTINGS, 0},
                {404, true, false, "", SENT_RETRY, CAUSE_NONE, 0},
                {408, true, false, "", SENT_RETRY, CAUSE_NONE, 0},
                {410, true, false, "", SENT_REFUSED, CAUSE_GONE, 0},
                {429, true, false, "7", SENT_RETRY, CAUSE_RATE, 7},
                {500, true, false, "", SENT_RETRY, CAUSE_NONE, 0},
                {502, true, false, " 30 ", SENT_RETRY, CAUSE_NONE, 30},
                {503, true, false, "86401", SENT_RETRY, CAUSE_NONE, 0},
                {504, true, false, "soon", SENT_RETRY, CAUSE_NONE, 0},
                {0, true, false, "", SENT_RETRY, CAUSE_NONE, 0}, /* the id tells a repeat */
                {0, false, false, "", SENT_RETRY, CAUSE_NONE, 0},
                {0, false, true, "", SENT_REFUSED, CAUSE_SETTINGS, 0}};
    assert_true(webhook->repeatable);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct http_reply reply = {.status = rows[i].status,
                                         .sent = rows[i].sent,
                                         .walled = rows[i].walled,
                                         .retry_after = str_of(rows[i].after)};
        struct sent_outcome got;
        webhook->judge(NULL, &reply, &arena, &got);
        if (got.sent != rows[i].want || got.cause != rows[i].cause ||
            got.retry_after.us != SPAN_S(rows[i].wait_s).us)
            fail_msg("%d: %d %d %lld", rows[i].status, got.sent, got.cause, (long long)got.retry_after.us);
        assert_non_null(got.for_operator);
    }
}

/* What docs/webhooks.md gives receivers to try their code with is what we compose. */
static void documented_vector(void **state)
{
    (void)state;
    static const struct channel_setting set[] = {
        {STR("url"), STR("https://receiver.example.org/events")},
        {STR("secret"), STR("whsec_bWFzaGFuZ2R1LXRlc3QtdmVjdG9yLWtleS0wMDAwMDE=")}};
    const struct channel ch = {STR("hook"), set, ARRAY_LEN(set)};
    const struct message m = {
        .event = STR("feedback.rated"),
        .data = STR("{\"ref\":\"41\",\"source\":\"https://feedback.example.org\","
                    "\"schema\":\"urn:mashangdu:event:rating:v1\","
                    "\"data\":{\"rating\":5,\"unit\":{\"code\":\"U003\",\"name\":\"城管局\"}}}"),
        .client_ref = STR("77"),
        .event_at = NOW,
        .now = NOW};
    struct http_out out;
    const char *why = "";
    static char doc[65536];
    FILE *f = fopen(TREE "/docs/webhooks.md", "rb");
    assert_non_null(f);
    const struct str text = {doc, fread(doc, 1, sizeof doc, f)};
    (void)fclose(f);
    assert_true(webhook->compose(&ch, &m, &arena, &out, &why));
    assert_true(str_find(text, out.body) != SIZE_MAX);
    assert_true(str_find(text, header(&out, "webhook-signature")) != SIZE_MAX);
    assert_true(str_find(text, set[1].value) != SIZE_MAX);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    webhook = adapter_find(STR("webhook"));
    return webhook ? 0 : -1;
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
        cmocka_unit_test_setup_teardown(samples_verify, setup, teardown),
        cmocka_unit_test_setup_teardown(verify_edges, setup, teardown),
        cmocka_unit_test_setup_teardown(samples_composed, setup, teardown),
        cmocka_unit_test_setup_teardown(rotation, setup, teardown),
        cmocka_unit_test_setup_teardown(not_composed, setup, teardown),
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(documented_vector, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
