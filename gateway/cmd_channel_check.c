#include "cmd_channel_check.h"
#include "adapters/adapter.h"
#include "base/json.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX    (1u << 20)
#define CASES_MAX   4096
#define SETTINGS    32 /* of a case: half from its config, half read from the address of a "send" */
#define HEADERS_MAX 64
#define ARENA_MAX   (4u << 20)

/* One case being checked. `differs` collects what is wrong, one sentence a line. */
struct check {
    const struct json *doc;
    const char *folder;
    struct arena arena;
    struct text differs;
};

static void differ_str(struct check *c, const char *what, struct str want, struct str got)
{
    if (str_eq(want, got)) return;
    text_addf(&c->differs, "  %s: expected \"%.*s\", got \"%.*s\"\n", what, STR_ARG(want), STR_ARG(got));
}

static void differ_int(struct check *c, const char *what, i64 want, i64 got)
{
    if (want == got) return;
    text_addf(&c->differs, "  %s: expected %lld, got %lld\n", what, (long long)want, (long long)got);
}

static struct str text_kept(struct check *c, struct text *t)
{
    struct str kept = arena_str(&c->arena, text_str(t));
    text_free(t);
    return kept;
}

static i64 int_or(const struct json *v, i64 otherwise)
{
    i64 n;
    return json_int(v, &n) ? n : otherwise;
}

static bool file_read(const char *path, struct text *into)
{
    char buf[8192];
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0 && !into->overflow;)
        text_add(into, (struct str){buf, n});
    bool good = !ferror(f) && !into->overflow;
    fclose(f);
    return good;
}

/* -- the channel and the request ------------------------------------------------------------------------- */

static struct str setting_text(struct check *c, const struct json *v)
{
    struct text t;
    text_init(&t, 8192);
    switch (json_kind(v)) {
    case JSON_STRING:
        text_add(&t, json_str(v));
        break;
    case JSON_ARRAY:
        for (size_t i = 0; i < json_count(v); i++) {
            if (i) text_addc(&t, ',');
            text_add(&t, json_str(json_at(v, i)));
        }
        break;
    case JSON_NULL:
        break;
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_OBJECT:
        json_write(v, &t);
        break;
    }
    return text_kept(c, &t);
}

static void channel_fill(struct check *c, struct channel_setting settings[SETTINGS], struct channel *ch)
{
    const struct json *config = json_get(c->doc, "config");
    *ch = (struct channel){.name = STR("check"), .settings = settings};
    for (const char *k = json_next_key(config, NULL); k && ch->n_settings < SETTINGS / 2;
         k = json_next_key(config, k))
        settings[ch->n_settings++] =
            (struct channel_setting){str_of(k), setting_text(c, json_get(config, k))};
    if (json_count(config) > SETTINGS / 2) text_addz(&c->differs, "  more settings than a case may have\n");
}

static struct str lower_case(struct check *c, struct str s)
{
    struct text t;
    text_init(&t, s.n);
    for (size_t i = 0; i < s.n; i++)
        text_addc(&t, (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]));
    return text_kept(c, &t);
}

static bool request_fill(struct check *c, struct http_header headers[HEADERS_MAX], struct http_in *in)
{
    const struct json *request = json_get(c->doc, "request"), *list = json_get(request, "headers");
    struct str body_file = json_str(json_get(request, "body_file"));
    *in = (struct http_in){.method = json_str(json_get(request, "method")),
                           .path = json_str(json_get(request, "path")),
                           .query = json_str(json_get(request, "query")),
                           .host = json_str(json_get(request, "host")),
                           .headers = headers,
                           .peer = json_str(json_get(request, "peer")),
                           .tls = str_eq(json_str(json_get(request, "scheme")), STR("https"))};
    if (in->peer.n == 0) in->peer = STR("127.0.0.1");
    in->at = (instant){int_or(json_get(json_get(c->doc, "config"), "now"), 1773799200) * 1000000};
    for (size_t i = 0; i < json_count(list) && i < HEADERS_MAX; i++)
        headers[in->n_headers++] = (struct http_header){lower_case(c, json_str(json_at(json_at(list, i), 0))),
                                                        json_str(json_at(json_at(list, i), 1))};
    if (body_file.n == 0) return true;
    struct text path, body;
    text_init(&path, 4096);
    text_init(&body, FILE_MAX);
    text_addf(&path, "%s/%.*s", c->folder, STR_ARG(body_file));
    bool good = memchr(body_file.p, '/', body_file.n) == NULL && file_read(text_z(&path), &body);
    if (!good) text_addf(&c->differs, "  the body %.*s cannot be read\n", STR_ARG(body_file));
    text_free(&path);
    in->body = text_kept(c, &body);
    return good;
}

/* -- what came in ------------------------------------------------------------------------------------------ */

static void message_compare(struct check *c, const struct json *want, const struct submission *s,
                            const struct part_info *part)
{
    struct str id = json_str(json_get(want, "provider_id"));
    differ_str(c, "provider_id", id, s->external_id);
    if (id.n)
        differ_str(c, "dedupe key", id, s->dedupe_key);
    else if (s->dedupe_key.n == 0)
        text_addz(&c->differs, "  the dedupe key is empty\n");
    differ_str(c, "from", json_str(json_get(want, "from")), s->sender);
    differ_str(c, "text", json_str(json_get(want, "text")), s->text);
    differ_int(c, "sent_at_unix", int_or(json_get(want, "sent_at_unix"), 0), s->sent_at.us / 1000000);
    const struct json *p = json_get(want, "part");
    differ_int(c, "part total", int_or(json_get(p, "total"), 0), part->total);
    if (json_kind(p) != JSON_OBJECT || part->total == 0) return;
    differ_int(c, "part index", int_or(json_get(p, "index"), 0), part->index);
    differ_str(c, "part ref", json_str(json_get(p, "ref")), part->ref);
}

static void receipt_compare(struct check *c, const struct json *want, const struct receipt_report *r)
{
    static const char *const words[] = {[DELIVERY_SENT] = "sent",
                                        [DELIVERY_DELIVERED] = "delivered",
                                        [DELIVERY_FAILED] = "failed",
                                        [DELIVERY_EXPIRED] = "expired"};
    differ_str(c, "receipt provider_id", json_str(json_get(want, "provider_id")), r->provider_id);
    differ_str(c, "receipt client_ref", json_str(json_get(want, "client_ref")), r->client_ref);
    differ_str(c, "receipt to", json_str(json_get(want, "to")), r->to);
    differ_str(c, "receipt status", json_str(json_get(want, "status")), str_of(words[r->status]));
    differ_str(c, "receipt raw_status", json_str(json_get(want, "raw_status")), r->raw_status);
    differ_str(c, "receipt error_code", json_str(json_get(want, "error_code")), r->error_code);
}

static void reply_compare(struct check *c, const struct json *want, const struct hook_answer *got)
{
    struct str type = json_str(json_get(want, "content_type")), body = json_str(json_get(want, "body"));
    differ_int(c, "reply status", int_or(json_get(want, "status"), 0), got->status);
    if (!str_eq(type, STR("*any*"))) differ_str(c, "reply content type", type, got->type);
    if (!str_eq(body, STR("*any*"))) differ_str(c, "reply body", body, got->body);
}

static void inbound_check(struct check *c, const struct adapter *adapter, enum hook hook)
{
    struct channel_setting settings[SETTINGS];
    struct http_header headers[HEADERS_MAX];
    struct channel ch;
    struct http_in in;
    const struct json *expect = json_get(c->doc, "expect");
    const char *reason = "none given";
    channel_fill(c, settings, &ch);
    if (!request_fill(c, headers, &in)) return;
    struct inbox *inbox = MEM_NEW(struct inbox);
    enum parse_result parsed = PARSE_OK;
    enum verdict_in verdict = adapter->verify(&ch, hook, &in, &reason);
    if (verdict == VERIFY_OK) parsed = adapter->parse(&ch, hook, &in, &c->arena, inbox, &reason);
    if (verdict != VERIFY_OK || parsed != PARSE_OK) inbox->n_items = inbox->n_receipts = 0;
    struct hook_answer answer = adapter_answer(verdict, parsed, inbox);
    const struct json *messages = json_get(expect, "messages"), *receipts = json_get(expect, "receipts");
    bool want_refused = json_str(json_get(expect, "parse_error")).n != 0;

    differ_int(c, "authentic", json_bool(json_get(expect, "authentic")), verdict == VERIFY_OK);
    if (verdict == VERIFY_OK) differ_int(c, "content refused", want_refused, parsed != PARSE_OK);
    reply_compare(c, json_get(expect, "reply"), &answer);
    differ_int(c, "messages", (i64)json_count(messages), (i64)inbox->n_items);
    differ_int(c, "receipts", (i64)json_count(receipts), (i64)inbox->n_receipts);
    for (size_t i = 0; i < inbox->n_items && i < json_count(messages); i++)
        message_compare(c, json_at(messages, i), &inbox->items[i].s, &inbox->items[i].part);
    for (size_t i = 0; i < inbox->n_receipts && i < json_count(receipts); i++)
        receipt_compare(c, json_at(receipts, i), &inbox->receipts[i]);
    if (c->differs.n && (verdict != VERIFY_OK || parsed != PARSE_OK))
        text_addf(&c->differs, "  the adapter's reason: %s\n", reason);
    free(inbox);
}

/* -- what goes out ----------------------------------------------------------------------------------------- */

static struct str query_value(struct check *c, struct str query, const char *name)
{
    struct text t;
    text_init(&t, FILE_MAX);
    bool found = http_field(query, str_of(name), &t);
    struct str kept = text_kept(c, &t);
    return found ? kept : STR_NONE;
}

static void settings_from_query(struct check *c, const struct adapter *adapter, struct str url,
                                struct str query, struct channel_setting settings[SETTINGS],
                                struct channel *ch)
{
    for (const char *const *n = adapter->setting_names; *n && ch->n_settings + 2 < SETTINGS; n++) {
        const char *name = **n == '!' ? *n + 1 : *n;
        struct str value = query_value(c, query, name);
        if (value.p) settings[ch->n_settings++] = (struct channel_setting){str_of(name), value};
    }
    settings[ch->n_settings++] = (struct channel_setting){STR("sendsms_url"), url};
}

static void responses_check(struct check *c, const struct adapter *adapter, const struct channel *ch)
{
    const struct json *responses = json_get(c->doc, "responses");
    for (size_t i = 0; i < json_count(responses); i++) {
        const struct json *r = json_at(responses, i), *want = json_get(r, "parse");
        struct sent_outcome got;
        struct http_reply reply = {.status = (int)int_or(json_get(r, "status"), 0),
                                   .sent = true,
                                   .body = json_str(json_get(r, "body"))};
        char what[48];
        adapter->judge(ch, &reply, &c->arena, &got);
        snprintf(what, sizeof what, "answer %zu taken", i + 1);
        differ_int(c, what, json_bool(json_get(want, "ok")), got.sent == SENT_OK);
        snprintf(what, sizeof what, "answer %zu to be repeated", i + 1);
        differ_int(c, what, json_bool(json_get(want, "retry")), got.sent == SENT_RETRY);
    }
}

static void send_check(struct check *c, const struct adapter *adapter)
{
    struct channel_setting settings[SETTINGS];
    struct channel ch;
    struct http_out out;
    const char *reason = "none given";
    const struct json *request = json_get(c->doc, "request");
    struct str query = json_str(json_get(request, "query")), path = json_str(json_get(request, "path"));
    struct text url;
    if (!adapter->compose) {
        text_addz(&c->differs, "  this adapter cannot send\n");
        return;
    }
    text_init(&url, FILE_MAX);
    text_addf(&url, "%.*s://%.*s%.*s", STR_ARG(json_str(json_get(request, "scheme"))),
              STR_ARG(json_str(json_get(request, "host"))), STR_ARG(path));
    struct str base = text_kept(c, &url), report = query_value(c, query, "dlr-url"), report_base,
               report_query;
    channel_fill(c, settings, &ch);
    settings_from_query(c, adapter, base, query, settings, &ch);
    str_cut(report, '?', &report_base, &report_query);
    struct str token = query_value(c, report_query, "k");
    if (token.n) settings[ch.n_settings++] = (struct channel_setting){STR("url_token"), token};
    struct message message = {.to = query_value(c, query, "to"),
                              .text = query_value(c, query, "text"),
                              .client_ref = query_value(c, report_query, "ref"),
                              .dlr_url = report_base};
    if (!adapter->compose(&ch, &message, &c->arena, &out, &reason)) {
        text_addf(&c->differs, "  the message was not composed: %s\n", reason);
        return;
    }
    text_init(&url, FILE_MAX);
    text_add(&url, base);
    if (query.n) text_addc(&url, '?');
    text_add(&url, query);
    differ_str(c, "method", json_str(json_get(request, "method")), out.method);
    differ_str(c, "url", text_str(&url), out.url);
    text_free(&url);
    responses_check(c, adapter, &ch);
}

/* -- files ------------------------------------------------------------------------------------------------- */

static void case_dispatch(struct check *c)
{
    struct str provider = json_str(json_get(c->doc, "provider")), kind = json_str(json_get(c->doc, "kind"));
    const struct adapter *adapter = adapter_find(provider);
    if (!adapter)
        text_addf(&c->differs, "  there is no adapter for \"%.*s\"\n", STR_ARG(provider));
    else if (str_eq(kind, STR("mo")))
        inbound_check(c, adapter, HOOK_MO);
    else if (str_eq(kind, STR("dlr")))
        inbound_check(c, adapter, HOOK_DLR);
    else if (str_eq(kind, STR("send")))
        send_check(c, adapter);
    else
        text_addf(&c->differs, "  the kind \"%.*s\" cannot be checked\n", STR_ARG(kind));
}

static void case_file(const char *folder, const char *name, unsigned *passed, unsigned *failed)
{
    struct check c = {.folder = folder};
    struct text path, source;
    const char *error = "the file cannot be read";
    struct json *doc = NULL;
    arena_init(&c.arena, ARENA_MAX);
    text_init(&c.differs, FILE_MAX);
    text_init(&path, 4096);
    text_init(&source, FILE_MAX);
    text_addf(&path, "%s/%s", folder, name);
    if (file_read(text_z(&path), &source)) doc = json_parse(text_str(&source), FILE_MAX, &error);
    c.doc = doc;
    if (!doc)
        text_addf(&c.differs, "  %s\n", error);
    else if (json_kind(json_get(doc, "request")) != JSON_OBJECT)
        goto out;
    else
        case_dispatch(&c);
    if (c.differs.n) {
        ++*failed;
        printf("failed: %s\n%s", text_z(&path), text_z(&c.differs));
    } else {
        ++*passed;
    }
out:
    json_free(&doc);
    text_free(&source);
    text_free(&path);
    text_free(&c.differs);
    arena_free(&c.arena);
}

/* Runs the cases of one folder in the order of their names, and of the folders in it when `deeper`. */
static bool folder_run(const char *folder, bool deeper, unsigned *passed, unsigned *failed)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort);
    if (n < 0) {
        printf("failed: %s: %s\n", folder, strerror(errno));
        return false;
    }
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        struct stat about;
        struct text path;
        text_init(&path, 4096);
        text_addf(&path, "%s/%s", folder, name);
        if (name[0] == '.' || path.overflow || stat(text_z(&path), &about) != 0 ||
            *passed + *failed >= CASES_MAX)
            ; /* hidden, or gone meanwhile */
        else if (S_ISDIR(about.st_mode) && deeper)
            (void)!folder_run(text_z(&path), false, passed, failed);
        else if (S_ISREG(about.st_mode) && str_ends(str_of(name), STR(".json")))
            case_file(folder, name, passed, failed);
        text_free(&path);
        free(entries[i]);
    }
    free(entries);
    return true;
}

int channel_check(const char *dir)
{
    unsigned passed = 0, failed = 0;
    bool read = folder_run(dir, true, &passed, &failed);
    if (read && passed + failed == 0) printf("no case in %s\n", dir);
    printf("%u passed, %u failed\n", passed, failed);
    return read && failed == 0 && passed > 0 ? 0 : 1;
}
