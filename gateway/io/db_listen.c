#include "io/db_listen.h"
#include "base/log.h"
#include <stdlib.h>

#define REST SPAN_S(3) /* between two signs of life */

static void step_done(struct db_listen *li);

/* LISTEN takes no parameters: the channel names are ours, and quoted as identifiers all the same. */
static bool send_listens(struct db_listen *li)
{
    struct text sql;
    text_init(&sql, 4096);
    for (const char *const *channel = li->channels; *channel; channel++) {
        struct str name = str_of(*channel);
        char *quoted = PQescapeIdentifier(li->conn.pg, name.p, name.n);
        if (quoted)
            text_addf(&sql, "listen %s;", quoted);
        else
            sql.overflow = true;
        PQfreemem(quoted);
    }
    bool ok = !sql.overflow && PQsendQuery(li->conn.pg, text_z(&sql)) == 1;
    text_free(&sql);
    return ok;
}

/* The answer to the last statement is complete: on to the next one. */
static void step_done(struct db_listen *li)
{
    struct db_conn *c = &li->conn;
    bool sent = true;
    if (li->failed) {
        conn_break(c, "the listener's statement was refused");
        return;
    }
    switch (li->phase) {
    case LISTEN_SETTINGS:
        li->phase = LISTEN_COMMANDS;
        sent = send_listens(li);
        break;
    case LISTEN_COMMANDS:
        li->up = true;
        conn_settled(c);
        log_line(LOG_INFO, LOG_DB, "connected", "purpose=%s host=%zu", c->purpose, c->host);
        li->on_up(li->arg);
        /* fall through */
    case LISTEN_ASKED:
    case LISTEN_RESTING:
        li->phase = LISTEN_RESTING;
        conn_deadline(c, REST);
        return;
    }
    if (sent)
        conn_flush(c);
    else
        conn_break(c, "the listener cannot send");
}

static void tell(struct db_listen *li)
{
    PGnotify *n;
    while ((n = PQnotifies(li->conn.pg))) {
        li->notified(li->arg, n->relname, str_of(n->extra));
        PQfreemem(n);
    }
}

static void listen_input(struct db_conn *c)
{
    struct db_listen *li = CONTAINER_OF(c, struct db_listen, conn);
    while (li->phase != LISTEN_RESTING && !c->broken && !PQisBusy(c->pg)) {
        PGresult *r = PQgetResult(c->pg);
        if (!r) {
            step_done(li);
            continue;
        }
        ExecStatusType status = PQresultStatus(r);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) li->failed = true;
        PQclear(r);
        if (PQstatus(c->pg) != CONNECTION_OK) return;
    }
    tell(li);
}

static void listen_opened(struct db_conn *c)
{
    struct db_listen *li = CONTAINER_OF(c, struct db_listen, conn);
    li->phase = LISTEN_SETTINGS;
    li->failed = false;
    conn_deadline(c, c->db->connect_deadline);
    if (conn_send_settings(c))
        conn_flush(c);
    else
        conn_break(c, "the listener cannot send");
}

static void listen_overdue(struct db_conn *c)
{
    struct db_listen *li = CONTAINER_OF(c, struct db_listen, conn);
    enum listen_phase was = li->phase;
    if (was == LISTEN_RESTING) {
        li->phase = LISTEN_ASKED;
        conn_deadline(c, c->db->connect_deadline);
        if (PQsendQuery(c->pg, "select 1") == 1)
            conn_flush(c);
        else
            conn_break(c, "the listener cannot send");
        return;
    }
    /* Perhaps the answer lies there and only the loop was late. */
    if (!conn_read(c) || c->broken) return;
    if (li->phase == was)
        conn_fail(c, "the listener's server gives no sign of life");
    else if (li->phase != LISTEN_RESTING)
        conn_deadline(c, c->db->connect_deadline);
}

static void listen_closed(struct db_conn *c) { CONTAINER_OF(c, struct db_listen, conn)->up = false; }

static const struct db_conn_events listen_events = {
    .opened = listen_opened, .input = listen_input, .overdue = listen_overdue, .closed = listen_closed};

struct db_listen *db_listen_open(struct db *db, const char *const *channels,
                                 void (*notified)(void *arg, const char *channel, struct str payload),
                                 void (*up)(void *arg), void *arg)
{
    struct db_listen *li = MEM_NEW(struct db_listen);
    li->channels = channels;
    li->notified = notified;
    li->on_up = up;
    li->arg = arg;
    list_push(&db->listeners, &li->node);
    conn_start(&li->conn, db, &listen_events, "listen");
    return li;
}

bool db_listen_up(const struct db_listen *li) { return li->up; }

void listen_free(struct db_listen *li)
{
    conn_close(&li->conn);
    list_remove(&li->node);
    free(li);
}
