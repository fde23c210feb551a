/* Pairs of characters inside the matter words, as faint hints: people say the same thing in words that no table foresees
 * (讨要工钱, 工钱讨不到), and the pairs remain. A pair counts by how much of it belongs to one matter, so pairs that stand
 * everywhere say nothing. Wherever a whole word was found its pairs are silent, because the longer one covers them. */
#include "core/route_part.h"
#include "base/utf8.h"
#include <stdlib.h>

#define HINT_WEIGHT                                                                                          \
    1.0 /* against 2 to 4 of a word; twice as much made the sample worse, half as much helped less */
#define HINT_TOP     1.5 /* a pair that occurs in many words of a matter is no surer than this */
#define HINT_LEAST   0.15
#define HINT_MATTERS 6 /* a pair shared by more matters is ordinary language */

struct pair {
    struct str text;
    int category;
    double weight;
};

static int by_pair(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int c = str_cmp(x->text, y->text);
    return c != 0 ? c : x->category < y->category ? -1 : x->category > y->category;
}

static size_t split(struct str word, int category, double weight, struct pair *pairs, size_t max)
{
    size_t n = 0, at = 0, points = utf8_count(word);
    while (at < word.n && n < max) {
        size_t end = at;
        i64 first = utf8_next(word, &end);
        size_t next = end;
        i64 second = utf8_next(word, &end);
        if (second < 0) break;
        if (first != '&' && first != '@' && second != '&' && second != '@')
            pairs[n++] = (struct pair){{word.p + at, end - at}, category, weight / (double)(points - 1)};
        at = next;
    }
    return n;
}

size_t route_hints(const struct route_source *sources, size_t n_sources, struct route_source **hints_r)
{
    size_t max = 0, n = 0, kept = 0;
    for (size_t i = 0; i < n_sources; i++) max += sources[i].word.n;
    struct pair *pairs = mem_alloc((max + 1) * sizeof *pairs);
    for (size_t i = 0; i < n_sources; i++)
        n += split(sources[i].word, sources[i].category, sources[i].weight, pairs + n, max - n);
    qsort(pairs, n, sizeof *pairs, by_pair);
    struct route_source *hints = mem_alloc((n + 1) * sizeof *hints);
    for (size_t from = 0, to; from < n; from = to) {
        double sum = 0;
        size_t matters = 0;
        for (to = from; to < n && str_eq(pairs[to].text, pairs[from].text); to++) {
            sum += pairs[to].weight;
            if (to > from &&
                pairs[to].category ==
                    pairs[to - 1].category) { /* gather the shares of one matter in its last pair */
                pairs[to].weight += pairs[to - 1].weight;
                pairs[to - 1].weight = 0;
            } else
                matters++;
        }
        if (matters > HINT_MATTERS) continue;
        for (size_t i = from; i < to; i++) {
            double w = sum <= 0 ? 0
                                : HINT_WEIGHT * pairs[i].weight / sum *
                                      (pairs[i].weight < HINT_TOP ? pairs[i].weight : HINT_TOP);
            if (w >= HINT_LEAST) hints[kept++] = (struct route_source){pairs[i].text, pairs[i].category, w};
        }
    }
    free(pairs);
    *hints_r = hints;
    return kept;
}
