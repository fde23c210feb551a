/* The slip that a citizen takes home: the receipt in large digits, how to come back with it, and a QR code that leads to the
 * empty status page, so that a found slip's code alone opens nothing. A6, as PDF or PNG. Words come from the caller, in the
 * reader's language; nothing is looked up here. Called by gateway/citizen_slip.c on the thread pool: drawing takes tens of
 * milliseconds. */
#pragma once
#include "qr/code.h"

#define SLIP_WIDTH     105.0 /* mm, A6 portrait */
#define SLIP_HEIGHT    148.0
#define SLIP_DPI       220 /* of the PNG: 909 x 1282 dots, sharp on a telephone, small to keep */
#define SLIP_LINES     5
#define SLIP_BYTES_MAX ((size_t)4 << 20)

enum slip_format { SLIP_PDF, SLIP_PNG };
/* UTF-8, owned by the caller, needed during the call only. Lines that do not fit the width are squeezed, not cut. */
struct slip {
    struct str title;   /* "码上督 回执" */
    struct str receipt; /* 16 digits */
    struct str
        facts[SLIP_LINES]; /* under the digits: unit, day; empty ones are left out. None on a neutral slip */
    struct str url;        /* what the code says: the status page */
    struct str how[SLIP_LINES]; /* beside and under the code */
};
/* Appends the bytes of the file. False with a sentence in English when it could not be drawn (a letter without a font, a
 * receipt that is none, an address too long for the code); `out` is then as before. */
bool slip_print(const struct slip *s, enum slip_format format, struct text *out,
                const char **error_r) MUST_CHECK;
