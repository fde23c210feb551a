/* Yunpian 云片.
 *
 * In:  a form with one field of JSON: sms_reply is a citizen's reply, sms_status an array of receipts; some senders encode it twice.
 *      A reply is signed: _sign is the MD5 of all values in the order of their names, with commas between, and the apikey. That does
 *      not tell where one value ends, so what every value looks like is checked as well. Receipts are not signed. The answer is
 *      SUCCESS; on anything else a reply comes again five times, a receipt three times.
 * Out: single_send takes the words themselves, which begin with 【signature】 and must fit an approved template. */
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "adapters/sms/signing.h"
#include "adapters/sms/uplink.h"
#include "base/code.h"

#define API_URL    "https://sms.yunpian.com"
#define FORM_MAX   (64u << 10)
#define FIELDS_MAX 32

/* -- in ------------------------------------------------------------------------------------------------ */

/* The JSON of a form field, decoded once more when it does not begin like JSON; .p is NULL when the field is not there or broken. */
static struct str push_field(struct reading *r, const char *name)
{
    struct str value = str_trim(read_field(r, r->in->body, name, r->in->body.n));
    if (value.n && value.p[0] != '{' && value.p[0] != '[') value = str_trim(read_percent(r, value));
    return value;
}

static bool digits(struct str s, size_t min, size_t max)
{
    if (s.n < min || s.n > max) return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

/* Commas separate the values under the signature; none of these may hold one, nor be what another one is. */
static bool formats_right(struct reading *r, const struct json *o)
{
    const struct str mobile = uplink_text(r, o, "mobile"), id = uplink_text(r, o, "id"),
                     at = uplink_text(r, o, "reply_time");
    const struct str number =
        str_starts(mobile, STR("+")) ? (struct str){mobile.p + 1, mobile.n - 1} : mobile;
    for (size_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'z') ||
              (id.p[i] >= 'A' && id.p[i] <= 'Z') || id.p[i] == '-' || id.p[i] == '_'))
            return false;
    return id.n > 0 && id.n <= 64 && digits(number, 5, 15) && at.n == 19 &&
           read_time(at, CHINA_OFFSET).us > 0 && digits(uplink_text(r, o, "extend"), 0, 20) &&
           digits(uplink_text(r, o, "base_extend"), 0, 20);
}

/* Names without _sign, sorted; 0 when there are too many. */
static size_t names_sorted(const struct json *o, struct str names[FIELDS_MAX])
{
    size_t n = 0;
    for (const char *k = json_next_key(o, NULL); k; k = json_next_key(o, k)) {
        const struct str name = str_of(k);
        if (str_eq(name, STR("_sign"))) continue;
        if (n == FIELDS_MAX) return 0;
        size_t at = n++;
        for (; at > 0 && str_cmp(name, names[at - 1]) < 0; at--) names[at] = names[at - 1];
        names[at] = name;
    }
    return n;
}

/* `null_text`: how the provider writes a null into the string is documented nowhere. False for values that have no text. */
static bool signed_string(struct reading *r, const struct json *o, struct str null_text, struct text *out)
{
    struct str names[FIELDS_MAX];
    const size_t n = names_sorted(o, names);
    for (size_t i = 0; i < n; i++) {
        const struct json *v = json_get(o, names[i].p);
        const struct str value = json_kind(v) == JSON_NULL   ? null_text
                                 : json_kind(v) == JSON_BOOL ? (json_bool(v) ? STR("true") : STR("false"))
                                                             : read_json_text(r, v);
        if (!value.p) return false;
        text_add(out, value);
        text_addc(out, ',');
    }
    return n > 0;
}

static bool sign_right(struct reading *r, const struct channel *ch, const struct json *o)
{
    static const struct str nulls[] = {{"", 0}, {"null", 4}};
    struct str keys[2];
    struct text string, hex;
    const struct str given = json_str(json_get(o, "_sign"));
    const size_t n = secret_all(ch, "apikey", r->in->at, keys);
    bool right = false;
    text_init(&string, r->in->body.n + 256);
    text_init(&hex, 2 * DIGEST_MAX);
    for (size_t i = 0; i < n * ARRAY_LEN(nulls); i++) {
        text_clear(&string);
        text_clear(&hex);
        if (!signed_string(r, o, nulls[i % 2], &string)) break;
        text_add(&string, keys[i / 2]);
        digest_hex(DIGEST_MD5, text_str(&string), &hex);
        right = (!string.overflow && secret_same(text_str(&hex), given)) || right;
    }
    text_free(&string);
    text_free(&hex);
    return right;
}

static enum verdict_in reply_verify(struct reading *r, const struct channel *ch, struct str field,
                                    const char **reason_r)
{
    struct json *doc = json_parse_foreign(field, field.n, reason_r);
    enum verdict_in verdict = VERIFY_REFUSED;
    if (!doc) return VERIFY_REFUSED;
    if (json_str(json_get(doc, "_sign")).n == 0)
        *reason_r = "_sign missing";
    else if (!sign_right(r, ch, doc))
        *reason_r = "_sign mismatch";
    else if (!formats_right(r, doc))
        *reason_r = "a signed value is not what its name says";
    else
        verdict = VERIFY_OK;
    json_free(&doc);
    return verdict;
}

static enum verdict_in yunpian_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      const char **reason_r)
{
    (void)hook;
    if (verify_unsigned(ch, in, reason_r) != VERIFY_OK) return VERIFY_REFUSED;
    struct arena arena;
    arena_init(&arena, 4u << 20);
    struct reading r = {in, &arena, false};
    const struct str reply = push_field(&r, "sms_reply");
    /* A form with both fields is read as a reply, so a signature is asked of it. */
    const enum verdict_in verdict = reply.p ? reply_verify(&r, ch, reply, reason_r) : VERIFY_OK;
    arena_free(&arena);
    return verdict;
}

static bool reply_read(struct reading *r, const struct json *o, struct inbox *inbox, const char **reason_r)
{
    const struct str ours = uplink_text(r, o, "extend"), theirs = uplink_text(r, o, "base_extend");
    struct text to;
    text_init(&to, ours.n + theirs.n + 1);
    text_add(&to, theirs);
    text_add(&to, ours);
    const struct uplink u = {
        .id = uplink_text(r, o, "id"),
        .from = uplink_text(r, o, "mobile"),
        .words = json_kind(json_get(o, "text")) == JSON_STRING ? uplink_text(r, o, "text") : STR_NONE,
        .to = read_keep(r, &to),
        .sent_at = read_time(uplink_text(r, o, "reply_time"), CHINA_OFFSET)};
    return uplink_put(r, inbox, &u, reason_r);
}

static bool receipt_read(struct reading *r, const struct json *e, struct inbox *inbox, const char **reason_r)
{
    const struct str status = uplink_text(r, e, "report_status");
    struct uplink_receipt d = {.id = uplink_text(r, e, "sid"),
                               .ref = uplink_text(r, e, "uid"),
                               .to = read_phone(r, uplink_text(r, e, "mobile")),
                               .raw_status = status,
                               .code = uplink_text(r, e, "error_msg"),
                               .done_at = read_time(uplink_text(r, e, "user_receive_time"), CHINA_OFFSET)};
    d.status = str_eq(status, STR("SUCCESS"))   ? DELIVERY_DELIVERED
               : !str_eq(status, STR("FAIL"))   ? DELIVERY_SENT /* undocumented values settle nothing */
               : str_eq(d.code, STR("EXPIRED")) ? DELIVERY_EXPIRED
                                                : DELIVERY_FAILED;
    return uplink_put_receipt(r, inbox, &d, reason_r);
}

static enum parse_result yunpian_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                       struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch, (void)hook;
    struct reading r = {in, arena, false};
    enum parse_result result = PARSE_MALFORMED;
    const struct str reply = push_field(&r, "sms_reply"),
                     status = reply.p ? STR_NONE : push_field(&r, "sms_status");
    if (r.full) return *reason_r = "the push is over the limit", PARSE_TOO_MANY;
    if (!reply.p && !status.p)
        return *reason_r = "neither sms_reply nor sms_status, or a broken escape", PARSE_MALFORMED;
    struct json *doc = uplink_json(&r, reply.p ? reply : status, reply.p ? JSON_OBJECT : JSON_ARRAY, inbox,
                                   &result, reason_r);
    if (!doc) return result;
    if (reply.p && !reply_read(&r, doc, inbox, reason_r)) inbox->n_unreadable++;
    for (size_t i = 0; status.p && !r.full && i < json_count(doc); i++)
        if (!receipt_read(&r, json_at(doc, i), inbox, reason_r)) inbox->n_unreadable++;
    json_free(&doc);
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("SUCCESS");
    return uplink_end(&r, inbox, PARSE_OK, reason_r);
}

/* -- out ----------------------------------------------------------------------------------------------- */

static bool call_fill(const struct channel *ch, const char *path, struct text *form, struct arena *arena,
                      struct http_out *out, const char **reason_r)
{
    struct reading r = {NULL, arena, false};
    struct request_api api;
    struct text url;
    if (!request_api_read(ch, API_URL, &api)) return *reason_r = "api_url is no address of a host", false;
    text_init(&url, READ_FIELD_MAX + 64);
    text_addf(&url, "%.*s%s", STR_ARG(api.base), path);
    *out = (struct http_out){.method = STR("POST"), .url = read_keep(&r, &url), .body = read_keep(&r, form)};
    request_header(out, "Accept", STR("application/json;charset=utf-8"));
    request_header(out, "Content-Type", STR("application/x-www-form-urlencoded;charset=utf-8"));
    if (r.full) *reason_r = "the message is too long for one request";
    return !r.full;
}

static bool yunpian_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                            struct http_out *out, const char **reason_r)
{
    const struct str apikey = channel_setting(ch, STR("apikey"));
    const struct str sign = m->sign.n ? m->sign : request_setting(ch, "sign", NULL);
    struct text form, words;
    if (apikey.n == 0) return *reason_r = "apikey is not set", false;
    if (m->to.n == 0 || m->text.n == 0) return *reason_r = "no number or no words", false;
    const bool bare = !str_starts(m->text, STR("【"));
    if (bare && sign.n == 0) return *reason_r = "no sign", false;
    text_init(&form, FORM_MAX);
    text_init(&words, FORM_MAX);
    if (bare) text_addf(&words, "【%.*s】", STR_ARG(sign));
    text_add(&words, m->text);
    request_field(&form, "apikey", apikey);
    request_field(&form, "mobile", request_mainland(m->to));
    request_field(&form, "text", text_str(&words));
    request_field(&form, "uid", m->client_ref);
    request_field(&form, "callback_url", m->dlr_url);
    if (words.overflow) form.overflow = true;
    text_free(&words);
    const bool good = call_fill(ch, "/v2/sms/single_send.json", &form, arena, out, reason_r);
    text_free(&form);
    return good;
}

static bool yunpian_balance_ask(const struct channel *ch, instant now, const u8 random[16],
                                struct arena *arena, struct http_out *out)
{
    (void)now, (void)random;
    const char *reason;
    struct text form;
    text_init(&form, READ_FIELD_MAX);
    request_field(&form, "apikey", channel_setting(ch, STR("apikey")));
    const bool good = form.n > 0 && call_fill(ch, "/v2/user/get.json", &form, arena, out, &reason);
    text_free(&form);
    return good;
}

/* In yuan. */
static bool yunpian_balance_read(const struct http_reply *reply, double *left_r)
{
    struct json *doc = outcome_json(reply);
    const bool good = reply->status == 200 && outcome_sum(json_get(doc, "balance"), left_r);
    json_free(&doc);
    return good;
}

static const struct outcome_word words[] = {
    {"3", SENT_REFUSED, CAUSE_MONEY, "the account is empty"},
    {"4", SENT_REFUSED, CAUSE_NONE, "the words hold something that the provider does not send"},
    {"5", SENT_REFUSED, CAUSE_SETTINGS, "the words fit no approved template"},
    {"7", SENT_REFUSED, CAUSE_SETTINGS, "the template is not approved"},
    {"10", SENT_REFUSED, CAUSE_RECIPIENT, "the number is on the provider's black list"},
    {"15", SENT_REFUSED, CAUSE_SETTINGS, "the signature is not approved"},
    {"16", SENT_REFUSED, CAUSE_SETTINGS, "the signature is not approved"},
    {"20", SENT_REFUSED, CAUSE_RECIPIENT, "the provider does not reach this country"},
    {"33", SENT_RETRY, CAUSE_RATE, "too fast for the provider"},
    {"-1", SENT_REFUSED, CAUSE_SETTINGS, "apikey is wrong"},
    {"-2", SENT_REFUSED, CAUSE_SETTINGS, "the account may not do this"},
    {"-3", SENT_REFUSED, CAUSE_SETTINGS, "our address is not on the account's list"},
    {"-4", SENT_RETRY, CAUSE_RATE, "too fast for the provider"},
    {"-5", SENT_RETRY, CAUSE_RATE, "too fast for the provider"},
    {"-50", SENT_UNKNOWN, CAUSE_NONE, "the provider failed in the middle; the message may have left"},
    {"-51", SENT_RETRY, CAUSE_NONE, "the provider asks to try again later"},
    {"-57", SENT_REFUSED, CAUSE_SETTINGS, "the account wants a fixed signature that is not set"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void yunpian_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                          struct sent_outcome *out)
{
    (void)ch;
    struct json *doc = outcome_json(reply);
    struct reading r = {NULL, arena, false};
    const struct str code = uplink_text(&r, doc, "code");
    if (str_eq(code, STR("0")) && reply->status == 200)
        outcome_taken(arena, uplink_text(&r, doc, "sid"), out);
    else
        outcome_refused(reply, arena, words, code, out);
    json_free(&doc);
}

static const char *const setting_names[] = {"!apikey", "api_url", "!url_token", NULL};

const struct adapter adapter_yunpian = {
    .name = "yunpian",
    .verify = yunpian_verify,
    .parse = yunpian_parse,
    .compose = yunpian_compose,
    .judge = yunpian_judge,
    .balance_ask = yunpian_balance_ask,
    .balance_read = yunpian_balance_read,
    .send_setting = "apikey",
    .setting_names = setting_names,
};
