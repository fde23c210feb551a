/* The number and the tag of a plaque, and the path that a scan asks for.
 * A number is 5 to 8 serial digits and a check digit (ISO/IEC 7064 MOD 11,10), so it can be typed on a telephone
 * and a slip is seen at once. A tag is 8 characters: the version of the key and 35 bits of a keyed MAC, so a guessed
 * or forged code is seen at once. Used by the plaque page, the SMS door and `mashangdu plaque`.
 * Pure: never knows the key, never computes the MAC, never compares tags (the caller does that in constant time). */
#pragma once
#include "base/str.h"

#define PLAQUE_SERIAL_FIRST                                                                                  \
    10001u /* five digits from the first plaque on: all numbers of a district look alike */
#define PLAQUE_SERIAL_LAST  99999999u /* eight digits */
#define PLAQUE_NUMBER_MIN   6         /* digits, with the check digit */
#define PLAQUE_NUMBER_MAX   10        /* bytes: 9 digits and a NUL */
#define PLAQUE_TAG_LEN      8
#define PLAQUE_TAG_MAX      (PLAQUE_TAG_LEN + 1)
#define PLAQUE_KEY_VERSIONS 32 /* one letter of the tag's alphabet */

/* Serial -> number with its check digit, NUL-terminated. False when the serial is out of range. */
bool plaque_number_make(u32 serial, char out[PLAQUE_NUMBER_MAX]) MUST_CHECK;
/* A number as people write or type it -> plain digits. Full-width digits, blanks and hyphens are forgiven; anything
 * else, a leading zero, a wrong length or a wrong check digit is not. `out` is untouched on failure. */
bool plaque_number_parse(struct str written, char out[PLAQUE_NUMBER_MAX]) MUST_CHECK;
/* The number as it stands on the wall: digits in two or three groups, "100 018". dst holds PLAQUE_GROUPED_MAX. */
#define PLAQUE_GROUPED_MAX (PLAQUE_NUMBER_MAX + 2)
const char *plaque_number_grouped(const char *number, char dst[PLAQUE_GROUPED_MAX]);

/* Appends the bytes to be MACed (at most 48): what it is for, the key's version, the number. No other message of the
 * gateway begins like this, so a MAC made for something else never passes as a tag. */
void plaque_tag_message(const char *number, unsigned key_version, struct text *message);
/* First 35 bits of the MAC behind the version's letter. key_version < PLAQUE_KEY_VERSIONS is the caller's duty. */
void plaque_tag_make(const u8 mac[32], unsigned key_version, char out[PLAQUE_TAG_MAX]);
/* The key version a tag claims. False when it is not 8 letters of the alphabet (lower case). */
bool plaque_tag_version(struct str tag, unsigned *version_r) MUST_CHECK;

enum plaque_path { PLAQUE_PATH_MALFORMED, PLAQUE_PATH_BARE, PLAQUE_PATH_SIGNED };
/* What stands behind "/p/" in a path, still percent-encoded: a number alone, or number-tag. number_r is set for BARE
 * and SIGNED, tag_r for SIGNED only (else ""). A tag typed by hand is forgiven capitals and the look-alikes
 * o, i, l; tag_r is always in the alphabet. SIGNED says nothing about the signature: compare the tag. */
enum plaque_path plaque_path_parse(struct str path_tail, char number_r[PLAQUE_NUMBER_MAX],
                                   char tag_r[PLAQUE_TAG_MAX]) MUST_CHECK;
/* Appends base "/p/" number "-" tag; base is the public address of the gateway, with or without a slash at its end. */
void plaque_url(struct str base, const char *number, const char *tag, struct text *out);
