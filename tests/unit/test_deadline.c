/* Every clock of every level from an act to its instant, with the explanation that goes with it. */
#include "calendar_rows.h"
#include "core/deadline.h"

static struct workdays cal;
static struct deadline_rules rules;

static int setup(void **state)
{
    (void)state;
    calendar_load(&cal);
    rules = deadline_defaults();
    return 0;
}

/* All from Wednesday 2026-03-18 14:00. */
static void each_clock_of_each_level(void **state)
{
    (void)state;
    static const struct {
        enum case_clock clock;
        int level, round;
        const char *due;
    } rows[] = {
        {CLOCK_ACCEPT, 0, 1, "2026-03-19 12:00"},   {CLOCK_ACCEPT, 1, 1, "2026-03-18 14:15"},
        {CLOCK_ACCEPT, 2, 1, "2026-03-19 12:00"},   {CLOCK_ACCEPT, 4, 1, "2026-03-19 12:00"},
        {CLOCK_SIGN, 0, 1, "2026-03-19 12:00"},     {CLOCK_SIGN, 1, 1, "2026-03-18 14:15"},
        {CLOCK_SIGN, 2, 1, "2026-03-18 16:00"},     {CLOCK_SIGN, 3, 1, "2026-03-19 12:00"},
        {CLOCK_HANDLING, 0, 1, "2026-03-20 24:00"}, {CLOCK_HANDLING, 1, 1, "2026-03-18 16:00"},
        {CLOCK_HANDLING, 2, 1, "2026-03-19 14:00"}, {CLOCK_HANDLING, 3, 1, "2026-03-25 24:00"},
        {CLOCK_HANDLING, 4, 1, "2026-04-09 24:00"}, {CLOCK_REVIEW, 3, 1, "2026-03-19 12:00"},
        {CLOCK_CALLBACK, 3, 1, "2026-03-23 24:00"}, {CLOCK_HANDLING, 0, 2, "2026-03-19 24:00"},
        {CLOCK_HANDLING, 1, 2, "2026-03-18 15:00"}, {CLOCK_HANDLING, 2, 2, "2026-03-19 02:00"},
        {CLOCK_HANDLING, 3, 2, "2026-03-23 24:00"}, {CLOCK_HANDLING, 4, 2, "2026-03-30 24:00"},
        {CLOCK_HANDLING, 3, 7, "2026-03-23 24:00"}, /* half of the first limit, not less each time */
        {CLOCK_CALLBACK, 3, 2, "2026-03-23 24:00"}, /* only handling is halved */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        instant due;
        int year = 0;
        assert_true(deadline_due(&rules, &cal, rows[i].clock, rows[i].level, rows[i].round,
                                 china(2026, 3, 18, 14, 0), &due, &year, NULL));
        assert_due(due, rows[i].due);
    }
}

static void the_explanation_names_rule_start_and_each_skipped_day(void **state)
{
    (void)state;
    struct text why;
    instant due;
    int year = 0;
    text_init(&why, 4096);
    assert_true(
        deadline_due(&rules, &cal, CLOCK_HANDLING, 3, 1, china(2023, 4, 26, 10, 5), &due, &year, &why));
    assert_string_equal(text_z(&why), "规则：L3级，办理时限5个工作日\n"
                                      "起算：2023-04-26 10:05，当日不计，从下一个工作日起算\n"
                                      "第1个工作日 2023-04-27（周四）\n"
                                      "第2个工作日 2023-04-28（周五）\n"
                                      "跳过 2023-04-29（周六）法定节假日放假\n"
                                      "跳过 2023-04-30（周日）法定节假日放假\n"
                                      "跳过 2023-05-01（周一）法定节假日放假\n"
                                      "跳过 2023-05-02（周二）法定节假日放假\n"
                                      "跳过 2023-05-03（周三）法定节假日放假\n"
                                      "第3个工作日 2023-05-04（周四）\n"
                                      "第4个工作日 2023-05-05（周五）\n"
                                      "第5个工作日 2023-05-06（周六）调休上班\n"
                                      "到期：2023-05-06 24:00\n");
    text_clear(&why);
    assert_true(
        deadline_due(&rules, &cal, CLOCK_HANDLING, 1, 2, china(2026, 2, 17, 23, 30), &due, &year, &why));
    assert_string_equal(text_z(&why), "规则：L1级，办理时限1小时（第2轮办理，时限减半）\n"
                                      "起算：2026-02-17 23:30，按钟点连续计算，夜间和休息日不停\n"
                                      "到期：2026-02-18 00:30\n");
    text_free(&why);
}

static void a_year_not_loaded_gives_no_deadline(void **state)
{
    (void)state;
    instant due = {7};
    int year = 0;
    assert_false(
        deadline_due(&rules, &cal, CLOCK_HANDLING, 4, 1, china(2026, 12, 20, 9, 0), &due, &year, NULL));
    assert_int_equal(year, 2027);
    assert_int_equal(due.us, 7);
    /* Hours need no calendar: an emergency is never held up by a missing year. */
    assert_true(deadline_due(&rules, &cal, CLOCK_HANDLING, 1, 1, china(2031, 1, 1, 0, 0), &due, &year, NULL));
    assert_due(due, "2031-01-01 02:00");
}

static void an_extension_counts_on_from_the_old_last_day(void **state)
{
    (void)state;
    instant due, old = china(2026, 3, 26, 0, 0); /* 24:00 of the 25th */
    int year = 0;
    assert_true(deadline_extend(&rules, &cal, 3, old, 5, &due, &year, NULL));
    assert_due(due, "2026-04-01 24:00");
    /* Friday 24:00 is already Saturday as an instant: the count still begins behind Friday */
    assert_true(deadline_extend(&rules, &cal, 3, china(2026, 3, 21, 0, 0), 5, &due, &year, NULL));
    assert_due(due, "2026-03-27 24:00");
    assert_true(deadline_extend(&rules, &cal, 2, china(2026, 3, 19, 14, 0), 24 * 60, &due, &year, NULL));
    assert_due(due, "2026-03-20 14:00");
    rules.hours.day_end = 1050; /* a close of business stays a close of business */
    assert_true(deadline_extend(&rules, &cal, 3, china(2026, 3, 25, 17, 30), 5, &due, &year, NULL));
    assert_due(due, "2026-04-01 17:30");
    rules = deadline_defaults();
}

static void standing_still_is_really_subtracted(void **state)
{
    (void)state;
    instant due, old = china(2026, 3, 26, 0, 0);
    int year = 0;
    struct text why;
    text_init(&why, 4096);
    /* Thursday to Tuesday: three working days later */
    assert_true(deadline_resume(&rules, &cal, CLOCK_HANDLING, 3, old, china(2026, 3, 19, 9, 0),
                                china(2026, 3, 24, 15, 0), &due, &year, &why));
    assert_due(due, "2026-03-30 24:00");
    assert_non_null(strstr(text_z(&why), "停计期间共3个工作日"));
    text_free(&why);
    /* within a day, and over a weekend: nothing to give back */
    assert_true(deadline_resume(&rules, &cal, CLOCK_HANDLING, 3, old, china(2026, 3, 19, 9, 0),
                                china(2026, 3, 19, 17, 0), &due, &year, NULL));
    assert_due(due, "2026-03-25 24:00");
    assert_true(deadline_resume(&rules, &cal, CLOCK_HANDLING, 3, old, china(2026, 3, 20, 18, 0),
                                china(2026, 3, 22, 12, 0), &due, &year, NULL));
    assert_due(due, "2026-03-25 24:00");
    /* limits in hours get the span back to the minute */
    assert_true(deadline_resume(&rules, &cal, CLOCK_HANDLING, 2, china(2026, 3, 19, 14, 0),
                                china(2026, 3, 18, 20, 0), china(2026, 3, 18, 21, 30), &due, &year, NULL));
    assert_due(due, "2026-03-19 15:30");
}

/* Three quarters of the time, counted back from the deadline. */
static void three_quarters_of_the_time(void **state)
{
    (void)state;
    static const struct {
        enum case_clock clock;
        int level, round, extended;
        const char *at;
    } rows[] = {
        {CLOCK_HANDLING, 0, 1, 0, "2026-03-25 12:00"}, {CLOCK_HANDLING, 3, 1, 0, "2026-03-24 18:00"},
        {CLOCK_HANDLING, 3, 2, 0, "2026-03-25 06:00"}, {CLOCK_HANDLING, 3, 1, 3, "2026-03-23 24:00"},
        {CLOCK_HANDLING, 4, 1, 0, "2026-03-20 06:00"}, {CLOCK_HANDLING, 2, 1, 0, "2026-03-25 18:00"},
        {CLOCK_HANDLING, 1, 1, 0, "2026-03-25 23:30"}, {CLOCK_HANDLING, 1, 2, 0, "2026-03-25 23:45"},
        {CLOCK_CALLBACK, 3, 1, 0, "2026-03-25 06:00"}, {CLOCK_SIGN, 2, 1, 0, "2026-03-25 23:30"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        instant at;
        int year = 0;
        assert_true(deadline_point(&rules, &cal, rows[i].clock, rows[i].level, rows[i].round,
                                   rows[i].extended, china(2026, 3, 26, 0, 0), 75, &at, &year));
        assert_due(at, rows[i].at);
    }
    /* Half a working day gives from noon to the close at least: a quarter of that before the close. */
    instant at;
    int year = 0;
    assert_true(
        deadline_point(&rules, &cal, CLOCK_SIGN, 3, 1, 0, china(2026, 3, 25, 17, 30), 75, &at, &year));
    assert_due(at, "2026-03-25 16:07");
    /* A day that ends at 17:30 is shorter, and its quarter with it. */
    rules.hours.day_end = 1050;
    assert_true(
        deadline_point(&rules, &cal, CLOCK_HANDLING, 0, 1, 0, china(2026, 3, 25, 17, 30), 75, &at, &year));
    assert_due(at, "2026-03-25 08:45");
    rules = deadline_defaults();
}

static void the_explanation_names_the_versions_of_the_calendar(void **state)
{
    (void)state;
    static struct workdays versioned;
    struct text why;
    instant due;
    int year = 0;
    versioned = cal;
    workdays_set_version(&versioned, 2022, 1);
    workdays_set_version(&versioned, 2023, 2);
    text_init(&why, 4096);
    assert_true(
        deadline_due(&rules, &versioned, CLOCK_HANDLING, 3, 1, china(2022, 12, 29, 9, 0), &due, &year, &why));
    assert_non_null(strstr(text_z(&why), "按2022年工作日历第1版、2023年工作日历第2版\n"));
    text_clear(&why);
    /* The end of the year belongs to it, and hours need no calendar. */
    assert_true(
        deadline_due(&rules, &versioned, CLOCK_HANDLING, 0, 1, china(2022, 12, 28, 9, 0), &due, &year, &why));
    assert_non_null(strstr(text_z(&why), "按2022年工作日历第1版\n"));
    text_clear(&why);
    assert_true(
        deadline_due(&rules, &versioned, CLOCK_HANDLING, 1, 1, china(2022, 12, 28, 9, 0), &due, &year, &why));
    assert_null(strstr(text_z(&why), "工作日历"));
    text_free(&why);
}

static void words_of_clocks(void **state)
{
    (void)state;
    for (unsigned c = 0; c < CLOCKS_N; c++) {
        enum case_clock back;
        assert_true(case_clock_parse(str_of(case_clock_word((enum case_clock)c)), &back));
        assert_int_equal(back, c);
    }
    enum case_clock unused;
    assert_false(case_clock_parse(STR("lunch"), &unused));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_clock_of_each_level),
        cmocka_unit_test(the_explanation_names_rule_start_and_each_skipped_day),
        cmocka_unit_test(a_year_not_loaded_gives_no_deadline),
        cmocka_unit_test(an_extension_counts_on_from_the_old_last_day),
        cmocka_unit_test(standing_still_is_really_subtracted),
        cmocka_unit_test(three_quarters_of_the_time),
        cmocka_unit_test(the_explanation_names_the_versions_of_the_calendar),
        cmocka_unit_test(words_of_clocks),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
