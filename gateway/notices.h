/* Committed events on their way to groups, mailboxes and subscribers: one outbox row for each channel that wants the event, exactly
 * once with any number of gateways and after any stop, and again when a replay is asked for. The outbox sends; what may be told
 * at all is decided in schema/0017_notices.sql, what it is called and said in core/notice.
 *
 * A run is one channel's way through the events: the going one of every channel, and replays. It is claimed, read, and moved in the
 * transaction that owes the messages; the key "event:<seq>:<kind>:<channel>" (a replay's with ":r<run>") keeps a row from being
 * made twice even where a claim expired too early. */
#pragma once
#include "gateway.h"
#include "adapters/adapter.h"
#include "core/notice.h"

struct notices *notices_new(struct gateway *g);
void notices_free(struct notices **n);
void notices_wake(struct gateway *g); /* an event was committed, or a channel changed */

/* Asks for a replay to a subscriber inside the transaction of an administrator (after casework_enter): from and to are numbers of
 * events, or 0; from_at and to_at instants, or us 0. One row: run, first and last event. Ends in DB_FAILED with sqlstate MSD80 no such
 * channel or switched off, MSD81 one is still running, MSD82 nothing happened in that range, MSD70 not an administrator. Whether the channel
 * is a subscriber's is for the caller to ask (notices_replayable): nobody tells a group everything again. */
void notices_add_replay(struct db_call *c, struct str channel, i64 from, i64 to, instant from_at,
                        instant to_at);
bool notices_replayable(const struct adapter *a);
extern const struct db_stmt stmt_notices_claim, stmt_notices_step, stmt_notices_replay;

/* --- notices_event.c: one event as a message --- */
struct notice_event {
    u64 seq, run; /* run: of a replay; 0: it goes on */
    instant at;
    int unit_id;
    struct str kind, data, serial, letter;
    int letter_rung;
    bool tellable;
};
struct channel_row;
/* Owes the event to this channel as often as it wants to hear of it; counts to *n_r. False when it could not be written (nothing
 * of the call may be sent then). */
bool notices_event_owe(struct gateway *g, struct db_call *c, const struct channel_row *ch,
                       const struct notice_event *e, int *n_r) MUST_CHECK;
