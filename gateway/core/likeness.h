/* How alike two short texts are, by the pairs of neighbouring characters that both have: works for Chinese, which has no blanks
 * between its words, and needs no dictionary. Used by citizen_matter.c to find open cases that may be the same matter. Pure; looks
 * at the first LIKENESS_POINTS characters alone, so its cost has a bound. */
#pragma once
#include "base/str.h"

#define LIKENESS_POINTS 400

/* The distinct pairs of one text, in order. Marks, blanks and masked places part pairs and stand in none. */
struct likeness {
    size_t n;
    u64 pairs[LIKENESS_POINTS];
};
void likeness_of(struct str text, struct likeness *l);
/* 0 to 100: twice the pairs in common by all pairs of both (Dice). 0 when one has none. */
int likeness_percent(const struct likeness *a, const struct likeness *b);
/* The longest stretch of `mine` that stands in `other` too, at least `least` and at most `most` characters, without marks,
 * digits (numbers of houses and telephones) and masked places in it: a view of `mine`, or STR_NONE. What it shows of the other text the author of `mine` has written. */
struct str likeness_shared(struct str mine, struct str other, size_t least, size_t most);
