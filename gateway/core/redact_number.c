#include "core/glyph.h"
#include "core/receipt.h"
#include "core/redact_part.h"
#include <string.h>

/* Digits in groups that single blanks, hyphens, dots or brackets hold together:
 *   "+86 154-7213-5506"   groups 86 | 154 | 7213 | 5506
 * A find always starts with the first digit of the window's first group; the caller moves the window on. */
#define DIGITS_MAX 40
#define GROUPS_MAX 24

enum joint { JOINT_NONE, JOINT_BLANK, JOINT_DASH, JOINT_DOT, JOINT_BRACKET };

struct window {
    char d[DIGITS_MAX + 1];
    size_t at[DIGITS_MAX], end[DIGITS_MAX]; /* bytes of each digit */
    size_t len[GROUPS_MAX];
    enum joint joint[GROUPS_MAX]; /* before the group */
    size_t n, groups;
};

static bool read_group(struct str s, size_t *at, struct window *w)
{
    size_t start = w->n;
    for (;;) {
        size_t next = *at, first;
        i64 c;
        /* Invisible characters inside a number must not become part of the span's start. */
        c = glyph_next(s, &next);
        int d = c < 0 ? -1 : glyph_digit((u32)c);
        if (d < 0) break;
        if (w->n == DIGITS_MAX) {
            w->n = start;
            return false;
        }
        first = next - 1;
        while (first > *at && ((u8)s.p[first] & 0xc0) == 0x80) first--;
        w->d[w->n] = (char)('0' + d);
        w->at[w->n] = first;
        w->end[w->n++] = next;
        *at = next;
    }
    if (w->n == start) return false;
    w->len[w->groups++] = w->n - start;
    return true;
}

static enum joint read_joint(struct str s, size_t *at)
{
    enum joint j = JOINT_NONE;
    for (int i = 0; i < 3; i++) {
        size_t next = *at;
        i64 c = glyph_next(s, &next);
        if (c == ' ' || c == '\t' || (c >= 0x2000 && c <= 0x200a) || c == 0x202f)
            j = MAX(j, JOINT_BLANK);
        else if (c >= 0 && glyph_dash((u32)c))
            j = MAX(j, JOINT_DASH);
        else if (c == '.' || c == 0xb7 || c == 0x30fb || c == 0x2022)
            j = MAX(j, JOINT_DOT);
        else if (c == '(' || c == ')')
            j = MAX(j, JOINT_BRACKET);
        else
            break;
        *at = next;
    }
    return j;
}

static void read_window(struct str s, size_t at, struct window *w)
{
    *w = (struct window){0};
    enum joint j = JOINT_NONE;
    while (w->groups < GROUPS_MAX) {
        w->joint[w->groups] = j;
        if (!read_group(s, &at, w)) break;
        j = read_joint(s, &at);
        if (j == JOINT_NONE) break;
    }
    w->d[w->n] = '\0';
}

/* What the words before the number say it is. */
struct label {
    bool keep, phone, public_phone, id, bank;
};

static const char *const keep_words[] = {
    "编号",
    "單號",
    "单号",
    "单号码",
    "订单",
    "订单号",
    "订单号码",
    "訂單號",
    "工单",
    "工单号",
    "流水号",
    "流水",
    "受理号",
    "受理码",
    "案号",
    "文号",
    "批号",
    "货号",
    "型号",
    "序列号",
    "取件码",
    "验证码",
    "信用代码",
    "代码",
    "发票号",
    "发票号码",
    "合同号",
    "合同编号",
    "许可证号",
    "户号",
    "表号",
    "设备号",
    "条码",
    "条形码",
    "查询码",
    "追溯码",
    "学号",
    "校验码",
    "缴费号",
    "业务号",
    "登记号",
    "备案号",
    "注册号",
    "运单号",
    "快递单",
    "凭证号",
    "票号",
    "房源号",
    "监督牌",
    "牌号",
    "预约号",
    "排队号",
    "申请号",
    "考生号",
    "准考证号",
    "报名号",
    "会员卡号",
    "就诊卡号",
    "公交卡号",
    "医保卡号",
    "饭卡号",
    "燃气卡号",
    "水卡号",
    "电卡号",
    "购物卡号",
    "充值卡号",
    "条款号",
    "电表号",
    "水表号",
    "气表号",
    "no",
    "no.",
    "№",
    "imei",
    "order",
    "sn",
    "版本",
    "版本号",
    "第",
    "¥",
    "￥",
    "$",
    "金额",
    "统一社会信用代码",
    "组织机构代码",
    "税号",
    "纳税人识别号",
};
static const char *const phone_words[] = {
    "电话", "電話", "座机",   "座機",   "固话",     "固話",     "电话号码", "電話號碼", "宅电",
    "手机", "手機", "手机号", "手機號", "手机号码", "联系方式", "聯繫方式", "联系",     "聯繫",
    "回我", "打我", "找我",   "打",     "拨",       "tel",      "phone",    "mobile",   "call",
    "号码", "致电", "来电",   "短信",   "请打",     "请回",     "本人",
};
static const char *const public_words[] = {
    "热线",     "熱線",     "客服",     "客服电话", "监督电话", "举报电话", "投诉电话",
    "咨询电话", "服务电话", "办公电话", "值班电话", "窗口电话", "公开电话", "报修电话",
    "抢修电话", "售后电话", "维权电话", "官方电话", "总机",     "前台电话", "办公室电话",
    "局电话",   "委电话",   "办电话",   "科电话",   "股电话",   "所电话",   "中心电话",
    "大厅电话", "政府电话", "请致电",   "可致电",   "请拨打",   "可拨打",   "欢迎致电",
    "详询",     "咨询",     "公示电话", "受理电话", "预约电话", "服务热线",
};
static const char *const id_words[] = {"身份证", "身份證", "身份证号", "身份證號", "身份证号码", "身份證號碼",
                                       "证件号", "證件號", "证件号码", "证件",     "身份号码",   "身份证件"};
static const char *const bank_words[] = {
    "银行卡", "銀行卡", "银行卡号", "銀行卡號", "银行账号", "银行账户", "银行帐号", "卡号",
    "卡號",   "储蓄卡", "信用卡",   "借记卡",   "账号",     "帐号",     "帳號",     "账户",
    "帐户",   "工行",   "农行",     "建行",     "中行",     "交行",     "农商行",   "信用社",
    "邮储",   "工资卡", "存折",     "社保卡",   "打款到",   "尾款账号",
};

static void label_read(struct str s, size_t at, struct label *l)
{
    struct before b;
    before_read(s, at, 0, &b);
    /* In the middle of a row of numbers no word can name this one. */
    if (b.n && glyph_digit(b.c[0]) >= 0) return;
    if (b.n && b.c[0] == '+') b.n--, memmove(b.c, b.c + 1, b.n * sizeof *b.c);
    l->phone = before_ends(&b, phone_words, ARRAY_LEN(phone_words));
    l->public_phone = before_ends(&b, public_words, ARRAY_LEN(public_words));
    l->id = before_ends(&b, id_words, ARRAY_LEN(id_words));
    l->bank = before_ends(&b, bank_words, ARRAY_LEN(bank_words));
    l->keep = before_ends(&b, keep_words, ARRAY_LEN(keep_words));
    /* 订单号SF154…: letters belong to the number, what stands before them names it. */
    size_t letters = 0;
    while (letters < b.n && letters < 6 && ascii_letter(b.c[letters])) letters++;
    if (letters && !l->keep && !l->phone) {
        b.n -= letters;
        memmove(b.c, b.c + letters, b.n * sizeof *b.c);
        l->keep = b.n > 0 && before_ends(&b, keep_words, ARRAY_LEN(keep_words));
    }
    if (l->id || (l->bank && !l->keep)) l->keep = false;
}

static bool date_ok(int year, int month, int day)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

static int two(const char *d) { return (d[0] - '0') * 10 + d[1] - '0'; }

/* GB 11643: 17 digits and a check character by ISO 7064 MOD 11-2. */
static bool id18_ok(const char *d, char check)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char checks[] = "10X98765432";
    int sum = 0;
    for (size_t i = 0; i < 17; i++) sum += weights[i] * (d[i] - '0');
    return d[0] != '0' && date_ok(two(d + 6) * 100 + two(d + 8), two(d + 10), two(d + 12)) &&
           checks[sum % 11] == check;
}

/* The form of before 1999, without a check: the province and the date must be possible. 99 is what test data use. */
static bool id15_ok(const char *d)
{
    static const char provinces[] =
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 99 ";
    const char key[4] = {d[0], d[1], ' ', 0};
    return strstr(provinces, key) && date_ok(1900 + two(d + 6), two(d + 8), two(d + 10));
}

static bool luhn_ok(const char *d, size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        int v = d[n - 1 - i] - '0';
        if (i % 2) v = v > 4 ? v * 2 - 9 : v * 2;
        sum += v;
    }
    return sum % 10 == 0;
}

/* Lengths as the card organisations give them out; 62 is UnionPay, 9558 and 60 older domestic cards. */
static bool card_shape(const char *d, size_t n)
{
    if (n < 16 || n > 19) return false;
    if (d[0] == '6') return strchr("02589", d[1]) != NULL;
    if (strncmp(d, "9558", 4) == 0) return true;
    return n == 16 &&
           (d[0] == '4' || (d[0] == '5' && d[1] >= '1' && d[1] <= '5') || (d[0] == '3' && d[1] == '5'));
}

static bool mobile_ok(const char *d) { return d[0] == '1' && d[1] >= '3'; }

/* Groups that a person writes a mobile in; others need the word "phone" before them. */
static bool mobile_groups(const size_t *len, size_t n, enum joint worst, bool labelled)
{
    static const char *const usual[] = {"b",   "344",  "38",   "74",   "335",  "353",  "443",
                                        "434", "3224", "3233", "3422", "1334", "2333", "32222"};
    char shape[12];
    if (labelled && worst != JOINT_DOT) return true;
    if (n > 11) return false;
    bool small = true;
    for (size_t i = 0; i < n; i++) {
        shape[i] = len[i] == 11 ? 'b' : (char)('0' + len[i]);
        small = small && len[i] <= 2;
    }
    shape[n] = '\0';
    if (worst == JOINT_DOT) return strcmp(shape, "344") == 0;
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (strcmp(shape, usual[i]) == 0) return true;
    return (small && n >= 6) ||
           (worst == JOINT_DASH && (strcmp(shape, "47") == 0 || strcmp(shape, "56") == 0));
}

static enum joint worst_joint(const struct window *w, size_t from, size_t groups)
{
    enum joint j = JOINT_NONE;
    for (size_t i = from + 1; i < groups; i++) j = MAX(j, w->joint[i]);
    return j;
}

/* Digits before the mobile itself: 86, 086, 0086. */
static size_t country_digits(const char *d, size_t n)
{
    static const char *const codes[] = {"0086", "086", "86", ""};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (n == strlen(codes[i]) + 11 && strncmp(d, codes[i], strlen(codes[i])) == 0)
            return strlen(codes[i]);
    return SIZE_MAX;
}

static bool is_mobile(struct str s, const struct window *w, size_t groups, size_t n, const struct label *l)
{
    size_t skip = country_digits(w->d, n), len[GROUPS_MAX], from = 0;
    if (skip == SIZE_MAX || !mobile_ok(w->d + skip)) return false;
    memcpy(len, w->len, sizeof len);
    for (size_t left = skip; left;) {
        size_t take = MIN(left, len[from]);
        len[from] -= take;
        left -= take;
        if (len[from] == 0) from++;
    }
    if (!mobile_groups(len + from, groups - from, worst_joint(w, from, groups), l->phone || skip))
        return false;
    if (l->keep && !l->phone && skip == 0) return false;
    return l->phone || !amount_at(s, w->end[n - 1]);
}

static size_t area_digits(const char *d)
{
    if (d[0] != '0') return 0;
    if (d[1] == '1') return d[2] == '0' ? 3 : 0;
    if (d[1] == '2') return 3;
    return d[1] >= '3' ? 4 : 0;
}

static bool is_landline(const struct window *w, size_t groups, size_t n, const struct label *l)
{
    size_t area = area_digits(w->d), rest = n - area;
    if (!area || n < 10 || rest < 7 || rest > 8 || (area == 3 && rest == 7 && groups == 1)) return false;
    if (w->d[area] < '2' || l->public_phone || (l->keep && !l->phone)) return false;
    if (groups == 1) return true;
    if (w->len[0] != area || groups > 4) return false;
    for (size_t i = 1; i < groups; i++)
        if (w->joint[i] == JOINT_DOT || w->len[i] < 2) return false;
    return true;
}

/* Seven or eight digits are a telephone only right after the word. */
static bool is_local(struct str s, const struct window *w, size_t groups, size_t n, const struct label *l)
{
    if (!l->phone || l->public_phone || l->keep || n < 7 || n > 8 || w->d[0] < '2' || w->d[0] > '8' ||
        groups > 2)
        return false;
    if (groups == 2 && (w->len[0] < 3 || w->len[1] < 3)) return false;
    if (n == 8 && date_ok(two(w->d) * 100 + two(w->d + 2), two(w->d + 4), two(w->d + 6))) return false;
    if (groups < w->groups && w->joint[groups] == JOINT_DASH) return false;
    return !amount_at(s, w->end[n - 1]);
}

static bool hotline(const char *d, size_t n)
{
    return n == 10 && (strncmp(d, "400", 3) == 0 || strncmp(d, "800", 3) == 0);
}

/* 转802, -802, ext 802 behind a landline. */
static size_t with_extension(struct str s, const struct window *w, size_t groups, size_t n)
{
    static const char *const words[] = {"转接", "转", "轉", "分机", "ext.", "ext"};
    size_t end = w->end[n - 1], at = end;
    if (groups < w->groups && w->joint[groups] == JOINT_DASH && w->len[groups] >= 2 && w->len[groups] <= 5)
        return w->end[n + w->len[groups] - 1];
    bool marked;
    at = skip_fillers(s, at, &marked);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t next = word_at(s, at, words[i]);
        if (!next) continue;
        at = skip_fillers(s, next, &marked);
        for (size_t k = 0; k < 6; k++) {
            next = at;
            i64 c = glyph_next(s, &next);
            if (c < 0 || glyph_digit((u32)c) < 0) return k ? at : end;
            at = next;
        }
        return end;
    }
    return end;
}

/* X behind 17 digits; its end, or 0. */
static size_t check_x(struct str s, size_t at)
{
    size_t end = at;
    i64 c = glyph_next(s, &end), after;
    if (c != 'x' && c != 'X') return 0;
    size_t next = end;
    after = glyph_next(s, &next);
    return ascii_letter(after) || (after >= 0 && glyph_digit((u32)after) >= 0) ? 0 : end;
}

static bool is_receipt(const char *d)
{
    char plain[RECEIPT_DIGITS + 1];
    return receipt_parse((struct str){d, RECEIPT_DIGITS}, plain);
}

/* The kind of the first n digits, which fill whole groups; REDACT_KINDS_N for none. *end_r: end of the span. */
static enum redact_kind kind_of(struct str s, const struct window *w, size_t groups, size_t n,
                                const struct label *l, size_t *end_r)
{
    const char *d = w->d;
    size_t x = n == 17 ? check_x(s, w->end[n - 1]) : 0;
    *end_r = w->end[n - 1];
    if (x && (l->id || (!l->keep && id18_ok(d, 'X')))) return *end_r = x, REDACT_ID_CARD;
    bool neat = groups == 1 || worst_joint(w, 0, groups) <= JOINT_DASH;
    if (n == 18 && neat && (id18_ok(d, d[17]) ? !l->keep : l->id)) return REDACT_ID_CARD;
    if (n == 15 && neat && groups <= 3 && (l->id || (!l->keep && !l->bank && id15_ok(d))))
        return REDACT_ID_CARD;
    if (neat && !l->keep && card_shape(d, n) && (l->bank || luhn_ok(d, n))) return REDACT_BANK_CARD;
    if (neat && l->bank && !l->keep && n >= 15 && n <= 21 && groups <= 6) return REDACT_BANK_CARD;
    if (n == RECEIPT_DIGITS && neat && !l->keep && is_receipt(d)) return REDACT_RECEIPT;
    if (is_mobile(s, w, groups, n, l)) return REDACT_MOBILE;
    if (is_landline(w, groups, n, l)) return *end_r = with_extension(s, w, groups, n), REDACT_LANDLINE;
    if (is_local(s, w, groups, n, l)) return *end_r = with_extension(s, w, groups, n), REDACT_LANDLINE;
    return REDACT_KINDS_N;
}

/* '+' and an opening bracket belong to the number: +86…, (0700)…, (+86)…. */
static size_t widen_start(struct str s, size_t start, size_t end, size_t floor)
{
    struct str inside = {s.p + start, end - start};
    bool closed = str_find(inside, STR(")")) != SIZE_MAX || str_find(inside, STR("）")) != SIZE_MAX;
    for (int i = 0; i < 2; i++) {
        size_t at = start;
        do {
            if (at == floor) return start;
            at--;
        } while (((u8)s.p[at] & 0xc0) == 0x80);
        size_t next = at;
        i64 c = glyph_next(s, &next);
        if (c != '+' && !(c == '(' && closed)) return start;
        start = at;
    }
    return start;
}

bool redact_number(struct str s, size_t at, size_t floor, struct redact_span *span_r, size_t *end_r)
{
    struct window w;
    struct label l = {0};
    enum redact_kind best = REDACT_KINDS_N;
    read_window(s, at, &w);
    if (w.groups == 0) { /* longer than anything we know: walk over it */
        size_t next = at;
        for (i64 c; (c = glyph_next(s, &next)) >= 0 && glyph_digit((u32)c) >= 0;) at = next;
        *end_r = MAX(at, *end_r);
        return false;
    }
    *end_r = w.end[w.len[0] - 1];
    if (w.n < 7) return false;
    label_read(s, at, &l);
    for (size_t groups = 1, n = 0; groups <= w.groups; groups++) {
        size_t end;
        n += w.len[groups - 1];
        if (n > 21) break;
        if (hotline(w.d, n)) return *end_r = w.end[n - 1], false;
        enum redact_kind k = kind_of(s, &w, groups, n, &l, &end);
        /* The longest reading wins, but a mobile does not grow by the number behind it. */
        if (k == REDACT_KINDS_N) continue;
        best = k;
        *span_r = (struct redact_span){widen_start(s, w.at[0], end, floor), end, k};
        if (k == REDACT_MOBILE || k == REDACT_ID_CARD) break;
    }
    if (best == REDACT_KINDS_N && w.len[0] == 22 && mobile_ok(w.d) && mobile_ok(w.d + 11) && !l.keep) {
        best = REDACT_MOBILE; /* two numbers run together; the second is found when we go on */
        *span_r = (struct redact_span){w.at[0], w.end[10], REDACT_MOBILE};
    }
    if (best != REDACT_KINDS_N) *end_r = span_r->end;
    return best != REDACT_KINDS_N;
}
