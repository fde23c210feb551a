/* Twilio Programmable Messaging.
 *
 * In:  POST of a form (or GET with the same fields in the query) for messages and for status callbacks; X-Twilio-Signature is
 *      base64(HMAC-SHA1(auth token, address + every form field's name and value in the order of names)). A body that is no form
 *      is covered by bodySHA256 in the query, and the signature by the address alone. Long messages arrive joined. New fields
 *      come without notice: all are signed over, unknown ones ignored.
 * Out: POST …/Accounts/{sid}/Messages.json, Basic, a form. Twilio carries no reference of ours and knows no repeated request,
 *      so the status callback's address carries it, and a lost answer is waited for.
 *
 * A message is answered with empty TwiML: plain text would be sent to the citizen as an SMS. */
#include "adapters/reading.h"
#include "adapters/sms/form.h"
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "base/code.h"
#include "base/utf8.h"

#define API_URL   "https://api.twilio.com"
#define MEDIA_MAX 10
#define TWIML     "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>"

/* -- signature ----------------------------------------------------------------------------------------- */

/* Twilio signs the address sometimes with its port and sometimes without, whatever was entered: both are tried. */
static void put_address(struct text *t, const struct form_address *a, bool with_port)
{
    text_addf(t, "%.*s://%.*s", STR_ARG(a->scheme), STR_ARG(a->host));
    if (with_port) {
        const struct str usual = str_eq_case(a->scheme, STR("https")) ? STR("443") : STR("80");
        text_addc(t, ':');
        text_add(t, a->port.n ? a->port : usual);
    }
    text_add(t, a->path);
    if (a->query.n) text_addc(t, '?');
    text_add(t, a->query);
}

/* A field that is sent several times with the same value is signed once. */
static void put_fields(struct text *t, const struct form *sorted)
{
    for (size_t i = 0; i < sorted->n; i++) {
        const struct form_field *f = &sorted->fields[i];
        if (i && str_eq(f->name, f[-1].name) && str_eq(f->value, f[-1].value)) continue;
        text_add(t, f->name);
        text_add(t, f->value);
    }
}

static bool signature_right(const struct channel *ch, const struct http_in *in, const struct form *sorted,
                            struct str given)
{
    const struct form_address address = form_address_of(ch, in);
    struct str secrets[2];
    const size_t n = secret_all(ch, "auth_token", in->at, secrets);
    bool right = false;
    struct text said, made;
    text_init(&said, in->path.n + in->query.n + in->body.n + READ_FIELD_MAX);
    text_init(&made, DIGEST_MAX * 2);
    for (size_t port = 0; port < 2; port++) {
        text_clear(&said);
        put_address(&said, &address, port == 1);
        put_fields(&said, sorted);
        for (size_t i = 0; i < n; i++) {
            u8 mac[DIGEST_MAX];
            digest_hmac(DIGEST_SHA1, secrets[i], text_str(&said), mac);
            text_clear(&made);
            b64_put(&made, mac, digest_size(DIGEST_SHA1));
            right = (!said.overflow && secret_same(text_str(&made), given)) || right;
        }
    }
    text_free(&said);
    text_free(&made);
    return right;
}

static bool body_hash_right(const struct http_in *in, struct str given)
{
    struct text made, lower;
    text_init(&made, DIGEST_MAX * 2);
    digest_hex(DIGEST_SHA256, in->body, &made);
    text_init(&lower, DIGEST_MAX * 2);
    for (size_t i = 0; i < given.n; i++)
        text_addc(&lower, (char)(given.p[i] >= 'A' && given.p[i] <= 'F' ? given.p[i] + 32 : given.p[i]));
    const bool right = secret_same(text_str(&made), text_str(&lower));
    text_free(&made);
    text_free(&lower);
    return right;
}

static enum verdict_in twilio_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     const char **reason_r)
{
    (void)hook;
    struct str given = http_header_get(in, request_setting(ch, "signature_header", "x-twilio-signature"));
    struct form query, fields = {0};
    struct arena arena;
    if (!peer_allowed(ch, in->peer)) return *reason_r = "peer is not in allow_ip", VERIFY_REFUSED;
    if (given.n == 0) return *reason_r = "signature header missing", VERIFY_REFUSED;
    arena_init(&arena, FORM_ARENA(in->query.n) + FORM_ARENA(in->body.n));
    *reason_r = NULL;
    if (!form_read(&arena, in->query, &query)) {
        *reason_r = "the query cannot be read";
    } else if (str_eq(in->method, STR("POST"))) {
        const struct str hash = form_value(&query, STR("bodySHA256"));
        if (hash.p && !body_hash_right(in, hash))
            *reason_r = "body hash mismatch";
        else if (!hash.p && !form_read(&arena, in->body, &fields))
            *reason_r = "the form cannot be read";
    }
    form_sort(&fields);
    if (!*reason_r && !signature_right(ch, in, &fields, given)) *reason_r = "signature mismatch";
    arena_free(&arena);
    return *reason_r ? VERIFY_REFUSED : VERIFY_OK;
}

/* -- what came in -------------------------------------------------------------------------------------- */

static struct str field(struct reading *r, struct str form, const char *name)
{
    return read_field(r, form, name, READ_FIELD_MAX);
}

static struct str message_id(struct reading *r, struct str form)
{
    struct str id = read_visible(field(r, form, "MessageSid"), READ_ID_MAX);
    return id.n ? id : read_visible(field(r, form, "SmsSid"), READ_ID_MAX); /* its old name */
}

/* The number behind "whatsapp:+86…": the same person answers to an SMS. */
static struct str number_of(struct str address)
{
    struct str scheme, number;
    return str_cut(address, ':', &scheme, &number) ? number : address;
}

static unsigned count_of(struct str digits, u64 max)
{
    u64 n;
    return str_u64(digits, max, &n) ? (unsigned)n : 0;
}

static enum parse_result parse_message(struct reading *r, struct str form, struct inbox *inbox,
                                       const char **reason_r)
{
    struct inbox_item *item = &inbox->items[0];
    struct str text = read_field(r, form, "Body", SUBMISSION_TEXT_BYTES);
    struct str to = field(r, form, "To");
    *item = (struct inbox_item){
        .s = {.door = DOOR_SMS, .nature = NATURE_UNKNOWN, .external_id = message_id(r, form), .text = text},
        .opt_out = str_eq_case(field(r, form, "OptOutType"), STR("STOP")),
        .segments = count_of(field(r, form, "NumSegments"), 255),
        .media = count_of(field(r, form, "NumMedia"), MEDIA_MAX),
    };
    item->s.dedupe_key = item->s.external_id;
    item->s.sender = read_phone(r, number_of(field(r, form, "From")));
    item->to = read_own_number(r, number_of(to));
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (item->s.external_id.n == 0) return *reason_r = "no MessageSid", PARSE_MALFORMED;
    if (!text.p) return *reason_r = "no Body", PARSE_MALFORMED;
    if (!utf8_valid(text)) return *reason_r = "Body is not valid UTF-8", PARSE_MALFORMED;
    inbox->n_items = 1;
    return PARSE_OK;
}

/* A word that is not known settles nothing, but whoever reports about a message has it. */
static enum delivery status_of(struct str word)
{
    static const struct {
        const char *word;
        enum delivery status;
    } words[] = {{"delivered", DELIVERY_DELIVERED},
                 {"read", DELIVERY_DELIVERED},
                 {"undelivered", DELIVERY_FAILED},
                 {"failed", DELIVERY_FAILED},
                 {"canceled", DELIVERY_FAILED}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_case(word, str_of(words[i].word))) return words[i].status;
    return DELIVERY_SENT;
}

static enum parse_result parse_status(struct reading *r, struct str form, struct inbox *inbox,
                                      const char **reason_r)
{
    struct receipt_report *report = &inbox->receipts[0];
    struct str status = field(r, form, "MessageStatus"), code = field(r, form, "ErrorCode");
    if (status.n == 0) status = field(r, form, "SmsStatus");
    *report = (struct receipt_report){
        .provider_id = message_id(r, form),
        .client_ref = read_visible(field(r, r->in->query, "ref"), READ_ID_MAX),
        .to = read_phone(r, number_of(field(r, form, "To"))),
        .raw_status = read_visible(status, SUBMISSION_NAME_MAX),
        .error_code = str_eq(code, STR("0")) ? STR_NONE : read_visible(code, SUBMISSION_NAME_MAX),
        .status = status_of(status),
    };
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (report->provider_id.n == 0) return *reason_r = "no MessageSid", PARSE_MALFORMED;
    if (report->raw_status.n == 0) return *reason_r = "no MessageStatus", PARSE_MALFORMED;
    inbox->ok_status = 204;
    inbox->n_receipts = 1;
    return PARSE_OK;
}

static bool is_json(const struct http_in *in)
{
    struct str media, rest;
    str_cut(http_header_get(in, STR("content-type")), ';', &media, &rest);
    return str_eq_case(str_trim(media), STR("application/json"));
}

/* Twilio's JSON webhooks tell of other things than messages: nothing is stored, and they are not asked for again. */
static enum parse_result parse_json(const struct http_in *in, const char **reason_r)
{
    struct json *doc = json_parse_foreign(in->body, in->body.n, reason_r);
    const bool read = doc != NULL;
    json_free(&doc);
    return read ? PARSE_OK : PARSE_MALFORMED;
}

static enum parse_result twilio_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    const bool get = str_eq(in->method, STR("GET"));
    const struct str form = get ? in->query : in->body;
    if (!inbox_reserve(inbox, arena, 1, 1)) return *reason_r = "no room", PARSE_TOO_MANY;
    inbox->handshake = false;
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/xml; charset=utf-8");
    inbox->ok_body = STR(TWIML);
    if (!get && !str_eq(in->method, STR("POST")))
        return *reason_r = "method is neither GET nor POST", PARSE_MALFORMED;
    if (!get && is_json(in)) return parse_json(in, reason_r);
    if (!read_escapes_sound(form) || !read_escapes_sound(in->query))
        return *reason_r = "broken percent escape", PARSE_MALFORMED;
    return hook == HOOK_DLR ? parse_status(&r, form, inbox, reason_r)
                            : parse_message(&r, form, inbox, reason_r);
}

/* -- sending ------------------------------------------------------------------------------------------- */

static struct str authorization(const struct channel *ch, struct arena *arena)
{
    struct str key = channel_setting(ch, STR("api_key"));
    if (key.n) return request_basic(arena, key, channel_setting(ch, STR("api_secret")));
    return request_basic(arena, channel_setting(ch, STR("account_sid")),
                         channel_setting(ch, STR("auth_token")));
}

static bool twilio_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                           struct http_out *out, const char **reason_r)
{
    struct str account = channel_setting(ch, STR("account_sid")), from = channel_setting(ch, STR("from"));
    struct str service = channel_setting(ch, STR("messaging_service_sid"));
    if (account.n == 0) return *reason_r = "account_sid is not set", false;
    if (from.n == 0 && service.n == 0)
        return *reason_r = "neither from nor messaging_service_sid is set", false;
    if (m->to.n == 0 || m->text.n == 0 || !utf8_valid(m->text))
        return *reason_r = "no number or no words", false;
    struct text body;
    struct str dlr = request_dlr_url(m, arena);
    text_init(&body, REQUEST_BODY_MAX);
    form_put(&body, "To", m->to);
    if (service.n)
        form_put(&body, "MessagingServiceSid", service);
    else
        form_put(&body, "From", from);
    form_put(&body, "Body", m->text);
    if (dlr.n) form_put(&body, "StatusCallback", dlr);
    *out = (struct http_out){
        .method = STR("POST"),
        .url = request_url(ch, arena, API_URL, "/2010-04-01/Accounts/{}/Messages.json", account)};
    request_header(out, "Content-Type", STR("application/x-www-form-urlencoded"));
    request_header(out, "Authorization", authorization(ch, arena));
    request_header(out, "Accept", STR("application/json"));
    const bool whole = request_finish(out, arena, &body) && (dlr.p || m->dlr_url.n == 0);
    if (!whole) *reason_r = "the message is too long for one request";
    return whole;
}

static const struct outcome_word words[] = {
    {"20003", SENT_REFUSED, CAUSE_SETTINGS, "Twilio refused the account's SID, token or key"},
    {"20005", SENT_REFUSED, CAUSE_SETTINGS, "the Twilio account is not active"},
    {"20429", SENT_RETRY, CAUSE_RATE, "Twilio asks to send more slowly"},
    {"14107", SENT_RETRY, CAUSE_RATE, "Twilio asks to send more slowly"},
    {"21611", SENT_RETRY, CAUSE_RATE, "the sender's queue at Twilio is full"},
    {"21211", SENT_REFUSED, CAUSE_RECIPIENT, "Twilio says that the number is none"},
    {"21214", SENT_REFUSED, CAUSE_RECIPIENT, "Twilio says that the number cannot be reached"},
    {"21610", SENT_REFUSED, CAUSE_RECIPIENT, "the number has opted out at Twilio"},
    {"21614", SENT_REFUSED, CAUSE_RECIPIENT, "Twilio says that the number is no mobile"},
    {"21212", SENT_REFUSED, CAUSE_SETTINGS, "Twilio refused the sender (from)"},
    {"21408", SENT_REFUSED, CAUSE_SETTINGS, "this country is not switched on in the Twilio account"},
    {"21603", SENT_REFUSED, CAUSE_SETTINGS, "Twilio refused the sender (from)"},
    {"21606", SENT_REFUSED, CAUSE_SETTINGS, "Twilio refused the sender (from)"},
    {"21608", SENT_REFUSED, CAUSE_SETTINGS, "a Twilio trial account sends to verified numbers only"},
    {"21609", SENT_REFUSED, CAUSE_SETTINGS, "Twilio refused the address for receipts"},
    {"21612", SENT_REFUSED, CAUSE_SETTINGS, "Twilio has no way from this sender to this number"},
    {"21659", SENT_REFUSED, CAUSE_SETTINGS, "Twilio refused the sender (from)"},
    {"21660", SENT_REFUSED, CAUSE_SETTINGS, "the sender (from) belongs to another Twilio account"},
    {"21703", SENT_REFUSED, CAUSE_SETTINGS, "the Twilio messaging service has no sender"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void twilio_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                         struct sent_outcome *out)
{
    (void)ch;
    struct reading r = {NULL, arena, false};
    struct json *doc = outcome_json(reply);
    struct str sid = json_str(json_get(doc, "sid"));
    if (reply->status >= 200 && reply->status < 300 && sid.n)
        outcome_taken(arena, sid, out);
    else
        outcome_judge(reply, arena, words, read_json_text(&r, json_get(doc, "code")), out);
    json_free(&doc);
}

static bool twilio_balance_ask(const struct channel *ch, instant now, const u8 random[16],
                               struct arena *arena, struct http_out *out)
{
    (void)now, (void)random;
    struct str account = channel_setting(ch, STR("account_sid"));
    *out = (struct http_out){
        .method = STR("GET"),
        .url = request_url(ch, arena, API_URL, "/2010-04-01/Accounts/{}/Balance.json", account)};
    request_header(out, "Authorization", authorization(ch, arena));
    request_header(out, "Accept", STR("application/json"));
    return account.n && out->url.p && out->headers[0].value.p;
}

static bool twilio_balance_read(const struct http_reply *reply, double *left_r)
{
    struct json *doc = reply->status == 200 ? outcome_json(reply) : NULL;
    const bool read = outcome_sum(json_get(doc, "balance"), left_r);
    json_free(&doc);
    return read;
}

/* account_sid            AC…, stands in the addresses of the interface
 * auth_token             signs pushes; sends, unless api_key and api_secret (SK… and its secret) are set
 * from                   our number (E.164), or messaging_service_sid (MG…), which comes first
 * public_url             scheme, host and port under which Twilio reaches us; empty: hook_base, else the request's own
 * api_url                empty: https://api.twilio.com
 * signature_header       another name of the header, behind a proxy that renames it */
static const char *const setting_names[] = {
    "account_sid",           "!auth_token", "api_key", "!api_secret",      "from",
    "messaging_service_sid", "public_url",  "api_url", "signature_header", NULL};

const struct adapter adapter_twilio = {
    .name = "twilio",
    .verify = twilio_verify,
    .parse = twilio_parse,
    .compose = twilio_compose,
    .judge = twilio_judge,
    .balance_ask = twilio_balance_ask,
    .balance_read = twilio_balance_read,
    .send_setting = "account_sid",
    .setting_names = setting_names,
    .use = USE_SMS,
};
