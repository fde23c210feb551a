/* What an act means for its case: judged by core/caseflow, then unit, level, clocks and version settled. Nothing is stored. */
#include "callbacks.h"
#include "casework.h"
#include "ids.h"
#include "metrics.h"
#include "register.h"
#include "rules.h"
#include "base/log.h"
#include <stdio.h>

/* Stations handle for their unit; nothing is given to a unit that no longer exists. */
static bool settle_unit(struct gateway *g, struct act_request *req)
{
    if (!req->unit) return true;
    const struct unit *u = register_unit_now(g, (int)req->unit);
    if (u && str_eq(u->kind, STR("station"))) u = register_unit(g, u->parent_id);
    if (!u || u->retired) return false;
    req->unit = u->id;
    return true;
}

/* 退回: a ruling says whose time the dispute has cost. Refused: from the request on it was the unit's own delay; granted:
 * all of it since the assignment was lost by those who gave it to the wrong unit. */
static void charge(struct gateway *g, struct casework_step *s)
{
    const struct case_view *v = &s->before.view;
    instant from = s->req.act == ACT_RETURN_REFUSE  ? v->asked
                   : s->req.act == ACT_RETURN_GRANT ? v->assigned
                                                    : (instant){0};
    if (from.us == 0) return;
    s->charged_unit = s->req.act == ACT_RETURN_REFUSE ? v->unit : register_triage_unit(g);
    s->charged_minutes = (int)(instant_sub(s->req.now, from).us / SPAN_MIN(1).us);
}

/* A danger that is told later: what runs has from then on no more time than level 1 gives. */
static void hasten(struct gateway *g, struct casework_step *s, const struct deadline_rules *rules)
{
    const struct case_view *v = &s->after.view;
    struct case_clocks *c = &s->after.clocks;
    instant due;
    int year = 0;
    if (!s->later.danger || s->before.view.level == 1 || c->held_since.us) return;
    if (c->handling_due.us &&
        deadline_due(rules, register_workdays(g), CLOCK_HANDLING, 1, v->round, s->req.now, &due, &year,
                     NULL) &&
        instant_before(due, c->handling_due))
        c->handling_due = due;
    if (c->due.us && (c->due_clock == CLOCK_ACCEPT || c->due_clock == CLOCK_SIGN) &&
        deadline_due(rules, register_workdays(g), c->due_clock, 1, v->round, s->req.now, &due, &year, NULL) &&
        instant_before(due, c->due))
        c->due = due;
    if (!clocks_next(rules, register_workdays(g), v, c, &year)) COUNT(NO_CALENDAR);
}

/* A person waits until the calendar is there; what the citizen says, and what the clock owes, is stored all the same, and
 * the deadline follows with the year (gateway/clock.c). */
static enum refusal settle_clocks(struct gateway *g, struct casework_step *s)
{
    const struct deadline_rules rules = rules_deadline(g);
    int year = 0;
    bool known = clocks_after(&rules, register_workdays(g), &s->outcome, s->req.now, &s->after.clocks, &year);
    hasten(g, s, &rules);
    s->after.view.due = s->after.clocks.handling_due;
    if (known) return REFUSE_NONE;
    COUNT(NO_CALENDAR);
    log_line(LOG_WARNING, LOG_STAFF, "no calendar for a deadline", "year=%d", year);
    if (s->req.actor.kind != ACTOR_STAFF) return REFUSE_NONE;
    snprintf(s->outcome.detail, sizeof s->outcome.detail,
             "时限落入%d年，该年工作日历尚未载入。请系统管理员导入%d年工作日历后再办理。", year, year);
    return REFUSE_CALENDAR_MISSING;
}

/* As the router has it: 特急 is level 1 whatever the matter; what is not counts by its matter again. Who names a category says nothing of
 * the danger in the words: the urgency that the case has goes on until an assignment names another. */
static void settle_level(const struct gateway *g, const struct casework_step *s, const struct category *cat,
                         struct case_view *judged)
{
    const bool said = s->req.act == ACT_ASSIGN && s->req.urgency.n > 0;
    if (!said && !cat) return;
    if (!cat) cat = register_category(g, s->before.category);
    const struct str urgency = said ? s->req.urgency : s->before.urgency;
    if (str_eq(urgency, str_of(urgency_chinese(URGENCY_CRITICAL))))
        judged->level = 1;
    else if (cat)
        judged->level = cat->level;
}

/* A danger in what is added counts like one in the first words. An allegation waits for 追责问责组 as at intake: until a note of theirs
 * says that they have looked, or the case is given out anew, no unit sees the case. What is confidential is theirs alone anyhow, and of
 * a report the unit that it names sees nothing; one that names nobody (goods, a trader) is handled like any other. */
static void settle_later(struct casework_step *s)
{
    const struct actor *a = &s->req.actor;
    const bool theirs = (s->after.view.nature == NATURE_REPORT && s->after.view.about_unit) ||
                        (s->after.view.flags & CASE_FLAG_CONFIDENTIAL) != 0;
    if (s->later.danger) s->after.urgency = str_of(urgency_chinese(URGENCY_CRITICAL));
    if (s->later.misconduct && !theirs) {
        if (!s->after.held) COUNT(ROUTE_HELD);
        s->after.held = true;
    } else if (s->req.act == ACT_NOTE && a->kind == ACTOR_STAFF &&
               (a->roles & ROLE_BIT(ROLE_ACCOUNTABILITY)) && s->after.view.state != CASE_DISCOVERED) {
        s->after.held = false;
    }
}

enum refusal casework_prepare(struct gateway *g, struct casework_step *s)
{
    struct case_view judged = s->before.view;
    struct str category = s->category;
    const struct category *cat = category.n ? register_category(g, category) : NULL;
    if (!settle_unit(g, &s->req) || (category.n && !cat)) return REFUSE_UNKNOWN_FIELD;
    if (cat && cat->confidential) judged.flags |= CASE_FLAG_CONFIDENTIAL;
    settle_level(g, s, cat, &judged);
    /* What an extension is measured by is the limit that is counted: of this level, in this round. */
    const struct deadline_rules rules = rules_deadline(g);
    judged.limit_amount =
        MAX(deadline_limit(&rules, CLOCK_HANDLING, judged.level, judged.round).n, judged.extended);
    if (s->req.act == ACT_ASSIGN && judged.nature == NATURE_REPORT && judged.about_unit &&
        judged.about_unit == s->req.unit) {
        snprintf(s->outcome.detail, sizeof s->outcome.detail, "举报件不得交由被举报单位办理。");
        return REFUSE_RECUSED;
    }
    if (s->req.act == ACT_ASSIGN && s->req.part_nature == NATURE_REPORT && judged.nature != NATURE_REPORT &&
        !(judged.flags & CASE_FLAG_CONFIDENTIAL)) {
        snprintf(s->outcome.detail, sizeof s->outcome.detail,
                 "举报内容不能按普通件交办，请拆分成举报件，或改为保密类别由追责问责组办理。");
        return REFUSE_ACT_ILLEGAL;
    }
    if (s->later.danger) judged.level = 1;
    callbacks_view(&s->task, &judged);
    enum refusal r = caseflow_apply(&judged, &s->req, &s->outcome);
    if (r == REFUSE_NONE) r = callbacks_settle(&s->task, &s->req, &s->outcome, judged.state);
    if (r != REFUSE_NONE) return r;
    if (s->task.feedback) s->req.feedback = s->task.feedback; /* the record always says who was asked */
    if (s->req.act == ACT_SPLIT) /* judged; what goes where stands with the parts, for their own readers */
        s->req.reason = s->req.text = s->req.rest = STR_NONE;

    struct case_row *after = &s->after;
    *after = s->before;
    after->view = s->outcome.view;
    if (after->view.unit == 0)
        after->view.unit = register_triage_unit(g); /* a granted return goes back to the triage desk */
    if (category.n) after->category = category;
    if (s->req.act == ACT_ASSIGN) {
        after->held = after->triage = false;
        after->higher = s->req.higher;
        if (s->req.urgency.n) after->urgency = s->req.urgency;
    }
    settle_later(s);
    if (s->req.act == ACT_MERGE) after->merged_into = s->req.target;
    if (s->req.act == ACT_UNMERGE) after->merged_into = 0;
    s->co_unit = s->req.act == ACT_CO_ASSIGN ? s->req.unit : 0;
    s->share = s->req.act == ACT_SHARE ? s->req.person : 0;
    charge(g, s);
    if ((r = settle_clocks(g, s)) != REFUSE_NONE) return r;
    after->view.version = s->before.view.version + 1;
    s->act_id = ids_next(g);
    return s->act_id ? REFUSE_NONE : REFUSE_UNAVAILABLE;
}
