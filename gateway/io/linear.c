#include "io/linear.h"
#include <linear.h>
#include <stdlib.h>
#include <string.h>

#define SEED 20200101u

static void silent(const char *line) { (void)line; }

static bool check(const struct linear_row *rows, size_t n, size_t n_features, size_t n_classes,
                  size_t *cells_r, const char **why_r)
{
    size_t cells = 0, met = 0;
    u8 *classes = mem_alloc(n_classes + 1);
    *why_r = n > LINEAR_ROWS_MAX ? "too many rows" : NULL;
    for (size_t i = 0; i < n && *why_r == NULL; i++) {
        if (rows[i].class >= n_classes)
            *why_r = "a row has no class";
        else if (classes[rows[i].class]++ == 0)
            met++;
        else
            classes[rows[i].class] = 1;
        for (u32 k = 0; k < rows[i].n && *why_r == NULL; k++)
            if (rows[i].cells[k].feature >= n_features ||
                (k > 0 && rows[i].cells[k].feature <= rows[i].cells[k - 1].feature))
                *why_r = "the features of a row are out of order";
        cells += rows[i].n;
        if (cells > LINEAR_CELLS_MAX) *why_r = "the rows have too many features";
    }
    free(classes);
    if (*why_r == NULL && met < 2) *why_r = "fewer than two classes have examples";
    *cells_r = cells;
    return *why_r == NULL;
}

bool linear_train(const struct linear_row *rows, size_t n_rows, size_t n_features, size_t n_classes,
                  const struct linear_options *o, float *weights_r, float *bias_r, const char **why_r)
{
    static const int solvers[] = {
        [LINEAR_SVC] = L2R_L2LOSS_SVC_DUAL, [LINEAR_LOGISTIC] = L2R_LR, [LINEAR_TOGETHER] = MCSVM_CS};
    size_t cells;
    if (!check(rows, n_rows, n_features, n_classes, &cells, why_r)) return false;
    /* liblinear counts features from 1 and wants a cell for the bias and one that ends the row. */
    struct feature_node *nodes = mem_alloc((cells + 2 * n_rows) * sizeof *nodes), *next = nodes;
    struct feature_node **x = mem_alloc(n_rows * sizeof(struct feature_node *));
    double *y = mem_alloc(n_rows * sizeof *y);
    for (size_t i = 0; i < n_rows; i++) {
        x[i] = next;
        y[i] = (double)rows[i].class;
        for (u32 k = 0; k < rows[i].n; k++)
            *next++ =
                (struct feature_node){(int)rows[i].cells[k].feature + 1, (double)rows[i].cells[k].value};
        *next++ = (struct feature_node){(int)n_features + 1, 1.0};
        *next++ = (struct feature_node){-1, 0};
    }
    struct problem p = {.l = (int)n_rows, .n = (int)n_features + 1, .y = y, .x = x, .bias = 1.0};
    struct parameter how = {.solver_type = solvers[o->solver], .eps = o->tolerance, .C = o->cost};
    *why_r = check_parameter(&p, &how);
    if (*why_r == NULL) {
        set_print_string_function(silent);
        srand(SEED + (unsigned)how.solver_type); /* the same order of steps each time is what is wanted */
        struct model *m = train(&p, &how);
        memset(weights_r, 0, n_features * n_classes * sizeof *weights_r);
        memset(bias_r, 0, n_classes * sizeof *bias_r);
        /* Of two classes liblinear keeps the weights of the first alone; the second is its opposite. */
        size_t kept = m->nr_class == 2 && how.solver_type != MCSVM_CS ? 1 : (size_t)m->nr_class;
        for (size_t f = 0; f <= n_features; f++)
            for (size_t c = 0; c < (size_t)m->nr_class; c++) {
                double w = c < kept ? m->w[f * kept + c] : -m->w[f * kept];
                if (f < n_features)
                    weights_r[f * n_classes + (size_t)m->label[c]] = (float)w;
                else
                    bias_r[m->label[c]] = (float)w;
            }
        free_and_destroy_model(&m);
    }
    free(nodes);
    free(x);
    free(y);
    return *why_r == NULL;
}
