#include "core/normalise.h"
#include "base/utf8.h"
#include "core/glyph.h"

#define SETTLE_PASSES 4

static bool plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.p[i] >= 0x80 || s.p[i] == 0x7f || ((u8)s.p[i] < ' ' && !glyph_blank((u8)s.p[i])))
            return false;
    return true;
}

static void drop_invisible(struct str s, struct text *out)
{
    size_t run = 0;
    for (size_t at = 0; at < s.n;) {
        size_t before = at;
        i64 c = utf8_next(s, &at);
        if (c >= 0 && !glyph_invisible((u32)c)) continue;
        text_add(out, (struct str){s.p + run, before - run});
        run = at;
    }
    text_add(out, (struct str){s.p + run, s.n - run});
}

static void fold_blanks_and_case(struct str s, struct text *out)
{
    bool blank = false, any = false;
    for (size_t at = 0; at < s.n;) {
        size_t before = at;
        i64 c = utf8_next(s, &at);
        if (c < 0 || glyph_invisible((u32)c)) continue;
        if (glyph_blank((u32)c)) {
            blank = true;
            continue;
        }
        if (blank && any) text_addc(out, ' ');
        blank = false;
        any = true;
        if (c >= 'A' && c <= 'Z')
            text_addc(out, (char)(c + 32));
        else
            text_add(out, (struct str){s.p + before, at - before});
    }
}

/* A phrase rule may leave characters that a second pass changes again (么麼 -> 幺麽 -> 幺么). Texts that are simplified
 * already, nearly all, are done after the first look. The result is in *simple; *from is used up. */
static bool settle(const struct normalise_tools *tools, struct text *from, struct text *simple)
{
    for (int pass = 0; pass < SETTLE_PASSES; pass++) {
        text_clear(simple);
        if (!tools->simplify(tools->arg, text_str(from), simple) || simple->overflow) return false;
        if (str_eq(text_str(from), text_str(simple))) break;
        text_clear(from);
        text_add(from, text_str(simple));
    }
    return true;
}

bool normalise_clean(const struct normalise_tools *tools, struct str raw, struct text *clean)
{
    size_t start = clean->n;
    struct text visible, composed, simple;
    bool ok = false;
    if (!utf8_valid(raw)) return false;
    size_t max = raw.n * NORMALISE_GROWTH + 64;
    text_init(&visible, max);
    text_init(&composed, max);
    text_init(&simple, max);
    if (plain(raw)) {
        fold_blanks_and_case(raw, clean);
    } else {
        /* Invisible characters go first: they would keep NFKC from joining what they separate. */
        drop_invisible(raw, &visible);
        if (!tools->nfkc(tools->arg, text_str(&visible), &composed) || composed.overflow) goto out;
        if (!settle(tools, &composed, &simple)) goto out;
        fold_blanks_and_case(text_str(&simple), clean);
    }
    ok = !clean->overflow;
out:
    if (!ok) clean->n = start;
    text_free(&simple);
    text_free(&composed);
    text_free(&visible);
    return ok;
}
