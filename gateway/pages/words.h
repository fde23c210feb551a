/* A catalogue of the sentences that citizens read, in one language: lines "key = sentence", '#' begins a comment.
 * A sentence may hold {name}: the page fills it in, escaped like every other value. All catalogues have the same
 * keys, so a template names a sentence by its place and the language is chosen when the page is made.
 * Read once at start, never written afterwards. */
#pragma once
#include "base/str.h"

#define WORDS_MAX     1000
#define WORDS_KEY_MAX 60

struct word {
    struct str key, text;
};
struct words {
    struct word *all; /* sorted by key */
    size_t n;
};

/* The bytes must outlive the catalogue: it holds views. False: `error` names file, line and reason. */
bool words_parse(struct str file, struct str bytes, struct words *words_r, struct text *error) MUST_CHECK;
void words_free(struct words *w);
/* Place of the key, or SIZE_MAX. */
size_t words_place(const struct words *w, struct str key);
/* The sentence, or STR_NONE. */
struct str words_find(const struct words *w, struct str key);
/* True when both hold the same keys; else `error` names one that is missing. */
bool words_match(const struct words *a, const struct words *b, struct text *error) MUST_CHECK;
