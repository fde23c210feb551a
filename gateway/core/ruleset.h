/* A set of changes to what the router knows: words with their weights, aliases of units, what a category leads to. For the desk of
 * rules, which shows what a set would do before anybody puts it into force.
 *
 * Judges each change by itself and lays the set over the rows in force; routing_build then says whether the whole can be compiled.
 * Pure: reads rows, writes into an arena, stores nothing. */
#pragma once
#include "core/route.h"

#define RULESET_ALIASES_MAX 30 /* of one unit */
#define RULESET_NAME_POINTS 40 /* of a word and of an alias */

enum rule_of { RULE_WORD, RULE_ALIAS, RULE_CATEGORY };
/* One change, in words of the tables. Views are the caller's and must outlive what is built over them. */
struct rule_change {
    enum rule_of of;
    struct str kind, word, value; /* RULE_WORD: which row */
    bool gone;                    /* RULE_WORD: it is taken away */
    double weight;                /* RULE_WORD: what it has then */
    struct str
        unit; /* RULE_ALIAS: whose. RULE_CATEGORY: who handles it when nobody better is named. A code */
    struct str aliases; /* RULE_ALIAS: all of them, joined by '|' */
    struct str code;    /* RULE_CATEGORY: of a matter, never of a heading */
    enum nature nature;
    int level;
    bool confidential;
    /* Filled in by ruleset_apply: what is in force. All NULL: there is nothing yet. */
    const struct routing_word *was_word;
    const struct routing_unit *was_unit;
    const struct routing_category *was_category;
};
/* What is wrong, in one sentence each; it quotes only what the change holds. */
struct rule_fault {
    char zh[400], en[400];
};
/* Lays n changes over rows. False with a sentence: a change is out of its bounds, names what is not there, or stands twice. rows_r and
 * the arena's memory live as long as each other; rows and changes are referred to, not copied. Order of the changes does not matter;
 * they are sorted. */
bool ruleset_apply(const struct routing_rows *rows, struct rule_change *changes, size_t n, struct arena *a,
                   struct routing_rows *rows_r, struct rule_fault *fault_r) MUST_CHECK;
