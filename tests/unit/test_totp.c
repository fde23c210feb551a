/* The second factor: codes of the standards' own tables, drift, no code twice, and what people type. And what a session was begun
 * with, in words. */
#include "base/digest.h"
#include "core/device.h"
#include "core/totp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void hmac(struct str key, struct str bytes, u8 out[20])
{
    u8 mac[DIGEST_MAX];
    digest_hmac(DIGEST_SHA1, key, bytes, mac);
    memcpy(out, mac, 20);
}

static const u8 key[TOTP_KEY] = "12345678901234567890"; /* of both RFCs */

static void codes_of_rfc_4226_appendix_d(void **state)
{
    static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
                                        "254676", "287922", "162583", "399871", "520489"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        char got[TOTP_DIGITS + 1];
        totp_code(hmac, key, (i64)i, got);
        assert_string_equal(got, codes[i]);
    }
}

/* RFC 6238, appendix B: eight digits there; six are their end. */
static void codes_of_rfc_6238_appendix_b(void **state)
{
    static const struct {
        i64 seconds;
        i64 step;
        const char *code;
    } rows[] = {{59, 0x1, "287082"},
                {1111111109, 0x23523EC, "081804"},
                {1111111111, 0x23523ED, "050471"},
                {1234567890, 0x273EF07, "005924"},
                {2000000000, 0x3F940AA, "279037"},
                {20000000000, 0x27BC86AA, "353130"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char got[TOTP_DIGITS + 1];
        const instant now = {rows[i].seconds * 1000000};
        assert_int_equal(totp_step(now), rows[i].step);
        totp_code(hmac, key, rows[i].step, got);
        assert_string_equal(got, rows[i].code);
        i64 step = -1;
        assert_true(totp_right(hmac, key, rows[i].code, now, 0, &step));
        assert_int_equal(step, rows[i].step);
    }
}

static void a_clock_may_be_off_by_one_step_and_no_code_counts_twice(void **state)
{
    (void)state;
    const i64 here = 50000000;
    const instant now = {here * 30 * 1000000 + 12345678};
    for (i64 off = -3; off <= 3; off++) {
        char code[TOTP_DIGITS + 1];
        i64 step = -1;
        totp_code(hmac, key, here + off, code);
        const bool within = off >= -1 && off <= 1;
        assert_int_equal(totp_right(hmac, key, code, now, 0, &step), within);
        assert_int_equal(step, within ? here + off : -1);
        /* Used: neither this one nor any before it. */
        if (within) assert_false(totp_right(hmac, key, code, now, here + off, &step));
        if (within) assert_false(totp_right(hmac, key, code, now, here + 1, &step));
        if (within) assert_true(totp_right(hmac, key, code, now, here + off - 1, &step));
    }
    /* One digit off. */
    char code[TOTP_DIGITS + 1];
    i64 step;
    totp_code(hmac, key, here, code);
    for (int i = 0; i < TOTP_DIGITS; i++) {
        const char kept = code[i];
        code[i] = kept == '9' ? '0' : (char)(kept + 1);
        assert_false(totp_right(hmac, key, code, now, 0, &step));
        code[i] = kept;
    }
}

static void codes_are_read_as_people_type_them(void **state)
{
    static const struct {
        const char *written, *read;
    } rows[] = {{"123456", "123456"},       {" 123 456 ", "123456"}, {"123-456", "123456"},
                {"１２３４５６", "123456"}, {"012345", "012345"},    {"12345", NULL},
                {"1234567", NULL},          {"12345a", NULL},        {"", NULL},
                {"一二三四五六", NULL}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char got[TOTP_DIGITS + 1] = "";
        assert_int_equal(totp_code_read(str_of(rows[i].written), got), rows[i].read != NULL);
        assert_string_equal(got, rows[i].read ? rows[i].read : "");
    }
}

static void the_key_is_written_for_people_and_for_a_camera(void **state)
{
    struct text t;
    (void)state;
    text_init(&t, 400);
    totp_key_text(key, &t);
    assert_string_equal(text_z(&t), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    text_clear(&t);
    totp_uri(STR("码上督 示例区"), STR("u003"), key, &t);
    assert_string_equal(text_z(&t),
                        "otpauth://totp/%E7%A0%81%E4%B8%8A%E7%9D%A3%20%E7%A4%BA%E4%BE%8B%E5%8C%BA:u003"
                        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                        "&issuer=%E7%A0%81%E4%B8%8A%E7%9D%A3%20%E7%A4%BA%E4%BE%8B%E5%8C%BA");
    text_free(&t);
}

static void recovery_codes_come_back_as_they_were_made(void **state)
{
    u8 random[8];
    char code[RECOVERY_LETTERS + 2], read[RECOVERY_LETTERS + 1], plain[RECOVERY_LETTERS + 1];
    (void)state;
    for (unsigned round = 0; round < 256; round++) {
        for (unsigned i = 0; i < 8; i++) random[i] = (u8)(round * 37 + i * 101);
        recovery_code_from_bytes(random, code);
        assert_int_equal(strlen(code), RECOVERY_LETTERS + 1);
        assert_true(recovery_code_read(str_of(code), read));
        memcpy(plain, code, 5);
        memcpy(plain + 5, code + 6, 6);
        assert_string_equal(read, plain);
    }
    assert_true(recovery_code_read(STR(" 4K7W2 X9QBM "), read));
    assert_string_equal(read, "4k7w2x9qbm");
    assert_true(recovery_code_read(STR("oOiIl-L０１23"), read));
    assert_string_equal(read, "0011110123");
    assert_false(recovery_code_read(STR("4k7w2-x9qb"), read));
    assert_false(recovery_code_read(STR("4k7w2-x9qbmm"), read));
    assert_false(recovery_code_read(STR("4k7w2-x9qbu"), read)); /* u is none of the letters */
    assert_false(recovery_code_read(STR(""), read));
}

static void a_device_has_words(void **state)
{
    static const struct {
        const char *agent, *words;
    } rows[] = {
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
         "Chrome · Windows"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
         "Edge · Windows"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", "Firefox · Linux"},
        {"Mozilla/5.0 (X11; Linux aarch64; UOS) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.5359.125 Safari/537.36 UOSBrowser/6.0",
         "统信浏览器 · 统信 UOS"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
         "Safari · iPhone"},
        {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
         "Chrome · Android"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
         "Safari · macOS"},
        {"curl/7.88.1", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text t;
        text_init(&t, DEVICE_WORDS_MAX);
        device_words(str_of(rows[i].agent), &t);
        assert_string_equal(text_z(&t), rows[i].words);
        assert_false(t.overflow);
        text_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_of_rfc_4226_appendix_d),
        cmocka_unit_test(codes_of_rfc_6238_appendix_b),
        cmocka_unit_test(a_clock_may_be_off_by_one_step_and_no_code_counts_twice),
        cmocka_unit_test(codes_are_read_as_people_type_them),
        cmocka_unit_test(the_key_is_written_for_people_and_for_a_camera),
        cmocka_unit_test(recovery_codes_come_back_as_they_were_made),
        cmocka_unit_test(a_device_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
