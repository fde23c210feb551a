/* Prints docs/caseflow.md from the table. Used by test_caseflow: `test_caseflow --doc` writes it to standard
 * output (tests/caseflow-doc keeps the file), and the test fails when the file is stale. */
#pragma once
#include "core/caseflow.h"

typedef const char *doc_word(unsigned bit);
static inline const char *doc_state(unsigned b) { return case_state_chinese((enum case_state)b); }
static inline const char *doc_flag(unsigned b) { return case_flag_chinese(b); }
static inline const char *doc_need(unsigned b) { return case_need_chinese(b); }
static inline const char *doc_clock(unsigned b) { return case_clock_chinese((enum case_clock)b); }
static inline const char *doc_who(unsigned b)
{
    return b < ROLES_N ? staff_role_chinese((enum staff_role)b)
                       : actor_kind_chinese((enum actor_kind)(b - ROLES_N));
}
static inline const char *doc_notice(unsigned b)
{
    static const char *const words[] = {"群众", "单位", "优化办"};
    return words[b];
}

static inline void doc_mask(struct text *t, const char *lead, u32 mask, doc_word *word)
{
    const char *between = lead;
    for (unsigned b = 0; b < 32; b++)
        if ((mask & (1u << b)) != 0) {
            text_addz(t, between);
            text_addz(t, word(b));
            between = "、";
        }
}

static inline void doc_row(struct text *t, const struct caseflow_row *r)
{
    text_addf(t, "| `%s` %s | ", case_act_word(r->act), case_act_chinese(r->act));
    doc_mask(t, "", r->from, doc_state);
    doc_mask(t, "；须", r->require, doc_flag);
    doc_mask(t, "；非", r->forbid, doc_flag);
    text_addf(t, " | %s | ",
              r->to == CASE_TO_SAME   ? "不变"
              : r->to == CASE_TO_BACK ? "并案前状态"
                                      : case_state_chinese((enum case_state)r->to));
    doc_mask(t, "", r->who, doc_who);
    text_addz(t, " | ");
    doc_mask(t, "", r->needs, doc_need);
    if (r->rung_max > 0) text_addf(t, "；最高%s", supervise_rung_chinese(r->rung_max));
    text_addz(t, " | ");
    doc_mask(t, "启动", r->start, doc_clock);
    doc_mask(t, " 停止", r->stop, doc_clock);
    doc_mask(t, " 暂停", r->hold, doc_clock);
    doc_mask(t, " 续计", r->resume, doc_clock);
    if (r->new_round) text_addz(t, "（重办，时限减半）");
    text_addz(t, " | ");
    doc_mask(t, "", r->notices, doc_notice);
    if (r->letter != LETTER_NONE) text_addf(t, "；%s", case_letter_chinese(r->letter));
    text_addf(t, " | %s |\n", r->citizen != NULL ? r->citizen : "");
}

/* What the table act_rules of the database holds: for each post and each act the conditions on the person. */
static inline bool doc_rule_first(const struct caseflow_row *rows, size_t i, u32 bit)
{
    for (size_t k = 0; k < i; k++)
        if (rows[k].act == rows[i].act && (rows[k].who & bit) != 0) return false;
    return true;
}

static inline void doc_rule(struct text *t, const struct caseflow_row *r, const char *post, bool confidential)
{
    text_addf(t, "| `%s` | `%s` | %s | %s | %s | %s |\n", case_act_word(r->act), post,
              confidential ? "yes" : "no", (r->needs & NEED_NOT_AUTHOR) != 0 ? "yes" : "no",
              (r->needs & NEED_NOT_ASKER) != 0 ? "yes" : "no", (r->needs & NEED_OUTSIDE) != 0 ? "yes" : "no");
}

static inline void doc_rules(struct text *t, const struct caseflow_row *rows, size_t n)
{
    const u32 office = ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_SUPERVISOR) | ROLE_BIT(ROLE_REGISTRY) |
                       ROLE_BIT(ROLE_CALLBACK);
    for (size_t i = 0; i < n; i++) {
        for (unsigned b = 0; b < ROLES_N + ACTOR_KINDS_N; b++)
            if ((rows[i].who & (1u << b)) != 0 && doc_rule_first(rows, i, 1u << b))
                doc_rule(t, &rows[i],
                         b < ROLES_N ? staff_role_word((enum staff_role)b)
                                     : actor_kind_word((enum actor_kind)(b - ROLES_N)),
                         false);
        if ((rows[i].who & office) == 0 || !doc_rule_first(rows, i, office)) continue;
        bool itself = false;
        for (size_t k = 0; k < n; k++)
            itself |= rows[k].act == rows[i].act && (rows[k].who & ROLE_BIT(ROLE_ACCOUNTABILITY)) != 0;
        if (!itself) doc_rule(t, &rows[i], staff_role_word(ROLE_ACCOUNTABILITY), true);
    }
}

static inline void doc_print(struct text *t)
{
    size_t n;
    const struct caseflow_row *rows = caseflow_acts(&n);
    text_addz(t, "# 办件流程 Life of a case\n\n"
                 "Printed from `gateway/core/caseflow_table.c` by `tests/caseflow-doc`; do not edit.\n\n"
                 "## States\n\n| word | 中文 |\n|---|---|\n");
    for (unsigned s = CASE_DISCOVERED; s < CASE_STATES_N; s++)
        text_addf(t, "| `%s` | %s |\n", case_state_word((enum case_state)s),
                  case_state_chinese((enum case_state)s));
    text_addz(t, "\n## Flags\n\n| word | 中文 |\n|---|---|\n");
    for (unsigned f = 0; f < CASE_FLAGS_N; f++)
        text_addf(t, "| `%s` | %s |\n", case_flag_word(f), case_flag_chinese(f));
    text_addz(t, "\n## Roles\n\n| word | 中文 |\n|---|---|\n");
    for (unsigned r = 0; r < ROLES_N; r++)
        text_addf(t, "| `%s` | %s |\n", staff_role_word((enum staff_role)r),
                  staff_role_chinese((enum staff_role)r));
    text_addz(t, "\n## Endings\n\n| word | 中文 |\n|---|---|\n");
    for (unsigned e = ENDING_SOLVED; e < ENDINGS_N; e++)
        text_addf(t, "| `%s` | %s |\n", case_ending_word((enum case_ending)e),
                  case_ending_chinese((enum case_ending)e));
    text_addz(t, "\n## Rungs of 督办\n\n| rung | word | 中文 | letter |\n|---|---|---|---|\n");
    for (int r = RUNG_REMIND; r < RUNGS_N; r++)
        text_addf(t, "| %d | `%s` | %s | %s |\n", r, supervise_rung_word(r), supervise_rung_chinese(r),
                  case_letter_chinese(caseflow_rung_letter(r)));
    text_addz(t, "\n## Acts\n\n"
                 "An act with several rows: the first that fits state, flags and actor applies. On a "
                 "confidential case "
                 "追责问责组 stands in for the office's other groups.\n\n"
                 "| act | from | to | who | needs | clocks | told; letter | the citizen reads |\n"
                 "|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++) doc_row(t, &rows[i]);
    text_addz(
        t,
        "\n## Guards in the database\n\n"
        "The table `act_rules` (schema/0008_guards.sql): which post may bring which act onto the record, on a "
        "confidential case only, by another person than the author of the answer or than whoever made the request, "
        "by nobody of the handling unit. A trigger on `acts` asks it whoever inserts.\n\n"
        "| act | post | confidential | not author | not asker | outside |\n|---|---|---|---|---|---|\n");
    doc_rules(t, rows, n);
}
