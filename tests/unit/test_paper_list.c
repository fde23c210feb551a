/* Bulletins, lists and stories as printed: red head, tables with their header on every page, nothing lost in rows that run
 * over pages, the foot of each page. */
#include "paper_rig.h"
#include "paper_samples.h"
#include <math.h>

#define NEAR(got, want, within) assert_true(fabs((got) - (want)) <= (within))

static struct rig_word words[2048];
static struct sample_list list;
static char big[16 * 1024];

static void a_bulletin_has_the_red_head(void **state)
{
    (void)state;
    static struct sample_bulletin sample;
    struct paper_bulletin bulletin = sample_bulletin(&sample);
    RIG_PRINT(paper_bulletin_print, &bulletin);
    struct rig_picture pic = rig_picture_of(1);
    double first = -1, line = -1;
    for (int row = 0; row < pic.height && line < 0; row++) {
        double inked;
        struct rig_span red = rig_red(&pic, row, &inked);
        if (red.to <= red.from) continue;
        if (first < 0) first = row / 10.0;
        if (inked < 150) continue;
        NEAR(red.from, 28, 0.5);
        NEAR(red.to - red.from, 156, 0.5);
        line = row / 10.0;
    }
    free(pic.rgb);
    NEAR(first, 37 + 35, 0.5);
    size_t n = rig_words(1, words, ARRAY_LEN(words));
    const struct rig_word *number = rig_word_find(words, n, "示优化办通报〔2026〕5号");
    NEAR((number->left + number->right) / 2, 28 + 78, 1);
    NEAR(line - (number->top + number->bottom) / 2, 4 + 2.8, 1.2);
    rig_word_find(words, n, "—"); /* a bulletin numbers its first page */
    rig_fonts_embedded(3);
}

static void a_heading_stays_with_its_table(void **state)
{
    (void)state;
    static struct sample_bulletin sample;
    static char body[8192];
    struct paper_bulletin bulletin = sample_bulletin(&sample);
    sample.sections[0].body = STR_NONE; /* as the gateway prints it */
    for (size_t lines = 2; lines < 14; lines++) {
        size_t n = 0;
        for (size_t i = 0; i < lines; i++) n += (size_t)snprintf(body + n, sizeof body - n, "近期情况。\n");
        bulletin.body = (struct str){body, n};
        RIG_PRINT(paper_bulletin_print, &bulletin);
        int page = 1;
        while (!strstr(rig_text(page, true), "一、问题交办")) assert_true(++page <= rig_pages());
        assert_non_null(strstr(rig_text(page, true), "整改时限"));
    }
}

static void a_bulletin_hands_over_and_recommends(void **state)
{
    (void)state;
    static struct sample_bulletin sample;
    struct paper_bulletin bulletin = sample_bulletin(&sample);
    RIG_PRINT(paper_bulletin_print, &bulletin);
    int with_problems = 0, pages = rig_pages();
    for (int page = 1; page <= pages; page++) {
        const char *text = rig_text(page, true);
        bool has = strstr(text, "MD20260007") != NULL;
        assert_int_equal(has, strstr(text, "整改时限") != NULL);
        with_problems += has;
    }
    assert_true(with_problems >= 2);
    const char *all = rig_text(0, true);
    const char *at = strstr(all, "一、问题交办");
    for (size_t i = 0; i < 14; i++) {
        assert_int_equal(rig_count(all, sample.problems.words[i][1]), 1);
        at = at ? strstr(at, sample.problems.words[i][1]) : NULL;
    }
    assert_non_null(at);
    at = strstr(at, "二、经验推广");
    assert_non_null(at);
    at = strstr(at, "平均办理时间缩短5天");
    assert_non_null(at);
    assert_non_null(strstr(at, "（印章）"));
    assert_non_null(strstr(at, "2026年4月1日印发"));
    /* Joint: all names in the head, 文件 once. */
    bulletin.banner = STR_NONE;
    bulletin.head.n_issuers = 3;
    RIG_PRINT(paper_bulletin_print, &bulletin);
    all = rig_text(1, true);
    assert_int_equal(rig_count(all, "文件"), 1);
    for (size_t i = 0; i < 3; i++) assert_non_null(strstr(all, sample_office[i].p));
}

static void a_register_repeats_its_header(void **state)
{
    (void)state;
    struct paper_table table = sample_register(&list, 60);
    RIG_PRINT(paper_table_print, &table);
    int pages = rig_pages();
    assert_in_range(pages, 3, 5);
    char foot[64];
    for (int page = 1; page <= pages; page++) {
        const char *text = rig_text(page, true);
        assert_int_equal(rig_count(text, "签收时间"), 1);
        snprintf(foot, sizeof foot, "第%d页共%d页", page, pages);
        assert_int_equal(rig_count(text, foot), 1);
        assert_int_equal(rig_count(text, "打印时间2026-03-2017:46"), 1);
    }
    const char *all = rig_text(0, true), *at = all;
    for (size_t i = 0; at && i < 60; i++) at = strstr(at, list.words[i][2]);
    assert_non_null(at);
    assert_int_equal(rig_count(all, "号关于交办"), 60);
    assert_int_equal(atoi(folder_run("pdfinfo x.pdf | sed -n 's/^Page size: *//p'")), 841); /* landscape */
    rig_fonts_embedded(3);
    table.grid.n_rows = 0;
    RIG_PRINT(paper_table_print, &table);
    assert_non_null(strstr(rig_text(1, true), "无"));
}

static void a_weekly_sheet_has_groups_colours_and_totals(void **state)
{
    (void)state;
    struct paper_table table = sample_week(&list);
    RIG_PRINT(paper_table_print, &table);
    const char *all = rig_text(0, true);
    assert_int_equal(rig_count(all, "上级办理事项（本级跟踪）"), 1);
    for (size_t i = 0; i < 26; i++) { /* numbers and dates stay on one line */
        char number[32];
        snprintf(number, sizeof number, "MD2026%06zu", 1000 + i);
        assert_int_equal(rig_count(rig_text(0, false), number), 1);
    }
    assert_int_equal(rig_count(rig_text(0, false), "2026-04-"), 26);
    assert_int_equal(rig_count(rig_text(0, true), "超期"), 9 + 9 + 1 + 1);
    /* The totals have at least one row above them on their page. */
    all = rig_text(rig_pages(), true);
    assert_non_null(strstr(all, "合计26件"));
    assert_non_null(strstr(all, "MD2026001025"));
    /* The word stands on its tint. */
    size_t n = rig_words(1, words, ARRAY_LEN(words));
    const struct rig_word *w = rig_word_find(words, n, "超期");
    struct rig_picture pic = rig_picture_of(1);
    const u8 *dot = pic.rgb + 3 * ((size_t)(w->top * 10) * (size_t)pic.width + (size_t)(w->left * 10) - 5);
    assert_true(dot[0] > 240 && dot[1] < 230 && dot[2] < 230);
    free(pic.rgb);
}

static void a_row_higher_than_a_page_runs_on(void **state)
{
    (void)state;
    size_t n = 0;
    for (int i = 0; n + 64 < sizeof big; i++)
        n += (size_t)snprintf(big + n, sizeof big - n, "第%04d句办理记录。", i);
    struct paper_table table = sample_register(&list, 3);
    list.cells[1][3].text = (struct str){big, n};
    RIG_PRINT(paper_table_print, &table);
    assert_true(rig_pages() >= 4);
    char sentence[64];
    /* A sentence may go over the end of a page: head and foot of the pages are taken out between its halves. */
    const char *got =
        folder_run("pdftotext -raw x.pdf - | tr -d '\\f' | grep -v -e '^序号' -e '页$' -e '^打印时间' "
                   "-e '^收发文登记簿$' | tr -d ' \\n'");
    const char *at = got;
    for (int i = 0; i < (int)(n / strlen("第0000句办理记录。")); i++) {
        snprintf(sentence, sizeof sentence, "第%04d句", i);
        at = strstr(at, sentence);
        if (!at) print_message("lost: %s\n", sentence);
        assert_non_null(at);
        assert_int_equal(rig_count(got, sentence), 1);
    }
    assert_non_null(strstr(at, list.words[2][2]));
}

static void letters_without_a_font_are_spelt(void **state)
{
    (void)state;
    struct paper_table table = sample_register(&list, 2);
    struct paper_fault fault;
    struct text out;
    list.cells[0][3].text = STR("甲\xCD\xB8乙\xF4\x8F\xBF\xBD丙");
    RIG_PRINT(paper_table_print, &table);
    assert_non_null(strstr(rig_text(1, true), "甲〔U+0378〕乙〔U+10FFFD〕丙"));
    /* Bytes of all kinds, as wide as a cell will hold: printed somehow, never a fault. */
    size_t n = 0;
    for (u32 c = 0x900; c < 0x1200 && n + 8 < sizeof big; c += 3) {
        struct text letter;
        text_init(&letter, 8);
        utf8_put(&letter, c);
        memcpy(big + n, letter.p, letter.n);
        n += letter.n;
        text_free(&letter);
    }
    memcpy(big + n, "\xFF\xC0甲", 5);
    list.cells[1][3].text = (struct str){big, n + 5};
    RIG_PRINT(paper_table_print, &table);
    assert_non_null(strstr(rig_text(0, true), "甲"));
    text_init(&out, PAPER_BYTES_MAX);
    table.title = STR_NONE;
    assert_false(paper_table_print(&table, &out, &fault));
    table.title = STR("表");
    table.grid.n_columns = PAPER_COLUMNS_MAX + 1;
    assert_false(paper_table_print(&table, &out, &fault));
    table.grid.n_columns = 0;
    assert_false(paper_table_print(&table, &out, &fault));
    assert_int_equal(out.n, 0);
    text_free(&out);
}

static void a_story_tells_all(void **state)
{
    (void)state;
    static struct sample_story sample;
    struct paper_story story = sample_story(&sample);
    RIG_PRINT(paper_story_print, &story);
    int pages = rig_pages();
    assert_in_range(pages, 3, 5);
    char foot[64];
    for (int page = 1; page <= pages; page++) {
        snprintf(foot, sizeof foot, "第%d页共%d页", page, pages);
        const char *got = rig_text(page, true);
        assert_int_equal(rig_count(got, foot), 1);
        assert_true(rig_count(got, "MD2026000104") >= 1);
    }
    const char *got = rig_text(0, true), *at = got;
    for (size_t i = 0; i < ARRAY_LEN(sample.facts); i++) {
        char packed[64];
        size_t k = 0;
        for (const char *c = sample.facts[i].value.p; *c; c++)
            if (*c != ' ') packed[k++] = *c;
        packed[k] = '\0';
        assert_non_null(strstr(got, packed));
    }
    for (size_t i = 0; i < 24; i++) {
        char first[64];
        snprintf(first, sizeof first, "第%zu步记录1：", i + 1);
        at = strstr(at, first);
        assert_non_null(at);
    }
    assert_non_null(strstr(got, "希望能一次说清楚。"));
    /* The words of a citizen are not in the properties of the file. */
    assert_null(strstr(folder_run("pdfinfo x.pdf"), "一次性"));
    rig_fonts_embedded(3);
    struct paper_fault fault;
    struct text out;
    text_init(&out, PAPER_BYTES_MAX);
    story.number = STR_NONE;
    assert_false(paper_story_print(&story, &out, &fault));
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bulletin_has_the_red_head),
        cmocka_unit_test(a_heading_stays_with_its_table),
        cmocka_unit_test(a_bulletin_hands_over_and_recommends),
        cmocka_unit_test(a_register_repeats_its_header),
        cmocka_unit_test(a_weekly_sheet_has_groups_colours_and_totals),
        cmocka_unit_test(a_row_higher_than_a_page_runs_on),
        cmocka_unit_test(letters_without_a_font_are_spelt),
        cmocka_unit_test(a_story_tells_all),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
