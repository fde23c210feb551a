#include "core/callscript.h"

static const struct {
    const char *word, *zh, *answers;
} questions[CALL_QUESTIONS_N] = {
#define X(id, word, zh, answers) {word, zh, answers},
    CALL_QUESTIONS(X)
#undef X
};
static const struct call_step steps[] = {
#define X(event, kind, question, answer) {MESSAGE_##event, CALL_KIND_##kind, question, answer},
    CALL_STEPS(X)
#undef X
};

const struct call_step *call_steps(size_t *n_r)
{
    *n_r = ARRAY_LEN(steps);
    return steps;
}

const char *call_kind_word(enum call_kind k)
{
    static const char *const words[] = {"say", "ask", "rate", "branch"};
    return words[k];
}

const char *call_question_word(enum call_question q) { return questions[q].word; }
const char *call_question_chinese(enum call_question q) { return questions[q].zh; }

bool call_question_parse(struct str word, enum call_question *q_r)
{
    for (unsigned q = 0; q < CALL_QUESTIONS_N; q++)
        if (str_eq(word, str_of(questions[q].word))) {
            *q_r = (enum call_question)q;
            return true;
        }
    return false;
}

bool call_answer_at(enum call_question q, size_t i, struct str *word_r, struct str *zh_r)
{
    struct str rest = str_of(questions[q].answers), one = STR_NONE;
    for (size_t at = 0; at <= i; at++) {
        if (rest.n == 0) return false;
        str_cut(rest, ',', &one, &rest);
    }
    str_cut(one, ':', word_r, zh_r);
    return true;
}

bool call_answer_put(struct call_answers *a, enum call_question q, struct str answer)
{
    struct str word, zh;
    for (size_t i = 0; call_answer_at(q, i, &word, &zh); i++)
        if (str_eq(answer, word)) {
            a->given[q] = (u8)(i + 1);
            return true;
        }
    return false;
}

struct str call_answer_of(const struct call_answers *a, enum call_question q)
{
    struct str word, zh;
    if (a->given[q] == 0 || !call_answer_at(q, a->given[q] - 1u, &word, &zh)) return STR_NONE;
    return word;
}

bool call_answered(const struct call_answers *a)
{
    for (int q = 0; q < CALL_QUESTIONS_N; q++)
        if (a->given[q]) return true;
    return false;
}

bool call_tells(const struct call_answers *a, enum call_question q)
{
    return str_eq(call_answer_of(a, q), STR("told"));
}

/* --- what goes together --- */

static bool is(const struct call_answers *a, enum call_question q, const char *word)
{
    return str_eq(call_answer_of(a, q), str_of(word));
}

/* Somebody was asked, and said something to it. */
static bool talked(const struct call_answers *a)
{
    return a->given[CALL_CONTACTED] || a->given[CALL_DONE] || a->given[CALL_SOLVED] ||
           a->given[CALL_DEMAND] || is(a, CALL_REACHED, "spoken");
}

const char *call_answers_fault(const struct call_answers *a, enum call_end end)
{
    const bool missed = is(a, CALL_REACHED, "nobody") || is(a, CALL_REACHED, "wrong");
    const bool refused = is(a, CALL_REACHED, "refuses"), later = is(a, CALL_REACHED, "later");
    if (!call_answered(a)) return NULL;
    switch (end) {
    case CALL_END_NONE:
        return "回访问答只随回访结果一并登记。";
    case CALL_END_SOLVED:
        if (a->given[CALL_SOLVED] && !is(a, CALL_SOLVED, "solved"))
            return "群众答的是部分解决或没有解决，应登记为未解决并发回重办。";
        return missed || refused || later ? "没有与群众谈成的，不能登记为已解决。" : NULL;
    case CALL_END_UNSOLVED:
        if (is(a, CALL_SOLVED, "solved")) return "群众答的是已经解决，与“未解决”不符，请核对。";
        return missed || refused || later ? "没有与群众谈成的，不能登记为未解决。" : NULL;
    case CALL_END_ATTEMPT:
        if (refused) return "群众明确不愿接受回访的，应登记为拒绝回访。";
        return talked(a) ? "群众已经答复的，不能登记为未接通。" : NULL;
    case CALL_END_REFUSED:
        if (a->given[CALL_SOLVED]) return "群众已经答了是否解决，请按答复登记。";
        return missed || later ? "没有接通或者另约时间的，应登记为未接通。" : NULL;
    }
    return NULL;
}
