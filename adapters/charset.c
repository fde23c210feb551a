#include "adapters/charset.h"
#include "base/utf8.h"

static const struct {
    struct str name;
    enum charset set;
} names[] = {
    {STR("UTF-8"), CHARSET_UTF8},        {STR("UTF8"), CHARSET_UTF8},
    {STR("US-ASCII"), CHARSET_UTF8},     {STR("ASCII"), CHARSET_UTF8},
    {STR("GSM"), CHARSET_UTF8},          {STR("UTF-16BE"), CHARSET_UTF16BE},
    {STR("UCS-2"), CHARSET_UTF16BE},     {STR("UCS2"), CHARSET_UTF16BE},
    {STR("UCS-2BE"), CHARSET_UTF16BE},   {STR("ISO-10646-UCS-2"), CHARSET_UTF16BE},
    {STR("ISO-8859-1"), CHARSET_LATIN1}, {STR("LATIN1"), CHARSET_LATIN1},
};

enum charset charset_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_case(names[i].name, name)) return names[i].set;
    return CHARSET_UNKNOWN;
}

struct str charset_parameter(struct str content_type)
{
    struct str piece, rest;
    str_cut(content_type, ';', &piece, &rest);
    while (rest.n) {
        struct str key, value;
        str_cut(rest, ';', &piece, &rest);
        if (!str_cut(piece, '=', &key, &value) || !str_eq_case(str_trim(key), STR("charset"))) continue;
        value = str_trim(value);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"') value.p++, value.n -= 2;
        return value;
    }
    return STR_NONE;
}

static bool utf16be_read(struct str s, struct text *to)
{
    if (s.n % 2) return false;
    const u8 *p = (const u8 *)s.p;
    for (size_t i = 0; i < s.n; i += 2) {
        u32 c = (u32)p[i] << 8 | p[i + 1];
        if (c == 0 || (c >= 0xdc00 && c <= 0xdfff)) return false;
        if (c >= 0xd800 && c <= 0xdbff) {
            if (s.n - i < 4) return false;
            u32 low = (u32)p[i + 2] << 8 | p[i + 3];
            if (low < 0xdc00 || low > 0xdfff) return false;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        utf8_put(to, c);
    }
    return true;
}

static bool latin1_read(struct str s, struct text *to)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0') return false;
        utf8_put(to, (u8)s.p[i]);
    }
    return true;
}

static bool utf8_read(struct str s, struct text *to)
{
    if (!utf8_valid(s)) return false;
    text_add(to, s);
    return true;
}

/* Keeps what was appended only when all of it was. */
static bool settle(struct text *to, size_t start, bool good)
{
    if (good && !to->overflow) return true;
    to->n = start;
    return false;
}

bool charset_read(enum charset from, struct str bytes, struct text *to)
{
    size_t start = to->n;
    switch (from) {
    case CHARSET_UTF8:
        return settle(to, start, utf8_read(bytes, to));
    case CHARSET_UTF16BE:
        return settle(to, start, utf16be_read(bytes, to));
    case CHARSET_LATIN1:
        return settle(to, start, latin1_read(bytes, to));
    case CHARSET_UNKNOWN:
        break;
    }
    return false;
}

static void unit_put(struct text *to, u32 unit)
{
    char pair[2] = {(char)(unit >> 8), (char)(unit & 0xff)};
    text_add(to, (struct str){pair, 2});
}

bool charset_put_utf16be(struct str s, struct text *to)
{
    size_t start = to->n;
    bool good = utf8_valid(s);
    for (size_t at = 0; good && at < s.n;) {
        u32 c = (u32)utf8_next(s, &at);
        if (c >= 0x10000) {
            unit_put(to, 0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        unit_put(to, c);
    }
    return settle(to, start, good);
}
