#include "adapters/altcha.h"
#include "adapters/canonical.h"
#include "base/code.h"
#include "base/digest.h"
#include <string.h>

#define NONCE_BYTES   16 /* of a challenge of ours */
#define NONCE_MAX     64 /* that we read */
#define KEY_MAX       64
#define PREFIX_MAX    (KEY_MAX * 2)
#define NUMBER_DIGITS 16 /* JavaScript's safe integers */

static const struct algorithm {
    const char *name;
    enum digest digest;
    bool pbkdf2;
} algorithms[] = {{"SHA-256", DIGEST_SHA256, false},       {"SHA-384", DIGEST_SHA384, false},
                  {"SHA-512", DIGEST_SHA512, false},       {"PBKDF2/SHA-256", DIGEST_SHA256, true},
                  {"PBKDF2/SHA-384", DIGEST_SHA384, true}, {"PBKDF2/SHA-512", DIGEST_SHA512, true}};

const char *altcha_reason(enum altcha_end e)
{
    static const char *const reasons[] = {[ALTCHA_MALFORMED] = "malformed",
                                          [ALTCHA_TEST] = "test payload",
                                          [ALTCHA_ALGORITHM] = "algorithm not allowed",
                                          [ALTCHA_EXPIRED] = "expired",
                                          [ALTCHA_UNSIGNED] = "signature missing",
                                          [ALTCHA_NOT_OURS] = "signature mismatch",
                                          [ALTCHA_MISMATCH] = "solution mismatch",
                                          [ALTCHA_NO_WORK] = "prefix not met"};
    return e == ALTCHA_GOOD ? NULL : reasons[e];
}

static const struct algorithm *algorithm_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (str_eq(name, str_of(algorithms[i].name))) return &algorithms[i];
    return NULL;
}

/* Lower-case hexadecimal, any length up to max. */
static bool hex_plain(struct str s, size_t max)
{
    if (s.n > max) return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f'))) return false;
    return true;
}

static bool signed_by(struct str key, enum digest d, struct str bytes, struct str signature)
{
    struct text want;
    text_init(&want, DIGEST_MAX * 2);
    digest_hmac_hex(d, key, bytes, &want);
    const bool right = key.n && secret_same(signature, text_str(&want));
    text_free(&want);
    return right;
}

/* --- version 1 --- */

/* The parameter of a salt "hex?expires=1773799200&"; false when it is not there or no number. */
static bool salt_expires(struct str salt, i64 *expires_r)
{
    struct str head, rest, pair, name, value;
    u64 seconds;
    if (!str_cut(salt, '?', &head, &rest)) return false;
    while (rest.n) {
        str_cut(rest, '&', &pair, &rest);
        str_cut(pair, '=', &name, &value);
        if (!str_eq(name, STR("expires"))) continue;
        if (!str_u64(value, INT64_MAX, &seconds)) return false;
        *expires_r = (i64)seconds;
        return true;
    }
    return false;
}

static enum altcha_end check_v1(const struct json *doc, const struct altcha_keys *keys, i64 now,
                                struct arena *a, struct altcha_solved *out_r)
{
    const struct algorithm *alg = algorithm_find(json_str(json_get(doc, "algorithm")));
    const struct str challenge = json_str(json_get(doc, "challenge")), salt = json_str(json_get(doc, "salt")),
                     signature = json_str(json_get(doc, "signature"));
    i64 number, expires;
    struct text t;
    if (!challenge.n || !salt.n || !json_int(json_get(doc, "number"), &number) || number < 0)
        return ALTCHA_MALFORMED;
    if (!alg || alg->pbkdf2) return ALTCHA_ALGORITHM;
    /* Without the delimiter at its end digits could move from the number into the salt. */
    if (!str_ends(salt, STR("&"))) return ALTCHA_MALFORMED;
    if (!salt_expires(salt, &expires) || expires <= now) return ALTCHA_EXPIRED;
    if (!signature.n) return ALTCHA_UNSIGNED;
    if (!signed_by(keys->secret, alg->digest, challenge, signature)) return ALTCHA_NOT_OURS;
    text_init(&t, salt.n + NUMBER_DIGITS + DIGEST_MAX * 2);
    text_addf(&t, "%.*s%lld", STR_ARG(salt), (long long)number);
    const size_t n = t.n;
    digest_hex(alg->digest, text_str(&t), &t);
    const bool solved = secret_same((struct str){t.p + n, t.n - n}, challenge);
    text_free(&t);
    if (!solved) return ALTCHA_MISMATCH;
    *out_r = (struct altcha_solved){arena_str(a, challenge), expires};
    return out_r->key.p ? ALTCHA_GOOD : ALTCHA_MALFORMED;
}

/* --- version 2 --- */

/* The parameters that the work depends on, read out of the signed object. */
struct work {
    const struct algorithm *alg;
    u8 nonce[NONCE_MAX], salt[NONCE_MAX];
    size_t nonce_n, salt_n, key_n;
    unsigned cost;
    struct str prefix, key_signature, id;
    i64 expires; /* 0: none */
};

static bool hex_bytes(struct str s, u8 out[NONCE_MAX], size_t *n_r)
{
    *n_r = s.n / 2;
    return s.n > 0 && s.n % 2 == 0 && s.n <= (size_t)NONCE_MAX * 2 && hex_get(s, out, *n_r);
}

static enum altcha_end work_read(const struct json *p, struct work *w)
{
    i64 cost = 1, length = 32;
    const struct json *prefix = json_get(p, "keyPrefix"), *signature = json_get(p, "keySignature");
    const struct str nonce = json_str(json_get(p, "nonce"));
    *w = (struct work){.alg = algorithm_find(json_str(json_get(p, "algorithm")))};
    if (json_kind(json_get(p, "algorithm")) != JSON_STRING) return ALTCHA_MALFORMED;
    if (!w->alg) return ALTCHA_ALGORITHM;
    if (json_get(p, "cost") && !json_int(json_get(p, "cost"), &cost)) return ALTCHA_MALFORMED;
    if (json_get(p, "keyLength") && !json_int(json_get(p, "keyLength"), &length)) return ALTCHA_MALFORMED;
    if (json_get(p, "expiresAt") && !json_int(json_get(p, "expiresAt"), &w->expires)) return ALTCHA_MALFORMED;
    if (cost < 1 || cost > ALTCHA_COST_MAX || length < 1 || length > KEY_MAX) return ALTCHA_MALFORMED;
    if (!w->alg->pbkdf2 && (size_t)length > digest_size(w->alg->digest)) return ALTCHA_MALFORMED;
    if (!hex_bytes(nonce, w->nonce, &w->nonce_n) ||
        !hex_bytes(json_str(json_get(p, "salt")), w->salt, &w->salt_n))
        return ALTCHA_MALFORMED;
    w->cost = (unsigned)cost;
    w->key_n = (size_t)length;
    w->prefix = prefix ? json_str(prefix) : STR("00");
    w->key_signature = json_str(signature);
    w->id = json_str(json_path(p, STR("data.challengeId")));
    if (!w->id.n) w->id = nonce;
    return w->prefix.n && hex_plain(w->prefix, PREFIX_MAX) ? ALTCHA_GOOD : ALTCHA_MALFORMED;
}

/* password = nonce, then the counter in four bytes, most significant first. */
static void key_derive(const struct work *w, u32 counter, u8 key[KEY_MAX])
{
    u8 password[NONCE_MAX + 4], first[NONCE_MAX * 2 + 4], hash[DIGEST_MAX];
    const enum digest d = w->alg->digest;
    const size_t n = w->nonce_n + 4;
    memcpy(password, w->nonce, w->nonce_n);
    for (size_t i = 0; i < 4; i++) password[w->nonce_n + i] = (u8)(counter >> (24 - 8 * i));
    if (w->alg->pbkdf2) {
        digest_pbkdf2(d, (struct str){(const char *)password, n},
                      (struct str){(const char *)w->salt, w->salt_n}, w->cost, key, w->key_n);
        return;
    }
    memcpy(first, w->salt, w->salt_n);
    memcpy(first + w->salt_n, password, n);
    digest_run(d, (struct str){(const char *)first, w->salt_n + n}, hash);
    for (unsigned i = 1; i < w->cost; i++)
        digest_run(d, (struct str){(const char *)hash, digest_size(d)}, hash);
    memcpy(key, hash, w->key_n);
}

/* Whether the key in `told` (hexadecimal) is the one of the counter. With a signature of ours on the key nothing is derived. */
static bool key_right(const struct work *w, const struct altcha_keys *keys, u32 counter, struct str told)
{
    u8 key[KEY_MAX];
    struct text want;
    if (w->key_signature.n && keys->key_secret.n) {
        if (told.n > (size_t)KEY_MAX * 2 || !hex_get(told, key, told.n / 2)) return false;
        return signed_by(keys->key_secret, DIGEST_SHA256, (struct str){(const char *)key, told.n / 2},
                         w->key_signature);
    }
    key_derive(w, counter, key);
    text_init(&want, KEY_MAX * 2);
    hex_put(&want, key, w->key_n);
    const bool right = secret_same(told, text_str(&want));
    text_free(&want);
    return right;
}

static enum altcha_end check_v2(const struct json *doc, const struct altcha_keys *keys, i64 now,
                                struct arena *a, struct altcha_solved *out_r)
{
    const struct json *parameters = json_path(doc, STR("challenge.parameters")),
                      *solution = json_get(doc, "solution");
    const struct str signature = json_str(json_path(doc, STR("challenge.signature"))),
                     told = json_str(json_get(solution, "derivedKey"));
    struct work w;
    struct text canonical;
    i64 counter;
    enum altcha_end e = work_read(parameters, &w);
    if (e != ALTCHA_GOOD) return e;
    if (w.expires <= now) return ALTCHA_EXPIRED;
    if (!signature.n) return ALTCHA_UNSIGNED;
    text_init(&canonical, ALTCHA_PAYLOAD_MAX);
    const bool ours = canonical_put(parameters, &canonical) &&
                      signed_by(keys->secret, DIGEST_SHA256, text_str(&canonical), signature);
    text_free(&canonical);
    if (!ours) return ALTCHA_NOT_OURS;
    if (!json_int(json_get(solution, "counter"), &counter) || counter < 0 || counter > ALTCHA_COUNTER_MAX ||
        !told.n || !hex_plain(told, (size_t)KEY_MAX * 2) || told.n != w.key_n * 2)
        return ALTCHA_MALFORMED;
    if (!key_right(&w, keys, (u32)counter, told)) return ALTCHA_MISMATCH;
    if (!str_starts(told, w.prefix)) return ALTCHA_NO_WORK;
    *out_r = (struct altcha_solved){arena_str(a, w.id), w.expires};
    return out_r->key.p ? ALTCHA_GOOD : ALTCHA_MALFORMED;
}

enum altcha_end altcha_check(struct str field, const struct altcha_keys *keys, i64 now, struct arena *a,
                             struct altcha_solved *out_r)
{
    struct text plain;
    const char *why;
    enum altcha_end e = ALTCHA_MALFORMED;
    if (field.n == 0 || field.n > ALTCHA_PAYLOAD_MAX) return e;
    text_init(&plain, ALTCHA_PAYLOAD_MAX);
    struct json *doc = b64_get(&plain, field) ? json_parse(text_str(&plain), ALTCHA_PAYLOAD_MAX, &why) : NULL;
    const enum json_kind challenge = json_kind(json_get(doc, "challenge"));
    if (json_bool(json_get(doc, "test")))
        e = ALTCHA_TEST;
    else if (challenge == JSON_OBJECT)
        e = check_v2(doc, keys, now, a, out_r);
    else if (challenge == JSON_STRING)
        e = check_v1(doc, keys, now, a, out_r);
    json_free(&doc);
    text_free(&plain);
    return e;
}

void altcha_make(const struct altcha_keys *keys, const u8 random[ALTCHA_RANDOM], unsigned zeros, i64 expires,
                 struct text *out)
{
    struct text parameters;
    ASSERT(zeros > 0 && zeros <= 8);
    text_init(&parameters, 1024);
    /* In the order of canonical JSON, so that it can be signed as it stands. */
    text_addf(
        &parameters,
        "{\"algorithm\":\"SHA-256\",\"cost\":1,\"expiresAt\":%lld,\"keyLength\":32,\"keyPrefix\":\"%.*s\",\"nonce\":\"",
        (long long)expires, (int)zeros, "00000000");
    hex_put(&parameters, random, NONCE_BYTES);
    text_addz(&parameters, "\",\"salt\":\"");
    hex_put(&parameters, random + NONCE_BYTES, ALTCHA_RANDOM - NONCE_BYTES);
    text_addz(&parameters, "\"}");
    ASSERT(!parameters.overflow);
    text_addz(out, "{\"parameters\":");
    text_add(out, text_str(&parameters));
    text_addz(out, ",\"signature\":\"");
    digest_hmac_hex(DIGEST_SHA256, keys->secret, text_str(&parameters), out);
    text_addz(out, "\"}");
    text_free(&parameters);
}
