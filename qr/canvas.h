/* Draws a face on a cairo surface, words by pango with the Chinese fonts of the machine. Used by sheet.c and slip.c, and
 * by the pages of gateway/paper.h for the surface and the fonts alone. */
#pragma once
#include "qr/face.h"
#include <cairo.h>
#include <pango/pango.h>

struct canvas;
/* Draws on the surface, whose device units are `per_mm` to a millimetre. The surface stays the caller's. */
struct canvas *canvas_new(cairo_surface_t *surface, double per_mm) MUST_CHECK;
void canvas_free(struct canvas *c);
cairo_t *canvas_cairo(struct canvas *c);        /* in millimetres; stays the canvas's */
PangoContext *canvas_context(struct canvas *c); /* fonts of this canvas alone, unhinted; stays the canvas's */

/* The face with its upper left corner at x, y, `scale` times its size. False with a sentence when no font of the
 * machine has all the letters: a plaque with empty boxes in a name must not be printed. */
bool canvas_face(struct canvas *c, const struct face_drawing *d, double x, double y, double scale,
                 const char **error_r) MUST_CHECK;
/* The letters of a text as the outlines of an SVG path, in millimetres times `scale`: whoever cuts or engraves them needs no font.
 * The canvas's surface should have many units to a millimetre: outlines are no finer. */
bool canvas_outline(struct canvas *c, const struct mark *m, double scale, struct text *path,
                    const char **error_r) MUST_CHECK;
bool canvas_mark(struct canvas *c, const struct mark *m, const char **error_r) MUST_CHECK;

/* A cairo_write_func_t: appends to the struct text behind `closure`; an error once that is full. */
cairo_status_t canvas_bytes(void *closure, const unsigned char *data, unsigned int n);
/* The face alone on white paper of width x height mm, appended as PNG. False with a sentence, or with out->overflow. */
bool canvas_png(const struct face_drawing *d, double width, double height, unsigned dpi, struct text *out,
                const char **error_r) MUST_CHECK;
