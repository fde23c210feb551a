/* Letters as printed: the measures of GB/T 9704-2012 (信函格式) taken from the file and from pictures of it, nothing lost
 * where pages end, and what must never be printed. */
#include "paper_rig.h"
#include "paper_samples.h"
#include <math.h>
#include <pthread.h>

#define NEAR(got, want, within) assert_true(fabs((got) - (want)) <= (within))

static struct rig_word words[2048];
static char body[64 * 1024];

static struct paper_letter short_letter(void)
{
    struct paper_letter letter = sample_letter();
    letter.body = STR("你单位窗口未一次性告知所需材料的问题，经核查属实，现交你单位办理。");
    return letter;
}

static void red_lines_stand_where_the_standard_has_them(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    RIG_PRINT(paper_letter_print, &letter);
    assert_int_equal(rig_pages(), 1);
    struct rig_picture pic = rig_picture_of(1);
    /* Runs of rows with ink over the whole width: thick, thin, thin, thick. */
    double first = -1, name_ends = -1, starts[8] = {0}, ends[8] = {0};
    int n = 0;
    for (int row = 0; row < pic.height; row++) {
        double inked;
        struct rig_span red = rig_red(&pic, row, &inked);
        if (red.to <= red.from) continue;
        if (inked < 160) {
            if (first < 0) first = row / 10.0;
            if (n == 0) name_ends = (row + 1) / 10.0;
            continue;
        }
        NEAR(red.to - red.from, 170, 0.5);
        NEAR(red.from, 20, 0.5);
        if (n == 0 || ends[n - 1] < row / 10.0 - 0.05) {
            assert_true(n < 8);
            starts[n++] = row / 10.0;
        }
        ends[n - 1] = (row + 1) / 10.0;
    }
    free(pic.rgb);
    assert_int_equal(n, 4);
    NEAR(first, 30, 0.5);
    NEAR(starts[0] - name_ends, 4, 0.5);
    assert_true(ends[0] - starts[0] > 1.5 * (ends[1] - starts[1]));
    assert_true(ends[3] - starts[3] > 1.5 * (ends[2] - starts[2]));
    NEAR(297 - ends[3], 20, 0.5);
}

static void head_and_foot_have_their_places(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    RIG_PRINT(paper_letter_print, &letter);
    size_t n = rig_words(1, words, ARRAY_LEN(words));
    const struct rig_word *number = rig_word_find(words, n, "示优化办函〔2026〕8号");
    NEAR(number->right, 28 + 156, 1);
    const struct rig_word *title = rig_word_find(words, n, "关于交办企业和群众反映问题的函");
    NEAR((title->left + title->right) / 2, 28 + 78, 1);
    /* Two blank lines of size 3 between number and title. */
    NEAR((title->top + title->bottom) / 2 - (number->top + number->bottom) / 2, 2.8 + 2 * 225.0 / 22 + 6.1,
         1.5);
    NEAR(rig_word_find(words, n, "示范区市场监督管理局：")->left, 28, 1);
    NEAR(rig_word_find(words, n, "根据《政府督查工作条例》")->left, 28 + 2 * 156.0 / 28, 1);
    const struct rig_word *date = rig_word_find(words, n, "2026年3月9日");
    const struct rig_word *seal = rig_word_find(words, n, "（印章）");
    assert_true(seal->bottom < date->top && seal->left > 105);
    const char *text = rig_text(1, true);
    assert_non_null(strstr(text, "（联系人：督查督办组，电话：0700-2100003）"));
    assert_non_null(strstr(text, "抄送：区委办公室，区人民政府办公室，区纪委监委机关。"));
    assert_null(strstr(text, "—1—"));
    assert_int_equal(rig_count(text, OFFICE), 2);
    rig_fonts_embedded(2);
}

static void a_full_page_has_22_lines_of_28_letters(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    for (size_t i = 0; i < 1300; i++) memcpy(body + 3 * i, "督", 3);
    letter.body = (struct str){body, 3900};
    RIG_PRINT(paper_letter_print, &letter);
    assert_int_equal(rig_pages(), 3);
    size_t n = rig_words(2, words, ARRAY_LEN(words)), full = 0;
    double first = 0, last = 0;
    for (size_t i = 0; i < n; i++) {
        if (!strstr(words[i].text, "督")) continue;
        assert_int_equal(utf8_count(str_of(words[i].text)), 28);
        /* The binding of an even page is at its right. */
        NEAR(words[i].left, 26, 0.5);
        NEAR(words[i].right, 26 + 156, 0.5);
        double middle = (words[i].top + words[i].bottom) / 2;
        if (full++ == 0) first = middle;
        last = middle;
    }
    assert_int_equal(full, 22);
    NEAR(last - first, 21 * 225.0 / 22, 0.3);
    /* The number: one letter from the left on an even page, from the right on an odd one, 7 mm under the area. */
    const struct rig_word *dash = rig_word_find(words, n, "—");
    NEAR(dash->left, 26 + 4.94, 0.7);
    NEAR((dash->top + dash->bottom) / 2, 37 + 225 + 7, 1.5);
    n = rig_words(3, words, ARRAY_LEN(words));
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i].text, "—") == 0) dash = &words[i];
    NEAR(dash->right, 28 + 156 - 4.94, 0.7);
}

static void nothing_is_lost_at_the_end_of_a_page(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    struct text want;
    size_t n = 0;
    text_init(&want, sizeof body);
    for (int i = 1; utf8_count((struct str){body, n}) < 5000; i++) {
        int length = 1 + i * 37 % 90;
        n += (size_t)snprintf(body + n, sizeof body - n, "第%03d段，", i);
        for (int k = 0; k < length; k++)
            n += (size_t)snprintf(body + n, sizeof body - n, "%s", k % 13 == 12 ? "，" : k % 2 ? "办" : "督");
        n += (size_t)snprintf(body + n, sizeof body - n, "。\n");
    }
    letter.body = (struct str){body, n};
    for (size_t i = 0; i < n; i++)
        if (body[i] != '\n') text_addc(&want, body[i]);
    RIG_PRINT(paper_letter_print, &letter);
    int pages = rig_pages();
    assert_in_range(pages, 9, 13);
    const char *got =
        folder_run("pdftotext -raw x.pdf - | sed 's/^\\f//' | grep -v '^— [0-9]* —$' | tr -d ' \\n\\f'");
    assert_non_null(strstr(got, text_z(&want)));
    text_free(&want);
}

/* However long the body, the page with the place for the seal has words of the body on it (7.3.5.5). */
static void a_signature_never_stands_alone(void **state)
{
    (void)state;
    for (size_t lines = 8; lines < 32; lines++) {
        struct paper_letter letter = short_letter();
        letter.basis = letter.foot.note = letter.foot.copies_to = STR_NONE;
        for (size_t i = 0; i < lines * 28 - 5; i++) memcpy(body + 3 * i, "督", 3);
        size_t n = 3 * (lines * 28 - 5);
        n += (size_t)snprintf(body + n, sizeof body - n, "\n三、其他事项\n请遵照执行。");
        letter.body = (struct str){body, n};
        RIG_PRINT(paper_letter_print, &letter);
        const char *last = rig_text(rig_pages(), true);
        assert_non_null(strstr(last, "（印章）"));
        assert_non_null(strstr(last, "请遵照执行"));
        assert_non_null(strstr(last, "2026年3月9日"));
        /* Nor does a heading stand at the end of a page with its words on the next. */
        assert_non_null(strstr(rig_text(0, false), "三、其他事项\n请遵照执行。"));
    }
}

static void the_only_case_comes_along_with_the_signature(void **state)
{
    (void)state;
    const struct paper_case only = {
        STR("65537"), STR("文昌路的路灯坏了三天没有人来修，晚上走路很黑，老人和放学的孩子都不敢走。"),
        STR("2026年2月27日")};
    for (size_t lines = 2; lines < 26; lines++) {
        struct paper_letter letter = short_letter();
        letter.basis = letter.foot.note = letter.foot.copies_to = STR_NONE;
        for (size_t i = 0; i < lines * 28 - 5; i++) memcpy(body + 3 * i, "督", 3);
        letter.body = (struct str){body, 3 * (lines * 28 - 5)};
        letter.cases = &only;
        letter.n_cases = 1;
        RIG_PRINT(paper_letter_print, &letter);
        const char *last = rig_text(rig_pages(), true);
        assert_non_null(strstr(last, "办件清单（共1件）"));
        assert_non_null(strstr(last, "65537"));
        assert_non_null(strstr(last, "（印章）"));
    }
}

static void cases_stand_in_a_table(void **state)
{
    (void)state;
    static struct sample_cases cases;
    struct paper_letter letter = sample_letter();
    sample_cases_fill(&cases);
    letter.cases = cases.rows;
    letter.n_cases = SAMPLE_CASES;
    RIG_PRINT(paper_letter_print, &letter);
    assert_int_equal(rig_pages(), 3);
    const char *all = rig_text(0, true);
    assert_non_null(strstr(all, "办件清单（共12件）"));
    for (size_t i = 0; i < SAMPLE_CASES; i++) {
        assert_int_equal(rig_count(all, cases.numbers[i]), 1);
        assert_true(rig_count(all, cases.subjects[i]) >= 1);
    }
    assert_int_equal(rig_count(all, "办件编号"), 2); /* the header again on the next page */
    /* The last case comes along with the signature. */
    assert_non_null(strstr(rig_text(3, true), cases.numbers[SAMPLE_CASES - 1]));
}

static void long_titles_are_balanced(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    char title[600];
    for (size_t i = 0; i < 200; i++) memcpy(title + 3 * i, "甲", 3);
    letter.head.title = (struct str){title, sizeof title};
    RIG_PRINT(paper_letter_print, &letter);
    size_t n = rig_words(1, words, ARRAY_LEN(words)), lines = 0, shortest = 1000, longest = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!strstr(words[i].text, "甲")) continue;
        size_t letters = utf8_count(str_of(words[i].text));
        shortest = MIN(shortest, letters);
        longest = MAX(longest, letters);
        sum += letters;
        lines++;
        NEAR((words[i].left + words[i].right) / 2, 28 + 78, 1);
    }
    assert_int_equal(sum, 200);
    assert_in_range(lines, 10, 12);
    assert_true(longest - shortest <= longest / 2 && longest <= 20);
    letter.head.title = STR("关于督促办理企业反映行政检查频次过高等问题的函");
    RIG_PRINT(paper_letter_print, &letter);
    n = rig_words(1, words, ARRAY_LEN(words));
    size_t upper = utf8_count(str_of(rig_word_find(words, n, "关于督促")->text));
    assert_in_range(upper, 11, 13); /* 23 letters: 12 and 11, not 18 and 5 */
}

static void drafts_void_letters_and_cards_say_so_in_words(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    letter.head.standing = PAPER_DRAFT;
    letter.head.number = STR_NONE;
    letter.foot.date = (struct civil){0};
    RIG_PRINT(paper_letter_print, &letter);
    const char *text = rig_text(1, true);
    assert_non_null(strstr(text, "拟稿·未签发"));
    assert_int_equal(rig_count(text, "拟稿"), 2);
    letter = short_letter();
    letter.head.standing = PAPER_VOID;
    RIG_PRINT(paper_letter_print, &letter);
    text = rig_text(1, true);
    assert_int_equal(rig_count(text, "作废"), 1);
    assert_non_null(strstr(text, "〔2026〕8号"));
    letter = short_letter();
    static const struct {
        enum paper_card card;
        const char *word;
        u8 rgb[3];
    } cards[] = {{PAPER_CARD_YELLOW, "黄色督办", {0xFF, 0xD4, 0x00}},
                 {PAPER_CARD_RED, "红色督办", {0xC8, 0x10, 0x2E}}};
    for (size_t i = 0; i < ARRAY_LEN(cards); i++) {
        letter.card = cards[i].card;
        RIG_PRINT(paper_letter_print, &letter);
        size_t n = rig_words(1, words, ARRAY_LEN(words));
        const struct rig_word *w = rig_word_find(words, n, cards[i].word);
        struct rig_picture pic = rig_picture_of(1);
        size_t dot = (size_t)((w->top + w->bottom) * 5) * (size_t)pic.width + (size_t)(w->left * 10) - 10;
        assert_memory_equal(pic.rgb + 3 * dot, cards[i].rgb, 3);
        free(pic.rgb);
    }
}

static void joint_letters_are_signed_by_all(void **state)
{
    (void)state;
    const struct str attachments[] = {STR("问题线索清单"), STR("整改情况反馈表")};
    struct paper_letter letter = short_letter();
    letter.head.n_issuers = 3;
    letter.foot.attachments = attachments;
    letter.foot.n_attachments = 2;
    RIG_PRINT(paper_letter_print, &letter);
    const char *text = rig_text(0, true);
    assert_int_equal(rig_count(text, "（印章）"), 3);
    assert_non_null(strstr(text, "附件：1.问题线索清单2.整改情况反馈表"));
    assert_int_equal(rig_count(text, "2026年3月9日"), 1);
    struct paper_fault fault;
    struct text out;
    text_init(&out, PAPER_BYTES_MAX);
    letter.head.n_issuers = 4;
    assert_false(paper_letter_print(&letter, &out, &fault));
    assert_int_equal(out.n, 0);
    text_free(&out);
}

static void what_outsiders_wrote_is_only_words(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    letter.head.title = STR("<b>甲</b>&amp;\x07\xE2\x80\xAE乙\xE2\x80\x8B丙\n丁");
    RIG_PRINT(paper_letter_print, &letter);
    assert_non_null(strstr(rig_text(1, true), "<b>甲</b>&amp;乙丙丁"));
}

static void faults_leave_the_file_as_it_was(void **state)
{
    (void)state;
    struct paper_letter letter = short_letter();
    struct paper_fault fault;
    struct text out;
    text_init(&out, PAPER_BYTES_MAX);
    text_addz(&out, "before");
    /* U+0378 is no letter and never will be in a font. */
    letter.head.title = STR("甲\xCD\xB8乙");
    assert_false(paper_letter_print(&letter, &out, &fault));
    assert_int_equal(fault.letter, 0x378);
    assert_non_null(strstr(fault.english, "font"));
    letter.head.title = STR(" \n ");
    assert_false(paper_letter_print(&letter, &out, &fault));
    letter = short_letter();
    letter.head.standing = PAPER_DRAFT; /* with a number */
    assert_false(paper_letter_print(&letter, &out, &fault));
    letter = short_letter();
    letter.head.number = STR_NONE; /* signed without one */
    assert_false(paper_letter_print(&letter, &out, &fault));
    letter = short_letter();
    for (size_t i = 0; i + 4 <= sizeof body; i += 4) memcpy(body + i, "督\n", 4);
    letter.body = (struct str){body, sizeof body}; /* 16384 paragraphs: 745 pages */
    assert_false(paper_letter_print(&letter, &out, &fault));
    assert_non_null(strstr(fault.english, "500 pages"));
    char *much = mem_alloc(PAPER_TEXT_MAX + 1);
    memset(much, 'x', PAPER_TEXT_MAX + 1);
    letter.body = (struct str){much, PAPER_TEXT_MAX + 1};
    assert_false(paper_letter_print(&letter, &out, &fault));
    letter = short_letter();
    letter.head.number = (struct str){much, 400};
    assert_false(paper_letter_print(&letter, &out, &fault));
    letter = short_letter();
    letter.head.title = (struct str){much, 4000};
    assert_false(paper_letter_print(&letter, &out, &fault));
    assert_non_null(strstr(fault.english, "title"));
    free(much);
    assert_string_equal(text_z(&out), "before");
    out.max = 2000;
    letter = short_letter();
    assert_false(paper_letter_print(&letter, &out, &fault));
    assert_non_null(strstr(fault.english, "64 MiB"));
    assert_string_equal(text_z(&out), "before");
    assert_false(out.overflow);
    text_free(&out);
}

static void *print_some(void *arg)
{
    struct text *out = arg;
    struct paper_fault fault;
    struct paper_letter letter = sample_letter();
    for (int i = 0; i < 4; i++) {
        text_clear(out);
        if (!paper_letter_print(&letter, out, &fault)) return NULL;
    }
    return out;
}

/* The thread pool draws two at once, and the same letter gives the same file whenever it is printed. */
static void two_threads_print_the_same_bytes(void **state)
{
    (void)state;
    struct text files[3];
    pthread_t threads[2];
    for (size_t i = 0; i < 3; i++) text_init(&files[i], PAPER_BYTES_MAX);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, print_some, &files[i]), 0);
    for (size_t i = 0; i < 2; i++) {
        void *done;
        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_non_null(done);
    }
    assert_non_null(print_some(&files[2]));
    assert_true(files[2].n > 10000);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(files[i].n, files[2].n);
        assert_memory_equal(files[i].p, files[2].p, files[2].n);
    }
    for (size_t i = 0; i < 3; i++) text_free(&files[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(red_lines_stand_where_the_standard_has_them),
        cmocka_unit_test(head_and_foot_have_their_places),
        cmocka_unit_test(a_full_page_has_22_lines_of_28_letters),
        cmocka_unit_test(nothing_is_lost_at_the_end_of_a_page),
        cmocka_unit_test(a_signature_never_stands_alone),
        cmocka_unit_test(the_only_case_comes_along_with_the_signature),
        cmocka_unit_test(cases_stand_in_a_table),
        cmocka_unit_test(long_titles_are_balanced),
        cmocka_unit_test(drafts_void_letters_and_cards_say_so_in_words),
        cmocka_unit_test(joint_letters_are_signed_by_all),
        cmocka_unit_test(what_outsiders_wrote_is_only_words),
        cmocka_unit_test(faults_leave_the_file_as_it_was),
        cmocka_unit_test(two_threads_print_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
