/* Inside of core/route, shared by route_build.c, route_score.c and route.c only. */
#pragma once
#include "core/matcher.h"
#include "core/route.h"

enum word_kind {
    WORD_NAME,
    WORD_CATEGORY,
    WORD_NATURE,
    WORD_URGENCY,
    WORD_UNIT,
    WORD_PLACE,
    WORD_MISCONDUCT,
    WORD_CONDUCT,
    WORD_NEGATION,
    WORD_GRIPE,
    WORD_PRAISE,
    WORD_REQUEST,
    WORD_LEGALPATH,
    WORD_PART, /* one side of "a&b": target is a slot */
    WORD_KINDS
};
struct meaning {
    enum word_kind kind;
    int target; /* index of unit or category, nature, urgency, slot */
    float weight;
    bool hint; /* too faint to be shown as a reason */
    struct str value;
};
struct pattern {
    struct str word;
    u32 first, count;
}; /* its meanings */

#define COMPOUND_PARTS 4
struct compound {
    struct meaning meaning;
    struct str word;
    u32 slots[COMPOUND_PARTS];
    u32 n;
};

enum handler { BY_DEFAULT, BY_NAME, BY_PLACE };
struct route_unit {
    int id;
    struct str code, name, short_name;
    int parent, successor; /* index, -1: none */
    int main; /* index of who can handle: itself, the township, the unit above a station, the successor */
    bool office, community, township;
};
struct route_category {
    struct str code, name;
    enum nature nature;
    int unit; /* index */
    int level;
    bool confidential, heading, about;
    enum handler handler;
};
struct routing {
    struct arena arena; /* every string and table below */
    struct matcher *matcher;
    struct route_unit *units;
    size_t n_units;
    struct route_category *categories;
    size_t n_categories;
    struct pattern *patterns;
    size_t n_patterns;
    struct meaning *meanings;
    struct compound *compounds;
    size_t n_compounds;
    u32 n_slots;
    struct {
        int id, index;
    } * by_id;                                     /* sorted */
    int desk_triage, desk_discipline, desk_second; /* index */
    int blank;                                     /* category of texts without substance, -1: none */
};

/* What the words of one text add up to. Arrays live in the arena of the decision. */
struct tally {
    double *categories; /* by category index */
    double *topics;     /* by unit index: matters that point to it */
    double *names;      /* by unit index: strength of its names in the text, 0..1 */
    double *places;     /* by unit index */
    u32 *name_pattern;  /* by unit index: pattern + 1 of the strongest name */
    double natures[NATURES_N];
    double urgencies[URGENCIES_N];
    double misconduct, conduct, gripe, praise, request;
    struct str critical; /* the word that makes it 特急 */
    struct str misconduct_word;
    struct str lawful_way, lawful_word;
    struct {
        u32 category;
        struct str word;
        double weight;
    } shown[64]; /* category words in order of weight met */
    size_t n_shown;
};

/* Matter words in, hints out: pairs of characters with the weight they give to a matter. *hints_r is freed with free(). */
struct route_source {
    struct str word;
    int category;
    double weight;
};
size_t route_hints(const struct route_source *sources, size_t n_sources, struct route_source **hints_r);

/* False when the arena is full. */
bool route_tally(const struct routing *r, struct str text, struct arena *a, struct tally *t) MUST_CHECK;
int routing_index(const struct routing *r, int unit_id); /* -1 when unknown */
