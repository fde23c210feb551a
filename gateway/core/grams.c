#include "core/grams.h"
#include "base/utf8.h"
#include <string.h>

/* General, Chinese and full-width punctuation part words as blanks do. */
static bool makes_words(u32 c)
{
    if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c >= 0xc0 && !(c >= 0x2000 && c <= 0x206f) && !(c >= 0x3000 && c <= 0x303f) &&
           !(c >= 0xff00 && c <= 0xff0f);
}

size_t grams_of(struct str clean, u32 *out, size_t max)
{
    size_t n = 0;
    u32 before = 0;
    for (size_t at = 0; at < clean.n && n < max;) {
        i64 c = utf8_next(clean, &at);
        u32 now = c >= 0 && makes_words((u32)c) ? (u32)c : 0;
        if (now && before) out[n++] = before << 16 ^ before >> 16 ^ now;
        before = now;
    }
    return n;
}

size_t places_code(const uint16_t *places, size_t n, u8 out[GRAMS_BYTES])
{
    if (n * 2 < GRAMS_BYTES) {
        for (size_t i = 0; i < n; i++) {
            out[i * 2] = (u8)(places[i] >> 8);
            out[i * 2 + 1] = (u8)places[i];
        }
        return n * 2;
    }
    memset(out, 0, GRAMS_BYTES);
    for (size_t i = 0; i < n; i++) out[places[i] / 8] |= (u8)(1u << places[i] % 8);
    return GRAMS_BYTES;
}

bool places_read(struct str coded, struct places *out_r)
{
    const u8 *p = (const u8 *)coded.p;
    *out_r = (struct places){{0}};
    if (coded.n > GRAMS_BYTES || coded.n % 2) return false;
    if (coded.n == GRAMS_BYTES) {
        for (size_t i = 0; i < coded.n; i++) out_r->bits[i / 8] |= (u64)p[i] << i % 8 * 8;
        return true;
    }
    for (size_t i = 0; i < coded.n; i += 2) {
        unsigned place = (unsigned)p[i] << 8 | p[i + 1];
        if (place >= GRAMS_SEGMENT) {
            *out_r = (struct places){{0}};
            return false;
        }
        out_r->bits[place / 64] |= (u64)1 << place % 64;
    }
    return true;
}

void places_keep(struct places *of, const struct places *with)
{
    for (size_t i = 0; i < ARRAY_LEN(of->bits); i++) of->bits[i] &= with->bits[i];
}

int places_below(const struct places *p, int below)
{
    for (int i = below - 1; i >= 0;) {
        u64 word = p->bits[i / 64] << (63 - i % 64);
        if (word) return i - __builtin_clzll(word);
        i = i / 64 * 64 - 1;
    }
    return -1;
}
