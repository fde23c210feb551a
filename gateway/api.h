/* POST /api/v1/feedback: the JSON door, with Idempotency-Key; and the shared reading of a submission from JSON, which
 * the web socket door uses as well, so that both have the same fields, limits and refusals. */
#pragma once
#include "intake.h"
#include "base/json.h"

/* Fills *s from an object with channel, plaque, nature, rating, text, contact, sent_at (RFC 3339), and for ratings service (token of
 * a finished matter or 办件编号), reasons (codes with ',' between), consent (true: follow it up). Unknown fields are
 * refused: a misspelt one must not vanish silently. Values stay in the document. */
enum refusal api_read_submission(const struct json *object, const char *const *also_allowed,
                                 struct submission *s) MUST_CHECK;
/* {"receipt":…,"feedback":"…","case":"…"|null,"repeated":…} without the braces. */
void api_put_result(const struct intake_result *r, struct text *out);
bool idempotency_key_good(struct str key) MUST_CHECK; /* 8 to 128 visible ASCII characters */

bool api_route(struct gateway *g, u64 ticket, const struct http_in *in); /* true: taken */
