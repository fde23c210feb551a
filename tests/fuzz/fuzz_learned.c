/* Any bytes as a model: what is refused is refused with a sentence, what is taken answers any text within the arena. The digest is made
 * here, or nothing behind it would ever be read. */
#include "base/digest.h"
#include "core/learned_part.h"
#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str clean = STR("工地半夜打桩 吵得睡不着3天了,没人管吗?电话#打不通 wifi也断");
    u8 digest[DIGEST_MAX];
    const char *why = NULL;
    struct text bytes;
    text_init(&bytes, size + LEARNED_DIGEST);
    text_add(&bytes, (struct str){(const char *)data, size});
    digest_run(DIGEST_SHA256, text_str(&bytes), digest);
    text_add(&bytes, (struct str){(const char *)digest, LEARNED_DIGEST});
    struct learned *m = learned_read(text_str(&bytes), &why);
    ASSERT((m == NULL) == (why != NULL));
    if (m != NULL) {
        struct arena a;
        struct learned_tokens t;
        struct learned_scores s;
        struct learned_facts f = {.n = 0};
        struct str runs[3];
        arena_init(&a, (size_t)4 << 20);
        learned_fact(&f, 'g', STR_NONE, 1);
        learned_fact(&f, 'U', STR("U026"), 0.8);
        ASSERT(learned_tokens(clean, &a, &t));
        ASSERT(learned_score(m, &t, &f, &a, &s));
        for (int h = 0; h < LEARNED_HEADS; h++) {
            size_t n = learned_classes(m, (enum learned_head)h);
            ASSERT((s.log_p[h] == NULL) == (n == 0));
            for (size_t i = 0; i < n; i++) {
                ASSERT(s.log_p[h][i] <= 1e-3F);
                if (h != LEARNED_CATEGORY) continue;
                size_t met = learned_why(m, &s, i, runs, ARRAY_LEN(runs));
                ASSERT(met <= ARRAY_LEN(runs));
                for (size_t k = 0; k < met; k++) ASSERT(runs[k].n > 0 && runs[k].n <= LEARNED_NAME_MAX);
            }
        }
        learned_free(&m);
        arena_free(&a);
    }
    text_free(&bytes);
    return 0;
}
