/* Which places the texts name (core/placename): stored beside their bands, counted for bursts by schema/0056_places.sql. Texts from before that
 * migration are read here, some at a time between the looks, so that what is usual at a place is known of the weeks before. */
#include "twinfinder_part.h"
#include <stdlib.h>

#define PLACES_BATCH 64

const struct db_stmt stmt_places_read = {
    "places_read",
    "select t.case_id, t.words from twin_mark m join lateral (select x.case_id, x.words from twin_texts x where x.case_id < m.places_below "
    "order by x.case_id desc limit $1) t on true where m.places_below > 0 order by t.case_id desc",
    1,
    {DB_INT4}};
/* Two gateways may read the same texts: each place is stored once, the mark only goes down. */
const struct db_stmt stmt_places_fill = {
    "places_fill",
    "with p as (insert into twin_places (case_id, place, label, town, narrow, at) select v.id, v.place, v.label, nullif(v.town, ''), v.narrow, x.at "
    "  from unnest($1, $2, $3, $4, $5) as v (id, place, label, town, narrow) join twin_texts x on x.case_id = v.id on conflict do nothing) "
    "update twin_mark set places_below = $6 where places_below > $6",
    6,
    {TWINFINDER_PLACE_TYPES, DB_INT8}};

#define EACH_PLACE(type, put)                                                                                \
    db_array_begin(p, type, places);                                                                         \
    for (size_t i = 0; i < n; i++)                                                                           \
        for (size_t k = 0; k < texts[i].places.n; k++) put;                                                  \
    db_array_end(p);

void twinfinder_put_places(struct db_params *p, const struct new_text *texts, size_t n)
{
    size_t places = 0;
    for (size_t i = 0; i < n; i++) places += texts[i].places.n;
    EACH_PLACE(DB_INT8, db_put_i64(p, texts[i].id))
    EACH_PLACE(DB_TEXT, db_put_text(p, str_of(texts[i].places.all[k].key)))
    EACH_PLACE(DB_TEXT, db_put_text(p, str_of(texts[i].places.all[k].label)))
    EACH_PLACE(DB_TEXT, db_put_text(p, str_of(texts[i].places.town)))
    EACH_PLACE(DB_BOOL, db_put_bool(p, texts[i].places.all[k].narrow))
}

static void filled(void *arg, enum db_end end, const struct db_result *const *results, int n,
                   const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)results, (void)n;
    if (end != DB_OK)
        twinfinder_failed(t, "places of older texts were not stored; they are read again", error);
    else
        twinfinder_read(t);
}

static void have_words(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct twinfinder *t = arg;
    (void)n;
    if (end != DB_OK) {
        twinfinder_failed(t, "older texts were not read for their places", error);
        return;
    }
    const struct db_result *r = results[0];
    const int rows = db_rows(r);
    if (rows == 0) {
        t->placed = true;
        twinfinder_read(t);
        return;
    }
    struct new_text *texts = mem_alloc((size_t)rows * sizeof *texts);
    for (int i = 0; i < rows; i++) {
        texts[i].id = db_get_i64(r, i, 0);
        placenames_of(db_get_text(r, i, 1), &texts[i].places);
    }
    struct db_call *c = db_call_new(filled, t);
    struct db_params *p = db_params_new(&stmt_places_fill);
    twinfinder_put_places(p, texts, (size_t)rows);
    db_put_i64(p, rows < PLACES_BATCH ? 0 : texts[rows - 1].id);
    free(texts);
    db_call_add(c, &stmt_places_fill, p);
    t->chores_at = clock_now(); /* the next ones at the next look */
    twinfinder_send(t, c);
}

void twinfinder_places(struct twinfinder *t)
{
    struct db_call *c = db_call_new(have_words, t);
    struct db_params *p = db_params_new(&stmt_places_read);
    db_put_i32(p, PLACES_BATCH);
    db_call_add(c, &stmt_places_read, p);
    twinfinder_send(t, c);
}
