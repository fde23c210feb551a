/* Writes a face as SVG 1.1 by hand: small, words stay words (to be searched, edited and read aloud), fonts by a stack.
 * Used by sheet.c only. */
#pragma once
#include "qr/face.h"

/* Appends a whole document in millimetres; title is what a viewer or a screen reader says first. */
void svg_write(const struct face_drawing *d, struct str title, struct text *out);
