/* Trainings that somebody asked for at the desk of models (staff_trainings.c): a worker of this program (cmd_train_worker.c) for one at a
 * time over all gateways (schema/0047_mixed_training.sql), with a beat for as long as it works. What it makes stands there as a proposal
 * for a second person; nothing here puts a model into force. A gateway that goes takes its worker along, and the others tell the training
 * as lost when its beats have stopped. */
#pragma once
#include "gateway.h"

struct trainings *trainings_new(struct gateway *g);
void trainings_free(struct trainings **t); /* NULL inside is fine; kills the worker */
/* Starts the worker of a training that this gateway has just written down. When there is none to be had the training has failed. */
void trainings_start(struct gateway *g, u64 id);
/* Ends the worker at once when it is this gateway's; another one's notices at its next beat. */
void trainings_stopped(struct gateway *g, u64 id);
extern const struct db_stmt *const training_statements[];
extern const size_t n_training_statements;
