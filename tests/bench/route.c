/* How long a decision takes, and how long and how large a snapshot is: the units of the sample district, its words, filled up with
 * made-up ones where they are fewer than 10,000 aliases and keywords, texts of 300 characters, with and without a learned model. Beside it the same words looked for
 * one by one, which is what the automaton stands for. One JSON object a line, as tests/bench/run prints them; started by it. */
#include "evaluate_part.h"
#include "cleaning.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DISTRICT   TREE "/deploy/sample-district/"
#define WORDS      10000 /* aliases and keywords together, at the least */
#define TEXTS      400
#define POINTS     300
#define ROUNDS_MAX 20

static const struct evaluate_paths paths = {.units = DISTRICT "units.csv",
                                            .categories = DISTRICT "categories.csv",
                                            .words = DISTRICT "words.csv",
                                            .examples = DISTRICT "examples.csv"};
static u32 seed = 20260318;

static u32 rng(u32 below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static double cpu_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* others share the machine */
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Made of pieces of real texts, so that the words begin like what people write and the automaton has to look. */
static struct str made_word(const struct evaluate_base *b, struct arena *a)
{
    for (;;) {
        const struct str text = b->examples[rng((u32)b->n)].text;
        const size_t points = utf8_count(text), n = 2 + rng(5);
        if (points < n + 1) continue;
        size_t at = 0;
        for (u32 skip = rng((u32)(points - n)); skip > 0; skip--) (void)utf8_next(text, &at);
        const size_t from = at;
        bool plain = true;
        for (size_t i = 0; i < n && plain; i++) plain = utf8_next(text, &at) >= 0x4e00;
        if (plain) return arena_str(a, (struct str){text.p + from, at - from});
    }
}

static size_t count_aliases(const struct routing_rows *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n_units; i++) {
        struct str rest = rows->units[i].aliases, one;
        while (rest.n > 0) {
            (void)str_cut(rest, '|', &one, &rest);
            n++;
        }
    }
    return n;
}

static void fill_up(struct routing_rows *rows, const struct evaluate_base *b, struct arena *a)
{
    const size_t aliases = count_aliases(rows), want = MAX(rows->n_words, WORDS - aliases);
    struct routing_word *all = arena_alloc(a, want * sizeof *all);
    ASSERT(all != NULL);
    memcpy(all, rows->words, rows->n_words * sizeof *all);
    size_t n = rows->n_words;
    while (n < want) {
        const struct routing_category *c = &rows->categories[rng((u32)rows->n_categories)];
        if (c->parent.n == 0) continue;
        const bool unit = rng(5) == 0;
        all[n++] = (struct routing_word){unit ? STR("unit") : STR("category"), made_word(b, a),
                                         unit ? rows->units[rng((u32)rows->n_units)].code : c->code, 0.5};
    }
    rows->words = all;
    rows->n_words = n;
    printf(
        "{\"bench\": \"route\", \"what\": \"tables\", \"units\": %zu, \"categories\": %zu, \"aliases\": %zu, \"words\": %zu}\n",
        rows->n_units, rows->n_categories, aliases, n);
}

static struct str made_text(const struct evaluate_base *b, struct arena *a)
{
    struct text t;
    text_init(&t, 64 * POINTS);
    while (utf8_count(text_str(&t)) < POINTS) {
        text_add(&t, b->examples[rng((u32)b->n)].text);
        text_addz(&t, "，");
    }
    size_t end = 0;
    for (int i = 0; i < POINTS; i++) (void)utf8_next(text_str(&t), &end);
    const struct str kept = arena_str(a, (struct str){t.p, end});
    text_free(&t);
    return kept;
}

/* What the automaton replaces: every word of the tables looked for by itself. */
static double one_by_one(const struct routing_rows *rows, struct str text)
{
    const double from = cpu_us();
    size_t found = 0;
    for (size_t i = 0; i < rows->n_words; i++) found += str_find(text, rows->words[i].word) != SIZE_MAX;
    for (size_t i = 0; i < rows->n_units; i++) {
        struct str rest = rows->units[i].aliases, one;
        while (rest.n > 0) {
            (void)str_cut(rest, '|', &one, &rest);
            found += str_find(text, one) != SIZE_MAX;
        }
    }
    const double took = cpu_us() - from;
    return found == SIZE_MAX ? 0 : took;
}

static void print_line(const char *what, const char *unit, double ours, double baseline, const char *name,
                       int rounds, double p50, double p99)
{
    printf("{\"bench\": \"%s\", \"unit\": \"%s\", \"ours\": %.1f, ", what, unit, ours);
    if (name)
        printf("\"baseline\": %.1f, \"baseline_name\": \"%s\", \"ratio\": %.3f, ", baseline, name,
               ours / baseline);
    else
        printf("\"baseline\": null, \"baseline_name\": null, \"ratio\": null, ");
    printf("\"rounds\": %d, \"p50_ms\": %.4f, \"p99_ms\": %.4f}\n", rounds, p50, p99);
    (void)fflush(stdout);
}

static void measure(const char *what, const struct routing_rows *rows, const struct str *texts, int rounds,
                    struct text *error)
{
    double *took = mem_alloc((size_t)rounds * TEXTS * sizeof *took),
           *naive = mem_alloc(TEXTS * sizeof *naive);
    double builds[ROUNDS_MAX];
    struct routing *r = NULL;
    size_t n = 0;
    for (int i = 0; i < rounds; i++) {
        routing_free(&r);
        const double from = cpu_us();
        r = routing_build(rows, error);
        builds[i] = cpu_us() - from;
        if (!r) {
            (void)fprintf(stderr, "%s\n", text_z(error));
            exit(1);
        }
        for (size_t k = 0; k < TEXTS; k++) {
            const struct route_input in = {
                .text = texts[k], .door = DOOR_WEB, .unit_id = k % 3 == 0 ? (int)(k % 100) + 2 : 0};
            struct decision d;
            struct arena a;
            const double at = cpu_us();
            arena_init(&a, (size_t)1 << 20);
            route_decide(r, &in, &a, &d);
            arena_free(&a);
            took[n++] = cpu_us() - at;
            if (i == 0) naive[k] = one_by_one(rows, texts[k]);
        }
    }
    qsort(took, n, sizeof *took, by_value);
    qsort(naive, TEXTS, sizeof *naive, by_value);
    qsort(builds, (size_t)rounds, sizeof *builds, by_value);
    char name[64];
    (void)snprintf(name, sizeof name, "route %s", what);
    print_line(name, "us a decision", took[n / 2], naive[TEXTS / 2], "every word looked for by itself",
               rounds, took[n / 2] / 1e3, took[n - 1 - n / 100] / 1e3);
    (void)snprintf(name, sizeof name, "route build %s", what);
    print_line(name, "us a snapshot", builds[rounds / 2], 0, NULL, rounds, builds[rounds / 2] / 1e3,
               builds[rounds - 1] / 1e3);
    printf("{\"bench\": \"route bytes %s\", \"automaton_bytes\": %zu, \"automaton_states\": %zu}\n", what,
           routing_bytes(r), routing_states(r));
    routing_free(&r);
    free(took);
    free(naive);
}

int main(int argc, char **argv)
{
    const int rounds = argc > 1 ? MIN(ROUNDS_MAX, MAX(1, atoi(argv[1]))) : 5;
    struct arena a;
    struct routing_rows rows;
    struct evaluate_base base = {.n = 0};
    struct train_report report;
    struct text error;
    const char *why = NULL;
    arena_init(&a, (size_t)256 << 20);
    text_init(&error, 1000);
    struct simplify *simplify = simplify_open(&why);
    const struct normalise_tools tools = cleaning_tools(simplify);
    struct routing *plain = NULL;
    struct learned *model = NULL;
    const bool good = simplify && evaluate_rows(&paths, &a, &rows, &error) &&
                      (plain = routing_build(&rows, &error)) &&
                      evaluate_base_read(&base, paths.examples, &tools, &rows, NULL, 0, &a, &error) &&
                      (model = evaluate_learn(&base, plain, &rows, NULL, 0, 0, &report, &error));
    if (!good) {
        (void)fprintf(stderr, "%s\n", simplify ? text_z(&error) : why);
        return 1;
    }
    struct str texts[TEXTS];
    fill_up(&rows, &base, &a);
    for (size_t i = 0; i < TEXTS; i++) texts[i] = made_text(&base, &a);
    measure("without a model", &rows, texts, rounds, &error);
    rows.learned = model;
    printf(
        "{\"bench\": \"route model\", \"features\": %zu, \"bytes\": %zu, \"examples\": %zu, \"train_seconds\": %.1f}\n",
        learned_features(model), learned_bytes(model), report.used, report.seconds);
    measure("with a model", &rows, texts, rounds, &error);
    train_report_free(&report);
    learned_free(&model);
    routing_free(&plain);
    evaluate_base_free(&base);
    simplify_close(&simplify);
    text_free(&error);
    arena_free(&a);
    return 0;
}
