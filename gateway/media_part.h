/* What media.c (files through the worker), media_keep.c (into store and tables, and back) and media_sweep.c share. */
#pragma once
#include "media.h"
#include "store.h"
#include "base/list.h"
#include "io/child.h"

/* One file on its way. */
struct media_one {
    struct list node; /* while it waits for a worker */
    struct making *of;
    size_t at;
    char *bytes, *answer; /* as sent; what the worker said */
    size_t n, answer_n;
    enum media_type type;
    instant began; /* monotonic */
};

/* The files of one form. */
struct making {
    struct gateway *g;
    size_t n, open; /* open: with a worker, or waiting for one */
    struct media_one files[SUBMISSION_FILES_MAX];
    struct media_made made;
    void (*done)(struct making *m); /* takes it over: making_free */
    void *arg;
};
struct making *making_new(struct gateway *g, void (*done)(struct making *m), void *arg);
/* Copies the files and hands them to workers. done comes once, perhaps at once. */
void making_start(struct making *m, const struct webform_file *files, size_t n);
void making_free(struct making *m);

struct sweep;
struct sweep *sweep_new(struct gateway *g);
void sweep_free(struct sweep **s);

extern const struct db_stmt stmt_media_add, stmt_media_find, stmt_media_bind_act;
extern const struct db_stmt stmt_media_sweep, stmt_store_claim, stmt_store_gone;
