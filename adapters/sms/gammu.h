/* gammu-smsd's RunOnReceive: what the called program knows is in its arguments (ids of the physical messages) and environment.
 * The note made of it is what the program keeps in its spool and posts to the gateway's hook, where this adapter reads it.
 * Written by `mashangdu gammu` and by the check of samples; pure. */
#pragma once
#include "adapters/adapter.h"

#define GAMMU_IDS_MAX  255    /* physical messages of one long SMS */
#define GAMMU_NOTE_MAX 262144 /* bytes of a note: 255 parts of 67 characters, percent-encoded, and the rest */

/* A variable's value, .p NULL when it is not set. */
typedef struct str gammu_env(const void *arg, const char *name);
/* Appends the note: a form with ids, phone, from, text (any bytes, in the locale's charset) and at, the second of the call (0:
 * left out; it is what distinguishes the note from one of the same ids after gammu's store was emptied). `text` is left out when
 * gammu gave none (a binary message). DECODED_PARTS > 0: the decoded texts joined, else those of the physical messages. */
void gammu_note(gammu_env *env, const void *arg, const struct str *ids, size_t n_ids, instant at,
                struct text *note);
