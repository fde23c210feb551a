/* Every layout of the print sheets, seen by readers that are not ours, and the drawing for metal: decodable, outlines alone, two
 * colours, true millimetres. Needs zbar-tools, poppler-utils, librsvg2-bin, fonts-noto-cjk. */
#include "folder_rig.h"
#include "qr/plaque.h"
#include "qr/sheet.h"

#define FACES 10
static char numbers[FACES][PLAQUE_NUMBER_MAX], urls[FACES][160];
static struct plaque_face faces[FACES];

static int begin(void **state)
{
    for (unsigned i = 0; i < FACES; i++) {
        if (!plaque_number_make(PLAQUE_SERIAL_FIRST + i, numbers[i])) return -1;
        snprintf(urls[i], sizeof urls[i], "https://du.example.gov.cn/p/%s-a1234567", numbers[i]);
        faces[i] = (struct plaque_face){.unit = i % 2 ? STR("市生态环境局区分局生态环境保护综合行政执法大队")
                                                      : STR("区税务局"),
                                        .window = i % 3 ? STR_NONE : STR("“办不成事”反映窗口 3 号"),
                                        .number = str_of(numbers[i]),
                                        .tag = STR("a1234567"),
                                        .url = str_of(urls[i]),
                                        .sms_number = STR("12345678"),
                                        .issuer = STR("示例区优化营商环境办公室")};
    }
    return folder_make(state);
}

static void layouts_are_named(void **state)
{
    enum sheet_layout l;
    (void)state;
    assert_true(sheet_layout_parse(STR("a4-6"), &l) && l == SHEET_A4_6);
    assert_true(sheet_layout_parse(STR("PLATE"), &l) && l == SHEET_PLATE);
    assert_false(sheet_layout_parse(STR("a3"), &l));
    assert_string_equal(sheet_layout_word(SHEET_A5), "a5");
    assert_int_equal(sheet_per_page(SHEET_A4_9), 9);
}

/* A full page and a begun one; all the first page's codes are read, and the paper is as large as it says. */
static void pages_decode(void **state)
{
    static const struct {
        enum sheet_layout layout;
        const char *size, *pages;
    } rows[] = {{SHEET_A4_1, "595.276 x 841.89", "10"}, {SHEET_A4_2, "841.89 x 595.276", "5"},
                {SHEET_A4_4, "595.276 x 841.89", "3"},  {SHEET_A4_6, "841.89 x 595.276", "2"},
                {SHEET_A4_9, "595.276 x 841.89", "2"},  {SHEET_A5, "419.528 x 595.276", "10"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text out;
        const char *error = "";
        size_t failed;
        char command[256], pages[40];
        const char *word = sheet_layout_word(rows[i].layout);
        text_init(&out, SHEET_BYTES_MAX);
        assert_true(sheet_print_pages(faces, FACES, rows[i].layout, &out, &failed, &error));
        snprintf(command, sizeof command, "%s.pdf", word);
        folder_put(command, &out);
        text_free(&out);
        snprintf(command, sizeof command, "pdfinfo %s.pdf", word);
        const char *info = folder_run(command);
        snprintf(pages, sizeof pages, "Pages:           %s\n", rows[i].pages);
        assert_non_null(strstr(info, rows[i].size));
        assert_non_null(strstr(info, pages));
        snprintf(command, sizeof command,
                 "pdftoppm -r 150 -gray -f 1 -singlefile %s.pdf %s && zbarimg -q --raw %s.pgm", word, word,
                 word);
        const char *read = folder_run(command);
        for (size_t k = 0; k < sheet_per_page(rows[i].layout); k++) assert_non_null(strstr(read, urls[k]));
    }
}

static size_t times(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++) n++;
    return n;
}

static void plate_is_outlines_in_two_colours(void **state)
{
    struct text out;
    const char *error = "";
    (void)state;
    text_init(&out, SHEET_BYTES_MAX);
    assert_true(sheet_print_plate(&faces[3], &out, &error));
    folder_put("plate.svg", &out);
    const char *svg = text_z(&out);
    assert_non_null(strstr(svg, "width=\"180mm\" height=\"240mm\" viewBox=\"0 0 180 240\""));
    /* No font, picture, style or program is needed to cut it. */
    static const char *const never[] = {"<text", "<image", "<style", "<script", "font-", "href", "url("};
    for (size_t i = 0; i < ARRAY_LEN(never); i++) assert_null(strstr(svg, never[i]));
    /* The two colours and nothing beside them. */
    assert_true(times(svg, "#a8121b") >= 3 && times(svg, "#1c1c1c") >= 3);
    assert_int_equal(times(svg, "\"#"), times(svg, "#a8121b") + times(svg, "#1c1c1c"));
    assert_int_equal(times(svg, "<g id="), 3);
    assert_int_equal(times(svg, "<circle"), 4);
    /* Every letter is there as curves: the name of this unit alone has hundreds. */
    assert_true(times(svg, "C") > 2000);
    folder_run("rsvg-convert -w 900 --background-color '#b8b8b8' -o plate.png plate.svg");
    assert_non_null(strstr(folder_run("zbarimg -q --raw plate.png"), urls[3]));
    text_free(&out);
    text_init(&out, 4000);
    assert_false(sheet_print_plate(&faces[3], &out, &error));
    assert_int_equal(out.n, 0);
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_are_named),
        cmocka_unit_test(pages_decode),
        cmocka_unit_test(plate_is_outlines_in_two_colours),
    };
    return cmocka_run_group_tests(tests, begin, folder_remove);
}
