/* Parameters of one prepared statement in PostgreSQL's binary format: what io/db.h's db_put_* write and db.c hands
 * to libpq. Known to io/db*.c and its test alone. */
#pragma once
#include "io/db.h"

#define DB_PARAMS_BYTES_MAX ((size_t)32 << 20)

struct db_params {
    const struct db_stmt *stmt;
    int n;                       /* parameters begun */
    size_t start[DB_PARAMS_MAX]; /* offset in bytes.p */
    int length[DB_PARAMS_MAX];   /* -1: SQL NULL */
    struct text bytes;           /* overflow: over DB_PARAMS_BYTES_MAX, must not be sent */
    bool in_array;
    unsigned element;   /* type of the array being written */
    size_t left;        /* elements still owed to it */
    size_t array_flags; /* offset of its "has NULLs" word */
};

void db_params_free(struct db_params **p);
