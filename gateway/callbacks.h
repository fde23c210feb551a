/* 回访 tasks: who of the reporters of a case is still to be asked. casework loads the task that an act is about into the view
 * before it is judged, and writes the task in the act's own statement (schema/0010_callbacks.sql holds that an answer is
 * never overwritten). Rows that were never asked, and cases without a reporter, behave as if the case had one. It calls
 * nobody and sends no page; the queue of the staff is staff_callbacks.c. */
#pragma once
#include "gateway.h"
#include "core/caseflow.h"

/* X(id, word, zh): states of a task; the words are stored. */
/* clang-format off */
#define CALLBACK_STATES(X) \
    X(DUE, "due", "待回访") \
    X(SOLVED, "solved", "已解决") \
    X(UNSOLVED, "unsolved", "未解决") \
    X(REFUSED, "refused", "拒绝回访") \
    X(SILENCE, "silence", "三次未接通") \
    X(PARTLY, "partly", "部分解决") \
    X(OVERTAKEN, "overtaken", "已并入下一轮")
/* clang-format on */
enum callback_state {
#define X(id, word, zh) CALLBACK_##id,
    CALLBACK_STATES(X)
#undef X
        CALLBACK_STATES_N
};
const char *callback_state_word(enum callback_state s);
const char *callback_state_chinese(enum callback_state s);
bool callback_state_parse(struct str word, enum callback_state *state_r) MUST_CHECK;

/* The task an act is about, as read and as it is to be written. */
struct callback_task {
    bool asked;   /* the act asks or answers in 待回访 */
    i64 version;  /* of the case when the task was read */
    i64 tasks;    /* of this round; 0: the case has no reporter to ask */
    i64 due;      /* of them still due */
    i64 feedback; /* whose; 0: not found, or not named although several are due */
    enum callback_state state, after;
    int tries;
    i64 last_day;
    bool overtake; /* what is still due is asked again in the next round, or never */
};

/* Is this one of the acts that concern a task? */
bool callbacks_concern(enum case_act act);
/* Two parameters: case, feedback (0: the only one). Reads under row-level security where there is a person. */
extern const struct db_stmt stmt_callbacks_task;
struct db_params *callbacks_task_params(u64 case_id, i64 feedback);
void callbacks_task_read(const struct db_result *r, struct callback_task *task);
/* Puts tries, day and flags of that reporter into the view: caseflow then judges as if there were no other. */
void callbacks_view(const struct callback_task *task, struct case_view *view);
/* After caseflow has allowed the act: settles what becomes of the task, or refuses with a sentence (several are due and
 * none is named; not to be asked in this round; answered already). */
enum refusal callbacks_settle(struct callback_task *task, const struct act_request *req, struct outcome *o,
                              enum case_state before) MUST_CHECK;
/* The task's part of the act parameter, members beginning with ','. */
void callbacks_put(const struct callback_task *task, const struct act_request *req, int round,
                   struct text *t);

/* --- telling those who wrote by SMS that there is an answer, or that their time moved --- */

/* Is this one of the acts that are told by SMS? */
bool callbacks_tell(enum case_act act);
extern const struct db_stmt stmt_callbacks_told, stmt_callbacks_tell;
/* What there is to tell. */
struct callback_news {
    enum case_act act;
    u64 act_id;
    instant due;     /* the new deadline, 0 while time stands still */
    bool urgent;     /* of a case of level L1 */
    int asking_unit; /* the act asks the citizen something: who does; 0: it does not */
};
/* Adds what is owed to the call that writes the act, as one statement: r is the result of stmt_callbacks_told (one parameter: the
 * case). Nothing is added for channels that cannot send, nor stored when the act is not. Returns how many. */
int callbacks_add_tell(struct gateway *g, struct db_call *c, const struct db_result *r,
                       const struct callback_news *news);
