/* Which matter a text is: the words of the matter tables, with plaque, chosen nature and rating as hints. */
#include "core/route_part.h"
#include <math.h>

/* A word of the matter tables weighs about 2 to 4; what follows is measured against that. Set by hand: tried on one half
 * of the sample texts, with the other half's totals beside them. */
#define CATEGORY_HEAT   1.25 /* softmax: about one good word of difference makes three to one */
#define CATEGORY_NAMED  1.0  /* the unit that handles such matters is named in the text */
#define CATEGORY_TOPIC  0.12 /* its other matters occur, for each point */
#define CATEGORY_PLAQUE 0.5  /* its plaque was scanned: people mostly stand where the matter is */
#define CATEGORY_CHOSEN 0.5  /* the citizen chose the nature that such matters usually have: a hint */
#define CATEGORY_NATURE 0.4  /* the words sound like that nature */
#define CATEGORY_RATED  2.0  /* a level without words says only well or badly served */
#define CATEGORY_FAINT  1.0  /* no text is hidden as a matter of discipline for its sound alone */
#define CATEGORY_GRAVE  3.0  /* misconduct is alleged: 窗口负责人收受红包 is no matter of manners */
#define BLANK_POINTS    8    /* a text as short as this without a known word says nothing */
#define BLANK_NEVER     16   /* one of this length says something, whatever its words */
#define BLANK_SURE      4.0

/* Shares of points, or of points and the model's opinion. */
static void share_out(const struct route_work *w, double heat, double say, const float *log_p)
{
    double top = -1e9, sum = 0;
    size_t n = w->r->n_categories;
    for (size_t c = 0; c < n; c++) {
        w->shares[c] = w->points[c] / heat + (log_p != NULL ? say * (double)log_p[c] : 0);
        top = MAX(top, w->shares[c]);
    }
    for (size_t c = 0; c < n; c++) {
        w->shares[c] = exp(w->shares[c] - top);
        sum += w->shares[c];
    }
    for (size_t c = 0; c < n; c++) w->shares[c] /= sum;
}

bool route_category_worded(const struct tally *t, size_t category)
{
    for (size_t i = 0; i < t->n_shown; i++)
        if (t->shown[i].category == category) return true;
    return false;
}

void route_category_score(struct route_work *w)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    double most = 1.0;
    for (int n = 1; n < NATURES_N; n++) most = MAX(most, t->natures[n]);
    for (size_t c = 0; c < r->n_categories; c++) {
        const struct route_category *k = &r->categories[c];
        if (k->heading) {
            w->points[c] = -1e9;
            continue;
        }
        double s = t->categories[c];
        bool faint = k->confidential && !w->misconduct && !route_category_worded(t, c);
        s += CATEGORY_NAMED * t->names[k->unit] + MIN(1.0, CATEGORY_TOPIC * t->topics[k->unit]);
        if (w->plaque_main == k->unit) s += CATEGORY_PLAQUE;
        if (w->in->nature == k->nature) s += CATEGORY_CHOSEN;
        s += CATEGORY_NATURE * t->natures[k->nature] / most;
        if (w->in->rating >= 3 && k->about && k->nature == NATURE_RATE) s += CATEGORY_RATED;
        if (w->in->rating >= 1 && w->in->rating < 3 && k->about && k->nature == NATURE_SUPERVISE)
            s += CATEGORY_RATED;
        if (w->misconduct && k->confidential && route_category_worded(t, c)) s += CATEGORY_GRAVE;
        if (faint) s = MIN(s - CATEGORY_FAINT, CATEGORY_FAINT);
        w->points[c] = s;
    }
    if (r->blank >= 0 && t->n_shown == 0 && w->in->rating == 0 && w->length <= BLANK_POINTS)
        w->points[r->blank] += BLANK_SURE;
    if (r->blank >= 0 && w->length > BLANK_NEVER) w->points[r->blank] -= BLANK_SURE;
    share_out(w, CATEGORY_HEAT, 0, NULL);
}

void route_category_decide(struct route_work *w)
{
    const struct route_opinion *o = w->opinion;
    if (o != NULL && o->log_p[LEARNED_CATEGORY] != NULL)
        share_out(w, (double)o->mix[LEARNED_CATEGORY].heat, (double)o->mix[LEARNED_CATEGORY].share,
                  o->log_p[LEARNED_CATEGORY]);
    route_best_of(w->shares, w->r->n_categories, w->top, ROUTE_GUESSES, &w->n_top);
    w->d->category = w->r->categories[w->top[0]].code;
}
