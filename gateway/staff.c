#include "staff_routes.h"
#include "embedded.h"
#include "files.h"
#include "hub.h"
#include "register.h"

#define API STR("/staff/api/v1")

void staff_openapi(const struct staff_ask *a, const struct http_in *in, u64 id)
{
    const struct embedded *f = embedded_find("staff_openapi.json");
    (void)in, (void)id;
    ASSERT(f);
    reply_json(a->g, a->ticket, 200, f->bytes, NULL, 0);
}

/* A tool says no origin; a page always does. */
static bool from_here(const struct gateway *g, const struct http_in *in)
{
    return http_header_get(in, STR("origin")).n == 0 || reply_same_site(g, in);
}

void staff_read(const struct staff_ask *a, u64 ticket, struct str path, struct str query)
{
    struct staff_ask inner = *a;
    bool known;
    u64 id = 0;
    const struct route *route = route_find(STR("GET"), path, &inner, &id, &known);
    const struct http_in in = {.method = STR("GET"), .path = path, .query = query, .at = clock_now()};
    inner.ticket = ticket;
    if (route) inner.session.roles = route->roles; /* who may not list may not export */
    inner.session.attended = false; /* the request itself has told it; what it asked for may take minutes */
    if (route && route->guard == NEEDS_SESSION)
        route->answer(&inner, &in, id);
    else
        staff_refuse(&inner, REFUSE_NOT_FOUND, NULL, NULL);
}

static void api(struct staff_ask *a, const struct http_in *in, struct str path)
{
    bool known;
    u64 id = 0;
    const struct route *route = route_find(in->method, path, a, &id, &known);
    if (!route) {
        staff_refuse(a, known ? REFUSE_METHOD : REFUSE_NOT_FOUND, NULL, NULL);
        return;
    }
    a->session.roles = route->roles;
    session_attend(in, &a->session);
    if (route->guard != OPEN && !session_of(a->g, in, a->session.hash)) {
        staff_refuse(a, REFUSE_SESSION_NEEDED, NULL, NULL);
        return;
    }
    if (route->guard == CHANGES && !(session_csrf_right(a->g, a->session.hash, in) && from_here(a->g, in))) {
        staff_refuse(a, REFUSE_CSRF, NULL, NULL);
        return;
    }
    /* Just started: deadlines are explained from the calendar, units are named from the register. */
    if (route->guard != OPEN && !register_ready(a->g)) {
        staff_db_refuse(a, DB_LOST, NULL);
        return;
    }
    if (route->guard == CHANGES)
        staff_door(a, in, id, route->answer);
    else
        route->answer(a, in, id);
}

bool staff_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    struct str path = in->path;
    if (str_eq(path, STR("/staff"))) {
        reply_redirect(g, ticket, "/staff/");
        return true;
    }
    if (!str_starts(path, STR("/staff/"))) return false;
    if (!str_starts(path, STR("/staff/api/"))) {
        files_answer(g, ticket, in, (struct str){path.p + 7, path.n - 7});
        return true;
    }
    struct staff_ask a = {.g = g,
                          .ticket = ticket,
                          .seq = g->hub ? hub_seq(g->hub) : 0,
                          .lang = reply_lang(in),
                          .secure = in->tls || str_starts(str_of(g->cfg.public_url), STR("https://"))};
    bool version_1 = str_starts(path, API);
    if (version_1) path = (struct str){path.p + API.n, path.n - API.n};
    if (version_1 && path.n && path.p[0] == '/')
        api(&a, in, path);
    else
        staff_refuse(&a, REFUSE_NOT_FOUND, NULL, NULL);
    return true;
}
