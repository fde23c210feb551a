/* Huawei Cloud Message & SMS 华为云 (no new customers since 2025; for those who have it).
 *
 * In:  a form per message and per receipt; receipts also as a JSON list. Pushes are unsigned unless the application asks for it; then
 *      they carry SDK-HMAC-SHA256 under one of the keys in the setting push_keys ({"access key":"secret", …}). The digest of the body is
 *      always computed here: the header x-sdk-content-sha256 is not part of what is signed and would let a body be swapped.
 *      A long message has a receipt for each part under one smsMsgId: the pieces come in order, and the message counts as
 *      delivered when its last one is (receipt_delivery in adapter.h); a part that failed fails it at once.
 * Out: batchSendSms with a template's values by position. Setting auth: "wsse" (X-WSSE), "wsse_hex" (its digest in the older
 *      form, base64 of the hexadecimal text) or "sdk" (SDK-HMAC-SHA256 with app_key and app_secret). */
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "adapters/sms/signing.h"
#include "adapters/sms/uplink.h"
#include "base/code.h"
#include "base/utf8.h"

#define API_URL      "https://smsapi.cn-north-4.myhuaweicloud.com:443"
#define SEND_PATH    "/sms/batchSendSms/v1"
#define FORM_TYPE    "application/x-www-form-urlencoded"
#define ALGORITHM    "SDK-HMAC-SHA256"
#define FORM_MAX     (64u << 10)
#define KEYS_MAX     4096
#define HEADERS_MAX  16
#define SKEW_DEFAULT 900 /* seconds */
#define SKEW_MAX     86400

/* -- who knocks ---------------------------------------------------------------------------------------- */

struct push_sign {
    struct str access, names, signature;
};

/* "SDK-HMAC-SHA256 Access=…, SignedHeaders=a;b;c, Signature=…" */
static bool authorization_read(struct str s, struct push_sign *sign_r)
{
    const char *const marks[] = {"Access=", "SignedHeaders=", "Signature="};
    struct str *const values[] = {&sign_r->access, &sign_r->names, &sign_r->signature};
    if (!str_starts(s, STR(ALGORITHM " "))) return false;
    s.p += sizeof ALGORITHM, s.n -= sizeof ALGORITHM;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        struct str piece, rest, mark = str_of(marks[i]);
        str_cut(s, ',', &piece, &rest);
        piece = str_trim(piece);
        if (!str_starts(piece, mark) || piece.n == mark.n) return false;
        *values[i] = (struct str){piece.p + mark.n, piece.n - mark.n};
        s = rest;
    }
    return s.n == 0;
}

/* The headers that are signed, in the order in which they are named. Without host and x-sdk-date among them a signature could be
 * taken to another place or time. */
static size_t signed_headers(const struct http_in *in, struct str names,
                             struct http_header headers[HEADERS_MAX])
{
    size_t n = 0;
    bool host = false, date = false;
    while (names.n) {
        struct str name;
        str_cut(names, ';', &name, &names);
        if (n == HEADERS_MAX || name.n == 0) return 0;
        struct str value = http_header_get(in, name);
        if (str_eq_case(name, STR("host"))) host = true, value = value.p ? value : in->host;
        if (str_eq_case(name, STR("x-sdk-date"))) date = true;
        headers[n++] = (struct http_header){name, value};
    }
    return host && date ? n : 0;
}

static bool string_to_sign(struct reading *r, const struct signed_request *request, struct str date,
                           struct text *out)
{
    struct text canonical;
    text_init(&canonical, FORM_MAX * 2);
    signing_canonical(request, &canonical);
    signing_string(STR(ALGORITHM), date, text_str(&canonical), out);
    const bool whole = !canonical.overflow && !r->full;
    text_free(&canonical);
    return whole;
}

/* The secret of an access key in {"access key":"secret", …}, appended to `out`. */
static bool key_find(struct str keys, struct str access, struct text *out)
{
    const char *error;
    struct text name;
    struct json *doc = json_parse(keys, KEYS_MAX, &error);
    text_init(&name, KEYS_MAX);
    text_add(&name, access);
    const struct str secret = json_str(json_get(doc, text_z(&name)));
    text_add(out, secret);
    text_free(&name);
    json_free(&doc);
    return secret.n > 0;
}

static bool signature_right(struct str secret, struct str string, struct str given)
{
    struct text hex;
    text_init(&hex, 2 * DIGEST_MAX);
    digest_hmac_hex(DIGEST_SHA256, secret, string, &hex);
    const bool right = secret_same(text_str(&hex), given);
    text_free(&hex);
    return right;
}

static enum verdict_in signature_verify(struct reading *r, const struct channel *ch,
                                        const struct push_sign *sign, const char **reason_r)
{
    const struct http_in *in = r->in;
    struct http_header headers[HEADERS_MAX];
    struct str keys[2], query;
    struct text path, string, secret;
    const size_t n_keys = secret_all(ch, "push_keys", in->at, keys),
                 n = signed_headers(in, sign->names, headers);
    bool known = false, right = false;
    text_init(&path, in->path.n * 3 + 2);
    text_init(&string, 512);
    text_init(&secret, KEYS_MAX);
    const bool sound =
        n > 0 && signing_path(in->path, &path) && signing_query(r, in->query, &query) &&
        string_to_sign(r, &(struct signed_request){in->method, text_str(&path), query, headers, n, in->body},
                       http_header_get(in, STR("x-sdk-date")), &string);
    for (size_t i = 0; i < n_keys; i++) {
        text_clear(&secret);
        if (!key_find(keys[i], sign->access, &secret)) continue;
        known = true;
        right = (sound && signature_right(text_str(&secret), text_str(&string), sign->signature)) || right;
    }
    text_free(&path);
    text_free(&string);
    text_free(&secret);
    *reason_r = n == 0   ? "host or x-sdk-date is not signed"
                : !known ? "unknown Access"
                         : "signature mismatch";
    return right ? VERIFY_OK : VERIFY_UNAUTHORIZED;
}

static bool date_near(const struct channel *ch, const struct http_in *in)
{
    u64 skew;
    const instant date = utc_basic_read(http_header_get(in, STR("x-sdk-date")));
    if (!str_u64(channel_setting(ch, STR("max_skew_s")), SKEW_MAX, &skew)) skew = SKEW_DEFAULT;
    const i64 apart = instant_sub(in->at, date).us;
    return date.us > 0 && apart <= SPAN_S(skew).us && apart >= -SPAN_S(skew).us;
}

/* require_signature: true, false; where it is not set, keys are there to be used. */
static bool signature_required(const struct channel *ch)
{
    const struct str set = request_setting(ch, "require_signature", NULL);
    if (set.n) return !str_eq(set, STR("false")) && !str_eq(set, STR("no"));
    return channel_setting(ch, STR("push_keys")).n > 0;
}

static enum verdict_in huawei_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     const char **reason_r)
{
    (void)hook;
    struct push_sign sign;
    const struct str given = http_header_get(in, STR("authorization"));
    if (verify_unsigned(ch, in, reason_r) != VERIFY_OK) return VERIFY_REFUSED;
    if (!signature_required(ch)) return VERIFY_OK;
    if (given.n == 0) return *reason_r = "Authorization missing", VERIFY_UNAUTHORIZED;
    if (!authorization_read(given, &sign))
        return *reason_r = "Authorization is no " ALGORITHM, VERIFY_UNAUTHORIZED;
    struct arena arena;
    arena_init(&arena, 1u << 18);
    struct reading r = {in, &arena, false};
    enum verdict_in verdict = signature_verify(&r, ch, &sign, reason_r);
    if (verdict == VERIFY_OK && !date_near(ch, in))
        *reason_r = "timestamp outside window", verdict = VERIFY_UNAUTHORIZED;
    arena_free(&arena);
    return verdict;
}

/* -- in ------------------------------------------------------------------------------------------------ */

static enum parse_result message_parse(struct reading *r, struct inbox *inbox, const char **reason_r)
{
    const struct str form = r->in->body, words = read_field(r, form, "body", form.n);
    const struct uplink u = {.id = read_field(r, form, "smsMsgId", READ_FIELD_MAX),
                             .from = read_field(r, form, "from", READ_FIELD_MAX),
                             .words = words,
                             .to = read_field(r, form, "to", READ_FIELD_MAX),
                             .sent_at =
                                 read_time(read_field(r, form, "createTime", READ_FIELD_MAX), SPAN_S(0))};
    if (r->full || !inbox_reserve(inbox, r->arena, 1, 0))
        return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (words.p && !utf8_valid(words)) return *reason_r = "body is not UTF-8", PARSE_MALFORMED;
    return uplink_put(r, inbox, &u, reason_r) ? PARSE_OK : PARSE_MALFORMED;
}

struct status_fields {
    struct str id, ref, to, status, at, total, sequence;
};

static bool status_put(struct reading *r, struct inbox *inbox, const struct status_fields *f,
                       const char **reason_r)
{
    static const char *const waiting[] = {"ACCEPTD", "ENROUTE"}; /* SMPP 3.4: not final */
    u64 total = 0, sequence = 0;
    struct uplink_receipt d = {.id = f->id,
                               .ref = f->ref,
                               .to = read_phone(r, f->to),
                               .status = str_eq(f->status, STR("DELIVRD"))   ? DELIVERY_DELIVERED
                                         : str_eq(f->status, STR("EXPIRED")) ? DELIVERY_EXPIRED
                                                                             : DELIVERY_FAILED,
                               .raw_status = f->status,
                               .code = f->status,
                               .done_at = read_time(f->at, SPAN_S(0))};
    if (f->status.n == 0) return *reason_r = "a receipt without status", false;
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
        if (str_eq(f->status, str_of(waiting[i]))) d.status = DELIVERY_SENT, d.code = STR_NONE;
    if (str_u64(f->total, 255, &total) && str_u64(f->sequence, total, &sequence) && sequence > 0)
        d.part_total = (unsigned)total, d.part_index = (unsigned)sequence;
    return uplink_put_receipt(r, inbox, &d, reason_r);
}

static enum parse_result status_parse(struct reading *r, struct inbox *inbox, const char **reason_r)
{
    const struct str form = r->in->body;
    const struct status_fields f = {
        read_field(r, form, "smsMsgId", READ_FIELD_MAX),   read_field(r, form, "extend", READ_FIELD_MAX),
        read_field(r, form, "to", READ_FIELD_MAX),         read_field(r, form, "status", READ_FIELD_MAX),
        read_field(r, form, "updateTime", READ_FIELD_MAX), read_field(r, form, "total", READ_FIELD_MAX),
        read_field(r, form, "sequence", READ_FIELD_MAX)};
    if (r->full || !inbox_reserve(inbox, r->arena, 0, 1))
        return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    return status_put(r, inbox, &f, reason_r) ? PARSE_OK : PARSE_MALFORMED;
}

static enum parse_result batch_parse(struct reading *r, struct inbox *inbox, const char **reason_r)
{
    enum parse_result result;
    struct json *doc = uplink_json(r, r->in->body, JSON_OBJECT, inbox, &result, reason_r);
    const struct json *list = json_get(doc, "statusReportList");
    if (!doc) return result;
    if (json_kind(list) != JSON_ARRAY)
        *reason_r = "no statusReportList", result = PARSE_MALFORMED;
    else if (!inbox_reserve(inbox, r->arena, 0, json_count(list)))
        *reason_r = "too many elements in one push", result = PARSE_TOO_MANY;
    else
        result = PARSE_OK;
    for (size_t i = 0; result == PARSE_OK && !r->full && i < json_count(list); i++) {
        const struct json *e = json_at(list, i);
        const struct status_fields f = {uplink_text(r, e, "smsMsgId"),   uplink_text(r, e, "extend"),
                                        uplink_text(r, e, "to"),         uplink_text(r, e, "status"),
                                        uplink_text(r, e, "updateTime"), uplink_text(r, e, "total"),
                                        uplink_text(r, e, "sequence")};
        if (!status_put(r, inbox, &f, reason_r)) inbox->n_unreadable++;
    }
    json_free(&doc);
    return result;
}

static enum parse_result huawei_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    const bool batch = hook == HOOK_DLR && str_starts(str_trim(in->body), STR("{"));
    if (!batch && !read_escapes_sound(in->body))
        return *reason_r = "broken percent escape in the form", PARSE_MALFORMED;
    const enum parse_result result = batch              ? batch_parse(&r, inbox, reason_r)
                                     : hook == HOOK_DLR ? status_parse(&r, inbox, reason_r)
                                                        : message_parse(&r, inbox, reason_r);
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("");
    return uplink_end(&r, inbox, result, reason_r);
}

/* -- out ----------------------------------------------------------------------------------------------- */

static bool form_put(const struct channel *ch, const struct message *m, struct arena *arena,
                     struct text *form, const char **reason_r)
{
    const struct message_param *params;
    size_t n;
    struct text values;
    const struct str template = message_template(ch, m), from = request_setting(ch, "from", NULL);
    if (template.n == 0) return *reason_r = "no template_<event> for this event", false;
    if (from.n == 0) return *reason_r = "from (the channel number) is not set", false;
    if (m->to.n == 0) return *reason_r = "no number", false;
    if (!message_ordered(ch, m, arena, &params, &n))
        return *reason_r = "params_<event> names a parameter that the event does not have", false;
    text_init(&values, FORM_MAX);
    for (size_t i = 0; i < n; i++) {
        text_addc(&values, i ? ',' : '[');
        json_put(&values, params[i].value);
    }
    if (n) text_addc(&values, ']');
    request_field(form, "from", from);
    request_field(form, "to", m->to);
    request_field(form, "templateId", template);
    request_field(form, "templateParas", text_str(&values));
    request_field(form, "statusCallback", m->dlr_url);
    request_field(form, "extend", m->client_ref);
    request_field(form, "signature",
                  m->sign); /* counts for universal templates only, which have none of their own */
    if (values.overflow) form->overflow = true;
    text_free(&values);
    return true;
}

static void wsse_put(struct reading *r, const struct channel *ch, const struct message *m, bool hex,
                     struct http_out *out)
{
    char created[UTC_TEXT_MAX];
    u8 digest[DIGEST_MAX];
    struct text plain, value;
    const struct str nonce = request_nonce(r->arena, m->random);
    text_init(&plain, FORM_MAX);
    text_init(&value, FORM_MAX);
    text_add(&plain, nonce);
    text_add(&plain, utc_text(m->now, UTC_ISO, created));
    text_add(&plain, channel_setting(ch, STR("app_secret")));
    digest_run(DIGEST_SHA256, text_str(&plain), digest);
    text_addf(&value, "UsernameToken Username=\"%.*s\",PasswordDigest=\"",
              STR_ARG(request_setting(ch, "app_key", NULL)));
    text_clear(&plain);
    hex_put(&plain, digest, 32);
    if (hex)
        b64_put(&value, (const u8 *)plain.p, plain.n);
    else
        b64_put(&value, digest, 32);
    text_addf(&value, "\",Nonce=\"%.*s\",Created=\"%s\"", STR_ARG(nonce), created);
    text_free(&plain);
    request_header(out, "Content-Type", STR(FORM_TYPE));
    request_header(out, "Authorization", STR("WSSE realm=\"SDP\",profile=\"UsernameToken\",type=\"Appkey\""));
    request_header(out, "X-WSSE", read_keep(r, &value));
}

static void sdk_put(struct reading *r, const struct channel *ch, const struct message *m, struct str host,
                    struct http_out *out)
{
    char date_text[UTC_TEXT_MAX];
    const struct str date = arena_str(r->arena, utc_text(m->now, UTC_BASIC, date_text));
    const struct http_header headers[] = {
        {STR("content-type"), STR(FORM_TYPE)}, {STR("host"), host}, {STR("x-sdk-date"), date}};
    const struct signed_request request = {STR("POST"), STR(SEND_PATH "/"), STR(""),
                                           headers,     ARRAY_LEN(headers), out->body};
    struct text string, value;
    if (!date.p) r->full = true;
    text_init(&string, 512);
    text_init(&value, FORM_MAX);
    if (!string_to_sign(r, &request, date, &string)) r->full = true;
    text_addf(&value,
              ALGORITHM " Access=%.*s, SignedHeaders=", STR_ARG(request_setting(ch, "app_key", NULL)));
    signing_names(headers, ARRAY_LEN(headers), &value);
    text_addz(&value, ", Signature=");
    digest_hmac_hex(DIGEST_SHA256, channel_setting(ch, STR("app_secret")), text_str(&string), &value);
    text_free(&string);
    request_header(out, "Host", host);
    request_header(out, "Content-Type", STR(FORM_TYPE));
    request_header(out, "X-Sdk-Date", date);
    request_header(out, "Authorization", read_keep(r, &value));
}

static bool huawei_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                           struct http_out *out, const char **reason_r)
{
    const struct str auth = request_setting(ch, "auth", "wsse");
    const bool hex = str_eq(auth, STR("wsse_hex")), sdk = str_eq(auth, STR("sdk"));
    struct reading r = {NULL, arena, false};
    struct request_api api;
    struct text form, url;
    if (!request_api_read(ch, API_URL, &api)) return *reason_r = "api_url is no address of a host", false;
    if (!hex && !sdk && !str_eq(auth, STR("wsse")))
        return *reason_r = "auth is none of wsse, wsse_hex, sdk", false;
    if (request_setting(ch, "app_key", NULL).n == 0 || channel_setting(ch, STR("app_secret")).n == 0)
        return *reason_r = "app_key or app_secret is not set", false;
    text_init(&form, FORM_MAX);
    if (!form_put(ch, m, arena, &form, reason_r)) {
        text_free(&form);
        return false;
    }
    text_init(&url, READ_FIELD_MAX + 64);
    text_addf(&url, "%.*s" SEND_PATH, STR_ARG(api.base));
    *out = (struct http_out){.method = STR("POST"), .url = read_keep(&r, &url), .body = read_keep(&r, &form)};
    if (sdk)
        sdk_put(&r, ch, m, api.host, out);
    else
        wsse_put(&r, ch, m, hex, out);
    if (r.full) *reason_r = "the message is too long for one request";
    return !r.full;
}

static const struct outcome_word words[] = {
    {"E000503", SENT_RETRY, CAUSE_RATE, "too fast for the provider"},
    {"E000623", SENT_REFUSED, CAUSE_SETTINGS, "the account's daily limit is reached"},
    {"E000000", SENT_UNKNOWN, CAUSE_NONE, "the provider failed in the middle; the message may have left"},
    {"E000620", SENT_UNKNOWN, CAUSE_NONE, "the provider failed in the middle; the message may have left"},
    {"E0000*", SENT_REFUSED, CAUSE_SETTINGS, "the provider refused app_key, app_secret or how they are used"},
    {"E0001*", SENT_REFUSED, CAUSE_SETTINGS, "the provider refused app_key, app_secret or how they are used"},
    {"E200026", SENT_REFUSED, CAUSE_RECIPIENT, "the number is on the provider's black list"},
    {"E200028", SENT_REFUSED, CAUSE_SETTINGS, "template and values do not fit together"},
    {"E200029", SENT_REFUSED, CAUSE_SETTINGS, "template and values do not fit together"},
    {"E200030", SENT_REFUSED, CAUSE_SETTINGS, "the template is not approved"},
    {"E200033", SENT_REFUSED, CAUSE_SETTINGS, "template and values do not fit together"},
    {"E200037", SENT_REFUSED, CAUSE_NONE, "the number stands twice in one sending"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void huawei_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                         struct sent_outcome *out)
{
    (void)ch;
    struct json *doc = outcome_json(reply);
    const struct json *list = json_get(doc, "result"), *taken = NULL;
    struct str code = json_str(json_get(doc, "code"));
    if (str_eq(code, STR("000000"))) code = STR_NONE;
    for (size_t i = 0; i < json_count(list); i++) {
        const struct str status = json_str(json_get(json_at(list, i), "status"));
        if (str_eq(status, STR("000000")))
            taken = taken ? taken : json_at(list, i);
        else if (status.n)
            code = status; /* of the one number says more than of the whole request */
    }
    outcome_refused(reply, arena, words, code, out);
    /* One that was taken is on its way, whatever became of the others: never again. */
    if (taken && reply->status == 200) outcome_taken(arena, json_str(json_get(taken, "smsMsgId")), out);
    json_free(&doc);
}

static const char *const setting_names[] = {"app_key",           "!app_secret", "from",       "auth",
                                            "api_url",           "template_*",  "params_*",   "!push_keys",
                                            "require_signature", "max_skew_s",  "!url_token", NULL};

const struct adapter adapter_huawei = {
    .name = "huawei",
    .verify = huawei_verify,
    .parse = huawei_parse,
    .compose = huawei_compose,
    .judge = huawei_judge,
    .challenge = ALGORITHM,
    .send_setting = "app_key",
    .setting_names = setting_names,
};
