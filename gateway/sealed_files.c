/* Files of a sealed message: each is made by the worker like every other, then original, clean copy and thumbnail are sealed under the
 * message's own key and stored as ciphertext. What they are called stands in the sealed message alone. */
#include "sealed_part.h"
#include "media.h"
#include "store.h"
#include "io/crypto.h"
#include <stdlib.h>
#include <string.h>

#define HASH_AND_SIZE 40 /* of one stored file in submission.sealed_hashes */
#define PARTS         3  /* of one file */
#define SEALED_MAX    (512u << 20)

size_t seal_files_n(const struct submission *s) { return s->sealed_hashes.n / HASH_AND_SIZE; }

struct str seal_files_hash(const struct submission *s, size_t i)
{
    return (struct str){s->sealed_hashes.p + i * HASH_AND_SIZE, 32};
}

i64 seal_files_size(const struct submission *s, size_t i)
{
    i64 n = 0;
    for (size_t b = 32; b < HASH_AND_SIZE; b++) n = n << 8 | (u8)s->sealed_hashes.p[i * HASH_AND_SIZE + b];
    return n;
}

/* They are put down as lost before they are written: what a crash leaves behind is swept. */
const struct db_stmt stmt_sealed_offer = {"sealed_offer", "select sealed_files_offer($1)", 1, {DB_BYTEAS}};

struct piece {
    struct seal_file facts;
    struct text bytes; /* plain, then nonce and ciphertext */
};
struct attaching {
    struct gateway *g;
    struct submission *sub;
    struct arena *arena;
    void (*done)(void *arg, enum refusal refusal, size_t at);
    void *arg;
    u8 key[BOX_KEY];
    struct str names[SUBMISSION_FILES_MAX]; /* in the arena of the form */
    struct piece pieces[PARTS * SUBMISSION_FILES_MAX];
    size_t n, at;
};

static void attaching_end(struct attaching *t, enum refusal r, size_t at)
{
    t->done(t->arg, r, at);
    for (size_t i = 0; i < t->n; i++) text_free(&t->pieces[i].bytes);
    crypto_wipe(t->key, sizeof t->key);
    free(t);
}

/* Into the submission, once all of them lie in the store. */
static void fill(struct attaching *t)
{
    struct text list, hashes;
    text_init(&list, SEAL_PLAIN_MAX / 2);
    text_init(&hashes, sizeof t->pieces / sizeof t->pieces[0] * HASH_AND_SIZE);
    for (size_t i = 0; i < t->n; i++) {
        const struct seal_file *f = &t->pieces[i].facts;
        text_addc(&list, i ? ',' : '[');
        seal_file_json(f, &list);
        text_add(&hashes, seal_bytes(f->hash, 32));
        for (int shift = 56; shift >= 0; shift -= 8) text_addc(&hashes, (char)(u8)(f->size >> shift));
    }
    text_addc(&list, ']');
    t->sub->sealed_files = arena_str(t->arena, text_str(&list));
    t->sub->sealed_hashes = arena_str(t->arena, text_str(&hashes));
    t->sub->sealed_key = arena_str(t->arena, seal_bytes(t->key, sizeof t->key));
    const bool good =
        !list.overflow && t->sub->sealed_files.p && t->sub->sealed_hashes.p && t->sub->sealed_key.p;
    text_free(&list);
    text_free(&hashes);
    attaching_end(t, good ? REFUSE_NONE : REFUSE_TOO_BIG, 0);
}

static void stored(void *arg, bool good, const u8 hash[STORE_HASH])
{
    struct attaching *t = arg;
    if (!good || memcmp(hash, t->pieces[t->at].facts.hash, STORE_HASH) != 0) {
        attaching_end(t, REFUSE_UNAVAILABLE, t->pieces[t->at].facts.of);
        return;
    }
    if (++t->at == t->n)
        fill(t);
    else
        store_put(t->g, text_str(&t->pieces[t->at].bytes), stored, t);
}

static void offered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct attaching *t = arg;
    (void)results, (void)n, (void)error;
    if (end == DB_OK)
        store_put(t->g, text_str(&t->pieces[0].bytes), stored, t);
    else
        attaching_end(t, REFUSE_UNAVAILABLE, 0);
}

static void sealed(void *arg)
{
    struct attaching *t = arg;
    struct db_call *c = db_call_new(offered, t);
    struct db_params *p = db_params_new(&stmt_sealed_offer);
    db_array_begin(p, DB_BYTEA, t->n);
    for (size_t i = 0; i < t->n; i++) db_put_bytes(p, seal_bytes(t->pieces[i].facts.hash, 32));
    db_array_end(p);
    db_call_add(c, &stmt_sealed_offer, p);
    if (!db_call_send(t->g->lane_public, c)) attaching_end(t, REFUSE_UNAVAILABLE, 0);
}

/* On the pool. */
static void seal(void *arg)
{
    struct attaching *t = arg;
    for (size_t i = 0; i < t->n; i++) {
        struct piece *p = &t->pieces[i];
        struct text box;
        text_init(&box, SEALED_MAX);
        box_encrypt(t->key, SEAL_FILE_AD, text_str(&p->bytes), &box);
        text_free(&p->bytes);
        p->bytes = box;
        crypto_sha256(text_str(&p->bytes), p->facts.hash);
    }
}

static void take(struct attaching *t, size_t of, const char *part, enum media_type type, struct str bytes)
{
    struct piece *p = &t->pieces[t->n++];
    p->facts = (struct seal_file){.part = part,
                                  .type = filetype_mime(type),
                                  .of = of,
                                  .size = bytes.n,
                                  .name = strcmp(part, "original") == 0 ? t->names[of] : STR("")};
    text_init(&p->bytes, SEALED_MAX);
    text_add(&p->bytes, bytes);
}

static void made(void *arg, const struct media_made *m)
{
    struct attaching *t = arg;
    if (m->refusal != REFUSE_NONE) {
        attaching_end(t, m->refusal, m->at);
        return;
    }
    for (size_t i = 0; i < m->n; i++) {
        const struct media_piece *p = &m->pieces[i];
        take(t, i, "original", p->type, p->original);
        take(t, i, "clean", p->clean_type, p->clean);
        if (p->thumb.n) take(t, i, "thumb", MEDIA_JPEG, p->thumb);
    }
    if (!loop_offload(t->g->loop, seal, sealed, t)) attaching_end(t, REFUSE_UNAVAILABLE, 0);
}

void sealed_attach(struct gateway *g, struct submission *sub, struct arena *a,
                   const struct webform_file *files, size_t n,
                   void (*done)(void *arg, enum refusal refusal, size_t at), void *arg)
{
    struct attaching *t = MEM_NEW(struct attaching);
    *t = (struct attaching){.g = g, .sub = sub, .arena = a, .done = done, .arg = arg};
    crypto_random(t->key, sizeof t->key);
    for (size_t i = 0; i < n && i < SUBMISSION_FILES_MAX; i++)
        t->names[i] = files[i].filename.n ? arena_str(a, files[i].filename) : STR("");
    if (!sealed_ready(g))
        attaching_end(t, REFUSE_REPORT_NOT_READY, 0);
    else
        media_make(g, files, n, made, t);
}
