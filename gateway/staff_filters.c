#include "staff_filters.h"
#include "staff_query.h"
#include "intake.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/ladder.h"
#include "core/rating.h"
#include <string.h>

#define SEARCH_MIN 2 /* characters */
#define SEARCH_MAX 100

const struct db_stmt stmt_filters_plan = {
    "filters_plan", "select set_config('plan_cache_mode', 'force_custom_plan', true)", 0, {0}};

void filters_add_plan(struct db_call *c)
{
    db_call_add(c, &stmt_filters_plan, db_params_new(&stmt_filters_plan));
}

/* --- cursors --- */

void cursor_put(struct text *t, u64 a, u64 b)
{
    const u64 v[2] = {a, b};
    u8 bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (u8)(v[i / 8] >> (56 - 8 * (i % 8)));
    b64url_put(t, bytes, sizeof bytes);
}

bool cursor_get(struct str s, u64 *a_r, u64 *b_r)
{
    u8 bytes[16];
    u64 v[2] = {0, 0};
    if (!b64url_get(s, bytes, sizeof bytes)) return false;
    for (size_t i = 0; i < sizeof bytes; i++) v[i / 8] = v[i / 8] << 8 | bytes[i];
    /* Bounds of PostgreSQL's timestamps, well inside them: a forged cursor must not become a failed query. */
    if (v[0] == 0 || v[0] > (u64)INT64_MAX / 2 || v[1] > INT64_MAX) return false;
    *a_r = v[0];
    *b_r = v[1];
    return true;
}

/* --- single values --- */

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

static bool rung_known(struct str w) { return w.n == 1 && w.p[0] >= '0' && w.p[0] <= '7'; }

static bool door_known(struct str w)
{
    enum door d;
    return door_parse(w, &d);
}

static bool colour_known(struct str w)
{
    return str_eq(w, STR("green")) || str_eq(w, STR("yellow")) || str_eq(w, STR("red"));
}

static size_t count_words(struct str words)
{
    size_t n = 1;
    for (size_t i = 0; i < words.n; i++) n += words.p[i] == ',';
    return n;
}

struct reading {
    struct filters *f;
    struct http_in in; /* query alone */
};

static void bad(struct reading *r, const char *name)
{
    if (!r->f->bad) r->f->bad = name;
}

/* The parameter's value, kept; .p NULL when it is absent. */
static struct str param(struct reading *r, const char *name)
{
    struct text t;
    struct str kept = STR_NONE;
    bool wrong = false;
    text_init(&t, SEARCH_MAX * 4);
    if (query_param(&r->in, name, &t, &wrong) && !wrong) kept = arena_str(&r->f->arena, text_str(&t));
    if (wrong) bad(r, name);
    text_free(&t);
    return kept;
}

static struct str param_words(struct reading *r, const char *name, bool (*known)(struct str))
{
    struct str all = param(r, name), rest = all;
    for (size_t n = all.p ? count_words(all) : 0; n > 0; n--) {
        struct str w;
        str_cut(rest, ',', &w, &rest);
        if (!known(w)) bad(r, name);
    }
    return all;
}

static struct str param_word(struct reading *r, const char *name, bool (*known)(struct str))
{
    struct str v = param(r, name);
    if (v.p && !known(v)) bad(r, name);
    return v;
}

static bool param_flag(struct reading *r, const char *name)
{
    struct str v = param(r, name);
    if (v.p && !str_eq(v, STR("1")) && !str_eq(v, STR("0"))) bad(r, name);
    return str_eq(v, STR("1"));
}

static i64 param_number(struct reading *r, const char *name, i64 otherwise, u64 max)
{
    struct str v = param(r, name);
    u64 n = 0;
    if (!v.p) return otherwise;
    if (!str_u64(v, max, &n) || n == 0) bad(r, name);
    return (i64)n;
}

/* A day in China: its beginning, or its end. */
static instant param_day(struct reading *r, const char *name, bool end)
{
    struct str v = param(r, name);
    instant t = {0};
    if (!v.p) return t;
    if (v.n != 10 || !staff_instant_parse(v, &t)) {
        bad(r, name);
        return t;
    }
    return end ? t : china_instant(china_day(t) - 1, 0);
}

/* --- what needs more than the value --- */

/* The unit and whatever is below it. `own`: the unit alone. */
static void param_unit(struct reading *r, struct gateway *g)
{
    const i64 root = param_number(r, "unit", 0, INT32_MAX);
    const bool own = param_flag(r, "unit_only");
    const struct unit *all;
    if (!root) return;
    int *found = arena_alloc(&r->f->arena, FILTERS_UNITS_MAX * sizeof *found);
    if (!found) return;
    size_t n_all = register_ready(g) && !own ? register_units(g, &all) : 0, n = 1;
    found[0] = (int)root;
    for (size_t at = 0; at < n; at++)
        for (size_t i = 0; i < n_all && n < FILTERS_UNITS_MAX; i++) {
            bool known = all[i].parent_id != found[at];
            for (size_t k = 0; k < n && !known; k++) known = found[k] == all[i].id;
            if (!known) found[n++] = all[i].id;
        }
    r->f->units = found;
    r->f->n_units = n;
}

/* Words, and the number when it is one. */
static void param_search(struct reading *r, struct gateway *g)
{
    struct filters *f = r->f;
    struct str q = str_trim(param(r, "q"));
    struct text clean;
    u64 number = 0;
    if (q.n == 0) return;
    bool is_number = str_u64(q, INT64_MAX, &number);
    if (!is_number && utf8_count(q) < SEARCH_MIN) bad(r, "q");
    f->number = is_number ? (i64)number : 0;
    f->words = q;
    text_init(&clean, SEARCH_MAX * 64);
    if (!intake_clean(g, q, &clean)) bad(r, "q");
    struct str rest = arena_str(&f->arena, text_str(&clean));
    while (rest.n && f->n_terms < FILTERS_TERMS_MAX) {
        struct str w;
        str_cut(rest, ' ', &w, &rest);
        if (w.n) f->terms[f->n_terms++] = w;
    }
    if (f->n_terms == 0) bad(r, "q");
    text_free(&clean);
}

void filters_read(struct filters *f, const struct staff_ask *a, struct str query)
{
    struct reading r = {.f = f, .in = {.query = query}};
    u64 n;
    *f = (struct filters){.bad = NULL};
    arena_init(&f->arena, 32768);
    f->states = param_words(&r, "state", state_known);
    f->natures = param_words(&r, "nature", nature_known);
    f->levels = param_words(&r, "level", level_known);
    f->channels = param_words(&r, "channel", door_known);
    f->rungs = param_words(&r, "rung", rung_known);
    f->colour = param_word(&r, "colour", colour_known);
    param_unit(&r, a->g);
    f->category = param(&r, "category");
    if (f->category.p && ((f->category.n != 2 && f->category.n != 4) || !str_u64(f->category, 9999, &n)))
        bad(&r, "category");
    f->plaque = param(&r, "plaque");
    if (f->plaque.p && !str_u64(f->plaque, INT64_MAX, &n)) bad(&r, "plaque");
    f->handler = param_number(&r, "handler", 0, INT32_MAX);
    f->burst = param_number(&r, "burst", 0, INT64_MAX);
    f->from = param_day(&r, "from", false);
    f->to = param_day(&r, "to", true);
    param_search(&r, a->g);
    f->mine = param_flag(&r, "mine");
    f->triage = param_flag(&r, "triage");
    f->held = param_flag(&r, "held");
    f->overdue = param_flag(&r, "overdue");
    f->objected = param_flag(&r, "objected");
    struct str sort = param(&r, "sort");
    if (sort.p && !str_eq(sort, STR("new")) && !str_eq(sort, STR("due"))) bad(&r, "sort");
    f->by_due = str_eq(sort, STR("due"));
    f->limit = (int)param_number(&r, "limit", FILTERS_LIMIT_DEFAULT, FILTERS_LIMIT_MAX);
    f->cursor = param(&r, "before");
}

void filters_free(struct filters *f) { arena_free(&f->arena); }

/* --- into a statement --- */

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

static void put_digits(struct db_params *p, struct str words)
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

void filters_put(struct db_params *p, const struct filters *f, i64 number)
{
    put_words(p, f->states);
    put_words(p, f->natures);
    if (f->n_units) {
        db_array_begin(p, DB_INT4, f->n_units);
        for (size_t i = 0; i < f->n_units; i++) db_put_i32(p, f->units[i]);
        db_array_end(p);
    } else {
        db_put_null(p);
    }
    db_put_text(p, f->category);
    put_digits(p, f->levels);
    if (number)
        db_put_i64(p, number);
    else
        db_put_null(p);
    db_put_bool(p, f->mine);
    db_put_bool(p, f->triage);
    db_put_bool(p, f->held);
    db_put_bool(p, f->overdue);
    db_put_instant(p, clock_now());
    db_put_bool(p, f->objected);
    put_words(p, f->channels);
    db_put_instant(p, f->from);
    db_put_instant(p, f->to);
    put_digits(p, f->rungs);
    db_put_text(p, f->colour);
    if (f->handler)
        db_put_i32(p, (int)f->handler);
    else
        db_put_null(p);
    db_put_text(p, f->plaque);
    if (f->burst)
        db_put_i64(p, f->burst);
    else
        db_put_null(p);
}
