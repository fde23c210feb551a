/* Plaques while the gateway runs: the tags that make their codes ours, and what is counted of scans without counting persons (M01).
 * A scan, an opened form and something sent are added up in memory by plaque and day of China and written in batches: at most
 * one interval (setting plaque_flush) is lost by a kill, nothing by a stop. Kept are numbers alone: no address, no cookie, no time
 * of day; and of a report nothing at all, not even that there was one (P4). schema/0022_plaques.sql raises the alarms.
 * Called by the citizens' pages and the staff's desk, on the loop thread. */
#pragma once
#include "gateway.h"
#include "core/submission.h"
#include "qr/plaque.h"

struct plaque_row;
struct unit;

struct plaques *plaques_new(struct gateway *g);
void plaques_free(struct plaques **p);
/* The last batch before the end; done runs once, at once when there is nothing to write or nobody to write it. */
void plaques_drain(struct plaques *p, void (*done)(void *arg), void *arg);

/* The tag of a number under one version of the key. */
void plaques_tag(const struct gateway *g, const char *number, unsigned version, char tag_r[PLAQUE_TAG_MAX]);
enum plaque_tag_kind {
    PLAQUE_TAG_RIGHT,   /* made by us, under a version that is still good */
    PLAQUE_TAG_REVOKED, /* made by us, but its version is withdrawn or its plaque has gone on to a later one */
    PLAQUE_TAG_FORGED
};
/* row: of the number in the register, or NULL for an unknown one. A version that was never used is forged even when the bits fit. */
enum plaque_tag_kind plaques_tag_judge(const struct gateway *g, const char *number, const char *tag,
                                       const struct plaque_row *row);

/* --- counting --- */
enum plaque_event { /* in the order of the columns in schema/0022_plaques.sql */
                    PLAQUE_SCAN,
                    PLAQUE_TYPED,
                    PLAQUE_ENTRY,
                    PLAQUE_RATE,
                    PLAQUE_SUPERVISE,
                    PLAQUE_ASK,
                    PLAQUE_FORGED,
                    PLAQUE_REVOKED,
                    PLAQUE_VOIDED,
                    PLAQUE_OUTDATED,
                    PLAQUE_FAR,
                    PLAQUE_EVENTS_N
};
/* What stands behind "/p/" was asked for as a page. */
void plaques_scanned(struct gateway *g, const struct http_in *in, struct str tail);
/* A form of that kind was opened at a plaque. */
void plaques_entered(struct gateway *g, const struct http_in *in, struct str number, enum nature kind);
/* Something was stored for the first time. report: it is one now, whatever the form was. */
void plaques_sent(struct gateway *g, struct str number, enum nature kind, const struct position *at,
                  bool report);

/* --- how many units have one --- */
/* Must this unit have a plaque: functional units that are not dissolved. */
bool plaques_needed(const struct unit *u);
/* How many plaques in use hang at the unit or its stations and windows. */
int plaques_active_at(const struct gateway *g, const struct unit *u);

extern const struct db_stmt *const plaques_statements[];
extern const size_t n_plaques_statements;
