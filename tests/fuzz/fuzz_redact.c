/* Any bytes: finds are ordered, disjoint and on code point borders; masking keeps UTF-8, never grows the text and
 * leaves no mobile behind. The places that it names are whole characters, in their bounds, and no flat. */
#include "base/utf8.h"
#include "core/placename.h"
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
    struct placenames places;
    placenames_of(text_str(&masked), &places);
    ASSERT(places.n <= PLACENAMES);
    for (size_t i = 0; i < places.n; i++) {
        const struct str key = str_of(places.all[i].key), label = str_of(places.all[i].label);
        ASSERT(key.n > 0 && key.n < PLACENAME_MAX && utf8_valid(key) && label.n > 0 && utf8_valid(label));
        ASSERT(str_find(key, STR("单元")) == SIZE_MAX);
    }
    text_free(&masked);
    return 0;
}
