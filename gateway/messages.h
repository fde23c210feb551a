/* Messages to be owed: the template in force made into words, sealed, and written as an outbox row in the transaction of
 * whoever owes it. Used by intake, status, callbacks, conversation and notices; the outbox sends what is here.
 *
 * Under the seal a body (body_form 1) is {"lang":"zh", "text":…, "sign":…, "title":…, "event":…, "params":[["receipt","…"],…],
 * "data":{…}, "at":microseconds}: the words for providers that take words, event and params for those with approved templates.
 * Members that are empty are left out. text is the words alone: whoever sends puts 【sign】 in front for an SMS (another channel
 * that takes over puts its own). params stand in the order of message_event_params(). */
#pragma once
#include "gateway.h"
#include "adapters/adapter.h"
#include "base/arena.h"
#include "core/message.h"
#include "core/receipt.h"

#define MESSAGES_TO_MAX 200 /* octets of a recipient */

struct owed {
    u64 id;                             /* from ids_next; 0, when no block has come yet, is refused */
    struct str channel;                 /* by name */
    struct str to;                      /* E.164, mail address, or empty for a group or subscriber */
    enum message_event event;           /* made into words with `values`; ignored when text is given */
    const struct message_value *values; /* in the event's order */
    size_t n_values;
    bool english;
    struct str text, title;       /* given whole: notices of the staff */
    struct str kind, data;        /* of a webhook event: its kind and its JSON */
    enum message_purpose purpose; /* looked at only when text or kind is given; else the event's */
    bool urgent;
    instant event_at;         /* us == 0: now */
    struct str dedupe_key;    /* one row per key, ever */
    u64 feedback_id, case_id; /* 0: none */
    instant due;              /* us == 0: now */
};
/* The columns that the row gets beside its id, body_form 1 and what the caller knows; sealed ones in the arena, recipient_hash
 * STR_NONE (NULL) where nobody is addressed. */
struct owed_row {
    struct str recipient, body, purpose, event, recipient_hash;
    bool urgent;
};
/* Renders and seals. False when the template cannot be filled or the arena is full (logged; the caller owes nothing then). */
bool messages_seal(struct gateway *g, const struct owed *o, struct arena *arena,
                   struct owed_row *row_r) MUST_CHECK;
/* Adds the insert to a call, also to one in which a person acts; on conflict of the key nothing happens. False like
 * messages_seal: the call is then as it was. */
bool messages_owe(struct gateway *g, struct db_call *c, const struct owed *o) MUST_CHECK;
extern const struct db_stmt stmt_messages_owe;

/* The words alone, appended, for channels that answer the push itself. The signature is not part of it. False as above. */
bool messages_text(struct gateway *g, enum message_event e, bool english, const struct message_value *values,
                   size_t n, struct text *out) MUST_CHECK;
/* The signature of a channel (setting sign, else district_name), without brackets. */
struct str messages_sign(const struct gateway *g, const struct channel *ch);
/* Keyed hash under which a sender or recipient is found again. */
void messages_person(const struct gateway *g, struct str e164, u8 out[32]);
/* The keyed hash of the last four characters of a number, of which the first 16 octets are stored. It tells four digits to whoever has the
 * key, and nothing to anybody else. */
void messages_tail(const struct gateway *g, struct str number, u8 out[32]);
/* Where something can be written that is not for an SMS: the signed page of the plaque, or the page without one when the number
 * is empty or unknown. Appended. */
void messages_link(const struct gateway *g, struct str plaque, struct text *out);
/* The page where a receipt opens its case. */
void messages_status_link(const struct gateway *g, struct text *out);
/* The last four digits, by which a citizen with several cases knows which one is meant: a view into the receipt. */
struct str messages_hint(const char receipt[17]);
/* Can this channel tell a citizen something later, through the outbox? */
bool messages_reach(const struct gateway *g, struct str channel, struct str to);
