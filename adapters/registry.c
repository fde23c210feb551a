/* The one list of providers. A new adapter is one .c file, its name in adapter.h and one line here. */
#include "adapters/adapter.h"

const struct adapter *const adapters[] = {&adapter_kannel, NULL};

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
    if (verdict != VERIFY_OK)
        refused.status = refusal_facts(REFUSE_HOOK_REFUSED)->status;
    else if (parsed == PARSE_MALFORMED)
        refused.status = refusal_facts(REFUSE_MALFORMED)->status;
    else if (parsed == PARSE_TOO_MANY)
        refused.status = refusal_facts(REFUSE_TOO_BIG)->status;
    if (refused.status) return refused;
    return (struct hook_answer){in->ok_status ? in->ok_status : 200,
                                in->ok_type.n ? in->ok_type : STR("text/plain"), in->ok_body};
}

bool channel_sends(const struct adapter *a, const struct channel *ch)
{
    return a->compose && (!a->send_setting || channel_setting(ch, str_of(a->send_setting)).n > 0);
}
