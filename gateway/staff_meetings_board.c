/* The board of a series of meetings (M46): sessions, matters, measures, solved, and what is left, by name. 95 ≥ 92 ≥ 82:
 * the matters of the series are the rows that the three figures count, so each is at most the one before but the last two,
 * which are shown as they are. */
#include "staff_meetings_part.h"
#include "staff_query.h"
#include "base/code.h"
#include <stdlib.h>

#define LEFT_MAX 500

const struct db_stmt stmt_board = {
    "board",
    "select (select count(*) from meetings m where ($1::text is null or m.kind = $1) and m.held_at >= $2 and m.held_at < $3), "
    "count(*), count(*) filter (where me.words is not null), count(*) filter (where " FINDER_SOLVED
    ") from " MATTERS
    "join meetings m on m.id = f.meeting_id where ($1::text is null or m.kind = $1) and m.held_at >= $2 and m.held_at < $3",
    3,
    {DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ}};
const struct db_stmt stmt_board_left = {
    "board_left",
    "select " MATTER_COLUMNS " from " MATTERS MATTER_WORDS
    "join meetings m on m.id = f.meeting_id where ($1::text is null or m.kind = $1) and m.held_at >= $2 and m.held_at < $3 "
    "and case when $4 then me.words is null else not " FINDER_SOLVED
    " end order by m.held_at, m.id, f.ordinal limit $5",
    5,
    {DB_TEXT, DB_TIMESTAMPTZ, DB_TIMESTAMPTZ, DB_BOOL, DB_INT4}};
enum { Q_SUMS = CASEWORK_FIRST, Q_UNSOLVED, Q_BARE };

static void put_rows(struct gateway *g, const char *name, const struct db_result *r, struct text *t)
{
    text_addf(t, ",\"%s\":[", name);
    for (int i = 0; i < MIN(db_rows(r), LEFT_MAX); i++) {
        if (i) text_addc(t, ',');
        meeting_matter_json(g, r, i, t);
    }
    text_addc(t, ']');
}

static void have_board(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct text body;
    (void)n;
    if (staff_granted(a, end, results, error, &who)) {
        const struct db_result *s = results[Q_SUMS], *u = results[Q_UNSOLVED], *b = results[Q_BARE];
        const i64 matters = db_get_i64(s, 0, 1), solved = db_get_i64(s, 0, 3), measures = db_get_i64(s, 0, 2);
        text_init(&body, 4u << 20);
        text_addf(&body,
                  "{\"sessions\":%lld,\"matters\":%lld,\"measures\":%lld,\"solved\":%lld,\"unsolved\":%lld,"
                  "\"without_measure\":%lld",
                  (long long)db_get_i64(s, 0, 0), (long long)matters, (long long)measures, (long long)solved,
                  (long long)(matters - solved), (long long)(matters - measures));
        put_rows(a->g, "unsolved_matters", u, &body);
        put_rows(a->g, "matters_without_measure", b, &body);
        text_addf(&body, ",\"more\":%s}", db_rows(u) > LEFT_MAX || db_rows(b) > LEFT_MAX ? "true" : "false");
        staff_answer(a, &body);
    }
    free(a);
}

static void put_series(struct db_params *p, int kind, instant from, instant to)
{
    db_put_text(p, kind < 0 ? STR_NONE : str_of(meeting_kinds[kind].word));
    db_put_instant(p, from);
    db_put_instant(p, to);
}

void meeting_board(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    instant from, to;
    int kind;
    (void)id;
    if (!query_range(a, in, &from, &to) ||
        !query_choice(a, in, "kind", meeting_kinds, MEETING_KINDS_N, &kind))
        return;
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_board, kept);
    struct db_params *p = db_params_new(&stmt_board);
    put_series(p, kind, from, to);
    db_call_add(c, &stmt_board, p);
    for (int bare = 0; bare < 2; bare++) {
        p = db_params_new(&stmt_board_left);
        put_series(p, kind, from, to);
        db_put_bool(p, bare == 1);
        db_put_i32(p, LEFT_MAX + 1);
        db_call_add(c, &stmt_board_left, p);
    }
    if (!staff_go(a, c)) free(kept);
}
