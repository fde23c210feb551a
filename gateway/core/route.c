/* Layers in their order: words, matter, nature, whose conduct, handler, urgency, what follows from them, reasons. */
#include "core/route_part.h"
#include "base/utf8.h"
#include <string.h>

#define MISCONDUCT_SURE 2.5 /* one clear word */

static void decide_flags(struct route_work *w);

const char *urgency_chinese(enum urgency u)
{
    static const char *const zh[URGENCIES_N] = {
#define X(id, word) [URGENCY_##id] = word,
        URGENCIES(X)
#undef X
    };
    ASSERT(u < URGENCIES_N);
    return zh[u];
}

/* What the rules find in the words, before anything is decided. */
static bool begin(struct route_work *w)
{
    const struct routing *r = w->r;
    w->points = arena_alloc(w->a, r->n_categories * sizeof *w->points);
    w->shares = arena_alloc(w->a, r->n_categories * sizeof *w->shares);
    w->handlers = arena_alloc(w->a, r->n_units * sizeof *w->handlers);
    w->heard = arena_alloc(w->a, r->n_units * sizeof *w->heard);
    if (w->points == NULL || w->shares == NULL || w->handlers == NULL || w->heard == NULL ||
        !route_tally(r, w->in->text, w->a, &w->t))
        return false;
    if (w->in->unit_id != 0) w->plaque = routing_index(r, w->in->unit_id);
    if (w->plaque >= 0) w->plaque_main = r->units[w->plaque].main;
    w->misconduct = w->t.misconduct >= MISCONDUCT_SURE;
    w->length = utf8_count(w->in->text);
    route_category_score(w);
    return true;
}

static void decide(struct route_work *w, bool ask)
{
    struct decision *d = w->d;
    memset(d, 0, sizeof *d);
    if (!begin(w)) {
        /* Nothing is known, so nobody but the desk may see it. */
        d->unit_id = w->r->units[w->r->desk_triage].id;
        d->nature = w->in->nature == NATURE_UNKNOWN ? NATURE_APPEAL : w->in->nature;
        d->urgency = URGENCY_URGENT;
        d->level = 3;
        d->triage = d->held = d->opens_case = true;
        return;
    }
    if (ask) route_learn_ask(w);
    route_category_decide(w);
    route_nature_decide(w);
    route_handler_hear(w);
    route_about_decide(w);
    route_handler_decide(w);
    route_urgency_decide(w);
    decide_flags(w);
    route_reason_write(w);
}

bool route_goes_alone(const struct decision *d, int percent)
{
    return d->opens_case && !d->triage && !d->held && !d->confidential &&
           d->confidence * 100 >= (double)percent;
}

void route_decide(const struct routing *r, const struct route_input *in, struct arena *a, struct decision *d)
{
    struct route_work w = {
        .r = r, .in = in, .a = a, .d = d, .plaque = -1, .plaque_main = -1, .named = -1, .about = -1};
    decide(&w, true);
}

void route_decide_told(const struct routing *r, const struct route_input *in, const struct route_opinion *o,
                       struct arena *a, struct decision *d)
{
    struct route_work w = {.r = r,
                           .in = in,
                           .a = a,
                           .d = d,
                           .plaque = -1,
                           .plaque_main = -1,
                           .named = -1,
                           .about = -1,
                           .opinion = o};
    decide(&w, false);
}

bool route_look(const struct routing *r, const struct route_input *in, struct arena *a,
                struct learned_facts *facts_r, const double **points_r)
{
    struct route_work w = {
        .r = r, .in = in, .a = a, .plaque = -1, .plaque_main = -1, .named = -1, .about = -1};
    if (!begin(&w)) return false;
    route_learn_facts(&w, facts_r);
    *points_r = w.points;
    return true;
}

static void decide_flags(struct route_work *w)
{
    struct decision *d = w->d;
    const struct routing *r = w->r;
    const struct route_category *k = &r->categories[w->top[0]];
    d->confidential = k->confidential || (d->nature == NATURE_REPORT && w->misconduct);
    bool said_so = w->in->nature == NATURE_REPORT || w->in->nature == NATURE_UNKNOWN;
    d->held = w->misconduct && (!said_so || !d->confidential);
    /* Words without stars that praise nobody are somebody's words: a person reads them. */
    bool rated = w->in->rating != 0 || w->t.praise > 0;
    d->opens_case =
        d->nature != NATURE_RATE || !rated || route_ill_rated(w) || d->held || d->urgency == URGENCY_CRITICAL;
    if (w->t.lawful_way.n > 0) d->lawful_way = w->t.lawful_way;
    /* A clear allegation has one place to go, however unclear the matter is. */
    d->triage = !route_sure_alone(w) && !(d->confidential && w->misconduct) && d->opens_case;
    /* Whether a lawful way is the one to name is for a person; whoever is in danger is helped first. */
    d->triage |= d->lawful_way.n > 0 && d->opens_case && d->urgency != URGENCY_CRITICAL && !d->confidential;
    if (!d->triage) return;
    int desk = r->desk_triage;
    if (route_wall_stands(w, desk)) desk = r->desk_discipline;
    d->unit_id = r->units[desk].id;
}

/* Five stars over words that mock are no praise. */
bool route_ill_rated(const struct route_work *w)
{
    if (w->mocking) return true;
    if (w->in->rating != 0) return w->in->rating < 3;
    return w->t.gripe > w->t.praise;
}

void route_best_of(const double *scores, size_t n, int *top, size_t max, size_t *n_r)
{
    *n_r = 0;
    for (size_t i = 0; i < n; i++) {
        if (scores[i] <= 0) continue;
        size_t at = *n_r;
        while (at > 0 && scores[i] > scores[top[at - 1]]) at--;
        if (at >= max) continue;
        if (*n_r < max) (*n_r)++;
        for (size_t k = *n_r - 1; k > at; k--) top[k] = top[k - 1];
        top[at] = (int)i;
    }
}
