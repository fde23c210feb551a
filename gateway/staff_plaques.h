/* The plaques' desk (M01): 综合办公室 keeps the register of plaques, others of the office read it, a unit sees and reports its own.
 * Included by gateway/staff_plaques*.c, staff_routes.c for the routes and statements.c for the statements. What a person may see and do is judged
 * by schema/0022_plaques.sql; figures of scans are sums over days, for a unit whole weeks from five on. */
#pragma once
#include "staff_part.h"

staff_handler plaque_list, plaque_read, plaque_issue, plaque_step, plaque_alarms, plaque_settle,
    plaque_coverage, plaque_sheet, plaque_sheet_one, plaque_photo_add, plaque_photo;

/* Answers a failed call with the refusals that the plaques' functions raise; else as staff_entered. */
bool plaque_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who_r) MUST_CHECK;
void plaque_refuse_unknown(const struct staff_ask *a);
/* Reads the plaque again and answers with it. */
void plaque_send(const struct staff_ask *a, struct str number);
/* {"needed":…,"with":…,"classes":[…],"missing":[…]}: the same for everybody, at /open/plaques.json too. */
void plaque_coverage_json(struct gateway *g, struct text *t);

extern const struct db_stmt *const staff_plaque_statements[];
extern const size_t n_staff_plaque_statements;
extern const struct db_stmt stmt_plaque_issue, stmt_plaque_step, stmt_plaque_settle, stmt_plaque_photo_may,
    stmt_plaque_photo_add, stmt_plaque_photo, stmt_plaque_sheet;
