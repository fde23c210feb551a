/* Pictures that the holder of a receipt has sent: kept before the act that brings them, and shown again on the status page. Their
 * addresses hold the number of the file and a token that is good for minutes; who copies one copies no receipt. */
#include "citizen_part.h"
#include "media.h"
#include "metrics.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICTURE_PURPOSE "file"
#define PICTURE_VALID   SPAN_MIN(10) /* as long as somebody reads a page; a refresh gives new ones */

/* With the act that brought it; 0: it came with the first words. */
const struct db_stmt stmt_status_files = {
    "status_files",
    "select u.file_id, coalesce(u.act_id, 0), x.hash_thumb is not null from feedback f join file_uses u on u.feedback_id = f.id "
    "join files x on x.id = u.file_id where f.receipt_hash = $1 order by u.act_id, u.ordinal limit 100",
    1,
    {DB_BYTEA}};

void picture_put(struct page *p, struct template_data *row, const struct db_result *files, i64 act)
{
    char id[24], token[FORM_TOKEN_MAX], path[120];
    for (int i = 0; i < db_rows(files); i++) {
        if (db_get_i64(files, i, 1) != act) continue;
        struct template_data *one = template_row(row, "pictures");
        snprintf(id, sizeof id, "%lld", (long long)db_get_i64(files, i, 0));
        form_token_make(p->g->keys, str_of(id), STR(PICTURE_PURPOSE), clock_now(), token);
        snprintf(path, sizeof path, "/status/file/%s/%s", id, token);
        template_put(one, "src", arena_str(&p->arena, str_of(path)));
        template_flag(one, "film", !db_get_bool(files, i, 2));
    }
}

struct showing {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
};

static void fetched(void *arg, const struct media_fetched *f)
{
    static const char *const types[MEDIA_TYPES_N] = {
        [MEDIA_JPEG] = "image/jpeg", [MEDIA_PNG] = "image/png", [MEDIA_WEBP] = "image/webp",
        [MEDIA_HEIC] = "image/heic", [MEDIA_GIF] = "image/gif", [MEDIA_MP4] = "video/mp4",
        [MEDIA_WEBM] = "video/webm"};
    struct showing *s = arg;
    if (f->end == STORE_OK)
        reply_file(s->g, s->ticket, 200, types[f->type], f->bytes, "private, no-store", NULL, 0);
    else
        reply_refuse(s->g, s->ticket, s->lang, f->end == STORE_AWAY ? REFUSE_UNAVAILABLE : REFUSE_NOT_FOUND);
    free(s);
}

void picture_take(struct gateway *g, u64 ticket, const struct http_in *in, struct str tail)
{
    struct str id, token;
    char key[FORM_KEY_MAX];
    instant issued = {0};
    u64 file = 0;
    const bool good = str_cut(tail, '/', &id, &token) && str_u64(id, INT64_MAX, &file) &&
                      form_token_check(g->keys, token, id, STR(PICTURE_PURPOSE), in->at, key, &issued) &&
                      instant_before(in->at, instant_add(issued, PICTURE_VALID));
    if (!good || !method_reads(in)) {
        page_sorry(g, ticket, in, good ? REFUSE_METHOD : REFUSE_NOT_FOUND);
        return;
    }
    struct showing *s = MEM_NEW(struct showing);
    *s = (struct showing){.g = g, .ticket = ticket, .lang = reply_lang(in)};
    /* The token was made for whoever held the receipt: the file is theirs. */
    media_fetch(g, 0, file, MEDIA_THUMB, fetched, s);
}

/* --- with words on the status page --- */

struct keeping {
    struct arena *arena;
    struct act_request *req;
    form_attached *done;
    void *arg;
};

static void stored(void *arg, const struct media_kept *k)
{
    struct keeping w = *(struct keeping *)arg;
    free(arg);
    enum refusal r = k->refusal;
    u64 *ids = r == REFUSE_NONE ? arena_alloc(w.arena, k->n * sizeof *ids) : NULL;
    if (r == REFUSE_NONE && !ids) r = REFUSE_FILE_TOO_BIG;
    if (ids) {
        memcpy(ids, k->ids, k->n * sizeof *ids);
        w.req->files = ids;
        w.req->n_files = k->n;
    }
    w.done(w.arg, r, k->at);
}

void files_keep(struct gateway *g, struct arena *a, const struct webform_file *files, size_t n,
                struct act_request *req, form_attached *done, void *arg)
{
    struct keeping *w = MEM_NEW(struct keeping);
    *w = (struct keeping){a, req, done, arg};
    media_keep(g, files, n, stored, w);
}
