/* The clocks of a case after an act: which run, which stand still, when the next one runs out, and what the clock then
 * does by itself. Called by intake, casework and the clock (gateway/clock.c) with the outcome of caseflow_apply; the
 * result is stored in the case row, so that any gateway can fire it (promise P7). Pure: nothing here knows what time it is.
 *
 * Handling runs through all rounds, pauses and extensions; beside it at most one of accept, sign, review and callback runs.
 * The handling clock climbs the ladder (core/ladder.h); each of the others is told once when it has run out. */
#pragma once
#include "core/caseflow.h"

#define CLOCKS_WARN_PERCENT 75 /* of the time gone: yellow, and the first rung of the ladder */

struct case_clocks {
    instant handling_due, held_since; /* held_since: when handling last stood still; 0 while it runs */
    instant due; /* what is owed next; 0: nothing, or the calendar's year is not loaded */
    enum case_clock due_clock;
    instant warn;           /* three quarters of the time of due_clock have gone: yellow from here on */
    instant next;           /* when the clock acts by itself; 0: not on this case */
    enum case_act next_act; /* ACT_SUPERVISE, ACT_PROPOSE, ACT_OVERDUE or ACT_RESUME */
    int next_rung;
    bool settle; /* read from a row: next_act is none yet, clocks_next is owed */
};

/* Moves *clocks on by one act: outcome->view is the case afterwards, now the act's instant. False when a year of the
 * calendar is not loaded (*year_r): the deadlines concerned then have no instant, never a wrong one. A step of the
 * ladder that lies in such a year is no reason to fail: it is found when the year is loaded (clocks_next, again). */
bool clocks_after(const struct deadline_rules *rules, const struct workdays *cal,
                  const struct outcome *outcome, instant now, struct case_clocks *clocks,
                  int *year_r) MUST_CHECK;
/* Which clock runs, or stands still with the case, in this state. False: none, the case is at an end and nobody objects. */
bool clocks_running(const struct case_view *view, enum case_clock *clock_r) MUST_CHECK;
/* Is a deadline that should run not known, because a year of the calendar was missing? */
bool clocks_lack(const struct case_view *view, const struct case_clocks *clocks);
/* Fills warn, next, next_act and next_rung, and due while nothing runs beside handling, from the view and the instants of
 * *clocks, and clears settle. Part of
 * clocks_after; called alone for rows whose calendar was loaded since. False when the next step lies in a year that is
 * not loaded (*year_r): next is then the earliest of what is known, 0 when nothing is. */
bool clocks_next(const struct deadline_rules *rules, const struct workdays *cal, const struct case_view *view,
                 struct case_clocks *clocks, int *year_r) MUST_CHECK;
