/* The statements of `mashangdu import`, one set for each kind of table. Rows come in as one JSON array with file and
 * line, are checked where they can be compared with each other and with what is stored, and only then taken over:
 * what did not change is not touched. Used by cmd_import.c alone. */
#pragma once
#include "base/str.h"

enum import_kind {
    IMPORT_UNITS,
    IMPORT_CATEGORIES,
    IMPORT_WORDS,
    IMPORT_NEEDS,
    IMPORT_CALENDAR,
    IMPORT_KINDS
};

struct import_column {
    const char *csv,
        *json; /* the file's header, "?" before it: may be absent, then nothing changes; the key of the JSON row */
};
#define IMPORT_STEPS_MAX 4
struct import_table {
    const char *word;                    /* as on the command line */
    const struct import_column *columns; /* ends with a NULL name */
    const char *create;                  /* temporary table, gone with the transaction */
    const char *load;                    /* $1: the JSON array */
    const char *check;                   /* file, line, reason of bad rows */
    const char *count; /* inserted, changed, unchanged, and rows that the files do not name */
    const char *left;  /* what becomes of those, for the summary */
    const char *steps[IMPORT_STEPS_MAX];
    const char *tell; /* NULL, or: one line of text a row, for the summary */
};
extern const struct import_table import_tables[IMPORT_KINDS];
