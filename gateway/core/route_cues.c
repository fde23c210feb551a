/* What the form of a text says, whatever its matter: whether it asks, and how often its writer went, rang or waited.
 * Numbers cannot stand in a table of words (三趟, 四趟, 12趟 …), so they are read here. */
#include "core/route_part.h"
#include "base/utf8.h"

#define TRIES_MAX 20
#define LOOK_BACK 4 /* characters before a length of time in which 等 or 拖 makes it a wait */
#define LOOK_ON   2 /* and after it, in which 了 or 没 does */

static bool one_of(i64 point, const u32 *set) /* U"" ends with 0, which no text has */
{
    for (; *set != 0; set++)
        if (*set == point) return true;
    return false;
}

static bool numeral(i64 c)
{
    return (c >= '0' && c <= '9') || one_of(c, U"一二两三四五六七八九十百几数多半好");
}
static bool breaks(i64 c) { return c < 0 || one_of(c, U",。!?;:\n、…"); }

/* 等了三个月, 两年了, 45天没: a wait. 3月29日 and 2021年 are dates, a price is none. */
static bool waited(const i64 *seen, struct str text, size_t at, i64 unit)
{
    if (!one_of(unit, U"天月年周期时钟")) return false;
    for (int i = 0; i < LOOK_BACK; i++)
        if (one_of(seen[i], U"等拖排催欠")) return true;
    for (int i = 0; i < LOOK_ON; i++) {
        i64 c = utf8_next(text, &at);
        if (breaks(c)) break;
        if (one_of(c, U"了没还才都")) return true;
    }
    return false;
}

/* What a text calls itself in its first words: 我要举报, 建议 … */
static enum nature opening(struct str text)
{
    static const struct {
        struct str word;
        enum nature nature;
    } acts[] = {{STR("举报"), NATURE_REPORT},   {STR("检举"), NATURE_REPORT},  {STR("揭发"), NATURE_REPORT},
                {STR("投诉"), NATURE_COMPLAIN}, {STR("建议"), NATURE_SUGGEST}, {STR("提议"), NATURE_SUGGEST},
                {STR("倡议"), NATURE_SUGGEST},  {STR("请问"), NATURE_ASK},     {STR("咨询"), NATURE_ASK},
                {STR("表扬"), NATURE_RATE}};
    static const struct str before[] = {STR("我要"), STR("我想"), STR("本人"),  STR("我"),
                                        STR("实名"), STR("匿名"), STR("你好,"), STR("您好,")};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_LEN(acts); i++)
            if (str_starts(text, acts[i].word)) return acts[i].nature;
        for (size_t i = 0; i < ARRAY_LEN(before); i++) {
            if (!str_starts(text, before[i])) continue;
            text.p += before[i].n;
            text.n -= before[i].n;
            break;
        }
    }
    return NATURE_UNKNOWN;
}

void route_cues_read(struct str text, struct tally *t)
{
    i64 seen[LOOK_BACK + 2] = {0}; /* the characters before the number, the last first */
    bool number = false, many = false;
    t->opening = opening(text);
    for (size_t at = 0; at < text.n;) {
        i64 c = utf8_next(text, &at);
        if (c < 0) break;
        if (c == '?' || one_of(c, U"吗呢")) t->asks++;
        if (numeral(c)) {
            many = number || !one_of(c, U"1一"); /* 一次 is no repetition */
            number = true;
            continue;
        }
        bool between = number && one_of(c, U"个小星分多来"); /* 三个月, 两小时, 十多次 */
        if (number && many && t->tries < TRIES_MAX && (one_of(c, U"趟次回遍") || waited(seen, text, at, c)))
            t->tries++;
        if (between) continue;
        number = many = false;
        for (int i = LOOK_BACK + 1; i > 0; i--) seen[i] = seen[i - 1];
        seen[0] = c;
    }
}
