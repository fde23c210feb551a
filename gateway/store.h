/* Where the bytes of files lie: content-addressed, on disk or in an S3-compatible store (setting media_store). Knows hashes and
 * bytes, not what they mean. Writing the same bytes twice is one file. Called by media.c and sealed*.c, and by the sweep. */
#pragma once
#include "gateway.h"

#define STORE_HASH 32 /* SHA-256 of the stored bytes; its hex is the name */

struct store *store_new(struct gateway *g, const char **error_r); /* NULL: the settings name no store */
void store_free(struct store **s); /* after the loop's pool and httpc: nothing is out any more */

/* done exactly once, on the loop thread, never before store_put returns. false: the store did not take it (refuse with
 * UNAVAILABLE). Bytes are copied. On disk: written, synced, renamed, folder synced before true is told. */
typedef void store_put_done(void *arg, bool stored, const u8 hash[STORE_HASH]);
void store_put(struct gateway *g, struct str bytes, store_put_done *done, void *arg);

enum store_end { STORE_OK, STORE_MISSING, STORE_DAMAGED /* bytes do not match their name */, STORE_AWAY };
typedef void store_get_done(void *arg, enum store_end end, struct str bytes);
void store_get(struct gateway *g, const u8 hash[STORE_HASH], store_get_done *done, void *arg);

/* Deletes bytes that nothing refers to any more; true also when there were none. For the sweep (media_sweep.c): whoever drops what
 * another row still names has lost it. Parts that put bytes and then fail to store their row call it for what they put. */
typedef void store_drop_done(void *arg, bool gone);
void store_drop(struct gateway *g, const u8 hash[STORE_HASH], store_drop_done *done, void *arg);
