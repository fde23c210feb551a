/* What only some submissions bring: the list of the statements that go with a batch (intake_part.h says what they must keep). */
#include "intake_part.h"
#include "ratings.h"

static const struct intake_more *const more[] = {
    &intake_places, &intake_joins,    &ratings_more,    &intake_files, &intake_pow,     &intake_marks,
    &intake_sealed, &intake_bookings, &intake_contacts, &intake_tails, &intake_entries, NULL};
const struct db_stmt *const intake_more_statements[] = {
    &stmt_intake_places,   &stmt_intake_joins, &stmt_ratings_keep,  &stmt_media_bind_feedback,
    &stmt_intake_pow,      &stmt_intake_marks, &stmt_intake_sealed, &stmt_intake_bookings,
    &stmt_intake_contacts, &stmt_intake_tails, &stmt_intake_entries};
const size_t n_intake_more_statements = ARRAY_LEN(intake_more_statements);

void intake_more_add(struct db_call *c, const struct batch *b)
{
    for (size_t i = 0; more[i]; i++) {
        bool wanted = false;
        LIST_EACH(&b->items, node) wanted |= more[i]->wanted(LIST_OF(node, struct item, node));
        if (wanted) db_call_add(c, more[i]->stmt, more[i]->params(b));
    }
}
