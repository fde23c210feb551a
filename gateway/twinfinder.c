#include "twinfinder_part.h"
#include "intake.h"
#include "register.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/normalise.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY   SPAN_S(5)
#define BREATH_MAX   SPAN_S(1)
#define MARK_AFTER   SPAN_MS(200) /* until it is known whether the database is ours (keymark) */
#define WORDS_POINTS SHINGLES_POINTS

/* What is new behind the mark, and what came into sight late (seq 0). Without a new one the mark goes to the last event there was. */
static const struct db_stmt stmt_twins_read = {
    "twins_read",
    "select m.seq, m.make, h.last, e.seq, c.id, c.opened_at, "
    "case when not c.confidential and not c.held and c.nature not in ('report', 'rate') and c.opened_at > now() - make_interval(days => $2) "
    "then left(coalesce(x.words, f.masked), 4000) end, "
    /* What else the router thought of; of the whole words it may speak of the other part, so a part has its own matter alone. */
    "concat_ws(',', c.category, case when x.words is null then (select string_agg(distinct k.code, ',') from "
    "  jsonb_path_query(f.decision, '$.candidates[*].category.code') as p (code) cross join lateral (select p.code #>> '{}') k (code) "
    "  where k.code <> c.category) end) "
    "from twin_mark m cross join (select coalesce(max(v.seq), 0) as last from events v) h "
    "left join lateral ((select 0::bigint as seq, l.case_id from twin_late l order by l.case_id limit $1) "
    "  union all (select v.seq, v.case_id from events v where v.seq > m.seq and v.kind = 'case.opened' order by v.seq limit $1)) e on true "
    "left join cases c on c.id = e.case_id "
    "left join lateral (select case_extract(c.id) as words) x on true "
    "left join lateral (select f.masked, f.decision from feedback f where f.case_id = c.id order by f.received_at, f.id limit 1) f on true order by e.seq",
    2,
    {DB_INT4, DB_INT4}};
static const struct db_stmt stmt_twins_any = {"twins_any", "select from twin_texts limit 1", 0, {0}};
static const struct db_stmt stmt_twins_move = {
    "twins_move", "update twin_mark set seq = $2 where seq < $2 and seq >= $1", 2, {DB_INT8, DB_INT8}};
static const struct db_stmt stmt_twins_skip = {
    "twins_skip", "delete from twin_late where case_id = any ($1)", 1, {DB_INT8S}};
static const struct db_stmt stmt_twins_renew = {
    "twins_renew",
    "update twin_mark set make = $1, seq = notices_seq_at(now() - make_interval(days => $2)) - 1 where make <> $1",
    2,
    {DB_INT4, DB_INT4}};
const struct db_stmt stmt_twins_prune = {"twins_prune", "select twins_prune($1, $2)", 2, {DB_INT4, DB_INT4}};

const struct db_stmt *const twinfinder_statements[] = {
    &stmt_twins_read,  &stmt_twins_add,   &stmt_twins_candidates, &stmt_twins_move,  &stmt_twins_skip,
    &stmt_twins_done,  &stmt_twins_store, &stmt_twins_prune,      &stmt_twins_renew, &stmt_bursts_look,
    &stmt_causes_find, &stmt_twins_any,   &stmt_places_read,      &stmt_places_fill};
const size_t n_twinfinder_statements = ARRAY_LEN(twinfinder_statements);

void twinfinder_rest(struct twinfinder *t, span in)
{
    twinfinder_step_free(&t->step);
    t->busy = false;
    timer_set(t->g->loop, &t->look, t->woken && in.us > TWINFINDER_SOON.us ? TWINFINDER_SOON : in);
}

/* More is waiting: it rests as long as it worked, so that under a flood of feedbacks half of what it needs is left to taking them in. */
static span breath(const struct twinfinder *t)
{
    return SPAN_US(MAX(0, MIN(clock_now().us - t->begun.us, BREATH_MAX.us)));
}

span twinfinder_idle(const struct twinfinder *t)
{
    const span burst = t->g->cfg.burst_every;
    if (!t->placed) return TWINFINDER_SOON; /* older texts wait for their places */
    return burst.us < LOOK_EVERY.us ? burst : LOOK_EVERY;
}

void twinfinder_failed(struct twinfinder *t, const char *what, const struct db_error *error)
{
    log_line(LOG_WARNING, LOG_LEDGER, what, "sqlstate=%s text=\"%s\"", error ? error->sqlstate : "",
             error ? error->message : "");
    t->woken = false;
    twinfinder_rest(t, LOOK_EVERY);
}

void twinfinder_send(struct twinfinder *t, struct db_call *c)
{
    t->busy = true;
    if (!db_call_send(t->g->lane_ledger, c)) {
        t->woken = false;
        twinfinder_rest(t, LOOK_EVERY);
    }
}

void twinfinder_after(struct twinfinder *t)
{
    twinfinder_rest(t, t->step->more ? breath(t) : twinfinder_idle(t));
}

void twinfinder_put_move(struct db_call *c, const struct step *s)
{
    struct db_params *p = db_params_new(&stmt_twins_move);
    db_put_i64(p, s->mark);
    db_put_i64(p, s->to);
    db_call_add(c, &stmt_twins_move, p);
}

/* --- reading --- */

static void take_text(struct twinfinder *t, const struct db_result *r, int row)
{
    static struct telling telling; /* the loop's thread alone */
    u64 matters[TELLING_KEY_MATTERS];
    struct step *s = t->step;
    const struct str masked = db_get_text(r, row, 6);
    struct new_text *x = &s->texts[s->n];
    struct text clean;
    if (s->n == ARRAY_LEN(s->texts)) return;
    text_init(&clean, masked.n * NORMALISE_GROWTH + 64);
    if (intake_clean(t->g, masked, &clean)) {
        struct str words = text_str(&clean);
        words.n = utf8_prefix(words, WORDS_POINTS);
        *x = (struct new_text){.id = db_get_i64(r, row, 4), .at = db_get_instant(r, row, 5)};
        text_init(&x->words, words.n + 1);
        text_add(&x->words, words);
        const struct str codes = db_get_text(r, row, 7);
        text_init(&x->matters, codes.n + 1);
        text_add(&x->matters, codes);
        placenames_of(words, &x->places);
        telling_of(words, &telling);
        x->n_bands =
            twins_keys(&telling, matters, twinfinder_matters(codes, matters, ARRAY_LEN(matters)), x->bands);
        s->n++;
    }
    text_free(&clean);
}

/* Late ones that may not be looked at after all go from their list. */
static void skip_late(struct db_call *c, const struct db_result *r)
{
    struct db_params *p = db_params_new(&stmt_twins_skip);
    size_t n = 0;
    for (int i = 0; i < db_rows(r); i++)
        n += !db_is_null(r, i, 4) && db_get_i64(r, i, 3) == 0 && db_is_null(r, i, 6);
    db_array_begin(p, DB_INT8, n);
    for (int i = 0; i < db_rows(r); i++)
        if (!db_is_null(r, i, 4) && db_get_i64(r, i, 3) == 0 && db_is_null(r, i, 6))
            db_put_i64(p, db_get_i64(r, i, 4));
    db_array_end(p);
    db_call_add(c, &stmt_twins_skip, p);
}

static void moved(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)results, (void)n;
    if (end != DB_OK)
        twinfinder_failed(t, "the mark of what was compared was not moved", error);
    else
        twinfinder_after(t);
}

static void renewed(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)results, (void)n;
    if (end != DB_OK)
        twinfinder_failed(t, "bands of another make were not removed", error);
    else
        twinfinder_rest(t, SPAN_US(0));
}

/* Bands of an older program mean something else: they go, some at a time, and all is read anew. */
static void renew(struct twinfinder *t, bool any)
{
    struct db_call *c = db_call_new(renewed, t);
    const struct db_stmt *stmt = any ? &stmt_twins_prune : &stmt_twins_renew;
    struct db_params *p = db_params_new(stmt);
    db_put_i32(p, any ? 0 : MINHASH_MAKE);
    db_put_i32(p, any ? TWINFINDER_PRUNE_MOST : t->g->cfg.twin_days);
    db_call_add(c, stmt, p);
    twinfinder_send(t, c);
}

static void have_texts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)n;
    if (end != DB_OK) {
        twinfinder_failed(t, "new words were not read", error);
        return;
    }
    const struct db_result *r = results[0], *texts = results[1];
    struct step *s;
    int events = 0, late = 0;
    if (db_get_i64(r, 0, 1) != MINHASH_MAKE) {
        renew(t, db_rows(texts) > 0);
        return;
    }
    s = t->step = MEM_NEW(struct step);
    s->mark = db_get_i64(r, 0, 0);
    s->to = db_get_i64(r, 0, 2);
    for (int i = 0; i < db_rows(r); i++) {
        if (db_is_null(r, i, 4)) continue;
        if (db_get_i64(r, i, 3) == 0)
            late++;
        else
            events++, s->to = db_get_i64(r, i, 3);
        if (!db_is_null(r, i, 6)) take_text(t, r, i);
    }
    if (events < TWINFINDER_BATCH) s->to = db_get_i64(r, 0, 2);
    s->more = events == TWINFINDER_BATCH || late == TWINFINDER_BATCH;
    if (s->n > 0) {
        twinfinder_pair(t);
    } else if (s->to > s->mark || late > 0) {
        struct db_call *c = db_call_new(moved, t);
        twinfinder_put_move(c, s);
        skip_late(c, r);
        twinfinder_send(t, c);
    } else {
        twinfinder_rest(t, twinfinder_idle(t));
    }
}

void twinfinder_read(struct twinfinder *t)
{
    struct db_call *c = db_call_new(have_texts, t);
    struct db_params *p = db_params_new(&stmt_twins_read);
    t->woken = false; /* what is committed from here on wakes again */
    t->begun = clock_now();
    db_put_i32(p, TWINFINDER_BATCH);
    db_put_i32(p, t->g->cfg.twin_days);
    db_call_add(c, &stmt_twins_read, p);
    db_call_add(c, &stmt_twins_any, db_params_new(&stmt_twins_any));
    twinfinder_send(t, c);
}

static void look_fires(struct timer *timer)
{
    struct twinfinder *t = timer->arg;
    if (t->busy || t->g->draining) return;
    if (!t->g->key_right || !register_ready(t->g)) {
        timer_set(t->g->loop, &t->look, MARK_AFTER);
        return;
    }
    if (instant_before(clock_now(), t->chores_at)) {
        twinfinder_read(t);
    } else {
        t->chores_at = instant_add(clock_now(), twinfinder_idle(t));
        twinfinder_chores(t);
    }
}

void twinfinder_wake(struct gateway *g)
{
    struct twinfinder *t = g->twinfinder;
    if (!t || t->woken) return;
    t->woken = true;
    if (!t->busy) timer_set(g->loop, &t->look, TWINFINDER_SOON);
}

struct twinfinder *twinfinder_new(struct gateway *g)
{
    struct twinfinder *t = MEM_NEW(struct twinfinder);
    t->g = g;
    t->look = (struct timer){.fire = look_fires, .arg = t};
    timer_set(g->loop, &t->look, SPAN_US(0));
    return t;
}

void twinfinder_free(struct twinfinder **t)
{
    if (!*t) return;
    timer_stop(&(*t)->look);
    if ((*t)->comparing) { /* `compared` comes while the loop ends */
        (*t)->gone = true;
        *t = NULL;
        return;
    }
    twinfinder_step_free(&(*t)->step);
    free(*t);
    *t = NULL;
}
