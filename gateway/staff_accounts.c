/* What lets somebody sign in, by two administrators: a new account, a new password, a second factor set back, a name at the identity
 * provider. One asks, another one confirms (0046_accounts.sql judges who may, tells the person and the auditor, and logs it). A password's
 * two halves are made here and hashed together on the thread pool: the one who asks is shown the first, once; the second waits sealed and
 * is shown, once, to the one who confirms. Neither of them could sign in with what they know. */
#include "staff_part.h"
#include "staff_body.h"
#include "staff_query.h"
#include "casework.h"
#include "one_time.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   8192
#define PAGE       50
#define WORDS_MAX  24
#define SEALED_MAX 200

const struct db_stmt stmt_account_list = {
    "account_list", "select account_list($1, $2, $3)::text", 3, {DB_BOOL, DB_INT8, DB_INT4}};
const struct db_stmt stmt_account_open = {
    "account_open", "select account_open($1, $2, $3, $4)::text", 4, {DB_JSONB, DB_TEXT, DB_TEXT, DB_BYTEA}};
const struct db_stmt stmt_account_ask = {"account_ask",
                                         "select account_ask($1, $2, $3, $4, $5, $6)::text",
                                         6,
                                         {DB_INT4, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_BYTEA}};
const struct db_stmt stmt_account_step = {"account_step",
                                          "select shown::text, half, its_hash from account_step($1, $2, $3)",
                                          3,
                                          {DB_INT8, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_account_notices = {"account_notices", "select account_notices()::text", 0, {0}};
const struct db_stmt stmt_account_notice = {
    "account_notice", "select account_notice($1, $2, $3)::text", 3, {DB_INT8, DB_TEXT, DB_TEXT}};
const struct db_stmt stmt_account_counts = {
    "account_counts", "select accounts::bigint, notices::bigint from account_counts()", 0, {0}};

/* --- asking --- */

struct asking {
    struct staff_ask ask;
    int staff;        /* 0: a new account, whose body is the whole request */
    struct text body; /* of a new account */
    struct text kind, reason, subject;
    bool halves; /* a password comes of it */
    char first[ONE_TIME_HALF_MAX], second[ONE_TIME_HALF_MAX], hash[PASSWORD_HASH_MAX];
    bool made;
};

static void asking_free(struct asking *q)
{
    text_free(&q->body);
    text_free(&q->kind);
    text_free(&q->reason);
    text_free(&q->subject);
    crypto_wipe(q, sizeof *q);
    free(q);
}

/* {"request":…,"half":"…"}; the half, when there is one, goes out in this answer alone. */
static void answer_with(const struct staff_ask *a, struct str shown, struct str half)
{
    struct text t;
    text_init(&t, shown.n + 100);
    text_addz(&t, "{\"request\":");
    text_add(&t, shown);
    text_addz(&t, ",\"half\":");
    if (half.n)
        json_put(&t, half);
    else
        text_addz(&t, "null");
    text_addc(&t, '}');
    reply_json(a->g, a->ticket, 200, text_str(&t), NULL, 0);
    if (t.p) crypto_wipe(t.p, t.cap);
    text_free(&t);
}

static void asked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct asking *q = arg;
    struct staff_who who;
    (void)n;
    if (!people_refused(&q->ask, end, error) && staff_entered(&q->ask, end, results, error, false, &who))
        answer_with(&q->ask, db_get_text(results[CASEWORK_FIRST], 0, 0),
                    q->halves ? str_of(q->first) : STR_NONE);
    asking_free(q);
}

/* What is sealed opens only beside the hash that it belongs to. */
static void put_sealed(const struct asking *q, struct db_params *p)
{
    struct text sealed;
    if (!q->halves) {
        db_put_null(p);
        return;
    }
    text_init(&sealed, SEALED_MAX);
    crypto_seal(q->ask.g->keys, KEY_HALF, str_of(q->hash), str_of(q->second), &sealed);
    db_put_bytes(p, text_str(&sealed));
    text_free(&sealed);
}

static void store(struct asking *q)
{
    const struct db_stmt *s = q->staff ? &stmt_account_ask : &stmt_account_open;
    struct db_call *c = staff_call(&q->ask, asked, q);
    struct db_params *p = db_params_new(s);
    if (q->staff) {
        db_put_i32(p, q->staff);
        db_put_text(p, text_str(&q->kind));
        db_put_text(p, text_str(&q->reason));
        db_put_text(p, q->subject.n ? text_str(&q->subject) : STR_NONE);
    } else {
        db_put_json(p, text_str(&q->body));
        db_put_text(p, str_of(staff_nobody_hash));
    }
    db_put_text(p, q->halves ? str_of(q->hash) : STR_NONE);
    put_sealed(q, p);
    db_call_add(c, s, p);
    if (!staff_go(&q->ask, c)) asking_free(q);
}

static void hashed(void *arg)
{
    struct asking *q = arg;
    if (q->ask.g->db && q->made) {
        store(q);
        return;
    }
    if (q->ask.g->db) staff_refuse(&q->ask, REFUSE_INTERNAL, NULL, NULL); /* else: stopping */
    asking_free(q);
}

static void hash(void *arg) /* on the thread pool */
{
    struct asking *q = arg;
    struct text whole;
    text_init(&whole, sizeof q->first + sizeof q->second);
    text_addf(&whole, "%s-%s", q->first, q->second);
    q->made = password_hash(text_str(&whole), q->hash);
    if (whole.p) crypto_wipe(whole.p, whole.cap);
    text_free(&whole);
}

static void begin(struct asking *q)
{
    if (!q->halves) {
        store(q);
        return;
    }
    one_time_half(q->first);
    one_time_half(q->second);
    if (loop_offload(q->ask.g->loop, hash, hashed, q)) return;
    staff_refuse(&q->ask, REFUSE_UNAVAILABLE, NULL, NULL);
    asking_free(q);
}

static struct asking *asking_new(const struct staff_ask *a, int staff)
{
    struct asking *q = MEM_NEW(struct asking);
    q->ask = *a;
    q->staff = staff;
    text_init(&q->body, BODY_MAX);
    text_init(&q->kind, WORDS_MAX);
    text_init(&q->reason, BODY_MAX);
    text_init(&q->subject, BODY_MAX);
    return q;
}

void account_open(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    i64 unit;
    const bool whole = json_str(json_get(doc, "login")).n && json_str(json_get(doc, "name")).n &&
                       json_int(json_get(doc, "unit"), &unit) && json_count(json_get(doc, "roles")) > 0 &&
                       str_trim(json_str(json_get(doc, "reason"))).n;
    json_free(&doc);
    if (!whole) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请填写账号、姓名、单位和理由，并至少选择一个角色。",
                     "Login, name, unit, a reason and at least one role are needed.");
        return;
    }
    struct asking *q = asking_new(a, 0);
    text_add(&q->body, in->body);
    q->halves = true;
    begin(q);
}

void account_ask(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct str kind = json_str(json_get(doc, "kind")), reason = json_str(json_get(doc, "reason")),
                     subject = json_str(json_get(doc, "subject"));
    struct asking *q = id && id <= INT32_MAX ? asking_new(a, (int)id) : NULL;
    if (!q) {
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
    } else if (str_trim(reason).n == 0) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "请写明理由。", "A reason is needed.");
        asking_free(q);
    } else {
        text_add(&q->kind, kind);
        text_add(&q->reason, reason);
        text_add(&q->subject, subject);
        q->halves = str_eq(kind, STR("open")) || str_eq(kind, STR("password"));
        begin(q);
    }
    json_free(&doc);
}

/* --- deciding --- */

static void stepped(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text half;
    (void)n;
    text_init(&half, SEALED_MAX);
    if (!people_refused(a, end, error) && staff_entered(a, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_is_null(r, 0, 1) ||
            crypto_open(a->g->keys, KEY_HALF, db_get_text(r, 0, 2), db_get_text(r, 0, 1), &half))
            answer_with(a, db_get_text(r, 0, 0), text_str(&half));
        else /* sealed under another key: the password has to be asked for anew */
            staff_refuse(a, REFUSE_INTERNAL, NULL, NULL);
    }
    if (half.p) crypto_wipe(half.p, half.cap);
    text_free(&half);
    free(a);
}

/* The number in the path, the body's step and why, for a statement of these three. */
static void step(const struct staff_ask *a, const struct http_in *in, u64 id, const struct db_stmt *s,
                 db_done *done)
{
    struct json *doc;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct str word = json_str(json_get(doc, "step")), why = json_str(json_get(doc, "why"));
    if (id > INT64_MAX) {
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
    } else if (str_eq(word, STR("refuse")) && str_trim(why).n == 0) {
        staff_refuse(a, REFUSE_UNKNOWN_FIELD, "不同意的，请写明理由。", "A refusal needs its reason.");
    } else {
        struct db_params *p = db_params_new(s);
        db_put_i64(p, (i64)id);
        db_put_text(p, word.n ? word : STR_NONE);
        db_put_text(p, why.n ? why : STR_NONE);
        staff_send(a, s, p, done);
    }
    json_free(&doc);
}

void account_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    step(a, in, id, &stmt_account_step, stepped);
}

void account_list(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text state, before;
    u64 at = 0;
    bool bad = false;
    (void)id;
    text_init(&state, WORDS_MAX);
    text_init(&before, WORDS_MAX);
    const bool narrowed = query_param(in, "state", &state, &bad),
               further = query_param(in, "before", &before, &bad);
    if (bad ||
        (narrowed && !str_eq(text_str(&state), STR("open")) && !str_eq(text_str(&state), STR("all"))) ||
        (further && !str_u64(text_str(&before), INT64_MAX, &at))) {
        query_refuse(a, "state");
    } else {
        struct db_params *p = db_params_new(&stmt_account_list);
        db_put_bool(p, narrowed && str_eq(text_str(&state), STR("open")));
        if (further)
            db_put_i64(p, (i64)at);
        else
            db_put_null(p);
        db_put_i32(p, PAGE);
        staff_send(a, &stmt_account_list, p, people_answered);
    }
    text_free(&state);
    text_free(&before);
}

/* --- the person whom it is about --- */

void account_notices(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    staff_send(a, &stmt_account_notices, db_params_new(&stmt_account_notices), people_answered);
}

void account_notice(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    step(a, in, id, &stmt_account_notice, people_answered);
}
