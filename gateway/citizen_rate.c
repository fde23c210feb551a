/* What a rating asks for beside the level (M02, M04): reasons for a low one, the 办件编号, and whether the office shall follow it up.
 * Nothing is ticked beforehand and nothing asks twice. A link to a finished matter (?s=…) is looked up before the form is shown, so
 * that whoever rated before sees that rating; a form that is sent twice anyway is refused by the tables. */
#include "citizen_part.h"
#include "ratings.h"
#include "metrics.h"
#include "base/code.h"
#include "core/glyph.h"
#include "core/workdays.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a person has filled in; of `filled.more`. */
struct rate_more {
    struct str service, matter;         /* token of the link; 办件编号 as typed */
    struct str reasons[RATING_REASONS]; /* codes that were ticked */
    size_t n_reasons;
    bool consent;
    bool said; /* the link could not be used, and the page says so */
};

static bool reason_ticked(const struct rate_more *m, struct str code)
{
    for (size_t i = 0; m && i < m->n_reasons; i++)
        if (str_eq(m->reasons[i], code)) return true;
    return false;
}

enum refusal rate_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                       struct submission *sub)
{
    struct rate_more *m = arena_alloc(a, sizeof *m);
    struct text codes;
    char plain[RATING_SERVICE_MAX];
    (void)g;
    if (!m) return REFUSE_TOO_BIG;
    *m = (struct rate_more){.service = webform_get(form, a, "s"), .matter = webform_get(form, a, "matter")};
    m->consent = str_eq(webform_get(form, a, "followup"), STR("yes"));
    text_init(&codes, RATING_REASONS * (RATING_CODE_MAX + 1));
    for (struct str code; m->n_reasons < RATING_REASONS; m->n_reasons++) {
        code = webform_get_nth(form, a, "reason", m->n_reasons);
        if (!code.p) break;
        if (codes.n) text_addc(&codes, ',');
        text_add(&codes, code);
        m->reasons[m->n_reasons] = code;
    }
    f->more = m;
    sub->service = m->service.n ? m->service : m->matter;
    /* Both belong to a low rating: ticked and then thought better of, they are not kept. */
    const bool low = sub->rating > 0 && sub->rating <= RATING_LOW;
    sub->consent = low && m->consent;
    sub->reasons = low ? arena_str(a, text_str(&codes)) : STR("");
    text_free(&codes);
    return rating_service_parse(sub->service, plain) == RATING_SERVICE_BAD ? REFUSE_SERVICE_BAD : REFUSE_NONE;
}

void rate_put(struct page *p, const struct filled *f)
{
    const struct rate_more *m = f->more;
    const struct rating_reason *all;
    const size_t n = ratings_reasons(p->g, &all);
    for (size_t i = 0; i < n; i++) {
        struct template_data *row = template_row(p->data, "reasons");
        template_put(row, "code", all[i].code);
        template_put(row, "name", p->lang == LANG_EN ? all[i].en : page_chinese(p, all[i].zh));
        template_flag(row, "ticked", reason_ticked(m, all[i].code));
    }
    if (!m) return;
    page_copy(p, "service", m->service);
    page_copy(p, "matter", m->matter);
    page_flag(p, "followup", m->consent);
    page_flag(p, "link_over", m->said);
}

/* --- who comes again --- */

struct rate_opening {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    struct arena arena;
    struct filled f;
    struct rate_more more;
};

static struct rate_opening *opening_new(struct gateway *g, u64 ticket, enum lang lang, const struct filled *f)
{
    struct rate_opening *o = MEM_NEW(struct rate_opening);
    *o = (struct rate_opening){.g = g, .ticket = ticket, .lang = lang, .f = {.kind = f->kind}};
    arena_init(&o->arena, 256 * 1024);
    o->f.number = arena_str(&o->arena, f->number);
    return o;
}

static void opening_free(struct rate_opening *o)
{
    arena_free(&o->arena);
    free(o);
}

/* The page for a matter that has its rating: which, when, where. */
static void show_rated(struct rate_opening *o, const struct rating_seen *seen, int status)
{
    static const char *const levels[] = {NULL, "level1", "level2", "level3", "level4", "level5"};
    struct page p;
    const struct plaque_row *row = register_plaque(o->g, seen->plaque.n ? seen->plaque : o->f.number);
    const struct unit *u = row ? register_unit(o->g, row->unit_id) : NULL;
    char at[INSTANT_TEXT_MAX];
    page_open(&p, o->g, o->ticket, o->lang, STR("/"));
    page_put(&p, "title", page_word(&p, "rate_title"));
    page_copy(&p, "number", o->f.number);
    page_put(&p, "unit", u ? u->name : STR_NONE);
    page_put(&p, "window", row ? row->window_name : STR_NONE);
    page_put(&p, "level", page_word(&p, levels[MAX(1, MIN(5, seen->level))]));
    page_copy(&p, "at", str_of(instant_text_china(seen->at, at)));
    if (status != 200) count_refusal(REFUSE_RATED_BEFORE);
    page_send(&p, PAGE_RATED, status, SPAN_US(0));
}

static void looked(void *arg, const struct rating_seen *seen)
{
    struct rate_opening *o = arg;
    if (seen->level > 0) {
        show_rated(o, seen, 200);
    } else {
        /* The database away: the link is kept, and judged when the form is sent. */
        if (seen->asked && (!seen->known || seen->over)) {
            o->more.said = true;
            o->more.service = STR("");
        }
        o->f.more = &o->more;
        form_show(o->g, o->ticket, o->lang, &o->f, REFUSE_NONE, SPAN_US(0));
    }
    opening_free(o);
}

bool rate_open(struct gateway *g, u64 ticket, const struct http_in *in, const struct filled *f)
{
    char service[RATING_SERVICE_MAX];
    span wait;
    struct rate_opening *o = opening_new(g, ticket, reply_lang(in), f);
    const struct str typed = query_copy(&o->arena, in->query, "s");
    const bool token = rating_service_parse(typed, service) == RATING_SERVICE_TOKEN;
    if (!token || !gateway_rate(g, &g->status_rate, in->peer, g->cfg.status_per_minute, 1, &wait)) {
        opening_free(o);
        return false;
    }
    o->more.service = arena_str(&o->arena, str_of(service));
    rating_look(g, o->more.service, looked, o);
    return true;
}

static void looked_again(void *arg, const struct rating_seen *seen)
{
    struct rate_opening *o = arg;
    if (seen->level > 0)
        show_rated(o, seen, refusal_facts(REFUSE_RATED_BEFORE)->status);
    else
        form_show(o->g, o->ticket, o->lang, &o->f, REFUSE_RATED_BEFORE, SPAN_US(0));
    opening_free(o);
}

bool rate_refused(struct gateway *g, u64 ticket, enum lang lang, const struct filled *f, enum refusal r)
{
    const struct rate_more *m = f->more;
    char service[RATING_SERVICE_MAX];
    if (r != REFUSE_RATED_BEFORE || !m) return false;
    if (rating_service_parse(m->service.n ? m->service : m->matter, service) == RATING_SERVICE_BAD)
        return false;
    struct rate_opening *o = opening_new(g, ticket, lang, f);
    o->f.text = arena_str(&o->arena, f->text);
    o->f.rating = arena_str(&o->arena, f->rating);
    rating_look(g, arena_str(&o->arena, str_of(service)), looked_again, o);
    return true;
}
