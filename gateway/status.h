/* What a citizen may know of the own case, by receipt: the stage, the deadline, the answers. Shared by the web socket and the
 * SMS doors; the status pages have their own, richer view. */
#pragma once
#include "gateway.h"
#include "core/caseflow.h"

struct status_view {
    bool found;
    bool plain_rating; /* no case */
    int rating;
    u64 feedback_id, case_id;
    enum case_state state;
    bool answered;     /* an approved answer is there */
    struct str answer; /* the latest one; empty: none */
    instant received, due;
    int unit_id; /* 0: not told (confidential, or not assigned yet) */
};
/* view is valid during the call; NULL: the database is away. */
typedef void status_done(void *arg, const struct status_view *view);
void status_look(struct gateway *g, const char receipt[17], status_done *done, void *arg);
/* The stage in one sentence for the citizen. */
const char *status_sentence(const struct status_view *v, bool english);
/* "CX <receipt>": owes the sender one SMS with the stage. done(arg, true) once that is committed. */
void status_by_sms(struct gateway *g, const struct submission *s, const char *receipt,
                   void (*done)(void *arg, bool owed), void *arg);
/* "已解决 <receipt>" or "未解决 <receipt>": the citizen's own answer, which counts as the callback. Owes the sender one SMS that
 * says whether it was taken. done(arg, false): nothing is certain, the provider's repeat will do it again without harm. */
void status_confirm_by_sms(struct gateway *g, const struct submission *s, const char receipt[17], bool solved,
                           void (*done)(void *arg, bool owed), void *arg);
extern const struct db_stmt stmt_status_look, stmt_status_sms;
