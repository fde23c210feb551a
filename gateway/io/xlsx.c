#include "io/xlsx.h"
#include "base/utf8.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define CELL_MAX                                                                                             \
    32000u             /* the format's limit is 32,767 UTF-16 units: what is longer would be left out whole */
#define ROW_FIRST   2u /* mark, heads, then the rows */
#define EPOCH_DAYS  25569 /* 1970-01-01, counted from the format's day 0 */
#define FOOT_MAX    1000
#define WIDTH_MIN   8.0
#define WIDTH_MAX   60.0
#define WIDTH_PLAIN 10.0
#define LOOK_ROWS   200u /* rows by which the width of a column is chosen */

struct formats {
    lxw_format *head, *mark, *text, *number, *percent, *time, *day;
};

static lxw_format *format_new(lxw_workbook *wb, const char *number)
{
    lxw_format *f = workbook_add_format(wb);
    if (!f) return NULL;
    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    if (number) format_set_num_format(f, number);
    return f;
}

static bool formats_make(lxw_workbook *wb, struct formats *f)
{
    *f = (struct formats){.head = format_new(wb, NULL),
                          .mark = format_new(wb, NULL),
                          .text = format_new(wb, NULL),
                          .number = format_new(wb, "0.######"),
                          .percent = format_new(wb, "0.0%"),
                          .time = format_new(wb, "yyyy-mm-dd hh:mm"),
                          .day = format_new(wb, "yyyy-mm-dd")};
    if (!f->head || !f->mark || !f->text || !f->number || !f->percent || !f->time || !f->day) return false;
    format_set_bold(f->head);
    format_set_text_wrap(f->head);
    format_set_bottom(f->head, LXW_BORDER_THIN);
    format_set_font_color(f->mark, 0x595959);
    format_set_text_wrap(f->text);
    return true;
}

static bool text_write(lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, struct str s, lxw_format *f)
{
    char cut[CELL_MAX + 1];
    if (s.n <= CELL_MAX) return worksheet_write_string(ws, row, col, s.p ? s.p : "", f) == LXW_NO_ERROR;
    size_t n = CELL_MAX - 3;
    while (n > 0 && ((u8)s.p[n] & 0xC0) == 0x80) n--; /* never through a letter */
    memcpy(cut, s.p, n);
    memcpy(cut + n, "…", 4);
    return worksheet_write_string(ws, row, col, cut, f) == LXW_NO_ERROR;
}

static bool cell_write(lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, const struct table_cell *c,
                       const struct formats *f)
{
    switch (c->kind) {
    case TABLE_EMPTY:
        return true;
    case TABLE_TEXT:
        return text_write(ws, row, col, c->text, f->text);
    case TABLE_NUMBER:
        return worksheet_write_number(ws, row, col, c->number, f->number) == LXW_NO_ERROR;
    case TABLE_PERCENT:
        return worksheet_write_number(ws, row, col, c->number, f->percent) == LXW_NO_ERROR;
    case TABLE_TIME:
        return worksheet_write_number(ws, row, col, c->number + EPOCH_DAYS, f->time) == LXW_NO_ERROR;
    case TABLE_DAY:
        return worksheet_write_number(ws, row, col, c->number + EPOCH_DAYS, f->day) == LXW_NO_ERROR;
    }
    return false;
}

/* Columns of a Latin letter: a Chinese one takes about two. */
static double width_of(struct str s)
{
    double w = 0;
    for (size_t i = 0; i < s.n; i++) {
        const u8 c = (u8)s.p[i];
        if (c == '\n') break;
        w += c < 0x80 ? 1 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    }
    return w + 2;
}

static bool widths_set(lxw_worksheet *ws, const struct table *t)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        double w = MAX(WIDTH_PLAIN, width_of(t->heads[c]));
        for (size_t r = 0; r < MIN(t->n_rows, (size_t)LOOK_ROWS); r++)
            w = MAX(w, width_of(t->cells[r * t->n_columns + c].text));
        w = MAX(WIDTH_MIN, MIN(WIDTH_MAX, w));
        if (worksheet_set_column(ws, (lxw_col_t)c, (lxw_col_t)c, w, NULL) != LXW_NO_ERROR) return false;
    }
    return true;
}

/* '&' begins a command in headers and footers; the format takes 255 characters of them. */
static void footer_make(struct str mark, char dst[FOOT_MAX])
{
    char words[FOOT_MAX / 2];
    snprintf(words, sizeof words, "%.*s", (int)utf8_prefix(mark, 120), mark.p);
    for (char *c = words; *c; c++)
        if (*c == '&') *c = '+';
    snprintf(dst, FOOT_MAX, "&L&8%s&R&8&P / &N", words);
}

/* The library takes a header's picture by name only. */
static bool page_set(lxw_worksheet *ws, const struct xlsx_book *b, lxw_header_footer_options *picture)
{
    char foot[FOOT_MAX];
    footer_make(b->mark, foot);
    worksheet_set_landscape(ws);
    worksheet_set_paper(ws, 9); /* A4 */
    worksheet_fit_to_pages(ws, 1, 0);
    worksheet_set_margins(ws, 0.5, 0.5, 0.6, 0.7);
    worksheet_repeat_rows(ws, 1, 1);
    return worksheet_set_footer(ws, foot) == LXW_NO_ERROR &&
           worksheet_set_header_opt(ws, "&C&G", picture) == LXW_NO_ERROR &&
           worksheet_set_background_buffer(ws, (const unsigned char *)b->picture.p, b->picture.n) ==
               LXW_NO_ERROR;
}

static bool sheet_write(lxw_workbook *wb, const struct xlsx_book *b, const struct table *t,
                        const struct formats *f, lxw_header_footer_options *picture)
{
    lxw_worksheet *ws = workbook_add_worksheet(wb, t->title.p);
    const lxw_row_t last = ROW_FIRST + (lxw_row_t)t->n_rows;
    if (!ws || !page_set(ws, b, picture) || !widths_set(ws, t)) return false;
    bool good = text_write(ws, 0, 0, b->mark, f->mark);
    for (size_t c = 0; good && c < t->n_columns; c++)
        good = text_write(ws, 1, (lxw_col_t)c, t->heads[c], f->head);
    for (size_t i = 0; good && i < t->n_rows * t->n_columns; i++)
        good = cell_write(ws, ROW_FIRST + (lxw_row_t)(i / t->n_columns), (lxw_col_t)(i % t->n_columns),
                          &t->cells[i], f);
    if (good && t->n_rows && t->n_columns)
        good = worksheet_autofilter(ws, 1, 0, last - 1, (lxw_col_t)(t->n_columns - 1)) == LXW_NO_ERROR;
    worksheet_freeze_panes(ws, ROW_FIRST, 0);
    return good && text_write(ws, last + 1, 0, b->mark, f->mark);
}

/* A file that only this process can name. */
static int file_make(const char *what, struct str bytes, char name[32])
{
    const int fd = memfd_create(what, MFD_CLOEXEC);
    if (fd < 0) return -1;
    for (size_t at = 0; at < bytes.n;) {
        const ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n <= 0) {
            close(fd);
            return -1;
        }
        at += (size_t)n;
    }
    snprintf(name, 32, "/proc/self/fd/%d", fd);
    return fd;
}

static bool file_read(int fd, struct text *out)
{
    char buffer[16 * 1024];
    for (off_t at = 0;;) {
        const ssize_t n = pread(fd, buffer, sizeof buffer, at);
        if (n < 0) return false;
        if (n == 0) return !out->overflow;
        text_add(out, (struct str){buffer, (size_t)n});
        at += n;
    }
}

static bool book_write(const struct xlsx_book *b, const char *name, lxw_header_footer_options *picture)
{
    struct formats f;
    char title[200], author[200], mark[1000];
    snprintf(title, sizeof title, "%.*s", (int)utf8_prefix(b->title, 40), b->title.p);
    snprintf(author, sizeof author, "%.*s", (int)utf8_prefix(b->author, 40), b->author.p);
    snprintf(mark, sizeof mark, "%.*s", (int)utf8_prefix(b->mark, 200), b->mark.p);
    lxw_doc_properties about = {.title = title, .author = author, .comments = mark};
    lxw_workbook *wb = workbook_new(name);
    if (!wb) return false;
    bool good = formats_make(wb, &f) && workbook_set_properties(wb, &about) == LXW_NO_ERROR;
    for (size_t i = 0; good && i < b->n; i++) good = sheet_write(wb, b, &b->tables[i], &f, picture);
    return workbook_close(wb) == LXW_NO_ERROR && good; /* closing frees it in any case */
}

bool xlsx_write(const struct xlsx_book *b, struct text *out, const char **error_r)
{
    char name[32], picture_name[32];
    bool good = false;
    lxw_header_footer_options header = {.image_center = picture_name};
    const int picture = file_make("picture", b->picture, picture_name);
    const int file = picture < 0 ? -1 : file_make("workbook", STR_NONE, name);
    *error_r = "no room for a workbook";
    if (file >= 0) {
        *error_r = "the workbook could not be made";
        good = b->n > 0 && book_write(b, name, &header);
        if (good && !file_read(file, out)) {
            *error_r = "the workbook is too large";
            good = false;
        }
        close(file);
    }
    if (picture >= 0) close(picture);
    return good;
}
