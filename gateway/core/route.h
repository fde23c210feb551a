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
        successor_id; /* 0: none. A unit with a successor is retired: its names mean the successor */
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
};

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

struct route_input {
    struct str text;    /* clean text of core/normalise; may be empty */
    enum nature nature; /* what the citizen chose: a hint */
    int rating;         /* 0: none */
    int unit_id;        /* the plaque's unit or station, 0: none */
    enum door door;
};

#define ROUTE_GUESSES 3
#define ROUTE_BECAUSE 12
struct route_guess {
    int unit_id;
    struct str category;
    double confidence;
};
struct decision {
    int unit_id; /* who gets it: never a station, never a community, never 0; the triage desk when `triage` */
    int about_unit_id;   /* the unit complained of or praised, 0: none. For a report never unit_id */
    struct str category; /* code; valid as long as the snapshot */
    enum nature nature;
    int level; /* 0..4, urgency can raise it to 1 */
    enum urgency urgency;
    bool confidential; /* only the discipline unit and 追责问责组 may see it */
    double confidence; /* 0..1 that unit and category are both right */
    bool triage;       /* not sure enough: a person at the triage desk chooses among the guesses */
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
};
/* Sentences and guesses live in the arena (at most 64 bytes of it for each byte of text and 512 KiB more); the word of a
 * code lives in the snapshot. When the arena is full the decision is the triage desk, held, with no reasons. */
void route_decide(const struct routing *r, const struct route_input *in, struct arena *a,
                  struct decision *decision_r);
