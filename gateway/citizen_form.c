/* The forms: shown by GET, taken by POST, kept word for word when they are refused. What they hold becomes a
 * struct submission like that of every other door. */
#include "citizen_part.h"
#include "intake.h"
#include "joins.h"
#include "metrics.h"
#include "plaques.h"
#include "core/receipt.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CARRIED "carried" /* purpose of the token on what the guards noticed */
/* Second pages of one household, of the limit on first ones: each way through has fewer. */
#define SECOND_FACTOR 8
#define FORM_ARENA    (40u * 1024 * 1024) /* ceiling: the fields of one body, which web has bounded */

/* 1..5, or 0 when it is none. */
static int level_of(struct str rating)
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

/* Everything fields.html shows. */
static void put_fields(struct page *p, const struct filled *f)
{
    static const char *const levels[] = {NULL, "is1", "is2", "is3", "is4", "is5"};
    static const struct {
        const char *value, *flag;
    } natures[] = {{"ask", "nature_ask"},
                   {"complain", "nature_complain"},
                   {"appeal", "nature_appeal"},
                   {"suggest", "nature_suggest"}};
    struct text action;
    int level = level_of(f->rating);
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

static void new_token(struct gateway *g, struct filled *f)
{
    form_token_make(g->keys, f->number, str_of(f->kind->what), clock_now(), f->token);
}

/* The path of the form itself, for the language link; lives in the page. */
static struct str form_path(struct arena *a, const struct filled *f)
{
    struct text t;
    text_init(&t, 100);
    if (f->number.n) text_addf(&t, "/p/%.*s", STR_ARG(f->number));
    text_addf(&t, "/%s", f->kind->what);
    struct str s = arena_str(a, text_str(&t));
    text_free(&t);
    return s.p ? s : STR("/");
}

/* Why the form comes back, at the field that is meant. Returns the HTTP status. */
static int put_refusal(struct page *p, const struct filled *f, enum refusal r)
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

/* The form with what was typed; r: why it comes back, REFUSE_NONE for the first time. */
static void show_form(struct gateway *g, u64 ticket, enum lang lang, const struct filled *f, enum refusal r,
                      span retry)
{
    struct page p;
    const struct unit *moved_to = NULL;
    char number[PLAQUE_NUMBER_MAX] = "", grouped[PLAQUE_GROUPED_MAX];
    int status = 200;
    page_open(&p, g, ticket, lang, STR("/"));
    page_put(&p, "back", form_path(&p.arena, f));
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
    put_fields(&p, f);
    if (r != REFUSE_NONE) status = put_refusal(&p, f, r);
    page_send(&p, PAGE_FORM, status, retry);
}

void form_show(struct gateway *g, u64 ticket, enum lang lang, struct filled *f, enum refusal r, span retry)
{
    if (f->token[0] == '\0') new_token(g, f);
    show_form(g, ticket, lang, f, r, retry);
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
    new_token(g, &f);
    /* The number stands in the citizen's own words, where they can change it: a plaque out of use is no plaque. */
    text_init(&words, text.n + 200);
    if (text.n == 0 && number.n) {
        page_copy(&p, "wrong_number", number);
        text_add(&words, page_word(&p, "wrong_prefill"));
        text_addc(&words, '\n');
    }
    text_add(&words, text);
    f.text = text_str(&words);
    put_fields(&p, &f);
    text_free(&words);
    int status = refusal_facts(facts[found].refusal)->status;
    count_refusal(facts[found].refusal);
    page_send(&p, PAGE_WRONG, status, SPAN_US(0));
}

/* --- taking a form --- */

/* One form on its way: read and judged at once, then its files, then intake. Lives until it is answered. */
struct sending {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    struct arena arena;
    struct filled f;
    struct submission sub;
    char key[FORM_KEY_MAX];
    bool second; /* it comes from the second page */
    bool asks;   /* may be answered by the second page */
    const struct matter_more *more;
    enum refusal refused; /* why the second page comes back */
    span retry;
    enum join_end join;
    struct intake_result stored;
};

static void sending_free(struct sending *s)
{
    arena_free(&s->arena);
    free(s);
}

static void show_sent(const struct sending *s, const struct intake_result *result)
{
    struct page p;
    bool plain = result->case_id == 0, report = s->f.kind->nature == NATURE_REPORT;
    page_open(&p, s->g, s->ticket, s->lang, s->f.number.n ? STR("/") : STR("/write"));
    page_put(&p, "title", page_word(&p, "sent_title"));
    page_put(&p, "heading",
             page_word(&p, result->repeated ? "sent_h_again"
                           : plain          ? "sent_h_rate"
                                            : "sent_h"));
    receipt_put(&p, result->receipt);
    page_flag(&p, "joined", s->sub.joins && !result->repeated && s->join == JOIN_DONE);
    page_flag(&p, "apart", s->sub.joins && !result->repeated && s->join == JOIN_APART);
    if (s->more && s->more->urgent) matter_put_later(&p, result->receipt, s->more);
    page_flag(&p, "repeated", result->repeated);
    page_flag(&p, "plain", plain);
    page_flag(&p, "secret", !plain && report);
    page_flag(&p, "open", !plain && !report);
    page_send(&p, PAGE_SENT, 201, SPAN_US(0));
}

/* --- the second page: at most one, and none for an urgent text --- */

/* What the guards noticed on the first page stands, signed, on the second: nobody pays twice for one feedback. */
static bool read_carried(struct sending *s, struct str carried, instant now)
{
    char key[FORM_KEY_MAX];
    instant issued;
    struct str facts, token, pow, expires, marks;
    u64 until;
    if (!str_cut(carried, '~', &facts, &token)) return false;
    struct text place;
    text_init(&place, facts.n + FORM_KEY_MAX + 1);
    text_addf(&place, "%s~", s->key);
    text_add(&place, facts);
    bool good = form_token_check(s->g->keys, token, text_str(&place), STR(CARRIED), now, key, &issued);
    text_free(&place);
    if (!good || !str_cut(facts, '|', &pow, &facts) || !str_cut(facts, '|', &expires, &marks) ||
        !str_u64(expires, INT64_MAX, &until))
        return false;
    s->sub.pow = pow;
    s->sub.pow_expires = (i64)until;
    s->sub.marks = marks;
    return true;
}

static void put_carried(struct page *p, const struct sending *s)
{
    char token[FORM_TOKEN_MAX];
    struct text facts, place;
    text_init(&facts, s->sub.pow.n + s->sub.marks.n + FORM_TOKEN_MAX + 64);
    text_addf(&facts, "%.*s|%lld|%.*s", STR_ARG(s->sub.pow), (long long)s->sub.pow_expires,
              STR_ARG(s->sub.marks));
    text_init(&place, facts.n + FORM_KEY_MAX + 1);
    text_addf(&place, "%s~", s->key);
    text_add(&place, text_str(&facts));
    form_token_make(s->g->keys, text_str(&place), STR(CARRIED), clock_now(), token);
    text_addf(&facts, "~%s", token);
    page_copy(p, "carried", text_str(&facts));
    text_free(&place);
    text_free(&facts);
}

/* r: why it comes back, REFUSE_NONE for the first time. */
static void show_more(struct sending *s, enum refusal r, span retry)
{
    struct page p;
    int status = 200;
    page_open(&p, s->g, s->ticket, s->lang, form_path(&s->arena, &s->f));
    page_put(&p, "title", page_word(&p, "more_title"));
    put_fields(&p, &s->f);
    page_copy(&p, "nature", s->f.nature);
    put_carried(&p, s);
    matter_put_more(&p, &s->f, &s->sub, s->more);
    if (r != REFUSE_NONE)
        status = put_refusal(&p, &s->f, r);
    else
        COUNT(MATTER_ASKED);
    page_send(&p, PAGE_MORE, status, retry);
}

static void looked_again(void *arg, const struct matter_more *m)
{
    struct sending *s = arg;
    s->more = m;
    show_more(s, s->refused, s->retry);
    sending_free(s);
}

/* Back to the page that it came from, with everything that was typed; words that cannot be read at all go to the first. */
static void show_again(struct sending *s, enum refusal r, span retry)
{
    s->refused = r;
    s->retry = retry;
    if (s->second && r != REFUSE_TOO_MANY && r != REFUSE_TEXT_TOO_LONG && r != REFUSE_BAD_ENCODING &&
        r != REFUSE_TOO_BIG && r != REFUSE_UNSUPPORTED_TYPE && r != REFUSE_MALFORMED) {
        matter_look(s->g, &s->sub, &s->arena, MATTER_ASK, looked_again, s);
        return;
    }
    if (!s->f.kind->refused || !s->f.kind->refused(s->g, s->ticket, s->lang, &s->f, r))
        show_form(s->g, s->ticket, s->lang, &s->f, r, retry);
    sending_free(s);
}

static void asked_later(void *arg, const struct matter_more *m)
{
    struct sending *s = arg;
    s->more = m;
    show_sent(s, &s->stored);
    sending_free(s);
}

static void joined(void *arg, enum join_end end)
{
    struct sending *s = arg;
    s->join = end;
    show_sent(s, &s->stored);
    sending_free(s);
}

static void sent(void *arg, const struct intake_result *result)
{
    struct sending *s = arg;
    s->stored = *result;
    if (result->refusal == REFUSE_NONE && !result->repeated)
        plaques_sent(s->g, s->f.number, s->f.kind->nature, &s->sub.position, result->report);
    if (result->refusal != REFUSE_NONE) {
        if (result->refusal == REFUSE_KEY_REUSED)
            new_token(s->g, &s->f); /* other words are another feedback */
        show_again(s, result->refusal, result->retry);
    } else if (s->more && s->more->urgent && result->case_id &&
               !result->report) { /* its words are asked about nowhere */
        matter_look(s->g, &s->sub, &s->arena, MATTER_LATER, asked_later, s);
    } else if (s->sub.joins && result->case_id && !result->repeated) {
        joins_settle(s->g, result->feedback_id, result->case_id, s->sub.joins, joined, s);
    } else {
        show_sent(s, result);
        sending_free(s);
    }
}

static void store(struct sending *s) { intake_submit(s->g, &s->sub, false, sent, s); }

static void looked(void *arg, const struct matter_more *m)
{
    struct sending *s = arg;
    s->more = m;
    if (m->apart) s->sub.joins = 0;
    if (s->asks && !s->second && !m->urgent && m->n_questions + m->n_alike > 0) {
        show_more(s, REFUSE_NONE, SPAN_US(0));
        sending_free(s);
        return;
    }
    store(s);
}

static void attached(void *arg, enum refusal r, size_t at)
{
    struct sending *s = arg;
    const bool file = r != REFUSE_NONE && r != REFUSE_UNAVAILABLE;
    if (r == REFUSE_NONE) r = submission_check(&s->sub); /* before anything is asked */
    if (r == REFUSE_NONE && s->f.kind->read == matter_read) {
        matter_look(s->g, &s->sub, &s->arena, s->second || !s->asks ? MATTER_JUDGE : MATTER_ASK, looked, s);
    } else if (r == REFUSE_NONE) {
        store(s);
    } else {
        s->f.bad_file = file ? at + 1 : 0;
        show_again(s, r, SPAN_US(0));
    }
}

/* What every kind has in common. REFUSE_NONE: the submission may be stored. */
static enum refusal read_form(struct sending *s, const struct http_in *in, const struct webform *form,
                              instant issued, span *wait_r)
{
    struct filled *f = &s->f;
    struct submission *sub = &s->sub;
    enum refusal r = REFUSE_NONE;
    if (f->kind->rating && f->rating.n && level_of(f->rating) == 0) return REFUSE_RATING_RANGE;
    if (f->nature.n) {
        enum nature chosen;
        if (!nature_parse(f->nature, &chosen) || (chosen != NATURE_ASK && chosen != NATURE_COMPLAIN &&
                                                  chosen != NATURE_APPEAL && chosen != NATURE_SUGGEST))
            return REFUSE_UNKNOWN_FIELD;
        sub->nature = chosen;
    }
    sub->dedupe_key = str_of(s->key);
    sub->contact = f->contact;
    sub->plaque = f->number;
    sub->rating = level_of(f->rating);
    sub->text = f->text;
    if (f->kind->read) r = f->kind->read(s->g, f, form, &s->arena, sub);
    /* The second page has no field for files: they came with the first, which had passed the guards. */
    if (r == REFUSE_NONE && form->n_files > (s->second ? 0 : f->kind->files)) r = REFUSE_FILES_TOO_MANY;
    if (r != REFUSE_NONE) return r;
    if (s->second && read_carried(s, webform_get(form, &s->arena, "carried"), in->at)) {
        const i64 most = (i64)s->g->cfg.submit_per_minute * SECOND_FACTOR;
        return gateway_rate(s->g, &s->g->submit_rate, in->peer, (int)MIN(most, INT_MAX), 1, wait_r)
                   ? REFUSE_NONE
                   : REFUSE_TOO_MANY;
    }
    return guard_form(s->g, in, form, issued, &s->arena, sub, wait_r);
}

static void take_form(struct gateway *g, u64 ticket, const struct http_in *in, const struct form_kind *kind,
                      struct str number)
{
    struct sending *s = MEM_NEW(struct sending);
    struct filled *f = &s->f;
    struct webform form;
    instant issued = {0};
    span wait = SPAN_US(0);
    *s = (struct sending){.g = g, .ticket = ticket, .lang = reply_lang(in)};
    s->sub = (struct submission){.door = number.n ? DOOR_PLAQUE : DOOR_WEB, .nature = kind->nature};
    arena_init(&s->arena, FORM_ARENA);
    enum refusal r = form_acceptable(g, in, &form);
    s->second = kind->read == matter_read && str_eq(webform_get(&form, &s->arena, "step"), STR("2"));
    /* The button of our own page says that somebody is there to be asked. A program that posts the fields gets its receipt. */
    s->asks = kind->read == matter_read && webform_get(&form, &s->arena, "press").n > 0;
    f->kind = kind;
    f->had_files = form.n_files > 0;
    f->number = number.n ? arena_str(&s->arena, number) : STR("");
    f->text = webform_get(&form, &s->arena, "text");
    f->contact = webform_get(&form, &s->arena, "contact");
    f->rating = kind->rating ? webform_get(&form, &s->arena, "rating") : STR("");
    f->nature = kind->choice ? webform_get(&form, &s->arena, "nature") : STR("");
    struct str token = webform_get(&form, &s->arena, "token");
    bool good = form_token_check(g->keys, token, f->number, str_of(kind->what), in->at, s->key, &issued);
    if (r == REFUSE_NONE && !good) r = REFUSE_FORM_EXPIRED;
    if (r == REFUSE_NONE) r = read_form(s, in, &form, issued, &wait);
    /* A good token comes back with the form: trying again after a lost answer is the same submission. */
    if (good && token.n < sizeof f->token)
        memcpy(f->token, token.p, token.n);
    else
        new_token(g, f);
    if (r != REFUSE_NONE) {
        show_again(s, r, r == REFUSE_TOO_MANY || r == REFUSE_PROVE ? wait : SPAN_US(0));
    } else if (form.n_files) {
        kind->attach(g, &s->sub, &s->arena, form.files, form.n_files, attached, s);
    } else {
        attached(s, REFUSE_NONE, 0);
    }
}

bool form_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str number, struct str what)
{
    const struct form_kind *kind = form_kind_find(what, number.p != NULL);
    const struct plaque_row *row = NULL;
    struct filled f = {.kind = kind};
    char typed_number[PLAQUE_NUMBER_MAX];
    bool post = str_eq(in->method, STR("POST")), typed;
    if (!kind) return false;
    if (!post && !method_reads(in)) {
        page_sorry(g, ticket, in, REFUSE_METHOD);
        return true;
    }
    if (kind->plaque) {
        enum plaque_found found = plaque_look(g, number, typed_number, &row, &typed);
        if (found != PLAQUE_GOOD) {
            struct arena a;
            arena_init(&a, FORM_ARENA);
            struct webform form;
            struct str text = post && form_acceptable(g, in, &form) == REFUSE_NONE
                                  ? webform_get(&form, &a, "text")
                                  : STR("");
            form_wrong_plaque(g, ticket, in, found, row, str_of(typed_number), text,
                              kind->nature == NATURE_REPORT);
            arena_free(&a);
            return true;
        }
        f.number = row->number;
    }
    if (post) {
        take_form(g, ticket, in, kind, f.number);
    } else {
        plaques_entered(g, in, f.number, kind->nature);
        if (kind->open && kind->open(g, ticket, in, &f)) return true;
        form_show(g, ticket, reply_lang(in), &f, REFUSE_NONE, SPAN_US(0));
    }
    return true;
}
