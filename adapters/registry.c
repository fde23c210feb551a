/* The one list of providers. A new adapter is one .c file, its name in adapter.h and one line here. */
#include "adapters/adapter.h"

const struct adapter *const adapters[] = {
    &adapter_kannel,  &adapter_mail,     &adapter_webhook, &adapter_gammu,  &adapter_wechat,  &adapter_twilio,
    &adapter_vonage,  &adapter_infobip,  &adapter_plivo,   &adapter_aliyun, &adapter_tencent, &adapter_huawei,
    &adapter_yunpian, &adapter_dingtalk, &adapter_feishu,  &adapter_wecom,  &adapter_generic, NULL};

/* allow_ip      addresses and networks that may push; empty: all
 * hook_base     where the provider reaches this gateway, if not at public_url
 * hook_key      the door's secret, which addresses of delivery receipts carry
 * old_until     epoch second until which <secret>_old still counts
 * sign          signature in front of an SMS, without brackets; empty: district_name
 * fallback      channel that takes over when this one cannot send
 * rate          sendings in a second at the most
 * parallel      sendings on their way at the same time
 * tries         sendings of one message before it is a dead letter; empty: outbox_tries
 * retry_first   pause before the second try (e.g. 5s)
 * retry_max     longest pause between two tries
 * quiet         hours in which surveys wait, in China time (21:00-08:00); empty: the setting sms_quiet
 * balance_low   alarm when less than this is left
 * events        kinds of events that go to a group, a mailbox or a subscriber: words with commas, a star at the end of one
 *               stands for the rest
 * units         codes of the units whose events are told; empty: all that may be told */
const char *const channel_common_settings[] = {
    "allow_ip",    "hook_base", "sign",  "fallback",    "rate",   "parallel", "tries",
    "retry_first", "retry_max", "quiet", "balance_low", "events", "units",    NULL};

static bool name_fits(const char *listed, struct str name)
{
    struct str l = str_of(listed);
    if (l.n && l.p[l.n - 1] == '*') return name.n >= l.n && str_starts(name, (struct str){l.p, l.n - 1});
    return str_eq(l, name);
}

int channel_setting_known(const struct adapter *a, struct str name)
{
    for (const char *const *z = channel_common_settings; *z; z++)
        if (str_eq(str_of(*z), name)) return 1;
    for (const char *const *z = a->setting_names; z && *z; z++)
        if (name_fits(**z == '!' ? *z + 1 : *z, name)) return **z == '!' ? 2 : 1;
    return 0;
}

bool inbox_reserve(struct inbox *in, struct arena *arena, size_t items, size_t receipts)
{
    in->n_items = in->n_receipts = 0;
    in->malformed_type = in->malformed_body = STR_NONE;
    if (items > INBOX_MAX || receipts > INBOX_MAX) return false;
    in->items = arena_alloc(arena, (items + 1) * sizeof *in->items);
    in->receipts = arena_alloc(arena, (receipts + 1) * sizeof *in->receipts);
    return in->items && in->receipts;
}

struct str message_param(const struct message *m, struct str name)
{
    for (size_t i = 0; i < m->n_params; i++)
        if (str_eq(m->params[i].name, name)) return m->params[i].value;
    return STR_NONE;
}

static struct str event_setting(const struct channel *ch, const char *what, struct str event)
{
    struct text t;
    text_init(&t, 100);
    text_addf(&t, "%s_%.*s", what, STR_ARG(event));
    struct str value = channel_setting(ch, text_str(&t));
    text_free(&t);
    return value;
}

struct str message_template(const struct channel *ch, const struct message *m)
{
    return event_setting(ch, "template", m->event);
}

bool message_ordered(const struct channel *ch, const struct message *m, struct arena *arena,
                     const struct message_param **params_r, size_t *n_r)
{
    struct str rest = event_setting(ch, "params", m->event), name;
    *params_r = m->params;
    *n_r = m->n_params;
    if (rest.n == 0) return true;
    struct message_param *all = arena_alloc(arena, (rest.n + 1) * sizeof *all);
    if (!all) return false;
    *params_r = all;
    *n_r = 0;
    while (rest.n) {
        str_cut(rest, ',', &name, &rest);
        all[*n_r] = (struct message_param){str_trim(name), message_param(m, str_trim(name))};
        if (!all[(*n_r)++].value.p) return false;
    }
    return true;
}

const struct adapter *adapter_find(struct str name)
{
    for (const struct adapter *const *a = adapters; *a; a++)
        if (str_eq(str_of((*a)->name), name)) return *a;
    return NULL;
}

struct str channel_setting(const struct channel *ch, struct str name)
{
    for (size_t i = 0; i < ch->n_settings; i++)
        if (str_eq(ch->settings[i].name, name)) return ch->settings[i].value;
    return STR_NONE;
}

struct hook_answer adapter_answer(enum verdict_in verdict, enum parse_result parsed, const struct inbox *in)
{
    struct hook_answer refused = {0, STR("text/plain"), STR("")};
    if (verdict == VERIFY_UNAUTHORIZED)
        refused.status = 401;
    else if (verdict != VERIFY_OK)
        refused.status = refusal_facts(REFUSE_HOOK_REFUSED)->status;
    else if (parsed == PARSE_MALFORMED && in->malformed_body.n)
        return (struct hook_answer){200, in->malformed_type, in->malformed_body};
    else if (parsed == PARSE_MALFORMED)
        refused.status = refusal_facts(REFUSE_MALFORMED)->status;
    else if (parsed == PARSE_TOO_MANY)
        refused.status = refusal_facts(REFUSE_TOO_BIG)->status;
    if (refused.status) return refused;
    if (in->ok_status == 204) return (struct hook_answer){204, STR_NONE, STR_NONE}; /* nothing has no type */
    return (struct hook_answer){in->ok_status ? in->ok_status : 200,
                                in->ok_type.n ? in->ok_type : STR("text/plain"), in->ok_body};
}

enum delivery receipt_delivery(const struct receipt_report *r)
{
    return r->status == DELIVERY_DELIVERED && r->part_index < r->part_total ? DELIVERY_SENT : r->status;
}

bool channel_sends(const struct adapter *a, const struct channel *ch)
{
    return a->compose && (!a->send_setting || channel_setting(ch, str_of(a->send_setting)).n > 0);
}
