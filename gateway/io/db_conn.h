/* One libpq connection on the loop: logging in with a deadline of its own, hosts in rotation, growing pauses,
 * flushing, reading. What is said over it is its owner's affair: a lane (db.c) or a listener (db_listen.c).
 * For io/db*.c alone. */
#pragma once
#include "base/list.h"
#include "io/db.h"
#include <libpq-fe.h>

struct db {
    struct loop *loop;
    char **hosts; /* copies */
    size_t n_hosts;
    char *application;
    span connect_deadline, statement_deadline;
    struct list lanes, listeners;
};

enum conn_state {
    CONN_OFF,   /* closed for good */
    CONN_PAUSE, /* waits for its next attempt */
    CONN_LOGIN, /* PQconnectPoll is at work */
    CONN_IN,    /* logged in; the owner speaks */
};

struct db_conn;
struct db_conn_events {                 /* all on the loop thread, never from inside a call of the owner */
    void (*opened)(struct db_conn *c);  /* logged in, non-blocking, nothing sent yet */
    void (*input)(struct db_conn *c);   /* new bytes were consumed: take the results that are there */
    void (*overdue)(struct db_conn *c); /* conn_deadline's time came */
    void (*closed)(struct db_conn *c);  /* gone (c->pg is NULL); the next attempt is already set */
};

struct db_conn {
    struct db *db;
    const struct db_conn_events *on;
    const char *purpose; /* for the log and the application name */
    PGconn *pg;
    enum conn_state state;
    struct watch watch;
    struct timer timer; /* next attempt, login deadline or the owner's deadline, by state */
    const char *broken; /* why it will be torn down at the next turn */
    size_t host;        /* index of the one tried now or next */
    size_t tried;       /* hosts tried in this round */
    span pause;
    unsigned failures; /* in a row */
};

void conn_start(struct db_conn *c, struct db *db, const struct db_conn_events *on, const char *purpose);
void conn_close(struct db_conn *c); /* for good; no event */
/* Tears down now and plans the next attempt; runs `closed`. Only from an event. */
void conn_fail(struct db_conn *c, const char *why);
/* The same at the next turn: for places that callers of ours are still inside of. */
void conn_break(struct db_conn *c, const char *why);
void conn_flush(struct db_conn *c);   /* after every PQsend… */
void conn_settled(struct db_conn *c); /* all is well: the next failure starts with the shortest pause */
void conn_deadline(struct db_conn *c, span in);
void conn_deadline_off(struct db_conn *c);
/* Reads what has come without waiting for the loop to say so, and runs `input`. False: it failed (and is gone). */
bool conn_read(struct db_conn *c) MUST_CHECK;
/* Sends the session's settings as one statement with parameters. */
bool conn_send_settings(struct db_conn *c) MUST_CHECK;
