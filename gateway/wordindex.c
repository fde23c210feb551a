#include "wordindex.h"
#include "intake.h"
#include "metrics.h"
#include "base/log.h"
#include "core/grams.h"
#include "core/normalise.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY   SPAN_S(5)
#define MARK_AFTER   SPAN_MS(200) /* until it is known whether the database is ours (keymark) */
#define READ_ROWS    256          /* texts of one call: the loop cleans them in one turn */
#define PAIRS_MAX    4000000      /* of a segment; long texts make it a short one */
#define TEXT_PAIRS   6000         /* of one text, over what a citizen may write */
#define ROWS_AT_ONCE 8000         /* postings of one statement, well inside its deadline */
#define WRITE_MAX    100          /* statements of one segment */
#define MARK_TEXT    "8192"       /* GRAMS_SEGMENT */

static const struct db_stmt stmt_state = {
    "wordindex_state",
    "select m.seq, m.segs, (select w.seg from word_stale w order by w.seg limit 1), "
    "case when h.last - m.seq < " MARK_TEXT " then false else (select count(*) from (select from events v "
    "where v.seq > m.seq and v.kind = 'case.opened' limit " MARK_TEXT ") x) = " MARK_TEXT " end "
    "from word_mark m, (select coalesce(max(seq), 0) as last from events) h",
    0,
    {0}};
#define FIRST_WORDS                                                                                          \
    "left join lateral (select f.masked from feedback f where f.case_id = c.id order by f.received_at, f.id limit 1) f on true "
static const struct db_stmt stmt_read = {
    "wordindex_read",
    "select e.seq, c.id, c.opened_at, f.masked from (select v.seq, v.case_id from events v where v.seq > $1 "
    "and v.kind = 'case.opened' order by v.seq limit $2) e join cases c on c.id = e.case_id " FIRST_WORDS
    "order by e.seq",
    2,
    {DB_INT8, DB_INT4}};
static const struct db_stmt stmt_reread = {
    "wordindex_reread",
    "select s.last_seq, c.id, c.opened_at, f.masked from word_segments s "
    "cross join generate_series($2, least($2 + $3, length(s.cases) / 8) - 1) with ordinality as t (place, ord) "
    "join cases c on c.id = ('x' || encode(substr(s.cases, t.place * 8 + 1, 8), 'hex'))::bit(64)::bigint " FIRST_WORDS
    "where s.seg = $1 order by t.ord",
    3,
    {DB_INT4, DB_INT4, DB_INT4}};
/* Who was slower meets the keys of the faster one: the whole call is undone. */
static const struct db_stmt stmt_move = {
    "wordindex_move",
    "with m as (update word_mark set seq = $2, segs = segs + 1 where seq = $1 and segs = $3 returning one) "
    "insert into word_segments (seg, first_seq, last_seq, opened_from, opened_to, cases) "
    "select $3, $1 + 1, $2, $4, $5, $6 from (select count(*) as moved from m) x",
    6,
    {DB_INT8, DB_INT8, DB_INT4, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_BYTEA}};
static const struct db_stmt stmt_empty = {
    "wordindex_empty", "delete from word_postings where seg = $1", 1, {DB_INT4}};
static const struct db_stmt stmt_put = {"wordindex_put",
                                        "insert into word_postings (gram, seg, places) select t.gram, $2, "
                                        "t.places from unnest($1, $3) as t (gram, places)",
                                        3,
                                        {DB_INT4S, DB_INT4, DB_BYTEAS}};
static const struct db_stmt stmt_fresh = {
    "wordindex_fresh", "delete from word_stale where seg = $1", 1, {DB_INT4}};
const struct db_stmt *const wordindex_statements[] = {&stmt_state, &stmt_read, &stmt_reread, &stmt_move,
                                                      &stmt_empty, &stmt_put,  &stmt_fresh};
const size_t n_wordindex_statements = ARRAY_LEN(wordindex_statements);

/* One segment in the making. */
struct segment {
    bool again; /* it stands already and lost a text */
    int seg;
    i64 mark, last_seq; /* of events: where it begins behind, where it ends */
    instant from, to;
    size_t n; /* texts */
    u8 cases[GRAMS_SEGMENT * 8];
    u64 *pairs; /* gram << 16 | place */
    size_t n_pairs, room;
};

struct wordindex {
    struct gateway *g;
    struct timer look;
    bool busy;          /* a call is out, or the pool works */
    bool sorting, gone; /* the pool works; nobody waits for it any more */
    struct segment *making;
};

static void read_more(struct wordindex *w);

static void segment_free(struct segment **s)
{
    if (!*s) return;
    free((*s)->pairs);
    free(*s);
    *s = NULL;
}

static void wait(struct wordindex *w, span in)
{
    segment_free(&w->making);
    timer_set(w->g->loop, &w->look, in);
}

static void failed(struct wordindex *w, const char *what, const struct db_error *error)
{
    /* Two gateways made the same segment: that is how they find out. */
    bool slower = error && strcmp(error->sqlstate, "23505") == 0;
    if (!slower)
        log_line(LOG_WARNING, LOG_LEDGER, what, "sqlstate=%s text=\"%s\"", error ? error->sqlstate : "",
                 error ? error->message : "");
    wait(w, LOOK_EVERY);
}

static void send(struct wordindex *w, struct db_call *c)
{
    w->busy = db_call_send(w->g->lane_ledger, c);
    if (!w->busy) wait(w, LOOK_EVERY);
}

/* --- writing --- */

static void written(void *arg, enum db_end end, const struct db_result *const *results, int n,
                    const struct db_error *error)
{
    struct wordindex *w = arg;
    (void)results, (void)n;
    w->busy = false;
    if (end != DB_OK) {
        failed(w, "a segment of words was not stored; it is made again", error);
        return;
    }
    COUNT(WORD_SEGMENTS);
    TRACE(LEDGER, "words indexed", "seg=%d texts=%zu", w->making->seg, w->making->n);
    wait(w, SPAN_US(0));
}

/* Appends the postings from pair *at on, at most ROWS_AT_ONCE of them. */
static void put_postings(struct db_call *c, const struct segment *s, size_t *at)
{
    struct db_params *p = db_params_new(&stmt_put);
    size_t rows = 0, end = *at;
    while (end < s->n_pairs && rows < ROWS_AT_ONCE) {
        u64 gram = s->pairs[end] >> 16;
        while (end < s->n_pairs && s->pairs[end] >> 16 == gram) end++;
        rows++;
    }
    db_array_begin(p, DB_INT4, rows);
    for (size_t i = *at; i < end; i++)
        if (i == *at || s->pairs[i] >> 16 != s->pairs[i - 1] >> 16)
            db_put_i32(p, (int)(u32)(s->pairs[i] >> 16));
    db_array_end(p);
    db_put_i32(p, s->seg);
    db_array_begin(p, DB_BYTEA, rows);
    for (size_t i = *at; i < end;) {
        uint16_t places[GRAMS_SEGMENT];
        u8 coded[GRAMS_BYTES];
        size_t n = 0;
        for (u64 gram = s->pairs[i] >> 16; i < end && s->pairs[i] >> 16 == gram; i++)
            places[n++] = (uint16_t)(s->pairs[i] & 0xffff);
        db_put_bytes(p, (struct str){(const char *)coded, places_code(places, n, coded)});
    }
    db_array_end(p);
    db_call_add(c, &stmt_put, p);
    *at = end;
}

static struct db_params *by_seg(const struct db_stmt *stmt, int seg)
{
    struct db_params *p = db_params_new(stmt);
    db_put_i32(p, seg);
    return p;
}

static void write_segment(struct wordindex *w)
{
    const struct segment *s = w->making;
    struct db_call *c = db_call_new(written, w);
    size_t at = 0;
    if (s->again) {
        db_call_add(c, &stmt_empty, by_seg(&stmt_empty, s->seg));
        db_call_add(c, &stmt_fresh, by_seg(&stmt_fresh, s->seg));
    } else {
        struct db_params *p = db_params_new(&stmt_move);
        db_put_i64(p, s->mark);
        db_put_i64(p, s->last_seq);
        db_put_i32(p, s->seg);
        db_put_instant(p, s->from);
        db_put_instant(p, s->to);
        db_put_bytes(p, (struct str){(const char *)s->cases, s->n * 8});
        db_call_add(c, &stmt_move, p);
    }
    for (int i = 0; at < s->n_pairs && i < WRITE_MAX; i++) put_postings(c, s, &at);
    send(w, c);
}

/* --- ordering, on the pool --- */

static int by_pair(const void *a, const void *b)
{
    const u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

static void sort_pairs(void *arg)
{
    struct segment *s = ((struct wordindex *)arg)->making;
    size_t n = 0;
    if (s->n_pairs == 0) return;
    qsort(s->pairs, s->n_pairs, sizeof *s->pairs, by_pair);
    for (size_t i = 0; i < s->n_pairs; i++)
        if (n == 0 || s->pairs[i] != s->pairs[n - 1]) s->pairs[n++] = s->pairs[i];
    s->n_pairs = n;
}

static void sorted(void *arg)
{
    struct wordindex *w = arg;
    w->busy = w->sorting = false;
    if (w->gone)
        wordindex_free(&w);
    else
        write_segment(w);
}

/* --- reading --- */

/* False when the segment is full. */
static bool take_text(struct wordindex *w, struct segment *s, const struct db_result *r, int row)
{
    static u32 grams[TEXT_PAIRS];
    struct str masked = db_get_text(r, row, 3);
    const u64 id = (u64)db_get_i64(r, row, 1);
    const instant opened = db_get_instant(r, row, 2);
    struct text clean;
    if (s->n == GRAMS_SEGMENT || s->n_pairs + TEXT_PAIRS > PAIRS_MAX) return false;
    text_init(&clean, masked.n * NORMALISE_GROWTH + 64);
    size_t n =
        masked.n && intake_clean(w->g, masked, &clean) ? grams_of(text_str(&clean), grams, TEXT_PAIRS) : 0;
    text_free(&clean);
    if (s->n_pairs + n > s->room) {
        s->room = MIN(MAX(s->room * 2, 65536 + n), PAIRS_MAX);
        s->pairs = mem_grow(s->pairs, s->room * sizeof *s->pairs);
    }
    for (size_t i = 0; i < n; i++) s->pairs[s->n_pairs++] = (u64)grams[i] << 16 | s->n;
    for (size_t i = 0; i < 8; i++) s->cases[s->n * 8 + i] = (u8)(id >> (56 - 8 * i));
    if (s->n == 0 || instant_before(opened, s->from)) s->from = opened;
    if (s->n == 0 || instant_before(s->to, opened)) s->to = opened;
    s->last_seq = db_get_i64(r, row, 0);
    s->n++;
    return true;
}

static void have_texts(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct wordindex *w = arg;
    struct segment *s = w->making;
    (void)n;
    w->busy = false;
    if (end != DB_OK) {
        failed(w, "words were not read for their index", error);
        return;
    }
    const int rows = db_rows(results[0]);
    bool full = false;
    for (int i = 0; i < rows && !full; i++) full = !take_text(w, s, results[0], i);
    if (!full && rows == READ_ROWS && s->n < GRAMS_SEGMENT) {
        read_more(w);
    } else if (s->n == 0 || !loop_offload(w->g->loop, sort_pairs, sorted, w)) {
        wait(w, LOOK_EVERY);
    } else {
        w->busy = w->sorting = true;
    }
}

static void read_more(struct wordindex *w)
{
    const struct segment *s = w->making;
    const struct db_stmt *stmt = s->again ? &stmt_reread : &stmt_read;
    struct db_call *c = db_call_new(have_texts, w);
    struct db_params *p = db_params_new(stmt);
    if (s->again) {
        db_put_i32(p, s->seg);
        db_put_i32(p, (int)s->n);
    } else {
        db_put_i64(p, s->n ? s->last_seq : s->mark);
    }
    db_put_i32(p, READ_ROWS);
    db_call_add(c, stmt, p);
    send(w, c);
}

/* --- looking --- */

static void have_state(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct wordindex *w = arg;
    (void)n;
    w->busy = false;
    if (end != DB_OK) {
        failed(w, "the index of words was not looked at", error);
        return;
    }
    const struct db_result *r = results[0];
    const bool stale = !db_is_null(r, 0, 2);
    if (!stale && !db_get_bool(r, 0, 3)) {
        wait(w, LOOK_EVERY);
        return;
    }
    w->making = MEM_NEW(struct segment);
    w->making->again = stale;
    w->making->mark = db_get_i64(r, 0, 0);
    w->making->seg = (int)db_get_i64(r, 0, stale ? 2 : 1);
    read_more(w);
}

static void look_fires(struct timer *t)
{
    struct wordindex *w = t->arg;
    if (w->busy || w->g->draining) return;
    if (!w->g->key_right) {
        wait(w, MARK_AFTER);
        return;
    }
    struct db_call *c = db_call_new(have_state, w);
    db_call_add(c, &stmt_state, db_params_new(&stmt_state));
    send(w, c);
}

struct wordindex *wordindex_new(struct gateway *g)
{
    struct wordindex *w = MEM_NEW(struct wordindex);
    w->g = g;
    w->look = (struct timer){.fire = look_fires, .arg = w};
    wait(w, SPAN_US(0));
    return w;
}

void wordindex_free(struct wordindex **w)
{
    if (!*w) return;
    timer_stop(&(*w)->look);
    if ((*w)->sorting) { /* `sorted` comes while the loop ends */
        (*w)->gone = true;
        *w = NULL;
        return;
    }
    segment_free(&(*w)->making);
    free(*w);
    *w = NULL;
}
