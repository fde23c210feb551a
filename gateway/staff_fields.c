/* The inputs of an act: one table of names for the request, the buttons and the list of what is missing. */
#include "staff_part.h"
#include <stddef.h>

#define AT(member) offsetof(struct act_request, member)
const struct staff_field staff_fields[] = {
    {"unit", NEED_UNIT, FIELD_ID, AT(unit)},
    {"reason", NEED_REASON, FIELD_TEXT, AT(reason)},
    {"words", NEED_TEXT, FIELD_TEXT, AT(text)},
    {"evidence", NEED_EVIDENCE, FIELD_EVIDENCE, AT(evidence)},
    {"legal_ground", NEED_GROUND, FIELD_TEXT, AT(ground)},
    {"way", NEED_WAY, FIELD_TEXT, AT(way)},
    {"receiver", NEED_RECEIVER, FIELD_TEXT, AT(receiver)},
    {"target", NEED_TARGET, FIELD_ID, AT(target)},
    {"person", NEED_PERSON, FIELD_ID, AT(person)},
    {"amount", NEED_AMOUNT, FIELD_SMALL, AT(amount)},
    {"pause_cause", NEED_PAUSE_CAUSE, FIELD_CAUSE, AT(pause_cause)},
    {"until", NEED_UNTIL, FIELD_UNTIL, AT(until)},
    {"rung", NEED_RUNG, FIELD_SMALL, AT(rung)},
    {"nature", NEED_NATURE, FIELD_NATURE, AT(part_nature)},
    {"rest", NEED_REST, FIELD_TEXT, AT(rest)},
    {"urgency", 0, FIELD_URGENCY, AT(urgency)},
    {"about", 0, FIELD_ID, AT(about)},
    {"higher", 0, FIELD_TEXT, AT(higher)},
    {"feedback", 0, FIELD_ID, AT(feedback)},
    {"rating", 0, FIELD_SMALL, AT(rating)},
    {"answers", 0, FIELD_ANSWERS, AT(answers)},
};
const size_t n_staff_fields = ARRAY_LEN(staff_fields);

void staff_needs_json(u32 needs, struct text *out)
{
    bool more = false;
    text_addc(out, '[');
    for (size_t i = 0; i < n_staff_fields; i++) {
        if (!(needs & staff_fields[i].need)) continue;
        text_addf(out, "%s\"%s\"", more ? "," : "", staff_fields[i].name);
        more = true;
    }
    text_addc(out, ']');
}

static u32 given(const struct act_request *q)
{
    u32 m = 0;
    if (str_trim(q->reason).n) m |= NEED_REASON;
    if (str_trim(q->text).n) m |= NEED_TEXT;
    if (str_trim(q->ground).n) m |= NEED_GROUND;
    if (str_trim(q->way).n) m |= NEED_WAY;
    if (str_trim(q->receiver).n) m |= NEED_RECEIVER;
    if (q->evidence > 0) m |= NEED_EVIDENCE;
    if (q->unit > 0) m |= NEED_UNIT;
    if (q->target > 0) m |= NEED_TARGET;
    if (q->person > 0) m |= NEED_PERSON;
    if (q->amount > 0) m |= NEED_AMOUNT;
    if (q->pause_cause > PAUSE_NONE) m |= NEED_PAUSE_CAUSE;
    if (instant_before(q->now, q->until)) m |= NEED_UNTIL;
    if (q->rung > RUNG_NONE) m |= NEED_RUNG;
    if (q->part_nature != NATURE_UNKNOWN) m |= NEED_NATURE;
    if (str_trim(q->rest).n) m |= NEED_REST;
    return m;
}

#define STAFF_ROLES_MASK (ROLE_BIT(ROLES_N) - 1)

u32 staff_needs_missing(const struct act_request *q)
{
    size_t n;
    u32 needs = 0;
    const struct caseflow_row *rows = caseflow_acts(&n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].act == q->act && (rows[i].who & STAFF_ROLES_MASK)) needs |= rows[i].needs;
    return needs & ~given(q);
}

static bool row_fits(const struct caseflow_row *r, const struct case_view *v, enum case_act act)
{
    return r->act == act && (r->from & 1u << v->state) && (v->flags & r->require) == r->require &&
           !(v->flags & r->forbid) && (r->who & STAFF_ROLES_MASK);
}

u32 staff_needs_of(const struct case_view *v, u32 roles, enum case_act act, bool *ends_r)
{
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n), *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (row_fits(&rows[i], v, act) && (!best || (!(best->who & roles) && (rows[i].who & roles))))
            best = &rows[i];
    *ends_r = best && (best->to == CASE_CLOSED || best->to == CASE_DECLINED || best->to == CASE_MERGED);
    return best ? best->needs : 0;
}

static bool digits(struct str *s, size_t n, int *v_r)
{
    u64 v;
    if (s->n < n || !str_u64((struct str){s->p, n}, INT32_MAX, &v)) return false;
    *v_r = (int)v;
    s->p += n, s->n -= n;
    return true;
}

static bool sign_is(struct str *s, const char *any)
{
    for (; *any; any++) {
        if (s->n == 0 || s->p[0] != *any) continue;
        s->p++, s->n--;
        return true;
    }
    return false;
}

static bool date_of(struct str *s, i64 *days_r)
{
    struct civil c;
    if (!digits(s, 4, &c.year) || !sign_is(s, "-") || !digits(s, 2, &c.month) || !sign_is(s, "-") ||
        !digits(s, 2, &c.day))
        return false;
    if (c.year < 2000 || c.year > 2200 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
        return false;
    *days_r = civil_to_days(c);
    return civil_from_days(*days_r).day == c.day; /* no 31 February */
}

bool staff_instant_parse(struct str s, instant *t_r)
{
    i64 days;
    int h, m, sec = 0, zone_h = 0, zone_m = 0;
    s = str_trim(s);
    if (!date_of(&s, &days)) return false;
    if (s.n == 0) {
        *t_r = china_instant(days, 1440);
        return true;
    }
    if (!sign_is(&s, "Tt ") || !digits(&s, 2, &h) || !sign_is(&s, ":") || !digits(&s, 2, &m) || h > 23 ||
        m > 59)
        return false;
    if (sign_is(&s, ":") && (!digits(&s, 2, &sec) || sec > 59)) return false;
    if (sign_is(&s, ".")) /* parts of a second mean nothing for a limit in days */
        while (s.n && s.p[0] >= '0' && s.p[0] <= '9') s.p++, s.n--;
    int side = s.n && s.p[0] == '-' ? -1 : 1;
    if (!sign_is(&s, "Zz")) {
        if (!sign_is(&s, "+-") || !digits(&s, 2, &zone_h) || !sign_is(&s, ":") || !digits(&s, 2, &zone_m) ||
            zone_h > 14 || zone_m > 59)
            return false;
    }
    if (s.n) return false;
    t_r->us = ((days * 24 + h) * 3600 + m * 60 + sec - side * (zone_h * 3600 + zone_m * 60)) * 1000000;
    return true;
}

bool staff_day_parse(struct str s, i64 *day_r)
{
    instant end;
    if (s.n != 10 || !staff_instant_parse(s, &end)) return false;
    *day_r = china_day((instant){end.us - 1}); /* a date alone is its 24:00 */
    return true;
}
