/* The course of a training: rows, classes, held-back folds, the last model over everything, and its bytes. */
#include "base/clock.h"
#include "train_part.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXAMPLES_LEAST 50
#define MEASURED_MAX   12000    /* examples that are held back once */
#define MATRIX_MAX     80000000 /* weights of one head while it is trained, 4 bytes each and 8 in liblinear */
#define WEIGHTS_TARGET                                                                                       \
    470000 /* of the model that is kept: under 2 MB, and what a decision reads of it stays small */
#define WEIGHTS_OF_ONE 65000 /* of one feature */

/* By five-fold cross-validation over 4,400 shipped examples (matter / nature / urgency right, by the model alone): one against the rest
 * with squared hinge loss and C 0.3 0.529 / 0.641 / 0.713 in the least time; C 0.1 0.524 / 0.621 / 0.703, C 3 0.518 / 0.623 / 0.699;
 * logistic loss 0.521 / 0.638 / 0.716 at C 5 and 0.506 / 0.581 / 0.688 at C 1; all classes together 0.515 / 0.635 / 0.709 in twice the
 * time. Probabilities come from the scores by one heat for each head, found on held-back examples (Guo and others, ICML 2017). */
static const struct {
    size_t least; /* examples of a class, below which it is left out */
    size_t most;  /* classes */
    struct linear_options options;
} heads[LEARNED_HEADS] = {
    [LEARNED_CATEGORY] = {2, 1000, {LINEAR_SVC, 0.3, 0.1}},
    [LEARNED_UNIT] = {8, 2000, {LINEAR_SVC, 0.3, 0.1}},
    [LEARNED_NATURE] = {5, 7, {LINEAR_SVC, 0.3, 0.1}},
    [LEARNED_URGENCY] = {5, 4, {LINEAR_SVC, 0.3, 0.1}},
};

static struct str code_of(const struct train_example *e, int head)
{
    switch (head) {
    case LEARNED_CATEGORY:
        return e->category;
    case LEARNED_UNIT:
        return e->unit;
    case LEARNED_NATURE: {
        enum nature n; /* an English word or a Chinese one */
        return nature_parse(e->nature, &n) ? str_of(nature_chinese(n)) : STR_NONE;
    }
    default:
        return e->urgency;
    }
}

static int by_code(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void count_classes(struct train_course *c, int h, struct train_report *report)
{
    struct train_set *s = &c->set;
    struct train_head *head = &c->head[h];
    struct str *all = mem_alloc((s->n + 1) * sizeof *all);
    size_t n = 0, different = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct str code = code_of(s->example[i], h);
        if (code.n > 0 && code.n <= LEARNED_CODE_MAX &&
            route_class_index(c->routing, (enum learned_head)h, code) >= 0)
            all[n++] = code;
    }
    qsort(all, n, sizeof *all, by_code);
    for (size_t i = 0; i < n; i++) different += i == 0 || !str_eq(all[i], all[i - 1]);
    head->codes = mem_alloc((different + 1) * sizeof *head->codes);
    head->class = mem_alloc((s->n + 1) * sizeof *head->class);
    report->classes[h] = mem_alloc((different + 1) * sizeof *report->classes[h]);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && str_eq(all[to], all[from]); to++) {}
        struct train_class *k = &report->classes[h][report->n_classes[h]++];
        memcpy(k->code, all[from].p, all[from].n);
        k->examples = to - from;
        k->left_out = k->examples < heads[h].least || head->n == heads[h].most;
        if (!k->left_out) head->codes[head->n++] = all[from];
    }
    if (head->n < 2) head->n = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct str code = code_of(s->example[i], h);
        struct str *at =
            head->n == 0 || code.n == 0 ? NULL : bsearch(&code, head->codes, head->n, sizeof code, by_code);
        head->class[i] = at == NULL ? -1 : (int)(at - head->codes);
    }
    free(all);
}

static size_t copies(const struct train_example *e) { return (size_t)lround(MIN(4.0, MAX(1.0, e->weight))); }

/* Cells without those that a head may not see; they are written behind the others. */
static struct linear_row row_for(struct train_set *s, int h, size_t i, struct linear_cell **room)
{
    struct linear_row row = {s->cells + s->first[i], s->first[i + 1] - s->first[i], 0};
    if (h != LEARNED_CATEGORY) return row;
    struct linear_cell *own = *room;
    u32 n = 0;
    for (u32 k = 0; k < row.n; k++)
        if (!s->features[row.cells[k].feature]->matter) own[n++] = row.cells[k];
    *room += n;
    return (struct linear_row){own, n, 0};
}

/* Trains one head on all examples but those of one fold (none: c->folds). */
static bool learn_head(struct train_course *c, int h, unsigned without, struct text *error)
{
    struct train_set *s = &c->set;
    struct train_head *head = &c->head[h];
    size_t n = 0, max = 0;
    const char *why = NULL;
    for (size_t i = 0; i < s->n; i++) max += copies(s->example[i]);
    struct linear_row *rows = mem_alloc((max + 1) * sizeof *rows);
    struct linear_cell *cells = mem_alloc((s->n_cells + 1) * sizeof *cells), *room = cells;
    for (size_t i = 0; i < s->n; i++) {
        if (head->class[i] < 0 || train_fold(s, i, c->folds) == without) continue;
        struct linear_row row = row_for(s, h, i, &room);
        row.class = (u32)head->class[i];
        for (size_t k = copies(s->example[i]); k > 0; k--) rows[n++] = row;
    }
    bool ok =
        linear_train(rows, n, s->n_features, head->n, &heads[h].options, head->weights, head->bias, &why);
    if (!ok) text_addf(error, "the %d. head cannot be trained: %s", h + 1, why);
    free(rows);
    free(cells);
    return ok;
}

static void hold_back(struct train_course *c, int h, unsigned fold)
{
    struct train_set *s = &c->set;
    struct train_head *head = &c->head[h];
    for (size_t m = 0; m < c->n_measured; m++) {
        size_t i = c->measured[m];
        if (train_fold(s, i, c->folds) != fold) continue;
        float *own = head->held + m * head->n;
        memcpy(own, head->bias, head->n * sizeof *own);
        for (size_t k = s->first[i]; k < s->first[i + 1]; k++) {
            const float *w = head->weights + (size_t)s->cells[k].feature * head->n;
            for (size_t j = 0; j < head->n; j++) own[j] += s->cells[k].value * w[j];
        }
    }
}

/* Every head over every fold, then over everything. */
static bool learn(struct train_course *c, struct text *error)
{
    for (int h = 0; h < LEARNED_HEADS; h++) {
        struct train_head *head = &c->head[h];
        if (head->n == 0) continue;
        if (head->n * c->set.n_features > MATRIX_MAX) {
            text_addf(error, "%zu classes over %zu runs of characters are too many", head->n,
                      c->set.n_features);
            return false;
        }
        head->weights = mem_alloc(c->set.n_features * head->n * sizeof *head->weights);
        head->bias = mem_alloc(head->n * sizeof *head->bias);
        head->held = mem_alloc((c->n_measured + 1) * head->n * sizeof *head->held);
        for (unsigned fold = 0; fold < c->folds; fold++) {
            if (!learn_head(c, h, fold, error)) return false;
            hold_back(c, h, fold);
        }
        if (!learn_head(c, h, c->folds, error)) return false;
    }
    return true;
}

/* The size of a weight below which it is left out, so that about WEIGHTS_TARGET remain. */
static float cut_off(const struct train_course *c)
{
    enum { STEPS = 2000 };
    static const float step = 0.0005F;
    size_t counts[STEPS] = {0}, kept = 0;
    for (int h = 0; h < LEARNED_HEADS; h++) {
        const struct train_head *head = &c->head[h];
        for (size_t k = 0; k < head->n * c->set.n_features; k++)
            counts[(size_t)MIN(fabsf(head->weights[k]) / step, (float)(STEPS - 1))]++;
    }
    for (int i = STEPS - 1; i > 1; i--) {
        kept += counts[i];
        if (kept > WEIGHTS_TARGET) return (float)(i + 1) * step;
    }
    return step;
}

static bool write_model(struct train_course *c, struct text *out, struct train_report *report)
{
    struct train_set *s = &c->set;
    struct learned_made made = {.alone = c->alone};
    float least = cut_off(c);
    size_t width = 0;
    for (int h = 0; h < LEARNED_HEADS; h++) {
        const struct train_head *head = &c->head[h];
        made.head[h].codes = head->codes;
        made.head[h].bias = head->bias;
        made.head[h].n = head->n;
        made.head[h].heat = head->n == 0 ? 1 : head->heat;
        made.head[h].mix = head->n == 0 ? (struct learned_mix){1, 0} : head->mix;
        width += head->n;
    }
    memcpy(made.calibration, c->calibration, sizeof made.calibration);
    memcpy(made.judge, c->judge, sizeof made.judge);
    struct learned_feature *features = mem_alloc((s->n_features + 1) * sizeof *features);
    struct learned_weight *weights =
        mem_alloc((MIN(s->n_features * width, (size_t)LEARNED_WEIGHTS_MAX) + 1) * sizeof *weights);
    float *row = mem_alloc((width + 1) * sizeof *row);
    bool ok = true;
    for (size_t f = 0; f < s->n_features && ok; f++) {
        const struct train_run *r = s->features[f];
        float most = 0;
        size_t at = 0, first = made.n_weights;
        for (int h = 0; h < LEARNED_HEADS; h++)
            for (size_t k = 0; k < c->head[h].n; k++) {
                row[at] = c->head[h].weights[f * c->head[h].n + k];
                most = MAX(most, fabsf(row[at]));
                at++;
            }
        if (most < least) continue;
        for (size_t k = 0; k < width && ok; k++) {
            long q = lroundf(row[k] / most * 127);
            if (fabsf(row[k]) < least || q == 0) continue;
            ok = made.n_weights < LEARNED_WEIGHTS_MAX && made.n_weights - first < WEIGHTS_OF_ONE;
            if (ok) weights[made.n_weights++] = (struct learned_weight){(uint16_t)k, (int8_t)q};
        }
        features[made.n_features++] =
            (struct learned_feature){.name = {s->names.p + r->name, r->n},
                                     .idf = train_idf(s, r),
                                     .scale = most / 127 * (r->fact ? TRAIN_FACT : 1),
                                     .first = (u32)first,
                                     .n = (u32)(made.n_weights - first)};
    }
    made.features = features;
    made.weights = weights;
    size_t before = out->n;
    ok = ok && learned_write(&made, out);
    report->features = made.n_features;
    report->weights = made.n_weights;
    report->bytes = out->n - before;
    free(features);
    free(weights);
    free(row);
    return ok;
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool train_model(const struct train_example *examples, size_t n, const struct routing *routing,
                 const struct train_options *options, struct text *model_r, struct train_report *report,
                 struct text *error)
{
    struct train_course c = {.routing = routing,
                             .folds = options->folds == 0 ? 5 : MIN(10u, MAX(2u, options->folds))};
    double from = now();
    bool ok = false;
    memset(report, 0, sizeof *report);
    report->examples = n;
    if (!train_rows(examples, n, routing, &c.set, report, error)) goto out;
    if (c.set.n < EXAMPLES_LEAST) {
        text_addf(error, "%zu examples are fewer than %d", c.set.n, EXAMPLES_LEAST);
        goto out;
    }
    for (int h = 0; h < LEARNED_HEADS; h++) count_classes(&c, h, report);
    if (c.head[LEARNED_CATEGORY].n < 2) {
        text_addz(error, "fewer than two matters have enough examples");
        goto out;
    }
    size_t step = (c.set.n + MEASURED_MAX - 1) / MEASURED_MAX;
    c.measured = mem_alloc((c.set.n / step + 1) * sizeof *c.measured);
    for (size_t i = 0; i < c.set.n; i += step) c.measured[c.n_measured++] = (u32)i;
    ok = learn(&c, error) && train_measure(&c, report, error);
    if (ok && !write_model(&c, model_r, report)) {
        text_addz(error, "the model passes its limits");
        ok = false;
    }
out:
    for (int h = 0; h < LEARNED_HEADS; h++) {
        free(c.head[h].codes);
        free(c.head[h].class);
        free(c.head[h].weights);
        free(c.head[h].bias);
        free(c.head[h].held);
    }
    free(c.measured);
    train_set_free(&c.set);
    report->seconds = now() - from;
    if (!ok) train_report_free(report);
    return ok;
}

void train_report_free(struct train_report *r)
{
    for (int h = 0; h < LEARNED_HEADS; h++) {
        free(r->classes[h]);
        r->classes[h] = NULL;
        r->n_classes[h] = 0;
    }
}
