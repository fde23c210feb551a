#include "core/likeness.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include <stdlib.h>
#include <string.h>

/* Letters, digits and Chinese characters carry a pair; all else, the signs of a mask among them, parts it. 0: parts. */
static u32 carrier(u32 c)
{
    c = glyph_fold(c);
    if (c >= 'A' && c <= 'Z') return c - 'A' + 'a';
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || glyph_han(c)) return c;
    return c > 0x7f && !glyph_blank(c) && (c < 0x2000 || (c > 0x303f && c < 0xff00)) ? c : 0;
}

static int by_value(const void *a, const void *b)
{
    u64 x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

void likeness_of(struct str text, struct likeness *l)
{
    u32 before = 0;
    size_t points = 0, kept = 0;
    l->n = 0;
    for (size_t at = 0; at < text.n && points < LIKENESS_POINTS; points++) {
        i64 c = utf8_next(text, &at);
        u32 now = c < 0 ? 0 : carrier((u32)c);
        if (before && now) l->pairs[l->n++] = (u64)before << 32 | now;
        before = now;
    }
    qsort(l->pairs, l->n, sizeof *l->pairs, by_value);
    for (size_t i = 0; i < l->n; i++)
        if (i == 0 || l->pairs[i] != l->pairs[i - 1]) l->pairs[kept++] = l->pairs[i];
    l->n = kept;
}

int likeness_percent(const struct likeness *a, const struct likeness *b)
{
    size_t i = 0, j = 0, both = 0;
    if (a->n == 0 || b->n == 0) return 0;
    while (i < a->n && j < b->n) {
        if (a->pairs[i] == b->pairs[j])
            both++, i++, j++;
        else if (a->pairs[i] < b->pairs[j])
            i++;
        else
            j++;
    }
    return (int)(200 * both / (a->n + b->n));
}

/* Carriers of a text, without digits, with where each begins; start[n] is the end of the last. */
static size_t carriers(struct str text, u32 out[LIKENESS_POINTS], size_t start[LIKENESS_POINTS + 1])
{
    size_t n = 0, at = 0;
    while (at < text.n && n < LIKENESS_POINTS) {
        start[n] = at;
        i64 c = utf8_next(text, &at);
        u32 one = c < 0 ? 0 : carrier((u32)c);
        out[n++] = one >= '0' && one <= '9' ? 0 : one;
    }
    start[n] = at;
    return n;
}

struct str likeness_shared(struct str mine, struct str other, size_t least, size_t most)
{
    u32 a[LIKENESS_POINTS], b[LIKENESS_POINTS];
    size_t a_at[LIKENESS_POINTS + 1], b_at[LIKENESS_POINTS + 1], best = 0, end = 0;
    u32 row[LIKENESS_POINTS + 1] = {0}; /* row[j]: length of the stretch that ends in a[i] and b[j - 1] */
    size_t na = carriers(mine, a, a_at), nb = carriers(other, b, b_at);
    for (size_t i = 0; i < na; i++) {
        for (size_t j = nb; j > 0; j--) {
            row[j] = a[i] && a[i] == b[j - 1] ? row[j - 1] + 1 : 0;
            if (row[j] > best) best = row[j], end = i + 1;
        }
    }
    if (best < least || best == 0) return STR_NONE;
    size_t from = end - best, shown = MIN(best, most);
    return (struct str){mine.p + a_at[from], a_at[from + shown] - a_at[from]};
}
