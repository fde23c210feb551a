/* How sure a decision is, and whether that is enough to go without a person. What the layers say beside each other becomes signs; a judge
 * (core/judge) weighs them, and a calibration tells how often decisions judged so were right. A model brings its own judge, made of
 * decisions that were held back from it; without one the rules have theirs below. A model without one is told by the share of its matter
 * times that of its unit. */
#include "core/route_part.h"
#include <math.h>

/* Some matters have several units and the text need not say which (three telephone companies, eight hospitals): the model knows of
 * such matters from their examples. Tried at 0, 0.3, 0.5 and 0.7: all but 0 put the right ones first alike. */
#define UNIT_DOUBT  0.5

#define NAME_SURE   0.4 /* a name of this strength means somebody */
#define TOPIC_FULL  4.0
#define WORDS_FULL  10.0
#define WORDS_PART  2.0 /* so that all signs move in one range */
#define MARGIN_FULL 6.0
#define LONG_TEXT   150.0
#define LENGTH_PART 50.0
#define NOTHING     (-9.0) /* points: the unit has no matter of its own */

/* How often the unit was right where the matter was, by the share that its score has of the best two. */
static const struct calibration unit_usually = {
    .n = 6, .raw = {0.5F, 0.6F, 0.7F, 0.8F, 0.9F, 1.0F}, .right = {0.5F, 0.74F, 0.82F, 0.89F, 0.95F, 0.97F}};
/* Found on the 4,219 shipped examples that know their unit and would go alone (tests/bench/run judge). */
static const struct judge rules_judge[CERTAIN_N] = {[CERTAIN_UNIT] = {.known = true,
                                                                      .weight = {[SIGN_ONE] = -0.04F,
                                                                                 [SIGN_MATTER] = -0.04F,
                                                                                 [SIGN_LEAD] = 1.49F,
                                                                                 [SIGN_PLAQUE] = 2.02F,
                                                                                 [SIGN_PLAQUE_OTHER] = -0.33F,
                                                                                 [SIGN_NAMED] = 1.13F,
                                                                                 [SIGN_NAMED_OTHER] = -0.23F,
                                                                                 [SIGN_TOPIC] = 0.24F,
                                                                                 [SIGN_TOPIC_OTHER] = -0.56F,
                                                                                 [SIGN_MARGIN] = 0.30F,
                                                                                 [SIGN_WORDS] = 0.24F,
                                                                                 [SIGN_WORDS_OTHER] = -0.02F,
                                                                                 [SIGN_PLAQUE_USUAL] = 0.89F,
                                                                                 [SIGN_NAMED_USUAL] = -0.01F,
                                                                                 [SIGN_USUAL] = -2.28F,
                                                                                 [SIGN_LENGTH] = -0.49F}},
                                                    [CERTAIN_BOTH] = {
                                                        .known = true,
                                                        .weight = {[SIGN_ONE] = -0.78F,
                                                                   [SIGN_MATTER] = 0.40F,
                                                                   [SIGN_LEAD] = 2.03F,
                                                                   [SIGN_PLAQUE] = 0.36F,
                                                                   [SIGN_PLAQUE_OTHER] = -0.10F,
                                                                   [SIGN_NAMED] = 0.40F,
                                                                   [SIGN_TOPIC] = 0.18F,
                                                                   [SIGN_TOPIC_OTHER] = -0.33F,
                                                                   [SIGN_MARGIN] = -0.10F,
                                                                   [SIGN_WORDS] = 0.18F,
                                                                   [SIGN_WORDS_OTHER] = -0.56F,
                                                                   [SIGN_PLAQUE_USUAL] = 1.56F,
                                                                   [SIGN_NAMED_USUAL] = 0.30F,
                                                                   [SIGN_USUAL] = -0.22F,
                                                                   [SIGN_LENGTH] = -0.46F}}};
/* How often unit, and unit and matter, were right by the half of the sample texts that no word was tried on (`route --eval --rules
 * --part 1/2`). */
static const struct calibration rules_unit = {
    .n = 6, .raw = {0.15F, 0.35F, 0.55F, 0.75F, 0.9F, 1}, .right = {0.25F, 0.5F, 0.75F, 0.82F, 0.95F, 0.97F}};
static const struct calibration rules_both = {
    .n = 6, .raw = {0.08F, 0.25F, 0.45F, 0.6F, 0.8F, 1}, .right = {0.2F, 0.38F, 0.62F, 0.7F, 0.78F, 0.86F}};
/* From here on a unit found by the rules alone goes without a person. Of the shipped examples, which are harder than life, 94.2 % were right
 * there, each judged by a judge of others, and 98 % of the sample texts, which no weight knows. Chosen in five folds of these, as the lowest
 * place where the lower end of what chance allows (judge_least) is 95 %, it lies at 0.9 in four of them. */
#define RULES_ALONE 0.9

/* The best for one unit and the best for all others. */
struct sides {
    double own, other;
};

static void take(struct sides *s, bool own, double value)
{
    double *of = own ? &s->own : &s->other;
    *of = MAX(*of, value);
}

static void read_signs(struct route_work *w, int unit, double lead, float *sign)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    struct sides names = {0, 0}, topics = {0, 0}, points = {NOTHING, NOTHING}, words = {0, 0};
    for (size_t u = 0; u < r->n_units; u++) {
        if (t->names[u] <= 0 && t->topics[u] <= 0) continue;
        take(&names, r->units[u].main == unit, t->names[u]);
        take(&topics, r->units[u].main == unit, t->topics[u]);
    }
    for (size_t c = 0; c < r->n_categories; c++) {
        if (r->categories[c].heading) continue;
        take(&points, r->categories[c].unit == unit, w->points[c]);
        take(&words, r->categories[c].unit == unit, t->categories[c]);
    }
    const bool plaque = w->plaque_main == unit, named = names.own >= NAME_SURE,
               usual = r->categories[w->top[0]].unit == unit;
    const double signs[JUDGE_SIGNS_N] = {[SIGN_ONE] = 1,
                                         [SIGN_MATTER] = (double)judge_odds(w->shares[w->top[0]]),
                                         [SIGN_LEAD] = lead,
                                         [SIGN_PLAQUE] = plaque,
                                         [SIGN_PLAQUE_OTHER] = w->plaque_main >= 0 && !plaque,
                                         [SIGN_NAMED] = named,
                                         [SIGN_NAMED_OTHER] = names.other >= NAME_SURE,
                                         [SIGN_TOPIC] = MIN(topics.own, TOPIC_FULL),
                                         [SIGN_TOPIC_OTHER] = topics.other > topics.own,
                                         [SIGN_MARGIN] =
                                             MAX(-MARGIN_FULL, MIN(points.own - points.other, MARGIN_FULL)),
                                         [SIGN_WORDS] = MIN(words.own, WORDS_FULL) / WORDS_PART,
                                         [SIGN_WORDS_OTHER] = MIN(words.other, WORDS_FULL) / WORDS_PART,
                                         [SIGN_PLAQUE_USUAL] = plaque && usual,
                                         [SIGN_NAMED_USUAL] = named && usual,
                                         [SIGN_USUAL] = usual,
                                         [SIGN_LENGTH] = MIN((double)w->length, LONG_TEXT) / LENGTH_PART};
    for (size_t i = 0; i < JUDGE_SIGNS_N; i++) sign[i] = (float)signs[i];
}

/* What a model adds. */
static void hear_signs(const struct route_work *w, int unit, const struct decision *d, float *sign)
{
    const float *matters = w->opinion->log_p[LEARNED_CATEGORY], *units = w->opinion->log_p[LEARNED_UNIT];
    sign[SIGN_UNIT_SCORE] = judge_odds(d->unit_score);
    sign[SIGN_SCORE] = judge_odds(d->score);
    if (matters != NULL) sign[SIGN_LEARNED] = judge_odds(exp((double)matters[w->top[0]]));
    if (units != NULL) sign[SIGN_LEARNED_UNIT] = judge_odds(exp((double)units[unit]));
}

double route_sure_unit(const struct route_work *w, int category, double unit_sure)
{
    return w->shares[category] * calibration_right(&unit_usually, unit_sure);
}

static double right_by(const struct calibration *c, double raw)
{
    return c != NULL ? calibration_right(c, raw) : raw;
}

void route_sure_judge(struct route_work *w, int unit, double unit_sure)
{
    struct decision *d = w->d;
    read_signs(w, unit, unit_sure, d->sign);
    if (w->opinion == NULL) {
        d->score = judge_sure(&rules_judge[CERTAIN_BOTH], d->sign);
        d->unit_score = judge_sure(&rules_judge[CERTAIN_UNIT], d->sign);
        d->confidence = calibration_right(&rules_both, d->score);
        d->unit_confidence = calibration_right(&rules_unit, d->unit_score);
        return;
    }
    const struct calibration *const *c = w->opinion->calibration;
    const struct judge *const *judge = w->opinion->judge;
    d->score = route_sure_unit(w, w->top[0], unit_sure);
    if (w->opinion->log_p[LEARNED_UNIT] != NULL)
        d->unit_score *= exp(UNIT_DOUBT * (double)w->opinion->log_p[LEARNED_UNIT][unit]);
    hear_signs(w, unit, d, d->sign);
    if (judge[CERTAIN_BOTH] != NULL) d->score = judge_sure(judge[CERTAIN_BOTH], d->sign);
    if (judge[CERTAIN_UNIT] != NULL) d->unit_score = judge_sure(judge[CERTAIN_UNIT], d->sign);
    d->unit_confidence = right_by(c[CERTAIN_UNIT], d->unit_score);
    d->confidence = right_by(c[CERTAIN_BOTH] != NULL ? c[CERTAIN_BOTH] : c[CERTAIN_MATTER], d->score);
}

bool route_sure_alone(const struct route_work *w)
{
    if (w->opinion == NULL) return w->d->unit_score >= RULES_ALONE;
    return w->d->unit_confidence >= (double)w->opinion->alone;
}
