/* The life of a letter: every rule taken, every refusal provoked over all states, acts, kinds and people; an illegal step changes
 * nothing. And the words of a draft. */
#include "core/letter.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define STAFF(id_, role)                                                                                     \
    (struct actor)                                                                                           \
    {                                                                                                        \
        .kind = ACTOR_STAFF, .staff = (id_), .roles = ROLE_BIT(ROLE_##role), .unit = 1, .home_unit = 1       \
    }
enum { DRAFTER = 7, CHECKER = 8, SIGNER = 9, SOMEBODY = 10 };

static struct letter_view view(enum letter_state state, enum case_letter kind)
{
    return (struct letter_view){.state = state,
                                .kind = kind,
                                .version = 3,
                                .drafter_role = ROLE_SUPERVISOR,
                                .drafter = DRAFTER,
                                .checker = state > LETTER_IN_DRAFT ? CHECKER : 0,
                                .inside = true,
                                .addressed = true};
}
static struct letter_request ask(enum letter_act act, struct actor who)
{
    return (struct letter_request){
        .act = act, .actor = who, .seen = 3, .text_whole = true, .reason = STR("理由"), .words = STR("内容")};
}
static enum refusal apply(struct letter_view v, struct letter_request q, struct letter_outcome *o)
{
    const struct letter_view before = v;
    enum refusal r = letter_apply(&v, &q, o);
    assert_memory_equal(&v, &before, sizeof v); /* whatever is said, the view is the caller's */
    if (r != REFUSE_NONE) {
        assert_int_equal(o->to, v.state);
        assert_null(o->rule);
    }
    return r;
}
static void takes(struct letter_view v, enum letter_act act, struct actor who, enum letter_state to)
{
    struct letter_outcome o;
    enum refusal r = apply(v, ask(act, who), &o);
    if (r != REFUSE_NONE) print_error("%s: %s\n", letter_act_word(act), o.detail);
    assert_int_equal(r, REFUSE_NONE);
    assert_int_equal(o.to, to);
    assert_true(who.roles & ROLE_BIT(o.role));
}
static void refuses(struct letter_view v, enum letter_act act, struct actor who, enum refusal want)
{
    struct letter_outcome o;
    assert_int_equal(apply(v, ask(act, who), &o), want);
}

/* The whole table again, by hand: from which state an act leads where, for somebody who may. */
static void test_every_step_over_all_states(void **unused)
{
    static const struct {
        enum letter_act act;
        enum letter_state from, to;
        enum staff_role who;
    } legal[] = {
        {LETTER_ACT_DRAFT, LETTER_IN_NEW, LETTER_IN_DRAFT, ROLE_SUPERVISOR},
        {LETTER_ACT_EDIT, LETTER_IN_DRAFT, LETTER_IN_DRAFT, ROLE_SUPERVISOR},
        {LETTER_ACT_CHECK, LETTER_IN_DRAFT, LETTER_IN_CHECKED, ROLE_REGISTRY},
        {LETTER_ACT_SEND_BACK, LETTER_IN_CHECKED, LETTER_IN_DRAFT, ROLE_SUPERVISOR},
        {LETTER_ACT_SIGN, LETTER_IN_CHECKED, LETTER_IN_SIGNED, ROLE_SUPERVISOR},
        {LETTER_ACT_DELIVER, LETTER_IN_SIGNED, LETTER_IN_DELIVERED, ROLE_REGISTRY},
        {LETTER_ACT_FINISH, LETTER_IN_ANSWERED, LETTER_IN_FINISHED, ROLE_SUPERVISOR},
        {LETTER_ACT_FINISH, LETTER_IN_RECEIVED, LETTER_IN_FINISHED, ROLE_SUPERVISOR},
        {LETTER_ACT_VOID, LETTER_IN_DRAFT, LETTER_IN_VOID, ROLE_SUPERVISOR},
        {LETTER_ACT_VOID, LETTER_IN_CHECKED, LETTER_IN_VOID, ROLE_SUPERVISOR},
        {LETTER_ACT_VOID, LETTER_IN_SIGNED, LETTER_IN_VOID, ROLE_SUPERVISOR},
        {LETTER_ACT_VOID, LETTER_IN_DELIVERED, LETTER_IN_VOID, ROLE_SUPERVISOR},
        {LETTER_ACT_VOID, LETTER_IN_RECEIVED, LETTER_IN_VOID, ROLE_SUPERVISOR},
        {LETTER_ACT_VOID, LETTER_IN_ANSWERED, LETTER_IN_VOID, ROLE_SUPERVISOR},
        {LETTER_ACT_RECEIVE, LETTER_IN_DELIVERED, LETTER_IN_RECEIVED, ROLE_HANDLER},
        {LETTER_ACT_ANSWER, LETTER_IN_RECEIVED, LETTER_IN_ANSWERED, ROLE_UNIT_LEADER},
    };
    (void)unused;
    for (int act = 0; act < LETTER_ACTS_N; act++)
        for (int state = 0; state < LETTER_STATES_N; state++) {
            size_t i = 0;
            while (i < ARRAY_LEN(legal) && ((int)legal[i].act != act || (int)legal[i].from != state)) i++;
            struct actor who = STAFF(SOMEBODY, SUPERVISOR);
            struct letter_view v = view((enum letter_state)state, LETTER_SUPERVISE);
            if (act == LETTER_ACT_RECEIVE || act == LETTER_ACT_ANSWER) {
                v.mine = true;
                v.mine_received = act == LETTER_ACT_ANSWER;
                who.roles = ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER) | ROLE_BIT(ROLE_SUPERVISOR);
            }
            if (i == ARRAY_LEN(legal)) {
                /* An answer before the others have signed for it is the one step whose state is not in the list. */
                if (act == LETTER_ACT_ANSWER && state == LETTER_IN_DELIVERED) continue;
                refuses(v, (enum letter_act)act, who, REFUSE_LETTER_STEP);
                continue;
            }
            if (act != LETTER_ACT_RECEIVE && act != LETTER_ACT_ANSWER) who.roles = ROLE_BIT(legal[i].who);
            takes(v, (enum letter_act)act, who, legal[i].to);
        }
}

/* For each act, kind and post: those of the list, and no other. */
static void test_who_may(void **unused)
{
    static const struct {
        enum letter_act act;
        enum letter_state in;
        bool registry, drafters, signers, drafting;
    } posts[] = {
        {LETTER_ACT_DRAFT, LETTER_IN_NEW, false, false, false, true},
        {LETTER_ACT_EDIT, LETTER_IN_DRAFT, false, false, false, true},
        {LETTER_ACT_CHECK, LETTER_IN_DRAFT, true, true, false, false},
        {LETTER_ACT_SEND_BACK, LETTER_IN_CHECKED, true, true, true, false},
        {LETTER_ACT_SIGN, LETTER_IN_CHECKED, false, false, true, false},
        {LETTER_ACT_DELIVER, LETTER_IN_SIGNED, true, false, true, false},
        {LETTER_ACT_FINISH, LETTER_IN_ANSWERED, false, false, true, false},
        {LETTER_ACT_VOID, LETTER_IN_DRAFT, false, true, true, false},
        {LETTER_ACT_VOID, LETTER_IN_DELIVERED, false, false, true, false},
    };
    static const enum staff_role signers[LETTERS_N] = {
        [LETTER_ASSIGN] = ROLE_COORDINATOR,      [LETTER_URGE] = ROLE_SUPERVISOR,
        [LETTER_SUPERVISE] = ROLE_SUPERVISOR,    [LETTER_ANNOUNCE] = ROLE_SUPERVISOR,
        [LETTER_TRANSFER] = ROLE_ACCOUNTABILITY,
    };
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(posts); i++)
        for (int kind = LETTER_NONE + 1; kind < LETTERS_N; kind++)
            for (int group = ROLE_COORDINATOR; group <= ROLE_ACCOUNTABILITY; group++)
                for (int role = 0; role < ROLES_N; role++) {
                    struct letter_view v = view(posts[i].in, (enum case_letter)kind);
                    struct letter_outcome o;
                    v.drafter_role = group;
                    struct actor who = STAFF(SOMEBODY, ADMIN);
                    who.roles = 1u << role;
                    bool may =
                        (posts[i].registry && role == ROLE_REGISTRY) ||
                        (posts[i].drafters && role == group) ||
                        (posts[i].signers && (role == (int)signers[kind] || role == ROLE_ACCOUNTABILITY)) ||
                        (posts[i].drafting && role <= ROLE_ACCOUNTABILITY);
                    enum refusal r = apply(v, ask(posts[i].act, who), &o);
                    if (may)
                        assert_int_equal(r, REFUSE_NONE);
                    else
                        assert_true(r == REFUSE_FORBIDDEN || r == REFUSE_LETTER_UNKNOWN);
                    if (r == REFUSE_FORBIDDEN)
                        assert_non_null(strstr(o.detail, letter_act_chinese(posts[i].act)));
                }
}

static void test_the_second_person(void **unused)
{
    (void)unused;
    refuses(view(LETTER_IN_DRAFT, LETTER_URGE), LETTER_ACT_CHECK, STAFF(DRAFTER, SUPERVISOR),
            REFUSE_SECOND_PERSON);
    refuses(view(LETTER_IN_CHECKED, LETTER_URGE), LETTER_ACT_SIGN, STAFF(DRAFTER, SUPERVISOR),
            REFUSE_SECOND_PERSON);
    /* The checker may sign what another person wrote … */
    takes(view(LETTER_IN_CHECKED, LETTER_URGE), LETTER_ACT_SIGN, STAFF(CHECKER, SUPERVISOR),
          LETTER_IN_SIGNED);
    /* … but not what the clock wrote: two people see every letter. */
    struct letter_view v = view(LETTER_IN_CHECKED, LETTER_URGE);
    v.drafter = 0;
    v.drafter_role = -1;
    refuses(v, LETTER_ACT_SIGN, STAFF(CHECKER, SUPERVISOR), REFUSE_SECOND_PERSON);
    takes(v, LETTER_ACT_SIGN, STAFF(SIGNER, SUPERVISOR), LETTER_IN_SIGNED);
    v.state = LETTER_IN_DRAFT;
    takes(v, LETTER_ACT_CHECK, STAFF(CHECKER, SUPERVISOR), LETTER_IN_CHECKED);
    /* Whoever comes from an addressed unit steps aside. */
    v.from_addressee = true;
    refuses(v, LETTER_ACT_CHECK, STAFF(CHECKER, SUPERVISOR), REFUSE_RECUSED);
    v.state = LETTER_IN_CHECKED;
    refuses(v, LETTER_ACT_SIGN, STAFF(SIGNER, SUPERVISOR), REFUSE_RECUSED);
}

static void test_what_is_missing(void **unused)
{
    struct letter_outcome o;
    (void)unused;
    static const struct {
        enum letter_act act;
        enum letter_state in;
    } reasoned[] = {{LETTER_ACT_SEND_BACK, LETTER_IN_CHECKED},
                    {LETTER_ACT_VOID, LETTER_IN_DRAFT},
                    {LETTER_ACT_VOID, LETTER_IN_DELIVERED},
                    {LETTER_ACT_FINISH, LETTER_IN_RECEIVED}};
    for (size_t i = 0; i < ARRAY_LEN(reasoned); i++) {
        struct letter_request q = ask(reasoned[i].act, STAFF(SIGNER, SUPERVISOR));
        q.reason = STR("  ");
        assert_int_equal(apply(view(reasoned[i].in, LETTER_SUPERVISE), q, &o), REFUSE_ACT_NEEDS);
        assert_non_null(strstr(o.detail, "理由"));
    }
    struct letter_view v = view(LETTER_IN_RECEIVED, LETTER_SUPERVISE);
    v.mine = v.mine_received = true;
    struct letter_request q = ask(LETTER_ACT_ANSWER, STAFF(SOMEBODY, HANDLER));
    q.words = STR_NONE;
    assert_int_equal(apply(v, q, &o), REFUSE_ACT_NEEDS);
    v = view(LETTER_IN_DRAFT, LETTER_SUPERVISE);
    v.addressed = false;
    refuses(v, LETTER_ACT_CHECK, STAFF(CHECKER, SUPERVISOR), REFUSE_ACT_NEEDS);
    q = ask(LETTER_ACT_EDIT, STAFF(CHECKER, SUPERVISOR));
    q.text_whole = false;
    assert_int_equal(apply(v, q, &o), REFUSE_ACT_NEEDS);
    q = ask(LETTER_ACT_CHECK, STAFF(CHECKER, SUPERVISOR));
    q.seen = 2;
    assert_int_equal(apply(view(LETTER_IN_DRAFT, LETTER_SUPERVISE), q, &o), REFUSE_LETTER_CHANGED);
}

/* Each addressee for itself; the letter is where the slowest is. */
static void test_several_addressees(void **unused)
{
    struct letter_view v = view(LETTER_IN_DELIVERED, LETTER_ASSIGN);
    struct actor handler = STAFF(SOMEBODY, HANDLER);
    (void)unused;
    refuses(v, LETTER_ACT_RECEIVE, handler, REFUSE_LETTER_UNKNOWN); /* not to this unit */
    refuses(v, LETTER_ACT_RECEIVE, STAFF(SOMEBODY, COORDINATOR), REFUSE_FORBIDDEN);
    v.mine = true;
    v.waiting_receive = v.waiting_answer = 1;
    takes(v, LETTER_ACT_RECEIVE, handler, LETTER_IN_DELIVERED);
    refuses(v, LETTER_ACT_ANSWER, handler, REFUSE_LETTER_STEP); /* not before it is signed for */
    v.mine_received = true;
    refuses(v, LETTER_ACT_RECEIVE, handler, REFUSE_LETTER_STEP);
    takes(v, LETTER_ACT_ANSWER, handler, LETTER_IN_DELIVERED);
    v.waiting_receive = 0;
    v.state = LETTER_IN_RECEIVED;
    takes(v, LETTER_ACT_ANSWER, handler, LETTER_IN_RECEIVED);
    v.waiting_answer = 0;
    takes(v, LETTER_ACT_ANSWER, handler, LETTER_IN_ANSWERED);
    v.mine_answered = true;
    refuses(v, LETTER_ACT_ANSWER, handler, REFUSE_LETTER_STEP);

    /* An organ that is no unit here: somebody of ours keeps the book. */
    struct letter_view out = view(LETTER_IN_DELIVERED, LETTER_TRANSFER);
    out.inside = false;
    takes(out, LETTER_ACT_RECEIVE, STAFF(SOMEBODY, REGISTRY), LETTER_IN_RECEIVED);
    refuses(out, LETTER_ACT_ANSWER, STAFF(SOMEBODY, REGISTRY), REFUSE_LETTER_STEP);
    out.state = LETTER_IN_RECEIVED;
    takes(out, LETTER_ACT_ANSWER, STAFF(SOMEBODY, ACCOUNTABILITY), LETTER_IN_ANSWERED);
}

static void test_who_sees_it(void **unused)
{
    (void)unused;
    for (int role = 0; role < ROLES_N; role++)
        for (int secret = 0; secret < 2; secret++)
            for (int state = LETTER_IN_DRAFT; state < LETTER_STATES_N; state++)
                for (int mine = 0; mine < 2; mine++)
                    for (int hidden = 0; hidden < 2; hidden++) {
                        struct letter_view v = view((enum letter_state)state, LETTER_TRANSFER);
                        struct actor who = STAFF(SOMEBODY, ADMIN);
                        who.roles = 1u << role;
                        v.confidential = secret;
                        v.mine = mine;
                        v.hidden = hidden;
                        bool unit = role == ROLE_HANDLER || role == ROLE_UNIT_LEADER;
                        bool office = role == ROLE_COORDINATOR || role == ROLE_SUPERVISOR ||
                                      role == ROLE_REGISTRY || role == ROLE_CALLBACK || role == ROLE_LEADER;
                        bool sees = !hidden && (role == ROLE_ACCOUNTABILITY || (office && !secret) ||
                                                (unit && mine && state >= LETTER_IN_DELIVERED));
                        const struct letter_rule *rules[LETTER_ACTS_N];
                        assert_int_equal(letter_visible(&v, &who), sees);
                        if (!sees) {
                            assert_int_equal(letter_allowed(&v, &who, rules), 0);
                            refuses(v, LETTER_ACT_VOID, who, REFUSE_LETTER_UNKNOWN);
                        }
                    }
}

/* A button is there exactly when the step would be taken with everything filled in. */
static void test_buttons(void **unused)
{
    (void)unused;
    for (int kind = LETTER_NONE + 1; kind < LETTERS_N; kind++)
        for (int state = LETTER_IN_DRAFT; state < LETTER_STATES_N; state++)
            for (int role = 0; role < ROLES_N; role++)
                for (i64 person = DRAFTER; person <= SOMEBODY; person++)
                    for (int mine = 0; mine < 2; mine++) {
                        struct letter_view v = view((enum letter_state)state, (enum case_letter)kind);
                        struct actor who = STAFF(person, ADMIN);
                        const struct letter_rule *rules[LETTER_ACTS_N];
                        struct letter_outcome o;
                        who.roles = 1u << role;
                        v.mine = mine;
                        size_t n = letter_allowed(&v, &who, rules);
                        for (int act = LETTER_ACT_EDIT; act < LETTER_ACTS_N; act++) {
                            size_t i = 0;
                            while (i < n && (int)rules[i]->act != act) i++;
                            bool taken = apply(v, ask((enum letter_act)act, who), &o) == REFUSE_NONE;
                            assert_int_equal(taken, i < n);
                        }
                    }
}

static void test_clock_only_drafts(void **unused)
{
    struct letter_outcome o;
    (void)unused;
    for (int act = 0; act < LETTER_ACTS_N; act++)
        for (int state = 0; state < LETTER_STATES_N; state++) {
            struct letter_request q = ask((enum letter_act)act, (struct actor){.kind = ACTOR_CLOCK});
            bool taken = apply(view((enum letter_state)state, LETTER_URGE), q, &o) == REFUSE_NONE;
            assert_int_equal(taken, act == LETTER_ACT_DRAFT && state == LETTER_IN_NEW);
        }
}

static void says(const struct letter_facts *f, const char *title, const char *const *in_body,
                 const char *const *not_in)
{
    struct text t;
    text_init(&t, 16384);
    letter_title(f, &t);
    assert_string_equal(text_z(&t), title);
    text_clear(&t);
    letter_body(f, &t);
    assert_true(t.n > 0 && !t.overflow);
    for (; *in_body; in_body++)
        if (!strstr(text_z(&t), *in_body)) fail_msg("\"%s\" is not in: %s", *in_body, text_z(&t));
    for (; not_in && *not_in; not_in++) assert_null(strstr(text_z(&t), *not_in));
    text_free(&t);
}

static void test_words_of_a_draft(void **unused)
{
    const instant opened = china_instant(civil_to_days((struct civil){2026, 3, 2}), 600);
    const instant due = china_instant(civil_to_days((struct civil){2026, 3, 9}), 600);
    const instant later = china_instant(civil_to_days((struct civil){2026, 3, 10}), 600);
    const struct letter_case two[] = {{65537, STR("营业执照办理"), STR("市监局"), opened, due},
                                      {65538, STR("占道收费"), STR("城管局"), opened, due}};
    struct letter_facts f = {
        .kind = LETTER_SUPERVISE, .rung = RUNG_YELLOW, .cases = two, .n_cases = 1, .now = later};
    (void)unused;
    says(&f, "关于限期办理营业执照办理问题的督办函",
         (const char *[]){"65537", "2026年3月2日", "2026年3月9日", "已超过办理时限", "五个工作日", "升级督办",
                          NULL},
         NULL);
    f.rung = RUNG_RED;
    says(&f, "关于限期办理营业执照办理问题的督办函",
         (const char *[]){"主要负责人", "三个工作日", "通报、约谈", NULL}, NULL);
    f.now = opened;
    f.n_cases = 2;
    says(&f, "关于限期办理2件营商环境问题的督办函",
         (const char *[]){"（1）办件65537", "（2）办件65538", "尚未办结", NULL},
         (const char *[]){"已超过", NULL});
    struct letter_case day = two[0]; /* ends with the 9th: its instant is the midnight after */
    day.due = china_instant(civil_to_days((struct civil){2026, 3, 10}), 0);
    f.cases = &day;
    f.n_cases = 1;
    says(&f, "关于限期办理营业执照办理问题的督办函", (const char *[]){"办理时限至2026年3月9日", NULL},
         (const char *[]){"3月10日", NULL});
    struct letter_case many[LETTER_CASES_MAX];
    for (size_t i = 0; i < LETTER_CASES_MAX; i++) many[i] = two[i % 2];
    f.cases = many;
    f.n_cases = LETTER_CASES_MAX; /* more than fit a sentence: the table has them */
    says(&f, "关于限期办理25件营商环境问题的督办函",
         (const char *[]){"25件办件（见办件清单），截至发函之日尚未办结", NULL},
         (const char *[]){"65537", NULL});
    f.cases = two;
    f.n_cases = 2;
    f.kind = LETTER_ASSIGN;
    says(&f, "关于交办2件营商环境问题的函", (const char *[]){"65537", "占道收费", "法律法规依据", NULL},
         NULL);
    f.n_cases = 0;
    says(&f, "关于交办营商环境问题的函", (const char *[]){"交你单位办理", NULL}, NULL);
    f.kind = LETTER_URGE;
    f.n_cases = 1;
    says(&f, "关于限期办理营业执照办理问题的催办通知书", (const char *[]){"二个工作日", NULL}, NULL);
    f.kind = LETTER_ANNOUNCE;
    says(&f, "关于营业执照办理问题办理情况的通报", (const char *[]){"1件", "问题交办", NULL}, NULL);
    f.kind = LETTER_TRANSFER;
    says(&f, "关于移送营业执照办理问题的函", (const char *[]){"管辖", NULL}, NULL);
    /* Of a confidential case nothing but its number: no category, no unit. */
    f.confidential = true;
    for (int kind = LETTER_NONE + 1; kind < LETTERS_N; kind++) {
        struct text t;
        text_init(&t, 16384);
        f.kind = (enum case_letter)kind;
        letter_title(&f, &t);
        letter_body(&f, &t);
        assert_null(strstr(text_z(&t), "营业执照"));
        assert_null(strstr(text_z(&t), "市监局"));
        if (kind != LETTER_ANNOUNCE) assert_non_null(strstr(text_z(&t), "65537"));
        text_free(&t);
    }
}

static void test_the_end_of_a_limit(void **unused)
{
    static const struct {
        struct civil day;
        int minute;
        const char *want;
    } rows[] = {
        {{2026, 3, 9}, 1440, "2026年3月9日"},                /* a limit in days */
        {{2026, 3, 9}, 15 * 60 + 5, "2026年3月9日15时05分"}, /* two hours from 13:05 */
        {{2026, 3, 9}, 17 * 60 + 30, "2026年3月9日17时30分"},
        {{2026, 12, 31}, 9 * 60, "2026年12月31日9时"},
        {{2026, 12, 31}, 1440, "2026年12月31日"},
    };
    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text t;
        text_init(&t, 100);
        letter_limit(china_instant(civil_to_days(rows[i].day), rows[i].minute), &t);
        assert_string_equal(text_z(&t), rows[i].want);
        text_free(&t);
    }
}

static void test_numbers_and_words(void **unused)
{
    static const char *const heads[LETTERS_N] = {
        [LETTER_ASSIGN] = "示优化办交函",    [LETTER_URGE] = "示优化办催函",
        [LETTER_SUPERVISE] = "示优化办督函", [LETTER_ANNOUNCE] = "示优化办通报",
        [LETTER_TRANSFER] = "示优化办移函",
    };
    (void)unused;
    for (int kind = LETTER_NONE + 1; kind < LETTERS_N; kind++) {
        struct text t;
        enum case_letter back;
        text_init(&t, 100);
        letter_head((enum case_letter)kind, STR("示优化办"), &t);
        assert_string_equal(text_z(&t), heads[kind]);
        text_free(&t);
        assert_true(letter_kind_parse(str_of(case_letter_word((enum case_letter)kind)), &back));
        assert_int_equal(back, kind);
    }
    enum case_letter kind;
    enum letter_state state;
    enum letter_act act;
    assert_false(letter_kind_parse(STR("none"), &kind));
    assert_false(letter_state_parse(STR("new"), &state));
    assert_false(letter_act_parse(STR("fly"), &act));
    for (int i = LETTER_IN_DRAFT; i < LETTER_STATES_N; i++) {
        assert_true(letter_state_parse(str_of(letter_state_word((enum letter_state)i)), &state));
        assert_int_equal(state, i);
        assert_true(letter_state_chinese((enum letter_state)i)[0]);
    }
    for (int i = 0; i < LETTER_ACTS_N; i++) {
        assert_true(letter_act_parse(str_of(letter_act_word((enum letter_act)i)), &act));
        assert_int_equal(act, i);
    }
    for (unsigned b = 0; b < LETTER_NEEDS_N; b++)
        assert_true(letter_need_word(b)[0] && letter_need_chinese(b)[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step_over_all_states),
        cmocka_unit_test(test_who_may),
        cmocka_unit_test(test_the_second_person),
        cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_several_addressees),
        cmocka_unit_test(test_who_sees_it),
        cmocka_unit_test(test_buttons),
        cmocka_unit_test(test_clock_only_drafts),
        cmocka_unit_test(test_words_of_a_draft),
        cmocka_unit_test(test_the_end_of_a_limit),
        cmocka_unit_test(test_numbers_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
