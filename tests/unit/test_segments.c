/* How many SMS a text costs, over the cases in tests/adapters/samples/sms-segments and a few that stand between them. */
#include "base/json.h"
#include "core/segments.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct json *cases_read(void)
{
    static char bytes[256 * 1024];
    const char *why = NULL;
    FILE *f = fopen(TREE "/tests/adapters/samples/sms-segments/cases.json", "rb");
    assert_non_null(f);
    struct str text = {bytes, fread(bytes, 1, sizeof bytes, f)};
    fclose(f);
    struct json *doc = json_parse(text, sizeof bytes, &why);
    if (!doc) fail_msg("%s", why);
    return doc;
}

static unsigned number(const struct json *object, const char *key)
{
    i64 n = -1;
    assert_true(json_int(json_get(object, key), &n));
    return (unsigned)n;
}

static void samples_are_counted(void **state)
{
    (void)state;
    struct json *doc = cases_read();
    const struct json *cases = json_get(doc, "cases");
    assert_true(json_count(cases) >= 29);
    for (size_t i = 0; i < json_count(cases); i++) {
        const struct json *c = json_at(cases, i), *gsm = json_get(c, "gsm"), *cn = json_get(c, "cn");
        const struct str text = json_str(json_get(c, "text"));
        const struct segments g = segments_count(SEGMENTS_GSM, text),
                              d = segments_count(SEGMENTS_DOMESTIC, text);
        const bool gsm7 = str_eq(json_str(json_get(gsm, "encoding")), STR("GSM-7"));
        if (g.parts != number(gsm, "segments") || g.units != number(gsm, "units") || g.gsm7 != gsm7 ||
            d.parts != number(cn, "segments") || d.units != number(cn, "units") || d.gsm7)
            fail_msg("%.*s: %u parts of %u units (%s), domestic %u of %u",
                     STR_ARG(json_str(json_get(c, "name"))), g.parts, g.units, g.gsm7 ? "GSM-7" : "UCS-2",
                     d.parts, d.units);
    }
    json_free(&doc);
}

static struct str repeat(struct text *t, size_t n, const char *piece, const char *after)
{
    text_clear(t);
    for (size_t i = 0; i < n; i++) text_addz(t, piece);
    text_addz(t, after);
    return text_str(t);
}

/* What the preview tells: the room of one part changes where the second one begins. */
static void room_shrinks_with_the_second_part(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 4096);
    assert_int_equal(segments_count(SEGMENTS_GSM, repeat(&t, 160, "a", "")).per_part, 160);
    assert_int_equal(segments_count(SEGMENTS_GSM, repeat(&t, 161, "a", "")).per_part, 153);
    assert_int_equal(segments_count(SEGMENTS_GSM, repeat(&t, 70, "办", "")).per_part, 70);
    assert_int_equal(segments_count(SEGMENTS_GSM, repeat(&t, 71, "办", "")).per_part, 67);
    assert_int_equal(segments_count(SEGMENTS_DOMESTIC, repeat(&t, 70, "a", "")).per_part, 70);
    assert_int_equal(segments_count(SEGMENTS_DOMESTIC, repeat(&t, 71, "a", "")).per_part, 67);
    text_free(&t);
}

/* Two-septet characters at every place around a border: a pair that does not fit moves as a whole. */
static void pairs_stay_together(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 4096);
    for (size_t before = 148; before < 156; before++) {
        repeat(&t, before, "a", "€");
        for (size_t i = 0; i < 305 - before - 1; i++)
            text_addz(&t, "a"); /* 306 septets: two full parts, or three */
        const struct segments s = segments_count(SEGMENTS_GSM, text_str(&t));
        assert_int_equal(s.units, 306);
        assert_int_equal(s.parts, before == 152 ? 3 : 2);
    }
    for (size_t before = 63; before < 70; before++) {
        repeat(&t, before, "办", "😀");
        for (size_t i = 0; i < 132 - before; i++) text_addz(&t, "办"); /* 134 units */
        const struct segments s = segments_count(SEGMENTS_GSM, text_str(&t));
        assert_int_equal(s.units, 134);
        assert_int_equal(s.parts, before == 66 ? 3 : 2);
        assert_int_equal(segments_count(SEGMENTS_DOMESTIC, text_str(&t)).parts, 2);
    }
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_counted),
        cmocka_unit_test(room_shrinks_with_the_second_part),
        cmocka_unit_test(pairs_stay_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
