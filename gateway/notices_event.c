/* One event as a message for one channel: a sentence for the staff, a CloudEvents event for a subscriber. What goes into data is
 * taken member by member from the event, so that nothing which somebody adds to events one day leaves the house by itself. */
#include "messages.h"
#include "notices.h"
#include "ids.h"
#include "metrics.h"
#include "register.h"
#include "adapters/reading.h"
#include "base/code.h"
#include "base/json.h"
#include "base/log.h"

#define EVENT_MAX ((size_t)64 * 1024)
#define LINK_MAX  600

/* What facts have no place for, for subscribers. */
struct more {
    struct str nature, category, category_name, channel, opened_at, due_at, unit_code, unit_name;
    int round;
    bool paused, supervised;
};

/* --- reading --- */

static int int_of(const struct json *doc, const char *name)
{
    i64 v;
    return json_int(json_get(doc, name), &v) && v >= 0 && v <= 1000000000 ? (int)v : 0;
}

static struct str text_of(const struct json *doc, const char *name) { return json_str(json_get(doc, name)); }

static i64 number_of(const struct json *doc)
{
    i64 v = 0;
    u64 long_one;
    if (json_int(json_get(doc, "id"), &v)) return v;
    return str_u64(text_of(doc, "id"), INT64_MAX, &long_one) ? (i64)long_one
                                                             : 0; /* over 53 bits: exact text */
}

static int rung_of(struct str kind, const struct json *doc, int letter_rung)
{
    return str_eq(kind, STR("letter.changed")) ? letter_rung : int_of(doc, "rung");
}

static void facts_read(const struct gateway *g, const struct notice_event *e, const struct json *doc,
                       struct notice_facts *f, struct more *m)
{
    const struct unit *u = e->unit_id ? register_unit(g, e->unit_id) : NULL;
    const struct json *category = json_get(doc, "category");
    *m = (struct more){.nature = text_of(doc, "nature"),
                       .category = text_of(category, "code"),
                       .category_name = text_of(category, "name"),
                       .channel = text_of(doc, "channel"),
                       .opened_at = text_of(doc, "opened_at"),
                       .due_at = text_of(doc, "due_at"),
                       .unit_code = u ? u->code : STR_NONE,
                       .unit_name = u ? u->short_name : STR_NONE,
                       .round = int_of(doc, "round"),
                       .paused = json_bool(json_get(doc, "paused")),
                       .supervised = json_bool(json_get(doc, "supervised"))};
    *f = (struct notice_facts){.kind = e->kind,
                               .number = number_of(doc),
                               .act = text_of(doc, "act"),
                               .state = text_of(doc, "state"),
                               .level = int_of(doc, "level"),
                               .rung = rung_of(e->kind, doc, e->letter_rung),
                               .rating = int_of(doc, "rating"),
                               .unit = m->unit_name,
                               .urgency = text_of(doc, "urgency"),
                               .category = m->category_name,
                               .due = read_time(m->due_at, SPAN_S(0)),
                               .serial = e->serial,
                               .letter = e->letter,
                               .channel = str_eq(e->kind, STR("channel.alarm")) ? m->channel : STR_NONE,
                               .alarm = text_of(doc, "alarm"),
                               .alarm_on = json_bool(json_get(doc, "on")),
                               .n = int_of(doc, "n"),
                               .hours = int_of(doc, "hours"),
                               .window = text_of(doc, "window"),
                               .place = text_of(doc, "place")};
    if (!case_clock_parse(text_of(doc, "due_clock"), &f->due_clock)) f->due.us = 0;
    f->raised = json_bool(json_get(doc, "raised"));
    if (!e->wordless) return;
    *m = (struct more){.round = 0};
    *f = (struct notice_facts){.kind = e->kind, .level = f->level, .wordless = true};
}

static bool is_burst(struct str kind) { return str_starts(kind, STR("burst.")); }

static bool is_cause(struct str kind) { return str_eq(kind, STR("cause.late")); }

static void link_put(const struct gateway *g, const struct notice_facts *f, struct text *t)
{
    struct str base = str_of(g->cfg.public_url);
    while (base.n && base.p[base.n - 1] == '/') base.n--;
    text_addf(t, "%.*s/staff/", STR_ARG(base));
    if (is_burst(f->kind))
        text_addz(t, "causes"); /* bursts and what comes of them have one page */
    else if (is_cause(f->kind))
        text_addf(t, "causes/%lld", (long long)f->number);
    else if (f->number)
        text_addf(t, "%s/%lld", f->serial.n ? "letters" : "cases", (long long)f->number);
}

/* --- the data of a webhook; docs/webhooks.md --- */

static void put_text(struct text *t, const char *name, struct str v)
{
    text_addf(t, ",\"%s\":", name);
    if (v.n)
        json_put(t, v);
    else
        text_addz(t, "null");
}

static void put_unit(struct text *t, const struct more *m)
{
    if (m->unit_code.n == 0) {
        text_addz(t, ",\"unit\":null");
        return;
    }
    text_addz(t, ",\"unit\":{\"code\":");
    json_put(t, m->unit_code);
    put_text(t, "name", m->unit_name);
    text_addc(t, '}');
}

static const char *yes(bool b) { return b ? "true" : "false"; }

static void put_case(struct text *t, const struct notice_facts *f, const struct more *m)
{
    text_addf(t, "{\"number\":\"%lld\"", (long long)f->number);
    put_text(t, "act", f->act);
    put_text(t, "state", f->state);
    put_text(t, "nature", m->nature);
    text_addf(t, ",\"level\":%d", f->level);
    put_text(t, "urgency", f->urgency);
    text_addz(t, ",\"category\":{\"code\":");
    json_put(t, m->category);
    put_text(t, "name", m->category_name);
    text_addc(t, '}');
    put_unit(t, m);
    put_text(t, "channel", m->channel);
    text_addf(t, ",\"round\":%d,\"rung\":\"%s\",\"paused\":%s,\"supervised\":%s", m->round,
              supervise_rung_word(f->rung), yes(m->paused), yes(m->supervised));
    put_text(t, "opened_at", m->opened_at);
    put_text(t, "due_at", m->due_at);
    put_text(t, "due_clock", f->due.us ? str_of(case_clock_word(f->due_clock)) : STR_NONE);
    put_text(t, "link", f->link);
    text_addc(t, '}');
}

static void put_letter(struct text *t, const struct notice_facts *f, const struct more *m)
{
    text_addf(t, "{\"number\":\"%lld\"", (long long)f->number);
    put_text(t, "serial", f->serial);
    put_text(t, "letter", f->letter);
    put_text(t, "state", f->state);
    text_addf(t, ",\"rung\":\"%s\"", supervise_rung_word(f->rung));
    put_unit(t, m);
    put_text(t, "link", f->link);
    text_addc(t, '}');
}

/* The schema's name, after having written the data. */
static const char *put_data(struct text *t, const struct notice_facts *f, const struct more *m)
{
    if (str_eq(f->kind, STR("letter.changed"))) {
        put_letter(t, f, m);
        return "urn:mashangdu:event:letter:v1";
    }
    if (str_eq(f->kind, STR("feedback.rated"))) {
        text_addf(t, "{\"rating\":%d", f->rating);
        put_unit(t, m);
        text_addc(t, '}');
        return "urn:mashangdu:event:rating:v1";
    }
    if (str_eq(f->kind, STR("channel.alarm"))) {
        text_addz(t, "{\"channel\":");
        json_put(t, f->channel);
        put_text(t, "alarm", f->alarm);
        text_addf(t, ",\"on\":%s}", yes(f->alarm_on));
        return "urn:mashangdu:event:alarm:v1";
    }
    if (f->wordless) {
        text_addf(t, "{\"level\":%d", f->level);
        put_text(t, "link", f->link);
        text_addc(t, '}');
        return "urn:mashangdu:event:duty:v1";
    }
    if (is_burst(f->kind)) {
        text_addf(t, "{\"number\":\"%lld\",\"cases\":%d,\"hours\":%d", (long long)f->number, f->n, f->hours);
        put_text(t, "category", m->category);
        put_text(t, "category_name", m->category_name);
        put_text(t, "window", f->window);
        put_text(t, "place", f->place);
        put_unit(t, m);
        put_text(t, "link", f->link);
        text_addc(t, '}');
        return "urn:mashangdu:event:burst:v1";
    }
    if (is_cause(f->kind)) {
        text_addf(t, "{\"number\":\"%lld\"", (long long)f->number);
        put_text(t, "state", f->state);
        put_text(t, "due_at", m->due_at);
        put_text(t, "category", m->category);
        put_text(t, "category_name", m->category_name);
        put_text(t, "window", f->window);
        put_unit(t, m);
        put_text(t, "link", f->link);
        text_addc(t, '}');
        return "urn:mashangdu:event:cause:v1";
    }
    put_case(t, f, m);
    return "urn:mashangdu:event:case:v1";
}

/* What adapters/notice/webhook.h asks for. ref names the event and how it is told, whatever row carries it. */
static void put_event(const struct gateway *g, const struct notice_event *e, const struct notice_facts *f,
                      const struct more *m, size_t nth, struct text *t)
{
    struct text data;
    text_init(&data, EVENT_MAX);
    const char *schema = put_data(&data, f, m);
    text_addf(t, "{\"ref\":\"%llu", (unsigned long long)e->seq);
    if (nth) text_addf(t, "-%zu", nth);
    text_addz(t, "\",\"source\":");
    json_put(t, str_of(g->cfg.public_url));
    if (f->serial.n)
        put_text(t, "subject", f->serial);
    else if (f->number)
        text_addf(t, ",\"subject\":\"%lld\"", (long long)f->number);
    put_text(t, "schema", str_of(schema));
    text_addz(t, ",\"data\":");
    text_add(t, text_str(&data));
    text_addc(t, '}');
    if (data.overflow) t->overflow = true;
    text_free(&data);
}

void notices_put_test(const struct config *cfg, struct text *t)
{
    text_addz(t, "{\"source\":");
    json_put(t, str_of(cfg->public_url));
    text_addz(t, ",\"schema\":\"urn:mashangdu:event:test:v1\",\"data\":{\"test\":true}}");
}

/* --- owing --- */

static void put_key(const struct channel_row *ch, const struct notice_event *e, enum notice_kind k,
                    struct text *t)
{
    text_addf(t, "event:%llu:%s:%.*s", (unsigned long long)e->seq, notice_kind_word(k), STR_ARG(ch->ch.name));
    if (e->run) text_addf(t, ":r%llu", (unsigned long long)e->run);
}

static bool owe(struct gateway *g, struct db_call *c, const struct channel_row *ch,
                const struct notice_event *e, const struct notice_facts *f, const struct more *m,
                enum notice_kind k, size_t nth)
{
    bool subscriber = ch->adapter->use == USE_WEBHOOK;
    struct text title, text, data, key;
    text_init(&title, 300);
    text_init(&text, 2000);
    text_init(&data, EVENT_MAX);
    text_init(&key, 200);
    put_key(ch, e, k, &key);
    if (subscriber) {
        put_event(g, e, f, m, nth, &data);
    } else {
        notice_title(k, f, &title);
        notice_sentence(k, f, &text);
    }
    struct owed o = {.id = ids_next(g),
                     .channel = ch->ch.name,
                     .text = text_str(&text),
                     .title = text_str(&title),
                     .kind = str_of(notice_kind_word(k)),
                     .data = text_str(&data),
                     .purpose = subscriber ? PURPOSE_EVENT : PURPOSE_STAFF,
                     .urgent = f->level == 1 && (f->number || f->wordless) && f->serial.n == 0,
                     .event_at = e->at,
                     .dedupe_key = text_str(&key)};
    bool good = o.id && !title.overflow && !text.overflow && !data.overflow && !key.overflow &&
                messages_owe(g, c, &o);
    text_free(&title);
    text_free(&text);
    text_free(&data);
    text_free(&key);
    return good;
}

bool notices_event_owe(struct gateway *g, struct db_call *c, const struct channel_row *ch,
                       const struct notice_event *e, int *n_r)
{
    const char *why;
    enum notice_kind kinds[NOTICE_KINDS_MAX];
    struct notice_facts f;
    struct more m;
    struct text link;
    bool good = true;
    if (!e->tellable && !e->wordless) return true;
    struct json *doc = json_parse(e->data, EVENT_MAX, &why);
    if (!doc) { /* not of our making; nobody waits for it for ever */
        log_line(LOG_ERROR, LOG_OUTBOX, "an event cannot be read and is not told", "seq=%llu",
                 (unsigned long long)e->seq);
        return true;
    }
    facts_read(g, e, doc, &f, &m);
    text_init(&link, LINK_MAX);
    link_put(g, &f, &link);
    f.link = text_str(&link);
    size_t n = notice_kinds(&f, kinds);
    /* A channel that is ill does not hear of it by itself. */
    if (f.channel.n && str_eq(f.channel, ch->ch.name)) n = 0;
    if (!notice_unit_wanted(channel_setting(&ch->ch, STR("units")), m.unit_code)) n = 0;
    for (size_t i = 0; i < n && good; i++) {
        if (!notice_wanted(channel_setting(&ch->ch, STR("events")), ch->adapter->use != USE_WEBHOOK,
                           kinds[i]))
            continue;
        good = owe(g, c, ch, e, &f, &m, kinds[i], i);
        if (good) (*n_r)++;
    }
    json_free(&doc);
    text_free(&link);
    return good;
}
