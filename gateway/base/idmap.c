#include "base/idmap.h"
#include <stdlib.h>
#include <string.h>

/* Open addressing with linear probing; removal shifts the run back, so there are no tombstones. */
void idmap_init(struct idmap *m) { *m = (struct idmap){0}; }

void idmap_free(struct idmap *m)
{
    free(m->ids);
    free(m->values);
    idmap_init(m);
}

static size_t slot_of(u64 id, size_t cap)
{
    id ^= id >> 32;
    id *= 0x9e3779b97f4a7c15u;
    return (size_t)(id >> 32) & (cap - 1);
}

static size_t find(const struct idmap *m, u64 id)
{
    size_t i = slot_of(id, m->cap);
    while (m->ids[i] && m->ids[i] != id) i = (i + 1) & (m->cap - 1);
    return i;
}

static void resize(struct idmap *m, size_t cap)
{
    struct idmap old = *m;
    m->cap = cap;
    m->ids = mem_alloc(cap * sizeof *m->ids);
    m->values = mem_alloc(cap * sizeof *m->values);
    for (size_t i = 0; i < old.cap; i++) {
        if (!old.ids[i]) continue;
        size_t at = find(m, old.ids[i]);
        m->ids[at] = old.ids[i];
        m->values[at] = old.values[i];
    }
    free(old.ids);
    free(old.values);
}

void idmap_put(struct idmap *m, u64 id, void *value)
{
    ASSERT(id != 0 && value != NULL);
    if (m->count * 2 >= m->cap) resize(m, m->cap ? m->cap * 2 : 64);
    size_t at = find(m, id);
    ASSERT(m->ids[at] == 0);
    m->ids[at] = id;
    m->values[at] = value;
    m->count++;
}

void *idmap_get(const struct idmap *m, u64 id)
{
    if (id == 0 || m->cap == 0) return NULL;
    size_t at = find(m, id);
    return m->ids[at] ? m->values[at] : NULL;
}

void *idmap_take(struct idmap *m, u64 id)
{
    if (id == 0 || m->cap == 0) return NULL;
    size_t at = find(m, id);
    if (!m->ids[at]) return NULL;
    void *value = m->values[at];
    m->ids[at] = 0;
    m->count--;
    size_t hole = at;
    for (size_t i = (at + 1) & (m->cap - 1); m->ids[i]; i = (i + 1) & (m->cap - 1)) {
        size_t home = slot_of(m->ids[i], m->cap);
        if (((i - home) & (m->cap - 1)) < ((i - hole) & (m->cap - 1))) continue;
        m->ids[hole] = m->ids[i];
        m->values[hole] = m->values[i];
        m->ids[i] = 0;
        hole = i;
    }
    return value;
}

bool idmap_next(const struct idmap *m, size_t *at, u64 *id_r, void **value_r)
{
    while (*at < m->cap) {
        size_t i = (*at)++;
        if (!m->ids[i]) continue;
        *id_r = m->ids[i];
        *value_r = m->values[i];
        return true;
    }
    return false;
}
