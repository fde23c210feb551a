/* Is the router corrected more often than its model promised? Asked by models.c and the desk of models, with counts from
 * schema/0040_learning.sql. Pure: counts in, yes or no out. */
#pragma once
#include "base/code.h"

/* Of so many decisions so many were wrong. */
struct drift_count {
    i64 all, wrong;
};
#define DRIFT_JUDGED_MIN   30 /* under so many judged decisions nothing is said */
#define DRIFT_PROMISED_MIN 20 /* likewise of the held-back cases */

/* True when the share of wrong ones is higher than promised by more than chance makes once in a hundred times: a one-sided test of two
 * proportions with their common variance. A promise is a measurement too, so its own size counts. False while either is too small. */
bool drift_worse(struct drift_count judged, struct drift_count promised);
