/* The telephone numbers that citizens left, as keyed hashes beside their feedback: whoever lost a receipt has it sent to that very
 * number (citizen_recover.c). Never of what is confidential: nobody can find out by a number who reported something. */
#include "intake_part.h"

const struct db_stmt stmt_intake_contacts = {
    "intake_contacts",
    "insert into feedback_contacts (feedback_id, person) select t.id, t.person from unnest($1, $2) as t (id, person) "
    "join feedback f on f.id = t.id and f.contact is not null on conflict do nothing",
    2,
    {DB_INT8S, DB_BYTEAS}};

static bool wanted(const struct item *it) { return it->findable; }

static struct db_params *params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_contacts);
    MORE_COLUMN(p, DB_INT8, b, wanted, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_BYTEA, b, wanted, it,
                db_put_bytes(p, (struct str){(const char *)it->person, sizeof it->person}));
    return p;
}

const struct intake_more intake_contacts = {&stmt_intake_contacts, wanted, params};

/* The last four digits, for whoever is told them on the telephone (staff_phone.c). */
const struct db_stmt stmt_intake_tails = {
    "intake_tails",
    "insert into feedback_tails (feedback_id, tail) select t.id, t.tail from unnest($1, $2) as t (id, tail) "
    "join feedback f on f.id = t.id and f.contact is not null on conflict do nothing",
    2,
    {DB_INT8S, DB_BYTEAS}};

static struct db_params *tail_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_tails);
    MORE_COLUMN(p, DB_INT8, b, wanted, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_BYTEA, b, wanted, it,
                db_put_bytes(p, (struct str){(const char *)it->tail, sizeof it->tail / 2}));
    return p;
}

const struct intake_more intake_tails = {&stmt_intake_tails, wanted, tail_params};
