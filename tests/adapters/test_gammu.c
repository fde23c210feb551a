/* gammu-smsd's run hook by rows: environment in, note, message out. */
#include "adapters/sms/gammu.h"
#include "cmd_channel_check.h"
#include "rows.h"

struct variable {
    const char *name, *value;
};
#define VARIABLES 12
struct call {
    const char *lesson;
    struct variable env[VARIABLES];
    const char *ids[4];
    const char *sender, *text, *id;
};

static struct str env_of(const void *arg, const char *name)
{
    const struct call *c = arg;
    for (size_t i = 0; i < VARIABLES && c->env[i].name; i++)
        if (strcmp(c->env[i].name, name) == 0) return str_of(c->env[i].value);
    return STR_NONE;
}

static const struct call calls[] = {
    {.lesson = "signs that forms are made of, blanks at the ends, line breaks",
     .env = {{"SMS_MESSAGES", "1"},
             {"DECODED_PARTS", "0"},
             {"SMS_1_NUMBER", "+8615400000001"},
             {"SMS_1_TEXT", " a&b=c%+\r\n亮 "}},
     .ids = {"17"},
     .sender = "+8615400000001",
     .text = " a&b=c%+\r\n亮 ",
     .id = "17"},
    {.lesson = "pieces without a decoded whole are put together",
     .env = {{"SMS_MESSAGES", "3"},
             {"DECODED_PARTS", "0"},
             {"SMS_1_NUMBER", "15400000001"},
             {"SMS_1_TEXT", "一"},
             {"SMS_2_TEXT", "二"},
             {"SMS_3_TEXT", "三"}},
     .ids = {"1", "2", "3"},
     .sender = "+8615400000001",
     .text = "一二三",
     .id = "1,2,3"},
    {.lesson = "a decoded whole counts alone",
     .env = {{"SMS_MESSAGES", "2"},
             {"DECODED_PARTS", "1"},
             {"SMS_1_NUMBER", "15400000001"},
             {"SMS_1_TEXT", "一"},
             {"SMS_2_TEXT", "二"},
             {"DECODED_1_TEXT", "一二。"}},
     .ids = {"1", "2"},
     .sender = "+8615400000001",
     .text = "一二。",
     .id = "1,2"},
    {.lesson = "decoded parts without words (an MMS notice): the pieces' words are better than none",
     .env = {{"SMS_MESSAGES", "1"},
             {"DECODED_PARTS", "1"},
             {"SMS_1_NUMBER", "15400000001"},
             {"SMS_1_TEXT", "一"}},
     .ids = {"1"},
     .sender = "+8615400000001",
     .text = "一",
     .id = "1"},
    {.lesson = "a sender with a name cannot be answered",
     .env = {{"SMS_MESSAGES", "1"}, {"SMS_1_NUMBER", "BANK"}, {"SMS_1_TEXT", "x"}},
     .ids = {"1"},
     .sender = "",
     .text = "x",
     .id = "1"},
    {.lesson = "counts that are none",
     .env = {{"SMS_MESSAGES", "-1"}, {"DECODED_PARTS", "9999999"}, {"SMS_1_TEXT", "x"}},
     .ids = {"1"},
     .sender = "",
     .text = "x",
     .id = "1"},
    {.lesson = "words in another charset: what can be read is kept",
     .env = {{"SMS_MESSAGES", "1"}, {"SMS_1_TEXT", "a\xc1\xc1z"}},
     .ids = {"1"},
     .sender = "",
     .text = "a\xef\xbf\xbd\xef\xbf\xbdz",
     .id = "1"},
    {.lesson = "a binary message has no words",
     .env = {{"SMS_MESSAGES", "1"}, {"SMS_1_NUMBER", "15400000001"}},
     .ids = {"1"},
     .sender = "+8615400000001",
     .text = "",
     .id = "1"},
    {.lesson = "file names as ids hold the sender's number: not shown",
     .env = {{"SMS_MESSAGES", "1"}, {"SMS_1_NUMBER", "15400000001"}, {"SMS_1_TEXT", "x"}},
     .ids = {"IN20260318_095900_00_+8615400000001_00.txt"},
     .sender = "+8615400000001",
     .text = "x",
     .id = ""},
};

/* The key of the message that the call becomes. Free with free(). */
static char *key_of(const struct call *c, i64 at_s)
{
    const struct channel ch = {.name = STR("modem")};
    struct str ids[4];
    struct text note;
    struct arena arena;
    struct inbox inbox = {0};
    const char *reason = "";
    size_t n = 0;
    while (n < 4 && c->ids[n]) ids[n] = s(c->ids[n]), n++;
    text_init(&note, GAMMU_NOTE_MAX);
    arena_init(&arena, 1 << 18);
    gammu_note(env_of, c, ids, n, (instant){at_s * 1000000}, &note);
    const struct http_in in = {.method = STR("POST"), .body = text_str(&note)};
    assert_int_equal(adapter_find(s("gammu"))->parse(&ch, HOOK_MO, &in, &arena, &inbox, &reason), PARSE_OK);
    const struct inbox_item *item = &inbox.items[0];
    assert_str(c->lesson, item->s.text, c->text);
    assert_str(c->lesson, item->s.sender, c->sender);
    assert_str(c->lesson, item->s.external_id, c->id);
    assert_int_equal(item->s.sent_at.us, at_s * 1000000);
    assert_int_equal(item->s.door, DOOR_SMS);
    char *key = mem_copy(item->s.dedupe_key.p, item->s.dedupe_key.n);
    arena_free(&arena);
    text_free(&note);
    return key;
}

static void messages_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) free(key_of(&calls[i], ROW_NOW_S));
}

/* gammu counts from 1 again when its store is emptied. */
static void same_id_later_is_another_message(void **state)
{
    (void)state;
    char *first = key_of(&calls[0], ROW_NOW_S), *again = key_of(&calls[0], ROW_NOW_S),
         *later = key_of(&calls[0], ROW_NOW_S + 1);
    assert_string_equal(first, again);
    assert_string_not_equal(first, later);
    free(first), free(again), free(later);
}

static void strange_requests_are_refused(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {.lesson = "no note", .body = "from=1", .result = PARSE_MALFORMED},
        {.lesson = "a broken escape", .body = "ids=1&text=%", .result = PARSE_MALFORMED},
        {.lesson = "GET", .query = "ids=1&text=x", .result = PARSE_MALFORMED},
        {.lesson = "a report", .hook = HOOK_DLR, .body = "ids=1&text=x", .result = PARSE_MALFORMED},
        {.lesson = "an id with a line break is none",
         .body = "ids=1%0a2&text=x&from=15400000001",
         .sender = "+8615400000001",
         .text = "x"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("gammu", &rows[i]);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/gammu"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read),
        cmocka_unit_test(same_id_later_is_another_message),
        cmocka_unit_test(strange_requests_are_refused),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
