/* The identity provider: whatever it publishes or answers, a person comes only of a token that its key has signed. Every input is tried as each
 * of its documents, as a token, and, so that mutations reach behind the Base64, as header and claims of one with a line between. */
#include "adapters/oidc.h"
#include "base/code.h"
#include "tests/adapters/oidc_rows.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const struct oidc_expected expected = {.issuer = STR(ROW_ISSUER),
                                              .client_id = STR(ROW_CLIENT),
                                              .nonce = STR(ROW_NONCE),
                                              .claim = STR("sub"),
                                              .now = {(i64)ROW_NOW_S * 1000000}};
static const struct str tokens[] = {
    STR(oidc_token_rs256),   STR(oidc_token_es256),   STR(oidc_token_nameless), STR(oidc_token_weak),
    STR(oidc_token_crossed), STR(oidc_token_unknown), STR(oidc_token_critical), STR(oidc_token_hs256),
    STR(oidc_token_none),    STR(oidc_token_no_json)};

static enum oidc_end token(struct str text, const struct json *keys)
{
    struct arena arena;
    struct str subject;
    arena_init(&arena, 65536);
    const enum oidc_end end = oidc_token_check(text, keys, &expected, &arena, &subject);
    if (end == OIDC_GOOD) ASSERT(str_eq(subject, STR("subject-0001")));
    arena_free(&arena);
    return end;
}

static void as_token(struct str input, const struct json *keys)
{
    struct text made;
    struct str header, claims;
    if (token(input, keys) == OIDC_GOOD) /* nothing but what the key has signed */
        ASSERT(str_eq(input, tokens[0]) || str_eq(input, tokens[1]) || str_eq(input, tokens[2]));
    str_cut(input, '\n', &header, &claims);
    text_init(&made, input.n * 2 + 600);
    b64url_put(&made, (const u8 *)header.p, header.n);
    text_addc(&made, '.');
    b64url_put(&made, (const u8 *)claims.p, claims.n);
    text_addz(&made, ".AAAA");
    ASSERT(token(text_str(&made), keys) != OIDC_GOOD);
    text_free(&made);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    const char *why;
    const struct str input = {(const char *)data, size};
    struct json *keys = json_parse_foreign(str_of(oidc_keys), 65536, &why),
                *doc = json_parse_foreign(input, 65536, &why);
    struct arena arena;
    struct oidc_site site;
    struct str subject, answer;
    as_token(input, keys);
    arena_init(&arena, 8192);
    if (oidc_site_read(input, expected.issuer, &arena, &site) == OIDC_GOOD)
        ASSERT(str_starts(site.authorize, STR("https://")) && str_starts(site.token, STR("https://")) &&
               str_starts(site.keys, STR("https://")));
    if (doc) {
        if (oidc_claims_check(doc, &expected, &subject) == OIDC_GOOD)
            ASSERT(subject.n && subject.n <= OIDC_SUBJECT_MAX);
        if (oidc_answer_read(doc, &answer) == OIDC_GOOD) (void)!token(answer, keys);
        for (size_t i = 0; i < ARRAY_LEN(tokens); i++) (void)!token(tokens[i], doc);
    }
    arena_free(&arena);
    json_free(&doc);
    json_free(&keys);
    return 0;
}
