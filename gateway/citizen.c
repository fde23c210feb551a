#include "citizen_part.h"
#include "metrics.h"
#include "plaques.h"
#include "base/code.h"
#include <stdio.h>
#include <string.h>

#define COOKIE_AGE     "31536000"
#define PATH_PLAIN_MAX 200

bool method_reads(const struct http_in *in)
{
    return str_eq(in->method, STR("GET")) || str_eq(in->method, STR("HEAD"));
}

bool path_plain(struct str path)
{
    if (path.n == 0 || path.n > PATH_PLAIN_MAX || path.p[0] != '/' || (path.n > 1 && path.p[1] == '/'))
        return false;
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                     c == '-' || c == '_';
        if (!plain) return false;
    }
    return true;
}

struct str query_copy(struct arena *a, struct str query, const char *name)
{
    struct text t;
    struct str s = STR("");
    text_init(&t, query.n + 1);
    if (http_field(query, str_of(name), &t) && t.n) s = arena_str(a, text_str(&t));
    text_free(&t);
    return s.p ? s : STR("");
}

/* Our pages forbid the Referer, and a browser then sends "Origin: null" with a form: that says nothing. Newer ones tell
 * by Sec-Fetch-Site. What is told must be right; the token judges the rest. */
enum refusal form_acceptable(const struct gateway *g, const struct http_in *in, struct webform *form_r)
{
    struct str origin = http_header_get(in, STR("origin")), site = http_header_get(in, STR("sec-fetch-site"));
    const enum webform_end end = webform_read(in, form_r);
    if (end != WEBFORM_READ) return end == WEBFORM_BROKEN ? REFUSE_MALFORMED : REFUSE_UNSUPPORTED_TYPE;
    if (site.n && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"))) return REFUSE_FORM_EXPIRED;
    bool told = origin.n ? !str_eq(origin, STR("null")) : http_header_get(in, STR("referer")).n > 0;
    return told && !reply_same_site(g, in) ? REFUSE_FORM_EXPIRED : REFUSE_NONE;
}

/* --- plaques --- */

bool citizen_plaque_url(const struct gateway *g, const struct plaque_row *row, struct text *out)
{
    char number[PLAQUE_NUMBER_MAX], tag[PLAQUE_TAG_MAX];
    if (!plaque_number_parse(row->number, number) || row->key_version >= PLAQUE_KEY_VERSIONS) return false;
    plaques_tag(g, number, row->key_version, tag);
    plaque_url(str_of(g->cfg.public_url), number, tag, out);
    return true;
}

enum plaque_found plaque_look(const struct gateway *g, struct str tail, char number_r[PLAQUE_NUMBER_MAX],
                              const struct plaque_row **row_r, bool *typed_r)
{
    char tag[PLAQUE_TAG_MAX];
    number_r[0] = '\0';
    enum plaque_path path = plaque_path_parse(tail, number_r, tag);
    *typed_r = path == PLAQUE_PATH_BARE;
    if (path == PLAQUE_PATH_MALFORMED) return PLAQUE_NOT_KNOWN;
    if (!register_ready(g)) return PLAQUE_NOT_READY;
    const struct plaque_row *row = register_plaque(g, str_of(number_r));
    /* The tag first: a forger learns nothing about which numbers exist. */
    if (path == PLAQUE_PATH_SIGNED && plaques_tag_judge(g, number_r, tag, row) != PLAQUE_TAG_RIGHT)
        return PLAQUE_NOT_OURS;
    if (!row) return PLAQUE_NOT_KNOWN;
    *row_r = row;
    if (row->state == PLAQUE_RETIRED) return PLAQUE_OUT_OF_USE;
    return row->state == PLAQUE_VOID ? PLAQUE_NOT_VALID : PLAQUE_GOOD;
}

const struct unit *plaque_unit(const struct gateway *g, const struct plaque_row *row,
                               const struct unit **moved_to_r)
{
    const struct unit *u = register_unit(g, row->unit_id);
    *moved_to_r = u && u->retired && row->heir_id ? register_unit(g, row->heir_id) : NULL;
    return u;
}

static void put_share(struct page *p, const char *name, const char *n_name, struct share share)
{
    struct text t;
    char n[24];
    int permille;
    if (!share_permille(share, &permille)) return; /* too few: there is no figure */
    text_init(&t, 40);
    share_text(share, &t);
    page_copy(p, name, text_str(&t));
    text_free(&t);
    snprintf(n, sizeof n, "%lld", (long long)share.den);
    page_copy(p, n_name, str_of(n));
}

static void put_day(struct page *p, const char *name, i64 day)
{
    char text[24];
    struct civil c = civil_from_days(day);
    snprintf(text, sizeof text, "%04d-%02d-%02d", c.year, c.month, c.day);
    page_copy(p, name, str_of(text));
}

struct str page_post(struct page *p, struct str post)
{
    if (str_eq(post, STR("督查督办组"))) return page_word(p, "post_supervisor");
    if (str_eq(post, STR("优化办分管领导"))) return page_word(p, "post_leader");
    return page_chinese(p, post);
}

void put_unit_told(struct page *p, const struct unit *u)
{
    const struct unit_figures *f = &u->figures;
    page_put(p, "code", u->code);
    page_put(p, "duties", u->duties);
    page_put(p, "hours", u->hours);
    page_put(p, "unit_phone", u->phone);
    page_put(p, "address", u->address);
    page_put(p, "post", u->post);
    if (!f->at.us) return;
    page_flag(p, "figures", true);
    put_share(p, "rated", "rated_n", f->rated);
    put_share(p, "timely", "timely_n", f->on_time);
    put_share(p, "answered", "answered_n", f->answered);
    put_day(p, "from", f->from);
    put_day(p, "to", f->to);
    put_day(p, "figures_at", china_day(f->at));
    page_put(p, "figures_by", page_post(p, f->by));
}

static void show_plaque(struct gateway *g, u64 ticket, const struct http_in *in, struct str tail)
{
    const struct plaque_row *row = NULL;
    const struct unit *moved_to;
    struct page p;
    bool typed;
    char number[PLAQUE_NUMBER_MAX], grouped[PLAQUE_GROUPED_MAX];
    plaques_scanned(g, in, tail);
    enum plaque_found found = plaque_look(g, tail, number, &row, &typed);
    if (found != PLAQUE_GOOD) {
        form_wrong_plaque(g, ticket, in, found, row, str_of(number), STR_NONE, false);
        return;
    }
    if (enterprise_show(g, ticket, in, row, typed)) return;
    const struct unit *u = plaque_unit(g, row, &moved_to);
    page_open(&p, g, ticket, reply_lang(in), in->path);
    page_put(&p, "title", u ? u->name : STR(""));
    page_put(&p, "unit", u ? u->name : STR(""));
    page_put(&p, "window", row->window_name);
    page_put(&p, "number", row->number);
    page_copy(&p, "grouped", str_of(plaque_number_grouped(number, grouped)));
    page_put(&p, "sms_example", row->number);
    if (u) put_unit_told(&p, u);
    if (moved_to) page_put(&p, "moved_to", moved_to->name);
    page_flag(&p, "typed", typed);
    page_send(&p, PAGE_PLAQUE, 200, SPAN_US(0));
}

/* --- home, language, display --- */

static void show_home(struct gateway *g, u64 ticket, const struct http_in *in, struct str number, bool wrong)
{
    struct page p;
    int status = 200;
    page_open(&p, g, ticket, reply_lang(in), STR("/"));
    page_put(&p, "title", page_word(&p, "home_title"));
    page_copy(&p, "number", number);
    if (wrong) {
        status = page_refuse(&p, REFUSE_PLAQUE_UNKNOWN);
        page_put(&p, "error", page_word(&p, "home_number_wrong"));
    }
    page_send(&p, PAGE_HOME, status, SPAN_US(0));
}

/* GET /p?number=…: the box on the home page, for a browser without script. */
static void find_plaque(struct gateway *g, u64 ticket, const struct http_in *in)
{
    char number[PLAQUE_NUMBER_MAX], path[PLAQUE_NUMBER_MAX + 8];
    struct arena a;
    arena_init(&a, 1024 * 1024);
    struct str typed = query_copy(&a, in->query, "number");
    if (plaque_number_parse(typed, number)) {
        snprintf(path, sizeof path, "/p/%s", number);
        reply_redirect(g, ticket, path);
    } else {
        show_home(g, ticket, in, typed.n <= 100 ? typed : STR_NONE, typed.n > 0);
    }
    arena_free(&a);
}

/* ?to=…&back=…: one cookie, and back to where the reader was. */
static void choose(struct gateway *g, u64 ticket, const struct http_in *in, const char *name,
                   const char *const *all, size_t n)
{
    struct arena a;
    char cookie[120];
    size_t chosen = 0;
    arena_init(&a, 64 * 1024);
    struct str to = query_copy(&a, in->query, "to"), back = query_copy(&a, in->query, "back");
    for (size_t i = 0; i < n; i++)
        if (str_eq(to, str_of(all[i]))) chosen = i;
    snprintf(cookie, sizeof cookie, "%s=%s; Path=/; Max-Age=" COOKIE_AGE "; HttpOnly; SameSite=Lax%s", name,
             all[chosen], in->tls ? "; Secure" : "");
    const struct http_header more[] = {{STR("location"), path_plain(back) ? back : STR("/")},
                                       {STR("set-cookie"), str_of(cookie)}};
    reply_page(g, ticket, 303, STR_NONE, 0, more, ARRAY_LEN(more));
    arena_free(&a);
}

static void choose_language(struct gateway *g, u64 ticket, const struct http_in *in)
{
    static const char *const all[] = {"zh", "hant", "en"};
    choose(g, ticket, in, "msd_lang", all, ARRAY_LEN(all));
}

static void choose_display(struct gateway *g, u64 ticket, const struct http_in *in)
{
    static const char *const all[] = {"none", "big", "contrast", "both"};
    choose(g, ticket, in, "msd_view", all, ARRAY_LEN(all));
}

/* --- which page --- */

static bool route_plaque(struct gateway *g, u64 ticket, const struct http_in *in, struct str rest)
{
    struct str number, what;
    if (str_cut(rest, '/', &number, &what))
        return enterprise_route(g, ticket, in, number, what) || form_route(g, ticket, in, number, what);
    if (method_reads(in))
        show_plaque(g, ticket, in, rest);
    else
        page_sorry(g, ticket, in, REFUSE_METHOD);
    return true;
}

typedef void show_page(struct gateway *g, u64 ticket, const struct http_in *in);
static void home(struct gateway *g, u64 ticket, const struct http_in *in)
{
    show_home(g, ticket, in, STR_NONE, false);
}

bool citizen_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    static const struct {
        struct str path;
        show_page *show;
    } plain[] = {{STR("/"), home},
                 {STR("/p"), find_plaque},
                 {STR("/lang"), choose_language},
                 {STR("/display"), choose_display}};
    page_note(g, ticket, in);
    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        if (!str_eq(in->path, plain[i].path)) continue;
        if (method_reads(in))
            plain[i].show(g, ticket, in);
        else
            page_sorry(g, ticket, in, REFUSE_METHOD);
        return true;
    }
    struct str rest = in->path;
    if (str_starts(rest, STR("/p/")))
        return route_plaque(g, ticket, in, (struct str){rest.p + 3, rest.n - 3});
    if (str_starts(rest, STR("/write")))
        return form_route(g, ticket, in, STR_NONE, (struct str){rest.p + 1, rest.n - 1});
    if (policies_route(g, ticket, in) || ways_route(g, ticket, in)) return true;
    if (log_route(g, ticket, in) || coverage_route(g, ticket, in) || kiosk_page_route(g, ticket, in) ||
        units_open_route(g, ticket, in))
        return true;
    if (slip_route(g, ticket, in)) return true;
    if (str_starts(rest, STR("/status")))
        return status_route(g, ticket, in, (struct str){rest.p + 7, rest.n - 7});
    return method_reads(in) && asset_route(g, ticket, in);
}
