/* Neutral views of HTTP: what came in, what to answer, what to call, what was answered.
 * io/web and io/httpc fill and read them, adapters and the doors see nothing else. */
#pragma once
#include "base/clock.h"
#include "base/str.h"

struct http_header {
    struct str name, value;
}; /* names in lower case when they come in */

/* One request as received, whole and bounded. Valid only during the call that hands it over. */
struct http_in {
    struct str method; /* "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS" */
    struct str path;   /* as sent, still percent-encoded, without the query */
    struct str query;  /* as sent, without '?'; empty when none */
    struct str host;   /* Host header or :authority */
    struct str body;
    const struct http_header *headers;
    size_t n_headers;
    struct str peer; /* textual address; behind a trusted proxy the one it reports */
    bool tls;        /* over TLS, here or at the trusted proxy */
    instant at;      /* when the last byte had come */
};

/* Value of the first header of that lower-case name, or STR_NONE. */
struct str http_header_get(const struct http_in *in, struct str name);

/* One form or query field by name, percent-decoded into `into`. False when absent or broken. */
bool http_field(struct str form, struct str name, struct text *into) MUST_CHECK;
/* Value of a cookie, or STR_NONE. */
struct str http_cookie(const struct http_in *in, struct str name);

/* An answer. Header texts and body are copied before the call that takes it returns. */
struct http_answer {
    int status;
    struct str content_type;
    const struct http_header *headers; /* more headers, any case */
    size_t n_headers;
    struct str body;
};

/* A call to make to the outside. */
struct http_out {
    struct str method;
    struct str url; /* absolute, without personal data unless the provider's format forces it */
    struct http_header headers[16];
    size_t n_headers;
    struct str body;
    bool public_only; /* refused when the name leads into a private network (io/httpc_guard.h) */
    size_t reply_max; /* bytes kept of the reply's body; 0: 64 KiB */
    struct {
        struct str region, key_id, secret;
    } s3; /* key_id.n > 0: signed for the service s3 of that region (AWS Signature Version 4) */
    struct {
        struct str from, to, user, password; /* addresses without angle brackets */
        bool tls;                            /* STARTTLS must succeed before anything is said */
    } mail; /* to.n > 0: url is smtp:// or smtps://, body a whole message with CR LF; method and headers count nothing */
};

/* What the outside said. status 0: no answer at all; then `sent` tells whether bytes of the request left; of a mail: whether
 * the server may have taken it. A mail's status is the server's last answer, 250 when it took it. */
struct http_reply {
    int status;
    bool sent;
    struct str body;        /* at most 64 KiB, or reply_max, are kept */
    struct str retry_after; /* header value or empty */
    instant at;             /* when it was over; us == 0 where nobody looked at a clock */
    bool walled;            /* public_only, and the name led into a private network: nothing left */
    bool untrusted;         /* TLS: its certificate (name, date, issuer) was not accepted: nothing left */
};
