/* What a citizen may read of the own case: the rows of the record, turned into the words of the page. */
#include "citizen_part.h"
#include "casework.h"
#include "rules.h"
#include "core/clockrun.h"
#include <stdio.h>
#include <stdlib.h>

#define ACTS_SHOWN "100"

/* The case that the receipt belongs to, and the main case when it was merged (into one that was merged …). */
#define FROM_RECEIPT                                                                                         \
    "with recursive own as (select c.id, c.merged_into, c.confidential, f.id as feedback from feedback f "   \
    "  join cases c on c.id = f.case_id where f.receipt_hash = $1), "                                        \
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
                 "from feedback f left join cases c on c.id = f.case_id left join main on true left join "
                 "cases m on m.id = main.id "
                 "left join callbacks k on k.case_id = m.id and k.round = m.round and k.feedback_id = f.id "
                 "where f.receipt_hash = $1",
    1,
    {DB_BYTEA}};

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
    1,
    {DB_BYTEA}};

/* What moves the clocks of the main case, oldest first, and no word of it. */
const struct db_stmt stmt_status_steps = {
    "status_steps",
    FROM_RECEIPT
    "select a.act, a.at, coalesce((a.data->>'amount')::integer, 0) from own, acts a join cases k on k.id = a.case_id "
    "where a.case_id = coalesce((select id from main), own.id) and (own.confidential or not k.confidential) "
    "order by a.version limit 300",
    1,
    {DB_BYTEA}};

static void put_china(struct page *p, const char *name, instant t)
{
    char text[INSTANT_TEXT_MAX];
    if (t.us) page_copy(p, name, str_of(instant_text_china(t, text)));
}

/* A deadline at the end of a day is told as that day, 24:00. */
static void due_china(instant t, char scratch[INSTANT_TEXT_MAX], char out[INSTANT_TEXT_MAX + 8])
{
    if ((t.us + CHINA_OFFSET.us) % SPAN_H(24).us != 0)
        snprintf(out, INSTANT_TEXT_MAX + 8, "%s", instant_text_china(t, scratch));
    else
        snprintf(out, INSTANT_TEXT_MAX + 8, "%.10s 24:00",
                 instant_text_china(instant_add(t, SPAN_S(-1)), scratch));
}

static void put_due(struct page *p, const char *name, instant t)
{
    char text[INSTANT_TEXT_MAX], end[INSTANT_TEXT_MAX + 8];
    if (t.us == 0) return;
    due_china(t, text, end);
    page_copy(p, name, str_of(end));
}

/* The new deadline of an extension, as the act put it on record. */
static void put_moved(struct page *p, struct template_data *row, instant due)
{
    char text[INSTANT_TEXT_MAX], day[INSTANT_TEXT_MAX + 8];
    if (due.us == 0) return;
    due_china(due, text, day);
    template_put(row, "moved", arena_str(&p->arena, str_of(day)));
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

const struct caseflow_row *act_rule(const struct db_result *r, int row, enum case_act *act_r,
                                    enum case_state *to_r)
{
    size_t n;
    enum case_state from;
    enum actor_kind kind;
    enum staff_role role;
    const struct caseflow_row *rules = caseflow_acts(&n);
    if (!case_act_parse(db_get_text(r, row, ACT_COL_ACT), act_r) ||
        !case_state_parse(db_get_text(r, row, ACT_COL_FROM), &from) ||
        !case_state_parse(db_get_text(r, row, ACT_COL_TO), to_r) ||
        !actor_kind_parse(db_get_text(r, row, ACT_COL_ACTOR), &kind))
        return NULL;
    u32 who = kind != ACTOR_STAFF                                          ? WHO_KIND(kind)
              : staff_role_parse(db_get_text(r, row, ACT_COL_ROLE), &role) ? ROLE_BIT(role)
                                                                           : UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        bool to = rules[i].to == (int)*to_r || rules[i].to == CASE_TO_BACK ||
                  (rules[i].to == CASE_TO_SAME && from == *to_r);
        if (rules[i].act == *act_r && (rules[i].from & 1u << from) && to && (rules[i].who & who))
            return &rules[i];
    }
    return NULL;
}

/* Acts about another reporter: told without saying who, tries of theirs not at all. */
static struct str other_sentence(struct page *p, enum case_act act, enum case_state to)
{
    char key[80];
    switch (act) {
    case ACT_CALLBACK_UNSOLVED:
    case ACT_CONFIRM_UNSOLVED:
    case ACT_CONFIRM_PARTLY:
        return page_word(p, "act_other_unsolved");
    case ACT_OBJECT:
        return page_word(p, "act_other_object");
    case ACT_REOPEN:
        return page_word(p, "act_other_reopen");
    case ACT_CALLBACK_ATTEMPT:
        return to == CASE_CLOSED ? page_word(p, "act_callback_attempt_more") : STR_NONE;
    default:
        snprintf(key, sizeof key, "act_%s_more", case_act_word(act));
        return page_find_word(p, key);
    }
}

static struct str act_sentence(struct page *p, enum case_act act, enum case_state to, bool own, bool other)
{
    char key[80];
    if (other) return other_sentence(p, act, to);
    if (!own && act == ACT_APPROVE) return page_word(p, "act_approve_main");
    if (to == CASE_VERIFYING && (act == ACT_CALLBACK_SOLVED || act == ACT_CONFIRM_SOLVED))
        return page_word(p, "act_mine_solved");
    if (to == CASE_VERIFYING && act == ACT_ACCEPT_PARTLY) return page_word(p, "act_mine_partly");
    if (to == CASE_VERIFYING && act == ACT_CALLBACK_REFUSED) return page_word(p, "act_mine_refused");
    snprintf(key, sizeof key, "act_%s_%s", case_act_word(act), case_state_word(to));
    struct str s = page_find_word(p, key);
    if (s.p) return s;
    snprintf(key, sizeof key, "act_%s", case_act_word(act));
    return page_find_word(p, key);
}

/* A question of the unit that nobody has answered yet stands on top, not only in the history. */
static void put_question(struct page *p, const struct db_result *acts, enum case_state main_state)
{
    for (int i = 0; main_state == CASE_HANDLING && i < db_rows(acts); i++) {
        struct str act = db_get_text(acts, i, ACT_COL_ACT);
        if (str_eq(act, str_of(case_act_word(ACT_SAY)))) return;
        if (!str_eq(act, str_of(case_act_word(ACT_ASK)))) continue;
        page_put(p, "question", db_get_text(acts, i, ACT_COL_WORDS));
        put_china(p, "question_at", db_get_instant(acts, i, ACT_COL_AT));
        return;
    }
}

/* The words of an act where they belong: above the history (then false), or in it. */
static bool put_words(struct page *p, enum case_act act, enum case_state main_state, struct str words,
                      const struct db_result *acts, int row, bool *answered)
{
    if (!*answered && words.n && act == ACT_APPROVE &&
        (main_state == CASE_VERIFYING || main_state == CASE_CLOSED)) {
        put_china(p, "answer_at", db_get_instant(acts, row, ACT_COL_AT));
        page_put(p, "answer", words);
        *answered = true;
        return false;
    }
    if (act == ACT_DECLINE && main_state == CASE_DECLINED) {
        page_put(p, "declined", words);
        page_put(p, "way", db_get_text(acts, row, ACT_COL_WAY));
        return false;
    }
    if (act == ACT_OBJECT_REJECT) page_put(p, "ruling", words);
    if (act == ACT_TRANSFER_OUT) page_put(p, "transferred", words);
    return act != ACT_TRANSFER_OUT && act != ACT_OBJECT_REJECT;
}

/* The steps so far, and the words that belong above them: the answer, the reason of a refusal, the notice of a transfer. */
static void put_history(struct page *p, const struct db_result *acts, const struct db_result *files,
                        enum case_state main_state)
{
    bool answered = false;
    for (int i = 0; i < db_rows(acts); i++) {
        enum case_act act;
        enum case_state to;
        char text[INSTANT_TEXT_MAX];
        const struct caseflow_row *rule = act_rule(acts, i, &act, &to);
        struct str words = db_get_text(acts, i, ACT_COL_WORDS),
                   label = rule && rule->citizen ? act_sentence(p, act, to, db_get_bool(acts, i, ACT_COL_OWN),
                                                                db_get_bool(acts, i, ACT_COL_OTHER))
                                                 : STR_NONE;
        if (label.p == NULL) continue;
        const bool here = put_words(p, act, main_state, words, acts, i, &answered);
        struct template_data *row = template_row(p->data, "acts");
        template_put(
            row, "at",
            arena_str(&p->arena, str_of(instant_text_china(db_get_instant(acts, i, ACT_COL_AT), text))));
        template_put(row, "label", label);
        template_put(row, "words", here ? words : STR_NONE);
        put_moved(p, row, db_get_instant(acts, i, ACT_COL_DUE));
        picture_put(p, row, files, act == ACT_RECEIVE ? 0 : db_get_i64(acts, i, ACT_COL_ID));
        page_flag(p, "history", true);
    }
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
    put_china(p, "received", db_get_instant(r, 0, COL_RECEIVED));
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
    put_question(p, acts, state);
    put_history(p, acts, files, state);
}
