/* Examples -> rows of features. */
#include "core/redact.h"
#include "train_part.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX    ((size_t)128 << 20)
#define RUNS_MAX     ((size_t)1 << 23)
#define FEATURES_MAX 150000
#define TEXT_ARENA   ((size_t)8 << 20)
#define SPANS_MAX    64
#define GROUPS_LEAST 3 /* so many different matters must have a run before it is kept: it tells of nobody */
#define GROUPS_SMALL 2
#define SMALL_SET    600 /* matters; under this GROUPS_SMALL do */

static u32 mix(u64 x)
{
    x ^= x >> 31;
    x *= 0x9E3779B97F4A7C15u;
    return (u32)(x >> 32);
}

/* Personal data out: what takes its place parts runs of characters. */
static void mask(struct str text, struct text *out)
{
    while (text.n > 0) {
        struct redact_span spans[SPANS_MAX];
        size_t n = redact_find(text, spans, SPANS_MAX), at = 0;
        for (size_t i = 0; i < n; i++) {
            text_add(out, (struct str){text.p + at, spans[i].start - at});
            text_addc(out, ' ');
            at = spans[i].end;
        }
        bool more = n >= SPANS_MAX - 1;
        if (!more) text_add(out, (struct str){text.p + at, text.n - at});
        text = more ? (struct str){text.p + at, text.n - at} : STR_NONE;
    }
}

static struct train_run *run_of(struct train_set *s, struct str name, u64 hash, bool fact)
{
    for (size_t at = hash & (s->cap_runs - 1);; at = (at + 1) & (s->cap_runs - 1)) {
        struct train_run *r = &s->runs[at];
        if (r->hash == hash) return r;
        if (r->hash != 0) continue;
        if (s->n_runs >= s->cap_runs / 4 * 3) return NULL;
        s->n_runs++;
        *r = (struct train_run){.hash = hash,
                                .name = (u32)s->names.n,
                                .n = (u32)name.n,
                                .fact = fact,
                                .matter = fact && (name.p[1] == 'c' || name.p[1] == 'C')};
        text_add(&s->names, name);
        return s->names.overflow ? NULL : r;
    }
}

static bool meet(struct train_set *s, size_t example, struct str name, float value, bool fact)
{
    struct train_run *r = run_of(s, name, learned_hash(name), fact);
    if (r == NULL || s->n_cells == LINEAR_CELLS_MAX) return false;
    if (r->seen == example + 1) return true;
    r->seen = (u32)example + 1;
    r->groups += r->last_group != s->group[example] + 1;
    r->last_group = s->group[example] + 1;
    s->cells[s->n_cells++] = (struct linear_cell){(u32)(r - s->runs), value};
    return true;
}

static bool read_example(struct train_set *s, size_t i, const struct routing *routing)
{
    const struct train_example *e = s->example[i];
    struct arena a;
    struct text clean;
    struct learned_tokens t;
    struct learned_facts f;
    const double *points;
    arena_init(&a, TEXT_ARENA);
    text_init(&clean, e->text.n + SPANS_MAX);
    mask(e->text, &clean);
    struct route_input in = {.text = e->text, .unit_id = e->plaque, .door = DOOR_IMPORT};
    bool ok = learned_tokens(text_str(&clean), &a, &t) && route_look(routing, &in, &a, &f, &points);
    for (size_t k = 0; ok && k < t.n && k < TRAIN_TEXT_TOKENS; k++) {
        size_t longest = MIN((size_t)t.run[k], (size_t)LEARNED_GRAM_MAX);
        for (size_t n = 1; ok && n <= longest; n++) {
            struct str name = {t.bytes + t.start[k], t.start[k + n] - t.start[k]};
            if (name.n > LEARNED_NAME_MAX) break;
            ok = meet(s, i, name, 0, false);
        }
    }
    for (size_t k = 0; ok && k < f.n; k++)
        ok = meet(s, i, (struct str){f.fact[k].name, f.fact[k].n}, TRAIN_FACT * f.fact[k].value, true);
    text_free(&clean);
    arena_free(&a);
    return ok;
}

static int by_feature(const void *a, const void *b)
{
    u32 x = ((const struct linear_cell *)a)->feature, y = ((const struct linear_cell *)b)->feature;
    return x < y ? -1 : x > y;
}
static int by_name(const void *a, const void *b)
{
    const struct train_run *x = *(struct train_run *const *)a, *y = *(struct train_run *const *)b;
    return x->groups != y->groups ? (x->groups > y->groups ? -1 : 1)
           : x->hash < y->hash    ? -1
                                  : x->hash > y->hash;
}

/* The features that enough matters have; of too many the commonest. */
static void choose(struct train_set *s)
{
    u32 least = s->n_groups < SMALL_SET ? GROUPS_SMALL : GROUPS_LEAST;
    size_t n = 0;
    s->features = mem_alloc((s->n_runs + 1) * sizeof(struct train_run *));
    for (size_t i = 0; i < s->cap_runs; i++)
        if (s->runs[i].hash != 0 && s->runs[i].groups >= least) s->features[n++] = &s->runs[i];
    qsort(s->features, n, sizeof(struct train_run *), by_name);
    s->n_features = MIN(n, (size_t)FEATURES_MAX);
    for (size_t i = 0; i < s->n_features; i++) s->features[i]->feature = (u32)i + 1;
}

float train_idf(const struct train_set *s, const struct train_run *r)
{
    return r->fact ? 0 : (float)log(((double)s->n_groups + 1) / ((double)r->groups + 1)) + 1;
}

/* Cells of runs -> cells of features, runs of one text weighing 1 together. */
static void settle(struct train_set *s)
{
    size_t to = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t from = s->first[i], end = s->first[i + 1], start = to;
        double square = 0;
        for (size_t k = from; k < end; k++) {
            const struct train_run *r = &s->runs[s->cells[k].feature];
            if (r->feature == 0) continue;
            float value = r->fact ? s->cells[k].value : train_idf(s, r);
            if (!r->fact) square += (double)value * (double)value;
            s->cells[to++] = (struct linear_cell){r->feature - 1, value};
        }
        float norm = square > 0 ? (float)(1 / sqrt(square)) : 0;
        for (size_t k = start; k < to; k++)
            if (!s->features[s->cells[k].feature]->fact) s->cells[k].value *= norm;
        qsort(s->cells + start, to - start, sizeof *s->cells, by_feature);
        s->first[i] = (u32)start;
    }
    s->first[s->n] = (u32)to;
    s->n_cells = to;
}

static int by_group(const void *a, const void *b)
{
    const struct train_example *x = *(const struct train_example *const *)a,
                               *y = *(const struct train_example *const *)b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return x < y ? -1 : x > y;
}

bool train_rows(const struct train_example *examples, size_t n, const struct routing *routing,
                struct train_set *s, struct train_report *report, struct text *error)
{
    size_t bytes = 0;
    memset(s, 0, sizeof *s);
    text_init(&s->names, NAMES_MAX);
    s->example = mem_alloc((n + 1) * sizeof(struct train_example *));
    for (size_t i = 0; i < n; i++) {
        if (!(examples[i].weight >= 0.5))
            report->left_weightless++;
        else if (examples[i].text.n == 0)
            report->left_empty++;
        else if (s->n == TRAIN_EXAMPLES_MAX)
            report->left_over++;
        else {
            s->example[s->n++] = &examples[i];
            bytes += MIN(examples[i].text.n, (size_t)TRAIN_TEXT_TOKENS * 4);
        }
    }
    qsort(s->example, s->n, sizeof(struct train_example *), by_group);
    s->group = mem_alloc((s->n + 1) * sizeof *s->group);
    for (size_t i = 0; i < s->n; i++) {
        bool same = i > 0 && s->example[i]->group != 0 && s->example[i]->group == s->example[i - 1]->group;
        s->n_groups += !same;
        s->group[i] = (u32)s->n_groups;
    }
    size_t most = TRAIN_TEXT_TOKENS * LEARNED_GRAM_MAX + LEARNED_FACTS_MAX; /* of one example */
    size_t cells = MIN(bytes * LEARNED_GRAM_MAX + s->n * LEARNED_FACTS_MAX + most, (size_t)LINEAR_CELLS_MAX);
    s->cells = mem_alloc((cells + 1) * sizeof *s->cells);
    for (s->cap_runs = 1024; s->cap_runs < MIN(cells, RUNS_MAX); s->cap_runs *= 2) {}
    s->runs = mem_alloc(s->cap_runs * sizeof *s->runs);
    s->first = mem_alloc((s->n + 2) * sizeof *s->first);
    for (size_t i = 0; i < s->n; i++) {
        s->first[i] = (u32)s->n_cells;
        if (s->n_cells + most > cells || !read_example(s, i, routing)) {
            report->left_over += s->n - i; /* no room for more: those there are must do */
            s->n = i;
            break;
        }
    }
    s->first[s->n] = (u32)s->n_cells;
    report->used = s->n;
    choose(s);
    settle(s);
    if (s->n_features == 0) text_addz(error, "no run of characters is common to enough examples");
    return s->n_features > 0;
}

void train_set_free(struct train_set *s)
{
    free(s->example);
    free(s->group);
    free(s->cells);
    free(s->first);
    free(s->runs);
    free(s->features);
    text_free(&s->names);
    memset(s, 0, sizeof *s);
}

unsigned train_fold(const struct train_set *s, size_t example, unsigned folds)
{
    return mix(s->group[example]) % folds;
}
