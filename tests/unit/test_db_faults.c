/* Every way a server can go away, freeze or refuse ends each call once, and never as stored when it is not. */
#include "db_rig.h"

/* --- going wrong --- */

/* Long enough for an answer on a busy machine where one is due, and short enough to wait for where none is. */
#define DEADLINE SPAN_S(5)

static void server_gives_up_a_statement(void **state)
{
    (void)state;
    struct db_lane *l = open_lane_with(DEADLINE, 1, 1, 8);
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
    struct db_lane *l = open_lane_with(DEADLINE, 1, 1, 8);
    struct ending out = {0}, waiting = {0};
    instant start = clock_monotonic();
    assert_true(send(l, sleeping(&out, 30)));
    until(ended, &out);
    span took = instant_sub(clock_monotonic(), start);
    assert_int_equal(out.end, DB_LOST);
    assert_string_equal(out.error.sqlstate, "08006");
    assert_in_range(took.us, DEADLINE.us - 10000, 29999999); /* and not when the server was done */
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
    struct db_lane *l = open_lane_with(DEADLINE, 1, 1, 8);
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

struct arrival {
    struct watch watch;
    bool came;
};

static void note_arrival(struct watch *w, unsigned got)
{
    struct arrival *a = w->arg;
    a->came = (got & WATCH_READ) != 0;
    watch_set(loop, w, w->fd, 0);
}

static bool arrived(const void *arg) { return ((const struct arrival *)arg)->came; }

static int lowest_free_fd(void)
{
    int fd = dup(STDIN_FILENO);
    assert_true(fd >= 0);
    close(fd);
    return fd;
}

/* libpq closes its socket inside a send that fails, and the next accept() of the same turn gets the number.
 * Whoever comes by it can watch it, and still hears of it when the broken connection has been torn down. */
static void socket_closed_by_a_send(void **state)
{
    (void)state;
    struct db_lane *l = open_lane(1, 2, 8);
    struct ending e[2] = {0};
    int pair[2], free_before = lowest_free_fd();
    server("kill"); /* back when all its processes have gone; no turn of the loop has seen it */
    /* The first is sent into nothing, the second looks why and finds the end. */
    for (int i = 0; i < 2; i++) assert_true(send(l, nothing(&e[i])));
    assert_int_equal(pipe(pair), 0);
    assert_in_range(pair[0], 0, free_before - 1); /* the number was given back in there */

    struct arrival a = {.watch = {.ready = note_arrival, .arg = &a}};
    watch_set(loop, &a.watch, pair[0], WATCH_READ);
    until(ended, &e[0]);
    assert_int_equal(e[0].end, DB_LOST);
    assert_int_equal(write(pair[1], "x", 1), 1);
    until(arrived, &a);
    close(pair[0]);
    close(pair[1]);
    start_server("");
    until(lane_is_up, l);
    works(l);
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
    struct db_lane *l = open_lane_with(DEADLINE, 1, 1, 8);
    struct ending e = {0};
    i64 pid = ask("select pid from pg_stat_activity where application_name = 'test lane'");
    i64 main_pid = ask("select pg_read_file('postmaster.pid', 0, 20)");
    assert_true(pid > 1 && main_pid > 1);
    kill((pid_t)main_pid, SIGSTOP);
    kill((pid_t)pid, SIGSTOP);
    (void)loop_longest_turn(loop);
    assert_true(send(l, nothing(&e)));
    until(ended, &e);
    assert_int_equal(e.end, DB_LOST);
    assert_false(db_lane_up(l));
    assert_true(loop_longest_turn(loop).us < DEADLINE.us); /* nobody else waited for it */
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
    db = open_db(hosts, ARRAY_LEN(hosts), SPAN_S(20), SPAN_S(20));
    struct db_lane *l = db_lane_open(db, "lane", 1, 1, 8, statements, ARRAY_LEN(statements));
    until(lane_is_up, l);
    works(l);
    assert_true(instant_sub(clock_monotonic(), start).us < 20000000); /* no deadline was waited for */
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
    db = open_db(hosts, 2, SPAN_S(3), SPAN_S(20));
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
    db = open_db(hosts, 1, SPAN_S(20), SPAN_S(20));
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

/* --- promise P1, as far as this part carries it --- */

enum { FLOOD_MAX = 20000 };
struct flood {
    struct db_lane *lane;
    int sent, out, goal;
    u8 end[FLOOD_MAX]; /* 1 + enum db_end, by id */
};
struct flood_item {
    struct flood *flood;
    int id;
};

static void flood_more(struct flood *f);

static void flood_done(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct flood_item *it = arg;
    struct flood *f = it->flood;
    (void)results;
    (void)n;
    (void)error;
    assert_int_equal(f->end[it->id], 0); /* once */
    f->end[it->id] = (u8)(1 + end);
    f->out--;
    free(it);
    flood_more(f);
}

static void flood_more(struct flood *f)
{
    while (f->out < 12 && f->sent < f->goal) {
        struct flood_item *it = malloc(sizeof *it);
        assert_non_null(it);
        *it = (struct flood_item){f, f->sent};
        struct db_call *c = db_call_new(flood_done, it);
        db_call_add(c, &table[ADD], item(f->sent, STR("flood")));
        if (!db_call_send(f->lane, c)) { /* no connection: this one was never taken */
            free(it);
            return;
        }
        f->sent++;
        f->out++;
    }
}

static bool flood_over(const void *arg)
{
    const struct flood *f = arg;
    return f->out == 0;
}
static bool flood_half(const void *arg)
{
    const struct flood *f = arg;
    return f->sent > f->goal - 100 || f->out == 0;
}

static void acknowledged_survives_kills(void **state)
{
    (void)state;
    static struct flood f;
    f = (struct flood){.lane = open_lane(2, 3, 20)};
    for (int round = 0; round < 6; round++) {
        f.goal = f.sent + 400;
        flood_more(&f);
        until(flood_half, &f); /* in the middle of the stream */
        server("kill");
        until(lane_is_down, f.lane);
        start_server("");
        until(lane_is_up, f.lane);
        flood_more(&f);
        until(flood_over, &f);
    }
    int count[3] = {0};
    for (int id = 0; id < f.sent; id++) {
        assert_true(f.end[id] > 0);
        count[f.end[id] - 1]++;
    }
    assert_true(count[DB_LOST] > 0);       /* else nothing was tried */
    assert_int_equal(count[DB_FAILED], 0); /* a dead server refuses nothing */

    const char *error = "";
    struct db_tool *t = db_tool_open(conninfo, &error);
    assert_non_null(t);
    struct db_rows *r = db_tool_query(t, "select id from item", 0, NULL, &error);
    assert_non_null(r);
    static bool stored[FLOOD_MAX];
    for (int i = 0; i < db_rows_count(r); i++) stored[atoi(db_rows_text(r, i, 0))] = true;
    db_rows_free(&r);
    db_tool_close(&t);
    for (int id = 0; id < f.sent; id++)
        if (f.end[id] == 1 + DB_OK) assert_true(stored[id]);
}

/* --- frame --- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(server_gives_up_a_statement),
        ONE(deadline_breaks_the_connection),
        ONE(never_sent),
        ONE(killed_backend),
        ONE(terminated_backend),
        ONE(socket_closed_by_a_send),
        ONE(restart),
        ONE(frozen_server),
        ONE(dead_first_host),
        ONE(silent_first_host),
        ONE(statement_that_does_not_prepare),
        ONE(changed_table),
        ONE(freed_with_calls_out),
        ONE(acknowledged_survives_kills),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
