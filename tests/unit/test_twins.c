/* The same matter told twice is found, by anybody and on any machine alike; what only looks like it is not. */
#include "core/minhash.h"
#include "core/twins.h"
#include "base/utf8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const struct twins_beside nothing = {.hours = 0};
static const struct twins_beside matter = {.same_category = true, .near_category = true};
static const struct twins_beside here = {
    .same_unit = true, .same_category = true, .near_category = true, .same_plaque = true};

static struct twins compared(const char *a, const char *b, const struct twins_beside *beside)
{
    static struct telling x, y;
    telling_of(str_of(a), &x);
    telling_of(str_of(b), &y);
    const struct twins ab = twins_compare(&x, &y, beside), ba = twins_compare(&y, &x, beside);
    assert_int_equal(ab.strength, ba.strength);
    assert_int_equal(ab.points, ba.points);
    assert_int_equal(ab.percent, ba.percent);
    assert_int_equal(ab.shared, ba.shared);
    return ab;
}

static void told_again(void **state)
{
    static const struct {
        const char *a, *b;
        bool words, beside; /* the words and the matter alone; with one unit and plaque, too */
    } rows[] = {
        {"桂花巷路灯全黑三十天了没人修", "桂花巷的路灯全黑了，30天没人修！", true, true},
        {"图书馆空调漏水滴在书架上，书都发霉了", "图书馆里面空调漏水，滴到书架上书都霉了", true, true},
        {"自来水发黄有铁锈味，烧开也没用，洗衣机里一层黄垢",
         "这两天龙头放出来的水发黄，闻着有铁锈气，洗衣服不敢用它", false, true},
        {"非常满意", "服务周到，工作人员耐心，非常满意，以后还来", false, false},
        {"公交车站牌被撞歪", "申请租房补贴材料退回两次", false, false},
        {"我的手机号是154****5678请回电话给我", "打154****5678这个号联系刘某某", false, false},
        {"住在【住址】", "人在【住址】", false, false},
        /* The words are one form, the places two. */
        {"丹桂小区3栋电梯停运", "丹桂小区5栋电梯停运", false, false},
        {"梧桐村停电", "银杏村停电", false, false},
        {"体育公园门口路灯不亮", "望江路口路灯不亮一周了", false, false},
        {"", "", false, false},
        {"好", "好", false, false},
        {"\xff\xfe", "\xff\xfe", false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct twins t = compared(rows[i].a, rows[i].b, &matter),
                           n = compared(rows[i].a, rows[i].b, &here);
        if ((t.strength == TWINS_SAME) != rows[i].words || (n.strength == TWINS_SAME) != rows[i].beside)
            fail_msg("row %zu: %d %d percent %d shared %d places %d", i, (int)t.strength, (int)n.strength,
                     t.percent, t.shared, (int)t.places);
        assert_true(t.percent >= 0 && t.percent <= 100);
    }
}

static void places(void **state)
{
    static struct shingles a, b;
    static const struct {
        const char *a, *b;
        enum shingle_places is;
    } rows[] = {
        {"银杏村的路坏了", "从银杏村过来的路", PLACES_SAME},
        {"银杏村的路坏了", "梧桐村的路坏了", PLACES_OTHER},
        {"我们村的路坏了", "银杏村的路坏了", PLACES_UNKNOWN},
        {"12栋电梯", "十二栋电梯", PLACES_SAME},
        {"12栋电梯", "13栋电梯", PLACES_OTHER},
        {"电梯", "13栋电梯", PLACES_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        shingles_of(str_of(rows[i].a), &a);
        shingles_of(str_of(rows[i].b), &b);
        assert_int_equal(shingles_places(&a, &b), rows[i].is);
        assert_int_equal(shingles_places(&b, &a), rows[i].is);
    }
}

/* Other words, one place and matter: found, the surer the more says so. One form, two places or another matter: not. */
static void told_in_other_words(void **state)
{
    static const struct {
        const char *a, *b;
        enum twins_strength is;
    } rows[] = {
        {"竹影花园5栋地下车库一下雨就进水，车子泡了三辆，水泵是坏的",
         "我们竹影花园五幢底下那个车库又淹了，好几辆车泡在水里，物业的水泵早坏了没人管", TWINS_SAME},
        {"竹影花园5栋地下车库一下雨就进水，车子泡了三辆", "竹影花园9栋地下车库一下雨就进水，车子泡了三辆",
         TWINS_NOT},
        {"竹影花园地下车库一下雨就进水，车子泡了三辆", "松涛花园地下车库一下雨就进水，车子泡了三辆",
         TWINS_NOT},
        {"竹影花园地下车库一下雨就进水", "竹影花园的快递柜半夜一直响", TWINS_NOT},
        {"在阿蛮包子铺吃出钢丝球，老板说没事，要他赔钱还骂人",
         "在云台面馆吃出钢丝球，老板说没事，要他赔钱还骂人", TWINS_NOT},
        {"21路公交司机关门夹住老人的手", "35路公交司机关门夹住老人的手", TWINS_NOT},
        {"麦穗村的拦河坝豁了口子，晒谷场都淹了，谷子全泡坏",
         "麦穗村河坝上破了个大洞，水漫到晒谷场，几家的谷子发芽了", TWINS_SAME},
    };
    struct twins_beside far = matter;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct twins t = compared(rows[i].a, rows[i].b, &matter);
        if (t.strength != rows[i].is)
            fail_msg("row %zu: %d percent %d points %d", i, (int)t.strength, t.percent, t.points);
    }
    /* Months later, from the plaques of two units, or taken for other matters, it is not offered as the same. */
    far.hours = 24 * 31;
    assert_int_equal(compared(rows[6].a, rows[6].b, &far).strength, TWINS_NOT);
    far = matter;
    far.other_plaque = true;
    assert_int_equal(compared(rows[6].a, rows[6].b, &far).strength, TWINS_NOT);
    assert_int_not_equal(compared(rows[6].a, rows[6].b, &nothing).strength, TWINS_SAME);
}

/* Two tellings share a key though they share hardly a word; the reason is what both name. */
static void keys_and_reasons(void **state)
{
    static struct telling a, b;
    const u64 matters[] = {telling_code(STR("0503")), telling_code(STR("0601"))};
    const u64 others[] = {telling_code(STR("0601"))};
    i64 x[TELLING_KEYS], y[TELLING_KEYS];
    int shared = 0;
    struct text said;
    (void)state;
    text_init(&said, 100);
    telling_of(STR("竹影花园5栋地下车库一下雨就进水"), &a);
    telling_of(STR("住竹影花园五幢的，昨晚车泡坏了"), &b);
    const size_t n = telling_keys(&a, matters, 2, x), m = telling_keys(&b, others, 1, y);
    assert_true(n > 2 && n <= TELLING_KEYS);
    for (size_t i = 0; i < n; i++) {
        assert_true(x[i] < 0);
        for (size_t k = 0; k < m; k++) shared += x[i] == y[k];
    }
    assert_true(shared >= 1);
    const struct telling_both both = telling_compare(&a, &b);
    assert_non_null(both.name);
    assert_non_null(both.number);
    telling_put(&a, both.name->at, both.name->n, &said);
    telling_put(&a, both.number->at, both.number->n, &said);
    assert_string_equal(text_z(&said), "竹影花园5栋");
    text_free(&said);
    telling_of(STR("好"), &a);
    assert_int_equal(telling_keys(&a, matters, 2, x), 0);
}

/* Days further apart than the evidence beside the words reaches, and plaques of two units. */
static void beside_has_bounds(void **state)
{
    struct twins_beside far = here;
    const char *a = "自来水发黄有铁锈味，烧开也没用，洗衣机里一层黄垢",
               *b = "这两天龙头放出来的水发黄，闻着有铁锈气，洗衣服不敢用它";
    (void)state;
    far.hours = 24 * 15;
    assert_int_not_equal(compared(a, b, &far).strength, TWINS_SAME);
    far = here;
    far.same_plaque = false;
    far.other_plaque = true;
    assert_int_not_equal(compared(a, b, &far).strength, TWINS_SAME);
}

static bool share_band(const struct shingles *a, const struct shingles *b)
{
    i64 x[MINHASH_BANDS], y[MINHASH_BANDS];
    const size_t n = minhash_bands(a, x), m = minhash_bands(b, y);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (x[i] == y[k]) return true;
    return false;
}

/* What is stored must mean the same tomorrow and on another machine: raise MINHASH_MAKE when these change. */
static void bands_are_stable(void **state)
{
    static struct shingles s;
    i64 bands[MINHASH_BANDS], again[MINHASH_BANDS];
    (void)state;
    shingles_of(STR("桂花巷路灯全黑三十天了没人修"), &s);
    const size_t n = minhash_bands(&s, bands);
    assert_true(n > MINHASH_BANDS / 2);
    for (size_t i = 0; i < n; i++) assert_true(bands[i] > 0);
    assert_int_equal(bands[0], 0x5374ad6cac41f2ef);
    assert_int_equal(bands[n - 1], 0x785a2605ab457ae7);
    shingles_of(STR("桂花巷的路灯全黑30天没人修。"), &s); /* marks, particles, the writing of numbers */
    assert_int_equal(minhash_bands(&s, again), n);
    assert_memory_equal(bands, again, n * sizeof *bands);
    shingles_of(STR("路灯"), &s);
    assert_int_equal(minhash_bands(&s, bands), 0);
}

static u64 seed;
static u32 draw(u32 below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (u32)(seed >> 33) % below;
}

/* n characters drawn from 2,000, with every `edit`-th of `of` left out. */
static void make_text(struct text *t, u32 *of, size_t n, size_t edit)
{
    text_clear(t);
    for (size_t i = 0; i < n; i++) {
        if (edit == 0) of[i] = 0x5000 + draw(2000);
        if (edit == 0 || draw((u32)edit) != 0) utf8_put(t, of[i]);
    }
}

/* Of copies with a tenth of the characters left out nearly all share a band, of strangers nearly none; and the judge says the same. */
static void edits_are_found(void **state)
{
    static struct telling a, b;
    struct text one, other;
    u32 points[120];
    int edited = 0, strangers = 0, judged = 0;
    (void)state;
    text_init(&one, 4000);
    text_init(&other, 4000);
    seed = 7;
    for (int round = 0; round < 400; round++) {
        const size_t n = 20 + draw(100);
        make_text(&one, points, n, 0);
        make_text(&other, points, n, 10);
        telling_of(text_str(&one), &a);
        telling_of(text_str(&other), &b);
        edited += share_band(&a.shingles, &b.shingles);
        judged += twins_compare(&a, &b, &nothing).strength == TWINS_SAME;
        make_text(&other, points, n, 0);
        telling_of(text_str(&other), &b);
        strangers += share_band(&a.shingles, &b.shingles);
        assert_int_equal(twins_compare(&a, &b, &nothing).strength, TWINS_NOT);
    }
    assert_true(edited >= 396);
    assert_true(judged >= 392);
    assert_true(strangers <= 4);
    text_free(&one);
    text_free(&other);
}

/* A short text that sums up a long one: the wide bands are for that. */
static void sums_are_found(void **state)
{
    static struct telling a, b;
    struct text one, other;
    u32 points[200];
    int found = 0;
    (void)state;
    text_init(&one, 4000);
    text_init(&other, 4000);
    seed = 11;
    for (int round = 0; round < 200; round++) {
        make_text(&one, points, 160, 0);
        text_clear(&other);
        for (size_t i = 0; i < 40; i++)
            utf8_put(&other, points[i / 10 * 40 + i % 10]); /* four stretches of ten */
        telling_of(text_str(&one), &a);
        telling_of(text_str(&other), &b);
        assert_int_not_equal(twins_compare(&a, &b, &nothing).strength, TWINS_NOT);
        found += share_band(&a.shingles, &b.shingles);
    }
    assert_true(found >= 160); /* of one in five in common */
    text_free(&one);
    text_free(&other);
}

static void long_and_broken(void **state)
{
    static char bytes[20000];
    static struct telling t;
    i64 bands[TWINS_KEYS];
    const u64 matters[2] = {1, 2};
    (void)state;
    seed = 3;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)draw(256);
        telling_of((struct str){bytes, draw(sizeof bytes)}, &t);
        assert_true(t.shingles.n <= SHINGLES_POINTS && t.shingles.n_places <= SHINGLES_PLACES);
        assert_true(t.n_names <= TELLING_NAMES && t.n_numbers <= TELLING_NUMBERS);
        assert_true(twins_keys(&t, matters, 2, bands) <= TWINS_KEYS);
        assert_int_not_equal(twins_compare(&t, &t, &nothing).strength, TWINS_LIKELY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_again),        cmocka_unit_test(told_in_other_words),
        cmocka_unit_test(keys_and_reasons),  cmocka_unit_test(places),
        cmocka_unit_test(beside_has_bounds), cmocka_unit_test(bands_are_stable),
        cmocka_unit_test(edits_are_found),   cmocka_unit_test(sums_are_found),
        cmocka_unit_test(long_and_broken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
