/* The desks of ratings: windows and finished matters (staff_services.c), the list of ratings and their figures (staff_ratings.c).
 * Included by those two, staff_routes.c for their routes and statements.c for their statements. */
#pragma once
#include "staff_part.h"

staff_handler staff_windows, staff_kiosk_code, staff_kiosk_revoke, staff_service_finish;
staff_handler staff_ratings, staff_rating_figures;

/* As staff_granted, with what the functions of windows and tablets raise. */
bool rating_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who_r) MUST_CHECK;

extern const struct db_stmt stmt_staff_windows, stmt_staff_kiosks, stmt_staff_kiosk_code,
    stmt_staff_kiosk_revoke, stmt_staff_service_finish, stmt_staff_ratings, stmt_staff_rating_figures;
/* ,"qr":{"side":…,"path":…}: the code's modules as one SVG path in units of a module, without the quiet zone; null when the words do not
 * fit. Shown by the clerk's page and by the screens of halls. */
void service_put_code(struct str words, struct text *t);
