/* Messages owed to the outside, sent at least once and never blindly twice (promise P8). Rows are claimed with `for update
 * skip locked` and an expiring claim, so any number of gateways may send; a crash leaves an expired claim, not a lost message: what
 * may have left is unknown and waits for its delivery receipt, and after outbox_patience for a person. Channels share nothing but
 * the gateway: each has its own rate, parallel limit and pauses (schema/0013_outbox.sql, table channel_state, over all gateways), so a
 * slow or broken one holds up no other. Number and words are sealed while they wait and emptied once the fate is final.
 *
 * Written by gateway/messages.c; read by the desk and by `mashangdu outbox` through the functions of the schema below. */
#pragma once
#include "gateway.h"
#include "adapters/adapter.h"

/* What sealed fields are bound to: "<this> <row id>". */
#define OUTBOX_TO   "outbox-to"
#define OUTBOX_BODY "outbox-body"

struct outbox *outbox_new(struct gateway *g);
void outbox_free(struct outbox **o);
void outbox_wake(struct gateway *g); /* something is due */
bool outbox_idle(const struct outbox *o);
/* Nothing more is claimed (gateway.draining is set); done runs once, when what is on its way has its outcome stored or `limit` is
 * over. */
void outbox_drain(struct outbox *o, span limit, void (*done)(void *arg), void *arg);
/* Delivery receipts of one push; done(arg, true) when they are stored. */
void outbox_receipts(struct gateway *g, struct str channel, const struct receipt_report *r, size_t n,
                     void (*done)(void *arg, bool stored), void *arg);
/* Gauges by type of channel, for /metrics: outbox_due, outbox_oldest_seconds, outbox_unknown, outbox_dead, channel_alarm. */
void outbox_metrics(const struct outbox *o, struct text *out);

/* Whether `hours` is what quiet hours are written as (setting sms_quiet). */
bool outbox_quiet_good(const char *hours) MUST_CHECK;

/* Whether a channel's setting of that name (rate, parallel, tries, retry_first, retry_max, quiet, balance_low) can be read; true for
 * every other name. */
bool outbox_setting_good(struct str name, struct str value) MUST_CHECK;

/* What a person should do about a message, in one sentence; NULL: nothing. The words are those of the row; kept: its words are
 * still there, so that it can go again. */
const char *outbox_advice(struct str state, struct str cause, bool decide, bool kept, bool chinese);

/* For the desk, inside a transaction of the staff (casework_enter): they raise MSD70 for everybody but administrators, and show
 * neither numbers nor words nor cases.
 *   outbox_list      ($1 states text[] or null, beside states also 'decide'; $2 channel or null; $3 seconds without a change or null;
 *                    $4 below this id or null; $5 at most): columns in enum outbox_column
 *   outbox_counts    channel, state, number, oldest, of them waiting for a person
 *   outbox_channels  channel, failures in a row, "too fast" in a row, closed until, balance, asked at, alarms (jsonb array of {kind,
 *                    since, seen_at, event, why})
 *   outbox_redrive   ($1 ids, $2 also unknown ones, $3 through this channel or null): id, 'due' | 'gone' | 'unknown' | 'state' | 'empty'
 *   outbox_drop      ($1 ids): id, 'dropped' | 'gone' | 'state' */
enum outbox_column {
    OUTBOX_ID,
    OUTBOX_CREATED,
    OUTBOX_CHANNEL,
    OUTBOX_FIRST_CHANNEL,
    OUTBOX_STATE,
    OUTBOX_DECIDE,
    OUTBOX_PURPOSE,
    OUTBOX_EVENT,
    OUTBOX_URGENT,
    OUTBOX_TRIES,
    OUTBOX_DUE,
    OUTBOX_CHANGED,
    OUTBOX_CAUSE,
    OUTBOX_ERROR,
    OUTBOX_CODE,
    OUTBOX_REDRIVEN,
    OUTBOX_KEPT,
    OUTBOX_PROVIDER_ID
};
extern const struct db_stmt stmt_outbox_list, stmt_outbox_counts, stmt_outbox_channels, stmt_outbox_redrive,
    stmt_outbox_drop;

/* All statements of the outbox, for gateway_statements. */
extern const struct db_stmt *const outbox_statements[];
extern const size_t n_outbox_statements;
