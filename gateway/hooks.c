#include "hooks.h"
#include "channel_log.h"
#include "conversation.h"
#include "metrics.h"
#include "outbox.h"
#include "parts.h"
#include "register.h"
#include "reply.h"
#include "adapters/sentences.h"
#include "base/arena.h"
#include "base/code.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One push: answered when all its items have their fate, however long that takes. Where the push's own answer carries the words, the
 * provider (WeChat) gives up after five seconds and comes again: its repeat finds what was stored and gets the same words. An early
 * success without them would be a promise that the database has not made yet. */
struct push {
    struct gateway *g;
    u64 ticket;
    struct arena arena; /* everything read from the push, until it is answered */
    struct inbox inbox;
    struct item *items; /* beside inbox.items */
    size_t waiting;
    struct hook_answer ok;
    enum refusal worst; /* NONE: all stored or rightly dropped */
    struct channel_entry *entry;
    struct str channel;
    const struct adapter *adapter;
    struct http_in in; /* copied, only where the adapter answers by itself */
    char partly[200];  /* what is said of elements that could not be read; empty: there were none */
};

/* Messages of one sender are taken one after the other, in the push's order: a plaque number and the words that follow it. */
struct item {
    struct push *push;
    bool begun, ended;
};

static void tell(struct push *p, struct hook_answer a, enum channel_outcome outcome, const char *why)
{
    struct http_header more[1];
    struct http_answer h = {.status = a.status, .content_type = a.type, .headers = more, .body = a.body};
    if (a.status == 503) more[h.n_headers++] = (struct http_header){STR("retry-after"), STR("5")};
    if (a.status == 401 && p->adapter && p->adapter->challenge)
        more[h.n_headers++] = (struct http_header){STR("www-authenticate"), str_of(p->adapter->challenge)};
    if (p->g->web) web_answer(p->g->web, p->ticket, &h);
    channel_log_end(p->g, p->entry, outcome, a.status, why, a.body, p->inbox.n_items + p->inbox.n_receipts);
    p->entry = NULL;
}

static void push_part_done(struct push *p, enum refusal r)
{
    if (r != REFUSE_NONE) p->worst = r;
    if (--p->waiting > 0) return;
    if (p->worst != REFUSE_NONE) {
        /* The provider comes again; what was stored is found as a repeat then. The body stays empty: some gateways
         * send whatever they get to the citizen. */
        count_refusal(p->worst);
        tell(p, (struct hook_answer){503, STR("text/plain"), STR_NONE}, CHANNEL_UNAVAILABLE,
             "not everything could be stored");
    } else {
        tell(p, p->ok, CHANNEL_OK, p->partly[0] ? p->partly : NULL);
    }
    arena_free(&p->arena);
    free(p);
}

/* --- items --- */

static void begin(struct push *p, size_t i);

/* The next one of the same sender, if it waited for this. */
static void ended(struct item *it, enum refusal r)
{
    struct push *p = it->push;
    const size_t i = (size_t)(it - p->items);
    it->ended = true;
    for (size_t j = i + 1; j < p->inbox.n_items; j++) {
        if (p->items[j].begun || !str_eq(p->inbox.items[j].s.sender, p->inbox.items[i].s.sender)) continue;
        begin(p, j);
        break;
    }
    push_part_done(p, r);
}

/* What would be refused the next time as well (empty, too long) is answered OK and counted: a repeat would not mend it. */
static enum refusal worth_repeating(enum refusal r)
{
    if (r == REFUSE_NONE || r == REFUSE_UNAVAILABLE || r == REFUSE_INTERNAL) return r;
    count_refusal(r);
    log_line(LOG_WARNING, LOG_HOOKS, "message dropped", "code=%s", refusal_facts(r)->code);
    return REFUSE_NONE;
}

static void talked(void *arg, const struct conversation_result *r)
{
    struct item *it = arg;
    struct push *p = it->push;
    struct hook_answer a;
    u8 random[16];
    const struct channel_row *ch = register_ready(p->g) ? register_channel(p->g, p->channel) : NULL;
    if (r->answer.n && r->refusal == REFUSE_NONE && ch && ch->adapter == p->adapter) {
        crypto_random(random, sizeof random);
        if (p->adapter->answer(&ch->ch, &p->in, &p->inbox.items[it - p->items], r->answer, random, &p->arena,
                               &a))
            p->ok = a;
    }
    ended(it, worth_repeating(r->refusal));
}

static void piece_kept(void *arg, bool stored) { ended(arg, stored ? REFUSE_NONE : REFUSE_UNAVAILABLE); }

static void begin(struct push *p, size_t i)
{
    p->items[i].begun = true;
    if (parts_concern(&p->inbox.items[i]))
        parts_take(p->g, &p->inbox.items[i], piece_kept, &p->items[i]);
    else
        conversation_take(p->g, &p->inbox.items[i], p->adapter->answer != NULL, talked, &p->items[i]);
}

static bool is_first_of_sender(const struct push *p, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (str_eq(p->inbox.items[j].s.sender, p->inbox.items[i].s.sender)) return false;
    return true;
}

static void receipts_done(void *arg, bool stored)
{
    push_part_done(arg, stored ? REFUSE_NONE : REFUSE_UNAVAILABLE);
}

/* Some of them may end at once: `waiting` counts all before the first begins, and one more for ourselves. */
static void take_all(struct push *p)
{
    const enum door door = p->adapter == &adapter_wechat ? DOOR_WECHAT : DOOR_SMS;
    const size_t n = p->inbox.n_items;
    p->waiting = n + (p->inbox.n_receipts > 0) + 1;
    for (size_t i = 0; i < n; i++) {
        p->items[i].push = p;
        p->inbox.items[i].s.door = door;
        p->inbox.items[i].s.provider = p->channel;
    }
    for (size_t i = 0; i < n; i++)
        if (!p->items[i].begun && is_first_of_sender(p, i)) begin(p, i);
    if (p->inbox.n_receipts)
        outbox_receipts(p->g, p->channel, p->inbox.receipts, p->inbox.n_receipts, receipts_done, p);
    push_part_done(p, REFUSE_NONE);
}

/* --- the push --- */

/* The request itself is gone when the answer is written. */
static bool keep_request(struct push *p, const struct http_in *in)
{
    struct str *texts[] = {&p->in.method, &p->in.path, &p->in.query, &p->in.host, &p->in.body, &p->in.peer};
    struct http_header *headers = arena_alloc(&p->arena, (in->n_headers + 1) * sizeof *headers);
    p->in = *in;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = texts[i]->n ? arena_str(&p->arena, *texts[i]) : STR("");
        if (!texts[i]->p) return false;
    }
    for (size_t i = 0; headers && i < in->n_headers; i++)
        headers[i] = (struct http_header){arena_str(&p->arena, in->headers[i].name),
                                          arena_str(&p->arena, in->headers[i].value)};
    p->in.headers = headers;
    return headers != NULL;
}

/* Where a provider gives no id, the adapter's key is made of the sender and the words. Such a key stands in the database, where it would
 * tell by trial who wrote what (a number has ten digits to guess): only its keyed digest does. */
static struct str key_kept(struct push *p, const struct submission *s)
{
    u8 mac[32];
    struct text t;
    if (s->dedupe_key.n == 0) return STR("");
    if (str_eq(s->dedupe_key, s->external_id)) return arena_str(&p->arena, s->dedupe_key);
    crypto_mac(p->g->keys, KEY_DEDUPE, &s->dedupe_key, 1, mac);
    text_init(&t, 80);
    text_addz(&t, "mac:");
    hex_put(&t, mac, sizeof mac);
    struct str kept = arena_str(&p->arena, text_str(&t));
    text_free(&t);
    return kept;
}

/* Items point into the request (body, headers) as well as into the arena. */
static bool keep_items(struct push *p, struct hook_answer ok)
{
    const size_t n = p->inbox.n_items;
    p->items = arena_alloc(&p->arena, (n + 1) * sizeof *p->items);
    bool good = p->items != NULL;
    for (size_t i = 0; good && i < n; i++) {
        struct inbox_item *it = &p->inbox.items[i];
        struct str *texts[] = {&it->s.external_id, &it->s.sender, &it->s.contact, &it->s.plaque,
                               &it->s.text,        &it->part.ref, &it->to,        &it->sign_name};
        it->s.dedupe_key = key_kept(p, &it->s);
        good = it->s.dedupe_key.p != NULL;
        for (size_t j = 0; good && j < ARRAY_LEN(texts); j++) {
            *texts[j] = texts[j]->n ? arena_str(&p->arena, *texts[j]) : STR("");
            good = texts[j]->p != NULL;
        }
    }
    p->ok = (struct hook_answer){ok.status, ok.type.n ? arena_str(&p->arena, ok.type) : STR(""),
                                 ok.body.n ? arena_str(&p->arena, ok.body) : STR("")};
    return good && p->ok.type.p && p->ok.body.p && p->channel.p;
}

/* Elements of a batch that could not be read would be no better the next time: the rest is taken, they are counted. */
static void note_unreadable(struct push *p, const char *why)
{
    const size_t n = p->inbox.n_unreadable;
    if (n == 0) return;
    count_add(COUNT_MESSAGES_UNREADABLE, n);
    log_line(LOG_WARNING, LOG_HOOKS, "part of a push not readable",
             "channel=%.*s unreadable=%zu of=%zu why=\"%s\"", STR_ARG(p->channel), n,
             n + p->inbox.n_items + p->inbox.n_receipts, why);
    snprintf(p->partly, sizeof p->partly, SENTENCE_PARTLY, n, n + p->inbox.n_items + p->inbox.n_receipts,
             why);
}

/* A push that is answered without storing anything. */
static void push_end(struct push *p, struct hook_answer a, enum channel_outcome outcome, const char *why)
{
    tell(p, a, outcome, why);
    arena_free(&p->arena);
    free(p);
}

static void take_push(struct gateway *g, u64 ticket, const struct http_in *in, const struct channel_row *ch,
                      enum hook hook)
{
    struct push *p = MEM_NEW(struct push);
    const char *why = "";
    *p = (struct push){.g = g, .ticket = ticket, .adapter = ch->adapter};
    arena_init(&p->arena, 12u << 20);
    p->channel = arena_str(&p->arena, ch->ch.name);
    p->entry = channel_log_push(g, &ch->ch, ch->adapter, hook, in);
    enum verdict_in verdict = ch->adapter->verify(&ch->ch, hook, in, &why);
    enum parse_result parsed = PARSE_OK;
    if (verdict == VERIFY_OK) parsed = ch->adapter->parse(&ch->ch, hook, in, &p->arena, &p->inbox, &why);
    struct hook_answer a = adapter_answer(verdict, parsed, &p->inbox);
    if (verdict == VERIFY_OK && parsed == PARSE_OK) note_unreadable(p, why);
    if (verdict != VERIFY_OK || parsed != PARSE_OK) {
        count_refusal(verdict != VERIFY_OK       ? REFUSE_HOOK_REFUSED
                      : parsed == PARSE_TOO_MANY ? REFUSE_TOO_BIG
                                                 : REFUSE_MALFORMED);
        log_line(LOG_WARNING, LOG_HOOKS, "push refused", "channel=%.*s why=\"%s\"", STR_ARG(ch->ch.name),
                 why);
        push_end(p, a,
                 verdict != VERIFY_OK       ? CHANNEL_REFUSED
                 : parsed == PARSE_TOO_MANY ? CHANNEL_TOO_BIG
                                            : CHANNEL_MALFORMED,
                 why);
    } else if (p->inbox.handshake || p->inbox.n_items + p->inbox.n_receipts == 0) {
        push_end(p, a, CHANNEL_OK, NULL);
    } else if (!keep_items(p, a) || (p->adapter->answer && !keep_request(p, in))) {
        count_refusal(REFUSE_TOO_BIG);
        push_end(p, (struct hook_answer){413, STR("text/plain"), STR_NONE}, CHANNEL_TOO_BIG,
                 "no room for what was read");
    } else {
        take_all(p);
    }
}

/* The secret path part: the channel's key, or while it is changed the one before. Both are looked at, so that timing tells
 * nothing. */
static bool key_fits(const struct channel_row *ch, const u8 hash[32], instant now)
{
    const bool current = crypto_same(hash, ch->key_hash, 32), old = crypto_same(hash, ch->old_key_hash, 32);
    return current || (old && instant_before(now, ch->old_key_until));
}

bool hooks_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct str name, key, what, rest = in->path;
    u8 hash[32];
    if (!str_starts(rest, STR("/hooks/"))) return false;
    str_cut((struct str){rest.p + 7, rest.n - 7}, '/', &name, &rest);
    str_cut(rest, '/', &key, &what);
    const bool mo = str_eq(what, STR("mo")), dlr = str_eq(what, STR("dlr"));
    const struct channel_row *ch = register_ready(g) ? register_channel(g, name) : NULL;
    if (!register_ready(g)) {
        reply_refuse(g, ticket, LANG_EN, REFUSE_UNAVAILABLE);
        return true;
    }
    crypto_mac(g->keys, KEY_CHANNEL, (const struct str[]){name, key}, 2,
               hash); /* also for an unknown name: timing tells nothing */
    if (!ch || !key_fits(ch, hash, in->at) || (!mo && !dlr)) {
        count_refusal(REFUSE_HOOK_REFUSED);
        web_answer(g->web, ticket, &(struct http_answer){.status = 403, .content_type = STR("text/plain")});
        return true;
    }
    take_push(g, ticket, in, ch, mo ? HOOK_MO : HOOK_DLR);
    return true;
}
