/* What goes out. A sample says what request must leave, not what message it was made of; so the message and the settings of its
 * channel are read back from the request by a table per provider, and composing them must give the same bytes again. What a
 * signature is made of (keys, nonce, instant) stands in the case's config. */
#include "cmd_channel_check_part.h"
#include "base/code.h"
#include "adapters/sms/signing.h"
#include <stdio.h>
#include <string.h>

#define NOW_S      1773799200
#define PARAMS_MAX 16
#define EVENT      "sample" /* the message's event: its template is the setting template_sample */

enum source {
    FROM_FORM,   /* a field of the form in the body, or in the query when there is no body */
    FROM_JSON,   /* a path in the body's JSON */
    FROM_QUERY,  /* a field of the query */
    FROM_REPORT, /* a field of the query inside the report address (dlr-url) */
    FROM_CONFIG, /* a path in config */
    FROM_BASIC,  /* "user" or "password" of the Authorization header */
    FROM_HEADER, /* what stands behind the last blank of a header */
    FROM_SDK,    /* "sdk", when the request has that header */
    FROM_KIND,   /* the word given, when the request has no body ("query") or has one ("form") */
    FROM_URL, /* "base": scheme and host; "path": with the path; "whole": with the query but what is signed into it */
};
/* Where a value goes: a part of the message, or (any other name) a setting. */
static const char TO[] = "=to", TEXT[] = "=text", TITLE[] = "=title", SIGN[] = "=sign", REF[] = "=ref",
                  DLR[] = "=dlr", PARAMS[] = "=params", NOW[] = "=now", RANDOM[] = "=random";

struct send_rule {
    const char *provider;
    enum source source;
    const char *name, *into;
};
/* clang-format off */
static const struct send_rule rules[] = {
    {"kannel", FROM_URL, "path", "sendsms_url"},
    {"kannel", FROM_QUERY, "username", "username"},   {"kannel", FROM_QUERY, "password", "password"},
    {"kannel", FROM_QUERY, "smsc", "smsc"},           {"kannel", FROM_QUERY, "from", "from"},
    {"kannel", FROM_QUERY, "to", TO},                 {"kannel", FROM_QUERY, "text", TEXT},
    {"kannel", FROM_QUERY, "dlr-url", DLR},           {"kannel", FROM_REPORT, "k", "url_token"},
    {"kannel", FROM_REPORT, "ref", REF},

    {"twilio", FROM_URL, "base", "api_url"},          {"twilio", FROM_FORM, "From", "from"},
    {"twilio", FROM_FORM, "MessagingServiceSid", "messaging_service_sid"},
    {"twilio", FROM_FORM, "To", TO},                  {"twilio", FROM_FORM, "Body", TEXT},
    {"twilio", FROM_FORM, "StatusCallback", DLR},

    {"vonage", FROM_URL, "base", "api_url"},          {"vonage", FROM_CONFIG, "method", "signature_method"},
    {"vonage", FROM_FORM, "api_key", "api_key"},      {"vonage", FROM_FORM, "from", "from"},
    {"vonage", FROM_FORM, "to", TO},                  {"vonage", FROM_FORM, "text", TEXT},
    {"vonage", FROM_FORM, "client-ref", REF},         {"vonage", FROM_FORM, "callback", DLR},
    {"vonage", FROM_FORM, "timestamp", NOW},

    {"infobip", FROM_URL, "base", "api_url"},         {"infobip", FROM_HEADER, "authorization", "api_key"},
    {"infobip", FROM_JSON, "messages.0.sender", "from"},
    {"infobip", FROM_JSON, "messages.0.destinations.0.to", TO},
    {"infobip", FROM_JSON, "messages.0.destinations.0.messageId", REF},
    {"infobip", FROM_JSON, "messages.0.content.text", TEXT},
    {"infobip", FROM_JSON, "messages.0.webhooks.delivery.url", DLR},

    {"plivo", FROM_URL, "base", "api_url"},           {"plivo", FROM_BASIC, "user", "auth_id"},
    {"plivo", FROM_BASIC, "password", "auth_token"},  {"plivo", FROM_JSON, "src", "from"},
    {"plivo", FROM_JSON, "dst", TO},                  {"plivo", FROM_JSON, "text", TEXT},
    {"plivo", FROM_JSON, "url", DLR},

    {"aliyun", FROM_URL, "base", "api_url"},          {"aliyun", FROM_KIND, "query form", "request"},
    {"aliyun", FROM_FORM, "PhoneNumbers", TO},        {"aliyun", FROM_FORM, "SignName", SIGN},
    {"aliyun", FROM_FORM, "TemplateCode", "template_" EVENT},
    {"aliyun", FROM_FORM, "TemplateParam", PARAMS},   {"aliyun", FROM_FORM, "OutId", REF},
    {"aliyun", FROM_CONFIG, "date", NOW},             {"aliyun", FROM_CONFIG, "nonce", RANDOM},
    {"aliyun", FROM_FORM, "SignatureVersion", "signature_version"},
    {"aliyun", FROM_FORM, "Timestamp", NOW},          {"aliyun", FROM_FORM, "SignatureNonce", RANDOM},

    {"tencent", FROM_URL, "base", "api_url"},         {"tencent", FROM_JSON, "PhoneNumberSet.0", TO},
    {"tencent", FROM_JSON, "SmsSdkAppId", "sdk_app_id"}, {"tencent", FROM_JSON, "TemplateId", "template_" EVENT},
    {"tencent", FROM_JSON, "SignName", SIGN},         {"tencent", FROM_JSON, "TemplateParamSet", PARAMS},
    {"tencent", FROM_JSON, "SessionContext", REF},    {"tencent", FROM_CONFIG, "timestamp", NOW},

    {"huawei", FROM_URL, "base", "api_url"},          {"huawei", FROM_FORM, "from", "from"},
    {"huawei", FROM_FORM, "to", TO},                  {"huawei", FROM_FORM, "templateId", "template_" EVENT},
    {"huawei", FROM_FORM, "templateParas", PARAMS},   {"huawei", FROM_FORM, "statusCallback", DLR},
    {"huawei", FROM_FORM, "signature", SIGN},         {"huawei", FROM_FORM, "extend", REF},
    {"huawei", FROM_CONFIG, "created", NOW},          {"huawei", FROM_CONFIG, "nonce", RANDOM},
    {"huawei", FROM_SDK, "x-sdk-date", "auth"}, {"huawei", FROM_HEADER, "x-sdk-date", NOW},

    {"yunpian", FROM_URL, "base", "api_url"},         {"yunpian", FROM_FORM, "apikey", "apikey"},
    {"yunpian", FROM_FORM, "mobile", TO},             {"yunpian", FROM_FORM, "text", TEXT},
    {"yunpian", FROM_FORM, "uid", REF},               {"yunpian", FROM_FORM, "callback_url", DLR},

    {"dingtalk", FROM_URL, "whole", "url"},           {"dingtalk", FROM_JSON, "msgtype", "format"},
    {"dingtalk", FROM_JSON, "markdown.title", TITLE}, {"dingtalk", FROM_JSON, "markdown.text", TEXT},
    {"dingtalk", FROM_JSON, "text.content", TEXT},    {"dingtalk", FROM_JSON, "at.atMobiles", "mention"},
    {"dingtalk", FROM_CONFIG, "timestamp_ms", NOW},

    {"feishu", FROM_URL, "whole", "url"},             {"feishu", FROM_JSON, "content.text", TEXT},
    {"feishu", FROM_CONFIG, "timestamp_s", NOW},

    {"wecom", FROM_URL, "whole", "url"},              {"wecom", FROM_JSON, "msgtype", "format"},
    {"wecom", FROM_JSON, "markdown.content", TEXT},   {"wecom", FROM_JSON, "text.content", TEXT},
    {"wecom", FROM_JSON, "text.mentioned_mobile_list", "mention"},
};
/* clang-format on */

/* -- reading the message back -------------------------------------------------------------------------------- */

struct sample {
    struct str method, url, host, path, query, body, report;
    const struct json *headers;
    struct json *doc; /* the body, when it is JSON */
    struct message message;
    struct message_param params[PARAMS_MAX];
    u8 random[16];
};

static struct str field_of(struct check *c, struct str form, const char *name)
{
    struct text t;
    text_init(&t, CHECK_FILE_MAX);
    bool found = http_field(form, str_of(name), &t);
    struct str kept = check_kept(c, &t);
    return found ? kept : STR_NONE;
}

static struct str header_word(const struct sample *s, const char *name)
{
    struct str word = STR_NONE, rest;
    for (size_t i = 0; i < json_count(s->headers); i++)
        if (str_eq_case(json_str(json_at(json_at(s->headers, i), 0)), str_of(name)))
            for (rest = json_str(json_at(json_at(s->headers, i), 1)); rest.n;)
                str_cut(rest, ' ', &word, &rest);
    return word;
}

static struct str basic_part(struct check *c, const struct sample *s, const char *which)
{
    struct text t;
    struct str user, password;
    text_init(&t, 4096);
    if (!b64_get(&t, header_word(s, "authorization"))) text_clear(&t);
    str_cut(check_kept(c, &t), ':', &user, &password);
    return strcmp(which, "user") == 0 ? user : password;
}

/* Scheme, host and as much behind it as `how` says. The fields that a robot's address gets for each message are left out. */
static struct str url_part(struct check *c, const struct sample *s, const char *how)
{
    struct text t;
    struct str rest = s->query, one;
    text_init(&t, CHECK_FILE_MAX);
    text_add(&t, s->host);
    if (strcmp(how, "base") != 0) text_add(&t, s->path);
    if (strcmp(how, "whole") == 0)
        for (bool first = true; rest.n;) {
            str_cut(rest, '&', &one, &rest);
            if (str_starts(one, STR("timestamp=")) || str_starts(one, STR("sign="))) continue;
            text_addc(&t, first ? '?' : '&');
            text_add(&t, one);
            first = false;
        }
    return check_kept(c, &t);
}

static struct str value_of(struct check *c, const struct sample *s, const struct send_rule *rule)
{
    struct str no_body, with_body;
    switch (rule->source) {
    case FROM_FORM:
        return field_of(c, s->body.n ? s->body : s->query, rule->name);
    case FROM_JSON:
        return json_path(s->doc, str_of(rule->name)) ? check_text(c, json_path(s->doc, str_of(rule->name)))
                                                     : STR_NONE;
    case FROM_QUERY:
        return field_of(c, s->query, rule->name);
    case FROM_REPORT:
        return field_of(c, s->report, rule->name);
    case FROM_CONFIG: {
        const struct json *v = json_path(json_get(c->doc, "config"), str_of(rule->name));
        return v ? check_text(c, v) : STR_NONE;
    }
    case FROM_BASIC:
        return basic_part(c, s, rule->name);
    case FROM_HEADER:
        return header_word(s, rule->name);
    case FROM_SDK:
        return header_word(s, rule->name).p ? STR("sdk") : STR_NONE;
    case FROM_KIND:
        str_cut(str_of(rule->name), ' ', &no_body, &with_body);
        return s->body.n ? with_body : no_body;
    case FROM_URL:
        break;
    }
    return url_part(c, s, rule->name);
}

/* Seconds, milliseconds or ISO 8601, the basic form too. */
static instant time_of(struct str s)
{
    u64 n;
    const instant basic = utc_basic_read(s);
    if (basic.us) return basic;
    if (!str_u64(s, INT64_MAX / 1000000, &n)) return read_time(s, SPAN_S(0));
    return n > 100000000000 ? (instant){(i64)n * 1000} : (instant){(i64)n * 1000000};
}

/* An object's members, or a list's elements: their names do not matter then. */
static void params_of(struct check *c, struct sample *s, const struct json *v)
{
    size_t n = 0;
    if (json_kind(v) == JSON_ARRAY)
        for (; n < json_count(v) && n < PARAMS_MAX; n++)
            s->params[n] = (struct message_param){STR("value"), check_text(c, json_at(v, n))};
    else
        for (const char *k = json_next_key(v, NULL); k && n < PARAMS_MAX; k = json_next_key(v, k))
            s->params[n++] =
                (struct message_param){arena_str(&c->arena, str_of(k)), check_text(c, json_get(v, k))};
    s->message.params = s->params;
    s->message.n_params = n;
}

static struct str number_of(struct check *c, struct str written)
{
    char e164[PHONE_MAX];
    return phone_normalise(written, e164) ? arena_str(&c->arena, str_of(e164)) : written;
}

static void value_put(struct check *c, struct sample *s, struct check_channel *channel,
                      const struct send_rule *rule, struct str value)
{
    struct message *m = &s->message;
    const char *into = rule->into, *error;
    if (into == TO)
        m->to = number_of(c, value);
    else if (into == TEXT)
        m->text = value;
    else if (into == TITLE)
        m->title = value;
    else if (into == SIGN)
        m->sign = value;
    else if (into == REF)
        m->client_ref = value;
    else if (into == DLR)
        str_cut(value, '?', &m->dlr_url, &s->report);
    else if (into == NOW)
        m->now = time_of(value);
    else if (into == RANDOM)
        (void)!hex_get(value, s->random, sizeof s->random);
    else if (into != PARAMS)
        check_set(channel, str_of(into), value);
    else if (rule->source == FROM_JSON)
        params_of(c, s, json_path(s->doc, str_of(rule->name)));
    else {
        struct json *list = json_parse(value, CHECK_FILE_MAX, &error);
        params_of(c, s, list);
        json_free(&list);
    }
}

static bool sample_read(struct check *c, struct sample *s)
{
    const struct json *request = json_get(c->doc, "request");
    struct str body_file = json_str(json_get(request, "body_file"));
    struct text t;
    const char *error;
    text_init(&t, CHECK_FILE_MAX);
    text_addf(&t, "%.*s://%.*s", STR_ARG(json_str(json_get(request, "scheme"))),
              STR_ARG(json_str(json_get(request, "host"))));
    s->host = check_kept(c, &t);
    s->method = json_str(json_get(request, "method"));
    s->path = json_str(json_get(request, "path"));
    s->query = json_str(json_get(request, "query"));
    s->headers = json_get(request, "headers");
    text_init(&t, CHECK_FILE_MAX);
    text_addf(&t, "%.*s%.*s", STR_ARG(s->host), STR_ARG(s->path));
    if (s->query.n) text_addf(&t, "?%.*s", STR_ARG(s->query));
    s->url = check_kept(c, &t);
    s->message =
        (struct message){.event = STR(EVENT), .now = {(i64)NOW_S * 1000000}, .random = s->random, .try = 1};
    if (body_file.n && !check_file(c, body_file, &s->body)) return false;
    s->doc = s->body.n ? json_parse(s->body, CHECK_FILE_MAX, &error) : NULL;
    return true;
}

/* -- comparing ----------------------------------------------------------------------------------------------------- */

/* Order and case count. Host may be left to the HTTP client, which takes it from the address. */
static void headers_compare(struct check *c, const struct json *want, const struct http_out *got)
{
    size_t k = 0;
    for (size_t i = 0; i < json_count(want); i++) {
        struct str name = json_str(json_at(json_at(want, i), 0)),
                   value = json_str(json_at(json_at(want, i), 1));
        const struct http_header *h = k < got->n_headers ? &got->headers[k] : NULL;
        if (str_eq_case(name, STR("host")) && !(h && str_eq_case(h->name, name))) continue;
        k++;
        if (!h) {
            check_differs(c, "header %.*s is missing", STR_ARG(name));
            continue;
        }
        check_str(c, "header", name, h->name);
        check_str(c, "header's value", value, h->value);
    }
    for (; k < got->n_headers; k++)
        check_differs(c, "header %.*s is not expected", STR_ARG(got->headers[k].name));
}

static void outcome_compare(struct check *c, const struct adapter *adapter, const struct channel *ch,
                            int status, struct str body, const struct json *want, const char *which)
{
    struct sent_outcome got = {0};
    struct http_reply reply = {.status = status, .sent = true, .body = body};
    char what[96];
    const struct json *id = json_get(want, "provider_id"), *code = json_get(want, "error_code");
    adapter->judge(ch, &reply, &c->arena, &got);
    (void)snprintf(what, sizeof what, "%s taken", which);
    check_int(c, what, json_bool(json_get(want, "ok")), got.sent == SENT_OK);
    (void)snprintf(what, sizeof what, "%s to be repeated", which);
    if (json_get(want, "retry"))
        check_int(c, what, json_bool(json_get(want, "retry")), got.sent == SENT_RETRY);
    (void)snprintf(what, sizeof what, "%s provider_id", which);
    if (id && got.sent == SENT_OK) check_str(c, what, json_str(id), got.provider_id);
    (void)snprintf(what, sizeof what, "%s error_code", which);
    if (code) check_str(c, what, json_str(code), got.error_code);
    if (!got.for_operator) check_differs(c, "%s has no sentence for the operator", which);
}

/* The answer as it would be for the i-th recipient alone: its list of n results with only that one. */
static struct str answer_for(struct check *c, const struct json *answer, size_t i, size_t n)
{
    struct text t;
    text_init(&t, CHECK_FILE_MAX);
    text_addc(&t, '{');
    for (const char *k = json_next_key(answer, NULL); k; k = json_next_key(answer, k)) {
        const struct json *v = json_get(answer, k);
        if (t.n > 1) text_addc(&t, ',');
        json_put(&t, str_of(k));
        text_addc(&t, ':');
        const bool list = json_kind(v) == JSON_ARRAY && json_count(v) == n;
        if (list) text_addc(&t, '[');
        json_write(list ? json_at(v, i) : v, &t);
        if (list) text_addc(&t, ']');
    }
    text_addc(&t, '}');
    return check_kept(c, &t);
}

static void answers_compare(struct check *c, const struct adapter *adapter, const struct channel *ch)
{
    const struct json *responses = json_get(c->doc, "responses");
    for (size_t i = 0; i < json_count(responses); i++) {
        const struct json *r = json_at(responses, i), *want = json_get(r, "parse"),
                          *items = json_get(want, "items");
        const int status = (int)check_int_or(json_get(r, "status"), 0);
        const char *error;
        char which[64];
        (void)snprintf(which, sizeof which, "answer %zu", i + 1);
        if (json_count(items) == 0) {
            outcome_compare(c, adapter, ch, status, json_str(json_get(r, "body")), want, which);
            continue;
        }
        struct json *answer = json_parse(json_str(json_get(r, "body")), CHECK_FILE_MAX, &error);
        for (size_t k = 0; k < json_count(items); k++) {
            (void)snprintf(which, sizeof which, "answer %zu item %zu", i + 1, k + 1);
            outcome_compare(c, adapter, ch, status, answer_for(c, answer, k, json_count(items)),
                            json_at(items, k), which);
        }
        json_free(&answer);
    }
    /* Notices to groups: one answer of each kind. */
    static const struct {
        const char *path, *which;
        bool taken;
    } both[] = {{"expect.success_response", "the success", true},
                {"expect.failure_response", "the failure", false}};
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        const struct json *answer = json_path(c->doc, str_of(both[i].path));
        struct sent_outcome got = {0};
        struct http_reply reply = {.status = 200, .sent = true, .body = check_text(c, answer)};
        if (!answer) continue;
        adapter->judge(ch, &reply, &c->arena, &got);
        if ((got.sent == SENT_OK) != both[i].taken) check_differs(c, "%s is judged wrongly", both[i].which);
    }
}

void check_send(struct check *c, const struct adapter *adapter)
{
    struct check_channel channel;
    struct sample s = {0};
    struct http_out out = {0};
    const char *reason = "none given";
    bool known = false;
    if (!adapter->compose || !adapter->judge) {
        check_differs(c, "this adapter cannot send");
        return;
    }
    check_config(c, &channel);
    if (!sample_read(c, &s)) return;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (strcmp(rules[i].provider, adapter->name) != 0) continue;
        known = true;
        struct str value = value_of(c, &s, &rules[i]);
        if (value.p) value_put(c, &s, &channel, &rules[i], value);
    }
    if (!known) {
        check_differs(c, "how to read a sending of %s back is not known", adapter->name);
    } else if (!adapter->compose(&channel.ch, &s.message, &c->arena, &out, &reason)) {
        check_differs(c, "the message was not composed: %s", reason);
    } else {
        check_str(c, "method", s.method, out.method);
        check_str(c, "url", s.url, out.url);
        headers_compare(c, s.headers, &out);
        check_str(c, "body", s.body, out.body);
    }
    answers_compare(c, adapter, &channel.ch);
    json_free(&s.doc);
}
