/* What people send to the finders' handlers: members of a JSON body and query parameters, bounded and judged. */
#include "finders.h"
#include "register.h"
#include "base/utf8.h"
#include "core/workdays.h"
#include <string.h>

#define BODY_MAX ((size_t)128 * 1024)

int finder_word_find(const struct finder_word *words, size_t n, struct str w)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(w, str_of(words[i].word)) || str_eq(w, str_of(words[i].zh))) return (int)i;
    return -1;
}

const char *finder_word_chinese(const struct finder_word *words, size_t n, struct str w)
{
    int at = finder_word_find(words, n, w);
    return at < 0 ? "" : words[at].zh;
}

/* --- the members of a body --- */

void finder_refuse_member(const struct staff_ask *a, const char *name)
{
    struct text zh, en;
    text_init(&zh, 256);
    text_init(&en, 256);
    text_addf(&zh, "字段 %s 缺失或无法识别。", name);
    text_addf(&en, "The value of %s is missing or not understood.", name);
    staff_refuse(a, REFUSE_UNKNOWN_FIELD, text_z(&zh), text_z(&en));
    text_free(&zh);
    text_free(&en);
}

bool finder_body_open(const struct staff_ask *a, const struct http_in *in, const char *const *known,
                      struct finder_body *b_r)
{
    *b_r = (struct finder_body){.doc = NULL};
    if (!staff_body(a, in, BODY_MAX, &b_r->doc)) return false;
    for (const char *key = NULL; (key = json_next_key(b_r->doc, key)) != NULL;) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (known[i]) continue;
        json_free(&b_r->doc);
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请求含有无法识别的字段。",
                     "The request has a member that is not known.");
        return false;
    }
    arena_init(&b_r->arena, 4 * BODY_MAX);
    return true;
}

void finder_body_close(struct finder_body *b)
{
    json_free(&b->doc);
    arena_free(&b->arena);
}

bool finder_body_good(const struct staff_ask *a, struct finder_body *b)
{
    if (!b->wrong) return true;
    if (b->too_long)
        staff_refuse(a, REFUSE_TEXT_TOO_LONG, NULL, NULL);
    else
        finder_refuse_member(a, b->wrong);
    finder_body_close(b);
    return false;
}

static void wrong(struct finder_body *b, const char *name)
{
    if (!b->wrong) b->wrong = name;
}

static const struct json *member(const struct finder_body *b, const char *name)
{
    const struct json *v = json_get(b->doc, name);
    if (json_kind(v) == JSON_STRING && str_trim(json_str(v)).n == 0) return NULL;
    return json_kind(v) == JSON_NULL ? NULL : v;
}

static bool printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((u8)s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\t' && s.p[i] != '\r') || s.p[i] == 0x7f)
            return false;
    return true;
}

struct str finder_text(struct finder_body *b, const char *name, size_t min, size_t max)
{
    const struct json *v = member(b, name);
    struct str s = str_trim(json_str(v));
    if (!v && min == 0) return STR_NONE;
    if (utf8_count(s) > max) {
        b->too_long |= !b->wrong;
        wrong(b, name);
        return STR_NONE;
    }
    if (json_kind(v) != JSON_STRING || utf8_count(s) < min || !printable(s)) {
        wrong(b, name);
        return STR_NONE;
    }
    s = arena_str(&b->arena, s);
    if (!s.p) wrong(b, name);
    return s;
}

i64 finder_number(struct finder_body *b, const char *name, bool needed, i64 max)
{
    const struct json *v = member(b, name);
    i64 n = 0;
    u64 typed = 0;
    if (!v && !needed) return 0;
    bool good =
        json_kind(v) == JSON_STRING ? str_u64(str_trim(json_str(v)), (u64)max, &typed) : json_int(v, &n);
    if (good && json_kind(v) == JSON_STRING) n = (i64)typed;
    if (good && n >= 1 && n <= max) return n;
    wrong(b, name);
    return 0;
}

int finder_choice(struct finder_body *b, const char *name, const struct finder_word *words, size_t n)
{
    int at = finder_word_find(words, n, str_trim(json_str(member(b, name))));
    if (at < 0) wrong(b, name);
    return MAX(at, 0);
}

instant finder_instant(struct finder_body *b, const char *name)
{
    instant t = {0};
    struct str s = str_trim(json_str(member(b, name)));
    if (s.n <= 10 || !staff_instant_parse(s, &t)) wrong(b, name);
    return t;
}

static bool day_of(struct str s, i64 *day_r)
{
    instant end;
    if (s.n != 10 || !staff_instant_parse(s, &end)) return false;
    *day_r = china_day((instant){end.us - 1}); /* a date alone is its 24:00 */
    return true;
}

struct str finder_date(struct finder_body *b, const char *name, bool needed)
{
    const struct json *v = member(b, name);
    i64 day;
    if (!v && !needed) return STR_NONE;
    if (json_kind(v) != JSON_STRING || !day_of(str_trim(json_str(v)), &day)) {
        wrong(b, name);
        return STR_NONE;
    }
    return arena_str(&b->arena, str_trim(json_str(v)));
}

i64 finder_unit(struct gateway *g, struct finder_body *b, const char *name, bool needed)
{
    const i64 id = finder_number(b, name, needed, INT32_MAX);
    const struct unit *u = id ? register_unit(g, (int)id) : NULL;
    if (u && str_eq(u->kind, STR("station"))) u = register_unit(g, u->parent_id);
    if (id && (!u || u->retired)) wrong(b, name);
    return u ? u->id : 0;
}

/* --- query parameters --- */

static bool param(const struct staff_ask *a, const struct http_in *in, const char *name, struct text *t,
                  bool *there_r)
{
    bool bad = false;
    *there_r = staff_param(in, name, t, &bad);
    if (bad) finder_refuse_member(a, name);
    return !bad;
}

bool finder_day(const struct staff_ask *a, const struct http_in *in, const char *name, i64 otherwise,
                i64 *day_r)
{
    struct text t;
    bool there;
    text_init(&t, 40);
    *day_r = otherwise;
    bool good = param(a, in, name, &t, &there);
    if (good && there && !day_of(text_str(&t), day_r)) {
        finder_refuse_member(a, name);
        good = false;
    }
    text_free(&t);
    return good;
}

bool finder_query_word(const struct staff_ask *a, const struct http_in *in, const char *name,
                       const struct finder_word *words, size_t n, int *at_r)
{
    struct text t;
    bool there;
    text_init(&t, 80);
    *at_r = -1;
    bool good = param(a, in, name, &t, &there);
    if (good && there) {
        *at_r = finder_word_find(words, n, text_str(&t));
        good = *at_r >= 0;
        if (!good) finder_refuse_member(a, name);
    }
    text_free(&t);
    return good;
}

bool finder_range(const struct staff_ask *a, const struct http_in *in, instant *from_r, instant *to_r)
{
    i64 from, to;
    if (!finder_day(a, in, "from", civil_to_days((struct civil){2000, 1, 1}), &from) ||
        !finder_day(a, in, "to", civil_to_days((struct civil){2200, 1, 1}), &to))
        return false;
    *from_r = china_instant(from, 0);
    *to_r = china_instant(to + 1, 0);
    return true;
}
