#include "presence.h"
#include "casework.h"
#include "metrics.h"
#include "base/code.h"
#include "base/idmap.h"
#include "base/list.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

/* Typing starts and ends, cases are opened and left: nobody does that more often for long. */
static const struct bucket_rate said_rate = {SPAN_S(1), 10};
#define FRAME_MAX (16 * 1024) /* twenty people at the most (presence_take) */

const struct db_stmt stmt_presence_take = {
    "presence_take", "select presence_take($1, $2, $3, $4)", 4, {DB_INT8, DB_INT8, DB_INT8, DB_TEXT}};
const struct db_stmt stmt_presence_leave = {
    "presence_leave", "select presence_leave($1, $2)", 2, {DB_INT8, DB_INT8S}};
const struct db_stmt stmt_presence_keep = {
    "presence_keep", "select presence_keep($1, $2)", 2, {DB_INT8, DB_INT8S}};

#define PLACE_MAGIC 0x91aceu
/* One socket with a case open. */
struct place {
    u32 magic;
    u64 ws;
    struct list node;
    struct session session;
    u64 case_id;
    bool writes;
    bool due;    /* what is said here, or who else is there, is to be asked for */
    bool asking; /* and a call is out: one at a time */
    struct bucket said;
    struct timer later;      /* of what was put off */
    struct web_frame *frame; /* due to the socket */
    struct web_frame *told;  /* what it was told last, or is due: the same is not told twice */
};

struct presence {
    struct gateway *g;
    i64 gateway; /* drawn at start: tells our sockets from those of others, and from our own of before a restart */
    struct idmap places;
    struct list list;
};

static void ask(struct presence *p, struct place *pl);

static struct place *place_find(const struct presence *p, u64 ws)
{
    struct place *pl = idmap_get(&p->places, ws);
    ASSERT(!pl || pl->magic == PLACE_MAGIC);
    return pl;
}

static void place_free(struct place *pl)
{
    timer_stop(&pl->later);
    if (pl->frame) web_frame_unref(pl->frame);
    if (pl->told) web_frame_unref(pl->told);
    pl->magic = 0;
    free(pl);
}

static void place_tell(struct presence *p, struct place *pl, u64 case_id, struct str who)
{
    struct text t;
    text_init(&t, FRAME_MAX);
    text_addf(&t, "{\"type\":\"presence\",\"case\":%llu,\"who\":", (unsigned long long)case_id);
    text_add(&t, who);
    text_addc(&t, '}');
    if (!t.overflow && !(pl->told && str_eq(web_frame_text(pl->told), text_str(&t)))) {
        if (pl->frame) web_frame_unref(pl->frame);
        if (pl->told) web_frame_unref(pl->told);
        pl->frame = web_frame_new(text_str(&t));
        pl->told = web_frame_ref(pl->frame);
        web_ws_want(p->g->web, pl->ws);
        COUNT(PRESENCE_TOLD);
    }
    text_free(&t);
}

/* --- to the database and back: one call of a socket at a time, so that the last word is stored last --- */

struct asked {
    struct gateway *g;
    u64 ws, case_id; /* 0: it was left */
};

static bool send_sockets(struct presence *p, const struct db_stmt *s, const u64 *sockets, size_t n,
                         db_done *done, void *arg)
{
    struct db_call *c = db_call_new(done, arg);
    struct db_params *q = db_params_new(s);
    db_put_i64(q, p->gateway);
    db_array_begin(q, DB_INT8, n);
    for (size_t i = 0; i < n; i++) db_put_i64(q, (i64)sockets[i]);
    db_array_end(q);
    db_call_add(c, s, q);
    return db_call_send(p->g->lane_public, c);
}

static void answered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                     const struct db_error *error)
{
    struct asked *a = arg;
    struct presence *p = a->g->presence;
    struct place *pl = p ? place_find(p, a->ws) : NULL;
    (void)n;
    if (pl) {
        pl->asking = false;
        if (end != DB_OK) {
            TRACE(HUB, "presence not taken", "sqlstate=%s", error ? error->sqlstate : "");
            pl->due = true; /* with the next beat */
        } else if (a->case_id == 0 || a->case_id != pl->case_id) {
            /* Left, or of a case that the page has gone on from meanwhile: nothing to tell. */
        } else if (db_rows(results[CASEWORK_WHO]) == 0 || db_is_null(results[CASEWORK_FIRST], 0, 0)) {
            /* Not, or no longer, theirs to see: the row is gone, and they hear of nobody. */
            pl->case_id = 0;
            place_tell(p, pl, a->case_id, STR("[]"));
        } else {
            place_tell(p, pl, a->case_id, db_get_text(results[CASEWORK_FIRST], 0, 0));
        }
        if (pl->due && end == DB_OK) ask(p, pl);
        free(a);
    } else if (p && a->case_id && end == DB_OK) {
        /* The socket closed while this was out: the row may have come behind its end. */
        a->case_id = 0;
        if (!send_sockets(p, &stmt_presence_leave, &a->ws, 1, answered, a)) free(a);
    } else {
        free(a);
    }
}

static void ask(struct presence *p, struct place *pl)
{
    struct asked *a;
    pl->due = true;
    if (pl->asking) return;
    a = MEM_NEW(struct asked);
    *a = (struct asked){p->g, pl->ws, pl->case_id};
    if (pl->case_id == 0) {
        pl->asking = send_sockets(p, &stmt_presence_leave, &pl->ws, 1, answered, a);
    } else {
        struct db_call *c = db_call_new(answered, a);
        casework_enter_by_key(c, &pl->session, 0);
        struct db_params *q = db_params_new(&stmt_presence_take);
        db_put_i64(q, p->gateway);
        db_put_i64(q, (i64)pl->ws);
        db_put_i64(q, (i64)pl->case_id);
        db_put_text(q, pl->writes ? STR("write") : STR("look"));
        db_call_add(c, &stmt_presence_take, q);
        pl->asking = db_call_send(p->g->lane_staff, c);
    }
    pl->due = !pl->asking;
    if (!pl->asking) free(a);
}

/* --- what pages say --- */

static void later_fires(struct timer *t)
{
    struct place *pl = CONTAINER_OF(t, struct place, later);
    ask(t->arg, pl);
}

void presence_said(struct gateway *g, u64 ws, const u8 session[32], const struct deskframe *f)
{
    struct presence *p = g->presence;
    struct place *pl = p ? place_find(p, ws) : NULL;
    if (!p || (!pl && f->kind == DESKFRAME_LEAVE)) return;
    if (!pl) {
        pl = MEM_NEW(struct place);
        *pl = (struct place){.magic = PLACE_MAGIC, .ws = ws, .later = {.fire = later_fires, .arg = p}};
        memcpy(pl->session.hash, session, 32);
        list_push(&p->list, &pl->node);
        idmap_put(&p->places, ws, pl);
    }
    if (pl->case_id != f->case_id && pl->told) {
        web_frame_unref(pl->told);
        pl->told = NULL;
    }
    pl->case_id = f->case_id;
    pl->writes = f->writes;
    if (timer_active(&pl->later)) return;
    span wait = bucket_take(&pl->said, clock_monotonic(), said_rate);
    if (wait.us > 0) {
        COUNT(PRESENCE_PUT_OFF);
        timer_set(g->loop, &pl->later, wait);
    } else {
        ask(p, pl);
    }
}

void presence_closed(struct gateway *g, u64 ws)
{
    struct presence *p = g->presence;
    struct place *pl = p ? idmap_take(&p->places, ws) : NULL;
    if (!pl) return;
    list_remove(&pl->node);
    pl->case_id = 0;
    if (!pl->asking) ask(p, pl); /* else its answer finds no place and takes the row away */
    place_free(pl);
}

struct web_frame *presence_frame(struct gateway *g, u64 ws)
{
    struct place *pl = g->presence ? place_find(g->presence, ws) : NULL;
    if (!pl) return NULL;
    struct web_frame *f = pl->frame;
    pl->frame = NULL;
    return f;
}

/* --- what others say --- */

void presence_case_changed(struct gateway *g, u64 case_id)
{
    if (!g->presence || case_id == 0) return;
    LIST_EACH(&g->presence->list, node)
    {
        struct place *pl = LIST_OF(node, struct place, node);
        if (pl->case_id == case_id) ask(g->presence, pl);
    }
}

void presence_wake(struct gateway *g, struct str payload)
{
    struct presence *p = g->presence;
    struct str of_case = STR_NONE, gateway = STR_NONE, socket = STR_NONE, rest = STR_NONE;
    u64 id = 0, by = 0, ws = 0;
    if (!p) return;
    bool one = str_cut(payload, ' ', &of_case, &rest) && str_cut(rest, ' ', &gateway, &socket) &&
               str_u64(of_case, UINT64_MAX, &id) && str_u64(gateway, UINT64_MAX, &by) &&
               str_u64(socket, UINT64_MAX, &ws);
    LIST_EACH(&p->list, node)
    {
        struct place *pl = LIST_OF(node, struct place, node);
        /* Whoever said it has heard already who else is there. */
        if (pl->case_id && (!one || (pl->case_id == id && !(by == (u64)p->gateway && ws == pl->ws))))
            ask(p, pl);
    }
}

static void kept(void *arg, enum db_end end, const struct db_result *const *results, int n,
                 const struct db_error *error)
{
    (void)arg, (void)results, (void)n;
    if (end != DB_OK) TRACE(HUB, "presence not renewed", "sqlstate=%s", error ? error->sqlstate : "");
}

void presence_beat(struct gateway *g)
{
    struct presence *p = g->presence;
    size_t n = 0;
    if (!p) return;
    u64 *sockets = mem_alloc((p->places.count + 1) * sizeof *sockets);
    LIST_EACH(&p->list, node)
    {
        struct place *pl = LIST_OF(node, struct place, node);
        if (pl->case_id) sockets[n++] = pl->ws;
        if (pl->due) ask(p, pl);
    }
    /* Also with none of our own: somebody has to bury the dead. */
    if (!send_sockets(p, &stmt_presence_keep, sockets, n, kept, p))
        TRACE(HUB, "presence not renewed", "places=%zu", n);
    free(sockets);
}

struct presence *presence_new(struct gateway *g)
{
    struct presence *p = MEM_NEW(struct presence);
    p->g = g;
    crypto_random(&p->gateway, sizeof p->gateway);
    p->gateway = (i64)((u64)p->gateway >> 1);
    list_init(&p->list);
    idmap_init(&p->places);
    return p;
}

void presence_free(struct presence **pp)
{
    struct presence *p = *pp;
    if (!p) return;
    *pp = NULL;
    for (struct list *node; (node = list_pop(&p->list)) != NULL;)
        place_free(LIST_OF(node, struct place, node));
    idmap_free(&p->places);
    free(p);
}
