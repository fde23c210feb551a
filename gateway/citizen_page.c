/* One page in the making: templates, sentences, what every page shows, and the files beside the pages. */
#include "citizen_part.h"
#include "embedded.h"
#include "metrics.h"
#include "base/code.h"
#include "base/log.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE_ARENA (48u * 1024 * 1024) /* a ceiling, not a size: a form echoes at most a request body */
#define ASSETS     2
#define ASSET_PATH 64

struct asset {
    const char *file, *stem, *type;
    struct str bytes;
    char path[ASSET_PATH];
};

/* Written by citizen_start, read only afterwards. */
static struct {
    struct words words[2]; /* by enum lang */
    struct template *templates[CITIZEN_PAGES_N];
    struct asset assets[ASSETS];
    struct text error;
} pages = {.assets = {{.file = "style.css", .stem = "style", .type = "text/css; charset=utf-8"},
                      {.file = "logo.svg", .stem = "logo", .type = "image/svg+xml"}}};
#define STYLE (&pages.assets[0])
#define LOGO  (&pages.assets[1])

static const char *const page_names[] = {
#define X(id, name) name,
    CITIZEN_PAGES(X)
#undef X
};

static bool load(void *arg, struct str name, struct str *bytes_r)
{
    char file[100];
    (void)arg;
    snprintf(file, sizeof file, "%.*s.html", STR_ARG(name));
    const struct embedded *e = embedded_find(file);
    if (e) *bytes_r = e->bytes;
    return e != NULL;
}

static bool words_load(const char *file, struct words *w)
{
    const struct embedded *e = embedded_find(file);
    if (e) return words_parse(str_of(file), e->bytes, w, &pages.error);
    text_addf(&pages.error, "%s is not built in", file);
    return false;
}

/* The address of a file changes with its content, so a browser may keep it for ever. */
static bool asset_load(struct asset *a)
{
    const struct embedded *e = embedded_find(a->file);
    u64 hash = 14695981039346656037u; /* FNV-1a */
    if (!e) {
        text_addf(&pages.error, "%s is not built in", a->file);
        return false;
    }
    for (size_t i = 0; i < e->bytes.n; i++) hash = (hash ^ (u8)e->bytes.p[i]) * 1099511628211u;
    a->bytes = e->bytes;
    snprintf(a->path, sizeof a->path, "/assets/%s-%016" PRIx64 "%s", a->stem, hash, strrchr(a->file, '.'));
    return true;
}

static bool start(void)
{
    if (!words_load("words.zh.txt", &pages.words[LANG_ZH])) return false;
    if (!words_load("words.en.txt", &pages.words[LANG_EN])) return false;
    if (!words_match(&pages.words[LANG_ZH], &pages.words[LANG_EN], &pages.error)) return false;
    for (size_t i = 0; i < ASSETS; i++)
        if (!asset_load(&pages.assets[i])) return false;
    for (size_t i = 0; i < CITIZEN_PAGES_N; i++) {
        pages.templates[i] =
            template_parse(str_of(page_names[i]), &pages.words[LANG_ZH], load, NULL, &pages.error);
        if (!pages.templates[i]) return false;
    }
    return true;
}

bool citizen_start(struct gateway *g, const char **error_r)
{
    text_init(&pages.error, 1000);
    if (start()) return true;
    *error_r = text_z(&pages.error);
    (void)g;
    return false;
}

void citizen_stop(struct gateway *g)
{
    (void)g;
    for (size_t i = 0; i < CITIZEN_PAGES_N; i++) template_free(&pages.templates[i]);
    words_free(&pages.words[LANG_ZH]);
    words_free(&pages.words[LANG_EN]);
    text_free(&pages.error);
}

void page_open(struct page *p, struct gateway *g, u64 ticket, enum lang lang, struct str back)
{
    static const char *const tags[] = {[LANG_ZH] = "zh-CN", [LANG_EN] = "en"};
    static const char *const codes[] = {[LANG_ZH] = "zh", [LANG_EN] = "en"};
    enum lang other = lang == LANG_ZH ? LANG_EN : LANG_ZH;
    *p = (struct page){.g = g, .ticket = ticket, .lang = lang};
    arena_init(&p->arena, PAGE_ARENA);
    p->data = template_data_new(&p->arena);
    ASSERT(p->data);
    page_put(p, "lang", str_of(tags[lang]));
    page_put(p, "other_lang", str_of(tags[other]));
    page_put(p, "other", str_of(codes[other]));
    page_put(p, "back", path_plain(back) ? back : STR("/"));
    page_put(p, "css", str_of(STYLE->path));
    page_put(p, "logo", str_of(LOGO->path));
    page_put(p, "district", str_of(g->cfg.district_name));
    page_put(p, "office", str_of(g->cfg.office_name));
    page_put(p, "office_phone", str_of(g->cfg.office_phone));
    page_put(p, "sms_number", str_of(g->cfg.sms_number));
}

void page_send(struct page *p, enum citizen_page which, int status, span retry)
{
    struct text out;
    struct http_header more[1];
    char seconds[24];
    size_t n = 0;
    text_init(&out, p->g->cfg.body_max * 6 + 256 * 1024); /* every byte of a form escaped, and the page */
    if (retry.us > 0) {
        snprintf(seconds, sizeof seconds, "%lld", (long long)((retry.us + 999999) / 1000000));
        more[n++] = (struct http_header){STR("retry-after"), str_of(seconds)};
    }
    if (template_render(pages.templates[which], &pages.words[p->lang], p->data, &out)) {
        reply_page(p->g, p->ticket, status, text_str(&out), 0, more, n);
    } else {
        log_line(LOG_ERROR, LOG_WEB, "page does not fit", "page=%s bytes=%zu", page_names[which], out.n);
        reply_refuse(p->g, p->ticket, p->lang, REFUSE_INTERNAL);
    }
    text_free(&out);
    arena_free(&p->arena);
}

struct str page_find_word(struct page *p, const char *key)
{
    struct str s = words_find(&pages.words[p->lang], str_of(key));
    struct text t;
    if (s.p == NULL || str_find(s, STR("{")) == SIZE_MAX) return s;
    text_init(&t, 4000);
    template_fill(s, p->data, &t);
    s = arena_str(&p->arena, text_str(&t));
    text_free(&t);
    return s;
}

struct str page_word(struct page *p, const char *key)
{
    struct str s = page_find_word(p, key);
    ASSERT(s.p);
    return s;
}

void page_put(struct page *p, const char *name, struct str value) { template_put(p->data, name, value); }

void page_copy(struct page *p, const char *name, struct str value)
{
    template_put(p->data, name, value.n ? arena_str(&p->arena, value) : STR_NONE);
}

void page_flag(struct page *p, const char *name, bool yes) { template_flag(p->data, name, yes); }

int page_refuse(struct page *p, enum refusal r)
{
    const struct refusal_facts *f = refusal_facts(r);
    count_refusal(r);
    page_put(p, "error", str_of(p->lang == LANG_EN ? f->en : f->zh));
    return f->status;
}

void page_sorry(struct gateway *g, u64 ticket, const struct http_in *in, enum refusal r)
{
    struct page p;
    page_open(&p, g, ticket, reply_lang(in), STR("/"));
    page_put(&p, "title", page_word(&p, "sorry_title"));
    int status = page_refuse(&p, r);
    page_send(&p, PAGE_SORRY, status, r == REFUSE_UNAVAILABLE ? SPAN_S(5) : SPAN_US(0));
}

void citizen_lost(struct gateway *g, u64 ticket, const struct http_in *in)
{
    page_sorry(g, ticket, in, REFUSE_NOT_FOUND);
}

static void answer_asset(struct gateway *g, u64 ticket, const struct asset *a, const char *cache)
{
    const struct http_header h[] = {
        {STR("cache-control"), str_of(cache)},
        {STR("x-content-type-options"), STR("nosniff")},
        {STR("content-security-policy"), STR("default-src 'none'; style-src 'unsafe-inline'")},
        {STR("cross-origin-resource-policy"), STR("same-origin")}};
    web_answer(g->web, ticket,
               &(struct http_answer){.status = 200,
                                     .content_type = str_of(a->type),
                                     .headers = h,
                                     .n_headers = ARRAY_LEN(h),
                                     .body = a->bytes});
}

bool asset_route(struct gateway *g, u64 ticket, const struct http_in *in)
{
    if (str_eq(in->path, STR("/favicon.ico"))) {
        answer_asset(g, ticket, LOGO, "public, max-age=86400");
        return true;
    }
    for (size_t i = 0; i < ASSETS; i++) {
        if (!str_eq(in->path, str_of(pages.assets[i].path))) continue;
        answer_asset(g, ticket, &pages.assets[i], "public, max-age=31536000, immutable");
        return true;
    }
    return false;
}
