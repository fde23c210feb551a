#include "core/minhash.h"

#define HASHES (MINHASH_WIDE + 2 * MINHASH_NARROW)

/* The finaliser of splitmix64 (Steele, Lea, Flood, 2014): every bit of x reaches every bit of the result. */
static u64 mixed(u64 x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* A band is positive and never 0, so that 0 may mean none. */
static i64 band_of(u64 kind, u64 a, u64 b) { return (i64)(mixed(mixed(a ^ kind) + b) >> 1 | 1); }

size_t minhash_bands(const struct shingles *s, i64 out[MINHASH_BANDS])
{
    u64 least[HASHES];
    size_t n = 0;
    if (s->n < MINHASH_LEAST) return 0;
    for (size_t h = 0; h < HASHES; h++) least[h] = UINT64_MAX;
    for (size_t i = 0; i < s->n; i++) {
        /* A pair of weight w is drawn w times: the minimum falls on it that much more often. */
        for (unsigned w = shingle_weight(s->pairs[i]); w > 0; w--) {
            const u64 seed = mixed(s->pairs[i] * 4 + w - 1);
            for (size_t h = 0; h < HASHES; h++) {
                const u64 value = mixed(seed + h * 0xd1342543de82ef95u);
                if (value < least[h]) least[h] = value;
            }
        }
    }
    for (size_t k = 0; k < MINHASH_BANDS; k++) {
        const size_t at = k < MINHASH_WIDE ? k : MINHASH_WIDE + 2 * (k - MINHASH_WIDE);
        const i64 band = band_of(k, least[at], k < MINHASH_WIDE ? 0 : least[at + 1]);
        bool before = false;
        for (size_t i = 0; i < n && !before; i++) before = out[i] == band;
        if (!before) out[n++] = band;
    }
    return n;
}
