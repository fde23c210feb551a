/* What the files of the hub share: hub_ring.c reads committed events into the ring, hub_scope.c says who hears of one, hub.c sends them to
 * the sockets of dashboards and lets go of those that may not hear any more. */
#pragma once
#include "hub.h"
#include "base/idmap.h"
#include "base/list.h"
#include "core/bucket.h"

/* Who hears of what is no case beside, or instead of, office and unit. */
enum audience { AS_OF_CASES, ADMIN_ALONE, ADMIN_TOO, SECURITY_ALONE, ADMINISTRATORS, EVERYBODY };

struct event {
    u64 seq;
    int unit, hidden;
    int walled; /* the unit at whose plaque a report was written (schema/0019_sealed.sql); 0: none */
    int named; /* whom the allegation in words of two matters names (schema/0047_mixed_training.sql); 0: none */
    bool mixed; /* and they are not parted yet */
    char *too;  /* " u12 s7 ": helping units and people by name (schema/0049_told.sql); NULL: none. Owned */
    bool confidential, left;
    enum audience audience;
    struct web_frame *frame;
};

enum sub_state {
    SUB_CHECKING, /* the session is being looked up */
    SUB_GREETING, /* hello waits for the socket */
    SUB_IDLE,     /* greeted, or told to reload: waits for subscribe */
    SUB_LIVE,     /* gets events after `cursor` */
};
#define SUB_MAGIC 0x5ab0c1f7u
struct sub {
    u32 magic;
    u64 ws;
    struct hub *hub;
    struct list node;
    enum sub_state state;
    u64 cursor;
    struct hub_scope scope;
    u8 session[32];
    struct bucket heard;
    u64 opened_at; /* the last event read when it came */
    bool reload_due, ping_due;
};

struct hub {
    struct gateway *g;
    struct event *ring; /* seq has no gaps, so event seq sits at seq % cap */
    size_t cap;
    u64 rights_at;   /* the last event that changed somebody's rights */
    u64 first, last; /* in the ring; last may be ahead of first - 1 when it is empty */
    bool reading, again, ready;
    struct idmap subs;
    struct list list;
    struct timer beat, retry, ending;
    i64 ending_at; /* monotonic µs: when `ending` fires */
    unsigned beats;
};

/* --- hub_ring.c --- */

void hub_read(struct hub *h); /* what is new in the table; cheap, many are one call */

/* --- hub_scope.c --- */

/* By the beginning of the kind. */
enum audience hub_audience_of(struct str kind);
bool hub_sees(const struct gateway *g, const struct hub_scope *sc, const struct event *e);
struct hub_scope hub_scope_of(const struct actor *who);

/* --- hub.c --- */

/* Rights of a person were changed (event row of the read): their sockets hear nothing more until that is looked up. */
void hub_rights_changed(struct hub *h, const struct db_result *r, int row);
