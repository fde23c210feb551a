/* Office workbooks (ECMA-376, .xlsx) by libxlsxwriter. Called by the file of exports, on the thread pool. Nothing is kept on disk under
 * a name: the library's sheets are unlinked temporary files, the workbook is made in memory. It never looks at what
 * the cells say, and never writes a formula. */
#pragma once
#include "base/table.h"

struct xlsx_book {
    const struct table *tables; /* one sheet each; titles differ */
    size_t n;
    struct str title, author; /* of the document; NUL behind them */
    /* Who took it out, when and under which number: first and last row of every sheet, and at the foot of every printed page. NUL behind it. */
    struct str mark;
    /* PNG with the same words aslant: behind the cells on the screen, and behind the table on every printed page. */
    struct str picture;
};
/* Appends the workbook. False with a sentence (a constant) when the library refused, or out passed its ceiling. */
bool xlsx_write(const struct xlsx_book *b, struct text *out, const char **error_r) MUST_CHECK;
