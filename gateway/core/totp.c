#include "core/totp.h"
#include "base/code.h"
#include "core/glyph.h"
#include <string.h>

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";

i64 totp_step(instant now) { return now.us / (TOTP_PERIOD * (i64)1000000); }

void totp_code(totp_hmac_fn *hmac, const u8 key[TOTP_KEY], i64 step, char out[TOTP_DIGITS + 1])
{
    u8 counter[8], mac[20];
    for (int i = 0; i < 8; i++) counter[i] = (u8)((u64)step >> (56 - 8 * i));
    hmac((struct str){(const char *)key, TOTP_KEY}, (struct str){(const char *)counter, sizeof counter}, mac);
    /* Dynamic truncation, RFC 4226 section 5.3. */
    const u8 *at = mac + (mac[19] & 0x0f);
    u32 number = ((u32)(at[0] & 0x7f) << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | (u32)at[3]) % 1000000;
    for (int i = TOTP_DIGITS; i-- > 0; number /= 10) out[i] = (char)('0' + number % 10);
    out[TOTP_DIGITS] = '\0';
}

bool totp_right(totp_hmac_fn *hmac, const u8 key[TOTP_KEY], const char code[TOTP_DIGITS + 1], instant now,
                i64 used, i64 *step_r)
{
    i64 found = -1;
    for (i64 step = totp_step(now) - TOTP_DRIFT; step <= totp_step(now) + TOTP_DRIFT; step++) {
        char want[TOTP_DIGITS + 1];
        unsigned differ = 0;
        totp_code(hmac, key, step, want);
        for (int i = 0; i < TOTP_DIGITS; i++) differ |= (unsigned)(want[i] ^ code[i]);
        if (differ == 0 && step > used) found = step;
    }
    if (found < 0) return false;
    *step_r = found;
    return true;
}

bool totp_code_read(struct str written, char out[TOTP_DIGITS + 1])
{
    char digits[TOTP_DIGITS];
    size_t n = 0;
    for (size_t at = 0; at < written.n;) {
        const i64 c = glyph_next(written, &at);
        if (c < 0) break;
        if (glyph_blank((u32)c) || glyph_dash((u32)c)) continue;
        const int d = glyph_digit((u32)c);
        if (d < 0 || n == TOTP_DIGITS) return false;
        digits[n++] = (char)('0' + d);
    }
    if (n != TOTP_DIGITS) return false;
    memcpy(out, digits, n);
    out[n] = '\0';
    return true;
}

/* TOTP_KEY is a multiple of five bytes: no rest, no padding. */
static void key_put(const u8 key[TOTP_KEY], bool grouped, struct text *out)
{
    _Static_assert(TOTP_KEY % 5 == 0, "Base32 without a rest");
    for (size_t i = 0; i < TOTP_KEY; i += 5) {
        u64 forty = 0;
        for (size_t b = 0; b < 5; b++) forty = forty << 8 | key[i + b];
        for (int d = 0; d < 8; d++) {
            if (grouped && d % 4 == 0 && (i || d)) text_addc(out, ' ');
            text_addc(out, base32[forty >> (35 - 5 * d) & 31]);
        }
    }
}

void totp_key_text(const u8 key[TOTP_KEY], struct text *out) { key_put(key, true, out); }

void totp_uri(struct str issuer, struct str account, const u8 key[TOTP_KEY], struct text *out)
{
    text_addz(out, "otpauth://totp/");
    percent_put(out, issuer);
    text_addc(out, ':');
    percent_put(out, account);
    text_addz(out, "?secret=");
    key_put(key, false, out);
    text_addz(out, "&issuer=");
    percent_put(out, issuer);
}

void recovery_code_from_bytes(const u8 random[8], char out[RECOVERY_LETTERS + 2])
{
    u64 bits = 0;
    size_t n = 0;
    for (int i = 0; i < 8; i++) bits = bits << 8 | random[i];
    for (int i = 0; i < RECOVERY_LETTERS; i++, bits >>= 5) {
        if (i == RECOVERY_LETTERS / 2) out[n++] = '-';
        out[n++] = crockford[bits & 31];
    }
    out[n] = '\0';
}

bool recovery_code_read(struct str written, char out[RECOVERY_LETTERS + 1])
{
    char letters[RECOVERY_LETTERS];
    size_t n = 0;
    for (size_t at = 0; at < written.n;) {
        const i64 c = glyph_next(written, &at);
        if (c < 0) break;
        if (glyph_blank((u32)c) || glyph_dash((u32)c)) continue;
        const int d = glyph_digit((u32)c);
        char letter = d >= 0 ? (char)('0' + d) : c < 0x80 ? (char)c : '\0';
        if (letter >= 'A' && letter <= 'Z') letter = (char)(letter - 'A' + 'a');
        if (letter == 'o') letter = '0';
        if (letter == 'i' || letter == 'l') letter = '1';
        if (letter == '\0' || !strchr(crockford, letter) || n == RECOVERY_LETTERS) return false;
        letters[n++] = letter;
    }
    if (n != RECOVERY_LETTERS) return false;
    memcpy(out, letters, n);
    out[n] = '\0';
    return true;
}
