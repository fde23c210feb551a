#include "doors.h"
#include "api.h"
#include "citizen.h"
#include "hooks.h"
#include "hub.h"
#include "live.h"
#include "open.h"
#include "reply.h"
#include "screen.h"
#include "staff.h"
#include "base/log.h"
#include <string.h>

/* Where files may come: forms of citizens, what they add by receipt, evidence of the staff. */
static size_t public_body_limit(void *arg, struct str method, struct str path, struct str content_type)
{
    const struct gateway *g = arg;
    static const struct str places[] = {{"/p/", 3},
                                        {"/write", 6},
                                        {"/status/", 8},
                                        {"/staff/api/v1/cases/", 20},
                                        {"/staff/api/v1/entries", 21},
                                        {"/staff/api/v1/plaques/", 22}};
    static const char kind[] = "multipart/form-data";
    const size_t n = sizeof kind - 1;
    if (!str_eq(method, STR("POST")) || content_type.n < n ||
        !str_eq_case((struct str){content_type.p, n}, (struct str){kind, n}))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (str_starts(path, places[i])) return g->cfg.upload_max;
    return 0;
}

static void public_request(void *arg, u64 ticket, const struct http_in *in)
{
    struct gateway *g = arg;
    TRACE(WEB, "request", "method=%.*s bytes=%zu", STR_ARG(in->method),
          in->body.n); /* no path: it may hold a hook's key */
    if (staff_route(g, ticket, in) || api_route(g, ticket, in) || hooks_route(g, ticket, in) ||
        open_route(g, ticket, in) || screen_route(g, ticket, in) || citizen_route(g, ticket, in))
        return;
    /* A mistyped address in a browser deserves a page; a program wants the problem document. */
    if (str_find(http_header_get(in, STR("accept")), STR("text/html")) != SIZE_MAX)
        citizen_lost(g, ticket, in);
    else
        reply_refuse(g, ticket, reply_lang(in), REFUSE_NOT_FOUND);
}

const char *const doors_protocols[] = {"mashangdu.intake.v1", "mashangdu.dashboard.v1", NULL};

static int public_ws_open(void *arg, u64 ws, const char *protocol, const struct http_in *in)
{
    struct gateway *g = arg;
    if (g->draining) return 503;
    if (strcmp(protocol, doors_protocols[0]) == 0 && str_eq(in->path, STR("/ws/intake")))
        return live_ws_open(g, ws, in);
    if (strcmp(protocol, doors_protocols[1]) == 0 && str_eq(in->path, STR("/ws/dashboard")))
        return hub_ws_open(g, ws, in);
    return 404;
}

static void public_ws_text(void *arg, u64 ws, struct str text)
{
    struct gateway *g = arg;
    if (live_ws_known(g->live, ws))
        live_ws_text(g, ws, text);
    else
        hub_ws_text(g, ws, text);
}

static struct web_frame *public_ws_writable(void *arg, u64 ws)
{
    struct gateway *g = arg;
    return live_ws_known(g->live, ws) ? live_ws_writable(g, ws)
           : hub_ws_known(g->hub, ws) ? hub_ws_writable(g, ws)
                                      : NULL;
}

static void public_ws_closed(void *arg, u64 ws)
{
    struct gateway *g = arg;
    if (live_ws_known(g->live, ws))
        live_ws_closed(g, ws);
    else
        hub_ws_closed(g, ws);
}

struct web_handlers doors_handlers(struct gateway *g)
{
    return (struct web_handlers){.arg = g,
                                 .request = public_request,
                                 .body_limit = public_body_limit,
                                 .ws_open = public_ws_open,
                                 .ws_text = public_ws_text,
                                 .ws_writable = public_ws_writable,
                                 .ws_closed = public_ws_closed};
}
