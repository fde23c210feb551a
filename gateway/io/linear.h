/* Linear classification over sparse rows (liblinear: Fan, Chang, Hsieh, Wang, Lin, JMLR 9, 2008). train.c calls it off the loop.
 * Rows and labels in, a table of weights out; it knows nothing of texts. */
#pragma once
#include "base/base.h"

struct linear_cell {
    u32 feature; /* 0 .. n_features - 1; ascending within a row, none twice */
    float value;
};
struct linear_row {
    const struct linear_cell *cells;
    u32 n;
    u32 class; /* 0 .. n_classes - 1 */
};

enum linear_solver {
    LINEAR_SVC,      /* one class against the rest, squared hinge loss (dual coordinate descent) */
    LINEAR_LOGISTIC, /* one class against the rest, logistic loss */
    LINEAR_TOGETHER  /* all classes in one problem (Crammer and Singer) */
};
struct linear_options {
    enum linear_solver solver;
    double cost;      /* C: how much an error weighs against small weights */
    double tolerance; /* when to stop */
};

#define LINEAR_ROWS_MAX  1000000
#define LINEAR_CELLS_MAX 24000000 /* 16 bytes each while it runs */

/* weights_r[feature * n_classes + class] and bias_r[class], both given by the caller, zero for classes without a row. The same rows give
 * the same weights on every run: liblinear draws from rand(), which is seeded here, so only one call at a time in a process. False
 * when there are fewer than two classes with rows, a limit above is passed or a row is out of order; *why_r is then a fixed sentence. */
bool linear_train(const struct linear_row *rows, size_t n_rows, size_t n_features, size_t n_classes,
                  const struct linear_options *o, float *weights_r, float *bias_r,
                  const char **why_r) MUST_CHECK;
