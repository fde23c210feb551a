/* Finding words in Chinese, which has no blanks between them: a text is the set of its pairs of neighbouring characters, and what holds a
 * searched word holds all of its pairs. A pair says nothing of order or place, so every text that is found is read once more for the
 * words themselves. wordindex writes by this part, staff_search asks by it; both go through core/normalise first, so full width, capitals and
 * traditional characters make no difference. Pure.
 *
 * Texts are numbered within segments of GRAMS_SEGMENT; what a segment knows of one pair is the set of its texts (places). */
#pragma once
#include "base/str.h"

#define GRAMS_SEGMENT 8192
#define GRAMS_BYTES   (GRAMS_SEGMENT / 8) /* of the longest coded set */

/* The pairs of a clean text (core/normalise), each as one number, in order and with repeats; at most max are written. Letters, digits and
 * characters make pairs, blanks and punctuation part them. Two pairs beyond the basic plane may share a number. */
size_t grams_of(struct str clean, u32 *out, size_t max);

/* A set of places in one segment. */
struct places {
    u64 bits[GRAMS_SEGMENT / 64];
};
/* Codes n ascending places below GRAMS_SEGMENT into out, as two-octet numbers or, when that is shorter, one bit for each place. Returns the octets. */
size_t places_code(const uint16_t *places, size_t n, u8 out[GRAMS_BYTES]);
/* False, with *out_r empty, when the octets are no such set. */
bool places_read(struct str coded, struct places *out_r) MUST_CHECK;
void places_keep(struct places *of, const struct places *with); /* what both have */
/* The highest place below `below`, or -1. */
int places_below(const struct places *p, int below);
