/* How fast a text must move: what the level of its matter says, raised by danger and haste in the words.
 *
 * A danger to life that is there now is 特急 whatever the matter, the nature and the door. Praise and proposals can wait; so can
 * matters of the slowest level, unless somebody complains of one that is usually no complaint. */
#include "core/route_part.h"

#define URGENT_SURE     6.0 /* three words of haste lift a matter by one step, from 平缓 six */
#define CRITICAL_MATTER 0.5 /* a text that surely tells of an emergency is one */
#define CRITICAL_SURE   3.5 /* one clear word, wherever it stands in the text */

static enum urgency usual(const struct route_work *w, const struct route_category *k)
{
    enum nature n = w->d->nature;
    bool quiet = n == NATURE_ASK || n == NATURE_SUGGEST || n == NATURE_RATE;
    if (k->level == 1) return w->shares[w->top[0]] >= CRITICAL_MATTER ? URGENCY_CRITICAL : URGENCY_URGENT;
    if (n == NATURE_SUGGEST) return URGENCY_CALM;
    if (n == NATURE_RATE) return route_ill_rated(w) ? URGENCY_NORMAL : URGENCY_CALM;
    if (k->level == 4) {
        bool unusual =
            (n == NATURE_COMPLAIN || n == NATURE_SUPERVISE) && k->nature != n && k->nature != NATURE_REPORT;
        return unusual ? URGENCY_NORMAL : URGENCY_CALM;
    }
    return k->level == 2 && !quiet ? URGENCY_URGENT : URGENCY_NORMAL;
}

void route_urgency_decide(struct route_work *w)
{
    const struct route_category *k = &w->r->categories[w->top[0]];
    const double *u = w->t.urgencies;
    enum nature n = w->d->nature;
    bool quiet = n == NATURE_ASK || n == NATURE_SUGGEST || n == NATURE_RATE;
    enum urgency base = usual(w, k);
    if (u[URGENCY_CRITICAL] >= CRITICAL_SURE)
        base = URGENCY_CRITICAL;
    else if (!quiet && base < URGENCY_URGENT &&
             u[URGENCY_URGENT] >= (base == URGENCY_CALM ? 2 : 1) * URGENT_SURE)
        base++;
    const struct route_opinion *o = w->opinion;
    if (o != NULL && o->log_p[LEARNED_URGENCY] != NULL && base != URGENCY_CRITICAL) {
        double best = -1e9;
        enum urgency ruled = base;
        for (int i = 0; i < URGENCIES_N; i++) {
            double s = (double)o->mix[LEARNED_URGENCY].share * (double)o->log_p[LEARNED_URGENCY][i] +
                       ((enum urgency)i == ruled ? 1.0 / (double)o->mix[LEARNED_URGENCY].heat : 0);
            if (s > best) {
                best = s;
                base = (enum urgency)i;
            }
        }
    }
    w->d->urgency = base;
    w->d->level = base == URGENCY_CRITICAL && k->level != 1 ? 1 : k->level;
}
