/* Whether an act may be done: who sees the case, whose post counts on it, which row of the table fits, and what the row alone cannot say.
 * It changes nothing. */
#include "core/caseflow_part.h"
#include <stdio.h>
#include <string.h>

#define OFFICE_ROLES                                                                                         \
    (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_REGISTRY) |                      \
     ROLE_BIT(ROLE_CALLBACK))
#define UNIT_ROLES (ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER))

struct judge { /* one try of one act; collects the sentence for a refusal */
    const struct case_view *view;
    const struct actor *actor;
    const struct act_request *req; /* NULL: inputs and time are not judged (buttons) */
    char *detail;
};

static void say(const struct judge *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(const struct judge *j, const char *fmt, ...)
{
    va_list ap;
    if (j->detail == NULL) return;
    va_start(ap, fmt);
    vsnprintf(j->detail, CASEFLOW_DETAIL_MAX, fmt, ap);
    va_end(ap);
}

static bool is_confidential(const struct case_view *v) { return (v->flags & CASE_FLAG_CONFIDENTIAL) != 0; }

/* Does the person hold another post there? Neither the acting unit nor the home unit counts. */
static bool works_also_in(const struct actor *a, i64 unit)
{
    for (size_t i = 0; i < ACTOR_OTHERS_MAX && a->others[i] != 0; i++)
        if (a->others[i] == unit && unit != a->unit && unit != a->home_unit) return true;
    return false;
}

/* Nobody whose own, other or former unit a confidential case is about may even know of it. */
static bool from_about_unit(const struct case_view *v, const struct actor *a)
{
    return v->about_unit != 0 &&
           (a->unit == v->about_unit || a->home_unit == v->about_unit || works_also_in(a, v->about_unit));
}

bool caseflow_visible(const struct case_view *view, const struct actor *actor)
{
    if (actor->kind != ACTOR_STAFF || !is_confidential(view)) return true;
    if (from_about_unit(view, actor)) return false;
    if (actor->shared || (actor->roles & ROLE_BIT(ROLE_ACCOUNTABILITY)) != 0) return true;
    return (actor->roles & UNIT_ROLES) != 0 && view->unit != 0 && actor->unit == view->unit;
}

/* The roles that count on this case: unit roles only in the unit that has it; on a confidential case
 * 追责问责组 does the office's work, because nobody else there may see it. */
static u32 who_mask(const struct case_view *v, const struct actor *a)
{
    if (a->kind != ACTOR_STAFF) return WHO_KIND(a->kind);
    u32 roles = a->roles;
    if (v->unit == 0 || a->unit != v->unit) roles &= ~UNIT_ROLES;
    if (!is_confidential(v)) return roles;
    if ((roles & ROLE_BIT(ROLE_ACCOUNTABILITY)) != 0) roles |= OFFICE_ROLES;
    return roles;
}

static bool row_fits(const struct caseflow_row *r, const struct case_view *v)
{
    return (r->from & (1u << v->state)) != 0 && (v->flags & r->require) == r->require &&
           (v->flags & r->forbid) == 0;
}

static bool row_takes(const struct caseflow_row *r, const struct case_view *v, const struct actor *a)
{
    if ((r->who & who_mask(v, a)) != 0) return true;
    /* A co-assigned unit may put its part on record; the lead unit keeps the clock and the answer. */
    return r->act == ACT_NOTE && a->kind == ACTOR_STAFF && a->co_unit && (a->roles & UNIT_ROLES) != 0;
}

static void say_who(const struct judge *j, enum case_act act)
{
    struct text names;
    size_t n;
    u32 who = 0;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].act == act && row_fits(&rows[i], j->view)) who |= rows[i].who;
    if (j->detail == NULL) return;
    text_init(&names, CASEFLOW_DETAIL_MAX / 2);
    for (unsigned r = 0; r < ROLES_N; r++)
        if ((who & ROLE_BIT(r)) != 0)
            text_addf(&names, "%s%s", names.n > 0 ? "、" : "", staff_role_chinese((enum staff_role)r));
    for (unsigned k = 0; k < ACTOR_KINDS_N; k++)
        if ((who & WHO_KIND(k)) != 0)
            text_addf(&names, "%s%s", names.n > 0 ? "、" : "", actor_kind_chinese((enum actor_kind)k));
    say(j, "“%s”由%s办理。", case_act_chinese(act), text_z(&names));
    text_free(&names);
}

/* State and flags first, then the person: telling who may do what cannot be done anyway helps nobody. */
static enum refusal row_pick(const struct judge *j, enum case_act act, const struct caseflow_row **row_r)
{
    size_t n;
    u32 missing = 0, in_the_way = 0;
    bool state = false, fits = false;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++) {
        const struct caseflow_row *r = &rows[i];
        if (r->act != act || (r->from & (1u << j->view->state)) == 0) continue;
        state = true;
        if (!row_fits(r, j->view)) {
            missing = r->require & ~j->view->flags;
            in_the_way = r->forbid & j->view->flags;
            continue;
        }
        fits = true;
        if (!row_takes(r, j->view, j->actor)) continue;
        *row_r = r;
        return REFUSE_NONE;
    }
    if (fits) {
        say_who(j, act);
        return REFUSE_FORBIDDEN;
    }
    u32 blocking = in_the_way != 0 ? in_the_way : missing;
    if (!state || blocking == 0)
        say(j, "办件处于“%s”，不能“%s”。", case_state_chinese(j->view->state), case_act_chinese(act));
    else
        say(j, "%s“%s”，不能“%s”。", in_the_way != 0 ? "办件" : "办件尚无",
            case_flag_chinese((unsigned)__builtin_ctz(blocking)), case_act_chinese(act));
    return REFUSE_ACT_ILLEGAL;
}

/* 回避. A unit answers for itself, so its own handler and leader may work on a case about their unit; everybody
 * else steps aside from a case about a unit where they work, in whichever post, or come from, and nobody judges a
 * case that such a unit handles. */
static enum refusal check_recusal(const struct judge *j, const struct caseflow_row *row)
{
    const struct case_view *v = j->view;
    const struct actor *a = j->actor;
    if (a->kind != ACTOR_STAFF) return REFUSE_NONE;
    bool own_work =
        (a->co_unit || (v->unit != 0 && a->unit == v->unit)) && (row->who & a->roles & UNIT_ROLES) != 0;
    bool about =
        v->about_unit != 0 && (a->home_unit == v->about_unit || (!own_work && a->unit == v->about_unit));
    if (own_work && a->home_unit == a->unit && !is_confidential(v)) about = false;
    if (about || (v->about_unit != 0 && works_also_in(a, v->about_unit))) {
        say(j, "办件反映的是您所在、兼职或借调前的单位，应当回避。");
        return REFUSE_RECUSED;
    }
    if ((row->needs & NEED_OUTSIDE) != 0 && v->unit != 0 &&
        (a->unit == v->unit || a->home_unit == v->unit || works_also_in(a, v->unit))) {
        say(j, "您来自承办单位，应当回避。");
        return REFUSE_RECUSED;
    }
    return REFUSE_NONE;
}

static enum refusal check_second_person(const struct judge *j, const struct caseflow_row *row)
{
    const struct case_view *v = j->view;
    const struct actor *a = j->actor;
    if (a->kind != ACTOR_STAFF) return REFUSE_NONE;
    if ((row->needs & NEED_NOT_AUTHOR) != 0 && v->handler != 0 && a->staff == v->handler) {
        say(j, "答复由您拟写，“%s”须由另一人办理。", case_act_chinese(row->act));
        return REFUSE_SECOND_PERSON;
    }
    if ((row->needs & NEED_NOT_ASKER) != 0 && v->asker != 0 && a->staff == v->asker) {
        say(j, "申请由您提出，“%s”须由另一人办理。", case_act_chinese(row->act));
        return REFUSE_SECOND_PERSON;
    }
    return REFUSE_NONE;
}

static bool blank(struct str s) { return str_trim(s).n == 0; }

static u32 missing_needs(const struct case_view *v, const struct act_request *q,
                         const struct caseflow_row *row)
{
    u32 m = 0;
    if (blank(q->reason)) m |= NEED_REASON;
    if (blank(q->text)) m |= NEED_TEXT;
    if (q->evidence <= 0) m |= NEED_EVIDENCE;
    if (q->unit <= 0) m |= NEED_UNIT;
    if (blank(q->ground)) m |= NEED_GROUND;
    if (blank(q->way)) m |= NEED_WAY;
    if (blank(q->receiver)) m |= NEED_RECEIVER;
    if (q->target <= 0 || q->target == v->id) m |= NEED_TARGET;
    if (q->person <= 0) m |= NEED_PERSON;
    if (q->amount <= 0) m |= NEED_AMOUNT;
    if (q->pause_cause <= PAUSE_NONE || q->pause_cause >= PAUSE_CAUSES_N) m |= NEED_PAUSE_CAUSE;
    if (!instant_before(q->now, q->until)) m |= NEED_UNTIL;
    if (q->rung <= RUNG_NONE || q->rung > RUNG_HAND_OVER) m |= NEED_RUNG;
    if (q->part_nature == NATURE_UNKNOWN) m |= NEED_NATURE;
    if (blank(q->rest)) m |= NEED_REST;
    return m & row->needs;
}

static enum refusal check_needs(const struct judge *j, const struct caseflow_row *row)
{
    u32 m = missing_needs(j->view, j->req, row);
    if (m != 0) {
        struct text names;
        text_init(&names, CASEFLOW_DETAIL_MAX / 2);
        for (unsigned b = 0; b < NEEDS_N; b++)
            if ((m & (1u << b)) != 0)
                text_addf(&names, "%s%s", names.n > 0 ? "、" : "", case_need_chinese(b));
        say(j, "“%s”还缺少：%s。", case_act_chinese(row->act), text_z(&names));
        text_free(&names);
        return REFUSE_ACT_NEEDS;
    }
    if (j->req->rating < 0 || j->req->rating > 5) {
        say(j, "评价等级应为 1 到 5，未评价留空。");
        return REFUSE_RATING_RANGE;
    }
    return REFUSE_NONE;
}

static enum refusal refuse_illegal(const struct judge *j, const char *why)
{
    say(j, "%s", why);
    return REFUSE_ACT_ILLEGAL;
}

static enum refusal refuse_needs(const struct judge *j, const char *why)
{
    say(j, "%s", why);
    return REFUSE_ACT_NEEDS;
}

static enum call_end call_end_of(enum case_act act)
{
    switch (act) {
    case ACT_CALLBACK_SOLVED:
        return CALL_END_SOLVED;
    case ACT_CALLBACK_UNSOLVED:
        return CALL_END_UNSOLVED;
    case ACT_CALLBACK_ATTEMPT:
        return CALL_END_ATTEMPT;
    case ACT_CALLBACK_REFUSED:
        return CALL_END_REFUSED;
    default:
        return CALL_END_NONE;
    }
}

/* What depends on more than one field and so cannot stand in a row. */
static enum refusal check_values(const struct judge *j, const struct caseflow_row *row)
{
    const struct case_view *v = j->view;
    const struct act_request *q = j->req;
    const char *fault = call_answers_fault(&q->answers, call_end_of(row->act));
    if (fault) return refuse_needs(j, fault);
    switch (row->act) {
    case ACT_ASSIGN:
        if ((is_confidential(v) || v->nature == NATURE_REPORT) && q->unit == v->about_unit) {
            say(j, "举报件不得交被反映的单位办理。");
            return REFUSE_RECUSED;
        }
        return REFUSE_NONE;
    case ACT_CO_ASSIGN:
        if (q->unit == v->unit) return refuse_needs(j, "会办单位不能是主办单位。");
        if ((is_confidential(v) || v->nature == NATURE_REPORT) && q->unit == v->about_unit) {
            say(j, "举报件不得交被反映的单位会办。");
            return REFUSE_RECUSED;
        }
        return REFUSE_NONE;
    case ACT_FOLLOW:
        if (q->unit == v->unit) return refuse_needs(j, "办件已由这个单位承办。");
        if ((is_confidential(v) || v->nature == NATURE_REPORT) && q->unit == v->about_unit) {
            say(j, "举报件不得随机构调整转交被反映的单位。");
            return REFUSE_RECUSED;
        }
        return REFUSE_NONE;
    case ACT_SHARE:
        if (v->about_unit != 0 && q->person_about) {
            say(j, "不得让被反映单位的人员知悉保密件。");
            return REFUSE_RECUSED;
        }
        return REFUSE_NONE;
    case ACT_EXTEND_ASK:
        if (v->due.us == 0 || !instant_before(q->now, v->due))
            return refuse_illegal(j, "延期应当在办理时限届满前申请。");
        if (q->amount > v->limit_amount) return refuse_needs(j, "延长的时限不得超过原办理时限。");
        return REFUSE_NONE;
    case ACT_PAUSE_ASK:
        if (instant_before(instant_add(q->now, SPAN_H(24 * CASE_PAUSE_DAYS_MAX)), q->until))
            return refuse_needs(j, "挂起最长九十日。");
        return REFUSE_NONE;
    case ACT_PAUSE_GRANT:
        if (!instant_before(q->now, v->pause_until)) return refuse_illegal(j, "申请的挂起期限已过。");
        return REFUSE_NONE;
    case ACT_RESUME:
        if (j->actor->kind == ACTOR_CLOCK && instant_before(q->now, v->pause_until))
            return refuse_illegal(j, "挂起期限未到。");
        return REFUSE_NONE;
    case ACT_CALLBACK_ATTEMPT:
        if (v->callback_tries > 0 && china_day(q->now) <= v->callback_day)
            return refuse_illegal(j, "同一天的回访只计一次，请改日再试。");
        return REFUSE_NONE;
    case ACT_SUPERVISE:
        if (q->rung <= v->rung) return refuse_illegal(j, "督办等级只能提高，不能重复。");
        if (q->rung > row->rung_max) {
            say(j, "您的岗位最高可督办到“%s”。", supervise_rung_chinese(row->rung_max));
            return REFUSE_FORBIDDEN;
        }
        /* The rung is climbed by the signature, not by the wish: number and paper exist then. */
        if (j->actor->kind == ACTOR_STAFF && q->rung >= RUNG_YELLOW && q->letter <= 0 &&
            caseflow_rung_letter(q->rung) != LETTER_NONE) {
            say(j, "“%s”须先拟稿、核稿、签发%s，签发时一并登记督办。", supervise_rung_chinese(q->rung),
                case_letter_chinese(caseflow_rung_letter(q->rung)));
            return REFUSE_ACT_NEEDS;
        }
        return REFUSE_NONE;
    case ACT_PROPOSE:
        if (q->rung <= v->rung || q->rung <= v->proposed)
            return refuse_illegal(j, "这一级督办已经拟办或者已经发出。");
        return REFUSE_NONE;
    case ACT_CALLBACK_SOLVED:
    case ACT_CONFIRM_SOLVED:
    case ACT_ACCEPT_PARTLY:
        if (q->rating > 0 && q->rating < RATING_SATISFIED_MIN)
            return refuse_needs(j, "评价为不满意的，应登记为未解决并发回重办。");
        return REFUSE_NONE;
    case ACT_REOPEN:
        if (j->actor->kind == ACTOR_CITIZEN &&
            instant_before(instant_add(v->closed, SPAN_H(24 * CASE_REOPEN_DAYS)), q->now))
            return refuse_illegal(j, "销号已超过三十日，请重新提交反映。");
        return REFUSE_NONE;
    case ACT_OBJECT: /* a declined case has no such instant: it was never answered, and is objected to once */
        if (v->state == CASE_CLOSED &&
            instant_before(instant_add(v->closed, SPAN_H(24 * CASE_REOPEN_DAYS)), q->now))
            return refuse_illegal(j, "销号已超过三十日，不能再提异议，请重新提交反映。");
        return REFUSE_NONE;
    case ACT_SPLIT:
        if (q->part_nature == NATURE_RATE) return refuse_needs(j, "评价不单独立件，请选择其他性质。");
        /* Who the report is about may not even know of it. */
        if (q->part_nature == NATURE_REPORT && q->about != 0 &&
            (j->actor->unit == q->about || j->actor->home_unit == q->about)) {
            say(j, "拆出的举报反映的是您所在或借调前的单位，应当回避。");
            return REFUSE_RECUSED;
        }
        return REFUSE_NONE;
    case ACT_WITHDRAW:
        if (q->reporters > 1)
            return refuse_illegal(j, "同一事项还有别人反映，不能撤回；您不再追究的，可以补充说明。");
        return REFUSE_NONE;
    default:
        return REFUSE_NONE;
    }
}

static enum refusal check_version(const struct judge *j)
{
    i64 seen = j->req->expected_version;
    if (seen == j->view->version) return REFUSE_NONE;
    if (seen == CASE_VERSION_ANY && j->actor->kind != ACTOR_STAFF) return REFUSE_NONE;
    say(j, "您看到的是第%lld版，办件已更新到第%lld版，请刷新。", (long long)seen,
        (long long)j->view->version);
    return REFUSE_CASE_CHANGED;
}

static enum refusal judge_request(const struct judge *j, const struct caseflow_row **row_r)
{
    enum refusal r;
    if ((unsigned)j->req->act >= ACTS_N) return refuse_illegal(j, "没有这种办理动作。");
    if (!caseflow_visible(j->view, j->actor)) return REFUSE_CASE_UNKNOWN;
    if ((r = check_version(j)) != REFUSE_NONE) return r;
    if ((r = row_pick(j, j->req->act, row_r)) != REFUSE_NONE) return r;
    if ((r = check_recusal(j, *row_r)) != REFUSE_NONE) return r;
    if ((r = check_second_person(j, *row_r)) != REFUSE_NONE) return r;
    if ((r = check_needs(j, *row_r)) != REFUSE_NONE) return r;
    return check_values(j, *row_r);
}

enum refusal caseflow_judge(const struct case_view *view, const struct act_request *req,
                            struct outcome *outcome_r, const struct caseflow_row **row_r)
{
    const struct judge j = {.view = view, .actor = &req->actor, .req = req, .detail = outcome_r->detail};
    return judge_request(&j, row_r);
}

size_t caseflow_allowed(const struct case_view *view, const struct actor *actor, enum case_act out[ACTS_N])
{
    const struct judge j = {.view = view, .actor = actor};
    const struct caseflow_row *first[ACTS_N] = {0}; /* what row_pick would find, for all acts in one pass */
    size_t n = 0, n_rows;
    if (!caseflow_visible(view, actor)) return 0;
    const struct caseflow_row *rows = caseflow_acts(&n_rows);
    for (size_t i = 0; i < n_rows; i++)
        if (!first[rows[i].act] && row_fits(&rows[i], view) && row_takes(&rows[i], view, actor))
            first[rows[i].act] = &rows[i];
    for (unsigned a = 0; a < ACTS_N; a++) {
        if (!first[a] || check_recusal(&j, first[a]) != REFUSE_NONE ||
            check_second_person(&j, first[a]) != REFUSE_NONE)
            continue;
        out[n++] = (enum case_act)a;
    }
    return n;
}
