#include "core/redact.h"
#include "base/utf8.h"
#include "core/glyph.h"
#include "core/redact_part.h"

static const struct {
    const char *word, *zh;
} kinds[] = {
#define X(id, word, zh) {word, zh},
    REDACT_KINDS(X)
#undef X
};

const char *redact_word(enum redact_kind k)
{
    ASSERT((unsigned)k < REDACT_KINDS_N);
    return kinds[k].word;
}

const char *redact_chinese(enum redact_kind k)
{
    ASSERT((unsigned)k < REDACT_KINDS_N);
    return kinds[k].zh;
}

struct finds {
    struct redact_span *spans;
    size_t n, max;
};

/* An e-mail address may begin with what was already taken for a number: the longer find swallows the shorter. */
static void add(struct finds *f, struct redact_span span)
{
    while (f->n && f->spans[f->n - 1].end > span.start) {
        span.start = MIN(span.start, f->spans[f->n - 1].start);
        span.end = MAX(span.end, f->spans[f->n - 1].end);
        f->n--;
    }
    f->spans[f->n++] = span;
}

enum { MAY_HANDLE = 1, MAY_PLATE = 2, MAY_ADDRESS = 4, MAY_NAME = 8 };

/* First characters of every word that the finders look for: most characters of a text are passed over here.
 * tests/unit/test_redact.c has a row for each word, so one that is missing here is noticed. */
static unsigned may_begin(u32 c)
{
    switch (c) {
    case U'微':
    case U'加':
    case U'薇':
    case U'威':
    case U'徽':
    case U'w':
    case U'v':
    case U'绿':
    case U'q':
    case U'扣':
    case U'企':
    case U'球':
    case U'秋':
        return MAY_HANDLE;
    case U'京':
    case U'津':
    case U'沪':
    case U'滬':
    case U'渝':
    case U'冀':
    case U'豫':
    case U'云':
    case U'雲':
    case U'辽':
    case U'遼':
    case U'黑':
    case U'湘':
    case U'皖':
    case U'鲁':
    case U'魯':
    case U'新':
    case U'苏':
    case U'蘇':
    case U'浙':
    case U'赣':
    case U'贛':
    case U'鄂':
    case U'桂':
    case U'甘':
    case U'晋':
    case U'晉':
    case U'蒙':
    case U'陕':
    case U'陝':
    case U'吉':
    case U'闽':
    case U'閩':
    case U'贵':
    case U'貴':
    case U'粤':
    case U'粵':
    case U'青':
    case U'藏':
    case U'川':
    case U'宁':
    case U'寧':
    case U'琼':
    case U'瓊':
    case U'車':
    case U'牌':
        return MAY_PLATE;
    case U'车':
        return MAY_PLATE | MAY_NAME;
    case U'通':
    case U'现':
    case U'地':
        return MAY_ADDRESS;
    case U'名':
    case U'本':
    case U'儿':
    case U'女':
    case U'孩':
    case U'老':
    case U'父':
    case U'母':
    case U'爱':
    case U'丈':
    case U'妻':
    case U'弟':
    case U'哥':
    case U'姓':
    case U'真':
    case U'反':
    case U'举':
    case U'舉':
    case U'投':
    case U'申':
    case U'当':
    case U'来':
    case U'求':
    case U'信':
    case U'委':
    case U'寄':
    case U'署':
    case U'落':
    case U'签':
    case U'患':
    case U'业':
    case U'村':
    case U'法':
    case U'学':
    case U'司':
    case U'职':
    case U'转':
    case U'打':
    case U'汇':
    case U'产':
    case U'执':
    case U'登':
    case U'承':
    case U'机':
        return MAY_NAME;
    case U'有':
        return MAY_HANDLE;
    case U'家':
    case U'居':
    case U'联':
    case U'聯':
    case U'收':
    case U'户':
    case U'住':
        return MAY_ADDRESS | MAY_NAME;
    case U'我':
        return MAY_ADDRESS | MAY_NAME | MAY_HANDLE;
    default:
        return 0;
    }
}

size_t redact_find(struct str text, struct redact_span *spans, size_t max)
{
    struct finds f = {spans, 0, max};
    struct redact_span span;
    /* A number may bring the name before it, so there must be room for two. */
    for (size_t at = 0, floor = 0; at < text.n && f.n + 1 < f.max;) {
        size_t next = at;
        i64 c = utf8_next(text, &next);
        bool found = false;
        if (c < 0 || glyph_invisible((u32)c)) {
            at = next;
            continue;
        }
        u32 folded = glyph_fold((u32)c);
        if (glyph_digit((u32)c) >= 0) {
            found = redact_number(text, at, floor, &span, &next);
            struct redact_span name;
            if (found && span.kind == REDACT_MOBILE && redact_name_before(text, span.start, floor, &name))
                add(&f, name);
        } else if (folded == '@') {
            found = redact_email(text, at, 0, &span);
        } else {
            unsigned may = may_begin(ascii_letter(folded) ? folded | 0x20 : folded);
            found = ((may & MAY_HANDLE) && redact_handle(text, at, floor, &span)) ||
                    ((may & MAY_PLATE) && redact_plate(text, at, &span)) ||
                    ((may & MAY_ADDRESS) && redact_address(text, at, floor, &span)) ||
                    redact_somebody(text, at, floor, &span) ||
                    ((may & MAY_NAME) && redact_name(text, at, &span));
        }
        if (found) {
            add(&f, span);
            floor = next = MAX(span.end, next);
        }
        at = next;
    }
    return f.n;
}

/* ---- masking ---- */

/* Stars for the visible letters and digits that are neither among the first `head` nor the last `tail`. */
static void stars(struct str s, size_t head, size_t tail, struct text *out)
{
    size_t signs = 0, i = 0;
    for (size_t at = 0; at < s.n;) {
        i64 c = glyph_next(s, &at);
        signs += c >= 0 && (glyph_digit((u32)c) >= 0 || ascii_letter(c) || glyph_han((u32)c));
    }
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        i64 c = utf8_next(s, &at);
        u32 f = c < 0 ? 0 : glyph_fold((u32)c);
        if (c >= 0 && glyph_invisible((u32)c)) continue; /* what nobody sees must not carry anything */
        bool sign = glyph_digit(f) >= 0 || ascii_letter(f) || glyph_han(f);
        bool hide = sign && i >= head && i + tail < signs;
        i += sign;
        if (hide)
            text_addc(out, '*');
        else
            text_add(out, (struct str){s.p + start, at - start});
    }
}

static size_t count_digits(struct str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        i64 c = glyph_next(s, &at);
        n += c >= 0 && glyph_digit((u32)c) >= 0;
    }
    return n;
}

static void mask_one(struct str s, enum redact_kind kind, struct text *out)
{
    size_t digits = count_digits(s);
    switch (kind) {
    case REDACT_MOBILE:
        stars(s, digits >= 11 ? digits - 8 : 3, 4, out);
        break;
    case REDACT_LANDLINE:
        stars(s, digits >= 10 ? 4 : 1, 2, out);
        break;
    case REDACT_ID_CARD:
        stars(s, 6, 2, out);
        break;
    case REDACT_BANK_CARD:
        stars(s, 4, 4, out);
        break;
    case REDACT_RECEIPT:
        stars(s, 0, 4, out); /* as many as messages name */
        break;
    case REDACT_PLATE:
        stars(s, 2, 1, out);
        break;
    case REDACT_WECHAT:
    case REDACT_QQ:
        stars(s, 2, 0, out);
        break;
    case REDACT_NAME:
        stars(s, 1, 0, out);
        break;
    case REDACT_EMAIL: {
        size_t at = str_find(s, STR("@"));
        if (at == SIZE_MAX) at = str_find(s, STR("＠"));
        if (at == SIZE_MAX) at = s.n;
        stars((struct str){s.p, at}, 1, 0, out);
        text_add(out, (struct str){s.p + at, s.n - at});
        break;
    }
    case REDACT_ADDRESS:
        if (s.n >= sizeof "【住址】" - 1)
            text_add(out, STR("【住址】"));
        else
            stars(s, 0, 0, out);
        break;
    case REDACT_KINDS_N:
        break;
    }
}

#define BATCH 128

void redact_mask(struct str text, struct text *masked)
{
    struct redact_span spans[BATCH];
    size_t n;
    do {
        size_t done = 0;
        n = redact_find(text, spans, BATCH);
        for (size_t i = 0; i < n; i++) {
            text_add(masked, (struct str){text.p + done, spans[i].start - done});
            mask_one((struct str){text.p + spans[i].start, spans[i].end - spans[i].start}, spans[i].kind,
                     masked);
            done = spans[i].end;
        }
        text = (struct str){text.p + done, text.n - done};
    } while (n + 1 >= BATCH);
    text_add(masked, text);
}
