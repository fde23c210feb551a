#include "reply.h"
#include "metrics.h"
#include "base/code.h"
#include <stdio.h>
#include <string.h>

/* No script, style, picture or form target from anywhere else; nobody may frame a page or learn where it came from. */
#define POLICY(scripts, styles, pictures)                                                                    \
    "default-src 'none'; script-src 'self'" scripts "; style-src 'self'" styles                              \
    "; img-src 'self' data:" pictures                                                                        \
    "; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
static const char policy[] = POLICY("", "", "");
/* What the staff application opens of a sealed report it opens in the browser: the cipher library is WebAssembly (the word
 * allows to compile that, never to evaluate a text as script), and pictures and films made readable there have no address but a blob. */
static const char policy_app[] = POLICY(" 'wasm-unsafe-eval'", "", " blob:; media-src blob:");

enum lang reply_lang(const struct http_in *in)
{
    struct str cookie = http_cookie(in, STR("msd_lang")),
               accept = http_header_get(in, STR("accept-language"));
    if (str_eq(cookie, STR("en"))) return LANG_EN;
    if (str_eq(cookie, STR("zh")) || str_eq(cookie, STR("hant"))) return LANG_ZH;
    size_t zh = str_find(accept, STR("zh")), en = str_find(accept, STR("en"));
    return en != SIZE_MAX && (zh == SIZE_MAX || en < zh) ? LANG_EN : LANG_ZH;
}

bool reply_traditional(const struct http_in *in)
{
    static const struct str tags[] = {STR("zh-tw"), STR("zh-hk"), STR("zh-mo"), STR("zh-hant")};
    struct str cookie = http_cookie(in, STR("msd_lang")), rest = http_header_get(in, STR("accept-language"));
    if (cookie.n) return str_eq(cookie, STR("hant"));
    while (rest.n) {
        struct str one;
        str_cut(rest, ',', &one, &rest);
        one = str_trim(one);
        if (one.n < 2 || !str_eq_case((struct str){one.p, 2}, STR("zh"))) continue;
        for (size_t i = 0; i < ARRAY_LEN(tags); i++)
            if (one.n >= tags[i].n && str_eq_case((struct str){one.p, tags[i].n}, tags[i])) return true;
        return false;
    }
    return false;
}

/* Tickets of io/web count from 1 and never reach this bit. */
#define INNER      ((u64)1 << 63)
#define INNERS_MAX 16
static struct inner {
    u64 ticket;
    reply_taken *taken; /* NULL: the place is free */
    void *arg;
} inners[INNERS_MAX];
static u64 inners_made;

u64 reply_inner(reply_taken *taken, void *arg)
{
    size_t i = 0;
    while (i < INNERS_MAX && inners[i].taken) i++;
    if (i == INNERS_MAX) return 0;
    inners[i] = (struct inner){INNER | ++inners_made, taken, arg};
    return inners[i].ticket;
}

static void inner_answer(u64 ticket, int status, struct str body)
{
    for (size_t i = 0; i < INNERS_MAX; i++) {
        if (!inners[i].taken || inners[i].ticket != ticket) continue;
        const struct inner one = inners[i];
        inners[i] = (struct inner){0};
        one.taken(one.arg, status, body);
        return;
    }
}

#define HEADERS_MAX 24
static void answer_under(struct gateway *g, const char *content_policy, u64 ticket, int status,
                         const char *type, struct str body, const char *cache, const struct http_header *more,
                         size_t n_more)
{
    struct http_header h[HEADERS_MAX] = {
        {STR("content-security-policy"), str_of(content_policy)},
        {STR("x-content-type-options"), STR("nosniff")},
        {STR("referrer-policy"), STR("no-referrer")},
        {STR("permissions-policy"), STR("camera=(), microphone=(), geolocation=(self), interest-cohort=()")},
        {STR("cross-origin-opener-policy"), STR("same-origin")},
        {STR("cache-control"), str_of(cache)},
    };
    size_t n = 6;
    if (ticket & INNER) {
        inner_answer(ticket, status, body);
        return;
    }
    if (!g->web) return; /* stopping: what the database answers last has no reader any more */
    if (g->cfg.tls_cert[0])
        h[n++] = (struct http_header){STR("strict-transport-security"), STR("max-age=31536000")};
    ASSERT(n + n_more <= HEADERS_MAX);
    for (size_t i = 0; i < n_more; i++) h[n++] = more[i];
    web_answer(
        g->web, ticket,
        &(struct http_answer){
            .status = status, .content_type = str_of(type), .headers = h, .n_headers = n, .body = body});
}

static void answer(struct gateway *g, u64 ticket, int status, const char *type, struct str body,
                   const char *cache, const struct http_header *more, size_t n_more)
{
    answer_under(g, policy, ticket, status, type, body, cache, more, n_more);
}

void reply_problem(struct gateway *g, u64 ticket, enum lang lang, enum refusal r, struct str detail,
                   struct str extra, span retry)
{
    const struct refusal_facts *f = refusal_facts(r);
    struct text t;
    char seconds[24];
    struct http_header more[1];
    size_t n = 0;
    const char *sentence = lang == LANG_EN ? f->en : f->zh;
    count_refusal(r);
    text_init(&t, 16384);
    text_addf(&t, "{\"type\":\"urn:mashangdu:refusal:%s\",\"code\":\"%s\",\"status\":%d,\"title\":", f->code,
              f->code, f->status);
    json_put(&t, str_of(sentence));
    text_addz(&t, ",\"detail\":");
    json_put(&t, detail.n ? detail : str_of(sentence));
    text_add(&t, extra);
    text_addz(&t, "}\n");
    if (retry.us > 0) {
        snprintf(seconds, sizeof seconds, "%lld", (long long)((retry.us + 999999) / 1000000));
        more[n++] = (struct http_header){STR("retry-after"), str_of(seconds)};
    }
    answer(g, ticket, f->status, "application/problem+json; charset=utf-8", text_str(&t), "no-store", more,
           n);
    text_free(&t);
}

void reply_refuse(struct gateway *g, u64 ticket, enum lang lang, enum refusal r)
{
    reply_problem(g, ticket, lang, r, STR_NONE, STR_NONE, r == REFUSE_UNAVAILABLE ? SPAN_S(5) : SPAN_US(0));
}

void reply_json(struct gateway *g, u64 ticket, int status, struct str body, const struct http_header *more,
                size_t n_more)
{
    answer(g, ticket, status, "application/json; charset=utf-8", body, "no-store", more, n_more);
}

void reply_page(struct gateway *g, u64 ticket, int status, struct str html, int cache,
                const struct http_header *more, size_t n_more)
{
    char text[40] = "no-store";
    if (cache > 0) snprintf(text, sizeof text, "public, max-age=%d", cache);
    answer_under(g, g->page_policy ? g->page_policy : policy, ticket, status, "text/html; charset=utf-8",
                 html, text, more, n_more);
}

void reply_page_policy(struct text *out, const char *styles)
{
    text_addf(out, POLICY("", "%s", " blob:"), styles);
}

void reply_file(struct gateway *g, u64 ticket, int status, const char *type, struct str body,
                const char *cache, const struct http_header *more, size_t n_more)
{
    answer(g, ticket, status, type, body, cache, more, n_more);
}

void reply_app(struct gateway *g, u64 ticket, int status, const char *type, struct str body,
               const char *cache, const struct http_header *more, size_t n_more)
{
    answer_under(g, policy_app, ticket, status, type, body, cache, more, n_more);
}

void reply_bytes(struct gateway *g, u64 ticket, const char *type, struct str body,
                 const struct http_header *more, size_t n_more)
{
    answer_under(g, "sandbox; default-src 'none'; frame-ancestors 'none'", ticket, 200, type, body,
                 "private, no-store", more, n_more);
}

void reply_text(struct gateway *g, u64 ticket, int status, struct str text)
{
    answer(g, ticket, status, "text/plain; charset=utf-8", text, "no-store", NULL, 0);
}

void reply_redirect(struct gateway *g, u64 ticket, const char *location)
{
    struct http_header h = {STR("location"), str_of(location)};
    answer(g, ticket, 303, "text/plain; charset=utf-8", STR_NONE, "no-store", &h, 1);
}

void reply_redirect_set(struct gateway *g, u64 ticket, struct str location, const struct str *cookies,
                        size_t n)
{
    struct http_header h[4] = {{STR("location"), location}};
    ASSERT(n < ARRAY_LEN(h));
    for (size_t i = 0; i < n; i++) h[i + 1] = (struct http_header){STR("set-cookie"), cookies[i]};
    answer(g, ticket, 303, "text/plain; charset=utf-8", STR_NONE, "no-store", h, n + 1);
}

/* scheme://authority at the front of a URL, or empty. */
static struct str origin_of(struct str url)
{
    size_t at = str_find(url, STR("://"));
    if (at == SIZE_MAX) return STR_NONE;
    size_t end = at + 3;
    while (end < url.n && url.p[end] != '/' && url.p[end] != '?') end++;
    return (struct str){url.p, end};
}

bool reply_same_site(const struct gateway *g, const struct http_in *in)
{
    struct str origin = http_header_get(in, STR("origin"));
    if (origin.n == 0) origin = origin_of(http_header_get(in, STR("referer")));
    if (origin.n == 0) return false;
    if (str_eq_case(origin, origin_of(str_of(g->cfg.public_url)))) return true;
    size_t at = str_find(origin, STR("://"));
    return at != SIZE_MAX && str_eq_case((struct str){origin.p + at + 3, origin.n - at - 3}, in->host);
}
