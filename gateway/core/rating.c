#include "core/rating.h"
#include "core/glyph.h"
#include <string.h>

#define TOKEN_LETTERS ((RATING_TOKEN_BYTES * 8) / 5)
#define NUMBER_MIN    6
#define NUMBER_MAX    40

static const char letters[] = "023456789abcdefghjkmnpqrstuvwxyz"; /* 32 without 1, i, l and o */
static const struct rating_mark marks[] = {
    {"run", "疑似刷评：同一窗口短时间内连续多个五星好评，没有文字",
     "a run of instant five-star ratings at one window"},
    {"device", "同一设备短时间内大量评价", "a flood of ratings from one device"},
};

static bool token_parse(struct str s, char out[RATING_SERVICE_MAX])
{
    if (s.n != 2 + TOKEN_LETTERS || s.p[0] != 's' || s.p[1] != '-') return false;
    for (size_t i = 2; i < s.n; i++)
        if (s.p[i] == '\0' || !strchr(letters, s.p[i])) return false;
    memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return true;
}

enum rating_service rating_service_parse(struct str written, char out[RATING_SERVICE_MAX])
{
    struct str s = glyph_trim(written);
    size_t n = 0;
    out[0] = '\0';
    if (s.n == 0) return RATING_SERVICE_NONE;
    if (token_parse(s, out)) return RATING_SERVICE_TOKEN;
    for (size_t at = 0; at < s.n;) {
        i64 c = glyph_next(s, &at);
        const int digit = c < 0 ? -1 : glyph_digit((u32)c);
        if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
        if (c < 0 || n > NUMBER_MAX) break;
        if (digit >= 0)
            out[n++] = (char)('0' + digit);
        else if (c >= 'A' && c <= 'Z')
            out[n++] = (char)c;
        else if (!glyph_blank((u32)c) && !glyph_dash((u32)c))
            n = NUMBER_MAX + 1;
    }
    const bool good = n >= NUMBER_MIN && n <= NUMBER_MAX;
    out[good ? n : 0] = '\0';
    return good ? RATING_SERVICE_NUMBER : RATING_SERVICE_BAD;
}

void rating_token(const u8 bytes[RATING_TOKEN_BYTES], char out[RATING_SERVICE_MAX])
{
    size_t n = 0;
    u32 bits = 0, have = 0;
    out[n++] = 's', out[n++] = '-';
    for (size_t i = 0; i < RATING_TOKEN_BYTES; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 5; have -= 5) out[n++] = letters[bits >> (have - 5) & 31];
        bits &= 31;
    }
    out[n] = '\0';
}

bool rating_opens_case(const struct rating_facts *f)
{
    if (f->alarming) return true;
    if (!f->asked) return f->router;
    if (f->level <= RATING_LOW) return f->consent;
    return f->router || (f->consent && f->words);
}

const struct rating_mark *rating_mark(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_eq(word, str_of(marks[i].word))) return &marks[i];
    return NULL;
}

void rating_marks(struct str all, struct text *out)
{
    struct str word, rest = all;
    while (rest.n) {
        str_cut(rest, ',', &word, &rest);
        if (!rating_mark(word)) continue;
        if (out->n) text_addc(out, ',');
        text_add(out, word);
    }
}
