/* Proof of work: any field ends in a verdict; what is accepted carries a key and an end. Every input is tried as the field itself
 * and, so that mutations reach behind the base64, as the JSON in it. */
#include "adapters/altcha.h"
#include "base/code.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check(struct str field)
{
    static const struct altcha_keys keys[] = {
        {STR("FICTITIOUS-altcha-hmac-key-0001"), STR("FICTITIOUS-altcha-key-signature-0001")},
        {STR("FICTITIOUS-altcha-hmac-key-0001"), STR_NONE}};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct altcha_solved solved = {0};
        struct arena arena;
        arena_init(&arena, 1 << 14);
        const enum altcha_end e = altcha_check(field, &keys[i], 1773799200, &arena, &solved);
        if (e == ALTCHA_GOOD)
            ASSERT(solved.key.n && solved.expires > 1773799200);
        else
            ASSERT(altcha_reason(e) != NULL);
        arena_free(&arena);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct text field;
    check((struct str){(const char *)data, size});
    text_init(&field, size * 2 + 8);
    b64_put(&field, data, size);
    check(text_str(&field));
    text_free(&field);
    return 0;
}
