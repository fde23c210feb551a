/* What the answer to a sending means: a provider's codes by a table, the rest by the HTTP status. Called by the adapters' judge.
 * The rule everywhere: what may have left is UNKNOWN and never RETRY. Pure: the instant of the answer stands in the reply. */
#pragma once
#include "adapters/adapter.h"
#include "base/json.h"

/* A provider's error code, or with a '*' at its end all with that beginning; rows stand in a table that ends with a NULL code.
 * The first row that fits counts. */
struct outcome_word {
    const char *code;
    enum sent sent;
    enum sent_cause cause;
    const char *for_operator; /* fixed sentence */
};

/* Fills *out from the code when the table has it, else from the status: no answer (RETRY when nothing left), 429 and 503 (RETRY),
 * 401, 402, 403, redirects and other refusals, 5xx (UNKNOWN). A 2xx that the adapter could not read is UNKNOWN. Retry-After of a
 * RETRY is taken over; `code` is kept in the arena when it is visible ASCII. */
void outcome_judge(const struct http_reply *reply, struct arena *arena, const struct outcome_word *words,
                   struct str code, struct sent_outcome *out);
/* The same for a provider that refuses with 200 and a code: one that is in no row refuses the message as well. */
void outcome_refused(const struct http_reply *reply, struct arena *arena, const struct outcome_word *words,
                     struct str code, struct sent_outcome *out);
/* Taken, under this id (kept in the arena; may be empty). */
void outcome_taken(struct arena *arena, struct str provider_id, struct sent_outcome *out);
/* How long the answer asks to wait: Retry-After in seconds or as an HTTP-date in each of its three forms (RFC 9110 §10.2.3,
 * §5.6.7), counted from reply->at. 0 when there is none, it cannot be read, lies behind us, or asks for more than a day. */
span outcome_retry_after(const struct http_reply *reply);
/* A JSON answer, NULL when it is none; free it with json_free. */
struct json *outcome_json(const struct http_reply *reply);
/* A sum as a number or as text ("12.34"). False when it is neither. */
bool outcome_sum(const struct json *v, double *sum_r) MUST_CHECK;
