/* Receipts: made, checked, forgiven, grouped; and the check digit under them. */
#include "core/checkdigit.h"
#include "core/receipt.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void check_digit_follows_the_standard(void **state)
{
    (void)state;
    assert_int_equal(check_digit_mod11_10("0794", 4), '5'); /* the example of ISO/IEC 7064 for MOD 11,10 */
    assert_true(check_digit_ok("07945", 5));
    assert_false(check_digit_ok("07954", 5));
    assert_false(check_digit_ok("5", 1));
    assert_false(check_digit_ok("", 0));
}

static void every_single_wrong_digit_is_seen(void **state)
{
    (void)state;
    u8 random[16];
    srand(7);
    for (int round = 0; round < 200; round++) {
        char r[17], again[17];
        for (size_t i = 0; i < 16; i++) random[i] = (u8)rand();
        receipt_from_bytes(random, r);
        assert_int_equal(strlen(r), 16);
        assert_int_equal(strspn(r, "0123456789"), 16);
        assert_true(receipt_parse(str_of(r), again));
        assert_string_equal(r, again);
        for (size_t i = 0; i < 16; i++) {
            char kept = r[i];
            for (char d = '0'; d <= '9'; d++) {
                if (d == kept) continue;
                r[i] = d;
                assert_false(receipt_parse(str_of(r), again));
            }
            r[i] = kept;
        }
    }
}

static void the_number_is_the_bytes_modulo_ten_to_fifteen(void **state)
{
    (void)state;
    u8 zero[16] = {0}, ones[16], small[16] = {0};
    char r[17];
    memset(ones, 0xff, sizeof ones);
    small[15] = 42;
    receipt_from_bytes(zero, r);
    assert_memory_equal(r, "000000000000000", 15);
    receipt_from_bytes(small, r);
    assert_memory_equal(r, "000000000000042", 15);
    receipt_from_bytes(ones, r); /* 2^128 - 1 = 340282366920938463463374607431768211455 */
    assert_memory_equal(r, "607431768211455", 15);
}

static void what_people_type_is_forgiven(void **state)
{
    (void)state;
    u8 bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    char r[17], grouped[20], typed[200], out[17] = "untouched";
    receipt_from_bytes(bytes, r);
    receipt_group(r, grouped);
    assert_int_equal(strlen(grouped), 19);
    assert_true(grouped[4] == ' ' && grouped[9] == ' ' && grouped[14] == ' ');
    assert_true(receipt_parse(str_of(grouped), out));
    assert_string_equal(out, r);
    snprintf(typed, sizeof typed, " %.4s-%.4s－%.4s　\u200b%.4s\n", r, r + 4, r + 8, r + 12);
    assert_true(receipt_parse(str_of(typed), out));
    assert_string_equal(out, r);
    struct text wide;
    text_init(&wide, 100);
    for (size_t i = 0; i < 16; i++) text_addf(&wide, "\xef\xbc%c", 0x90 + (r[i] - '0'));
    assert_true(receipt_parse(text_str(&wide), out));
    assert_string_equal(out, r);
    text_free(&wide);
    strcpy(out, "kept");
    assert_false(receipt_parse((struct str){r, 15}, out));
    snprintf(typed, sizeof typed, "%s1", r);
    assert_false(receipt_parse(str_of(typed), out));
    snprintf(typed, sizeof typed, "%.15sx", r);
    assert_false(receipt_parse(str_of(typed), out));
    assert_false(receipt_parse(STR_NONE, out));
    assert_string_equal(out, "kept");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_digit_follows_the_standard),
        cmocka_unit_test(every_single_wrong_digit_is_seen),
        cmocka_unit_test(the_number_is_the_bytes_modulo_ten_to_fifteen),
        cmocka_unit_test(what_people_type_is_forgiven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
