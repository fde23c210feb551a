/* From committed acts to leaves, nodes and a head. Reading and writing are two calls, for the hashes are made here; the mark
 * that the second call moves tells whether the log is still the one that was read. */
#include "ledger_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one step: the events it looks at, the acts it takes. The statement stays small and other gateways' steps get through. */
#define STEP_MAX  2000
#define STEP_TEXT "2000"

/* One statement, so that size and edge are of one moment. The edge of a tree of n leaves has a node of each level whose bit in n
 * is set: (level, (n >> level) - 1). */
const struct db_stmt stmt_ledger_state = {
    "ledger_state",
    "select s.size, m.event_seq, s.events, k.public_key, coalesce(h.size, 0), h.at, e.level, e.index, e.hash "
    "from (select coalesce((select max(index) + 1 from log_leaves), 0) as size, "
    "  coalesce((select max(seq) from events), 0) as events) s cross join log_mark m "
    "left join lateral (select public_key from log_keys order by since desc, public_key limit 1) k on true "
    "left join lateral (select size, at from log_heads order by size desc limit 1) h on true "
    "left join lateral (select g.level, (s.size >> g.level) - 1 as index, case when g.level = 0 "
    "    then (select l.hash from log_leaves l where l.index = s.size - 1) "
    "    else (select n.hash from log_nodes n where n.level = g.level and n.index = (s.size >> g.level) - 1) end as hash "
    "  from generate_series(0, 47) as g (level) where (s.size >> g.level) & 1 = 1) e on true order by e.level desc",
    0,
    {0}};
enum {
    STATE_SIZE,
    STATE_MARK,
    STATE_EVENTS,
    STATE_KEY,
    STATE_HEAD_SIZE,
    STATE_HEAD_AT,
    STATE_LEVEL,
    STATE_INDEX,
    STATE_HASH
};

/* Every act comes with an event of its case in the same transaction, and events are numbered in commit order without gaps: behind
 * the mark nothing is new. The limits inside keep the plan the same whatever the planner believes of tables that it has not counted
 * yet: a few events, case by case over the index. */
const struct db_stmt stmt_ledger_acts = {
    "ledger_acts",
    "select a.id, a.hash, e.seq from (select v.case_id, min(v.seq) as seq from "
    "   (select case_id, seq from events where seq > (select event_seq from log_mark) order by seq limit " STEP_TEXT
    ") v "
    "   where v.case_id is not null group by v.case_id) e cross join lateral "
    "  (select x.id, x.hash, x.version from acts x where x.case_id = e.case_id "
    "   and (select l.index from log_leaves l where l.act_id = x.id) is null order by x.version limit " STEP_TEXT
    ") a "
    "order by e.seq, a.version limit " STEP_TEXT,
    0,
    {0}};
enum { ACTS_ID, ACTS_HASH, ACTS_SEQ };

/* Conditional on the mark. Where two steps leave it unmoved, the primary key of log_leaves refuses the second. */
const struct db_stmt stmt_ledger_write = {
    "ledger_write",
    "with m as (update log_mark set event_seq = $2 where event_seq = $1 returning one), "
    "l as (insert into log_leaves (index, act_id, hash) select $3 + t.ord - 1, t.act_id, t.hash "
    "  from unnest($4, $5) with ordinality as t (act_id, hash, ord), m), "
    "n as (insert into log_nodes (level, index, hash) select t.level, t.index, t.hash "
    "  from unnest($6, $7, $8) as t (level, index, hash), m), "
    "h as (insert into log_heads (size, at, root, signature, public_key, daily) "
    "  select $9, $10, $11, $12, $13, date '1970-01-01' + $14 from m where $11 is not null on conflict do nothing returning size) "
    "select (select count(*) from h) from m",
    14,
    {DB_INT8, DB_INT8, DB_INT8, DB_INT8S, DB_BYTEAS, DB_INT4S, DB_INT8S, DB_BYTEAS, DB_INT8, DB_TIMESTAMPTZ,
     DB_BYTEA, DB_BYTEA, DB_BYTEA, DB_INT4}};

const struct db_stmt stmt_ledger_nodes = {
    "ledger_nodes",
    "select case when t.level = 0 then (select l.hash from log_leaves l where l.index = t.index) "
    "  else (select n.hash from log_nodes n where n.level = t.level and n.index = t.index) end "
    "from unnest($1, $2) with ordinality as t (level, index, ord) order by t.ord",
    2,
    {DB_INT4S, DB_INT8S}};

static struct str bytes_of(const u8 *p, size_t n) { return (struct str){(const char *)p, n}; }

/* What is stored of a leaf is the act's hash; its node is the hash of that (merkle_leaf). */
static bool node_read(const struct db_result *r, int row, int col, struct merkle_node *node)
{
    struct str hash = db_get_text(r, row, col);
    if (hash.n != HASH_BYTES) return false;
    if (node->level == 0)
        merkle_leaf(crypto_sha256, hash, node->hash);
    else
        memcpy(node->hash, hash.p, HASH_BYTES);
    return true;
}

/* --- for whoever makes proofs --- */

void ledger_nodes_ask(struct db_call *c, const struct merkle_node *nodes, size_t n)
{
    struct db_params *p = db_params_new(&stmt_ledger_nodes);
    db_array_begin(p, DB_INT4, n);
    for (size_t i = 0; i < n; i++) db_put_i32(p, nodes[i].level);
    db_array_end(p);
    db_array_begin(p, DB_INT8, n);
    for (size_t i = 0; i < n; i++) db_put_i64(p, (i64)nodes[i].index);
    db_array_end(p);
    db_call_add(c, &stmt_ledger_nodes, p);
}

bool ledger_nodes_read(const struct db_result *r, struct merkle_node *nodes, size_t n)
{
    bool whole = (size_t)db_rows(r) == n;
    for (size_t i = 0; whole && i < n; i++) whole = node_read(r, (int)i, 0, &nodes[i]);
    if (!whole) log_line(LOG_ERROR, LOG_LEDGER, "a node of the public log is missing", NULL);
    return whole;
}

static void copy_fixed(const struct db_result *r, int row, int col, u8 *out, size_t n)
{
    struct str s = db_get_text(r, row, col);
    ASSERT(s.n == n); /* the table's own checks */
    memcpy(out, s.p, n);
}

void ledger_head_read(const struct db_result *r, int row, int col, struct ledger_head *out)
{
    *out = (struct ledger_head){.size = 0};
    if (db_is_null(r, row, col)) return;
    out->size = (u64)db_get_i64(r, row, col);
    out->at = db_get_instant(r, row, col + 1);
    copy_fixed(r, row, col + 2, out->root, sizeof out->root);
    copy_fixed(r, row, col + 3, out->signature, sizeof out->signature);
    copy_fixed(r, row, col + 4, out->public_key, sizeof out->public_key);
}

/* --- one step --- */

void append_ask(struct db_call *c)
{
    db_call_add(c, &stmt_ledger_state, db_params_new(&stmt_ledger_state));
    db_call_add(c, &stmt_ledger_acts, db_params_new(&stmt_ledger_acts));
}

bool append_state(const struct db_result *r, struct ledger_state *out)
{
    *out = (struct ledger_state){.mark = db_get_i64(r, 0, STATE_MARK),
                                 .events = db_get_i64(r, 0, STATE_EVENTS),
                                 .has_key = !db_is_null(r, 0, STATE_KEY),
                                 .head_size = (u64)db_get_i64(r, 0, STATE_HEAD_SIZE),
                                 .head_at = db_get_instant(r, 0, STATE_HEAD_AT)};
    if (out->has_key) copy_fixed(r, 0, STATE_KEY, out->key, sizeof out->key);
    out->edge.size = (u64)db_get_i64(r, 0, STATE_SIZE);
    out->edge.n = merkle_edge_of(out->edge.size, out->edge.nodes);
    for (int i = 0; i < out->edge.n; i++)
        if (!node_read(r, i, STATE_HASH, &out->edge.nodes[i])) {
            log_line(LOG_ERROR, LOG_LEDGER, "a node of the public log is missing; nothing is added to it",
                     "level=%d index=%llu", out->edge.nodes[i].level,
                     (unsigned long long)out->edge.nodes[i].index);
            return false;
        }
    return true;
}

bool append_complete(const struct ledger_state *s, const struct db_result *acts)
{
    return db_rows(acts) < STEP_MAX && s->events - s->mark <= STEP_MAX;
}

/* Up to where nothing is missing any more once these acts are in. A full step may have cut a case in two: its event, and what
 * follows it, is looked at once more. */
static i64 mark_after(const struct ledger_state *s, const struct db_result *acts)
{
    int n = db_rows(acts);
    if (n == STEP_MAX) return MAX(s->mark, db_get_i64(acts, n - 1, ACTS_SEQ) - 1);
    return MIN(s->events, s->mark + STEP_MAX);
}

static void put_nodes(struct db_params *p, const struct merkle_node *nodes, size_t n)
{
    db_array_begin(p, DB_INT4, n);
    for (size_t i = 0; i < n; i++) db_put_i32(p, nodes[i].level);
    db_array_end(p);
    db_array_begin(p, DB_INT8, n);
    for (size_t i = 0; i < n; i++) db_put_i64(p, (i64)nodes[i].index);
    db_array_end(p);
    db_array_begin(p, DB_BYTEA, n);
    for (size_t i = 0; i < n; i++) db_put_bytes(p, bytes_of(nodes[i].hash, HASH_BYTES));
    db_array_end(p);
}

static i64 day_of(instant t) { return (t.us + CHINA_OFFSET.us) / SPAN_H(24).us; }

static void put_head(struct db_params *p, const struct ledger_state *s, const struct signing_key *key,
                     instant now)
{
    u8 root[HASH_BYTES], bytes[PROOF_HEAD_BYTES], signature[SIGNING_BYTES], public_key[SIGNING_PUBLIC];
    db_put_i64(p, (i64)s->edge.size);
    db_put_instant(p, now);
    if (!key) {
        for (int i = 0; i < 4; i++) db_put_null(p);
        return;
    }
    merkle_root(crypto_sha256, &s->edge, root);
    proof_head(s->edge.size, now, root, bytes);
    signing_sign(key, bytes_of(bytes, sizeof bytes), signature);
    signing_public(key, public_key);
    db_put_bytes(p, bytes_of(root, sizeof root));
    db_put_bytes(p, bytes_of(signature, sizeof signature));
    db_put_bytes(p, bytes_of(public_key, sizeof public_key));
    if (s->head_size == 0 || day_of(s->head_at) < day_of(now))
        db_put_i32(p, (int)day_of(now));
    else
        db_put_null(p);
}

void append_write(struct db_call *c, struct ledger_state *s, const struct db_result *acts,
                  const struct signing_key *key, instant now)
{
    struct db_params *p = db_params_new(&stmt_ledger_write);
    size_t n = (size_t)db_rows(acts), n_nodes = 0;
    /* Every leaf makes itself and, all leaves together, not more ancestors than leaves and levels. */
    struct merkle_node *nodes = mem_alloc((n + MERKLE_LEVELS) * sizeof *nodes), made[MERKLE_LEVELS];
    db_put_i64(p, s->mark);
    db_put_i64(p, mark_after(s, acts));
    db_put_i64(p, (i64)s->edge.size);
    db_array_begin(p, DB_INT8, n);
    for (size_t i = 0; i < n; i++) db_put_i64(p, db_get_i64(acts, (int)i, ACTS_ID));
    db_array_end(p);
    db_array_begin(p, DB_BYTEA, n);
    for (size_t i = 0; i < n; i++) db_put_bytes(p, db_get_text(acts, (int)i, ACTS_HASH));
    db_array_end(p);
    for (size_t i = 0; i < n; i++) {
        u8 leaf[HASH_BYTES];
        merkle_leaf(crypto_sha256, db_get_text(acts, (int)i, ACTS_HASH), leaf);
        int k = merkle_append(crypto_sha256, &s->edge, leaf, made);
        ASSERT(n_nodes + (size_t)k - 1 <= n + MERKLE_LEVELS);
        for (int j = 1; j < k; j++) nodes[n_nodes++] = made[j];
    }
    put_nodes(p, nodes, n_nodes);
    put_head(p, s, key, now);
    db_call_add(c, &stmt_ledger_write, p);
    free(nodes);
}
