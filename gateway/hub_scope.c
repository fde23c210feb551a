/* Who hears of an event: what the policies of the schema would show of it (P4, P5), judged here in memory for every reader and event. */
#include "hub_part.h"
#include "register.h"
#include <stdio.h>
#include <string.h>

/* By the beginning of the kind; the first that fits. */
static const struct {
    const char *kind;
    enum audience audience;
} audiences[] = {
    {"channel.", ADMIN_ALONE},    {"desk.people", SECURITY_ALONE},   {"staff.", SECURITY_ALONE},
    {"plaque.", ADMIN_TOO},       {"desk.plaques", ADMIN_TOO},       {"desk.wording", ADMIN_TOO},
    {"desk.register", EVERYBODY}, {"desk.accounts", ADMINISTRATORS},
};

enum audience hub_audience_of(struct str kind)
{
    for (size_t i = 0; i < ARRAY_LEN(audiences); i++)
        if (str_starts(kind, str_of(audiences[i].kind))) return audiences[i].audience;
    return AS_OF_CASES;
}

static bool tied(const struct gateway *g, const struct hub_scope *sc, int unit)
{
    for (size_t i = 0; unit && i < ARRAY_LEN(sc->ties) && sc->ties[i]; i++)
        if (register_unit_follows(g, sc->ties[i], unit)) return true;
    return false;
}

/* Works in or below it, as my_branch has it in the schema. */
static bool below(const struct gateway *g, const struct hub_scope *sc, int unit)
{
    for (size_t i = 0; unit && i < ARRAY_LEN(sc->ties) && sc->ties[i]; i++)
        if (register_unit_below(g, sc->ties[i], unit)) return true;
    return false;
}

/* As one of its helping units, or by name. */
static bool told_too(const struct hub_scope *sc, const struct event *e)
{
    char unit[16], person[16];
    if (!e->too) return false;
    (void)snprintf(unit, sizeof unit, " u%d ", sc->unit_id);
    (void)snprintf(person, sizeof person, " s%d ", sc->staff_id);
    return (sc->unit && e->unit && strstr(e->too, unit)) || strstr(e->too, person);
}

bool hub_sees(const struct gateway *g, const struct hub_scope *sc, const struct event *e)
{
    if (e->audience == EVERYBODY) return true;
    if (e->audience == ADMIN_ALONE) return sc->admin;
    if (e->audience == SECURITY_ALONE) return sc->security;
    if (e->audience == ADMINISTRATORS) return sc->admin || sc->security || sc->auditor;
    if (e->audience == ADMIN_TOO && sc->admin) return true;
    if (tied(g, sc, e->hidden) || tied(g, sc, e->walled)) return false;
    if (below(g, sc, e->named) || (e->mixed && !sc->parts)) return false;
    if (sc->unit && e->unit && e->unit == sc->unit_id) return true;
    /* What left one unit is told to the others as changed; what left no unit left those with a wide view: it is confidential now. */
    if (e->left) return !e->unit && sc->all;
    if (told_too(sc, e)) return true;
    return sc->confidential || (sc->all && !e->confidential);
}

static void put_ties(struct hub_scope *sc, const struct actor *who)
{
    size_t n = 0;
    sc->ties[n++] = (int)who->unit;
    if (who->home_unit && who->home_unit != who->unit) sc->ties[n++] = (int)who->home_unit;
    for (size_t i = 0; i < ACTOR_OTHERS_MAX && who->others[i] && n < ARRAY_LEN(sc->ties); i++)
        sc->ties[n++] = (int)who->others[i];
}

struct hub_scope hub_scope_of(const struct actor *who)
{
    const u32 roles = who->roles;
    struct hub_scope sc = {
        .staff_id = (int)who->staff,
        .post_id = (int)who->post,
        .unit_id = (int)who->unit,
        .all = roles & (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_REGISTRY) |
                        ROLE_BIT(ROLE_CALLBACK) | ROLE_BIT(ROLE_LEADER)),
        .confidential = roles & ROLE_BIT(ROLE_ACCOUNTABILITY),
        .parts = roles & (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_ACCOUNTABILITY)),
        .unit = roles & (ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_UNIT_LEADER)),
        .admin = roles & ROLE_BIT(ROLE_ADMIN),
        .security = roles & ROLE_BIT(ROLE_SECURITY),
        .auditor = roles & ROLE_BIT(ROLE_AUDITOR),
    };
    put_ties(&sc, who);
    return sc;
}
