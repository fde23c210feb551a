#include "qr/canvas.h"
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>

struct canvas {
    cairo_t *cr;
    PangoFontMap *fonts;
    PangoContext *context;
};

#ifdef MSD_SANITIZED
/* cairo 1.16 forgets 768 bytes for each CFF font it embeds, fontconfig a few for good: not ours to mend, and without
 * this the leak check of the test build would hide our own leaks behind theirs. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libcairo.so\nleak:libfontconfig.so\n"; }
#endif

static void box_draw(cairo_t *cr, const struct mark *m);
static bool text_draw(struct canvas *c, const struct mark *m, const char **error_r);
static void code_draw(cairo_t *cr, const struct mark *m, const struct qr_code *code);
static void colour_set(cairo_t *cr, u32 colour);

struct canvas *canvas_new(cairo_surface_t *surface, double per_mm)
{
    struct canvas *c = MEM_NEW(struct canvas);
    c->cr = cairo_create(surface);
    cairo_scale(c->cr, per_mm, per_mm);
    /* A font map of our own: prints are drawn off the loop, and the default one belongs to its thread for good. */
    c->fonts = pango_cairo_font_map_new();
    c->context = pango_font_map_create_context(c->fonts);
    pango_context_set_language(c->context, pango_language_from_string("zh-cn"));
    /* In millimetres a letter is about 4 units: rounding places to whole units would tear words apart. */
    pango_context_set_round_glyph_positions(c->context, FALSE);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(c->context, options);
    cairo_font_options_destroy(options);
    return c;
}

void canvas_free(struct canvas *c)
{
    if (!c) return;
    g_object_unref(c->context);
    g_object_unref(c->fonts);
    cairo_destroy(c->cr);
    free(c);
}

cairo_t *canvas_cairo(struct canvas *c) { return c->cr; }

PangoContext *canvas_context(struct canvas *c)
{
    pango_cairo_update_context(c->cr, c->context);
    return c->context;
}

bool canvas_face(struct canvas *c, const struct face_drawing *d, double x, double y, double scale,
                 const char **error_r)
{
    bool fine = true;
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_scale(c->cr, scale, scale);
    pango_cairo_update_context(c->cr, c->context);
    for (size_t i = 0; fine && i < d->n; i++) {
        if (d->marks[i].kind == MARK_CODE)
            code_draw(c->cr, &d->marks[i], &d->code);
        else
            fine = canvas_mark(c, &d->marks[i], error_r);
    }
    cairo_restore(c->cr);
    return fine;
}

bool canvas_mark(struct canvas *c, const struct mark *m, const char **error_r)
{
    if (m->kind == MARK_TEXT) return text_draw(c, m, error_r);
    ASSERT(m->kind == MARK_BOX);
    box_draw(c->cr, m);
    return true;
}

static void box_draw(cairo_t *cr, const struct mark *m)
{
    double r = m->radius, right = m->x + m->w, bottom = m->y + m->h;
    cairo_new_path(cr);
    if (r > 0) {
        cairo_arc(cr, right - r, m->y + r, r, -M_PI / 2, 0);
        cairo_arc(cr, right - r, bottom - r, r, 0, M_PI / 2);
        cairo_arc(cr, m->x + r, bottom - r, r, M_PI / 2, M_PI);
        cairo_arc(cr, m->x + r, m->y + r, r, M_PI, 3 * M_PI / 2);
        cairo_close_path(cr);
    } else {
        cairo_rectangle(cr, m->x, m->y, m->w, m->h);
    }
    if (m->fill != COLOUR_NONE) {
        colour_set(cr, m->fill);
        cairo_fill_preserve(cr);
    }
    if (m->line != COLOUR_NONE) {
        colour_set(cr, m->line);
        cairo_set_line_width(cr, m->line_width);
        cairo_stroke_preserve(cr);
    }
    cairo_new_path(cr);
}

/* Laid out in one line no wider than the mark, the pen at its beginning; NULL with a sentence. */
static PangoLayout *text_lay(struct canvas *c, const struct mark *m, const char **error_r)
{
    static const struct {
        const char *families;
        PangoWeight weight;
    } fonts[] = {
        [FONT_SANS] = {"Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Zen Hei,sans-serif",
                       PANGO_WEIGHT_NORMAL},
        [FONT_SANS_BOLD] = {"Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Zen Hei,sans-serif",
                            PANGO_WEIGHT_BOLD},
        [FONT_SERIF_BOLD] = {"Noto Serif CJK SC,Source Han Serif SC,Noto Sans CJK SC,serif",
                             PANGO_WEIGHT_BOLD},
    };
    PangoLayout *layout = pango_layout_new(c->context);
    PangoFontDescription *font = pango_font_description_new();
    PangoAttrList *attributes = pango_attr_list_new();
    double size = m->size, width = 0;
    pango_attr_list_insert(attributes, pango_attr_letter_spacing_new((int)(m->spacing * PANGO_SCALE)));
    pango_layout_set_attributes(layout, attributes);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_text(layout, m->text, -1);
    pango_font_description_set_family_static(font, fonts[m->font].families);
    pango_font_description_set_weight(font, fonts[m->font].weight);
    for (int tries = 0; tries < 2; tries++) {
        int w;
        pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
        pango_layout_set_font_description(layout, font);
        pango_layout_get_size(layout, &w, NULL);
        width = (double)w / PANGO_SCALE;
        if (width <= m->w) break;
        size *= m->w / width; /* a font wider than face_text_width() believes */
    }
    bool fine = pango_layout_get_unknown_glyphs_count(layout) == 0;
    if (!fine)
        *error_r =
            "no font on this machine has all the letters of the plaque; install fonts-noto-cjk or leave out "
            "the unusual sign";
    double x = m->x - (m->anchor == ANCHOR_MIDDLE ? width / 2 : m->anchor == ANCHOR_END ? width : 0);
    cairo_move_to(c->cr, x, m->y);
    pango_attr_list_unref(attributes);
    pango_font_description_free(font);
    if (!fine) g_clear_object(&layout);
    return layout;
}

static bool text_draw(struct canvas *c, const struct mark *m, const char **error_r)
{
    PangoLayout *layout = text_lay(c, m, error_r);
    if (!layout) return false;
    colour_set(c->cr, m->fill);
    pango_cairo_show_layout_line(c->cr, pango_layout_get_line_readonly(layout, 0));
    g_object_unref(layout);
    return true;
}

bool canvas_outline(struct canvas *c, const struct mark *m, double scale, struct text *path,
                    const char **error_r)
{
    cairo_new_path(c->cr);
    pango_cairo_update_context(c->cr, c->context);
    PangoLayout *layout = text_lay(c, m, error_r);
    if (!layout) return false;
    pango_cairo_layout_line_path(c->cr, pango_layout_get_line_readonly(layout, 0));
    cairo_path_t *outline = cairo_copy_path(c->cr);
    for (int i = 0; i < outline->num_data; i += outline->data[i].header.length) {
        static const char letters[] = {
            [CAIRO_PATH_MOVE_TO] = 'M', [CAIRO_PATH_LINE_TO] = 'L', [CAIRO_PATH_CURVE_TO] = 'C'};
        const cairo_path_data_t *at = &outline->data[i];
        if (at->header.type == CAIRO_PATH_CLOSE_PATH) {
            text_addc(path, 'Z');
            continue;
        }
        text_addc(path, letters[at->header.type]);
        for (int k = 1; k < at->header.length; k++)
            text_addf(path, "%s%.3f %.3f", k > 1 ? " " : "", at[k].point.x * scale, at[k].point.y * scale);
    }
    cairo_path_destroy(outline);
    cairo_new_path(c->cr);
    g_object_unref(layout);
    return !path->overflow;
}

/* All dark runs as one path and one fill: filled one by one, neighbours would show hairlines between them. */
static void code_draw(cairo_t *cr, const struct mark *m, const struct qr_code *code)
{
    double module = m->w / (code->side + 2 * QR_QUIET_ZONE);
    cairo_save(cr);
    cairo_new_path(cr);
    cairo_translate(cr, m->x + module * QR_QUIET_ZONE, m->y + module * QR_QUIET_ZONE);
    cairo_scale(cr, module, module);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    for (int row = 0; row < code->side; row++)
        for (int from = 0, to; from < code->side; from = to + 1) {
            while (from < code->side && !qr_code_dark(code, from, row)) from++;
            for (to = from; qr_code_dark(code, to, row);) to++;
            if (to > from) cairo_rectangle(cr, from, row, to - from, 1);
        }
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_fill(cr);
    cairo_restore(cr);
}

static void colour_set(cairo_t *cr, u32 colour)
{
    cairo_set_source_rgb(cr, (double)(colour >> 16 & 255) / 255, (double)(colour >> 8 & 255) / 255,
                         (double)(colour & 255) / 255);
}

cairo_status_t canvas_bytes(void *closure, const unsigned char *data, unsigned int n)
{
    struct text *out = closure;
    text_add(out, (struct str){(const char *)data, n});
    return out->overflow ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

bool canvas_png(const struct face_drawing *d, double width, double height, unsigned dpi, struct text *out,
                const char **error_r)
{
    const double per_mm = dpi / 25.4;
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(width * per_mm),
                                                        (int)lround(height * per_mm));
    struct canvas *c = canvas_new(image, per_mm);
    /* The last row and column are only partly covered by the face: paper is white, not black. */
    cairo_set_source_rgb(c->cr, 1, 1, 1);
    cairo_paint(c->cr);
    bool fine = canvas_face(c, d, 0, 0, 1, error_r);
    if (fine && cairo_surface_write_to_png_stream(image, canvas_bytes, out) != CAIRO_STATUS_SUCCESS) {
        *error_r = "the picture could not be drawn";
        fine = false;
    }
    canvas_free(c);
    cairo_surface_destroy(image);
    return fine && !out->overflow;
}
