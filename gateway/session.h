/* The staff session of a request: a random token in the cookie msd_session, stored only as a keyed hash. */
#pragma once
#include "gateway.h"

/* Whose request it is, as the database is asked: the keyed hash of the token, the roles of which the post that acts must have
 * one (ROLE_BIT mask of the route, 0: any), and whether a person stands behind it: only then the session lives on for its idle
 * time, counted from when the page was touched last. */
struct session {
    u8 hash[32];
    u32 roles;
    bool attended;
    int touched_s; /* ago; 0 when not attended */
};

#define SESSION_COOKIE      STR("msd_session")
#define SESSION_TOKEN_BYTES 32

/* The hash under which the request's session is stored; false without a well-formed cookie. Whether the session
 * lives is the database's word (staff_enter). */
bool session_of(const struct gateway *g, const struct http_in *in, u8 hash[32]) MUST_CHECK;
/* Longer ago than any session may stand idle. */
#define SESSION_TOUCHED_MAX_S 86400
/* Who stands behind a request: the header Msd-Attended is the whole seconds since a person touched the page, 0 to
 * SESSION_TOUCHED_MAX_S, anything else in it tells of nobody. Without it somebody does, for a tool is started by its user;
 * but not behind what a browser fetches for a page that it shows already (Sec-Fetch-Dest, Fetch Metadata: all but a document). */
void session_attend(const struct http_in *in, struct session *s);
void session_hash(const struct gateway *g, const u8 token[SESSION_TOKEN_BYTES], u8 hash[32]);
/* The token that changes must carry in X-CSRF-Token: bound to the session, 43 characters and NUL. */
void session_csrf(const struct gateway *g, const u8 hash[32], char out[44]);
/* The posts that the setting totp_roles asks for a second factor, as ROLE_BITs; (parse) false when a word is no post. */
bool session_factor_roles_parse(const char *setting, u32 *roles_r) MUST_CHECK;
u32 session_factor_roles(const struct gateway *g);
bool session_csrf_right(const struct gateway *g, const u8 hash[32], const struct http_in *in) MUST_CHECK;
