/* Finding cases by what their citizens said. Two sources, newest first: what is younger than the index (words_fresh), then the index
 * (wordindex.h) window by window. The index gives places that may hold the words; a query under the person's policies says which of them exist
 * for this person and pass the filters; the words themselves are looked for here, over the text made clean. So nothing is told of what may not be
 * seen, and a search ends with a full page, with the last place, or with its time, and then says that it was cut. */
#include "staff_filters.h"
#include "staff_query.h"
#include "casework.h"
#include "intake.h"
#include "base/code.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/grams.h"
#include "core/normalise.h"
#include <stdlib.h>
#include <string.h>

#define GRAMS_ASKED     12            /* of one search; more would not narrow it */
#define TIME_MAX        SPAN_MS(2500) /* for all steps of one search */
#define FRESH_MAX       20000         /* cases behind the index that are read as they are */
#define WINDOW_FIRST    4             /* segments of the first look */
#define WINDOW_MAX      128
#define BATCH_FIRST     100 /* places that are looked at together */
#define BATCH_MAX       800
#define FEW_PLACES      400 /* so few in a window: the next one is wider */
#define PIECE_BEFORE    12  /* characters shown around what was found */
#define PIECE_AFTER     48
#define FRESH_STEP      200 /* of them are joined together: nearly all may hold a frequent word */
#define FRESH_STEP_TEXT "200"
#define IN_INDEX        ((u64)1 << 61)

static const struct db_stmt stmt_start = {
    "staff_search_start",
    "select mark, head, seg, place, floor from words_start($1, $2, $3, $4)",
    4,
    {DB_INT8, DB_INT8, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ}};
static const struct db_stmt stmt_places = {
    "staff_search_places",
    "select p.seg, p.gram, p.places from words_places($1, $2, $3) p order by p.seg desc",
    3,
    {DB_INT4S, DB_INT4, DB_INT4}};
#define FOUND_COLUMNS CASEWORK_COLUMNS ", " FILTERS_SUMMARY ", coalesce(n.n, 0), f.masked, "
enum {
    FOUND_SUMMARY = CASEWORK_COLUMNS_N,
    FOUND_FEEDBACKS,
    FOUND_WORDS,
    FOUND_CASE, /* the two numbers of its place: event and case, or 0 and the place's number in the list asked */
    FOUND_AT
};
/* lateral: one case after the other over its key, whatever the planner believes. Counting reporters costs a hundred times the rest, so only a
 * case with merged ones in sight is asked; a unit that sees none of those sees one reporter here, and all on the case's own page. */
#define FOUND_JOINS                                                                                                              \
    "left join lateral (select c.* from cases c where c.id = k.case_id and not c.confidential and " FILTERS_SQL                  \
    "offset 0) c on true "                                                                                                       \
    "left join lateral (select s.masked from feedback s where s.case_id = c.id order by s.received_at, s.id limit 1) f on true " \
    "left join lateral (select case when exists (select from cases m where m.merged_into = c.id) "                               \
    "  then (select count(*) from case_reporters(c.id)) else 1 end as n) n on c.id is not null "
static const struct db_stmt stmt_found = {
    "staff_search_found",
    "select " FOUND_COLUMNS "k.case_id, k.ord from words_cases($21, $22) k " FOUND_JOINS "order by k.ord",
    FILTERS_PARAMS + 2,
    {FILTERS_TYPES, DB_INT4S, DB_INT4S}};
static const struct db_stmt stmt_fresh = {
    "staff_search_fresh",
    "select " FOUND_COLUMNS
    "k.case_id, k.seq from (select w.* from words_fresh($21, $22, $23, $24, $25) w limit " FRESH_STEP_TEXT
    ") k " FOUND_JOINS "order by k.seq desc",
    FILTERS_PARAMS + 5,
    {FILTERS_TYPES, DB_INT8, DB_INT8, DB_TEXT, DB_TEXT, DB_INT4}};
static const struct db_stmt stmt_number = {
    "staff_search_number",
    "select " FOUND_COLUMNS "c.id, 0::bigint from cases c "
    "left join lateral (select s.masked from feedback s where s.case_id = c.id order by s.received_at, s.id limit 1) f on true "
    "left join lateral (select count(*) as n from case_reporters(c.id)) n on true where " FILTERS_SQL,
    FILTERS_PARAMS,
    {FILTERS_TYPES}};
const struct db_stmt *const staff_search_statements[] = {&stmt_start, &stmt_places, &stmt_found, &stmt_fresh,
                                                         &stmt_number};
const size_t n_staff_search_statements = ARRAY_LEN(staff_search_statements);

struct search {
    struct staff_ask ask;
    struct filters f;
    struct text body;
    int shown;
    bool more, cut; /* there is a next page; time or the bound behind the index ended it */
    u64 last
        [2]; /* where the next page begins: event and case behind the index, IN_INDEX | segment and place in it */
    u64 cursor[2]; /* the same of the page before; 0: the first page */
    u64 told
        [2]; /* the place of the last case shown: that of one out of sight would say that it holds the words */
    instant until; /* monotonic */
    i64 mark;
    u32 grams[GRAMS_ASKED];
    size_t n_grams;
    int seg, place, floor, window; /* next segment, places below this in it, last segment, how many at once */
    u32 *places;                   /* segment * GRAMS_SEGMENT + place */
    size_t n_places, at, asked, room, batch;
};

static int searches_now;

bool search_begin(const struct staff_ask *a)
{
    if (searches_now >= MAX(a->g->cfg.db_staff_connections - 1, 1)) {
        reply_problem(a->g, a->ticket, a->lang, REFUSE_TOO_MANY, STR_NONE, STR_NONE, SPAN_S(2));
        return false;
    }
    searches_now++;
    return true;
}

void search_end(void) { searches_now--; }

static void search_free(struct search *s)
{
    search_end();
    filters_free(&s->f);
    text_free(&s->body);
    free(s->places);
    free(s);
}

/* --- the words themselves --- */

static const char *find(struct str in, struct str what)
{
    return what.n && what.n <= in.n ? memmem(in.p, in.n, what.p, what.n) : NULL;
}

static bool holds(const struct search *s, struct str clean)
{
    for (size_t i = 0; i < s->f.n_terms; i++)
        if (!find(clean, s->f.terms[i])) return false;
    return s->f.n_terms > 0;
}

/* Some characters around the first word, so that the list shows why it was found. */
static struct str piece_of(struct str clean, struct str term)
{
    const char *hit = find(clean, term);
    size_t at = hit ? (size_t)(hit - clean.p) : 0, from = at;
    for (int i = 0; i < PIECE_BEFORE && from > 0; i++)
        for (from--; from > 0 && ((u8)clean.p[from] & 0xc0) == 0x80;) from--;
    struct str rest = {clean.p + from, clean.n - from};
    rest.n = utf8_prefix(rest, PIECE_BEFORE + PIECE_AFTER);
    return rest;
}

static void put_found(struct search *s, const struct db_result *r, int row, struct str clean)
{
    struct case_row c;
    casework_row(r, row, &c);
    if (s->shown++) text_addc(&s->body, ',');
    staff_row_json(s->ask.g, &c, db_get_text(r, row, FOUND_SUMMARY), db_get_i64(r, row, FOUND_FEEDBACKS),
                   &s->body);
    if (clean.n && !s->body.overflow) {
        s->body.n--; /* the closing brace: one more member follows */
        text_addz(&s->body, ",\"match\":");
        json_put(&s->body, piece_of(clean, s->f.terms[0]));
        text_addc(&s->body, '}');
    }
}

/* Rows of one statement, in order; false when the page is full. fresh: they stand behind the index. */
static bool take_rows(struct search *s, const struct db_result *r, bool fresh)
{
    for (int i = 0; i < db_rows(r); i++) {
        struct str masked = db_get_text(r, i, FOUND_WORDS);
        const bool numbered = s->f.number && db_get_i64(r, i, FOUND_CASE) == s->f.number;
        bool shown = false;
        if (!db_is_null(r, i, 0) && masked.n && !numbered) {
            struct text clean;
            text_init(&clean, masked.n * NORMALISE_GROWTH + 64);
            bool good = intake_clean(s->ask.g, masked, &clean) && holds(s, text_str(&clean));
            if (good && s->shown == s->f.limit) s->more = true;
            shown = good && !s->more;
            if (shown) put_found(s, r, i, text_str(&clean));
            text_free(&clean);
            if (s->more) return false;
        }
        const u64 at = (u64)db_get_i64(r, i, FOUND_AT);
        const u32 place = fresh ? 0 : s->places[s->asked + at - 1];
        s->last[0] = fresh ? at : IN_INDEX | place / GRAMS_SEGMENT;
        s->last[1] = fresh ? (u64)db_get_i64(r, i, FOUND_CASE) : place % GRAMS_SEGMENT;
        if (shown) memcpy(s->told, s->last, sizeof s->told);
    }
    return true;
}

/* --- the end --- */

static void answer(struct search *s)
{
    text_addz(&s->body, "],\"next\":");
    if (s->more || s->cut) {
        text_addc(&s->body, '"');
        if (s->more)
            cursor_put(&s->body, s->told[0], s->told[1]);
        else
            cursor_put(&s->body, s->last[0], s->last[1]);
        text_addc(&s->body, '"');
    } else {
        text_addz(&s->body, "null");
    }
    text_addf(&s->body, ",\"complete\":%s,\"seq\":%llu}", s->cut ? "false" : "true",
              (unsigned long long)s->ask.seq);
    staff_answer(&s->ask, &s->body);
    search_free(s);
}

/* --- the index, window by window --- */

static void step(struct search *s);

static void have_found(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct search *s = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&s->ask, end, results, error, false, &who)) {
        search_free(s);
        return;
    }
    if (take_rows(s, results[CASEWORK_FIRST + 1], false))
        step(s);
    else
        answer(s);
}

static void ask_found(struct search *s)
{
    struct db_call *c = staff_call(&s->ask, have_found, s);
    struct db_params *p = db_params_new(&stmt_found);
    const size_t n = MIN(s->n_places - s->at, s->batch);
    filters_put(p, &s->f, 0);
    db_array_begin(p, DB_INT4, n);
    for (size_t i = 0; i < n; i++) db_put_i32(p, (int)(s->places[s->at + i] / GRAMS_SEGMENT));
    db_array_end(p);
    db_array_begin(p, DB_INT4, n);
    for (size_t i = 0; i < n; i++) db_put_i32(p, (int)(s->places[s->at + i] % GRAMS_SEGMENT));
    db_array_end(p);
    s->asked = s->at;
    s->at += n;
    s->batch = MIN(s->batch * 2, (size_t)BATCH_MAX);
    filters_add_plan(c);
    db_call_add(c, &stmt_found, p);
    if (!staff_go(&s->ask, c)) search_free(s);
}

static void keep_place(struct search *s, int seg, int place)
{
    if (s->n_places == s->room) {
        s->room = MAX(s->room * 2, 1024); /* at most a window's places */
        s->places = mem_grow(s->places, s->room * sizeof *s->places);
    }
    s->places[s->n_places++] = (u32)seg * GRAMS_SEGMENT + (u32)place;
}

/* Places of one segment that hold every pair: rows [from, to) are what it knows of each. */
static void take_segment(struct search *s, const struct db_result *r, int from, int to)
{
    struct places all, one;
    const int seg = (int)db_get_i64(r, from, 0);
    if ((size_t)(to - from) < s->n_grams) return; /* one of the pairs does not occur */
    for (int i = from; i < to; i++) {
        if (!places_read(db_get_text(r, i, 2), &one)) {
            log_line(LOG_ERROR, LOG_STAFF, "a posting of the word index is no set", "seg=%d", seg);
            return;
        }
        if (i == from)
            all = one;
        else
            places_keep(&all, &one);
    }
    int place = seg == s->seg ? s->place : GRAMS_SEGMENT;
    while ((place = places_below(&all, place)) >= 0) keep_place(s, seg, place);
}

static void have_places(void *arg, enum db_end end, const struct db_result *const *results, int n,
                        const struct db_error *error)
{
    struct search *s = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&s->ask, end, results, error, false, &who)) {
        search_free(s);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST];
    s->n_places = s->at = 0;
    for (int from = 0, to; from < db_rows(r); from = to) {
        for (to = from; to < db_rows(r) && db_get_i64(r, to, 0) == db_get_i64(r, from, 0);) to++;
        take_segment(s, r, from, to);
    }
    s->last[0] = IN_INDEX | (u64)MAX(s->floor, s->seg - s->window + 1);
    s->last[1] = 0;
    s->seg -= s->window;
    s->place = GRAMS_SEGMENT;
    if (s->n_places < FEW_PLACES) s->window = MIN(s->window * 2, WINDOW_MAX);
    step(s);
}

static void ask_places(struct search *s)
{
    struct db_call *c = staff_call(&s->ask, have_places, s);
    struct db_params *p = db_params_new(&stmt_places);
    db_array_begin(p, DB_INT4, s->n_grams);
    for (size_t i = 0; i < s->n_grams; i++) db_put_i32(p, (int)s->grams[i]);
    db_array_end(p);
    db_put_i32(p, MAX(s->floor, s->seg - s->window + 1));
    db_put_i32(p, s->seg);
    db_call_add(c, &stmt_places, p);
    if (!staff_go(&s->ask, c)) search_free(s);
}

static void step(struct search *s)
{
    const bool left = s->at < s->n_places || (s->seg >= s->floor && s->n_grams);
    if (left && !instant_before(clock_monotonic(), s->until)) s->cut = true;
    if (!left || s->cut)
        answer(s);
    else if (s->at < s->n_places)
        ask_found(s);
    else
        ask_places(s);
}

/* --- the beginning: where the index ends, and what is younger --- */

static void ask_fresh(struct search *s, i64 below);

static void have_fresh(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct search *s = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&s->ask, end, results, error, false, &who)) {
        search_free(s);
        return;
    }
    if (!take_rows(s, results[CASEWORK_FIRST + 1], true)) {
        answer(s);
        return;
    }
    if (db_rows(results[CASEWORK_FIRST + 1]) == FRESH_STEP && instant_before(clock_monotonic(), s->until)) {
        ask_fresh(s, (i64)s->last[0]);
        return;
    }
    s->cut = db_rows(results[CASEWORK_FIRST + 1]) == FRESH_STEP;
    if (s->cut) {
        answer(s);
        return;
    }
    s->last[0] = (u64)s->mark + 1;
    s->last[1] = 0;
    step(s);
}

static void ask_fresh(struct search *s, i64 below)
{
    struct db_call *c = staff_call(&s->ask, have_fresh, s);
    struct db_params *p = db_params_new(&stmt_fresh);
    filters_put(p, &s->f, 0);
    db_put_i64(p, s->mark);
    db_put_i64(p, below);
    staff_put_pattern(p, s->f.terms[0]);
    staff_put_pattern(p, s->f.n_terms > 1 ? s->f.terms[0] : s->f.words);
    db_put_i32(p, FRESH_MAX);
    filters_add_plan(c);
    db_call_add(c, &stmt_fresh, p);
    if (!staff_go(&s->ask, c)) search_free(s);
}

static void have_start(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct search *s = arg;
    struct staff_who who;
    (void)n;
    if (!staff_entered(&s->ask, end, results, error, false, &who)) {
        search_free(s);
        return;
    }
    const struct db_result *r = results[CASEWORK_FIRST + 1], *number = results[CASEWORK_FIRST + 2];
    const bool first = s->cursor[0] == 0, in_index = s->cursor[0] & IN_INDEX;
    if (db_rows(number) && first) put_found(s, number, 0, STR(""));
    if (db_rows(r) == 0) {
        answer(s);
        return;
    }
    s->mark = db_get_i64(r, 0, 0);
    s->seg = (int)db_get_i64(r, 0, 2);
    s->place = (int)db_get_i64(r, 0, 3);
    s->floor = (int)db_get_i64(r, 0, 4);
    if (in_index && (i64)(s->cursor[0] ^ IN_INDEX) <= s->seg) {
        s->seg = (int)(s->cursor[0] ^ IN_INDEX);
        s->place = (int)s->cursor[1];
    }
    memcpy(s->last, s->cursor, sizeof s->last);
    if (in_index || (!first && (i64)s->cursor[0] <= s->mark)) {
        step(s);
        return;
    }
    ask_fresh(s, first ? INT64_MAX : (i64)s->cursor[0]);
}

/* Different pairs of all words, the later ones first: what somebody types last narrows most. */
static void take_grams(struct search *s)
{
    u32 all[256];
    for (size_t t = 0; t < s->f.n_terms; t++) {
        size_t n = grams_of(s->f.terms[t], all, ARRAY_LEN(all));
        for (size_t i = 0; i < n && s->n_grams < GRAMS_ASKED; i++) {
            bool known = false;
            for (size_t k = 0; k < s->n_grams; k++) known |= s->grams[k] == all[i];
            if (!known) s->grams[s->n_grams++] = all[i];
        }
    }
}

void staff_search(const struct staff_ask *a, struct filters *f)
{
    u64 seq = 0, case_id = 0;
    if (f->cursor.p && !cursor_get(f->cursor, &seq, &case_id)) {
        query_refuse(a, "before");
        return;
    }
    if (f->by_due) { /* words are searched from the newest on */
        query_refuse(a, "sort");
        return;
    }
    if (!search_begin(a)) return;
    struct search *s = MEM_NEW(struct search);
    s->ask = *a;
    s->f = *f;
    *f = (struct filters){.bad = NULL};
    s->cursor[0] = seq;
    s->cursor[1] = MIN(case_id, seq & IN_INDEX ? (u64)GRAMS_SEGMENT : case_id);
    s->told[0] =
        seq ? s->cursor[0] : IN_INDEX - 1; /* a case by its number may fill the first page: all is left */
    s->told[1] = s->cursor[1];
    s->window = WINDOW_FIRST;
    s->batch = BATCH_FIRST;
    s->until = instant_add(clock_monotonic(), TIME_MAX);
    text_init(&s->body, 1024 * 1024);
    text_addz(&s->body, "{\"cases\":[");
    take_grams(s);
    struct db_call *c = staff_call(a, have_start, s);
    struct db_params *p = db_params_new(&stmt_start), *number = db_params_new(&stmt_number);
    db_put_i64(p, seq & IN_INDEX ? 0 : (i64)seq);
    db_put_i64(p, seq & IN_INDEX ? 0 : (i64)case_id);
    db_put_instant(p, s->f.from);
    db_put_instant(p, s->f.to);
    filters_put(number, &s->f, s->f.number ? s->f.number : -1);
    filters_add_plan(c);
    db_call_add(c, &stmt_start, p);
    db_call_add(c, &stmt_number, number);
    if (!staff_go(a, c)) search_free(s);
}
