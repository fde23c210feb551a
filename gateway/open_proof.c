/* Proofs of the public log. A proof is given for sizes up to the newest signed head: what nobody has signed yet proves nothing. */
#include "open_part.h"
#include "ledger.h"
#include "base/code.h"
#include <stdlib.h>

#define PROOF_MAX ((size_t)32 * 1024)

/* By the leaf's copy of the act's hash; the act's own must be the same. Always one row. */
const struct db_stmt stmt_open_leaf = {
    "open_leaf",
    "select coalesce((select max(size) from log_heads), 0), coalesce((select min(l.index) from log_leaves l join acts a "
    "  on a.id = l.act_id where l.hash = $1 and a.hash = $1), -1)",
    1,
    {DB_BYTEA}};
const struct db_stmt stmt_open_size = {"open_size", "select coalesce(max(size), 0) from log_heads", 0, {0}};

static void put_path(struct text *t, const u8 (*path)[HASH_BYTES], int n)
{
    text_addz(t, ",\"path\":[");
    for (int i = 0; i < n; i++) {
        text_addz(t, i ? ",\"" : "\"");
        hex_put(t, path[i], HASH_BYTES);
        text_addc(t, '"');
    }
    text_addz(t, "]}\n");
}

/* --- inclusion --- */

static void have_path_nodes(void *arg, enum db_end end, const struct db_result *const *results, int n,
                            const struct db_error *error)
{
    struct asking *a = arg;
    struct merkle_node needs[MERKLE_NEED_MAX];
    u8 path[MERKLE_PATH_MAX][HASH_BYTES];
    struct text t;
    (void)n;
    if (!asking_good(a, end, error)) return;
    int k = merkle_path_needs(a->first, a->second, needs);
    ASSERT(k >= 0);
    if (!ledger_nodes_read(results[0], needs, (size_t)k)) {
        asking_refuse(a, REFUSE_INTERNAL);
        return;
    }
    text_init(&t, PROOF_MAX);
    text_addf(&t, "{\"index\":%llu,\"size\":%llu", (unsigned long long)a->first,
              (unsigned long long)a->second);
    put_path(&t, (const u8(*)[HASH_BYTES])path,
             merkle_path(crypto_sha256, a->first, a->second, needs, k, path));
    asking_answer(a, text_str(&t), CACHE_ALWAYS);
    text_free(&t);
}

static void have_leaf(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct asking *a = arg;
    struct merkle_node needs[MERKLE_NEED_MAX];
    (void)n;
    if (!asking_good(a, end, error)) return;
    const u64 signed_size = (u64)db_get_i64(results[0], 0, 0);
    const i64 index = db_get_i64(results[0], 0, 1);
    if (signed_size == 0 || a->second == 0 || a->second > signed_size) {
        asking_refuse(a, signed_size ? REFUSE_LOG_SIZE : REFUSE_LOG_EMPTY);
        return;
    }
    if (index < 0 || (u64)index >= a->second) {
        asking_refuse(a, REFUSE_LOG_LEAF);
        return;
    }
    a->first = (u64)index;
    int k = merkle_path_needs(a->first, a->second, needs);
    if (k < 0) {
        asking_refuse(a, REFUSE_LOG_SIZE);
        return;
    }
    struct db_call *c = db_call_new(have_path_nodes, a);
    ledger_nodes_ask(c, needs, (size_t)k);
    asking_send(a, c);
}

void open_proof(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct text leaf;
    struct asking *a = asking_new(g, ticket, in);
    text_init(&leaf, 2 * sizeof a->leaf + 1);
    bool good =
        http_field(in->query, STR("leaf"), &leaf) && hex_get(text_str(&leaf), a->leaf, sizeof a->leaf);
    text_free(&leaf);
    if (!good || !open_number(in, "size", &a->second)) {
        asking_refuse(a, good ? REFUSE_LOG_SIZE : REFUSE_LOG_LEAF);
        return;
    }
    struct db_call *c = db_call_new(have_leaf, a);
    struct db_params *p = db_params_new(&stmt_open_leaf);
    db_put_bytes(p, (struct str){(const char *)a->leaf, sizeof a->leaf});
    db_call_add(c, &stmt_open_leaf, p);
    asking_send(a, c);
}

/* --- consistency --- */

static void have_consistency(void *arg, enum db_end end, const struct db_result *const *results, int n,
                             const struct db_error *error)
{
    struct asking *a = arg;
    struct merkle_node needs[MERKLE_NEED_MAX];
    u8 path[MERKLE_PATH_MAX][HASH_BYTES];
    struct text t;
    (void)n;
    if (!asking_good(a, end, error)) return;
    const u64 signed_size = (u64)db_get_i64(results[0], 0, 0);
    if (a->second > signed_size) {
        asking_refuse(a, signed_size ? REFUSE_LOG_SIZE : REFUSE_LOG_EMPTY);
        return;
    }
    int k = merkle_consistency_needs(a->first, a->second, needs);
    ASSERT(k >= 0);
    if (!ledger_nodes_read(results[1], needs, (size_t)k)) {
        asking_refuse(a, REFUSE_INTERNAL);
        return;
    }
    text_init(&t, PROOF_MAX);
    text_addf(&t, "{\"first\":%llu,\"second\":%llu", (unsigned long long)a->first,
              (unsigned long long)a->second);
    put_path(&t, (const u8(*)[HASH_BYTES])path,
             merkle_consistency(crypto_sha256, a->first, a->second, needs, k, path));
    asking_answer(a, text_str(&t), CACHE_ALWAYS);
    text_free(&t);
}

void open_consistency(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct merkle_node needs[MERKLE_NEED_MAX];
    struct asking *a = asking_new(g, ticket, in);
    int k = -1;
    if (open_number(in, "first", &a->first) && open_number(in, "second", &a->second))
        k = merkle_consistency_needs(a->first, a->second, needs);
    if (k < 0) {
        asking_refuse(a, REFUSE_LOG_SIZE);
        return;
    }
    struct db_call *c = db_call_new(have_consistency, a);
    db_call_add(c, &stmt_open_size, db_params_new(&stmt_open_size));
    ledger_nodes_ask(c, needs, (size_t)k);
    asking_send(a, c);
}
