/* The staff's door: everything under /staff/ — the JSON of /staff/api/v1, described in staff_openapi.json, and the
 * files of the built application. Called by the public listener. It decides nothing about cases: what may be seen
 * is the database's word (row-level security as the person who asks), what may be done is core/caseflow's. */
#pragma once
#include "gateway.h"

/* Takes the request when its path is /staff or below it; then it answers the ticket, at once or later. */
bool staff_route(struct gateway *g, u64 ticket, const struct http_in *in) MUST_CHECK;

/* The setting export_roles names roles and nothing else. */
bool staff_export_roles_good(const char *roles) MUST_CHECK;

/* The table role × resource × verb, for `mashangdu show rights`: line i of staff_routes(). Paths as in the table: '#' stands for a
 * number, '*' for a name. */
struct staff_right {
    const char *method, *path;
    bool session, changes; /* needs a session; and its CSRF token */
    u32 roles;             /* ROLE_BIT mask; nothing where no session is needed */
};
size_t staff_routes(void);
struct staff_right staff_right_of(size_t i);

extern const struct db_stmt *const staff_statements[];
extern const size_t n_staff_statements;
extern const struct db_stmt *const staff_desk_statements[];
extern const size_t n_staff_desk_statements;
