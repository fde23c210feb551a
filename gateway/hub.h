/* Committed events on their way to dashboards. Events are read from the table in commit order after a NOTIFY, put
 * once into one ring as JSON, and sent by reference to every subscriber that may see them; each has a cursor. One that
 * falls behind the ring is told to reload (promise P9). Changes made by this very process come by the same road,
 * so two gateways on one database show the same stream. */
#pragma once
#include "gateway.h"
#include "core/caseflow.h"

/* What a subscriber may see; filled from the session. */
struct hub_scope {
    int staff_id, post_id, unit_id;
    /* Whole units from which reports about them are kept: of all posts, and home; ends at a 0. */
    int ties[1 + ACTOR_OTHERS_MAX];
    bool all;          /* everything that is not confidential */
    bool confidential; /* 追责问责组 */
    bool parts;        /* words of two matters before they are parted */
    bool unit;         /* what is assigned to unit_id */
    bool admin;        /* events about the running of the system, and only these (hub_scope.c, audiences) */
    bool security;     /* events about people and their rights, and only these */
    bool auditor;      /* beside the other two administrators, that an account waits for them or was given */
};

struct hub *hub_new(struct gateway *g);
void hub_free(struct hub **h);
void hub_wake(struct gateway *g); /* NOTIFY came, or the LISTEN connection is up again */
void hub_session_over(struct gateway *g,
                      const u8 session[32]); /* signed out: its sockets are closed with 4401 */
/* Sessions were ended, here or elsewhere: which of those with open sockets still live? Theirs are closed with 4401 else. */
void hub_sessions_check(struct gateway *g);
/* The session acts in another post now: its sockets are closed with 4402, the pages load their world anew. */
void hub_post_changed(struct gateway *g, const u8 session[32]);
u64 hub_seq(const struct hub *h); /* last event read */
bool hub_ready(const struct hub *h);

/* Handlers of /ws/dashboard, called by the listener. token: the session cookie's bytes. */
int hub_ws_open(struct gateway *g, u64 ws, const struct http_in *in);
void hub_ws_text(struct gateway *g, u64 ws, struct str text);
struct web_frame *hub_ws_writable(struct gateway *g, u64 ws);
void hub_ws_closed(struct gateway *g, u64 ws);
bool hub_ws_known(const struct hub *h, u64 ws);
size_t hub_subscribers(const struct hub *h);
extern const struct db_stmt stmt_hub_read, stmt_hub_tail, stmt_hub_sessions;
