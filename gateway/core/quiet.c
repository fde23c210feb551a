#include "core/quiet.h"

#define DAY_MINUTES 1440

/* "08:00", also "8:00"; "24:00" is the midnight that ends a day. */
static bool time_parse(struct str s, int *minutes_r)
{
    struct str h, m;
    u64 hours, minutes;
    if (!str_cut(str_trim(s), ':', &h, &m) || h.n == 0 || h.n > 2 || m.n != 2) return false;
    if (!str_u64(h, 24, &hours) || !str_u64(m, 59, &minutes) || (hours == 24 && minutes > 0)) return false;
    *minutes_r = (int)(hours * 60 + minutes) % DAY_MINUTES;
    return true;
}

bool quiet_parse(struct str s, struct quiet *q_r)
{
    struct str from, to;
    if (str_eq(str_trim(s), STR("none"))) {
        *q_r = (struct quiet){0, 0};
        return true;
    }
    return str_cut(s, '-', &from, &to) && time_parse(from, &q_r->from) && time_parse(to, &q_r->to);
}

span quiet_left(struct quiet q, instant now)
{
    const i64 day = SPAN_H(24).us;
    i64 at = (now.us + CHINA_OFFSET.us) % day, from = SPAN_MIN(q.from).us, to = SPAN_MIN(q.to).us;
    if (at < 0) at += day;
    if (from < to) return SPAN_US(at >= from && at < to ? to - at : 0);
    if (from == to) return SPAN_US(0);
    if (at >= from) return SPAN_US(day - at + to);
    return SPAN_US(at < to ? to - at : 0);
}
