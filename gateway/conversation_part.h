/* Inside of the conversation: one message on its way, shared by conversation.c (reads the state, decides) and
 * conversation_act.c (makes the move, tells). Nobody else includes this. */
#pragma once
#include "conversation.h"
#include "messages.h"
#include "outbox.h"
#include "base/arena.h"
#include "base/list.h"
#include "core/conversation.h"

#define TALK_ANSWER     "message-answer" /* what a sealed answer is bound to */
#define TALK_ANSWER_MAX 8000
#define TALK_TRIES      8 /* of an act that met another step */

struct talk {
    struct list node;
    struct gateway *g;
    struct arena arena; /* texts of s */
    struct submission s;
    enum item_kind kind;
    bool opt_out, passive, has_person;
    u8 person[32];
    /* as read and decided */
    struct talk_state state;
    u64 survey_feedback, survey_case, dialogue_case, dialogue_feedback;
    struct str place; /* remembered */
    char place_number[16], typed[SMS_PLAQUE_MAX + 1];
    struct sms_text meaning;
    struct str named; /* the known plaque that this message names, or STR_NONE */
    bool english;
    struct talk_move move;
    /* on the way */
    struct act_request req;
    u64 case_id;       /* of the act; in the end where the words went */
    const char *stage; /* of the status, a constant sentence */
    unsigned tries;
    bool again; /* looked at a second time, because the act was refused */
    bool owes;  /* a row of the outbox is in the call */
    struct text answer;
    conversation_done *done;
    void *arg;
};

/* Tells the caller and frees it. */
void talk_finish(struct talk *t, enum refusal refusal);
/* Reads the state anew and decides again. */
void talk_look_again(struct talk *t);
/* Makes the move. */
void talk_act(struct talk *t);
/* For the push's own answer: puts into words what is told when the words were stored. */
void talk_tell_received(struct talk *t, enum message_event event, const char receipt[17]);

extern const struct db_stmt stmt_message_look, stmt_survey_open, stmt_dialogue_open;
