/* Kannel by rows: each row is a request, mostly as a real bearerbox and smsbox 1.4.5 sent it, and what a citizen's
 * words must become. The samples of all adapters run in test_channel_check. */
#include "adapters/adapter.h"
#include "adapters/charset.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct str s(const char *z) { return str_of(z); }

static void assert_str(struct str got, const char *want)
{
    if (!str_eq(got, s(want))) fail_msg("got \"%.*s\", expected \"%s\"", STR_ARG(got), want);
}

/* -- inbound ------------------------------------------------------------------------------------------------- */

struct row {
    const char *lesson;
    const char *query, *type, *from, *coding, *udh, *time, *body; /* body NULL: GET */
    enum parse_result result;
    const char *sender, *text, *id;
    unsigned part_total, part_index;
    i64 sent_s;
};

#define XML(number, ud, dcs, zone)                                                                           \
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<message cid=\"1\">\n\t<submit>\n  \t\t<oa>  "         \
    "\t\t<number>" number "</number>\n</oa>\n  \t\t<da>  \t\t<number>10690000</number>\n</da>\n  \t\t" ud    \
    "\n  \t\t<dcs>  \t\t<coding>" dcs "</coding>\n</dcs>\n  "                                                \
    "\t\t<at><year>2026</year><month>3</month><day>18</day><hour>1</hour><minute>59</minute>"                \
    "<second>57</second><timezone>" zone "</timezone></at>\n\t</submit>\n</message>\n"
#define SENT 1773799197

static const struct row rows[] = {
    {.lesson = "a double space, a plus and a percent sign of the citizen survive",
     .query = "id=a1&from=13800001234&to=10690000&T=1773799197&smsc=GET&coding=0&charset=UTF-8&udh=&bin="
              "Hello++World+a%26b%3Dc+%2B1+100%25",
     .sender = "+8613800001234",
     .text = "Hello  World a&b=c +1 100%",
     .id = "a1",
     .sent_s = SENT},
    {.lesson = "UTF-8 without mo-recode: Kannel calls it coding 0",
     .query = "id=a2&from=%2B8613800001234&T=1773799197&coding=0&charset=UTF-8&udh=&bin=%E5%8C%97%E9%97%A8+"
              "caf%C3%A9",
     .sender = "+8613800001234",
     .text = "北门 café",
     .id = "a2",
     .sent_s = SENT},
    {.lesson = "no charset in the URL: coding 2 is UTF-16BE",
     .query = "id=a3&from=13800001234&coding=2&bin=N%0DN%AE",
     .sender = "+8613800001234",
     .text = "不亮",
     .id = "a3"},
    {.lesson = "the guide's name for the air interface is UTF-8 in truth",
     .query = "id=a4&from=13800001234&coding=0&charset=GSM&bin=%E4%BA%AE",
     .sender = "+8613800001234",
     .text = "亮",
     .id = "a4"},
    {.lesson = "a piece of a long message says which it is",
     .query = "id=a5&from=%2B8613800001234&T=1773799197&coding=0&charset=UTF-8&udh=%05%00%03%A5%02%01&bin="
              "part%2Bone",
     .sender = "+8613800001234",
     .text = "part+one",
     .id = "a5",
     .part_total = 2,
     .part_index = 1,
     .sent_s = SENT},
    {.lesson = "16-bit reference behind another element",
     .query = "id=a6&from=13800001234&coding=0&udh=%09%24%01%01%08%04%00%A5%03%02&bin=x",
     .sender = "+8613800001234",
     .text = "x",
     .id = "a6",
     .part_total = 3,
     .part_index = 2},
    {.lesson = "a header that does not add up does not cost the words",
     .query = "id=a7&from=13800001234&coding=0&udh=%05%00%03%A5%02%03&bin=x",
     .sender = "+8613800001234",
     .text = "x",
     .id = "a7"},
    {.lesson = "a header cut short does not cost the words",
     .query = "id=a8&from=13800001234&coding=0&udh=%05%00%03%A5&bin=x",
     .sender = "+8613800001234",
     .text = "x",
     .id = "a8"},
    {.lesson = "a sender that is no number cannot be answered, its words count",
     .query = "id=a9&from=BANK&coding=0&bin=x",
     .sender = "",
     .text = "x",
     .id = "a9"},
    {.lesson = "a second field of the same name changes nothing",
     .query = "id=b1&from=13800001234&coding=0&bin=first&bin=second&id=zz",
     .sender = "+8613800001234",
     .text = "first",
     .id = "b1"},
    {.lesson = "a time that is no number is no time",
     .query = "id=b2&from=13800001234&T=-1&bin=x",
     .sender = "+8613800001234",
     .text = "x",
     .id = "b2"},
    {.lesson = "an id with a line break would forge log lines: the content key takes over",
     .query = "id=b%0A3&from=13800001234&bin=x",
     .sender = "+8613800001234",
     .text = "x",
     .id = ""},
    {.lesson = "an empty message is read, the limits refuse it",
     .query = "id=b4&from=13800001234&coding=0&bin=",
     .sender = "+8613800001234",
     .text = "",
     .id = "b4"},
    {.lesson = "post-url, number with 00, header UDH percent-encoded as 1.4.5 does",
     .query = "id=c1",
     .body = "part+one",
     .type = "text/plain; charset=\"UTF-8\"",
     .from = "008613800001234",
     .coding = "0",
     .udh = "%05%00%03%A5%02%01",
     .time = "2026-03-18 01:59:57",
     .sender = "+8613800001234",
     .text = "part+one",
     .id = "c1",
     .part_total = 2,
     .part_index = 1,
     .sent_s = SENT},
    {.lesson = "post-url, header UDH in hex as the guide has it",
     .query = "id=c2",
     .body = "x",
     .type = "text/plain; charset=utf-8",
     .from = "13800001234",
     .coding = "0",
     .udh = "050003A50202",
     .time = "2026-03-18 01:59:57",
     .sender = "+8613800001234",
     .text = "x",
     .id = "c2",
     .part_total = 2,
     .part_index = 2,
     .sent_s = SENT},
    {.lesson = "post-url without send-sender: words without a number are still words",
     .query = "id=c3",
     .body = "\xe4\xba\xae",
     .type = "text/plain; charset=\"UTF-8\"",
     .time = "2026-3-18 1:59:57",
     .sender = "",
     .text = "亮",
     .id = "c3"},
    {.lesson = "post-xml declares ISO-8859-1 and means UTF-8 under the percent signs",
     .query = "id=d1",
     .type = "text/xml",
     .body = XML("008613800001234", "<ud>%E5%8C%97%E9%97%A8+caf%C3%A9</ud>", "0", "0"),
     .sender = "+8613800001234",
     .text = "北门 café",
     .id = "d1",
     .sent_s = SENT},
    {.lesson = "post-xml, coding 2 is UTF-16BE whatever is declared",
     .query = "id=d2",
     .type = "text/xml; charset=\"ISO-8859-1\"",
     .body = XML("+8613800001234", "<ud>N%0DN%AE%D8%3D%DE%00</ud>", "2", "0"),
     .sender = "+8613800001234",
     .text = "不亮😀",
     .id = "d2",
     .sent_s = SENT},
    {.lesson = "post-xml with udh",
     .query = "id=d3",
     .type = "text/xml",
     .body = XML("13800001234", "<udh>%05%00%03%A5%02%01</udh>\n  \t\t<ud>part%2Bone</ud>", "0", "0"),
     .sender = "+8613800001234",
     .text = "part+one",
     .id = "d3",
     .part_total = 2,
     .part_index = 1,
     .sent_s = SENT},
    {.lesson = "a zone of unknown unit: better no time than a wrong one",
     .query = "id=d4",
     .type = "text/xml",
     .body = XML("13800001234", "<ud>x</ud>", "0", "8"),
     .sender = "+8613800001234",
     .text = "x",
     .id = "d4"},
    {.lesson = "words that look like XML stay words",
     .query = "id=d5",
     .type = "text/xml",
     .body = XML("13800001234", "<ud>%3C%2Fud%3E%3Coa%3E</ud>", "0", "0"),
     .sender = "+8613800001234",
     .text = "</ud><oa>",
     .id = "d5",
     .sent_s = SENT},

    {.lesson = "odd number of bytes",
     .query = "id=e1&from=13800001234&coding=2&bin=N%0DN",
     .result = PARSE_MALFORMED},
    {.lesson = "first half of a surrogate pair at the end",
     .query = "id=e2&from=13800001234&coding=2&bin=%D8%3D",
     .result = PARSE_MALFORMED},
    {.lesson = "second half alone",
     .query = "id=e3&from=13800001234&coding=2&bin=%DE%00",
     .result = PARSE_MALFORMED},
    {.lesson = "first half before a letter",
     .query = "id=e4&from=13800001234&coding=2&bin=%D8%3D%00A",
     .result = PARSE_MALFORMED},
    {.lesson = "U+0000 cannot be stored",
     .query = "id=e5&from=13800001234&coding=2&bin=%00%00",
     .result = PARSE_MALFORMED},
    {.lesson = "broken UTF-8",
     .query = "id=e6&from=13800001234&coding=0&charset=UTF-8&bin=%E4%BA",
     .result = PARSE_MALFORMED},
    {.lesson = "broken escape anywhere", .query = "id=%zz&from=13800001234&bin=x", .result = PARSE_MALFORMED},
    {.lesson = "binary message as Kannel hands it over",
     .query = "id=e7&from=13800001234&coding=1&charset=8-BIT&udh=&bin=caf%C3%A9",
     .result = PARSE_MALFORMED},
    {.lesson = "binary message by post-url",
     .query = "id=e8",
     .type = "application/octet-stream",
     .from = "13800001234",
     .coding = "1",
     .body = "caf",
     .result = PARSE_MALFORMED},
    {.lesson = "unknown character set is never guessed",
     .query = "id=e9&from=13800001234&coding=0&charset=GB18030&bin=x",
     .result = PARSE_MALFORMED},
    {.lesson = "no words field: the operator's URL is incomplete",
     .query = "id=f1&from=13800001234",
     .result = PARSE_MALFORMED},
    {.lesson = "neither id nor sender: equal words of two citizens would become one",
     .query = "bin=x",
     .result = PARSE_MALFORMED},
    {.lesson = "post-xml cut off in the words",
     .query = "id=f2",
     .type = "text/xml",
     .body = "<message><submit><ud>abc",
     .result = PARSE_MALFORMED},
    {.lesson = "a form is none of Kannel's shapes",
     .query = "id=f3",
     .type = "application/x-www-form-urlencoded",
     .body = "bin=x",
     .result = PARSE_MALFORMED},
};

/* Parses one row into the inbox; the arena outlives the call. */
static enum parse_result parse_row(const struct row *r, enum hook hook, struct arena *arena,
                                   struct inbox *inbox)
{
    struct http_header headers[5];
    const char *const names[] = {"content-type", "x-kannel-from", "x-kannel-coding", "x-kannel-udh",
                                 "x-kannel-time"};
    const char *const values[] = {r->type, r->from, r->coding, r->udh, r->time};
    struct http_in in = {
        .method = s(r->body ? "POST" : "GET"), .query = s(r->query), .body = s(r->body), .headers = headers};
    const char *reason = NULL;
    struct channel ch = {.name = STR("sms")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (values[i]) headers[in.n_headers++] = (struct http_header){s(names[i]), s(values[i])};
    enum parse_result got = adapter_find(STR("kannel"))->parse(&ch, hook, &in, arena, inbox, &reason);
    if (got != PARSE_OK) assert_non_null(reason);
    return got;
}

static void messages_are_read(void **state)
{
    (void)state;
    struct inbox *inbox = MEM_NEW(struct inbox);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        struct arena arena;
        arena_init(&arena, 1 << 16);
        enum parse_result got = parse_row(r, HOOK_MO, &arena, inbox);
        if (got != r->result) fail_msg("%s: result %d", r->lesson, (int)got);
        assert_int_equal(inbox->n_items, got == PARSE_OK ? 1 : 0);
        assert_int_equal(inbox->n_receipts, 0);
        if (got == PARSE_OK) {
            const struct submission *m = &inbox->items[0].s;
            assert_str(m->sender, r->sender);
            assert_str(m->text, r->text);
            assert_str(m->external_id, r->id);
            assert_true(m->dedupe_key.n > 0 && m->dedupe_key.n <= SUBMISSION_KEY_MAX);
            assert_int_equal(m->door, DOOR_SMS);
            assert_int_equal(m->sent_at.us, r->sent_s * 1000000);
            assert_int_equal(inbox->items[0].part.total, r->part_total);
            if (r->part_total) assert_int_equal(inbox->items[0].part.index, r->part_index);
            if (r->part_total) assert_str(inbox->items[0].part.ref, "165");
            assert_str(inbox->ok_body, ""); /* a body would go to the citizen as an SMS */
        }
        arena_free(&arena);
    }
    free(inbox);
}

/* Without %I the same push twice is one message, and everything else is another one. */
static void content_key_tells_messages_apart(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "from=13800001234&T=1773799197&bin=ab",  "from=13800001234&T=1773799198&bin=ab",
        "from=13800001235&T=1773799197&bin=ab",  "from=13800001234&T=1773799197&bin=ac",
        "from=138000012341&T=1773799197&bin=ab", "from=13800001234&bin=ab",
    };
    struct inbox *inbox = MEM_NEW(struct inbox);
    struct arena arena;
    struct str keys[ARRAY_LEN(queries)];
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        assert_int_equal(parse_row(&(struct row){.query = queries[i]}, HOOK_MO, &arena, inbox), PARSE_OK);
        keys[i] = inbox->items[0].s.dedupe_key;
        assert_true(str_find(keys[i], STR("13800001234")) ==
                    SIZE_MAX); /* no number in a key that may be shown */
        for (size_t k = 0; k < i; k++) assert_false(str_eq(keys[i], keys[k]));
    }
    assert_int_equal(parse_row(&(struct row){.query = queries[0]}, HOOK_MO, &arena, inbox), PARSE_OK);
    assert_true(str_eq(keys[0], inbox->items[0].s.dedupe_key));
    arena_free(&arena);
    free(inbox);
}

static void full_arena_is_too_many(void **state)
{
    (void)state;
    struct inbox *inbox = MEM_NEW(struct inbox);
    for (size_t room = 0; room < 40;
         room++) { /* the row needs 43 bytes: it must fail at every earlier point */
        struct arena arena;
        arena_init(&arena, room);
        assert_int_equal(parse_row(&rows[0], HOOK_MO, &arena, inbox), PARSE_TOO_MANY);
        assert_int_equal(inbox->n_items, 0);
        arena_free(&arena);
    }
    free(inbox);
}

static const struct {
    const char *lesson, *query;
    enum parse_result result;
    enum delivery status;
    const char *error;
} reports[] = {
    {"taken by the operator, no id yet",
     "ref=4711&d=8&F=&A=ACK%2F&T=1795297606&p=%2B8613800001234&P=10690000", PARSE_OK, DELIVERY_SENT, ""},
    {"delivered",
     "ref=4711&d=1&F=78aace2e-6fc0-49a3-8e65-823556c7ca5b&A=&T=1795297606&p=%2B8613800001234&P=1", PARSE_OK,
     DELIVERY_DELIVERED, ""},
    {"waits at the operator", "ref=4711&d=4&A=&p=13800001234", PARSE_OK, DELIVERY_SENT, ""},
    {"rejected", "ref=4711&d=16&A=NACK%2F0x0000000b%2FInvalid+Destination&p=13800001234", PARSE_OK,
     DELIVERY_FAILED, "0x0000000b"},
    {"ran out of time", "ref=4711&d=2&A=id%3A1+stat%3AEXPIRED+err%3A001+text%3Astat%3AX&p=13800001234",
     PARSE_OK, DELIVERY_EXPIRED, "EXPIRED/001"},
    {"the message's own words never become a code",
     "ref=4711&d=2&A=id%3A1+text%3Astat%3ASECRET+err%3A9&p=13800001234", PARSE_OK, DELIVERY_FAILED, ""},
    {"two bits at once are not documented", "ref=4711&d=3&A=&p=13800001234", PARSE_MALFORMED, DELIVERY_SENT,
     ""},
    {"no status", "ref=4711&A=&p=13800001234", PARSE_MALFORMED, DELIVERY_SENT, ""},
    {"nothing to find the message by", "d=1&A=&p=13800001234", PARSE_MALFORMED, DELIVERY_SENT, ""},
};

static void reports_are_read(void **state)
{
    (void)state;
    struct inbox *inbox = MEM_NEW(struct inbox);
    for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
        struct arena arena;
        arena_init(&arena, 1 << 16);
        enum parse_result got = parse_row(&(struct row){.query = reports[i].query}, HOOK_DLR, &arena, inbox);
        if (got != reports[i].result) fail_msg("%s: result %d", reports[i].lesson, (int)got);
        assert_int_equal(inbox->n_receipts, got == PARSE_OK ? 1 : 0);
        assert_int_equal(inbox->n_items, 0);
        if (got == PARSE_OK) {
            assert_int_equal(inbox->receipts[0].status, reports[i].status);
            assert_str(inbox->receipts[0].error_code, reports[i].error);
            assert_str(inbox->receipts[0].client_ref, "4711");
            assert_str(inbox->receipts[0].to, "+8613800001234");
        }
        arena_free(&arena);
    }
    free(inbox);
}

/* -- who may come in -------------------------------------------------------------------------------------------- */

static void strangers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *allow, *token, *peer, *query;
        enum verdict_in verdict;
    } gates[] = {
        {"", "", "192.0.2.1", "", VERIFY_OK},
        {"192.0.2.1", "", "192.0.2.1", "", VERIFY_OK},
        {"192.0.2.7, 192.0.2.1", "", "192.0.2.1", "", VERIFY_OK},
        {"192.0.2.7,192.0.2.1", "", "::ffff:192.0.2.1", "", VERIFY_OK}, /* a listener on :: */
        {"2001:DB8::1", "", "2001:db8::1", "", VERIFY_OK},
        {"192.0.2.1", "", "192.0.2.11", "", VERIFY_REFUSED},
        {"192.0.2.11", "", "192.0.2.1", "", VERIFY_REFUSED},
        {"192.0.2.1", "", "", "", VERIFY_REFUSED},
        {"", "secret-1", "", "k=secret-1", VERIFY_OK},
        {"", "secret-1", "", "id=1&k=secret%2D1", VERIFY_OK},
        {"", "secret-1", "", "k=secret-2", VERIFY_REFUSED},
        {"", "secret-1", "", "k=secret-", VERIFY_REFUSED},
        {"", "secret-1", "", "k=", VERIFY_REFUSED},
        {"", "secret-1", "", "", VERIFY_REFUSED},
        {"", "secret-1", "", "k=secret-2&k=secret-1", VERIFY_REFUSED},
    };
    for (size_t i = 0; i < ARRAY_LEN(gates); i++) {
        struct channel_setting set[] = {{STR("allow_ip"), s(gates[i].allow)},
                                        {STR("url_token"), s(gates[i].token)}};
        struct channel ch = {STR("sms"), set, 2};
        struct http_in in = {.method = STR("GET"), .peer = s(gates[i].peer), .query = s(gates[i].query)};
        const char *reason = NULL;
        enum verdict_in got = adapter_find(STR("kannel"))->verify(&ch, HOOK_MO, &in, &reason);
        if (got != gates[i].verdict) fail_msg("gate %zu: %d", i, (int)got);
        if (got != VERIFY_OK) assert_non_null(reason);
    }
}

static void refusals_have_empty_bodies(void **state)
{
    (void)state;
    struct inbox *inbox = MEM_NEW(struct inbox);
    assert_int_equal(adapter_answer(VERIFY_REFUSED, PARSE_OK, inbox).status, 403);
    assert_int_equal(adapter_answer(VERIFY_OK, PARSE_MALFORMED, inbox).status, 400);
    assert_int_equal(adapter_answer(VERIFY_OK, PARSE_TOO_MANY, inbox).status, 413);
    assert_int_equal(adapter_answer(VERIFY_OK, PARSE_MALFORMED, inbox).body.n, 0);
    assert_int_equal(adapter_answer(VERIFY_OK, PARSE_OK, inbox).status, 200);
    free(inbox);
}

/* -- sending ---------------------------------------------------------------------------------------------------- */

static struct channel_setting sending[] = {
    {STR("sendsms_url"), STR("http://127.0.0.1:13013/cgi-bin/sendsms")},
    {STR("username"), STR("a b&c")},
    {STR("password"), STR("p=%?")}};
static const struct channel sender = {STR("sms"), sending, 3};

static void sending_is_refused_before_it_goes_wrong(void **state)
{
    (void)state;
    const struct adapter *kannel = adapter_find(STR("kannel"));
    struct http_out out;
    const char *reason;
    struct arena arena;
    arena_init(&arena, 1 << 17);
    struct message m = {.to = STR("+8613800001234"), .text = STR("已受理"), .client_ref = STR("17")};
    assert_true(kannel->compose(&sender, &m, &arena, &out, &reason));
    assert_str(out.url, "http://127.0.0.1:13013/cgi-bin/"
                        "sendsms?username=a%20b%26c&password=p%3D%25%3F&from=&to=%2B8613800001234"
                        "&coding=2&charset=UTF-8&text=%E5%B7%B2%E5%8F%97%E7%90%86");
    m.dlr_url = STR("http://127.0.0.1/hooks/a%2Fb/dlr"); /* Kannel would put something in place of %2 */
    assert_false(kannel->compose(&sender, &m, &arena, &out, &reason));
    m.dlr_url = STR_NONE;
    m.text = STR("\xff");
    assert_false(kannel->compose(&sender, &m, &arena, &out, &reason));
    char *long_text = mem_alloc(6000);
    memset(long_text, '!', 6000);
    m.text = (struct str){long_text, 6000};
    assert_false(kannel->compose(&sender, &m, &arena, &out, &reason));
    assert_non_null(reason);
    free(long_text);
    arena_free(&arena);
}

static void answers_are_judged(void **state)
{
    (void)state;
    static const struct {
        int status;
        bool sent;
        const char *body, *wait;
        enum sent want;
        bool our_fault;
        i64 wait_s;
    } answers[] = {
        {202, true, "0: Accepted for delivery", "", SENT_OK, false, 0},
        {202, true, "3: Queued for later delivery", "", SENT_OK, false, 0},
        {400, true, "Missing receiver number, rejected", "", SENT_REFUSED, false, 0},
        {403, true, "Authorization failed for sendsms", "", SENT_REFUSED, true, 0},
        {404, true, "", "", SENT_REFUSED, true, 0},
        {302, true, "", "", SENT_REFUSED, true, 0},
        {503, true, "Temporal failure, try again later.", "", SENT_RETRY, false, 0},
        {503, true, "", "30", SENT_RETRY, false, 30},
        {503, true, "", "-1", SENT_RETRY, false, 0},
        {429, true, "", "99999999", SENT_RETRY, false, 0},
        {200, true, "<html>", "", SENT_UNKNOWN, true, 0},
        {502, true, "", "", SENT_UNKNOWN, false, 0},
        {0, false, "", "", SENT_RETRY, false, 0},
        {0, true, "", "", SENT_UNKNOWN, false, 0}, /* never sent twice blindly */
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct http_reply reply = {.status = answers[i].status,
                                   .sent = answers[i].sent,
                                   .body = s(answers[i].body),
                                   .retry_after = s(answers[i].wait)};
        struct sent_outcome got;
        struct arena arena;
        arena_init(&arena, 1024);
        adapter_find(STR("kannel"))->judge(&sender, &reply, &arena, &got);
        if (got.sent != answers[i].want || (got.cause == CAUSE_SETTINGS) != answers[i].our_fault ||
            got.retry_after.us != answers[i].wait_s * 1000000)
            fail_msg("answer %zu (%d)", i, answers[i].status);
        assert_non_null(got.for_operator);
        arena_free(&arena);
    }
}

/* -- character sets ----------------------------------------------------------------------------------------------- */

static void utf16_goes_there_and_back(void **state)
{
    (void)state;
    const struct str words = STR("投诉 café\r\n不，三上😀 ");
    struct text wide, back, small;
    text_init(&wide, 200);
    text_init(&back, 200);
    text_init(&small, 7);
    assert_true(charset_put_utf16be(words, &wide));
    assert_true(charset_read(CHARSET_UTF16BE, text_str(&wide), &back));
    assert_true(str_eq(text_str(&back), words));
    text_addc(&small, 'x');
    assert_false(charset_read(CHARSET_UTF16BE, text_str(&wide), &small)); /* no room: nothing is half there */
    assert_str(text_str(&small), "x");
    assert_str(charset_parameter(STR("text/plain; format=flowed; Charset = \"UTF-16BE\"")), "UTF-16BE");
    assert_str(charset_parameter(STR("text/plain")), "");
    text_free(&wide);
    text_free(&back);
    text_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read),
        cmocka_unit_test(content_key_tells_messages_apart),
        cmocka_unit_test(full_arena_is_too_many),
        cmocka_unit_test(reports_are_read),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(refusals_have_empty_bodies),
        cmocka_unit_test(sending_is_refused_before_it_goes_wrong),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(utf16_goes_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
