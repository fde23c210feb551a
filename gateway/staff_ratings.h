/* The desks of ratings: windows and finished matters (staff_services.c), the list of ratings and their figures (staff_ratings.c).
 * Included by those two, staff.c for their routes and serve.c for their statements. */
#pragma once
#include "staff_part.h"

staff_handler staff_windows, staff_kiosk_code, staff_kiosk_revoke, staff_service_finish;
staff_handler staff_ratings, staff_rating_figures;

/* As finder_entered, with what the functions of windows and tablets raise. */
bool rating_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                    const struct db_error *error, struct staff_who *who_r) MUST_CHECK;

extern const struct db_stmt stmt_staff_windows, stmt_staff_kiosks, stmt_staff_kiosk_code,
    stmt_staff_kiosk_revoke, stmt_staff_service_finish, stmt_staff_ratings, stmt_staff_rating_figures;
