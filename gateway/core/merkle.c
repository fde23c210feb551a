#include "core/merkle.h"
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT ((u64)1 << MERKLE_LEVELS)

static bool same(const u8 a[HASH_BYTES], const u8 b[HASH_BYTES]) { return memcmp(a, b, HASH_BYTES) == 0; }

/* The largest power of two below n; n is 2 or more (RFC 6962 §2.1: where a tree is cut in two). */
static u64 cut_of(u64 n)
{
    u64 k = 1;
    while (k << 1 < n) k <<= 1;
    return k;
}

/* The maximal complete subtrees over the leaves [start, end), largest first. start is a multiple of every power of two that
 * fits, as the cuts of RFC 6962 make it. */
static int range_nodes(u64 start, u64 end, struct merkle_node *nodes)
{
    int n = 0;
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if (!((end - start) >> level & 1)) continue;
        nodes[n].level = level;
        nodes[n].index = start >> level;
        start += (u64)1 << level;
        n++;
    }
    return n;
}

/* The root over neighbouring complete subtrees, largest first. */
static void range_root(sha256_fn *sha256, const struct merkle_node *nodes, int n, u8 out[HASH_BYTES])
{
    memcpy(out, nodes[n - 1].hash, HASH_BYTES);
    for (int i = n - 2; i >= 0; i--) merkle_parent(sha256, nodes[i].hash, out, out);
}

/* The leaves that one hash of a path stands for. */
struct range {
    u64 start, end;
};

/* The ranges of an audit path, nearest to the leaf first. Every cut halves, so MERKLE_LEVELS is enough. */
static int path_ranges(u64 index, u64 size, struct range out[MERKLE_LEVELS])
{
    struct range down[MERKLE_LEVELS];
    u64 start = 0, end = size;
    int n = 0;
    while (end - start > 1) {
        u64 middle = start + cut_of(end - start);
        if (index < middle) {
            down[n++] = (struct range){middle, end};
            end = middle;
        } else {
            down[n++] = (struct range){start, middle};
            start = middle;
        }
    }
    for (int i = 0; i < n; i++) out[i] = down[n - 1 - i];
    return n;
}

/* The same for a consistency proof: SUBPROOF of RFC 6962 §2.1.2 unrolled. What is left when the descent ends is the whole
 * old tree (then whoever checks has its root) or a subtree at its right end, whose hash opens the proof. */
static int consistency_ranges(u64 first, u64 second, struct range out[MERKLE_LEVELS + 1])
{
    struct range down[MERKLE_LEVELS];
    u64 start = 0, end = second;
    int n = 0, at = 0;
    if (first == 0) return 0;
    while (end != first) {
        u64 middle = start + cut_of(end - start);
        if (first <= middle) {
            down[n++] = (struct range){middle, end};
            end = middle;
        } else {
            down[n++] = (struct range){start, middle};
            start = middle;
        }
    }
    if (start > 0) out[at++] = (struct range){start, end};
    for (int i = n - 1; i >= 0; i--) out[at++] = down[i];
    return at;
}

static int ranges_needs(const struct range *ranges, int n, struct merkle_node *needs)
{
    int at = 0;
    for (int i = 0; i < n; i++) at += range_nodes(ranges[i].start, ranges[i].end, needs + at);
    return at;
}

static int ranges_path(sha256_fn *sha256, const struct range *ranges, int n, const struct merkle_node *needs,
                       int n_needs, u8 path[MERKLE_PATH_MAX][HASH_BYTES])
{
    int at = 0;
    for (int i = 0; i < n; i++) {
        struct merkle_node shape[MERKLE_LEVELS];
        int k = range_nodes(ranges[i].start, ranges[i].end, shape);
        ASSERT(at + k <= n_needs && needs[at].level == shape[0].level && needs[at].index == shape[0].index);
        range_root(sha256, needs + at, k, path[i]);
        at += k;
    }
    ASSERT(at == n_needs);
    return n;
}

void merkle_leaf(sha256_fn *sha256, struct str data, u8 out[HASH_BYTES])
{
    u8 small[256], *bytes = small;
    u8 *large = NULL;
    if (data.n + 1 > sizeof small) bytes = large = mem_alloc(data.n + 1);
    bytes[0] = 0;
    if (data.n) memcpy(bytes + 1, data.p, data.n);
    sha256((struct str){(const char *)bytes, data.n + 1}, out);
    free(large);
}

void merkle_parent(sha256_fn *sha256, const u8 left[HASH_BYTES], const u8 right[HASH_BYTES],
                   u8 out[HASH_BYTES])
{
    u8 bytes[1 + 2 * HASH_BYTES] = {1};
    memcpy(bytes + 1, left, HASH_BYTES);
    memcpy(bytes + 1 + HASH_BYTES, right, HASH_BYTES);
    sha256((struct str){(const char *)bytes, sizeof bytes}, out);
}

int merkle_edge_of(u64 size, struct merkle_node nodes[MERKLE_LEVELS])
{
    ASSERT(size < SIZE_LIMIT);
    return range_nodes(0, size, nodes);
}

int merkle_append(sha256_fn *sha256, struct merkle_edge *edge, const u8 leaf[HASH_BYTES],
                  struct merkle_node made[MERKLE_LEVELS])
{
    int n = 1;
    ASSERT(edge->size + 1 < SIZE_LIMIT);
    made[0].level = 0;
    made[0].index = edge->size;
    memcpy(made[0].hash, leaf, HASH_BYTES);
    /* Like adding one to a binary number: every 1 at the end of the size is a subtree that gets its right half. */
    for (u64 size = edge->size; size & 1; size >>= 1, n++) {
        made[n].level = n;
        made[n].index = made[n - 1].index >> 1;
        merkle_parent(sha256, edge->nodes[--edge->n].hash, made[n - 1].hash, made[n].hash);
    }
    edge->nodes[edge->n++] = made[n - 1];
    edge->size++;
    return n;
}

void merkle_root(sha256_fn *sha256, const struct merkle_edge *edge, u8 out[HASH_BYTES])
{
    if (edge->n == 0)
        sha256(STR(""), out);
    else
        range_root(sha256, edge->nodes, edge->n, out);
}

int merkle_path_needs(u64 index, u64 size, struct merkle_node needs[MERKLE_NEED_MAX])
{
    struct range ranges[MERKLE_LEVELS];
    if (size >= SIZE_LIMIT || index >= size) return -1;
    return ranges_needs(ranges, path_ranges(index, size, ranges), needs);
}

int merkle_consistency_needs(u64 first, u64 second, struct merkle_node needs[MERKLE_NEED_MAX])
{
    struct range ranges[MERKLE_LEVELS + 1];
    if (second >= SIZE_LIMIT || first > second) return -1;
    return ranges_needs(ranges, consistency_ranges(first, second, ranges), needs);
}

int merkle_path(sha256_fn *sha256, u64 index, u64 size, const struct merkle_node *needs, int n_needs,
                u8 path[MERKLE_PATH_MAX][HASH_BYTES])
{
    struct range ranges[MERKLE_LEVELS];
    ASSERT(size < SIZE_LIMIT && index < size);
    return ranges_path(sha256, ranges, path_ranges(index, size, ranges), needs, n_needs, path);
}

int merkle_consistency(sha256_fn *sha256, u64 first, u64 second, const struct merkle_node *needs, int n_needs,
                       u8 path[MERKLE_PATH_MAX][HASH_BYTES])
{
    struct range ranges[MERKLE_LEVELS + 1];
    ASSERT(second < SIZE_LIMIT && first <= second);
    return ranges_path(sha256, ranges, consistency_ranges(first, second, ranges), needs, n_needs, path);
}

/* RFC 9162 §2.1.3.2, the checking that RFC 6962 leaves to the reader: node is the place of what was computed so far in its
 * level, last the place of the level's last node. */
bool merkle_path_right(sha256_fn *sha256, const u8 leaf[HASH_BYTES], u64 index, u64 size,
                       const u8 (*path)[HASH_BYTES], int n, const u8 root[HASH_BYTES])
{
    u8 hash[HASH_BYTES];
    if (size >= SIZE_LIMIT || index >= size) return false;
    u64 node = index, last = size - 1;
    memcpy(hash, leaf, HASH_BYTES);
    for (int i = 0; i < n; i++) {
        if (last == 0) return false;
        if (node & 1 || node == last) {
            merkle_parent(sha256, path[i], hash, hash);
            while (!(node & 1) && node != 0) node >>= 1, last >>= 1;
        } else {
            merkle_parent(sha256, hash, path[i], hash);
        }
        node >>= 1, last >>= 1;
    }
    return last == 0 && same(hash, root);
}

/* RFC 9162 §2.1.4.2: both roots are computed from the one path. */
bool merkle_consistency_right(sha256_fn *sha256, u64 first, u64 second, const u8 (*path)[HASH_BYTES], int n,
                              const u8 first_root[HASH_BYTES], const u8 second_root[HASH_BYTES])
{
    u8 old[HASH_BYTES], new[HASH_BYTES];
    if (second >= SIZE_LIMIT || first > second) return false;
    if (first == 0) { /* every tree begins with nothing */
        sha256(STR(""), old);
        return n == 0 && same(old, first_root) && (second > 0 || same(old, second_root));
    }
    if (first == second) return n == 0 && same(first_root, second_root);
    u64 node = first - 1, last = second - 1;
    int at = 0;
    while (node & 1) node >>= 1, last >>= 1;
    if (node == 0) { /* the old tree is complete: its root is the first hash and need not be told */
        memcpy(old, first_root, HASH_BYTES);
    } else {
        if (n == 0) return false;
        memcpy(old, path[at++], HASH_BYTES);
    }
    memcpy(new, old, HASH_BYTES);
    for (; at < n; at++) {
        if (last == 0) return false;
        if (node & 1 || node == last) {
            merkle_parent(sha256, path[at], old, old);
            merkle_parent(sha256, path[at], new, new);
            while (!(node & 1) && node != 0) node >>= 1, last >>= 1;
        } else {
            merkle_parent(sha256, new, path[at], new);
        }
        node >>= 1, last >>= 1;
    }
    return last == 0 && same(old, first_root) && same(new, second_root);
}
