/* The one table of what may be called below /staff/api/v1, by whom, and which handler answers. Called by staff.c for every request
 * and by `mashangdu show rights` (staff.h); docs/rights.md prints it. It looks at paths and methods, never at a session or a body. */
#pragma once
#include "staff_part.h"

enum door_guard {
    OPEN = 0,
    NEEDS_SESSION = 1,
    CHANGES = 3 /* a change needs a session and its CSRF token */
};
struct route {
    const char *method, *path; /* '#' stands for a number, '*' for a channel's name */
    enum door_guard guard;
    u32 roles; /* ROLE_BIT mask: the post that acts must have one of them */
    staff_handler *answer;
};
/* The route of a path without /staff/api/v1; its number goes to *id_r, its name to a->name. NULL when there is none; *known_r: the
 * path is one of another method. */
const struct route *route_find(struct str method, struct str path, struct staff_ask *a, u64 *id_r,
                               bool *known_r) MUST_CHECK;
