/* Inside of core/learned, shared by its files only. */
#pragma once
#include "core/learned.h"

/* FNV-1a (draft-eastlake-fnv, section 5) byte by byte, so that a longer run goes on from a shorter one, and a last mixing of the high
 * bits into the low ones, which choose the place in the table. */
#define LEARNED_HASH_START 0xCBF29CE484222325u
static inline u64 learned_hash_byte(u64 h, u8 byte) { return (h ^ byte) * 0x100000001B3u; }
static inline u64 learned_hash_end(u64 h)
{
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15u;
    h ^= h >> 29;
    return h == 0 ? 1 : h;
}

#define LEARNED_MAGIC   "MSDMODEL"
#define LEARNED_VERSION 2
/* What was written before is read as well: it has no judges, and a head more, of whether a text is about a unit's own conduct, that no
 * decision ever read. */
#define LEARNED_VERSION_OLD 1
#define LEARNED_DIGEST      32

/* What every text asks of a feature that it has; the names, which only a reason needs, lie apart. */
struct learned_run {
    float idf; /* 0: a fact of the rule layers */
    float scale;
    float matter; /* the mean of its weights over all matters */
    u32 first, n; /* of `weights` */
};

struct learned {
    struct arena arena;
    struct {
        u32 first, n; /* classes */
        float heat;
        struct learned_mix mix;
    } head[LEARNED_HEADS];
    struct str *codes; /* by class over all heads */
    float *bias;
    u32 n_classes, n_features, n_weights;
    struct learned_run *features;
    struct str *names;              /* by feature */
    struct learned_weight *weights; /* those of a feature together, by class */
    struct {
        u32 tag, feature; /* feature + 1; 0: free */
    } * slots;
    u32 mask; /* slots - 1, a power of two less one */
    struct calibration calibration[CERTAIN_N];
    float alone;
    struct judge judge[CERTAIN_N];
};
