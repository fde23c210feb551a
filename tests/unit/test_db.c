/* Calls against a real PostgreSQL of the test's own: what is told as stored is stored, what failed left nothing, values
 * come back as they went, notifications arrive. */
#include "db_rig.h"

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
    db = open_db(hosts, 1, SPAN_S(5), SPAN_S(5));
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

/* --- the tools' blocking side --- */

static void tool_says_what_is_wrong(void **state)
{
    (void)state;
    const char *error = NULL;
    const char *const row[] = {"7", NULL};
    assert_null(db_tool_open("host=/nonexistent user=postgres", &error));
    assert_non_null(strstr(error, "cannot be reached"));

    struct db_tool *t = db_tool_open(conninfo, &error);
    assert_non_null(t);
    struct db_rows *r =
        db_tool_query(t, "insert into item (id, words) values ($1::text::int8, $2)", 2, row, &error);
    assert_non_null(r);
    assert_int_equal(db_rows_affected(r), 1);
    db_rows_free(&r);
    assert_null(r);
    assert_null(db_tool_query(t, "insert into item (id, words) values ($1::text::int8, $2)", 2, row, &error));
    assert_string_equal(db_tool_sqlstate(t), "23505");
    assert_null(strstr(error, "(7)")); /* the row's values stay out of the sentence */

    /* A script is all or nothing, and its error names the line, counted in characters. */
    assert_false(
        db_tool_script(t, "insert into item (id) values (8);\n-- 中文\nselect nonsense from item;", &error));
    assert_string_equal(db_tool_sqlstate(t), "42703");
    assert_non_null(strstr(error, "line 3"));
    assert_false(db_tool_script(t, "copy item from stdin", &error));
    assert_true(db_tool_script(t, "", &error));
    r = db_tool_query(t, "select id, words, current_setting('timezone') from item", 0, NULL, &error);
    assert_non_null(r);
    assert_int_equal(db_rows_count(r), 1);
    assert_string_equal(db_rows_text(r, 0, 0), "7");
    assert_null(db_rows_text(r, 0, 1));
    assert_string_equal(db_rows_text(r, 0, 2), "UTC");
    db_rows_free(&r);
    db_tool_close(&t);
    assert_null(t);
}

/* --- frame --- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(two_statements_one_transaction),
        ONE(deferred_constraint),
        ONE(thousand_calls),
        ONE(queue_is_bounded),
        ONE(values_round_trip),
        ONE(arrays_round_trip),
        ONE(listening),
        ONE(frozen_listener),
        ONE(tool_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
