/* From the table into the ring: events in commit order, each made into a frame once. */
#include "hub_part.h"
#include "live.h"
#include "metrics.h"
#include "presence.h"
#include "base/code.h"
#include "base/log.h"
#include <stdlib.h>

#define READ_LIMIT 500

#define EVENT_COLUMNS                                                                                                        \
    "seq, kind, case_id, unit_id, hidden_unit_id, confidential, data, "                                                      \
    "case when confidential then plaque_kept_out(case_id) end, case when case_id is not null then mixed_kept(case_id) end, " \
    "case when case_id is not null then told_too(case_id) end"
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

static char *copy_of(struct str s) { return mem_copy(s.p, s.n); }

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
    free(e->too);
    const int kept = (int)db_get_i64(r, row, 8);
    *e = (struct event){.seq = seq,
                        .unit = (int)db_get_i64(r, row, 3),
                        .hidden = (int)db_get_i64(r, row, 4),
                        .walled = (int)db_get_i64(r, row, 7),
                        .named = kept < 0 ? -kept : kept,
                        .mixed = !db_is_null(r, row, 8) && kept >= 0,
                        .too = db_is_null(r, row, 9) ? NULL : copy_of(db_get_text(r, row, 9)),
                        .confidential = db_get_bool(r, row, 5),
                        .left = str_eq(db_get_text(r, row, 1), STR("case.left")),
                        .audience = hub_audience_of(db_get_text(r, row, 1)),
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
        if (!h->ready) continue; /* nobody waits for the history read at start */
        if (str_eq(db_get_text(results[0], i, 1), STR("staff.changed"))) hub_rights_changed(h, results[0], i);
        live_case_changed(g, (u64)db_get_i64(results[0], i, 2));
        presence_case_changed(g, (u64)db_get_i64(results[0], i, 2));
    }
    const bool first = !h->ready;
    if (first) TRACE(HUB, "ready", "seq=%llu", (unsigned long long)h->last);
    h->ready = true;
    if (rows || first) LIST_EACH(&h->list, node) web_ws_want(g->web, LIST_OF(node, struct sub, node)->ws);
    if (rows == READ_LIMIT || h->again) hub_read(h);
}

void hub_read(struct hub *h)
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
    if (g->hub) hub_read(g->hub);
}
