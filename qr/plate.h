/* Writes a face for metal as SVG 1.1: letters as outlines, two spot colours in groups of their own, and what is to be cut. Used by
 * sheet.c only. */
#pragma once
#include "qr/canvas.h"

/* Appends a whole document; `scale` is the plate's millimetres for one of the face's. c: a canvas that is only measured with. */
bool plate_write(struct canvas *c, const struct face_drawing *d, struct str title, double scale,
                 struct text *out, const char **error_r) MUST_CHECK;
