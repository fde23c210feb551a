/* Reading binary results. A column of a type that a getter does not read is a fault in our SQL and stops the
 * process in the first test that meets it: numeric, for one, must be cast in the statement. */
#include "io/db_result.h"
#include <string.h>

#define EPOCH_DIFFERENCE_US (INT64_C(946684800) * 1000000)
#define FIRST_USER_OID      16384u /* enums are sent as their label */

enum { /* types that only results have; the others are in enum db_type */
       OID_CHAR = 18,
       OID_NAME = 19,
       OID_OID = 26,
       OID_JSON = 114,
       OID_FLOAT4 = 700,
       OID_BPCHAR = 1042,
       OID_VARCHAR = 1043,
};

static const u8 *cell(const struct db_result *r, int row, int col, size_t *n_r, unsigned *type_r)
{
    const PGresult *in = result_inner(r);
    ASSERT(r != NULL && row >= 0 && row < PQntuples(in) && col >= 0 && col < PQnfields(in));
    ASSERT(PQfformat(in, col) == 1);
    *type_r = PQftype(in, col);
    *n_r = (size_t)PQgetlength(in, row, col);
    return PQgetisnull(in, row, col) ? NULL : (const u8 *)PQgetvalue(in, row, col);
}

static u64 load(const u8 *p, size_t n)
{
    u64 v = 0;
    for (size_t i = 0; i < n; i++) v = v << 8 | p[i];
    return v;
}

void db_result_free(const struct db_result *r)
{
    if (r) PQclear(result_inner(r));
}

int db_rows(const struct db_result *r) { return r ? PQntuples(result_inner(r)) : 0; }

i64 db_affected(const struct db_result *r)
{
    u64 n = 0;
    if (!r || !str_u64(str_of(PQcmdTuples(result_inner(r))), INT64_MAX, &n)) return 0;
    return (i64)n;
}

bool db_is_null(const struct db_result *r, int row, int col)
{
    size_t n;
    unsigned type;
    return cell(r, row, col, &n, &type) == NULL;
}

i64 db_get_i64(const struct db_result *r, int row, int col)
{
    size_t n;
    unsigned type;
    const u8 *p = cell(r, row, col, &n, &type);
    ASSERT(type == DB_INT2 || type == DB_INT4 || type == DB_INT8 || type == DB_BOOL || type == OID_OID);
    if (!p) return 0;
    switch (type) {
    case DB_INT2:
        return (int16_t)load(p, 2);
    case DB_INT4:
        return (int32_t)load(p, 4);
    case DB_INT8:
        return (i64)load(p, 8);
    default:
        return (i64)load(p, n); /* bool, oid */
    }
}

double db_get_f64(const struct db_result *r, int row, int col)
{
    size_t n;
    unsigned type;
    const u8 *p = cell(r, row, col, &n, &type);
    if (type == DB_FLOAT8) {
        double d;
        u64 bits = p ? load(p, 8) : 0;
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    if (type == OID_FLOAT4) {
        float f;
        u32 bits = p ? (u32)load(p, 4) : 0;
        memcpy(&f, &bits, sizeof f);
        return (double)f;
    }
    return (double)db_get_i64(r, row, col);
}

bool db_get_bool(const struct db_result *r, int row, int col)
{
    size_t n;
    unsigned type;
    const u8 *p = cell(r, row, col, &n, &type);
    ASSERT(type == DB_BOOL);
    return p && p[0];
}

struct str db_get_text(const struct db_result *r, int row, int col)
{
    size_t n;
    unsigned type;
    const u8 *p = cell(r, row, col, &n, &type);
    ASSERT(type == DB_TEXT || type == DB_BYTEA || type == DB_JSONB || type == OID_CHAR || type == OID_NAME ||
           type == OID_JSON || type == OID_BPCHAR || type == OID_VARCHAR || type >= FIRST_USER_OID);
    if (!p) return STR_NONE;
    if (type == DB_JSONB) {
        ASSERT(n >= 1 && p[0] == 1); /* the only version there is */
        p++, n--;
    }
    return (struct str){(const char *)p, n};
}

instant db_get_instant(const struct db_result *r, int row, int col)
{
    size_t n;
    unsigned type;
    const u8 *p = cell(r, row, col, &n, &type);
    ASSERT(type == DB_TIMESTAMPTZ);
    if (!p) return (instant){0};
    i64 us = (i64)load(p, 8);
    if (us > INT64_MAX - EPOCH_DIFFERENCE_US || us == INT64_MIN)
        return (instant){us}; /* infinity, -infinity */
    return (instant){us + EPOCH_DIFFERENCE_US};
}
