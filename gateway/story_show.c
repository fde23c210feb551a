/* A story as JSON for the staff application and as text for a terminal. */
#include "story.h"
#include "base/code.h"

static void member(struct text *t, const char *name, struct str value)
{
    text_addf(t, "\"%s\":", name);
    json_put(t, value.p ? value : STR(""));
}

static void event_json(const struct paper_event *e, struct text *t)
{
    text_addc(t, '{');
    member(t, "when", e->when);
    text_addc(t, ',');
    member(t, "who", e->who);
    text_addc(t, ',');
    member(t, "what", e->what);
    text_addc(t, ',');
    member(t, "text", e->text);
    text_addc(t, '}');
}

void story_json(const struct story *s, struct text *out)
{
    const struct paper_story *p = &s->paper;
    text_addf(out, "{\"number\":%lld,", (long long)s->id);
    member(out, "title", p->title);
    text_addc(out, ',');
    member(out, "summary", p->subtitle);
    text_addz(out, ",\"facts\":[");
    for (size_t i = 0; i < p->n_facts; i++) {
        text_addz(out, i ? ",{" : "{");
        member(out, "name", p->facts[i].name);
        text_addc(out, ',');
        member(out, "value", p->facts[i].value);
        text_addc(out, '}');
    }
    text_addz(out, "],\"chapters\":[");
    for (size_t i = 0; i < p->n_chapters; i++) {
        const struct paper_chapter *c = &p->chapters[i];
        text_addz(out, i ? ",{" : "{");
        member(out, "heading", c->heading);
        text_addc(out, ',');
        member(out, "text", c->text);
        text_addz(out, ",\"events\":[");
        for (size_t k = 0; k < c->n_events; k++) {
            if (k) text_addc(out, ',');
            event_json(&c->events[k], out);
        }
        text_addz(out, "]}");
    }
    text_addf(out, "],\"chain\":{\"unbroken\":%s,\"broken_at\":", s->broken ? "false" : "true");
    if (s->broken)
        text_addf(out, "%lld", (long long)s->broken);
    else
        text_addz(out, "null");
    text_addz(out, ",\"hashes\":[");
    for (size_t i = 0; i < s->n_acts; i++) {
        text_addz(out, i ? ",\"" : "\"");
        hex_put(out, s->hashes[i], HASH_BYTES);
        text_addc(out, '"');
    }
    text_addz(out, "]}}");
}

/* Lines of a text, each under its event. */
static void indented(struct str lines, struct text *out)
{
    while (lines.n) {
        struct str one;
        str_cut(lines, '\n', &one, &lines);
        text_addz(out, "      ");
        for (size_t i = 0; i < one.n; i++) /* nothing that a citizen wrote steers the terminal */
            text_addc(out, (u8)one.p[i] < 0x20 || one.p[i] == 0x7f ? ' ' : one.p[i]);
        text_addc(out, '\n');
    }
}

void story_print(const struct story *s, struct text *out)
{
    const struct paper_story *p = &s->paper;
    text_addf(out, "%.*s  %.*s\n%.*s\n\n", STR_ARG(p->title), STR_ARG(p->number), STR_ARG(p->subtitle));
    for (size_t i = 0; i < p->n_facts; i++)
        text_addf(out, "%.*s：%.*s\n", STR_ARG(p->facts[i].name), STR_ARG(p->facts[i].value));
    for (size_t i = 0; i < p->n_chapters; i++) {
        const struct paper_chapter *c = &p->chapters[i];
        text_addf(out, "\n%.*s\n", STR_ARG(c->heading));
        if (c->text.n) indented(c->text, out);
        if (c->n_events == 0) text_addz(out, "  无\n");
        for (size_t k = 0; k < c->n_events; k++) {
            const struct paper_event *e = &c->events[k];
            text_addf(out, "  %.*s  %.*s  %.*s\n", STR_ARG(e->when), STR_ARG(e->who), STR_ARG(e->what));
            indented(e->text, out);
        }
    }
}
