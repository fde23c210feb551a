/* What names a service, when a low rating becomes a case, and what marks mean. */
#include "core/rating.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void services(void **state)
{
    (void)state;
    char out[RATING_SERVICE_MAX], token[RATING_SERVICE_MAX], other[RATING_SERVICE_MAX];
    u8 bytes[RATING_TOKEN_BYTES] = {0, 1, 2, 3, 4, 250, 251, 252, 253, 254};
    rating_token(bytes, token);
    assert_int_equal(strlen(token), 18);
    assert_int_equal(rating_service_parse(str_of(token), out), RATING_SERVICE_TOKEN);
    assert_string_equal(out, token);
    for (size_t i = 0; i < sizeof bytes * 8; i++) { /* every bit shows */
        bytes[i / 8] ^= (u8)(1u << i % 8);
        rating_token(bytes, other);
        assert_string_not_equal(other, token);
        assert_int_equal(rating_service_parse(str_of(other), out), RATING_SERVICE_TOKEN);
        bytes[i / 8] ^= (u8)(1u << i % 8);
    }
    /* As people write numbers. */
    assert_int_equal(rating_service_parse(STR(" bl-2026 0318-0017 "), out), RATING_SERVICE_NUMBER);
    assert_string_equal(out, "BL202603180017");
    assert_int_equal(rating_service_parse(STR("ＢＬ２０２６０３１８００１７"), out), RATING_SERVICE_NUMBER);
    assert_string_equal(out, "BL202603180017");
    assert_int_equal(rating_service_parse(STR("  "), out), RATING_SERVICE_NONE);
    static const char *const bad[] = {"12345", "办件12345678", "s-a0c", "AB_12345678",
                                      "12345678901234567890123456789012345678901"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(rating_service_parse(str_of(bad[i]), out), RATING_SERVICE_BAD);
        assert_string_equal(out, "");
    }
}

static void cases(void **state)
{
    (void)state;
    /* Where people are asked their answer decides, whatever the router would do. */
    for (int level = 1; level <= 5; level++)
        for (int bits = 0; bits < 32; bits++) {
            const struct rating_facts f = {.level = level,
                                           .words = bits & 1,
                                           .asked = bits & 2,
                                           .consent = bits & 4,
                                           .router = bits & 8,
                                           .alarming = bits & 16};
            const bool opens = rating_opens_case(&f);
            if (f.alarming)
                assert_true(opens);
            else if (!f.asked)
                assert_int_equal(opens, f.router);
            else if (level <= 2)
                assert_int_equal(opens, f.consent);
            else if (!f.router && !(f.consent && f.words))
                assert_false(opens);
        }
}

static void marked(void **state)
{
    struct text t;
    (void)state;
    text_init(&t, 100);
    rating_marks(STR("slow,device,run,elsewhere"), &t);
    assert_string_equal(text_z(&t), "device,run");
    text_clear(&t);
    rating_marks(STR("slow"), &t);
    rating_marks(STR(""), &t);
    assert_int_equal(t.n, 0);
    assert_non_null(rating_mark(STR("run")));
    assert_null(rating_mark(STR("slow")));
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(services), cmocka_unit_test(cases),
                                       cmocka_unit_test(marked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
