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
/* Around an opt-out word and its contrary, longer ones first. */
static const char *const asking_words[] = {"我要求", "我要", "我想", "麻烦", "麻煩", "申请",
                                           "申請",   "帮我", "幫我", "请",   "請"};
static const char *const reply_words[] = {"回复", "回復", "回覆", "回"}; /* 退订回T, as the answer has it */
static const char *const after_words[] = {"短信", "吧"};
static const char *const thanks_words[] = {
    "非常感谢", "非常感謝", "谢谢您", "謝謝您", "谢谢你",    "謝謝你", "谢谢了", "謝謝了", "谢谢",
    "謝謝",     "多谢",     "多謝",   "感谢您", "感謝您",    "感谢",   "感謝",   "好的",   "收到了",
    "收到",     "知道了",   "明白了", "明白",   "thank you", "thanks", "okay",   "ok"};
static const char *const greeting_words[] = {"你好", "您好", "在吗", "在嗎", "hello", "hi"};
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
static size_t skip_str(struct str s, size_t at, struct str word)
{
    size_t start = at, w = 0;
    while (w < word.n) {
        i64 b = glyph_next(word, &w);
        if (b < 0) break; /* what cannot be seen ends the word */
        i64 a = glyph_next(s, &at);
        if (a >= 'A' && a <= 'Z') a += 32;
        if (b >= 'A' && b <= 'Z') b += 32;
        if (a != b) return start;
    }
    return at;
}

static size_t skip_word(struct str s, size_t at, const char *word) { return skip_str(s, at, str_of(word)); }

static size_t skip_one_of(struct str s, size_t at, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t next = skip_word(s, at, words[i]);
        if (next != at) return next;
    }
    return at;
}

/* Skips blanks and the marks that close words. */
static size_t skip_closers(struct str s, size_t at)
{
    static const u32 closers[] = {'.', '!', ',', '~', 0x3002, 0x3001};
    while (at < s.n) {
        size_t next = at;
        i64 c = glyph_next(s, &next);
        bool mark = c < 0 || glyph_blank((u32)c);
        for (size_t i = 0; i < ARRAY_LEN(closers); i++) mark = mark || (u32)c == closers[i];
        if (!mark) break;
        at = next;
    }
    return at;
}

static bool ends_at(struct str s, size_t at) { return skip_closers(s, at) >= s.n; }

/* The whole text, but for closing marks, is this word. */
static bool is_word(struct str s, struct str word)
{
    size_t at = skip_str(s, 0, word);
    return at != 0 && ends_at(s, at);
}

/* The next word of a list with blanks or commas between; false behind the last. */
static bool list_next(struct str list, size_t *at, struct str *word_r)
{
    size_t from = *at;
    if (from >= list.n) return false;
    while (*at < list.n && list.p[*at] != ' ' && list.p[*at] != ',' && list.p[*at] != ';') ++*at;
    *word_r = (struct str){list.p + from, *at - from};
    ++*at;
    return true;
}

/* One of a list. */
static bool is_listed(struct str s, struct str list, struct str *word_r)
{
    for (size_t at = 0; list_next(list, &at, word_r);)
        if (is_word(s, *word_r)) return true;
    return false;
}

/* The whole text from `at` is the tail of a polite form: 短信, 吧, 谢谢, or a word of the list, with 回 or without. */
static bool ends_politely(struct str s, size_t at, struct str list)
{
    size_t reply = skip_marks(s, skip_one_of(s, at, reply_words, ARRAY_LEN(reply_words)));
    struct str word, rest = {s.p + reply, s.n - reply};
    if (is_listed(rest, list, &word)) return true;
    at = skip_closers(s, skip_one_of(s, at, after_words, ARRAY_LEN(after_words)));
    return ends_at(s, skip_one_of(s, at, thanks_words, ARRAY_LEN(thanks_words)));
}

/* 请退订, 我要退订, 退订回T: polite words around a word of the list and nothing else. Only around one of two characters or more:
 * 我要T is said in a shop. */
static bool is_asked_for(struct str s, struct str list)
{
    size_t at = skip_marks(s, 0);
    for (int i = 0; i < 3; i++) at = skip_marks(s, skip_one_of(s, at, asking_words, ARRAY_LEN(asking_words)));
    struct str word;
    for (size_t next = 0; list_next(list, &next, &word);) {
        size_t end = skip_str(s, at, word), second = 0;
        if (end == at || glyph_next(word, &second) < 0 || glyph_next(word, &second) < 0) continue;
        if (ends_politely(s, skip_closers(s, end), list)) return true;
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
    } else if (is_asked_for(s, rules->stop)) {
        m->kind = SMS_STOP;
    } else if (is_listed(s, rules->start, &word) || is_asked_for(s, rules->start)) {
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

/* Nothing but thanks, or nothing but those and a greeting: 好的，谢谢！ Thanks win, an answer to them would nag. */
static enum sms_courtesy courtesy_of(struct str s)
{
    enum sms_courtesy found = SMS_MATTER;
    for (size_t at = skip_closers(s, 0); at < s.n;) {
        size_t thanks = skip_one_of(s, at, thanks_words, ARRAY_LEN(thanks_words)),
               greeting = skip_one_of(s, at, greeting_words, ARRAY_LEN(greeting_words));
        if (thanks == at && greeting == at) return SMS_MATTER;
        if (thanks != at)
            found = SMS_THANKS;
        else if (found != SMS_THANKS)
            found = SMS_GREETING;
        at = thanks != at ? thanks : skip_closers(s, skip_word(s, greeting, "?"));
        at = skip_closers(s, at);
    }
    return found;
}

static bool digit_at(struct str s, size_t at)
{
    i64 c = at < s.n ? glyph_next(s, &at) : -1;
    return c >= 0 && glyph_digit((u32)c) >= 0;
}

/* Appends the digits from *at on; false when there are more than max in all. */
static bool read_digits(struct str s, size_t *at, size_t max, char *digits, size_t *n)
{
    while (digit_at(s, *at)) {
        i64 c = glyph_next(s, at);
        if (*n == max) return false;
        digits[(*n)++] = (char)('0' + glyph_digit((u32)c));
    }
    return true;
}

/* Digits in groups, as on a card (100 036, 100-036): the fewest groups that check are the number, so that a number that begins the
 * words stays with them. What counts something is no number in any grouping. */
static bool read_plaque(struct str s, size_t min, size_t max, struct sms_text *m)
{
    size_t at = skip_marks(s, 0), n = 0;
    char digits[SMS_PLAQUE_MAX];
    at = skip_marks(s, skip_one_of(s, at, plaque_words, ARRAY_LEN(plaque_words)));
    for (;;) {
        if (!read_digits(s, &at, max, digits, &n) || n == 0) return false;
        if (skip_one_of(s, at, counting, ARRAY_LEN(counting)) != at) return false;
        size_t next = at;
        i64 c = glyph_next(s, &next);
        const bool more = digit_at(s, next);
        if ((c == '.' || c == ',') && more) return false; /* 12.5 */
        if (n >= min && check_digit_ok(digits, n) && !(c == '-' && more)) break;
        if (!more || c == '\n' || c == '\r' || !(glyph_blank((u32)c) || glyph_dash((u32)c))) return false;
        at = next;
    }
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
    if (read_plaque(s, min, max, meaning_r)) return;
    meaning_r->verdict = verdict_of(s);
    meaning_r->courtesy = courtesy_of(s);
}
