/* The second factor: codes from a telephone (TOTP, RFC 6238: HMAC-SHA-1, 30 s, 6 digits, over HOTP, RFC 4226) and the recovery codes
 * that stand in for a lost one. Called by gateway/staff_factor.c and staff_sign_in.c. Knows no clock and keeps nothing: the caller
 * seals the key, remembers the last step that was used, and stores recovery codes as keyed hashes. */
#pragma once
#include "base/clock.h"
#include "base/str.h"

#define TOTP_KEY    20 /* bytes: as long as the hash, RFC 4226 section 4, R6 */
#define TOTP_DIGITS 6
#define TOTP_PERIOD 30 /* seconds of a step */
#define TOTP_DRIFT  1  /* steps that the telephone's clock may be off, either way */

/* HMAC-SHA-1 of the bytes; comes in as a function, since core knows no library. */
typedef void totp_hmac_fn(struct str key, struct str bytes, u8 out[20]);

i64 totp_step(instant now);
/* The code of a step: digits and a NUL. */
void totp_code(totp_hmac_fn *hmac, const u8 key[TOTP_KEY], i64 step, char out[TOTP_DIGITS + 1]);
/* Is `code` (digits, as totp_code_read gives them) the code of the present step or one beside it, later than `used`, the last step that
 * was ever accepted (0: none)? Then *step_r is what the caller must remember, so that no code counts twice (RFC 6238, 5.2).
 * Takes the same time whichever step fits, and when none does. */
bool totp_right(totp_hmac_fn *hmac, const u8 key[TOTP_KEY], const char code[TOTP_DIGITS + 1], instant now,
                i64 used, i64 *step_r) MUST_CHECK;
/* A code as people type it: blanks, hyphens and full-width digits are forgiven. False, with nothing written, when it is not six
 * digits. */
bool totp_code_read(struct str written, char out[TOTP_DIGITS + 1]) MUST_CHECK;

/* The key as it is typed into an authenticator: Base32 (RFC 4648) without padding, in groups of four. */
void totp_key_text(const u8 key[TOTP_KEY], struct text *out);
/* otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=… for the QR code. Only the mandatory parameters: digits, period and method are the
 * defaults, and several authenticators ignore others. */
void totp_uri(struct str issuer, struct str account, const u8 key[TOTP_KEY], struct text *out);

/* Ten of them are shown once; each stands in for a code once. */
#define RECOVERY_CODES   10
#define RECOVERY_LETTERS 10 /* of 32: 50 bits, and few tries */
/* "4k7w2-x9qbm" and a NUL out of 8 random bytes; letters and digits that are not taken for each other (Crockford's Base32). */
void recovery_code_from_bytes(const u8 random[8], char out[RECOVERY_LETTERS + 2]);
/* Ten letters and a NUL, in one spelling: capitals, blanks and hyphens are forgiven, and o, i and l are the digits they look like. False
 * when it is none. */
bool recovery_code_read(struct str written, char out[RECOVERY_LETTERS + 1]) MUST_CHECK;
