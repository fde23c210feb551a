/* Inside of /ws/intake: one socket and its frames, shared by live.c (submit, follow) and kiosk.c (tablets at windows). Nobody else
 * includes this. */
#pragma once
#include "live.h"
#include "reply.h"
#include "base/idmap.h"
#include "base/json.h"
#include "base/list.h"
#include "core/rating.h"

#define FOLLOWS_MAX 4
struct follow {
    u64 case_id;
    char receipt[17];
    bool looking, again;
};
/* What a socket is once its tablet has shown its secret. */
struct kiosk_peer {
    int id;          /* 0: no tablet */
    char plaque[16]; /* of its window */
    bool asking, again;
    u64 shown; /* service that it was told to show; 0: at rest */
};
struct peer {
    u64 ws;
    struct live *live;
    enum lang lang;
    char address[64], agent[128]; /* the agent cut short: it only tells devices behind one address apart */
    struct list node, out;
    size_t n_out;
    struct follow follows[FOLLOWS_MAX];
    size_t n_follows;
    struct kiosk_peer kiosk;
};
struct live {
    struct gateway *g;
    struct idmap peers;
    struct list list;
};

/* NULL when the socket has gone. */
struct peer *live_peer(struct gateway *g, u64 ws);
void live_push(struct peer *p, struct str text);
void live_refuse(struct peer *p, struct str id, enum refusal r, span retry);

/* Frames of a tablet; see live.h. */
void kiosk_pair(struct peer *p, const struct json *doc);
void kiosk_enter(struct peer *p, const struct json *doc);
