/* The own sessions: which there are, and their end. The database ends them and tells every gateway, which then closes their web sockets
 * (schema/0027_sign_in.sql, hub_sessions_check). */
#include "casework.h"
#include "staff_body.h"
#include "metrics.h"
#include "staff_part.h"
#include "base/code.h"
#include <stdlib.h>

const struct db_stmt stmt_staff_sessions = {
    "staff_sessions",
    "select id, begun_at, seen_at, expires_at, idle_ends_at, device, way, here from my_sessions($1)",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_staff_session_end = {
    "staff_session_end", "select my_sessions_end($1, $2)", 2, {DB_INT8, DB_BYTEA}};
const struct db_stmt stmt_staff_sessions_end = {
    "staff_sessions_end", "select my_sessions_end(null, $1)", 1, {DB_BYTEA}};

static void put_session(const struct db_result *r, int row, struct text *t)
{
    text_addf(t, "%s{\"id\":%lld", row ? "," : "", (long long)db_get_i64(r, row, 0));
    json_put_instant(t, "begun_at", db_get_instant(r, row, 1));
    json_put_instant(t, "seen_at", db_get_instant(r, row, 2));
    json_put_instant(t, "ends_at", db_get_instant(r, row, 3));
    json_put_instant(t, "idle_ends_at", db_get_instant(r, row, 4));
    json_put_text(t, "device", db_get_text(r, row, 5));
    json_put_text(t, "way", db_get_text(r, row, 6));
    text_addf(t, ",\"here\":%s}", db_get_bool(r, row, 7) ? "true" : "false");
}

static void have_sessions(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(a, end, results, error, true, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        struct text t;
        text_init(&t, 128 * 1024);
        text_addz(&t, "{\"sessions\":[");
        for (int i = 0; i < db_rows(r); i++) put_session(r, i, &t);
        text_addz(&t, "]}");
        staff_answer(a, &t);
    }
    free(a);
}

void staff_session_list(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_params *p = db_params_new(&stmt_staff_sessions);
    (void)in, (void)id;
    struct db_call *c = staff_call(a, have_sessions, kept);
    db_put_bytes(p, (struct str){(const char *)a->session.hash, 32});
    db_call_add(c, &stmt_staff_sessions, p);
    if (!staff_go(a, c)) free(kept);
}

static void ended(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(a, end, results, error, true, &who)) {
        const i64 gone = db_get_i64(results[CASEWORK_FIRST], 0, 0);
        struct text t;
        text_init(&t, 64);
        text_addf(&t, "{\"ended\":%lld}", (long long)gone);
        for (i64 i = 0; i < gone; i++) COUNT(SESSIONS_REVOKED);
        staff_answer(a, &t);
    }
    free(a);
}

/* id 0: all others. */
static void revoke(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    const struct db_stmt *stmt = id ? &stmt_staff_session_end : &stmt_staff_sessions_end;
    struct json *doc;
    if (!body_object(a, in, 1024, &doc)) return;
    json_free(&doc);
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, ended, kept);
    struct db_params *p = db_params_new(stmt);
    if (id) db_put_i64(p, (i64)id);
    db_put_bytes(p, (struct str){(const char *)a->session.hash, 32});
    db_call_add(c, stmt, p);
    if (!staff_go(a, c)) free(kept);
}

void staff_session_revoke(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    if (id)
        revoke(a, in, id);
    else
        staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
}

void staff_session_revoke_others(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)id;
    revoke(a, in, 0);
}
