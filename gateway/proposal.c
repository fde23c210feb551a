#include "proposal.h"
#include "intake.h"
#include "metrics.h"
#include "register.h"
#include "base/code.h"
#include "base/utf8.h"
#include "core/normalise.h"

/* Until it is split, what stays is offered to nobody who would read the allegation against himself. */
static void leave_out(const struct routing *r, int about, struct decision *d)
{
    size_t n = 0, n_units = 0;
    for (size_t i = 0; i < d->n_guesses; i++)
        if (!route_walled(r, about, d->guesses[i].unit_id)) d->guesses[n++] = d->guesses[i];
    for (size_t i = 0; i < d->n_units; i++)
        if (!route_walled(r, about, d->units[i])) d->units[n_units++] = d->units[i];
    d->n_guesses = n;
    d->n_units = n_units;
}

bool proposal_make(struct gateway *g, struct arena *a, struct str masked, const struct route_input *in,
                   struct decision *d, struct proposal *p)
{
    struct str raw[ROUTE_SENTENCES], clean[ROUTE_SENTENCES];
    if (d->nature != NATURE_REPORT || !d->confidential || in->nature == NATURE_REPORT) return false;
    p->n = route_sentences(masked, raw, ROUTE_SENTENCES);
    for (size_t i = 0; i < p->n; i++) {
        size_t from = utf8_count((struct str){masked.p, (size_t)(raw[i].p - masked.p)});
        p->spans[i].from = (int)from;
        p->spans[i].to = (int)(from + utf8_count(raw[i]));
        clean[i] = intake_cleaned(g, raw[i], a);
        if (!clean[i].p) return false;
    }
    if (!route_propose(register_routing(g), in, d, clean, p->n, a, &p->parts)) return false;
    enum urgency urgency = MAX(d->urgency, p->parts.rest.urgency);
    int level = urgency == URGENCY_CRITICAL ? 1 : p->parts.rest.level;
    *d = p->parts.rest;
    d->urgency = urgency;
    d->level = level;
    d->held = d->triage = d->opens_case = true;
    d->unit_id = register_triage_unit(g);
    leave_out(register_routing(g), p->parts.report.about_unit_id, d);
    if (d->n_because == ROUTE_BECAUSE) d->n_because--;
    for (size_t i = d->n_because++; i > 0; i--) d->because[i] = d->because[i - 1];
    d->because[0] = STR("正文既有反映廉洁问题的内容，又有其他事项，建议拆分为两件；拆分前各承办单位均不可见");
    COUNT(ROUTE_PROPOSED);
    return true;
}

static void put_unit(struct gateway *g, const char *name, int id, struct text *t)
{
    text_addf(t, ",\"%s\":", name);
    register_unit_whole_json(g, id, t);
}

static void put_part(struct gateway *g, const struct proposal *p, bool report, struct text *t)
{
    const struct decision *d = report ? &p->parts.report : &p->parts.rest;
    const struct category *c = register_category(g, d->category);
    text_addz(t, "{\"spans\":[");
    bool first = true;
    for (size_t i = 0; i < p->n; i++) {
        if (p->parts.alleges[i] != report) continue;
        text_addf(t, "%s[%d,%d]", first ? "" : ",", p->spans[i].from, p->spans[i].to);
        first = false;
    }
    text_addf(t, "],\"nature\":\"%s\",\"category\":{\"code\":", nature_word(d->nature));
    json_put(t, d->category);
    text_addz(t, ",\"name\":");
    json_put(t, c ? c->name : d->category);
    text_addc(t, '}');
    put_unit(g, "unit", d->guesses[0].unit_id && !report ? d->guesses[0].unit_id : d->unit_id, t);
    put_unit(g, "about_unit", d->about_unit_id, t);
    text_addz(t, ",\"because\":");
    json_put(t, d->n_guesses && d->guesses[0].because.n ? d->guesses[0].because : STR(""));
    text_addc(t, '}');
}

void proposal_json(struct gateway *g, const struct proposal *p, struct text *t)
{
    text_addz(t, ",\"proposal\":{\"report\":");
    put_part(g, p, true, t);
    text_addz(t, ",\"rest\":");
    put_part(g, p, false, t);
    text_addc(t, '}');
}
