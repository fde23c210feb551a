/* Arbitrary requests through the adapter that settings describe: the first octet chooses one of several descriptions, the rest is an
 * input as push.h has it. What is sent is composed of the body's bytes too, and the body judged as an answer. */
#include "push.h"
#include "base/json.h"

#define FIELDS                                                                                               \
    {STR("in_id"), STR("id")}, {STR("in_from"), STR("from")}, {STR("in_to"), STR("to+extend")},              \
        {STR("in_text"), STR("text")}, {STR("in_time"), STR("time")}, {STR("in_sign"), STR("sign")},         \
        {STR("in_part_ref"), STR("part.ref")}, {STR("in_part_total"), STR("part.total")},                    \
        {STR("in_part_index"), STR("part.index")}, {STR("dlr_id"), STR("id")}, {STR("dlr_ref"), STR("ref")}, \
        {STR("dlr_to"), STR("to")}, {STR("dlr_status"), STR("status")}, {STR("dlr_code"), STR("code")},      \
        {STR("dlr_time"), STR("time")}, {STR("delivered"), STR("ok*,DELIVRD")},                              \
    {                                                                                                        \
        STR("failed"), STR("no,*x")                                                                          \
    }
#define SEND                                                                                                 \
    {STR("send_url"), STR("https://api.example.org/{to_national}?t={text}")},                                \
        {STR("send_format"), STR("json")},                                                                   \
        {STR("send_body"), STR("{\"to\":\"{to}\",\"p\":{params},\"t\":\"{text}\",\"s\":\"{signature}\"}")},  \
        {STR("send_sign"), STR("hmac-sha256")}, {STR("send_over"), STR("{now}{text}")},                      \
        {STR("ok_path"), STR("code")}, {STR("ok_value"), STR("0,ok*")}, {STR("id_path"), STR("data.0.id")},  \
        {STR("code_path"), STR("code")},                                                                     \
    {                                                                                                        \
        STR("codes_retry"), STR("9*")                                                                        \
    }

static const struct channel_setting form[] = {FIELDS,
                                              SEND,
                                              {STR("check"), STR("md5")},
                                              {STR("secret"), STR("secret")},
                                              {STR("check_in"), STR("sig")},
                                              {STR("check_over"), STR("{url}{fields}{secret}")},
                                              {STR("check_time"), STR("time")}};
static const struct channel_setting json[] = {FIELDS,
                                              SEND,
                                              {STR("in_format"), STR("json")},
                                              {STR("in_list"), STR("results")},
                                              {STR("dlr_list"), STR("results")},
                                              {STR("check"), STR("hmac-sha1")},
                                              {STR("secret"), STR("secret")},
                                              {STR("check_in"), STR("header:x-sign")},
                                              {STR("check_over"), STR("{body}{fields}{header:x-time}")},
                                              {STR("numbers"), STR("international")}};
static const struct channel_setting wrapped[] = {FIELDS,
                                                 SEND,
                                                 {STR("in_format"), STR("json")},
                                                 {STR("in_field"), STR("data")},
                                                 {STR("check"), STR("sha256")},
                                                 {STR("secret"), STR("secret")},
                                                 {STR("check_in"), STR("_sign")},
                                                 {STR("check_over"), STR("{fields},{secret}")},
                                                 {STR("check_pair"), STR("{value}")},
                                                 {STR("check_join"), STR(",")}};
static const struct channel_setting xml[] = {FIELDS,
                                             SEND,
                                             {STR("in_format"), STR("xml")},
                                             {STR("check"), STR("basic")},
                                             {STR("user"), STR("u")},
                                             {STR("password"), STR("p")}};

static void send_check(const struct channel *ch, struct str bytes)
{
    static const u8 random[16] = "0123456789abcdef";
    const struct adapter *generic = adapter_find(STR("generic"));
    const struct message_param params[] = {{STR("receipt"), bytes}};
    const struct message m = {.to = STR("+8615400000001"),
                              .text = bytes,
                              .event = STR("received"),
                              .params = params,
                              .n_params = 1,
                              .now = {(i64)PUSH_NOW * 1000000},
                              .random = random,
                              .try = 1};
    struct http_out out = {0};
    struct sent_outcome outcome = {0};
    struct http_reply reply = {.status = 200, .sent = true, .body = bytes};
    struct arena arena;
    const char *reason = NULL, *why;
    arena_init(&arena, 1u << 20);
    if (!utf8_valid(bytes)) {
        ASSERT(!generic->compose(ch, &m, &arena, &out, &reason) && reason);
    } else if (generic->compose(ch, &m, &arena, &out, &reason)) {
        struct json *doc = json_parse(out.body, 1u << 20, &why);
        ASSERT(doc && str_eq(json_str(json_get(doc, "t")),
                             bytes)); /* whatever the words are, the template's form holds */
        json_free(&doc);
    } else {
        ASSERT(reason);
    }
    generic->judge(ch, &reply, &arena, &outcome);
    ASSERT(outcome.for_operator && utf8_valid(outcome.provider_id) && utf8_valid(outcome.error_code));
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct {
        const struct channel_setting *set;
        size_t n;
    } all[] = {{form, ARRAY_LEN(form)},
               {json, ARRAY_LEN(json)},
               {wrapped, ARRAY_LEN(wrapped)},
               {xml, ARRAY_LEN(xml)}};
    if (size == 0) return 0;
    const size_t i = data[0] % ARRAY_LEN(all);
    const struct channel ch = {STR("sms"), all[i].set, all[i].n};
    send_check(&ch, (struct str){(const char *)data + 1, size - 1});
    return push_fuzz("generic", all[i].set, all[i].n, data + 1, size - 1);
}
