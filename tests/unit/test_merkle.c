/* The tree over all acts: the values everybody else's implementation has, and proofs that are right for every place and
 * size and wrong after any change. */
#include "core/merkle.h"
#include "base/code.h"
#include "io/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define LEAVES 600

static u8 leaves[LEAVES][HASH_BYTES];
/* Every complete node of the tree of LEAVES leaves, as a store would hold them. */
static struct merkle_node store[2 * LEAVES];
static int n_store;

static void hash_of(const char *hex, u8 out[HASH_BYTES])
{
    assert_true(hex_get(str_of(hex), out, HASH_BYTES));
}

static void assert_hash(const u8 got[HASH_BYTES], const char *hex)
{
    u8 want[HASH_BYTES];
    hash_of(hex, want);
    assert_memory_equal(got, want, HASH_BYTES);
}

/* MTH of RFC 6962 §2.1, word by word. */
static void root_by_definition(u64 start, u64 end, u8 out[HASH_BYTES])
{
    u8 left[HASH_BYTES], right[HASH_BYTES];
    u64 n = end - start, k = 1;
    if (n == 0) {
        crypto_sha256(STR(""), out);
        return;
    }
    if (n == 1) {
        memcpy(out, leaves[start], HASH_BYTES);
        return;
    }
    while (k * 2 < n) k *= 2;
    root_by_definition(start, start + k, left);
    root_by_definition(start + k, end, right);
    merkle_parent(crypto_sha256, left, right, out);
}

static void look_up(struct merkle_node *needs, int n)
{
    for (int i = 0; i < n; i++) {
        bool found = false;
        if (needs[i].level == 0) {
            memcpy(needs[i].hash, leaves[needs[i].index], HASH_BYTES);
            continue;
        }
        for (int j = 0; j < n_store && !found; j++) {
            if (store[j].level != needs[i].level || store[j].index != needs[i].index) continue;
            memcpy(needs[i].hash, store[j].hash, HASH_BYTES);
            found = true;
        }
        assert_true(found); /* a path never asks for a node that cannot be there */
    }
}

static int setup(void **state)
{
    (void)state;
    struct merkle_edge edge = {.size = 0};
    struct merkle_node made[MERKLE_LEVELS];
    if (!crypto_init()) return -1;
    for (unsigned i = 0; i < LEAVES; i++) {
        char text[32];
        snprintf(text, sizeof text, "act %u", i);
        merkle_leaf(crypto_sha256, str_of(text), leaves[i]);
        int n = merkle_append(crypto_sha256, &edge, leaves[i], made);
        for (int k = 1; k < n; k++) store[n_store++] = made[k];
    }
    return 0;
}

static void the_known_tree_of_eight_leaves(void **state)
{
    (void)state;
    static const char *const data[] = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct merkle_edge edge = {.size = 0};
    struct merkle_node made[MERKLE_LEVELS];
    u8 root[HASH_BYTES], leaf[HASH_BYTES];
    merkle_root(crypto_sha256, &edge, root);
    assert_hash(root, roots[0]);
    for (size_t i = 0; i < ARRAY_LEN(data); i++) {
        u8 bytes[32];
        size_t n = strlen(data[i]) / 2;
        assert_true(hex_get(str_of(data[i]), bytes, n));
        merkle_leaf(crypto_sha256, (struct str){(const char *)bytes, n}, leaf);
        merkle_append(crypto_sha256, &edge, leaf, made);
        merkle_root(crypto_sha256, &edge, root);
        assert_hash(root, roots[i + 1]);
    }

    static const struct {
        u64 index, size;
        int n;
        const char *path[3];
    } paths[] = {{0,
                  8,
                  3,
                  {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                   "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                   "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
                 {5,
                  8,
                  3,
                  {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                   "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                   "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
                 {2, 3, 1, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
                 {1,
                  5,
                  3,
                  {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                   "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                   "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}}};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        u8 path[3][HASH_BYTES], at[32];
        size_t n = strlen(data[paths[i].index]) / 2;
        for (int k = 0; k < paths[i].n; k++) hash_of(paths[i].path[k], path[k]);
        assert_true(hex_get(str_of(data[paths[i].index]), at, n));
        merkle_leaf(crypto_sha256, (struct str){(const char *)at, n}, leaf);
        hash_of(roots[paths[i].size], root);
        assert_true(merkle_path_right(crypto_sha256, leaf, paths[i].index, paths[i].size,
                                      (const u8(*)[HASH_BYTES])path, paths[i].n, root));
    }

    static const struct {
        u64 first, second;
        int n;
        const char *path[3];
    } proofs[] = {{1,
                   8,
                   3,
                   {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
                  {6,
                   8,
                   3,
                   {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
                  {2,
                   5,
                   2,
                   {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}}};
    for (size_t i = 0; i < ARRAY_LEN(proofs); i++) {
        u8 path[3][HASH_BYTES], old[HASH_BYTES];
        for (int k = 0; k < proofs[i].n; k++) hash_of(proofs[i].path[k], path[k]);
        hash_of(roots[proofs[i].first], old);
        hash_of(roots[proofs[i].second], root);
        assert_true(merkle_consistency_right(crypto_sha256, proofs[i].first, proofs[i].second,
                                             (const u8(*)[HASH_BYTES])path, proofs[i].n, old, root));
    }
}

static void appending_gives_the_root_of_the_definition(void **state)
{
    (void)state;
    struct merkle_edge edge = {.size = 0};
    struct merkle_node made[MERKLE_LEVELS], shape[MERKLE_LEVELS];
    u8 root[HASH_BYTES], want[HASH_BYTES];
    for (u64 size = 0; size < LEAVES; size++) {
        merkle_root(crypto_sha256, &edge, root);
        root_by_definition(0, size, want);
        assert_memory_equal(root, want, HASH_BYTES);
        /* The edge can be read back from the store by its shape alone: that is how a gateway starts. */
        assert_int_equal(merkle_edge_of(size, shape), edge.n);
        look_up(shape, edge.n);
        for (int i = 0; i < edge.n; i++) assert_memory_equal(shape[i].hash, edge.nodes[i].hash, HASH_BYTES);
        merkle_append(crypto_sha256, &edge, leaves[size], made);
    }
}

/* Flips every bit of what is proved in turn. */
#define EACH_BIT(bytes, n) for (size_t bit = 0; bit < (n)*8; (bytes)[bit / 8] ^= (u8)(1 << bit % 8), bit++)
#define FLIP(bytes)        ((bytes)[bit / 8] ^= (u8)(1 << bit % 8))

static void every_path_is_right_and_no_other(void **state)
{
    (void)state;
    u8 path[MERKLE_PATH_MAX][HASH_BYTES], root[HASH_BYTES], leaf[HASH_BYTES];
    const u8(*shown)[HASH_BYTES] = (const u8(*)[HASH_BYTES])path;
    struct merkle_node needs[MERKLE_NEED_MAX];
    srand(11);
    for (u64 size = 1; size <= 70; size++) {
        root_by_definition(0, size, root);
        for (u64 index = 0; index < size; index++) {
            int n_needs = merkle_path_needs(index, size, needs);
            assert_in_range(n_needs, 0, MERKLE_NEED_MAX);
            look_up(needs, n_needs);
            int n = merkle_path(crypto_sha256, index, size, needs, n_needs, path);
            memcpy(leaf, leaves[index], HASH_BYTES);
            assert_true(merkle_path_right(crypto_sha256, leaf, index, size, shown, n, root));
            /* Another place, another tree, one hash more or fewer. (A tree of another size may share the path's shape
             * but not the root.) */
            for (u64 other = 0; other < size; other++)
                assert_int_equal(merkle_path_right(crypto_sha256, leaf, other, size, shown, n, root),
                                 other == index);
            assert_false(merkle_path_right(crypto_sha256, leaf, size, size, shown, n, root));
            if (n > 0) assert_false(merkle_path_right(crypto_sha256, leaf, index, size, shown, n - 1, root));
            memset(path[n], 0, HASH_BYTES);
            assert_false(merkle_path_right(crypto_sha256, leaf, index, size, shown, n + 1, root));
            if (size != 13 && rand() % 50) continue;
            EACH_BIT(leaf, sizeof leaf)
            {
                FLIP(leaf);
                assert_false(merkle_path_right(crypto_sha256, leaf, index, size, shown, n, root));
            }
            u8 *bytes = path[0];
            EACH_BIT(bytes, (size_t)n * HASH_BYTES)
            {
                FLIP(bytes);
                assert_false(merkle_path_right(crypto_sha256, leaf, index, size, shown, n, root));
            }
            EACH_BIT(root, sizeof root)
            {
                FLIP(root);
                assert_false(merkle_path_right(crypto_sha256, leaf, index, size, shown, n, root));
            }
        }
    }
}

static void every_consistency_is_right_and_no_other(void **state)
{
    (void)state;
    u8 path[MERKLE_PATH_MAX][HASH_BYTES], old[HASH_BYTES], new[HASH_BYTES];
    const u8(*shown)[HASH_BYTES] = (const u8(*)[HASH_BYTES])path;
    struct merkle_node needs[MERKLE_NEED_MAX];
    srand(12);
    for (u64 second = 0; second <= 70; second++) {
        root_by_definition(0, second, new);
        for (u64 first = 0; first <= second; first++) {
            int n_needs = merkle_consistency_needs(first, second, needs);
            assert_in_range(n_needs, 0, MERKLE_NEED_MAX);
            look_up(needs, n_needs);
            int n = merkle_consistency(crypto_sha256, first, second, needs, n_needs, path);
            root_by_definition(0, first, old);
            assert_true(merkle_consistency_right(crypto_sha256, first, second, shown, n, old, new));
            memset(path[n], 0, HASH_BYTES);
            assert_false(merkle_consistency_right(crypto_sha256, first, second, shown, n + 1, old, new));
            if (n > 0)
                assert_false(merkle_consistency_right(crypto_sha256, first, second, shown, n - 1, old, new));
            if (second != 13 && rand() % 50) continue;
            u8 *bytes = path[0];
            EACH_BIT(bytes, (size_t)n * HASH_BYTES)
            {
                FLIP(bytes);
                assert_false(merkle_consistency_right(crypto_sha256, first, second, shown, n, old, new));
            }
            EACH_BIT(old, sizeof old)
            {
                FLIP(old);
                assert_false(merkle_consistency_right(crypto_sha256, first, second, shown, n, old, new));
            }
            if (first == 0) continue; /* every tree begins with nothing */
            EACH_BIT(new, sizeof new)
            {
                FLIP(new);
                assert_false(merkle_consistency_right(crypto_sha256, first, second, shown, n, old, new));
            }
        }
    }
}

static void large_trees_at_random(void **state)
{
    (void)state;
    u8 path[MERKLE_PATH_MAX][HASH_BYTES], old[HASH_BYTES], new[HASH_BYTES];
    const u8(*shown)[HASH_BYTES] = (const u8(*)[HASH_BYTES])path;
    struct merkle_node needs[MERKLE_NEED_MAX];
    srand(13);
    for (int round = 0; round < 500; round++) {
        u64 second = 1 + (u64)rand() % LEAVES, first = 1 + (u64)rand() % second, index = (u64)rand() % second;
        root_by_definition(0, first, old);
        root_by_definition(0, second, new);
        int n_needs = merkle_consistency_needs(first, second, needs);
        look_up(needs, n_needs);
        int n = merkle_consistency(crypto_sha256, first, second, needs, n_needs, path);
        assert_true(merkle_consistency_right(crypto_sha256, first, second, shown, n, old, new));
        n_needs = merkle_path_needs(index, second, needs);
        look_up(needs, n_needs);
        n = merkle_path(crypto_sha256, index, second, needs, n_needs, path);
        assert_true(merkle_path_right(crypto_sha256, leaves[index], index, second, shown, n, new));
    }
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct merkle_node needs[MERKLE_NEED_MAX];
    const u64 most = (u64)1 << MERKLE_LEVELS;
    u8 hash[HASH_BYTES] = {0};
    assert_int_equal(merkle_path_needs(0, 0, needs), -1);
    assert_int_equal(merkle_path_needs(5, 5, needs), -1);
    assert_int_equal(merkle_path_needs(0, most, needs), -1);
    assert_int_equal(merkle_path_needs(UINT64_MAX, UINT64_MAX, needs), -1);
    assert_int_equal(merkle_consistency_needs(6, 5, needs), -1);
    assert_int_equal(merkle_consistency_needs(1, most, needs), -1);
    assert_false(merkle_path_right(crypto_sha256, hash, 0, 0, NULL, 0, hash));
    assert_false(merkle_path_right(crypto_sha256, hash, 0, UINT64_MAX, NULL, 0, hash));
    assert_false(merkle_consistency_right(crypto_sha256, 2, 1, NULL, 0, hash, hash));
    assert_false(merkle_consistency_right(crypto_sha256, 1, UINT64_MAX, NULL, 0, hash, hash));
    /* The largest trees still fit the arrays. */
    for (u64 size = most - 1; size > most - 200; size--) {
        assert_in_range(merkle_path_needs(0, size, needs), 1, MERKLE_NEED_MAX);
        assert_in_range(merkle_path_needs(size - 1, size, needs), 1, MERKLE_NEED_MAX);
        assert_in_range(merkle_path_needs(size / 3, size, needs), 1, MERKLE_NEED_MAX);
        assert_in_range(merkle_consistency_needs(size / 5, size, needs), 1, MERKLE_NEED_MAX);
        assert_in_range(merkle_consistency_needs(1, size, needs), 1, MERKLE_NEED_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_known_tree_of_eight_leaves),
        cmocka_unit_test(appending_gives_the_root_of_the_definition),
        cmocka_unit_test(every_path_is_right_and_no_other),
        cmocka_unit_test(every_consistency_is_right_and_no_other),
        cmocka_unit_test(large_trees_at_random),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
