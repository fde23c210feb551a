/* Finds the same matter told twice: runs behind the events that open cases, in any number of gateways, so that taking something in pays nothing for it and
 * waits for nothing. Each new case's words (masked, clean) get their bands (core/minhash) in an indexed table; its candidates are compared exactly
 * (core/twins) on the thread pool, and what may be one matter is kept as a pair for the desks. It merges nothing: 并案 is an act of a person.
 * Also looks, once for all gateways, for bursts and for causes (schema/0041_twins.sql), whose deadline is reckoned here by the calendar.
 * What is confidential, held or a report takes no part (P4); a person sees a pair only when the policies show both cases. */
#pragma once
#include "gateway.h"

struct twinfinder;
struct twinfinder *twinfinder_new(struct gateway *g); /* looks as soon as the database is there */
void twinfinder_free(struct twinfinder **t);          /* after db_free: its calls end in there */
void twinfinder_wake(struct gateway *g);              /* an event was committed; cheap, many are one look */

/* When something is to be put right that begins now: cause_workdays working days; us 0 while the calendar does not know them. */
instant twinfinder_due(const struct gateway *g);

extern const struct db_stmt *const twinfinder_statements[];
extern const size_t n_twinfinder_statements;
