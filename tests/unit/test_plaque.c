/* Numbers, tags and paths of plaques: a slip of the finger is seen, a forged code is seen, what people type is read. */
#include "qr/plaque.h"
#include "core/checkdigit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void numbers_are_made(void **state)
{
    (void)state;
    char number[PLAQUE_NUMBER_MAX];
    assert_true(plaque_number_make(10001, number));
    assert_int_equal(strlen(number), 6);
    assert_memory_equal(number, "10001", 5);
    assert_true(check_digit_ok(number, 6));
    assert_true(plaque_number_make(99999999, number));
    assert_int_equal(strlen(number), 9);
    assert_false(plaque_number_make(10000, number));
    assert_false(plaque_number_make(0, number));
    assert_false(plaque_number_make(100000000, number));
    /* ISO/IEC 7064: the example string 0794 has the check character 5 under MOD 11,10. */
    assert_int_equal(check_digit_mod11_10("0794", 4), '5');
}

static void numbers_are_read_as_people_write_them(void **state)
{
    (void)state;
    char number[PLAQUE_NUMBER_MAX], got[PLAQUE_NUMBER_MAX], written[64];
    assert_true(plaque_number_make(10001, number)); /* 100010 */
    assert_string_equal(number, "100010");
    static const char *const good[] = {"100010",   " 100 010 ", "100-010", "１０００１０", "１００－０１０",
                                       "100　010", "100 010",   "100–010", "1 0 0 0 1 0",  "100\t010"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(plaque_number_parse(str_of(good[i]), got));
        assert_string_equal(got, number);
    }
    static const char *const bad[] = {"",        "1",          "100011",    "000010",     "10001",
                                      "1000100", "100010a",    "a100010",   "100.010",    "+100010",
                                      "100,010", "1000101234", "100010\n1", "\377100010", "一〇〇〇一〇",
                                      "0100010", "-"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        strcpy(got, "same");
        assert_false(plaque_number_parse(str_of(bad[i]), got));
        assert_string_equal(got, "same");
    }
    /* A serial that is never issued is no number even with a right check digit. */
    snprintf(written, sizeof written, "10000%c", check_digit_mod11_10("10000", 5));
    assert_false(plaque_number_parse(str_of(written), got));
}

static void numbers_are_grouped(void **state)
{
    (void)state;
    static const struct {
        u32 serial;
        const char *begins;
        size_t n;
    } rows[] = {
        {10001, "100 01", 7}, {123456, "123 456", 8}, {1234567, "1234 567", 9}, {12345678, "123 456 78", 11}};
    char number[PLAQUE_NUMBER_MAX], dst[PLAQUE_GROUPED_MAX], back[PLAQUE_NUMBER_MAX];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(plaque_number_make(rows[i].serial, number));
        plaque_number_grouped(number, dst);
        assert_int_equal(strlen(dst), rows[i].n);
        assert_true(str_starts(str_of(dst), str_of(rows[i].begins)));
        assert_true(plaque_number_parse(str_of(dst), back));
        assert_string_equal(back, number);
    }
}

/* Every wrong digit in every place of 3000 numbers, and every swap of two different neighbours. */
static void slips_are_seen(void **state)
{
    (void)state;
    size_t wrong = 0, wrong_missed = 0, swaps = 0, swaps_missed = 0;
    for (u32 k = 0; k < 3000; k++) {
        u32 serial = k < 1000 ? 10001 + k : k < 2000 ? 100000 + k * 449 : 10000000 + k * 29989;
        char number[PLAQUE_NUMBER_MAX], got[PLAQUE_NUMBER_MAX];
        assert_true(plaque_number_make(serial, number));
        size_t n = strlen(number);
        for (size_t i = 0; i < n; i++)
            for (char c = '0'; c <= '9'; c++) {
                char typed[PLAQUE_NUMBER_MAX];
                memcpy(typed, number, n + 1);
                if (typed[i] == c) continue;
                typed[i] = c;
                wrong++;
                wrong_missed += plaque_number_parse(str_of(typed), got);
            }
        for (size_t i = 0; i + 1 < n; i++) {
            char typed[PLAQUE_NUMBER_MAX];
            memcpy(typed, number, n + 1);
            if (typed[i] == typed[i + 1]) continue;
            typed[i] = number[i + 1], typed[i + 1] = number[i];
            swaps++;
            swaps_missed += plaque_number_parse(str_of(typed), got);
        }
    }
    print_message("single wrong digits %zu, missed %zu; swapped neighbours %zu, missed %zu (%.2f %%)\n",
                  wrong, wrong_missed, swaps, swaps_missed, 100.0 * (double)swaps_missed / (double)swaps);
    assert_true(wrong > 150000 && swaps > 10000);
    assert_int_equal(wrong_missed, 0);
    assert_true(swaps_missed * 100 < swaps * 3);
}

static void tags_are_made(void **state)
{
    (void)state;
    char tag[PLAQUE_TAG_MAX];
    unsigned version;
    u8 mac[32] = {0};
    plaque_tag_make(mac, 0, tag);
    assert_string_equal(tag, "00000000");
    memset(mac, 0xFF, sizeof mac);
    plaque_tag_make(mac, 31, tag);
    assert_string_equal(tag, "zzzzzzzz");
    /* 0x08 0x86 0x42 0x98 0xe8: 00001 00010 00011 00100 00101 00110 00111 and five bits that are left out. */
    plaque_tag_make((const u8[32]){0x08, 0x86, 0x42, 0x98, 0xE8}, 10, tag);
    assert_string_equal(tag, "a1234567");
    for (unsigned v = 0; v < PLAQUE_KEY_VERSIONS; v++) {
        unsigned got = 99;
        plaque_tag_make(mac, v, tag);
        assert_true(plaque_tag_version(str_of(tag), &got));
        assert_int_equal(got, v);
        assert_null(strpbrk(tag, "ilouILOU"));
    }
    static const char *const bad[] = {"",         "a123456",  "a12345678", "a123456i",
                                      "a123456o", "a123456u", "A1234567",  "a12 4567"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(plaque_tag_version(str_of(bad[i]), &version));
}

/* Any one of the first 35 bits of the MAC changes the tag, and any one letter changed is another tag. */
static void tags_hold_the_mac(void **state)
{
    (void)state;
    u8 mac[32];
    char tag[PLAQUE_TAG_MAX], other[PLAQUE_TAG_MAX];
    for (size_t i = 0; i < sizeof mac; i++) mac[i] = (u8)(37 * i + 11);
    plaque_tag_make(mac, 3, tag);
    for (size_t bit = 0; bit < 256; bit++) {
        mac[bit / 8] ^= (u8)(0x80 >> bit % 8);
        plaque_tag_make(mac, 3, other);
        assert_int_equal(strcmp(tag, other) != 0, bit < 35);
        mac[bit / 8] ^= (u8)(0x80 >> bit % 8);
    }
    const char *letters = "0123456789abcdefghjkmnpqrstvwxyz";
    char number[PLAQUE_NUMBER_MAX], got[PLAQUE_TAG_MAX], path[40];
    for (size_t i = 0; i < PLAQUE_TAG_LEN; i++)
        for (const char *l = letters; *l; l++) {
            if (tag[i] == *l) continue;
            strcpy(other, tag);
            other[i] = *l;
            snprintf(path, sizeof path, "100010-%s", other);
            assert_int_equal(plaque_path_parse(str_of(path), number, got), PLAQUE_PATH_SIGNED);
            assert_string_not_equal(got, tag);
        }
}

static void messages_are_told_apart(void **state)
{
    (void)state;
    struct text a, b;
    text_init(&a, 64);
    text_init(&b, 64);
    plaque_tag_message("100010", 1, &a);
    plaque_tag_message("100010", 11, &b);
    assert_false(str_eq(text_str(&a), text_str(&b)));
    text_clear(&b);
    plaque_tag_message("100028", 1, &b);
    assert_false(str_eq(text_str(&a), text_str(&b)));
    assert_true(str_starts(text_str(&a), STR("mashangdu plaque tag ")));
    text_clear(&b);
    plaque_tag_message("999999999", 31, &b);
    assert_true(b.n <= 48 && !b.overflow);
    text_free(&a);
    text_free(&b);
}

static void paths_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *tail;
        enum plaque_path path;
        const char *tag;
    } rows[] = {
        {"100010-a1234567", PLAQUE_PATH_SIGNED, "a1234567"},
        {"100010-A1234567", PLAQUE_PATH_SIGNED, "a1234567"}, /* typed by hand */
        {"100010-aO23I56L", PLAQUE_PATH_SIGNED, "a0231561"}, /* look-alikes */
        {"100010-00000000", PLAQUE_PATH_SIGNED, "00000000"}, /* all digits is still a tag */
        {"100-010-a1234567", PLAQUE_PATH_SIGNED, "a1234567"},
        {"100%20010", PLAQUE_PATH_BARE, ""},
        {"100010", PLAQUE_PATH_BARE, ""},
        {"100-010", PLAQUE_PATH_BARE, ""},
        {"%EF%BC%91%EF%BC%90%EF%BC%90%EF%BC%90%EF%BC%91%EF%BC%90", PLAQUE_PATH_BARE, ""},
        {"", PLAQUE_PATH_MALFORMED, ""},
        {"100011", PLAQUE_PATH_MALFORMED, ""},
        {"100011-a1234567", PLAQUE_PATH_MALFORMED, ""},
        {"100010-a123456", PLAQUE_PATH_MALFORMED, ""},
        {"100010-a12345678", PLAQUE_PATH_MALFORMED, ""},
        {"100010-u1234567", PLAQUE_PATH_MALFORMED, ""},
        {"100010a1234567", PLAQUE_PATH_MALFORMED, ""},
        {"-a1234567", PLAQUE_PATH_MALFORMED, ""},
        {"100010-a1234567/", PLAQUE_PATH_MALFORMED, ""},
        {"100010%", PLAQUE_PATH_MALFORMED, ""},
        {"100010%00", PLAQUE_PATH_MALFORMED, ""},
        {"..%2f100010", PLAQUE_PATH_MALFORMED, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char number[PLAQUE_NUMBER_MAX] = "", tag[PLAQUE_TAG_MAX] = "x";
        assert_int_equal(plaque_path_parse(str_of(rows[i].tail), number, tag), rows[i].path);
        assert_string_equal(number, rows[i].path == PLAQUE_PATH_MALFORMED ? "" : "100010");
        assert_string_equal(tag, rows[i].tag);
    }
    char long_tail[4000], number[PLAQUE_NUMBER_MAX], tag[PLAQUE_TAG_MAX];
    memset(long_tail, '1', sizeof long_tail);
    assert_int_equal(plaque_path_parse((struct str){long_tail, sizeof long_tail}, number, tag),
                     PLAQUE_PATH_MALFORMED);
}

static void addresses_are_made(void **state)
{
    (void)state;
    static const char *const bases[] = {"https://du.example.gov.cn", "https://du.example.gov.cn/"};
    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        struct text url;
        text_init(&url, 200);
        plaque_url(str_of(bases[i]), "100010", "a1234567", &url);
        assert_string_equal(text_z(&url), "https://du.example.gov.cn/p/100010-a1234567");
        text_free(&url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_made),        cmocka_unit_test(numbers_are_read_as_people_write_them),
        cmocka_unit_test(numbers_are_grouped),     cmocka_unit_test(slips_are_seen),
        cmocka_unit_test(tags_are_made),           cmocka_unit_test(tags_hold_the_mac),
        cmocka_unit_test(messages_are_told_apart), cmocka_unit_test(paths_are_read),
        cmocka_unit_test(addresses_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
