/* The automaton finds exactly what a search of every pattern at every place finds. */
#include "core/matcher.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static u32 seed = 20230401;
static u32 next_random(u32 below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static struct matcher *build(const struct str *words, size_t n)
{
    const char *why = NULL;
    struct matcher *m = matcher_build(words, n, &why);
    assert_non_null(m);
    return m;
}

static void finds_nested_and_overlapping_words(void **state)
{
    (void)state;
    const struct str words[] = {STR("公安"), STR("公安专区"), STR("安专"), STR("区"), STR("公安专区窗口")};
    struct matcher *m = build(words, ARRAY_LEN(words));
    struct matcher_hit hits[16], longest[16];
    assert_int_equal(matcher_find(m, STR("到公安专区去"), hits, 16), 4);
    matcher_longest_first(hits, 4, longest);
    assert_int_equal(longest[0].pattern, 1);
    assert_int_equal(longest[0].start, 3);
    assert_int_equal(longest[0].end, 15);
    assert_int_equal(matcher_find(m, STR("公安专区窗口"), NULL, 0), 5); /* counted without a place to write */
    matcher_free(&m);
    assert_null(m);
    matcher_free(&m);
}

static void refuses_what_it_cannot_hold(void **state)
{
    (void)state;
    const char *why = NULL;
    struct str empty = STR("");
    assert_null(matcher_build(&empty, 1, &why));
    assert_string_equal(why, "an empty word");
    char wide[MATCHER_PATTERN_MAX + 1];
    struct str word = {wide, sizeof wide};
    memset(wide, 'x', sizeof wide);
    assert_null(matcher_build(&word, 1, &why));
    assert_string_equal(why, "a word is too long");
    struct matcher *none = build(NULL, 0);
    assert_int_equal(matcher_find(none, STR("什么"), NULL, 0), 0);
    matcher_free(&none);
}

/* Few letters and short words, so that nearly everything overlaps and shares suffixes. */
static void agrees_with_naive_search(void **state)
{
    (void)state;
    for (int round = 0; round < 400; round++) {
        char letters[40][6], body[200];
        struct str words[40];
        size_t n = 0, wanted = 1 + next_random(40);
        for (size_t i = 0; i < wanted; i++) {
            size_t len = 1 + next_random(5);
            for (size_t k = 0; k < len; k++)
                letters[n][k] = (char)(round % 2 ? 0xE0 + (int)next_random(3) : 'a' + (int)next_random(3));
            words[n] = (struct str){letters[n], len};
            bool twice = false;
            for (size_t k = 0; k < n; k++) twice |= str_eq(words[k], words[n]);
            n += !twice;
        }
        size_t len = next_random(sizeof body);
        for (size_t k = 0; k < len; k++)
            body[k] = (char)(round % 2 ? 0xE0 + (int)next_random(3) : 'a' + (int)next_random(3));
        struct str text = {body, len};
        struct matcher *m = build(words, n);
        struct matcher_hit hits[1200];
        size_t found = matcher_find(m, text, hits, ARRAY_LEN(hits)), naive = 0;
        assert_true(found <= ARRAY_LEN(hits));
        for (size_t at = 0; at < len; at++)
            for (size_t w = 0; w < n; w++)
                naive += at + words[w].n <= len && memcmp(body + at, words[w].p, words[w].n) == 0;
        assert_int_equal(found, naive);
        for (size_t i = 0; i < found; i++) {
            assert_int_equal(hits[i].end - hits[i].start, words[hits[i].pattern].n);
            assert_memory_equal(body + hits[i].start, words[hits[i].pattern].p, words[hits[i].pattern].n);
        }
        struct matcher_hit longest[ARRAY_LEN(hits)];
        matcher_longest_first(hits, found, longest);
        for (size_t i = 1; i < found; i++) {
            const u32 before = longest[i - 1].end - longest[i - 1].start,
                      after = longest[i].end - longest[i].start;
            assert_true(before > after || (before == after && longest[i - 1].start < longest[i].start));
        }
        matcher_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_nested_and_overlapping_words),
        cmocka_unit_test(refuses_what_it_cannot_hold),
        cmocka_unit_test(agrees_with_naive_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
