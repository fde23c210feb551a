#include "outbox_part.h"
#include "metrics.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>

static const char *const words[ALARMS_N] = {
#define X(id, word) word,
    OUTBOX_ALARMS(X)
#undef X
};

const char *outbox_alarm_word(enum outbox_alarm a) { return words[a]; }

bool outbox_alarm_parse(struct str word, enum outbox_alarm *alarm_r)
{
    for (int i = 0; i < ALARMS_N; i++)
        if (str_eq(word, str_of(words[i]))) {
            *alarm_r = (enum outbox_alarm)i;
            return true;
        }
    return false;
}

void outbox_alarm(struct outbox *o, struct outbox_lane *lane, enum outbox_alarm alarm, bool up,
                  struct str event, const char *why)
{
    const unsigned bit = 1u << alarm;
    if (!up && !(lane->alarms & bit)) return;
    LIST_EACH(&o->notices, node) /* one for each, the last word counts */
    {
        struct outbox_notice *n = LIST_OF(node, struct outbox_notice, node);
        if (n->alarm != alarm || !str_eq(str_of(n->channel), str_of(lane->name))) continue;
        list_remove(&n->node);
        free(n);
    }
    struct outbox_notice *n = MEM_NEW(struct outbox_notice);
    *n = (struct outbox_notice){.alarm = alarm, .up = up, .why = why};
    snprintf(n->channel, sizeof n->channel, "%s", lane->name);
    snprintf(n->event, sizeof n->event, "%.*s", STR_ARG(event));
    list_push(&o->notices, &n->node);
}

bool outbox_alarms_add(struct outbox *o, struct db_call *c)
{
    size_t n = 0;
    LIST_EACH(&o->notices, node) n++;
    if (n == 0) return false;
    struct db_params *p = db_params_new(&stmt_outbox_alarms);
#define COLUMN(type, put)                                                                                    \
    db_array_begin(p, type, n);                                                                              \
    LIST_EACH(&o->notices, node)                                                                             \
    {                                                                                                        \
        const struct outbox_notice *it = LIST_OF(node, struct outbox_notice, node);                          \
        put;                                                                                                 \
    }                                                                                                        \
    db_array_end(p)
    COLUMN(DB_TEXT, db_put_text(p, str_of(it->channel)));
    COLUMN(DB_TEXT, db_put_text(p, str_of(words[it->alarm])));
    COLUMN(DB_BOOL, db_put_bool(p, it->up));
    COLUMN(DB_TEXT, db_put_text(p, str_of(it->event)));
    COLUMN(DB_TEXT, db_put_text(p, str_of(it->why)));
#undef COLUMN
    db_call_add(c, &stmt_outbox_alarms, p);
    while (!list_empty(&o->notices)) free(LIST_OF(list_pop(&o->notices), struct outbox_notice, node));
    return true;
}

void outbox_alarms_told(struct outbox *o, const struct db_result *r)
{
    for (int i = 0; i < db_rows(r); i++) {
        struct str channel = db_get_text(r, i, 0), kind = db_get_text(r, i, 1);
        struct outbox_lane *lane = outbox_lane(o, channel);
        const bool up = db_get_bool(r, i, 2);
        enum outbox_alarm alarm;
        if (!outbox_alarm_parse(kind, &alarm)) continue;
        if (up)
            lane->alarms |= 1u << alarm;
        else
            lane->alarms &= ~(1u << alarm);
        if (up) COUNT(CHANNEL_ALARMS);
        log_line(up ? LOG_ERROR : LOG_INFO, LOG_OUTBOX,
                 up ? "a channel needs a person" : "a channel's alarm is over", "channel=%.*s alarm=%.*s",
                 STR_ARG(channel), STR_ARG(kind));
    }
}
