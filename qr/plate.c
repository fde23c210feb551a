#include "qr/plate.h"
#include "base/code.h"

#define HOLE_RADIUS 2.0 /* mm, for screws of 4 mm */
#define HOLE_INSET  9.0 /* centre from both edges: inside the frame, outside the words */
#define EDGE_RADIUS 6.0

static bool colour_write(struct canvas *c, const struct face_drawing *d, u32 colour, const char *id,
                         double scale, struct text *out, const char **error_r);
static void box_write(const struct mark *m, double k, struct text *out);
static void code_write(const struct mark *m, const struct qr_code *code, double k, struct text *out);
static void cut_write(double width, double height, struct text *out);

bool plate_write(struct canvas *c, const struct face_drawing *d, struct str title, double scale,
                 struct text *out, const char **error_r)
{
    const double width = FACE_WIDTH * scale, height = FACE_HEIGHT * scale;
    text_addf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%gmm\" height=\"%gmm\" viewBox=\"0 0 %g %g\" "
        "xml:lang=\"zh-CN\" role=\"img\">\n<title>",
        width, height, width, height);
    html_put(out, title);
    text_addz(out, "</title>\n");
    bool fine = colour_write(c, d, FACE_RED, "spot-red", scale, out, error_r) &&
                colour_write(c, d, FACE_INK, "spot-black", scale, out, error_r);
    cut_write(width, height, out);
    text_addz(out, "</svg>\n");
    return fine && !out->overflow;
}

static u32 colour_of(const struct mark *m)
{
    return m->kind == MARK_CODE ? FACE_INK : m->fill != COLOUR_NONE ? m->fill : m->line;
}

static bool colour_write(struct canvas *c, const struct face_drawing *d, u32 colour, const char *id,
                         double scale, struct text *out, const char **error_r)
{
    bool fine = true;
    text_addf(out, "<g id=\"%s\" fill=\"#%06x\" stroke=\"none\">\n", id, (unsigned)colour);
    for (size_t i = 0; fine && i < d->n; i++) {
        const struct mark *m = &d->marks[i];
        if (colour_of(m) != colour) continue;
        if (m->kind == MARK_BOX) {
            box_write(m, scale, out);
        } else if (m->kind == MARK_CODE) {
            code_write(m, &d->code, scale, out);
        } else {
            text_addz(out, "<path d=\"");
            fine = canvas_outline(c, m, scale, out, error_r);
            text_addz(out, "\"/>\n");
        }
    }
    text_addz(out, "</g>\n");
    return fine;
}

static void box_write(const struct mark *m, double k, struct text *out)
{
    text_addf(out, "<rect x=\"%.3f\" y=\"%.3f\" width=\"%.3f\" height=\"%.3f\"", m->x * k, m->y * k, m->w * k,
              m->h * k);
    if (m->radius > 0) text_addf(out, " rx=\"%.3f\"", m->radius * k);
    if (m->line != COLOUR_NONE)
        text_addf(out, " fill=\"none\" stroke=\"#%06x\" stroke-width=\"%.3f\"", (unsigned)m->line,
                  m->line_width * k);
    text_addz(out, "/>\n");
}

static void code_write(const struct mark *m, const struct qr_code *code, double k, struct text *out)
{
    const double module = m->w * k / (code->side + 2 * QR_QUIET_ZONE);
    const double x = m->x * k + module * QR_QUIET_ZONE, y = m->y * k + module * QR_QUIET_ZONE;
    text_addz(out, "<path d=\"");
    for (int row = 0; row < code->side; row++)
        for (int from = 0, to; from < code->side; from = to + 1) {
            while (from < code->side && !qr_code_dark(code, from, row)) from++;
            for (to = from; qr_code_dark(code, to, row);) to++;
            if (to > from)
                text_addf(out, "M%.3f %.3fH%.3fV%.3fH%.3fZ", x + from * module, y + row * module,
                          x + to * module, y + (row + 1) * module, x + from * module);
        }
    text_addz(out, "\"/>\n");
}

static void cut_write(double width, double height, struct text *out)
{
    text_addf(out,
              "<g id=\"cut\" fill=\"none\" stroke=\"#%06x\" stroke-width=\"0.1\">\n"
              "<rect x=\"0.05\" y=\"0.05\" width=\"%.2f\" height=\"%.2f\" rx=\"%g\"/>\n",
              (unsigned)FACE_INK, width - 0.1, height - 0.1, EDGE_RADIUS);
    for (int corner = 0; corner < 4; corner++)
        text_addf(out, "<circle cx=\"%g\" cy=\"%g\" r=\"%g\"/>\n",
                  corner % 2 ? width - HOLE_INSET : HOLE_INSET, corner / 2 ? height - HOLE_INSET : HOLE_INSET,
                  HOLE_RADIUS);
    text_addz(out, "</g>\n");
}
