#include "core/ruleset.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_POINTS 100
#define WEIGHT_MAX   100.0
#define PARTS_MAX    4 /* sides of "a&b" */

/* What `value` says for each kind; the kinds are those of core/route.h. */
enum value_of { OF_CATEGORY, OF_NATURE, OF_URGENCY, OF_UNIT, OF_TEXT, OF_ANY, OF_HANDLER, OF_DESK, OF_MOOD };
static const struct {
    const char *kind;
    enum value_of value;
    bool code; /* the word is a code, not one of a text */
} kinds[] = {{"category", OF_CATEGORY, false}, {"nature", OF_NATURE, false}, {"urgency", OF_URGENCY, false},
             {"unit", OF_UNIT, false},         {"place", OF_UNIT, false},    {"misconduct", OF_ANY, false},
             {"conduct", OF_ANY, false},       {"negation", OF_ANY, false},  {"gripe", OF_ANY, false},
             {"praise", OF_ANY, false},        {"request", OF_ANY, false},   {"weak", OF_ANY, false},
             {"legalpath", OF_TEXT, false},    {"mood", OF_MOOD, false},     {"class", OF_TEXT, false},
             {"handler", OF_HANDLER, true},    {"blank", OF_ANY, true},      {"about", OF_ANY, true},
             {"desk", OF_DESK, true}};

static bool fail(struct rule_fault *f, const char *zh, const char *en, struct str what)
{
    const int n = (int)MIN(what.n, (size_t)120);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(f->zh, sizeof f->zh, zh, n, what.p);
    snprintf(f->en, sizeof f->en, en, n, what.p);
#pragma GCC diagnostic pop
    return false;
}

static bool printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.p[i] < 0x20 || s.p[i] == 0x7f) return false;
    return utf8_valid(s);
}

static const struct routing_unit *unit_of(const struct routing_rows *rows, struct str code)
{
    for (size_t i = 0; i < rows->n_units; i++)
        if (str_eq(rows->units[i].code, code)) return &rows->units[i];
    return NULL;
}

static const struct routing_category *category_of(const struct routing_rows *rows, struct str code)
{
    for (size_t i = 0; i < rows->n_categories; i++)
        if (str_eq(rows->categories[i].code, code)) return &rows->categories[i];
    return NULL;
}

/* --- one word --- */

static bool value_good(const struct routing_rows *rows, enum value_of of, struct str v)
{
    enum nature nature;
    enum mood mood;
    const struct routing_category *c;
    switch (of) {
    case OF_CATEGORY:
        c = category_of(rows, v);
        return c && c->parent.n > 0;
    case OF_NATURE:
        return nature_parse(v, &nature);
    case OF_URGENCY:
        for (int i = 0; i < URGENCIES_N; i++)
            if (str_eq(v, str_of(urgency_chinese((enum urgency)i)))) return true;
        return false;
    case OF_UNIT:
    case OF_DESK:
        return unit_of(rows, v) != NULL;
    case OF_TEXT:
        return v.n > 0;
    case OF_HANDLER:
        return str_eq(v, STR("named")) || str_eq(v, STR("default")) || str_eq(v, STR("place"));
    case OF_MOOD:
        return mood_parse(v, &mood);
    case OF_ANY:
        break;
    }
    return true;
}

/* "a&b", "@name": no side is empty and there are not too many. */
static bool sides_good(struct str word)
{
    struct str rest = word, part;
    int n = 0;
    bool more = true;
    while (more) {
        more = str_cut(rest, '&', &part, &rest);
        if (part.n == 0 || ++n > PARTS_MAX || (part.n == 1 && part.p[0] == '@')) return false;
    }
    return true;
}

static bool word_good(const struct routing_rows *rows, const struct rule_change *c, struct rule_fault *f)
{
    size_t k = 0;
    if (!printable(c->word) || c->word.n == 0 || utf8_count(c->word) > RULESET_NAME_POINTS)
        return fail(f, "词“%.*s”应为 1 到 40 个字，不含换行等控制字符。",
                    "The word \"%.*s\" must have 1 to 40 characters and no control characters.", c->word);
    if (!printable(c->value) || utf8_count(c->value) > VALUE_POINTS)
        return fail(f, "词“%.*s”的取值太长。", "The value of the word \"%.*s\" is too long.", c->word);
    if (c->gone) return true; /* whatever it was */
    while (k < ARRAY_LEN(kinds) && !str_eq(c->kind, str_of(kinds[k].kind))) k++;
    if (k == ARRAY_LEN(kinds))
        return fail(f, "没有“%.*s”这种词。", "There is no kind of words called \"%.*s\".", c->kind);
    if (!(c->weight >= -WEIGHT_MAX && c->weight <= WEIGHT_MAX))
        return fail(f, "词“%.*s”的权重应在 -100 到 100 之间。",
                    "The weight of the word \"%.*s\" must be between -100 and 100.", c->word);
    if (!kinds[k].code && !sides_good(c->word))
        return fail(f, "词“%.*s”用 & 连接时，每一边都要有字，最多四边。",
                    "The word \"%.*s\" has an empty side, or more than four, around its &.", c->word);
    if (!value_good(rows, kinds[k].value, c->value))
        return fail(f, "词“%.*s”的取值不存在，请从列表里选。",
                    "The word \"%.*s\" has a value that does not exist.", c->word);
    if (kinds[k].code && kinds[k].value != OF_DESK) {
        for (size_t i = 0; i < rows->n_categories; i++)
            if (str_starts(rows->categories[i].code, c->word)) return true;
        return fail(f, "没有以“%.*s”开头的类别。", "No category begins with \"%.*s\".", c->word);
    }
    return true;
}

static bool aliases_good(const struct rule_change *c, struct rule_fault *f)
{
    struct str rest = c->aliases, one;
    for (int n = 0; rest.n > 0; n++) {
        (void)str_cut(rest, '|', &one, &rest);
        if (n == RULESET_ALIASES_MAX)
            return fail(f, "单位 %.*s 的别名最多 30 个。", "Unit %.*s has more than 30 aliases.", c->unit);
        if (one.n == 0 || !printable(one) || utf8_count(one) < 2 || utf8_count(one) > RULESET_NAME_POINTS)
            return fail(f, "单位 %.*s 的每个别名应为 2 到 40 个字。",
                        "Each alias of unit %.*s must have 2 to 40 characters.", c->unit);
    }
    return true;
}

/* --- sorted, so that a row finds its change --- */

static int by_key(const struct rule_change *x, const struct rule_change *y)
{
    int c = (x->of > y->of) - (x->of < y->of);
    if (c != 0) return c;
    if (x->of == RULE_ALIAS) return str_cmp(x->unit, y->unit);
    if (x->of == RULE_CATEGORY) return str_cmp(x->code, y->code);
    if ((c = str_cmp(x->kind, y->kind)) != 0) return c;
    if ((c = str_cmp(x->word, y->word)) != 0) return c;
    return str_cmp(x->value, y->value);
}

static int sorting(const void *a, const void *b) { return by_key(a, b); }

static struct rule_change *find(struct rule_change *all, size_t n, const struct rule_change *key)
{
    return n ? bsearch(key, all, n, sizeof *all, sorting) : NULL;
}

static struct str name_of(const struct rule_change *c)
{
    return c->of == RULE_WORD ? c->word : c->of == RULE_ALIAS ? c->unit : c->code;
}

static bool good(const struct routing_rows *rows, struct rule_change *c, struct rule_fault *f)
{
    const struct routing_unit *u = c->of == RULE_WORD ? NULL : unit_of(rows, c->unit);
    c->was_word = NULL, c->was_unit = NULL, c->was_category = NULL;
    if (c->of == RULE_WORD) return word_good(rows, c, f);
    if (!u) return fail(f, "没有编码为 %.*s 的单位。", "There is no unit with the code %.*s.", c->unit);
    if (c->of == RULE_ALIAS) {
        c->was_unit = u;
        return aliases_good(c, f);
    }
    c->was_category = category_of(rows, c->code);
    if (!c->was_category || c->was_category->parent.n == 0)
        return fail(f, "没有编码为 %.*s 的类别，或它是大类。",
                    "There is no category with the code %.*s, or it is a heading.", c->code);
    if (c->nature == NATURE_UNKNOWN || c->level < 0 || c->level > 4)
        return fail(f, "类别 %.*s 要有性质和 L0 到 L4 的等级。",
                    "Category %.*s needs a nature and a level from L0 to L4.", c->code);
    return true;
}

/* --- laid over the rows --- */

static bool lay_words(const struct routing_rows *rows, struct rule_change *all, size_t n, struct arena *a,
                      struct routing_rows *out, struct rule_fault *f)
{
    struct routing_word *w = arena_alloc(a, (rows->n_words + n + 1) * sizeof *w);
    size_t k = 0;
    if (!w) return fail(f, "规则太多了。%.*s", "There are too many rules.%.*s", STR(""));
    for (size_t i = 0; i < rows->n_words; i++) {
        const struct routing_word *row = &rows->words[i];
        const struct rule_change key = {
            .of = RULE_WORD, .kind = row->kind, .word = row->word, .value = row->value};
        struct rule_change *c = find(all, n, &key);
        if (c) c->was_word = row;
        if (c && c->gone) continue;
        w[k] = *row;
        if (c) w[k].weight = c->weight;
        k++;
    }
    for (size_t i = 0; i < n; i++) {
        const struct rule_change *c = &all[i];
        if (c->of != RULE_WORD || c->was_word) continue;
        if (c->gone)
            return fail(f, "词“%.*s”已经不在规则里，不用再删。",
                        "The word \"%.*s\" is no longer there to be taken away.", c->word);
        w[k++] = (struct routing_word){c->kind, c->word, c->value, c->weight};
    }
    out->words = w;
    out->n_words = k;
    return true;
}

static bool lay_others(const struct routing_rows *rows, struct rule_change *all, size_t n, struct arena *a,
                       struct routing_rows *out, struct rule_fault *f)
{
    struct routing_unit *u = arena_alloc(a, (rows->n_units + 1) * sizeof *u);
    struct routing_category *g = arena_alloc(a, (rows->n_categories + 1) * sizeof *g);
    if (!u || !g) return fail(f, "规则太多了。%.*s", "There are too many rules.%.*s", STR(""));
    memcpy(u, rows->units, rows->n_units * sizeof *u);
    memcpy(g, rows->categories, rows->n_categories * sizeof *g);
    for (size_t i = 0; i < n; i++) {
        const struct rule_change *c = &all[i];
        if (c->of == RULE_ALIAS) u[c->was_unit - rows->units].aliases = c->aliases;
        if (c->of != RULE_CATEGORY) continue;
        struct routing_category *to = &g[c->was_category - rows->categories];
        to->nature = c->nature;
        to->level = c->level;
        to->confidential = c->confidential;
        to->unit_id = unit_of(rows, c->unit)->id;
    }
    out->units = u;
    out->categories = g;
    return true;
}

bool ruleset_apply(const struct routing_rows *rows, struct rule_change *changes, size_t n, struct arena *a,
                   struct routing_rows *rows_r, struct rule_fault *fault_r)
{
    *rows_r = *rows;
    for (size_t i = 0; i < n; i++)
        if (!good(rows, &changes[i], fault_r)) return false;
    if (n) qsort(changes, n, sizeof *changes, sorting);
    for (size_t i = 1; i < n; i++)
        if (by_key(&changes[i - 1], &changes[i]) == 0)
            return fail(fault_r, "“%.*s”改了两次，请只留一次。",
                        "\"%.*s\" is changed twice; keep one of them.", name_of(&changes[i]));
    return lay_words(rows, changes, n, a, rows_r, fault_r) &&
           lay_others(rows, changes, n, a, rows_r, fault_r);
}
