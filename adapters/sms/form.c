#include "adapters/sms/form.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

static struct str decoded(struct arena *arena, struct str s, bool *good)
{
    struct text t;
    text_init(&t, s.n);
    struct str kept = percent_get(&t, s, true) ? arena_str(arena, text_str(&t)) : STR_NONE;
    text_free(&t);
    if (!kept.p) *good = false;
    return kept;
}

bool form_read(struct arena *arena, struct str text, struct form *form_r)
{
    struct str pair, name, value, rest = text;
    size_t room = 0;
    bool good = true;
    for (size_t i = 0; i < text.n; i++) room += text.p[i] == '&';
    if (++room > FORM_FIELDS_MAX) return false;
    *form_r = (struct form){.fields = arena_alloc(arena, room * sizeof *form_r->fields)};
    if (!form_r->fields) return false;
    while (rest.n && good) {
        str_cut(rest, '&', &pair, &rest);
        if (pair.n == 0) continue;
        str_cut(pair, '=', &name, &value);
        struct form_field *f = &form_r->fields[form_r->n++];
        f->name = decoded(arena, name, &good);
        f->value = decoded(arena, value, &good);
    }
    return good;
}

static int field_order(const void *a, const void *b)
{
    const struct form_field *l = a, *r = b;
    int names = str_cmp(l->name, r->name);
    return names ? names : str_cmp(l->value, r->value);
}

void form_sort(struct form *f)
{
    if (f->n > 1) qsort(f->fields, f->n, sizeof *f->fields, field_order);
}

struct str form_value(const struct form *f, struct str name)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->fields[i].name, name)) return f->fields[i].value;
    return STR_NONE;
}

void form_put(struct text *t, const char *name, struct str value)
{
    struct str word, rest = value;
    if (t->n) text_addc(t, '&');
    percent_put(t, str_of(name));
    text_addc(t, '=');
    for (bool more = true; more;) {
        more = str_cut(rest, ' ', &word, &rest);
        percent_put(t, word);
        if (more) text_addc(t, '+');
    }
}

/* "host:8443" apart; the colons of an IPv6 address stand inside brackets, those of a password before the "@". */
static void authority_cut(struct str authority, struct form_address *a)
{
    size_t colon = authority.n;
    for (size_t i = authority.n; i-- > 0;) {
        if (authority.p[i] == ']' || authority.p[i] == '@') break;
        if (authority.p[i] == ':') colon = i;
    }
    a->host = (struct str){authority.p, colon};
    a->port = colon < authority.n ? (struct str){authority.p + colon + 1, authority.n - colon - 1} : STR_NONE;
}

struct form_address form_address_of(const struct channel *ch, const struct http_in *in)
{
    struct form_address a = {
        .scheme = in->tls ? STR("https") : STR("http"), .path = in->path, .query = in->query};
    struct str base = channel_setting(ch, STR("public_url")), authority = in->host;
    if (base.n == 0) base = channel_setting(ch, STR("hook_base"));
    const size_t colon = str_find(base, STR("://"));
    if (colon != SIZE_MAX) {
        a.scheme = (struct str){base.p, colon};
        authority = (struct str){base.p + colon + 3, base.n - colon - 3};
        for (size_t i = 0; i < authority.n; i++)
            if (strchr("/?#", authority.p[i])) authority.n = i;
    }
    authority_cut(authority, &a);
    return a;
}
