/* The tables of a district from CSV files. */
#include "core/csv.h"
#include "evaluate_part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_units(const char *path, struct arena *a, struct routing_rows *rows, struct text *error);
static bool read_categories(const char *path, struct arena *a, struct routing_rows *rows, struct text *error);
static bool read_words(const char *path, struct arena *a, struct routing_rows *rows, struct text *error);

bool evaluate_rows(const struct evaluate_paths *paths, struct arena *a, struct routing_rows *rows_r,
                   struct text *error)
{
    memset(rows_r, 0, sizeof *rows_r);
    return read_units(paths->units, a, rows_r, error) &&
           read_categories(paths->categories, a, rows_r, error) && read_words(paths->words, a, rows_r, error);
}

bool evaluate_file(const char *path, struct arena *a, struct str *file_r, struct text *error)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    long n = -1;
    if (f != NULL && fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && (size_t)n <= EVALUATE_FILE_MAX) {
        rewind(f);
        bytes = arena_alloc(a, (size_t)n + 1);
        if (bytes != NULL && fread(bytes, 1, (size_t)n, f) != (size_t)n) bytes = NULL;
    }
    if (f != NULL) (void)fclose(f);
    if (bytes == NULL)
        text_addf(error, "%s: cannot be read or is over %zu bytes", path, EVALUATE_FILE_MAX);
    else
        *file_r = (struct str){bytes, (size_t)n};
    return bytes != NULL;
}

/* Opens a table that must have the named columns; at[] gets their numbers. */
bool evaluate_table(struct csv *c, const char *path, struct arena *a, const char *const *names, size_t n,
                    size_t *at, struct text *error)
{
    struct str file;
    const char *why = NULL;
    if (!evaluate_file(path, a, &file, error)) return false;
    if (!csv_open(c, file, a, &why)) {
        text_addf(error, "%s: %s", path, why);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        at[i] = csv_column(c, str_of(names[i]));
        if (at[i] == SIZE_MAX) {
            text_addf(error, "%s: the column %s is missing", path, names[i]);
            return false;
        }
    }
    return true;
}

bool evaluate_fault(const char *path, const struct csv *c, const char *why, struct text *error)
{
    text_addf(error, "%s:%zu: %s", path, c->line, why);
    return false;
}

static bool read_units(const char *path, struct arena *a, struct routing_rows *rows, struct text *error)
{
    static const char *const names[] = {"kind",    "code",     "name",  "short_name",
                                        "aliases", "category", "parent"};
    enum { KIND, CODE, NAME, SHORT, ALIASES, CLASS, PARENT };
    struct csv c;
    size_t at[ARRAY_LEN(names)], n = 0;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    if (!evaluate_table(&c, path, a, names, ARRAY_LEN(names), at, error)) return false;
    struct routing_unit *units = arena_alloc(a, ROUTING_UNITS_MAX * sizeof *units);
    struct str *parents = arena_alloc(a, ROUTING_UNITS_MAX * sizeof *parents);
    if (units == NULL || parents == NULL) return evaluate_fault(path, &c, "too large", error);
    enum csv_result got;
    while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
        if (n == ROUTING_UNITS_MAX) return evaluate_fault(path, &c, "too many units", error);
        units[n] = (struct routing_unit){.id = (int)n + 1,
                                         .code = f[at[CODE]],
                                         .kind = f[at[KIND]],
                                         .class = f[at[CLASS]],
                                         .name = f[at[NAME]],
                                         .short_name = f[at[SHORT]],
                                         .aliases = f[at[ALIASES]]};
        parents[n++] = f[at[PARENT]];
    }
    if (got == CSV_BAD) return evaluate_fault(path, &c, why, error);
    rows->units = units;
    rows->n_units = n;
    for (size_t i = 0; i < n; i++) {
        if (parents[i].n > 0 && (units[i].parent_id = routing_rows_unit(rows, parents[i])) == 0) {
            text_addf(error, "%s: unit %.*s has the unknown parent %.*s", path, STR_ARG(units[i].code),
                      STR_ARG(parents[i]));
            return false;
        }
    }
    return true;
}

static bool read_categories(const char *path, struct arena *a, struct routing_rows *rows, struct text *error)
{
    static const char *const names[] = {"code",         "parent", "name",  "default_nature",
                                        "default_unit", "level",  "access"};
    enum { CODE, PARENT, NAME, NATURE, UNIT, LEVEL, ACCESS };
    struct csv c;
    size_t at[ARRAY_LEN(names)], n = 0;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    if (!evaluate_table(&c, path, a, names, ARRAY_LEN(names), at, error)) return false;
    struct routing_category *rs = arena_alloc(a, ROUTING_CATEGORIES_MAX * sizeof *rs);
    if (rs == NULL) return evaluate_fault(path, &c, "too large", error);
    enum csv_result got;
    while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
        if (n == ROUTING_CATEGORIES_MAX) return evaluate_fault(path, &c, "too many categories", error);
        struct routing_category *r = &rs[n++];
        *r = (struct routing_category){.code = f[at[CODE]],
                                       .parent = f[at[PARENT]],
                                       .name = f[at[NAME]],
                                       .confidential = str_eq(f[at[ACCESS]], STR("confidential"))};
        r->unit_id = routing_rows_unit(rows, f[at[UNIT]]);
        if (r->unit_id == 0) {
            text_addf(error, "%s: category %.*s has the unknown unit %.*s", path, STR_ARG(r->code),
                      STR_ARG(f[at[UNIT]]));
            return false;
        }
        if (r->parent.n == 0) continue;
        struct str level = f[at[LEVEL]];
        if (level.n != 2 || level.p[0] != 'L' || level.p[1] < '0' || level.p[1] > '4')
            return evaluate_fault(path, &c, "the level is none of L0 to L4", error);
        r->level = level.p[1] - '0';
        if (!nature_parse(f[at[NATURE]], &r->nature))
            return evaluate_fault(path, &c, "the nature is not known", error);
    }
    if (got == CSV_BAD) return evaluate_fault(path, &c, why, error);
    rows->categories = rs;
    rows->n_categories = n;
    return true;
}

static bool read_words(const char *path, struct arena *a, struct routing_rows *rows, struct text *error)
{
    static const char *const names[] = {"kind", "word", "value", "weight"};
    enum { KIND, WORD, VALUE, WEIGHT };
    struct csv c;
    size_t at[ARRAY_LEN(names)], n = 0;
    struct str f[CSV_FIELDS_MAX];
    const char *why = NULL;
    if (!evaluate_table(&c, path, a, names, ARRAY_LEN(names), at, error)) return false;
    struct routing_word *words = arena_alloc(a, ROUTING_WORDS_MAX * sizeof *words);
    if (words == NULL) return evaluate_fault(path, &c, "too large", error);
    enum csv_result got;
    while ((got = csv_next(&c, f, &why)) == CSV_ROW) {
        if (n == ROUTING_WORDS_MAX) return evaluate_fault(path, &c, "too many words", error);
        struct str weight = f[at[WEIGHT]];
        char digits[32], *end = digits;
        if (weight.n == 0 || weight.n >= sizeof digits)
            return evaluate_fault(path, &c, "the weight is no number", error);
        memcpy(digits, weight.p, weight.n);
        digits[weight.n] = '\0';
        double value = strtod(digits, &end);
        if (*end != '\0') return evaluate_fault(path, &c, "the weight is no number", error);
        words[n++] = (struct routing_word){f[at[KIND]], f[at[WORD]], f[at[VALUE]], value};
    }
    if (got == CSV_BAD) return evaluate_fault(path, &c, why, error);
    rows->words = words;
    rows->n_words = n;
    return true;
}
