/* Tablets at windows (M05): paired once by a code, asked to show a prompt when the clerk has finished a matter, back at rest when it is
 * rated or nobody taps. Which prompt is due stands in the database: a NOTIFY tells every gateway to look, so a tablet may hang at
 * any of them. Silence is never a rating: a prompt that ends leaves nothing. */
#pragma once
#include "gateway.h"

/* NOTIFY msd_kiosk with a plaque's number, or the LISTEN connection is up again (plaque empty: all). */
void kiosk_wake(struct gateway *g, struct str plaque);
extern const struct db_stmt stmt_kiosk_pair, stmt_kiosk_enter, stmt_kiosk_prompt;
