#include "adapters/canonical.h"
#include "base/utf8.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One object or array that is being written. */
struct frame {
    const struct json *v;
    const char *keys[CANONICAL_MEMBERS_MAX]; /* of an object, in the order in which they are written */
    size_t n, at;
    bool object;
};

/* UTF-16 puts the code points from U+10000 on, as surrogates, before U+E000 … U+FFFF. */
static i64 utf16_rank(i64 c) { return c >= 0xE000 && c <= 0xFFFF ? c + 0x110000 : c; }

static int key_compare(const char *a, const char *b)
{
    const struct str x = str_of(a), y = str_of(b);
    size_t i = 0, j = 0;
    for (;;) {
        if (i == x.n || j == y.n) return (i != x.n) - (j != y.n);
        const i64 c = utf8_next(x, &i), d = utf8_next(y, &j);
        if (c != d) return utf16_rank(c) < utf16_rank(d) ? -1 : 1;
    }
}

static int key_order(const void *a, const void *b)
{
    return key_compare(*(const char *const *)a, *(const char *const *)b);
}

static void put_string(struct str s, struct text *out)
{
    static const char escapes[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    text_addc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        const u8 c = (u8)s.p[i];
        if (c == '"' || c == '\\') {
            text_addc(out, '\\');
            text_addc(out, (char)c);
        } else if (c < sizeof escapes && escapes[c]) {
            text_addc(out, '\\');
            text_addc(out, escapes[c]);
        } else if (c < 0x20) {
            text_addf(out, "\\u%04x", c);
        } else {
            text_addc(out, (char)c);
        }
    }
    text_addc(out, '"');
}

/* The shortest digits that give the number back, laid out as JavaScript does: plain from 1e-6 up to 1e21. */
static void put_number(double x, struct text *out)
{
    char e[40];
    int precision = 0, exponent;
    if (x == 0) {
        text_addc(out, '0');
        return;
    }
    do snprintf(e, sizeof e, "%.*e", precision, fabs(x));
    while (strtod(e, NULL) != fabs(x) && ++precision < 17);
    const char *power = strchr(e, 'e');
    exponent = (int)strtol(power + 1, NULL, 10);
    char digits[24] = "0";
    int n = 0;
    for (const char *p = e; p < power; p++)
        if (*p != '.') digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0') n--;
    if (x < 0) text_addc(out, '-');
    if (exponent >= 0 && exponent < 21) {
        for (int i = 0; i <= exponent || i < n; i++) {
            if (i == exponent + 1) text_addc(out, '.');
            text_addc(out, i < n ? digits[i] : '0');
        }
    } else if (exponent < 0 && exponent >= -6) {
        text_addz(out, "0.");
        for (int i = -1; i > exponent; i--) text_addc(out, '0');
        text_add(out, (struct str){digits, (size_t)n});
    } else {
        text_addc(out, digits[0]);
        if (n > 1) text_addc(out, '.');
        text_add(out, (struct str){digits + 1, (size_t)n - 1});
        text_addf(out, "e%c%d", exponent < 0 ? '-' : '+', abs(exponent));
    }
}

static void put_scalar(const struct json *v, struct text *out)
{
    i64 n;
    double x;
    if (json_kind(v) == JSON_STRING)
        put_string(json_str(v), out);
    else if (json_int(v, &n))
        text_addf(out, "%lld", (long long)n);
    else if (json_double(v, &x))
        put_number(x, out);
    else
        json_write(v, out); /* true, false, null */
}

/* Opens an object: its members in their order. An array is written as it stands, for nothing in it is sorted. */
static bool frame_open(struct frame *f, const struct json *v)
{
    *f = (struct frame){.v = v, .object = json_kind(v) == JSON_OBJECT};
    if (!f->object) {
        f->n = json_count(v);
        return true;
    }
    for (const char *key = NULL; (key = json_next_key(v, key)) != NULL;) {
        if (f->n == CANONICAL_MEMBERS_MAX) return false;
        f->keys[f->n++] = key;
    }
    return true;
}

bool canonical_put(const struct json *v, struct text *out)
{
    struct frame stack[CANONICAL_DEPTH_MAX];
    size_t depth = 0,
           arrays = 0; /* arrays: how many of the open frames are arrays, in which nothing is sorted */
    const struct json *next = v;
    for (;;) {
        if (next && (json_kind(next) == JSON_OBJECT || json_kind(next) == JSON_ARRAY)) {
            if (depth == CANONICAL_DEPTH_MAX || !frame_open(&stack[depth], next)) return false;
            struct frame *f = &stack[depth++];
            if (f->object && arrays == 0) qsort(f->keys, f->n, sizeof f->keys[0], key_order);
            arrays += !f->object;
            text_addc(out, f->object ? '{' : '[');
        } else if (next) {
            put_scalar(next, out);
        }
        while (depth && stack[depth - 1].at == stack[depth - 1].n) {
            text_addc(out, stack[depth - 1].object ? '}' : ']');
            arrays -= !stack[--depth].object;
        }
        if (depth == 0) return !out->overflow;
        struct frame *f = &stack[depth - 1];
        if (f->at) text_addc(out, ',');
        if (f->object) {
            put_string(str_of(f->keys[f->at]), out);
            text_addc(out, ':');
            next = json_get(f->v, f->keys[f->at++]);
        } else {
            next = json_at(f->v, f->at++);
        }
    }
}
