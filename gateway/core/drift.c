#include "core/drift.h"
#include <math.h>

#define ONE_IN_A_HUNDRED 2.326 /* quantile of the normal distribution */

bool drift_worse(struct drift_count judged, struct drift_count promised)
{
    if (judged.all < DRIFT_JUDGED_MIN || promised.all < DRIFT_PROMISED_MIN) return false;
    const double n = (double)judged.all, m = (double)promised.all;
    const double common = ((double)judged.wrong + (double)promised.wrong) / (n + m);
    const double spread = sqrt(common * (1 - common) * (1 / n + 1 / m));
    return spread > 0 && (double)judged.wrong / n - (double)promised.wrong / m > ONE_IN_A_HUNDRED * spread;
}
