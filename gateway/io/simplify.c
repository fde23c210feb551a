#include "io/simplify.h"
#include "base/utf8.h"
#include <opencc/opencc.h>
#include <stdlib.h>

/* OpenCC takes about 0.3 us a character, ten times the rest of the cleaning together, and nearly all texts are
 * simplified already. So the characters that t2s may change are found once, when the dictionary is opened, and
 * a text with none of them is copied. It also keeps phrase rules that were made for traditional text (打坏 as
 * "beat a clay blank") away from simplified words. */
#define FIRST 0x3400u
#define LAST  0x9fffu

struct simplify {
    opencc_t handle;
    u32 may_change[(LAST - FIRST) / 32 + 1];
};

static void mark(struct simplify *s, u32 c) { s->may_change[(c - FIRST) / 32] |= 1u << (c - FIRST) % 32; }

static bool may_change(const struct simplify *s, struct str in)
{
    for (size_t at = 0; at < in.n;) {
        i64 c = utf8_next(in, &at);
        if (c >= 0x20000 || (c >= 0xf900 && c <= 0xfaff)) return true;
        if (c < FIRST || c > LAST) continue;
        u32 k = (u32)c - FIRST;
        if (s->may_change[k / 32] >> k % 32 & 1) return true;
    }
    return false;
}

struct simplify *simplify_open(const char **error_r)
{
    opencc_t handle = opencc_open(OPENCC_DEFAULT_CONFIG_TRAD_TO_SIMP);
    if (handle == (opencc_t)-1) {
        *error_r = opencc_error();
        return NULL;
    }
    struct simplify *s = MEM_NEW(struct simplify);
    struct text one;
    s->handle = handle;
    text_init(&one, 8);
    for (u32 c = FIRST; c <= LAST; c++) {
        text_clear(&one);
        utf8_put(&one, c);
        char *made = opencc_convert_utf8(handle, one.p, one.n);
        if (!made || !str_eq(str_of(made), text_str(&one))) mark(s, c);
        if (made) opencc_convert_utf8_free(made);
    }
    text_free(&one);
    /* Alone they stay, in phrases (答覆, 藉口, 彷彿, 沈默) they change. */
    static const u32 in_phrases[] = {0x8986, 0x85c9, 0x5f77, 0x6c88};
    for (size_t i = 0; i < ARRAY_LEN(in_phrases); i++) mark(s, in_phrases[i]);
    return s;
}

bool simplify_run(struct simplify *s, struct str in, struct text *out)
{
    char *made = NULL;
    bool had = out->overflow;
    if (in.n == 0) return true;
    if (may_change(s, in) && (made = opencc_convert_utf8(s->handle, in.p, in.n)) == NULL) return false;
    out->overflow = false;
    text_add(out, made ? str_of(made) : in);
    bool fits = !out->overflow;
    out->overflow = had || !fits;
    if (made) opencc_convert_utf8_free(made);
    return fits;
}

void simplify_close(struct simplify **s)
{
    if (!*s) return;
    opencc_close((*s)->handle);
    free(*s);
    *s = NULL;
}
