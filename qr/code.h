/* One QR code symbol (ISO/IEC 18004), made by libqrencode: 8-bit mode, error correction Q (a quarter of the symbol
 * may be scratched away), the smallest version that holds the words. Used by the print sheets and the quickstart's
 * terminal. Knows nothing of plaques. */
#pragma once
#include "base/str.h"

#define QR_CODE_BYTES_MAX                                                                                    \
    200 /* version 12 at most: modules stay large enough for a worn wall and an old telephone */
#define QR_CODE_SIDE_MAX 65 /* modules along a side of version 12 */
#define QR_QUIET_ZONE    4 /* modules of empty margin that every reader may count on (ISO/IEC 18004, 6.3.8) */

struct qr_code {
    int side;
    u8 dark[QR_CODE_SIDE_MAX * QR_CODE_SIDE_MAX];
}; /* rows from the top, without the margin */

/* False when words are empty, longer than QR_CODE_BYTES_MAX, or hold a NUL. */
bool qr_code_make(struct str words, struct qr_code *code_r) MUST_CHECK;
/* Outside the symbol everything is light, so the quiet zone can be walked like the rest. */
bool qr_code_dark(const struct qr_code *code, int column, int row);
/* Half blocks in UTF-8, two rows of modules a line, with the quiet zone; white on black is set by escapes and taken
 * back at each line's end, so it reads the same on light and dark terminals. */
void qr_print_terminal(const struct qr_code *code, struct text *out);
