/* Vonage by rows: signatures and tokens, what it pushes, what it wants and what it answers. The samples folder is run through
 * `channel check` as an operator would. */
#include "adapters/sms/jwt.h"
#include "adapters/sms/vonage_signature.h"
#include "cmd_channel_check.h"
#include "rows.h"

#define SECRET "FICTITIOUSvonageSignatureSecret01"
#define TOKENS "FICTITIOUS-vonage-messages-signature-secret-000000000000000001"

/* -- signing, step by step against the samples ------------------------------------------------------------------ */

/* The fields of a sample's body or query, the query's as form_read reads them. */
static void sample_fields(struct arena *arena, const struct json *doc, const char *body, struct form *f)
{
    const char *why;
    if (!body) {
        assert_true(form_read(arena, json_str(json_get(json_get(doc, "request"), "query")), f));
        return;
    }
    struct json *fields = json_parse(s(body), 1 << 18, &why);
    assert_non_null(fields);
    f->n = 0;
    f->fields = arena_alloc(arena, (json_count(fields) + 1) * sizeof *f->fields);
    for (const char *k = json_next_key(fields, NULL); k; k = json_next_key(fields, k))
        f->fields[f->n++] =
            (struct form_field){arena_str(arena, s(k)), arena_str(arena, json_str(json_get(fields, k)))};
    json_free(&fields);
}

static void signed_text_is_the_samples(void **state)
{
    (void)state;
    static const char *const names[] = {"01-mo-json-sha256",  "03-mo-get-md5hash",  "10-mo-concat-part3",
                                        "11-mo-concat-part1", "12-mo-concat-part2", "20-dlr-delivered",
                                        "21-dlr-failed",      "92-bad-stale"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct json *doc = file_case("vonage", names[i]);
        const bool get = str_eq(json_str(json_get(json_get(doc, "request"), "method")), STR("GET"));
        char *body = get ? NULL : file_z("vonage", names[i], ".body");
        struct channel_setting set[] = {
            {STR("signature_method"), json_str(json_get(json_get(doc, "config"), "signature_method"))}};
        const struct channel ch = {STR("sms"), set, 1};
        struct form f;
        struct arena arena;
        struct text said, sig;
        arena_init(&arena, 1 << 18);
        text_init(&said, 1 << 16);
        text_init(&sig, 200);
        sample_fields(&arena, doc, body, &f);
        form_sort(&f);
        assert_true(vonage_put_signed(&said, &f));
        assert_true(str_eq(text_str(&said), json_str(json_get(json_get(doc, "signing"), "string"))));
        vonage_put_signature(&sig, vonage_method_of(&ch), text_str(&said), STR(SECRET));
        assert_true(str_eq(text_str(&sig), form_value(&f, STR("sig"))));
        text_free(&said);
        text_free(&sig);
        arena_free(&arena);
        free(body);
        json_free(&doc);
    }
}

/* -- who may push ------------------------------------------------------------------------------------------------- */

#define NOW "1773799200"
struct seal {
    const char *lesson, *method, *secret,
        *fields;      /* setting signature_method; the fields in the order of their names */
    const char *said; /* what is signed; NULL: no sig */
    const char *required, *skew;
    bool capitals, good;
};
static const struct seal seals[] = {
    {"md5hash when nothing is said", NULL, SECRET, "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL,
     NULL, false, true},
    {"md5", "md5", SECRET, "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL, false, true},
    {"sha1", "sha1", SECRET, "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL, false, true},
    {"sha256", "SHA256", SECRET, "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL, false, true},
    {"sha512", "sha512", SECRET, "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL, false, true},
    {"in capitals", "sha256", SECRET, "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL, true,
     true},
    {"no such method", "sha3", SECRET, "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL, false,
     false},
    {"& and = inside a value", "sha256", SECRET, "text=a%26b%3Dc&timestamp=" NOW,
     "&text=a_b_c&timestamp=" NOW, NULL, NULL, false, true},
    {"a name that reads as two fields", "sha256", SECRET, "text=x%26y&text%3Dx%26timestamp=" NOW,
     "&text=x_y&text=x&timestamp=" NOW, NULL, NULL, false, false},
    {"the old secret while it is good", "sha256", "old-secret", "text=x&timestamp=" NOW,
     "&text=x&timestamp=" NOW, NULL, NULL, false, true},
    {"another secret", "sha256", "no-secret", "text=x&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL,
     false, false},
    {"another text", "sha256", SECRET, "text=y&timestamp=" NOW, "&text=x&timestamp=" NOW, NULL, NULL, false,
     false},
    {"a day old: a repeat of Vonage's", "sha256", SECRET, "text=x&timestamp=1773712800",
     "&text=x&timestamp=1773712800", NULL, NULL, false, true},
    {"two days old", "sha256", SECRET, "text=x&timestamp=1773626400", "&text=x&timestamp=1773626400", NULL,
     NULL, false, false},
    {"an hour old where a minute is set", "sha256", SECRET, "text=x&timestamp=1773795600",
     "&text=x&timestamp=1773795600", NULL, "60", false, false},
    {"from the future", "sha256", SECRET, "text=x&timestamp=1773799300", "&text=x&timestamp=1773799300", NULL,
     "60", false, false},
    {"no time", "sha256", SECRET, "text=x", "&text=x", NULL, NULL, false, false},
    {"a time that is none", "sha256", SECRET, "text=x&timestamp=soon", "&text=x&timestamp=soon", NULL, NULL,
     false, false},
    {"no sig", "sha256", SECRET, "text=x&timestamp=" NOW, NULL, NULL, NULL, false, false},
    {"no sig where none is required", "sha256", SECRET, "text=x", NULL, "no", NULL, false, true},
    {"a wrong sig where none is required", "sha256", "no-secret", "text=x&timestamp=" NOW,
     "&text=x&timestamp=" NOW, "false", NULL, false, false},
};

static void signatures_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(seals); i++) {
        const struct seal *row = &seals[i];
        struct channel_setting set[] = {
            {STR("signature_secret"), STR(SECRET)},       {STR("signature_secret_old"), STR("old-secret")},
            {STR("old_until"), STR("1773799300")},        {STR("signature_method"), s(row->method)},
            {STR("require_signature"), s(row->required)}, {STR("max_skew_s"), s(row->skew)}};
        const struct channel ch = {STR("sms"), set, ARRAY_LEN(set)};
        const char *reason = NULL;
        struct text form, sig;
        text_init(&form, 1000);
        text_init(&sig, 200);
        text_addz(&form, row->fields);
        if (row->said) {
            struct text both;
            text_init(&both, 1000);
            text_addf(&both, "%s%s", row->said, row->secret);
            if (!row->method)
                digest_hex(DIGEST_MD5, text_str(&both), &sig);
            else
                digest_hmac_hex(str_eq(s(row->method), STR("md5"))      ? DIGEST_MD5
                                : str_eq(s(row->method), STR("sha1"))   ? DIGEST_SHA1
                                : str_eq(s(row->method), STR("sha512")) ? DIGEST_SHA512
                                                                        : DIGEST_SHA256,
                                s(row->secret), s(row->said), &sig);
            text_free(&both);
            for (size_t k = 0; k < sig.n && row->capitals; k++)
                if (sig.p[k] >= 'a') sig.p[k] = (char)(sig.p[k] - 32);
            text_addf(&form, "&sig=%s", text_z(&sig));
        }
        struct http_in in = {.method = STR("GET"),
                             .query = text_str(&form),
                             .peer = STR("192.0.2.1"),
                             .at = {(i64)ROW_NOW_S * 1000000}};
        const struct adapter *vonage = adapter_find(STR("vonage"));
        if (vonage->verify(&ch, HOOK_MO, &in, &reason) != (row->good ? VERIFY_OK : VERIFY_REFUSED))
            fail_msg("%s, as a query: %s", row->lesson, reason ? reason : "let in");
        reason = NULL, in.method = STR("POST"), in.body = in.query, in.query = STR_NONE;
        if (vonage->verify(&ch, HOOK_MO, &in, &reason) != (row->good ? VERIFY_OK : VERIFY_REFUSED))
            fail_msg("%s, as a form: %s", row->lesson, reason ? reason : "let in");
        text_free(&form);
        text_free(&sig);
    }
}

static enum verdict_in knock(const char *settings[][2], size_t n, enum hook hook, const char *query,
                             const char *body, const char *authorization, const char **reason)
{
    struct channel_setting set[8];
    for (size_t i = 0; i < n; i++) set[i] = (struct channel_setting){s(settings[i][0]), s(settings[i][1])};
    const struct channel ch = {STR("sms"), set, n};
    const struct http_header headers[] = {{STR("authorization"), s(authorization)}};
    struct http_in in = {.method = body ? STR("POST") : STR("GET"),
                         .query = s(query),
                         .body = s(body),
                         .headers = headers,
                         .n_headers = authorization ? 1 : 0,
                         .peer = STR("192.0.2.1"),
                         .at = {(i64)ROW_NOW_S * 1000000}};
    *reason = NULL;
    return adapter_find(STR("vonage"))->verify(&ch, hook, &in, reason);
}

static void unsigned_pushes_need_the_door_open(void **state)
{
    (void)state;
    const char *reason;
    const char *none[][2] = {{"url_token", "secret-1"}};
    assert_int_equal(knock(none, 1, HOOK_MO, "k=secret-1&text=x", NULL, NULL, &reason), VERIFY_OK);
    assert_int_equal(knock(none, 1, HOOK_MO, "k=secret-2&text=x", NULL, NULL, &reason), VERIFY_REFUSED);
    const char *required[][2] = {{"require_signature", "true"}};
    assert_int_equal(knock(required, 1, HOOK_MO, "text=x", NULL, NULL, &reason), VERIFY_REFUSED);
    assert_str("required", s(reason), "signature_secret is not set");
    const char *walled[][2] = {{"allow_ip", "198.51.100.0/24"}};
    assert_int_equal(knock(walled, 1, HOOK_MO, "", NULL, NULL, &reason), VERIFY_REFUSED);
    /* The console tries an address with an empty request before it is saved. */
    const char *strict[][2] = {{"signature_secret", SECRET}, {"jwt_hs256_secret", TOKENS}};
    assert_int_equal(knock(strict, 2, HOOK_MO, "", NULL, NULL, &reason), VERIFY_OK);
    assert_int_equal(knock(strict, 2, HOOK_DLR, "", "", NULL, &reason), VERIFY_OK);
    assert_int_equal(knock(strict, 2, HOOK_MO, "", "[]", NULL, &reason), VERIFY_REFUSED);
    /* A nested field cannot be signed, so nobody signed it. */
    assert_int_equal(knock(strict, 2, HOOK_MO, "", "{\"text\":{\"a\":1},\"sig\":\"00\"}", NULL, &reason),
                     VERIFY_REFUSED);
    assert_str("nested", s(reason), "fields that cannot be signed");
    assert_int_equal(knock(strict, 2, HOOK_MO, "", "{\"text\":\"a\",\"text\":\"b\"}", NULL, &reason),
                     VERIFY_REFUSED);
    /* With tokens alone, messages need one; receipts of the SMS API have none. */
    const char *tokens[][2] = {{"jwt_hs256_secret", TOKENS}};
    assert_int_equal(knock(tokens, 1, HOOK_MO, "text=x", NULL, NULL, &reason), VERIFY_UNAUTHORIZED);
    assert_int_equal(knock(tokens, 1, HOOK_DLR, "status=x", NULL, NULL, &reason), VERIFY_OK);
}

/* -- tokens ------------------------------------------------------------------------------------------------------- */

struct token {
    const char *lesson, *header, *claims, *secret;
    bool good;
};
#define BODY "{\"message_uuid\":\"u1\",\"from\":\"8615400001234\",\"text\":\"x\"}"
#define HASH "\"payload_hash\":\"HASH\""
static const struct token tokens[] = {
    {"as Vonage makes them", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{\"iat\":" NOW "," HASH "}", TOKENS,
     true},
    {"an old secret while it is good", "{\"alg\":\"HS256\"}", "{\"iat\":" NOW "," HASH "}", "old-secret",
     true},
    {"another secret", "{\"alg\":\"HS256\"}", "{\"iat\":" NOW "," HASH "}", "no-secret", false},
    {"none is no algorithm", "{\"alg\":\"none\"}", "{\"iat\":" NOW "," HASH "}", TOKENS, false},
    {"names of algorithms have their case", "{\"alg\":\"hs256\"}", "{\"iat\":" NOW "," HASH "}", TOKENS,
     false},
    {"another algorithm", "{\"alg\":\"HS512\"}", "{\"iat\":" NOW "," HASH "}", TOKENS, false},
    {"two algorithms", "{\"alg\":\"none\",\"alg\":\"HS256\"}", "{\"iat\":" NOW "," HASH "}", TOKENS, false},
    {"something that must be understood", "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
     "{\"iat\":" NOW "," HASH "}", TOKENS, false},
    {"made an hour ago where five minutes are set", "{\"alg\":\"HS256\"}", "{\"iat\":1773795600," HASH "}",
     TOKENS, false},
    {"never made", "{\"alg\":\"HS256\"}", "{" HASH "}", TOKENS, false},
    {"a time that is a text", "{\"alg\":\"HS256\"}", "{\"iat\":\"" NOW "\"," HASH "}", TOKENS, false},
    {"a time before all time", "{\"alg\":\"HS256\"}", "{\"iat\":-1," HASH "}", TOKENS, false},
    {"good for later still", "{\"alg\":\"HS256\"}", "{\"iat\":" NOW ",\"exp\":1773799201," HASH "}", TOKENS,
     true},
    {"expired", "{\"alg\":\"HS256\"}", "{\"iat\":" NOW ",\"exp\":" NOW "," HASH "}", TOKENS, false},
    {"no hash of the body", "{\"alg\":\"HS256\"}", "{\"iat\":" NOW "}", TOKENS, false},
    {"an empty hash", "{\"alg\":\"HS256\"}", "{\"iat\":" NOW ",\"payload_hash\":\"\"}", TOKENS, false},
    {"claims that are a list", "{\"alg\":\"HS256\"}", "[1]", TOKENS, false},
    {"claims that are nothing", "{\"alg\":\"HS256\"}", "", TOKENS, false},
    {"a header that is nothing", "", "{\"iat\":" NOW "," HASH "}", TOKENS, false},
};

/* header.claims.signature; HASH in the claims is replaced by the body's. */
static void token_make(const struct token *row, struct text *out)
{
    struct text claims;
    u8 mac[DIGEST_MAX];
    const size_t at = str_find(s(row->claims), STR("HASH"));
    text_init(&claims, 1000);
    text_add(&claims, (struct str){row->claims, at == SIZE_MAX ? strlen(row->claims) : at});
    if (at != SIZE_MAX) {
        digest_hex(DIGEST_SHA256, STR(BODY), &claims);
        text_addz(&claims, row->claims + at + 4);
    }
    b64url_put(out, (const u8 *)row->header, strlen(row->header));
    text_addc(out, '.');
    b64url_put(out, (const u8 *)text_z(&claims), claims.n);
    digest_hmac(DIGEST_SHA256, s(row->secret), text_str(out), mac);
    text_addc(out, '.');
    b64url_put(out, mac, 32);
    text_free(&claims);
}

static void tokens_are_checked(void **state)
{
    (void)state;
    const char *reason;
    const char *set[][2] = {{"jwt_hs256_secret", TOKENS},
                            {"jwt_hs256_secret_old", "old-secret"},
                            {"old_until", "1773799300"},
                            {"max_skew_s", "300"},
                            {"allowed_alg", "RS256, HS256"}};
    struct text token, header;
    text_init(&token, 2000);
    text_init(&header, 2000);
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        text_clear(&token);
        text_clear(&header);
        token_make(&tokens[i], &token);
        text_addf(&header, "bearer %s", text_z(&token));
        const enum verdict_in got = knock(set, 5, HOOK_MO, "", BODY, text_z(&header), &reason);
        if (got != (tokens[i].good ? VERIFY_OK : VERIFY_UNAUTHORIZED))
            fail_msg("%s: %s", tokens[i].lesson, reason ? reason : "let in");
    }
    text_clear(&token);
    text_clear(&header);
    token_make(&tokens[0], &token);
    text_addf(&header, "Bearer %s", text_z(&token));
    assert_int_equal(knock(set, 5, HOOK_MO, "", BODY " ", text_z(&header), &reason), VERIFY_UNAUTHORIZED);
    assert_str("another body", s(reason), "payload_hash mismatch");
    set[4][1] = "RS256";
    assert_int_equal(knock(set, 5, HOOK_MO, "", BODY, text_z(&header), &reason), VERIFY_UNAUTHORIZED);
    set[4][1] = "HS256";
    static const char *const broken[] = {"Bearer ",
                                         "Bearer a",
                                         "Bearer a.b",
                                         "Bearer a.b.c",
                                         "Bearer ..",
                                         "Bearer a.b.c.d",
                                         "Basic eDp5",
                                         "Bearer e30.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                         "Bearer e30=.e30=.AA=="};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++)
        assert_int_equal(knock(set, 5, HOOK_MO, "", BODY, broken[i], &reason), VERIFY_UNAUTHORIZED);
    /* One bit of any part less, and it is another token. */
    for (size_t i = 7; i < header.n; i++) {
        char *z = mem_copy(header.p, header.n);
        z[i] = z[i] == 'A' ? 'B' : 'A';
        if (z[i] != header.p[i])
            assert_int_equal(knock(set, 5, HOOK_MO, "", BODY, z, &reason), VERIFY_UNAUTHORIZED);
        free(z);
    }
    char *long_token = mem_alloc(JWT_MAX + 100);
    memset(long_token, 'a', JWT_MAX + 50);
    assert_null(jwt_open(s(long_token), NULL, 0, &reason));
    free(long_token);
    text_free(&token);
    text_free(&header);
}

/* -- pushes --------------------------------------------------------------------------------------------------------- */

#define SMS                                                                                                  \
    "{\"msisdn\":\"8615400001234\",\"to\":\"447700900123\",\"messageId\":\"m1\",\"message-timestamp\":\"2026-03-18 01:59:55\""
#define SENT 1773799195
static const struct row rows[] = {
    {.lesson = "words as they are",
     .body = SMS ",\"text\":\" \\u4eae \\ud83d\\ude00 \"}",
     .sender = "+8615400001234",
     .text = " 亮 😀 ",
     .id = "m1",
     .to = "+447700900123",
     .sent_s = SENT},
    {.lesson = "half an emoji, where a part was cut",
     .body = SMS ",\"text\":\"a\\ud83d\"}",
     .sender = "+8615400001234",
     .text = "a\xef\xbf\xbd",
     .id = "m1",
     .sent_s = SENT},
    {.lesson = "U+0000 does not cost the words",
     .body = SMS ",\"text\":\"a\\u0000b\"}",
     .sender = "+8615400001234",
     .text = "a\xef\xbf\xbd"
             "b",
     .id = "m1",
     .sent_s = SENT},
    {.lesson = "numbers without quotes",
     .body = "{\"msisdn\":8615400001234,\"to\":447700900123,\"messageId\":17,\"text\":\"x\"}",
     .sender = "+8615400001234",
     .text = "x",
     .id = "17",
     .to = "+447700900123"},
    {.lesson = "a number of +1 is no mainland mobile",
     .body = "msisdn=13055550123&messageId=m1&text=x",
     .sender = "+13055550123",
     .text = "x",
     .id = "m1"},
    {.lesson = "a name cannot be answered",
     .body = "msisdn=BANK&messageId=m1&to=MSD&text=x",
     .text = "x",
     .id = "m1",
     .to = "MSD"},
    {.lesson = "a query",
     .query = "msisdn=8615400001234&messageId=m1&text=a+b%2B",
     .sender = "+8615400001234",
     .text = "a b+",
     .id = "m1"},
    {.lesson = "no id: a key of our own",
     .body = "msisdn=8615400001234&text=x",
     .sender = "+8615400001234",
     .text = "x"},
    {.lesson = "one part of three",
     .body = SMS
     ",\"text\":\"x\",\"concat\":\"true\",\"concat-ref\":\"77\",\"concat-total\":\"3\",\"concat-part\":\"2\"}",
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1",
     .sent_s = SENT,
     .part_total = 3,
     .part_index = 2},
    {.lesson = "the same as numbers",
     .body =
         SMS ",\"text\":\"x\",\"concat\":\"true\",\"concat-ref\":77,\"concat-total\":3,\"concat-part\":3}",
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1",
     .sent_s = SENT,
     .part_total = 3,
     .part_index = 3},
    {.lesson = "part four of three is a whole",
     .body = "msisdn=8615400001234&messageId=m1&text=x&concat=true&concat-ref=7&concat-total=3&concat-part=4",
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1"},
    {.lesson = "part nought is a whole",
     .body = "msisdn=8615400001234&messageId=m1&text=x&concat=true&concat-ref=7&concat-total=3&concat-part=0",
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1"},
    {.lesson = "a thousand parts are a whole",
     .body =
         "msisdn=8615400001234&messageId=m1&text=x&concat=true&concat-ref=7&concat-total=1000&concat-part=1",
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1"},
    {.lesson = "parts without a reference are wholes",
     .body = "msisdn=8615400001234&messageId=m1&text=x&concat=true&concat-total=3&concat-part=1",
     .sender = "+8615400001234",
     .text = "x",
     .id = "m1"},
    {.lesson = "binary",
     .body = "msisdn=8615400001234&messageId=m1&type=binary&data=00ff&udh=0500&text=",
     .result = PARSE_MALFORMED},
    {.lesson = "no text", .body = "msisdn=8615400001234&messageId=m1", .result = PARSE_MALFORMED},
    {.lesson = "a text that is a number is its digits",
     .body = SMS ",\"text\":5}",
     .sender = "+8615400001234",
     .text = "5",
     .id = "m1",
     .sent_s = SENT},
    {.lesson = "a text that is a list", .body = SMS ",\"text\":[\"x\"]}", .result = PARSE_MALFORMED},
    {.lesson = "neither id nor sender", .body = "text=x", .result = PARSE_MALFORMED},
    {.lesson = "a broken escape",
     .body = "msisdn=8615400001234&messageId=m1&text=%e",
     .result = PARSE_MALFORMED},
    {.lesson = "no UTF-8", .body = "msisdn=8615400001234&messageId=m1&text=%ff", .result = PARSE_MALFORMED},
    {.lesson = "the same field twice",
     .body = SMS ",\"text\":\"x\",\"text\":\"y\"}",
     .result = PARSE_MALFORMED},
    {.lesson = "cut off", .body = SMS ",\"text\":\"x", .result = PARSE_MALFORMED},
    {.lesson = "too deep",
     .body = "{\"text\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
     .result = PARSE_MALFORMED},
    {.lesson = "names have their case",
     .body = "{\"MSISDN\":\"8615400001234\",\"MessageId\":\"m1\",\"Text\":\"x\"}",
     .result = PARSE_MALFORMED},
    {.lesson = "Messages API",
     .body =
         "{\"message_uuid\":\"u1\",\"from\":\"8615400001234\",\"to\":\"447700900123\",\"timestamp\":\"2026-03-18T01:59:55Z\",\"message_type\":\"text\",\"text\":\"x\"}",
     .sender = "+8615400001234",
     .text = "x",
     .id = "u1",
     .to = "+447700900123",
     .sent_s = SENT},
    {.lesson = "Messages API, a picture",
     .body =
         "{\"message_uuid\":\"u1\",\"from\":\"8615400001234\",\"message_type\":\"image\",\"image\":{\"url\":\"https://x.example\"}}",
     .sender = "+8615400001234",
     .text = "",
     .id = "u1",
     .media = 1},
    {.lesson = "Messages API, a text without its text",
     .body = "{\"message_uuid\":\"u1\",\"from\":\"8615400001234\",\"message_type\":\"text\"}",
     .result = PARSE_MALFORMED},
    {.lesson = "the console's empty request", .query = ""},
    {.lesson = "the console's empty post", .body = "", .hook = HOOK_DLR},
    {.lesson = "delivered",
     .hook = HOOK_DLR,
     .body =
         "{\"msisdn\":\"8615400001234\",\"messageId\":\"m1\",\"status\":\"delivered\",\"scts\":\"2603180158\",\"err-code\":\"0\",\"client-ref\":\"17\"}",
     .id = "m1",
     .to = "+8615400001234",
     .status = "delivered",
     .ref = "17",
     .sent_s = 1773799080},
    {.lesson = "expired",
     .hook = HOOK_DLR,
     .query = "messageId=m1&status=expired&err-code=1&scts=26031801",
     .id = "m1",
     .status = "expired",
     .code = "1"},
    {.lesson = "rejected",
     .hook = HOOK_DLR,
     .query = "messageId=m1&status=rejected&err-code=6&scts=269999999x",
     .id = "m1",
     .status = "failed",
     .code = "6"},
    {.lesson = "accepted and buffered are on their way",
     .hook = HOOK_DLR,
     .query = "client-ref=17&status=buffered",
     .status = "sent",
     .ref = "17"},
    {.lesson = "unknown settles nothing",
     .hook = HOOK_DLR,
     .query = "messageId=m1&status=unknown",
     .id = "m1",
     .status = "sent"},
    {.lesson = "a receipt about nothing",
     .hook = HOOK_DLR,
     .query = "status=delivered",
     .result = PARSE_MALFORMED},
    {.lesson = "a receipt that says nothing",
     .hook = HOOK_DLR,
     .query = "messageId=m1",
     .result = PARSE_MALFORMED},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("vonage", &rows[i]);
    char *words = mem_alloc(30000);
    snprintf(words, 30000, "msisdn=8615400001234&messageId=m1&text=%020001d", 1);
    row_check(
        "vonage",
        &(struct row){.lesson = "more words than a message has", .body = words, .result = PARSE_TOO_MANY});
    snprintf(words, 30000, "{\"msisdn\":\"8615400001234\",\"text\":\"%020001d\"}", 1);
    row_check("vonage",
              &(struct row){.lesson = "more words, as JSON", .body = words, .result = PARSE_TOO_MANY});
    free(words);
}

static void pushes_are_answered(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        int status;
    } due[] = {{{.body = "msisdn=8615400001234&messageId=m1&text=x"}, 204},
               {{.body = BODY}, 200},
               {{.query = ""}, 200},
               {{.hook = HOOK_DLR, .query = "messageId=m1&status=delivered"}, 204}};
    for (size_t i = 0; i < ARRAY_LEN(due); i++) {
        const struct channel ch = {STR("sms"), NULL, 0};
        struct http_header headers[1];
        const struct http_in in = row_request(&due[i].row, headers);
        struct inbox *inbox = MEM_NEW(struct inbox);
        struct arena arena;
        const char *reason;
        arena_init(&arena, 1 << 16);
        assert_int_equal(
            adapter_find(STR("vonage"))->parse(&ch, due[i].row.hook, &in, &arena, inbox, &reason), PARSE_OK);
        const struct hook_answer a = adapter_answer(VERIFY_OK, PARSE_OK, inbox);
        assert_int_equal(a.status, due[i].status);
        assert_int_equal(a.body.n, 0);
        arena_free(&arena);
        free(inbox);
    }
}

/* -- sending ---------------------------------------------------------------------------------------------------------- */

static struct channel_setting sending[] = {{STR("api_key"), STR("fict0001")},
                                           {STR("from"), STR("MSD")},
                                           {STR("signature_secret"), STR(SECRET)},
                                           {STR("signature_method"), STR("sha256")},
                                           {STR("api_secret"), STR("s&cret")}};
static const struct channel sender = {STR("sms"), sending, 5};

static void requests_are_written(void **state)
{
    (void)state;
    const struct adapter *vonage = adapter_find(STR("vonage"));
    struct message m = {.to = STR("+8613800001234"),
                        .text = STR("【码上督】已受理 a&b=c 😀"),
                        .client_ref = STR("MSD-20260318-0001"),
                        .now = {(i64)ROW_NOW_S * 1000000}};
    struct http_out out;
    struct arena arena;
    const char *reason = NULL;
    arena_init(&arena, 1 << 17);
    assert_true(vonage->compose(&sender, &m, &arena, &out, &reason));
    assert_request("08-vonage-signed", &out);

    m.dlr_url = STR("https://m.example/d"), m.text = STR("x"), m.client_ref = STR("17");
    struct channel_setting plain[] = {
        sending[0], sending[1], sending[4], {STR("api_url"), STR("http://127.0.0.1:9")}};
    assert_true(vonage->compose(&(struct channel){STR("sms"), plain, 4}, &m, &arena, &out, &reason));
    assert_str("url", out.url, "http://127.0.0.1:9/sms/json");
    assert_str(
        "unsigned", out.body,
        "api_key=fict0001&api_secret=s%26cret&to=8613800001234&from=MSD&text=x&type=unicode&client-ref=17&callback=https%3A%2F%2Fm.example%2Fd");
    compose_in_little_room("vonage", &sender, &m);

    struct channel_setting odd[] = {
        sending[0], sending[1], sending[2], {STR("signature_method"), STR("sha3")}};
    assert_false(vonage->compose(&(struct channel){STR("sms"), odd, 4}, &m, &arena, &out, &reason));
    assert_false(vonage->compose(&(struct channel){STR("sms"), odd, 2}, &m, &arena, &out, &reason));
    assert_false(vonage->compose(&(struct channel){STR("sms"), odd, 1}, &m, &arena, &out, &reason));
    m.text = STR("\xed\xa0\xbd");
    assert_false(vonage->compose(&sender, &m, &arena, &out, &reason));
    arena_free(&arena);
}

static const struct answer_row answers[] = {
    {200, true,
     "{\"messages\":[{\"status\":\"0\",\"message-id\":\"a\"},{\"status\":\"0\",\"message-id\":\"b\"}]}", "",
     SENT_OK, CAUSE_NONE, 0, "a", ""},
    {200, true, "{\"messages\":[{\"status\":0,\"message-id\":\"a\"}]}", "", SENT_OK, CAUSE_NONE, 0, "a", ""},
    /* A part has left: the whole again would come twice. */
    {200, true, "{\"messages\":[{\"status\":\"0\",\"message-id\":\"a\"},{\"status\":\"1\"}]}", "",
     SENT_UNKNOWN, CAUSE_RATE, 0, "", "1"},
    {200, true, "{\"messages\":[{\"status\":\"1\"},{\"status\":\"1\"}]}", "", SENT_RETRY, CAUSE_RATE, 0, "",
     "1"},
    {200, true, "{\"messages\":[{\"status\":\"5\"}]}", "", SENT_RETRY, CAUSE_NONE, 0, "", "5"},
    {200, true, "{\"messages\":[{\"status\":\"4\"}]}", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", "4"},
    {200, true, "{\"messages\":[{\"status\":\"6\"}]}", "", SENT_REFUSED, CAUSE_RECIPIENT, 0, "", "6"},
    {200, true, "{\"messages\":[{\"status\":\"9\"}]}", "", SENT_REFUSED, CAUSE_MONEY, 0, "", "9"},
    {200, true, "{\"messages\":[{\"status\":\"99\"}]}", "", SENT_REFUSED, CAUSE_NONE, 0, "", "99"},
    {200, true, "{\"messages\":[{}]}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "{\"messages\":[]}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "{\"messages\":{\"status\":\"0\"}}", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "{\"messages\":[{\"status\":\"0\"", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {200, true, "", "", SENT_UNKNOWN, CAUSE_SETTINGS, 0, "", ""},
    {0, false, "", "", SENT_RETRY, CAUSE_NONE, 0, "", ""},
    {0, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
    {401, true, "", "", SENT_REFUSED, CAUSE_SETTINGS, 0, "", ""},
    {429, true, "", "7", SENT_RETRY, CAUSE_RATE, 7, "", ""},
    {500, true, "", "", SENT_UNKNOWN, CAUSE_NONE, 0, "", ""},
};

static void answers_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) answer_check("vonage", i, &answers[i]);
    answers_of_sample("vonage", "08-vonage-signed");
    assert_balance("vonage", &sender, "https://rest.nexmo.com/account/get-balance",
                   "Basic ZmljdDAwMDE6cyZjcmV0", "{\"value\":10.28,\"autoReload\":false}", 10.28);
    struct arena arena;
    struct http_out out;
    static const u8 random[16];
    arena_init(&arena, 4096);
    assert_false(
        adapter_find(STR("vonage"))
            ->balance_ask(&(struct channel){STR("sms"), sending, 4}, (instant){0}, random, &arena, &out));
    arena_free(&arena);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/vonage"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_text_is_the_samples),
        cmocka_unit_test(signatures_are_checked),
        cmocka_unit_test(unsigned_pushes_need_the_door_open),
        cmocka_unit_test(tokens_are_checked),
        cmocka_unit_test(pushes_are_read),
        cmocka_unit_test(pushes_are_answered),
        cmocka_unit_test(requests_are_written),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
