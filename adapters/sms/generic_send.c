#include "adapters/sms/generic.h"
#include "adapters/outcome.h"
#include "adapters/sms/request.h"
#include "adapters/sms/signing.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdio.h>

#define URL_MAX    16384
#define BODY_MAX   65536
#define HEADER_MAX 4096
#define HEADERS    4

static bool is(struct str s, const char *word) { return str_eq(s, str_of(word)); }

/* -- placeholders ---------------------------------------------------------------------------------------- */

enum place { IN_TEXT, IN_URL, IN_FORM, IN_JSON, IN_XML };

struct sending {
    const struct channel *ch;
    const struct message *m;
    struct arena *arena;
    enum place place;
    struct str body, signature; /* so far */
    const char *fault;
};

static void escaped_put(enum place place, struct str value, bool json, struct text *out)
{
    struct text quoted;
    switch (place) {
    case IN_TEXT:
        text_add(out, value);
        return;
    case IN_URL:
    case IN_FORM:
        percent_put(out, value);
        return;
    case IN_XML:
        html_put(out, value);
        return;
    case IN_JSON:
        break;
    }
    if (json) { /* a list or an object stands as such */
        text_add(out, value);
        return;
    }
    text_init(&quoted, BODY_MAX);
    json_put(&quoted, value);
    if (quoted.overflow || quoted.n < 2)
        out->overflow = true;
    else
        text_add(out, (struct str){quoted.p + 1, quoted.n - 2}); /* the template has the quotes */
    text_free(&quoted);
}

static struct str kept(struct sending *s, struct text *t)
{
    struct str v = t->overflow ? STR_NONE : arena_str(s->arena, text_str(t));
    if (!v.p) s->fault = "the message is too long for one request", v = STR("");
    text_free(t);
    return v;
}

static struct str number_text(struct sending *s, i64 n)
{
    struct text t;
    text_init(&t, 24);
    text_addf(&t, "%lld", (long long)n);
    return kept(s, &t);
}

static struct str nonce_text(struct sending *s)
{
    struct text t;
    text_init(&t, 32);
    hex_put(&t, s->m->random, 16);
    return kept(s, &t);
}

static struct str basic_text(struct sending *s)
{
    struct str user = generic_set(s->ch, "user"), password = generic_set(s->ch, "password");
    struct text pair, b64;
    text_init(&pair, HEADER_MAX);
    text_init(&b64, HEADER_MAX * 2);
    text_addf(&pair, "%.*s:%.*s", STR_ARG(user), STR_ARG(password));
    b64_put(&b64, (const u8 *)text_z(&pair), pair.n);
    text_free(&pair);
    return kept(s, &b64);
}

/* The template's parameters in its order: as an object, or their values alone as a list. */
static struct str params_text(struct sending *s, bool list)
{
    const struct message_param *params;
    size_t n;
    struct text t;
    text_init(&t, BODY_MAX);
    if (!message_ordered(s->ch, s->m, s->arena, &params, &n))
        s->fault = "params_<event> names what the event does not have", n = 0;
    text_addc(&t, list ? '[' : '{');
    for (size_t i = 0; i < n; i++) {
        if (i) text_addc(&t, ',');
        if (!list) {
            json_put(&t, params[i].name);
            text_addc(&t, ':');
        }
        json_put(&t, params[i].value);
    }
    text_addc(&t, list ? ']' : '}');
    return kept(s, &t);
}

/* .p NULL: no such placeholder. */
static struct str placeholder(struct sending *s, struct str name)
{
    const struct message *m = s->m;
    struct str param = STR("param:"), v;
    char iso[UTC_TEXT_MAX];
    const struct {
        const char *name;
        struct str value;
    } plain[] = {{"to", m->to},
                 {"to_plain", request_number(m->to)},
                 {"to_national", request_mainland(m->to)},
                 {"text", m->text},
                 {"sign", m->sign},
                 {"from", generic_set(s->ch, "from")},
                 {"ref", m->client_ref},
                 {"dlr_url", m->dlr_url},
                 {"user", generic_set(s->ch, "user")},
                 {"password", generic_set(s->ch, "password")},
                 {"secret", generic_set(s->ch, "secret")},
                 {"signature", s->signature},
                 {"body", s->body},
                 {"template", message_template(s->ch, m)}};
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (is(name, plain[i].name)) return plain[i].value.p ? plain[i].value : STR("");
    if (is(name, "now")) return number_text(s, m->now.us / 1000000);
    if (is(name, "now_ms")) return number_text(s, m->now.us / 1000);
    if (is(name, "now_iso")) return arena_str(s->arena, utc_text(m->now, UTC_ISO, iso));
    if (is(name, "nonce")) return nonce_text(s);
    if (is(name, "basic")) return basic_text(s);
    if (is(name, "params") || is(name, "params_list")) return params_text(s, is(name, "params_list"));
    if (!str_starts(name, param)) return STR_NONE;
    v = message_param(m, (struct str){name.p + param.n, name.n - param.n});
    if (!v.p) s->fault = "{param:…} names what the event does not have";
    return v.p ? v : STR("");
}

static bool placeholder_put(void *arg, struct str name, struct text *out)
{
    struct sending *s = arg;
    struct str value = placeholder(s, name);
    if (!value.p) return false;
    escaped_put(s->place, value, is(name, "params") || is(name, "params_list"), out);
    return true;
}

static struct str filled(struct sending *s, enum place place, const char *setting, size_t max)
{
    struct text t;
    text_init(&t, max);
    s->place = place;
    if (!generic_fill(generic_set(s->ch, setting), placeholder_put, s, &t))
        s->fault = "a template has a placeholder that does not exist";
    return kept(s, &t);
}

/* -- the call ----------------------------------------------------------------------------------------------- */

static bool header_sound(struct str h)
{
    for (size_t i = 0; i < h.n; i++)
        if ((u8)h.p[i] < ' ' || h.p[i] == 0x7f) return false;
    return true;
}

static void headers_put(struct sending *s, struct http_out *out)
{
    for (unsigned i = 1; i <= HEADERS; i++) {
        char setting[24];
        struct str name, value;
        (void)snprintf(setting, sizeof setting, "send_header%u", i);
        if (generic_set(s->ch, setting).n == 0) continue;
        struct str line = filled(s, IN_TEXT, setting, HEADER_MAX);
        if (!str_cut(line, ':', &name, &value) || name.n == 0 || !header_sound(line)) {
            s->fault = "a send_header is not \"Name: value\"";
            continue;
        }
        out->headers[out->n_headers++] = (struct http_header){str_trim(name), str_trim(value)};
    }
}

static void body_put(struct sending *s, struct http_out *out)
{
    static const struct {
        const char *name, *type;
        enum place place;
    } formats[] = {{"json", "application/json; charset=utf-8", IN_JSON},
                   {"form", "application/x-www-form-urlencoded", IN_FORM},
                   {"xml", "text/xml; charset=utf-8", IN_XML},
                   {"text", "text/plain; charset=utf-8", IN_TEXT}};
    struct str format = generic_set(s->ch, "send_format"), type = generic_set(s->ch, "send_type");
    if (generic_set(s->ch, "send_body").n == 0) return;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (!is(format, formats[i].name)) continue;
        out->headers[out->n_headers++] =
            (struct http_header){STR("Content-Type"), type.n ? type : str_of(formats[i].type)};
        out->body = s->body = filled(s, formats[i].place, "send_body", BODY_MAX);
        return;
    }
    s->fault = "send_format is none of json, form, xml, text";
}

static void sign(struct sending *s)
{
    struct str algorithm = generic_set(s->ch, "send_sign");
    struct generic_digest d;
    struct text t;
    if (algorithm.n == 0) return;
    if (!generic_digest_find(algorithm, &d)) {
        s->fault = "send_sign is no digest that is known";
        return;
    }
    text_init(&t, DIGEST_MAX * 2);
    generic_digest_put(d, generic_set(s->ch, "secret"), filled(s, IN_TEXT, "send_over", BODY_MAX * 2),
                       generic_set(s->ch, "send_encoding"), &t);
    s->signature = kept(s, &t);
}

/* The signature may be over the body ({body} in send_over) and stand in address or headers; or it stands in the body, and then
 * cannot be over it: send_over is filled first when the body has {signature}. */
bool generic_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                     struct http_out *out, const char **reason_r)
{
    struct sending s = {.ch = ch, .m = m, .arena = arena};
    struct str method = generic_set(ch, "send_method");
    const bool inside = str_find(generic_set(ch, "send_body"), STR("{signature}")) != SIZE_MAX;
    if (m->to.n == 0 || !utf8_valid(m->text)) return *reason_r = "no number or no words", false;
    *out = (struct http_out){.method = method.n ? method : STR("POST")};
    if (inside) sign(&s);
    body_put(&s, out);
    if (!inside) sign(&s);
    out->url = filled(&s, IN_URL, "send_url", URL_MAX);
    headers_put(&s, out);
    if (!str_starts(out->url, STR("https://")) && !str_starts(out->url, STR("http://")) && !s.fault)
        s.fault = "send_url is no address";
    if (s.fault) *reason_r = s.fault;
    return !s.fault;
}

/* -- what is answered ------------------------------------------------------------------------------------------ */

static bool status_good(const struct channel *ch, int status)
{
    struct str list = generic_set(ch, "ok_status");
    char digits[16];
    if (list.n == 0) return status >= 200 && status < 300;
    (void)snprintf(digits, sizeof digits, "%d", status);
    return generic_listed(list, str_of(digits));
}

static struct str answer_value(const struct channel *ch, struct reading *r, const struct json *doc,
                               const char *setting)
{
    struct str path = generic_set(ch, setting);
    return path.n ? generic_text(r, json_path(doc, path)) : STR_NONE;
}

void generic_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                   struct sent_outcome *out)
{
    static const struct {
        const char *list;
        enum sent sent;
        enum sent_cause cause;
        const char *sentence;
    } meanings[] = {
        {"codes_retry", SENT_RETRY, CAUSE_NONE, "the provider asks to try again later"},
        {"codes_rate", SENT_RETRY, CAUSE_RATE, "the provider asks to send more slowly"},
        {"codes_settings", SENT_REFUSED, CAUSE_SETTINGS, "the provider refuses the channel's settings"},
        {"codes_money", SENT_REFUSED, CAUSE_MONEY, "the account is empty"},
        {"codes_recipient", SENT_REFUSED, CAUSE_RECIPIENT, "the provider does not reach this number"}};
    static const struct outcome_word no_words = {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL};
    struct json *doc = outcome_json(reply);
    struct reading r = {NULL, arena, false};
    struct str words = generic_set(ch, "ok_text"), code = answer_value(ch, &r, doc, "code_path");
    bool good = reply->status > 0 && status_good(ch, reply->status);
    const bool answered = good;
    if (generic_set(ch, "ok_path").n)
        good = good && generic_listed(generic_set(ch, "ok_value"), answer_value(ch, &r, doc, "ok_path"));
    if (words.n) good = good && str_find(reply->body, words) != SIZE_MAX;
    if (good) {
        outcome_taken(arena, answer_value(ch, &r, doc, "id_path"), out);
        json_free(&doc);
        return;
    }
    outcome_judge(reply, arena, &no_words, code, out);
    if (answered && code.n) { /* read and understood: it says that it did not take it */
        out->sent = SENT_REFUSED;
        out->cause = CAUSE_NONE;
        out->for_operator = "the provider refused the message";
    }
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        if (code.n == 0 || !generic_listed(generic_set(ch, meanings[i].list), code)) continue;
        out->sent = meanings[i].sent;
        out->cause = meanings[i].cause;
        out->for_operator = meanings[i].sentence;
    }
    json_free(&doc);
}
