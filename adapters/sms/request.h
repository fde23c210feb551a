/* Pieces of the requests that SMS providers' interfaces want. Called by the adapters' compose and balance_ask only; keeps
 * everything in the arena of the call, sends nothing. */
#pragma once
#include "adapters/adapter.h"

#define REQUEST_BODY_MAX 65536 /* the longest message escaped has some 6,000 bytes */

/* Value of an Authorization header for Basic (RFC 7617); .p is NULL when the arena is full. */
struct str request_basic(struct arena *arena, struct str user, struct str password);
/* The setting, or what stands for it when it is not set. */
struct str request_setting(const struct channel *ch, const char *name, const char *otherwise);
/* The setting api_url (else `otherwise`) without a slash at its end, and the path behind it, in which "{}" stands for `id`,
 * percent-encoded. */
struct str request_url(const struct channel *ch, struct arena *arena, const char *otherwise, const char *path,
                       struct str id);
void request_header(struct http_out *out, const char *name, struct str value);
/* An E.164 number without its plus. */
struct str request_number(struct str e164);
/* The address for delivery receipts with our reference as `ref`, for providers that carry no reference of ours: so a receipt
 * finds a message whose answer, and with it the provider's id, was lost. */
struct str request_dlr_url(const struct message *m, struct arena *arena);
/* The body's text moved into the arena. False when it is over its limit or the arena is full, or another view of `out` has no
 * pointer: compose then gives up. */
bool request_finish(struct http_out *out, struct arena *arena, struct text *body) MUST_CHECK;
