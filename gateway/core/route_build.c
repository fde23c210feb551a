/* Rows of tables -> an immutable snapshot. */
#include "core/route_part.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define BUILD_MEMORY    ((size_t)64 << 20) /* tables of the largest city: far below */
#define WORD_POINTS_MAX 40
#define VALUE_BYTES_MAX 300
#define WEIGHT_MAX      100.0
#define COMPOUNDS_MAX   10000
#define TREE_DEPTH_MAX  32

/* How surely a name in the text means the unit. A full name is nobody else's; a nickname of two characters is often
 * part of another word or only the thing the unit deals with (医保, 公积金). */
#define NAME_FULL  1.0F
#define NAME_SHORT 0.95F
#define NAME_ALIAS 0.8F
#define NAME_BRIEF 0.45F /* alias of two characters */
#define NAME_WEAK  0.15F /* also a common noun, as the word table says */
#define PLACE_STEM 0.5F  /* 白石 of 白石镇 */

static const char *const kind_words[WORD_KINDS] = {
    [WORD_NAME] = "",
    [WORD_CATEGORY] = "category",
    [WORD_NATURE] = "nature",
    [WORD_URGENCY] = "urgency",
    [WORD_UNIT] = "unit",
    [WORD_PLACE] = "place",
    [WORD_MISCONDUCT] = "misconduct",
    [WORD_CONDUCT] = "conduct",
    [WORD_NEGATION] = "negation",
    [WORD_GRIPE] = "gripe",
    [WORD_PRAISE] = "praise",
    [WORD_REQUEST] = "request",
    [WORD_LEGALPATH] = "legalpath",
    [WORD_PART] = "",
};

struct entry {
    struct str word;
    struct meaning meaning;
    u32 order;
};
struct slot {
    struct str word;
    u32 slot;
};
struct build {
    struct routing *r;
    const struct routing_rows *rows;
    struct text *error;
    struct entry *entries;
    size_t n_entries, cap_entries;
    struct slot *slots; /* by word; "@name" for a class */
    size_t n_slots, cap_slots;
    u32 *weak; /* rows of kind weak, so that each name need not look through all words */
    size_t n_weak;
    bool failed;
};

static void add_units(struct build *b);
static void add_categories(struct build *b);
static void add_names(struct build *b);
static void add_words(struct build *b);
static void add_word(struct build *b, const struct routing_word *row);
static void add_setting(struct build *b, const struct routing_word *row);
static bool read_target(struct build *b, enum word_kind kind, struct str value, int *target_r);
static void add_compound(struct build *b, struct str word, struct meaning m);
static u32 slot_of(struct build *b, struct str word);
static void add_entry(struct build *b, struct str word, struct meaning m);
static void add_hints(struct build *b);
static void finish(struct build *b);
static void fail(struct build *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int unit_by_code(const struct routing *r, struct str code);
static int by_id(const void *a, const void *b);
static int by_word(const void *a, const void *b);

struct routing *routing_build(const struct routing_rows *rows, struct text *error)
{
    struct build b = {.rows = rows, .error = error, .r = MEM_NEW(struct routing)};
    arena_init(&b.r->arena, BUILD_MEMORY);
    b.r->desk_triage = b.r->desk_discipline = b.r->desk_second = b.r->blank = -1;
    if (rows->n_units == 0 || rows->n_units > ROUTING_UNITS_MAX)
        fail(&b, "%zu units are not between 1 and %d", rows->n_units, ROUTING_UNITS_MAX);
    if (rows->n_categories == 0 || rows->n_categories > ROUTING_CATEGORIES_MAX)
        fail(&b, "%zu categories are not between 1 and %d", rows->n_categories, ROUTING_CATEGORIES_MAX);
    if (rows->n_words > ROUTING_WORDS_MAX)
        fail(&b, "%zu words are more than %d", rows->n_words, ROUTING_WORDS_MAX);
    if (!b.failed) add_units(&b);
    if (!b.failed) add_categories(&b);
    if (!b.failed) add_names(&b);
    if (!b.failed) add_words(&b);
    if (!b.failed && b.r->desk_triage < 0) fail(&b, "no word of kind desk names the triage desk");
    if (b.r->desk_discipline < 0) b.r->desk_discipline = b.r->desk_triage;
    if (b.r->desk_second < 0) b.r->desk_second = b.r->desk_triage;
    if (!b.failed) add_hints(&b);
    if (!b.failed) finish(&b);
    free(b.entries);
    free(b.slots);
    free(b.weak);
    if (b.failed) routing_free(&b.r);
    return b.r;
}

void routing_free(struct routing **r)
{
    if (*r == NULL) return;
    matcher_free(&(*r)->matcher);
    arena_free(&(*r)->arena);
    free(*r);
    *r = NULL;
}

size_t routing_bytes(const struct routing *r) { return matcher_bytes(r->matcher); }
size_t routing_states(const struct routing *r) { return matcher_states(r->matcher); }

int routing_index(const struct routing *r, int unit_id)
{
    size_t low = 0, high = r->n_units;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->by_id[mid].id == unit_id) return r->by_id[mid].index;
        if (r->by_id[mid].id < unit_id)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

static void *take(struct build *b, size_t n)
{
    void *p = arena_alloc(&b->r->arena, n);
    if (p == NULL) fail(b, "the tables need more than %zu bytes", BUILD_MEMORY);
    return p;
}

static struct str keep(struct build *b, struct str s)
{
    struct str copy = arena_str(&b->r->arena, s);
    if (copy.p == NULL) fail(b, "the tables need more than %zu bytes", BUILD_MEMORY);
    return copy;
}

static void add_units(struct build *b)
{
    struct routing *r = b->r;
    size_t n = b->rows->n_units;
    r->units = take(b, n * sizeof *r->units);
    r->by_id = take(b, n * sizeof *r->by_id);
    if (b->failed) return;
    r->n_units = n;
    for (size_t i = 0; i < n; i++) {
        const struct routing_unit *row = &b->rows->units[i];
        struct route_unit *u = &r->units[i];
        if (row->id <= 0 || row->code.n == 0 || row->name.n == 0 || row->name.n > MATCHER_PATTERN_MAX)
            fail(b, "unit %zu lacks an id, a code or a name of usable length", i + 1);
        if (b->failed) return;
        *u = (struct route_unit){.id = row->id,
                                 .code = keep(b, row->code),
                                 .name = keep(b, row->name),
                                 .short_name = keep(b, row->short_name.n > 0 ? row->short_name : row->name),
                                 .parent = -1,
                                 .successor = -1,
                                 .office = str_eq(row->kind, STR("office")),
                                 .community = str_eq(row->class, STR("村社区")),
                                 .township = str_eq(row->class, STR("乡镇街道"))};
        r->by_id[i].id = row->id;
        r->by_id[i].index = (int)i;
    }
    qsort(r->by_id, n, sizeof *r->by_id, by_id);
    for (size_t i = 1; i < n; i++)
        if (r->by_id[i].id == r->by_id[i - 1].id) fail(b, "unit id %d stands twice", r->by_id[i].id);
    for (size_t i = 0; i < n && !b->failed; i++) {
        const struct routing_unit *row = &b->rows->units[i];
        if (row->parent_id != 0 && (r->units[i].parent = routing_index(r, row->parent_id)) < 0)
            fail(b, "unit %.*s has the unknown parent %d", STR_ARG(row->code), row->parent_id);
        if (row->successor_id != 0 && (r->units[i].successor = routing_index(r, row->successor_id)) < 0)
            fail(b, "unit %.*s has the unknown successor %d", STR_ARG(row->code), row->successor_id);
    }
    /* A station acts through its unit, a community through its township, a retired unit through its successor. */
    for (size_t i = 0; i < n && !b->failed; i++) {
        int at = (int)i, depth = 0;
        for (; depth < TREE_DEPTH_MAX; depth++) {
            bool station = str_eq(b->rows->units[at].kind, STR("station"));
            int next = r->units[at].successor >= 0         ? r->units[at].successor
                       : station || r->units[at].community ? r->units[at].parent
                                                           : -1;
            if (next < 0) break;
            at = next;
        }
        if (depth == TREE_DEPTH_MAX)
            fail(b, "unit %.*s is its own superior or successor", STR_ARG(r->units[i].code));
        if (str_eq(b->rows->units[at].kind, STR("station")) || r->units[at].community)
            fail(b, "unit %.*s has nobody above it who could handle a case", STR_ARG(r->units[i].code));
        r->units[i].main = at;
    }
}

static void add_categories(struct build *b)
{
    struct routing *r = b->r;
    size_t n = b->rows->n_categories;
    r->categories = take(b, n * sizeof *r->categories);
    if (b->failed) return;
    r->n_categories = n;
    for (size_t i = 0; i < n; i++) {
        const struct routing_category *row = &b->rows->categories[i];
        bool heading = row->parent.n == 0;
        int unit = row->unit_id == 0 ? -1 : routing_index(r, row->unit_id);
        if (row->code.n == 0 || row->name.n == 0)
            fail(b, "category %zu lacks a code or a name", i + 1);
        else if (!heading && unit < 0)
            fail(b, "category %.*s has the unknown unit %d", STR_ARG(row->code), row->unit_id);
        else if (!heading && (row->level < 0 || row->level > 4))
            fail(b, "category %.*s has the level %d", STR_ARG(row->code), row->level);
        else if (row->nature < NATURE_UNKNOWN || row->nature >= NATURES_N)
            fail(b, "category %.*s has no such nature", STR_ARG(row->code));
        if (b->failed) return;
        for (size_t k = 0; k < i; k++)
            if (str_eq(r->categories[k].code, row->code))
                fail(b, "category %.*s stands twice", STR_ARG(row->code));
        r->categories[i] = (struct route_category){.code = keep(b, row->code),
                                                   .name = keep(b, row->name),
                                                   .nature = row->nature,
                                                   .unit = unit < 0 ? -1 : r->units[unit].main,
                                                   .level = row->level,
                                                   .confidential = row->confidential,
                                                   .heading = heading};
    }
}

/* A name that two units bear means neither surely: both keep half of it. */
static void add_name(struct build *b, struct str name, size_t unit, float strength)
{
    name = str_trim(name);
    if (name.n == 0 || b->failed) return;
    if (!utf8_valid(name) || name.n > MATCHER_PATTERN_MAX) {
        fail(b, "a name of unit %.*s is not usable", STR_ARG(b->r->units[unit].code));
        return;
    }
    for (size_t i = 0; i < b->n_weak; i++)
        if (str_eq(b->rows->words[b->weak[i]].word, name)) strength = NAME_WEAK;
    add_entry(b, name, (struct meaning){.kind = WORD_NAME, .target = (int)unit, .weight = strength});
}

static void add_names(struct build *b)
{
    b->weak = mem_alloc((b->rows->n_words + 1) * sizeof *b->weak);
    for (size_t i = 0; i < b->rows->n_words; i++)
        if (str_eq(b->rows->words[i].kind, STR("weak"))) b->weak[b->n_weak++] = (u32)i;
    for (size_t i = 0; i < b->rows->n_units && !b->failed; i++) {
        const struct routing_unit *row = &b->rows->units[i];
        add_name(b, row->name, i, NAME_FULL);
        if (!str_eq(row->short_name, row->name)) add_name(b, row->short_name, i, NAME_SHORT);
        /* Nobody who lives there says the 区 in front: 市场监督管理局 is 区市场监督管理局. */
        struct str bare = row->name;
        if (str_starts(bare, STR("区")) || str_starts(bare, STR("县")) || str_starts(bare, STR("市"))) {
            bare.p += STR("区").n;
            bare.n -= STR("区").n;
            if (utf8_count(bare) >= 4 && !str_eq(bare, row->short_name)) add_name(b, bare, i, NAME_SHORT);
        }
        struct str rest = row->aliases, alias;
        while (rest.n > 0) {
            (void)str_cut(rest, '|', &alias, &rest);
            add_name(b, alias, i, utf8_count(str_trim(alias)) <= 2 ? NAME_BRIEF : NAME_ALIAS);
        }
        if (!b->r->units[i].township) continue;
        struct str stem = row->short_name;
        if (str_ends(stem, STR("街道")))
            stem.n -= STR("街道").n;
        else if (str_ends(stem, STR("镇")) || str_ends(stem, STR("乡")))
            stem.n -= STR("镇").n;
        if (utf8_count(stem) >= 2)
            add_entry(b, stem, (struct meaning){.kind = WORD_PLACE, .target = (int)i, .weight = PLACE_STEM});
    }
}

static void add_words(struct build *b)
{
    for (size_t i = 0; i < b->rows->n_words && !b->failed; i++) add_word(b, &b->rows->words[i]);
}

static void add_word(struct build *b, const struct routing_word *row)
{
    size_t points = utf8_valid(row->word) ? utf8_count(row->word) : 0;
    if (points == 0 || points > WORD_POINTS_MAX || row->value.n > VALUE_BYTES_MAX ||
        !utf8_valid(row->value) || !(row->weight >= -WEIGHT_MAX && row->weight <= WEIGHT_MAX)) {
        fail(b, "the word \"%.*s\" of kind %.*s is too long, empty or out of range", STR_ARG(row->word),
             STR_ARG(row->kind));
        return;
    }
    if (str_eq(row->kind, STR("weak"))) return; /* read with the names */
    if (str_eq(row->kind, STR("class"))) {
        struct text name;
        text_init(&name, VALUE_BYTES_MAX + 1);
        text_addc(&name, '@');
        text_add(&name, row->value);
        u32 slot = slot_of(b, keep(b, text_str(&name)));
        text_free(&name);
        add_entry(b, row->word, (struct meaning){.kind = WORD_PART, .target = (int)slot});
        return;
    }
    if (str_eq(row->kind, STR("handler")) || str_eq(row->kind, STR("about")) ||
        str_eq(row->kind, STR("blank")) || str_eq(row->kind, STR("desk"))) {
        add_setting(b, row);
        return;
    }
    for (int kind = WORD_CATEGORY; kind < WORD_PART; kind++) {
        if (!str_eq(row->kind, str_of(kind_words[kind]))) continue;
        struct meaning m = {
            .kind = (enum word_kind)kind, .weight = (float)row->weight, .value = keep(b, row->value)};
        if (b->failed) return;
        if (!read_target(b, m.kind, row->value, &m.target))
            fail(b, "the word \"%.*s\" of kind %.*s has the unknown value \"%.*s\"", STR_ARG(row->word),
                 STR_ARG(row->kind), STR_ARG(row->value));
        else if (str_find(row->word, STR("&")) != SIZE_MAX || row->word.p[0] == '@')
            add_compound(b, keep(b, row->word), m);
        else
            add_entry(b, row->word, m);
        return;
    }
    fail(b, "the word \"%.*s\" has the unknown kind %.*s", STR_ARG(row->word), STR_ARG(row->kind));
}

/* Settings about categories take the longest beginning of a code, whatever the order of the rows. */
static void add_setting(struct build *b, const struct routing_word *row)
{
    struct routing *r = b->r;
    if (str_eq(row->kind, STR("desk"))) {
        int *desk = str_eq(row->word, STR("triage"))       ? &r->desk_triage
                    : str_eq(row->word, STR("discipline")) ? &r->desk_discipline
                    : str_eq(row->word, STR("second"))     ? &r->desk_second
                                                           : NULL;
        int unit = unit_by_code(r, row->value);
        if (desk == NULL || unit < 0)
            fail(b, "the desk \"%.*s\" or its unit %.*s is unknown", STR_ARG(row->word), STR_ARG(row->value));
        else
            *desk = r->units[unit].main;
        return;
    }
    bool known = false;
    for (size_t i = 0; i < r->n_categories; i++) {
        struct route_category *c = &r->categories[i];
        if (!str_starts(c->code, row->word)) continue;
        known = true;
        if (str_eq(row->kind, STR("about"))) {
            c->about = true;
            continue;
        }
        if (str_eq(row->kind, STR("blank"))) {
            if (!c->heading) r->blank = (int)i;
            continue;
        }
        bool longer_rules = false;
        for (size_t k = 0; k < b->rows->n_words; k++) {
            const struct routing_word *o = &b->rows->words[k];
            longer_rules |=
                str_eq(o->kind, STR("handler")) && o->word.n > row->word.n && str_starts(c->code, o->word);
        }
        if (longer_rules) continue;
        if (str_eq(row->value, STR("named")))
            c->handler = BY_NAME;
        else if (str_eq(row->value, STR("place")))
            c->handler = BY_PLACE;
        else if (str_eq(row->value, STR("default")))
            c->handler = BY_DEFAULT;
        else
            fail(b, "handler %.*s has the unknown value \"%.*s\"", STR_ARG(row->word), STR_ARG(row->value));
    }
    if (!known) fail(b, "%.*s names the unknown category %.*s", STR_ARG(row->kind), STR_ARG(row->word));
}

static bool read_target(struct build *b, enum word_kind kind, struct str value, int *target_r)
{
    const struct routing *r = b->r;
    *target_r = -1;
    switch (kind) {
    case WORD_CATEGORY:
        for (size_t i = 0; i < r->n_categories; i++)
            if (!r->categories[i].heading && str_eq(r->categories[i].code, value)) *target_r = (int)i;
        break;
    case WORD_NATURE: {
        enum nature n;
        if (nature_parse(value, &n)) *target_r = (int)n;
        break;
    }
    case WORD_URGENCY:
        for (int i = 0; i < URGENCIES_N; i++)
            if (str_eq(value, str_of(urgency_chinese((enum urgency)i)))) *target_r = i;
        break;
    case WORD_UNIT:
        *target_r = unit_by_code(r, value);
        break;
    case WORD_PLACE:
        *target_r = unit_by_code(r, value);
        if (*target_r >= 0 && !r->units[*target_r].township && !r->units[*target_r].community) *target_r = -1;
        break;
    case WORD_LEGALPATH:
        *target_r = value.n > 0 ? 0 : -1;
        break;
    default:
        *target_r = 0;
        break;
    }
    return *target_r >= 0;
}

static void add_compound(struct build *b, struct str word, struct meaning m)
{
    struct routing *r = b->r;
    if (r->compounds == NULL) r->compounds = take(b, COMPOUNDS_MAX * sizeof *r->compounds);
    if (b->failed) return;
    if (r->n_compounds == COMPOUNDS_MAX) {
        fail(b, "more than %d words with \"&\"", COMPOUNDS_MAX);
        return;
    }
    struct compound c = {.meaning = m, .word = word};
    struct str rest = word, part;
    while (rest.n > 0) {
        (void)str_cut(rest, '&', &part, &rest);
        if (part.n == 0 || c.n == COMPOUND_PARTS || (part.p[0] == '@' && part.n == 1)) {
            fail(b, "the word \"%.*s\" has an empty side or more than %d", STR_ARG(word), COMPOUND_PARTS);
            return;
        }
        size_t before = b->n_slots;
        u32 slot = slot_of(b, part);
        if (b->n_slots > before && part.p[0] != '@')
            add_entry(b, part, (struct meaning){.kind = WORD_PART, .target = (int)slot});
        c.slots[c.n++] = slot;
    }
    r->compounds[r->n_compounds++] = c;
}

static u32 slot_of(struct build *b, struct str word)
{
    for (size_t i = 0; i < b->n_slots; i++)
        if (str_eq(b->slots[i].word, word)) return b->slots[i].slot;
    if (b->n_slots == b->cap_slots) {
        b->cap_slots = b->cap_slots == 0 ? 1024 : b->cap_slots * 2;
        b->slots = mem_grow(b->slots, b->cap_slots * sizeof *b->slots);
    }
    b->slots[b->n_slots] = (struct slot){word, (u32)b->n_slots};
    return (u32)b->n_slots++;
}

static void add_entry(struct build *b, struct str word, struct meaning m)
{
    if (b->n_entries == b->cap_entries) { /* rows, names and parts are bounded above, so this is */
        b->cap_entries = b->cap_entries == 0 ? 4096 : b->cap_entries * 2;
        b->entries = mem_grow(b->entries, b->cap_entries * sizeof *b->entries);
    }
    b->entries[b->n_entries] = (struct entry){word, m, (u32)b->n_entries};
    b->n_entries++;
}

/* A pair that is itself a word of the matter keeps its own weight. */
static void add_hints(struct build *b)
{
    size_t n = 0, total = b->n_entries + b->r->n_compounds;
    struct route_source *sources = mem_alloc((total + 1) * sizeof *sources), *hints;
    for (size_t i = 0; i < b->n_entries; i++)
        if (b->entries[i].meaning.kind == WORD_CATEGORY)
            sources[n++] = (struct route_source){b->entries[i].word, b->entries[i].meaning.target,
                                                 (double)b->entries[i].meaning.weight};
    for (size_t i = 0; i < b->r->n_compounds; i++)
        if (b->r->compounds[i].meaning.kind == WORD_CATEGORY)
            sources[n++] = (struct route_source){b->r->compounds[i].word, b->r->compounds[i].meaning.target,
                                                 (double)b->r->compounds[i].meaning.weight};
    size_t n_hints = route_hints(sources, n, &hints);
    for (size_t i = 0; i < n_hints; i++)
        add_entry(b, hints[i].word,
                  (struct meaning){.kind = WORD_CATEGORY,
                                   .target = hints[i].category,
                                   .weight = (float)hints[i].weight,
                                   .hint = true});
    free(sources);
    free(hints);
}

static void finish(struct build *b)
{
    struct routing *r = b->r;
    qsort(b->entries, b->n_entries, sizeof *b->entries, by_word);
    r->meanings = take(b, (b->n_entries + 1) * sizeof *r->meanings);
    r->patterns = take(b, (b->n_entries + 1) * sizeof *r->patterns);
    if (b->failed) return;
    for (size_t i = 0; i < b->n_entries; i++) {
        if (i == 0 || !str_eq(b->entries[i].word, b->entries[i - 1].word)) {
            r->patterns[r->n_patterns++] = (struct pattern){keep(b, b->entries[i].word), (u32)i, 0};
            if (b->failed) return;
        }
        struct pattern *p = &r->patterns[r->n_patterns - 1];
        r->meanings[i] = b->entries[i].meaning;
        for (u32 k = 0; k < p->count && r->meanings[i].hint; k++) {
            const struct meaning *o = &r->meanings[p->first + k];
            if (o->kind == WORD_CATEGORY && o->target == r->meanings[i].target) r->meanings[i].weight = 0;
        }
        p->count++;
    }
    for (size_t i = 0; i < r->n_patterns; i++) {
        u32 names = 0;
        for (u32 k = 0; k < r->patterns[i].count; k++) {
            struct meaning *m = &r->meanings[r->patterns[i].first + k];
            bool first = m->kind == WORD_NAME;
            for (u32 j = 0; j < k && first; j++) {
                struct meaning *o = &r->meanings[r->patterns[i].first + j];
                first = o->kind != WORD_NAME || r->units[o->target].main != r->units[m->target].main;
            }
            names += first;
        }
        for (u32 k = 0; names > 1 && k < r->patterns[i].count; k++) {
            struct meaning *m = &r->meanings[r->patterns[i].first + k];
            if (m->kind == WORD_NAME) m->weight /= (float)names;
        }
    }
    r->n_slots = (u32)b->n_slots;
    struct str *words = mem_alloc((r->n_patterns + 1) * sizeof *words);
    for (size_t i = 0; i < r->n_patterns; i++) words[i] = r->patterns[i].word;
    const char *why = NULL;
    r->matcher = matcher_build(words, r->n_patterns, &why);
    free(words);
    if (r->matcher == NULL) fail(b, "the words cannot be compiled: %s", why);
}

/* The first fault is the one that is told. */
static void fail(struct build *b, const char *fmt, ...)
{
    if (b->failed) return;
    b->failed = true;
    va_list ap;
    va_start(ap, fmt);
    text_addfv(b->error, fmt, ap);
    va_end(ap);
}

static int unit_by_code(const struct routing *r, struct str code)
{
    for (size_t i = 0; i < r->n_units; i++)
        if (str_eq(r->units[i].code, code)) return (int)i;
    return -1;
}

static int by_id(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static int by_word(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int c = str_cmp(x->word, y->word);
    if (c != 0) return c;
    return x->order < y->order ? -1 : x->order > y->order;
}
