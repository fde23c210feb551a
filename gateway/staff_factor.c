/* The own second factor: begun with the password, counted once a code of it was given, taken away or given new recovery codes with
 * password and code. Everything goes one way: who asks and what stands on file, the password on the thread pool, the code, one
 * statement that judges all of it again and writes. What is wrong is a failure like one of signing in. */
#include "staff_sign_part.h"
#include "staff_body.h"
#include "casework.h"
#include "factor.h"
#include "metrics.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX     4096
#define PASSWORD_MAX 1024
#define ISSUER       "码上督"

const struct db_stmt stmt_staff_factor_read = {
    "staff_factor_read",
    "select s.id, s.password_hash, " SIGN_LOCKED_FOR
    ", s.login, ss.way, f.sealed, f.last_step, f.confirmed_at, "
    "(select count(*) from staff_recovery_codes c where c.staff_id = s.id and c.used_at is null), array_to_string(e.roles, ',') "
    "from staff_enter($1, null, null) e join staff s on s.id = e.staff_id join staff_sessions ss on ss.token_hash = $1 "
    "left join staff_factors f on f.staff_id = s.id",
    1,
    {DB_BYTEA}};
#define STILL "staff.id = $1 and staff.active and staff.password_hash = $2 and " SIGN_NOT_LOCKED
const struct db_stmt stmt_staff_factor_begin = {
    "staff_factor_begin",
    "insert into staff_factors (staff_id, sealed) select id, $3 from staff where " STILL
    " on conflict (staff_id) do update set sealed = excluded.sealed, begun_at = now(), last_step = 0 "
    "where staff_factors.confirmed_at is null returning staff_id",
    3,
    {DB_INT4, DB_TEXT, DB_BYTEA}};
#define NEW_CODES                                                                                            \
    "n as (insert into staff_recovery_codes (staff_id, code_hash) select f.staff_id, h from f, unnest($5) as h), "
/* $3: the key that the code was checked with; another may have been begun meanwhile. */
const struct db_stmt stmt_staff_factor_confirm = {
    "staff_factor_confirm",
    "with f as (update staff_factors set confirmed_at = now(), last_step = $4 from staff where staff_factors.staff_id = "
    "staff.id and " STILL " and sealed = $3 and confirmed_at is null returning staff_factors.staff_id), "
    "o as (delete from staff_recovery_codes where staff_id in (select staff_id from f)), " NEW_CODES
    "m as (update staff set must_enrol = false from f where staff.id = f.staff_id and staff.must_enrol), "
    "a as (insert into audit_log (staff_id, action) select staff_id, 'factor_on' from f) "
    "select staff_id from f",
    5,
    {DB_INT4, DB_TEXT, DB_BYTEA, DB_INT8, DB_BYTEAS}};
/* c: the recovery code that was given, used up; or $4 the step of a telephone's code, later than any before. */
#define SPENT                                                                                                \
    "with c as (delete from staff_recovery_codes where staff_id = $1 and code_hash = $3 and used_at is null returning staff_id), "
#define BY_STEP_OR_CODE                                                                                      \
    " and staff_factors.confirmed_at is not null and (($4 > 0 and last_step < $4) or exists (select from c)) "
const struct db_stmt stmt_staff_factor_codes = {
    "staff_factor_codes",
    SPENT
    "f as (update staff_factors set last_step = greatest(last_step, $4) from staff where staff_factors.staff_id = "
    "staff.id and " STILL BY_STEP_OR_CODE "returning staff_factors.staff_id), "
    "o as (delete from staff_recovery_codes where staff_id in (select staff_id from f) and code_hash is distinct from "
    "$3), " NEW_CODES
    "a as (insert into audit_log (staff_id, action) select staff_id, 'factor_codes' from f) "
    "select staff_id from f",
    5,
    {DB_INT4, DB_TEXT, DB_BYTEA, DB_INT8, DB_BYTEAS}};
const struct db_stmt stmt_staff_factor_off = {
    "staff_factor_off",
    SPENT
    "f as (delete from staff_factors using staff where staff_factors.staff_id = staff.id and " STILL
        BY_STEP_OR_CODE "returning staff_factors.staff_id), "
    "o as (delete from staff_recovery_codes where staff_id in (select staff_id from f) and code_hash is distinct from "
    "$3), "
    "a as (insert into audit_log (staff_id, action) select staff_id, 'factor_off' from f) "
    "select staff_id from f",
    4,
    {DB_INT4, DB_TEXT, DB_BYTEA, DB_INT8}};
enum step { STEP_STATE, STEP_BEGIN, STEP_CONFIRM, STEP_CODES, STEP_OFF };
struct proving {
    struct staff_ask ask;
    enum step step;
    int staff_id;
    bool by_password,
        right; /* by_password: how this session began; who came through the provider has none to give */
    char hash[PASSWORD_HASH_MAX], login[64];
    struct text password, sealed;
    i64 last_step;
    struct factor_given given;
    u8 key[TOTP_KEY];
    char codes[RECOVERY_CODES][RECOVERY_LETTERS + 2];
};

static void proving_end(struct proving *s)
{
    if (s->password.p) crypto_wipe(s->password.p, s->password.cap);
    text_free(&s->password);
    text_free(&s->sealed);
    crypto_wipe(s, sizeof *s);
    free(s);
}

/* --- answers --- */

static void send_codes(const struct proving *s)
{
    struct text t;
    text_init(&t, 1024);
    text_addz(&t, "{\"codes\":[");
    for (int i = 0; i < RECOVERY_CODES; i++) text_addf(&t, "%s\"%s\"", i ? "," : "", s->codes[i]);
    text_addz(&t, "]}");
    reply_json(s->ask.g, s->ask.ticket, 200, text_str(&t), NULL, 0);
    crypto_wipe(t.p, t.cap);
    text_free(&t);
}

/* The key as a picture and to be typed; shown in this one answer and never again. */
static void send_key(const struct proving *s)
{
    struct text uri, svg, t;
    text_init(&uri, 512);
    text_init(&svg, 128 * 1024);
    text_init(&t, 256 * 1024);
    totp_uri(STR(ISSUER), str_of(s->login), s->key, &uri);
    text_addz(&t, "{\"key\":\"");
    totp_key_text(s->key, &t);
    text_addz(&t, "\",\"uri\":");
    json_put(&t, text_str(&uri));
    text_addz(&t, ",\"svg\":");
    if (factor_picture(text_str(&uri), &svg))
        json_put(&t, text_str(&svg));
    else
        text_addz(&t, "null");
    text_addc(&t, '}');
    reply_json(s->ask.g, s->ask.ticket, 200, text_str(&t), NULL, 0);
    struct text *const all[] = {&uri, &svg, &t};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (all[i]->p) crypto_wipe(all[i]->p, all[i]->cap);
        text_free(all[i]);
    }
}

static void send_state(const struct proving *s, const struct db_result *r)
{
    const bool there = !db_is_null(r, 0, 5), on = !db_is_null(r, 0, 7);
    struct text t;
    text_init(&t, 512);
    text_addf(&t, "{\"state\":\"%s\"", on ? "on" : there ? "begun" : "off");
    json_put_instant(&t, "since", db_get_instant(r, 0, 7));
    text_addf(&t, ",\"codes_left\":%lld,\"needed\":%s,\"by_password\":%s}", (long long)db_get_i64(r, 0, 8),
              casework_roles(db_get_text(r, 0, 9)) & session_factor_roles(s->ask.g) ? "true" : "false",
              s->by_password ? "true" : "false");
    staff_answer(&s->ask, &t);
}

/* --- the statement that writes --- */

static void counted(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct proving *s = arg;
    (void)results, (void)n;
    COUNT(LOGIN_FAILED);
    if (end != DB_OK) {
        staff_db_refuse(&s->ask, end, error);
    } else if (!s->right) {
        staff_refuse(&s->ask, REFUSE_LOGIN_WRONG, "密码不正确。", "The password is not right.");
    } else {
        COUNT(LOGIN_CODE_FAILED);
        staff_refuse(&s->ask, REFUSE_CODE_WRONG, NULL, NULL);
    }
    proving_end(s);
}

static void wrong(struct proving *s)
{
    struct db_call *c = db_call_new(counted, s);
    sign_in_failure(c, s->staff_id, "factor", NULL);
    if (!staff_go(&s->ask, c)) proving_end(s);
}

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct proving *s = arg;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(&s->ask, end, error);
    } else if (db_rows(results[0]) == 0) {
        /* What only the statement could judge: a recovery code that is none. Else somebody came between. */
        if (s->given.recovery) {
            wrong(s);
            return;
        }
        staff_refuse(&s->ask, REFUSE_FACTOR_STATE, NULL, NULL);
    } else if (s->step == STEP_BEGIN) {
        send_key(s);
    } else if (s->step == STEP_OFF) {
        reply_json(s->ask.g, s->ask.ticket, 200, STR("{\"state\":\"off\"}"), NULL, 0);
    } else {
        send_codes(s);
    }
    proving_end(s);
}

static void put_codes(struct proving *s, struct db_params *p)
{
    u8 hashes[RECOVERY_CODES][32];
    factor_codes_make(s->ask.g, s->staff_id, s->codes, hashes);
    db_array_begin(p, DB_BYTEA, RECOVERY_CODES);
    for (int i = 0; i < RECOVERY_CODES; i++) db_put_bytes(p, (struct str){(const char *)hashes[i], 32});
    db_array_end(p);
}

static void step_write(struct proving *s)
{
    static const struct db_stmt *const stmts[] = {[STEP_BEGIN] = &stmt_staff_factor_begin,
                                                  [STEP_CONFIRM] = &stmt_staff_factor_confirm,
                                                  [STEP_CODES] = &stmt_staff_factor_codes,
                                                  [STEP_OFF] = &stmt_staff_factor_off};
    struct db_call *c = db_call_new(written, s);
    struct db_params *p = db_params_new(stmts[s->step]);
    db_put_i32(p, s->staff_id);
    db_put_text(p, str_of(s->hash));
    if (s->step == STEP_BEGIN) {
        text_clear(&s->sealed);
        factor_key_make(s->ask.g, s->staff_id, s->key, &s->sealed);
        db_put_bytes(p, text_str(&s->sealed));
    } else if (s->step == STEP_CONFIRM) {
        db_put_bytes(p, text_str(&s->sealed));
        db_put_i64(p, s->given.step);
        put_codes(s, p);
    } else {
        db_put_bytes(p, s->given.recovery ? (struct str){(const char *)s->given.hash, 32} : STR_NONE);
        db_put_i64(p, s->given.step);
        if (s->step == STEP_CODES) put_codes(s, p);
    }
    db_call_add(c, stmts[s->step], p);
    if (!staff_go(&s->ask, c)) proving_end(s);
}

/* The password was right, or was not asked for. */
static void step_judge(struct proving *s)
{
    if (s->step == STEP_BEGIN ||
        factor_check(s->ask.g, s->staff_id, text_str(&s->sealed), s->last_step, &s->given))
        step_write(s);
    else
        wrong(s);
}

/* --- the password --- */

static void check(void *arg) /* on the thread pool */
{
    struct proving *s = arg;
    s->right = password_right(text_str(&s->password), s->hash);
}

static void checked(void *arg)
{
    struct proving *s = arg;
    if (!s->ask.g->db) /* stopping */
        proving_end(s);
    else if (s->right)
        step_judge(s);
    else
        wrong(s);
}

static void have_factor(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct proving *s = arg;
    const struct staff_ask *a = &s->ask;
    (void)n;
    if (end != DB_OK) {
        staff_db_refuse(a, end, error);
        goto over;
    }
    const struct db_result *r = results[0];
    if (db_rows(r) == 0) {
        staff_refuse(a, REFUSE_SESSION_NEEDED, NULL, NULL);
        goto over;
    }
    s->by_password = str_eq(db_get_text(r, 0, 4), STR("password"));
    if (s->step == STEP_STATE) {
        send_state(s, r);
        goto over;
    }
    if (db_get_i64(r, 0, 2) > 0) {
        sign_in_locked(a, db_get_i64(r, 0, 2));
        goto over;
    }
    const bool there = !db_is_null(r, 0, 5), on = !db_is_null(r, 0, 7);
    const struct str hash = db_get_text(r, 0, 1), login = db_get_text(r, 0, 3);
    if (on != (s->step == STEP_CODES || s->step == STEP_OFF) || (s->step == STEP_CONFIRM && !there) ||
        hash.n >= sizeof s->hash || login.n >= sizeof s->login) {
        staff_refuse(a, REFUSE_FACTOR_STATE, NULL, NULL);
        goto over;
    }
    s->staff_id = (int)db_get_i64(r, 0, 0);
    memcpy(s->hash, hash.p, hash.n);
    memcpy(s->login, login.p, login.n);
    text_add(&s->sealed, db_get_text(r, 0, 5));
    s->last_step = db_get_i64(r, 0, 6);
    if (s->step == STEP_CONFIRM || !s->by_password) {
        s->right = true;
        step_judge(s);
        return;
    }
    if (s->password.n && !s->password.overflow) {
        if (loop_offload(a->g->loop, check, checked, s)) return;
        staff_db_refuse(a, DB_LOST, NULL);
    } else {
        staff_refuse(a, REFUSE_MALFORMED, "请填写密码。", "The password is needed.");
    }
over:
    proving_end(s);
}

static void prove(const struct staff_ask *a, const struct http_in *in, enum step step)
{
    struct proving *s = MEM_NEW(struct proving);
    s->ask = *a;
    s->step = step;
    text_init(&s->password, PASSWORD_MAX);
    text_init(&s->sealed, 256);
    if (step != STEP_STATE) {
        struct json *doc;
        if (!sign_in_rate(a, in) || !body_object(a, in, BODY_MAX, &doc)) {
            proving_end(s);
            return;
        }
        text_add(&s->password, json_str(json_get(doc, "password")));
        const bool whole = step == STEP_BEGIN || factor_read(json_str(json_get(doc, "code")), &s->given);
        json_free(&doc);
        if (!whole || (step == STEP_CONFIRM && s->given.recovery)) {
            staff_refuse(a, REFUSE_MALFORMED, "请输入手机上的 6 位数字。",
                         "Enter the six digits of the telephone.");
            proving_end(s);
            return;
        }
    }
    struct db_call *c = db_call_new(have_factor, s);
    struct db_params *p = db_params_new(&stmt_staff_factor_read);
    db_put_bytes(p, (struct str){(const char *)a->session.hash, 32});
    db_call_add(c, &stmt_staff_factor_read, p);
    if (!staff_go(a, c)) proving_end(s);
}

void staff_factor_state(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    prove(a, in, STEP_STATE);
}

void staff_factor_begin(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    prove(a, in, STEP_BEGIN);
}

void staff_factor_confirm(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    prove(a, in, STEP_CONFIRM);
}

void staff_factor_codes(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    prove(a, in, STEP_CODES);
}

void staff_factor_off(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    prove(a, in, STEP_OFF);
}
