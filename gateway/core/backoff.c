#include "core/backoff.h"

#define ASKED_MAX SPAN_H(24)

span backoff_pause(struct backoff b, unsigned failures, u32 random)
{
    i64 most = MAX(b.most.us, (i64)1000), pause = MIN(MAX(b.first.us, (i64)1000), most);
    for (unsigned i = 1; i < failures && pause < most; i++) pause = pause > most / 2 ? most : pause * 2;
    /* In thousandths, so that the product stays within 64 bits for any setting. */
    return SPAN_US(MAX(pause - pause / 4000 * (i64)(random % 1000), (i64)1000));
}

span backoff_asked(struct backoff b, span asked, unsigned failures, u32 random)
{
    if (asked.us <= 0) return backoff_pause(b, failures, random);
    return SPAN_US(MIN(asked.us, MAX(b.most.us, ASKED_MAX.us)));
}
