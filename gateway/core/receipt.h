/* The receipt (回执码): 15 random digits and a check digit, the citizen's only key to the case. The database
 * holds a keyed hash of it (made elsewhere); this part only makes, reads and groups the digits. */
#pragma once
#include "base/str.h"

#define RECEIPT_DIGITS 16

/* random: 16 bytes of a cryptographic source. The 128-bit number is taken modulo 10^15; no digit string is
 * likelier than another by more than 10^15 / 2^128 < 10^-23 of its share. out gets 16 digits and a NUL. */
void receipt_from_bytes(const u8 random[16], char out[RECEIPT_DIGITS + 1]);
/* A receipt as people type it: blanks, hyphens, full-width digits and invisible characters are forgiven.
 * False, with nothing written, when it is not 16 digits or the check digit is wrong. */
bool receipt_parse(struct str written, char out[RECEIPT_DIGITS + 1]) MUST_CHECK;
/* "1234567890123456" -> "1234 5678 9012 3456" and a NUL, for pages and messages. */
void receipt_group(const char receipt[RECEIPT_DIGITS + 1], char out[20]);
