#include "io/web_private.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCEPTS_AT_ONCE 64
#define HEAD_POOL_MAX                                                                                        \
    2048 /* header blocks of the library, 17 KiB each, taken only while a request is in hand */

static void acceptable(struct watch *watch, unsigned got)
{
    struct listener *l = watch->arg;
    (void)got;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t n = sizeof from;
        int fd = accept4(watch->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            conn_admit(l, fd, &from);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            /* Nothing can be taken now; the sweep looks again. Else the full queue would spin the loop. */
            log_line(LOG_WARNING, LOG_WEB, "no descriptor left for a connection", "error=%d", errno);
            watch_set(l->web->loop, watch, watch->fd, 0);
            conn_sweep_soon(l->web);
            return;
        }
        if (errno != EINTR && errno != ECONNABORTED) return;
    }
}

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
        p[i].callback = web_library_event;
        p[i].per_session_data_size = 1; /* without any the library does not tell of an end */
        p[i].rx_buffer_size = 256;      /* held by every WebSocket */
        p[i].tx_packet_size = WEB_CHUNK + 1024;
    }
    return p;
}

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
            (unsigned)web_whole_seconds(SPAN_US(MAX(w->cfg.body_deadline.us, w->cfg.upload_deadline.us))) + 5,
        .timeout_secs_ah_idle = (unsigned)web_whole_seconds(w->cfg.header_deadline) + 2,
        .keepalive_timeout = web_whole_seconds(w->cfg.keepalive) + 5,
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

void listener_stop(struct listener *l)
{
    if (l->watch.fd < 0) return;
    int fd = l->watch.fd;
    watch_set(l->web->loop, &l->watch, fd, 0);
    close(fd);
    l->watch.fd = -1;
}

void listener_free(struct listener *l)
{
    listener_stop(l);
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
