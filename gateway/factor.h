/* The second factor between core/totp and what is stored of it: the key sealed under the person's number, recovery codes as keyed
 * hashes bound to the person. Called by staff_code.c and staff_factor.c. */
#pragma once
#include "gateway.h"
#include "core/totp.h"

/* What somebody typed: the code of a telephone, or a recovery code. */
struct factor_given {
    bool recovery;
    char code[MAX(TOTP_DIGITS, RECOVERY_LETTERS) + 1];
    i64 step;    /* of a right code; 0 of a recovery code */
    u8 hash[32]; /* of a recovery code; whether there is such a one the database says */
};
bool factor_read(struct str written, struct factor_given *given_r) MUST_CHECK;
/* Fills step or hash. False: a wrong code, one of a step up to `last_step`, or a key that cannot be opened. A recovery code is never
 * false here. */
bool factor_check(const struct gateway *g, int staff_id, struct str sealed, i64 last_step,
                  struct factor_given *given) MUST_CHECK;

/* A new key, and the same sealed (appended). */
void factor_key_make(const struct gateway *g, int staff_id, u8 key_r[TOTP_KEY], struct text *sealed);
/* Ten new recovery codes, as they are shown, and their hashes. */
void factor_codes_make(const struct gateway *g, int staff_id,
                       char codes_r[RECOVERY_CODES][RECOVERY_LETTERS + 2], u8 hashes_r[RECOVERY_CODES][32]);
/* The QR code of a text as an SVG of its own, black on white; false when it does not fit. */
bool factor_picture(struct str words, struct text *svg) MUST_CHECK;
