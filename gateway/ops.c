#include "ops.h"
#include "clock.h"
#include "hub.h"
#include "ids.h"
#include "intake.h"
#include "ledger.h"
#include "metrics.h"
#include "models.h"
#include "outbox.h"
#include "register.h"
#include "reply.h"
#include "sealed.h"
#include "staff_calendar.h"

static bool ready(struct gateway *g)
{
    return !g->draining && g->key_right && register_ready(g) && sealed_known(g) && ids_ready(g) &&
           hub_ready(g->hub) && db_lane_up(g->lane_intake) && db_lane_up(g->lane_staff) &&
           db_lane_up(g->lane_public);
}

/* One family: its help, its type, a line for each lane. */
static void put_lanes(struct text *t, struct gateway *g)
{
    const struct {
        const char *name;
        const struct db_lane *lane;
    } lanes[] = {{"intake", g->lane_intake}, {"staff", g->lane_staff},   {"public", g->lane_public},
                 {"clock", g->lane_clock},   {"ledger", g->lane_ledger}, {"outbox", g->lane_outbox}};
    static const struct {
        const char *name, *type, *help;
    } families[] = {
        {"db_up", "gauge", "Connections that take calls."},
        {"db_calls_total", "counter", "Calls to the database."},
        {"db_failed_total", "counter", "Calls that the database refused."},
        {"db_lost_total", "counter", "Calls whose outcome is unknown because the connection broke."},
        {"db_connects_total", "counter", "Connections made."},
        {"db_queued", "gauge", "Calls that wait for a connection."},
    };
    for (size_t f = 0; f < ARRAY_LEN(families); f++) {
        text_addf(t, "# HELP mashangdu_%s %s\n# TYPE mashangdu_%s %s\n", families[f].name, families[f].help,
                  families[f].name, families[f].type);
        for (size_t l = 0; l < ARRAY_LEN(lanes); l++) {
            struct db_lane_counters c;
            db_lane_counters(lanes[l].lane, &c);
            const u64 values[ARRAY_LEN(families)] = {(u64)c.up, c.calls,    c.failed,
                                                     c.lost,    c.connects, c.queued_now};
            text_addf(t, "mashangdu_%s{lane=\"%s\"} %llu\n", families[f].name, lanes[l].name,
                      (unsigned long long)values[f]);
        }
    }
}

static void put_web(struct text *t, const struct web_counters *c)
{
    const struct {
        const char *name;
        u64 value;
    } rows[] = {
        {"connections_accepted", c->connections_accepted},
        {"connections_refused_total", c->connections_refused_total},
        {"connections_refused_address", c->connections_refused_address},
        {"requests", c->requests},
        {"answers", c->answers},
        {"late_answers", c->late_answers},
        {"answer_timeouts", c->answer_timeouts},
        {"bad_framing", c->bad_framing},
        {"bad_host", c->bad_host},
        {"too_large", c->too_large},
        {"uploads", c->uploads},
        {"uploads_refused", c->uploads_refused},
        {"upload_bytes_now", c->upload_bytes_now},
        {"body_deadline", c->body_deadline},
        {"header_deadline", c->header_deadline},
        {"pipelined_closed", c->pipelined_closed},
        {"keepalive_swept", c->keepalive_swept},
        {"ws_opened", c->ws_opened},
        {"ws_refused", c->ws_refused},
        {"ws_closed", c->ws_closed},
        {"ws_asked", c->ws_asked},
        {"ws_slow_closed", c->ws_slow_closed},
        {"ws_bad_text", c->ws_bad_text},
        {"ws_too_large", c->ws_too_large},
        {"connections_now", c->connections_now},
        {"ws_now", c->ws_now},
    };
    text_addz(
        t,
        "# HELP mashangdu_web What the listeners count, since the start; …_now are gauges.\n# TYPE mashangdu_web untyped\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        text_addf(t, "mashangdu_web{what=\"%s\"} %llu\n", rows[i].name, (unsigned long long)rows[i].value);
}

static void ops_metrics(struct gateway *g, u64 ticket)
{
    struct text t;
    text_init(&t, 1u << 20);
    metrics_print(&t);
    put_lanes(&t, g);
    put_web(&t, web_counters(g->web));
    metrics_gauge(&t, "intake_waiting", "Submissions that wait for their commit.",
                  (double)intake_waiting(g->intake));
    metrics_gauge(&t, "hub_seq", "Last event read.", (double)hub_seq(g->hub));
    metrics_gauge(&t, "hub_subscribers", "Open dashboards.", (double)hub_subscribers(g->hub));
    metrics_gauge(&t, "log_lag_seconds", "Since everything committed stood under a signed head.",
                  (double)ledger_lag(g->ledger).us / 1e6);
    metrics_gauge(&t, "clock_waiting", "Steps of the clock that are due.", clock_waiting(g->clock));
    metrics_gauge(&t, "clock_late_seconds", "How long the oldest of them has been due.",
                  clock_late_seconds(g->clock));
    metrics_gauge(&t, "calendar_late", "1 from October on while the coming year has no calendar.",
                  calendar_late(g) ? 1 : 0);
    models_metrics(g, &t);
    outbox_metrics(g->outbox, &t);
    metrics_gauge(&t, "loop_stall_seconds", "Longest turn of the loop since the last look.",
                  (double)loop_longest_turn(g->loop).us / 1e6);
    metrics_gauge(&t, "ready", "1 when /readyz is good.", ready(g) ? 1 : 0);
    struct http_answer a = {
        .status = 200, .content_type = STR("text/plain; version=0.0.4; charset=utf-8"), .body = text_str(&t)};
    web_answer(g->web, ticket, &a);
    text_free(&t);
}

static void ops_ready(struct gateway *g, u64 ticket)
{
    struct text t;
    text_init(&t, 1024);
    text_addf(
        &t,
        "key=%d register=%d sealing=%d ids=%d events=%d database_intake=%d database_staff=%d database_public=%d draining=%d\n",
        g->key_right, register_ready(g), sealed_known(g), ids_ready(g), hub_ready(g->hub),
        db_lane_up(g->lane_intake), db_lane_up(g->lane_staff), db_lane_up(g->lane_public), g->draining);
    reply_text(g, ticket, ready(g) ? 200 : 503, text_str(&t));
    text_free(&t);
}

void ops_request(void *arg, u64 ticket, const struct http_in *in)
{
    struct gateway *g = arg;
    if (str_eq(in->path, STR("/healthz")))
        reply_text(g, ticket, 200, STR("ok\n"));
    else if (str_eq(in->path, STR("/readyz")))
        ops_ready(g, ticket);
    else if (str_eq(in->path, STR("/metrics")))
        ops_metrics(g, ticket);
    else
        reply_text(g, ticket, 404, STR("there are /healthz, /readyz and /metrics\n"));
}
