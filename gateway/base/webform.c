#include "base/webform.h"
#include "base/code.h"

#define BOUNDARY_MAX    70   /* RFC 2046, 5.1.1 */
#define PART_HEADER_MAX 4096 /* bytes of one part's header */

/* A parameter of a header value: name=token or name="quoted". Browsers write %22 for a quote and no backslashes. */
static struct str parameter(struct str value, struct str name)
{
    struct str head;
    str_cut(value, ';', &head, &value);
    while (value.n) {
        value = str_trim(value);
        size_t at = str_find(value, STR("="));
        if (at == SIZE_MAX) return STR_NONE;
        struct str key = str_trim((struct str){value.p, at}), found;
        value = (struct str){value.p + at + 1, value.n - at - 1};
        if (value.n && value.p[0] == '"') {
            value = (struct str){value.p + 1, value.n - 1};
            at = str_find(value, STR("\""));
            if (at == SIZE_MAX) return STR_NONE;
            found = (struct str){value.p, at};
            value = (struct str){value.p + at + 1, value.n - at - 1};
            str_cut(value, ';', &head, &value);
        } else {
            str_cut(value, ';', &found, &value);
            found = str_trim(found);
        }
        if (str_eq_case(key, name)) return found;
    }
    return STR_NONE;
}

/* Cuts s at the first CR LF. */
static struct str line_cut(struct str *s)
{
    size_t at = str_find(*s, STR("\r\n"));
    struct str line = *s;
    if (at == SIZE_MAX) {
        *s = STR_NONE;
        return line;
    }
    line.n = at;
    *s = (struct str){s->p + at + 2, s->n - at - 2};
    return line;
}

static bool part_add(struct webform *f, struct str header, struct str bytes)
{
    struct str name = STR_NONE, filename = STR_NONE, type = STR_NONE;
    while (header.n) {
        struct str line = line_cut(&header), key, value;
        str_cut(line, ':', &key, &value);
        value = str_trim(value);
        if (str_eq_case(key, STR("content-disposition"))) {
            name = parameter(value, STR("name"));
            filename = parameter(value, STR("filename"));
        } else if (str_eq_case(key, STR("content-type"))) {
            type = value;
        }
    }
    if (name.p == NULL) return false;
    if (filename.p == NULL) {
        if (f->n_fields == WEBFORM_FIELDS_MAX) return false;
        f->fields[f->n_fields].name = name;
        f->fields[f->n_fields++].value = bytes;
    } else if (bytes.n) {
        if (f->n_files == WEBFORM_FILES_MAX) return false;
        f->files[f->n_files++] = (struct webform_file){name, filename, type, bytes};
    }
    return true;
}

/* delimiter: CR LF, two hyphens and the boundary; the first one stands without its CR LF. */
static bool parts_read(struct webform *f, struct str body, struct str delimiter)
{
    struct str first = {delimiter.p + 2, delimiter.n - 2};
    if (!str_starts(body, first)) return false;
    body = (struct str){body.p + first.n, body.n - first.n};
    for (;;) {
        if (str_starts(body, STR("--"))) return true;
        if (!str_starts(body, STR("\r\n"))) return false;
        body = (struct str){body.p + 2, body.n - 2};
        size_t head = str_find((struct str){body.p, MIN(body.n, (size_t)PART_HEADER_MAX)}, STR("\r\n\r\n"));
        if (head == SIZE_MAX) return false;
        struct str header = {body.p, head};
        body = (struct str){body.p + head + 4, body.n - head - 4};
        size_t end = str_find(body, delimiter);
        if (end == SIZE_MAX || !part_add(f, header, (struct str){body.p, end})) return false;
        body = (struct str){body.p + end + delimiter.n, body.n - end - delimiter.n};
    }
}

enum webform_end webform_read(const struct http_in *in, struct webform *form_r)
{
    struct str type = http_header_get(in, STR("content-type")), kind, rest;
    *form_r = (struct webform){0};
    str_cut(type, ';', &kind, &rest);
    kind = str_trim(kind);
    if (!str_eq_case(kind, STR("multipart/form-data"))) {
        form_r->urlencoded = in->body.p ? in->body : STR("");
        return str_eq_case(kind, STR("application/x-www-form-urlencoded")) ? WEBFORM_READ
                                                                           : WEBFORM_OTHER_TYPE;
    }
    struct str boundary = parameter(type, STR("boundary"));
    struct text delimiter;
    if (boundary.n == 0 || boundary.n > BOUNDARY_MAX) return WEBFORM_BROKEN;
    text_init(&delimiter, BOUNDARY_MAX + 4);
    text_addz(&delimiter, "\r\n--");
    text_add(&delimiter, boundary);
    bool good = parts_read(form_r, in->body, text_str(&delimiter));
    text_free(&delimiter);
    if (!good) *form_r = (struct webform){0};
    return good ? WEBFORM_READ : WEBFORM_BROKEN;
}

static struct str decoded_nth(struct str rest, struct arena *a, struct str name, size_t nth)
{
    struct str found = STR_NONE;
    struct text t;
    text_init(&t, rest.n + 1);
    while (rest.n && found.p == NULL) {
        struct str pair, key, value;
        str_cut(rest, '&', &pair, &rest);
        str_cut(pair, '=', &key, &value);
        text_clear(&t);
        if (!percent_get(&t, key, true) || !str_eq(text_str(&t), name) || nth-- > 0) continue;
        text_clear(&t);
        found = percent_get(&t, value, true) && t.n ? arena_str(a, text_str(&t)) : STR("");
        if (found.p == NULL) found = STR("");
    }
    text_free(&t);
    return found;
}

struct str webform_get_nth(const struct webform *f, struct arena *a, const char *name, size_t nth)
{
    if (f->urlencoded.p) return decoded_nth(f->urlencoded, a, str_of(name), nth);
    for (size_t i = 0; i < f->n_fields; i++) {
        if (!str_eq(f->fields[i].name, str_of(name)) || nth-- > 0) continue;
        struct str value = f->fields[i].value.n ? arena_str(a, f->fields[i].value) : STR("");
        return value.p ? value : STR("");
    }
    return STR_NONE;
}

struct str webform_get(const struct webform *f, struct arena *a, const char *name)
{
    struct str s = webform_get_nth(f, a, name, 0);
    return s.p ? s : STR("");
}
