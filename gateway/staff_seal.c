/* The desk of sealed reports: keys of officers and groups, envelopes that are made again, recovery. The rules are functions of
 * schema/0019_sealed.sql, which answer JSON; what is opened and sealed happens in the browser alone (docs/sealing.md). */
#include "staff_seal_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX     (128u * 1024)
#define MANY_MAX     500 /* wraps or envelopes in one request */
#define PAGE         200

#define ANSWER(call) "select x.v->>'refused', x.v from (select " call " as v offset 0) x"
static const struct db_stmt stmt_desk = {"staff_seal_desk", ANSWER("seal_desk()"), 0, {0}};
static const struct db_stmt stmt_me = {
    "staff_seal_me", ANSWER("seal_me($1, $2, $3)"), 3, {DB_BYTEA, DB_BYTEA, DB_JSONB}};
static const struct db_stmt stmt_group = {"staff_seal_group",
                                          ANSWER("seal_group($1, $2, $3, $4, $5)"),
                                          5,
                                          {DB_TEXT, DB_BYTEA, DB_INT4S, DB_BYTEAS, DB_BYTEA}};
static const struct db_stmt stmt_give = {
    "staff_seal_give", ANSWER("seal_give($1, $2, $3)"), 3, {DB_INT4, DB_INT4S, DB_BYTEAS}};
static const struct db_stmt stmt_envelopes = {
    "staff_seal_envelopes", ANSWER("seal_envelopes($1, $2, $3)"), 3, {DB_INT8, DB_BOOL, DB_INT4}};
static const struct db_stmt stmt_rewrap = {
    "staff_seal_rewrap", ANSWER("seal_envelopes_put($1, $2, $3)"), 3, {DB_INT8S, DB_INT4S, DB_BYTEAS}};
static const struct db_stmt stmt_recover = {"staff_seal_recover", ANSWER("seal_recover($1)"), 1, {DB_TEXT}};
const struct db_stmt *const staff_seal_statements[] = {&stmt_desk,
                                                       &stmt_me,
                                                       &stmt_group,
                                                       &stmt_give,
                                                       &stmt_envelopes,
                                                       &stmt_rewrap,
                                                       &stmt_recover,
                                                       &stmt_staff_sealed_open,
                                                       &stmt_staff_sealed_say,
                                                       &stmt_staff_sealed_file};
const size_t n_staff_seal_statements = ARRAY_LEN(staff_seal_statements);

/* --- what the parts share --- */

void seal_refuse_needs(const struct staff_ask *a, const char *zh, const char *en)
{
    staff_refuse(a, REFUSE_ACT_NEEDS, zh, en);
}

bool seal_refused(const struct staff_ask *a, struct str code)
{
    if (code.p == NULL) return false;
    if (str_eq(code, STR("case_unknown")))
        staff_refuse(a, REFUSE_CASE_UNKNOWN, NULL, NULL);
    else if (str_eq(code, STR("not_found")))
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
    else if (str_eq(code, STR("escrow")))
        seal_refuse_needs(a, "新密钥必须同时封给托管密钥；没有托管密钥时不能带 escrow。",
                          "A new key is also sealed to the escrow key, when there is one.");
    else if (str_eq(code, STR("wraps")))
        seal_refuse_needs(a, "新密钥必须先封给您自己。", "A new key is sealed to its maker first.");
    else if (str_eq(code, STR("envelopes")))
        seal_refuse_needs(a, "密钥刚刚更换过，请刷新后重新加密。",
                          "The message must be sealed to every current key; reload and seal it again.");
    else if (str_eq(code, STR("act_needs")))
        seal_refuse_needs(a, "请先写明理由打开这份举报。", "Open the report with a reason first.");
    else
        staff_refuse(a, REFUSE_FORBIDDEN, "只有纪检监察单位和追责问责组的人员可以使用。",
                     "This is for members of the two groups alone.");
    return true;
}

bool seal_reason(const struct staff_ask *a, const struct json *doc, struct str *reason_r)
{
    *reason_r = str_trim(json_str(json_get(doc, "reason")));
    const size_t n = utf8_count(*reason_r);
    if (n >= 2 && n <= SEAL_REASON_MAX) return true;
    reply_problem(a->g, a->ticket, a->lang, REFUSE_ACT_NEEDS,
                  a->lang == LANG_EN ? STR("Say why in 2 to 200 characters; it is logged.")
                                     : STR("请用 2 到 200 字写明理由；每次打开都会留痕。"),
                  STR(",\"missing\":[\"reason\"]"), SPAN_US(0));
    return false;
}

bool seal_field(const struct json *object, const char *name, size_t n, u8 *out)
{
    struct text t;
    text_init(&t, n + 4);
    const struct str s = json_str(json_get(object, name));
    const bool good = s.n && b64_get(&t, s) && !t.overflow && t.n == n;
    if (good) memcpy(out, t.p, n);
    text_free(&t);
    return good;
}

bool seal_number(struct str s, i64 *n_r)
{
    u64 n;
    if (!str_u64(s, INT64_MAX, &n)) return false;
    *n_r = (i64)n;
    return true;
}

/* One call whose only row is what a function of the schema answers. */
struct desk {
    struct staff_ask ask;
    int status;
};

static void answered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct desk *d = arg;
    struct staff_who who;
    (void)n;
    if (end == DB_FAILED && strcmp(error->sqlstate, "MSD60") == 0) {
        seal_refuse_needs(&d->ask, "其中有人不是本组成员，或还没有自己的密钥。",
                          "Somebody in it is no member of the group, or has no key yet.");
    } else if (staff_entered(&d->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (!seal_refused(&d->ask, db_get_text(r, 0, 0)))
            reply_json(d->ask.g, d->ask.ticket, d->status, d->status == 204 ? STR("") : db_get_text(r, 0, 1),
                       NULL, 0);
    }
    free(d);
}

/* p goes to the statement. */
static void ask_schema(const struct staff_ask *a, const struct db_stmt *stmt, struct db_params *p, int status)
{
    struct desk *d = MEM_NEW(struct desk);
    *d = (struct desk){*a, status};
    struct db_call *c = staff_call(a, answered, d);
    db_call_add(c, stmt, p);
    if (!staff_go(a, c)) free(d);
}

/* --- reading --- */

void staff_seal_desk(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    ask_schema(a, &stmt_desk, db_params_new(&stmt_desk), 200);
}

void staff_seal_envelopes(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct text after, escrow;
    bool bad = false;
    i64 from = 0;
    (void)id;
    text_init(&after, 20);
    text_init(&escrow, 4);
    if (query_param(in, "after", &after, &bad) && !seal_number(text_str(&after), &from)) bad = true;
    const bool held = query_param(in, "escrow", &escrow, &bad);
    if (held && !str_eq(text_str(&escrow), STR("1"))) bad = true;
    if (bad) {
        query_refuse(a, "after/escrow");
    } else {
        struct db_params *p = db_params_new(&stmt_envelopes);
        db_put_i64(p, from);
        db_put_bool(p, held);
        db_put_i32(p, PAGE);
        ask_schema(a, &stmt_envelopes, p, 200);
    }
    text_free(&after);
    text_free(&escrow);
}

/* --- changing --- */

static void bad_field(const struct staff_ask *a)
{
    staff_refuse(a, REFUSE_UNKNOWN_FIELD, "密钥材料的格式或长度不对，请刷新页面后重试。",
                 "A key, wrap or envelope has not the form of docs/sealing.md.");
}

/* {"alg":"argon2id13","ops":n,"mem":n,"salt":"…"} with costs that a browser can pay and a thief does not like. */
static bool kdf_good(const struct json *kdf)
{
    i64 ops, mem;
    u8 salt[BOX_SALT];
    return str_eq(json_str(json_get(kdf, "alg")), STR("argon2id13")) &&
           json_int(json_get(kdf, "ops"), &ops) && ops >= 2 && ops <= 20 &&
           json_int(json_get(kdf, "mem"), &mem) && mem >= (i64)32 << 20 && mem <= (i64)1 << 30 &&
           seal_field(kdf, "salt", sizeof salt, salt) && json_count(kdf) == 4;
}

void staff_seal_me(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    u8 public_key[BOX_KEY], wrapped[72];
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct json *kdf = json_get(doc, "kdf");
    if (!seal_field(doc, "public_key", sizeof public_key, public_key) ||
        !seal_field(doc, "wrapped", sizeof wrapped, wrapped) || !kdf_good(kdf)) {
        bad_field(a);
    } else {
        struct db_params *p = db_params_new(&stmt_me);
        struct text t;
        text_init(&t, 1000);
        json_write(kdf, &t);
        db_put_bytes(p, seal_bytes(public_key, sizeof public_key));
        db_put_bytes(p, seal_bytes(wrapped, sizeof wrapped));
        db_put_json(p, text_str(&t));
        text_free(&t);
        ask_schema(a, &stmt_me, p, 204);
    }
    json_free(&doc);
}

/* "wraps": persons and boxes of 80 bytes. */
static bool wraps_good(const struct json *wraps)
{
    const size_t n = json_count(wraps);
    u8 sealed[BOX_ENVELOPE];
    i64 staff;
    if (json_kind(wraps) != JSON_ARRAY || n == 0 || n > MANY_MAX) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *w = json_at(wraps, i);
        if (!json_int(json_get(w, "staff_id"), &staff) || staff < 1 || staff > INT32_MAX ||
            !seal_field(w, "wrapped", sizeof sealed, sealed))
            return false;
    }
    return true;
}

/* wraps_good has said so. */
static void put_wraps(struct db_params *p, const struct json *wraps)
{
    const size_t n = json_count(wraps);
    u8 sealed[BOX_ENVELOPE] = {0};
    i64 staff = 0;
    db_array_begin(p, DB_INT4, n);
    for (size_t i = 0; i < n; i++)
        if (json_int(json_get(json_at(wraps, i), "staff_id"), &staff)) db_put_i32(p, (int)staff);
    db_array_end(p);
    db_array_begin(p, DB_BYTEA, n);
    for (size_t i = 0; i < n; i++)
        if (seal_field(json_at(wraps, i), "wrapped", sizeof sealed, sealed))
            db_put_bytes(p, seal_bytes(sealed, sizeof sealed));
    db_array_end(p);
}

void staff_seal_group(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    u8 public_key[BOX_KEY], escrow[BOX_ENVELOPE];
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct json *held = json_get(doc, "escrow"), *wraps = json_get(doc, "wraps");
    const bool none = json_kind(held) == JSON_NULL;
    if (!seal_field(doc, "public_key", sizeof public_key, public_key) || !wraps_good(wraps) ||
        (!none && !seal_field(doc, "escrow", sizeof escrow, escrow))) {
        bad_field(a);
    } else {
        struct db_params *p = db_params_new(&stmt_group);
        db_put_text(p, str_of(a->name));
        db_put_bytes(p, seal_bytes(public_key, sizeof public_key));
        put_wraps(p, wraps);
        db_put_bytes(p, none ? STR_NONE : seal_bytes(escrow, sizeof escrow));
        ask_schema(a, &stmt_group, p, 201);
    }
    json_free(&doc);
}

void staff_seal_give(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    i64 key;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct json *wraps = json_get(doc, "wraps");
    if (!json_int(json_get(doc, "key_id"), &key) || key < 1 || key > INT32_MAX || !wraps_good(wraps)) {
        bad_field(a);
    } else {
        struct db_params *p = db_params_new(&stmt_give);
        db_put_i32(p, (int)key);
        put_wraps(p, wraps);
        ask_schema(a, &stmt_give, p, 204);
    }
    json_free(&doc);
}

void staff_seal_rewrap(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const struct json *all = json_get(doc, "envelopes");
    const size_t n = json_count(all);
    i64 messages[MANY_MAX], keys[MANY_MAX];
    u8(*sealed)[BOX_ENVELOPE] = mem_alloc((n + 1) * BOX_ENVELOPE);
    bool good = json_kind(all) == JSON_ARRAY && n <= MANY_MAX;
    for (size_t i = 0; good && i < n; i++) {
        const struct json *e = json_at(all, i);
        good = seal_number(json_str(json_get(e, "message")), &messages[i]) &&
               json_int(json_get(e, "key_id"), &keys[i]) && keys[i] > 0 && keys[i] <= INT32_MAX &&
               seal_field(e, "sealed", BOX_ENVELOPE, sealed[i]);
    }
    if (good) {
        struct db_params *p = db_params_new(&stmt_rewrap);
        db_array_begin(p, DB_INT8, n);
        for (size_t i = 0; i < n; i++) db_put_i64(p, messages[i]);
        db_array_end(p);
        db_array_begin(p, DB_INT4, n);
        for (size_t i = 0; i < n; i++) db_put_i32(p, (int)keys[i]);
        db_array_end(p);
        db_array_begin(p, DB_BYTEA, n);
        for (size_t i = 0; i < n; i++) db_put_bytes(p, seal_bytes(sealed[i], BOX_ENVELOPE));
        db_array_end(p);
        ask_schema(a, &stmt_rewrap, p, 200);
    } else {
        bad_field(a);
    }
    free(sealed);
    json_free(&doc);
}

void staff_seal_recover(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    struct str reason;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    if (seal_reason(a, doc, &reason)) {
        struct db_params *p = db_params_new(&stmt_recover);
        db_put_text(p, reason);
        ask_schema(a, &stmt_recover, p, 200);
    }
    json_free(&doc);
}
