/* How often somebody may do something: a token bucket as a pure rule, and a table of them for addresses.
 * The doors ask before they work on a request. State is one instant: the time at which the bucket will be
 * full again (the "theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371). */
#pragma once
#include "base/clock.h"

struct bucket {
    instant full_at;
}; /* zero: a full bucket */
struct bucket_rate {
    span per_token;
    u32 burst;
}; /* one token per that span, at most `burst` saved up */

/* Takes one token. Returns zero when allowed, else how long to wait; a refusal takes nothing, so knocking
 * does not prolong the wait. A clock that is set back costs at most one empty bucket. */
span bucket_take(struct bucket *b, instant now, struct bucket_rate rate);

/* Buckets by a 64-bit keyed hash of the address. Memory is taken once; when a corner of the table is full the
 * bucket that is nearest to full again is forgotten, which forgives least. Owner: the door, one thread. */
struct bucket_slot {
    u64 key;
    struct bucket bucket;
};
struct bucket_table {
    struct bucket_slot *slots;
    size_t sets;
};

void bucket_table_init(struct bucket_table *t,
                       size_t capacity); /* rounded up to a power of two, at least 8 */
void bucket_table_free(struct bucket_table *t);
span bucket_table_take(struct bucket_table *t, u64 key, instant now, struct bucket_rate rate);
