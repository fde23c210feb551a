/* What the parts of io/web share: web.c (its life, what the library tells), web_listen.c (ports), web_conn.c (connections, phases,
 * deadlines), web_peer.c (addresses), web_head.c (reading a request's head), web_http.c (requests), web_answer.c (answers), web_ws.c
 * (WebSockets).
 * Nothing outside io/web includes it.
 *
 * One connection is a `conn`, hung on the library's object as opaque user data; an HTTP/2 stream has one of its
 * own with `parent` set. The conn is in exactly one list, its phase, and each list is ordered by the time of
 * entering, so that one sweep looks at the heads alone and no connection owns a timer (the library keeps all
 * timers in one sorted list with linear insertion). */
#pragma once
#include "base/arena.h"
#include "base/idmap.h"
#include "base/list.h"
#include "base/log.h"
#include "io/web.h"
#include <libwebsockets.h>
#include <sys/socket.h>

#define WEB_HEAD_MAX     (16 * 1024) /* bytes of all headers of one request, as the library counts them */
#define WEB_HEADERS_MAX  96
#define WEB_CHUNK        (32 * 1024) /* one write to an HTTP/1 peer */
#define WEB_LINGER       SPAN_MS(1000)
#define WEB_LINGER_BYTES (1024 * 1024)
#define WEB_ADDRESS_MAX  46

enum phase {
    PHASE_HEAD,   /* connected, the first head is not complete */
    PHASE_BODY,   /* the body is coming */
    PHASE_UPLOAD, /* the same, of an upload */
    PHASE_ANSWER, /* handed over, the answer is awaited */
    PHASE_MAKING, /* the same, of an upload */
    PHASE_SEND,   /* a long answer is going out; entered again with every step */
    PHASE_IDLE,   /* keep-alive, nothing going on */
    PHASE_LINGER, /* refused; what still comes is read and dropped so that the peer can read why */
    PHASE_WS,     /* an upgraded connection that owes and is owed nothing */
    PHASE_BEHIND, /* a WebSocket with something to send that it does not take */
    PHASE_KILL,   /* to be closed at the end of the turn */
    PHASE_NONE,   /* no deadline: HTTP/2 connections with streams, connections being closed */
    PHASES_N
};

struct web_frame {
    unsigned refs;
    size_t n;
    unsigned char bytes[];
}; /* LWS_PRE bytes before the text */

/* Address ranges whose forwarding headers are believed. */
struct proxies {
    struct {
        u8 bits[16];
        unsigned prefix;
    } range[32];
    size_t n;
};

struct web {
    struct loop *loop;
    struct web_config cfg;
    struct proxies proxies;
    struct web_counters counters;
    struct list listeners;
    struct list phases[PHASES_N];
    struct list ready;      /* exchanges answered inside their own handing over; sent at the turn's end */
    struct idmap tickets;   /* ticket -> exchange */
    struct idmap sockets;   /* WebSocket id -> conn */
    struct idmap addresses; /* address_key -> open connections */
    u64 last_id;
    struct timer sweep, drain_limit;
    lws_retry_bo_t ws_idle;
    bool draining, drained_told;
    void (*drained)(void *arg);
    void *drained_arg;
};

struct listener {
    struct list node;
    struct web *web;
    struct watch watch;
    const struct web_handlers *handlers;
    const char *const *protocols;
    bool tls;
    struct lws_context
        *context; /* one each, because the library picks a virtual host by the peer's Host header */
    struct lws_vhost *vhost;
    struct lws_protocols *lws_protocols;
};

struct exchange; /* one HTTP request and its answer */
struct socket;   /* one WebSocket */

struct conn {
    struct list node; /* in web->phases[phase] */
    struct web *web;
    struct listener *listener;
    struct lws *wsi;
    struct conn *parent; /* of an HTTP/2 stream: its connection */
    struct exchange *exchange;
    struct socket *socket;
    instant since; /* when it entered its phase, monotonic */
    u64 address_key;
    size_t lingered;
    unsigned streams;
    enum phase phase;
    bool dying, polite, counted;
    char address[WEB_ADDRESS_MAX];
};

/* --- web.c --- */
u64 web_new_id(struct web *w);
void web_look_drained(struct web *w);
/* Every callback of the library; the second parameter of each listener's protocols. */
int web_library_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t len);
static inline int web_whole_seconds(span s) { return (int)MAX((s.us + 999999) / 1000000, (i64)1); }

/* --- web_listen.c --- */
void listener_stop(struct listener *l); /* takes nobody any more; who is there stays */
void listener_free(struct listener *l);

/* --- web_conn.c --- */
/* A socket that was accepted: becomes a conn, or is closed because there are too many. */
void conn_admit(struct listener *l, int fd, const struct sockaddr_storage *from);
void conn_move(struct conn *c, enum phase phase);
/* Closes soon. polite: what is buffered goes out first. For use outside the connection's own callbacks too. */
void conn_kill(struct conn *c, bool polite);
void conn_kill_marked(struct web *w); /* at the end of the turn */
struct conn *conn_of_stream(struct lws *wsi,
                            struct listener *l); /* the stream's conn, made on first sight; NULL: none */
void conn_free(struct conn *c);                  /* the library's object is gone */
void conn_sweep(struct timer *t);                /* ends what is over its deadline */
void conn_sweep_soon(struct web *w);

/* --- web_peer.c --- */
bool proxies_parse(const char *words, struct proxies *p) MUST_CHECK;
bool proxies_trust(const struct proxies *p, const u8 address[16]);
bool address_parse(struct str text, u8 address[16]) MUST_CHECK; /* IPv4 is mapped into IPv6 */
void address_of(const struct sockaddr_storage *ss, u8 address[16]);
void address_text(const u8 address[16], char dst[WEB_ADDRESS_MAX]);
/* What per_address_max counts by: an IPv4 address, or the /64 that one IPv6 customer has. Never 0. */
u64 address_key(const u8 address[16]);
/* The peer behind trusted proxies: right-most address of X-Forwarded-For that is not one of them. */
void forwarded_for(const struct proxies *p, struct str header, char dst[WEB_ADDRESS_MAX]);

/* --- web_head.c --- */
/* Reasons to turn a request away before anybody sees it. */
#define WEB_REFUSALS(X)                                                                                      \
    X(NONE, 0, "", "", "")                                                                                   \
    X(MALFORMED, 400, "malformed", "请求格式有误。", "The request could not be read.")                       \
    X(HOST, 400, "host_missing", "请求没有说明访问的主机。", "The Host header is missing or not readable.")  \
    X(LENGTH, 411, "length_required", "请求没有说明内容长度。",                                              \
      "Content-Length is required; Transfer-Encoding is not taken.")                                         \
    X(LENGTH_BAD, 400, "length_bad", "请求的内容长度有误。", "Content-Length is not a plain number.")        \
    X(TOO_BIG, 413, "too_big", "内容超过允许的大小。", "The body is over the limit.")                        \
    X(EXPECTATION, 417, "expectation", "不支持这种 Expect 请求。", "Only Expect: 100-continue is known.")    \
    X(TIMEOUT, 408, "timeout", "接收内容超时，请重试。", "The request took too long to arrive.")             \
    X(METHOD, 405, "method_not_allowed", "不支持这种请求方式。", "This method is not allowed.")              \
    X(METHOD_UNKNOWN, 501, "method_unknown", "不支持这种请求方式。", "This method is not known.")            \
    X(UNAVAILABLE, 503, "unavailable", "系统繁忙，请稍后重试。",                                             \
      "No answer in time; please try again soon.")                                                           \
    X(BUSY, 503, "uploads_full", "现在上传的人很多，请一两分钟后再试。",                                     \
      "Many files are being uploaded just now; please try again in a minute or two.")                        \
    X(WS_BAD, 400, "websocket_bad", "WebSocket 握手有误。", "The WebSocket handshake is not right.")         \
    X(WS_VERSION, 426, "websocket_version", "只支持第 13 版 WebSocket。",                                    \
      "Only WebSocket version 13 is spoken.")                                                                \
    X(WS_PROTOCOL, 400, "websocket_protocol", "没有可用的 WebSocket 子协议。",                               \
      "No offered subprotocol is known here.")                                                               \
    X(WS_REFUSED, 403, "websocket_refused", "不允许建立这个连接。", "This connection is not allowed.")
enum web_refusal {
#define X(id, status, code, zh, en) WEB_##id,
    WEB_REFUSALS(X)
#undef X
};
struct web_refusal_facts {
    int status;
    const char *code, *zh, *en;
};
const struct web_refusal_facts *web_refusal_facts(enum web_refusal r);

struct head {
    struct arena arena;
    struct http_header headers[WEB_HEADERS_MAX];
    struct http_in in; /* views into the arena; body empty */
    u64 length;        /* of the body to come */
    bool has_length, http_1_0, close, expects_100, upload;
    char peer[WEB_ADDRESS_MAX];
};
/* Reads and checks what the library has parsed of a request. On a refusal `head` holds nothing. */
enum web_refusal head_read(struct conn *c, struct lws *wsi, struct head *h) MUST_CHECK;
void head_free(struct head *h);
bool header_present(struct lws *wsi, enum lws_token_indexes t);

/* --- web_http.c --- */
int http_event(struct conn *c, struct lws *wsi, enum lws_callback_reasons why, const void *in, size_t n);
void http_detach(struct conn *c); /* the peer is gone: a waiting ticket is forgotten */
bool http_pipelined(const struct conn *c);
void http_answer_timeout(struct conn *c);
void http_body_timeout(struct conn *c);

/* --- web_answer.c --- */
void http_flush_ready(struct web *w); /* sends what was answered inside its handing over; at the turn's end */
/* A whole small HTTP/1 answer that closes, written at once. extra_header may be NULL, else "Name: value\r\n". */
int http_write_refusal(struct conn *c, struct lws *wsi, enum web_refusal r, int status,
                       const char *extra_header);

/* --- web_ws.c --- */
int ws_event(struct conn *c, struct lws *wsi, enum lws_callback_reasons why, void *in, size_t n);
void ws_detach(struct conn *c);
