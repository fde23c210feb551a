#include "core/receipt.h"
#include "core/checkdigit.h"
#include "core/glyph.h"
#include <string.h>

void receipt_from_bytes(const u8 random[16], char out[RECEIPT_DIGITS + 1])
{
    const u64 modulus = 1000000000000000u; /* 10^15; times 256 still fits 64 bits */
    u64 r = 0;
    for (size_t i = 0; i < 16; i++) r = (r * 256 + random[i]) % modulus;
    for (size_t i = RECEIPT_DIGITS - 1; i-- > 0; r /= 10) out[i] = (char)('0' + r % 10);
    out[RECEIPT_DIGITS - 1] = check_digit_mod11_10(out, RECEIPT_DIGITS - 1);
    out[RECEIPT_DIGITS] = '\0';
}

bool receipt_parse(struct str written, char out[RECEIPT_DIGITS + 1])
{
    char digits[RECEIPT_DIGITS];
    size_t n = 0;
    for (size_t at = 0; at < written.n;) {
        i64 c = glyph_next(written, &at);
        if (c < 0) break;
        if (glyph_blank((u32)c) || glyph_dash((u32)c)) continue;
        int d = glyph_digit((u32)c);
        if (d < 0 || n == RECEIPT_DIGITS) return false;
        digits[n++] = (char)('0' + d);
    }
    if (n != RECEIPT_DIGITS || !check_digit_ok(digits, n)) return false;
    memcpy(out, digits, n);
    out[n] = '\0';
    return true;
}

void receipt_group(const char receipt[RECEIPT_DIGITS + 1], char out[20])
{
    size_t n = 0;
    for (size_t i = 0; i < RECEIPT_DIGITS; i++) {
        if (i && i % 4 == 0) out[n++] = ' ';
        out[n++] = receipt[i];
    }
    out[n] = '\0';
}
