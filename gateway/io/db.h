/* PostgreSQL over libpq, on the loop, never blocking.
 *
 * A `lane` is a purpose with its own connections (intake, staff, public), so that a slow list never stands in
 * front of a citizen. A `call` is one or more prepared statements sent in one pipeline and closed by one Sync:
 * one transaction. Only a clean PGRES_PIPELINE_SYNC, with nothing failed since the one before, is "stored".
 *
 * A call ends in exactly one of three ways, and the caller must treat them differently:
 *   DB_OK      committed
 *   DB_FAILED  the server refused something in it: nothing of the call is stored
 *   DB_LOST    the connection or a deadline broke while it was out: it may or may not be stored.
 *              Repeat it only when it is idempotent. */
#pragma once
#include "base/str.h"
#include "io/loop.h"

struct db;
struct db_lane;

/* One prepared statement. The tables of statements are static; text never changes. Parameter types are PostgreSQL
 * OIDs, in order; see DB_* below. */
#define DB_PARAMS_MAX     64
#define DB_STATEMENTS_MAX 128 /* in one call */
enum db_type {
    DB_INT4 = 23,
    DB_INT8 = 20,
    DB_TEXT = 25,
    DB_BYTEA = 17,
    DB_BOOL = 16,
    DB_FLOAT8 = 701,
    DB_JSONB = 3802,
    DB_TIMESTAMPTZ = 1184,
    DB_INT4S = 1007,
    DB_INT8S = 1016,
    DB_TEXTS = 1009,
    DB_BYTEAS = 1001,
    DB_BOOLS = 1000,
    DB_FLOAT8S = 1022,
    DB_JSONBS = 3807,
    DB_TIMESTAMPTZS = 1185,
    DB_INT2 = 21,
};
struct db_stmt {
    const char *name; /* unique in the program; the server-side name */
    const char *sql;
    int n_types;
    unsigned types[DB_PARAMS_MAX];
};

/* Parameters are written in binary into a builder that owns the bytes. Order is the order of $1, $2 … A put of
 * another type than the statement names is a bug and stops the process. Texts must be valid UTF-8 without U+0000:
 * the server refuses the whole call otherwise. */
struct db_params;
struct db_params *db_params_new(const struct db_stmt *s);
void db_put_i32(struct db_params *p, int v); /* int4; int2 where the statement says so */
void db_put_i64(struct db_params *p, i64 v);
void db_put_f64(struct db_params *p, double v);
void db_put_bool(struct db_params *p, bool v);
void db_put_text(struct db_params *p, struct str v); /* .p == NULL: SQL NULL, for every str */
void db_put_bytes(struct db_params *p, struct str v);
void db_put_json(struct db_params *p, struct str v); /* jsonb */
void db_put_instant(struct db_params *p, instant v); /* us == 0: NULL */
void db_put_null(struct db_params *p);
/* Arrays for unnest(): begin with the element type (DB_INT8, DB_TEXT …), then one put per element, then end. */
void db_array_begin(struct db_params *p, enum db_type element, size_t n);
void db_array_end(struct db_params *p);

/* Results of one statement; valid only during the done callback, unless the call keeps them. A getter on a column of another type is a bug
 * in the statement and stops the process: cast numeric in SQL. */
struct db_result;
int db_rows(const struct db_result *r);
i64 db_affected(const struct db_result *r); /* rows inserted, updated, deleted */
bool db_is_null(const struct db_result *r, int row, int col);
i64 db_get_i64(const struct db_result *r, int row, int col); /* int2, int4, int8, bool; NULL gives 0 */
double db_get_f64(const struct db_result *r, int row,
                  int col); /* float4, float8, and what db_get_i64 reads */
bool db_get_bool(const struct db_result *r, int row, int col);
/* text, varchar, bpchar, name, bytea, json, jsonb (as text), enums (their label); NULL: .p NULL */
struct str db_get_text(const struct db_result *r, int row, int col);
instant db_get_instant(const struct db_result *r, int row, int col); /* timestamptz; NULL: us 0 */

struct db_error {
    char sqlstate[6];
    char message[256]; /* primary message, for the log; may name no personal data by our SQL's making */
    char constraint[64];
    int statement; /* index in the call; the number of statements when COMMIT itself failed, as a
                             deferred constraint makes it */
};
/* The sqlstate of a DB_FAILED that is ours: the call waited longer than statement_deadline in the queue and was
 * never sent. */
#define DB_NEVER_SENT "MSDQ0"
/* Whether it went wrong for what happened around it and not for what was asked, so that the same may go well in a moment:
 * rolled back for others' sake, a deadlock among it (class 40), no room (53), a lock that somebody else keeps (55), cancelled or
 * the server stopping (57), its disk (58), the connection (08), DB_NEVER_SENT. True for NULL: there was no answer at all. */
bool db_passing(const struct db_error *e);
enum db_end { DB_OK, DB_FAILED, DB_LOST };

struct db_call;
/* done runs exactly once, never before db_call_send returns, on the loop thread; it may send further calls. results[i]
 * belongs to the i-th statement (NULL entries where the call failed before). error is NULL for DB_OK; for DB_LOST
 * its sqlstate is "08006". */
typedef void db_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error);
struct db_call *db_call_new(db_done *done, void *arg);
/* What done is given with DB_OK is the caller's then: each is freed with db_result_free, on any thread. Reading it is safe there too. */
void db_call_keep(struct db_call *c);
void db_result_free(const struct db_result *r);                                    /* NULL is fine */
void db_call_add(struct db_call *c, const struct db_stmt *s, struct db_params *p); /* takes p over */
/* Queues the call and takes it over; a call has at least one statement. False when the lane has no live connection,
 * its queue is full (calls, or 64 MiB of parameters), or the call's own parameters pass 32 MiB: then done is not
 * called and the call is freed. What is queued when the connection breaks waits for the next one, at most
 * statement_deadline. */
bool db_call_send(struct db_lane *lane, struct db_call *c) MUST_CHECK;

struct db_config {
    /* libpq connection strings tried in turn; numeric addresses or socket folders (names would block). A server
     * that takes no writes is passed over unless the string says target_session_attrs=any. */
    const char *const *hosts;
    size_t n_hosts;
    const char *application;
    span connect_deadline; /* per host */
    /* A call that gets no answer for so long, counted from its sending or from the answer before it on the same
     * connection, breaks the connection: DB_LOST. The server is told to give up a single statement after four
     * fifths of it, and a lock after half: then the call ends in a certain DB_FAILED (57014, 55P03). */
    span statement_deadline;
};

/* Opens nothing yet; cfg is copied. */
struct db *db_new(struct loop *l, const struct db_config *cfg);
/* Closes all lanes and listeners. Calls still queued or out end as DB_LOST in here. Never from a callback. */
void db_free(struct db **db);

/* n connections, each with up to `depth` calls in flight (1: strictly one batch at a time), `queue` calls waiting.
 * They connect at once and reconnect for ever with growing pauses, 50 ms up to 2 s. The statements are prepared on
 * connect (one that does not prepare is logged by name and tried again with the next connection); name and the
 * statements must outlive db. */
struct db_lane *db_lane_open(struct db *db, const char *name, int n, int depth, int queue,
                             const struct db_stmt *const *statements, size_t n_statements);
bool db_lane_up(const struct db_lane *lane);   /* at least one connection takes calls */
bool db_lane_idle(const struct db_lane *lane); /* nothing queued, nothing out */
struct db_lane_counters {
    u64 calls, failed, lost, connects, refused;
    u64 queued_now, out_now;
    int up;
};
void db_lane_counters(const struct db_lane *lane, struct db_lane_counters *out);

/* A plain connection that LISTENs. `notified` runs per notification; `up` runs after every (re)connect once the
 * LISTENs are in force: whatever was missed meanwhile must be read from the tables then. The connection is asked
 * for a sign of life every 3 s, so that a frozen server is noticed. channels: NULL-terminated, must outlive db. */
struct db_listen;
struct db_listen *db_listen_open(struct db *db, const char *const *channels,
                                 void (*notified)(void *arg, const char *channel, struct str payload),
                                 void (*up)(void *arg), void *arg);
bool db_listen_up(const struct db_listen *li);
/* A call that will not be sent after all. */
void db_call_drop(struct db_call **c);
