/* `mashangdu serve`: puts the parts together, listens, and takes them apart again in order. */
#include "gateway.h"
#include "doors.h"
#include "channel_log.h"
#include "citizen.h"
#include "clock.h"
#include "conversation.h"
#include "files.h"
#include "guard.h"
#include "finders.h"
#include "hub.h"
#include "ids.h"
#include "intake.h"
#include "joins.h"
#include "kiosk.h"
#include "ledger.h"
#include "twinfinder.h"
#include "wordindex.h"
#include "live.h"
#include "media.h"
#include "metrics.h"
#include "notices.h"
#include "oidc.h"
#include "ops.h"
#include "outbox.h"
#include "parts.h"
#include "ratings.h"
#include "reforms.h"
#include "plaques.h"
#include "presence.h"
#include "register.h"
#include "sealed.h"
#include "session.h"
#include "staff.h"
#include "models.h"
#include "trainings.h"
#include "base/log.h"
#include "core/address.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define RATE_SLOTS 65536

bool gateway_rate(struct gateway *g, struct bucket_table *t, struct str peer, int per_minute, int tokens,
                  span *wait_r)
{
    /* A keyed hash per process: the table never holds an address. */
    u64 h = g->address_key;
    u8 household[ADDRESS_KEY];
    struct bucket_rate rate = {SPAN_US(60000000 / per_minute), (u32)MAX(per_minute, 2)};
    address_scope_key(peer, ADDRESS_HOUSEHOLD, household);
    for (size_t i = 0; i < sizeof household; i++) h = (h ^ household[i]) * 0x100000001b3u;
    h ^= h >> 29;
    for (int i = 0; i < tokens; i++) {
        *wait_r = bucket_table_take(t, h | 1, clock_monotonic(), rate);
        if (wait_r->us > 0) return false;
    }
    return true;
}

static struct web_config web_settings(const struct config *c)
{
    return (struct web_config){
        .body_max = c->body_max,
        .ws_message_max = c->ws_message_max,
        .connections_max = (unsigned)c->connections_max,
        .per_address_max = (unsigned)c->per_address_max,
        .header_deadline = c->header_deadline,
        .body_deadline = c->body_deadline,
        .answer_deadline = c->answer_deadline,
        .upload_memory = c->upload_memory,
        .upload_deadline = c->upload_deadline,
        .upload_answer = SPAN_US(c->answer_deadline.us + SUBMISSION_FILES_MAX * c->media_deadline.us),
        .keepalive = c->keepalive,
        .ws_idle = c->ws_idle,
        .ws_buffered_max = c->ws_buffered_max,
        .ws_slow_max = c->ws_slow_max,
        .trusted_proxies = c->trusted_proxies[0] ? c->trusted_proxies : NULL};
}

static void notified(void *arg, const char *channel, struct str payload)
{
    struct gateway *g = arg;
    if (strcmp(channel, "msd_register") == 0) {
        register_reload(g);
        ratings_reload(g);
        sealed_reload(g);
        models_look(g);
    } else if (strcmp(channel, "msd_kiosk") == 0) {
        kiosk_wake(g, payload);
    } else if (strcmp(channel, "msd_sessions") == 0) {
        hub_sessions_check(g);
    } else if (strcmp(channel, "msd_presence") == 0) {
        presence_wake(g, payload);
    } else if (strcmp(channel, "msd_outbox") == 0) {
        outbox_wake(g); /* somebody had messages sent again */
    } else {
        hub_wake(g);
        twinfinder_wake(g);
        notices_wake(g);
        clock_wake(g); /* an act, here or elsewhere, may have moved a clock */
    }
}

/* Whatever was missed while the LISTEN connection was away is read now. */
static void listen_up(void *arg)
{
    struct gateway *g = arg;
    register_reload(g);
    ratings_reload(g);
    kiosk_wake(g, STR_NONE);
    sealed_reload(g);
    hub_sessions_check(g);
    hub_wake(g);
    presence_wake(g, STR_NONE);
    notices_wake(g);
    outbox_wake(g);
    clock_wake(g);
}

static void stop_loop(void *arg) { loop_stop(((struct gateway *)arg)->loop); }

static void plaques_written(void *arg)
{
    struct gateway *g = arg;
    outbox_drain(g->outbox, g->cfg.drain_limit, stop_loop, g);
}

/* The doors are shut; what is on its way out gets its outcome stored, or nobody would know whether it left. */
static void drained(void *arg)
{
    struct gateway *g = arg;
    plaques_drain(g->plaques, plaques_written, g);
}

static void on_signal(void *arg, int signum)
{
    struct gateway *g = arg;
    const char *why;
    if (signum != SIGHUP) {
        if (g->draining) return;
        g->draining = true;
        log_line(LOG_INFO, LOG_MAIN, "stopping: no new work, what is in flight is finished", "signal=%d",
                 signum);
        web_drain(g->web, g->cfg.drain_limit, drained, g);
        return;
    }
    if (!config_reload(&g->cfg, &why)) {
        log_line(LOG_ERROR, LOG_MAIN, "settings not taken over", "why=\"%s\"", why);
        return;
    }
    struct web_config w = web_settings(&g->cfg);
    web_reconfigure(g->web, &w);
    httpc_allow_private(g->httpc, g->cfg.webhook_private);
    if (!log_trace_parse(g->cfg.trace, &log_trace_mask))
        log_line(LOG_ERROR, LOG_MAIN, "trace names no part", NULL);
    u32 factor_roles;
    if (!session_factor_roles_parse(g->cfg.totp_roles, &factor_roles))
        log_line(LOG_ERROR, LOG_MAIN,
                 "totp_roles names a post that there is not: everybody needs a second factor", NULL);
    if (!outbox_quiet_good(g->cfg.sms_quiet))
        log_line(LOG_ERROR, LOG_MAIN, "sms_quiet is neither hours like 21:00-08:00 nor none: nothing waits",
                 NULL);
    if (!staff_export_roles_good(g->cfg.export_roles))
        log_line(LOG_ERROR, LOG_MAIN,
                 "export_roles names something that is no role: only the others may export", NULL);
    ledger_look(g->ledger);
    sealed_reload(g);
    COUNT(SETTINGS_RELOADS);
    log_line(LOG_INFO, LOG_MAIN, "settings taken over", NULL);
}

static bool write_ports(const struct gateway *g, int port, int ops_port)
{
    if (!g->cfg.port_file[0]) return true;
    char tmp[4096];
    if ((size_t)snprintf(tmp, sizeof tmp, "%s.tmp", g->cfg.port_file) >= sizeof tmp) return false;
    FILE *f = fopen(tmp, "w");
    if (!f) return false;
    bool good = fprintf(f, "listen=%d\nops=%d\npid=%ld\n", port, ops_port, (long)getpid()) > 0;
    good = fclose(f) == 0 && good;
    return good && rename(tmp, g->cfg.port_file) == 0; /* readers see a whole file or none */
}

/* Connection strings separated by '|'. */
static size_t split_hosts(char *text, const char **hosts, size_t max)
{
    size_t n = 0;
    for (char *save, *p = strtok_r(text, "|", &save); p && n < max; p = strtok_r(NULL, "|", &save))
        hosts[n++] = p;
    return n;
}

static bool start(struct gateway *g, const char **why)
{
    static const char *const channels[] = {
        "msd_events", "msd_presence", "msd_register", "msd_outbox", "msd_kiosk", "msd_sessions", NULL};
    static struct web_handlers public_handlers, ops_handlers;
    const struct config *c = &g->cfg;
    static char hosts_text[2048];
    static const char *hosts[8];
    size_t n_statements;
    int port, ops_port;
    struct web_config w = web_settings(c);

    if (!crypto_init() || !(g->keys = keys_load(c->key_file, why))) return false;
    if (!(g->simplify = simplify_open(why))) return false;
    u32 factor_roles;
    if (!session_factor_roles_parse(c->totp_roles, &factor_roles)) {
        *why = "totp_roles names a post that there is not";
        return false;
    }
    if (!log_trace_parse(c->trace, &log_trace_mask)) {
        *why = "trace names no part";
        return false;
    }
    snprintf(hosts_text, sizeof hosts_text, "%s", c->database);
    if (!outbox_quiet_good(c->sms_quiet)) {
        *why = "sms_quiet is neither hours like 21:00-08:00 nor none";
        return false;
    }
    if (!staff_export_roles_good(c->export_roles)) {
        *why = "export_roles names something that is no role";
        return false;
    }
    struct db_config d = {.hosts = hosts,
                          .n_hosts = split_hosts(hosts_text, hosts, ARRAY_LEN(hosts)),
                          .application = "mashangdu",
                          .connect_deadline = c->db_connect_deadline,
                          .statement_deadline = c->db_statement_deadline};
    if (d.n_hosts == 0) {
        *why = "setting database is empty";
        return false;
    }
    crypto_random(&g->address_key, sizeof g->address_key);
    bucket_table_init(&g->submit_rate, RATE_SLOTS);
    bucket_table_init(&g->status_rate, RATE_SLOTS);
    bucket_table_init(&g->login_rate, RATE_SLOTS / 8);
    bucket_table_init(&g->open_rate, RATE_SLOTS / 8);
    g->loop = loop_new();
    loop_on_signal(g->loop, SIGTERM, on_signal, g);
    loop_on_signal(g->loop, SIGINT, on_signal, g);
    loop_on_signal(g->loop, SIGHUP, on_signal, g);
    if (!(g->web = web_new(g->loop, &w, why))) return false;
    if (!citizen_start(g, why) || !files_start(g, why)) return false;
    g->httpc = httpc_new(g->loop, 256);
    httpc_allow_private(g->httpc, c->webhook_private);
    if (!oidc_start(g, why)) return false;

    const struct db_stmt *const *statements = gateway_statements(&n_statements);
    g->db = db_new(g->loop, &d);
    g->lane_intake = db_lane_open(g->db, "intake", 1, 2, 64, statements, n_statements);
    g->lane_staff = db_lane_open(g->db, "staff", c->db_staff_connections, 4, 256, statements, n_statements);
    g->lane_public =
        db_lane_open(g->db, "public", c->db_public_connections, 16, 1024, statements, n_statements);
    /* Of its own: catching up over years of acts stands in nobody's way. */
    g->lane_ledger = db_lane_open(g->db, "ledger", 1, 1, 4, statements, n_statements);
    /* Of its own as well: ten thousand surveys stand in front of no citizen. */
    g->lane_outbox = db_lane_open(g->db, "outbox", 2, 4, 1024, statements, n_statements);
    g->lane_clock = db_lane_open(g->db, "clock", 1, 4, 64, statements, n_statements);
    g->guard = guard_new(g);
    ids_start(g);
    register_start(g);
    g->models = models_new(g);
    g->trainings = trainings_new(g);
    ratings_start(g);
    sealed_start(g);
    g->hub = hub_new(g);
    g->presence = presence_new(g);
    g->live = live_new(g);
    channel_log_start(g);
    g->outbox = outbox_new(g);
    g->notices = notices_new(g);
    g->clock = clock_new(g);
    g->ledger = ledger_new(g);
    g->wordindex = wordindex_new(g);
    g->twinfinder = twinfinder_new(g);
    g->intake = intake_new(g);
    g->conversation = conversation_new(g);
    g->parts = parts_new(g);
    g->joins = joins_new(g);
    g->reforms = reforms_new(g);
    g->plaques = plaques_new(g);
    if (!(g->store = store_new(g, why))) return false;
    g->media = media_new(g);
    db_listen_open(g->db, channels, notified, listen_up, g);

    public_handlers = doors_handlers(g);
    ops_handlers = (struct web_handlers){.arg = g, .request = ops_request};
    bool tls = c->tls_cert[0] && c->tls_key[0];
    if (!web_listen(g->web, c->listen_address, c->listen_port, tls ? c->tls_cert : NULL,
                    tls ? c->tls_key : NULL, c->listen_share, doors_protocols, &public_handlers, &port,
                    why) ||
        !web_listen(g->web, c->ops_address, c->ops_port, NULL, NULL, false, NULL, &ops_handlers, &ops_port,
                    why))
        return false;
    if (!write_ports(g, port, ops_port)) {
        *why = "port_file cannot be written";
        return false;
    }
    log_line(LOG_INFO, LOG_MAIN, "listening", "port=%d ops_port=%d version=" MSD_VERSION, port, ops_port);
    return true;
}

/* Against the order of start: nobody may call into a part that is gone. */
static void stop(struct gateway *g)
{
    if (g->web) web_free(&g->web);
    if (g->httpc) httpc_free(&g->httpc);
    if (g->db) db_free(&g->db);
    intake_free(&g->intake);
    conversation_free(&g->conversation);
    plaques_free(&g->plaques);
    parts_free(&g->parts);
    reforms_free(&g->reforms);
    joins_free(&g->joins);
    twinfinder_free(&g->twinfinder);
    wordindex_free(&g->wordindex);
    ledger_free(&g->ledger);
    clock_free(&g->clock);
    notices_free(&g->notices);
    outbox_free(&g->outbox);
    channel_log_stop(g);
    live_free(&g->live);
    presence_free(&g->presence);
    hub_free(&g->hub);
    ratings_stop(g);
    sealed_stop(g);
    models_free(&g->models);
    trainings_free(&g->trainings);
    register_stop(g);
    citizen_stop(g);
    files_stop(g);
    oidc_stop(g);
    media_free(&g->media);
    store_free(&g->store);
    if (g->loop) {
        loop_signals_off(g->loop);
        loop_free(&g->loop);
    }
    bucket_table_free(&g->submit_rate);
    bucket_table_free(&g->status_rate);
    bucket_table_free(&g->login_rate);
    bucket_table_free(&g->open_rate);
    guard_free(&g->guard);
    simplify_close(&g->simplify);
    keys_free(&g->keys);
}

/* lws and libpq each take sockets up to the limit; keep the soft limit at the hard one. */
static void raise_files(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = MIN(r.rlim_max, (rlim_t)65536);
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

int gateway_serve(struct config *cfg)
{
    static struct gateway g;
    const char *why = "unknown";
    g.cfg = *cfg;
    mem_lives_long();
    signal(SIGPIPE, SIG_IGN);
    raise_files();
    if (!start(&g, &why)) {
        log_line(LOG_FATAL, LOG_MAIN, "cannot start", "why=\"%s\"", why);
        return 1;
    }
    loop_run(g.loop);
    stop(&g);
    log_line(LOG_INFO, LOG_MAIN, "stopped", NULL);
    return g.failed ? 1 : 0;
}
