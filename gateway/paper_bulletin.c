/* 通报 with the red head (GB/T 9704-2012 7.2): what is handed over and what is worth copying, with tables. */
#include "paper_part.h"
#include "base/utf8.h"

#define BANNER_DOWN   35.0 /* ink of the red words below the top of the area */
#define BANNER_POINTS 56.0
#define BANNER_GAP    5.0 /* between the names of joint issuers */
#define LINE_GAP      4.0 /* from the number to the red line */
#define LINE_THICK    1.0

static void bulletin_begin(struct paper_page *p, const void *arg);
static void bulletin_end(struct paper_page *p, const void *arg);
static void bulletin_content(struct paper_page *p, const void *arg);
static double banner_draw(struct paper_page *p, const struct paper_bulletin *b);

bool paper_bulletin_print(const struct paper_bulletin *b, struct text *out, struct paper_fault *fault_r)
{
    const struct civil date = b->foot.date;
    const struct page_plan plan = {
        .width = SHEET_SHORT,
        .height = SHEET_LONG,
        .inner = MARGIN_INNER,
        .outer = SHEET_SHORT - MARGIN_INNER - AREA_WIDTH,
        .top = MARGIN_TOP,
        .bottom = AREA_BOTTOM,
        .mirrored = true,
        .begin = bulletin_begin,
        .end = bulletin_end,
        .title = b->head.title,
        .author = b->head.n_issuers ? b->head.issuers[0] : STR_NONE,
        .made = {date.year ? civil_to_days(date) * SPAN_H(24).us : 0},
    };
    return head_complete(&b->head, fault_r) && page_print(&plan, bulletin_content, b, out, fault_r);
}

static void bulletin_begin(struct paper_page *p, const void *arg)
{
    head_mark(p, ((const struct paper_bulletin *)arg)->head.standing);
}

static void bulletin_end(struct paper_page *p, const void *arg)
{
    (void)arg;
    foot_number(p);
}

static void bulletin_content(struct paper_page *p, const void *arg)
{
    const struct paper_bulletin *b = arg;
    const struct paper_style number = {FACE_SONG, BODY_POINTS, BODY_POINTS * POINT_MM, false, BLACK_INK};
    const struct grid_style grid = {12, 6.4, 12};
    double follows = foot_height(&b->head, &b->foot);
    double y = banner_draw(p, b) + 2 * LINE_HEIGHT;
    text_put(p, head_number(&b->head), &number, p->left, y, AREA_WIDTH, PAPER_CENTRE);
    y += number.line + LINE_GAP;
    page_bar(p, p->left, y, AREA_WIDTH, LINE_THICK, RED_INK);
    p->y = y + LINE_THICK + 2 * LINE_HEIGHT;
    head_title(p, &b->head);
    text_body(p, b->body, b->n_sections ? 0 : follows);
    for (size_t i = 0; i < b->n_sections && !p->failed; i++) {
        const struct paper_section *s = &b->sections[i];
        double after = i + 1 == b->n_sections ? follows : 0;
        /* A heading alone on its page would say nothing. */
        bool leads = s->grid && !s->body.n;
        double only = leads && s->grid->n_rows <= 1 ? after : 0;
        if (s->heading.n) page_need(p, leads ? LINE_HEIGHT + 2 + grid_least(&grid) + only : 3 * LINE_HEIGHT);
        text_body(p, s->heading, 0);
        text_body(p, s->body, s->grid ? 0 : after);
        if (!s->grid) continue;
        /* Rows quote what outsiders wrote. */
        p->forgiving = true;
        p->y += 2;
        grid_flow(p, s->grid, &grid, after);
        p->forgiving = false;
        p->y += 2;
        if (i + 1 < b->n_sections) head_snap(p);
    }
    foot_flow(p, &b->head, &b->foot, true);
}

/* The red words; where their ink ends. Joint issuers stand one under the other, the leading one first, with 文件 at
 * their right in the middle (7.2.4). */
static double banner_draw(struct paper_page *p, const struct paper_bulletin *b)
{
    double top = MARGIN_TOP + BANNER_DOWN, y = top;
    if (b->banner.n) return head_banner(p, b->banner, BANNER_POINTS, 0, p->plan->width, AREA_WIDTH, y);
    if (b->head.n_issuers == 1) {
        struct text words;
        text_init(&words, PAPER_TEXT_MAX + 8);
        text_add(&words, b->head.issuers[0]);
        text_addz(&words, "文件");
        y = head_banner(p, text_str(&words), BANNER_POINTS, 0, p->plan->width, AREA_WIDTH, y);
        text_free(&words);
        return y;
    }
    double names = AREA_WIDTH - 2 * BANNER_POINTS * POINT_MM / 2 - 6, right = p->left + names;
    double points = BANNER_POINTS / 2;
    for (size_t i = 0; i < b->head.n_issuers; i++)
        points = MIN(points, names / (double)(utf8_count(b->head.issuers[i]) + 1) / POINT_MM);
    for (size_t i = 0; i < b->head.n_issuers; i++)
        y = head_banner(p, b->head.issuers[i], points, p->left, names, names, i ? y + BANNER_GAP : y);
    double word = BANNER_POINTS / 2 * POINT_MM;
    (void)head_banner(p, STR("文件"), BANNER_POINTS / 2, right, p->right - right, p->right - right,
                      (top + y - word) / 2);
    return y;
}
