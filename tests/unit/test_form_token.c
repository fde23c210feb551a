/* Form tokens: good once and for one place only, for a day; the random part stays the same for a double press. */
#include "form_token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct keys *keys, *others;
static const instant now = {(i64)1774000000 * 1000000};

static struct keys *fresh_keys(void)
{
    char folder[] = "/tmp/form_token_XXXXXX", path[64];
    const char *error = "";
    assert_true(crypto_init());
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    assert_true(keys_create(path, &error));
    struct keys *k = keys_load(path, &error);
    assert_non_null(k);
    unlink(path);
    rmdir(folder);
    return k;
}

static int setup(void **state)
{
    (void)state;
    keys = fresh_keys();
    others = fresh_keys();
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    keys_free(&keys);
    keys_free(&others);
    return 0;
}

static void a_token_comes_back_with_its_key(void **state)
{
    (void)state;
    char token[FORM_TOKEN_MAX], other[FORM_TOKEN_MAX], key[FORM_KEY_MAX], again[FORM_KEY_MAX];
    instant issued;
    form_token_make(keys, STR("100010"), STR("report"), now, token);
    form_token_make(keys, STR("100010"), STR("report"), now, other);
    assert_string_not_equal(token, other);
    assert_true(form_token_check(keys, str_of(token), STR("100010"), STR("report"), now, key, &issued));
    assert_int_equal(issued.us, now.us);
    assert_int_equal(strlen(key), 22);
    assert_memory_equal(key, token, 21); /* 16 bytes are 21 whole signs and a bit */
    assert_true(form_token_check(keys, str_of(token), STR("100010"), STR("report"),
                                 instant_add(now, SPAN_H(1)), again, &issued));
    assert_string_equal(key, again);
    assert_true(form_token_check(keys, str_of(other), STR("100010"), STR("report"), now, again, &issued));
    assert_string_not_equal(key, again);
}

static void a_token_is_good_for_one_place_and_purpose(void **state)
{
    (void)state;
    char token[FORM_TOKEN_MAX], key[FORM_KEY_MAX] = "untouched";
    instant issued = {7};
    form_token_make(keys, STR("100010"), STR("report"), now, token);
    assert_false(form_token_check(keys, str_of(token), STR("100029"), STR("report"), now, key, &issued));
    assert_false(form_token_check(keys, str_of(token), STR("100010"), STR("rate"), now, key, &issued));
    assert_false(form_token_check(keys, str_of(token), STR("100010r"), STR("eport"), now, key, &issued));
    assert_false(form_token_check(keys, str_of(token), STR(""), STR("report"), now, key, &issued));
    assert_false(form_token_check(others, str_of(token), STR("100010"), STR("report"), now, key, &issued));
    assert_string_equal(key, "untouched");
    assert_int_equal(issued.us, 7);
}

static void a_token_lives_a_day(void **state)
{
    (void)state;
    char token[FORM_TOKEN_MAX], key[FORM_KEY_MAX];
    instant issued;
    form_token_make(keys, STR("100010"), STR("rate"), now, token);
    struct str t = str_of(token), place = STR("100010"), what = STR("rate");
    assert_true(form_token_check(keys, t, place, what, instant_add(now, SPAN_H(24)), key, &issued));
    assert_false(
        form_token_check(keys, t, place, what, instant_add(now, SPAN_US(SPAN_H(24).us + 1)), key, &issued));
    assert_true(
        form_token_check(keys, t, place, what, instant_add(now, SPAN_US(-SPAN_MIN(1).us)), key, &issued));
    assert_false(
        form_token_check(keys, t, place, what, instant_add(now, SPAN_US(-SPAN_MIN(3).us)), key, &issued));
}

/* No bit of it can be turned. */
static void a_changed_token_is_refused(void **state)
{
    (void)state;
    char token[FORM_TOKEN_MAX], changed[FORM_TOKEN_MAX + 1], key[FORM_KEY_MAX];
    instant issued;
    form_token_make(keys, STR("100010"), STR("rate"), now, token);
    for (size_t i = 0; token[i]; i++) {
        memcpy(changed, token, sizeof token);
        changed[i] = token[i] == 'A' ? 'B' : 'A';
        assert_false(form_token_check(keys, str_of(changed), STR("100010"), STR("rate"), now, key, &issued));
    }
    static const char *const bad[] = {"", "A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "!!",
                                      "码上督"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(form_token_check(keys, str_of(bad[i]), STR("100010"), STR("rate"), now, key, &issued));
    snprintf(changed, sizeof changed, "%sA", token);
    assert_false(form_token_check(keys, str_of(changed), STR("100010"), STR("rate"), now, key, &issued));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_comes_back_with_its_key),
        cmocka_unit_test(a_token_is_good_for_one_place_and_purpose),
        cmocka_unit_test(a_token_lives_a_day),
        cmocka_unit_test(a_changed_token_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
