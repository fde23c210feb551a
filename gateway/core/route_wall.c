/* The wall of promise P4 around reports: the unit complained of never gets to handle one, nor does what belongs to it. */
#include "core/route_part.h"

/* P4: the unit complained of, everything below it, what it is a part of, and what bears its name. */
static bool stands(const struct routing *r, int of, int unit)
{
    const struct route_unit *u = r->units;
    int about = u[of].main;
    if (unit == about || unit == of) return true;
    if (u[of].splits && route_heir_any(r, of, unit)) return true;
    for (int at = unit, depth = 0; at >= 0 && depth < 32; at = u[at].parent, depth++)
        if (at == about && !u[about].office) return true;
    return str_starts(u[about].name, u[unit].name) || str_starts(u[unit].name, u[about].name);
}

bool route_wall_stands(const struct route_work *w, int unit)
{
    return (w->d->nature == NATURE_REPORT || w->misconduct) && w->about >= 0 && stands(w->r, w->about, unit);
}

bool route_walled(const struct routing *r, int about_unit_id, int unit_id)
{
    int about = routing_index(r, about_unit_id), unit = routing_index(r, unit_id);
    return about >= 0 && unit >= 0 && stands(r, about, unit);
}

int route_wall_desk(const struct route_work *w, int category)
{
    const struct routing *r = w->r;
    const struct route_category *k = &r->categories[category];
    int order[3] = {r->desk_triage, r->desk_discipline, r->desk_triage};
    if (k->confidential || w->misconduct)
        order[0] = r->desk_discipline;
    else if (k->about && route_wall_stands(w, k->unit))
        order[0] = r->desk_second;
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (!route_wall_stands(w, order[i])) return order[i];
    return r->desk_discipline;
}
