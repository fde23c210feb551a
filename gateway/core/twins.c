#include "core/twins.h"
#include <string.h>

/* Measures in percent. Jaccard: in common by all of both; overlap: in common by all of the shorter. */
#define JACCARD_WORDS 30 /* the words alone */
#define OVERLAP_WORDS 45
#define OVERLAP_FEW                                                                                          \
    6 /* shingles: of shorter texts an overlap says nothing, 非常满意 stands in many a praise */
#define JACCARD_FEW   60
#define PLACES_FEW    12 /* shingles: in so short a text the place is half of what it says */
#define OVERLAP_APART 70 /* of those that name other places */
#define OVERLAP_NEAR  30 /* with evidence beside the words; by what the shingles weigh */
#define OVERLAP_HERE  25 /* and one place */
#define PLACES_NEAR   20 /* shingles: so far the place is looked for with evidence beside the words */
#define SHARED_NEAR   4  /* shingles */
#define HOURS_NEAR    (14 * 24)
/* By the matter. */
#define PAIRS_ENOUGH   600 /* weight: more in common says no more */
#define SAYING_ENOUGH  400
#define POINTS_SAME    300 /* hundredths */
#define POINTS_LIKELY  200
#define POINTS_NEAR    50 /* with words that are near */
#define HOURS_TOLD     (30 * 24)
#define COPIES_PERCENT 45 /* so much in common, they may be copies of one form: names are looked for */
#define COPIES_MOSTLY  66 /* of texts that are not short */
#define COPIES_SHORT   20 /* shingles */
#define COPIES_ALMOST  70
#define COPIES_WORDS   58 /* the router took them for two matters, and the words are still enough */

struct measure {
    size_t both, few;          /* shingles in common, of the shorter */
    size_t weight, weight_few; /* the same, weighed */
    int jaccard, overlap, weighed;
};

static int percent_of(size_t part, size_t whole) { return whole ? (int)(100 * part / whole) : 0; }

static size_t weight_of(const struct shingles *s)
{
    size_t weight = 0;
    for (size_t i = 0; i < s->n; i++) weight += shingle_weight(s->pairs[i]);
    return weight;
}

static struct measure measure(const struct shingles *a, const struct shingles *b)
{
    struct measure m = {.few = MIN(a->n, b->n), .weight_few = weight_of(a)};
    const size_t other = weight_of(b);
    m.weight_few = MIN(m.weight_few, other);
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        if (a->pairs[i] == b->pairs[k]) {
            m.both++;
            m.weight += shingle_weight(a->pairs[i]);
            i++, k++;
        } else if (a->pairs[i] < b->pairs[k]) {
            i++;
        } else {
            k++;
        }
    }
    m.jaccard = percent_of(m.both, a->n + b->n - m.both);
    m.overlap = percent_of(m.both, m.few);
    m.weighed = percent_of(m.weight, m.weight_few);
    return m;
}

static bool same_words(const struct measure *m, bool apart)
{
    if (m->few < OVERLAP_FEW) return m->jaccard >= JACCARD_FEW;
    if (apart && m->few < PLACES_FEW) return m->overlap >= OVERLAP_APART;
    return m->jaccard >= JACCARD_WORDS || m->overlap >= OVERLAP_WORDS;
}

/* What speaks for one matter told in two ways, in hundredths. The weights are those of a logistic regression over pairs of labelled texts and the shipped examples, rounded. */
static int points_of(const struct telling_both *both, const struct twins_beside *beside)
{
    int points = -765;
    points += 140 * (int)MIN(both->pairs, (size_t)PAIRS_ENOUGH) / 200;
    points += 140 * both->chars / 100;
    points += 240 * (int)MIN(both->saying, (size_t)SAYING_ENOUGH) / 200;
    points += 250 * (int)both->names / 80;
    points += beside->same_category ? 260 : beside->near_category ? 210 : 0;
    return points;
}

static enum telling_swap swapped(const struct telling *a, const struct telling *b)
{
    const struct shingles *x = &a->shingles, *y = &b->shingles;
    /* In one order, whoever asks. */
    const int order = x->n_points != y->n_points
                          ? (x->n_points < y->n_points ? -1 : 1)
                          : memcmp(x->points, y->points, x->n_points * sizeof *x->points);
    return order <= 0 ? telling_swapped(a, b) : telling_swapped(b, a);
}

struct twins twins_compare(const struct telling *of, const struct telling *other,
                           const struct twins_beside *beside)
{
    const struct shingles *a = &of->shingles, *b = &other->shingles;
    struct twins t = {.places = shingles_places(a, b)};
    const struct measure m = measure(a, b);
    const struct telling_both both = telling_compare(of, other);
    const bool apart = t.places == PLACES_OTHER || beside->other_plaque;
    const bool here = beside->same_plaque || t.places == PLACES_SAME;
    t.shared = (int)m.both;
    t.percent = m.few < OVERLAP_FEW ? m.jaccard : MAX(m.jaccard, m.overlap);
    t.by_words = same_words(&m, apart);
    t.points = points_of(&both, beside);
    /* Two lamps that do not burn are two matters: short texts that both name a place must name one place. */
    const bool elsewhere =
        m.few < PLACES_NEAR && a->n_places > 0 && b->n_places > 0 && t.places != PLACES_SAME;
    const bool near = beside->same_unit && beside->same_category && !apart && !elsewhere &&
                      beside->hours <= HOURS_NEAR && m.both >= SHARED_NEAR &&
                      m.weighed >= (here ? OVERLAP_HERE : OVERLAP_NEAR);
    const bool told = beside->hours <= HOURS_TOLD && !beside->other_plaque && m.few >= OVERLAP_FEW;
    const bool one_matter = beside->same_category || beside->near_category;
    if ((t.by_words &&
         (one_matter || both.percent >= (m.few < COPIES_SHORT ? COPIES_ALMOST : COPIES_WORDS))) ||
        (near && t.points >= POINTS_NEAR) || (told && beside->same_category && t.points >= POINTS_SAME))
        t.strength = TWINS_SAME;
    else if (t.by_words || near || (told && t.points >= POINTS_LIKELY))
        t.strength = TWINS_LIKELY;
    if (t.strength == TWINS_NOT) return t;
    if (both.other_name || both.other_number) {
        t.strength = TWINS_NOT;
    } else if (both.percent >= (m.few < COPIES_SHORT ? COPIES_PERCENT : COPIES_MOSTLY) &&
               m.few >= OVERLAP_FEW) {
        const enum telling_swap swap = swapped(of, other);
        if (swap == SWAP_NAME || (swap == SWAP_LOOSE && both.percent >= COPIES_ALMOST))
            t.strength = TWINS_NOT;
    }
    if (t.strength == TWINS_NOT) t.by_words = false;
    return t;
}

size_t twins_keys(const struct telling *m, const u64 *matters, size_t n_matters, i64 out[TWINS_KEYS])
{
    const size_t n = minhash_bands(&m->shingles, out);
    return n == 0 ? 0 : n + telling_keys(m, matters, n_matters, out + n);
}
