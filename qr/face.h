/* What stands on a plaque, and where: the one description that the SVG, PNG and PDF writers all draw, so the three
 * cannot differ. Pure geometry in millimetres; knows no rendering library. Called by sheet.c only, except for
 * struct plaque_face, which the program `mashangdu plaque print` fills. */
#pragma once
#include "qr/code.h"

#define FACE_WIDTH      120.0 /* mm, portrait 3:4; four of them at three quarters stand on an A4 page */
#define FACE_HEIGHT     160.0
#define FACE_UNIT_MAX   60 /* code points of a unit's full name; 36 is the longest in the sample district */
#define FACE_WINDOW_MAX 40
#define FACE_ISSUER_MAX 40
#define FACE_SMS_MAX    24 /* bytes */

/* Valid UTF-8, owned by the caller, needed during the call only. */
struct plaque_face {
    struct str unit;       /* the unit's full name as registered */
    struct str window;     /* window or station inside the unit; may be empty */
    struct str number;     /* digits only, as plaque_number_make() gives them */
    struct str tag;        /* as plaque_tag_make() gives it */
    struct str url;        /* what the code says: http(s) address that ends in /p/{number}-{tag} */
    struct str sms_number; /* where an SMS can be sent; empty: the plaque does not promise SMS at all */
    struct str issuer;     /* the office that hangs the plaque */
};

enum mark_kind { MARK_BOX, MARK_TEXT, MARK_CODE };
enum mark_font { FONT_SANS, FONT_SANS_BOLD, FONT_SERIF_BOLD };
enum mark_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };
#define MARK_TEXT_MAX 256
#define MARKS_MAX     48
#define COLOUR_NONE   0xFFFFFFFFu

/* One thing to draw. BOX: x, y, w, h, radius, fill and line. TEXT: x by anchor, y of the baseline, w at most (what a
 * font makes wider is squeezed to it). CODE: x, y, w with the quiet zone inside. */
struct mark {
    enum mark_kind kind;
    double x, y, w, h, radius;
    u32 fill, line; /* 0xRRGGBB or COLOUR_NONE */
    double line_width;
    enum mark_font font;
    enum mark_anchor anchor;
    double size;    /* mm of an em */
    double spacing; /* mm added behind each letter */
    char text[MARK_TEXT_MAX];
};
struct face_drawing {
    struct qr_code code;
    size_t n;
    struct mark marks[MARKS_MAX];
};

/* PAPER: colours and filled fields. PLATE: for metal, two colours (FACE_RED and FACE_INK) and nothing filled but letters, code and
 * thin lines, so that what is bare stays metal. */
enum face_style { FACE_PAPER, FACE_PLATE };
#define FACE_RED 0xA8121Bu
#define FACE_INK 0x1C1C1Cu
/* False with a sentence when the face cannot be printed: something is missing, too long, not UTF-8, or the address
 * does not belong to the number and tag (a plaque must never lead elsewhere than it says). */
bool face_draw(const struct plaque_face *face, enum face_style style, struct face_drawing *drawing_r,
               const char **error_r) MUST_CHECK;
/* Width in em that common fonts stay below: 1 for a Chinese sign, about 0.6 for Latin and digits. */
double face_text_width(struct str s);
/* Where to break a name so that it is largest in a box: balanced lines (at most 3), never inside a Latin word or a
 * number, never before closing or behind opening punctuation, rather behind 局, 会, 室 and their like than elsewhere,
 * and seldom inside brackets or quotes.
 * ends_r: byte offset where each line ends. Returns the lines; *size_r is the em in mm, at most `size`. */
#define FACE_LINES_MAX 3
size_t face_wrap(struct str name, double width, double height, double size, size_t ends_r[FACE_LINES_MAX],
                 double *size_r);
