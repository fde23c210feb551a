/* Inside of sealing: the keys in memory, and one message on its way through the pool. sealed.c knows the keys, sealed_job.c is what the
 * pool does, sealed_talk.c the reporter's side, sealed_files.c files, intake_seal.c arrivals. Nobody else includes this. */
#pragma once
#include "sealed.h"
#include "core/seal.h"
#include "io/crypto_box.h"

#define SEALED_READERS   3 /* both groups and the escrow key */
#define SEALED_ENVELOPES (SEALED_READERS + 1)

struct seal_reader {
    int key_id;
    u8 public_key[BOX_KEY];
};
/* The current readers, copied; returns how many. */
size_t sealed_readers(const struct gateway *g, struct seal_reader out[SEALED_READERS]);

/* One message to be sealed. Fill plain (JSON), the readers, and either receipt (a new report: reporter and salt are made) or
 * reporter; key when files were sealed with it already. */
struct seal_job {
    struct text plain;
    struct seal_reader readers[SEALED_READERS];
    size_t n_readers;
    bool fresh, keyed;
    char receipt[17];
    u8 key[BOX_KEY], salt[BOX_SALT], reporter[BOX_KEY];
    /* from here on what seal_job_run makes */
    bool good;
    struct text body;
    u8 envelopes[SEALED_ENVELOPES][BOX_ENVELOPE]; /* of the readers, then of the reporter */
};
void seal_job_init(struct seal_job *j, const struct gateway *g);
void seal_job_run(struct seal_job *j);  /* on the pool; plain and key are wiped */
void seal_job_free(struct seal_job *j); /* wipes what is left */
/* The stored files of a submission's sealed_hashes. */
size_t seal_files_n(const struct submission *s);
struct str seal_files_hash(const struct submission *s, size_t i);
i64 seal_files_size(const struct submission *s, size_t i);
/* Bytes into a statement. */
struct str seal_bytes(const u8 *p, size_t n);

extern const struct db_stmt stmt_sealed_keys, stmt_sealed_rule, stmt_sealed_read, stmt_sealed_say,
    stmt_sealed_offer;
