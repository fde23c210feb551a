/* The desks of the loop: what waits for one post, the most urgent first, in one look. GET /desks/{triage|inbox|review|board} gives the
 * rows and why each is there; GET /cases/{id}/similar the open cases that may be the same matter. All under row-level security:
 * what a person may not see is in no group and in no count. */
#include "staff_part.h"
#include "staff_query.h"
#include "staff_body.h"
#include "casework.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include "core/likeness.h"
#include "core/telling.h"
#include <stdlib.h>
#include <string.h>

#define GROUP_MAX   "60" /* rows of one group are shown; the counts are of all */
#define OPEN_STATES "('discovered', 'assigned', 'handling', 'replied', 'verifying')"
#define DESK_MAX    ((size_t)4 * 1024 * 1024)

/* What stands beside a row: its group, how many of the group there are, the words, who reported it, what stands in the board. */
#define BESIDE                                                                                               \
    ", q.grp, q.n, case when c.confidential then '' else left(coalesce(case_extract(c.id), "                 \
    "(select s.masked from feedback s where s.case_id = c.id order by s.received_at, s.id limit 1)), 120) "  \
    "end, (select count(*) from case_reporters(c.id)) "
/* The groups are cut before anything is fetched for a row. */
#define DESK(select)                                                                                         \
    "select " CASEWORK_COLUMNS BESIDE                                                                        \
    "from (select t.id, t.grp, t.n from (select x.id, x.grp, count(*) over (partition by x.grp) as n, "      \
    "row_number() over (partition by x.grp order by x.due_at nulls last, x.id) as at from (" select          \
    ") x where x.grp is not null) t where t.at <= " GROUP_MAX                                                \
    ") q join cases c on c.id = q.id order by c.due_at nulls last, c.id"

/* Requests come before the state: whoever asked waits for a ruling. */
static const struct db_stmt stmt_desk_triage = {
    "desk_triage",
    DESK(
        "select c.id, c.due_at, case when c.held then 'held' " /* whatever came of it before: nobody else can go on */
        "when c.state in ('closed', 'declined') then 'objections' "
        "when 'return_asked' = any (c.flags) then 'returns' "
        "when 'extension_asked' = any (c.flags) then 'extensions' "
        "when 'pause_asked' = any (c.flags) then 'pauses' "
        "when c.level = 1 and c.state in ('assigned', 'handling') then 'urgent' " /* L1 is also the duty desk's */
        "when c.state = 'discovered' then 'waiting' end as grp "
        "from cases c where c.state in ('discovered', 'assigned', 'handling') or (c.held and c.state in ('replied', 'verifying', 'closed')) "
        "or (c.state in ('closed', 'declined') and 'objected' = any (c.flags))"),
    0,
    {0}};
/* Of the own unit and those where it works beside another. */
static const struct db_stmt stmt_desk_inbox = {
    "desk_inbox",
    DESK(
        "select c.id, c.due_at, case "
        "when c.flags && array['return_asked', 'extension_asked', 'pause_asked'] then 'asked' "
        "when c.state = 'assigned' then 'sign' "
        "when c.state = 'replied' then case when 'endorsed' = any (c.flags) then 'sent' else 'endorse' end "
        "when 'paused' = any (c.flags) then 'paused' "
        "when c.replied_at is not null then 'back' else 'hand' end as grp "
        "from cases c where c.state in ('assigned', 'handling', 'replied') and not c.held "
        "and (c.unit_id = (select my_unit()) or c.id in (select cu.case_id from case_units cu where cu.unit_id = (select my_unit())))"),
    0,
    {0}};
static const struct db_stmt stmt_desk_review = {
    "desk_review",
    DESK("select c.id, c.due_at, case when c.state = 'replied' then 'review' else 'objections' end as grp "
         "from cases c where (c.state = 'replied' and 'endorsed' = any (c.flags)) "
         "or (c.state in ('closed', 'declined') and 'objected' = any (c.flags))"),
    0,
    {0}};
/* Columns by colour; $1 one unit, null all. */
static const struct db_stmt stmt_desk_board = {
    "desk_board",
    DESK(
        "select c.id, c.due_at, case when 'paused' = any (c.flags) then 'paused' when c.due_at <= $2 then 'red' "
        "when c.warn_at <= $2 then 'yellow' else 'green' end as grp from cases c where c.state in " OPEN_STATES
        " and ($1::integer is null or c.unit_id = $1)"),
    2,
    {DB_INT4, DB_TIMESTAMPTZ}};

/* Near in category, unit or plaque, as for citizens (citizen_matter.c): newest first, judged by likeness over these. */
#define ALIKE_EACH "100"
#define ALIKE_DAYS "60 days"
#define NEAR(column)                                                                                         \
    "(select c.id from me, cases c where c." column " = me." column " and c.state in " OPEN_STATES           \
    " and not c.confidential and not c.held and c.nature not in ('report', 'rate') and c.id <> me.id "       \
    "and c.opened_at > now() - interval '" ALIKE_DAYS "' order by c.opened_at desc limit " ALIKE_EACH ")"
#define WORDS_OF(c)                                                                                          \
    "coalesce(case_extract(" c ".id), (select s.masked from feedback s where s.case_id = " c                 \
    ".id order by s.received_at, s.id limit 1), '')"
static const struct db_stmt stmt_desk_similar = {
    "desk_similar",
    "with me as (select m.* from cases m where m.id = $1 and not m.confidential) "
    "select " CASEWORK_COLUMNS ", left(" WORDS_OF("c") ", 400), left(" WORDS_OF(
        "me") ", 400), "
              "(select count(*) from case_reporters(c.id)), me.category, me.unit_id, coalesce(me.plaque_unit_id, 0), p.percent, p.kind, p.sure from me, "
              "(" NEAR("category") " union " NEAR("unit_id") " union " NEAR(
                  "plaque_unit_id") " union "
                                    "(select t.other_id from me, twin_pairs t where t.case_id = me.id order by t.other_id desc limit " ALIKE_EACH
                                    ") union "
                                    "(select t.case_id from me, twin_pairs t where t.other_id = me.id order by t.case_id desc limit " ALIKE_EACH
                                    ")) n "
                                    "join cases c on c.id = n.id left join twin_pairs p on p.case_id = least($1, c.id) and p.other_id = greatest($1, c.id) "
                                    "where p.apart_at is null and (c.state in " OPEN_STATES
                                    " or (p.kind = 'repeat' and c.state in ('closed', 'declined')))",
    1,
    {DB_INT8}};
static const struct db_stmt stmt_desk_seen = {
    "desk_seen", "select c.id from cases c where c.id = $1", 1, {DB_INT8}};
static const struct db_stmt stmt_twins_apart = {
    "twins_apart", "select twins_apart($1, $2, $3)", 3, {DB_INT8, DB_INT8, DB_BOOL}};
const struct db_stmt *const staff_desk_statements[] = {
    &stmt_desk_triage,  &stmt_desk_inbox, &stmt_desk_review, &stmt_desk_board,
    &stmt_desk_similar, &stmt_desk_seen,  &stmt_twins_apart};
const size_t n_staff_desk_statements = ARRAY_LEN(staff_desk_statements);

/* What the clock does next on this case, for the ladder. */
static void put_next(const struct case_row *row, struct text *t)
{
    const struct case_clocks *c = &row->clocks;
    char at[INSTANT_TEXT_MAX];
    if (c->next.us == 0 || c->settle) return;
    text_addf(t, ",\"next\":{\"at\":\"%s\",\"act\":\"%s\",\"rung\":%d}", instant_text(c->next, at),
              case_act_word(c->next_act), c->next_rung);
}

/* The counts stand once for each group, in the order in which the groups come. */
static void put_groups(const struct db_result *r, struct text *t)
{
    text_addz(t, "],\"groups\":{");
    for (int i = 0, n = 0; i < db_rows(r); i++) {
        bool before = false;
        for (int k = 0; k < i && !before; k++)
            before = str_eq(db_get_text(r, k, CASEWORK_COLUMNS_N), db_get_text(r, i, CASEWORK_COLUMNS_N));
        if (before) continue;
        if (n++) text_addc(t, ',');
        json_put(t, db_get_text(r, i, CASEWORK_COLUMNS_N));
        text_addf(t, ":%lld", (long long)db_get_i64(r, i, CASEWORK_COLUMNS_N + 1));
    }
    text_addc(t, '}');
}

static void have_desk(void *arg, enum db_end end, const struct db_result *const *results, int n,
                      const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct case_row row;
    struct text t;
    (void)n;
    if (staff_entered(a, end, results, error, false, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        text_init(&t, DESK_MAX);
        text_addz(&t, "{\"rows\":[");
        for (int i = 0; i < db_rows(r); i++) {
            casework_row(r, i, &row);
            if (i) text_addc(&t, ',');
            staff_row_json(a->g, &row, db_get_text(r, i, CASEWORK_COLUMNS_N + 2),
                           db_get_i64(r, i, CASEWORK_COLUMNS_N + 3), &t);
            if (t.overflow) break;
            t.n--; /* the closing brace: more members follow */
            text_addz(&t, ",\"group\":");
            json_put(&t, db_get_text(r, i, CASEWORK_COLUMNS_N));
            text_addf(&t, ",\"proposed\":%d", row.view.proposed);
            put_next(&row, &t);
            text_addc(&t, '}');
        }
        put_groups(r, &t);
        text_addf(&t, ",\"seq\":%llu}", (unsigned long long)a->seq);
        staff_answer(a, &t);
    }
    free(a);
}

/* unit_id: 0 for all; only the board asks. */
static void desk_send(const struct staff_ask *a, const struct db_stmt *stmt, int unit_id)
{
    struct staff_ask *kept = staff_keep(a);
    struct db_call *c = staff_call(a, have_desk, kept);
    struct db_params *p = db_params_new(stmt);
    if (stmt->n_types) {
        if (unit_id)
            db_put_i32(p, unit_id);
        else
            db_put_null(p);
        db_put_instant(p, clock_now());
    }
    db_call_add(c, stmt, p);
    if (!staff_go(a, c)) free(kept);
}

void staff_desk_triage(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    desk_send(a, &stmt_desk_triage, 0);
}

void staff_desk_inbox(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    desk_send(a, &stmt_desk_inbox, 0);
}

void staff_desk_review(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    desk_send(a, &stmt_desk_review, 0);
}

void staff_desk_board(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    u64 unit = 0;
    (void)id;
    if (query_number(a, in, "unit", INT32_MAX, &unit)) desk_send(a, &stmt_desk_board, (int)unit);
}

/* --- the same matter, perhaps --- */

#define SIMILAR_MOST 5
#define PAIRS_LEAST  5
#define HERE_LEAST   30 /* percent: the same category at the same unit or plaque */
#define ELSE_LEAST   40
#define SHARED_LEAST 3
#define SHARED_MOST  16
#define BECAUSE_MAX  100

/* What was found to be one matter stands before what is likely to be, and this before what only looks alike. */
#define SURE_FIRST   400
#define LIKELY_FIRST 200

struct similar {
    int row, percent, rank;
    bool sure, likely, repeat, same_matter;
};
enum { WORDS = CASEWORK_COLUMNS_N, MINE, REPORTERS, CATEGORY, UNIT, PLAQUE, PERCENT, KIND, SURE };

/* What the finder of pairs found (twinfinder.h), then the likest of what it has not looked at or let go, by their masked words. Returns how many. */
static size_t pick(const struct db_result *r, struct similar best[SIMILAR_MOST])
{
    struct likeness *mine = MEM_NEW(struct likeness), *other = MEM_NEW(struct likeness);
    struct case_row row;
    size_t n = 0;
    if (db_rows(r)) likeness_of(db_get_text(r, 0, MINE), mine);
    for (int i = 0; i < db_rows(r); i++) {
        const bool pair = !db_is_null(r, i, PERCENT);
        if (!pair && mine->n < PAIRS_LEAST) continue;
        casework_row(r, i, &row);
        if (!pair) likeness_of(db_get_text(r, i, WORDS), other);
        const int percent = pair ? (int)db_get_i64(r, i, PERCENT) : likeness_percent(mine, other);
        const bool sure = pair && db_get_bool(r, i, SURE);
        const int rank = percent + (sure ? SURE_FIRST : pair ? LIKELY_FIRST : 0);
        const bool same_matter = str_eq(row.category, db_get_text(r, i, CATEGORY));
        const bool here = same_matter && (row.view.unit == db_get_i64(r, i, UNIT) ||
                                          (row.plaque_unit && row.plaque_unit == db_get_i64(r, i, PLAQUE)));
        size_t at = 0;
        if (!pair && percent < (here ? HERE_LEAST : ELSE_LEAST)) continue;
        while (at < n && best[at].rank >= rank) at++;
        if (at == SIMILAR_MOST) continue;
        if (n < SIMILAR_MOST) n++;
        for (size_t k = n - 1; k > at; k--) best[k] = best[k - 1];
        best[at] = (struct similar){.row = i,
                                    .percent = percent,
                                    .rank = rank,
                                    .sure = sure,
                                    .likely = pair && !sure,
                                    .repeat = str_eq(db_get_text(r, i, KIND), STR("repeat")),
                                    .same_matter = same_matter};
    }
    free(mine);
    free(other);
    return n;
}

/* Why a pair is offered: the place and the numbered thing that both name, as the case at hand writes them, and the matter of both. */
static void put_because(struct gateway *g, const struct similar *s, struct str mine, struct str other,
                        struct str category, struct text *t)
{
    struct telling *a = MEM_NEW(struct telling), *b = MEM_NEW(struct telling);
    const struct category *matter = s->same_matter ? register_category(g, category) : NULL;
    struct text place, number;
    text_init(&place, BECAUSE_MAX);
    text_init(&number, BECAUSE_MAX);
    if (s->sure || s->likely) {
        telling_of(mine, a);
        telling_of(other, b);
        const struct telling_both both = telling_compare(a, b);
        if (both.name) telling_put(a, both.name->at, both.name->n, &place);
        if (both.number) telling_put(a, both.number->at, both.number->n, &number);
    }
    text_addz(t, ",\"place\":");
    json_put(t, text_str(&place));
    text_addz(t, ",\"number\":");
    json_put(t, text_str(&number));
    text_addz(t, ",\"matter\":");
    json_put(t, matter ? matter->name : STR(""));
    text_free(&place);
    text_free(&number);
    free(a);
    free(b);
}

static void have_similar(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    struct case_row row;
    struct text t;
    struct similar best[SIMILAR_MOST];
    (void)n;
    if (!staff_entered(a, end, results, error, false, &who)) goto over;
    if (db_rows(results[CASEWORK_FIRST]) == 0) {
        staff_refuse(a, REFUSE_CASE_UNKNOWN, NULL, NULL);
        goto over;
    }
    const struct db_result *r = results[CASEWORK_FIRST + 1];
    const size_t n_best = pick(r, best);
    text_init(&t, DESK_MAX);
    text_addz(&t, "{\"similar\":[");
    for (size_t i = 0; i < n_best; i++) {
        const struct str words = db_get_text(r, best[i].row, CASEWORK_COLUMNS_N);
        casework_row(r, best[i].row, &row);
        const struct str mine = db_get_text(r, best[i].row, MINE);
        text_addf(&t, "%s{\"percent\":%d,\"found\":%s,\"likely\":%s,\"repeat\":%s", i ? "," : "",
                  best[i].percent, best[i].sure ? "true" : "false", best[i].likely ? "true" : "false",
                  best[i].repeat ? "true" : "false");
        put_because(a->g, &best[i], mine, words, row.category, &t);
        text_addz(&t, ",\"shared\":");
        json_put(&t, likeness_shared(mine, words, SHARED_LEAST, SHARED_MOST));
        text_addz(&t, ",\"case\":");
        staff_row_json(a->g, &row, words, db_get_i64(r, best[i].row, CASEWORK_COLUMNS_N + 2), &t);
        text_addc(&t, '}');
    }
    text_addz(&t, "]}");
    staff_answer(a, &t);
over:
    free(a);
}

void staff_similar(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct staff_ask *kept = staff_keep(a);
    (void)in;
    struct db_call *c = staff_call(a, have_similar, kept);
    staff_add_by_id(c, &stmt_desk_seen, id);
    staff_add_by_id(c, &stmt_desk_similar, id);
    if (!staff_go(a, c)) free(kept);
}

/* --- "not the same": never offered again, until it is taken back --- */

static void have_apart(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct staff_ask *a = arg;
    struct staff_who who;
    (void)n;
    if (end == DB_FAILED && strcmp(error->sqlstate, "MSDU1") == 0) {
        staff_refuse(a, REFUSE_CASE_UNKNOWN, NULL, NULL);
    } else if (end == DB_FAILED && strcmp(error->sqlstate, "MSDU3") == 0) {
        staff_refuse(a, REFUSE_FORBIDDEN, NULL, NULL);
    } else if (staff_entered(a, end, results, error, false, &who)) {
        struct text t;
        COUNT(TWINS_APART);
        text_init(&t, 40);
        text_addz(&t, "{\"done\":true}");
        staff_answer(a, &t);
    }
    free(a);
}

void staff_similar_step(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    struct json *doc;
    i64 other = 0;
    if (!body_object(a, in, 4096, &doc)) return;
    const struct str step = json_str(json_get(doc, "step"));
    const bool apart = str_eq(step, STR("apart")), again = str_eq(step, STR("again"));
    const bool good = json_count(doc) == 2 && json_int(json_get(doc, "other"), &other) && other > 0;
    json_free(&doc);
    if (!good || !(apart || again)) {
        body_refuse(a, good ? "step" : "other");
        return;
    }
    struct db_params *p = db_params_new(&stmt_twins_apart);
    db_put_i64(p, (i64)id);
    db_put_i64(p, other);
    db_put_bool(p, apart);
    staff_send(a, &stmt_twins_apart, p, have_apart);
}
