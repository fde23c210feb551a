/* What is accepted, what is refused with which sentence, and that no sentence quotes the input. */
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *text;
    const char *error; /* NULL: accepted */
} rows[] = {
    {"{}", NULL},
    {" [1, 2.5, \"x\", null, true] ", NULL},
    {"\"text alone\"", NULL},
    {"9007199254740991", NULL},
    {"-9007199254740991", NULL},
    {"9007199254740992", "the JSON has an integer over 53 bits"},
    {"[-9007199254740992]", "the JSON has an integer over 53 bits"},
    {"123456789012345678901234567890", "the JSON has an integer over 53 bits"},
    {"{\"9007199254740992\": \"9007199254740992 [[[[\"}", NULL},
    {"1e3", NULL},
    {"1e999", "the JSON has a number out of range"},
    {"NaN", "this is not valid JSON"},
    {"01", "this is not valid JSON"},
    {"", "the JSON ends too early"},
    {"{\"a\":1", "the JSON ends too early"},
    {"{\"a\":1,}", "this is not valid JSON"},
    {"{'a':1}", "this is not valid JSON"},
    {"{} {}", "something follows the JSON value"},
    {"{\"a\":1,\"b\":2,\"a\":3}", "the JSON has the same key twice in one object"},
    {"{\"a\":1,\"\\u0061\":3}", "the JSON has the same key twice in one object"},
    {"[{\"a\":1},{\"a\":3}]", NULL},
    {"\"a\\u0000b\"", "the JSON has a NUL character in a string"},
    {"{\"a\\u0000b\":1}", "the JSON has a NUL character in a string"},
    {"\"\xc3\x28\"", "the JSON is not valid UTF-8"},
    {"\"\xed\xa0\x80\"", "the JSON is not valid UTF-8"},
    {"\"\\ud800\"", "this is not valid JSON"},
    {"\"\\ud83d\\ude00\"", NULL},
    {"\"a\nb\"", "this is not valid JSON"},
    {"\xef\xbb\xbf{}", "this is not valid JSON"},
    {"// no comments\n{}", "this is not valid JSON"},
};

static void accepted_and_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *error = "unset";
        struct json *doc = json_parse(str_of(rows[i].text), 4096, &error);
        if (!rows[i].error && !doc) fail_msg("%s: %s", rows[i].text, error);
        if (rows[i].error) {
            if (doc) fail_msg("accepted: %s", rows[i].text);
            assert_string_equal(error, rows[i].error);
        }
        json_free(&doc);
        assert_null(doc);
    }
}

/* What json_parse_foreign makes of the writing of others, written back by json_write. */
static const struct {
    const char *text, *want; /* want NULL: refused */
} foreign[] = {
    {"{\"sequence_id\":900000000002}", "{\"sequence_id\":900000000002}"},
    {"[9007199254740991,9007199254740992]", "[9007199254740991,\"9007199254740992\"]"},
    {"[18446744073709551615 ,1]", "[\"18446744073709551615\",1]"},
    {"[99999999999999999999]", "[\"99999999999999999999\"]"},
    {"12345678901234567890", "\"12345678901234567890\""},
    {"[999999999999999999999]", NULL}, /* 21 digits */
    {"[-9007199254740992]", NULL},
    {"[09007199254740992]", NULL},
    {"[\"9007199254740992 \\\" 9007199254740992\"]", "[\"9007199254740992 \\\" 9007199254740992\"]"},
    {"[\"a\\ud83db\"]", "[\"a\xef\xbf\xbd\x62\"]"},
    {"[\"\\ud83d\\ude31\"]", "[\"\xf0\x9f\x98\xb1\"]"},
    {"[\"\\ud83d\\ud83d\\ude31\\ude31\"]", "[\"\xef\xbf\xbd\xf0\x9f\x98\xb1\xef\xbf\xbd\"]"},
    {"[\"\\ud83d\"]", "[\"\xef\xbf\xbd\"]"},
    {"[\"\\\\ud83d\"]", "[\"\\\\ud83d\"]"}, /* a backslash and letters, no escape */
    {"[\"a\\u0000b\"]", "[\"a\xef\xbf\xbd\x62\"]"},
    {"[\"\\u00g0\"]", NULL},
    {"[\"\\u00", NULL},
    {"[\"\\", NULL},
    {"[\"\xc4\xe3\"]", NULL}, /* GBK */
    {"{\"a\":1,\"a\":2}", NULL},
    {"[1.5,1e3,0.12345678901234567890]", "[1.5,1000.0,0.12345678901234568]"},
    {"", NULL},
};

static void foreign_json_is_mended(void **state)
{
    (void)state;
    const char *error;
    struct text out;
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        struct json *doc = json_parse_foreign(str_of(foreign[i].text), 4096, &error);
        if ((doc != NULL) != (foreign[i].want != NULL)) fail_msg("row %zu: %s", i, foreign[i].text);
        if (!doc) continue;
        text_init(&out, 4096);
        json_write(doc, &out);
        assert_string_equal(text_z(&out), foreign[i].want);
        text_free(&out);
        json_free(&doc);
    }
    assert_null(json_parse_foreign(STR("[1] "), 3, &error));
}

static void bounds(void **state)
{
    (void)state;
    const char *error;
    struct json *doc = json_parse(STR("[1,2]"), 5, &error);
    assert_non_null(doc);
    json_free(&doc);
    assert_null(json_parse(STR("[1,2] "), 5, &error));
    assert_string_equal(error, "the JSON is too long");

    char deep[66];
    memset(deep, '[', 33);
    memset(deep + 33, ']', 33);
    doc = json_parse((struct str){deep + 1, 64}, 100, &error);
    assert_non_null(doc);
    json_free(&doc);
    assert_null(json_parse((struct str){deep, 66}, 100, &error));
    assert_string_equal(error, "the JSON is nested too deeply");

    size_t n = 10u << 20; /* ten million brackets neither recurse nor take time */
    char *flood = malloc(n);
    assert_non_null(flood);
    memset(flood, '[', n);
    assert_null(json_parse((struct str){flood, n}, n, &error));
    assert_string_equal(error, "the JSON is nested too deeply");
    free(flood);
    assert_null(json_parse(STR_NONE, 10, &error));
    assert_null(json_parse((struct str){"1\0 2", 4}, 10, &error));
}

static void looking_inside(void **state)
{
    (void)state;
    const char *error;
    struct json *doc = json_parse(
        STR("{\"text\":\"路灯坏了\",\"rating\":5,\"where\":[113.5,34],\"anonymous\":true,\"none\":null}"),
        1000, &error);
    assert_non_null(doc);
    i64 v = 0;
    double d = 0;
    assert_int_equal(json_kind(doc), JSON_OBJECT);
    assert_int_equal(json_count(doc), 5);
    assert_true(str_eq(json_str(json_get(doc, "text")), STR("路灯坏了")));
    assert_null(json_str(json_get(doc, "rating")).p);
    assert_true(json_int(json_get(doc, "rating"), &v));
    assert_int_equal(v, 5);
    assert_false(json_int(json_get(doc, "text"), &v));
    assert_true(json_bool(json_get(doc, "anonymous")));
    assert_false(json_bool(json_get(doc, "rating")));
    assert_false(json_bool(json_get(doc, "absent")));
    assert_int_equal(json_kind(json_get(doc, "none")), JSON_NULL);
    assert_non_null(json_get(doc, "none"));
    assert_null(json_get(doc, "absent"));
    const struct json *where = json_get(doc, "where");
    assert_true(json_path(doc, STR("where")) == where && json_path(doc, STR("")) == doc);
    assert_true(json_path(doc, STR("where.1")) == json_at(where, 1));
    static const char *const nowhere[] = {"where.2", "where.x", "where.1.x", "absent", "text.0", "."};
    for (size_t i = 0; i < ARRAY_LEN(nowhere); i++) assert_null(json_path(doc, str_of(nowhere[i])));
    assert_int_equal(json_count(where), 2);
    assert_false(json_int(json_at(where, 0), &v)); /* a fraction is no integer */
    assert_true(json_double(json_at(where, 0), &d));
    assert_true(d > 113.49 && d < 113.51);
    assert_true(json_double(json_at(where, 1), &d));
    assert_null(json_at(where, 2));
    assert_null(json_at(doc, 0));
    assert_null(json_get(where, "text"));
    json_free(&doc);
}

static void keys_in_order_and_writing(void **state)
{
    (void)state;
    const char *error;
    const char *compact = "{\"z\":1,\"a\":[true,null,\"\\\"\\n\xe7\x81\xaf\"],\"m\":{\"k\":-2}}";
    struct json *doc = json_parse(str_of(compact), 1000, &error);
    char seen[8] = "";
    assert_non_null(doc);
    for (const char *k = json_next_key(doc, NULL); k; k = json_next_key(doc, k)) strcat(seen, k);
    assert_string_equal(seen, "zam");
    struct text out;
    text_init(&out, 1000);
    json_write(doc, &out);
    assert_string_equal(text_z(&out), compact);
    text_free(&out);

    text_init(&out, 10); /* a ceiling is a ceiling */
    json_write(doc, &out);
    assert_true(out.overflow && out.n <= 10);
    text_free(&out);
    json_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_and_refused),
        cmocka_unit_test(foreign_json_is_mended),
        cmocka_unit_test(bounds),
        cmocka_unit_test(looking_inside),
        cmocka_unit_test(keys_in_order_and_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
