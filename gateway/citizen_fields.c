/* What a form shows: its fields with what was typed, why it comes back, and the page for a plaque that cannot be used, which holds a form to
 * write to the office. */
#include "citizen_part.h"
#include "metrics.h"
#include <stdio.h>
#include <string.h>

int fields_level(struct str rating)
{
    u64 n;
    return str_u64(rating, 5, &n) ? (int)n : 0;
}

static void put_megabytes(struct page *p, const char *name, u64 bytes)
{
    char n[24];
    snprintf(n, sizeof n, "%llu", (unsigned long long)MAX(bytes >> 20, 1));
    page_copy(p, name, str_of(n));
}

void fields_put(struct page *p, const struct filled *f)
{
    static const char *const levels[] = {NULL, "is1", "is2", "is3", "is4", "is5"};
    static const struct {
        const char *value, *flag;
    } natures[] = {{"ask", "nature_ask"},
                   {"complain", "nature_complain"},
                   {"appeal", "nature_appeal"},
                   {"suggest", "nature_suggest"}};
    struct text action;
    int level = fields_level(f->rating);
    text_init(&action, 100);
    if (f->number.n) text_addf(&action, "/p/%.*s", STR_ARG(f->number));
    text_addf(&action, "/%s", f->kind->what);
    page_copy(p, "action", text_str(&action));
    text_free(&action);
    page_copy(p, "token", str_of(f->token));
    page_copy(p, "text", f->text);
    page_copy(p, "contact", f->contact);
    page_put(p, "rows", str_of(f->kind->rows));
    page_flag(p, f->kind->is, true);
    page_flag(p, "ask_rating", f->kind->rating);
    page_flag(p, "ask_nature", f->kind->choice);
    if (level > 0) page_flag(p, levels[level], true);
    for (size_t i = 0; i < ARRAY_LEN(natures); i++) {
        bool first = f->nature.n == 0 && f->kind->nature == NATURE_ASK && i == 0;
        page_flag(p, natures[i].flag, first || str_eq(f->nature, str_of(natures[i].value)));
    }
    page_flag(p, "multipart", f->kind->files > 0);
    page_flag(p, "ask_files", f->kind->files > 0);
    put_megabytes(p, "picture_mb", (u64)p->g->cfg.picture_max);
    put_megabytes(p, "video_mb", (u64)p->g->cfg.video_max);
    if (f->kind->put) f->kind->put(p, f);
}

void fields_token(struct gateway *g, struct filled *f)
{
    form_token_make(g->keys, f->number, str_of(f->kind->what), clock_now(), f->token);
}

struct str fields_path(struct arena *a, const struct filled *f)
{
    struct text t;
    text_init(&t, 100);
    if (f->number.n) text_addf(&t, "/p/%.*s", STR_ARG(f->number));
    text_addf(&t, "/%s", f->kind->what);
    struct str s = arena_str(a, text_str(&t));
    text_free(&t);
    return s.p ? s : STR("/");
}

int fields_refuse(struct page *p, const struct filled *f, enum refusal r)
{
    char n[24];
    int status = page_refuse(p, r);
    guard_put(p, r);
    page_flag(p, "bad_day", r == REFUSE_BOOKING_DAY);
    /* Sent once, changed, sent again from the same page: a citizen knows of no keys. */
    if (r == REFUSE_KEY_REUSED) page_put(p, "error", page_word(p, "form_reused"));
    if (r == REFUSE_UNAVAILABLE) page_put(p, "error_more", page_word(p, "unavailable_kept"));
    page_flag(p, "bad_text",
              r == REFUSE_TEXT_MISSING || r == REFUSE_TEXT_TOO_LONG || r == REFUSE_BAD_ENCODING);
    page_flag(p, "bad_rating", r == REFUSE_RATING_MISSING || r == REFUSE_RATING_RANGE);
    page_flag(p, "bad_contact", r == REFUSE_CONTACT_BAD);
    page_flag(p, "bad_place", r == REFUSE_POSITION_BAD);
    page_flag(p, "bad_files", f->bad_file > 0 || r == REFUSE_FILES_TOO_MANY);
    page_flag(p, "files_again", f->had_files); /* a browser forgets them when a page comes back */
    if (f->bad_file) {
        snprintf(n, sizeof n, "%zu", f->bad_file);
        page_copy(p, "bad_file", str_of(n));
        page_put(p, "error_file", page_word(p, "form_bad_file"));
    }
    return status;
}

void fields_show(struct gateway *g, u64 ticket, enum lang lang, const struct filled *f, enum refusal r,
                 span retry)
{
    struct page p;
    const struct unit *moved_to = NULL;
    char number[PLAQUE_NUMBER_MAX] = "", grouped[PLAQUE_GROUPED_MAX];
    int status = 200;
    page_open(&p, g, ticket, lang, STR("/"));
    page_put(&p, "back", fields_path(&p.arena, f));
    const struct plaque_row *row = f->number.n ? register_plaque(g, f->number) : NULL;
    const struct unit *u = row ? plaque_unit(g, row, &moved_to) : NULL;
    page_put(&p, "title", page_word(&p, f->kind->title));
    page_put(&p, "heading", page_word(&p, f->kind->heading));
    if (u) {
        memcpy(number, row->number.p, MIN(row->number.n, sizeof number - 1));
        page_put(&p, "unit", moved_to ? moved_to->name : u->name);
        page_put(&p, "window", row->window_name);
        page_put(&p, "number", row->number);
        page_copy(&p, "grouped", str_of(plaque_number_grouped(number, grouped)));
    }
    fields_put(&p, f);
    if (r != REFUSE_NONE) status = fields_refuse(&p, f, r);
    page_send(&p, PAGE_FORM, status, retry);
}

void form_show(struct gateway *g, u64 ticket, enum lang lang, struct filled *f, enum refusal r, span retry)
{
    if (f->token[0] == '\0') fields_token(g, f);
    fields_show(g, ticket, lang, f, r, retry);
}

/* --- a plaque that cannot be used --- */

static void put_successor(struct page *p, const struct plaque_row *row)
{
    char number[PLAQUE_NUMBER_MAX] = "", grouped[PLAQUE_GROUPED_MAX];
    const struct unit *moved_to;
    struct text path;
    const struct plaque_row *next = row && row->successor.n ? register_plaque(p->g, row->successor) : NULL;
    if (!next) return;
    const struct unit *u = plaque_unit(p->g, next, &moved_to);
    memcpy(number, next->number.p, MIN(next->number.n, sizeof number - 1));
    text_init(&path, 64);
    text_addf(&path, "/p/%s", number);
    page_copy(p, "successor", text_str(&path));
    text_free(&path);
    page_put(p, "successor_unit", u ? u->name : STR_NONE);
    page_copy(p, "successor_grouped", str_of(plaque_number_grouped(number, grouped)));
}

void form_wrong_plaque(struct gateway *g, u64 ticket, const struct http_in *in, enum plaque_found found,
                       const struct plaque_row *row, struct str number, struct str text, bool report)
{
    static const struct {
        const char *title, *why;
        enum refusal refusal;
    } facts[] = {
        [PLAQUE_NOT_KNOWN] = {"wrong_unknown", "wrong_unknown_1", REFUSE_PLAQUE_UNKNOWN},
        [PLAQUE_NOT_OURS] = {"wrong_forged", "wrong_forged_1", REFUSE_PLAQUE_FORGED},
        [PLAQUE_OUT_OF_USE] = {"wrong_retired", "wrong_retired_1", REFUSE_PLAQUE_RETIRED},
        [PLAQUE_NOT_VALID] = {"wrong_void", "wrong_void_1", REFUSE_PLAQUE_RETIRED},
    };
    struct page p;
    struct text words;
    struct filled f = {.kind = form_kind_find(report ? STR("write/report") : STR("write"), false)};
    if (found == PLAQUE_NOT_READY) {
        page_sorry(g, ticket, in, REFUSE_UNAVAILABLE);
        return;
    }
    page_open(&p, g, ticket, reply_lang(in), in->path);
    page_put(&p, "title", page_word(&p, facts[found].title));
    page_put(&p, "why", page_word(&p, facts[found].why));
    page_flag(&p, "retry", found == PLAQUE_NOT_KNOWN);
    if (found == PLAQUE_OUT_OF_USE) put_successor(&p, row);
    fields_token(g, &f);
    /* The number stands in the citizen's own words, where they can change it: a plaque out of use is no plaque. */
    text_init(&words, text.n + 200);
    if (text.n == 0 && number.n) {
        page_copy(&p, "wrong_number", number);
        text_add(&words, page_word(&p, "wrong_prefill"));
        text_addc(&words, '\n');
    }
    text_add(&words, text);
    f.text = text_str(&words);
    fields_put(&p, &f);
    text_free(&words);
    int status = refusal_facts(facts[found].refusal)->status;
    count_refusal(facts[found].refusal);
    page_send(&p, PAGE_WRONG, status, SPAN_US(0));
}
