/* ALTCHA proof of work, the server's side: what a page hands out and what comes back in the form field `altcha` (base64 of JSON).
 * Versions 1 and 2 of the protocol are read, as the widgets 2 and 3 send them; challenges of our own are version 2, SHA-256.
 * Called by gateway/guard.c and by `mashangdu channel check`. Pure: knows no clock, keeps nothing; that a challenge is used
 * once is the caller's. */
#pragma once
#include "base/arena.h"
#include "base/json.h"

#define ALTCHA_PAYLOAD_MAX 8192  /* bytes of the field: ours is some 600 */
#define ALTCHA_COST_MAX    20000 /* rounds that we are ready to repeat for one payload */
#define ALTCHA_COUNTER_MAX 4294967295

/* What a challenge was signed with. */
struct altcha_keys {
    struct str secret;     /* HMAC key of the challenge's signature */
    struct str key_secret; /* of keySignature; empty: a keySignature counts nothing and the key is derived */
};

enum altcha_end {
    ALTCHA_GOOD,
    ALTCHA_MALFORMED, /* no base64, no JSON, a member missing or of another kind */
    ALTCHA_TEST,      /* what the widget sends in test mode */
    ALTCHA_ALGORITHM, /* not one that we take */
    ALTCHA_EXPIRED,   /* or without an end: such a challenge could be saved up */
    ALTCHA_UNSIGNED,  /* no signature */
    ALTCHA_NOT_OURS,  /* its signature is not ours */
    ALTCHA_MISMATCH,  /* the solution does not solve it */
    ALTCHA_NO_WORK,   /* an honest key that misses the prefix */
};
/* In English, for the operator and for check's report; NULL for ALTCHA_GOOD. */
const char *altcha_reason(enum altcha_end e);

struct altcha_solved {
    struct str key; /* one use each: v1 the challenge, v2 data.challengeId or the nonce; in the arena */
    i64 expires;    /* unix seconds */
};
/* field: as it stood in the form, decoded from that encoding. now: unix seconds. *out_r is set for GOOD alone. */
enum altcha_end altcha_check(struct str field, const struct altcha_keys *keys, i64 now, struct arena *a,
                             struct altcha_solved *out_r) MUST_CHECK;

/* Appends a signed challenge of version 2: SHA-256 of one round, `zeros` hexadecimal zeros in front: 16^zeros tries on average. */
#define ALTCHA_RANDOM 32
void altcha_make(const struct altcha_keys *keys, const u8 random[ALTCHA_RANDOM], unsigned zeros, i64 expires,
                 struct text *out);
