/* Our own webhooks: a subscriber's system hears what happens to cases. Envelope by Standard Webhooks 1.0 (webhook-id,
 * webhook-timestamp, webhook-signature), body by CloudEvents 1.0, structured or binary. docs/webhooks.md is the contract with
 * receivers. Here is what others need of it beside the adapter: gateway/notices writes the event, `channel check`
 * and the tests verify as a receiver does. Pure; sends nothing.
 *
 * message.event is the kind ("case.assigned"), message.data the event: a JSON object of
 *   ref      text without '.', the same for every sending of this event to this subscriber; webhook-id is "msg_" and it.
 *            Absent: message.client_ref
 *   source   URI of this gateway, subject: text, schema: URI of the data's format (the last two may be absent)
 *   data     the event's own JSON object */
#pragma once
#include "adapters/adapter.h"

#define WEBHOOK_TOLERANCE SPAN_MIN(5)

/* Appends "v1,<base64 HMAC-SHA256 of id.timestamp.body>". False, and nothing appended, when the secret is none: not base64, or
 * of less than 24 or more than 64 octets. */
bool webhook_sign(struct str secret, struct str id, struct str timestamp, struct str body,
                  struct text *out) MUST_CHECK;
/* What a receiver does: one of the space-separated v1 entries must be right, entries of other versions are passed over, the time
 * must be within WEBHOOK_TOLERANCE of now. Constant time per entry. *reason_r (static) when false. */
bool webhook_verify(struct str secret, struct str id, struct str timestamp, struct str signatures,
                    struct str body, instant now, const char **reason_r) MUST_CHECK;
