/* The staff's door: everything under /staff/ — the JSON of /staff/api/v1, described in staff_openapi.json, and the
 * files of the built application. Called by the public listener. It decides nothing about cases: what may be seen
 * is the database's word (row-level security as the person who asks), what may be done is core/caseflow's. */
#pragma once
#include "gateway.h"

/* Takes the request when its path is /staff or below it; then it answers the ticket, at once or later. */
bool staff_route(struct gateway *g, u64 ticket, const struct http_in *in) MUST_CHECK;

extern const struct db_stmt *const staff_statements[];
extern const size_t n_staff_statements;
