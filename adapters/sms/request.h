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
/* Where an API answers that is called under its bare host: the setting api_url, else the vendor's. False when that is no http(s)
 * address, or one with a path: what is signed is the path of the API itself. */
struct request_api {
    struct str base; /* "https://host:port", without a slash at the end */
    struct str host; /* as the Host header has it: without the port that the scheme implies */
};
bool request_api_read(const struct channel *ch, const char *vendor, struct request_api *api_r) MUST_CHECK;
/* One more header; there must be room (16). The value must outlive the call that makes the request. */
void request_header(struct http_out *out, const char *name, struct str value);
/* One more field of a form or query: "&" unless it is the first, escapes as percent_put, a blank as %20, as signatures of these
 * providers want it; an empty value is left out. form_put in form.h writes a blank as "+" and keeps what is empty. */
void request_field(struct text *form, const char *name, struct str value);
/* 16 octets as 32 hexadecimal digits, for a nonce; STR_NONE when the arena is full. */
struct str request_nonce(struct arena *arena, const u8 random[16]);
/* A mainland mobile number as its 11 digits, every other one as E.164 has it. */
struct str request_mainland(struct str e164);
/* An E.164 number without its plus. */
struct str request_number(struct str e164);
/* The address for delivery receipts with our reference as `ref`, for providers that carry no reference of ours: so a receipt
 * finds a message whose answer, and with it the provider's id, was lost. */
struct str request_dlr_url(const struct message *m, struct arena *arena);
/* The body's text moved into the arena. False when it is over its limit or the arena is full, or another view of `out` has no
 * pointer: compose then gives up. */
bool request_finish(struct http_out *out, struct arena *arena, struct text *body) MUST_CHECK;
