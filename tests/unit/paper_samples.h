/* Papers as an office would fill them, for the tests that look at the printed pages. All persons, units and cases are
 * invented. Every sample lives in the caller's struct; nothing is allocated. */
#pragma once
#include "paper.h"
#include <stdio.h>
#include <string.h>

#define OFFICE "示范区优化发展环境工作领导小组办公室"

static const struct str sample_office[] = {
    {OFFICE, sizeof OFFICE - 1},
    {"中共示范区委督查室", sizeof "中共示范区委督查室" - 1},
    {"示范区人民政府督查室", sizeof "示范区人民政府督查室" - 1},
};
static const char sample_body[] =
    "一、问题情况\n"
    "近期，我办收到企业和群众通过监督牌反映的问题共12件，涉及窗口办事排队时间长、一次性告知不到位、超时限办结等情形。经核查，"
    "有关问题基本属实，现交你单位办理。\n"
    "二、办理要求\n"
    "（一）明确责任。由主要负责同志牵头，逐件明确责任领导、责任科室和完成时限，做到事事有着落、件件有回音。\n"
    "（二）限时办结。请于2026年4月30日17:30前办结，并将办理结果、佐证材料和回访情况书面报送我办；确需延期的，应当在期限届满前"
    "提出申请并说明理由。\n"
    "1.对能够当场解决的问题，应当当场解决。\n"
    "2.对涉及多个部门的问题，由首接单位牵头协调，不得推诿。\n"
    "三、其他事项\n"
    "未经反映人同意，不得泄露其个人信息。对敷衍塞责、弄虚作假的，将按规定予以通报。";

static inline struct paper_letter sample_letter(void)
{
    return (struct paper_letter){
        .head = {.issuers = sample_office,
                 .n_issuers = 1,
                 .number = STR("示优化办函〔2026〕8号"),
                 .title = STR("关于交办企业和群众反映问题的函"),
                 .addressee = STR("示范区市场监督管理局")},
        .basis = STR("根据《政府督查工作条例》和区人民政府授权，现就有关事项函告如下。"),
        .body = {sample_body, sizeof sample_body - 1},
        .foot = {.date = {2026, 3, 9},
                 .note = STR("联系人：督查督办组，电话：0700-2100003"),
                 .copies_to = STR("区委办公室，区人民政府办公室，区纪委监委机关")},
    };
}

#define SAMPLE_CASES 12
struct sample_cases {
    char numbers[SAMPLE_CASES][24], subjects[SAMPLE_CASES][160];
    struct paper_case rows[SAMPLE_CASES];
};
static inline void sample_cases_fill(struct sample_cases *s)
{
    static const char *const subjects[] = {
        "办理个体工商户变更登记排队两小时未叫号",
        "窗口人员未一次性告知所需材料，企业往返三次，要求说明理由并补办",
        "行政检查频次过高，一个月内同一事项检查四次",
        "承诺三个工作日办结的许可超期六个工作日",
    };
    for (size_t i = 0; i < SAMPLE_CASES; i++) {
        snprintf(s->numbers[i], sizeof s->numbers[i], "MD2026%06zu", 104 + i * 37);
        snprintf(s->subjects[i], sizeof s->subjects[i], "%s", subjects[i % ARRAY_LEN(subjects)]);
        s->rows[i] =
            (struct paper_case){str_of(s->numbers[i]), str_of(s->subjects[i]), STR("2026-04-30 17:30")};
    }
}

#define SAMPLE_ROWS 64
struct sample_list {
    char words[SAMPLE_ROWS][8][120];
    struct paper_cell cells[SAMPLE_ROWS][8];
    struct paper_row rows[SAMPLE_ROWS];
};
static const struct paper_column sample_register_columns[] = {
    {STR("序号"), 1, PAPER_CENTRE},     {STR("日期"), 2, PAPER_CENTRE}, {STR("文号"), 4, PAPER_LEFT},
    {STR("标题"), 6, PAPER_LEFT},       {STR("主送"), 4, PAPER_LEFT},   {STR("状态"), 1.6, PAPER_CENTRE},
    {STR("签收时间"), 3, PAPER_CENTRE}, {STR("备注"), 2, PAPER_LEFT},
};
static const struct paper_column sample_week_columns[] = {
    {STR("编号"), 3, PAPER_CENTRE},   {STR("事项"), 7, PAPER_LEFT},     {STR("责任单位"), 4, PAPER_LEFT},
    {STR("跟踪部门"), 3, PAPER_LEFT}, {STR("时限"), 2.6, PAPER_CENTRE}, {STR("状态"), 1.8, PAPER_CENTRE},
    {STR("较上周"), 2.4, PAPER_LEFT},
};

/* Rows of a register: n_columns is 8. */
static inline void sample_register_fill(struct sample_list *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        snprintf(s->words[i][0], 120, "%zu", i + 1);
        snprintf(s->words[i][1], 120, "2026-%02zu-%02zu", 1 + i / 20, 1 + i % 20);
        snprintf(s->words[i][2], 120, "示优化办函〔2026〕%zu号", i + 1);
        snprintf(s->words[i][3], 120, "关于交办企业和群众反映问题的函%s",
                 i % 3 ? "" : "（涉及窗口服务和超时限办结）");
        snprintf(s->words[i][4], 120, "示范区%s", i % 2 ? "市场监督管理局" : "住房和城乡建设局");
        snprintf(s->words[i][5], 120, "%s", i % 7 == 3 ? "作废" : i % 5 ? "已签收" : "未签收");
        snprintf(s->words[i][6], 120, "%s", i % 5 ? "2026-03-10 09:15" : "");
        for (size_t k = 0; k < 8; k++) s->cells[i][k].text = str_of(s->words[i][k]);
        s->cells[i][5].colour = i % 7 == 3 ? PAPER_GREY : i % 5 ? PAPER_GREEN : PAPER_YELLOW;
        s->rows[i] = (struct paper_row){PAPER_ROW, s->cells[i]};
    }
}

/* A weekly sheet: two groups of rows and a line of totals; its number of rows. */
static inline size_t sample_week_fill(struct sample_list *s)
{
    size_t n = 0;
    for (size_t i = 0; i < 26; i++) {
        if (i % 13 == 0) {
            snprintf(s->words[n][0], 120, "%s", i ? "上级办理事项（本级跟踪）" : "本级办理事项");
            s->cells[n][0] = (struct paper_cell){.text = str_of(s->words[n][0])};
            s->rows[n] = (struct paper_row){PAPER_ROW_GROUP, s->cells[n]};
            n++;
        }
        snprintf(s->words[n][0], 120, "MD2026%06zu", 1000 + i);
        snprintf(s->words[n][1], 120, "第%zu期政企交流提出：园区道路夜间照明不足，影响职工出行", i / 4 + 1);
        snprintf(s->words[n][2], 120, "示范区城市管理局");
        snprintf(s->words[n][3], 120, "%s", i < 13 ? "" : "园区规划建设部");
        snprintf(s->words[n][4], 120, "2026-04-%02zu", 1 + i);
        snprintf(s->words[n][5], 120, "%s", i % 3 == 0 ? "超期" : i % 3 == 1 ? "临期" : "在办");
        snprintf(s->words[n][6], 120, "%s", i % 3 == 0 ? "新超期" : "无变化");
        for (size_t k = 0; k < 7; k++) s->cells[n][k] = (struct paper_cell){.text = str_of(s->words[n][k])};
        s->cells[n][5].colour = i % 3 == 0 ? PAPER_RED : i % 3 == 1 ? PAPER_YELLOW : PAPER_GREEN;
        s->rows[n] = (struct paper_row){PAPER_ROW, s->cells[n]};
        n++;
    }
    const char *const totals[] = {"合计", "26件", "", "", "", "超期9件", "新增超期9件"};
    for (size_t k = 0; k < 7; k++) s->cells[n][k] = (struct paper_cell){.text = str_of(totals[k])};
    s->rows[n] = (struct paper_row){PAPER_ROW_TOTAL, s->cells[n]};
    return n + 1;
}

static inline struct paper_table sample_register(struct sample_list *s, size_t n)
{
    sample_register_fill(s, n);
    return (struct paper_table){
        .title = STR("收发文登记簿"),
        .subtitle = STR("2026年1月1日至2026年3月31日　交（督）办函"),
        .landscape = true,
        .grid = {sample_register_columns, ARRAY_LEN(sample_register_columns), s->rows, n},
        .printed = {1774000000000000}};
}

static inline struct paper_table sample_week(struct sample_list *s)
{
    size_t n = sample_week_fill(s);
    return (struct paper_table){.title = STR("政企交流主题日问题督办周报"),
                                .subtitle = STR("第12周　2026年3月16日至3月22日"),
                                .grid = {sample_week_columns, ARRAY_LEN(sample_week_columns), s->rows, n},
                                .note = STR("说明：临期是指离时限不足两个工作日。"),
                                .printed = {1774000000000000}};
}

struct sample_bulletin {
    struct sample_list problems, practice;
    struct paper_grid grids[2];
    struct paper_section sections[2];
};
static const struct paper_column sample_problem_columns[] = {{STR("序号"), 1, PAPER_CENTRE},
                                                             {STR("编号"), 3.4, PAPER_CENTRE},
                                                             {STR("问题"), 6, PAPER_LEFT},
                                                             {STR("责任单位"), 4, PAPER_LEFT},
                                                             {STR("整改时限"), 2.6, PAPER_CENTRE}};
static const struct paper_column sample_practice_columns[] = {
    {STR("单位"), 4, PAPER_LEFT}, {STR("做法"), 9, PAPER_LEFT}, {STR("成效"), 4, PAPER_LEFT}};

static inline struct paper_bulletin sample_bulletin(struct sample_bulletin *s)
{
    for (size_t i = 0; i < 14; i++) {
        snprintf(s->problems.words[i][0], 120, "%zu", i + 1);
        snprintf(s->problems.words[i][1], 120, "MD2026%06zu", 700 + i);
        snprintf(s->problems.words[i][2], 120,
                 "施工许可窗口要求企业重复提交已在平台共享的材料（第%zu次巡查）", i + 1);
        snprintf(s->problems.words[i][3], 120, "示范区住房和城乡建设局");
        snprintf(s->problems.words[i][4], 120, "2026-05-%02zu", i + 1);
        for (size_t k = 0; k < 5; k++) s->problems.cells[i][k].text = str_of(s->problems.words[i][k]);
        s->problems.rows[i] = (struct paper_row){PAPER_ROW, s->problems.cells[i]};
    }
    for (size_t i = 0; i < 4; i++) {
        snprintf(s->practice.words[i][0], 120, "第%zu便民服务中心", i + 1);
        snprintf(s->practice.words[i][1], 120, "设立帮办代办专窗，提前审看材料，容缺受理并在两日内补正");
        snprintf(s->practice.words[i][2], 120, "平均办理时间缩短%zu天", i + 2);
        for (size_t k = 0; k < 3; k++) s->practice.cells[i][k].text = str_of(s->practice.words[i][k]);
        s->practice.rows[i] = (struct paper_row){PAPER_ROW, s->practice.cells[i]};
    }
    s->grids[0] = (struct paper_grid){sample_problem_columns, 5, s->problems.rows, 14};
    s->grids[1] = (struct paper_grid){sample_practice_columns, 3, s->practice.rows, 4};
    s->sections[0] = (struct paper_section){
        STR("一、问题交办"), STR("以下问题请责任单位按时限整改，整改结果报我办销号。"), &s->grids[0]};
    s->sections[1] =
        (struct paper_section){STR("二、经验推广"), STR("下列单位的做法值得学习借鉴。"), &s->grids[1]};
    return (struct paper_bulletin){
        .head = {.issuers = sample_office,
                 .n_issuers = 1,
                 .number = STR("示优化办通报〔2026〕5号"),
                 .title = STR("关于2026年第一季度营商环境监督问题交办和经验推广情况的通报"),
                 .addressee = STR("各乡镇人民政府、街道办事处，区直各有关单位")},
        .banner = STR("营商环境监督通报"),
        .body = STR("现将2026年第一季度营商环境监督有关情况通报如下。"),
        .sections = s->sections,
        .n_sections = 2,
        .foot = {.date = {2026, 4, 1}, .copies_to = STR("市优化发展环境工作领导小组办公室")},
    };
}

struct sample_story {
    char words[24][3000];
    struct paper_event events[24];
    struct paper_fact facts[9];
    struct paper_chapter chapters[3];
};
static inline struct paper_story sample_story(struct sample_story *s)
{
    static const char *const whats[] = {"收件", "受理",     "派单",         "签收",
                                        "反馈", "审核退回", "督办函（黄）", "回访"};
    static const enum paper_colour colours[] = {PAPER_BLACK, PAPER_BLACK, PAPER_BLACK,  PAPER_GREEN,
                                                PAPER_BLACK, PAPER_RED,   PAPER_YELLOW, PAPER_BLUE};
    for (size_t i = 0; i < 24; i++) {
        s->words[i][0] = '\0';
        for (size_t k = 0; k < 1 + i % 8; k++)
            snprintf(s->words[i] + strlen(s->words[i]), sizeof s->words[i] - strlen(s->words[i]),
                     "第%zu步记录%zu：经办人已与反映人联系，说明办理进度和依据。", i + 1, k + 1);
        s->events[i] = (struct paper_event){STR("2026-03-18 09:59"), STR("区优化办 督查督办组"),
                                            str_of(whats[i % 8]), colours[i % 8], str_of(s->words[i])};
    }
    const struct paper_fact facts[] = {{STR("来源"), STR("监督牌 100018"), PAPER_BLACK},
                                       {STR("性质"), STR("投诉"), PAPER_BLACK},
                                       {STR("等级"), STR("三级"), PAPER_BLACK},
                                       {STR("状态"), STR("超期"), PAPER_RED},
                                       {STR("承办单位"), STR("示范区市场监督管理局"), PAPER_BLACK},
                                       {STR("协办单位"), STR("示范区行政审批服务局"), PAPER_BLACK},
                                       {STR("收件时间"), STR("2026-03-18 09:59"), PAPER_BLACK},
                                       {STR("办理时限"), STR("2026-03-25 24:00"), PAPER_YELLOW},
                                       {STR("回访"), STR("未回访"), PAPER_GREY}};
    memcpy(s->facts, facts, sizeof facts);
    s->chapters[0] = (struct paper_chapter){
        STR("一、反映内容"), STR("窗口让我来回跑了三趟，每次要的材料都不一样。\n希望能一次说清楚。😀"), NULL,
        0};
    s->chapters[1] = (struct paper_chapter){STR("二、办理经过"), STR_NONE, s->events, 16};
    s->chapters[2] = (struct paper_chapter){STR("三、查阅记录"), STR_NONE, s->events + 16, 8};
    return (struct paper_story){.number = STR("MD2026000104"),
                                .title = STR("全程回溯：窗口未一次性告知所需材料"),
                                .subtitle = STR("本单仅供内部办理使用"),
                                .facts = s->facts,
                                .n_facts = ARRAY_LEN(facts),
                                .chapters = s->chapters,
                                .n_chapters = 3,
                                .printed = {1774000000000000}};
}
