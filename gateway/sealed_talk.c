/* The reporter's side of the dialogue. The receipt opens what was said both ways for the length of one page; what the reporter adds is
 * sealed to the public key on file, for which no receipt is needed. */
#include "sealed_part.h"
#include "ids.h"
#include "base/code.h"
#include "base/json.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define TALK_MAX    500 /* messages of one report that are shown */
#define TALK_ARENA  (64u << 20)
#define KEYED_BYTES (64u << 10) /* of each file: enough to tell two pictures apart */

const struct db_stmt stmt_sealed_read = {
    "sealed_read",
    "select r.salt, r.public_key, m.at, m.author = 'reporter', m.body, e.sealed from sealed_reports r "
    "left join sealed_messages m on m.feedback_id = r.feedback_id and m.body <> '' "
    "left join sealed_envelopes e on e.message_id = m.id and e.key_id is null "
    "where r.feedback_id = $1 order by m.at, m.id limit 500",
    1,
    {DB_INT8}};
/* Once for each key; the case must be the one that the feedback opened or went into. */
const struct db_stmt stmt_sealed_say = {
    "sealed_say",
    "with m as (insert into sealed_messages (id, feedback_id, case_id, at, author, dedupe, body) "
    "  select $1, r.feedback_id, f.case_id, now(), 'reporter', $3, $4 from sealed_reports r join feedback f on f.id = r.feedback_id "
    "  where r.feedback_id = $2 on conflict (feedback_id, dedupe) do nothing returning id), "
    "x as (insert into sealed_files (hash, message_id, size) select t.hash, m.id, t.size from m, unnest($7, $8) as t (hash, size) "
    "  on conflict do nothing) "
    "insert into sealed_envelopes (message_id, key_id, sealed) "
    "select m.id, nullif(t.key_id, 0), t.sealed from m, unnest($5, $6) as t (key_id, sealed)",
    8,
    {DB_INT8, DB_INT8, DB_TEXT, DB_BYTEA, DB_INT4S, DB_BYTEAS, DB_BYTEAS, DB_INT8S}};
const struct db_stmt *const sealed_statements[] = {&stmt_sealed_rule, &stmt_sealed_keys, &stmt_sealed_offer,
                                                   &stmt_sealed_read, &stmt_sealed_say};
const size_t n_sealed_statements = ARRAY_LEN(sealed_statements);

static struct str copy(struct arena *a, struct str s) { return s.n ? arena_str(a, s) : STR_NONE; }

/* --- reading --- */

struct line {
    instant at;
    bool from_reporter, opened;
    struct str body, envelope;
    struct text plain; /* padded JSON */
};
struct reading {
    struct gateway *g;
    struct arena arena;
    char receipt[17];
    u8 salt[BOX_SALT], public_key[BOX_KEY];
    struct line *lines;
    size_t n;
    bool good;
    sealed_talk_done *done;
    void *arg;
};

static void reading_end(struct reading *r, const struct sealed_talk *t)
{
    r->done(r->arg, t);
    for (size_t i = 0; i < r->n; i++) text_free(&r->lines[i].plain);
    arena_free(&r->arena);
    crypto_wipe(r, sizeof *r);
    free(r);
}

static void reading_away(struct reading *r)
{
    const struct sealed_talk none = {.refusal = REFUSE_UNAVAILABLE};
    reading_end(r, &none);
}

/* On the pool. */
static void open_lines(void *arg)
{
    struct reading *r = arg;
    u8 seed[BOX_KEY], public_key[BOX_KEY], secret[BOX_KEY], key[BOX_KEY];
    r->good = box_seed(str_of(r->receipt), r->salt, seed);
    if (r->good) box_keypair_of(seed, public_key, secret);
    r->good = r->good && crypto_same(public_key, r->public_key, BOX_KEY);
    for (size_t i = 0; r->good && i < r->n; i++) {
        struct line *l = &r->lines[i];
        l->opened = l->body.n > 1 && l->body.p[0] == SEAL_VERSION && l->envelope.n == BOX_ENVELOPE &&
                    box_envelope_open((const u8 *)l->envelope.p, public_key, secret, key) &&
                    box_decrypt(key, SEAL_AD, (struct str){l->body.p + 1, l->body.n - 1}, &l->plain);
    }
    crypto_wipe(seed, sizeof seed);
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(key, sizeof key);
}

static bool line_read(struct arena *a, const struct line *l, struct sealed_line *out)
{
    struct str plain, words;
    const char *why;
    size_t files = 0;
    if (!l->opened || !seal_unpad(text_str(&l->plain), &plain)) return false;
    struct json *doc = json_parse(plain, SEAL_PLAIN_MAX, &why);
    bool good = doc && seal_said_read(doc, &words, &files);
    if (good)
        *out = (struct sealed_line){.from_reporter = l->from_reporter,
                                    .at = l->at,
                                    .words = words.n ? arena_str(a, words) : STR(""),
                                    .n_files = files};
    json_free(&doc);
    return good;
}

static void opened(void *arg)
{
    struct reading *r = arg;
    struct sealed_talk talk = {.refusal = REFUSE_NONE};
    struct sealed_line *lines = arena_alloc(&r->arena, (r->n + 1) * sizeof *lines);
    if (!r->good || !lines) {
        log_line(LOG_ERROR, LOG_WEB, "a sealed dialogue did not open with its receipt", NULL);
        reading_away(r);
        return;
    }
    for (size_t i = 0; i < r->n; i++)
        if (line_read(&r->arena, &r->lines[i], &lines[talk.n])) talk.n++;
    talk.lines = lines;
    reading_end(r, &talk);
}

static void have_lines(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct reading *r = arg;
    (void)n, (void)error;
    if (end != DB_OK) {
        reading_away(r);
        return;
    }
    const struct db_result *rows = results[0];
    if (db_rows(rows) == 0 || db_is_null(rows, 0, 4)) { /* not sealed, or erased */
        const struct sealed_talk none = {.refusal = REFUSE_NONE};
        reading_end(r, &none);
        return;
    }
    const size_t count = MIN((size_t)db_rows(rows), (size_t)TALK_MAX);
    const struct str salt = db_get_text(rows, 0, 0), key = db_get_text(rows, 0, 1);
    ASSERT(salt.n == BOX_SALT && key.n == BOX_KEY);
    memcpy(r->salt, salt.p, BOX_SALT);
    memcpy(r->public_key, key.p, BOX_KEY);
    r->lines = arena_alloc(&r->arena, count * sizeof *r->lines);
    for (; r->lines && r->n < count; r->n++) {
        struct line *l = &r->lines[r->n];
        *l = (struct line){.at = db_get_instant(rows, (int)r->n, 2),
                           .from_reporter = db_get_bool(rows, (int)r->n, 3),
                           .body = copy(&r->arena, db_get_text(rows, (int)r->n, 4)),
                           .envelope = copy(&r->arena, db_get_text(rows, (int)r->n, 5))};
        text_init(&l->plain, SEAL_PLAIN_MAX);
    }
    if (!r->lines || !loop_offload(r->g->loop, open_lines, opened, r)) reading_away(r);
}

void sealed_read(struct gateway *g, u64 feedback, const char receipt[17], sealed_talk_done *done, void *arg)
{
    struct reading *r = MEM_NEW(struct reading);
    struct db_call *c = db_call_new(have_lines, r);
    struct db_params *p = db_params_new(&stmt_sealed_read);
    r->g = g;
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena, TALK_ARENA);
    memcpy(r->receipt, receipt, 16);
    db_put_i64(p, (i64)feedback);
    db_call_add(c, &stmt_sealed_read, p);
    if (!db_call_send(g->lane_public, c)) reading_away(r);
}

/* --- saying --- */

struct saying {
    struct gateway *g;
    u64 feedback, id;
    char key[80]; /* hex, as stored */
    struct seal_job job;
    struct arena arena;
    struct submission files; /* only what sealed_files_make fills */
    struct str words;
    void (*done)(void *arg, enum refusal r, bool fresh);
    void *arg;
};

static void saying_done(struct saying *s, enum refusal r, bool fresh)
{
    s->done(s->arg, r, fresh);
    seal_job_free(&s->job);
    arena_free(&s->arena);
    crypto_wipe(s, sizeof *s);
    free(s);
}

static void saying_end(struct saying *s, enum refusal r) { saying_done(s, r, false); }

static void said(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    (void)n;
    if (end != DB_OK)
        log_line(LOG_ERROR, LOG_WEB, "a sealed message was not stored", "sqlstate=%s",
                 error ? error->sqlstate : "");
    saying_done(arg, end == DB_OK ? REFUSE_NONE : REFUSE_UNAVAILABLE,
                end == DB_OK && db_affected(results[0]) > 0);
}

static void sealed(void *arg)
{
    struct saying *s = arg;
    const struct seal_job *j = &s->job;
    if (!j->good) {
        saying_end(s, REFUSE_INTERNAL);
        return;
    }
    struct db_call *c = db_call_new(said, s);
    struct db_params *p = db_params_new(&stmt_sealed_say);
    db_put_i64(p, (i64)s->id);
    db_put_i64(p, (i64)s->feedback);
    db_put_text(p, str_of(s->key));
    db_put_bytes(p, text_str(&j->body));
    db_array_begin(p, DB_INT4, j->n_readers + 1);
    for (size_t i = 0; i <= j->n_readers; i++) db_put_i32(p, i < j->n_readers ? j->readers[i].key_id : 0);
    db_array_end(p);
    db_array_begin(p, DB_BYTEA, j->n_readers + 1);
    for (size_t i = 0; i <= j->n_readers; i++) db_put_bytes(p, seal_bytes(j->envelopes[i], BOX_ENVELOPE));
    db_array_end(p);
    const size_t files = seal_files_n(&s->files);
    db_array_begin(p, DB_BYTEA, files);
    for (size_t i = 0; i < files; i++) db_put_bytes(p, seal_files_hash(&s->files, i));
    db_array_end(p);
    db_array_begin(p, DB_INT8, files);
    for (size_t i = 0; i < files; i++) db_put_i64(p, seal_files_size(&s->files, i));
    db_array_end(p);
    db_call_add(c, &stmt_sealed_say, p);
    if (!db_call_send(s->g->lane_public, c)) saying_end(s, REFUSE_UNAVAILABLE);
}

static void seal(void *arg) { seal_job_run(&((struct saying *)arg)->job); }

/* The reporter's public key is known, and so are the files: the words can be sealed. */
static void go(struct saying *s)
{
    const struct seal_said what = {.words = s->words, .files = s->files.sealed_files};
    if (s->files.sealed_key.n == BOX_KEY) {
        s->job.keyed = true;
        memcpy(s->job.key, s->files.sealed_key.p, BOX_KEY);
    }
    s->id = ids_next(s->g);
    if (!seal_said_json(&what, &s->job.plain))
        saying_end(s, REFUSE_TEXT_TOO_LONG);
    else if (!loop_offload(s->g->loop, seal, sealed, s))
        saying_end(s, REFUSE_UNAVAILABLE);
}

static void have_reporter(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct saying *s = arg;
    (void)n, (void)error;
    if (end != DB_OK || db_rows(results[0]) == 0) {
        saying_end(s, end == DB_OK ? REFUSE_NOT_FOUND : REFUSE_UNAVAILABLE);
        return;
    }
    const struct str key = db_get_text(results[0], 0, 1);
    memcpy(s->job.reporter, key.p, BOX_KEY);
    go(s);
}

static void with_files(void *arg, enum refusal r, size_t at)
{
    struct saying *s = arg;
    (void)at;
    if (r != REFUSE_NONE) {
        saying_end(s, r);
        return;
    }
    struct db_call *c = db_call_new(have_reporter, s);
    struct db_params *p = db_params_new(&stmt_sealed_read);
    db_put_i64(p, (i64)s->feedback);
    db_call_add(c, &stmt_sealed_read, p);
    if (!db_call_send(s->g->lane_public, c)) saying_end(s, REFUSE_UNAVAILABLE);
}

/* The form's random bits, which are kept nowhere, are part of it: what is stored of this says nothing about the words. */
static void key_of(const struct gateway *g, struct str key, struct str words,
                   const struct webform_file *files, size_t n_files, char out[80])
{
    struct str parts[3 + 2 * SUBMISSION_FILES_MAX] = {STR("sealed say"), key, words};
    size_t n = 3;
    u8 mac[32];
    struct text t;
    for (size_t i = 0; i < n_files && i < SUBMISSION_FILES_MAX; i++) {
        parts[n++] = files[i].filename;
        parts[n++] = (struct str){files[i].bytes.p, MIN(files[i].bytes.n, (size_t)KEYED_BYTES)};
    }
    crypto_mac(g->keys, KEY_DEDUPE, parts, n, mac);
    text_init(&t, 80);
    text_addz(&t, "say:");
    hex_put(&t, mac, sizeof mac);
    memcpy(out, text_z(&t), MIN(t.n + 1, (size_t)80));
    text_free(&t);
}

void sealed_say(struct gateway *g, u64 feedback, u64 case_id, const char receipt[17], struct str key,
                struct str words, const struct webform_file *files, size_t n_files,
                void (*done)(void *arg, enum refusal r, bool fresh), void *arg)
{
    struct saying *s = MEM_NEW(struct saying);
    (void)case_id, (void)receipt;
    s->g = g;
    s->feedback = feedback;
    s->done = done;
    s->arg = arg;
    arena_init(&s->arena, TALK_ARENA);
    seal_job_init(&s->job, g);
    s->words = words.n ? arena_str(&s->arena, words) : STR("");
    key_of(g, key, s->words, files, n_files, s->key);
    if (s->job.n_readers == 0)
        saying_end(s, REFUSE_REPORT_NOT_READY);
    else if (n_files)
        sealed_attach(g, &s->files, &s->arena, files, n_files, with_files, s);
    else
        with_files(s, REFUSE_NONE, 0);
}
