#include "io/web_exchange.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

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

void answer_build(struct exchange *x, const struct http_answer *a)
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

int answer_go_on(struct exchange *x)
{
    struct conn *c = x->conn;
    int done = c->parent ? step_h2(x) : step_h1(x);
    if (done < 0) return -1;
    if (done) return finish(x) ? -1 : 0;
    conn_move(c, PHASE_SEND);
    lws_callback_on_writable(c->wsi);
    return 0;
}

void answer_send(struct exchange *x)
{
    struct conn *c = x->conn;
    idmap_take(&c->web->tickets, x->ticket);
    x->ticket = 0;
    x->state = EXCHANGE_SENDING;
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
    if (answer_go_on(x) < 0) conn_kill(c, true);
}

void http_flush_ready(struct web *w)
{
    for (struct list *it = list_pop(&w->ready); it; it = list_pop(&w->ready))
        answer_send(LIST_OF(it, struct exchange, node));
}

void web_answer(struct web *w, u64 ticket, const struct http_answer *a)
{
    struct exchange *x = idmap_get(&w->tickets, ticket);
    if (!x || x->state != EXCHANGE_WAITING) {
        w->counters.late_answers++;
        return;
    }
    w->counters.answers++;
    answer_build(x, a);
    if (x->handing) {
        x->state = EXCHANGE_READY;
        list_push(&w->ready, &x->node);
    } else {
        answer_send(x);
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

void answer_refusal(struct text *t, enum web_refusal r, int status)
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
    answer_refusal(&body, r, status);
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
