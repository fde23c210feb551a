/* Aliyun SMS 阿里云短信, domestic and international.
 *
 * In:  SmsUp and SmsReport by HTTP batch push: JSON arrays at …/mo and …/dlr. Aliyun signs nothing: the secret path, TLS and
 *      allow_ip protect the door. sequence_id is a string today and was a number of up to 20 digits before. The answer is
 *      {"code":0,…}; on anything but 200 it comes again after 1, 5 and 10 minutes.
 * Out: SendSms 2017-05-25 with an approved signature and template, signed by ACS3-HMAC-SHA256. SendSms is not idempotent (the
 *      vendor says so). Setting `request`: "form" puts the parameters into the body; "query" into the address, as the
 *      vendor's own packages do. Setting signature_version: "1.0" signs in the old way, for gateways that know no other. */
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "adapters/sms/signing.h"
#include "adapters/sms/uplink.h"
#include "base/code.h"

#define API_URL  "https://dysmsapi.aliyuncs.com"
#define FORM_MAX (64u << 10)

static enum verdict_in aliyun_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     const char **reason_r)
{
    (void)hook;
    return verify_unsigned(ch, in, reason_r);
}

/* -- in ------------------------------------------------------------------------------------------------ */

static bool message_read(struct reading *r, const struct json *e, struct inbox *inbox, const char **reason_r)
{
    const struct uplink u = {.id = uplink_text(r, e, "sequence_id"),
                             .from = uplink_text(r, e, "phone_number"),
                             .words =
                                 json_str(json_get(e, "content")).p ? uplink_text(r, e, "content") : STR_NONE,
                             .to = uplink_text(r, e, "dest_code"),
                             .sign = uplink_text(r, e, "sign_name"),
                             .sent_at = read_time(uplink_text(r, e, "send_time"), CHINA_OFFSET)};
    return uplink_put(r, inbox, &u, reason_r);
}

/* "Wed, 18 Mar 2026 09:50:33 +0800" (RFC 822 with a four-digit year); us == 0 when it is none. */
static instant mail_time(struct reading *r, struct str s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct str day, month, year, rest;
    struct text t;
    str_cut(s, ',', &day, &rest);
    str_cut(str_trim(rest), ' ', &day, &rest);
    str_cut(str_trim(rest), ' ', &month, &rest);
    str_cut(str_trim(rest), ' ', &year, &rest);
    rest = str_trim(rest);
    const size_t at = month.n == 3 ? str_find(STR(months), month) : SIZE_MAX;
    if (at == SIZE_MAX || at % 3 || year.n != 4 || rest.n < 10 || rest.n > 15 || rest.p[8] != ' ' ||
        day.n == 0 || day.n > 2)
        return (instant){0};
    text_init(&t, 64);
    text_addf(&t, "%.*s-%02u-%s%.*sT%.8s%.*s", STR_ARG(year), (unsigned)(at / 3 + 1), day.n == 1 ? "0" : "",
              STR_ARG(day), rest.p, (int)(rest.n - 9), rest.p + 9);
    return read_time(read_keep(r, &t), SPAN_S(0));
}

/* The international product: capitalised names, numbers without a plus. */
static bool report_abroad(struct reading *r, const struct json *e, struct inbox *inbox, const char **reason_r)
{
    const struct str to = uplink_text(r, e, "To"), status = uplink_text(r, e, "Status");
    struct text t;
    text_init(&t, to.n + 2);
    if (!str_starts(to, STR("+")) && !str_starts(to, STR("00"))) text_addc(&t, '+');
    text_add(&t, to);
    struct uplink_receipt d = {.id = uplink_text(r, e, "MessageId"),
                               .to = read_phone(r, read_keep(r, &t)),
                               .raw_status = status,
                               .code = uplink_text(r, e, "ErrorCode"),
                               .done_at = mail_time(r, uplink_text(r, e, "ReceiveDate"))};
    d.status = str_eq(status, STR("1"))   ? DELIVERY_DELIVERED
               : str_eq(status, STR("2")) ? DELIVERY_FAILED
               : str_eq(status, STR("6")) ? DELIVERY_EXPIRED
                                          : DELIVERY_SENT; /* undocumented values settle nothing */
    return uplink_put_receipt(r, inbox, &d, reason_r);
}

static bool report_read(struct reading *r, const struct json *e, struct inbox *inbox, const char **reason_r)
{
    if (json_get(e, "Status")) return report_abroad(r, e, inbox, reason_r);
    const struct json *success = json_get(e, "success");
    const struct str word = json_str(success), code = uplink_text(r, e, "err_code");
    if (json_kind(success) != JSON_BOOL && !str_eq(word, STR("true")) && !str_eq(word, STR("false")))
        return *reason_r = "a receipt without success", false;
    const bool good = json_bool(success) || str_eq(word, STR("true"));
    /* biz_id is one for all numbers of a sending; ours have one number each, so it names the message. */
    const struct uplink_receipt d = {.id = uplink_text(r, e, "biz_id"),
                                     .ref = uplink_text(r, e, "out_id"),
                                     .to = read_phone(r, uplink_text(r, e, "phone_number")),
                                     .status = good                           ? DELIVERY_DELIVERED
                                               : str_eq(code, STR("EXPIRED")) ? DELIVERY_EXPIRED
                                                                              : DELIVERY_FAILED,
                                     .raw_status = code,
                                     .code = code,
                                     .done_at = read_time(uplink_text(r, e, "report_time"), CHINA_OFFSET)};
    return uplink_put_receipt(r, inbox, &d, reason_r);
}

static enum parse_result aliyun_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    enum parse_result result;
    struct json *doc = uplink_json(&r, in->body, JSON_ARRAY, inbox, &result, reason_r);
    if (!doc) return result;
    for (size_t i = 0; !r.full && i < json_count(doc); i++)
        if (!(hook == HOOK_DLR ? report_read : message_read)(&r, json_at(doc, i), inbox, reason_r))
            inbox->n_unreadable++;
    json_free(&doc);
    inbox->ok_status = 200;
    inbox->ok_type = STR("application/json; charset=utf-8");
    inbox->ok_body = STR("{\"code\":0,\"msg\":\"接收成功\"}");
    return uplink_end(&r, inbox, PARSE_OK, reason_r);
}

/* -- out ----------------------------------------------------------------------------------------------- */

static bool parameters_put(const struct channel *ch, const struct message *m, struct arena *arena,
                           struct text *form, const char **reason_r)
{
    const struct message_param *params;
    size_t n;
    struct text values;
    const struct str template = message_template(ch, m),
                     sign = m->sign.n ? m->sign : request_setting(ch, "sign", NULL);
    if (template.n == 0) return *reason_r = "no template_<event> for this event", false;
    if (sign.n == 0) return *reason_r = "no sign", false;
    if (!message_ordered(ch, m, arena, &params, &n))
        return *reason_r = "params_<event> names a parameter that the event does not have", false;
    text_init(&values, FORM_MAX);
    for (size_t i = 0; i < n; i++) {
        text_addc(&values, i ? ',' : '{');
        json_put(&values, params[i].name);
        text_addc(&values, ':');
        json_put(&values, params[i].value);
    }
    if (n) text_addc(&values, '}');
    const struct str to = request_mainland(m->to); /* abroad: digits without the plus */
    request_field(form, "PhoneNumbers", str_starts(to, STR("+")) ? (struct str){to.p + 1, to.n - 1} : to);
    request_field(form, "SignName", sign);
    request_field(form, "TemplateCode", template);
    request_field(form, "TemplateParam", text_str(&values));
    request_field(form, "OutId", m->client_ref);
    if (values.overflow) form->overflow = true;
    text_free(&values);
    return true;
}

static void rpc_put(struct reading *r, const struct message *m, struct str key_id, struct str secret,
                    struct text *form)
{
    char at[UTC_TEXT_MAX];
    struct str sorted;
    struct text signature;
    text_init(&signature, 64);
    request_field(form, "AccessKeyId", key_id);
    request_field(form, "Action", STR("SendSms"));
    request_field(form, "Format", STR("JSON"));
    request_field(form, "SignatureMethod", STR("HMAC-SHA1"));
    request_field(form, "SignatureNonce", request_nonce(r->arena, m->random));
    request_field(form, "SignatureVersion", STR("1.0"));
    request_field(form, "Timestamp", utc_text(m->now, UTC_ISO, at));
    request_field(form, "Version", STR("2017-05-25"));
    if (!signing_query(r, text_str(form), &sorted)) r->full = true;
    signing_rpc(STR("POST"), sorted, secret, &signature);
    text_clear(form);
    text_add(form, sorted);
    request_field(form, "Signature", text_str(&signature));
    text_free(&signature);
}

static struct str acs3_authorization(struct reading *r, const struct signed_request *request,
                                     struct str key_id, struct str secret)
{
    struct text canonical, string, value;
    text_init(&canonical, FORM_MAX * 2);
    text_init(&string, 256);
    text_init(&value, 1024);
    signing_canonical(request, &canonical);
    signing_string(STR("ACS3-HMAC-SHA256"), STR_NONE, text_str(&canonical), &string);
    text_addf(&value, "ACS3-HMAC-SHA256 Credential=%.*s,SignedHeaders=", STR_ARG(key_id));
    signing_names(request->headers, request->n_headers, &value);
    text_addz(&value, ",Signature=");
    digest_hmac_hex(DIGEST_SHA256, secret, text_str(&string), &value);
    if (canonical.overflow) r->full = true;
    text_free(&canonical);
    text_free(&string);
    return read_keep(r, &value);
}

/* The headers in the order in which the vendor's package sends them; signed they are in the order of the alphabet. */
static void acs3_put(struct reading *r, const struct message *m, const struct request_api *api,
                     struct str query, struct str key_id, struct str secret, struct http_out *out)
{
    char at[UTC_TEXT_MAX];
    struct text digest;
    text_init(&digest, 64);
    digest_hex(DIGEST_SHA256, out->body, &digest);
    const struct str date = arena_str(r->arena, utc_text(m->now, UTC_ISO, at)),
                     nonce = request_nonce(r->arena, m->random);
    const struct str hash = read_keep(r, &digest), form = STR("application/x-www-form-urlencoded");
    const struct http_header signed_headers[] = {{STR("content-type"), form},
                                                 {STR("host"), api->host},
                                                 {STR("x-acs-action"), STR("SendSms")},
                                                 {STR("x-acs-content-sha256"), hash},
                                                 {STR("x-acs-date"), date},
                                                 {STR("x-acs-signature-nonce"), nonce},
                                                 {STR("x-acs-version"), STR("2017-05-25")}};
    const size_t first = out->body.n ? 0 : 1; /* an empty body has no type */
    const struct signed_request request = {
        STR("POST"), STR("/"), query, signed_headers + first, ARRAY_LEN(signed_headers) - first, out->body};
    if (!date.p) r->full = true;
    request_header(out, "host", api->host);
    request_header(out, "x-acs-action", STR("SendSms"));
    request_header(out, "x-acs-version", STR("2017-05-25"));
    request_header(out, "x-acs-date", date);
    request_header(out, "x-acs-signature-nonce", nonce);
    request_header(out, "x-acs-content-sha256", hash);
    if (out->body.n) request_header(out, "content-type", form);
    request_header(out, "Authorization", acs3_authorization(r, &request, key_id, secret));
    request_header(out, "Accept", STR("application/json"));
}

static bool aliyun_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                           struct http_out *out, const char **reason_r)
{
    const struct str key_id = request_setting(ch, "access_key_id", NULL),
                     form_kind = request_setting(ch, "request", "form");
    const struct str secret = channel_setting(ch, STR("access_key_secret"));
    const bool old = str_eq(request_setting(ch, "signature_version", "3.0"), STR("1.0"));
    const bool query = !old && str_eq(form_kind, STR("query"));
    struct reading r = {NULL, arena, false};
    struct request_api api;
    struct str sorted = STR_NONE;
    struct text form, url;
    if (!request_api_read(ch, API_URL, &api)) return *reason_r = "api_url is no address of a host", false;
    if (key_id.n == 0 || secret.n == 0)
        return *reason_r = "access_key_id or access_key_secret is not set", false;
    if (!str_eq(form_kind, STR("query")) && !str_eq(form_kind, STR("form")))
        return *reason_r = "request is neither form nor query", false;
    if (m->to.n == 0) return *reason_r = "no number", false;
    text_init(&form, FORM_MAX);
    text_init(&url, FORM_MAX);
    bool good = parameters_put(ch, m, arena, &form, reason_r);
    if (good) {
        *out = (struct http_out){.method = STR("POST")};
        if (old) rpc_put(&r, m, key_id, secret, &form);
        if (query && !signing_query(&r, text_str(&form), &sorted)) r.full = true;
        text_addf(&url, "%.*s/%s", STR_ARG(api.base), query ? "?" : "");
        text_add(&url, sorted);
        out->url = read_keep(&r, &url);
        if (!query) out->body = read_keep(&r, &form);
        if (old) {
            request_header(out, "host", api.host);
            request_header(out, "content-type", STR("application/x-www-form-urlencoded"));
            request_header(out, "Accept", STR("application/json"));
        } else {
            acs3_put(&r, m, &api, sorted, key_id, secret, out);
        }
        good = !r.full && !form.overflow;
        if (!good) *reason_r = "the message is too long for one request";
    }
    text_free(&form);
    text_free(&url);
    return good;
}

/* Codes of the vendor's list. A limit per number ("BUSINESS_LIMIT_CONTROL") is lifted only after an hour or a day. */
static const struct outcome_word words[] = {
    {"isv.AMOUNT_NOT_ENOUGH", SENT_REFUSED, CAUSE_MONEY, "the account is empty"},
    {"isv.OUT_OF_SERVICE", SENT_REFUSED, CAUSE_MONEY, "the account is stopped for lack of money"},
    {"isv.MOBILE_NUMBER_ILLEGAL", SENT_REFUSED, CAUSE_RECIPIENT,
     "the provider takes it for no telephone number"},
    {"isv.BUSINESS_LIMIT_CONTROL", SENT_REFUSED, CAUSE_NONE,
     "this number has had as many SMS as the provider allows for now"},
    {"isv.DAY_LIMIT_CONTROL", SENT_REFUSED, CAUSE_SETTINGS, "the account's own daily limit is reached"},
    {"isv.MONTH_LIMIT_CONTROL", SENT_REFUSED, CAUSE_SETTINGS, "the account's own monthly limit is reached"},
    {"isv.BLACK_KEY_CONTROL_LIMIT", SENT_REFUSED, CAUSE_NONE,
     "a value holds a word that the provider does not send"},
    {"isv.PARAM_LENGTH_LIMIT", SENT_REFUSED, CAUSE_NONE, "a value is longer than the provider allows"},
    {"isv.PARAM_NOT_SUPPORT_URL", SENT_REFUSED, CAUSE_SETTINGS, "the template takes no link in a value"},
    {"isv.SMS_SIGN*", SENT_REFUSED, CAUSE_SETTINGS, "the signature is not approved"},
    {"isv.SMS_TEMPLATE*", SENT_REFUSED, CAUSE_SETTINGS, "the template is not approved"},
    {"isv.TEMPLATE*", SENT_REFUSED, CAUSE_SETTINGS, "template and values do not fit together"},
    {"isv.INVALID_*", SENT_REFUSED, CAUSE_SETTINGS, "template and values do not fit together"},
    {"isv.ACCOUNT*", SENT_REFUSED, CAUSE_SETTINGS, "the account cannot send"},
    {"isv.PRODUCT*", SENT_REFUSED, CAUSE_SETTINGS, "the account has not this product"},
    {"isv.DENY_IP_RANGE", SENT_REFUSED, CAUSE_SETTINGS, "our address is not on the account's list"},
    {"isp.RAM_PERMISSION_DENY", SENT_REFUSED, CAUSE_SETTINGS, "the key has no right to send"},
    {"isp.SYSTEM_ERROR", SENT_RETRY, CAUSE_NONE, "the provider asks to try again"},
    {"Throttling*", SENT_RETRY, CAUSE_RATE, "too fast for the provider"},
    {"ServiceUnavailable*", SENT_RETRY, CAUSE_NONE, "the provider asks to try again later"},
    {"SignatureNonceUsed", SENT_RETRY, CAUSE_NONE, "the nonce had been used; the next try has another"},
    {"SignatureDoesNotMatch", SENT_REFUSED, CAUSE_SETTINGS, "access_key_secret is wrong"},
    {"IncompleteSignature", SENT_REFUSED, CAUSE_SETTINGS, "access_key_secret is wrong"},
    {"InvalidAccessKeyId*", SENT_REFUSED, CAUSE_SETTINGS, "access_key_id is unknown"},
    {"InvalidTimeStamp*", SENT_REFUSED, CAUSE_SETTINGS, "this computer's clock is wrong"},
    {"Forbidden*", SENT_REFUSED, CAUSE_SETTINGS, "the key has no right to send"},
    {"NoPermission", SENT_REFUSED, CAUSE_SETTINGS, "the key has no right to send"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void aliyun_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                         struct sent_outcome *out)
{
    (void)ch;
    struct json *doc = outcome_json(reply);
    const struct str code = json_str(json_get(doc, "Code"));
    if (str_eq(code, STR("OK")) && reply->status == 200)
        outcome_taken(arena, json_str(json_get(doc, "BizId")), out);
    else
        outcome_refused(reply, arena, words, code, out);
    json_free(&doc);
}

static const char *const setting_names[] = {"access_key_id", "!access_key_secret", "api_url",
                                            "request",       "signature_version",  "template_*",
                                            "params_*",      "!url_token",         NULL};

const struct adapter adapter_aliyun = {
    .name = "aliyun",
    .verify = aliyun_verify,
    .parse = aliyun_parse,
    .compose = aliyun_compose,
    .judge = aliyun_judge,
    .send_setting = "access_key_id",
    .setting_names = setting_names,
};
