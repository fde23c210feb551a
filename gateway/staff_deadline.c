/* The explanation of a deadline: the acts are replayed over the calendar exactly as casework counted them, then where
 * three quarters of the time lie and what the clock does next. */
#include "staff_part.h"
#include "casework.h"
#include "core/ladder.h"

static void say_next(const struct case_row *row, struct text *lines)
{
    const struct case_clocks *c = &row->clocks;
    char at[INSTANT_TEXT_MAX];
    if (c->next.us == 0 || c->settle) return;
    text_addf(lines, "下一步：%s ", due_text(c->next, at));
    switch (c->next_act) {
    case ACT_SUPERVISE:
        text_addf(lines, "%s，由时钟发出\n", supervise_rung_chinese(c->next_rung));
        break;
    case ACT_PROPOSE:
        text_addf(lines, "%s，由时钟拟办，由%s签发\n", supervise_rung_chinese(c->next_rung),
                  ladder_issuer_chinese(c->next_rung));
        break;
    case ACT_RESUME:
        text_addz(lines, "挂起期满，由时钟恢复办理\n");
        break;
    default:
        text_addf(lines, "%s，由时钟发出\n", case_act_chinese(c->next_act));
        break;
    }
}

void staff_deadline_lines(const struct deadline_rules *rules, const struct workdays *cal,
                          const struct case_row *row, const struct clock_step *steps, size_t n,
                          struct text *lines)
{
    const struct case_view *v = &row->view;
    struct clock_run run;
    enum case_clock clock;
    int year = 0;
    char on_file[INSTANT_TEXT_MAX], now[INSTANT_TEXT_MAX];
    if (!clocks_running(v, &clock)) return;
    if (row->clocks.due.us) clock = row->clocks.due_clock;
    const instant due = row->clocks.due.us            ? row->clocks.due
                        : v->flags & CASE_FLAG_PAUSED ? row->clocks.handling_due
                                                      : (instant){0};

    if (!clockrun_replay(rules, cal, v->opened, steps, n, v->level, v->round, clock, &run, &year, lines))
        text_addf(lines, "请系统管理员导入%d年工作日历（mashangdu import calendar），导入后自动补算\n", year);
    if (due.us && run.due.us && run.due.us != due.us)
        text_addf(lines, "登记在案的到期时间为 %s（按当时的设置和日历计算；按现在的推算为 %s）\n",
                  due_text(due, on_file), due_text(run.due, now));
    if (row->clocks.warn.us)
        text_addf(lines, "时限用去四分之三：%s，此后显示黄色\n", due_text(row->clocks.warn, now));
    say_next(row, lines);
}
