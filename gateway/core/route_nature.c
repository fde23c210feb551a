/* What a text is to the office: praise, a point for supervision, a report, a complaint, a request, a question, a proposal.
 *
 * 评价 speaks of one service received and asks for nothing. 监督 points at conduct or at a published rule not kept, without a
 * loss of one's own. 举报 alleges a breach by somebody else that needs checking. 投诉 is a right or interest of one's own that was
 * hurt. 诉求 wants something repaired, given or arranged. 询问 wants an answer. 建议 proposes a change. What such matters usually
 * are counts most, but only what has a question's form is a question, and only what proposes is a proposal. */
#include "core/route_part.h"
#include <math.h>
#include <string.h>

#define NATURE_USUAL 7.0 /* the nature that such matters usually have */
#define NATURE_CHOSEN                                                                                        \
    2.0 /* what the citizen chose; one clear word of another nature outweighs it with the matter */
#define NATURE_GRIPE        0.3  /* each word of anger, at most four of them */
#define NATURE_CONFIDENTIAL 14.0 /* a matter of discipline, though no word of the text alone alleges it */
#define NATURE_QUESTION     1.2  /* a question mark or 吗 */
#define NATURE_TRY          1.0  /* each time they went or waited in vain, at most two */
#define NATURE_PRAISED      3.0  /* praise and nothing else */
#define NATURE_OPENING      4.0  /* what a text calls itself in its first words */
#define NATURE_MONITOR      3.0  /* a monitor's return: what was seen on a visit, no loss of their own */
#define FORM_MISSING        0.8  /* the share of the usual nature that goes when its form is missing */
#define REPORT_LEARNED      0.5  /* the model takes it for a report */
#define GRIEVANCE           2.0 /* words of complaint from which a matter that is none by itself becomes one */

/* What a matter's usual nature leaves when the text has not its form: to complain where somebody is hurt, else to request. */
static void move_without_form(double *usual, enum nature from, bool has_form, enum nature to)
{
    if (has_form) return;
    double moved = usual[from] * FORM_MISSING;
    usual[from] -= moved;
    usual[to] += moved;
}

/* Whether anything alleges a breach, or the text is only like matters that are mostly reported. A report is hidden from the office, so
 * likeness alone makes none. */
static bool alleges(const struct route_work *w)
{
    const struct route_opinion *o = w->opinion;
    if (w->in->nature == NATURE_REPORT || w->misconduct || w->t.natures[NATURE_REPORT] > 0 ||
        w->t.conduct > 0 || w->t.opening == NATURE_REPORT ||
        (o != NULL && o->log_p[LEARNED_NATURE] != NULL &&
         exp((double)o->log_p[LEARNED_NATURE][NATURE_REPORT]) >= REPORT_LEARNED))
        return true;
    for (size_t g = 0; g < w->n_top; g++)
        if (w->r->categories[w->top[g]].nature == NATURE_REPORT &&
            route_category_worded(&w->t, (size_t)w->top[g]))
            return true;
    return false;
}

/* Praise that a fact belies: 服务真好,让我跑了五趟. */
static bool mocking(const struct tally *t)
{
    return t->praise > 0 && (t->tries > 0 || t->gripe >= 1) && !t->turned;
}

void route_nature_decide(struct route_work *w)
{
    const struct tally *t = &w->t;
    double scores[NATURES_N], usual[NATURES_N] = {0};
    memcpy(scores, t->natures, sizeof scores);
    double sum =
        0; /* of the guesses only: the many small shares of all the others say nothing of this text */
    for (size_t g = 0; g < w->n_top; g++) sum += w->shares[w->top[g]] * w->shares[w->top[g]];
    for (size_t g = 0; g < w->n_top; g++)
        usual[w->r->categories[w->top[g]].nature] +=
            NATURE_USUAL * w->shares[w->top[g]] * w->shares[w->top[g]] / sum;
    w->mocking = mocking(t);
    double hurt =
        scores[NATURE_COMPLAIN] + NATURE_TRY * MIN(2u, t->tries) + NATURE_GRIPE * MIN(4.0, t->gripe);
    bool asks = t->asks > 0 || scores[NATURE_ASK] > 0, rated = w->in->rating != 0;
    bool praised = t->praise > 0 && !w->mocking && scores[NATURE_COMPLAIN] <= 0;
    enum nature instead = w->in->door == DOOR_MONITOR ? NATURE_SUPERVISE
                          : praised && w->plaque >= 0 ? NATURE_RATE
                          : hurt >= GRIEVANCE         ? NATURE_COMPLAIN
                                                      : NATURE_APPEAL;
    if (!alleges(w)) {
        usual[instead] += usual[NATURE_REPORT];
        usual[NATURE_REPORT] = 0;
    }
    move_without_form(usual, NATURE_ASK, asks, instead);
    move_without_form(usual, NATURE_SUGGEST, scores[NATURE_SUGGEST] > 0 || t->opening == NATURE_SUGGEST,
                      instead);
    if (w->in->door == DOOR_MONITOR) {
        move_without_form(usual, NATURE_APPEAL, false, NATURE_SUPERVISE);
        move_without_form(usual, NATURE_COMPLAIN, false, NATURE_SUPERVISE);
        scores[NATURE_SUPERVISE] += NATURE_MONITOR;
    }
    for (int n = 1; n < NATURES_N; n++) scores[n] += usual[n];
    if (asks && t->asks > 0) scores[NATURE_ASK] += NATURE_QUESTION;
    scores[NATURE_COMPLAIN] += NATURE_TRY * MIN(2u, t->tries) + NATURE_GRIPE * MIN(4.0, t->gripe);
    if (praised && scores[NATURE_APPEAL] - usual[NATURE_APPEAL] <= 0 && !asks)
        scores[NATURE_RATE] += NATURE_PRAISED;
    if (t->opening != NATURE_UNKNOWN)
        scores[t->opening] += t->opening == NATURE_ASK ? NATURE_CHOSEN : NATURE_OPENING;
    if (w->in->nature != NATURE_UNKNOWN) scores[w->in->nature] += NATURE_CHOSEN;
    if (rated) scores[NATURE_RATE] += NATURE_CHOSEN;
    if (w->r->categories[w->top[0]].confidential) scores[NATURE_REPORT] += NATURE_CONFIDENTIAL;
    const struct route_opinion *o = w->opinion;
    if (o != NULL && o->log_p[LEARNED_NATURE] != NULL)
        for (int n = 1; n < NATURES_N; n++)
            scores[n] = scores[n] / (double)o->mix[LEARNED_NATURE].heat +
                        (double)o->mix[LEARNED_NATURE].share * (double)o->log_p[LEARNED_NATURE][n];
    /* Of two natures in one text the stronger duty wins, so ties go down this list. */
    static const enum nature duty[] = {NATURE_REPORT, NATURE_COMPLAIN, NATURE_APPEAL, NATURE_SUPERVISE,
                                       NATURE_ASK,    NATURE_SUGGEST,  NATURE_RATE};
    enum nature best = duty[0];
    for (size_t i = 1; i < ARRAY_LEN(duty); i++)
        if (scores[duty[i]] > scores[best]) best = duty[i];
    /* Bribery or revenge alleged is a report whatever else is complained of, and no number of other words outvotes it: from this nature
     * come the wall, the secrecy and the proposal to split. */
    w->d->nature = w->misconduct ? NATURE_REPORT : best;
}
