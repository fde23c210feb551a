/* Printed plaques, seen by readers that are not ours: zbarimg on the PNG, on the rasterised PDF and SVG and on a bad
 * photograph of one; pdftotext and pdffonts on the PDF. Needs zbar-tools, poppler-utils, librsvg2-bin, fonts-noto-cjk. */
#include "folder_rig.h"
#include "qr/sheet.h"
#include "qr/plaque.h"
#include "base/utf8.h"
#include <math.h>

#define UNIT_NAME   "市生态环境局区分局生态环境保护综合行政执法大队"
#define WINDOW_NAME "“办不成事”反映窗口 3 号"
#define URL         "https://du.example.gov.cn/p/100010-a1234567"

static const struct plaque_face sample = {
    {UNIT_NAME, sizeof UNIT_NAME - 1},
    {WINDOW_NAME, sizeof WINDOW_NAME - 1},
    {"100010", 6},
    {"a1234567", 8},
    {URL, sizeof URL - 1},
    {"12345678", 8},
    {"区优化发展环境工作领导小组办公室", 48},
};

static void print_to(const char *name, const struct plaque_face *face, enum sheet_format format, unsigned dpi)
{
    struct text out;
    const char *error = NULL;
    text_init(&out, SHEET_BYTES_MAX);
    bool fine = sheet_print(face, format, dpi, &out, &error);
    if (!fine) print_message("%s\n", error);
    assert_true(fine);
    folder_put(name, &out);
    text_free(&out);
}

/* `text` without blanks and line ends, as a name is read across its lines. */
static bool holds(const char *text, const char *words)
{
    static char bare[65536];
    size_t n = 0;
    for (const char *c = text; *c; c++)
        if (!strchr(" \n\f\r", *c)) bare[n++] = *c;
    bare[n] = '\0';
    return strstr(bare, words) != NULL;
}

static void png_decodes(void **state)
{
    (void)state;
    print_to("a.png", &sample, SHEET_PNG, 0);
    assert_string_equal(folder_run("zbarimg -q --raw a.png"), URL "\n");
    print_to("b.png", &sample, SHEET_PNG, SHEET_DPI_MIN);
    assert_string_equal(folder_run("zbarimg -q --raw b.png"), URL "\n");
}

/* The size in the file is the size on the wall: 120 x 160 mm, and the chunk's CRC is the known one of 600 dpi. */
static void png_knows_its_size(void **state)
{
    (void)state;
    struct text out;
    const char *error;
    text_init(&out, SHEET_BYTES_MAX);
    assert_true(sheet_print(&sample, SHEET_PNG, 600, &out, &error));
    const u8 *p = (const u8 *)out.p;
    assert_int_equal(p[18] << 8 | p[19], 2835);
    assert_int_equal(p[22] << 8 | p[23], 3780);
    static const u8 chunk[] = {0,    0, 0, 9,    'p',  'H', 'Y',  's',  0,    0,   0x5C,
                               0x46, 0, 0, 0x5C, 0x46, 1,   0x14, 0x94, 0x43, 0x41};
    assert_memory_equal(p + 33, chunk, sizeof chunk);
    text_free(&out);
    assert_false(sheet_print(&sample, SHEET_PNG, SHEET_DPI_MAX + 1, &out, &error));
    assert_non_null(strstr(error, "resolution"));
    assert_false(sheet_print(&sample, SHEET_PNG, 1, &out, &error));
    assert_int_equal(out.n, 0);
    text_free(&out);
}

static void pdf_decodes_and_reads(void **state)
{
    (void)state;
    print_to("a.pdf", &sample, SHEET_PDF, 0);
    folder_run("pdftoppm -r 150 -singlefile a.pdf page");
    assert_string_equal(folder_run("zbarimg -q --raw page.ppm"), URL "\n");
    const char *text = folder_run("pdftotext a.pdf -");
    assert_true(holds(text, UNIT_NAME));
    static const char *const words[] = {"码上督",
                                        "优化营商环境监督牌",
                                        "评价",
                                        "监督",
                                        "举报",
                                        "询问",
                                        "100010",
                                        "扫码，或发短信“编号＋内容”到12345678",
                                        "掃碼，或發短信「編號＋內容」到12345678",
                                        "textthenumberandyourwordsto12345678",
                                        URL,
                                        "反映窗口3号",
                                        "区优化发展环境工作领导小组办公室制发"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) assert_true(holds(text, words[i]));
    /* pdfinfo: 120 x 160 mm in points. */
    assert_true(holds(folder_run("pdfinfo a.pdf"), "Pagesize:340.157x453.543pts"));
}

static void pdf_embeds_its_fonts(void **state)
{
    (void)state;
    print_to("f.pdf", &sample, SHEET_PDF, 0);
    char *line = NULL;
    char table[8192];
    size_t fonts = 0;
    snprintf(table, sizeof table, "%.8000s",
             folder_run("pdffonts f.pdf | tail -n +3 | rev | cut -c11- | rev"));
    for (char *rest = table; (line = strtok(rest, "\n")) != NULL; rest = NULL, fonts++) {
        /* columns emb, sub, uni: embedded, only the letters used, and searchable */
        assert_non_null(strstr(line, "yes yes yes"));
        assert_non_null(strstr(line, "CJK"));
    }
    assert_true(fonts >= 2 && fonts <= 4);
}

static void svg_decodes(void **state)
{
    (void)state;
    print_to("a.svg", &sample, SHEET_SVG, 0);
    folder_run("rsvg-convert -w 900 -o svg.png a.svg");
    assert_string_equal(folder_run("zbarimg -q --raw svg.png"), URL "\n");
    assert_true(holds(folder_run("sed 's/<[^>]*>//g' a.svg"), UNIT_NAME));
}

static void svg_escapes_names(void **state)
{
    (void)state;
    struct plaque_face face = sample;
    face.unit = STR("<script>\"A&B\"</script>'局'");
    print_to("e.svg", &face, SHEET_SVG, 0);
    const char *svg = folder_run("cat e.svg");
    assert_null(strstr(svg, "<script"));
    assert_non_null(strstr(svg, "&amp;B"));
    folder_run("rsvg-convert -w 100 -o e.png e.svg"); /* still well-formed */
}

/* A plaque photographed badly: small, turned, blurred, one side in the shade, grain, and a sticker on the code. */
static void photograph_decodes(void **state)
{
    (void)state;
    print_to("p.pdf", &sample, SHEET_PDF, 0);
    folder_run("pdftoppm -r 80 -gray -singlefile p.pdf flat");
    char path[128];
    int w, h, top;
    snprintf(path, sizeof path, "%s/flat.pgm", folder);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "P5 %d %d %d", &w, &h, &top), 3);
    assert_int_equal(fgetc(f), '\n');
    assert_true(w > 300 && w < 500 && h > 400 && h < 600);
    u8 *flat = mem_alloc((size_t)w * (size_t)h), *photo = mem_alloc((size_t)w * (size_t)h);
    assert_int_equal(fread(flat, 1, (size_t)w * (size_t)h, f), w * h);
    fclose(f);
    /* The sticker: a ninth of the code's side, in its middle. */
    for (int y = h / 2 + 8; y < h / 2 + 26; y++) memset(flat + y * w + w / 2 - 9, 128, 18);
    double c = cos(0.14), s = sin(0.14);
    u32 grain = 12345;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            double sum = 0;
            int n = 0;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                    double rx = x + dx - w / 2.0, ry = y + dy - h / 2.0;
                    int sx = (int)lround(rx * c - ry * s + w / 2.0),
                        sy = (int)lround(rx * s + ry * c + h / 2.0);
                    sum += sx >= 0 && sx < w && sy >= 0 && sy < h ? flat[sy * w + sx] : 90;
                    n++;
                }
            grain = grain * 1664525u + 1013904223u;
            double light = 0.45 + 0.5 * x / w, noise = (double)(grain >> 24) / 255 * 24 - 12;
            photo[y * w + x] = (u8)MAX(0, MIN(255, lround((sum / n * 0.8 + 25) * light + noise)));
        }
    struct text pgm;
    text_init(&pgm, 1 << 20);
    text_addf(&pgm, "P5\n%d %d\n255\n", w, h);
    text_add(&pgm, (struct str){(char *)photo, (size_t)w * (size_t)h});
    folder_put("photo.pgm", &pgm);
    text_free(&pgm);
    free(flat);
    free(photo);
    assert_string_equal(folder_run("zbarimg -q --raw photo.pgm"), URL "\n");
}

/* The format word of the symbol itself says level Q (11 under the mask 101...: 01 is seen), ISO/IEC 18004 7.9. */
static void level_is_q_and_version_smallest(void **state)
{
    (void)state;
    struct qr_code code;
    assert_true(qr_code_make(STR(URL), &code));
    assert_false(qr_code_dark(&code, 0, 8));
    assert_true(qr_code_dark(&code, 1, 8));
    assert_int_equal(code.side, 17 + 4 * 4); /* 43 bytes; version 4 holds 46 at level Q, version 3 only 32 */
    assert_false(qr_code_dark(&code, -1, 0));
    assert_false(qr_code_dark(&code, code.side, 0));
    char big[QR_CODE_BYTES_MAX + 1];
    memset(big, 'a', sizeof big);
    assert_true(qr_code_make((struct str){big, QR_CODE_BYTES_MAX}, &code));
    assert_int_equal(code.side, QR_CODE_SIDE_MAX);
    assert_false(qr_code_make((struct str){big, sizeof big}, &code));
    assert_false(qr_code_make(STR_NONE, &code));
}

/* The terminal's half blocks, read back as a picture of 8 x 8 dots a module. */
static void terminal_decodes(void **state)
{
    (void)state;
    struct qr_code code;
    struct text out, pgm;
    assert_true(qr_code_make(STR(URL), &code));
    text_init(&out, 65536);
    text_init(&pgm, 1 << 20);
    qr_print_terminal(&code, &out);
    assert_false(out.overflow);
    int side = code.side + 2 * QR_QUIET_ZONE, rows = 0;
    u8(*light)[QR_CODE_SIDE_MAX + 9] = mem_alloc((QR_CODE_SIDE_MAX + 9) * sizeof *light);
    for (struct str rest = text_str(&out), line; str_cut(rest, '\n', &line, &rest); rows += 2) {
        int column = 0;
        for (size_t at = 0; at < line.n;) {
            if (line.p[at] == '\033') {
                while (line.p[at++] != 'm') continue;
                continue;
            }
            i64 c = utf8_next(line, &at);
            light[rows][column] = c == 0x2588 || c == 0x2580;
            light[rows + 1][column++] = c == 0x2588 || c == 0x2584;
        }
        assert_int_equal(column, side);
    }
    text_addf(&pgm, "P5\n%d %d\n255\n", side * 8, rows * 8);
    for (int y = 0; y < rows * 8; y++)
        for (int x = 0; x < side * 8; x++) text_addc(&pgm, light[y / 8][x / 8] ? (char)255 : (char)0);
    folder_put("term.pgm", &pgm);
    assert_string_equal(folder_run("zbarimg -q --raw term.pgm"), URL "\n");
    free(light);
    text_free(&out);
    text_free(&pgm);
}

static void sms_is_promised_only_when_configured(void **state)
{
    (void)state;
    struct plaque_face face = sample;
    face.sms_number = STR_NONE;
    print_to("n.svg", &face, SHEET_SVG, 0);
    assert_null(strstr(folder_run("cat n.svg"), "短信"));
    assert_non_null(strstr(folder_run("cat n.svg"), "输入编号"));
}

static void faulty_faces_are_refused(void **state)
{
    (void)state;
    char long_name[FACE_UNIT_MAX * 3 + 4];
    for (size_t i = 0; i <= FACE_UNIT_MAX; i++) memcpy(long_name + 3 * i, "区", 3);
    struct {
        size_t at;
        struct str bad;
        const char *says;
    } rows[] = {
        {offsetof(struct plaque_face, unit), STR_NONE, "unit"},
        {offsetof(struct plaque_face, unit), {long_name, FACE_UNIT_MAX * 3 + 3}, "unit"},
        {offsetof(struct plaque_face, unit), STR("\xFF\xFE"), "unit"},
        {offsetof(struct plaque_face, unit), STR("两\n行"), "unit"},
        {offsetof(struct plaque_face, window), {long_name, FACE_UNIT_MAX * 3}, "window"},
        {offsetof(struct plaque_face, issuer), STR_NONE, "issuer"},
        {offsetof(struct plaque_face, number), STR("100011"), "number"},
        {offsetof(struct plaque_face, number), STR("100028"), "address"}, /* another plaque's number */
        {offsetof(struct plaque_face, tag), STR("a123456"), "tag"},
        {offsetof(struct plaque_face, tag), STR("b1234567"), "address"},
        {offsetof(struct plaque_face, url), STR("https://du.example.gov.cn/p/100010"), "address"},
        {offsetof(struct plaque_face, url), STR("javascript:x/p/100010-a1234567"), "address"},
        {offsetof(struct plaque_face, sms_number), STR("1234567890123456789012345"), "SMS"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct plaque_face face = sample;
        memcpy((char *)&face + rows[i].at, &rows[i].bad, sizeof rows[i].bad);
        struct text out;
        const char *error = "";
        text_init(&out, SHEET_BYTES_MAX);
        assert_false(sheet_print(&face, SHEET_PDF, 0, &out, &error));
        assert_non_null(strstr(error, rows[i].says));
        assert_int_equal(out.n, 0);
        text_free(&out);
    }
}

/* A letter that no font has, and a print that does not fit: nothing comes out, and what was there stays. */
static void failures_leave_nothing(void **state)
{
    (void)state;
    struct text out;
    const char *error = "";
    struct plaque_face face = sample;
    face.unit = STR("区\xF4\x8F\xBF\xBD局"); /* U+10FFFD, private use */
    text_init(&out, SHEET_BYTES_MAX);
    text_addz(&out, "before");
    assert_false(sheet_print(&face, SHEET_PDF, 0, &out, &error));
    assert_non_null(strstr(error, "font"));
    assert_int_equal(out.n, 6);
    const struct plaque_face two[] = {sample, face};
    size_t failed = 9;
    assert_false(sheet_print_pages(two, 2, SHEET_A4_4, &out, &failed, &error));
    assert_int_equal(failed, 1);
    assert_non_null(strstr(error, "font"));
    assert_int_equal(out.n, 6);
    assert_false(sheet_print_pages(two, 0, SHEET_A4_4, &out, &failed, &error));
    text_free(&out);
    const enum sheet_format formats[] = {SHEET_SVG, SHEET_PNG, SHEET_PDF};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        text_init(&out, 4000);
        assert_false(sheet_print(&sample, formats[i], 150, &out, &error));
        assert_non_null(strstr(error, "larger"));
        assert_int_equal(out.n, 0);
        assert_false(out.overflow);
        text_free(&out);
    }
}

static void formats_are_named(void **state)
{
    (void)state;
    enum sheet_format format;
    assert_true(sheet_format_parse(STR("pdf"), &format) && format == SHEET_PDF);
    assert_true(sheet_format_parse(STR("PNG"), &format) && format == SHEET_PNG);
    assert_true(sheet_format_parse(STR("svg"), &format) && format == SHEET_SVG);
    assert_false(sheet_format_parse(STR("gif"), &format));
    assert_false(sheet_format_parse(STR_NONE, &format));
}

static void names_break_between_words(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double width, height;
        const char *lines[FACE_LINES_MAX];
    } rows[] = {
        {"区税务局", 104, 14, {"区税务局"}},
        {"市生态环境局区分局生态环境保护综合行政执法大队",
         104,
         20,
         {"市生态环境局区分局", "生态环境保护综合行政执法大队"}},
        {"滨江街道便民服务中心ABC-12345窗口", 40, 20, {"滨江街道", "便民服务中心", "ABC-12345窗口"}},
        {"区政务服务大厅（“办不成事”反映窗口）", 50, 20, {"区政务服务大厅", "（“办不成事”反映窗口）"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t ends[FACE_LINES_MAX], from = 0;
        double size = 0;
        struct str name = str_of(rows[i].name);
        size_t lines = face_wrap(name, rows[i].width, rows[i].height, 10.5, ends, &size);
        for (size_t k = 0; k < lines; k++) {
            char line[200];
            snprintf(line, sizeof line, "%.*s", (int)(ends[k] - from), name.p + from);
            assert_non_null(rows[i].lines[k]);
            assert_string_equal(line, rows[i].lines[k]);
            assert_true(face_text_width(str_of(line)) * size <= rows[i].width + 1e-9);
            from = ends[k];
        }
        assert_int_equal(from, name.n);
        assert_true(size > 0 && size <= 10.5);
    }
}

/* Every name of the sample district fits in letters that can be read from two metres (5 mm and more), all of them go
 * into one A4 file, and its first page decodes to four plaques. */
static void district_prints(void **state)
{
    (void)state;
    static char names[300][256], urls[300][64], numbers[300][PLAQUE_NUMBER_MAX];
    static struct plaque_face faces[300];
    size_t n = 0;
    FILE *csv = fopen(TREE "/deploy/sample-district/units.csv", "r");
    char line[1024];
    assert_non_null(csv);
    assert_non_null(fgets(line, sizeof line, csv));
    while (n < ARRAY_LEN(faces) && fgets(line, sizeof line, csv)) {
        struct str rest = str_of(line), field = STR_NONE;
        for (int i = 0; i < 4; i++) str_cut(rest, ',', &field, &rest);
        snprintf(names[n], sizeof names[n], "%.*s", STR_ARG(field));
        assert_true(plaque_number_make(PLAQUE_SERIAL_FIRST + (u32)n, numbers[n]));
        struct text url;
        text_init(&url, sizeof urls[n] - 1);
        plaque_url(STR("https://du.example.gov.cn"), numbers[n], "a1234567", &url);
        memcpy(urls[n], text_z(&url), url.n + 1);
        text_free(&url);
        faces[n] = sample;
        faces[n].unit = str_of(names[n]);
        faces[n].number = str_of(numbers[n]);
        faces[n].url = str_of(urls[n]);
        size_t ends[FACE_LINES_MAX];
        double size;
        face_wrap(faces[n].unit, 104, 14, 10.5, ends, &size);
        assert_true(size >= 5);
        n++;
    }
    fclose(csv);
    assert_true(n >= 146);
    struct text out;
    const char *error = "";
    size_t failed;
    text_init(&out, SHEET_BYTES_MAX);
    assert_true(sheet_print_pages(faces, n, SHEET_A4_4, &out, &failed, &error));
    folder_put("all.pdf", &out);
    text_free(&out);
    char pages[32];
    snprintf(pages, sizeof pages, "Pages:%zu", (n + 3) / 4);
    assert_true(holds(folder_run("pdfinfo all.pdf"), pages));
    folder_run("pdftoppm -r 150 -gray -l 1 -singlefile all.pdf all");
    const char *read = folder_run("zbarimg -q --raw all.pgm | sort");
    char wanted[512];
    snprintf(wanted, sizeof wanted, "%s\n%s\n%s\n%s\n", urls[0], urls[1], urls[2], urls[3]);
    assert_string_equal(read, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_decodes),
        cmocka_unit_test(png_knows_its_size),
        cmocka_unit_test(pdf_decodes_and_reads),
        cmocka_unit_test(pdf_embeds_its_fonts),
        cmocka_unit_test(svg_decodes),
        cmocka_unit_test(svg_escapes_names),
        cmocka_unit_test(photograph_decodes),
        cmocka_unit_test(level_is_q_and_version_smallest),
        cmocka_unit_test(terminal_decodes),
        cmocka_unit_test(sms_is_promised_only_when_configured),
        cmocka_unit_test(faulty_faces_are_refused),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(formats_are_named),
        cmocka_unit_test(names_break_between_words),
        cmocka_unit_test(district_prints),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
