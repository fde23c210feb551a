/* Pairs of characters, and sets of places as they are stored. */
#include "core/grams.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static u32 pair(u32 a, u32 b) { return a << 16 ^ b; }

static void pairs_of_texts(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        u32 first, last;
    } rows[] = {
        {"", 0, 0, 0},
        {"灯", 0, 0, 0},
        {"路灯", 1, 0x8defu << 16 | 0x706f, 0x8defu << 16 | 0x706f},
        {"路灯坏了", 3, 0x8defu << 16 | 0x706f, 0x574fu << 16 | 0x4e86},
        {"路，灯", 0, 0, 0}, /* punctuation parts */
        {"路。灯", 0, 0, 0}, /* also the kind that NFKC keeps */
        {"路 灯 坏了", 1, 0x574fu << 16 | 0x4e86, 0x574fu << 16 | 0x4e86},
        {"a1路", 2, 'a' << 16 | '1', '1' << 16 | 0x8def},
        {"138****5678", 5, '1' << 16 | '3', '7' << 16 | '8'}, /* a mask joins nothing */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        u32 got[64];
        size_t n = grams_of(str_of(rows[i].text), got, ARRAY_LEN(got));
        assert_int_equal(n, rows[i].n);
        if (n == 0) continue;
        assert_int_equal(got[0], rows[i].first);
        assert_int_equal(got[n - 1], rows[i].last);
    }
}

static void whoever_holds_the_word_holds_its_pairs(void **state)
{
    static const char *const texts[] = {"门口的路灯坏了半个月没人修", "𠮷野家门口的路灯", "abc路灯xyz"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        u32 all[64], asked[64];
        size_t n = grams_of(str_of(texts[i]), all, 64), k = grams_of(STR("路灯"), asked, 64);
        for (size_t j = 0; j < k; j++) {
            bool found = false;
            for (size_t a = 0; a < n; a++) found |= all[a] == asked[j];
            assert_true(found);
        }
    }
    /* Beyond the basic plane both halves count. */
    u32 one[4], other[4];
    assert_int_equal(grams_of(STR("𠮷野"), one, 4), 1);
    assert_int_equal(grams_of(STR("𠮶野"), other, 4), 1);
    assert_int_not_equal(one[0], other[0]);
    assert_int_not_equal(one[0], pair(0x91ce, 0x91ce));
}

static void no_more_than_asked(void **state)
{
    u32 got[3] = {7, 7, 7};
    (void)state;
    assert_int_equal(grams_of(STR("一二三四五六"), got, 2), 2);
    assert_int_equal(got[2], 7);
}

static void sets_come_back(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 63, 511, 512, 513, 5000, GRAMS_SEGMENT};
    (void)state;
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        uint16_t *in = calloc(GRAMS_SEGMENT, sizeof *in);
        u8 coded[GRAMS_BYTES];
        struct places p;
        assert_non_null(in);
        /* Spread over the whole segment, its last place among them. */
        for (size_t i = 0; i < sizes[s]; i++)
            in[i] = (uint16_t)(GRAMS_SEGMENT - 1 - (sizes[s] - 1 - i) * (GRAMS_SEGMENT / sizes[s]));
        size_t n = places_code(in, sizes[s], coded);
        assert_true(n <= GRAMS_BYTES);
        assert_true(places_read((struct str){(const char *)coded, n}, &p));
        int below = GRAMS_SEGMENT;
        for (size_t i = sizes[s]; i > 0; i--) {
            below = places_below(&p, below);
            assert_int_equal(below, in[i - 1]);
        }
        assert_int_equal(places_below(&p, below), -1);
        free(in);
    }
}

static void what_both_have(void **state)
{
    const uint16_t one[] = {0, 5, 63, 64, 8191}, other[] = {5, 64, 65, 8190};
    u8 coded[GRAMS_BYTES];
    struct places a, b;
    (void)state;
    assert_true(places_read((struct str){(const char *)coded, places_code(one, 5, coded)}, &a));
    assert_true(places_read((struct str){(const char *)coded, places_code(other, 4, coded)}, &b));
    places_keep(&a, &b);
    assert_int_equal(places_below(&a, GRAMS_SEGMENT), 64);
    assert_int_equal(places_below(&a, 64), 5);
    assert_int_equal(places_below(&a, 5), -1);
}

static void no_set(void **state)
{
    static u8 zeros[GRAMS_BYTES + 2];
    struct places p;
    (void)state;
    assert_false(places_read((struct str){"\x00", 1}, &p));
    assert_false(places_read((struct str){"\x20\x00", 2}, &p)); /* place 8192 */
    assert_false(places_read((struct str){(const char *)zeros, sizeof zeros}, &p));
    assert_int_equal(places_below(&p, GRAMS_SEGMENT), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_texts),     cmocka_unit_test(whoever_holds_the_word_holds_its_pairs),
        cmocka_unit_test(no_more_than_asked), cmocka_unit_test(sets_come_back),
        cmocka_unit_test(what_both_have),     cmocka_unit_test(no_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
