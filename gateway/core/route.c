/* Scores of a text -> a decision with its reasons. */
#include "core/route_part.h"
#include "base/utf8.h"
#include <math.h>
#include <string.h>

/* Weights and thresholds. A word of the matter tables weighs about 2 to 4; what follows is measured against that.
 * They were set by hand: tried on one half of the sample texts, with the other half's totals beside them. */
#define CATEGORY_HEAT   1.25 /* softmax: about one good word of difference makes three to one */
#define CATEGORY_NAMED  1.0  /* the unit that handles such matters is named in the text */
#define CATEGORY_TOPIC  0.12 /* its other matters occur, for each point */
#define CATEGORY_PLAQUE 0.5  /* its plaque was scanned: people mostly stand where the matter is */
#define CATEGORY_CHOSEN 0.5  /* the citizen chose the nature that such matters usually have: a hint */
#define CATEGORY_NATURE 0.4  /* the words sound like that nature */
#define CATEGORY_RATED  2.0  /* a level without words says only well or badly served */
#define BLANK_POINTS    8    /* a text as short as this without a known word says nothing */
#define BLANK_SURE      4.0
#define NATURE_USUAL    7.0 /* the nature that such matters usually have */
#define NATURE_CHOSEN                                                                                        \
    2.0 /* what the citizen chose; one clear word of another nature outweighs it with the matter */
#define NATURE_GRIPE          0.3 /* each word of anger, at most four of them */
#define NATURE_MISCONDUCT     3.0 /* bribery or revenge alleged: a report whatever the form was called */
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
#define HANDLER_PLAQUE_RATED   1.2  /* a rating goes back to the unit that was rated */
#define HANDLER_PLACE          2.6  /* village matters belong to the township */
#define PLACE_URBAN            0.4  /* in streets the district's own services do most of it */
#define HANDLER_PLACE_OTHER    0.08 /* elsewhere a township only says where it happened */
#define NAME_SURE              0.4  /* a name of this strength can be what the words are about */
#define CONDUCT_SURE           1.0
#define MISCONDUCT_SURE        2.5  /* one clear word */
#define URGENT_SURE            6.0  /* three words of haste lift a matter by one step, from 平缓 six */
#define CRITICAL_MATTER        0.5  /* a text that surely tells of an emergency is one */
#define CRITICAL_SURE          3.5  /* one clear word, wherever it stands in the text */
#define TRIAGE_BELOW           0.60 /* confidence under which a person decides */
#define BECAUSE_BYTES          400

struct work {
    const struct routing *r;
    const struct route_input *in;
    struct arena *a;
    struct tally t;
    struct decision *d;
    double *shares;         /* by category: softmax */
    double *handlers;       /* by unit */
    int top[ROUTE_GUESSES]; /* categories */
    size_t n_top;
    int plaque, plaque_main; /* index, -1: none */
    int named, about;        /* index, -1: none */
    bool misconduct;
};

static void decide_category(struct work *w);
static void decide_nature(struct work *w);
static void decide_urgency(struct work *w);
static void decide_about(struct work *w);
static void score_handlers(struct work *w, int category);
static int pick_handler(const struct work *w, int category, int skip, int skip2);
static bool walled(const struct work *w, int unit);
static int desk_behind_wall(const struct work *w, int category);
static void decide_unit(struct work *w);
static void decide_flags(struct work *w);
static void explain(struct work *w);
static void because(struct work *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool related(const struct routing *r, int a, int b);
static void best_of(const double *scores, size_t n, int *top, size_t max, size_t *n_r);

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

void route_decide(const struct routing *r, const struct route_input *in, struct arena *a, struct decision *d)
{
    memset(d, 0, sizeof *d);
    struct work w = {
        .r = r, .in = in, .a = a, .d = d, .plaque = -1, .plaque_main = -1, .named = -1, .about = -1};
    w.shares = arena_alloc(a, r->n_categories * sizeof *w.shares);
    w.handlers = arena_alloc(a, r->n_units * sizeof *w.handlers);
    if (w.shares == NULL || w.handlers == NULL || !route_tally(r, in->text, a, &w.t)) {
        /* Nothing is known, so nobody but the desk may see it. */
        d->unit_id = r->units[r->desk_triage].id;
        d->nature = in->nature == NATURE_UNKNOWN ? NATURE_APPEAL : in->nature;
        d->urgency = URGENCY_URGENT;
        d->level = 3;
        d->triage = d->held = d->opens_case = true;
        return;
    }
    if (in->unit_id != 0) w.plaque = routing_index(r, in->unit_id);
    if (w.plaque >= 0) w.plaque_main = r->units[w.plaque].main;
    w.misconduct = w.t.misconduct >= MISCONDUCT_SURE;
    decide_category(&w);
    decide_nature(&w);
    decide_about(&w);
    decide_unit(&w);
    decide_urgency(&w);
    decide_flags(&w);
    explain(&w);
}

static void decide_category(struct work *w)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    double most = 1.0, sum = 0, top = -1e9;
    for (int n = 1; n < NATURES_N; n++) most = MAX(most, t->natures[n]);
    for (size_t c = 0; c < r->n_categories; c++) {
        const struct route_category *k = &r->categories[c];
        if (k->heading) {
            w->shares[c] = -1e9;
            continue;
        }
        double s = t->categories[c];
        s += CATEGORY_NAMED * t->names[k->unit] + MIN(1.0, CATEGORY_TOPIC * t->topics[k->unit]);
        if (w->plaque_main == k->unit) s += CATEGORY_PLAQUE;
        if (w->in->nature == k->nature) s += CATEGORY_CHOSEN;
        s += CATEGORY_NATURE * t->natures[k->nature] / most;
        if (w->in->rating >= 3 && k->about && k->nature == NATURE_RATE) s += CATEGORY_RATED;
        if (w->in->rating >= 1 && w->in->rating < 3 && k->about && k->nature == NATURE_SUPERVISE)
            s += CATEGORY_RATED;
        w->shares[c] = s;
        top = MAX(top, s);
    }
    if (r->blank >= 0 && t->n_shown == 0 && w->in->rating == 0 && utf8_count(w->in->text) <= BLANK_POINTS) {
        w->shares[r->blank] += BLANK_SURE;
        top = MAX(top, w->shares[r->blank]);
    }
    for (size_t c = 0; c < r->n_categories; c++) {
        w->shares[c] = exp((w->shares[c] - top) / CATEGORY_HEAT);
        sum += w->shares[c];
    }
    for (size_t c = 0; c < r->n_categories; c++) w->shares[c] /= sum;
    best_of(w->shares, r->n_categories, w->top, ROUTE_GUESSES, &w->n_top);
    w->d->category = r->categories[w->top[0]].code;
}

static void decide_nature(struct work *w)
{
    double scores[NATURES_N];
    memcpy(scores, w->t.natures, sizeof scores);
    for (size_t c = 0; c < w->r->n_categories; c++)
        scores[w->r->categories[c].nature] += NATURE_USUAL * w->shares[c];
    if (w->in->nature != NATURE_UNKNOWN) scores[w->in->nature] += NATURE_CHOSEN;
    scores[NATURE_COMPLAIN] += NATURE_GRIPE * MIN(4.0, w->t.gripe);
    if (w->in->rating != 0) scores[NATURE_RATE] += NATURE_CHOSEN;
    if (w->misconduct || w->r->categories[w->top[0]].confidential) scores[NATURE_REPORT] += NATURE_MISCONDUCT;
    /* Of two natures in one text the stronger duty wins, so ties go down this list. */
    static const enum nature duty[] = {NATURE_REPORT, NATURE_COMPLAIN, NATURE_APPEAL, NATURE_SUPERVISE,
                                       NATURE_ASK,    NATURE_SUGGEST,  NATURE_RATE};
    enum nature best = duty[0];
    for (size_t i = 1; i < ARRAY_LEN(duty); i++)
        if (scores[duty[i]] > scores[best]) best = duty[i];
    w->d->nature = best;
}

/* Whose conduct the words are about. Asking and proposing complain of nobody. */
static void decide_about(struct work *w)
{
    const struct routing *r = w->r;
    const struct route_category *k = &r->categories[w->top[0]];
    double best = 0;
    for (size_t u = 0; u < r->n_units; u++) {
        if (w->t.names[u] > best) {
            best = w->t.names[u];
            w->named = (int)u;
        }
    }
    int named = best >= NAME_SURE ? w->named : -1;
    bool conduct = w->t.conduct >= CONDUCT_SURE;
    bool report = w->d->nature == NATURE_REPORT;
    if (!report && (w->d->nature == NATURE_ASK || w->d->nature == NATURE_SUGGEST)) return;
    if (k->about || w->misconduct || (report && conduct && named >= 0))
        w->about = named >= 0 ? named : w->plaque;
    else if (w->d->nature == NATURE_RATE || w->d->nature == NATURE_SUPERVISE)
        w->about = named >= 0 && w->plaque < 0 ? named : w->plaque;
    /* Whoever presses 举报 at a plaque may mean the unit on it, whatever the words look like: it never gets the report
     * (P4). A person of 追责问责组 finds out when it was meant for somebody else. */
    else if (report && w->in->nature == NATURE_REPORT)
        w->about = w->plaque >= 0 ? w->plaque : named;
    if (w->about >= 0 && !r->units[w->about].community) w->about = r->units[w->about].main;
}

/* Sister units under one superior, or one part of the other. The office stands above all and says nothing. */
static bool related(const struct routing *r, int a, int b)
{
    if (a == b) return true;
    int pa = r->units[a].parent, pb = r->units[b].parent;
    if (pa == b || pb == a) return !r->units[a].office && !r->units[b].office;
    return pa >= 0 && pa == pb && !r->units[pa].office;
}

static void score_handlers(struct work *w, int category)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    const struct route_category *k = &r->categories[category];
    bool service = k->handler == BY_NAME, place = k->handler == BY_PLACE;
    bool rated = w->d->nature == NATURE_RATE;
    memset(w->handlers, 0, r->n_units * sizeof *w->handlers);
    w->handlers[k->unit] += HANDLER_CATEGORY;
    for (size_t u = 0; u < r->n_units; u++) {
        int main = r->units[u].main;
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
    if (w->plaque_main >= 0) {
        w->handlers[w->plaque_main] += rated                                        ? HANDLER_PLAQUE_RATED
                                       : service                                    ? HANDLER_PLAQUE_SERVICE
                                       : place && r->units[w->plaque_main].township ? HANDLER_PLACE
                                       : related(r, w->plaque_main, k->unit)        ? HANDLER_PLAQUE_RELATED
                                                                                    : HANDLER_PLAQUE_OTHER;
    }
}

/* P4: the unit complained of, everything below it, what it is a part of, and what bears its name. */
static bool walled(const struct work *w, int unit)
{
    const struct route_unit *u = w->r->units;
    if (w->d->nature != NATURE_REPORT || w->about < 0) return false;
    int about = u[w->about].main;
    if (unit == about || unit == w->about) return true;
    for (int at = unit, depth = 0; at >= 0 && depth < 32; at = u[at].parent, depth++)
        if (at == about && !u[about].office) return true;
    return str_starts(u[about].name, u[unit].name) || str_starts(u[unit].name, u[about].name);
}

static int desk_behind_wall(const struct work *w, int category)
{
    const struct routing *r = w->r;
    const struct route_category *k = &r->categories[category];
    int order[3] = {r->desk_triage, r->desk_discipline, r->desk_triage};
    if (k->confidential || w->misconduct)
        order[0] = r->desk_discipline;
    else if (k->about && walled(w, k->unit))
        order[0] = r->desk_second;
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (!walled(w, order[i])) return order[i];
    return r->desk_discipline;
}

/* Best unit for the category that is not walled off, leaving out two others; -1 when no score is left. */
static int pick_handler(const struct work *w, int category, int skip, int skip2)
{
    int best = -1;
    for (size_t u = 0; u < w->r->n_units; u++) {
        if (w->handlers[u] <= 0 || (int)u == skip || (int)u == skip2 || walled(w, (int)u)) continue;
        if (best < 0 || w->handlers[u] > w->handlers[best]) best = (int)u;
    }
    const struct route_category *k = &w->r->categories[category];
    /* Misconduct never goes to the next best name in the text. */
    if (skip < 0 && w->d->nature == NATURE_REPORT && w->about >= 0 &&
        (best < 0 || (k->about && best != k->unit)))
        return walled(w, k->unit) ? desk_behind_wall(w, category) : k->unit;
    if (skip < 0 && w->d->nature == NATURE_REPORT && (k->confidential || w->misconduct))
        return desk_behind_wall(w, category);
    return best;
}

static void decide_unit(struct work *w)
{
    const struct routing *r = w->r;
    struct decision *d = w->d;
    double sure = 0;
    for (size_t g = w->n_top; g-- > 0;) { /* the first guess last, so that `handlers` stays its own */
        score_handlers(w, w->top[g]);
        int unit = pick_handler(w, w->top[g], -1, -1);
        if (unit < 0) unit = desk_behind_wall(w, w->top[g]);
        int second = pick_handler(w, w->top[g], unit, -2);
        double rest = second >= 0 ? w->handlers[second] : 0, own = MAX(w->handlers[unit], HANDLER_CATEGORY);
        sure = own / (own + rest);
        d->guesses[g] = (struct route_guess){r->units[unit].id, r->categories[w->top[g]].code,
                                             w->shares[w->top[g]] * sure};
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
    d->confidence = d->guesses[0].confidence;
    if (w->about >= 0) d->about_unit_id = r->units[w->about].id;
}

static void decide_urgency(struct work *w)
{
    const struct route_category *k = &w->r->categories[w->top[0]];
    const double *u = w->t.urgencies;
    enum nature n = w->d->nature;
    bool quiet = n == NATURE_ASK || n == NATURE_SUGGEST || n == NATURE_RATE;
    enum urgency base = URGENCY_NORMAL; /* what the matter's level says */
    if (k->level == 1)
        base = w->shares[w->top[0]] >= CRITICAL_MATTER ? URGENCY_CRITICAL : URGENCY_URGENT;
    else if (k->level == 2)
        base = quiet ? URGENCY_NORMAL : URGENCY_URGENT;
    else if (k->level == 4 || n == NATURE_SUGGEST)
        base = URGENCY_CALM;
    if (u[URGENCY_CRITICAL] >= CRITICAL_SURE)
        base = URGENCY_CRITICAL;
    else if (!quiet && base < URGENCY_URGENT &&
             u[URGENCY_URGENT] >= (base == URGENCY_CALM ? 2 : 1) * URGENT_SURE)
        base++;
    w->d->urgency = base;
    w->d->level = base == URGENCY_CRITICAL && k->level != 1 ? 1 : k->level;
}

static void decide_flags(struct work *w)
{
    struct decision *d = w->d;
    const struct routing *r = w->r;
    const struct route_category *k = &r->categories[w->top[0]];
    d->confidential = k->confidential || (d->nature == NATURE_REPORT && w->misconduct);
    bool said_so = w->in->nature == NATURE_REPORT || w->in->nature == NATURE_UNKNOWN;
    d->held = w->misconduct && (!said_so || !d->confidential);
    bool ill = w->in->rating != 0 ? w->in->rating < 3 : w->t.gripe > w->t.praise;
    d->opens_case = d->nature != NATURE_RATE || ill || d->held || d->urgency == URGENCY_CRITICAL;
    if (w->t.lawful_way.n > 0) d->lawful_way = w->t.lawful_way;
    /* A clear allegation has one place to go, however unclear the matter is. */
    d->triage = d->confidence < TRIAGE_BELOW && !(d->confidential && w->misconduct) && d->opens_case;
    if (!d->triage) return;
    int desk = r->desk_triage;
    if (walled(w, desk)) desk = r->desk_discipline;
    d->unit_id = r->units[desk].id;
}

static void explain(struct work *w)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    struct decision *d = w->d;
    const struct route_category *k = &r->categories[w->top[0]];
    if (w->plaque >= 0) because(w, "监督牌登记在%.*s名下", STR_ARG(r->units[w->plaque].name));
    if (w->named >= 0) {
        struct str word = r->patterns[t->name_pattern[w->named] - 1].word;
        because(w, "正文出现“%.*s”，即%.*s", STR_ARG(word), STR_ARG(r->units[w->named].name));
        if (r->units[w->named].community)
            because(w, "村社区不作为承办单位，归%.*s", STR_ARG(r->units[r->units[w->named].main].name));
    }
    for (size_t u = 0; u < r->n_units; u++)
        if (t->places[u] > 0 && k->handler == BY_PLACE) {
            because(w, "正文提到的地方属%.*s", STR_ARG(r->units[u].name));
            break;
        }
    size_t best = SIZE_MAX, next = SIZE_MAX;
    for (size_t i = 0; i < t->n_shown; i++) {
        if (t->shown[i].category != (u32)w->top[0]) continue;
        if (best == SIZE_MAX || t->shown[i].weight > t->shown[best].weight) {
            next = best;
            best = i;
        } else if (next == SIZE_MAX || t->shown[i].weight > t->shown[next].weight)
            next = i;
    }
    if (next != SIZE_MAX)
        because(w, "“%.*s”“%.*s”属于 %.*s(%.*s)，默认由%.*s办理", STR_ARG(t->shown[best].word),
                STR_ARG(t->shown[next].word), STR_ARG(k->name), STR_ARG(k->code),
                STR_ARG(r->units[k->unit].name));
    else if (best != SIZE_MAX)
        because(w, "“%.*s”属于 %.*s(%.*s)，默认由%.*s办理", STR_ARG(t->shown[best].word), STR_ARG(k->name),
                STR_ARG(k->code), STR_ARG(r->units[k->unit].name));
    else
        because(w, "正文没有可辨认的事项，最接近 %.*s(%.*s)", STR_ARG(k->name), STR_ARG(k->code));
    if (w->in->nature != NATURE_UNKNOWN && w->in->nature != d->nature)
        because(w, "提交时选的是%s，内容更像%s", nature_chinese(w->in->nature), nature_chinese(d->nature));
    int unit = routing_index(r, d->unit_id);
    if (w->about >= 0 && d->nature == NATURE_REPORT)
        because(w, "举报不得交被举报单位%.*s办理，由%.*s办理", STR_ARG(r->units[w->about].name),
                STR_ARG(r->units[unit].name));
    else if (w->about >= 0)
        because(w, "内容涉及%.*s自身的服务或作风", STR_ARG(r->units[w->about].name));
    if (d->urgency == URGENCY_CRITICAL && t->critical.n > 0)
        because(w, "正文出现“%.*s”，按特急处理", STR_ARG(t->critical));
    else if (d->urgency == URGENCY_CRITICAL)
        because(w, "%.*s按特急处理", STR_ARG(k->name));
    if (d->held)
        because(w, "正文出现“%.*s”，疑似反映廉洁问题，须先由追责问责组查看", STR_ARG(t->misconduct_word));
    if (d->lawful_way.n > 0)
        because(w, "正文出现“%.*s”，可能属法定途径：%.*s（待人工确认）", STR_ARG(t->lawful_word),
                STR_ARG(d->lawful_way));
    if (d->triage) because(w, "把握不足，先由%.*s人工分办", STR_ARG(r->units[unit].name));
}

static void because(struct work *w, const char *fmt, ...)
{
    if (w->d->n_because == ROUTE_BECAUSE) return;
    struct text line;
    text_init(&line, BECAUSE_BYTES * 4);
    va_list ap;
    va_start(ap, fmt);
    text_addfv(&line, fmt, ap);
    va_end(ap);
    struct str kept = line.overflow ? STR_NONE : arena_str(w->a, text_str(&line));
    if (kept.p != NULL) w->d->because[w->d->n_because++] = kept;
    text_free(&line);
}

static void best_of(const double *scores, size_t n, int *top, size_t max, size_t *n_r)
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
