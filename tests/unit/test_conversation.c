/* What a message means in its sender's state: one row for each rule, in the order of core/conversation.c. */
#include "core/checkdigit.h"
#include "core/conversation.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { OUT = 1, SURVEY = 2, DIALOGUE = 4, PLACE = 8, KNOWN = 16, FLAGGED = 32, NOBODY = 64 };
enum { EARLY = 1000, LATE = 2000 };

static const struct sms_rules rules = {6, 9, STR("退订 TD T R 0000 QX STOP N"), STR("恢复 START")};
static char plaque[8] = "12345", receipt[17] = "123456789012345";

/* P and R stand for a plaque number and a receipt that check, p for a plaque number that does not. */
static void fill(const char *pattern, struct text *out)
{
    text_clear(out);
    for (; *pattern; pattern++) {
        if (*pattern == 'P')
            text_addz(out, plaque);
        else if (*pattern == '@')
            text_addz(out, receipt);
        else
            text_addc(out, *pattern);
    }
}

static void every_row_has_its_move(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        unsigned
            is; /* what is open; where survey, dialogue and place meet, the later one is named in `last` */
        unsigned last;
        enum talk_does does;
        bool at_place;
        int rating;
        enum message_event told;
        bool answers;
    } rows[] = {
        /* plain words */
        {"路灯不亮", 0, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true},
        {"路灯不亮", PLACE, 0, TALK_FILE, true, 0, MESSAGE_RECEIVED, true},
        {"路灯不亮", DIALOGUE, 0, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"路灯不亮", SURVEY, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true},
        {"路灯不亮", DIALOGUE | PLACE, DIALOGUE, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"路灯不亮", DIALOGUE | PLACE, PLACE, TALK_FILE, true, 0, MESSAGE_RECEIVED, true},
        {"路灯不亮", NOBODY, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, false},
        {"  ", DIALOGUE, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, true},
        /* a plaque number: never swallowed by a dialogue */
        {"P 路灯不亮", KNOWN, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true},
        {"P 路灯不亮", KNOWN | DIALOGUE | SURVEY, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true},
        {"P 5", KNOWN, 0, TALK_FILE, false, 5, MESSAGE_RECEIVED, true},
        {"P 5", KNOWN | SURVEY, 0, TALK_FILE, false, 5, MESSAGE_RECEIVED, true},
        {"P", KNOWN, 0, TALK_PLACE, false, 0, MESSAGE_PLAQUE_ONLY, true},
        {"P", KNOWN | DIALOGUE, 0, TALK_PLACE, false, 0, MESSAGE_PLAQUE_ONLY, true},
        {"P", 0, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true}, /* hangs nowhere */
        {"P 路灯不亮", DIALOGUE, 0, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"P", KNOWN | NOBODY, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIVED, false},
        {"P 路灯不亮", KNOWN | NOBODY, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, false},
        /* status */
        {"CX @", 0, 0, TALK_STATUS, false, 0, MESSAGE_STATUS, true},
        {"CX @", DIALOGUE | SURVEY | PLACE, 0, TALK_STATUS, false, 0, MESSAGE_STATUS, true},
        {"CX", 0, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIPT_MISSING, true},
        {"CX 1234", 0, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIPT_WRONG, true},
        {"CX @", NOBODY, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIVED, false},
        /* 已解决 / 未解决 */
        {"已解决 @", DIALOGUE, 0, TALK_CONFIRM, false, 0, MESSAGE_CONFIRMED_SOLVED, true},
        {"未解决 @", 0, 0, TALK_CONFIRM, false, 0, MESSAGE_CONFIRMED_UNSOLVED, true},
        {"未解决 @", NOBODY, 0, TALK_CONFIRM, false, 0, MESSAGE_CONFIRMED_UNSOLVED, false},
        {"已解决", DIALOGUE, 0, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        /* alone it answers what was asked last */
        {"已解决", SURVEY, 0, TALK_CONFIRM, false, 0, MESSAGE_CONFIRMED_SOLVED, true},
        {"没解决。", SURVEY, 0, TALK_CONFIRM, false, 0, MESSAGE_CONFIRMED_UNSOLVED, true},
        {"已解决", SURVEY | DIALOGUE, SURVEY, TALK_CONFIRM, false, 0, MESSAGE_CONFIRMED_SOLVED, true},
        {"已解决", SURVEY | DIALOGUE, DIALOGUE, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"已解决", SURVEY | PLACE, PLACE, TALK_FILE, true, 0, MESSAGE_RECEIVED, true},
        {"已解决", 0, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true},
        {"没解决，还是老样子", SURVEY, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true},
        /* a bare score */
        {"5", 0, 0, TALK_NOTHING, false, 0, MESSAGE_NOTHING_OPEN, true},
        {"5", SURVEY, 0, TALK_SCORE, false, 5, MESSAGE_SURVEY_THANKS, true},
        {"１", SURVEY, 0, TALK_SCORE, false, 1, MESSAGE_SURVEY_THANKS, true},
        {"0", SURVEY, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, true}, /* neither a score nor an opt-out */
        {"0", 0, 0, TALK_NOTHING, false, 0, MESSAGE_NOTHING_OPEN, true},
        {"3", DIALOGUE, 0, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"3", DIALOGUE | SURVEY, 0, TALK_SCORE, false, 3, MESSAGE_SURVEY_THANKS, true},
        {"4", PLACE, 0, TALK_FILE, true, 4, MESSAGE_RATED, true},
        {"4", PLACE | SURVEY, SURVEY, TALK_SCORE, false, 4, MESSAGE_SURVEY_THANKS, true},
        {"4", PLACE | SURVEY, PLACE, TALK_FILE, true, 4, MESSAGE_RATED, true},
        {"5", NOBODY, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIVED, false},
        /* opting out and in */
        {"退订", DIALOGUE | SURVEY, 0, TALK_OPT_OUT, false, 0, MESSAGE_OPTED_OUT, true},
        {"0000", SURVEY, 0, TALK_OPT_OUT, false, 0, MESSAGE_OPTED_OUT, true},
        {"TD", OUT, 0, TALK_NOTHING, false, 0, MESSAGE_OPTED_OUT, false}, /* told once */
        {"N", 0, 0, TALK_OPT_OUT, false, 0, MESSAGE_OPTED_OUT, true},
        {"N", DIALOGUE, 0, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"N", SURVEY, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, true},
        {"谢谢", FLAGGED, 0, TALK_OPT_OUT, false, 0, MESSAGE_OPTED_OUT, true}, /* the provider says so */
        {"恢复", OUT, 0, TALK_OPT_IN, false, 0, MESSAGE_OPTED_IN, true},
        {"恢复", 0, 0, TALK_NOTHING, false, 0, MESSAGE_OPTED_IN, true},
        {"退订", NOBODY, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIVED, false},
        {"请退订", DIALOGUE, 0, TALK_OPT_OUT, false, 0, MESSAGE_OPTED_OUT, true},
        {"退订回T", 0, 0, TALK_OPT_OUT, false, 0, MESSAGE_OPTED_OUT, true},
        {"请恢复", OUT, 0, TALK_OPT_IN, false, 0, MESSAGE_OPTED_IN, true},
        /* courtesy: no matter of its own, an answer to thanks would nag */
        {"谢谢", 0, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, false},
        {"好的", PLACE, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, false}, /* the place waits for the matter */
        {"好的", PLACE | SURVEY, SURVEY, TALK_NOTHING, false, 0, MESSAGE_HELP, false},
        {"好的", DIALOGUE, 0, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"好的", DIALOGUE | PLACE, DIALOGUE, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"好的", DIALOGUE | PLACE, PLACE, TALK_NOTHING, false, 0, MESSAGE_HELP, false},
        {"谢谢", SURVEY, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, false},
        {"谢谢", NOBODY, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIVED, false},
        {"在吗", 0, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, true},
        {"你好", PLACE, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, true},
        {"你好", DIALOGUE, 0, TALK_ADD, false, 0, MESSAGE_ADDED, true},
        {"你好", NOBODY, 0, TALK_NOTHING, false, 0, MESSAGE_RECEIVED, false},
        {"P 谢谢", KNOWN, 0, TALK_FILE, false, 0, MESSAGE_RECEIVED, true},
        /* help */
        {"帮助", DIALOGUE, 0, TALK_NOTHING, false, 0, MESSAGE_HELP, true},
    };
    struct text words;
    text_init(&words, 1000);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const unsigned is = rows[i].is, last = rows[i].last;
        struct talk_said said = {
            .plaque_known = (is & KNOWN) != 0, .opt_out = (is & FLAGGED) != 0, .person = (is & NOBODY) == 0};
        struct talk_state s = {.opted_out = (is & OUT) != 0,
                               .survey = (is & SURVEY) != 0,
                               .dialogue = (is & DIALOGUE) != 0,
                               .place = (is & PLACE) != 0,
                               .survey_at = {last == SURVEY ? LATE : EARLY},
                               .dialogue_at = {last == DIALOGUE ? LATE : EARLY},
                               .place_at = {last == PLACE ? LATE : EARLY}};
        struct talk_move m;
        fill(rows[i].words, &words);
        said.empty = str_trim(text_str(&words)).n == 0;
        sms_text_read(text_str(&words), &rules, &said.meaning);
        talk_decide(&said, &s, 5, &m);
        bool right = m.does == rows[i].does && m.at_place == rows[i].at_place && m.rating == rows[i].rating &&
                     m.answers == rows[i].answers && !m.limited &&
                     (m.event == rows[i].told || (is & NOBODY) != 0);
        if (!right)
            fail_msg("row %zu, %s: does %d, rating %d, told %s, answers %d", i, rows[i].words, (int)m.does,
                     m.rating, message_event_word(m.event), m.answers);
        s.told = 5; /* enough in this hour: the move stays, the answer does not */
        struct talk_move mute;
        talk_decide(&said, &s, 5, &mute);
        assert_int_equal(mute.does, m.does);
        assert_false(mute.answers);
        assert_true(mute.limited == m.answers);
    }
    text_free(&words);
}

static void courtesy_is_counted_where_nothing_is_done(void **state)
{
    (void)state;
    struct talk_said said = {.person = true, .meaning = {.courtesy = SMS_THANKS, .rest = STR("谢谢")}};
    struct talk_state s = {.place = true};
    struct talk_move m;
    talk_decide(&said, &s, 5, &m);
    assert_true(m.courtesy);
    s = (struct talk_state){.dialogue = true};
    talk_decide(&said, &s, 5, &m);
    assert_false(m.courtesy);
    said.person = false;
    talk_decide(&said, &s, 5, &m);
    assert_true(m.courtesy);
}

static void scans_and_leaving(void **state)
{
    (void)state;
    struct talk_state s = {.dialogue = true, .place = true};
    struct talk_said said = {.kind = TALK_ARRIVED, .plaque_known = true, .empty = true, .person = true};
    struct talk_move m;
    talk_decide(&said, &s, 5, &m);
    assert_int_equal(m.does, TALK_PLACE);
    assert_int_equal(m.event, MESSAGE_PLAQUE_ONLY);
    said.plaque_known = false;
    talk_decide(&said, &s, 5, &m);
    assert_int_equal(m.does, TALK_NOTHING);
    assert_int_equal(m.event, MESSAGE_HELP);
    said.kind = TALK_LEFT;
    talk_decide(&said, &s, 5, &m);
    assert_int_equal(m.does, TALK_FORGET);
    assert_false(m.answers); /* nothing would arrive */
}

static void a_low_level_is_never_solved(void **state)
{
    (void)state;
    const bool solved[] = {false, false, false, true, true, true};
    for (int i = 1; i <= 5; i++) {
        assert_true(talk_solved(i) == solved[i]);
        assert_true(talk_meaning(i, false)[0] && talk_meaning(i, true)[0]);
    }
    assert_string_equal(talk_meaning(5, false), "非常满意");
    assert_string_equal(talk_meaning(1, false), "非常不满意");
    assert_string_equal(talk_meaning(0, false), "");
    assert_string_equal(talk_meaning(6, true), "");
    for (int i = 1; i <= 5; i++) { /* what is told back says what follows */
        assert_true((strstr(talk_outcome(i, false), "确认已解决") != NULL) == talk_solved(i));
        assert_true((strstr(talk_outcome(i, true), "it is solved") != NULL) == talk_solved(i));
        assert_true(strncmp(talk_outcome(i, false), talk_meaning(i, false), strlen(talk_meaning(i, false))) ==
                    0);
    }
    assert_string_equal(talk_outcome(0, false), "");
    assert_string_equal(talk_outcome(6, true), "");
}

static void what_was_received_is_told_by_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(talk_received(true, false, true), MESSAGE_RECEIVED_REPORT);
    assert_int_equal(talk_received(true, false, false), MESSAGE_RECEIVED_REPORT);
    assert_int_equal(talk_received(false, true, true), MESSAGE_RATED);
    assert_int_equal(talk_received(false, false, false), MESSAGE_RECEIVED_NOWHERE);
    assert_int_equal(talk_received(false, false, true), MESSAGE_RECEIVED);
}

static void english_is_two_latin_words(void **state)
{
    (void)state;
    assert_true(talk_english(STR("the lamp is broken")));
    assert_true(talk_english(STR(" Help ")));
    assert_true(talk_english(STR("STOP")));
    assert_false(talk_english(STR("TD")));
    assert_true(talk_english(STR("it's broken, 3 days")));
    assert_false(talk_english(STR("CX 1234")));
    assert_false(talk_english(STR("TD")));
    assert_false(talk_english(STR("lamp broken 路灯")));
    assert_false(talk_english(STR("")));
}

int main(void)
{
    plaque[5] = check_digit_mod11_10(plaque, 5);
    receipt[15] = check_digit_mod11_10(receipt, 15);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_its_move),
        cmocka_unit_test(courtesy_is_counted_where_nothing_is_done),
        cmocka_unit_test(scans_and_leaving),
        cmocka_unit_test(a_low_level_is_never_solved),
        cmocka_unit_test(what_was_received_is_told_by_what_it_is),
        cmocka_unit_test(english_is_two_latin_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
