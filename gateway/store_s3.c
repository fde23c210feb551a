/* The same store behind an S3-compatible address: ENDPOINT/BUCKET/ab/cd/HASH, signed by libcurl. */
#include "store_part.h"
#include "metrics.h"
#include <stdlib.h>
#include <string.h>

static enum store_end judge(const struct store_job *job, const struct http_reply *reply)
{
    if (job->what == STORE_PUT) return reply->status == 200 ? STORE_OK : STORE_AWAY;
    if (reply->status == 404) return STORE_MISSING;
    if (job->what == STORE_DROP) return reply->status == 204 || reply->status == 200 ? STORE_OK : STORE_AWAY;
    return reply->status == 200 ? STORE_OK : STORE_AWAY;
}

static void check(void *arg)
{
    struct store_job *job = arg;
    job->end = store_hash_right(job) ? STORE_OK : STORE_DAMAGED;
}

static void checked(void *arg) { store_job_end(arg); }

static void answered(void *arg, const struct http_reply *reply)
{
    struct store_job *job = arg;
    job->end = judge(job, reply);
    if (job->what == STORE_GET && job->end == STORE_OK) {
        job->bytes = mem_copy(reply->body.p, reply->body.n);
        job->n = reply->body.n;
        if (loop_offload(job->g->loop, check, checked, job)) return;
        job->end = STORE_AWAY;
    }
    store_job_end(job);
}

void store_s3_start(struct store_job *job)
{
    static const char *const methods[] = {"PUT", "GET", "DELETE"};
    const struct config *c = &job->g->cfg;
    char hex[STORE_HEX], payload[STORE_HEX];
    u8 hash[STORE_HASH];
    struct text url;
    const struct str body = job->what == STORE_PUT ? (struct str){job->bytes, job->n} : STR("");
    size_t n = strlen(c->s3_endpoint);
    while (n && c->s3_endpoint[n - 1] == '/') n--;
    store_hex(job->hash, hex);
    crypto_sha256(body, hash);
    store_hex(hash, payload);
    text_init(&url, 4096);
    text_addf(&url, "%.*s/%s/%.2s/%.2s/%s", (int)n, c->s3_endpoint, c->s3_bucket, hex, hex + 2, hex);
    struct http_out out = {
        .method = str_of(methods[job->what]),
        .url = text_str(&url),
        .headers = {{STR("x-amz-content-sha256"), str_of(payload)},
                    {STR("content-type"), STR("application/octet-stream")}},
        .n_headers = job->what == STORE_PUT ? 2 : 1,
        .body = body,
        .reply_max = job->what == STORE_GET ? STORE_FILE_MAX : 0,
        .s3 = {str_of(c->s3_region), str_of(c->s3_key_id), str_of(c->s3_secret)},
    };
    if (url.overflow || !httpc_start(job->g->httpc, &out, c->s3_deadline, answered, job))
        store_job_end_soon(job, STORE_AWAY);
    text_free(&url);
}
