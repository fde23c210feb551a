#include "kiosk.h"
#include "live_part.h"
#include "ratings.h"
#include "register.h"
#include "base/code.h"
#include "qr/plaque.h"
#include <stdlib.h>
#include <string.h>

#define SECRET_BYTES 32
#define CODE_DIGITS  8

const struct db_stmt stmt_kiosk_pair = {
    "kiosk_pair", "select kiosk_pair($1, $2, $3)", 3, {DB_TEXT, DB_BYTEA, DB_BYTEA}};
const struct db_stmt stmt_kiosk_enter = {
    "kiosk_enter", "select plaque, unit_id from kiosk_enter($1, $2)", 2, {DB_INT4, DB_BYTEA}};
const struct db_stmt stmt_kiosk_prompt = {
    "kiosk_prompt", "select service, seconds from kiosk_prompt($1)", 1, {DB_INT4}};

struct kiosk_job {
    struct gateway *g;
    u64 ws;
    int id;
    char secret[SECRET_BYTES * 2 + 1];
};

static struct kiosk_job *job_new(const struct peer *p)
{
    struct kiosk_job *job = MEM_NEW(struct kiosk_job);
    *job = (struct kiosk_job){.g = p->live->g, .ws = p->ws};
    return job;
}

static void job_free(struct kiosk_job *job)
{
    crypto_wipe(job->secret, sizeof job->secret);
    free(job);
}

static void put_hash(struct db_params *p, const u8 hash[32])
{
    db_put_bytes(p, (struct str){(const char *)hash, 32});
}

/* --- pairing --- */

static void paired(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct kiosk_job *job = arg;
    struct peer *p = live_peer(job->g, job->ws);
    (void)n, (void)error;
    if (p && end != DB_OK) {
        live_refuse(p, STR_NONE, REFUSE_UNAVAILABLE, SPAN_S(5));
    } else if (p && db_is_null(results[0], 0, 0)) {
        live_refuse(p, STR_NONE, REFUSE_KIOSK_CODE, SPAN_US(0));
    } else if (p) {
        struct text t;
        text_init(&t, 500);
        text_addf(&t, "{\"type\":\"paired\",\"kiosk\":%lld,\"secret\":\"%s\"}",
                  (long long)db_get_i64(results[0], 0, 0), job->secret);
        live_push(p, text_str(&t));
        text_free(&t);
    }
    job_free(job);
}

void kiosk_pair(struct peer *p, const struct json *doc)
{
    static const char hex[] = "0123456789abcdef";
    struct gateway *g = p->live->g;
    const struct str typed = json_str(json_get(doc, "plaque")), code = json_str(json_get(doc, "code"));
    char number[PLAQUE_NUMBER_MAX];
    u8 secret[SECRET_BYTES], hash[32];
    span wait;
    if (!gateway_rate(g, &g->login_rate, str_of(p->address), g->cfg.login_per_minute, 1, &wait)) {
        live_refuse(p, STR_NONE, REFUSE_TOO_MANY, wait);
        return;
    }
    if (!plaque_number_parse(typed, number) || code.n != CODE_DIGITS) {
        live_refuse(p, STR_NONE, REFUSE_KIOSK_CODE, SPAN_US(0));
        return;
    }
    struct kiosk_job *job = job_new(p);
    crypto_random(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        job->secret[2 * i] = hex[secret[i] >> 4];
        job->secret[2 * i + 1] = hex[secret[i] & 15];
    }
    crypto_wipe(secret, sizeof secret);
    struct db_call *c = db_call_new(paired, job);
    struct db_params *q = db_params_new(&stmt_kiosk_pair);
    db_put_text(q, str_of(number));
    rating_secret_hash(g, "code", str_of(number), code, hash);
    put_hash(q, hash);
    rating_secret_hash(g, "kiosk", STR(""), str_of(job->secret), hash);
    put_hash(q, hash);
    db_call_add(c, &stmt_kiosk_pair, q);
    if (db_call_send(g->lane_public, c)) return;
    live_refuse(p, STR_NONE, REFUSE_UNAVAILABLE, SPAN_S(5));
    job_free(job);
}

/* --- a paired tablet --- */

static void look(struct peer *p);

static void push_ready(struct peer *p, int unit_id)
{
    struct gateway *g = p->live->g;
    const struct unit *u = register_ready(g) ? register_unit(g, unit_id) : NULL;
    const struct plaque_row *row = register_ready(g) ? register_plaque(g, str_of(p->kiosk.plaque)) : NULL;
    const struct rating_reason *all;
    const size_t n = ratings_reasons(g, &all);
    struct text t;
    bool first = true;
    text_init(&t, 16 * 1024);
    text_addf(&t, "{\"type\":\"ready\",\"plaque\":\"%s\",\"unit\":", p->kiosk.plaque);
    json_put(&t, u ? u->name : STR(""));
    text_addz(&t, ",\"window\":");
    json_put(&t, row && row->window_name.p ? row->window_name : STR(""));
    text_addz(&t, ",\"reasons\":[");
    for (size_t i = 0; i < n; i++) {
        if (all[i].online) continue; /* nobody at a window is asked about a web site */
        text_addz(&t, first ? "{\"code\":" : ",{\"code\":");
        json_put(&t, all[i].code);
        text_addz(&t, ",\"name\":");
        json_put(&t, p->lang == LANG_EN ? all[i].en : all[i].zh);
        text_addc(&t, '}');
        first = false;
    }
    text_addz(&t, "]}");
    live_push(p, text_str(&t));
    text_free(&t);
}

static void entered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct kiosk_job *job = arg;
    struct peer *p = live_peer(job->g, job->ws);
    (void)n, (void)error;
    if (p && end != DB_OK) {
        live_refuse(p, STR_NONE, REFUSE_UNAVAILABLE, SPAN_S(5));
    } else if (p && db_rows(results[0]) == 0) {
        live_refuse(p, STR_NONE, REFUSE_KIOSK_REVOKED, SPAN_US(0));
    } else if (p) {
        const struct str plaque = db_get_text(results[0], 0, 0);
        p->kiosk = (struct kiosk_peer){.id = job->id};
        memcpy(p->kiosk.plaque, plaque.p, MIN(plaque.n, sizeof p->kiosk.plaque - 1));
        push_ready(p, (int)db_get_i64(results[0], 0, 1));
        look(p);
    }
    job_free(job);
}

void kiosk_enter(struct peer *p, const struct json *doc)
{
    struct gateway *g = p->live->g;
    const struct str secret = json_str(json_get(doc, "secret"));
    i64 id = 0;
    u8 hash[32];
    span wait;
    if (!json_int(json_get(doc, "kiosk"), &id) || id < 1 || id > INT32_MAX || secret.n != SECRET_BYTES * 2) {
        live_refuse(p, STR_NONE, REFUSE_KIOSK_REVOKED, SPAN_US(0));
        return;
    }
    if (!gateway_rate(g, &g->status_rate, str_of(p->address), g->cfg.status_per_minute, 1, &wait)) {
        live_refuse(p, STR_NONE, REFUSE_TOO_MANY, wait);
        return;
    }
    struct kiosk_job *job = job_new(p);
    job->id = (int)id;
    struct db_call *c = db_call_new(entered, job);
    struct db_params *q = db_params_new(&stmt_kiosk_enter);
    db_put_i32(q, job->id);
    rating_secret_hash(g, "kiosk", STR(""), secret, hash);
    put_hash(q, hash);
    db_call_add(c, &stmt_kiosk_enter, q);
    if (db_call_send(g->lane_public, c)) return;
    live_refuse(p, STR_NONE, REFUSE_UNAVAILABLE, SPAN_S(5));
    job_free(job);
}

/* --- what it shows --- */

static void show(struct peer *p, u64 service, int seconds)
{
    char token[RATING_SERVICE_MAX];
    struct text t;
    if (service == p->kiosk.shown) return;
    p->kiosk.shown = service;
    if (service == 0) {
        live_push(p, STR("{\"type\":\"rest\"}"));
        return;
    }
    rating_token_of(p->live->g, service, token);
    text_init(&t, 200);
    text_addf(&t, "{\"type\":\"prompt\",\"service\":\"%s\",\"seconds\":%d}", token, seconds);
    live_push(p, text_str(&t));
    text_free(&t);
}

static void have_prompt(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct kiosk_job *job = arg;
    struct peer *p = live_peer(job->g, job->ws);
    (void)n, (void)error;
    if (p) p->kiosk.asking = false;
    if (p && end == DB_OK && db_rows(results[0]) == 0) {
        p->kiosk = (struct kiosk_peer){0};
        live_refuse(p, STR_NONE, REFUSE_KIOSK_REVOKED, SPAN_US(0));
    } else if (p && end == DB_OK) {
        show(p, (u64)db_get_i64(results[0], 0, 0), (int)db_get_i64(results[0], 0, 1));
    }
    /* A lost call is made up for: the LISTEN connection breaks with the database and looks anew when it is back. */
    if (p && p->kiosk.id && p->kiosk.again) look(p);
    job_free(job);
}

static void look(struct peer *p)
{
    struct gateway *g = p->live->g;
    p->kiosk.again = p->kiosk.asking;
    if (p->kiosk.asking) return;
    struct kiosk_job *job = job_new(p);
    struct db_call *c = db_call_new(have_prompt, job);
    struct db_params *q = db_params_new(&stmt_kiosk_prompt);
    db_put_i32(q, p->kiosk.id);
    db_call_add(c, &stmt_kiosk_prompt, q);
    p->kiosk.asking = db_call_send(g->lane_public, c);
    if (!p->kiosk.asking) job_free(job);
}

void kiosk_wake(struct gateway *g, struct str plaque)
{
    if (!g->live) return;
    LIST_EACH(&g->live->list, node)
    {
        struct peer *p = LIST_OF(node, struct peer, node);
        if (p->kiosk.id && (plaque.n == 0 || str_eq(plaque, str_of(p->kiosk.plaque)))) look(p);
    }
}
