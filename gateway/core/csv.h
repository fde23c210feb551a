/* Tables as comma-separated text (RFC 4180), strictly: every row has as many fields as the header, a quote may only
 * open a field, and what is not UTF-8 is refused. Read by `mashangdu import` and `mashangdu route`.
 * Never guesses a separator, never skips a bad row. Exports are written by the same rules, for office programs. */
#pragma once
#include "base/arena.h"

#define CSV_FIELDS_MAX 64

struct csv {
    struct arena *arena;
    struct str rest;
    size_t n_columns;
    struct str columns[CSV_FIELDS_MAX]; /* from the header line */
    size_t line;                        /* of the row last read, from 1; rows may span lines */
    size_t next_line;
};
enum csv_result { CSV_ROW, CSV_END, CSV_BAD };

/* Reads the header; a byte order mark before it is skipped. False with an English sentence when there is none or
 * a column is empty or stands twice. Fields are views into `file` or copies in the arena: both must outlive them. */
bool csv_open(struct csv *c, struct str file, struct arena *arena, const char **error_r) MUST_CHECK;
/* The next row into fields[n_columns]. LF and CR LF both end a row; the last may lack it; an empty line is bad. */
enum csv_result csv_next(struct csv *c, struct str fields[CSV_FIELDS_MAX], const char **error_r) MUST_CHECK;
/* Number of the column of that name, or SIZE_MAX. */
size_t csv_column(const struct csv *c, struct str name);

/* --- writing --- */

/* Words of strangers on their way into a table: an office program takes a cell that begins with = + - @ (also in their wide
 * forms), tab or carriage return for a formula and runs it. Such a text gets an apostrophe in front, as OWASP's page on CSV injection advises; so
 * does one that has blanks before such a sign. Other control characters but line breaks are left out. */
void csv_defuse(struct str words, struct text *out);
/* One field, quoted where it must be, and before it the comma unless it is the first of its row. */
void csv_put(struct text *out, struct str field, bool first);
void csv_end_row(struct text *out); /* CR LF, as RFC 4180 has it */
