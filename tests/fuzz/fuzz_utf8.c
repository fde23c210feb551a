/* The decoder agrees with the checker, steps are bounded, encoding undoes decoding, prefixes are valid. */
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    struct text again;
    bool good = true;
    size_t points = 0;
    text_init(&again, size);
    for (size_t at = 0; at < size; points++) {
        size_t before = at;
        i64 c = utf8_next(s, &at);
        ASSERT(at > before && at <= before + 4 && c <= 0x10ffff);
        if (c < 0)
            ASSERT(at == before + 1);
        else
            utf8_put(&again, (u32)c);
        good = good && c > 0;
    }
    ASSERT(good == utf8_valid(s));
    if (good) {
        ASSERT(points == utf8_count(s) && str_eq(text_str(&again), s));
        for (size_t k = 0; k <= 4; k++) {
            size_t n = utf8_prefix(s, k);
            ASSERT(n <= size && utf8_valid((struct str){s.p, n}) &&
                   utf8_count((struct str){s.p, n}) == MIN(k, points));
        }
    }
    text_free(&again);
    return 0;
}
