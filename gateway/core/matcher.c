#include "core/matcher.h"
#include <stdlib.h>
#include <string.h>

#define NO_PATTERN UINT32_MAX

/* States are numbered breadth first, so the children of a state are neighbours: one start and one count
 * replace a list, and the bytes that lead to them lie sorted in `label`.
 *
 *   state s:  first[s] .. first[s] + count[s] - 1   its children
 *             label[s]    byte that led here         fail[s]   state of the longest proper suffix
 *             pattern[s]  pattern that ends here     chain[s]  next suffix state where some pattern ends, or 0 */
struct matcher {
    u32 n_states;
    u32 root[256]; /* the root is asked most: a direct table */
    u32 *first, *fail, *pattern, *chain;
    uint16_t *count;
    u8 *label;
    u32 *length; /* by pattern */
    size_t n_patterns;
};

/* The trie while it grows: child and sibling lists, in order of insertion. */
struct sprout {
    u32 child, sibling, pattern;
    u8 label;
};

static u32 sprout_add(struct sprout *trie, u32 *n, struct str pattern);
static void lay_out(struct matcher *m, const struct sprout *trie);
static void link_suffixes(struct matcher *m);
static u32 step(const struct matcher *m, u32 state, u8 byte);
static int by_length(const void *a, const void *b);

struct matcher *matcher_build(const struct str *patterns, size_t n, const char **error_r)
{
    size_t bytes = 1;
    if (n > MATCHER_PATTERNS_MAX) {
        *error_r = "too many words";
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (patterns[i].n == 0) {
            *error_r = "an empty word";
            return NULL;
        }
        if (patterns[i].n > MATCHER_PATTERN_MAX) {
            *error_r = "a word is too long";
            return NULL;
        }
        bytes += patterns[i].n;
    }
    if (bytes > MATCHER_STATES_MAX) {
        *error_r = "the words are too large together";
        return NULL;
    }

    struct sprout *trie = mem_alloc(bytes * sizeof *trie);
    u32 n_states = 1;
    trie[0].pattern = NO_PATTERN;
    struct matcher *m = MEM_NEW(struct matcher);
    m->n_patterns = n;
    m->length = mem_alloc((n + 1) * sizeof *m->length);
    for (size_t i = 0; i < n; i++) {
        u32 end = sprout_add(trie, &n_states, patterns[i]);
        trie[end].pattern = (u32)i;
        m->length[i] = (u32)patterns[i].n;
    }
    m->n_states = n_states;
    m->first = mem_alloc(n_states * sizeof *m->first);
    m->fail = mem_alloc(n_states * sizeof *m->fail);
    m->pattern = mem_alloc(n_states * sizeof *m->pattern);
    m->chain = mem_alloc(n_states * sizeof *m->chain);
    m->count = mem_alloc(n_states * sizeof *m->count);
    m->label = mem_alloc(n_states * sizeof *m->label);
    lay_out(m, trie);
    free(trie);
    link_suffixes(m);
    return m;
}

void matcher_free(struct matcher **m)
{
    if (*m == NULL) return;
    free((*m)->first);
    free((*m)->fail);
    free((*m)->pattern);
    free((*m)->chain);
    free((*m)->count);
    free((*m)->label);
    free((*m)->length);
    free(*m);
    *m = NULL;
}

size_t matcher_find(const struct matcher *m, struct str text, struct matcher_hit *hits, size_t max)
{
    size_t n = 0;
    u32 state = 0;
    for (size_t i = 0; i < text.n; i++) {
        state = step(m, state, (u8)text.p[i]);
        for (u32 s = m->pattern[state] != NO_PATTERN ? state : m->chain[state]; s != 0; s = m->chain[s]) {
            if (n < max) {
                u32 p = m->pattern[s];
                hits[n] = (struct matcher_hit){(u32)(i + 1) - m->length[p], (u32)(i + 1), p};
            }
            n++;
        }
    }
    return n;
}

void matcher_sort_longest(struct matcher_hit *hits, size_t n)
{
    if (n > 1) qsort(hits, n, sizeof *hits, by_length);
}

size_t matcher_states(const struct matcher *m) { return m->n_states; }

size_t matcher_bytes(const struct matcher *m)
{
    size_t per_state = 4 * sizeof(u32) + sizeof(uint16_t) + sizeof(u8);
    return sizeof *m + m->n_states * per_state + (m->n_patterns + 1) * sizeof(u32);
}

static u32 sprout_add(struct sprout *trie, u32 *n, struct str pattern)
{
    u32 at = 0;
    for (size_t i = 0; i < pattern.n; i++) {
        u8 byte = (u8)pattern.p[i];
        u32 c = trie[at].child;
        while (c != 0 && trie[c].label != byte) c = trie[c].sibling;
        if (c == 0) {
            c = (*n)++;
            trie[c] = (struct sprout){.sibling = trie[at].child, .pattern = NO_PATTERN, .label = byte};
            trie[at].child = c;
        }
        at = c;
    }
    return at;
}

/* Renumbers breadth first. Children of one state are placed in the order of their bytes. */
static void lay_out(struct matcher *m, const struct sprout *trie)
{
    u32 *old = mem_alloc(m->n_states * sizeof *old); /* new number -> number in the trie */
    u32 placed = 1;
    m->pattern[0] = NO_PATTERN;
    for (u32 s = 0; s < m->n_states; s++) {
        u32 of_byte[256] = {0};
        for (u32 c = trie[old[s]].child; c != 0; c = trie[c].sibling) of_byte[trie[c].label] = c;
        m->first[s] = placed;
        for (u32 byte = 0; byte < 256; byte++) {
            if (of_byte[byte] == 0) continue;
            old[placed] = of_byte[byte];
            m->label[placed] = (u8)byte;
            m->pattern[placed] = trie[of_byte[byte]].pattern;
            placed++;
        }
        m->count[s] = (uint16_t)(placed - m->first[s]);
    }
    free(old);
    for (u32 i = 0; i < m->count[0]; i++) m->root[m->label[m->first[0] + i]] = m->first[0] + i;
}

/* Breadth first order means that a state's suffix, being shorter, is already linked. */
static void link_suffixes(struct matcher *m)
{
    for (u32 s = 0; s < m->n_states; s++) {
        for (u32 i = 0; i < m->count[s]; i++) {
            u32 child = m->first[s] + i;
            m->fail[child] = s == 0 ? 0 : step(m, m->fail[s], m->label[child]);
            u32 suffix = m->fail[child];
            m->chain[child] = m->pattern[suffix] != NO_PATTERN ? suffix : m->chain[suffix];
        }
    }
}

static u32 step(const struct matcher *m, u32 state, u8 byte)
{
    for (;;) {
        if (state == 0) return m->root[byte];
        u32 low = m->first[state], high = low + m->count[state];
        while (high - low > 4) {
            u32 mid = low + (high - low) / 2;
            if (m->label[mid] <= byte)
                low = mid;
            else
                high = mid;
        }
        for (; low < high; low++)
            if (m->label[low] == byte) return low;
        state = m->fail[state];
    }
}

static int by_length(const void *a, const void *b)
{
    const struct matcher_hit *x = a, *y = b;
    u32 lx = x->end - x->start, ly = y->end - y->start;
    if (lx != ly) return lx > ly ? -1 : 1;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return x->pattern < y->pattern ? -1 : x->pattern > y->pattern;
}
