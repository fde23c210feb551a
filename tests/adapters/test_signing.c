/* Signatures step by step: against the vectors that vendors publish, and against the canonical request and string to sign of each
 * sample that has them. */
#include "adapters/sms/request.h"
#include "adapters/sms/signing.h"
#include "rows.h"

#define ROOM 8192

/* Headers of a JSON object or of a list of pairs, those named in `names` (with ';'), in that order. */
static size_t headers_pick(const struct json *from, const char *names, struct http_header headers[16])
{
    size_t n = 0;
    struct str rest = s(names), name;
    while (rest.n) {
        str_cut(rest, ';', &name, &rest);
        headers[n] = (struct http_header){name, STR_NONE};
        for (size_t i = 0; i < json_count(from); i++)
            if (json_kind(from) == JSON_ARRAY && str_eq_case(json_str(json_at(json_at(from, i), 0)), name))
                headers[n].value = json_str(json_at(json_at(from, i), 1));
        if (json_kind(from) == JSON_OBJECT)
            for (const char *k = json_next_key(from, NULL); k; k = json_next_key(from, k))
                if (str_eq(s(k), name)) headers[n].value = json_str(json_get(from, k));
        assert_non_null(headers[n].value.p);
        n++;
    }
    return n;
}

static const struct json *vector(const struct json *doc, const char *name)
{
    const struct json *all = json_get(doc, "vectors");
    for (size_t i = 0; i < json_count(all); i++)
        if (str_eq(json_str(json_get(json_at(all, i), "name")), s(name))) return json_at(all, i);
    fail_msg("no vector %s", name);
    return NULL;
}

/* A JSON object as a query, in its own order: signing_query sorts it. */
static struct str sorted_pairs(struct reading *r, const struct json *o)
{
    struct text t;
    struct str sorted;
    text_init(&t, ROOM);
    for (const char *k = json_next_key(o, NULL); k; k = json_next_key(o, k)) {
        text_addf(&t, "%s%s=", t.n ? "&" : "", k);
        percent_put(&t, json_str(json_get(o, k)));
    }
    assert_true(signing_query(r, text_str(&t), &sorted));
    text_free(&t);
    return sorted;
}

static void assert_hmac(const char *what, struct str key, const struct text *string, struct str want)
{
    struct text hex;
    text_init(&hex, 64);
    digest_hmac_hex(DIGEST_SHA256, key, text_str(string), &hex);
    if (!str_eq(text_str(&hex), want)) fail_msg("%s: %.*s", what, STR_ARG(text_str(&hex)));
    text_free(&hex);
}

static void vendors_vectors(void **state)
{
    (void)state;
    static const char *const rpc[] = {"aliyun-rpc-sendsms", "aliyun-rpc-describeregions"};
    struct json *doc = file_case("known-answers", "vectors");
    struct http_header headers[16];
    struct text canonical, string, signature;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct reading r = {NULL, &arena, false};
    text_init(&canonical, ROOM);
    text_init(&string, ROOM);
    text_init(&signature, 64);

    const struct json *v = vector(doc, "aliyun-acs3");
    struct signed_request request = {json_str(json_get(v, "method")),
                                     STR("/"),
                                     sorted_pairs(&r, json_get(v, "query")),
                                     headers,
                                     0,
                                     STR("")};
    request.n_headers = headers_pick(
        json_get(v, "headers"),
        "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version", headers);
    signing_canonical(&request, &canonical);
    signing_string(STR("ACS3-HMAC-SHA256"), STR_NONE, text_str(&canonical), &string);
    assert_hmac("aliyun-acs3", json_str(json_get(v, "access_key_secret")), &string,
                json_str(json_get(v, "signature")));

    v = vector(doc, "tencent-tc3");
    i64 at = 0;
    u8 key[32];
    char day[UTC_TEXT_MAX];
    assert_true(json_int(json_get(v, "timestamp"), &at));
    const struct http_header tc3[] = {{STR("content-type"), json_str(json_get(v, "content_type"))},
                                      {STR("host"), json_str(json_get(v, "host"))}};
    request = (struct signed_request){STR("POST"), STR("/"), STR(""), tc3, 2, json_str(json_get(v, "body"))};
    text_clear(&canonical);
    text_clear(&string);
    signing_canonical(&request, &canonical);
    assert_str("day", utc_text((instant){at * 1000000}, UTC_DAY, day), "2019-02-25");
    signing_string(STR("TC3-HMAC-SHA256"), STR("1551113065\n2019-02-25/cvm/tc3_request"),
                   text_str(&canonical), &string);
    signing_tc3_key(json_str(json_get(v, "secret_key")), STR("2019-02-25"), STR("cvm"), key);
    assert_hmac("tencent-tc3", (struct str){(const char *)key, 32}, &string,
                json_str(json_get(v, "signature")));

    for (size_t i = 0; i < ARRAY_LEN(rpc); i++) {
        v = vector(doc, rpc[i]);
        text_clear(&signature);
        signing_rpc(json_str(json_get(v, "method")), sorted_pairs(&r, json_get(v, "params")),
                    json_str(json_get(v, "secret")), &signature);
        assert_true(str_eq(text_str(&signature), json_str(json_get(v, "signature"))));
    }
    assert_false(r.full);
    text_free(&canonical);
    text_free(&string);
    text_free(&signature);
    arena_free(&arena);
    json_free(&doc);
}

/* Samples with signing.canonical_request: each step has its row, so a wrong one is seen where it is. */
static const struct {
    const char *folder, *name, *headers, *algorithm, *words;
} steps[] = {
    {"outbound", "02-aliyun-acs3-query",
     "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version",
     "ACS3-HMAC-SHA256", ""},
    {"outbound", "03-aliyun-acs3-form",
     "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version",
     "ACS3-HMAC-SHA256", ""},
    {"outbound", "05-tencent-tc3", "content-type;host", "TC3-HMAC-SHA256",
     "1773799200\n2026-03-18/sms/tc3_request"},
    {"huawei", "04-up-signed", "content-type;host;x-sdk-date", "SDK-HMAC-SHA256", "20260318T020000Z"},
    {"huawei", "23-status-batch-signed", "content-type;host;x-sdk-date", "SDK-HMAC-SHA256",
     "20260318T020000Z"},
    {"huawei", "92-bad-stale", "content-type;host;x-sdk-date", "SDK-HMAC-SHA256", "20260317T020000Z"},
};

static void samples_step_by_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct json *doc = file_case(steps[i].folder, steps[i].name);
        const struct json *request = json_get(doc, "request"), *signing = json_get(doc, "signing");
        char *body = file_z(steps[i].folder, steps[i].name, ".body");
        struct http_header headers[16];
        struct text path, canonical, string;
        struct str query;
        struct arena arena;
        arena_init(&arena, 1 << 16);
        struct reading r = {NULL, &arena, false};
        text_init(&path, ROOM);
        text_init(&canonical, ROOM);
        text_init(&string, ROOM);
        assert_true(signing_path(json_str(json_get(request, "path")), &path));
        assert_true(signing_query(&r, json_str(json_get(request, "query")), &query));
        const size_t n = headers_pick(json_get(request, "headers"), steps[i].headers, headers);
        signing_canonical(&(struct signed_request){STR("POST"), text_str(&path), query, headers, n, s(body)},
                          &canonical);
        if (!str_eq(text_str(&canonical), json_str(json_get(signing, "canonical_request"))))
            fail_msg("%s: canonical request\n%s", steps[i].name, text_z(&canonical));
        signing_string(s(steps[i].algorithm), s(steps[i].words), text_str(&canonical), &string);
        if (!str_eq(text_str(&string), json_str(json_get(signing, "string_to_sign"))))
            fail_msg("%s: string to sign\n%s", steps[i].name, text_z(&string));
        text_free(&path);
        text_free(&canonical);
        text_free(&string);
        arena_free(&arena);
        json_free(&doc);
        free(body);
    }
}

static void tc3_keys_of_the_sample(void **state)
{
    (void)state;
    u8 key[32];
    struct text hex;
    struct json *doc = file_case("outbound", "05-tencent-tc3");
    text_init(&hex, 64);
    signing_tc3_key(json_str(json_get(json_get(doc, "config"), "secret_key")), STR("2026-03-18"), STR("sms"),
                    key);
    hex_put(&hex, key, 32);
    assert_true(str_eq(text_str(&hex), json_str(json_get(json_get(doc, "signing"), "k_signing_hex"))));
    text_free(&hex);
    json_free(&doc);
}

static void queries_and_paths(void **state)
{
    (void)state;
    static const struct {
        const char *query, *sorted; /* NULL: refused */
    } queries[] = {
        {"", ""},
        {"b=2&a=1", "a=1&b=2"},
        {"a-b=1&a=2", "a=2&a-b=1"}, /* by name, not by the text of the pair */
        {"a=2&a=1", "a=1&a=2"},
        {"B=1&a=1", "B=1&a=1"},
        {"a=%7e%2a+%27", "a=~%2A%20%27"},
        {"a&&b=", "a=&b="},
        {"%E7%81%AF=x", "%E7%81%AF=x"},
        {"a=%zz", NULL},
        {"a=%", NULL},
    };
    static const struct {
        const char *path, *canonical;
    } paths[] = {
        {"/", "/"},
        {"", "/"},
        {"/hooks/a/up", "/hooks/a/up/"},
        {"/hooks/a/up/", "/hooks/a/up/"},
        {"/a%2Fb/%e7%81%af", "/a%2Fb/%E7%81%AF/"},
        {"/a+b/c d", "/a%2Bb/c%20d/"},
        {"/%zz", NULL},
    };
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct reading r = {NULL, &arena, false};
    struct str sorted;
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        const bool good = signing_query(&r, s(queries[i].query), &sorted);
        assert_int_equal(good, queries[i].sorted != NULL);
        if (good) assert_str("query", sorted, queries[i].sorted);
    }
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct text t;
        text_init(&t, 100);
        const bool good = signing_path(s(paths[i].path), &t);
        assert_int_equal(good, paths[i].canonical != NULL);
        if (good) assert_str("path", text_str(&t), paths[i].canonical);
        text_free(&t);
    }
    char *many = row_batch("a=1", "&a=1", 64, "");
    for (char *z = many; *z; z++)
        if (*z == ',') *z = '&';
    assert_false(signing_query(&r, s(many), &sorted)); /* 65 pairs */
    free(many);
    arena_free(&arena);
}

static void dates(void **state)
{
    (void)state;
    const instant at = {(i64)ROW_NOW_S * 1000000 + 999999};
    char z[UTC_TEXT_MAX];
    assert_str("iso", utc_text(at, UTC_ISO, z), "2026-03-18T02:00:00Z");
    assert_str("basic", utc_text(at, UTC_BASIC, z), "20260318T020000Z");
    assert_int_equal(utc_basic_read(STR("20260318T020000Z")).us, (i64)ROW_NOW_S * 1000000);
    /* At midnight in China it is still the day before in UTC, and TC3 counts by UTC. */
    assert_str("day", utc_text((instant){(i64)1773763200 * 1000000}, UTC_DAY, z), "2026-03-17");
    static const char *const none[] = {"",
                                       "20260318T020000",
                                       "20260318 020000Z",
                                       "2026-03-18T02:00:00Z",
                                       "20261318T020000Z",
                                       "20260318T0200000"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) assert_int_equal(utc_basic_read(s(none[i])).us, 0);
}

static void api_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *set, *base, *host; /* base NULL: refused */
    } rows[] = {
        {"", "https://api.example", "api.example"},
        {"https://a.example/", "https://a.example", "a.example"},
        {"https://a.example:443", "https://a.example:443", "a.example"},
        {"https://a.example:8443", "https://a.example:8443", "a.example:8443"},
        {"http://127.0.0.1:8080//", "http://127.0.0.1:8080", "127.0.0.1:8080"},
        {"http://[::1]:80", "http://[::1]:80", "[::1]"},
        {"https://a.example/proxy", NULL, NULL},
        {"https://", NULL, NULL},
        {"ftp://a.example", NULL, NULL},
        {"a.example", NULL, NULL},
        {"https://a.example\r\nx: y", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct channel_setting set[] = {{STR("api_url"), s(rows[i].set)}};
        const struct channel ch = {STR("sms"), set, 1};
        struct request_api api;
        const bool good = request_api_read(&ch, "https://api.example", &api);
        if (good != (rows[i].base != NULL)) fail_msg("api_url %s", rows[i].set);
        if (!good) continue;
        assert_str("base", api.base, rows[i].base);
        assert_str("host", api.host, rows[i].host);
    }
    assert_str("mainland", request_mainland(STR("+8613800001234")), "13800001234");
    assert_str("landline", request_mainland(STR("+861012345678")), "+861012345678");
    assert_str("abroad", request_mainland(STR("+85200001234")), "+85200001234");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vendors_vectors),
        cmocka_unit_test(samples_step_by_step),
        cmocka_unit_test(tc3_keys_of_the_sample),
        cmocka_unit_test(queries_and_paths),
        cmocka_unit_test(dates),
        cmocka_unit_test(api_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
