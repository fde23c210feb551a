#include "core/telling.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include "core/rarity.h"
#include <stdlib.h>
#include <string.h>

#define NAMES_WEIGHT 160 /* one good name and a half: more says no more */

/* Signs that follow a name; those of one number are one kind. The longer stand before what they begin with. */
static const struct {
    u32 first; /* its first character: most places are passed by it */
    const char *sign;
    u32 kind;
} signs[] = {
    {0x4fbf, "便民服务中心", 18},
    {0x6d3e, "派出所", 17},
    {0x5e7c, "幼儿园", 6},
    {0x5bb6, "家属院", 3},
    {0x7f8e, "美容院", 9},
    {0x83dc, "菜市场", 8},
    {0x536b, "卫生院", 7},
    {0x517b, "养老院", 11},
    {0x656c, "敬老院", 11},
    {0x8857, "街道办", 2},
    {0x82b1, "花园", 3},
    {0x5bb6, "家园", 3},
    {0x65b0, "新村", 3},
    {0x516c, "公寓", 3},
    {0x82b1, "花苑", 3},
    {0x5bbf, "宿舍", 3},
    {0x540d, "名邸", 3},
    {0x540d, "名都", 3},
    {0x534e, "华庭", 3},
    {0x5c0f, "小区", 3},
    {0x793e, "社区", 4},
    {0x5927, "大道", 5},
    {0x5c0f, "小学", 6},
    {0x4e2d, "中学", 6},
    {0x6258, "托管", 6},
    {0x533b, "医院", 7},
    {0x8bca, "诊所", 9},
    {0x9f7f, "齿科", 9},
    {0x5e02, "市场", 8},
    {0x83dc, "菜场", 8},
    {0x6c34, "水库", 13},
    {0x516c, "公园", 15},
    {0x5e7f, "广场", 16},
    {0x5927, "大厦", 20},
    {0x5546, "商场", 9},
    {0x8d85, "超市", 9},
    {0x996d, "饭店", 9},
    {0x9910, "餐馆", 9},
    {0x9152, "酒店", 9},
    {0x5bbe, "宾馆", 9},
    {0x4f1a, "会所", 9},
    {0x7816, "砖厂", 12},
    {0x516c, "公司", 19},
    {0x5de5, "工地", 21},
    {0x94f6, "银行", 22},
    {0x4e2d, "中心", 23},
    {0x8857, "街道", 2},
    {0x6751, "村", 1},
    {0x5be8, "寨", 1},
    {0x5c6f, "屯", 1},
    {0x51b2, "冲", 1},
    {0x575d, "坝", 14},
    {0x9547, "镇", 2},
    {0x4e61, "乡", 2},
    {0x82d1, "苑", 3},
    {0x5e9c, "府", 3},
    {0x6e7e, "湾", 3},
    {0x56ed, "园", 3},
    {0x8def, "路", 5},
    {0x8857, "街", 5},
    {0x5df7, "巷", 5},
    {0x5f04, "弄", 5},
    {0x6cb3, "河", 10},
    {0x6865, "桥", 24},
    {0x5382, "厂", 12},
    {0x7ad9, "站", 25},
};
/* Signs behind a number. */
static const struct {
    const char *sign;
    u32 kind;
} counters[] = {
    {"号楼", 1}, {"号窗", 2}, {"号摊", 3}, {"单元", 4}, {"栋", 1}, {"幢", 1},  {"座", 1},
    {"路", 5},   {"组", 6},   {"室", 7},   {"巷", 8},   {"弄", 9}, {"线", 10}, {"年级", 11},
};

/* Before a sign these are no part of a name: 来铺路, 盘山路, 恢复路面, 孩子进医院. */
static bool no_name(u32 first, u32 second)
{
    static const u32 ends[] = {0x5b50, 0x6765, 0x590d, 0x94fa, 0x56de, 0x9053, 0x51fa,
                               0x597d, 0x8981, 0x4f4f, 0x6751, 0x9547, 0x4e61};
    static const u32 begins[] = {0x5b50, 0x6062, 0x6765, 0x53bb, 0x4f4f,
                                 0x76d8, 0x576a, 0x6751, 0x9547, 0x4e61};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (second == ends[i]) return true;
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (first == begins[i]) return true;
    return shingle_pointing(second) || shingle_pointing(first);
}

static size_t sign_at(const struct shingles *s, size_t at, const char *sign)
{
    const struct str w = str_of(sign);
    size_t n = 0;
    for (size_t k = 0; k < w.n; n++)
        if (at + n >= s->n_points || utf8_next(w, &k) != (i64)s->points[at + n]) return 0;
    return n;
}

static bool is_digit(u32 c) { return c >= '0' && c <= '9'; }

static void find_numbers(struct telling *m)
{
    const struct shingles *s = &m->shingles;
    for (size_t i = 0; i < s->n_points && m->n_numbers < TELLING_NUMBERS;) {
        u64 value = 0;
        size_t end = i;
        while (end < s->n_points && end - i < 8 && is_digit(s->points[end]))
            value = value * 10 + s->points[end++] - '0';
        if (end == i) {
            i++;
            continue;
        }
        for (size_t k = 0; k < ARRAY_LEN(counters); k++) {
            const size_t n = sign_at(s, end, counters[k].sign);
            if (n == 0) continue;
            m->numbers[m->n_numbers++] = (struct telling_number){counters[k].kind, value, i, end - i + n};
            break;
        }
        i = end;
    }
}

static void find_names(struct telling *m)
{
    const struct shingles *s = &m->shingles;
    for (size_t i = 2; i < s->n_points && m->n_names < TELLING_NAMES; i++) {
        const u32 first = s->points[i - 2], second = s->points[i - 1];
        if (!glyph_han(first) || !glyph_han(second) || no_name(first, second)) continue;
        for (size_t k = 0; k < ARRAY_LEN(signs); k++) {
            const size_t n = signs[k].first == s->points[i] ? sign_at(s, i, signs[k].sign) : 0;
            if (n == 0) continue;
            m->names[m->n_names++] =
                (struct telling_name){signs[k].kind, (u64)first << 32 | second, i - 2, n + 2};
            i += n - 1;
            break;
        }
    }
}

static int by_character(const void *a, const void *b)
{
    u32 x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static void find_characters(struct telling *m)
{
    const struct shingles *s = &m->shingles;
    size_t kept = 0;
    for (size_t i = 0; i < s->n_points; i++)
        if (s->points[i] && !is_digit(s->points[i])) m->chars[m->n_chars++] = s->points[i];
    qsort(m->chars, m->n_chars, sizeof *m->chars, by_character);
    for (size_t i = 0; i < m->n_chars; i++)
        if (i == 0 || m->chars[i] != m->chars[i - 1]) m->chars[kept++] = m->chars[i];
    m->n_chars = kept;
    for (size_t i = 0; i < kept; i++) m->weight_chars += rarity_character(m->chars[i]);
}

void telling_of(struct str clean_masked, struct telling *m_r)
{
    shingles_of(clean_masked, &m_r->shingles);
    m_r->n_chars = m_r->n_names = m_r->n_numbers = m_r->weight = m_r->weight_chars = 0;
    for (size_t i = 0; i < m_r->shingles.n; i++) m_r->weight += rarity_pair(m_r->shingles.pairs[i]);
    find_characters(m_r);
    find_names(m_r);
    find_numbers(m_r);
}

/* --- comparing --- */

/* Kinds (below 64) of which `a` has a name that `b` has not in its words, as bits; those of which it has one in common go to *same_r. */
static u64 kinds_alone(const struct telling *a, const struct telling *b, u64 *same_r)
{
    u64 alone = 0;
    for (size_t i = 0; i < a->n_names; i++) {
        const u64 kind = (u64)1 << a->names[i].kind;
        if (shingles_have(&b->shingles, a->names[i].pair))
            *same_r |= kind;
        else
            alone |= kind;
    }
    return alone;
}

/* Adds the names of `a` that stand in `b`, each once. */
static void share_names(const struct telling *a, const struct telling *b, u64 shared[TELLING_NAMES * 2],
                        size_t *n)
{
    for (size_t i = 0; i < a->n_names; i++) {
        bool before = !shingles_have(&b->shingles, a->names[i].pair);
        for (size_t k = 0; k < *n && !before; k++) before = shared[k] == a->names[i].pair;
        if (!before) shared[(*n)++] = a->names[i].pair;
    }
}

static bool in_names(const u64 *shared, size_t n, u32 c)
{
    for (size_t i = 0; i < n; i++)
        if ((u32)(shared[i] >> 32) == c || (u32)shared[i] == c) return true;
    return false;
}

static size_t weight_outside(const struct telling *m, const u64 *shared, size_t n)
{
    size_t weight = m->weight_chars;
    for (size_t i = 0; i < m->n_chars; i++)
        if (in_names(shared, n, m->chars[i])) weight -= rarity_character(m->chars[i]);
    return weight;
}

static void compare_numbers(const struct telling *a, const struct telling *b, struct telling_both *both)
{
    u64 kinds_a = 0, kinds_b = 0, same = 0;
    for (size_t k = 0; k < b->n_numbers; k++) kinds_b |= (u64)1 << b->numbers[k].kind;
    for (size_t i = 0; i < a->n_numbers; i++) {
        kinds_a |= (u64)1 << a->numbers[i].kind;
        for (size_t k = 0; k < b->n_numbers; k++) {
            if (a->numbers[i].kind != b->numbers[k].kind || a->numbers[i].value != b->numbers[k].value)
                continue;
            same |= (u64)1 << a->numbers[i].kind;
            if (!both->number) both->number = &a->numbers[i];
        }
    }
    both->same_number = same != 0;
    both->other_number = (kinds_a & kinds_b & ~same) != 0;
}

static int percent_of(size_t part, size_t whole) { return whole ? (int)(100 * part / whole) : 0; }

struct telling_both telling_compare(const struct telling *a, const struct telling *b)
{
    struct telling_both both = {0};
    u64 shared[TELLING_NAMES * 2], same = 0;
    size_t n_shared = 0, chars = 0;
    const u64 alone = kinds_alone(a, b, &same), other = kinds_alone(b, a, &same);
    both.other_name = (alone & other & ~same) != 0;
    share_names(a, b, shared, &n_shared);
    for (size_t i = 0; i < a->n_names; i++)
        if (shingles_have(&b->shingles, a->names[i].pair) &&
            (!both.name || rarity_pair(a->names[i].pair) > rarity_pair(both.name->pair)))
            both.name = &a->names[i];
    share_names(b, a, shared, &n_shared);
    for (size_t i = 0; i < n_shared; i++) both.names += rarity_pair(shared[i]);
    both.names = MIN(both.names, (size_t)NAMES_WEIGHT);
    compare_numbers(a, b, &both);
    for (size_t i = 0, k = 0; i < a->shingles.n && k < b->shingles.n;) {
        if (a->shingles.pairs[i] == b->shingles.pairs[k]) {
            both.pairs += rarity_pair(a->shingles.pairs[i]);
            i++, k++;
        } else if (a->shingles.pairs[i] < b->shingles.pairs[k]) {
            i++;
        } else {
            k++;
        }
    }
    both.percent = percent_of(both.pairs, MIN(a->weight, b->weight));
    for (size_t i = 0, k = 0; i < a->n_chars && k < b->n_chars;) {
        if (a->chars[i] == b->chars[k]) {
            if (!in_names(shared, n_shared, a->chars[i])) {
                const size_t w = rarity_character(a->chars[i]);
                chars += w;
                if (!shingle_common(a->chars[i])) both.saying += w;
            }
            i++, k++;
        } else if (a->chars[i] < b->chars[k]) {
            i++;
        } else {
            k++;
        }
    }
    both.chars =
        percent_of(chars, MIN(weight_outside(a, shared, n_shared), weight_outside(b, shared, n_shared)));
    return both;
}

/* --- copies of one form --- */

#define ALIGN_POINTS 250 /* of each text are laid beside each other */
#define HUNK_MOST    8
#define NAME_RARITY  58 /* of what may be a name */

static size_t solid_points(const struct telling *m, u32 out[ALIGN_POINTS])
{
    size_t n = 0;
    for (size_t i = 0; i < m->shingles.n_points && n < ALIGN_POINTS; i++)
        if (m->shingles.points[i]) out[n++] = m->shingles.points[i];
    return n;
}

/* Whether these may be a name: something rare in them. strictly: and nothing that stands in every complaint, no number. */
static bool may_name(const u32 *c, size_t n, bool strictly)
{
    bool rare = false;
    if (n < 2 || n > HUNK_MOST) return false;
    for (size_t i = 0; i < n; i++)
        if (strictly && (!glyph_han(c[i]) || shingle_common(c[i]))) return false;
    for (size_t i = 1; i < n; i++)
        rare |= glyph_han(c[i - 1]) && glyph_han(c[i]) && !shingle_common(c[i - 1]) &&
                !shingle_common(c[i]) && rarity_pair((u64)c[i - 1] << 32 | c[i]) >= NAME_RARITY;
    return rare;
}

static enum telling_swap swap_of(const u32 *x, size_t n, const u32 *y, size_t k)
{
    if (may_name(x, n, true) && may_name(y, k, true)) return SWAP_NAME;
    return may_name(x, n, false) && may_name(y, k, false) ? SWAP_LOOSE : SWAP_NONE;
}

/* The longest common subsequence lays the texts beside each other (Wagner and Fischer, 1974); what stands between two common characters in both is
 * one in the place of the other. */
enum telling_swap telling_swapped(const struct telling *a, const struct telling *b)
{
    uint8_t longest[ALIGN_POINTS + 1][ALIGN_POINTS + 1];
    u32 x[ALIGN_POINTS], y[ALIGN_POINTS];
    const size_t n = solid_points(a, x), k = solid_points(b, y);
    size_t i, j, from = 0, other = 0;
    enum telling_swap worst = SWAP_NONE, one;
    for (j = 0; j <= k; j++) longest[n][j] = 0;
    for (i = n; i-- > 0;) {
        longest[i][k] = 0;
        for (j = k; j-- > 0;)
            longest[i][j] = x[i] == y[j] ? (uint8_t)(longest[i + 1][j + 1] + 1)
                                         : MAX(longest[i + 1][j], longest[i][j + 1]);
    }
    for (i = 0, j = 0; i < n && j < k;) {
        if (x[i] == y[j]) {
            one = swap_of(x + from, i - from, y + other, j - other);
            worst = MAX(worst, one);
            from = ++i, other = ++j;
        } else if (longest[i + 1][j] >= longest[i][j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    one = swap_of(x + from, n - from, y + other, k - other);
    return MAX(worst, one);
}

/* --- keys --- */

/* The finaliser of splitmix64, as in core/minhash. */
static u64 mixed(u64 x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static void put_key(i64 out[TELLING_KEYS], size_t *n, u64 kind, u64 a, u64 b)
{
    const i64 key = -(i64)(mixed(mixed(a ^ kind) + b) >> 1 | 1);
    for (size_t i = 0; i < *n; i++)
        if (out[i] == key) return;
    out[(*n)++] = key;
}

struct ranked {
    unsigned rarity;
    u64 pair;
};

static int rarest_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rarity != y->rarity) return x->rarity > y->rarity ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

size_t telling_keys(const struct telling *m, const u64 *matters, size_t n_matters, i64 out[TELLING_KEYS])
{
    struct ranked names[TELLING_NAMES], rare[SHINGLES_POINTS];
    size_t n = 0, n_names = 0, n_rare = 0;
    for (size_t i = 0; i < m->n_names; i++) {
        bool before = false;
        for (size_t k = 0; k < n_names && !before; k++) before = names[k].pair == m->names[i].pair;
        if (!before) names[n_names++] = (struct ranked){rarity_pair(m->names[i].pair), m->names[i].pair};
    }
    qsort(names, n_names, sizeof *names, rarest_first);
    for (size_t i = 0; i < MIN(n_names, (size_t)TELLING_KEY_NAMES); i++)
        for (size_t k = 0; k < MIN(n_matters, (size_t)TELLING_KEY_MATTERS); k++)
            put_key(out, &n, 1, names[i].pair, matters[k]);
    /* Of those that are all equally rare, which one is taken must be the same in both texts: by an order that is an accident. */
    for (size_t i = 0; i < m->shingles.n; i++)
        if (rarity_pair(m->shingles.pairs[i]) == RARITY_MOST)
            rare[n_rare++] =
                (struct ranked){(unsigned)(mixed(m->shingles.pairs[i]) >> 33), m->shingles.pairs[i]};
    qsort(rare, n_rare, sizeof *rare, rarest_first);
    for (size_t i = 0; i < MIN(n_rare, (size_t)TELLING_KEY_RARE); i++) put_key(out, &n, 2, rare[i].pair, 0);
    return n;
}

u64 telling_code(struct str code)
{
    u64 n = 0;
    memcpy(&n, code.p, MIN(code.n, sizeof n));
    return n;
}

void telling_put(const struct telling *m, size_t at, size_t n, struct text *t)
{
    for (size_t i = at; i < at + n && i < m->shingles.n_points; i++)
        if (m->shingles.points[i]) utf8_put(t, m->shingles.points[i]);
}
