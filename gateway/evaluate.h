/* Scores the router and the masking on labelled texts: what `mashangdu route --eval` prints and what the corpus test holds
 * against its floors. Reads the tables from CSV files, so it needs neither a database nor a running gateway. */
#pragma once
#include "core/route.h"

struct evaluate_paths {
    const char *texts, *units, *categories, *words;
};

struct evaluate_share {
    size_t right, all;
};
double evaluate_rate(struct evaluate_share s); /* 0 when there is nothing to count */

struct evaluation {
    size_t texts;
    struct evaluate_share category_top1, category_top3, category1_top1, unit_top1, unit_top3, nature_top1,
        urgency_top1;
    struct evaluate_share about;      /* unit complained of or praised, where the label names one */
    struct evaluate_share critical;   /* 特急 found among those labelled so */
    struct evaluate_share auto_right; /* unit right ÷ assigned without a person */
    size_t autos;
    struct evaluate_share mask_found,
        mask_true;       /* labelled spans that were masked; masks that were labelled */
    size_t walls_broken; /* reports that would reach the unit complained of: must be 0 */
    double us_per_text;  /* of route_decide alone */
    size_t automaton_bytes, automaton_states;
};

/* One line for each text that went wrong, when misses is not NULL: id, gold and found category, unit, nature, urgency.
 * Only texts whose index has the remainder `part` modulo `parts` are scored; parts 1 takes all. By which a half can be
 * kept unseen while words are written. False with a sentence in `error`. */
bool evaluate_run(const struct evaluate_paths *paths, unsigned parts, unsigned part, struct text *misses,
                  struct evaluation *e, struct text *error) MUST_CHECK;

/* The tables of a district from its CSV files, as rows for routing_build; strings and arrays live in the arena.
 * Units get the ids 1, 2, … in the order of the file. */
bool evaluate_rows(const struct evaluate_paths *paths, struct arena *a, struct routing_rows *rows_r,
                   struct text *error) MUST_CHECK;
