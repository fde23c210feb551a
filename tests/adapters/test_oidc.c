/* The identity provider's bytes: what it publishes, its keys, and tokens that are right, nearly right, and made to be taken for right. */
#include "adapters/oidc.h"
#include "oidc_rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct oidc_expected expected = {.issuer = STR(ROW_ISSUER),
                                              .client_id = STR(ROW_CLIENT),
                                              .nonce = STR(ROW_NONCE),
                                              .claim = STR("sub"),
                                              .now = {(i64)ROW_NOW_S * 1000000}};

static enum oidc_end check(struct str token, const char *keys_text, char subject[64])
{
    const char *why;
    struct json *keys = json_parse_foreign(str_of(keys_text), 65536, &why);
    struct arena arena;
    struct str got = STR_NONE;
    arena_init(&arena, 65536);
    const enum oidc_end end = oidc_token_check(token, keys, &expected, &arena, &got);
    snprintf(subject, 64, "%.*s", STR_ARG(got));
    arena_free(&arena);
    json_free(&keys);
    return end;
}

static void tokens(void **state)
{
    static const struct {
        const char *token;
        enum oidc_end end;
    } rows[] = {
        {oidc_token_rs256, OIDC_GOOD},
        {oidc_token_es256, OIDC_GOOD},
        {oidc_token_nameless, OIDC_GOOD},       /* one key alone can be meant */
        {oidc_token_weak, OIDC_SIGNATURE},      /* 1024 bits are no key */
        {oidc_token_crossed, OIDC_KEY_UNKNOWN}, /* an RSA signature under the name of a P-256 key */
        {oidc_token_unknown, OIDC_KEY_UNKNOWN},
        {oidc_token_critical, OIDC_ALGORITHM},
        {oidc_token_hs256, OIDC_ALGORITHM},
        {oidc_token_none, OIDC_ALGORITHM},
        {oidc_token_no_json, OIDC_MALFORMED},
        {"", OIDC_MALFORMED},
        {"..", OIDC_MALFORMED},
        {"e30.e30.", OIDC_ALGORITHM},
        {"e30.e30", OIDC_MALFORMED},
        {"W10.e30.AAAA", OIDC_MALFORMED},
    };
    char subject[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(check(str_of(rows[i].token), oidc_keys, subject), rows[i].end);
        assert_string_equal(subject, rows[i].end == OIDC_GOOD ? "subject-0001" : "");
    }
    assert_int_equal(check(STR(oidc_token_rs256), "{}", subject), OIDC_KEY_UNKNOWN);
    assert_int_equal(check(STR(oidc_token_rs256), "[1]", subject), OIDC_KEY_UNKNOWN);
    /* The same name twice: nobody knows which is meant. */
    assert_int_equal(check(STR(oidc_token_rs256),
                           "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r1\"},{\"kty\":\"RSA\",\"kid\":\"r1\"}]}",
                           subject),
                     OIDC_KEY_UNKNOWN);
    assert_int_equal(check(STR(oidc_token_rs256),
                           "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r1\",\"use\":\"enc\"}]}", subject),
                     OIDC_KEY_UNKNOWN);
    assert_int_equal(check(STR(oidc_token_rs256),
                           "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r1\",\"n\":\"AA\",\"e\":\"AQAB\"}]}",
                           subject),
                     OIDC_SIGNATURE);
    /* A point that is not on the curve. */
    assert_int_equal(
        check(
            STR(oidc_token_es256),
            "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e1\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\",\"y\":"
            "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}]}",
            subject),
        OIDC_SIGNATURE);
}

/* One character off, anywhere: in the header, the claims or the signature. */
static void no_altered_token_is_taken(void **state)
{
    static const char *const good[] = {oidc_token_rs256, oidc_token_es256};
    (void)state;
    for (size_t g = 0; g < ARRAY_LEN(good); g++) {
        const size_t n = strlen(good[g]);
        char *token = strdup(good[g]);
        char subject[64];
        for (size_t i = 0; i < n; i += 3) {
            const char kept = token[i];
            token[i] = kept == 'A' ? 'B' : 'A';
            assert_int_not_equal(check(str_of(token), oidc_keys, subject), OIDC_GOOD);
            token[i] = kept;
        }
        for (size_t cut = 1; cut < 8; cut++)
            assert_int_not_equal(check((struct str){token, n - cut}, oidc_keys, subject), OIDC_GOOD);
        free(token);
    }
}

#define WITH(iss, aud, exp, iat, nonce, rest)                                                                \
    "{\"iss\":\"" iss "\",\"aud\":" aud ",\"exp\":" exp ",\"iat\":" iat ",\"nonce\":\"" nonce "\"" rest "}"
#define SUB ",\"sub\":\"subject-0001\""

static void claims(void **state)
{
    static const struct {
        const char *claims;
        enum oidc_end end;
    } rows[] = {
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", ROW_NONCE, SUB), OIDC_GOOD},
        {WITH(ROW_ISSUER, "[\"mashangdu\"]", "1773799500", "1773799200", ROW_NONCE, SUB), OIDC_GOOD},
        {WITH(ROW_ISSUER, "[\"a\",\"mashangdu\"]", "1773799500", "1773799200", ROW_NONCE,
              SUB ",\"azp\":\"mashangdu\""),
         OIDC_GOOD},
        {WITH(ROW_ISSUER, "[\"a\",\"mashangdu\"]", "1773799500", "1773799200", ROW_NONCE, SUB),
         OIDC_AUDIENCE},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", ROW_NONCE, SUB ",\"azp\":\"a\""),
         OIDC_AUDIENCE},
        {WITH(ROW_ISSUER, "\"mashangdu2\"", "1773799500", "1773799200", ROW_NONCE, SUB), OIDC_AUDIENCE},
        {WITH(ROW_ISSUER, "[]", "1773799500", "1773799200", ROW_NONCE, SUB), OIDC_AUDIENCE},
        {WITH(ROW_ISSUER "/", "\"mashangdu\"", "1773799500", "1773799200", ROW_NONCE, SUB), OIDC_ISSUER},
        /* A minute of difference between two clocks is forgiven, not more. */
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799141", "1773799000", ROW_NONCE, SUB), OIDC_GOOD},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799140", "1773799000", ROW_NONCE, SUB), OIDC_EXPIRED},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "\"1773799500\"", "1773799200", ROW_NONCE, SUB), OIDC_EXPIRED},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1e300", "1773799200", ROW_NONCE, SUB), OIDC_EXPIRED},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799260", ROW_NONCE, SUB), OIDC_GOOD},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799261", ROW_NONCE, SUB), OIDC_EARLY},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "null", ROW_NONCE, SUB), OIDC_EARLY},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", ROW_NONCE, SUB ",\"nbf\":1773799300"),
         OIDC_EARLY},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200.5", ROW_NONCE,
              SUB ",\"nbf\":1773799200"),
         OIDC_GOOD},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", "FICTITIOUS-nonce-0002", SUB),
         OIDC_NONCE},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", "", SUB), OIDC_NONCE},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", ROW_NONCE, ""), OIDC_SUBJECT},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", ROW_NONCE, ",\"sub\":7"),
         OIDC_SUBJECT},
        {WITH(ROW_ISSUER, "\"mashangdu\"", "1773799500", "1773799200", ROW_NONCE, ",\"sub\":\"\""),
         OIDC_SUBJECT},
        {"{}", OIDC_ISSUER},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *why;
        struct str subject = STR_NONE;
        struct json *doc = json_parse_foreign(str_of(rows[i].claims), 65536, &why);
        assert_non_null(doc);
        const enum oidc_end end = oidc_claims_check(doc, &expected, &subject);
        if (end != rows[i].end)
            fail_msg("row %zu: %s instead of %s", i, oidc_word(end), oidc_word(rows[i].end));
        assert_int_equal(subject.n > 0, end == OIDC_GOOD);
        json_free(&doc);
    }
}

#define SITE(issuer, auth, token, keys, more)                                                                \
    "{\"issuer\":\"" issuer "\",\"authorization_endpoint\":\"" auth "\",\"token_endpoint\":\"" token         \
    "\",\"jwks_uri\":\"" keys "\"" more "}"
#define METHODS(m) ",\"token_endpoint_auth_methods_supported\":" m

static void what_a_provider_publishes(void **state)
{
    static const struct {
        const char *issuer, *document;
        enum oidc_end end;
        bool basic;
    } rows[] = {
        {"https://a", SITE("https://a", "https://a/auth?x=1", "https://a/t", "https://a/k", ""), OIDC_GOOD,
         true},
        {"https://a",
         SITE("https://a", "https://a/auth", "https://a/t", "https://a/k",
              METHODS("[\"client_secret_post\"]")),
         OIDC_GOOD, false},
        {"https://a", SITE("https://b", "https://a/auth", "https://a/t", "https://a/k", ""), OIDC_ISSUER,
         false},
        {"https://a", SITE("https://a", "http://a/auth", "https://a/t", "https://a/k", ""), OIDC_MALFORMED,
         false},
        {"https://a", SITE("https://a", "https://a/auth", "http://127.0.0.1/t", "https://a/k", ""),
         OIDC_MALFORMED, false},
        {"https://a", SITE("https://a", "https://a/auth", "https://a/t", "https://a/k#f", ""), OIDC_MALFORMED,
         false},
        {"https://a", SITE("https://a", "https://a/auth\\r\\nx: y", "https://a/t", "https://a/k", ""),
         OIDC_MALFORMED, false},
        {"http://127.0.0.1:9",
         SITE("http://127.0.0.1:9", "http://127.0.0.1:9/a", "http://[::1]:9/t", "http://localhost/k", ""),
         OIDC_GOOD, true},
        {"http://127.0.0.1:9",
         SITE("http://127.0.0.1:9", "http://127.0.0.1.example/a", "http://127.0.0.1:9/t",
              "http://127.0.0.1:9/k", ""),
         OIDC_MALFORMED, false},
        {"http://127.0.0.1:9",
         SITE("http://127.0.0.1:9", "http://127.0.0.1:9@example.com/a", "http://127.0.0.1:9/t",
              "http://127.0.0.1:9/k", ""),
         OIDC_MALFORMED, false},
        {"https://a", "[]", OIDC_ISSUER, false},
        {"https://a", "{", OIDC_MALFORMED, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena;
        struct oidc_site site = {0};
        arena_init(&arena, 8192);
        assert_int_equal(oidc_site_read(str_of(rows[i].document), str_of(rows[i].issuer), &arena, &site),
                         rows[i].end);
        assert_int_equal(site.basic, rows[i].basic);
        if (rows[i].end == OIDC_GOOD) assert_true(site.authorize.n && site.token.n && site.keys.n);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tokens), cmocka_unit_test(no_altered_token_is_taken),
                                       cmocka_unit_test(claims), cmocka_unit_test(what_a_provider_publishes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
