/* GET /overview/rates: the rates of GET /figures over time. Each point is what /figures says of its days: same counting, same n, same
 * formula; a day, week or month whose n is too small for a share has none. */
#include "staff_overview.h"
#include "staff_query.h"
#include "casework.h"
#include "register.h"
#include "staff_figures.h"
#include "base/code.h"
#include "core/workdays.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   (1u << 20)
#define POINTS_MAX 400

/* What was done and answered: rows of schema/0050, which guard themselves as the cases do that they are of.
 * $1, $2 the period, $3 the unit or null, $4 the step. Weeks begin on Monday. */
const struct db_stmt stmt_overview_marks = {
    "overview_marks",
    "select to_char(date_trunc($4::text, m.day::timestamp), 'YYYY-MM-DD'), m.rate::text, sum(m.n)::bigint, sum(m.good)::bigint from ("
    "  select c.day, c.rate, count(*) as n, count(*) filter (where c.good) as good from rate_marks c "
    "  where c.day >= ($1 at time zone 'Asia/Shanghai')::date and c.day < ($2 at time zone 'Asia/Shanghai')::date and " FIGURES_COUNTED
    "  group by 1, 2) m group by 1, 2",
    4,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4, DB_TEXT}};
/* What fell due and has not been done. */
const struct db_stmt stmt_overview_late = {
    "overview_late",
    "select to_char(date_trunc($4::text, x.at at time zone 'Asia/Shanghai'), 'YYYY-MM-DD'), x.rate, count(*) from ("
    "select 'on_time' as rate, c.handling_due as at from cases c where c.state in ('assigned', 'handling', 'replied') and c.held_since is null "
    "  and c.handling_due >= $1 and c.handling_due < least($2, $5) and " FIGURES_COUNTED
    "union all select 'response', c.due_at from cases c where c.state = 'assigned' and c.due_clock = 'sign' "
    "  and c.due_at >= $1 and c.due_at < least($2, $5) and " FIGURES_COUNTED ") x group by 1, 2",
    5,
    {DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT4, DB_TEXT, DB_TIMESTAMPTZ}};
enum { Q_MARKS = CASEWORK_FIRST, Q_LATE };

struct point {
    char day[11]; /* its first */
    struct share of[RATES_N];
};
struct course {
    struct point all[POINTS_MAX];
    size_t n;
};

static i64 step_begin(i64 day, const char *by)
{
    struct civil c = civil_from_days(day);
    if (strcmp(by, "month") == 0) {
        c.day = 1;
        return civil_to_days(c);
    }
    return strcmp(by, "week") == 0 ? day - (day + 3) % 7 : day; /* 1970-01-01 was a Thursday */
}

static i64 step_next(i64 day, const char *by)
{
    return strcmp(by, "month") == 0 ? step_begin(day + 31, by) : strcmp(by, "week") == 0 ? day + 7 : day + 1;
}

/* Every step of the period, also those in which nothing happened. */
static bool course_lay(const struct overview_ask *q, struct course *k)
{
    k->n = 0;
    for (i64 day = step_begin(q->from, q->by); day <= q->to; day = step_next(day, q->by)) {
        if (k->n == POINTS_MAX) return false;
        const struct civil c = civil_from_days(day);
        struct text t;
        text_init(&t, sizeof k->all->day - 1);
        text_addf(&t, "%04d-%02d-%02d", c.year, c.month, c.day);
        k->all[k->n] = (struct point){.day = ""};
        memcpy(k->all[k->n++].day, text_z(&t), sizeof k->all->day);
        text_free(&t);
    }
    return true;
}

/* NULL for a day outside the course, or no such rate. */
static struct share *share_at(struct course *k, struct str day, struct str rate)
{
    int r = 0;
    while (r < RATES_N && !str_eq(str_of(rate_facts((enum figure_rate)r)->word), rate)) r++;
    for (size_t i = 0; i < k->n && r < RATES_N; i++)
        if (str_eq(str_of(k->all[i].day), day)) return &k->all[i].of[r];
    return NULL;
}

static void course_read(struct course *k, const struct db_result *const *results)
{
    const struct db_result *marks = results[Q_MARKS], *late = results[Q_LATE];
    for (int i = 0; i < db_rows(marks); i++) {
        struct share *s = share_at(k, db_get_text(marks, i, 0), db_get_text(marks, i, 1));
        if (s) s->den += db_get_i64(marks, i, 2), s->num += db_get_i64(marks, i, 3);
    }
    for (int i = 0; i < db_rows(late); i++) {
        struct share *s = share_at(k, db_get_text(late, i, 0), db_get_text(late, i, 1));
        if (s) s->den += db_get_i64(late, i, 2);
    }
}

static void have_rates(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct overview_ask *q = arg;
    struct staff_who who;
    struct course *k = NULL;
    struct text t;
    i64 unit;
    (void)n;
    if (!staff_entered(&q->ask, end, results, error, false, &who) ||
        !figures_whose(&q->ask, &who, q->unit, &unit))
        goto over;
    k = MEM_NEW(struct course);
    const bool laid = course_lay(q, k);
    ASSERT(laid); /* asked before the call was sent */
    course_read(k, results);
    text_init(&t, BODY_MAX);
    overview_put_head(q, unit, &t);
    text_addf(&t, ",\"by\":\"%s\",\"sample_min\":%d,\"points\":[", q->by, FIGURES_SAMPLE_MIN);
    for (size_t i = 0; i < k->n; i++) {
        text_addf(&t, "%s{\"day\":\"%s\",\"rates\":[", i ? "," : "", k->all[i].day);
        for (int r = 0; r < RATES_N; r++) {
            int permille;
            const struct share s = k->all[i].of[r];
            text_addf(&t, "%s{\"numerator\":%lld,\"n\":%lld,\"percent\":", r ? "," : "", (long long)s.num,
                      (long long)s.den);
            if (share_permille(s, &permille))
                text_addf(&t, "%d.%d}", permille / 10, permille % 10);
            else
                text_addz(&t, "null}");
        }
        text_addz(&t, "]}");
    }
    text_addz(&t, "],\"rates\":[");
    for (int r = 0; r < RATES_N; r++) {
        struct share whole = {0, 0};
        for (size_t i = 0; i < k->n; i++) whole.num += k->all[i].of[r].num, whole.den += k->all[i].of[r].den;
        figures_put_rate((enum figure_rate)r, whole, r > 0, &t);
    }
    text_addz(&t, "]}");
    staff_answer(&q->ask, &t);
over:
    free(k);
    free(q);
}

static bool by_read(const struct staff_ask *a, const struct http_in *in, struct overview_ask *q)
{
    static const char *const known[] = {"day", "week", "month"};
    struct text t;
    bool bad = false, found = false;
    text_init(&t, 20);
    if (!query_param(in, "by", &t, &bad))
        text_addz(&t, q->to - q->from < 45 ? "day" : q->to - q->from < 200 ? "week" : "month");
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (!str_eq(text_str(&t), str_of(known[i]))) continue;
        memcpy(q->by, known[i], strlen(known[i]) + 1);
        found = true;
    }
    text_free(&t);
    if (found && !bad) {
        struct course *k = MEM_NEW(struct course);
        found = course_lay(q, k); /* too many points for one picture */
        free(k);
    }
    if (!found || bad) query_refuse(a, "by");
    return found && !bad;
}

void staff_overview_rates(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const struct db_stmt *const all[] = {&stmt_overview_marks, &stmt_overview_late};
    struct overview_ask q;
    (void)id;
    if (!overview_ask(a, in, &q) || !by_read(a, in, &q)) return;
    struct overview_ask *kept = MEM_NEW(struct overview_ask);
    *kept = q;
    struct db_call *c = staff_call(a, have_rates, kept);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct db_params *p = db_params_new(all[i]);
        overview_put_period(p, &q);
        db_put_text(p, str_of(q.by));
        if (all[i]->n_types == 5) db_put_instant(p, q.now);
        db_call_add(c, all[i], p);
    }
    if (!staff_go(a, c)) free(kept);
}
