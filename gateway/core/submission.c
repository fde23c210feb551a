#include "core/submission.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include <stdio.h>

static const char *const door_words[] = {
#define X(id, word) word,
    CHANNELS(X)
#undef X
};
static const struct {
    const char *word, *zh;
} natures[] = {{"unknown", "未定"},
#define X(id, word, zh) {word, zh},
               NATURES(X)
#undef X
};

const char *door_word(enum door d)
{
    ASSERT((unsigned)d < DOORS_N);
    return door_words[d];
}

const char *nature_word(enum nature n)
{
    ASSERT((unsigned)n < NATURES_N);
    return natures[n].word;
}

const char *nature_chinese(enum nature n)
{
    ASSERT((unsigned)n < NATURES_N);
    return natures[n].zh;
}

bool nature_parse(struct str word, enum nature *nature_r)
{
    for (size_t i = 1; i < NATURES_N; i++) {
        if (!str_eq(word, str_of(natures[i].word)) && !str_eq(word, str_of(natures[i].zh))) continue;
        *nature_r = (enum nature)i;
        return true;
    }
    return false;
}

bool door_parse(struct str word, enum door *door_r)
{
    for (size_t i = 0; i < DOORS_N; i++) {
        if (!str_eq(word, str_of(door_words[i]))) continue;
        *door_r = (enum door)i;
        return true;
    }
    return false;
}

static enum refusal position_check(const struct position *p)
{
    if (!utf8_valid(p->words)) return REFUSE_BAD_ENCODING;
    if (p->words.n > 4 * SUBMISSION_PLACE_POINTS || utf8_count(p->words) > SUBMISSION_PLACE_POINTS)
        return REFUSE_POSITION_BAD;
    /* Written so that what is no number is refused too. */
    bool on_earth = p->lat >= -90 && p->lat <= 90 && p->lon >= -180 && p->lon <= 180;
    return p->point && (!on_earth || p->accuracy < 0 || p->accuracy > SUBMISSION_ACCURACY_MAX)
               ? REFUSE_POSITION_BAD
               : REFUSE_NONE;
}

enum refusal submission_check(const struct submission *s)
{
    const struct str every[] = {s->provider, s->external_id, s->dedupe_key, s->sender,
                                s->contact,  s->plaque,      s->text};
    char phone[PHONE_MAX];
    if ((unsigned)s->door >= DOORS_N || (unsigned)s->nature >= NATURES_N) return REFUSE_UNKNOWN_FIELD;
    if (s->dedupe_key.n == 0 || s->dedupe_key.n > SUBMISSION_KEY_MAX) return REFUSE_KEY_BAD;
    if (s->provider.n > SUBMISSION_NAME_MAX || s->sender.n > SUBMISSION_NAME_MAX ||
        s->plaque.n > SUBMISSION_NAME_MAX || s->external_id.n > SUBMISSION_KEY_MAX)
        return REFUSE_TOO_BIG;
    /* The byte limit comes first, so that nobody makes us walk megabytes to count them. */
    if (s->text.n > SUBMISSION_TEXT_BYTES) return REFUSE_TEXT_TOO_LONG;
    if (s->contact.n > SUBMISSION_NAME_MAX) return REFUSE_CONTACT_BAD;
    for (size_t i = 0; i < ARRAY_LEN(every); i++)
        if (!utf8_valid(every[i])) return REFUSE_BAD_ENCODING;
    if (utf8_count(s->text) > SUBMISSION_TEXT_POINTS) return REFUSE_TEXT_TOO_LONG;
    if (s->rating < 0 || s->rating > 5) return REFUSE_RATING_RANGE;
    if (s->nature == NATURE_RATE && s->rating == 0) return REFUSE_RATING_MISSING;
    bool bare_rating = s->rating != 0 && (s->nature == NATURE_RATE || s->nature == NATURE_UNKNOWN);
    if (!bare_rating && glyph_trim(s->text).n == 0) return REFUSE_TEXT_MISSING;
    if (glyph_trim(s->contact).n && !phone_normalise(s->contact, phone)) return REFUSE_CONTACT_BAD;
    return position_check(&s->position);
}

static bool all_digits(const char *d, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (d[i] < '0' || d[i] > '9') return false;
    return n > 0;
}

static bool mobile(const char *d, size_t n) { return n == 11 && d[0] == '1' && d[1] >= '3'; }

/* A mainland landline without its trunk 0: 10 and 2x take eight digits behind them, 3xx..9xx seven or eight. */
static bool landline(const char *d, size_t n)
{
    if (d[0] == '1') return n == 10 && d[1] == '0';
    return d[0] >= '2' && (n == 10 || (n == 11 && d[0] >= '3'));
}

bool phone_normalise(struct str written, char dst[PHONE_MAX])
{
    char buf[24];
    const char *d = buf, *country = "";
    size_t n = 0;
    bool plus = false;
    for (size_t at = 0; at < written.n;) {
        i64 c = glyph_next(written, &at);
        if (c < 0) break;
        int digit = glyph_digit((u32)c);
        if (digit >= 0) {
            if (n == sizeof buf) return false;
            buf[n++] = (char)('0' + digit);
        } else if (c == '+' && n == 0 && !plus) {
            plus = true;
        } else if (!glyph_blank((u32)c) && !glyph_dash((u32)c) && c != '(' && c != ')' && c != '.' &&
                   c != 0xb7) {
            return false;
        }
    }
    if (!all_digits(buf, n)) return false;
    if (!plus && n > 4 && d[0] == '0' && d[1] == '0') plus = true, d += 2, n -= 2;
    if (plus) {
        if (n < 8 || n > 15 || d[0] == '0') return false;
        if (d[0] == '8' && d[1] == '6') {
            country = "86", d += 2, n -= 2;
            if (d[0] == '0') d++, n--;
            if (!mobile(d, n) && !landline(d, n)) return false;
        }
    } else if (mobile(d, n)) {
        country = "86";
    } else if (n == 13 && d[0] == '8' && d[1] == '6' && mobile(d + 2, 11)) {
        country = "86", d += 2, n = 11;
    } else if (n >= 10 && n <= 12 && d[0] == '0' && landline(d + 1, n - 1)) {
        country = "86", d++, n--;
    } else {
        return false;
    }
    snprintf(dst, PHONE_MAX, "+%s%.*s", country, (int)n, d);
    return true;
}
