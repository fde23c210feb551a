/* The clocks of a case through its acts: what runs, what the clock does next and when, what a missing year leaves open, and
 * that the replay of the acts says the same. */
#include "calendar_rows.h"
#include "core/clockrun.h"

static struct workdays cal;
static struct deadline_rules rules;

static int setup(void **state)
{
    (void)state;
    calendar_load(&cal);
    rules = deadline_defaults();
    return 0;
}

enum { GATEWAY, ROUTER, CLOCK, HANDLER, LEADER, COORDINATOR, SUPERVISOR, CALLER, CITIZEN };
static struct actor actor_of(int who)
{
    static const u32 roles[] = {[HANDLER] = ROLE_BIT(ROLE_HANDLER),
                                [LEADER] = ROLE_BIT(ROLE_UNIT_LEADER),
                                [COORDINATOR] = ROLE_BIT(ROLE_COORDINATOR),
                                [SUPERVISOR] = ROLE_BIT(ROLE_SUPERVISOR),
                                [CALLER] = ROLE_BIT(ROLE_CALLBACK)};
    static const enum actor_kind kinds[] = {ACTOR_GATEWAY, ACTOR_ROUTER, ACTOR_CLOCK};
    if (who == CITIZEN) return (struct actor){.kind = ACTOR_CITIZEN};
    if (who <= CLOCK) return (struct actor){.kind = kinds[who]};
    i64 unit = who == HANDLER || who == LEADER ? 10 : 1;
    return (struct actor){
        .kind = ACTOR_STAFF, .staff = who + 1, .roles = roles[who], .unit = unit, .home_unit = unit};
}

/* One case and everything that was done on it. */
struct life {
    struct case_view view;
    struct case_clocks clocks;
    struct clock_step steps[64];
    size_t n;
    int year; /* missing, of the last act; 0: all was known */
};

static struct life born(int level)
{
    struct life l = {.view = case_view_new(1, NATURE_COMPLAIN, level, 0, false)};
    l.view.limit_amount = rules.limit[CLOCK_HANDLING][level].n;
    return l;
}

static void act_with(struct life *l, int who, struct act_request req, instant now)
{
    struct outcome o;
    req.actor = actor_of(who);
    req.now = now;
    req.expected_version = l->view.version;
    req.reason = STR("理由");
    req.text = STR("文字");
    req.evidence = 1;
    req.unit = req.act == ACT_ASSIGN ? 10 : 0;
    req.pause_cause = PAUSE_APPRAISAL;
    enum refusal r = caseflow_apply(&l->view, &req, &o);
    if (r != REFUSE_NONE) print_error("%s: %s\n", case_act_word(req.act), o.detail);
    assert_int_equal(r, REFUSE_NONE);
    l->year = 0;
    bool known = clocks_after(&rules, &cal, &o, now, &l->clocks, &l->year);
    if (known) l->year = 0; /* of a step of the ladder only */
    l->view = o.view;
    l->view.due = l->clocks.handling_due;
    assert_true(l->n < ARRAY_LEN(l->steps));
    l->steps[l->n++] = (struct clock_step){req.act, now, req.amount, &cal};
}
static void act(struct life *l, int who, enum case_act a, instant now)
{
    act_with(l, who, (struct act_request){.act = a}, now);
}

static void assert_next(const struct life *l, const char *at, enum case_act next, int rung)
{
    char buf[INSTANT_TEXT_MAX];
    if (!at) {
        assert_int_equal(l->clocks.next.us, 0);
        return;
    }
    assert_string_equal(due_text(l->clocks.next, buf), at);
    assert_string_equal(case_act_word(l->clocks.next_act), case_act_word(next));
    assert_int_equal(l->clocks.next_rung, rung);
}
static void assert_at(instant t, const char *want)
{
    char buf[INSTANT_TEXT_MAX];
    assert_string_equal(t.us ? due_text(t, buf) : "none", want);
}

/* What stands in the row must be what the acts say. */
static void assert_replayed(const struct life *l)
{
    enum case_clock clock;
    struct clock_run run;
    int year = 0;
    if (!clocks_running(&l->view, &clock) || l->clocks.due.us == 0) return;
    assert_true(clockrun_replay(&rules, &cal, l->view.opened, l->steps, l->n, l->view.level, l->view.round,
                                l->clocks.due_clock, &run, &year, NULL));
    assert_int_equal(run.due.us, l->clocks.due.us);
    struct case_clocks bare = {.held_since = l->clocks.held_since};
    assert_true(clockrun_restore(&rules, &cal, &l->view, l->steps, l->n, &bare, &year));
    assert_int_equal(bare.handling_due.us, l->clocks.handling_due.us);
    assert_int_equal(bare.next.us, l->clocks.next.us);
    assert_int_equal(bare.next_act, l->clocks.next_act);
}

/* --- one life, over 春节 --- */

static void each_act_moves_what_comes_next(void **state)
{
    (void)state;
    struct life l = born(3);
    act(&l, GATEWAY, ACT_RECEIVE, china(2026, 2, 10, 9, 0));
    assert_next(&l, "2026-02-10 17:30", ACT_OVERDUE, 0);
    assert_at(l.clocks.warn, "2026-02-10 16:07"); /* a quarter of the shortest half day before the close */
    act(&l, COORDINATOR, ACT_ASSIGN, china(2026, 2, 10, 10, 0));
    assert_int_equal(l.clocks.due_clock, CLOCK_SIGN);
    assert_next(&l, "2026-02-10 17:30", ACT_OVERDUE, 0);
    act(&l, CLOCK, ACT_OVERDUE, china(2026, 2, 10, 17, 30));
    assert_true(l.view.flags & CASE_FLAG_LATE);
    assert_next(&l, "2026-02-14 18:00", ACT_SUPERVISE, RUNG_REMIND); /* told once; the ladder goes on */
    act(&l, HANDLER, ACT_SIGN, china(2026, 2, 11, 9, 0));
    assert_false(l.view.flags & CASE_FLAG_LATE);
    assert_int_equal(l.clocks.due_clock, CLOCK_HANDLING);
    assert_at(l.clocks.due, "2026-02-24 24:00");
    assert_at(l.clocks.warn, "2026-02-14 18:00");
    assert_replayed(&l);
    act_with(&l, CLOCK, (struct act_request){.act = ACT_SUPERVISE, .rung = RUNG_REMIND},
             china(2026, 2, 14, 18, 0));
    assert_next(&l, "2026-02-24 24:00", ACT_SUPERVISE, RUNG_URGE);
    act_with(&l, CLOCK, (struct act_request){.act = ACT_SUPERVISE, .rung = RUNG_URGE},
             china(2026, 2, 25, 0, 0));
    assert_next(&l, "2026-02-25 24:00", ACT_PROPOSE, RUNG_YELLOW);
    act_with(&l, CLOCK, (struct act_request){.act = ACT_PROPOSE, .rung = RUNG_YELLOW},
             china(2026, 2, 26, 0, 0));
    assert_next(&l, "2026-03-02 24:00", ACT_PROPOSE,
                RUNG_RED); /* although nobody has issued the yellow one */
    act(&l, HANDLER, ACT_REPLY, china(2026, 2, 27, 9, 0));
    assert_next(&l, "2026-03-02 24:00", ACT_PROPOSE, RUNG_RED); /* written, not signed: it runs on */
    act(&l, LEADER, ACT_ENDORSE, china(2026, 2, 27, 10, 0));
    assert_next(&l, "2026-02-27 17:30", ACT_OVERDUE, 0); /* review; the ladder stands still with handling */
    assert_replayed(&l);
    act(&l, SUPERVISOR, ACT_APPROVE, china(2026, 2, 27, 11, 0));
    assert_int_equal(l.clocks.due_clock, CLOCK_CALLBACK);
    assert_next(&l, "2026-03-03 24:00", ACT_OVERDUE, 0);
    assert_replayed(&l);
    act(&l, CITIZEN, ACT_CONFIRM_UNSOLVED, china(2026, 2, 28, 12, 0));
    assert_at(l.clocks.due, "2026-03-04 24:00"); /* half of five is three */
    assert_next(&l, "2026-03-04 06:00", ACT_SUPERVISE, RUNG_REMIND);
    assert_replayed(&l);
    act(&l, HANDLER, ACT_REPLY, china(2026, 3, 2, 9, 0));
    act(&l, LEADER, ACT_ENDORSE, china(2026, 3, 2, 10, 0));
    act(&l, SUPERVISOR, ACT_APPROVE, china(2026, 3, 2, 11, 0));
    act(&l, CITIZEN, ACT_CONFIRM_UNSOLVED, china(2026, 3, 3, 12, 0));
    assert_int_equal(l.view.round, 3);
    assert_next(&l, "2026-03-03 12:00", ACT_PROPOSE, RUNG_RED); /* the second 重办: at once */
    act_with(&l, CLOCK, (struct act_request){.act = ACT_PROPOSE, .rung = RUNG_RED}, china(2026, 3, 3, 12, 0));
    assert_next(&l, "2026-03-06 06:00", ACT_SUPERVISE, RUNG_REMIND);
    act(&l, HANDLER, ACT_REPLY, china(2026, 3, 4, 9, 0));
    act(&l, LEADER, ACT_ENDORSE, china(2026, 3, 4, 10, 0));
    act(&l, SUPERVISOR, ACT_APPROVE, china(2026, 3, 4, 11, 0));
    act(&l, CITIZEN, ACT_CONFIRM_SOLVED, china(2026, 3, 5, 12, 0));
    assert_next(&l, NULL, 0, 0);
    assert_at(l.clocks.warn, "none");
}

static void a_pause_stops_the_ladder_and_ends_by_itself(void **state)
{
    (void)state;
    struct life l = born(3);
    act(&l, GATEWAY, ACT_RECEIVE, china(2026, 3, 18, 9, 0));
    act(&l, ROUTER, ACT_ASSIGN, china(2026, 3, 18, 9, 0));
    act(&l, HANDLER, ACT_SIGN, china(2026, 3, 18, 10, 0));
    act_with(&l, HANDLER, (struct act_request){.act = ACT_PAUSE_ASK, .until = china(2026, 4, 8, 0, 0)},
             china(2026, 3, 19, 9, 0));
    assert_next(&l, "2026-03-24 18:00", ACT_SUPERVISE, RUNG_REMIND); /* asking stops nothing */
    act(&l, LEADER, ACT_PAUSE_GRANT, china(2026, 3, 19, 10, 0));
    assert_at(l.clocks.due, "none");
    assert_next(&l, "2026-04-07 24:00", ACT_RESUME, 0);
    act(&l, CLOCK, ACT_RESUME, china(2026, 4, 8, 0, 0));
    /* Of the days after 19 March up to and with 8 April, 清明 left out, 13 are worked. */
    assert_at(l.clocks.due, "2026-04-14 24:00");
    assert_next(&l, "2026-04-13 18:00", ACT_SUPERVISE, RUNG_REMIND);
    assert_replayed(&l);
}

static void an_extension_moves_what_comes_next(void **state)
{
    (void)state;
    struct life l = born(3);
    act(&l, GATEWAY, ACT_RECEIVE, china(2026, 3, 18, 9, 0));
    act(&l, ROUTER, ACT_ASSIGN, china(2026, 3, 18, 9, 0));
    act(&l, HANDLER, ACT_SIGN, china(2026, 3, 18, 10, 0));
    act_with(&l, HANDLER, (struct act_request){.act = ACT_EXTEND_ASK, .amount = 3}, china(2026, 3, 19, 9, 0));
    act(&l, COORDINATOR, ACT_EXTEND_GRANT, china(2026, 3, 19, 10, 0));
    assert_at(l.clocks.due, "2026-03-30 24:00");
    assert_next(&l, "2026-03-26 24:00", ACT_SUPERVISE, RUNG_REMIND);
    assert_replayed(&l);
}

static void minutes_run_through_the_night(void **state)
{
    (void)state;
    struct life l = born(1);
    act(&l, GATEWAY, ACT_RECEIVE, china(2031, 1, 1, 23, 50)); /* no calendar of 2031, and none needed */
    assert_next(&l, "2031-01-02 00:05", ACT_OVERDUE, 0);
    act(&l, ROUTER, ACT_ASSIGN, china(2031, 1, 1, 23, 50));
    assert_int_equal(l.year, 0);
    act(&l, HANDLER, ACT_SIGN, china(2031, 1, 1, 23, 55));
    assert_at(l.clocks.due, "2031-01-02 01:50");
    assert_next(&l, "2031-01-02 01:20", ACT_SUPERVISE, RUNG_REMIND);
}

static void standing_in_another_case_stops_all(void **state)
{
    (void)state;
    struct life l = born(3);
    act(&l, GATEWAY, ACT_RECEIVE, china(2026, 3, 18, 9, 0));
    act(&l, ROUTER, ACT_ASSIGN, china(2026, 3, 18, 9, 0));
    act_with(&l, COORDINATOR, (struct act_request){.act = ACT_MERGE, .target = 2}, china(2026, 3, 18, 11, 0));
    assert_next(&l, NULL, 0, 0);
    act(&l, COORDINATOR, ACT_UNMERGE, china(2026, 3, 20, 15, 0));
    assert_int_equal(l.clocks.due_clock, CLOCK_SIGN);
    assert_at(l.clocks.handling_due, "2026-03-27 24:00");
    assert_replayed(&l);
}

/* --- a year that is not loaded --- */

static void a_missing_year_leaves_open_what_lies_in_it_and_nothing_else(void **state)
{
    (void)state;
    struct life l = born(4);
    act(&l, GATEWAY, ACT_RECEIVE, china(2026, 12, 21, 9, 0));
    assert_int_equal(l.year, 0);
    act(&l, COORDINATOR, ACT_ASSIGN, china(2026, 12, 21, 10, 0));
    assert_int_equal(l.year, 2027);
    assert_at(l.clocks.handling_due, "none");
    assert_at(l.clocks.due, "2026-12-21 17:30"); /* the sign-in is known */
    assert_next(&l, "2026-12-21 17:30", ACT_OVERDUE, 0);
    assert_true(clocks_lack(&l.view, &l.clocks));
    act(&l, HANDLER, ACT_SIGN, china(2026, 12, 21, 11, 0));
    assert_int_equal(l.year, 0); /* signing needs no calendar */
    assert_at(l.clocks.due, "none");
    assert_next(&l, NULL, 0, 0);

    /* The year arrives: what lacked is counted from the act. */
    static struct workday_row rows[CALENDAR_ROWS_MAX + 16];
    static struct workdays more;
    size_t n = calendar_rows(rows), bad;
    int year = 0;
    assert_false(clockrun_restore(&rules, &cal, &l.view, l.steps, l.n, &l.clocks, &year));
    assert_int_equal(year, 2027);
    for (int d = 1; d <= 12; d++)
        rows[n++] = (struct workday_row){{2027, d < 4 ? 1 : 2, d < 4 ? d : d + 1}, false};
    assert_true(workdays_build(rows, n, &more, &bad));
    for (size_t i = 0; i < l.n; i++) l.steps[i].cal = &more;
    assert_true(clockrun_restore(&rules, &more, &l.view, l.steps, l.n, &l.clocks, &year));
    assert_at(l.clocks.due, "2027-01-12 24:00");
    assert_false(clocks_lack(&l.view, &l.clocks));
    assert_next(&l, "2027-01-07 06:00", ACT_SUPERVISE, RUNG_REMIND);
}

static void a_ladder_that_leaves_the_year_does_not_hold_up_the_act(void **state)
{
    (void)state;
    struct life l = born(3);
    act(&l, GATEWAY, ACT_RECEIVE, china(2026, 12, 24, 9, 0));
    act(&l, ROUTER, ACT_ASSIGN, china(2026, 12, 24, 9, 0));
    act(&l, HANDLER, ACT_SIGN, china(2026, 12, 24, 9, 30));
    assert_int_equal(l.year, 0);
    assert_at(l.clocks.due, "2026-12-31 24:00");
    act_with(&l, CLOCK, (struct act_request){.act = ACT_SUPERVISE, .rung = RUNG_REMIND},
             china(2026, 12, 30, 18, 0));
    act_with(&l, CLOCK, (struct act_request){.act = ACT_SUPERVISE, .rung = RUNG_URGE},
             china(2027, 1, 1, 0, 0));
    assert_int_equal(l.year, 0);
    assert_next(&l, NULL, 0, 0);
    int year = 0;
    assert_false(clocks_next(&rules, &cal, &l.view, &l.clocks, &year));
    assert_int_equal(year, 2027);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_act_moves_what_comes_next),
        cmocka_unit_test(a_pause_stops_the_ladder_and_ends_by_itself),
        cmocka_unit_test(an_extension_moves_what_comes_next),
        cmocka_unit_test(minutes_run_through_the_night),
        cmocka_unit_test(standing_in_another_case_stops_all),
        cmocka_unit_test(a_missing_year_leaves_open_what_lies_in_it_and_nothing_else),
        cmocka_unit_test(a_ladder_that_leaves_the_year_does_not_hold_up_the_act),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
