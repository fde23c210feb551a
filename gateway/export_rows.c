/* Answers of the staff's API flattened into rows of cells, column by column as the table of exports says. */
#include "export.h"
#include "base/utf8.h"
#include "core/csv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)64 << 20)

/* What a row stands in. */
struct place {
    const struct json *row, *around, *answer;
};

void export_rows_init(struct export_rows *r, const struct export_spec *spec, enum lang lang, size_t max_rows)
{
    *r = (struct export_rows){.spec = spec, .lang = lang, .max_rows = max_rows};
    arena_init(&r->arena, EXPORT_TEXT_MAX);
    for (; r->n_parts < EXPORT_TABLES_MAX && spec->parts[r->n_parts].columns; r->n_parts++) {
        const struct export_column *c = spec->parts[r->n_parts].columns;
        size_t n = 0;
        for (; c[n].path; n++) {
            ASSERT(n < EXPORT_COLUMNS_MAX);
            r->parts[r->n_parts].heads[n] = str_of(lang == LANG_EN ? c[n].en : c[n].zh);
        }
        r->parts[r->n_parts].n_columns = n;
    }
}

void export_rows_free(struct export_rows *r)
{
    for (size_t i = 0; i < r->n_parts; i++) {
        free(r->parts[i].cells);
        r->parts[i].cells = NULL;
    }
    arena_free(&r->arena);
}

/* --- one value --- */

static const char *word_name(const struct export_word *words, struct str w, enum lang lang)
{
    for (; words && words->word; words++)
        if (str_eq(w, str_of(words->word))) return lang == LANG_EN ? words->en : words->zh;
    return NULL;
}

static void number_put(double v, struct text *t)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.6f", v);
    size_t n = strlen(digits);
    while (n && digits[n - 1] == '0') n--;
    if (n && digits[n - 1] == '.') n--;
    text_add(t, (struct str){digits, n});
}

static bool digits_read(struct str s, size_t at, size_t n, int *out)
{
    u64 v;
    if (s.n < at + n || !str_u64((struct str){s.p + at, n}, 9999, &v)) return false;
    *out = (int)v;
    return true;
}

/* "2026-03-18", or the front of an instant, as days since 1970. */
static bool day_read(struct str s, double *days)
{
    struct civil c;
    if (!digits_read(s, 0, 4, &c.year) || !digits_read(s, 5, 2, &c.month) || !digits_read(s, 8, 2, &c.day))
        return false;
    *days = (double)civil_to_days(c);
    return true;
}

/* What the API writes: "2026-03-18T01:59:57.123Z". Minutes are what people want; seconds stay in the record. */
static bool time_read(struct str s, double *days)
{
    int h, m;
    if (s.n < 17 || s.p[s.n - 1] != 'Z' || !day_read(s, days) || !digits_read(s, 11, 2, &h) ||
        !digits_read(s, 14, 2, &m))
        return false;
    *days += (h * 60 + m + 8 * 60) / 1440.0;
    return true;
}

static void day_put(double days, bool with_time, struct text *t)
{
    const i64 minutes = (i64)(days * 1440 + 0.5);
    const struct civil c = civil_from_days(minutes / 1440);
    text_addf(t, "%04d-%02d-%02d", c.year, c.month, c.day);
    if (with_time) text_addf(t, " %02d:%02d", (int)(minutes % 1440 / 60), (int)(minutes % 60));
}

/* A word, or several with commas between, by their names; any other text as it is. */
static void words_put(const struct export_word *words, struct str all, enum lang lang, struct text *t)
{
    const char *name = word_name(words, all, lang);
    struct str one, rest = all;
    bool known = words != NULL;
    while (known && !name && rest.n) {
        str_cut(rest, ',', &one, &rest);
        known = word_name(words, one, lang) != NULL;
    }
    if (name || !known) {
        text_add(t, name ? str_of(name) : all);
        return;
    }
    for (rest = all; rest.n;) {
        str_cut(rest, ',', &one, &rest);
        text_addz(t, word_name(words, one, lang));
        if (rest.n) text_addz(t, lang == LANG_EN ? ", " : "、");
    }
}

/* Strings and numbers as people read them. */
static void plain_put(const struct export_column *c, const struct json *v, enum lang lang, struct text *t)
{
    double n;
    if (json_kind(v) == JSON_STRING)
        words_put(c->words, json_str(v), lang, t);
    else if (json_kind(v) == JSON_NUMBER && json_double(v, &n))
        number_put(n, t);
    else if (json_kind(v) == JSON_OBJECT)
        json_write(v, t);
    else if (json_kind(v) == JSON_BOOL)
        text_addz(t, json_bool(v) ? (lang == LANG_EN ? "yes" : "是") : "");
}

static bool number_read(const struct json *v, double *n)
{
    u64 typed;
    if (json_kind(v) == JSON_NUMBER) return json_double(v, n);
    if (!str_u64(json_str(v), (u64)1 << 53, &typed)) return false;
    *n = (double)typed;
    return true;
}

static struct table_cell cell_of(struct export_rows *r, const struct export_column *c, const struct json *v,
                                 struct text *t)
{
    struct table_cell cell = {.kind = TABLE_TEXT};
    text_clear(t);
    switch (c->kind) {
    case EXPORT_NUMBER:
        if (!number_read(v, &cell.number)) break;
        cell.kind = TABLE_NUMBER;
        number_put(cell.number, t);
        break;
    case EXPORT_PERCENT:
        if (!number_read(v, &cell.number)) break;
        cell.kind = TABLE_PERCENT;
        text_addf(t, "%.1f%%", cell.number * 100);
        break;
    case EXPORT_TIME:
    case EXPORT_DAY:
        if (c->kind == EXPORT_TIME ? !time_read(json_str(v), &cell.number)
                                   : !day_read(json_str(v), &cell.number))
            break;
        cell.kind = c->kind == EXPORT_TIME ? TABLE_TIME : TABLE_DAY;
        day_put(cell.number, c->kind == EXPORT_TIME, t);
        break;
    case EXPORT_LEVEL:
        if (number_read(v, &cell.number)) text_addf(t, "L%d", (int)cell.number);
        break;
    case EXPORT_YES:
    case EXPORT_TEXT:
    case EXPORT_WORD:
        if (json_kind(v) != JSON_ARRAY) plain_put(c, v, r->lang, t);
        for (size_t i = 0; json_kind(v) == JSON_ARRAY && i < json_count(v); i++) {
            if (i) text_addz(t, r->lang == LANG_EN ? ", " : "、");
            plain_put(c, json_at(v, i), r->lang, t);
        }
        break;
    }
    if (t->n == 0) cell.kind = TABLE_EMPTY;
    return cell;
}

/* "units[].short_name": the same member of every element, as one text. */
static void each_put(struct export_rows *r, const struct export_column *c, const struct json *array,
                     struct str member, struct text *all)
{
    struct text one;
    text_init(&one, EXPORT_TEXT_MAX);
    for (size_t i = 0; i < json_count(array); i++) {
        (void)cell_of(r, c, json_path(json_at(array, i), member), &one);
        if (one.n && all->n) text_addz(all, r->lang == LANG_EN ? ", " : "、");
        text_add(all, text_str(&one));
    }
    text_free(&one);
}

static bool cell_fill(struct export_rows *r, const struct export_column *c, const struct place *at,
                      struct text *t, struct table_cell *out)
{
    struct str path = str_of(c->path);
    const struct json *from = at->row;
    if (str_starts(path, STR("^"))) path.p++, path.n--, from = at->around;
    if (str_starts(path, STR("^"))) path.p++, path.n--, from = at->answer;
    const size_t each = str_find(path, STR("[]."));
    if (each == SIZE_MAX) {
        *out = cell_of(r, c, json_path(from, path), t);
    } else {
        text_clear(t);
        each_put(r, c, json_path(from, (struct str){path.p, each}),
                 (struct str){path.p + each + 3, path.n - each - 3}, t);
        *out = (struct table_cell){.kind = t->n ? TABLE_TEXT : TABLE_EMPTY};
    }
    if (t->overflow) return false;
    if (out->kind == TABLE_EMPTY) return true;
    if (out->kind == TABLE_TEXT) {
        struct text safe;
        text_init(&safe, t->n + 1);
        csv_defuse(text_str(t), &safe);
        out->text = arena_str(&r->arena, text_str(&safe));
        text_free(&safe);
    } else {
        out->text = arena_str(&r->arena, text_str(t));
    }
    return out->text.p != NULL;
}

/* --- rows --- */

static bool row_add(struct export_rows *r, size_t part, const struct place *at, struct text *t)
{
    const struct export_column *columns = r->spec->parts[part].columns;
    const size_t n = r->parts[part].n_columns, rows = r->parts[part].n_rows;
    if (r->n_rows >= r->max_rows) return false;
    if (rows == r->parts[part].cap) {
        r->parts[part].cap = MIN(r->max_rows, MAX((size_t)64, r->parts[part].cap * 2));
        r->parts[part].cells =
            mem_grow(r->parts[part].cells, r->parts[part].cap * n * sizeof *r->parts[part].cells);
    }
    for (size_t i = 0; i < n; i++)
        if (!cell_fill(r, &columns[i], at, t, &r->parts[part].cells[rows * n + i])) return false;
    r->parts[part].n_rows++;
    r->n_rows++;
    return true;
}

static bool array_add(struct export_rows *r, size_t part, const struct json *array, const struct place *at,
                      struct text *t)
{
    for (size_t i = 0; i < json_count(array); i++)
        if (!row_add(r, part, &(struct place){json_at(array, i), at->around, at->answer}, t)) return false;
    return true;
}

static bool part_add(struct export_rows *r, size_t part, const struct json *answer, struct text *t)
{
    const struct str path = str_of(r->spec->parts[part].array);
    const size_t each = str_find(path, STR("[]."));
    struct place at = {answer, answer, answer};
    if (path.n == 0 && json_kind(answer) == JSON_ARRAY) return array_add(r, part, answer, &at, t);
    if (path.n == 0) return row_add(r, part, &at, t);
    if (each == SIZE_MAX) return array_add(r, part, json_path(answer, path), &at, t);
    const struct json *outer = json_path(answer, (struct str){path.p, each});
    for (size_t i = 0; i < json_count(outer); i++) {
        at.around = json_at(outer, i);
        const struct str inner = {path.p + each + 3, path.n - each - 3};
        if (!array_add(r, part, json_path(at.around, inner), &at, t)) return false;
    }
    return true;
}

/* Where the next page begins. */
static void next_set(struct export_rows *r, const struct json *answer)
{
    const bool more = json_bool(json_get(answer, "more"));
    const char *from = r->spec->from;
    const struct json *v = NULL;
    double n;
    r->next[0] = '\0';
    r->more = more && !r->spec->cursor;
    if (!r->spec->cursor) return;
    if (from[0] == '^') {
        const struct json *rows = json_path(answer, str_of(r->spec->parts[0].array));
        if (more && json_count(rows)) v = json_get(json_at(rows, json_count(rows) - 1), from + 1);
    } else {
        v = json_path(answer, str_of(from));
    }
    if (json_kind(v) == JSON_STRING && json_str(v).n < sizeof r->next)
        snprintf(r->next, sizeof r->next, "%.*s", STR_ARG(json_str(v)));
    else if (json_kind(v) == JSON_NUMBER && json_double(v, &n))
        snprintf(r->next, sizeof r->next, "%.0f", n);
}

enum export_end export_rows_add(struct export_rows *r, struct str answer)
{
    const char *why;
    struct json *doc = json_parse(answer, ANSWER_MAX, &why);
    struct text t;
    enum export_end end = EXPORT_OK;
    if (!doc) return EXPORT_UNREADABLE;
    text_init(&t, EXPORT_TEXT_MAX);
    for (size_t i = 0; end == EXPORT_OK && i < r->n_parts; i++)
        if (!part_add(r, i, doc, &t)) end = EXPORT_TOO_MANY;
    next_set(r, doc);
    if (r->more) end = EXPORT_TOO_MANY;
    text_free(&t);
    json_free(&doc);
    return end;
}
