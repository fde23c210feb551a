/* From texts to pairs: their bands go into the table, candidates come back, are compared on the thread pool, and what may be one matter is
 * kept. Only then the mark moves and late ones leave their list: what a crash interrupts is looked at again. */
#include "twinfinder_part.h"
#include "metrics.h"
#include <stdlib.h>

/* Nobody waits for this, and this waits for nobody: a case that somebody changes in the same moment (who may make it confidential) is
 * looked at again later. */
const struct db_stmt stmt_twins_add = {
    "twins_add",
    "with c as materialized (select c.id from cases c where c.id = any ($3) and not c.confidential and not c.held and c.nature <> 'report' "
    "  for share skip locked), "
    "busy as materialized (select k.id from cases k where k.id = any ($3) and not k.confidential and not k.held and k.nature <> 'report' "
    "  and k.id <> all (select c.id from c)), "
    "w as (insert into twin_late (case_id) select id from busy on conflict do nothing), "
    "b as materialized (select distinct t.id, t.band from unnest($1, $2) as t (id, band) join c on c.id = t.id), "
    "x as (insert into twin_texts (case_id, make, words, bands, at, matters) select t.id, $6, t.words, "
    "  coalesce((select array_agg(b.band) from b where b.id = t.id), '{}'), t.at, string_to_array(t.matters, ',') from unnest($3, $4, $5, $7) as t (id, words, at, matters) join c on c.id = t.id "
    "  on conflict do nothing returning case_id, at), "
    "p as (insert into twin_places (case_id, place, label, town, narrow, at) select v.id, v.place, v.label, nullif(v.town, ''), v.narrow, x.at "
    "  from unnest($8, $9, $10, $11, $12) as v (id, place, label, town, narrow) join x on x.case_id = v.id on conflict do nothing) "
    "insert into twin_bands (band, case_id) select b.band, b.id from b join x on x.case_id = b.id on conflict do nothing",
    12,
    {DB_INT8S, DB_INT8S, DB_INT8S, DB_TEXTS, DB_TIMESTAMPTZS, DB_INT4, DB_TEXTS, TWINFINDER_PLACE_TYPES}};
const struct db_stmt stmt_twins_candidates = {
    "twins_candidates",
    "select case_id, other_id, words, same_unit, same_category, near_category, same_plaque, other_plaque, hours "
    "from twins_candidates($1, $2, $3, $4, $5)",
    5,
    {DB_INT8S, DB_INT4, DB_INT4, DB_INT4, DB_INT4}};
/* Late ones that are in the table now; whoever was busy is not. */
const struct db_stmt stmt_twins_done = {
    "twins_done",
    "delete from twin_late l where l.case_id = any ($1) and exists (select from twin_texts t where t.case_id = l.case_id)",
    1,
    {DB_INT8S}};
const struct db_stmt stmt_twins_store = {"twins_store",
                                         "select twins_store($1, $2, $3, $4, $5)",
                                         5,
                                         {DB_INT8S, DB_INT8S, DB_INT4S, DB_BOOLS, DB_BOOLS}};

size_t twinfinder_matters(struct str codes, u64 *out, size_t max)
{
    struct str code;
    size_t n = 0;
    while (codes.n > 0 && n < max) {
        (void)str_cut(codes, ',', &code, &codes);
        if (code.n) out[n++] = telling_code(code);
    }
    return n;
}

void twinfinder_step_free(struct step **s)
{
    if (!*s) return;
    for (size_t i = 0; i < (*s)->n; i++) {
        text_free(&(*s)->texts[i].words);
        text_free(&(*s)->texts[i].matters);
    }
    for (size_t i = 0; i < (*s)->n_candidates; i++) text_free(&(*s)->candidates[i].words);
    free((*s)->candidates);
    free(*s);
    *s = NULL;
}

static struct db_params *put_cases(struct db_params *p, const struct step *s)
{
    db_array_begin(p, DB_INT8, s->n);
    for (size_t i = 0; i < s->n; i++) db_put_i64(p, s->texts[i].id);
    db_array_end(p);
    return p;
}

static void stored(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct twinfinder *t = arg;
    if (end != DB_OK) {
        twinfinder_failed(t, "pairs of one matter were not stored; they are looked for again", error);
        return;
    }
    if (n > 2) count_add(COUNT_TWINS_FOUND, (u64)db_get_i64(results[2], 0, 0));
    twinfinder_after(t);
}

static void store(struct twinfinder *t)
{
    const struct step *s = t->step;
    struct db_call *c = db_call_new(stored, t);
    struct db_params *p;
    size_t found = 0;
    twinfinder_put_move(c, s);
    db_call_add(c, &stmt_twins_done, put_cases(db_params_new(&stmt_twins_done), s));
    for (size_t i = 0; i < s->n_candidates; i++) found += s->candidates[i].found.strength != TWINS_NOT;
    if (found) {
        p = db_params_new(&stmt_twins_store);
#define EACH_FOUND(type, put)                                                                                \
    db_array_begin(p, type, found);                                                                          \
    for (size_t i = 0; i < s->n_candidates; i++)                                                             \
        if (s->candidates[i].found.strength != TWINS_NOT) put;                                               \
    db_array_end(p);
        EACH_FOUND(DB_INT8, db_put_i64(p, s->texts[s->candidates[i].of].id))
        EACH_FOUND(DB_INT8, db_put_i64(p, s->candidates[i].id))
        EACH_FOUND(DB_INT4, db_put_i32(p, s->candidates[i].found.percent))
        EACH_FOUND(DB_BOOL, db_put_bool(p, s->candidates[i].found.by_words))
        EACH_FOUND(DB_BOOL, db_put_bool(p, s->candidates[i].found.strength == TWINS_SAME))
        db_call_add(c, &stmt_twins_store, p);
    }
    twinfinder_send(t, c);
}

/* --- comparing, on the pool --- */

static void compare(void *arg)
{
    struct step *s = ((struct twinfinder *)arg)->step;
    struct telling *mine = MEM_NEW(struct telling), *other = MEM_NEW(struct telling);
    size_t of = SIZE_MAX;
    for (size_t i = 0; i < s->n_candidates; i++) {
        struct candidate *c = &s->candidates[i];
        if (c->of != of) telling_of(text_str(&s->texts[of = c->of].words), mine);
        telling_of(text_str(&c->words), other);
        c->found = twins_compare(mine, other, &c->beside);
    }
    free(mine);
    free(other);
}

static void compared(void *arg)
{
    struct twinfinder *t = arg;
    t->comparing = false;
    if (t->gone)
        twinfinder_free(&t);
    else
        store(t);
}

static void take_candidates(struct step *s, const struct db_result *r)
{
    const int rows = db_rows(r);
    s->candidates = rows ? mem_alloc((size_t)rows * sizeof *s->candidates) : NULL;
    for (int i = 0; i < rows; i++) {
        struct candidate *c = &s->candidates[s->n_candidates];
        *c = (struct candidate){.id = db_get_i64(r, i, 1),
                                .beside = {.same_unit = db_get_bool(r, i, 3),
                                           .same_category = db_get_bool(r, i, 4),
                                           .near_category = db_get_bool(r, i, 5),
                                           .same_plaque = db_get_bool(r, i, 6),
                                           .other_plaque = db_get_bool(r, i, 7),
                                           .hours = (int)db_get_i64(r, i, 8)}};
        while (c->of < s->n && s->texts[c->of].id != db_get_i64(r, i, 0)) c->of++;
        if (c->of == s->n) continue;
        const struct str words = db_get_text(r, i, 2);
        text_init(&c->words, words.n + 1);
        text_add(&c->words, words);
        s->n_candidates++;
    }
}

static void have_candidates(void *arg, enum db_end end, const struct db_result *const *results, int n,
                            const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)n;
    if (end != DB_OK) {
        twinfinder_failed(t, "new words were not held against older ones; they are looked at again", error);
        return;
    }
    take_candidates(t->step, results[0]);
    if (t->step->n_candidates == 0)
        store(t);
    else if (loop_offload(t->g->loop, compare, compared, t))
        t->comparing = true;
    else
        twinfinder_rest(t, TWINFINDER_SOON);
}

/* A transaction of its own: adding keeps its cases from being changed, and comparing takes long. */
static void added(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)results, (void)n;
    if (end != DB_OK) {
        twinfinder_failed(t, "new words were not kept for comparing; they are looked at again", error);
        return;
    }
    struct db_call *c = db_call_new(have_candidates, t);
    struct db_params *p = put_cases(db_params_new(&stmt_twins_candidates), t->step);
    db_put_i32(p, TWINS_BAND_NEWEST);
    db_put_i32(p, TWINS_LIKEST);
    db_put_i32(p, TWINS_NEAR_NEWEST);
    db_put_i32(p, TWINS_KEY_COUNTS);
    db_call_add(c, &stmt_twins_candidates, p);
    twinfinder_send(t, c);
}

void twinfinder_pair(struct twinfinder *t)
{
    const struct step *s = t->step;
    struct db_call *c = db_call_new(added, t);
    struct db_params *p = db_params_new(&stmt_twins_add);
    size_t bands = 0;
    for (size_t i = 0; i < s->n; i++) bands += s->texts[i].n_bands;
    db_array_begin(p, DB_INT8, bands);
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->texts[i].n_bands; k++) db_put_i64(p, s->texts[i].id);
    db_array_end(p);
    db_array_begin(p, DB_INT8, bands);
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->texts[i].n_bands; k++) db_put_i64(p, s->texts[i].bands[k]);
    db_array_end(p);
    put_cases(p, s);
    db_array_begin(p, DB_TEXT, s->n);
    for (size_t i = 0; i < s->n; i++) db_put_text(p, text_str(&s->texts[i].words));
    db_array_end(p);
    db_array_begin(p, DB_TIMESTAMPTZ, s->n);
    for (size_t i = 0; i < s->n; i++) db_put_instant(p, s->texts[i].at);
    db_array_end(p);
    db_put_i32(p, MINHASH_MAKE);
    db_array_begin(p, DB_TEXT, s->n);
    for (size_t i = 0; i < s->n; i++) db_put_text(p, text_str(&s->texts[i].matters));
    db_array_end(p);
    twinfinder_put_places(p, s->texts, s->n);
    db_call_add(c, &stmt_twins_add, p);
    twinfinder_send(t, c);
}
