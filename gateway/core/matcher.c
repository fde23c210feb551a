#include "core/matcher.h"
#include <stdlib.h>
#include <string.h>

#define NO_PATTERN UINT32_MAX

/* States are numbered breadth first, so the children of a state are neighbours, and behind them stand those of the next
 * state: one number replaces a list, and the bytes that lead to them lie sorted in `label`. What a step asks of a state
 * lies together, because it is mostly memory that a step waits for. */
struct state {
    u32 first; /* its children are first .. first of the next state - 1 */
    u32 fail;  /* state of the longest proper suffix */
    u32 ends;  /* the longest pattern that ends here */
};
struct ending {
    u32 shorter; /* the longest pattern that it ends with */
    u32 length;
};
struct matcher {
    u32 n_states;
    u32 root[256];          /* the root is asked most: a direct table */
    struct state *states;   /* one more than there are, where the children of the last end */
    u8 *label;              /* by state: byte that led there */
    struct ending *endings; /* by pattern */
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
    m->endings = mem_alloc((n + 1) * sizeof *m->endings);
    for (size_t i = 0; i < n; i++) {
        u32 end = sprout_add(trie, &n_states, patterns[i]);
        trie[end].pattern = (u32)i;
        m->endings[i] = (struct ending){NO_PATTERN, (u32)patterns[i].n};
    }
    m->n_states = n_states;
    m->states = mem_alloc((n_states + 1) * sizeof *m->states);
    m->label = mem_alloc(n_states * sizeof *m->label);
    lay_out(m, trie);
    free(trie);
    link_suffixes(m);
    return m;
}

void matcher_free(struct matcher **m)
{
    if (*m == NULL) return;
    free((*m)->states);
    free((*m)->label);
    free((*m)->endings);
    free(*m);
    *m = NULL;
}

size_t matcher_find(const struct matcher *m, struct str text, struct matcher_hit *hits, size_t max)
{
    size_t n = 0;
    u32 state = 0;
    for (size_t i = 0; i < text.n; i++) {
        state = step(m, state, (u8)text.p[i]);
        for (u32 p = m->states[state].ends; p != NO_PATTERN; p = m->endings[p].shorter) {
            if (n < max) hits[n] = (struct matcher_hit){(u32)(i + 1) - m->endings[p].length, (u32)(i + 1), p};
            n++;
        }
    }
    return n;
}

/* Counted by length. What is of one length comes in the order of its ends, which is that of its starts. */
void matcher_longest_first(const struct matcher_hit *hits, size_t n, struct matcher_hit *hits_r)
{
    u32 place[MATCHER_PATTERN_MAX + 2] = {0}; /* by length: where the next hit of it goes */
    for (size_t i = 0; i < n; i++) place[hits[i].end - hits[i].start - 1]++;
    for (size_t length = MATCHER_PATTERN_MAX; length > 0; length--) place[length - 1] += place[length];
    for (size_t i = 0; i < n; i++) hits_r[place[hits[i].end - hits[i].start]++] = hits[i];
}

size_t matcher_states(const struct matcher *m) { return m->n_states; }

size_t matcher_bytes(const struct matcher *m)
{
    return sizeof *m + (m->n_states + 1) * sizeof *m->states + m->n_states * sizeof *m->label +
           (m->n_patterns + 1) * sizeof *m->endings;
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
    m->states[0].ends = NO_PATTERN;
    for (u32 s = 0; s < m->n_states; s++) {
        u32 of_byte[256] = {0};
        for (u32 c = trie[old[s]].child; c != 0; c = trie[c].sibling) of_byte[trie[c].label] = c;
        m->states[s].first = placed;
        for (u32 byte = 0; byte < 256; byte++) {
            if (of_byte[byte] == 0) continue;
            old[placed] = of_byte[byte];
            m->label[placed] = (u8)byte;
            m->states[placed].ends = trie[of_byte[byte]].pattern;
            placed++;
        }
    }
    m->states[m->n_states].first = placed;
    free(old);
    for (u32 child = m->states[0].first; child < m->states[1].first; child++)
        m->root[m->label[child]] = child;
}

/* Breadth first order means that a state's suffix, being shorter, is already linked. */
static void link_suffixes(struct matcher *m)
{
    for (u32 s = 0; s < m->n_states; s++) {
        for (u32 child = m->states[s].first; child < m->states[s + 1].first; child++) {
            u32 suffix = s == 0 ? 0 : step(m, m->states[s].fail, m->label[child]),
                own = m->states[child].ends;
            m->states[child].fail = suffix;
            if (own == NO_PATTERN)
                m->states[child].ends = m->states[suffix].ends;
            else
                m->endings[own].shorter = m->states[suffix].ends;
        }
    }
}

static u32 step(const struct matcher *m, u32 state, u8 byte)
{
    for (;;) {
        if (state == 0) return m->root[byte];
        u32 at = m->states[state].first, n = m->states[state + 1].first - at;
        while (n > 1) { /* halves without a branch to guess at */
            at = m->label[at + n / 2] <= byte ? at + n / 2 : at;
            n -= n / 2;
        }
        if (n == 1 && m->label[at] == byte) return at;
        state = m->states[state].fail;
    }
}
