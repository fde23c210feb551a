/* A model learned from confirmed examples: which matter, unit, nature and urgency a text is like, by its short runs of characters
 * and by what the rule layers found in it. train.c writes one, the database keeps it, register.c reads it into the routing
 * snapshot, core/route asks it once for each text. A model is immutable and knows only codes: what a code means, and what becomes
 * of its opinion, is core/route's.
 *
 * It holds no text of anybody: a run of characters is kept only when several different examples have it, digits are folded into
 * one sign, and whatever was masked parts the runs. Pure: bytes in, numbers out; no file, no clock, no memory but the arena. */
#pragma once
#include "base/arena.h"
#include "core/judge.h"

#define LEARNED_BYTES_MAX    ((size_t)32 << 20) /* of a model as it is kept */
#define LEARNED_FEATURES_MAX 400000
#define LEARNED_CLASSES_MAX  4000 /* of all heads together */
#define LEARNED_WEIGHTS_MAX  6000000
#define LEARNED_CODE_MAX     16   /* bytes of a class's code */
#define LEARNED_NAME_MAX     48   /* bytes of a feature */
#define LEARNED_TOKENS_MAX   3000 /* of one text; what stands behind them is for the rules alone */
#define LEARNED_GRAM_MAX     4    /* tokens */

enum learned_head {
    LEARNED_CATEGORY,
    LEARNED_UNIT,
    LEARNED_NATURE,  /* codes are the Chinese words, as in core/submission */
    LEARNED_URGENCY, /* likewise */
    LEARNED_HEADS
};

/* --- what a text is seen as --- */

/* The text as a row of tokens: a character, a Latin word, '#' for any run of digits. What parts runs (blanks, punctuation, masks)
 * is no token. bytes[start[i]] to bytes[start[i + 1]] is token i; run[i] tells how many tokens from i on stand together. */
struct learned_tokens {
    const char *bytes;
    const u32 *start;
    const uint16_t *run;
    size_t n;
};
/* False when the arena is full. */
bool learned_tokens(struct str clean, struct arena *a, struct learned_tokens *tokens_r) MUST_CHECK;
/* The number under which a feature is known, runs and facts alike. Never 0. */
u64 learned_hash(struct str feature);

/* What a rule layer found, as a feature: a short name that no run of characters can have, and how strong it is. */
#define LEARNED_FACTS_MAX 64
struct learned_fact {
    char name[23];
    u8 n;
    float value;
};
struct learned_facts {
    struct learned_fact fact[LEARNED_FACTS_MAX];
    size_t n;
};
/* Adds one; a fact whose value is 0 and one too many are left out. `sort` is one character that tells facts apart. */
void learned_fact(struct learned_facts *f, char sort, struct str code, double value);

/* --- a model --- */

struct learned;
/* Reads what learned_write made. NULL, with *why_r a fixed English sentence, for anything else: wrong beginning, version or
 * length, a SHA-256 that does not fit, a number out of its range. Copies what it needs. Free with learned_free. */
struct learned *learned_read(struct str bytes, const char **why_r) MUST_CHECK;
void learned_free(struct learned **m); /* NULL inside is fine */

size_t learned_classes(const struct learned *m, enum learned_head h); /* 0: the model has no such head */
struct str learned_class(const struct learned *m, enum learned_head h, size_t i); /* its code */
size_t learned_features(const struct learned *m);
size_t learned_bytes(const struct learned *m); /* memory held */

/* How much the model's opinion counts against the rules, measured on held-back examples when it was made: what a rule's score is
 * divided by, what log p is multiplied with. */
struct learned_mix {
    float heat, share;
};
struct learned_mix learned_mix(const struct learned *m, enum learned_head h);

/* Raw certainty -> share of right decisions among held-back examples of that certainty: a staircase with sloping steps, never
 * falling. Between two points the straight line. */
#define CALIBRATION_POINTS 24
struct calibration {
    size_t n; /* 0: not known */
    float raw[CALIBRATION_POINTS], right[CALIBRATION_POINTS];
};
double calibration_right(const struct calibration *c, double raw); /* raw itself when n is 0 */

/* Of what: that the matter is right (where examples have no units, this is all that can be told), that the unit is, that both are. */
enum certain { CERTAIN_MATTER, CERTAIN_UNIT, CERTAIN_BOTH, CERTAIN_N };
const struct calibration *learned_calibration(const struct learned *m, enum certain of);

/* What tells the raw certainty from the signs of a decision; NULL where the model has none: then the score itself is it. */
const struct judge *learned_judge(const struct learned *m, enum certain of);

/* The certainty of the unit from which a decision may go out without a person: found when the model was made, so that of the
 * held-back examples above it enough went to the right unit. Over 1: none may. */
float learned_alone(const struct learned *m);

/* The logarithm of each class's probability, by class; NULL for a head that is missing. All in the arena. */
struct learned_scores {
    const float *log_p[LEARNED_HEADS];
    const u32 *met; /* the features that were met and how strongly */
    const float *strength;
    size_t n_met;
};
/* False when the arena is full. */
bool learned_score(const struct learned *m, const struct learned_tokens *t, const struct learned_facts *f,
                   struct arena *a, struct learned_scores *scores_r) MUST_CHECK;
/* The runs of characters that speak most for a class of the matters against the mean of all, the strongest first and none inside
 * another; at most `max` (8 at the most). Views into the model. */
size_t learned_why(const struct learned *m, const struct learned_scores *s, size_t matter, struct str *runs_r,
                   size_t max);

/* --- making one --- */

struct learned_weight {
    uint16_t class; /* counted over all heads */
    int8_t q;
};
struct learned_feature {
    struct str name; /* a run of characters, or a fact's name */
    float idf;       /* of a run; 0 marks a fact */
    float scale;     /* of its weights */
    u32 first, n;    /* of `weights` */
};
struct learned_made {
    struct {
        const struct str *codes;
        const float *bias;
        size_t n;
        float heat; /* what the scores are divided by before they become probabilities */
        struct learned_mix mix;
    } head[LEARNED_HEADS];
    const struct learned_feature *features;
    size_t n_features;
    const struct learned_weight *weights;
    size_t n_weights;
    struct calibration calibration[CERTAIN_N];
    float alone;
    struct judge judge[CERTAIN_N];
};
/* Appends the model in its lasting form (little-endian, SHA-256 at the end). False when it passes a limit above or does not fit. */
bool learned_write(const struct learned_made *m, struct text *out) MUST_CHECK;
