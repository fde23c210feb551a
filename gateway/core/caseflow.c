#include "core/caseflow_part.h"

struct case_view case_view_new(i64 id, enum nature nature, int level, i64 about_unit, bool confidential)
{
    return (struct case_view){.state = CASE_NEW,
                              .id = id,
                              .nature = nature,
                              .level = level,
                              .about_unit = about_unit,
                              .round = 1,
                              .flags = confidential ? (u32)CASE_FLAG_CONFIDENTIAL : 0};
}

bool case_state_open(enum case_state s) { return s >= CASE_DISCOVERED && s <= CASE_VERIFYING; }

/* The fields that an act leaves behind besides state and flags. */
static void record(struct case_view *v, const struct act_request *q, const struct caseflow_row *row)
{
    switch (row->act) {
    case ACT_RECEIVE:
        v->opened = q->now;
        break;
    case ACT_ASSIGN:
        /* 首接负责: who had it first and gets it back leads, and may not push it away again. */
        if (v->first_unit == 0)
            v->first_unit = q->unit;
        else if (v->first_unit == q->unit)
            v->flags |= CASE_FLAG_RULED;
        v->unit = q->unit;
        v->assigned = q->now;
        break;
    case ACT_FOLLOW:
        v->unit = q->unit;
        break;
    case ACT_SIGN:
        v->signed_at = q->now;
        break;
    case ACT_RETURN_GRANT:
        v->unit = 0;
        break;
    case ACT_EXTEND_ASK:
        v->asked_amount = q->amount;
        break;
    case ACT_EXTEND_GRANT:
        v->extended = v->asked_amount;
        break;
    case ACT_PAUSE_ASK:
        v->pause_cause = q->pause_cause;
        v->pause_until = q->until;
        break;
    case ACT_REPLY:
        v->handler = q->actor.staff;
        v->replied = q->now;
        break;
    case ACT_APPROVE:
        v->callback_tries = 0;
        break;
    case ACT_CALLBACK_ATTEMPT:
        v->callback_tries++;
        v->callback_day = china_day(q->now);
        if (v->callback_tries == CALLBACK_TRIES - 1 && v->state == CASE_VERIFYING)
            v->flags |= CASE_FLAG_TRIED_TWICE;
        break;
    case ACT_SUPERVISE:
        v->rung = q->rung;
        break;
    case ACT_PROPOSE:
        v->proposed = q->rung;
        break;
    default:
        break;
    }
}

#define ASK_FLAGS ((u32)(CASE_FLAG_RETURN_ASKED | CASE_FLAG_EXTENSION_ASKED | CASE_FLAG_PAUSE_ASKED))

static void follow(struct case_view *v, const struct act_request *q, const struct caseflow_row *row)
{
    enum case_state before = v->state;
    if (row->to == CASE_TO_BACK)
        v->state = v->merged_from;
    else if (row->to != CASE_TO_SAME)
        v->state = (enum case_state)row->to;
    v->merged_from = v->state == CASE_MERGED ? (before == CASE_MERGED ? v->merged_from : before) : CASE_NEW;
    v->flags = (v->flags & ~row->clear) | row->set;
    record(v, q, row);

    if ((row->set & ASK_FLAGS) != 0) {
        v->asker = q->actor.staff;
        v->asked = q->now;
    }
    if ((v->flags & ASK_FLAGS) == 0) {
        v->asker = 0;
        v->asked = (instant){0};
        v->asked_amount = 0;
    }
    if ((v->flags & (CASE_FLAG_PAUSED | CASE_FLAG_PAUSE_ASKED)) == 0) {
        v->pause_cause = PAUSE_NONE;
        v->pause_until = (instant){0};
    }
    if (row->new_round) {
        v->round++;
        v->callback_tries = 0;
        v->extended = 0;
    }
    /* A new handling clock starts a new ladder: the rungs of the old one were climbed for the old delay. */
    if ((row->start & (1u << CLOCK_HANDLING)) != 0 || (row->clear & CASE_FLAG_SUPERVISED) != 0) {
        v->rung = RUNG_NONE;
        v->proposed = RUNG_NONE;
        v->flags &= ~(u32)CASE_FLAG_SUPERVISED;
    }
    if (((row->start | row->stop) & ~(1u << CLOCK_HANDLING)) != 0) v->flags &= ~(u32)CASE_FLAG_LATE;
    if (((row->start | row->stop) & (1u << CLOCK_HANDLING)) != 0) v->due = (instant){0};
    if (v->state == CASE_CLOSED && before != CASE_CLOSED) {
        v->ending = row->ending;
        v->closed = q->now;
    } else if (v->state != CASE_CLOSED) {
        v->ending = ENDING_NONE;
        v->closed = (instant){0};
    }
    v->version++;
}

enum refusal caseflow_apply(const struct case_view *view, const struct act_request *req,
                            struct outcome *outcome_r)
{
    const struct caseflow_row *row = NULL;
    *outcome_r = (struct outcome){.view = *view};
    enum refusal r = caseflow_judge(view, req, outcome_r, &row);
    if (r != REFUSE_NONE) return r;

    follow(&outcome_r->view, req, row);
    outcome_r->row = row;
    outcome_r->clocks_start = row->start;
    outcome_r->clocks_stop = row->stop;
    outcome_r->clocks_hold = row->hold;
    outcome_r->clocks_resume = row->resume;
    outcome_r->extend_by = row->act == ACT_EXTEND_GRANT ? view->asked_amount : 0;
    outcome_r->notices = row->notices;
    outcome_r->letter = row->act == ACT_SUPERVISE ? caseflow_rung_letter(req->rung) : row->letter;
    return REFUSE_NONE;
}
