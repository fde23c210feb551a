#include "adapters/sms/request.h"
#include "adapters/reading.h"
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

bool request_api_read(const struct channel *ch, const char *vendor, struct request_api *api_r)
{
    struct str base = request_setting(ch, "api_url", vendor), path;
    const bool tls = str_starts(base, STR("https://"));
    const struct str port = tls ? STR(":443") : STR(":80");
    const size_t scheme = tls ? 8 : 7;
    if (!tls && !str_starts(base, STR("http://"))) return false;
    while (str_ends(base, STR("/"))) base.n--;
    if (base.n <= scheme) return false;
    api_r->base = base;
    str_cut((struct str){base.p + scheme, base.n - scheme}, '/', &api_r->host, &path);
    if (path.n || read_visible(base, READ_FIELD_MAX).n == 0)
        return false; /* what is signed is the path of the API itself */
    if (str_ends(api_r->host, port)) api_r->host.n -= port.n;
    return api_r->host.n > 0;
}

void request_field(struct text *form, const char *name, struct str value)
{
    if (value.n == 0) return;
    text_addf(form, "%s%s=", form->n ? "&" : "", name);
    percent_put(form, value);
}

struct str request_nonce(struct arena *arena, const u8 random[16])
{
    struct text t;
    text_init(&t, 32);
    hex_put(&t, random, 16);
    return kept(arena, &t);
}

struct str request_mainland(struct str e164)
{
    if (e164.n == 14 && str_starts(e164, STR("+861"))) return (struct str){e164.p + 3, 11};
    return e164;
}

bool request_finish(struct http_out *out, struct arena *arena, struct text *body)
{
    out->body = kept(arena, body);
    bool whole = out->url.p && out->body.p;
    for (size_t i = 0; i < out->n_headers; i++) whole = whole && out->headers[i].value.p;
    return whole;
}
