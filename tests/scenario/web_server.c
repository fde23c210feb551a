/* A server for the guard tests of io/web: base and io alone, no database. Prints "port=N" (and "tls_port=N"
 * when cert= and key= are given) and runs until SIGTERM or POST /drain, then drains and leaves with 0.
 *   web_server [name=value …]   names: see `settings` below; times in milliseconds
 * Answers: /echo (what it saw, as JSON), /late?ms=N (the same after N ms, or after /release), /never (no answer),
 * /big?n=N, /status?n=N, /turn?ms=N (after a turn of the loop that lasts so long), /counters (JSON). WebSockets at /ws:
 * subprotocol echo.v1 sends texts back, flood.v1 sends frames of 16 KiB as fast as the peer takes them, "bye" closes with 4401. */
#include "base/code.h"
#include "base/list.h"
#include "io/web.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct server {
    struct loop *loop;
    struct web *web;
    struct list peers;   /* open WebSockets */
    struct list pending; /* answers to give later */
    u64 handed;
    bool stopping;
};

struct peer {
    struct list node;
    u64 id;
    bool flood;
    struct web_frame *next;
};
struct late {
    struct list node;
    struct server *s;
    struct timer timer;
    u64 ticket;
    struct text body;
};

/* No test meets a deadline that it does not set: on a busy machine there are seconds between any two steps. */
static struct web_config cfg = {
    .body_max = 64 * 1024,
    .ws_message_max = 64 * 1024,
    .connections_max = 4096,
    .per_address_max = 4096,
    .header_deadline = {300000000},
    .body_deadline = {300000000},
    .answer_deadline = {300000000},
    .keepalive = {300000000},
    .ws_idle = {300000000},
    .ws_buffered_max = 1 << 20,
    .ws_slow_max = {300000000},
    .http2 = true,
};
static const struct {
    const char *name;
    span *value;
} times[] = {
    {"header_ms", &cfg.header_deadline}, {"body_ms", &cfg.body_deadline}, {"answer_ms", &cfg.answer_deadline},
    {"keepalive_ms", &cfg.keepalive},    {"ws_idle_ms", &cfg.ws_idle},    {"ws_slow_ms", &cfg.ws_slow_max},
};
static const char *const protocols[] = {"echo.v1", "flood.v1", NULL};

static void reply(struct server *s, u64 ticket, int status, struct str body)
{
    struct http_header later = {STR("retry-after"), STR("1")};
    web_answer(s->web, ticket,
               &(struct http_answer){.status = status,
                                     .content_type = STR("application/json"),
                                     .headers = &later,
                                     .n_headers = status == 503,
                                     .body = body});
}

static void pair(struct text *t, const char *name, struct str value)
{
    text_addc(t, t->p[t->n - 1] == '{' ? ' ' : ',');
    json_put(t, str_of(name));
    text_addc(t, ':');
    json_put(t, value);
}

static void describe(struct text *t, const struct http_in *in)
{
    text_init(t, 1 << 20);
    text_addc(t, '{');
    pair(t, "method", in->method);
    pair(t, "path", in->path);
    pair(t, "query", in->query);
    pair(t, "host", in->host);
    pair(t, "peer", in->peer);
    text_addf(t, ",\"tls\":%s,\"length\":%zu", in->tls ? "true" : "false", in->body.n);
    pair(t, "body", in->body.n < 4096 ? in->body : STR("")); /* the tests send UTF-8 */
    text_addz(t, ",\"headers\":{");
    for (size_t i = 0; i < in->n_headers; i++) {
        if (i) text_addc(t, ',');
        json_put(t, in->headers[i].name);
        text_addc(t, ':');
        json_put(t, in->headers[i].value);
    }
    text_addz(t, "}}");
}

static u64 number(const struct http_in *in, const char *name)
{
    struct text value;
    u64 n = 0;
    text_init(&value, 32);
    if (!http_field(in->query, str_of(name), &value) || !str_u64(text_str(&value), 1u << 30, &n)) n = 0;
    text_free(&value);
    return n;
}

static void late_free(struct late *l)
{
    timer_stop(&l->timer);
    list_remove(&l->node);
    text_free(&l->body);
    free(l);
}

static void late_due(struct timer *t)
{
    struct late *l = t->arg;
    reply(l->s, l->ticket, 200, text_str(&l->body));
    late_free(l);
}

static void answer_counters(struct server *s, u64 ticket)
{
    const struct web_counters *c = web_counters(s->web);
    struct rusage used;
    struct text t;
    getrusage(RUSAGE_SELF, &used);
    text_init(&t, 8192);
    text_addf(&t, "{\"handed\":%llu,\"cpu_us\":%lld,\"longest_turn_us\":%lld", (unsigned long long)s->handed,
              (long long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec +
                  used.ru_stime.tv_usec,
              (long long)loop_longest_turn(s->loop).us);
#define C(name) text_addf(&t, ",\"" #name "\":%llu", (unsigned long long)c->name)
    C(connections_accepted);
    C(connections_refused_total);
    C(connections_refused_address);
    C(requests);
    C(answers);
    C(late_answers);
    C(answer_timeouts);
    C(bad_framing);
    C(bad_host);
    C(too_large);
    C(body_deadline);
    C(header_deadline);
    C(pipelined_closed);
    C(keepalive_swept);
    C(ws_opened);
    C(ws_refused);
    C(ws_closed);
    C(ws_asked);
    C(ws_slow_closed);
    C(ws_bad_text);
    C(ws_too_large);
    C(connections_now);
    C(ws_now);
#undef C
    text_addc(&t, '}');
    reply(s, ticket, 200, text_str(&t));
    text_free(&t);
}

static void drained(void *arg) { loop_stop(((struct server *)arg)->loop); }

static void stop(struct server *s)
{
    if (s->stopping) return;
    s->stopping = true;
    web_drain(s->web, SPAN_S(60), drained, s);
}

static void request(void *arg, u64 ticket, const struct http_in *in)
{
    struct server *s = arg;
    struct text t;
    if (str_eq(in->path, STR("/counters"))) {
        answer_counters(s, ticket);
        return;
    }
    s->handed++;
    if (str_eq(in->path, STR("/never"))) return;
    if (str_eq(in->path, STR("/fixed"))) {
        reply(s, ticket, 200, STR("{\"ok\":true}"));
        return;
    }
    if (str_eq(in->path, STR("/big"))) {
        size_t n = number(in, "n");
        char *p = mem_alloc(n + 1);
        memset(p, 'x', n);
        reply(s, ticket, 200, (struct str){p, n});
        free(p);
        return;
    }
    if (str_eq(in->path, STR("/status"))) {
        reply(s, ticket, (int)number(in, "n"), STR("{}"));
        return;
    }
    if (str_eq(in->path, STR("/turn"))) {
        usleep((useconds_t)number(in, "ms") * 1000);
        reply(s, ticket, 200, STR("{}"));
        return;
    }
    if (str_eq(in->path, STR("/release"))) {
        while (!list_empty(&s->pending)) late_due(&LIST_OF(s->pending.next, struct late, node)->timer);
        reply(s, ticket, 200, STR("{}"));
        return;
    }
    if (str_eq(in->path, STR("/drain"))) {
        stop(s);
        reply(s, ticket, 200, STR("{}"));
        return;
    }
    describe(&t, in);
    u64 ms = number(in, "ms");
    if (str_eq(in->path, STR("/late"))) {
        struct late *l = MEM_NEW(struct late);
        *l = (struct late){.s = s, .ticket = ticket, .body = t};
        l->timer = (struct timer){.fire = late_due, .arg = l};
        list_push(&s->pending, &l->node);
        timer_set(s->loop, &l->timer, SPAN_MS(ms));
        return;
    }
    reply(s, ticket, 200, text_str(&t));
    text_free(&t);
}

static struct peer *peer_of(struct server *s, u64 id)
{
    LIST_EACH(&s->peers, it)
    if (LIST_OF(it, struct peer, node)->id == id) return LIST_OF(it, struct peer, node);
    return NULL;
}

static int ws_open(void *arg, u64 ws, const char *protocol, const struct http_in *in)
{
    struct server *s = arg;
    if (!str_eq(in->path, STR("/ws"))) return 404;
    if (str_eq(http_header_get(in, STR("origin")), STR("http://evil.example"))) return 403;
    struct peer *p = MEM_NEW(struct peer);
    p->id = ws;
    p->flood = strcmp(protocol, "flood.v1") == 0;
    list_push(&s->peers, &p->node);
    if (p->flood) web_ws_want(s->web, ws);
    return 0;
}

static void ws_text(void *arg, u64 ws, struct str text)
{
    struct server *s = arg;
    struct peer *p = peer_of(s, ws);
    ASSERT(p != NULL);
    if (str_eq(text, STR("bye"))) {
        web_ws_close(s->web, ws, 4401, "as asked");
        return;
    }
    web_frame_unref(p->next);
    p->next = web_frame_new(text);
    web_ws_want(s->web, ws);
}

static struct web_frame *ws_writable(void *arg, u64 ws)
{
    struct peer *p = peer_of(arg, ws);
    static char filler[16 * 1024];
    if (p->flood) {
        memset(filler, 'y', sizeof filler);
        return web_frame_new((struct str){filler, sizeof filler});
    }
    struct web_frame *f = p->next;
    p->next = NULL;
    return f;
}

static void ws_closed(void *arg, u64 ws)
{
    struct peer *p = peer_of(arg, ws);
    ASSERT(p != NULL);
    list_remove(&p->node);
    web_frame_unref(p->next);
    free(p);
}

static void signalled(void *arg, int signum)
{
    (void)signum;
    stop(arg);
}

int main(int argc, char **argv)
{
    struct server s = {0};
    const char *error = "", *cert = NULL, *key = NULL, *address = "127.0.0.1";
    bool share = false;
    int port = 0, tls_port = 0;
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        u64 n = 0;
        if (!value) return 2;
        *value++ = '\0';
        bool numeric = str_u64(str_of(value), 1u << 30, &n);
        for (size_t k = 0; k < ARRAY_LEN(times); k++)
            if (strcmp(argv[i], times[k].name) == 0) *times[k].value = SPAN_MS(n);
        if (strcmp(argv[i], "body_max") == 0) cfg.body_max = n;
        if (strcmp(argv[i], "connections_max") == 0) cfg.connections_max = (unsigned)n;
        if (strcmp(argv[i], "per_address_max") == 0) cfg.per_address_max = (unsigned)n;
        if (strcmp(argv[i], "ws_message_max") == 0) cfg.ws_message_max = n;
        if (strcmp(argv[i], "trusted_proxies") == 0) cfg.trusted_proxies = value;
        if (strcmp(argv[i], "address") == 0) address = value;
        if (strcmp(argv[i], "port") == 0 && numeric) port = (int)n;
        if (strcmp(argv[i], "share") == 0) share = n == 1;
        if (strcmp(argv[i], "http2") == 0) cfg.http2 = n == 1;
        if (strcmp(argv[i], "cert") == 0) cert = value;
        if (strcmp(argv[i], "key") == 0) key = value;
    }
    list_init(&s.peers);
    list_init(&s.pending);
    s.loop = loop_new();
    s.web = web_new(s.loop, &cfg, &error);
    struct web_handlers handlers = {.arg = &s,
                                    .request = request,
                                    .ws_open = ws_open,
                                    .ws_text = ws_text,
                                    .ws_writable = ws_writable,
                                    .ws_closed = ws_closed};
    bool good =
        s.web && web_listen(s.web, address, port, NULL, NULL, share, protocols, &handlers, &port, &error);
    if (good && cert)
        good = web_listen(s.web, address, 0, cert, key, false, protocols, &handlers, &tls_port, &error);
    if (good) {
        loop_on_signal(s.loop, SIGTERM, signalled, &s);
        printf("port=%d\n", port);
        if (cert) printf("tls_port=%d\n", tls_port);
        printf("pid=%d\nready=1\n", (int)getpid());
        fflush(stdout);
        loop_run(s.loop);
    } else {
        printf("error=%s\n", error);
    }
    web_free(&s.web);
    for (struct list *it = s.pending.next; it != &s.pending; it = s.pending.next)
        late_free(LIST_OF(it, struct late, node));
    loop_free(&s.loop);
    return good ? 0 : 1;
}
