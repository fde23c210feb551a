/* One text that holds an allegation and another matter: which sentences belong to which. */
#include "core/route_part.h"
#include <string.h>

#define ALLEGED         2.5 /* one clear word of misconduct in a sentence */
#define SENTENCE_MEMORY ((size_t)4 << 20)
#define OWN_MATTER      2.0 /* one clear word of a matter that is none of discipline */

/* What may open a second matter in the middle of a sentence, after a comma. */
static const struct str openers[] = {STR("另外"), STR("还有"), STR("此外"), STR("再就是"), STR("对了"),
                                     STR("顺便"), STR("同时"), STR("再有"), STR("再说"),   STR("其次")};

/* How many bytes end a sentence at p; 0: none. */
static size_t stop_at(struct str text, size_t at)
{
    static const struct str stops[] = {STR("。"), STR("！"), STR("？"), STR("；"), STR("!"),
                                       STR("?"),  STR(";"),  STR("\n"), STR("…")};
    static const struct str commas[] = {STR("，"), STR(","), STR("、"), STR(" ")};
    struct str rest = {text.p + at, text.n - at};
    for (size_t i = 0; i < ARRAY_LEN(stops); i++)
        if (str_starts(rest, stops[i])) return stops[i].n;
    for (size_t i = 0; i < ARRAY_LEN(commas); i++) {
        if (!str_starts(rest, commas[i])) continue;
        struct str next = {rest.p + commas[i].n, rest.n - commas[i].n};
        for (size_t k = 0; k < ARRAY_LEN(openers); k++)
            if (str_starts(next, openers[k])) return commas[i].n;
    }
    return 0;
}

/* The next sentence from *at on, or what is left; .n 0 at the end. */
static struct str next_sentence(struct str text, size_t *at)
{
    size_t from = *at;
    while (*at < text.n) {
        size_t stop = stop_at(text, *at);
        *at += stop > 0 ? stop : 1;
        bool more = stop > 0 && *at < text.n && stop_at(text, *at) > 0; /* ?! and ... */
        if ((stop == 0 && *at < text.n) || more) continue;
        struct str one = {text.p + from, *at - from};
        from = *at;
        if (str_trim(one).n > 0) return one;
    }
    return (struct str){text.p + text.n, 0};
}

size_t route_sentences(struct str text, struct str *sentences, size_t max)
{
    size_t all = 0, n = 0;
    for (size_t at = 0; next_sentence(text, &at).n > 0;) all++;
    const size_t each = (all + max - 1) / max;
    for (size_t at = 0, i = 0;; i++) {
        struct str one = next_sentence(text, &at);
        if (one.n == 0) return n;
        if (i % each == 0)
            sentences[n++] = one;
        else /* up to its end, with the blanks between */
            sentences[n - 1].n = (size_t)(one.p + one.n - sentences[n - 1].p);
    }
}

enum about { ABOUT_NOTHING, ABOUT_MATTER, ABOUT_CONDUCT };

static bool judge(const struct routing *r, struct str sentence, enum about *about_r)
{
    struct tally t;
    struct arena scratch; /* of one sentence: the caller's would have to hold sixty */
    arena_init(&scratch, SENTENCE_MEMORY);
    bool good = route_tally(r, sentence, &scratch, &t);
    *about_r = ABOUT_NOTHING;
    for (size_t i = 0; good && i < t.n_shown; i++)
        if (t.shown[i].weight >= OWN_MATTER && !r->categories[t.shown[i].category].confidential)
            *about_r = ABOUT_MATTER;
    if (good && t.misconduct >= ALLEGED) *about_r = ABOUT_CONDUCT;
    arena_free(&scratch);
    return good;
}

/* The sentences of one part, one after the other. */
static struct str joined(const struct str *sentences, const bool *alleges, bool which, size_t n,
                         struct arena *a)
{
    size_t bytes = 0, at = 0;
    for (size_t i = 0; i < n; i++) bytes += alleges[i] == which ? sentences[i].n : 0;
    char *p = arena_alloc(a, bytes + 1);
    if (p == NULL) return STR_NONE;
    for (size_t i = 0; i < n; i++) {
        if (alleges[i] != which) continue;
        memcpy(p + at, sentences[i].p, sentences[i].n);
        at += sentences[i].n;
    }
    return (struct str){p, bytes};
}

/* A sentence without a matter of its own goes with the one before it: 名字我不敢讲 belongs to what it follows. */
static bool assign(const struct routing *r, const struct str *sentences, size_t n, bool *alleges)
{
    bool some = false, others = false, before = false;
    for (size_t i = 0; i < n; i++) {
        enum about about;
        if (!judge(r, sentences[i], &about)) return false;
        alleges[i] = about == ABOUT_CONDUCT || (about == ABOUT_NOTHING && before);
        before = alleges[i];
        some |= about == ABOUT_CONDUCT;
        others |= about == ABOUT_MATTER;
    }
    return some && others;
}

bool route_propose(const struct routing *r, const struct route_input *in, const struct decision *whole,
                   const struct str *sentences, size_t n, struct arena *a, struct route_proposal *p)
{
    if (n < 2 || n > ROUTE_SENTENCES || in->nature == NATURE_REPORT || !assign(r, sentences, n, p->alleges))
        return false;
    struct route_input report = *in, rest = *in;
    report.nature = NATURE_UNKNOWN;
    report.rating = rest.rating = 0;
    report.text = joined(sentences, p->alleges, true, n, a);
    rest.text = joined(sentences, p->alleges, false, n, a);
    if (report.text.p == NULL || rest.text.p == NULL) return false;
    route_decide(r, &report, a, &p->report);
    route_decide(r, &rest, a, &p->rest);
    if (p->report.nature != NATURE_REPORT || !p->report.confidential) return false;
    if (p->rest.confidential || p->rest.held || p->rest.nature == NATURE_RATE ||
        (p->rest.nature == NATURE_REPORT && p->rest.about_unit_id != 0))
        return false;
    /* Whom it reports may be named beside the other matter: decided again with that unit, so that the wall stands around it. */
    if (p->report.about_unit_id == 0 && whole->about_unit_id != 0) {
        report.unit_id = whole->about_unit_id;
        report.named = true;
        report.nature = NATURE_REPORT;
        route_decide(r, &report, a, &p->report);
        if (p->report.nature != NATURE_REPORT || !p->report.confidential) return false;
    }
    /* What is said of the office is not for its own desk. */
    int about = routing_index(r, p->report.about_unit_id), desk = r->desk_triage;
    if (about >= 0 && r->units[r->units[about].main].office) return false;
    if (about >= 0 && r->units[about].main == desk) return false;
    return true;
}
