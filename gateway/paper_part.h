/* Inside the printing of papers: pages, texts and tables that paper_letter.c, paper_bulletin.c, paper_table.c and
 * paper_story.c are made of. Nobody else includes it. All lengths are millimetres, y grows downwards from the top of
 * the sheet; sizes of letters are points, as the standard has them.
 *
 * A fault is kept in the page and makes every later call do nothing: callers check once, in loops and at the end. */
#pragma once
#include "paper.h"
#include "qr/canvas.h"
#include <pango/pangocairo.h>

#define POINT_MM (25.4 / 72.0)
/* GB/T 9704-2012 5.1, 5.2: sheet, margins, type area of 156 x 225 mm, 22 lines of 28 characters. */
#define SHEET_SHORT  210.0
#define SHEET_LONG   297.0
#define MARGIN_TOP   37.0
#define MARGIN_INNER 28.0
#define AREA_WIDTH   156.0
#define AREA_HEIGHT  225.0
#define AREA_BOTTOM  (MARGIN_TOP + AREA_HEIGHT)
#define LINE_CHARS   28
#define PAGE_LINES   22
#define CHAR_ADVANCE (AREA_WIDTH / LINE_CHARS)
#define LINE_HEIGHT  (AREA_HEIGHT / PAGE_LINES)
#define BODY_POINTS  16.0 /* 3号 */

#define RED_INK      0xFF3333u /* Y80 M80, in the colours a PDF of cairo has */
#define BLACK_INK    0x000000u
#define GREY_INK     0x767676u
#define RULE_INK     0x333333u

struct paper_page;
/* Draws what belongs to a page beside its text, when it begins and before it ends. */
typedef void page_furniture(struct paper_page *p, const void *arg);

struct page_plan {
    double width, height;        /* of the sheet */
    double inner, outer;         /* margins at the binding and at the other side */
    double top, bottom;          /* y of the area */
    bool mirrored;               /* binding at the right on even pages */
    bool numbered;               /* the furniture prints the number of pages: laid out twice, drawn once */
    bool forgiving;              /* letters without a font become 〔U+1F600〕; else they are a fault */
    page_furniture *begin, *end; /* either may be NULL */
    struct str title, author;    /* of the file */
    instant made;                /* written into the file; 0 leaves 1970 */
};

struct paper_page {
    const struct page_plan *plan;
    const void *arg;
    struct canvas *canvas;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoContext *context;
    struct text *out;
    struct paper_fault *fault;
    double left, right, bottom; /* of the area on this page */
    double y;                   /* next free place */
    int n, total;               /* this page, from 1; all pages, known only while drawing a numbered plan */
    bool forgiving;             /* as the plan says, unless a part with outsiders' words says more */
    bool dry, failed;
};

/* --- paper_page.c --- */
typedef void page_content(struct paper_page *p, const void *arg);
/* Prints content as the plan says and appends the file to out; the printers' whole contract. */
bool page_print(const struct page_plan *plan, page_content *content, const void *arg, struct text *out,
                struct paper_fault *fault) MUST_CHECK;
enum page_fault {
    FAULT_LETTER,
    FAULT_FIELD,
    FAULT_PAGES,
    FAULT_BYTES,
    FAULT_TITLE,
    FAULT_MISSING,
    FAULT_DRAW
};
void page_fail(struct paper_page *p, enum page_fault what, u32 letter);
void fault_set(struct paper_fault *fault, enum page_fault what, u32 letter);
void page_break(struct paper_page *p);
void page_need(struct paper_page *p, double height); /* breaks the page when so much no longer fits */
void page_bar(struct paper_page *p, double x, double y, double w, double h, u32 rgb);
void page_watermark(struct paper_page *p, const char *words, u32 rgb);

/* --- paper_text.c --- */
enum paper_face { FACE_SONG, FACE_SONG_BOLD, FACE_HEI, FACE_KAI };
struct paper_style {
    enum paper_face face;
    double points, line; /* line: mm from line to line */
    bool gridded;        /* letters stand CHAR_ADVANCE apart: 28 to the line */
    u32 rgb;
};
#define STYLE_BODY ((struct paper_style){FACE_SONG, BODY_POINTS, LINE_HEIGHT, true, BLACK_INK})

/* What outsiders wrote without what cannot be printed: controls, directions, invisible letters. Line feeds stay when
 * `lines`, else become blanks; blanks at both ends go. *clean is initialised here; free it with text_free(). */
void text_clean(struct paper_page *p, struct str raw, bool lines, struct text *clean);
/* Words as lines within `width`; the first `lead_bytes` in `lead` (NULL: all in style). `words` must be clean. NULL
 * after a fault; else g_object_unref() it. */
PangoLayout *text_layout(struct paper_page *p, struct str words, const struct paper_style *style,
                         const struct paper_style *lead, size_t lead_bytes, double width,
                         double indent) MUST_CHECK;
double text_line_width(PangoLayout *layout, int line);
/* The line with the top of its place at y; `justify` fills the width unless a paragraph ends here. */
void text_line_draw(struct paper_page *p, PangoLayout *layout, int line, const struct paper_style *style,
                    double x, double y, double width, enum paper_align align, bool justify);
/* One line of our own words or of a short field at x, y; its width. FAULT_FIELD when it is wider than `width`. */
double text_put(struct paper_page *p, struct str words, const struct paper_style *style, double x, double y,
                double width, enum paper_align align);
/* A paragraph from the place the page is at, over pages if need be. The last two lines stay with `follows`
 * millimetres of what comes next. */
void text_flow(struct paper_page *p, struct str words, const struct paper_style *style,
               const struct paper_style *lead, size_t lead_bytes, double indent, double follows);
/* As text_flow, for each paragraph of a body with its level headings (一、 黑体, （一） 楷体). */
void text_body(struct paper_page *p, struct str raw, double follows);
/* Centred lines of nearly the same length; FAULT_TITLE when there would be more than `lines_max`. */
void text_balanced(struct paper_page *p, struct str raw, const struct paper_style *style, double width,
                   int lines_max);

/* --- paper_grid.c --- */
struct grid_style {
    double points, line;
    double head_points;
};
/* A table at the place the page is at. `follows` as for text_flow, with the last row. */
void grid_flow(struct paper_page *p, const struct paper_grid *grid, const struct grid_style *style,
               double follows);
/* As paper_cell, with words in bold before the text, in the colour. */
struct grid_cell {
    struct str lead, text;
    enum paper_colour colour;
};
struct grid_pen;
/* Room that grid_begin() wants on a page, else it goes to the next: what introduces a table asks for it as well. */
double grid_least(const struct grid_style *style);
struct grid_pen *grid_begin(struct paper_page *p, const struct paper_column *columns, size_t n,
                            const struct grid_style *style, bool header) MUST_CHECK;
void grid_row(struct grid_pen *g, enum paper_row_kind kind, const struct grid_cell *cells, double follows);
void grid_end(struct grid_pen **g);

/* --- paper_head.c --- */
bool head_complete(const struct paper_head *head, struct paper_fault *fault) MUST_CHECK;
void head_mark(struct paper_page *p,
               enum paper_standing standing); /* the watermark of drafts and void ones */
/* The ink of red words from `top` down, in the middle of `room` from x on, as large as `width` and points_max let
 * them be; the y where the ink ends. */
double head_banner(struct paper_page *p, struct str raw, double points_max, double x, double room,
                   double width, double top);
struct str head_number(const struct paper_head *head); /* what stands in the place of the number */
void head_title(struct paper_page *p, const struct paper_head *head); /* title, blank line, addressee */
void head_snap(struct paper_page *p);                                 /* down to the next of the 22 lines */
double foot_height(const struct paper_head *head,
                   const struct paper_foot *foot); /* the last lines stay with it */
/* Attachments, signature, date, note, copies; `ruled` with lines and the office that prints, as bulletins have it. */
void foot_flow(struct paper_page *p, const struct paper_head *head, const struct paper_foot *foot,
               bool ruled);
void foot_number(struct paper_page *p); /* the number of the page */
/* The foot of lists and stories: what it is, when it was printed, page x of y. */
void foot_line(struct paper_page *p, struct str what, instant printed);
