/* Shares of a period with their formulas: what stands above the line, what below, and how it is printed. The staff's figures
 * (gateway/staff_figures.c) and every table that prints a rate read the same rows, so that a rate never stands without its
 * n and its formula. Pure arithmetic: it counts nothing and knows no database. */
#pragma once
#include "base/str.h"

/* X(id, word, zh, formula). The district's three rates have no official formula; these are printed beside every table. */
/* clang-format off */
#define FIGURE_RATES(X) \
    X(ON_TIME, "on_time", "按时反馈率", "在办理时限内提交并审核通过的反馈 ÷（审核通过的反馈 + 已到期未提交的）") \
    X(RESPONSE, "response", "响应率", "在签收时限内签收的 ÷（已签收的 + 已到期未签收的）；首次联系不单独登记，以签收计") \
    X(SOLVED, "solved", "解决率", "回访已解决 ÷ 有效回访（已解决 + 部分解决 + 未解决）；拒访、未接通另列") \
    X(SATISFIED, "satisfied", "满意率", "（非常满意 + 满意 + 基本满意）÷ 有效评价；拒访、未接通、未评价另列，不剔除任何评价")
/* clang-format on */
enum figure_rate {
#define X(id, word, zh, formula) RATE_##id,
    FIGURE_RATES(X)
#undef X
        RATES_N
};
struct rate_facts {
    const char *word, *zh, *formula;
};
const struct rate_facts *rate_facts(enum figure_rate r);

#define FIGURES_SAMPLE_MIN 10 /* with fewer valid answers a share says nothing: 样本不足 */

struct share {
    i64 num, den; /* 0 <= num <= den */
};
/* Tenths of a percent, rounded to the nearest; 100 % and 0 % are only said of all and of none. False when den is under
 * FIGURES_SAMPLE_MIN: then there is no figure to print. */
bool share_permille(struct share s, int *permille_r) MUST_CHECK;
/* "99.2%", "样本不足", and for den 0 "无数据". The caller prints den beside it, always. */
void share_text(struct share s, struct text *into);

/* What became of the cases that came in a period. */
struct figure_cases {
    i64 received, closed, declined, merged, open;
};
/* Nothing has vanished: received is the sum of what became of them (53 = 50 + 3). */
bool figure_cases_whole(const struct figure_cases *c);

/* The callbacks asked in a period, by what came of them; rated[1..5] counts the valid ratings. */
struct figure_callbacks {
    i64 due, solved, partly, unsolved, refused, silence, overtaken;
    i64 rated[6];
};
i64 figure_reached(const struct figure_callbacks *c); /* somebody answered the question */
struct share figure_solved(const struct figure_callbacks *c);
struct share figure_satisfied(const struct figure_callbacks *c);
