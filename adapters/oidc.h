/* OpenID Connect Core 1.0 with the authorization code and PKCE (RFC 7636), the reading side: what an identity provider publishes
 * (OpenID Connect Discovery 1.0), its keys (JWK Set, RFC 7517), the answer of its token endpoint, and the ID token (JWT, RFC 7519,
 * signed as in RFC 7515). Called by gateway/oidc.c. Pure: knows no clock, no network, keeps nothing; everything here is a stranger's
 * bytes until the signature is right. Two signatures are taken, RS256 and ES256 (RFC 7518): never "none", never a shared secret. */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"

#define OIDC_TOKEN_MAX   16384      /* bytes of an ID token */
#define OIDC_KEYS_MAX    64         /* of a JWK Set that are looked at */
#define OIDC_SUBJECT_MAX 255        /* OpenID Connect Core, section 2: sub */
#define OIDC_LEEWAY      SPAN_S(60) /* that two clocks may differ */

/* Why something was not taken; a word for the log and for metrics, never shown to the person. */
enum oidc_end {
    OIDC_GOOD,
    OIDC_MALFORMED,   /* no JSON, no JWT, a member missing or of another kind */
    OIDC_ALGORITHM,   /* not RS256 or ES256, or a critical header that we do not know */
    OIDC_KEY_UNKNOWN, /* no key of that name and kind: the set may be stale */
    OIDC_SIGNATURE,   /* not signed by that key */
    OIDC_ISSUER,      /* issued by somebody else */
    OIDC_AUDIENCE,    /* issued to somebody else */
    OIDC_EXPIRED,     /* or without an end */
    OIDC_EARLY,       /* not valid yet, or issued in the future */
    OIDC_NONCE,       /* belongs to another sign-in */
    OIDC_SUBJECT,     /* the claim that names the person is not there */
};
const char *oidc_word(enum oidc_end e);

/* What is published at ISSUER/.well-known/openid-configuration. Views into the arena. */
struct oidc_site {
    struct str authorize, token, keys; /* addresses */
    bool basic; /* the token endpoint takes the secret in the header; else in the form */
};
/* issuer: as in the settings; the document must name the very same. Every address must be https, or http on a loopback address where the
 * issuer itself is one. */
enum oidc_end oidc_site_read(struct str document, struct str issuer, struct arena *a,
                             struct oidc_site *site_r) MUST_CHECK;
/* https://…, or http://127.0.0.1, http://[::1] or http://localhost with any port. */
bool oidc_address_good(struct str url);
/* The ID token in the answer of the token endpoint; a view into the document. */
enum oidc_end oidc_answer_read(const struct json *answer, struct str *id_token_r) MUST_CHECK;

struct oidc_expected {
    struct str issuer, client_id, nonce;
    struct str claim; /* which one names the person */
    instant now;
};
/* The signature first, by the key of `keys` (the JWK Set, parsed) that the token's header names; then what the token says. subject_r is
 * set for OIDC_GOOD alone; in the arena. */
enum oidc_end oidc_token_check(struct str token, const struct json *keys, const struct oidc_expected *e,
                               struct arena *a, struct str *subject_r) MUST_CHECK;
/* The second half of it, for tests: claims whose signature is right. */
enum oidc_end oidc_claims_check(const struct json *claims, const struct oidc_expected *e,
                                struct str *subject_r) MUST_CHECK;
