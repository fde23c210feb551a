/* What a message of a citizen means in the state its sender is in, and what is done and answered. Pure: rows in, one move out;
 * gateway/conversation.c reads the state, makes the move and owes the answer. The order of the rules is what keeps a dialogue from
 * swallowing a command, an opt-out from being read out of a score, and an answer from being told twice. */
#pragma once
#include "base/clock.h"
#include "core/message.h"
#include "core/sms_text.h"

/* One message. */
struct talk_said {
    enum talk_kind {
        TALK_WORDS,
        TALK_ARRIVED, /* followed the account or scanned a plaque */
        TALK_LEFT     /* unsubscribed: nothing can be told any more */
    } kind;
    struct sms_text meaning;
    bool plaque_known; /* meaning.plaque, or the one that was scanned, hangs somewhere */
    bool opt_out;      /* the provider itself took it as opting out */
    bool empty;        /* no words: a picture, a voice */
    bool person;       /* the sender can be told apart and answered; without that only words count */
};

/* What is known of its sender. */
struct talk_state {
    bool opted_out, survey, dialogue, place; /* the latter three: open now */
    instant survey_at, dialogue_at, place_at;
    unsigned told; /* answers in the last hour */
};

enum talk_does {
    TALK_NOTHING,
    TALK_FILE,    /* a feedback of its own */
    TALK_ADD,     /* further words on the case whose unit had asked */
    TALK_SCORE,   /* answers the open survey */
    TALK_CONFIRM, /* 已解决 / 未解决 and a receipt, or alone while a survey is open */
    TALK_STATUS,  /* CX and a receipt */
    TALK_PLACE,   /* remembers the place for the next words */
    TALK_OPT_OUT,
    TALK_OPT_IN,
    TALK_FORGET /* the open place and dialogue of somebody who left */
};
struct talk_move {
    enum talk_does does;
    bool at_place; /* TALK_FILE: at the remembered place; it is used up by that */
    int rating;    /* TALK_FILE: 1..5 when the words are only a score; TALK_SCORE: 1..5 */
    bool answers;  /* something is told; what, for FILE, STATUS, CONFIRM and SCORE, is known afterwards */
    enum message_event event; /* of the others */
    bool surveyed; /* TALK_CONFIRM: what the open survey asks about; else the receipt in the words says it */
    bool courtesy; /* TALK_NOTHING: nothing but thanks or a greeting, and nothing was open that it answers */
    bool limited;  /* would have been told, but this sender was told enough: a machine answers our answers */
};
/* limit: answers to one sender in an hour. */
void talk_decide(const struct talk_said *said, const struct talk_state *state, unsigned limit,
                 struct talk_move *move_r);

/* What is told when words were stored as a feedback. report: for the eyes of 追责问责组 alone. rated: opened no case. */
enum message_event talk_received(bool report, bool rated, bool at_place);
/* "非常满意" … of 5..1 (好差评); "" for any other number. */
const char *talk_meaning(int rating, bool english);
/* The same with what follows from it: a survey's answer settles the case or sends it back (talk_solved). */
const char *talk_outcome(int rating, bool english);
/* Whether a survey's answer says that it is solved: the table never calls a low level solved. */
bool talk_solved(int rating);
/* Words of somebody who writes English: two words or more, all Latin, or one of the English commands. */
bool talk_english(struct str words);
