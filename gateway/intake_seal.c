/* Sealing on arrival: what is left of a report when it reaches the queue is its body, its envelopes, and the metadata that
 * docs/sealing.md names. The receipt comes from the door's key, which is not kept either. */
#include "intake_part.h"
#include "sealed_part.h"
#include "ids.h"
#include "base/code.h"
#include "core/conversation.h"
#include "core/receipt.h"
#include <string.h>

struct item_seal {
    struct gateway *g;
    struct item *it;
    struct seal_job job;
    u64 message_id;
    void (*done)(struct item *it, bool good);
};

void sealed_key_mark(const struct keys *k, struct str door, struct str provider, struct str key,
                     struct text *out)
{
    const struct str parts[] = {STR("sealed key"), door, provider, key};
    u8 mac[32];
    crypto_mac(k, KEY_DEDUPE, parts, ARRAY_LEN(parts), mac);
    text_addz(out, "sealed:");
    hex_put(out, mac, sizeof mac);
    crypto_wipe(mac, sizeof mac);
}

/* Receipt, key and digest of a sealed report. A form's key is 128 random bits and enough by itself; what a provider numbers its
 * messages with can be guessed, so there the words are part of the receipt, and no digest of them stays anywhere. */
void item_hide(struct gateway *g, struct item *it)
{
    const struct str door = str_of(door_word(it->s.door)), none = STR("");
    const bool numbered = it->s.provider.n > 0;
    const struct str receipt[] = {
        STR("sealed receipt"),         door, it->s.provider, it->s.dedupe_key, numbered ? it->s.text : none,
        numbered ? it->s.sender : none};
    const struct str digest[] = {STR("sealed digest"), it->s.dedupe_key};
    struct text kept;
    u8 mac[32];
    crypto_mac(g->keys, KEY_RECEIPT_MAKE, receipt, ARRAY_LEN(receipt), mac);
    receipt_from_bytes(mac, it->receipt);
    receipt_hash(g, it->receipt, it->receipt_hash);
    crypto_mac(g->keys, KEY_DEDUPE, digest, ARRAY_LEN(digest), it->body_digest);
    text_init(&kept, 100);
    sealed_key_mark(g->keys, door, it->s.provider, it->s.dedupe_key, &kept);
    it->plain_key = it->s.dedupe_key;
    it->s.dedupe_key = arena_str(&it->arena, text_str(&kept));
    text_free(&kept);
    crypto_wipe(mac, sizeof mac);
}

/* Text of the item's own arena. */
static void wipe(struct str *s)
{
    union {
        const char *theirs;
        char *ours;
    } p = {.theirs = s->p};
    if (s->n) crypto_wipe(p.ours, s->n);
    *s = STR("");
}

/* Everything that was said goes; what stays is named in docs/sealing.md. */
static void item_empty(struct item *it)
{
    struct str *const texts[] = {&it->s.text,    &it->s.contact, &it->s.name,         &it->s.position.words,
                                 &it->s.reasons, &it->s.service, &it->s.sealed_files, &it->s.sealed_key,
                                 &it->clean,     &it->masked};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) wipe(texts[i]);
    /* Of the office's own finders it is the number of their record, of a list somebody else's. */
    if (!it->s.found || it->s.door == DOOR_IMPORT) wipe(&it->s.external_id);
    it->s.position = (struct position){.words = STR("")};
    it->s.sent_at = (instant){0};
    it->s.joins = 0;
}

static void sealed(void *arg)
{
    struct item_seal *s = arg;
    struct item *it = s->it;
    char mark[SEAL_MARK_MAX];
    if (s->job.good) {
        const bool english = talk_english(it->s.text);
        seal_mark(crypto_sha256, text_str(&s->job.body), mark);
        item_empty(it);
        it->s.text = arena_str(&it->arena, str_of(mark));
        it->masked = STR(SEALED_WORDS);
        it->english = english;
    }
    s->done(it, s->job.good && it->s.text.p);
}

static void run(void *arg) { seal_job_run(&((struct item_seal *)arg)->job); }

bool item_seal(struct gateway *g, struct item *it, void (*done)(struct item *it, bool good))
{
    struct item_seal *s = ARENA_NEW(&it->arena, struct item_seal);
    struct text contact; /* a name stands in front of the number */
    text_init(&contact, 400);
    text_add(&contact, it->s.name);
    if (it->s.name.n && it->s.contact.n) text_addc(&contact, ' ');
    text_add(&contact, it->s.contact);
    const struct seal_said said = {.words = it->s.text,
                                   .contact = text_str(&contact),
                                   .sender = it->s.sender,
                                   .files = it->s.sealed_files,
                                   .position = &it->s.position};
    if (!s) return false;
    s->g = g;
    s->it = it;
    s->done = done;
    it->seal = s;
    seal_job_init(&s->job, g);
    s->job.fresh = true;
    memcpy(s->job.receipt, it->receipt, sizeof s->job.receipt);
    if (it->s.sealed_key.n == BOX_KEY) {
        s->job.keyed = true;
        memcpy(s->job.key, it->s.sealed_key.p, BOX_KEY);
    }
    s->message_id = ids_next(g);
    const bool good = seal_said_json(&said, &s->job.plain);
    text_free(&contact);
    return good && loop_offload(g->loop, run, sealed, s);
}

void item_seal_free(struct item *it)
{
    if (it->seal) seal_job_free(&it->seal->job);
}

/* --- its rows --- */

const struct db_stmt stmt_intake_sealed = {
    "intake_sealed",
    "with i as (select t.* from unnest($1, $2, $3, $4, $5, $6, $7, $14) as t (feedback_id, case_id, message_id, at, salt, public_key, body, "
    "  plain_key) join feedback f on f.id = t.feedback_id where sealed_key_free(f.channel, f.provider, t.plain_key)), "
    "r as (insert into sealed_reports (feedback_id, salt, public_key) select feedback_id, salt, public_key from i "
    "  on conflict do nothing), "
    "m as (insert into sealed_messages (id, feedback_id, case_id, at, author, dedupe, body) "
    "  select message_id, feedback_id, case_id, at, 'reporter', 'first', body from i on conflict do nothing), "
    "x as (insert into sealed_files (hash, message_id, size) "
    "  select t.hash, t.message_id, t.size from unnest($11, $12, $13) as t (message_id, hash, size) join i using (message_id) "
    "  on conflict do nothing) "
    "insert into sealed_envelopes (message_id, key_id, sealed) "
    "select t.message_id, nullif(t.key_id, 0), t.sealed from unnest($8, $9, $10) as t (message_id, key_id, sealed) "
    "join i using (message_id) on conflict do nothing",
    14,
    {DB_INT8S, DB_INT8S, DB_INT8S, DB_TIMESTAMPTZS, DB_BYTEAS, DB_BYTEAS, DB_BYTEAS, DB_INT8S, DB_INT4S,
     DB_BYTEAS, DB_INT8S, DB_BYTEAS, DB_INT8S, DB_TEXTS}};

static bool wanted(const struct item *it) { return it->seal != NULL; }

static struct db_params *params(const struct batch *b)
{
    struct db_params *p = db_params_new(&stmt_intake_sealed);
    size_t envelopes = 0, files = 0;
    MORE_EACH(b, wanted, it)
    {
        envelopes += it->seal->job.n_readers + 1;
        files += seal_files_n(&it->s);
    }
    MORE_COLUMN(p, DB_INT8, b, wanted, it, db_put_i64(p, (i64)it->id));
    MORE_COLUMN(p, DB_INT8, b, wanted, it, db_put_i64(p, (i64)it->case_id));
    MORE_COLUMN(p, DB_INT8, b, wanted, it, db_put_i64(p, (i64)it->seal->message_id));
    MORE_COLUMN(p, DB_TIMESTAMPTZ, b, wanted, it, db_put_instant(p, it->arrived));
    MORE_COLUMN(p, DB_BYTEA, b, wanted, it, db_put_bytes(p, seal_bytes(it->seal->job.salt, BOX_SALT)));
    MORE_COLUMN(p, DB_BYTEA, b, wanted, it, db_put_bytes(p, seal_bytes(it->seal->job.reporter, BOX_KEY)));
    MORE_COLUMN(p, DB_BYTEA, b, wanted, it, db_put_bytes(p, text_str(&it->seal->job.body)));
#define COLUMN_OF(type, n, count, put)                                                                       \
    db_array_begin(p, (type), (n));                                                                          \
    MORE_EACH(b, wanted, it)                                                                                 \
    for (size_t i = 0; i < (count); i++) put;                                                                \
    db_array_end(p)
#define READERS (it->seal->job.n_readers)
    COLUMN_OF(DB_INT8, envelopes, READERS + 1, db_put_i64(p, (i64)it->seal->message_id));
    COLUMN_OF(DB_INT4, envelopes, READERS + 1,
              db_put_i32(p, i < READERS ? it->seal->job.readers[i].key_id : 0));
    COLUMN_OF(DB_BYTEA, envelopes, READERS + 1,
              db_put_bytes(p, seal_bytes(it->seal->job.envelopes[i], BOX_ENVELOPE)));
    COLUMN_OF(DB_INT8, files, seal_files_n(&it->s), db_put_i64(p, (i64)it->seal->message_id));
    COLUMN_OF(DB_BYTEA, files, seal_files_n(&it->s), db_put_bytes(p, seal_files_hash(&it->s, i)));
    COLUMN_OF(DB_INT8, files, seal_files_n(&it->s), db_put_i64(p, seal_files_size(&it->s, i)));
    MORE_COLUMN(p, DB_TEXT, b, wanted, it, db_put_text(p, it->plain_key));
    return p;
}

const struct intake_more intake_sealed = {&stmt_intake_sealed, wanted, params};
