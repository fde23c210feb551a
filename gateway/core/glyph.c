#include "core/glyph.h"
#include "base/utf8.h"

u32 glyph_fold(u32 c)
{
    if (c >= 0xff01 && c <= 0xff5e) return c - 0xfee0;
    return c == 0x3000 || c == 0xa0 ? ' ' : c;
}

int glyph_digit(u32 c)
{
    if (c >= '0' && c <= '9') return (int)(c - '0');
    if (c >= 0xff10 && c <= 0xff19) return (int)(c - 0xff10);
    if (c >= 0x1d7ce && c <= 0x1d7ff) return (int)((c - 0x1d7ce) % 10);
    return -1;
}

bool glyph_invisible(u32 c)
{
    static const struct {
        u32 from, to;
    } ranges[] = {
        {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},     {0x115f, 0x1160}, {0x17b4, 0x17b5},
        {0x180b, 0x180f},   {0x200b, 0x200f},   {0x202a, 0x202e},   {0x2060, 0x206f}, {0x20e3, 0x20e3},
        {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    if (c < 0x20) return c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f';
    if (c < 0xad) return c >= 0x7f && c <= 0x9f && c != 0x85;
    if (c >= 0x3165 && c < 0xfe00) return false; /* nearly every character of a Chinese text */
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (c >= ranges[i].from && c <= ranges[i].to) return true;
    return false;
}

bool glyph_blank(u32 c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
           c == 0x3000;
}

bool glyph_dash(u32 c)
{
    return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe58 || c == 0xfe63 ||
           c == 0xff0d || c == 0x2500;
}

bool glyph_han(u32 c)
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || c == 0x3007 ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x323af);
}

i64 glyph_next(struct str s, size_t *at)
{
    while (*at < s.n) {
        i64 c = utf8_next(s, at);
        if (c < 0) return 0xfffd;
        if (!glyph_invisible((u32)c)) return glyph_fold((u32)c);
    }
    return -1;
}

struct str glyph_trim(struct str s)
{
    size_t first = s.n, last = 0;
    for (size_t at = 0; at < s.n;) {
        size_t before = at;
        i64 c = utf8_next(s, &at);
        if (c >= 0 && (glyph_invisible((u32)c) || glyph_blank((u32)c))) continue;
        if (first == s.n) first = before;
        last = at;
    }
    return first < last ? (struct str){s.p + first, last - first} : (struct str){s.p, 0};
}
