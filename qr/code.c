#include "qr/code.h"
#include <qrencode.h>
#include <string.h>

bool qr_code_make(struct str words, struct qr_code *code_r)
{
    if (words.n == 0 || words.n > QR_CODE_BYTES_MAX || memchr(words.p, '\0', words.n)) return false;
    QRcode *made = QRcode_encodeData((int)words.n, (const unsigned char *)words.p, 0, QR_ECLEVEL_Q);
    if (!made) return false;
    ASSERT(made->width <= QR_CODE_SIDE_MAX);
    code_r->side = made->width;
    for (int i = 0; i < made->width * made->width; i++) code_r->dark[i] = made->data[i] & 1; /* bit 0: dark */
    QRcode_free(made);
    return true;
}

bool qr_code_dark(const struct qr_code *code, int column, int row)
{
    if (column < 0 || row < 0 || column >= code->side || row >= code->side) return false;
    return code->dark[row * code->side + column] != 0;
}

void qr_print_terminal(const struct qr_code *code, struct text *out)
{
    for (int row = -QR_QUIET_ZONE; row < code->side + QR_QUIET_ZONE; row += 2) {
        text_addz(out, "\033[97;40m");
        for (int column = -QR_QUIET_ZONE; column < code->side + QR_QUIET_ZONE; column++) {
            bool upper = qr_code_dark(code, column, row), lower = qr_code_dark(code, column, row + 1);
            text_addz(out, upper ? (lower ? " " : "▄") : (lower ? "▀" : "█"));
        }
        text_addz(out, "\033[0m\n");
    }
}
