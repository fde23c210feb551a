/* Units that are renamed, merged and split on a day (schema/0042_names.sql). Looks for changes whose day has come by the gateway's clock
 * and puts each into force, once with any number of gateways: the row is locked and says so itself. Then lets every open case of a unit
 * that is gone follow to its successor, by an act of the clock in the chain of the case, with its deadlines as they were. What to do is
 * read from the tables at every look, so a gateway that was down, or died between two acts, makes up for it.
 * Called by serve.c and, after a reload, by the register. Never plans, confirms or changes a plan. */
#pragma once
#include "gateway.h"

struct reforms;
struct reforms *reforms_new(struct gateway *g);
void reforms_free(struct reforms **r); /* after db_free: every call has ended */
/* The register is another one: something may be due, and successors that came with it are known now. Cheap. */
void reforms_wake(struct gateway *g);
extern const struct db_stmt *const reforms_statements[];
extern const size_t n_reforms_statements;
