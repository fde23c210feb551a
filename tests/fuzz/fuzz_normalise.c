/* The clean text of any bytes, with the real libraries: valid UTF-8, within its growth, no blanks at the ends or in
 * pairs, no invisible characters, and cleaning it again changes nothing. */
#include "base/utf8.h"
#include "core/glyph.h"
#include "core/normalise.h"
#include "io/nfkc.h"
#include "io/simplify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool nfkc(void *arg, struct str in, struct text *out)
{
    (void)arg;
    return nfkc_put(in, out);
}

static bool simplify(void *arg, struct str in, struct text *out) { return simplify_run(arg, in, out); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct simplify *opencc;
    const char *error = "";
    if (!opencc) opencc = simplify_open(&error);
    ASSERT(opencc != NULL);
    struct normalise_tools tools = {nfkc, simplify, opencc};
    struct str raw = {(const char *)data, size};
    struct text clean, again;
    text_init(&clean, size * NORMALISE_GROWTH);
    text_init(&again, size * NORMALISE_GROWTH * 2);
    bool ok = normalise_clean(&tools, raw, &clean);
    ASSERT(ok == utf8_valid(raw));
    if (ok) {
        bool blank = true;
        for (size_t at = 0; at < clean.n;) {
            i64 c = utf8_next(text_str(&clean), &at);
            ASSERT(c > 0 && !glyph_invisible((u32)c) && !(c >= 'A' && c <= 'Z'));
            ASSERT(!glyph_blank((u32)c) || (c == ' ' && !blank));
            blank = c == ' ';
        }
        ASSERT(clean.n == 0 || !blank);
        ASSERT(normalise_clean(&tools, text_str(&clean), &again) &&
               str_eq(text_str(&clean), text_str(&again)));
    }
    text_free(&clean);
    text_free(&again);
    return 0;
}
