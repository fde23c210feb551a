/* Sealed reports: padding, messages, shares, and the boxes. The numbers were computed by libsodium in another language. */
#include "base/code.h"
#include "base/json.h"
#include "core/seal.h"
#include "io/crypto.h"
#include "io/crypto_box.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void hex_of(const char *hex, u8 *out, size_t n) { assert_true(hex_get(str_of(hex), out, n)); }

static void a_message_is_json_padded_to_whole_kilobytes(void **state)
{
    const struct position at = {
        .point = true, .lat = 31.230416, .lon = 121.473701, .accuracy = 12, .words = STR("门口")};
    const struct seal_said said = {
        .words = STR("甲\n\"乙\""), .contact = STR("张 +8615400000001"), .sender = STR(""), .position = &at};
    u8 hash[32], want[32];
    struct text t;
    struct str plain;
    (void)state;
    text_init(&t, SEAL_PLAIN_MAX);
    assert_true(seal_said_json(&said, &t));
    assert_string_equal(
        text_z(&t), "{\"v\":1,\"words\":\"甲\\n\\\"乙\\\"\",\"contact\":\"张 +8615400000001\",\"position\":"
                    "{\"lat\":31.230416,\"lon\":121.473701,\"accuracy\":12,\"words\":\"门口\"}}");
    const size_t n = t.n;
    seal_pad(&t);
    assert_int_equal(t.n, SEAL_BLOCK);
    crypto_sha256(text_str(&t), hash);
    hex_of("e1b09a8411731f194f5a33ae018e3bb16822bc343eed47c6a90a07648f03f168", want, 32);
    assert_memory_equal(hash, want, 32);
    assert_true(seal_unpad(text_str(&t), &plain));
    assert_int_equal(plain.n, n);
    /* A message that fills its blocks gets one more, and lengths within a block look alike. */
    text_clear(&t);
    for (int i = 0; i < SEAL_BLOCK; i++) text_addc(&t, 'x');
    seal_pad(&t);
    assert_int_equal(t.n, 2 * SEAL_BLOCK);
    assert_true(seal_unpad(text_str(&t), &plain));
    assert_int_equal(plain.n, SEAL_BLOCK);
    t.p[SEAL_BLOCK] = '\0'; /* the mark is gone */
    assert_false(seal_unpad(text_str(&t), &plain));
    assert_false(seal_unpad((struct str){t.p, SEAL_BLOCK - 1}, &plain));
    assert_false(seal_unpad(STR(""), &plain));
    text_free(&t);
}

static void only_what_was_said_stands_in_it(void **state)
{
    const struct position words_only = {.words = STR("桥头")};
    const struct seal_file file = {
        .part = "original", .type = "image/png", .of = 1, .size = 77, .name = STR("a\"b.png")};
    struct seal_said said = {.words = STR("甲"), .position = &words_only};
    struct text t, files;
    struct str words;
    size_t n;
    const char *why;
    (void)state;
    text_init(&t, SEAL_PLAIN_MAX);
    text_init(&files, 4096);
    assert_true(seal_said_json(&said, &t));
    assert_string_equal(text_z(&t), "{\"v\":1,\"words\":\"甲\",\"position\":{\"words\":\"桥头\"}}");
    text_clear(&t);
    text_addc(&files, '[');
    seal_file_json(&file, &files);
    text_addc(&files, ']');
    said.position = NULL;
    said.files = text_str(&files);
    assert_true(seal_said_json(&said, &t));
    struct json *doc = json_parse(text_str(&t), SEAL_PLAIN_MAX, &why);
    assert_non_null(doc);
    assert_true(seal_said_read(doc, &words, &n));
    assert_true(str_eq(words, STR("甲")));
    assert_int_equal(n, 1);
    assert_true(str_eq(json_str(json_path(doc, STR("files.0.name"))), STR("a\"b.png")));
    json_free(&doc);
    doc = json_parse(STR("{\"v\":2,\"words\":\"later\"}"), 100, &why);
    assert_false(seal_said_read(doc, &words, &n));
    json_free(&doc);
    said.words = STR("\xff");
    text_clear(&t);
    assert_false(seal_said_json(&said, &t));
    text_free(&t);
    text_free(&files);
}

static void shares_are_written_for_people(void **state)
{
    static const struct {
        int which;
        const char *hex, *written;
    } rows[] = {{1, "0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c6186",
                 "1cr5-aymz-rkmg-wctr-fphc-fv0h-6sdr-19ea-xwa3-jqm3-n36z-45sw-c630-r2vs"},
                {2, "163b6085aacff4193e6388add2f71c41668bb0d5fa1f44698eb3d8fd22476c91",
                 "2rxp-11da-szt1-jfk3-h2px-5xrw-85k8-qc6n-z8fm-8tce-pfcf-t8j7-dj8g-aqt7"}};
    char out[SEAL_SHARE_MAX];
    u8 share[32], again[32];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        hex_of(rows[i].hex, share, 32);
        seal_share_put(box_hash, rows[i].which, share, out);
        assert_string_equal(out, rows[i].written);
        assert_true(seal_share_get(box_hash, rows[i].which, str_of(out), again));
        assert_memory_equal(share, again, 32);
        assert_false(
            seal_share_get(box_hash, 3 - rows[i].which, str_of(out), again)); /* the other holder's */
        for (size_t at = 0; out[at]; at++) {                                  /* one letter mistaken */
            const char kept = out[at];
            if (kept == '-') continue;
            out[at] = kept == 'z' ? 'y' : 'z';
            assert_false(seal_share_get(box_hash, rows[i].which, str_of(out), again));
            out[at] = kept;
        }
    }
    assert_true(seal_share_get(
        box_hash, 1, STR("ICR5 AYMZ RKMG WCTR FPHC FVOH 6SDR L9EA XWA3 JQM3 N36Z 45SW C63O R2VS"), again));
    assert_false(seal_share_get(box_hash, 1, STR("1cr5-aymz"), again));
    assert_false(seal_share_get(box_hash, 1, STR(""), again));
}

static void the_mark_names_the_body(void **state)
{
    char mark[SEAL_MARK_MAX];
    (void)state;
    seal_mark(crypto_sha256, STR("abc"), mark);
    assert_string_equal(mark, "sealed:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void boxes_open_what_libsodium_made_elsewhere(void **state)
{
    u8 salt[BOX_SALT], seed[BOX_KEY], public_key[BOX_KEY], secret[BOX_KEY], key[BOX_KEY], want[BOX_KEY],
        sealed[46], envelope[BOX_ENVELOPE];
    struct text t;
    (void)state;
    for (size_t i = 0; i < sizeof salt; i++) salt[i] = (u8)(200 + i);
    assert_true(box_seed(STR("0517509392872859"), salt, seed));
    hex_of("9e74c52149407e168ff5cca8cfe39d5abfaab53bc8429e64d89cf28ead6eb97c", want, 32);
    assert_memory_equal(seed, want, 32);
    box_keypair_of(seed, public_key, secret);
    hex_of("98fdea89679589c8f614e7b23df1127a0e514c9113cb6cedd3bd440f0204183b", want, 32);
    assert_memory_equal(public_key, want, 32);
    hex_of(
        "26539825cab816cbd5434a63a17581fb0ae99f2959e3aaf8831178698ac0653e8bfbf367a4866e81d73cdf071f206147ff41c1e5"
        "66594d56a86ba399d51ca01b0d5a1eb0c01c281264a31a2b592981f1",
        envelope, sizeof envelope);
    assert_true(box_envelope_open(envelope, public_key, secret, key));
    for (size_t i = 0; i < sizeof key; i++) assert_int_equal(key[i], i);
    hex_of("6465666768696a6b6c6d6e6f707172737475767778797a7b99fd66544498fb536d6c5404af45ee0ca68fff3ecac2",
           sealed, sizeof sealed);
    text_init(&t, 100);
    assert_true(box_decrypt(key, SEAL_FILE_AD, (struct str){(const char *)sealed, sizeof sealed}, &t));
    assert_string_equal(text_z(&t), "原件");
    assert_false(box_decrypt(key, SEAL_AD, (struct str){(const char *)sealed, sizeof sealed}, &t));
    sealed[30] ^= 1;
    assert_false(box_decrypt(key, SEAL_FILE_AD, (struct str){(const char *)sealed, sizeof sealed}, &t));
    envelope[40] ^= 1;
    assert_false(box_envelope_open(envelope, public_key, secret, key));
    text_free(&t);
}

static void nothing_is_sealed_to_a_key_that_is_none(void **state)
{
    const u8 zero[BOX_KEY] = {0}, key[BOX_KEY] = {1};
    u8 envelope[BOX_ENVELOPE], public_key[BOX_KEY], secret[BOX_KEY], again[BOX_KEY];
    (void)state;
    assert_false(box_envelope(key, zero, envelope));
    box_keypair(public_key, secret);
    assert_true(box_envelope(key, public_key, envelope));
    assert_true(box_envelope_open(envelope, public_key, secret, again));
    assert_memory_equal(key, again, BOX_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_json_padded_to_whole_kilobytes),
        cmocka_unit_test(only_what_was_said_stands_in_it),
        cmocka_unit_test(shares_are_written_for_people),
        cmocka_unit_test(the_mark_names_the_body),
        cmocka_unit_test(boxes_open_what_libsodium_made_elsewhere),
        cmocka_unit_test(nothing_is_sealed_to_a_key_that_is_none),
    };
    if (!crypto_init()) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
