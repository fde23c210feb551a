#include "adapters/sms/udh.h"
#include <stdio.h>

enum { ELEMENT_CONCAT_8 = 0x00, ELEMENT_CONCAT_16 = 0x08 };

bool udh_part(struct str udh, struct arena *arena, struct part_info *part_r)
{
    const u8 *p = (const u8 *)udh.p;
    if (udh.n < 1 || (size_t)p[0] + 1 != udh.n) return false;
    for (size_t at = 1; at + 2 <= udh.n;) {
        u8 id = p[at], len = p[at + 1];
        const u8 *v = p + at + 2;
        if (len > udh.n - at - 2) return false;
        at += 2 + (size_t)len;
        unsigned ref, total, index;
        if (id == ELEMENT_CONCAT_8 && len == 3)
            ref = v[0], total = v[1], index = v[2];
        else if (id == ELEMENT_CONCAT_16 && len == 4)
            ref = (unsigned)v[0] << 8 | v[1], total = v[2], index = v[3];
        else
            continue;
        if (index == 0 || index > total) return false;
        char digits[8];
        int n = snprintf(digits, sizeof digits, "%u", ref);
        struct str kept = arena_str(arena, (struct str){digits, (size_t)n});
        if (!kept.p) return false;
        *part_r = (struct part_info){kept, total, index};
        return true;
    }
    return false;
}
