#include "core/sms_text.h"
#include "base/utf8.h"
#include "core/checkdigit.h"
#include "core/glyph.h"
#include <string.h>

static const char *const help_words[] = {"帮助", "幫助", "help", "bz", "?"};
static const char *const status_words[] = {"查询", "查詢", "cx"};
static const char *const solved_words[] = {"已解决", "已解決", "解决了", "解決了", "solved"};
static const char *const unsolved_words[] = {"未解决",   "未解決",   "没解决",    "没有解决",
                                             "沒有解決", "unsolved", "not solved"};
static const char *const receipt_words[] = {"回执码", "回执号", "回执", "回執碼", "回執"};
static const char *const plaque_words[] = {"监督牌编号", "监督牌号", "监督牌", "牌编号", "牌号", "编号",
                                           "監督牌編號", "監督牌",   "編號",   "牌號",   "no",   "码"};
static const char *const join_words[] = {"+", "加"}; /* as the help says it: CX 加回执码 */
/* A number before one of these counts or dates something. */
static const char *const counting[] = {"元", "块", "塊", "万", "萬", "千", "百", "亿", "年", "月",
                                       "日", "号", "個", "个", "人", "户", "斤", "吨", "米", "分",
                                       "点", "平", "多", "余", "名", "次", "天", "%",  "度", "公"};

/* Skips blanks, invisible characters and light punctuation. */
static size_t skip_marks(struct str s, size_t at)
{
    static const u32 marks[] = {'#',    ':',    ',',    '.', ';',    '-',    '(',
                                ')',    '[',    ']',    '*', 0x3001, 0x3002, 0x3010,
                                0x3011, 0x201c, 0x201d, '"', 0x300c, 0x300d, 0x2014};
    while (at < s.n) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        bool skip = c < 0 || glyph_blank((u32)c);
        for (size_t i = 0; i < ARRAY_LEN(marks); i++) skip = skip || (u32)c == marks[i];
        if (!skip) break;
        at = next;
    }
    return at;
}

/* Position behind the word when s goes on with it at `at` (case and width do not matter), else `at`. */
static size_t skip_word(struct str s, size_t at, const char *word)
{
    size_t start = at, w = 0;
    struct str want = str_of(word);
    while (w < want.n) {
        i64 a = glyph_next(s, &at), b = utf8_next(want, &w);
        if (a >= 'A' && a <= 'Z') a += 32;
        if (a != b) return start;
    }
    return at;
}

static size_t skip_one_of(struct str s, size_t at, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t next = skip_word(s, at, words[i]);
        if (next != at) return next;
    }
    return at;
}

static bool ends_at(struct str s, size_t at)
{
    static const u32 closers[] = {'.', '!', ',', '~', 0x3002, 0x3001};
    while (at < s.n) {
        i64 c = glyph_next(s, &at);
        bool mark = c < 0 || glyph_blank((u32)c);
        for (size_t i = 0; i < ARRAY_LEN(closers); i++) mark = mark || (u32)c == closers[i];
        if (!mark) return false;
    }
    return true;
}

/* The whole text, but for closing marks, is this word. */
static bool is_word(struct str s, struct str word)
{
    size_t at = 0, w = 0;
    if (word.n == 0) return false;
    while (w < word.n) {
        i64 a = glyph_next(s, &at), b = glyph_next(word, &w);
        if (b < 0) break; /* what cannot be seen ends the word */
        if (a >= 'A' && a <= 'Z') a += 32;
        if (b >= 'A' && b <= 'Z') b += 32;
        if (a != b) return false;
    }
    return at != 0 && ends_at(s, at);
}

/* One of a list with blanks or commas between. */
static bool is_listed(struct str s, struct str list, struct str *word_r)
{
    size_t at = 0;
    while (at < list.n) {
        size_t from = at;
        while (at < list.n && list.p[at] != ' ' && list.p[at] != ',' && list.p[at] != ';') at++;
        *word_r = (struct str){list.p + from, at - from};
        if (is_word(s, *word_r)) return true;
        at++;
    }
    return false;
}

static bool read_service(struct str s, const struct sms_rules *rules, struct sms_text *m)
{
    struct str word;
    bool help = false;
    for (size_t i = 0; i < ARRAY_LEN(help_words); i++) help = help || is_word(s, str_of(help_words[i]));
    if (help) {
        m->kind = SMS_HELP;
    } else if (is_listed(s, rules->stop, &word)) {
        m->kind = SMS_STOP;
        m->weak = str_eq_case(word, STR("N"));
    } else if (is_listed(s, rules->start, &word)) {
        m->kind = SMS_START;
    } else {
        return false;
    }
    m->rest = STR_NONE;
    return true;
}

/* A score and nothing else: its digit, or -1. */
static int score_of(struct str s)
{
    size_t at = 0;
    i64 c = glyph_next(s, &at);
    int d = c < 0 ? -1 : glyph_digit((u32)c);
    if (d < 0 || d > 5) return -1;
    return ends_at(s, skip_word(s, at, "分")) ? d : -1;
}

static bool read_rating(struct str s, struct sms_text *m)
{
    int d = score_of(s);
    if (d < 0) return false;
    m->kind = SMS_RATING;
    m->rating = d;
    m->rest = STR_NONE;
    return true;
}

/* What stands behind a command, without the signs that people copy along with it: “CX+1234 …”。 */
static struct str number_behind(struct str s, size_t at)
{
    static const u32 marks[] = {'"', '\'',   '.',    ',',    '!',    '?',    ';',    ')',    ']',
                                '~', 0x3002, 0x3001, 0x3011, 0x201c, 0x201d, 0x2018, 0x2019, 0x300d};
    at = skip_marks(s, at);
    at = skip_one_of(s, at, join_words, ARRAY_LEN(join_words));
    at = skip_marks(s, at);
    at = skip_marks(s, skip_one_of(s, at, receipt_words, ARRAY_LEN(receipt_words)));
    size_t end = at;
    for (size_t next = at; next < s.n;) {
        i64 c = glyph_next(s, &next);
        bool mark = c < 0;
        for (size_t i = 0; i < ARRAY_LEN(marks); i++) mark = mark || (u32)c == marks[i];
        if (!mark) end = next;
    }
    return glyph_trim((struct str){s.p + at, end - at});
}

static bool read_status(struct str s, struct sms_text *m)
{
    size_t from = skip_marks(s, 0), at = skip_one_of(s, from, status_words, ARRAY_LEN(status_words));
    bool asked = at != from;
    struct str number = number_behind(s, at);
    bool valid = receipt_parse(number, m->receipt);
    if (!asked && !valid)
        return false; /* sixteen digits that check, alone, are a receipt even without the word */
    m->digits = valid;
    for (size_t k = 0; k < number.n && !valid;) {
        i64 c = glyph_next(number, &k);
        m->digits = m->digits || (c >= 0 && glyph_digit((u32)c) >= 0);
        /* 查询社保怎么办 asks for something else: only digits and separators can be a mistyped receipt. */
        if (c >= 0 && glyph_digit((u32)c) < 0 && !glyph_blank((u32)c) && !glyph_dash((u32)c)) return false;
    }
    m->kind = SMS_STATUS;
    m->rest = STR_NONE;
    return true;
}

/* Only with a receipt that checks: 已解决 alone, or with other words, is something a citizen tells. */
static bool read_confirm(struct str s, struct sms_text *m)
{
    const size_t from = skip_marks(s, 0), yes = skip_one_of(s, from, solved_words, ARRAY_LEN(solved_words)),
                 no = skip_one_of(s, from, unsolved_words, ARRAY_LEN(unsolved_words)),
                 at = yes != from ? yes : no;
    if (at == from || !receipt_parse(number_behind(s, at), m->receipt)) return false;
    m->kind = yes != from ? SMS_SOLVED : SMS_UNSOLVED;
    m->rest = STR_NONE;
    return true;
}

static int verdict_of(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(solved_words); i++)
        if (is_word(s, str_of(solved_words[i]))) return 1;
    for (size_t i = 0; i < ARRAY_LEN(unsolved_words); i++)
        if (is_word(s, str_of(unsolved_words[i]))) return -1;
    return 0;
}

static bool read_plaque(struct str s, size_t min, size_t max, struct sms_text *m)
{
    size_t at = skip_marks(s, 0), n = 0;
    char digits[SMS_PLAQUE_MAX];
    at = skip_marks(s, skip_one_of(s, at, plaque_words, ARRAY_LEN(plaque_words)));
    for (;;) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        int d = c < 0 ? -1 : glyph_digit((u32)c);
        if (d < 0) break;
        if (n == max) return false;
        digits[n++] = (char)('0' + d);
        at = next;
    }
    if (n < min || !check_digit_ok(digits, n)) return false;
    if (skip_one_of(s, at, counting, ARRAY_LEN(counting)) != at) return false;
    size_t point = at;
    i64 c = glyph_next(s, &point), after = point < s.n ? glyph_next(s, &point) : -1;
    if ((c == '.' || c == ',' || c == '-') && after >= 0 && glyph_digit((u32)after) >= 0)
        return false; /* 12.5 */
    memcpy(m->plaque, digits, n);
    m->plaque[n] = '\0';
    at = skip_marks(s, at);
    m->kind = SMS_PLAQUE;
    m->rest = glyph_trim((struct str){s.p + at, s.n - at});
    m->rating = MAX(score_of(m->rest), 0);
    return true;
}

void sms_text_read(struct str words, const struct sms_rules *rules, struct sms_text *meaning_r)
{
    const size_t min = rules->plaque_min, max = rules->plaque_max;
    ASSERT(min >= 2 && min <= max && max <= SMS_PLAQUE_MAX);
    struct str s = glyph_trim(words);
    *meaning_r = (struct sms_text){.kind = SMS_WORDS, .rest = words};
    if (s.n == 0) return;
    if (read_rating(s, meaning_r) || read_service(s, rules, meaning_r) || read_confirm(s, meaning_r) ||
        read_status(s, meaning_r))
        return;
    *meaning_r = (struct sms_text){.kind = SMS_WORDS, .rest = words};
    if (!read_plaque(s, min, max, meaning_r)) meaning_r->verdict = verdict_of(s);
}
