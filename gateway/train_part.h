/* Inside of train, shared by its files only. */
#pragma once
#include "io/linear.h"
#include "train.h"

#define TRAIN_FACT 0.2F /* strength of a fact against all runs of a text together, which weigh 1 */

/* A run of characters or a fact, as counted over all examples. */
struct train_run {
    u64 hash;
    u32 name, n;          /* its bytes in `names` */
    u32 groups;           /* of how many different matters it was met in */
    u32 seen, last_group; /* the example and the group it was last met in, + 1 */
    u32 feature;          /* + 1; 0: not kept */
    bool fact;
    bool
        matter; /* a fact that tells of a matter by the rules: not for the head of matters, whose opinion is set against theirs */
};
struct train_set {
    const struct train_example **example; /* those that are used, by group */
    u32 *group;                           /* by example: its own number where it had none */
    size_t n;
    struct linear_cell *cells; /* rows of all examples, one behind the other */
    size_t n_cells;
    u32 *first;             /* by example, n + 1 of them */
    struct train_run *runs; /* open addressing */
    size_t n_runs, cap_runs;
    struct text names;
    struct train_run **features; /* by feature */
    size_t n_features;
    size_t n_groups;
};
/* Rows of all examples. False with a sentence. */
bool train_rows(const struct train_example *examples, size_t n, const struct routing *routing,
                struct train_set *s, struct train_report *report, struct text *error) MUST_CHECK;
void train_set_free(struct train_set *s);
float train_idf(const struct train_set *s, const struct train_run *r); /* 0 for a fact */
/* Examples of one group fall into one fold. */
unsigned train_fold(const struct train_set *s, size_t example, unsigned folds);

/* One head: classes with enough examples, and what each example is. */
struct train_head {
    struct str *codes;
    size_t n;              /* 0: none */
    int *class;            /* by example: -1 unknown or left out */
    float *weights, *bias; /* the model last trained: by feature and class */
    float heat;
    struct learned_mix mix;
    float *held; /* by measured example and class: scores of a model that did not see it */
};
struct train_course {
    struct train_set set;
    const struct routing *routing;
    struct train_head head[LEARNED_HEADS];
    unsigned folds;
    u32 *measured; /* examples that are held back once, by index; at most MEASURED_MAX */
    size_t n_measured;
    struct calibration calibration[CERTAIN_N];
    struct judge judge[CERTAIN_N];
    float alone;
};
/* One held-back decision. */
struct train_told {
    double score[CERTAIN_N];
    bool right[CERTAIN_N];
    float sign[JUDGE_SIGNS_N];
    bool own; /* an example of the office's own */
    bool
        may_go; /* were it sure enough, nobody would look: no report for few eyes, nothing held, no rating without a case */
    unsigned fold;
};
/* Finds the judge of the model and puts a held-back judgement in the place of each score; leaves both alone where there are too few. Where
 * `own`, the office's own examples count and the shipped ones hardly. */
void train_judge(struct train_course *c, enum certain of, bool own, struct train_told *all, size_t n);
/* Heats, mixes, calibrations and the figures of the report, from head[].held. False with a sentence. */
bool train_measure(struct train_course *c, struct train_report *report, struct text *error) MUST_CHECK;
