#include "io/db_conn.h"
#include "base/log.h"
#include <stdio.h>
#include <string.h>

#define PAUSE_FIRST SPAN_MS(50)
#define PAUSE_MOST  SPAN_S(2)

static void attempt(struct db_conn *c);
static void login_step(struct db_conn *c);
static void on_ready(struct watch *w, unsigned got);
static void on_timer(struct timer *t);

/* A backend that we gave up must not go on holding locks: the server's own limits follow ours. Its statement
 * limit is a little shorter, because "cancelled by the server" is a certain answer and our deadline is not. */
static const char settings_sql[] =
    "select set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
    " set_config('idle_in_transaction_session_timeout', $3, false), set_config('application_name', $4, "
    "false),"
    " set_config('synchronous_commit', 'on', false), set_config('timezone', 'UTC', false),"
    " set_config('client_encoding', 'UTF8', false)";

void conn_start(struct db_conn *c, struct db *db, const struct db_conn_events *on, const char *purpose)
{
    *c = (struct db_conn){.db = db, .on = on, .purpose = purpose, .state = CONN_PAUSE, .pause = PAUSE_FIRST};
    c->watch = (struct watch){.fd = -1, .ready = on_ready, .arg = c};
    c->timer = (struct timer){.fire = on_timer, .arg = c};
    timer_set(db->loop, &c->timer, SPAN_US(0));
}

/* libpq closes its socket inside any call that finds the connection dead. The next connection that web.c accepts
 * may get the number in the same turn, and libuv watches no number twice: libwebsockets (4.1.6) does not look at
 * that refusal and goes on with a handle that was never made. So the watch ends with the call, even where the rest
 * waits for the next turn. */
static void unwatch(struct db_conn *c)
{
    if (c->watch.want) watch_set(c->db->loop, &c->watch, c->watch.fd, 0);
}

static void let_go(struct db_conn *c)
{
    unwatch(c);
    timer_stop(&c->timer);
    PQfinish(c->pg);
    c->pg = NULL;
    c->broken = NULL;
}

void conn_close(struct db_conn *c)
{
    let_go(c);
    c->state = CONN_OFF;
}

void conn_fail(struct db_conn *c, const char *why)
{
    bool at_login = c->state == CONN_LOGIN;
    char said[256];
    /* Once statements have run, libpq's text may quote a row. */
    snprintf(said, sizeof said, "%s", at_login && c->pg ? PQerrorMessage(c->pg) : "");
    size_t n = strlen(said);
    while (n && said[n - 1] == '\n') said[--n] = '\0';
    c->failures++;
    if ((c->failures & (c->failures - 1)) == 0) /* 1st, 2nd, 4th, 8th …: an outage is no flood of lines */
        log_line(LOG_WARNING, LOG_DB, why, "purpose=%s host=%zu failures=%u text=\"%s\"", c->purpose, c->host,
                 c->failures, said);

    let_go(c);
    c->state = CONN_PAUSE;
    c->host = (c->host + 1) % c->db->n_hosts;
    span in = SPAN_US(0);
    if (!at_login || ++c->tried >= c->db->n_hosts) {
        in = c->pause;
        c->pause = SPAN_US(MIN(c->pause.us * 2, PAUSE_MOST.us));
        c->tried = 0;
    }
    timer_set(c->db->loop, &c->timer, in);
    c->on->closed(c);
}

void conn_break(struct db_conn *c, const char *why)
{
    if (c->broken) return;
    c->broken = why;
    unwatch(c);
    timer_set(c->db->loop, &c->timer, SPAN_US(0));
}

static void log_notice(void *arg, const PGresult *r)
{
    const struct db_conn *c = arg;
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    log_line(severity && strcmp(severity, "NOTICE") == 0 ? LOG_INFO : LOG_WARNING, LOG_DB,
             "the database says", "purpose=%s severity=%s text=\"%s\"", c->purpose, severity ? severity : "",
             text ? text : "");
}

static void attempt(struct db_conn *c)
{
    /* What stands before dbname gives way to the connection string: a standby in the list is passed over, and
     * no ticket library is asked about names of hosts. */
    const char *const keys[] = {"target_session_attrs", "gssencmode", "dbname", NULL};
    const char *const values[] = {"read-write", "disable", c->db->hosts[c->host], NULL};
    c->state = CONN_LOGIN;
    c->pg = PQconnectStartParams(keys, values, 1);
    ASSERT(c->pg != NULL);
    PQsetNoticeReceiver(c->pg, log_notice, c);
    timer_set(c->db->loop, &c->timer, c->db->connect_deadline);
    if (PQstatus(c->pg) == CONNECTION_BAD)
        conn_fail(c, "the database cannot be reached");
    else
        watch_set(c->db->loop, &c->watch, PQsocket(c->pg), WATCH_WRITE);
}

static void login_step(struct db_conn *c)
{
    /* libpq may close this socket and open another in here: nothing may watch it meanwhile. */
    watch_set(c->db->loop, &c->watch, c->watch.fd, 0);
    switch (PQconnectPoll(c->pg)) {
    case PGRES_POLLING_READING:
        watch_set(c->db->loop, &c->watch, PQsocket(c->pg), WATCH_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch_set(c->db->loop, &c->watch, PQsocket(c->pg), WATCH_WRITE);
        break;
    case PGRES_POLLING_OK:
        timer_stop(&c->timer);
        if (PQsetnonblocking(c->pg, 1) != 0) {
            conn_fail(c, "the connection cannot be made non-blocking");
            break;
        }
        c->state = CONN_IN;
        watch_set(c->db->loop, &c->watch, PQsocket(c->pg), WATCH_READ);
        c->on->opened(c);
        break;
    default:
        conn_fail(c, "the database cannot be reached");
        break;
    }
}

void conn_flush(struct db_conn *c)
{
    int left = PQflush(c->pg);
    if (left < 0) {
        conn_break(c, "the connection broke while sending");
        return;
    }
    unsigned want = left ? WATCH_READ | WATCH_WRITE : WATCH_READ;
    if (c->watch.want != want) watch_set(c->db->loop, &c->watch, PQsocket(c->pg), want);
}

bool conn_read(struct db_conn *c)
{
    /* A last answer may stand in front of the end of the stream: results are taken even when this fails. */
    bool ok = PQconsumeInput(c->pg) == 1;
    if (!ok) unwatch(c);
    c->on->input(c);
    if (c->state != CONN_IN) return false;
    ok = ok && PQstatus(c->pg) == CONNECTION_OK;
    if (!ok) conn_fail(c, "the connection is lost");
    return ok;
}

static void on_ready(struct watch *w, unsigned got)
{
    struct db_conn *c = w->arg;
    if (c->broken) return;
    if (c->state == CONN_LOGIN) {
        login_step(c);
        return;
    }
    if ((got & WATCH_READ) && !conn_read(c)) return;
    if ((got & WATCH_WRITE) && !c->broken) conn_flush(c);
}

static void on_timer(struct timer *t)
{
    struct db_conn *c = t->arg;
    switch (c->state) {
    case CONN_OFF:
        break;
    case CONN_PAUSE:
        attempt(c);
        break;
    case CONN_LOGIN:
        conn_fail(c, "the database did not let us in within the connect deadline");
        break;
    case CONN_IN:
        if (c->broken)
            conn_fail(c, c->broken);
        else
            c->on->overdue(c);
        break;
    }
}

void conn_settled(struct db_conn *c)
{
    c->pause = PAUSE_FIRST;
    c->tried = 0;
    c->failures = 0;
}

void conn_deadline(struct db_conn *c, span in)
{
    if (!c->broken) timer_set(c->db->loop, &c->timer, in);
}

void conn_deadline_off(struct db_conn *c)
{
    if (!c->broken) timer_stop(&c->timer);
}

bool conn_send_settings(struct db_conn *c)
{
    i64 ms = MAX(c->db->statement_deadline.us / 1000, 1);
    char statement[24], lock[24], idle[24], name[64];
    snprintf(statement, sizeof statement, "%lld", (long long)MAX(ms * 4 / 5, 1));
    snprintf(lock, sizeof lock, "%lld", (long long)MAX(ms / 2, 1));
    snprintf(idle, sizeof idle, "%lld", (long long)ms);
    snprintf(name, sizeof name, "%s %s", c->db->application, c->purpose);
    const char *const values[] = {statement, lock, idle, name};
    return PQsendQueryParams(c->pg, settings_sql, (int)ARRAY_LEN(values), NULL, values, NULL, NULL, 0) == 1;
}
