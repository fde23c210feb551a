/* What a text is about, for finding the same matter told by somebody else in other words: which places it names, which numbered things (8 路, 3 栋, 6 号窗), and its
 * characters, weighed by how rare they are (core/rarity). Two tellings have few words in common, but they name one place and speak of one thing;
 * copies of one form have nearly all words in common, but name two places. core/twins judges by both. Also makes the keys by which an index finds
 * such a telling among millions: names together with what the router took the matter for, and what stands in hardly any text. Pure; looks at what
 * core/shingles looks at, so its cost has a bound. */
#pragma once
#include "core/shingles.h"

#define TELLING_NAMES   24
#define TELLING_NUMBERS 16

/* A name is two characters before the sign of its kind: 桂花 of 桂花巷; where it stands in the points, with its sign. */
struct telling_name {
    u32 kind;
    u64 pair;
    size_t at, n;
};
struct telling_number {
    u32 kind;
    u64 value;
    size_t at, n;
};
struct telling {
    struct shingles shingles;
    size_t n_chars;
    u32 chars[SHINGLES_POINTS];  /* distinct, ascending, no digits */
    size_t weight, weight_chars; /* of all pairs, of all characters: tenths of core/rarity */
    size_t n_names;
    struct telling_name names[TELLING_NAMES];
    size_t n_numbers;
    struct telling_number numbers[TELLING_NUMBERS];
};
void telling_of(struct str clean_masked, struct telling *m_r);

/* What two texts have in common. Symmetric but for where a name stands. Weights as above. */
struct telling_both {
    size_t pairs; /* weight of the pairs in common */
    int percent;  /* of the weight of the shorter */
    int chars; /* percent of the characters that stand in both, by weight, the shorter's; without those of names in common */
    size_t saying;   /* weight of these characters, without those that stand in every complaint */
    size_t names;    /* weight of the names in common */
    bool other_name; /* both name places of one kind, and of no such kind the same */
    bool other_number, same_number;  /* likewise, of numbered things */
    const struct telling_name *name; /* in common, of the first text, the rarest; NULL: none */
    const struct telling_number *number;
};
struct telling_both telling_compare(const struct telling *a, const struct telling *b);

/* Two copies of one form may differ in nothing but a name. How what stands in one place of the two reads: */
enum telling_swap {
    SWAP_NONE,
    SWAP_LOOSE, /* something rare stands in the place of something rare, with other words */
    SWAP_NAME   /* a name stands in the place of a name */
};
enum telling_swap telling_swapped(const struct telling *a, const struct telling *b);

/* Keys for the index: the rarest names with each of the matters (what the router took the text for, as any numbers), and the rarest pairs. Keys are
 * negative, so that bands of core/minhash are never taken for them. Returns how many; distinct. */
#define TELLING_KEY_NAMES   4
#define TELLING_KEY_MATTERS 2
#define TELLING_KEY_RARE    6
#define TELLING_KEYS        (TELLING_KEY_NAMES * TELLING_KEY_MATTERS + TELLING_KEY_RARE)
size_t telling_keys(const struct telling *m, const u64 *matters, size_t n_matters, i64 out[TELLING_KEYS]);
/* A number for a category's code. */
u64 telling_code(struct str code);

/* Appends a name or a number with its sign, as the text writes it. */
void telling_put(const struct telling *m, size_t at, size_t n, struct text *t);
