#include "oidc.h"
#include "base/code.h"
#include "base/log.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SITE_LIVES SPAN_MIN(60)
#define KEYS_LIVE  SPAN_MIN(60)
#define KEYS_PAUSE SPAN_S(1) /* between two looks for a key that is not there */
#define SECRET_MAX 1024
#define KEYS_BYTES (256 * 1024)

struct oidc {
    struct gateway *g;
    struct text secret;
    struct arena arena; /* of site */
    struct oidc_site site;
    instant site_at, keys_at; /* monotonic; us 0: never */
    struct json *keys;
};

static bool older(instant at, span than)
{
    return at.us == 0 || instant_sub(clock_monotonic(), at).us > than.us;
}

/* --- what is published --- */

struct finding {
    struct gateway *g;
    oidc_found *found;
    void *arg;
};

static void site_answered(void *arg, const struct http_reply *reply)
{
    struct finding *f = arg;
    struct oidc *o = f->g->oidc;
    struct arena arena;
    struct oidc_site site;
    arena_init(&arena, 8192);
    const enum oidc_end end = reply->status == 200
                                  ? oidc_site_read(reply->body, str_of(f->g->cfg.oidc_issuer), &arena, &site)
                                  : OIDC_MALFORMED;
    if (end == OIDC_GOOD) {
        arena_free(&o->arena);
        o->arena = arena;
        o->site = site;
        o->site_at = clock_monotonic();
    } else {
        arena_free(&arena);
        log_line(LOG_WARNING, LOG_STAFF, "identity provider: its description was not read",
                 "status=%d why=%s", reply->status, oidc_word(end));
    }
    /* An old description is better than none. */
    f->found(f->arg, o->site_at.us ? &o->site : NULL);
    free(f);
}

static struct http_out get_of(struct str url, size_t max)
{
    return (struct http_out){.method = STR("GET"),
                             .url = url,
                             .headers = {{STR("accept"), STR("application/json")}},
                             .n_headers = 1,
                             .reply_max = max};
}

void oidc_find(struct gateway *g, oidc_found *found, void *arg)
{
    struct oidc *o = g->oidc;
    struct text url;
    if (!older(o->site_at, SITE_LIVES)) {
        found(arg, &o->site);
        return;
    }
    struct finding *f = MEM_NEW(struct finding);
    *f = (struct finding){g, found, arg};
    text_init(&url, 2048);
    text_addz(&url, g->cfg.oidc_issuer);
    if (str_ends(text_str(&url), STR("/"))) url.n--;
    text_addz(&url, "/.well-known/openid-configuration");
    const struct http_out out = get_of(text_str(&url), 0);
    const bool going = httpc_start(g->httpc, &out, g->cfg.oidc_deadline, site_answered, f);
    text_free(&url);
    if (going) return;
    free(f);
    found(arg, o->site_at.us ? &o->site : NULL);
}

/* --- a code becomes a person --- */

struct redeeming {
    struct gateway *g;
    oidc_done *done;
    void *arg;
    struct text code, verifier, nonce, redirect, token;
};

static void wipe(struct text *t)
{
    if (t->p) crypto_wipe(t->p, t->cap);
    text_free(t);
}

static void redeeming_end(struct redeeming *r, const struct oidc_result *result)
{
    r->done(r->arg, result);
    wipe(&r->code);
    wipe(&r->verifier);
    wipe(&r->nonce);
    wipe(&r->redirect);
    wipe(&r->token);
    free(r);
}

static enum oidc_end token_judge(struct redeeming *r, struct arena *arena, struct str *subject_r)
{
    const struct config *c = &r->g->cfg;
    const struct oidc_expected e = {.issuer = str_of(c->oidc_issuer),
                                    .client_id = str_of(c->oidc_client_id),
                                    .nonce = text_str(&r->nonce),
                                    .claim = str_of(c->oidc_claim),
                                    .now = clock_now()};
    return oidc_token_check(text_str(&r->token), r->g->oidc->keys, &e, arena, subject_r);
}

static void token_end(struct redeeming *r)
{
    struct arena arena;
    struct oidc_result result = {0};
    arena_init(&arena, 2 * OIDC_TOKEN_MAX);
    result.end = token_judge(r, &arena, &result.subject);
    redeeming_end(r, &result);
    arena_free(&arena);
}

static void keys_answered(void *arg, const struct http_reply *reply)
{
    struct redeeming *r = arg;
    struct oidc *o = r->g->oidc;
    const char *why;
    struct json *keys = reply->status == 200 ? json_parse_foreign(reply->body, KEYS_BYTES, &why) : NULL;
    o->keys_at = clock_monotonic();
    if (keys) {
        json_free(&o->keys);
        o->keys = keys;
    } else {
        log_line(LOG_WARNING, LOG_STAFF, "identity provider: its keys were not read", "status=%d",
                 reply->status);
    }
    if (o->keys)
        token_end(r);
    else
        redeeming_end(r, &(struct oidc_result){.away = true});
}

/* With the keys at hand, or with new ones where they are old or the token names one that is not among them. */
static void token_check(struct redeeming *r)
{
    struct oidc *o = r->g->oidc;
    struct arena arena;
    struct str subject;
    arena_init(&arena, 2 * OIDC_TOKEN_MAX);
    const bool fresh = o->keys && !older(o->keys_at, KEYS_LIVE);
    const bool known = fresh && token_judge(r, &arena, &subject) != OIDC_KEY_UNKNOWN;
    arena_free(&arena);
    if (known || (fresh && !older(o->keys_at, KEYS_PAUSE))) {
        token_end(r);
        return;
    }
    const struct http_out out = get_of(o->site.keys, KEYS_BYTES);
    if (!httpc_start(r->g->httpc, &out, r->g->cfg.oidc_deadline, keys_answered, r))
        redeeming_end(r, &(struct oidc_result){.away = true});
}

static void token_answered(void *arg, const struct http_reply *reply)
{
    struct redeeming *r = arg;
    const char *why;
    struct str token;
    struct json *doc = reply->status == 200 ? json_parse_foreign(reply->body, 64 * 1024, &why) : NULL;
    const bool whole = oidc_answer_read(doc, &token) == OIDC_GOOD;
    if (whole) text_add(&r->token, token);
    json_free(&doc);
    if (whole) {
        token_check(r);
        return;
    }
    log_line(LOG_WARNING, LOG_STAFF, "identity provider: the code was not exchanged", "status=%d",
             reply->status);
    redeeming_end(r, &(struct oidc_result){.away = reply->status < 400 || reply->status >= 500,
                                           .refused = reply->status >= 400 && reply->status < 500});
}

static void put_field(struct text *form, const char *name, struct str value)
{
    if (form->n) text_addc(form, '&');
    text_addz(form, name);
    text_addc(form, '=');
    percent_put(form, value);
}

/* RFC 6749, 2.3.1: name and secret are form-encoded before they are joined. */
static void put_basic(const struct oidc *o, struct text *value)
{
    struct text pair;
    text_init(&pair, 8192);
    percent_put(&pair, str_of(o->g->cfg.oidc_client_id));
    text_addc(&pair, ':');
    percent_put(&pair, text_str(&o->secret));
    text_addz(value, "Basic ");
    b64_put(value, (const u8 *)pair.p, pair.n);
    wipe(&pair);
}

static void redeem_at(void *arg, const struct oidc_site *site)
{
    struct redeeming *r = arg;
    struct oidc *o = r->g->oidc;
    struct text form, basic;
    if (!site) {
        redeeming_end(r, &(struct oidc_result){.away = true});
        return;
    }
    text_init(&form, 32 * 1024);
    text_init(&basic, 16 * 1024);
    put_field(&form, "grant_type", STR("authorization_code"));
    put_field(&form, "code", text_str(&r->code));
    put_field(&form, "redirect_uri", text_str(&r->redirect));
    put_field(&form, "code_verifier", text_str(&r->verifier));
    const bool secret = o->secret.n > 0, in_header = secret && site->basic;
    if (!in_header) put_field(&form, "client_id", str_of(r->g->cfg.oidc_client_id));
    if (secret && !in_header) put_field(&form, "client_secret", text_str(&o->secret));
    if (in_header) put_basic(o, &basic);
    const struct http_out out = {
        .method = STR("POST"),
        .url = site->token,
        .headers = {{STR("content-type"), STR("application/x-www-form-urlencoded")},
                    {STR("accept"), STR("application/json")},
                    {STR("authorization"), text_str(&basic)}},
        .n_headers = in_header ? 3 : 2,
        .body = text_str(&form),
    };
    const bool going = !form.overflow && !basic.overflow &&
                       httpc_start(r->g->httpc, &out, r->g->cfg.oidc_deadline, token_answered, r);
    wipe(&form);
    wipe(&basic);
    if (!going) redeeming_end(r, &(struct oidc_result){.away = true});
}

static void keep(struct text *t, struct str value, size_t max)
{
    text_init(t, max);
    text_add(t, value);
}

void oidc_redeem(struct gateway *g, const struct oidc_exchange *x, oidc_done *done, void *arg)
{
    struct redeeming *r = MEM_NEW(struct redeeming);
    *r = (struct redeeming){.g = g, .done = done, .arg = arg};
    keep(&r->code, x->code, 4096);
    keep(&r->verifier, x->verifier, 128);
    keep(&r->nonce, x->nonce, 128);
    keep(&r->redirect, x->redirect, 2048);
    text_init(&r->token, OIDC_TOKEN_MAX);
    oidc_find(g, redeem_at, r);
}

/* --- life --- */

/* Read once at the start, like every secret of a file. */
static bool secret_read(const char *path, struct text *secret, const char **why_r)
{
    char bytes[SECRET_MAX];
    struct stat st;
    *why_r = "oidc_secret_file cannot be read";
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t n = -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        *why_r = "oidc_secret_file is no regular file";
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        *why_r = "oidc_secret_file gives rights to group or others; it must be 0600 or less";
    else if (st.st_size > (off_t)sizeof bytes)
        *why_r = "oidc_secret_file holds more than a secret";
    else
        n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n < 0) return false;
    text_add(secret, str_trim((struct str){bytes, (size_t)n}));
    crypto_wipe(bytes, sizeof bytes);
    if (secret->n == 0) *why_r = "oidc_secret_file is empty";
    return secret->n > 0;
}

bool oidc_start(struct gateway *g, const char **why_r)
{
    const struct config *c = &g->cfg;
    if (!c->oidc_issuer[0]) return true;
    *why_r = "oidc_issuer is no https address (http only on this very machine)";
    if (!oidc_address_good(str_of(c->oidc_issuer))) return false;
    *why_r = "oidc_client_id is empty";
    if (!c->oidc_client_id[0]) return false;
    *why_r = "oidc_claim is empty";
    if (!c->oidc_claim[0]) return false;
    g->oidc = MEM_NEW(struct oidc);
    g->oidc->g = g;
    arena_init(&g->oidc->arena, 8192);
    text_init(&g->oidc->secret, SECRET_MAX);
    return !c->oidc_secret_file[0] || secret_read(c->oidc_secret_file, &g->oidc->secret, why_r);
}

void oidc_stop(struct gateway *g)
{
    if (!g->oidc) return;
    wipe(&g->oidc->secret);
    json_free(&g->oidc->keys);
    arena_free(&g->oidc->arena);
    free(g->oidc);
    g->oidc = NULL;
}
