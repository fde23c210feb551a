/* Tables: a header on every page, cells that wrap, rows that run on when they are higher than a page. */
#include "paper_part.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define WORD_LETTER 0.62 /* of its size, the width of a digit or a capital with some room */
#define WORD_MAX    24
#define TITLE_WHOLE 4 /* letters of a column title that stay on one line */
#define PAD_X       1.2
#define PAD_Y       1.0
#define RULE        0.2
#define WHOLE_MAX   8 /* lines of a row that is never cut */
#define PART_MIN    3 /* lines of a row that is cut by the end of a page, on either side */

struct grid_pen {
    struct paper_page *p;
    struct paper_column columns[PAPER_COLUMNS_MAX];
    size_t n;
    struct grid_style style;
    bool header;
    bool fresh;   /* nothing but the header on this page yet */
    double share; /* millimetres to a unit of width */
};

/* Dark enough to read on the tint behind it, and on a copy without colours the word is still there. */
static const struct {
    u32 ink, tint;
} colours[] = {
    [PAPER_BLACK] = {BLACK_INK, 0xFFFFFF}, [PAPER_RED] = {0xB00020, 0xFBDADA},
    [PAPER_YELLOW] = {0x6B4A00, 0xFFF0A8}, [PAPER_GREEN] = {0x11602B, 0xDDF2E1},
    [PAPER_BLUE] = {0x0B4A8F, 0xDCE9F9},   [PAPER_GREY] = {0x555555, 0xEDEDED},
};

struct row {
    PangoLayout *layouts[PAPER_COLUMNS_MAX];
    struct paper_style styles[PAPER_COLUMNS_MAX];
    u32 tints[PAPER_COLUMNS_MAX];
    enum paper_align aligns[PAPER_COLUMNS_MAX];
    double widths[PAPER_COLUMNS_MAX];
    size_t n;
    int lines;
    bool centred; /* short cells stand in the middle */
};

static void columns_widen(struct paper_page *p, const struct paper_grid *grid, const struct grid_style *style,
                          struct paper_column *columns_r);
static size_t longest_word(struct str s);
static void header_draw(struct grid_pen *g);
static void cell_make(struct grid_pen *g, struct row *row, size_t i, const struct grid_cell *cell,
                      double width);
static void part_draw(struct grid_pen *g, const struct row *row, int from, int lines);
static void row_free(struct row *row);

void grid_flow(struct paper_page *p, const struct paper_grid *grid, const struct grid_style *style,
               double follows)
{
    struct paper_column columns[PAPER_COLUMNS_MAX];
    if (grid->n_columns == 0 || grid->n_columns > PAPER_COLUMNS_MAX) {
        page_fail(p, FAULT_FIELD, 0);
        return;
    }
    columns_widen(p, grid, style, columns);
    struct grid_pen *g = grid_begin(p, columns, grid->n_columns, style, true);
    for (size_t i = 0; g && i < grid->n_rows && !p->failed; i++) {
        const struct paper_row *r = &grid->rows[i];
        struct grid_cell cells[PAPER_COLUMNS_MAX] = {0};
        size_t n = r->kind == PAPER_ROW_GROUP ? 1 : grid->n_columns;
        for (size_t k = 0; k < n; k++)
            cells[k] = (struct grid_cell){.text = r->cells[k].text, .colour = r->cells[k].colour};
        /* A line of totals alone on its page would be the sum of nothing. */
        bool totals = i + 1 < grid->n_rows && grid->rows[i + 1].kind == PAPER_ROW_TOTAL;
        double keep = totals ? 3 * style->line + 2 * PAD_Y : i + 1 == grid->n_rows ? follows : 0;
        grid_row(g, r->kind, cells, keep);
    }
    if (g && grid->n_rows == 0) grid_row(g, PAPER_ROW_GROUP, &(struct grid_cell){.text = STR("无")}, follows);
    grid_end(&g);
}

/* The columns with room for the longest number or date of each, at the cost of the others: 2026-04-01 on two lines is
 * read as another day. */
static void columns_widen(struct paper_page *p, const struct paper_grid *grid, const struct grid_style *style,
                          struct paper_column *columns_r)
{
    size_t n = grid->n_columns;
    size_t words[PAPER_COLUMNS_MAX] = {0};
    double least[PAPER_COLUMNS_MAX] = {0}, sum = 0, fixed = 0, wide = 0, width = p->right - p->left;
    for (size_t k = 0; k < n; k++) {
        columns_r[k] = grid->columns[k];
        sum += grid->columns[k].width;
        for (size_t i = 0; i < grid->n_rows; i++)
            if (grid->rows[i].kind != PAPER_ROW_GROUP)
                words[k] = MAX(words[k], longest_word(grid->rows[i].cells[k].text));
        double title = (double)MIN(utf8_count(grid->columns[k].title), TITLE_WHOLE) * style->head_points;
        double longest = MAX((double)words[k] * WORD_LETTER * style->points, title + 1);
        least[k] = MIN(longest * POINT_MM + 2 * PAD_X, width * 0.3);
    }
    for (size_t k = 0; k < n; k++) {
        if (columns_r[k].width / sum * width < least[k])
            fixed += least[k];
        else
            wide += columns_r[k].width;
    }
    if (fixed > width * 0.7 || !(wide > 0)) return;
    for (size_t k = 0; k < n; k++) {
        bool narrow = columns_r[k].width / sum * width < least[k];
        columns_r[k].width = narrow ? least[k] : columns_r[k].width / wide * (width - fixed);
    }
}

/* Letters of the longest run without a place to break: no blank, no Chinese. Long ones (addresses) break anyway. */
static size_t longest_word(struct str s)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        run = c > ' ' && c < 0x7F ? run + 1 : 0;
        longest = MAX(longest, run);
    }
    return MIN(longest, WORD_MAX);
}

struct grid_pen *grid_begin(struct paper_page *p, const struct paper_column *columns, size_t n,
                            const struct grid_style *style, bool header)
{
    if (p->failed) return NULL;
    double sum = 0;
    for (size_t i = 0; i < n && i < PAPER_COLUMNS_MAX; i++) sum += columns[i].width;
    if (n == 0 || n > PAPER_COLUMNS_MAX || !(sum > 0)) {
        page_fail(p, FAULT_FIELD, 0);
        return NULL;
    }
    struct grid_pen *g = MEM_NEW(struct grid_pen);
    *g = (struct grid_pen){
        .p = p, .n = n, .style = *style, .header = header, .share = (p->right - p->left) / sum};
    memcpy(g->columns, columns, n * sizeof *columns);
    page_need(p, grid_least(style));
    header_draw(g);
    return g;
}

/* A header with no room for a row under it would stand alone. */
double grid_least(const struct grid_style *style) { return 5 * style->line + 4 * PAD_Y; }

void grid_end(struct grid_pen **g)
{
    free(*g);
    *g = NULL;
}

void grid_row(struct grid_pen *g, enum paper_row_kind kind, const struct grid_cell *cells, double follows)
{
    struct paper_page *p = g->p;
    double line = g->style.line;
    struct row row = {.n = kind == PAPER_ROW_GROUP ? 1 : g->n, .lines = 1, .centred = true};
    for (size_t i = 0; i < row.n; i++) {
        double width = row.n == 1 ? p->right - p->left : g->columns[i].width * g->share;
        row.aligns[i] = row.n == 1 && g->n > 1 ? PAPER_LEFT : g->columns[i].align;
        /* A tint under pages of text would drown them: there the word in front is coloured alone. */
        u32 tint = cells[i].lead.n ? 0xFFFFFF : colours[cells[i].colour].tint;
        row.tints[i] = kind == PAPER_ROW ? tint : 0xF4F4F4;
        row.styles[i] = (struct paper_style){kind == PAPER_ROW ? FACE_SONG : FACE_HEI, g->style.points, line,
                                             false, colours[cells[i].colour].ink};
        cell_make(g, &row, i, &cells[i], width);
        if (cells[i].lead.n) row.centred = false;
    }
    row.centred = row.centred && row.lines <= WHOLE_MAX;
    if (kind == PAPER_ROW_GROUP && follows <= 0)
        follows = 2 * line + 2 * PAD_Y; /* not without a row under it */
    for (int from = 0; from < row.lines && !p->failed;) {
        int left = row.lines - from, fit = (int)((p->bottom - p->y - 2 * PAD_Y + 0.01) / line);
        bool alone = left <= fit && p->y + left * line + 2 * PAD_Y + follows > p->bottom + 0.01;
        bool cut_badly = left > fit && (left <= WHOLE_MAX || fit < PART_MIN);
        if ((alone || cut_badly) && !g->fresh) {
            page_break(p);
            header_draw(g);
            continue;
        }
        if (left > fit && left - fit < PART_MIN && fit > 2 * PART_MIN) fit -= PART_MIN;
        int part = MAX(MIN(left, fit), 1);
        part_draw(g, &row, from, part);
        from += part;
        if (from < row.lines) {
            page_break(p);
            header_draw(g);
        }
    }
    row_free(&row);
}

static void header_draw(struct grid_pen *g)
{
    struct paper_page *p = g->p;
    g->fresh = true;
    page_bar(p, p->left, p->y, p->right - p->left, RULE, RULE_INK);
    if (!g->header || p->failed) return;
    struct row row = {.n = g->n, .lines = 1};
    for (size_t i = 0; i < g->n; i++) {
        row.aligns[i] = PAPER_CENTRE;
        row.tints[i] = 0xEAEAEA;
        row.styles[i] = (struct paper_style){FACE_HEI, g->style.head_points, g->style.line, false, BLACK_INK};
        cell_make(g, &row, i, &(struct grid_cell){.text = g->columns[i].title},
                  g->columns[i].width * g->share);
    }
    /* A header must leave room for rows: what is longer than that is no column title. */
    if (row.lines > 6) page_fail(p, FAULT_FIELD, 0);
    part_draw(g, &row, 0, row.lines);
    g->fresh = true;
    row_free(&row);
}

static void cell_make(struct grid_pen *g, struct row *row, size_t i, const struct grid_cell *cell,
                      double width)
{
    struct paper_page *p = g->p;
    struct paper_style *style = &row->styles[i], lead = *style;
    struct text words, text;
    text_clean(p, cell->lead, false, &words);
    text_clean(p, cell->text, true, &text);
    size_t lead_bytes = words.n;
    lead.face = FACE_HEI;
    if (lead_bytes) style->rgb = BLACK_INK;
    if (lead_bytes && text.n) text_addc(&words, '\n');
    words.max = 2 * PAPER_TEXT_MAX;
    text_add(&words, text_str(&text));
    row->widths[i] = width;
    row->layouts[i] = text_layout(p, text_str(&words), style, &lead, lead_bytes, width - 2 * PAD_X, 0);
    if (row->layouts[i]) row->lines = MAX(row->lines, pango_layout_get_line_count(row->layouts[i]));
    text_free(&words);
    text_free(&text);
}

/* `lines` lines of a row from `from` on, between its rules, at the place the page is at. */
static void part_draw(struct grid_pen *g, const struct row *row, int from, int lines)
{
    struct paper_page *p = g->p;
    double line = g->style.line, height = lines * line + 2 * PAD_Y, x = p->left;
    for (size_t i = 0; i < row->n && !p->failed; i++) {
        if (row->tints[i] != 0xFFFFFF)
            page_bar(p, x, p->y + RULE, row->widths[i], height - RULE, row->tints[i]);
        page_bar(p, x, p->y, RULE, height, RULE_INK);
        int n = pango_layout_get_line_count(row->layouts[i]);
        double down = row->centred && lines == row->lines ? (row->lines - n) * line / 2 : 0;
        for (int k = from; k < MIN(n, from + lines); k++)
            text_line_draw(p, row->layouts[i], k, &row->styles[i], x + PAD_X,
                           p->y + PAD_Y + down + (k - from) * line, row->widths[i] - 2 * PAD_X,
                           row->aligns[i], false);
        x += row->widths[i];
    }
    page_bar(p, p->right - RULE, p->y, RULE, height, RULE_INK);
    page_bar(p, p->left, p->y, p->right - p->left, RULE, RULE_INK); /* again, over the tints */
    p->y += height;
    page_bar(p, p->left, p->y, p->right - p->left, RULE, RULE_INK);
    g->fresh = false;
}

static void row_free(struct row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (row->layouts[i]) g_object_unref(row->layouts[i]);
}
