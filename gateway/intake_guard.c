/* What the guards noticed and used up, beside the feedback that it belongs to. */
#include "intake_part.h"

/* A challenge that another submission used fails here by its key and takes its own item along; the same item, sent again because
 * nobody knew how the batch had ended, finds its own row. */
const struct db_stmt stmt_intake_pow = {
    "intake_pow",
    "with old as (delete from pow_used where expires < now() - interval '1 hour') "
    "insert into pow_used (key, feedback_id, expires) "
    "select t.key, f.id, to_timestamp(t.expires) from unnest($1, $2, $3) as t (feedback_id, key, expires) "
    "join feedback f on f.id = t.feedback_id "
    "where not exists (select from pow_used u where u.key = t.key and u.feedback_id = f.id)",
    3,
    {DB_INT8S, DB_TEXTS, DB_INT8S}};

static bool pow_wanted(const struct item *it) { return it->s.pow.n > 0; }

static struct db_params *pow_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_pow);
    MORE_COLUMN(p, DB_INT8, b, pow_wanted, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_TEXT, b, pow_wanted, it, db_put_text(p, it->s.pow));
    MORE_COLUMN(p, DB_INT8, b, pow_wanted, it, db_put_i64(p, it->s.pow_expires));
    return p;
}

const struct intake_more intake_pow = {&stmt_intake_pow, pow_wanted, pow_params};

const struct db_stmt stmt_intake_marks = {
    "intake_marks",
    "insert into feedback_marks (feedback_id, mark) "
    "select f.id, m.mark from unnest($1, $2) as t (feedback_id, marks) join feedback f on f.id = t.feedback_id, "
    "unnest(string_to_array(t.marks, ',')) as m (mark) on conflict do nothing",
    2,
    {DB_INT8S, DB_TEXTS}};

static bool marks_wanted(const struct item *it) { return it->s.marks.n > 0 && !it->confidential; }

static struct db_params *marks_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_marks);
    MORE_COLUMN(p, DB_INT8, b, marks_wanted, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_TEXT, b, marks_wanted, it, db_put_text(p, it->s.marks));
    return p;
}

const struct intake_more intake_marks = {&stmt_intake_marks, marks_wanted, marks_params};
