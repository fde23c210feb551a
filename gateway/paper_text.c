/* Words on a page: cleaned, set in the faces of the standard, broken into lines, drawn line by line. */
#include "paper_part.h"
#include "base/utf8.h"
#include <math.h>
#include <string.h>

#define UNKNOWN_MAX   512 /* different letters without a font found in one round */
#define UNKNOWN_TRIES 8
#define HEADING_CHARS 40   /* a level heading that runs on ends at a full stop within so many letters */
#define STRETCH_MAX   0.15 /* of the width; a line with more to fill stays ragged */

/* The standard's own fonts first: a district that has bought them gets them. Then what Debian 12 has: LXGW WenKai for
 * 楷体 (AR PL UKai sets smaller, with its full stops in the middle), and Song for 仿宋, since its one free FangSong,
 * fonts-cwtex-fs, has traditional letters only. */
static const struct {
    const char *families;
    PangoWeight weight;
} faces[] = {
    [FACE_SONG] = {"FangSong_GB2312,FangSong,Noto Serif CJK SC,Source Han Serif SC,Noto Sans CJK SC,serif",
                   PANGO_WEIGHT_NORMAL},
    [FACE_SONG_BOLD] = {"FZXiaoBiaoSong-B05S,Noto Serif CJK SC,Source Han Serif SC,Noto Sans CJK SC,serif",
                        PANGO_WEIGHT_BOLD},
    [FACE_HEI] = {"Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Zen Hei,sans-serif", PANGO_WEIGHT_BOLD},
    [FACE_KAI] = {"KaiTi_GB2312,KaiTi,LXGW WenKai,AR PL UKai CN,Noto Serif CJK SC,serif",
                  PANGO_WEIGHT_NORMAL},
};

static bool letter_invisible(u32 c);
static void style_apply(PangoAttrList *list, const struct paper_style *style, guint from, guint to);
static size_t unknown_find(PangoLayout *layout, u32 *letters);
static u32 letter_source(struct str words, size_t at, u32 letter);
static void unknown_spell(struct str words, const u32 *letters, size_t n, size_t *lead_bytes,
                          struct text *spelt);
static void line_stretch(PangoLayoutLine *line, const char *words, double missing);
static size_t heading_bytes(struct str paragraph, enum paper_face *face_r);

void text_clean(struct paper_page *p, struct str raw, bool lines, struct text *clean)
{
    text_init(clean, PAPER_TEXT_MAX);
    if (raw.n > PAPER_TEXT_MAX) {
        page_fail(p, FAULT_FIELD, 0);
        return;
    }
    bool blank = false;
    for (size_t at = 0; at < raw.n;) {
        i64 next = utf8_next(raw, &at);
        u32 c = next < 0 ? 0 : (u32)next;
        if (c == 0x2028 || c == 0x2029) c = '\n';
        if (c == '\n' && lines) {
            if (clean->n && clean->p[clean->n - 1] != '\n') text_addc(clean, '\n');
            blank = false;
        } else if (c == '\n' || c == '\t' || c == ' ' || c == 0xA0 || c == 0x3000) {
            blank = true;
        } else if (!letter_invisible(c)) {
            if (blank && clean->n && clean->p[clean->n - 1] != '\n') text_addc(clean, ' ');
            blank = false;
            utf8_put(clean, c);
        }
    }
    while (clean->n && clean->p[clean->n - 1] == '\n') clean->n--;
}

/* Controls; what turns the direction of writing; what shows nothing and so could hide something. */
static bool letter_invisible(u32 c)
{
    static const u32 ranges[][2] = {
        {0, 0x1F},        {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},    {0x61C, 0x61C},
        {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},  {0x202A, 0x202E},
        {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0},
        {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (c >= ranges[i][0] && c <= ranges[i][1]) return true;
    return false;
}

PangoLayout *text_layout(struct paper_page *p, struct str words, const struct paper_style *style,
                         const struct paper_style *lead, size_t lead_bytes, double width, double indent)
{
    if (p->failed) return NULL;
    struct text spelt;
    text_init(&spelt, PAPER_TEXT_MAX * 4);
    PangoLayout *layout = pango_layout_new(p->context);
    /* Letters fill the area to a hundredth of a millimetre: without the tenth, rounding would move the 28th on. */
    pango_layout_set_width(layout, (int)lround((width + 0.1) * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_indent(layout, (int)lround(indent * PANGO_SCALE));
    pango_layout_set_auto_dir(layout, FALSE);
    for (int tries = 0;; tries++) {
        pango_layout_set_text(layout, words.n ? words.p : "", (int)words.n);
        PangoAttrList *attributes = pango_attr_list_new();
        guint split = lead ? (guint)lead_bytes : 0;
        if (split) style_apply(attributes, lead, 0, split);
        style_apply(attributes, style, split, PANGO_ATTR_INDEX_TO_TEXT_END);
        pango_layout_set_attributes(layout, attributes);
        pango_attr_list_unref(attributes);
        u32 letters[UNKNOWN_MAX];
        size_t n = unknown_find(layout, letters);
        if (n == 0) break;
        if (!p->forgiving || tries == UNKNOWN_TRIES) {
            page_fail(p, FAULT_LETTER, letters[0]);
            g_object_unref(layout);
            layout = NULL;
            break;
        }
        struct text next;
        text_init(&next, PAPER_TEXT_MAX * 4);
        unknown_spell(words, letters, n, &lead_bytes, &next);
        text_free(&spelt);
        spelt = next;
        words = text_str(&spelt);
    }
    text_free(&spelt);
    return layout;
}

static void style_apply(PangoAttrList *list, const struct paper_style *style, guint from, guint to)
{
    PangoFontDescription *font = pango_font_description_new();
    double size = style->points * POINT_MM;
    pango_font_description_set_family_static(font, faces[style->face].families);
    pango_font_description_set_weight(font, faces[style->face].weight);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    PangoAttribute *all[] = {
        pango_attr_font_desc_new(font),
        pango_attr_foreground_new((guint16)((style->rgb >> 16 & 255) * 257),
                                  (guint16)((style->rgb >> 8 & 255) * 257),
                                  (guint16)((style->rgb & 255) * 257)),
        style->gridded ? pango_attr_letter_spacing_new((int)lround((CHAR_ADVANCE - size) * PANGO_SCALE))
                       : NULL,
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (!all[i]) continue;
        all[i]->start_index = from;
        all[i]->end_index = to;
        pango_attr_list_insert(list, all[i]);
    }
    pango_font_description_free(font);
}

/* The letters no font has, each once; at most UNKNOWN_MAX of them. */
static size_t unknown_find(PangoLayout *layout, u32 *letters)
{
    size_t n = 0;
    struct str words = str_of(pango_layout_get_text(layout));
    if (pango_layout_get_unknown_glyphs_count(layout) == 0) return 0;
    for (GSList *l = pango_layout_get_lines_readonly(layout); l; l = l->next)
        for (GSList *r = ((PangoLayoutLine *)l->data)->runs; r; r = r->next) {
            const PangoGlyphItem *run = r->data;
            const PangoGlyphString *glyphs = run->glyphs;
            for (int i = 0; i < glyphs->num_glyphs && n < UNKNOWN_MAX; i++) {
                PangoGlyph g = glyphs->glyphs[i].glyph;
                if (!(g & PANGO_GLYPH_UNKNOWN_FLAG) || g == PANGO_GLYPH_INVALID_INPUT) continue;
                u32 letter = letter_source(words, (size_t)run->item->offset + (size_t)glyphs->log_clusters[i],
                                           g & ~PANGO_GLYPH_UNKNOWN_FLAG);
                size_t k = 0;
                while (k < n && letters[k] != letter) k++;
                if (k == n) letters[n++] = letter;
            }
        }
    if (n == 0) letters[n++] = 0xFFFD;
    return n;
}

/* Fonts may have taken a letter apart (Thai U+0E33 into U+0E4D and U+0E32): what is to be spelt is what was written. */
static u32 letter_source(struct str words, size_t at, u32 letter)
{
    struct text written;
    text_init(&written, 8);
    utf8_put(&written, letter);
    if (str_find(words, text_str(&written)) == SIZE_MAX) {
        i64 c = utf8_next(words, &at);
        if (c > 0) letter = (u32)c;
    }
    text_free(&written);
    return letter;
}

static void unknown_spell(struct str words, const u32 *letters, size_t n, size_t *lead_bytes,
                          struct text *spelt)
{
    size_t lead = *lead_bytes;
    for (size_t at = 0; at < words.n;) {
        size_t from = at, k = 0;
        i64 c = utf8_next(words, &at);
        while (k < n && letters[k] != (u32)c) k++;
        if (k < n)
            text_addf(spelt, "〔U+%04X〕", (unsigned)c);
        else
            text_add(spelt, (struct str){words.p + from, at - from});
        if (at == lead) *lead_bytes = spelt->n;
    }
}

double text_line_width(PangoLayout *layout, int line)
{
    PangoRectangle logical;
    pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, line), NULL, &logical);
    return (double)logical.width / PANGO_SCALE;
}

void text_line_draw(struct paper_page *p, PangoLayout *layout, int line, const struct paper_style *style,
                    double x, double y, double width, enum paper_align align, bool justify)
{
    if (p->dry || p->failed) return;
    PangoLayoutLine *l = pango_layout_get_line(layout, line);
    PangoLayoutLine *after = pango_layout_get_line_readonly(layout, line + 1);
    double indent = l->is_paragraph_start ? (double)pango_layout_get_indent(layout) / PANGO_SCALE : 0;
    double missing = width - indent - text_line_width(layout, line);
    if (align == PAPER_RIGHT) x += missing;
    if (align == PAPER_CENTRE) x += missing / 2;
    if (align == PAPER_LEFT) x += indent;
    if (justify && after && !after->is_paragraph_start && missing > 0 && missing < width * STRETCH_MAX)
        line_stretch(l, pango_layout_get_text(layout), missing);
    /* The middle of a Chinese letter is 0.38 of its size above the baseline (0.88 above, 0.12 below). */
    cairo_move_to(p->cr, x, y + style->line / 2 + 0.38 * style->points * POINT_MM);
    cairo_set_source_rgb(p->cr, 0, 0, 0);
    pango_cairo_show_layout_line(p->cr, l);
}

/* Spreads what is missing to a full line behind its Chinese letters; pango alone would give all of it to the blanks. */
static void line_stretch(PangoLayoutLine *line, const char *words, double missing)
{
    for (int pass = 0, wide = 0; pass < 2; pass++) {
        int extra = wide > 1 ? (int)(missing * PANGO_SCALE / (wide - 1)) : 0, left = wide - 1;
        for (GSList *r = line->runs; r; r = r->next) {
            PangoGlyphItem *run = r->data;
            for (int i = 0; i < run->glyphs->num_glyphs; i++) {
                unsigned char first = (unsigned char)words[run->item->offset + run->glyphs->log_clusters[i]];
                if (first < 0xE3) continue; /* U+3000 and on: Chinese letters and their signs */
                if (pass == 0)
                    wide++;
                else if (left-- > 0)
                    run->glyphs->glyphs[i].geometry.width += extra;
            }
        }
    }
}

double text_put(struct paper_page *p, struct str words, const struct paper_style *style, double x, double y,
                double width, enum paper_align align)
{
    struct text clean;
    text_clean(p, words, false, &clean);
    PangoLayout *layout = text_layout(p, text_str(&clean), style, NULL, 0, 10000, 0);
    double taken = layout ? text_line_width(layout, 0) : 0;
    /* What does not fit in its place would be lost, or stand over something else. */
    if (taken > width + 0.1 || (layout && pango_layout_get_line_count(layout) > 1))
        page_fail(p, FAULT_FIELD, 0);
    if (layout) text_line_draw(p, layout, 0, style, x, y, width, align, false);
    if (layout) g_object_unref(layout);
    text_free(&clean);
    return taken;
}

void text_flow(struct paper_page *p, struct str words, const struct paper_style *style,
               const struct paper_style *lead, size_t lead_bytes, double indent, double follows)
{
    double width = p->right - p->left;
    PangoLayout *layout = text_layout(p, words, style, lead, lead_bytes, width, indent);
    int n = layout ? pango_layout_get_line_count(layout) : 0;
    for (int i = 0; i < n && !p->failed; i++) {
        bool last_two = i == MAX(n - 2, 0);
        page_need(p, last_two && follows > 0 ? style->line * (n - i) + follows : style->line);
        text_line_draw(p, layout, i, style, p->left, p->y, width, PAPER_LEFT, true);
        p->y += style->line;
    }
    if (layout) g_object_unref(layout);
}

void text_body(struct paper_page *p, struct str raw, double follows)
{
    const struct paper_style body = STYLE_BODY;
    struct text clean;
    text_clean(p, raw, true, &clean);
    struct str rest = text_str(&clean), paragraph;
    while (rest.n && !p->failed) {
        struct paper_style lead = body;
        str_cut(rest, '\n', &paragraph, &rest);
        size_t lead_bytes = heading_bytes(paragraph, &lead.face);
        /* A heading alone on its line must not be the last of a page, nor lose its words to the page that the
         * signature draws them to. */
        double keep = rest.n ? 0 : follows;
        if (lead_bytes == paragraph.n && rest.n) {
            double lines = ceil((double)(utf8_count(rest) + 2) / LINE_CHARS);
            bool drawn = str_find(rest, STR("\n")) == SIZE_MAX && lines <= 2;
            keep = drawn ? (lines + 1) * body.line + follows : body.line;
        }
        text_flow(p, paragraph, &body, &lead, lead_bytes, 2 * CHAR_ADVANCE, keep);
    }
    text_free(&clean);
}

/* GB/T 9704-2012 7.3.3: 一、 in 黑体, （一） in 楷体, 1. and （1） as the body. A heading ends at its full stop; words
 * behind it are body. Bytes of the heading, 0 when the paragraph has none. */
static size_t heading_bytes(struct str paragraph, enum paper_face *face_r)
{
    static const char numerals[] = "一二三四五六七八九十百";
    struct str rest = paragraph;
    bool bracket = str_starts(rest, STR("（"));
    if (bracket) rest = (struct str){rest.p + 3, rest.n - 3};
    size_t at = 0, n = 0;
    while (at + 3 <= rest.n && memmem(numerals, sizeof numerals - 1, rest.p + at, 3)) at += 3, n++;
    struct str behind = {rest.p + at, rest.n - at};
    if (n == 0 || n > 3 || !str_starts(behind, bracket ? STR("）") : STR("、"))) return 0;
    *face_r = bracket ? FACE_KAI : FACE_HEI;
    size_t stop = str_find(paragraph, STR("。"));
    size_t limit = utf8_prefix(paragraph, HEADING_CHARS);
    if (stop != SIZE_MAX && stop + 3 <= limit) return stop + 3;
    return limit == paragraph.n ? paragraph.n : 0;
}

void text_balanced(struct paper_page *p, struct str raw, const struct paper_style *style, double width,
                   int lines_max)
{
    struct text clean;
    text_clean(p, raw, false, &clean);
    PangoLayout *layout = text_layout(p, text_str(&clean), style, NULL, 0, width, 0);
    int n = layout ? pango_layout_get_line_count(layout) : 0;
    if (n > lines_max) page_fail(p, FAULT_TITLE, 0);
    if (n > 1 && !p->failed) {
        /* The narrowest width that needs no further line makes the lines most alike. */
        double wide = width, narrow = width / n;
        for (int tries = 0; tries < 12; tries++) {
            double middle = (wide + narrow) / 2;
            pango_layout_set_width(layout, (int)lround(middle * PANGO_SCALE));
            if (pango_layout_get_line_count(layout) > n)
                narrow = middle;
            else
                wide = middle;
        }
        pango_layout_set_width(layout, (int)lround(wide * PANGO_SCALE));
        n = pango_layout_get_line_count(layout);
    }
    for (int i = 0; i < n && !p->failed; i++) {
        page_need(p, style->line);
        text_line_draw(p, layout, i, style, p->left, p->y, p->right - p->left, PAPER_CENTRE, false);
        p->y += style->line;
    }
    if (layout) g_object_unref(layout);
    text_free(&clean);
}
