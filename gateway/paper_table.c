/* Lists on paper: the register of letters, the weekly sheet, whatever the staff list. */
#include "paper_part.h"

#define MARGIN_SIDE 15.0
#define MARGIN_UP   18.0
#define MARGIN_DOWN 18.0

static void table_end(struct paper_page *p, const void *arg);
static void table_content(struct paper_page *p, const void *arg);

bool paper_table_print(const struct paper_table *t, struct text *out, struct paper_fault *fault_r)
{
    double width = t->landscape ? SHEET_LONG : SHEET_SHORT, height = t->landscape ? SHEET_SHORT : SHEET_LONG;
    const struct page_plan plan = {
        .width = width,
        .height = height,
        .inner = MARGIN_SIDE,
        .outer = MARGIN_SIDE,
        .top = MARGIN_UP,
        .bottom = height - MARGIN_DOWN,
        .numbered = true,
        .forgiving = true,
        .end = table_end,
        .title = t->title,
        .made = t->printed,
    };
    if (str_trim(t->title).n == 0) {
        fault_set(fault_r, FAULT_MISSING, 0);
        return false;
    }
    return page_print(&plan, table_content, t, out, fault_r);
}

static void table_end(struct paper_page *p, const void *arg)
{
    const struct paper_table *t = arg;
    foot_line(p, t->title, t->printed);
}

static void table_content(struct paper_page *p, const void *arg)
{
    const struct paper_table *t = arg;
    const struct paper_style title = {FACE_SONG_BOLD, 18, 9.5, false, BLACK_INK};
    const struct paper_style small = {FACE_SONG, 10.5, 6, false, 0x444444};
    const struct grid_style grid = {10, 5.2, 10};
    text_balanced(p, t->title, &title, p->right - p->left, 6);
    if (t->subtitle.n) text_balanced(p, t->subtitle, &small, p->right - p->left, 6);
    p->y += 2.5;
    grid_flow(p, &t->grid, &grid, 0);
    struct text note;
    text_clean(p, t->note, true, &note);
    if (note.n) {
        p->y += 2.5;
        text_flow(p, text_str(&note), &small, NULL, 0, 0, 0);
    }
    text_free(&note);
}
