#include "core/bucket.h"
#include <stdlib.h>

#define WAYS 8

span bucket_take(struct bucket *b, instant now, struct bucket_rate rate)
{
    ASSERT(rate.per_token.us > 0 && rate.burst > 0);
    i64 empty = rate.per_token.us * (i64)rate.burst;
    i64 owed = b->full_at.us > now.us ? b->full_at.us - now.us : 0;
    if (owed > empty) owed = empty;
    i64 after = owed + rate.per_token.us;
    if (after > empty) {
        b->full_at.us = now.us + owed;
        return (span){after - empty};
    }
    b->full_at.us = now.us + after;
    return (span){0};
}

void bucket_table_init(struct bucket_table *t, size_t capacity)
{
    size_t sets = 1;
    while (sets * WAYS < capacity) sets *= 2;
    t->sets = sets;
    t->slots = mem_alloc(sets * WAYS * sizeof *t->slots);
}

void bucket_table_free(struct bucket_table *t)
{
    free(t->slots);
    *t = (struct bucket_table){0};
}

span bucket_table_take(struct bucket_table *t, u64 key, instant now, struct bucket_rate rate)
{
    if (key == 0) key = 1; /* 0 marks a free slot */
    struct bucket_slot *set = t->slots + (size_t)(key & (t->sets - 1)) * WAYS, *use = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key) return bucket_take(&set[i].bucket, now, rate);
        if (instant_before(set[i].bucket.full_at, use->bucket.full_at)) use = &set[i];
    }
    *use = (struct bucket_slot){.key = key};
    return bucket_take(&use->bucket, now, rate);
}
