/* One page in the making: templates, sentences, what every page shows, and the files beside the pages. */
#include "citizen_part.h"
#include "embedded.h"
#include "metrics.h"
#include "base/code.h"
#include "base/digest.h"
#include "base/log.h"
#include "io/traditional.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE_ARENA (48u * 1024 * 1024) /* a ceiling, not a size: a form echoes at most a request body */
#define ASSETS     4
#define VIEWS      3 /* catalogues: simplified, English, traditional */
#define HANT       2
#define ASSET_PATH 64

struct asset {
    const char *file, *stem, *type;
    struct str bytes;
    char path[ASSET_PATH];
};

/* A style sheet that stands in the pages themselves: the first answer is all that is needed to read and use a page. What a
 * plaque page needs is in core.css; a template takes a sheet in by {{>core.css}}. */
struct sheet {
    const char *file;
    struct text bytes;
};

/* Written by citizen_start, read only afterwards. */
static struct {
    struct words words[VIEWS]; /* by enum lang, and HANT */
    struct template *templates[CITIZEN_PAGES_N];
    struct asset assets[ASSETS];
    struct sheet sheets[3];
    struct traditional *traditional;
    struct text hant, policy, error; /* hant: the catalogue in traditional characters */
} pages = {.assets = {{.file = "citizen.js", .stem = "citizen", .type = "text/javascript; charset=utf-8"},
                      {.file = "logo.svg", .stem = "logo", .type = "image/svg+xml"},
                      {.file = "pow.js", .stem = "pow", .type = "text/javascript; charset=utf-8"},
                      {.file = "place.js", .stem = "place", .type = "text/javascript; charset=utf-8"}},
           .sheets = {{.file = "core.css"}, {.file = "style.css"}, {.file = "contrast.css"}}};
#define SCRIPT (&pages.assets[0])
#define LOGO   (&pages.assets[1])

static const char *const page_names[] = {
#define X(id, name) name,
    CITIZEN_PAGES(X)
#undef X
};

static bool load(void *arg, struct str name, struct str *bytes_r)
{
    char file[100];
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(pages.sheets); i++) {
        if (!str_eq(name, str_of(pages.sheets[i].file))) continue;
        *bytes_r = text_str(&pages.sheets[i].bytes);
        return true;
    }
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

/* One line without remarks: line ends in a sheet are for people. A blank stands where two words would become one. */
static void sheet_squeeze(struct str from, struct text *out)
{
    for (size_t i = 0; i < from.n; i++) {
        struct str rest = {from.p + i, from.n - i};
        if (str_starts(rest, STR("/*"))) {
            const size_t end = str_find(rest, STR("*/"));
            if (end == SIZE_MAX) return;
            i += end + 1;
        } else if (from.p[i] == '\n') {
            const char last = out->n ? out->p[out->n - 1] : '{';
            while (i + 1 < from.n && (from.p[i + 1] == ' ' || from.p[i + 1] == '\n')) i++;
            if (!strchr("{};,", last)) text_addc(out, ' ');
        } else {
            text_addc(out, from.p[i]);
        }
    }
}

static bool sheets_load(void)
{
    struct text hashes;
    text_init(&hashes, 400);
    for (size_t i = 0; i < ARRAY_LEN(pages.sheets); i++) {
        u8 hash[DIGEST_MAX];
        const struct embedded *e = embedded_find(pages.sheets[i].file);
        if (!e) {
            text_addf(&pages.error, "%s is not built in", pages.sheets[i].file);
            break;
        }
        text_init(&pages.sheets[i].bytes, e->bytes.n + 1);
        sheet_squeeze(e->bytes, &pages.sheets[i].bytes);
        digest_run(DIGEST_SHA256, text_str(&pages.sheets[i].bytes), hash);
        text_addz(&hashes, " 'sha256-");
        b64_put(&hashes, hash, digest_size(DIGEST_SHA256));
        text_addc(&hashes, '\'');
    }
    text_init(&pages.policy, 1000);
    reply_page_policy(&pages.policy, text_z(&hashes));
    text_free(&hashes);
    return pages.error.n == 0;
}

static bool hant_load(void)
{
    const char *why;
    const struct embedded *e = embedded_find("words.zh.txt");
    if (!(pages.traditional = traditional_open(&why))) {
        text_addf(&pages.error, "traditional characters: %s", why);
        return false;
    }
    text_init(&pages.hant, e->bytes.n * 2);
    traditional_run(pages.traditional, e->bytes, &pages.hant);
    return words_parse(STR("words.zh.txt, traditional"), text_str(&pages.hant), &pages.words[HANT],
                       &pages.error) &&
           words_match(&pages.words[LANG_ZH], &pages.words[HANT], &pages.error);
}

static bool start(void)
{
    if (!words_load("words.zh.txt", &pages.words[LANG_ZH])) return false;
    if (!words_load("words.en.txt", &pages.words[LANG_EN])) return false;
    if (!words_match(&pages.words[LANG_ZH], &pages.words[LANG_EN], &pages.error)) return false;
    if (!hant_load() || !sheets_load()) return false;
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
    if (!start()) {
        *error_r = text_z(&pages.error);
        return false;
    }
    g->page_policy = text_z(&pages.policy);
    return true;
}

void citizen_stop(struct gateway *g)
{
    (void)g;
    for (size_t i = 0; i < CITIZEN_PAGES_N; i++) template_free(&pages.templates[i]);
    words_free(&pages.words[LANG_ZH]);
    words_free(&pages.words[LANG_EN]);
    words_free(&pages.words[HANT]);
    for (size_t i = 0; i < ARRAY_LEN(pages.sheets); i++) text_free(&pages.sheets[i].bytes);
    traditional_close(&pages.traditional);
    text_free(&pages.hant);
    text_free(&pages.policy);
    text_free(&pages.error);
    g->page_policy = NULL;
}

/* --- how a page is wanted --- */

enum { VIEW_BIG = 1, VIEW_CONTRAST = 2, VIEW_HANT = 4, VIEW_READ = 8 };

void page_note(struct gateway *g, u64 ticket, const struct http_in *in)
{
    const struct str view = http_cookie(in, STR("msd_view"));
    unsigned note = reply_traditional(in) ? VIEW_HANT : 0;
    if (str_eq(view, STR("big")) || str_eq(view, STR("both"))) note |= VIEW_BIG;
    if (str_eq(view, STR("contrast")) || str_eq(view, STR("both"))) note |= VIEW_CONTRAST;
    if (method_reads(in)) note |= VIEW_READ;
    web_note(g->web, ticket, note);
}

static size_t catalogue_of(const struct page *p) { return p->traditional ? HANT : p->lang; }

/* What a page that was asked for by its address offers: another language, larger type, stronger contrast. A page that
 * answers a form offers none: the way back would lose what stands on it, a receipt above all. */
static void put_switches(struct page *p, unsigned note)
{
    const bool big = note & VIEW_BIG, contrast = note & VIEW_CONTRAST;
    page_flag(p, "switches", note & VIEW_READ);
    page_flag(p, "in_zh", p->lang == LANG_ZH && !p->traditional);
    page_flag(p, "in_hant", p->traditional);
    page_flag(p, "in_en", p->lang == LANG_EN);
    page_flag(p, "large", big);
    page_flag(p, "contrast", contrast);
    page_put(p, "view", big ? contrast ? STR("large dark") : STR("large") : contrast ? STR("dark") : STR(""));
    page_put(p, "to_big",
             big        ? contrast ? STR("contrast") : STR("none")
                    : contrast ? STR("both")
                        : STR("big"));
    page_put(p, "to_contrast",
             contrast ? big ? STR("big") : STR("none")
             : big ? STR("both")
                      : STR("contrast"));
}

void page_open(struct page *p, struct gateway *g, u64 ticket, enum lang lang, struct str back)
{
    const unsigned note = g->web ? web_noted(g->web, ticket) : 0;
    *p = (struct page){.g = g, .ticket = ticket, .lang = lang};
    p->traditional = lang == LANG_ZH && note & VIEW_HANT;
    arena_init(&p->arena, PAGE_ARENA);
    p->data = template_data_new(&p->arena);
    ASSERT(p->data);
    page_put(p, "lang", lang == LANG_EN ? STR("en") : p->traditional ? STR("zh-Hant") : STR("zh-CN"));
    page_put(p, "zh", p->traditional ? STR("zh-Hant") : STR("zh-CN"));
    put_switches(p, note);
    page_put(p, "back", path_plain(back) ? back : STR("/"));
    page_put(p, "script", str_of(SCRIPT->path));
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
    page_flag(p, "full", which != PAGE_PLAQUE && which != PAGE_HOME);
    if (template_render(pages.templates[which], &pages.words[catalogue_of(p)], p->data, &out)) {
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
    struct str s = words_find(&pages.words[catalogue_of(p)], str_of(key));
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

struct str page_chinese(struct page *p, struct str s)
{
    struct text t;
    if (!p->traditional || s.n == 0) return s;
    text_init(&t, s.n * 2 + 16);
    traditional_run(pages.traditional, s, &t);
    struct str made = arena_str(&p->arena, text_str(&t));
    text_free(&t);
    return made.p ? made : s;
}

/* Names of the register and of the settings, whichever page shows them; nothing that a citizen typed is among them. */
static bool is_name(const char *name)
{
    static const char *const names[] = {"unit",     "window",   "class",          "hours",
                                        "duties",   "post",     "address",        "office",
                                        "district", "moved_to", "successor_unit", "enterprise"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

void page_put(struct page *p, const char *name, struct str value)
{
    template_put(p->data, name, p->traditional && is_name(name) ? page_chinese(p, value) : value);
}

void page_copy(struct page *p, const char *name, struct str value)
{
    if (p->traditional && is_name(name)) value = page_chinese(p, value);
    template_put(p->data, name, value.n ? arena_str(&p->arena, value) : STR_NONE);
}

void page_time(struct page *p, const char *name, instant t)
{
    char text[INSTANT_TEXT_MAX];
    if (t.us) page_copy(p, name, str_of(instant_text_china(t, text)));
}

struct str page_due(struct page *p, instant t)
{
    char text[INSTANT_TEXT_MAX], end[INSTANT_TEXT_MAX + 8];
    if ((t.us + CHINA_OFFSET.us) % SPAN_H(24).us != 0)
        snprintf(end, sizeof end, "%s", instant_text_china(t, text));
    else
        snprintf(end, sizeof end, "%.10s 24:00", instant_text_china(instant_add(t, SPAN_S(-1)), text));
    return arena_str(&p->arena, str_of(end));
}

void page_flag(struct page *p, const char *name, bool yes) { template_flag(p->data, name, yes); }

int page_refuse(struct page *p, enum refusal r)
{
    const struct refusal_facts *f = refusal_facts(r);
    count_refusal(r);
    page_put(p, "error", page_chinese(p, str_of(p->lang == LANG_EN ? f->en : f->zh)));
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

struct str asset_path(const char *file)
{
    for (size_t i = 0; i < ASSETS; i++)
        if (strcmp(pages.assets[i].file, file) == 0) return str_of(pages.assets[i].path);
    return STR_NONE;
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
