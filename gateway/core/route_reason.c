/* Why a text was decided as it was, in sentences for a clerk: only words of the tables, nothing of the citizen's. */
#include "core/route_part.h"

#define BECAUSE_BYTES 400

static void because(struct route_work *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The name is of the past: who bears its duties now, and since when. */
static void tell_past(struct route_work *w)
{
    const struct routing *r = w->r;
    const struct route_unit *u = &r->units[w->named];
    const struct pattern *p = &r->patterns[w->t.name_pattern[w->named] - 1];
    for (u32 i = 0; i < p->count; i++) {
        const struct meaning *m = &r->meanings[p->first + i];
        if (m->kind != WORD_NAME || m->target != w->named || m->value.n == 0) continue;
        because(w, "“%.*s”是%.*s的原名称，%.*s起更名", STR_ARG(p->word), STR_ARG(u->name), STR_ARG(m->value));
        break;
    }
    if (u->successor < 0) return;
    bool guessed = false;
    const int heir = u->splits ? route_heir(w, w->named, w->top[0], &guessed) : u->main;
    const char *how = !u->splits ? "并入" : guessed ? "拆分，暂按主要承接单位" : "拆分，这类事项归";
    because(w, "原%.*s已%s%.*s%s%.*s", STR_ARG(u->short_name), u->gone_on.n ? "于" : "", STR_ARG(u->gone_on),
            how, STR_ARG(r->units[heir].name));
}

/* What speaks for a unit beside the usual handler of the matter. */
static const char *why_unit(const struct route_work *w, const struct route_category *k, int unit)
{
    const struct routing *r = w->r;
    if (unit == k->unit) return "默认承办";
    if (w->plaque_main == unit) return "监督牌所在单位";
    for (size_t u = 0; u < r->n_units; u++)
        if (r->units[u].main == unit && w->t.names[u] > 0) return "正文提到该单位";
    for (size_t u = 0; u < r->n_units; u++)
        if (r->units[u].main == unit && w->t.places[u] > 0) return "正文提到的地方归其管辖";
    if (w->t.topics[unit] > 0) return "正文事项指向该单位";
    return w->d->nature == NATURE_REPORT ? "举报回避后承办" : "相近事项的承办单位";
}

/* Each guess has a reason of its own, so that a person can choose between them. */
static void tell_guesses(struct route_work *w)
{
    const struct routing *r = w->r;
    for (size_t g = 0; g < w->d->n_guesses && g < w->n_top; g++) {
        const struct route_category *k = &r->categories[w->top[g]];
        struct text line;
        text_init(&line, BECAUSE_BYTES * 2);
        size_t n = 0;
        for (size_t i = 0; i < w->t.n_shown && n < 3; i++) {
            if (w->t.shown[i].category != (u32)w->top[g]) continue;
            text_addf(&line, "“%.*s”", STR_ARG(w->t.shown[i].word));
            n++;
        }
        text_addz(&line, n > 0 ? "属于" : "用词相近于");
        text_addf(&line, "%.*s；%s", STR_ARG(k->name),
                  why_unit(w, k, routing_index(r, w->d->guesses[g].unit_id)));
        w->d->guesses[g].because = line.overflow ? STR("") : arena_str(w->a, text_str(&line));
        text_free(&line);
    }
}

/* A word of the tables, or the words that it is made of. */
static void keep_words(struct decision *d, struct str word, const struct compound *compound)
{
    struct str rest = compound ? compound->word : word, part;
    while (rest.n > 0 && d->n_words < ROUTE_WORDS) {
        if (compound)
            (void)str_cut(rest, '&', &part, &rest);
        else {
            part = rest;
            rest = STR("");
        }
        if (part.p[0] != '@') d->words[d->n_words++] = part;
    }
}

void route_reason_write(struct route_work *w)
{
    const struct routing *r = w->r;
    const struct tally *t = &w->t;
    struct decision *d = w->d;
    const struct route_category *k = &r->categories[w->top[0]];
    if (w->plaque >= 0)
        because(w, w->in->named ? "登记时指明的单位是%.*s" : "监督牌登记在%.*s名下",
                STR_ARG(r->units[w->plaque].name));
    if (w->named >= 0) {
        struct str word = r->patterns[t->name_pattern[w->named] - 1].word;
        because(w, "正文出现“%.*s”，即%.*s", STR_ARG(word), STR_ARG(r->units[w->named].name));
        tell_past(w);
        if (r->units[w->named].community)
            because(w, "村社区不作为承办单位，归%.*s", STR_ARG(r->units[r->units[w->named].main].name));
    }
    for (size_t u = 0; u < r->n_units; u++)
        if (t->places[u] > 0 && k->handler == BY_PLACE) {
            because(w, "正文提到的地方属%.*s", STR_ARG(r->units[u].name));
            break;
        }
    size_t best = SIZE_MAX, next = SIZE_MAX;
    for (size_t i = 0; i < t->n_shown; i++) {
        if (t->shown[i].category != (u32)w->top[0]) continue;
        if (best == SIZE_MAX || t->shown[i].weight > t->shown[best].weight) {
            next = best;
            best = i;
        } else if (next == SIZE_MAX || t->shown[i].weight > t->shown[next].weight)
            next = i;
    }
    if (best != SIZE_MAX) keep_words(d, t->shown[best].word, t->shown[best].compound);
    if (next != SIZE_MAX) keep_words(d, t->shown[next].word, t->shown[next].compound);
    if (next != SIZE_MAX)
        because(w, "“%.*s”“%.*s”属于 %.*s(%.*s)，默认由%.*s办理", STR_ARG(t->shown[best].word),
                STR_ARG(t->shown[next].word), STR_ARG(k->name), STR_ARG(k->code),
                STR_ARG(r->units[k->unit].name));
    else if (best != SIZE_MAX)
        because(w, "“%.*s”属于 %.*s(%.*s)，默认由%.*s办理", STR_ARG(t->shown[best].word), STR_ARG(k->name),
                STR_ARG(k->code), STR_ARG(r->units[k->unit].name));
    else
        because(w, "正文没有可辨认的事项，最接近 %.*s(%.*s)", STR_ARG(k->name), STR_ARG(k->code));
    struct str runs[ROUTE_RUNS];
    size_t n_runs = route_learn_why(w, runs);
    if (n_runs > 0) {
        struct text line;
        text_init(&line, BECAUSE_BYTES);
        for (size_t i = 0; i < n_runs; i++) text_addf(&line, "“%.*s”", STR_ARG(runs[i]));
        because(w, "学得的模型从%.*s判断更像 %.*s(%.*s)", STR_ARG(text_str(&line)), STR_ARG(k->name),
                STR_ARG(k->code));
        text_free(&line);
    }
    if (w->in->nature != NATURE_UNKNOWN && w->in->nature != d->nature)
        because(w, "提交时选的是%s，内容更像%s", nature_chinese(w->in->nature), nature_chinese(d->nature));
    tell_guesses(w);
    int unit = routing_index(r, d->unit_id);
    if (w->about >= 0 && d->nature == NATURE_REPORT)
        because(w, "举报不得交被举报单位%.*s办理，由%.*s办理", STR_ARG(r->units[w->about].name),
                STR_ARG(r->units[unit].name));
    else if (w->about >= 0)
        because(w, "内容涉及%.*s自身的服务或作风", STR_ARG(r->units[w->about].name));
    if (d->urgency == URGENCY_CRITICAL && t->critical.n > 0)
        because(w, "正文出现“%.*s”，按特急处理", STR_ARG(t->critical));
    else if (d->urgency == URGENCY_CRITICAL)
        because(w, "%.*s按特急处理", STR_ARG(k->name));
    if (d->held)
        because(w, "正文出现“%.*s”，疑似反映廉洁问题，须先由追责问责组查看", STR_ARG(t->misconduct_word));
    if (d->lawful_way.n > 0)
        because(w, "正文出现“%.*s”，可能属法定途径：%.*s（待人工确认）", STR_ARG(t->lawful_word),
                STR_ARG(d->lawful_way));
    if (d->triage) because(w, "把握不足，先由%.*s人工分办", STR_ARG(r->units[unit].name));
}

static void because(struct route_work *w, const char *fmt, ...)
{
    if (w->d->n_because == ROUTE_BECAUSE) return;
    struct text line;
    text_init(&line, BECAUSE_BYTES * 4);
    va_list ap;
    va_start(ap, fmt);
    text_addfv(&line, fmt, ap);
    va_end(ap);
    struct str kept = line.overflow ? STR_NONE : arena_str(w->a, text_str(&line));
    if (kept.p != NULL) w->d->because[w->d->n_because++] = kept;
    text_free(&line);
}
