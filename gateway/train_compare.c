#include "train_compare.h"
#include "base/code.h"
#include "core/matters.h"
#include <stdlib.h>
#include <string.h>

#define DECIDE_BYTES ((size_t)4 << 20) /* of one decision */

/* Spreads groups that were numbered one after another. */
static u32 spread(u32 x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ (x >> 16);
}

/* The oldest telling, which stands behind the newer ones, gives a matter its mark: what comes later moves nothing to the other side. */
static void mark_matters(struct train_case *all, size_t n)
{
    struct matters *m = matters_new(n);
    for (size_t i = n; i-- > 0;) {
        const struct train_case *first = &all[n - 1 - matters_add(m, all[i].e.text)];
        all[i].matter = first->e.group ? first->e.group : (u32)(first - all) + 1;
    }
    matters_free(&m);
}

static size_t hold(const struct train_case *all, size_t n, bool only_unseen, u32 each, bool *held)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        held[i] =
            (!only_unseen || all[i].unseen) && spread(all[i].matter) % each == 0 && all[i].e.category.n > 0;
        count += held[i];
    }
    return count;
}

static int by_number(const void *a, const void *b)
{
    const u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return x < y ? -1 : x > y;
}

static size_t matters_held(const struct train_case *all, size_t n, const bool *held)
{
    u32 *marks = mem_alloc((n + 1) * sizeof *marks);
    size_t count = 0, matters = 0;
    for (size_t i = 0; i < n; i++)
        if (held[i]) marks[count++] = all[i].matter;
    qsort(marks, count, sizeof *marks, by_number);
    for (size_t i = 0; i < count; i++) matters += i == 0 || marks[i] != marks[i - 1];
    free(marks);
    return matters;
}

size_t train_hold_back(struct train_case *all, size_t n, bool live, bool *held, bool *fresh_r,
                       size_t *matters_r)
{
    size_t count = 0;
    mark_matters(all, n);
    *fresh_r = true;
    if (live) count = hold(all, n, true, 2, held);
    if (count < TRAIN_HELD_MIN) {
        *fresh_r = !live; /* the model in force has an advantage, and whoever reads the table is told */
        count = hold(all, n, false, 5, held);
    }
    *matters_r = matters_held(all, n, held);
    return count;
}

static struct str unit_code(const struct routing_rows *rows, int id)
{
    for (size_t i = 0; i < rows->n_units; i++)
        if (rows->units[i].id == id) return rows->units[i].code;
    return STR("");
}

static bool tick(struct train_share *s, bool right)
{
    s->all++;
    s->right += right;
    return right;
}

static void score_one(const struct train_case *c, const struct decision *d, const struct routing_rows *rows,
                      int percent, struct train_score *s)
{
    const int guess = d->triage && d->n_guesses ? d->guesses[0].unit_id : d->unit_id;
    const bool category = tick(&s->category, str_eq(d->category, c->e.category));
    bool among = false, both = category;
    for (size_t i = 0; i < d->n_guesses; i++) among |= str_eq(d->guesses[i].category, c->e.category);
    (void)tick(&s->category_top3, among);
    if (c->e.unit.n) {
        both &= tick(&s->unit, str_eq(unit_code(rows, guess), c->e.unit));
        (void)tick(&s->both, both);
    }
    if (c->e.nature.n) (void)tick(&s->nature, str_eq(str_of(nature_chinese(d->nature)), c->e.nature));
    if (c->e.urgency.n) (void)tick(&s->urgency, str_eq(str_of(urgency_chinese(d->urgency)), c->e.urgency));
    const bool alone =
        d->opens_case && !d->triage && !d->held && !d->confidential && d->confidence * 100 >= (double)percent;
    (void)tick(alone ? &s->alone : &s->hand, both);
}

void train_score(const struct train_case *all, size_t n, const bool *held, const struct routing *r,
                 const struct routing_rows *rows, int percent, struct train_score *score_r)
{
    struct arena a;
    arena_init(&a, DECIDE_BYTES);
    *score_r = (struct train_score){.category = {0, 0}};
    for (size_t i = 0; i < n; i++) {
        struct decision d;
        if (!held[i]) continue;
        route_decide(r, &all[i].in, &a, &d);
        score_one(&all[i], &d, rows, percent, score_r);
        arena_free(&a);
    }
}

void train_score_json(const struct train_score *s, struct text *t)
{
    const struct {
        const char *name;
        struct train_share share;
    } rows[] = {{"category", s->category}, {"category_top3", s->category_top3},
                {"unit", s->unit},         {"nature", s->nature},
                {"urgency", s->urgency},   {"both", s->both},
                {"auto", s->alone},        {"hand", s->hand}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        text_addf(t, "%s\"%s\":{\"right\":%zu,\"all\":%zu}", i ? "," : "{", rows[i].name, rows[i].share.right,
                  rows[i].share.all);
    text_addc(t, '}');
}
