/* The index of the same matter told twice: from a text's shingles a few numbers (bands of a MinHash signature) such that two texts with much in
 * common share at least one of them, and texts with nothing in common share none but by accident. A table with one row for each band and an
 * ordinary index then finds the candidates of a new text among ten million without reading them; core/twins compares what was found. Two widths:
 * narrow bands of two minima part copies from the crowd, wide ones of one minimum find short texts that sum up long ones. A pair of
 * common characters is drawn four times less often than one that says something.
 * (Broder, On the resemblance and containment of documents, 1997; bands: Indyk and Motwani, 1998.) Pure. */
#pragma once
#include "core/shingles.h"

#define MINHASH_WIDE   14
#define MINHASH_NARROW 14
#define MINHASH_BANDS  (MINHASH_WIDE + MINHASH_NARROW)
#define MINHASH_MAKE                                                                                         \
    2 /* of the bands, and of the keys of core/telling: stored beside them; a change of shingles or hashes raises it, and all are made anew */
#define MINHASH_LEAST 3 /* shingles: less says nothing and has no bands */

/* Writes the distinct bands of a text, in no order that means anything; returns how many: 0 for a text that says too little. The same text
 * gives the same bands on every machine. */
size_t minhash_bands(const struct shingles *s, i64 out[MINHASH_BANDS]);
