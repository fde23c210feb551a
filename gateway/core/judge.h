/* How sure a decision is, told from what its layers say beside each other: a logistic regression over a few signs, so that an agreement of
 * layers counts and not the points of one. core/route_sure.c makes the signs and asks; train_judge.c finds the weights on decisions that were
 * held back, tests/bench/sure.c those of the rules alone. Pure; the same cases in the same order give the same weights. */
#pragma once
#include "base/base.h"

/* 0 where a sign is unknown. Shares and scores stand as the logarithm of their odds. */
#define JUDGE_SIGNS(X)                                                                                       \
    X(ONE)          /* always 1 */                                                                           \
    X(MATTER)       /* share of the matter */                                                                \
    X(LEAD)         /* what the unit has of the scores of the best two */                                    \
    X(PLAQUE)       /* it stands on the plaque */                                                            \
    X(PLAQUE_OTHER) /* another does */                                                                       \
    X(NAMED)        /* the text names it */                                                                  \
    X(NAMED_OTHER)                                                                                           \
    X(TOPIC)       /* words of what it deals with */                                                         \
    X(TOPIC_OTHER) /* more of what another deals with */                                                     \
    X(MARGIN)      /* points of its best matter over the best of others */                                   \
    X(WORDS)       /* words of its best matter */                                                            \
    X(WORDS_OTHER)                                                                                           \
    X(PLAQUE_USUAL) /* the plaque agrees with the matter */                                                  \
    X(NAMED_USUAL)  /* the name agrees with the matter */                                                    \
    X(USUAL)        /* the matter is usually its own */                                                      \
    X(LENGTH)                                                                                                \
    X(UNIT_SCORE)   /* with a model: of all guesses that lead to the unit */                                 \
    X(LEARNED)      /* with a model: what it thinks of the matter */                                         \
    X(LEARNED_UNIT) /* and of the unit */                                                                    \
    X(SCORE)        /* with a model: of matter and unit together */
enum judge_sign {
#define X(id) SIGN_##id,
    JUDGE_SIGNS(X)
#undef X
        JUDGE_SIGNS_N
};

struct judge {
    bool known; /* false: nobody found weights */
    float weight[JUDGE_SIGNS_N];
};
double judge_sure(const struct judge *j, const float sign[JUDGE_SIGNS_N]); /* 0 to 1 */
float judge_odds(double share); /* a share as a sign, cut at 0.001 and 0.999 */

struct judge_case {
    float sign[JUDGE_SIGNS_N];
    float weight; /* against others; 0: left out */
    bool right;
};
/* The weights under which the cases are likeliest, small ones preferred. known is false when all or none of the cases is right. */
void judge_fit(const struct judge_case *cases, size_t n, struct judge *j_r);

/* The least share that is right in truth where `right` of n were, nine times of ten: the lower end of Wilson's interval. */
double judge_least(size_t right, size_t n);
