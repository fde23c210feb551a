#include "core/figures.h"

static const struct rate_facts rates[] = {
#define X(id, word, zh, formula) {word, zh, formula},
    FIGURE_RATES(X)
#undef X
};

const struct rate_facts *rate_facts(enum figure_rate r)
{
    ASSERT((unsigned)r < ARRAY_LEN(rates));
    return &rates[r];
}

bool share_permille(struct share s, int *permille_r)
{
    if (s.den < FIGURES_SAMPLE_MIN) return false;
    i64 permille = (s.num * 2000 + s.den) / (2 * s.den);
    if (permille == 1000 && s.num < s.den) permille = 999;
    if (permille == 0 && s.num > 0) permille = 1;
    *permille_r = (int)permille;
    return true;
}

void share_text(struct share s, struct text *into)
{
    int permille;
    if (s.den == 0)
        text_addz(into, "无数据");
    else if (!share_permille(s, &permille))
        text_addz(into, "样本不足");
    else
        text_addf(into, "%d.%d%%", permille / 10, permille % 10);
}

bool figure_cases_whole(const struct figure_cases *c)
{
    return c->received == c->closed + c->declined + c->merged + c->open;
}

i64 figure_reached(const struct figure_callbacks *c) { return c->solved + c->partly + c->unsolved; }

struct share figure_solved(const struct figure_callbacks *c)
{
    return (struct share){c->solved, figure_reached(c)};
}

struct share figure_satisfied(const struct figure_callbacks *c)
{
    struct share s = {0, 0};
    for (int level = 1; level <= 5; level++) {
        s.den += c->rated[level];
        if (level >= 3) s.num += c->rated[level];
    }
    return s;
}
