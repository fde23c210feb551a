/* Calls against a real PostgreSQL of the test's own: what is told as stored is stored, what failed left nothing,
 * and every way a server can go away ends each call once. */
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

#define PATIENCE SPAN_S(30) /* a condition that does not come in this time fails the test */

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
    MY_PID,
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
    [MY_PID] = {"my_pid", "select pg_backend_pid()", 0, {0}},
    [NOTIFY] = {"notify", "select pg_notify('event', $1)", 1, {DB_TEXT}},
    [BAD] = {"bad", "select no_such_column from item", 0, {0}},
    [COLUMN] = {"column", "select * from shape", 0, {0}},
};
static const struct db_stmt *const statements[] = {
    &table[ADD],     &table[ADD_REF], &table[COUNT],  &table[SLEEP],  &table[SLEEP_UNLIMITED],
    &table[NOTHING], &table[FILL],    &table[TYPES],  &table[NULLS],  &table[READ_ALL],
    &table[DIE],     &table[MY_PID],  &table[NOTIFY], &table[COLUMN],
};
static const struct db_stmt *const with_bad[] = {&table[ADD], &table[BAD], &table[COUNT]};

static char folder[64], conninfo[256];
static struct loop *loop;
static struct db *db;

/* --- small tools --- */

static void pg(const char *words)
{
    char line[400];
    snprintf(line, sizeof line, "%s/tests/pg.sh %s > %s.said", TREE, words, folder);
    assert_int_equal(system(line), 0);
}

static void start_server(const char *options)
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

static void server(const char *what)
{
    char words[128];
    snprintf(words, sizeof words, "%s %s", what, folder);
    pg(words);
}

/* Runs SQL on a connection of its own and gives the first field as a number. */
static i64 ask(const char *sql)
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

static void script(const char *sql)
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

static void check_wait(void *arg)
{
    (void)arg;
    if (wait_for.met && wait_for.met(wait_for.arg)) loop_stop(loop);
}

static void patience_over(struct timer *t)
{
    (void)t;
    wait_for.late = true;
    loop_stop(loop);
}

/* Runs the loop until the condition holds. */
static void until(bool (*met)(const void *), const void *arg)
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

static bool lane_is_up(const void *arg) { return db_lane_up(arg); }
static bool lane_is_down(const void *arg) { return !db_lane_up(arg); }
static bool lane_is_idle(const void *arg) { return db_lane_idle(arg); }
static bool listen_is_up(const void *arg) { return db_listen_up(arg); }
static bool listen_is_down(const void *arg) { return !db_listen_up(arg); }

static struct db *open_db(const char *const *hosts, size_t n, span connect, span statement)
{
    struct db_config cfg = {.hosts = hosts,
                            .n_hosts = n,
                            .application = "test",
                            .connect_deadline = connect,
                            .statement_deadline = statement};
    return db_new(loop, &cfg);
}

static struct db_lane *open_lane_with(span statement, int n, int depth, int queue)
{
    const char *hosts[] = {conninfo};
    db = open_db(hosts, 1, SPAN_S(3), statement);
    struct db_lane *l = db_lane_open(db, "lane", n, depth, queue, statements, ARRAY_LEN(statements));
    until(lane_is_up, l);
    return l;
}

static struct db_lane *open_lane(int n, int depth, int queue)
{
    return open_lane_with(SPAN_S(10), n, depth, queue);
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

static void note(void *arg, enum db_end end, const struct db_result *const *results, int n,
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

static bool ended(const void *arg) { return ((const struct ending *)arg)->count > 0; }

static bool send(struct db_lane *l, struct db_call *c)
{
    sending = true;
    bool ok = db_call_send(l, c);
    sending = false;
    return ok;
}

static struct db_params *item(i64 id, struct str words)
{
    struct db_params *p = db_params_new(&table[ADD]);
    db_put_i64(p, id);
    db_put_text(p, words);
    return p;
}

static struct db_params *ref(i64 id, i64 to)
{
    struct db_params *p = db_params_new(&table[ADD_REF]);
    db_put_i64(p, id);
    db_put_i64(p, to);
    return p;
}

static struct db_params *seconds(double s)
{
    struct db_params *p = db_params_new(&table[SLEEP]);
    db_put_f64(p, s);
    return p;
}

static struct db_call *nothing(struct ending *e)
{
    struct db_call *c = db_call_new(note, e);
    struct db_params *p = db_params_new(&table[NOTHING]);
    db_put_i64(p, 1);
    db_call_add(c, &table[NOTHING], p);
    return c;
}

static struct db_call *sleeping(struct ending *e, double s)
{
    struct db_call *c = db_call_new(note, e);
    db_call_add(c, &table[SLEEP_UNLIMITED], NULL);
    db_call_add(c, &table[SLEEP], seconds(s));
    return c;
}

static void works(struct db_lane *l)
{
    struct ending e = {0};
    assert_true(send(l, nothing(&e)));
    until(ended, &e);
    assert_int_equal(e.end, DB_OK);
    assert_false(e.inside_send);
}

/* --- storing --- */

static void two_statements_one_transaction(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 1, 8);
    struct ending good = {0}, bad = {0};
    struct db_call *c = db_call_new(note, &good);
    db_call_add(c, &table[ADD], item(1, STR("one")));
    db_call_add(c, &table[ADD_REF], ref(1, 1));
    assert_true(send(l, c));
    assert_int_equal(good.count, 0);
    until(ended, &good);
    assert_int_equal(good.end, DB_OK);
    assert_false(good.inside_send);
    assert_int_equal(ask("select count(*) from item join ref on ref.item = item.id"), 1);

    c = db_call_new(note,
                    &bad); /* the third repeats a key: the first two go with it, the fourth is not run */
    db_call_add(c, &table[ADD], item(2, STR("two")));
    db_call_add(c, &table[ADD], item(3, STR("three")));
    db_call_add(c, &table[ADD], item(1, STR("one again")));
    db_call_add(c, &table[ADD], item(4, STR("four")));
    assert_true(send(l, c));
    until(ended, &bad);
    assert_int_equal(bad.end, DB_FAILED);
    assert_string_equal(bad.error.sqlstate, "23505");
    assert_string_equal(bad.error.constraint, "item_pkey");
    assert_int_equal(bad.error.statement, 2);
    assert_int_equal(ask("select count(*) from item"), 1);
    works(l); /* the connection lives on */
    struct db_lane_counters n;
    db_lane_counters(l, &n);
    assert_int_equal(n.connects, 1);
    assert_int_equal(n.calls, 3);
    assert_int_equal(n.failed, 1);
}

/* Every statement says OK; the commit does not. */
static void deferred_constraint(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 4, 8);
    struct ending e[3] = {0};
    for (int i = 0; i < 3; i++) { /* the neighbours in the pipeline must not be touched by it */
        struct db_call *c = db_call_new(note, &e[i]);
        db_call_add(c, &table[ADD], item(10 + i, STR("x")));
        db_call_add(c, &table[ADD_REF], ref(10 + i, i == 1 ? 999 : 10));
        assert_true(send(l, c));
    }
    until(lane_is_idle, l);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(e[i].count, 1);
        assert_int_equal(e[i].end, i == 1 ? DB_FAILED : DB_OK);
    }
    assert_string_equal(e[1].error.sqlstate, "23503");
    assert_string_equal(e[1].error.constraint, "ref_item_fkey");
    assert_int_equal(e[1].error.statement, 2);
    assert_int_equal(ask("select count(*) from item"), 2);
}

struct many {
    struct db_lane *lane;
    int sent, ended, good;
    i64 last;
};

static void one_of_many(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct many *m = arg;
    (void)error;
    (void)n;
    m->ended++;
    m->good += end == DB_OK && db_get_i64(results[0], 0, 0) == m->last + 1; /* in the order sent */
    m->last++;
    if (m->sent >= 1000) return;
    struct db_call *c = db_call_new(one_of_many, m); /* from inside done */
    struct db_params *p = db_params_new(&table[NOTHING]);
    db_put_i64(p, ++m->sent);
    db_call_add(c, &table[NOTHING], p);
    assert_true(db_call_send(m->lane, c));
}

static bool many_done(const void *arg) { return ((const struct many *)arg)->ended == 1000; }

static void thousand_calls(void **state)
{
    (void)state;
    struct many m = {.lane = open_lane(1, 4, 100)};
    while (m.sent < 50) {
        struct db_call *c = db_call_new(one_of_many, &m);
        struct db_params *p = db_params_new(&table[NOTHING]);
        db_put_i64(p, ++m.sent);
        db_call_add(c, &table[NOTHING], p);
        assert_true(send(m.lane, c));
    }
    struct db_lane_counters n;
    db_lane_counters(m.lane, &n);
    assert_int_equal(n.out_now, 4);
    assert_int_equal(n.queued_now, 46);
    until(many_done, &m);
    assert_int_equal(m.good, 1000);
    assert_true(db_lane_idle(m.lane));
}

static void queue_is_bounded(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 1, 2);
    struct ending e[3] = {0}, refused = {0};
    for (int i = 0; i < 3; i++) assert_true(send(l, nothing(&e[i])));
    assert_false(send(l, nothing(&refused)));
    until(lane_is_idle, l);
    for (int i = 0; i < 3; i++) assert_int_equal(e[i].end == DB_OK && e[i].count == 1, 1);
    assert_int_equal(refused.count, 0);

    /* 33 MiB in one call is refused before it goes anywhere; 31 MiB goes through. */
    char *big = malloc(33u << 20);
    struct db_call *c = db_call_new(note, &refused);
    assert_non_null(big);
    memset(big, 'x', 33u << 20);
    db_call_add(c, &table[ADD], item(1, (struct str){big, 33u << 20}));
    assert_false(send(l, c));
    struct ending stored = {0};
    c = db_call_new(note, &stored);
    db_call_add(c, &table[ADD], item(1, (struct str){big, 31u << 20}));
    assert_true(send(l, c));
    until(ended, &stored);
    assert_int_equal(stored.end, DB_OK);
    assert_int_equal(refused.count, 0);
    assert_int_equal(ask("select length(words) from item"), 31 << 20);
    free(big);
}

/* --- values --- */

static void types_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct ending *e = arg;
    const struct db_result *r = results[0];
    e->count++;
    if (end != DB_OK) fail_msg("%s", error->message);
    assert_int_equal(n, 1);
    assert_int_equal(db_rows(r), 1);
    assert_int_equal(db_get_i64(r, 0, 0), -32768);
    assert_int_equal(db_get_i64(r, 0, 1), INT32_MIN);
    assert_true(db_get_i64(r, 0, 2) == INT64_MIN);
    assert_true(db_get_bool(r, 0, 3));
    assert_int_equal(db_get_i64(r, 0, 3), 1);
    assert_true(db_get_f64(r, 0, 4) == 1.5);
    assert_true(db_get_f64(r, 0, 5) == -1e300);
    for (int col = 6; col <= 8; col++) assert_true(str_eq(db_get_text(r, 0, col), STR("路灯坏了")));
    assert_true(str_eq(db_get_text(r, 0, 9), STR("\0\xff\x01")));
    assert_true(str_eq(db_get_text(r, 0, 10), STR("{\"灯\": [1, null]}")));
    assert_true(db_get_instant(r, 0, 11).us == -123456789);
    assert_true(str_eq(db_get_text(r, 0, 12), STR("red")));
    assert_false(db_is_null(r, 0, 13));
    assert_true(db_get_instant(r, 0, 14).us == INT64_MAX);
    assert_true(str_eq(db_get_text(r, 0, 15), STR("路灯坏了")));
    assert_true(str_eq(db_get_text(r, 0, 16), STR("{\"a\":1}")));
}

static void nulls_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct ending *e = arg;
    const struct db_result *r = results[0];
    (void)error;
    (void)n;
    e->count++;
    assert_int_equal(end, DB_OK);
    for (int col = 0; col < 6; col++) assert_true(db_is_null(r, 0, col));
    assert_int_equal(db_get_i64(r, 0, 0), 0);
    assert_null(db_get_text(r, 0, 1).p);
    assert_int_equal(db_get_instant(r, 0, 2).us, 0);
    assert_false(db_get_bool(r, 0, 3));
    assert_true(db_get_f64(r, 0, 4) == 0);
    assert_null(db_get_text(r, 0, 5).p);
}

static void values_round_trip(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 1, 8);
    struct ending e = {0}, nulls = {0};
    struct db_call *c = db_call_new(types_done, &e);
    struct db_params *p = db_params_new(&table[TYPES]);
    db_put_i32(p, -32768);
    db_put_i32(p, INT32_MIN);
    db_put_i64(p, INT64_MIN);
    db_put_bool(p, true);
    db_put_f64(p, -1e300);
    db_put_text(p, STR("路灯坏了"));
    db_put_bytes(p, STR("\0\xff\x01"));
    db_put_json(p, STR("{\"灯\": [1, null]}"));
    db_put_instant(p, (instant){-123456789});
    db_array_begin(p, DB_INT4, 0);
    db_array_end(p);
    db_call_add(c, &table[TYPES], p);
    assert_true(send(l, c));
    until(ended, &e);

    c = db_call_new(nulls_done, &nulls);
    p = db_params_new(&table[NULLS]);
    db_put_null(p);
    db_put_text(p, STR_NONE);
    db_put_instant(p, (instant){0});
    db_put_null(p);
    db_put_null(p);
    db_put_json(p, STR_NONE);
    db_call_add(c, &table[NULLS], p);
    assert_true(send(l, c));
    until(ended, &nulls);
}

static void arrays_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct ending *e = arg;
    const struct db_result *r = results[1];
    e->count++;
    if (end != DB_OK) fail_msg("%s", error->message);
    assert_int_equal(n, 2);
    assert_int_equal(db_affected(results[0]), 3);
    assert_int_equal(db_rows(r), 3);
    assert_true(str_eq(db_get_text(r, 0, 1), STR("窗口排队太久")));
    assert_true(db_is_null(r, 1, 1));
    assert_true(str_eq(db_get_text(r, 2, 1), STR("")) && !db_is_null(r, 2, 1));
    assert_true(db_is_null(r, 0, 2));
    assert_true(str_eq(db_get_text(r, 1, 2), STR("\0\x80")));
    assert_true(db_get_instant(r, 0, 3).us == 1773799197123456);
    assert_true(db_is_null(r, 1, 3));
    assert_true(db_get_bool(r, 0, 4) && db_is_null(r, 1, 4) && !db_get_bool(r, 2, 4));
    assert_true(db_get_f64(r, 0, 5) == 0.1 && db_is_null(r, 2, 5));
    assert_true(str_eq(db_get_text(r, 0, 6), STR("{\"a\": \"群众\"}")) && db_is_null(r, 1, 6));
}

static void arrays_round_trip(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 1, 8);
    struct ending e = {0};
    struct db_call *c = db_call_new(arrays_done, &e);
    struct db_params *p = db_params_new(&table[FILL]);
    db_array_begin(p, DB_INT8, 3);
    for (int i = 1; i <= 3; i++) db_put_i64(p, i);
    db_array_end(p);
    db_array_begin(p, DB_TEXT, 3);
    db_put_text(p, STR("窗口排队太久"));
    db_put_text(p, STR_NONE);
    db_put_text(p, STR(""));
    db_array_end(p);
    db_array_begin(p, DB_BYTEA, 3);
    db_put_null(p);
    db_put_bytes(p, STR("\0\x80"));
    db_put_bytes(p, STR(""));
    db_array_end(p);
    db_array_begin(p, DB_TIMESTAMPTZ, 3);
    db_put_instant(p, (instant){1773799197123456});
    db_put_instant(p, (instant){0});
    db_put_instant(p, (instant){1});
    db_array_end(p);
    db_array_begin(p, DB_BOOL, 3);
    db_put_bool(p, true);
    db_put_null(p);
    db_put_bool(p, false);
    db_array_end(p);
    db_array_begin(p, DB_FLOAT8, 3);
    db_put_f64(p, 0.1);
    db_put_f64(p, -0.0);
    db_put_null(p);
    db_array_end(p);
    db_array_begin(p, DB_JSONB, 3);
    db_put_json(p, STR("{\"a\":\"群众\"}"));
    db_put_json(p, STR_NONE);
    db_put_json(p, STR("[]"));
    db_array_end(p);
    db_call_add(c, &table[FILL], p);
    db_call_add(c, &table[READ_ALL], NULL);
    assert_true(send(l, c));
    until(ended, &e);
}

/* --- going wrong --- */

static void server_gives_up_a_statement(void **state)
{
    (void)state;
    struct db_lane *l = open_lane_with(SPAN_MS(500), 1, 1, 8);
    struct ending e = {0};
    struct db_call *c = db_call_new(note, &e);
    db_call_add(c, &table[ADD], item(1, STR("x")));
    db_call_add(c, &table[SLEEP], seconds(30));
    assert_true(send(l, c));
    until(ended, &e);
    assert_int_equal(e.end, DB_FAILED);
    assert_string_equal(e.error.sqlstate, "57014");
    assert_int_equal(e.error.statement, 1);
    works(l);
    struct db_lane_counters n;
    db_lane_counters(l, &n);
    assert_int_equal(n.connects, 1);
}

static void deadline_breaks_the_connection(void **state)
{
    (void)state;
    struct db_lane *l = open_lane_with(SPAN_MS(400), 1, 1, 8);
    struct ending out = {0}, waiting = {0};
    instant start = clock_monotonic();
    assert_true(send(l, sleeping(&out, 30)));
    until(ended, &out);
    span took = instant_sub(clock_monotonic(), start);
    assert_int_equal(out.end, DB_LOST);
    assert_string_equal(out.error.sqlstate, "08006");
    assert_in_range(took.us, 390000, 5000000);
    until(lane_is_up, l);
    works(l);

    /* What waits behind it is never sent in its time: a certain failure, not an unknown outcome. */
    out = (struct ending){0};
    assert_true(send(l, sleeping(&out, 30)));
    assert_true(send(l, nothing(&waiting)));
    until(ended, &waiting);
    if (waiting.end == DB_FAILED)
        assert_string_equal(waiting.error.sqlstate, DB_NEVER_SENT);
    else
        assert_int_equal(waiting.end, DB_OK); /* the new connection was quicker */
    until(lane_is_up, l);
    works(l);
}

static void never_sent(void **state)
{
    (void)state;
    struct db_lane *l = open_lane_with(SPAN_MS(500), 1, 1, 8);
    struct ending out = {0}, waiting = {0};
    assert_true(send(l, sleeping(&out, 30)));
    assert_true(send(l, nothing(&waiting)));
    server("kill"); /* nothing to reconnect to */
    until(ended, &waiting);
    assert_int_equal(out.end, DB_LOST);
    assert_int_equal(waiting.end, DB_FAILED);
    assert_string_equal(waiting.error.sqlstate, DB_NEVER_SENT);
    assert_false(db_lane_up(l));
    struct ending refused = {0};
    assert_false(send(l, nothing(&refused)));
    start_server("");
    until(lane_is_up, l);
    works(l);
    assert_int_equal(refused.count, 0);
}

static void killed_backend(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 2, 8);
    struct ending e[4] = {0};
    i64 pid = ask("select pid from pg_stat_activity where application_name = 'test lane'");
    assert_true(pid > 1);
    assert_true(send(l, sleeping(&e[0], 30)));
    assert_true(send(l, nothing(&e[1]))); /* out behind it */
    assert_true(send(l, nothing(&e[2]))); /* queued: waits for the next connection */
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
    until(ended, &e[2]);
    assert_int_equal(e[0].end, DB_LOST);
    assert_int_equal(e[1].end, DB_LOST);
    assert_int_equal(e[2].end, DB_OK);
    for (int i = 0; i < 3; i++) assert_int_equal(e[i].count, 1);
    works(l);
}

/* A server that ends the session politely in the middle of a call. */
static void terminated_backend(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 1, 8);
    struct ending e = {0};
    struct db_call *c = db_call_new(note, &e);
    db_call_add(c, &table[ADD], item(1, STR("x")));
    db_call_add(c, &table[DIE], NULL);
    assert_true(send(l, c));
    until(ended, &e);
    assert_int_equal(e.end, DB_LOST);
    until(lane_is_up, l);
    works(l);
    assert_int_equal(ask("select count(*) from item"), 0);
}

static void restart(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(3, 2, 8);
    works(l);
    server("stop");
    until(lane_is_down, l);
    struct ending e = {0};
    assert_false(send(l, nothing(&e)));
    start_server("");
    until(lane_is_up, l);
    works(l);
    server("kill");
    until(lane_is_down, l);
    start_server("");
    until(lane_is_up, l);
    works(l);
}

/* Stopped processes keep their sockets open: only our own deadline can notice. */
static void frozen_server(void **state)
{
    (void)state;
    struct db_lane *l = open_lane_with(SPAN_MS(600), 1, 1, 8);
    struct ending e = {0};
    i64 pid = ask("select pid from pg_stat_activity where application_name = 'test lane'");
    i64 main_pid = ask("select pg_read_file('postmaster.pid', 0, 20)");
    assert_true(pid > 1 && main_pid > 1);
    kill((pid_t)main_pid, SIGSTOP);
    kill((pid_t)pid, SIGSTOP);
    assert_true(send(l, nothing(&e)));
    until(ended, &e);
    assert_int_equal(e.end, DB_LOST);
    assert_false(db_lane_up(l));
    kill((pid_t)pid, SIGCONT);
    kill((pid_t)main_pid, SIGCONT);
    until(lane_is_up, l);
    works(l);
}

static void dead_first_host(void **state)
{
    (void)state;
    /* A port where nothing listens, a folder with no socket, then the server. */
    const char *hosts[] = {"host=127.0.0.1 port=9 user=postgres dbname=postgres",
                           "host=/nonexistent user=postgres dbname=postgres", conninfo};
    instant start = clock_monotonic();
    db = open_db(hosts, ARRAY_LEN(hosts), SPAN_S(2), SPAN_S(5));
    struct db_lane *l = db_lane_open(db, "lane", 1, 1, 8, statements, ARRAY_LEN(statements));
    until(lane_is_up, l);
    works(l);
    assert_true(instant_sub(clock_monotonic(), start).us < 2000000); /* one round without pauses */
}

static void silent_first_host(void **state)
{
    (void)state;
    /* Accepts by its backlog and never says a word. */
    char line[128];
    snprintf(line, sizeof line, "%s.silent", folder);
    int pair[2];
    char word[16] = "";
    assert_int_equal(pipe(pair), 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
        char fd[8];
        snprintf(fd, sizeof fd, "%d", pair[1]);
        execlp("python3", "python3", "-c",
               "import socket,sys,os,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen(5)\n"
               "os.write(int(sys.argv[1]),b'%d\\n'%s.getsockname()[1])\ntime.sleep(120)",
               fd, (char *)NULL);
        _exit(127);
    }
    assert_true(read(pair[0], word, sizeof word - 1) > 1);
    close(pair[0]);
    close(pair[1]);
    snprintf(line, sizeof line, "host=127.0.0.1 port=%d user=postgres dbname=postgres", atoi(word));
    const char *hosts[] = {line, conninfo};
    db = open_db(hosts, 2, SPAN_MS(300), SPAN_S(5));
    struct db_lane *l = db_lane_open(db, "lane", 2, 1, 8, statements, ARRAY_LEN(statements));
    until(lane_is_up, l);
    works(l);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* A program newer than its database: the lane never takes calls, and comes up by itself after the migration. */
static void statement_that_does_not_prepare(void **state)
{
    (void)state;
    const char *hosts[] = {conninfo};
    db = open_db(hosts, 1, SPAN_S(2), SPAN_S(5));
    struct db_lane *good = db_lane_open(db, "good", 1, 1, 8, statements, ARRAY_LEN(statements));
    struct db_lane *l = db_lane_open(db, "bad", 1, 1, 8, with_bad, ARRAY_LEN(with_bad));
    until(lane_is_up, good);
    for (int i = 0; i < 20; i++) works(good);
    struct ending e = {0};
    assert_false(send(l, nothing(&e)));
    script("alter table item add column no_such_column int");
    until(lane_is_up, l);
}

/* A migration beside a running gateway: the plan is stale once, the connection renews itself. */
static void changed_table(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 1, 8);
    struct ending e[3] = {0};
    for (int i = 0; i < 2; i++) {
        struct db_call *c = db_call_new(note, &e[i]);
        db_call_add(c, &table[COLUMN], NULL);
        assert_true(send(l, c));
        until(ended, &e[i]);
        if (i == 0) script("alter table shape add column more text");
    }
    assert_int_equal(e[0].end, DB_OK);
    assert_int_equal(e[1].end, DB_FAILED);
    assert_string_equal(e[1].error.sqlstate, "0A000");
    until(lane_is_down, l);
    until(lane_is_up, l);
    struct db_call *c = db_call_new(note, &e[2]);
    db_call_add(c, &table[COLUMN], NULL);
    assert_true(send(l, c));
    until(ended, &e[2]);
    assert_int_equal(e[2].end, DB_OK);
}

static void freed_with_calls_out(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(2, 1, 8);
    struct ending e[4] = {0};
    for (int i = 0; i < 4; i++) assert_true(send(l, sleeping(&e[i], 30)));
    db_free(&db);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(e[i].count, 1);
        assert_int_equal(e[i].end, DB_LOST);
    }
}

/* --- listening --- */

struct heard {
    int ups, notes;
    char words[64];
};

static void on_note(void *arg, const char *channel, struct str payload)
{
    struct heard *h = arg;
    h->notes++;
    snprintf(h->words, sizeof h->words, "%s %.*s", channel, STR_ARG(payload));
}
static void on_up(void *arg) { ((struct heard *)arg)->ups++; }
static bool heard_one(const void *arg) { return ((const struct heard *)arg)->notes > 0; }
static bool heard_up(const void *arg) { return ((const struct heard *)arg)->ups > 0; }

static const char *const channels[] = {"event", "odd \"name\"", NULL};

static void listening(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 1, 8);
    struct heard h = {0};
    struct db_listen *li = db_listen_open(db, channels, on_note, on_up, &h);
    until(heard_up, &h);
    struct ending e = {0};
    struct db_call *c = db_call_new(note, &e);
    struct db_params *p = db_params_new(&table[NOTIFY]);
    db_put_text(p, STR("案件 7"));
    db_call_add(c, &table[NOTIFY], p);
    assert_true(send(l, c));
    until(heard_one, &h);
    assert_string_equal(h.words, "event 案件 7");
    h.notes = 0;
    script("notify \"odd \"\"name\"\"\", 'x'");
    until(heard_one, &h);
    assert_string_equal(h.words, "odd \"name\" x");

    h = (struct heard){0};
    ask("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test listen'");
    until(heard_up, &h); /* told once more, after the gap */
    assert_int_equal(h.ups, 1);
    script("notify event, 'again'");
    until(heard_one, &h);
    assert_string_equal(h.words, "event again");
    assert_true(db_listen_up(li));
}

static void frozen_listener(void **state)
{
    (void)state;
    struct heard h = {0};
    const char *hosts[] = {conninfo};
    db = open_db(hosts, 1, SPAN_MS(500), SPAN_S(5));
    struct db_listen *li = db_listen_open(db, channels, on_note, on_up, &h);
    until(listen_is_up, li);
    i64 pid = ask("select pid from pg_stat_activity where application_name = 'test listen'");
    kill((pid_t)pid, SIGSTOP);
    until(listen_is_down, li); /* its sign of life stays out */
    until(listen_is_up, li);   /* by a new backend */
    assert_int_equal(h.ups, 2);
    kill((pid_t)pid, SIGCONT);
    script("notify event, 'after'");
    until(heard_one, &h);
}

/* --- frame --- */

static int fresh(void **state)
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

static int clear(void **state)
{
    (void)state;
    db_free(&db);
    loop_free(&loop);
    return 0;
}

static int group_setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    snprintf(folder, sizeof folder, "/tmp/msd-db-%d", (int)getpid());
    start_server("");
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    char said[80];
    server("drop");
    snprintf(said, sizeof said, "%s.said", folder);
    unlink(said);
    return 0;
}

int main(void)
{
#define ONE(f) cmocka_unit_test_setup_teardown(f, fresh, clear)
    const struct CMUnitTest tests[] = {
        ONE(two_statements_one_transaction),
        ONE(deferred_constraint),
        ONE(thousand_calls),
        ONE(queue_is_bounded),
        ONE(values_round_trip),
        ONE(arrays_round_trip),
        ONE(server_gives_up_a_statement),
        ONE(deadline_breaks_the_connection),
        ONE(never_sent),
        ONE(killed_backend),
        ONE(terminated_backend),
        ONE(restart),
        ONE(frozen_server),
        ONE(dead_first_host),
        ONE(silent_first_host),
        ONE(statement_that_does_not_prepare),
        ONE(changed_table),
        ONE(freed_with_calls_out),
        ONE(listening),
        ONE(frozen_listener),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
