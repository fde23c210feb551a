/* id -> pointer. Work that waits is kept by id, not by pointer: the peer may be gone before the
 * database answers, and an id that is no longer in the map is simply a late answer. Ids are never 0. */
#pragma once
#include "base/base.h"

struct idmap {
    u64 *ids;
    void **values;
    size_t cap, count;
};

void idmap_init(struct idmap *m);
void idmap_free(struct idmap *m);                     /* frees the map, not the values */
void idmap_put(struct idmap *m, u64 id, void *value); /* id must not be there yet */
void *idmap_get(const struct idmap *m, u64 id);       /* NULL when absent */
void *idmap_take(struct idmap *m, u64 id);            /* get and remove */
/* Walks all pairs: start with *at = 0; false at the end. The map must not change meanwhile. */
bool idmap_next(const struct idmap *m, size_t *at, u64 *id_r, void **value_r);
