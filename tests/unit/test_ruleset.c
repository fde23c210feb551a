/* Sets of changes laid over rules in force: what they do, and each way in which one is wrong; a year of the calendar laid over others. */
#include "core/ruleset.h"
#include "core/workdays.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct routing_unit units[] = {{.id = 1,
                                             .code = STR("U000"),
                                             .kind = STR("office"),
                                             .name = STR("优化办"),
                                             .short_name = STR("优化办"),
                                             .aliases = STR("")},
                                            {.id = 2,
                                             .code = STR("U001"),
                                             .kind = STR("unit"),
                                             .name = STR("区住建局"),
                                             .short_name = STR("住建局"),
                                             .aliases = STR("建设局")}};
static const struct routing_category categories[] = {
    {.code = STR("01"), .parent = STR(""), .name = STR("城建"), .unit_id = 1},
    {.code = STR("0101"),
     .parent = STR("01"),
     .name = STR("路灯"),
     .nature = NATURE_COMPLAIN,
     .unit_id = 2,
     .level = 3}};
static const struct routing_word words[] = {{STR("desk"), STR("triage"), STR("U000"), 0},
                                            {STR("category"), STR("路灯"), STR("0101"), 3},
                                            {STR("category"), STR("灯杆"), STR("0101"), 2}};
static const struct routing_rows rows = {
    .units = units, .n_units = 2, .categories = categories, .n_categories = 2, .words = words, .n_words = 3};

static void lays_changes_over_rows(void **state)
{
    struct rule_change ch[] = {
        {.of = RULE_WORD, .kind = STR("category"), .word = STR("灯杆"), .value = STR("0101"), .gone = true},
        {.of = RULE_WORD, .kind = STR("category"), .word = STR("路灯"), .value = STR("0101"), .weight = 9},
        {.of = RULE_WORD, .kind = STR("category"), .word = STR("灯&坏"), .value = STR("0101"), .weight = 1},
        {.of = RULE_CATEGORY,
         .code = STR("0101"),
         .unit = STR("U000"),
         .nature = NATURE_ASK,
         .level = 0,
         .confidential = true},
        {.of = RULE_ALIAS, .unit = STR("U001"), .aliases = STR("建设局|修路的")}};
    struct routing_rows out;
    struct rule_fault f = {"", ""};
    struct arena a;
    struct text error;
    (void)state;
    arena_init(&a, 1 << 20);
    assert_true(ruleset_apply(&rows, ch, 5, &a, &out, &f));
    assert_int_equal(out.n_words, 3); /* one less, one more */
    assert_true(out.words[1].weight > 8.9);
    assert_true(str_eq(out.words[2].word, STR("灯&坏")));
    assert_true(str_eq(out.units[1].aliases, STR("建设局|修路的")));
    assert_int_equal(out.categories[1].unit_id, 1);
    assert_int_equal(out.categories[1].level, 0);
    assert_true(out.categories[1].confidential);
    assert_true(str_eq(units[1].aliases, STR("建设局"))); /* what is in force is as it was */
    for (size_t i = 0; i < 5; i++)
        if (ch[i].of == RULE_WORD && ch[i].gone) assert_ptr_equal(ch[i].was_word, &words[2]);
    text_init(&error, 300);
    struct routing *r = routing_build(&out, &error);
    assert_non_null(r);
    routing_free(&r);
    text_free(&error);
    arena_free(&a);
}

#define WORD(k, w, v, x)                                                                                     \
    {                                                                                                        \
        .of = RULE_WORD, .kind = STR(k), .word = STR(w), .value = STR(v), .weight = (x)                      \
    }
static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *says;
        struct rule_change ch;
    } bad[] = {
        {"1 到 40", WORD("category", "", "0101", 1)},
        {"没有“colour”", WORD("colour", "红", "", 1)},
        {"-100 到 100", WORD("category", "灯", "0101", -101)},
        {"取值不存在", WORD("category", "灯", "01", 1)},
        {"取值不存在", WORD("urgency", "快", "很急", 1)},
        {"取值不存在", WORD("unit", "灯", "U9", 1)},
        {"取值不存在", WORD("legalpath", "法院", "", 1)},
        {"每一边", WORD("category", "灯&&坏", "0101", 1)},
        {"每一边", WORD("category", "@", "0101", 1)},
        {"没有以“77”开头", WORD("about", "77", "", 1)},
        {"已经不在",
         {.of = RULE_WORD, .kind = STR("category"), .word = STR("灯"), .value = STR("0101"), .gone = true}},
        {"没有编码为 U9", {.of = RULE_ALIAS, .unit = STR("U9"), .aliases = STR("")}},
        {"2 到 40", {.of = RULE_ALIAS, .unit = STR("U001"), .aliases = STR("建设局||修路")}},
        {"或它是大类", {.of = RULE_CATEGORY, .code = STR("01"), .unit = STR("U001"), .nature = NATURE_ASK}},
        {"L0 到 L4",
         {.of = RULE_CATEGORY, .code = STR("0101"), .unit = STR("U001"), .nature = NATURE_ASK, .level = 5}}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct rule_change ch[2] = {bad[i].ch, bad[i].ch};
        struct routing_rows out;
        struct rule_fault f = {"", ""};
        struct arena a;
        arena_init(&a, 1 << 20);
        assert_false(ruleset_apply(&rows, ch, 1, &a, &out, &f));
        if (!strstr(f.zh, bad[i].says)) fail_msg("row %zu: %s", i, f.zh);
        assert_true(f.en[0] != '\0');
        arena_free(&a);
    }
    struct rule_change twice[] = {WORD("category", "灯", "0101", 1), WORD("category", "灯", "0101", 2)};
    struct routing_rows out;
    struct rule_fault f = {"", ""};
    struct arena a;
    arena_init(&a, 1 << 20);
    assert_false(ruleset_apply(&rows, twice, 2, &a, &out, &f));
    assert_non_null(strstr(f.zh, "改了两次"));
    arena_free(&a);
}

static void lays_a_year_over_others(void **state)
{
    struct workday_row old[24], fresh[12];
    struct workdays cal, with;
    size_t bad = 99;
    (void)state;
    for (int i = 0; i < 12; i++) {
        old[i] = (struct workday_row){{2025, 10, 1 + i}, false};
        old[12 + i] = (struct workday_row){{2026, 10, 1 + i}, false};
        fresh[i] = (struct workday_row){{2026, 5, 1 + i}, false};
    }
    assert_true(workdays_build(old, 24, &cal, &bad));
    workdays_set_version(&cal, 2025, 3);
    assert_true(workdays_with_year(&cal, 2026, fresh, 12, &with, &bad));
    assert_int_equal(workdays_kind(&with, civil_to_days((struct civil){2025, 10, 3})), DAY_HOLIDAY);
    assert_int_equal(workdays_kind(&with, civil_to_days((struct civil){2026, 5, 5})), DAY_HOLIDAY);
    assert_int_equal(workdays_kind(&with, civil_to_days((struct civil){2026, 10, 5})), DAY_WORK);
    assert_int_equal(workdays_version(&with, 2025), 3);
    fresh[4] = (struct workday_row){{2026, 6, 30}, true}; /* a Tuesday */
    assert_false(workdays_with_year(&cal, 2026, fresh, 12, &with, &bad));
    assert_int_equal(bad, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lays_changes_over_rows),
                                       cmocka_unit_test(says_what_is_wrong),
                                       cmocka_unit_test(lays_a_year_over_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
