/* The Merkle tree over all acts, as RFC 6962 §2.1 defines it: root, audit path, consistency proof. Pure arithmetic over
 * hashes of 32 bytes; whoever calls brings the hash function and the nodes. Used by the ledger (appending, proofs), by
 * `mashangdu verify` and by whoever checks a proof offline.
 *
 * A node (level, index) is the root of the complete subtree over the leaves [index << level, (index + 1) << level).
 * Complete nodes never change, so they are stored once; what is not complete is computed from them when it is needed. */
#pragma once
#include "base/str.h"

#define HASH_BYTES      32
#define MERKLE_LEVELS   48 /* fewer than 2^48 leaves: more than anybody will have */
#define MERKLE_PATH_MAX (2 * MERKLE_LEVELS)

/* SHA-256 of bytes; core has no library, so it is passed in. */
typedef void sha256_fn(struct str bytes, u8 out[HASH_BYTES]);

struct merkle_node {
    int level; /* 0: a leaf's hash, SHA-256(0x00 || data) */
    u64 index;
    u8 hash[HASH_BYTES];
};

void merkle_leaf(sha256_fn *sha256, struct str data, u8 out[HASH_BYTES]);
void merkle_parent(sha256_fn *sha256, const u8 left[HASH_BYTES], const u8 right[HASH_BYTES],
                   u8 out[HASH_BYTES]);

/* The right edge of a tree of `size` leaves: its maximal complete subtrees, largest first. This is all that appending
 * needs. Size 0 is the empty tree; its root is SHA-256 of nothing. */
struct merkle_edge {
    u64 size;
    int n;
    struct merkle_node nodes[MERKLE_LEVELS];
};
/* Which complete nodes make the edge of a tree of that size: level and index filled, hash not; returns how many. */
int merkle_edge_of(u64 size, struct merkle_node nodes[MERKLE_LEVELS]);
/* Appends one leaf hash. The complete nodes that came to be (the leaf itself first, then its new ancestors) go to made,
 * room for MERKLE_LEVELS; returns how many. */
int merkle_append(sha256_fn *sha256, struct merkle_edge *edge, const u8 leaf[HASH_BYTES],
                  struct merkle_node made[MERKLE_LEVELS]);
void merkle_root(sha256_fn *sha256, const struct merkle_edge *edge, u8 out[HASH_BYTES]);

/* The complete nodes from which merkle_path / merkle_consistency are made, for one look-up in the store. Of the subtrees
 * that a path names at most one is not complete (the one at the right edge), so there are few. Returns how many, -1 when
 * index or sizes make no sense (2^48 leaves and more among them). A consistency proof from 0 is empty. */
#define MERKLE_NEED_MAX (2 * MERKLE_LEVELS + 1)
int merkle_path_needs(u64 index, u64 size, struct merkle_node needs[MERKLE_NEED_MAX]);
int merkle_consistency_needs(u64 first, u64 second, struct merkle_node needs[MERKLE_NEED_MAX]);
/* RFC 6962 §2.1.1 and §2.1.2 from the nodes asked for above, hashes filled, same order. Return the length of the path. */
int merkle_path(sha256_fn *sha256, u64 index, u64 size, const struct merkle_node *needs, int n_needs,
                u8 path[MERKLE_PATH_MAX][HASH_BYTES]);
int merkle_consistency(sha256_fn *sha256, u64 first, u64 second, const struct merkle_node *needs, int n_needs,
                       u8 path[MERKLE_PATH_MAX][HASH_BYTES]);

/* Does the leaf hash stand at `index` in the tree of `size` leaves with that root? */
bool merkle_path_right(sha256_fn *sha256, const u8 leaf[HASH_BYTES], u64 index, u64 size,
                       const u8 (*path)[HASH_BYTES], int n, const u8 root[HASH_BYTES]) MUST_CHECK;
/* Is the tree of `first` leaves a beginning of that of `second`? */
bool merkle_consistency_right(sha256_fn *sha256, u64 first, u64 second, const u8 (*path)[HASH_BYTES], int n,
                              const u8 first_root[HASH_BYTES], const u8 second_root[HASH_BYTES]) MUST_CHECK;
