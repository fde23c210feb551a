#include "letters.h"
#include "register.h"
#include "base/log.h"
#include <string.h>

const struct db_stmt stmt_letters_draft_for_act = {"letters_draft_for_act",
                                                   "select letter_draft_for_act($1, $2, $3, $4)",
                                                   4,
                                                   {DB_INT8, DB_TEXT, DB_INT4, DB_JSONB}};

struct letter_case letters_case(struct gateway *g, const struct case_row *row)
{
    const struct category *cat = register_category(g, row->category);
    const struct unit *u = row->view.unit ? register_unit(g, (int)row->view.unit) : NULL;
    return (struct letter_case){.id = row->view.id,
                                .category = cat ? cat->name : row->category,
                                .unit = u ? u->short_name : STR_NONE,
                                .opened = row->view.opened,
                                .due = row->clocks.handling_due};
}

void letters_add_draft(struct gateway *g, struct db_call *c, const struct casework_step *s)
{
    const struct act_request *q = &s->req;
    const bool proposed = q->act == ACT_PROPOSE;
    const enum case_letter kind = proposed ? caseflow_rung_letter(q->rung) : s->outcome.letter;
    if (kind == LETTER_NONE || kind == LETTER_ASSIGN || q->letter) return;

    /* A rung that the act itself has climbed is not climbed again by the signature. */
    const int rung = proposed ? q->rung : RUNG_NONE;
    const struct letter_case one = letters_case(g, &s->after);
    const struct letter_facts facts = {
        .kind = kind,
        .rung = rung,
        .confidential = (s->after.view.flags & CASE_FLAG_CONFIDENTIAL) != 0,
        .cases = &one,
        .n_cases = 1,
        .receiver = q->receiver,
        .now = q->now,
    };
    struct letter_draft draft = {.cases = {s->after.view.id}, .n_cases = 1, .has_cases = true};
    struct arena arena;
    struct text t;
    arena_init(&arena, 64 * 1024);
    text_init(&t, 128 * 1024);
    struct db_params *p = db_params_new(&stmt_letters_draft_for_act);
    /* Names and settings are bounded, the receiver by the act's own limit. */
    bool whole =
        letters_compose(g, &facts, &s->after.view.unit, &arena, &draft) && letters_draft_json(&draft, &t);
    ASSERT(whole);
    db_put_i64(p, (i64)s->act_id);
    db_put_text(p, str_of(case_letter_word(kind)));
    db_put_i32(p, rung);
    db_put_json(p, text_str(&t));
    text_free(&t);
    arena_free(&arena);
    db_call_add(c, &stmt_letters_draft_for_act, p);
}

enum refusal letters_refusal(enum db_end end, const struct db_error *e, const char **detail_r)
{
    static const struct {
        const char *sqlstate;
        enum refusal refusal;
        const char *detail;
    } ours[] = {
        {"MSD50", REFUSE_LETTER_UNKNOWN, NULL},
        {"MSD51", REFUSE_LETTER_CHANGED, NULL},
        {"MSD52", REFUSE_LETTER_STEP, NULL},
        {"MSD53", REFUSE_SECOND_PERSON, NULL},
        {"MSD55", REFUSE_RECUSED,
         "函件不能发往这个单位：举报件不得发往被举报单位，保密件只能发往承办单位或者纪检监察机关。"},
        {"MSD56", REFUSE_ACT_NEEDS, NULL},
        {"MSD57", REFUSE_ACT_ILLEGAL, "保密件一事一函，不与其他办件同列。"},
        {"MSD4M", REFUSE_ACT_ILLEGAL, "所列办件含有举报内容，尚未拆分，请先拆分再发函。"},
        {"MSD59", REFUSE_CASE_UNKNOWN, "所列办件不存在，或者您无权查看。"},
        {"MSD40", REFUSE_CASE_CHANGED, "函件所列办件刚刚有新的办理动作，请刷新后再签发。"},
        {"MSD31", REFUSE_SECOND_PERSON, NULL},
        {"MSD32", REFUSE_RECUSED, NULL},
        {"MSD30", REFUSE_FORBIDDEN, NULL},
        {"42501", REFUSE_FORBIDDEN, NULL},
    };
    *detail_r = NULL;
    if (end == DB_LOST || !e) {
        *detail_r = "系统没有得到确认，这一步可能已经完成也可能没有，请刷新后查看。";
        return REFUSE_UNAVAILABLE;
    }
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (strcmp(e->sqlstate, ours[i].sqlstate) == 0) {
            *detail_r = ours[i].detail;
            return ours[i].refusal;
        }
    if (db_passing(e)) return REFUSE_UNAVAILABLE;
    log_line(LOG_ERROR, LOG_STAFF, "letter not stored", "sqlstate=%s constraint=%s text=\"%s\"", e->sqlstate,
             e->constraint, e->message);
    if (strncmp(e->sqlstate, "23", 2) == 0) return REFUSE_UNKNOWN_FIELD;
    return REFUSE_INTERNAL;
}

extern const struct db_stmt stmt_letters_page, stmt_letters_versions, stmt_letters_acts, stmt_letters_units,
    stmt_letters_listed, stmt_letters_look, stmt_letters_list, stmt_letters_out, stmt_letters_in,
    stmt_letters_enter;
const struct db_stmt *const letters_statements[] = {
    &stmt_letters_draft_for_act, &stmt_letters_draft, &stmt_letters_edit,  &stmt_letters_do,
    &stmt_letters_read,          &stmt_letters_cases, &stmt_letters_look,  &stmt_letters_list,
    &stmt_letters_versions,      &stmt_letters_acts,  &stmt_letters_units, &stmt_letters_listed,
    &stmt_letters_out,           &stmt_letters_in,    &stmt_letters_enter,
};
const size_t n_letters_statements = ARRAY_LEN(letters_statements);
