/* Calls to a peer that behaves, waits, breaks off or answers nonsense: each ends once, and `sent` says whether the
 * message may have arrived. */
#include "io/httpc.h"
#include "peer_rig.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct loop *loop;
static struct httpc *client;
static char base[64];

struct reply {
    int count, status;
    bool sent, inside;
    char retry[64];
    struct text body;
};
static bool starting;
static int waiting;

static void note(void *arg, const struct http_reply *r)
{
    struct reply *to = arg;
    to->count++;
    to->status = r->status;
    to->sent = r->sent;
    to->inside = starting;
    snprintf(to->retry, sizeof to->retry, "%.*s", STR_ARG(r->retry_after));
    text_init(&to->body, 1 << 20);
    text_add(&to->body, r->body);
    if (--waiting == 0) loop_stop(loop);
}

static bool start_url(struct reply *to, const char *method, const char *url, struct str body, span deadline)
{
    struct http_out out = {.method = str_of(method), .url = str_of(url), .body = body};
    out.headers[0] = (struct http_header){STR("X-Test"), STR("值")};
    out.headers[1] = (struct http_header){STR("X-Empty"), STR("")};
    out.n_headers = 2;
    if (body.n)
        out.headers[out.n_headers++] = (struct http_header){STR("Content-Type"), STR("application/json")};
    starting = true;
    bool ok = httpc_start(client, &out, deadline, note, to);
    starting = false;
    waiting += ok;
    return ok;
}

static bool start(struct reply *to, const char *method, const char *path, struct str body, span deadline)
{
    char url[128];
    snprintf(url, sizeof url, "%s%s", base, path);
    *to = (struct reply){0};
    return start_url(to, method, url, body, deadline);
}

static void call(struct reply *to, const char *method, const char *path, struct str body, span deadline)
{
    assert_true(start(to, method, path, body, deadline));
    loop_run(loop);
    assert_int_equal(to->count, 1);
    assert_false(to->inside);
    assert_int_equal(httpc_in_flight(client), 0);
}

static void whole_requests(void **state)
{
    (void)state;
    struct reply r;
    call(&r, "POST", "/echo", STR("{\"a\":\"群众\"}"), SPAN_S(20));
    assert_int_equal(r.status, 200);
    assert_true(r.sent);
    const char *got = text_z(&r.body);
    assert_non_null(strstr(got, "POST /echo HTTP/1.1\r\n"));
    assert_non_null(strstr(got, "\r\nX-Test: 值\r\n"));
    assert_non_null(strstr(got, "\r\nX-Empty:\r\n"));
    assert_non_null(strstr(got, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(got, "\r\n\r\n{\"a\":\"群众\"}"));
    assert_null(strstr(got, "Expect"));
    text_free(&r.body);

    call(&r, "GET", "/echo", STR_NONE, SPAN_S(20));
    assert_true(str_starts(text_str(&r.body), STR("GET /echo HTTP/1.1\r\n")));
    assert_null(strstr(text_z(&r.body), "Content-"));
    text_free(&r.body);

    call(&r, "PUT", "/echo", STR_NONE, SPAN_S(20));
    assert_true(str_starts(text_str(&r.body), STR("PUT /echo HTTP/1.1\r\n")));
    assert_non_null(strstr(text_z(&r.body), "\r\nContent-Length: 0"));
    assert_null(strstr(text_z(&r.body), "Content-Type")); /* no type that nobody gave */
    text_free(&r.body);

    size_t n = 3u << 20;
    char *big = malloc(n);
    assert_non_null(big);
    memset(big, 'b', n);
    call(&r, "POST", "/size", (struct str){big, n}, SPAN_S(20));
    assert_string_equal(text_z(&r.body), "3145728");
    text_free(&r.body);
    free(big);
}

static void replies(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int status;
        bool sent;
        const char *retry;
        size_t body;
    } rows[] = {
        {"/none", 204, true, "", 0},        {"/later", 429, true, "120", 4},
        {"/early", 503, true, "", 0},       /* the hint's header is not the answer's */
        {"/moved", 302, true, "", 0},       /* not followed */
        {"/big", 200, true, "", 65536},     /* cut */
        {"/endless", 200, true, "", 65536}, /* cut and left */
        {"/heads", 0, true, "", 0},         /* a flood of headers is no answer */
        {"/cut", 0, true, "", 0},           /* half a body is no answer */
        {"/close", 0, true, "", 0},         {"/garbage", 0, true, "", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        call(&r, "POST", rows[i].path, STR("x"), SPAN_S(20));
        if (r.status != rows[i].status || r.sent != rows[i].sent || r.body.n != rows[i].body)
            fail_msg("%s: status %d sent %d body %zu", rows[i].path, r.status, r.sent, r.body.n);
        assert_string_equal(r.retry, rows[i].retry);
        text_free(&r.body);
    }
}

static void deadlines(void **state)
{
    (void)state;
    struct reply r;
    instant began = clock_monotonic();
    call(&r, "POST", "/silent", STR("x"), SPAN_S(3)); /* time enough to be sent */
    i64 us = instant_sub(clock_monotonic(), began).us;
    assert_int_equal(r.status, 0);
    assert_true(r.sent);                    /* it may have been taken: unknown */
    assert_in_range(us, 2990000, 59000000); /* and not when the peer ended */
    text_free(&r.body);
}

static void not_reached(void **state)
{
    (void)state;
    struct reply r = {0};
    assert_true(start_url(&r, "POST", "http://127.0.0.1:9/x", STR("x"), SPAN_S(20)));
    loop_run(loop);
    assert_int_equal(r.status, 0);
    assert_false(r.sent); /* may be tried again at once */
    text_free(&r.body);
    /* TLS that is none: the request itself never left. */
    char url[128];
    snprintf(url, sizeof url, "https%s/echo", base + 4);
    r = (struct reply){0};
    assert_true(start_url(&r, "POST", url, STR("x"), SPAN_MS(1500)));
    loop_run(loop);
    assert_int_equal(r.status, 0);
    assert_false(r.sent);
    text_free(&r.body);
}

/* Names go through the resolver's thread; giving up while it works leaves nothing behind. */
static void by_name(void **state)
{
    (void)state;
    struct reply r = {0}, given_up = {0};
    char url[128];
    snprintf(url, sizeof url, "http://localhost%s/none", strrchr(base, ':'));
    assert_true(start_url(&r, "GET", url, STR_NONE, SPAN_S(20)));
    loop_run(loop);
    assert_int_equal(r.status, 204);
    text_free(&r.body);
    assert_true(start_url(&r, "GET", "http://name.invalid/", STR_NONE, SPAN_S(20)));
    loop_run(loop);
    assert_int_equal(r.status, 0);
    assert_false(r.sent);
    text_free(&r.body);
    assert_true(start_url(&given_up, "GET", "http://other.invalid/", STR_NONE, SPAN_MS(1)));
    loop_run(loop);
    assert_int_equal(given_up.status, 0);
    text_free(&given_up.body);
}

/* curl by itself would repeat a request whose kept connection closes without an answer. */
static void never_sent_twice(void **state)
{
    (void)state;
    struct reply r;
    call(&r, "POST", "/once", STR("pay"), SPAN_S(20));
    assert_int_equal(r.status, 200);
    text_free(&r.body);
    call(&r, "POST", "/once", STR("pay"), SPAN_S(20));
    assert_int_equal(r.status, 0);
    assert_true(r.sent);
    text_free(&r.body);
    call(&r, "GET", "/once-count", STR_NONE, SPAN_S(20));
    assert_string_equal(text_z(&r.body), "2");
    text_free(&r.body);
}

static void refused_before_anything(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "ftp://127.0.0.1/x",   "file:///etc/passwd",         "127.0.0.1/x", "", "http://",
        "gopher://127.0.0.1/", "http://127.0.0.1/a\r\nX: y", "http://a b/"};
    struct reply r = {0};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++)
        if (start_url(&r, "GET", urls[i], STR_NONE, SPAN_S(1))) fail_msg("accepted %s", urls[i]);
    struct http_out out = {.method = STR("GET"), .url = str_of(base), .n_headers = 1};
    out.headers[0] = (struct http_header){STR("X-A"), STR("b\r\nX-C: d")};
    assert_false(httpc_start(client, &out, SPAN_S(1), note, &r));
    out.n_headers = 0;
    out.method = STR("GET /x HTTP/1.1");
    assert_false(httpc_start(client, &out, SPAN_S(1), note, &r));
    assert_int_equal(r.count, 0);
}

static void many_at_once(void **state)
{
    (void)state;
    static struct reply r[33];
    for (int i = 0; i < 32; i++) assert_true(start(&r[i], "POST", "/size", STR("12345"), SPAN_S(20)));
    assert_false(start(&r[32], "POST", "/size", STR("12345"), SPAN_S(20))); /* the bound */
    assert_int_equal(httpc_in_flight(client), 32);
    loop_run(loop);
    for (int i = 0; i < 32; i++) {
        assert_int_equal(r[i].status, 200);
        assert_string_equal(text_z(&r[i].body), "5");
        text_free(&r[i].body);
    }
    assert_int_equal(r[32].count, 0);
}

static struct {
    int left;
    struct reply last;
} chain;

static void next_call(void *arg, const struct http_reply *reply)
{
    (void)arg;
    assert_int_equal(reply->status, 204);
    if (--chain.left == 0) {
        loop_stop(loop);
        return;
    }
    char url[128];
    struct http_out out = {.method = STR("GET"), .url = STR_NONE};
    snprintf(url, sizeof url, "%s/none", base);
    out.url = str_of(url);
    assert_true(httpc_start(client, &out, SPAN_S(20), next_call, NULL));
}

static void started_from_done(void **state)
{
    (void)state;
    struct http_reply first = {.status = 204};
    chain.left = 21;
    next_call(NULL, &first);
    loop_run(loop);
    assert_int_equal(chain.left, 0);
}

static void freed_with_calls_out(void **state)
{
    (void)state;
    struct reply r[3], quick;
    assert_true(start(&quick, "GET", "/none", STR_NONE, SPAN_S(20)));
    for (int i = 0; i < 3; i++) assert_true(start(&r[i], "POST", "/silent", STR("x"), SPAN_S(60)));
    waiting = 1; /* the quick one's answer ends the wait; by then the others are on their way */
    loop_run(loop);
    assert_int_equal(quick.status, 204);
    waiting = 100;
    httpc_free(&client);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(r[i].count, 1);
        assert_int_equal(r[i].status, 0);
        text_free(&r[i].body);
    }
}

static int setup(void **state)
{
    (void)state;
    loop = loop_new();
    client = httpc_new(loop, 32);
    waiting = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    httpc_free(&client);
    assert_null(client);
    loop_free(&loop);
    return 0;
}

static int start_peer(void **state)
{
    (void)state;
    const int port = peer_start("python3", TREE "/tests/http_peer.py");
    snprintf(base, sizeof base, "http://127.0.0.1:%d", port);
    return port ? 0 : -1;
}

int main(void)
{
#define ONE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        ONE(whole_requests),
        ONE(replies),
        ONE(deadlines),
        ONE(not_reached),
        ONE(by_name),
        ONE(never_sent_twice),
        ONE(refused_before_anything),
        ONE(many_at_once),
        ONE(started_from_done),
        ONE(freed_with_calls_out),
    };
    return cmocka_run_group_tests(tests, start_peer, peer_stop);
}
