/* Hours of the day in which nobody is asked for an opinion, in China time. Pure. Called by the outbox, which never holds back a
 * message of a case that is urgent. */
#pragma once
#include "base/clock.h"
#include "base/str.h"

struct quiet {
    int from, to; /* minutes after midnight; from > to goes over midnight; alike: never quiet */
};
/* "21:00-08:00", or "none". */
bool quiet_parse(struct str s, struct quiet *q_r) MUST_CHECK;
/* How long the quiet lasts from now on; 0 when it is not quiet. */
span quiet_left(struct quiet q, instant now);
