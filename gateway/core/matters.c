#include "core/matters.h"
#include "core/minhash.h"
#include "base/base.h"
#include <stdlib.h>
#include <string.h>

/* Near those of core/twins by words alone: here a wrong pair only moves an example to the other side. */
#define JACCARD_SAME 30 /* percent: in common by all of both */
#define OVERLAP_SAME 50 /* in common by all of the shorter */
#define SHINGLES_FEW 6 /* shorter texts say too little for an overlap: 非常满意 stands in many a praise */
#define JACCARD_FEW  60
#define BAND_NEWEST  12 /* texts of one band that are looked at */

struct entry {
    i64 band;
    u32 text, before; /* before: of the same slot, 1 more than its place; 0: none */
};
struct first {
    size_t n;
    u64 *pairs;   /* ascending */
    u32 compared; /* with which text last, 1 more than its place */
};
struct matters {
    size_t n, n_entries, mask;
    u32 *slots; /* 1 more than the newest entry's place */
    struct entry *entries;
    struct first *texts;
    struct shingles shingles;
};

struct matters *matters_new(size_t most)
{
    struct matters *m = mem_alloc(sizeof *m);
    size_t slots = 64;
    while (slots < most * MINHASH_BANDS) slots *= 2;
    *m = (struct matters){.mask = slots - 1};
    m->slots = mem_alloc(slots * sizeof *m->slots);
    m->entries = mem_alloc((most * MINHASH_BANDS + 1) * sizeof *m->entries);
    m->texts = mem_alloc((most + 1) * sizeof *m->texts);
    return m;
}

void matters_free(struct matters **m)
{
    if (!*m) return;
    for (size_t i = 0; i < (*m)->n; i++) free((*m)->texts[i].pairs);
    free((*m)->slots);
    free((*m)->entries);
    free((*m)->texts);
    free(*m);
    *m = NULL;
}

static bool resembles(const struct shingles *s, const struct first *f)
{
    size_t both = 0;
    for (size_t i = 0, k = 0; i < s->n && k < f->n;) {
        both += s->pairs[i] == f->pairs[k];
        if (s->pairs[i] <= f->pairs[k])
            k += s->pairs[i] == f->pairs[k], i++;
        else
            k++;
    }
    const size_t few = MIN(s->n, f->n), all = s->n + f->n - both;
    if (few < SHINGLES_FEW) return both * 100 >= all * JACCARD_FEW;
    return both * 100 >= all * JACCARD_SAME || both * 100 >= few * OVERLAP_SAME;
}

/* SIZE_MAX: none. */
static size_t first_like(struct matters *m, const i64 *bands, size_t n)
{
    size_t found = SIZE_MAX;
    for (size_t b = 0; b < n; b++) {
        size_t looked = 0;
        for (u32 at = m->slots[(size_t)(bands[b] >> 1) & m->mask]; at && looked < BAND_NEWEST;) {
            const struct entry *e = &m->entries[at - 1];
            at = e->before;
            if (e->band != bands[b]) continue;
            looked++;
            struct first *f = &m->texts[e->text];
            if (f->compared == (u32)m->n + 1 || e->text > found) continue;
            f->compared = (u32)m->n + 1;
            if (resembles(&m->shingles, f)) found = e->text;
        }
    }
    return found;
}

size_t matters_add(struct matters *m, struct str clean)
{
    i64 bands[MINHASH_BANDS];
    const size_t mine = m->n;
    shingles_of(clean, &m->shingles);
    const size_t n = minhash_bands(&m->shingles, bands);
    const size_t like = first_like(m, bands, n);
    m->texts[m->n++] = (struct first){0};
    if (like != SIZE_MAX) return like;
    struct first *f = &m->texts[mine];
    f->n = n ? m->shingles.n : 0;
    if (f->n) {
        f->pairs = mem_alloc(f->n * sizeof *f->pairs);
        memcpy(f->pairs, m->shingles.pairs, f->n * sizeof *f->pairs);
    }
    for (size_t b = 0; b < n; b++) {
        u32 *slot = &m->slots[(size_t)(bands[b] >> 1) & m->mask];
        m->entries[m->n_entries++] = (struct entry){bands[b], (u32)mine, *slot};
        *slot = (u32)m->n_entries;
    }
    return mine;
}
