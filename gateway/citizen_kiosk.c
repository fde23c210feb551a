/* The page of a tablet at a window and its two files. The tablet is the unit's own, with a browser of this decade: this page alone needs
 * script. What it says to the gateway is in live.h. */
#include "citizen_part.h"
#include "embedded.h"

static void show_kiosk(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct page p;
    page_open(&p, g, ticket, reply_lang(in), STR("/"));
    page_put(&p, "title", page_word(&p, "kiosk_title"));
    page_send(&p, PAGE_KIOSK, 200, SPAN_US(0));
}

bool kiosk_page_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    static const struct {
        struct str path;
        const char *file, *type;
    } files[] = {{STR("/assets/kiosk.js"), "kiosk.js", "text/javascript; charset=utf-8"},
                 {STR("/assets/kiosk.css"), "kiosk.css", "text/css; charset=utf-8"}};
    if (!method_reads(in)) return false;
    if (str_eq(in->path, STR("/kiosk"))) {
        show_kiosk(g, ticket, in);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (!str_eq(in->path, files[i].path)) continue;
        const struct embedded *e = embedded_find(files[i].file);
        ASSERT(e);
        reply_file(g, ticket, 200, files[i].type, e->bytes, "no-cache", NULL, 0);
        return true;
    }
    return false;
}
