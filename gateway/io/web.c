#include "io/web_private.h"
#include <stdlib.h>
#include <string.h>

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

static void turn_end(void *arg)
{
    http_flush_ready(arg);
    conn_kill_marked(arg);
}

/* --- what the library tells --- */

int web_library_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t len)
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

/* --- life --- */

u64 web_new_id(struct web *w) { return ++w->last_id; }

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
    w->ws_idle.secs_since_valid_ping = (unsigned short)MIN(web_whole_seconds(cfg->ws_idle), 30000);
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
    w->sweep = (struct timer){.fire = conn_sweep, .arg = w};
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
    LIST_EACH(&w->listeners, it) listener_stop(LIST_OF(it, struct listener, node));
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
