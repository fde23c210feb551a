/* The pure parts of the staff's door: names of needs, instants as people send them, why a deadline is what it is, and
 * how files are chosen. */
#include "calendar_rows.h"
#include "files.h"
#include "staff_part.h"
#include "casework.h"

static struct workdays cal;

static int setup(void **state)
{
    (void)state;
    calendar_load(&cal);
    return 0;
}

/* --- needs --- */

static void every_need_that_is_an_input_has_a_name(void **state)
{
    (void)state;
    u32 named = 0, inputs = 0;
    for (size_t i = 0; i < n_staff_fields; i++) {
        assert_false(named & staff_fields[i].need);
        named |= staff_fields[i].need;
    }
    for (unsigned b = 0; b < NEEDS_N; b++) inputs |= 1u << b;
    inputs &= ~(u32)(NEED_NOT_AUTHOR | NEED_NOT_ASKER | NEED_OUTSIDE); /* of the person, not of the request */
    assert_int_equal(named, inputs);
}

static void the_missing_list_is_what_the_act_needs_less_what_came(void **state)
{
    (void)state;
    struct act_request q = {.act = ACT_REPLY, .text = STR("  "), .now = china(2026, 3, 18, 9, 0)};
    assert_int_equal(staff_needs_missing(&q) & (NEED_TEXT | NEED_EVIDENCE), NEED_TEXT | NEED_EVIDENCE);
    q.text = STR("已办结。");
    q.evidence = 1;
    assert_int_equal(staff_needs_missing(&q) & ~(u32)(NEED_NOT_AUTHOR | NEED_OUTSIDE), 0);
    /* The clock's rule of `supervise` needs no reason; a person's does. */
    q = (struct act_request){.act = ACT_SUPERVISE, .rung = 3};
    assert_int_equal(staff_needs_missing(&q) & (NEED_REASON | NEED_RUNG), NEED_REASON);
    struct text t;
    text_init(&t, 200);
    staff_needs_json(NEED_UNIT | NEED_TEXT | NEED_GROUND | NEED_OUTSIDE, &t);
    assert_string_equal(text_z(&t), "[\"unit\",\"words\",\"legal_ground\"]");
    text_free(&t);
}

static void a_button_asks_for_what_its_own_rule_needs(void **state)
{
    (void)state;
    bool ends;
    struct case_view v = {.state = CASE_REPLIED, .flags = CASE_FLAG_ENDORSED};
    assert_true(staff_needs_of(&v, ROLE_BIT(ROLE_SUPERVISOR), ACT_SEND_BACK, &ends) & NEED_OUTSIDE);
    v.flags = 0;
    assert_false(staff_needs_of(&v, ROLE_BIT(ROLE_UNIT_LEADER), ACT_SEND_BACK, &ends) & NEED_OUTSIDE);
    v = (struct case_view){.state = CASE_VERIFYING, .flags = CASE_FLAG_ANSWERED};
    assert_false((staff_needs_of(&v, ROLE_BIT(ROLE_CALLBACK), ACT_CALLBACK_ATTEMPT, &ends), ends));
    v.flags |= CASE_FLAG_TRIED_TWICE;
    assert_true((staff_needs_of(&v, ROLE_BIT(ROLE_CALLBACK), ACT_CALLBACK_ATTEMPT, &ends), ends));
    v.state = CASE_ASSIGNED;
    assert_true(staff_needs_of(&v, ROLE_BIT(ROLE_SUPERVISOR), ACT_SUPERVISE, &ends) & NEED_REASON);
}

/* --- instants --- */

static void instants_as_people_send_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want; /* want NULL: refused */
    } rows[] = {
        {"2026-03-18", "2026-03-18T16:00:00.000Z"}, /* the end of that day in China */
        {" 2026-02-28 ", "2026-02-28T16:00:00.000Z"},
        {"2026-03-18T09:30:05Z", "2026-03-18T09:30:05.000Z"},
        {"2026-03-18t09:30:05.999z", "2026-03-18T09:30:05.000Z"},
        {"2026-03-18T09:30+08:00", "2026-03-18T01:30:00.000Z"},
        {"2026-03-18 09:30:00-05:30", "2026-03-18T15:00:00.000Z"},
        {"2026-02-29", NULL},
        {"2026-13-01", NULL},
        {"2026-3-1", NULL},
        {"1999-12-31", NULL},
        {"2026-03-18T", NULL},
        {"2026-03-18T09:30:05", NULL}, /* whose clock? */
        {"2026-03-18T24:00:00Z", NULL},
        {"2026-03-18T09:60:00Z", NULL},
        {"2026-03-18T09:30:05Zx", NULL},
        {"2026-03-18T09:30:05+15:00", NULL},
        {"", NULL},
        {"tomorrow", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        instant t;
        char buf[INSTANT_TEXT_MAX];
        bool good = staff_instant_parse(str_of(rows[i].text), &t);
        assert_int_equal(good, rows[i].want != NULL);
        if (good) assert_string_equal(instant_text(t, buf), rows[i].want);
    }
}

/* --- why a deadline is what it is --- */

/* A case in handling, as its row has it. */
static struct case_row in_handling(int round, instant opened, instant due)
{
    struct case_row row = {.view = case_view_new(1, NATURE_COMPLAIN, 3, 0, false)};
    row.view.state = CASE_HANDLING;
    row.view.round = round;
    row.view.opened = opened;
    row.clocks.handling_due = row.clocks.due = due;
    row.clocks.due_clock = CLOCK_HANDLING;
    return row;
}

static const char *lines_of(const struct case_row *row, const struct clock_step *steps, size_t n,
                            struct text *lines)
{
    const struct deadline_rules rules = deadline_defaults();
    text_clear(lines);
    staff_deadline_lines(&rules, &cal, row, steps, n, lines);
    assert_false(lines->overflow);
    return text_z(lines);
}

/* Five working days from Wednesday 18 March 2026; the day of the act is not counted. */
static void the_replay_ends_where_the_clock_stands(void **state)
{
    (void)state;
    const struct clock_step steps[] = {
        {ACT_RECEIVE, china(2026, 3, 17, 9, 0), 0, &cal},
        {ACT_ASSIGN, china(2026, 3, 18, 14, 0), 0, &cal},
        {ACT_SIGN, china(2026, 3, 18, 15, 0), 0, &cal},
        {ACT_EXTEND_ASK, china(2026, 3, 19, 9, 0), 2, &cal},
        {ACT_EXTEND_GRANT, china(2026, 3, 19, 10, 0), 0, &cal},
        {ACT_PAUSE_ASK, china(2026, 3, 19, 11, 0), 0, &cal},
        {ACT_PAUSE_GRANT, china(2026, 3, 19, 15, 0), 0, &cal},
        {ACT_RESUME, china(2026, 3, 24, 9, 0), 0, &cal},
    };
    static const struct {
        size_t n;
        const char *due, *line;
    } rows[] = {
        {3, "2026-03-25 24:00", "计时自 2026-03-18 14:00 受理交办 起"},
        {5, "2026-03-27 24:00", "延期：原到期 2026-03-25 24:00"},
        {8, "2026-04-01 24:00", "停计：2026-03-19 15:00 至 2026-03-24 09:00"}, /* Friday, Monday, Tuesday */
    };
    struct text lines;
    text_init(&lines, 8192);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int y, m, d;
        assert_int_equal(sscanf(rows[i].due, "%d-%d-%d", &y, &m, &d), 3);
        const struct case_row row = in_handling(1, steps[0].at, china(y, m, d, 24, 0));
        const char *said = lines_of(&row, steps, rows[i].n, &lines);
        assert_non_null(strstr(said, rows[i].line));
        assert_non_null(strstr(said, rows[i].due));
        assert_null(strstr(said, "登记在案"));
    }
    /* Another instant on file than the calendar gives now: said, not hidden. */
    const struct case_row other = in_handling(1, steps[0].at, china(2026, 3, 26, 24, 0));
    assert_non_null(strstr(lines_of(&other, steps, 3, &lines), "登记在案的到期时间为 2026-03-26 24:00"));
    text_free(&lines);
}

static void a_new_round_counts_from_the_act_that_began_it(void **state)
{
    (void)state;
    const struct clock_step steps[] = {
        {ACT_ASSIGN, china(2026, 3, 2, 9, 0), 0, &cal},
        {ACT_EXTEND_ASK, china(2026, 3, 3, 9, 0), 2, &cal},
        {ACT_EXTEND_GRANT, china(2026, 3, 3, 10, 0), 0, &cal},
        {ACT_CALLBACK_UNSOLVED, china(2026, 3, 18, 14, 0), 0, &cal},
    };
    struct text lines;
    text_init(&lines, 8192);
    const struct case_row row = in_handling(2, steps[0].at, china(2026, 3, 23, 24, 0));
    const char *said = lines_of(&row, steps, 4, &lines);
    assert_non_null(strstr(said, "计时自 2026-03-18 14:00 回访未解决 起"));
    assert_non_null(strstr(said, "时限减半"));
    assert_non_null(strstr(said, "2026-03-23 24:00"));
    assert_null(strstr(said, "延期"));
    assert_null(strstr(said, "登记在案"));
    text_free(&lines);
}

/* What the clerk reads under the deadline: which calendar, where yellow begins, what comes next and from whom. */
static void the_explanation_names_calendar_version_and_next_step(void **state)
{
    (void)state;
    static struct workdays second;
    const struct deadline_rules rules = deadline_defaults();
    const struct clock_step steps[] = {{ACT_ASSIGN, china(2026, 3, 18, 14, 0), 0, &second}};
    struct case_row row = in_handling(1, steps[0].at, china(2026, 3, 25, 24, 0));
    struct text lines;
    int year = 0;
    text_init(&lines, 8192);
    second = cal;
    workdays_set_version(&second, 2026, 2);
    static const struct {
        int rung, proposed;
        const char *next;
    } rows[] = {
        {0, 0, "下一步：2026-03-24 18:00 提醒，由时钟发出\n"},
        {1, 0, "下一步：2026-03-25 24:00 催办，由时钟发出\n"},
        {2, 0, "下一步：2026-03-26 24:00 督办函（黄），由时钟拟办，由督查督办组签发\n"},
        {2, 5, "下一步：2026-04-16 24:00 约谈，由时钟拟办，由追责问责组签发\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row.view.rung = rows[i].rung;
        row.view.proposed = rows[i].proposed;
        assert_true(clocks_next(&rules, &second, &row.view, &row.clocks, &year));
        const char *said = lines_of(&row, steps, 1, &lines);
        assert_non_null(strstr(said, "按2026年工作日历第2版\n"));
        assert_non_null(strstr(said, "时限用去四分之三：2026-03-24 18:00"));
        assert_non_null(strstr(said, rows[i].next));
    }
    /* While it stands still: since when, and who ends it. */
    row.view.flags |= CASE_FLAG_PAUSED;
    row.view.pause_until = china(2026, 4, 7, 24, 0);
    row.clocks.held_since = china(2026, 3, 19, 15, 0);
    const struct clock_step paused[] = {steps[0], {ACT_PAUSE_GRANT, row.clocks.held_since, 0, &second}};
    assert_true(clocks_next(&rules, &second, &row.view, &row.clocks, &year));
    const char *said = lines_of(&row, paused, 2, &lines);
    assert_non_null(strstr(said, "停计：自 2026-03-19 15:00 起暂停计时\n"));
    assert_non_null(strstr(said, "下一步：2026-04-07 24:00 挂起期满，由时钟恢复办理\n"));
    text_free(&lines);
}

static void a_missing_year_is_named_with_its_remedy(void **state)
{
    (void)state;
    const struct clock_step steps[] = {{ACT_ASSIGN, china(2026, 12, 30, 9, 0), 0, &cal}};
    const struct case_row row = in_handling(1, steps[0].at, (instant){0});
    struct text lines;
    text_init(&lines, 8192);
    const char *said = lines_of(&row, steps, 1, &lines);
    assert_non_null(strstr(said, "无法计算：2027年的工作日历尚未载入\n"));
    assert_non_null(strstr(said, "导入2027年工作日历（mashangdu import calendar）"));
    text_free(&lines);
}

/* --- passwords --- */

/* Else the time an answer takes would tell which names exist. */
static void nobodys_password_costs_as_much_as_a_real_one(void **state)
{
    (void)state;
    char real[PASSWORD_HASH_MAX];
    assert_true(crypto_init());
    assert_true(password_hash(STR("some password"), real));
    const char *end = strchr(strstr(real, "p="), '$');
    assert_int_equal(strlen(real), strlen(staff_nobody_hash));
    assert_memory_equal(real, staff_nobody_hash, (size_t)(end - real));
    assert_false(password_right(STR("some password"), staff_nobody_hash));
}

/* --- files --- */

static void codings_and_tags_as_headers_write_them(void **state)
{
    (void)state;
    assert_true(files_takes(STR("gzip, deflate, br"), STR("br")));
    assert_true(files_takes(STR("GZIP;q=0.5"), STR("gzip")));
    assert_true(files_takes(STR("br;q=0.001"), STR("br")));
    assert_false(files_takes(STR("br;q=0, gzip"), STR("br")));
    assert_false(files_takes(STR("br; q=0.000"), STR("br")));
    assert_false(files_takes(STR("brotli"), STR("br")));
    assert_false(files_takes(STR_NONE, STR("br")));
    assert_true(files_matches(STR("\"a\", W/\"b\""), STR("\"b\"")));
    assert_true(files_matches(STR("*"), STR("\"b\"")));
    assert_false(files_matches(STR("\"a\""), STR("\"b\"")));
    assert_false(files_matches(STR_NONE, STR("\"b\"")));
    assert_string_equal(files_type(STR("assets/a.js")), "text/javascript; charset=utf-8");
    assert_string_equal(files_type(STR("a.woff2")), "font/woff2");
    assert_string_equal(files_type(STR("a.exe")), "application/octet-stream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_need_that_is_an_input_has_a_name),
        cmocka_unit_test(the_missing_list_is_what_the_act_needs_less_what_came),
        cmocka_unit_test(a_button_asks_for_what_its_own_rule_needs),
        cmocka_unit_test(instants_as_people_send_them),
        cmocka_unit_test(the_replay_ends_where_the_clock_stands),
        cmocka_unit_test(a_new_round_counts_from_the_act_that_began_it),
        cmocka_unit_test(the_explanation_names_calendar_version_and_next_step),
        cmocka_unit_test(a_missing_year_is_named_with_its_remedy),
        cmocka_unit_test(nobodys_password_costs_as_much_as_a_real_one),
        cmocka_unit_test(codings_and_tags_as_headers_write_them),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
