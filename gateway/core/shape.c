#include "core/shape.h"
#include "base/code.h"
#include "base/utf8.h"

#define VALUE_MAX   64
#define DIGITS_MAX  4  /* one more in a row may be a part of a number that belongs to somebody */
#define SPLIT_MAX   6  /* the same over what numbers are split by: 154-0000-1234, &#49;&#53; */
#define ENCODED_MIN 12 /* letters of both sizes and digits, so long: rather Base64 of something than a word */
#define NAME_MAX    64

/* Parts of names whose values are never shown, in small letters. */
static const char *const hidden[] = {
    "text",      "content", "body",    "message", "msg",    "words", "sms_reply", "desc",  "recog", "label",
    "name",      "title",   "sign",    "sig",     "token",  "key",   "secret",    "passw", "pass",  "auth",
    "digest",    "cookie",  "echostr", "encrypt", "user",   "phone", "mobile",    "from",  "to",    "number",
    "recipient", "openid",  "nonce",   "wsse",    "params", "url",   "ip"};
/* Names that would fall under the list above and carry nothing of the kind. */
static const char *const shown[] = {"content-type",  "content-length", "messageid",   "message-id",
                                    "messagestatus", "message_uuid",   "messageuuid", "msgtype",
                                    "msgid",         "status",         "errmsg",      "err_msg",
                                    "message-count", "total"};

/* Names that hold structure as well: what stands inside is judged by its own names. */
static const char *const holders[] = {"messages", "message", "msg", "body", "soap:body", "soapenv:body"};

static bool name_has(struct str name, const char *part)
{
    const struct str p = str_of(part);
    for (size_t i = 0; i + p.n <= name.n; i++)
        if (str_eq_case((struct str){name.p + i, p.n}, p)) return true;
    return false;
}

static bool name_listed(struct str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_case(name, str_of(list[i]))) return true;
    return false;
}

static bool name_hidden(struct str name, const struct shape_secrets *secrets)
{
    if (str_eq(name, STR("k"))) return true; /* url_token */
    for (size_t i = 0; secrets && i < secrets->n_names; i++)
        if (str_eq_case(name, secrets->names[i])) return true;
    if (str_find(name, STR("\\")) != SIZE_MAX) return true; /* an escape can spell any of them */
    if (name_listed(name, shown, ARRAY_LEN(shown))) return false;
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        if (name_has(name, hidden[i])) return true;
    return false;
}

static bool name_closes(struct str name, const struct shape_secrets *secrets)
{
    return name_hidden(name, secrets) && !name_listed(name, holders, ARRAY_LEN(holders));
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/* Nothing that could be a number of somebody: neither in one piece nor split by other signs than letters. */
static bool digits_few(struct str s)
{
    size_t run = 0, split = 0;
    for (size_t i = 0; i < s.n; i++) {
        const bool digit = is_digit(s.p[i]);
        run = digit ? run + 1 : 0;
        split = digit ? split + 1 : is_lower(s.p[i]) || is_upper(s.p[i]) ? 0 : split;
        if (run > DIGITS_MAX || split > SPLIT_MAX) return false;
    }
    return true;
}

static bool encoded(struct str s)
{
    bool lower = false, upper = false, digit = false;
    for (size_t i = 0; i < s.n; i++) {
        lower |= is_lower(s.p[i]);
        upper |= is_upper(s.p[i]);
        digit |= is_digit(s.p[i]);
    }
    return s.n >= ENCODED_MIN && lower && upper && digit;
}

/* Letters, digits and signs by which nothing is escaped, quoted or nested; `more` are other signs allowed here. */
static bool letters_plain(struct str s, struct str more)
{
    const struct str signs = STR("._-/:;,+*");
    for (size_t i = 0; i < s.n; i++) {
        const struct str c = {s.p + i, 1};
        if (!is_digit(c.p[0]) && !is_lower(c.p[0]) && !is_upper(c.p[0]) && str_find(signs, c) == SIZE_MAX &&
            (more.n == 0 || str_find(more, c) == SIZE_MAX))
            return false;
    }
    return true;
}

static bool holds_secret(struct str s, const struct shape_secrets *secrets)
{
    for (size_t i = 0; secrets && i < secrets->n; i++)
        if (secrets->values[i].n && str_find(s, secrets->values[i]) != SIZE_MAX) return true;
    return false;
}

static bool value_plain(struct str s, const struct shape_secrets *secrets)
{
    if (s.n > VALUE_MAX || !letters_plain(s, STR_NONE) || !digits_few(s) || encoded(s)) return false;
    return !holds_secret(s, secrets);
}

static void put_length(struct str s, struct text *out)
{
    size_t n = 0;
    if (!utf8_valid(s)) {
        text_addf(out, "‹%zu 字节›", s.n);
        return;
    }
    for (size_t i = 0; i < s.n; i++) n += ((u8)s.p[i] & 0xc0) != 0x80;
    text_addf(out, "‹%zu 字符›", n);
}

static void put_value(struct str name, struct str value, const struct shape_secrets *secrets,
                      struct text *out)
{
    if (value.n == 0) return;
    if (!name_hidden(name, secrets) && value_plain(value, secrets))
        text_add(out, value);
    else
        put_length(value, out);
}

/* A name comes from outside as well. */
static void put_name(struct str name, const struct shape_secrets *secrets, struct text *out)
{
    if (name.n > 0 && name.n <= NAME_MAX && letters_plain(name, STR("[]$?")) && digits_few(name) &&
        !encoded(name) && !holds_secret(name, secrets))
        text_add(out, name);
    else
        put_length(name, out);
}

static void put_form(struct str form, const struct shape_secrets *secrets, struct text *out)
{
    struct str field, name, value;
    struct text n, v;
    bool first = true;
    if (str_ends(form, STR("=")) && str_find(form, STR("&")) == SIZE_MAX) { /* Base64 of all of it ends so */
        put_length(form, out);
        return;
    }
    while (form.n && !out->overflow) {
        str_cut(form, '&', &field, &form);
        str_cut(field, '=', &name, &value);
        text_init(&n, 4 * NAME_MAX);
        text_init(&v, value.n + 1);
        const bool sound = percent_get(&n, name, true) && percent_get(&v, value, true);
        if (!first) text_addc(out, '&');
        first = false;
        put_name(sound ? text_str(&n) : name, secrets, out);
        text_addc(out, '=');
        if (sound)
            put_value(text_str(&n), text_str(&v), secrets, out);
        else
            text_addf(out, "‹%zu 字节›", value.n);
        text_free(&n);
        text_free(&v);
    }
}

/* -- JSON and XML, read as tokens: what is malformed shows where it stops making sense ---------------------- */

static bool digit_or_sign(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Behind the closing quote of the string that begins at `at`, or s.n. */
static size_t string_end(struct str s, size_t at)
{
    for (at++; at < s.n; at++) {
        if (s.p[at] == '\\')
            at++;
        else if (s.p[at] == '"')
            return at + 1;
    }
    return s.n;
}

/* Whether everything is hidden for as long as the innermost name that hides lasts. */
struct closed {
    size_t depth, since; /* since 0: nothing hides */
};

static void put_inner(struct str name, struct str value, bool closed, const struct shape_secrets *secrets,
                      struct text *out)
{
    if (closed && value.n)
        put_length(value, out);
    else
        put_value(name, value, secrets, out);
}

static size_t blanks_end(struct str s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\n' || s.p[at] == '\r' || s.p[at] == '\t')) at++;
    return at;
}

static void put_json(struct str s, const struct shape_secrets *secrets, struct text *out)
{
    static const struct str words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    struct closed closed = {0, 0};
    struct str name = STR("");
    size_t at = 0;
    while (at < s.n && !out->overflow) {
        const char c = s.p[at];
        if (c == '"') {
            const size_t end = string_end(s, at), next = blanks_end(s, end);
            struct str inner = {s.p + at + 1, end - at > 1 ? end - at - 2 : 0};
            text_addc(out, '"');
            if (next < s.n && s.p[next] == ':') {
                name = inner;
                if (closed.since)
                    put_length(name, out);
                else
                    put_name(name, secrets, out);
            } else {
                put_inner(name, inner, closed.since > 0, secrets, out);
            }
            text_addc(out, '"');
            at = end;
        } else if (digit_or_sign(c)) {
            const size_t begin = at;
            const char before = out->n ? out->p[out->n - 1] : ' ';
            while (at < s.n && digit_or_sign(s.p[at])) at++;
            /* Behind anything else it is no value of JSON, and pieces of a number would stand together. */
            if (before == ':' || before == ',' || before == '[')
                put_inner(name, (struct str){s.p + begin, at - begin}, closed.since > 0, secrets, out);
        } else if (c == '{' || c == '[') {
            closed.depth++;
            if (!closed.since && name_closes(name, secrets)) closed.since = closed.depth;
            text_addc(out, c);
            at++;
        } else if (c == '}' || c == ']') {
            if (closed.since == closed.depth) closed.since = 0;
            if (closed.depth) closed.depth--;
            name = STR("");
            text_addc(out, c);
            at++;
        } else if (c == ':' || c == ',') {
            text_addc(out, c);
            at++;
        } else { /* blanks; what is no word of JSON does not belong here and may be somebody's */
            for (size_t i = 0; i < ARRAY_LEN(words); i++) {
                if (!str_starts((struct str){s.p + at, s.n - at}, words[i])) continue;
                text_add(out, words[i]);
                at += words[i].n - 1;
                break;
            }
            at++;
        }
    }
}

static void put_xml(struct str s, const struct shape_secrets *secrets, struct text *out)
{
    struct str name = STR(""), hides = STR_NONE, before, tag;
    bool said = false; /* one value in a tag: pieces of a number would stand together */
    while (s.n && !out->overflow) {
        str_cut(s, '<', &before, &s);
        if (str_trim(before).n) put_inner(name, str_trim(before), said || hides.n > 0, secrets, out);
        said = said || str_trim(before).n > 0;
        if (s.n == 0) break;
        if (str_starts(s, STR("![CDATA["))) {
            const size_t end = str_find(s, STR("]]>"));
            struct str inner = {s.p + 8, (end == SIZE_MAX ? s.n : end) - 8};
            put_inner(name, inner, said || hides.n > 0, secrets, out);
            said = true;
            s = end == SIZE_MAX ? STR_NONE : (struct str){s.p + end + 3, s.n - end - 3};
            continue;
        }
        str_cut(s, '>', &tag, &s);
        const bool closing = tag.n && tag.p[0] == '/';
        said = false;
        if (closing) tag.p++, tag.n--;
        if (closing && str_eq(tag, hides)) hides = STR_NONE;
        text_addz(out, closing ? "</" : "<");
        if (hides.n)
            put_length(tag, out);
        else
            put_name(tag, secrets, out);
        text_addc(out, '>');
        if (closing) {
            name = STR("");
        } else {
            name = tag;
            if (!hides.n && tag.n && name_closes(tag, secrets)) hides = tag;
        }
    }
}

void shape_body(struct str body, const struct shape_secrets *secrets, struct text *out)
{
    const struct str s = str_trim(body);
    if (s.n == 0) return;
    if (!utf8_valid(s))
        text_addf(out, "‹%zu 字节›", s.n);
    else if (s.p[0] == '{' || s.p[0] == '[')
        put_json(s, secrets, out);
    else if (s.p[0] == '<')
        put_xml(s, secrets, out);
    else if (str_find(s, STR("=")) != SIZE_MAX && str_find(s, STR(" ")) == SIZE_MAX &&
             str_find(s, STR("\n")) == SIZE_MAX)
        put_form(s, secrets, out);
    else
        put_value(STR("body"), s, secrets, out);
}

/* -- requests ------------------------------------------------------------------------------------------------ */

static void put_headers(const struct http_header *headers, size_t n, const struct shape_secrets *secrets,
                        struct text *out)
{
    for (size_t i = 0; i < n; i++) {
        text_addc(out, '\n');
        put_name(headers[i].name, secrets, out);
        text_addz(out, ": ");
        struct str value = headers[i].value, rest;
        if (str_eq_case(headers[i].name, STR("content-type"))) {
            str_cut(value, ';', &value, &rest); /* the character set stands as a word of its own */
            put_value(STR(""), str_trim(value), secrets, out);
            rest = str_trim(rest);
            if (rest.n) text_addz(out, "; ");
            if (rest.n <= VALUE_MAX && letters_plain(rest, STR("=\"")) && digits_few(rest))
                text_add(out, rest);
            else
                put_length(rest, out);
        } else {
            put_value(headers[i].name, value, secrets, out);
        }
    }
}

/* Some providers send the bare words as the body: whatever they look like, only what is declared as structure is shown as such. */
static void put_body(struct str type, struct str body, const struct shape_secrets *secrets, struct text *out)
{
    if (name_has(type, "json") || name_has(type, "xml") || name_has(type, "form"))
        shape_body(body, secrets, out);
    else if (body.n)
        put_length(body, out);
}

/* Pieces between slashes that are words stay; long ones may be keys, accounts or numbers. */
static void put_path(struct str path, bool hook, const struct shape_secrets *secrets, struct text *out)
{
    struct str piece;
    for (int i = 0; path.n; i++) {
        str_cut(path, '/', &piece, &path);
        if (i) text_addc(out, '/');
        if (hook && i == 3)
            text_addz(out, "‹key›");
        else
            put_value(STR(""), piece.n <= 32 ? piece : STR("long piece"), secrets, out);
    }
}

void shape_request_in(const struct http_in *in, const struct shape_secrets *secrets, struct text *out)
{
    put_value(STR(""), in->method, secrets, out);
    text_addc(out, ' ');
    put_path(in->path, true, secrets, out);
    if (in->query.n) {
        text_addc(out, '?');
        put_form(in->query, secrets, out);
    }
    put_headers(in->headers, in->n_headers, secrets, out);
    text_addz(out, in->body.n ? "\n\n" : "");
    put_body(http_header_get(in, STR("content-type")), in->body, secrets, out);
}

void shape_request_out(const struct http_out *call, const struct shape_secrets *secrets, struct text *out)
{
    struct str url = call->url, address, query, host;
    const size_t scheme = str_find(url, STR("://"));
    put_value(STR(""), call->method, secrets, out);
    text_addc(out, ' ');
    if (scheme != SIZE_MAX) {
        text_add(out, (struct str){url.p, scheme + 3});
        url.p += scheme + 3, url.n -= scheme + 3;
    }
    str_cut(url, '?', &address, &query);
    str_cut(address, '/', &host, &address);
    const size_t at = str_find(host, STR("@"));
    if (at != SIZE_MAX) host.p += at + 1, host.n -= at + 1;        /* user and password */
    text_add(out, (struct str){host.p, MIN(host.n, (size_t)100)}); /* of the settings, not of a person */
    text_addc(out, '/');
    put_path(address, false, secrets, out);
    if (query.n) {
        text_addc(out, '?');
        put_form(query, secrets, out);
    }
    put_headers(call->headers, call->n_headers, secrets, out);
    text_addz(out, call->body.n ? "\n\n" : "");
    shape_body(call->body, secrets, out);
}
