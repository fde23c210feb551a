/* The log over all acts: its leaves are the acts, without a gap; the tree computed from them again has the stored nodes and
 * the roots that were signed; nothing that ought to be in it is missing. */
#include "cmd_verify.h"
#include <stdio.h>
#include <string.h>

/* A cursor that is read row by row. */
struct rows {
    const char *fetch;
    struct db_rows *portion;
    int row;
};

/* Next row of the cursor; false at the end (portion is NULL then) or when the database failed. */
static bool rows_next(struct verify *v, struct rows *rows, bool *failed)
{
    if (rows->portion && ++rows->row < db_rows_count(rows->portion)) return true;
    if (rows->portion) db_rows_free(&rows->portion);
    rows->row = 0;
    const char *why;
    if (db_tool_send(v->db, rows->fetch, &why)) rows->portion = db_tool_receive(v->db, &why);
    if (!rows->portion) {
        (void)cmd_fail(VERIFY_NAME, "%s", why);
        *failed = true;
        return false;
    }
    if (db_rows_count(rows->portion) > 0) return true;
    db_rows_free(&rows->portion);
    return false;
}

static bool hash_is(struct str stored, const u8 hash[HASH_BYTES])
{
    return stored.p && stored.n == HASH_BYTES && memcmp(stored.p, hash, HASH_BYTES) == 0;
}

/* --- acts and leaves --- */

/* A single number, or none. */
static enum verdict ask(struct verify *v, const char *sql, bool *found_r, u64 *number_r)
{
    struct db_rows *r = verify_query(v, sql);
    if (!r) return RECORD_UNREAD;
    *found_r = db_rows_text(r, 0, 0) != NULL;
    if (*found_r) *number_r = cmd_number(r, 0, 0);
    db_rows_free(&r);
    return RECORD_RIGHT;
}

/* min() instead of order and limit: wrong leaves are believed to be many by the planner, but there are none. */
static enum verdict check_leaves(struct verify *v)
{
    bool found;
    u64 index;
    enum verdict verdict = ask(v,
                               "select min(l.index) from log_leaves l left join acts a on a.id = l.act_id "
                               "where a.hash is distinct from l.hash",
                               &found, &index);
    if (verdict != RECORD_RIGHT || !found) return verdict;
    char number[24];
    const char *const params[] = {number};
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)index);
    struct db_rows *r =
        cmd_query(VERIFY_NAME, v->db,
                  "select l.act_id, a.id is null from log_leaves l left join acts a on a.id = l.act_id "
                  "where l.index = $1::bigint",
                  1, params);
    if (!r) return RECORD_UNREAD;
    bool gone = strcmp(db_rows_text(r, 0, 1), "t") == 0;
    verdict = verify_broken(
        verify_keys("table=log_leaves index=%s act=%s what=%s", number, db_rows_text(r, 0, 0),
                    gone ? "act_missing" : "hash"),
        gone ? "The act that stands here in the log is not there any more, maybe its whole case."
             : "The log has another hash for this act than the act has.");
    db_rows_free(&r);
    return verdict;
}

/* Acts are taken into the log by their events. A case without an event behind the mark has all its acts in it. */
static enum verdict check_unlogged(struct verify *v)
{
    bool found;
    u64 act;
    enum verdict verdict = ask(
        v,
        "with mark as materialized (select event_seq from log_mark), "
        "fresh as materialized (select distinct case_id from events where seq > (select event_seq from mark) "
        " and case_id is not null) "
        "select min(a.id) from acts a where (select event_seq from mark) > 0 "
        "and not exists (select from log_leaves l where l.act_id = a.id) "
        "and not exists (select from fresh f where f.case_id = a.case_id)",
        &found, &act);
    if (verdict != RECORD_RIGHT || !found) return verdict;
    return verify_broken(verify_keys("table=acts id=%llu what=not_in_log", (unsigned long long)act),
                         "It ought to stand in the log by now and does not.");
}

/* --- the tree --- */

struct tree {
    struct merkle_edge edge;
    struct rows nodes, heads;
    bool failed;
};

static enum verdict check_nodes(struct verify *v, struct tree *t, const struct merkle_node *made, int n)
{
    for (int i = 1; i < n; i++) { /* made[0] is the leaf itself */
        bool there = rows_next(v, &t->nodes, &t->failed);
        if (t->failed) return RECORD_UNREAD;
        const struct db_rows *r = t->nodes.portion;
        if (there && db_rows_i64(r, t->nodes.row, 0) == made[i].level &&
            db_rows_i64(r, t->nodes.row, 1) == (i64)made[i].index &&
            hash_is(db_rows_bytes(r, t->nodes.row, 2), made[i].hash))
            continue;
        return verify_broken(verify_keys("table=log_nodes level=%d index=%llu what=hash", made[i].level,
                                         (unsigned long long)made[i].index),
                             "This node of the tree is not what its leaves make, or it is not there.");
    }
    return RECORD_RIGHT;
}

static enum verdict check_head(struct tree *t)
{
    const struct db_rows *r = t->heads.portion;
    int row = t->heads.row;
    struct str key = db_rows_bytes(r, row, 3), signature = db_rows_bytes(r, row, 4);
    u8 root[HASH_BYTES], signed_bytes[PROOF_HEAD_BYTES];
    long long size = (long long)t->edge.size;
    merkle_root(crypto_sha256, &t->edge, root);
    if (!hash_is(db_rows_bytes(r, row, 1), root))
        return verify_broken(verify_keys("table=log_heads size=%lld what=root", size),
                             "The tree over the first %lld acts has another root than this head.", size);
    proof_head(t->edge.size, db_rows_instant(r, row, 2), root, signed_bytes);
    if (key.n != SIGNING_PUBLIC || signature.n != SIGNING_BYTES ||
        !signing_right((const u8 *)key.p, (struct str){(const char *)signed_bytes, sizeof signed_bytes},
                       (const u8 *)signature.p))
        return verify_broken(verify_keys("table=log_heads size=%lld what=signature", size),
                             "The signature of this head does not fit its size, time, root and key.");
    if (!db_rows_i64(r, row, 5))
        return verify_broken(verify_keys("table=log_heads size=%lld what=key", size),
                             "This head is signed with a key that was never published.");
    return RECORD_RIGHT;
}

/* The head over as many leaves as the tree has now, if there is one; the cursor stands on the next head to come. */
static enum verdict check_heads(struct verify *v, struct tree *t)
{
    while (t->heads.portion && db_rows_i64(t->heads.portion, t->heads.row, 0) == (i64)t->edge.size) {
        enum verdict verdict = check_head(t);
        if (verdict != RECORD_RIGHT) return verdict;
        v->heads++;
        if (!rows_next(v, &t->heads, &t->failed) && t->failed) return RECORD_UNREAD;
    }
    return RECORD_RIGHT;
}

static enum verdict check_ends(struct verify *v, struct tree *t)
{
    if (t->heads.portion)
        return verify_broken(verify_keys("table=log_heads size=%lld what=leaves_missing",
                                         (long long)db_rows_i64(t->heads.portion, t->heads.row, 0)),
                             "This head stands over more acts than the log has: its end is gone.");
    if (rows_next(v, &t->nodes, &t->failed))
        return verify_broken(verify_keys("table=log_nodes level=%lld index=%lld what=leaves_missing",
                                         (long long)db_rows_i64(t->nodes.portion, t->nodes.row, 0),
                                         (long long)db_rows_i64(t->nodes.portion, t->nodes.row, 1)),
                             "This node of the tree stands over leaves that are not there.");
    return t->failed ? RECORD_UNREAD : RECORD_RIGHT;
}

static enum verdict grow(struct verify *v, struct tree *t, struct rows *leaves)
{
    struct merkle_node made[MERKLE_LEVELS];
    u8 leaf[HASH_BYTES];
    (void)rows_next(v, &t->heads, &t->failed);
    enum verdict verdict = t->failed ? RECORD_UNREAD : check_heads(v, t);
    while (verdict == RECORD_RIGHT && rows_next(v, leaves, &t->failed)) {
        i64 index = db_rows_i64(leaves->portion, leaves->row, 0);
        if (index != (i64)t->edge.size)
            return verify_broken(verify_keys("table=log_leaves index=%llu what=leaf_missing",
                                             (unsigned long long)t->edge.size),
                                 "The log has a gap: the next leaf is %lld.", (long long)index);
        merkle_leaf(crypto_sha256, db_rows_bytes(leaves->portion, leaves->row, 1), leaf);
        int n = merkle_append(crypto_sha256, &t->edge, leaf, made);
        v->leaves++;
        if (n > 1) verdict = check_nodes(v, t, made, n);
        if (verdict == RECORD_RIGHT) verdict = check_heads(v, t);
    }
    if (t->failed) return RECORD_UNREAD;
    return verdict == RECORD_RIGHT ? check_ends(v, t) : verdict;
}

static enum verdict check_tree(struct verify *v)
{
    /* A node comes to be with the last leaf under it. */
    static const char *const cursors[] = {
        "declare leaves no scroll binary cursor for select index, hash from log_leaves order by index",
        "declare nodes no scroll binary cursor for select level, index, hash from log_nodes "
        "order by (index + 1) << level, level",
        "declare heads no scroll binary cursor for select h.size, h.root, h.at, h.public_key, h.signature, "
        "exists (select from log_keys k where k.public_key = h.public_key) from log_heads h order by h.size"};
    struct rows leaves = {.fetch = "fetch 1000 from leaves"};
    struct tree t = {.nodes = {.fetch = "fetch 1000 from nodes"}, .heads = {.fetch = "fetch 400 from heads"}};
    for (size_t i = 0; i < ARRAY_LEN(cursors); i++)
        if (!cmd_execute(VERIFY_NAME, v->db, cursors[i], 0, NULL)) return RECORD_UNREAD;
    enum verdict verdict = grow(v, &t, &leaves);
    struct rows *all[] = {&leaves, &t.nodes, &t.heads};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i]->portion) db_rows_free(&all[i]->portion);
    return verdict;
}

enum verdict verify_log(struct verify *v)
{
    enum verdict verdict = check_leaves(v);
    if (verdict == RECORD_RIGHT) verdict = check_unlogged(v);
    return verdict == RECORD_RIGHT ? check_tree(v) : verdict;
}
