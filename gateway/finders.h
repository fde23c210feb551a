/* What the office's finders share: exchange meetings (staff_meetings.c), inspections (staff_inspections.c), monitors
 * (staff_monitors.c), lists from elsewhere (staff_import.c) and the weekly sheet (staff_sheet.c). Included by those files,
 * staff_routes.c for their routes and statements.c for their statements.
 *
 * Whatever a finder brings becomes an ordinary feedback and case by intake_submit, stored once; then it is linked to its
 * source (schema/0011_finders.sql guards what may be linked to what) and, where a unit was named, assigned by the person
 * who brings it, by the same act as from the case page. A crash between these steps loses nothing: whoever sends the same
 * again gets the first number and the missing steps are made up for. Nothing here writes to cases or acts. */
#pragma once
#include "casework.h"
#include "staff_part.h"

extern const struct db_stmt *const finder_statements[];
extern const size_t n_finder_statements;
extern const struct db_stmt stmt_entry_target, stmt_finding_link, stmt_finder_case, stmt_meeting_add,
    stmt_meetings, stmt_meeting, stmt_meeting_words, stmt_meeting_problems, stmt_meeting_write,
    stmt_meeting_measure, stmt_board, stmt_board_left, stmt_inspection_add, stmt_inspections, stmt_inspection,
    stmt_inspection_problems, stmt_inspection_outcomes, stmt_inspection_outcome, stmt_inspection_totals,
    stmt_monitor_add, stmt_monitors, stmt_monitor_mine, stmt_monitor_file, stmt_monitor_returns,
    stmt_import_link, stmt_import_seen, stmt_weekly;

staff_handler meeting_add, meeting_list, meeting_read, meeting_minutes, meeting_problem, meeting_measure,
    meeting_board;
staff_handler inspection_add, inspection_list, inspection_read, inspection_finding, inspection_outcome,
    inspection_totals;
staff_handler monitor_add, monitor_list, monitor_return, monitor_returns;
staff_handler import_rows;
staff_handler entry_add, entry_alike;
staff_handler sheet_weekly, sheet_weekly_pdf;

/* How many feedbacks the case c carries: what every list shows beside a row. */
#define FINDER_FEEDBACKS "(select count(*) from feedback y where y.case_id = c.id)"

/* What has become of case c: a merged one goes the way of the case it was merged into in the end. Solved is what the finder
 * said was solved: silence and refusal are not (M32, M46). */
#define FINDER_MAIN                                                                                          \
    "left join lateral (with recursive up as (select c.merged_into as id where c.merged_into is not null "   \
    "union select k.merged_into from up join cases k on k.id = up.id where k.merged_into is not null) "      \
    "select k.state, k.ending from up join cases k on k.id = up.id where k.merged_into is null) main on true "
#define FINDER_SOLVED                                                                                        \
    "(coalesce(main.state, c.state) = 'closed' and coalesce(main.ending, c.ending) = 'solved')"

/* --- one problem on its way --- */
struct finding {
    const char *source; /* "meeting", "inspection", "monitor": also the feedback's provider */
    i64 source_id;
    enum door door;
    enum nature nature; /* NATURE_UNKNOWN: the words decide */
    struct str key;     /* the client's: what is sent again with it is the same problem */
    struct str period;  /* of a monitor's return, "2026-03" */
    struct str text, raised_by;
    /* With a unit it is assigned at once, by the person who asks. */
    i64 unit;
    bool by_hand; /* the router only proposes, whatever the words are */
    struct str category, higher, reason;
    /* Further statements behind the link, or NULL; results[FINDING_MORE] and on are theirs. */
    void (*more)(void *arg, struct db_call *c, u64 feedback_id);
};
enum { FINDING_LINK = CASEWORK_FIRST, FINDING_CASE, FINDING_MORE };
struct finding_result {
    bool answered; /* a refusal was answered: only clean up */
    bool repeated, assigned;
    char receipt[17];
    u64 feedback_id, case_id;
    i64 ordinal;
    const char *why_not;        /* Chinese: why it was not assigned as asked; NULL: nothing is amiss */
    const struct case_row *row; /* as it is now; NULL: not for this person's eyes */
    struct str summary;         /* with the row */
    i64 feedbacks;
};
/* Valid during the call. */
typedef void finding_done(void *arg, const struct finding_result *r);
/* Texts are copied. done runs exactly once. */
void finding_bring(const struct staff_ask *a, const struct finding *f, finding_done *done, void *arg);
/* Answers with it behind the members that `body` has begun an object with: "case", "receipt", … and the lines of the slip. Frees it. */
void finding_answer(const struct staff_ask *a, const struct finding_result *r, struct text *body);
