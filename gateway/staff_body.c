#include "staff_body.h"
#include "api.h"
#include "core/choice.h"
#include "register.h"
#include "base/utf8.h"
#include "core/workdays.h"
#include <string.h>

#define BODY_MAX ((size_t)128 * 1024)

bool body_object(const struct staff_ask *a, const struct http_in *in, size_t max, struct json **doc_r)
{
    const char *why;
    struct str type, rest;
    str_cut(http_header_get(in, STR("content-type")), ';', &type, &rest);
    if (!str_eq_case(str_trim(type), STR("application/json"))) {
        staff_refuse(a, REFUSE_UNSUPPORTED_TYPE, NULL, NULL);
        return false;
    }
    if (in->body.n > max) {
        staff_refuse(a, REFUSE_TOO_BIG, NULL, NULL);
        return false;
    }
    *doc_r = json_parse(in->body, max, &why);
    if (*doc_r && json_kind(*doc_r) == JSON_OBJECT) return true;
    staff_refuse(a, REFUSE_BAD_JSON, NULL, *doc_r ? "The body must be a JSON object." : why);
    json_free(doc_r);
    return false;
}

bool body_key(const struct staff_ask *a, const struct http_in *in, char dst[129])
{
    struct str key = http_header_get(in, STR("idempotency-key"));
    if (!idempotency_key_good(key)) {
        staff_refuse(a, REFUSE_KEY_BAD, NULL, NULL);
        return false;
    }
    memcpy(dst, key.p, key.n);
    dst[key.n] = '\0';
    return true;
}

void body_refuse(const struct staff_ask *a, const char *name)
{
    struct text zh, en;
    text_init(&zh, 256);
    text_init(&en, 256);
    if (name[0] == '?') {
        text_addz(&zh, "请求含有无法识别的字段。");
        text_addz(&en, "The request has a member that is not known.");
    } else {
        text_addf(&zh, "字段 %s 缺失或无法识别。", name);
        text_addf(&en, "The value of %s is missing or not understood.", name);
    }
    staff_refuse(a, REFUSE_UNKNOWN_FIELD, text_z(&zh), text_z(&en));
    text_free(&zh);
    text_free(&en);
}

bool body_open(const struct staff_ask *a, const struct http_in *in, const char *const *known,
               struct body *b_r)
{
    *b_r = (struct body){.doc = NULL};
    if (!body_object(a, in, BODY_MAX, &b_r->doc)) return false;
    for (const char *key = NULL; (key = json_next_key(b_r->doc, key)) != NULL;) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (known[i]) continue;
        json_free(&b_r->doc);
        body_refuse(a, "?");
        return false;
    }
    arena_init(&b_r->arena, 4 * BODY_MAX);
    return true;
}

void body_close(struct body *b)
{
    json_free(&b->doc);
    arena_free(&b->arena);
}

bool body_good(const struct staff_ask *a, struct body *b)
{
    if (!b->wrong) return true;
    if (b->too_long)
        staff_refuse(a, REFUSE_TEXT_TOO_LONG, NULL, NULL);
    else
        body_refuse(a, b->wrong);
    body_close(b);
    return false;
}

static void wrong(struct body *b, const char *name)
{
    if (!b->wrong) b->wrong = name;
}

static const struct json *member(const struct body *b, const char *name)
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

struct str body_text(struct body *b, const char *name, size_t min, size_t max)
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

i64 body_number(struct body *b, const char *name, bool needed, i64 max)
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

int body_choice(struct body *b, const char *name, const struct choice *words, size_t n)
{
    int at = choice_find(words, n, str_trim(json_str(member(b, name))));
    if (at < 0) wrong(b, name);
    return MAX(at, 0);
}

instant body_instant(struct body *b, const char *name)
{
    instant t = {0};
    struct str s = str_trim(json_str(member(b, name)));
    if (s.n <= 10 || !staff_instant_parse(s, &t)) wrong(b, name);
    return t;
}

struct str body_date(struct body *b, const char *name, bool needed)
{
    const struct json *v = member(b, name);
    i64 day;
    if (!v && !needed) return STR_NONE;
    if (json_kind(v) != JSON_STRING || !staff_day_parse(str_trim(json_str(v)), &day)) {
        wrong(b, name);
        return STR_NONE;
    }
    return arena_str(&b->arena, str_trim(json_str(v)));
}

i64 body_unit(struct gateway *g, struct body *b, const char *name, bool needed)
{
    const i64 id = body_number(b, name, needed, INT32_MAX);
    const struct unit *u = id ? register_unit(g, (int)id) : NULL;
    if (u && str_eq(u->kind, STR("station"))) u = register_unit(g, u->parent_id);
    if (id && (!u || u->retired)) wrong(b, name);
    return u ? u->id : 0;
}
