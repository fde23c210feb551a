/* `mashangdu route`: how well the router does on labelled texts. */
#include "cmd_route.h"
#include "evaluate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_SHOWN 15
#define MISSES_MAX  ((size_t)16 << 20)

static const char usage[] =
    "usage: mashangdu route --eval FILE [--json] [--misses] [--folds N | --rules] [--part I/N] [--percent N]\n"
    "                       [--units FILE] [--categories FILE] [--words FILE] [--examples FILE]\n"
    "  --eval FILE   labelled texts, one JSON object a line: text, plaque, category, unit, nature, urgency, "
    "pii,\n"
    "                dup_group; what is not labelled is left out, units stand by code or name\n"
    "  --json        one JSON object instead of a table\n"
    "  --misses      one line for each text that was not wholly right (ids and codes only)\n"
    "  --folds N     score each of N parts of the file (5) with what the others and the examples teach;\n"
    "                1: with what the examples teach\n"
    "  --rules       the rules alone, nothing learned\n"
    "  --part I/N    only the I-th of N parts (I from 0), split by repeat group\n"
    "  --percent N   from this confidence on the gateway assigns by itself (70, as the setting auto_assign_percent)\n"
    "  the tables default to the files in deploy/sample-district under the current folder\n"
    "category_* and unit_* score the best guesses, auto_* what is assigned without a person.\n";

static bool parse_part(const char *s, unsigned *part_r, unsigned *parts_r);
static void tell_doubts(const struct evaluation *e, const struct evaluate_options *o);
static void print_json(const struct evaluation *e);
static void print_table(const struct evaluation *e);
static void print_confusion(const struct evaluation *e);

int cmd_route(int argc, char **argv)
{
    struct evaluate_paths paths = {.units = "deploy/sample-district/units.csv",
                                   .categories = "deploy/sample-district/categories.csv",
                                   .words = "deploy/sample-district/words.csv",
                                   .examples = "deploy/sample-district/examples.csv"};
    struct evaluate_options options = {.parts = 1, .folds = 5, .percent = 70};
    bool json = false, misses = false;
    for (int i = 1; i < argc; i++) {
        const char **value = NULL, *part_text = NULL, *folds_text = NULL, *percent_text = NULL;
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
            continue;
        }
        if (strcmp(argv[i], "--misses") == 0) {
            misses = true;
            continue;
        }
        if (strcmp(argv[i], "--rules") == 0) {
            options.rules = true;
            continue;
        }
        if (strcmp(argv[i], "--eval") == 0)
            value = &paths.texts;
        else if (strcmp(argv[i], "--units") == 0)
            value = &paths.units;
        else if (strcmp(argv[i], "--categories") == 0)
            value = &paths.categories;
        else if (strcmp(argv[i], "--words") == 0)
            value = &paths.words;
        else if (strcmp(argv[i], "--examples") == 0)
            value = &paths.examples;
        else if (strcmp(argv[i], "--part") == 0)
            value = &part_text;
        else if (strcmp(argv[i], "--folds") == 0)
            value = &folds_text;
        else if (strcmp(argv[i], "--percent") == 0)
            value = &percent_text;
        if (value == NULL || i + 1 == argc) {
            (void)fprintf(stderr, "%s", usage);
            return 2;
        }
        *value = argv[++i];
        u64 folds = options.folds, percent = (u64)options.percent;
        if ((part_text != NULL && !parse_part(part_text, &options.part, &options.parts)) ||
            (folds_text != NULL && (!str_u64(str_of(folds_text), 20, &folds) || folds == 0)) ||
            (percent_text != NULL && !str_u64(str_of(percent_text), 101, &percent))) {
            (void)fprintf(stderr, "%s", usage);
            return 2;
        }
        options.folds = (unsigned)folds;
        options.percent = (int)percent;
    }
    if (paths.texts == NULL) {
        (void)fprintf(stderr, "%s", usage);
        return 2;
    }
    struct evaluation e;
    struct text lines, error;
    text_init(&lines, MISSES_MAX);
    text_init(&error, 1000);
    bool ok = evaluate_run(&paths, &options, misses ? &lines : NULL, &e, &error);
    if (!ok)
        (void)fprintf(stderr, "mashangdu route: %s\n", text_z(&error));
    else {
        tell_doubts(&e, &options);
        if (misses) (void)fwrite(lines.p, 1, lines.n, json ? stderr : stdout);
        if (json)
            print_json(&e);
        else
            print_table(&e);
    }
    text_free(&lines);
    text_free(&error);
    return ok ? 0 : 1;
}

/* What the figures do not say by themselves. */
static void tell_doubts(const struct evaluation *e, const struct evaluate_options *o)
{
    if (e->unknown)
        (void)fprintf(stderr, "mashangdu route: %zu labels are in none of the tables and were left out\n",
                      e->unknown);
    if (!o->rules && o->folds > 1 && e->folds < o->folds)
        (void)fprintf(
            stderr,
            "mashangdu route: the texts fall into %u of %u parts (by dup_group, else by id): with so few "
            "groups a part is scored with what little the others teach\n",
            e->folds, o->folds);
}

static bool parse_part(const char *s, unsigned *part_r, unsigned *parts_r)
{
    struct str left, right;
    u64 i, n;
    if (!str_cut(str_of(s), '/', &left, &right) || !str_u64(left, 999, &i) || !str_u64(right, 1000, &n) ||
        i >= n)
        return false;
    *part_r = (unsigned)i;
    *parts_r = (unsigned)n;
    return true;
}

static void json_share(const char *name, struct evaluate_share share)
{
    (void)printf("\"%s\":%.4f,", name, evaluate_rate(share));
}

/* A table of numbers: row by label, column by what was found. */
static void json_confusion(const char *name, size_t n, const char *const *words, const size_t *cells,
                           size_t width)
{
    (void)printf(",\"%s\":{\"words\":[", name);
    for (size_t i = 0; i < n; i++) (void)printf("%s\"%s\"", i ? "," : "", words[i]);
    (void)printf("],\"rows\":[");
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) (void)printf("%s%zu", k ? "," : i ? ",[" : "[", cells[i * width + k]);
        (void)printf("]");
    }
    (void)printf("]}");
}

static void print_json(const struct evaluation *e)
{
    const char *headings[EVALUATE_HEADINGS], *natures[NATURES_N], *urgencies[URGENCIES_N];
    (void)printf("{\"texts\":%zu,", e->texts);
    json_share("category_top1", e->category_top1);
    json_share("category_top3", e->category_top3);
    json_share("category1_top1", e->category1_top1);
    json_share("category1_top3", e->category1_top3);
    json_share("unit_top1", e->unit_top1);
    json_share("unit_top3", e->unit_top3);
    json_share("nature_top1", e->nature_top1);
    json_share("urgency_top1", e->urgency_top1);
    json_share("critical_recall", e->critical);
    json_share("about_recall", e->about);
    json_share("about_precision", e->about_true);
    json_share("auto_precision", e->auto_right);
    json_share("auto_both", e->auto_both);
    json_share("auto_coverage", e->autos);
    json_share("dup_precision", (struct evaluate_share){e->dups.right, e->dups.found});
    json_share("dup_recall", (struct evaluate_share){e->dups.right, e->dups.pairs});
    json_share("dup_offered_precision", (struct evaluate_share){e->dups.offered_right, e->dups.offered});
    json_share("dup_offered_recall", (struct evaluate_share){e->dups.offered_right, e->dups.pairs});
    json_share("mask_precision", e->mask_true);
    json_share("mask_recall", e->mask_found);
    (void)printf(
        "\"us_per_text\":%.1f,\"texts_per_second\":%.0f,\"walls_broken\":%zu,\"labels_unknown\":%zu,\"train_seconds\":%.2f,\"model_bytes\":%zu",
        e->us_per_text, e->us_per_text > 0 ? 1e6 / e->us_per_text : 0, e->walls_broken, e->unknown,
        e->train_seconds, e->model_bytes);
    for (size_t i = 0; i < e->n_headings; i++) headings[i] = e->headings[i];
    for (int i = 1; i < NATURES_N; i++) natures[i - 1] = nature_chinese((enum nature)i);
    for (int i = 0; i < URGENCIES_N; i++) urgencies[i] = urgency_chinese((enum urgency)i);
    json_confusion("headings", e->n_headings, headings, e->heading[0], EVALUATE_HEADINGS);
    json_confusion("natures", NATURES_N - 1, natures, &e->nature[1][1], NATURES_N);
    json_confusion("urgencies", URGENCIES_N, urgencies, e->urgency[0], URGENCIES_N);
    (void)printf(",\"pairs\":[");
    for (size_t i = 0; i < e->n_pairs; i++)
        (void)printf("%s[\"%s\",\"%s\",%zu]", i ? "," : "", e->pairs[i].gold, e->pairs[i].found,
                     e->pairs[i].n);
    (void)printf("]}\n");
}

static void print_table(const struct evaluation *e)
{
    const struct {
        const char *name;
        struct evaluate_share share;
    } rows[] = {{"category top 1", e->category_top1},
                {"category top 3", e->category_top3},
                {"heading top 1", e->category1_top1},
                {"heading top 3", e->category1_top3},
                {"unit top 1", e->unit_top1},
                {"unit top 3", e->unit_top3},
                {"nature", e->nature_top1},
                {"urgency", e->urgency_top1},
                {"critical found", e->critical},
                {"unit complained of", e->about},
                {"said of the right unit", e->about_true},
                {"assigned alone, right", e->auto_right},
                {"alone, matter right too", e->auto_both},
                {"assigned alone", e->autos},
                {"pairs found, right", {e->dups.right, e->dups.found}},
                {"pairs labelled, found", {e->dups.right, e->dups.pairs}},
                {"with likely ones, right", {e->dups.offered_right, e->dups.offered}},
                {"with likely ones, found", {e->dups.offered_right, e->dups.pairs}},
                {"masked", e->mask_found},
                {"masks that were labelled", e->mask_true}};
    (void)printf("%zu texts\n", e->texts);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        (void)printf("%-26s %5zu of %5zu  %5.1f %%\n", rows[i].name, rows[i].share.right, rows[i].share.all,
                     100.0 * evaluate_rate(rows[i].share));
    (void)printf("%-26s %5zu\n", "walls broken", e->walls_broken);
    (void)printf("%-26s %7.1f us\n%-26s %zu states, %zu bytes\n", "time of a decision", e->us_per_text,
                 "word automaton", e->automaton_states, e->automaton_bytes);
    if (e->models > 0)
        (void)printf(
            "%-26s %7.1f s for %zu models, the last of %zu examples (%zu shipped; %zu of the file left out there): "
            "%zu features, %zu bytes\n",
            "training", e->train_seconds, e->models, e->model_examples, e->base, e->base_dropped,
            e->model_features, e->model_bytes);
    (void)printf("%-26s %7.0f\n", "texts per second", e->us_per_text > 0 ? 1e6 / e->us_per_text : 0);
    print_confusion(e);
}

static int by_number(const void *a, const void *b)
{
    size_t x = ((const struct evaluate_pair *)a)->n, y = ((const struct evaluate_pair *)b)->n;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void print_confusion(const struct evaluation *e)
{
    static struct evaluate_pair pairs[EVALUATE_PAIRS];
    (void)printf("\nconfidence    texts  right  mean confidence (unit and matter)\n");
    for (size_t i = 0; i < EVALUATE_BUCKETS; i++)
        if (e->bucket[i].n > 0)
            (void)printf("%.1f to %.1f    %5zu  %4.0f %%  %4.0f %%\n", (double)i / EVALUATE_BUCKETS,
                         (double)(i + 1) / EVALUATE_BUCKETS, e->bucket[i].n,
                         100.0 * (double)e->bucket[i].right / (double)e->bucket[i].n,
                         100.0 * e->bucket[i].confidence / (double)e->bucket[i].n);
    (void)printf("\nsurest of the unit    texts  right  mean certainty\n");
    for (size_t i = 0; i < EVALUATE_BUCKETS; i++)
        if (e->surest[i].n > 0)
            (void)printf("tenth %2zu              %5zu  %4.0f %%  %4.0f %%\n", i + 1, e->surest[i].n,
                         100.0 * (double)e->surest[i].right / (double)e->surest[i].n,
                         100.0 * e->surest[i].confidence / (double)e->surest[i].n);
    (void)printf("\nheading (row: label, column: found)\n    ");
    for (size_t k = 0; k < e->n_headings; k++) (void)printf("%4s", e->headings[k]);
    for (size_t i = 0; i < e->n_headings; i++) {
        (void)printf("\n%4s", e->headings[i]);
        for (size_t k = 0; k < e->n_headings; k++) (void)printf("%4zu", e->heading[i][k]);
    }
    (void)printf("\n\nmatters taken for one another (label > found)\n");
    memcpy(pairs, e->pairs, sizeof pairs);
    qsort(pairs, e->n_pairs, sizeof *pairs, by_number);
    for (size_t i = 0; i < MIN(e->n_pairs, (size_t)PAIRS_SHOWN); i++)
        (void)printf("%s > %s  %zu\n", pairs[i].gold, pairs[i].found, pairs[i].n);
    (void)printf("\nnature (row: label, column: found)\n");
    for (int i = 1; i < NATURES_N; i++) {
        (void)printf("%s", nature_chinese((enum nature)i));
        for (int k = 1; k < NATURES_N; k++) (void)printf("%5zu", e->nature[i][k]);
        (void)printf("\n");
    }
    (void)printf("\nurgency (row: label, column: found)\n");
    for (int i = 0; i < URGENCIES_N; i++) {
        (void)printf("%s", urgency_chinese((enum urgency)i));
        for (int k = 0; k < URGENCIES_N; k++) (void)printf("%5zu", e->urgency[i][k]);
        (void)printf("\n");
    }
}
