/* What a citizen may know of the own case, by receipt: the stage, the deadline, the answers. Shared by the web socket and the
 * conversation by message; the status pages have their own, richer view. */
#pragma once
#include "gateway.h"
#include "core/caseflow.h"

struct status_view {
    bool found;
    bool plain_rating; /* no case */
    int rating;
    u64 feedback_id, case_id;
    enum case_state state;
    bool objected; /* an objection waits for its ruling */
    enum case_ending ending;
    bool question;     /* one was asked, and nothing has been said since */
    bool answered;     /* an approved answer is there */
    bool english;      /* the citizen wrote English */
    struct str answer; /* the latest one; empty: none */
    instant received, due;
    int unit_id; /* 0: not told (confidential, or not assigned yet) */
};
/* view is valid during the call; NULL: the database is away. */
typedef void status_done(void *arg, const struct status_view *view);
void status_look(struct gateway *g, const char receipt[17], status_done *done, void *arg);
/* The stage in one sentence for the citizen. */
const char *status_sentence(const struct status_view *v, bool english);
extern const struct db_stmt stmt_status_look;
