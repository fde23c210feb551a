/* Names of the past and units that went: whoever writes an old name means who bears the duties now, and the reason says since when; a split
 * goes by its rules, a guess is less sure; a report about a unit that went reaches none of its successors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "route_rig.h"

static struct routing_unit *unit_of(const char *code)
{
    if (id_of(code) == 0) fail_msg("no unit %s", code);
    return (struct routing_unit *)(uintptr_t)&rows.units[id_of(code) - 1];
}

/* 城管局 went into 住建局; 市监局 was split among 商务局, 卫健局 and 公安局; 水利局 was 水务管理局 until a day. */
static int load(void **state)
{
    (void)state;
    static struct routing_share shares[3];
    static struct routing_name names[1];
    if (!rig_read()) return 1;
    struct routing_unit *gone = unit_of("U026"), *split = unit_of("U003");
    gone->successor_id = unit_of("U005")->id;
    gone->gone_on = STR("2026年4月1日");
    split->successor_id = unit_of("U018")->id;
    split->gone_on = STR("2026年5月6日");
    shares[0] = (struct routing_share){split->id, unit_of("U020")->id, SHARE_CATEGORY, STR("02")};
    shares[1] = (struct routing_share){split->id, unit_of("U010")->id, SHARE_PLACE, STR("东湖市场")};
    shares[2] = (struct routing_share){split->id, unit_of("U022")->id, SHARE_OTHER, STR("100018")};
    rows.shares = shares;
    rows.n_shares = ARRAY_LEN(shares);
    names[0] = (struct routing_name){unit_of("U016")->id, STR("水务管理局"), STR("2026年3月1日")};
    rows.names = names;
    rows.n_names = ARRAY_LEN(names);
    return rig_build() ? 0 : 1;
}
static void decide(struct arena *a, enum nature nature, const char *words, struct decision *d)
{
    const struct route_input in = {.text = str_of(words), .nature = nature, .door = DOOR_SMS};
    arena_init(a, (size_t)4 << 20);
    route_decide(routing, &in, a, d);
}
static bool says(const struct decision *d, const char *words)
{
    for (size_t i = 0; i < d->n_because; i++)
        if (str_find(d->because[i], str_of(words)) != SIZE_MAX) return true;
    return false;
}

static void old_names_mean_who_follows(void **state)
{
    (void)state;
    static const struct {
        const char *words, *unit, *because;
    } table[] = {
        {"人行道上全是流动摊贩占道经营,城管局不管", "U005", "原城管局已于2026年4月1日并入区住房和城乡建设局"},
        {"河道里全是垃圾,水务管理局去看看", "U016", "“水务管理局”是区水利局的原名称，2026年3月1日起更名"},
        {"营业执照窗口,市场监督管理局办理时反复补正材料", "U018",
         "原市监局已于2026年5月6日拆分，暂按主要承接单位区商务局"},
        {"东湖市场的商户到市场监督管理局办营业执照窗口反复补正材料", "U010",
         "原市监局已于2026年5月6日拆分，这类事项归区公安局"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena a;
        struct decision d;
        decide(&a, NATURE_UNKNOWN, table[i].words, &d);
        if (!says(&d, table[i].because))
            for (size_t k = 0; k < d.n_because; k++) (void)fprintf(stderr, "%.*s\n", STR_ARG(d.because[k]));
        assert_true(says(&d, table[i].because));
        assert_string_equal(code_of(d.units[0]), table[i].unit);
        arena_free(&a);
    }
}

static void a_guess_is_less_sure(void **state)
{
    (void)state;
    struct arena a;
    struct decision d;
    decide(&a, NATURE_UNKNOWN, "营业执照窗口,市场监督管理局办理时反复补正材料", &d);
    const double guessed = d.confidence;
    arena_free(&a);
    decide(&a, NATURE_UNKNOWN, "营业执照窗口,东湖市场,市场监督管理局办理时反复补正材料", &d);
    assert_true(guessed < d.confidence);
    arena_free(&a);
}

/* Whatever it says beside the name: none of the successors gets a report, nor stands among those to choose from. */
static void the_wall_stands_around_all_successors(void **state)
{
    (void)state;
    static const char *const texts[] = {"市场监督管理局的科长收了商户的红包", "东湖市场,市监局的人吃拿卡要",
                                        "市监局局长在饭店食品检查时索贿", "城管局队长收摊贩红包"};
    static const char *const heirs[] = {"U003", "U018", "U020", "U010", "U022", "U026", "U005"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena a;
        struct decision d;
        decide(&a, NATURE_REPORT, texts[i], &d);
        assert_int_equal(d.nature, NATURE_REPORT);
        const size_t from = i < 3 ? 0 : 5, to = i < 3 ? 5 : ARRAY_LEN(heirs);
        for (size_t h = from; h < to; h++) {
            assert_string_not_equal(code_of(d.unit_id), heirs[h]);
            for (size_t g = 0; g < d.n_guesses; g++)
                assert_string_not_equal(code_of(d.guesses[g].unit_id), heirs[h]);
            for (size_t g = 0; g < d.n_units; g++) assert_string_not_equal(code_of(d.units[g]), heirs[h]);
        }
        arena_free(&a);
    }
}

/* A plaque of a station below the unit that went means who follows. */
static void stations_follow(void **state)
{
    (void)state;
    struct arena a;
    struct decision d;
    const struct route_input in = {
        .text = STR("窗口工作人员态度恶劣"), .unit_id = unit_of("U026")->id, .door = DOOR_PLAQUE};
    arena_init(&a, (size_t)4 << 20);
    route_decide(routing, &in, &a, &d);
    assert_string_equal(code_of(d.units[0]), "U005");
    assert_string_equal(code_of(d.about_unit_id), "U005");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_names_mean_who_follows),
        cmocka_unit_test(a_guess_is_less_sure),
        cmocka_unit_test(the_wall_stands_around_all_successors),
        cmocka_unit_test(stations_follow),
    };
    return cmocka_run_group_tests(tests, load, rig_unload);
}
