/* Working days over the sample calendar: the published cases, the control counts, the law's rules and the
 * refusal to guess. */
#include "calendar_rows.h"
#include "core/workdays.h"
#include <stdio.h>
#include <string.h>

static struct workdays cal;

static int setup(void **state)
{
    (void)state;
    calendar_load(&cal);
    return 0;
}

static void each_year_has_its_control_count(void **state)
{
    (void)state;
    static const int want[] = {249, 249, 251, 248, 248};
    for (int y = 0; y < 5; y++) assert_int_equal(workdays_in_year(&cal, 2022 + y), want[y]);
    assert_int_equal(workdays_in_year(&cal, 2021), -1);
    assert_int_equal(workdays_in_year(&cal, 2027), -1);
}

static void published_cases(void **state)
{
    (void)state;
    static const struct {
        int y, m, d, n;
        const char *due;
    } rows[] = {
        {2023, 4, 26, 5, "2023-05-06 24:00"},  /* the last day is a make-up Saturday */
        {2024, 2, 8, 5, "2024-02-21 24:00"},   /* 除夕 2024 was worked; two make-up days */
        {2025, 9, 30, 5, "2025-10-14 24:00"},  /* eight days off in a row */
        {2024, 9, 12, 3, "2024-09-18 24:00"},  /* make-up Saturday before 中秋 */
        {2026, 2, 13, 15, "2026-03-12 24:00"}, /* 春节 with two make-up days */
        {2022, 12, 29, 5, "2023-01-06 24:00"}, /* across the year */
        {2023, 1, 2, 1, "2023-01-03 24:00"},   /* 3 January 2023 was worked */
    };
    struct work_hours hours = WORK_HOURS_DEFAULT;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int minute = 0; minute < 1440; minute += 479) { /* the hour of the act does not matter */
            instant due,
                act = china_instant(civil_to_days((struct civil){rows[i].y, rows[i].m, rows[i].d}), minute);
            int year = 0;
            assert_true(workdays_add(&cal, &hours, act, rows[i].n, &due, &year, NULL));
            assert_due(due, rows[i].due);
        }
}

/* Days on which the packages of others disagree, or people err. */
static void single_days(void **state)
{
    (void)state;
    static const struct {
        int y, m, d;
        enum day_kind kind;
    } rows[] = {
        {2022, 12, 31, DAY_HOLIDAY}, /* of 元旦 2023 */
        {2023, 1, 3, DAY_WORK},      /* one package calls it a day off */
        {2024, 2, 9, DAY_WORK},      /* 除夕 2024: encouraged leave, no day off */
        {2023, 5, 6, DAY_MAKEUP},    {2023, 10, 6, DAY_HOLIDAY}, {2025, 1, 28, DAY_HOLIDAY},
        {2025, 5, 2, DAY_HOLIDAY},   {2026, 2, 14, DAY_MAKEUP},  {2026, 10, 10, DAY_MAKEUP},
        {2026, 3, 21, DAY_WEEKEND},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(workdays_kind(&cal, civil_to_days((struct civil){rows[i].y, rows[i].m, rows[i].d})),
                         rows[i].kind);
}

/* Back over days off to the instant from which so much working time leads to the end. */
static void working_time_counted_back(void **state)
{
    (void)state;
    static const struct {
        int y, m, d, hour, minute, day_end, minutes;
        const char *at;
    } rows[] = {
        {2026, 3, 26, 0, 0, 1440, 0, "2026-03-25 24:00"},
        {2026, 3, 26, 0, 0, 1440, 1440,
         "2026-03-24 24:00"}, /* the opening of a day is the end of the one before */
        {2026, 3, 26, 0, 0, 1440, 1800, "2026-03-24 18:00"},
        {2026, 3, 24, 0, 0, 1440, 1800, "2026-03-20 18:00"},   /* over a weekend */
        {2026, 2, 25, 0, 0, 1440, 1800, "2026-02-14 18:00"},   /* over 春节 to a make-up Saturday */
        {2026, 3, 25, 17, 30, 1050, 1312, "2026-03-24 13:08"}, /* a day of 17.5 hours */
        {2026, 3, 26, 0, 0, 1050, 525,
         "2026-03-25 08:45"}, /* what lies behind the end of the day is not counted */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct work_hours hours = WORK_HOURS_DEFAULT;
        instant at;
        int year = 0;
        hours.day_end = rows[i].day_end;
        assert_true(workdays_back(&cal, &hours,
                                  china(rows[i].y, rows[i].m, rows[i].d, rows[i].hour, rows[i].minute),
                                  SPAN_MIN(rows[i].minutes), &at, &year));
        assert_due(at, rows[i].at);
    }
    struct work_hours hours = WORK_HOURS_DEFAULT;
    instant at;
    int year = 0;
    assert_false(workdays_back(&cal, &hours, china(2022, 1, 4, 10, 0), SPAN_MIN(1440), &at, &year));
    assert_int_equal(year, 2021);
}

static void a_year_knows_its_version(void **state)
{
    (void)state;
    static struct workdays other;
    other = cal;
    assert_int_equal(workdays_version(&other, 2026), 0);
    workdays_set_version(&other, 2026, 3);
    workdays_set_version(&other, 1990, 3); /* not held: nothing happens */
    assert_int_equal(workdays_version(&other, 2026), 3);
    assert_int_equal(workdays_version(&other, 2025), 0);
    assert_int_equal(workdays_version(&other, 1990), 0);
}

static void the_close_of_business_is_a_setting(void **state)
{
    (void)state;
    struct work_hours hours = WORK_HOURS_DEFAULT;
    instant due;
    int year = 0;
    hours.day_end = 17 * 60 + 30;
    assert_true(workdays_add(&cal, &hours, china(2023, 4, 26, 9, 0), 5, &due, &year, NULL));
    assert_due(due, "2023-05-06 17:30");
}

static void a_year_not_loaded_is_named_never_guessed(void **state)
{
    (void)state;
    struct work_hours hours = WORK_HOURS_DEFAULT;
    struct text why;
    instant due = {42};
    int year = 0;
    bool works;
    text_init(&why, 4096);
    assert_false(workdays_add(&cal, &hours, china(2026, 12, 30, 9, 0), 5, &due, &year, &why));
    assert_int_equal(year, 2027);
    assert_int_equal(due.us, 42);
    assert_non_null(strstr(text_z(&why), "2027年的工作日历尚未载入"));
    assert_false(workdays_half(&cal, &hours, china(2021, 12, 31, 9, 0), &due, &year, NULL));
    assert_int_equal(year, 2021);
    assert_false(workdays_civil(&cal, &hours, china(2026, 12, 20, 9, 0), 15, &due, &year, NULL));
    assert_int_equal(year, 2027);
    assert_false(workdays_is_working(&cal, civil_to_days((struct civil){2027, 6, 1}), &works, &year));
    assert_int_equal(workdays_kind(&cal, civil_to_days((struct civil){2030, 1, 1})), DAY_UNKNOWN);
    text_free(&why);
}

static void a_stray_new_year_row_does_not_load_a_year(void **state)
{
    (void)state;
    static struct workday_row rows[CALENDAR_ROWS_MAX + 1];
    static struct workdays other;
    size_t n = calendar_rows(rows), bad;
    rows[n++] = (struct workday_row){{2027, 1, 1}, false};
    assert_true(workdays_build(rows, n, &other, &bad));
    assert_true(workdays_loaded(&other, 2026));
    assert_false(workdays_loaded(&other, 2027));
}

static void half_a_working_day(void **state)
{
    (void)state;
    static const struct {
        int y, m, d, hour, minute;
        const char *due;
    } rows[] = {
        {2026, 3, 18, 9, 0, "2026-03-18 17:30"}, /* morning: by the close */
        {2026, 3, 18, 3, 0, "2026-03-18 17:30"}, /* before the opening counts as the morning */
        {2026, 3, 18, 11, 59, "2026-03-18 17:30"},
        {2026, 3, 18, 12, 0, "2026-03-19 12:00"}, /* afternoon: noon of the next working day */
        {2026, 3, 18, 17, 29, "2026-03-19 12:00"},
        {2026, 3, 18, 17, 30, "2026-03-19 17:30"}, /* evening: as if come at the next opening */
        {2026, 3, 20, 15, 0, "2026-03-23 12:00"},  /* Friday afternoon */
        {2026, 3, 21, 10, 0, "2026-03-23 17:30"},  /* Saturday */
        {2026, 2, 14, 10, 0, "2026-02-14 17:30"},  /* a make-up Saturday is a working day */
        {2026, 2, 14, 16, 0, "2026-02-24 12:00"},  /* nine days off follow */
    };
    struct work_hours hours = WORK_HOURS_DEFAULT;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        instant due;
        int year = 0;
        assert_true(workdays_half(&cal, &hours,
                                  china(rows[i].y, rows[i].m, rows[i].d, rows[i].hour, rows[i].minute), &due,
                                  &year, NULL));
        assert_due(due, rows[i].due);
    }
}

/* Who comes later is never due earlier: walked minute by minute over a month with 春节 in it. */
static void half_days_never_run_backwards(void **state)
{
    (void)state;
    struct work_hours hours = WORK_HOURS_DEFAULT;
    instant last = {0};
    for (instant t = china(2026, 2, 1, 0, 0); instant_before(t, china(2026, 3, 1, 0, 0));
         t = instant_add(t, SPAN_MIN(1))) {
        instant due;
        int year = 0;
        assert_true(workdays_half(&cal, &hours, t, &due, &year, NULL));
        assert_true(instant_before(t, due));
        assert_false(instant_before(due, last));
        last = due;
    }
}

static void natural_days_follow_the_civil_code(void **state)
{
    (void)state;
    static const struct {
        int y, m, d, n;
        const char *due;
    } rows[] = {
        {2026, 3, 2, 10, "2026-03-12 24:00"},  /* the first day is not counted */
        {2026, 3, 5, 9, "2026-03-16 24:00"},   /* ends on Saturday the 14th: Monday */
        {2025, 9, 25, 7, "2025-10-09 24:00"},  /* ends on 2 October: the day after the break */
        {2023, 4, 24, 12, "2023-05-06 24:00"}, /* a make-up Saturday is no day off */
    };
    struct work_hours hours = WORK_HOURS_DEFAULT;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        instant due;
        int year = 0;
        assert_true(workdays_civil(&cal, &hours, china(rows[i].y, rows[i].m, rows[i].d, 16, 0), rows[i].n,
                                   &due, &year, NULL));
        assert_due(due, rows[i].due);
    }
}

static void hours_run_day_and_night(void **state)
{
    (void)state;
    assert_due(workdays_hours(china(2026, 2, 16, 23, 30), SPAN_H(24), NULL), "2026-02-17 23:30");
}

static void bad_rows_are_pointed_at(void **state)
{
    (void)state;
    static const struct {
        struct workday_row rows[2];
        size_t bad;
    } cases[] = {
        {{{{2026, 1, 1}, false}, {{2026, 2, 30}, false}}, 1}, /* no such day */
        {{{{2026, 13, 1}, false}, {{2026, 1, 1}, false}}, 0},
        {{{{2026, 3, 18}, true}, {{2026, 1, 1}, false}}, 0},  /* a Wednesday needs no make-up */
        {{{{2026, 2, 14}, true}, {{2026, 2, 14}, false}}, 1}, /* both at once */
        {{{{2026, 1, 1}, false}, {{2126, 1, 1}, false}}, 1},  /* wider than the calendar */
    };
    static struct workdays other;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t bad = 99;
        assert_false(workdays_build(cases[i].rows, 2, &other, &bad));
        assert_int_equal(bad, cases[i].bad);
    }
}

/* Against counting one by one, for every day of 2023-2025 and several lengths. */
static void adding_and_counting_agree(void **state)
{
    (void)state;
    struct work_hours hours = WORK_HOURS_DEFAULT;
    i64 end = civil_to_days((struct civil){2026, 1, 1});
    for (i64 day = civil_to_days((struct civil){2023, 1, 1}); day < end; day++)
        for (int n = 1; n <= 15; n += 7) {
            instant due;
            int year = 0, counted = -1, before = -1;
            assert_true(workdays_add(&cal, &hours, china_instant(day, 600), n, &due, &year, NULL));
            i64 last = china_day((instant){due.us - 1});
            assert_true(workdays_between(&cal, day, last, &counted, &year));
            assert_true(workdays_between(&cal, day, last - 1, &before, &year));
            assert_int_equal(counted, n);
            assert_int_equal(before, n - 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_year_has_its_control_count),
        cmocka_unit_test(published_cases),
        cmocka_unit_test(single_days),
        cmocka_unit_test(working_time_counted_back),
        cmocka_unit_test(a_year_knows_its_version),
        cmocka_unit_test(the_close_of_business_is_a_setting),
        cmocka_unit_test(a_year_not_loaded_is_named_never_guessed),
        cmocka_unit_test(a_stray_new_year_row_does_not_load_a_year),
        cmocka_unit_test(half_a_working_day),
        cmocka_unit_test(half_days_never_run_backwards),
        cmocka_unit_test(natural_days_follow_the_civil_code),
        cmocka_unit_test(hours_run_day_and_night),
        cmocka_unit_test(bad_rows_are_pointed_at),
        cmocka_unit_test(adding_and_counting_agree),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
