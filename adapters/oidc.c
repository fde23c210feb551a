#include "adapters/oidc.h"
#include "base/code.h"
#include "base/digest.h"
#include "base/utf8.h"
#include <string.h>

#define DOCUMENT_MAX  65536
#define MODULUS_MAX   1024 /* bytes: 8192 bits */
#define EXPONENT_MAX  8
#define SIGNATURE_MAX MODULUS_MAX
#define P256_BYTES    32

const char *oidc_word(enum oidc_end e)
{
    static const char *const words[] = {[OIDC_GOOD] = "good",           [OIDC_MALFORMED] = "malformed",
                                        [OIDC_ALGORITHM] = "algorithm", [OIDC_KEY_UNKNOWN] = "key_unknown",
                                        [OIDC_SIGNATURE] = "signature", [OIDC_ISSUER] = "issuer",
                                        [OIDC_AUDIENCE] = "audience",   [OIDC_EXPIRED] = "expired",
                                        [OIDC_EARLY] = "early",         [OIDC_NONCE] = "nonce",
                                        [OIDC_SUBJECT] = "subject"};
    return words[e];
}

/* --- what a provider publishes --- */

static bool on_loopback(struct str url)
{
    static const struct str hosts[] = {STR("http://127.0.0.1"), STR("http://[::1]"), STR("http://localhost")};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        if (!str_starts(url, hosts[i])) continue;
        if (url.n == hosts[i].n) return true;
        const char next = url.p[hosts[i].n];
        if (next == ':' || next == '/') return memchr(url.p, '@', url.n) == NULL;
    }
    return false;
}

bool oidc_address_good(struct str url)
{
    for (size_t i = 0; i < url.n; i++)
        if ((u8)url.p[i] <= ' ' || (u8)url.p[i] >= 0x7f || url.p[i] == '#') return false;
    return (str_starts(url, STR("https://")) && url.n > 8 && url.n <= 1000) ||
           (url.n <= 1000 && on_loopback(url));
}

static bool has_word(const struct json *list, const char *word)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (str_eq(json_str(json_at(list, i)), str_of(word))) return true;
    return false;
}

enum oidc_end oidc_site_read(struct str document, struct str issuer, struct arena *a,
                             struct oidc_site *site_r)
{
    const char *why;
    enum oidc_end end = OIDC_MALFORMED;
    struct json *doc = json_parse_foreign(document, DOCUMENT_MAX, &why);
    struct oidc_site s = {json_str(json_get(doc, "authorization_endpoint")),
                          json_str(json_get(doc, "token_endpoint")), json_str(json_get(doc, "jwks_uri")),
                          false};
    struct str *const addresses[] = {&s.authorize, &s.token, &s.keys};
    const struct json *ways = json_get(doc, "token_endpoint_auth_methods_supported");
    if (!str_eq(json_str(json_get(doc, "issuer")), issuer)) {
        end = doc ? OIDC_ISSUER : OIDC_MALFORMED;
        goto out;
    }
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        if (!oidc_address_good(*addresses[i])) goto out;
        /* A provider behind TLS leads nobody to an address without. */
        if (str_starts(issuer, STR("https://")) && !str_starts(*addresses[i], STR("https://"))) goto out;
        *addresses[i] = arena_str(a, *addresses[i]);
        if (!addresses[i]->p) goto out;
    }
    /* client_secret_basic is the default where nothing is said (OpenID Connect Discovery, section 3). */
    s.basic = json_kind(ways) != JSON_ARRAY || has_word(ways, "client_secret_basic");
    *site_r = s;
    end = OIDC_GOOD;
out:
    json_free(&doc);
    return end;
}

enum oidc_end oidc_answer_read(const struct json *answer, struct str *id_token_r)
{
    const struct str token = json_str(json_get(answer, "id_token"));
    if (token.n == 0 || token.n > OIDC_TOKEN_MAX) return OIDC_MALFORMED;
    *id_token_r = token;
    return OIDC_GOOD;
}

/* --- an ID token --- */

/* Base64url without padding, of any length up to max. */
static bool bytes_of(struct str s, u8 *out, size_t max, size_t *n_r)
{
    const size_t n = s.n / 4 * 3 + (s.n % 4 ? s.n % 4 - 1 : 0);
    if (s.n == 0 || s.n % 4 == 1 || n > max || !b64url_get(s, out, n)) return false;
    *n_r = n;
    return true;
}

static struct json *object_of(struct str part, struct arena *a)
{
    const char *why;
    size_t n;
    u8 *bytes = arena_alloc(a, part.n + 1);
    if (!bytes || !bytes_of(part, bytes, part.n, &n)) return NULL;
    struct json *doc = json_parse_foreign((struct str){(const char *)bytes, n}, OIDC_TOKEN_MAX, &why);
    if (doc && json_kind(doc) != JSON_OBJECT) json_free(&doc);
    return doc;
}

enum signature { SIGNATURE_RS256, SIGNATURE_ES256, SIGNATURES_N };
static const struct {
    struct str alg, kty;
} signatures[SIGNATURES_N] = {
    [SIGNATURE_RS256] = {{"RS256", 5}, {"RSA", 3}}, [SIGNATURE_ES256] = {{"ES256", 5}, {"EC", 2}}};

/* May this key have made such a signature? What a key does not say, it does not forbid. */
static bool key_fits(const struct json *key, enum signature kind)
{
    const struct json *use = json_get(key, "use"), *alg = json_get(key, "alg");
    return str_eq(json_str(json_get(key, "kty")), signatures[kind].kty) &&
           (!use || str_eq(json_str(use), STR("sig"))) &&
           (!alg || str_eq(json_str(alg), signatures[kind].alg)) &&
           (kind != SIGNATURE_ES256 || str_eq(json_str(json_get(key, "crv")), STR("P-256")));
}

/* The key that the header names. A header without a name is taken only where one key alone can be meant. */
static const struct json *key_find(const struct json *keys, struct str kid, enum signature kind)
{
    const struct json *all = json_get(keys, "keys"), *found = NULL;
    const size_t n = MIN(json_count(all), (size_t)OIDC_KEYS_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct json *key = json_at(all, i);
        if (!key_fits(key, kind) || (kid.n && !str_eq(json_str(json_get(key, "kid")), kid))) continue;
        if (found) return NULL;
        found = key;
    }
    return found;
}

static bool signature_right(const struct json *key, enum signature kind, struct str bytes, struct str written)
{
    u8 made[SIGNATURE_MAX], first[MODULUS_MAX], second[P256_BYTES];
    size_t n, n_first, n_second;
    if (!bytes_of(written, made, sizeof made, &n)) return false;
    const struct str signature = {(const char *)made, n};
    if (kind == SIGNATURE_RS256)
        return bytes_of(json_str(json_get(key, "n")), first, sizeof first, &n_first) &&
               bytes_of(json_str(json_get(key, "e")), second, EXPONENT_MAX, &n_second) &&
               rsa_sha256_right((struct str){(const char *)first, n_first},
                                (struct str){(const char *)second, n_second}, bytes, signature);
    return bytes_of(json_str(json_get(key, "x")), first, P256_BYTES, &n_first) && n_first == P256_BYTES &&
           bytes_of(json_str(json_get(key, "y")), second, P256_BYTES, &n_second) && n_second == P256_BYTES &&
           p256_sha256_right(first, second, bytes, signature);
}

/* Seconds since 1970, whole or with a fraction (RFC 7519, NumericDate). */
static bool date_of(const struct json *v, instant *t_r)
{
    double seconds;
    if (!json_double(v, &seconds) || !(seconds >= 0) || seconds > 1e11) return false;
    t_r->us = (i64)(seconds * 1e6);
    return true;
}

static bool is_for(const struct json *claims, struct str client_id)
{
    const struct json *aud = json_get(claims, "aud"), *azp = json_get(claims, "azp");
    if (azp && !str_eq(json_str(azp), client_id)) return false;
    if (json_kind(aud) == JSON_STRING) return str_eq(json_str(aud), client_id);
    if (json_kind(aud) != JSON_ARRAY || json_count(aud) == 0) return false;
    /* For several it must say who asked (OpenID Connect Core, 3.1.3.7, step 4). */
    if (json_count(aud) > 1 && !azp) return false;
    for (size_t i = 0; i < json_count(aud); i++)
        if (str_eq(json_str(json_at(aud, i)), client_id)) return true;
    return false;
}

enum oidc_end oidc_claims_check(const struct json *claims, const struct oidc_expected *e,
                                struct str *subject_r)
{
    instant end, issued, begin;
    const struct json *nbf = json_get(claims, "nbf");
    if (!str_eq(json_str(json_get(claims, "iss")), e->issuer)) return OIDC_ISSUER;
    if (!is_for(claims, e->client_id)) return OIDC_AUDIENCE;
    if (!date_of(json_get(claims, "exp"), &end) || !instant_before(e->now, instant_add(end, OIDC_LEEWAY)))
        return OIDC_EXPIRED;
    if (!date_of(json_get(claims, "iat"), &issued) ||
        instant_before(instant_add(e->now, OIDC_LEEWAY), issued))
        return OIDC_EARLY;
    if (nbf && (!date_of(nbf, &begin) || instant_before(instant_add(e->now, OIDC_LEEWAY), begin)))
        return OIDC_EARLY;
    if (!secret_same(json_str(json_get(claims, "nonce")), e->nonce)) return OIDC_NONCE;
    const struct str subject = json_str(json_path(claims, e->claim));
    if (subject.n == 0 || subject.n > OIDC_SUBJECT_MAX || !utf8_valid(subject)) return OIDC_SUBJECT;
    *subject_r = subject;
    return OIDC_GOOD;
}

enum oidc_end oidc_token_check(struct str token, const struct json *keys, const struct oidc_expected *e,
                               struct arena *a, struct str *subject_r)
{
    struct str header_part, rest, claims_part, signature;
    struct json *header = NULL, *claims = NULL;
    enum oidc_end end = OIDC_MALFORMED;
    if (token.n > OIDC_TOKEN_MAX || !str_cut(token, '.', &header_part, &rest) ||
        !str_cut(rest, '.', &claims_part, &signature))
        return OIDC_MALFORMED;
    header = object_of(header_part, a);
    if (!header) goto out;
    const struct str alg = json_str(json_get(header, "alg")), kid = json_str(json_get(header, "kid"));
    int kind = 0;
    while (kind < SIGNATURES_N && !str_eq(alg, signatures[kind].alg)) kind++;
    end = OIDC_ALGORITHM;
    if (kind == SIGNATURES_N || json_get(header, "crit")) goto out;
    const struct json *key = key_find(keys, kid, (enum signature)kind);
    end = OIDC_KEY_UNKNOWN;
    if (!key) goto out;
    const struct str bytes = {token.p, header_part.n + 1 + claims_part.n};
    end = OIDC_SIGNATURE;
    if (!signature_right(key, (enum signature)kind, bytes, signature)) goto out;
    end = OIDC_MALFORMED;
    claims = object_of(claims_part, a);
    if (!claims) goto out;
    struct str subject;
    end = oidc_claims_check(claims, e, &subject);
    if (end != OIDC_GOOD) goto out;
    *subject_r = arena_str(a, subject);
    if (!subject_r->p) end = OIDC_MALFORMED;
out:
    json_free(&header);
    json_free(&claims);
    return end;
}
