/* What the files of the finder of twins share: twinfinder.c reads what is new and rests, twinfinder_pairs.c compares it with what is there,
 * twinfinder_chores.c looks for bursts and causes, twinfinder_places.c reads places out of texts from before there were any. At most one call of a finder is out at a time; each ends in twinfinder_rest, in
 * twinfinder_failed, or in the next call. */
#pragma once
#include "twinfinder.h"
#include "core/placename.h"
#include "core/twins.h"

#define TWINFINDER_BATCH      8 /* texts of one step; cleaned in one turn of the loop */
#define TWINFINDER_PRUNE_MOST 200
#define TWINFINDER_SOON       SPAN_MS(300) /* after a wake: a burst of items is a few looks */

struct new_text {
    i64 id;
    instant at;
    struct text words;
    struct text matters; /* codes of what the router took it for, parted by commas, the case's own first */
    i64 bands[TWINS_KEYS];
    size_t n_bands;
    struct placenames places;
};
struct candidate {
    size_t of; /* its text */
    i64 id;
    struct text words;
    struct twins_beside beside;
    struct twins found;
};
/* One step: texts read, candidates compared. */
struct step {
    struct new_text texts[TWINFINDER_BATCH * 2];
    size_t n;
    i64 mark, to; /* of events: from where, and where the mark goes */
    struct candidate *candidates;
    size_t n_candidates;
    bool more;
};
struct twinfinder {
    struct gateway *g;
    struct timer look;
    bool busy, woken;
    bool comparing, gone; /* the pool works; nobody waits for it any more */
    bool placed;          /* no text is without its places */
    struct step *step;
    instant chores_at, prune_at; /* not before */
    instant begun;               /* of the step */
};

/* --- twinfinder.c --- */

/* Over for now: again in so long, or sooner when something happened meanwhile. */
void twinfinder_rest(struct twinfinder *t, span in);
/* Over for now after a step that went well. */
void twinfinder_after(struct twinfinder *t);
/* Between two looks when nothing happens: bursts end then, too. */
span twinfinder_idle(const struct twinfinder *t);
/* The call failed: logged, and looked at again. */
void twinfinder_failed(struct twinfinder *t, const char *what, const struct db_error *error);
void twinfinder_send(struct twinfinder *t, struct db_call *c);
/* The statement that moves the mark from where the step began to where it ends. */
void twinfinder_put_move(struct db_call *c, const struct step *s);
/* The next texts behind the mark. */
void twinfinder_read(struct twinfinder *t);

/* --- twinfinder_pairs.c --- */

/* Codes parted by commas as the numbers of core/telling; returns how many. */
size_t twinfinder_matters(struct str codes, u64 *out, size_t max);
/* The step's texts against all that is there. */
void twinfinder_pair(struct twinfinder *t);
void twinfinder_step_free(struct step **s);

/* --- twinfinder_chores.c --- */

/* Bursts, causes, what is too old, places of older texts; reads texts afterwards. */
void twinfinder_chores(struct twinfinder *t);

/* --- twinfinder_places.c --- */

/* Five parameters: case, place, label, town, whether it is narrow; one of each for each place of these. */
#define TWINFINDER_PLACE_TYPES DB_INT8S, DB_TEXTS, DB_TEXTS, DB_TEXTS, DB_BOOLS
void twinfinder_put_places(struct db_params *p, const struct new_text *texts, size_t n);
/* Some texts that were read before there were places (schema/0056_places.sql), the newest first; reads new texts afterwards. */
void twinfinder_places(struct twinfinder *t);

extern const struct db_stmt stmt_twins_add, stmt_twins_candidates, stmt_twins_done, stmt_twins_store,
    stmt_twins_prune, stmt_bursts_look, stmt_causes_find, stmt_places_read, stmt_places_fill;
