/* What a citizen may read of the own case: the rows of the record, turned into the words of the page. */
#include "citizen_part.h"
#include "casework.h"
#include <stdio.h>

#define ACTS_SHOWN "100"

/* The case that the receipt belongs to, and the main case when it was merged (into one that was merged …). */
#define FROM_RECEIPT                                                                                         \
    "with recursive own as (select c.id, c.merged_into from feedback f join cases c on c.id = f.case_id "    \
    "  where f.receipt_hash = $1), "                                                                         \
    "up as (select id, merged_into, 0 as depth from own union all "                                          \
    "  select k.id, k.merged_into, up.depth + 1 from up join cases k on k.id = up.merged_into where "        \
    "up.depth < 16), "                                                                                       \
    "main as (select id from up where merged_into is null limit 1) "

const struct db_stmt stmt_status_find = {
    "status_find",
    FROM_RECEIPT "select " CASEWORK_COLUMNS
                 ", f.receipt_hash, f.received_at, coalesce(f.rating, 0), f.plaque, "
                 "m.state, m.unit_id, m.confidential, 'paused' = any (m.flags), 'supervised' = any "
                 "(m.flags), m.round, m.ending, "
                 "m.handling_due, m.due_at, coalesce(m.due_clock, ''), m.assigned_at is not null "
                 "from feedback f left join cases c on c.id = f.case_id left join main on true left join "
                 "cases m on m.id = main.id "
                 "where f.receipt_hash = $1",
    1,
    {DB_BYTEA}};

/* Newest first. Words: the answer that was approved, the notice of a transfer, why it was declined, what the citizen
 * wrote. Of a main case only what answers the matter: the rest may speak of somebody else. */
const struct db_stmt stmt_status_acts = {
    "status_acts",
    FROM_RECEIPT
    "select a.act, a.actor, coalesce(a.role, ''), coalesce(a.from_state, 'new'), a.to_state, a.at, "
    "case when a.act = 'approve' then (select r.words from acts r where r.case_id = a.case_id and r.act = "
    "'reply' "
    "       and r.version < a.version order by r.version desc limit 1) "
    "     when a.actor = 'citizen' then coalesce(a.words, a.reason) when a.act = 'transfer_out' then a.words "
    "     when a.act = 'decline' then a.reason end, a.data->>'way', a.case_id = (select id from own) "
    "from acts a join cases k on k.id = a.case_id "
    "where a.case_id = (select id from own) or (a.case_id = (select id from main) and not k.confidential "
    "  and a.act in ('approve', 'transfer_out', 'decline')) "
    "order by a.at desc, a.version desc limit " ACTS_SHOWN,
    1,
    {DB_BYTEA}};

static void put_china(struct page *p, const char *name, instant t)
{
    char text[INSTANT_TEXT_MAX];
    if (t.us) page_copy(p, name, str_of(instant_text_china(t, text)));
}

/* A deadline at the end of a day is told as that day, 24:00. */
static void put_due(struct page *p, const char *name, instant t)
{
    char text[INSTANT_TEXT_MAX], end[INSTANT_TEXT_MAX + 8];
    if ((t.us + CHINA_OFFSET.us) % SPAN_H(24).us != 0) {
        put_china(p, name, t);
    } else if (t.us) {
        snprintf(end, sizeof end, "%.10s 24:00", instant_text_china(instant_add(t, SPAN_S(-1)), text));
        page_copy(p, name, str_of(end));
    }
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

/* State, what comes next, unit and due date, of the main case; returns its state as the citizen may know it. */
static enum case_state put_stage(struct page *p, const struct db_result *r, const struct case_row *own,
                                 bool may_reopen)
{
    char key[40], round[16];
    enum case_state state;
    const bool merged = own->view.state == CASE_MERGED;
    const bool secret =
        db_get_bool(r, 0, COL_CONFIDENTIAL) || (own->view.flags & CASE_FLAG_CONFIDENTIAL) != 0;
    struct str ending = db_get_text(r, 0, COL_ENDING);
    const struct unit *u = register_unit(p->g, (int)db_get_i64(r, 0, COL_UNIT));
    ASSERT(case_state_parse(db_get_text(r, 0, COL_STATE), &state));
    /* A confidential main case is not this citizen's to see. */
    if (merged && secret && !(own->view.flags & CASE_FLAG_CONFIDENTIAL)) state = CASE_MERGED;

    const char *word = case_state_word(state);
    bool special =
        state == CASE_CLOSED && (str_eq(ending, STR("silence")) || str_eq(ending, STR("transferred")));
    if (special)
        snprintf(key, sizeof key, "stage_closed_%.*s", STR_ARG(ending));
    else
        snprintf(key, sizeof key, "stage_%s", word);
    if (merged && state == CASE_VERIFYING) snprintf(key, sizeof key, "stage_answered");
    page_put(p, "stage", page_word(p, key));
    if (state == CASE_CLOSED && str_eq(ending, STR("transferred")))
        snprintf(key, sizeof key, "next_closed_transferred");
    else if (state == CASE_CLOSED && !may_reopen && !merged)
        snprintf(key, sizeof key, "next_closed_late");
    else if (merged && state == CASE_VERIFYING)
        snprintf(key, sizeof key, "next_answered");
    else
        snprintf(key, sizeof key, "next_%s", word);
    page_put(p, "next", page_word(p, key));

    page_flag(p, "merged", merged);
    if (state == CASE_MERGED) return state;
    if (!secret && u && db_get_bool(r, 0, COL_GIVEN) && state != CASE_DISCOVERED && state != CASE_DECLINED)
        page_put(p, "unit", u->name);
    bool paused = db_get_bool(r, 0, COL_PAUSED), open = case_state_open(state);
    page_flag(p, "paused", paused);
    page_flag(p, "supervised", open && db_get_bool(r, 0, COL_SUPERVISED));
    if ((state == CASE_ASSIGNED || state == CASE_HANDLING) && !paused)
        put_due(p, "due", db_get_instant(r, 0, COL_HANDLING_DUE));
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

static struct str act_sentence(struct page *p, enum case_act act, enum case_state to, bool own)
{
    char key[80];
    /* The answer in the main case asks nothing of those whose cases were merged into it. */
    if (!own && act == ACT_APPROVE) return page_word(p, "act_approve_main");
    snprintf(key, sizeof key, "act_%s_%s", case_act_word(act), case_state_word(to));
    struct str s = page_find_word(p, key);
    if (s.p) return s;
    snprintf(key, sizeof key, "act_%s", case_act_word(act));
    return page_find_word(p, key);
}

/* The steps so far, and the words that belong above them: the answer, the reason of a refusal, the notice of a transfer. */
static void put_history(struct page *p, const struct db_result *acts, enum case_state main_state)
{
    bool answered = false;
    for (int i = 0; i < db_rows(acts); i++) {
        enum case_act act;
        enum case_state to;
        const struct caseflow_row *rule = act_rule(acts, i, &act, &to);
        struct str words = db_get_text(acts, i, ACT_COL_WORDS),
                   label = rule && rule->citizen ? act_sentence(p, act, to, db_get_bool(acts, i, ACT_COL_OWN))
                                                 : STR_NONE;
        instant at = db_get_instant(acts, i, ACT_COL_AT);
        if (label.p == NULL) continue;
        if (!answered && words.n && act == ACT_APPROVE &&
            (main_state == CASE_VERIFYING || main_state == CASE_CLOSED)) {
            put_china(p, "answer_at", at);
            page_put(p, "answer", words);
            words = STR_NONE;
            answered = true;
        } else if (act == ACT_DECLINE && main_state == CASE_DECLINED) {
            page_put(p, "declined", words);
            page_put(p, "way", db_get_text(acts, i, ACT_COL_WAY));
            words = STR_NONE;
        } else if (act == ACT_TRANSFER_OUT) {
            page_put(p, "transferred", words);
            words = STR_NONE;
        }
        char text[INSTANT_TEXT_MAX];
        struct template_data *row = template_row(p->data, "acts");
        template_put(row, "at", arena_str(&p->arena, str_of(instant_text_china(at, text))));
        template_put(row, "label", label);
        template_put(row, "words", words);
        page_flag(p, "history", true);
    }
}

void case_put(struct page *p, const struct db_result *r, const struct db_result *acts)
{
    const struct actor citizen = {.kind = ACTOR_CITIZEN};
    enum case_act may[ACTS_N];
    struct case_row own;
    bool may_reopen = false;
    put_china(p, "received", db_get_instant(r, 0, COL_RECEIVED));
    if (db_is_null(r, 0, 0)) {
        put_plain(p, r);
        return;
    }
    casework_row(r, 0, &own);
    size_t n = caseflow_allowed(&own.view, &citizen, may);
    for (size_t i = 0; i < n; i++) {
        if (may[i] == ACT_SAY) page_flag(p, "may_say", true);
        if (may[i] == ACT_CONFIRM_SOLVED) page_flag(p, "may_confirm", true);
        if (may[i] == ACT_REOPEN)
            may_reopen =
                instant_before(clock_now(), instant_add(own.view.closed, SPAN_H(24 * CASE_REOPEN_DAYS)));
    }
    page_flag(p, "may_reopen", may_reopen);
    put_history(p, acts, put_stage(p, r, &own, may_reopen));
}
