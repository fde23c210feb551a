/* Finds every occurrence of thousands of words in one pass over a text (Aho-Corasick over UTF-8 bytes).
 * core/route compiles one per snapshot. It is immutable once built, so any number of readers may share it,
 * and it never looks at what a word means: patterns are numbers in the order they were added. */
#pragma once
#include "base/str.h"

#define MATCHER_PATTERNS_MAX 65536
#define MATCHER_PATTERN_MAX  300     /* bytes of one pattern */
#define MATCHER_STATES_MAX   1000000 /* bytes of all patterns together, shared prefixes counted once */

struct matcher;
struct matcher_hit {
    u32 start, end, pattern;
}; /* bytes [start, end) of the text */

/* Copies nothing but the bytes it needs: the patterns may go afterwards. Equal patterns must be merged by the
 * caller; the later one would hide the earlier. NULL when a pattern is empty or a limit above is passed;
 * *error_r is then a fixed sentence. Free with matcher_free. */
struct matcher *matcher_build(const struct str *patterns, size_t n, const char **error_r) MUST_CHECK;
void matcher_free(struct matcher **m); /* NULL inside is fine */

/* Writes at most max hits in order of their ends (at one end the longer first), and returns how many there
 * are in all: more than max means that the rest was only counted. */
size_t matcher_find(const struct matcher *m, struct str text, struct matcher_hit *hits, size_t max);
/* Order for selection: longer first, then earlier, so whoever marks what a hit covers meets the winner first. `hits` are in the order of
 * matcher_find; hits_r has room for as many and lies elsewhere. */
void matcher_longest_first(const struct matcher_hit *hits, size_t n, struct matcher_hit *hits_r);
size_t matcher_bytes(const struct matcher *m); /* memory held */
size_t matcher_states(const struct matcher *m);
