/* What the tests of io/db share: a server of their own, a table of statements, waiting for a condition, and noting how
 * a call ended. Included once per test program. */
#pragma once
#include "io/db.h"
#include "base/log.h"
#include "io/db_tool.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define PATIENCE SPAN_S(60) /* a condition that does not come in this time fails the test */

enum {
    ADD,
    ADD_REF,
    COUNT,
    SLEEP,
    SLEEP_UNLIMITED,
    NOTHING,
    FILL,
    TYPES,
    NULLS,
    READ_ALL,
    DIE,
    NOTIFY,
    BAD,
    COLUMN,
    STATEMENTS
};
static const struct db_stmt table[STATEMENTS] = {
    [ADD] = {"add", "insert into item (id, words) values ($1, $2)", 2, {DB_INT8, DB_TEXT}},
    [ADD_REF] = {"add_ref", "insert into ref (id, item) values ($1, $2)", 2, {DB_INT8, DB_INT8}},
    [COUNT] = {"count", "select count(*) from item", 0, {0}},
    [SLEEP] = {"sleep", "select pg_sleep($1)", 1, {DB_FLOAT8}},
    [SLEEP_UNLIMITED] = {"sleep_unlimited", "select set_config('statement_timeout', '0', true)", 0, {0}},
    [NOTHING] = {"nothing", "select $1::int8", 1, {DB_INT8}},
    [FILL] = {"fill",
              "insert into item (id, words, raw, moment, flag, weight, extra)"
              " select * from unnest($1::int8[], $2::text[], $3::bytea[], $4::timestamptz[], $5::bool[],"
              " $6::float8[], $7::jsonb[])",
              7,
              {DB_INT8S, DB_TEXTS, DB_BYTEAS, DB_TIMESTAMPTZS, DB_BOOLS, DB_FLOAT8S, DB_JSONBS}},
    [TYPES] = {"types",
               "select $1::int2, $2::int4, $3::int8, $4::bool, 1.5::float4, $5::float8, $6::text,"
               " $6::varchar, $6::name, $7::bytea, $8::jsonb, $9::timestamptz, 'red'::colour,"
               " $10::int4[], 'infinity'::timestamptz, $6::bpchar, '{\"a\":1}'::json",
               10,
               {DB_INT2, DB_INT4, DB_INT8, DB_BOOL, DB_FLOAT8, DB_TEXT, DB_BYTEA, DB_JSONB, DB_TIMESTAMPTZ,
                DB_INT4S}},
    [NULLS] = {"nulls",
               "select $1::int8, $2::text, $3::timestamptz, $4::bool, $5::float8, $6::jsonb",
               6,
               {DB_INT8, DB_TEXT, DB_TIMESTAMPTZ, DB_BOOL, DB_FLOAT8, DB_JSONB}},
    [READ_ALL] = {"read_all",
                  "select id, words, raw, moment, flag, weight, extra from item order by id",
                  0,
                  {0}},
    [DIE] = {"die", "select pg_terminate_backend(pg_backend_pid())", 0, {0}},
    [NOTIFY] = {"notify", "select pg_notify('event', $1)", 1, {DB_TEXT}},
    [BAD] = {"bad", "select no_such_column from item", 0, {0}},
    [COLUMN] = {"column", "select * from shape", 0, {0}},
};
static const struct db_stmt *const statements[] = {
    &table[ADD],     &table[ADD_REF], &table[COUNT],  &table[SLEEP], &table[SLEEP_UNLIMITED],
    &table[NOTHING], &table[FILL],    &table[TYPES],  &table[NULLS], &table[READ_ALL],
    &table[DIE],     &table[NOTIFY],  &table[COLUMN],
};
static const struct db_stmt *const with_bad[] = {&table[ADD], &table[BAD], &table[COUNT]};

static char folder[64], conninfo[256];
static struct loop *loop;
static struct db *db;

/* --- small tools --- */

static inline void pg(const char *words)
{
    char line[400];
    snprintf(line, sizeof line, "%s/tests/pg.sh %s > %s.said", TREE, words, folder);
    assert_int_equal(system(line), 0);
}

static inline void start_server(const char *options)
{
    char words[200];
    snprintf(words, sizeof words, "start %s --fast %s", folder, options);
    pg(words);
    snprintf(words, sizeof words, "%s.said", folder);
    FILE *f = fopen(words, "r");
    assert_non_null(f);
    assert_non_null(fgets(conninfo, sizeof conninfo, f));
    conninfo[strcspn(conninfo, "\n")] = '\0';
    fclose(f);
}

static inline void server(const char *what)
{
    char words[128];
    snprintf(words, sizeof words, "%s %s", what, folder);
    pg(words);
}

/* Runs SQL on a connection of its own and gives the first field as a number. */
static inline i64 ask(const char *sql)
{
    const char *error = "";
    struct db_tool *t = db_tool_open(conninfo, &error);
    if (!t) fail_msg("%s", error);
    struct db_rows *r = db_tool_query(t, sql, 0, NULL, &error);
    if (!r) fail_msg("%s", error);
    i64 v = db_rows_count(r) && db_rows_text(r, 0, 0) ? strtoll(db_rows_text(r, 0, 0), NULL, 10) : -1;
    db_rows_free(&r);
    db_tool_close(&t);
    return v;
}

static inline void script(const char *sql)
{
    const char *error = "";
    struct db_tool *t = db_tool_open(conninfo, &error);
    if (!t) fail_msg("%s", error);
    if (!db_tool_script(t, sql, &error)) fail_msg("%s", error);
    db_tool_close(&t);
}

static struct {
    bool (*met)(const void *arg);
    const void *arg;
    bool late;
} wait_for;

static inline void check_wait(void *arg)
{
    (void)arg;
    if (wait_for.met && wait_for.met(wait_for.arg)) loop_stop(loop);
}

static inline void patience_over(struct timer *t)
{
    (void)t;
    wait_for.late = true;
    loop_stop(loop);
}

/* Runs the loop until the condition holds. */
static inline void until(bool (*met)(const void *), const void *arg)
{
    struct timer guard = {.fire = patience_over};
    if (met(arg)) return;
    wait_for.met = met;
    wait_for.arg = arg;
    wait_for.late = false;
    timer_set(loop, &guard, PATIENCE);
    loop_run(loop);
    timer_stop(&guard);
    wait_for.met = NULL;
    assert_false(wait_for.late);
}

static inline bool lane_is_up(const void *arg) { return db_lane_up(arg); }
static inline bool lane_is_down(const void *arg) { return !db_lane_up(arg); }
static inline bool lane_is_idle(const void *arg) { return db_lane_idle(arg); }
static inline bool listen_is_up(const void *arg) { return db_listen_up(arg); }
static inline bool listen_is_down(const void *arg) { return !db_listen_up(arg); }

static struct db *open_db(const char *const *hosts, size_t n, span connect, span statement)
{
    struct db_config cfg = {.hosts = hosts,
                            .n_hosts = n,
                            .application = "test",
                            .connect_deadline = connect,
                            .statement_deadline = statement};
    return db_new(loop, &cfg);
}

static inline struct db_lane *open_lane_with(span statement, int n, int depth, int queue)
{
    const char *hosts[] = {conninfo};
    db = open_db(hosts, 1, SPAN_S(20), statement);
    struct db_lane *l = db_lane_open(db, "lane", n, depth, queue, statements, ARRAY_LEN(statements));
    until(lane_is_up, l);
    return l;
}

static inline struct db_lane *open_lane(int n, int depth, int queue)
{
    return open_lane_with(SPAN_S(60), n, depth, queue); /* also over a restart of the server */
}

/* What a call ended with. */
struct ending {
    int count;
    enum db_end end;
    struct db_error error;
    i64 number; /* first field of the last result */
    bool inside_send;
};
static bool sending;

static inline void note(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct ending *e = arg;
    e->count++;
    e->end = end;
    e->inside_send = sending;
    if (error) e->error = *error;
    assert_int_equal(error == NULL, end == DB_OK);
    if (end == DB_OK && db_rows(results[n - 1]) == 1 && n == 1) {
        if (!db_is_null(results[0], 0, 0)) e->number = 1;
    }
}

static inline bool ended(const void *arg) { return ((const struct ending *)arg)->count > 0; }

static inline bool send(struct db_lane *l, struct db_call *c)
{
    sending = true;
    bool ok = db_call_send(l, c);
    sending = false;
    return ok;
}

static inline struct db_params *item(i64 id, struct str words)
{
    struct db_params *p = db_params_new(&table[ADD]);
    db_put_i64(p, id);
    db_put_text(p, words);
    return p;
}

static inline struct db_params *ref(i64 id, i64 to)
{
    struct db_params *p = db_params_new(&table[ADD_REF]);
    db_put_i64(p, id);
    db_put_i64(p, to);
    return p;
}

static inline struct db_params *seconds(double s)
{
    struct db_params *p = db_params_new(&table[SLEEP]);
    db_put_f64(p, s);
    return p;
}

static inline struct db_call *nothing(struct ending *e)
{
    struct db_call *c = db_call_new(note, e);
    struct db_params *p = db_params_new(&table[NOTHING]);
    db_put_i64(p, 1);
    db_call_add(c, &table[NOTHING], p);
    return c;
}

static inline struct db_call *sleeping(struct ending *e, double s)
{
    struct db_call *c = db_call_new(note, e);
    db_call_add(c, &table[SLEEP_UNLIMITED], NULL);
    db_call_add(c, &table[SLEEP], seconds(s));
    return c;
}

static inline void works(struct db_lane *l)
{
    struct ending e = {0};
    assert_true(send(l, nothing(&e)));
    until(ended, &e);
    assert_int_equal(e.end, DB_OK);
    assert_false(e.inside_send);
}

/* --- frame --- */

static inline int fresh(void **state)
{
    (void)state;
    loop = loop_new();
    loop_on_turn_end(loop, check_wait, NULL);
    script("drop table if exists ref, item, shape; drop type if exists colour;"
           "create type colour as enum ('red');"
           "create table shape (a int); insert into shape values (1);"
           "create table item (id int8 primary key, words text, raw bytea, moment timestamptz, flag bool,"
           " weight float8, extra jsonb);"
           "create table ref (id int8 primary key, item int8 not null references item deferrable initially "
           "deferred)");
    return 0;
}

static inline int clear(void **state)
{
    (void)state;
    db_free(&db);
    loop_free(&loop);
    return 0;
}

static inline int group_setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    snprintf(folder, sizeof folder, "/tmp/msd-db-%d", (int)getpid());
    start_server("");
    return 0;
}

static inline int group_teardown(void **state)
{
    (void)state;
    char said[80];
    server("drop");
    snprintf(said, sizeof said, "%s.said", folder);
    unlink(said);
    return 0;
}

#define ONE(f) cmocka_unit_test_setup_teardown(f, fresh, clear)
