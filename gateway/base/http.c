#include "base/http.h"
#include "base/code.h"

struct str http_header_get(const struct http_in *in, struct str name)
{
    for (size_t i = 0; i < in->n_headers; i++)
        if (str_eq_case(in->headers[i].name, name)) return in->headers[i].value;
    return STR_NONE;
}

bool http_field(struct str form, struct str name, struct text *into)
{
    struct text decoded;
    bool found = false;
    text_init(&decoded, name.n + 64);
    while (form.n && !found) {
        struct str pair, key, value;
        str_cut(form, '&', &pair, &form);
        str_cut(pair, '=', &key, &value);
        text_clear(&decoded);
        if (!percent_get(&decoded, key, true) || decoded.overflow || !str_eq(text_str(&decoded), name))
            continue;
        found = true;
        if (!percent_get(into, value, true)) found = false, form = STR_NONE;
    }
    text_free(&decoded);
    return found;
}

struct str http_cookie(const struct http_in *in, struct str name)
{
    struct str rest = http_header_get(in, STR("cookie"));
    while (rest.n) {
        struct str pair, key, value;
        str_cut(rest, ';', &pair, &rest);
        str_cut(str_trim(pair), '=', &key, &value);
        if (str_eq(key, name)) return value;
    }
    return STR_NONE;
}
