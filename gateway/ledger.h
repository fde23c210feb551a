/* The public record of what was done (promise P6): every committed act becomes a leaf of one Merkle tree, and the tree's heads
 * are signed and published. The ledger runs every log_every and right after midnight in China, in any number of gateways: each
 * looks, and whoever writes first was the one. Nothing waits for it; after an outage, or over a database full of old acts, it
 * catches up in bounded steps. It never makes a second key for a log that has one, and reads no word of anybody. */
#pragma once
#include "gateway.h"
#include "core/merkle.h"

struct ledger *ledger_new(struct gateway *g); /* looks as soon as the database is there */
void ledger_free(struct ledger **l);          /* after db_free: its calls end in there */
void ledger_look(struct ledger *l);           /* now: log_every may have changed */
/* How long ago everything that was committed stood under a signed head, as far as this gateway has seen. */
span ledger_lag(const struct ledger *l);
/* When it looks next, by the wall clock; what is committed now is signed then. */
instant ledger_next(const struct ledger *l);

/* --- for whoever shows the log: open_*.c, citizen_proof.c --- */

struct ledger_head {
    u64 size; /* 0: there is no head yet */
    instant at;
    u8 root[HASH_BYTES], signature[SIGNING_BYTES], public_key[SIGNING_PUBLIC];
};
/* The columns of table log_heads, named h in the query, that ledger_head_read reads from `col` on. */
#define LEDGER_HEAD_COLUMNS "h.size, h.at, h.root, h.signature, h.public_key"
enum { LEDGER_HEAD_COLUMNS_N = 5 };
void ledger_head_read(const struct db_result *r, int row, int col, struct ledger_head *out);

/* The hashes of complete nodes: ask adds the statement to a call, read fills in what its result says, same nodes in the
 * same order. False: the store lacks one. */
void ledger_nodes_ask(struct db_call *c, const struct merkle_node *nodes, size_t n);
bool ledger_nodes_read(const struct db_result *r, struct merkle_node *nodes, size_t n) MUST_CHECK;

extern const struct db_stmt stmt_ledger_state, stmt_ledger_acts, stmt_ledger_write, stmt_ledger_lock,
    stmt_ledger_register, stmt_ledger_nodes;
