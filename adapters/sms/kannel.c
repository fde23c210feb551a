/* Kannel 1.4 (bearerbox + smsbox), the SMS gateway an operator runs beside ours.
 *
 * In:  sms-service with get-url, post-url or post-xml; the address carries the fields by these names:
 *        get-url  …/mo?k=TOKEN&id=%I&from=%q&to=%Q&T=%T&smsc=%i&coding=%c&charset=%C&udh=%u&hex=%e
 *        post-url …/mo?k=TOKEN&id=%I         (send-sender = true; words in the body, the rest in X-Kannel-…)
 *        post-xml …/mo?k=TOKEN&id=%I
 *      Never %a: it turns the bytes 09 to 0D inside UTF-16BE into blanks and so 不 ， 三 上 into other characters.
 *      Kannel signs nothing: what protects the door is the secret path, `url_token` and `allow_ip`.
 * Out: GET sendsms with coding=2&charset=UTF-8 (without the character set Chinese leaves as "?"); the dlr-url
 *      carries our reference, since %I of a delivery report is the report's own id.
 *
 * Everything but 200 and 202 is sent again by Kannel, so an accepted item is answered 200 with an empty body:
 * a body would be sent to the citizen as an SMS. */
#include "adapters/charset.h"
#include "adapters/outcome.h"
#include "adapters/reading.h"
#include "adapters/sms/udh.h"
#include "base/code.h"
#include "base/utf8.h"

#define URL_MAX 16384 /* smsbox refuses longer request lines anyway */
/* All reports: 1 delivered, 2 failed, 4 queued, 8 taken and 16 rejected by the operator. 8 settles a sending
 * whose answer was lost, 16 is the only word about a number that the operator refuses. */
#define DLR_MASK "31"

static enum verdict_in kannel_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                                     const char **reason_r)
{
    (void)hook;
    return verify_unsigned(ch, in, reason_r);
}

/* -- messages ------------------------------------------------------------------------------------------ */

/* What the three shapes have in common, still undecoded. .p of words is NULL when the request has no words field. */
struct raw_message {
    struct str id, from, to, coding, charset, udh, words;
    instant sent_at;
};

/* %e: the words as hexadecimal text. The only get-url that carries UTF-16BE safely: as %b every ASCII character has
 * a %00 in it, and HTTP servers close the connection on a NUL in the address. */
static struct str field_hex(struct reading *r)
{
    struct str hex = read_field(r, r->in->query, "hex", r->in->query.n);
    size_t n = hex.n / 2;
    if (hex.p == NULL) return STR_NONE;
    u8 *raw = arena_alloc(r->arena, n + 1);
    return raw && hex_get(hex, raw, n) ? (struct str){(const char *)raw, n} : STR_NONE;
}

static struct raw_message read_get(struct reading *r)
{
    struct str words = read_field(r, r->in->query, "bin", r->in->query.n);
    return (struct raw_message){
        .id = read_field(r, r->in->query, "id", READ_FIELD_MAX),
        .from = read_field(r, r->in->query, "from", READ_FIELD_MAX),
        .to = read_field(r, r->in->query, "to", READ_FIELD_MAX),
        .coding = read_field(r, r->in->query, "coding", READ_FIELD_MAX),
        .charset = read_field(r, r->in->query, "charset", READ_FIELD_MAX),
        .udh = read_field(r, r->in->query, "udh", READ_FIELD_MAX),
        .words = words.p ? words : field_hex(r),
        .sent_at = read_epoch(read_field(r, r->in->query, "T", READ_FIELD_MAX)),
    };
}

/* X-Kannel-UDH: percent-encoded in 1.4.5, plain hex according to its guide. The first octet is a length below
 * 0x20, so percent-encoded text always begins with '%'. */
static struct str header_udh(struct reading *r, struct str value)
{
    u8 raw[140];
    if (value.n == 0 || value.p[0] == '%') return read_percent(r, value);
    size_t n = value.n / 2;
    if (n > sizeof raw || !hex_get(value, raw, n)) return STR_NONE;
    struct text t;
    text_init(&t, sizeof raw);
    text_add(&t, (struct str){(const char *)raw, n});
    return read_keep(r, &t);
}

static struct raw_message read_post(struct reading *r, struct str content_type)
{
    const struct http_in *in = r->in;
    struct raw_message m = {
        .id = read_field(r, r->in->query, "id", READ_FIELD_MAX),
        .from = http_header_get(in, STR("x-kannel-from")),
        .to = http_header_get(in, STR("x-kannel-to")),
        .coding = http_header_get(in, STR("x-kannel-coding")),
        .charset = charset_parameter(content_type),
        .udh = header_udh(r, http_header_get(in, STR("x-kannel-udh"))),
        .words = in->body.p ? in->body : STR(""),
        .sent_at = read_epoch(read_field(r, r->in->query, "T", READ_FIELD_MAX)),
    };
    if (m.sent_at.us == 0)
        m.sent_at = read_time(str_trim(http_header_get(in, STR("x-kannel-time"))),
                              SPAN_S(0)) /* UTC whatever the host's zone */;
    return m;
}

/* What stands between the first <name> and the </name> behind it; STR_NONE when absent. Kannel writes a fixed
 * layout without attributes and percent-encodes every free text, so no XML reader is needed. */
static struct str element(struct str xml, const char *name)
{
    char tag[32];
    size_t n = str_of(name).n, at;
    ASSERT(n + 3 < sizeof tag);
    struct text t;
    text_init(&t, sizeof tag);
    text_addf(&t, "<%s>", name);
    at = str_find(xml, text_str(&t));
    if (at != SIZE_MAX) {
        xml.p += at + t.n, xml.n -= at + t.n;
        text_clear(&t);
        text_addf(&t, "</%s>", name);
        at = str_find(xml, text_str(&t));
    }
    text_free(&t);
    return at == SIZE_MAX ? STR_NONE : (struct str){xml.p, at};
}

static instant element_time(struct reading *r, struct str at)
{
    static const char *const names[] = {"year", "month", "day", "hour", "minute", "second", "timezone"};
    u64 v[ARRAY_LEN(names)];
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!str_u64(element(at, names[i]), 9999, &v[i])) return (instant){0};
    if (v[6] != 0) return (instant){0}; /* its unit is documented nowhere; Kannel writes 0 */
    struct text t;
    text_init(&t, 48);
    text_addf(&t, "%04u-%02u-%02u %02u:%02u:%02u", (unsigned)v[0], (unsigned)v[1], (unsigned)v[2],
              (unsigned)v[3], (unsigned)v[4], (unsigned)v[5]);
    return read_time(read_keep(r, &t), SPAN_S(0));
}

static struct raw_message read_xml(struct reading *r, struct str content_type)
{
    struct str body = r->in->body, ud = element(body, "ud"), udh = element(body, "udh");
    return (struct raw_message){
        .id = read_field(r, r->in->query, "id", READ_FIELD_MAX),
        .from = element(element(body, "oa"), "number"),
        .to = element(element(body, "da"), "number"),
        .coding = str_trim(element(element(body, "dcs"), "coding")),
        .charset = charset_parameter(content_type),
        .udh = udh.p ? read_percent(r, udh) : STR_NONE,
        .words = ud.p ? read_percent(r, ud) : STR_NONE,
        .sent_at = element_time(r, element(body, "at")),
    };
}

/* The words' character set: what is named, or what the coding says. In XML the declared character set is the
 * envelope's; UTF-16BE under the percent signs is told by coding 2 alone. */
static enum charset message_charset(const struct raw_message *m, bool xml)
{
    bool ucs2 = str_eq(m->coding, STR("2"));
    if (str_eq(m->coding, STR("1"))) return CHARSET_UNKNOWN;
    if (xml) return ucs2 ? CHARSET_UTF16BE : CHARSET_UTF8;
    if (m->charset.n == 0) return ucs2 ? CHARSET_UTF16BE : CHARSET_UTF8;
    return charset_find(m->charset);
}

static enum parse_result message_store(struct reading *r, const struct raw_message *m, bool xml,
                                       struct inbox *inbox, const char **reason_r)
{
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    if (!m->words.p) return *reason_r = "no words: is the gateway's URL complete?", PARSE_MALFORMED;
    enum charset set = message_charset(m, xml);
    if (set == CHARSET_UNKNOWN) return *reason_r = "binary message or unknown character set", PARSE_MALFORMED;
    struct text t;
    text_init(&t, m->words.n * 2); /* UTF-16 grows by half at most, Latin-1 doubles */
    if (!charset_read(set, m->words, &t)) {
        text_free(&t);
        return *reason_r = "words are not in the character set they claim", PARSE_MALFORMED;
    }
    struct submission *s = &inbox->items[0].s;
    *s = (struct submission){.door = DOOR_SMS, .nature = NATURE_UNKNOWN, .sent_at = m->sent_at};
    s->text = read_keep(r, &t);
    s->external_id = read_visible(m->id, READ_ID_MAX);
    /* A sender that is no telephone number (a bank's name, a short code) is left out: nobody could be answered. */
    s->sender = read_phone(r, m->from);
    inbox->items[0].to = read_visible(str_trim(m->to), READ_ID_MAX);
    /* Without an id and a sender, equal words of two citizens could not be told apart. */
    if (s->external_id.n == 0 && m->from.n == 0) return *reason_r = "neither id nor sender", PARSE_MALFORMED;
    s->dedupe_key = s->external_id.n ? s->external_id : read_content_key(r, m->from, m->sent_at, s->text);
    if (m->udh.n && !udh_part(m->udh, r->arena, &inbox->items[0].part)) inbox->items[0].part.total = 0;
    if (r->full) return *reason_r = "the message is over the limit", PARSE_TOO_MANY;
    inbox->n_items = 1;
    return PARSE_OK;
}

static enum parse_result parse_message(struct reading *r, struct inbox *inbox, const char **reason_r)
{
    const struct http_in *in = r->in;
    struct raw_message m;
    if (str_eq(in->method, STR("GET"))) {
        m = read_get(r);
        return message_store(r, &m, false, inbox, reason_r);
    }
    if (!str_eq(in->method, STR("POST")))
        return *reason_r = "method is neither GET nor POST", PARSE_MALFORMED;
    struct str content_type = http_header_get(in, STR("content-type")), media, rest;
    str_cut(content_type, ';', &media, &rest);
    media = str_trim(media);
    if (str_eq_case(media, STR("text/xml")) || str_eq_case(media, STR("application/xml"))) {
        m = read_xml(r, content_type);
        return message_store(r, &m, true, inbox, reason_r);
    }
    if (media.n && !str_eq_case(media, STR("text/plain")))
        return *reason_r = "binary message: the body is neither text/plain nor XML", PARSE_MALFORMED;
    m = read_post(r, content_type);
    return message_store(r, &m, false, inbox, reason_r);
}

/* -- delivery reports ---------------------------------------------------------------------------------- */

/* The word behind "name:" in an SMPP receipt ("stat:DELIVRD err:000 text:…"). */
static struct str receipt_word(struct str receipt, struct str name)
{
    size_t at = str_find(receipt, name);
    if (at == SIZE_MAX) return STR_NONE;
    struct str word = {receipt.p + at + name.n, receipt.n - at - name.n}, rest;
    str_cut(word, ' ', &word, &rest);
    return read_visible(word, 32);
}

/* Why it failed, without the rest of %A: a receipt repeats the first words of the message. */
static struct str failure_code(struct reading *r, struct str answer)
{
    struct text t;
    struct str stat, err, code, rest;
    size_t words = str_find(answer, STR(" text:"));
    if (words != SIZE_MAX) answer.n = words;
    text_init(&t, 80);
    if (str_starts(answer, STR("NACK/"))) { /* "NACK/0x0000000b/Invalid Destination" from the SMPP driver */
        str_cut((struct str){answer.p + 5, answer.n - 5}, '/', &code, &rest);
        text_add(&t, read_visible(str_trim(code), 64));
    } else {
        stat = receipt_word(answer, STR("stat:")), err = receipt_word(answer, STR("err:"));
        text_add(&t, stat);
        if (stat.n && err.n) text_addc(&t, '/');
        text_add(&t, err);
    }
    return read_keep(r, &t);
}

static enum parse_result parse_report(struct reading *r, struct inbox *inbox, const char **reason_r)
{
    struct receipt_report *report = &inbox->receipts[0];
    struct str answer = read_field(r, r->in->query, "A", READ_FIELD_MAX);
    u64 bit;
    if (!str_eq(r->in->method, STR("GET"))) return *reason_r = "method is not GET", PARSE_MALFORMED;
    *report = (struct receipt_report){
        .provider_id = read_visible(read_field(r, r->in->query, "F", READ_FIELD_MAX), READ_ID_MAX),
        .client_ref = read_visible(read_field(r, r->in->query, "ref", READ_FIELD_MAX), READ_ID_MAX),
        .to = read_phone(r, read_field(r, r->in->query, "p", READ_FIELD_MAX)),
        .raw_status = read_field(r, r->in->query, "d", READ_FIELD_MAX),
        .done_at = read_epoch(read_field(r, r->in->query, "T", READ_FIELD_MAX)),
    };
    if (!str_u64(report->raw_status, 16, &bit)) bit = 0;
    switch (bit) {
    case 1:
        report->status = DELIVERY_DELIVERED;
        break;
    case 4: /* waits at the operator */
    case 8:
        report->status = DELIVERY_SENT;
        break;
    case 2:
    case 16:
        report->error_code = failure_code(r, answer);
        report->status = str_starts(report->error_code, STR("EXPIRED")) ? DELIVERY_EXPIRED : DELIVERY_FAILED;
        break;
    default:
        return *reason_r = "unknown status of a delivery report", PARSE_MALFORMED;
    }
    if (report->client_ref.n == 0 && report->provider_id.n == 0)
        return *reason_r = "delivery report without a reference", PARSE_MALFORMED;
    if (r->full) return *reason_r = "a field is over the limit", PARSE_TOO_MANY;
    inbox->n_receipts = 1;
    return PARSE_OK;
}

static enum parse_result kannel_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                      struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    (void)ch;
    struct reading r = {in, arena, false};
    if (!inbox_reserve(inbox, arena, 1, 1)) return *reason_r = "no room", PARSE_TOO_MANY;
    inbox->handshake = false;
    inbox->ok_status = 200;
    inbox->ok_type = STR("text/plain");
    inbox->ok_body = STR("");
    /* Checked once for the whole query, so that further down a missing field is never a broken one. */
    if (!read_escapes_sound(in->query))
        return *reason_r = "broken percent escape in the query", PARSE_MALFORMED;
    return hook == HOOK_DLR ? parse_report(&r, inbox, reason_r) : parse_message(&r, inbox, reason_r);
}

/* -- sending ------------------------------------------------------------------------------------------- */

/* A name or token that stands in an address as it is: Kannel would take a '%' for one of its own escapes. */
static bool plain(struct str s)
{
    struct text t;
    text_init(&t, s.n * 3);
    percent_put(&t, s);
    bool same = str_eq(text_str(&t), s);
    text_free(&t);
    return same;
}

static void put_field(struct text *url, const char *name, struct str value)
{
    text_addf(url, "%c%s=", str_find(text_str(url), STR("?")) == SIZE_MAX ? '?' : '&', name);
    percent_put(url, value);
}

/* The address that Kannel calls with reports, its own escapes unencoded: it is percent-encoded whole. */
static void put_report_url(const struct channel *ch, const struct message *m, struct text *url)
{
    struct str token = channel_setting(ch, STR("url_token"));
    text_add(url, m->dlr_url);
    if (token.n) put_field(url, "k", token);
    put_field(url, "ref", m->client_ref);
    text_add(url, STR("&d=%d&F=%F&A=%A&T=%T&p=%p&P=%P"));
}

static bool kannel_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                           struct http_out *out, const char **reason_r)
{
    struct str base = channel_setting(ch, STR("sendsms_url")), user = channel_setting(ch, STR("username"));
    struct str smsc = channel_setting(ch, STR("smsc"));
    if (base.n == 0 || user.n == 0) return *reason_r = "sendsms_url or username is not set", false;
    if (m->to.n == 0 || m->text.n == 0 || !utf8_valid(m->text))
        return *reason_r = "no number or no words", false;
    if (!plain(m->client_ref) || !plain(channel_setting(ch, STR("url_token"))) ||
        str_find(m->dlr_url, STR("%")) != SIZE_MAX)
        return *reason_r =
                   "reference, url_token or report address holds a character that Kannel would expand",
               false;
    struct text url, report;
    text_init(&url, URL_MAX);
    text_init(&report, READ_FIELD_MAX);
    text_add(&url, base);
    put_field(&url, "username", user);
    put_field(&url, "password", channel_setting(ch, STR("password")));
    if (smsc.n) put_field(&url, "smsc", smsc);
    put_field(&url, "from", channel_setting(ch, STR("from")));
    put_field(&url, "to", m->to);
    text_add(&url, STR("&coding=2&charset=UTF-8"));
    if (m->dlr_url.n) {
        put_report_url(ch, m, &report);
        text_add(&url, STR("&dlr-mask=" DLR_MASK));
        put_field(&url, "dlr-url", text_str(&report));
    }
    put_field(&url, "text", m->text);
    *out = (struct http_out){.method = STR("GET"), .url = arena_str(arena, text_str(&url))};
    bool whole = !url.overflow && !report.overflow && out->url.p;
    text_free(&url);
    text_free(&report);
    if (!whole) *reason_r = "the message is too long for one request";
    return whole;
}

static void kannel_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                         struct sent_outcome *out)
{
    (void)ch, (void)arena;
    *out = (struct sent_outcome){.sent = SENT_UNKNOWN, .retry_after = outcome_retry_after(reply)};
    switch (reply->status) {
    case 0:
        out->sent = reply->sent ? SENT_UNKNOWN : SENT_RETRY;
        out->for_operator = reply->sent ? "Kannel did not answer; the message may have left"
                            : reply->untrusted
                                ? "Kannel's certificate is not to be trusted (name, date or issuer)"
                                : "Kannel was not reached";
        return;
    case 202: /* "0: Accepted for delivery", "3: Queued for later delivery"; it gives no id */
        out->sent = SENT_OK;
        out->for_operator = "taken by Kannel";
        return;
    case 400:
        out->sent = SENT_REFUSED;
        out->for_operator = "Kannel refused number or text";
        return;
    case 401:
    case 403:
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_SETTINGS;
        out->for_operator = "Kannel refused user name, password or our address";
        return;
    case 429:
        out->cause = CAUSE_RATE;
        __attribute__((fallthrough));
    case 503: /* "Temporal failure, try again later.": nothing was queued */
        out->sent = SENT_RETRY;
        out->for_operator = "Kannel asks to try again later";
        return;
    default:
        break;
    }
    if (reply->status >= 300 && reply->status < 500) {
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_SETTINGS;
        out->for_operator = "what answers at sendsms_url is not Kannel's sendsms";
        return;
    }
    /* Any other success or a broken proxy in between: Kannel may have it, so it is not sent again. */
    if (reply->status < 300) out->cause = CAUSE_SETTINGS;
    out->for_operator = "unexpected answer; the message may have left";
}

static const char *const setting_names[] = {"sendsms_url", "username",   "!password", "from",
                                            "smsc",        "!url_token", NULL};

const struct adapter adapter_kannel = {
    .name = "kannel",
    .verify = kannel_verify,
    .parse = kannel_parse,
    .compose = kannel_compose,
    .judge = kannel_judge,
    .send_setting = "sendsms_url",
    .setting_names = setting_names,
};
