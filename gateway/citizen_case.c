/* What a citizen may read of the own case: the rows of the record, turned into the words of the page. */
#include "citizen_part.h"
#include "casework.h"
#include "rules.h"
#include "core/clockrun.h"
#include <stdio.h>
#include <stdlib.h>

#define ACTS_SHOWN "100"

/* Which of the cases that the words became: the first, or the part that was asked for and is one of theirs. */
#define OWN_CASE                                                                                                \
    "coalesce((select p.case_id from case_parts p where p.feedback_id = f.id and p.part = $2 and p.part > 1), " \
    "f.case_id)"
/* The case that the receipt belongs to, and the main case when it was merged (into one that was merged …). */
#define FROM_RECEIPT                                                                                         \
    "with recursive own as (select c.id, c.merged_into, c.confidential, f.id as feedback from feedback f "   \
    "  join cases c on c.id = " OWN_CASE " where f.receipt_hash = $1), "                                     \
    "up as (select id, merged_into from own union "                                                          \
    "  select k.id, k.merged_into from up join cases k on k.id = up.merged_into), "                          \
    "main as (select id from up where merged_into is null limit 1) "

const struct db_stmt stmt_status_find = {
    "status_find",
    FROM_RECEIPT "select " CASEWORK_COLUMNS
                 ", f.receipt_hash, f.received_at, coalesce(f.rating, 0), f.plaque, "
                 "m.state, m.unit_id, m.confidential, 'paused' = any (m.flags), 'supervised' = any "
                 "(m.flags), m.round, m.ending, "
                 "m.handling_due, m.due_at, coalesce(m.due_clock, ''), m.assigned_at is not null, "
                 "f.id, m.id, m.version, m.closed_at, 'transferred' = any (m.flags), k.state, m.pause_until, "
                 "array_to_string(m.flags, ','), (select count(*) from case_reporters(c.id)), "
                 "exists (select from sealed_reports s where s.feedback_id = f.id), m.level, "
                 "m.opened_at, coalesce(f.nature_said, '') "
                 "from feedback f left join cases c on c.id = " OWN_CASE " left join main on true left join "
                 "cases m on m.id = main.id "
                 "left join callbacks k on k.case_id = m.id and k.round = m.round and k.feedback_id = f.id "
                 "where f.receipt_hash = $1",
    2,
    {DB_BYTEA, DB_INT4}};

/* Newest first. Words: the answer that was approved, the notice of a transfer, why it was declined, what became of an objection, what
 * this citizen wrote. Of a main case only what answers the matter or moves its time; never what another reporter said. */
#define REPORTERS_ACTS                                                                                       \
    "'callback_solved', 'callback_unsolved', 'callback_refused', 'callback_attempt', 'confirm_solved', "     \
    "'confirm_unsolved', 'confirm_partly', 'accept_partly', 'reopen', 'object', 'withdraw'"
const struct db_stmt stmt_status_acts = {
    "status_acts",
    FROM_RECEIPT
    "select t.act, t.actor, coalesce(t.role, ''), coalesce(t.from_state, 'new'), t.to_state, t.at, "
    "case when t.act = 'approve' then (select r.words from acts r where r.case_id = t.case_id and r.act = "
    "'reply' and r.version < t.version order by r.version desc limit 1) when t.other then null "
    "     when t.actor = 'citizen' then coalesce(t.words, t.reason) when t.act in ('transfer_out', 'ask', 'object_reject') then t.words "
    "     when t.act = 'decline' then t.reason end, t.data->>'way', t.own, t.other, "
    "case when t.act in ('extend_grant', 'resume') then (t.data->>'due')::timestamptz end, t.id "
    "from (select a.*, a.case_id = own.id as own, a.act in (" REPORTERS_ACTS
    ") and a.data ? 'feedback' as named, "
    "  a.act = 'say' and a.data->>'feedback' = own.feedback::text as said, "
    "  a.act in (" REPORTERS_ACTS
    ", 'say') and coalesce(a.data->>'feedback', own.feedback::text) <> own.feedback::text as other "
    "  from own, acts a join cases k on k.id = a.case_id "
    "  where a.case_id = own.id or (a.case_id = (select id from main) and (own.confidential or not k.confidential))) t "
    "where (t.own and not (t.other and t.act = 'say')) or t.named or t.said "
    "  or t.act in ('approve', 'transfer_out', 'decline', 'extend_grant', 'pause_grant', 'resume', 'reopen', 'ask', 'object_reject') "
    "order by t.at desc, t.version desc limit " ACTS_SHOWN,
    2,
    {DB_BYTEA, DB_INT4}};

/* What moves the clocks of the main case, oldest first, and no word of it. */
const struct db_stmt stmt_status_steps = {
    "status_steps",
    FROM_RECEIPT
    "select a.act, a.at, coalesce((a.data->>'amount')::integer, 0) from own, acts a join cases k on k.id = a.case_id "
    "where a.case_id = coalesce((select id from main), own.id) and (own.confidential or not k.confidential) "
    "order by a.version limit 300",
    2,
    {DB_BYTEA, DB_INT4}};

/* After 拆分: every case that the words became, in the order of the splits, with the clerk's extract of each. */
const struct db_stmt stmt_status_parts = {
    "status_parts",
    "select q.part, q.piece, c.state, case when c.confidential or c.state = 'discovered' then 0 else c.unit_id end "
    "from (select distinct on (p.case_id) p.case_id, p.part, p.piece from case_parts p "
    "join feedback f on f.id = p.feedback_id where f.receipt_hash = $1 order by p.case_id, p.version desc) q "
    "join cases c on c.id = q.case_id order by q.part",
    1,
    {DB_BYTEA}};

void case_put_parts(struct page *p, const struct db_result *r, int part)
{
    if (db_rows(r) < 2) return;
    page_flag(p, "parted", true);
    for (int i = 0; i < db_rows(r); i++) {
        char number[12], stage[40];
        enum case_state state = CASE_DISCOVERED;
        struct template_data *row = template_row(p->data, "parts");
        const struct unit *u = register_unit(p->g, (int)db_get_i64(r, i, 3));
        const int n = (int)db_get_i64(r, i, 0);
        if (!row) return;
        if (!case_state_parse(db_get_text(r, i, 2), &state)) state = CASE_DISCOVERED;
        snprintf(number, sizeof number, "%d", n);
        snprintf(stage, sizeof stage, "stage_%s", case_state_word(state));
        template_put(row, "number", arena_str(&p->arena, str_of(number)));
        template_put(row, "extract", db_get_text(r, i, 1));
        template_put(row, "at", page_find_word(p, stage));
        if (u) template_put(row, "part_unit", u->name);
        template_flag(row, "here", n == (part > 1 ? part : 1));
    }
    if (part <= 1) return;
    char number[12];
    snprintf(number, sizeof number, "%d", part);
    page_copy(p, "part", str_of(number));
}

static void put_due(struct page *p, const char *name, instant t)
{
    if (t.us) page_put(p, name, page_due(p, t));
}

static void put_plain(struct page *p, const struct db_result *r)
{
    char key[16];
    const struct unit *moved_to, *u = NULL;
    struct str plaque = db_get_text(r, 0, COL_PLAQUE);
    const struct plaque_row *row = plaque.n ? register_plaque(p->g, plaque) : NULL;
    if (row) u = plaque_unit(p->g, row, &moved_to);
    page_flag(p, "plain", true);
    snprintf(key, sizeof key, "level%d", (int)db_get_i64(r, 0, COL_RATING));
    page_put(p, "level", page_find_word(p, key));
    if (u) page_put(p, "unit", u->name);
}

/* The place of the sentences for a stage, behind "stage_" and "next_": what this reporter was asked and answered decides,
 * not what somebody else said. */
static void stage_keys(const struct db_result *r, enum case_state state, const struct citizen_may *may,
                       char stage[40], char next[40])
{
    enum callback_state asked = CALLBACK_DUE;
    const bool was_asked =
        !db_is_null(r, 0, COL_ASKED) && callback_state_parse(db_get_text(r, 0, COL_ASKED), &asked);
    struct str ending = db_get_text(r, 0, COL_ENDING);
    const char *word = case_state_word(state);
    snprintf(stage, 40, "stage_%s", word);
    snprintf(next, 40, "next_%s", word);
    if (state == CASE_VERIFYING && !may->confirm) {
        snprintf(stage, 40, "stage_%s", was_asked ? "verifying_told" : "answered");
        snprintf(next, 40, "next_%s", was_asked ? "verifying_told" : "answered");
    }
    if (state == CASE_DECLINED && may->objected) snprintf(next, 40, "next_objected");
    if (state != CASE_CLOSED) return;
    if (was_asked)
        ending = asked == CALLBACK_SILENCE   ? STR("silence")
                 : asked == CALLBACK_REFUSED ? STR("refused")
                 : asked == CALLBACK_PARTLY  ? STR("partly")
                                             : STR_NONE;
    if (db_get_bool(r, 0, COL_MAIN_GONE)) ending = STR("transferred");
    if (ending.n && !str_eq(ending, STR("solved"))) snprintf(stage, 40, "stage_closed_%.*s", STR_ARG(ending));
    if (str_eq(ending, STR("transferred")))
        snprintf(next, 40, "next_closed_transferred");
    else if (may->objected)
        snprintf(next, 40, "next_objected");
    else if (str_eq(ending, STR("withdrawn")) && may->reopen)
        snprintf(next, 40, "next_closed_withdrawn");
    else if (!may->reopen)
        snprintf(next, 40, "next_closed_late");
}

/* What came of asking this reporter, as long as that round is the latest. */
static void put_asked(struct page *p, const struct db_result *r, enum case_state state)
{
    char key[40];
    bool latest = (state == CASE_VERIFYING || state == CASE_CLOSED) && !db_get_bool(r, 0, COL_MAIN_GONE);
    if (!latest || db_is_null(r, 0, COL_ASKED)) return;
    snprintf(key, sizeof key, "callback_%.*s", STR_ARG(db_get_text(r, 0, COL_ASKED)));
    page_put(p, "callback", page_find_word(p, key));
}

/* A confidential main case is not to be seen by whoever reported the same matter openly. */
static bool main_hidden(const struct db_result *r, const struct case_row *own)
{
    return own->view.state == CASE_MERGED && db_get_bool(r, 0, COL_CONFIDENTIAL) &&
           (own->view.flags & CASE_FLAG_CONFIDENTIAL) == 0;
}

/* 发现 → 督办 → 反馈: where it stands on the way that every matter takes. */
static void put_way(struct page *p, enum case_state state, bool withdrawn)
{
    static const char *const keys[] = {"way_found", "way_handled", "way_answered"};
    const size_t at = state == CASE_DISCOVERED                            ? 0
                      : state == CASE_VERIFYING || state == CASE_DECLINED ? 2
                      : state == CASE_CLOSED                              ? 3
                                                                          : 1;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct template_data *row = template_row(p->data, "path");
        template_put(row, "step", page_word(p, keys[i]));
        /* Nobody pressed for what was turned away or taken back. */
        template_flag(row, "done", i < at && (i == 0 || !(withdrawn || state == CASE_DECLINED)));
        template_flag(row, "now", i == at);
    }
}

/* Why the answer is due on that day, line by line: the rules and the calendar that everybody can look up. */
static void put_why(struct page *p, const struct db_result *r, const struct db_result *steps)
{
    const struct deadline_rules rules = rules_deadline(p->g);
    const instant opened = db_get_instant(r, 0, COL_OPENED), due = db_get_instant(r, 0, COL_HANDLING_DUE);
    struct clock_step *all =
        mem_alloc(((size_t)db_rows(steps) + 1) * sizeof *all); /* the statement's limit */
    struct clock_run run;
    struct text lines;
    size_t n = 0;
    int year = 0;
    for (int i = 0; i < db_rows(steps); i++) {
        struct clock_step s = {.at = db_get_instant(steps, i, 1)};
        if (!case_act_parse(db_get_text(steps, i, 0), &s.act)) continue;
        s.amount = (int)db_get_i64(steps, i, 2);
        s.cal = register_workdays_at(p->g, s.at);
        all[n++] = s;
    }
    text_init(&lines, 16 * 1024);
    const bool known = clockrun_replay(&rules, register_workdays_at(p->g, opened), opened, all, n,
                                       (int)db_get_i64(r, 0, COL_LEVEL), (int)db_get_i64(r, 0, COL_ROUND),
                                       CLOCK_HANDLING, &run, &year, &lines);
    /* Counted otherwise today than when it was set (another setting, another calendar): then the day stands without its sum. */
    struct str rest = known && run.due.us == due.us ? arena_str(&p->arena, text_str(&lines)) : STR_NONE;
    while (rest.n) {
        struct str line;
        str_cut(rest, '\n', &line, &rest);
        if (line.n) template_put(template_row(p->data, "why"), "line", line);
        page_flag(p, "has_why", true);
    }
    text_free(&lines);
    free(all);
}

/* State, what comes next, unit and due date, of the main case; returns its state as the citizen may know it. */
static enum case_state put_stage(struct page *p, const struct db_result *r, const struct case_row *own,
                                 const struct citizen_may *may, const struct db_result *steps)
{
    char stage[40], next[40], round[16];
    enum case_state state;
    const bool merged = may->merged;
    const bool secret =
        db_get_bool(r, 0, COL_CONFIDENTIAL) || (own->view.flags & CASE_FLAG_CONFIDENTIAL) != 0;
    const struct unit *u = register_unit(p->g, (int)db_get_i64(r, 0, COL_UNIT));
    ASSERT(case_state_parse(db_get_text(r, 0, COL_STATE), &state));
    if (main_hidden(r, own)) state = CASE_MERGED;
    stage_keys(r, state, may, stage, next);
    if (state == CASE_DISCOVERED && secret) snprintf(next, sizeof next, "next_discovered_secret");
    page_put(p, "stage", page_word(p, stage));
    page_put(p, "next", page_word(p, next));

    const bool withdrawn = state == CASE_CLOSED && str_eq(db_get_text(r, 0, COL_ENDING), STR("withdrawn"));
    page_flag(p, "withdrawn", withdrawn);
    put_way(p, state == CASE_MERGED ? CASE_ASSIGNED : state, withdrawn);
    page_flag(p, "merged", merged);
    if (state == CASE_MERGED) return state;
    put_asked(p, r, state);
    if (!secret && u && db_get_bool(r, 0, COL_GIVEN) && state != CASE_DISCOVERED && state != CASE_DECLINED)
        page_put(p, "unit", u->name);
    bool paused = db_get_bool(r, 0, COL_PAUSED), open = case_state_open(state);
    page_flag(p, "paused", paused);
    page_flag(p, "supervised", open && db_get_bool(r, 0, COL_SUPERVISED));
    if ((state == CASE_ASSIGNED || state == CASE_HANDLING) && !paused) {
        put_due(p, "due", db_get_instant(r, 0, COL_HANDLING_DUE));
        if (!db_is_null(r, 0, COL_HANDLING_DUE)) put_why(p, r, steps);
    }
    if (may->objected) put_due(p, "object_due", db_get_instant(r, 0, COL_DUE));
    if (paused) put_due(p, "paused_until", db_get_instant(r, 0, COL_PAUSE_UNTIL));
    if (state == CASE_DISCOVERED &&
        str_eq(db_get_text(r, 0, COL_DUE_CLOCK), str_of(case_clock_word(CLOCK_ACCEPT))))
        put_due(p, "accept_due", db_get_instant(r, 0, COL_DUE));
    if (open && db_get_i64(r, 0, COL_ROUND) > 1) {
        snprintf(round, sizeof round, "%d", (int)db_get_i64(r, 0, COL_ROUND));
        page_copy(p, "round", str_of(round));
    }
    return state;
}

/* The picture of the case that answers the matter, as far as the citizen's acts depend on it. */
static struct case_view main_view(const struct db_result *r)
{
    struct case_view v = {.closed = db_get_instant(r, 0, COL_MAIN_CLOSED)};
    struct str words = db_get_text(r, 0, COL_FLAGS);
    ASSERT(case_state_parse(db_get_text(r, 0, COL_STATE), &v.state));
    while (words.n) {
        struct str word;
        u32 flag;
        str_cut(words, ',', &word, &words);
        if (case_flag_parse(word, &flag)) v.flags |= flag;
    }
    return v;
}

struct citizen_may case_may(const struct db_result *r, instant now)
{
    const struct actor citizen = {.kind = ACTOR_CITIZEN};
    struct citizen_may m = {.case_id = 0};
    enum case_act may[ACTS_N];
    struct case_row own;
    enum callback_state asked = CALLBACK_DUE;
    casework_row(r, 0, &own);
    const bool hidden = main_hidden(r, &own);
    m.merged = own.view.state == CASE_MERGED;
    m.main = m.merged && !hidden;
    m.case_id = m.merged ? db_get_i64(r, 0, COL_MAIN) : own.view.id;
    m.version = m.merged ? db_get_i64(r, 0, COL_MAIN_VERSION) : own.view.version;
    m.sealed = db_get_bool(r, 0, COL_SEALED);
    bool was_asked =
        !db_is_null(r, 0, COL_ASKED) && callback_state_parse(db_get_text(r, 0, COL_ASKED), &asked);
    const struct case_view view = m.main ? main_view(r) : own.view;
    const size_t n = caseflow_allowed(&view, &citizen, may);
    for (size_t i = 0; i < n; i++) {
        m.say |= may[i] == ACT_SAY;
        m.confirm |= may[i] == ACT_CONFIRM_SOLVED;
        m.reopen |= may[i] == ACT_REOPEN;
        m.object |= may[i] == ACT_OBJECT;
        m.withdraw |= may[i] == ACT_WITHDRAW;
    }
    const bool late = view.state == CASE_CLOSED &&
                      !instant_before(now, instant_add(view.closed, SPAN_H(24 * CASE_REOPEN_DAYS)));
    m.confirm = m.confirm && asked == CALLBACK_DUE && (!m.main || was_asked);
    m.reopen = m.reopen && !late;
    m.object = m.object && !late;
    /* Nobody takes back what others said as well. */
    m.withdraw = m.withdraw && !m.merged && db_get_i64(r, 0, COL_REPORTERS) <= 1;
    m.objected = (view.flags & CASE_FLAG_OBJECTED) != 0;
    return m;
}

void case_put(struct page *p, const struct db_result *r, const struct db_result *acts,
              const struct db_result *steps, const struct db_result *files)
{
    struct case_row own;
    page_time(p, "received", db_get_instant(r, 0, COL_RECEIVED));
    if (db_is_null(r, 0, 0)) {
        put_plain(p, r);
        return;
    }
    casework_row(r, 0, &own);
    const struct citizen_may may = case_may(r, clock_now());
    page_flag(p, "may_say", may.say);
    page_flag(p, "may_confirm", may.confirm);
    page_flag(p, "may_reopen", may.reopen);
    page_flag(p, "may_object", may.object);
    page_flag(p, "may_withdraw", may.withdraw);
    page_flag(p, "secret", (own.view.flags & CASE_FLAG_CONFIDENTIAL) != 0);
    page_flag(p, "sealed", may.sealed);
    page_flag(p, "may_files", may.say);
    const enum case_state state = put_stage(p, r, &own, &may, steps);
    history_put(p, acts, files, state);
}
