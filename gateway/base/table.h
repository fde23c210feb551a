/* A table made ready for people: heads and typed cells, row by row. Filled by gateway/export_rows.c, written by core/csv.c's
 * writer and by io/xlsx.c. A plain shape: it owns nothing, the arena behind it does, and it never reads a clock. */
#pragma once
#include "base/str.h"

enum table_kind {
    TABLE_EMPTY, /* nothing is known: an empty cell */
    TABLE_TEXT,
    TABLE_NUMBER,
    TABLE_PERCENT, /* number is the part: 0.5 reads 50% */
    TABLE_TIME,    /* number: days since 1970-01-01 00:00 in China, with their fraction */
    TABLE_DAY,     /* number: whole days since 1970-01-01 */
};
struct table_cell {
    enum table_kind kind;
    struct str
        text; /* NUL behind it; of TABLE_TEXT already made harmless by csv_defuse, of the others as a CSV file shows it */
    double number;
};
struct table {
    struct str title; /* NUL behind it; at most 31 characters, none of []:*?/\ */
    size_t n_columns, n_rows;
    const struct str *heads;        /* n_columns, NUL behind each */
    const struct table_cell *cells; /* n_rows * n_columns */
};
