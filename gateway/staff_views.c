/* Lists that somebody wants again, under a name: own ones, and those shared with a unit or a post. A view is a set of filters as they stand in the
 * address of the list and holds no case: whoever opens a shared one sees what they may see, and its count is of that. */
#include "staff_filters.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "metrics.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define BODY_MAX   8192
#define NAME_MAX   40 /* characters */
#define QUERY_MAX  1000
#define VIEWS_MAX  100 /* shown to one person */
#define COUNTED    24  /* of them, the first ones */
#define COUNT_TEXT "100"

const struct db_stmt stmt_staff_views = {
    "staff_views",
    "select v.id, v.name, v.query, v.ord, v.staff_id = staff_now(), v.unit_id is not null, v.role, s.name, "
    "exists (select from staff_view_first f where f.view_id = v.id) "
    "from staff_views v left join staff s on s.id = v.staff_id "
    "order by v.staff_id <> staff_now(), v.ord, v.id limit $1",
    1,
    {DB_INT4}};
const struct db_stmt stmt_staff_view_add = {
    "staff_view_add",
    "insert into staff_views (staff_id, name, query, ord, unit_id, role) values (staff_now(), $1, $2, "
    "(select coalesce(max(ord), 0) + 1 from staff_views where staff_id = staff_now()), case when $3 then my_unit() end, $4) returning id",
    4,
    {DB_TEXT, DB_TEXT, DB_BOOL, DB_TEXT}};
/* What is NULL stays. */
const struct db_stmt stmt_staff_view_change = {
    "staff_view_change",
    "update staff_views set name = coalesce($2, name), query = coalesce($3, query), ord = coalesce($4, ord), "
    "unit_id = case when $5 then case when $6 then my_unit() end else unit_id end, role = case when $5 then $7 else role end, "
    "changed_at = now() where id = $1 returning id",
    7,
    {DB_INT8, DB_TEXT, DB_TEXT, DB_INT4, DB_BOOL, DB_BOOL, DB_TEXT}};
const struct db_stmt stmt_staff_view_remove = {
    "staff_view_remove", "delete from staff_views where id = $1 returning id", 1, {DB_INT8}};
const struct db_stmt stmt_staff_view_first = {
    "staff_view_first",
    "insert into staff_view_first (staff_id, view_id) select staff_now(), v.id from staff_views v where v.id = $1 "
    "on conflict (staff_id) do update set view_id = excluded.view_id returning view_id",
    1,
    {DB_INT8}};
const struct db_stmt stmt_staff_view_later = {
    "staff_view_later", "delete from staff_view_first where view_id = $1 returning view_id", 1, {DB_INT8}};
/* Open ones alone, up to a hundred: that is cheap whatever the view asks for, and what somebody has to do. */
const struct db_stmt stmt_staff_view_count = {
    "staff_view_count",
    "select count(*) from (select from cases c where c.state in " FILTERS_OPEN " and " FILTERS_SQL
    "limit " COUNT_TEXT ") x",
    FILTERS_PARAMS,
    {FILTERS_TYPES}};

static void refuse_view(const struct staff_ask *a, enum db_end end, const struct db_error *error)
{
    if (end == DB_FAILED && strcmp(error->sqlstate, "MSD9A") == 0)
        staff_refuse(a, REFUSE_VIEWS_TOO_MANY, NULL, NULL);
    else if (end == DB_FAILED &&
             strcmp(error->sqlstate, "42501") == 0) /* a post or unit that is not theirs */
        staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    else
        staff_db_refuse(a, end, error);
}

/* --- reading --- */

struct viewing {
    struct staff_ask ask;
    struct text body;
    bool counts;
    int n, at[VIEWS_MAX]; /* where in the body the count of the i-th counted one goes */
    struct text tail[VIEWS_MAX];
};

static void viewing_free(struct viewing *w)
{
    text_free(&w->body);
    for (int i = 0; i < VIEWS_MAX; i++) text_free(&w->tail[i]);
    free(w);
}

static void put_view(const struct db_result *r, int i, struct text *t)
{
    text_addf(t, "{\"id\":%lld", (long long)db_get_i64(r, i, 0));
    json_put_text(t, "name", db_get_text(r, i, 1));
    json_put_text(t, "query", db_get_text(r, i, 2));
    text_addf(t, ",\"order\":%lld,\"own\":%s,\"first\":%s", (long long)db_get_i64(r, i, 3),
              db_get_bool(r, i, 4) ? "true" : "false", db_get_bool(r, i, 8) ? "true" : "false");
    json_put_text(t, "shared", db_get_bool(r, i, 5) ? STR("unit") : db_get_text(r, i, 6));
    json_put_text(t, "owner", db_get_text(r, i, 7));
}

static void have_counts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct viewing *w = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&w->ask, end, results, error, false, &who)) {
        for (int i = 0; i < w->n; i++) {
            text_add(&w->body, text_str(&w->tail[i]));
            if (w->at[i])
                text_addf(&w->body, ",\"open\":%lld}",
                          (long long)db_get_i64(results[CASEWORK_FIRST + w->at[i]], 0, 0));
            else
                text_addz(&w->body, ",\"open\":null}");
        }
        text_addz(&w->body, "]}");
        staff_answer(&w->ask, &w->body);
    }
    viewing_free(w);
}

static void have_views(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct viewing *w = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&w->ask, end, results, error, false, &who)) {
        viewing_free(w);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    struct db_call *c = staff_call(&w->ask, have_counts, w);
    int statements = 0;
    filters_add_plan(c);
    text_addz(&w->body, "{\"views\":[");
    for (int i = 0; i < db_rows(r); i++) {
        struct text *t = w->counts ? &w->tail[i] : &w->body;
        struct filters f;
        if (i) text_addc(t, ',');
        put_view(r, i, t);
        if (t == &w->body) {
            text_addz(t, ",\"open\":null}");
            continue;
        }
        w->n++;
        filters_read(&f, &w->ask, db_get_text(r, i, 2));
        if (i < COUNTED && !f.bad && !f.words.p) { /* a search is not counted: it reads what it finds */
            struct db_params *p = db_params_new(&stmt_staff_view_count);
            filters_put(p, &f, 0);
            db_call_add(c, &stmt_staff_view_count, p);
            w->at[i] = ++statements;
        }
        filters_free(&f);
    }
    if (!statements) {
        db_call_drop(&c);
        for (int i = 0; i < w->n; i++) {
            text_add(&w->body, text_str(&w->tail[i]));
            text_addz(&w->body, ",\"open\":null}");
        }
        text_addz(&w->body, "]}");
        staff_answer(&w->ask, &w->body);
        viewing_free(w);
    } else if (!staff_go(&w->ask, c)) {
        viewing_free(w);
    }
}

void staff_views(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct viewing *w = MEM_NEW(struct viewing);
    struct text counts;
    bool bad = false;
    (void)id;
    text_init(&counts, 8);
    w->ask = *a;
    w->counts = query_param(in, "counts", &counts, &bad) && str_eq(text_str(&counts), STR("1"));
    text_free(&counts);
    text_init(&w->body, 1 << 20);
    for (int i = 0; i < VIEWS_MAX; i++) text_init(&w->tail[i], 16384);
    struct db_call *c = staff_call(a, have_views, w);
    struct db_params *p = db_params_new(&stmt_staff_views);
    db_put_i32(p, VIEWS_MAX);
    db_call_add(c, &stmt_staff_views, p);
    if (!staff_go(a, c)) viewing_free(w);
}

/* --- writing --- */

static void have_written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (end == DB_FAILED) {
        refuse_view(a, end, error);
    } else if (staff_entered(a, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        if (db_rows(r) == 0) {
            staff_refuse(a, REFUSE_NOT_FOUND, NULL, NULL);
        } else {
            COUNT(VIEW_STEPS);
            text_init(&body, 256);
            text_addf(&body, "{\"id\":%lld}", (long long)db_get_i64(r, 0, 0));
            staff_answer(a, &body);
        }
    }
    free(a);
}

static void send(const struct staff_ask *a, const struct db_stmt *stmt, struct db_params *p)
{
    staff_send(a, stmt, p, have_written);
}

/* Whom it is shared with: null or "" nobody, "unit", or a post. */
static bool shared_known(struct str w)
{
    enum staff_role role;
    return w.n == 0 || str_eq(w, STR("unit")) || staff_role_parse(w, &role);
}

/* The member that is wrong, or NULL. */
static const char *judge(const struct staff_ask *a, const struct json *doc, bool whole)
{
    static const char *const known[] = {"name", "query", "shared", "order", "first", NULL};
    const struct json *name = json_get(doc, "name"), *query = json_get(doc, "query");
    struct filters f;
    i64 order;
    for (const char *key = NULL; (key = json_next_key(doc, key)) != NULL;) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (!known[i] || (whole && i > 2)) return "?";
    }
    const struct str n = str_trim(json_str(name)), q = json_str(query);
    if ((name || whole) && (n.n == 0 || utf8_count(n) > NAME_MAX)) return "name";
    if ((query || whole) && (json_kind(query) != JSON_STRING || q.n > QUERY_MAX)) return "query";
    if (!shared_known(json_str(json_get(doc, "shared")))) return "shared";
    if (json_get(doc, "order") && (!json_int(json_get(doc, "order"), &order) || order < 0 || order > 10000))
        return "order";
    filters_read(&f, a, q);
    const bool good = !f.bad && !f.cursor.p;
    filters_free(&f);
    return good ? NULL : "query";
}

void staff_view_add(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    (void)id;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const char *wrong = judge(a, doc, true);
    if (wrong) {
        body_refuse(a, wrong);
    } else {
        const struct str shared = json_str(json_get(doc, "shared"));
        const bool unit = str_eq(shared, STR("unit"));
        struct db_params *p = db_params_new(&stmt_staff_view_add);
        db_put_text(p, str_trim(json_str(json_get(doc, "name"))));
        db_put_text(p, json_str(json_get(doc, "query")));
        db_put_bool(p, unit);
        db_put_text(p, shared.n && !unit ? shared : STR_NONE);
        send(a, &stmt_staff_view_add, p);
    }
    json_free(&doc);
}

static struct db_params *by_id(const struct db_stmt *stmt, u64 id)
{
    struct db_params *p = db_params_new(stmt);
    db_put_i64(p, (i64)id);
    return p;
}

void staff_view_change(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    if (!body_object(a, in, BODY_MAX, &doc)) return;
    const char *wrong = judge(a, doc, false);
    const struct json *first = json_get(doc, "first");
    if (wrong) {
        body_refuse(a, wrong);
    } else if (first) { /* everybody says for themselves where they begin, also of a shared one */
        const struct db_stmt *stmt = json_bool(first) ? &stmt_staff_view_first : &stmt_staff_view_later;
        send(a, stmt, by_id(stmt, id));
    } else {
        const struct json *name = json_get(doc, "name"), *query = json_get(doc, "query"),
                          *order = json_get(doc, "order"), *shared = json_get(doc, "shared");
        const struct str with = json_str(shared);
        const bool unit = str_eq(with, STR("unit"));
        i64 ord = 0;
        struct db_params *p = by_id(&stmt_staff_view_change, id);
        db_put_text(p, name ? str_trim(json_str(name)) : STR_NONE);
        db_put_text(p, query ? json_str(query) : STR_NONE);
        if (json_int(order, &ord))
            db_put_i32(p, (int)ord);
        else
            db_put_null(p);
        db_put_bool(p, shared != NULL);
        db_put_bool(p, unit);
        db_put_text(p, with.n && !unit ? with : STR_NONE);
        send(a, &stmt_staff_view_change, p);
    }
    json_free(&doc);
}

void staff_view_remove(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in;
    send(a, &stmt_staff_view_remove, by_id(&stmt_staff_view_remove, id));
}
