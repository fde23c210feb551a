#include "qr/svg.h"
#include "base/code.h"
#include "base/utf8.h"

static void box_write(const struct mark *m, struct text *out);
static void text_write(const struct mark *m, struct text *out);
static void letters_write(struct str s, double spacing, struct text *out);
static void code_write(const struct mark *m, const struct qr_code *code, struct text *out);
static void colour_write(const char *name, u32 colour, struct text *out);

void svg_write(const struct face_drawing *d, struct str title, struct text *out)
{
    text_addf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%gmm\" height=\"%gmm\" viewBox=\"0 0 %g %g\" "
        "xml:lang=\"zh-CN\" role=\"img\">\n<title>",
        FACE_WIDTH, FACE_HEIGHT, FACE_WIDTH, FACE_HEIGHT);
    html_put(out, title);
    text_addz(
        out, "</title>\n"
             "<style>.s{font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',"
             "sans-serif}.f{font-family:'Noto Serif CJK SC','Source Han Serif SC','SimSun','Songti SC',serif}"
             ".b{font-weight:700}</style>\n");
    for (size_t i = 0; i < d->n; i++) {
        switch (d->marks[i].kind) {
        case MARK_BOX:
            box_write(&d->marks[i], out);
            break;
        case MARK_TEXT:
            text_write(&d->marks[i], out);
            break;
        case MARK_CODE:
            code_write(&d->marks[i], &d->code, out);
            break;
        }
    }
    text_addz(out, "</svg>\n");
}

static void box_write(const struct mark *m, struct text *out)
{
    text_addf(out, "<rect x=\"%.4g\" y=\"%.4g\" width=\"%.5g\" height=\"%.5g\"", m->x, m->y, m->w, m->h);
    if (m->radius > 0) text_addf(out, " rx=\"%.4g\"", m->radius);
    colour_write("fill", m->fill, out);
    if (m->line != COLOUR_NONE) {
        colour_write("stroke", m->line, out);
        text_addf(out, " stroke-width=\"%.4g\"", m->line_width);
    }
    text_addz(out, "/>\n");
}

static void text_write(const struct mark *m, struct text *out)
{
    static const char *const classes[] = {
        [FONT_SANS] = "s", [FONT_SANS_BOLD] = "s b", [FONT_SERIF_BOLD] = "f b"};
    static const char *const anchors[] = {
        [ANCHOR_START] = "start", [ANCHOR_MIDDLE] = "middle", [ANCHOR_END] = "end"};
    text_addf(out, "<text class=\"%s\" x=\"%.5g\" y=\"%.5g\" font-size=\"%.4g\" text-anchor=\"%s\"",
              classes[m->font], m->x, m->y, m->size, anchors[m->anchor]);
    colour_write("fill", m->fill, out);
    text_addc(out, '>');
    letters_write(str_of(m->text), m->spacing, out);
    text_addz(out, "</text>\n");
}

/* Spacing as a shift before each letter but the first. letter-spacing would be shorter, but renderers differ in
 * whether it also counts behind the last letter, and a centred title would lean to one side. */
static void letters_write(struct str s, double spacing, struct text *out)
{
    if (spacing <= 0) {
        html_put(out, s);
        return;
    }
    for (size_t at = 0, from = 0; utf8_next(s, &at) >= 0; from = at) {
        if (from > 0) text_addf(out, "<tspan dx=\"%.4g\">", spacing);
        html_put(out, (struct str){s.p + from, at - from});
        if (from > 0) text_addz(out, "</tspan>");
    }
}

/* One path of horizontal runs, in modules; crispEdges keeps screens from softening the edges. */
static void code_write(const struct mark *m, const struct qr_code *code, struct text *out)
{
    double module = m->w / (code->side + 2 * QR_QUIET_ZONE);
    text_addf(out, "<path transform=\"translate(%.6g %.6g) scale(%.8g)\" shape-rendering=\"crispEdges\" d=\"",
              m->x + module * QR_QUIET_ZONE, m->y + module * QR_QUIET_ZONE, module);
    for (int row = 0; row < code->side; row++)
        for (int from = 0, to; from < code->side; from = to + 1) {
            while (from < code->side && !qr_code_dark(code, from, row)) from++;
            for (to = from; qr_code_dark(code, to, row);) to++;
            if (to > from) text_addf(out, "M%d %dh%dv1h-%dz", from, row, to - from, to - from);
        }
    text_addz(out, "\"/>\n");
}

static void colour_write(const char *name, u32 colour, struct text *out)
{
    if (colour == COLOUR_NONE)
        text_addf(out, " %s=\"none\"", name);
    else
        text_addf(out, " %s=\"#%06x\"", name, (unsigned)colour);
}
