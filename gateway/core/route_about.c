/* Whose conduct a text is about: the unit named in it, else the one on the plaque, else the one whose own service such a matter is.
 *
 * Only conduct is about somebody. Who asks, proposes or requests something complains of nobody, and who complains of a street trader
 * does not complain of the unit that will see to it. A unit that is only called upon (请税务局核实) is not meant, nor is the one of five
 * that are said to pass a matter round. */
#include "core/route_part.h"

#define NAME_SURE    0.4 /* a name of this strength can be what the words are about */
#define CONDUCT_SURE 1.0
#define TOPIC_SURE   1.5  /* one word of what a unit deals with */
#define TOSSED       3    /* so many units named: who of them is complained of cannot be told */
#define UNIT_POINTS  0.85 /* against a name of the same strength, what stands later is what was come to */

/* The unit accused by name; *n_r is how many different ones stand there. The office is who reads this: it must be meant by name
 * and conduct. */
static int accused(const struct route_work *w, unsigned *n_r)
{
    const struct routing *r = w->r;
    int best = -1;
    *n_r = 0;
    for (size_t u = 0; u < r->n_units; u++) {
        double s = w->t.accused[u];
        if (s <= 0) continue;
        bool first = !r->units[r->units[u].main].office; /* a unit and its station are one */
        for (size_t o = 0; o < u && first; o++)
            first = w->t.accused[o] <= 0 || r->units[o].main != r->units[u].main;
        *n_r += first;
        if (s < NAME_SURE) continue;
        if (r->units[r->units[u].main].office && w->t.conduct < CONDUCT_SURE) continue;
        bool here = best >= 0 && s >= w->t.accused[best] * UNIT_POINTS &&
                    w->t.accused[best] >= s * UNIT_POINTS && r->units[best].township &&
                    !r->units[u].township; /* the township only says where */
        if (best < 0 || s > w->t.accused[best] || here) best = (int)u;
    }
    return best;
}

/* Whom the topic points to when nobody is named: 办广告牌审批 is the city management's. */
static int topic(const struct route_work *w, int except)
{
    int best = -1;
    for (size_t u = 0; u < w->r->n_units; u++)
        if (w->t.topics[u] >= TOPIC_SURE && w->r->units[u].main != except &&
            (w->t.names[u] <= 0 ||
             w->t.accused[u] > 0) && /* one called upon is not meant by its topic either */
            (best < 0 || w->t.topics[u] > w->t.topics[best]))
            best = w->r->units[u].main;
    return best;
}

static int first_of(int a, int b, int c) { return a >= 0 ? a : b >= 0 ? b : c; }

void route_about_decide(struct route_work *w)
{
    const struct routing *r = w->r;
    const struct route_category *k = &r->categories[w->top[0]];
    enum nature nature = w->d->nature;
    double best = 0;
    for (size_t u = 0; u < r->n_units; u++) {
        if (w->t.names[u] > best) {
            best = w->t.names[u];
            w->named = (int)u;
        }
    }
    if (nature == NATURE_ASK || nature == NATURE_SUGGEST || nature == NATURE_APPEAL) return;
    unsigned n = 0;
    int named = accused(w, &n), handler = route_handler_usual(w), subject = topic(w, r->desk_discipline);
    if (handler >= 0 && (r->units[handler].office || handler == r->desk_discipline)) handler = -1;
    bool provider = named >= 0 && r->units[named].provider, conduct = w->t.conduct >= CONDUCT_SURE;
    bool service = k->handler == BY_NAME || k->about;
    switch (nature) {
    case NATURE_RATE:
    case NATURE_SUPERVISE:
        w->about = first_of(w->plaque, named, service || nature == NATURE_RATE ? handler : -1);
        if (named >= 0 && w->plaque >= 0 && service && !r->units[named].township &&
            !r->units[named].community)
            w->about = named;
        if (w->top[0] == r->blank && w->plaque < 0 && named < 0) w->about = -1;
        break;
    case NATURE_REPORT:
        if (k->about || w->misconduct || k->confidential)
            w->about = first_of(named, w->plaque, k->nature == NATURE_REPORT || w->misconduct ? subject : -1);
        else if (provider || (conduct && named >= 0))
            w->about = named;
        /* Whoever presses 举报 at a plaque may mean the unit on it, whatever the words look like: it never gets the report
         * (P4). A person of 追责问责组 finds out when it was meant for somebody else. */
        else if (w->in->nature == NATURE_REPORT)
            w->about = first_of(w->plaque, named, -1);
        break;
    default: /* a complaint */
        if (n >= TOSSED) break;
        if (service) w->about = first_of(named, w->plaque, k->handler == BY_NAME ? handler : subject);
        /* A hospital under the health bureau, a school: whose handler looks over it. What a company sells is its business. */
        else if (named >= 0 && !r->units[named].company &&
                 (conduct || (provider && r->units[named].parent == handler)))
            w->about = named;
        else if (w->plaque >= 0 && w->plaque_main == handler && (conduct || w->t.tries > 0))
            w->about = w->plaque;
        break;
    }
    /* What was split stays itself: the wall stands around all of its successors. */
    if (w->about < 0 || r->units[w->about].splits) return;
    /* A village decides nothing but its own affairs: who gets a benefit is approved by the township in its name. */
    if (!r->units[w->about].community || (k->handler != BY_PLACE && w->about != w->plaque))
        w->about = r->units[w->about].main;
}
