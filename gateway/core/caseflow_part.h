/* What the files of the case flow share: caseflow_table.c has the rows, caseflow_judge.c says whether one may be taken, caseflow.c what
 * follows from it. */
#pragma once
#include "core/caseflow.h"

/* REFUSE_NONE: *row_r is the row that applies. The sentence of a refusal goes to outcome_r->detail. */
enum refusal caseflow_judge(const struct case_view *view, const struct act_request *req,
                            struct outcome *outcome_r, const struct caseflow_row **row_r) MUST_CHECK;
