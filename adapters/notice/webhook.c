/* Webhooks to subscribers: see webhook.h.
 *
 * A receiver tells a repeat by webhook-id, which stays the same in every try and every replay. So an outcome that nobody knows
 * is sent again here: "never blindly" (promise P8) is kept by the id, not by waiting for a receipt that will never come.
 *
 * Settings: url (https), secret (whsec_…; two are valid while a key is rotated, and both sign), mode (structured, binary),
 * type_prefix (in front of the kind in CloudEvents' type), plain_http=yes (http as well: own network only). */
#include "adapters/notice/webhook.h"
#include "adapters/outcome.h"
#include "adapters/reading.h"
#include "base/code.h"
#include "base/utf8.h"

#define SECRET_PREFIX "whsec_"
#define SECRET_MIN    24u
#define SECRET_MAX    64u
#define BODY_MAX      ((size_t)256 * 1024)
#define ATTRIBUTE_MAX 1000
#define TYPE_PREFIX   "cn.mashangdu."
#define EPOCH_MAX     READ_EPOCH_MAX

/* -- signatures ---------------------------------------------------------------------------------------- */

static bool secret_open(struct str secret, struct text *key)
{
    if (str_starts(secret, STR(SECRET_PREFIX)))
        secret.p += sizeof SECRET_PREFIX - 1, secret.n -= sizeof SECRET_PREFIX - 1;
    return b64_get(key, secret) && !key->overflow && key->n >= SECRET_MIN && key->n <= SECRET_MAX;
}

static void mac_make(struct str key, struct str id, struct str timestamp, struct str body, u8 mac[DIGEST_MAX])
{
    struct text signed_text;
    text_init(&signed_text, id.n + timestamp.n + body.n + 2);
    text_add(&signed_text, id);
    text_addc(&signed_text, '.');
    text_add(&signed_text, timestamp);
    text_addc(&signed_text, '.');
    text_add(&signed_text, body);
    digest_hmac(DIGEST_SHA256, key, text_str(&signed_text), mac);
    text_free(&signed_text);
}

bool webhook_sign(struct str secret, struct str id, struct str timestamp, struct str body, struct text *out)
{
    struct text key;
    u8 mac[DIGEST_MAX];
    text_init(&key, SECRET_MAX + 3);
    bool good = secret_open(secret, &key);
    if (good) {
        mac_make(text_str(&key), id, timestamp, body, mac);
        text_addz(out, "v1,");
        b64_put(out, mac, digest_size(DIGEST_SHA256));
    }
    text_free(&key);
    return good;
}

bool webhook_verify(struct str secret, struct str id, struct str timestamp, struct str signatures,
                    struct str body, instant now, const char **reason_r)
{
    u64 seconds;
    struct text right;
    struct str one, rest = signatures;
    bool listed = false, same = false;
    if (id.n == 0) return *reason_r = "no webhook-id", false;
    if (!str_u64(timestamp, EPOCH_MAX, &seconds)) return *reason_r = "no webhook-timestamp", false;
    const instant at = {(i64)seconds * 1000000};
    if (instant_sub(now, at).us > WEBHOOK_TOLERANCE.us) return *reason_r = "timestamp too old", false;
    if (instant_sub(at, now).us > WEBHOOK_TOLERANCE.us) return *reason_r = "timestamp in the future", false;
    text_init(&right, 80);
    if (!webhook_sign(secret, id, timestamp, body, &right)) {
        text_free(&right);
        return *reason_r = "the secret is none", false;
    }
    while (rest.n && !same) {
        str_cut(rest, ' ', &one, &rest);
        if (!str_starts(one, STR("v1,"))) continue;
        listed = true;
        same = secret_same(text_str(&right), one);
    }
    text_free(&right);
    if (!same) *reason_r = listed ? "signature mismatch" : "no v1 signature";
    return same;
}

/* -- nothing comes in ---------------------------------------------------------------------------------- */

static enum verdict_in webhook_verify_in(const struct channel *ch, enum hook hook, const struct http_in *in,
                                         const char **reason_r)
{
    (void)ch, (void)hook, (void)in;
    *reason_r = "a subscriber's channel takes nothing in";
    return VERIFY_REFUSED;
}

static enum parse_result webhook_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                       struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch, (void)hook, (void)in, (void)arena, (void)inbox;
    *reason_r = "a subscriber's channel takes nothing in";
    return PARSE_MALFORMED;
}

/* -- sending ------------------------------------------------------------------------------------------- */

/* The attributes of CloudEvents, ready to be written. */
struct attributes {
    struct str id, source, type, subject, time, schema, data;
};

/* RFC 3339, a fraction only where there is one. */
static void put_time(instant at, struct text *t)
{
    char z[INSTANT_TEXT_MAX];
    struct str s = str_of(instant_text(at, z));
    if (str_ends(s, STR(".000Z"))) s.n -= 5;
    text_add(t, s);
    if (!str_ends(s, STR("Z"))) text_addc(t, 'Z');
}

/* An attribute that may not be empty, over long or hold control characters (CloudEvents §3.1). */
static bool sound(struct str s, bool needed)
{
    if (s.n == 0) return !needed;
    if (s.n > ATTRIBUTE_MAX || !utf8_valid(s)) return false;
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.p[i] < 0x20 || s.p[i] == 0x7f) return false;
    return true;
}

static bool id_sound(struct str ref) /* stands in headers and before a '.' in what is signed */
{
    for (size_t i = 0; i < ref.n; i++)
        if (ref.p[i] <= ' ' || ref.p[i] > '~' || ref.p[i] == '.') return false;
    return ref.n > 0 && ref.n <= 200;
}

static bool attributes_read(const struct channel *ch, const struct message *m, const struct json *event,
                            struct arena *arena, struct attributes *a)
{
    struct str prefix = channel_setting(ch, STR("type_prefix")), ref = json_str(json_get(event, "ref"));
    struct text t;
    if (ref.n == 0) ref = m->client_ref;
    if (!id_sound(ref) || m->event.n == 0) return false;
    text_init(&t, BODY_MAX);
    text_addf(&t, "msg_%.*s", STR_ARG(ref));
    a->id = arena_str(arena, text_str(&t));
    text_clear(&t);
    text_add(&t, prefix.p ? prefix : STR(TYPE_PREFIX));
    text_add(&t, m->event);
    a->type = arena_str(arena, text_str(&t));
    text_clear(&t);
    put_time(m->event_at.us ? m->event_at : m->now, &t);
    a->time = arena_str(arena, text_str(&t));
    text_clear(&t);
    json_write(json_get(event, "data"), &t);
    a->data = arena_str(arena, text_str(&t));
    bool whole = !t.overflow && a->id.p && a->type.p && a->time.p && a->data.p;
    text_free(&t);
    a->source = json_str(json_get(event, "source"));
    a->subject = json_str(json_get(event, "subject"));
    a->schema = json_str(json_get(event, "schema"));
    return whole && sound(a->type, true) && sound(a->source, true) && sound(a->subject, false) &&
           sound(a->schema, false);
}

static void put_member(struct text *t, const char *name, struct str value)
{
    if (value.n == 0) return;
    text_addf(t, ",\"%s\":", name);
    json_put(t, value);
}

static void put_structured(const struct attributes *a, struct text *t)
{
    text_addz(t, "{\"specversion\":\"1.0\"");
    put_member(t, "id", a->id);
    put_member(t, "source", a->source);
    put_member(t, "type", a->type);
    put_member(t, "subject", a->subject);
    put_member(t, "time", a->time);
    put_member(t, "datacontenttype", STR("application/json"));
    put_member(t, "dataschema", a->schema);
    text_addz(t, ",\"data\":");
    text_add(t, a->data);
    text_addc(t, '}');
}

static bool header_add(struct http_out *out, struct str name, struct str value)
{
    if (out->n_headers == ARRAY_LEN(out->headers) || value.p == NULL) return false;
    out->headers[out->n_headers++] = (struct http_header){name, value};
    return true;
}

/* CloudEvents' HTTP binding §3.1.3.2: everything but printable ASCII is percent-encoded, blank, '"' and '%' too. */
static bool attribute_header(struct http_out *out, struct arena *arena, struct str name, struct str value)
{
    struct text t;
    if (value.n == 0) return true;
    text_init(&t, 3 * ATTRIBUTE_MAX);
    for (size_t i = 0; i < value.n; i++) {
        u8 c = (u8)value.p[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '%')
            text_addf(&t, "%%%02X", c);
        else
            text_addc(&t, (char)c);
    }
    bool good = header_add(out, name, arena_str(arena, text_str(&t)));
    text_free(&t);
    return good;
}

static bool put_binary(const struct attributes *a, struct arena *arena, struct http_out *out)
{
    return header_add(out, STR("ce-specversion"), STR("1.0")) &&
           attribute_header(out, arena, STR("ce-id"), a->id) &&
           attribute_header(out, arena, STR("ce-source"), a->source) &&
           attribute_header(out, arena, STR("ce-type"), a->type) &&
           attribute_header(out, arena, STR("ce-subject"), a->subject) &&
           attribute_header(out, arena, STR("ce-time"), a->time) &&
           attribute_header(out, arena, STR("ce-dataschema"), a->schema);
}

/* One signature for each secret that is valid now. */
static bool put_signatures(const struct channel *ch, const struct message *m, const struct attributes *a,
                           struct arena *arena, struct http_out *out)
{
    struct str secrets[2];
    struct text stamp, signatures;
    size_t n = secret_all(ch, "secret", m->now, secrets);
    bool good = n > 0;
    text_init(&stamp, 32);
    text_init(&signatures, 200);
    text_addf(&stamp, "%lld", (long long)(m->now.us / 1000000));
    for (size_t i = 0; i < n && good; i++) {
        if (i) text_addc(&signatures, ' ');
        good = webhook_sign(secrets[i], a->id, text_str(&stamp), out->body, &signatures);
    }
    good = good && header_add(out, STR("webhook-id"), a->id) &&
           header_add(out, STR("webhook-timestamp"), arena_str(arena, text_str(&stamp))) &&
           header_add(out, STR("webhook-signature"), arena_str(arena, text_str(&signatures)));
    text_free(&stamp);
    text_free(&signatures);
    return good;
}

static bool url_fits(const struct channel *ch, struct str url)
{
    return str_starts(url, STR("https://")) ||
           (str_starts(url, STR("http://")) && str_eq(channel_setting(ch, STR("plain_http")), STR("yes")));
}

static bool webhook_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                            struct http_out *out, const char **reason_r)
{
    struct str url = channel_setting(ch, STR("url")), mode = channel_setting(ch, STR("mode"));
    bool binary = str_eq(mode, STR("binary"));
    struct attributes a = {0};
    const char *why;
    if (!url_fits(ch, url)) return *reason_r = "url is no https address", false;
    if (mode.n && !binary && !str_eq(mode, STR("structured")))
        return *reason_r = "mode is neither structured nor binary", false;
    struct json *event = json_parse(m->data, BODY_MAX, &why);
    if (!event || !attributes_read(ch, m, event, arena, &a)) {
        json_free(&event);
        return *reason_r = "the event is no event or too large", false;
    }
    *out = (struct http_out){.method = STR("POST"), .url = url, .public_only = true};
    struct text body;
    text_init(&body, BODY_MAX);
    if (binary)
        text_add(&body, a.data);
    else
        put_structured(&a, &body);
    out->body = arena_str(arena, text_str(&body));
    bool good = !body.overflow && out->body.p &&
                header_add(out, STR("content-type"),
                           binary ? STR("application/json; charset=utf-8")
                                  : STR("application/cloudevents+json; charset=utf-8"));
    text_free(&body);
    if (good && !put_signatures(ch, m, &a, arena, out)) {
        json_free(&event);
        return *reason_r = "secret is not whsec_ and the base64 of 24 to 64 octets", false;
    }
    good = good && (!binary || put_binary(&a, arena, out));
    json_free(&event);
    if (!good) *reason_r = "the event is too large";
    return good;
}

static void webhook_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                          struct sent_outcome *out)
{
    (void)ch, (void)arena;
    *out = (struct sent_outcome){.sent = SENT_RETRY, .retry_after = outcome_retry_after(reply)};
    if (reply->walled) {
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_SETTINGS;
        out->for_operator = "the receiver's name leads into a private network (setting webhook_private)";
        return;
    }
    switch (reply->status) {
    case 0:
        out->for_operator = reply->sent ? "no answer; sent again under the same id"
                            : reply->untrusted
                                ? "the receiver's certificate is not to be trusted (name, date or issuer)"
                                : "the receiver was not reached";
        return;
    case 400:
    case 413:
    case 415:
    case 422:
        out->sent = SENT_REFUSED;
        out->for_operator = "the receiver cannot read the event";
        return;
    case 401:
    case 403:
    case 405:
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_SETTINGS;
        out->for_operator = "the receiver refuses our signature or address";
        return;
    case 410:
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_GONE;
        out->for_operator = "the receiver wants nothing more (410)";
        return;
    case 429:
        out->cause = CAUSE_RATE;
        out->for_operator = "the receiver asks for a slower pace";
        return;
    case 502:
    case 503:
    case 504:
        out->for_operator = "the receiver is away or overloaded";
        return;
    default:
        break;
    }
    if (reply->status >= 200 && reply->status < 300) {
        out->sent = SENT_OK;
        out->for_operator = "taken by the receiver";
    } else if (reply->status >= 300 && reply->status < 400) {
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_SETTINGS;
        out->for_operator = "the receiver redirects; redirects are not followed";
    } else {
        out->for_operator = "the receiver failed; sent again under the same id";
    }
}

static const char *const setting_names[] = {"url", "!secret", "mode", "type_prefix", "plain_http", NULL};

const struct adapter adapter_webhook = {
    .name = "webhook",
    .verify = webhook_verify_in,
    .parse = webhook_parse,
    .compose = webhook_compose,
    .judge = webhook_judge,
    .send_setting = "url",
    .setting_names = setting_names,
    .repeatable = true,
    .use = USE_WEBHOOK,
};
