#include "cmd_channel_check_part.h"
#include "adapters/reading.h"
#include "adapters/sms/gammu.h"
#include "core/sms_text.h"
#include <stdlib.h>
#include <string.h>

#define NOW_S 1773799200 /* 2026-03-18 10:00 in China: the clock of a case that names none */

/* -- the request --------------------------------------------------------------------------------------------- */

static struct str lower_case(struct check *c, struct str s)
{
    struct text t;
    text_init(&t, s.n);
    for (size_t i = 0; i < s.n; i++)
        text_addc(&t, (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]));
    return check_kept(c, &t);
}

/* gammu-smsd calls a program; what that program would hand to the gateway is made of the same variables. */
static struct str env_of(const void *arg, const char *name) { return json_str(json_get(arg, name)); }

static struct str run_note(struct check *c, const struct json *request)
{
    const struct json *list = json_get(request, "args");
    struct str args[GAMMU_IDS_MAX];
    size_t n = MIN(json_count(list), ARRAY_LEN(args));
    struct text note;
    text_init(&note, GAMMU_NOTE_MAX);
    for (size_t i = 0; i < n; i++) args[i] = json_str(json_at(list, i));
    gammu_note(env_of, json_get(request, "env"), args, n, (instant){0}, &note);
    return check_kept(c, &note);
}

static bool request_fill(struct check *c, struct http_header headers[CHECK_HEADERS], struct http_in *in)
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
    in->at = (instant){check_int_or(json_path(c->doc, STR("config.now")), NOW_S) * 1000000};
    for (size_t i = 0; i < json_count(list) && i < CHECK_HEADERS; i++)
        headers[in->n_headers++] = (struct http_header){lower_case(c, json_str(json_at(json_at(list, i), 0))),
                                                        json_str(json_at(json_at(list, i), 1))};
    if (str_eq(in->method, STR("EXEC"))) {
        in->method = STR("POST");
        in->body = run_note(c, request);
        return true;
    }
    return body_file.n == 0 || check_file(c, body_file, &in->body);
}

/* /hooks/{channel}/{key}/…: the key, or STR_NONE when the path has another form. */
static struct str hook_key(struct str path)
{
    struct str prefix = STR("/hooks/"), name, key, what;
    if (!str_starts(path, prefix)) return STR_NONE;
    str_cut((struct str){path.p + prefix.n, path.n - prefix.n}, '/', &name, &what);
    return str_cut(what, '/', &key, &what) ? key : STR_NONE;
}

/* True when the request comes to the right door, as hooks.c would see it. The token is the door's then, not the adapter's. */
static bool door_opens(struct check_channel *channel, struct str path)
{
    struct str key = hook_key(path);
    if (!key.p) return true;
    for (size_t i = 0; i < channel->ch.n_settings; i++)
        if (str_eq(channel->settings[i].name, STR("url_token"))) {
            struct str token = channel->settings[i].value;
            channel->settings[i] = channel->settings[--channel->ch.n_settings];
            return secret_same(token, key);
        }
    return true;
}

/* -- what came in ---------------------------------------------------------------------------------------------- */

/* "+447700900123" and "447700900123" are one number; an account is compared as it is. */
static void to_compare(struct check *c, struct str want, struct str got)
{
    struct str bare = want;
    if (bare.n && bare.p[0] == '+') bare.p++, bare.n--;
    if (!str_eq(bare, got)) check_str(c, "to", want, got);
}

/* A sender without a telephone is "scheme:id"; samples name the id alone. */
static void from_compare(struct check *c, struct str want, struct str got)
{
    struct str scheme, id;
    if (str_cut(got, ':', &scheme, &id) && str_find(want, STR(":")) == SIZE_MAX) got = id;
    check_str(c, "from", want, got);
}

static void kind_compare(struct check *c, const struct json *want, const struct inbox_item *item)
{
    static const char *const words[] = {
        [ITEM_WORDS] = "words", [ITEM_ARRIVED] = "arrived", [ITEM_LEFT] = "left"};
    struct str event = json_str(json_get(want, "event"));
    enum item_kind kind = event.n == 0                        ? ITEM_WORDS
                          : str_eq(event, STR("unsubscribe")) ? ITEM_LEFT
                                                              : ITEM_ARRIVED;
    check_str(c, "what happened", str_of(words[kind]), str_of(words[item->kind]));
    check_str(c, "scene", json_str(json_get(want, "scene")), item->s.plaque);
}

/* Messages with one expected key have one key, all others have keys of their own. */
static void key_compare(struct check *c, struct str wanted, struct str got)
{
    struct check_memory *m = c->memory;
    if (got.n == 0) check_differs(c, "the dedupe key is empty");
    for (size_t i = 0; i < m->n_keys && wanted.n; i++) {
        const bool same = str_eq(m->keys[i].got, got);
        if (same == str_eq(m->keys[i].wanted, wanted)) continue;
        if (same)
            check_differs(c, "the dedupe key of \"%.*s\" is also that of \"%.*s\"", STR_ARG(wanted),
                          STR_ARG(m->keys[i].wanted));
        else
            check_differs(c, "a repeat of \"%.*s\" has another dedupe key", STR_ARG(wanted));
        return;
    }
    if (m->n_keys < CHECK_REMEMBERED && wanted.n)
        m->keys[m->n_keys++] = (struct check_key){arena_str(&m->arena, wanted), arena_str(&m->arena, got)};
}

/* The whole words when this piece completes them, else nothing. */
static struct str piece_join(struct check *c, const struct inbox_item *item)
{
    struct check_memory *m = c->memory;
    struct text whole;
    unsigned found = 0;
    if (item->part.total == 0 || m->n_pieces == CHECK_REMEMBERED) return STR_NONE;
    m->pieces[m->n_pieces++] =
        (struct check_piece){arena_str(&m->arena, item->s.sender), arena_str(&m->arena, item->part.ref),
                             arena_str(&m->arena, item->s.text), item->part.total, item->part.index};
    text_init(&whole, CHECK_FILE_MAX);
    for (unsigned index = 1; index <= item->part.total; index++)
        for (size_t i = 0; i < m->n_pieces; i++) {
            const struct check_piece *p = &m->pieces[i];
            if (p->index != index || p->total != item->part.total || !str_eq(p->sender, item->s.sender) ||
                !str_eq(p->ref, item->part.ref))
                continue;
            text_add(&whole, p->text);
            found++;
            break;
        }
    struct str kept = check_kept(c, &whole);
    return found == item->part.total ? kept : STR_NONE;
}

static void part_compare(struct check *c, const struct json *want, const struct inbox_item *item)
{
    const struct json *p = json_get(want, "part");
    struct str whole = piece_join(c, item);
    check_int(c, "part total", check_int_or(json_get(p, "total"), 0), item->part.total);
    if (json_kind(p) != JSON_OBJECT || item->part.total == 0) return;
    check_int(c, "part index", check_int_or(json_get(p, "index"), 0), item->part.index);
    check_str(c, "part ref", json_str(json_get(p, "ref")), item->part.ref);
    if (json_get(want, "assembled_text"))
        check_str(c, "joined words", json_str(json_get(want, "assembled_text")), whole);
}

/* Where the provider does not say it, the words do; the office's own list (sms_stop_words) is longer. */
static bool is_stop(struct str words)
{
    static const struct sms_rules rules = {
        .plaque_min = 6, .plaque_max = SMS_PLAQUE_MAX, .stop = {"TD T R QX STOP", 14}};
    struct sms_text meaning;
    sms_text_read(words, &rules, &meaning);
    return meaning.kind == SMS_STOP;
}

static void message_compare(struct check *c, const struct json *want, const struct inbox_item *item)
{
    const struct submission *s = &item->s;
    struct str id = json_str(json_get(want, "provider_id"));
    check_str(c, "provider_id", id, s->external_id);
    key_compare(c, id.n ? id : json_str(json_get(want, "dedupe_key")), s->dedupe_key);
    from_compare(c, json_str(json_get(want, "from")), s->sender);
    to_compare(c, json_str(json_get(want, "to")), item->to);
    check_str(c, "text", json_str(json_get(want, "text")), s->text);
    check_int(c, "sent_at_unix", check_int_or(json_get(want, "sent_at_unix"), 0), s->sent_at.us / 1000000);
    check_str(c, "sign_name", json_str(json_get(want, "sign_name")), item->sign_name);
    check_int(c, "opt_out", json_bool(json_get(want, "opt_out")), item->opt_out || is_stop(s->text));
    check_int(c, "segments", check_int_or(json_get(want, "segments"), item->segments), item->segments);
    check_int(c, "media", (i64)json_count(json_get(want, "media")), item->media);
    kind_compare(c, want, item);
    part_compare(c, want, item);
}

static void receipt_compare(struct check *c, const struct json *want, const struct receipt_report *r)
{
    static const char *const words[] = {[DELIVERY_SENT] = "sent",
                                        [DELIVERY_DELIVERED] = "delivered",
                                        [DELIVERY_FAILED] = "failed",
                                        [DELIVERY_EXPIRED] = "expired"};
    const struct json *segment = json_get(want, "segment");
    struct str done = json_str(json_get(want, "done_at"));
    check_str(c, "receipt provider_id", json_str(json_get(want, "provider_id")), r->provider_id);
    if (json_get(want, "client_ref"))
        check_str(c, "receipt client_ref", json_str(json_get(want, "client_ref")), r->client_ref);
    check_str(c, "receipt to", json_str(json_get(want, "to")), r->to);
    check_str(c, "receipt status", json_str(json_get(want, "status")), str_of(words[r->status]));
    check_str(c, "receipt raw_status", json_str(json_get(want, "raw_status")), r->raw_status);
    check_str(c, "receipt error_code", json_str(json_get(want, "error_code")), r->error_code);
    if (done.n) check_int(c, "receipt done_at", read_time(done, SPAN_S(0)).us, r->done_at.us);
    if (segment) {
        /* One piece of one is the whole. */
        i64 total = check_int_or(json_get(segment, "total"), 0);
        check_int(c, "receipt segments", total, total == 1 && r->part_total == 0 ? 1 : r->part_total);
        check_int(c, "receipt segment", check_int_or(json_get(segment, "index"), 0),
                  total == 1 && r->part_index == 0 ? 1 : r->part_index);
    }
}

static void reply_compare(struct check *c, const struct json *want, const struct hook_answer *got)
{
    struct str type = json_str(json_get(want, "content_type")), body = json_str(json_get(want, "body"));
    if (!want) return; /* a program that is called answers nobody */
    check_int(c, "reply status", check_int_or(json_get(want, "status"), 0), got->status);
    if (!str_eq(type, STR("*any*"))) check_str(c, "reply content type", type, got->type);
    if (!str_eq(body, STR("*any*"))) check_str(c, "reply body", body, got->body);
}

/* A signed body that is JSON: what was signed must be what is read. */
static void json_compare(struct check *c, const struct json *want, struct str body)
{
    const char *error = NULL;
    if (!want) return;
    struct json *got = json_parse(body, CHECK_FILE_MAX, &error);
    struct text a, b;
    text_init(&a, CHECK_FILE_MAX);
    text_init(&b, CHECK_FILE_MAX);
    json_write(want, &a);
    json_write(got, &b);
    check_str(c, "json", text_str(&a), text_str(&b));
    text_free(&a);
    text_free(&b);
    json_free(&got);
}

/* Settings that samples of a provider take for granted: plain pushes of WeChat are off until somebody allows them. */
static void settings_granted(struct check_channel *channel, const struct adapter *adapter,
                             const struct http_in *in)
{
    if (str_eq(str_of(adapter->name), STR("wechat")) && str_find(in->query, STR("encrypt_type=")) == SIZE_MAX)
        check_set(channel, STR("plain"), STR("yes"));
}

void check_inbound(struct check *c, const struct adapter *adapter, enum hook hook)
{
    struct check_channel channel;
    struct http_header headers[CHECK_HEADERS];
    struct http_in in;
    const struct json *expect = json_get(c->doc, "expect");
    const char *reason = "none given";
    check_config(c, &channel);
    if (!request_fill(c, headers, &in)) return;
    settings_granted(&channel, adapter, &in);
    struct inbox *inbox = MEM_NEW(struct inbox);
    enum parse_result parsed = PARSE_OK;
    enum verdict_in verdict = VERIFY_REFUSED;
    if (door_opens(&channel, in.path))
        verdict = adapter->verify(&channel.ch, hook, &in, &reason);
    else
        reason = "the key in the path";
    if (verdict == VERIFY_OK) parsed = adapter->parse(&channel.ch, hook, &in, &c->arena, inbox, &reason);
    if (verdict != VERIFY_OK || parsed != PARSE_OK) inbox->n_items = inbox->n_receipts = 0;
    struct hook_answer answer = adapter_answer(verdict, parsed, inbox);
    const struct json *messages = json_get(expect, "messages"), *receipts = json_get(expect, "receipts");
    const bool want_refused = json_str(json_get(expect, "parse_error")).n != 0;

    check_int(c, "authentic", json_bool(json_get(expect, "authentic")), verdict == VERIFY_OK);
    if (verdict == VERIFY_OK) check_int(c, "content refused", want_refused, parsed != PARSE_OK);
    reply_compare(c, json_get(expect, "reply"), &answer);
    if (verdict == VERIFY_UNAUTHORIZED && !adapter->challenge)
        check_differs(c, "a 401 without its challenge");
    check_int(c, "messages", (i64)json_count(messages), (i64)inbox->n_items);
    check_int(c, "receipts", (i64)json_count(receipts), (i64)inbox->n_receipts);
    for (size_t i = 0; i < inbox->n_items && i < json_count(messages); i++)
        message_compare(c, json_at(messages, i), &inbox->items[i]);
    for (size_t i = 0; i < inbox->n_receipts && i < json_count(receipts); i++)
        receipt_compare(c, json_at(receipts, i), &inbox->receipts[i]);
    json_compare(c, json_get(expect, "json"), in.body);
    if (c->differs.n && (verdict != VERIFY_OK || parsed != PARSE_OK))
        check_differs(c, "the adapter's reason: %s", reason);
    free(inbox);
}

/* -- what is answered to a push ------------------------------------------------------------------------------------ */

static struct str between(struct str s, const char *open, const char *close)
{
    size_t at = str_find(s, str_of(open));
    if (at == SIZE_MAX) return STR_NONE;
    s.p += at + strlen(open), s.n -= at + strlen(open);
    at = str_find(s, str_of(close));
    return at == SIZE_MAX ? STR_NONE : (struct str){s.p, at};
}

void check_answer(struct check *c, const struct adapter *adapter)
{
    struct check_channel channel;
    struct str want, plain, random, file = json_str(json_path(c->doc, STR("expect.decrypts_to_file")));
    struct hook_answer got = {0};
    struct text query, sender;
    u8 octets[16] = {0};
    if (!adapter->answer) {
        check_differs(c, "this adapter answers no push with words");
        return;
    }
    check_config(c, &channel);
    if (!check_file(c, json_str(json_path(c->doc, STR("request.body_file"))), &want)) return;
    if (file.n && !check_file(c, file, &plain)) return;
    random = check_setting(&channel, "random16");
    if (random.n == sizeof octets) memcpy(octets, random.p, sizeof octets);
    text_init(&query, 256);
    text_init(&sender, 256);
    if (file.n)
        text_addf(&query, "encrypt_type=aes&nonce=%.*s", STR_ARG(check_setting(&channel, "nonce")));
    else
        plain = want, check_set(&channel, STR("plain"), STR("yes"));
    struct http_in in = {.method = STR("POST"),
                         .at = {check_int_or(json_path(c->doc, STR("config.now")), NOW_S) * 1000000},
                         .query = check_kept(c, &query)};
    text_addf(&sender, "%s:%.*s", adapter->name,
              STR_ARG(between(plain, "<ToUserName><![CDATA[", "]]></ToUserName>")));
    struct inbox_item item = {.s = {.sender = check_kept(c, &sender)},
                              .to = between(plain, "<FromUserName><![CDATA[", "]]></FromUserName>")};
    if (!adapter->answer(&channel.ch, &in, &item, between(plain, "<Content><![CDATA[", "]]></Content>"),
                         octets, &c->arena, &got))
        check_differs(c, "the answer was not written");
    check_str(c, "answer", want, got.body);
    check_str(c, "answer's type", STR("text/xml"), got.type);
    check_int(c, "answer's status", 200, got.status);
}
