#include "base/str.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct str str_of(const char *z) { return z ? (struct str){z, strlen(z)} : STR_NONE; }

bool str_eq(struct str a, struct str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }

static unsigned char lower(char c) { return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

bool str_eq_case(struct str a, struct str b)
{
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq((struct str){s.p, prefix.n}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq((struct str){s.p + (s.n - suffix.n), suffix.n}, suffix);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = MIN(a.n, b.n);
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct str str_trim(struct str s)
{
    while (s.n && blank(s.p[0])) s.p++, s.n--;
    while (s.n && blank(s.p[s.n - 1])) s.n--;
    return s;
}

bool str_cut(struct str s, char sep, struct str *head, struct str *tail)
{
    const char *at = s.n ? memchr(s.p, sep, s.n) : NULL;
    if (!at) {
        *head = s;
        *tail = STR_NONE;
        return false;
    }
    size_t before = (size_t)(at - s.p);
    *head = (struct str){s.p, before};
    *tail = (struct str){at + 1, s.n - before - 1};
    return true;
}

size_t str_find(struct str s, struct str needle)
{
    if (needle.n == 0) return 0;
    if (s.n < needle.n) return SIZE_MAX;
    const char *at = memmem(s.p, s.n, needle.p, needle.n);
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool str_u64(struct str s, u64 max, u64 *out_r)
{
    u64 v = 0;
    if (s.n == 0) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        u64 d = (u64)(s.p[i] - '0');
        if (v > (max - d) / 10 || d > max) return false;
        v = v * 10 + d;
    }
    *out_r = v;
    return true;
}

void text_init(struct text *t, size_t max) { *t = (struct text){.max = max}; }

void text_free(struct text *t)
{
    if (t->p) explicit_bzero(t->p, t->n); /* what citizens wrote stays in no freed memory */
    free(t->p);
    text_init(t, t->max);
}

void text_clear(struct text *t)
{
    t->n = 0;
    t->overflow = false;
}

/* Room for n more bytes and a NUL. Grows by half, never past max + 1. */
static bool reserve(struct text *t, size_t n)
{
    if (n > t->max - t->n) {
        t->overflow = true;
        return false;
    }
    size_t need = t->n + n + 1;
    if (need > t->cap) {
        size_t cap = MAX(need, t->cap + t->cap / 2);
        t->cap = MIN(MAX(cap, (size_t)128), t->max + 1);
        char *grown = mem_alloc(t->cap); /* not realloc, which would leave a copy behind */
        if (t->n) memcpy(grown, t->p, t->n);
        if (t->p) explicit_bzero(t->p, t->n);
        free(t->p);
        t->p = grown;
    }
    return true;
}

void text_add(struct text *t, struct str s)
{
    if (s.n == 0 || !reserve(t, s.n)) return;
    memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
}

void text_addz(struct text *t, const char *z) { text_add(t, str_of(z)); }

void text_addc(struct text *t, char c) { text_add(t, (struct str){&c, 1}); }

void text_addfv(struct text *t, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    /* Most pieces fit behind what is there already: formatted once. */
    size_t room = t->cap > t->n ? t->cap - t->n : 0;
    int n = vsnprintf(room ? t->p + t->n : NULL, room, fmt, ap);
    ASSERT(n >= 0);
    if ((size_t)n < room && (size_t)n <= t->max - t->n) {
        t->n += (size_t)n;
    } else if (reserve(t, (size_t)n)) {
        vsnprintf(t->p + t->n, (size_t)n + 1, fmt, again);
        t->n += (size_t)n;
    }
    va_end(again);
}

void text_addf(struct text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    text_addfv(t, fmt, ap);
    va_end(ap);
}

struct str text_str(const struct text *t) { return (struct str){t->p, t->n}; }

const char *text_z(struct text *t)
{
    if (!t->p) {
        t->p = mem_alloc(1);
        t->cap = 1;
    }
    t->p[t->n] = '\0';
    return t->p;
}
