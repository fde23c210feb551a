/* The register inside: what register_rows.c fills from the database's rows, and register.c compiles, swaps and looks up. Nobody else
 * includes it. */
#pragma once
#include "register.h"
#include "base/arena.h"

/* All years as they stood from an import on. */
struct calendar {
    instant since;
    struct workdays days;
};
#define CALENDARS_MAX 256 /* imports that are remembered; acts before them are explained with the oldest */

struct snapshot {
    struct arena arena;
    struct unit *units;
    struct plaque_row *plaques;
    struct category *categories;
    struct channel_row *channels;
    struct str templates[MESSAGE_EVENTS_N][2]; /* Chinese, English */
    u8 plaque_keys[32];                        /* enum plaque_key_state by version */
    size_t n_units, n_plaques, n_categories, n_channels;
    struct routing_rows rows;
    struct routing *routing;
    struct calendar *calendars; /* oldest first; the last one counts now */
    size_t n_calendars;
    int triage_unit;
    struct text error;
    struct gateway *g;
};

#define REGISTER_QUERIES 8 /* one call, so all rows are of one moment */
extern const struct db_stmt *const register_queries[REGISTER_QUERIES];
/* All rows into the snapshot's arena, in the order of register_queries. False with a sentence in s->error: a wording or a unit that must
 * be there is not, or the arena is full. A channel that cannot be opened is left out and logged. */
bool register_rows_take(struct snapshot *s, const struct db_result *const *results) MUST_CHECK;
