#include "io/web_private.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX (6 * WEB_HEAD_MAX) /* copies, and targets that grow threefold when escaped again */

/* Headers that the library knows by number. */
static const struct {
    enum lws_token_indexes token;
    const char *name;
} known[] = {
    {WSI_TOKEN_HTTP_CONTENT_TYPE, "content-type"},
    {WSI_TOKEN_HTTP_COOKIE, "cookie"},
    {WSI_TOKEN_ORIGIN, "origin"},
    {WSI_TOKEN_HTTP_REFERER, "referer"},
    {WSI_TOKEN_HTTP_USER_AGENT, "user-agent"},
    {WSI_TOKEN_HTTP_ACCEPT, "accept"},
    {WSI_TOKEN_HTTP_ACCEPT_LANGUAGE, "accept-language"},
    {WSI_TOKEN_HTTP_ACCEPT_ENCODING, "accept-encoding"},
    {WSI_TOKEN_HTTP_ACCEPT_CHARSET, "accept-charset"},
    {WSI_TOKEN_HTTP_AUTHORIZATION, "authorization"},
    {WSI_TOKEN_HTTP_IF_NONE_MATCH, "if-none-match"},
    {WSI_TOKEN_HTTP_IF_MODIFIED_SINCE, "if-modified-since"},
    {WSI_TOKEN_HTTP_IF_MATCH, "if-match"},
    {WSI_TOKEN_HTTP_RANGE, "range"},
    {WSI_TOKEN_HTTP_CACHE_CONTROL, "cache-control"},
    {WSI_TOKEN_HTTP_PRAGMA, "pragma"},
    {WSI_TOKEN_HTTP_CONTENT_ENCODING, "content-encoding"},
    {WSI_TOKEN_HTTP_CONTENT_LANGUAGE, "content-language"},
    {WSI_TOKEN_HTTP_CONTENT_DISPOSITION, "content-disposition"},
    {WSI_TOKEN_HTTP_DATE, "date"},
    {WSI_TOKEN_HTTP_FROM, "from"},
    {WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, "access-control-request-headers"},
    {WSI_TOKEN_X_FORWARDED_FOR, "x-forwarded-for"},
    {WSI_TOKEN_HTTP_X_REAL_IP, "x-real-ip"},
    {WSI_TOKEN_X_AUTH_TOKEN, "x-auth-token"},
    {WSI_TOKEN_PROTOCOL, "sec-websocket-protocol"},
};

/* Headers that the library does not know are asked for by name: version 4.1 cannot list them, and on HTTP/2 it
 * drops them (see web_config.http2). A provider that signs with a new header adds its line here. */
static const char *const custom[] = {
    "idempotency-key:",
    "x-csrf-token:",
    "x-post:",
    "msd-attended:",
    "x-requested-with:",
    "x-request-id:",
    "x-forwarded-proto:",
    "x-forwarded-host:",
    "forwarded:",
    "sec-fetch-site:",
    "sec-fetch-mode:",
    "sec-fetch-dest:",
    "sec-purpose:",
    "purpose:",
    "x-moz:",
    "access-control-request-method:",
    "traceparent:",
    "x-kannel-from:",
    "x-kannel-to:",
    "x-kannel-time:",
    "x-kannel-smsc:",
    "x-kannel-coding:",
    "x-kannel-service:",
    "x-kannel-udh:",
    "x-kannel-mclass:",
    "x-kannel-charset:",
    "x-kannel-meta-data:",
    "x-kannel-id:",
    "x-twilio-signature:",
    "i-twilio-idempotency-token:",
    "x-plivo-signature-v2:",
    "x-plivo-signature-v2-nonce:",
    "x-plivo-signature-v3:",
    "x-plivo-signature-v3-nonce:",
    "x-wsse:",
    "x-sdk-date:",
    "x-sdk-content-sha256:",
    "content-sha256:",
    "content-md5:",
    "x-content-sha256:",
    "x-hub-signature:",
    "x-hub-signature-256:",
    "x-signature:",
    "x-timestamp:",
    "x-nonce:",
    "x-tc-action:",
    "x-tc-region:",
    "x-tc-timestamp:",
    "x-tc-version:",
    "x-acs-action:",
    "x-acs-version:",
    "x-acs-date:",
    "x-acs-signature-nonce:",
    "x-acs-content-sha256:",
    "webhook-id:",
    "webhook-signature:",
    "webhook-timestamp:",
    "ce-id:",
    "ce-source:",
    "ce-specversion:",
    "ce-subject:",
    "ce-time:",
    "ce-type:",
    "x-api-key:",
    "x-dingtalk-signature:",
    "x-lark-signature:",
    "x-lark-request-timestamp:",
    "x-lark-request-nonce:",
    "x-gitlab-token:",
};

static const struct {
    enum lws_token_indexes token;
    const char *word;
} methods[] = {
    {WSI_TOKEN_GET_URI, "GET"},         {WSI_TOKEN_POST_URI, "POST"},     {WSI_TOKEN_HEAD_URI, "HEAD"},
    {WSI_TOKEN_PUT_URI, "PUT"},         {WSI_TOKEN_DELETE_URI, "DELETE"}, {WSI_TOKEN_PATCH_URI, "PATCH"},
    {WSI_TOKEN_OPTIONS_URI, "OPTIONS"},
};

static const struct web_refusal_facts refusals[] = {
#define X(id, status, code, zh, en) {status, code, zh, en},
    WEB_REFUSALS(X)
#undef X
};

const struct web_refusal_facts *web_refusal_facts(enum web_refusal r) { return &refusals[r]; }

bool header_present(struct lws *wsi, enum lws_token_indexes t)
{
    char none[2]; /* an empty header is present too, with a length of 0 */
    return lws_hdr_total_length(wsi, t) > 0 || lws_hdr_copy_fragment(wsi, none, sizeof none, t, 0) == 0;
}

static bool repeated(struct lws *wsi, enum lws_token_indexes t)
{
    return lws_hdr_fragment_length(wsi, t, 1) > 0;
}

static bool clean(struct str s) /* no control characters but tab */
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f) return false;
    return true;
}

/* Fragment i of a header. .p NULL when there is none or no room. */
static struct str fragment(struct lws *wsi, enum lws_token_indexes t, int i, struct arena *a)
{
    char buffer[512], *p = buffer;
    int n = lws_hdr_fragment_length(wsi, t, i);
    if (n <= 0) return STR_NONE;
    if ((size_t)n >= sizeof buffer && !(p = arena_alloc(a, (size_t)n + 1))) return STR_NONE;
    if (lws_hdr_copy_fragment(wsi, p, n + 1, t, i) != n) return STR_NONE;
    struct str s = {p, (size_t)n};
    return p == buffer ? arena_str(a, s) : s;
}

/* All fragments of a header, joined as its grammar joins repeated headers. */
static struct str whole(struct lws *wsi, enum lws_token_indexes t, struct arena *a)
{
    if (!header_present(wsi, t)) return STR_NONE;
    struct str s = str_trim(fragment(wsi, t, 0, a));
    if (!s.p) s = STR("");
    for (int i = 1; lws_hdr_fragment_length(wsi, t, i) > 0; i++) {
        struct str more = str_trim(fragment(wsi, t, i, a));
        char *p = more.p ? arena_alloc(a, s.n + more.n + 3) : NULL;
        if (!p) return STR_NONE;
        memcpy(p, s.p, s.n);
        memcpy(p + s.n, t == WSI_TOKEN_HTTP_COOKIE ? "; " : ", ", 2);
        memcpy(p + s.n + 2, more.p, more.n);
        s = (struct str){p, s.n + more.n + 2};
    }
    return s;
}

static bool add(struct head *h, const char *name, struct str value)
{
    if (!value.p || !clean(value) || h->in.n_headers == ARRAY_LEN(h->headers)) return false;
    h->headers[h->in.n_headers++] = (struct http_header){str_of(name), value};
    return true;
}

static bool add_custom(struct head *h, struct lws *wsi, const char *name)
{
    int name_n = (int)strlen(name), n = lws_hdr_custom_length(wsi, name, name_n);
    if (n < 0) return true; /* absent */
    char *p = arena_alloc(&h->arena, (size_t)n + 1);
    if (!p || lws_hdr_custom_copy(wsi, p, n + 1, name, name_n) < 0) return false;
    struct str bare = arena_str(&h->arena, (struct str){name, (size_t)name_n - 1});
    return bare.p && add(h, bare.p, str_trim((struct str){p, (size_t)n}));
}

/* The library hands targets out unescaped, with empty and dot segments resolved. They are escaped again, so
 * that a decoded byte is never taken for a delimiter. */
static bool escape(struct text *t, struct str s, const char *keep)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr(keep, s.p[i])) {
            text_addc(t, s.p[i]);
        } else {
            percent_put(t, (struct str){s.p + i, 1});
        }
    }
    return !t->overflow;
}

static struct str read_path(struct lws *wsi, enum lws_token_indexes t, struct arena *a)
{
    struct text out;
    struct str path = STR_NONE, raw = fragment(wsi, t, 0, a);
    text_init(&out, 3 * WEB_HEAD_MAX);
    if (raw.p && raw.p[0] == '/' && escape(&out, raw, "/!$&'()*+,;=:@")) path = arena_str(a, text_str(&out));
    text_free(&out);
    return path;
}

static bool read_query(struct lws *wsi, struct arena *a, struct str *query_r)
{
    struct text out;
    bool good = true;
    *query_r = STR("");
    text_init(&out, 3 * WEB_HEAD_MAX);
    for (int i = 0; good && lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
        struct str pair = fragment(wsi, WSI_TOKEN_HTTP_URI_ARGS, i, a), name, value;
        if (!pair.p) good = false;
        bool cut = str_cut(pair, '=', &name, &value);
        if (i) text_addc(&out, '&');
        good = good && escape(&out, name, "");
        if (cut) text_addc(&out, '=');
        good = good && escape(&out, value, "");
    }
    if (good && out.n) *query_r = arena_str(a, text_str(&out));
    text_free(&out);
    return good && query_r->p;
}

static bool host_good(struct str host)
{
    if (host.n == 0 || host.n > 255) return false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!letter && (c == '\0' || !strchr(".-_:[]", c))) return false;
    }
    return true;
}

static bool has_token(struct str list, struct str word)
{
    struct str item;
    for (bool more = true; more;) {
        more = str_cut(list, ',', &item, &list);
        if (str_eq_case(str_trim(item), word)) return true;
    }
    return false;
}

static enum web_refusal read_start(struct conn *c, struct lws *wsi, struct head *h)
{
    struct arena *a = &h->arena;
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (header_present(wsi, methods[i].token)) {
            h->in.method = str_of(methods[i].word);
            h->in.path = read_path(wsi, methods[i].token, a);
        }
    /* An extended CONNECT (WebSocket over HTTP/2) has its path in the pseudo-header alone. */
    if (!h->in.method.p && c->parent && header_present(wsi, WSI_TOKEN_HTTP_COLON_PATH)) {
        h->in.method = STR("CONNECT");
        h->in.path = read_path(wsi, WSI_TOKEN_HTTP_COLON_PATH, a);
    }
    if (!h->in.method.p) return WEB_METHOD_UNKNOWN;
    if (!h->in.path.p || !read_query(wsi, a, &h->in.query)) return WEB_MALFORMED;

    if (c->parent) {
        h->in.host = whole(wsi, WSI_TOKEN_HTTP_COLON_AUTHORITY, a);
        if (!h->in.host.p) h->in.host = whole(wsi, WSI_TOKEN_HOST, a);
    } else {
        struct str version = whole(wsi, WSI_TOKEN_HTTP, a);
        h->http_1_0 = str_eq(version, STR("HTTP/1.0"));
        if (!h->http_1_0 && !str_eq(version, STR("HTTP/1.1"))) return WEB_MALFORMED;
        if (repeated(wsi, WSI_TOKEN_HOST)) return WEB_HOST;
        h->in.host = whole(wsi, WSI_TOKEN_HOST, a);
        struct str connection = whole(wsi, WSI_TOKEN_CONNECTION, a);
        h->close =
            h->http_1_0 ? !has_token(connection, STR("keep-alive")) : has_token(connection, STR("close"));
    }
    if (!h->in.host.p && h->http_1_0) h->in.host = STR("");
    return h->in.host.p && (h->http_1_0 || host_good(h->in.host)) && clean(h->in.host) ? WEB_NONE : WEB_HOST;
}

static u64 body_limit(struct conn *c, struct lws *wsi, struct head *h)
{
    const struct web_handlers *to = c->listener->handlers;
    struct str type = whole(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, &h->arena);
    size_t most =
        to->body_limit ? to->body_limit(to->arg, h->in.method, h->in.path, type.p ? type : STR("")) : 0;
    return most ? most : c->web->cfg.body_max;
}

static enum web_refusal read_framing(struct conn *c, struct lws *wsi, struct head *h)
{
    /* The library ignores Transfer-Encoding and takes what looks like a number for the length: whatever is not
     * plain is an attempt at request smuggling or a client we cannot serve. */
    if (header_present(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) return WEB_LENGTH;
    bool carries = str_eq(h->in.method, STR("POST")) || str_eq(h->in.method, STR("PUT")) ||
                   str_eq(h->in.method, STR("PATCH"));
    h->has_length = header_present(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (carries && !h->has_length) return WEB_LENGTH;
    if (h->has_length) {
        struct str length = fragment(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, 0, &h->arena);
        if (repeated(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH)) return WEB_LENGTH_BAD;
        if (!str_u64(length, (u64)1 << 62, &h->length)) return length.n ? WEB_LENGTH_BAD : WEB_LENGTH;
        if (h->length > body_limit(c, wsi, h)) return WEB_TOO_BIG;
        h->upload = h->length > c->web->cfg.body_max;
    }
    struct str expect = whole(wsi, WSI_TOKEN_HTTP_EXPECT, &h->arena);
    if (expect.p && !c->parent && !h->http_1_0) {
        if (!str_eq_case(expect, STR("100-continue"))) return WEB_EXPECTATION;
        h->expects_100 = true;
    }
    return WEB_NONE;
}

static enum web_refusal read_headers(struct lws *wsi, struct head *h)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (header_present(wsi, known[i].token) &&
            !add(h, known[i].name, whole(wsi, known[i].token, &h->arena)))
            return WEB_MALFORMED;
    if (!add(h, "host", h->in.host)) return WEB_MALFORMED;
    for (size_t i = 0; i < ARRAY_LEN(custom); i++)
        if (!add_custom(h, wsi, custom[i])) return WEB_MALFORMED;
    return WEB_NONE;
}

static void read_peer(struct conn *c, struct head *h)
{
    u8 address[16];
    h->in.tls = c->listener->tls;
    memcpy(h->peer, c->address, sizeof h->peer);
    if (address_parse(str_of(c->address), address) && proxies_trust(&c->web->proxies, address)) {
        struct str proto = http_header_get(&h->in, STR("x-forwarded-proto"));
        forwarded_for(&c->web->proxies, http_header_get(&h->in, STR("x-forwarded-for")), h->peer);
        if (proto.n) h->in.tls = str_eq_case(proto, STR("https"));
    }
    h->in.peer = str_of(h->peer);
}

enum web_refusal head_read(struct conn *c, struct lws *wsi, struct head *h)
{
    memset(h, 0, sizeof *h);
    arena_init(&h->arena, ARENA_MAX);
    h->in.headers = h->headers;
    enum web_refusal r = read_start(c, wsi, h);
    if (r == WEB_NONE) r = read_framing(c, wsi, h);
    if (r == WEB_NONE) r = read_headers(wsi, h);
    if (r == WEB_NONE) read_peer(c, h);
    if (r != WEB_NONE) head_free(h);
    return r;
}

void head_free(struct head *h) { arena_free(&h->arena); }
