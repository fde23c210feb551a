#include "adapters/sms/signing.h"
#include "base/code.h"
#include <stdlib.h>

#define PAIRS_MAX 64

void signing_names(const struct http_header *headers, size_t n, struct text *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i) text_addc(out, ';');
        text_add(out, headers[i].name);
    }
}

void signing_canonical(const struct signed_request *r, struct text *out)
{
    text_addf(out, "%.*s\n%.*s\n", STR_ARG(r->method), STR_ARG(r->path));
    text_add(out, r->query);
    text_addc(out, '\n');
    for (size_t i = 0; i < r->n_headers; i++) {
        text_add(out, r->headers[i].name);
        text_addc(out, ':');
        text_add(out, str_trim(r->headers[i].value));
        text_addc(out, '\n');
    }
    text_addc(out, '\n');
    signing_names(r->headers, r->n_headers, out);
    text_addc(out, '\n');
    digest_hex(DIGEST_SHA256, r->body, out);
}

void signing_string(struct str algorithm, struct str words, struct str canonical, struct text *out)
{
    text_add(out, algorithm);
    text_addc(out, '\n');
    text_add(out, words);
    if (words.n) text_addc(out, '\n');
    digest_hex(DIGEST_SHA256, canonical, out);
}

/* By name, then by value: in the encoded text "a=" must not stand behind "a-b=". */
static int pair_order(const void *left, const void *right)
{
    const struct http_header *a = left, *b = right;
    const int order = str_cmp(a->name, b->name);
    return order ? order : str_cmp(a->value, b->value);
}

static struct str encoded_again(struct reading *r, struct str s)
{
    struct text t;
    struct str plain = read_percent(r, s);
    if (!plain.p) return STR_NONE;
    text_init(&t, plain.n * 3 + 1);
    percent_put(&t, plain);
    return read_keep(r, &t);
}

bool signing_query(struct reading *r, struct str query, struct str *sorted_r)
{
    struct http_header pairs[PAIRS_MAX];
    struct str pair, name, value;
    size_t n = 0;
    struct text t;
    while (query.n) {
        str_cut(query, '&', &pair, &query);
        if (pair.n == 0) continue;
        if (n == PAIRS_MAX) return false;
        str_cut(pair, '=', &name, &value);
        pairs[n] = (struct http_header){encoded_again(r, name), encoded_again(r, value)};
        if (!pairs[n].name.p || !pairs[n].value.p) return false;
        n++;
    }
    qsort(pairs, n, sizeof *pairs, pair_order);
    text_init(&t, 1u << 16);
    for (size_t i = 0; i < n; i++)
        text_addf(&t, "%s%.*s=%.*s", i ? "&" : "", STR_ARG(pairs[i].name), STR_ARG(pairs[i].value));
    *sorted_r = read_keep(r, &t);
    return sorted_r->p != NULL;
}

bool signing_path(struct str path, struct text *out)
{
    struct text plain;
    bool more = true, sound = true;
    text_init(&plain, path.n + 1);
    while (more && sound) {
        struct str segment;
        more = str_cut(path, '/', &segment, &path);
        text_clear(&plain);
        sound = percent_get(&plain, segment, false);
        percent_put(out, text_str(&plain));
        if (more) text_addc(out, '/');
    }
    text_free(&plain);
    if (!str_ends(text_str(out), STR("/"))) text_addc(out, '/');
    return sound && !out->overflow;
}

void signing_tc3_key(struct str secret, struct str day, struct str service, u8 key_r[32])
{
    u8 mac[DIGEST_MAX];
    struct text first;
    text_init(&first, secret.n + 3);
    text_addz(&first, "TC3");
    text_add(&first, secret);
    digest_hmac(DIGEST_SHA256, text_str(&first), day, mac);
    digest_hmac(DIGEST_SHA256, (struct str){(const char *)mac, 32}, service, mac);
    digest_hmac(DIGEST_SHA256, (struct str){(const char *)mac, 32}, STR("tc3_request"), mac);
    for (size_t i = 0; i < 32; i++) key_r[i] = mac[i];
    text_free(&first);
}

void signing_rpc(struct str method, struct str sorted_query, struct str secret, struct text *out)
{
    u8 mac[DIGEST_MAX];
    struct text string, key;
    text_init(&string, method.n + 8 + sorted_query.n * 3);
    text_init(&key, secret.n + 1);
    text_add(&string, method);
    text_addz(&string, "&%2F&");
    percent_put(&string, sorted_query);
    text_add(&key, secret);
    text_addc(&key, '&');
    digest_hmac(DIGEST_SHA1, text_str(&key), text_str(&string), mac);
    b64_put(out, mac, digest_size(DIGEST_SHA1));
    text_free(&string);
    text_free(&key);
}

struct str utc_text(instant t, enum utc_form form, char dst[UTC_TEXT_MAX])
{
    char iso[INSTANT_TEXT_MAX]; /* "2026-03-18T02:00:00.000Z" */
    const size_t seconds = 19, n = form == UTC_DAY ? 10 : seconds;
    size_t put = 0;
    instant_text(t, iso);
    for (size_t i = 0; i < n; i++)
        if (form != UTC_BASIC || (iso[i] != '-' && iso[i] != ':')) dst[put++] = iso[i];
    if (form != UTC_DAY) dst[put++] = 'Z';
    dst[put] = '\0';
    return (struct str){dst, put};
}

instant utc_basic_read(struct str s)
{
    char tight[14];
    if (s.n != 16 || s.p[8] != 'T' || s.p[15] != 'Z') return (instant){0};
    for (size_t i = 0; i < 8; i++) tight[i] = s.p[i];
    for (size_t i = 8; i < 14; i++) tight[i] = s.p[i + 1];
    return read_time((struct str){tight, sizeof tight}, SPAN_S(0));
}
