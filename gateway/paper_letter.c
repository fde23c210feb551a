/* 信函格式 (GB/T 9704-2012 10.1): the letter of one office to another. */
#include "paper_part.h"

#define MARK_TOP    30.0 /* ink of the issuer's name, from the top of the sheet */
#define MARK_GAP    4.0  /* from its ink to the first red line */
#define LINES_WIDTH 170.0
#define LOWER_UP    20.0 /* the second red line, from the bottom of the sheet */
#define THICK       1.2
#define THIN        0.4
#define LINES_GAP   0.6
#define LINES_HIGH  (THICK + LINES_GAP + THIN)
#define MARK_POINTS 36.0
#define BELOW_LINE  (7.0 / 8.0 * BODY_POINTS * POINT_MM) /* 7/8 of a letter of size 3 */

static void letter_begin(struct paper_page *p, const void *arg);
static void letter_end(struct paper_page *p, const void *arg);
static void letter_content(struct paper_page *p, const void *arg);
static void red_lines(struct paper_page *p, double y, bool thick_first);
static void card_draw(struct paper_page *p, enum paper_card card, double y);
static void cases_flow(struct paper_page *p, const struct paper_letter *letter, double follows);

bool paper_letter_print(const struct paper_letter *letter, struct text *out, struct paper_fault *fault_r)
{
    const struct civil date = letter->foot.date;
    const struct page_plan plan = {
        .width = SHEET_SHORT,
        .height = SHEET_LONG,
        .inner = MARGIN_INNER,
        .outer = SHEET_SHORT - MARGIN_INNER - AREA_WIDTH,
        .top = MARGIN_TOP,
        .bottom = AREA_BOTTOM,
        .mirrored = true,
        .begin = letter_begin,
        .end = letter_end,
        .title = letter->head.title,
        .author = letter->head.n_issuers ? letter->head.issuers[0] : STR_NONE,
        .made = {date.year ? civil_to_days(date) * SPAN_H(24).us : 0},
    };
    return head_complete(&letter->head, fault_r) && page_print(&plan, letter_content, letter, out, fault_r);
}

static void letter_begin(struct paper_page *p, const void *arg)
{
    const struct paper_letter *letter = arg;
    head_mark(p, letter->head.standing);
    if (p->n == 1) red_lines(p, p->plan->height - LOWER_UP - LINES_HIGH, false);
}

static void letter_end(struct paper_page *p, const void *arg)
{
    (void)arg;
    if (p->n > 1) foot_number(p);
}

static void letter_content(struct paper_page *p, const void *arg)
{
    const struct paper_letter *letter = arg;
    const struct paper_style number = {FACE_SONG, BODY_POINTS, BODY_POINTS * POINT_MM, false, BLACK_INK};
    /* Joint letters carry the mark of the leading office alone; all of them sign (10.1). */
    double y = head_banner(p, letter->head.issuers[0], MARK_POINTS, 0, p->plan->width, AREA_WIDTH, MARK_TOP) +
               MARK_GAP;
    red_lines(p, y, true);
    y += LINES_HIGH + BELOW_LINE;
    text_put(p, head_number(&letter->head), &number, p->left, y, AREA_WIDTH, PAPER_RIGHT);
    card_draw(p, letter->card, y);
    p->y = y + number.line + 2 * LINE_HEIGHT;
    head_title(p, &letter->head);
    double follows = foot_height(&letter->head, &letter->foot);
    double after_body = letter->n_cases ? 0 : follows;
    text_body(p, letter->basis, letter->body.n ? 0 : after_body);
    text_body(p, letter->body, after_body);
    if (letter->n_cases) cases_flow(p, letter, follows);
    foot_flow(p, &letter->head, &letter->foot, false);
}

static void red_lines(struct paper_page *p, double y, bool thick_first)
{
    double x = (p->plan->width - LINES_WIDTH) / 2;
    page_bar(p, x, y, LINES_WIDTH, thick_first ? THICK : THIN, RED_INK);
    page_bar(p, x, y + LINES_GAP + (thick_first ? THICK : THIN), LINES_WIDTH, thick_first ? THIN : THICK,
             RED_INK);
}

/* In the place of 紧急程度: at the left under the first red line. */
static void card_draw(struct paper_page *p, enum paper_card card, double y)
{
    static const struct {
        const char *word;
        u32 paint, ink;
    } cards[] = {
        [PAPER_CARD_YELLOW] = {"黄色督办", 0xFFD400, BLACK_INK},
        [PAPER_CARD_RED] = {"红色督办", 0xC8102E, 0xFFFFFF},
    };
    if (card == PAPER_CARD_NONE) return;
    const struct paper_style style = {FACE_HEI, BODY_POINTS, 8, false, cards[card].ink};
    page_bar(p, p->left, y - 1.2, 30, style.line, cards[card].paint);
    text_put(p, str_of(cards[card].word), &style, p->left, y - 1.2, 30, PAPER_CENTRE);
}

static void cases_flow(struct paper_page *p, const struct paper_letter *letter, double follows)
{
    static const struct paper_column columns[] = {{STR("序号"), 1.3, PAPER_CENTRE},
                                                  {STR("办件编号"), 4, PAPER_CENTRE},
                                                  {STR("事项"), 7.4, PAPER_LEFT},
                                                  {STR("办理时限"), 4.3, PAPER_CENTRE}};
    const struct grid_style style = {12, 6.4, 12};
    const struct paper_style caption = {FACE_HEI, 14, LINE_HEIGHT, false, BLACK_INK};
    struct text words;
    text_init(&words, 128);
    text_addf(&words, "办件清单（共%zu件）", letter->n_cases);
    /* The only row stays with the signature, so its table begins where both have room. */
    page_need(p, caption.line + grid_least(&style) + (letter->n_cases == 1 ? follows : 0));
    text_put(p, text_str(&words), &caption, p->left, p->y, AREA_WIDTH, PAPER_CENTRE);
    p->y += caption.line;
    /* Subjects are outsiders' words. */
    p->forgiving = true;
    struct grid_pen *g = grid_begin(p, columns, ARRAY_LEN(columns), &style, true);
    for (size_t i = 0; g && i < letter->n_cases && !p->failed; i++) {
        const struct paper_case *c = &letter->cases[i];
        text_clear(&words);
        text_addf(&words, "%zu", i + 1);
        const struct grid_cell cells[] = {
            {.text = text_str(&words)}, {.text = c->number}, {.text = c->subject}, {.text = c->deadline}};
        grid_row(g, PAPER_ROW, cells, i + 1 == letter->n_cases ? follows : 0);
    }
    grid_end(&g);
    p->forgiving = false;
    text_free(&words);
}
