/* How long to wait before something is tried again: doubling pauses with a ceiling, spread downwards so that a provider's return is
 * not met by everybody at once. Pure. Called by the outbox for messages and for whole channels. */
#pragma once
#include "base/clock.h"

struct backoff {
    span first, most; /* pause after the first failure; no pause is longer */
};
/* The pause after so many failures (from 1 on): first × 2^(failures − 1), at most `most`, less up to a quarter by the random number.
 * Never under a millisecond. */
span backoff_pause(struct backoff b, unsigned failures, u32 random);
/* What a provider asked for (0: nothing), else the pause. Of a foolish wish no more than the longer of a day and `most` counts. */
span backoff_asked(struct backoff b, span asked, unsigned failures, u32 random);
