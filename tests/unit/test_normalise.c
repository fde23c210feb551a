/* The clean text for matching, with the real libraries. */
#include "core/normalise.h"
#include "io/nfkc.h"
#include "io/simplify.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct simplify *opencc;

static bool nfkc(void *arg, struct str in, struct text *out)
{
    (void)arg;
    return nfkc_put(in, out);
}
static bool simplify(void *arg, struct str in, struct text *out) { return simplify_run(arg, in, out); }
static bool broken(void *arg, struct str in, struct text *out)
{
    (void)arg, (void)in, (void)out;
    return false;
}

static int open_library(void **state)
{
    const char *error = "";
    (void)state;
    opencc = simplify_open(&error);
    return opencc ? 0 : -1;
}

static int close_library(void **state)
{
    (void)state;
    simplify_close(&opencc);
    simplify_close(&opencc); /* harmless twice */
    return 0;
}

static void rows_come_out_clean(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *clean;
    } rows[] = {
        {"路灯不亮", "路灯不亮"},
        {"  路灯 \r\n\t 不亮　", "路灯 不亮"},
        {"ＡＢＣ１２３！", "abc123!"},
        {"WiFi 连不上 OK", "wifi 连不上 ok"},
        {"系統無法識別繁體姓名", "系统无法识别繁体姓名"},
        {"沒有答覆，找藉口", "没有答复,找借口"},
        {"乾隆年間的牌坊", "乾隆年间的牌坊"},
        {"打坏了玻璃", "打坏了玻璃"},
        {"投\u200b诉\ufeff局\u2060长", "投诉局长"},
        {"\u202e倒过来\u202c", "倒过来"},
        {"1\ufe0f\u20e3号楼", "1号楼"},
        {"e\u200d\u0301", "é"},
        {"㎡㈱①", "m2(株)1"},
        {"a\x01\x7f"
         "b",
         "ab"},
        {"\u00a0\u2003x\u2028y", "x y"},
        {"", ""},
        {" \u200b ", ""},
        {"😡😡", "😡😡"},
    };
    struct normalise_tools tools = {nfkc, simplify, opencc};
    struct text t;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        text_init(&t, 4096);
        assert_true(normalise_clean(&tools, str_of(rows[i].raw), &t));
        assert_string_equal(text_z(&t), rows[i].clean);
        text_free(&t);
    }
}

static void failure_leaves_the_text_as_it_was(void **state)
{
    (void)state;
    struct normalise_tools good = {nfkc, simplify, opencc}, no_nfkc = {broken, simplify, opencc},
                           no_simplify = {nfkc, broken, opencc};
    struct text t;
    text_init(&t, 12);
    text_addz(&t, "kept");
    assert_false(normalise_clean(&good, STR("\xff"), &t));
    assert_false(normalise_clean(&good, STR("a\0b"), &t));
    assert_false(normalise_clean(&no_nfkc, STR("中"), &t));
    assert_false(normalise_clean(&no_simplify, STR("中"), &t));
    assert_string_equal(text_z(&t), "kept");
    assert_false(normalise_clean(&good, STR("一二三四五"), &t)); /* does not fit */
    assert_string_equal(text_z(&t), "kept");
    text_free(&t);
}

/* The worst that NFKC can do to a text of full length still fits the promised growth. */
static void the_worst_text_fits(void **state)
{
    (void)state;
    struct normalise_tools tools = {nfkc, simplify, opencc};
    struct text in, out;
    text_init(&in, 20000);
    for (int i = 0; i < 5000; i++) text_addz(&in, "\ufdfa");
    text_init(&out, in.n * NORMALISE_GROWTH);
    assert_true(normalise_clean(&tools, text_str(&in), &out));
    text_free(&in);
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_out_clean),
        cmocka_unit_test(failure_leaves_the_text_as_it_was),
        cmocka_unit_test(the_worst_text_fits),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
