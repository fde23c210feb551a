/* What changes rarely: the register as pickers need it, and the rules of the loop as the buttons and labels need them. The
 * answers come from memory; the database is asked only whether the session lives. */
#include "staff_part.h"
#include "register.h"
#include "rules.h"
#include "base/code.h"
#include <stdlib.h>

#define BODY_MAX (8u << 20)

typedef void list_print(struct gateway *g, struct text *t);
struct asking {
    struct staff_ask ask;
    list_print *print;
};

static void have_entered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct asking *q = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&q->ask, end, results, error, false, &who)) {
        struct text body;
        text_init(&body, BODY_MAX);
        q->print(q->ask.g, &body);
        staff_answer(&q->ask, &body);
    }
    free(q);
}

static void list_send(const struct staff_ask *a, list_print *print)
{
    struct asking *q = MEM_NEW(struct asking);
    *q = (struct asking){*a, print};
    if (!staff_go(a, staff_call(a, have_entered, q))) free(q);
}

static void put(const char *name, struct str v, struct text *t)
{
    text_addf(t, ",\"%s\":", name);
    if (v.n)
        json_put(t, v);
    else
        text_addz(t, "null");
}

static void print_units(struct gateway *g, struct text *t)
{
    const struct unit *all;
    size_t n = register_units(g, &all);
    bool more = false;
    text_addz(t, "{\"units\":[");
    for (size_t i = 0; i < n; i++) {
        const struct unit *u = &all[i];
        if (u->retired) continue; /* nothing can be given to them */
        text_addf(t, "%s{\"id\":%d", more ? "," : "", u->id);
        put("code", u->code, t);
        put("kind", u->kind, t);
        put("name", u->name, t);
        put("short_name", u->short_name, t);
        put("class", u->class, t);
        if (u->parent_id)
            text_addf(t, ",\"parent\":%d}", u->parent_id);
        else
            text_addz(t, ",\"parent\":null}");
        more = true;
    }
    text_addz(t, "]}");
}

static void print_categories(struct gateway *g, struct text *t)
{
    const struct category *all;
    size_t n = register_categories(g, &all);
    text_addz(t, "{\"categories\":[");
    for (size_t i = 0; i < n; i++) {
        const struct category *c = &all[i];
        const bool heading = c->code.n == 2;
        text_addz(t, i ? ",{\"code\":" : "{\"code\":");
        json_put(t, c->code);
        put("parent", heading ? STR_NONE : (struct str){c->code.p, 2}, t);
        put("name", c->name, t);
        if (heading)
            text_addz(t, ",\"level\":null");
        else
            text_addf(t, ",\"level\":%d", c->level);
        text_addf(t, ",\"confidential\":%s}", c->confidential ? "true" : "false");
    }
    text_addz(t, "]}");
}

static void put_mask(const char *name, u32 mask, int n, const char *(*word)(int), struct text *t)
{
    bool more = false;
    text_addf(t, ",\"%s\":[", name);
    for (int i = 0; i < n; i++) {
        if (!(mask & 1u << i)) continue;
        text_addf(t, "%s\"%s\"", more ? "," : "", word(i));
        more = true;
    }
    text_addc(t, ']');
}
static const char *state_word(int s) { return case_state_word((enum case_state)s); }
static const char *role_word(int r) { return staff_role_word((enum staff_role)r); }

/* One entry an act, over all its rules: the buttons of a case come with the case, exactly. */
static void put_act(enum case_act act, struct text *t)
{
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n), *first = NULL;
    u32 from = 0, who = 0, needs = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].act != act) continue;
        if (!first) first = &rows[i];
        from |= rows[i].from & ~(1u << CASE_NEW);
        who |= rows[i].who;
        needs |= rows[i].needs;
    }
    text_addf(t, "{\"act\":\"%s\",\"label\":\"%s\"", case_act_word(act), case_act_chinese(act));
    put_mask("from", from, CASE_STATES_N, state_word, t);
    const char *to = !first || first->to == CASE_TO_SAME ? "same"
                     : first->to == CASE_TO_BACK         ? "back"
                                                         : case_state_word((enum case_state)first->to);
    text_addf(t, ",\"to\":\"%s\"", to);
    put_mask("roles", who, ROLES_N, role_word, t);
    text_addz(t, ",\"needs\":");
    staff_needs_json(needs, t);
    text_addc(t, '}');
}

static void print_acts(struct gateway *g, struct text *t)
{
    const struct deadline_rules rules = rules_deadline(g);
    text_addz(t, "{\"acts\":[");
    for (int a = 0; a < ACTS_N; a++) {
        if (a) text_addc(t, ',');
        put_act((enum case_act)a, t);
    }
    text_addz(t, "],\"states\":[");
    for (int s = CASE_DISCOVERED; s < CASE_STATES_N; s++)
        text_addf(t, "%s{\"state\":\"%s\",\"label\":\"%s\"}", s > CASE_DISCOVERED ? "," : "",
                  case_state_word((enum case_state)s), case_state_chinese((enum case_state)s));
    text_addz(t, "],\"roles\":[");
    for (int r = 0; r < ROLES_N; r++)
        text_addf(t, "%s{\"role\":\"%s\",\"label\":\"%s\"}", r ? "," : "",
                  staff_role_word((enum staff_role)r), staff_role_chinese((enum staff_role)r));
    text_addz(t, "],\"natures\":[");
    for (int n = NATURE_UNKNOWN + 1; n < NATURES_N; n++)
        text_addf(t, "%s{\"nature\":\"%s\",\"label\":\"%s\"}", n > NATURE_UNKNOWN + 1 ? "," : "",
                  nature_word((enum nature)n), nature_chinese((enum nature)n));
    text_addz(t, "],\"levels\":[");
    for (int l = 0; l < CASE_LEVELS_N; l++) {
        text_addf(t, "%s{\"level\":%d,\"label\":\"L%d\",\"limit\":\"", l ? "," : "", l, l);
        limit_chinese(deadline_limit(&rules, CLOCK_HANDLING, l, 1), t);
        text_addz(t, "\"}");
    }
    text_addz(t, "]}");
}

void staff_units(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    list_send(a, print_units);
}
void staff_categories(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    list_send(a, print_categories);
}
void staff_acts(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    (void)in, (void)id;
    list_send(a, print_acts);
}
