/* The log of what passed between us and the providers: one row per push and per sending, with secrets, numbers and words taken
 * out before it leaves this process' memory (core/shape.h). Rows are collected and written together behind the exchange's back:
 * nobody waits for them, and when the database is away or they come too fast the newest are dropped and counted. Read by
 * the administrator's desk (staff_channels.c) and swept after channel_log_keep. */
#pragma once
#include "gateway.h"
#include "adapters/adapter.h"

enum channel_outcome {
    CHANNEL_OK,
    CHANNEL_REFUSED,
    CHANNEL_MALFORMED,
    CHANNEL_TOO_BIG,
    CHANNEL_UNAVAILABLE,
    CHANNEL_RETRY,
    CHANNEL_UNKNOWN
};

struct channel_entry; /* an exchange that has begun; NULL when the log is off: every call takes it */

/* A push has come; the request's shape is taken at once. */
struct channel_entry *channel_log_push(struct gateway *g, const struct channel *ch, const struct adapter *a,
                                       enum hook hook, const struct http_in *in);
/* A call goes out: for message `outbox_id`, or 0 for the question after the balance. */
struct channel_entry *channel_log_call(struct gateway *g, const struct channel *ch, const struct adapter *a,
                                       u64 outbox_id, const struct http_out *call);
/* Ends it and takes it over. status 0: no answer. reason: a sentence of ours, or NULL. reply: what was answered, shaped
 * here. items: messages and receipts understood. */
void channel_log_end(struct gateway *g, struct channel_entry *e, enum channel_outcome outcome, int status,
                     const char *reason, struct str reply, size_t items);

void channel_log_start(struct gateway *g);
void channel_log_stop(struct gateway *g); /* what is not written is lost */
extern const struct db_stmt stmt_channel_log, stmt_channel_log_sweep;
