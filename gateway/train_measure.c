/* How far a model may be believed: heats, mixes and calibrations from held-back scores. */
#include "core/submission.h"
#include "train_part.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DECIDE_ARENA    ((size_t)8 << 20)
#define URGENCY_FOREIGN 0.4F /* heat of the rules' urgency: it counts two and a half */
#define TRIED_MAX       1500 /* decisions for one try of a mix */
#define OWN_LEAST       200 /* examples of the office's own that know their unit, from which they count alone */
#define CERTAIN_LEAST   100 /* decisions */
#define BINS            20
#define BIN_LEAST       15
#define RIGHT_AT_ALL    0.5 /* pseudo-decision added to each bin, this much of it right */
/* Share of right units among what goes out without a person. The office's own examples are few at first, and the luckiest place is chosen:
 * the lower end of what chance allows must reach it. The shipped ones are many and judged more hardly than life (every third plaque is another
 * unit's): the share itself does, where the office's own do not speak against it. */
#define ALONE_RIGHT 0.95
#define ALONE_LEAST 30 /* decisions, below which such a share is chance */

/* The examples may have English words or Chinese ones. */
static struct str nature_of(const struct train_example *e)
{
    enum nature n;
    return nature_parse(e->nature, &n) ? str_of(nature_chinese(n)) : STR_NONE;
}

static double loss(const float *scores, size_t n, int gold, double heat)
{
    double top = -1e30, sum = 0;
    for (size_t i = 0; i < n; i++) top = MAX(top, (double)scores[i]);
    for (size_t i = 0; i < n; i++) sum += exp(((double)scores[i] - top) / heat);
    return log(sum) - ((double)scores[gold] - top) / heat;
}

static double loss_of(const struct train_course *c, const struct train_head *head, double heat)
{
    double sum = 0;
    for (size_t m = 0; m < c->n_measured; m++) {
        int gold = head->class[c->measured[m]];
        if (gold >= 0) sum += loss(head->held + m * head->n, head->n, gold, heat);
    }
    return sum;
}

/* The heat under which the held-back answers are likeliest; the loss has one valley over its logarithm. */
static void find_heat(struct train_course *c, struct train_head *head)
{
    double low = log(0.01), high = log(10);
    while (high - low > 0.02) {
        double a = low + (high - low) / 3, b = high - (high - low) / 3;
        if (loss_of(c, head, exp(a)) < loss_of(c, head, exp(b)))
            high = b;
        else
            low = a;
    }
    head->heat = (float)exp((low + high) / 2);
    head->mix = (struct learned_mix){1, 1};
}

/* Held-back scores -> logarithms of probabilities, in place. */
static void level(struct train_course *c, struct train_head *head)
{
    for (size_t m = 0; m < c->n_measured; m++) {
        float *own = head->held + m * head->n;
        double down = loss(own, head->n, 0, (double)head->heat), first = (double)own[0];
        for (size_t i = 0; i < head->n; i++)
            own[i] = (float)(((double)own[i] - first) / (double)head->heat - down);
    }
}

static bool told(struct train_course *c, size_t m, bool with, struct arena *a, struct decision *d)
{
    const struct train_example *e = c->set.example[c->measured[m]];
    struct route_input in = {.text = e->text, .unit_id = e->plaque, .door = DOOR_IMPORT};
    struct route_opinion o = {.alone = c->alone};
    bool ok = true;
    for (int h = 0; h < LEARNED_HEADS && ok && with; h++) {
        const struct train_head *head = &c->head[h];
        if (head->n == 0) continue;
        ok = route_opinion_set(c->routing, (enum learned_head)h, head->held + m * head->n, head->codes, NULL,
                               head->n, a, &o);
        o.mix[h] = head->mix;
    }
    for (int i = 0; i < CERTAIN_N; i++) {
        if (c->calibration[i].n > 0) o.calibration[i] = &c->calibration[i];
        if (c->judge[i].known) o.judge[i] = &c->judge[i];
    }
    if (ok) route_decide_told(c->routing, &in, with ? &o : NULL, a, d);
    return ok;
}

/* Of the office's own examples, or of all while those are few. */
static bool counts(const struct train_course *c, size_t m, bool own)
{
    return !own || c->set.example[c->measured[m]]->own;
}

static void find_category_mix(struct train_course *c)
{
    static const double heats[] = {0.9, 1.25, 1.7, 2.3, 3.2, 4.5},
                        shares[] = {0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5};
    struct train_head *head = &c->head[LEARNED_CATEGORY];
    size_t width = routing_categories(c->routing);
    double sums[ARRAY_LEN(heats)][ARRAY_LEN(shares)] = {{0}}, *mixed = mem_alloc(width * sizeof *mixed);
    for (size_t m = 0; m < c->n_measured; m++) {
        const struct train_example *e = c->set.example[c->measured[m]];
        int gold = route_class_index(c->routing, LEARNED_CATEGORY, e->category);
        struct arena a;
        struct learned_facts f;
        struct route_opinion o = {.alone = 0};
        const double *points;
        struct route_input in = {.text = e->text, .unit_id = e->plaque, .door = DOOR_IMPORT};
        arena_init(&a, DECIDE_ARENA);
        if (gold >= 0 && route_look(c->routing, &in, &a, &f, &points) &&
            route_opinion_set(c->routing, LEARNED_CATEGORY, head->held + m * head->n, head->codes, NULL,
                              head->n, &a, &o)) {
            for (size_t i = 0; i < ARRAY_LEN(heats); i++)
                for (size_t k = 0; k < ARRAY_LEN(shares); k++) {
                    double top = -1e30, all = 0;
                    for (size_t j = 0; j < width; j++) {
                        mixed[j] = points[j] / heats[i] + shares[k] * (double)o.log_p[LEARNED_CATEGORY][j];
                        top = MAX(top, mixed[j]);
                    }
                    for (size_t j = 0; j < width; j++) all += mixed[j] - top < -30 ? 0 : exp(mixed[j] - top);
                    sums[i][k] += log(all) - (mixed[gold] - top);
                }
        }
        arena_free(&a);
    }
    double best = INFINITY;
    for (size_t i = 0; i < ARRAY_LEN(heats); i++)
        for (size_t k = 0; k < ARRAY_LEN(shares); k++)
            if (sums[i][k] < best) {
                best = sums[i][k];
                head->mix = (struct learned_mix){(float)heats[i], (float)shares[k]};
            }
    free(mixed);
}

/* Nature and urgency depend on all layers before them, so each mix is tried by deciding. */
static void find_mix(struct train_course *c, enum learned_head h, const double *heats, size_t n, bool own)
{
    struct train_head *head = &c->head[h];
    size_t most = 0, step = (c->n_measured + TRIED_MAX - 1) / TRIED_MAX;
    struct learned_mix best = {(float)heats[0], 1};
    if (head->n == 0) return;
    if (own) step = 1;
    for (size_t k = 0; k < n; k++) {
        size_t right = 0;
        head->mix = (struct learned_mix){(float)heats[k], 1};
        for (size_t m = 0; m < c->n_measured; m += step) {
            const struct train_example *e = c->set.example[c->measured[m]];
            struct str gold = h == LEARNED_NATURE ? nature_of(e) : e->urgency;
            struct arena a;
            struct decision d;
            if (gold.n == 0 || !counts(c, m, own)) continue;
            arena_init(&a, DECIDE_ARENA);
            if (told(c, m, true, &a, &d))
                right += str_eq(gold, str_of(h == LEARNED_NATURE ? nature_chinese(d.nature)
                                                                 : urgency_chinese(d.urgency)));
            arena_free(&a);
        }
        if (right > most) {
            most = right;
            best = head->mix;
        }
    }
    head->mix = best;
}

static void count(struct train_figure *f, bool right)
{
    f->all++;
    f->right += right;
}

static int by_raw(const void *a, const void *b)
{
    float x = ((const float *)a)[0], y = ((const float *)b)[0];
    return x < y ? -1 : x > y;
}

/* Pairs of raw certainty and 0 or 1, in bins of equal number; a bin that is less often right than the one before it is joined with
 * it until none is (isotonic regression: Zadrozny and Elkan, KDD 2002). */
static void calibrate(float (*pairs)[2], size_t n, struct calibration *c)
{
    struct {
        double raw, right, n;
    } bins[BINS];
    size_t n_bins = MIN((size_t)BINS, n / BIN_LEAST), used = 0;
    c->n = 0;
    if (n_bins < 2) return;
    qsort(pairs, n, sizeof *pairs, by_raw);
    for (size_t i = 0; i < n_bins; i++) {
        bins[used].raw = bins[used].right = bins[used].n = 0;
        for (size_t k = i * n / n_bins; k < (i + 1) * n / n_bins; k++) {
            bins[used].raw += (double)pairs[k][0];
            bins[used].right += (double)pairs[k][1];
            bins[used].n++;
        }
        used++;
        while (used > 1 &&
               bins[used - 1].right * bins[used - 2].n <= bins[used - 2].right * bins[used - 1].n) {
            bins[used - 2].raw += bins[used - 1].raw;
            bins[used - 2].right += bins[used - 1].right;
            bins[used - 2].n += bins[used - 1].n;
            used--;
        }
    }
    for (size_t i = 0; i < used; i++) {
        c->raw[i] = (float)(bins[i].raw / bins[i].n);
        c->right[i] = (float)((bins[i].right + RIGHT_AT_ALL) / (bins[i].n + 1));
        /* Half the way back to the score itself, so that no step is level: what is surer in score stays surer. */
        c->right[i] = (c->right[i] + c->raw[i]) / 2;
        if (i > 0) c->right[i] = MAX(c->right[i], c->right[i - 1]);
    }
    c->n = used;
    /* Above the middle of the last bin, too: where one bin is all that is sure, the surest of it stay before the others. */
    if (c->raw[used - 1] < 1) {
        c->raw[c->n] = 1;
        c->right[c->n++] = (c->right[used - 1] + 1) / 2;
    }
}

static int by_score(const void *a, const void *b)
{
    double x = ((const struct train_told *)a)->score[CERTAIN_UNIT],
           y = ((const struct train_told *)b)->score[CERTAIN_UNIT];
    return x > y ? -1 : x < y;
}

static bool enough(struct train_figure f)
{
    return f.all >= ALONE_LEAST && (double)f.right >= ALONE_RIGHT * (double)f.all;
}

/* The lowest certainty down to which enough decisions were right, of those that might go, counted from the surest on. */
static float find_alone(const struct calibration *c, bool own, struct train_told *t, size_t n)
{
    struct train_figure ours = {0, 0}, shipped = {0, 0};
    float alone = 2;
    qsort(t, n, sizeof *t, by_score);
    for (size_t i = 0; i < n; i++) {
        if (t[i].may_go) count(own && t[i].own ? &ours : &shipped, t[i].right[CERTAIN_UNIT]);
        if (i + 1 < n && t[i + 1].score[CERTAIN_UNIT] >= t[i].score[CERTAIN_UNIT]) continue;
        if (judge_least(ours.right, ours.all) >= ALONE_RIGHT || (enough(shipped) && (!own || enough(ours))))
            alone = (float)calibration_right(c, t[i].score[CERTAIN_UNIT]);
    }
    return alone;
}

static bool gather(struct train_course *c, bool units, struct train_told *all, size_t *n_r)
{
    *n_r = 0;
    for (size_t m = 0; m < c->n_measured; m++) {
        const struct train_example *e = c->set.example[c->measured[m]];
        struct arena a;
        struct decision d;
        if (e->category.n == 0 || (units && e->unit.n == 0)) continue;
        arena_init(&a, DECIDE_ARENA);
        bool ok = told(c, m, true, &a, &d);
        if (ok) {
            struct train_told *t = &all[(*n_r)++];
            int unit = d.n_units > 0 ? d.units[0] : d.unit_id;
            t->score[CERTAIN_MATTER] = t->score[CERTAIN_BOTH] = d.score;
            t->score[CERTAIN_UNIT] = d.unit_score;
            t->right[CERTAIN_MATTER] = str_eq(d.category, e->category);
            t->right[CERTAIN_UNIT] = route_unit_is(c->routing, unit, e->unit);
            t->right[CERTAIN_BOTH] = t->right[CERTAIN_MATTER] && t->right[CERTAIN_UNIT];
            memcpy(t->sign, d.sign, sizeof t->sign);
            t->own = e->own;
            t->may_go = d.opens_case && !d.held && !d.confidential && d.lawful_way.n == 0;
            t->fold = train_fold(&c->set, c->measured[m], c->folds);
        }
        arena_free(&a);
        if (!ok) return false;
    }
    return true;
}

/* The calibration is of those that count; what may go alone is found on all. */
static void find_certainty(struct train_course *c, enum certain of, bool own, struct train_told *all,
                           size_t n)
{
    float(*pairs)[2] = mem_alloc((n + 1) * sizeof *pairs);
    size_t counted = 0;
    for (size_t i = 0; i < n; i++) {
        if (own && !all[i].own) continue;
        pairs[counted][0] = (float)all[i].score[of];
        pairs[counted++][1] = all[i].right[of];
    }
    if (counted >= CERTAIN_LEAST) calibrate(pairs, counted, &c->calibration[of]);
    if (c->calibration[of].n > 0 && of == CERTAIN_UNIT)
        c->alone = find_alone(&c->calibration[of], own, all, n);
    free(pairs);
}

static bool figures(struct train_course *c, bool own, struct train_report *r)
{
    for (size_t m = 0; m < c->n_measured; m++) {
        const struct train_example *e = c->set.example[c->measured[m]];
        if (!counts(c, m, own)) continue;
        r->held_back++;
        for (int with = 0; with < 2; with++) {
            struct arena a;
            struct decision d;
            arena_init(&a, DECIDE_ARENA);
            if (!told(c, m, with != 0, &a, &d)) {
                arena_free(&a);
                return false;
            }
            int unit = d.n_units > 0 ? d.units[0] : d.unit_id;
            bool category = str_eq(d.category, e->category), is = route_unit_is(c->routing, unit, e->unit);
            if (e->category.n > 0) count(with ? &r->category : &r->rules_category, category);
            if (e->unit.n > 0) count(with ? &r->unit : &r->rules_unit, is);
            if (e->nature.n > 0)
                count(with ? &r->nature : &r->rules_nature,
                      str_eq(e->nature, str_of(nature_chinese(d.nature))));
            if (e->urgency.n > 0)
                count(with ? &r->urgency : &r->rules_urgency,
                      str_eq(e->urgency, str_of(urgency_chinese(d.urgency))));
            if (with && e->category.n > 0 && !d.triage) count(&r->alone, category && (is || e->unit.n == 0));
            bool among = false;
            for (size_t g = 0; g < d.n_guesses; g++) among |= str_eq(d.guesses[g].category, e->category);
            if (with && e->category.n > 0) count(&r->category_top3, among);
            arena_free(&a);
        }
    }
    return true;
}

bool train_measure(struct train_course *c, struct train_report *report, struct text *error)
{
    static const double nature_heats[] = {1.0, 1.5, 2.5, 4, 7, 12},
                        urgency_heats[] = {0.25, 0.4, 0.6, 1, 2, 5};
    size_t known = 0, owned = 0, n = 0;
    for (size_t m = 0; m < c->n_measured; m++) {
        const struct train_example *e = c->set.example[c->measured[m]];
        known += e->unit.n > 0;
        owned += e->own && e->unit.n > 0;
    }
    bool own = owned >= OWN_LEAST;
    for (int h = 0; h < LEARNED_HEADS; h++) {
        if (c->head[h].n == 0) continue;
        find_heat(c, &c->head[h]);
        level(c, &c->head[h]);
    }
    c->alone = 2;
    c->head[LEARNED_NATURE].mix = (struct learned_mix){4, 1};
    c->head[LEARNED_URGENCY].mix = (struct learned_mix){1, 1};
    find_category_mix(c);
    find_mix(c, LEARNED_NATURE, nature_heats, ARRAY_LEN(nature_heats), own);
    /* How fast an office wants a matter to move is its own rule: examples of others tell less of it than the rules do. */
    if (own)
        find_mix(c, LEARNED_URGENCY, urgency_heats, ARRAY_LEN(urgency_heats), own);
    else
        c->head[LEARNED_URGENCY].mix = (struct learned_mix){URGENCY_FOREIGN, 1};
    /* Without examples that know their unit nobody can vouch for one. */
    const bool units = known >= OWN_LEAST;
    struct train_told *all = mem_alloc((c->n_measured + 1) * sizeof *all);
    bool ok = gather(c, units, all, &n);
    for (int of = CERTAIN_UNIT; ok && units && of < CERTAIN_N; of++)
        train_judge(c, (enum certain)of, own, all, n);
    for (int of = 0; ok && of < (units ? CERTAIN_N : CERTAIN_UNIT); of++)
        find_certainty(c, (enum certain)of, own, all, n);
    ok = ok && figures(c, own, report);
    if (!ok) text_addz(error, "an example does not fit into the memory of a decision");
    free(all);
    return ok;
}
