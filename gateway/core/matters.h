/* Which texts tell of one matter, so that no retelling of what a model has learnt is counted as new to it. Used by train_compare.c to part the
 * examples of the two sides of a comparison. One text after the other: it joins the first one before it that it resembles, or begins a matter of
 * its own; a text is compared with that first one alone, so that no chain of likenesses makes one matter of everything about lamps.
 * What resembles is found by the index of core/minhash and measured by the shingles in common. Pure; bounded memory and a bounded
 * number of comparisons for each text. */
#pragma once
#include "base/str.h"

struct matters;
struct matters *matters_new(size_t most); /* texts; the caller frees */
void matters_free(struct matters **m);
/* The next text, clean and masked: which one, counted from 0, began its matter; itself when it begins one. At most `most` times. */
size_t matters_add(struct matters *m, struct str clean) MUST_CHECK;
