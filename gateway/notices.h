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

/* Replays are asked for in SQL, by the desk and the command line: select * from notices_replay(…) in schema/0017_notices.sql. Only
 * subscribers tell a repeat from something new: nobody tells a group everything again. */
bool notices_replayable(const struct adapter *a);
extern const struct db_stmt stmt_notices_claim, stmt_notices_step;

/* --- notices_event.c: one event as a message --- */
struct notice_event {
    u64 seq, run; /* run: of a replay; 0: it goes on */
    instant at;
    int unit_id;
    struct str kind, data, serial, letter;
    int letter_rung;
    bool tellable, wordless; /* wordless: no more than that there is a danger */
};
struct channel_row;
/* Owes the event to this channel as often as it wants to hear of it; counts to *n_r. False when it could not be written (nothing
 * of the call may be sent then). */
bool notices_event_owe(struct gateway *g, struct db_call *c, const struct channel_row *ch,
                       const struct notice_event *e, int *n_r) MUST_CHECK;
/* The event `test`, which the desk and the command line send to try a channel, as a subscriber's message wants it. */
void notices_put_test(const struct config *cfg, struct text *t);
