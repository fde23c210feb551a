/* Which addresses a call to the outside may connect to: a table over the special-purpose registries, and the wall itself seen
 * from a client that is told to stay out. */
#include "io/httpc.h"
#include "io/httpc_guard.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

static bool public(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(443)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
    struct sockaddr_storage any = {0};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        memcpy(&any, &in, sizeof in);
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
        memcpy(&any, &in6, sizeof in6);
    }
    return httpc_address_public((const struct sockaddr *)&any);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const open[] = {
        "1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.1",       "169.253.255.255", "169.255.0.0",     "172.15.255.255",
        "172.32.0.0",      "192.0.1.0",       "192.0.3.0",       "192.167.255.255", "192.169.0.0",
        "198.17.255.255",  "198.20.0.0",      "203.0.112.255",   "223.255.255.255", "114.114.114.114",
        "2400:3200::1",    "2606:4700::1111", "2001:200::1",     "2001:db7::1",     "2a00::1",
        "64:ff9b::1.1.1.1"};
    static const char *const closed[] = {"0.0.0.0",
                                         "0.1.2.3",
                                         "10.0.0.0",
                                         "10.255.255.255",
                                         "100.64.0.1",
                                         "100.127.255.255",
                                         "127.0.0.1",
                                         "127.255.255.255",
                                         "169.254.169.254",
                                         "172.16.0.1",
                                         "172.31.255.255",
                                         "192.0.0.8",
                                         "192.0.2.1",
                                         "192.88.99.1",
                                         "192.168.0.1",
                                         "192.168.255.255",
                                         "198.18.0.1",
                                         "198.19.255.255",
                                         "198.51.100.7",
                                         "203.0.113.9",
                                         "224.0.0.1",
                                         "239.255.255.255",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "::ffff:1.1.1.1",
                                         "::ffff:127.0.0.1",
                                         "::ffff:10.0.0.1",
                                         "::127.0.0.1",
                                         "::1.1.1.1",
                                         "::ffff:0:1.1.1.1",
                                         "64:ff9b::10.0.0.1",
                                         "64:ff9b::127.0.0.1",
                                         "64:ff9b:1::1",
                                         "100::1",
                                         "2001::1",
                                         "2001:2::1",
                                         "2001:10::1",
                                         "2001:1ff::1",
                                         "2001:db8::1",
                                         "2002:7f00:1::1",
                                         "2002:101:101::1",
                                         "3fff::1",
                                         "3fff:fff::1",
                                         "4000::1",
                                         "5f00::1",
                                         "fc00::1",
                                         "fd12:3456::1",
                                         "fe80::1",
                                         "fec0::1",
                                         "ff02::1",
                                         "ff0e::1"};
    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (!public(open[i])) fail_msg("%s is public", open[i]);
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        if (public(closed[i])) fail_msg("%s is not public", closed[i]);
    const struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
    assert_false(httpc_address_public((const struct sockaddr *)&local));
}

/* --- the wall --- */

static struct loop *loop;
static struct http_reply last;

static void note(void *arg, const struct http_reply *r)
{
    (void)arg;
    last = *r;
    loop_stop(loop);
}

static void walled(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof in;
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
    /* However the address is written; a name is looked up first and its address then refused. */
    static const char *const hosts[] = {"127.0.0.1", "localhost",          "2130706433", "0x7f.1",
                                        "0",         "[::ffff:127.0.0.1]", "[::1]"};
    loop = loop_new();
    struct httpc *client = httpc_new(loop, 4);
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        char url[96];
        snprintf(url, sizeof url, "http://%s:%d/", hosts[i], ntohs(in.sin_port));
        struct http_out out = {
            .method = STR("POST"), .url = str_of(url), .body = STR("x"), .public_only = true};
        assert_true(httpc_start(client, &out, SPAN_S(20), note, NULL));
        loop_run(loop);
        if (last.status != 0 || last.sent || !last.walled) fail_msg("%s was not refused", hosts[i]);
    }
    assert_int_equal(accept(fd, NULL, NULL), -1); /* nobody ever knocked */

    /* Allowed by the operator, or not asked for: the peer is reached, which here never answers. */
    for (int allowed = 0; allowed < 2; allowed++) {
        char url[96];
        snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(in.sin_port));
        struct http_out out = {
            .method = STR("POST"), .url = str_of(url), .body = STR("x"), .public_only = allowed};
        httpc_allow_private(client, allowed);
        assert_true(httpc_start(client, &out, SPAN_S(3), note, NULL));
        loop_run(loop);
        assert_true(last.sent && !last.walled);
    }
    httpc_free(&client);
    loop_free(&loop);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(walled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
