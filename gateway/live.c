#include "live_part.h"
#include "api.h"
#include "guard.h"
#include "metrics.h"
#include "register.h"
#include "status.h"
#include "base/arena.h"
#include "base/code.h"
#include "core/receipt.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX 64 /* frames waiting for one peer; one that asks more than it reads is closed */
#define ID_MAX  64

struct out_frame {
    struct list node;
    struct web_frame *frame;
};
struct peer *live_peer(struct gateway *g, u64 ws) { return g->live ? idmap_get(&g->live->peers, ws) : NULL; }

void live_push(struct peer *p, struct str text)
{
    struct gateway *g = p->live->g;
    if (p->n_out >= OUT_MAX) {
        web_ws_close(g->web, p->ws, 1008, "too many unread answers");
        return;
    }
    struct out_frame *f = MEM_NEW(struct out_frame);
    f->frame = web_frame_new(text);
    list_push(&p->out, &f->node);
    p->n_out++;
    web_ws_want(g->web, p->ws);
}

static void put_id(struct text *t, struct str id)
{
    text_addz(t, ",\"id\":");
    if (id.n)
        json_put(t, id);
    else
        text_addz(t, "null");
}

/* extra: further members, each behind its comma. */
static void refuse_with(struct peer *p, struct str id, enum refusal r, span retry, struct str extra)
{
    const struct refusal_facts *f = refusal_facts(r);
    struct text t;
    count_refusal(r);
    text_init(&t, 4096);
    text_addz(&t, "{\"type\":\"refused\"");
    put_id(&t, id);
    text_addf(&t, ",\"code\":\"%s\",\"message\":", f->code);
    json_put(&t, str_of(p->lang == LANG_EN ? f->en : f->zh));
    if (retry.us) text_addf(&t, ",\"retry\":%lld", (long long)((retry.us + 999999) / 1000000));
    text_add(&t, extra);
    text_addc(&t, '}');
    live_push(p, text_str(&t));
    text_free(&t);
}

void live_refuse(struct peer *p, struct str id, enum refusal r, span retry)
{
    refuse_with(p, id, r, retry, STR_NONE);
}

/* --- submit --- */

struct submitting {
    struct gateway *g;
    u64 ws;
    char id[ID_MAX];
    size_t id_n;
};

static void submitted(void *arg, const struct intake_result *r)
{
    struct submitting *s = arg;
    struct peer *p = live_peer(s->g, s->ws);
    struct str id = {s->id, s->id_n};
    if (p && r->refusal != REFUSE_NONE) {
        live_refuse(p, id, r->refusal, r->retry);
    } else if (p) {
        struct text t;
        text_init(&t, 1024);
        text_addz(&t, "{\"type\":\"accepted\"");
        put_id(&t, id);
        text_addc(&t, ',');
        api_put_result(r, &t);
        text_addc(&t, '}');
        live_push(p, text_str(&t));
        text_free(&t);
    }
    free(s);
}

/* As at the JSON door: over a limit the refusal brings a challenge, and the same frame with its solution is let in. */
static void refuse_unproved(struct peer *p, struct str id, span wait)
{
    struct text extra;
    text_init(&extra, 2000);
    text_addz(&extra, ",\"challenge\":");
    guard_challenge(p->live->g, clock_now(), &extra);
    refuse_with(p, id, REFUSE_PROVE, wait, text_str(&extra));
    text_free(&extra);
}

static void submit(struct peer *p, const struct json *doc)
{
    static const char *const also[] = {"type", "id", "key", "altcha", NULL};
    struct gateway *g = p->live->g;
    struct submission s = {.door = DOOR_LIVE, .nature = NATURE_UNKNOWN};
    struct str id = json_str(json_get(doc, "id"));
    span wait = SPAN_US(0); /* set by whoever refuses for now */
    if (id.n > ID_MAX) {
        live_refuse(p, STR_NONE, REFUSE_UNKNOWN_FIELD, SPAN_US(0));
        return;
    }
    s.dedupe_key = json_str(json_get(doc, "key"));
    if (!idempotency_key_good(s.dedupe_key)) {
        live_refuse(p, id, REFUSE_KEY_BAD, SPAN_US(0));
        return;
    }
    /* All tablets of a hall share one address; one that has shown its secret is its own. */
    if (!p->kiosk.id && !gateway_rate(g, &g->submit_rate, str_of(p->address),
                                      (int)MIN((i64)g->cfg.submit_per_minute * 4, INT_MAX), 1, &wait)) {
        live_refuse(p, id, REFUSE_TOO_MANY, wait);
        return;
    }
    enum refusal r = api_read_submission(doc, also, &s);
    s.door = DOOR_LIVE; /* the door is the one that was used */
    if (p->kiosk.id) s.plaque = str_of(p->kiosk.plaque);
    struct arena arena;
    arena_init(&arena, GUARD_ARENA);
    if (r == REFUSE_NONE && !p->kiosk.id) {
        const struct guard_ask ask = {.peer = str_of(p->address),
                                      .agent = str_of(p->agent),
                                      .proof = json_str(json_get(doc, "altcha")),
                                      .now = clock_now(),
                                      .arena = &arena};
        r = guard_check(g, &ask, &s, &wait);
    }
    if (r != REFUSE_NONE) {
        if (r == REFUSE_PROVE)
            refuse_unproved(p, id, wait);
        else
            live_refuse(p, id, r, r == REFUSE_TOO_MANY ? wait : SPAN_US(0));
        arena_free(&arena);
        return;
    }
    struct submitting *job = MEM_NEW(struct submitting);
    *job = (struct submitting){.g = g, .ws = p->ws, .id_n = id.n};
    if (id.n) memcpy(job->id, id.p, id.n);
    intake_submit(g, &s, false, submitted, job);
    arena_free(&arena);
}

/* --- follow --- */

struct following {
    struct gateway *g;
    u64 ws;
    char receipt[17];
};

static void look(struct peer *p, const char receipt[17]);

static struct follow *follow_find(struct peer *p, const char receipt[17])
{
    for (size_t i = 0; i < p->n_follows; i++)
        if (crypto_same(p->follows[i].receipt, receipt, RECEIPT_DIGITS)) return &p->follows[i];
    return NULL;
}

static void push_status(struct peer *p, const struct status_view *v)
{
    struct gateway *g = p->live->g;
    const struct unit *u = v->unit_id && register_ready(g) ? register_unit(g, v->unit_id) : NULL;
    struct text t;
    text_init(&t, 64 * 1024);
    text_addf(&t,
              "{\"type\":\"status\",\"feedback\":\"%llu\",\"state\":", (unsigned long long)v->feedback_id);
    if (v->plain_rating)
        text_addz(&t, "\"rated\"");
    else
        text_addf(&t, "\"%s\"", case_state_word(v->state));
    text_addz(&t, ",\"sentence\":");
    json_put(&t, str_of(status_sentence(v, p->lang == LANG_EN)));
    text_addz(&t, ",\"unit\":");
    if (u)
        json_put(&t, u->name);
    else
        text_addz(&t, "null");
    json_put_instant(&t, "received_at", v->received);
    json_put_instant(&t, "due_at", v->due);
    text_addz(&t, ",\"answer\":");
    if (v->answered && v->answer.n)
        json_put(&t, v->answer);
    else
        text_addz(&t, "null");
    text_addc(&t, '}');
    live_push(p, text_str(&t));
    text_free(&t);
}

static void looked(void *arg, const struct status_view *v)
{
    struct following *job = arg;
    struct peer *p = live_peer(job->g, job->ws);
    struct follow *f = p ? follow_find(p, job->receipt) : NULL;
    span wait;
    if (f) f->looking = false;
    if (p && !v) {
        live_refuse(p, STR_NONE, REFUSE_UNAVAILABLE, SPAN_S(5));
    } else if (p && !v->found) {
        /* A wrong guess costs three look-ups. */
        if (!gateway_rate(job->g, &job->g->status_rate, str_of(p->address), job->g->cfg.status_per_minute, 2,
                          &wait))
            count_refusal(REFUSE_TOO_MANY);
        if (f) *f = p->follows[--p->n_follows];
        live_refuse(p, STR_NONE, REFUSE_RECEIPT_WRONG, SPAN_US(0));
    } else if (p) {
        if (f) f->case_id = v->case_id;
        push_status(p, v);
        if (f && f->again) look(p, f->receipt);
    }
    free(job);
}

static void look(struct peer *p, const char receipt[17])
{
    struct follow *f = follow_find(p, receipt);
    if (f->looking) {
        f->again = true;
        return;
    }
    struct following *job = MEM_NEW(struct following);
    *job = (struct following){.g = p->live->g, .ws = p->ws};
    memcpy(job->receipt, receipt, sizeof job->receipt);
    f->looking = true;
    f->again = false;
    status_look(p->live->g, receipt, looked, job);
}

static void follow(struct peer *p, const struct json *doc)
{
    struct gateway *g = p->live->g;
    char receipt[17];
    span wait;
    if (!gateway_rate(g, &g->status_rate, str_of(p->address), g->cfg.status_per_minute, 1, &wait)) {
        live_refuse(p, STR_NONE, REFUSE_TOO_MANY, wait);
        return;
    }
    if (!receipt_parse(json_str(json_get(doc, "receipt")), receipt)) {
        COUNT(STATUS_WRONG);
        live_refuse(p, STR_NONE, REFUSE_RECEIPT_WRONG, SPAN_US(0));
        return;
    }
    if (!follow_find(p, receipt)) {
        if (p->n_follows == FOLLOWS_MAX) {
            memmove(p->follows, p->follows + 1,
                    (FOLLOWS_MAX - 1) * sizeof p->follows[0]); /* the oldest is let go */
            p->n_follows--;
        }
        p->follows[p->n_follows] = (struct follow){0};
        memcpy(p->follows[p->n_follows++].receipt, receipt, sizeof receipt);
    }
    look(p, receipt);
}

void live_case_changed(struct gateway *g, u64 case_id)
{
    if (!g->live || case_id == 0) return;
    LIST_EACH(&g->live->list, node)
    {
        struct peer *p = LIST_OF(node, struct peer, node);
        for (size_t i = 0; i < p->n_follows; i++)
            if (p->follows[i].case_id == case_id) look(p, p->follows[i].receipt);
    }
}

/* --- the socket --- */

void live_ws_text(struct gateway *g, u64 ws, struct str text)
{
    struct peer *p = live_peer(g, ws);
    const char *why;
    if (!p) return;
    struct json *doc = json_parse(text, g->cfg.ws_message_max, &why);
    struct str type = json_str(json_get(doc, "type"));
    if (!doc)
        live_refuse(p, STR_NONE, REFUSE_BAD_JSON, SPAN_US(0));
    else if (str_eq(type, STR("submit")))
        submit(p, doc);
    else if (str_eq(type, STR("follow")))
        follow(p, doc);
    else if (str_eq(type, STR("pair")))
        kiosk_pair(p, doc);
    else if (str_eq(type, STR("kiosk")))
        kiosk_enter(p, doc);
    else if (str_eq(type, STR("ping")))
        live_push(p, STR("{\"type\":\"pong\"}"));
    else
        live_refuse(p, STR_NONE, REFUSE_UNKNOWN_FIELD, SPAN_US(0));
    json_free(&doc);
}

struct web_frame *live_ws_writable(struct gateway *g, u64 ws)
{
    struct peer *p = live_peer(g, ws);
    struct list *node = p ? list_pop(&p->out) : NULL;
    if (!node) return NULL;
    struct out_frame *f = LIST_OF(node, struct out_frame, node);
    struct web_frame *frame = f->frame;
    free(f);
    if (--p->n_out) web_ws_want(g->web, ws);
    return frame;
}

int live_ws_open(struct gateway *g, u64 ws, const struct http_in *in)
{
    struct peer *p = MEM_NEW(struct peer);
    p->ws = ws;
    p->live = g->live;
    p->lang = reply_lang(in);
    memcpy(p->address, in->peer.p, MIN(in->peer.n, sizeof p->address - 1));
    const struct str agent = http_header_get(in, STR("user-agent"));
    if (agent.n) memcpy(p->agent, agent.p, MIN(agent.n, sizeof p->agent - 1));
    list_init(&p->out);
    list_push(&g->live->list, &p->node);
    idmap_put(&g->live->peers, ws, p);
    return 0;
}

static void peer_free(struct peer *p)
{
    for (struct list *node; (node = list_pop(&p->out)) != NULL;) {
        struct out_frame *f = LIST_OF(node, struct out_frame, node);
        web_frame_unref(f->frame);
        free(f);
    }
    crypto_wipe(p->follows, sizeof p->follows);
    list_remove(&p->node);
    free(p);
}

void live_ws_closed(struct gateway *g, u64 ws)
{
    struct peer *p = g->live ? idmap_take(&g->live->peers, ws) : NULL;
    if (p) peer_free(p);
}

bool live_ws_known(const struct live *l, u64 ws) { return l && idmap_get(&l->peers, ws) != NULL; }

struct live *live_new(struct gateway *g)
{
    struct live *l = MEM_NEW(struct live);
    l->g = g;
    list_init(&l->list);
    idmap_init(&l->peers);
    return l;
}

void live_free(struct live **lp)
{
    struct live *l = *lp;
    if (!l) return;
    *lp = NULL;
    LIST_EACH(&l->list, node) peer_free(LIST_OF(node, struct peer, node));
    idmap_free(&l->peers);
    free(l);
}
