/* "I have met this too" (并案 by the citizen, M05): after a feedback is stored with its own case and receipt, that case is merged into
 * the open one that was chosen, by an act of the citizen. The wish is stored with the feedback, so a process that dies between the
 * two leaves nothing undone: what is still wanted is looked for again. A case that was closed, merged or became confidential
 * meanwhile takes nobody in: the feedback then keeps the case of its own. A coordinator can unmerge it like any other.
 * Called by the forms, and by the desk where staff write down what citizens say. Never shows anybody the words of another. */
#pragma once
#include "gateway.h"

struct joins;
struct joins *joins_new(struct gateway *g);
void joins_free(struct joins **j); /* when nothing is out any more: db_free comes before */

enum join_end {
    JOIN_DONE,
    JOIN_APART, /* it stays a case of its own */
    JOIN_LATER  /* the database is away; it will be done when it is back */
};
/* done once, never before it returns is promised: it may be called at once. */
typedef void join_done(void *arg, enum join_end end);
/* own: the case that the feedback opened; target: the one that it was stored with as wanted. */
void joins_settle(struct gateway *g, u64 feedback, u64 own, u64 target, join_done *done, void *arg);
/* The same for what somebody of the office wrote down. session: their own act, of a post that may merge; NULL: the citizen's, who agreed
 * to it while it was written down. Asked again it tells what came of it the first time. */
struct session;
void joins_settle_entered(struct gateway *g, const struct session *session, u64 feedback, u64 own, u64 target,
                          join_done *done, void *arg);
extern const struct db_stmt *const joins_statements[];
extern const size_t n_joins_statements;
