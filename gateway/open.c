#include "open_part.h"
#include "ledger.h"
#include "base/code.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADS_PAGE 100
#define ANSWER_MAX ((size_t)128 * 1024)
#define LAST_DAY   2932896 /* 9999-12-31 */

static const struct db_stmt stmt_open_keys = {
    "open_keys", "select public_key, since from log_keys order by since desc, public_key limit 100", 0, {0}};
static const struct db_stmt stmt_open_head = {
    "open_head",
    "select " LEDGER_HEAD_COLUMNS
    ", coalesce(h.daily::text, '') from log_heads h order by h.size desc limit 1",
    0,
    {0}};
/* Newest first, before a day given as days since 1970. */
static const struct db_stmt stmt_open_heads = {
    "open_heads",
    "select " LEDGER_HEAD_COLUMNS ", h.daily::text from log_heads h where h.daily < date '1970-01-01' + $1 "
    "order by h.daily desc limit $2",
    2,
    {DB_INT4, DB_INT4}};
enum { COL_DAILY = LEDGER_HEAD_COLUMNS_N };

const struct db_stmt *const open_statements[] = {&stmt_open_keys, &stmt_open_head, &stmt_open_heads,
                                                 &stmt_open_leaf, &stmt_open_size};
const size_t n_open_statements = ARRAY_LEN(open_statements);

/* --- a request that waits --- */

struct asking *asking_new(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct asking *a = MEM_NEW(struct asking);
    *a = (struct asking){.g = g, .ticket = ticket, .lang = reply_lang(in)};
    return a;
}

void asking_refuse(struct asking *a, enum refusal r)
{
    static const struct str away[] = {[LANG_ZH] = STR("系统暂时无法查询，请稍等几秒再试。"),
                                      [LANG_EN] = STR("The log cannot be read just now; please try again in "
                                                      "a few seconds.")};
    const bool retry = r == REFUSE_UNAVAILABLE; /* whose own sentence is about what could not be stored */
    reply_problem(a->g, a->ticket, a->lang, r, retry ? away[a->lang] : STR_NONE, STR_NONE,
                  retry ? SPAN_S(5) : SPAN_US(0));
    free(a);
}

void asking_send(struct asking *a, struct db_call *c)
{
    if (!db_call_send(a->g->lane_public, c)) asking_refuse(a, REFUSE_UNAVAILABLE);
}

void asking_answer(struct asking *a, struct str json, const char *cache)
{
    reply_file(a->g, a->ticket, 200, "application/json; charset=utf-8", json, cache, NULL, 0);
    free(a);
}

bool asking_good(struct asking *a, enum db_end end, const struct db_error *error)
{
    if (end == DB_OK) return true;
    log_line(LOG_WARNING, LOG_WEB, "the public log was not read", "sqlstate=%s",
             error ? error->sqlstate : "");
    asking_refuse(a, REFUSE_UNAVAILABLE);
    return false;
}

bool open_number(const struct http_in *in, const char *name, u64 *value_r)
{
    struct text t;
    text_init(&t, 32);
    bool good = http_field(in->query, str_of(name), &t) && !t.overflow && t.n &&
                str_u64(text_str(&t), INT64_MAX, value_r);
    text_free(&t);
    return good;
}

/* --- keys and heads --- */

static void put_hex(struct text *t, const char *name, const void *p, size_t n)
{
    text_addf(t, ",\"%s\":\"", name);
    hex_put(t, p, n);
    text_addc(t, '"');
}

static void put_head(struct text *t, const struct db_result *r, int row)
{
    struct ledger_head h;
    struct str daily = db_get_text(r, row, COL_DAILY);
    ledger_head_read(r, row, 0, &h);
    text_addf(t, "{\"size\":%llu,\"at_us\":\"%lld\"", (unsigned long long)h.size, (long long)h.at.us);
    json_put_instant(t, "at", h.at);
    put_hex(t, "root", h.root, sizeof h.root);
    put_hex(t, "signature", h.signature, sizeof h.signature);
    put_hex(t, "public_key", h.public_key, sizeof h.public_key);
    text_addz(t, ",\"daily\":");
    if (daily.n)
        json_put(t, daily);
    else
        text_addz(t, "null");
    text_addc(t, '}');
}

static void have_keys(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct asking *a = arg;
    struct text t;
    (void)n;
    if (!asking_good(a, end, error)) return;
    const struct db_result *r = results[0];
    if (db_rows(r) == 0) {
        asking_refuse(a, REFUSE_LOG_EMPTY);
        return;
    }
    text_init(&t, ANSWER_MAX);
    text_addz(&t, "{\"algorithm\":\"Ed25519\"");
    for (int i = 0; i < db_rows(r); i++) {
        struct str key = db_get_text(r, i, 0);
        if (i == 1) text_addz(&t, ",\"earlier\":[");
        if (i >= 1) text_addz(&t, i == 1 ? "{\"algorithm\":\"Ed25519\"" : ",{\"algorithm\":\"Ed25519\"");
        put_hex(&t, "public_key", key.p, key.n);
        json_put_instant(&t, "since", db_get_instant(r, i, 1));
        if (i >= 1) text_addc(&t, '}');
    }
    text_addz(&t, db_rows(r) > 1 ? "]}\n" : ",\"earlier\":[]}\n");
    asking_answer(a, text_str(&t), CACHE_NEVER);
    text_free(&t);
}

static void have_head(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct asking *a = arg;
    struct text t;
    (void)n;
    if (!asking_good(a, end, error)) return;
    if (db_rows(results[0]) == 0) {
        asking_refuse(a, REFUSE_LOG_EMPTY);
        return;
    }
    text_init(&t, ANSWER_MAX);
    put_head(&t, results[0], 0);
    text_addc(&t, '\n');
    asking_answer(a, text_str(&t), CACHE_NEVER);
    text_free(&t);
}

static void have_heads(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct asking *a = arg;
    struct text t;
    (void)n;
    if (!asking_good(a, end, error)) return;
    const struct db_result *r = results[0];
    int rows = MIN(db_rows(r), HEADS_PAGE);
    text_init(&t, ANSWER_MAX);
    text_addz(&t, "{\"heads\":[");
    for (int i = 0; i < rows; i++) {
        if (i) text_addc(&t, ',');
        put_head(&t, r, i);
    }
    text_addz(&t, "],\"before\":"); /* for the next page; null: this was the last */
    if (db_rows(r) > HEADS_PAGE)
        json_put(&t, db_get_text(r, rows - 1, COL_DAILY));
    else
        text_addz(&t, "null");
    text_addz(&t, "}\n");
    asking_answer(a, text_str(&t), CACHE_NEVER);
    text_free(&t);
}

static void ask_plain(struct gateway *g, u64 ticket, const struct http_in *in, const struct db_stmt *s,
                      db_done *done)
{
    struct asking *a = asking_new(g, ticket, in);
    struct db_call *c = db_call_new(done, a);
    db_call_add(c, s, db_params_new(s));
    asking_send(a, c);
}

static void open_key(struct gateway *g, u64 ticket, const struct http_in *in)
{
    ask_plain(g, ticket, in, &stmt_open_keys, have_keys);
}

static void open_head(struct gateway *g, u64 ticket, const struct http_in *in)
{
    ask_plain(g, ticket, in, &stmt_open_head, have_head);
}

/* "2026-11-22" as days since 1970; false for anything else. */
static bool day_parse(struct str s, int *day_r)
{
    u64 y, m, d;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !str_u64((struct str){s.p, 4}, 9999, &y) ||
        !str_u64((struct str){s.p + 5, 2}, 12, &m) || !str_u64((struct str){s.p + 8, 2}, 31, &d) ||
        y < 1970 || m == 0 || d == 0)
        return false;
    struct civil c = {(int)y, (int)m, (int)d};
    i64 days = civil_to_days(c);
    struct civil back = civil_from_days(days);
    *day_r = (int)days;
    return back.month == c.month && back.day == c.day;
}

static void open_heads(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct text t;
    int before = LAST_DAY;
    text_init(&t, 32);
    bool good = !http_field(in->query, STR("before"), &t) || t.n == 0 || day_parse(text_str(&t), &before);
    text_free(&t);
    if (!good) {
        reply_refuse(g, ticket, reply_lang(in), REFUSE_UNKNOWN_FIELD);
        return;
    }
    struct asking *a = asking_new(g, ticket, in);
    struct db_call *c = db_call_new(have_heads, a);
    struct db_params *p = db_params_new(&stmt_open_heads);
    db_put_i32(p, before);
    db_put_i32(p, HEADS_PAGE + 1);
    db_call_add(c, &stmt_open_heads, p);
    asking_send(a, c);
}

/* --- which --- */

bool open_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    static const struct {
        struct str path;
        void (*answer)(struct gateway *g, u64 ticket, const struct http_in *in);
    } faces[] = {
        {STR("/open/log/key"), open_key},
        {STR("/open/log/head"), open_head},
        {STR("/open/log/heads"), open_heads},
        {STR("/open/log/proof"), open_proof},
        {STR("/open/log/consistency"), open_consistency},
    };
    for (size_t i = 0; i < ARRAY_LEN(faces); i++) {
        span wait;
        if (!str_eq(in->path, faces[i].path)) continue;
        if (!str_eq(in->method, STR("GET")) && !str_eq(in->method, STR("HEAD")))
            reply_refuse(g, ticket, reply_lang(in), REFUSE_METHOD);
        else if (!gateway_rate(g, &g->open_rate, in->peer, g->cfg.open_per_minute, 1, &wait))
            reply_problem(g, ticket, reply_lang(in), REFUSE_TOO_MANY, STR_NONE, STR_NONE, wait);
        else
            faces[i].answer(g, ticket, in);
        return true;
    }
    return false;
}
