#include "io/db_tool.h"
#include "base/log.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOOL_PARAMS_MAX 64

struct db_tool {
    PGconn *conn;
    char sqlstate[6];
    char error[1024];
};

static void note_failure(struct db_tool *t, const PGresult *r, const char *sql, const char **error_r);

/* A `struct db_rows` is libpq's result under a name of our own. */
static PGresult *inner(const struct db_rows *r)
{
    union {
        const struct db_rows *ours;
        PGresult *theirs;
    } u = {.ours = r};
    return u.theirs;
}

static struct db_rows *outer(PGresult *r)
{
    union {
        PGresult *theirs;
        struct db_rows *ours;
    } u = {.theirs = r};
    return u.ours;
}

static void log_notice(void *arg, const PGresult *r)
{
    (void)arg;
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    bool odd = severity && strcmp(severity, "WARNING") == 0;
    log_line(odd ? LOG_WARNING : LOG_INFO, LOG_TOOL, "the database says", "text=\"%s\"", text ? text : "");
}

struct db_tool *db_tool_open(const char *conninfo, const char **error_r)
{
    static char error[512];
    /* What stands before dbname gives way to the connection string, what stands behind it does not. */
    const char *const keys[] = {"connect_timeout", "dbname", "fallback_application_name", "client_encoding",
                                NULL};
    const char *const values[] = {"10", conninfo, "mashangdu tool", "UTF8", NULL};
    PGconn *conn = PQconnectdbParams(keys, values, 1);
    if (PQstatus(conn) != CONNECTION_OK) {
        snprintf(error, sizeof error, "the database cannot be reached: %s", PQerrorMessage(conn));
        *error_r = error;
        PQfinish(conn);
        return NULL;
    }
    struct db_tool *t = MEM_NEW(struct db_tool);
    t->conn = conn;
    PQsetNoticeReceiver(conn, log_notice, NULL);
    const char *why;
    if (!db_tool_script(t, "set timezone to 'UTC'", &why)) {
        snprintf(error, sizeof error, "%s", why);
        *error_r = error;
        db_tool_close(&t);
    }
    return t;
}

void db_tool_close(struct db_tool **t)
{
    if (!*t) return;
    PQfinish((*t)->conn);
    free(*t);
    *t = NULL;
}

static int line_of(const char *sql, const char *position)
{
    int line = 1;
    long left = strtol(position, NULL, 10); /* in characters, from 1 */
    for (; *sql && left > 1; sql++) {
        if (((unsigned char)*sql & 0xc0) != 0x80) left--;
        if (*sql == '\n') line++;
    }
    return line;
}

static void note_failure(struct db_tool *t, const PGresult *r, const char *sql, const char **error_r)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
    const char *hint = PQresultErrorField(r, PG_DIAG_MESSAGE_HINT);
    char where[32] = "";
    snprintf(t->sqlstate, sizeof t->sqlstate, "%s",
             state ? state : "08006"); /* no state: the connection broke */
    if (position) snprintf(where, sizeof where, ", line %d", line_of(sql, position));
    if (!text) text = PQerrorMessage(t->conn);
    if (!*text) text = "the statement gave an answer this program cannot use";
    snprintf(t->error, sizeof t->error, "%s (SQLSTATE %s%s)%s%s", text, t->sqlstate, where, hint ? " " : "",
             hint ? hint : "");
    *error_r = t->error;
}

static bool succeeded(const PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

struct db_rows *db_tool_query(struct db_tool *t, const char *sql, int n, const char *const *params,
                              const char **error_r)
{
    ASSERT(n >= 0 && n <= TOOL_PARAMS_MAX);
    PGresult *r = PQexecParams(t->conn, sql, n, NULL, params, NULL, NULL, 0);
    if (succeeded(r)) return outer(r);
    note_failure(t, r, sql, error_r);
    PQclear(r);
    return NULL;
}

bool db_tool_script(struct db_tool *t, const char *sql, const char **error_r)
{
    PGresult *r = PQexec(t->conn, sql);
    bool ok = succeeded(r) || PQresultStatus(r) == PGRES_EMPTY_QUERY;
    if (!ok) note_failure(t, r, sql, error_r);
    PQclear(r);
    return ok;
}

const char *db_tool_sqlstate(const struct db_tool *t) { return t->sqlstate; }

int db_rows_count(const struct db_rows *r) { return PQntuples(inner(r)); }

i64 db_rows_affected(const struct db_rows *r) { return strtoll(PQcmdTuples(inner(r)), NULL, 10); }

const char *db_rows_text(const struct db_rows *r, int row, int col)
{
    const PGresult *in = inner(r);
    ASSERT(row >= 0 && row < PQntuples(in) && col >= 0 && col < PQnfields(in));
    return PQgetisnull(in, row, col) ? NULL : PQgetvalue(in, row, col);
}

void db_rows_free(struct db_rows **r)
{
    PQclear(inner(*r));
    *r = NULL;
}

bool db_tool_send(struct db_tool *t, const char *sql, const char **error_r)
{
    if (PQsendQuery(t->conn, sql)) return true;
    note_failure(t, NULL, sql, error_r);
    return false;
}

struct db_rows *db_tool_receive(struct db_tool *t, const char **error_r)
{
    PGresult *first = PQgetResult(t->conn);
    for (PGresult *more; first && (more = PQgetResult(t->conn)) != NULL;) PQclear(more);
    if (first && succeeded(first)) return outer(first);
    note_failure(t, first, "", error_r);
    PQclear(first);
    return NULL;
}

bool db_rows_null(const struct db_rows *r, int row, int col) { return PQgetisnull(inner(r), row, col) != 0; }

struct str db_rows_bytes(const struct db_rows *r, int row, int col)
{
    const PGresult *in = inner(r);
    if (PQgetisnull(in, row, col)) return STR_NONE;
    return (struct str){PQgetvalue(in, row, col), (size_t)PQgetlength(in, row, col)};
}

i64 db_rows_i64(const struct db_rows *r, int row, int col)
{
    struct str bytes = db_rows_bytes(r, row, col);
    if (!bytes.p) return 0;
    ASSERT(bytes.n == 1 || bytes.n == 2 || bytes.n == 4 || bytes.n == 8);
    u64 v = (u8)bytes.p[0] & 0x80 && bytes.n > 1 ? UINT64_MAX : 0; /* the sign goes on to the left */
    for (size_t i = 0; i < bytes.n; i++) v = v << 8 | (u8)bytes.p[i];
    return (i64)v;
}

/* PostgreSQL counts from 2000-01-01. */
instant db_rows_instant(const struct db_rows *r, int row, int col)
{
    if (PQgetisnull(inner(r), row, col)) return (instant){0};
    return instant_add((instant){db_rows_i64(r, row, col)}, SPAN_S(946684800));
}
