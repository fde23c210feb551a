/* What the steps of signing in share: staff_session.c (the password), staff_code.c (the second factor), staff_oidc.c (the identity
 * provider). The first step that is right ends in a session, or, where the person has a second factor, in a half-open sign-in: a row of
 * minutes under a token of its own, which is good for nothing but the code. */
#pragma once
#include "session.h"
#include "staff_part.h"
#include "core/device.h"

#define SIGN_IN_COOKIE  STR("msd_sign_in")
#define SIGN_IN_LIFE_S  300

#define SIGN_LOCKED_FOR "greatest(coalesce(ceil(extract(epoch from s.locked_until - now())), 0), 0)::bigint"
#define SIGN_NOT_LOCKED "(staff.locked_until is null or staff.locked_until <= now())"
/* Wrong codes of one half-open sign-in; they count against the account's lock-out as well. */
#define SIGN_HALF_LIVES "expires_at > now() and tries < 5"

/* Beside the ask: what the session will say of itself. */
struct sign_in {
    struct staff_ask ask;
    char device[DEVICE_WORDS_MAX + 1];
    u8 token[SESSION_TOKEN_BYTES]; /* of the session or of the half-open sign-in, whichever comes of it */
    u8 hash[32];                   /* under which it is stored */
};
void sign_in_begin(struct sign_in *s, const struct staff_ask *a, const struct http_in *in);
/* Makes token and hash, of a session or half-open. */
void sign_in_make(struct sign_in *s, bool half);
/* The last parameters of the statements that store it: hash, idle, max, device of a session; hash, seconds of a half-open one. */
void sign_in_put(const struct sign_in *s, bool half, struct db_params *p);
/* The half-open sign-in of a request; false without a well-formed cookie. */
bool sign_in_half(const struct gateway *g, const struct http_in *in, u8 hash[32]) MUST_CHECK;

/* Cookies, appended as the value of Set-Cookie; an empty value takes the cookie away. */
void sign_in_session_cookie(struct text *t, struct str value, bool secure);
void sign_in_half_cookie(struct text *t, struct str value, bool secure);
/* Answers with the session whose token this is (its cookie is set, the half-open one taken away). token NULL: no cookie. */
void sign_in_send(const struct staff_ask *a, const u8 *token);
/* 429 when this address tried too often. */
bool sign_in_rate(const struct staff_ask *a, const struct http_in *in) MUST_CHECK;
void sign_in_locked(const struct staff_ask *a, i64 seconds);
/* A call that counts one failure of this person (0: nobody's) against the lock-out and writes it into the audit log; half: the
 * half-open sign-in whose tries it is, or NULL. */
void sign_in_failure(struct db_call *c, int staff_id, const char *step, const u8 *half);
