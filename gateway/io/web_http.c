#include "io/web_private.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

/* How one exchange goes, and why so. The library (4.1.6) reads on while an answer is awaited: early bytes of a
 * next request make it call back for the first one without end, or parse the next one out of its own buffer and
 * never come back. So
 *   - reading is stopped (lws_rx_flow_control) from the handing over until the answer;
 *   - an answer is never written inside the handing over, but at the end of the turn, because only then the
 *     library has put what it read too much into its buffer, where lws_service_adjust_timeout shows it;
 *   - when there is something, the answer says "close" and the connection ends: one answer, then EOF. */

enum state {
    BODY,     /* reading the body */
    WAITING,  /* handed over */
    READY,    /* answered inside the handing over */
    SENDING,  /* the answer is being written */
    REFUSING, /* as SENDING, for a request that nobody saw */
};

struct exchange {
    struct list node; /* in web->ready while READY */
    struct conn *conn;
    u64 ticket;
    enum state state;
    struct head *head; /* until the handing over has ended */
    struct text body;
    size_t held; /* of an upload: what it has taken of upload_memory */
    bool upload, handing, is_head, close, pipelined, lingers;
    unsigned repeats, note;
    unsigned char *out; /* LWS_PRE bytes, head, body */
    size_t out_n, off, head_n, connection_at;
};

#define REPEATS_MAX    20000
#define CONNECTION     "connection: keep-alive\r\n"
#define CONNECTION_END "connection: close     \r\n" /* the same length: it is patched in */

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

static const char *phrase_of(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
        if (phrases[i].status == status) return phrases[i].phrase;
    return "Status";
}

static struct exchange *exchange_new(struct conn *c, size_t body_max)
{
    struct exchange *x = MEM_NEW(struct exchange);
    list_init(&x->node);
    x->conn = c;
    text_init(&x->body, body_max);
    c->exchange = x;
    return x;
}

static void drop_head(struct exchange *x)
{
    if (!x->head) return;
    head_free(x->head);
    free(x->head);
    x->head = NULL;
}

/* Holds what an upload's buffer really takes against the ceiling of all; false when it would pass it. */
static bool hold_body(struct exchange *x)
{
    struct web_counters *n = &x->conn->web->counters;
    if (!x->upload) return true;
    n->upload_bytes_now += x->body.cap - x->held;
    x->held = x->body.cap;
    return n->upload_bytes_now <= x->conn->web->cfg.upload_memory;
}

static void drop_body(struct exchange *x)
{
    text_free(&x->body);
    x->conn->web->counters.upload_bytes_now -= x->held;
    x->held = 0;
}

static void exchange_end(struct exchange *x)
{
    if (x->ticket) idmap_take(&x->conn->web->tickets, x->ticket);
    list_remove(&x->node);
    drop_head(x);
    drop_body(x);
    free(x->out);
    x->conn->exchange = NULL;
    free(x);
}

void http_detach(struct conn *c)
{
    struct exchange *x = c->exchange;
    if (!x) return;
    ASSERT(!x->handing); /* the library closes nothing inside a callback of ours */
    exchange_end(x);
}

/* --- writing --- */

static bool header_safe(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0') return false;
    return true;
}

static void keep_out(struct exchange *x, const struct text *head, struct str body)
{
    x->head_n = head->n;
    x->out_n = head->n + body.n;
    x->out = mem_alloc(LWS_PRE + x->out_n);
    memcpy(x->out + LWS_PRE, head->p, head->n);
    if (body.n) memcpy(x->out + LWS_PRE + head->n, body.p, body.n);
}

static bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

static void build_h1(struct exchange *x, const struct http_answer *a)
{
    struct text t;
    text_init(&t, 64 * 1024);
    text_addf(&t, "HTTP/1.1 %d %s\r\n", a->status, phrase_of(a->status));
    if (a->content_type.n && header_safe(a->content_type))
        text_addf(&t, "content-type: %.*s\r\n", STR_ARG(a->content_type));
    for (size_t i = 0; i < a->n_headers; i++) {
        if (!header_safe(a->headers[i].name) || !header_safe(a->headers[i].value)) continue;
        text_addf(&t, "%.*s: %.*s\r\n", STR_ARG(a->headers[i].name), STR_ARG(a->headers[i].value));
    }
    if (has_body(a->status)) text_addf(&t, "content-length: %zu\r\n", a->body.n);
    x->connection_at = t.n;
    text_addz(&t, CONNECTION "\r\n");
    ASSERT(!t.overflow);
    keep_out(x, &t, x->is_head || !has_body(a->status) ? STR("") : a->body);
    text_free(&t);
}

static bool add_h2(struct lws *wsi, struct str name, struct str value, unsigned char **p, unsigned char *end)
{
    char z[80];
    if (name.n + 2 > sizeof z || !header_safe(name) || !header_safe(value)) return false;
    for (size_t i = 0; i < name.n; i++)
        z[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 32 : name.p[i]);
    memcpy(z + name.n, ":", 2);
    return lws_add_http_header_by_name(wsi, (const unsigned char *)z, (const unsigned char *)value.p,
                                       (int)value.n, p, end) == 0;
}

static void build_h2(struct exchange *x, const struct http_answer *a)
{
    static unsigned char block[16 * 1024]; /* one header frame; the loop has one thread */
    unsigned char *p = block, *end = block + sizeof block;
    char length[24];
    struct lws *wsi = x->conn->wsi;
    bool good =
        lws_add_http_header_status(wsi, (unsigned)a->status | LWSAHH_FLAG_NO_SERVER_NAME, &p, end) == 0;
    if (good && a->content_type.n) good = add_h2(wsi, STR("content-type"), a->content_type, &p, end);
    for (size_t i = 0; good && i < a->n_headers; i++)
        good = add_h2(wsi, a->headers[i].name, a->headers[i].value, &p, end);
    snprintf(length, sizeof length, "%zu", a->body.n);
    if (good && has_body(a->status)) good = add_h2(wsi, STR("content-length"), str_of(length), &p, end);
    if (!good || lws_finalize_http_header(wsi, &p, end) != 0) {
        log_line(LOG_ERROR, LOG_WEB, "answer has headers that cannot be sent", "status=%d", a->status);
        p = block;
        ASSERT(lws_add_http_header_status(wsi, 500 | LWSAHH_FLAG_NO_SERVER_NAME, &p, end) == 0);
        ASSERT(lws_finalize_http_header(wsi, &p, end) == 0);
        keep_out(x, &(struct text){.p = (char *)block, .n = (size_t)(p - block)}, STR(""));
        return;
    }
    keep_out(x, &(struct text){.p = (char *)block, .n = (size_t)(p - block)},
             x->is_head || !has_body(a->status) ? STR("") : a->body);
}

static void build(struct exchange *x, const struct http_answer *a)
{
    if (x->conn->parent) {
        build_h2(x, a);
    } else {
        build_h1(x, a);
    }
}

/* The whole answer is with the library. True when the connection (or stream) is to be closed. */
static bool finish(struct exchange *x)
{
    struct conn *c = x->conn;
    struct lws *wsi = c->wsi;
    bool close = x->close || x->pipelined || c->web->draining, lingers = x->lingers;
    exchange_end(x);
    if (lingers) {
        conn_move(c, PHASE_LINGER); /* DATA for a stream that is closed would end the whole connection */
        return false;
    }
    if (c->parent || close) return true;
    conn_move(c, PHASE_IDLE);
    if (lws_http_transaction_completed(wsi) != 0) return true;
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0); /* the sweep watches idle connections */
    return false;
}

/* One step of sending. 1: the answer is complete, 0: more to come, -1: the peer is gone. */
static int step_h1(struct exchange *x)
{
    size_t n = MIN(x->out_n - x->off, (size_t)WEB_CHUNK);
    if (lws_write(x->conn->wsi, x->out + LWS_PRE + x->off, n, LWS_WRITE_HTTP_HEADERS) < 0) return -1;
    x->off += n;
    return x->off == x->out_n;
}

static int step_h2(struct exchange *x)
{
    struct lws *wsi = x->conn->wsi;
    if (x->off == 0) {
        enum lws_write_protocol how = LWS_WRITE_HTTP_HEADERS;
        if (x->out_n == x->head_n) how |= LWS_WRITE_H2_STREAM_END;
        if (lws_write(wsi, x->out + LWS_PRE, x->head_n, how) < 0) return -1;
        x->off = x->head_n;
        return x->off == x->out_n;
    }
    i64 credit = lws_get_peer_write_allowance(wsi);
    if (credit == 0) return 0; /* the library asks again when the peer opens its window */
    size_t left = x->out_n - x->off, n = MIN(left, (size_t)16000);
    if (credit > 0) n = MIN(n, (size_t)credit);
    if (lws_write(wsi, x->out + LWS_PRE + x->off, n, n == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
    x->off += n;
    return x->off == x->out_n;
}

/* Writes on. 0, or -1 when the connection has to end. Works in and outside the connection's callbacks. */
static int send_on(struct exchange *x)
{
    struct conn *c = x->conn;
    int done = c->parent ? step_h2(x) : step_h1(x);
    if (done < 0) return -1;
    if (done) return finish(x) ? -1 : 0;
    conn_move(c, PHASE_SEND);
    lws_callback_on_writable(c->wsi);
    return 0;
}

/* Begins to send what build() has made; outside the connection's callbacks. */
static void send_answer(struct exchange *x)
{
    struct conn *c = x->conn;
    idmap_take(&c->web->tickets, x->ticket);
    x->ticket = 0;
    x->state = SENDING;
    if (c->parent) {
        conn_move(c, PHASE_SEND);
        lws_callback_on_writable(c->wsi);
        return;
    }
    lws_rx_flow_control(c->wsi, 1);
    if (lws_service_adjust_timeout(c->listener->context, 1, 0) == 0) x->pipelined = true;
    if (x->pipelined) c->web->counters.pipelined_closed++;
    if (x->close || x->pipelined || c->web->draining) {
        memcpy(x->out + LWS_PRE + x->connection_at, CONNECTION_END, sizeof CONNECTION_END - 1);
        x->close = true;
    }
    if (send_on(x) < 0) conn_kill(c, true);
}

void http_flush_ready(struct web *w)
{
    for (struct list *it = list_pop(&w->ready); it; it = list_pop(&w->ready))
        send_answer(LIST_OF(it, struct exchange, node));
}

void web_answer(struct web *w, u64 ticket, const struct http_answer *a)
{
    struct exchange *x = idmap_get(&w->tickets, ticket);
    if (!x || x->state != WAITING) {
        w->counters.late_answers++;
        return;
    }
    w->counters.answers++;
    build(x, a);
    if (x->handing) {
        x->state = READY;
        list_push(&w->ready, &x->node);
    } else {
        send_answer(x);
    }
}

void web_note(struct web *w, u64 ticket, unsigned bits)
{
    struct exchange *x = idmap_get(&w->tickets, ticket);
    if (x) x->note = bits;
}

unsigned web_noted(const struct web *w, u64 ticket)
{
    const struct exchange *x = idmap_get(&w->tickets, ticket);
    return x ? x->note : 0;
}

/* --- refusals --- */

static void refusal_body(struct text *t, enum web_refusal r, int status)
{
    const struct web_refusal_facts *f = web_refusal_facts(r);
    text_init(t, 1024);
    text_addf(t,
              "{\"type\":\"about:blank\",\"status\":%d,\"code\":\"%s\",\"title\":\"%s\",\"detail\":\"%s\"}\n",
              status, f->code, f->zh, f->en);
}

int http_write_refusal(struct conn *c, struct lws *wsi, enum web_refusal r, int status,
                       const char *extra_header)
{
    struct text body, t;
    (void)c;
    refusal_body(&body, r, status);
    text_init(&t, 4096);
    for (int i = 0; i < LWS_PRE; i++) text_addc(&t, ' ');
    text_addf(&t,
              "HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\ncontent-length: %zu\r\n%s"
              "connection: close\r\n\r\n",
              status, phrase_of(status), body.n, extra_header ? extra_header : "");
    text_add(&t, text_str(&body));
    int rc = lws_write(wsi, (unsigned char *)t.p + LWS_PRE, t.n - LWS_PRE, LWS_WRITE_HTTP_HEADERS);
    text_free(&body);
    text_free(&t);
    return rc < 0 ? -1 : 0;
}

static void count(struct web *w, enum web_refusal r)
{
    if (r == WEB_TOO_BIG)
        w->counters.too_large++;
    else if (r == WEB_HOST)
        w->counters.bad_host++;
    else
        w->counters.bad_framing++;
}

static int refuse(struct conn *c, struct lws *wsi, enum web_refusal r)
{
    int status = web_refusal_facts(r)->status;
    bool body_comes = header_present(wsi, WSI_TOKEN_POST_URI) || header_present(wsi, WSI_TOKEN_PUT_URI) ||
                      header_present(wsi, WSI_TOKEN_PATCH_URI);
    count(c->web, r);
    if (c->parent) {
        struct text body;
        struct exchange *x = exchange_new(c, 0);
        refusal_body(&body, r, status);
        build_h2(x, &(struct http_answer){.status = status,
                                          .content_type = STR("application/problem+json"),
                                          .body = text_str(&body)});
        text_free(&body);
        x->state = REFUSING;
        x->lingers = body_comes;
        conn_move(c, PHASE_SEND);
        lws_callback_on_writable(wsi);
        return 0;
    }
    if (http_write_refusal(c, wsi, r, status, NULL) < 0) return -1;
    if (!body_comes) return -1;
    /* A socket closed over unread bytes is reset, and the peer may lose the reason. */
    if (!c->listener->tls && !lws_partial_buffered(wsi)) shutdown(lws_get_socket_fd(wsi), SHUT_WR);
    conn_move(c, PHASE_LINGER);
    return 0;
}

bool http_pipelined(const struct conn *c) { return c->exchange && c->exchange->pipelined; }

void http_body_timeout(struct conn *c)
{
    c->web->counters.body_deadline++;
    if (!c->parent) http_write_refusal(c, c->wsi, WEB_TIMEOUT, 408, NULL);
    conn_kill(c, true);
}

void http_answer_timeout(struct conn *c)
{
    struct exchange *x = c->exchange;
    struct text body;
    static const struct http_header later = {{"retry-after", 11}, {"5", 1}};
    if (!x || x->state != WAITING) {
        conn_kill(c, false);
        return;
    }
    c->web->counters.answer_timeouts++;
    refusal_body(&body, WEB_UNAVAILABLE, 503);
    x->close = true;
    build(x, &(struct http_answer){.status = 503,
                                   .content_type = STR("application/problem+json"),
                                   .headers = &later,
                                   .n_headers = 1,
                                   .body = text_str(&body)});
    text_free(&body);
    send_answer(x);
}

/* --- reading --- */

static int hand_over(struct exchange *x, struct lws *wsi)
{
    struct conn *c = x->conn;
    struct web *w = c->web;
    x->state = WAITING;
    x->ticket = web_new_id(w);
    idmap_put(&w->tickets, x->ticket, x);
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    conn_move(c, x->upload ? PHASE_MAKING : PHASE_ANSWER);
    w->counters.requests++;
    w->counters.uploads += x->upload;
    x->head->in.body = text_str(&x->body);
    x->head->in.at = clock_now();
    x->handing = true;
    c->listener->handlers->request(c->listener->handlers->arg, x->ticket, &x->head->in);
    x->handing = false;
    drop_head(x);
    drop_body(x);
    if (x->state == WAITING && !c->parent) lws_rx_flow_control(wsi, 0);
    return 0;
}

static int read_head(struct conn *c, struct lws *wsi)
{
    if (c->exchange || c->phase == PHASE_LINGER || c->dying) return -1;
    struct head *h = MEM_NEW(struct head);
    enum web_refusal r = head_read(c, wsi, h);
    if (r == WEB_NONE && str_eq(h->in.method, STR("CONNECT"))) {
        head_free(h);
        r = WEB_METHOD;
    }
    if (r != WEB_NONE) {
        free(h);
        return refuse(c, wsi, r);
    }
    struct exchange *x = exchange_new(c, (size_t)h->length);
    x->head = h;
    x->upload = h->upload;
    x->is_head = str_eq(h->in.method, STR("HEAD"));
    x->close = h->close;
    conn_move(c, x->upload ? PHASE_UPLOAD : PHASE_BODY);
    if (h->length && h->expects_100) {
        unsigned char go[LWS_PRE + 32];
        static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
        memcpy(go + LWS_PRE, line, sizeof line - 1);
        if (lws_write(wsi, go + LWS_PRE, sizeof line - 1, LWS_WRITE_HTTP_HEADERS) < 0) return -1;
    }
    /* For a POST the library announces the end even of an empty body; for nothing else. */
    if (h->length == 0 && !str_eq(h->in.method, STR("POST"))) return hand_over(x, wsi);
    return 0;
}

/* No room for another upload: what has come is let go, and the peer is told in the middle of its sending. */
static int refuse_upload(struct conn *c)
{
    struct lws *wsi = c->wsi;
    c->web->counters.uploads_refused++;
    exchange_end(c->exchange);
    if (c->parent || http_write_refusal(c, wsi, WEB_BUSY, 503, "retry-after: 60\r\n") < 0) return -1;
    if (!c->listener->tls && !lws_partial_buffered(wsi)) shutdown(lws_get_socket_fd(wsi), SHUT_WR);
    conn_move(c, PHASE_LINGER);
    return 0;
}

static int read_body(struct conn *c, const char *p, size_t n)
{
    struct exchange *x = c->exchange;
    if (c->phase == PHASE_LINGER) {
        c->lingered += n;
        return c->lingered > WEB_LINGER_BYTES ? -1 : 0;
    }
    if (x && x->state == REFUSING) return 0;
    if (!x || x->state != BODY || x->body.n + n > x->head->length) return -1;
    text_add(&x->body, (struct str){p, n});
    if (!hold_body(x)) return refuse_upload(c);
    return x->body.overflow ? -1 : 0;
}

static int end_body(struct conn *c, struct lws *wsi)
{
    struct exchange *x = c->exchange;
    if (!x || c->phase == PHASE_LINGER) return -1;
    if (x->state == BODY) return x->body.n == x->head->length ? hand_over(x, wsi) : -1;
    if (x->state == REFUSING) return 0;
    /* Bytes behind a whole request: see the top of the file. */
    x->pipelined = true;
    return ++x->repeats > REPEATS_MAX ? -1 : 0;
}

/* A peer that does not speak HTTP, or uses a method that the library does not know: it falls back to raw bytes. */
static int read_raw(struct conn *c, struct lws *wsi, const char *p, size_t n)
{
    struct str line = {p, n}, method, rest;
    bool word = str_cut(line, ' ', &method, &rest) && method.n <= 32;
    for (size_t i = 0; word && i < method.n; i++) {
        char letter = (char)(method.p[i] | 0x20);
        word = (letter >= 'a' && letter <= 'z') || method.p[i] == '-';
    }
    enum web_refusal r = !word                            ? WEB_MALFORMED
                         : str_eq(method, STR("CONNECT")) ? WEB_METHOD
                                                          : WEB_METHOD_UNKNOWN;
    count(c->web, r);
    http_write_refusal(c, wsi, r, web_refusal_facts(r)->status, NULL);
    return -1;
}

int http_event(struct conn *c, struct lws *wsi, enum lws_callback_reasons why, const void *p, size_t n)
{
    switch (why) {
    case LWS_CALLBACK_HTTP:
        return read_head(c, wsi);
    case LWS_CALLBACK_HTTP_BODY:
        return read_body(c, p, n);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return end_body(c, wsi);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        if (!c->exchange || (c->exchange->state != SENDING && c->exchange->state != REFUSING)) return 0;
        return send_on(c->exchange);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        http_detach(c);
        return 0;
    case LWS_CALLBACK_RAW_RX:
        return read_raw(c, wsi, p, n);
    default:
        return 0;
    }
}
