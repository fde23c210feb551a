/* The whole running gateway: one of it, seen only by the files of gateway/. Each part below has its own file and
 * owns what it points to. Everything runs on the loop thread. */
#pragma once
#include "config.h"
#include "base/http.h"
#include "core/bucket.h"
#include "io/crypto.h"
#include "io/db.h"
#include "io/httpc.h"
#include "io/loop.h"
#include "io/simplify.h"
#include "io/web.h"

struct register_book; /* units, plaques, categories, routing snapshot, calendar, channels */
struct intake;        /* submissions on their way into the database */
struct hub;           /* committed events on their way to dashboards */
struct presence;      /* who has which case open */
struct outbox;        /* messages owed to the outside */
struct notices;       /* committed events on their way to groups, mailboxes and subscribers */
struct conversation;  /* messages of citizens on their way from the state of their senders to a move */
struct parts;         /* pieces of long messages that wait for the others */
struct sealed;        /* keys that reports are sealed to */
struct reforms;       /* units that are renamed, merged and split on their day */
struct joins;         /* people who met the same matter, on their way to its open case */
struct clock;         /* what falls due by itself */
struct ledger;        /* committed acts on their way into the public log */
struct wordindex;     /* what citizens said, by pairs of characters */
struct twinfinder;    /* the same matter told twice; bursts and causes */
struct channel_log;   /* what passed between us and the providers */
struct plaques;       /* what is counted of scans, until it is written */
struct guard;         /* how much may come from where */
struct models;        /* how often people correct the router */
struct trainings;     /* the worker of one that was asked for at the desk */
struct live;          /* citizens' web sockets */
struct ratings;       /* reasons of low ratings in force */
struct store;         /* bytes of files, by their hash */
struct media;         /* files of citizens and staff on their way through the worker */
struct oidc;          /* the identity provider: what it publishes, its keys */
struct files;         /* the built staff application, in memory */

struct gateway {
    struct config cfg;
    struct loop *loop;
    struct web *web;
    struct db *db;
    struct db_lane *lane_intake, *lane_staff, *lane_public, *lane_clock, *lane_ledger, *lane_outbox;
    struct httpc *httpc;
    struct keys *keys;
    struct simplify *simplify;
    struct register_book *book;
    struct intake *intake;
    struct hub *hub;
    struct presence *presence;
    struct outbox *outbox;
    struct notices *notices;
    struct conversation *conversation;
    struct parts *parts;
    struct sealed *sealed;
    struct joins *joins;
    struct reforms *reforms;
    struct clock *clock;
    struct ledger *ledger;
    struct wordindex *wordindex;
    struct twinfinder *twinfinder;
    struct channel_log *channel_log;
    struct guard *guard;
    struct models *models;
    struct trainings *trainings;
    struct plaques *plaques;
    struct live *live;
    struct ratings *ratings;
    struct store *store;
    struct media *media;
    struct files *files;
    struct oidc *oidc;                                                   /* NULL: none is configured */
    struct bucket_table submit_rate, status_rate, login_rate, open_rate; /* by address */
    const char *page_policy; /* content policy of the citizens' pages; NULL: before citizen_start */
    u64 address_key;         /* random per process, so that no address is kept as such */
    bool draining;
    bool key_asked, key_right; /* keymark: the database belongs to this key; nothing is taken in before */
    bool failed;               /* the process ends with a failure */
};

/* Asks the bucket of this peer's household (core/address.h); false = REFUSE_TOO_MANY, *wait_r says for how long. `tokens` are taken
 * at once. */
bool gateway_rate(struct gateway *g, struct bucket_table *t, struct str peer, int per_minute, int tokens,
                  span *wait_r) MUST_CHECK;
/* All statements of the program, prepared on every lane. */
const struct db_stmt *const *gateway_statements(size_t *n_r);
/* `mashangdu serve`: runs until a signal asks it to end. Exit code. */
int gateway_serve(struct config *cfg);
