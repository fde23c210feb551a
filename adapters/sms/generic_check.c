#include "adapters/sms/generic.h"
#include "adapters/notice/webhook.h"
#include "adapters/sms/form.h"
#include "base/code.h"
#include <stdlib.h>

#define SAID_MAX (2u << 20)
#define SKEW_S   900

static bool is(struct str s, const char *word) { return str_eq(s, str_of(word)); }

/* -- what is signed ------------------------------------------------------------------------------------- */

struct said {
    const struct generic_doc *doc;
    struct str secret;
};

static int field_order(const void *a, const void *b)
{
    const struct form_field *l = a, *r = b;
    return str_cmp(l->name, r->name);
}

/* All fields of the push but the signature. NULL-named on failure. */
static bool fields_read(const struct generic_doc *doc, struct form *f)
{
    struct arena *arena = doc->r->arena;
    if (doc->format == GENERIC_FORM) return form_read(arena, doc->form, f);
    const size_t room = doc->xml ? doc->xml->n : json_count(doc->json);
    *f = (struct form){.fields = room <= FORM_FIELDS_MAX ? arena_alloc(arena, (room + 1) * sizeof *f->fields)
                                                         : NULL};
    if (!f->fields) return false;
    for (size_t i = 0; doc->xml && i < room; i++)
        f->fields[f->n++] = (struct form_field){doc->xml->fields[i].name, doc->xml->fields[i].value};
    for (const char *k = json_next_key(doc->json, NULL); k && f->n < room; k = json_next_key(doc->json, k)) {
        struct str v = read_json_text(doc->r, json_get(doc->json, k));
        if (v.p) f->fields[f->n++] = (struct form_field){arena_str(arena, str_of(k)), v};
    }
    return true;
}

static bool pair_put(void *arg, struct str name, struct text *out)
{
    const struct form_field *f = arg;
    if (!is(name, "name") && !is(name, "value")) return false;
    text_add(out, is(name, "name") ? f->name : f->value);
    return true;
}

static bool fields_put(const struct generic_doc *doc, struct text *out)
{
    struct form f;
    struct str pair = generic_set(doc->ch, "check_pair"), join = generic_set(doc->ch, "check_join"),
               without = generic_set(doc->ch, "check_in"), prefix = STR("field:");
    bool first = true, good = fields_read(doc, &f);
    if (str_starts(without, prefix)) without.p += prefix.n, without.n -= prefix.n;
    if (pair.n == 0) pair = STR("{name}={value}");
    if (good && f.n > 1) qsort(f.fields, f.n, sizeof *f.fields, field_order);
    for (size_t i = 0; good && i < f.n; i++) {
        if (str_eq(f.fields[i].name, without)) continue;
        if (!first) text_add(out, join);
        first = false;
        good = generic_fill(pair, pair_put, &f.fields[i], out);
    }
    return good;
}

static void url_put(const struct generic_doc *doc, struct text *out)
{
    struct form_address a = form_address_of(doc->ch, doc->r->in);
    text_addf(out, "%.*s://%.*s", STR_ARG(a.scheme), STR_ARG(a.host));
    if (a.port.n) text_addf(out, ":%.*s", STR_ARG(a.port));
    text_add(out, a.path);
    if (a.query.n) text_addf(out, "?%.*s", STR_ARG(a.query));
}

static bool said_put(void *arg, struct str name, struct text *out)
{
    const struct said *s = arg;
    const struct http_in *in = s->doc->r->in;
    if (is(name, "body"))
        text_add(out, in->body);
    else if (is(name, "url"))
        url_put(s->doc, out);
    else if (is(name, "path"))
        text_add(out, in->path);
    else if (is(name, "query"))
        text_add(out, in->query);
    else if (is(name, "method"))
        text_add(out, in->method);
    else if (is(name, "secret"))
        text_add(out, s->secret);
    else if (is(name, "fields"))
        return fields_put(s->doc, out);
    else if (str_find(name, STR(":")) != SIZE_MAX)
        text_add(out, generic_source(s->doc, name));
    else
        return false;
    return true;
}

/* -- checks ------------------------------------------------------------------------------------------------- */

static bool in_time(const struct generic_doc *doc)
{
    struct str source = generic_set(doc->ch, "check_time"), written;
    u64 skew = SKEW_S, n;
    if (source.n == 0) return true;
    if (!str_u64(generic_set(doc->ch, "check_skew_s"), 7 * 86400, &skew)) skew = SKEW_S;
    written = str_trim(generic_source(doc, source));
    instant at = read_time(written, CHINA_OFFSET);
    if (str_u64(written, READ_EPOCH_MAX * 1000, &n) && written.n != 14)
        at = n > READ_EPOCH_MAX / 10 ? (instant){(i64)n * 1000} : (instant){(i64)n * 1000000};
    const i64 off = at.us - doc->r->in->at.us;
    return at.us > 0 && off <= SPAN_S(skew).us && -off <= SPAN_S(skew).us;
}

static struct str lower(struct reading *r, struct str s)
{
    struct text t;
    text_init(&t, s.n);
    for (size_t i = 0; i < s.n; i++)
        text_addc(&t, (char)(s.p[i] >= 'A' && s.p[i] <= 'F' ? s.p[i] + 32 : s.p[i]));
    return read_keep(r, &t);
}

static const char *digest_fault(const struct generic_doc *doc, struct generic_digest d)
{
    struct str given = str_trim(generic_source(doc, generic_set(doc->ch, "check_in"))), secrets[2],
               prefix = generic_set(doc->ch, "check_prefix"), over = generic_set(doc->ch, "check_over"),
               encoding = generic_set(doc->ch, "check_encoding");
    const size_t n = secret_all(doc->ch, "secret", doc->r->in->at, secrets);
    const char *why = n ? "signature mismatch" : "secret is not set";
    if (over.n == 0) over = STR("{body}");
    if (!d.keyed && str_find(over, STR("{secret}")) == SIZE_MAX)
        return "check_over has no {secret}: anybody could sign";
    if (given.n == 0 || !str_starts(given, prefix)) return "no signature";
    given.p += prefix.n, given.n -= prefix.n;
    if (!is(encoding, "base64")) given = lower(doc->r, given);
    for (size_t i = 0; i < n && why; i++) {
        struct said s = {doc, secrets[i]};
        struct text said, want;
        text_init(&said, SAID_MAX);
        text_init(&want, DIGEST_MAX * 2);
        if (!generic_fill(over, said_put, &s, &said) || said.overflow) {
            why = "check_over names what is not there";
        } else {
            generic_digest_put(d, secrets[i], text_str(&said), encoding, &want);
            if (secret_same(text_str(&want), given)) why = NULL;
        }
        text_free(&said);
        text_free(&want);
    }
    if (!why && !in_time(doc)) why = "timestamp outside the window";
    return why;
}

static const char *webhook_fault(const struct generic_doc *doc)
{
    const struct http_in *in = doc->r->in;
    struct str secrets[2];
    const size_t n = secret_all(doc->ch, "secret", in->at, secrets);
    const char *why = "secret is not set";
    for (size_t i = 0; i < n; i++)
        if (webhook_verify(secrets[i], http_header_get(in, STR("webhook-id")),
                           http_header_get(in, STR("webhook-timestamp")),
                           http_header_get(in, STR("webhook-signature")), in->body, in->at, &why))
            return NULL;
    return why;
}

static bool basic_right(const struct channel *ch, const struct http_in *in)
{
    struct str scheme, code, user = generic_set(ch, "user"), passwords[2];
    const size_t n = secret_all(ch, "password", in->at, passwords);
    struct text given, want;
    bool right = false;
    if (!str_cut(http_header_get(in, STR("authorization")), ' ', &scheme, &code) ||
        !str_eq_case(scheme, STR("basic")))
        return false;
    text_init(&given, READ_FIELD_MAX);
    text_init(&want, READ_FIELD_MAX);
    if (b64_get(&given, str_trim(code)) && user.n)
        for (size_t i = 0; i < n; i++) {
            text_clear(&want);
            text_addf(&want, "%.*s:%.*s", STR_ARG(user), STR_ARG(passwords[i]));
            right |= !want.overflow && secret_same(text_str(&want), text_str(&given));
        }
    text_free(&given);
    text_free(&want);
    return right;
}

static const char *doc_fault(const struct channel *ch, enum hook hook, struct reading *r, struct str check)
{
    struct generic_doc doc;
    struct generic_digest d;
    const char *why = generic_open(ch, hook, r, &doc);
    if (why)
        ; /* what cannot be read cannot be checked */
    else if (is(check, "token"))
        why = secret_valid(ch, "secret", generic_source(&doc, generic_set(ch, "check_in")), r->in->at)
                  ? NULL
                  : "unknown token";
    else if (generic_digest_find(check, &d))
        why = digest_fault(&doc, d);
    else
        why = "check is none that is known";
    if (r->full) why = "no room to check it";
    generic_close(&doc);
    return why;
}

enum verdict_in generic_verify(const struct channel *ch, enum hook hook, const struct http_in *in,
                               const char **reason_r)
{
    struct str check = generic_set(ch, "check");
    struct arena arena;
    const char *why = NULL;
    if (!peer_allowed(ch, in->peer)) return *reason_r = "address not in allow_ip", VERIFY_REFUSED;
    if (check.n == 0 || is(check, "none")) return VERIFY_OK;
    if (is(check, "basic")) {
        if (basic_right(ch, in)) return VERIFY_OK;
        return *reason_r = "wrong user or password", VERIFY_UNAUTHORIZED;
    }
    arena_init(&arena, SAID_MAX * 2);
    struct reading r = {in, &arena, false};
    struct generic_doc doc = {.ch = ch, .r = &r};
    why = is(check, "standard-webhooks") ? webhook_fault(&doc) : doc_fault(ch, hook, &r, check);
    arena_free(&arena);
    if (why) *reason_r = why;
    return why ? VERIFY_REFUSED : VERIFY_OK;
}
