/* What stays of an exchange in the log: structure and technical words, never a secret, a number or a sentence. */
#include "core/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void same(struct text *t, const char *want)
{
    assert_string_equal(text_z(t), want);
    text_clear(t);
}

static void bodies(void **state)
{
    static const struct {
        const char *body, *want;
    } rows[] = {
        {"", ""},
        {"SUCCESS", "‹7 字符›"}, /* a body without structure may be words */
        {"status=DELIVRD&msisdn=15412345678", "status=DELIVRD&msisdn=‹11 字符›"},
        {"Body=hello&NumMedia=0", "Body=‹5 字符›&NumMedia=0"},
        {"x=%E8%B7%AF%E7%81%AF", "x=‹2 字符›"},
        {"x=%zz&y=1", "x=‹3 字节›&y=1"},
        {"a=15412345678=b&c", "a=‹13 字符›&c="},
        {"15412345678=1", "‹11 字符›=1"}, /* a number as a name */
        {"{\"code\":0,\"msg\":\"OK\",\"n\":15412345678}",
         "{\"code\":0,\"msg\":\"‹2 字符›\",\"n\":‹11 字符›}"},
        {"[{\"content\":\"路灯坏了\",\"err_code\":\"DELIVRD\",\"success\":true}]",
         "[{\"content\":\"‹4 字符›\",\"err_code\":\"DELIVRD\",\"success\":true}]"},
        {"{\"a\":\"one two\",\"b\":\"one\"}", "{\"a\":\"‹7 字符›\",\"b\":\"one\"}"},
        {"{\"a\":\"\\\"quoted\\\" 15412345678\"", "{\"a\":\"‹22 字符›\""},
        {"{\"a\":\"never closed", "{\"a\":\"‹11 字符›\""},
        {"<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[坏了]]></Content></xml>",
         "<xml><MsgType>text</MsgType><Content>‹2 字符›</Content></xml>"},
        {"<xml><FromUserName>oABCDEFG</FromUserName>", "<xml><FromUserName>‹8 字符›</FromUserName>"},
        {"plain words of a citizen", "‹24 字符›"},
        {"\xff\xfe\x00", "‹2 字节›"},
        {"<", ""},
    };
    struct text t;
    (void)state;
    text_init(&t, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        shape_body(str_of(rows[i].body), NULL, &t);
        same(&t, rows[i].want);
    }
    text_free(&t);
}

/* What an adversary, or a provider that nobody has met yet, could bring through; each row once came out whole. */
static void nothing_slips_through(void **state)
{
    static const struct {
        const char *body, *never;
    } rows[] = {
        {"{\"mob\":\"154-0000-1234\"}", "1234"}, /* a number split by signs */
        {"{\"mob\":\"+86.154.0000.1234\"}", "0000"},
        {"{\"code\":\"1234-5678-9012-3456\"}", "9012"}, /* a receipt */
        {"{\"154-0000-1234\":\"x\"}", "0000"},          /* as a name */
        {"mob=154-0000-1234&x=1", "0000"},
        {"<a><mob>154-0000-1234</mob></a>", "0000"},
        {"<a><mob>&#49;&#53;&#52;&#48;&#48;</mob></a>", "#53"}, /* as entities */
        {"{\"mob\":\"\\u0031\\u0035\\u0034\"}", "u0035"},       /* as escapes */
        {"{\"nr\":\"\\u8def\\u706f\\u574f\\u4e86\"}", "u706f"},
        {"{\"\\u0074ext\":\"bribe\"}", "bribe"},   /* an escaped name */
        {"{\"nr\":\"6Lev54Gv5Z2P5LqG\"}", "54Gv"}, /* Base64 of words */
        {"nr=6Lev54Gv5Z2P5LqG&x=1", "54Gv"},
        {"6Lev54Gv5Z2P5LqGbribe=", "5Z2P"},                              /* all of it, taken for a form */
        {"data=%7B%22text%22%3A%22bribe%22%7D&x=1", "bribe"},            /* JSON in a form */
        {"data=text%3Dbribe%26from%3Dzhang&x=1", "bribe"},               /* a form in a form */
        {"{\"data\":\"{\\\"text\\\":\\\"bribe\\\"}\"}", "bribe"},        /* JSON in JSON */
        {"{\"from\":{\"id\":\"oZhang\",\"x\":[\"oZhang\"]}}", "oZhang"}, /* inside of a hidden name */
        {"{\"text\":[{\"a\":1},\"bribe\"]}", "bribe"},
        {"{\"text\":{\"bribe\":1}}", "bribe"},
        {"<a><Content><b>bribe</b>bribe</Content></a>", "bribe"},
        {"<a><Content><bribe/></Content></a>", "bribe"},
        {"{\"contact\":\"zhang@example.com\"}", "zhang"},
        {"[154 0000 1234", "15400001234"}, /* pieces that would stand together */
        {"<a><b>154<![CDATA[0000]]><![CDATA[1234]]></b></a>", "15400001234"},
        {"[zhang took money", "took"}, /* words that look like JSON */
    };
    struct text t;
    (void)state;
    text_init(&t, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        shape_body(str_of(rows[i].body), NULL, &t);
        if (strstr(text_z(&t), rows[i].never)) fail_msg("%s: %s", rows[i].body, text_z(&t));
        text_clear(&t);
    }
    /* What is beside a hidden name and behind it stays. */
    shape_body(STR("{\"from\":{\"id\":\"x\"},\"state\":\"DELIVRD\",\"messages\":[{\"status\":\"0\"}]}"), NULL,
               &t);
    same(&t,
         "{\"from\":{\"‹2 字符›\":\"‹1 字符›\"},\"state\":\"DELIVRD\",\"messages\":[{\"status\":\"0\"}]}");
    shape_body(STR("<a><Content><b>x</b></Content><MsgType>text</MsgType></a>"), NULL, &t);
    same(&t, "<a><Content><‹1 字符›>‹1 字符›</‹1 字符›></Content><MsgType>text</MsgType></a>");
    text_free(&t);
}

/* Kannel posts the bare words. */
static void bare_words_are_no_structure(void **state)
{
    static const char *const said[] = {"zhang=bribe", "[\"bribe\"]", "<bribe>", "{\"bribe\":1}"};
    struct http_header plain = {STR("content-type"), STR("text/plain; charset=UTF-8")};
    struct text t;
    (void)state;
    text_init(&t, 4096);
    for (size_t i = 0; i < ARRAY_LEN(said) * 2; i++) {
        struct http_in in = {
            .method = STR("POST"), .path = STR("/hooks/k/x/mo"), .body = str_of(said[i / 2])};
        in.headers = &plain, in.n_headers = i % 2;
        shape_request_in(&in, NULL, &t);
        if (strstr(text_z(&t), "bribe") || strstr(text_z(&t), "zhang")) fail_msg("%s", text_z(&t));
        text_clear(&t);
    }
    text_free(&t);
}

/* A channel whose fields are named in its settings. */
static void named_fields_are_hidden(void **state)
{
    const struct str names[] = {STR("nr"), STR("sj")};
    const struct shape_secrets secrets = {.names = names, .n_names = ARRAY_LEN(names)};
    struct text t;
    (void)state;
    text_init(&t, 4096);
    shape_body(STR("{\"nr\":\"bribe\",\"sj\":\"oZhang\",\"zt\":\"ok\"}"), &secrets, &t);
    same(&t, "{\"nr\":\"‹5 字符›\",\"sj\":\"‹6 字符›\",\"zt\":\"ok\"}");
    text_free(&t);
}

static void known_secrets_never_stay(void **state)
{
    const struct str values[] = {STR("hunter2"), STR("")};
    const struct shape_secrets secrets = {.values = values, .n = ARRAY_LEN(values)};
    struct text t;
    (void)state;
    text_init(&t, 4096);
    shape_body(STR("{\"q\":\"x-hunter2-y\"}"), &secrets, &t);
    same(&t, "{\"q\":\"‹11 字符›\"}");
    shape_body(STR("<a><hunter2>x</hunter2></a>"), &secrets, &t); /* as a name */
    same(&t, "<a><‹7 字符›>x</‹7 字符›></a>");
    shape_body(STR("q=hunter2&r=other"), &secrets, &t);
    same(&t, "q=‹7 字符›&r=other");
    text_free(&t);
}

static void requests(void **state)
{
    struct http_header headers[] = {{STR("content-type"), STR("text/plain; charset=\"UTF-16BE\"")},
                                    {STR("authorization"), STR("Basic abc")},
                                    {STR("x-kannel-coding"), STR("2")},
                                    {STR("x-kannel-from"), STR("15412345678")}};
    struct http_in in = {.method = STR("POST"),
                         .path = STR("/hooks/sms/AbCdEfGhIjKlMnOp/mo"),
                         .query = STR("k=token&id=7f-aa"),
                         .headers = headers,
                         .n_headers = ARRAY_LEN(headers),
                         .body = STR("\x8d\x2f")};
    struct http_out call = {
        .method = STR("GET"),
        .url = STR(
            "http://user:pass@127.0.0.1:13013/cgi-bin/sendsms?password=p&to=%2B15412345678&coding=2&text=hi")};
    struct text t;
    (void)state;
    text_init(&t, 4096);
    shape_request_in(&in, NULL, &t);
    same(
        &t,
        "POST /hooks/sms/‹key›/mo?k=‹5 字符›&id=7f-aa\ncontent-type: text/plain; charset=\"UTF-16BE\"\nauthorization: ‹9 "
        "字符›\nx-kannel-coding: 2\nx-kannel-from: ‹11 字符›\n\n‹2 字节›");
    shape_request_out(&call, NULL, &t);
    same(&t,
         "GET http://127.0.0.1:13013/cgi-bin/sendsms?password=‹1 字符›&to=‹12 字符›&coding=2&text=‹2 字符›");
    text_free(&t);
    text_init(&t, 40);
    shape_request_in(&in, NULL, &t);
    assert_true(t.overflow && t.n <= 40);
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bodies),
                                       cmocka_unit_test(known_secrets_never_stay),
                                       cmocka_unit_test(requests),
                                       cmocka_unit_test(nothing_slips_through),
                                       cmocka_unit_test(bare_words_are_no_structure),
                                       cmocka_unit_test(named_fields_are_hidden)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
