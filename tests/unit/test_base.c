/* Rows for everything in base/: what every other part stands on. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/code.h"
#include "base/http.h"
#include "base/idmap.h"
#include "base/list.h"
#include "base/log.h"
#include "base/utf8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- str and text ---- */

static void views_compare_and_cut(void **state)
{
    (void)state;
    struct str head, tail;
    assert_true(str_eq(STR("abc"), str_of("abc")) && !str_eq(STR("abc"), STR("abd")) &&
                str_eq(STR_NONE, STR("")));
    assert_true(str_eq_case(STR("Content-TYPE"), STR("content-type")) && !str_eq_case(STR("a"), STR("ab")));
    assert_false(str_eq_case(STR("@"), STR("`"))); /* 32 apart, but no letters */
    assert_true(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), STR_NONE) &&
                !str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")) && str_ends(STR_NONE, STR_NONE) &&
                !str_ends(STR("c"), STR("bc")));
    assert_true(str_cmp(STR("a"), STR("b")) < 0 && str_cmp(STR("ab"), STR("a")) > 0 &&
                str_cmp(STR("a"), STR("a")) == 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0 && str_cmp(STR_NONE, STR("a")) < 0);
    assert_true(str_eq(str_trim(STR(" \t a b \r\n")), STR("a b")) && str_trim(STR("  ")).n == 0);
    assert_true(str_cut(STR("a=b=c"), '=', &head, &tail) && str_eq(head, STR("a")) &&
                str_eq(tail, STR("b=c")));
    assert_true(str_cut(STR("a="), '=', &head, &tail) && str_eq(head, STR("a")) && tail.n == 0);
    assert_false(str_cut(STR("abc"), '=', &head, &tail));
    assert_true(str_eq(head, STR("abc")) && tail.n == 0);
    assert_false(str_cut(STR_NONE, '=', &head, &tail));
    assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
    assert_int_equal(str_find(STR("abc"), STR("abcd")), SIZE_MAX);
    assert_int_equal(str_find(STR("abc"), STR_NONE), 0);
}

static void numbers_are_digits_within_a_limit(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        u64 max;
        bool ok;
        u64 value;
    } rows[] = {
        {"0", 10, true, 0},
        {"10", 10, true, 10},
        {"11", 10, false, 0},
        {"007", 10, true, 7},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"+1", 10, false, 0},
        {" 1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"0x1", 10, false, 0},
        {"9", 5, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"99999999999999999999999", UINT64_MAX, false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        u64 v = 4711;
        assert_int_equal(str_u64(str_of(rows[i].s), rows[i].max, &v), rows[i].ok);
        assert_int_equal(v, rows[i].ok ? rows[i].value : 4711);
    }
}

static void a_text_stops_at_its_ceiling(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 10);
    assert_string_equal(text_z(&t), "");
    text_add(&t, STR("12345"));
    text_addf(&t, "%d", 678);
    assert_false(t.overflow);
    text_add(&t, STR("abc")); /* two bytes of room: left out whole, not cut */
    assert_true(t.overflow);
    assert_string_equal(text_z(&t), "12345678");
    text_addf(&t, "%s", "long enough to pass");
    text_addz(&t, "90");
    assert_string_equal(text_z(&t), "1234567890");
    text_addc(&t, 'x');
    assert_int_equal(t.n, 10);
    text_clear(&t);
    assert_false(t.overflow);
    text_addz(&t, NULL);
    assert_int_equal(t.n, 0);
    text_free(&t);
    assert_true(t.p == NULL && t.max == 10);
    text_init(&t, 100000);
    for (int i = 0; i < 100000; i++) text_addc(&t, 'a');
    assert_true(t.n == 100000 && !t.overflow && t.cap <= 100001);
    text_free(&t);
}

/* ---- arena ---- */

static void an_arena_is_bounded_and_aligned(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 10000);
    for (int i = 0; i < 100; i++) {
        u8 *p = arena_alloc(&a, (size_t)i % 7 + 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (int k = 0; k < i % 7 + 1; k++) assert_int_equal(p[k], 0);
        memset(p, 0xff, (size_t)i % 7 + 1);
    }
    struct str copy = arena_str(&a, STR("words"));
    assert_true(str_eq(copy, STR("words")) && copy.p[copy.n] == '\0');
    assert_non_null(arena_alloc(&a, 6000)); /* larger than a block */
    assert_null(arena_alloc(&a, 10000));
    assert_null(arena_alloc(&a, SIZE_MAX));
    char big[10000] = {0};
    assert_null(arena_str(&a, (struct str){big, sizeof big}).p);
    arena_free(&a);
    assert_non_null(arena_alloc(&a, 10000)); /* usable again, to the full */
    assert_null(arena_alloc(&a, 1));
    arena_free(&a);
}

/* ---- idmap ---- */

static void a_map_agrees_with_a_model(void **state)
{
    (void)state;
    enum { IDS = 300 };
    static int things[IDS];
    void *model[IDS] = {0};
    u64 id_of[IDS];
    size_t count = 0;
    struct idmap m;
    idmap_init(&m);
    assert_null(idmap_get(&m, 1));
    assert_null(idmap_take(&m, 1));
    srand(11);
    /* Ids in three families: small, far apart, and equal in their low bits, so that runs collide. */
    for (size_t i = 0; i < IDS; i++)
        id_of[i] = i % 3 == 0 ? i + 1 : i % 3 == 1 ? (u64)i << 40 | 1 : UINT64_MAX - i;
    for (int round = 0; round < 60000; round++) {
        size_t i = (size_t)rand() % IDS;
        if (model[i]) {
            assert_ptr_equal(idmap_get(&m, id_of[i]), model[i]);
            if (rand() % 2) {
                assert_ptr_equal(idmap_take(&m, id_of[i]), model[i]);
                model[i] = NULL;
                count--;
            }
        } else {
            assert_null(idmap_get(&m, id_of[i]));
            assert_null(idmap_take(&m, id_of[i]));
            idmap_put(&m, id_of[i], model[i] = &things[i]);
            count++;
        }
        assert_int_equal(m.count, count);
        if (round % 1000) continue;
        size_t at = 0, seen = 0;
        u64 id;
        void *value;
        for (; idmap_next(&m, &at, &id, &value); seen++) {
            size_t k = (size_t)((int *)value - things);
            assert_true(k < IDS && id_of[k] == id && model[k] == value);
        }
        assert_int_equal(seen, count);
    }
    assert_null(idmap_get(&m, 0));
    idmap_free(&m);
    assert_null(idmap_get(&m, id_of[0]));
}

/* ---- utf8 ---- */

static void only_shortest_and_lawful_forms_are_valid(void **state)
{
    (void)state;
    static const struct str good[] = {
        STR(""),
        STR("abc"),
        STR("中文"),
        STR("\x7f"),
        STR("\xc2\x80"),
        STR("\xdf\xbf"),
        STR("\xe0\xa0\x80"),
        STR("\xed\x9f\xbf"),
        STR("\xee\x80\x80"),
        STR("\xef\xbf\xbf"),
        STR("\xf0\x90\x80\x80"),
        STR("\xf4\x8f\xbf\xbf"),
    };
    static const struct str bad[] = {
        STR("\0"),
        STR("a\0b"),
        STR("\x80"),
        STR("\xbf"),
        STR("\xc0\x80"),
        STR("\xc1\xbf"),
        STR("\xc2"),
        STR("\xc2\x41"),
        STR("\xe0\x9f\xbf"),
        STR("\xe4\xb8"),
        STR("\xe4\x41\x80"),
        STR("\xed\xa0\x80"),
        STR("\xed\xbf\xbf"),
        STR("\xf0\x8f\xbf\xbf"),
        STR("\xf4\x90\x80\x80"),
        STR("\xf5\x80\x80\x80"),
        STR("\xfe"),
        STR("\xff"),
        STR("\xf0\x90\x80"),
        STR("\xf8\x88\x80\x80\x80"),
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) assert_true(utf8_valid(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (utf8_valid(bad[i])) fail_msg("bad row %zu is taken", i);
}

static void characters_are_counted_and_cut_whole(void **state)
{
    (void)state;
    struct str s = STR("a中é😀");
    assert_int_equal(utf8_count(s), 4);
    static const size_t prefix[] = {0, 1, 4, 6, 10, 10};
    for (size_t i = 0; i < ARRAY_LEN(prefix); i++) assert_int_equal(utf8_prefix(s, i), prefix[i]);
    struct text t;
    text_init(&t, 8);
    for (u32 c = 1; c <= 0x10ffff; c += c < 0x11000 ? 1 : 977) {
        if (c >= 0xd800 && c <= 0xdfff) continue;
        size_t at = 0;
        text_clear(&t);
        utf8_put(&t, c);
        assert_int_equal(utf8_next(text_str(&t), &at), c);
        assert_int_equal(at, t.n);
        assert_int_equal(utf8_next(text_str(&t), &at), -1);
    }
    text_free(&t);
}

/* ---- encodings ---- */

static void bytes_as_text_and_back(void **state)
{
    (void)state;
    struct text t;
    u8 in[5] = {0x00, 0x7f, 0x80, 0xfb, 0xff}, out[5] = {9, 9, 9, 9, 9};
    text_init(&t, 1000);
    hex_put(&t, in, 5);
    assert_string_equal(text_z(&t), "007f80fbff");
    assert_true(hex_get(STR("007F80fbFF"), out, 5) && memcmp(in, out, 5) == 0);
    assert_false(hex_get(STR("007f80fbf"), out, 5) || hex_get(STR("007f80fbfg"), out, 5) ||
                 hex_get(STR("007f80fbff00"), out, 5));
    static const struct {
        size_t n;
        const char *text;
    } rows[] = {{0, ""}, {1, "AA"}, {2, "AH8"}, {3, "AH-A"}, {4, "AH-A-w"}, {5, "AH-A-_8"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        text_clear(&t);
        b64url_put(&t, in, rows[i].n);
        assert_string_equal(text_z(&t), rows[i].text);
        assert_true(b64url_get(str_of(rows[i].text), out, rows[i].n) && memcmp(in, out, rows[i].n) == 0);
    }
    static const char *const bad[] = {"AH8=", "AH9", "AH", "AH8A", "A+8", "A/8", "A\n8"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(b64url_get(str_of(bad[i]), out, 2)); /* AH9: spare bits */
    text_free(&t);
}

static void escapes(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 1000);
    text_addz(&t, "=");
    assert_true(percent_get(&t, STR("a+b%20%E4%B8%AD%2b"), true));
    assert_string_equal(text_z(&t), "=a b 中+");
    assert_true(percent_get(&t, STR("a+b"), false));
    assert_string_equal(text_z(&t), "=a b 中+a+b");
    static const char *const broken[] = {"%", "x%2", "%zz", "%2", "ok%", "%%20", "%-1"};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        assert_false(percent_get(&t, str_of(broken[i]), true));
        assert_string_equal(text_z(&t), "=a b 中+a+b");
    }
    text_clear(&t);
    percent_put(&t, STR("aZ9-_.~ /中"));
    assert_string_equal(text_z(&t), "aZ9-_.~%20%2F%E4%B8%AD");
    text_clear(&t);
    json_put(&t, STR("a\"\\\n\t\x01中/"));
    assert_string_equal(text_z(&t), "\"a\\\"\\\\\\n\\u0009\\u0001中/\"");
    text_clear(&t);
    html_put(&t, STR("<b title=\"x\" id='y'>&amp;中"));
    assert_string_equal(text_z(&t), "&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;中");
    text_free(&t);
}

/* ---- http views ---- */

static void fields_headers_and_cookies(void **state)
{
    (void)state;
    static const struct {
        const char *form, *name, *value;
    } rows[] = {
        {"a=1&text=%E4%BD%A0+x&b=2", "text", "你 x"},
        {"text=first&text=second", "text", "first"},
        {"text", "text", ""},
        {"text=", "text", ""},
        {"te%78t=1", "text", "1"},
        {"a=1", "text", NULL},
        {"xtext=1&textx=2", "text", NULL},
        {"", "text", NULL},
        {"text=%zz", "text", NULL},
        {"%zz=1&text=2", "text", "2"},
        {"&&text=a=b&", "text", "a=b"},
        {"TEXT=1", "text", NULL},
    };
    struct text t;
    text_init(&t, 100);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        text_clear(&t);
        bool found = http_field(str_of(rows[i].form), str_of(rows[i].name), &t);
        assert_int_equal(found, rows[i].value != NULL);
        assert_string_equal(text_z(&t), found ? rows[i].value : "");
    }
    text_free(&t);
    struct http_header headers[] = {
        {STR("host"), STR("h")}, {STR("cookie"), STR("a=1; sid=x=y; b=2")}, {STR("host"), STR("later")}};
    struct http_in in = {.headers = headers, .n_headers = 3};
    assert_true(str_eq(http_header_get(&in, STR("host")), STR("h")));
    assert_null(http_header_get(&in, STR("origin")).p);
    assert_true(str_eq(http_cookie(&in, STR("sid")), STR("x=y")));
    assert_true(str_eq(http_cookie(&in, STR("b")), STR("2")));
    assert_null(http_cookie(&in, STR("si")).p);
    in.n_headers = 1;
    assert_null(http_cookie(&in, STR("sid")).p);
}

/* ---- time ---- */

static void days_are_counted_right(void **state)
{
    (void)state;
    static const struct {
        struct civil c;
        i64 days;
    } rows[] = {
        {{1970, 1, 1}, 0},      {{1969, 12, 31}, -1},  {{2000, 2, 29}, 11016}, {{2000, 3, 1}, 11017},
        {{2024, 2, 29}, 19782}, {{2100, 3, 1}, 47541}, {{1900, 3, 1}, -25508}, {{1, 1, 1}, -719162},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) assert_int_equal(civil_to_days(rows[i].c), rows[i].days);
    struct civil before = civil_from_days(-800000);
    for (i64 d = -799999; d < 200000; d++) {
        struct civil c = civil_from_days(d);
        assert_int_equal(civil_to_days(c), d);
        bool next_day = c.year == before.year && c.month == before.month && c.day == before.day + 1;
        bool next_month =
            c.day == 1 && c.year == before.year && c.month == before.month + 1 && before.day >= 28;
        bool next_year =
            c.day == 1 && c.month == 1 && c.year == before.year + 1 && before.month == 12 && before.day == 31;
        assert_true(next_day || next_month || next_year);
        before = c;
    }
}

static void instants_as_text(void **state)
{
    (void)state;
    char buf[INSTANT_TEXT_MAX];
    instant t = {(civil_to_days((struct civil){2026, 3, 18}) * 86400 + 1 * 3600 + 59 * 60 + 57) * 1000000 +
                 123456};
    assert_string_equal(instant_text(t, buf), "2026-03-18T01:59:57.123Z");
    assert_string_equal(instant_text_china(t, buf), "2026-03-18 09:59");
    assert_string_equal(instant_text((instant){-1}, buf), "1969-12-31T23:59:59.999Z");
    assert_string_equal(instant_text_china((instant){SPAN_H(20).us}, buf), "1970-01-02 04:00");
    assert_int_equal(instant_sub(instant_add(t, SPAN_MIN(3)), t).us, 180000000);
    assert_true(instant_before(t, instant_add(t, SPAN_US(1))) && !instant_before(t, t));
}

/* ---- list ---- */

struct item {
    int n;
    struct list node;
};

static void lists_keep_their_order(void **state)
{
    (void)state;
    struct list l;
    struct item items[5];
    list_init(&l);
    assert_null(list_pop(&l));
    for (int i = 0; i < 5; i++) {
        items[i].n = i;
        list_push(&l, &items[i].node);
    }
    list_remove(&items[2].node);
    list_remove(&items[2].node); /* harmless twice */
    int seen = 0;
    LIST_EACH(&l, it)
    {
        struct item *item = LIST_OF(it, struct item, node);
        seen = seen * 10 + item->n;
        list_remove(it); /* the walk survives it */
    }
    assert_int_equal(seen, 134); /* 0, 1, 3, 4 */
    assert_true(list_empty(&l));
    list_push(&l, &items[3].node);
    assert_ptr_equal(list_pop(&l), &items[3].node);
    assert_true(list_empty(&l));
}

/* ---- log ---- */

static void trace_words_become_a_mask(void **state)
{
    (void)state;
    u32 mask = 99;
    assert_true(log_trace_parse("web,db", &mask) && mask == (1u << LOG_WEB | 1u << LOG_DB));
    assert_true(log_trace_parse(" web , hub ", &mask) && mask == (1u << LOG_WEB | 1u << LOG_HUB));
    assert_true(log_trace_parse("none", &mask) && mask == 0);
    assert_true(log_trace_parse("", &mask) && mask == 0);
    assert_true(log_trace_parse("all", &mask) && mask == ~0u);
    mask = 7;
    assert_false(log_trace_parse("web,nonsense", &mask));
    assert_false(log_trace_parse("WEB", &mask));
    assert_int_equal(mask, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_compare_and_cut),
        cmocka_unit_test(numbers_are_digits_within_a_limit),
        cmocka_unit_test(a_text_stops_at_its_ceiling),
        cmocka_unit_test(an_arena_is_bounded_and_aligned),
        cmocka_unit_test(a_map_agrees_with_a_model),
        cmocka_unit_test(only_shortest_and_lawful_forms_are_valid),
        cmocka_unit_test(characters_are_counted_and_cut_whole),
        cmocka_unit_test(bytes_as_text_and_back),
        cmocka_unit_test(escapes),
        cmocka_unit_test(fields_headers_and_cookies),
        cmocka_unit_test(days_are_counted_right),
        cmocka_unit_test(instants_as_text),
        cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(trace_words_become_a_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
