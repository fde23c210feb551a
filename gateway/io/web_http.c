#include "io/web_exchange.h"
#include <stdlib.h>
#include <string.h>

#define REPEATS_MAX 20000

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

void exchange_end(struct exchange *x)
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

/* --- refusals --- */

static void count(struct web *w, enum web_refusal r)
{
    if (r == WEB_TOO_BIG)
        w->counters.too_large++;
    else if (r == WEB_HOST)
        w->counters.bad_host++;
    else
        w->counters.bad_framing++;
}

/* A socket closed over unread bytes is reset, and the peer may lose the reason: what it still sends is read for a while. */
static void linger(struct conn *c)
{
    if (!c->listener->tls && !lws_partial_buffered(c->wsi)) shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
    conn_move(c, PHASE_LINGER);
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
        answer_refusal(&body, r, status);
        answer_build(x, &(struct http_answer){.status = status,
                                              .content_type = STR("application/problem+json"),
                                              .body = text_str(&body)});
        text_free(&body);
        x->state = EXCHANGE_REFUSING;
        x->lingers = body_comes;
        conn_move(c, PHASE_SEND);
        lws_callback_on_writable(wsi);
        return 0;
    }
    if (http_write_refusal(c, wsi, r, status, NULL) < 0) return -1;
    if (!body_comes) return -1;
    linger(c);
    return 0;
}

bool http_pipelined(const struct conn *c) { return c->exchange && c->exchange->pipelined; }

void http_body_timeout(struct conn *c)
{
    c->web->counters.body_deadline++;
    if (c->parent || http_write_refusal(c, c->wsi, WEB_TIMEOUT, 408, NULL) < 0) {
        conn_kill(c, true);
        return;
    }
    http_detach(c);
    linger(c);
}

void http_answer_timeout(struct conn *c)
{
    struct exchange *x = c->exchange;
    struct text body;
    static const struct http_header later = {{"retry-after", 11}, {"5", 1}};
    if (!x || x->state != EXCHANGE_WAITING) {
        conn_kill(c, false);
        return;
    }
    c->web->counters.answer_timeouts++;
    answer_refusal(&body, WEB_UNAVAILABLE, 503);
    x->close = true;
    answer_build(x, &(struct http_answer){.status = 503,
                                          .content_type = STR("application/problem+json"),
                                          .headers = &later,
                                          .n_headers = 1,
                                          .body = text_str(&body)});
    text_free(&body);
    answer_send(x);
}

/* --- reading --- */

static int hand_over(struct exchange *x, struct lws *wsi)
{
    struct conn *c = x->conn;
    struct web *w = c->web;
    x->state = EXCHANGE_WAITING;
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
    if (x->state == EXCHANGE_WAITING && !c->parent) lws_rx_flow_control(wsi, 0);
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
    linger(c);
    return 0;
}

static int read_body(struct conn *c, const char *p, size_t n)
{
    struct exchange *x = c->exchange;
    if (c->phase == PHASE_LINGER) {
        c->lingered += n;
        return c->lingered > WEB_LINGER_BYTES ? -1 : 0;
    }
    if (x && x->state == EXCHANGE_REFUSING) return 0;
    if (!x || x->state != EXCHANGE_BODY || x->body.n + n > x->head->length) return -1;
    text_add(&x->body, (struct str){p, n});
    if (!hold_body(x)) return refuse_upload(c);
    return x->body.overflow ? -1 : 0;
}

static int end_body(struct conn *c, struct lws *wsi)
{
    struct exchange *x = c->exchange;
    if (!x || c->phase == PHASE_LINGER) return -1;
    if (x->state == EXCHANGE_BODY) return x->body.n == x->head->length ? hand_over(x, wsi) : -1;
    if (x->state == EXCHANGE_REFUSING) return 0;
    /* Bytes behind a whole request: see web_exchange.h. */
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
        if (!c->exchange ||
            (c->exchange->state != EXCHANGE_SENDING && c->exchange->state != EXCHANGE_REFUSING))
            return 0;
        return answer_go_on(c->exchange);
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
