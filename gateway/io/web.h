/* HTTP/1.1, HTTP/2 and WebSocket server over libwebsockets 4.1 on the loop.
 *
 * A request is handed over once, whole and bounded, with a ticket. The answer comes later by ticket, from
 * any callback on the loop thread; a ticket whose peer has left answers into nothing. All guards against
 * what the library lets through (pipelined POSTs, Transfer-Encoding, odd Content-Length, missing Host,
 * dripping bodies, idle connections, floods) live here, so no caller can forget one. */
#pragma once
#include "base/http.h"
#include "io/loop.h"

struct web;
struct web_frame; /* one text message for WebSockets: made once, sent to many, counted references */

/* What a listener does with traffic. All calls are made on the loop thread. */
struct web_handlers {
    void *arg;
    /* A whole request. `in` dies with the call. Every ticket must be answered once, or its deadline
     * (web_config.answer_deadline) answers 503. */
    void (*request)(void *arg, u64 ticket, const struct http_in *in);
    /* Asked on the head of a request with a body, before any of it is taken: the largest one for this method, path (as sent) and
     * content type. 0, or no such handler: web_config.body_max. A body over body_max is an upload: it counts against
     * upload_memory and has the upload deadlines. */
    size_t (*body_limit)(void *arg, struct str method, struct str path, struct str content_type);
    /* May this upgrade go on? `protocol` is the subprotocol the peer asked for and the listener offers.
     * Return 0 to let it pass, else the HTTP status to refuse with (403, 404, 429, 503). `in` has no body. */
    int (*ws_open)(void *arg, u64 ws, const char *protocol, const struct http_in *in);
    /* A whole text frame, valid UTF-8, at most web_config.ws_message_max bytes. */
    void (*ws_text)(void *arg, u64 ws, struct str text);
    /* The peer can take a frame (asked for by web_ws_want). Return one (the reference goes over to web) and be asked for the
     * next; NULL is nothing now, until web_ws_want. Wanting more and giving NULL in one call goes round without end. */
    struct web_frame *(*ws_writable)(void *arg, u64 ws);
    /* Gone, for whatever reason; the id will not come again. Called once for every ws_open that passed. */
    void (*ws_closed)(void *arg, u64 ws);
};

struct web_config {
    size_t body_max;          /* bytes of a request body; over it 413 */
    size_t ws_message_max;    /* bytes of one text message */
    unsigned connections_max; /* open connections over all listeners; more are refused at accept */
    unsigned
        per_address_max;  /* open connections of one IPv4 address or IPv6 /64 (trusted proxies are exempt) */
    span header_deadline; /* all headers must be there */
    span body_deadline;   /* from the first header to the last byte of the body, however it drips */
    span answer_deadline; /* from the handing over to the answer, else 503 */
    size_t upload_memory; /* bytes that all uploads in flight hold together; what would pass it gets 503 */
    span upload_deadline, upload_answer; /* body_deadline and answer_deadline of an upload */
    span keepalive;                      /* an idle connection is closed after this */
    span ws_idle;                        /* a WebSocket is pinged after this and closed when no pong comes */
    size_t ws_buffered_max; /* bytes the library may hold back for one WebSocket before it counts as slow */
    span ws_slow_max;       /* a WebSocket that takes nothing for this long is closed */
    /* Offer HTTP/2 on TLS listeners. Two faults of the library (4.1) speak against it where more than pages are
     * served: request headers that it does not know by number (idempotency-key, x-csrf-token, x-…) are dropped,
     * and bodies of several streams that arrive in one read end the connection. Without it browsers and curl
     * speak HTTP/1.1, and a proxy in front may offer HTTP/2. */
    bool http2;
    const char
        *trusted_proxies; /* "127.0.0.1,10.0.0.0/8": whose X-Forwarded-For / -Proto are believed; NULL none */
};

/* What web counts; read by /metrics. */
struct web_counters {
    u64 connections_accepted, connections_refused_total, connections_refused_address;
    u64 requests, answers, late_answers, answer_timeouts;
    u64 bad_framing, bad_host, too_large, uploads, uploads_refused, body_deadline, header_deadline,
        pipelined_closed, keepalive_swept;
    u64 ws_opened, ws_refused, ws_closed, ws_asked, ws_slow_closed, ws_bad_text, ws_too_large;
    u64 connections_now, ws_now, upload_bytes_now;
};

struct web *web_new(struct loop *l, const struct web_config *cfg, const char **error_r);
/* Starts a listener. port 0 takes a free one; the real one comes back in *port_r. cert/key NULL: plain HTTP.
 * protocols: WebSocket subprotocols offered, NULL-terminated; the list must outlive web. share: several
 * processes may listen on the port. Nothing is copied from `handlers` but the pointers. */
bool web_listen(struct web *w, const char *address, int port, const char *cert, const char *key, bool share,
                const char *const *protocols, const struct web_handlers *handlers, int *port_r,
                const char **error_r) MUST_CHECK;
/* Settings that may change while running (SIGHUP). */
void web_reconfigure(struct web *w, const struct web_config *cfg);
const struct web_counters *web_counters(const struct web *w);

/* Stops accepting, lets tickets in flight be answered, closes idle connections and WebSockets (1001), then
 * calls drained(arg) once: when all is quiet, or after `limit`. */
void web_drain(struct web *w, span limit, void (*drained)(void *arg), void *arg);
void web_free(struct web **w); /* after drained; runs the loop until the library has let go */

/* Answers a ticket. No-op for an unknown ticket (counted as late). HEAD gets no body. Adds Date-less minimal
 * headers; security headers are the caller's. */
void web_answer(struct web *w, u64 ticket, const struct http_answer *a);

/* A few bits that a door keeps with a ticket while it is awaited, for whoever makes the answer (in which form a page is
 * wanted). 0 for a ticket that nothing was noted with, or that has gone. */
void web_note(struct web *w, u64 ticket, unsigned bits);
unsigned web_noted(const struct web *w, u64 ticket);

/* WebSockets, by id; unknown ids are ignored. */
void web_ws_want(struct web *w, u64 ws); /* call ws_writable soon */
void web_ws_close(struct web *w, u64 ws, int code,
                  const char *why); /* RFC 6455 close code, e.g. 4401; why is ASCII */

/* The frame holds a copy of text. Starts with one reference. */
struct web_frame *web_frame_new(struct str text) MUST_CHECK;
struct web_frame *web_frame_ref(struct web_frame *f);
void web_frame_unref(struct web_frame *f);
struct str web_frame_text(const struct web_frame *f);
