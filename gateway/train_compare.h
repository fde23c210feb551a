/* Old against new on the same held-back examples: what `mashangdu train` prints and stores beside a model, and what a second person
 * reads before it may go live. Called by cmd_train_course.c alone; touches no database and no file. */
#pragma once
#include "base/arena.h"
#include "core/route.h"
#include "train.h"

/* An example as training wants it, and how it came, so that the router meets it as it met the words then. */
struct train_case {
    struct train_example e;
    struct route_input in; /* text is e.text */
    bool unseen;           /* the model in force was made before it */
    u32 matter;            /* set by train_hold_back: texts that tell of one matter have the same, never 0 */
};
struct train_share {
    size_t right, all;
};
/* Where a label is unknown the example is not counted there. both: category and unit; alone: of what would go out without a person,
 * hand: of what a person would have to choose, how many had both right (the matter alone where the unit is not known). */
struct train_score {
    struct train_share category, category_top3, unit, nature, urgency, both, alone, hand;
};
/* Which examples are held back, without chance: *fresh_r says how. Those that the model in force cannot have seen, every second of
 * them, when there are enough; without a model in force every fifth of all. What tells of one matter stands on one side (core/matters). held[]
 * has room for n. How many of how many matters; under TRAIN_HELD_MIN examples there is nothing to compare with. */
#define TRAIN_HELD_MIN 20
size_t train_hold_back(struct train_case *all, size_t n, bool live, bool *held, bool *fresh_r,
                       size_t *matters_r);
/* Decides every held-back example with `r`. percent: the setting auto_assign_percent. */
void train_score(const struct train_case *all, size_t n, const bool *held, const struct routing *r,
                 const struct routing_rows *rows, int percent, struct train_score *score_r);
/* Appends {"category":{"right":…,"all":…},…}. */
void train_score_json(const struct train_score *s, struct text *t);
