/* A text as the set of its shingles, pairs of neighbouring characters, for finding the same matter told twice: core/minhash makes an index of
 * them, core/twins compares two. It reads clean masked text (core/normalise over core/redact). What a mask left standing (154****5678, 王某某,
 * 【住址】) is in no shingle: two people are not alike because both left a number. Particles are left out, numbers written in characters become
 * digits, so that 等了三十天 and 等30天 are the same words. Names of places and numbered places stand beside the set, as evidence for or against.
 * Pure; looks at the first SHINGLES_POINTS characters alone, so its cost has a bound. */
#pragma once
#include "base/str.h"

#define SHINGLES_POINTS 1000
#define SHINGLES_PLACES 16

/* A place as its kind (村, 小区 …, or the sign behind a number: 栋, 路) and what stands before it: two characters of its name, or its number. */
struct shingle_place {
    u32 kind;
    u64 name;
};
struct shingles {
    size_t n;
    u64 pairs[SHINGLES_POINTS]; /* distinct, ascending; the two characters, the first in the high half */
    size_t n_places;
    struct shingle_place places[SHINGLES_PLACES];
    size_t n_points; /* the text as it is compared, in its order; 0 parts */
    u32 points[SHINGLES_POINTS];
};

void shingles_of(struct str clean_masked, struct shingles *s_r);
/* 1, 2 or 4: how much a pair says of the matter. Characters that stand in every complaint (我们, 希望, 不 …) say least. */
unsigned shingle_weight(u64 pair);
bool shingle_common(u32 c);   /* a digit, or a character that stands in every complaint */
bool shingle_pointing(u32 c); /* before the sign of a place it only points: 这个路, 我们村 */
bool shingles_have(const struct shingles *s, u64 pair);

enum shingle_places { PLACES_UNKNOWN, PLACES_SAME, PLACES_OTHER };
/* PLACES_SAME: both name one place; PLACES_OTHER: both name places of one kind and none of them is the same; else unknown. Symmetric. */
enum shingle_places shingles_places(const struct shingles *a, const struct shingles *b);
