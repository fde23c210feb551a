/* How well the router does by what the office decides: read once a minute from schema/0040_learning.sql for the metrics, and a warning
 * in the log when it is corrected more often than the model in force promised. It changes nothing: which model counts is decided at
 * the desk (staff_models.c), and register.c swaps it in. */
#pragma once
#include "gateway.h"
#include "core/drift.h"

struct models *models_new(struct gateway *g);
void models_look(struct gateway *g); /* at once: on NOTIFY of the register, another model may be in force */
void models_free(struct models **m); /* NULL inside is fine */
void models_metrics(const struct gateway *g, struct text *out);

/* A row of route_watch: the newest judged decisions of the model in force, those that went out alone and those that a person had to
 * choose, each beside what its report promised. */
struct models_watch {
    int model; /* 0: the rules alone, nothing was promised */
    struct drift_count alone, alone_promised, hand, hand_promised;
};
void models_watch_read(const struct db_result *r, int row, struct models_watch *w_r);
/* Appends {"judged":…,"wrong":…,"promised":…,"promised_wrong":…,"worse":…} for one of the two. */
void models_watch_put(struct drift_count judged, struct drift_count promised, struct text *t);
extern const struct db_stmt stmt_models_watch, stmt_models_totals, stmt_models_gone;
