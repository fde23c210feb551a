/* The frame in which every adapter is fuzzed. A target is a few lines:
 *
 *     int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
 *     {
 *         static const struct channel_setting set[] = {{STR("url_token"), STR("secret")}};
 *         return push_fuzz("kannel", set, ARRAY_LEN(set), data, size);
 *     }
 *
 * An input is a request as a person would write it down; tests/fuzz/corpus-from-samples makes such files:
 *
 *     POST mo /hooks/x/y?query            method, hook (dlr, else mo), path with query
 *     content-type: text/xml              any number of headers
 *                                         an empty line
 *     body                                the rest, any bytes
 *
 * verify is called, and parse whatever its verdict was, so that no secret hides the parser; then once more with an arena that
 * is soon full. Checked beside the sanitizers: a refusal has its reason, and what is accepted can be stored and answered. */
#pragma once
#include "adapters/adapter.h"
#include "base/utf8.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define PUSH_HEADERS 32
#define PUSH_NOW     1773799200 /* the samples' clock, so that their signatures are in time */

struct push {
    struct http_in in;
    struct http_header headers[PUSH_HEADERS];
    enum hook hook;
};

static inline struct str push_line(struct str *rest)
{
    struct str line, tail;
    str_cut(*rest, '\n', &line, &tail);
    *rest = tail;
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    return line;
}

/* `names` is room for the lower-case names of headers: as many bytes as the input has. */
static inline void push_read(struct push *p, const u8 *data, size_t size, char *names)
{
    struct str rest = {(const char *)data, size}, line = push_line(&rest), hook, target, name, value;
    *p = (struct push){.in = {.host = STR("mashangdu.example.com"),
                              .peer = STR("127.0.0.1"),
                              .tls = true,
                              .at = {(i64)PUSH_NOW * 1000000}}};
    str_cut(line, ' ', &p->in.method, &line);
    str_cut(line, ' ', &hook, &target);
    str_cut(target, '?', &p->in.path, &p->in.query);
    p->hook = str_eq(hook, STR("dlr")) ? HOOK_DLR : HOOK_MO;
    p->in.headers = p->headers;
    while ((line = push_line(&rest)).n) {
        if (p->in.n_headers == PUSH_HEADERS) continue;
        str_cut(line, ':', &name, &value);
        for (size_t i = 0; i < name.n; i++)
            names[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 32 : name.p[i]);
        p->headers[p->in.n_headers++] = (struct http_header){{names, name.n}, str_trim(value)};
        names += name.n;
    }
    p->in.body = rest;
    value = http_header_get(&p->in, STR("host"));
    if (value.n) p->in.host = value;
}

static inline void push_item_check(const struct inbox_item *item)
{
    const struct submission *s = &item->s;
    ASSERT(s->dedupe_key.n > 0 && s->dedupe_key.n <= SUBMISSION_KEY_MAX && utf8_valid(s->dedupe_key));
    ASSERT(s->external_id.n <= SUBMISSION_KEY_MAX && utf8_valid(s->external_id));
    ASSERT(utf8_valid(s->text) && utf8_valid(s->sender) && utf8_valid(s->plaque));
    ASSERT(utf8_valid(item->to) && utf8_valid(item->sign_name) && utf8_valid(item->part.ref));
    ASSERT(s->sent_at.us >= 0 && s->sent_at.us / 1000000 <= 253402300799);
    ASSERT(item->part.index <= item->part.total && (item->part.total == 0 || item->part.index > 0));
    ASSERT((unsigned)item->kind <= ITEM_LEFT);
}

static inline void push_receipt_check(const struct receipt_report *r)
{
    ASSERT(r->provider_id.n + r->client_ref.n > 0);
    ASSERT(r->provider_id.n <= SUBMISSION_KEY_MAX && utf8_valid(r->provider_id));
    ASSERT(r->client_ref.n <= SUBMISSION_KEY_MAX && utf8_valid(r->client_ref));
    ASSERT(utf8_valid(r->to) && utf8_valid(r->raw_status) && utf8_valid(r->error_code));
    ASSERT((unsigned)r->status <= DELIVERY_EXPIRED && r->done_at.us >= 0);
}

static inline void push_run(const struct adapter *a, const struct channel *ch, const struct push *p,
                            size_t room)
{
    static const u8 random[16] = "0123456789abcdef";
    static struct inbox inbox;
    struct arena arena;
    const char *reason = NULL;
    inbox = (struct inbox){0};
    arena_init(&arena, room);
    enum verdict_in verdict = a->verify(ch, p->hook, &p->in, &reason);
    ASSERT(verdict == VERIFY_OK || reason != NULL);
    reason = NULL;
    enum parse_result result = a->parse(ch, p->hook, &p->in, &arena, &inbox, &reason);
    if (result != PARSE_OK) {
        ASSERT(reason != NULL);
    } else {
        /* What was left out has its reason, and never is all there was. */
        ASSERT(inbox.n_unreadable == 0 || (reason != NULL && inbox.n_items + inbox.n_receipts > 0));
        ASSERT(inbox.n_items <= INBOX_MAX && inbox.n_receipts <= INBOX_MAX);
        ASSERT(!inbox.handshake || inbox.n_items + inbox.n_receipts == 0);
        struct hook_answer answer = adapter_answer(VERIFY_OK, result, &inbox);
        ASSERT(answer.status >= 200 && answer.status < 300 && utf8_valid(answer.type));
        for (size_t i = 0; i < inbox.n_items; i++) {
            push_item_check(&inbox.items[i]);
            if (a->answer &&
                a->answer(ch, &p->in, &inbox.items[i], STR("已收到。<&]]>"), random, &arena, &answer))
                ASSERT(answer.status == 200 && answer.body.n > 0);
        }
        for (size_t i = 0; i < inbox.n_receipts; i++) push_receipt_check(&inbox.receipts[i]);
    }
    arena_free(&arena);
}

static inline int push_fuzz(const char *name, const struct channel_setting *settings, size_t n,
                            const u8 *data, size_t size)
{
    const struct adapter *a = adapter_find(str_of(name));
    const struct channel ch = {STR("sms"), settings, n};
    struct push p;
    ASSERT(a != NULL);
    char *names = mem_alloc(size + 1);
    push_read(&p, data, size, names);
    push_run(a, &ch, &p, 4u << 20);
    push_run(a, &ch, &p, 64 + size * 2); /* somewhere in the middle it is full */
    free(names);
    return 0;
}
