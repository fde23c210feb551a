#include "rules.h"

struct deadline_rules rules_deadline(const struct gateway *g)
{
    struct deadline_rules rules = deadline_defaults();
    rules.hours =
        (struct work_hours){.noon = g->cfg.noon, .close = g->cfg.office_close, .day_end = g->cfg.day_end};
    return rules;
}
