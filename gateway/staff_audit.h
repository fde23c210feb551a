/* The desk of the log: who did what, the looks at confidential cases with their reasons, the state of the record, and the settings in
 * force. Included by gateway/staff_audit.c, staff_routes.c for the routes and statements.c for the statements. It changes nothing. */
#pragma once
#include "staff_part.h"
#include "config.h"
#include "core/workdays.h"

staff_handler audit_list, audit_counts, audit_chain, settings_read;
extern const struct db_stmt *const audit_statements[];
extern const size_t n_audit_statements;
