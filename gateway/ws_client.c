#include "ws_client.h"
#include "base/code.h"
#include "base/utf8.h"
#include "io/crypto.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX    8192 /* of the server's answer to the handshake */
#define RECEIVE_MAX (WS_CLIENT_MESSAGE_MAX + HEAD_MAX)

/* --- frames --- */

enum ws_parse ws_frame_parse(struct str in, struct ws_frame *frame_r)
{
    const u8 *b = (const u8 *)in.p;
    size_t head = 2;
    u64 n;
    if (in.n < 2) return WS_PARSE_MORE;
    unsigned opcode = b[0] & 15u;
    bool final = (b[0] & 0x80) != 0, control = opcode >= 8;
    if ((b[0] & 0x70) || (b[1] & 0x80) || opcode > 10 || (opcode > 2 && opcode < 8)) return WS_PARSE_BAD;
    n = b[1] & 0x7fu;
    if (control && (!final || n > 125)) return WS_PARSE_BAD;
    if (n >= 126) {
        size_t more = n == 126 ? 2 : 8;
        if (in.n < 2 + more) return WS_PARSE_MORE;
        n = 0;
        for (size_t i = 0; i < more; i++) n = n << 8 | b[2 + i];
        if (n < (more == 2 ? 126u : 65536u) || n > WS_CLIENT_MESSAGE_MAX) return WS_PARSE_BAD;
        head += more;
    }
    if (in.n - head < n) return WS_PARSE_MORE;
    *frame_r = (struct ws_frame){final, (enum ws_opcode)opcode, {in.p + head, (size_t)n}, head + (size_t)n};
    return WS_PARSE_OK;
}

void ws_frame_put(enum ws_opcode opcode, const u8 mask[4], struct str payload, struct text *out)
{
    text_addc(out, (char)(0x80 | (int)opcode));
    if (payload.n < 126) {
        text_addc(out, (char)(0x80 | (int)payload.n));
    } else {
        int bytes = payload.n < 65536 ? 2 : 8;
        text_addc(out, (char)(bytes == 2 ? 0xfe : 0xff));
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            text_addc(out, (char)((u64)payload.n >> shift & 0xff));
    }
    text_add(out, (struct str){(const char *)mask, 4});
    for (size_t i = 0; i < payload.n; i++) text_addc(out, (char)((u8)payload.p[i] ^ mask[i & 3]));
}

/* SHA-1 (FIPS 180-4) of at most 119 bytes: the handshake asks for it as a mark of understanding, not as a secret. */
static void sha1_short(const u8 *bytes, size_t n, u8 out[20])
{
    u8 block[128] = {0};
    u32 h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    ASSERT(n <= sizeof block - 9);
    memcpy(block, bytes, n);
    block[n] = 0x80;
    size_t total = n + 9 <= 64 ? 64 : 128;
    for (size_t i = 0; i < 8; i++) block[total - 1 - i] = (u8)((u64)n * 8 >> 8 * i);
    for (size_t at = 0; at < total; at += 64) {
        u32 w[80], v[5];
        for (size_t i = 0; i < 16; i++) {
            const u8 *p = block + at + 4 * i;
            w[i] = (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
        }
        for (size_t i = 16; i < 80; i++) {
            u32 x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
            w[i] = x << 1 | x >> 31;
        }
        memcpy(v, h, sizeof v);
        for (size_t i = 0; i < 80; i++) {
            u32 f = i < 20              ? (v[1] & v[2]) | (~v[1] & v[3])
                    : i < 40 || i >= 60 ? v[1] ^ v[2] ^ v[3]
                                        : (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]);
            u32 k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
            u32 next = (v[0] << 5 | v[0] >> 27) + f + v[4] + k + w[i];
            v[4] = v[3], v[3] = v[2], v[2] = v[1] << 30 | v[1] >> 2, v[1] = v[0], v[0] = next;
        }
        for (size_t i = 0; i < 5; i++) h[i] += v[i];
    }
    for (size_t i = 0; i < 20; i++) out[i] = (u8)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* Base 64 with '+', '/' and padding, as headers have it. */
static void base64(const u8 *bytes, size_t n, char *out, size_t size)
{
    struct text t;
    text_init(&t, 64);
    b64url_put(&t, bytes, n);
    while (t.n % 4) text_addc(&t, '=');
    for (size_t i = 0; i < t.n; i++) t.p[i] = t.p[i] == '-' ? '+' : t.p[i] == '_' ? '/' : t.p[i];
    snprintf(out, size, "%s", text_z(&t));
    text_free(&t);
}

void ws_accept_of(struct str key, char out[29])
{
    char joined[120];
    u8 digest[20];
    int n = snprintf(joined, sizeof joined, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", STR_ARG(key));
    ASSERT(n > 0 && n < (int)sizeof joined);
    sha1_short((const u8 *)joined, (size_t)n, digest);
    base64(digest, sizeof digest, out, 29);
}

/* --- the connection --- */

struct ws_client {
    struct loop *loop;
    struct watch watch;
    int fd;
    bool connected, open, ended, busy, closed, in_parts;
    char key[25], subprotocol[80];
    struct text in, out, message; /* message: the parts of one that comes in fragments */
    size_t out_at;
    ws_client_event *event;
    void *arg;
    struct timer fail; /* a failure within ws_client_open is told at the next turn */
    const char *why;
};

static void ready(struct watch *w, unsigned got);

static void want(struct ws_client *c)
{
    if (c->fd >= 0)
        watch_set(c->loop, &c->watch, c->fd,
                  WATCH_READ | (!c->connected || c->out_at < c->out.n ? WATCH_WRITE : 0u));
}

static void shut(struct ws_client *c)
{
    if (c->fd < 0) return;
    watch_set(c->loop, &c->watch, c->fd, 0);
    close(c->fd);
    c->fd = -1;
}

static void end(struct ws_client *c, const char *why)
{
    if (c->ended || c->closed) return;
    c->ended = true;
    shut(c);
    c->event(c->arg, WS_ENDED, str_of(why));
}

static void release(struct ws_client *c)
{
    shut(c);
    timer_stop(&c->fail);
    text_free(&c->in);
    text_free(&c->out);
    text_free(&c->message);
    free(c);
}

static void fail_fires(struct timer *t)
{
    struct ws_client *c = t->arg;
    c->busy = true;
    end(c, c->why);
    c->busy = false;
    if (c->closed) release(c);
}

static void put_frame(struct ws_client *c, enum ws_opcode opcode, struct str payload)
{
    u8 mask[4];
    crypto_random(mask, sizeof mask);
    ws_frame_put(opcode, mask, payload, &c->out);
    want(c);
}

/* A header's value in the answer to the handshake; names compare without case. */
static struct str head_value(struct str head, struct str name)
{
    struct str line, key, value;
    while (head.n) {
        (void)str_cut(head, '\n', &line, &head);
        if (str_cut(line, ':', &key, &value) && str_eq_case(str_trim(key), name)) return str_trim(value);
    }
    return STR_NONE;
}

/* True when the head has come and is right. */
static bool shake(struct ws_client *c)
{
    char accept[29];
    size_t at = str_find(text_str(&c->in), STR("\r\n\r\n"));
    if (at == SIZE_MAX) {
        if (c->in.n > HEAD_MAX) end(c, "the answer to the handshake is too long");
        return false;
    }
    struct str head = {c->in.p, at};
    ws_accept_of(str_of(c->key), accept);
    if (!str_starts(head, STR("HTTP/1.1 101")))
        end(c, "the gateway does not open the web socket");
    else if (!str_eq(head_value(head, STR("sec-websocket-accept")), str_of(accept)) ||
             !str_eq(head_value(head, STR("sec-websocket-protocol")), str_of(c->subprotocol)))
        end(c, "the gateway does not speak this protocol");
    if (c->ended) return false;
    c->in.n -= at + 4;
    memmove(c->in.p, c->in.p + at + 4, c->in.n);
    c->open = true;
    c->event(c->arg, WS_OPENED, STR_NONE);
    return !c->closed;
}

static void take_frame(struct ws_client *c, const struct ws_frame *f)
{
    if (f->opcode == WS_PING) {
        put_frame(c, WS_PONG, f->payload);
    } else if (f->opcode == WS_CLOSE) {
        end(c, "the gateway closed the web socket");
    } else if (f->opcode == WS_TEXT || f->opcode == WS_CONTINUE) {
        if ((f->opcode == WS_CONTINUE) != c->in_parts) {
            end(c, "the fragments of a message do not fit");
            return;
        }
        text_add(&c->message, f->payload);
        c->in_parts = !f->final;
        if (c->in_parts) return;
        if (c->message.overflow || !utf8_valid(text_str(&c->message)))
            end(c, "a message is too long or not UTF-8");
        else
            c->event(c->arg, WS_MESSAGE, text_str(&c->message));
        text_clear(&c->message);
    } else if (f->opcode == WS_BINARY) {
        end(c, "a binary message came");
    }
}

static void take_bytes(struct ws_client *c)
{
    size_t at = 0;
    while (!c->ended && !c->closed) {
        struct ws_frame f;
        enum ws_parse got = ws_frame_parse((struct str){c->in.p + at, c->in.n - at}, &f);
        if (got == WS_PARSE_MORE) break;
        if (got == WS_PARSE_BAD) {
            end(c, "the gateway sent a broken frame");
            return;
        }
        at += f.used;
        take_frame(c, &f);
    }
    if (at) memmove(c->in.p, c->in.p + at, c->in.n - at);
    c->in.n -= at;
}

static void receive(struct ws_client *c)
{
    char part[16384];
    ssize_t n = recv(c->fd, part, sizeof part, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        end(c, n == 0 ? "the connection was closed" : "the connection broke");
        return;
    }
    text_add(&c->in, (struct str){part, (size_t)n});
    if (c->in.overflow)
        end(c, "the gateway sends too much at once");
    else if (c->open || shake(c))
        take_bytes(c);
}

static void transmit(struct ws_client *c)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (!c->connected) {
        if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
            end(c, "the gateway cannot be reached");
            return;
        }
        c->connected = true;
    }
    while (c->out_at < c->out.n) {
        ssize_t n = send(c->fd, c->out.p + c->out_at, c->out.n - c->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) {
            end(c, "the connection broke");
            return;
        }
        c->out_at += (size_t)n;
    }
    text_clear(&c->out);
    c->out_at = 0;
}

static void ready(struct watch *w, unsigned got)
{
    struct ws_client *c = w->arg;
    c->busy = true; /* an event may close us: memory goes at the end */
    if ((got & WATCH_WRITE) && !c->ended) transmit(c);
    if ((got & WATCH_READ) && c->connected && !c->ended && !c->closed) receive(c);
    c->busy = false;
    if (c->closed)
        release(c);
    else
        want(c);
}

struct ws_client *ws_client_open(struct loop *l, const struct ws_client_target *t, ws_client_event *event,
                                 void *arg)
{
    struct ws_client *c = MEM_NEW(struct ws_client);
    u8 random[16];
    c->loop = l;
    c->event = event;
    c->arg = arg;
    c->watch = (struct watch){.fd = -1, .ready = ready, .arg = c};
    c->fail = (struct timer){.fire = fail_fires, .arg = c};
    text_init(&c->in, RECEIVE_MAX);
    text_init(&c->out, 4 * WS_CLIENT_MESSAGE_MAX);
    text_init(&c->message, WS_CLIENT_MESSAGE_MAX);
    crypto_random(random, sizeof random);
    base64(random, sizeof random, c->key, sizeof c->key);
    snprintf(c->subprotocol, sizeof c->subprotocol, "%.*s", STR_ARG(t->subprotocol));
    text_addf(
        &c->out,
        "GET %.*s HTTP/1.1\r\nHost: %.*s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: %s\r\n",
        STR_ARG(t->path), STR_ARG(t->host), c->key, c->subprotocol);
    if (t->forwarded_for.n) text_addf(&c->out, "X-Forwarded-For: %.*s\r\n", STR_ARG(t->forwarded_for));
    text_addz(&c->out, "\r\n");
    c->fd = socket(t->address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd >= 0 && connect(c->fd, t->address->ai_addr, t->address->ai_addrlen) != 0 &&
        errno != EINPROGRESS)
        shut(c);
    if (c->fd >= 0) {
        want(c);
    } else {
        c->why = "the gateway cannot be reached";
        timer_set(l, &c->fail, SPAN_US(0));
    }
    return c;
}

void ws_client_send(struct ws_client *c, struct str text)
{
    ASSERT(c->open);
    if (!c->ended) put_frame(c, WS_TEXT, text);
}

void ws_client_close(struct ws_client **client)
{
    struct ws_client *c = *client;
    *client = NULL;
    if (!c || c->closed) return;
    c->closed = true;
    if (!c->busy) release(c);
}
