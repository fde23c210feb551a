/* What was done on a citizen's case, act by act, in the sentences of the page: what is nobody else's business, and no more. */
#include "citizen_part.h"
#include "casework.h"
#include <stdio.h>

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
        page_time(p, "question_at", db_get_instant(acts, i, ACT_COL_AT));
        return;
    }
}

/* The words of an act where they belong: above the history (then false), or in it. */
static bool put_words(struct page *p, enum case_act act, enum case_state main_state, struct str words,
                      const struct db_result *acts, int row, bool *answered)
{
    if (!*answered && words.n && act == ACT_APPROVE &&
        (main_state == CASE_VERIFYING || main_state == CASE_CLOSED)) {
        page_time(p, "answer_at", db_get_instant(acts, row, ACT_COL_AT));
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

/* The new deadline of an extension, as the act put it on record. */
static void put_moved(struct page *p, struct template_data *row, instant due)
{
    if (due.us) template_put(row, "moved", page_due(p, due));
}

/* The steps so far, and the words that belong above them: the answer, the reason of a refusal, the notice of a transfer. */
static void put_steps(struct page *p, const struct db_result *acts, const struct db_result *files,
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

void history_put(struct page *p, const struct db_result *acts, const struct db_result *files,
                 enum case_state main_state)
{
    put_question(p, acts, main_state);
    put_steps(p, acts, files, main_state);
}
