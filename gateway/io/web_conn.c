#include "io/web_private.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FDS_KEPT_BACK 64 /* for the database, outbound calls, files */

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
void conn_kill_marked(struct web *w)
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

void conn_sweep_soon(struct web *w)
{
    if (!timer_active(&w->sweep)) timer_set(w->loop, &w->sweep, sweep_every(w));
}

/* A peer that sends while a long answer goes out to it would keep its socket readable and the loop spinning: the
 * library does not read then, and does not write either when reading is stopped. One whose early bytes are in the
 * library's buffer makes every other answer look as if it had some too (see web_exchange.h): it has to take its
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

void conn_sweep(struct timer *t)
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

/* --- coming and going --- */

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

void conn_free(struct conn *c)
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

void conn_admit(struct listener *l, int fd, const struct sockaddr_storage *from)
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
    conn_sweep_soon(w);
}
