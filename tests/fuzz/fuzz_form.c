/* Form bodies and the encodings under them: decoding never overruns, escaping can always be undone, a broken escape
 * changes nothing. */
#include "base/code.h"
#include "base/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    struct text a, b;
    text_init(&a, size * 6 + 16);
    text_init(&b, size * 6 + 16);
    if (!percent_get(&a, s, true)) ASSERT(a.n == 0);
    ASSERT(a.n <= size);
    text_clear(&a);
    percent_put(&a, s);
    ASSERT(!a.overflow && percent_get(&b, text_str(&a), true) && str_eq(text_str(&b), s));
    text_clear(&a);
    text_addz(&a, "kept");
    if (!http_field(s, STR("text"), &a))
        ASSERT(str_eq(text_str(&a), STR("kept")));
    else
        ASSERT(str_starts(text_str(&a), STR("kept")));
    text_clear(&a);
    html_put(&a, s);
    for (size_t i = 0; i < a.n; i++)
        ASSERT(a.p[i] != '<' && a.p[i] != '>' && a.p[i] != '"' && a.p[i] != '\'');
    text_clear(&a);
    json_put(&a, s);
    ASSERT(!a.overflow && a.n >= 2);
    for (size_t i = 0; i < a.n; i++) ASSERT((u8)a.p[i] >= ' ');
    struct http_header h = {STR("cookie"), s};
    struct http_in in = {.headers = &h, .n_headers = 1};
    struct str v = http_cookie(&in, STR("sid"));
    ASSERT(v.n <= size);
    u8 bytes[16];
    if (hex_get(s, bytes, sizeof bytes)) ASSERT(size == 32);
    text_clear(&a);
    if (b64url_get(s, bytes, sizeof bytes)) {
        b64url_put(&a, bytes, sizeof bytes);
        ASSERT(str_eq(text_str(&a), s));
    }
    text_free(&a);
    text_free(&b);
    return 0;
}
