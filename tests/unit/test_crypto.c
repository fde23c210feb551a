/* Keys are read only from a file of the right shape; what is sealed opens only where it belongs. */
#include "io/crypto.h"
#include "base/code.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static char folder[] = "/tmp/msd-crypto-XXXXXX";
static char path[64];

static void write_key(const char *content, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static struct keys *load(void)
{
    const char *error = NULL;
    struct keys *k = keys_load(path, &error);
    assert_non_null(k);
    return k;
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/key", folder);
    return crypto_init() ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void key_files(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        mode_t mode;
        bool good;
    } rows[] = {
        {DIGITS, 0600, true},
        {DIGITS "\n", 0400, true},
        {DIGITS "\n", 0640, false}, /* the group may read it */
        {DIGITS "\n", 0604, false},
        {DIGITS "\n\n", 0600, false},
        {DIGITS "00", 0600, false},
        {"00", 0600, false},
        {"", 0600, false},
        {"g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *error = NULL;
        write_key(rows[i].content, rows[i].mode);
        struct keys *k = keys_load(path, &error);
        assert_int_equal(k != NULL, rows[i].good);
        assert_int_equal(error != NULL, !rows[i].good);
        keys_free(&k);
        assert_null(k);
    }
    const char *error = NULL;
    assert_null(keys_load(folder, &error)); /* a folder */
    assert_non_null(error);
    unlink(path);
    error = NULL;
    assert_null(keys_load(path, &error)); /* nothing there */
    assert_non_null(error);
}

static void create_once(void **state)
{
    (void)state;
    const char *error = NULL;
    struct stat st;
    unlink(path);
    assert_true(keys_create(path, &error));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    struct keys *first = load();
    assert_false(keys_create(path, &error)); /* never over an existing key */
    struct keys *again = load();
    u8 a[32], b[32];
    crypto_mac(first, KEY_FORM, &STR("x"), 1, a);
    crypto_mac(again, KEY_FORM, &STR("x"), 1, b);
    assert_true(crypto_same(a, b, 32));
    keys_free(&first);
    keys_free(&again);
}

/* The derivation is a file format: what is sealed or hashed today must open in ten years. */
static void derivation_is_fixed(void **state)
{
    (void)state; /* the value was computed with Python's hashlib.blake2b */
    write_key(DIGITS, 0600);
    struct keys *k = load();
    u8 mac[32];
    struct text hex;
    text_init(&hex, 128);
    struct str parts[] = {STR("ab"), STR("c")};
    crypto_mac(k, KEY_RECEIPT_HASH, parts, 2, mac);
    hex_put(&hex, mac, sizeof mac);
    assert_string_equal(text_z(&hex), "e0ab8c7364472e742274a0a45cbf03ed12ef7c11c1bfd51d00adfdfdd6f88b09");
    text_free(&hex);
    keys_free(&k);
}

static void mac_parts(void **state)
{
    (void)state;
    write_key(DIGITS, 0600);
    struct keys *k = load();
    struct str one[] = {STR("ab"), STR("c")}, two[] = {STR("a"), STR("bc")}, three[] = {STR("abc")};
    u8 a[32], b[32], c[32], d[32], e[32];
    crypto_mac(k, KEY_FORM, one, 2, a);
    crypto_mac(k, KEY_FORM, two, 2, b);
    crypto_mac(k, KEY_FORM, three, 1, c);
    crypto_mac(k, KEY_CSRF, one, 2, d);
    crypto_mac(k, KEY_PLAQUE_0 + 31, one, 2, e);
    assert_false(crypto_same(a, b, 32));
    assert_false(crypto_same(a, c, 32));
    assert_false(crypto_same(a, d, 32));
    assert_false(crypto_same(a, e, 32));
    keys_free(&k);
}

static void seal_and_open(void **state)
{
    (void)state;
    write_key(DIGITS, 0600);
    struct keys *k = load();
    struct text sealed, again, plain;
    text_init(&sealed, 1000);
    text_init(&again, 1000);
    text_init(&plain, 1000);
    crypto_seal(k, KEY_CONTACT, STR("contact 7"), STR("00000000000"), &sealed);
    crypto_seal(k, KEY_CONTACT, STR("contact 7"), STR("00000000000"), &again);
    assert_false(str_eq(text_str(&sealed), text_str(&again))); /* a nonce of its own each time */
    assert_true(crypto_open(k, KEY_CONTACT, STR("contact 7"), text_str(&sealed), &plain));
    assert_string_equal(text_z(&plain), "00000000000");
    text_clear(&plain);
    assert_false(crypto_open(k, KEY_CONTACT, STR("contact 8"), text_str(&sealed), &plain));
    assert_false(crypto_open(k, KEY_OUTBOX, STR("contact 7"), text_str(&sealed), &plain));
    for (size_t i = 0; i < sealed.n; i++) {
        sealed.p[i] ^= 1;
        assert_false(crypto_open(k, KEY_CONTACT, STR("contact 7"), text_str(&sealed), &plain));
        sealed.p[i] ^= 1;
        assert_false(crypto_open(k, KEY_CONTACT, STR("contact 7"), (struct str){sealed.p, i}, &plain));
    }
    assert_int_equal(plain.n, 0);

    text_clear(&sealed); /* nothing in it is still a sealed thing */
    crypto_seal(k, KEY_OUTBOX, STR(""), STR_NONE, &sealed);
    assert_true(crypto_open(k, KEY_OUTBOX, STR(""), text_str(&sealed), &plain));
    assert_int_equal(plain.n, 0);
    text_free(&sealed);
    text_free(&again);
    text_free(&plain);
    keys_free(&k);
}

static void ceilings(void **state)
{
    (void)state;
    write_key(DIGITS, 0600);
    struct keys *k = load();
    struct text small, sealed;
    text_init(&small, 20);
    text_init(&sealed, 1000);
    crypto_seal(k, KEY_OUTBOX, STR("x"), STR("twenty-one characters"), &sealed);
    assert_false(crypto_open(k, KEY_OUTBOX, STR("x"), text_str(&sealed), &small));
    crypto_seal(k, KEY_OUTBOX, STR("x"), STR("a"), &small);
    assert_true(small.overflow);
    text_free(&small);
    text_free(&sealed);
    keys_free(&k);
}

static void passwords(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX], longest[1025];
    assert_true(password_hash(STR("正确的口令"), hash));
    assert_true(password_hash(STR("正确的口令"), other));
    assert_string_not_equal(hash, other);
    assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
    assert_true(password_right(STR("正确的口令"), hash));
    assert_false(password_right(STR("错误的口令"), hash));
    assert_false(password_right(STR_NONE, hash));
    assert_false(password_right(STR("x"), "not a hash"));
    memset(longest, 'x', sizeof longest);
    assert_false(password_hash((struct str){longest, sizeof longest}, hash));
    assert_false(password_hash(STR(""), hash));
}

static void sha256_is_the_standard(void **state)
{
    (void)state; /* FIPS 180-4's example, and the empty text */
    u8 out[32], want[32];
    crypto_sha256(STR("abc"), out);
    assert_true(hex_get(STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), want, 32));
    assert_memory_equal(out, want, 32);
    crypto_sha256(STR_NONE, out);
    assert_true(hex_get(STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), want, 32));
    assert_memory_equal(out, want, 32);
}

static void signatures_are_ed25519(void **state)
{
    (void)state; /* RFC 8032 §7.1, test 2 */
    const char *error = NULL;
    u8 public[SIGNING_PUBLIC], signature[SIGNING_BYTES], want[SIGNING_BYTES];
    write_key("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb\n", 0600);
    struct signing_key *k = signing_load(path, &error);
    assert_non_null(k);
    signing_public(k, public);
    assert_true(hex_get(STR("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"), want, 32));
    assert_memory_equal(public, want, 32);
    signing_sign(k, STR("\x72"), signature);
    assert_true(hex_get(STR("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
                        want, 64));
    assert_memory_equal(signature, want, 64);
    assert_true(signing_right(public, STR("\x72"), signature));
    assert_false(signing_right(public, STR("\x73"), signature));
    signature[5] ^= 1;
    assert_false(signing_right(public, STR("\x72"), signature));
    signing_free(&k);
    assert_null(k);

    write_key(DIGITS, 0644); /* open to others: as for the master key */
    assert_null(signing_load(path, &error));
    unlink(path);
    assert_true(signing_create(path, &error));
    assert_false(signing_create(path, &error)); /* never over an existing key */
    k = signing_load(path, &error);
    assert_non_null(k);
    signing_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_files),
        cmocka_unit_test(create_once),
        cmocka_unit_test(derivation_is_fixed),
        cmocka_unit_test(mac_parts),
        cmocka_unit_test(seal_and_open),
        cmocka_unit_test(ceilings),
        cmocka_unit_test(passwords),
        cmocka_unit_test(sha256_is_the_standard),
        cmocka_unit_test(signatures_are_ed25519),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
