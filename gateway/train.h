/* Confirmed examples -> a model (core/learned) and a report of how good it is. Called by `mashangdu train` and by the bench of
 * `mashangdu route --eval`, never on the loop: it takes seconds and hundreds of megabytes. Reads no database and no file, keeps
 * nothing, draws nothing at random: the same examples in the same order give the same bytes. */
#pragma once
#include "core/route.h"

#define TRAIN_EXAMPLES_MAX 200000
#define TRAIN_TEXT_TOKENS  600 /* of one example; what stands behind them is not learned from */

struct train_example {
    struct str text;     /* clean text of core/normalise; personal data may stand in it, it is masked here */
    struct str category; /* codes; empty: unknown */
    struct str unit;     /* handling unit */
    struct str nature, urgency; /* Chinese words */
    int plaque;                 /* unit id of the routing, 0: none */
    u32 group; /* examples of one group tell of the same matter: never on both sides of a check. 0: its own */
    bool
        own; /* the office's own confirmed disposition; else shipped, and only so much is believed of its ways */
    double weight; /* 1 is ordinary; counts as so many copies, rounded, at most 4; under 0.5 it is left out */
};
struct train_options {
    unsigned folds; /* for the held-back figures and the calibration, 2 to 10; 0: 5 */
};

/* Right among held-back examples: each was decided by a model that had not seen it or its group. */
struct train_figure {
    size_t right, all;
};
struct train_class {
    char code[LEARNED_CODE_MAX + 1];
    size_t examples;
    bool left_out; /* too few to learn from */
};
struct train_report {
    size_t examples, used;
    size_t left_weightless, left_empty,
        left_over; /* weight under 0.5; no words; beyond the limits of number or memory */
    size_t features, weights, bytes;
    double seconds;
    /* Decisions with the rules and the model together, and, for comparison, by the rules alone. */
    struct train_figure category, category_top3, unit, nature, urgency;
    struct train_figure rules_category, rules_unit, rules_nature, rules_urgency;
    struct train_figure alone; /* of those that would go out without a person: how many were right */
    size_t held_back;
    struct train_class *classes[LEARNED_HEADS]; /* by code */
    size_t n_classes[LEARNED_HEADS];
};

/* Appends the model to model_r. False with an English sentence when there is too little to learn from (under 50 examples, or
 * fewer than two matters with enough of them) or a limit is passed. The routing's own model, if any, is not asked. */
bool train_model(const struct train_example *examples, size_t n, const struct routing *routing,
                 const struct train_options *options, struct text *model_r, struct train_report *report_r,
                 struct text *error) MUST_CHECK;
void train_report_free(struct train_report *r);
