/* The script of a call back: its steps, answers as they are stored, and which answers may stand beside which outcome. */
#include "core/callscript.h"
#include "core/caseflow.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct call_answers answers_of(const char *pairs)
{
    struct call_answers a = {{0}};
    struct str rest = str_of(pairs), one, key, word;
    while (rest.n) {
        enum call_question q;
        str_cut(rest, ' ', &one, &rest);
        str_cut(one, '=', &key, &word);
        if (!call_question_parse(key, &q) || !call_answer_put(&a, q, word)) fail_msg("%s", pairs);
    }
    return a;
}

static void every_step_has_a_wording_and_its_answers(void **state)
{
    size_t n;
    u32 asked = 0;
    const struct call_step *s = call_steps(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(message_event_purpose(s[i].event), PURPOSE_CALL);
        assert_int_equal(s[i].kind == CALL_KIND_ASK, s[i].question < CALL_QUESTIONS_N && !s[i].answer);
        if (s[i].question < CALL_QUESTIONS_N) asked |= 1u << s[i].question;
        if (s[i].answer) {
            struct call_answers a = {{0}};
            assert_true(call_answer_put(&a, s[i].question, str_of(s[i].answer)));
        }
    }
    assert_int_equal(asked, (1u << CALL_QUESTIONS_N) - 1);
}

static void answers_are_read_back(void **state)
{
    struct str word, zh;
    (void)state;
    for (int i = 0; i < CALL_QUESTIONS_N; i++) {
        const enum call_question q = (enum call_question)i;
        size_t k = 0;
        for (; call_answer_at(q, k, &word, &zh); k++) {
            struct call_answers a = {{0}};
            assert_true(word.n && zh.n);
            assert_true(call_answer_put(&a, q, word));
            assert_true(str_eq(call_answer_of(&a, q), word));
            assert_true(call_answered(&a));
        }
        assert_in_range(k, 1, 5);
        struct call_answers a = {{0}};
        for (const char *const *bad = (const char *const[]){"", "maybe", "told,", NULL}; *bad; bad++)
            assert_false(call_answer_put(&a, q, str_of(*bad)));
        assert_false(call_answered(&a));
        assert_null(call_answer_of(&a, q).p);
    }
    assert_false(call_question_parse(STR("rating"), &(enum call_question){CALL_SOLVED}));
}

static void what_goes_together(void **state)
{
    (void)state;
    static const struct {
        const char *answers;
        enum call_end end;
        const char *says; /* NULL: it stands */
    } rows[] = {
        {"", CALL_END_NONE, NULL},
        {"", CALL_END_ATTEMPT, NULL},
        {"reached=spoken", CALL_END_NONE, "只随回访结果"},
        {"reached=spoken contacted=yes done=yes solved=solved demand=none", CALL_END_SOLVED, NULL},
        {"solved=partly", CALL_END_SOLVED, "部分解决"},
        {"solved=not", CALL_END_SOLVED, "没有解决"},
        {"contacted=no", CALL_END_SOLVED, NULL},
        {"reached=nobody", CALL_END_SOLVED, "没有与群众谈成"},
        {"reached=refuses", CALL_END_SOLVED, "没有与群众谈成"},
        {"solved=partly done=partly", CALL_END_UNSOLVED, NULL},
        {"solved=not", CALL_END_UNSOLVED, NULL},
        {"solved=solved", CALL_END_UNSOLVED, "不符"},
        {"reached=later", CALL_END_UNSOLVED, "没有与群众谈成"},
        {"reached=nobody", CALL_END_ATTEMPT, NULL},
        {"reached=wrong", CALL_END_ATTEMPT, NULL},
        {"reached=later danger=told", CALL_END_ATTEMPT, NULL},
        {"reached=refuses", CALL_END_ATTEMPT, "拒绝回访"},
        {"reached=spoken", CALL_END_ATTEMPT, "已经答复"},
        {"solved=not", CALL_END_ATTEMPT, "已经答复"},
        {"reached=refuses misconduct=told", CALL_END_REFUSED, NULL},
        {"reached=spoken", CALL_END_REFUSED, NULL},
        {"solved=solved", CALL_END_REFUSED, "按答复登记"},
        {"reached=wrong", CALL_END_REFUSED, "未接通"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct call_answers a = answers_of(rows[i].answers);
        const char *fault = call_answers_fault(&a, rows[i].end);
        if (!fault != !rows[i].says || (fault && !strstr(fault, rows[i].says)))
            fail_msg("%zu %s: %s", i, rows[i].answers, fault ? fault : "no fault");
    }
}

/* The table of the loop asks: an answer that denies the outcome is refused with what to do, and nothing but a call takes answers. */
static void the_loop_asks(void **state)
{
    (void)state;
    struct case_view v = case_view_new(1, NATURE_SUPERVISE, 3, 0, false);
    v.state = CASE_VERIFYING;
    v.version = 9;
    v.unit = 3;
    v.flags = CASE_FLAG_ANSWERED;
    struct act_request q = {.act = ACT_CALLBACK_SOLVED,
                            .actor = {.kind = ACTOR_STAFF,
                                      .staff = 5,
                                      .unit = 9,
                                      .home_unit = 9,
                                      .roles = ROLE_BIT(ROLE_CALLBACK)},
                            .now = {1},
                            .expected_version = 9,
                            .text = STR("问过"),
                            .answers = answers_of("solved=partly")};
    struct outcome o;
    assert_int_equal(caseflow_apply(&v, &q, &o), REFUSE_ACT_NEEDS);
    assert_non_null(strstr(o.detail, "部分解决"));
    q.act = ACT_CALLBACK_UNSOLVED;
    assert_int_equal(caseflow_apply(&v, &q, &o), REFUSE_NONE);
    q.act = ACT_NOTE;
    assert_int_equal(caseflow_apply(&v, &q, &o), REFUSE_ACT_NEEDS);
}

static void a_danger_is_a_danger_whatever_the_words(void **state)
{
    (void)state;
    const struct call_answers a = answers_of("reached=spoken danger=told");
    assert_true(call_tells(&a, CALL_DANGER));
    assert_false(call_tells(&a, CALL_MISCONDUCT));
    assert_false(call_tells(&a, CALL_REACHED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_has_a_wording_and_its_answers),
        cmocka_unit_test(answers_are_read_back),
        cmocka_unit_test(what_goes_together),
        cmocka_unit_test(the_loop_asks),
        cmocka_unit_test(a_danger_is_a_danger_whatever_the_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
