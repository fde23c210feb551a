/* 拆分: one feedback that holds two matters becomes two cases. The act stands on the first case; the second is born beside it, in the
 * same transaction, with its own nature, category, clock and what the router says of its part alone. Called by the staff's acts.
 *
 * The citizen's words stay whole and unchanged in their feedback. Each case has a clerk's extract of its part, masked; the whole is
 * for those who may see every part (schema/0033_desks.sql), so a report that was split off is read by 追责问责组 alone and the
 * unit that handles the rest finds no word of it, no number and no reason. The first act of the new case names the hash of the act
 * that received the words: it was received when they were, and no clock gains by the split. */
#pragma once
#include "casework.h"

/* req: act split with part_nature, text (its part), rest (what stays), reason, about or 0. category: of the new case, STR_NONE: the
 * router's. Texts are copied. done as casework_act's: once, its result about the first case. */
void split_act(struct gateway *g, const struct session *session, u64 case_id, const struct act_request *req,
               struct str category, casework_done *done, void *arg);
extern const struct db_stmt *const split_statements[];
extern const size_t n_split_statements;
