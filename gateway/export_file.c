/* The file itself: CSV with the mark in its first and last lines, or a workbook with the mark behind every page. */
#include "export.h"
#include "paper.h"
#include "core/csv.h"
#include "io/xlsx.h"
#include <stdio.h>

void export_mark_line(const struct export_mark *m, enum lang lang, struct text *line)
{
    char at[INSTANT_TEXT_MAX];
    instant_text_china(m->at, at);
    if (lang == LANG_EN)
        text_addf(
            line, "%.*s · exported by %.*s (%.*s) at %s · export no. %llu · internal, not to be passed on",
            STR_ARG(m->district), STR_ARG(m->person), STR_ARG(m->post), at, (unsigned long long)m->number);
    else
        text_addf(line, "%.*s · 导出人 %.*s（%.*s）· %s · 导出编号 %llu · 内部资料，不得外传",
                  STR_ARG(m->district), STR_ARG(m->person), STR_ARG(m->post), at,
                  (unsigned long long)m->number);
}

static void line_put(struct text *out, struct str words)
{
    struct text safe;
    text_init(&safe, words.n + 1);
    csv_defuse(words, &safe);
    csv_put(out, text_str(&safe), true);
    csv_end_row(out);
    text_free(&safe);
}

static struct table part_table(const struct export_rows *r, size_t i)
{
    const struct export_part *p = &r->spec->parts[i];
    return (struct table){.title = str_of(r->lang == LANG_EN ? p->en : p->zh),
                          .n_columns = r->parts[i].n_columns,
                          .n_rows = r->parts[i].n_rows,
                          .heads = r->parts[i].heads,
                          .cells = r->parts[i].cells};
}

static void csv_write(const struct export_rows *r, struct str mark, struct text *out)
{
    text_addz(out, "\xEF\xBB\xBF"); /* without it office programs take UTF-8 for the machine's own encoding */
    line_put(out, mark);
    for (size_t i = 0; i < r->n_parts; i++) {
        const struct table t = part_table(r, i);
        if (r->n_parts > 1) {
            csv_end_row(out);
            line_put(out, t.title);
        }
        for (size_t c = 0; c < t.n_columns; c++) csv_put(out, t.heads[c], c == 0);
        csv_end_row(out);
        for (size_t row = 0; row < t.n_rows; row++) {
            for (size_t c = 0; c < t.n_columns; c++)
                csv_put(out, t.cells[row * t.n_columns + c].text, c == 0);
            csv_end_row(out);
        }
    }
    line_put(out, mark);
}

static bool book_write(const struct export_rows *r, const struct export_mark *m, struct text *mark,
                       struct text *out, const char **error_r)
{
    struct table tables[EXPORT_TABLES_MAX];
    struct text picture, aslant, author;
    char at[INSTANT_TEXT_MAX];
    struct paper_fault fault;
    text_init(&picture, 4u << 20);
    text_init(&aslant, 1000);
    text_init(&author, 200);
    text_addf(&aslant, "%.*s · %.*s\n%s · No. %llu", STR_ARG(m->person), STR_ARG(m->post),
              instant_text_china(m->at, at), (unsigned long long)m->number);
    text_add(&author, m->person);
    for (size_t i = 0; i < r->n_parts; i++) tables[i] = part_table(r, i);
    bool good = paper_mark(text_str(&aslant), &picture, &fault);
    *error_r = good ? "" : fault.english;
    if (good) {
        const struct xlsx_book book = {
            .tables = tables,
            .n = r->n_parts,
            .title = str_of(r->lang == LANG_EN ? r->spec->en : r->spec->zh),
            .author = {text_z(&author), author.n},
            .mark = {text_z(mark), mark->n},
            .picture = text_str(&picture),
        };
        good = xlsx_write(&book, out, error_r);
    }
    text_free(&picture);
    text_free(&aslant);
    text_free(&author);
    return good;
}

bool export_file(const struct export_rows *r, const struct export_mark *m, enum export_format format,
                 struct text *out, const char **error_r)
{
    struct text mark;
    bool good = true;
    text_init(&mark, 2000);
    export_mark_line(m, r->lang, &mark);
    *error_r = "the file is too large";
    if (format == EXPORT_CSV)
        csv_write(r, text_str(&mark), out);
    else
        good = book_write(r, m, &mark, out, error_r);
    text_free(&mark);
    return good && !out->overflow;
}
