/* What the bench learns from: the shipped examples and the texts of the other folds. */
#include "evaluate_part.h"
#include <stdlib.h>
#include <string.h>

#define MODEL_MAX   LEARNED_BYTES_MAX
#define INNER_FOLDS 3 /* within each fold of the bench; the product takes 5, which lasts half as long again */

static bool is_text(struct str clean, const struct evaluate_text *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(clean, text_str(&texts[i].clean))) return true;
    return false;
}

bool evaluate_base_read(struct evaluate_base *b, const char *path, const struct normalise_tools *tools,
                        const struct routing_rows *rows, const struct evaluate_text *texts, size_t n_texts,
                        struct arena *a, struct text *error)
{
    static const char *const names[] = {"category", "unit", "nature", "urgency", "plaque", "text"};
    enum { CATEGORY, UNIT, NATURE, URGENCY, PLAQUE, TEXT };
    struct csv c;
    size_t at[ARRAY_LEN(names)];
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    enum csv_result got;
    if (!evaluate_table(&c, path, a, names, ARRAY_LEN(names), at, error)) return false;
    b->examples = mem_alloc(TRAIN_EXAMPLES_MAX * sizeof *b->examples);
    b->clean = mem_alloc(TRAIN_EXAMPLES_MAX * sizeof *b->clean);
    while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
        if (b->n == TRAIN_EXAMPLES_MAX) return evaluate_fault(path, &c, "too many examples", error);
        struct text *clean = &b->clean[b->n];
        text_init(clean, (f[at[TEXT]].n + 1) * NORMALISE_GROWTH);
        if (!normalise_clean(tools, f[at[TEXT]], clean))
            return evaluate_fault(path, &c, "cannot be cleaned", error);
        if (is_text(text_str(clean), texts, n_texts)) {
            text_free(clean);
            b->dropped++;
            continue;
        }
        b->examples[b->n++] = (struct train_example){.text = text_str(clean),
                                                     .category = f[at[CATEGORY]],
                                                     .unit = f[at[UNIT]],
                                                     .nature = f[at[NATURE]],
                                                     .urgency = f[at[URGENCY]],
                                                     .plaque = routing_rows_unit(rows, f[at[PLAQUE]]),
                                                     .weight = 1};
    }
    if (got == CSV_BAD) return evaluate_fault(path, &c, why, error);
    return true;
}

void evaluate_base_free(struct evaluate_base *b)
{
    for (size_t i = 0; b->clean != NULL && i < b->n; i++) text_free(&b->clean[i]);
    free(b->clean);
    free(b->examples);
    memset(b, 0, sizeof *b);
}

struct learned *evaluate_learn(const struct evaluate_base *b, const struct routing *routing,
                               const struct routing_rows *rows, const struct evaluate_text *texts,
                               size_t n_texts, unsigned fold, struct train_report *report_r,
                               struct text *error)
{
    struct train_example *all = mem_alloc((b->n + n_texts + 1) * sizeof *all);
    size_t n = b->n;
    const char *why = NULL;
    struct learned *m = NULL;
    struct text bytes;
    if (n > 0) memcpy(all, b->examples, n * sizeof *all);
    for (size_t i = 0; i < n_texts; i++) {
        const struct evaluate_text *t = &texts[i];
        if (t->fold == fold) continue;
        all[n++] = (struct train_example){.text = text_str(&t->clean),
                                          .category = t->category,
                                          .unit = t->unit,
                                          .nature = t->nature,
                                          .urgency = t->urgency,
                                          .plaque = routing_rows_unit(rows, t->plaque),
                                          .group = t->group,
                                          .own = true,
                                          .weight = 1};
    }
    text_init(&bytes, MODEL_MAX);
    if (train_model(all, n, routing, &(struct train_options){.folds = INNER_FOLDS}, &bytes, report_r,
                    error)) {
        m = learned_read(text_str(&bytes), &why);
        if (m == NULL) text_addz(error, why);
    }
    text_free(&bytes);
    free(all);
    return m;
}
