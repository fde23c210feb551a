/* Blocking PostgreSQL for the command-line tools (migrate, import, user, plaque …), never for the daemon.
 * Parameters and results are texts. A failed statement is a sentence in *error_r (valid until the next call). */
#pragma once
#include "base/clock.h"
#include "base/str.h"

struct db_tool;
struct db_rows; /* a result */

/* Waits at most 10 s unless the string says otherwise. Server notices go to the log; the time zone is UTC. */
struct db_tool *db_tool_open(const char *conninfo, const char **error_r);
void db_tool_close(struct db_tool **t);
/* One statement with parameters as NUL-terminated texts (NULL: SQL NULL). NULL on failure. */
struct db_rows *db_tool_query(struct db_tool *t, const char *sql, int n, const char *const *params,
                              const char **error_r);
/* Several statements in one text, as a migration file has them; no parameters. One transaction unless the text
 * has its own begin and commit. */
bool db_tool_script(struct db_tool *t, const char *sql, const char **error_r) MUST_CHECK;
const char *db_tool_sqlstate(const struct db_tool *t); /* of the last failure */
/* Rows that an insert, update, delete, merge or select touched. */
i64 db_rows_affected(const struct db_rows *r);
int db_rows_count(const struct db_rows *r);
const char *db_rows_text(const struct db_rows *r, int row, int col); /* NULL for SQL NULL */
void db_rows_free(struct db_rows **r);

/* --- more rows than fit into memory: the portions of a binary cursor --- */

/* Sends a statement (the next fetch) and does not wait for its rows: the server works while the caller does. Then only
 * db_tool_receive may follow, or db_tool_close. */
bool db_tool_send(struct db_tool *t, const char *sql, const char **error_r) MUST_CHECK;
struct db_rows *db_tool_receive(struct db_tool *t, const char **error_r); /* NULL on failure */
/* Values of a binary cursor. A column of another length than its type has is a bug in the statement and stops the process. */
struct str db_rows_bytes(const struct db_rows *r, int row, int col); /* text, bytea; SQL NULL: .p NULL */
i64 db_rows_i64(const struct db_rows *r, int row, int col);          /* int2, int4, int8, bool; SQL NULL: 0 */
instant db_rows_instant(const struct db_rows *r, int row, int col);  /* timestamptz */
bool db_rows_null(const struct db_rows *r, int row, int col);
