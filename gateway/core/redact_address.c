#include "core/glyph.h"
#include "core/redact_part.h"

/* Where the writer lives: after 住, 家住, 住址 … a place and its numbers, 文昌路88号院5栋602. The place of the
 * trouble (铁路社区16栋后面的垃圾) is not an address of a person and must stay, or nobody could clear it away. */

enum sense {
    HOME,      /* says by itself that somebody lives there */
    LIVE,      /* 住在: not in 记住在 … */
    LIVE_BARE, /* 住: not in 住院 either */
    PLACE      /* 地址: of anything */
};
static const struct {
    const char *word;
    enum sense sense;
} triggers[] = {{"家庭住址", HOME}, {"家庭地址", HOME}, {"居住地址", HOME}, {"联系地址", HOME},
                {"聯繫地址", HOME}, {"通讯地址", HOME}, {"收货地址", HOME}, {"户籍地址", HOME},
                {"现住址", HOME},   {"住址", HOME},     {"现居住在", HOME}, {"居住在", HOME},
                {"居住于", HOME},   {"现住在", HOME},   {"现住", HOME},     {"家住在", HOME},
                {"家住", HOME},     {"我家在", HOME},   {"我家住", HOME},   {"住于", LIVE},
                {"住在", LIVE},     {"地址", PLACE},    {"住", LIVE_BARE}};
/* Before a bare 住 these make it another word: 记住, 堵住 …; before 地址 they make it an office. */
static const char other_live[] = "记記站抓堵拦攔挡擋停忍拖卡困压壓保留锁鎖扣关關稳盖封罩遮捂拉握吓顶靠夹缠咬"
                                 "粘钉接绊搂抱按捉憋止控守护藏瞒蒙";
static const char other_place[] = "故发件场施事案册业營营位司店铺厂公際际站册网络";
static const char stops[] = "的了是我你您他她它们不没沒有都被请請打电電手联聯这這那因要从從把就也还還但说說讲"
                            "講，。；！？,;!?\"“”、\n\r《》【】";
static const char places[] =
    "路街道巷村镇鎮乡鄉区區苑园園寓院寨庄莊湾灣城府庭坪里弄组組屯队隊社弄堂岭坡桥橋塘小";
static const char numerals[] = "一二三四五六七八九十百零〇两甲乙丙丁东西南北";
static const char *const units[] = {"号院", "號院", "号楼", "號樓", "号", "號", "栋", "棟",
                                    "幢",   "单元", "單元", "门",   "楼", "樓", "层", "層",
                                    "室",   "组",   "組",   "户",   "房", "弄", "座", "巷"};

static bool number_sign(i64 c) { return c >= 0 && (glyph_digit((u32)c) >= 0 || in_set((u32)c, numerals)); }

/* A numeral (88, 5, 十二, 3A) and the unit behind it; the end, or 0. tail: a bare number will do (5栋602, 3-2-501). */
static size_t component(struct str s, size_t at, bool tail)
{
    size_t n = 0, digits = 0, next = at;
    i64 c;
    while ((c = glyph_next(s, &next)) >= 0 &&
           (number_sign(c) || (n && digits && (ascii_letter(c) || glyph_dash((u32)c))))) {
        digits += glyph_digit((u32)c) >= 0;
        at = next;
        if (++n > 10) return 0;
    }
    if (n == 0) return 0;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t end = word_at(s, at, units[i]);
        if (end) return end;
    }
    /* A telephone number is no room. */
    return tail && digits >= 2 && digits == n && n <= 5  ? at
           : tail && digits >= 3 && n <= 9 && digits < n ? at
                                                         : 0;
}

/* The end of the address that begins at `at`, or 0 when it has fewer than parts_min numbered parts. */
static size_t address_end(struct str s, size_t at, size_t parts_min)
{
    size_t end = 0, parts = 0, gap = 0, steps = 0;
    bool place = false, place_first = false;
    while (at < s.n && steps++ < 60) {
        size_t next = component(s, at, parts > 0 && gap <= 1);
        if (next) {
            if (parts == 0) place_first = place || steps == 1;
            parts++;
            gap = 0;
            end = at = next;
            continue;
        }
        next = at;
        i64 c = glyph_next(s, &next);
        if (c < 0 || in_set((u32)c, stops) ||
            (!glyph_han((u32)c) && !ascii_letter(c) && !glyph_blank((u32)c) && !glyph_dash((u32)c) &&
             glyph_digit((u32)c) < 0))
            break;
        if (glyph_digit((u32)c) >= 0) {
            /* Digits that are part of nothing: only a place name like 107国道 may hold them, before the first part. */
            size_t run = 0;
            for (; c >= 0 && glyph_digit((u32)c) >= 0; run++) {
                at = next;
                c = glyph_next(s, &next);
            }
            if (run > 4 || parts) break;
            continue;
        }
        place = place || in_set((u32)c, places);
        if (++gap > (parts ? 5u : 26u)) break;
        at = next;
    }
    return parts >= parts_min && (place_first || parts > 1) && (place || parts > 1) ? end : 0;
}

/* 住院, 住建局, 住房 … */
static bool other_word(struct str s, size_t at)
{
    static const char *const ends[] = {"院",   "房",   "宅",   "户",   "宿",   "保",
                                       "建局", "建部", "建委", "建厅", "建、", "建和"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (word_at(s, at, ends[i])) return true;
    return false;
}

bool redact_address(struct str s, size_t at, size_t floor, struct redact_span *span_r)
{
    for (size_t i = 0; i < ARRAY_LEN(triggers); i++) {
        bool marked;
        size_t value = word_at(s, at, triggers[i].word), past;
        if (!value) continue;
        enum sense sense = triggers[i].sense;
        i64 c = before_char(s, at, floor);
        if (c >= 0 && (sense == LIVE || sense == LIVE_BARE) && in_set((u32)c, other_live)) return false;
        if (c >= 0 && sense == PLACE && in_set((u32)c, other_place)) return false;
        if (sense == LIVE_BARE && other_word(s, value)) return false;
        value = skip_fillers(s, value, &marked);
        while ((past = word_at(s, value, "在")) != 0 || (past = word_at(s, value, "于")) != 0) value = past;
        /* 地址 alone is as often where the trouble is: a house number is let through, a flat is not. */
        size_t end = address_end(s, value, sense == PLACE ? 2 : 1);
        if (!end) continue;
        *span_r = (struct redact_span){value, end, REDACT_ADDRESS};
        return true;
    }
    return false;
}
