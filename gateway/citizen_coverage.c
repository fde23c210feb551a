/* /open/plaques and /open/plaques.json: how many of the units that must have a plaque have one in use, and which have none. Counted
 * from the register in memory, the same for everybody, and may be kept for a while by whoever asks. */
#include "citizen_part.h"
#include "plaques.h"
#include "staff_plaques.h"
#include "base/code.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_SECONDS 300
#define CLASSES_MAX   64
#define TOWNSHIPS     STR("乡镇街道")
#define JSON_MAX      ((size_t)1 << 20)

struct tally {
    struct str class;
    int needed, with, plaques;
};
struct coverage {
    struct tally all, classes[CLASSES_MAX];
    size_t n;
};

static struct tally *class_of(struct coverage *c, struct str name)
{
    for (size_t i = 0; i < c->n; i++)
        if (str_eq(c->classes[i].class, name)) return &c->classes[i];
    if (c->n == CLASSES_MAX) return &c->classes[CLASSES_MAX - 1]; /* the last takes the rest */
    c->classes[c->n] = (struct tally){.class = name};
    return &c->classes[c->n++];
}

static void tally_add(struct tally *t, int plaques)
{
    t->needed++;
    t->with += plaques > 0;
    t->plaques += plaques;
}

static void coverage_of(const struct gateway *g, struct coverage *c)
{
    const struct unit *units;
    const size_t n = register_units(g, &units);
    *c = (struct coverage){.n = 0};
    for (size_t i = 0; i < n; i++) {
        if (!plaques_needed(&units[i])) continue;
        const int plaques = plaques_active_at(g, &units[i]);
        tally_add(&c->all, plaques);
        tally_add(class_of(c, units[i].class), plaques);
    }
}

/* --- JSON --- */

static void put_units(const struct gateway *g, bool townships, struct text *t)
{
    const struct unit *units;
    const size_t n = register_units(g, &units);
    bool more = false;
    text_addf(t, ",\"%s\":[", townships ? "townships" : "missing");
    for (size_t i = 0; i < n; i++) {
        const struct unit *u = &units[i];
        if (!plaques_needed(u) || (townships && !str_eq(u->class, TOWNSHIPS))) continue;
        const int plaques = plaques_active_at(g, u);
        if (!townships && plaques) continue;
        text_addz(t, more ? ",{\"code\":" : "{\"code\":");
        json_put(t, u->code);
        text_addz(t, ",\"name\":");
        json_put(t, u->name);
        text_addf(t, ",\"plaques\":%d}", plaques);
        more = true;
    }
    text_addc(t, ']');
}

void plaque_coverage_json(struct gateway *g, struct text *t)
{
    struct coverage c;
    coverage_of(g, &c);
    text_addf(t, "{\"needed\":%d,\"with\":%d,\"plaques\":%d,\"classes\":[", c.all.needed, c.all.with,
              c.all.plaques);
    for (size_t i = 0; i < c.n; i++) {
        text_addz(t, i ? ",{\"class\":" : "{\"class\":");
        json_put(t, c.classes[i].class);
        text_addf(t, ",\"needed\":%d,\"with\":%d,\"plaques\":%d}", c.classes[i].needed, c.classes[i].with,
                  c.classes[i].plaques);
    }
    text_addc(t, ']');
    put_units(g, true, t);
    put_units(g, false, t);
    text_addc(t, '}');
}

static void answer_json(struct gateway *g, u64 ticket)
{
    struct text t;
    char cache[48];
    text_init(&t, JSON_MAX);
    plaque_coverage_json(g, &t);
    text_addc(&t, '\n');
    snprintf(cache, sizeof cache, "public, max-age=%d", CACHE_SECONDS);
    reply_file(g, ticket, 200, "application/json; charset=utf-8", text_str(&t), cache, NULL, 0);
    text_free(&t);
}

/* --- the page --- */

static void number_put(struct page *p, struct template_data *row, const char *name, int n)
{
    char z[16];
    snprintf(z, sizeof z, "%d", n);
    struct str s = arena_str(&p->arena, str_of(z));
    if (row)
        template_put(row, name, s);
    else
        page_put(p, name, s);
}

static void put_rows(struct page *p, const struct coverage *c)
{
    const struct unit *units;
    const size_t n = register_units(p->g, &units);
    for (size_t i = 0; i < c->n; i++) {
        struct template_data *row = template_row(p->data, "classes");
        template_put(row, "class", c->classes[i].class);
        number_put(p, row, "with", c->classes[i].with);
        number_put(p, row, "needed", c->classes[i].needed);
        number_put(p, row, "plaques", c->classes[i].plaques);
    }
    for (size_t i = 0; i < n; i++) {
        const struct unit *u = &units[i];
        if (!plaques_needed(u)) continue;
        const int plaques = plaques_active_at(p->g, u);
        const bool township = str_eq(u->class, TOWNSHIPS);
        if (township) {
            struct template_data *row = template_row(p->data, "townships");
            template_put(row, "name", u->name);
            number_put(p, row, "plaques", plaques);
            page_flag(p, "has_townships", true);
        }
        if (plaques == 0) {
            template_put(template_row(p->data, "missing"), "name", u->name);
            page_flag(p, "has_missing", true);
        }
    }
}

static void answer_page(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct page p;
    struct coverage c;
    coverage_of(g, &c);
    page_open(&p, g, ticket, reply_lang(in), STR("/open/plaques"));
    page_put(&p, "title", page_word(&p, "coverage_title"));
    number_put(&p, NULL, "all_with", c.all.with);
    number_put(&p, NULL, "all_needed", c.all.needed);
    number_put(&p, NULL, "all_plaques", c.all.plaques);
    page_flag(&p, "whole", c.all.with == c.all.needed);
    put_rows(&p, &c);
    page_send(&p, PAGE_COVERAGE, 200, SPAN_US(0));
}

bool coverage_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    span wait;
    const bool json = str_eq(in->path, STR("/open/plaques.json"));
    if (!json && !str_eq(in->path, STR("/open/plaques"))) return false;
    if (!method_reads(in))
        page_sorry(g, ticket, in, REFUSE_METHOD);
    else if (!register_ready(g))
        page_sorry(g, ticket, in, REFUSE_UNAVAILABLE);
    else if (!gateway_rate(g, &g->open_rate, in->peer, g->cfg.open_per_minute, 1, &wait))
        page_sorry(g, ticket, in, REFUSE_TOO_MANY);
    else if (json)
        answer_json(g, ticket);
    else
        answer_page(g, ticket, in);
    return true;
}
