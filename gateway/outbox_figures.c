#include "outbox_part.h"

void outbox_figures_take(struct outbox *o, const struct db_result *r)
{
    LIST_EACH(&o->lanes, node)
    {
        struct outbox_lane *l = LIST_OF(node, struct outbox_lane, node);
        l->due = l->oldest = l->unknown = l->dead = 0;
        l->alarms = 0;
    }
    for (int i = 0; i < db_rows(r); i++) {
        struct outbox_lane *l = outbox_lane(o, db_get_text(r, i, 1));
        struct str what = db_get_text(r, i, 0);
        enum outbox_alarm alarm;
        if (str_eq(what, STR("due"))) {
            l->due = db_get_f64(r, i, 2);
            l->oldest = db_get_f64(r, i, 3);
        } else if (str_eq(what, STR("unknown"))) {
            l->unknown = db_get_f64(r, i, 2);
        } else if (str_eq(what, STR("dead"))) {
            l->dead = db_get_f64(r, i, 2);
        } else if (outbox_alarm_parse(db_get_text(r, i, 4), &alarm)) {
            l->alarms |= 1u << alarm;
        }
    }
}

/* --- gauges: by the type of channel, for a name may tell whom it belongs to --- */

struct type_figures {
    double due, oldest, unknown, dead, alarms[ALARMS_N];
    bool there;
};

static void gauge_head(struct text *out, const char *name, const char *help)
{
    text_addf(out, "# HELP mashangdu_%s %s\n# TYPE mashangdu_%s gauge\n", name, help, name);
}

static void gauge(struct text *out, const char *name, const char *help, const struct type_figures *all,
                  size_t member)
{
    gauge_head(out, name, help);
    for (size_t i = 0; adapters[i]; i++)
        if (all[i].there)
            text_addf(out, "mashangdu_%s{type=\"%s\"} %.9g\n", name, adapters[i]->name,
                      *(const double *)(const void *)((const char *)&all[i] + member));
}

static struct type_figures *figures_of(const struct gateway *g, struct type_figures *all, struct str channel)
{
    const struct channel_row *rows;
    size_t n = register_channels(g, &rows);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(rows[i].ch.name, channel)) continue;
        for (size_t a = 0; adapters[a]; a++)
            if (adapters[a] == rows[i].adapter) return &all[a];
    }
    return NULL;
}

void outbox_metrics(const struct outbox *o, struct text *out)
{
    struct type_figures all[64] = {0};
    size_t types = 0;
    while (adapters[types]) types++;
    ASSERT(types <= ARRAY_LEN(all));
    if (!register_ready(o->g)) return;
    LIST_EACH(&o->lanes, node)
    {
        const struct outbox_lane *l = LIST_OF(node, struct outbox_lane, node);
        struct type_figures *f = figures_of(o->g, all, str_of(l->name));
        if (!f) continue;
        f->there = true;
        f->due += l->due;
        f->oldest = MAX(f->oldest, l->oldest);
        f->unknown += l->unknown;
        f->dead += l->dead;
        for (int a = 0; a < ALARMS_N; a++) f->alarms[a] += l->alarms >> a & 1;
    }
    gauge(out, "outbox_due", "Messages that may go and have not gone yet.", all,
          offsetof(struct type_figures, due));
    gauge(out, "outbox_oldest_seconds", "How long the oldest of them has been due.", all,
          offsetof(struct type_figures, oldest));
    gauge(out, "outbox_unknown", "Messages whose outcome is unknown.", all,
          offsetof(struct type_figures, unknown));
    gauge(out, "outbox_dead", "Messages given up that nobody has decided about.", all,
          offsetof(struct type_figures, dead));
    gauge_head(out, "channel_alarm", "Channels that need a person, by type and reason.");
    for (size_t i = 0; adapters[i]; i++)
        for (int a = 0; all[i].there && a < ALARMS_N; a++)
            text_addf(out, "mashangdu_channel_alarm{type=\"%s\",alarm=\"%s\"} %.9g\n", adapters[i]->name,
                      outbox_alarm_word((enum outbox_alarm)a), all[i].alarms[a]);
}
