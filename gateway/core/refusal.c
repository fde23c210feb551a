#include "core/refusal.h"

static const struct refusal_facts facts[] = {
#define X(id, code, status, zh, en) {code, status, zh, en},
    REFUSALS(X)
#undef X
};

const struct refusal_facts *refusal_facts(enum refusal r)
{
    ASSERT((unsigned)r < REFUSALS_N);
    return &facts[r];
}
