#include "io/web_private.h"
#include <stdlib.h>
#include <string.h>

/* A WebSocket from its handshake on. Back-pressure: a frame is written only when the library holds nothing
 * back; what it then holds back is at most the rest of that one frame. A peer that owes us taking something for
 * longer than ws_slow_max is in PHASE_BEHIND, where the sweep finds it. */

#define BURST 16 /* frames in one writable callback, as long as the kernel takes them whole */

struct socket {
    u64 id;
    struct text message; /* fragments of the text coming in */
    bool established, want, closing;
    int close_code;
    char why[100];
};

/* --- frames --- */

struct web_frame *web_frame_new(struct str text)
{
    struct web_frame *f = mem_alloc(sizeof *f + LWS_PRE + text.n);
    f->refs = 1;
    f->n = text.n;
    if (text.n) memcpy(f->bytes + LWS_PRE, text.p, text.n);
    return f;
}

struct web_frame *web_frame_ref(struct web_frame *f)
{
    f->refs++;
    return f;
}

void web_frame_unref(struct web_frame *f)
{
    if (f && --f->refs == 0) free(f);
}

struct str web_frame_text(const struct web_frame *f)
{
    return (struct str){(const char *)f->bytes + LWS_PRE, f->n};
}

/* --- life --- */

static const struct web_handlers *handlers_of(const struct conn *c) { return c->listener->handlers; }

void ws_detach(struct conn *c)
{
    struct socket *s = c->socket;
    if (!s) return;
    c->socket = NULL;
    idmap_take(&c->web->sockets, s->id);
    c->web->counters.ws_closed++;
    c->web->counters.ws_now--;
    handlers_of(c)->ws_closed(handlers_of(c)->arg, s->id);
    text_free(&s->message);
    free(s);
}

static void ask_writable(struct conn *c)
{
    if (c->phase == PHASE_WS) conn_move(c, PHASE_BEHIND);
    lws_callback_on_writable(c->wsi);
}

void web_ws_want(struct web *w, u64 ws)
{
    struct conn *c = idmap_get(&w->sockets, ws);
    if (!c || c->socket->want || c->socket->closing) return;
    c->socket->want = true;
    if (c->socket->established) ask_writable(c);
}

static void give_reason(struct conn *c, int code, const char *why)
{
    unsigned char reason[124];
    size_t n = MIN(strlen(why), sizeof reason - 1);
    memcpy(reason, why, n);
    c->socket->closing = true;
    lws_close_reason(c->wsi, (enum lws_close_status)code, reason, n);
}

/* The close frame goes out when the library ends the connection for a reason of its own. Asked to in a callback
 * it would lose the frame (writable) or its place in what the peer still sends (receive). */
static void close_socket(struct conn *c, int code, const char *why)
{
    give_reason(c, code, why);
    conn_kill(c, true);
}

void web_ws_close(struct web *w, u64 ws, int code, const char *why)
{
    struct conn *c = idmap_get(&w->sockets, ws);
    if (!c || c->socket->close_code || c->socket->closing) return;
    c->socket->close_code = code;
    snprintf(c->socket->why, sizeof c->socket->why, "%s", why ? why : "");
    if (c->socket->established) close_socket(c, c->socket->close_code, c->socket->why);
}

/* --- the handshake --- */

/* The first subprotocol of the peer's list that the listener offers. */
static const char *pick_protocol(const struct conn *c, struct str asked)
{
    struct str word;
    for (bool more = true; more;) {
        more = str_cut(asked, ',', &word, &asked);
        word = str_trim(word);
        for (size_t i = 0; c->listener->protocols && c->listener->protocols[i]; i++)
            if (str_eq(word, str_of(c->listener->protocols[i]))) return c->listener->protocols[i];
    }
    return NULL;
}

static bool header_says(struct lws *wsi, enum lws_token_indexes t, const char *want)
{
    char value[32];
    return lws_hdr_copy(wsi, value, sizeof value, t) > 0 && strcasecmp(value, want) == 0;
}

/* Sec-WebSocket-Key is base64 of 16 bytes: 22 letters and "==". */
static bool key_good(struct lws *wsi)
{
    char key[32];
    if (lws_hdr_copy(wsi, key, sizeof key, WSI_TOKEN_KEY) != 24 || key[22] != '=' || key[23] != '=')
        return false;
    return strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == 22;
}

/* 0, or the status to refuse with; the reason in *why. */
static int open_socket(struct conn *c, struct lws *wsi, enum web_refusal *why)
{
    struct head *h = MEM_NEW(struct head);
    int status = 0;
    const char *protocol = NULL;
    *why = head_read(c, wsi, h);
    if (*why != WEB_NONE) {
        free(h);
        return web_refusal_facts(*why)->status;
    }
    bool method_good = str_eq(h->in.method, c->parent ? STR("CONNECT") : STR("GET"));
    if (!c->parent) {
        /* The library keeps 128 bytes for each of these two lists. */
        bool lists_good = lws_hdr_total_length(wsi, WSI_TOKEN_CONNECTION) < 120;
        if (!method_good || h->http_1_0 || h->length || !lists_good || !key_good(wsi))
            *why = WEB_WS_BAD;
        else if (!header_says(wsi, WSI_TOKEN_VERSION, "13"))
            *why = WEB_WS_VERSION;
    } else if (!method_good) {
        *why = WEB_WS_BAD;
    }
    if (*why == WEB_NONE) {
        protocol = pick_protocol(c, http_header_get(&h->in, STR("sec-websocket-protocol")));
        if (!protocol || lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) >= 120) *why = WEB_WS_PROTOCOL;
    }
    if (*why == WEB_NONE && c->web->draining) *why = WEB_UNAVAILABLE;
    if (*why != WEB_NONE) {
        status = web_refusal_facts(*why)->status;
    } else {
        struct socket *s = MEM_NEW(struct socket);
        s->id = web_new_id(c->web);
        text_init(&s->message, c->web->cfg.ws_message_max);
        h->in.at = clock_now();
        c->socket = s; /* known already, so that the caller may ask to write from within ws_open */
        idmap_put(&c->web->sockets, s->id, c);
        status = handlers_of(c)->ws_open(handlers_of(c)->arg, s->id, protocol, &h->in);
        if (status == 0) {
            c->web->counters.ws_opened++;
            c->web->counters.ws_now++;
        } else {
            *why = WEB_WS_REFUSED;
            idmap_take(&c->web->sockets, s->id);
            c->socket = NULL;
            free(s);
        }
    }
    if (status) c->web->counters.ws_refused++;
    head_free(h);
    free(h);
    return status;
}

/* An HTTP/1 request with an Upgrade header. 0: goes on, >0: answered, <0: close. */
static int confirm_upgrade(struct conn *c, struct lws *wsi, char *upgrade)
{
    enum web_refusal why;
    /* After an upgrade it does not know the library has answered, let the headers go and calls all the same. */
    if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) == 0) return -1;
    if (strcasecmp(upgrade, "websocket") != 0) {
        upgrade[0] = '-'; /* h2c in the clear is not offered: the request goes on as what it is, HTTP/1.1 */
        return 0;
    }
    if (c->exchange || c->socket || c->dying) return -1;
    int status = open_socket(c, wsi, &why);
    if (status == 0) return 0;
    http_write_refusal(c, wsi, why, status, why == WEB_WS_VERSION ? "sec-websocket-version: 13\r\n" : NULL);
    return -1;
}

/* --- traffic --- */

static int receive(struct conn *c, struct lws *wsi, const char *p, size_t n)
{
    struct socket *s = c->socket;
    if (s->closing) return 0;
    if (lws_frame_is_binary(wsi)) {
        c->web->counters.ws_bad_text++;
        close_socket(c, 1003, "text only");
        return 0;
    }
    if (lws_is_first_fragment(wsi)) text_clear(&s->message);
    text_add(&s->message, (struct str){p, n});
    if (s->message.overflow) {
        c->web->counters.ws_too_large++;
        close_socket(c, 1009, "message too big");
        return 0;
    }
    if (!lws_is_final_fragment(wsi)) return 0;
    u64 id = s->id;
    handlers_of(c)->ws_text(handlers_of(c)->arg, id, text_str(&s->message));
    if (c->socket && c->socket->message.cap > 1024) text_free(&c->socket->message); /* idle ones stay small */
    return 0;
}

static int writable(struct conn *c, struct lws *wsi)
{
    struct socket *s = c->socket;
    if (s->closing) return 0;
    s->want = false;
    for (int i = 0; i < BURST; i++) {
        c->web->counters.ws_asked++;
        struct web_frame *f = handlers_of(c)->ws_writable(handlers_of(c)->arg, s->id);
        if (!f) {
            if (!s->want && !s->closing) conn_move(c, PHASE_WS);
            if (s->want) lws_callback_on_writable(wsi);
            return 0;
        }
        size_t n = f->n;
        int rc = lws_write(wsi, f->bytes + LWS_PRE, n, LWS_WRITE_TEXT);
        web_frame_unref(f);
        if (rc < 0) return -1;
        conn_move(c, PHASE_BEHIND); /* it took something: the time counts from here */
        if (!lws_partial_buffered(wsi)) continue;
        if (n > c->web->cfg.ws_buffered_max) {
            c->web->counters.ws_slow_closed++;
            return -1;
        }
        break;
    }
    s->want = true;
    lws_callback_on_writable(wsi);
    return 0;
}

int ws_event(struct conn *c, struct lws *wsi, enum lws_callback_reasons why, void *in, size_t n)
{
    enum web_refusal refusal;
    switch (why) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm_upgrade(c, wsi, in);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        /* HTTP/1 came through confirm_upgrade; over HTTP/2 this is the first that we hear of it. */
        if (c->socket) return 0;
        return c->parent && open_socket(c, wsi, &refusal) == 0 ? 0 : -1;
    case LWS_CALLBACK_ESTABLISHED:
        if (!c->socket) return -1;
        c->socket->established = true;
        conn_move(c, PHASE_WS);
        if (c->socket->close_code)
            close_socket(c, c->socket->close_code, c->socket->why);
        else if (c->socket->want)
            ask_writable(c);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return c->socket ? receive(c, wsi, in, n) : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return c->socket ? writable(c, wsi) : -1;
    case LWS_CALLBACK_CLOSED:
        ws_detach(c);
        return 0;
    default:
        return 0;
    }
}
