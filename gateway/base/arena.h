/* Memory that lives and dies together: everything parsed from one request sits in one arena.
 * What must live longer is copied out by name. Not for use from two threads. */
#pragma once
#include "base/str.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used, max;
};

void arena_init(struct arena *a, size_t max); /* nothing allocated yet; max bytes in all */
void arena_free(struct arena *a);             /* every pointer from it is dead; the arena can be used again */
/* n zeroed bytes, aligned for anything. NULL when the arena would pass its maximum. */
void *arena_alloc(struct arena *a, size_t n) MUST_CHECK;
/* A copy with a NUL behind it (not counted). .p is NULL when the arena is full. */
struct str arena_str(struct arena *a, struct str s) MUST_CHECK;
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
