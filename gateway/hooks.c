#include "hooks.h"
#include "intake.h"
#include "metrics.h"
#include "outbox.h"
#include "register.h"
#include "reply.h"
#include "base/arena.h"
#include "base/log.h"
#include "core/sms_text.h"
#include "status.h"
#include <stdlib.h>

#define PLAQUE_DIGITS_MIN 6
#define PLAQUE_DIGITS_MAX 9

/* One push: answered when all its items have their fate. */
struct push {
    struct gateway *g;
    u64 ticket;
    size_t waiting;
    struct hook_answer ok;
    char ok_type[64], ok_body[512];
    enum refusal worst; /* NONE: all stored or rightly dropped */
};

static void push_part_done(struct push *p, enum refusal r)
{
    if (r != REFUSE_NONE) p->worst = r;
    if (--p->waiting > 0) return;
    struct http_answer a = {.status = p->ok.status, .content_type = p->ok.type, .body = p->ok.body};
    if (p->worst == REFUSE_UNAVAILABLE || p->worst == REFUSE_INTERNAL) {
        /* The provider comes again; what was stored is found as a repeat then. The body stays empty: some gateways
         * send whatever they get to the citizen. */
        struct http_header retry = {STR("retry-after"), STR("5")};
        a = (struct http_answer){
            .status = 503, .content_type = STR("text/plain"), .headers = &retry, .n_headers = 1};
        count_refusal(p->worst);
        web_answer(p->g->web, p->ticket, &a);
    } else {
        web_answer(p->g->web, p->ticket, &a);
    }
    free(p);
}

/* What would be refused the next time as well (empty, too long) is answered OK and counted: a repeat would not mend it. */
static void item_done(void *arg, const struct intake_result *r)
{
    struct push *p = arg;
    bool later = r->refusal == REFUSE_UNAVAILABLE || r->refusal == REFUSE_INTERNAL;
    if (r->refusal != REFUSE_NONE && !later) {
        count_refusal(r->refusal);
        log_line(LOG_WARNING, LOG_HOOKS, "message dropped", "code=%s", refusal_facts(r->refusal)->code);
    }
    push_part_done(p, later ? r->refusal : REFUSE_NONE);
}

static void receipts_done(void *arg, bool stored)
{
    push_part_done(arg, stored ? REFUSE_NONE : REFUSE_UNAVAILABLE);
}

static void status_owed(void *arg, bool owed)
{
    push_part_done(arg, owed ? REFUSE_NONE : REFUSE_UNAVAILABLE);
}

/* An SMS is a feedback unless its words are a command. The words are stored exactly as received; the number in front
 * only says where. */
static void take_item(struct push *p, const struct submission *got)
{
    struct submission s = *got;
    struct sms_text meaning;
    char number[SMS_PLAQUE_MAX + 1];
    const struct sms_rules rules = {PLAQUE_DIGITS_MIN, PLAQUE_DIGITS_MAX, STR("退订"), STR("恢复")};
    sms_text_read(s.text, &rules, &meaning);
    if (meaning.kind == SMS_STATUS) {
        status_by_sms(p->g, &s, meaning.receipt, status_owed, p);
        return;
    }
    if (meaning.kind == SMS_SOLVED || meaning.kind == SMS_UNSOLVED) {
        status_confirm_by_sms(p->g, &s, meaning.receipt, meaning.kind == SMS_SOLVED, status_owed, p);
        return;
    }
    if (meaning.kind == SMS_PLAQUE && register_ready(p->g) && register_plaque(p->g, str_of(meaning.plaque))) {
        struct str found = str_of(meaning.plaque);
        for (size_t i = 0; i <= found.n; i++) number[i] = meaning.plaque[i];
        s.plaque = (struct str){number, found.n};
    }
    intake_submit(p->g, &s, true, item_done, p);
}

static void keep(struct push *p, struct hook_answer a)
{
    size_t type = MIN(a.type.n, sizeof p->ok_type), body = MIN(a.body.n, sizeof p->ok_body);
    for (size_t i = 0; i < type; i++) p->ok_type[i] = a.type.p[i];
    for (size_t i = 0; i < body; i++) p->ok_body[i] = a.body.p[i];
    p->ok = (struct hook_answer){a.status, {p->ok_type, type}, {p->ok_body, body}};
}

static void answer_now(struct gateway *g, u64 ticket, struct hook_answer a)
{
    web_answer(g->web, ticket,
               &(struct http_answer){.status = a.status, .content_type = a.type, .body = a.body});
}

static void take_push(struct gateway *g, u64 ticket, const struct http_in *in, const struct channel_row *ch,
                      enum hook hook)
{
    struct arena arena;
    struct inbox *inbox = MEM_NEW(struct inbox);
    const char *why = "";
    arena_init(&arena, 4u << 20);
    enum verdict_in verdict = ch->adapter->verify(&ch->ch, hook, in, &why);
    enum parse_result parsed = PARSE_OK;
    if (verdict == VERIFY_OK) parsed = ch->adapter->parse(&ch->ch, hook, in, &arena, inbox, &why);
    struct hook_answer a = adapter_answer(verdict, parsed, inbox);
    if (verdict != VERIFY_OK || parsed != PARSE_OK) {
        count_refusal(verdict != VERIFY_OK       ? REFUSE_HOOK_REFUSED
                      : parsed == PARSE_TOO_MANY ? REFUSE_TOO_BIG
                                                 : REFUSE_MALFORMED);
        log_line(LOG_WARNING, LOG_HOOKS, "push refused", "channel=%.*s why=\"%s\"", STR_ARG(ch->ch.name),
                 why);
        answer_now(g, ticket, a);
    } else if (inbox->handshake || inbox->n_items + inbox->n_receipts == 0) {
        answer_now(g, ticket, a);
    } else {
        struct push *p = MEM_NEW(struct push);
        *p = (struct push){.g = g, .ticket = ticket, .waiting = inbox->n_items + (inbox->n_receipts > 0) + 1};
        keep(p, a);
        for (size_t i = 0; i < inbox->n_items; i++) {
            struct submission s = inbox->items[i].s;
            s.door = DOOR_SMS;
            s.provider = ch->ch.name;
            take_item(p, &s);
        }
        if (inbox->n_receipts)
            outbox_receipts(g, ch->ch.name, inbox->receipts, inbox->n_receipts, receipts_done, p);
        push_part_done(p, REFUSE_NONE); /* the one that kept the push alive while items were handed over */
    }
    arena_free(&arena);
    free(inbox);
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
    if (!ch || !crypto_same(hash, ch->key_hash, 32) || (!mo && !dlr)) {
        count_refusal(REFUSE_HOOK_REFUSED);
        answer_now(g, ticket, (struct hook_answer){403, STR("text/plain"), STR_NONE});
        return true;
    }
    take_push(g, ticket, in, ch, mo ? HOOK_MO : HOOK_DLR);
    return true;
}
