#include "base/code.h"
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void hex_put(struct text *t, const u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char pair[2] = {hex_digits[p[i] >> 4], hex_digits[p[i] & 15]};
        text_add(t, (struct str){pair, 2});
    }
}

bool hex_get(struct str s, u8 *out, size_t n)
{
    if (s.n != n * 2) return false;
    for (size_t i = 0; i < s.n; i++)
        if (hex_value(s.p[i]) < 0) return false;
    for (size_t i = 0; i < n; i++) {
        unsigned high = (unsigned)hex_value(s.p[2 * i]), low = (unsigned)hex_value(s.p[2 * i + 1]);
        out[i] = (u8)(high << 4 | low);
    }
    return true;
}

static const char b64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void b64url_put(struct text *t, const u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i += 3) {
        size_t left = MIN(n - i, (size_t)3);
        u32 v = (u32)p[i] << 16 | (left > 1 ? (u32)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
        for (size_t k = 0; k <= left; k++) text_addc(t, b64_digits[v >> (18 - 6 * k) & 63]);
    }
}

bool b64url_get(struct str s, u8 *out, size_t n)
{
    if (s.n != (n * 4 + 2) / 3) return false;
    u32 acc = 0, bits = 0;
    size_t put = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] ? strchr(b64_digits, s.p[i]) : NULL;
        if (!at) return false;
        acc = (acc << 6 | (u32)(at - b64_digits)) & 0xfffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        if (put == n) return false;
        out[put++] = (u8)(acc >> bits);
    }
    return put == n && (acc & ((1u << bits) - 1)) == 0; /* spare bits must be zero: one text per value */
}

static const char b64_plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void b64_put(struct text *t, const u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i += 3) {
        size_t left = MIN(n - i, (size_t)3);
        u32 v = (u32)p[i] << 16 | (left > 1 ? (u32)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
        for (size_t k = 0; k < 4; k++) text_addc(t, k <= left ? b64_plain[v >> (18 - 6 * k) & 63] : '=');
    }
}

bool b64_get(struct text *t, struct str s)
{
    size_t n = t->n, padding = 0;
    u32 acc = 0, bits = 0;
    while (padding < 2 && s.n && s.p[s.n - 1] == '=') s.n--, padding++;
    if (s.n % 4 == 1 || (padding && (s.n + padding) % 4 != 0)) return false;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] ? strchr(b64_plain, s.p[i]) : NULL;
        if (!at || t->overflow) {
            t->n = n;
            return false;
        }
        acc = (acc << 6 | (u32)(at - b64_plain)) & 0xfffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        text_addc(t, (char)(u8)(acc >> bits));
    }
    return !t->overflow;
}

bool percent_get(struct text *t, struct str s, bool plus_is_space)
{
    size_t start = t->n;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '+' && plus_is_space) c = ' ';
        if (s.p[i] == '%') {
            int hi = -1, lo = -1;
            if (s.n - i > 2) hi = hex_value(s.p[i + 1]), lo = hex_value(s.p[i + 2]);
            if (hi < 0 || lo < 0) {
                t->n = start;
                return false;
            }
            c = (char)(hi << 4 | lo);
            i += 2;
        }
        text_addc(t, c);
    }
    return true;
}

void percent_put(struct text *t, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        u8 c = (u8)s.p[i];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
            (c && strchr("-_.~", c))) {
            text_addc(t, (char)c);
        } else {
            static const char upper[] = "0123456789ABCDEF";
            char triple[3] = {'%', upper[c >> 4], upper[c & 15]};
            text_add(t, (struct str){triple, 3});
        }
    }
}

void json_put(struct text *t, struct str s)
{
    size_t run = 0;
    text_addc(t, '"');
    for (size_t i = 0; i < s.n; i++) {
        u8 c = (u8)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        text_add(t, (struct str){s.p + run, i - run});
        run = i + 1;
        if (c == '"')
            text_add(t, STR("\\\""));
        else if (c == '\\')
            text_add(t, STR("\\\\"));
        else if (c == '\n')
            text_add(t, STR("\\n"));
        else
            text_addf(t, "\\u%04x", c);
    }
    text_add(t, (struct str){s.p + run, s.n - run});
    text_addc(t, '"');
}

void json_put_text(struct text *t, const char *name, struct str v)
{
    text_addf(t, ",\"%s\":", name);
    if (v.p)
        json_put(t, v);
    else
        text_addz(t, "null");
}

void json_put_instant(struct text *t, const char *name, instant at)
{
    char ts[INSTANT_TEXT_MAX];
    if (at.us)
        text_addf(t, ",\"%s\":\"%s\"", name, instant_text(at, ts));
    else
        text_addf(t, ",\"%s\":null", name);
}

void html_put(struct text *t, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            text_add(t, STR("&amp;"));
            break;
        case '<':
            text_add(t, STR("&lt;"));
            break;
        case '>':
            text_add(t, STR("&gt;"));
            break;
        case '"':
            text_add(t, STR("&quot;"));
            break;
        case '\'':
            text_add(t, STR("&#39;"));
            break;
        default:
            text_addc(t, s.p[i]);
        }
    }
}
