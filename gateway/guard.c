#include "guard.h"

enum refusal guard_check(struct gateway *g, const struct guard_ask *ask, struct submission *sub, span *wait_r)
{
    (void)sub;
    /* Only programs fill the field that nobody sees. */
    if (webform_get(ask->form, ask->arena, "website").n) {
        *wait_r = SPAN_S(60);
        return REFUSE_TOO_MANY;
    }
    if (!gateway_rate(g, &g->submit_rate, ask->in->peer, g->cfg.submit_per_minute, 1, wait_r))
        return REFUSE_TOO_MANY;
    return REFUSE_NONE;
}

void guard_put(struct page *p, const struct form_kind *kind, struct str number)
{
    (void)p, (void)kind, (void)number;
}
