/* 全程回溯: one case on paper, from the first word to the last look. */
#include "paper_part.h"

#define MARGIN_SIDE 20.0
#define MARGIN_UP   20.0
#define MARGIN_DOWN 20.0

static const struct grid_style grid_small = {10.5, 5.6, 10.5};

static void story_end(struct paper_page *p, const void *arg);
static void story_content(struct paper_page *p, const void *arg);
static void facts_flow(struct paper_page *p, const struct paper_story *s);
static void chapter_flow(struct paper_page *p, const struct paper_chapter *c);

bool paper_story_print(const struct paper_story *s, struct text *out, struct paper_fault *fault_r)
{
    const struct page_plan plan = {
        .width = SHEET_SHORT,
        .height = SHEET_LONG,
        .inner = MARGIN_SIDE,
        .outer = MARGIN_SIDE,
        .top = MARGIN_UP,
        .bottom = SHEET_LONG - MARGIN_DOWN,
        .numbered = true,
        .forgiving = true,
        .end = story_end,
        .title = s->number, /* the words of a citizen have no place in what file managers show */
        .made = s->printed,
    };
    if (str_trim(s->title).n == 0 || str_trim(s->number).n == 0) {
        fault_set(fault_r, FAULT_MISSING, 0);
        return false;
    }
    return page_print(&plan, story_content, s, out, fault_r);
}

static void story_end(struct paper_page *p, const void *arg)
{
    const struct paper_story *s = arg;
    foot_line(p, s->number, s->printed);
}

static void story_content(struct paper_page *p, const void *arg)
{
    const struct paper_story *s = arg;
    const struct paper_style title = {FACE_SONG_BOLD, 18, 10, false, BLACK_INK};
    const struct paper_style small = {FACE_SONG, 10.5, 6, false, 0x444444};
    text_balanced(p, s->title, &title, p->right - p->left, 12);
    text_balanced(p, s->number, &small, p->right - p->left, 2);
    if (s->subtitle.n) text_balanced(p, s->subtitle, &small, p->right - p->left, 6);
    p->y += 3;
    if (s->n_facts) facts_flow(p, s);
    for (size_t i = 0; i < s->n_chapters && !p->failed; i++) chapter_flow(p, &s->chapters[i]);
}

static void facts_flow(struct paper_page *p, const struct paper_story *s)
{
    static const struct paper_column columns[] = {{STR_NONE, 2.6, PAPER_LEFT},
                                                  {STR_NONE, 6, PAPER_LEFT},
                                                  {STR_NONE, 2.6, PAPER_LEFT},
                                                  {STR_NONE, 6, PAPER_LEFT}};
    struct grid_pen *g = grid_begin(p, columns, ARRAY_LEN(columns), &grid_small, false);
    for (size_t i = 0; g && i < s->n_facts && !p->failed; i += 2) {
        struct grid_cell cells[4] = {{.lead = s->facts[i].name},
                                     {.text = s->facts[i].value, .colour = s->facts[i].colour}};
        if (i + 1 < s->n_facts) {
            cells[2] = (struct grid_cell){.lead = s->facts[i + 1].name};
            cells[3] = (struct grid_cell){.text = s->facts[i + 1].value, .colour = s->facts[i + 1].colour};
        }
        grid_row(g, PAPER_ROW, cells, 0);
    }
    grid_end(&g);
    p->y += 3;
}

static void chapter_flow(struct paper_page *p, const struct paper_chapter *c)
{
    static const struct paper_column columns[] = {
        {STR("时间"), 2.6, PAPER_LEFT}, {STR("经办"), 3.2, PAPER_LEFT}, {STR("事项与内容"), 11, PAPER_LEFT}};
    const struct paper_style heading = {FACE_HEI, 13, 9, false, BLACK_INK};
    const struct paper_style plain = {FACE_SONG, 11, 6.2, false, BLACK_INK};
    page_need(p, heading.line + 5 * grid_small.line);
    p->y += 2;
    if (c->heading.n) text_balanced(p, c->heading, &heading, p->right - p->left, 4);
    struct text words;
    text_clean(p, c->text, true, &words);
    for (struct str rest = text_str(&words), paragraph; rest.n && !p->failed;) {
        str_cut(rest, '\n', &paragraph, &rest);
        text_flow(p, paragraph, &plain, NULL, 0, 2 * plain.points * POINT_MM, 0);
    }
    text_free(&words);
    if (c->n_events == 0) return;
    p->y += 1;
    struct grid_pen *g = grid_begin(p, columns, ARRAY_LEN(columns), &grid_small, true);
    for (size_t i = 0; g && i < c->n_events && !p->failed; i++) {
        const struct paper_event *e = &c->events[i];
        const struct grid_cell cells[] = {
            {.text = e->when}, {.text = e->who}, {.lead = e->what, .text = e->text, .colour = e->colour}};
        grid_row(g, PAPER_ROW, cells, 0);
    }
    grid_end(&g);
    p->y += 3;
}
