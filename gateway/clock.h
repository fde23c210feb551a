/* The clock acts by itself: reminds, urges, prepares letters, tells what is overdue, ends pauses (promise P7). Every case row
 * says when it is due next and for what (core/clocks); the clock claims due rows with `for update skip locked` and a claim
 * that expires, judges them by the same caseflow as a person, and writes the same row, act and events under the same version
 * check. So each step is taken once with any number of gateways, after a kill at any point, and after an outage in the
 * order in which the steps fell due. A row marked `settle` only has its clocks computed again. */
#pragma once
#include "gateway.h"

struct clock *clock_new(struct gateway *g);
/* After db_free: every call of the clock has ended. */
void clock_free(struct clock **k);
/* Something may have become due: an act was stored somewhere, or the database is back. Cheap; many are one look. */
void clock_wake(struct gateway *g);
/* The calendar has another year or version: cases that lack a deadline or a next step are computed again. */
void clock_calendar_changed(struct gateway *g);
/* Gauges of /metrics, as of the last look. */
double clock_late_seconds(const struct clock *k); /* how long the oldest step that is due waits */
double clock_waiting(const struct clock *k);      /* steps that are due */
extern const struct db_stmt *const clock_statements[];
extern const size_t n_clock_statements;
