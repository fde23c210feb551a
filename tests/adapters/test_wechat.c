/* WeChat by rows: who may push, what is read of it, what is answered. Pushes are sealed here by other code than the adapter's. */
#include "adapters/sms/xml.h"
#include "cmd_channel_check.h"
#include "rows.h"

#define TOKEN   "FICTITIOUSwxtoken01"
#define APPID   "wxfict000000000001"
#define AES_KEY "FICTITIOUSabcdefghijklmnopqrstuvwxyz0123456"
#define OLD_KEY "FICTITIOUSabcdefghijklmnopqrstuvwxyz6543210"

/* -- what is read ------------------------------------------------------------------------------------------------ */

#define HEAD                                                                                                 \
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oA_1-x]]></FromUserName>"          \
    "<CreateTime>1773799198</CreateTime>"
#define TEXT(words)                                                                                          \
    HEAD "<MsgType><![CDATA[text]]></MsgType><Content>" words "</Content><MsgId>7</MsgId></xml>"
#define SENT 1773799198

static const struct row rows[] = {
    {.lesson = "words as they are: blanks, line breaks, emoji",
     .body = TEXT("<![CDATA[ 路灯不亮\n😀 ]]>"),
     .text = " 路灯不亮\n😀 ",
     .sender = "wechat:oA_1-x",
     .id = "7",
     .to = "gh_1",
     .sent_s = SENT},
    {.lesson = "references instead of CDATA",
     .body = TEXT("a&lt;b &amp;&#x4eae;&#20142;&quot;"),
     .text = "a<b &亮亮\"",
     .sender = "wechat:oA_1-x",
     .id = "7",
     .sent_s = SENT},
    {.lesson = "an end of CDATA inside the words, as it is written then",
     .body = TEXT("<![CDATA[a]]]]><![CDATA[>b]]>"),
     .text = "a]]>b",
     .sender = "wechat:oA_1-x",
     .id = "7",
     .sent_s = SENT},
    {.lesson = "a second field of the same name changes nothing",
     .body = HEAD
     "<MsgType>text</MsgType><Content>first</Content><Content>second</Content><MsgId>7</MsgId></xml>",
     .text = "first",
     .sender = "wechat:oA_1-x",
     .id = "7",
     .sent_s = SENT},
    {.lesson = "a message without an id gets a key of ours",
     .body = HEAD "<MsgType>text</MsgType><Content>x</Content></xml>",
     .text = "x",
     .sender = "wechat:oA_1-x",
     .sent_s = SENT},
    {.lesson = "a picture has no words",
     .body =
         HEAD "<MsgType>image</MsgType><PicUrl>http://x/0</PicUrl><MediaId>m</MediaId><MsgId>8</MsgId></xml>",
     .text = "",
     .sender = "wechat:oA_1-x",
     .id = "8",
     .media = 1,
     .sent_s = SENT},
    {.lesson = "voice that WeChat understood",
     .body = HEAD "<MsgType>voice</MsgType><Recognition>路灯</Recognition><MsgId>8</MsgId></xml>",
     .text = "路灯",
     .sender = "wechat:oA_1-x",
     .id = "8",
     .media = 1,
     .sent_s = SENT},
    {.lesson = "a place without a name is a pair of numbers",
     .body = HEAD
     "<MsgType>location</MsgType><Location_X>39.904200</Location_X><Location_Y>116.407400</Location_Y>"
     "<Label></Label><MsgId>8</MsgId></xml>",
     .text = "位置 39.904200,116.407400",
     .sender = "wechat:oA_1-x",
     .id = "8",
     .sent_s = SENT},
    {.lesson = "a link is its title and address",
     .body =
         HEAD "<MsgType>link</MsgType><Title>题</Title><Url>https://x.example/</Url><MsgId>8</MsgId></xml>",
     .text = "题 https://x.example/",
     .sender = "wechat:oA_1-x",
     .id = "8",
     .sent_s = SENT},
    {.lesson = "an event that concerns nobody",
     .body = HEAD "<MsgType>event</MsgType><Event>CLICK</Event><EventKey>k</EventKey></xml>"},
    {.lesson = "no sender",
     .body = "<xml><MsgType>text</MsgType><Content>x</Content></xml>",
     .result = PARSE_MALFORMED},
    {.lesson = "a sender that would forge a line",
     .body = "<xml><FromUserName>o&#10;x</FromUserName><MsgType>text</MsgType></xml>",
     .result = PARSE_MALFORMED},
    {.lesson = "no kind", .body = HEAD "</xml>", .result = PARSE_MALFORMED},
    {.lesson = "a document type",
     .body = "<!DOCTYPE xml [<!ENTITY a \"b\">]>" TEXT("&a;"),
     .result = PARSE_MALFORMED},
    {.lesson = "a reference of its own", .body = TEXT("&a;"), .result = PARSE_MALFORMED},
    {.lesson = "a comment", .body = TEXT("a<!-- b -->c"), .result = PARSE_MALFORMED},
    {.lesson = "half a message",
     .body = HEAD "<MsgType>text</MsgType><Content><![CDATA[x",
     .result = PARSE_MALFORMED},
    {.lesson = "crossed elements", .body = "<xml><a><b></a></b></xml>", .result = PARSE_MALFORMED},
    {.lesson = "a close too many", .body = "</xml>", .result = PARSE_MALFORMED},
    {.lesson = "two roots", .body = TEXT("x") "<xml></xml>", .result = PARSE_MALFORMED},
    {.lesson = "not UTF-8", .body = TEXT("\xc3"), .result = PARSE_MALFORMED},
    {.lesson = "a NUL by reference", .body = TEXT("&#0;"), .result = PARSE_MALFORMED},
    {.lesson = "a surrogate by reference", .body = TEXT("&#xd83d;"), .result = PARSE_MALFORMED},
    {.lesson = "no XML", .body = "success", .result = PARSE_MALFORMED},
    {.lesson = "nothing", .body = "", .result = PARSE_MALFORMED},
};

static void pushes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) row_check("wechat", &rows[i]);
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    struct text t;
    text_init(&t, 1 << 20);
    for (int i = 0; i < 5000; i++) text_addz(&t, "<a>");
    const struct row deep = {.lesson = "five thousand deep", .body = text_z(&t), .result = PARSE_MALFORMED};
    row_check("wechat", &deep);
    text_clear(&t);
    text_addz(&t, "<xml>");
    for (int i = 0; i < 5000; i++) text_addz(&t, "<a>1</a>");
    text_addz(&t, "</xml>");
    const struct row wide = {.lesson = "five thousand fields", .body = text_z(&t), .result = PARSE_MALFORMED};
    row_check("wechat", &wide);
    text_free(&t);
}

static void events_say_who_came_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *event, *key;
        enum item_kind kind;
        const char *plaque, *dedupe;
    } events[] = {
        {"subscribe", "qrscene_1234567", ITEM_ARRIVED, "1234567", "wechat:oA_1-x:1773799198:subscribe"},
        {"subscribe", "", ITEM_ARRIVED, "", "wechat:oA_1-x:1773799198:subscribe"},
        {"subscribe", "1234567", ITEM_ARRIVED, "", "wechat:oA_1-x:1773799198:subscribe"},
        {"SCAN", "1234567", ITEM_ARRIVED, "1234567", "wechat:oA_1-x:1773799198:SCAN"},
        {"SCAN", "line&#10;break", ITEM_ARRIVED, "", "wechat:oA_1-x:1773799198:SCAN"},
        {"unsubscribe", "1234567", ITEM_LEFT, "", "wechat:oA_1-x:1773799198:unsubscribe"},
    };
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        struct text body;
        struct arena arena;
        struct inbox inbox = {0};
        const struct channel ch = {.name = STR("wechat")};
        const char *reason = "";
        text_init(&body, 4096);
        arena_init(&arena, 1 << 18);
        text_addf(&body, HEAD "<MsgType>event</MsgType><Event>%s</Event><EventKey>%s</EventKey></xml>",
                  events[i].event, events[i].key);
        const struct http_in in = {.method = STR("POST"), .body = text_str(&body)};
        assert_int_equal(adapter_find(s("wechat"))->parse(&ch, HOOK_MO, &in, &arena, &inbox, &reason),
                         PARSE_OK);
        assert_int_equal(inbox.n_items, 1);
        assert_int_equal(inbox.items[0].kind, events[i].kind);
        assert_int_equal(inbox.items[0].s.door, DOOR_WECHAT);
        assert_str(events[i].event, inbox.items[0].s.plaque, events[i].plaque);
        assert_str(events[i].event, inbox.items[0].s.dedupe_key, events[i].dedupe);
        arena_free(&arena);
        text_free(&body);
    }
}

/* -- who may push ------------------------------------------------------------------------------------------------- */

static void sorted_sha1(const char *token, const char *stamp, const char *nonce, const char *encrypted,
                        struct text *out)
{
    const char *all[4] = {token, stamp, nonce, encrypted};
    const size_t n = encrypted ? 4 : 3;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            if (strcmp(all[k], all[i]) < 0) {
                const char *swap = all[i];
                all[i] = all[k], all[k] = swap;
            }
    struct text joined;
    text_init(&joined, 1 << 20);
    for (size_t i = 0; i < n; i++) text_addz(&joined, all[i]);
    digest_hex(DIGEST_SHA1, text_str(&joined), out);
    text_free(&joined);
}

/* What is sealed, and how it deviates from what WeChat does. */
struct seal {
    const char *lesson, *key, *token, *stamp, *appid;
    int pad;                       /* 0: as it should be; else this octet */
    u32 length;                    /* 0: that of the words */
    bool plain_mode, no_type, cut; /* cut: half a block is missing */
    bool good;
};
#define NOW "1773799200"
static const struct seal seals[] = {
    {"as WeChat does", AES_KEY, TOKEN, NOW, APPID, 0, 0, false, false, false, true},
    {"the old token while it is good", AES_KEY, "old-token", NOW, APPID, 0, 0, false, false, false, true},
    {"the old AES key while it is good", OLD_KEY, TOKEN, NOW, APPID, 0, 0, false, false, false, true},
    {"another token", AES_KEY, "no-token", NOW, APPID, 0, 0, false, false, false, false},
    {"another key", "FICTITIOUSabcdefghijklmnopqrstuvwxyzABCDEFG", TOKEN, NOW, APPID, 0, 0, false, false,
     false, false},
    {"five minutes old", AES_KEY, TOKEN, "1773798900", APPID, 0, 0, false, false, false, true},
    {"older", AES_KEY, TOKEN, "1773798899", APPID, 0, 0, false, false, false, false},
    {"from the future", AES_KEY, TOKEN, "1773799501", APPID, 0, 0, false, false, false, false},
    {"a time that is none", AES_KEY, TOKEN, "soon", APPID, 0, 0, false, false, false, false},
    {"another account's", AES_KEY, TOKEN, NOW, "wxfict000000000002", 0, 0, false, false, false, false},
    {"no account", AES_KEY, TOKEN, NOW, "", 0, 0, false, false, false, false},
    {"padding of 33", AES_KEY, TOKEN, NOW, APPID, 33, 0, false, false, false, false},
    {"padding of 255", AES_KEY, TOKEN, NOW, APPID, 255, 0, false, false, false, false},
    {"a length beyond the end", AES_KEY, TOKEN, NOW, APPID, 0, 0x7fffffff, false, false, false, false},
    {"a length of four gigabytes", AES_KEY, TOKEN, NOW, APPID, 0, 0xffffffff, false, false, false, false},
    {"half a block", AES_KEY, TOKEN, NOW, APPID, 0, 0, false, false, true, false},
    {"plain, although only sealed ones are taken", AES_KEY, TOKEN, NOW, APPID, 0, 0, true, false, false,
     false},
    {"sealed, but called plain", AES_KEY, TOKEN, NOW, APPID, 0, 0, false, true, false, false},
};

static void seal_xml(const struct seal *row, struct str xml, struct text *b64)
{
    struct text plain, key;
    const u32 n = row->length ? row->length : (u32)xml.n;
    const u8 length[4] = {(u8)(n >> 24), (u8)(n >> 16), (u8)(n >> 8), (u8)n};
    text_init(&plain, 1 << 16);
    text_init(&key, 32);
    assert_true(b64_get(&key, s(row->key)));
    text_addz(&plain, "0123456789abcdef");
    text_add(&plain, (struct str){(const char *)length, 4});
    text_add(&plain, xml);
    text_addz(&plain, row->appid);
    const size_t due = 32 - plain.n % 32;
    for (size_t i = 0; i < due; i++) text_addc(&plain, (char)(row->pad ? row->pad : (int)due));
    u8 *out = mem_alloc(plain.n);
    assert_true(aes256_cbc_encrypt((const u8 *)key.p, (const u8 *)key.p, (const u8 *)plain.p, plain.n, out));
    b64_put(b64, out, plain.n - (row->cut ? 8 : 0));
    free(out);
    text_free(&plain);
    text_free(&key);
}

static const struct channel_setting sealed_set[] = {{STR("token"), STR(TOKEN)},
                                                    {STR("token_old"), STR("old-token")},
                                                    {STR("encoding_aes_key"), STR(AES_KEY)},
                                                    {STR("appid"), STR(APPID)},
                                                    {STR("encoding_aes_key_old"), STR(OLD_KEY)},
                                                    {STR("old_until"), STR("1773799300")}};
static const struct channel sealed_channel = {STR("wechat"), sealed_set, ARRAY_LEN(sealed_set)};

/* The request; body and query are the caller's to free. */
static struct http_in push_make(const struct seal *row, struct str xml, struct text *query, struct text *body)
{
    struct text b64, plain_mark, mark;
    text_init(&b64, 1 << 16);
    text_init(&plain_mark, 64);
    text_init(&mark, 64);
    text_init(query, 4096);
    text_init(body, 1 << 17);
    seal_xml(row, xml, &b64);
    sorted_sha1(row->token, row->stamp, "555", NULL, &plain_mark);
    sorted_sha1(row->token, row->stamp, "555", text_z(&b64), &mark);
    text_addf(query, "signature=%s&timestamp=%s&nonce=555&openid=oA_1-x", text_z(&plain_mark), row->stamp);
    if (!row->plain_mode && !row->no_type)
        text_addf(query, "&encrypt_type=aes&msg_signature=%s", text_z(&mark));
    if (row->plain_mode)
        text_add(body, xml);
    else
        text_addf(
            body,
            "<xml><ToUserName>gh_1</ToUserName><Content>clear</Content><Encrypt><![CDATA[%s]]></Encrypt></xml>",
            text_z(&b64));
    text_free(&b64);
    text_free(&plain_mark);
    text_free(&mark);
    return (struct http_in){.method = STR("POST"),
                            .query = text_str(query),
                            .body = text_str(body),
                            .peer = STR("192.0.2.1"),
                            .at = {(i64)ROW_NOW_S * 1000000}};
}

static void only_sealed_pushes_of_our_account_are_taken(void **state)
{
    (void)state;
    const struct adapter *wechat = adapter_find(s("wechat"));
    for (size_t i = 0; i < ARRAY_LEN(seals); i++) {
        struct text query, body;
        struct arena arena;
        struct inbox inbox = {0};
        const char *reason = NULL;
        struct http_in in = push_make(&seals[i], s(TEXT("亮")), &query, &body);
        const bool taken = wechat->verify(&sealed_channel, HOOK_MO, &in, &reason) == VERIFY_OK;
        if (taken != seals[i].good) fail_msg("%s: %s", seals[i].lesson, reason ? reason : "taken");
        arena_init(&arena, 1 << 20);
        if (taken) {
            assert_int_equal(wechat->parse(&sealed_channel, HOOK_MO, &in, &arena, &inbox, &reason), PARSE_OK);
            assert_str(seals[i].lesson, inbox.items[0].s.text, "亮"); /* never the clear field beside it */
        }
        arena_free(&arena);
        text_free(&query);
        text_free(&body);
    }
}

static void every_changed_octet_is_noticed(void **state)
{
    (void)state;
    const struct adapter *wechat = adapter_find(s("wechat"));
    struct text query, body;
    struct http_in in = push_make(&seals[0], s(TEXT("亮")), &query, &body);
    const size_t from = str_find(text_str(&body), STR("CDATA[")) + 6,
                 to = str_find(text_str(&body), STR("]]></Encrypt"));
    for (size_t i = from; i < to; i++) {
        const char *reason = NULL;
        const char was = body.p[i];
        body.p[i] = was == 'A' ? 'B' : 'A';
        if (wechat->verify(&sealed_channel, HOOK_MO, &in, &reason) == VERIFY_OK) fail_msg("octet %zu", i);
        body.p[i] = was;
    }
    text_free(&query);
    text_free(&body);
}

static void handshake_echoes_what_is_visible(void **state)
{
    (void)state;
    static const struct {
        const char *echo;
        enum parse_result result;
        const char *answer;
    } all[] = {{"echostr=58384", PARSE_OK, "58384"},
               {"echostr=%3Cscript%3E", PARSE_OK, "<script>"}, /* as text/plain */
               {"echostr=a%0d%0ab", PARSE_MALFORMED, NULL},
               {"echostr=", PARSE_MALFORMED, NULL},
               {"", PARSE_MALFORMED, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct arena arena;
        struct inbox inbox = {0};
        const char *reason = NULL;
        const struct http_in in = {.method = STR("GET"), .query = s(all[i].echo)};
        arena_init(&arena, 1 << 16);
        assert_int_equal(
            adapter_find(s("wechat"))->parse(&sealed_channel, HOOK_MO, &in, &arena, &inbox, &reason),
            all[i].result);
        if (all[i].answer) {
            const struct hook_answer a = adapter_answer(VERIFY_OK, PARSE_OK, &inbox);
            assert_true(inbox.handshake);
            assert_str("echo", a.body, all[i].answer);
            assert_str("echo", a.type, "text/plain");
        }
        arena_free(&arena);
    }
}

/* -- the answer ------------------------------------------------------------------------------------------------------ */

static struct str between(struct str all, const char *open, const char *close)
{
    size_t at = str_find(all, s(open));
    assert_true(at != SIZE_MAX);
    all.p += at + strlen(open), all.n -= at + strlen(open);
    at = str_find(all, s(close));
    assert_true(at != SIZE_MAX);
    return (struct str){all.p, at};
}

/* Opened here with the key that the push had. */
static void answers_open_with_the_key_of_the_push(void **state)
{
    (void)state;
    static const u8 random[16] = "fedcba9876543210";
    for (size_t i = 0; i < 3; i++) {
        struct text query, body, sealed, key;
        struct arena arena;
        struct hook_answer answer = {0};
        struct http_in in = push_make(&seals[i], s(TEXT("亮")), &query, &body);
        const struct inbox_item item = {.s = {.sender = STR("wechat:oA_1-x")}, .to = STR("gh_1")};
        arena_init(&arena, 1 << 20);
        assert_true(adapter_find(s("wechat"))
                        ->answer(&sealed_channel, &in, &item, STR("已收到]]>&<"), random, &arena, &answer));
        text_init(&sealed, 1 << 16);
        text_init(&key, 32);
        assert_true(b64_get(&sealed, between(answer.body, "<Encrypt><![CDATA[", "]]>")) &&
                    b64_get(&key, s(seals[i].key)));
        u8 *plain = mem_alloc(sealed.n);
        assert_true(
            aes256_cbc_decrypt((const u8 *)key.p, (const u8 *)key.p, (const u8 *)sealed.p, sealed.n, plain));
        const struct str inside = {(const char *)plain + 20, (size_t)plain[18] << 8 | plain[19]};
        struct xml *x = ARENA_NEW(&arena, struct xml);
        const char *why = "";
        assert_true(xml_read(&arena, inside, x, &why));
        assert_str("to", xml_value(x, STR("ToUserName")), "oA_1-x");
        assert_str("words", xml_value(x, STR("Content")), "已收到]]>&<");
        assert_memory_equal(inside.p + inside.n, APPID, strlen(APPID));
        assert_int_equal(sealed.n % 32, 0);
        free(plain);
        arena_free(&arena);
        text_free(&sealed), text_free(&key), text_free(&query), text_free(&body);
    }
}

static void answers_are_cut_at_a_character(void **state)
{
    (void)state;
    static const u8 random[16];
    struct text words;
    struct arena arena;
    struct hook_answer answer = {0};
    const struct http_in in = {.method = STR("POST"), .at = {(i64)ROW_NOW_S * 1000000}};
    const struct inbox_item item = {.s = {.sender = STR("wechat:o1")}, .to = STR("gh_1")};
    text_init(&words, 8192);
    arena_init(&arena, 1 << 16);
    for (int i = 0; i < 1000; i++) text_addz(&words, "亮");
    assert_true(adapter_find(s("wechat"))
                    ->answer(&sealed_channel, &in, &item, text_str(&words), random, &arena, &answer));
    const struct str kept = between(answer.body, "<Content><![CDATA[", "]]>");
    assert_int_equal(kept.n, 2046); /* 682 whole characters within 2048 octets */
    assert_false(
        adapter_find(s("wechat"))->answer(&sealed_channel, &in, &item, STR(""), random, &arena, &answer));
    arena_free(&arena);
    text_free(&words);
}

static void samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples/wechat-mp"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushes_are_read),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(events_say_who_came_and_where),
        cmocka_unit_test(only_sealed_pushes_of_our_account_are_taken),
        cmocka_unit_test(every_changed_octet_is_noticed),
        cmocka_unit_test(handshake_echoes_what_is_visible),
        cmocka_unit_test(answers_open_with_the_key_of_the_push),
        cmocka_unit_test(answers_are_cut_at_a_character),
        cmocka_unit_test(samples_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
