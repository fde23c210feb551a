#include "qr/face.h"
#include "qr/plaque.h"
#include "base/utf8.h"
#include <string.h>

#define RED     FACE_RED
#define GOLD    0xF4D58Du
#define GILT    0xC79A3Bu
#define INK     FACE_INK
#define GREY    0x555555u
#define WHITE   0xFFFFFFu
#define PAPER   0xF8F2E4u
#define MIDDLE  (FACE_WIDTH / 2)
#define LEADING 1.22 /* line to line, in em */

/* What a name can hold: one break place more than its points. */
#define POINTS_MAX FACE_UNIT_MAX
struct breaks {
    size_t n;
    size_t at[POINTS_MAX + 1];
    double upto[POINTS_MAX + 1];
    double cost[POINTS_MAX + 1];
};

static bool face_check(const struct plaque_face *face, const char **error_r);
static struct mark *mark_new(struct face_drawing *d, enum mark_kind kind);
static void box(struct face_drawing *d, double x, double y, double w, double h, double radius, u32 fill);
static void frame(struct face_drawing *d, double inset, double radius, u32 line, double line_width);
static void words(struct face_drawing *d, enum mark_anchor anchor, double x, double y, double w, double size,
                  enum mark_font font, u32 colour, struct str s);
static void name_block(struct face_drawing *d, const struct plaque_face *face);
static void heading(struct face_drawing *d, enum face_style style);
static void code_block(struct face_drawing *d, enum face_style style);
static void doors(struct face_drawing *d, enum face_style style);
static void number_block(struct face_drawing *d, const struct plaque_face *face, enum face_style style);
static void ways_block(struct face_drawing *d, const struct plaque_face *face, enum face_style style);
static void panel(struct face_drawing *d, enum face_style style, double x, double y, double w, double h,
                  u32 fill, u32 line);
static void breaks_find(struct str name, struct breaks *b);
static double point_width(u32 c);
static bool in_list(u32 c, struct str list);

bool face_draw(const struct plaque_face *face, enum face_style style, struct face_drawing *drawing_r,
               const char **error_r)
{
    struct face_drawing *d = drawing_r;
    d->n = 0;
    if (!face_check(face, error_r)) return false;
    if (!qr_code_make(face->url, &d->code)) {
        *error_r = "the plaque's address does not fit into a QR code";
        return false;
    }

    heading(d, style);
    name_block(d, face);
    code_block(d, style);
    doors(d, style);
    number_block(d, face, style);
    ways_block(d, face, style);
    frame(d, 2, 4, RED, 1.0);
    frame(d, 3.3, 3, style == FACE_PLATE ? RED : GILT, 0.25);
    return true;
}

static void heading(struct face_drawing *d, enum face_style style)
{
    const bool plate = style == FACE_PLATE;
    if (!plate) {
        box(d, 0, 0, FACE_WIDTH, FACE_HEIGHT, 0, WHITE);
        box(d, 2, 2, FACE_WIDTH - 4, 27, 4, RED);
        box(d, 2, 18, FACE_WIDTH - 4, 11, 0, RED); /* squares the lower corners of the band */
    }
    box(d, 2, 29, FACE_WIDTH - 4, plate ? 0.4 : 0.9, 0, plate ? RED : GILT);
    words(d, ANCHOR_MIDDLE, MIDDLE, 15.4, 100, plate ? 11 : 12, FONT_SERIF_BOLD, plate ? RED : GOLD,
          STR("码上督"));
    d->marks[d->n - 1].spacing = 5;
    words(d, ANCHOR_MIDDLE, MIDDLE, 25, 104, 6.8, FONT_SANS_BOLD, plate ? INK : WHITE,
          STR("优化营商环境监督牌"));
    d->marks[d->n - 1].spacing = 1.4;
}

static bool face_check(const struct plaque_face *face, const char **error_r)
{
    const struct {
        struct str s;
        size_t points;
        bool needed;
        const char *error;
    } rows[] = {
        {face->unit, FACE_UNIT_MAX, true, "the unit's full name is missing, too long or not readable text"},
        {face->window, FACE_WINDOW_MAX, false, "the window's name is too long or not readable text"},
        {face->issuer, FACE_ISSUER_MAX, true, "the issuer's name is missing, too long or not readable text"},
        {face->sms_number, FACE_SMS_MAX, false, "the SMS number is too long or not readable text"},
        {face->url, QR_CODE_BYTES_MAX, true,
         "the plaque's address is missing, too long or not readable text"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str s = rows[i].s;
        bool fine = utf8_valid(s) && utf8_count(s) <= rows[i].points && (s.n > 0 || !rows[i].needed);
        for (size_t k = 0; fine && k < s.n; k++) fine = (u8)s.p[k] >= ' ' && s.p[k] != 0x7F;
        if (!fine) {
            *error_r = rows[i].error;
            return false;
        }
    }
    char number[PLAQUE_NUMBER_MAX];
    unsigned version;
    if (!plaque_number_parse(face->number, number) || !str_eq(str_of(number), face->number)) {
        *error_r = "the plaque's number is not a plaque number";
        return false;
    }
    if (!plaque_tag_version(face->tag, &version)) {
        *error_r = "the plaque's tag is not a tag";
        return false;
    }
    char tail[4 + PLAQUE_NUMBER_MAX + PLAQUE_TAG_MAX] = "/p/";
    size_t n = 3 + face->number.n;
    memcpy(tail + 3, face->number.p, face->number.n);
    tail[n++] = '-';
    memcpy(tail + n, face->tag.p, face->tag.n);
    n += face->tag.n;
    bool web = str_starts(face->url, STR("https://")) || str_starts(face->url, STR("http://"));
    if (!web || !str_ends(face->url, (struct str){tail, n})) {
        *error_r = "the plaque's address does not end in its own number and tag";
        return false;
    }
    return true;
}

/* The unit's name as large as it gets, and under it the window. Without a window the name takes the whole block. */
static void name_block(struct face_drawing *d, const struct plaque_face *face)
{
    size_t ends[FACE_LINES_MAX], from = 0;
    double size, top = 31.9, height = face->window.n ? 13.4 : 18.6;
    size_t lines = face_wrap(face->unit, 104, height, 10.5, ends, &size);
    /* Chinese signs fill the em from 0.88 above the baseline to 0.12 below it. */
    double y = top + (height - (double)lines * size * LEADING) / 2 + size * (LEADING - 1) / 2 + size * 0.88;
    for (size_t i = 0; i < lines; i++, y += size * LEADING) {
        struct str line = {face->unit.p + from, ends[i] - from};
        words(d, ANCHOR_MIDDLE, MIDDLE, y, 104, size, FONT_SERIF_BOLD, INK, line);
        from = ends[i];
    }
    if (face->window.n) words(d, ANCHOR_MIDDLE, MIDDLE, 49.4, 104, 4.6, FONT_SANS, RED, face->window);
}

/* The code with brackets just outside its quiet zone: they say "point here" and take nothing from it. */
static void code_block(struct face_drawing *d, enum face_style style)
{
    const double side = 56, x = MIDDLE - side / 2, y = 53.2, thick = 0.9, arm = 5, away = 0.4;
    struct mark *code = mark_new(d, MARK_CODE);
    code->x = x, code->y = y, code->w = code->h = side;
    for (int corner = 0; corner < 4; corner++) {
        bool right = corner % 2, low = corner / 2;
        double bx = right ? x + side + away : x - away - thick, by = low ? y + side + away : y - away - thick;
        box(d, right ? bx + thick - arm : bx, by, arm, thick, 0, RED);
        box(d, bx, low ? by + thick - arm : by, thick, arm, 0, RED);
    }
    words(d, ANCHOR_MIDDLE, MIDDLE, 112.9, 52, 2.8, FONT_SANS, style == FACE_PLATE ? INK : GREY,
          STR("扫码后请核对页面上的单位名称和编号"));
}

static void doors(struct face_drawing *d, enum face_style style)
{
    static const struct {
        struct str word;
        u32 colour;
    } rows[] = {
        {{"评价", 6}, 0x1D5F99}, {{"监督", 6}, 0x2B6E45}, {{"举报", 6}, RED}, {{"询问", 6}, 0x8A5A00}};
    double w = 24.5, gap = 2, x = MIDDLE - (4 * w + 3 * gap) / 2;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++, x += w + gap) {
        panel(d, style, x, 115, w, 8.2, rows[i].colour, RED);
        words(d, ANCHOR_MIDDLE, x + w / 2, 121, w - 2, 5.2, FONT_SANS_BOLD, style == FACE_PLATE ? INK : WHITE,
              rows[i].word);
        d->marks[d->n - 1].spacing = 1.2;
    }
}

/* The number for people without a camera. */
static void number_block(struct face_drawing *d, const struct plaque_face *face, enum face_style style)
{
    char number[PLAQUE_NUMBER_MAX], grouped[PLAQUE_GROUPED_MAX];
    ASSERT(plaque_number_parse(face->number, number));
    plaque_number_grouped(number, grouped);
    /* Label and digits side by side, centred as one. */
    const double size = 11, label = 3.6, gap = 4.5;
    struct str digits = str_of(grouped), said = STR("监督牌编号");
    double wide = face_text_width(said) * label + gap + face_text_width(digits) * size;
    panel(d, style, MIDDLE - 52, 124.8, 104, 11, PAPER, INK);
    words(d, ANCHOR_START, MIDDLE - wide / 2, 131.7, 24, label, FONT_SANS, style == FACE_PLATE ? INK : GREY,
          said);
    words(d, ANCHOR_END, MIDDLE + wide / 2, 134.4, 72, size, FONT_SANS_BOLD, INK, digits);
}

/* How to use it, in both scripts and in English. SMS is promised only where a number for it is configured. */
static void ways_block(struct face_drawing *d, const struct plaque_face *face, enum face_style style)
{
    static const struct {
        const char *sms, *web;
        double y, size;
        enum mark_font font;
    } rows[] = {{"扫码，或发短信“编号＋内容”到 ", "扫码，或打开下方网址输入编号", 140.8, 4.1, FONT_SANS_BOLD},
                {"掃碼，或發短信「編號＋內容」到 ", "掃碼，或打開下方網址輸入編號", 145, 3.2, FONT_SANS},
                {"Scan the code, or text the number and your words to ",
                 "Scan the code, or type the number at the address below", 148.5, 2.7, FONT_SANS}};
    const u32 soft = style == FACE_PLATE ? INK : GREY;
    struct text line;
    text_init(&line, MARK_TEXT_MAX - 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        text_clear(&line);
        text_addz(&line, face->sms_number.n ? rows[i].sms : rows[i].web);
        text_add(&line, face->sms_number);
        words(d, ANCHOR_MIDDLE, MIDDLE, rows[i].y, 106, rows[i].size, rows[i].font, i ? soft : RED,
              text_str(&line));
    }
    words(d, ANCHOR_MIDDLE, MIDDLE, 151.8, 106, 2.5, FONT_SANS, soft, face->url);
    text_clear(&line);
    text_add(&line, face->issuer);
    text_addz(&line, "　制发");
    words(d, ANCHOR_MIDDLE, MIDDLE, 155.6, 106, 3, FONT_SANS, INK, text_str(&line));
    text_free(&line);
}

static struct mark *mark_new(struct face_drawing *d, enum mark_kind kind)
{
    ASSERT(d->n < MARKS_MAX);
    struct mark *m = &d->marks[d->n++];
    *m = (struct mark){.kind = kind, .fill = COLOUR_NONE, .line = COLOUR_NONE};
    return m;
}

static void box(struct face_drawing *d, double x, double y, double w, double h, double radius, u32 fill)
{
    struct mark *m = mark_new(d, MARK_BOX);
    m->x = x, m->y = y, m->w = w, m->h = h, m->radius = radius, m->fill = fill;
}

/* A field behind words: filled on paper, on metal only its edge. */
static void panel(struct face_drawing *d, enum face_style style, double x, double y, double w, double h,
                  u32 fill, u32 line)
{
    box(d, x, y, w, h, 1.6, style == FACE_PLATE ? COLOUR_NONE : fill);
    if (style != FACE_PLATE) return;
    d->marks[d->n - 1].line = line;
    d->marks[d->n - 1].line_width = 0.4;
}

static void frame(struct face_drawing *d, double inset, double radius, u32 line, double line_width)
{
    struct mark *m = mark_new(d, MARK_BOX);
    m->x = m->y = inset;
    m->w = FACE_WIDTH - 2 * inset;
    m->h = FACE_HEIGHT - 2 * inset;
    m->radius = radius, m->line = line, m->line_width = line_width;
}

static void words(struct face_drawing *d, enum mark_anchor anchor, double x, double y, double w, double size,
                  enum mark_font font, u32 colour, struct str s)
{
    struct mark *m = mark_new(d, MARK_TEXT);
    ASSERT(s.n < MARK_TEXT_MAX);
    m->anchor = anchor, m->x = x, m->y = y, m->w = w, m->font = font, m->fill = colour;
    m->size = MIN(size, w / MAX(face_text_width(s), 1.0));
    memcpy(m->text, s.p, s.n);
    m->text[s.n] = '\0';
}

double face_text_width(struct str s)
{
    double w = 0;
    for (size_t at = 0; at < s.n;) {
        i64 c = utf8_next(s, &at);
        w += c < 0 ? 1 : point_width((u32)c);
    }
    return w;
}

size_t face_wrap(struct str name, double width, double height, double size, size_t ends_r[FACE_LINES_MAX],
                 double *size_r)
{
    struct breaks b;
    size_t best_lines = 1;
    double best_score = 0, best_size = 0;
    breaks_find(name, &b);
    ends_r[0] = name.n;
    /* Every pair of break places is tried: a name has at most 60, so that is 1800 cheap steps. first == second
     * == last stands for one line, second == last for two. */
    size_t last = b.n - 1;
    for (size_t first = 1; first <= last; first++)
        for (size_t second = first; second <= last; second++) {
            if (second == first && first != last) continue;
            size_t lines = first == last ? 1 : second == last ? 2 : 3;
            double widest = MAX(b.upto[first], b.upto[second] - b.upto[first]);
            widest = MAX(MAX(widest, b.upto[last] - b.upto[second]), 1.0);
            double em = MIN(MIN(size, width / widest), height / ((double)lines * LEADING));
            /* A break in a bad place costs its part of the size, an extra line a little. */
            double score = em - 0.02 * size * (double)lines;
            if (lines > 1) score -= em * b.cost[first];
            if (lines > 2) score -= em * b.cost[second];
            /* Of equal sizes the more balanced: shorter widest line. */
            score -= 0.002 * widest;
            if (score <= best_score) continue;
            best_score = score, best_size = em, best_lines = lines;
            ends_r[0] = b.at[first], ends_r[1] = b.at[second], ends_r[2] = b.at[last];
        }
    *size_r = best_size;
    return best_lines;
}

/* All places where a line may end, from 0 (the start) to the end of the name. */
static void breaks_find(struct str name, struct breaks *b)
{
    const struct str closing = STR("）】》」』”’、，。；：！？·)]>,.;:!?-");
    const struct str opening = STR("（【《「『“‘([<");
    const struct str ends_word = STR("局会院府办室心处队所站厅校司庭道镇乡村");
    const struct str pairs_open = STR("（【《「『“([");
    const struct str pairs_close = STR("）】》」』”)]");
    double w = 0;
    int depth = 0;
    u32 before = 0;
    *b = (struct breaks){.n = 1};
    for (size_t at = 0; at < name.n;) {
        size_t from = at;
        i64 c = utf8_next(name, &at);
        bool latin = before > ' ' && before < 0x250 && c > ' ' && c < 0x250;
        if (from > 0 && b->n < POINTS_MAX && !latin && !in_list((u32)c, closing) &&
            !in_list(before, opening)) {
            b->at[b->n] = from;
            b->upto[b->n] = w;
            b->cost[b->n] = in_list(before, ends_word) && !in_list((u32)c, ends_word) ? 0 : 0.125;
            b->cost[b->n] += 0.2 * depth; /* what stands in brackets or quotes belongs together */
            b->n++;
        }
        if (in_list((u32)c, pairs_open)) depth++;
        if (in_list((u32)c, pairs_close) && depth > 0) depth--;
        w += point_width((u32)c);
        before = (u32)c;
    }
    b->at[b->n] = name.n;
    b->upto[b->n] = w;
    b->cost[b->n] = 0;
    b->n++;
}

static double point_width(u32 c)
{
    if (c == ' ' || c == '.' || c == ':' || c == '/' || c == 'i' || c == 'l') return 0.35;
    if (c == 'm' || c == 'w' || c == 'M' || c == 'W' || c == '@' || c == '%') return 0.95;
    return c < 0x250 ? 0.62 : 1.0;
}

static bool in_list(u32 c, struct str list)
{
    for (size_t at = 0; at < list.n;)
        if (utf8_next(list, &at) == (i64)c) return true;
    return false;
}
