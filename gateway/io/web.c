#include "io/web_private.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FDS_KEPT_BACK   64 /* for the database, outbound calls, files */
#define ACCEPTS_AT_ONCE 64
#define HEAD_POOL_MAX                                                                                        \
    2048 /* header blocks of the library, 17 KiB each, taken only while a request is in hand */

static int library_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t len);
static void sweep(struct timer *t);

/* --- the library's log, with a limit: one peer must not be able to fill the disk --- */

static void library_log(int level, const char *line)
{
    static i64 second;
    static unsigned lines, dropped;
    i64 now = clock_monotonic().us / 1000000;
    if (now != second) {
        if (dropped) log_line(LOG_WARNING, LOG_WEB, "library lines left out", "lines=%u", dropped);
        second = now;
        lines = dropped = 0;
    }
    if (++lines > 5) {
        dropped++;
        return;
    }
    char text[160];
    size_t n = 0;
    for (; line[n] && line[n] != '\n' && n < sizeof text - 1; n++) text[n] = line[n] == '"' ? '\'' : line[n];
    text[n] = '\0';
    log_line(level == LLL_ERR ? LOG_ERROR : LOG_WARNING, LOG_WEB, "libwebsockets", "text=\"%s\"", text);
}

/* --- phases and deadlines --- */

void conn_move(struct conn *c, enum phase phase)
{
    list_remove(&c->node);
    c->phase = phase;
    c->since = clock_monotonic();
    list_push(&c->web->phases[phase], &c->node);
}

static span deadline_of(const struct web *w, enum phase phase)
{
    switch (phase) {
    case PHASE_HEAD:
        return w->cfg.header_deadline;
    case PHASE_BODY:
        return w->cfg.body_deadline;
    case PHASE_UPLOAD:
        return w->cfg.upload_deadline;
    case PHASE_ANSWER:
        return w->cfg.answer_deadline;
    case PHASE_MAKING:
        return w->cfg.upload_answer;
    case PHASE_SEND:
        return w->cfg.body_deadline;
    case PHASE_IDLE:
        return w->cfg.keepalive;
    case PHASE_LINGER:
        return WEB_LINGER;
    case PHASE_BEHIND:
        return w->cfg.ws_slow_max;
    default:
        return SPAN_US(0);
    }
}

void conn_kill(struct conn *c, bool polite)
{
    if (c->dying) return;
    c->dying = true;
    c->polite = polite;
    if (list_empty(&c->web->phases[PHASE_KILL])) loop_wake(c->web->loop);
    conn_move(c, PHASE_KILL);
}

/* Outside all callbacks of the library a connection may be ended at once. Its own way to ask for an end later is
 * a timer, which other traffic of an HTTP/2 connection sets anew. */
static void kill_marked(struct web *w)
{
    while (!list_empty(&w->phases[PHASE_KILL])) {
        struct conn *c = LIST_OF(w->phases[PHASE_KILL].next, struct conn, node);
        conn_move(c, PHASE_NONE);
        /* What is buffered goes out first, unless the socket takes nothing any more. */
        if (!c->polite && !c->parent) shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
    }
}

static void expire(struct conn *c)
{
    struct web *w = c->web;
    switch (c->phase) {
    case PHASE_HEAD:
        w->counters.header_deadline++;
        conn_kill(c, false);
        break;
    case PHASE_BODY:
    case PHASE_UPLOAD:
        http_body_timeout(c);
        break;
    case PHASE_ANSWER:
    case PHASE_MAKING:
        http_answer_timeout(c);
        break;
    case PHASE_IDLE:
        w->counters.keepalive_swept++;
        conn_kill(c, true);
        break;
    case PHASE_BEHIND:
        w->counters.ws_slow_closed++;
        conn_kill(c, false);
        break;
    default:
        conn_kill(c, false);
    }
}

static span sweep_every(const struct web *w)
{
    i64 us = SPAN_MS(500).us;
    for (int p = 0; p < PHASES_N; p++) {
        i64 d = deadline_of(w, (enum phase)p).us;
        if (d > 0) us = MIN(us, d / 4);
    }
    return SPAN_US(MAX(us, SPAN_MS(20).us));
}

/* A peer that sends while a long answer goes out to it would keep its socket readable and the loop spinning: the
 * library does not read then, and does not write either when reading is stopped. One whose early bytes are in the
 * library's buffer makes every other answer look as if it had some too (see web_http.c): it has to take its
 * answer without a pause. */
static void end_talkers(struct web *w, instant now)
{
    char byte;
    LIST_EACH(&w->phases[PHASE_SEND], it)
    {
        struct conn *c = LIST_OF(it, struct conn, node);
        if (c->parent) continue;
        bool idle = instant_before(instant_add(c->since, SPAN_S(1)), now);
        bool talks =
            !c->listener->tls && recv(lws_get_socket_fd(c->wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
        if (talks || (idle && http_pipelined(c))) conn_kill(c, !idle);
    }
}

static void sweep(struct timer *t)
{
    struct web *w = t->arg;
    instant now = clock_monotonic();
    for (int p = 0; p < PHASES_N; p++) {
        span limit = deadline_of(w, (enum phase)p);
        while (limit.us > 0 && !list_empty(&w->phases[p])) {
            struct conn *c = LIST_OF(w->phases[p].next, struct conn, node);
            if (instant_before(now, instant_add(c->since, limit))) break;
            expire(c);
            /* expire() moves it to another list or to the end of its own. */
        }
    }
    end_talkers(w, now);
    LIST_EACH(&w->listeners, it)
    {
        struct listener *l = LIST_OF(it, struct listener, node);
        if (l->watch.fd >= 0 && !l->watch.want) watch_set(w->loop, &l->watch, l->watch.fd, WATCH_READ);
    }
    if (w->counters.connections_now || w->draining) timer_set(w->loop, &w->sweep, sweep_every(w));
}

static void turn_end(void *arg)
{
    http_flush_ready(arg);
    kill_marked(arg);
}

/* --- connections --- */

u64 web_new_id(struct web *w) { return ++w->last_id; }

static struct conn *conn_new(struct listener *l, struct lws *wsi)
{
    struct conn *c = MEM_NEW(struct conn);
    list_init(&c->node);
    c->web = l->web;
    c->listener = l;
    c->wsi = wsi;
    return c;
}

static bool address_enter(struct web *w, u64 key, const u8 address[16])
{
    if (w->cfg.per_address_max == 0 || proxies_trust(&w->proxies, address)) return true;
    unsigned *open = idmap_get(&w->addresses, key);
    if (open && *open >= w->cfg.per_address_max) return false;
    return true;
}

static void address_count(struct web *w, u64 key, int by)
{
    unsigned *open = idmap_get(&w->addresses, key);
    if (!open) {
        open = MEM_NEW(unsigned);
        idmap_put(&w->addresses, key, open);
    }
    *open = (unsigned)((int)*open + by);
    if (*open == 0) {
        idmap_take(&w->addresses, key);
        free(open);
    }
}

struct conn *conn_of_stream(struct lws *wsi, struct listener *l)
{
    struct conn *c = lws_get_opaque_user_data(wsi);
    if (c) return c;
    struct lws *network = lws_get_network_wsi(wsi);
    struct conn *parent = network != wsi ? lws_get_opaque_user_data(network) : NULL;
    if (!parent) return NULL;
    c = conn_new(l, wsi);
    c->parent = parent;
    memcpy(c->address, parent->address, sizeof c->address);
    lws_set_opaque_user_data(wsi, c);
    conn_move(c, PHASE_BODY);
    if (parent->streams++ == 0 && !parent->dying) conn_move(parent, PHASE_NONE);
    return c;
}

static void conn_free(struct conn *c)
{
    struct web *w = c->web;
    http_detach(c);
    ws_detach(c);
    list_remove(&c->node);
    if (c->parent && --c->parent->streams == 0 && !c->parent->dying) conn_move(c->parent, PHASE_IDLE);
    if (c->counted) {
        w->counters.connections_now--;
        address_count(w, c->address_key, -1);
    }
    free(c);
    web_look_drained(w);
}

static unsigned connections_allowed(const struct web *w)
{
    struct rlimit fds;
    if (getrlimit(RLIMIT_NOFILE, &fds) != 0 || fds.rlim_cur > 1u << 30) return w->cfg.connections_max;
    unsigned most = fds.rlim_cur > 2 * FDS_KEPT_BACK ? (unsigned)fds.rlim_cur - FDS_KEPT_BACK
                                                     : (unsigned)fds.rlim_cur / 2;
    return w->cfg.connections_max ? MIN(w->cfg.connections_max, most) : most;
}

static void admit(struct listener *l, int fd, const struct sockaddr_storage *from)
{
    struct web *w = l->web;
    u8 address[16];
    int on = 1;
    address_of(from, address);
    u64 key = address_key(address);
    if (w->counters.connections_now >= connections_allowed(w)) {
        w->counters.connections_refused_total++;
        close(fd);
        return;
    }
    if (!address_enter(w, key, address)) {
        w->counters.connections_refused_address++;
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    lws_sock_file_fd_type desc = {.sockfd = fd};
    struct lws *wsi = lws_adopt_descriptor_vhost(
        l->vhost, (lws_adoption_type)(LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL), desc, NULL,
        NULL);
    if (!wsi) return; /* the library has closed it */
    struct conn *c = conn_new(l, wsi);
    lws_set_opaque_user_data(wsi, c);
    address_text(address, c->address);
    c->address_key = key;
    c->counted = true;
    address_count(w, key, 1);
    w->counters.connections_accepted++;
    w->counters.connections_now++;
    conn_move(c, PHASE_HEAD);
    if (!timer_active(&w->sweep)) timer_set(w->loop, &w->sweep, sweep_every(w));
}

static void acceptable(struct watch *watch, unsigned got)
{
    struct listener *l = watch->arg;
    (void)got;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t n = sizeof from;
        int fd = accept4(watch->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            admit(l, fd, &from);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            /* Nothing can be taken now; the sweep looks again. Else the full queue would spin the loop. */
            log_line(LOG_WARNING, LOG_WEB, "no descriptor left for a connection", "error=%d", errno);
            watch_set(l->web->loop, watch, watch->fd, 0);
            if (!timer_active(&l->web->sweep)) timer_set(l->web->loop, &l->web->sweep, sweep_every(l->web));
            return;
        }
        if (errno != EINTR && errno != ECONNABORTED) return;
    }
}

/* --- what the library tells --- */

static int library_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t len)
{
    (void)user;
    struct conn *c;
    switch (why) {
    case LWS_CALLBACK_WSI_DESTROY:
        c = lws_get_opaque_user_data(wsi);
        if (!c) return 0;
        lws_set_opaque_user_data(wsi, NULL);
        conn_free(c);
        return 0;
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        c = lws_get_opaque_user_data(wsi);
        return c ? http_event(c, wsi, why, in, len) : 0;
    case LWS_CALLBACK_CLOSED:
        c = lws_get_opaque_user_data(wsi);
        return c ? ws_event(c, wsi, why, in, len) : 0;
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
    case LWS_CALLBACK_HTTP_WRITEABLE:
    case LWS_CALLBACK_RAW_RX:
        c = conn_of_stream(wsi, lws_get_vhost_user(lws_get_vhost(wsi)));
        return c ? http_event(c, wsi, why, in, len) : -1;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
        c = conn_of_stream(wsi, lws_get_vhost_user(lws_get_vhost(wsi)));
        return c ? ws_event(c, wsi, why, in, len) : -1;
    default:
        return 0;
    }
}

/* --- listeners --- */

static int open_port(const char *address, int port, bool share, int *port_r, const char **error_r)
{
    char service[8];
    int on = 1, fd = -1;
    struct addrinfo *found = NULL,
                    hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST};
    snprintf(service, sizeof service, "%d", port);
    if (address && *address == '\0') address = NULL;
    if (getaddrinfo(address ? address : "0.0.0.0", service, &hints, &found) != 0) {
        *error_r = "the address to listen on is no numeric address";
        return -1;
    }
    struct sockaddr_storage bound = {0};
    socklen_t n = sizeof bound;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (good && share) good = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
    if (good && found->ai_family == AF_INET6)
        good = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    good = good && bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0 &&
           getsockname(fd, (struct sockaddr *)&bound, &n) == 0;
    freeaddrinfo(found);
    if (!good) {
        *error_r =
            errno == EADDRINUSE ? "the port to listen on is in use" : "cannot listen on the address and port";
        if (fd >= 0) close(fd);
        return -1;
    }
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
    memcpy(&v6, &bound, sizeof v6);
    memcpy(&v4, &bound, sizeof v4);
    *port_r = ntohs(bound.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
    return fd;
}

/* Number 0 serves HTTP under a name that no peer can ask for as a subprotocol; the others are WebSockets. */
static struct lws_protocols *library_protocols(const char *const *protocols)
{
    size_t n = 0;
    while (protocols && protocols[n]) n++;
    struct lws_protocols *p = mem_alloc((n + 2) * sizeof *p);
    for (size_t i = 0; i <= n; i++) {
        p[i].name = i ? protocols[i - 1] : "(http)";
        p[i].callback = library_event;
        p[i].per_session_data_size = 1; /* without any the library does not tell of an end */
        p[i].rx_buffer_size = 256;      /* held by every WebSocket */
        p[i].tx_packet_size = WEB_CHUNK + 1024;
    }
    return p;
}

static int whole_seconds(span s) { return (int)MAX((s.us + 999999) / 1000000, (i64)1); }

static bool open_library(struct listener *l, const char *cert, const char *key, const char **error_r)
{
    struct web *w = l->web;
    void *loops[] = {loop_uv(w->loop)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options =
            LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8,
        .foreign_loops = loops,
        .pcontext = &l->context,
        .max_http_header_data = WEB_HEAD_MAX,
        .max_http_header_pool =
            (unsigned short)MIN(MAX(w->cfg.connections_max, 16u), (unsigned)HEAD_POOL_MAX),
        .pt_serv_buf_size = 16 * 1024,
        /* Backstops only: the sweep comes first. */
        .timeout_secs =
            (unsigned)whole_seconds(SPAN_US(MAX(w->cfg.body_deadline.us, w->cfg.upload_deadline.us))) + 5,
        .timeout_secs_ah_idle = (unsigned)whole_seconds(w->cfg.header_deadline) + 2,
        .keepalive_timeout = whole_seconds(w->cfg.keepalive) + 5,
        .retry_and_idle_policy = &w->ws_idle,
        .protocols = l->lws_protocols,
        .vhost_name = "gateway",
        .user = l,
    };
    if (cert) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    l->context = lws_create_context(&info);
    if (!l->context) {
        *error_r = "libwebsockets does not start (is libwebsockets-evlib-uv installed?)";
        return false;
    }
    if (cert) {
        info.ssl_cert_filepath = cert;
        info.ssl_private_key_filepath = key;
        info.alpn = w->cfg.http2 ? "h2,http/1.1" : "http/1.1";
    } else {
        /* A method that the library does not know comes to us as raw bytes instead of its own 403 page. */
        info.options |= LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG;
    }
    l->vhost = lws_create_vhost(l->context, &info);
    if (!l->vhost)
        *error_r = cert ? "the TLS certificate or its key cannot be used" : "libwebsockets makes no listener";
    return l->vhost != NULL;
}

/* The library lets go in two steps with turns of the loop between: its sockets, then its own handles. */
static void close_library(struct listener *l)
{
    if (!l->context) return;
    lws_context_destroy(l->context);
    while (loop_turn(l->web->loop)) continue;
    if (l->context) lws_context_destroy(l->context);
    while (loop_turn(l->web->loop)) continue;
    ASSERT(l->context == NULL);
}

static void stop_listening(struct listener *l)
{
    if (l->watch.fd < 0) return;
    int fd = l->watch.fd;
    watch_set(l->web->loop, &l->watch, fd, 0);
    close(fd);
    l->watch.fd = -1;
}

static void listener_free(struct listener *l)
{
    stop_listening(l);
    close_library(l);
    list_remove(&l->node);
    free(l->lws_protocols);
    free(l);
}

bool web_listen(struct web *w, const char *address, int port, const char *cert, const char *key, bool share,
                const char *const *protocols, const struct web_handlers *handlers, int *port_r,
                const char **error_r)
{
    int fd = open_port(address, port, share, port_r, error_r);
    if (fd < 0) return false;
    struct listener *l = MEM_NEW(struct listener);
    list_init(&l->node);
    l->web = w;
    l->handlers = handlers;
    l->protocols = protocols;
    l->tls = cert != NULL;
    l->lws_protocols = library_protocols(protocols);
    l->watch = (struct watch){.fd = fd, .ready = acceptable, .arg = l};
    list_push(&w->listeners, &l->node);
    if (!open_library(l, cert, key, error_r)) {
        listener_free(l);
        return false;
    }
    watch_set(w->loop, &l->watch, fd, WATCH_READ);
    return true;
}

/* --- life --- */

static bool take_config(struct web *w, const struct web_config *cfg, const char **error_r)
{
    struct proxies proxies;
    if (!proxies_parse(cfg->trusted_proxies, &proxies)) {
        *error_r = "trusted_proxies is no list of addresses and ranges";
        return false;
    }
    w->proxies = proxies;
    w->cfg = *cfg;
    w->cfg.trusted_proxies = NULL; /* parsed; the caller's text may go */
    w->ws_idle.secs_since_valid_ping = (unsigned short)MIN(whole_seconds(cfg->ws_idle), 30000);
    w->ws_idle.secs_since_valid_hangup = (unsigned short)(w->ws_idle.secs_since_valid_ping + 10);
    return true;
}

struct web *web_new(struct loop *loop, const struct web_config *cfg, const char **error_r)
{
    struct web *w = MEM_NEW(struct web);
    if (!take_config(w, cfg, error_r)) {
        free(w);
        return NULL;
    }
    w->loop = loop;
    list_init(&w->listeners);
    list_init(&w->ready);
    for (int p = 0; p < PHASES_N; p++) list_init(&w->phases[p]);
    idmap_init(&w->tickets);
    idmap_init(&w->sockets);
    idmap_init(&w->addresses);
    w->sweep = (struct timer){.fire = sweep, .arg = w};
    loop_on_turn_end(loop, turn_end, w);
    lws_set_log_level(LLL_ERR | LLL_WARN, library_log);
    return w;
}

void web_reconfigure(struct web *w, const struct web_config *cfg)
{
    const char *error = NULL;
    if (!take_config(w, cfg, &error))
        log_line(LOG_ERROR, LOG_WEB, "settings kept as they were", "reason=\"%s\"", error);
}

const struct web_counters *web_counters(const struct web *w) { return &w->counters; }

static void tell_drained(struct web *w)
{
    if (w->drained_told) return;
    w->drained_told = true;
    timer_stop(&w->drain_limit);
    w->drained(w->drained_arg);
}

void web_look_drained(struct web *w)
{
    if (w->draining && w->counters.connections_now == 0 && !w->drained_told)
        timer_set(w->loop, &w->drain_limit, SPAN_US(0));
}

static void drain_limit_came(struct timer *t) { tell_drained(t->arg); }

void web_drain(struct web *w, span limit, void (*drained)(void *arg), void *arg)
{
    u64 id;
    void *value;
    size_t at = 0;
    ASSERT(!w->draining);
    w->draining = true;
    w->drained = drained;
    w->drained_arg = arg;
    w->drain_limit = (struct timer){.fire = drain_limit_came, .arg = w};
    timer_set(w->loop, &w->drain_limit, limit);
    LIST_EACH(&w->listeners, it) stop_listening(LIST_OF(it, struct listener, node));
    LIST_EACH(&w->phases[PHASE_IDLE], it) conn_kill(LIST_OF(it, struct conn, node), true);
    LIST_EACH(&w->phases[PHASE_HEAD], it) conn_kill(LIST_OF(it, struct conn, node), true);
    while (idmap_next(&w->sockets, &at, &id, &value)) web_ws_close(w, id, 1001, "going away");
    web_look_drained(w);
}

void web_free(struct web **wp)
{
    struct web *w = *wp;
    if (!w) return;
    loop_off_turn_end(w->loop, turn_end, w);
    w->drained_told = true; /* nobody is told any more */
    LIST_EACH(&w->listeners, it) listener_free(LIST_OF(it, struct listener, node));
    timer_stop(&w->sweep);
    timer_stop(&w->drain_limit);
    idmap_free(&w->tickets);
    idmap_free(&w->sockets);
    idmap_free(&w->addresses);
    free(w);
    *wp = NULL;
}
