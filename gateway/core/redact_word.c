#include "base/utf8.h"
#include "core/glyph.h"
#include "core/redact_part.h"
#include <string.h>

/* ---- reading around a place ---- */

static size_t step_back(struct str s, size_t at)
{
    do at--;
    while (at > 0 && ((u8)s.p[at] & 0xc0) == 0x80);
    return at;
}

static u32 lower(u32 c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

bool ascii_letter(i64 c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool ascii_word(i64 c) { return ascii_letter(c) || (c >= '0' && c <= '9'); }

void before_read(struct str s, size_t at, size_t floor, struct before *b)
{
    b->n = 0;
    /* Blanks and invisible characters are bounded too, or a text of blanks would be walked again and again. */
    for (size_t steps = 0; at > floor && b->n < BEFORE_MAX && steps < 4 * BEFORE_MAX; steps++) {
        at = step_back(s, at);
        size_t next = at;
        i64 c = utf8_next(s, &next);
        if (c < 0 || glyph_invisible((u32)c) || glyph_blank((u32)c)) continue;
        b->c[b->n] = lower(glyph_fold((u32)c));
        b->at[b->n++] = at;
    }
}

bool in_set(u32 c, const char *set)
{
    char buf[8];
    struct text t = {.p = buf, .cap = sizeof buf, .max = sizeof buf - 1};
    if (c < 0x80) return c && strchr(set, (int)c);
    utf8_put(&t, c);
    return memmem(set, strlen(set), buf, t.n) != NULL;
}

bool before_ends(const struct before *b, const char *const *words, size_t n)
{
    size_t from = 0;
    while (from < b->n && from < 4 && in_set(b->c[from], ":=([{<\"“「『【《,是为為的")) from++;
    for (size_t i = 0; i < n; i++) {
        struct str w = str_of(words[i]);
        size_t at = w.n, k = from;
        while (at > 0 && k < b->n) {
            size_t start = step_back(w, at), next = start;
            if (utf8_next(w, &next) != b->c[k]) break;
            at = start;
            k++;
        }
        if (at == 0) return true;
    }
    return false;
}

i64 before_char(struct str s, size_t at, size_t floor)
{
    for (size_t steps = 0; at > floor && steps < 8; steps++) {
        at = step_back(s, at);
        size_t next = at;
        i64 c = utf8_next(s, &next);
        if (c >= 0 && !glyph_invisible((u32)c)) return glyph_fold((u32)c);
    }
    return -1;
}

size_t word_at(struct str s, size_t at, const char *word)
{
    struct str w = str_of(word);
    if (at >= s.n) return 0;
    if ((u8)w.p[0] >= 0xe0 && (u8)s.p[at] >= 0xe3 && (u8)s.p[at] < 0xee &&
        memcmp(s.p + at, w.p, MIN(s.n - at, (size_t)3)) != 0)
        return 0; /* the common case, cheaply */
    for (size_t k = 0; k < w.n;) {
        i64 a = glyph_next(s, &at), b = utf8_next(w, &k);
        if (a < 0 || lower((u32)a) != (u32)b) return 0;
    }
    return at;
}

size_t skip_fillers(struct str s, size_t at, bool *marked_r)
{
    *marked_r = false;
    for (int i = 0; i < 6; i++) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        if (c < 0) break;
        if (!glyph_blank((u32)c)) {
            if (!in_set((u32)c, ":=([\"“「『【《是为為号號码碼")) break;
            *marked_r = true;
        }
        at = next;
    }
    return at;
}

bool amount_at(struct str s, size_t at)
{
    i64 c = glyph_next(s, &at);
    return c >= 0 && in_set((u32)c, "元块塊万萬亿億千百%米平斤吨度亩户株倍页");
}

/* ---- plates, e-mail, handles ---- */

static size_t skip_joints(struct str s, size_t at)
{
    for (int i = 0; i < 2; i++) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        if (c != ' ' && c != '.' && c != 0xb7 && c != 0x30fb && c != 0x2022 &&
            !(c >= 0 && glyph_dash((u32)c)))
            break;
        at = next;
    }
    return at;
}

/* Five or six letters and digits, or four and one of 挂学警…; the end, or 0. */
static size_t plate_tail(struct str s, size_t at, size_t digits_min)
{
    size_t n = 0, digits = 0;
    for (; n < 7; n++) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        int d = c < 0 ? -1 : glyph_digit((u32)c);
        if (n == 4 && c >= 0 && digits >= 2 && in_set((u32)c, "挂学警港澳领试超使")) return next;
        if (d < 0 && !ascii_letter(c)) break;
        digits += d >= 0;
        at = next;
    }
    return (n == 5 || n == 6) && digits >= digits_min ? at : 0;
}

bool redact_plate(struct str s, size_t at, struct redact_span *span_r)
{
    static const char *const labels[] = {"车牌号码", "车牌号", "车牌", "车号", "車牌號", "車牌", "牌照"};
    size_t start = at, end = 0, next = at;
    bool marked;
    i64 c = glyph_next(s, &next);
    if (c >= 0 &&
        in_set((u32)c,
               "京津沪滬渝冀豫云雲辽遼黑湘皖鲁魯新苏蘇浙赣贛鄂桂甘晋晉蒙陕陝吉闽閩贵貴粤粵青藏川宁寧琼瓊")) {
        next = skip_joints(s, next);
        c = glyph_next(s, &next);
        if (ascii_letter(c)) end = plate_tail(s, skip_joints(s, next), 2);
    }
    for (size_t i = 0; i < ARRAY_LEN(labels) && !end; i++) {
        size_t value = word_at(s, at, labels[i]);
        if (!value) continue;
        start = value = skip_fillers(s, value, &marked);
        c = glyph_next(s, &value);
        if (!ascii_letter(c)) return false;
        end = plate_tail(s, skip_joints(s, value), 3);
        if (!end) end = plate_tail(s, start, 4);
        break;
    }
    *span_r = (struct redact_span){start, end, REDACT_PLATE};
    return end != 0;
}

bool redact_email(struct str s, size_t at, size_t floor, struct redact_span *span_r)
{
    size_t start = at, end = at, next = at, dot = 0, label = 0;
    for (int i = 0; i < 64 && start > floor; i++) {
        size_t prev = step_back(s, start), behind = prev;
        i64 c = utf8_next(s, &behind);
        if (c < 0) break;
        u32 f = glyph_fold((u32)c);
        if (!ascii_word(f) && !in_set(f, "._%+-") && !glyph_invisible((u32)c)) break;
        start = prev;
    }
    /* A mark before the address is not part of it. */
    while (start < at) {
        size_t behind = start;
        i64 c = utf8_next(s, &behind);
        if (c >= 0 && ascii_word(glyph_fold((u32)c))) break;
        start = behind;
    }
    if (start == at) return false;
    (void)glyph_next(s, &next);
    for (int i = 0; i < 253; i++) {
        size_t before = next;
        i64 c = glyph_next(s, &next);
        if (ascii_word(c)) {
            label++;
            if (dot && label >= 2) end = next;
        } else if (c == '.' && label) {
            dot++, label = 0;
        } else if (c != '-' || !label) {
            next = before;
            break;
        }
    }
    *span_r = (struct redact_span){start, end, REDACT_EMAIL};
    return end > at;
}

struct token {
    size_t end, n, digits, marks;
    bool letter_first;
};

static void token_read(struct str s, size_t at, struct token *t)
{
    *t = (struct token){.end = at};
    while (t->n < 32) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        int d = c < 0 ? -1 : glyph_digit((u32)c);
        bool mark = c == '_' || c == '-';
        if (d < 0 && !ascii_letter(c) && !(mark && t->n)) break;
        if (t->n == 0) t->letter_first = ascii_letter(c);
        t->digits += d >= 0;
        t->marks += mark;
        t->n++;
        at = t->end = next;
    }
}

static bool product_word(struct str s, size_t at)
{
    static const char *const words[] = {"iphone", "android", "windows", "http",   "www",
                                        "app",    "ios",     "pay",     "wechat", "harmony"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (word_at(s, at, words[i])) return true;
    return false;
}

static bool wechat_id(struct str s, size_t at, bool strong)
{
    struct token t;
    size_t next;
    token_read(s, at, &t);
    next = t.end;
    if (t.n < 5 || t.n > 20 || product_word(s, at) || glyph_next(s, &next) == '@') return false;
    if (t.letter_first) return t.digits + t.marks > 0 || (strong && t.n >= 6);
    if (!strong || amount_at(s, t.end)) return false;
    return t.digits < t.n || (t.n <= 11 && t.n >= 6);
}

static const struct {
    const char *word;
    bool qq, strong;
} handles[] = {
    {"微信号码", false, true}, {"微信号", false, true},   {"微信號", false, true},   {"微信id", false, true},
    {"加微信", false, true},   {"加我微信", false, true}, {"有人加我", false, true}, {"微信", false, false},
    {"薇信", false, true},     {"威信", false, false},    {"徽信", false, true},     {"wechat", false, false},
    {"weixin", false, true},   {"wx号", false, true},     {"wx", false, true},       {"vx号", false, true},
    {"vx", false, true},       {"v信", false, true},      {"加v", false, true},      {"加微", false, true},
    {"微x", false, true},      {"加q", true, true},       {"加扣", true, true},      {"绿泡泡", false, true},
    {"qq号码", true, true},    {"qq号", true, true},      {"qq群号", true, true},    {"qq群", true, true},
    {"qq", true, true},        {"扣扣号", true, true},    {"扣扣", true, true},      {"企鹅号", true, true},
    {"企鹅", true, true},      {"球球", true, true},      {"秋秋", true, true},      {"扣号", true, true},
    {"q号", true, true},       {"我q", true, true},       {"我的q", true, true},
};

static bool qq_number(struct str s, size_t at, size_t *end_r)
{
    size_t n = 0;
    bool gap = false;
    for (*end_r = at;;) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        int d = c < 0 ? -1 : glyph_digit((u32)c);
        if (d >= 0) {
            if (n == 0 && d == 0) return false;
            n++;
            gap = false;
            *end_r = next;
            if (n > 12) return false;
        } else if (n && !gap && (c == ' ' || (c >= 0 && glyph_dash((u32)c)))) {
            gap = true;
        } else {
            break;
        }
        at = next;
    }
    i64 next_c = glyph_next(s, &at);
    return n >= 5 && n <= 12 && next_c != '@' && !amount_at(s, *end_r);
}

bool redact_handle(struct str s, size_t at, size_t floor, struct redact_span *span_r)
{
    size_t first = at;
    i64 c = glyph_next(s, &first);
    if (ascii_letter(c) && ascii_word(before_char(s, at, floor))) return false;
    if (word_at(s, at, "wx_") || word_at(s, at, "wxid_")) {
        struct token t;
        token_read(s, at, &t);
        *span_r = (struct redact_span){at, t.end, REDACT_WECHAT};
        return t.n >= 6;
    }
    for (size_t i = 0; i < ARRAY_LEN(handles); i++) {
        bool marked;
        size_t value = word_at(s, at, handles[i].word), end;
        if (!value) continue;
        value = skip_fillers(s, value, &marked);
        bool strong = handles[i].strong || marked;
        if (handles[i].qq) {
            *span_r = (struct redact_span){value, 0, REDACT_QQ};
            if (qq_number(s, value, &end)) return span_r->end = end, true;
        } else if (wechat_id(s, value, strong)) {
            struct token t;
            token_read(s, value, &t);
            *span_r = (struct redact_span){value, t.end, REDACT_WECHAT};
            /* A mobile as WeChat name is found as a mobile, with its blanks and country code. */
            struct redact_span mobile;
            size_t on = value;
            return t.digits != 11 || t.n != 11 || !redact_number(s, value, value, &mobile, &on);
        }
    }
    return false;
}
