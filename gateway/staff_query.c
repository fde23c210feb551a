#include "staff_query.h"
#include "core/choice.h"
#include "staff_body.h"
#include "base/utf8.h"
#include "core/workdays.h"

#define LOOK_MAX 200 /* characters */

bool query_param(const struct http_in *in, const char *name, struct text *into, bool *bad_r)
{
    text_clear(into);
    if (!http_field(in->query, str_of(name), into)) {
        text_clear(into);
        return false;
    }
    if (into->overflow || !utf8_valid(text_str(into))) *bad_r = true;
    into->overflow = false;
    return into->n > 0;
}

void query_refuse(const struct staff_ask *a, const char *which)
{
    struct text zh, en;
    text_init(&zh, 256);
    text_init(&en, 256);
    text_addf(&zh, "筛选条件 %s 的取值无法识别。", which);
    text_addf(&en, "The value of the filter %s is not known.", which);
    staff_refuse(a, REFUSE_UNKNOWN_FIELD, text_z(&zh), text_z(&en));
    text_free(&zh);
    text_free(&en);
}

bool query_number(const struct staff_ask *a, const struct http_in *in, const char *name, u64 max, u64 *n_r)
{
    struct text t;
    bool bad = false;
    u64 n = 0;
    text_init(&t, 40);
    if (query_param(in, name, &t, &bad) && !bad) {
        bad = !str_u64(text_str(&t), max, &n);
        if (!bad) *n_r = n;
    }
    text_free(&t);
    if (bad) query_refuse(a, name);
    return !bad;
}

bool query_unit(const struct staff_ask *a, const struct http_in *in, i64 *unit_r)
{
    u64 unit = UINT64_MAX;
    if (!query_number(a, in, "unit", INT32_MAX, &unit)) return false;
    if (unit == 0) query_refuse(a, "unit");
    *unit_r = unit == UINT64_MAX ? 0 : (i64)unit;
    return unit != 0;
}

static bool param(const struct staff_ask *a, const struct http_in *in, const char *name, struct text *t,
                  bool *there_r)
{
    bool bad = false;
    *there_r = query_param(in, name, t, &bad);
    if (bad) body_refuse(a, name);
    return !bad;
}

bool query_day(const struct staff_ask *a, const struct http_in *in, const char *name, i64 otherwise,
               i64 *day_r)
{
    struct text t;
    bool there;
    text_init(&t, 40);
    *day_r = otherwise;
    bool good = param(a, in, name, &t, &there);
    if (good && there && !staff_day_parse(text_str(&t), day_r)) {
        body_refuse(a, name);
        good = false;
    }
    text_free(&t);
    return good;
}

bool query_choice(const struct staff_ask *a, const struct http_in *in, const char *name,
                  const struct choice *words, size_t n, int *at_r)
{
    struct text t;
    bool there;
    text_init(&t, 80);
    *at_r = -1;
    bool good = param(a, in, name, &t, &there);
    if (good && there) {
        *at_r = choice_find(words, n, text_str(&t));
        good = *at_r >= 0;
        if (!good) body_refuse(a, name);
    }
    text_free(&t);
    return good;
}

bool query_range(const struct staff_ask *a, const struct http_in *in, instant *from_r, instant *to_r)
{
    i64 from, to;
    if (!query_day(a, in, "from", civil_to_days((struct civil){2000, 1, 1}), &from) ||
        !query_day(a, in, "to", civil_to_days((struct civil){2200, 1, 1}), &to))
        return false;
    *from_r = china_instant(from, 0);
    *to_r = china_instant(to + 1, 0);
    return true;
}

bool query_look(const struct staff_ask *a, const struct http_in *in, struct text *into, struct str *look_r)
{
    bool bad = false;
    struct str look = STR_NONE;
    text_init(into, LOOK_MAX * 4);
    if (query_param(in, "reason", into, &bad)) look = str_trim(text_str(into));
    if (bad || utf8_count(look) > LOOK_MAX) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "查看理由最多 200 字。", "The reason may have 200 characters.");
        return false;
    }
    *look_r = utf8_count(look) >= 2 ? look : STR_NONE;
    return true;
}
