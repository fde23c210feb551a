/* 态势: what comes in and how the open cases stand, as pictures need it. GET /overview counts, GET /overview/words tells what matters are
 * about. Nothing here chooses who may see what: row-level security leaves out of every count what the person would not find in the
 * list, so a number on the page and the list behind its link agree. The course of the rates is in staff_overview_rates.c. */
#include "staff_overview.h"
#include "casework.h"
#include "staff_query.h"
#include "register.h"
#include "base/code.h"
#include "core/workdays.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX    (2u << 20)
#define HOURLY_DAYS 3   /* up to here a column is an hour, */
#define DAILY_DAYS  92  /* a day, */
#define WEEKLY_DAYS 400 /* a week, else a month */
#define DAYS_MAX    3700
#define WORDS_CASES 20000 /* the newest that words are looked for in: bounds the time of a long period */
#define WORDS_MAX   60
#define WORDS_LEAST 5 /* people behind a word; fewer could be known by it */

/* One look at the cases of the period, added up five ways; `sums` says which: 7 by time and channel, 27 by nature, 29 by category,
 * 30 by unit, 31 all. */
const struct db_stmt stmt_overview_inflow = {
    "overview_inflow",
    "select grouping(x.at, x.channel, x.nature, x.category, x.unit_id) as sums, to_char(x.at, 'YYYY-MM-DD\"T\"HH24:MI'), x.channel, x.nature, "
    "x.category, x.unit_id, count(*), count(*) filter (where x.state = 'closed') from ("
    "  select date_trunc($4::text, c.opened_at at time zone 'Asia/Shanghai') as at, c.channel, c.nature, c.category, c.unit_id, c.state "
    "  from cases c where c.opened_at >= $1 and c.opened_at < $2 and ($3::integer is null or c.unit_id = $3)) x "
    "group by grouping sets ((x.at, x.channel), (x.nature), (x.category), (x.unit_id), ()) order by 1, 2, 7 desc, 3, 4, 5, 6",
    4,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4, DB_TEXT}};
/* The open cases as they stand now: 3 by age, 5 by level, 6 by unit, 7 all. What is over its limit is judged as in the list. */
const struct db_stmt stmt_overview_open = {
    "overview_open",
    "select grouping(x.age, x.level, x.unit_id) as sums, x.age, x.level, x.unit_id, count(*), count(*) filter (where x.due_at < $1), "
    "count(*) filter (where x.due_at >= $1 and x.warn_at <= $1), count(*) filter (where x.due_at is null) from ("
    "  select width_bucket(extract(epoch from $1 - c.opened_at)::float8 / 86400, '{1,3,7,15,30}'::float8[]) as age, c.level, c.unit_id, c.due_at, c.warn_at "
    "  from cases c where c.state in ('discovered', 'assigned', 'handling', 'replied', 'verifying') and ($2::integer is null or c.unit_id = $2)) x "
    "group by grouping sets ((x.age), (x.level), (x.unit_id), ()) order by 1, 2, 3, 5 desc, 4",
    2,
    {DB_TIMESTAMPTZ, DB_INT4}};
/* How long answers took that were given in the period, and are still the last: from the first assignment, nights and pauses included. */
const struct db_stmt stmt_overview_handling = {
    "overview_handling",
    "select grouping(c.level), c.level, count(*), "
    "(percentile_cont(0.5) within group (order by extract(epoch from c.replied_at - c.assigned_at)) / 60)::bigint, "
    "(percentile_cont(0.9) within group (order by extract(epoch from c.replied_at - c.assigned_at)) / 60)::bigint "
    "from cases c where c.replied_at >= $1 and c.replied_at < $2 and c.assigned_at is not null and ($3::integer is null or c.unit_id = $3) "
    "group by grouping sets ((c.level), ()) order by 1, 2",
    3,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4}};
/* The cases are chosen under the person's own sight; the function leaves out once more what is not for everybody. */
const struct db_stmt stmt_overview_words = {
    "overview_words",
    "select w.word, w.category, w.said, w.people, s.n from (select array_agg(v.id) as ids, count(*) as n from ("
    "  select c.id from cases c where c.opened_at >= $1 and c.opened_at < $2 and ($3::integer is null or c.unit_id = $3) "
    "  and not c.confidential and not c.held and c.nature <> 'report' order by c.opened_at desc, c.id desc limit $4) v) s "
    "left join lateral matter_words(s.ids, $5, $6) w on true order by w.people desc, w.said desc, w.word",
    6,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4, DB_INT4, DB_INT4, DB_INT4}};
enum { Q_INFLOW = CASEWORK_FIRST, Q_OPEN, Q_HANDLING };
enum { SUMS_TIME = 7, SUMS_NATURE = 27, SUMS_CATEGORY = 29, SUMS_UNIT = 30, SUMS_ALL = 31 };
enum { OPEN_AGE = 3, OPEN_LEVEL = 5, OPEN_UNIT = 6, OPEN_ALL = 7 };

/* --- the question --- */

bool overview_ask(const struct staff_ask *a, const struct http_in *in, struct overview_ask *q)
{
    const i64 today = china_day(clock_now());
    *q = (struct overview_ask){.ask = *a, .now = clock_now()};
    if (!query_day(a, in, "to", today, &q->to) || !query_day(a, in, "from", q->to - 29, &q->from))
        return false;
    if (!query_unit(a, in, &q->unit)) return false;
    if (q->to < q->from || q->to - q->from >= DAYS_MAX) {
        query_refuse(a, "from");
        return false;
    }
    return true;
}

void overview_put_period(struct db_params *p, const struct overview_ask *q)
{
    db_put_instant(p, china_instant(q->from, 0));
    db_put_instant(p, china_instant(q->to + 1, 0));
    overview_put_unit(p, q);
}

void overview_put_unit(struct db_params *p, const struct overview_ask *q)
{
    if (q->unit)
        db_put_i32(p, (int)q->unit);
    else
        db_put_null(p);
}

static void put_day(const char *name, i64 day, struct text *t)
{
    const struct civil c = civil_from_days(day);
    text_addf(t, "\"%s\":\"%04d-%02d-%02d\",", name, c.year, c.month, c.day);
}

void overview_put_head(const struct overview_ask *q, i64 unit, struct text *t)
{
    text_addc(t, '{');
    put_day("from", q->from, t);
    put_day("to", q->to, t);
    text_addz(t, "\"unit\":");
    register_unit_json(q->ask.g, unit, t);
}

static const char *step_of(const struct overview_ask *q)
{
    const i64 days = q->to - q->from + 1;
    return days <= HOURLY_DAYS ? "hour" : days <= DAILY_DAYS ? "day" : days <= WEEKLY_DAYS ? "week" : "month";
}

/* --- GET /overview --- */

static void put_category(struct gateway *g, struct str code, struct text *t)
{
    const struct category *c = register_category(g, code);
    text_addz(t, "{\"code\":"), json_put(t, code);
    text_addz(t, ",\"name\":"), json_put(t, c ? c->name : code);
    text_addc(t, '}');
}

/* The rows of one of the sums, as the members of an array. */
static void put_inflow(struct gateway *g, const struct db_result *r, int sums, const char *name,
                       struct text *t)
{
    bool more = false;
    text_addf(t, ",\"%s\":[", name);
    for (int i = 0; i < db_rows(r); i++) {
        if (db_get_i64(r, i, 0) != sums) continue;
        text_addz(t, more ? ",{" : "{");
        more = true;
        if (sums == SUMS_TIME) {
            text_addz(t, "\"at\":"), json_put(t, db_get_text(r, i, 1));
            text_addz(t, ",\"channel\":"), json_put(t, db_get_text(r, i, 2));
        } else if (sums == SUMS_NATURE) {
            text_addz(t, "\"nature\":"), json_put(t, db_get_text(r, i, 3));
        } else if (sums == SUMS_CATEGORY) {
            text_addz(t, "\"category\":"), put_category(g, db_get_text(r, i, 4), t);
        } else {
            text_addz(t, "\"unit\":"), register_unit_json(g, db_get_i64(r, i, 5), t);
        }
        text_addf(t, ",\"n\":%lld,\"closed\":%lld}", (long long)db_get_i64(r, i, 6),
                  (long long)db_get_i64(r, i, 7));
    }
    text_addc(t, ']');
}

static void put_stand(const struct db_result *r, int i, struct text *t)
{
    const i64 n = db_get_i64(r, i, 4), over = db_get_i64(r, i, 5), near = db_get_i64(r, i, 6),
              none = db_get_i64(r, i, 7);
    text_addf(t, "\"n\":%lld,\"over\":%lld,\"near\":%lld,\"within\":%lld,\"none\":%lld", (long long)n,
              (long long)over, (long long)near, (long long)(n - over - near - none), (long long)none);
}

static void put_open(struct gateway *g, const struct db_result *r, int sums, const char *name, struct text *t)
{
    bool more = false;
    text_addf(t, ",\"%s\":[", name);
    for (int i = 0; i < db_rows(r); i++) {
        if (db_get_i64(r, i, 0) != sums) continue;
        text_addz(t, more ? ",{" : "{");
        more = true;
        if (sums == OPEN_AGE) text_addf(t, "\"age\":%lld,", (long long)db_get_i64(r, i, 1));
        if (sums == OPEN_LEVEL) text_addf(t, "\"level\":%lld,", (long long)db_get_i64(r, i, 2));
        if (sums == OPEN_UNIT) {
            text_addz(t, "\"unit\":"), register_unit_json(g, db_get_i64(r, i, 3), t);
            text_addc(t, ',');
        }
        put_stand(r, i, t);
        text_addc(t, '}');
    }
    text_addc(t, ']');
}

static void put_handling(const struct db_result *r, struct text *t)
{
    bool more = false;
    i64 n = 0, half = 0, most = 0;
    text_addz(t, ",\"handling\":{\"levels\":[");
    for (int i = 0; i < db_rows(r); i++) {
        const i64 v[3] = {db_get_i64(r, i, 2), db_get_i64(r, i, 3), db_get_i64(r, i, 4)};
        if (db_get_i64(r, i, 0) != 0) {
            n = v[0], half = v[1], most = v[2];
            continue;
        }
        text_addf(t, "%s{\"level\":%lld,\"n\":%lld,\"median_minutes\":%lld,\"p90_minutes\":%lld}",
                  more ? "," : "", (long long)db_get_i64(r, i, 1), (long long)v[0], (long long)v[1],
                  (long long)v[2]);
        more = true;
    }
    text_addf(t, "],\"n\":%lld,\"median_minutes\":", (long long)n);
    if (n)
        text_addf(t, "%lld,\"p90_minutes\":%lld}", (long long)half, (long long)most);
    else
        text_addz(t, "null,\"p90_minutes\":null}");
}

static void have_overview(void *arg, enum db_end end, const struct db_result *const *results, int n,
                          const struct db_error *error)
{
    struct overview_ask *q = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (staff_entered(&q->ask, end, results, error, false, &who)) {
        const struct db_result *in = results[Q_INFLOW], *open = results[Q_OPEN];
        struct gateway *g = q->ask.g;
        text_init(&t, BODY_MAX);
        overview_put_head(q, q->unit, &t);
        text_addf(&t, ",\"by\":\"%s\"", step_of(q));
        for (int i = 0; i < db_rows(in); i++)
            if (db_get_i64(in, i, 0) == SUMS_ALL)
                text_addf(&t, ",\"received\":%lld,\"closed\":%lld", (long long)db_get_i64(in, i, 6),
                          (long long)db_get_i64(in, i, 7));
        put_inflow(g, in, SUMS_TIME, "inflow", &t);
        put_inflow(g, in, SUMS_NATURE, "natures", &t);
        put_inflow(g, in, SUMS_CATEGORY, "categories", &t);
        put_inflow(g, in, SUMS_UNIT, "units", &t);
        text_addz(&t, ",\"open\":{");
        for (int i = 0; i < db_rows(open); i++)
            if (db_get_i64(open, i, 0) == OPEN_ALL) put_stand(open, i, &t);
        put_open(g, open, OPEN_AGE, "ages", &t);
        put_open(g, open, OPEN_LEVEL, "levels", &t);
        put_open(g, open, OPEN_UNIT, "units", &t);
        text_addc(&t, '}');
        put_handling(results[Q_HANDLING], &t);
        text_addf(&t, ",\"seq\":%llu}", (unsigned long long)q->ask.seq);
        staff_answer(&q->ask, &t);
    }
    free(q);
}

void staff_overview(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct overview_ask q;
    (void)id;
    if (!overview_ask(a, in, &q)) return;
    struct overview_ask *kept = MEM_NEW(struct overview_ask);
    *kept = q;
    struct db_call *c = staff_call(a, have_overview, kept);
    struct db_params *p = db_params_new(&stmt_overview_inflow);
    overview_put_period(p, &q);
    db_put_text(p, str_of(step_of(&q)));
    db_call_add(c, &stmt_overview_inflow, p);
    p = db_params_new(&stmt_overview_open);
    db_put_instant(p, q.now);
    overview_put_unit(p, &q);
    db_call_add(c, &stmt_overview_open, p);
    p = db_params_new(&stmt_overview_handling);
    overview_put_period(p, &q);
    db_call_add(c, &stmt_overview_handling, p);
    if (!staff_go(a, c)) free(kept);
}

/* --- GET /overview/words --- */

static void have_words(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct overview_ask *q = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (staff_entered(&q->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        bool more = false;
        text_init(&t, BODY_MAX);
        overview_put_head(q, q->unit, &t);
        text_addf(&t, ",\"cases\":%lld,\"cases_max\":%d,\"least\":%d,\"words\":[",
                  db_rows(r) ? (long long)db_get_i64(r, 0, 4) : 0, WORDS_CASES, WORDS_LEAST);
        for (int i = 0; i < db_rows(r); i++) {
            if (db_is_null(r, i, 0)) continue;
            text_addz(&t, more ? ",{\"word\":" : "{\"word\":"), json_put(&t, db_get_text(r, i, 0));
            text_addz(&t, ",\"category\":"), put_category(q->ask.g, db_get_text(r, i, 1), &t);
            text_addf(&t, ",\"said\":%lld,\"people\":%lld}", (long long)db_get_i64(r, i, 2),
                      (long long)db_get_i64(r, i, 3));
            more = true;
        }
        text_addz(&t, "]}");
        staff_answer(&q->ask, &t);
    }
    free(q);
}

void staff_overview_words(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct overview_ask q;
    (void)id;
    if (!overview_ask(a, in, &q)) return;
    struct overview_ask *kept = MEM_NEW(struct overview_ask);
    *kept = q;
    struct db_call *c = staff_call(a, have_words, kept);
    struct db_params *p = db_params_new(&stmt_overview_words);
    overview_put_period(p, &q);
    db_put_i32(p, WORDS_CASES);
    db_put_i32(p, WORDS_LEAST);
    db_put_i32(p, WORDS_MAX);
    db_call_add(c, &stmt_overview_words, p);
    if (!staff_go(a, c)) free(kept);
}
