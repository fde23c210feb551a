/* The first step of signing in, signing out, and the change of a password. Passwords are checked on the thread pool, wiped when the answer is
 * out, and a wrong one costs growing time: counted by the database in the statement that would let the next one in. */
#include "staff_sign_part.h"
#include "staff_body.h"
#include "casework.h"
#include "hub.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX        4096
#define PASSWORD_MAX    1024
#define PASSWORD_POINTS 10 /* the least */

const char staff_nobody_hash[] =
    "$argon2id$v=19$m=65536,t=2,p=1$3wIIyVxvap7FJ2qLRRk3JA$Vq5+anxammhZzZa8Q1BXrlglQWcz8TEeDzhNLWiUXiU";

/* Is a second factor on? It must not come between the look and the session. */
#define FACTOR_ON                                                                                            \
    "exists (select from staff_factors f where f.staff_id = staff.id and f.confirmed_at is not null)"
/* $2: what the first step proved: the hash its password fits, or the subject that the provider named. */
#define PROVED                                                                                               \
    "id = $1 and active and (case $3 when 'oidc' then oidc_subject else password_hash end) = $2 and " SIGN_NOT_LOCKED

const struct db_stmt stmt_staff_login = {
    "staff_login",
    "select s.id, s.password_hash, " SIGN_LOCKED_FOR ", s.login, "
    "exists (select from staff_factors f where f.staff_id = s.id and f.confirmed_at is not null) "
    "from staff s where s.login = $1 and s.active",
    1,
    {DB_TEXT}};
/* From the fifth failure on 30 s, then twice as long each time, at most an hour. */
const struct db_stmt stmt_staff_login_failed = {
    "staff_login_failed",
    "with s as (update staff set failures = least(failures + 1, 1000), locked_until = case when failures + 1 "
    ">= 5 "
    "  then now() + least(interval '1 hour', interval '30 seconds' * (2 ^ least(failures - 4, 7))) else "
    "locked_until end where id = $1), "
    "h as (update staff_sign_ins set tries = least(tries + 1, 100) where token_hash = $3) "
    "insert into audit_log (staff_id, action, detail) select nullif($1, 0), 'sign_in_failed', "
    "jsonb_build_object('step', $2)",
    3,
    {DB_INT4, DB_TEXT, DB_BYTEA}};
/* The lock is judged again here: tries that were checked side by side do not outrun it. */
const struct db_stmt stmt_staff_sign_in = {
    "staff_sign_in",
    "with s as (update staff set failures = 0, locked_until = null where " PROVED " and not " FACTOR_ON
    "  returning id), "
    "n as (insert into staff_sessions (token_hash, staff_id, way, idle, expires_at, device) "
    "  select $4, id, $3, make_interval(secs => $5), now() + make_interval(secs => $6), $7 from s), "
    "a as (insert into audit_log (staff_id, action, detail) select id, 'sign_in', jsonb_build_object('way', $3) from s) "
    "select id from s",
    7,
    {DB_INT4, DB_TEXT, DB_TEXT, DB_BYTEA, DB_FLOAT8, DB_FLOAT8, DB_TEXT}};
/* Failures are forgotten only when the sign-in is whole: a right password must not buy new tries for the code. */
const struct db_stmt stmt_staff_half_open = {
    "staff_half_open",
    "with old as (delete from staff_sign_ins where expires_at < now()), "
    "n as (insert into staff_sign_ins (token_hash, staff_id, way, expires_at) "
    "  select $4, id, $3, now() + make_interval(secs => $5) from staff where " PROVED " and " FACTOR_ON
    "  returning staff_id) "
    "select staff_id from n",
    5,
    {DB_INT4, DB_TEXT, DB_TEXT, DB_BYTEA, DB_FLOAT8}};
const struct db_stmt stmt_staff_sign_out = {
    "staff_sign_out",
    "with e as (update staff_sessions set ended_at = now() where token_hash = $1 and ended_at is null "
    "returning staff_id) "
    "insert into audit_log (staff_id, action) select staff_id, 'sign_out' from e",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_staff_password_read = {
    "staff_password_read",
    "select s.id, s.password_hash, " SIGN_LOCKED_FOR
    ", s.login from staff_enter($1, null, null) e join staff s on s.id = e.staff_id",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_staff_password_write = {
    "staff_password_write",
    "with s as (update staff set password_hash = $3, must_change = false, failures = 0, locked_until = null "
    "  where id = $1 and active and password_hash = $2 and " SIGN_NOT_LOCKED " returning id), "
    "e as (update staff_sessions set ended_at = now() from s where staff_id = s.id and token_hash <> $4 and "
    "ended_at is null), "
    "a as (insert into audit_log (staff_id, action) select id, 'password_changed' from s) "
    "select id from s",
    4,
    {DB_INT4, DB_TEXT, DB_TEXT, DB_BYTEA}};

/* One try to sign in, or one change of a password. */
struct signing {
    struct sign_in in;
    int staff_id; /* 0: no such login */
    bool change, factor, right, made;
    char hash[PASSWORD_HASH_MAX], fresh_hash[PASSWORD_HASH_MAX];
    struct text login, password, fresh; /* fresh: the new password of a change */
};

static void text_wipe(struct text *t)
{
    if (t->p) crypto_wipe(t->p, t->cap);
    text_free(t);
}

static void signing_end(struct signing *s)
{
    text_free(&s->login);
    text_wipe(&s->password);
    text_wipe(&s->fresh);
    crypto_wipe(s, sizeof *s);
    free(s);
}

static struct signing *signing_new(const struct staff_ask *a, const struct http_in *in)
{
    struct signing *s = MEM_NEW(struct signing);
    sign_in_begin(&s->in, a, in);
    text_init(&s->login, BODY_MAX);
    text_init(&s->password, PASSWORD_MAX);
    text_init(&s->fresh, PASSWORD_MAX);
    return s;
}

/* --- the session as the application sees it --- */

struct reading {
    struct staff_ask ask;
    bool cookie;
    u8 token[SESSION_TOKEN_BYTES];
};

static void put_roles(struct str roles, struct text *t)
{
    text_addc(t, '[');
    for (bool more = false; roles.n; more = true) {
        struct str word;
        str_cut(roles, ',', &word, &roles);
        if (more) text_addc(t, ',');
        json_put(t, word);
    }
    text_addc(t, ']');
}

/* One of those who open sealed reports: the staff application has a desk for them. What they see there the database judges. */
static bool about_reports(const struct gateway *g, const struct staff_who *who)
{
    const struct unit *u = register_unit_code(g, str_of(g->cfg.discipline_unit));
    if (who->actor.roles & ROLE_BIT(ROLE_ACCOUNTABILITY)) return true;
    return u && u->id == who->actor.unit &&
           who->actor.roles & (ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER));
}

static void session_json(const struct staff_ask *a, const struct staff_who *who, struct str posts,
                         struct text *t)
{
    const struct unit *u = register_unit(a->g, who->unit_id);
    char csrf[44];
    session_csrf(a->g, a->session.hash, csrf);
    text_addf(t, "{\"csrf\":\"%s\",\"staff\":{\"id\":%lld,\"login\":", csrf, (long long)who->actor.staff);
    json_put(t, who->login);
    text_addz(t, ",\"name\":");
    json_put(t, who->name);
    text_addf(t, ",\"unit\":{\"id\":%d,\"name\":", who->unit_id);
    json_put(t, who->unit_name);
    text_addz(t, ",\"short_name\":");
    json_put(t, u ? u->short_name : who->unit_name);
    text_addz(t, "},\"roles\":");
    put_roles(who->roles, t);
    text_addf(t, ",\"post\":{\"id\":%lld,\"title\":", (long long)who->actor.post);
    json_put(t, who->post);
    text_addz(t, "},\"posts\":");
    text_add(t, posts);
    text_addf(t, ",\"must_change\":%s,\"must_enrol\":%s,\"reports\":%s}", who->must_change ? "true" : "false",
              who->must_enrol ? "true" : "false", about_reports(a->g, who) ? "true" : "false");
    json_put_instant(t, "ends_at", who->ends_at);
    text_addf(t, ",\"idle_s\":%lld,\"seq\":%llu}\n", (long long)who->idle_s, (unsigned long long)a->seq);
    crypto_wipe(csrf, sizeof csrf);
}

static void have_session(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct reading *r = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&r->ask, end, results, error, true, &who)) {
        struct text body, cookie, gone, token;
        text_init(&body, 16384);
        text_init(&cookie, 256);
        text_init(&gone, 256);
        text_init(&token, 64);
        session_json(&r->ask, &who, db_get_text(results[CASEWORK_FIRST], 0, 0), &body);
        b64url_put(&token, r->token, sizeof r->token);
        sign_in_session_cookie(&cookie, text_str(&token), r->ask.secure);
        sign_in_half_cookie(&gone, STR_NONE, r->ask.secure);
        const struct http_header set[] = {{STR("set-cookie"), text_str(&cookie)},
                                          {STR("set-cookie"), text_str(&gone)}};
        reply_json(r->ask.g, r->ask.ticket, 200, text_str(&body), set, r->cookie ? ARRAY_LEN(set) : 0);
        text_wipe(&body);
        text_wipe(&cookie);
        text_wipe(&token);
        text_free(&gone);
    }
    crypto_wipe(r, sizeof *r);
    free(r);
}

void sign_in_send(const struct staff_ask *a, const u8 *token)
{
    struct reading *r = MEM_NEW(struct reading);
    r->ask = *a;
    r->cookie = token != NULL;
    if (token) memcpy(r->token, token, sizeof r->token);
    struct db_call *c = staff_call(a, have_session, r);
    db_call_add(c, &stmt_staff_posts_mine, db_params_new(&stmt_staff_posts_mine));
    if (!staff_go(a, c)) free(r);
}

void staff_session_send(const struct staff_ask *a) { sign_in_send(a, NULL); }

void staff_session_read(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    sign_in_send(a, NULL);
}

/* --- the password is checked: what follows --- */

/* 202: half of it is done. */
static void code_asked(const struct signing *s)
{
    struct text cookie, token, body;
    text_init(&cookie, 256);
    text_init(&token, 64);
    text_init(&body, 100);
    b64url_put(&token, s->in.token, sizeof s->in.token);
    sign_in_half_cookie(&cookie, text_str(&token), s->in.ask.secure);
    text_addf(&body, "{\"step\":\"code\",\"expires_in\":%d}\n", SIGN_IN_LIFE_S);
    const struct http_header set = {STR("set-cookie"), text_str(&cookie)};
    reply_json(s->in.ask.g, s->in.ask.ticket, 202, text_str(&body), &set, 1);
    text_wipe(&cookie);
    text_wipe(&token);
    text_free(&body);
}

static void let_in(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct signing *s = arg;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&s->in.ask, end, error);
    } else if (db_rows(results[0]) == 0) {
        sign_in_locked(&s->in.ask, 30);
    } else if (s->factor) {
        code_asked(s);
    } else {
        COUNT(LOGIN_OK);
        sign_in_send(&s->in.ask, s->change ? NULL : s->in.token);
    }
    signing_end(s);
}

static void turned_away(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct signing *s = arg;
    (void)results, (void)n;
    COUNT(LOGIN_FAILED);
    /* A failure that was not counted is no try: the answer says that nothing was decided. */
    if (end != DB_OK)
        staff_db_refuse(&s->in.ask, end, error);
    else
        staff_refuse(&s->in.ask, REFUSE_LOGIN_WRONG, s->change ? "原密码不正确。" : NULL,
                     s->change ? "The old password is not right." : NULL);
    signing_end(s);
}

static struct db_call *call_of_change(struct signing *s)
{
    struct db_call *c = db_call_new(let_in, s);
    struct db_params *p = db_params_new(&stmt_staff_password_write);
    db_put_i32(p, s->staff_id);
    db_put_text(p, str_of(s->hash));
    db_put_text(p, str_of(s->fresh_hash));
    db_put_bytes(p, (struct str){(const char *)s->in.ask.session.hash, 32});
    db_call_add(c, &stmt_staff_password_write, p);
    return c;
}

static struct db_call *call_of_right(struct signing *s)
{
    const struct db_stmt *stmt = s->factor ? &stmt_staff_half_open : &stmt_staff_sign_in;
    if (s->change) return call_of_change(s);
    struct db_call *c = db_call_new(let_in, s);
    struct db_params *p = db_params_new(stmt);
    db_put_i32(p, s->staff_id);
    db_put_text(p, str_of(s->hash));
    db_put_text(p, STR("password"));
    sign_in_make(&s->in, s->factor);
    sign_in_put(&s->in, s->factor, p);
    db_call_add(c, stmt, p);
    return c;
}

static struct db_call *call_of_wrong(struct signing *s)
{
    struct db_call *c = db_call_new(turned_away, s);
    sign_in_failure(c, s->staff_id, s->change ? "old_password" : "password", NULL);
    return c;
}

static void checked(void *arg)
{
    struct signing *s = arg;
    if (!s->in.ask.g->db) { /* stopping */
        signing_end(s);
        return;
    }
    if (s->right && s->change && !s->made) {
        staff_refuse(&s->in.ask, REFUSE_INTERNAL, NULL, NULL);
        signing_end(s);
        return;
    }
    struct db_call *c = s->right && s->staff_id ? call_of_right(s) : call_of_wrong(s);
    if (db_call_send(s->in.ask.g->lane_staff, c)) return;
    staff_db_refuse(&s->in.ask, DB_LOST, NULL);
    signing_end(s);
}

static void check(void *arg) /* on the thread pool */
{
    struct signing *s = arg;
    s->right = password_right(text_str(&s->password), s->hash);
    if (s->right && s->change) s->made = password_hash(text_str(&s->fresh), s->fresh_hash);
}

/* Is the new password good enough? The sentence goes out in the asker's language. */
static bool fresh_is_good(const struct signing *s, struct str login)
{
    struct str fresh = text_str(&s->fresh);
    const char *zh = NULL, *en = NULL;
    if (s->fresh.overflow || utf8_count(fresh) < PASSWORD_POINTS)
        zh = "新密码至少 10 个字符，最多 1024 字节。",
        en = "The new password needs 10 characters or more, 1024 bytes at the most.";
    else if (str_eq_case(fresh, login))
        zh = "新密码不能与账号相同。", en = "The new password must not be the login.";
    else if (str_eq(fresh, text_str(&s->password)))
        zh = "新密码不能与原密码相同。", en = "The new password must differ from the old one.";
    if (zh) staff_refuse(&s->in.ask, REFUSE_UNKNOWN_FIELD, zh, en);
    return zh == NULL;
}

static void have_hash(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct signing *s = arg;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&s->in.ask, end, error);
        goto over;
    }
    const struct db_result *r = results[0];
    struct str hash = db_rows(r) ? db_get_text(r, 0, 1) : str_of(staff_nobody_hash);
    if (db_rows(r) == 0 && s->change) {
        staff_refuse(&s->in.ask, REFUSE_SESSION_NEEDED, NULL, NULL);
        goto over;
    }
    if (db_rows(r) && db_get_i64(r, 0, 2) > 0) {
        sign_in_locked(&s->in.ask, db_get_i64(r, 0, 2));
        goto over;
    }
    if (s->change && !fresh_is_good(s, db_get_text(r, 0, 3))) goto over;
    if (hash.n >= sizeof s->hash) hash = str_of(staff_nobody_hash);
    s->staff_id = db_rows(r) ? (int)db_get_i64(r, 0, 0) : 0;
    s->factor = db_rows(r) && !s->change && db_get_bool(r, 0, 4);
    memcpy(s->hash, hash.p, hash.n);
    if (loop_offload(s->in.ask.g->loop, check, checked, s)) return;
    staff_db_refuse(&s->in.ask, DB_LOST, NULL);
over:
    signing_end(s);
}

static void signing_look_up(struct signing *s)
{
    const struct db_stmt *stmt = s->change ? &stmt_staff_password_read : &stmt_staff_login;
    struct db_call *c = db_call_new(have_hash, s);
    struct db_params *p = db_params_new(stmt);
    if (s->change)
        db_put_bytes(p, (struct str){(const char *)s->in.ask.session.hash, 32});
    else
        db_put_text(p, text_str(&s->login));
    db_call_add(c, stmt, p);
    if (db_call_send(s->in.ask.g->lane_staff, c)) return;
    staff_db_refuse(&s->in.ask, DB_LOST, NULL);
    signing_end(s);
}

void staff_sign_in(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    (void)id;
    if (!reply_same_site(a->g, in)) {
        staff_refuse(a, REFUSE_CSRF, NULL, NULL);
        return;
    }
    if (!sign_in_rate(a, in) || !body_object(a, in, BODY_MAX, &doc)) return;
    struct signing *s = signing_new(a, in);
    text_add(&s->login, json_str(json_get(doc, "login")));
    text_add(&s->password, json_str(json_get(doc, "password")));
    bool whole = s->login.n && s->password.n && !s->password.overflow;
    json_free(&doc);
    if (whole) {
        signing_look_up(s);
    } else {
        staff_refuse(a, REFUSE_MALFORMED, "请填写账号和密码。", "Login and password are needed.");
        signing_end(s);
    }
}

void staff_password(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    (void)id;
    if (!sign_in_rate(a, in) || !body_object(a, in, BODY_MAX, &doc)) return;
    struct signing *s = signing_new(a, in);
    s->change = true;
    text_add(&s->password, json_str(json_get(doc, "old")));
    text_add(&s->fresh, json_str(json_get(doc, "new")));
    json_free(&doc);
    if (s->password.n && !s->password.overflow && (s->fresh.n || s->fresh.overflow)) {
        signing_look_up(s);
    } else {
        staff_refuse(a, REFUSE_MALFORMED, "请填写原密码和新密码。",
                     "The old and the new password are needed.");
        signing_end(s);
    }
}

/* --- signing out --- */

static void signed_out(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    (void)results, (void)n;
    if (end != DB_OK) {
        staff_db_refuse(a, end, error);
    } else {
        struct text cookie;
        text_init(&cookie, 256);
        hub_session_over(a->g, a->session.hash);
        sign_in_session_cookie(&cookie, STR_NONE, a->secure);
        struct http_header set = {STR("set-cookie"), text_str(&cookie)};
        reply_json(a->g, a->ticket, 204, STR_NONE, &set, 1);
        text_free(&cookie);
    }
    free(a);
}

void staff_sign_out(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = db_call_new(signed_out, kept);
    struct db_params *p = db_params_new(&stmt_staff_sign_out);
    (void)in, (void)id;
    db_put_bytes(p, (struct str){(const char *)a->session.hash, 32});
    db_call_add(c, &stmt_staff_sign_out, p);
    if (db_call_send(a->g->lane_staff, c)) return;
    staff_db_refuse(a, DB_LOST, NULL);
    free(kept);
}
