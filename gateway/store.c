#include "store_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

struct store {
    void (*start)(struct store_job *job);
};

struct store *store_new(struct gateway *g, const char **error_r)
{
    const struct config *c = &g->cfg;
    bool s3 = strcmp(c->media_store, "s3") == 0;
    if (!s3 && strcmp(c->media_store, "disk") != 0) {
        *error_r = "media_store is neither disk nor s3";
        return NULL;
    }
    if (s3 && (!c->s3_endpoint[0] || !c->s3_bucket[0] || !c->s3_region[0] || !c->s3_key_id[0] ||
               !c->s3_secret[0])) {
        *error_r =
            "media_store is s3, but s3_endpoint, s3_bucket, s3_region, s3_key_id or s3_secret is empty";
        return NULL;
    }
    struct store *s = MEM_NEW(struct store);
    s->start = s3 ? store_s3_start : store_disk_start;
    return s;
}

void store_free(struct store **s)
{
    free(*s);
    *s = NULL;
}

void store_hex(const u8 hash[STORE_HASH], char hex[STORE_HEX])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < STORE_HASH; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    hex[2 * STORE_HASH] = '\0';
}

bool store_hash_right(const struct store_job *job)
{
    u8 hash[STORE_HASH];
    crypto_sha256((struct str){job->bytes, job->n}, hash);
    return memcmp(hash, job->hash, STORE_HASH) == 0;
}

void store_job_end(struct store_job *job)
{
    static const char *const words[] = {"put", "get", "drop"};
    if (job->end != STORE_OK && !(job->what == STORE_DROP && job->end == STORE_MISSING)) {
        COUNT(STORE_FAILED);
        if (job->end == STORE_DAMAGED) COUNT(STORE_DAMAGED);
        log_line(LOG_ERROR, LOG_MAIN, "the store failed", "call=%s end=%d bytes=%zu", words[job->what],
                 job->end, job->n);
    }
    switch (job->what) {
    case STORE_PUT:
        job->done.put(job->arg, job->end == STORE_OK, job->hash);
        break;
    case STORE_GET:
        job->done.get(job->arg, job->end, job->end == STORE_OK ? (struct str){job->bytes, job->n} : STR_NONE);
        break;
    case STORE_DROP:
        job->done.drop(job->arg, job->end == STORE_OK || job->end == STORE_MISSING);
        break;
    }
    timer_stop(&job->timer);
    free(job->bytes);
    free(job);
}

static void fire(struct timer *t) { store_job_end(t->arg); }

void store_job_end_soon(struct store_job *job, enum store_end end)
{
    job->end = end;
    job->timer = (struct timer){.fire = fire, .arg = job};
    timer_set(job->g->loop, &job->timer, SPAN_US(0));
}

static struct store_job *job_new(struct gateway *g, enum store_what what, void *arg)
{
    struct store_job *job = MEM_NEW(struct store_job);
    *job = (struct store_job){.g = g, .what = what, .end = STORE_AWAY, .arg = arg};
    return job;
}

void store_put(struct gateway *g, struct str bytes, store_put_done *done, void *arg)
{
    struct store_job *job = job_new(g, STORE_PUT, arg);
    ASSERT(bytes.n > 0 && bytes.n <= STORE_FILE_MAX);
    job->done.put = done;
    job->bytes = mem_copy(bytes.p, bytes.n);
    job->n = bytes.n;
    crypto_sha256(bytes, job->hash);
    g->store->start(job);
}

void store_get(struct gateway *g, const u8 hash[STORE_HASH], store_get_done *done, void *arg)
{
    struct store_job *job = job_new(g, STORE_GET, arg);
    job->done.get = done;
    memcpy(job->hash, hash, STORE_HASH);
    g->store->start(job);
}

void store_drop(struct gateway *g, const u8 hash[STORE_HASH], store_drop_done *done, void *arg)
{
    struct store_job *job = job_new(g, STORE_DROP, arg);
    job->done.drop = done;
    memcpy(job->hash, hash, STORE_HASH);
    g->store->start(job);
}
