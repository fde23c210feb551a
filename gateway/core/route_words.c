/* The word tables -> the snapshot. */
#include "core/route_build_part.h"
#include "base/utf8.h"

#define WORD_POINTS_MAX 40
#define VALUE_BYTES_MAX 300
#define WEIGHT_MAX      100.0
#define COMPOUNDS_MAX   10000

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
    [WORD_MOOD] = "mood",
    [WORD_PART] = "",
};

static void add_word(struct build *b, const struct routing_word *row);
static void add_setting(struct build *b, const struct routing_word *row);
static bool read_target(struct build *b, enum word_kind kind, struct str value, int *target_r);
static void add_compound(struct build *b, struct str word, struct meaning m);
static u32 slot_of(struct build *b, struct str word);
static int unit_by_code(const struct routing *r, struct str code);

/* Words of danger by which somebody announces an end, the own or another's. 我没说要跳楼 is no reason not to look. */
static bool is_desperate(struct str word)
{
    static const struct str stems[] = {
        STR("跳楼"),   STR("跳下"),   STR("跳河"),     STR("跳江"),   STR("跳桥"),     STR("跳井"),
        STR("跳塘"),   STR("要跳"),   STR("&跳"),      STR("轻生"),   STR("自杀"),     STR("不想活"),
        STR("活不下"), STR("活不成"), STR("活着没"),   STR("活够"),   STR("活路"),     STR("割腕"),
        STR("喝农药"), STR("烧炭"),   STR("同归于尽"), STR("死给"),   STR("遗书"),     STR("绝命"),
        STR("一了百"), STR("短见"),   STR("上吊"),     STR("吊颈"),   STR("不活了"),   STR("死了算"),
        STR("想死"),   STR("去死"),   STR("想不开"),   STR("后事"),   STR("结束生命"), STR("弄死"),
        STR("要砍"),   STR("要杀"),   STR("砍死"),     STR("打死"),   STR("整死"),     STR("烧死"),
        STR("做掉"),   STR("灭口"),   STR("扬言"),     STR("威胁"),   STR("一起死"),   STR("引爆"),
        STR("炸你"),   STR("烧你"),   STR("烧了你"),   STR("炸了你"), STR("垫背"),     STR("陪葬"),
        STR("放火"),   STR("打断"),   STR("浇汽油"),   STR("泼汽油")};
    for (size_t i = 0; i < ARRAY_LEN(stems); i++)
        if (str_find(word, stems[i]) != SIZE_MAX) return true;
    return false;
}

void route_words_add(struct build *b)
{
    for (size_t i = 0; i < b->rows->n_words && !b->failed; i++) add_word(b, &b->rows->words[i]);
}

static void add_word(struct build *b, const struct routing_word *row)
{
    size_t points = utf8_valid(row->word) ? utf8_count(row->word) : 0;
    if (points == 0 || points > WORD_POINTS_MAX || row->value.n > VALUE_BYTES_MAX ||
        !utf8_valid(row->value) || !(row->weight >= -WEIGHT_MAX && row->weight <= WEIGHT_MAX)) {
        build_fail(b, "the word \"%.*s\" of kind %.*s is too long, empty or out of range", STR_ARG(row->word),
                   STR_ARG(row->kind));
        return;
    }
    if (str_eq(row->kind, STR("weak"))) return; /* read with the names */
    if (str_eq(row->kind, STR("class"))) {
        struct text name;
        text_init(&name, VALUE_BYTES_MAX + 1);
        text_addc(&name, '@');
        text_add(&name, row->value);
        u32 slot = slot_of(b, build_keep(b, text_str(&name)));
        text_free(&name);
        build_entry(b, row->word, (struct meaning){.kind = WORD_PART, .target = (int)slot});
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
            .kind = (enum word_kind)kind, .weight = (float)row->weight, .value = build_keep(b, row->value)};
        if (b->failed) return;
        const bool known = read_target(b, m.kind, row->value, &m.target);
        m.desperate = m.kind == WORD_URGENCY && m.target == URGENCY_CRITICAL && is_desperate(row->word);
        if (!known)
            build_fail(b, "the word \"%.*s\" of kind %.*s has the unknown value \"%.*s\"", STR_ARG(row->word),
                       STR_ARG(row->kind), STR_ARG(row->value));
        else if (str_find(row->word, STR("&")) != SIZE_MAX || row->word.p[0] == '@')
            add_compound(b, build_keep(b, row->word), m);
        else
            build_entry(b, row->word, m);
        return;
    }
    build_fail(b, "the word \"%.*s\" has the unknown kind %.*s", STR_ARG(row->word), STR_ARG(row->kind));
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
            build_fail(b, "the desk \"%.*s\" or its unit %.*s is unknown", STR_ARG(row->word),
                       STR_ARG(row->value));
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
            build_fail(b, "handler %.*s has the unknown value \"%.*s\"", STR_ARG(row->word),
                       STR_ARG(row->value));
    }
    if (!known) build_fail(b, "%.*s names the unknown category %.*s", STR_ARG(row->kind), STR_ARG(row->word));
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
    case WORD_MOOD: {
        enum mood mood;
        if (mood_parse(value, &mood)) *target_r = (int)mood;
        break;
    }
    default:
        *target_r = 0;
        break;
    }
    return *target_r >= 0;
}

static struct str shown_of(struct build *b, struct str word)
{
    struct text t;
    text_init(&t, word.n * 3 + 1);
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == '&')
            text_addz(&t, "…");
        else if (word.p[i] != '@')
            text_addc(&t, word.p[i]);
    }
    struct str shown = build_keep(b, text_str(&t));
    text_free(&t);
    return shown;
}

static void add_compound(struct build *b, struct str word, struct meaning m)
{
    struct routing *r = b->r;
    if (r->compounds == NULL) r->compounds = build_take(b, COMPOUNDS_MAX * sizeof *r->compounds);
    if (b->failed) return;
    if (r->n_compounds == COMPOUNDS_MAX) {
        build_fail(b, "more than %d words with \"&\"", COMPOUNDS_MAX);
        return;
    }
    struct compound c = {.meaning = m, .word = word};
    struct str rest = word, part;
    while (rest.n > 0) {
        (void)str_cut(rest, '&', &part, &rest);
        if (part.n == 0 || c.n == COMPOUND_PARTS || (part.p[0] == '@' && part.n == 1)) {
            build_fail(b, "the word \"%.*s\" has an empty side or more than %d", STR_ARG(word),
                       COMPOUND_PARTS);
            return;
        }
        size_t before = b->n_slots;
        u32 slot = slot_of(b, part);
        if (b->n_slots > before && part.p[0] != '@')
            build_entry(b, part, (struct meaning){.kind = WORD_PART, .target = (int)slot});
        c.slots[c.n++] = slot;
    }
    c.shown = shown_of(b, word);
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

static int unit_by_code(const struct routing *r, struct str code)
{
    for (size_t i = 0; i < r->n_units; i++)
        if (str_eq(r->units[i].code, code)) return (int)i;
    return -1;
}

bool mood_parse(struct str word, enum mood *mood_r)
{
    static const char *const moods[MOODS_N] = {
#define X(id, zh) [MOOD_##id] = zh,
        MOODS(X)
#undef X
    };
    for (int i = 0; i < MOODS_N; i++) {
        if (!str_eq(word, str_of(moods[i]))) continue;
        *mood_r = (enum mood)i;
        return true;
    }
    return false;
}
