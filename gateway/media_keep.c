/* Files into the store and their rows, and back. */
#include "media_part.h"
#include "ids.h"
#include "intake_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 3 /* of one file: clean, thumbnail, sealed original */

const struct db_stmt stmt_media_add = {"media_add",
                                       "select file_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                                       12,
                                       {DB_INT8, DB_TEXT, DB_TEXT, DB_INT4, DB_INT4, DB_INT4, DB_INT4,
                                        DB_BYTEA, DB_BYTEA, DB_BYTEA, DB_INT8, DB_INT4}};
/* $2: the feedback it must have come with, or 0. */
const struct db_stmt stmt_media_find = {
    "media_find",
    "select f.type, f.clean_type, f.hash_clean, f.hash_thumb, f.hash_original from files f where f.id = $1 and "
    "($2 = 0 or exists (select from file_uses u where u.file_id = f.id and u.feedback_id = $2))",
    2,
    {DB_INT8, DB_INT8}};
const struct db_stmt stmt_media_bind_act = {
    "media_bind_act", "select file_bind_act($1, $2, $3)", 3, {DB_INT8, DB_INT8, DB_INT8S}};
/* $1, $2, $3: feedback, file, place. Inserts only; the key of a row that is being swept makes it wait for one short statement that
 * waits for nothing itself, and then fail: the submission is refused as not stored. */
const struct db_stmt stmt_media_bind_feedback = {
    "media_bind_feedback",
    "insert into file_uses (file_id, feedback_id, case_id, ordinal) select t.file, f.id, f.case_id, t.ord "
    "from unnest($1, $2, $3) as t (feedback, file, ord) join feedback f on f.id = t.feedback on conflict do nothing",
    3,
    {DB_INT8S, DB_INT8S, DB_INT4S}};

const struct db_stmt *const media_statements[] = {
    &stmt_media_add,   &stmt_media_find,  &stmt_media_bind_act,
    &stmt_media_sweep, &stmt_store_claim, &stmt_store_gone,
};
const size_t n_media_statements = ARRAY_LEN(media_statements);

/* --- keeping --- */

struct sealed_piece {
    struct text original; /* sealed */
    u8 hash[PARTS][STORE_HASH];
};

struct keeping {
    struct gateway *g;
    struct making *making;
    u64 case_id;
    i64 staff;
    struct media_kept kept;
    struct sealed_piece pieces[SUBMISSION_FILES_MAX];
    size_t next, out; /* parts that the store has been given, and those it has not answered */
    bool failed;
    struct timer later;
    media_kept_done *done;
    void *arg;
};

static struct str context(u64 id, char text[32])
{
    return (struct str){text, (size_t)snprintf(text, 32, "file %llu", (unsigned long long)id)};
}

static void keeping_end(struct keeping *k, enum refusal r)
{
    k->kept.refusal = r;
    if (r != REFUSE_NONE) k->kept.n = 0;
    for (size_t i = 0; i < SUBMISSION_FILES_MAX; i++) text_free(&k->pieces[i].original);
    making_free(k->making);
    timer_stop(&k->later);
    if (k->g->web) k->done(k->arg, &k->kept); /* else the gateway ends, and nobody is left to be told */
    free(k);
}

static struct str part_of(const struct keeping *k, size_t piece, size_t part)
{
    const struct media_piece *p = &k->making->made.pieces[piece];
    return part == 0 ? p->clean : part == 1 ? p->thumb : text_str(&k->pieces[piece].original);
}

static void store_next(struct keeping *k);

static void part_stored(void *arg, bool stored, const u8 hash[STORE_HASH])
{
    struct keeping *k = arg;
    (void)hash;
    k->out--;
    if (!stored) k->failed = true;
    store_next(k);
}

/* One file's parts at a time: what is copied for the store stays small. */
static void store_next(struct keeping *k)
{
    if (k->out) return;
    if (k->failed || k->next == k->kept.n) {
        keeping_end(k, k->failed ? REFUSE_UNAVAILABLE : REFUSE_NONE);
        return;
    }
    size_t piece = k->next++;
    for (size_t part = 0; part < PARTS; part++) k->out += part_of(k, piece, part).n > 0;
    for (size_t part = 0; part < PARTS; part++)
        if (part_of(k, piece, part).n) store_put(k->g, part_of(k, piece, part), part_stored, k);
}

/* The rows are there: from now on the sweep knows that these bytes are wanted. */
static void rows_added(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct keeping *k = arg;
    bool good = end == DB_OK;
    if (!good)
        log_line(LOG_ERROR, LOG_MAIN, "rows of files not stored", "sqlstate=%s text=\"%s\"", error->sqlstate,
                 error->message);
    for (int i = 0; good && i < n; i++) good = db_get_bool(results[i], 0, 0);
    if (good)
        store_next(k);
    else
        keeping_end(k, REFUSE_UNAVAILABLE);
}

static void hash_put(struct db_params *p, const u8 hash[STORE_HASH], bool there)
{
    if (there)
        db_put_bytes(p, (struct str){(const char *)hash, STORE_HASH});
    else
        db_put_null(p);
}

static void sealed(void *arg)
{
    struct keeping *k = arg;
    struct db_call *c = db_call_new(rows_added, k);
    for (size_t i = 0; i < k->kept.n; i++) {
        const struct media_piece *piece = &k->making->made.pieces[i];
        struct db_params *p = db_params_new(&stmt_media_add);
        db_put_i64(p, (i64)k->kept.ids[i]);
        db_put_text(p, str_of(filetype_word(piece->type)));
        db_put_text(p, str_of(filetype_word(piece->clean_type)));
        db_put_i32(p, (int)piece->original.n);
        db_put_i32(p, (int)piece->clean.n);
        db_put_i32(p, piece->width);
        db_put_i32(p, piece->height);
        hash_put(p, k->pieces[i].hash[0], true);
        hash_put(p, k->pieces[i].hash[1], piece->thumb.n > 0);
        hash_put(p, k->pieces[i].hash[2], true);
        if (k->case_id) {
            db_put_i64(p, (i64)k->case_id);
            db_put_i32(p, (int)k->staff);
        } else {
            db_put_null(p);
            db_put_null(p);
        }
        db_call_add(c, &stmt_media_add, p);
    }
    if (!db_call_send(k->g->lane_public, c)) keeping_end(k, REFUSE_UNAVAILABLE);
}

/* On the pool. */
static void seal(void *arg)
{
    struct keeping *k = arg;
    char text[32];
    for (size_t i = 0; i < k->kept.n; i++) {
        const struct media_piece *piece = &k->making->made.pieces[i];
        struct sealed_piece *s = &k->pieces[i];
        text_init(&s->original, piece->original.n + 256);
        crypto_seal(k->g->keys, KEY_FILE, context(k->kept.ids[i], text), piece->original, &s->original);
        ASSERT(!s->original.overflow);
        for (size_t part = 0; part < PARTS; part++) crypto_sha256(part_of(k, i, part), s->hash[part]);
    }
}

static void made(struct making *m)
{
    struct keeping *k = m->arg;
    k->kept.at = m->made.at;
    k->kept.n = m->made.n;
    enum refusal r = m->made.refusal;
    for (size_t i = 0; r == REFUSE_NONE && i < k->kept.n; i++)
        if ((k->kept.ids[i] = ids_next(k->g)) == 0) r = REFUSE_UNAVAILABLE;
    if (r != REFUSE_NONE || k->kept.n == 0)
        keeping_end(k, r);
    else if (!loop_offload(k->g->loop, seal, sealed, k))
        keeping_end(k, REFUSE_UNAVAILABLE);
}

void media_keep_offered(struct gateway *g, const struct webform_file *files, size_t n, u64 case_id, i64 staff,
                        media_kept_done *done, void *arg)
{
    struct keeping *k = MEM_NEW(struct keeping);
    *k = (struct keeping){.g = g, .case_id = case_id, .staff = staff, .done = done, .arg = arg};
    k->making = making_new(g, made, k);
    making_start(k->making, files, n);
}

void media_keep(struct gateway *g, const struct webform_file *files, size_t n, media_kept_done *done,
                void *arg)
{
    media_keep_offered(g, files, n, 0, 0, done, arg);
}

/* --- the attach hook --- */

struct attaching {
    struct submission *sub;
    struct arena *arena;
    void (*done)(void *arg, enum refusal refusal, size_t at);
    void *arg;
};

static void attached(void *arg, const struct media_kept *kept)
{
    struct attaching *w = arg;
    enum refusal r = kept->refusal;
    u64 *ids = r == REFUSE_NONE ? arena_alloc(w->arena, kept->n * sizeof *ids + 1) : NULL;
    if (r == REFUSE_NONE && !ids) r = REFUSE_INTERNAL;
    if (r == REFUSE_NONE) {
        memcpy(ids, kept->ids, kept->n * sizeof *ids);
        w->sub->files = ids;
        w->sub->n_files = kept->n;
    }
    w->done(w->arg, r, kept->at);
    free(w);
}

void media_attach(struct gateway *g, struct submission *sub, struct arena *a,
                  const struct webform_file *files, size_t n,
                  void (*done)(void *arg, enum refusal refusal, size_t at), void *arg)
{
    struct attaching *w = MEM_NEW(struct attaching);
    *w = (struct attaching){sub, a, done, arg};
    media_keep(g, files, n, attached, w);
}

/* --- beside a feedback or an act --- */

static bool brings_files(const struct item *it) { return it->s.n_files > 0; }

static struct db_params *bind_params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_media_bind_feedback);
    size_t n = 0;
    LIST_EACH(&b->items, node) n += LIST_OF(node, struct item, node)->s.n_files;
    for (int column = 0; column < 3; column++) {
        db_array_begin(p, column == 2 ? DB_INT4 : DB_INT8, n);
        LIST_EACH(&b->items, node)
        {
            const struct item *it = LIST_OF(node, struct item, node);
            for (size_t i = 0; i < it->s.n_files; i++) {
                if (column == 0) db_put_i64(p, (i64)it->id);
                if (column == 1) db_put_i64(p, (i64)it->s.files[i]);
                if (column == 2) db_put_i32(p, (int)i);
            }
        }
        db_array_end(p);
    }
    return p;
}

const struct intake_more intake_files = {&stmt_media_bind_feedback, brings_files, bind_params};

void media_bind_act(struct db_call *c, u64 act, u64 feedback, const u64 *ids, size_t n)
{
    struct db_params *p = db_params_new(&stmt_media_bind_act);
    db_put_i64(p, (i64)act);
    db_put_i64(p, (i64)feedback);
    db_array_begin(p, DB_INT8, n);
    for (size_t i = 0; i < n; i++) db_put_i64(p, (i64)ids[i]);
    db_array_end(p);
    db_call_add(c, &stmt_media_bind_act, p);
}

/* --- reading --- */

struct fetching {
    struct gateway *g;
    u64 file;
    enum media_part part;
    struct media_fetched f;
    struct text opened;
    struct str sealed;
    media_fetched_done *done;
    void *arg;
};

static void fetching_end(struct fetching *w, enum store_end end, struct str bytes)
{
    w->f.end = end;
    w->f.bytes = bytes;
    if (w->g->web) w->done(w->arg, &w->f);
    text_free(&w->opened);
    free(w);
}

static void got(void *arg, enum store_end end, struct str bytes)
{
    struct fetching *w = arg;
    char text[32];
    if (end != STORE_OK || w->part != MEDIA_ORIGINAL) {
        fetching_end(w, end, bytes);
        return;
    }
    text_init(&w->opened, bytes.n);
    bool good = crypto_open(w->g->keys, KEY_FILE, context(w->file, text), bytes, &w->opened);
    fetching_end(w, good ? STORE_OK : STORE_DAMAGED, good ? text_str(&w->opened) : STR_NONE);
}

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct fetching *w = arg;
    (void)n, (void)error;
    if (end != DB_OK || db_rows(results[0]) == 0) {
        fetching_end(w, end == DB_OK ? STORE_MISSING : STORE_AWAY, STR_NONE);
        return;
    }
    const struct db_result *r = results[0];
    const struct str hash = db_get_text(r, 0, w->part == MEDIA_CLEAN ? 2 : w->part == MEDIA_THUMB ? 3 : 4);
    const struct str word = db_get_text(r, 0, w->part == MEDIA_ORIGINAL ? 0 : 1);
    if (hash.n != STORE_HASH || !filetype_parse(word, &w->f.type)) {
        fetching_end(w, STORE_MISSING, STR_NONE); /* a video has no thumbnail */
        return;
    }
    if (w->part == MEDIA_THUMB) w->f.type = MEDIA_JPEG;
    u8 bytes[STORE_HASH];
    memcpy(bytes, hash.p, STORE_HASH);
    store_get(w->g, bytes, got, w);
}

static void away(struct fetching *w) { fetching_end(w, STORE_AWAY, STR_NONE); }

void media_fetch(struct gateway *g, u64 feedback, u64 file, enum media_part part, media_fetched_done *done,
                 void *arg)
{
    struct fetching *w = MEM_NEW(struct fetching);
    *w = (struct fetching){.g = g, .file = file, .part = part, .done = done, .arg = arg};
    struct db_call *c = db_call_new(found, w);
    struct db_params *p = db_params_new(&stmt_media_find);
    db_put_i64(p, (i64)file);
    db_put_i64(p, (i64)feedback);
    db_call_add(c, &stmt_media_find, p);
    if (!db_call_send(g->lane_public, c)) away(w);
}
