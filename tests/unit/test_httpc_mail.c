/* Mails to a strict server that takes, refuses, puts off, breaks off and falls silent: `sent` and status must say whether the server
 * may have the mail. */
#include "io/httpc.h"
#include "peer_rig.h"
#include <stdio.h>
#include <string.h>

#define PASSWORD "geheim 密码"

static struct loop *loop;
static struct httpc *client;
static char server[64];
static struct http_reply last;
static int ended, waiting;

static void note(void *arg, const struct http_reply *r)
{
    (void)arg;
    last = *r;
    ended++;
    if (--waiting == 0) loop_stop(loop);
}

static bool start(const char *to, const char *user, const char *password, bool tls, span deadline)
{
    struct http_out out = {
        .method = STR("MAIL"),
        .url = str_of(server),
        /* With a dot to be doubled, and without: libcurl ends the two in different ways. */
        .body = str_starts(str_of(to), STR("good")) ? STR("Subject: x\r\n\r\n.a dot\r\nend\r\n")
                                                    : STR("Subject: x\r\n\r\nend\r\n"),
        .mail = {.from = STR("office@example.org"),
                 .to = str_of(to),
                 .user = str_of(user),
                 .password = str_of(password),
                 .tls = tls}};
    return httpc_start(client, &out, deadline, note, NULL);
}

static void deliver(const char *to, const char *user, const char *password, bool tls, span deadline)
{
    ended = 0;
    waiting = 1;
    assert_true(start(to, user, password, tls, deadline));
    assert_int_equal(ended, 0);
    loop_run(loop);
    assert_int_equal(ended, 1);
    assert_int_equal(httpc_in_flight(client), 0);
}

static void outcomes(void **state)
{
    (void)state;
    static const struct {
        const char *to, *user, *password;
        int status;
        bool sent;
        int ms;
    } rows[] = {
        {"good@example.org", NULL, NULL, 250, true, 20000},
        {"login@example.org", "tester", PASSWORD, 250, true, 20000},
        {"login@example.org", NULL, NULL, 530, true, 20000},
        {"login@example.org", "tester", "wrong", 535, true, 20000},
        {"full@example.org", NULL, NULL, 452, true, 20000},
        {"nobody@example.org", NULL, NULL, 550, true, 20000},
        {"later@example.org", NULL, NULL, 451, true, 20000}, /* the final answer */
        {"later@example.org", NULL, NULL, 250, true, 20000},
        {"spam@example.org", NULL, NULL, 554, true, 20000},
        {"cutfinal@example.org", NULL, NULL, 0, true, 20000}, /* nobody knows */
        {"silent@example.org", NULL, NULL, 0, true, 8000},    /* time enough to hand it over */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        deliver(rows[i].to, rows[i].user, rows[i].password, false, SPAN_MS(rows[i].ms));
        if (last.status != rows[i].status || last.sent != rows[i].sent)
            fail_msg("%s: status %d sent %d", rows[i].to, last.status, last.sent);
    }
}

/* Nothing can have been taken: it may be tried again at once. */
static void never_taken(void **state)
{
    (void)state;
    deliver("good@example.org", NULL, NULL, true, SPAN_S(20)); /* no STARTTLS there, and it is required */
    assert_int_equal(last.status, 0);
    assert_false(last.sent);
    char real[64];
    memcpy(real, server, sizeof real);
    snprintf(server, sizeof server, "smtp://127.0.0.1:9");
    deliver("good@example.org", NULL, NULL, false, SPAN_S(20));
    assert_int_equal(last.status, 0);
    assert_false(last.sent);
    memcpy(server, real, sizeof real);
}

/* A farewell that nobody answers holds a thread, not the loop. */
static struct timer beat;
static int beats;
static void beat_fires(struct timer *t)
{
    beats++;
    timer_set(loop, t, SPAN_MS(10));
}

static void loop_runs_on(void **state)
{
    (void)state;
    beat = (struct timer){.fire = beat_fires};
    timer_set(loop, &beat, SPAN_MS(10));
    deliver("deaf@example.org", NULL, NULL, false, SPAN_S(8));
    timer_stop(&beat);
    assert_int_equal(last.status, 250);
    assert_true(beats > 5);
}

static void refused_before_anything(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      "a@b>\r\nRCPT TO:<c@d", "a b@c", "a@b\r\n",
                                      "<a@b>", "\xe7\xbe\xa4@b"};
    for (size_t i = 1; i < ARRAY_LEN(bad); i++)
        if (start(bad[i], NULL, NULL, false, SPAN_S(5))) fail_msg("took %s", bad[i]);
    struct http_out out = {.url = STR("http://127.0.0.1:9"), .mail = {.from = STR("a@b"), .to = STR("c@d")}};
    assert_false(httpc_start(client, &out, SPAN_S(5), note, NULL));
    out.url = STR("smtp://");
    assert_false(httpc_start(client, &out, SPAN_S(5), note, NULL));
    out.url = str_of(server);
    out.mail.user = STR("x\r\ny");
    assert_false(httpc_start(client, &out, SPAN_S(5), note, NULL));
}

static void more_than_threads(void **state)
{
    (void)state;
    ended = 0;
    waiting = 10;
    for (int i = 0; i < 10; i++) assert_true(start("good@example.org", NULL, NULL, false, SPAN_S(20)));
    assert_int_equal(httpc_in_flight(client), 10);
    loop_run(loop);
    assert_int_equal(ended, 10);
    assert_int_equal(last.status, 250);
    assert_int_equal(httpc_in_flight(client), 0);
}

static void bounded_and_abandoned(void **state)
{
    (void)state;
    ended = 0;
    waiting = 100;
    for (int i = 0; i < HTTPC_MAILS_MAX; i++)
        assert_true(start("silent@example.org", NULL, NULL, false, SPAN_H(1)));
    assert_true(start("good@example.org", NULL, NULL, false, SPAN_H(1))); /* waits */
    httpc_free(&client); /* and the loop, in teardown, waits only until the threads have heard of it */
    assert_int_equal(ended, HTTPC_MAILS_MAX + 1);
    assert_true(last.status == 0 &&
                last.sent); /* of one that was on its way; the one that waited ended before */
    loop_free(&loop);       /* comes back although no server of theirs ever answers */
}

static int setup(void **state)
{
    (void)state;
    loop = loop_new();
    client = httpc_new(loop, 32);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    httpc_free(&client);
    loop_free(&loop);
    return 0;
}

static int start_peer(void **state)
{
    (void)state;
    const int port = peer_start("node", TREE "/tests/smtp_peer.mjs");
    snprintf(server, sizeof server, "smtp://127.0.0.1:%d", port);
    return port ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(outcomes, setup, teardown),
        cmocka_unit_test_setup_teardown(never_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(loop_runs_on, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_before_anything, setup, teardown),
        cmocka_unit_test_setup_teardown(more_than_threads, setup, teardown),
        cmocka_unit_test_setup_teardown(bounded_and_abandoned, setup, teardown),
    };
    return cmocka_run_group_tests(tests, start_peer, peer_stop);
}
