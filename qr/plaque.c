#include "qr/plaque.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/checkdigit.h"
#include <stdio.h>
#include <string.h>

/* Crockford's 32 letters in lower case: no i, l, o (look like digits) and no u. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static int digit_of(u32 c);
static bool is_filler(u32 c);
static int letter_value(char c);

bool plaque_number_make(u32 serial, char out[PLAQUE_NUMBER_MAX])
{
    if (serial < PLAQUE_SERIAL_FIRST || serial > PLAQUE_SERIAL_LAST) return false;
    int n = snprintf(out, PLAQUE_NUMBER_MAX, "%u", serial);
    out[n] = check_digit_mod11_10(out, (size_t)n);
    out[n + 1] = '\0';
    return true;
}

bool plaque_number_parse(struct str written, char out[PLAQUE_NUMBER_MAX])
{
    char digits[PLAQUE_NUMBER_MAX];
    size_t n = 0, at = 0;
    while (at < written.n) {
        i64 c = utf8_next(written, &at);
        if (c < 0) return false;
        if (is_filler((u32)c)) continue;
        int d = digit_of((u32)c);
        if (d < 0 || n == PLAQUE_NUMBER_MAX - 1) return false;
        digits[n++] = (char)('0' + d);
    }
    if (n < PLAQUE_NUMBER_MIN || digits[0] == '0') return false;
    u64 serial;
    if (!str_u64((struct str){digits, n - 1}, PLAQUE_SERIAL_LAST, &serial) || serial < PLAQUE_SERIAL_FIRST)
        return false;
    if (check_digit_mod11_10(digits, n - 1) != digits[n - 1]) return false;
    memcpy(out, digits, n);
    out[n] = '\0';
    return true;
}

const char *plaque_number_grouped(const char *number, char dst[PLAQUE_GROUPED_MAX])
{
    size_t n = strlen(number), to = 0;
    ASSERT(n < PLAQUE_NUMBER_MAX);
    size_t first = n < 6 ? n : n == 8 ? 4 : 3, second = n == 9 ? 6 : n;
    for (size_t i = 0; i < n; i++) {
        if (i == first || i == second) dst[to++] = ' ';
        dst[to++] = number[i];
    }
    dst[to] = '\0';
    return dst;
}

void plaque_tag_message(const char *number, unsigned key_version, struct text *message)
{
    text_addf(message, "mashangdu plaque tag 1\n%u\n%s\n", key_version, number);
}

void plaque_tag_make(const u8 mac[32], unsigned key_version, char out[PLAQUE_TAG_MAX])
{
    ASSERT(key_version < PLAQUE_KEY_VERSIONS);
    u64 bits = 0;
    for (size_t i = 0; i < 5; i++) bits = bits << 8 | mac[i];
    bits >>= 5; /* 40 bits taken, the first 35 stay */
    out[0] = alphabet[key_version];
    for (size_t i = PLAQUE_TAG_LEN - 1; i > 0; i--, bits >>= 5) out[i] = alphabet[bits & 31];
    out[PLAQUE_TAG_LEN] = '\0';
}

bool plaque_tag_version(struct str tag, unsigned *version_r)
{
    if (tag.n != PLAQUE_TAG_LEN) return false;
    for (size_t i = 0; i < tag.n; i++)
        if (letter_value(tag.p[i]) < 0) return false;
    *version_r = (unsigned)letter_value(tag.p[0]);
    return true;
}

enum plaque_path plaque_path_parse(struct str path_tail, char number_r[PLAQUE_NUMBER_MAX],
                                   char tag_r[PLAQUE_TAG_MAX])
{
    enum plaque_path path = PLAQUE_PATH_MALFORMED;
    struct text plain;
    text_init(&plain, 128); /* nine full-width digits, a tag and generous blanks */
    tag_r[0] = '\0';
    if (!percent_get(&plain, path_tail, false) || plain.overflow) goto out;

    /* A number alone never has 14 digits, and a number with a tag always has 14 signs or more: no path is both. */
    struct str whole = text_str(&plain);
    if (plaque_number_parse(whole, number_r)) {
        path = PLAQUE_PATH_BARE;
        goto out;
    }
    if (whole.n < PLAQUE_TAG_LEN + 1 || whole.p[whole.n - PLAQUE_TAG_LEN - 1] != '-') goto out;
    char tag[PLAQUE_TAG_MAX] = "";
    for (size_t i = 0; i < PLAQUE_TAG_LEN; i++) {
        char c = whole.p[whole.n - PLAQUE_TAG_LEN + i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (c == 'o') c = '0';
        if (c == 'i' || c == 'l') c = '1';
        if (letter_value(c) < 0) goto out;
        tag[i] = c;
    }
    if (!plaque_number_parse((struct str){whole.p, whole.n - PLAQUE_TAG_LEN - 1}, number_r)) goto out;
    memcpy(tag_r, tag, sizeof tag);
    path = PLAQUE_PATH_SIGNED;
out:
    text_free(&plain);
    return path;
}

void plaque_url(struct str base, const char *number, const char *tag, struct text *out)
{
    while (str_ends(base, STR("/"))) base.n--;
    text_add(out, base);
    text_addf(out, "/p/%s-%s", number, tag);
}

static int digit_of(u32 c)
{
    if (c >= '0' && c <= '9') return (int)(c - '0');
    if (c >= 0xFF10 && c <= 0xFF19)
        return (int)(c - 0xFF10); /* full-width, as Chinese input methods write them */
    return -1;
}

static bool is_filler(u32 c)
{
    return c == ' ' || c == '\t' || c == '-' || c == 0x00A0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200B) ||
           (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFF0D;
}

static int letter_value(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}
