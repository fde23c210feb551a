/* What the tests of the SMS adapters share: a row is a push and what must come of it; a file of samples/outbound is a call to
 * make, byte for byte, and how its answers are judged. */
#pragma once
#include "adapters/adapter.h"
#include "base/code.h"
#include "base/digest.h"
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ROW_NOW_S 1773799200 /* 2026-03-18 10:00 in China, the samples' clock */

static inline struct str s(const char *z) { return str_of(z); }

static inline void assert_str(const char *where, struct str got, const char *want)
{
    if (!str_eq(got, str_of(want))) fail_msg("%s: got \"%.*s\", expected \"%s\"", where, STR_ARG(got), want);
}

/* -- pushes ------------------------------------------------------------------------------------------------ */

struct row {
    const char *lesson;
    enum hook hook;
    const char *query, *type, *body; /* body NULL: GET */
    enum parse_result result;
    /* of the one message (text not NULL) or the one receipt (status not NULL) */
    const char *sender, *text, *id, *to;
    i64 sent_s;
    unsigned part_total, part_index, segments, media;
    size_t unreadable; /* elements beside it */
    bool opt_out;
    const char *status, *code, *ref;
};

static inline struct http_in row_request(const struct row *row, struct http_header headers[1])
{
    headers[0] = (struct http_header){STR("content-type"), s(row->type)};
    return (struct http_in){.method = row->body ? STR("POST") : STR("GET"),
                            .path = STR("/hooks/sms/key/mo"),
                            .query = s(row->query),
                            .host = STR("mashangdu.example.com"),
                            .body = s(row->body),
                            .headers = headers,
                            .n_headers = row->type ? 1 : 0,
                            .peer = STR("192.0.2.1"),
                            .tls = true,
                            .at = {(i64)ROW_NOW_S * 1000000}};
}

static inline void row_item(const struct row *row, const struct inbox_item *item)
{
    assert_str(row->lesson, item->s.text, row->text);
    assert_str(row->lesson, item->s.sender, row->sender ? row->sender : "");
    assert_str(row->lesson, item->s.external_id, row->id ? row->id : "");
    if (row->to) assert_str(row->lesson, item->to, row->to);
    if (row->id && !str_eq(item->s.dedupe_key, s(row->id))) fail_msg("%s: dedupe key", row->lesson);
    if (item->s.dedupe_key.n == 0) fail_msg("%s: no dedupe key", row->lesson);
    if (item->s.sent_at.us != row->sent_s * 1000000) fail_msg("%s: sent_at", row->lesson);
    if (item->part.total != row->part_total || item->part.index != row->part_index)
        fail_msg("%s: part %u of %u", row->lesson, item->part.index, item->part.total);
    if (row->segments && item->segments != row->segments) fail_msg("%s: segments", row->lesson);
    if (item->media != row->media || item->opt_out != row->opt_out)
        fail_msg("%s: media %u, opt-out %d", row->lesson, item->media, item->opt_out);
}

static inline void row_receipt(const struct row *row, const struct receipt_report *r)
{
    static const char *const words[] = {"sent", "delivered", "failed", "expired"};
    assert_str(row->lesson, s(words[r->status]), row->status);
    assert_str(row->lesson, r->provider_id, row->id ? row->id : "");
    assert_str(row->lesson, r->error_code, row->code ? row->code : "");
    assert_str(row->lesson, r->client_ref, row->ref ? row->ref : "");
    assert_str(row->lesson, r->to, row->to ? row->to : "");
    if (r->done_at.us != row->sent_s * 1000000) fail_msg("%s: done_at", row->lesson);
}

/* parse alone: what is signed is the business of verify's rows. */
static inline void row_check(const char *adapter, const struct row *row)
{
    const struct channel ch = {STR("sms"), NULL, 0};
    struct http_header headers[1];
    const struct http_in in = row_request(row, headers);
    struct inbox *inbox = MEM_NEW(struct inbox);
    struct arena arena;
    const char *reason = NULL;
    arena_init(&arena, 1 << 20);
    enum parse_result got = adapter_find(s(adapter))->parse(&ch, row->hook, &in, &arena, inbox, &reason);
    if (got != row->result)
        fail_msg("%s: result %d (%s)", row->lesson, (int)got, reason ? reason : "no reason");
    if (got != PARSE_OK && (!reason || inbox->n_items + inbox->n_receipts))
        fail_msg("%s: refused without a reason, or with something in the box", row->lesson);
    if (got == PARSE_OK) {
        if (inbox->n_items != (row->text != NULL) || inbox->n_receipts != (row->status != NULL))
            fail_msg("%s: %zu messages, %zu receipts", row->lesson, inbox->n_items, inbox->n_receipts);
        if (inbox->n_unreadable != row->unreadable || (row->unreadable && !reason))
            fail_msg("%s: %zu elements not readable", row->lesson, inbox->n_unreadable);
        if (row->text) row_item(row, &inbox->items[0]);
        if (row->status) row_receipt(row, &inbox->receipts[0]);
    }
    arena_free(&arena);
    free(inbox);
}

/* A batch of n elements with `between` commas, for providers whose pushes are lists. */
static inline char *row_batch(const char *before, const char *element, size_t n, const char *after)
{
    struct text t;
    text_init(&t, 1 << 22);
    text_addz(&t, before);
    for (size_t i = 0; i < n; i++) text_addf(&t, "%s%s", i ? "," : "", element);
    text_addz(&t, after);
    char *z = mem_copy(t.p, t.n);
    text_free(&t);
    return z;
}

/* -- files of samples -------------------------------------------------------------------------------------- */

/* Free with free(). */
static inline char *file_z(const char *folder, const char *name, const char *ending)
{
    char path[400], *z;
    snprintf(path, sizeof path, TREE "/tests/adapters/samples/%s/%s%s", folder, name, ending);
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s cannot be read", path);
    z = mem_alloc(1 << 18);
    size_t n = fread(z, 1, (1 << 18) - 1, f);
    fclose(f);
    z[n] = '\0';
    return z;
}

static inline struct json *file_case(const char *folder, const char *name)
{
    const char *error = NULL;
    char *z = file_z(folder, name, ".json");
    struct json *doc = json_parse(s(z), 1 << 18, &error);
    if (!doc) fail_msg("%s: %s", name, error);
    free(z);
    return doc;
}

static inline void assert_request(const char *name, const struct http_out *out)
{
    struct json *doc = file_case("outbound", name);
    const struct json *want = json_get(doc, "request"), *headers = json_get(want, "headers");
    char *body = file_z("outbound", name, ".body");
    struct text url;
    text_init(&url, 4096);
    text_addf(&url, "%.*s://%.*s%.*s", STR_ARG(json_str(json_get(want, "scheme"))),
              STR_ARG(json_str(json_get(want, "host"))), STR_ARG(json_str(json_get(want, "path"))));
    assert_str(name, out->method, "POST");
    assert_str(name, out->url, text_z(&url));
    assert_str(name, out->body, body);
    assert_int_equal(out->n_headers, json_count(headers));
    for (size_t i = 0; i < out->n_headers; i++) {
        assert_true(str_eq(out->headers[i].name, json_str(json_at(json_at(headers, i), 0))));
        if (!str_eq(out->headers[i].value, json_str(json_at(json_at(headers, i), 1))))
            fail_msg("%s: header %.*s is %.*s", name, STR_ARG(out->headers[i].name),
                     STR_ARG(out->headers[i].value));
    }
    text_free(&url);
    free(body);
    json_free(&doc);
}

/* -- answers to sendings ----------------------------------------------------------------------------------- */

struct answer_row {
    int status;
    bool left; /* bytes of the request had left */
    const char *body, *wait;
    enum sent sent;
    enum sent_cause cause;
    i64 wait_s;
    const char *id, *code;
};

static inline void answer_check(const char *adapter, size_t i, const struct answer_row *row)
{
    static const struct channel ch = {.name = {"sms", 3}};
    const struct http_reply reply = {
        .status = row->status, .sent = row->left, .body = s(row->body), .retry_after = s(row->wait)};
    struct sent_outcome got;
    struct arena arena;
    char where[64];
    arena_init(&arena, 4096);
    snprintf(where, sizeof where, "%s's answer %zu (%d)", adapter, i, row->status);
    adapter_find(s(adapter))->judge(&ch, &reply, &arena, &got);
    if (got.sent != row->sent || got.cause != row->cause)
        fail_msg("%s: sent %d, cause %d (%s)", where, (int)got.sent, (int)got.cause, got.for_operator);
    if (got.retry_after.us != row->wait_s * 1000000) fail_msg("%s: retry_after", where);
    assert_str(where, got.provider_id, row->id ? row->id : "");
    assert_str(where, got.error_code, row->code ? row->code : "");
    assert_non_null(got.for_operator);
    arena_free(&arena);
}

/* responses[] of a sample: taken, to be repeated or refused, with id and code. */
static inline void answers_of_sample(const char *adapter, const char *name)
{
    struct json *doc = file_case("outbound", name);
    const struct json *all = json_get(doc, "responses");
    static const struct channel ch = {.name = {"sms", 3}};
    assert_true(json_count(all) > 0);
    for (size_t i = 0; i < json_count(all); i++) {
        const struct json *one = json_at(all, i), *want = json_get(one, "parse");
        struct sent_outcome got;
        struct arena arena;
        i64 status = 0;
        assert_true(json_int(json_get(one, "status"), &status));
        const struct http_reply reply = {
            .status = (int)status, .sent = true, .body = json_str(json_get(one, "body"))};
        arena_init(&arena, 4096);
        adapter_find(s(adapter))->judge(&ch, &reply, &arena, &got);
        const enum sent due = json_bool(json_get(want, "ok"))      ? SENT_OK
                              : json_bool(json_get(want, "retry")) ? SENT_RETRY
                                                                   : SENT_REFUSED;
        if (got.sent != due) fail_msg("%s, answer %zu: %d", name, i, (int)got.sent);
        if (!str_eq(got.provider_id, json_str(json_get(want, "provider_id"))))
            fail_msg("%s, answer %zu: id", name, i);
        if (!str_eq(got.error_code, json_str(json_get(want, "error_code"))))
            fail_msg("%s, answer %zu: code", name, i);
        arena_free(&arena);
    }
    json_free(&doc);
}

/* A full arena is told, never written past: every size up to what it takes. */
static inline void compose_in_little_room(const char *adapter, const struct channel *ch,
                                          const struct message *m)
{
    bool done = false;
    for (size_t room = 0; room < 1 << 16 && !done; room += 64) {
        struct arena arena;
        struct http_out out;
        const char *reason = NULL;
        arena_init(&arena, room);
        done = adapter_find(s(adapter))->compose(ch, m, &arena, &out, &reason);
        if (!done) assert_non_null(reason);
        if (done) assert_true(out.body.n > 0 && out.url.n > 0);
        arena_free(&arena);
    }
    assert_true(done);
}

static inline void assert_balance(const char *adapter, const struct channel *ch, const char *url,
                                  const char *authorization, const char *good, double sum)
{
    static const u8 random[16];
    const struct adapter *a = adapter_find(s(adapter));
    struct http_reply reply = {.status = 200, .sent = true, .body = s(good)};
    struct http_out out;
    struct arena arena;
    double left = -1;
    arena_init(&arena, 4096);
    assert_true(a->balance_ask(ch, (instant){0}, random, &arena, &out));
    assert_str("balance", out.method, "GET");
    assert_str("balance", out.url, url);
    assert_str("balance", out.headers[0].name, "Authorization");
    assert_str("balance", out.headers[0].value, authorization);
    assert_true(a->balance_read(&reply, &left));
    assert_true(left > sum - 0.001 && left < sum + 0.001);
    reply.body = STR("<html>");
    assert_false(a->balance_read(&reply, &left));
    reply.body = STR("{}");
    assert_false(a->balance_read(&reply, &left));
    reply.body = s(good), reply.status = 401;
    assert_false(a->balance_read(&reply, &left));
    arena_free(&arena);
}
