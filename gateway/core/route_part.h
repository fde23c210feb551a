/* Inside of core/route, shared by its files only. The snapshot: route_build.c (units and their names:
 * route_names.c; the word tables: route_words.c). The words of one text: route_score.c. The layers of a decision:
 * route_category.c, route_nature.c, route_about.c, route_handler.c, route_wall.c, route_urgency.c, route_reason.c;
 * route.c calls them in order. */
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
    WORD_MOOD,
    WORD_PART, /* one side of "a&b": target is a slot */
    WORD_KINDS
};
struct meaning {
    enum word_kind kind;
    int target; /* index of unit or category, nature, urgency, slot */
    float weight;
    bool hint;      /* too faint to be shown as a reason */
    bool desperate; /* self-harm or a threat: no denial takes it back */
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
    struct str shown; /* as a reason says it: 夜市…夜间 */
    u32 slots[COMPOUND_PARTS];
    u32 n;
};

enum handler { BY_DEFAULT, BY_NAME, BY_PLACE };
struct route_unit {
    int id;
    struct str code, name, short_name;
    int parent, successor; /* index, -1: none */
    int main;     /* index of who can handle: itself, the township, the unit above a station, the successor */
    int acts_for; /* a station's unit, a community's township; -1: itself */
    bool splits;  /* on the way there a unit was split: route_heir */
    struct str gone_on;
    bool office, community, township;
    bool provider, company; /* a company, a hospital, a school: what it serves is its own conduct */
};
struct route_share {
    int unit, heir; /* index */
    enum routing_by by;
    struct str value;
};
struct route_category {
    struct str code, name;
    enum nature nature;
    int unit; /* index */
    int own;  /* index of the unit that the table names; `unit` is who handles for it */
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
    u32 *headed; /* compounds, those that begin with one slot together, in the order of the table */
    u32 *heads;  /* by slot, and one more: where its own begin in `headed` */
    struct route_share *shares;
    size_t n_shares;
    struct {
        int id, index;
    } * by_id;                                     /* sorted */
    int desk_triage, desk_discipline, desk_second; /* index */
    int blank;                                     /* category of texts without substance, -1: none */
    const struct learned *learned;                 /* NULL: none */
    int *classes[LEARNED_HEADS];                   /* by class of the model: our own index, -1: unknown */
};

/* What the words of one text add up to. Arrays live in the arena of the decision. */
struct tally {
    double *categories; /* by category index */
    double *topics;     /* by unit index: matters that point to it */
    double *names;      /* by unit index: strength of its names in the text, 0..1 */
    double *accused;    /* the same without those that are only called upon to act */
    double *places;     /* by unit index */
    u32 *name_pattern;  /* by unit index: pattern + 1 of the strongest name */
    u32 *name_at;       /* by unit index: where that name stands */
    double natures[NATURES_N];
    double urgencies[URGENCIES_N];
    double misconduct, conduct, gripe, praise, request;
    unsigned asks;  /* questions by their form */
    unsigned tries; /* how often they went, rang or waited, as numbers tell: 跑了三趟, 等了两个月 */
    bool turned;    /* 但是 and the like */
    enum nature opening; /* what its first words call it */
    struct str critical; /* the word that makes it 特急 */
    struct str misconduct_word;
    struct str lawful_way, lawful_word;
    struct {
        u32 category;
        struct str word;
        const struct compound *compound; /* NULL: a single word */
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
void route_cues_read(struct str text, struct tally *t);  /* asks, tries */
int routing_index(const struct routing *r, int unit_id); /* -1 when unknown */

/* One decision while it is made. Each layer reads what those before it wrote. */
struct route_work {
    const struct routing *r;
    const struct route_input *in;
    struct arena *a;
    struct tally t;
    struct decision *d;
    double *points;         /* by category: what the rules say */
    double *shares;         /* by category: softmax */
    double *handlers;       /* by unit */
    double *heard;          /* by unit: what the model adds to each of `handlers` */
    size_t length;          /* of the text in characters */
    int top[ROUTE_GUESSES]; /* categories */
    size_t n_top;
    int plaque, plaque_main; /* index, -1: none */
    int named, about;        /* index, -1: none */
    bool misconduct;
    const struct route_opinion *opinion; /* NULL: none, or not asked */
    struct learned_scores learned;       /* from which it came, when a model of the snapshot was asked */
    bool mocking;                        /* praise that a fact belies */
};

void route_category_score(struct route_work *w); /* points, shares by the rules alone */
/* Whether a whole word of it stands there, not only pairs of characters that sound like it. */
bool route_category_worded(const struct tally *t, size_t category);
void route_category_decide(struct route_work *w); /* shares with the opinion, if there is one; top */
void route_nature_decide(struct route_work *w);   /* after the category: its usual nature counts */
void route_about_decide(struct route_work *w);    /* named, about; after the nature */
void route_handler_hear(struct route_work *w);    /* heard: once, before the handlers of any matter */
int route_handler_usual(
    struct route_work *w); /* who would get the first guess if there were no wall; -1: nobody */
void route_handler_decide(struct route_work *w); /* guesses, unit; after the nature and whose conduct it is */
void route_urgency_decide(struct route_work *w);
bool route_ill_rated(const struct route_work *w); /* a rating that is none of praise */
void route_reason_write(struct route_work *w);    /* last: tells what the others found */
/* P4: the unit complained of, everything below it, what it is a part of, and what bears its name. */
bool route_wall_stands(const struct route_work *w, int unit);
int route_wall_desk(const struct route_work *w, int category); /* who gets it when nobody else may */
/* Who has now what a unit had, by the rules of a split where one fits the matter or the text. guessed_r: none did, and the successor
 * that takes the rest is less sure. For a unit that `splits`; for others it is `main`. */
int route_heir(const struct route_work *w, int unit, int category, bool *guessed_r);
bool route_heir_any(const struct routing *r, int unit, int heir); /* is that any of its successors? */
/* The indexes of the greatest scores above 0, best first. */
void route_best_of(const double *scores, size_t n, int *top, size_t max, size_t *n_r);

/* Sets score and confidences of the decision; after matter, unit and whose conduct. unit_sure: how much of the scores of
 * the best two units the chosen one has. */
void route_sure_judge(struct route_work *w, int unit, double unit_sure);
/* Whether the unit is sure enough to go without a person; after route_sure_judge. */
bool route_sure_alone(const struct route_work *w);
/* What one guess has for its unit: the share of its matter times how often a unit with such a lead was right. */
double route_sure_unit(const struct route_work *w, int category, double unit_sure);

/* False when the arena of the snapshot is full. */
bool route_learn_build(struct routing *r, const struct learned *m) MUST_CHECK;
/* What the rules found so far: the tally, and in `shares` what they think of the categories. */
void route_learn_facts(const struct route_work *w, struct learned_facts *f);
void route_learn_ask(struct route_work *w); /* sets opinion; leaves it NULL when there is no model */
#define ROUTE_RUNS 3
/* The runs of characters by which the model supports the chosen category; 0 when it does not. Views into the model. */
size_t route_learn_why(const struct route_work *w, struct str runs_r[ROUTE_RUNS]);
