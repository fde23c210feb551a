/* A snapshot while it is built, inside of core/route: route_build.c, route_names.c and route_words.c only. */
#pragma once
#include "core/route_part.h"

struct entry {
    struct str word;
    struct meaning meaning;
    u32 order;
};
struct slot {
    struct str word;
    u32 slot;
};
struct build {
    struct routing *r;
    const struct routing_rows *rows;
    struct text *error;
    struct entry *entries;
    size_t n_entries, cap_entries;
    struct slot *slots; /* by word; "@name" for a class */
    size_t n_slots, cap_slots;
    u32 *weak; /* rows of kind weak, so that each name need not look through all words */
    size_t n_weak;
    bool failed;
};

void route_units_add(struct build *b);  /* units, their superiors, who acts for whom */
void route_shares_add(struct build *b); /* what of a unit that was split went where; after the units */
void route_names_add(struct build *b);  /* full names, short names, aliases, the stems of townships */
void route_words_add(
    struct build *b); /* the word tables and the settings among them; after units and categories */

/* Memory and copies that live as long as the snapshot; NULL when there is no more, which is then told. */
void *build_take(struct build *b, size_t n);
struct str build_keep(struct build *b, struct str s);
/* One meaning of a word. The same word may have many. */
void build_entry(struct build *b, struct str word, struct meaning m);
/* The first fault is the one that is told. */
void build_fail(struct build *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
