/* The judge of decisions without a model (rules_judge in core/route_sure.c), found on the shipped examples, of which each is decided by the
 * rules alone; and what it is worth: the share that is right from each certainty on, every fifth of the examples judged by a judge of the
 * others. No labelled text of the exam is looked at. Prints the weights as they stand in the source. Started by tests/bench/run judge. */
#include "cleaning.h"
#include "evaluate_part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTRICT TREE "/deploy/sample-district/"
#define FOLDS    5

static const struct evaluate_paths paths = {.units = DISTRICT "units.csv",
                                            .categories = DISTRICT "categories.csv",
                                            .words = DISTRICT "words.csv",
                                            .examples = DISTRICT "examples.csv"};
struct judged {
    double sure;
    bool right;
};

static int by_sure(const void *a, const void *b)
{
    const double x = ((const struct judged *)a)->sure, y = ((const struct judged *)b)->sure;
    return x > y ? -1 : x < y;
}

/* Decisions that would go without a person if they were sure enough, of examples that know their unit. */
static size_t decide_all(const struct evaluate_base *b, const struct routing *r, struct judge_case *unit,
                         struct judge_case *both)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct train_example *e = &b->examples[i];
        struct route_input in = {
            .text = e->text, .unit_id = e->plaque, .door = e->plaque ? DOOR_PLAQUE : DOOR_WEB};
        struct decision d;
        struct arena a;
        if (e->unit.n == 0) continue;
        arena_init(&a, (size_t)4 << 20);
        route_decide(r, &in, &a, &d);
        arena_free(&a);
        if (!d.opens_case || d.held || d.confidential || d.lawful_way.n > 0 || d.n_units == 0) continue;
        unit[n].right = route_unit_is(r, d.units[0], e->unit);
        both[n].right = unit[n].right && str_eq(d.category, e->category);
        memcpy(unit[n].sign, d.sign, sizeof d.sign);
        memcpy(both[n].sign, d.sign, sizeof d.sign);
        unit[n].weight = both[n].weight = 1;
        n++;
    }
    return n;
}

static void tell(const char *name, struct judge_case *cases, size_t n)
{
    static const char *const signs[JUDGE_SIGNS_N] = {
#define X(id) [SIGN_##id] = #id,
        JUDGE_SIGNS(X)
#undef X
    };
    struct judged *all = mem_alloc((n + 1) * sizeof *all);
    struct judge j;
    size_t right = 0;
    for (size_t fold = 0; fold < FOLDS; fold++) {
        for (size_t i = 0; i < n; i++) cases[i].weight = i % FOLDS != fold;
        judge_fit(cases, n, &j);
        for (size_t i = fold; i < n; i += FOLDS)
            all[i] = (struct judged){judge_sure(&j, cases[i].sign), cases[i].right};
    }
    for (size_t i = 0; i < n; i++) cases[i].weight = 1;
    judge_fit(cases, n, &j);
    printf("[CERTAIN_%s] = {.known = true, .weight = {", name);
    for (int i = 0; i < JUDGE_SIGNS_N; i++)
        if (j.weight[i] > 0 || j.weight[i] < 0) printf("[SIGN_%s] = %.2fF, ", signs[i], (double)j.weight[i]);
    printf("}}\n{\"bench\": \"judge %s\", \"decisions\": %zu, \"right from a certainty on\": {", name, n);
    qsort(all, n, sizeof *all, by_sure);
    int percent = 95;
    for (size_t i = 0; i < n && percent >= 50; i++) {
        while (percent >= 50 && all[i].sure * 100 < percent) {
            printf("%s\"%d\": [%zu, %zu]", percent < 95 ? ", " : "", percent, right, i);
            percent -= 5;
        }
        right += all[i].right;
    }
    printf("}}\n");
    free(all);
}

int main(void)
{
    struct arena a;
    struct routing_rows rows;
    struct evaluate_base base = {.n = 0};
    struct text error;
    const char *why = NULL;
    arena_init(&a, (size_t)256 << 20);
    text_init(&error, 1000);
    struct simplify *simplify = simplify_open(&why);
    const struct normalise_tools tools = cleaning_tools(simplify);
    struct routing *routing = NULL;
    const bool good = simplify && evaluate_rows(&paths, &a, &rows, &error) &&
                      (routing = routing_build(&rows, &error)) &&
                      evaluate_base_read(&base, paths.examples, &tools, &rows, NULL, 0, &a, &error);
    if (!good) {
        (void)fprintf(stderr, "%s\n", simplify ? text_z(&error) : why);
        return 1;
    }
    struct judge_case *unit = mem_alloc((base.n + 1) * sizeof *unit),
                      *both = mem_alloc((base.n + 1) * sizeof *both);
    const size_t n = decide_all(&base, routing, unit, both);
    tell("UNIT", unit, n);
    tell("BOTH", both, n);
    free(unit);
    free(both);
    routing_free(&routing);
    evaluate_base_free(&base);
    simplify_close(&simplify);
    text_free(&error);
    arena_free(&a);
    return 0;
}
