/* The judges of a model: what its held-back decisions, their signs beside them, tell of how sure the next ones are. */
#include "train_part.h"
#include <stdlib.h>
#include <string.h>

/* Of a shipped example against one of the office's own, once those count alone: thirty of them as one. They steady a judge that has a few
 * hundred decisions to learn from and are drowned by a few thousand. Tried at 0.03, 0.1, 0.3 and 1 by five folds over 400 labelled texts: the
 * less they weigh, the more of the surest hundred and ten are right. */
#define SHIPPED_WEIGHT 0.03F
#define JUDGED_LEAST   200 /* decisions */

void train_judge(struct train_course *c, enum certain of, bool own, struct train_told *all, size_t n)
{
    struct judge_case *cases = mem_alloc((n + 1) * sizeof *cases);
    double *held = mem_alloc((n + 1) * sizeof *held);
    size_t may = 0;
    bool known = true;
    for (size_t i = 0; i < n; i++) {
        memcpy(cases[i].sign, all[i].sign, sizeof cases[i].sign);
        cases[i].right = all[i].right[of];
        may += all[i].may_go;
    }
    known = may >= JUDGED_LEAST;
    /* Each decision is judged by a judge that saw neither it nor its group; the last round sees all and stays in the model. */
    for (unsigned fold = 0; fold <= c->folds && known; fold++) {
        struct judge j;
        for (size_t i = 0; i < n; i++)
            cases[i].weight = !all[i].may_go || all[i].fold == fold ? 0
                              : own && !all[i].own                  ? SHIPPED_WEIGHT
                                                                    : 1;
        judge_fit(cases, n, &j);
        known = j.known;
        for (size_t i = 0; i < n && fold < c->folds; i++)
            if (all[i].fold == fold) held[i] = judge_sure(&j, all[i].sign);
        if (fold == c->folds) c->judge[of] = j;
    }
    for (size_t i = 0; i < n && known; i++) all[i].score[of] = held[i];
    c->judge[of].known &= known;
    free(held);
    free(cases);
}
