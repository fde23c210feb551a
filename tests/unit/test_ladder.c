/* The ladder of supervision: each rung at its instant, over holidays and make-up days, rising only. */
#include "calendar_rows.h"
#include "core/ladder.h"

static struct workdays cal;
static struct deadline_rules rules;

static int setup(void **state)
{
    (void)state;
    calendar_load(&cal);
    rules = deadline_defaults();
    return 0;
}

/* The case in handling at a level, with the deadline that the assignment at `at` gives. */
static struct case_view handling(int level, int round, instant at, instant *due_r)
{
    struct case_view v = case_view_new(1, NATURE_COMPLAIN, level, 0, false);
    int year = 0;
    v.state = CASE_HANDLING;
    v.round = round;
    v.assigned = at;
    v.replied = round > 1 ? instant_add(at, SPAN_H(-1)) : (instant){0};
    assert_true(deadline_due(&rules, &cal, CLOCK_HANDLING, level, round, at, due_r, &year, NULL));
    return v;
}

static const char *at_text(const struct case_view *v, instant due, size_t step, char buf[INSTANT_TEXT_MAX])
{
    instant at;
    int year = 0;
    if (!ladder_at(&rules, &cal, v, &ladder_steps(v->level)[step], due, &at, &year)) {
        snprintf(buf, INSTANT_TEXT_MAX, "no %d", year);
        return buf;
    }
    return due_text(at, buf);
}

static void every_level_has_every_rung_once_and_in_order(void **state)
{
    (void)state;
    for (int level = 0; level < CASE_LEVELS_N; level++)
        for (int i = 0; i < LADDER_STEPS_N; i++) {
            const struct ladder_step *s = &ladder_steps(level)[i];
            assert_int_equal(s->rung, i + 1);
            assert_true((s->percent > 0) != (s->after > 0));
            assert_int_equal(ladder_by_clock(s->rung), i < 2);
        }
    assert_string_equal(ladder_issuer_chinese(RUNG_URGE), "时钟");
    assert_string_equal(ladder_issuer_chinese(RUNG_YELLOW), "督查督办组");
    assert_string_equal(ladder_issuer_chinese(RUNG_ANNOUNCE), "督查督办组");
    assert_string_equal(ladder_issuer_chinese(RUNG_TALK), "追责问责组");
}

/* Each row: assigned when, at which level and round; the instants of the seven rungs. */
static void rungs_fall_on_working_days(void **state)
{
    (void)state;
    static const struct {
        int level, round, y, m, d, hour, minute;
        const char *at[LADDER_STEPS_N];
    } rows[] = {
        /* five working days from a Wednesday; 清明 2026 is 4 to 6 April */
        {3,
         1,
         2026,
         3,
         18,
         14,
         0,
         {"2026-03-24 18:00", "2026-03-25 24:00", "2026-03-26 24:00", "2026-04-01 24:00", "2026-04-09 24:00",
          "2026-04-16 24:00", "2026-04-23 24:00"}},
        /* across 春节 2026 (15 to 23 February off, 14 and 28 February worked) */
        {3,
         1,
         2026,
         2,
         10,
         10,
         0,
         {"2026-02-14 18:00", "2026-02-24 24:00", "2026-02-25 24:00", "2026-03-02 24:00", "2026-03-09 24:00",
          "2026-03-16 24:00", "2026-03-23 24:00"}},
        /* across 国庆 2026 (1 to 7 October off, 20 September and 10 October worked) */
        {3,
         1,
         2026,
         9,
         24,
         9,
         0,
         {"2026-10-08 18:00", "2026-10-09 24:00", "2026-10-10 24:00", "2026-10-15 24:00", "2026-10-22 24:00",
          "2026-10-29 24:00", "2026-11-05 24:00"}},
        /* 24 hours run through the night; working days behind it keep the hour */
        {2,
         1,
         2026,
         3,
         20,
         15,
         30,
         {"2026-03-21 09:30", "2026-03-21 15:30", "2026-03-23 15:30", "2026-03-27 15:30", "2026-04-03 15:30",
          "2026-04-13 15:30", "2026-04-20 15:30"}},
        /* two hours */
        {1,
         1,
         2026,
         2,
         17,
         23,
         0,
         {"2026-02-18 00:30", "2026-02-18 01:00", "2026-02-24 01:00", "2026-02-28 01:00", "2026-03-06 01:00",
          "2026-03-13 01:00", "2026-03-20 01:00"}},
        /* the second round has half the time: three days, of which a quarter is 18 hours of a day */
        {3,
         2,
         2026,
         3,
         18,
         14,
         0,
         {"2026-03-23 06:00", "2026-03-23 24:00", "2026-03-24 24:00", "2026-03-30 24:00", "2026-04-07 24:00",
          "2026-04-14 24:00", "2026-04-21 24:00"}},
        /* 15 working days; the last rungs fall into a year that is not loaded */
        {4,
         1,
         2026,
         11,
         20,
         9,
         0,
         {"2026-12-08 06:00", "2026-12-11 24:00", "2026-12-14 24:00", "2026-12-18 24:00", "2026-12-25 24:00",
          "no 2027", "no 2027"}},
    };
    char buf[INSTANT_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        instant due;
        struct case_view v =
            handling(rows[i].level, rows[i].round,
                     china(rows[i].y, rows[i].m, rows[i].d, rows[i].hour, rows[i].minute), &due);
        for (size_t step = 0; step < LADDER_STEPS_N; step++)
            assert_string_equal(at_text(&v, due, step, buf), rows[i].at[step]);
    }
}

static void an_extension_moves_the_reminder_with_the_whole_time(void **state)
{
    (void)state;
    char buf[INSTANT_TEXT_MAX];
    instant due;
    int year = 0;
    struct case_view v = handling(3, 1, china(2026, 3, 18, 14, 0), &due);
    assert_true(deadline_extend(&rules, &cal, 3, due, 3, &due, &year, NULL));
    v.extended = 3; /* eight days: a quarter is two */
    assert_string_equal(at_text(&v, due, 1, buf), "2026-03-30 24:00");
    assert_string_equal(at_text(&v, due, 0, buf), "2026-03-26 24:00");
}

/* Climbs step by step and writes down what the ladder offers. */
static void climb(struct case_view *v, instant due, const int *want, size_t n)
{
    instant last = {0};
    for (size_t i = 0; i <= n; i++) {
        const struct ladder_step *s;
        instant at;
        int year = 0;
        assert_true(ladder_next(&rules, &cal, v, due, &s, &at, &year));
        if (i == n) {
            assert_null(s);
            return;
        }
        assert_non_null(s);
        assert_int_equal(s->rung, want[i]);
        assert_false(instant_before(at, last));
        last = at;
        if (ladder_by_clock(s->rung))
            v->rung = s->rung;
        else
            v->proposed = s->rung;
    }
}

static void missed_steps_are_offered_one_by_one_earliest_first(void **state)
{
    (void)state;
    instant due;
    struct case_view v = handling(3, 1, china(2026, 3, 18, 14, 0), &due);
    climb(&v, due, (const int[]){1, 2, 3, 4, 5, 6, 7}, 7);
}

static void a_second_redoing_gets_the_red_letter_at_once(void **state)
{
    (void)state;
    instant due;
    struct case_view v = handling(3, 3, china(2026, 3, 18, 14, 0), &due);
    /* Red first; the unit is still reminded and urged, but no yellow letter follows a red one. */
    climb(&v, due, (const int[]){4, 1, 2, 5, 6, 7}, 6);
}

static void what_a_person_has_issued_is_not_offered_again(void **state)
{
    (void)state;
    instant due;
    const struct ladder_step *s;
    instant at;
    int year = 0;
    struct case_view v = handling(3, 1, china(2026, 3, 18, 14, 0), &due);
    v.rung = RUNG_RED; /* issued before the deadline: it only rises, no reminder after it */
    assert_true(ladder_next(&rules, &cal, &v, due, &s, &at, &year));
    assert_int_equal(s->rung, RUNG_ANNOUNCE);
}

static void a_step_in_a_missing_year_waits_for_the_year(void **state)
{
    (void)state;
    instant due;
    const struct ladder_step *s;
    instant at;
    int year = 0;
    struct case_view v = handling(4, 1, china(2026, 11, 20, 9, 0), &due);
    assert_true(ladder_next(&rules, &cal, &v, due, &s, &at, &year));
    assert_int_equal(s->rung, RUNG_REMIND);
    v.rung = RUNG_URGE;
    v.proposed = RUNG_ANNOUNCE;
    assert_false(ladder_next(&rules, &cal, &v, due, &s, &at, &year));
    assert_null(s);
    assert_int_equal(year, 2027);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_has_every_rung_once_and_in_order),
        cmocka_unit_test(rungs_fall_on_working_days),
        cmocka_unit_test(an_extension_moves_the_reminder_with_the_whole_time),
        cmocka_unit_test(missed_steps_are_offered_one_by_one_earliest_first),
        cmocka_unit_test(a_second_redoing_gets_the_red_letter_at_once),
        cmocka_unit_test(what_a_person_has_issued_is_not_offered_again),
        cmocka_unit_test(a_step_in_a_missing_year_waits_for_the_year),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
