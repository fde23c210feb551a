/* Tencent Cloud SMS 腾讯云短信, API 2021-01-11.
 *
 * In:  one address may get both pushes: an object is a citizen's reply, an array is receipts, so the shape decides and not the
 *      address. A reply has no id: its key is made of number, second and words. Tencent signs nothing: the secret path, TLS and
 *      allow_ip protect the door. The answer is {"result":0,"errmsg":"OK"}; another result is a failure.
 * Out: SendSms with an approved signature and template (values by position), signed by TC3-HMAC-SHA256 over content-type and host.
 *      Every answer is 200: whether a message was taken stands in each element of SendStatusSet. */
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "adapters/sms/signing.h"
#include "adapters/sms/uplink.h"
#include "base/code.h"

#define API_URL      "https://sms.tencentcloudapi.com"
#define SERVICE      "sms"
#define CONTENT_TYPE "application/json; charset=utf-8"
#define BODY_MAX     (64u << 10)

static enum verdict_in tencent_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      const char **reason_r)
{
    (void)hook;
    struct text given;
    const struct str ours = request_setting(ch, "sdk_app_id", NULL);
    text_init(&given, READ_FIELD_MAX);
    /* Said to be appended to the address by Tencent; when it is there it must be ours. */
    const bool other =
        http_field(in->query, STR("sdkappid"), &given) && ours.n && !str_eq(text_str(&given), ours);
    text_free(&given);
    if (other) return *reason_r = "sdkappid is of another application", VERIFY_REFUSED;
    return verify_unsigned(ch, in, reason_r);
}

/* -- in ------------------------------------------------------------------------------------------------ */

/* "86" and "13800001234" as one number; a mobile that has its country already stays. */
static struct str number_read(struct reading *r, const struct json *e)
{
    const struct str mobile = uplink_text(r, e, "mobile"), nation = uplink_text(r, e, "nationcode");
    struct text t;
    if (mobile.n == 0 || nation.n == 0 || mobile.p[0] == '+') return mobile;
    text_init(&t, mobile.n + nation.n + 1);
    text_addf(&t, "+%.*s", STR_ARG(nation));
    text_add(&t, mobile);
    return read_keep(r, &t);
}

/* Refused in Tencent's own form. */
static bool missing(struct inbox *inbox, const char *reason, struct str body, const char **reason_r)
{
    inbox->malformed_type = STR("application/json; charset=utf-8");
    inbox->malformed_body = body;
    *reason_r = reason;
    return false;
}

static bool reply_read(struct reading *r, const struct json *e, struct inbox *inbox, const char **reason_r)
{
    const struct uplink u = {
        .from = number_read(r, e),
        .words = json_kind(json_get(e, "text")) == JSON_STRING ? uplink_text(r, e, "text") : STR_NONE,
        .to = uplink_text(r, e, "extend"),
        .sign = uplink_text(r, e, "sign"),
        .sent_at = read_epoch(uplink_text(r, e, "time"))};
    if (u.from.n == 0)
        return missing(inbox, "mobile missing", STR("{\"result\":1,\"errmsg\":\"missing mobile\"}"),
                       reason_r);
    if (!u.words.p)
        return missing(inbox, "text missing", STR("{\"result\":1,\"errmsg\":\"missing text\"}"), reason_r);
    if (u.sent_at.us == 0)
        return missing(inbox, "time missing", STR("{\"result\":1,\"errmsg\":\"missing time\"}"), reason_r);
    return uplink_put(r, inbox, &u, reason_r);
}

static bool receipt_read(struct reading *r, const struct json *e, struct inbox *inbox, const char **reason_r)
{
    const struct str status = uplink_text(r, e, "report_status");
    struct uplink_receipt d = {
        .id = uplink_text(r, e, "sid"),
        .ref = uplink_text(r, e, "ext"), /* SessionContext of the sending, where it is sent back */
        .to = read_phone(r, number_read(r, e)),
        .raw_status = status,
        .code = uplink_text(r, e, "errmsg"),
        .done_at = read_time(uplink_text(r, e, "user_receive_time"), CHINA_OFFSET)};
    d.status = str_eq(status, STR("SUCCESS"))   ? DELIVERY_DELIVERED
               : !str_eq(status, STR("FAIL"))   ? DELIVERY_SENT /* undocumented values settle nothing */
               : str_eq(d.code, STR("EXPIRED")) ? DELIVERY_EXPIRED
                                                : DELIVERY_FAILED;
    if (d.id.n == 0)
        return missing(inbox, "sid missing", STR("{\"result\":1,\"errmsg\":\"missing sid\"}"), reason_r);
    return uplink_put_receipt(r, inbox, &d, reason_r);
}

static enum parse_result tencent_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                       struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch, (void)hook;
    struct reading r = {in, arena, false};
    enum parse_result result;
    const bool list = str_starts(str_trim(in->body), STR("["));
    struct json *doc = uplink_json(&r, in->body, list ? JSON_ARRAY : JSON_OBJECT, inbox, &result, reason_r);
    if (!doc) return result;
    if (!list && !reply_read(&r, doc, inbox, reason_r)) inbox->n_unreadable++;
    for (size_t i = 0; list && !r.full && i < json_count(doc); i++)
        if (!receipt_read(&r, json_at(doc, i), inbox, reason_r)) inbox->n_unreadable++;
    json_free(&doc);
    inbox->ok_status = 200;
    inbox->ok_type = STR("application/json; charset=utf-8");
    inbox->ok_body = STR("{\"result\":0,\"errmsg\":\"OK\"}");
    return uplink_end(&r, inbox, PARSE_OK, reason_r);
}

/* -- out ----------------------------------------------------------------------------------------------- */

static bool body_put(const struct channel *ch, const struct message *m, struct arena *arena,
                     struct text *body, const char **reason_r)
{
    const struct message_param *params;
    size_t n;
    const struct str template = message_template(ch, m), app = request_setting(ch, "sdk_app_id", NULL);
    const struct str sign = m->sign.n ? m->sign : request_setting(ch, "sign", NULL);
    if (template.n == 0) return *reason_r = "no template_<event> for this event", false;
    if (sign.n == 0) return *reason_r = "no sign", false;
    if (app.n == 0) return *reason_r = "sdk_app_id is not set", false;
    if (m->to.n == 0) return *reason_r = "no number", false;
    if (!message_ordered(ch, m, arena, &params, &n))
        return *reason_r = "params_<event> names a parameter that the event does not have", false;
    text_addz(body, "{\"PhoneNumberSet\":[");
    json_put(body, m->to);
    text_addz(body, "],\"SmsSdkAppId\":");
    json_put(body, app);
    text_addz(body, ",\"TemplateId\":");
    json_put(body, template);
    text_addz(body, ",\"SignName\":");
    json_put(body, sign);
    text_addz(body, ",\"TemplateParamSet\":[");
    for (size_t i = 0; i < n; i++) {
        if (i) text_addc(body, ',');
        json_put(body, params[i].value);
    }
    text_addz(body, "],\"SessionContext\":");
    json_put(body, m->client_ref);
    text_addc(body, '}');
    return true;
}

static struct str authorization(struct reading *r, const struct channel *ch, const struct request_api *api,
                                struct str body, instant now)
{
    char day_text[UTC_TEXT_MAX];
    u8 key[32];
    const struct str day =
        utc_text(now, UTC_DAY, day_text); /* UTC: at midnight in China it is still the day before */
    const struct http_header signed_headers[] = {{STR("content-type"), STR(CONTENT_TYPE)},
                                                 {STR("host"), api->host}};
    const struct signed_request request = {
        STR("POST"), STR("/"), STR(""), signed_headers, ARRAY_LEN(signed_headers), body};
    struct text canonical, words, string, value;
    text_init(&canonical, 2048);
    text_init(&words, 128);
    text_init(&string, 256);
    text_init(&value, 1024);
    signing_canonical(&request, &canonical);
    text_addf(&words, "%lld\n%s/" SERVICE "/tc3_request", (long long)(now.us / 1000000), day_text);
    signing_string(STR("TC3-HMAC-SHA256"), text_str(&words), text_str(&canonical), &string);
    signing_tc3_key(channel_setting(ch, STR("secret_key")), day, STR(SERVICE), key);
    text_addf(&value,
              "TC3-HMAC-SHA256 Credential=%.*s/%s/" SERVICE
              "/tc3_request, SignedHeaders=content-type;host, Signature=",
              STR_ARG(request_setting(ch, "secret_id", NULL)), day_text);
    digest_hmac_hex(DIGEST_SHA256, (struct str){(const char *)key, sizeof key}, text_str(&string), &value);
    if (canonical.overflow) r->full = true;
    text_free(&canonical);
    text_free(&words);
    text_free(&string);
    return read_keep(r, &value);
}

static bool tencent_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                            struct http_out *out, const char **reason_r)
{
    struct reading r = {NULL, arena, false};
    struct request_api api;
    struct text body, url, seconds;
    if (!request_api_read(ch, API_URL, &api)) return *reason_r = "api_url is no address of a host", false;
    if (request_setting(ch, "secret_id", NULL).n == 0 || channel_setting(ch, STR("secret_key")).n == 0)
        return *reason_r = "secret_id or secret_key is not set", false;
    text_init(&body, BODY_MAX);
    if (!body_put(ch, m, arena, &body, reason_r)) {
        text_free(&body);
        return false;
    }
    text_init(&url, READ_FIELD_MAX + 1);
    text_init(&seconds, 24);
    text_addf(&url, "%.*s/", STR_ARG(api.base));
    text_addf(&seconds, "%lld", (long long)(m->now.us / 1000000));
    *out = (struct http_out){.method = STR("POST"), .url = read_keep(&r, &url), .body = read_keep(&r, &body)};
    request_header(out, "Host", api.host);
    request_header(out, "Content-Type", STR(CONTENT_TYPE));
    request_header(out, "X-TC-Action", STR("SendSms"));
    request_header(out, "X-TC-Version", STR("2021-01-11"));
    request_header(out, "X-TC-Region", request_setting(ch, "region", "ap-guangzhou"));
    request_header(out, "X-TC-Timestamp", read_keep(&r, &seconds));
    request_header(out, "Authorization", authorization(&r, ch, &api, out->body, m->now));
    if (r.full) *reason_r = "the message is too long for one request";
    return !r.full;
}

/* Codes of the vendor's list. Limits per number are lifted only with time; those of the account are its own settings. */
static const struct outcome_word words[] = {
    {"FailedOperation.InsufficientBalance*", SENT_REFUSED, CAUSE_MONEY, "the account is empty"},
    {"UnauthorizedOperation.ServiceSuspendDueToArrears", SENT_REFUSED, CAUSE_MONEY,
     "the account is stopped for lack of money"},
    {"FailedOperation.PhoneNumberInBlacklist", SENT_REFUSED, CAUSE_RECIPIENT,
     "the number has opted out at the provider"},
    {"InvalidParameterValue.IncorrectPhoneNumber", SENT_REFUSED, CAUSE_RECIPIENT,
     "the provider takes it for no telephone number"},
    {"InvalidParameterValue.UnsupportedPhoneNumber*", SENT_REFUSED, CAUSE_RECIPIENT,
     "the provider does not reach this number"},
    {"LimitExceeded.PhoneNumber*", SENT_REFUSED, CAUSE_NONE,
     "this number has had as many SMS as the provider allows for now"},
    {"LimitExceeded.DeliveryFrequencyLimit", SENT_REFUSED, CAUSE_NONE,
     "this number has had as many SMS as the account allows for now"},
    {"LimitExceeded*", SENT_REFUSED, CAUSE_SETTINGS, "a limit of the account itself is reached"},
    {"RequestLimitExceeded*", SENT_RETRY, CAUSE_RATE, "too fast for the provider"},
    {"FailedOperation.ContainSensitiveWord", SENT_REFUSED, CAUSE_NONE,
     "a value holds a word that the provider does not send"},
    {"FailedOperation.Signature*", SENT_REFUSED, CAUSE_SETTINGS, "the signature is not approved"},
    {"FailedOperation.MissingSignature*", SENT_REFUSED, CAUSE_SETTINGS, "the signature is not approved"},
    {"FailedOperation.Template*", SENT_REFUSED, CAUSE_SETTINGS,
     "template and values do not fit together, or the template is not approved"},
    {"InvalidParameterValue.Template*", SENT_REFUSED, CAUSE_SETTINGS,
     "template and values do not fit together"},
    {"InvalidParameterValue.SdkAppIdNotExist", SENT_REFUSED, CAUSE_SETTINGS, "sdk_app_id is unknown"},
    {"AuthFailure*", SENT_REFUSED, CAUSE_SETTINGS,
     "secret_id or secret_key is wrong, or this computer's clock"},
    {"UnauthorizedOperation*", SENT_REFUSED, CAUSE_SETTINGS, "the account or key may not do this"},
    {"UnsupportedRegion", SENT_REFUSED, CAUSE_SETTINGS, "region is unknown"},
    {"UnsupportedOperation*", SENT_REFUSED, CAUSE_SETTINGS, "the account does not send there"},
    {"MissingParameter*", SENT_REFUSED, CAUSE_SETTINGS, "a setting of the channel is missing"},
    {"ResourceUnavailable", SENT_RETRY, CAUSE_NONE, "the provider asks to try again later"},
    {"InternalError.RequestTimeException", SENT_REFUSED, CAUSE_SETTINGS, "this computer's clock is wrong"},
    {"InternalError*", SENT_UNKNOWN, CAUSE_NONE,
     "the provider failed in the middle; the message may have left"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void tencent_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                          struct sent_outcome *out)
{
    (void)ch;
    struct json *doc = outcome_json(reply);
    const struct json *response = json_get(doc, "Response"), *set = json_get(response, "SendStatusSet"),
                      *taken = NULL;
    struct str code = json_str(json_get(json_get(response, "Error"), "Code"));
    for (size_t i = 0; i < json_count(set); i++) {
        const struct str one = json_str(json_get(json_at(set, i), "Code"));
        if (str_eq(one, STR("Ok")))
            taken = taken ? taken : json_at(set, i);
        else if (one.n)
            code = one;
    }
    outcome_refused(reply, arena, words, code, out);
    /* One that was taken is on its way, whatever became of the others: never again. */
    if (taken && reply->status == 200) outcome_taken(arena, json_str(json_get(taken, "SerialNo")), out);
    json_free(&doc);
}

static const char *const setting_names[] = {"secret_id",  "!secret_key", "sdk_app_id", "region", "api_url",
                                            "template_*", "params_*",    "!url_token", NULL};

const struct adapter adapter_tencent = {
    .name = "tencent",
    .verify = tencent_verify,
    .parse = tencent_parse,
    .compose = tencent_compose,
    .judge = tencent_judge,
    .send_setting = "secret_id",
    .setting_names = setting_names,
};
