/* What events are told as, who hears of them, and the sentences of the staff: no word more than number, unit, act, level, deadline
 * and link. */
#include "core/notice.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void told_as(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *act, *to, *serial;
        int rung;
        const char *want;
    } rows[] = {
        {"case.opened", NULL, "discovered", NULL, 0, "case.opened"},
        {"case.opened", NULL, "assigned", NULL, 0, "case.opened case.assigned"},
        {"case.opened", NULL, "assigned", NULL, -1, "case.opened case.assigned case.urgent"},
        {"case.opened", NULL, "discovered", NULL, -1, "case.opened case.urgent"},
        {"case.changed", "assign", "assigned", NULL, 0, "case.assigned"},
        {"case.changed", "sign", "handling", NULL, 0, "case.signed"},
        {"case.changed", "say", "handling", NULL, -1, "case.changed"}, /* it was urgent before */
        {"case.changed", "say", "handling", NULL, -2, "case.changed case.urgent"},
        {"case.changed", "assign", "assigned", NULL, -2, "case.assigned case.urgent"},
        {"case.opened", NULL, "discovered", NULL, -3, "case.duty"},
        {"case.changed", "note", "discovered", NULL, -3, "case.duty"},
        {"case.changed", "return_ask", "assigned", NULL, 0, "case.return_asked"},
        {"case.changed", "return_grant", "discovered", NULL, 0, "case.returned"},
        {"case.changed", "reply", "replied", NULL, 0, "case.replied"},
        {"case.changed", "send_back", "handling", NULL, 0, "case.sent_back"},
        {"case.changed", "approve", "verifying", NULL, 0, "case.answered"},
        {"case.changed", "overdue", "assigned", NULL, 0, "case.overdue"},
        {"case.changed", "supervise", "handling", NULL, RUNG_REMIND, "case.urged"},
        {"case.changed", "supervise", "handling", NULL, RUNG_URGE, "case.urged"},
        {"case.changed", "supervise", "handling", NULL, RUNG_YELLOW, "case.supervised"},
        {"case.changed", "propose", "handling", NULL, RUNG_URGE, "case.proposed"},
        {"case.changed", "reopen", "handling", NULL, 0, "case.reopened"},
        {"case.changed", "confirm_unsolved", "handling", NULL, 0, "case.reopened"},
        {"case.changed", "callback_unsolved", "verifying", NULL, 0,
         "case.changed"}, /* others are still to be asked */
        {"case.changed", "callback_solved", "closed", NULL, 0, "case.closed"},
        {"case.changed", "callback_attempt", "closed", NULL, 0, "case.closed"},
        {"case.changed", "transfer_out", "closed", NULL, 0, "case.transferred"},
        {"case.changed", "decline", "declined", NULL, 0, "case.declined"},
        {"case.changed", "merge", "merged", NULL, 0, "case.merged"},
        {"case.changed", "note", "handling", NULL, 0, "case.changed"},
        {"case.changed", NULL, "handling", NULL, 0, "case.changed"}, /* the clock moved a deadline */
        {"case.changed", "from_another_release", "handling", NULL, 0, "case.changed"},
        {"case.left", NULL, NULL, NULL, 0, ""},
        {"letter.changed", NULL, "draft", NULL, 0, ""},
        {"letter.changed", NULL, "void", NULL, 0, ""}, /* a draft that was given up */
        {"letter.changed", NULL, "signed", "示优化办督函〔2026〕8号", 0, "letter.signed"},
        {"letter.changed", NULL, "delivered", "示优化办督函〔2026〕8号", 0, "letter.delivered"},
        {"letter.changed", NULL, "void", "示优化办督函〔2026〕8号", 0, "letter.void"},
        {"feedback.rated", NULL, NULL, NULL, 0, "feedback.rated"},
        {"channel.alarm", NULL, NULL, NULL, 0, "channel.alarm"},
        {"burst.began", NULL, NULL, NULL, 0, "burst.began"},
        {"burst.grew", NULL, NULL, NULL, 0, "burst.grew"},
        {"burst.ended", NULL, NULL, NULL, 0, "burst.ended"},
        {"some.other", NULL, NULL, NULL, 0, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct notice_facts f = {.kind = str_of(rows[i].kind),
                                       .act = str_of(rows[i].act),
                                       .state = str_of(rows[i].to),
                                       .serial = str_of(rows[i].serial),
                                       .level = rows[i].rung < 0 ? 1 : 0, /* so a row says level 1 */
                                       .raised = rows[i].rung == -2,
                                       .wordless = rows[i].rung == -3,
                                       .rung = MAX(0, rows[i].rung)};
        enum notice_kind kinds[NOTICE_KINDS_MAX];
        struct text t;
        text_init(&t, 200);
        size_t n = notice_kinds(&f, kinds);
        for (size_t k = 0; k < n; k++) text_addf(&t, k ? " %s" : "%s", notice_kind_word(kinds[k]));
        if (!str_eq(text_str(&t), str_of(rows[i].want))) fail_msg("row %zu: %s", i, text_z(&t));
        text_free(&t);
    }
}

static void wanted(void **state)
{
    (void)state;
    static const struct {
        const char *events;
        bool staff;
        enum notice_kind kind;
        bool want;
    } rows[] = {{"", false, NOTICE_CASE_SIGNED, true},
                {"", true, NOTICE_CASE_SIGNED, false},
                {"", true, NOTICE_CASE_ASSIGNED, true},
                {" ", true, NOTICE_CHANNEL_ALARM, true},
                {"*", true, NOTICE_CASE_SIGNED, true},
                {"case.*", false, NOTICE_CASE_SIGNED, true},
                {"case.*", false, NOTICE_LETTER_SIGNED, false},
                {"case.assigned, letter.*", true, NOTICE_LETTER_VOID, true},
                {"case.assigned, letter.*", true, NOTICE_CASE_ASSIGNED, true},
                {"case.assigned, letter.*", true, NOTICE_CASE_OVERDUE, false},
                {"case.assign", false, NOTICE_CASE_ASSIGNED, false},
                {"case.assigned2", false, NOTICE_CASE_ASSIGNED, false},
                {",;  case.assigned ;", false, NOTICE_CASE_ASSIGNED, true},
                {"none", false, NOTICE_CASE_ASSIGNED, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (notice_wanted(str_of(rows[i].events), rows[i].staff, rows[i].kind) != rows[i].want)
            fail_msg("row %zu", i);
    assert_true(notice_unit_wanted(STR(""), STR("")));
    assert_true(notice_unit_wanted(STR(""), STR("U012")));
    assert_true(notice_unit_wanted(STR("U001, U012"), STR("U012")));
    assert_false(notice_unit_wanted(STR("U001, U012"), STR("U01")));
    assert_false(notice_unit_wanted(STR("U001"), STR("")));
}

static void sentences(void **state)
{
    (void)state;
    const struct notice_facts of_case = {.kind = STR("case.changed"),
                                         .number = 65537,
                                         .act = STR("assign"),
                                         .state = STR("assigned"),
                                         .level = 1,
                                         .rung = RUNG_RED,
                                         .unit = STR("城管局"),
                                         .urgency = STR("特急"),
                                         .due = {1773799200LL * 1000000},
                                         .due_clock = CLOCK_SIGN,
                                         .link = STR("https://x.example/staff/cases/65537")};
    const struct notice_facts letter = {.kind = STR("letter.changed"),
                                        .number = 8,
                                        .serial = STR("示优化办督函〔2026〕8号"),
                                        .letter = STR("supervise"),
                                        .unit = STR("城管局"),
                                        .link = STR("https://x.example/staff/letters/8")};
    const struct notice_facts alarm = {
        .kind = STR("channel.alarm"), .channel = STR("sms-main"), .alarm = STR("balance"), .alarm_on = true};
    const struct notice_facts burst = {.kind = STR("burst.began"),
                                       .number = 3,
                                       .unit = STR("城管局"),
                                       .category = STR("路灯不亮"),
                                       .n = 12,
                                       .hours = 24,
                                       .link = STR("https://x.example/staff/causes")};
    const struct notice_facts at_window = {.kind = STR("burst.grew"),
                                           .number = 4,
                                           .unit = STR("城管局"),
                                           .window = STR("3号"),
                                           .n = 12,
                                           .hours = 24};
    const struct notice_facts at_place = {
        .kind = STR("burst.began"), .number = 5, .place = STR("示例小区3号楼（望江）"), .n = 8, .hours = 24};
    struct notice_facts over = alarm;
    over.alarm_on = false;
    const struct {
        enum notice_kind kind;
        const struct notice_facts *facts;
        const char *title, *text;
    } rows[] = {
        {NOTICE_CASE_ASSIGNED, &of_case, "新交办：办件 65537",
         "办件 65537（L1 特急）新交办，承办单位：城管局，签收时限：2026-03-18 10:00。\nhttps://x.example/staff/cases/65537"},
        {NOTICE_CASE_OVERDUE, &of_case, "超时提醒：办件 65537",
         "办件 65537（L1 特急）签收超时，承办单位：城管局，签收时限：2026-03-18 10:00。\nhttps://x.example/staff/cases/65537"},
        {NOTICE_CASE_SUPERVISED, &of_case, "督办：办件 65537",
         "办件 65537（L1 特急）督办函（红），承办单位：城管局，签收时限：2026-03-18 10:00。\nhttps://x.example/staff/cases/65537"},
        {NOTICE_LETTER_DELIVERED, &letter, "函件送达：示优化办督函〔2026〕8号",
         "督办函（示优化办督函〔2026〕8号）已送达，单位：城管局。\nhttps://x.example/staff/letters/8"},
        {NOTICE_CHANNEL_ALARM, &alarm, "渠道告警：sms-main", "渠道 sms-main：余额不足。"},
        {NOTICE_BURST_BEGAN, &burst, "突发集中反映：城管局",
         "城管局“路灯不亮” 24 小时内集中反映 12 件，请值班人员研判。\nhttps://x.example/staff/causes"},
        {NOTICE_BURST_GREW, &at_window, "集中反映仍在增加：城管局",
         "城管局“3号”窗口 24 小时内集中反映 12 件，请值班人员研判。"},
        {NOTICE_BURST_ENDED, &at_window, "集中反映已平息：城管局", "城管局“3号”窗口的集中反映已平息。"},
        {NOTICE_BURST_BEGAN, &at_place, "突发集中反映：示例小区3号楼（望江）",
         "“示例小区3号楼（望江）” 24 小时内有 8 人反映问题，涉及的单位和事项请到办公端查看，请值班人员研判。"},
        {NOTICE_BURST_ENDED, &at_place, "集中反映已平息：示例小区3号楼（望江）",
         "“示例小区3号楼（望江）”的集中反映已平息。"},
        {NOTICE_CHANNEL_ALARM, &over, "渠道告警：sms-main", "渠道 sms-main：余额不足，已恢复。"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text title, text;
        text_init(&title, 300);
        text_init(&text, 2000);
        notice_title(rows[i].kind, rows[i].facts, &title);
        notice_sentence(rows[i].kind, rows[i].facts, &text);
        assert_string_equal(text_z(&title), rows[i].title);
        assert_string_equal(text_z(&text), rows[i].text);
        text_free(&title);
        text_free(&text);
    }
}

/* docs/webhooks.md names every kind with its headline. */
static void documented(void **state)
{
    (void)state;
    static char doc[65536];
    FILE *f = fopen(TREE "/docs/webhooks.md", "rb");
    assert_non_null(f);
    const struct str text = {doc, fread(doc, 1, sizeof doc, f)};
    (void)fclose(f);
    for (enum notice_kind k = 0; k < NOTICE_KINDS_N; k++) {
        struct text row;
        text_init(&row, 200);
        text_addf(&row, "\n| `%s` |", notice_kind_word(k));
        size_t at = str_find(text, text_str(&row));
        if (at == SIZE_MAX) fail_msg("%s is not there", notice_kind_word(k));
        struct str line, rest;
        str_cut((struct str){text.p + at + 1, text.n - at - 1}, '\n', &line, &rest);
        text_clear(&row);
        text_addf(&row, "| %s | %s |", notice_kind_headline(k), notice_wanted(STR(""), true, k) ? "yes" : "");
        if (!str_ends(line, text_str(&row))) fail_msg("%s: %.*s", notice_kind_word(k), STR_ARG(line));
        text_free(&row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(told_as), cmocka_unit_test(wanted),
                                       cmocka_unit_test(sentences), cmocka_unit_test(documented)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
