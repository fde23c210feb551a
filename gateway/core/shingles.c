#include "core/shingles.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include <stdlib.h>
#include <string.h>

/* Characters as they are compared, masks taken out (0 parts pairs), numbers in digits. */
struct points {
    u32 c[SHINGLES_POINTS];
    size_t n;
};

/* Sets of characters, ascending, for bsearch by hand: every character of every text is looked up in them. */
/* clang-format off */
/* Say nothing of a matter, and come and go when it is told again: 个么也了又只吗吧呀呃呐呢哈哦啊啦嗯嘛噢就把条的着给被还这那都 */
static const uint16_t particles[] = {
    0x4e2a, 0x4e48, 0x4e5f, 0x4e86, 0x53c8, 0x53ea, 0x5417, 0x5427, 0x5440, 0x5443, 0x5450, 0x5462,
    0x54c8, 0x54e6, 0x554a, 0x5566, 0x55ef, 0x561b, 0x5662, 0x5c31, 0x628a, 0x6761, 0x7684, 0x7740,
    0x7ed9, 0x88ab, 0x8fd8, 0x8fd9, 0x90a3, 0x90fd,
};
/* Stand in every complaint, whatever it is about: 一上下不与且中为举么人什今从他以们会但位你做关再决几分到前单去及反可后向和回因在处复外多大天太她好如它家对导小少尽己已希年建很得快怎我所投报日时映是月有望来果样次每没点现理相看等管经而能自要解让议诉说请谢过部里门问领 */
static const uint16_t common[] = {
    0x4e00, 0x4e0a, 0x4e0b, 0x4e0d, 0x4e0e, 0x4e14, 0x4e2d, 0x4e3a, 0x4e3e, 0x4e48, 0x4eba, 0x4ec0,
    0x4eca, 0x4ece, 0x4ed6, 0x4ee5, 0x4eec, 0x4f1a, 0x4f46, 0x4f4d, 0x4f60, 0x505a, 0x5173, 0x518d,
    0x51b3, 0x51e0, 0x5206, 0x5230, 0x524d, 0x5355, 0x53bb, 0x53ca, 0x53cd, 0x53ef, 0x540e, 0x5411,
    0x548c, 0x56de, 0x56e0, 0x5728, 0x5904, 0x590d, 0x5916, 0x591a, 0x5927, 0x5929, 0x592a, 0x5979,
    0x597d, 0x5982, 0x5b83, 0x5bb6, 0x5bf9, 0x5bfc, 0x5c0f, 0x5c11, 0x5c3d, 0x5df1, 0x5df2, 0x5e0c,
    0x5e74, 0x5efa, 0x5f88, 0x5f97, 0x5feb, 0x600e, 0x6211, 0x6240, 0x6295, 0x62a5, 0x65e5, 0x65f6,
    0x6620, 0x662f, 0x6708, 0x6709, 0x671b, 0x6765, 0x679c, 0x6837, 0x6b21, 0x6bcf, 0x6ca1, 0x70b9,
    0x73b0, 0x7406, 0x76f8, 0x770b, 0x7b49, 0x7ba1, 0x7ecf, 0x800c, 0x80fd, 0x81ea, 0x8981, 0x89e3,
    0x8ba9, 0x8bae, 0x8bc9, 0x8bf4, 0x8bf7, 0x8c22, 0x8fc7, 0x90e8, 0x91cc, 0x95e8, 0x95ee, 0x9886,
};
/* Behind a number they name a place: 号巷幢弄栋桩楼线组路 */
static const uint16_t numbered[] = {
    0x53f7, 0x5df7, 0x5e62, 0x5f04, 0x680b, 0x6869, 0x697c, 0x7ebf, 0x7ec4, 0x8def,
};
/* Before a sign of a place they only point: 上下与个从他们位你全公到半去口叫和咱哪在外大对小归我找推整新旁是有本某水没给老让讲该说走跟边过这那里门问面马 */
static const uint16_t pointing[] = {
    0x4e0a, 0x4e0b, 0x4e0e, 0x4e2a, 0x4ece, 0x4ed6, 0x4eec, 0x4f4d, 0x4f60, 0x5168, 0x516c, 0x5230,
    0x534a, 0x53bb, 0x53e3, 0x53eb, 0x548c, 0x54b1, 0x54ea, 0x5728, 0x5916, 0x5927, 0x5bf9, 0x5c0f,
    0x5f52, 0x6211, 0x627e, 0x63a8, 0x6574, 0x65b0, 0x65c1, 0x662f, 0x6709, 0x672c, 0x67d0, 0x6c34,
    0x6ca1, 0x7ed9, 0x8001, 0x8ba9, 0x8bb2, 0x8be5, 0x8bf4, 0x8d70, 0x8ddf, 0x8fb9, 0x8fc7, 0x8fd9,
    0x90a3, 0x91cc, 0x95e8, 0x95ee, 0x9762, 0x9a6c,
};
/* clang-format on */

static bool stands_in(const uint16_t *set, size_t n, u32 c)
{
    size_t from = 0, to = n;
    while (from < to) {
        const size_t at = (from + to) / 2;
        if (set[at] == c) return true;
        if (set[at] < c)
            from = at + 1;
        else
            to = at;
    }
    return false;
}
#define STANDS_IN(set, c) stands_in((set), ARRAY_LEN(set), (c))

/* 1–9 of 一…九 and 两, 10 of 十, 0 of 零 and 〇; -1 else. */
static int han_digit(u32 c)
{
    static const u32 digits[] = {0x96f6, 0x4e00, 0x4e8c, 0x4e09, 0x56db, 0x4e94,
                                 0x516d, 0x4e03, 0x516b, 0x4e5d, 0x5341};
    for (size_t i = 0; i < ARRAY_LEN(digits); i++)
        if (c == digits[i]) return (int)i;
    if (c == 0x4e24) return 2;
    return c == 0x3007 ? 0 : -1;
}

static u32 carrier(u32 c)
{
    c = glyph_fold(c);
    if (c >= 'A' && c <= 'Z') return c - 'A' + 'a';
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || glyph_han(c)) return c;
    return c > 0x7f && !glyph_blank(c) && (c < 0x2000 || (c > 0x303f && c < 0xff00)) ? c : 0;
}

static void put(struct points *p, u32 c)
{
    if (p->n < SHINGLES_POINTS) p->c[p->n++] = c;
}

static void put_number(struct points *p, unsigned n)
{
    if (n >= 10) put(p, '0' + n / 10);
    put(p, '0' + n % 10);
}

static bool is_digit(u32 c) { return c >= '0' && c <= '9'; }

/* Takes out what a mask left: a run of digits and signs with a star in it, 某 behind a surname, 【…】. */
static void drop_masks(u32 *c, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t end = i;
        bool star = false;
        while (end < n && (is_digit(c[end]) || c[end] == '*' || c[end] == '-' || c[end] == '@' ||
                           (c[end] >= 'a' && c[end] <= 'z')))
            star |= c[end++] == '*';
        if (star) memset(c + i, 0, (end - i) * sizeof *c);
        if (end > i) {
            i = end;
        } else if (c[i] == 0x3010) { /* 【 */
            while (end < n && end < i + 8 && c[end] != 0x3011) end++;
            if (end < n && c[end] == 0x3011) memset(c + i, 0, (end - i + 1) * sizeof *c);
            i++;
        } else {
            if (c[i] == 0x67d0 && i > 0 && i + 1 < n && c[i + 1] == 0x67d0) c[i - 1] = c[i] = c[i + 1] = 0;
            i++;
        }
    }
}

static void points_of(struct str text, struct points *p)
{
    u32 raw[SHINGLES_POINTS];
    size_t n = 0;
    for (size_t at = 0; at < text.n && n < SHINGLES_POINTS;) {
        i64 c = utf8_next(text, &at);
        raw[n++] = c < 0                                                            ? 0
                   : c == '*' || c == '-' || c == '@' || c == 0x3010 || c == 0x3011 ? (u32)c
                                                                                    : carrier((u32)c);
    }
    drop_masks(raw, n);
    p->n = 0;
    for (size_t i = 0; i < n; i++) {
        const u32 c = raw[i] < 0x80 && !carrier(raw[i]) ? 0 : carrier(raw[i]);
        const int d = han_digit(c);
        if (d == 10 || (d > 0 && i + 1 < n && han_digit(raw[i + 1]) == 10)) { /* 十, 三十, 三十五 */
            unsigned value = d == 10 ? 10 : (unsigned)d * 10;
            if (d != 10) i++;
            const int ones = i + 1 < n ? han_digit(raw[i + 1]) : -1;
            if (ones > 0 && ones < 10) value += (unsigned)ones, i++;
            put_number(p, value);
        } else if (d >= 0) {
            put(p, '0' + (u32)d);
        } else if (c == 0x5187) { /* 冇 is 没 */
            put(p, 0x6ca1);
        } else if (!c || !STANDS_IN(particles, c)) {
            put(p, c);
        }
    }
}

static int by_value(const void *a, const void *b)
{
    u64 x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

/* Whether these characters stand at `at`. */
static bool stands_at(const struct points *p, size_t at, const char *word, size_t *n_r)
{
    const struct str s = str_of(word);
    size_t n = 0;
    for (size_t k = 0; k < s.n; n++)
        if (at + n >= p->n || utf8_next(s, &k) != (i64)p->c[at + n]) return false;
    *n_r = n;
    return true;
}

/* A place is a sign of its kind with two characters of a name before it, unless these only point (我们村, 门口那条路), or a number with a
 * sign of what is numbered. */
static void places_of(const struct points *p, struct shingles *s)
{
    static const char *const kinds[] = {"小区", "社区", "小学", "中学", "学校", "医院", "市场",
                                        "公园", "广场", "花园", "大厦", "商场", "车站", "大道",
                                        "街道", "村",   "镇",   "乡",   "路",   "河"};
    s->n_places = 0;
    for (size_t i = 1; i < p->n && s->n_places < SHINGLES_PLACES; i++) {
        size_t n = 0;
        if (is_digit(p->c[i - 1]) && glyph_han(p->c[i]) && STANDS_IN(numbered, p->c[i])) {
            u64 value = 0, unit = 1;
            for (size_t k = i; k > 0 && i - k < 8 && is_digit(p->c[k - 1]); k--, unit *= 10)
                value += (p->c[k - 1] - '0') * unit;
            s->places[s->n_places++] = (struct shingle_place){p->c[i], value};
            continue;
        }
        if (i < 2 || !glyph_han(p->c[i - 1]) || !glyph_han(p->c[i - 2]) || STANDS_IN(pointing, p->c[i - 1]) ||
            STANDS_IN(pointing, p->c[i - 2]))
            continue;
        for (u32 k = 0; k < ARRAY_LEN(kinds); k++) {
            if (!stands_at(p, i, kinds[k], &n)) continue;
            s->places[s->n_places++] = (struct shingle_place){k + 1, (u64)p->c[i - 2] << 32 | p->c[i - 1]};
            i += n - 1;
            break;
        }
    }
}

void shingles_of(struct str clean_masked, struct shingles *s_r)
{
    struct points p;
    size_t kept = 0;
    points_of(clean_masked, &p);
    s_r->n = 0;
    for (size_t i = 1; i < p.n; i++)
        if (p.c[i - 1] && p.c[i]) s_r->pairs[s_r->n++] = (u64)p.c[i - 1] << 32 | p.c[i];
    qsort(s_r->pairs, s_r->n, sizeof *s_r->pairs, by_value);
    for (size_t i = 0; i < s_r->n; i++)
        if (i == 0 || s_r->pairs[i] != s_r->pairs[i - 1]) s_r->pairs[kept++] = s_r->pairs[i];
    s_r->n = kept;
    s_r->n_points = p.n;
    memcpy(s_r->points, p.c, p.n * sizeof *p.c);
    places_of(&p, s_r);
}

unsigned shingle_weight(u64 pair)
{
    const bool a = shingle_common((u32)(pair >> 32)), b = shingle_common((u32)pair);
    return a && b ? 1 : a || b ? 2 : 4;
}

bool shingle_common(u32 c) { return is_digit(c) || STANDS_IN(common, c); }
bool shingle_pointing(u32 c) { return STANDS_IN(pointing, c); }

bool shingles_have(const struct shingles *s, u64 pair)
{
    return bsearch(&pair, s->pairs, s->n, sizeof pair, by_value) != NULL;
}

enum shingle_places shingles_places(const struct shingles *a, const struct shingles *b)
{
    bool kind = false;
    for (size_t i = 0; i < a->n_places; i++) {
        for (size_t k = 0; k < b->n_places; k++) {
            if (a->places[i].kind != b->places[k].kind) continue;
            if (a->places[i].name == b->places[k].name) return PLACES_SAME;
            kind = true;
        }
    }
    return kind ? PLACES_OTHER : PLACES_UNKNOWN;
}
