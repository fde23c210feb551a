/* The learned layer inside a decision: what the rule layers found goes to the model as facts, its opinion comes back in the
 * routing's own numbers. The other layers weigh it; here nothing is decided. */
#include "core/route_part.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FACT_CATEGORIES 4
#define FACT_FULL       1.5 /* a fact says no more than this, however often its words stand there */
#define NAME_SURE       0.4
#define LOG_LEAST       -9.0F /* what a model never met may still be: a clear word of the tables outweighs it */
#define REASON_SURE     0.10 /* an opinion that spreads over many matters is no reason for one */

int route_class_index(const struct routing *r, enum learned_head h, struct str code)
{
    switch (h) {
    case LEARNED_CATEGORY:
        for (size_t i = 0; i < r->n_categories; i++)
            if (!r->categories[i].heading && str_eq(r->categories[i].code, code)) return (int)i;
        return -1;
    case LEARNED_UNIT:
        for (size_t i = 0; i < r->n_units; i++)
            /* What it learned of a unit that was split says nothing of its successors. */
            if (str_eq(r->units[i].code, code)) return r->units[i].splits ? -1 : r->units[i].main;
        return -1;
    case LEARNED_NATURE: {
        enum nature n;
        return nature_parse(code, &n) ? (int)n : -1;
    }
    case LEARNED_URGENCY:
        for (int i = 0; i < URGENCIES_N; i++)
            if (str_eq(code, str_of(urgency_chinese((enum urgency)i)))) return i;
        return -1;
    default:
        return -1;
    }
}

size_t routing_categories(const struct routing *r) { return r->n_categories; }

bool route_unit_is(const struct routing *r, int unit_id, struct str code)
{
    int at = routing_index(r, unit_id);
    return at >= 0 && code.n > 0 && str_eq(r->units[at].code, code);
}

static size_t width(const struct routing *r, enum learned_head h)
{
    const size_t n[LEARNED_HEADS] = {r->n_categories, r->n_units, NATURES_N, URGENCIES_N};
    return n[h];
}

bool route_learn_build(struct routing *r, const struct learned *m)
{
    r->learned = m;
    if (m == NULL) return true;
    for (int h = 0; h < LEARNED_HEADS; h++) {
        size_t n = learned_classes(m, (enum learned_head)h);
        r->classes[h] = arena_alloc(&r->arena, (n + 1) * sizeof *r->classes[h]);
        if (r->classes[h] == NULL) return false;
        for (size_t i = 0; i < n; i++)
            r->classes[h][i] =
                route_class_index(r, (enum learned_head)h, learned_class(m, (enum learned_head)h, i));
    }
    return true;
}

bool route_opinion_set(const struct routing *r, enum learned_head h, const float *log_p,
                       const struct str *codes, const int *index, size_t n, struct arena *a,
                       struct route_opinion *o)
{
    size_t all = width(r, h);
    ASSERT(codes != NULL || index != NULL);
    float *own = arena_alloc(a, all * sizeof *own);
    if (own == NULL) return false;
    /* What the model has no class for is neither likelier nor less likely than the most of what it has. */
    float unknown = MAX(LOG_LEAST, -logf((float)(n + 1)) - 1.0F);
    for (size_t i = 0; i < all; i++) own[i] = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        int at = index != NULL ? index[i] : route_class_index(r, h, codes[i]);
        if (at >= 0) own[at] = MAX(own[at], MAX(LOG_LEAST, log_p[i])); /* merged units share one place */
    }
    for (size_t i = 0; i < all; i++)
        if (!(own[i] >= LOG_LEAST)) own[i] = unknown;
    o->log_p[h] = own;
    return true;
}

static double full(double points, double of) { return MIN(FACT_FULL, points / of); }

static void add_number(struct learned_facts *f, char sort, int number, double value)
{
    char digit = (char)('0' + number);
    learned_fact(f, sort, (struct str){&digit, 1}, value);
}

static void add_places(const struct route_work *w, struct learned_facts *f)
{
    const struct routing *r = w->r;
    double name = 0, topic = 0, place = 0;
    size_t named = 0, about = 0;
    for (size_t u = 0; u < r->n_units; u++) {
        if (w->t.names[u] > name) {
            name = w->t.names[u];
            named = u;
        }
        if (w->t.topics[u] > topic) {
            topic = w->t.topics[u];
            about = u;
        }
        place = MAX(place, w->t.places[u]);
    }
    if (name >= NAME_SURE) {
        learned_fact(f, 'N', STR_NONE, name);
        learned_fact(f, 'U', r->units[r->units[named].main].code, name);
    }
    if (topic > 0) learned_fact(f, 't', r->units[about].code, full(topic, 4));
    learned_fact(f, 'L', STR_NONE, place);
    if (w->plaque_main < 0) return;
    learned_fact(f, 'q', STR_NONE, 1);
    learned_fact(f, 'Q', r->units[w->plaque_main].code, 1);
    if (r->units[w->plaque_main].township) learned_fact(f, 'T', STR_NONE, 1);
}

void route_learn_facts(const struct route_work *w, struct learned_facts *f)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    int top[FACT_CATEGORIES];
    size_t n = 0, length = 0;
    f->n = 0;
    route_best_of(t->categories, r->n_categories, top, FACT_CATEGORIES, &n);
    for (size_t i = 0; i < n; i++)
        learned_fact(f, 'c', r->categories[top[i]].code, full(t->categories[top[i]], 3));
    route_best_of(w->shares, r->n_categories, top, 1, &n);
    if (n > 0) {
        const struct route_category *k = &r->categories[top[0]];
        learned_fact(f, 'C', k->code, w->shares[top[0]]);
        add_number(f, 'd', (int)k->nature, w->shares[top[0]]);
        add_number(f, 'l', k->level, w->shares[top[0]]);
    }
    for (int i = 1; i < NATURES_N; i++) add_number(f, 'n', i, full(t->natures[i], 4));
    for (int i = 0; i < URGENCIES_N; i++) add_number(f, 'v', i, full(t->urgencies[i], 4));
    learned_fact(f, 'm', STR_NONE, full(t->misconduct, 3));
    learned_fact(f, 'o', STR_NONE, full(t->conduct, 3));
    learned_fact(f, 'g', STR_NONE, full(t->gripe, 3));
    learned_fact(f, 'p', STR_NONE, full(t->praise, 3));
    learned_fact(f, 'r', STR_NONE, full(t->request, 3));
    if (t->lawful_way.n > 0) learned_fact(f, 'w', STR_NONE, 1);
    add_places(w, f);
    for (size_t step = 8; w->length >= step && length < 6; step *= 2) length++;
    add_number(f, 's', (int)length, 1);
}

void route_learn_ask(struct route_work *w)
{
    const struct learned *m = w->r->learned;
    struct learned_tokens tokens;
    struct learned_facts facts;
    struct learned_scores *s = &w->learned;
    struct route_opinion *o = ARENA_NEW(w->a, struct route_opinion);
    if (m == NULL || o == NULL || !learned_tokens(w->in->text, w->a, &tokens)) return;
    route_learn_facts(w, &facts);
    if (!learned_score(m, &tokens, &facts, w->a, s)) return;
    for (int h = 0; h < LEARNED_HEADS; h++) {
        enum learned_head head = (enum learned_head)h;
        if (s->log_p[h] == NULL) continue;
        if (!route_opinion_set(w->r, head, s->log_p[h], NULL, w->r->classes[h], learned_classes(m, head),
                               w->a, o))
            return; /* without it the rules decide alone */
        o->mix[h] = learned_mix(m, head);
    }
    for (int i = 0; i < CERTAIN_N; i++)
        if (learned_calibration(m, (enum certain)i)->n > 0)
            o->calibration[i] = learned_calibration(m, (enum certain)i);
    for (int i = 0; i < CERTAIN_N; i++) o->judge[i] = learned_judge(m, (enum certain)i);
    o->alone = learned_alone(m);
    w->opinion = o;
}

size_t route_learn_why(const struct route_work *w, struct str runs_r[ROUTE_RUNS])
{
    const struct learned *m = w->r->learned;
    if (w->learned.n_met == 0 || w->opinion == NULL || w->opinion->log_p[LEARNED_CATEGORY] == NULL ||
        exp((double)w->opinion->log_p[LEARNED_CATEGORY][w->top[0]]) < REASON_SURE)
        return 0;
    for (size_t i = 0; i < learned_classes(m, LEARNED_CATEGORY); i++)
        if (w->r->classes[LEARNED_CATEGORY][i] == w->top[0])
            return learned_why(m, &w->learned, i, runs_r, ROUTE_RUNS);
    return 0;
}
