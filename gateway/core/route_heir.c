/* Units that were split: which successor has a matter now. A unit that was merged has one, and route_names.c knows it. */
#include "core/route_part.h"
#include "core/route_build_part.h"
#include "base/utf8.h"

#define HEIRS_MAX 32 /* one behind the other, as for superiors */

void route_shares_add(struct build *b)
{
    struct routing *r = b->r;
    const size_t n = b->rows->n_shares;
    r->shares = build_take(b, (n + 1) * sizeof *r->shares);
    for (size_t i = 0; i < n && !b->failed; i++) {
        const struct routing_share *row = &b->rows->shares[i];
        const int unit = routing_index(r, row->unit_id), heir = routing_index(r, row->heir_id);
        if (unit < 0 || heir < 0 || row->value.n == 0 || !utf8_valid(row->value)) {
            build_fail(b, "share %zu of a unit that was split lacks a unit or a value", i + 1);
            return;
        }
        /* What follows a plaque or a lower unit is the register's: those are under their heir already. */
        if (r->units[unit].successor < 0 || !(row->by == SHARE_CATEGORY || row->by == SHARE_PLACE)) {
            r->shares[r->n_shares++] = (struct route_share){unit, heir, SHARE_OTHER, STR_NONE};
            continue;
        }
        r->shares[r->n_shares++] = (struct route_share){unit, heir, row->by, build_keep(b, row->value)};
    }
    /* Whoever comes by a unit that was split on the way to who handles: not many, so that nobody else pays for it. */
    for (size_t u = 0; u < r->n_units && !b->failed && r->n_shares > 0; u++) {
        int at = (int)u;
        for (int depth = 0; at >= 0 && depth < HEIRS_MAX; depth++) {
            for (size_t i = 0; i < r->n_shares; i++) r->units[u].splits |= r->shares[i].unit == at;
            at = r->units[at].successor >= 0 ? r->units[at].successor : r->units[at].acts_for;
        }
    }
}

static bool names_it(const struct route_work *w, const struct route_share *s, int category)
{
    if (s->by == SHARE_CATEGORY) return str_starts(w->r->categories[category].code, s->value);
    return s->by == SHARE_PLACE && str_find(w->in->text, s->value) != SIZE_MAX;
}

int route_heir(const struct route_work *w, int unit, int category, bool *guessed_r)
{
    const struct routing *r = w->r;
    int at = unit;
    *guessed_r = false;
    for (int depth = 0; depth < HEIRS_MAX; depth++) {
        int next = -1;
        bool split = false;
        for (size_t i = 0; i < r->n_shares && next < 0; i++) {
            if (r->shares[i].unit != at) continue;
            split = true;
            if (names_it(w, &r->shares[i], category)) next = r->shares[i].heir;
        }
        if (next < 0) {
            *guessed_r |= split;
            next = r->units[at].successor >= 0 ? r->units[at].successor : r->units[at].acts_for;
        }
        if (next < 0) break;
        at = next;
    }
    return at;
}

bool route_heir_any(const struct routing *r, int unit, int heir)
{
    for (size_t i = 0; i < r->n_shares; i++)
        if (r->shares[i].unit == unit && r->units[r->shares[i].heir].main == heir) return true;
    return r->units[unit].main == heir;
}
