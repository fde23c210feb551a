/* Plivo SMS.
 *
 * In:  POST of a form (or GET with the same fields in the query) for messages and for delivery reports; X-Plivo-Signature-V3 is a
 *      list of base64(HMAC-SHA256(auth token, address + fields + "." + X-Plivo-Signature-V3-Nonce)). The nonce is not remembered:
 *      what protects from a replay is the message's id, which the signature covers. Long messages arrive joined.
 * Out: POST …/Account/{auth id}/Message/, Basic, JSON. Plivo carries no reference of ours, so the report's address does. */
#include "adapters/reading.h"
#include "adapters/sms/form.h"
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "base/code.h"
#include "base/utf8.h"

#define API_URL   "https://api.plivo.com"
#define MEDIA_MAX 10

/* -- signature ----------------------------------------------------------------------------------------- */

/* scheme://host[:port]path, then "?" and the query in order when there is a query or a form, "." between the two, then the
 * form's names and values in order: as Plivo's own libraries build it, the odd "?" before a form without a query included. */
static void put_signed(struct text *t, const struct form_address *a, const struct form *query,
                       const struct form *fields, struct str nonce)
{
    text_addf(t, "%.*s://%.*s", STR_ARG(a->scheme), STR_ARG(a->host));
    if (a->port.n) text_addc(t, ':');
    text_add(t, a->port);
    text_add(t, a->path);
    if (query->n || fields->n) text_addc(t, '?');
    for (size_t i = 0; i < query->n; i++) {
        if (i) text_addc(t, '&');
        text_add(t, query->fields[i].name);
        text_addc(t, '=');
        text_add(t, query->fields[i].value);
    }
    if (query->n && fields->n) text_addc(t, '.');
    for (size_t i = 0; i < fields->n; i++) {
        text_add(t, fields->fields[i].name);
        text_add(t, fields->fields[i].value);
    }
    text_addc(t, '.');
    text_add(t, nonce);
}

/* Each of the secrets that are valid now against each signature of the list. */
static bool signature_right(const struct channel *ch, struct str said, struct str list, instant at)
{
    struct str secrets[2], one, rest;
    const size_t n = secret_all(ch, "auth_token", at, secrets);
    bool right = false;
    struct text made;
    text_init(&made, DIGEST_MAX * 2);
    for (size_t i = 0; i < n; i++) {
        u8 mac[DIGEST_MAX];
        digest_hmac(DIGEST_SHA256, secrets[i], said, mac);
        text_clear(&made);
        b64_put(&made, mac, digest_size(DIGEST_SHA256));
        for (rest = list; rest.n;) {
            str_cut(rest, ',', &one, &rest);
            right = secret_same(text_str(&made), str_trim(one)) || right;
        }
    }
    text_free(&made);
    return right;
}

static enum verdict_in plivo_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                    const char **reason_r)
{
    (void)hook;
    const struct str given = http_header_get(in, STR("x-plivo-signature-v3"));
    const struct str nonce = http_header_get(in, STR("x-plivo-signature-v3-nonce"));
    const struct form_address address = form_address_of(ch, in);
    struct form query, fields = {0};
    struct arena arena;
    struct text said;
    if (!peer_allowed(ch, in->peer)) return *reason_r = "peer is not in allow_ip", VERIFY_REFUSED;
    if (given.n == 0 || nonce.n == 0) return *reason_r = "signature header missing", VERIFY_REFUSED;
    *reason_r = NULL;
    arena_init(&arena, FORM_ARENA(in->query.n) + FORM_ARENA(in->body.n));
    text_init(&said, in->path.n + in->query.n + in->body.n + READ_FIELD_MAX * 2);
    if (!form_read(&arena, in->query, &query) ||
        (str_eq(in->method, STR("POST")) && !form_read(&arena, in->body, &fields))) {
        *reason_r = "the form cannot be read";
    } else {
        form_sort(&query);
        form_sort(&fields);
        put_signed(&said, &address, &query, &fields, nonce);
        if (said.overflow || !signature_right(ch, text_str(&said), given, in->at))
            *reason_r = "signature mismatch";
    }
    text_free(&said);
    arena_free(&arena);
    return *reason_r ? VERIFY_REFUSED : VERIFY_OK;
}

/* -- what came in -------------------------------------------------------------------------------------- */

static struct str field(struct reading *r, struct str form, const char *name)
{
    return read_field(r, form, name, READ_FIELD_MAX);
}

static struct str word(struct reading *r, struct str form, const char *name)
{
    return read_visible(field(r, form, name), READ_ID_MAX);
}

/* Media0, Media1 … */
static unsigned media_count(struct reading *r, struct str form)
{
    char name[] = "Media0";
    unsigned n = 0;
    while (n < MEDIA_MAX && field(r, form, name).n) name[5] = (char)('0' + ++n);
    return n;
}

static enum parse_result parse_message(struct reading *r, struct str form, struct inbox *inbox,
                                       const char **reason_r)
{
    struct inbox_item *item = &inbox->items[0];
    struct str text = read_field(r, form, "Text", SUBMISSION_TEXT_BYTES);
    u64 units;
    *item = (struct inbox_item){.s = {.door = DOOR_SMS, .nature = NATURE_UNKNOWN}};
    item->s.external_id = item->s.dedupe_key = word(r, form, "MessageUUID");
    item->s.sender = read_msisdn(r, field(r, form, "From"));
    item->to = read_own_number(r, field(r, form, "To"));
    item->media = media_count(r, form);
    if (str_u64(word(r, form, "Units"), 255, &units)) item->segments = (unsigned)units;
    if (!text.p && item->media) text = STR(""); /* a picture without words */
    item->s.text = text;
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (item->s.external_id.n == 0) return *reason_r = "no MessageUUID", PARSE_MALFORMED;
    if (!text.p) return *reason_r = "no Text", PARSE_MALFORMED;
    if (!utf8_valid(text)) return *reason_r = "Text is not valid UTF-8", PARSE_MALFORMED;
    inbox->n_items = 1;
    return PARSE_OK;
}

/* "queued", "sent" and any new word settle nothing. 420 is a message whose time ran out. */
static enum delivery status_of(struct str status, struct str code)
{
    if (str_eq_case(status, STR("delivered")) || str_eq_case(status, STR("read"))) return DELIVERY_DELIVERED;
    if (str_eq_case(status, STR("undelivered")) || str_eq_case(status, STR("failed")) ||
        str_eq_case(status, STR("rejected")))
        return str_eq(code, STR("420")) ? DELIVERY_EXPIRED : DELIVERY_FAILED;
    return DELIVERY_SENT;
}

static enum parse_result parse_report(struct reading *r, struct str form, struct inbox *inbox,
                                      const char **reason_r)
{
    struct receipt_report *report = &inbox->receipts[0];
    const struct str code = word(r, form, "ErrorCode");
    *report = (struct receipt_report){
        .provider_id = word(r, form, "MessageUUID"),
        .client_ref = word(r, r->in->query, "ref"),
        .to = read_msisdn(r, field(r, form, "To")),
        .raw_status = word(r, form, "Status"),
        .error_code = str_eq(code, STR("000")) ? STR_NONE : code,
    };
    report->status = status_of(report->raw_status, code);
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (report->provider_id.n == 0) return *reason_r = "no MessageUUID", PARSE_MALFORMED;
    if (report->raw_status.n == 0) return *reason_r = "no Status", PARSE_MALFORMED;
    inbox->n_receipts = 1;
    return PARSE_OK;
}

static enum parse_result plivo_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    const bool get = str_eq(in->method, STR("GET"));
    const struct str form = get ? in->query : in->body;
    if (!inbox_reserve(inbox, arena, 1, 1)) return *reason_r = "no room", PARSE_TOO_MANY;
    inbox->handshake = false;
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("");
    if (!get && !str_eq(in->method, STR("POST")))
        return *reason_r = "method is neither GET nor POST", PARSE_MALFORMED;
    if (!read_escapes_sound(form) || !read_escapes_sound(in->query))
        return *reason_r = "broken percent escape", PARSE_MALFORMED;
    return hook == HOOK_DLR ? parse_report(&r, form, inbox, reason_r)
                            : parse_message(&r, form, inbox, reason_r);
}

/* -- sending ------------------------------------------------------------------------------------------- */

static struct str authorization(const struct channel *ch, struct arena *arena)
{
    return request_basic(arena, channel_setting(ch, STR("auth_id")), channel_setting(ch, STR("auth_token")));
}

static bool plivo_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                          struct http_out *out, const char **reason_r)
{
    const struct str account = channel_setting(ch, STR("auth_id")), from = channel_setting(ch, STR("from"));
    if (account.n == 0 || from.n == 0) return *reason_r = "auth_id or from is not set", false;
    if (m->to.n == 0 || m->text.n == 0 || !utf8_valid(m->text))
        return *reason_r = "no number or no words", false;
    struct text body;
    const struct str dlr = request_dlr_url(m, arena);
    text_init(&body, REQUEST_BODY_MAX);
    text_addz(&body, "{\"src\":");
    json_put(&body, request_number(from));
    text_addz(&body, ",\"dst\":");
    json_put(&body, request_number(m->to));
    text_addz(&body, ",\"text\":");
    json_put(&body, m->text);
    if (dlr.n) {
        text_addz(&body, ",\"url\":");
        json_put(&body, dlr);
        text_addz(&body, ",\"method\":\"POST\"");
    }
    text_addc(&body, '}');
    *out = (struct http_out){.method = STR("POST"),
                             .url = request_url(ch, arena, API_URL, "/v1/Account/{}/Message/", account)};
    request_header(out, "Authorization", authorization(ch, arena));
    request_header(out, "Content-Type", STR("application/json"));
    const bool whole = request_finish(out, arena, &body) && (dlr.p || m->dlr_url.n == 0);
    if (!whole) *reason_r = "the message is too long for one request";
    return whole;
}

static void plivo_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                        struct sent_outcome *out)
{
    (void)ch;
    static const struct outcome_word words[] = {{NULL, SENT_UNKNOWN, CAUSE_NONE, NULL}}; /* it has no codes */
    struct json *doc = outcome_json(reply);
    const struct str id = json_str(json_at(json_get(doc, "message_uuid"), 0));
    const bool good = reply->status >= 200 && reply->status < 300;
    if (good && id.n) {
        outcome_taken(arena, id, out);
    } else {
        outcome_judge(reply, arena, words, STR_NONE, out);
        if (good && json_count(json_get(doc, "invalid_number"))) {
            out->sent = SENT_REFUSED;
            out->cause = CAUSE_RECIPIENT;
            out->for_operator = "Plivo says that the number is none";
        }
    }
    json_free(&doc);
}

static bool plivo_balance_ask(const struct channel *ch, instant now, const u8 random[16], struct arena *arena,
                              struct http_out *out)
{
    (void)now, (void)random;
    const struct str account = channel_setting(ch, STR("auth_id"));
    *out = (struct http_out){.method = STR("GET"),
                             .url = request_url(ch, arena, API_URL, "/v1/Account/{}/", account)};
    request_header(out, "Authorization", authorization(ch, arena));
    return account.n && out->url.p && out->headers[0].value.p;
}

static bool plivo_balance_read(const struct http_reply *reply, double *left_r)
{
    struct json *doc = reply->status == 200 ? outcome_json(reply) : NULL;
    const bool read = outcome_sum(json_get(doc, "cash_credits"), left_r);
    json_free(&doc);
    return read;
}

/* auth_id                of the account, with auth_token, which also signs pushes
 * from                   our number
 * public_url             scheme, host and port under which Plivo reaches us; empty: hook_base, else the request's own
 * api_url                empty: https://api.plivo.com */
static const char *const setting_names[] = {"auth_id", "!auth_token", "from", "public_url", "api_url", NULL};

const struct adapter adapter_plivo = {
    .name = "plivo",
    .verify = plivo_verify,
    .parse = plivo_parse,
    .compose = plivo_compose,
    .judge = plivo_judge,
    .balance_ask = plivo_balance_ask,
    .balance_read = plivo_balance_read,
    .send_setting = "auth_id",
    .setting_names = setting_names,
    .use = USE_SMS,
};
