/* Whether two texts are about the same matter, and how sure that is: the exact comparison behind the index of core/minhash and core/telling. Used by the follower
 * twinfinder.c, which offers 并案 to a person and never merges anything itself, and by evaluate_dups.c, which measures exactly this function.
 * Two kinds of likeness. By words: half of what the shorter says, or three tenths of what both say, or less with the same unit, category and place within days. By the
 * matter: other words, but one place or something that stands in hardly any text, and one kind of matter, weighed by how rare it is. Against both speak
 * places and numbered things that differ, and a name in the place of a name in what else is a copy. Pure. */
#pragma once
#include "core/telling.h"
#include "core/minhash.h"

/* How many are looked at: of one band or key the newest, of all those that share most, and the newest of the same unit and of the same category. */
#define TWINS_BAND_NEWEST 40
#define TWINS_LIKEST      40
#define TWINS_NEAR_NEWEST 60
/* A key of core/telling counts as so many bands. */
#define TWINS_KEY_COUNTS 3

/* Of one text in the index: bands of core/minhash (positive) and keys of core/telling (negative). */
#define TWINS_KEYS (MINHASH_BANDS + TELLING_KEYS)
size_t twins_keys(const struct telling *m, const u64 *matters, size_t n_matters, i64 out[TWINS_KEYS]);

/* What is known of both beside their words. */
struct twins_beside {
    bool same_unit, same_category;
    bool near_category; /* the router thought of the category of one for the other, too */
    bool same_plaque,
        other_plaque; /* both were sent from plaques: of one unit, of two; neither when one has none */
    int hours;        /* between them, either way */
};
enum twins_strength {
    TWINS_NOT,
    TWINS_LIKELY, /* offered to be looked at beside */
    TWINS_SAME    /* offered as the same matter */
};
struct twins {
    enum twins_strength strength;
    int percent; /* 0 to 100, for people: how much of the shorter stands in the longer, or of both in common, the higher */
    int shared;    /* shingles in common */
    bool by_words; /* the words alone were enough */
    enum shingle_places places;
    int points; /* by the matter, in hundredths; of those near the bounds below */
};

/* Symmetric in a and b. */
struct twins twins_compare(const struct telling *a, const struct telling *b,
                           const struct twins_beside *beside);
