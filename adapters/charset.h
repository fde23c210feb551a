/* Character sets in which SMS gateways hand over words, turned into UTF-8 and back without any loss.
 * Called by the adapters. Never guesses, never replaces a character: what cannot be read is an error, because
 * a complaint with wrong characters in it is worse than one that is sent again. */
#pragma once
#include "base/str.h"

enum charset {
    CHARSET_UNKNOWN,
    CHARSET_UTF8,
    CHARSET_UTF16BE, /* with surrogate pairs; "UCS-2" of SMS is read as this */
    CHARSET_LATIN1,  /* ISO-8859-1 */
};

/* By its name as in Content-Type, without case. "GSM" is CHARSET_UTF8: Kannel names the air interface so and
 * delivers UTF-8. CHARSET_UNKNOWN for every other name. */
enum charset charset_find(struct str name);
/* Value of charset= in a Content-Type, quoted or not; STR_NONE when absent. */
struct str charset_parameter(struct str content_type);

/* Appends `bytes` as UTF-8. False, and `to` as it was, on bytes that are none of that character set (odd length
 * or lone surrogates in UTF-16, malformed UTF-8), on U+0000, on CHARSET_UNKNOWN, and when `to` is full. */
bool charset_read(enum charset from, struct str bytes, struct text *to) MUST_CHECK;
/* Appends valid UTF-8 `s` as UTF-16BE. False, and `to` as it was, when s is malformed or `to` is full. */
bool charset_put_utf16be(struct str s, struct text *to) MUST_CHECK;
