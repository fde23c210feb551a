/* Vonage (formerly Nexmo): SMS API both ways, and messages that come in by the Messages API.
 *
 * In:  SMS API pushes are JSON, a form or a query, as the account is set. `sig` is made of all other fields in the order of their
 *      names by the account's method; signed pushes must be asked for at Vonage's support. Messages API pushes are JSON with a
 *      token (HS256) whose claim payload_hash covers the body. Parts of a long message are not joined by Vonage.
 *      When an address is entered in the console, Vonage tries it with an empty request and wants 200.
 * Out: POST sms/json, a form, signed when signature_secret is set, else with api_secret. The answer is 200 whatever happened: what
 *      happened stands in messages[].status. client-ref comes back in receipts; a repeated request is not recognised.
 *
 * Everything but 2xx is sent again for 24 hours, and whether the signed time is renewed then is written nowhere: the window is
 * wider than that unless it is set. What protects from a replay is the message's id, which the signature covers. */
#include "adapters/reading.h"
#include "adapters/sms/jwt.h"
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "adapters/sms/vonage_signature.h"
#include "base/utf8.h"

#define API_URL      "https://rest.nexmo.com"
#define SKEW_DEFAULT 90000 /* 25 hours */
#define SKEW_MAX     (7 * 86400ULL)
#define BODY_MAX     (1u << 20)
#define PARTS_MAX    255

/* -- who signed ---------------------------------------------------------------------------------------- */

static bool signature_right(const struct channel *ch, const struct vonage_method *method,
                            const struct form *sorted, struct str given, instant at, size_t text_n)
{
    struct str secrets[2];
    const size_t n = secret_all(ch, "signature_secret", at, secrets);
    bool right = false;
    struct text said, made, lower;
    text_init(&said, text_n * 2 + READ_FIELD_MAX);
    text_init(&made, DIGEST_MAX * 2);
    text_init(&lower, DIGEST_MAX * 2);
    for (size_t i = 0; i < given.n; i++) /* some of Vonage's libraries write capitals */
        text_addc(&lower, (char)(given.p[i] >= 'A' && given.p[i] <= 'F' ? given.p[i] + 32 : given.p[i]));
    if (vonage_put_signed(&said, sorted))
        for (size_t i = 0; i < n; i++) {
            text_clear(&made);
            vonage_put_signature(&made, method, text_str(&said), secrets[i]);
            right = secret_same(text_str(&made), text_str(&lower)) || right;
        }
    text_free(&said);
    text_free(&made);
    text_free(&lower);
    return right;
}

static bool in_time(const struct channel *ch, struct str seconds, instant at)
{
    u64 skew;
    const instant then = read_epoch(seconds);
    if (!str_u64(channel_setting(ch, STR("max_skew_s")), SKEW_MAX, &skew)) skew = SKEW_DEFAULT;
    const i64 apart = instant_sub(at, then).us;
    return then.us != 0 && (apart < 0 ? -apart : apart) <= SPAN_S(skew).us;
}

static bool get(const struct http_in *in) { return str_eq(in->method, STR("GET")); }

static bool is_json(const struct http_in *in)
{
    struct str body = str_trim(in->body);
    return !get(in) && body.n && body.p[0] == '{';
}

/* The fields of a JSON push as a form; only texts and whole numbers can be signed. */
static bool json_fields(struct arena *arena, const struct json *doc, struct form *form_r)
{
    struct reading r = {NULL, arena, false};
    const size_t n = json_count(doc);
    if (json_kind(doc) != JSON_OBJECT || n > FORM_FIELDS_MAX) return false;
    *form_r = (struct form){.fields = arena_alloc(arena, (n + 1) * sizeof *form_r->fields)};
    if (!form_r->fields) return false;
    for (const char *key = json_next_key(doc, NULL); key; key = json_next_key(doc, key)) {
        const struct form_field f = {arena_str(arena, str_of(key)), read_json_text(&r, json_get(doc, key))};
        if (!f.name.p || !f.value.p) return false;
        form_r->fields[form_r->n++] = f;
    }
    return !r.full;
}

static bool fields_read(const struct http_in *in, struct arena *arena, struct form *form_r)
{
    const char *why;
    if (!is_json(in)) return form_read(arena, get(in) ? in->query : in->body, form_r);
    struct json *doc = json_parse_foreign(in->body, BODY_MAX, &why);
    const bool read = json_fields(arena, doc, form_r);
    json_free(&doc);
    return read;
}

static enum verdict_in verify_signature(const struct channel *ch, const struct http_in *in, bool required,
                                        const char **reason_r)
{
    const struct vonage_method *method = vonage_method_of(ch);
    struct form fields = {0};
    struct arena arena;
    struct str sig;
    if (!method) return *reason_r = "signature_method is not one of Vonage's", VERIFY_REFUSED;
    *reason_r = NULL;
    arena_init(&arena, FORM_ARENA(in->query.n) + FORM_ARENA(in->body.n) * 2);
    if (!fields_read(in, &arena, &fields)) {
        *reason_r = "fields that cannot be signed";
    } else {
        form_sort(&fields);
        sig = form_value(&fields, STR("sig"));
        if (sig.n == 0 && required)
            *reason_r = "sig missing";
        else if (sig.n && !signature_right(ch, method, &fields, sig, in->at, in->query.n + in->body.n))
            *reason_r = "sig mismatch";
        else if (sig.n && !in_time(ch, form_value(&fields, STR("timestamp")), in->at))
            *reason_r = "timestamp outside window";
    }
    arena_free(&arena);
    return *reason_r ? VERIFY_REFUSED : VERIFY_OK;
}

static bool payload_hash_right(const struct json *claims, struct str body)
{
    struct text made;
    text_init(&made, DIGEST_MAX * 2);
    digest_hex(DIGEST_SHA256, body, &made);
    const bool right = secret_same(text_str(&made), json_str(json_get(claims, "payload_hash")));
    text_free(&made);
    return right;
}

static bool hs256_allowed(const struct channel *ch)
{
    struct str word, rest = request_setting(ch, "allowed_alg", "HS256");
    while (rest.n) {
        str_cut(rest, ',', &word, &rest);
        if (str_eq(str_trim(word), STR("HS256"))) return true;
    }
    return false;
}

static enum verdict_in verify_token(const struct channel *ch, const struct http_in *in, struct str token,
                                    const char **reason_r)
{
    struct str secrets[2];
    struct text iat;
    i64 issued = 0, expires = 0;
    if (!hs256_allowed(ch)) return *reason_r = "allowed_alg does not name HS256", VERIFY_UNAUTHORIZED;
    const size_t n = secret_all(ch, "jwt_hs256_secret", in->at, secrets);
    struct json *claims = jwt_open(token, secrets, n, reason_r);
    if (!claims) return VERIFY_UNAUTHORIZED;
    *reason_r = NULL;
    text_init(&iat, 24);
    if (json_int(json_get(claims, "iat"), &issued)) text_addf(&iat, "%lld", (long long)issued);
    if (!in_time(ch, text_str(&iat), in->at))
        *reason_r = "the token was made outside the window";
    else if (json_int(json_get(claims, "exp"), &expires) && in->at.us / 1000000 >= expires)
        *reason_r = "the token has expired";
    else if (!payload_hash_right(claims, in->body))
        *reason_r = "payload_hash mismatch";
    text_free(&iat);
    json_free(&claims);
    return *reason_r ? VERIFY_UNAUTHORIZED : VERIFY_OK;
}

static struct str bearer(const struct http_in *in)
{
    struct str scheme, token;
    if (!str_cut(str_trim(http_header_get(in, STR("authorization"))), ' ', &scheme, &token)) return STR_NONE;
    return str_eq_case(scheme, STR("Bearer")) ? str_trim(token) : STR_NONE;
}

/* What the console sends when an address is entered. It says nothing, so nothing need be proved. */
static bool is_probe(const struct http_in *in) { return in->query.n == 0 && in->body.n == 0; }

static bool yes(struct str s, bool otherwise)
{
    static const char *const no[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_eq_case(s, str_of(no[i]))) return false;
    return s.n ? true : otherwise;
}

static enum verdict_in vonage_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     const char **reason_r)
{
    const bool signs = channel_setting(ch, STR("signature_secret")).n > 0;
    const bool tokens = channel_setting(ch, STR("jwt_hs256_secret")).n > 0;
    const bool required = yes(channel_setting(ch, STR("require_signature")), signs);
    const struct str token = bearer(in);
    if (!peer_allowed(ch, in->peer)) return *reason_r = "peer is not in allow_ip", VERIFY_REFUSED;
    if (is_probe(in)) return VERIFY_OK;
    if (tokens && token.n) return verify_token(ch, in, token, reason_r);
    /* Who has only the Messages API signed gets every message with a token; receipts come from the SMS API. */
    if (tokens && !signs && hook == HOOK_MO) return *reason_r = "token missing", VERIFY_UNAUTHORIZED;
    if (required && !signs) return *reason_r = "signature_secret is not set", VERIFY_REFUSED;
    if (signs) {
        const enum verdict_in verdict = verify_signature(ch, in, required, reason_r);
        if (verdict != VERIFY_OK || required) return verdict;
    }
    return verify_unsigned(ch, in, reason_r);
}

/* -- what came in -------------------------------------------------------------------------------------- */

/* A push as JSON (doc) or as a form. */
struct source {
    struct reading *r;
    const struct json *doc;
    struct str form;
};

static struct str field(const struct source *s, const char *name, size_t max)
{
    if (!s->doc) return read_field(s->r, s->form, name, max);
    struct str v = read_json_text(s->r, json_get(s->doc, name));
    if (v.n > max) s->r->full = true;
    return v;
}

static struct str word(const struct source *s, const char *name)
{
    return read_visible(field(s, name, READ_FIELD_MAX), READ_ID_MAX);
}

static void read_part(const struct source *s, struct part_info *part)
{
    u64 total, index;
    struct str ref = word(s, "concat-ref");
    if (!str_eq_case(word(s, "concat"), STR("true")) || ref.n == 0) return;
    if (!str_u64(word(s, "concat-total"), PARTS_MAX, &total) || total < 2) return;
    if (!str_u64(word(s, "concat-part"), total, &index) || index == 0) return;
    *part = (struct part_info){ref, (unsigned)total, (unsigned)index};
}

static enum parse_result parse_message(const struct source *s, struct inbox *inbox, const char **reason_r)
{
    struct reading *r = s->r;
    struct inbox_item *item = &inbox->items[0];
    const struct str uuid = word(s, "message_uuid"); /* of the Messages API */
    const bool newer = uuid.n > 0;
    const struct str from = field(s, newer ? "from" : "msisdn", READ_FIELD_MAX);
    struct str text = field(s, "text", SUBMISSION_TEXT_BYTES);
    const struct str type = word(s, newer ? "message_type" : "type");
    *item = (struct inbox_item){.s = {.door = DOOR_SMS, .nature = NATURE_UNKNOWN}};
    item->s.external_id = newer ? uuid : word(s, "messageId");
    item->s.sent_at = read_time(word(s, "timestamp"), SPAN_S(0));
    if (!newer)
        item->s.sent_at = read_time(str_trim(field(s, "message-timestamp", READ_FIELD_MAX)), SPAN_S(0));
    item->s.sender = read_msisdn(r, from);
    item->to = read_own_number(r, field(s, "to", READ_FIELD_MAX));
    if (newer && !text.p && type.n && !str_eq(type, STR("text"))) text = STR(""), item->media = 1;
    item->s.text = text;
    if (!newer) read_part(s, &item->part);
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (!newer && str_eq_case(type, STR("binary"))) return *reason_r = "binary message", PARSE_MALFORMED;
    if (!text.p) return *reason_r = "no text", PARSE_MALFORMED;
    if (!utf8_valid(text)) return *reason_r = "text is not valid UTF-8", PARSE_MALFORMED;
    /* Without an id and a sender, equal words of two citizens could not be told apart. */
    if (item->s.external_id.n == 0 && from.n == 0)
        return *reason_r = "neither id nor sender", PARSE_MALFORMED;
    item->s.dedupe_key =
        item->s.external_id.n ? item->s.external_id : read_content_key(r, from, item->s.sent_at, text);
    if (r->full) return *reason_r = "the message is over the limit", PARSE_TOO_MANY;
    inbox->ok_status = newer ? 200 : 204;
    inbox->n_items = 1;
    return PARSE_OK;
}

/* "2603180158" (YYMMDDHHMM, UTC) */
static instant read_scts(struct reading *r, struct str s)
{
    struct text t;
    if (s.n != 10) return (instant){0};
    text_init(&t, 14);
    text_addf(&t, "20%.*s00", STR_ARG(s));
    return read_time(read_keep(r, &t), SPAN_S(0));
}

/* "accepted", "buffered", "unknown" and any new word settle nothing. */
static enum delivery status_of(struct str status)
{
    if (str_eq_case(status, STR("delivered"))) return DELIVERY_DELIVERED;
    if (str_eq_case(status, STR("expired"))) return DELIVERY_EXPIRED;
    if (str_eq_case(status, STR("failed")) || str_eq_case(status, STR("rejected"))) return DELIVERY_FAILED;
    return DELIVERY_SENT;
}

static enum parse_result parse_receipt(const struct source *s, struct inbox *inbox, const char **reason_r)
{
    struct receipt_report *report = &inbox->receipts[0];
    const struct str code = word(s, "err-code");
    *report = (struct receipt_report){
        .provider_id = word(s, "messageId"),
        .client_ref = word(s, "client-ref"),
        .to = read_msisdn(s->r, field(s, "msisdn", READ_FIELD_MAX)),
        .raw_status = word(s, "status"),
        .error_code = str_eq(code, STR("0")) ? STR_NONE : code,
        .done_at = read_scts(s->r, word(s, "scts")),
    };
    report->status = status_of(report->raw_status);
    if (s->r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (report->provider_id.n + report->client_ref.n == 0)
        return *reason_r = "receipt without a reference", PARSE_MALFORMED;
    if (report->raw_status.n == 0) return *reason_r = "receipt without a status", PARSE_MALFORMED;
    inbox->n_receipts = 1;
    return PARSE_OK;
}

static enum parse_result vonage_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    struct source s = {&r, NULL, get(in) ? in->query : in->body};
    struct json *doc = NULL;
    if (!inbox_reserve(inbox, arena, 1, 1)) return *reason_r = "no room", PARSE_TOO_MANY;
    inbox->handshake = is_probe(in);
    inbox->ok_status = inbox->handshake ? 200 : 204;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("");
    if (inbox->handshake) return PARSE_OK;
    if (!get(in) && !str_eq(in->method, STR("POST")))
        return *reason_r = "method is neither GET nor POST", PARSE_MALFORMED;
    if (is_json(in))
        s.doc = doc = json_parse_foreign(in->body, BODY_MAX, reason_r);
    else if (!read_escapes_sound(s.form))
        *reason_r = "broken percent escape";
    else
        *reason_r = NULL;
    enum parse_result result = PARSE_MALFORMED;
    if (doc || !*reason_r)
        result = hook == HOOK_DLR ? parse_receipt(&s, inbox, reason_r) : parse_message(&s, inbox, reason_r);
    json_free(&doc);
    return result;
}

/* -- sending ------------------------------------------------------------------------------------------- */

/* The last two fields when the request is signed: the time, and what all fields before it come to. */
static bool put_proof(const struct channel *ch, const struct message *m, struct arena *arena,
                      struct text *body)
{
    const struct str secret = channel_setting(ch, STR("signature_secret"));
    const struct vonage_method *method = vonage_method_of(ch);
    struct form fields;
    struct text seconds, said, sig;
    if (!method) return false;
    text_init(&seconds, 24);
    text_init(&said, REQUEST_BODY_MAX);
    text_init(&sig, DIGEST_MAX * 2);
    text_addf(&seconds, "%lld", (long long)(m->now.us / 1000000));
    form_put(body, "timestamp", text_str(&seconds));
    bool good = form_read(arena, text_str(body), &fields);
    if (good) form_sort(&fields);
    good = good && vonage_put_signed(&said, &fields);
    if (good) {
        vonage_put_signature(&sig, method, text_str(&said), secret);
        form_put(body, "sig", text_str(&sig));
    }
    text_free(&seconds);
    text_free(&said);
    text_free(&sig);
    return good;
}

static bool vonage_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                           struct http_out *out, const char **reason_r)
{
    const struct str key = channel_setting(ch, STR("api_key")), from = channel_setting(ch, STR("from"));
    const struct str secret = channel_setting(ch, STR("api_secret"));
    const bool sign = channel_setting(ch, STR("signature_secret")).n > 0;
    if (key.n == 0 || from.n == 0) return *reason_r = "api_key or from is not set", false;
    if (!sign && secret.n == 0) return *reason_r = "neither signature_secret nor api_secret is set", false;
    if (sign && !vonage_method_of(ch)) return *reason_r = "signature_method is not one of Vonage's", false;
    if (m->to.n == 0 || m->text.n == 0 || !utf8_valid(m->text))
        return *reason_r = "no number or no words", false;
    struct text body;
    text_init(&body, REQUEST_BODY_MAX);
    form_put(&body, "api_key", key);
    if (!sign) form_put(&body, "api_secret", secret);
    form_put(&body, "to", request_number(m->to));
    form_put(&body, "from", from);
    form_put(&body, "text", m->text);
    form_put(&body, "type", STR("unicode"));
    if (m->client_ref.n) form_put(&body, "client-ref", m->client_ref);
    if (m->dlr_url.n) form_put(&body, "callback", m->dlr_url);
    const bool proved = !sign || put_proof(ch, m, arena, &body);
    *out = (struct http_out){.method = STR("POST"),
                             .url = request_url(ch, arena, API_URL, "/sms/json", STR_NONE)};
    request_header(out, "Content-Type", STR("application/x-www-form-urlencoded; charset=utf-8"));
    const bool whole = request_finish(out, arena, &body) && proved;
    if (!whole) *reason_r = "the message is too long for one request";
    return whole;
}

static const struct outcome_word words[] = {
    {"1", SENT_RETRY, CAUSE_RATE, "Vonage asks to send more slowly"},
    {"2", SENT_REFUSED, CAUSE_SETTINGS, "Vonage misses a field of the request"},
    {"3", SENT_REFUSED, CAUSE_NONE, "Vonage finds a field of the request wrong"},
    {"4", SENT_REFUSED, CAUSE_SETTINGS, "Vonage refused the key or its secret"},
    {"5", SENT_RETRY, CAUSE_NONE, "Vonage failed inside and did not take the message"},
    {"6", SENT_REFUSED, CAUSE_RECIPIENT, "Vonage cannot reach this number"},
    {"7", SENT_REFUSED, CAUSE_RECIPIENT, "the number is barred at Vonage"},
    {"8", SENT_REFUSED, CAUSE_SETTINGS, "the Vonage account is barred"},
    {"9", SENT_REFUSED, CAUSE_MONEY, "the Vonage account is empty"},
    {"10", SENT_RETRY, CAUSE_RATE, "too many connections to Vonage"},
    {"11", SENT_REFUSED, CAUSE_SETTINGS, "the Vonage account may not send by HTTP"},
    {"14", SENT_REFUSED, CAUSE_SETTINGS, "Vonage found the signature wrong: secret or method"},
    {"15", SENT_REFUSED, CAUSE_SETTINGS, "Vonage refused the sender (from)"},
    {"23", SENT_REFUSED, CAUSE_SETTINGS, "Vonage refused the address for receipts"},
    {"29", SENT_REFUSED, CAUSE_SETTINGS, "a Vonage trial account sends to listed numbers only"},
    {"32", SENT_REFUSED, CAUSE_SETTINGS, "Vonage wants a signature or a secret, not both"},
    {"33", SENT_REFUSED, CAUSE_RECIPIENT, "the number is no longer in use"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void vonage_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                         struct sent_outcome *out)
{
    (void)ch;
    struct reading r = {NULL, arena, false};
    struct json *doc = outcome_json(reply);
    const struct json *parts = json_get(doc, "messages");
    struct str failed = STR_NONE, id = STR_NONE;
    size_t taken = 0;
    const size_t n = json_kind(parts) == JSON_ARRAY ? json_count(parts) : 0;
    for (size_t i = 0; i < n; i++) {
        const struct str status = read_json_text(&r, json_get(json_at(parts, i), "status"));
        if (!str_eq(status, STR("0")))
            failed = status;
        else if (taken++ == 0)
            id = json_str(json_get(json_at(parts, i), "message-id"));
    }
    if (reply->status == 200 && n && taken == n) {
        outcome_taken(arena, id, out);
    } else {
        outcome_refused(reply, arena, words, failed, out);
        if (taken) {
            out->sent = SENT_UNKNOWN;
            out->retry_after = SPAN_S(0);
            out->for_operator = "Vonage took a part of the message only";
        }
    }
    json_free(&doc);
}

static bool vonage_balance_ask(const struct channel *ch, instant now, const u8 random[16],
                               struct arena *arena, struct http_out *out)
{
    (void)now, (void)random;
    const struct str key = channel_setting(ch, STR("api_key")),
                     secret = channel_setting(ch, STR("api_secret"));
    *out = (struct http_out){.method = STR("GET"),
                             .url = request_url(ch, arena, API_URL, "/account/get-balance", STR_NONE)};
    request_header(out, "Authorization", request_basic(arena, key, secret));
    request_header(out, "Accept", STR("application/json"));
    return key.n && secret.n && out->url.p && out->headers[0].value.p;
}

static bool vonage_balance_read(const struct http_reply *reply, double *left_r)
{
    struct json *doc = reply->status == 200 ? outcome_json(reply) : NULL;
    const bool read = outcome_sum(json_get(doc, "value"), left_r);
    json_free(&doc);
    return read;
}

/* api_key                of the account, with api_secret: sends when nothing is signed, and asks for the balance
 * from                   sender: a number without plus, or a name
 * signature_secret       signs what is sent and what is pushed, by signature_method (md5hash, md5, sha1, sha256, sha512)
 * require_signature      "no": pushes without a signature are taken as well; else yes when signature_secret is set
 * max_skew_s             seconds that a signed time may be away; empty: 90000
 * jwt_hs256_secret       of the Messages API, allowed_alg: algorithms that are taken, HS256 is the only one known
 * url_token              what stands as k= in the addresses, where nothing is signed
 * api_url                empty: https://rest.nexmo.com */
static const char *const setting_names[] = {"api_key",           "!api_secret",       "from",
                                            "!signature_secret", "signature_method",  "require_signature",
                                            "max_skew_s",        "!jwt_hs256_secret", "allowed_alg",
                                            "!url_token",        "api_url",           NULL};

const struct adapter adapter_vonage = {
    .name = "vonage",
    .verify = vonage_verify,
    .parse = vonage_parse,
    .compose = vonage_compose,
    .judge = vonage_judge,
    .balance_ask = vonage_balance_ask,
    .balance_read = vonage_balance_read,
    .challenge = "Bearer",
    .send_setting = "api_key",
    .setting_names = setting_names,
    .use = USE_SMS,
};
