/* What an exchange with a provider looked like, without what it said: names, structure, lengths and short technical words stay, so
 * that an administrator sees why two sides disagree; secrets, telephone numbers and people's words do not (P11). Pure; what
 * gateway/channel_log.c stores has gone through here.
 *
 * A value stays only when it is one ASCII word of at most 64 characters without escapes, quotes and nesting, without five digits in a
 * row or seven split by signs (154-0000-1234), not Base64 by its looks, and when neither its name nor one it stands inside of
 * carries words or secrets; else its length is told: ‹12 字符›. The rest follows from that: an unknown field can never leak a
 * sentence or a number, at worst a single word. */
#pragma once
#include "base/http.h"

/* Values that are secret wherever they turn up, and names whose values are never shown, beside the names that always are. */
struct shape_secrets {
    const struct str *values;
    size_t n;
    const struct str *names;
    size_t n_names;
};

/* Appends "POST /hooks/sms/‹key›/mo?id=abc&text=‹5 字符›", then the headers a line each, then the body's shape. For a push
 * the third piece of the path is its key. Cut at max bytes of the text. */
void shape_request_in(const struct http_in *in, const struct shape_secrets *secrets, struct text *out);
void shape_request_out(const struct http_out *call, const struct shape_secrets *secrets, struct text *out);
/* The shape of a body by what it looks like: JSON, XML, a form, or else its length. */
void shape_body(struct str body, const struct shape_secrets *secrets, struct text *out);
