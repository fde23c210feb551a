/* The canonical forms are a format for decades: fixed values made by another program, and every field counts. */
#include "core/proof.h"
#include "base/code.h"
#include "io/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct proof_act sample(void)
{
    struct proof_act a = {.id = 65537,
                          .case_id = 65536,
                          .version = 3,
                          .at = {1773798357123456},
                          .act = STR("assign"),
                          .actor = STR("staff"),
                          .from = STR("discovered"),
                          .to = STR("assigned"),
                          .staff = 7,
                          .unit = 12,
                          .role = STR("coordinator"),
                          .public_words = true,
                          .reason = STR("材料齐全"),
                          .words = STR_NONE,
                          .data = STR("{\"rung\": 2}")};
    for (int i = 0; i < PROOF_SALT; i++) a.salt[i] = (u8)i;
    return a;
}

struct hashes {
    u8 who[HASH_BYTES], words[HASH_BYTES], act[HASH_BYTES];
};
static struct hashes hashes_of(const struct proof_act *a, const u8 *previous)
{
    struct hashes h;
    proof_who(crypto_sha256, a, h.who);
    proof_words(crypto_sha256, a, h.words);
    proof_act(crypto_sha256, previous, a, h.who, h.words, h.act);
    return h;
}

static void assert_hex(const u8 got[HASH_BYTES], const char *want)
{
    struct text t;
    text_init(&t, 80);
    hex_put(&t, got, HASH_BYTES);
    assert_string_equal(text_z(&t), want);
    text_free(&t);
}

/* Computed with Python's hashlib and struct from the description in core/proof.h. */
static void the_forms_are_fixed(void **state)
{
    (void)state;
    struct proof_act a = sample();
    u8 previous[HASH_BYTES], out[HASH_BYTES];
    memset(previous, 0xaa, sizeof previous);
    struct hashes h = hashes_of(&a, previous);
    assert_hex(h.words, "ae7623cb346c76db79005f4527ff28dc057bcba94f536e97d1e2171ba40c863e");
    assert_hex(h.who, "1d90cc6f91af5ddca69fc17be8b5e23277a5ee934cad646f65d50cb2b2609e87");
    assert_hex(h.act, "4061cabc0a0808a53aa72f90b8bcdc5be0012f5d9bbfcd41c84cce60767af47d");
    h = hashes_of(&a, NULL);
    assert_hex(h.act, "b480c60baa164ac8db5d263d708e20439fc17a193f9fc556bcb509675250d44d");
    struct proof_feedback f = {.id = 65535,
                               .received = {1773798357123456},
                               .channel = STR("plaque"),
                               .plaque = STR("100013"),
                               .words = STR("路灯坏了")};
    memcpy(f.salt, a.salt, sizeof f.salt);
    proof_feedback(crypto_sha256, &f, out);
    assert_hex(out, "69d779d9ef7928df69b90161a2f16ca8214a7c58f829d88b8a5a602ce2bef993");
}

/* What each hash stands for, and only that, changes it: parts can be shown or erased without the others. */
static void every_field_counts_where_it_belongs(void **state)
{
    (void)state;
    enum { WHO = 1, WORDS = 2, ACT = 4 };
    const struct proof_act base = sample();
    const struct hashes h = hashes_of(&base, NULL);
#define CASE(field, value, changed)                                                                          \
    do {                                                                                                     \
        struct proof_act a = base;                                                                           \
        a.field = value;                                                                                     \
        struct hashes g = hashes_of(&a, NULL);                                                               \
        assert_int_equal(memcmp(g.who, h.who, HASH_BYTES) != 0, ((changed)&WHO) != 0);                       \
        assert_int_equal(memcmp(g.words, h.words, HASH_BYTES) != 0, ((changed)&WORDS) != 0);                 \
        assert_int_not_equal(memcmp(g.act, h.act, HASH_BYTES), 0);                                           \
    } while (0)
    CASE(id, 65538, WHO);
    CASE(staff, 0, WHO);
    CASE(unit, 13, WHO);
    CASE(role, STR_NONE, WHO);
    CASE(role, STR(""), WHO); /* nothing said is not the empty text */
    CASE(public_words, false, WHO);
    CASE(reason, STR("材料齐"), WORDS);
    CASE(reason, STR_NONE, WORDS);
    CASE(words, STR(""), WORDS);
    CASE(data, STR("{}"), WORDS);
    CASE(salt[0], 99, WHO);
    CASE(salt[15], 99, WHO);
    CASE(salt[16], 99, WORDS);
    CASE(salt[31], 99, WORDS);
    CASE(case_id, 1, ACT);
    CASE(version, 4, ACT);
    CASE(at.us, 1773798357123457, ACT);
    CASE(act, STR("assigm"), ACT);
    CASE(actor, STR("clock"), ACT);
    CASE(from, STR_NONE, ACT);
    CASE(to, STR("handling"), ACT);
    u8 previous[HASH_BYTES] = {1}, out[HASH_BYTES];
    proof_act(crypto_sha256, previous, &base, h.who, h.words, out);
    assert_memory_not_equal(out, h.act, HASH_BYTES);
    /* Bytes never slide from one text into the next. */
    struct proof_act a = base, b = base;
    a.reason = STR("ab"), a.words = STR("c");
    b.reason = STR("a"), b.words = STR("bc");
    assert_memory_not_equal(hashes_of(&a, NULL).words, hashes_of(&b, NULL).words, HASH_BYTES);
}

static void a_long_text_is_hashed_whole(void **state)
{
    (void)state;
    struct proof_act a = sample();
    static char words[100000];
    memset(words, 'x', sizeof words);
    a.words = (struct str){words, sizeof words};
    struct hashes one = hashes_of(&a, NULL);
    words[sizeof words - 1] = 'y';
    struct hashes other = hashes_of(&a, NULL);
    assert_memory_not_equal(one.words, other.words, HASH_BYTES);
    assert_memory_equal(one.who, other.who, HASH_BYTES);
}

static void the_data_is_what_postgresql_prints(void **state)
{
    (void)state;
    u8 commitment[HASH_BYTES];
    char receive[PROOF_RECEIVE_DATA_MAX];
    memset(commitment, 0xa5, sizeof commitment);
    proof_receive_data(INT64_MAX, commitment, receive);
    assert_string_equal(receive, "{\"feedback\": 9223372036854775807, \"commitment\": "
                                 "\"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\"}");

    struct text t, value;
    text_init(&t, 1000);
    text_init(&value, 1000);
    proof_data_string(&value, STR("路\b\f\n\r\t\"\\\x01\x1f\x7f/"));
    struct proof_data d = {.n = 0};
    proof_data_write(&d, &t);
    assert_string_equal(text_z(&t), "{}");
    text_clear(&t);
    proof_data_add(&d, "unit", STR("3"));
    proof_data_add(&d, "b", STR("true"));
    proof_data_add(&d, "reason", text_str(&value));
    proof_data_add(&d, "aa", STR("null"));
    proof_data_add(&d, "ab", STR("[1, 2]"));
    proof_data_add(&d, "a", STR("\"x\""));
    proof_data_write(&d, &t);
    assert_string_equal(text_z(&t),
                        "{\"a\": \"x\", \"b\": true, \"aa\": null, \"ab\": [1, 2], \"unit\": 3, \"reason\": "
                        "\"路\\b\\f\\n\\r\\t\\\"\\\\\\u0001\\u001f\x7f/\"}");
    text_free(&t);
    text_free(&value);
}

static void a_head_is_its_size_time_and_root(void **state)
{
    (void)state;
    u8 root[HASH_BYTES], out[PROOF_HEAD_BYTES];
    memset(root, 0x77, sizeof root);
    proof_head(0x0102030405060708, (instant){0x1112131415161718}, root, out);
    assert_memory_equal(
        out, "msd tree head v1\n\x01\x02\x03\x04\x05\x06\x07\x08\x11\x12\x13\x14\x15\x16\x17\x18", 33);
    assert_memory_equal(out + 33, root, sizeof root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_forms_are_fixed),
        cmocka_unit_test(every_field_counts_where_it_belongs),
        cmocka_unit_test(a_long_text_is_hashed_whole),
        cmocka_unit_test(the_data_is_what_postgresql_prints),
        cmocka_unit_test(a_head_is_its_size_time_and_root),
    };
    return crypto_init() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
