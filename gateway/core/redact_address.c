#include "core/glyph.h"
#include "core/redact_part.h"

/* Where the writer lives: after 住, 家住, 住址 … a place and its numbers, 文昌路88号院5栋602. The place of the
 * trouble (铁路社区16栋后面的垃圾) is not an address of a person and must stay, or nobody could clear it away. */

static const char *const triggers[] = {"家庭住址", "家庭地址", "居住地址", "联系地址", "聯繫地址", "通讯地址",
                                       "收货地址", "户籍地址", "现住址",   "住址",     "现居住在", "居住在",
                                       "居住于",   "现住在",   "现住",     "家住在",   "家住",     "我家在",
                                       "我家住",   "住在",     "住于",     "地址",     "住"};
/* Before a bare 住 these make it another word: 记住, 堵住 …; before 地址 they make it an office. */
static const char other_live[] = "记記站抓堵拦攔挡擋停忍拖卡困压壓保留锁鎖扣关關稳盖封罩遮捂拉握吓顶靠夹缠咬"
                                 "粘钉接绊搂抱按捉憋止控守护藏瞒蒙";
static const char other_place[] = "册业營营位司店铺厂公際际站册网络";
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

/* The end of the address that begins at `at`, or 0. */
static size_t address_end(struct str s, size_t at)
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
    return parts && (place_first || parts > 1) && (place || parts > 1) ? end : 0;
}

bool redact_address(struct str s, size_t at, size_t floor, struct redact_span *span_r)
{
    for (size_t i = 0; i < ARRAY_LEN(triggers); i++) {
        bool marked;
        size_t value = word_at(s, at, triggers[i]), past;
        if (!value) continue;
        i64 c = before_char(s, at, floor);
        if (c >= 0 && i >= 19 && in_set((u32)c, other_live) && i != ARRAY_LEN(triggers) - 2) return false;
        if (c >= 0 && i == ARRAY_LEN(triggers) - 2 && in_set((u32)c, other_place)) return false;
        /* 住院, 住建局, 住房 … */
        size_t behind = value;
        i64 after = glyph_next(s, &behind);
        if (i == ARRAY_LEN(triggers) - 1 && after >= 0 && in_set((u32)after, "院建房宅户宿保")) return false;
        value = skip_fillers(s, value, &marked);
        while ((past = word_at(s, value, "在")) != 0 || (past = word_at(s, value, "于")) != 0) value = past;
        size_t end = address_end(s, value);
        if (!end) continue;
        *span_r = (struct redact_span){value, end, REDACT_ADDRESS};
        return true;
    }
    return false;
}
