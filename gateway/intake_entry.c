/* Who of the office wrote it down for the citizen, at which post and by which way it was said. */
#include "intake_part.h"

const struct db_stmt stmt_intake_entries = {
    "intake_entries",
    "insert into feedback_entries (feedback_id, staff_id, unit_id, way, said_on) select t.id, t.staff, t.unit, t.way, "
    "case when t.day > 0 then date '1970-01-01' + t.day end from unnest($1, $2, $3, $4, $5) as t (id, staff, unit, way, day) "
    "join feedback f on f.id = t.id on conflict do nothing",
    5,
    {DB_INT8S, DB_INT4S, DB_INT4S, DB_TEXTS, DB_INT4S}};

static bool was_entered(const struct item *it) { return it->s.entered_by != 0; }

static struct db_params *entry_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_entries);
    MORE_COLUMN(p, DB_INT8, b, was_entered, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_INT4, b, was_entered, it, db_put_i32(p, it->s.entered_by));
    MORE_COLUMN(p, DB_INT4, b, was_entered, it, db_put_i32(p, it->s.entered_at));
    MORE_COLUMN(p, DB_TEXT, b, was_entered, it, db_put_text(p, str_of(it->s.entered_way)));
    MORE_COLUMN(p, DB_INT4, b, was_entered, it, db_put_i32(p, it->s.entered_day));
    return p;
}

const struct intake_more intake_entries = {&stmt_intake_entries, was_entered, entry_params};
