/* The list of cases under filters, and the counters beside it. What a person may not see is not filtered here: the
 * database leaves it out, of rows, searches and counts alike. */
#include "staff_part.h"
#include "casework.h"
#include "base/code.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     100
/* Words of a confidential case are shown on its own page alone, where the look is logged; so they are not searched. */
#define SUMMARY     "case when c.confidential then '' else left(f.masked, 80) end"
#define OPEN_STATES "('discovered', 'assigned', 'handling', 'replied', 'verifying')"
#define SEARCH_MIN  2 /* characters */
#define SEARCH_MAX  100

/* The page is cut before the words are fetched, so that the joins look at its rows alone. */
const struct db_stmt stmt_staff_cases = {
    "staff_cases",
    "select " CASEWORK_COLUMNS ", " SUMMARY ", n.n from (select c.* from cases c where "
    "($1::text[] is null or c.state = any ($1)) and ($2::text[] is null or c.nature = any ($2)) "
    "and ($3::integer is null or c.unit_id = $3) and ($4::text is null or left(c.category, length($4)) = $4) "
    "and ($5::integer[] is null or c.level = any ($5)) "
    "and ($6::text is null or c.id = $7 or not c.confidential "
    "  and exists (select from feedback s where s.case_id = c.id and s.masked ilike $6)) "
    "and (not $8 or c.unit_id = (select my_unit()) or c.handler_id = (select staff_now()) "
    "  or c.id in (select cu.case_id from case_units cu where cu.unit_id = (select my_unit()))) "
    "and (not $9 or c.triage and c.state = 'discovered') and (not $10 or c.held and c.state in " OPEN_STATES
    ") "
    "and (not $11 or c.due_at < $12 and c.state in " OPEN_STATES
    ") and (not $16 or c.state in ('closed', 'declined') and 'objected' = any (c.flags)) "
    "and ($13::timestamptz is null or (c.opened_at, c.id) < ($13, $14)) "
    "order by c.opened_at desc, c.id desc limit $15) c "
    "left join lateral (select s.masked from feedback s where s.case_id = c.id order by s.received_at, s.id "
    "limit 1) f on true "
    "left join lateral (select count(*) as n from case_reporters(c.id)) n on true "
    "order by c.opened_at desc, c.id desc",
    16,
    {DB_TEXTS, DB_TEXTS, DB_INT4, DB_TEXT, DB_INT4S, DB_TEXT, DB_INT8, DB_BOOL, DB_BOOL, DB_BOOL, DB_BOOL,
     DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_INT8, DB_INT4, DB_BOOL}};
const struct db_stmt stmt_staff_counts = {
    "staff_counts",
    "select c.state, count(*), count(*) filter (where c.triage and c.state = 'discovered'), "
    "count(*) filter (where c.held and c.state in " OPEN_STATES "), "
    "count(*) filter (where c.due_at < $1 and c.state in " OPEN_STATES
    "), count(*) filter (where c.opened_at >= $2) "
    "from cases c group by c.state",
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
    bool searches;
};

/* A search for words reads every row the person may see. One connection less than there are may be busy with them, so
 * that signing in and acting do not wait behind searches. */
static int searches_now;
static bool search_waits(const struct gateway *g)
{
    return searches_now >= MAX(g->cfg.db_staff_connections - 1, 1);
}

static void listing_free(struct listing *l)
{
    if (l->searches) searches_now--;
    free(l);
}

/* opened_at and id of the last row, so that a page never repeats or loses a row while new ones come in. */
static void put_cursor(const struct case_row *row, struct text *t)
{
    u64 v[2] = {(u64)row->view.opened.us, (u64)row->view.id};
    u8 b[16];
    for (size_t i = 0; i < sizeof b; i++) b[i] = (u8)(v[i / 8] >> (56 - 8 * (i % 8)));
    b64url_put(t, b, sizeof b);
}

static bool cursor_of(struct str s, instant *at_r, i64 *id_r)
{
    u8 b[16];
    u64 v[2] = {0, 0};
    if (!b64url_get(s, b, sizeof b)) return false;
    for (size_t i = 0; i < sizeof b; i++) v[i / 8] = v[i / 8] << 8 | b[i];
    /* Bounds of PostgreSQL's timestamps, well inside them: a forged cursor must not become a failed query. */
    if (v[0] == 0 || v[0] > (u64)INT64_MAX / 2 || v[1] > INT64_MAX) return false;
    *at_r = (instant){(i64)v[0]};
    *id_r = (i64)v[1];
    return true;
}

static void have_cases(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct listing *l = arg;
    struct staff_who who;
    struct text body;
    struct case_row row = {0};
    (void)n;
    if (staff_entered(&l->ask, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
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
            put_cursor(&row, &body);
            text_addc(&body, '"');
        } else {
            text_addz(&body, "null");
        }
        text_addf(&body, ",\"seq\":%llu}", (unsigned long long)l->ask.seq);
        staff_answer(&l->ask, &body);
    }
    listing_free(l);
}

/* --- filters: first all are read and judged, then they become parameters --- */

struct filters {
    struct arena arena;
    struct str states, natures, levels, category, like; /* .p NULL: not set */
    i64 unit, number, before_id;
    bool mine, triage, held, overdue, objected;
    instant before;
    int limit;
    const char *bad; /* the first that was not understood */
};

static bool state_known(struct str w)
{
    enum case_state s;
    return case_state_parse(w, &s) && s != CASE_NEW;
}

static bool nature_known(struct str w)
{
    enum nature n;
    return nature_parse(w, &n) && str_eq(w, str_of(nature_word(n)));
}

static bool level_known(struct str w)
{
    u64 level;
    return w.n == 1 && str_u64(w, CASE_LEVELS_N - 1, &level);
}

static size_t count_words(struct str words)
{
    size_t n = 1;
    for (size_t i = 0; i < words.n; i++) n += words.p[i] == ',';
    return n;
}

/* The parameter's value, kept; .p NULL when it is absent. */
static struct str param(struct filters *f, const struct http_in *in, const char *name)
{
    struct text t;
    struct str kept = STR_NONE;
    bool bad = false;
    text_init(&t, SEARCH_MAX * 4);
    if (staff_param(in, name, &t, &bad) && !bad) kept = arena_str(&f->arena, text_str(&t));
    if (bad && !f->bad) f->bad = name;
    text_free(&t);
    return kept;
}

static struct str param_words(struct filters *f, const struct http_in *in, const char *name,
                              bool (*known)(struct str))
{
    struct str all = param(f, in, name), rest = all;
    for (size_t n = all.p ? count_words(all) : 0; n > 0; n--) {
        struct str w;
        str_cut(rest, ',', &w, &rest);
        if (!known(w) && !f->bad) f->bad = name;
    }
    return all;
}

static bool param_flag(struct filters *f, const struct http_in *in, const char *name)
{
    struct str v = param(f, in, name);
    if (v.p && !str_eq(v, STR("1")) && !str_eq(v, STR("0")) && !f->bad) f->bad = name;
    return str_eq(v, STR("1"));
}

static i64 param_number(struct filters *f, const struct http_in *in, const char *name, i64 otherwise, u64 max)
{
    struct str v = param(f, in, name);
    u64 n = 0;
    if (!v.p) return otherwise;
    if ((!str_u64(v, max, &n) || n == 0) && !f->bad) f->bad = name;
    return (i64)n;
}

/* Words and, when it is a number, the case of that number. */
static void param_search(struct filters *f, const struct http_in *in)
{
    struct str q = str_trim(param(f, in, "q"));
    struct text like;
    u64 number = 0;
    if (q.n == 0) return;
    if (!str_u64(q, INT64_MAX, &number) && utf8_count(q) < SEARCH_MIN && !f->bad) f->bad = "q";
    f->number = (i64)number;
    text_init(&like, q.n * 2 + 2);
    text_addc(&like, '%');
    for (size_t i = 0; i < q.n; i++) {
        if (q.p[i] == '%' || q.p[i] == '_' || q.p[i] == '\\') text_addc(&like, '\\');
        text_addc(&like, q.p[i]);
    }
    text_addc(&like, '%');
    f->like = arena_str(&f->arena, text_str(&like));
    text_free(&like);
}

static void filters_read(struct filters *f, const struct http_in *in)
{
    u64 n;
    *f = (struct filters){.bad = NULL};
    arena_init(&f->arena, 16384);
    f->states = param_words(f, in, "state", state_known);
    f->natures = param_words(f, in, "nature", nature_known);
    f->levels = param_words(f, in, "level", level_known);
    f->unit = param_number(f, in, "unit", 0, INT32_MAX);
    f->category = param(f, in, "category");
    if (f->category.p && ((f->category.n != 2 && f->category.n != 4) || !str_u64(f->category, 9999, &n)) &&
        !f->bad)
        f->bad = "category";
    param_search(f, in);
    f->mine = param_flag(f, in, "mine");
    f->triage = param_flag(f, in, "triage");
    f->held = param_flag(f, in, "held");
    f->overdue = param_flag(f, in, "overdue");
    f->objected = param_flag(f, in, "objected");
    f->limit = (int)param_number(f, in, "limit", LIMIT_DEFAULT, LIMIT_MAX);
    struct str cursor = param(f, in, "before");
    if (cursor.p && !cursor_of(cursor, &f->before, &f->before_id) && !f->bad) f->bad = "before";
}

static void put_words(struct db_params *p, struct str words)
{
    if (!words.p) {
        db_put_null(p);
        return;
    }
    size_t n = count_words(words);
    db_array_begin(p, DB_TEXT, n);
    for (; n > 0; n--) {
        struct str w;
        str_cut(words, ',', &w, &words);
        db_put_text(p, w);
    }
    db_array_end(p);
}

static void put_levels(struct db_params *p, struct str words)
{
    if (!words.p) {
        db_put_null(p);
        return;
    }
    size_t n = count_words(words);
    db_array_begin(p, DB_INT4, n);
    for (; n > 0; n--, words.p += 2) db_put_i32(p, words.p[0] - '0'); /* one digit each, judged before */
    db_array_end(p);
}

static struct db_params *filters_put(const struct filters *f)
{
    struct db_params *p = db_params_new(&stmt_staff_cases);
    put_words(p, f->states);
    put_words(p, f->natures);
    if (f->unit)
        db_put_i32(p, (int)f->unit);
    else
        db_put_null(p);
    db_put_text(p, f->category);
    put_levels(p, f->levels);
    db_put_text(p, f->like);
    db_put_i64(p, f->number);
    db_put_bool(p, f->mine);
    db_put_bool(p, f->triage);
    db_put_bool(p, f->held);
    db_put_bool(p, f->overdue);
    db_put_instant(p, clock_now());
    db_put_instant(p, f->before);
    db_put_i64(p, f->before_id);
    db_put_i32(p, f->limit + 1); /* one more tells whether there is a next page */
    db_put_bool(p, f->objected);
    return p;
}

static void list_send(const struct staff_ask *a, const struct filters *f)
{
    struct listing *l = MEM_NEW(struct listing);
    *l = (struct listing){*a, f->limit, f->like.p != NULL};
    if (l->searches) searches_now++;
    struct db_call *c = staff_call(a, have_cases, l);
    db_call_add(c, &stmt_staff_cases, filters_put(f));
    if (!staff_go(a, c)) listing_free(l);
}

void staff_cases(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct filters f;
    (void)id;
    filters_read(&f, in);
    if (f.bad)
        staff_refuse_filter(a, f.bad);
    else if (f.like.p && search_waits(a->g))
        reply_problem(a->g, a->ticket, a->lang, REFUSE_TOO_MANY, STR_NONE, STR_NONE, SPAN_S(2));
    else
        list_send(a, &f);
    arena_free(&f.arena);
}

/* --- counters --- */

static void have_counts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    i64 of[CASE_STATES_N] = {0}, sum[4] = {0};
    (void)n;
    if (staff_entered(a, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        for (int i = 0; i < db_rows(r); i++) {
            enum case_state s;
            if (!case_state_parse(db_get_text(r, i, 0), &s)) continue;
            of[s] = db_get_i64(r, i, 1);
            for (int k = 0; k < 4; k++) sum[k] += db_get_i64(r, i, 2 + k);
        }
        text_init(&body, 4096);
        text_addz(&body, "{\"by_state\":{");
        for (int s = CASE_DISCOVERED; s < CASE_STATES_N; s++)
            text_addf(&body, "%s\"%s\":%lld", s > CASE_DISCOVERED ? "," : "",
                      case_state_word((enum case_state)s), (long long)of[s]);
        text_addf(
            &body,
            "},\"triage\":%lld,\"held\":%lld,\"overdue\":%lld,\"today\":%lld,\"alarms\":%lld,\"seq\":%llu}",
            (long long)sum[0], (long long)sum[1], (long long)sum[2], (long long)sum[3],
            (long long)db_get_i64(results[CASEWORK_FIRST + 1], 0, 0), (unsigned long long)a->seq);
        staff_answer(a, &body);
    }
    free(a);
}

void staff_counts(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = MEM_NEW(struct staff_ask);
    struct db_call *c = staff_call(a, have_counts, kept);
    struct db_params *p = db_params_new(&stmt_staff_counts);
    instant now = clock_now();
    (void)in, (void)id;
    *kept = *a;
    db_put_instant(p, now);
    db_put_instant(p, china_instant(china_day(now), 0));
    db_call_add(c, &stmt_staff_counts, p);
    db_call_add(c, &stmt_staff_channel_alarms, db_params_new(&stmt_staff_channel_alarms));
    if (!staff_go(a, c)) free(kept);
}
