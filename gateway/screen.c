#include "screen.h"
#include "metrics.h"
#include "ratings.h"
#include "register.h"
#include "reply.h"
#include "staff_figures.h"
#include "staff_ratings.h"
#include "base/code.h"
#include "base/json.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define PREFIX       STR("/screen/")
#define COOKIE       STR("msd_screen")
#define COOKIE_DAYS  400 /* as long as browsers keep one; every answer begins it anew */
#define SECRET_BYTES 32
#define BODY_MAX     200
#define ANSWER_MAX   (1u << 20)

const struct db_stmt stmt_screen_pair = {
    "screen_pair", "select id, name from screen_pair($1, $2)", 2, {DB_BYTEA, DB_BYTEA}};
const struct db_stmt stmt_screen_show = {
    "screen_show",
    "select id, name, seconds, array_to_string(slides, ','), shown from screen_show($1)",
    1,
    {DB_BYTEA}};

struct screen_ask {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    bool secure;
    u8 secret[SECRET_BYTES];
};

static void ask_free(struct screen_ask *q)
{
    crypto_wipe(q->secret, sizeof q->secret);
    free(q);
}

static void refuse(const struct screen_ask *q, enum refusal r) { reply_refuse(q->g, q->ticket, q->lang, r); }

void screen_hash(const struct gateway *g, const char *what, struct str secret, u8 out[32])
{
    rating_secret_hash(g, what, STR(""), secret, out);
}

static void put_hash(struct db_params *p, const struct screen_ask *q)
{
    u8 hash[32];
    screen_hash(q->g, "screen", (struct str){(const char *)q->secret, sizeof q->secret}, hash);
    db_put_bytes(p, (struct str){(const char *)hash, sizeof hash});
}

static void put_cookie(const struct screen_ask *q, struct text *t)
{
    text_add(t, COOKIE);
    text_addc(t, '=');
    b64url_put(t, q->secret, sizeof q->secret);
    text_addf(t, "; Path=/screen; HttpOnly; SameSite=Strict; Max-Age=%d", COOKIE_DAYS * 86400);
    if (q->secure) text_addz(t, "; Secure");
}

/* Answers and frees the body. */
static void answer(const struct screen_ask *q, struct text *body)
{
    struct text cookie;
    text_init(&cookie, 300);
    put_cookie(q, &cookie);
    const struct http_header set = {STR("set-cookie"), text_str(&cookie)};
    if (body->overflow) {
        log_line(LOG_ERROR, LOG_WEB, "answer too long", "max=%zu", body->max);
        refuse(q, REFUSE_INTERNAL);
    } else {
        reply_json(q->g, q->ticket, 200, text_str(body), &set, 1);
    }
    if (cookie.p) crypto_wipe(cookie.p, cookie.cap);
    text_free(&cookie);
    text_free(body);
}

static void go(struct screen_ask *q, struct db_call *c)
{
    /* Not the lane of citizens' questions: adding up takes longer than looking one case up. */
    if (db_call_send(q->g->lane_staff, c)) return;
    refuse(q, REFUSE_UNAVAILABLE);
    ask_free(q);
}

static bool failed(const struct screen_ask *q, enum db_end end, const struct db_error *error)
{
    if (end == DB_OK) return false;
    log_line(LOG_WARNING, LOG_WEB, "a screen was not answered", "sqlstate=%s", error ? error->sqlstate : "");
    refuse(q, REFUSE_UNAVAILABLE);
    return true;
}

/* --- pairing --- */

static void paired(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct screen_ask *q = arg;
    struct text t;
    (void)n;
    if (failed(q, end, error)) {
        ask_free(q);
        return;
    }
    if (db_rows(results[0]) == 0) {
        refuse(q, REFUSE_SCREEN_CODE);
    } else {
        text_init(&t, 1000);
        text_addf(&t, "{\"screen\":%lld,\"name\":", (long long)db_get_i64(results[0], 0, 0));
        json_put(&t, db_get_text(results[0], 0, 1));
        text_addz(&t, "}\n");
        answer(q, &t);
    }
    ask_free(q);
}

static void pair(struct screen_ask *q, const struct http_in *in)
{
    const char *why;
    u8 hash[32];
    span wait;
    if (!reply_same_site(q->g, in)) {
        refuse(q, REFUSE_CSRF);
        ask_free(q);
        return;
    }
    if (!gateway_rate(q->g, &q->g->login_rate, in->peer, q->g->cfg.login_per_minute, 1, &wait)) {
        reply_problem(q->g, q->ticket, q->lang, REFUSE_TOO_MANY, STR_NONE, STR_NONE, wait);
        ask_free(q);
        return;
    }
    struct json *doc = json_parse(in->body, BODY_MAX, &why);
    const struct str code = json_str(json_get(doc, "code"));
    if (!doc || code.n != 8) {
        refuse(q, doc ? REFUSE_SCREEN_CODE : REFUSE_BAD_JSON);
        json_free(&doc);
        ask_free(q);
        return;
    }
    crypto_random(q->secret, sizeof q->secret);
    struct db_call *c = db_call_new(paired, q);
    struct db_params *p = db_params_new(&stmt_screen_pair);
    screen_hash(q->g, "screen-code", code, hash);
    db_put_bytes(p, (struct str){(const char *)hash, sizeof hash});
    put_hash(p, q);
    db_call_add(c, &stmt_screen_pair, p);
    json_free(&doc);
    go(q, c);
}

/* --- what it shows --- */

static void put_rates(const struct json *shown, struct text *t)
{
    const struct json *rates = json_get(shown, "rates");
    text_addz(t, ",\"rates\":[");
    for (int r = 0; r < RATES_N; r++) {
        struct share s = {0, 0};
        for (size_t i = 0; i < json_count(rates); i++) {
            const struct json *one = json_at(rates, i);
            if (!str_eq(json_str(json_get(one, "rate")), str_of(rate_facts((enum figure_rate)r)->word)))
                continue;
            if (!json_int(json_get(one, "numerator"), &s.num) || !json_int(json_get(one, "n"), &s.den))
                s = (struct share){0, 0};
        }
        figures_put_rate((enum figure_rate)r, s, r > 0, t);
    }
    text_addc(t, ']');
}

static void put_screen(const struct screen_ask *q, const struct db_result *r, struct text *t)
{
    static const char *const copied[] = {"from",       "to",    "today", "days",    "channels",
                                         "categories", "units", "words", "answers", "ranking"};
    const char *why;
    struct str rest = db_get_text(r, 0, 3), one;
    struct text home;
    struct json *shown = json_parse(db_get_text(r, 0, 4), ANSWER_MAX, &why);
    text_addf(t, "{\"screen\":%lld,\"name\":", (long long)db_get_i64(r, 0, 0));
    json_put(t, db_get_text(r, 0, 1));
    text_addf(t, ",\"seconds\":%lld,\"slides\":[", (long long)db_get_i64(r, 0, 2));
    for (bool more = false; rest.n; more = true) {
        str_cut(rest, ',', &one, &rest);
        if (more) text_addc(t, ',');
        json_put(t, one);
    }
    text_addc(t, ']');
    json_put_instant(t, "at", clock_now());
    for (size_t i = 0; i < ARRAY_LEN(copied); i++) {
        text_addf(t, ",\"%s\":", copied[i]);
        json_write(json_get(shown, copied[i]), t);
    }
    put_rates(shown, t);
    text_addf(t, ",\"sample_min\":%d,\"office\":", FIGURES_SAMPLE_MIN);
    json_put(t, str_of(q->g->cfg.office_name));
    text_addz(t, ",\"phone\":"), json_put(t, str_of(q->g->cfg.office_phone));
    text_init(&home, 1000);
    text_addf(&home, "%s/", q->g->cfg.public_url);
    text_addz(t, ",\"link\":"), json_put(t, text_str(&home));
    service_put_code(text_str(&home), t);
    text_addz(t, "}\n");
    text_free(&home);
    json_free(&shown);
}

static void have_shown(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct screen_ask *q = arg;
    struct text t;
    (void)n;
    if (!failed(q, end, error)) {
        if (db_rows(results[0]) == 0) {
            refuse(q, REFUSE_SCREEN_UNPAIRED);
        } else {
            text_init(&t, ANSWER_MAX);
            put_screen(q, results[0], &t);
            answer(q, &t);
        }
    }
    ask_free(q);
}

static void figures(struct screen_ask *q, const struct http_in *in)
{
    span wait;
    if (!b64url_get(http_cookie(in, COOKIE), q->secret, sizeof q->secret)) {
        refuse(q, REFUSE_SCREEN_UNPAIRED);
        ask_free(q);
        return;
    }
    if (!gateway_rate(q->g, &q->g->status_rate, in->peer, q->g->cfg.status_per_minute, 1, &wait)) {
        reply_problem(q->g, q->ticket, q->lang, REFUSE_TOO_MANY, STR_NONE, STR_NONE, wait);
        ask_free(q);
        return;
    }
    struct db_call *c = db_call_new(have_shown, q);
    struct db_params *p = db_params_new(&stmt_screen_show);
    put_hash(p, q);
    db_call_add(c, &stmt_screen_show, p);
    go(q, c);
}

bool screen_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    static const struct {
        struct str path, method;
        void (*answer)(struct screen_ask *q, const struct http_in *in);
    } doors[] = {{STR("/screen/pair"), STR("POST"), pair}, {STR("/screen/figures"), STR("GET"), figures}};
    if (!str_starts(in->path, PREFIX)) return false;
    for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
        if (!str_eq(in->path, doors[i].path)) continue;
        if (!str_eq(in->method, doors[i].method)) {
            reply_refuse(g, ticket, reply_lang(in), REFUSE_METHOD);
            return true;
        }
        struct screen_ask *q = MEM_NEW(struct screen_ask);
        *q = (struct screen_ask){.g = g,
                                 .ticket = ticket,
                                 .lang = reply_lang(in),
                                 .secure = in->tls || str_starts(str_of(g->cfg.public_url), STR("https://"))};
        doors[i].answer(q, in);
        return true;
    }
    return false;
}
