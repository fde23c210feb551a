/* The report page (举报): named or anonymous, files sealed with the words, and nothing asked for while nobody could read it. */
#include "citizen_part.h"
#include "sealed.h"
#include "base/utf8.h"
#include "core/glyph.h"

#define NAME_MAX_POINTS 40

/* What a report has beside words, contact and files. */
struct report_more {
    bool named;
    struct str name;
};

enum refusal report_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                         struct submission *sub)
{
    struct report_more *m = ARENA_NEW(a, struct report_more);
    const struct str named = webform_get(form, a, "named");
    if (!m) return REFUSE_TOO_BIG;
    m->named = str_eq(named, STR("yes"));
    m->name = webform_get(form, a, "name");
    f->more = m;
    if (named.n && !m->named && !str_eq(named, STR("no"))) return REFUSE_UNKNOWN_FIELD;
    if (!utf8_valid(m->name) || utf8_count(m->name) > NAME_MAX_POINTS) return REFUSE_UNKNOWN_FIELD;
    if (!sealed_ready(g)) return REFUSE_REPORT_NOT_READY;
    if (m->named && (glyph_trim(m->name).n == 0 || glyph_trim(f->contact).n == 0)) return REFUSE_REPORT_NAME;
    sub->name = m->named ? glyph_trim(m->name) : STR("");
    return REFUSE_NONE;
}

void report_put(struct page *p, const struct filled *f)
{
    const struct report_more *m = f->more;
    page_flag(p, "named", m && m->named);
    page_copy(p, "name", m ? m->name : STR(""));
    page_flag(p, "bad_name", m && m->named && glyph_trim(m->name).n == 0);
}

bool report_open(struct gateway *g, u64 ticket, const struct http_in *in, const struct filled *f)
{
    struct page p;
    if (sealed_ready(g)) return false;
    page_open(&p, g, ticket, reply_lang(in), STR("/"));
    page_put(&p, "title", page_word(&p, f->kind->title));
    page_put(&p, "heading", page_word(&p, f->kind->heading));
    page_put(&p, "number", f->number.n ? f->number : STR_NONE);
    page_send(&p, PAGE_REPORT_WAIT, page_refuse(&p, REFUSE_REPORT_NOT_READY), SPAN_US(0));
    return true;
}
