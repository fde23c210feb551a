/* The register inside: what register_rows.c fills from the database's rows, and register.c compiles, swaps and looks up. Nobody else
 * includes it. */
#pragma once
#include "register.h"
#include "base/arena.h"
#include "base/list.h"
#include <stdatomic.h>

/* All years as they stood from an import on. */
struct calendar {
    instant since;
    struct workdays days;
};
#define CALENDARS_MAX 256 /* imports that are remembered; acts before them are explained with the oldest */

/* A name that was borne before a day; by unit, then by day. */
struct former_name {
    int unit_id;
    i64 until; /* days since 1970-01-01 */
    struct str name, short_name;
};

/* The learned model in force as it was read, shared by all snapshots that decide with it: it is megabytes, and the register is read
 * again whenever somebody corrects a telephone number. Snapshots take it and let it go on any thread. */
struct register_model {
    int version;
    const char *fault; /* why it is not used */
    struct learned *learned;
    _Atomic int holders;
};

#define REGISTER_QUERIES 11 /* one call, so all rows are of one moment */

struct snapshot {
    struct arena arena;
    struct unit *units;
    struct plaque_row *plaques;
    struct category *categories;
    struct channel_row *channels;
    struct former_name *names;
    struct str templates[MESSAGE_EVENTS_N][2]; /* Chinese, English */
    u8 plaque_keys[32];                        /* enum plaque_key_state by version */
    size_t n_units, n_plaques, n_categories, n_channels, n_names;
    struct routing_rows rows;
    struct routing *routing;
    struct calendar *calendars; /* oldest first; the last one counts now */
    size_t n_calendars;
    int triage_unit;
    int rules_version;            /* of schema/0029_rules.sql; 0: there are no rules yet */
    struct register_model *model; /* NULL: none is in force */
    struct register_model *held;  /* of the snapshot before this one: read no second time */
    struct text model_bytes;      /* of one that was not held before, until it is read */
    u8 model_sha256[32];
    int holders; /* the book and whoever works on it; loop thread alone */
    const struct db_result *results[REGISTER_QUERIES]; /* until they are taken over */
    bool read;                                         /* every row was */
    struct list node;                                  /* of what waits to be freed */
    struct text error;
    struct gateway *g;
};

extern const struct db_stmt *const register_queries[REGISTER_QUERIES];
/* Its parameters: the day, by the gateway's clock in China, and the model that is held (0: none), where the statement asks for them. */
struct db_params *register_query_params(size_t i, int model);
/* All rows into the snapshot's arena, in the order of register_queries. False with a sentence in s->error: a wording or a unit that must
 * be there is not, or the arena is full. A channel that cannot be opened is left out and logged. On the thread pool: reads nothing else of
 * the gateway but its keys. */
bool register_rows_take(struct snapshot *s, const struct db_result *const *results) MUST_CHECK;
