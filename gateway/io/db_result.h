/* io/db.h's `struct db_result` is libpq's PGresult under a name of our own; this is where one becomes the other.
 * For io/db*.c alone. */
#pragma once
#include "io/db.h"
#include <libpq-fe.h>

static inline PGresult *result_inner(const struct db_result *r)
{
    union {
        const struct db_result *ours;
        PGresult *theirs;
    } u = {.ours = r};
    return u.theirs;
}

static inline const struct db_result *result_outer(const PGresult *r)
{
    union {
        const PGresult *theirs;
        const struct db_result *ours;
    } u = {.theirs = r};
    return u.ours;
}
