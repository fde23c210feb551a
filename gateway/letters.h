/* Letters in the database: drafts that acts ask for, steps, the signature that takes a number and raises the rung of every
 * case it lists, and the printed page. The staff's door (staff_letters*.c), casework and the clock call it. What may be done
 * is core/letter's word, what is stored is held by schema/0009_letters.sql; nothing is sent to anybody from here. */
#pragma once
#include "casework.h"
#include "core/letter.h"

struct json;

/* Adds one statement to a call that stores a judged act: the draft letter that the act asks for (outcome.letter, or for
 * `propose` the letter of its rung), addressed to the unit that handles the case, in the act's own transaction and only when
 * the act was stored. Nothing is added when there is no such letter, for 交办 (a 交办函 lists several cases and is drafted by a
 * person), and for an act that a signature made; a draft of that kind and rung that lies on the desk already stays alone.
 * Call it after casework_add. Works for staff, citizens' and the clock's calls. */
void letters_add_draft(struct gateway *g, struct db_call *c, const struct casework_step *s);

extern const struct db_stmt *const letters_statements[];
extern const size_t n_letters_statements;
