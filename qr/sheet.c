#include "qr/sheet.h"
#include "qr/canvas.h"
#include "qr/plate.h"
#include "qr/svg.h"
#include <cairo-pdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_PER_MM (72.0 / 25.4)
#define GAP           6.0 /* mm between plaques, room for a blade and the cut marks */

/* Paper in millimetres; at 0.5 the code is still 28 mm wide. */
static const struct layout {
    double width, height;
    size_t columns, rows;
    double scale;
} layouts[SHEET_LAYOUTS_N] = {
    [SHEET_A4_1] = {210, 297, 1, 1, 1.6},  [SHEET_A4_2] = {297, 210, 2, 1, 1.12},
    [SHEET_A4_4] = {210, 297, 2, 2, 0.75}, [SHEET_A4_6] = {297, 210, 3, 2, 0.56},
    [SHEET_A4_9] = {210, 297, 3, 3, 0.5},  [SHEET_A5] = {148, 210, 1, 1, 1.15},
};
static const char *const layout_words[SHEET_LAYOUTS_N] = {
#define X(id, word) word,
    SHEET_LAYOUTS(X)
#undef X
};

static const char too_large[] = "the print is larger than the room set aside for it";

static bool svg_print(const struct plaque_face *face, const struct face_drawing *d, struct text *out);
static bool png_print(const struct face_drawing *d, unsigned dpi, struct text *out, const char **error_r);
static bool pdf_print(const struct plaque_face *face, const struct face_drawing *d, struct text *out,
                      const char **error_r);
static cairo_surface_t *pdf_new(struct text *out, double width, double height, const char *title,
                                const char *author);
static bool pdf_close(cairo_surface_t *surface, const char **error_r);
static void title_write(const struct plaque_face *face, struct text *title);
static bool page_furniture(struct canvas *c, const struct layout *l, size_t page, size_t pages,
                           const char **error_r);
static void cut_marks(cairo_t *cr, double x, double y, double w, double h);
static void png_set_dpi(struct text *png, size_t start, unsigned dpi);
static u32 crc32_of(const u8 *p, size_t n);

bool sheet_format_parse(struct str word, enum sheet_format *format_r)
{
    static const char *const names[] = {[SHEET_SVG] = "svg", [SHEET_PNG] = "png", [SHEET_PDF] = "pdf"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_case(word, str_of(names[i]))) {
            *format_r = (enum sheet_format)i;
            return true;
        }
    return false;
}

bool sheet_print(const struct plaque_face *face, enum sheet_format format, unsigned dpi, struct text *out,
                 const char **error_r)
{
    size_t before = out->n;
    bool fine = false;
    struct face_drawing *d = MEM_NEW(struct face_drawing);
    *error_r = too_large;
    if (!face_draw(face, FACE_PAPER, d, error_r)) goto out;
    switch (format) {
    case SHEET_SVG:
        fine = svg_print(face, d, out);
        break;
    case SHEET_PNG:
        fine = png_print(d, dpi, out, error_r);
        break;
    case SHEET_PDF:
        fine = pdf_print(face, d, out, error_r);
        break;
    }
    if (!fine) {
        out->n = before;
        out->overflow = false;
    }
out:
    free(d);
    return fine;
}

const char *sheet_layout_word(enum sheet_layout l) { return layout_words[l]; }

bool sheet_layout_parse(struct str word, enum sheet_layout *layout_r)
{
    for (int i = 0; i < SHEET_LAYOUTS_N; i++)
        if (str_eq_case(word, str_of(layout_words[i]))) {
            *layout_r = (enum sheet_layout)i;
            return true;
        }
    return false;
}

size_t sheet_per_page(enum sheet_layout l) { return layouts[l].columns * layouts[l].rows; }

bool sheet_print_pages(const struct plaque_face *faces, size_t n, enum sheet_layout layout, struct text *out,
                       size_t *failed_r, const char **error_r)
{
    const struct layout *l = &layouts[layout];
    const size_t before = out->n, per_page = l->columns * l->rows;
    bool fine = true;
    *failed_r = n;
    ASSERT(per_page > 0);
    if (n == 0 || n > SHEET_FACES_MAX) {
        *error_r = n ? "too many plaques for one file" : "there is no plaque to print";
        return false;
    }
    const size_t pages = (n + per_page - 1) / per_page;
    struct face_drawing *d = MEM_NEW(struct face_drawing);
    cairo_surface_t *pdf = pdf_new(out, l->width, l->height, "优化营商环境监督牌", NULL);
    struct canvas *c = canvas_new(pdf, POINTS_PER_MM);
    const double w = FACE_WIDTH * l->scale, h = FACE_HEIGHT * l->scale;
    const double left = (l->width - (double)l->columns * w - (double)(l->columns - 1) * GAP) / 2,
                 top = (l->height - (double)l->rows * h - (double)(l->rows - 1) * GAP) / 2;
    for (size_t i = 0; fine && i < n; i++) {
        size_t place = i % per_page, column = place % l->columns, row = place / l->columns;
        double x = left + (double)column * (w + GAP), y = top + (double)row * (h + GAP);
        fine = face_draw(&faces[i], FACE_PAPER, d, error_r) && canvas_face(c, d, x, y, l->scale, error_r);
        if (!fine) {
            *failed_r = i;
            break;
        }
        cut_marks(canvas_cairo(c), x, y, w, h);
        if (place + 1 < per_page && i + 1 < n) continue;
        fine = page_furniture(c, l, i / per_page + 1, pages, error_r);
        cairo_show_page(canvas_cairo(c));
    }
    canvas_free(c);
    if (!pdf_close(pdf, fine ? error_r : &(const char *){NULL})) fine = false;
    if (!fine) {
        out->n = before;
        out->overflow = false;
    }
    free(d);
    return fine;
}

bool sheet_print_plate(const struct plaque_face *face, struct text *out, const char **error_r)
{
    const size_t before = out->n;
    struct text title;
    struct face_drawing *d = MEM_NEW(struct face_drawing);
    text_init(&title, 1024);
    *error_r = too_large;
    title_write(face, &title);
    /* Never shown: only its fineness matters: a thousandth of a millimetre. */
    cairo_surface_t *nothing = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    struct canvas *c = canvas_new(nothing, 16);
    bool fine = face_draw(face, FACE_PLATE, d, error_r) &&
                plate_write(c, d, text_str(&title), SHEET_PLATE_WIDTH / FACE_WIDTH, out, error_r);
    canvas_free(c);
    cairo_surface_destroy(nothing);
    if (!fine) {
        out->n = before;
        out->overflow = false;
    }
    text_free(&title);
    free(d);
    return fine;
}

static bool svg_print(const struct plaque_face *face, const struct face_drawing *d, struct text *out)
{
    struct text title;
    text_init(&title, 1024);
    title_write(face, &title);
    svg_write(d, text_str(&title), out);
    text_free(&title);
    return !out->overflow;
}

static bool png_print(const struct face_drawing *d, unsigned dpi, struct text *out, const char **error_r)
{
    if (dpi == 0) dpi = SHEET_DPI_DEFAULT;
    if (dpi < SHEET_DPI_MIN || dpi > SHEET_DPI_MAX) {
        *error_r = "the resolution must be 100 to 1200 dots per inch";
        return false;
    }
    const size_t start = out->n;
    const bool fine = canvas_png(d, FACE_WIDTH, FACE_HEIGHT, dpi, out, error_r);
    if (fine) png_set_dpi(out, start, dpi);
    if (out->overflow) *error_r = too_large;
    return fine && !out->overflow;
}

static bool pdf_print(const struct plaque_face *face, const struct face_drawing *d, struct text *out,
                      const char **error_r)
{
    struct text title, author;
    text_init(&title, 1024);
    text_init(&author, 1024);
    title_write(face, &title);
    text_add(&author, face->issuer);
    cairo_surface_t *pdf = pdf_new(out, FACE_WIDTH, FACE_HEIGHT, text_z(&title), text_z(&author));
    struct canvas *c = canvas_new(pdf, POINTS_PER_MM);
    bool fine = canvas_face(c, d, 0, 0, 1, error_r);
    cairo_show_page(canvas_cairo(c));
    canvas_free(c);
    if (!pdf_close(pdf, fine ? error_r : &(const char *){NULL})) fine = false;
    text_free(&title);
    text_free(&author);
    return fine;
}

static cairo_surface_t *pdf_new(struct text *out, double width, double height, const char *title,
                                const char *author)
{
    cairo_surface_t *pdf =
        cairo_pdf_surface_create_for_stream(canvas_bytes, out, width * POINTS_PER_MM, height * POINTS_PER_MM);
    cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_TITLE, title);
    if (author) cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_AUTHOR, author);
    return pdf;
}

static bool pdf_close(cairo_surface_t *surface, const char **error_r)
{
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status == CAIRO_STATUS_SUCCESS) return true;
    *error_r = status == CAIRO_STATUS_WRITE_ERROR ? too_large : "the pages could not be drawn";
    return false;
}

static void title_write(const struct plaque_face *face, struct text *title)
{
    text_addz(title, "优化营商环境监督牌 ");
    text_add(title, face->number);
    text_addc(title, ' ');
    text_add(title, face->unit);
    if (face->window.n) text_addc(title, ' ');
    text_add(title, face->window);
}

static bool page_furniture(struct canvas *c, const struct layout *l, size_t page, size_t pages,
                           const char **error_r)
{
    struct mark m = {.kind = MARK_TEXT,
                     .x = l->width / 2,
                     .y = l->height - 7,
                     .w = 130,
                     .size = 3.2,
                     .fill = 0x555555,
                     .font = FONT_SANS,
                     .anchor = ANCHOR_MIDDLE};
    struct text t;
    text_init(&t, MARK_TEXT_MAX - 1);
    text_addf(&t, "第 %zu 页，共 %zu 页　·　按四角裁切线裁开，成品 %g × %g 毫米", page, pages,
              FACE_WIDTH * l->scale, FACE_HEIGHT * l->scale);
    memcpy(m.text, text_z(&t), t.n + 1);
    text_free(&t);
    return canvas_mark(c, &m, error_r);
}

/* Two short lines at each corner, outside the plaque: cut along them and none is left on it. */
static void cut_marks(cairo_t *cr, double x, double y, double w, double h)
{
    const double away = 0.6, length = 2.2;
    cairo_new_path(cr);
    for (int corner = 0; corner < 4; corner++) {
        double cx = corner % 2 ? x + w : x, cy = corner / 2 ? y + h : y;
        double sx = corner % 2 ? 1 : -1, sy = corner / 2 ? 1 : -1;
        cairo_move_to(cr, cx + sx * away, cy);
        cairo_line_to(cr, cx + sx * (away + length), cy);
        cairo_move_to(cr, cx, cy + sy * away);
        cairo_line_to(cr, cx, cy + sy * (away + length));
    }
    cairo_set_source_rgb(cr, 0.3, 0.3, 0.3);
    cairo_set_line_width(cr, 0.1);
    cairo_stroke(cr);
}

/* cairo writes no pHYs chunk, and without it a printing program takes the plaque for a metre wide. The chunk goes
 * behind IHDR: 8 bytes of signature, then 4 length + 4 name + 13 data + 4 CRC (PNG, 2nd edition, 11.3.5.3). */
static void png_set_dpi(struct text *png, size_t start, unsigned dpi)
{
    u32 per_metre = (u32)lround(dpi / 0.0254);
    u8 chunk[21] = {0, 0, 0, 9, 'p', 'H', 'Y', 's'};
    for (size_t i = 0; i < 4; i++) chunk[8 + i] = chunk[12 + i] = (u8)(per_metre >> (24 - 8 * i));
    chunk[16] = 1; /* the unit is the metre */
    u32 crc = crc32_of(chunk + 4, 13);
    for (size_t i = 0; i < 4; i++) chunk[17 + i] = (u8)(crc >> (24 - 8 * i));
    const size_t behind_header = start + 8 + 25;
    ASSERT(png->n >= behind_header);
    text_add(png, (struct str){(const char *)chunk, sizeof chunk});
    if (png->overflow) return;
    memmove(png->p + behind_header + sizeof chunk, png->p + behind_header,
            png->n - sizeof chunk - behind_header);
    memcpy(png->p + behind_header, chunk, sizeof chunk);
}

static u32 crc32_of(const u8 *p, size_t n)
{
    u32 crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}
