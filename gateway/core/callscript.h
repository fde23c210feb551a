/* The script of a call back (回访): what the clerk reads aloud step by step, which questions have answers of one press, and what answers go
 * together with which outcome. The sentences are wordings of core/message.h, which the office words itself; order, questions and answers
 * are fixed here, so that the record means the same everywhere. Called by the queue's desk (gateway/staff_callscript.c), by whoever
 * reads an act (staff_acts.c) and by caseflow, which judges it. Decides no outcome: the clerk does. Mechanism M32. */
#pragma once
#include "core/message.h"

/* X(id, word, zh, answers): answers are pairs of a word, which is stored, and its Chinese. A question's word stands in the data of the act as
 * call_<word>. */
/* clang-format off */
#define CALL_QUESTIONS(X) \
    X(REACHED, "reached", "接听", "spoken:本人接听,later:不便接听、另约时间,refuses:不愿接受回访,nobody:无人接听,wrong:号码不对") \
    X(CONTACTED, "contacted", "单位是否联系", "yes:联系过,no:没有联系,unsure:记不清") \
    X(DONE, "done", "是否按答复做到", "yes:做到了,partly:做到一部分,no:没有做到,unsure:不清楚") \
    X(SOLVED, "solved", "是否解决", "solved:已经解决,partly:部分解决,not:没有解决") \
    X(DEMAND, "demand", "其他要求", "none:没有,more:有，已记录,beyond:超出职责或政策，已告知法定途径") \
    X(DANGER, "danger", "讲到危险", "told:讲到眼前的危险") \
    X(MISCONDUCT, "misconduct", "讲到作风问题", "told:讲到工作人员作风问题")
/* In the order in which they are read. X(event, kind, question, answer): a branch is gone when it happens, and gives that answer. */
#define CALL_STEPS(X) \
    X(CALL_GREETING, SAY, CALL_QUESTIONS_N, NULL) \
    X(CALL_SUITS, ASK, CALL_REACHED, NULL) \
    X(CALL_MATTER, SAY, CALL_QUESTIONS_N, NULL) \
    X(CALL_CONTACTED, ASK, CALL_CONTACTED, NULL) \
    X(CALL_DONE, ASK, CALL_DONE, NULL) \
    X(CALL_SOLVED, ASK, CALL_SOLVED, NULL) \
    X(CALL_RATING, RATE, CALL_QUESTIONS_N, NULL) \
    X(CALL_DEMAND, ASK, CALL_DEMAND, NULL) \
    X(CALL_THANKS, SAY, CALL_QUESTIONS_N, NULL) \
    X(CALL_FAREWELL, SAY, CALL_QUESTIONS_N, NULL) \
    X(CALL_NOBODY, BRANCH, CALL_REACHED, "nobody") \
    X(CALL_WRONG, BRANCH, CALL_REACHED, "wrong") \
    X(CALL_REFUSES, BRANCH, CALL_REACHED, "refuses") \
    X(CALL_BEYOND, BRANCH, CALL_DEMAND, "beyond") \
    X(CALL_ANGRY, BRANCH, CALL_QUESTIONS_N, NULL) \
    X(CALL_DANGER, BRANCH, CALL_DANGER, "told") \
    X(CALL_MISCONDUCT, BRANCH, CALL_MISCONDUCT, "told")
/* clang-format on */
enum call_question {
#define X(id, word, zh, answers) CALL_##id,
    CALL_QUESTIONS(X)
#undef X
        CALL_QUESTIONS_N
};
enum call_kind { CALL_KIND_SAY, CALL_KIND_ASK, CALL_KIND_RATE, CALL_KIND_BRANCH };
struct call_step {
    enum message_event event;
    enum call_kind kind;
    enum call_question question; /* CALL_QUESTIONS_N: none */
    const char *answer;          /* of a branch; NULL: none, or every answer of the question */
};
/* All of them, static. */
const struct call_step *call_steps(size_t *n_r);
const char *call_kind_word(enum call_kind k);

const char *call_question_word(enum call_question q);
const char *call_question_chinese(enum call_question q);
bool call_question_parse(struct str word, enum call_question *q_r) MUST_CHECK;
/* The i-th answer of a question, from 0; false behind the last one. */
bool call_answer_at(enum call_question q, size_t i, struct str *word_r, struct str *zh_r) MUST_CHECK;

/* What was answered; zeroed: nothing. */
struct call_answers {
    u8 given[CALL_QUESTIONS_N]; /* 1 + the answer's place, 0: not answered */
};
/* False when the question has no such answer: nothing is changed then. */
bool call_answer_put(struct call_answers *a, enum call_question q, struct str answer) MUST_CHECK;
/* As it was put; .p NULL when the question was not answered. */
struct str call_answer_of(const struct call_answers *a, enum call_question q);
bool call_answered(const struct call_answers *a);
/* The citizen told of a danger, of misconduct: whatever the clerk's words say. */
bool call_tells(const struct call_answers *a, enum call_question q);

/* What the clerk records of the call. NONE: an act that is no outcome of one. */
enum call_end { CALL_END_NONE, CALL_END_SOLVED, CALL_END_UNSOLVED, CALL_END_ATTEMPT, CALL_END_REFUSED };
/* Why these answers cannot stand beside that outcome (a Chinese sentence, a constant), or NULL. Partly solved is not solved (the rest is
 * owed, as core/caseflow has it for citizens' own answers); who was spoken to was no vain try; silence is never satisfaction. */
const char *call_answers_fault(const struct call_answers *a, enum call_end end);
