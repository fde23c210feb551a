/* The list of cases under filters, and the counters beside it. What a person may not see is not filtered here: the
 * database leaves it out, of rows, searches and counts alike. */
#include "staff_filters.h"
#include "staff_query.h"
#include "casework.h"
#include "base/code.h"
#include <stdlib.h>
#include <string.h>

/* The page is cut before the words are fetched, so that the joins look at its rows alone. */
const struct db_stmt stmt_staff_cases = {
    "staff_cases",
    "select " PAGE_COLUMNS " from (select c.* from cases c where " FILTERS_SQL
    "and ($21::timestamptz is null or (c.opened_at, c.id) < ($21, $22)) "
    "order by c.opened_at desc, c.id desc limit $23) c " PAGE_JOINS "order by c.opened_at desc, c.id desc",
    FILTERS_PARAMS + 3,
    {FILTERS_TYPES, DB_TIMESTAMPTZ, DB_INT8, DB_INT4}};
/* What runs out first, first; what has no deadline is not in it. */
const struct db_stmt stmt_staff_cases_due = {
    "staff_cases_due",
    "select " PAGE_COLUMNS " from (select c.* from cases c where " FILTERS_SQL "and c.due_at is not null "
    "and ($21::timestamptz is null or (c.due_at, c.id) > ($21, $22)) "
    "order by c.due_at, c.id limit $23) c " PAGE_JOINS "order by c.due_at, c.id",
    FILTERS_PARAMS + 3,
    {FILTERS_TYPES, DB_TIMESTAMPTZ, DB_INT8, DB_INT4}};
/* What waits, by state, and a row without one: what came today. Both by an index: an office's pages ask this all day, and what has ended
 * only grows. */
const struct db_stmt stmt_staff_counts = {
    "staff_counts",
    "select c.state, count(*), count(*) filter (where c.triage and c.state = 'discovered'), "
    "count(*) filter (where c.held), count(*) filter (where c.due_at < $1) "
    "from cases c where c.state in " FILTERS_OPEN " group by c.state "
    "union all select null, count(*), 0, 0, 0 from cases c where c.opened_at >= $2",
    2,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ}};

void staff_row_json(struct gateway *g, const struct case_row *row, struct str summary, i64 feedbacks,
                    struct text *out)
{
    casework_json(g, row, out);
    if (out->overflow) return;
    out->n--; /* the closing brace: two more members follow */
    text_addz(out, ",\"summary\":");
    json_put(out, summary);
    text_addf(out, ",\"feedbacks\":%lld}", (long long)feedbacks);
}

struct listing {
    struct staff_ask ask;
    int limit;
    bool by_due;
};
enum { Q_PLAN = CASEWORK_FIRST, Q_CASES };

static void have_cases(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct listing *l = arg;
    struct staff_who who;
    struct text body;
    struct case_row row = {0};
    (void)n;
    if (staff_entered(&l->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[Q_CASES];
        int shown = MIN(db_rows(r), l->limit);
        text_init(&body, 1024 * 1024);
        text_addz(&body, "{\"cases\":[");
        for (int i = 0; i < shown; i++) {
            casework_row(r, i, &row);
            if (i) text_addc(&body, ',');
            staff_row_json(l->ask.g, &row, db_get_text(r, i, CASEWORK_COLUMNS_N),
                           db_get_i64(r, i, CASEWORK_COLUMNS_N + 1), &body);
        }
        text_addz(&body, "],\"next\":");
        if (db_rows(r) > l->limit) {
            text_addc(&body, '"');
            cursor_put(&body, (u64)(l->by_due ? row.clocks.due : row.view.opened).us, (u64)row.view.id);
            text_addc(&body, '"');
        } else {
            text_addz(&body, "null");
        }
        text_addf(&body, ",\"seq\":%llu}", (unsigned long long)l->ask.seq);
        staff_answer(&l->ask, &body);
    }
    free(l);
}

static void list_send(const struct staff_ask *a, struct filters *f)
{
    const struct db_stmt *stmt = f->by_due ? &stmt_staff_cases_due : &stmt_staff_cases;
    u64 at = 0, id = 0;
    if (f->cursor.p && !cursor_get(f->cursor, &at, &id)) {
        query_refuse(a, "before");
        return;
    }
    struct listing *l = MEM_NEW(struct listing);
    *l = (struct listing){*a, f->limit, f->by_due};
    struct db_call *c = staff_call(a, have_cases, l);
    struct db_params *p = db_params_new(stmt);
    filters_put(p, f, 0);
    db_put_instant(p, (instant){(i64)at});
    db_put_i64(p, (i64)id);
    db_put_i32(p, f->limit + 1); /* one more tells whether there is a next page */
    filters_add_plan(c);
    db_call_add(c, stmt, p);
    if (!staff_go(a, c)) free(l);
}

void staff_cases(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct filters f;
    (void)id;
    filters_read(&f, a, in->query);
    if (f.bad)
        query_refuse(a, f.bad);
    else if (f.words.p)
        staff_search(a, &f);
    else
        list_send(a, &f);
    filters_free(&f);
}

/* --- counters --- */

static void have_counts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    i64 of[CASE_STATES_N] = {0}, sum[3] = {0}, today = 0;
    (void)n;
    if (staff_entered(a, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        for (int i = 0; i < db_rows(r); i++) {
            enum case_state s;
            if (db_is_null(r, i, 0)) today = db_get_i64(r, i, 1);
            if (db_is_null(r, i, 0) || !case_state_parse(db_get_text(r, i, 0), &s)) continue;
            of[s] = db_get_i64(r, i, 1);
            for (int k = 0; k < 3; k++) sum[k] += db_get_i64(r, i, 2 + k);
        }
        text_init(&body, 4096);
        text_addz(&body, "{\"by_state\":{");
        for (int s = CASE_DISCOVERED; case_state_open((enum case_state)s); s++)
            text_addf(&body, "%s\"%s\":%lld", s > CASE_DISCOVERED ? "," : "",
                      case_state_word((enum case_state)s), (long long)of[s]);
        text_addf(
            &body,
            "},\"triage\":%lld,\"held\":%lld,\"overdue\":%lld,\"today\":%lld,\"alarms\":%lld,\"accounts\":%lld,"
            "\"notices\":%lld,\"seq\":%llu}",
            (long long)sum[0], (long long)sum[1], (long long)sum[2], (long long)today,
            (long long)db_get_i64(results[CASEWORK_FIRST + 1], 0, 0),
            (long long)db_get_i64(results[CASEWORK_FIRST + 2], 0, 0),
            (long long)db_get_i64(results[CASEWORK_FIRST + 2], 0, 1), (unsigned long long)a->seq);
        staff_answer(a, &body);
    }
    free(a);
}

void staff_counts(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_counts, kept);
    struct db_params *p = db_params_new(&stmt_staff_counts);
    instant now = clock_now();
    (void)in, (void)id;
    db_put_instant(p, now);
    db_put_instant(p, china_instant(china_day(now), 0));
    db_call_add(c, &stmt_staff_counts, p);
    db_call_add(c, &stmt_staff_channel_alarms, db_params_new(&stmt_staff_channel_alarms));
    db_call_add(c, &stmt_account_counts, db_params_new(&stmt_account_counts));
    if (!staff_go(a, c)) free(kept);
}
