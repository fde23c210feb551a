#include "ratings.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define REASONS_BYTES (64u * 1024)
#define RETRY         SPAN_MS(300) /* the lane is not up yet, or was lost */

/* Owner: the loop thread. The arena holds the texts of `all`. */
struct ratings {
    struct arena arena;
    struct rating_reason all[RATING_REASONS];
    size_t n;
    bool asking, again;
    struct timer retry;
};

const struct db_stmt stmt_rating_reasons = {
    "rating_reasons",
    "select code, zh, en, place = 'online' from rating_reasons where valid_from <= current_date and (valid_to is null or "
    "valid_to >= current_date) order by ordinal, code limit $1",
    1,
    {DB_INT4}};
const struct db_stmt stmt_ratings_keep = {"ratings_keep",
                                          "select ratings_keep($1, $2, $3, $4, $5, $6)",
                                          6,
                                          {DB_INT8S, DB_BYTEAS, DB_BYTEAS, DB_TEXTS, DB_BOOLS, DB_TEXTS}};
const struct db_stmt stmt_rating_first = {"rating_first",
                                          "select known, over, level, at, plaque from rating_first($1, $2)",
                                          2,
                                          {DB_BYTEA, DB_BYTEA}};

/* --- the list of reasons --- */

static void have_reasons(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct gateway *g = arg;
    struct ratings *r = g->ratings;
    (void)n;
    if (!r) return;
    r->asking = false;
    if (end != DB_OK) {
        log_line(LOG_WARNING, LOG_INTAKE, "reasons of ratings not read", "sqlstate=%s",
                 error ? error->sqlstate : "");
        timer_set(g->loop, &r->retry, RETRY);
    } else {
        arena_free(&r->arena);
        arena_init(&r->arena, REASONS_BYTES);
        r->n = 0;
        for (int i = 0; i < db_rows(results[0]) && r->n < RATING_REASONS; i++)
            r->all[r->n++] = (struct rating_reason){arena_str(&r->arena, db_get_text(results[0], i, 0)),
                                                    arena_str(&r->arena, db_get_text(results[0], i, 1)),
                                                    arena_str(&r->arena, db_get_text(results[0], i, 2)),
                                                    db_get_bool(results[0], i, 3)};
    }
    if (r->again) ratings_reload(g);
}

void ratings_reload(struct gateway *g)
{
    struct ratings *r = g->ratings;
    if (!r) return;
    r->again = r->asking;
    if (r->asking) return;
    struct db_call *c = db_call_new(have_reasons, g);
    struct db_params *p = db_params_new(&stmt_rating_reasons);
    db_put_i32(p, RATING_REASONS);
    db_call_add(c, &stmt_rating_reasons, p);
    r->asking = db_call_send(g->lane_public, c);
    if (!r->asking) timer_set(g->loop, &r->retry, RETRY);
}

static void retry_fires(struct timer *t) { ratings_reload(t->arg); }

void ratings_start(struct gateway *g)
{
    g->ratings = MEM_NEW(struct ratings);
    arena_init(&g->ratings->arena, REASONS_BYTES);
    g->ratings->retry = (struct timer){.fire = retry_fires, .arg = g};
}

void ratings_stop(struct gateway *g)
{
    if (!g->ratings) return;
    timer_stop(&g->ratings->retry);
    arena_free(&g->ratings->arena);
    free(g->ratings);
    g->ratings = NULL;
}

size_t ratings_reasons(const struct gateway *g, const struct rating_reason **all_r)
{
    *all_r = g->ratings ? g->ratings->all : NULL;
    return g->ratings ? g->ratings->n : 0;
}

/* --- tokens and hashes --- */

void rating_token_of(const struct gateway *g, u64 service, char out[RATING_SERVICE_MAX])
{
    u8 id[8], mac[32];
    const struct str parts[] = {STR("token"), {(const char *)id, sizeof id}};
    for (int i = 0; i < 8; i++) id[i] = (u8)(service >> (56 - 8 * i));
    crypto_mac(g->keys, KEY_SERVICE, parts, ARRAY_LEN(parts), mac);
    rating_token(mac, out);
    crypto_wipe(mac, sizeof mac);
}

void rating_secret_hash(const struct gateway *g, const char *what, struct str bound, struct str secret,
                        u8 out[32])
{
    const struct str parts[] = {str_of(what), bound, secret};
    crypto_mac(g->keys, KEY_SERVICE, parts, ARRAY_LEN(parts), out);
}

void rating_hash(const struct gateway *g, struct str service, u8 out[32])
{
    rating_secret_hash(g, "service", STR(""), service, out);
}

void rating_link(const struct gateway *g, struct str plaque, const char *token, struct text *out)
{
    text_addf(out, "%s/p/%.*s/rate?s=%s", g->cfg.public_url, STR_ARG(plaque), token);
}

/* --- on its way in --- */

static bool reason_known(const struct gateway *g, struct str code)
{
    for (size_t i = 0; i < g->ratings->n; i++)
        if (str_eq(g->ratings->all[i].code, code)) return true;
    return false;
}

static bool is_rating(const struct submission *s)
{
    return s->rating != 0 && !s->found && (s->nature == NATURE_RATE || s->nature == NATURE_UNKNOWN);
}

enum refusal ratings_read(const struct gateway *g, struct item *it)
{
    struct submission *s = &it->s;
    char service[RATING_SERVICE_MAX];
    struct str code, rest = s->reasons;
    if (!is_rating(s)) {
        s->service = s->reasons = STR("");
        return REFUSE_NONE;
    }
    const enum rating_service what = rating_service_parse(s->service, service);
    if (what == RATING_SERVICE_BAD) return REFUSE_SERVICE_BAD;
    s->service = what == RATING_SERVICE_NONE ? STR("") : arena_str(&it->arena, str_of(service));
    if (s->service.n) rating_hash(g, s->service, it->service_hash);
    for (size_t n = 0; rest.n; n++) {
        str_cut(rest, ',', &code, &rest);
        if (n == RATING_REASONS || !reason_known(g, code)) return REFUSE_UNKNOWN_FIELD;
    }
    return REFUSE_NONE;
}

/* --- the row beside the feedback --- */

static bool wanted(const struct item *it) { return is_rating(&it->s); }

static bool token_shaped(struct str service) { return str_starts(service, STR("s-")); }

static void put_hash(struct db_params *p, const u8 hash[32], bool put)
{
    db_put_bytes(p, put ? (struct str){(const char *)hash, 32} : STR_NONE);
}

static void put_marks(struct db_params *p, struct str marks)
{
    struct text t;
    text_init(&t, 200);
    rating_marks(marks, &t);
    db_put_text(p, t.n ? text_str(&t) : STR_NONE);
    text_free(&t);
}

static struct db_params *params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_ratings_keep);
    MORE_COLUMN(p, DB_INT8, b, wanted, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_BYTEA, b, wanted, it, put_hash(p, it->service_hash, token_shaped(it->s.service)));
    MORE_COLUMN(p, DB_BYTEA, b, wanted, it,
                put_hash(p, it->service_hash, it->s.service.n && !token_shaped(it->s.service)));
    MORE_COLUMN(p, DB_TEXT, b, wanted, it, db_put_text(p, it->s.reasons.n ? it->s.reasons : STR_NONE));
    MORE_COLUMN(p, DB_BOOL, b, wanted, it, db_put_bool(p, it->s.consent));
    MORE_COLUMN(p, DB_TEXT, b, wanted, it, put_marks(p, it->s.marks));
    return p;
}

const struct intake_more ratings_more = {&stmt_ratings_keep, wanted, params};

/* --- who comes again --- */

struct looking {
    rating_seen_done *done;
    void *arg;
};

static void have_first(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct looking *l = arg;
    struct rating_seen seen = {0};
    (void)n, (void)error;
    if (end == DB_OK && db_rows(results[0]) == 1) {
        const struct db_result *r = results[0];
        seen = (struct rating_seen){.asked = true,
                                    .known = db_get_bool(r, 0, 0),
                                    .over = db_get_bool(r, 0, 1),
                                    .level = (int)db_get_i64(r, 0, 2),
                                    .at = db_get_instant(r, 0, 3),
                                    .plaque = db_get_text(r, 0, 4)};
    }
    l->done(l->arg, &seen);
    free(l);
}

void rating_look(struct gateway *g, struct str service, rating_seen_done *done, void *arg)
{
    struct looking *l = MEM_NEW(struct looking);
    *l = (struct looking){done, arg};
    struct db_call *c = db_call_new(have_first, l);
    struct db_params *p = db_params_new(&stmt_rating_first);
    u8 hash[32];
    rating_hash(g, service, hash);
    put_hash(p, hash, token_shaped(service));
    put_hash(p, hash, !token_shaped(service));
    db_call_add(c, &stmt_rating_first, p);
    if (db_call_send(g->lane_public, c)) return;
    done(arg, &(struct rating_seen){0});
    free(l);
}
