/* Words of a text -> scores. */
#include "core/route_part.h"
#include <string.h>

#define OCCURRENCES   4   /* of one side of "a&b" that are remembered */
#define COMPOUND_SPAN 160 /* bytes, about fifty characters: one sentence and its neighbour */
#define NEGATION_SPAN 12  /* bytes between a negation and what it cancels: up to four characters */
#define NEGATIONS_MAX 128

struct occurrence {
    u32 n, start[OCCURRENCES];
};
struct walk {
    const struct routing *r;
    struct str text;
    struct tally *t;
    u8 *seen;        /* by pattern: counted once, however often it stands there */
    uint16_t *cover; /* by byte: bit per kind of word that already lies over it */
    struct occurrence *slots;
    u32 negations[NEGATIONS_MAX];
    size_t n_negations;
};

static bool cuts_word(struct str text, const struct matcher_hit *h);
static bool negated(const struct walk *w, u32 start);
static void count(struct walk *w, const struct meaning *m, struct str word, u32 pattern, u32 start);
static void count_compounds(struct walk *w);
static bool near_each_other(const struct walk *w, const struct compound *c, u32 *start_r);

bool route_tally(const struct routing *r, struct str text, struct arena *a, struct tally *t)
{
    memset(t, 0, sizeof *t);
    t->categories = arena_alloc(a, r->n_categories * sizeof *t->categories);
    t->topics = arena_alloc(a, r->n_units * sizeof *t->topics);
    t->names = arena_alloc(a, r->n_units * sizeof *t->names);
    t->places = arena_alloc(a, r->n_units * sizeof *t->places);
    t->name_pattern = arena_alloc(a, r->n_units * sizeof *t->name_pattern);
    struct walk w = {.r = r, .text = text, .t = t};
    w.seen = arena_alloc(a, r->n_patterns + 1);
    w.cover = arena_alloc(a, (text.n + 1) * sizeof *w.cover);
    w.slots = arena_alloc(a, (r->n_slots + 1) * sizeof *w.slots);
    size_t max = text.n / 2 + 64;
    struct matcher_hit *hits = arena_alloc(a, max * sizeof *hits);
    if (t->categories == NULL || t->topics == NULL || t->names == NULL || t->places == NULL ||
        t->name_pattern == NULL || w.seen == NULL || w.cover == NULL || w.slots == NULL || hits == NULL)
        return false;
    size_t n = matcher_find(r->matcher, text, hits, max);
    if (n >
        max) { /* denser than language: nested words all along; take them all, what is urgent may stand last */
        hits = arena_alloc(a, n * sizeof *hits);
        if (hits == NULL) return false;
        n = matcher_find(r->matcher, text, hits, n);
    }
    for (size_t i = 0; i < n; i++) {
        const struct pattern *p = &r->patterns[hits[i].pattern];
        for (u32 k = 0; k < p->count; k++)
            if (r->meanings[p->first + k].kind == WORD_NEGATION && w.n_negations < NEGATIONS_MAX)
                w.negations[w.n_negations++] = hits[i].end;
    }
    matcher_sort_longest(hits, n);
    for (size_t i = 0; i < n; i++) {
        if (cuts_word(text, &hits[i])) continue;
        u32 id = hits[i].pattern;
        const struct pattern *p = &r->patterns[id];
        /* Longer words came first, so one that overlaps covers the first or the last byte of this one. */
        uint16_t blocked = w.cover[hits[i].start] | w.cover[hits[i].end - 1], mine = 0;
        for (u32 k = 0; k < p->count; k++) {
            const struct meaning *m = &r->meanings[p->first + k];
            if (m->kind == WORD_NEGATION) continue;
            if (m->kind == WORD_PART) {
                struct occurrence *o = &w.slots[m->target];
                if (o->n < OCCURRENCES) o->start[o->n++] = hits[i].start;
                continue;
            }
            uint16_t bit = (uint16_t)(1u << m->kind);
            if (blocked & bit) continue;
            count(&w, m, p->word, id, hits[i].start);
            mine |= bit;
        }
        for (u32 b = hits[i].start; mine != 0 && b < hits[i].end; b++) w.cover[b] |= mine;
        w.seen[id] = 1;
    }
    count_compounds(&w);
    return true;
}

/* "app" inside "happen", "110" inside a telephone number: a word of letters or digits ends where they end. */
static bool cuts_word(struct str text, const struct matcher_hit *h)
{
    for (int side = 0; side < 2; side++) {
        size_t at = side == 0 ? h->start : h->end;
        if (at == 0 || at == text.n) continue;
        char left = text.p[at - 1], right = text.p[at];
        bool letters = left >= 'a' && left <= 'z' && right >= 'a' && right <= 'z';
        bool digits = left >= '0' && left <= '9' && right >= '0' && right <= '9';
        if (letters || digits) return true;
    }
    return false;
}

static bool negated(const struct walk *w, u32 start)
{
    for (size_t i = 0; i < w->n_negations; i++)
        if (w->negations[i] <= start && start - w->negations[i] <= NEGATION_SPAN) return true;
    return false;
}

static void count(struct walk *w, const struct meaning *m, struct str word, u32 pattern, u32 start)
{
    struct tally *t = w->t;
    bool again = pattern != UINT32_MAX && w->seen[pattern] != 0;
    if (again && m->kind != WORD_URGENCY && m->kind != WORD_MISCONDUCT) return;
    switch (m->kind) {
    case WORD_NAME:
        if (m->weight > (float)t->names[m->target]) {
            t->names[m->target] = (double)m->weight;
            t->name_pattern[m->target] = pattern + 1;
        }
        break;
    case WORD_CATEGORY:
        t->categories[m->target] += (double)m->weight;
        if (!m->hint && t->n_shown < ARRAY_LEN(t->shown)) {
            t->shown[t->n_shown].category = (u32)m->target;
            t->shown[t->n_shown].word = word;
            t->shown[t->n_shown++].weight = (double)m->weight;
        }
        break;
    case WORD_NATURE:
        t->natures[m->target] += (double)m->weight;
        break;
    case WORD_URGENCY:
        if (negated(w, start)) break;
        if (again && t->urgencies[m->target] > 0) break;
        t->urgencies[m->target] += (double)m->weight;
        if (m->target == URGENCY_CRITICAL && t->critical.n == 0) t->critical = word;
        break;
    case WORD_UNIT:
        t->topics[m->target] += (double)m->weight;
        break;
    case WORD_PLACE:
        t->places[m->target] = MAX(t->places[m->target], (double)m->weight);
        break;
    case WORD_MISCONDUCT:
        if (negated(w, start) || (again && t->misconduct > 0)) break;
        t->misconduct += (double)m->weight;
        if (t->misconduct_word.n == 0) t->misconduct_word = word;
        break;
    case WORD_CONDUCT:
        t->conduct += (double)m->weight;
        break;
    case WORD_GRIPE:
        t->gripe += (double)m->weight;
        break;
    case WORD_PRAISE:
        t->praise += negated(w, start) ? 0 : (double)m->weight;
        break;
    case WORD_REQUEST:
        t->request += (double)m->weight;
        break;
    case WORD_LEGALPATH:
        if (t->lawful_way.n == 0) {
            t->lawful_way = m->value;
            t->lawful_word = word;
        }
        break;
    case WORD_NEGATION:
    case WORD_PART:
    case WORD_KINDS:
        break;
    }
}

static void count_compounds(struct walk *w)
{
    for (size_t i = 0; i < w->r->n_compounds; i++) {
        const struct compound *c = &w->r->compounds[i];
        u32 start;
        if (near_each_other(w, c, &start)) count(w, &c->meaning, c->word, UINT32_MAX, start);
    }
}

static bool near_each_other(const struct walk *w, const struct compound *c, u32 *start_r)
{
    const struct occurrence *head = &w->slots[c->slots[0]];
    for (u32 i = 0; i < head->n; i++) {
        bool all = true;
        for (u32 k = 1; k < c->n && all; k++) {
            const struct occurrence *o = &w->slots[c->slots[k]];
            all = false;
            for (u32 j = 0; j < o->n && !all; j++) {
                u32 a = head->start[i], b = o->start[j];
                all = (a > b ? a - b : b - a) <= COMPOUND_SPAN && a != b;
            }
        }
        if (all) {
            *start_r = head->start[i];
            return true;
        }
    }
    return false;
}
