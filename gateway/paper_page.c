/* Pages: the file, the area, where a page ends, what stands on each. */
#include "paper_part.h"
#include <cairo-pdf.h>
#include <math.h>

static const struct {
    const char *english, *chinese;
} faults[] = {
    [FAULT_LETTER] =
        {"no font on this machine has one of the letters; leave it out or install a font that has it",
         "本机没有一种字体包含其中某个字；请改用其他字，或者安装包含该字的字体"},
    [FAULT_FIELD] = {"one of the texts or lists is longer than can be printed", "其中一项内容过长，无法打印"},
    [FAULT_PAGES] = {"the paper would have more than 500 pages", "打印件超过500页"},
    [FAULT_BYTES] = {"the file would be larger than 64 MiB", "打印文件超过64兆字节"},
    [FAULT_TITLE] = {"the title is too long for the first page", "标题过长，首页排不下"},
    [FAULT_MISSING] = {"a title, an issuer or a number is missing, or a draft has a number",
                       "缺少标题、发文机关或者编号，或者拟稿带有文号"},
    [FAULT_DRAW] = {"the pages could not be drawn", "页面无法生成"},
};

static bool pass_run(struct paper_page *p, page_content *content);
static void page_begin(struct paper_page *p);
static void page_end(struct paper_page *p);
static void metadata_set(struct paper_page *p, cairo_pdf_metadata_t what, struct str words);

bool page_print(const struct page_plan *plan, page_content *content, const void *arg, struct text *out,
                struct paper_fault *fault)
{
    size_t before = out->n;
    struct paper_page p = {.plan = plan, .arg = arg, .out = out, .fault = fault};
    *fault = (struct paper_fault){0};
    if (plan->numbered) {
        p.dry = true;
        if (!pass_run(&p, content)) return false;
        p.total = p.n;
        p.dry = false;
    }
    if (pass_run(&p, content)) return true;
    out->n = before;
    out->overflow = false;
    return false;
}

void fault_set(struct paper_fault *fault, enum page_fault what, u32 letter)
{
    *fault = (struct paper_fault){letter, faults[what].english, faults[what].chinese};
}

void page_fail(struct paper_page *p, enum page_fault what, u32 letter)
{
    if (!p->failed) fault_set(p->fault, what, letter);
    p->failed = true;
}

/* Once over the content. A dry pass lays out all and draws nothing, so that "page 2 of 5" can be printed. */
static bool pass_run(struct paper_page *p, page_content *content)
{
    const struct page_plan *plan = p->plan;
    p->n = 0;
    p->forgiving = plan->forgiving;
    p->failed = false;
    p->surface = cairo_pdf_surface_create_for_stream(p->dry ? NULL : canvas_bytes, p->out,
                                                     plan->width / POINT_MM, plan->height / POINT_MM);
    metadata_set(p, CAIRO_PDF_METADATA_TITLE, plan->title);
    metadata_set(p, CAIRO_PDF_METADATA_AUTHOR, plan->author);
    /* cairo would read the clock: a file of today for a letter of last year, and no two files alike. */
    char made[INSTANT_TEXT_MAX];
    metadata_set(p, CAIRO_PDF_METADATA_CREATE_DATE,
                 (struct str){instant_text(plan->made, made), sizeof "2026-03-18T01:59:57" - 1});
    p->canvas = canvas_new(p->surface, 1 / POINT_MM);
    p->cr = canvas_cairo(p->canvas);
    p->context = canvas_context(p->canvas);
    page_begin(p);
    content(p, p->arg);
    page_end(p);
    canvas_free(p->canvas);
    cairo_surface_finish(p->surface);
    cairo_status_t status = cairo_surface_status(p->surface);
    cairo_surface_destroy(p->surface);
    if (p->out->overflow || status == CAIRO_STATUS_WRITE_ERROR)
        page_fail(p, FAULT_BYTES, 0);
    else if (status != CAIRO_STATUS_SUCCESS)
        page_fail(p, FAULT_DRAW, 0);
    return !p->failed;
}

static void page_begin(struct paper_page *p)
{
    const struct page_plan *plan = p->plan;
    p->n++;
    /* Printed on both sides, the binding of an even page is at its right (GB/T 9704-2012 5.2.1, 6.3). */
    double left = plan->mirrored && p->n % 2 == 0 ? plan->outer : plan->inner;
    p->left = left;
    p->right = left + plan->width - plan->inner - plan->outer;
    p->y = plan->top;
    p->bottom = plan->bottom;
    if (plan->begin) plan->begin(p, p->arg);
}

static void page_end(struct paper_page *p)
{
    if (p->plan->end) p->plan->end(p, p->arg);
    if (!p->dry) cairo_show_page(p->cr);
}

void page_break(struct paper_page *p)
{
    if (p->failed) return;
    if (p->n >= PAPER_PAGES_MAX) {
        page_fail(p, FAULT_PAGES, 0);
        return;
    }
    page_end(p);
    page_begin(p);
}

void page_need(struct paper_page *p, double height)
{
    /* A fresh page that cannot hold it holds as much as any other: breaking again would go on for ever. */
    if (p->y + height > p->bottom + 0.01 && p->y > p->plan->top) page_break(p);
}

void page_bar(struct paper_page *p, double x, double y, double w, double h, u32 rgb)
{
    if (p->dry || p->failed) return;
    cairo_set_source_rgb(p->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0);
    cairo_rectangle(p->cr, x, y, w, h);
    cairo_fill(p->cr);
}

void page_watermark(struct paper_page *p, const char *words, u32 rgb)
{
    if (p->dry || p->failed) return;
    const struct paper_style style = {FACE_HEI, 190, 70, false, rgb};
    cairo_save(p->cr);
    cairo_translate(p->cr, p->plan->width / 2, p->plan->height / 2);
    cairo_rotate(p->cr, -M_PI / 6);
    (void)text_put(p, str_of(words), &style, -100, -35, 200, PAPER_CENTRE);
    cairo_restore(p->cr);
}

static void metadata_set(struct paper_page *p, cairo_pdf_metadata_t what, struct str words)
{
    struct text clean;
    text_clean(p, words, false, &clean);
    if (clean.n) cairo_pdf_surface_set_metadata(p->surface, what, text_z(&clean));
    text_free(&clean);
}
