/* Units and their names -> the snapshot. */
#include "core/route_build_part.h"
#include "base/utf8.h"
#include <stdlib.h>

#define TREE_DEPTH_MAX 32

/* How surely a name in the text means the unit. A full name is nobody else's; a nickname of two characters is often
 * part of another word or only the thing the unit deals with (医保, 公积金). */
#define NAME_FULL  1.0F
#define NAME_SHORT 0.95F
#define NAME_ALIAS 0.8F
#define NAME_BRIEF 0.45F /* alias of two characters */
#define NAME_WEAK  0.15F /* also a common noun, as the word table says */
#define PLACE_STEM 0.5F  /* 白石 of 白石镇 */

static int by_id(const void *a, const void *b);
static void add_former(struct build *b);

void route_units_add(struct build *b)
{
    struct routing *r = b->r;
    size_t n = b->rows->n_units;
    r->units = build_take(b, n * sizeof *r->units);
    r->by_id = build_take(b, n * sizeof *r->by_id);
    if (b->failed) return;
    r->n_units = n;
    for (size_t i = 0; i < n; i++) {
        const struct routing_unit *row = &b->rows->units[i];
        struct route_unit *u = &r->units[i];
        if (row->id <= 0 || row->code.n == 0 || row->name.n == 0 || row->name.n > MATCHER_PATTERN_MAX)
            build_fail(b, "unit %zu lacks an id, a code or a name of usable length", i + 1);
        if (b->failed) return;
        *u = (struct route_unit){
            .id = row->id,
            .code = build_keep(b, row->code),
            .name = build_keep(b, row->name),
            .short_name = build_keep(b, row->short_name.n > 0 ? row->short_name : row->name),
            .parent = -1,
            .successor = -1,
            .acts_for = -1,
            .gone_on = build_keep(b, row->gone_on),
            .office = str_eq(row->kind, STR("office")),
            .community = str_eq(row->class, STR("村社区")),
            .township = str_eq(row->class, STR("乡镇街道")),
            .company = str_eq(row->class, STR("公共服务企业")),
            .provider = str_eq(row->class, STR("公共服务企业")) || str_eq(row->class, STR("医疗机构")) ||
                        str_eq(row->class, STR("学校"))};
        r->by_id[i].id = row->id;
        r->by_id[i].index = (int)i;
    }
    qsort(r->by_id, n, sizeof *r->by_id, by_id);
    for (size_t i = 1; i < n; i++)
        if (r->by_id[i].id == r->by_id[i - 1].id) build_fail(b, "unit id %d stands twice", r->by_id[i].id);
    for (size_t i = 0; i < n && !b->failed; i++) {
        const struct routing_unit *row = &b->rows->units[i];
        if (row->parent_id != 0 && (r->units[i].parent = routing_index(r, row->parent_id)) < 0)
            build_fail(b, "unit %.*s has the unknown parent %d", STR_ARG(row->code), row->parent_id);
        if (row->successor_id != 0 && (r->units[i].successor = routing_index(r, row->successor_id)) < 0)
            build_fail(b, "unit %.*s has the unknown successor %d", STR_ARG(row->code), row->successor_id);
    }
    /* A station acts through its unit, a community through its township, a retired unit through its successor. */
    for (size_t i = 0; i < n && !b->failed; i++) {
        int at = (int)i, depth = 0;
        for (; depth < TREE_DEPTH_MAX; depth++) {
            bool station = str_eq(b->rows->units[at].kind, STR("station"));
            if (station || r->units[at].community) r->units[at].acts_for = r->units[at].parent;
            int next = r->units[at].successor >= 0 ? r->units[at].successor : r->units[at].acts_for;
            if (next < 0) break;
            at = next;
        }
        if (depth == TREE_DEPTH_MAX)
            build_fail(b, "unit %.*s is its own superior or successor", STR_ARG(r->units[i].code));
        if (str_eq(b->rows->units[at].kind, STR("station")) || r->units[at].community)
            build_fail(b, "unit %.*s has nobody above it who could handle a case", STR_ARG(r->units[i].code));
        r->units[i].main = at;
    }
}

/* A name that two units bear means neither surely: both keep half of it. */
static void add_name(struct build *b, struct str name, size_t unit, float strength, struct str until)
{
    name = str_trim(name);
    if (name.n == 0 || b->failed) return;
    if (!utf8_valid(name) || name.n > MATCHER_PATTERN_MAX) {
        build_fail(b, "a name of unit %.*s is not usable", STR_ARG(b->r->units[unit].code));
        return;
    }
    for (size_t i = 0; i < b->n_weak; i++)
        if (str_eq(b->rows->words[b->weak[i]].word, name)) strength = NAME_WEAK;
    build_entry(
        b, name,
        (struct meaning){
            .kind = WORD_NAME, .target = (int)unit, .weight = strength, .value = build_keep(b, until)});
}

void route_names_add(struct build *b)
{
    b->weak = mem_alloc((b->rows->n_words + 1) * sizeof *b->weak);
    for (size_t i = 0; i < b->rows->n_words; i++)
        if (str_eq(b->rows->words[i].kind, STR("weak"))) b->weak[b->n_weak++] = (u32)i;
    for (size_t i = 0; i < b->rows->n_units && !b->failed; i++) {
        const struct routing_unit *row = &b->rows->units[i];
        add_name(b, row->name, i, NAME_FULL, STR_NONE);
        if (!str_eq(row->short_name, row->name)) add_name(b, row->short_name, i, NAME_SHORT, STR_NONE);
        /* Nobody who lives there says the 区 in front: 市场监督管理局 is 区市场监督管理局. */
        struct str bare = row->name;
        if (str_starts(bare, STR("区")) || str_starts(bare, STR("县")) || str_starts(bare, STR("市"))) {
            bare.p += STR("区").n;
            bare.n -= STR("区").n;
            if (utf8_count(bare) >= 4 && !str_eq(bare, row->short_name))
                add_name(b, bare, i, NAME_SHORT, STR_NONE);
        }
        struct str rest = row->aliases, alias;
        while (rest.n > 0) {
            (void)str_cut(rest, '|', &alias, &rest);
            add_name(b, alias, i, utf8_count(str_trim(alias)) <= 2 ? NAME_BRIEF : NAME_ALIAS, STR_NONE);
        }
        if (!b->r->units[i].township) continue;
        struct str stem = row->short_name;
        if (str_ends(stem, STR("街道")))
            stem.n -= STR("街道").n;
        else if (str_ends(stem, STR("镇")) || str_ends(stem, STR("乡")))
            stem.n -= STR("镇").n;
        if (utf8_count(stem) >= 2)
            build_entry(b, stem,
                        (struct meaning){.kind = WORD_PLACE, .target = (int)i, .weight = PLACE_STEM});
    }
    add_former(b);
}

/* What a unit was called means it as an alias does, however long ago: people go on saying it. */
static void add_former(struct build *b)
{
    for (size_t i = 0; i < b->rows->n_names && !b->failed; i++) {
        const struct routing_name *n = &b->rows->names[i];
        const int unit = routing_index(b->r, n->unit_id);
        if (unit < 0) continue; /* an enterprise: nothing is routed to one */
        add_name(b, n->name, (size_t)unit, utf8_count(str_trim(n->name)) <= 2 ? NAME_BRIEF : NAME_ALIAS,
                 n->until);
    }
}

static int by_id(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}
