/* The desk of learned models: which one decides, what is proposed and how it compares, who put what into force, what the office
 * corrected, how far decisions drift, and trainings (staff_trainings.c; the work itself is trainings.h, or `mashangdu train`). Included by
 * staff_routes.c for the routes and statements.c for the statements. What a step may do is judged by schema/0040_learning.sql and
 * schema/0047_mixed_training.sql once more. */
#pragma once
#include "staff_part.h"

staff_handler models_desk, models_step, models_examples, models_drift;
staff_handler trainings_ask, trainings_step;
/* ,"may_train":…,"training":{…} or null: the newest one. r: of stmt_trainings_newest. */
void trainings_put(const struct db_result *r, const struct staff_who *who, struct text *t);
extern const struct db_stmt stmt_trainings_newest;
extern const struct db_stmt *const staff_training_statements[];
extern const size_t n_staff_training_statements;
extern const struct db_stmt *const models_statements[];
extern const size_t n_models_statements;
