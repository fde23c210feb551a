/* A tile with words aslant in light grey, to lie behind what is taken out of the house. */
#include "paper_part.h"
#include <math.h>

#define TILE_WIDTH  170.0 /* mm */
#define TILE_HEIGHT 105.0
#define TILE_DPI    96.0
#define TILE_ANGLE  (-M_PI / 9)
#define TILE_POINTS 17
#define TILE_GREY   0.78 /* read on white, and words over it stay readable */

static PangoLayout *words_layout(struct canvas *c, struct str words)
{
    PangoLayout *layout = pango_layout_new(canvas_context(c));
    PangoFontDescription *font = pango_font_description_from_string("Noto Sans CJK SC, Noto Sans");
    /* The canvas counts in millimetres. */
    pango_font_description_set_absolute_size(font, TILE_POINTS * POINT_MM * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
    pango_layout_set_width(layout, (int)(TILE_WIDTH * 0.95 * PANGO_SCALE));
    pango_layout_set_text(layout, words.p, (int)words.n);
    pango_font_description_free(font);
    return layout;
}

bool paper_mark(struct str words, struct text *out, struct paper_fault *fault_r)
{
    const double per_mm = TILE_DPI / 25.4;
    const size_t before = out->n;
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)lround(TILE_WIDTH * per_mm),
                                                        (int)lround(TILE_HEIGHT * per_mm));
    struct canvas *c = canvas_new(image, per_mm);
    cairo_t *cr = canvas_cairo(c);
    PangoLayout *layout = words_layout(c, words);
    int width, height;
    pango_layout_get_size(layout, &width, &height);
    cairo_translate(cr, TILE_WIDTH / 2, TILE_HEIGHT / 2);
    cairo_rotate(cr, TILE_ANGLE);
    cairo_translate(cr, -TILE_WIDTH * 0.95 / 2, -(double)height / PANGO_SCALE / 2);
    cairo_set_source_rgb(cr, TILE_GREY, TILE_GREY, TILE_GREY);
    pango_cairo_show_layout(cr, layout);
    g_object_unref(layout);
    cairo_surface_flush(image);
    const bool good =
        cairo_surface_write_to_png_stream(image, canvas_bytes, out) == CAIRO_STATUS_SUCCESS && !out->overflow;
    canvas_free(c);
    cairo_surface_destroy(image);
    *fault_r = (struct paper_fault){0};
    if (good) return true;
    fault_set(fault_r, FAULT_DRAW, 0);
    out->n = before;
    out->overflow = false;
    return false;
}
