#include "adapters/sms/request.h"
#include "base/code.h"

#define URL_MAX 2048

static struct str kept(struct arena *arena, struct text *t)
{
    struct str s = t->overflow ? STR_NONE : arena_str(arena, text_str(t));
    text_free(t);
    return s;
}

struct str request_basic(struct arena *arena, struct str user, struct str password)
{
    struct text pair, value;
    text_init(&pair, URL_MAX);
    text_init(&value, URL_MAX * 2);
    text_add(&pair, user);
    text_addc(&pair, ':');
    text_add(&pair, password);
    text_addz(&value, "Basic ");
    b64_put(&value, (const u8 *)text_z(&pair), pair.n);
    value.overflow |= pair.overflow;
    text_free(&pair);
    return kept(arena, &value);
}

struct str request_setting(const struct channel *ch, const char *name, const char *otherwise)
{
    struct str s = channel_setting(ch, str_of(name));
    return s.n ? s : str_of(otherwise);
}

struct str request_url(const struct channel *ch, struct arena *arena, const char *otherwise, const char *path,
                       struct str id)
{
    struct str base = request_setting(ch, "api_url", otherwise), whole = str_of(path);
    const size_t gap = str_find(whole, STR("{}"));
    struct text url;
    text_init(&url, URL_MAX);
    while (base.n && base.p[base.n - 1] == '/') base.n--;
    text_add(&url, base);
    text_add(&url, (struct str){whole.p, gap == SIZE_MAX ? whole.n : gap});
    if (gap != SIZE_MAX) {
        percent_put(&url, id);
        text_add(&url, (struct str){whole.p + gap + 2, whole.n - gap - 2});
    }
    return kept(arena, &url);
}

void request_header(struct http_out *out, const char *name, struct str value)
{
    ASSERT(out->n_headers < ARRAY_LEN(out->headers));
    out->headers[out->n_headers++] = (struct http_header){str_of(name), value};
}

struct str request_number(struct str e164)
{
    return e164.n && e164.p[0] == '+' ? (struct str){e164.p + 1, e164.n - 1} : e164;
}

struct str request_dlr_url(const struct message *m, struct arena *arena)
{
    struct text url;
    if (m->dlr_url.n == 0 || m->client_ref.n == 0) return m->dlr_url;
    text_init(&url, URL_MAX);
    text_add(&url, m->dlr_url);
    text_addz(&url, str_find(m->dlr_url, STR("?")) == SIZE_MAX ? "?ref=" : "&ref=");
    percent_put(&url, m->client_ref);
    return kept(arena, &url);
}

bool request_finish(struct http_out *out, struct arena *arena, struct text *body)
{
    out->body = kept(arena, body);
    bool whole = out->url.p && out->body.p;
    for (size_t i = 0; i < out->n_headers; i++) whole = whole && out->headers[i].value.p;
    return whole;
}
