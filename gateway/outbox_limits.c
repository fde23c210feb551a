#include "outbox_part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_MAX     1000
#define PARALLEL_MAX 64

bool outbox_quiet_good(const char *hours)
{
    struct quiet q;
    return quiet_parse(str_of(hours), &q);
}

/* "12" or "0.5"; with a sign for balances. False also for what strtod would take beyond: hexadecimal, exponents, words. */
static bool number(struct str s, double *out_r)
{
    char digits[32];
    char *end;
    if (s.n == 0 || s.n >= sizeof digits) return false;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789.-", s.p[i])) return false;
    memcpy(digits, s.p, s.n);
    digits[s.n] = '\0';
    *out_r = strtod(digits, &end);
    return end != digits && *end == '\0';
}

/* "500ms", "5s", "10m", "1h", "1d", as in the settings of the program. */
static bool length(struct str s, span *out_r)
{
    static const struct {
        const char *unit;
        i64 us;
    } units[] = {{"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}, {"d", 86400000000}};
    size_t n = 0;
    u64 value;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9') n++;
    if (!str_u64((struct str){s.p, n}, 1000000, &value)) return false;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!str_eq(str_of(units[i].unit), (struct str){s.p + n, s.n - n})) continue;
        *out_r = SPAN_US((i64)value * units[i].us);
        return true;
    }
    return false;
}

static bool whole(struct str s, int min, int max, int *out_r)
{
    u64 v;
    if (!str_u64(s, (u64)max, &v) || (int)v < min) return false;
    *out_r = (int)v;
    return true;
}

/* What the channel says itself, over what stands in *l. False when something of it cannot be read; the rest is taken. */
static bool take_settings(const struct channel *ch, struct outbox_limits *l)
{
    struct str v;
    bool good = true;
    span s;
    double d;
    v = channel_setting(ch, STR("rate"));
    if (v.n && number(v, &d) && d >= 0.001 && d <= RATE_MAX)
        l->rate = d;
    else if (v.n)
        good = false;
    v = channel_setting(ch, STR("parallel"));
    if (v.n && !whole(v, 1, PARALLEL_MAX, &l->parallel)) good = false;
    v = channel_setting(ch, STR("tries"));
    if (v.n && !whole(v, 1, 50, &l->tries)) good = false;
    v = channel_setting(ch, STR("retry_first"));
    if (v.n && length(v, &s))
        l->retry.first = s;
    else if (v.n)
        good = false;
    v = channel_setting(ch, STR("retry_max"));
    if (v.n && length(v, &s))
        l->retry.most = s;
    else if (v.n)
        good = false;
    v = channel_setting(ch, STR("quiet"));
    if (v.n && !quiet_parse(v, &l->quiet)) good = false;
    v = channel_setting(ch, STR("balance_low"));
    if (v.n && number(v, &l->low))
        l->low_set = true;
    else if (v.n)
        good = false;
    return good;
}

bool outbox_limits(const struct gateway *g, const struct channel *ch, struct outbox_limits *l_r)
{
    const struct config *c = &g->cfg;
    *l_r = (struct outbox_limits){.parallel = c->outbox_parallel,
                                  .tries = c->outbox_tries,
                                  .retry = {c->outbox_retry_first, c->outbox_retry_max}};
    const bool quiet = quiet_parse(str_of(c->sms_quiet), &l_r->quiet);
    return take_settings(ch, l_r) && quiet;
}

bool outbox_setting_good(struct str name, struct str value)
{
    const struct channel_setting one = {name, value};
    const struct channel ch = {.settings = &one, .n_settings = 1};
    struct outbox_limits l = {0};
    return take_settings(&ch, &l);
}

bool outbox_sends(const struct channel_row *row)
{
    return row->active && channel_sends(row->adapter, &row->ch);
}

const struct channel_row *outbox_spare(const struct gateway *g, const struct channel_row *row)
{
    struct str name = channel_setting(&row->ch, STR("fallback"));
    const struct channel_row *spare = name.n ? register_channel(g, name) : NULL;
    return spare && spare != row && outbox_sends(spare) && spare->adapter->use == row->adapter->use ? spare
                                                                                                    : NULL;
}
