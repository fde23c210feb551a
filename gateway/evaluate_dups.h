/* Scores the finder of the same matter told twice on labelled texts (dup_group): every text against those before it in the file, by the
 * product's own steps — masked, cleaned, bands and keys of core/twins and the newest of its unit and category as candidates, core/twins as the
 * judge. Called by evaluate_run once for a whole file. */
#pragma once
#include "core/normalise.h"
#include "core/route.h"

struct evaluate_dups {
    size_t pairs;                  /* of two texts with one label */
    size_t found;                  /* pairs the finder would offer as the same matter */
    size_t right;                  /* of these with one label */
    size_t offered, offered_right; /* likewise, with those that are only likely */
    size_t looked;                 /* candidates that were compared */
    double us_per_text;            /* shingles, bands and comparing */
};
struct evaluate_dups_tools {
    const struct routing *routing;
    const struct normalise_tools *normalise;
    int (*unit_id)(void *arg, struct str code); /* of a plaque's unit or station; 0: none */
    void *arg;
};
/* With misses, one line for each pair that was missed or found wrongly: the two ids and the percent. False with a sentence in `error`. */
bool evaluate_dups_run(struct str file, const struct evaluate_dups_tools *tools, struct text *misses,
                       struct evaluate_dups *e_r, struct text *error) MUST_CHECK;
