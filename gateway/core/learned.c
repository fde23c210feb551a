/* Asking a model. */
#include "core/learned_part.h"
#include <math.h>
#include <string.h>

#define WHY_MAX 8

void learned_free(struct learned **m)
{
    if (*m == NULL) return;
    struct arena a = (*m)->arena; /* the model lies in its own arena */
    *m = NULL;
    arena_free(&a);
}

size_t learned_classes(const struct learned *m, enum learned_head h) { return m->head[h].n; }

struct str learned_class(const struct learned *m, enum learned_head h, size_t i)
{
    ASSERT(i < m->head[h].n);
    return m->codes[m->head[h].first + i];
}

size_t learned_features(const struct learned *m) { return m->n_features; }
size_t learned_bytes(const struct learned *m) { return m->arena.used; }
struct learned_mix learned_mix(const struct learned *m, enum learned_head h) { return m->head[h].mix; }

const struct calibration *learned_calibration(const struct learned *m, enum certain of)
{
    return &m->calibration[of];
}

const struct judge *learned_judge(const struct learned *m, enum certain of)
{
    return m->judge[of].known ? &m->judge[of] : NULL;
}

float learned_alone(const struct learned *m) { return m->alone; }

double calibration_right(const struct calibration *c, double raw)
{
    if (c->n == 0) return raw;
    if (raw <= (double)c->raw[0]) return (double)c->right[0];
    for (size_t i = 1; i < c->n; i++) {
        double from = (double)c->raw[i - 1], to = (double)c->raw[i];
        if (raw > to) continue;
        double part = to > from ? (raw - from) / (to - from) : 1;
        return (double)c->right[i - 1] + part * ((double)c->right[i] - (double)c->right[i - 1]);
    }
    return (double)c->right[c->n - 1];
}

static u32 find(const struct learned *m, u64 hash)
{
    u32 tag = (u32)(hash >> 32);
    for (u32 at = (u32)hash & m->mask; m->slots[at].feature != 0; at = (at + 1) & m->mask)
        if (m->slots[at].tag == tag) return m->slots[at].feature - 1;
    return UINT32_MAX;
}

static void add(const struct learned *m, u32 feature, float strength, float *sums)
{
    const struct learned_run *f = &m->features[feature];
    const struct learned_weight *w = m->weights + f->first, *end = w + f->n;
    float by = strength * f->scale;
    for (; w < end; w++) sums[w->class] += by * (float)w->q;
}

/* Sums of scores -> logarithms of probabilities, in place. */
static void level(float *sums, size_t n, float heat)
{
    float top = sums[0];
    double all = 0;
    for (size_t i = 1; i < n; i++) top = MAX(top, sums[i]);
    for (size_t i = 0; i < n; i++) {
        sums[i] = (sums[i] - top) / heat;
        all += (double)expf(sums[i]);
    }
    float down = (float)log(all);
    for (size_t i = 0; i < n; i++) sums[i] -= down;
}

/* The hashes of all runs of the text, in their order; hashes_r has room for LEARNED_GRAM_MAX for each token. */
static size_t hash_runs(const struct learned *m, const struct learned_tokens *t, u64 *hashes_r)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        u64 h = LEARNED_HASH_START;
        size_t longest = MIN((size_t)t->run[i], (size_t)LEARNED_GRAM_MAX);
        for (size_t k = 0; k < longest; k++) {
            for (u32 b = t->start[i + k]; b < t->start[i + k + 1]; b++)
                h = learned_hash_byte(h, (u8)t->bytes[b]);
            hashes_r[n] = learned_hash_end(h);
            __builtin_prefetch(&m->slots[(u32)hashes_r[n++] & m->mask]);
        }
    }
    return n;
}

/* A model is larger than what a processor keeps at hand, and a text asks for it here and there: each pass over the runs says early what
 * the next one will read. */
bool learned_score(const struct learned *m, const struct learned_tokens *t, const struct learned_facts *f,
                   struct arena *a, struct learned_scores *s)
{
    memset(s, 0, sizeof *s);
    size_t runs = t->n * LEARNED_GRAM_MAX, max = MIN(runs, (size_t)m->n_features) + f->n, n = 0;
    float *sums = arena_alloc(a, (m->n_classes + 1) * sizeof *sums),
          *strength = arena_alloc(a, (max + 1) * sizeof *strength);
    u32 *met = arena_alloc(a, (max + 1) * sizeof *met);
    u8 *seen = arena_alloc(a, m->n_features / 8 + 1);
    u64 *hashes = arena_alloc(a, (runs + 1) * sizeof *hashes);
    if (sums == NULL || strength == NULL || met == NULL || seen == NULL || hashes == NULL) return false;
    runs = hash_runs(m, t, hashes);
    for (size_t i = 0; i < runs; i++) {
        u32 at = find(m, hashes[i]);
        if (at == UINT32_MAX || (seen[at / 8] & (1u << at % 8))) continue;
        seen[at / 8] = (u8)(seen[at / 8] | (1u << at % 8));
        met[n++] = at;
        __builtin_prefetch(&m->features[at]);
    }
    float square = 0;
    for (size_t i = 0; i < n; i++) {
        const struct learned_run *run = &m->features[met[i]];
        if (run->idf <= 0) continue;
        square += run->idf * run->idf;
        met[s->n_met] = met[i];
        strength[s->n_met++] = run->idf;
        __builtin_prefetch(&m->weights[run->first]);
    }
    float norm = square > 0 ? 1.0F / sqrtf(square) : 0;
    for (size_t i = 0; i < s->n_met; i++) strength[i] *= norm;
    for (size_t i = 0; i < f->n; i++) {
        u32 at = find(m, learned_hash((struct str){f->fact[i].name, f->fact[i].n}));
        if (at == UINT32_MAX || m->features[at].idf > 0) continue;
        met[s->n_met] = at;
        strength[s->n_met++] = f->fact[i].value;
    }
    memcpy(sums, m->bias, m->n_classes * sizeof *sums);
    for (size_t i = 0; i < s->n_met; i++) add(m, met[i], strength[i], sums);
    for (int h = 0; h < LEARNED_HEADS; h++) {
        if (m->head[h].n == 0) continue;
        float *own = sums + m->head[h].first;
        level(own, m->head[h].n, m->head[h].heat);
        s->log_p[h] = own;
    }
    s->met = met;
    s->strength = strength;
    return true;
}

/* Above the mean of all: a run that speaks for every matter alike says nothing. */
static float speaks(const struct learned *m, u32 feature, size_t matter)
{
    const struct learned_run *f = &m->features[feature];
    const struct learned_weight *w = m->weights + f->first;
    for (size_t n = f->n; n > 1; n -= n / 2) /* halves without a branch to guess at */
        w = w[n / 2].class <= matter ? w + n / 2 : w;
    float own = f->n > 0 && w->class == matter ? (float)w->q : 0;
    return (own - f->matter) * f->scale;
}

size_t learned_why(const struct learned *m, const struct learned_scores *s, size_t matter, struct str *runs_r,
                   size_t max)
{
    struct {
        struct str run;
        float says;
    } best[WHY_MAX];
    size_t n = 0;
    max = MIN(max, (size_t)WHY_MAX);
    for (size_t i = 0; i < s->n_met; i++) {
        if (m->features[s->met[i]].idf <= 0) continue;
        float says = speaks(m, s->met[i], matter) * s->strength[i];
        /* What says less than all that are there can neither join them nor take the place of one. */
        if (says <= (n > 0 && n == max ? best[n - 1].says : 0)) continue;
        const struct str run = m->names[s->met[i]];
        if (run.n < 4) continue; /* one character names nothing */
        bool inside = false;
        for (size_t k = 0; k < n && !inside; k++) {
            bool longer = str_find(run, best[k].run) != SIZE_MAX,
                 shorter = str_find(best[k].run, run) != SIZE_MAX;
            inside = longer || shorter;
            if (!inside || says <= best[k].says) continue;
            memmove(best + k, best + k + 1, (n - k - 1) * sizeof *best);
            n--;
            k--;
            inside = false;
        }
        if (inside) continue;
        size_t at = n;
        while (at > 0 && says > best[at - 1].says) at--;
        if (at >= max) continue;
        if (n < max) n++;
        memmove(best + at + 1, best + at, (n - at - 1) * sizeof *best);
        best[at].run = run;
        best[at].says = says;
    }
    for (size_t i = 0; i < n; i++) runs_r[i] = best[i].run;
    return n;
}
