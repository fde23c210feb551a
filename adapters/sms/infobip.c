/* Infobip SMS.
 *
 * In:  POST of JSON, `results` with messages or with delivery reports, up to a thousand. Infobip signs nothing by default: what is
 *      entered in its portal is a user name and a password (Basic), which protect the door beside the secret path, `url_token` and
 *      `allow_ip`. Long messages arrive joined.
 * Out: POST /sms/3/messages with an API key. Our reference is the message's id there, so a receipt finds it even when the answer
 *      was lost. */
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "adapters/sms/uplink.h"
#include "base/code.h"
#include "base/utf8.h"

#define API_URL  "https://api.infobip.com" /* each account also has a host of its own */
#define BODY_MAX (1u << 20)

/* -- who may knock ------------------------------------------------------------------------------------- */

static bool credentials_right(const struct channel *ch, struct str decoded, instant at)
{
    struct str user, password;
    const bool whole = str_cut(decoded, ':', &user, &password);
    const bool known = secret_same(channel_setting(ch, STR("basic_user")), user);
    return secret_valid(ch, "basic_password", password, at) && known && whole;
}

static enum verdict_in infobip_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      const char **reason_r)
{
    (void)hook;
    struct str scheme, value;
    struct text decoded;
    const enum verdict_in verdict = verify_unsigned(ch, in, reason_r);
    if (verdict != VERIFY_OK) return verdict;
    if (channel_setting(ch, STR("basic_user")).n + channel_setting(ch, STR("basic_password")).n == 0)
        return VERIFY_OK;
    str_cut(str_trim(http_header_get(in, STR("authorization"))), ' ', &scheme, &value);
    text_init(&decoded, READ_FIELD_MAX);
    const bool right = str_eq_case(scheme, STR("Basic")) && b64_get(&decoded, str_trim(value)) &&
                       credentials_right(ch, text_str(&decoded), in->at);
    text_free(&decoded);
    if (!right) *reason_r = "bad credentials";
    return right ? VERIFY_OK : VERIFY_UNAUTHORIZED;
}

/* -- what came in -------------------------------------------------------------------------------------- */

static struct str word(struct reading *r, const struct json *object, const char *name)
{
    return read_visible(read_json_text(r, json_get(object, name)), READ_ID_MAX);
}

static const char *read_message(struct reading *r, const struct json *v, struct inbox_item *item)
{
    i64 segments;
    const struct str from = read_json_text(r, json_get(v, "from")), text = json_str(json_get(v, "text"));
    if (json_kind(v) != JSON_OBJECT) return "a result is no object";
    if (!text.p) return "a message without text";
    if (!utf8_valid(text)) return "a text holds U+0000";
    if (text.n > SUBMISSION_TEXT_BYTES) return "a text is over the limit";
    *item = (struct inbox_item){.s = {.door = DOOR_SMS, .nature = NATURE_UNKNOWN}};
    item->s.external_id = word(r, v, "messageId");
    item->s.text = read_json_text(r, json_get(v, "text"));
    item->s.sent_at = read_time(word(r, v, "receivedAt"), SPAN_S(0));
    item->s.sender = read_msisdn(r, from);
    item->to = read_own_number(r, read_json_text(r, json_get(v, "to")));
    if (json_int(json_get(v, "smsCount"), &segments) && segments > 0 && segments < 256)
        item->segments = (unsigned)segments;
    /* Without an id and a sender, equal words of two citizens could not be told apart. */
    if (item->s.external_id.n == 0 && from.n == 0) return "a message with neither id nor sender";
    item->s.dedupe_key = item->s.external_id.n ? item->s.external_id
                                               : read_content_key(r, from, item->s.sent_at, item->s.text);
    return NULL;
}

/* 1 PENDING, 2 UNDELIVERABLE, 3 DELIVERED, 4 EXPIRED, 5 REJECTED; what is new settles nothing. */
static enum delivery status_of(i64 group)
{
    switch (group) {
    case 3:
        return DELIVERY_DELIVERED;
    case 4:
        return DELIVERY_EXPIRED;
    case 2:
    case 5:
        return DELIVERY_FAILED;
    default:
        return DELIVERY_SENT;
    }
}

static const char *read_report(struct reading *r, const struct json *v, struct receipt_report *report)
{
    const struct json *status = json_get(v, "status"), *error = json_get(v, "error");
    i64 group, fault;
    *report = (struct receipt_report){
        .provider_id = word(r, v, "messageId"),
        .to = read_msisdn(r, read_json_text(r, json_get(v, "to"))),
        .raw_status = word(r, status, "name"),
        .done_at = read_time(word(r, v, "doneAt"), SPAN_S(0)),
    };
    if (!json_int(json_get(status, "groupId"), &group)) return "a report without a status";
    if (report->provider_id.n == 0) return "a report without messageId";
    report->status = status_of(group);
    report->client_ref = word(r, v, "callbackData");
    if (report->client_ref.n == 0) report->client_ref = report->provider_id; /* we chose the message's id */
    if (json_int(json_get(error, "groupId"), &fault) && fault != 0)
        report->error_code = word(r, error, "name");
    return NULL;
}

static enum parse_result results_read(struct reading *r, enum hook hook, const struct json *results,
                                      struct inbox *inbox, const char **reason_r)
{
    const size_t n = json_count(results);
    if (json_kind(results) != JSON_ARRAY) return *reason_r = "no results", PARSE_MALFORMED;
    if (!inbox_reserve(inbox, r->arena, hook == HOOK_MO ? n : 0, hook == HOOK_DLR ? n : 0))
        return *reason_r = "too many results", PARSE_TOO_MANY;
    for (size_t i = 0; i < n && !r->full; i++) {
        const struct json *v = json_at(results, i);
        const char *fault = hook == HOOK_DLR ? read_report(r, v, &inbox->receipts[inbox->n_receipts])
                                             : read_message(r, v, &inbox->items[inbox->n_items]);
        size_t *n_read = hook == HOOK_DLR ? &inbox->n_receipts : &inbox->n_items;
        (*(fault ? &inbox->n_unreadable : n_read))++;
        if (fault) *reason_r = fault;
    }
    return uplink_end(r, inbox, PARSE_OK, reason_r);
}

static enum parse_result infobip_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                       struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    if (!inbox_reserve(inbox, arena, 0, 0)) return *reason_r = "no room", PARSE_TOO_MANY;
    inbox->handshake = false;
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("");
    struct json *doc = json_parse_foreign(in->body, BODY_MAX, reason_r);
    if (!doc) return PARSE_MALFORMED;
    const enum parse_result result = results_read(&r, hook, json_get(doc, "results"), inbox, reason_r);
    json_free(&doc);
    return result;
}

/* -- sending ------------------------------------------------------------------------------------------- */

static struct str authorization(const struct channel *ch, struct arena *arena)
{
    struct text t;
    text_init(&t, READ_FIELD_MAX);
    text_addz(&t, "App ");
    text_add(&t, channel_setting(ch, STR("api_key")));
    struct str kept = t.overflow ? STR_NONE : arena_str(arena, text_str(&t));
    text_free(&t);
    return kept;
}

static void put_body(struct text *t, const struct message *m, struct str from)
{
    text_addz(t, "{\"messages\":[{\"sender\":");
    json_put(t, from);
    text_addz(t, ",\"destinations\":[{\"to\":");
    json_put(t, request_number(m->to));
    if (m->client_ref.n) {
        text_addz(t, ",\"messageId\":");
        json_put(t, m->client_ref);
    }
    text_addz(t, "}],\"content\":{\"text\":");
    json_put(t, m->text);
    text_addc(t, '}');
    if (m->dlr_url.n) {
        text_addz(t, ",\"webhooks\":{\"delivery\":{\"url\":");
        json_put(t, m->dlr_url);
        text_addz(t, "},\"callbackData\":");
        json_put(t, m->client_ref);
        text_addc(t, '}');
    }
    text_addz(t, "}]}");
}

static bool infobip_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                            struct http_out *out, const char **reason_r)
{
    const struct str from = channel_setting(ch, STR("from"));
    if (channel_setting(ch, STR("api_key")).n == 0 || from.n == 0)
        return *reason_r = "api_key or from is not set", false;
    if (m->to.n == 0 || m->text.n == 0 || !utf8_valid(m->text))
        return *reason_r = "no number or no words", false;
    struct text body;
    text_init(&body, REQUEST_BODY_MAX);
    put_body(&body, m, from);
    *out = (struct http_out){.method = STR("POST"),
                             .url = request_url(ch, arena, API_URL, "/sms/3/messages", STR_NONE)};
    request_header(out, "Authorization", authorization(ch, arena));
    request_header(out, "Content-Type", STR("application/json"));
    request_header(out, "Accept", STR("application/json"));
    const bool whole = request_finish(out, arena, &body);
    if (!whole) *reason_r = "the message is too long for one request";
    return whole;
}

/* Names of statuses of one message, and ids of refused requests. */
static const struct outcome_word words[] = {
    {"REJECTED_NOT_ENOUGH_CREDITS", SENT_REFUSED, CAUSE_MONEY, "the Infobip account is empty"},
    {"REJECTED_PREPAID_PACKAGE_EXPIRED", SENT_REFUSED, CAUSE_MONEY, "the Infobip package has run out"},
    {"REJECTED_PREFIX_MISSING", SENT_REFUSED, CAUSE_RECIPIENT,
     "Infobip does not know the number's beginning"},
    {"REJECTED_DND", SENT_REFUSED, CAUSE_RECIPIENT, "the number wants no messages"},
    {"REJECTED_DESTINATION", SENT_REFUSED, CAUSE_RECIPIENT, "Infobip does not send to this number"},
    {"REJECTED_INVALID_DESTINATION", SENT_REFUSED, CAUSE_RECIPIENT, "Infobip says that the number is none"},
    {"REJECTED_DESTINATION_NOT_REGISTERED", SENT_REFUSED, CAUSE_SETTINGS,
     "an Infobip trial account sends to registered numbers only"},
    {"REJECTED_NETWORK", SENT_REFUSED, CAUSE_SETTINGS, "the Infobip account does not cover this network"},
    {"REJECTED_ROUTE_NOT_AVAILABLE", SENT_REFUSED, CAUSE_SETTINGS, "Infobip has no way to this network"},
    {"REJECTED_SOURCE", SENT_REFUSED, CAUSE_SETTINGS, "Infobip refused the sender (from)"},
    {"REJECTED_SENDER", SENT_REFUSED, CAUSE_SETTINGS, "Infobip refused the sender (from)"},
    {"REJECTED_SYSTEM_ERROR", SENT_RETRY, CAUSE_NONE, "Infobip failed inside and did not take the message"},
    /* An earlier try whose answer was lost: only its receipt tells what became of it. */
    {"REJECTED_DUPLICATE_MESSAGE_ID", SENT_UNKNOWN, CAUSE_NONE, "Infobip has a message with this reference"},
    {"UNAUTHORIZED", SENT_REFUSED, CAUSE_SETTINGS, "Infobip refused the API key"},
    {"FORBIDDEN", SENT_REFUSED, CAUSE_SETTINGS, "the API key may not send, or our address is not allowed"},
    {"TOO_MANY_REQUESTS", SENT_RETRY, CAUSE_RATE, "Infobip asks to send more slowly"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void infobip_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                          struct sent_outcome *out)
{
    (void)ch;
    struct reading r = {NULL, arena, false};
    struct json *doc = outcome_json(reply);
    const struct json *message = json_at(json_get(doc, "messages"), 0), *status = json_get(message, "status");
    const struct json *fault = json_get(json_get(doc, "requestError"), "serviceException");
    struct str code = json_str(json_get(fault, "messageId"));
    i64 group;
    if (code.n == 0) code = read_json_text(&r, json_get(doc, "errorCode")); /* newer refusals */
    if (reply->status == 200 && json_int(json_get(status, "groupId"), &group)) {
        if (group == 1 || group == 3)
            outcome_taken(arena, json_str(json_get(message, "messageId")), out);
        else
            outcome_refused(reply, arena, words, json_str(json_get(status, "name")), out);
    } else {
        outcome_judge(reply, arena, words, code, out);
    }
    json_free(&doc);
}

static bool infobip_balance_ask(const struct channel *ch, instant now, const u8 random[16],
                                struct arena *arena, struct http_out *out)
{
    (void)now, (void)random;
    *out = (struct http_out){.method = STR("GET"),
                             .url = request_url(ch, arena, API_URL, "/account/1/balance", STR_NONE)};
    request_header(out, "Authorization", authorization(ch, arena));
    request_header(out, "Accept", STR("application/json"));
    return channel_setting(ch, STR("api_key")).n && out->url.p && out->headers[0].value.p;
}

static bool infobip_balance_read(const struct http_reply *reply, double *left_r)
{
    struct json *doc = reply->status == 200 ? outcome_json(reply) : NULL;
    const bool read = outcome_sum(json_get(doc, "balance"), left_r);
    json_free(&doc);
    return read;
}

/* api_key                sends, and asks for the balance
 * api_url                the account's own address; empty: https://api.infobip.com
 * from                   sender: a number without plus, or a name
 * basic_user             with basic_password what Infobip must present
 * url_token              what stands as k= in the addresses */
static const char *const setting_names[] = {"!api_key",        "api_url",    "from", "basic_user",
                                            "!basic_password", "!url_token", NULL};

const struct adapter adapter_infobip = {
    .name = "infobip",
    .verify = infobip_verify,
    .parse = infobip_parse,
    .compose = infobip_compose,
    .judge = infobip_judge,
    .balance_ask = infobip_balance_ask,
    .balance_read = infobip_balance_read,
    .challenge = "Basic realm=\"hooks\", charset=\"UTF-8\"",
    .send_setting = "api_key",
    .setting_names = setting_names,
    .use = USE_SMS,
};
