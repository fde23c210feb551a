/* Bursts: more about one matter, or from one window, than is usual there; who has taken it up, and what of it was said. */
#include "staff_causes_part.h"
#include "staff_body.h"
#include "casework.h"
#include "register.h"
#include "base/code.h"
#include <stdlib.h>

#define BURSTS_MAX 100
#define NOTE_MAX   500

#define BURST                                                                                                                              \
    "select b.id, b.kind, b.unit_id, b.plaque, p.window_name, b.category, g.name, b.began_at, b.last_at, b.n, b.most, b.urgent, b.usual, " \
    "b.hours, b.ended_at, b.seen_at, s.name, b.seen_note, b.label, b.town, array_to_string(b.unit_ids, ','), "                             \
    "(select coalesce(jsonb_agg(jsonb_build_object('code', x.code, 'name', x.name) order by k.ord), '[]') "                                \
    " from unnest(b.categories) with ordinality k (code, ord) join categories x on x.code = k.code) "                                      \
    "from bursts b left join plaques p on p.number = b.plaque "                                                                            \
    "left join categories g on g.code = b.category left join staff s on s.id = b.seen_by "
enum {
    B_ID,
    B_KIND,
    B_UNIT,
    B_PLAQUE,
    B_WINDOW,
    B_CATEGORY,
    B_CATEGORY_NAME,
    B_BEGAN,
    B_LAST,
    B_N,
    B_MOST,
    B_URGENT,
    B_USUAL,
    B_HOURS,
    B_ENDED,
    B_SEEN,
    B_SEEN_BY,
    B_NOTE,
    B_PLACE,
    B_TOWN,
    B_UNITS,
    B_CATEGORIES
};
const struct db_stmt stmt_staff_bursts = {
    "staff_bursts",
    BURST
    "where b.ended_at is null or b.ended_at > now() - interval '30 days' order by b.ended_at is null desc, b.began_at desc, b.id desc limit $1",
    1,
    {DB_INT4}};
const struct db_stmt stmt_burst_seen = {"burst_seen", "select burst_seen($1, $2)", 2, {DB_INT8, DB_TEXT}};
const struct db_stmt stmt_staff_burst = {"staff_burst", BURST "where b.id = $1", 1, {DB_INT8}};

/* A place, and the units and categories of what is told of it; of other bursts null and empty lists. */
static void put_place(struct gateway *g, const struct db_result *r, int row, struct text *t)
{
    struct str ids = db_get_text(r, row, B_UNITS), id;
    u64 unit;
    text_addz(t, ",\"place\":");
    if (db_is_null(r, row, B_PLACE)) {
        text_addz(t, "null");
    } else {
        text_addz(t, "{\"name\":");
        json_put(t, db_get_text(r, row, B_PLACE));
        json_put_text(t, "town", db_get_text(r, row, B_TOWN));
        text_addc(t, '}');
    }
    text_addz(t, ",\"units\":[");
    for (const char *parting = ""; ids.n > 0; parting = ",") {
        (void)str_cut(ids, ',', &id, &ids);
        if (!str_u64(id, INT32_MAX, &unit)) continue;
        text_addz(t, parting);
        register_unit_json(g, (i64)unit, t);
    }
    text_addz(t, "],\"categories\":");
    text_add(t, db_get_text(r, row, B_CATEGORIES));
}

static void put_burst(struct gateway *g, const struct db_result *r, int row, struct text *t)
{
    text_addf(t, "{\"id\":%lld", (long long)db_get_i64(r, row, B_ID));
    json_put_text(t, "kind", db_get_text(r, row, B_KIND));
    cause_put_what(g, r, row, B_UNIT, B_PLAQUE, t);
    put_place(g, r, row, t);
    json_put_instant(t, "began_at", db_get_instant(r, row, B_BEGAN));
    json_put_instant(t, "last_at", db_get_instant(r, row, B_LAST));
    json_put_instant(t, "ended_at", db_get_instant(r, row, B_ENDED));
    text_addf(t, ",\"n\":%lld,\"most\":%lld,\"urgent\":%lld,\"usual\":%.1f,\"hours\":%lld",
              (long long)db_get_i64(r, row, B_N), (long long)db_get_i64(r, row, B_MOST),
              (long long)db_get_i64(r, row, B_URGENT), db_get_f64(r, row, B_USUAL),
              (long long)db_get_i64(r, row, B_HOURS));
    json_put_instant(t, "seen_at", db_get_instant(r, row, B_SEEN));
    json_put_text(t, "seen_by", db_get_text(r, row, B_SEEN_BY));
    json_put_text(t, "note", db_get_text(r, row, B_NOTE));
    text_addc(t, '}');
}

static void have_bursts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct cause_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (cause_entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        struct text t;
        text_init(&t, CAUSE_ANSWER_MAX);
        text_addf(&t, "{\"may_take\":%s,\"bursts\":[",
                  who.actor.roles & (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) |
                                     ROLE_BIT(ROLE_ACCOUNTABILITY))
                      ? "true"
                      : "false");
        for (int i = 0; i < db_rows(r); i++) {
            if (i) text_addc(&t, ',');
            put_burst(q->ask.g, r, i, &t);
        }
        text_addz(&t, "]}");
        staff_answer(&q->ask, &t);
    }
    free(q);
}

void staff_bursts(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct cause_ask *q = cause_keep(a, id);
    (void)in;
    struct db_call *c = staff_call(a, have_bursts, q);
    struct db_params *p = db_params_new(&stmt_staff_bursts);
    db_put_i32(p, BURSTS_MAX);
    db_call_add(c, &stmt_staff_bursts, p);
    if (!staff_go(a, c)) free(q);
}

static void have_seen(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct cause_ask *q = arg;
    struct staff_who who;
    (void)n;
    if (cause_entered(&q->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST + 1];
        struct text t;
        text_init(&t, CAUSE_ANSWER_MAX);
        if (db_rows(r) == 0)
            staff_refuse(&q->ask, REFUSE_NOT_FOUND, NULL, NULL);
        else
            put_burst(q->ask.g, r, 0, &t), staff_answer(&q->ask, &t);
        text_free(&t);
    }
    free(q);
}

void staff_burst_seen(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"note", NULL};
    struct body b;
    if (!body_open(a, in, known, &b)) return;
    const struct str note = body_text(&b, "note", 0, NOTE_MAX);
    if (!body_good(a, &b)) return;
    struct cause_ask *q = cause_keep(a, id);
    struct db_call *c = staff_call(a, have_seen, q);
    struct db_params *p = db_params_new(&stmt_burst_seen);
    db_put_i64(p, (i64)id);
    db_put_text(p, note);
    db_call_add(c, &stmt_burst_seen, p);
    staff_add_by_id(c, &stmt_staff_burst, id);
    if (!staff_go(a, c)) free(q);
    body_close(&b);
}
