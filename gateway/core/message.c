#include "core/message.h"
#include "base/utf8.h"

static const struct {
    const char *word, *title, *params;
    enum message_purpose purpose;
} events[MESSAGE_EVENTS_N] = {
#define X(id, word, title, purpose, params) {word, title, params, PURPOSE_##purpose},
    MESSAGE_EVENTS(X)
#undef X
};
static const char *const purposes[PURPOSES_N] = {
    [PURPOSE_ANSWER] = "answer", [PURPOSE_NOTICE] = "notice", [PURPOSE_SURVEY] = "survey",
    [PURPOSE_STAFF] = "staff",   [PURPOSE_EVENT] = "event",   [PURPOSE_CALL] = "call"};
static const struct {
    const char *name, *title, *example, *example_en, *missing;
} params[] = {
#define X(name, title, example, example_en)                                                                  \
    {#name, title, example, example_en, "缺少 {" #name "}（" title "）：这种短信必须带上它。"},
    MESSAGE_PARAMS(X)
#undef X
};

const char *message_event_word(enum message_event e) { return events[e].word; }
const char *message_event_title(enum message_event e) { return events[e].title; }
const char *message_event_params(enum message_event e) { return events[e].params; }
enum message_purpose message_event_purpose(enum message_event e) { return events[e].purpose; }
const char *message_purpose_word(enum message_purpose p) { return purposes[p]; }

bool message_event_parse(struct str word, enum message_event *event_r)
{
    for (unsigned i = 0; i < MESSAGE_EVENTS_N; i++)
        if (str_eq(word, str_of(events[i].word))) {
            *event_r = (enum message_event)i;
            return true;
        }
    return false;
}

/* Its place in the table, or the table's length. */
static size_t param_of(struct str name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(params) && !str_eq(name, str_of(params[i].name))) i++;
    return i;
}

const char *message_param_title(struct str name)
{
    const size_t i = param_of(name);
    return i < ARRAY_LEN(params) ? params[i].title : NULL;
}

const char *message_param_example(struct str name, bool english)
{
    const size_t i = param_of(name);
    if (i == ARRAY_LEN(params)) return "";
    return english ? params[i].example_en : params[i].example;
}

/* --- rendering --- */

/* One step through a template: a piece of plain text, the name of a parameter, the end, or what cannot be. */
enum piece { PIECE_END, PIECE_PLAIN, PIECE_PARAM, PIECE_BROKEN };

static enum piece piece_next(struct str t, size_t *at, struct str *it)
{
    const size_t from = *at;
    if (from == t.n) return PIECE_END;
    const char c = t.p[from];
    if (c != '{' && c != '}') {
        while (*at < t.n && t.p[*at] != '{' && t.p[*at] != '}') ++*at;
        *it = (struct str){t.p + from, *at - from};
        return PIECE_PLAIN;
    }
    if (from + 1 < t.n && t.p[from + 1] == c) {
        *it = (struct str){t.p + from, 1};
        *at = from + 2;
        return PIECE_PLAIN;
    }
    size_t end = from + 1;
    while (end < t.n && ((t.p[end] >= 'a' && t.p[end] <= 'z') || t.p[end] == '_')) end++;
    if (c == '}' || end == from + 1 || end == t.n || t.p[end] != '}') return PIECE_BROKEN;
    *it = (struct str){t.p + from + 1, end - from - 1};
    *at = end + 1;
    return PIECE_PARAM;
}

/* C0, DEL and C1: nothing that a telephone should be asked to do. */
static bool control(i64 c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

static void put_value(struct text *out, struct str v)
{
    for (size_t at = 0; at < v.n;) {
        const size_t from = at;
        if (!control(utf8_next(v, &at))) text_add(out, (struct str){v.p + from, at - from});
    }
}

/* The value of a parameter, .p NULL when it is not there. */
struct values {
    const struct message_value *given;
    size_t n;
    bool example, english;
};

static struct str value_of(const struct values *v, struct str name)
{
    if (v->example) {
        const char *z = message_param_example(name, v->english);
        return *z ? str_of(z) : STR_NONE;
    }
    for (size_t i = 0; i < v->n; i++)
        if (str_eq(name, str_of(v->given[i].name))) return v->given[i].value.p ? v->given[i].value : STR("");
    return STR_NONE;
}

static bool render(struct str t, const struct values *values, struct text *out)
{
    const size_t before = out->n;
    size_t at = 0;
    struct str it;
    enum piece p;
    while ((p = piece_next(t, &at, &it)) == PIECE_PLAIN || p == PIECE_PARAM) {
        struct str v = p == PIECE_PARAM ? value_of(values, it) : it;
        if (!v.p) break;
        put_value(out, v);
    }
    if (p == PIECE_END && !out->overflow) return true;
    out->n = before;
    return false;
}

bool message_render(struct str template_text, const struct message_value *values, size_t n, struct text *out)
{
    return render(template_text, &(struct values){.given = values, .n = n}, out);
}

bool message_render_example(struct str template_text, bool english, struct text *out)
{
    return render(template_text, &(struct values){.example = true, .english = english}, out);
}

/* --- what an office may not write --- */

static bool lists(const char *names, struct str name)
{
    struct str rest = str_of(names), one;
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        if (str_eq(one, name)) return true;
    }
    return false;
}

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* "https://…", "www.…" and what a telephone makes a link of: a name, a dot and two letters without a blank between. */
static bool has_link(struct str t)
{
    if (str_find(t, STR("://")) != SIZE_MAX) return true;
    for (size_t i = 1; i + 2 < t.n; i++)
        if (t.p[i] == '.' && (letter(t.p[i - 1]) || digit(t.p[i - 1])) && letter(t.p[i + 1]) &&
            letter(t.p[i + 2]))
            return true;
    return false;
}

/* A mobile number or the number of an identity card, written as one run of digits. */
static bool has_person_number(struct str t)
{
    for (size_t i = 0; i < t.n;) {
        const size_t from = i;
        while (i < t.n && digit(t.p[i])) i++;
        const size_t n = i - from;
        if ((n == 11 && t.p[from] == '1' && t.p[from + 1] >= '3') ||
            (n == 13 && t.p[from] == '8' && t.p[from + 1] == '6') || n >= 15 ||
            (n == 17 && i < t.n && (t.p[i] == 'x' || t.p[i] == 'X')))
            return true;
        if (i == from) i++;
    }
    return false;
}

static const char *plain_fault(struct str t)
{
    if (t.n > MESSAGE_TEMPLATE_MAX * 4 || !utf8_valid(t)) return "文字太长，或不是有效的文字。";
    if (str_trim(t).n == 0) return "文字不能为空。";
    for (size_t at = 0; at < t.n;)
        if (control(utf8_next(t, &at))) return "不能换行，也不能含有控制字符。";
    if (str_find(t, STR("【")) != SIZE_MAX || str_find(t, STR("】")) != SIZE_MAX)
        return "不要写签名：发送时会在最前面加上渠道的签名【…】。";
    if (has_link(t)) return "不能自己写网址：短链接和外部网址容易被当成诈骗。";
    return has_person_number(t) ? "不能写手机号码、证件号码：短信里不出现个人信息。" : NULL;
}

const char *message_template_fault(enum message_event e, struct str t)
{
    const char *fault = plain_fault(t);
    u32 used = 0;
    size_t at = 0;
    struct str it;
    enum piece p;
    if (fault) return fault;
    while ((p = piece_next(t, &at, &it)) == PIECE_PLAIN || p == PIECE_PARAM) {
        if (p == PIECE_PLAIN) continue;
        if (!lists(events[e].params, it)) return "用了没有的参数，请只用列出的参数。";
        used |= 1u << param_of(it);
    }
    if (p == PIECE_BROKEN) return "花括号不成对：参数写作 {receipt} 的样子；要写花括号本身，请连写两个。";
    for (size_t i = 0; i < ARRAY_LEN(params) && events[e].purpose != PURPOSE_CALL; i++)
        if (lists(events[e].params, str_of(params[i].name)) && !(used >> i & 1)) return params[i].missing;

    struct text filled;
    text_init(&filled, MESSAGE_TEMPLATE_MAX * 8);
    if (!message_render_example(t, false, &filled) ||
        utf8_count(text_str(&filled)) + MESSAGE_SIGN_MAX > MESSAGE_TEMPLATE_MAX)
        fault = "文字太长：连同签名和填入的内容不能超过 500 字。";
    text_free(&filled);
    return fault;
}
