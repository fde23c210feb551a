/* Plaques as files for a printer: one plaque as SVG, PNG or PDF, or all of them on A4 pages with cut marks.
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
#define SHEET_PER_PAGE    4
#define SHEET_FACES_MAX   10000

enum sheet_format { SHEET_SVG, SHEET_PNG, SHEET_PDF };
/* "svg", "png" or "pdf". */
bool sheet_format_parse(struct str word, enum sheet_format *format_r) MUST_CHECK;

/* One plaque, 120 x 160 mm. dpi matters for SHEET_PNG only; 0 is SHEET_DPI_DEFAULT. */
bool sheet_print(const struct plaque_face *face, enum sheet_format format, unsigned dpi, struct text *out,
                 const char **error_r) MUST_CHECK;
/* n plaques as one PDF of A4 pages, four a page at three quarters of the size (90 x 120 mm), with cut marks and page
 * numbers. On failure *failed_r is the face at fault, or n when the fault is none of a single face. */
bool sheet_print_a4(const struct plaque_face *faces, size_t n, struct text *out, size_t *failed_r,
                    const char **error_r) MUST_CHECK;
