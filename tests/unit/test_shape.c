/* What stays of an exchange in the log: structure and technical words, never a secret, a number or a sentence. */
#include "core/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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

static void known_secrets_never_stay(void **state)
{
    const struct str values[] = {STR("hunter2"), STR("")};
    const struct shape_secrets secrets = {values, ARRAY_LEN(values)};
    struct text t;
    (void)state;
    text_init(&t, 4096);
    shape_body(STR("{\"q\":\"x-hunter2-y\"}"), &secrets, &t);
    same(&t, "{\"q\":\"‹11 字符›\"}");
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(bodies), cmocka_unit_test(known_secrets_never_stay),
                                       cmocka_unit_test(requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
