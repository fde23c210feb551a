/* One clock of a case from its acts: when it began, stood still, was extended, and so when it runs out. Used for the
 * explanation of a deadline and for a case that was taken in while a year of the calendar was missing, so that both say the
 * same. It counts exactly as core/clocks does act by act, each act over the calendar that was in force then. Stores
 * nothing, judges nothing. */
#pragma once
#include "core/clocks.h"

struct clock_step {
    enum case_act act;
    instant at;
    int amount; /* extend_ask */
    const struct workdays *cal;
};
struct clock_run {
    instant begun, due, held; /* due 0: not known; held 0: it runs */
    enum case_act by;         /* what started it; ACT_RECEIVE also when the acts do not go back so far */
};

/* steps: oldest first; opened and cal stand for a start that is not among them. Appends a Chinese line per step to `why`
 * unless it is NULL. False when the year *year_r is not loaded; run_r->due is then 0 and `why` says so. */
bool clockrun_replay(const struct deadline_rules *rules, const struct workdays *cal, instant opened,
                     const struct clock_step *steps, size_t n, int level, int round, enum case_clock clock,
                     struct clock_run *run_r, int *year_r, struct text *why) MUST_CHECK;
/* Fills in the deadlines that *clocks lacks (clocks_lack), counted from the acts, and what follows by clocks_next, whose
 * calendar is `cal`. Deadlines on file are left alone. False when a year is still missing. */
bool clockrun_restore(const struct deadline_rules *rules, const struct workdays *cal,
                      const struct case_view *view, const struct clock_step *steps, size_t n,
                      struct case_clocks *clocks, int *year_r) MUST_CHECK;
