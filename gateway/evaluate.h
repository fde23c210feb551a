/* Scores the router and the masking on labelled texts: what `mashangdu route --eval` prints and what the corpus test holds
 * against its floors. Reads the tables from CSV files, so it needs neither a database nor a running gateway. */
#pragma once
#include "core/route.h"
#include "evaluate_dups.h"

struct evaluate_paths {
    const char *texts, *units, *categories, *words;
    const char *examples; /* from which the first model is learned */
};
struct evaluate_options {
    unsigned parts, part; /* only texts whose group has this remainder are there at all; 1, 0: all */
    unsigned
        folds;   /* each is scored with what the others and the examples teach; 1: with the examples alone */
    bool rules;  /* nothing is learned: the rules alone */
    int percent; /* from this confidence on the gateway assigns by itself (setting auto_assign_percent) */
};

struct evaluate_share {
    size_t right, all;
};
double evaluate_rate(struct evaluate_share s); /* 0 when there is nothing to count */

#define EVALUATE_NAME     8
#define EVALUATE_HEADINGS 64
#define EVALUATE_PAIRS    400
#define EVALUATE_BUCKETS  10
struct evaluate_pair {
    char gold[EVALUATE_NAME], found[EVALUATE_NAME];
    size_t n;
};
struct evaluate_bucket {
    size_t n, right; /* unit and category both right */
    double confidence;
};

struct evaluation {
    size_t texts;
    size_t unknown; /* labels that the tables do not know: left out, like those that are missing */
    unsigned folds; /* that hold texts */
    struct evaluate_share category_top1, category_top3, category1_top1, category1_top3, unit_top1, unit_top3,
        nature_top1, urgency_top1;
    struct evaluate_share about;      /* unit complained of or praised, where the label names one */
    struct evaluate_share about_true; /* the same, of all texts that were said to be about a unit */
    struct evaluate_share critical;   /* 特急 found among those labelled so */
    struct evaluate_share autos;      /* assigned without a person, of those whose unit is labelled */
    struct evaluate_share auto_right; /* unit right, of those */
    struct evaluate_share auto_both;  /* unit and category right, of those */
    struct evaluate_share mask_found,
        mask_true;             /* labelled spans that were masked; masks at least half of which is labelled */
    struct evaluate_dups dups; /* pairs over the whole file, whatever part is scored */
    size_t walls_broken;       /* reports that would reach the unit complained of: must be 0 */
    double us_per_text;        /* of route_decide alone, processor time */
    size_t automaton_bytes, automaton_states;
    char headings[EVALUATE_HEADINGS][EVALUATE_NAME];
    size_t n_headings, heading[EVALUATE_HEADINGS][EVALUATE_HEADINGS]; /* label, found */
    size_t nature[NATURES_N][NATURES_N], urgency[URGENCIES_N][URGENCIES_N];
    struct evaluate_pair pairs[EVALUATE_PAIRS]; /* categories taken for one another */
    size_t n_pairs;
    struct evaluate_bucket bucket[EVALUATE_BUCKETS]; /* by confidence */
    struct evaluate_bucket surest
        [EVALUATE_BUCKETS]; /* by certainty of the unit, tenths of the texts, the surest first; right: its unit */
    size_t models, model_bytes, model_features, model_examples, base, base_dropped;
    double train_seconds; /* of all models together */
};

/* One line for each text that went wrong, when misses is not NULL: id, gold and found category, unit, nature, urgency. A text and the
 * same matter told again fall into one part and one fold. False with a sentence in `error`. */
bool evaluate_run(const struct evaluate_paths *paths, const struct evaluate_options *options,
                  struct text *misses, struct evaluation *e, struct text *error) MUST_CHECK;

/* The tables of a district from its CSV files, as rows for routing_build; strings and arrays live in the arena.
 * Units get the ids 1, 2, … in the order of the file. */
bool evaluate_rows(const struct evaluate_paths *paths, struct arena *a, struct routing_rows *rows_r,
                   struct text *error) MUST_CHECK;
