/* 窗口服务: a unit's windows, matters finished there, and the tablets that hang at them. The link of a finished matter is made here from
 * its number and told to the clerk once; what is stored are hashes. schema/0020_ratings.sql asks who may. */
#include "casework.h"
#include "staff_body.h"
#include "staff_query.h"
#include "ids.h"
#include "ratings.h"
#include "register.h"
#include "staff_pairing.h"
#include "staff_ratings.h"
#include "base/code.h"
#include "core/workdays.h"
#include "qr/code.h"
#include "qr/plaque.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX 500

/* One row a window in use that the person may see, with what was finished and rated since the beginning of the day. */
const struct db_stmt stmt_staff_windows = {
    "staff_windows",
    "select p.number, coalesce(p.window_name, ''), window_unit(p.number), window_mine(p.number, false), window_mine(p.number, true), "
    "(select count(*) from services s where s.plaque = p.number and s.finished_at >= $2), "
    "(select count(*) from services s join ratings r on r.service_id = s.id where s.plaque = p.number and s.finished_at >= $2) "
    "from plaques p where p.state in ('issued', 'active') and ($1::integer is null or window_unit(p.number) = $1) "
    "and ((select i_am('{registry,coordinator,supervisor,leader}')) or window_mine(p.number, false)) order by p.number limit $3",
    3,
    {DB_INT4, DB_TIMESTAMPTZ, DB_INT4}};
const struct db_stmt stmt_staff_kiosks = {
    "staff_kiosks",
    "select k.id, k.plaque, window_unit(k.plaque), k.paired_at, k.seen_at, k.revoked_at from kiosks k "
    "order by (k.revoked_at is not null), k.plaque, k.id desc limit $1",
    1,
    {DB_INT4}};
const struct db_stmt stmt_staff_kiosk_code = {
    "staff_kiosk_code", "select kiosk_code($1, $2)", 2, {DB_TEXT, DB_BYTEA}};
const struct db_stmt stmt_staff_kiosk_revoke = {
    "staff_kiosk_revoke", "select kiosk_revoke($1)", 1, {DB_INT4}};
const struct db_stmt stmt_staff_service_finish = {
    "staff_service_finish",
    "select id, plaque, finished_at, expires_at, fresh, rated, kiosks from service_finish($1, $2, $3, $4, $5, $6)",
    6,
    {DB_INT8, DB_TEXT, DB_BYTEA, DB_BYTEA, DB_TEXT, DB_BOOL}};

bool rating_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who_r)
{
    if (end == DB_FAILED && error && strcmp(error->sqlstate, "MSD92") == 0) {
        staff_refuse(a, REFUSE_FORBIDDEN, "这不是您单位的窗口，或监督牌已停用。",
                     "This is no window of your unit, or its plaque is out of use.");
        return false;
    }
    if (end == DB_FAILED && error && strcmp(error->sqlstate, "MSD93") == 0) {
        staff_refuse(a, REFUSE_NOT_FOUND, "没有这台评价器，或您无权管理。",
                     "There is no such tablet, or it is not yours.");
        return false;
    }
    return staff_granted(a, end, results, error, who_r);
}

static void put_hash(struct db_params *p, const u8 hash[32])
{
    db_put_bytes(p, (struct str){(const char *)hash, 32});
}

/* --- windows and tablets --- */

static void have_windows(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (rating_entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST], *k = results[CASEWORK_FIRST + 1];
        text_init(&t, 1u << 20);
        text_addz(&t, "{\"windows\":[");
        for (int i = 0; i < MIN(db_rows(r), LIST_MAX); i++) {
            text_addz(&t, i ? ",{\"plaque\":" : "{\"plaque\":"), json_put(&t, db_get_text(r, i, 0));
            text_addz(&t, ",\"window\":"), json_put(&t, db_get_text(r, i, 1));
            text_addz(&t, ",\"unit\":"), register_unit_json(a->g, db_get_i64(r, i, 2), &t);
            text_addf(&t, ",\"may_finish\":%s,\"may_pair\":%s,\"finished\":%lld,\"rated\":%lld}",
                      db_get_bool(r, i, 3) ? "true" : "false", db_get_bool(r, i, 4) ? "true" : "false",
                      (long long)db_get_i64(r, i, 5), (long long)db_get_i64(r, i, 6));
        }
        text_addz(&t, "],\"tablets\":[");
        for (int i = 0; i < MIN(db_rows(k), LIST_MAX); i++) {
            text_addf(&t, "%s{\"id\":%lld,\"plaque\":", i ? "," : "", (long long)db_get_i64(k, i, 0));
            json_put(&t, db_get_text(k, i, 1));
            text_addz(&t, ",\"unit\":"), register_unit_json(a->g, db_get_i64(k, i, 2), &t);
            json_put_instant(&t, "paired_at", db_get_instant(k, i, 3));
            json_put_instant(&t, "seen_at", db_get_instant(k, i, 4));
            json_put_instant(&t, "revoked_at", db_get_instant(k, i, 5));
            text_addc(&t, '}');
        }
        text_addf(&t, "],\"more\":%s}", db_rows(r) > LIST_MAX || db_rows(k) > LIST_MAX ? "true" : "false");
        staff_answer(a, &t);
    }
    free(a);
}

void staff_windows(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    u64 unit = 0;
    (void)id;
    if (!query_number(a, in, "unit", INT32_MAX, &unit)) return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_windows, kept);
    struct db_params *p = db_params_new(&stmt_staff_windows);
    if (unit)
        db_put_i32(p, (int)unit);
    else
        db_put_null(p);
    db_put_instant(p, china_instant(china_day(clock_now()), 0));
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(c, &stmt_staff_windows, p);
    p = db_params_new(&stmt_staff_kiosks);
    db_put_i32(p, LIST_MAX + 1);
    db_call_add(c, &stmt_staff_kiosks, p);
    if (!staff_go(a, c)) free(kept);
}

static void have_code(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct pairing *q = arg;
    struct staff_who who;
    (void)n;
    pairing_end(q, rating_entered(&q->ask, end, results, error, &who) ? results[CASEWORK_FIRST] : NULL);
}

/* The plaque of a body in its plain form; false: refused and closed. */
static bool body_plaque(const struct staff_ask *a, struct body *b, char number[PLAQUE_NUMBER_MAX])
{
    const struct str typed = body_text(b, "plaque", 1, 40);
    if (!b->wrong && !plaque_number_parse(typed, number)) b->wrong = "plaque";
    return body_good(a, b);
}

void staff_kiosk_code(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"plaque", NULL};
    struct body b;
    char number[PLAQUE_NUMBER_MAX];
    u8 hash[32];
    (void)id;
    if (!body_open(a, in, known, &b) || !body_plaque(a, &b, number)) return;
    struct pairing *q = pairing_new(a);
    rating_secret_hash(a->g, "code", str_of(number), str_of(q->code), hash);
    struct db_call *c = staff_call(a, have_code, q);
    struct db_params *p = db_params_new(&stmt_staff_kiosk_code);
    db_put_text(p, str_of(number));
    put_hash(p, hash);
    db_call_add(c, &stmt_staff_kiosk_code, p);
    if (!staff_go(a, c)) pairing_end(q, NULL);
    body_close(&b);
}

static void have_revoked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (rating_entered(a, end, results, error, &who)) {
        text_init(&t, 100);
        text_addf(&t, "{\"revoked\":%s}", db_get_bool(results[CASEWORK_FIRST], 0, 0) ? "true" : "false");
        staff_answer(a, &t);
    }
    free(a);
}

void staff_kiosk_revoke(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    body_close(&b);
    if (id < 1 || id > INT32_MAX) {
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
        return;
    }
    struct db_params *p = db_params_new(&stmt_staff_kiosk_revoke);
    db_put_i32(p, (int)id);
    staff_send(a, &stmt_staff_kiosk_revoke, p, have_revoked);
}

/* --- a matter is finished --- */

void service_put_code(struct str words, struct text *t)
{
    struct qr_code code;
    text_addz(t, ",\"qr\":");
    if (!qr_code_make(words, &code)) {
        text_addz(t, "null");
        return;
    }
    text_addf(t, "{\"side\":%d,\"path\":\"", code.side);
    for (int row = 0; row < code.side; row++)
        for (int column = 0; column < code.side; column++) {
            int run = 0;
            while (qr_code_dark(&code, column + run, row)) run++;
            if (run) text_addf(t, "M%d %dh%dv1h-%dz", column, row, run, run);
            column += run;
        }
    text_addz(t, "\"}");
}

static void finished(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text t, link;
    char token[RATING_SERVICE_MAX];
    (void)n;
    if (rating_entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        rating_token_of(a->g, (u64)db_get_i64(r, 0, 0), token);
        text_init(&link, 1000);
        rating_link(a->g, db_get_text(r, 0, 1), token, &link);
        text_init(&t, 64 * 1024);
        text_addz(&t, "{\"plaque\":"), json_put(&t, db_get_text(r, 0, 1));
        text_addz(&t, ",\"link\":"), json_put(&t, text_str(&link));
        service_put_code(text_str(&link), &t);
        json_put_instant(&t, "finished_at", db_get_instant(r, 0, 2));
        json_put_instant(&t, "expires_at", db_get_instant(r, 0, 3));
        text_addf(&t, ",\"fresh\":%s,\"rated\":%s,\"tablets\":%lld}", db_get_bool(r, 0, 4) ? "true" : "false",
                  db_get_bool(r, 0, 5) ? "true" : "false", (long long)db_get_i64(r, 0, 6));
        text_free(&link);
        staff_answer(a, &t);
    }
    free(a);
}

void staff_service_finish(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"plaque", "matter", "prompt", NULL};
    struct body b;
    char number[PLAQUE_NUMBER_MAX], key[129], token[RATING_SERVICE_MAX], matter[RATING_SERVICE_MAX];
    u8 hash[32];
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    if (!body_key(a, in, key)) {
        body_close(&b);
        return;
    }
    const struct str typed = body_text(&b, "matter", 0, 60);
    const enum rating_service what = rating_service_parse(typed.p ? typed : STR(""), matter);
    if (!b.wrong && what != RATING_SERVICE_NONE && what != RATING_SERVICE_NUMBER) b.wrong = "matter";
    const struct json *prompt = json_get(b.doc, "prompt");
    if (!b.wrong && prompt && json_kind(prompt) != JSON_BOOL) b.wrong = "prompt";
    if (!body_plaque(a, &b, number)) return;
    const u64 service = ids_next(a->g);
    if (service == 0) {
        staff_refuse(a, REFUSE_UNAVAILABLE, NULL, NULL);
        body_close(&b);
        return;
    }
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, finished, kept);
    struct db_params *p = db_params_new(&stmt_staff_service_finish);
    db_put_i64(p, (i64)service);
    db_put_text(p, str_of(number));
    rating_token_of(a->g, service, token);
    rating_hash(a->g, str_of(token), hash);
    put_hash(p, hash);
    if (what == RATING_SERVICE_NUMBER) {
        rating_hash(a->g, str_of(matter), hash);
        put_hash(p, hash);
    } else {
        db_put_bytes(p, STR_NONE);
    }
    db_put_text(p, str_of(key));
    db_put_bool(p, prompt == NULL || json_bool(prompt));
    db_call_add(c, &stmt_staff_service_finish, p);
    if (!staff_go(a, c)) free(kept);
    body_close(&b);
}
