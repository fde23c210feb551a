/* Signing in through the identity provider: away with state, nonce and PKCE challenge, back with a code, once. All three are made from
 * one random token in a cookie, which the database knows by its hash and lets go when it is used; so no browser comes back with
 * another's code, and no code is tried twice. Who the provider names must be written into an account here; a second factor is asked for as
 * after a password. Whatever goes wrong leads back to the sign-in page with one word. */
#include "staff_sign_part.h"
#include "staff_query.h"
#include "metrics.h"
#include "oidc.h"
#include "base/code.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define OIDC_COOKIE STR("msd_oidc")
#define FLOW_LIFE_S 600
#define PAGE        "/staff/#/login" /* leads on by itself when there is a session */
#define MADE_TEXT   44               /* 32 bytes as Base64url, and a NUL */

const struct db_stmt stmt_staff_oidc_flow = {
    "staff_oidc_flow",
    "with old as (delete from staff_oidc_flows where expires_at < now()) "
    "insert into staff_oidc_flows (token_hash, expires_at) values ($1, now() + make_interval(secs => $2))",
    2,
    {DB_BYTEA, DB_FLOAT8}};
const struct db_stmt stmt_staff_oidc_take = {
    "staff_oidc_take",
    "delete from staff_oidc_flows where token_hash = $1 and expires_at > now() returning expires_at",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_staff_oidc_person = {
    "staff_oidc_person",
    "select s.id, " SIGN_LOCKED_FOR
    ", exists (select from staff_factors f where f.staff_id = s.id and f.confirmed_at is not null) "
    "from staff s where s.oidc_subject = $1 and s.active",
    1,
    {DB_TEXT}};
const struct db_stmt stmt_staff_oidc_failed = {
    "staff_oidc_failed",
    "insert into audit_log (action, detail) values ('sign_in_failed', jsonb_build_object('step', 'oidc', 'why', $1))",
    1,
    {DB_TEXT}};

struct flow {
    struct sign_in in;
    u8 token[SESSION_TOKEN_BYTES]; /* of the cookie */
    int staff_id;
    bool factor;
    struct text code, subject;
};

static void flow_end(struct flow *f)
{
    if (f->code.p) crypto_wipe(f->code.p, f->code.cap);
    text_free(&f->code);
    text_free(&f->subject);
    crypto_wipe(f, sizeof *f);
    free(f);
}

static struct flow *flow_new(const struct staff_ask *a, const struct http_in *in)
{
    struct flow *f = MEM_NEW(struct flow);
    sign_in_begin(&f->in, a, in);
    text_init(&f->code, 4096);
    text_init(&f->subject, OIDC_SUBJECT_MAX);
    return f;
}

/* "state", "nonce", "verifier", or "row": what the token stands for in each place. */
static void made_of(const struct flow *f, struct str what, u8 out[32])
{
    const struct str parts[] = {what, {(const char *)f->token, sizeof f->token}};
    crypto_mac(f->in.ask.g->keys, KEY_OIDC, parts, ARRAY_LEN(parts), out);
}

static void made_text(const struct flow *f, struct str what, char out[MADE_TEXT])
{
    u8 bytes[32];
    struct text t;
    made_of(f, what, bytes);
    text_init(&t, MADE_TEXT);
    b64url_put(&t, bytes, sizeof bytes);
    memcpy(out, text_z(&t), MADE_TEXT);
    text_free(&t);
}

static void flow_cookie(struct text *t, struct str value, bool secure)
{
    text_add(t, OIDC_COOKIE);
    text_addc(t, '=');
    text_add(t, value);
    /* Lax: the way back begins at another site. */
    text_addz(t, "; Path=/staff/api/v1/oidc; HttpOnly; SameSite=Lax");
    if (value.n == 0) text_addz(t, "; Max-Age=0");
    if (secure) text_addz(t, "; Secure");
}

static void redirect_of(const struct gateway *g, struct text *t)
{
    text_addz(t, g->cfg.public_url);
    if (str_ends(text_str(t), STR("/"))) t->n--;
    text_addz(t, "/staff/api/v1/oidc/return");
}

/* Back to the sign-in page; REFUSE_NONE: with a cookie that leads on. */
static void back(const struct flow *f, enum refusal r, struct str cookie)
{
    const struct staff_ask *a = &f->in.ask;
    struct text where, gone;
    text_init(&where, 200);
    text_init(&gone, 256);
    text_addz(&where, PAGE);
    flow_cookie(&gone, STR_NONE, a->secure);
    if (r != REFUSE_NONE) {
        count_refusal(r);
        text_addf(&where, "?why=%s", refusal_facts(r)->code);
    }
    const struct str cookies[] = {text_str(&gone), cookie};
    reply_redirect_set(a->g, a->ticket, text_str(&where), cookies, cookie.n ? 2 : 1);
    text_free(&where);
    text_free(&gone);
}

/* --- away --- */

static void put_query(struct text *url, const char *name, struct str value)
{
    text_addc(url, memchr(url->p, '?', url->n) ? '&' : '?');
    text_addz(url, name);
    text_addc(url, '=');
    percent_put(url, value);
}

static void put_challenge(const struct flow *f, struct text *url)
{
    char verifier[MADE_TEXT];
    u8 hash[32];
    struct text t;
    made_text(f, STR("verifier"), verifier);
    crypto_sha256(str_of(verifier), hash);
    text_init(&t, MADE_TEXT);
    b64url_put(&t, hash, sizeof hash);
    put_query(url, "code_challenge", text_str(&t));
    put_query(url, "code_challenge_method", STR("S256"));
    text_free(&t);
}

static void have_site(void *arg, const struct oidc_site *site)
{
    struct flow *f = arg;
    const struct config *c = &f->in.ask.g->cfg;
    struct text url, redirect, scope, token, cookie;
    char made[MADE_TEXT];
    if (!site) {
        COUNT(LOGIN_OIDC_FAILED);
        back(f, REFUSE_OIDC_FAILED, STR_NONE);
        flow_end(f);
        return;
    }
    text_init(&url, 8192);
    text_init(&redirect, 2048);
    text_init(&scope, 1024);
    text_init(&token, 64);
    text_init(&cookie, 256);
    text_add(&url, site->authorize);
    redirect_of(f->in.ask.g, &redirect);
    if (str_find(str_of(c->oidc_scope), STR("openid")) == SIZE_MAX) text_addz(&scope, "openid ");
    text_addz(&scope, c->oidc_scope);
    put_query(&url, "response_type", STR("code"));
    put_query(&url, "client_id", str_of(c->oidc_client_id));
    put_query(&url, "redirect_uri", text_str(&redirect));
    put_query(&url, "scope", text_str(&scope));
    made_text(f, STR("state"), made);
    put_query(&url, "state", str_of(made));
    made_text(f, STR("nonce"), made);
    put_query(&url, "nonce", str_of(made));
    put_challenge(f, &url);
    b64url_put(&token, f->token, sizeof f->token);
    flow_cookie(&cookie, text_str(&token), f->in.ask.secure);
    const struct str cookies[] = {text_str(&cookie)};
    reply_redirect_set(f->in.ask.g, f->in.ask.ticket, text_str(&url), cookies, 1);
    text_free(&url);
    text_free(&redirect);
    text_free(&scope);
    text_free(&token);
    text_free(&cookie);
    flow_end(f);
}

static void flow_stored(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct flow *f = arg;
    (void)results, (void)n;
    if (end == DB_OK) {
        oidc_find(f->in.ask.g, have_site, f);
        return;
    }
    staff_db_refuse(&f->in.ask, end, error);
    flow_end(f);
}

/* The provider is asked only for what a browser begins here; a page of another site cannot make ours go there and back unseen:
 * what it begins it cannot finish, and it ends on our own page. */
void staff_oidc_start(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    u8 row[32];
    (void)id;
    if (!a->g->oidc) {
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
        return;
    }
    if (!sign_in_rate(a, in)) return;
    struct flow *f = flow_new(a, in);
    crypto_random(f->token, sizeof f->token);
    made_of(f, STR("row"), row);
    struct db_call *c = db_call_new(flow_stored, f);
    struct db_params *p = db_params_new(&stmt_staff_oidc_flow);
    db_put_bytes(p, (struct str){(const char *)row, sizeof row});
    db_put_f64(p, FLOW_LIFE_S);
    db_call_add(c, &stmt_staff_oidc_flow, p);
    if (!staff_go(a, c)) flow_end(f);
}

/* --- back --- */

static void let_in(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct flow *f = arg;
    struct text cookie, token;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&f->in.ask, end, error);
        flow_end(f);
        return;
    }
    if (db_rows(results[0]) == 0) { /* locked or changed between the look and this */
        COUNT(LOGIN_OIDC_FAILED);
        back(f, REFUSE_LOGIN_LOCKED, STR_NONE);
        flow_end(f);
        return;
    }
    text_init(&cookie, 256);
    text_init(&token, 64);
    b64url_put(&token, f->in.token, sizeof f->in.token);
    if (f->factor) {
        sign_in_half_cookie(&cookie, text_str(&token), f->in.ask.secure);
    } else {
        sign_in_session_cookie(&cookie, text_str(&token), f->in.ask.secure);
        COUNT(LOGIN_OK);
    }
    COUNT(LOGIN_OIDC);
    back(f, REFUSE_NONE, text_str(&cookie));
    if (cookie.p) crypto_wipe(cookie.p, cookie.cap);
    if (token.p) crypto_wipe(token.p, token.cap);
    text_free(&cookie);
    text_free(&token);
    flow_end(f);
}

static void noted(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct flow *f = arg;
    (void)results, (void)n;
    if (end != DB_OK)
        staff_db_refuse(&f->in.ask, end, error);
    else
        back(f, f->subject.n ? REFUSE_OIDC_UNKNOWN : REFUSE_OIDC_FAILED, STR_NONE);
    flow_end(f);
}

/* Counted, logged, and written into the audit log by a word, never by what the token said. */
static void failed(struct flow *f, const char *why)
{
    struct db_call *c = db_call_new(noted, f);
    struct db_params *p = db_params_new(&stmt_staff_oidc_failed);
    COUNT(LOGIN_FAILED);
    COUNT(LOGIN_OIDC_FAILED);
    log_line(LOG_WARNING, LOG_STAFF, "identity provider: nobody was let in", "why=%s", why);
    db_put_text(p, str_of(why));
    db_call_add(c, &stmt_staff_oidc_failed, p);
    if (!staff_go(&f->in.ask, c)) flow_end(f);
}

static void have_person(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct flow *f = arg;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&f->in.ask, end, error);
        flow_end(f);
        return;
    }
    const struct db_result *r = results[0];
    if (db_rows(r) == 0) {
        failed(f, "nobody");
        return;
    }
    if (db_get_i64(r, 0, 1) > 0) {
        back(f, REFUSE_LOGIN_LOCKED, STR_NONE);
        flow_end(f);
        return;
    }
    f->staff_id = (int)db_get_i64(r, 0, 0);
    f->factor = db_get_bool(r, 0, 2);
    const struct db_stmt *stmt = f->factor ? &stmt_staff_half_open : &stmt_staff_sign_in;
    struct db_call *c = db_call_new(let_in, f);
    struct db_params *p = db_params_new(stmt);
    db_put_i32(p, f->staff_id);
    db_put_text(p, text_str(&f->subject));
    db_put_text(p, STR("oidc"));
    sign_in_make(&f->in, f->factor);
    sign_in_put(&f->in, f->factor, p);
    db_call_add(c, stmt, p);
    if (!staff_go(&f->in.ask, c)) flow_end(f);
}

static void redeemed(void *arg, const struct oidc_result *result)
{
    struct flow *f = arg;
    if (result->away || result->refused || result->end != OIDC_GOOD) {
        failed(f, result->away ? "away" : result->refused ? "code" : oidc_word(result->end));
        return;
    }
    text_add(&f->subject, result->subject);
    struct db_call *c = db_call_new(have_person, f);
    struct db_params *p = db_params_new(&stmt_staff_oidc_person);
    db_put_text(p, text_str(&f->subject));
    db_call_add(c, &stmt_staff_oidc_person, p);
    if (!staff_go(&f->in.ask, c)) flow_end(f);
}

static void flow_taken(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct flow *f = arg;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&f->in.ask, end, error);
        flow_end(f);
        return;
    }
    if (db_rows(results[0]) == 0) {
        failed(f, "state_used");
        return;
    }
    if (f->code.n == 0) {
        failed(f, "declined");
        return;
    }
    char verifier[MADE_TEXT], nonce[MADE_TEXT];
    struct text redirect;
    text_init(&redirect, 2048);
    redirect_of(f->in.ask.g, &redirect);
    made_text(f, STR("verifier"), verifier);
    made_text(f, STR("nonce"), nonce);
    const struct oidc_exchange x = {text_str(&f->code), str_of(verifier), str_of(nonce), text_str(&redirect)};
    oidc_redeem(f->in.ask.g, &x, redeemed, f);
    text_free(&redirect);
    crypto_wipe(verifier, sizeof verifier);
}

/* Is this the way back of what this browser began? */
static bool ours(const struct flow *f, const struct http_in *in)
{
    char want[MADE_TEXT];
    bool bad = false;
    struct text got;
    text_init(&got, 512);
    made_text(f, STR("state"), want);
    bool same = query_param(in, "state", &got, &bad) && got.n == MADE_TEXT - 1 &&
                crypto_same(got.p, want, MADE_TEXT - 1);
    /* Where the provider says who it is (RFC 9207), it must be the one that was asked. */
    if (same && query_param(in, "iss", &got, &bad))
        same = str_eq(text_str(&got), str_of(f->in.ask.g->cfg.oidc_issuer));
    text_free(&got);
    return same && !bad;
}

void staff_oidc_return(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    u8 row[32];
    bool bad = false;
    (void)id;
    if (!a->g->oidc) {
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
        return;
    }
    struct flow *f = flow_new(a, in);
    /* What began here was limited there. What did not leaves a line each, so it is limited here. */
    if (!b64url_get(http_cookie(in, OIDC_COOKIE), f->token, sizeof f->token) || !ours(f, in)) {
        if (sign_in_rate(a, in))
            failed(f, "state");
        else
            flow_end(f);
        return;
    }
    if (!query_param(in, "code", &f->code, &bad) || bad) text_clear(&f->code);
    made_of(f, STR("row"), row);
    struct db_call *c = db_call_new(flow_taken, f);
    struct db_params *p = db_params_new(&stmt_staff_oidc_take);
    db_put_bytes(p, (struct str){(const char *)row, sizeof row});
    db_call_add(c, &stmt_staff_oidc_take, p);
    if (!staff_go(a, c)) flow_end(f);
}
