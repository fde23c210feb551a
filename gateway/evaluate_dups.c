#include "evaluate_dups.h"
#include "base/json.h"
#include "core/telling.h"
#include "core/normalise.h"
#include "core/redact.h"
#include "core/twins.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXTS_MAX      20000 /* every text is held against all before it */
#define LINE_MAX_BYTES ((size_t)256 << 10)
#define DECIDE_MAX     ((size_t)4 << 20)
#define ID_MAX         256 /* bytes of an id or group that tell */

struct dups_text {
    char id[ID_MAX], group[ID_MAX];
    struct telling telling;
    i64 bands[TWINS_KEYS];
    size_t n_bands;
    int unit, plaque;
    u64 categories[ROUTE_GUESSES]; /* the decided one first, then what else it may be; 0: none */
};
struct dups_bench {
    const struct evaluate_dups_tools *tools;
    struct evaluate_dups *e;
    struct text *misses;
    struct dups_text **texts;
    size_t n;
    i64 ns;
};

static i64 now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (i64)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void keep_word(char out[ID_MAX], struct str s)
{
    const size_t n = MIN(s.n, (size_t)ID_MAX - 1);
    if (n) memcpy(out, s.p, n);
    out[n] = '\0';
}

/* How many. */
static size_t keep_categories(struct dups_text *t, const struct decision *d)
{
    size_t n = 0;
    t->categories[n++] = telling_code(d->category);
    for (size_t i = 0; i < d->n_guesses && n < ARRAY_LEN(t->categories); i++)
        if (!str_eq(d->guesses[i].category, d->category))
            t->categories[n++] = telling_code(d->guesses[i].category);
    return n;
}

static bool thinks_of(const struct dups_text *t, u64 category)
{
    for (size_t i = 0; i < ARRAY_LEN(t->categories); i++)
        if (t->categories[i] == category) return true;
    return false;
}

/* As intake and the follower see it: routed by its clean words, remembered by its masked ones. */
static bool read_text(struct dups_bench *b, const struct json *doc, struct dups_text *t)
{
    const struct str words = json_str(json_get(doc, "text"));
    struct text clean, masked, seen;
    struct arena a;
    arena_init(&a, DECIDE_MAX);
    text_init(&clean, (words.n + 1) * NORMALISE_GROWTH);
    text_init(&masked, words.n + 1);
    text_init(&seen, (words.n + 1) * NORMALISE_GROWTH);
    keep_word(t->id, json_str(json_get(doc, "id")));
    keep_word(t->group, json_str(json_get(doc, "dup_group")));
    redact_mask(words, &masked);
    bool ok = normalise_clean(b->tools->normalise, words, &clean) &&
              normalise_clean(b->tools->normalise, text_str(&masked), &seen);
    if (ok) {
        struct decision d;
        const struct route_input in = {
            .text = text_str(&clean),
            .unit_id = b->tools->unit_id(b->tools->arg, json_str(json_get(doc, "plaque")))};
        route_decide(b->tools->routing, &in, &a, &d);
        t->unit = d.unit_id;
        t->plaque = in.unit_id;
        const size_t n = keep_categories(t, &d);
        const i64 from = now_ns();
        telling_of(text_str(&seen), &t->telling);
        t->n_bands = twins_keys(&t->telling, t->categories, n, t->bands);
        b->ns += now_ns() - from;
    }
    text_free(&clean);
    text_free(&masked);
    text_free(&seen);
    arena_free(&a);
    return ok;
}

/* Newest first, and of each band, unit and category only so many: what the follower's statements would bring. */
static bool is_candidate(const struct dups_text *t, const struct dups_text *before,
                         size_t left[TWINS_KEYS + 2])
{
    bool any = false;
    for (size_t i = 0; i < t->n_bands; i++) {
        bool has = false;
        for (size_t k = 0; k < before->n_bands && !has; k++) has = t->bands[i] == before->bands[k];
        if (has && left[i] > 0) left[i]--, any = true;
    }
    if (t->unit == before->unit && left[TWINS_KEYS] > 0) left[TWINS_KEYS]--, any = true;
    if (t->categories[0] == before->categories[0] && left[TWINS_KEYS + 1] > 0)
        left[TWINS_KEYS + 1]--, any = true;
    return any;
}

static void compare_all(struct dups_bench *b, const struct dups_text *t)
{
    size_t left[TWINS_KEYS + 2];
    const i64 from = now_ns();
    for (size_t i = 0; i < TWINS_KEYS; i++) left[i] = TWINS_BAND_NEWEST;
    left[TWINS_KEYS] = left[TWINS_KEYS + 1] = TWINS_NEAR_NEWEST;
    for (size_t i = b->n; i > 0; i--) {
        const struct dups_text *before = b->texts[i - 1];
        const bool labelled = t->group[0] && strcmp(t->group, before->group) == 0;
        struct twins twins = {.strength = TWINS_NOT};
        if (is_candidate(t, before, left)) {
            const struct twins_beside beside = {
                .same_unit = t->unit == before->unit,
                .same_category = t->categories[0] == before->categories[0],
                .near_category = thinks_of(t, before->categories[0]) || thinks_of(before, t->categories[0]),
                .same_plaque = t->plaque && t->plaque == before->plaque,
                .other_plaque = t->plaque && before->plaque && t->plaque != before->plaque};
            twins = twins_compare(&t->telling, &before->telling, &beside);
            b->e->looked++;
        }
        b->e->pairs += labelled;
        const bool offered = twins.strength != TWINS_NOT, same = twins.strength == TWINS_SAME;
        b->e->found += same;
        b->e->right += same && labelled;
        b->e->offered += offered;
        b->e->offered_right += offered && labelled;
        if (b->misses && (same != labelled || offered != labelled))
            text_addf(b->misses, "%s %s pair %s percent %d shared %d points %d\n", before->id, t->id,
                      same      ? "false"
                      : offered ? (labelled ? "likely" : "likely, false")
                                : "missed",
                      twins.percent, twins.shared, twins.points);
    }
    b->ns += now_ns() - from;
}

bool evaluate_dups_run(struct str file, const struct evaluate_dups_tools *tools, struct text *misses,
                       struct evaluate_dups *e_r, struct text *error)
{
    struct dups_bench b = {.tools = tools, .e = e_r, .misses = misses};
    struct str line;
    bool ok = true;
    *e_r = (struct evaluate_dups){0};
    b.texts = mem_grow(NULL, TEXTS_MAX * sizeof(struct dups_text *));
    while (ok && file.n > 0) {
        const char *why = NULL;
        (void)str_cut(file, '\n', &line, &file);
        if (str_trim(line).n == 0) continue;
        struct json *doc = b.n < TEXTS_MAX ? json_parse(line, LINE_MAX_BYTES, &why) : NULL;
        struct dups_text *t = MEM_NEW(struct dups_text);
        ok = doc != NULL && read_text(&b, doc, t);
        if (ok) {
            compare_all(&b, t);
            b.texts[b.n++] = t;
        } else {
            text_addf(error, "text %zu: %s", b.n + 1,
                      b.n == TEXTS_MAX ? "too many texts to look for pairs"
                      : why            ? why
                                       : "cannot be cleaned");
            free(t);
        }
        json_free(&doc);
    }
    e_r->us_per_text = b.n ? (double)b.ns / 1000.0 / (double)b.n : 0;
    for (size_t i = 0; i < b.n; i++) free(b.texts[i]);
    free(b.texts);
    return ok;
}
