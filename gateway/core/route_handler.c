/* Which unit answers for a matter: its usual handler against those named, the plaque, the place and the topic. */
#include "core/route_part.h"
#include <math.h>
#include <string.h>

#define HANDLER_LEARNED       1.0 /* the model is sure of the unit */
#define HANDLER_CATEGORY      1.0
#define HANDLER_TOPIC         0.10 /* for each point of matters that point to a unit, at most HANDLER_TOPIC_MAX */
#define HANDLER_TOPIC_MAX     0.45
#define HANDLER_TOPIC_SERVICE 0.22 /* for service matters the topic tells whose window it is */
#define HANDLER_TOPIC_RELATED                                                                                \
    0.40 /* among sisters the topic decides: the electricity bill is not the water company's */
#define HANDLER_TOPIC_RELATED_MAX 1.4
#define HANDLER_NAME_SERVICE      1.7 /* a service matter belongs to the unit named */
#define HANDLER_NAME_RELATED                                                                                 \
    1.8 /* sister or part of the usual handler: the telephone company that is named */
#define HANDLER_NAME_OTHER     0.30
#define HANDLER_PLAQUE_SERVICE 1.2
#define HANDLER_PLAQUE_RELATED 1.4
#define HANDLER_PLAQUE_OTHER   0.70
#define HANDLER_PLAQUE_RATED   1.2 /* a rating goes back to the unit that was rated */
#define HANDLER_PLACE          2.6 /* village matters belong to the township */
#define PLACE_URBAN            0.4 /* in streets the district's own services do most of it */
#define SPLIT_GUESSED          0.75
#define HANDLER_PLACE_OTHER    0.08 /* elsewhere a township only says where it happened */

/* Sister units under one superior, or one part of the other. The office stands above all and says nothing. */
static bool related(const struct routing *r, int a, int b)
{
    if (a == b) return true;
    int pa = r->units[a].parent, pb = r->units[b].parent;
    if (pa == b || pb == a) return !r->units[a].office && !r->units[b].office;
    return pa >= 0 && pa == pb && !r->units[pa].office;
}

void route_handler_hear(struct route_work *w)
{
    if (w->opinion == NULL || w->opinion->log_p[LEARNED_UNIT] == NULL) return;
    for (size_t u = 0; u < w->r->n_units; u++)
        if (w->r->units[u].main == (int)u)
            w->heard[u] = HANDLER_LEARNED * exp((double)w->opinion->log_p[LEARNED_UNIT][u]);
}

static void score_handlers(struct route_work *w, int category)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    const struct route_category *k = &r->categories[category];
    bool service = k->handler == BY_NAME, place = k->handler == BY_PLACE;
    bool rated = w->d->nature == NATURE_RATE;
    memset(w->handlers, 0, r->n_units * sizeof *w->handlers);
    bool guessed;
    w->handlers[r->units[k->own].splits ? route_heir(w, k->own, category, &guessed) : k->unit] +=
        HANDLER_CATEGORY;
    for (size_t u = 0; u < r->n_units; u++) {
        if (t->topics[u] == 0 && t->names[u] <= 0 && t->places[u] <= 0)
            continue; /* the text is silent of it */
        int main = r->units[u].splits ? route_heir(w, (int)u, category, &guessed) : r->units[u].main;
        bool near = related(r, main, k->unit), local = r->units[main].township;
        double add = service ? MIN(2 * HANDLER_TOPIC_MAX, HANDLER_TOPIC_SERVICE * t->topics[u])
                     : near  ? MIN(HANDLER_TOPIC_RELATED_MAX, HANDLER_TOPIC_RELATED * t->topics[u])
                             : MIN(HANDLER_TOPIC_MAX, HANDLER_TOPIC * t->topics[u]);
        double here = !place ? HANDLER_PLACE_OTHER
                      : !k->about && str_ends(r->units[main].short_name, STR("街道"))
                          ? HANDLER_PLACE * PLACE_URBAN
                          : HANDLER_PLACE;
        if (main != k->unit || !service) w->handlers[main] += add;
        double by_name = service || rated ? HANDLER_NAME_SERVICE
                         : local          ? here
                         : near           ? HANDLER_NAME_RELATED
                                          : HANDLER_NAME_OTHER;
        w->handlers[main] += t->names[u] * by_name;
        if (t->names[u] <= 0) w->handlers[main] += t->places[u] * here;
    }
    for (size_t u = 0; u < r->n_units; u++) w->handlers[u] += w->heard[u];
    if (w->plaque_main >= 0) {
        w->handlers[w->plaque_main] += rated                                        ? HANDLER_PLAQUE_RATED
                                       : service                                    ? HANDLER_PLAQUE_SERVICE
                                       : place && r->units[w->plaque_main].township ? HANDLER_PLACE
                                       : related(r, w->plaque_main, k->unit)        ? HANDLER_PLAQUE_RELATED
                                                                                    : HANDLER_PLAQUE_OTHER;
    }
}

/* Best unit for the category that is not walled off, leaving out two others; -1 when no score is left. */
static int pick_handler(const struct route_work *w, int category, int skip, int skip2)
{
    int best = -1;
    for (size_t u = 0; u < w->r->n_units; u++) {
        if (w->handlers[u] <= (best < 0 ? 0 : w->handlers[best]) || (int)u == skip || (int)u == skip2)
            continue;
        if (!route_wall_stands(w, (int)u)) best = (int)u;
    }
    const struct route_category *k = &w->r->categories[category];
    /* Misconduct never goes to the next best name in the text. */
    if (skip < 0 && w->d->nature == NATURE_REPORT && w->about >= 0 &&
        (best < 0 || (k->about && best != k->unit)))
        return route_wall_stands(w, k->unit) ? route_wall_desk(w, category) : k->unit;
    if (skip < 0 && w->d->nature == NATURE_REPORT && (k->confidential || w->misconduct))
        return route_wall_desk(w, category);
    return best;
}

int route_handler_usual(struct route_work *w)
{
    int best = -1;
    score_handlers(w, w->top[0]);
    for (size_t u = 0; u < w->r->n_units; u++)
        if (w->handlers[u] > 0 && (best < 0 || w->handlers[u] > w->handlers[best])) best = (int)u;
    return best;
}

void route_handler_decide(struct route_work *w)
{
    const struct routing *r = w->r;
    struct decision *d = w->d;
    double sure = 0, shares[ROUTE_GUESSES] = {0};
    for (size_t g = w->n_top; g-- > 0;) { /* the first guess last, so that `handlers` stays its own */
        score_handlers(w, w->top[g]);
        int unit = pick_handler(w, w->top[g], -1, -1);
        if (unit < 0) unit = route_wall_desk(w, w->top[g]);
        int second = pick_handler(w, w->top[g], unit, -2);
        double rest = second >= 0 ? w->handlers[second] : 0, own = MAX(w->handlers[unit], HANDLER_CATEGORY);
        sure = own / (own + rest);
        d->guesses[g] = (struct route_guess){.unit_id = r->units[unit].id,
                                             .category = r->categories[w->top[g]].code,
                                             .confidence = w->shares[w->top[g]] * sure};
        shares[g] = route_sure_unit(w, w->top[g], sure);
    }
    d->n_guesses = w->n_top;
    int chosen = routing_index(r, d->guesses[0].unit_id);
    d->unit_id = r->units[chosen].id;
    d->units[d->n_units++] = d->unit_id;
    int second = pick_handler(w, w->top[0], chosen, -2);
    for (size_t g = 0; g <= w->n_top && d->n_units < ROUTE_GUESSES; g++) {
        int id = g == 1 ? (second >= 0 ? r->units[second].id : 0) : d->guesses[g == 0 ? 0 : g - 1].unit_id;
        bool known = id == 0;
        for (size_t i = 0; i < d->n_units; i++) known |= d->units[i] == id;
        if (!known) d->units[d->n_units++] = id;
    }
    /* Air or water, the same bureau answers: matters that nobody can tell apart may leave no doubt of the unit. */
    d->unit_score = 0;
    for (size_t g = 0; g < d->n_guesses; g++)
        if (d->guesses[g].unit_id == d->unit_id) d->unit_score += shares[g];
    route_sure_judge(w, chosen, sure);
    /* It was split, and nothing in the text says which part is meant: its first successor is a guess. */
    bool guessed = false;
    if (w->named >= 0 && r->units[w->named].splits &&
        route_heir(w, w->named, w->top[0], &guessed) == chosen && guessed)
        d->confidence *= SPLIT_GUESSED, d->unit_confidence *= SPLIT_GUESSED, d->score *= SPLIT_GUESSED,
            d->unit_score *= SPLIT_GUESSED;
    /* What is left is shared by the others as their scores are. */
    double others = 0;
    for (size_t g = 1; g < d->n_guesses; g++) others += d->guesses[g].confidence;
    for (size_t g = 1; g < d->n_guesses; g++)
        d->guesses[g].confidence =
            MIN(d->confidence, (1 - d->confidence) * d->guesses[g].confidence / MAX(others, 1e-9));
    d->guesses[0].confidence = d->confidence;
    if (w->about >= 0) d->about_unit_id = r->units[w->about].id;
}
