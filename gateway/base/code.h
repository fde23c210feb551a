/* Encodings of bytes as text. Decoders check everything and write nothing on failure. */
#pragma once
#include "base/clock.h"
#include "base/str.h"

void hex_put(struct text *t, const u8 *p, size_t n);         /* lower case */
bool hex_get(struct str s, u8 *out, size_t n) MUST_CHECK;    /* exactly n bytes */
void b64url_put(struct text *t, const u8 *p, size_t n);      /* no padding */
bool b64url_get(struct str s, u8 *out, size_t n) MUST_CHECK; /* exactly n bytes, no padding */
void b64_put(struct text *t, const u8 *p, size_t n);         /* RFC 4648 §4, padded */
/* Appends the decoded bytes. Padding may be missing and spare bits may be set (WeChat's keys have them); every other
 * character, blanks too, makes it false, and t is then as it was. */
bool b64_get(struct text *t, struct str s) MUST_CHECK;
/* application/x-www-form-urlencoded or query text: %XX and, with plus_is_space, '+'.
 * Appends raw bytes (any value). False on a broken escape: t is then as it was. */
bool percent_get(struct text *t, struct str s, bool plus_is_space) MUST_CHECK;
void percent_put(struct text *t, struct str s); /* RFC 3986 unreserved stay */
/* JSON string content with its quotes; s must be valid UTF-8. */
void json_put(struct text *t, struct str s);
/* ,"name":"2026-03-18T01:59:57.123Z" as a further member of an object; null for us == 0. name needs no escapes. */
void json_put_instant(struct text *t, const char *name, instant at);
/* ,"name":"…" as a further member of an object; null where v.p is NULL. name needs no escapes. */
void json_put_text(struct text *t, const char *name, struct str v);
/* & < > " ' as references: safe as HTML text and inside quoted attributes. */
void html_put(struct text *t, struct str s);
