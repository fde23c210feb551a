#include "core/judge.h"
#include <math.h>
#include <string.h>

#define STEPS    8    /* of Newton's method; more move no weight in its third place */
#define RIDGE    1.0  /* against weights that few cases ask for */
#define FARTHEST 30.0 /* beyond this the exponential says nothing */
#define ODDS_CUT 0.001
#define ONE_SIDE 1.28 /* nine of ten */

float judge_odds(double share)
{
    const double p = MIN(1 - ODDS_CUT, MAX(ODDS_CUT, share));
    return (float)log(p / (1 - p));
}

static double sure(const double *weight, const float *sign)
{
    double sum = 0;
    for (size_t i = 0; i < JUDGE_SIGNS_N; i++) sum += weight[i] * (double)sign[i];
    return 1 / (1 + exp(-MIN(FARTHEST, MAX(-FARTHEST, sum))));
}

double judge_sure(const struct judge *j, const float sign[JUDGE_SIGNS_N])
{
    double weight[JUDGE_SIGNS_N];
    for (size_t i = 0; i < JUDGE_SIGNS_N; i++) weight[i] = (double)j->weight[i];
    return sure(weight, sign);
}

/* Solves a symmetric, positive system in place (Cholesky); the ridge keeps it positive. */
static void solve(double a[JUDGE_SIGNS_N][JUDGE_SIGNS_N], double x[JUDGE_SIGNS_N])
{
    for (size_t i = 0; i < JUDGE_SIGNS_N; i++)
        for (size_t k = 0; k <= i; k++) {
            double sum = a[i][k];
            for (size_t m = 0; m < k; m++) sum -= a[i][m] * a[k][m];
            a[i][k] = i == k ? sqrt(sum) : sum / a[k][k];
        }
    for (size_t i = 0; i < JUDGE_SIGNS_N; i++) {
        for (size_t m = 0; m < i; m++) x[i] -= a[i][m] * x[m];
        x[i] /= a[i][i];
    }
    for (size_t i = JUDGE_SIGNS_N; i-- > 0;) {
        for (size_t m = i + 1; m < JUDGE_SIGNS_N; m++) x[i] -= a[m][i] * x[m];
        x[i] /= a[i][i];
    }
}

void judge_fit(const struct judge_case *cases, size_t n, struct judge *j)
{
    double weight[JUDGE_SIGNS_N] = {0};
    bool right = false, wrong = false;
    for (size_t c = 0; c < n; c++) {
        right |= cases[c].weight > 0 && cases[c].right;
        wrong |= cases[c].weight > 0 && !cases[c].right;
    }
    *j = (struct judge){.known = right && wrong};
    for (int step = 0; step < STEPS && j->known; step++) {
        double bend[JUDGE_SIGNS_N][JUDGE_SIGNS_N] = {{0}}, pull[JUDGE_SIGNS_N];
        for (size_t i = 0; i < JUDGE_SIGNS_N; i++) {
            bend[i][i] = RIDGE;
            pull[i] = -RIDGE * weight[i];
        }
        for (size_t c = 0; c < n; c++) {
            const float *sign = cases[c].sign;
            const double p = sure(weight, sign), of = (double)cases[c].weight;
            if (of <= 0) continue;
            for (size_t i = 0; i < JUDGE_SIGNS_N; i++) {
                const double own = of * (double)sign[i];
                pull[i] += own * ((cases[c].right ? 1 : 0) - p);
                for (size_t k = 0; k <= i; k++) bend[i][k] += own * p * (1 - p) * (double)sign[k];
            }
        }
        solve(bend, pull);
        for (size_t i = 0; i < JUDGE_SIGNS_N; i++) weight[i] += pull[i];
    }
    for (size_t i = 0; i < JUDGE_SIGNS_N; i++) {
        j->weight[i] = (float)weight[i];
        j->known &= isfinite(weight[i]) != 0;
    }
}

double judge_least(size_t right, size_t n)
{
    if (n == 0) return 0;
    const double all = (double)n, share = (double)right / all, z = ONE_SIDE * ONE_SIDE;
    return (share + z / (2 * all) - ONE_SIDE * sqrt((share * (1 - share) + z / (4 * all)) / all)) /
           (1 + z / all);
}
