/* Inside of evaluate, shared by its files only. */
#pragma once
#include "base/json.h"
#include "core/csv.h"
#include "core/normalise.h"
#include "evaluate.h"
#include "train.h"

#define EVALUATE_FILE_MAX  ((size_t)64 << 20)
#define EVALUATE_TEXTS_MAX 20000

/* One labelled text. Strings are views into its document. */
struct evaluate_text {
    struct json *doc;
    struct str id, channel, plaque, text;
    struct str category, unit, about, nature, urgency; /* as the tables write them; empty: not labelled */
    bool says_about;                                   /* about is labelled, also when it is nobody */
    const struct json *pii;
    char number[16]; /* the id of a text without one: its line */
    struct text clean;
    u32 group;     /* texts that tell of one matter share it; from 1 */
    unsigned fold; /* by the same */
};

bool evaluate_file(const char *path, struct arena *a, struct str *file_r, struct text *error) MUST_CHECK;
/* Opens a table that must have the named columns; at[] gets their numbers. */
bool evaluate_table(struct csv *c, const char *path, struct arena *a, const char *const *names, size_t n,
                    size_t *at, struct text *error) MUST_CHECK;
bool evaluate_fault(const char *path, const struct csv *c, const char *why, struct text *error); /* false */

/* The shipped examples; those that are the words of a text of the file are left out. */
struct evaluate_base {
    struct train_example *examples;
    size_t n, dropped;
    struct text *clean; /* by example */
};
bool evaluate_base_read(struct evaluate_base *b, const char *path, const struct normalise_tools *tools,
                        const struct routing_rows *rows, const struct evaluate_text *texts, size_t n_texts,
                        struct arena *a, struct text *error) MUST_CHECK;
void evaluate_base_free(struct evaluate_base *b);
/* A model from the base and the texts of all folds but one, read back from its bytes. NULL with a sentence in `error`. */
struct learned *evaluate_learn(const struct evaluate_base *b, const struct routing *routing,
                               const struct routing_rows *rows, const struct evaluate_text *texts,
                               size_t n_texts, unsigned fold, struct train_report *report_r,
                               struct text *error) MUST_CHECK;
