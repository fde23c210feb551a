/* A clean text -> tokens and the numbers of features. */
#include "core/learned_part.h"
#include "base/utf8.h"
#include <string.h>

#define LATIN_MAX 12 /* letters of a word; longer ones are addresses and codes */

enum sort { PARTS, STANDS, ENDS, LETTER, DIGIT };

static enum sort sort_of(i64 c)
{
    if (c >= '0' && c <= '9') return DIGIT;
    if (c >= 'a' && c <= 'z') return LETTER;
    if (c == '?' || c == '!') return ENDS; /* 吗? tells of the nature; nothing stands behind it in one run */
    if (c < 0x80 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F) ||
        (c >= 0xFE00 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFFEF))
        return PARTS;
    return STANDS;
}

bool learned_tokens(struct str clean, struct arena *a, struct learned_tokens *t)
{
    char *bytes = arena_alloc(a, clean.n + 1);
    size_t max = MIN(clean.n, (size_t)LEARNED_TOKENS_MAX);
    u32 *start = arena_alloc(a, (max + 1) * sizeof *start);
    uint16_t *run = arena_alloc(a, (max + 1) * sizeof *run);
    if (bytes == NULL || start == NULL || run == NULL) return false;
    size_t n = 0, used = 0, at = 0;
    while (at < clean.n && n < max) {
        size_t from = at;
        enum sort s = sort_of(utf8_next(clean, &at));
        if (s == LETTER || s == DIGIT) {
            for (size_t next = at; next < clean.n && sort_of(utf8_next(clean, &next)) == s;) at = next;
            if (s == LETTER && at - from > LATIN_MAX) s = PARTS;
        }
        if (s == PARTS) {
            if (n > 0) run[n - 1] = 1;
            continue;
        }
        start[n] = (u32)used;
        if (s == DIGIT)
            bytes[used++] = '#';
        else {
            memcpy(bytes + used, clean.p + from, at - from);
            used += at - from;
        }
        run[n++] = s == ENDS;
    }
    start[n] = (u32)used;
    if (n > 0) run[n - 1] = 1;
    for (size_t i = n; i-- > 0;)
        if (run[i] == 0) run[i] = (uint16_t)(run[i + 1] + 1);
    *t = (struct learned_tokens){bytes, start, run, n};
    return true;
}

u64 learned_hash(struct str s)
{
    u64 h = LEARNED_HASH_START;
    for (size_t i = 0; i < s.n; i++) h = learned_hash_byte(h, (u8)s.p[i]);
    return learned_hash_end(h);
}

void learned_fact(struct learned_facts *f, char sort, struct str code, double value)
{
    struct learned_fact *one = &f->fact[f->n];
    if (f->n == LEARNED_FACTS_MAX || value == 0 || code.n + 2 > sizeof one->name) return;
    one->name[0] = '='; /* parts runs, so no run begins with it */
    one->name[1] = sort;
    if (code.n > 0) memcpy(one->name + 2, code.p, code.n);
    one->n = (u8)(code.n + 2);
    one->value = (float)value;
    f->n++;
}
