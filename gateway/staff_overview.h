/* What the pages of the overview share: their question. Included by staff_overview*.c, and by staff_routes.c and staff_statements.c. */
#pragma once
#include "staff_part.h"

struct overview_ask {
    struct staff_ask ask;
    i64 from, to; /* days in China, both included */
    i64 unit;     /* 0: all that the person may see */
    char by[8];   /* of the rates: "day", "week" or "month" */
    instant now;
};
/* from, to and unit of the query; the last 30 days when absent. False: refused. */
bool overview_ask(const struct staff_ask *a, const struct http_in *in, struct overview_ask *q_r) MUST_CHECK;
/* The three parameters from, until and unit (NULL: all). */
void overview_put_period(struct db_params *p, const struct overview_ask *q);
void overview_put_unit(struct db_params *p, const struct overview_ask *q);
/* {"from":…,"to":…,"unit":… */
void overview_put_head(const struct overview_ask *q, i64 unit, struct text *t);

extern const struct db_stmt stmt_overview_inflow, stmt_overview_open, stmt_overview_handling,
    stmt_overview_words, stmt_overview_marks, stmt_overview_late;
extern const struct db_stmt stmt_staff_screens, stmt_staff_screen_code, stmt_staff_screen_set,
    stmt_staff_screen_revoke;
staff_handler staff_overview, staff_overview_rates, staff_overview_words;
staff_handler staff_screens, staff_screen_code, staff_screen_set, staff_screen_revoke; /* staff_screens.c */
