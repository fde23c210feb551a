/* POST /entries/alike: open cases that may be the same as what somebody of the office is just writing down, beside the form while it is
 * filled in; and what the words would be routed to. Nothing is stored. Whoever asks is shown what their post sees, no more. */
#include "staff_entry.h"
#include "staff_body.h"
#include "citizen.h"
#include "finders.h"
#include "intake.h"
#include "register.h"
#include "base/code.h"
#include "core/likeness.h"
#include "core/normalise.h"
#include "core/redact.h"
#include "core/route.h"
#include <stdlib.h>
#include <string.h>

#define ALIKE_MAX    5
#define ALIKE_DAYS   60
#define ALIKE_LEAST  30 /* percent */
#define ALIKE_PAIRS  5
#define SHARED_LEAST 3
#define SHARED_MOST  16

bool entry_decide(struct gateway *g, const struct submission *s, int unit, struct arena *a,
                  struct decision *d_r)
{
    const struct str clean = intake_cleaned(g, s->text, a);
    if (!clean.p || !register_ready(g)) return false;
    const struct route_input in = {
        .text = clean, .nature = s->nature, .unit_id = unit, .named = unit != 0, .door = s->door};
    route_decide(register_routing(g), &in, a, d_r);
    return true;
}

struct looking {
    struct staff_ask ask;
    struct arena arena;
    struct str masked, category;
    int unit;
};

static void looking_free(struct looking *l)
{
    arena_free(&l->arena);
    free(l);
}

/* The likest first; how many. */
static size_t rank(const struct looking *l, const struct db_result *r, int rows[ALIKE_MAX],
                   int percents[ALIKE_MAX])
{
    struct likeness *mine = MEM_NEW(struct likeness), *other = MEM_NEW(struct likeness);
    size_t n = 0;
    likeness_of(l->masked, mine);
    for (int i = 0; mine->n >= ALIKE_PAIRS && i < db_rows(r); i++) {
        likeness_of(db_get_text(r, i, 4), other);
        const int percent = likeness_percent(mine, other);
        size_t at = n;
        while (at > 0 && percents[at - 1] < percent) at--;
        if (percent < ALIKE_LEAST || at == ALIKE_MAX) continue;
        if (n < ALIKE_MAX) n++;
        for (size_t k = n - 1; k > at; k--) rows[k] = rows[k - 1], percents[k] = percents[k - 1];
        rows[at] = i;
        percents[at] = percent;
    }
    free(mine);
    free(other);
    return n;
}

static void have_alike(void *arg, enum db_end end, const struct db_result *const *results, int n,
                       const struct db_error *error)
{
    struct looking *l = arg;
    struct staff_who who;
    struct text t;
    (void)n;
    if (staff_granted(&l->ask, end, results, error, &who)) {
        const struct db_result *r = results[CASEWORK_FIRST];
        int rows[ALIKE_MAX], percents[ALIKE_MAX];
        const size_t found = who.actor.roles & ENTRY_WRITERS ? rank(l, r, rows, percents) : 0;
        text_init(&t, 16 * 1024);
        text_addz(&t, "{\"alike\":[");
        for (size_t i = 0; i < found; i++) {
            const struct category *c = register_category(l->ask.g, db_get_text(r, rows[i], 1));
            text_addf(&t, "%s{\"case\":%lld,\"percent\":%d", i ? "," : "",
                      (long long)db_get_i64(r, rows[i], 0), percents[i]);
            json_put_text(&t, "category", c ? c->name : STR(""));
            text_addz(&t, ",\"unit\":"), register_unit_json(l->ask.g, db_get_i64(r, rows[i], 6), &t);
            json_put_instant(&t, "opened_at", db_get_instant(r, rows[i], 3));
            const struct str shared =
                likeness_shared(l->masked, db_get_text(r, rows[i], 4), SHARED_LEAST, SHARED_MOST);
            json_put_text(&t, "shared", shared.n ? shared : STR(""));
            text_addc(&t, '}');
        }
        text_addz(&t, "]}");
        staff_answer(&l->ask, &t);
    }
    looking_free(l);
}

/* What it would be routed to. False: nothing to compare. */
static bool look(struct looking *l, struct str words, struct str category)
{
    const struct submission s = {.door = DOOR_WINDOW, .text = words};
    struct text t;
    struct decision d;
    text_init(&t, words.n * NORMALISE_GROWTH + 64);
    redact_mask(words, &t);
    l->masked = arena_str(&l->arena, text_str(&t));
    text_free(&t);
    if (!l->masked.p || !entry_decide(l->ask.g, &s, l->unit, &l->arena, &d)) return false;
    l->category = arena_str(&l->arena, category.n ? category : d.category);
    if (!l->unit) l->unit = d.unit_id;
    return l->category.p != NULL;
}

void entry_alike(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    static const char *const known[] = {"text", "unit", "category", NULL};
    struct body b;
    struct looking *l;
    (void)id;
    if (!body_open(a, in, known, &b)) return;
    const struct str words = body_text(&b, "text", 1, SUBMISSION_TEXT_POINTS),
                     category = body_text(&b, "category", 0, 20);
    const i64 unit = body_unit(a->g, &b, "unit", false);
    if (!body_good(a, &b)) return;
    l = MEM_NEW(struct looking);
    *l = (struct looking){.ask = *a, .unit = (int)unit};
    arena_init(&l->arena, 4u << 20);
    if (look(l, words, category)) {
        struct db_call *c = staff_call(a, have_alike, l);
        struct db_params *p = db_params_new(&stmt_matter_alike);
        db_put_text(p, l->category);
        db_put_i32(p, l->unit);
        db_put_i32(p, (int)unit);
        db_put_instant(p, instant_add(clock_now(), SPAN_H(-24 * ALIKE_DAYS)));
        db_call_add(c, &stmt_matter_alike, p);
        if (!staff_go(a, c)) looking_free(l);
    } else {
        staff_refuse(a, REFUSE_UNAVAILABLE, NULL, NULL);
        looking_free(l);
    }
    body_close(&b);
}
