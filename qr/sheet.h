/* Plaques as files for a printer: one plaque as SVG, PNG or PDF, several on pages with cut marks, or one drawn for metal.
 *
 * Called by `mashangdu plaque print`; drawing takes up to seconds, so never call it on the loop thread.
 *
 * Every writer takes filled faces (see face.h), appends the file's bytes to `out` (give it room for
 * SHEET_BYTES_MAX) and returns false with a sentence in English when nothing was printed; `out` is then as before. */
#pragma once
#include "qr/face.h"

#define SHEET_BYTES_MAX   ((size_t)64 << 20)
#define SHEET_DPI_DEFAULT 600
#define SHEET_DPI_MIN     100  /* below this a worn print no longer decodes */
#define SHEET_DPI_MAX     1200 /* 5669 x 7559 dots, 171 MB while drawing */
#define SHEET_FACES_MAX   10000

enum sheet_format { SHEET_SVG, SHEET_PNG, SHEET_PDF };
/* "svg", "png" or "pdf". */
bool sheet_format_parse(struct str word, enum sheet_format *format_r) MUST_CHECK;

/* One plaque, 120 x 160 mm. dpi matters for SHEET_PNG only; 0 is SHEET_DPI_DEFAULT. */
bool sheet_print(const struct plaque_face *face, enum sheet_format format, unsigned dpi, struct text *out,
                 const char **error_r) MUST_CHECK;
/* How many stand on which paper; the plate is no paper but a drawing for whoever cuts and prints metal. */
/* clang-format off */
#define SHEET_LAYOUTS(X) \
    X(A4_1, "a4-1") X(A4_2, "a4-2") X(A4_4, "a4-4") X(A4_6, "a4-6") X(A4_9, "a4-9") X(A5, "a5") X(PLATE, "plate")
/* clang-format on */
enum sheet_layout {
#define X(id, word) SHEET_##id,
    SHEET_LAYOUTS(X)
#undef X
        SHEET_LAYOUTS_N
};
const char *sheet_layout_word(enum sheet_layout l);
bool sheet_layout_parse(struct str word, enum sheet_layout *layout_r) MUST_CHECK;
size_t sheet_per_page(enum sheet_layout l);
/* n plaques as one PDF of pages, with cut marks and page numbers: any layout but the plate. On failure *failed_r is the face at fault,
 * or n when the fault is none of a single face. */
bool sheet_print_pages(const struct plaque_face *faces, size_t n, enum sheet_layout layout, struct text *out,
                       size_t *failed_r, const char **error_r) MUST_CHECK;
/* One plaque for metal as SVG, 180 x 240 mm in millimetres: outlines and strokes alone (no font, no picture), two colours each in a
 * group of its own (spot-red, spot-black), and the group `cut` with the edge and four holes of 4 mm. */
#define SHEET_PLATE_WIDTH  180.0
#define SHEET_PLATE_HEIGHT 240.0
bool sheet_print_plate(const struct plaque_face *face, struct text *out, const char **error_r) MUST_CHECK;
