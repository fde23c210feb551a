/* The weekly sheet: the week of a day, what changed since the sheet before, and sums that balance. */
#include "core/sheet.h"
#include "core/workdays.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static i64 day_of(int y, int m, int d) { return civil_to_days((struct civil){y, m, d}); }

static void weeks(void **state)
{
    (void)state;
    const instant now = china_instant(day_of(2026, 3, 25), 600); /* a Wednesday, 10:00 */
    struct sheet_week w;
    assert_true(sheet_week_of(day_of(2026, 3, 25), now, &w));
    assert_int_equal(w.as_of.us, now.us);
    assert_false(w.past);
    assert_int_equal(w.monday.us, china_instant(day_of(2026, 3, 23), 0).us);
    assert_int_equal(w.end.us, china_instant(day_of(2026, 3, 30), 0).us);
    assert_int_equal(w.before.us, china_instant(day_of(2026, 3, 18), 600).us);
    /* A Monday and a Sunday of the same week; a day gone by ends at its 24:00. */
    for (int d = 16; d <= 22; d++) {
        assert_true(sheet_week_of(day_of(2026, 3, d), now, &w));
        assert_true(w.past);
        assert_int_equal(w.monday.us, china_instant(day_of(2026, 3, 16), 0).us);
        assert_int_equal(w.as_of.us, china_instant(day_of(2026, 3, d + 1), 0).us);
    }
    assert_false(sheet_week_of(day_of(2026, 3, 26), now, &w));
}

static void every_change(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct { enum case_state then, now; enum sheet_change want; } rows[] = {
        {CASE_NEW, CASE_NEW, SHEET_NONE},             {CASE_NEW, CASE_DISCOVERED, SHEET_NEW},
        {CASE_NEW, CASE_VERIFYING, SHEET_NEW},        {CASE_NEW, CASE_CLOSED, SHEET_CLOSED},
        {CASE_NEW, CASE_DECLINED, SHEET_LEFT},        {CASE_HANDLING, CASE_HANDLING, SHEET_SAME},
        {CASE_ASSIGNED, CASE_HANDLING, SHEET_MOVED},  {CASE_VERIFYING, CASE_HANDLING, SHEET_BACK},
        {CASE_ASSIGNED, CASE_DISCOVERED, SHEET_BACK}, {CASE_CLOSED, CASE_HANDLING, SHEET_REOPENED},
        {CASE_DECLINED, CASE_DISCOVERED, SHEET_REOPENED}, {CASE_MERGED, CASE_ASSIGNED, SHEET_REOPENED},
        {CASE_VERIFYING, CASE_CLOSED, SHEET_CLOSED},  {CASE_HANDLING, CASE_MERGED, SHEET_LEFT},
        {CASE_CLOSED, CASE_CLOSED, SHEET_NONE},       {CASE_MERGED, CASE_MERGED, SHEET_NONE},
        {CASE_CLOSED, CASE_DECLINED, SHEET_NONE},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(sheet_change(rows[i].then, rows[i].now), rows[i].want);
}

static void due_and_overdue(void **state)
{
    (void)state;
    struct sheet_week w;
    const i64 monday = day_of(2026, 3, 23);
    assert_true(sheet_week_of(monday, china_instant(monday, 1200), &w));
    /* clang-format off */
    const struct { instant due; enum case_state now; bool overdue, this_week; } rows[] = {
        {china_instant(monday, 1199), CASE_HANDLING, true, false},
        {china_instant(monday, 1200), CASE_HANDLING, true, false},   /* the limit's end is over */
        {china_instant(monday, 1201), CASE_HANDLING, false, true},
        {w.end, CASE_ASSIGNED, false, true},                         /* 24:00 of Sunday */
        {{w.end.us + 1}, CASE_ASSIGNED, false, false},
        {china_instant(monday, 0), CASE_CLOSED, false, false},
        {{0}, CASE_HANDLING, false, false},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sheet_item it = {.unit = 1, .then = CASE_NEW, .now = rows[i].now, .due = rows[i].due};
        assert_int_equal(sheet_overdue(&w, &it), rows[i].overdue);
        assert_int_equal(sheet_due_this_week(&w, &it), rows[i].this_week);
    }
}

/* Whatever the items: what was open, plus what came, minus what went, is what is open; units add up to the total. */
static void sums_balance(void **state)
{
    (void)state;
    enum { N = 500 };
    static struct sheet_item items[N];
    static struct sheet_sum sums[N];
    struct sheet_sum total;
    struct sheet_week w;
    const i64 day = day_of(2026, 3, 23);
    u32 seed = 20260323;
    assert_true(sheet_week_of(day, china_instant(day, 1200), &w));
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < N; i++) {
            seed = seed * 1664525u + 1013904223u;
            items[i] = (struct sheet_item){
                .unit = 1 + (i64)(seed >> 28),
                .then = (enum case_state)((seed >> 8) % CASE_STATES_N),
                .now = (enum case_state)((seed >> 16) % CASE_STATES_N),
                .due = {w.as_of.us + ((i64)(seed % 2000) - 1000) * SPAN_H(1).us},
                .higher = (seed & 7) == 0,
            };
            if (items[i].now == CASE_NEW) items[i].then = CASE_NEW; /* nothing is unmade */
        }
        size_t units = sheet_sums(&w, items, N, sums, &total);
        struct sheet_sum add = {0};
        for (size_t u = 0; u < units; u++) {
            const struct sheet_sum *s = &sums[u];
            assert_int_equal(s->open_before + s->fresh + s->reopened - s->closed - s->left, s->open);
            assert_true(s->overdue + s->due_this_week <= s->open);
            assert_true(s->higher <= s->open);
            add.open += s->open, add.closed += s->closed, add.overdue += s->overdue, add.fresh += s->fresh;
            for (size_t v = 0; v < u; v++) assert_int_not_equal(sums[v].unit, s->unit);
        }
        assert_int_equal(add.open, total.open);
        assert_int_equal(add.closed, total.closed);
        assert_int_equal(add.overdue, total.overdue);
        assert_int_equal(add.fresh, total.fresh);
        assert_int_equal(total.open_before + total.fresh + total.reopened - total.closed - total.left,
                         total.open);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks),
        cmocka_unit_test(every_change),
        cmocka_unit_test(due_and_overdue),
        cmocka_unit_test(sums_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
