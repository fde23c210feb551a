/* Proof of work against the samples of the protocol's own library: payloads as widgets send them, keys derived by it, JSON as it
 * signs it; then a challenge of our own, solved here as a page does it. */
#include "adapters/altcha.h"
#include "adapters/canonical.h"
#include "base/code.h"
#include "base/digest.h"
#include "base/http.h"
#include "rows.h"

#define FOLDER "altcha"
#define NOW    1773799200

static struct altcha_keys keys_of(const struct json *config)
{
    return (struct altcha_keys){json_str(json_get(config, "hmac_secret")),
                                json_str(json_get(config, "hmac_key_signature_secret"))};
}

static void samples(void **state)
{
    (void)state;
    static const char *const names[] = {
        "01-v1-sha256",   "03-v1-number-zero", "10-v2-sha256",       "11-v2-sha256-odd-prefix",
        "12-v2-pbkdf2",   "14-v2-key-order",   "15-v2-data-escapes", "80-v2-bad-prefix",
        "81-v2-unsigned", "82-v2-bad-counter", "83-v2-upper-hex",    "85-v2-no-work",
        "86-v2-expired",  "87-v2-test-mode",   "90-v1-bad-number",   "91-v1-bad-key",
        "92-v1-expired",  "94-v1-replay",      "95-bad-base64",      "96-v1-bad-alg"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct json *doc = file_case(FOLDER, names[i]);
        const struct json *config = json_get(doc, "config"), *expect = json_get(doc, "expect"),
                          *used = json_get(config, "used");
        const struct altcha_keys keys = keys_of(config);
        char *body = file_z(FOLDER, names[i], ".body");
        struct altcha_solved solved = {0};
        struct arena arena;
        struct text field;
        arena_init(&arena, 1 << 16);
        text_init(&field, ALTCHA_PAYLOAD_MAX);
        assert_true(http_field(s(body), STR("altcha"), &field));
        const enum altcha_end e = altcha_check(text_str(&field), &keys, NOW, &arena, &solved);
        bool good = e == ALTCHA_GOOD;
        if (good && json_get(expect, "replay_key"))
            assert_true(str_eq(solved.key, json_str(json_get(expect, "replay_key"))));
        for (size_t j = 0; good && j < json_count(used); j++)
            good = !str_eq(json_str(json_at(used, j)), solved.key); /* as the database says it */
        if (good != json_bool(json_get(expect, "authentic"))) fail_msg("%s: %s", names[i], altcha_reason(e));
        text_free(&field);
        arena_free(&arena);
        free(body);
        json_free(&doc);
    }
}

/* Every vector, through the door: a challenge with these parameters, signed, and the key as the solution. */
static void derived_keys(void **state)
{
    (void)state;
    struct json *doc = file_case(FOLDER, "derive-vectors");
    const struct json *all = json_get(doc, "vectors");
    const struct altcha_keys keys = {STR("secret of the test"), STR_NONE};
    assert_int_equal(json_count(all), 35);
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json *v = json_at(all, i);
        const struct str key = json_str(json_get(v, "derivedKey"));
        struct altcha_solved solved;
        struct text parameters, payload, field;
        struct arena arena;
        i64 cost, length, counter;
        arena_init(&arena, 1 << 16);
        text_init(&parameters, 1000);
        text_init(&payload, 4000);
        text_init(&field, 8000);
        assert_true(json_int(json_get(v, "cost"), &cost) && json_int(json_get(v, "keyLength"), &length) &&
                    json_int(json_get(v, "counter"), &counter));
        text_addf(
            &parameters,
            "{\"algorithm\":\"%.*s\",\"cost\":%lld,\"expiresAt\":%d,\"keyLength\":%lld,\"keyPrefix\":\"%.*s\","
            "\"nonce\":\"%.*s\",\"salt\":\"%.*s\"}",
            STR_ARG(json_str(json_get(v, "algorithm"))), (long long)cost, NOW + 60, (long long)length, 5,
            key.p, STR_ARG(json_str(json_get(v, "nonce"))), STR_ARG(json_str(json_get(v, "salt"))));
        text_addf(&payload, "{\"challenge\":{\"parameters\":%s,\"signature\":\"", text_z(&parameters));
        digest_hmac_hex(DIGEST_SHA256, keys.secret, text_str(&parameters), &payload);
        text_addf(&payload, "\"},\"solution\":{\"counter\":%lld,\"derivedKey\":\"%.*s\"}}",
                  (long long)counter, STR_ARG(key));
        b64_put(&field, (const u8 *)payload.p, payload.n);
        const enum altcha_end e = altcha_check(text_str(&field), &keys, NOW, &arena, &solved);
        if (e != ALTCHA_GOOD) fail_msg("vector %zu: %s", i, altcha_reason(e));
        text_free(&parameters);
        text_free(&payload);
        text_free(&field);
        arena_free(&arena);
    }
    json_free(&doc);
}

static void canonical_is(const char *json, const char *want)
{
    const char *why;
    struct text t;
    struct json *doc = json_parse(s(json), 100000, &why);
    assert_non_null(doc);
    text_init(&t, 100000);
    assert_true(canonical_put(doc, &t));
    assert_str(json, text_str(&t), want);
    text_free(&t);
    json_free(&doc);
}

static void canonical_json(void **state)
{
    (void)state;
    struct json *doc = file_case(FOLDER, "canonical-json");
    const struct json *all = json_get(doc, "cases");
    assert_int_equal(json_count(all), 2);
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json *one = json_at(all, i);
        struct text t, mac;
        text_init(&t, 4000);
        text_init(&mac, 64);
        assert_true(canonical_put(json_get(one, "parameters"), &t));
        assert_true(str_eq(text_str(&t), json_str(json_get(one, "canonical"))));
        digest_hmac_hex(DIGEST_SHA256, json_str(json_get(doc, "hmac_secret")), text_str(&t), &mac);
        assert_true(str_eq(text_str(&mac), json_str(json_get(one, "hmac_sha256_hex"))));
        text_free(&t);
        text_free(&mac);
    }
    json_free(&doc);
    /* U+E000 stands behind U+1F600 by UTF-16 code units, before it by code points. */
    canonical_is("{\"\\ue000\":1,\"\\ud83d\\ude00\":2,\"a\":3}",
                 "{\"a\":3,\"\xf0\x9f\x98\x80\":2,\"\xee\x80\x80\":1}");
    /* What node prints for them. */
    canonical_is(
        "[0,-0.0,1.5,-2.25,1e21,1.2345678901234568e20,1e-6,1e-7,0.1,5e-324,1.7976931348623157e308,100,12.0]",
        "[0,0,1.5,-2.25,1e+21,123456789012345680000,0.000001,1e-7,0.1,5e-324,1.7976931348623157e+308,100,12]");
    canonical_is(
        "{\"b\":{\"d\":[{\"z\":1,\"a\":{\"y\":1,\"x\":[]}}],\"c\":{}},\"a\":\"\\b\\t\\n\\f\\r\\u001f/\\\"\\\\\"}",
        "{\"a\":\"\\b\\t\\n\\f\\r\\u001f/\\\"\\\\\",\"b\":{\"c\":{},\"d\":[{\"z\":1,\"a\":{\"y\":1,\"x\":[]}}]}}");
    canonical_is("true", "true");
}

static void canonical_bounds(void **state)
{
    (void)state;
    struct text json, out;
    const char *why;
    text_init(&json, 10000);
    text_init(&out, 10000);
    for (int i = 0; i < CANONICAL_DEPTH_MAX + 1; i++) text_addc(&json, '[');
    for (int i = 0; i < CANONICAL_DEPTH_MAX + 1; i++) text_addc(&json, ']');
    struct json *deep = json_parse(text_str(&json), 10000, &why);
    assert_non_null(deep);
    assert_false(canonical_put(deep, &out));
    json_free(&deep);
    text_clear(&json);
    for (int i = 0; i <= CANONICAL_MEMBERS_MAX; i++) text_addf(&json, "%s\"k%d\":1", i ? "," : "{", i);
    text_addc(&json, '}');
    struct json *wide = json_parse(text_str(&json), 10000, &why);
    assert_non_null(wide);
    assert_false(canonical_put(wide, &out));
    json_free(&wide);
    text_free(&json);
    text_free(&out);
}

/* What a page does: counts until the key begins with the prefix. */
static void our_own(void **state)
{
    (void)state;
    const struct altcha_keys keys = {STR("secret of the test"), STR_NONE}, other = {STR("another"), STR_NONE};
    u8 random[ALTCHA_RANDOM], key[DIGEST_MAX], first[ALTCHA_RANDOM + 4];
    struct text challenge, payload, field;
    struct altcha_solved solved;
    struct arena arena;
    u32 counter = 0;
    arena_init(&arena, 1 << 16);
    text_init(&challenge, 2000);
    text_init(&payload, 4000);
    text_init(&field, 8000);
    for (size_t i = 0; i < sizeof random; i++) random[i] = (u8)(i * 7 + 3);
    altcha_make(&keys, random, 2, NOW + 300, &challenge);
    for (;; counter++) {
        memcpy(first, random + 16, 16); /* salt, nonce, counter */
        memcpy(first + 16, random, 16);
        for (int i = 0; i < 4; i++) first[32 + i] = (u8)(counter >> (24 - 8 * i));
        digest_run(DIGEST_SHA256, (struct str){(const char *)first, sizeof first}, key);
        if (key[0] == 0) break;
    }
    text_addf(&payload, "{\"challenge\":%s,\"solution\":{\"counter\":%u,\"derivedKey\":\"",
              text_z(&challenge), counter);
    hex_put(&payload, key, 32);
    text_addz(&payload, "\"}}");
    b64_put(&field, (const u8 *)payload.p, payload.n);
    assert_int_equal(altcha_check(text_str(&field), &keys, NOW, &arena, &solved), ALTCHA_GOOD);
    assert_int_equal(solved.expires, NOW + 300);
    assert_int_equal(solved.key.n, 32);
    assert_int_equal(altcha_check(text_str(&field), &keys, NOW + 300, &arena, &solved), ALTCHA_EXPIRED);
    assert_int_equal(altcha_check(text_str(&field), &other, NOW, &arena, &solved), ALTCHA_NOT_OURS);
    assert_int_equal(altcha_check(STR(""), &keys, NOW, &arena, &solved), ALTCHA_MALFORMED);
    text_free(&challenge);
    text_free(&payload);
    text_free(&field);
    arena_free(&arena);
}

/* A cost that would keep us busy, and a challenge that never ends, are refused before any work. */
static void bounds(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        enum altcha_end want;
    } rows[] = {
        {"{\"challenge\":{\"parameters\":{\"algorithm\":\"PBKDF2/SHA-256\",\"cost\":20001,\"nonce\":\"00\",\"salt\":\"00\","
         "\"expiresAt\":4102444800},\"signature\":\"00\"},\"solution\":{}}",
         ALTCHA_MALFORMED},
        {"{\"challenge\":{\"parameters\":{\"algorithm\":\"SHA-256\",\"cost\":1,\"nonce\":\"00\",\"salt\":\"00\"},"
         "\"signature\":\"00\"},\"solution\":{}}",
         ALTCHA_EXPIRED},
        {"{\"challenge\":{\"parameters\":{\"algorithm\":\"SCRYPT\",\"cost\":1,\"nonce\":\"00\",\"salt\":\"00\"},"
         "\"signature\":\"00\"},\"solution\":{}}",
         ALTCHA_ALGORITHM},
        {"{\"algorithm\":\"SHA-256\",\"challenge\":\"00\",\"number\":1,\"salt\":\"00?expires=4102444800\",\"signature\":\"00\"}",
         ALTCHA_MALFORMED},
        {"{\"algorithm\":\"SHA-256\",\"challenge\":\"00\",\"number\":1,\"salt\":\"00?x=1&\",\"signature\":\"00\"}",
         ALTCHA_EXPIRED},
        {"[]", ALTCHA_MALFORMED},
        {"{\"challenge\":7}", ALTCHA_MALFORMED},
    };
    const struct altcha_keys keys = {STR("secret of the test"), STR_NONE};
    struct arena arena;
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text field;
        struct altcha_solved solved;
        text_init(&field, 8000);
        b64_put(&field, (const u8 *)rows[i].payload, strlen(rows[i].payload));
        const enum altcha_end e = altcha_check(text_str(&field), &keys, NOW, &arena, &solved);
        if (e != rows[i].want) fail_msg("row %zu: %s", i, altcha_reason(e));
        text_free(&field);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples),          cmocka_unit_test(derived_keys), cmocka_unit_test(canonical_json),
        cmocka_unit_test(canonical_bounds), cmocka_unit_test(our_own),      cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
