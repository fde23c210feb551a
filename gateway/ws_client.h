/* A small web socket client (RFC 6455) over plain TCP on the loop: text messages only, no extensions, no TLS. For
 * `mashangdu replay`, which speaks through the door of the hall tablets; the gateway itself never calls out by it. */
#pragma once
#include "io/loop.h"
#include "base/str.h"
#include <netdb.h>

#define WS_CLIENT_MESSAGE_MAX ((size_t)1 << 20)

/* --- frames, pure --- */

enum ws_opcode { WS_CONTINUE = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };
struct ws_frame {
    bool final;
    enum ws_opcode opcode;
    struct str payload;
    size_t used;
};
enum ws_parse { WS_PARSE_OK, WS_PARSE_MORE, WS_PARSE_BAD };
/* The first frame that a server sent; payload is a view, used is its whole length. BAD: masked, reserved bits or
 * opcodes, a length not in its shortest form, over the maximum, or a control frame in parts. */
enum ws_parse ws_frame_parse(struct str in, struct ws_frame *frame_r) MUST_CHECK;
/* Appends a whole frame as a client writes it, masked with `mask`. */
void ws_frame_put(enum ws_opcode opcode, const u8 mask[4], struct str payload, struct text *out);
/* Sec-WebSocket-Accept that belongs to a Sec-WebSocket-Key. */
void ws_accept_of(struct str key, char out[29]);

/* --- the connection --- */

enum ws_event {
    WS_OPENED,  /* handshake done; send now */
    WS_MESSAGE, /* a whole text message */
    WS_ENDED,   /* closed or failed, text says why; the last event, close the client now or later */
};
typedef void ws_client_event(void *arg, enum ws_event event, struct str text);

struct ws_client;
struct ws_client_target {
    const struct addrinfo *address; /* the first is tried; needed during the call only */
    struct str host;                /* Host header */
    struct str path;                /* with query */
    struct str subprotocol;         /* must be granted */
    struct str forwarded_for;       /* X-Forwarded-For; empty: none */
};
/* Events never come before this returns. Nothing is freed before ws_client_close. */
struct ws_client *ws_client_open(struct loop *l, const struct ws_client_target *target,
                                 ws_client_event *event, void *arg);
void ws_client_send(struct ws_client *c, struct str text); /* after WS_OPENED */
/* No event comes after this, which may be called from within one. */
void ws_client_close(struct ws_client **c);
