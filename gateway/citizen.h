/* The pages of the citizen: home, plaque, forms, receipt, status. No script, no account, no cookie but the language.
 * The dispatcher of the public listener asks citizen_route first come, first served; nothing here is staff's.
 * Words and receipts never stand in a URL, a log line or a metric (promise P11). */
#pragma once
#include "gateway.h"

/* Reads templates and catalogues; before the first request. False: *error_r names file, line and reason. */
bool citizen_start(struct gateway *g, const char **error_r) MUST_CHECK;
void citizen_stop(struct gateway *g);

/* True: the request is one of ours and will be answered once by its ticket. `in` may die when this returns. */
bool citizen_route(struct gateway *g, u64 ticket, const struct http_in *in);
/* The page for an address where nothing is; counts the refusal. */
void citizen_lost(struct gateway *g, u64 ticket, const struct http_in *in);

/* Appends the address that the plaque's code leads to, signed with its newest key. False when its key version is none. */
struct plaque_row;
bool citizen_plaque_url(const struct gateway *g, const struct plaque_row *row, struct text *out) MUST_CHECK;

/* The statements that the pages use, to be prepared on lane_public. */
extern const struct db_stmt *const citizen_statements[];
extern const size_t n_citizen_statements;
/* Open cases near a category, a unit and a plaque's unit since a time: id, category, unit, opened, words masked, place, unit to show.
 * Whoever runs it gets those that they may see. */
extern const struct db_stmt stmt_matter_alike;
extern const struct db_stmt *const matter_statements[];
extern const size_t n_matter_statements;
