/* Encodings of bytes as text. Decoders check everything and write nothing on failure. */
#pragma once
#include "base/str.h"

void hex_put(struct text *t, const u8 *p, size_t n);         /* lower case */
bool hex_get(struct str s, u8 *out, size_t n) MUST_CHECK;    /* exactly n bytes */
void b64url_put(struct text *t, const u8 *p, size_t n);      /* no padding */
bool b64url_get(struct str s, u8 *out, size_t n) MUST_CHECK; /* exactly n bytes, no padding */
/* application/x-www-form-urlencoded or query text: %XX and, with plus_is_space, '+'.
 * Appends raw bytes (any value). False on a broken escape: t is then as it was. */
bool percent_get(struct text *t, struct str s, bool plus_is_space) MUST_CHECK;
void percent_put(struct text *t, struct str s); /* RFC 3986 unreserved stay */
/* JSON string content with its quotes; s must be valid UTF-8. */
void json_put(struct text *t, struct str s);
/* & < > " ' as references: safe as HTML text and inside quoted attributes. */
void html_put(struct text *t, struct str s);
