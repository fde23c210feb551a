/* What a matter brings beside its words: the place that the citizen named, and the open case that they chose as the same. */
#include "intake_part.h"

const struct db_stmt stmt_intake_places = {
    "intake_places",
    "insert into feedback_places (feedback_id, words, lat, lon, accuracy) select t.id, t.words, case when t.point then t.lat end, "
    "case when t.point then t.lon end, case when t.point then nullif(t.accuracy, 0) end "
    "from unnest($1, $2, $3, $4, $5, $6) as t (id, words, point, lat, lon, accuracy) join feedback f on f.id = t.id "
    "on conflict do nothing",
    6,
    {DB_INT8S, DB_TEXTS, DB_BOOLS, DB_FLOAT8S, DB_FLOAT8S, DB_INT4S}};
const struct db_stmt stmt_intake_joins = {
    "intake_joins",
    "insert into feedback_joins (feedback_id, case_id) select t.id, c.id from unnest($1, $2) as t (id, target) "
    "join feedback f on f.id = t.id join cases c on c.id = t.target on conflict do nothing",
    2,
    {DB_INT8S, DB_INT8S}};

/* A report says where in its own words, which are sealed: nothing of it stands beside them. */
static bool has_place(const struct item *it)
{
    return it->s.nature != NATURE_REPORT && (it->s.position.point || it->s.position.words.n);
}

static bool has_join(const struct item *it) { return it->s.joins && it->opens_case && !it->confidential; }

static struct db_params *place_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_places);
    MORE_COLUMN(p, DB_INT8, b, has_place, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_TEXT, b, has_place, it, db_put_text(p, it->s.position.words));
    MORE_COLUMN(p, DB_BOOL, b, has_place, it, db_put_bool(p, it->s.position.point));
    MORE_COLUMN(p, DB_FLOAT8, b, has_place, it, db_put_f64(p, it->s.position.lat));
    MORE_COLUMN(p, DB_FLOAT8, b, has_place, it, db_put_f64(p, it->s.position.lon));
    MORE_COLUMN(p, DB_INT4, b, has_place, it, db_put_i32(p, it->s.position.accuracy));
    return p;
}

static struct db_params *join_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_joins);
    MORE_COLUMN(p, DB_INT8, b, has_join, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_INT8, b, has_join, it, db_put_i64(p, (i64)it->s.joins));
    return p;
}

const struct intake_more intake_places = {&stmt_intake_places, has_place, place_params};
const struct intake_more intake_joins = {&stmt_intake_joins, has_join, join_params};
