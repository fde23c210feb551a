/* The router over the sample district, for the tests of its rules: tables and snapshot are made once for a group of tests. */
#pragma once
#include "evaluate.h"
#include <stdio.h>

#define DISTRICT TREE "/deploy/sample-district/"
static const struct evaluate_paths paths = {DISTRICT "feedback-corpus.jsonl", DISTRICT "units.csv",
                                            DISTRICT "categories.csv", DISTRICT "words.csv",
                                            DISTRICT "examples.csv"};
static struct arena tables;
static struct routing_rows rows;
static struct routing *routing;

static inline bool rig_read(void)
{
    struct text error;
    text_init(&error, 1000);
    arena_init(&tables, (size_t)256 << 20);
    bool ok = evaluate_rows(&paths, &tables, &rows, &error);
    if (error.n > 0) (void)fprintf(stderr, "%s\n", text_z(&error));
    text_free(&error);
    return ok;
}
static inline bool rig_build(void)
{
    struct text error;
    text_init(&error, 1000);
    routing = routing_build(&rows, &error);
    if (error.n > 0) (void)fprintf(stderr, "%s\n", text_z(&error));
    text_free(&error);
    return routing != NULL;
}
static inline int rig_load(void **state)
{
    (void)state;
    return rig_read() && rig_build() ? 0 : 1;
}
static inline int rig_unload(void **state)
{
    (void)state;
    routing_free(&routing);
    arena_free(&tables);
    return 0;
}

static inline int id_of(const char *code) { return code ? routing_rows_unit(&rows, str_of(code)) : 0; }
/* Good for four of them at a time. */
static inline const char *code_of(int id)
{
    static char code[4][16];
    static int at;
    char *c = code[at++ % 4];
    if (id == 0) return "";
    (void)snprintf(c, sizeof code[0], "%.*s", STR_ARG(rows.units[id - 1].code));
    return c;
}
