/* Of `mashangdu plaque`: what stands on a plaque, as files for the printer, as an address, as a code for the terminal. */
#include "cmd_plaque.h"
#include "base/arena.h"
#include "qr/code.h"
#include "qr/plaque.h"
#include "qr/sheet.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME       CMD_PLAQUE
#define COPIES_MAX 100

/* A station's plaque bears its unit's name, and its own where a window's would stand. */
#define SQL_FACE                                                                                             \
    "select p.number, p.key_version, case u.kind when 'station' then s.name else u.name end, "               \
    "concat_ws(' ', case u.kind when 'station' then u.short_name end, p.window_name) from plaques p join "   \
    "units u on u.id = "                                                                                     \
    "p.unit_id left join units s on s.id = u.parent_id "
static const char sql_face_number[] = SQL_FACE "where p.number = $1";
static const char sql_face_code[] =
    SQL_FACE "where u.code = $1 and p.state in ('issued', 'active') order by p.state = 'active' desc, "
             "p.window_name is not null, p.issued_at desc, p.number desc limit 1";
static const char sql_face_all[] =
    SQL_FACE "where p.state in ('issued', 'active') order by u.code collate \"C\", p.number collate \"C\"";

/* What all faces of one run share. */
struct press {
    const struct config *cfg;
    struct keys *keys;
    struct arena arena;
};

static struct str keep(struct press *p, const char *z)
{
    return *z ? arena_str(&p->arena, str_of(z)) : STR("");
}

static bool face_fill(struct press *p, const struct db_rows *r, int row, struct plaque_face *face)
{
    char tag[PLAQUE_TAG_MAX];
    struct text message, url, issuer;
    u8 mac[32];
    u64 version;
    const char *number = db_rows_text(r, row, 0);
    if (!str_u64(str_of(db_rows_text(r, row, 1)), PLAQUE_KEY_VERSIONS - 1, &version)) return false;
    text_init(&message, 64);
    text_init(&url, 2048);
    text_init(&issuer, 512);
    plaque_tag_message(number, (unsigned)version, &message);
    const struct str parts[] = {text_str(&message)};
    crypto_mac(p->keys, KEY_PLAQUE_0 + (unsigned)version, parts, 1, mac);
    plaque_tag_make(mac, (unsigned)version, tag);
    plaque_url(str_of(p->cfg->public_url), number, tag, &url);
    text_addf(&issuer, "%s%s", p->cfg->district_name, p->cfg->office_name);
    *face = (struct plaque_face){.unit = keep(p, db_rows_text(r, row, 2)),
                                 .window = keep(p, db_rows_text(r, row, 3)),
                                 .number = keep(p, number),
                                 .tag = keep(p, tag),
                                 .url = keep(p, text_z(&url)),
                                 .sms_number = keep(p, p->cfg->sms_number),
                                 .issuer = keep(p, text_z(&issuer))};
    text_free(&message);
    text_free(&url);
    text_free(&issuer);
    return face->url.p != NULL && face->issuer.p != NULL && face->unit.p != NULL;
}

/* The plaque that a CODE or a NUMBER means. */
static bool face_find(struct press *p, struct db_tool *db, const char *word, struct plaque_face *face)
{
    char number[PLAQUE_NUMBER_MAX];
    bool by_number = plaque_number_parse(str_of(word), number);
    const char *const params[] = {by_number ? number : word};
    struct db_rows *r = cmd_query(NAME, db, by_number ? sql_face_number : sql_face_code, 1, params);
    if (!r) return false;
    bool good = db_rows_count(r) > 0 && face_fill(p, r, 0, face);
    if (!good && by_number)
        (void)cmd_fail(NAME, "there is no plaque %s", number);
    else if (!good)
        (void)cmd_fail(NAME, "the unit %s has no plaque in use: see `mashangdu plaque issue`", word);
    db_rows_free(&r);
    return good;
}

static bool write_pages(const struct plaque_face *faces, size_t n, enum sheet_layout layout,
                        const struct plaque_request *q)
{
    struct text out;
    const char *why = "";
    size_t failed = n;
    text_init(&out, SHEET_BYTES_MAX);
    bool good = sheet_print_pages(faces, n, layout, &out, &failed, &why);
    if (!good && failed < n)
        (void)cmd_fail(NAME, "plaque %.*s cannot be printed: %s", STR_ARG(faces[failed].number), why);
    else if (!good)
        (void)cmd_fail(NAME, "%s", why);
    good = good && cmd_write_file(NAME, q->output, text_str(&out));
    text_free(&out);
    return good;
}

/* copies: of each, side by side. */
static bool print_pages(struct press *p, struct db_tool *db, const struct plaque_request *q, const char *word,
                        enum sheet_layout layout, size_t copies)
{
    struct plaque_face one;
    struct db_rows *r = NULL;
    if (q->all ? !(r = cmd_query(NAME, db, sql_face_all, 0, NULL)) : !face_find(p, db, word, &one))
        return false;
    const size_t n = r ? (size_t)db_rows_count(r) : 1, all = n * copies;
    bool good = n > 0 && all <= SHEET_FACES_MAX;
    if (!good)
        (void)cmd_fail(NAME, n ? "there are more plaques than one file may hold"
                               : "there is no plaque in use: see `mashangdu plaque issue`");
    struct plaque_face *faces = mem_alloc((all + 1) * sizeof *faces);
    for (size_t i = 0; good && i < n; i++) {
        if (r && !face_fill(p, r, (int)i, &one)) {
            (void)cmd_fail(NAME, "the names of the plaques are too long together");
            good = false;
        }
        for (size_t k = 0; k < copies; k++) faces[i * copies + k] = one;
    }
    good = good && write_pages(faces, all, layout, q);
    free(faces);
    if (r) db_rows_free(&r);
    return good;
}

static bool print_one(const struct plaque_face *face, const struct plaque_request *q, bool plate,
                      enum sheet_format format, unsigned dpi)
{
    struct text out;
    const char *why = "";
    text_init(&out, SHEET_BYTES_MAX);
    bool good = plate ? sheet_print_plate(face, &out, &why) : sheet_print(face, format, dpi, &out, &why);
    if (!good) (void)cmd_fail(NAME, "plaque %.*s cannot be printed: %s", STR_ARG(face->number), why);
    good = good && cmd_write_file(NAME, q->output, text_str(&out));
    text_free(&out);
    return good;
}

static int print(struct press *p, struct db_tool *db, const struct plaque_request *q, const char *word)
{
    enum sheet_format format = SHEET_PDF;
    enum sheet_layout layout = SHEET_A4_4;
    struct plaque_face face;
    u64 dpi = 0, copies = 1;
    const bool plate = q->layout && sheet_layout_parse(str_of(q->layout), &layout) && layout == SHEET_PLATE;
    if (q->layout && !sheet_layout_parse(str_of(q->layout), &layout))
        return cmd_misuse(NAME, "--layout is a4-1, a4-2, a4-4, a4-6, a4-9, a5 or plate");
    if (q->format ? !sheet_format_parse(str_of(q->format), &format) : !q->layout)
        return cmd_misuse(NAME, "print needs --format svg, png or pdf, or --layout");
    if (q->layout && q->format && format != (plate ? SHEET_SVG : SHEET_PDF))
        return cmd_misuse(NAME, plate ? "a plate is --format svg" : "pages are --format pdf");
    if (q->dpi && (!str_u64(str_of(q->dpi), SHEET_DPI_MAX, &dpi) || dpi < SHEET_DPI_MIN))
        return cmd_misuse(NAME, "--dpi is a number from %d to %d", SHEET_DPI_MIN, SHEET_DPI_MAX);
    if (q->dpi && format != SHEET_PNG) return cmd_misuse(NAME, "--dpi belongs to --format png");
    if (q->all && (format != SHEET_PDF || plate)) return cmd_misuse(NAME, "--all prints pages: --format pdf");
    if (q->copies &&
        (!str_u64(str_of(q->copies), COPIES_MAX, &copies) || copies == 0 || plate || (!q->layout && !q->all)))
        return cmd_misuse(NAME, "--copies is a number from 1 to %d and belongs to pages", COPIES_MAX);
    if (!q->output && !plate && format != SHEET_SVG && isatty(STDOUT_FILENO))
        return cmd_misuse(NAME, "this would fill the terminal; name a file with -o");
    if (q->all || (q->layout && !plate))
        return print_pages(p, db, q, word, layout, (size_t)copies) ? CMD_OK : CMD_FAILED;
    return face_find(p, db, word, &face) && print_one(&face, q, plate, format, (unsigned)dpi) ? CMD_OK
                                                                                              : CMD_FAILED;
}

static bool show_qr(const struct plaque_face *face)
{
    struct qr_code code;
    struct text out;
    text_init(&out, 1 << 20);
    bool good = qr_code_make(face->url, &code);
    if (!good) (void)cmd_fail(NAME, "the address is too long for a code: shorten public_url");
    if (good) {
        qr_print_terminal(&code, &out);
        good = cmd_write_file(NAME, NULL, text_str(&out));
    }
    text_free(&out);
    return good;
}

int cmd_plaque_press(struct db_tool *db, const struct config *cfg, enum plaque_press what,
                     const struct plaque_request *q, const char *word)
{
    struct press p = {.cfg = cfg, .keys = cmd_keys(NAME, cfg)};
    struct plaque_face face;
    int code = CMD_FAILED;
    if (!p.keys) return CMD_FAILED;
    arena_init(&p.arena, (size_t)32 << 20);
    if (what == PRESS_PRINT)
        code = print(&p, db, q, word);
    else if (face_find(&p, db, word, &face))
        code = (what == PRESS_QR ? show_qr(&face) : printf("%.*s\n", STR_ARG(face.url)) > 0) ? CMD_OK
                                                                                             : CMD_FAILED;
    arena_free(&p.arena);
    keys_free(&p.keys);
    return code;
}
