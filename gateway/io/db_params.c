/* Binary parameters: network byte order, jsonb behind a version byte, instants from 2000-01-01, arrays as
 *   dimensions | has NULLs | element type | length | lower bound | { bytes of element | element }…          */
#include "io/db_params.h"
#include <stdlib.h>
#include <string.h>

/* PostgreSQL counts from 2000-01-01, we from 1970-01-01. */
#define EPOCH_DIFFERENCE_US (INT64_C(946684800) * 1000000)

static const struct {
    unsigned element, array;
} arrays[] = {
    {DB_INT4, DB_INT4S}, {DB_INT8, DB_INT8S},     {DB_TEXT, DB_TEXTS},   {DB_BYTEA, DB_BYTEAS},
    {DB_BOOL, DB_BOOLS}, {DB_FLOAT8, DB_FLOAT8S}, {DB_JSONB, DB_JSONBS}, {DB_TIMESTAMPTZ, DB_TIMESTAMPTZS},
};

static void put(struct db_params *p, unsigned type, const void *value, size_t n);

struct db_params *db_params_new(const struct db_stmt *s)
{
    ASSERT(s->n_types >= 0 && s->n_types <= DB_PARAMS_MAX);
    struct db_params *p = MEM_NEW(struct db_params);
    p->stmt = s;
    text_init(&p->bytes, DB_PARAMS_BYTES_MAX);
    return p;
}

void db_params_free(struct db_params **p)
{
    if (!*p) return;
    text_free(&(*p)->bytes);
    free(*p);
    *p = NULL;
}

static void add_u32(struct db_params *p, u32 v)
{
    char b[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
    text_add(&p->bytes, (struct str){b, 4});
}

static void store_u64(char *b, u64 v)
{
    for (int i = 0; i < 8; i++) b[i] = (char)(v >> (56 - 8 * i));
}

/* A parameter of its own begins; its type must be the statement's. */
static void begin(struct db_params *p, unsigned type)
{
    ASSERT(!p->in_array && p->n < p->stmt->n_types && p->stmt->types[p->n] == type);
    p->start[p->n] = p->bytes.n;
}

static void end(struct db_params *p)
{
    p->length[p->n] = (int)(p->bytes.n - p->start[p->n]); /* at most 32 MiB */
    p->n++;
}

static void put(struct db_params *p, unsigned type, const void *value, size_t n)
{
    size_t version = type == DB_JSONB ? 1 : 0;
    if (p->in_array) {
        ASSERT(p->left > 0 && p->element == type);
        p->left--;
        add_u32(p, (u32)MIN(n + version, DB_PARAMS_BYTES_MAX)); /* longer ones overflow below */
    } else {
        begin(p, type);
    }
    if (version) text_addc(&p->bytes, 1);
    text_add(&p->bytes, (struct str){value, n});
    if (!p->in_array) end(p);
}

static void put_str(struct db_params *p, unsigned type, struct str v)
{
    if (v.p)
        put(p, type, v.p, v.n);
    else
        db_put_null(p);
}

void db_put_null(struct db_params *p)
{
    if (p->in_array) {
        ASSERT(p->left > 0);
        p->left--;
        add_u32(p, UINT32_MAX);
        if (!p->bytes.overflow) p->bytes.p[p->array_flags + 3] = 1;
        return;
    }
    ASSERT(p->n < p->stmt->n_types);
    p->start[p->n] = p->bytes.n;
    p->length[p->n++] = -1;
}

void db_put_i32(struct db_params *p, int v)
{
    u32 u = (u32)v;
    char b[4] = {(char)(u >> 24), (char)(u >> 16), (char)(u >> 8), (char)u};
    if (!p->in_array && p->n < p->stmt->n_types && p->stmt->types[p->n] == DB_INT2) {
        ASSERT(v >= INT16_MIN && v <= INT16_MAX);
        put(p, DB_INT2, b + 2, 2);
        return;
    }
    put(p, DB_INT4, b, sizeof b);
}

void db_put_i64(struct db_params *p, i64 v)
{
    char b[8];
    store_u64(b, (u64)v);
    put(p, DB_INT8, b, sizeof b);
}

void db_put_f64(struct db_params *p, double v)
{
    char b[8];
    u64 bits;
    memcpy(&bits, &v, sizeof bits);
    store_u64(b, bits);
    put(p, DB_FLOAT8, b, sizeof b);
}

void db_put_bool(struct db_params *p, bool v) { put(p, DB_BOOL, v ? "\1" : "\0", 1); }

void db_put_text(struct db_params *p, struct str v) { put_str(p, DB_TEXT, v); }

void db_put_bytes(struct db_params *p, struct str v) { put_str(p, DB_BYTEA, v); }

void db_put_json(struct db_params *p, struct str v) { put_str(p, DB_JSONB, v); }

void db_put_instant(struct db_params *p, instant v)
{
    char b[8];
    if (v.us == 0) {
        db_put_null(p);
        return;
    }
    store_u64(b, (u64)v.us - (u64)EPOCH_DIFFERENCE_US);
    put(p, DB_TIMESTAMPTZ, b, sizeof b);
}

void db_array_begin(struct db_params *p, enum db_type element, size_t n)
{
    unsigned array = 0;
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
        if (arrays[i].element == element) array = arrays[i].array;
    ASSERT(array != 0 && n <= DB_PARAMS_BYTES_MAX / 4);
    begin(p, array);
    add_u32(p, n ? 1 : 0); /* an empty array has no dimension at all */
    p->array_flags = p->bytes.n;
    add_u32(p, 0);
    add_u32(p, element);
    if (n) {
        add_u32(p, (u32)n);
        add_u32(p, 1);
    }
    p->element = element;
    p->left = n;
    p->in_array = true;
}

void db_array_end(struct db_params *p)
{
    ASSERT(p->in_array && p->left == 0);
    p->in_array = false;
    end(p);
}
