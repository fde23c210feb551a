#include "core/rarity.h"
#include "core/rarity_table.h"

#define HALF_COMMON 45 /* not in the table: one of its characters stands in every complaint */
#define BOTH_COMMON 20
#define DIGIT       5 /* a number says what it says as a whole (core/telling) */

unsigned rarity_pair(u64 pair)
{
    size_t from = 0, to = ARRAY_LEN(pairs);
    while (from < to) {
        const size_t at = (from + to) / 2;
        const u64 here = (u64)pairs[at].first << 32 | pairs[at].second;
        if (here == pair) return pairs[at].tenths;
        if (here < pair)
            from = at + 1;
        else
            to = at;
    }
    const bool a = shingle_common((u32)(pair >> 32)), b = shingle_common((u32)pair);
    return a && b ? BOTH_COMMON : a || b ? HALF_COMMON : RARITY_MOST;
}

unsigned rarity_character(u32 c)
{
    size_t from = 0, to = ARRAY_LEN(characters);
    if (c < 0x80) return DIGIT;
    while (from < to) {
        const size_t at = (from + to) / 2;
        if (characters[at].c == c) return characters[at].tenths;
        if (characters[at].c < c)
            from = at + 1;
        else
            to = at;
    }
    return RARITY_MOST;
}
