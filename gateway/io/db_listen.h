/* The listener's inside, for db.c's db_free; its public face is in io/db.h. */
#pragma once
#include "io/db_conn.h"

enum listen_phase { LISTEN_SETTINGS, LISTEN_COMMANDS, LISTEN_RESTING, LISTEN_ASKED };

struct db_listen {
    struct list node;
    struct db_conn conn;
    enum listen_phase phase;
    bool failed; /* the statement under way */
    bool up;
    const char *const *channels;
    void (*notified)(void *arg, const char *channel, struct str payload);
    void (*on_up)(void *arg);
    void *arg;
};

void listen_free(struct db_listen *li);
