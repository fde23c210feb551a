#include "hub.h"
#include "casework.h"
#include "live.h"
#include "metrics.h"
#include "reply.h"
#include "session.h"
#include "base/code.h"
#include "base/idmap.h"
#include "base/list.h"
#include "base/log.h"
#include "base/json.h"
#include <stdlib.h>
#include <string.h>

#define READ_LIMIT  500
#define PING_EVERY  SPAN_S(20)
#define CHECK_EVERY 3 /* pings between two looks whether the sessions still live */

#define EVENT_COLUMNS                                                                                        \
    "seq, kind, case_id, unit_id, hidden_unit_id, confidential, data, "                                      \
    "case when confidential then plaque_kept_out(case_id) end"
const struct db_stmt stmt_hub_read = {"hub_read",
                                      "select " EVENT_COLUMNS
                                      " from events where seq > $1 order by seq limit $2",
                                      2,
                                      {DB_INT8, DB_INT4}};
const struct db_stmt stmt_hub_tail = {
    "hub_tail",
    "select " EVENT_COLUMNS
    " from events where seq > coalesce((select max(seq) from events), 0) - $1 order by seq limit $2",
    2,
    {DB_INT8, DB_INT4}};
const struct db_stmt stmt_hub_sessions = {
    "hub_sessions",
    "select t.h, exists (select from staff_sessions ss join staff s on s.id = ss.staff_id where ss.token_hash = t.h "
    "and ss.ended_at is null and ss.expires_at > now() and ss.seen_at + ss.idle > now() and s.active) from unnest($1) as t (h)",
    1,
    {DB_BYTEAS}};

struct event {
    u64 seq;
    int unit, hidden;
    int walled; /* the unit at whose plaque a report was written (schema/0019_sealed.sql); 0: none */
    bool confidential, left, admin; /* admin: about the running of the system, for administrators alone */
    struct web_frame *frame;
};

enum sub_state {
    SUB_CHECKING, /* the session is being looked up */
    SUB_GREETING, /* hello waits for the socket */
    SUB_IDLE,     /* greeted, or told to reload: waits for subscribe */
    SUB_LIVE,     /* gets events after `cursor` */
};
#define SUB_MAGIC 0x5ab0c1f7u
struct sub {
    u32 magic;
    u64 ws;
    struct hub *hub;
    struct list node;
    enum sub_state state;
    u64 cursor;
    struct hub_scope scope;
    u8 session[32];
    bool reload_due, ping_due;
};

struct hub {
    struct gateway *g;
    struct event *ring; /* seq has no gaps, so event seq sits at seq % cap */
    size_t cap;
    u64 first, last; /* in the ring; last may be ahead of first - 1 when it is empty */
    bool reading, again, ready;
    struct idmap subs;
    struct list list;
    struct timer beat, retry;
    unsigned beats;
};

static void read_more(struct hub *h);

/* --- from the table into the ring --- */

static struct web_frame *event_frame(const struct db_result *r, int row, u64 seq)
{
    struct text t;
    text_init(&t, 64 * 1024);
    text_addf(&t, "{\"type\":\"event\",\"seq\":%llu,\"kind\":", (unsigned long long)seq);
    json_put(&t, db_get_text(r, row, 1));
    if (db_is_null(r, row, 2))
        text_addz(&t, ",\"case\":null");
    else
        text_addf(&t, ",\"case\":%lld", (long long)db_get_i64(r, row, 2));
    text_addz(&t, ",\"data\":");
    text_add(&t, db_get_text(r, row, 6));
    text_addc(&t, '}');
    struct web_frame *f = web_frame_new(text_str(&t));
    text_free(&t);
    return f;
}

static void ring_put(struct hub *h, const struct db_result *r, int row)
{
    u64 seq = (u64)db_get_i64(r, row, 0);
    struct event *e = &h->ring[seq % h->cap];
    if (seq <= h->last) return;
    /* A gap would mean a hole in the numbering, which the row lock on event_head rules out; if somebody made one by
     * hand, readers start anew behind it. */
    if (h->last && seq != h->last + 1) h->first = seq;
    if (h->first == 0) h->first = seq;
    if (e->frame) web_frame_unref(e->frame);
    *e = (struct event){.seq = seq,
                        .unit = (int)db_get_i64(r, row, 3),
                        .hidden = (int)db_get_i64(r, row, 4),
                        .walled = (int)db_get_i64(r, row, 7),
                        .confidential = db_get_bool(r, row, 5),
                        .left = str_eq(db_get_text(r, row, 1), STR("case.left")),
                        .admin = str_starts(db_get_text(r, row, 1), STR("channel.")),
                        .frame = event_frame(r, row, seq)};
    h->last = seq;
    if (h->last - h->first >= h->cap) h->first = h->last - h->cap + 1;
    COUNT(HUB_EVENTS);
}

static void have_read(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct gateway *g = arg;
    struct hub *h = g->hub;
    (void)n;
    if (!h) return;
    h->reading = false;
    if (end != DB_OK) {
        log_line(LOG_WARNING, LOG_HUB, "events not read", "sqlstate=%s", error ? error->sqlstate : "");
        timer_set(g->loop, &h->retry, SPAN_MS(200));
        return;
    }
    int rows = db_rows(results[0]);
    for (int i = 0; i < rows; i++) {
        ring_put(h, results[0], i);
        if (h->ready)
            live_case_changed(g, (u64)db_get_i64(results[0], i, 2)); /* not for the history read at start */
    }
    if (!h->ready) TRACE(HUB, "ready", "seq=%llu", (unsigned long long)h->last);
    h->ready = true;
    if (rows) LIST_EACH(&h->list, node) web_ws_want(g->web, LIST_OF(node, struct sub, node)->ws);
    if (rows == READ_LIMIT || h->again) read_more(h);
}

static void read_more(struct hub *h)
{
    if (h->reading) {
        h->again = true;
        return;
    }
    h->again = false;
    const struct db_stmt *s = h->ready ? &stmt_hub_read : &stmt_hub_tail;
    struct db_call *c = db_call_new(have_read, h->g);
    struct db_params *p = db_params_new(s);
    db_put_i64(p, h->ready ? (i64)h->last : (i64)h->cap);
    db_put_i32(p, h->ready ? READ_LIMIT : (int)h->cap);
    db_call_add(c, s, p);
    h->reading = db_call_send(h->g->lane_public, c);
    if (!h->reading) timer_set(h->g->loop, &h->retry, SPAN_MS(200));
}

void hub_wake(struct gateway *g)
{
    if (g->hub) read_more(g->hub);
}

static void retry_fires(struct timer *t) { read_more(t->arg); }

/* --- subscribers --- */

static struct sub *sub_find(const struct hub *h, u64 ws)
{
    struct sub *s = idmap_get(&h->subs, ws);
    ASSERT(!s || s->magic == SUB_MAGIC);
    return s;
}

static bool sees(const struct hub_scope *sc, const struct event *e)
{
    if (e->admin) return sc->admin;
    if (e->hidden && (e->hidden == sc->unit_id || e->hidden == sc->home_unit_id)) return false;
    if (e->walled && (e->walled == sc->unit_id || e->walled == sc->home_unit_id)) return false;
    if (sc->unit && e->unit && e->unit == sc->unit_id) return true;
    if (e->left) return false; /* those with a wider view get case.changed instead */
    return sc->confidential || (sc->all && !e->confidential);
}

static struct web_frame *small_frame(const char *fmt, u64 a, u64 b)
{
    struct text t;
    text_init(&t, 256);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    text_addf(&t, fmt, (unsigned long long)a, (unsigned long long)b);
#pragma GCC diagnostic pop
    struct web_frame *f = web_frame_new(text_str(&t));
    text_free(&t);
    return f;
}

struct web_frame *hub_ws_writable(struct gateway *g, u64 ws)
{
    struct hub *h = g->hub;
    struct sub *s = sub_find(h, ws);
    if (!s || s->state == SUB_CHECKING || !h->ready) return NULL;
    web_ws_want(g->web, ws); /* cheaper than working out whether there is more: NULL ends it */
    if (s->state == SUB_GREETING) {
        s->state = SUB_IDLE;
        return small_frame("{\"type\":\"hello\",\"seq\":%llu,\"staff\":{\"id\":%llu},\"retry_ms\":500}",
                           h->last, (u64)s->scope.staff_id);
    }
    if (s->ping_due) {
        s->ping_due = false;
        return small_frame("{\"type\":\"ping\"}", 0, 0);
    }
    if (s->state == SUB_LIVE && s->cursor + 1 < h->first) s->reload_due = true;
    if (s->reload_due) {
        s->reload_due = false;
        s->state = SUB_IDLE;
        COUNT(HUB_RELOADS);
        return small_frame("{\"type\":\"reload\",\"seq\":%llu}", h->last, 0);
    }
    while (s->state == SUB_LIVE && s->cursor < h->last) {
        const struct event *e = &h->ring[++s->cursor % h->cap];
        if (!sees(&s->scope, e)) continue;
        COUNT(HUB_SENT);
        return web_frame_ref(e->frame);
    }
    return NULL;
}

static void subscribe(struct hub *h, struct sub *s, const struct json *since)
{
    i64 at;
    if (s->state != SUB_IDLE && s->state != SUB_LIVE) return;
    if (!json_int(since, &at) || at < 0 || (u64)at > h->last || (u64)at + 1 < h->first) {
        s->reload_due = true;
    } else {
        s->cursor = (u64)at;
        s->state = SUB_LIVE;
    }
    web_ws_want(h->g->web, s->ws);
}

void hub_ws_text(struct gateway *g, u64 ws, struct str text)
{
    struct sub *s = sub_find(g->hub, ws);
    const char *why;
    if (!s) return;
    struct json *doc = json_parse(text, 4096, &why);
    struct str type = json_str(json_get(doc, "type"));
    if (str_eq(type, STR("subscribe")))
        subscribe(g->hub, s, json_get(doc, "since"));
    else if (!str_eq(type, STR("pong")))
        web_ws_close(g->web, ws, 1008, "unknown frame");
    json_free(&doc);
}

static void sub_drop(struct hub *h, u64 ws)
{
    struct sub *s = idmap_take(&h->subs, ws);
    if (!s) return;
    list_remove(&s->node);
    s->magic = 0;
    free(s);
}

void hub_ws_closed(struct gateway *g, u64 ws)
{
    if (g->hub) sub_drop(g->hub, ws);
}

bool hub_ws_known(const struct hub *h, u64 ws) { return h && idmap_get(&h->subs, ws) != NULL; }

struct checking {
    struct gateway *g;
    u64 ws;
};

static void session_checked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                            const struct db_error *error)
{
    struct checking *c = arg;
    struct gateway *g = c->g;
    struct sub *s = g->hub ? sub_find(g->hub, c->ws) : NULL;
    (void)n, (void)error;
    if (s && end != DB_OK) {
        web_ws_close(g->web, s->ws, 1013, "try again");
    } else if (s && (db_rows(results[CASEWORK_WHO]) == 0 || db_get_bool(results[CASEWORK_WHO], 0, 7))) {
        web_ws_close(g->web, s->ws, 4401, "session over");
    } else if (s) {
        u32 roles = casework_roles(db_get_text(results[CASEWORK_WHO], 0, 6));
        s->scope = (struct hub_scope){
            .staff_id = (int)db_get_i64(results[CASEWORK_WHO], 0, 0),
            .unit_id = (int)db_get_i64(results[CASEWORK_WHO], 0, 8),
            .home_unit_id = (int)db_get_i64(results[CASEWORK_WHO], 0, 9),
            .all = roles & (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_REGISTRY) |
                            ROLE_BIT(ROLE_CALLBACK) | ROLE_BIT(ROLE_LEADER)),
            .confidential = roles & ROLE_BIT(ROLE_ACCOUNTABILITY),
            .unit = roles & (ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER)),
            .admin = roles & ROLE_BIT(ROLE_ADMIN),
        };
        s->state = SUB_GREETING;
        web_ws_want(g->web, s->ws);
    }
    free(c);
}

int hub_ws_open(struct gateway *g, u64 ws, const struct http_in *in)
{
    struct hub *h = g->hub;
    u8 session[32];
    if (!reply_same_site(g, in)) return 403; /* a page of another site must not ride on the cookie */
    if (!session_of(g, in, session)) return 401;
    struct checking *c = MEM_NEW(struct checking);
    *c = (struct checking){g, ws};
    struct db_call *call = db_call_new(session_checked, c);
    casework_enter(call, session, 0);
    if (!db_call_send(g->lane_staff, call)) {
        free(c);
        return 503;
    }
    struct sub *s = MEM_NEW(struct sub);
    *s = (struct sub){.magic = SUB_MAGIC, .ws = ws, .hub = h, .state = SUB_CHECKING};
    memcpy(s->session, session, 32);
    list_push(&h->list, &s->node);
    idmap_put(&h->subs, ws, s);
    return 0;
}

/* --- the beat: pings, and whether the sessions still live --- */

void hub_session_over(struct gateway *g, const u8 session[32])
{
    if (!g->hub) return;
    LIST_EACH(&g->hub->list, node)
    {
        struct sub *s = LIST_OF(node, struct sub, node);
        if (crypto_same(s->session, session, 32)) web_ws_close(g->web, s->ws, 4401, "session over");
    }
}

static void sessions_checked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                             const struct db_error *error)
{
    struct gateway *g = arg;
    (void)n, (void)error;
    if (end != DB_OK || !g->hub) return;
    for (int i = 0; i < db_rows(results[0]); i++) {
        if (!db_get_bool(results[0], i, 1)) hub_session_over(g, (const u8 *)db_get_text(results[0], i, 0).p);
    }
}

static void beat_fires(struct timer *t)
{
    struct hub *h = t->arg;
    timer_set(h->g->loop, t, PING_EVERY);
    LIST_EACH(&h->list, node)
    {
        struct sub *s = LIST_OF(node, struct sub, node);
        s->ping_due = true;
        web_ws_want(h->g->web, s->ws);
    }
    if (h->subs.count == 0 || ++h->beats % CHECK_EVERY) return;
    struct db_call *c = db_call_new(sessions_checked, h->g);
    struct db_params *p = db_params_new(&stmt_hub_sessions);
    db_array_begin(p, DB_BYTEA, h->subs.count);
    LIST_EACH(&h->list, node)
    db_put_bytes(p, (struct str){(const char *)LIST_OF(node, struct sub, node)->session, 32});
    db_array_end(p);
    db_call_add(c, &stmt_hub_sessions, p);
    if (!db_call_send(h->g->lane_public, c)) TRACE(HUB, "sessions not checked", "subs=%zu", h->subs.count);
}

struct hub *hub_new(struct gateway *g)
{
    struct hub *h = MEM_NEW(struct hub);
    h->g = g;
    h->cap = (size_t)g->cfg.hub_ring;
    h->ring = mem_alloc(h->cap * sizeof *h->ring);
    list_init(&h->list);
    idmap_init(&h->subs);
    h->beat = (struct timer){.fire = beat_fires, .arg = h};
    h->retry = (struct timer){.fire = retry_fires, .arg = h};
    timer_set(g->loop, &h->beat, PING_EVERY);
    return h;
}

void hub_free(struct hub **hp)
{
    struct hub *h = *hp;
    if (!h) return;
    *hp = NULL;
    timer_stop(&h->beat);
    timer_stop(&h->retry);
    for (struct list *node; (node = list_pop(&h->list)) != NULL;) free(LIST_OF(node, struct sub, node));
    for (size_t i = 0; i < h->cap; i++)
        if (h->ring[i].frame) web_frame_unref(h->ring[i].frame);
    idmap_free(&h->subs);
    free(h->ring);
    free(h);
}

u64 hub_seq(const struct hub *h) { return h->last; }
bool hub_ready(const struct hub *h) { return h->ready; }
size_t hub_subscribers(const struct hub *h) { return h->subs.count; }
