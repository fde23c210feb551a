/* The proof that a citizen takes home: which steps of the own case were recorded, that they hang together and stand in the
 * signed log, for `mashangdu verify --proof`. Steps that the citizen may not know are hashes. What the citizen wrote is not
 * in it, whoever gets hold of the file: only the salt with which the own words can be checked against the record. */
#include "citizen_part.h"
#include "form_token.h"
#include "intake.h"
#include "ledger.h"
#include "base/code.h"
#include "base/log.h"
#include "core/proof.h"
#include "core/receipt.h"
#include <stdlib.h>
#include <string.h>

#define ACTS_MAX    300 /* of one file; a longer case is proved up to there */
#define ACTS_LIMIT  "300"
#define FILE_MAX    ((size_t)4 * 1024 * 1024)
#define FIELD_ARENA (2u * 1024 * 1024) /* ceiling: receipt and token of a body that web has bounded */

const struct db_stmt stmt_proof_find = {
    "proof_find",
    "select f.receipt_hash, f.id, f.received_at, f.channel, f.plaque, f.nature_said, coalesce(f.rating, 0), f.salt, f.case_id, "
    "" LEDGER_HEAD_COLUMNS
    " from feedback f left join lateral (select * from log_heads order by size desc limit 1) h on true "
    "where f.receipt_hash = $1",
    1,
    {DB_BYTEA}};
enum {
    FIND_HASH,
    FIND_ID,
    FIND_RECEIVED,
    FIND_CHANNEL,
    FIND_PLAQUE,
    FIND_NATURE,
    FIND_RATING,
    FIND_SALT,
    FIND_CASE,
    FIND_HEAD
};

/* Of the own case alone, oldest first; the first columns are those that act_rule reads. */
const struct db_stmt stmt_proof_acts = {
    "proof_acts",
    "select a.act, a.actor, coalesce(a.role, ''), coalesce(a.from_state, 'new'), a.to_state, a.at, a.version, a.id, "
    "a.staff_id, a.unit_id, a.role, a.public, a.from_state, a.reason, a.words, a.data, a.salt, a.words_commitment, a.hash, "
    "coalesce((select l.index from log_leaves l where l.act_id = a.id), -1), "
    "coalesce(a.data->>'feedback', f.id::text) <> f.id::text "
    "from feedback f join acts a on a.case_id = f.case_id where f.receipt_hash = $1 order by a.version limit " ACTS_LIMIT,
    1,
    {DB_BYTEA}};
enum {
    STEP_VERSION = ACT_COL_AT + 1,
    STEP_ID,
    STEP_STAFF,
    STEP_UNIT,
    STEP_ROLE,
    STEP_PUBLIC,
    STEP_FROM,
    STEP_REASON,
    STEP_WORDS,
    STEP_DATA,
    STEP_SALT,
    STEP_COMMITMENT,
    STEP_HASH,
    STEP_INDEX,
    STEP_OTHER
};

struct proving {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    char receipt[RECEIPT_DIGITS + 1];
    u8 hash[32];
    struct text peer, file;
    struct ledger_head head;
    size_t n; /* steps in the file */
    struct {
        i64 version;
        u64 index;
    } leaves[ACTS_MAX];
    struct merkle_node *needs; /* of all their paths, one behind the other */
    size_t n_needs;
};

static void proving_free(struct proving *v)
{
    text_free(&v->peer);
    text_free(&v->file);
    free(v->needs);
    crypto_wipe(v, sizeof *v);
    free(v);
}

static void refuse(struct proving *v, enum refusal r, span retry)
{
    status_box(v->g, v->ticket, v->lang, str_of(v->receipt), r, retry);
    proving_free(v);
}

/* --- the file --- */

static void put_text(struct text *t, const char *name, struct str value)
{
    text_addf(t, ",\"%s\":", name);
    if (value.p)
        json_put(t, value);
    else
        text_addz(t, "null");
}

static void put_hex(struct text *t, const char *name, struct str bytes)
{
    text_addf(t, ",\"%s\":", name);
    if (bytes.n == 0) {
        text_addz(t, "null");
        return;
    }
    text_addc(t, '"');
    hex_put(t, (const u8 *)bytes.p, bytes.n);
    text_addc(t, '"');
}

/* The answer that was approved: the citizen has read it. An approval is about the last answer before it. */
static bool answer_approved(const struct db_result *r, int row)
{
    if (!str_eq(db_get_text(r, row, ACT_COL_ACT), str_of(case_act_word(ACT_REPLY)))) return false;
    for (int i = row + 1; i < db_rows(r); i++) {
        struct str act = db_get_text(r, i, ACT_COL_ACT);
        if (str_eq(act, str_of(case_act_word(ACT_APPROVE)))) return true;
        if (str_eq(act, str_of(case_act_word(ACT_REPLY)))) return false;
    }
    return false;
}

/* Reason, words and data are under one commitment: they are opened together or not at all. A remark beside the answer and the
 * reason of a transfer are not the citizen's to read; what the citizen wrote must not lie on a telephone. */
static bool text_open(const struct db_result *r, int row, enum case_act act)
{
    if (db_get_text(r, row, STEP_SALT).n != PROOF_SALT) return false; /* erased by rule */
    if (act == ACT_RECEIVE || act == ACT_DECLINE) return true;
    return act == ACT_REPLY && db_is_null(r, row, STEP_REASON);
}

static void put_opened(struct text *t, const struct db_result *r, int row)
{
    struct str salt = db_get_text(r, row, STEP_SALT);
    text_addz(t, ",\"text\":{\"salt\":\"");
    hex_put(t, (const u8 *)salt.p + PROOF_SALT / 2, PROOF_SALT / 2);
    text_addc(t, '"');
    put_text(t, "reason", db_get_text(r, row, STEP_REASON));
    put_text(t, "words", db_get_text(r, row, STEP_WORDS));
    put_text(t, "data", db_get_text(r, row, STEP_DATA));
    text_addc(t, '}');
}

static void put_known(struct text *t, const struct db_result *r, int row, enum case_act act)
{
    struct str salt = db_get_text(r, row, STEP_SALT);
    u8 who[HASH_BYTES];
    struct proof_act a = {.id = db_get_i64(r, row, STEP_ID),
                          .staff = db_get_i64(r, row, STEP_STAFF),
                          .unit = db_get_i64(r, row, STEP_UNIT),
                          .role = db_get_text(r, row, STEP_ROLE),
                          .public_words = db_get_bool(r, row, STEP_PUBLIC)};
    memcpy(a.salt, salt.p, MIN(salt.n, sizeof a.salt));
    proof_who(crypto_sha256, &a, who);
    put_hex(t, "previous", row ? db_get_text(r, row - 1, STEP_HASH) : STR_NONE);
    text_addf(t, ",\"at_us\":\"%lld\"", (long long)db_get_instant(r, row, ACT_COL_AT).us);
    put_text(t, "act", db_get_text(r, row, ACT_COL_ACT));
    put_text(t, "actor", db_get_text(r, row, ACT_COL_ACTOR));
    put_text(t, "from", db_get_text(r, row, STEP_FROM));
    put_text(t, "to", db_get_text(r, row, ACT_COL_TO));
    put_hex(t, "who", (struct str){(const char *)who, sizeof who});
    put_hex(t, "words", db_get_text(r, row, STEP_COMMITMENT));
    if (text_open(r, row, act)) put_opened(t, r, row);
}

/* The steps under the head, a beginning of the record; returns how many. */
static size_t put_acts(struct proving *v, const struct db_result *r)
{
    struct text *t = &v->file;
    for (int i = 0; i < db_rows(r) && v->n < ACTS_MAX; i++) {
        enum case_act act = ACT_NOTE;
        enum case_state to;
        const i64 index = db_get_i64(r, i, STEP_INDEX), version = db_get_i64(r, i, STEP_VERSION);
        if (index < 0 || (u64)index >= v->head.size) break;
        const struct caseflow_row *rule = act_rule(r, i, &act, &to);
        text_addf(t, "%s{\"version\":%lld", i ? "," : "", (long long)version);
        put_hex(t, "hash", db_get_text(r, i, STEP_HASH));
        const bool other = db_get_bool(r, i, STEP_OTHER); /* another reporter of the same matter was asked */
        if (rule && !other && (rule->citizen || answer_approved(r, i))) put_known(t, r, i, act);
        text_addc(t, '}');
        v->leaves[v->n].version = version;
        v->leaves[v->n++].index = (u64)index;
    }
    return v->n;
}

static void put_feedback(struct text *t, const struct db_result *r)
{
    text_addf(t, "],\"feedback\":{\"id\":\"%lld\",\"received_us\":\"%lld\"",
              (long long)db_get_i64(r, 0, FIND_ID), (long long)db_get_instant(r, 0, FIND_RECEIVED).us);
    put_text(t, "channel", db_get_text(r, 0, FIND_CHANNEL));
    put_text(t, "plaque", db_get_text(r, 0, FIND_PLAQUE));
    put_text(t, "nature_said", db_get_text(r, 0, FIND_NATURE));
    text_addf(t, ",\"rating\":%lld", (long long)db_get_i64(r, 0, FIND_RATING));
    put_hex(t, "salt", db_get_text(r, 0, FIND_SALT));
    text_addc(t, '}');
}

static void put_head(struct text *t, const struct ledger_head *h)
{
    text_addf(t, "],\"head\":{\"size\":%llu,\"at_us\":\"%lld\"", (unsigned long long)h->size,
              (long long)h->at.us);
    put_hex(t, "root", (struct str){(const char *)h->root, sizeof h->root});
    put_hex(t, "signature", (struct str){(const char *)h->signature, sizeof h->signature});
    text_addc(t, '}');
    put_hex(t, "public_key", (struct str){(const char *)h->public_key, sizeof h->public_key});
    text_addz(t, "}\n");
}

static void put_leaves(struct proving *v)
{
    u8 path[MERKLE_PATH_MAX][HASH_BYTES];
    struct merkle_node shape[MERKLE_NEED_MAX];
    const struct merkle_node *needs = v->needs;
    struct text *t = &v->file;
    text_addz(t, ",\"leaves\":[");
    for (size_t i = 0; i < v->n; i++) {
        int k = merkle_path_needs(v->leaves[i].index, v->head.size, shape);
        int n = merkle_path(crypto_sha256, v->leaves[i].index, v->head.size, needs, k, path);
        needs += k;
        text_addf(t, "%s{\"version\":%lld,\"index\":%llu,\"path\":[", i ? "," : "",
                  (long long)v->leaves[i].version, (unsigned long long)v->leaves[i].index);
        for (int j = 0; j < n; j++) {
            text_addz(t, j ? ",\"" : "\"");
            hex_put(t, path[j], HASH_BYTES);
            text_addc(t, '"');
        }
        text_addz(t, "]}");
    }
}

/* --- asking --- */

static void have_nodes(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct proving *v = arg;
    (void)n, (void)error;
    if (end != DB_OK || !ledger_nodes_read(results[0], v->needs, v->n_needs)) {
        refuse(v, end == DB_OK ? REFUSE_INTERNAL : REFUSE_UNAVAILABLE, SPAN_S(5));
        return;
    }
    put_leaves(v);
    put_head(&v->file, &v->head);
    if (v->file.overflow) {
        refuse(v, REFUSE_INTERNAL, SPAN_US(0));
        return;
    }
    /* The name is everybody's: it must not tell whose case it is. */
    const struct http_header more[] = {
        {STR("content-disposition"), STR("attachment; filename=\"mashangdu-proof.json\"")}};
    reply_json(v->g, v->ticket, 200, text_str(&v->file), more, ARRAY_LEN(more));
    proving_free(v);
}

static void ask_nodes(struct proving *v)
{
    v->needs = mem_alloc(v->n * MERKLE_NEED_MAX * sizeof *v->needs);
    for (size_t i = 0; i < v->n; i++) {
        int k = merkle_path_needs(v->leaves[i].index, v->head.size, v->needs + v->n_needs);
        ASSERT(k >= 0);
        v->n_needs += (size_t)k;
    }
    struct db_call *c = db_call_new(have_nodes, v);
    ledger_nodes_ask(c, v->needs, v->n_needs);
    if (!db_call_send(v->g->lane_public, c)) refuse(v, REFUSE_UNAVAILABLE, SPAN_S(5));
}

/* Not yet under a signed head: says when it will be. */
static void not_yet(struct proving *v)
{
    const instant next = ledger_next(v->g->ledger);
    span left = instant_sub(next, clock_now());
    char at[INSTANT_TEXT_MAX];
    struct page p;
    page_open(&p, v->g, v->ticket, v->lang, STR("/status"));
    page_put(&p, "title", page_word(&p, "status_title"));
    page_copy(&p, "receipt", str_of(v->receipt));
    int status = page_refuse(&p, REFUSE_PROOF_NOT_YET);
    page_copy(&p, "proof_due", str_of(instant_text_china(instant_add(next, SPAN_MIN(1)), at)));
    page_put(&p, "error_more", page_word(&p, "proof_due"));
    page_send(&p, PAGE_STATUS, status, left.us > SPAN_S(1).us ? left : SPAN_S(1));
    proving_free(v);
}

static void found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                  const struct db_error *error)
{
    struct proving *v = arg;
    (void)n;
    if (end != DB_OK) {
        log_line(LOG_ERROR, LOG_WEB, "proof not read", "sqlstate=%s", error ? error->sqlstate : "");
        refuse(v, REFUSE_UNAVAILABLE, SPAN_S(5));
        return;
    }
    const struct db_result *r = results[0];
    struct str hash = db_rows(r) == 1 ? db_get_text(r, 0, FIND_HASH) : STR_NONE;
    if (hash.n != sizeof v->hash || !crypto_same(hash.p, v->hash, sizeof v->hash)) {
        status_wrong(v->g, v->ticket, v->lang, text_str(&v->peer), str_of(v->receipt));
        proving_free(v);
        return;
    }
    if (db_is_null(r, 0, FIND_CASE)) {
        refuse(v, REFUSE_NOT_FOUND, SPAN_US(0)); /* a plain rating: its page has no such button */
        return;
    }
    ledger_head_read(r, 0, FIND_HEAD, &v->head);
    text_addf(&v->file, "{\"mashangdu_proof\":1,\"case\":\"%lld\",\"acts\":[",
              (long long)db_get_i64(r, 0, FIND_CASE));
    if (put_acts(v, results[1]) == 0) {
        not_yet(v);
        return;
    }
    put_feedback(&v->file, r);
    ask_nodes(v);
}

void proof_take(struct gateway *g, u64 ticket, const struct http_in *in)
{
    const struct db_stmt *const both[] = {&stmt_proof_find, &stmt_proof_acts};
    struct proving *v = MEM_NEW(struct proving);
    struct arena arena;
    struct webform form;
    char key[FORM_KEY_MAX];
    instant issued;
    arena_init(&arena, FIELD_ARENA);
    text_init(&v->peer, 200);
    text_init(&v->file, FILE_MAX);
    v->g = g;
    v->ticket = ticket;
    v->lang = reply_lang(in);
    bool admitted = status_admit(g, ticket, in, &arena, &form, v->receipt);
    if (!admitted)
        proving_free(v);
    else if (!form_token_check(g->keys, webform_get(&form, &arena, "token"), str_of(v->receipt),
                               STR(PROOF_PURPOSE), in->at, key, &issued)) {
        admitted = false;
        refuse(v, REFUSE_FORM_EXPIRED, SPAN_US(0));
    }
    arena_free(&arena);
    if (!admitted) return;
    text_add(&v->peer, in->peer);
    receipt_hash(g, v->receipt, v->hash);
    struct db_call *c = db_call_new(found, v);
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        struct db_params *p = db_params_new(both[i]);
        db_put_bytes(p, (struct str){(const char *)v->hash, sizeof v->hash});
        db_call_add(c, both[i], p);
    }
    if (!db_call_send(g->lane_public, c)) refuse(v, REFUSE_UNAVAILABLE, SPAN_S(5));
}
