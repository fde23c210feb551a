/* JSON: any bytes end in a document or a sentence; what was accepted is written in a form that reads back the same. */
#include "base/json.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct json *v)
{
    i64 whole = 0;
    double real = 0;
    if (json_int(v, &whole))
        ASSERT(whole >= -INT64_C(9007199254740991) && whole <= INT64_C(9007199254740991));
    if (json_kind(v) == JSON_NUMBER) ASSERT(json_double(v, &real));
    struct str s = json_str(v);
    ASSERT(s.n == 0 || memchr(s.p, '\0', s.n) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *error = NULL;
    struct json *doc = json_parse((struct str){(const char *)data, size}, 65536, &error);
    ASSERT(doc != NULL || error != NULL);
    if (!doc) return 0;

    look(doc);
    for (size_t i = 0; json_kind(doc) == JSON_ARRAY && i < json_count(doc); i++) look(json_at(doc, i));
    size_t keys = 0;
    for (const char *k = json_next_key(doc, NULL); k; k = json_next_key(doc, k), keys++) {
        ASSERT(json_get(doc, k) != NULL);
        look(json_get(doc, k));
    }
    ASSERT(keys == (json_kind(doc) == JSON_OBJECT ? json_count(doc) : 0));

    struct text once, twice;
    text_init(&once, 1 << 20);
    text_init(&twice, 1 << 20);
    json_write(doc, &once);
    ASSERT(!once.overflow);
    struct json *again = json_parse(text_str(&once), 1 << 20, &error);
    ASSERT(again != NULL);
    json_write(again, &twice);
    ASSERT(str_eq(text_str(&once), text_str(&twice)));
    json_free(&again);
    json_free(&doc);
    text_free(&once);
    text_free(&twice);
    return 0;
}
