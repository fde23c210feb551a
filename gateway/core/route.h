/* Decides which unit answers for what a citizen wrote, and says why in words a clerk understands.
 *
 * routing_build compiles the register and the word tables into an immutable snapshot; the gateway builds a new one
 * when the tables change and swaps the pointer. route_decide reads it, once for each feedback, and touches nothing
 * else: no clock, no database, no memory but the arena. Every layer (plaque, names, places, matters, defaults) only
 * adds to scores, so a learned model can become one more layer.
 *
 * It never closes, declines or answers anything, and never sends a report to the unit it complains of (promise P4). */
#pragma once
#include "base/arena.h"
#include "core/learned.h"
#include "core/submission.h"

#define ROUTING_UNITS_MAX      20000
#define ROUTING_CATEGORIES_MAX 1000
#define ROUTING_WORDS_MAX      40000

/* Rows as they come from the tables; strings are copied during the build. */
struct routing_unit {
    int id; /* > 0 */
    struct str code, kind, class, name, short_name,
        aliases; /* kind: office, unit, station, enterprise; class: 村社区, 乡镇街道 …; aliases joined by '|' */
    int parent_id,
        successor_id;   /* 0: none. A unit with a successor is retired: its names mean the successor */
    struct str gone_on; /* the day since when, in Chinese, for the reason; may be empty */
};
/* A name that a unit bore until that day, in Chinese: it still means the unit. */
struct routing_name {
    int unit_id;
    struct str name, until;
};
/* Of a unit that was split: what went to another than its successor. */
enum routing_by { SHARE_OTHER, SHARE_CATEGORY, SHARE_PLACE }; /* by what stands in a text */
struct routing_share {
    int unit_id, heir_id;
    enum routing_by by;
    struct str value; /* a category's code or its beginning; a word of the text */
};
struct routing_category {
    struct str code, parent, name; /* parent empty: a heading, never decided for */
    enum nature nature;            /* default; NATURE_UNKNOWN for headings */
    int unit_id;                   /* who handles it when nobody better is named; 0 for none */
    int level;                     /* 0..4 */
    bool confidential;
};
/* kind and what value means for it (word: 1 to 40 characters, clean text; "a&b" means both within one stretch of text,
 * "@name" any word of class `name`):
 *   category category code      nature   Chinese nature word    urgency  特急 紧急 平缓; 一般 cancels what lies inside it
 *   unit     unit code: matters that point to a unit           place    unit code of the township
 *   misconduct, conduct, negation, gripe, praise, request, weak (a unit's alias that is also a common word): any value
 *   legalpath  the lawful way, a sentence                       class    name of the class
 *   mood     one of MOODS: what the word says about those near it
 * and four settings whose `word` is a code:
 *   handler  category code or its beginning; value named | default | place: who handles such a matter
 *   blank    category code: texts that say nothing
 *   about    category code or its beginning: such a matter is about a unit's own conduct
 *   desk     triage | discipline | second; value unit code: where reports and unclear texts go */
struct routing_word {
    struct str kind, word, value;
    double weight;
};
struct routing_rows {
    const struct routing_unit *units;
    size_t n_units;
    const struct routing_category *categories;
    size_t n_categories;
    const struct routing_word *words;
    size_t n_words;
    const struct learned *learned; /* outlives the snapshot; NULL: none, the rules decide alone */
    const struct routing_name *names;
    size_t n_names;
    const struct routing_share *shares; /* the first that fits counts */
    size_t n_shares;
};

/* The id of the unit with this code; 0: there is none. */
int routing_rows_unit(const struct routing_rows *rows, struct str code);

struct routing;
/* NULL when a row is unusable; one English sentence that names the row is then appended to `error`. Free with routing_free. */
struct routing *routing_build(const struct routing_rows *rows, struct text *error) MUST_CHECK;
void routing_free(struct routing **r);          /* NULL inside is fine */
size_t routing_bytes(const struct routing *r);  /* memory of the word automaton */
size_t routing_states(const struct routing *r); /* its states */

#define URGENCIES(X) X(CALM, "平缓") X(NORMAL, "一般") X(URGENT, "紧急") X(CRITICAL, "特急")
enum urgency {
#define X(id, zh) URGENCY_##id,
    URGENCIES(X)
#undef X
        URGENCIES_N
};
const char *urgency_chinese(enum urgency u);

/* What a word says about those near it, by its value in the table. */
#define MOODS(X)                                                                                             \
    X(SUPPOSED, "设想") /* 万一, 别等: what follows has not happened */                                  \
    X(PAST, "过去")     /* 去年: what follows is no danger now */                                          \
    X(OVER, "已了")     /* 已扑灭: what went before is no danger any more */                              \
    X(NOW, "正在")      /* 正在, 又来: whatever else is said, it goes on */                              \
    X(CALLED, "称呼")   /* 请, 希望: the unit named next is asked to act, not complained of */            \
    X(BESIDE, "地标")   /* 门口, 后面: the unit named before it only tells where */                      \
    X(TURN, "转折")     /* 但是: praise before it may be meant */                                          \
    X(DENIED, "否认")   /* 不是来: the step named next is not what this text is */
enum mood {
#define X(id, zh) MOOD_##id,
    MOODS(X)
#undef X
        MOODS_N
};
bool mood_parse(struct str word, enum mood *mood_r) MUST_CHECK; /* the Chinese word of the table */

struct route_input {
    struct str text;    /* clean text of core/normalise; may be empty */
    enum nature nature; /* what the citizen chose: a hint */
    int rating;         /* 0: none */
    int unit_id;        /* the plaque's unit or station, 0: none */
    bool named;         /* unit_id was named by who wrote it down, there was no plaque */
    enum door door;
};

#define ROUTE_GUESSES 3
#define ROUTE_BECAUSE 12
#define ROUTE_WORDS   8
struct route_guess {
    int unit_id;
    struct str category;
    double confidence;
    struct str because; /* why this one, in a sentence as those of the decision */
};
struct decision {
    int unit_id; /* who gets it: never a station, never a community, never 0; the triage desk when `triage` */
    int about_unit_id;   /* the unit complained of or praised, 0: none. For a report never unit_id */
    struct str category; /* code; valid as long as the snapshot */
    enum nature nature;
    int level; /* 0..4, urgency can raise it to 1 */
    enum urgency urgency;
    bool confidential;      /* only the discipline unit and 追责问责组 may see it */
    double confidence;      /* 0..1: of decisions with such a score so many have unit and category right */
    double unit_confidence; /* likewise, the unit alone: what it goes by whether a person must look */
    double
        score; /* what it was told from, by a judge or else the share of the matter times that of the unit */
    double unit_score;         /* and the unit's: likewise, else the same over all guesses that lead to it */
    float sign[JUDGE_SIGNS_N]; /* what the judge tells it from */
    bool triage;               /* not sure enough: a person at the triage desk chooses among the guesses */
    bool held;       /* alleges misconduct under another name: 追责问责组 must see it before any unit */
    bool opens_case; /* false: a rating that asks for nothing */
    struct str lawful_way;                     /* a draft for a person to confirm; empty: none */
    struct route_guess guesses[ROUTE_GUESSES]; /* best first, what a person would choose from */
    size_t n_guesses;
    int units[ROUTE_GUESSES]; /* best handlers over all guesses, best first */
    size_t n_units;
    struct str
        because[ROUTE_BECAUSE]; /* Chinese sentences, only words of the tables, nothing of the citizen's */
    size_t n_because;
    /* The words of the tables that told the matter, for counting: of 夜市&夜间 each part, names of classes left out. They live as long as
     * the snapshot. */
    struct str words[ROUTE_WORDS];
    size_t n_words;
};
/* Sentences and guesses live in the arena (at most 64 bytes of it for each byte of text and 512 KiB more, with a model 1 MiB); the word of a
 * code lives in the snapshot. When the arena is full the decision is the triage desk, held, with no reasons. */
void route_decide(const struct routing *r, const struct route_input *in, struct arena *a,
                  struct decision *decision_r);

/* P4: whether a unit stands behind the wall around a report of another: that unit, its parts, what it is a part of, its successors. */
bool route_walled(const struct routing *r, int about_unit_id, int unit_id);
/* Whether it goes to its unit without a person: from `percent` of confidence on, and never what is held, confidential or for the triage desk. */
bool route_goes_alone(const struct decision *d, int percent);

/* Where one sentence of words as received ends and the next begins; a comma before 另外 or 还有 ends one too. The pieces lie in the text and
 * are all of it that is not blank. Where there are more than max, as many neighbours as needed are one piece. */
size_t route_sentences(struct str text, struct str *sentences, size_t max);

#define ROUTE_SENTENCES 60
struct route_proposal {
    bool alleges[ROUTE_SENTENCES]; /* by sentence: it belongs to the report */
    struct decision report, rest;  /* of each part alone */
};
/* Whether a text holds an allegation of misconduct and another matter beside it, so that a person may make two cases of it. The sentences
 * are the clean texts of route_sentences, `whole` the decision over all of them. False: it holds one matter, the citizen chose 举报
 * (then the whole is for 追责问责组), it speaks of the office itself, or the arena is full. */
bool route_propose(const struct routing *r, const struct route_input *in, const struct decision *whole,
                   const struct str *sentences, size_t n, struct arena *a,
                   struct route_proposal *p) MUST_CHECK;

/* --- for train.c: making a model and measuring it --- */

/* What a model says about one text, in the numbers of the routing: by category, unit, nature and urgency. A missing
 * head is NULL. */
struct route_opinion {
    const float *log_p[LEARNED_HEADS];
    struct learned_mix mix[LEARNED_HEADS];
    const struct calibration *calibration[CERTAIN_N]; /* NULL: not known */
    const struct judge *judge[CERTAIN_N]; /* likewise; then the scores themselves are calibrated */
    float alone;                          /* certainty of the unit from which nobody need look */
};
/* log_p is by class; what a class means is told by its code, or by `index` when that was looked up before (-1: unknown here). The result
 * lives in the arena. False when that is full. */
bool route_opinion_set(const struct routing *r, enum learned_head h, const float *log_p,
                       const struct str *codes, const int *index, size_t n, struct arena *a,
                       struct route_opinion *o) MUST_CHECK;
/* As route_decide, with this opinion instead of the model of the snapshot; NULL: by the rules alone. */
void route_decide_told(const struct routing *r, const struct route_input *in, const struct route_opinion *o,
                       struct arena *a, struct decision *decision_r);
/* What the rule layers make of a text: the facts that a model is told, and the points of each category (very small for headings),
 * before any opinion. False when the arena is full. */
bool route_look(const struct routing *r, const struct route_input *in, struct arena *a,
                struct learned_facts *facts_r, const double **points_r) MUST_CHECK;
/* The index of a code, as route_opinion_set finds it; -1 when the routing does not know it. */
int route_class_index(const struct routing *r, enum learned_head h, struct str code);
bool route_unit_is(const struct routing *r, int unit_id, struct str code);
size_t routing_categories(const struct routing *r);
