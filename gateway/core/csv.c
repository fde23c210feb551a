#include "core/csv.h"
#include "base/utf8.h"
#include <string.h>

enum ending { ENDS_FIELD, ENDS_ROW, ENDS_FILE, ENDS_BAD };

static enum ending read_field(struct csv *c, struct str *field_r, const char **error_r);
static enum ending read_quoted(struct csv *c, struct str *field_r, const char **error_r);
static enum ending read_end(struct csv *c, size_t at, const char **error_r);

bool csv_open(struct csv *c, struct str file, struct arena *arena, const char **error_r)
{
    *c = (struct csv){.arena = arena, .rest = file, .next_line = 1};
    if (!utf8_valid(file)) {
        *error_r = "the file is not UTF-8";
        return false;
    }
    if (str_starts(file, STR("\xEF\xBB\xBF"))) {
        c->rest.p += 3;
        c->rest.n -= 3;
    }
    c->n_columns = CSV_FIELDS_MAX; /* the header may have any number */
    struct str fields[CSV_FIELDS_MAX];
    size_t n = 0;
    enum ending end = ENDS_FIELD;
    if (c->rest.n == 0) {
        *error_r = "the file has no header line";
        return false;
    }
    while (end == ENDS_FIELD) {
        if (n == CSV_FIELDS_MAX) {
            *error_r = "too many columns";
            return false;
        }
        end = read_field(c, &fields[n++], error_r);
    }
    if (end == ENDS_BAD) return false;
    for (size_t i = 0; i < n; i++) {
        if (fields[i].n == 0) {
            *error_r = "a column has no name";
            return false;
        }
        for (size_t k = 0; k < i; k++)
            if (str_eq(fields[i], fields[k])) {
                *error_r = "a column stands twice";
                return false;
            }
    }
    memcpy(c->columns, fields, n * sizeof *fields);
    c->n_columns = n;
    c->line = 1;
    return true;
}

enum csv_result csv_next(struct csv *c, struct str fields[CSV_FIELDS_MAX], const char **error_r)
{
    if (c->rest.n == 0) return CSV_END;
    c->line = c->next_line;
    size_t n = 0;
    enum ending end = ENDS_FIELD;
    while (end == ENDS_FIELD) {
        if (n == c->n_columns) {
            *error_r = "more fields than columns";
            return CSV_BAD;
        }
        end = read_field(c, &fields[n++], error_r);
    }
    if (end == ENDS_BAD) return CSV_BAD;
    if (n < c->n_columns) {
        *error_r = "fewer fields than columns";
        return CSV_BAD;
    }
    return CSV_ROW;
}

size_t csv_column(const struct csv *c, struct str name)
{
    for (size_t i = 0; i < c->n_columns; i++)
        if (str_eq(c->columns[i], name)) return i;
    return SIZE_MAX;
}

static enum ending read_field(struct csv *c, struct str *field_r, const char **error_r)
{
    if (c->rest.n > 0 && c->rest.p[0] == '"') return read_quoted(c, field_r, error_r);
    size_t n = 0;
    while (n < c->rest.n && c->rest.p[n] != ',' && c->rest.p[n] != '\n' && c->rest.p[n] != '\r') {
        if (c->rest.p[n] == '"') {
            *error_r = "a quote inside an unquoted field";
            return ENDS_BAD;
        }
        n++;
    }
    *field_r = (struct str){c->rest.p, n};
    return read_end(c, n, error_r);
}

static enum ending read_quoted(struct csv *c, struct str *field_r, const char **error_r)
{
    size_t end = 1, doubled = 0;
    for (;; end++) {
        if (end >= c->rest.n) {
            *error_r = "a quoted field does not end";
            return ENDS_BAD;
        }
        if (c->rest.p[end] == '\n') c->next_line++;
        if (c->rest.p[end] != '"') continue;
        if (end + 1 < c->rest.n && c->rest.p[end + 1] == '"') {
            doubled++;
            end++;
        } else
            break;
    }
    *field_r = (struct str){c->rest.p + 1, end - 1};
    if (doubled > 0) {
        char *copy = arena_alloc(c->arena, end);
        if (copy == NULL) {
            *error_r = "the file needs too much memory";
            return ENDS_BAD;
        }
        size_t n = 0;
        for (size_t i = 1; i < end; i++) {
            copy[n++] = c->rest.p[i];
            if (c->rest.p[i] == '"') i++;
        }
        *field_r = (struct str){copy, n};
    }
    return read_end(c, end + 1, error_r);
}

static enum ending read_end(struct csv *c, size_t at, const char **error_r)
{
    enum ending end = ENDS_FIELD;
    size_t skip = 1;
    if (at == c->rest.n) {
        end = ENDS_FILE;
        skip = 0;
    } else if (c->rest.p[at] == '\n')
        end = ENDS_ROW;
    else if (c->rest.p[at] == '\r') {
        if (at + 1 >= c->rest.n || c->rest.p[at + 1] != '\n') {
            *error_r = "a carriage return without a line feed";
            return ENDS_BAD;
        }
        end = ENDS_ROW;
        skip = 2;
    } else if (c->rest.p[at] != ',') {
        *error_r = "text behind a closing quote";
        return ENDS_BAD;
    }
    if (end == ENDS_ROW) c->next_line++;
    /* A comma at the very end of the file announces one more, empty field. */
    c->rest.p += at + skip;
    c->rest.n -= at + skip;
    return end;
}

/* --- writing --- */

static bool is_formula(struct str s)
{
    static const i64 signs[] = {'=', '+', '-', '@', 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20};
    size_t at = 0;
    i64 c = utf8_next(s, &at);
    if (c == '\t' || c == '\r') return true;
    while (c == ' ' || c == '\n' || c == 0xA0 || c == 0x3000 || c == 0xFEFF || c == 0x200B)
        c = utf8_next(s, &at);
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (c == signs[i]) return true;
    return c == '\t' || c == '\r';
}

void csv_defuse(struct str words, struct text *out)
{
    if (is_formula(words)) text_addc(out, '\'');
    for (size_t i = 0; i < words.n; i++) {
        const u8 c = (u8)words.p[i];
        if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t') text_addc(out, (char)c);
    }
}

void csv_put(struct text *out, struct str field, bool first)
{
    bool quoted = false;
    for (size_t i = 0; i < field.n && !quoted; i++)
        quoted = field.p[i] == '"' || field.p[i] == ',' || field.p[i] == '\n' || field.p[i] == '\r' ||
                 field.p[i] == ';' || field.p[i] == '\t';
    /* A space at an end is lost by some readers unless it is quoted. */
    quoted |= field.n && (field.p[0] == ' ' || field.p[field.n - 1] == ' ');
    if (!first) text_addc(out, ',');
    if (quoted) text_addc(out, '"');
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] == '"') text_addc(out, '"');
        text_addc(out, field.p[i]);
    }
    if (quoted) text_addc(out, '"');
}

void csv_end_row(struct text *out) { text_addz(out, "\r\n"); }
