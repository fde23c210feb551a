/* The web socket client of replay: frames by the rows of RFC 6455, and a whole talk with a server that answers in
 * odd pieces. */
#include "ws_client.h"
#include "io/crypto.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static void accepts_as_the_standard(void **state)
{
    (void)state;
    char out[29];
    ws_accept_of(STR("dGhlIHNhbXBsZSBub25jZQ=="), out); /* RFC 6455, 1.3 */
    assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void parses_frames(void **state)
{
    (void)state;
    static const struct {
        struct str in;
        enum ws_parse result;
        size_t used, payload;
        const char *why;
    } rows[] = {
        {STR(""), WS_PARSE_MORE, 0, 0, "nothing yet"},
        {STR("\x81"), WS_PARSE_MORE, 0, 0, "half a head"},
        {STR("\x81\x05Hello"), WS_PARSE_OK, 7, 5, "RFC 6455, 5.7: a single frame"},
        {STR("\x81\x05Hell"), WS_PARSE_MORE, 0, 0, "payload missing"},
        {STR("\x01\x03Hel"), WS_PARSE_OK, 5, 3, "first fragment"},
        {STR("\x80\x02lo"), WS_PARSE_OK, 4, 2, "last fragment"},
        {STR("\x89\x00"), WS_PARSE_OK, 2, 0, "ping without words"},
        {STR("\x81\x7e\x00\x05Hello"), WS_PARSE_BAD, 0, 0, "length not in its shortest form"},
        {STR("\x81\x7e\x00"), WS_PARSE_MORE, 0, 0, "half a length"},
        {STR("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"), WS_PARSE_BAD, 0, 0, "64 bits for 16"},
        {STR("\x81\x7f\x00\x00\x00\x01\x00\x00\x00\x00"), WS_PARSE_BAD, 0, 0, "over the maximum"},
        {STR("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), WS_PARSE_BAD, 0, 0, "nobody has so many bytes"},
        {STR("\x81\x85\x01\x02\x03\x04Hello"), WS_PARSE_BAD, 0, 0, "a server must not mask"},
        {STR("\xc1\x05Hello"), WS_PARSE_BAD, 0, 0, "reserved bit"},
        {STR("\x83\x00"), WS_PARSE_BAD, 0, 0, "reserved opcode"},
        {STR("\x09\x00"), WS_PARSE_BAD, 0, 0, "control frame in parts"},
        {STR("\x89\x7e\x00\x80"), WS_PARSE_BAD, 0, 0, "control frame over 125"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ws_frame f = {0};
        enum ws_parse got = ws_frame_parse(rows[i].in, &f);
        if (got != rows[i].result) fail_msg("%s: %d", rows[i].why, (int)got);
        if (got == WS_PARSE_OK && (f.used != rows[i].used || f.payload.n != rows[i].payload))
            fail_msg("%s: %zu %zu", rows[i].why, f.used, f.payload.n);
    }
}

/* What a server does with a client's frame; its length, 0: it is not masked, or not whole. */
static size_t unmask(struct str in, struct text *out)
{
    const u8 *b = (const u8 *)in.p;
    size_t n = b[1] & 0x7f, at = 2;
    if (n == 126)
        n = (size_t)b[2] << 8 | b[3], at = 4;
    else if (n == 127)
        n = (size_t)b[7] << 16 | (size_t)b[8] << 8 | b[9], at = 10;
    if (!(b[1] & 0x80) || in.n < at + 4 + n) return 0;
    for (size_t i = 0; i < n; i++) text_addc(out, (char)(b[at + 4 + i] ^ b[at + (i & 3)]));
    return at + 4 + n;
}

static void masks_frames(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 125, 126, 127, 65535, 65536, 70000};
    const u8 mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    struct text out, back;
    text_init(&out, 1 << 20);
    text_init(&back, 1 << 20);
    ws_frame_put(WS_TEXT, mask, STR("Hello"), &out); /* RFC 6455, 5.7 */
    assert_int_equal(out.n, 11);
    assert_memory_equal(out.p, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
    char *words = mem_alloc(70000);
    memset(words, 'x', 70000);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        text_clear(&out);
        text_clear(&back);
        ws_frame_put(WS_TEXT, mask, (struct str){words, sizes[i]}, &out);
        assert_int_equal(unmask(text_str(&out), &back), out.n);
        assert_true(str_eq(text_str(&back), (struct str){words, sizes[i]}));
    }
    free(words);
    text_free(&out);
    text_free(&back);
}

/* --- a talk --- */

enum manner { WELL, WRONG_ACCEPT, NO_UPGRADE, MASKS, HANGS_UP };
struct server {
    int listener;
    enum manner manner;
    char got[64]; /* what the client's text was */
    bool ponged;
};

/* Byte by byte: whoever reads must not rely on whole pieces. False: the client has gone, as it may at the first byte that is wrong. */
static bool put(int fd, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (send(fd, s.p + i, 1, MSG_NOSIGNAL) != 1) return false;
    return true;
}

static bool receive(int fd, char *buffer, size_t *have, size_t max)
{
    ssize_t n = recv(fd, buffer + *have, max - *have, 0);
    if (n > 0) *have += (size_t)n;
    return n > 0;
}

static bool shake_hands(struct server *s, int fd)
{
    char head[4096] = "", accept_key[29];
    size_t n = 0;
    struct text out;
    while (!strstr(head, "\r\n\r\n"))
        if (!receive(fd, head, &n, sizeof head - 1)) return false;
    const char *key = strstr(head, "Sec-WebSocket-Key: ");
    if (!key) return false;
    ws_accept_of((struct str){key + 19, 24}, accept_key);
    if (s->manner == WRONG_ACCEPT) accept_key[0] ^= 1;
    text_init(&out, 4096);
    text_addf(&out,
              "HTTP/1.1 %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
              "%s\r\nsec-websocket-protocol: test.v1\r\n\r\n",
              s->manner == NO_UPGRADE ? "403 Forbidden" : "101 Switching Protocols", accept_key);
    const bool said = put(fd, text_str(&out));
    text_free(&out);
    return said;
}

/* Until the client has said its text and answered the ping, in whichever order; both stand in `s`. */
static bool listen_to(struct server *s, int fd)
{
    char frames[4096];
    size_t at = 0, have = 0;
    bool well = true;
    struct text back;
    text_init(&back, 4096);
    while (well && !(s->got[0] && s->ponged)) {
        well = receive(fd, frames, &have, sizeof frames);
        while (well && have - at >= 6 && have - at >= 6u + (frames[at + 1] & 0x7f)) {
            unsigned opcode = frames[at] & 15;
            text_clear(&back);
            size_t used = unmask((struct str){frames + at, have - at}, &back);
            well = used > 0;
            at += used;
            if (opcode == WS_PONG && str_eq(text_str(&back), STR("hi"))) s->ponged = true;
            if (opcode == WS_TEXT) snprintf(s->got, sizeof s->got, "%s", text_z(&back));
        }
    }
    text_free(&back);
    return well;
}

static bool talk(struct server *s, int fd)
{
    if (!shake_hands(s, fd)) return false;
    if (s->manner == MASKS) return put(fd, STR("\x81\x81zzzz!"));
    if (s->manner != WELL) return true;
    return put(fd, STR("\x89\x02hi")) &&       /* a ping must be answered */
           put(fd, STR("\x01\x02\xe4\xbd")) && /* a message in two parts, cut inside a sign … */
           put(fd, STR("\x89\x00")) &&         /* … with a ping between them */
           put(fd, STR("\x80\x04\xa0\xe5\xa5\xbd")) && listen_to(s, fd) && put(fd, STR("\x88\x02\x03\xe8"));
}

/* Asserts nothing: cmocka's jumps belong to the thread of the tests, which judge by what the client says. */
static void *serve(void *arg)
{
    struct server *s = arg;
    int fd = accept(s->listener, NULL, NULL);
    char rest[64];
    /* The client is the one that ends: closed over words that nobody read, the connection is reset and our last bytes are lost. */
    if (talk(s, fd) && s->manner != HANGS_UP)
        while (recv(fd, rest, sizeof rest, 0) > 0) continue;
    close(fd);
    return NULL;
}

struct talk {
    struct loop *loop;
    struct ws_client *client;
    char heard[64], ended[80];
};

static void heard(void *arg, enum ws_event event, struct str text)
{
    struct talk *t = arg;
    if (event == WS_OPENED) ws_client_send(t->client, STR("say"));
    if (event == WS_MESSAGE) snprintf(t->heard, sizeof t->heard, "%.*s", STR_ARG(text));
    if (event == WS_ENDED) {
        snprintf(t->ended, sizeof t->ended, "%.*s", STR_ARG(text));
        ws_client_close(&t->client); /* from within its own event */
        loop_stop(t->loop);
    }
}

static void talk_with(enum manner manner, struct server *s, struct talk *t)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    pthread_t thread;
    *s = (struct server){.listener = socket(AF_INET, SOCK_STREAM, 0), .manner = manner};
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve, s), 0);
    struct addrinfo ai = {.ai_family = AF_INET, .ai_addr = (struct sockaddr *)&at, .ai_addrlen = len};
    struct ws_client_target target = {&ai, STR("localhost"), STR("/ws"), STR("test.v1"), STR("198.18.0.1")};
    *t = (struct talk){.loop = loop_new()};
    t->client = ws_client_open(t->loop, &target, heard, t);
    loop_run(t->loop);
    loop_free(&t->loop);
    pthread_join(thread, NULL);
    close(s->listener);
}

static void talks(void **state)
{
    (void)state;
    struct server s;
    struct talk t;
    talk_with(WELL, &s, &t);
    assert_string_equal(t.heard, "你好");
    assert_string_equal(s.got, "say");
    assert_true(s.ponged);
    assert_string_equal(t.ended, "the gateway closed the web socket");
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        enum manner manner;
        const char *ended;
    } rows[] = {{WRONG_ACCEPT, "the gateway does not speak this protocol"},
                {NO_UPGRADE, "the gateway does not open the web socket"},
                {MASKS, "the gateway sent a broken frame"},
                {HANGS_UP, "the connection "}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct server s;
        struct talk t;
        talk_with(rows[i].manner, &s, &t);
        if (strncmp(t.ended, rows[i].ended, strlen(rows[i].ended)) != 0)
            fail_msg("%s: %s", rows[i].ended, t.ended);
        assert_string_equal(t.heard, "");
    }
}

/* Nobody listens there: told once, at a later turn or by the socket. */
static void tells_that_nobody_listens(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound but not listening: the port is nobody else's */
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    struct addrinfo ai = {.ai_family = AF_INET, .ai_addr = (struct sockaddr *)&at, .ai_addrlen = len};
    struct ws_client_target target = {&ai, STR("localhost"), STR("/ws"), STR("test.v1"), STR_NONE};
    struct talk t = {.loop = loop_new()};
    t.client = ws_client_open(t.loop, &target, heard, &t);
    loop_run(t.loop);
    loop_free(&t.loop);
    close(fd);
    assert_string_equal(t.ended, "the gateway cannot be reached");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_as_the_standard),
        cmocka_unit_test(parses_frames),
        cmocka_unit_test(masks_frames),
        cmocka_unit_test(talks),
        cmocka_unit_test(refuses_what_is_wrong),
        cmocka_unit_test(tells_that_nobody_listens),
    };
    return crypto_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
