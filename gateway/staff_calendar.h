/* The desk of calendars: years as they count, a year entered by 综合办公室 and put into force by a second person, and which deadlines it
 * concerns, told before. Included by gateway/staff_calendar*.c, staff_routes.c for the routes and statements.c for the statements.
 *
 * Deadlines already running do not move (docs/manual.md, Calendars); those that wait for a year get theirs when it is loaded. */
#pragma once
#include "staff_part.h"
#include "core/workdays.h"

staff_handler calendar_desk, calendar_year, calendar_preview, calendar_draft_new, calendar_draft_read,
    calendar_draft_step;

extern const struct db_stmt *const calendar_statements[];
extern const size_t n_calendar_statements;
extern const struct db_stmt stmt_calendar_running, stmt_calendar_acts, stmt_calendar_draft_save,
    stmt_calendar_draft_step;

#define CALENDAR_WRITERS    ROLE_BIT(ROLE_REGISTRY)
#define CALENDAR_CONFIRMERS (CALENDAR_WRITERS | ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_LEADER))
#define CALENDAR_READERS                                                                                     \
    (CALENDAR_CONFIRMERS | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_ACCOUNTABILITY) |                       \
     ROLE_BIT(ROLE_CALLBACK) | ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_AUDITOR))

/* A year as somebody wants it: judged days, and all years with it. */
struct calendar_wish {
    int year;
    size_t n;
    struct workday_row *rows; /* by date, in the arena they were read into */
    struct str *names;
    i64 first,
        last; /* the days from the first to the last that differ from what is in force; first > last: none */
    struct workdays before, after;
};
/* year and days of a body. False: refused. The register must be ready. */
bool calendar_wish_read(const struct staff_ask *a, const struct json *doc, struct arena *arena,
                        struct calendar_wish *w_r) MUST_CHECK;
void calendar_wish_json(const struct calendar_wish *w, struct text *t); /* the days, as they are stored */

/* Is the coming year without a calendar although it is October or later in China? What is due next year could then not be counted. */
bool calendar_late(const struct gateway *g);
