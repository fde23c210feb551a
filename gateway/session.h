/* The staff session of a request: a random token in the cookie msd_session, stored only as a keyed hash. */
#pragma once
#include "gateway.h"

#define SESSION_COOKIE      STR("msd_session")
#define SESSION_TOKEN_BYTES 32

/* The hash under which the request's session is stored; false without a well-formed cookie. Whether the session
 * lives is the database's word (staff_enter). */
bool session_of(const struct gateway *g, const struct http_in *in, u8 hash[32]) MUST_CHECK;
void session_hash(const struct gateway *g, const u8 token[SESSION_TOKEN_BYTES], u8 hash[32]);
/* The token that changes must carry in X-CSRF-Token: bound to the session, 43 characters and NUL. */
void session_csrf(const struct gateway *g, const u8 hash[32], char out[44]);
bool session_csrf_right(const struct gateway *g, const u8 hash[32], const struct http_in *in) MUST_CHECK;
