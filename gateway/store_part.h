/* What store.c, store_disk.c and store_s3.c share: one piece of work for the store. Nobody else includes it. */
#pragma once
#include "store.h"

#define STORE_FILE_MAX ((size_t)256 * 1024 * 1024)
#define STORE_HEX      (2 * STORE_HASH + 1)

enum store_what { STORE_PUT, STORE_GET, STORE_DROP };
struct store_job {
    struct gateway *g;
    enum store_what what;
    u8 hash[STORE_HASH];
    char *bytes; /* of a put: to be stored; of a get: what was read */
    size_t n;
    enum store_end end;
    struct timer timer;
    union {
        store_put_done *put;
        store_get_done *get;
        store_drop_done *drop;
    } done;
    void *arg;
};
/* Tells the outcome in job->end and frees the job. On the loop thread. */
void store_job_end(struct store_job *job);
void store_job_end_soon(struct store_job *job, enum store_end end); /* the same, at the next turn */
void store_hex(const u8 hash[STORE_HASH], char hex[STORE_HEX]);
/* Bytes against name; a second's work for large ones: on the pool. */
bool store_hash_right(const struct store_job *job);

/* Each takes the job over and ends it later. */
void store_disk_start(struct store_job *job);
void store_s3_start(struct store_job *job);
