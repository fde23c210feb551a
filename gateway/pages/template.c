#include "pages/template.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 60
#define POOL_MAX       (256 * 1024)

enum op_kind { OP_TEXT, OP_VALUE, OP_WORD, OP_BEGIN, OP_BEGIN_NOT, OP_END };
struct op {
    enum op_kind kind;
    u32 at, n;   /* literal text or name, in the pool */
    size_t jump; /* BEGIN: its END; END: its BEGIN; WORD: place in the catalogue */
};
struct template
{
    struct text pool;
    struct op *ops;
    size_t n_ops;
};

/* --- reading --- */

struct source { /* a file that is being read; the ones below wait at their {{>…}} */
    struct str name, bytes;
    size_t at;
    size_t sections; /* open when the file began: it must close its own */
};
struct reading {
    struct template *t;
    const struct words *words;
    template_load *load;
    void *arg;
    struct text *error;
    struct source files[TEMPLATE_PARTS];
    size_t n_files;
    size_t open[TEMPLATE_DEPTH]; /* BEGIN ops not yet closed */
    size_t n_open;
    bool line_begins; /* nothing but tags since the last line break */
};

static bool fail(const struct reading *r, const char *why, struct str what)
{
    const struct source *s = &r->files[r->n_files - 1];
    size_t line = 1;
    for (size_t i = 0; i < s->at && i < s->bytes.n; i++) line += s->bytes.p[i] == '\n';
    text_addf(r->error, "%.*s.html:%zu: %s", STR_ARG(s->name), line, why);
    if (what.n) text_addf(r->error, ": %.*s", (int)MIN(what.n, (size_t)NAME_MAX_BYTES), what.p);
    return false;
}

static bool add_op(struct reading *r, enum op_kind kind, struct str text, size_t jump)
{
    struct template *t = r->t;
    if (t->n_ops == TEMPLATE_OPS || t->pool.n + text.n > POOL_MAX)
        return fail(r, "the template is too large", STR_NONE);
    t->ops[t->n_ops++] = (struct op){kind, (u32)t->pool.n, (u32)text.n, jump};
    text_add(&t->pool, text);
    return true;
}

/* Indentation and empty lines are for people who read templates, not for telephones on a slow net. */
static bool add_text(struct reading *r, struct str s)
{
    struct template *t = r->t;
    size_t start = t->pool.n;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\r') continue;
        if (c != '\n') {
            if ((c == ' ' || c == '\t') && r->line_begins) continue;
            r->line_begins = false;
            text_addc(&t->pool, c);
        } else if (!r->line_begins) {
            text_addc(&t->pool, c);
            r->line_begins = true;
        }
    }
    if (t->pool.n == start) return true;
    if (t->n_ops == TEMPLATE_OPS || t->pool.overflow) return fail(r, "the template is too large", STR_NONE);
    t->ops[t->n_ops++] = (struct op){OP_TEXT, (u32)start, (u32)(t->pool.n - start), 0};
    return true;
}

static bool name_valid(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.') return false;
    }
    return name.n > 0 && name.n <= NAME_MAX_BYTES;
}

static bool open_file(struct reading *r, struct str name)
{
    struct source s = {.name = name, .sections = r->n_open};
    for (size_t i = 0; i < r->n_files; i++)
        if (str_eq(r->files[i].name, name)) return fail(r, "takes in itself", name);
    if (r->n_files == TEMPLATE_PARTS) return fail(r, "files are nested too deep", name);
    if (!r->load(r->arg, name, &s.bytes)) {
        if (r->n_files) return fail(r, "there is no such file", name);
        text_addf(r->error, "there is no template %.*s", STR_ARG(name));
        return false;
    }
    r->files[r->n_files++] = s;
    return true;
}

static bool close_section(struct reading *r, struct str name)
{
    if (r->n_open == r->files[r->n_files - 1].sections) return fail(r, "nothing is open here", name);
    size_t begin = r->open[--r->n_open];
    struct op *b = &r->t->ops[begin];
    if (!str_eq((struct str){r->t->pool.p + b->at, b->n}, name))
        return fail(r, "closes another section", name);
    b->jump = r->t->n_ops;
    return add_op(r, OP_END, STR_NONE, begin);
}

/* Escaping makes a value safe as text and between quotes, nowhere else. */
static bool inside_tag_without_quotes(const struct template *t)
{
    size_t quotes = 0, at = t->pool.n;
    while (at > 0 && t->pool.p[at - 1] != '<' && t->pool.p[at - 1] != '>') quotes += t->pool.p[--at] == '"';
    return at > 0 && t->pool.p[at - 1] == '<' && quotes % 2 == 0;
}

static bool add_value(struct reading *r, struct str tag)
{
    if (inside_tag_without_quotes(r->t)) return fail(r, "stands in a tag, but not between quotes", tag);
    if (!name_valid(tag)) return fail(r, "is no name", tag);
    r->line_begins = false;
    if (!str_starts(tag, STR("t."))) return add_op(r, OP_VALUE, tag, 0);
    struct str key = {tag.p + 2, tag.n - 2};
    size_t place = words_place(r->words, key);
    if (place == SIZE_MAX) return fail(r, "is no sentence of the catalogue", key);
    return add_op(r, OP_WORD, STR_NONE, place);
}

static bool add_tag(struct reading *r, struct str tag)
{
    char kind = tag.n ? tag.p[0] : '\0';
    if (kind == '!') return true;
    if (kind != '#' && kind != '^' && kind != '/' && kind != '>') return add_value(r, tag);
    struct str name = str_trim((struct str){tag.p + 1, tag.n - 1});
    if (!name_valid(name)) return fail(r, "is no name", name);
    if (kind == '>') return open_file(r, name);
    if (kind == '/') return close_section(r, name);
    if (r->n_open == TEMPLATE_DEPTH) return fail(r, "sections are nested too deep", name);
    r->open[r->n_open++] = r->t->n_ops;
    return add_op(r, kind == '#' ? OP_BEGIN : OP_BEGIN_NOT, name, 0);
}

static bool read_all(struct reading *r)
{
    while (r->n_files) {
        struct source *s = &r->files[r->n_files - 1];
        struct str rest = {s->bytes.p + s->at, s->bytes.n - s->at};
        size_t tag = str_find(rest, STR("{{"));
        if (!add_text(r, (struct str){rest.p, tag == SIZE_MAX ? rest.n : tag})) return false;
        if (tag == SIZE_MAX) {
            s->at = s->bytes.n;
            if (r->n_open != s->sections) return fail(r, "a section is not closed", STR_NONE);
            r->n_files--;
            continue;
        }
        s->at += tag;
        struct str inside = {rest.p + tag + 2, rest.n - tag - 2};
        size_t end = str_find(inside, STR("}}"));
        if (end == SIZE_MAX) return fail(r, "a tag is not closed", STR_NONE);
        size_t behind = s->at + end + 4;
        size_t files = r->n_files;
        if (!add_tag(r, str_trim((struct str){inside.p, end}))) return false;
        r->files[files - 1].at = behind;
    }
    return true;
}

struct template *template_parse(struct str name, const struct words *words, template_load *load, void *arg,
                                struct text *error)
{
    struct template *t = MEM_NEW(struct template);
    struct reading r = {
        .t = t, .words = words, .load = load, .arg = arg, .error = error, .line_begins = true};
    t->ops = mem_alloc(TEMPLATE_OPS * sizeof *t->ops);
    text_init(&t->pool, POOL_MAX);
    text_addc(&t->pool, '\n'); /* never empty, so every op points somewhere */
    if (!open_file(&r, name) || !read_all(&r)) template_free(&t);
    return t;
}

void template_free(struct template **t)
{
    if (!*t) return;
    text_free(&(*t)->pool);
    free((*t)->ops);
    free(*t);
    *t = NULL;
}

/* --- data --- */

struct item {
    struct str name, text;
    bool flag;
    struct template_data *rows, *last_row;
    struct item *next;
};
struct template_data {
    struct arena *arena;
    struct item *items;
    struct template_data *next; /* row */
    bool *full;
};

struct template_data *template_data_new(struct arena *a)
{
    struct template_data *d = ARENA_NEW(a, struct template_data);
    if (d) d->arena = a, d->full = ARENA_NEW(a, bool);
    return d && d->full ? d : NULL;
}

static struct item *item_find(const struct template_data *d, struct str name)
{
    for (struct item *i = d->items; i; i = i->next)
        if (str_eq(i->name, name)) return i;
    return NULL;
}

static struct item *item_get(struct template_data *d, const char *name)
{
    struct item *i = item_find(d, str_of(name));
    if (i) return i;
    i = ARENA_NEW(d->arena, struct item);
    if (!i) {
        *d->full = true;
        return NULL;
    }
    i->name = str_of(name);
    i->next = d->items;
    d->items = i;
    return i;
}

void template_put(struct template_data *d, const char *name, struct str value)
{
    struct item *i = item_get(d, name);
    if (i) i->text = value;
}

void template_flag(struct template_data *d, const char *name, bool yes)
{
    struct item *i = item_get(d, name);
    if (i) i->flag = yes;
}

struct template_data *template_row(struct template_data *d, const char *list)
{
    struct item *i = item_get(d, list);
    struct template_data *row = i ? ARENA_NEW(d->arena, struct template_data) : NULL;
    if (!row) {
        *d->full = true;
        return d;
    }
    row->arena = d->arena;
    row->full = d->full;
    if (i->last_row)
        i->last_row->next = row;
    else
        i->rows = row;
    i->last_row = row;
    return row;
}

/* --- rendering --- */

struct frame {
    size_t begin;
    const struct template_data *row; /* NULL: a section that makes no scope */
};
struct rendering {
    const struct template_data *root;
    struct frame frames[TEMPLATE_DEPTH];
    size_t depth;
    struct text *out;
};

static const struct item *look_up(const struct rendering *r, struct str name)
{
    for (size_t i = r->depth; i-- > 0;) {
        const struct item *found = r->frames[i].row ? item_find(r->frames[i].row, name) : NULL;
        if (found) return found;
    }
    return item_find(r->root, name);
}

static void put_escaped(struct text *out, struct str s)
{
    if (utf8_valid(s)) {
        html_put(out, s);
        return;
    }
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        if (utf8_next(s, &at) > 0)
            html_put(out, (struct str){s.p + from, at - from});
        else
            utf8_put(out, 0xFFFD);
    }
}

/* {name} inside a sentence is a value. */
static void put_sentence(const struct rendering *r, struct str sentence, void put(struct text *, struct str))
{
    while (sentence.n) {
        struct str before, rest, name;
        bool open = str_cut(sentence, '{', &before, &rest);
        put(r->out, before);
        if (!open) return;
        str_cut(rest, '}', &name, &sentence);
        const struct item *i = look_up(r, name);
        if (i) put(r->out, i->text);
    }
}

void template_fill(struct str sentence, const struct template_data *data, struct text *out)
{
    put_sentence(&(struct rendering){.root = data, .out = out}, sentence, text_add);
}

/* Goes into a section or behind it; returns where to go on. */
static size_t begin_section(struct rendering *r, const struct op *ops, size_t at, struct str name)
{
    const struct item *i = look_up(r, name);
    bool yes = i && (i->flag || i->text.n || i->rows), not = ops[at].kind == OP_BEGIN_NOT;
    if (yes == not ) return ops[at].jump + 1;
    r->frames[r->depth++] = (struct frame){at, not || !i ? NULL : i->rows};
    return at + 1;
}

static size_t end_section(struct rendering *r, size_t at)
{
    struct frame *f = &r->frames[r->depth - 1];
    if (f->row && f->row->next) {
        f->row = f->row->next;
        return f->begin + 1;
    }
    r->depth--;
    return at + 1;
}

bool template_render(const struct template *t, const struct words *words, const struct template_data *data,
                     struct text *out)
{
    struct rendering r = {.root = data, .out = out};
    for (size_t at = 0; at < t->n_ops && !out->overflow;) {
        const struct op *op = &t->ops[at];
        struct str s = {t->pool.p + op->at, op->n};
        const struct item *i;
        switch (op->kind) {
        case OP_TEXT:
            text_add(out, s);
            break;
        case OP_VALUE:
            i = look_up(&r, s);
            if (i) put_escaped(out, i->text);
            break;
        case OP_WORD:
            put_sentence(&r, words->all[op->jump].text, put_escaped);
            break;
        case OP_BEGIN:
        case OP_BEGIN_NOT:
            at = begin_section(&r, t->ops, at, s);
            continue;
        case OP_END:
            at = end_section(&r, at);
            continue;
        }
        at++;
    }
    return !out->overflow && !*data->full;
}
