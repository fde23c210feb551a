/* Rows of tables -> an immutable snapshot. */
#include "core/route_build_part.h"
#include <stdlib.h>
#include <string.h>

#define BUILD_MEMORY ((size_t)64 << 20) /* tables of the largest city: far below */

static void add_categories(struct build *b);
static void add_hints(struct build *b);
static void finish(struct build *b);
static void group_compounds(struct build *b);
static int by_word(const void *a, const void *b);

struct routing *routing_build(const struct routing_rows *rows, struct text *error)
{
    struct build b = {.rows = rows, .error = error, .r = MEM_NEW(struct routing)};
    arena_init(&b.r->arena, BUILD_MEMORY);
    b.r->desk_triage = b.r->desk_discipline = b.r->desk_second = b.r->blank = -1;
    if (rows->n_units == 0 || rows->n_units > ROUTING_UNITS_MAX)
        build_fail(&b, "%zu units are not between 1 and %d", rows->n_units, ROUTING_UNITS_MAX);
    if (rows->n_categories == 0 || rows->n_categories > ROUTING_CATEGORIES_MAX)
        build_fail(&b, "%zu categories are not between 1 and %d", rows->n_categories, ROUTING_CATEGORIES_MAX);
    if (rows->n_words > ROUTING_WORDS_MAX)
        build_fail(&b, "%zu words are more than %d", rows->n_words, ROUTING_WORDS_MAX);
    if (!b.failed) route_units_add(&b);
    if (!b.failed) route_shares_add(&b);
    if (!b.failed) add_categories(&b);
    if (!b.failed) route_names_add(&b);
    if (!b.failed) route_words_add(&b);
    if (!b.failed && b.r->desk_triage < 0) build_fail(&b, "no word of kind desk names the triage desk");
    if (b.r->desk_discipline < 0) b.r->desk_discipline = b.r->desk_triage;
    if (b.r->desk_second < 0) b.r->desk_second = b.r->desk_triage;
    if (!b.failed) add_hints(&b);
    if (!b.failed) finish(&b);
    if (!b.failed && !route_learn_build(b.r, rows->learned))
        build_fail(&b, "the model needs too much memory");
    free(b.entries);
    free(b.slots);
    free(b.weak);
    if (b.failed) routing_free(&b.r);
    return b.r;
}

void routing_free(struct routing **r)
{
    if (*r == NULL) return;
    matcher_free(&(*r)->matcher);
    arena_free(&(*r)->arena);
    free(*r);
    *r = NULL;
}

size_t routing_bytes(const struct routing *r) { return matcher_bytes(r->matcher); }

size_t routing_states(const struct routing *r) { return matcher_states(r->matcher); }

int routing_rows_unit(const struct routing_rows *rows, struct str code)
{
    for (size_t i = 0; i < rows->n_units; i++)
        if (str_eq(rows->units[i].code, code)) return rows->units[i].id;
    return 0;
}

int routing_index(const struct routing *r, int unit_id)
{
    size_t low = 0, high = r->n_units;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->by_id[mid].id == unit_id) return r->by_id[mid].index;
        if (r->by_id[mid].id < unit_id)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

void *build_take(struct build *b, size_t n)
{
    void *p = arena_alloc(&b->r->arena, n);
    if (p == NULL) build_fail(b, "the tables need more than %zu bytes", BUILD_MEMORY);
    return p;
}

struct str build_keep(struct build *b, struct str s)
{
    struct str copy = arena_str(&b->r->arena, s);
    if (copy.p == NULL) build_fail(b, "the tables need more than %zu bytes", BUILD_MEMORY);
    return copy;
}

static void add_categories(struct build *b)
{
    struct routing *r = b->r;
    size_t n = b->rows->n_categories;
    r->categories = build_take(b, n * sizeof *r->categories);
    if (b->failed) return;
    r->n_categories = n;
    for (size_t i = 0; i < n; i++) {
        const struct routing_category *row = &b->rows->categories[i];
        bool heading = row->parent.n == 0;
        int unit = row->unit_id == 0 ? -1 : routing_index(r, row->unit_id);
        if (row->code.n == 0 || row->name.n == 0)
            build_fail(b, "category %zu lacks a code or a name", i + 1);
        else if (!heading && unit < 0)
            build_fail(b, "category %.*s has the unknown unit %d", STR_ARG(row->code), row->unit_id);
        else if (!heading && (row->level < 0 || row->level > 4))
            build_fail(b, "category %.*s has the level %d", STR_ARG(row->code), row->level);
        else if (row->nature < NATURE_UNKNOWN || row->nature >= NATURES_N)
            build_fail(b, "category %.*s has no such nature", STR_ARG(row->code));
        if (b->failed) return;
        for (size_t k = 0; k < i; k++)
            if (str_eq(r->categories[k].code, row->code))
                build_fail(b, "category %.*s stands twice", STR_ARG(row->code));
        r->categories[i] = (struct route_category){.code = build_keep(b, row->code),
                                                   .name = build_keep(b, row->name),
                                                   .nature = row->nature,
                                                   .unit = unit < 0 ? -1 : r->units[unit].main,
                                                   .own = unit,
                                                   .level = row->level,
                                                   .confidential = row->confidential,
                                                   .heading = heading};
    }
}

void build_entry(struct build *b, struct str word, struct meaning m)
{
    if (b->n_entries == b->cap_entries) { /* rows, names and parts are bounded above, so this is */
        b->cap_entries = b->cap_entries == 0 ? 4096 : b->cap_entries * 2;
        b->entries = mem_grow(b->entries, b->cap_entries * sizeof *b->entries);
    }
    b->entries[b->n_entries] = (struct entry){word, m, (u32)b->n_entries};
    b->n_entries++;
}

/* A pair that is itself a word of the matter keeps its own weight. */
static void add_hints(struct build *b)
{
    size_t n = 0, total = b->n_entries + b->r->n_compounds;
    struct route_source *sources = mem_alloc((total + 1) * sizeof *sources), *hints;
    for (size_t i = 0; i < b->n_entries; i++)
        if (b->entries[i].meaning.kind == WORD_CATEGORY)
            sources[n++] = (struct route_source){b->entries[i].word, b->entries[i].meaning.target,
                                                 (double)b->entries[i].meaning.weight};
    for (size_t i = 0; i < b->r->n_compounds; i++)
        if (b->r->compounds[i].meaning.kind == WORD_CATEGORY)
            sources[n++] = (struct route_source){b->r->compounds[i].word, b->r->compounds[i].meaning.target,
                                                 (double)b->r->compounds[i].meaning.weight};
    size_t n_hints = route_hints(sources, n, &hints);
    for (size_t i = 0; i < n_hints; i++)
        build_entry(b, hints[i].word,
                    (struct meaning){.kind = WORD_CATEGORY,
                                     .target = hints[i].category,
                                     .weight = (float)hints[i].weight,
                                     .hint = true});
    free(sources);
    free(hints);
}

static void finish(struct build *b)
{
    struct routing *r = b->r;
    qsort(b->entries, b->n_entries, sizeof *b->entries, by_word);
    r->meanings = build_take(b, (b->n_entries + 1) * sizeof *r->meanings);
    r->patterns = build_take(b, (b->n_entries + 1) * sizeof *r->patterns);
    if (b->failed) return;
    for (size_t i = 0; i < b->n_entries; i++) {
        if (i == 0 || !str_eq(b->entries[i].word, b->entries[i - 1].word)) {
            r->patterns[r->n_patterns++] = (struct pattern){build_keep(b, b->entries[i].word), (u32)i, 0};
            if (b->failed) return;
        }
        struct pattern *p = &r->patterns[r->n_patterns - 1];
        r->meanings[i] = b->entries[i].meaning;
        for (u32 k = 0; k < p->count && r->meanings[i].hint; k++) {
            const struct meaning *o = &r->meanings[p->first + k];
            if (o->kind == WORD_CATEGORY && o->target == r->meanings[i].target) r->meanings[i].weight = 0;
        }
        p->count++;
    }
    for (size_t i = 0; i < r->n_patterns; i++) {
        u32 names = 0;
        for (u32 k = 0; k < r->patterns[i].count; k++) {
            struct meaning *m = &r->meanings[r->patterns[i].first + k];
            bool first = m->kind == WORD_NAME;
            for (u32 j = 0; j < k && first; j++) {
                struct meaning *o = &r->meanings[r->patterns[i].first + j];
                first = o->kind != WORD_NAME || r->units[o->target].main != r->units[m->target].main;
            }
            names += first;
        }
        for (u32 k = 0; names > 1 && k < r->patterns[i].count; k++) {
            struct meaning *m = &r->meanings[r->patterns[i].first + k];
            if (m->kind == WORD_NAME) m->weight /= (float)names;
        }
    }
    r->n_slots = (u32)b->n_slots;
    group_compounds(b);
    if (b->failed) return;
    struct str *words = mem_alloc((r->n_patterns + 1) * sizeof *words);
    for (size_t i = 0; i < r->n_patterns; i++) words[i] = r->patterns[i].word;
    const char *why = NULL;
    r->matcher = matcher_build(words, r->n_patterns, &why);
    free(words);
    if (r->matcher == NULL) build_fail(b, "the words cannot be compiled: %s", why);
}

/* By their first part, so that a text asks only those whose first part stands in it. */
static void group_compounds(struct build *b)
{
    struct routing *r = b->r;
    r->headed = build_take(b, (r->n_compounds + 1) * sizeof *r->headed);
    r->heads = build_take(b, (r->n_slots + 2) * sizeof *r->heads);
    if (b->failed) return;
    u32 *next = r->heads + 1; /* counted one further on, it ends up where each slot's own begin */
    for (size_t i = 0; i < r->n_compounds; i++) next[r->compounds[i].slots[0] + 1]++;
    for (u32 s = 0; s < r->n_slots; s++) next[s + 1] += next[s];
    for (size_t i = 0; i < r->n_compounds; i++) r->headed[next[r->compounds[i].slots[0]]++] = (u32)i;
}

/* The first fault is the one that is told. */
void build_fail(struct build *b, const char *fmt, ...)
{
    if (b->failed) return;
    b->failed = true;
    va_list ap;
    va_start(ap, fmt);
    text_addfv(b->error, fmt, ap);
    va_end(ap);
}

static int by_word(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int c = str_cmp(x->word, y->word);
    if (c != 0) return c;
    return x->order < y->order ? -1 : x->order > y->order;
}
