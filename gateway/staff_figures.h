/* Whose figures somebody may read, and how a rate is told: shared by the figures of a period (staff_figures.c), their course over time
 * (staff_overview_rates.c) and the screens of halls (screen.c). Counts nothing itself. */
#pragma once
#include "staff_part.h"
#include "core/figures.h"

/* Condition on cases c with $3 the unit or null: the office and the leader count all, a unit its own; confidential cases count for
 * 追责问责组 alone (promise P4). */
#define FIGURES_OFFICE_POSTS "'{coordinator,supervisor,accountability,registry,callback,leader}'"
#define FIGURES_COUNTED                                                                                      \
    "($3::integer is null or c.unit_id = $3) and ((select i_am(" FIGURES_OFFICE_POSTS                        \
    ")) or c.unit_id = (select my_unit())) "                                                                 \
    "and (not c.confidential or (select i_am('{accountability}'))) "

#define FIGURES_OFFICE                                                                                       \
    (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_ACCOUNTABILITY) |                \
     ROLE_BIT(ROLE_REGISTRY) | ROLE_BIT(ROLE_CALLBACK) | ROLE_BIT(ROLE_LEADER))
#define FIGURES_UNITS (ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER))

/* Whose figures they become when `asked` was asked for (0: all that the person may have). False: refused, nobody's. */
bool figures_whose(const struct staff_ask *a, const struct staff_who *who, i64 asked, i64 *unit_r) MUST_CHECK;
/* {"rate":…,"label":…,"numerator":…,"n":…,"text":…,"percent":…,"formula":…}, with a comma before it when `more`. */
void figures_put_rate(enum figure_rate rate, struct share s, bool more, struct text *t);
