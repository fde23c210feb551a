/* `mashangdu route`: how well the router does on labelled texts. */
#include "cmd_route.h"
#include "evaluate.h"
#include <stdio.h>
#include <string.h>

#define MISSES_MAX ((size_t)16 << 20)

static const char usage[] =
    "usage: mashangdu route --eval FILE [--json] [--misses] [--part I/N] [--units FILE] [--categories FILE] "
    "[--words FILE]\n"
    "  --eval FILE   labelled texts, one JSON object a line: text, plaque, category, unit, nature, urgency, "
    "pii\n"
    "  --json        one JSON object instead of a table\n"
    "  --misses      one line for each text that was not wholly right (ids and codes only)\n"
    "  --part I/N    only the I-th of N parts (I from 0), split by repeat group\n"
    "  the tables default to the files in deploy/sample-district under the current folder\n"
    "category_* and unit_* score the best guesses, auto_* what is assigned without a person.\n";

static bool parse_part(const char *s, unsigned *part_r, unsigned *parts_r);
static void print_json(const struct evaluation *e);
static void print_table(const struct evaluation *e);

int cmd_route(int argc, char **argv)
{
    struct evaluate_paths paths = {.units = "deploy/sample-district/units.csv",
                                   .categories = "deploy/sample-district/categories.csv",
                                   .words = "deploy/sample-district/words.csv"};
    bool json = false, misses = false;
    unsigned part = 0, parts = 1;
    for (int i = 1; i < argc; i++) {
        const char **value = NULL, *part_text = NULL;
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
            continue;
        }
        if (strcmp(argv[i], "--misses") == 0) {
            misses = true;
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
        else if (strcmp(argv[i], "--part") == 0)
            value = &part_text;
        if (value == NULL || i + 1 == argc) {
            (void)fprintf(stderr, "%s", usage);
            return 2;
        }
        *value = argv[++i];
        if (part_text != NULL && !parse_part(part_text, &part, &parts)) {
            (void)fprintf(stderr, "%s", usage);
            return 2;
        }
    }
    if (paths.texts == NULL) {
        (void)fprintf(stderr, "%s", usage);
        return 2;
    }
    struct evaluation e;
    struct text lines, error;
    text_init(&lines, MISSES_MAX);
    text_init(&error, 1000);
    bool ok = evaluate_run(&paths, parts, part, misses ? &lines : NULL, &e, &error);
    if (!ok)
        (void)fprintf(stderr, "mashangdu route: %s\n", text_z(&error));
    else {
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

static void print_json(const struct evaluation *e)
{
    (void)printf("{\"texts\":%zu,\"category_top1\":%.4f,\"category_top3\":%.4f,\"category1_top1\":%.4f,"
                 "\"unit_top1\":%.4f,"
                 "\"unit_top3\":%.4f,\"nature_top1\":%.4f,\"urgency_top1\":%.4f,\"auto_precision\":%.4f,"
                 "\"auto_coverage\":%.4f,"
                 "\"dup_precision\":null,\"dup_recall\":null,\"mask_precision\":%.4f,\"mask_recall\":%.4f,"
                 "\"us_per_text\":%.1f}\n",
                 e->texts, evaluate_rate(e->category_top1), evaluate_rate(e->category_top3),
                 evaluate_rate(e->category1_top1), evaluate_rate(e->unit_top1), evaluate_rate(e->unit_top3),
                 evaluate_rate(e->nature_top1), evaluate_rate(e->urgency_top1), evaluate_rate(e->auto_right),
                 (double)e->autos / (double)e->texts, evaluate_rate(e->mask_true),
                 evaluate_rate(e->mask_found), e->us_per_text);
}

static void print_table(const struct evaluation *e)
{
    const struct {
        const char *name;
        struct evaluate_share share;
    } rows[] = {{"category top 1", e->category_top1},
                {"category top 3", e->category_top3},
                {"heading top 1", e->category1_top1},
                {"unit top 1", e->unit_top1},
                {"unit top 3", e->unit_top3},
                {"nature", e->nature_top1},
                {"urgency", e->urgency_top1},
                {"critical found", e->critical},
                {"unit complained of", e->about},
                {"assigned alone, right", e->auto_right},
                {"assigned alone", {e->autos, e->texts}},
                {"masked", e->mask_found},
                {"masks that were labelled", e->mask_true}};
    (void)printf("%zu texts\n", e->texts);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        (void)printf("%-26s %5zu of %5zu  %5.1f %%\n", rows[i].name, rows[i].share.right, rows[i].share.all,
                     100.0 * evaluate_rate(rows[i].share));
    (void)printf("%-26s %5zu\n", "walls broken", e->walls_broken);
    (void)printf("%-26s %7.1f us\n%-26s %zu states, %zu bytes\n", "time of a decision", e->us_per_text,
                 "word automaton", e->automaton_states, e->automaton_bytes);
}
