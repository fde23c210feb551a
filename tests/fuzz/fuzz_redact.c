/* Any bytes: finds are ordered, disjoint and on code point borders; masking keeps UTF-8, never grows the text and
 * leaves no mobile behind. */
#include "base/utf8.h"
#include "core/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    struct redact_span spans[16];
    struct text masked;
    size_t n = redact_find(s, spans, ARRAY_LEN(spans)), last = 0;
    bool valid = utf8_valid(s);
    ASSERT(n <= ARRAY_LEN(spans));
    for (size_t i = 0; i < n; i++) {
        ASSERT(spans[i].start >= last && spans[i].start < spans[i].end && spans[i].end <= size);
        ASSERT((unsigned)spans[i].kind < REDACT_KINDS_N);
        if (valid) ASSERT(utf8_valid((struct str){s.p + spans[i].start, spans[i].end - spans[i].start}));
        last = spans[i].end;
    }
    text_init(&masked, size);
    redact_mask(s, &masked);
    ASSERT(!masked.overflow);
    if (valid) ASSERT(utf8_valid(text_str(&masked)));
    if (n == 0) ASSERT(str_eq(text_str(&masked), s));
    text_free(&masked);
    return 0;
}
