#include "hub_part.h"
#include "casework.h"
#include "metrics.h"
#include "presence.h"
#include "reply.h"
#include "session.h"
#include "base/json.h"
#include "base/log.h"
#include "core/deskframe.h"
#include <stdlib.h>
#include <string.h>

/* A page says a few words a minute; one that says a hundred in a moment is none of ours. */
static const struct bucket_rate heard_rate = {SPAN_MS(200), 100};
#define PING_EVERY  SPAN_S(20)
#define CHECK_EVERY 3 /* pings between two looks whether the sessions still live */
/* A session that ends before the next look is looked at when it does; how many there are, not more often than this. */
#define CHECK_LEAST SPAN_MS(500)

const struct db_stmt stmt_hub_sessions = {
    "hub_sessions",
    "select t.h, ss.token_hash is not null, coalesce(p.id = ss.post_id, false), "
    "extract(epoch from least(ss.seen_at + ss.idle, ss.expires_at) - now())::float8 from unnest($1, $2) as t (h, post) "
    "left join (staff_sessions ss join staff s on s.id = ss.staff_id and s.active) on ss.token_hash = t.h "
    "and ss.ended_at is null and ss.expires_at > now() and ss.seen_at + ss.idle > now() "
    "left join posts p on p.id = t.post and post_runs(p)",
    2,
    {DB_BYTEAS, DB_INT4S}};

static void retry_fires(struct timer *t) { hub_read(t->arg); }

/* --- subscribers --- */

static struct sub *sub_find(const struct hub *h, u64 ws)
{
    struct sub *s = idmap_get(&h->subs, ws);
    ASSERT(!s || s->magic == SUB_MAGIC);
    return s;
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
    if (s->state == SUB_GREETING) {
        s->state = SUB_IDLE;
        return small_frame("{\"type\":\"hello\",\"seq\":%llu,\"staff\":{\"id\":%llu},\"retry_ms\":500}",
                           h->last, (u64)s->scope.staff_id);
    }
    if (s->ping_due) {
        s->ping_due = false;
        return small_frame("{\"type\":\"ping\"}", 0, 0);
    }
    struct web_frame *who = presence_frame(g, ws);
    if (who) return who;
    if (s->state == SUB_LIVE && s->cursor + 1 < h->first) s->reload_due = true;
    if (s->reload_due) {
        s->reload_due = false;
        s->state = SUB_IDLE;
        COUNT(HUB_RELOADS);
        return small_frame("{\"type\":\"reload\",\"seq\":%llu}", h->last, 0);
    }
    while (s->state == SUB_LIVE && s->cursor < h->last) {
        const struct event *e = &h->ring[++s->cursor % h->cap];
        if (!hub_sees(h->g, &s->scope, e)) continue;
        COUNT(HUB_SENT);
        return web_frame_ref(e->frame);
    }
    return NULL;
}

static void subscribe(struct hub *h, struct sub *s, i64 since)
{
    if (s->state != SUB_IDLE && s->state != SUB_LIVE) return;
    if (since < 0 || (u64)since > h->last || (u64)since + 1 < h->first) {
        s->reload_due = true;
    } else {
        s->cursor = (u64)since;
        s->state = SUB_LIVE;
    }
    web_ws_want(h->g->web, s->ws);
}

void hub_ws_text(struct gateway *g, u64 ws, struct str text)
{
    struct sub *s = sub_find(g->hub, ws);
    struct deskframe f;
    if (!s) return;
    if (bucket_take(&s->heard, clock_monotonic(), heard_rate).us > 0) {
        web_ws_close(g->web, ws, 1008, "too many frames");
    } else if (!deskframe_read(text, &f)) {
        web_ws_close(g->web, ws, 1008, "unknown frame");
    } else if (f.kind == DESKFRAME_SUBSCRIBE) {
        subscribe(g->hub, s, f.since);
    } else if (f.kind != DESKFRAME_PONG && (s->state == SUB_IDLE || s->state == SUB_LIVE)) {
        presence_said(g, ws, s->session, &f);
    }
}

static void sub_drop(struct hub *h, u64 ws)
{
    struct sub *s = idmap_take(&h->subs, ws);
    if (!s) return;
    presence_closed(h->g, ws);
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

/* A socket does not outlive its session, which lives on only where somebody is: sockets and pages extend nothing by themselves. */
static void ends_in(struct hub *h, double left_s)
{
    if (left_s >= (double)(PING_EVERY.us * CHECK_EVERY) / 1e6) return; /* the beat looks before that */
    const span wait = {MAX((i64)(left_s * 1e6), CHECK_LEAST.us) + SPAN_MS(20).us};
    const i64 at = clock_monotonic().us + wait.us;
    if (timer_active(&h->ending) && h->ending_at <= at) return;
    h->ending_at = at;
    timer_set(h->g->loop, &h->ending, wait);
}

static void session_checked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                            const struct db_error *error)
{
    struct checking *c = arg;
    struct gateway *g = c->g;
    struct sub *s = g->hub ? sub_find(g->hub, c->ws) : NULL;
    (void)n, (void)error;
    if (s && end != DB_OK) {
        web_ws_close(g->web, s->ws, 1013, "try again");
    } else if (s && casework_owes(g, results[CASEWORK_WHO], NULL) != REFUSE_NONE) {
        web_ws_close(g->web, s->ws, 4401, "session over");
    } else if (s && g->hub->rights_at > s->opened_at) {
        web_ws_close(g->web, s->ws, 4402, "rights changed"); /* perhaps theirs, and after they were read */
    } else if (s) {
        const struct actor who = casework_actor(results[CASEWORK_WHO]);
        s->scope = hub_scope_of(&who);
        s->state = SUB_GREETING;
        web_ws_want(g->web, s->ws);
        ends_in(g->hub, casework_left_s(results[CASEWORK_WHO]));
    }
    free(c);
}

int hub_ws_open(struct gateway *g, u64 ws, const struct http_in *in)
{
    struct hub *h = g->hub;
    struct session session = {.attended = false}; /* a line that is open says nothing of who sits before it */
    if (!reply_same_site(g, in)) return 403;      /* a page of another site must not ride on the cookie */
    if (!session_of(g, in, session.hash)) return 401;
    struct checking *c = MEM_NEW(struct checking);
    *c = (struct checking){g, ws};
    struct db_call *call = db_call_new(session_checked, c);
    casework_enter(call, &session, 0);
    if (!db_call_send(g->lane_staff, call)) {
        free(c);
        return 503;
    }
    struct sub *s = MEM_NEW(struct sub);
    *s = (struct sub){.magic = SUB_MAGIC, .ws = ws, .hub = h, .state = SUB_CHECKING, .opened_at = h->last};
    memcpy(s->session, session.hash, 32);
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

void hub_post_changed(struct gateway *g, const u8 session[32])
{
    if (!g->hub) return;
    LIST_EACH(&g->hub->list, node)
    {
        struct sub *s = LIST_OF(node, struct sub, node);
        if (crypto_same(s->session, session, 32)) web_ws_close(g->web, s->ws, 4402, "post changed");
    }
}

/* Rights of this person were changed, here or by another gateway: their sockets hear nothing more, and are closed by what has
 * become of session and post; the pages load their world anew. */
void hub_rights_changed(struct hub *h, const struct db_result *r, int row)
{
    const char *why;
    struct json *data = json_parse(db_get_text(r, row, 6), 4096, &why);
    i64 staff = 0;
    bool here = false;
    h->rights_at = h->last;
    if (json_int(json_get(data, "staff"), &staff)) {
        LIST_EACH(&h->list, node)
        {
            struct sub *s = LIST_OF(node, struct sub, node);
            if (s->scope.staff_id != staff) continue;
            s->state = SUB_CHECKING;
            s->scope.post_id = 0;
            here = true;
        }
    }
    json_free(&data);
    if (here) hub_sessions_check(h->g);
}

static void sessions_checked(void *arg, enum db_end end, const struct db_result *const *results, int n,
                             const struct db_error *error)
{
    struct gateway *g = arg;
    (void)n, (void)error;
    if (end != DB_OK || !g->hub) return;
    for (int i = 0; i < db_rows(results[0]); i++) {
        const u8 *session = (const u8 *)db_get_text(results[0], i, 0).p;
        if (!db_get_bool(results[0], i, 1))
            hub_session_over(g, session);
        else if (!db_get_bool(results[0], i, 2))
            hub_post_changed(g, session); /* the post has run out */
        else
            ends_in(g->hub, db_get_f64(results[0], i, 3));
    }
}

void hub_sessions_check(struct gateway *g)
{
    struct hub *h = g->hub;
    if (!h || h->subs.count == 0) return;
    struct db_call *c = db_call_new(sessions_checked, g);
    struct db_params *p = db_params_new(&stmt_hub_sessions);
    db_array_begin(p, DB_BYTEA, h->subs.count);
    LIST_EACH(&h->list, node)
    db_put_bytes(p, (struct str){(const char *)LIST_OF(node, struct sub, node)->session, 32});
    db_array_end(p);
    db_array_begin(p, DB_INT4, h->subs.count);
    LIST_EACH(&h->list, node)
    db_put_i32(p, LIST_OF(node, struct sub, node)->scope.post_id);
    db_array_end(p);
    db_call_add(c, &stmt_hub_sessions, p);
    if (!db_call_send(g->lane_public, c)) TRACE(HUB, "sessions not checked", "subs=%zu", h->subs.count);
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
    presence_beat(h->g);
    if (++h->beats % CHECK_EVERY == 0) hub_sessions_check(h->g);
}

static void ending_fires(struct timer *t)
{
    struct hub *h = t->arg;
    hub_sessions_check(h->g);
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
    h->ending = (struct timer){.fire = ending_fires, .arg = h};
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
    timer_stop(&h->ending);
    timer_stop(&h->retry);
    for (struct list *node; (node = list_pop(&h->list)) != NULL;) free(LIST_OF(node, struct sub, node));
    for (size_t i = 0; i < h->cap; i++) {
        if (h->ring[i].frame) web_frame_unref(h->ring[i].frame);
        free(h->ring[i].too);
    }
    idmap_free(&h->subs);
    free(h->ring);
    free(h);
}

u64 hub_seq(const struct hub *h) { return h->last; }
bool hub_ready(const struct hub *h) { return h->ready; }
size_t hub_subscribers(const struct hub *h) { return h->subs.count; }
