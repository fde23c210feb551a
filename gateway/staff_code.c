/* The second step of signing in, and what its steps share. A half-open sign-in (staff_sign_part.h) becomes a session with the code of the
 * telephone, which is checked here, or with a recovery code, which the database finds by its keyed hash. Each counts once: the step of a
 * code is remembered, a recovery code is marked, in the very statement that makes the session. */
#include "staff_sign_part.h"
#include "staff_body.h"
#include "factor.h"
#include "metrics.h"
#include "oidc.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX 1024

const struct db_stmt stmt_staff_half_live = {
    "staff_half_live",
    "select greatest(ceil(extract(epoch from expires_at - now())), 1)::bigint from staff_sign_ins where token_hash = $1 "
    "and " SIGN_HALF_LIVES,
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_staff_half_read = {
    "staff_half_read",
    "select s.id, f.sealed, f.last_step, " SIGN_LOCKED_FOR
    " from staff_sign_ins h join staff s on s.id = h.staff_id and s.active "
    "join staff_factors f on f.staff_id = s.id and f.confirmed_at is not null "
    "where h.token_hash = $1 and h.expires_at > now() and h.tries < 5",
    1,
    {DB_BYTEA}};
/* u: the factor is used up for this step; s: the person is let in; then the half-open sign-in is over and the session begins. */
#define SESSION_OF_HALF                                                                                      \
    "s as (update staff set failures = 0, locked_until = null from u where staff.id = u.staff_id and "       \
    "staff.active and " SIGN_NOT_LOCKED " returning staff.id), "                                             \
    "d as (delete from staff_sign_ins using s where token_hash = $1), "                                      \
    "n as (insert into staff_sessions (token_hash, staff_id, way, idle, expires_at, device) "                \
    "  select $4, s.id, h.way, make_interval(secs => $5), now() + make_interval(secs => $6), $7 from s, h), "
const struct db_stmt stmt_staff_code_in = {
    "staff_code_in",
    "with h as (select staff_id, way from staff_sign_ins where token_hash = $1 and staff_id = $2 "
    "and " SIGN_HALF_LIVES " for update), "
    "u as (update staff_factors f set last_step = $3 from h where f.staff_id = h.staff_id and f.confirmed_at is not "
    "null and f.last_step < $3 returning f.staff_id), " SESSION_OF_HALF
    "a as (insert into audit_log (staff_id, action, detail) select s.id, 'sign_in', jsonb_build_object('way', h.way, "
    "'factor', 'code') from s, h) select id from s",
    7,
    {DB_BYTEA, DB_INT4, DB_INT8, DB_BYTEA, DB_FLOAT8, DB_FLOAT8, DB_TEXT}};
const struct db_stmt stmt_staff_recovery_in = {
    "staff_recovery_in",
    "with h as (select staff_id, way from staff_sign_ins where token_hash = $1 and staff_id = $2 "
    "and " SIGN_HALF_LIVES " for update), "
    "u as (update staff_recovery_codes c set used_at = now() from h where c.staff_id = h.staff_id and c.code_hash = $3 "
    "and c.used_at is null returning c.staff_id), " SESSION_OF_HALF
    "a as (insert into audit_log (staff_id, action, detail) select s.id, 'sign_in', jsonb_build_object('way', h.way, "
    "'factor', 'recovery') from s, h) select id from s",
    7,
    {DB_BYTEA, DB_INT4, DB_BYTEA, DB_BYTEA, DB_FLOAT8, DB_FLOAT8, DB_TEXT}};

/* --- what the steps share --- */

void sign_in_begin(struct sign_in *s, const struct staff_ask *a, const struct http_in *in)
{
    struct text words;
    s->ask = *a;
    text_init(&words, DEVICE_WORDS_MAX);
    device_words(http_header_get(in, STR("user-agent")), &words);
    memcpy(s->device, text_z(&words), words.n + 1);
    text_free(&words);
}

static void half_hash(const struct gateway *g, const u8 token[SESSION_TOKEN_BYTES], u8 hash[32])
{
    const struct str part = {(const char *)token, SESSION_TOKEN_BYTES};
    crypto_mac(g->keys, KEY_SIGN_IN, &part, 1, hash);
}

void sign_in_make(struct sign_in *s, bool half)
{
    crypto_random(s->token, sizeof s->token);
    if (half)
        half_hash(s->ask.g, s->token, s->hash);
    else
        session_hash(s->ask.g, s->token, s->hash);
    if (!half) memcpy(s->ask.session.hash, s->hash, 32);
}

void sign_in_put(const struct sign_in *s, bool half, struct db_params *p)
{
    const struct config *c = &s->ask.g->cfg;
    db_put_bytes(p, (struct str){(const char *)s->hash, 32});
    if (half) {
        db_put_f64(p, SIGN_IN_LIFE_S);
        return;
    }
    db_put_f64(p, (double)c->session_idle.us / 1e6);
    db_put_f64(p, (double)c->session_max.us / 1e6);
    db_put_text(p, str_of(s->device));
}

bool sign_in_half(const struct gateway *g, const struct http_in *in, u8 hash[32])
{
    u8 token[SESSION_TOKEN_BYTES];
    if (!b64url_get(http_cookie(in, SIGN_IN_COOKIE), token, sizeof token)) return false;
    half_hash(g, token, hash);
    crypto_wipe(token, sizeof token);
    return true;
}

static void put_cookie(struct text *t, struct str name, struct str value, const char *rest, bool secure)
{
    text_add(t, name);
    text_addc(t, '=');
    text_add(t, value);
    text_addz(t, rest);
    if (value.n == 0) text_addz(t, "; Max-Age=0");
    if (secure) text_addz(t, "; Secure");
}

void sign_in_session_cookie(struct text *t, struct str value, bool secure)
{
    /* The path covers /ws/dashboard as well; SameSite=Strict and the Origin check keep other sites out. */
    put_cookie(t, SESSION_COOKIE, value, "; Path=/; HttpOnly; SameSite=Strict", secure);
}

void sign_in_half_cookie(struct text *t, struct str value, bool secure)
{
    put_cookie(t, SIGN_IN_COOKIE, value, "; Path=/staff/api/v1/session; HttpOnly; SameSite=Strict", secure);
}

bool sign_in_rate(const struct staff_ask *a, const struct http_in *in)
{
    span wait;
    if (gateway_rate(a->g, &a->g->login_rate, in->peer, a->g->cfg.login_per_minute, 1, &wait)) return true;
    reply_problem(a->g, a->ticket, a->lang, REFUSE_TOO_MANY, STR_NONE, STR_NONE, wait);
    return false;
}

void sign_in_locked(const struct staff_ask *a, i64 seconds)
{
    reply_problem(a->g, a->ticket, a->lang, REFUSE_LOGIN_LOCKED, STR_NONE, STR_NONE, SPAN_S(MAX(seconds, 1)));
}

void sign_in_failure(struct db_call *c, int staff_id, const char *step, const u8 *half)
{
    struct db_params *p = db_params_new(&stmt_staff_login_failed);
    db_put_i32(p, staff_id);
    db_put_text(p, str_of(step));
    db_put_bytes(p, half ? (struct str){(const char *)half, 32} : STR_NONE);
    db_call_add(c, &stmt_staff_login_failed, p);
}

/* --- where this browser stands, and which ways there are --- */

static void ways_send(const struct staff_ask *a, i64 seconds)
{
    const struct config *c = &a->g->cfg;
    struct text t;
    text_init(&t, 2048);
    text_addf(&t, "{\"step\":\"%s\",\"expires_in\":%lld,\"oidc\":", seconds > 0 ? "code" : "password",
              (long long)seconds);
    if (a->g->oidc)
        json_put(&t, c->oidc_name[0] ? str_of(c->oidc_name) : STR("OpenID Connect"));
    else
        text_addz(&t, "null");
    text_addc(&t, '}');
    staff_answer(a, &t);
}

static void have_live(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    (void)n;
    if (end != DB_OK)
        staff_db_refuse(a, end, error);
    else
        ways_send(a, db_rows(results[0]) ? db_get_i64(results[0], 0, 0) : 0);
    free(a);
}

void staff_ways(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    u8 hash[32];
    (void)id;
    if (!sign_in_half(a->g, in, hash)) {
        ways_send(a, 0);
        return;
    }
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = db_call_new(have_live, kept);
    struct db_params *p = db_params_new(&stmt_staff_half_live);
    db_put_bytes(p, (struct str){(const char *)hash, 32});
    db_call_add(c, &stmt_staff_half_live, p);
    if (!staff_go(a, c)) free(kept);
}

/* --- the code --- */

struct coding {
    struct sign_in in;
    u8 half[32];
    struct factor_given given;
    int staff_id;
};

static void coding_end(struct coding *s)
{
    crypto_wipe(s, sizeof *s);
    free(s);
}

static void turned_away(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct coding *s = arg;
    (void)results, (void)n;
    COUNT(LOGIN_FAILED);
    COUNT(LOGIN_CODE_FAILED);
    if (end != DB_OK)
        staff_db_refuse(&s->in.ask, end, error);
    else
        staff_refuse(&s->in.ask, REFUSE_CODE_WRONG, NULL, NULL);
    coding_end(s);
}

static void wrong(struct coding *s)
{
    struct db_call *c = db_call_new(turned_away, s);
    sign_in_failure(c, s->staff_id, "code", s->half);
    if (!staff_go(&s->in.ask, c)) coding_end(s);
}

static void let_in(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct coding *s = arg;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&s->in.ask, end, error);
    } else if (db_rows(results[0]) == 0) {
        /* The code of a step that was used meanwhile, a recovery code that is none, or the lock came first. */
        wrong(s);
        return;
    } else {
        COUNT(LOGIN_OK);
        if (s->given.recovery) COUNT(LOGIN_RECOVERY);
        sign_in_send(&s->in.ask, s->in.token);
    }
    coding_end(s);
}

static void have_half(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct coding *s = arg;
    const struct staff_ask *a = &s->in.ask;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(a, end, error);
        goto over;
    }
    const struct db_result *r = results[0];
    if (db_rows(r) == 0) {
        staff_refuse(a, REFUSE_SIGN_IN_OVER, NULL, NULL);
        goto over;
    }
    if (db_get_i64(r, 0, 3) > 0) {
        sign_in_locked(a, db_get_i64(r, 0, 3));
        goto over;
    }
    s->staff_id = (int)db_get_i64(r, 0, 0);
    if (!factor_check(a->g, s->staff_id, db_get_text(r, 0, 1), db_get_i64(r, 0, 2), &s->given)) {
        wrong(s);
        return;
    }
    const struct db_stmt *stmt = s->given.recovery ? &stmt_staff_recovery_in : &stmt_staff_code_in;
    struct db_call *c = db_call_new(let_in, s);
    struct db_params *p = db_params_new(stmt);
    db_put_bytes(p, (struct str){(const char *)s->half, 32});
    db_put_i32(p, s->staff_id);
    if (s->given.recovery)
        db_put_bytes(p, (struct str){(const char *)s->given.hash, 32});
    else
        db_put_i64(p, s->given.step);
    sign_in_make(&s->in, false);
    sign_in_put(&s->in, false, p);
    db_call_add(c, stmt, p);
    if (staff_go(a, c)) return;
over:
    coding_end(s);
}

void staff_code(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    u8 half[32];
    (void)id;
    if (!reply_same_site(a->g, in)) {
        staff_refuse(a, REFUSE_CSRF, NULL, NULL);
        return;
    }
    /* Not limited by address: the password was, and tries are counted by the half-open sign-in and by the account. */
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    struct coding *s = MEM_NEW(struct coding);
    sign_in_begin(&s->in, a, in);
    const bool given = factor_read(json_str(json_get(doc, "code")), &s->given);
    json_free(&doc);
    if (!sign_in_half(a->g, in, half)) {
        staff_refuse(a, REFUSE_SIGN_IN_OVER, NULL, NULL);
    } else if (!given) {
        staff_refuse(a, REFUSE_MALFORMED, "请输入手机上的 6 位数字，或 10 位恢复码。",
                     "Enter the six digits of the telephone, or a recovery code of ten.");
    } else {
        memcpy(s->half, half, sizeof half);
        struct db_call *c = db_call_new(have_half, s);
        struct db_params *p = db_params_new(&stmt_staff_half_read);
        db_put_bytes(p, (struct str){(const char *)half, 32});
        db_call_add(c, &stmt_staff_half_read, p);
        if (staff_go(a, c)) return;
    }
    coding_end(s);
}
