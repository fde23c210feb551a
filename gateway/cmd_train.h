/* What the files of `mashangdu train` share; nobody else includes it. */
#pragma once
#include "cmd.h"
#include "train_compare.h"
#include "base/arena.h"

#define TRAIN_NAME      "train"
#define TRAIN_CASES_MAX ((size_t)60000)

/* Everything that is learned from, and what it is counted as on the desk. */
struct train_set {
    struct train_case *all;
    u64 *ids; /* of the examples of the office's cases, from_cases of them */
    size_t n, from_cases, corrected, confirmed, closed, from_file;
    struct arena arena;
};
/* The newest examples of the office's cases, one for each case, at most TRAIN_CASES_MAX; live_made: when the model in force was made, ""
 * for none. Before train_read_file. False with a sentence printed. */
bool train_read_cases(struct db_tool *db, const char *live_made, struct train_set *s) MUST_CHECK;
/* Labelled texts from a CSV file: category,unit,nature,urgency,plaque,text. `known`: the model in force was made with such a file,
 * so that none of it is new to it. */
bool train_read_file(const char *path, const struct routing_rows *rows, bool known,
                     struct train_set *s) MUST_CHECK;

/* One training: begun, read, compared, learnt, stored by whoever began it, ended. Each step false with a sentence printed and `fault` set. */
struct training {
    struct db_tool *db;
    int percent; /* the setting auto_assign_percent */
    struct routing_rows rows;
    struct train_set set;
    struct arena tables;
    int rules, live; /* versions; live 0: the rules alone */
    char live_made[40];
    bool live_knows_file;
    struct learned *learned; /* of the live one */
    bool *held;
    size_t n_held, matters; /* examples held back, and of how many matters they tell */
    bool fresh;
    struct train_score old, new;
    struct text model, report;
    struct train_report made;
    const char *fault; /* after a failure: its word in route_trainings.fault */
};
void training_begin(struct training *t, struct db_tool *db, int percent); /* db stays the caller's */
void training_end(struct training *t);
bool training_read(struct training *t, const char *file) MUST_CHECK; /* file: labelled texts, or NULL */
bool training_compare(struct training *t) MUST_CHECK;
bool training_learn(struct training *t)
    MUST_CHECK; /* the model and its report, and that it can be read again */
/* What route_model_store and route_training_store take, as texts. */
struct training_values {
    struct text bytes, learnt;
    char rules[16], base[16], examples[200];
};
void training_values(const struct training *t, struct training_values *v);
void training_values_free(struct training_values *v);

/* `mashangdu train --worker`, started by trainings.c with a socket as standard input: what to do comes over it in lines, see there. */
int train_worker(void);
