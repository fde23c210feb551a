/* Looks at printed papers with readers that are not ours: pdftotext, pdffonts, pdfinfo, pdftoppm. Needs poppler-utils. */
#pragma once
#include "base/utf8.h"
#include "folder_rig.h"
#include "paper.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define MM          (72 / 25.4) /* points to a millimetre: pdftotext measures in points */
#define PICTURE_DPI 254         /* ten dots to a millimetre */

/* Prints with one of the four printers into x.pdf of the folder. */
#define RIG_PRINT(print, paper)                                                                              \
    do {                                                                                                     \
        struct text file_;                                                                                   \
        struct paper_fault fault_ = {0};                                                                     \
        text_init(&file_, PAPER_BYTES_MAX);                                                                  \
        bool fine_ = print((paper), &file_, &fault_);                                                        \
        if (!fine_) print_message("%s U+%04X\n", fault_.english, fault_.letter);                             \
        assert_true(fine_);                                                                                  \
        folder_put("x.pdf", &file_);                                                                         \
        text_free(&file_);                                                                                   \
    } while (0)

static inline int rig_pages(void) { return atoi(folder_run("pdfinfo x.pdf | sed -n 's/^Pages: *//p'")); }

/* The words of a page (0: of all) in the order they were drawn; without blanks and line feeds when `packed`. */
static inline const char *rig_text(int page, bool packed)
{
    char command[128];
    snprintf(command, sizeof command, "pdftotext -raw -f %d -l %d x.pdf - %s", MAX(page, 1),
             page ? page : PAPER_PAGES_MAX, packed ? "| tr -d ' \\n\\f'" : "");
    return folder_run(command);
}

static inline size_t rig_count(const char *hay, const char *needle)
{
    size_t n = 0;
    for (const char *at = hay; (at = strstr(at, needle)); at += strlen(needle)) n++;
    return n;
}

struct rig_word {
    double left, top, right, bottom; /* mm */
    char text[256];
};
/* The words of a page with their places; how many. */
static inline size_t rig_words(int page, struct rig_word *words, size_t max)
{
    char command[64];
    size_t n = 0;
    snprintf(command, sizeof command, "pdftotext -bbox -f %d -l %d x.pdf -", page, page);
    for (const char *at = folder_run(command); n < max && (at = strstr(at, "<word ")); at++) {
        struct rig_word *w = &words[n];
        assert_int_equal(sscanf(at, "<word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\">%255[^<]",
                                &w->left, &w->top, &w->right, &w->bottom, w->text),
                         5);
        w->left /= MM, w->top /= MM, w->right /= MM, w->bottom /= MM;
        n++;
    }
    return n;
}

static inline const struct rig_word *rig_word_find(const struct rig_word *words, size_t n, const char *part)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(words[i].text, part)) return &words[i];
    print_message("not on the page: %s\n", part);
    fail();
    return NULL;
}

struct rig_picture {
    int width, height;
    u8 *rgb;
};
static inline struct rig_picture rig_picture_of(int page)
{
    char command[128], path[128];
    struct rig_picture pic = {0};
    snprintf(command, sizeof command, "pdftoppm -r %d -f %d -l %d -singlefile x.pdf x", PICTURE_DPI, page,
             page);
    (void)folder_run(command);
    snprintf(path, sizeof path, "%s/x.ppm", folder);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "P6 %d %d 255", &pic.width, &pic.height), 2);
    assert_int_equal(fgetc(f), '\n');
    size_t n = (size_t)pic.width * (size_t)pic.height * 3;
    pic.rgb = mem_alloc(n);
    assert_int_equal(fread(pic.rgb, 1, n, f), n);
    fclose(f);
    return pic;
}

struct rig_span {
    double from, to; /* mm; to < from: no red there */
};
/* Where the red ink of a row of dots begins and ends, and how much of it is red. */
static inline struct rig_span rig_red(const struct rig_picture *pic, int row, double *inked_r)
{
    int from = pic->width, to = -1, n = 0;
    for (int x = 0; x < pic->width; x++) {
        const u8 *c = pic->rgb + 3 * ((size_t)row * (size_t)pic->width + (size_t)x);
        if (c[0] < 200 || c[1] > 140 || c[2] > 140) continue;
        from = MIN(from, x), to = x, n++;
    }
    *inked_r = n / 10.0;
    return (struct rig_span){from / 10.0, (to + 1) / 10.0};
}

/* All fonts of the file are embedded, as subsets, and their letters can be read back. */
static inline void rig_fonts_embedded(size_t at_least)
{
    const char *fonts = folder_run("pdffonts x.pdf | tail -n +3 | awk '{print $(NF-4) $(NF-3) $(NF-2)}'");
    size_t lines = rig_count(fonts, "\n");
    assert_true(lines >= at_least);
    assert_int_equal(rig_count(fonts, "yesyesyes\n"), lines);
}
