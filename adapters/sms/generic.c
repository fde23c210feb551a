/* A provider described by settings, without code.
 *
 * What comes in:
 *   in_format   form (default; the query of a GET, else the body), query, json, xml
 *   in_field    form field that holds the JSON itself
 *   in_list     json: path of the list of messages; empty: the list itself, or one object
 *   in_id in_from in_to in_text in_time in_sign in_segments   fields (paths in JSON: "user.phone"; XML: "da.number")
 *               in_to may be several with + between: "base+extend"
 *   in_part_ref in_part_total in_part_index              pieces of a long message, when the provider does not join them
 *   dlr_format dlr_field (when they differ) dlr_list dlr_id dlr_ref dlr_to dlr_status dlr_code dlr_time     the same of delivery receipts
 *   delivered failed expired   words of dlr_status, with commas, "*" at the end of one; all others mean "sent"
 *   zone        china (default) or utc: of times without a zone. Seconds, milliseconds and ISO forms are recognised
 *   numbers     domestic (default) or international: every number has its country code, with or without a plus
 *   answer_status answer_type answer_body                what the provider wants to hear (200, text/plain, nothing);
 *   dlr_answer_status dlr_answer_type dlr_answer_body    to receipts, when that differs
 * Whether it is them (generic_check.c):
 *   check       none (default: secret path and allow_ip alone), token, basic, standard-webhooks, or a digest: md5 sha1 sha256
 *               sha512, or hmac- and one of them
 *   secret      token, key, or what {secret} stands for; two are valid while it is rotated
 *   user password           for basic
 *   check_in    where token or signature stand: header:X-Signature, query:k, or a field
 *   check_prefix check_encoding                          "sha256=", hex (default) or base64
 *   check_over  what is signed, {body} by default: {body} {url} {path} {query} {method} {secret} {fields} {header:X} {query:x}
 *               {field:x}. {fields} are all fields but the signature, sorted by name, each as check_pair ({name}={value} by
 *               default), with check_join between them. {url} is public_url with the path and query of the request
 *   check_time check_skew_s                              where the signed time stands, and how far off it may be (900)
 * What goes out (generic_send.c):
 *   send_url send_method send_format (json, form, xml, text) send_type send_body send_header1..4 ("Name: value")
 *   from        our number; user password secret as above
 *   send_sign send_over send_encoding                    a digest for {signature}
 *   placeholders: {to} {to_plain} {to_national} {text} {sign} {from} {ref} {dlr_url} {now} {now_ms} {now_iso} {nonce} {user} {password}
 *               {secret} {basic} {signature} {body} {template} {params} {params_list} {param:x}; each is escaped as its place demands
 *   ok_status ok_path ok_value ok_text                   when it is taken: status (2xx by default), value in the JSON, words in the body
 *   id_path code_path                                    the provider's id and error code
 *   codes_retry codes_rate codes_settings codes_money codes_recipient    what its codes mean */
#include "adapters/sms/generic.h"
#include "adapters/sms/uplink.h"
#include "base/code.h"
#include "base/utf8.h"
#include <string.h>

#define BODY_MAX (1u << 20)
#define KEY_MAX  128

struct str generic_set(const struct channel *ch, const char *name)
{
    return channel_setting(ch, str_of(name));
}

static bool is(struct str s, const char *word) { return str_eq(s, str_of(word)); }

bool generic_listed(struct str list, struct str word)
{
    struct str one;
    while (list.n) {
        str_cut(list, ',', &one, &list);
        one = str_trim(one);
        if (str_ends(one, STR("*")) ? str_starts(word, (struct str){one.p, one.n - 1})
                                    : one.n && str_eq(one, word))
            return true;
    }
    return false;
}

/* -- a push ------------------------------------------------------------------------------------------------ */

struct str generic_text(struct reading *r, const struct json *v)
{
    if (json_kind(v) == JSON_BOOL) return json_bool(v) ? STR("true") : STR("false");
    return read_json_text(r, v);
}

const char *generic_open(const struct channel *ch, enum hook hook, struct reading *r, struct generic_doc *doc)
{
    const struct http_in *in = r->in;
    struct str format = generic_set(ch, "in_format"), field = generic_set(ch, "in_field"), body = in->body;
    if (hook == HOOK_DLR && generic_set(ch, "dlr_format").n)
        format = generic_set(ch, "dlr_format"), field = generic_set(ch, "dlr_field");
    const bool get = str_eq(in->method, STR("GET"));
    const char *why = "";
    *doc = (struct generic_doc){.ch = ch, .r = r};
    if (!read_escapes_sound(in->query)) return "broken percent escape in the query";
    if (format.n == 0 || is(format, "form") || is(format, "query")) {
        doc->form = get || is(format, "query") ? in->query : in->body;
        return read_escapes_sound(doc->form) ? NULL : "broken percent escape in the form";
    }
    if (field.n) {
        if (!read_escapes_sound(body)) return "broken percent escape in the form";
        char name[KEY_MAX];
        if (field.n >= sizeof name) return "in_field is no name";
        memcpy(name, field.p, field.n);
        name[field.n] = 0;
        body = read_field(r, get ? in->query : body, name, BODY_MAX);
        if (!body.p) return "the field with the message is missing";
    }
    if (is(format, "json")) {
        doc->format = GENERIC_JSON;
        doc->json = json_parse_foreign(body, BODY_MAX, &why);
        return doc->json ? NULL : why;
    }
    if (!is(format, "xml")) return "in_format is none of form, query, json, xml";
    doc->format = GENERIC_XML;
    doc->xml = ARENA_NEW(r->arena, struct xml);
    if (!doc->xml) return r->full = true, "no room";
    return xml_read(r->arena, body, doc->xml, &why) ? NULL : why;
}

void generic_close(struct generic_doc *doc) { json_free(&doc->json); }

struct str generic_value(const struct generic_doc *doc, const struct json *at, struct str path)
{
    char name[KEY_MAX];
    switch (doc->format) {
    case GENERIC_JSON:
        return generic_text(doc->r, json_path(at, path));
    case GENERIC_XML:
        return xml_value(doc->xml, path);
    case GENERIC_FORM:
        break;
    }
    if (path.n == 0 || path.n >= sizeof name) return STR_NONE;
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    struct str value = read_field(doc->r, doc->form, name, doc->form.n);
    return value.p && utf8_valid(value) ? value : STR_NONE;
}

struct str generic_source(const struct generic_doc *doc, struct str source)
{
    struct str kind, name;
    char z[KEY_MAX];
    if (!str_cut(source, ':', &kind, &name) ||
        (!is(kind, "header") && !is(kind, "query") && !is(kind, "field")))
        return generic_value(doc, doc->json, source);
    if (is(kind, "field")) return generic_value(doc, doc->json, name);
    if (name.n == 0 || name.n >= sizeof z) return STR_NONE;
    for (size_t i = 0; i < name.n; i++)
        z[i] =
            (char)(is(kind, "header") && name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 32 : name.p[i]);
    z[name.n] = 0;
    if (is(kind, "header")) return http_header_get(doc->r->in, (struct str){z, name.n});
    return read_field(doc->r, doc->r->in->query, z, READ_FIELD_MAX);
}

/* -- templates ------------------------------------------------------------------------------------------------ */

bool generic_fill(struct str t, generic_put *put, void *arg, struct text *out)
{
    for (size_t i = 0, end; i < t.n; i = end) {
        end = i + 1;
        if (t.p[i] == '{' && end < t.n && t.p[end] >= 'a' && t.p[end] <= 'z') {
            while (end < t.n && t.p[end] != '}' && t.p[end] != '{' && t.p[end] != '"') end++;
            if (end < t.n && t.p[end] == '}') {
                if (!put(arg, (struct str){t.p + i + 1, end - i - 1}, out)) return false;
                end++;
                continue;
            }
        }
        text_add(out, (struct str){t.p + i, end - i});
    }
    return true;
}

/* -- digests --------------------------------------------------------------------------------------------------- */

bool generic_digest_find(struct str name, struct generic_digest *d_r)
{
    static const struct {
        const char *name;
        enum digest digest;
    } known[] = {
        {"md5", DIGEST_MD5}, {"sha1", DIGEST_SHA1}, {"sha256", DIGEST_SHA256}, {"sha512", DIGEST_SHA512}};
    struct str prefix = STR("hmac-");
    d_r->keyed = str_starts(name, prefix);
    if (d_r->keyed) name.p += prefix.n, name.n -= prefix.n;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (!is(name, known[i].name)) continue;
        d_r->digest = known[i].digest;
        return true;
    }
    return false;
}

void generic_digest_put(struct generic_digest d, struct str key, struct str said, struct str encoding,
                        struct text *out)
{
    u8 raw[DIGEST_MAX];
    if (d.keyed)
        digest_hmac(d.digest, key, said, raw);
    else
        digest_run(d.digest, said, raw);
    if (is(encoding, "base64"))
        b64_put(out, raw, digest_size(d.digest));
    else
        hex_put(out, raw, digest_size(d.digest));
}

/* -- what it says ------------------------------------------------------------------------------------------------ */

static struct str number_read(const struct generic_doc *doc, struct str written)
{
    return is(generic_set(doc->ch, "numbers"), "international") ? read_msisdn(doc->r, written)
                                                                : read_phone(doc->r, written);
}

static instant time_read(const struct generic_doc *doc, struct str s)
{
    u64 n;
    s = str_trim(s);
    if (s.n != 14 && str_u64(s, READ_EPOCH_MAX * 1000, &n))
        return n > READ_EPOCH_MAX / 10 ? (instant){(i64)n * 1000} : (instant){(i64)n * 1000000};
    return read_time(s, is(generic_set(doc->ch, "zone"), "utc") ? SPAN_S(0) : CHINA_OFFSET);
}

static struct str value(const struct generic_doc *doc, const struct json *at, const char *setting)
{
    struct str path = generic_set(doc->ch, setting);
    return path.n ? generic_value(doc, at, path) : STR_NONE;
}

/* Our own number is in two pieces at some providers. */
static struct str joined(const struct generic_doc *doc, const struct json *at, const char *setting)
{
    struct str rest = generic_set(doc->ch, setting), path;
    struct text t;
    text_init(&t, READ_FIELD_MAX);
    while (rest.n) {
        str_cut(rest, '+', &path, &rest);
        text_add(&t, generic_value(doc, at, str_trim(path)));
    }
    return read_keep(doc->r, &t);
}

static unsigned count(const struct generic_doc *doc, const struct json *at, const char *setting)
{
    u64 n;
    return str_u64(str_trim(value(doc, at, setting)), 255, &n) ? (unsigned)n : 0;
}

static bool message_take(const struct generic_doc *doc, const struct json *at, struct inbox *inbox,
                         const char **reason_r)
{
    struct uplink u = {.id = value(doc, at, "in_id"),
                       .from = value(doc, at, "in_from"),
                       .words = value(doc, at, "in_text"),
                       .to = joined(doc, at, "in_to"),
                       .sign = value(doc, at, "in_sign"),
                       .sent_at = time_read(doc, value(doc, at, "in_time"))};
    struct inbox_item *item = &inbox->items[inbox->n_items];
    if (!uplink_put(doc->r, inbox, &u, reason_r)) return false;
    if (is(generic_set(doc->ch, "numbers"), "international")) item->s.sender = read_msisdn(doc->r, u.from);
    item->segments = count(doc, at, "in_segments");
    item->part.ref = read_visible(value(doc, at, "in_part_ref"), READ_ID_MAX);
    item->part.total = count(doc, at, "in_part_total");
    item->part.index = count(doc, at, "in_part_index");
    if (item->part.ref.n == 0 || item->part.index < 1 || item->part.index > item->part.total)
        item->part = (struct part_info){0};
    return true;
}

static bool receipt_take(const struct generic_doc *doc, const struct json *at, struct inbox *inbox,
                         const char **reason_r)
{
    struct str status = value(doc, at, "dlr_status");
    struct uplink_receipt d = {.id = value(doc, at, "dlr_id"),
                               .ref = value(doc, at, "dlr_ref"),
                               .to = number_read(doc, value(doc, at, "dlr_to")),
                               .raw_status = status,
                               .code = value(doc, at, "dlr_code"),
                               .done_at = time_read(doc, value(doc, at, "dlr_time"))};
    if (status.n == 0) return *reason_r = "a receipt without a status", false;
    d.status = generic_listed(generic_set(doc->ch, "delivered"), status) ? DELIVERY_DELIVERED
               : generic_listed(generic_set(doc->ch, "expired"), status) ? DELIVERY_EXPIRED
               : generic_listed(generic_set(doc->ch, "failed"), status)  ? DELIVERY_FAILED
                                                                         : DELIVERY_SENT;
    if (d.code.n == 0) d.code = status;
    if (d.status == DELIVERY_SENT) d.code = STR_NONE;
    return uplink_put_receipt(doc->r, inbox, &d, reason_r);
}

/* False: the status is none of success. */
static bool answer_set(const struct channel *ch, bool receipts, struct inbox *inbox)
{
    const bool own = receipts && generic_set(ch, "dlr_answer_status").n > 0;
    struct str status = generic_set(ch, own ? "dlr_answer_status" : "answer_status");
    struct str type = generic_set(ch, own ? "dlr_answer_type" : "answer_type");
    u64 n = 200;
    inbox->handshake = false;
    inbox->ok_body = generic_set(ch, own ? "dlr_answer_body" : "answer_body");
    inbox->ok_type = type.n ? type : STR("text/plain");
    if (status.n && (!str_u64(status, 299, &n) || n < 200)) return false;
    inbox->ok_status = (int)n;
    return true;
}

static enum parse_result doc_parse(const struct generic_doc *doc, bool receipts, struct inbox *inbox,
                                   const char **reason_r)
{
    const struct json *list =
        doc->json ? json_path(doc->json, generic_set(doc->ch, receipts ? "dlr_list" : "in_list")) : NULL;
    const bool many = json_kind(list) == JSON_ARRAY;
    const size_t n = many ? json_count(list) : 1;
    if (doc->format == GENERIC_JSON && !many && json_kind(list) != JSON_OBJECT)
        return *reason_r = "no object and no list where the messages should be", PARSE_MALFORMED;
    if (!inbox_reserve(inbox, doc->r->arena, receipts ? 0 : n, receipts ? n : 0))
        return *reason_r = "too many elements in one push", PARSE_TOO_MANY;
    for (size_t i = 0; i < n && !doc->r->full; i++) {
        const struct json *at = many ? json_at(list, i) : list;
        if (!(receipts ? receipt_take : message_take)(doc, at, inbox, reason_r)) inbox->n_unreadable++;
    }
    return uplink_end(doc->r, inbox, PARSE_OK, reason_r);
}

static enum parse_result generic_parse(const struct channel *ch, enum hook hook, const struct http_in *in,
                                       struct arena *arena, struct inbox *inbox, const char **reason_r)
{
    struct reading r = {in, arena, false};
    struct generic_doc doc;
    enum parse_result result = PARSE_MALFORMED;
    if (!inbox_reserve(inbox, arena, 0, 0)) return *reason_r = "no room", PARSE_TOO_MANY;
    const char *why = generic_open(ch, hook, &r, &doc);
    if (!answer_set(ch, hook == HOOK_DLR, inbox))
        *reason_r = "answer_status is no status of success";
    else if (why)
        *reason_r = why;
    else
        result = doc_parse(&doc, hook == HOOK_DLR, inbox, reason_r);
    if (r.full && result != PARSE_OK) result = PARSE_TOO_MANY;
    generic_close(&doc);
    return result;
}

static const char *const setting_names[] = {"in_format",
                                            "in_field",
                                            "in_list",
                                            "in_id",
                                            "in_from",
                                            "in_to",
                                            "in_text",
                                            "in_time",
                                            "in_segments",
                                            "in_sign",
                                            "in_part_ref",
                                            "in_part_total",
                                            "in_part_index",
                                            "dlr_format",
                                            "dlr_field",
                                            "dlr_list",
                                            "dlr_id",
                                            "dlr_ref",
                                            "dlr_to",
                                            "dlr_status",
                                            "dlr_code",
                                            "dlr_time",
                                            "delivered",
                                            "failed",
                                            "expired",
                                            "zone",
                                            "numbers",
                                            "answer_status",
                                            "answer_type",
                                            "answer_body",
                                            "dlr_answer_status",
                                            "dlr_answer_type",
                                            "dlr_answer_body",
                                            "check",
                                            "!secret",
                                            "user",
                                            "!password",
                                            "check_in",
                                            "check_prefix",
                                            "check_encoding",
                                            "check_over",
                                            "check_pair",
                                            "check_join",
                                            "check_time",
                                            "check_skew_s",
                                            "public_url",
                                            "!send_url",
                                            "send_method",
                                            "send_format",
                                            "send_type",
                                            "send_body",
                                            "!send_header*",
                                            "from",
                                            "send_sign",
                                            "send_over",
                                            "send_encoding",
                                            "ok_status",
                                            "ok_path",
                                            "ok_value",
                                            "ok_text",
                                            "id_path",
                                            "code_path",
                                            "codes_retry",
                                            "codes_rate",
                                            "codes_settings",
                                            "codes_money",
                                            "codes_recipient",
                                            "template_*",
                                            "params_*",
                                            NULL};

const struct adapter adapter_generic = {
    .name = "generic",
    .verify = generic_verify,
    .parse = generic_parse,
    .compose = generic_compose,
    .judge = generic_judge,
    .challenge = "Basic realm=\"hooks\", charset=\"UTF-8\"",
    .send_setting = "send_url",
    .setting_names = setting_names,
};
