#include "core/segments.h"
#include "base/utf8.h"

/* 3GPP TS 23.038 §6.2.1 and §6.2.1.1, without the letters and digits that stand in it as in ASCII. */
static const u32 basic[] = {'@',   0xa3,  '$',   0xa5,  0xe8,  0xe9,  0xf9, 0xec,  0xf2,  0xc7,  '\n',
                            0xd8,  0xf8,  '\r',  0xc5,  0xe5,  0x394, '_',  0x3a6, 0x393, 0x39b, 0x3a9,
                            0x3a0, 0x3a8, 0x3a3, 0x398, 0x39e, 0xc6,  0xe6, 0xdf,  0xc9,  ' ',   '!',
                            '"',   '#',   0xa4,  '%',   '&',   '\'',  '(',  ')',   '*',   '+',   ',',
                            '-',   '.',   '/',   ':',   ';',   '<',   '=',  '>',   '?',   0xa1,  0xc4,
                            0xd6,  0xd1,  0xdc,  0xa7,  0xbf,  0xe4,  0xf6, 0xf1,  0xfc,  0xe0};
static const u32 extension[] = {0x0c, '^', '{', '}', '\\', '[', '~', ']', '|', 0x20ac};

static bool among(const u32 *set, size_t n, u32 c)
{
    for (size_t i = 0; i < n; i++)
        if (set[i] == c) return true;
    return false;
}

/* Septets of one character; 0: the alphabet has none for it. */
static unsigned septets(u32 c)
{
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return 1;
    if (among(basic, ARRAY_LEN(basic), c)) return 1;
    return among(extension, ARRAY_LEN(extension), c) ? 2 : 0;
}

static unsigned utf16_units(u32 c) { return c > 0xffff ? 2 : 1; }

static bool in_alphabet(struct str text)
{
    for (size_t at = 0; at < text.n;) {
        const i64 c = utf8_next(text, &at);
        if (c < 0 || septets((u32)c) == 0) return false;
    }
    return true;
}

struct segments segments_count(enum segments_rule rule, struct str text)
{
    struct segments s = {.gsm7 = rule == SEGMENTS_GSM && in_alphabet(text)};
    const unsigned whole = s.gsm7 ? 160 : 70, part = s.gsm7 ? 153 : 67;
    unsigned parts = 0, room = 0; /* as a message of several parts, where nothing of two units is split */
    for (size_t at = 0; at < text.n;) {
        const i64 c = utf8_next(text, &at);
        const unsigned n = c < 0 ? 1 : s.gsm7 ? septets((u32)c) : utf16_units((u32)c);
        s.units += n;
        if (room < n) {
            parts++;
            room = part;
        }
        room -= n;
    }
    s.per_part = s.units <= whole ? whole : part;
    if (s.units <= whole)
        s.parts = s.units > 0;
    else
        s.parts = rule == SEGMENTS_DOMESTIC ? (s.units + part - 1) / part : parts;
    return s;
}
