/* Who has which case open, and who is writing (M46: two people must not answer the same citizen without knowing of each
 * other). Called by the hub for the sockets of dashboards. Nothing of it is kept: a row per socket in an unlogged table, so
 * that all gateways on one database tell the same; NOTIFY msd_presence carries numbers alone.
 *
 * It never decides who may see a case. What a page says is taken, and who is there is told, in a transaction made for that
 * very person (schema/0034_live.sql, presence_take): the database confirms each time that the case may be seen. */
#pragma once
#include "gateway.h"
#include "core/deskframe.h"

struct presence *presence_new(struct gateway *g);
void presence_free(struct presence **p);

/* A PRESENCE or LEAVE frame of this socket. More than one a second is put off: the last word counts. */
void presence_said(struct gateway *g, u64 ws, const u8 session[32], const struct deskframe *f);
void presence_closed(struct gateway *g, u64 ws); /* the socket is gone, or its session is over */
/* The frame that is due to this socket, its reference given away; NULL for none. */
struct web_frame *presence_frame(struct gateway *g, u64 ws);

/* NOTIFY msd_presence: "case gateway socket" of what changed; STR_NONE: the line was down, anything may have. */
void presence_wake(struct gateway *g, struct str payload);
void presence_case_changed(struct gateway *g,
                           u64 case_id); /* the hub read an event of it: who may see it may differ */
void presence_beat(
    struct gateway *g); /* every 20 s: rows of living sockets are renewed, those of dead gateways go */
extern const struct db_stmt stmt_presence_take, stmt_presence_leave, stmt_presence_keep;
