#include "adapters/sms/jwt.h"
#include "base/code.h"
#include "base/digest.h"

#define HS256_BYTES 32

/* One part of the token as JSON; `into` is its room, of JWT_MAX bytes. */
static struct json *part_open(struct str part, u8 *into)
{
    const size_t n = part.n * 3 / 4;
    const char *why;
    if (n == 0 || n > JWT_MAX || !b64url_get(part, into, n)) return NULL;
    return json_parse((struct str){(const char *)into, n}, JWT_MAX, &why);
}

static bool header_fits(const struct json *header)
{
    return str_eq(json_str(json_get(header, "alg")), STR("HS256")) && !json_get(header, "crit");
}

static bool signed_by(struct str head, struct str signature, const struct str *secrets, size_t n)
{
    u8 given[HS256_BYTES], made[DIGEST_MAX];
    bool right = false;
    if (!b64url_get(signature, given, sizeof given)) return false;
    for (size_t i = 0; i < n; i++) {
        digest_hmac(DIGEST_SHA256, secrets[i], head, made);
        right = secret_same((struct str){(const char *)made, sizeof given},
                            (struct str){(const char *)given, sizeof given}) ||
                right;
    }
    return right;
}

struct json *jwt_open(struct str token, const struct str *secrets, size_t n_secrets, const char **reason_r)
{
    static const char not_a_token[] = "the token cannot be read";
    struct str header, claims, signature, rest;
    u8 room[JWT_MAX];
    if (token.n > JWT_MAX || !str_cut(token, '.', &header, &rest) || !str_cut(rest, '.', &claims, &signature))
        return *reason_r = not_a_token, NULL;
    struct json *doc = part_open(header, room);
    const bool read = doc != NULL, fits = header_fits(doc);
    json_free(&doc);
    if (!fits) return *reason_r = read ? "the token is not signed with HS256" : not_a_token, NULL;
    if (!signed_by((struct str){token.p, header.n + 1 + claims.n}, signature, secrets, n_secrets))
        return *reason_r = "the token's signature is not right", NULL;
    doc = part_open(claims, room);
    if (!doc) *reason_r = not_a_token;
    return doc;
}
