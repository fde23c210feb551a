/* Inside of the clock: one batch of claimed cases, shared by clock.c (claims, writes, waits) and clock_step.c (what is to be
 * done on one case). Nobody else includes this. */
#pragma once
#include "clock.h"
#include "casework.h"
#include "base/arena.h"

struct clock_job {
    struct casework_step step;
    bool acts;       /* else its clocks are settled: only the clock columns are written, into step.after */
    bool lacks;      /* its acts must be read before */
    bool tells;      /* its reporters must: they are told of the step */
    int read, write; /* statements of the calls; -1: none */
};
struct clock_batch {
    struct clock *clock;
    struct gateway *g;
    struct arena arena; /* texts of the rows */
    size_t n;
    struct clock_job *jobs;
    int told; /* messages owed with it */
};

/* Judges the step that the row says, or computes its clocks. acts: result of stmt_clock_acts for a job that lacks, else
 * NULL. A step that the rules refuse is logged and becomes a settling. False: nothing can be done now. */
bool clock_job_judge(struct clock_batch *b, struct clock_job *job, instant now,
                     const struct db_result *acts) MUST_CHECK;
/* Adds the one statement of a judged job. Its result has one row when it was written. */
bool clock_job_add(struct gateway *g, struct db_call *c, const struct clock_job *job) MUST_CHECK;
void clock_job_count(const struct clock_job *job); /* it was written */

extern const struct db_stmt stmt_clock_acts, stmt_clock_settle;
