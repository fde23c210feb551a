/* A text that holds an allegation and another matter: two parts are proposed to the triage desk, no unit sees anything before a person
 * has split it (gateway/split.h). Made by intake when the words come, kept with the decision: no word of the citizen's stands in it, only
 * where the sentences of each part begin and end in the masked words. Decides nothing for anybody. */
#pragma once
#include "gateway.h"
#include "core/route.h"

struct proposal {
    struct route_proposal parts;
    struct {
        int from, to; /* characters of the masked words, `to` excluded */
    } spans[ROUTE_SENTENCES];
    size_t n;
};
/* in, d: what was routed and what came of it. When true, d is the decision of what stays, held and at the triage desk; the words of the
 * allegation are no longer for 追责问责组 alone until the split, because a person must read both to part them. */
bool proposal_make(struct gateway *g, struct arena *a, struct str masked, const struct route_input *in,
                   struct decision *d, struct proposal *p) MUST_CHECK;
/* ,"proposal":{"report":{…},"rest":{…}} */
void proposal_json(struct gateway *g, const struct proposal *p, struct text *t);
