/* Messages owed to the outside, sent at least once and never blindly twice (promise P8). Rows are claimed with `for update
 * skip locked` and an expiring claim, so any number of gateways may send; a crash leaves an expired claim, not a
 * lost message. An unknown outcome waits for its delivery receipt. Text and number are sealed while they wait and emptied
 * once the fate is final. */
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
/* Delivery receipts of one push; done(arg, true) when they are stored. */
void outbox_receipts(struct gateway *g, struct str channel, const struct receipt_report *r, size_t n,
                     void (*done)(void *arg, bool stored), void *arg);
extern const struct db_stmt stmt_outbox_claim, stmt_outbox_outcome, stmt_outbox_receipt;
