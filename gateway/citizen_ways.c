/* Every way to be heard on one page (M56), only those that work here now: each leads into the same register, under the same clocks.
 * The names in data-door are the channels of core/submission.h; a test walks through all of them. */
#include "citizen_part.h"

static bool wechat(const struct gateway *g)
{
    const struct channel_row *all;
    const size_t n = register_ready(g) ? register_channels(g, &all) : 0;
    for (size_t i = 0; i < n; i++)
        if (all[i].active && str_eq(str_of(all[i].adapter->name), STR("wechat"))) return true;
    return false;
}

bool ways_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct page p;
    if (!str_eq(in->path, STR("/ways"))) return false;
    if (!method_reads(in)) {
        page_sorry(g, ticket, in, REFUSE_METHOD);
        return true;
    }
    page_open(&p, g, ticket, reply_lang(in), STR("/ways"));
    page_put(&p, "title", page_word(&p, "ways_title"));
    page_flag(&p, "wechat", wechat(g));
    page_send(&p, PAGE_WAYS, 200, SPAN_US(0));
    return true;
}
