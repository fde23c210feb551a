/* Photos of where a plaque hangs: POST /plaques/{number}/photos, GET /plaque-photos/{id}. Only the clean copy that the media worker
 * made is kept, beside the record and not in the store of citizens' files: there are few, they are small, and nobody else's sweep
 * or erasure may touch them. */
#include "staff_plaques.h"
#include "casework.h"
#include "media.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX                                                                                             \
    ((size_t)3 << 20) /* bytes of a clean copy, as the table has it; of a larger one the small picture */

const struct db_stmt stmt_plaque_photo_may = {
    "plaque_photo_may", "select plaque_photo_may($1)", 1, {DB_TEXT}};
const struct db_stmt stmt_plaque_photo_add = {"plaque_photo_add",
                                              "select plaque_photo_add($1, $2, $3, $4, $5)",
                                              5,
                                              {DB_TEXT, DB_TEXT, DB_INT4, DB_INT4, DB_BYTEA}};
const struct db_stmt stmt_plaque_photo = {
    "plaque_photo", "select f.type, f.bytes from plaque_photos f where f.id = $1", 1, {DB_INT8}};
/* The body waits for the database's word on who asks: no stranger's picture is opened. */
struct photo {
    struct staff_ask ask;
    char number[24], type[200];
    size_t n;
    char body[];
};

static void added(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct photo *w = arg;
    struct staff_who who;
    (void)n;
    if (plaque_entered(&w->ask, end, results, error, &who)) {
        struct text body;
        text_init(&body, 64);
        text_addf(&body, "{\"photo\":%lld}", (long long)db_get_i64(results[CASEWORK_FIRST], 0, 0));
        staff_answer_status(&w->ask, 201, &body);
    }
    free(w);
}

static void made(void *arg, const struct media_made *m)
{
    struct photo *w = arg;
    const struct media_piece *piece = &m->pieces[0];
    if (m->refusal != REFUSE_NONE || filetype_video(piece->clean_type)) {
        staff_refuse(&w->ask, m->refusal != REFUSE_NONE ? m->refusal : REFUSE_UNSUPPORTED_TYPE, NULL, NULL);
        free(w);
        return;
    }
    const bool whole = piece->clean.n <= KEPT_MAX || piece->thumb.n == 0;
    struct db_call *c = staff_call(&w->ask, added, w);
    struct db_params *p = db_params_new(&stmt_plaque_photo_add);
    db_put_text(p, str_of(w->number));
    db_put_text(p, str_of(whole && piece->clean_type == MEDIA_PNG ? "png" : "jpeg"));
    db_put_i32(p, piece->width);
    db_put_i32(p, piece->height);
    db_put_bytes(p, whole ? piece->clean : piece->thumb);
    db_call_add(c, &stmt_plaque_photo_add, p);
    if (!staff_go(&w->ask, c)) free(w);
}

static void may(void *arg, enum db_end end, const struct db_result *const *results, int n,
                const struct db_error *error)
{
    struct photo *w = arg;
    struct staff_who who;
    struct webform form;
    (void)n;
    if (!plaque_entered(&w->ask, end, results, error, &who)) {
        free(w);
        return;
    }
    const struct http_header type = {STR("content-type"), str_of(w->type)};
    const struct http_in in = {.body = {w->body, w->n}, .headers = &type, .n_headers = 1};
    if (!db_get_bool(results[CASEWORK_FIRST], 0, 0))
        plaque_refuse_unknown(&w->ask);
    else if (webform_read(&in, &form) != WEBFORM_READ || form.n_files != 1)
        staff_refuse(&w->ask, REFUSE_MALFORMED, NULL, NULL);
    else {
        media_make(w->ask.g, form.files, 1, made, w);
        return;
    }
    free(w);
}

void plaque_photo_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct str type = http_header_get(in, STR("content-type"));
    if (!str_starts(type, STR("multipart/form-data")) || type.n >= sizeof((struct photo *)0)->type) {
        staff_refuse(a, REFUSE_UNSUPPORTED_TYPE, NULL, NULL);
        return;
    }
    struct photo *w = mem_alloc(sizeof *w + in->body.n + 1);
    w->ask = *a;
    snprintf(w->number, sizeof w->number, "%llu", (unsigned long long)id);
    memcpy(w->type, type.p, type.n);
    w->n = in->body.n;
    if (w->n) memcpy(w->body, in->body.p, w->n);
    struct db_call *c = staff_call(a, may, w);
    struct db_params *p = db_params_new(&stmt_plaque_photo_may);
    db_put_text(p, str_of(w->number));
    db_call_add(c, &stmt_plaque_photo_may, p);
    if (!staff_go(a, c)) free(w);
}

static void have_photo(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (plaque_entered(a, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0)
            plaque_refuse_unknown(a);
        else
            reply_file(a->g, a->ticket, 200,
                       str_eq(db_get_text(r, 0, 0), STR("png")) ? "image/png" : "image/jpeg",
                       db_get_text(r, 0, 1), "no-store", NULL, 0);
    }
    free(a);
}

void plaque_photo(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_photo, kept);
    staff_add_by_id(c, &stmt_plaque_photo, id);
    if (!staff_go(a, c)) free(kept);
}
