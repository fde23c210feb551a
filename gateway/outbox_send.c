#include "outbox_part.h"
#include "messages.h"
#include "metrics.h"
#include "base/json.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX      (512u * 1024)
#define BODY_MAX       (128u * 1024)
#define RECIPIENT_END  10 /* characters by which a number is known, with or without its country */
#define UNKNOWN_REASON "no answer after the request had left; waits for its delivery receipt"

/* One sending: from the claimed row to its outcome. */
struct sending {
    struct outbox *o;
    struct outbox_lane *lane;
    u64 id, claim;
    int tries, slowed;
    bool moved;           /* another channel has taken it over already */
    struct str event, to; /* to: empty until opened */
    struct arena arena;
    struct channel ch; /* settings are copied: the register may change meanwhile */
    const struct adapter *adapter;
    struct outbox_limits limits;
    char spare[CHANNEL_NAME_MAX + 1]; /* that may take over, or empty */
    struct channel_entry *entry;
    u8 random[16];
};

static const enum counter counters[] = {[END_SENT] = COUNT_OUTBOX_SENT,
                                        [END_UNKNOWN] = COUNT_OUTBOX_UNKNOWN,
                                        [END_DEAD] = COUNT_OUTBOX_DEAD,
                                        [END_DUE] = COUNT_OUTBOX_RETRIED,
                                        [END_MOVED] = COUNT_OUTBOX_MOVED};

/* --- the outcome --- */

static const char *cause_word(enum sent_cause c)
{
    switch (c) {
    case CAUSE_NONE:
        break;
    case CAUSE_SETTINGS:
        return "settings";
    case CAUSE_MONEY:
        return "money";
    case CAUSE_RECIPIENT:
        return "recipient";
    case CAUSE_RATE:
        return "rate";
    case CAUSE_GONE:
        return "gone";
    }
    return "";
}

static u32 chance(void)
{
    u32 random;
    crypto_random(&random, sizeof random);
    return random;
}

/* The channel failed once more. From so many in a row on it pauses, longer each time, and so that one message finds out. With another
 * channel beside it that begins at once when the account or the settings are at fault. */
static void lane_failed(struct sending *s, bool account)
{
    struct outbox_lane *l = s->lane;
    const int most = s->o->g->cfg.outbox_errors;
    l->news = true;
    l->failed++;
    const int now = (l->well ? 0 : l->failures) + l->failed;
    if (now >= most) {
        l->close = backoff_pause(s->limits.retry, (unsigned)(now - most + 1), chance());
        outbox_alarm(s->o, l, ALARM_ERRORS, true, STR_NONE, "sendings fail one after the other");
    } else if (account && s->spare[0]) {
        l->close = backoff_pause(s->limits.retry, (unsigned)now, chance());
    }
}

static void lane_well(struct sending *s, bool sent)
{
    struct outbox_lane *l = s->lane;
    if (l->failures || l->slowed || l->failed || l->rated) {
        l->news = l->well = true;
        l->failed = l->rated = 0;
        l->close = SPAN_S(0);
    }
    if (!l->alarms) return;
    outbox_alarm(s->o, l, ALARM_ERRORS, false, STR_NONE, "");
    outbox_alarm(s->o, l, ALARM_RATE, false, STR_NONE, "");
    if (!sent) return;
    outbox_alarm(s->o, l, ALARM_MONEY, false, STR_NONE, "");
    outbox_alarm(s->o, l, ALARM_GONE, false, STR_NONE, "");
    outbox_alarm(s->o, l, ALARM_SETTINGS, false, s->event, "");
}

static bool lane_broken(const struct sending *s)
{
    const struct outbox_lane *l = s->lane;
    return (l->well ? 0 : l->failures) + l->failed >= s->o->g->cfg.outbox_errors;
}

static enum outbox_end retry(struct sending *s, const struct sent_outcome *r, span *wait_r)
{
    if (r->cause == CAUSE_RATE) { /* not this message's fault: it does not count as one of its tries */
        struct outbox_lane *l = s->lane;
        l->news = true;
        l->rated++;
        span pause = backoff_asked(s->limits.retry, r->retry_after,
                                   (unsigned)((l->well ? 0 : l->slowed) + l->rated), chance());
        l->close = SPAN_US(MAX(l->close.us, pause.us));
        *wait_r = pause;
        outbox_alarm(s->o, l, ALARM_RATE, true, STR_NONE, r->for_operator);
        return END_DUE;
    }
    lane_failed(s, false);
    if (s->spare[0] && lane_broken(s)) return END_MOVED;
    if (s->tries - s->slowed >= s->limits.tries) return END_DEAD;
    *wait_r =
        backoff_asked(s->limits.retry, r->retry_after, (unsigned)MAX(s->tries - s->slowed, 1), chance());
    return END_DUE;
}

static enum outbox_end refused(struct sending *s, const struct sent_outcome *r)
{
    const bool account = r->cause == CAUSE_SETTINGS || r->cause == CAUSE_MONEY;
    if (account) {
        const bool money = r->cause == CAUSE_MONEY;
        lane_failed(s, true);
        outbox_alarm(s->o, s->lane, money ? ALARM_MONEY : ALARM_SETTINGS, true, money ? STR_NONE : s->event,
                     r->for_operator);
    }
    if (r->cause == CAUSE_RECIPIENT) lane_well(s, false); /* it works: it knows the number */
    if (r->cause == CAUSE_GONE) outbox_alarm(s->o, s->lane, ALARM_GONE, true, STR_NONE, r->for_operator);
    return account && s->spare[0] ? END_MOVED : END_DEAD;
}

/* An id stands in the clear: one that repeats whom the message is for is none. */
static struct str id_kept(const struct sending *s, struct str id)
{
    struct str end = s->to;
    if (end.n > RECIPIENT_END) end.p += end.n - RECIPIENT_END, end.n = RECIPIENT_END;
    return end.n && str_find(id, end) != SIZE_MAX ? STR_NONE : id;
}

static void settle(struct sending *s, const struct sent_outcome *r)
{
    struct outbox_result *out = MEM_NEW(struct outbox_result);
    *out = (struct outbox_result){.id = s->id,
                                  .claim = s->claim,
                                  .cause = cause_word(r->cause),
                                  .error = r->sent == SENT_OK ? NULL : r->for_operator,
                                  .provider_id = outbox_visible(id_kept(s, r->provider_id), OUTBOX_ID_MAX),
                                  .code = outbox_code(r->error_code)};
    switch (r->sent) {
    case SENT_OK:
        out->end = END_SENT;
        lane_well(s, true);
        break;
    case SENT_UNKNOWN:
        out->end = END_UNKNOWN;
        lane_failed(s, false);
        if (r->cause == CAUSE_SETTINGS)
            outbox_alarm(s->o, s->lane, ALARM_SETTINGS, true, s->event, r->for_operator);
        break;
    case SENT_RETRY:
        out->end = retry(s, r, &out->wait);
        break;
    case SENT_REFUSED:
        out->end = r->cause == CAUSE_RATE ? retry(s, r, &out->wait) : refused(s, r);
        break;
    }
    if (out->end == END_MOVED) snprintf(out->spare, sizeof out->spare, "%s", s->spare);
    count_add(counters[out->end], 1);
    TRACE(OUTBOX, "sending ended", "id=%llu try=%d end=%d cause=%s why=\"%s\"", (unsigned long long)s->id,
          s->tries, (int)out->end, out->cause, r->for_operator);
    outbox_settled(s->o, out);
}

static void sending_free(struct sending *s)
{
    s->o->out--;
    s->lane->out--;
    arena_free(&s->arena);
    free(s);
}

static void answered(void *arg, const struct http_reply *reply)
{
    struct sending *s = arg;
    struct outbox *o = s->o;
    struct sent_outcome r = {.sent = SENT_UNKNOWN, .for_operator = UNKNOWN_REASON};
    s->adapter->judge(&s->ch, reply, &s->arena, &r);
    channel_log_end(o->g, s->entry,
                    r.sent == SENT_OK        ? CHANNEL_OK
                    : r.sent == SENT_RETRY   ? CHANNEL_RETRY
                    : r.sent == SENT_REFUSED ? CHANNEL_REFUSED
                                             : CHANNEL_UNKNOWN,
                    reply->status, r.for_operator, reply->body, 0);
    settle(s, &r);
    const unsigned left = s->lane->out - 1, parallel = (unsigned)s->limits.parallel;
    sending_free(s);
    outbox_room(o, left, parallel);
    outbox_drain_look(o);
}

/* --- the message --- */

static bool copy_channel(struct sending *s, const struct channel_row *row)
{
    struct channel_setting *set = arena_alloc(&s->arena, (row->ch.n_settings + 1) * sizeof *set);
    if (!set) return false;
    for (size_t i = 0; i < row->ch.n_settings; i++)
        set[i] = (struct channel_setting){arena_str(&s->arena, row->ch.settings[i].name),
                                          arena_str(&s->arena, row->ch.settings[i].value)};
    s->ch = (struct channel){arena_str(&s->arena, row->ch.name), set, row->ch.n_settings};
    s->adapter = row->adapter;
    return true;
}

/* Where the provider sends delivery receipts: the channel's own hook, on the base the provider can reach. */
static struct str dlr_url(struct gateway *g, struct sending *s)
{
    struct str key = channel_setting(&s->ch, STR("hook_key")),
               base = channel_setting(&s->ch, STR("hook_base"));
    struct text t;
    if (key.n == 0) return STR_NONE;
    text_init(&t, 1000);
    text_add(&t, base.n ? base : str_of(g->cfg.public_url));
    while (t.n && t.p[t.n - 1] == '/') t.n--;
    text_addf(&t, "/hooks/%.*s/%.*s/dlr", STR_ARG(s->ch.name), STR_ARG(key));
    struct str kept = arena_str(&s->arena, text_str(&t));
    text_free(&t);
    return kept;
}

static bool unseal(struct gateway *g, struct sending *s, const char *what, struct str sealed,
                   struct str *plain_r)
{
    char context[48];
    struct text t;
    snprintf(context, sizeof context, "%s %llu", what, (unsigned long long)s->id);
    text_init(&t, BODY_MAX);
    bool good = sealed.n && crypto_open(g->keys, KEY_OUTBOX, str_of(context), sealed, &t);
    if (good) *plain_r = t.n ? arena_str(&s->arena, text_str(&t)) : STR("");
    crypto_wipe(t.p, t.n);
    text_free(&t);
    return good && plain_r->p;
}

static struct str keep(struct sending *s, struct str v) { return v.n ? arena_str(&s->arena, v) : STR_NONE; }

static bool read_params(struct sending *s, const struct json *list, struct message *m)
{
    const size_t n = json_count(list);
    struct message_param *all = arena_alloc(&s->arena, (n + 1) * sizeof *all);
    if (!all) return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *pair = json_at(list, i);
        all[i] =
            (struct message_param){keep(s, json_str(json_at(pair, 0))), keep(s, json_str(json_at(pair, 1)))};
        if (!all[i].value.p) all[i].value = STR("");
    }
    m->params = all;
    m->n_params = n;
    return true;
}

/* The words of body_form 1 (gateway/messages.h). In front of an SMS stands the signature of the channel that sends it. */
static bool read_body(struct gateway *g, struct sending *s, struct str body, struct message *m)
{
    const char *why;
    struct json *doc = json_parse(body, BODY_MAX, &why);
    struct str words = json_str(json_get(doc, "text"));
    struct text t;
    i64 at = 0;
    if (!doc) return false;
    text_init(&t, BODY_MAX);
    m->sign = keep(s, messages_sign(g, &s->ch));
    if (s->adapter->use == USE_SMS && words.n && m->sign.n && !str_starts(words, STR("【")))
        text_addf(&t, "【%.*s】", STR_ARG(m->sign));
    text_add(&t, words);
    m->text = keep(s, text_str(&t));
    text_clear(&t);
    m->title = keep(s, json_str(json_get(doc, "title")));
    m->event = keep(s, json_str(json_get(doc, "event")));
    if (json_get(doc, "data")) json_write(json_get(doc, "data"), &t);
    m->data = keep(s, text_str(&t));
    if (json_int(json_get(doc, "at"), &at)) m->event_at = (instant){at};
    bool good = read_params(s, json_get(doc, "params"), m) && !t.overflow;
    text_free(&t);
    json_free(&doc);
    return good;
}

static bool message_read(struct gateway *g, struct sending *s, const struct db_result *r, int row,
                         struct message *m)
{
    struct str body;
    if (!unseal(g, s, OUTBOX_TO, db_get_text(r, row, CLAIM_RECIPIENT), &m->to) ||
        !unseal(g, s, OUTBOX_BODY, db_get_text(r, row, CLAIM_BODY), &body))
        return false;
    if (db_get_i64(r, row, CLAIM_FORM) == 1) return read_body(g, s, body, m);
    m->text = body; /* words alone, signed when they were owed */
    m->sign = keep(s, messages_sign(g, &s->ch));
    return true;
}

/* --- one row --- */

static struct sending *sending_new(struct outbox *o, const struct db_result *r, int row, u64 claim)
{
    struct sending *s = MEM_NEW(struct sending);
    *s = (struct sending){.o = o,
                          .lane = outbox_lane(o, db_get_text(r, row, CLAIM_CHANNEL)),
                          .id = (u64)db_get_i64(r, row, CLAIM_ID),
                          .claim = claim,
                          .tries = (int)db_get_i64(r, row, CLAIM_TRIES),
                          .slowed = (int)db_get_i64(r, row, CLAIM_SLOWED),
                          .moved = db_get_bool(r, row, CLAIM_MOVED)};
    arena_init(&s->arena, ARENA_MAX);
    s->event = keep(s, db_get_text(r, row, CLAIM_EVENT));
    crypto_random(s->random, sizeof s->random);
    o->out++;
    s->lane->out++;
    return s;
}

/* What ended without anything having left us. */
static void not_sent(struct sending *s, const struct sent_outcome *why)
{
    settle(s, why);
    sending_free(s);
}

/* An outcome that says nothing about how the channel fares. */
static void put(struct sending *s, enum outbox_end end, const char *cause, const char *why, span wait)
{
    struct outbox_result *out = MEM_NEW(struct outbox_result);
    *out = (struct outbox_result){.id = s->id,
                                  .claim = s->claim,
                                  .end = end,
                                  .wait = wait,
                                  .cause = cause,
                                  .error = why,
                                  .provider_id = outbox_visible(STR_NONE, 0),
                                  .code = outbox_visible(STR_NONE, 0)};
    if (end == END_MOVED) snprintf(out->spare, sizeof out->spare, "%s", s->spare);
    count_add(counters[end], 1);
    outbox_settled(s->o, out);
    sending_free(s);
}

/* It goes back as it came; cause "rate" keeps this from counting as one of its tries. */
static void put_back(struct sending *s, const char *why, span wait) { put(s, END_DUE, "rate", why, wait); }

void outbox_send(struct outbox *o, const struct db_result *r, int row, u64 claim, bool late)
{
    struct gateway *g = o->g;
    struct sending *s = sending_new(o, r, row, claim);
    const struct channel_row *ch = register_channel(g, db_get_text(r, row, CLAIM_CHANNEL));
    struct message m = {.client_ref = STR_NONE, .now = clock_now(), .random = s->random};
    struct http_out out = {0};
    const char *why = "the message cannot be written for this provider";
    char ref[24];
    if (late) {
        put_back(s, "the claim came too late to be used", SPAN_S(0));
        return;
    }
    if (!ch || !outbox_sends(ch)) { /* since the claim was sent */
        put_back(s, "the channel was switched off", SPAN_S(1));
        return;
    }
    if (!outbox_limits(g, &ch->ch, &s->limits) && !s->lane->misread) {
        s->lane->misread = true;
        log_line(LOG_ERROR, LOG_OUTBOX,
                 "a limit among a channel's settings cannot be read; its default counts", "channel=%s",
                 s->lane->name);
    }
    const struct channel_row *spare = s->moved ? NULL : outbox_spare(g, ch);
    if (spare) snprintf(s->spare, sizeof s->spare, "%.*s", STR_ARG(spare->ch.name));
    snprintf(ref, sizeof ref, "%llu", (unsigned long long)s->id);
    m.client_ref = str_of(ref);
    m.try = (unsigned)s->tries;
    if (!copy_channel(s, ch) || !message_read(g, s, r, row, &m)) {
        not_sent(s, &(struct sent_outcome){.sent = SENT_REFUSED,
                                           .for_operator = "emptied, or sealed with another key"});
        return;
    }
    s->to = m.to;
    if (m.event.n == 0) m.event = s->event;
    m.dlr_url = dlr_url(g, s);
    if (!s->adapter->compose(&s->ch, &m, &s->arena, &out, &why)) {
        /* Its template may be missing here; another channel may have it. */
        outbox_alarm(o, s->lane, ALARM_SETTINGS, true, s->event, why);
        put(s, s->spare[0] ? END_MOVED : END_DEAD, "content", why, SPAN_S(0));
        return;
    }
    s->entry = channel_log_call(g, &s->ch, s->adapter, s->id, &out);
    if (httpc_start(g->httpc, &out, g->cfg.outbox_deadline, answered, s)) return;
    why = "too many calls out, or the address is no http address";
    channel_log_end(g, s->entry, CHANNEL_RETRY, 0, why, STR_NONE, 0);
    not_sent(s, &(struct sent_outcome){.sent = SENT_RETRY, .for_operator = why});
}
