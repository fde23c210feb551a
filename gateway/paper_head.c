/* What letters and bulletins share: title, addressee, attachments, signature, copies, page numbers (GB/T 9704-2012). */
#include "paper_part.h"
#include "base/utf8.h"
#include <math.h>

#define TITLE_LINES_MAX 12
#define TITLE_POINTS    22.0 /* 2号 */
#define SMALL_POINTS    14.0 /* 4号 */
#define SMALL_LINE      8.0
#define NUMBER_DOWN     7.0 /* from the area to the dashes of the page number, 7.5 */

static const struct paper_style small = {FACE_SONG, SMALL_POINTS, SMALL_LINE, false, BLACK_INK};

static void attachments_flow(struct paper_page *p, const struct paper_foot *foot, double follows);
static void hanging_flow(struct paper_page *p, struct str words, const struct paper_style *style,
                         double shift, double right_shift, double follows);
static void signature_draw(struct paper_page *p, const struct paper_head *head,
                           const struct paper_foot *foot);
static double name_draw(struct paper_page *p, struct str name, double centre, double width);
static void date_draw(struct paper_page *p, struct civil date, double centre);
static double closing_height(const struct paper_head *head, const struct paper_foot *foot);
static double copies_height(const struct paper_foot *foot);
static void copies_draw(struct paper_page *p, const struct paper_head *head, const struct paper_foot *foot,
                        bool ruled);

bool head_complete(const struct paper_head *head, struct paper_fault *fault)
{
    bool fine = head->n_issuers >= 1 && head->n_issuers <= PAPER_ISSUERS_MAX && str_trim(head->title).n > 0;
    for (size_t i = 0; fine && i < head->n_issuers; i++) fine = str_trim(head->issuers[i]).n > 0;
    if (head->standing == PAPER_SIGNED && head->number.n == 0) fine = false;
    if (head->standing == PAPER_DRAFT && head->number.n > 0) fine = false;
    if (!fine) fault_set(fault, FAULT_MISSING, 0);
    return fine;
}

void head_mark(struct paper_page *p, enum paper_standing standing)
{
    if (standing == PAPER_DRAFT) page_watermark(p, "拟稿", 0xE6E6E6);
    if (standing == PAPER_VOID) page_watermark(p, "作废", 0xC4C4C4);
}

double head_banner(struct paper_page *p, struct str raw, double points_max, double x, double room,
                   double width, double top)
{
    struct text clean;
    text_clean(p, raw, false, &clean);
    double per_letter = width / (double)MAX(utf8_count(text_str(&clean)), 1) / POINT_MM;
    const struct paper_style style = {FACE_SONG_BOLD, MIN(points_max, per_letter), 0, false, RED_INK};
    PangoLayout *layout = text_layout(p, text_str(&clean), &style, NULL, 0, room, 0);
    double bottom = top;
    if (layout) {
        /* Of the outlines: extents of fonts are rounded to whole points. */
        double upper, lower;
        cairo_new_path(p->cr);
        cairo_move_to(p->cr, 0, 0);
        pango_cairo_layout_line_path(p->cr, pango_layout_get_line_readonly(layout, 0));
        cairo_path_extents(p->cr, NULL, &upper, NULL, &lower);
        cairo_new_path(p->cr);
        double baseline = top - upper;
        bottom = baseline + lower;
        text_line_draw(p, layout, 0, &style, x, baseline - 0.38 * style.points * POINT_MM, room, PAPER_CENTRE,
                       false);
        g_object_unref(layout);
    }
    text_free(&clean);
    return bottom;
}

struct str head_number(const struct paper_head *head)
{
    return head->standing == PAPER_DRAFT ? STR("拟稿·未签发") : head->number;
}

/* Title, a blank line, addressee; what follows stands on the lines of the page. */
void head_title(struct paper_page *p, const struct paper_head *head)
{
    const struct paper_style title = {FACE_SONG_BOLD, TITLE_POINTS, 12.2, false, BLACK_INK},
                             body = STYLE_BODY;
    text_balanced(p, head->title, &title, AREA_WIDTH - 2 * TITLE_POINTS * POINT_MM, TITLE_LINES_MAX);
    p->y += LINE_HEIGHT / 2;
    head_snap(p);
    struct text addressee;
    text_clean(p, head->addressee, false, &addressee);
    if (addressee.n) {
        text_addz(&addressee, "：");
        text_flow(p, text_str(&addressee), &body, NULL, 0, 0, 0);
    }
    text_free(&addressee);
}

void head_snap(struct paper_page *p)
{
    double lines = ceil((p->y - MARGIN_TOP) / LINE_HEIGHT - 0.02);
    p->y = MARGIN_TOP + MAX(lines, 0) * LINE_HEIGHT;
}

void foot_number(struct paper_page *p)
{
    struct text words;
    text_init(&words, 64);
    text_addf(&words, "— %d —", p->n);
    double letter = SMALL_POINTS * POINT_MM;
    text_put(p, text_str(&words), &small, p->left + letter, p->bottom + NUMBER_DOWN - small.line / 2,
             p->right - p->left - 2 * letter, p->n % 2 ? PAPER_RIGHT : PAPER_LEFT);
    text_free(&words);
}

void foot_line(struct paper_page *p, struct str what, instant printed)
{
    const struct paper_style tiny = {FACE_SONG, 9, 5, false, 0x555555};
    double width = p->right - p->left, y = p->bottom + 5;
    char when[INSTANT_TEXT_MAX];
    struct text words;
    text_init(&words, 256);
    text_addf(&words, "第 %d 页 共 %d 页", p->n, p->total);
    text_put(p, text_str(&words), &tiny, p->left, y, width, PAPER_RIGHT);
    text_clear(&words);
    text_addf(&words, "打印时间 %s", instant_text_china(printed, when));
    text_put(p, text_str(&words), &tiny, p->left, y, width, PAPER_CENTRE);
    /* What fits into a third of the width: a long title must not run into the time. */
    struct text clean;
    text_clean(p, what, false, &clean);
    PangoLayout *layout = text_layout(p, text_str(&clean), &tiny, NULL, 0, width / 3, 0);
    if (layout) text_line_draw(p, layout, 0, &tiny, p->left, y, width / 3, PAPER_LEFT, false);
    if (layout) g_object_unref(layout);
    text_free(&clean);
    text_free(&words);
}

double foot_height(const struct paper_head *head, const struct paper_foot *foot)
{
    return foot->n_attachments ? 2 * LINE_HEIGHT : closing_height(head, foot);
}

void foot_flow(struct paper_page *p, const struct paper_head *head, const struct paper_foot *foot, bool ruled)
{
    double closing = closing_height(head, foot);
    if (foot->n_attachments) attachments_flow(p, foot, closing);
    page_need(p, closing);
    signature_draw(p, head, foot);
    struct text note;
    text_clean(p, foot->note, false, &note);
    if (note.n) {
        const struct paper_style body = STYLE_BODY;
        struct text words;
        text_init(&words, PAPER_TEXT_MAX + 16);
        text_addz(&words, "（");
        text_add(&words, text_str(&note));
        text_addz(&words, "）");
        text_flow(p, text_str(&words), &body, NULL, 0, 2 * CHAR_ADVANCE, 0);
        text_free(&words);
    }
    text_free(&note);
    copies_draw(p, head, foot, ruled);
}

/* 7.3.4: one blank line under the body, two characters in; names hang under the first letter of the name. */
static void attachments_flow(struct paper_page *p, const struct paper_foot *foot, double follows)
{
    const struct paper_style body = STYLE_BODY;
    if (p->y + 3 * LINE_HEIGHT <= p->bottom) p->y += LINE_HEIGHT;
    for (size_t i = 0; i < foot->n_attachments && !p->failed; i++) {
        bool many = foot->n_attachments > 1, last = i + 1 == foot->n_attachments;
        double shift = (many ? 6.5 : 5) * CHAR_ADVANCE;
        struct text clean, number;
        text_clean(p, foot->attachments[i], false, &clean);
        text_init(&number, 32);
        text_addf(&number, "%zu.", i + 1);
        page_need(p, LINE_HEIGHT + (last ? follows : 0));
        if (i == 0)
            text_put(p, STR("附件："), &body, p->left + 2 * CHAR_ADVANCE, p->y, AREA_WIDTH, PAPER_LEFT);
        if (many)
            text_put(p, text_str(&number), &body, p->left + 5 * CHAR_ADVANCE, p->y, AREA_WIDTH, PAPER_LEFT);
        hanging_flow(p, text_str(&clean), &body, shift, 0, last ? follows : 0);
        text_free(&number);
        text_free(&clean);
    }
}

static void hanging_flow(struct paper_page *p, struct str words, const struct paper_style *style,
                         double shift, double right_shift, double follows)
{
    double width = p->right - p->left - shift - right_shift;
    PangoLayout *layout = text_layout(p, words, style, NULL, 0, width, 0);
    int n = layout ? pango_layout_get_line_count(layout) : 0;
    for (int i = 0; i < n && !p->failed; i++) {
        page_need(p, style->line + (i == n - 1 ? follows : 0));
        text_line_draw(p, layout, i, style, p->left + shift, p->y, width, PAPER_LEFT, false);
        p->y += style->line;
    }
    if (layout) g_object_unref(layout);
}

/* 7.3.5: the date four characters from the right, the name in the middle above it; several names side by side in their
 * order. The seal goes over name and date: its place is said in words above them and left empty. */
static void signature_draw(struct paper_page *p, const struct paper_head *head, const struct paper_foot *foot)
{
    const struct paper_style seal = {FACE_SONG, SMALL_POINTS, LINE_HEIGHT, false, GREY_INK};
    const struct str *names = foot->signatures ? foot->signatures : head->issuers;
    size_t n = MIN(foot->signatures ? foot->n_signatures : head->n_issuers, PAPER_ISSUERS_MAX);
    double cell = n > 1 ? AREA_WIDTH / (double)n : AREA_WIDTH - 4 * CHAR_ADVANCE, y, lowest;
    double centre = p->right - 4 * CHAR_ADVANCE - 4.5 * CHAR_ADVANCE;
    p->y = y = lowest = p->y + LINE_HEIGHT;
    for (size_t i = 0; i < n && !p->failed; i++) {
        double middle = centre;
        if (n > 1) {
            middle = p->left + ((double)i + 0.5) * cell;
        } else {
            struct text clean;
            text_clean(p, names[0], false, &clean);
            double half = MIN((double)utf8_count(text_str(&clean)) * CHAR_ADVANCE, cell) / 2;
            if (middle + half > p->right) middle = p->right - half;
            text_free(&clean);
        }
        text_put(p, STR("（印章）"), &seal, middle - 30, y, 60, PAPER_CENTRE);
        p->y = y + LINE_HEIGHT;
        double ends = name_draw(p, names[i], middle, n > 1 ? cell - 2 * CHAR_ADVANCE : cell);
        lowest = MAX(lowest, ends);
        centre = middle;
    }
    p->y = lowest;
    date_draw(p, foot->date, MIN(centre, p->right - 4.5 * CHAR_ADVANCE));
    p->y += LINE_HEIGHT;
}

/* Where the name ends; the page stays where it was. */
static double name_draw(struct paper_page *p, struct str name, double centre, double width)
{
    const struct paper_style body = STYLE_BODY;
    struct text clean;
    text_clean(p, name, false, &clean);
    PangoLayout *layout = text_layout(p, text_str(&clean), &body, NULL, 0, width, 0);
    double y = p->y;
    for (int i = 0; layout && i < pango_layout_get_line_count(layout); i++, y += LINE_HEIGHT)
        text_line_draw(p, layout, i, &body, centre - width / 2, y, width, PAPER_CENTRE, false);
    if (layout) g_object_unref(layout);
    text_free(&clean);
    return y;
}

static void date_draw(struct paper_page *p, struct civil date, double centre)
{
    const struct paper_style body = STYLE_BODY;
    struct text words;
    text_init(&words, 64);
    if (date.year) {
        text_addf(&words, "%d年%d月%d日", date.year, date.month, date.day);
        text_put(p, text_str(&words), &body, centre - 40, p->y, 80, PAPER_CENTRE);
    } else {
        /* Room for a pen: four, two and two digits. */
        static const struct {
            const char *word;
            double at;
        } signs[] = {{"年", -1.5}, {"月", 1}, {"日", 3.5}};
        for (size_t i = 0; i < ARRAY_LEN(signs); i++)
            text_put(p, str_of(signs[i].word), &body, centre + signs[i].at * CHAR_ADVANCE, p->y, 20,
                     PAPER_LEFT);
    }
    text_free(&words);
}

static double closing_height(const struct paper_head *head, const struct paper_foot *foot)
{
    const struct str *names = foot->signatures ? foot->signatures : head->issuers;
    size_t n = MIN(foot->signatures ? foot->n_signatures : head->n_issuers, PAPER_ISSUERS_MAX);
    double cell = n > 1 ? LINE_CHARS / (double)n - 2 : LINE_CHARS - 4, lines = 1;
    for (size_t i = 0; i < n; i++) lines = MAX(lines, ceil((double)utf8_count(names[i]) / cell));
    if (foot->note.n) lines += ceil(((double)utf8_count(foot->note) + 4) / LINE_CHARS);
    double copies = copies_height(foot);
    return (3 + MIN(lines, 8)) * LINE_HEIGHT + (copies < AREA_HEIGHT / 3 ? copies : 0);
}

static double copies_height(const struct paper_foot *foot)
{
    double per_line = (AREA_WIDTH / POINT_MM / SMALL_POINTS) - 5;
    double lines = foot->copies_to.n ? ceil(((double)utf8_count(foot->copies_to) + 1) / per_line) : 0;
    return lines > 0 ? (lines + 1) * SMALL_LINE + 4 : 0;
}

/* 7.4, 10.1: at the bottom of the last area. A letter has neither lines nor printer's office and date. */
static void copies_draw(struct paper_page *p, const struct paper_head *head, const struct paper_foot *foot,
                        bool ruled)
{
    double letter = SMALL_POINTS * POINT_MM, shift = 4 * letter;
    struct text copies, printed;
    text_clean(p, foot->copies_to, false, &copies);
    text_init(&printed, 64);
    if (copies.n && !str_ends(text_str(&copies), STR("。"))) text_addz(&copies, "。");
    PangoLayout *layout =
        copies.n ? text_layout(p, text_str(&copies), &small, NULL, 0, p->right - p->left - shift - letter, 0)
                 : NULL;
    int lines = layout ? pango_layout_get_line_count(layout) : 0;
    if (layout) g_object_unref(layout);
    bool office = ruled && foot->date.year;
    double height = (lines + office) * SMALL_LINE;
    if (height > 0) {
        page_need(p, height);
        p->y = MAX(p->y, p->bottom - height);
        if (ruled) page_bar(p, p->left, p->y - 0.35, AREA_WIDTH, 0.35, BLACK_INK);
    }
    if (lines) {
        text_put(p, STR("抄送："), &small, p->left + letter, p->y, AREA_WIDTH, PAPER_LEFT);
        hanging_flow(p, text_str(&copies), &small, shift, letter, 0);
    }
    if (office) {
        if (lines) page_bar(p, p->left, p->y, AREA_WIDTH, 0.25, BLACK_INK);
        text_addf(&printed, "%d年%d月%d日印发", foot->date.year, foot->date.month, foot->date.day);
        text_put(p, head->issuers[0], &small, p->left + letter, p->y, AREA_WIDTH, PAPER_LEFT);
        text_put(p, text_str(&printed), &small, p->left, p->y, AREA_WIDTH - letter, PAPER_RIGHT);
        p->y += SMALL_LINE;
    }
    if (ruled && height > 0) page_bar(p, p->left, p->bottom, AREA_WIDTH, 0.35, BLACK_INK);
    text_free(&printed);
    text_free(&copies);
}
