/* What stands between a form and intake: limits by address block, plaque, sender and content, the field that only programs fill,
 * proof of work when a limit is near, and marks for what looks like a burst. Called by the forms; the other doors ask
 * guard_rate. An urgent text is never dropped: it is stored and marked. Nothing here tells who somebody is: counters live
 * minutes, in memory, under a key that dies with the process (promise P11). */
#pragma once
#include "citizen_part.h"

struct guard_ask {
    const struct http_in *in;
    const struct webform *form;
    const struct form_kind *kind;
    struct str number; /* of the plaque, or empty */
    instant issued;    /* when the form was handed out */
    struct arena *arena;
};
/* REFUSE_NONE: let it in; sub->marks and sub->pow tell what was noticed and used up. Else why not, and for how long. */
enum refusal guard_check(struct gateway *g, const struct guard_ask *ask, struct submission *sub,
                         span *wait_r);
/* What the form carries for it: the challenge, when one is due. */
void guard_put(struct page *p, const struct form_kind *kind, struct str number);
