#include "adapters/sms/xml.h"
#include "base/utf8.h"

#define VALUE_MAX (1u << 20)

/* Where the reader stands. `open[i]` is how much of `path` the elements outside level i take. */
struct reader {
    struct str rest;
    struct text path, value;
    size_t open[XML_DEPTH_MAX + 1];
    unsigned depth; /* 0: outside the root */
    bool leaf;      /* no element was closed inside the one that is open */
    const char *fault;
};

static void skip(struct str *s, size_t n) { s->p += n, s->n -= n; }

/* What stands before `end`; the reader moves behind it. False when it does not come. */
static bool take_until(struct reader *r, const char *end, struct str *taken_r)
{
    size_t at = str_find(r->rest, str_of(end));
    if (at == SIZE_MAX) return r->fault = "XML that breaks off", false;
    *taken_r = (struct str){r->rest.p, at};
    skip(&r->rest, at + str_of(end).n);
    return true;
}

static bool name_sound(struct str name)
{
    if (name.n == 0 || name.n > 64) return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == ':'))) return false;
    }
    return true;
}

static bool reference_put(struct text *t, struct str name)
{
    static const struct {
        const char *name, *text;
    } known[] = {{"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(name, str_of(known[i].name))) return text_addz(t, known[i].text), true;
    if (name.n < 2 || name.n > 9 || name.p[0] != '#') return false;
    const unsigned base = name.p[1] == 'x' ? 16 : 10;
    u32 point = 0;
    size_t i = base == 16 ? 2 : 1;
    if (i == name.n) return false;
    for (; i < name.n; i++) {
        char c = name.p[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 99;
        if (digit >= base) return false;
        point = point * base + digit;
    }
    if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    utf8_put(t, point);
    return true;
}

static bool words_read(struct reader *r)
{
    size_t n = str_find(r->rest, STR("<"));
    struct str words = {r->rest.p, n == SIZE_MAX ? r->rest.n : n}, piece, name;
    skip(&r->rest, words.n);
    while (str_cut(words, '&', &piece, &words)) {
        text_add(&r->value, piece);
        if (!str_cut(words, ';', &name, &words) || !reference_put(&r->value, name))
            return r->fault = "an unknown reference in XML", false;
    }
    text_add(&r->value, piece);
    return true;
}

static bool element_open(struct reader *r, struct str name)
{
    if (r->depth == XML_DEPTH_MAX + 1) return r->fault = "XML nested too deeply", false;
    if (r->depth > 0) {
        r->open[r->depth - 1] = r->path.n;
        if (r->path.n) text_addc(&r->path, '.');
        text_add(&r->path, name);
    }
    r->depth++;
    r->leaf = true;
    text_clear(&r->value);
    return !r->path.overflow || (r->fault = "a name in XML is too long", false);
}

static bool element_close(struct reader *r, struct arena *arena, struct xml *out)
{
    if (r->depth == 0) return r->fault = "XML closes what is not open", false;
    if (--r->depth == 0) return true;
    if (r->leaf) {
        if (out->n == XML_FIELDS_MAX) return r->fault = "too many fields in XML", false;
        out->fields[out->n].name = arena_str(arena, text_str(&r->path));
        out->fields[out->n].value = arena_str(arena, text_str(&r->value));
        if (!out->fields[out->n].name.p || !out->fields[out->n].value.p)
            return r->fault = "no room for XML", false;
        out->n++;
    }
    r->leaf = false;
    r->path.n = r->open[r->depth - 1];
    text_clear(&r->value);
    return true;
}

/* The name must be that of the element that is open, as far as it is part of the path; the root's is compared by its caller. */
static bool names_agree(const struct reader *r, struct str name, struct str root)
{
    struct str path = text_str(&r->path);
    if (r->depth <= 1) return r->depth == 1 && str_eq(name, root);
    size_t at = r->open[r->depth - 2];
    if (at < path.n && path.p[at] == '.') at++;
    return str_eq(name, (struct str){path.p + at, path.n - at});
}

static bool tag_read(struct reader *r, struct arena *arena, struct xml *out, struct str *root)
{
    struct str tag, name, rest;
    if (str_starts(r->rest, STR("<![CDATA["))) {
        skip(&r->rest, 9);
        if (r->depth == 0) return r->fault = "words outside XML", false;
        if (!take_until(r, "]]>", &tag)) return false;
        text_add(&r->value, tag);
        return true;
    }
    if (str_starts(r->rest, STR("<!"))) return r->fault = "a document type or a comment in XML", false;
    if (str_starts(r->rest, STR("<?"))) return take_until(r, "?>", &tag);
    skip(&r->rest, 1);
    if (!take_until(r, ">", &tag)) return false;
    const bool closes = str_starts(tag, STR("/")), alone = !closes && str_ends(tag, STR("/"));
    if (closes) skip(&tag, 1);
    if (alone) tag.n--;
    str_cut(str_trim(tag), ' ', &name, &rest);
    if (!name_sound(name)) return r->fault = "a broken name in XML", false;
    if (closes) {
        if (!names_agree(r, name, *root)) return r->fault = "XML closes what is not open", false;
        return element_close(r, arena, out);
    }
    if (r->depth == 0) {
        if (root->p) return r->fault = "two roots in XML", false;
        *root = name;
    }
    return element_open(r, name) && (!alone || element_close(r, arena, out));
}

bool xml_read(struct arena *arena, struct str source, struct xml *out, const char **reason_r)
{
    struct reader r = {.rest = str_trim(source)};
    struct str root = STR_NONE;
    out->n = 0;
    if (!utf8_valid(source)) return *reason_r = "the XML is not UTF-8", false;
    if (str_starts(r.rest, STR("\xef\xbb\xbf"))) skip(&r.rest, 3);
    text_init(&r.path, XML_NAME_MAX);
    text_init(&r.value, VALUE_MAX);
    while (r.rest.n && !r.fault) {
        if (*r.rest.p == '<')
            (void)!tag_read(&r, arena, out, &root);
        else if (words_read(&r) && r.depth == 0 && str_trim(text_str(&r.value)).n)
            r.fault = "words outside XML";
    }
    if (!r.fault && (r.depth > 0 || !root.p)) r.fault = "XML that breaks off";
    if (!r.fault && r.value.overflow) r.fault = "a value in XML is too long";
    text_free(&r.path);
    text_free(&r.value);
    if (r.fault) *reason_r = r.fault;
    return !r.fault;
}

struct str xml_value(const struct xml *x, struct str name)
{
    for (size_t i = 0; i < x->n; i++)
        if (str_eq(x->fields[i].name, name)) return x->fields[i].value;
    return STR_NONE;
}

void xml_put(struct text *t, const char *name, struct str value)
{
    text_addf(t, "<%s><![CDATA[", name);
    for (size_t at; (at = str_find(value, STR("]]>"))) != SIZE_MAX; skip(&value, at + 2)) {
        text_add(t, (struct str){value.p, at + 2});
        text_addz(t, "]]><![CDATA[");
    }
    text_add(t, value);
    text_addf(t, "]]></%s>", name);
}
