/* The sample district's calendar for tests that count days. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/workdays.h"
#include <stdio.h>
#include <string.h>

#define CALENDAR_ROWS_MAX 400

static inline size_t calendar_rows(struct workday_row rows[CALENDAR_ROWS_MAX])
{
    char line[256];
    size_t n = 0;
    FILE *f = fopen(TREE "/deploy/sample-district/cn-workdays.csv", "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f)); /* header */
    while (n < CALENDAR_ROWS_MAX && fgets(line, sizeof line, f) != NULL) {
        struct workday_row *r = &rows[n++];
        char kind[16];
        assert_int_equal(
            sscanf(line, "%d-%d-%d,%15[a-z],", &r->date.year, &r->date.month, &r->date.day, kind), 4);
        r->works = strcmp(kind, "workday") == 0;
    }
    fclose(f);
    return n;
}

static inline void calendar_load(struct workdays *cal_r)
{
    static struct workday_row rows[CALENDAR_ROWS_MAX];
    size_t n = calendar_rows(rows), bad = 0;
    assert_int_equal(n, 180);
    assert_true(workdays_build(rows, n, cal_r, &bad));
}

static inline instant china(int y, int m, int d, int hour, int minute)
{
    return china_instant(civil_to_days((struct civil){y, m, d}), hour * 60 + minute);
}

static inline void assert_due(instant due, const char *want)
{
    char buf[INSTANT_TEXT_MAX];
    assert_string_equal(due_text(due, buf), want);
}
