#include "qr/slip.h"
#include "qr/canvas.h"
#include <cairo-pdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_PER_MM (72.0 / 25.4)
#define MARGIN        8.0
#define INNER         (SLIP_WIDTH - 2 * MARGIN)
#define INK           0x16202Au
#define PETROL        0x0F4C5Cu
#define CODE_SIDE     40.0
#define DIGITS        16

static const char too_large[] = "the slip is larger than the room set aside for it";

static struct mark *mark_new(struct face_drawing *d, enum mark_kind kind, double x, double y, double w,
                             double h)
{
    ASSERT(d->n < MARKS_MAX);
    struct mark *m = &d->marks[d->n++];
    *m =
        (struct mark){.kind = kind, .x = x, .y = y, .w = w, .h = h, .fill = COLOUR_NONE, .line = COLOUR_NONE};
    return m;
}

/* One line; what is longer than a mark holds was cut by its writer, never inside a letter. */
static void line_put(struct face_drawing *d, struct str words, double x, double y, double w, double size,
                     enum mark_font font, u32 colour)
{
    struct mark *m = mark_new(d, MARK_TEXT, x, y, w, 0);
    size_t n = MIN(words.n, (size_t)MARK_TEXT_MAX - 1);
    while (n < words.n && n > 0 && ((u8)words.p[n] & 0xC0) == 0x80) n--;
    memcpy(m->text, words.p, n);
    m->text[n] = '\0';
    m->font = font;
    m->size = size;
    m->fill = colour;
}

static void digits_put(struct face_drawing *d, struct str receipt)
{
    for (int row = 0; row < 2; row++) {
        char eight[16];
        snprintf(eight, sizeof eight, "%.4s %.4s", receipt.p + 8 * row, receipt.p + 8 * row + 4);
        line_put(d, str_of(eight), SLIP_WIDTH / 2, 38 + 15.5 * row, INNER, 14, FONT_SANS_BOLD, INK);
        d->marks[d->n - 1].anchor = ANCHOR_MIDDLE;
    }
}

static bool lay_out(const struct slip *s, struct face_drawing *d, const char **error_r)
{
    bool digits = s->receipt.n == DIGITS;
    for (size_t i = 0; digits && i < DIGITS; i++) digits = s->receipt.p[i] >= '0' && s->receipt.p[i] <= '9';
    if (!digits || s->title.n == 0) {
        *error_r = "a slip needs a title and 16 digits";
        return false;
    }
    if (!qr_code_make(s->url, &d->code)) {
        *error_r = "the address of the status page does not fit the code";
        return false;
    }
    struct mark *bar = mark_new(d, MARK_BOX, 0, 0, SLIP_WIDTH, 18);
    bar->fill = PETROL;
    line_put(d, s->title, MARGIN, 12, INNER, 7, FONT_SANS_BOLD, 0xFFFFFF);
    struct mark *frame = mark_new(d, MARK_BOX, MARGIN, 23, INNER, 36);
    frame->line = PETROL;
    frame->line_width = 0.5;
    frame->radius = 2;
    digits_put(d, s->receipt);
    double y = 67;
    for (size_t i = 0; i < SLIP_LINES; i++)
        if (s->facts[i].n) {
            line_put(d, s->facts[i], MARGIN, y, INNER, 4.6, FONT_SANS, INK);
            y += 6.6;
        }
    const double top = 92;
    struct mark *code = mark_new(d, MARK_CODE, MARGIN, top - 4, CODE_SIDE, CODE_SIDE);
    code->fill = 0x000000;
    const double right = MARGIN + CODE_SIDE + 3;
    y = top + 4;
    for (size_t i = 0; i < SLIP_LINES; i++) {
        if (s->how[i].n == 0) continue;
        const bool last = i == SLIP_LINES - 1; /* across the foot */
        line_put(d, s->how[i], last ? MARGIN : right, last ? SLIP_HEIGHT - 10 : y,
                 last ? INNER : SLIP_WIDTH - MARGIN - right, last ? 4 : 4.6, FONT_SANS, INK);
        y += 7.5;
    }
    return true;
}

static bool pdf_write(const struct slip *s, const struct face_drawing *d, struct text *out,
                      const char **error_r)
{
    cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(canvas_bytes, out, SLIP_WIDTH * POINTS_PER_MM,
                                                               SLIP_HEIGHT * POINTS_PER_MM);
    struct text title;
    text_init(&title, MARK_TEXT_MAX);
    text_add(&title, s->title);
    cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_TITLE, text_z(&title));
    text_free(&title);
    struct canvas *c = canvas_new(pdf, POINTS_PER_MM);
    bool fine = canvas_face(c, d, 0, 0, 1, error_r);
    canvas_free(c);
    cairo_surface_finish(pdf);
    if (fine && cairo_surface_status(pdf) != CAIRO_STATUS_SUCCESS) {
        *error_r = "the slip could not be drawn";
        fine = false;
    }
    cairo_surface_destroy(pdf);
    return fine;
}

bool slip_print(const struct slip *s, enum slip_format format, struct text *out, const char **error_r)
{
    const size_t before = out->n;
    struct face_drawing *d = MEM_NEW(struct face_drawing);
    bool fine = lay_out(s, d, error_r) &&
                (format == SLIP_PDF ? pdf_write(s, d, out, error_r)
                                    : canvas_png(d, SLIP_WIDTH, SLIP_HEIGHT, SLIP_DPI, out, error_r));
    free(d);
    if (!fine) {
        if (out->overflow) *error_r = too_large;
        out->n = before;
        out->overflow = false;
    }
    return fine;
}
