/* What citizens say by SMS or messenger, in more than one step: read what is known of the sender (schema/0016_conversation.sql),
 * decide (core/conversation.h), store and owe the answer in one transaction. Called by the hooks for every item and by
 * gateway/parts.c for joined ones. The state is in the database: any gateway, any channel of the same sender, any restart goes on
 * where it was. A push that was taken before does nothing and owes nothing. It reads no bytes of a provider and sends nothing. */
#pragma once
#include "casework.h"
#include "gateway.h"
#include "adapters/adapter.h"

struct conversation *conversation_new(struct gateway *g);
void conversation_free(struct conversation **cv); /* whoever still waits gets UNAVAILABLE */

struct conversation_result {
    /* NONE: taken, now or before. UNAVAILABLE, INTERNAL: nothing is certain, the provider comes again. Others: it would be
     * refused the next time as well. */
    enum refusal refusal;
    u64 case_id;       /* where the words went; 0: none */
    struct str answer; /* words for the push's own answer; empty: none, or they go through the outbox */
};
typedef void conversation_done(void *arg, const struct conversation_result *result);
/* item->s.provider is the channel's name, item->s.door its door. Everything is copied. passive: the answer goes back in the push's
 * own answer. done runs exactly once, perhaps before this returns. */
void conversation_take(struct gateway *g, const struct inbox_item *item, bool passive,
                       conversation_done *done, void *arg);

/* --- asking citizens: part of the call in which a person acts --- */

/* Statements that open what the act asks of those who wrote by message: a survey for each when the answer is approved, a dialogue
 * when the unit waits for their papers. They stand before the act, which casework_add_required then insists on: whoever numbers
 * events waits for nobody. reporters: result of stmt_callbacks_told. Returns how many were added. */
int conversation_add_opening(struct gateway *g, struct db_call *c, const struct db_result *reporters,
                             const struct casework_step *step);
/* The surveys owed for it, due sms_survey_after from now: the outbox holds back those that are answered by then (outbox_hushed).
 * Returns how many. */
int conversation_add_surveys(struct gateway *g, struct db_call *c, const struct db_result *reporters,
                             const struct casework_step *step);
/* Does this act ask something of the reporters? Then their numbers have to be read before it is written. */
bool conversation_asks(const struct casework_step *step);
bool conversation_question(const struct casework_step *step); /* the unit's question, answered by words */

extern const struct db_stmt *const conversation_statements[];
extern const size_t n_conversation_statements;
